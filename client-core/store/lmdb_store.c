#include "store/lmdb_store.h"

#include "say/say.h"
#include "store/lmdb_env.h"
#include "store/lmdb_record.h"
#include "store/lmdb_scrub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENT_MAX       64u   /* the port's promise */
#define LENT_KEEP      2048u /* larger buffers do not outlive a transaction */
#define NONCES_MAX     64u
#define NONCES_FIRST   8u /* most transactions are a device's save */
#define FIRST_EPOCH    1u /* until keys at rest are rotated */
#define IDLE_MAX       16u
#define MAP_BYTES      (sizeof(size_t) > 4 ? 1ull << 30 : 1ull << 28)
#define MAP_ROOM_BYTES (128ull << 20)

/* Where a decrypted value lies until 64 more have come. */
struct lent {
    uint8_t *data;
    size_t capacity;
};

/* The highest key that a table is known to have had in this transaction. */
struct highest {
    bool known;
    uint8_t size; /* 0: the table was empty */
    uint8_t key[SP_STORE_KEY_MAX];
};

struct cc_lmdb {
    struct cc_lmdb_env env;
    struct cc_lmdb_record_keys keys;
    const struct sp_env *world;
    pthread_mutex_t mutex; /* guards idle */
    struct sp_txn *idle;
    unsigned idle_count;
};

struct sp_txn {
    struct cc_lmdb *store;
    struct sp_txn *next; /* among the idle */
    MDB_txn *mdb;        /* idle: a reader that was reset, or NULL */
    bool write;
    bool dirty;
    sp_err failed; /* of an earlier put or del: commit returns it */
    unsigned walking;
    MDB_cursor *cursor[SP_T_COUNT];
    uint32_t stale; /* bit a table: its cursor is of an earlier reader */
    struct lent lent[LENT_MAX];
    unsigned lent_next;

    /* writers only */
    struct cc_lmdb_record record;
    struct highest highest[SP_T_COUNT];
    uint8_t nonce[NONCES_MAX * SP_SEAL_NONCE_BYTES];
    unsigned nonces_left;
    bool drew;
};

_Static_assert(SP_T_COUNT <= 32, "stale has a bit a table");
_Static_assert(SP_STORE_KEY_MAX <= 255, "struct highest has one byte");

static MDB_val val_of(struct sp_slice s)
{
    return (MDB_val){ .mv_size = s.size, .mv_data = (void *)(uintptr_t)s.data };
}

static struct sp_slice slice_of(const MDB_val *v)
{
    return (struct sp_slice){ v->mv_data, v->mv_size };
}

/* ---- transactions ------------------------------------------------------ */

static void txn_free(struct sp_txn *txn)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        if (txn->cursor[t] != NULL) {
            mdb_cursor_close(txn->cursor[t]);
        }
    }
    if (txn->mdb != NULL) {
        mdb_txn_abort(txn->mdb);
    }
    for (unsigned i = 0; i < LENT_MAX; i++) {
        free(txn->lent[i].data);
    }
    free(txn);
}

static struct sp_txn *txn_take(struct cc_lmdb *s)
{
    struct sp_txn *txn;

    (void)pthread_mutex_lock(&s->mutex);
    txn = s->idle;
    if (txn != NULL) {
        s->idle = txn->next;
        s->idle_count--;
    }
    (void)pthread_mutex_unlock(&s->mutex);
    if (txn == NULL) {
        txn = calloc(1, sizeof *txn);
        if (txn != NULL) {
            txn->store = s;
        }
    }
    return txn;
}

static void lent_trim(struct sp_txn *txn)
{
    for (unsigned i = 0; i < LENT_MAX; i++) {
        if (txn->lent[i].capacity > LENT_KEEP) {
            free(txn->lent[i].data);
            txn->lent[i] = (struct lent){ NULL, 0 };
        }
    }
}

static void txn_give_back(struct sp_txn *txn)
{
    struct cc_lmdb *s = txn->store;
    bool kept;

    lent_trim(txn);
    (void)pthread_mutex_lock(&s->mutex);
    kept = s->idle_count < IDLE_MAX;
    if (kept) {
        txn->next = s->idle;
        s->idle = txn;
        s->idle_count++;
    }
    (void)pthread_mutex_unlock(&s->mutex);
    if (!kept) {
        txn_free(txn);
    }
}

