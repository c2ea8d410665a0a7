/*
 * lmdb_scrub.h - compares what a store holds with what its commit record says.
 * Each function works in a transaction of the caller's; any thread.
 */
#ifndef CC_STORE_LMDB_SCRUB_H
#define CC_STORE_LMDB_SCRUB_H

#include "store/lmdb_env.h"
#include "store/lmdb_record.h"
#include "store/lmdb_store.h"

/* Reads the commit record. SP_E_SECRET, SP_E_CORRUPT, SP_E_VERSION, SP_E_IO. */
SP_MUST_USE sp_err cc_lmdb_scrub_record(struct cc_lmdb_env *e,
    const struct cc_lmdb_record_keys *keys, MDB_txn *txn,
    struct cc_lmdb_record *out);

/* SP_E_CORRUPT unless LMDB has as many entries in each table as the record. */
SP_MUST_USE sp_err cc_lmdb_scrub_counts(const struct cc_lmdb_env *e,
    MDB_txn *txn, const struct cc_lmdb_record *record);

/* cc_lmdb_scrub in lmdb_store.h says what it does. */
SP_MUST_USE sp_err cc_lmdb_scrub_all(struct cc_lmdb_env *e,
    const struct cc_lmdb_record_keys *keys, MDB_txn *txn,
    struct cc_lmdb_scrub *out);

#endif
