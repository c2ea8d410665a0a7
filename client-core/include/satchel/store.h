/*
 * store.h - making, opening and locking a store, and enrolling it.
 */
#ifndef SATCHEL_STORE_H
#define SATCHEL_STORE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_IDLE_MS_DEFAULT 300000u /* the agent locks after 5 minutes */

/*
 * What opens a store: a passphrase or PIN, and a platform secret where the
 * platform offers one (Android Keystore, iOS Keychain, a key file). A store
 * made with one cannot be opened without it.
 */
struct satchel_secret {
    /* At least 10 characters, or 4 beside a platform secret; at most 1,024
     * bytes of UTF-8. */
    const char *passphrase;
    /* NULL when there is none; fills 32 bytes, returns 0, or not 0 when the
     * platform does not give it out now (SATCHEL_E_SECRET then). Called during
     * the call that it is passed to, on the same thread. */
    int (*platform)(void *self, uint8_t out[32]);
    void *platform_self;
};

struct satchel_create_options {
    /* Cost of Argon2id; 0: 3 passes over 65,536 KiB (0.1 s). */
    uint32_t argon_passes;
    uint32_t argon_kib;
};

/*
 * Makes a store: the directory with a new random root key under the secret.
 * It holds nobody's data until satchel_enrol.
 *   dir      must not exist, or be an empty directory; its parent must exist
 *   options  may be NULL
 *   errors   SATCHEL_E_EXISTS, SATCHEL_E_IO, SATCHEL_E_FULL; a directory is
 *            there whole or not at all
 */
SATCHEL_API int satchel_create(const char *dir,
    const struct satchel_secret *secret,
    const struct satchel_create_options *options, struct satchel_error *e);

/* What can be said of a store without its key. */
struct satchel_store_state {
    bool exists;
    bool unlocked; /* an agent holds its key */
};
SATCHEL_API int satchel_look(
    const char *dir, struct satchel_store_state *out, struct satchel_error *e);

/*
 * Checks the secret and starts the agent: a small process of the same user
 * that holds the root key in locked memory and nothing else, so that each open
 * need not ask for the passphrase. It ends, and wipes the key, at
 * satchel_lock, or idle_ms after the key was last asked for. Replaces an agent
 * that is there.
 *   idle_ms  0: SATCHEL_IDLE_MS_DEFAULT; UINT32_MAX: never by itself
 *   errors   SATCHEL_E_SECRET; SP_E_RATE after several wrong ones (detail says
 *            how long to wait); SATCHEL_E_NOT_FOUND (no store),
 *            SATCHEL_E_CONFIG (no program satchel-agent: beside the running
 *            program, where it was installed, or named in the environment as
 *            SATCHEL_AGENT), SATCHEL_E_IO
 */
SATCHEL_API int satchel_unlock(const char *dir,
    const struct satchel_secret *secret, uint32_t idle_ms,
    struct satchel_error *e);

/* Ends the agent; harmless when there is none. Stores that are open stay
 * open. */
SATCHEL_API int satchel_lock(const char *dir, struct satchel_error *e);

/*
 * Locks, then removes a store: its key first, without which the rest is noise,
 * then its files and the directory. What no server has is lost: ask
 * satchel_status for pending before. My rejected changes are at the servers,
 * and come again with the next enrolment. errors  SATCHEL_E_NOT_FOUND (no
 * store), SATCHEL_E_IO; SATCHEL_E_EXISTS: it is gone, other files in its
 * directory stay
 */
SATCHEL_API int satchel_wipe(const char *dir, struct satchel_error *e);

/* Replaces the passphrase; root key, data and platform secret stay
 * (after->platform is not looked at). */
SATCHEL_API int satchel_secret_change(const char *dir,
    const struct satchel_secret *before, const struct satchel_secret *after,
    const struct satchel_create_options *options, struct satchel_error *e);

struct satchel; /* an open store */

/*
 * Opens a store.
 *   secret   NULL: ask the agent; SATCHEL_E_LOCKED when none holds the key
 *   errors   SATCHEL_E_NOT_FOUND, SATCHEL_E_SECRET, SATCHEL_E_LOCKED,
 *            SATCHEL_E_CORRUPT, SATCHEL_E_IN_USE, SATCHEL_E_IO
 */
SATCHEL_API int satchel_open(const char *dir,
    const struct satchel_secret *secret, struct satchel **out,
    struct satchel_error *e);
/* Wipes keys. NULL is harmless. No other call on it may be running. */
SATCHEL_API void satchel_close(struct satchel *s);

/* What a code says before anything is sent; for people to compare. */
struct satchel_code_info {
    const char *endpoint;    /* "tcp://host:port" */
    const char *fingerprint; /* of the server's key, 8 hex digits */
};
SATCHEL_API int satchel_code_read(
    const char *code, struct satchel_code_info **out, struct satchel_error *e);

/*
 * Enrols the device: makes its keys, shows the one-time code to the server,
 * and keeps what it answers. May be repeated with the same code when the
 * answer was lost. Sync next: until then the store knows no dictionary.
 *   label        what people call this device, up to 64 bytes
 *   deadline_ms  0: 30,000
 *   errors       SATCHEL_E_CODE, SATCHEL_E_OFFLINE, SATCHEL_E_EXISTS (is
 *                enrolled)
 */
SATCHEL_API int satchel_enrol(struct satchel *s, const char *code,
    const char *label, uint32_t deadline_ms, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