/* A writer: what belongs to a reader is given up, the record is read, which
 * another process may have moved on. */
static sp_err writer_init(struct sp_txn *txn)
{
    struct cc_lmdb *s = txn->store;

    txn->dirty = false;
    txn->failed = SP_OK;
    txn->nonces_left = 0;
    txn->drew = false;
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        txn->highest[t].known = false;
    }
    return cc_lmdb_scrub_record(&s->env, &s->keys, txn->mdb, &txn->record);
}

static void reader_drop(struct sp_txn *txn)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        if (txn->cursor[t] != NULL) {
            mdb_cursor_close(txn->cursor[t]);
            txn->cursor[t] = NULL;
        }
    }
    if (txn->mdb != NULL) {
        mdb_txn_abort(txn->mdb);
        txn->mdb = NULL;
    }
}

/* Ends what is left of a transaction whose mdb is ended, or a reader. */
static void txn_end(struct sp_txn *txn)
{
    bool write = txn->write;
    struct cc_lmdb *s = txn->store;

    SP_ASSERT(txn->walking == 0);
    if (write) {
        memset(txn->cursor, 0, sizeof txn->cursor); /* closed with mdb */
        txn->stale = 0;
        txn->mdb = NULL;
    } else {
        mdb_txn_reset(txn->mdb);
        txn->stale = UINT32_MAX;
    }
    txn_give_back(txn);
    cc_lmdb_env_left(&s->env, write);
}

static sp_err begin(void *self, bool write, struct sp_txn **out)
{
    struct cc_lmdb *s = self;
    struct sp_txn *txn = txn_take(s);
    sp_err err;

    if (txn == NULL) {
        return SP_E_NOMEM;
    }
    if (write) {
        reader_drop(txn);
    }
    txn->write = write;
    txn->lent_next = 0;
    err = cc_lmdb_env_begin(&s->env, write, &txn->mdb);
    if (err != SP_OK) {
        txn_free(txn);
        return err;
    }
    if (write) {
        err = writer_init(txn);
        if (err != SP_OK) {
            mdb_txn_abort(txn->mdb);
            txn_end(txn);
            return err;
        }
    }
    *out = txn;
    return SP_OK;
}

static void abort_txn(struct sp_txn *txn)
{
    if (txn == NULL) {
        return;
    }
    if (txn->write) {
        mdb_txn_abort(txn->mdb);
    }
    txn_end(txn);
}

static const uint8_t *next_nonce(struct sp_txn *txn)
{
    if (txn->nonces_left == 0) {
        /* Never from an earlier transaction: a copy of this machine, made in
         * between, would draw the same. */
        unsigned count = txn->drew ? NONCES_MAX : NONCES_FIRST;
        txn->store->world->random(txn->store->world->self, txn->nonce,
            (size_t)count * SP_SEAL_NONCE_BYTES);
        txn->nonces_left = count;
        txn->drew = true;
    }
    txn->nonces_left--;
    return txn->nonce + (size_t)txn->nonces_left * SP_SEAL_NONCE_BYTES;
}

static int record_put(const struct cc_lmdb *s, MDB_txn *mdb,
    const struct cc_lmdb_record *record,
    const uint8_t nonce[SP_SEAL_NONCE_BYTES])
{
    uint8_t bytes[CC_LMDB_RECORD_BYTES];
    MDB_val key = val_of(sp_slice_text(CC_LMDB_RECORD_KEY));
    MDB_val value = val_of(SP_SLICE(bytes));

    cc_lmdb_record_encode(bytes, record, &s->keys, nonce);
    return mdb_put(mdb, s->env.names, &key, &value, 0);
}

/* Writes the record and commits; the transaction of LMDB is ended after. */
static sp_err commit_dirty(struct sp_txn *txn)
{
    struct cc_lmdb *s = txn->store;
    sp_err err = cc_lmdb_scrub_counts(&s->env, txn->mdb, &txn->record);
    int rc;

    if (err != SP_OK) {
        mdb_txn_abort(txn->mdb);
        return err;
    }
    txn->record.commit++;
    rc = record_put(s, txn->mdb, &txn->record, next_nonce(txn));
    if (rc != 0) {
        mdb_txn_abort(txn->mdb);
        return cc_lmdb_env_error(&s->env, rc);
    }
    rc = mdb_txn_commit(txn->mdb);
    err = cc_lmdb_env_error(&s->env, rc);
    if (err != SP_OK) {
        atomic_store(&s->env.refused, (int)err);
    }
    return err;
}

