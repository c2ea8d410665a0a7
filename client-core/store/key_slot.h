/*
 * key_slot.h - the file that keeps a store's root key under a passphrase.
 *
 *   slot    version u8 (1) | Argon2id ops u32 | memory KiB u32 | salt 16 |
 *           nonce 24 | sealed root key 48: 97 bytes, big-endian
 *   KEK     HKDF-SHA256(Argon2id(passphrase, salt) | platform secret 32,
 *           info "satchel-kek-1"); the 25 bytes before the nonce are bound
 *   tries   PATH.tries: wrong tries u32 | time of the last one, ms u64
 *
 * The platform secret is what makes a short PIN bearable: who has an image of
 * the disk but not this secret cannot try PINs at all. Without one a
 * passphrase of at least ten characters is demanded.
 *
 * Wrong tries are counted, and the count synced, before each trial; then they
 * make the next one wait 0, 0, 0, 1, 2, 4, ... 60 s. The slot is never
 * destroyed: that would destroy unsent work, and would not stop somebody with
 * an image. Nor does the count stop him; it stops the finder of a device that
 * is switched on.
 *
 *   threads  any; several processes may try at once, each trial is counted
 */
#ifndef CC_STORE_KEY_SLOT_H
#define CC_STORE_KEY_SLOT_H

#include "sp/port.h"
#include "sp/seal.h"

#define CC_SLOT_BYTES                97u
#define CC_SLOT_CHARACTERS_ALONE     10u /* without a platform secret */
#define CC_SLOT_PATH_BYTES           1024u
#define CC_SLOT_OPS                  3u     /* the floor for real stores: */
#define CC_SLOT_MEM_KIB              65536u /* RFC 9106's second choice, 0.15 s */
#define CC_SLOT_PASSPHRASE_BYTES_MAX 1024u

/* Where the platform keeps 32 bytes for us: a keystore, a key chain, a file.
 * create: make them when there are none. */
struct cc_slot_platform {
    void *self;
    sp_err (*secret)(void *self, bool create, struct sp_secret *out);
};

/* The platform secret of systems that offer nothing better: a file. */
struct cc_slot_key_file {
    const char *path;
    const char *store_dir; /* the file may not lie in there */
    const struct sp_env *env;
};
/*
 * Reads a key file (self of the platform: struct cc_slot_key_file), 32 bytes,
 * mode 0600; makes it when asked and absent.
 *   errors  SP_E_NOT_FOUND, SP_E_CORRUPT (its size), SP_E_CONFIG (others may
 *           read it, or it lies in the store), SP_E_FULL, SP_E_IO
 */
SP_MUST_USE sp_err cc_slot_key_file_secret(
    void *self, bool create, struct sp_secret *out);

struct cc_slot {
    const char *path;
    const struct sp_env *env;                /* random, now_ms */
    const struct cc_slot_platform *platform; /* NULL: none */
    uint32_t ops;            /* for new slots; old ones name theirs */
    uint32_t mem_kib;        /* at most 1 GiB, ops at most 10 */
    unsigned characters_min; /* of new passphrases; without a platform secret
                                at least CC_SLOT_CHARACTERS_ALONE. 0 with one:
                                a server that starts unattended */
};

/*
 * Makes a slot for a root key; durable, all or none.
 *   passphrase  UTF-8
 *   errors      SP_E_EXISTS, SP_E_ARGUMENT (passphrase too short or too long,
 *               cost out of bounds), SP_E_FULL, SP_E_IO, SP_E_NOMEM, and what
 *               the platform returns
 */
SP_MUST_USE sp_err cc_slot_create(const struct cc_slot *s,
    struct sp_slice passphrase, const struct sp_secret *root);

/*
 * Opens a slot.
 *   root     wiped by the caller
 *   wait_ms  with SP_E_RATE: how long until the next trial; else untouched
 *   errors   SP_E_SECRET (wrong passphrase or platform secret), SP_E_RATE (too
 *            early; nothing was tried or counted), SP_E_NOT_FOUND,
 *            SP_E_CORRUPT, SP_E_VERSION, SP_E_FULL and SP_E_IO (the try could
 *            not be counted, so it was not made), SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_slot_open(const struct cc_slot *s,
    struct sp_slice passphrase, struct sp_secret *root, uint64_t *wait_ms);

/* Puts the root key under another passphrase; the old slot stands until the
 * new one is durable. Errors of open and create. */
SP_MUST_USE sp_err cc_slot_change(const struct cc_slot *s, struct sp_slice old,
    struct sp_slice passphrase, uint64_t *wait_ms);

#endif
