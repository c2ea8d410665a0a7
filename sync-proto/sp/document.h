/*
 * document.h - signed documents: dictionary, policy, rosters, certificates
 * (SYNC T4, DESIGN 8). They are not records and never merge: the highest
 * serial of a (kind, unit) wins, and whoever meets whom carries it.
 *
 * Bytes: canonical array [kind, unit, serial, issuer, body bin, signature bin]
 * where issuer is the device number of the server that signed (0: the
 * organisation's root key) and the signature is Ed25519 over
 * "satchel-document" | organisation | the array's first five elements packed.
 */
#ifndef SP_DOCUMENT_H
#define SP_DOCUMENT_H

#include "sp/commit.h"
#include "sp/limits.h"

enum sp_document_kind {
    SP_DOC_DICTIONARY = 1, /* unit: empty */
    SP_DOC_POLICY = 2,     /* unit: empty */
    SP_DOC_ROSTER = 3,     /* unit: code of the branch, "" for head office:
                              what it serves, its people, its server's keys */
    SP_DOC_DEVICE = 4      /* unit: device number in decimal: its certificate
                              (user, keys) and its status */
};

struct sp_document {
    enum sp_document_kind kind;
    struct sp_slice unit; /* up to 64 bytes of UTF-8 */
    uint32_t serial;      /* rises by one an edition; 1 is the first */
    uint32_t issuer;
    struct sp_slice body; /* canonical MessagePack, by kind */
    uint8_t signature[SP_SIGNATURE_BYTES];
    struct sp_slice bytes; /* the whole, when decoded */
};

/* Encodes and signs; errors latch in out. */
void sp_document_sign(struct sp_document *d, const struct sp_id *org,
    const uint8_t secret[64], struct sp_buf *out);
/* Splits; points into in; the signature is not checked here.
 * SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE */
SP_MUST_USE sp_err sp_document_decode(
    struct sp_slice in, struct sp_document *out);
/* SP_E_FORGED */
SP_MUST_USE sp_err sp_document_verify(const struct sp_document *d,
    const struct sp_id *org, const uint8_t public_key[32]);

#endif