static sp_err commit(struct sp_txn *txn)
{
    sp_err err = SP_OK;

    SP_ASSERT(txn->walking == 0);
    if (txn->write) {
        err = txn->failed;
        if (err == SP_OK && txn->dirty) {
            err = commit_dirty(txn);
        } else {
            mdb_txn_abort(txn->mdb);
        }
    }
    txn_end(txn);
    return err;
}

/* ---- values ------------------------------------------------------------ */

static uint8_t *lent_take(struct sp_txn *txn, size_t size)
{
    struct lent *l = &txn->lent[txn->lent_next++ % LENT_MAX];

    if (l->capacity < size) {
        size_t capacity = size < 256 ? 256 : size;
        free(l->data);
        l->data = malloc(capacity);
        l->capacity = l->data != NULL ? capacity : 0;
    }
    return l->data;
}

/* Opens a stored value under its table and key. */
static sp_err value_open(struct sp_txn *txn, enum sp_table table,
    struct sp_slice key, struct sp_slice stored, struct sp_slice *out)
{
    struct cc_lmdb *s = txn->store;
    struct cc_lmdb_record_bound bound;
    uint8_t *plain;

    if (stored.size == 0) {
        *out = (struct sp_slice){ NULL, 0 };
        return SP_OK;
    }
    if (stored.size <= SP_SEAL_OVERHEAD || key.size == 0 ||
        key.size > SP_STORE_KEY_MAX || sp_seal_epoch(stored) != s->keys.epoch) {
        return SP_E_CORRUPT;
    }
    plain = lent_take(txn, stored.size - SP_SEAL_OVERHEAD);
    if (plain == NULL) {
        return SP_E_NOMEM;
    }
    cc_lmdb_record_bind(&bound, table, key);
    if (sp_unseal(plain, stored, sp_slice_of(bound.bytes, bound.size),
            &s->keys.value) != SP_OK) {
        return SP_E_CORRUPT;
    }
    *out = sp_slice_of(plain, stored.size - SP_SEAL_OVERHEAD);
    return SP_OK;
}

/* The transaction's own cursor of a table; walks have others. */
static int cursor_of(struct sp_txn *txn, enum sp_table table, MDB_cursor **out)
{
    uint32_t bit = 1u << (unsigned)table;
    int rc = 0;

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    if (txn->cursor[table] == NULL) {
        rc = mdb_cursor_open(
            txn->mdb, txn->store->env.table[table], &txn->cursor[table]);
    } else if (txn->stale & bit) {
        rc = mdb_cursor_renew(txn->mdb, txn->cursor[table]);
    }
    if (rc == 0) {
        txn->stale &= ~bit;
        *out = txn->cursor[table];
    }
    return rc;
}

static sp_err get(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
    struct sp_slice *out)
{
    MDB_val k = val_of(key), v;
    MDB_cursor *cursor;
    int rc = cursor_of(txn, table, &cursor);

    SP_ASSERT(key.size > 0 && key.size <= SP_STORE_KEY_MAX);
    if (rc == 0) {
        rc = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    }
    if (rc != 0) {
        return cc_lmdb_env_error(&txn->store->env, rc);
    }
    return value_open(txn, table, key, slice_of(&v), out);
}

/* ---- writes ------------------------------------------------------------ */

static sp_err fail(struct sp_txn *txn, int rc)
{
    sp_err err = cc_lmdb_env_error(&txn->store->env, rc);

    txn->failed = err;
    return err;
}

/* Whether a key comes behind all keys of its table. */
static int key_is_highest(struct sp_txn *txn, MDB_cursor *cursor,
    enum sp_table table, struct sp_slice key, bool *out)
{
    struct highest *h = &txn->highest[table];

