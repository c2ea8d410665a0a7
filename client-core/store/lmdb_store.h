/*
 * lmdb_store.h - the storage port on LMDB, sealed at rest. Devices and servers
 * use the same one; STORAGE.md says what the file looks like, what it tells a
 * finder and what it does not protect against.
 *
 * Every value that is not empty is sealed with XChaCha20-Poly1305, bound to
 * its table and key. Keys are in the clear. Each commit also seals a record of
 * the number of entries and a keyed sum over all of them.
 *
 *   processes  a device's store is shared by the processes of its user; a
 *              server's is exclusive. Once a process; never across fork.
 *   threads    any number, one transaction belongs to one thread at a time, a
 *              writer to the thread that began it
 *   disk       LMDB's default mode: a commit that returned SP_OK survives a
 *              power cut. After a commit that failed no writer begins until
 *              the store is opened anew; readers go on.
 */
#ifndef CC_STORE_LMDB_STORE_H
#define CC_STORE_LMDB_STORE_H

#include "sp/port.h"
#include "sp/seal.h"

#include "store/lmdb_file.h"

struct cc_lmdb;

struct cc_lmdb_options {
    const char *path;             /* directory; its parent exists */
    const struct sp_secret *root; /* root key; sub-keys are derived, it is not
                                     kept */
    const struct sp_env *env;     /* random: any thread; outlives the store */
    bool create;                  /* make the store when there is none */
    bool exclusive;               /* a server's */
    uint64_t map_bytes;  /* first size of the map; 0: 1 GiB (only addresses,
                            neither memory nor disk) */
    uint64_t room_bytes; /* the map grows before a writer that finds less;
                            0: 128 MiB. The most that one transaction may add */
};

/*
 * Opens a store, checks its length and its counts.
 *   note     CC_LMDB_NOTE_BYTES, one line for people; empty on success
 *   errors   SP_E_NOT_FOUND (no store, and create is false), SP_E_SECRET (of
 *            another root key), SP_E_IN_USE (the note names the process),
 *            SP_E_CORRUPT, SP_E_VERSION, SP_E_FULL, SP_E_IO, SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_lmdb_open(
    struct cc_lmdb **out, const struct cc_lmdb_options *options, char *note);
/* No transaction may be open. NULL is harmless. */
void cc_lmdb_close(struct cc_lmdb *s);

/* The port, valid until close. Its errors beside those of port.h: SP_E_BUSY
 * from begin; SP_E_CORRUPT from begin of a writer, when the commit record does
 * not open; SP_E_FULL from put, when one transaction adds more than
 * room_bytes: aborted and tried again it finds a larger map. */
struct sp_store cc_lmdb_port(struct cc_lmdb *s);

/* What a scrub found; counts of entries. */
struct cc_lmdb_scrub {
    uint64_t entries;
    uint64_t value_bytes; /* as stored */
    uint64_t bad_values;  /* that do not open under their table and key */
    enum sp_table first_bad_table;
    uint8_t first_bad_key[SP_STORE_KEY_MAX];
    size_t first_bad_key_bytes; /* 0: none */
    bool counts_differ;         /* from the commit record */
    bool root_differs;
};

/*
 * Reads every entry in one snapshot, opens every value, and compares counts
 * and state root with the commit record.
 *   cost     0.5 to 1 s a million entries; writers go on meanwhile, but pages
 *            that they free are not used again until it ends
 *   errors   SP_E_CORRUPT when anything differs (out says what), SP_E_IO,
 *            SP_E_NOMEM, SP_E_BUSY
 */
SP_MUST_USE sp_err cc_lmdb_scrub(struct cc_lmdb *s, struct cc_lmdb_scrub *out);

/* Frees the reader slots of processes that were killed; at open it has been
 * done, a server repeats it each minute. Returns how many. */
int cc_lmdb_check_readers(struct cc_lmdb *s);

struct cc_lmdb_usage {
    uint64_t used_bytes; /* of the data file, freed pages included */
    uint64_t map_bytes;
    uint64_t commits; /* since the store was made */
    sp_err refused;   /* why no writer begins, or SP_OK */
};
SP_MUST_USE sp_err cc_lmdb_usage(struct cc_lmdb *s, struct cc_lmdb_usage *out);

#endif
