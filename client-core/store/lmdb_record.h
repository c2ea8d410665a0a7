/*
 * lmdb_record.h - the keys of a store at rest, and its commit record.
 *
 * LMDB notices neither a flipped bit nor a value put back, so each commit also
 * writes how many entries every table has and the sum of a keyed hash over
 * all entries (the state root). The record is sealed: who does not have the
 * key learns no hash and cannot make a record that fits other entries.
 *
 *   record   "SC1" | check 8 | sealed { commit u64 | count u64 * SP_T_COUNT |
 *            root 16 }; all big-endian
 *   root     sum modulo 2^128 of SipHash-2-4-128 (bound | tag 16), where bound
 *            names table and key, and the tag is left out for empty values
 *   bound    "SV1" | table u16 | key bytes u16 | key
 *   threads  any; nothing here keeps state
 *   source   Bellare and Micciancio 1997 (sums of hashes); STORAGE.md
 */
#ifndef CC_STORE_LMDB_RECORD_H
#define CC_STORE_LMDB_RECORD_H

#include "sp/port.h"
#include "sp/seal.h"

#define CC_LMDB_RECORD_KEY         "commit" /* in the unnamed database */
#define CC_LMDB_RECORD_CHECK_BYTES 8u
#define CC_LMDB_RECORD_PLAIN_BYTES (8u + 8u * SP_T_COUNT + 16u)
#define CC_LMDB_RECORD_BYTES                                                   \
    (3u + CC_LMDB_RECORD_CHECK_BYTES + CC_LMDB_RECORD_PLAIN_BYTES +            \
        SP_SEAL_OVERHEAD)
#define CC_LMDB_RECORD_TAG_BYTES 16u
#define CC_LMDB_RECORD_BOUND_MAX (7u + SP_STORE_KEY_MAX)

/* Secrets; all of them derived from the root key. */
struct cc_lmdb_record_keys {
    struct sp_secret value;
    struct sp_secret record;
    struct sp_secret checked; /* of the mark of pages (lmdb_checked.h) */
    uint8_t hash[16];
    uint8_t check[CC_LMDB_RECORD_CHECK_BYTES]; /* tells a wrong key; public */
    uint32_t epoch;
};

void cc_lmdb_record_keys_init(struct cc_lmdb_record_keys *k,
    const struct sp_secret *root, uint32_t epoch);
void cc_lmdb_record_keys_wipe(struct cc_lmdb_record_keys *k);

struct cc_lmdb_record {
    uint64_t commit; /* how many writers committed, from 1: the empty store */
    uint64_t count[SP_T_COUNT];
    uint64_t root_high, root_low;
};

/* What an entry is bound to, with room for the tag behind it. */
struct cc_lmdb_record_bound {
    uint8_t bytes[CC_LMDB_RECORD_BOUND_MAX + CC_LMDB_RECORD_TAG_BYTES];
    size_t size; /* without the tag */
};

/* key: 1 to SP_STORE_KEY_MAX bytes. */
void cc_lmdb_record_bind(
    struct cc_lmdb_record_bound *b, enum sp_table table, struct sp_slice key);
/*
 * Adds an entry to the root, or takes it away.
 *   stored   the value as it stands in the file: sealed, or empty
 */
void cc_lmdb_record_add(struct cc_lmdb_record *r,
    const struct cc_lmdb_record_keys *k, struct cc_lmdb_record_bound *b,
    struct sp_slice stored);
void cc_lmdb_record_take(struct cc_lmdb_record *r,
    const struct cc_lmdb_record_keys *k, struct cc_lmdb_record_bound *b,
    struct sp_slice stored);

void cc_lmdb_record_encode(uint8_t out[CC_LMDB_RECORD_BYTES],
    const struct cc_lmdb_record *r, const struct cc_lmdb_record_keys *k,
    const uint8_t nonce[SP_SEAL_NONCE_BYTES]);
/* SP_E_SECRET: of another key; SP_E_CORRUPT; SP_E_VERSION. */
SP_MUST_USE sp_err cc_lmdb_record_decode(struct cc_lmdb_record *r,
    struct sp_slice in, const struct cc_lmdb_record_keys *k);

#endif