    if (!h->known) {
        MDB_val k, v;
        int rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
        if (rc != 0 && rc != MDB_NOTFOUND) {
            return rc;
        }
        if (rc == 0 && k.mv_size > SP_STORE_KEY_MAX) {
            return MDB_CORRUPTED;
        }
        h->size = 0;
        if (rc == 0) {
            memcpy(h->key, k.mv_data, k.mv_size);
            h->size = (uint8_t)k.mv_size;
        }
        h->known = true;
    }
    *out = sp_slice_cmp(key, sp_slice_of(h->key, h->size)) > 0;
    if (*out) {
        memcpy(h->key, key.data, key.size);
        h->size = (uint8_t)key.size;
    }
    return 0;
}

/*
 * Reserves the bytes of a value, in the page itself, and keeps count and root
 * right about the value that stood there. A key behind all others is appended:
 * that leaves full pages and looks nothing up.
 *   same     out: an empty value stood there and is to stand: no page changed
 */
static int place(struct sp_txn *txn, MDB_cursor *cursor, enum sp_table table,
    struct cc_lmdb_record_bound *bound, MDB_val *value, bool *same)
{
    /* A copy: the caller's key may lie in a page that this changes. */
    struct sp_slice key = sp_slice_of(bound->bytes + 7, bound->size - 7);
    MDB_val k = val_of(key);
    size_t size = value->mv_size;
    bool highest = false;
    int rc = key_is_highest(txn, cursor, table, key, &highest);

    if (rc == 0) {
        rc = mdb_cursor_put(cursor, &k, value,
            MDB_RESERVE | (highest ? MDB_APPEND : MDB_NOOVERWRITE));
    }
    if (rc == 0) {
        txn->record.count[table]++;
        return 0;
    }
    if (rc != MDB_KEYEXIST || highest) {
        return rc == MDB_KEYEXIST ? MDB_CORRUPTED : rc;
    }
    *same = size == 0 && value->mv_size == 0;
    if (*same) {
        return 0;
    }
    cc_lmdb_record_take(
        &txn->record, &txn->store->keys, bound, slice_of(value));
    value->mv_size = size;
    return mdb_cursor_put(cursor, &k, value, MDB_RESERVE);
}

static sp_err put(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
    struct sp_slice value)
{
    struct cc_lmdb *s = txn->store;
    struct cc_lmdb_record_bound bound;
    MDB_cursor *cursor;
    MDB_val stored = {
        .mv_size = value.size > 0 ? value.size + SP_SEAL_OVERHEAD : 0,
        .mv_data = NULL,
    };
    bool same = false;
    int rc;

    SP_ASSERT(txn->write && txn->walking == 0);
    if (txn->failed != SP_OK) {
        return txn->failed;
    }
    rc = cursor_of(txn, table, &cursor);
    if (rc == 0) {
        cc_lmdb_record_bind(&bound, table, key);
        rc = place(txn, cursor, table, &bound, &stored, &same);
    }
    if (rc != 0 || same) {
        return rc == 0 ? SP_OK : fail(txn, rc);
    }
    if (value.size > 0) {
        sp_seal(stored.mv_data, value, sp_slice_of(bound.bytes, bound.size),
            s->keys.epoch, next_nonce(txn), &s->keys.value);
    }
    cc_lmdb_record_add(&txn->record, &s->keys, &bound, slice_of(&stored));
    txn->dirty = true;
    return SP_OK;
}

static sp_err del(struct sp_txn *txn, enum sp_table table, struct sp_slice key)
{
    struct cc_lmdb_record_bound bound;
    MDB_cursor *cursor;
    MDB_val k, v;
    int rc;

    SP_ASSERT(txn->write && txn->walking == 0);
    if (txn->failed != SP_OK) {
        return txn->failed;
    }
    cc_lmdb_record_bind(&bound, table, key);
    k = val_of(sp_slice_of(bound.bytes + 7, bound.size - 7));
    rc = cursor_of(txn, table, &cursor);
    if (rc == 0) {
        rc = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    }
    if (rc == MDB_NOTFOUND) {
        return SP_OK;
    }
    if (rc == 0) {
        cc_lmdb_record_take(
            &txn->record, &txn->store->keys, &bound, slice_of(&v));
        rc = mdb_cursor_del(cursor, 0);
    }
    if (rc != 0) {
        return fail(txn, rc);
    }
    /* A cursor behind a deletion has its own rules in LMDB; not worth them. */
    mdb_cursor_close(cursor);
    txn->cursor[table] = NULL;
    txn->record.count[table]--;
    txn->dirty = true;
    return SP_OK;
}

/* ---- ranges ------------------------------------------------------------ */

