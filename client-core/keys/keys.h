/*
 * keys.h - the root key of a store under its user's passphrase: the slot file
 * key.slot in the store directory (store/key_slot.h).
 *
 *   threads  any
 */
#ifndef CC_KEYS_KEYS_H
#define CC_KEYS_KEYS_H

#include "store/key_slot.h"

#define CC_KEYS_SLOT_FILE  "key.slot"
#define CC_KEYS_NOTE_BYTES 512u
#define CC_KEYS_CHARACTERS 4u /* of a PIN beside a platform secret */

struct cc_keys {
    const char *dir; /* the store directory */
    const struct sp_env *env;
    const struct cc_slot_platform *platform; /* NULL: none */
    uint32_t passes;                         /* of Argon2id; 0: the default */
    uint32_t kib;
};

/* Draws a root key and puts it under the passphrase; root is the caller's to
 * wipe. Errors of cc_slot_create; the note says what and the way out. */
SP_MUST_USE sp_err cc_keys_create(const struct cc_keys *k,
    const char *passphrase, struct sp_secret *root, char *note);
/* Errors of cc_slot_open; with SP_E_RATE the note says how long to wait. */
SP_MUST_USE sp_err cc_keys_open(const struct cc_keys *k, const char *passphrase,
    struct sp_secret *root, char *note);
/* The same root key under another passphrase. */
SP_MUST_USE sp_err cc_keys_change(
    const struct cc_keys *k, const char *before, const char *after, char *note);

#endif
