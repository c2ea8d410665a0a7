/*
 * replica.h - one open store of a device: LMDB, the node on it, the rules of
 * the newest documents, and who we are.
 *
 * Everything happens between cc_replica_begin and cc_replica_commit or
 * cc_replica_abort. Begin takes care of what other processes did meanwhile:
 * new documents make a new rulebook, a new incarnation is read again. A first
 * write after waking elsewhere draws a new incarnation (SYNC X3).
 *
 *   threads   any; a transaction holds the replica's mutex from begin to its
 *             end, so one thread must not begin twice
 */
#ifndef CC_REPLICA_REPLICA_H
#define CC_REPLICA_REPLICA_H

#include "sp/rules.h"
#include "sp/seal.h"

#include "store/lmdb_store.h"

#include "replica/facts.h"
#include "replica/identity.h"
#include "replica/index.h"
#include "replica/wake.h"

#include <pthread.h>

#define CC_REPLICA_PATH_BYTES 1024u
#define CC_REPLICA_INDEXES    8u /* entities whose names are in memory */

/* A moment of the time since the machine was started (since.h). */
struct cc_since {
    uint8_t start[16]; /* which start */
    uint64_t ms;       /* since then, sleep included */
};
/* How it is found out; another one in tests. */
struct cc_since_probe {
    void *self;
    bool (*look)(void *self, struct cc_since *out); /* false: no such clock */
};

struct cc_replica {
    char path[CC_REPLICA_PATH_BYTES]; /* of the store directory */
    struct cc_lmdb *lmdb;
    struct sp_store store;
    struct sp_env env;
    struct cc_wake_probe probe;
    struct cc_since_probe since;
    struct cc_identity identity;
    uint8_t identity_digest[16]; /* of the stored bytes that it came from */
    bool enrolled;               /* identity has a device number */
    struct sp_secret blob_key;   /* names of blobs (blob.h) */
    struct sp_node node;
    pthread_mutex_t mutex;
    /* under the mutex */
    struct sp_arena arena; /* holds book */
    struct sp_rulebook *book;
    struct sp_rules rules;
    uint64_t documents; /* edition of the documents that book was made of */
    struct cc_index index[CC_REPLICA_INDEXES];
    struct sp_id last_id; /* that this store made */
    bool made_id;         /* in this transaction */
    struct cc_summary summary;
    struct sp_watch watch; /* keeps it */
};

struct cc_replica_options {
    const char *path;
    const struct sp_secret *root; /* not kept */
    bool create;
    uint64_t map_bytes;                /* 0: the store's default */
    const struct cc_wake_probe *probe; /* NULL: the system's */
    const struct sp_env *env;          /* NULL: the system's */
};

/*
 * Opens a store; *r must be zeroed, and stays at its place until closed.
 *   note    CC_LMDB_NOTE_BYTES: what is wrong and the way out
 *   errors  those of cc_lmdb_open
 */
SP_MUST_USE sp_err cc_replica_open(
    struct cc_replica *r, const struct cc_replica_options *options, char *note);
/* No transaction may be open. Wipes keys; harmless on a zeroed one. */
void cc_replica_close(struct cc_replica *r);

/* SP_E_BUSY, SP_E_FULL, SP_E_IO, SP_E_CORRUPT, SP_E_NOMEM */
SP_MUST_USE sp_err cc_replica_begin(
    struct cc_replica *r, bool write, struct sp_tx *tx);
/* Also ends it on failure. */
SP_MUST_USE sp_err cc_replica_commit(struct cc_replica *r, struct sp_tx *tx);
void cc_replica_abort(struct cc_replica *r, struct sp_tx *tx);

/* In a write tx: the id of a new record, above all that this store has made,
 * whichever process did (sp_id_next). */
struct sp_id cc_replica_id(struct cc_replica *r);

/* Stores the identity in a write tx. */
SP_MUST_USE sp_err cc_replica_put_identity(
    struct cc_replica *r, struct sp_tx *tx);

/* In a tx: the dictionary; never NULL, empty before the first sync. */
const struct sp_dictionary *cc_replica_dictionary(const struct cc_replica *r);

/*
 * In a tx: the names of all records of an entity as of now; valid until the
 * tx ends.
 *   errors   SP_E_NOMEM, SP_E_CORRUPT, SP_E_IO
 */
SP_MUST_USE sp_err cc_replica_index(struct cc_replica *r, struct sp_tx *tx,
    const struct sp_entity *entity, const struct cc_index **out);

/*
 * After an exchange: brings the summary of records up to date, in transactions
 * of a few thousand records each, so that others get in between. Without it
 * all is still right, and slower.
 *   errors   those of begin and commit
 */
SP_MUST_USE sp_err cc_replica_tidy(struct cc_replica *r);

/* The system's clock, its randomness, and traces to standard error for the
 * facilities that SATCHEL_TRACE names ("link,apply", or "all"). */
struct sp_env cc_replica_env(void);

#endif