static int seek_forward(
    MDB_cursor *cursor, struct sp_slice from, MDB_val *k, MDB_val *v)
{
    *k = val_of(from);
    return mdb_cursor_get(
        cursor, k, v, from.size > 0 ? MDB_SET_RANGE : MDB_FIRST);
}

static int seek_backward(
    MDB_cursor *cursor, struct sp_slice from, MDB_val *k, MDB_val *v)
{
    int rc;

    if (from.size == 0) {
        return mdb_cursor_get(cursor, k, v, MDB_LAST);
    }
    rc = seek_forward(cursor, from, k, v);
    if (rc == MDB_NOTFOUND) {
        return mdb_cursor_get(cursor, k, v, MDB_LAST);
    }
    if (rc == 0 && !sp_slice_equal(slice_of(k), from)) {
        rc = mdb_cursor_get(cursor, k, v, MDB_PREV);
    }
    return rc;
}

static sp_err seek(struct sp_txn *txn, enum sp_table table,
    struct sp_slice from, bool backward, struct sp_slice *key,
    struct sp_slice *value)
{
    MDB_val k, v;
    MDB_cursor *cursor;
    sp_err err = SP_OK;
    int rc = cursor_of(txn, table, &cursor);

    SP_ASSERT(from.size <= SP_STORE_KEY_MAX);
    if (rc == 0) {
        rc = backward ? seek_backward(cursor, from, &k, &v)
                      : seek_forward(cursor, from, &k, &v);
    }
    if (rc != 0) {
        return cc_lmdb_env_error(&txn->store->env, rc);
    }
    if (value != NULL) {
        err = value_open(txn, table, slice_of(&k), slice_of(&v), value);
    }
    if (err == SP_OK) {
        *key = slice_of(&k);
    }
    return err;
}

static bool starts_with(struct sp_slice s, struct sp_slice prefix)
{
    return prefix.size == 0 ||
           (s.size >= prefix.size &&
               memcmp(s.data, prefix.data, prefix.size) == 0);
}

static sp_err walk(struct sp_txn *txn, enum sp_table table,
    struct sp_slice prefix, struct sp_slice from, bool values,
    sp_err (*each)(void *arg, struct sp_slice key, struct sp_slice value),
    void *arg)
{
    struct cc_lmdb_env *env = &txn->store->env;
    MDB_cursor *cursor = NULL;
    MDB_val k, v;
    sp_err err = SP_OK;
    int rc;

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    rc = mdb_cursor_open(txn->mdb, env->table[table], &cursor);
    if (rc != 0) {
        return cc_lmdb_env_error(env, rc);
    }
    txn->walking++;
    rc = seek_forward(
        cursor, sp_slice_cmp(from, prefix) > 0 ? from : prefix, &k, &v);
    while (rc == 0 && starts_with(slice_of(&k), prefix)) {
        struct sp_slice plain = { NULL, 0 };
        if (values) {
            err = value_open(txn, table, slice_of(&k), slice_of(&v), &plain);
        }
        if (err == SP_OK) {
            err = each(arg, slice_of(&k), plain);
            if (err == SP_E_NOT_FOUND) {
                err = SP_OK;
                break;
            }
        }
        if (err != SP_OK) {
            break;
        }
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    txn->walking--;
    mdb_cursor_close(cursor);
    if (err == SP_OK && rc != 0 && rc != MDB_NOTFOUND) {
        err = cc_lmdb_env_error(env, rc);
    }
    return err;
}

static sp_err count(struct sp_txn *txn, enum sp_table table, uint64_t *out)
{
    MDB_stat stat;
    int rc;

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    rc = mdb_stat(txn->mdb, txn->store->env.table[table], &stat);
    if (rc != 0) {
        return cc_lmdb_env_error(&txn->store->env, rc);
    }
    *out = stat.ms_entries;
    return SP_OK;
}

/* ---- the store --------------------------------------------------------- */

static sp_err fill(void *arg, MDB_txn *mdb, MDB_dbi names)
{
    struct cc_lmdb *s = arg;
    struct cc_lmdb_record empty = { .commit = 1 };
    uint8_t nonce[SP_SEAL_NONCE_BYTES];

    SP_ASSERT(names == s->env.names);
    s->world->random(s->world->self, nonce, sizeof nonce);
    return cc_lmdb_env_error(&s->env, record_put(s, mdb, &empty, nonce));
}

static sp_err open_check(struct cc_lmdb *s, char *note)
{
    struct cc_lmdb_record record;
    struct sp_txn *txn;
    sp_err err = begin(s, false, &txn);

    if (err == SP_OK) {
        err = cc_lmdb_scrub_record(&s->env, &s->keys, txn->mdb, &record);
        if (err == SP_OK) {
            err = cc_lmdb_scrub_counts(&s->env, txn->mdb, &record);
        }
        abort_txn(txn);
    }
    if (err == SP_E_SECRET) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "%.400s was made with another key than the one given", s->env.path);
    } else if (err != SP_OK) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "%.400s does not match its commit record (%s); restore it from a "
            "backup",
            s->env.path, sp_err_name(err));
    }
    return err;
}

