/*
 * identity.h - who this device is, and which server it calls home: kept sealed
 * in the store (SP_T_ROOM_0), written before the first byte is sent, so that
 * an enrolment whose answer was lost goes on with the same keys.
 *
 * At all times: device 0 means that the keys are made and no server has
 * numbered them yet.
 */
#ifndef CC_REPLICA_IDENTITY_H
#define CC_REPLICA_IDENTITY_H

#include "sp/enrol.h"
#include "sp/node.h"

#define CC_IDENTITY_BYTES_MAX 1024u

struct cc_identity {
    struct sp_identity self;
    struct sp_secret sealing_secret; /* X25519: scope keys are boxed to it */
    uint8_t sealing_public[32];
    char unit[SP_LABEL_BYTES_MAX + 1];    /* where it was enrolled */
    char endpoint[SP_ENDPOINT_BYTES_MAX]; /* of the home server */
    uint32_t server;                      /* its device number */
    uint8_t server_static[32];
};

/* Draws the three key pairs; everything else zero. */
void cc_identity_make(struct cc_identity *id, const struct sp_env *env);
/* Errors latch in out, which should be wiped. */
void cc_identity_encode(const struct cc_identity *id, struct sp_buf *out);
/* SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_VERSION */
SP_MUST_USE sp_err cc_identity_decode(
    struct sp_slice in, struct cc_identity *out);
/* Gives up this incarnation for a new one (SYNC M8, X3). */
void cc_identity_renew(struct cc_identity *id, const struct sp_env *env);
void cc_identity_wipe(struct cc_identity *id);

#endif
