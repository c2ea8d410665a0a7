/*
 * home.h - a server's directory, its store and who it is.
 *
 *   DIR/store/         the LMDB store, exclusive (client-core/store)
 *   DIR/control        local socket of satchelctl
 *   DIR/satcheld.conf  settings
 *   DIR.key            the store's key, outside of it
 *
 * The identity is sealed in the store's room table SP_T_ROOM_0, with all
 * else that only this server knows: its unit, and for a branch where head
 * office is.
 */
#ifndef SV_HOME_H
#define SV_HOME_H

#include "sp/enrol.h"
#include "sp/node.h"
#include "sp/roster.h"

#define SV_HOME_NOTE_BYTES 512u

struct sv_identity {
    enum sp_tier tier;
    struct sp_identity id;
    struct sp_secret sealing; /* X25519, for scope keys */
    char unit[SP_ROSTER_CODE_MAX + 1];
    /* branch: head office, as the enrolment code named it */
    char upper_endpoint[SP_ENDPOINT_BYTES_MAX];
    uint32_t upper_device;
    uint8_t upper_static[32];
};
void sv_home_wipe(struct sv_identity *id);
/* Draws all keys of a new server; fills in no number. */
void sv_home_draw(struct sv_identity *id, const struct sp_env *env);
void sv_home_sealing_public(const struct sv_identity *id, uint8_t out[32]);

struct sv_home {
    struct cc_lmdb *lmdb;
    struct sp_store port;
    struct sv_identity who;
    struct sp_node node; /* points to the two above: do not move it */
};

/*
 * Opens the store of a server.
 *   note    what is wrong and the way out
 *   errors  SP_E_NOT_FOUND (no server here), SP_E_SECRET, SP_E_IN_USE,
 *           SP_E_CORRUPT, SP_E_VERSION, SP_E_FULL, SP_E_IO, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_home_open(struct sv_home *home, const char *dir,
    const char *key_file, uint64_t map_bytes, const struct sp_env *env,
    char note[SV_HOME_NOTE_BYTES]);

/*
 * Makes directory, key file and an empty store with an identity. On failure
 * what it made is removed again.
 *   errors  SP_E_EXISTS (a store is there already), SP_E_IO, SP_E_FULL, ...
 */
SP_MUST_USE sp_err sv_home_create(struct sv_home *home, const char *dir,
    const char *key_file, const struct sv_identity *who,
    const struct sp_env *env, char note[SV_HOME_NOTE_BYTES]);
/* Removes what create made, after a later step failed. */
void sv_home_destroy(
    struct sv_home *home, const char *dir, const char *key_file);
/* No transaction may be open. */
void sv_home_close(struct sv_home *home);

/* Replaces the stored identity, in a write tx of any rules. */
SP_MUST_USE sp_err sv_home_keep(const struct sp_store *port, struct sp_txn *txn,
    const struct sv_identity *who);

struct sv_home_usage {
    uint64_t used_bytes, map_bytes, commits;
};
SP_MUST_USE sp_err sv_home_usage(
    struct sv_home *home, struct sv_home_usage *out);
/* Frees reader slots of killed processes; once a minute. */
void sv_home_tidy(struct sv_home *home);

#endif