sp_err cc_lmdb_open(
    struct cc_lmdb **out, const struct cc_lmdb_options *options, char *note)
{
    struct cc_lmdb *s = calloc(1, sizeof *s);
    struct cc_lmdb_env_options e = { .path = options->path,
        .create = options->create,
        .exclusive = options->exclusive,
        .map_bytes = options->map_bytes ? options->map_bytes : MAP_BYTES,
        .room_bytes =
            options->room_bytes ? options->room_bytes : MAP_ROOM_BYTES,
        .fill = fill,
        .arg = s,
        .checked = &s->keys.checked };
    sp_err err;

    note[0] = '\0';
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    s->world = options->env;
    cc_lmdb_record_keys_init(&s->keys, options->root, FIRST_EPOCH);
    err = cc_lmdb_env_open(&s->env, &e, note);
    if (err != SP_OK) {
        cc_lmdb_record_keys_wipe(&s->keys);
        free(s);
        return err;
    }
    (void)pthread_mutex_init(&s->mutex, NULL);
    err = open_check(s, note);
    if (err != SP_OK) {
        cc_lmdb_close(s);
        return err;
    }
    *out = s;
    return SP_OK;
}

void cc_lmdb_close(struct cc_lmdb *s)
{
    if (s == NULL) {
        return;
    }
    while (s->idle != NULL) {
        struct sp_txn *txn = s->idle;
        s->idle = txn->next;
        txn_free(txn);
    }
    cc_lmdb_env_close(&s->env);
    (void)pthread_mutex_destroy(&s->mutex);
    cc_lmdb_record_keys_wipe(&s->keys);
    free(s);
}

struct sp_store cc_lmdb_port(struct cc_lmdb *s)
{
    return (struct sp_store){ .self = s,
        .begin = begin,
        .commit = commit,
        .abort = abort_txn,
        .get = get,
        .put = put,
        .del = del,
        .seek = seek,
        .walk = walk,
        .count = count };
}

int cc_lmdb_check_readers(struct cc_lmdb *s)
{
    int dead = 0;

    (void)mdb_reader_check(s->env.mdb, &dead);
    return dead;
}

sp_err cc_lmdb_usage(struct cc_lmdb *s, struct cc_lmdb_usage *out)
{
    struct cc_lmdb_record record;
    struct sp_txn *txn;
    MDB_envinfo info;
    MDB_stat stat;
    sp_err err = begin(s, false, &txn);

    if (err != SP_OK) {
        return err;
    }
    err = cc_lmdb_scrub_record(&s->env, &s->keys, txn->mdb, &record);
    (void)mdb_env_info(s->env.mdb, &info);
    (void)mdb_env_stat(s->env.mdb, &stat);
    abort_txn(txn);
    if (err == SP_OK) {
        out->used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
        out->map_bytes = info.me_mapsize;
        out->commits = record.commit;
        out->refused = (sp_err)atomic_load(&s->env.refused);
    }
    return err;
}

sp_err cc_lmdb_scrub(struct cc_lmdb *s, struct cc_lmdb_scrub *out)
{
    MDB_txn *mdb = NULL;
    sp_err err = cc_lmdb_env_begin(&s->env, false, &mdb);

    if (err == SP_OK) {
        err = cc_lmdb_scrub_all(&s->env, &s->keys, mdb, out);
        mdb_txn_abort(mdb);
        cc_lmdb_env_left(&s->env, false);
    }
    return err;
}
