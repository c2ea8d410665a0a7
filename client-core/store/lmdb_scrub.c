#include "store/lmdb_scrub.h"

#include <stdlib.h>
#include <string.h>

/* One run over all tables. */
struct scrub {
    const struct cc_lmdb_record_keys *keys;
    struct cc_lmdb_scrub *out;
    struct cc_lmdb_record sum; /* what was counted */
    struct sp_buf plain;       /* opened values, one after the other */
};

static struct sp_slice slice_of(const MDB_val *v)
{
    return (struct sp_slice){ v->mv_data, v->mv_size };
}

sp_err cc_lmdb_scrub_record(struct cc_lmdb_env *e,
    const struct cc_lmdb_record_keys *keys, MDB_txn *txn,
    struct cc_lmdb_record *out)
{
    char name[] = CC_LMDB_RECORD_KEY;
    MDB_val key = { .mv_size = sizeof name - 1, .mv_data = name }, value;
    int rc = mdb_get(txn, e->names, &key, &value);

    if (rc == MDB_NOTFOUND) {
        return SP_E_CORRUPT;
    }
    if (rc != 0) {
        return cc_lmdb_env_error(e, rc);
    }
    return cc_lmdb_record_decode(out, slice_of(&value), keys);
}

sp_err cc_lmdb_scrub_counts(const struct cc_lmdb_env *e, MDB_txn *txn,
    const struct cc_lmdb_record *record)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        MDB_stat stat;
        int rc = mdb_stat(txn, e->table[t], &stat);
        if (rc != 0 || stat.ms_entries != record->count[t]) {
            return SP_E_CORRUPT;
        }
    }
    return SP_OK;
}

/* Whether a value opens under the table and key where it lies. */
static bool value_opens(
    struct scrub *s, struct cc_lmdb_record_bound *bound, struct sp_slice stored)
{
    uint8_t *plain;

    if (stored.size == 0) {
        return true;
    }
    if (stored.size <= SP_SEAL_OVERHEAD) {
        return false;
    }
    sp_buf_reset(&s->plain);
    plain = sp_buf_grow(&s->plain, stored.size - SP_SEAL_OVERHEAD);
    return plain != NULL &&
           sp_unseal(plain, stored, sp_slice_of(bound->bytes, bound->size),
               &s->keys->value) == SP_OK;
}

static void note_bad(
    struct cc_lmdb_scrub *out, enum sp_table table, struct sp_slice key)
{
    out->bad_values++;
    if (out->first_bad_key_bytes == 0 && key.size <= SP_STORE_KEY_MAX) {
        out->first_bad_table = table;
        memcpy(out->first_bad_key, key.data, key.size);
        out->first_bad_key_bytes = key.size;
    }
}

static void scrub_entry(struct scrub *s, enum sp_table table,
    struct sp_slice key, struct sp_slice stored)
{
    struct cc_lmdb_record_bound bound;

    s->out->entries++;
    s->out->value_bytes += stored.size;
    s->sum.count[table]++;
    if (key.size == 0 || key.size > SP_STORE_KEY_MAX) {
        note_bad(s->out, table, key);
        return;
    }
    cc_lmdb_record_bind(&bound, table, key);
    if (!value_opens(s, &bound, stored)) {
        note_bad(s->out, table, key);
    }
    cc_lmdb_record_add(&s->sum, s->keys, &bound, stored);
}

static int scrub_table(
    struct scrub *s, MDB_txn *txn, MDB_dbi dbi, enum sp_table table)
{
    MDB_cursor *cursor = NULL;
    MDB_val k, v;
    int rc = mdb_cursor_open(txn, dbi, &cursor);

    if (rc != 0) {
        return rc;
    }
    rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
    while (rc == 0) {
        scrub_entry(s, table, slice_of(&k), slice_of(&v));
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

sp_err cc_lmdb_scrub_all(struct cc_lmdb_env *e,
    const struct cc_lmdb_record_keys *keys, MDB_txn *txn,
    struct cc_lmdb_scrub *out)
{
    struct scrub s = { .keys = keys, .out = out };
    struct cc_lmdb_record record;
    sp_err err = cc_lmdb_scrub_record(e, keys, txn, &record);
    int rc = 0;

    if (err != SP_OK) {
        return err;
    }
    memset(out, 0, sizeof *out);
    sp_buf_init(&s.plain, SIZE_MAX / 2);
    for (unsigned t = 0; t < SP_T_COUNT && rc == 0; t++) {
        rc = scrub_table(&s, txn, e->table[t], (enum sp_table)t);
    }
    err = s.plain.err;
    sp_buf_free(&s.plain);
    if (rc != 0) {
        return cc_lmdb_env_error(e, rc);
    }
    if (err != SP_OK) {
        return err; /* no memory: the values are not to blame */
    }
    out->counts_differ =
        memcmp(s.sum.count, record.count, sizeof record.count) != 0;
    out->root_differs = s.sum.root_high != record.root_high ||
                        s.sum.root_low != record.root_low;
    return out->bad_values > 0 || out->counts_differ || out->root_differs
               ? SP_E_CORRUPT
               : SP_OK;
}
