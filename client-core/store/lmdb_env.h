/*
 * lmdb_env.h - one LMDB environment: making it safely, who may open it, its
 * growing map, and what LMDB's error numbers mean here.
 *
 * A store directory holds
 *   db/        data.mdb and lock.mdb
 *   new.tmp/   the same while a store is made; after a power cut it is left
 *              over, and the next creation clears it away
 *   lock       flock: shared by the processes of a device's user, exclusive
 *              for a server, whose pid it then holds
 *   checked    of a device: which state of data.mdb was looked at
 *              (lmdb_checked.h)
 *
 * The map of LMDB has a fixed size and may be replaced only while the process
 * has no transaction open. Each transaction therefore passes a gate; who wants
 * to grow the map closes it and waits, up to a second, until all are out.
 *
 * At all times: a process has a store directory open once (LMDB's file locks
 * would be dropped by the second close), and uses it only in the process that
 * opened it, never in a child of fork.
 */
#ifndef CC_STORE_LMDB_ENV_H
#define CC_STORE_LMDB_ENV_H

#include "sp/port.h"

#include "store/lmdb_file.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#define CC_LMDB_ENV_PATH_BYTES 1024u

struct cc_lmdb_env_options {
    const char *path;
    bool create;         /* make it when it is not there */
    bool exclusive;      /* a server's */
    uint64_t map_bytes;  /* of the map at least */
    uint64_t room_bytes; /* free in the map before each writer */
    /* Fills a new environment, in the transaction that makes its tables. */
    sp_err (*fill)(void *arg, MDB_txn *txn, MDB_dbi names);
    void *arg;
    const struct sp_secret *checked; /* key of the mark; not kept */
};

struct cc_lmdb_env {
    MDB_env *mdb;
    MDB_dbi names; /* the unnamed database: tables and the commit record */
    MDB_dbi table[SP_T_COUNT];
    char path[CC_LMDB_ENV_PATH_BYTES];
    uint64_t room_bytes;
    int lock_fd;
    pid_t pid;
    dev_t device; /* of the data file: which store this is */
    ino_t inode;
    struct cc_lmdb_env *next; /* open ones of this process */

    pthread_mutex_t mutex; /* guards the gate */
    pthread_cond_t changed;
    unsigned active; /* transactions of this process */
    bool closed;     /* somebody replaces the map */
    bool full;       /* the last writer found no room in the map */
    /* lmdb_reserve.h; 0: none is kept */
    uint64_t reserve_bytes;
    uint64_t reserved_to; /* offset in the file */
    bool low;             /* the reserve cannot be kept whole */
    pthread_t writer;
    bool writing;
    _Atomic int refused; /* sp_err of a failed commit: no writer since */
};

/*
 * Opens a store, or makes one.
 *   note     CC_LMDB_NOTE_BYTES: what is wrong and the way out
 *   errors   SP_E_NOT_FOUND, SP_E_IN_USE (names the pid), SP_E_CORRUPT,
 *            SP_E_VERSION, SP_E_FULL, SP_E_IO, SP_E_NOMEM, SP_E_ARGUMENT, and
 *            what fill returns; *e is then as closed
 */
SP_MUST_USE sp_err cc_lmdb_env_open(struct cc_lmdb_env *e,
    const struct cc_lmdb_env_options *options, char *note);
/* No transaction may be open. */
void cc_lmdb_env_close(struct cc_lmdb_env *e);

/*
 * Begins a transaction of LMDB; each success is paired with one
 * cc_lmdb_env_left when it has ended.
 *   txn      in: NULL, or a reader that was reset and is to be renewed
 *   errors   SP_E_BUSY (too many readers, or the map cannot be replaced),
 *            SP_E_NOMEM, SP_E_IO; writers: the error of a failed commit
 */
SP_MUST_USE sp_err cc_lmdb_env_begin(
    struct cc_lmdb_env *e, bool write, MDB_txn **txn);
void cc_lmdb_env_left(struct cc_lmdb_env *e, bool write);

/* What a number of LMDB's or errno's means; asks the disk about EIO. Notes a
 * map without room for the next writer. */
sp_err cc_lmdb_env_error(struct cc_lmdb_env *e, int rc);

#endif
