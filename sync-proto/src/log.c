/* log.c - commits as they are kept, chains, verdicts (SYNC C3, F1, F2). */
#include "engine.h"

/* A logged commit: chain hash 32, then the encoded commit; the hash alone
 * where the commit lies at head office only (SYNC F1), the hash and nil where
 * it was erased. */
#define LOG_HEAD SP_HASH_BYTES

static const uint8_t erased_mark[1] = { 0xc0 };

static bool is_erased(struct sp_slice bytes)
{
    return sp_slice_equal(bytes, SP_SLICE(erased_mark));
}

/* ---- chains ------------------------------------------------------------ */

static void chain_encode(const struct sp_chain *c, struct sp_buf *out)
{
    sp_wr_array(out, 10);
    sp_wr_uint(out, c->n);
    sp_wr_bin(out, c->hash.b, sizeof c->hash.b);
    sp_wr_uint(out, c->sent);
    sp_wr_uint(out, c->acknowledged);
    sp_wr_uint(out, c->upper);
    sp_wr_bin(out, c->upper_hash, sizeof c->upper_hash);
    sp_wr_uint(out, c->safe);
    sp_wr_bin(out, c->safe_hash, sizeof c->safe_hash);
    sp_wr_uint(out, c->unconfirmed);
    sp_wr_uint(out, c->open);
}

static sp_err chain_decode(struct sp_slice in, struct sp_chain *c)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 10);
    c->n = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, c->hash.b, sizeof c->hash.b);
    c->sent = sp_rd_uint(&r, 0, UINT64_MAX);
    c->acknowledged = sp_rd_uint(&r, 0, UINT64_MAX);
    c->upper = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, c->upper_hash, sizeof c->upper_hash);
    c->safe = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, c->safe_hash, sizeof c->safe_hash);
    c->unconfirmed = sp_rd_uint(&r, 0, UINT64_MAX);
    c->open = sp_rd_uint(&r, 0, UINT64_MAX);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

sp_err sp_log_flush(struct sp_tx *tx)
{
    const struct sp_chain *c = &tx->cache->chain;
    if (!tx->cache->chain_dirty) {
        return SP_OK;
    }
    sp_buf_reset(&tx->buf);
    chain_encode(c, &tx->buf);
    SP_TRY(tx->buf.err);
    struct sp_kb key = sp_kb_replica(c->replica);
    SP_TRY(sp_tx_put(tx, SP_T_CHAIN, &key, sp_buf_slice(&tx->buf)));
    tx->cache->chain_dirty = false;
    return SP_OK;
}

sp_err sp_log_chain(struct sp_tx *tx, sp_replica replica, struct sp_chain *out)
{
    struct sp_kb key = sp_kb_replica(replica);
    struct sp_slice value;
    struct sp_chain c = { .replica = replica };
    if (tx->cache->chain.replica == replica) {
        *out = tx->cache->chain;
        return SP_OK;
    }
    sp_err err = sp_tx_get(tx, SP_T_CHAIN, &key, &value);
    if (err == SP_OK) {
        err = chain_decode(value, &c);
    }
    SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    SP_TRY(sp_log_flush(tx));
    tx->cache->chain = c;
    *out = c;
    return SP_OK;
}

sp_err sp_log_put_chain(struct sp_tx *tx, const struct sp_chain *c)
{
    SP_ASSERT(tx->write);
    if (tx->cache->chain.replica != c->replica) {
        SP_TRY(sp_log_flush(tx));
    }
    tx->cache->chain = *c;
    tx->cache->chain_dirty = true;
    return SP_OK;
}

struct chain_walk {
    sp_err (*each)(void *arg, const struct sp_chain *c);
    void *arg;
};

static sp_err walk_chain(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct chain_walk *w = arg;
    struct sp_chain c = { .replica = sp_get_u64be(key.data) };
    SP_TRY(chain_decode(value, &c));
    return w->each(w->arg, &c);
}

sp_err sp_log_each_chain(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_chain *c), void *arg)
{
    struct chain_walk w = { each, arg };
    SP_TRY(sp_log_flush(tx));
    return tx->node->store->walk(tx->txn, SP_T_CHAIN, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, true, walk_chain, &w);
}

/* ---- commits ----------------------------------------------------------- */

sp_err sp_log_append(struct sp_tx *tx, struct sp_chain *c,
    struct sp_slice bytes, const struct sp_hash *hash)
{
    sp_buf_reset(&tx->buf);
    sp_buf_put(&tx->buf, hash->b, sizeof hash->b);
    bytes = bytes.size == SP_HASH_BYTES ? SP_SLICE(erased_mark) : bytes;
    sp_buf_put(&tx->buf, bytes.data, bytes.size);
    SP_TRY(tx->buf.err);
    struct sp_kb key = sp_kb_dot(c->replica, c->n + 1);
    SP_TRY(sp_tx_put(tx, SP_T_LOG, &key, sp_buf_slice(&tx->buf)));
    c->n++;
    c->hash = *hash;
    return SP_OK;
}

sp_err sp_log_bytes(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_slice *bytes, struct sp_hash *hash)
{
    struct sp_kb key = sp_kb_dot(replica, n);
    struct sp_slice value;
    SP_TRY(sp_tx_get(tx, SP_T_LOG, &key, &value));
    if (value.size < LOG_HEAD) {
        return SP_E_CORRUPT;
    }
    memcpy(hash->b, value.data, sizeof hash->b);
    *bytes = sp_slice_of(value.data + LOG_HEAD, value.size - LOG_HEAD);
    return bytes->size > 0 && !is_erased(*bytes) ? SP_OK : SP_E_NOT_FOUND;
}

sp_err sp_log_link(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_slice *bytes, struct sp_hash *hash)
{
    sp_err err = sp_log_bytes(tx, replica, n, bytes, hash);
    if (err == SP_E_NOT_FOUND && is_erased(*bytes)) {
        *bytes = SP_SLICE(hash->b);
        return SP_OK;
    }
    return err;
}

sp_err sp_log_erase(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_kb key = sp_kb_dot(replica, n);
    struct sp_hash hash;
    SP_TRY(sp_log_hash(tx, replica, n, &hash));
    sp_buf_reset(&tx->buf);
    sp_buf_put(&tx->buf, hash.b, sizeof hash.b);
    sp_buf_put(&tx->buf, erased_mark, sizeof erased_mark);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_LOG, &key, sp_buf_slice(&tx->buf));
}

/* Hash and decoded commit in one look. */
static sp_err load(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_commit *out, struct sp_hash *hash)
{
    struct sp_slice bytes;
    SP_TRY(sp_log_bytes(tx, replica, n, &bytes, hash));
    struct sp_slice copy = sp_arena_copy(arena, bytes);
    return copy.data == NULL ? SP_E_NOMEM
                             : sp_commit_decode(copy, replica, arena, out);
}

sp_err sp_log_commit(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_commit *out)
{
    struct sp_hash hash;
    return load(tx, replica, n, arena, out, &hash);
}

sp_err sp_log_put_base(struct sp_tx *tx, const struct sp_chain *c)
{
    struct sp_kb key = sp_kb_dot(c->replica, c->n);
    return sp_tx_put(tx, SP_T_LOG, &key, SP_SLICE(c->hash.b));
}

sp_err sp_log_hash(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_hash *out)
{
    struct sp_slice bytes;
    if (n == 0) {
        memset(out, 0, sizeof *out);
        return SP_OK;
    }
    struct sp_hash hash;
    struct sp_kb key = sp_kb_dot(replica, n);
    SP_TRY(sp_tx_get(tx, SP_T_LOG, &key, &bytes));
    if (bytes.size < LOG_HEAD) {
        return SP_E_CORRUPT;
    }
    memcpy(hash.b, bytes.data, sizeof hash.b);
    *out = hash;
    return SP_OK;
}

/* ---- verdicts ---------------------------------------------------------- */

static void verdict_encode(const struct sp_verdict_entry *e, struct sp_buf *out)
{
    sp_wr_array(out, 13);
    sp_wr_uint(out, e->verdict.kind);
    sp_wr_uint(out, e->verdict.code);
    sp_wr_uint(out, e->verdict.type);
    sp_wr_uint(out, e->verdict.field);
    sp_wr_uint(out, e->verdict.rule);
    sp_wr_uint(out, e->verdict.judge);
    sp_wr_uint(out, e->verdict.at_ms);
    sp_wr_bin(out, e->content.b, sizeof e->content.b);
    sp_wr_bool(out, e->confirmed);
    sp_wr_bool(out, e->disposed);
    sp_wr_array(out, e->tellers);
    for (uint32_t i = 0; i < e->tellers; i++) {
        sp_wr_uint(out, e->teller[i]);
    }
    sp_wr_uint(out, e->word);
    sp_wr_bool(out, e->verdict.erased);
}

static sp_err verdict_decode(struct sp_slice in, struct sp_verdict_entry *e)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    uint32_t elements = sp_rd_array(&r, 13);
    e->verdict.kind =
        (enum sp_verdict_kind)sp_rd_uint(&r, SP_DEFERRED, SP_ACCEPTED);
    e->verdict.code = (sp_err)sp_rd_uint(&r, 0, UINT16_MAX);
    e->verdict.type = (uint16_t)sp_rd_uint(&r, 0, SP_TYPE_MAX);
    e->verdict.field = (uint16_t)sp_rd_uint(&r, 0, SP_FIELD_MAX);
    e->verdict.rule = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    e->verdict.judge = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    e->verdict.at_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, e->content.b, sizeof e->content.b);
    e->confirmed = sp_rd_bool(&r);
    e->disposed = sp_rd_bool(&r);
    e->tellers = sp_rd_array(&r, SP_TELLERS_MAX);
    for (uint32_t i = 0; i < e->tellers && r.err == SP_OK; i++) {
        e->teller[i] = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    }
    e->word = sp_rd_uint(&r, 0, UINT64_MAX);
    /* A store from before erasure has twelve. */
    e->verdict.erased = elements == 13 && sp_rd_bool(&r);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

sp_err sp_log_verdict(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_verdict_entry *out)
{
    struct sp_kb key = sp_kb_dot(replica, n);
    struct sp_slice value;
    memset(out, 0, sizeof *out);
    out->replica = replica;
    out->n = n;
    sp_err err = sp_tx_get(tx, SP_T_VERDICT, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    return err == SP_OK ? verdict_decode(value, out) : err;
}

/* The mark of a refusal is never forgotten (SYNC F1). */
static sp_err mark_refused(struct sp_tx *tx, const struct sp_verdict_entry *e)
{
    struct sp_kb key = sp_kb_text("c");
    sp_kb_add_id(&key, &e->content);
    uint8_t value[16];
    sp_set_u64be(value, e->replica);
    sp_set_u64be(value + 8, e->n);
    return sp_tx_put(tx, SP_T_REFUSED, &key, SP_SLICE(value));
}

sp_err sp_log_put_verdict(struct sp_tx *tx, const struct sp_verdict_entry *e)
{
    sp_buf_reset(&tx->buf);
    verdict_encode(e, &tx->buf);
    SP_TRY(tx->buf.err);
    struct sp_kb key = sp_kb_dot(e->replica, e->n);
    SP_TRY(sp_tx_put(tx, SP_T_VERDICT, &key, sp_buf_slice(&tx->buf)));
    if (e->verdict.kind == SP_REFUSED) {
        SP_TRY(mark_refused(tx, e));
    }
    return sp_tray_note(tx, e);
}

sp_err sp_log_del_verdict(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_kb key = sp_kb_dot(replica, n);
    return sp_tx_del(tx, SP_T_VERDICT, &key);
}

/* ---- heads -------------------------------------------------------------- */

/* The signature; behind it, unless the author brought it and his key fits: u8
 * whether it fits, u32 who brought it. */
#define LONG_HEAD_BYTES (SP_SIGNATURE_BYTES + 5u)

static sp_err head_decode(struct sp_slice value, struct sp_head *out)
{
    bool more = value.size == LONG_HEAD_BYTES;
    if (value.size != SP_SIGNATURE_BYTES && !more) {
        return SP_E_CORRUPT;
    }
    memcpy(out->signature, value.data, SP_SIGNATURE_BYTES);
    out->proven = !more || value.data[SP_SIGNATURE_BYTES] == 1;
    out->by = more ? sp_get_u32be(value.data + SP_SIGNATURE_BYTES + 1) : 0;
    return SP_OK;
}

sp_err sp_log_head(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_head *out)
{
    struct sp_kb key = sp_kb_dot(replica, n);
    struct sp_slice value;
    SP_TRY(sp_tx_get(tx, SP_T_HEAD, &key, &value));
    out->n = n;
    return head_decode(value, out);
}

static sp_err take_first(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct sp_head *h = arg;
    h->n = sp_get_u64be(key.data + 8);
    SP_TRY(head_decode(value, h));
    return SP_E_NOT_FOUND; /* enough */
}

sp_err sp_log_next_head(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_head *out)
{
    struct sp_kb prefix = sp_kb_replica(replica), from = sp_kb_dot(replica, n);
    struct sp_head h = { 0 };
    sp_err err = tx->node->store->walk(tx->txn, SP_T_HEAD, sp_kb_slice(&prefix),
        sp_kb_slice(&from), true, take_first, &h);
    SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    if (h.n == 0) {
        return SP_E_NOT_FOUND;
    }
    *out = h;
    return SP_OK;
}

sp_err sp_log_put_head(
    struct sp_tx *tx, sp_replica replica, const struct sp_head *h)
{
    struct sp_kb key = sp_kb_dot(replica, h->n);
    uint8_t value[LONG_HEAD_BYTES];
    memcpy(value, h->signature, SP_SIGNATURE_BYTES);
    value[SP_SIGNATURE_BYTES] = h->proven ? 1 : 0;
    sp_set_u32be(value + SP_SIGNATURE_BYTES + 1, h->by);
    return sp_tx_put(tx, SP_T_HEAD, &key,
        sp_slice_of(value,
            h->proven && h->by == 0 ? SP_SIGNATURE_BYTES : sizeof value));
}

/* ---- walking verdicts --------------------------------------------------- */

struct verdict_walk {
    sp_err (*each)(void *arg, const struct sp_verdict_entry *e);
    void *arg;
};

static sp_err walk_verdict(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct verdict_walk *w = arg;
    struct sp_verdict_entry e = { .replica = sp_get_u64be(key.data),
        .n = sp_get_u64be(key.data + 8) };
    SP_TRY(verdict_decode(value, &e));
    return w->each(w->arg, &e);
}

sp_err sp_log_each_verdict(struct sp_tx *tx, sp_replica replica,
    sp_err (*each)(void *arg, const struct sp_verdict_entry *e), void *arg)
{
    struct verdict_walk w = { each, arg };
    struct sp_kb prefix = { .size = 0 };
    if (replica != 0) {
        prefix = sp_kb_replica(replica);
    }
    return tx->node->store->walk(tx->txn, SP_T_VERDICT, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_verdict, &w);
}

sp_err sp_log_each_verdict_of(struct sp_tx *tx, uint32_t device,
    sp_err (*each)(void *arg, const struct sp_verdict_entry *e), void *arg)
{
    struct verdict_walk w = { each, arg };
    struct sp_kb prefix = sp_kb_u32(device);
    return tx->node->store->walk(tx->txn, SP_T_VERDICT, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_verdict, &w);
}

/* ---- frontiers ---------------------------------------------------------- */

static sp_err find_deferred(void *arg, const struct sp_verdict_entry *e)
{
    uint64_t *after = arg;
    if (e->verdict.kind == SP_DEFERRED && e->n > *after) {
        *after = UINT64_MAX;
        return SP_E_NOT_FOUND; /* enough */
    }
    return SP_OK;
}

sp_err sp_log_frontier(struct sp_tx *tx, const struct sp_chain *c,
    bool to_server, struct sp_point *out)
{
    uint64_t logged = c->n;
    if (c->upper > c->n && c->open > 0 && !to_server) {
        SP_TRY(sp_log_each_verdict(tx, c->replica, find_deferred, &logged));
    }
    bool above = c->upper > c->n && logged != UINT64_MAX;
    out->replica = c->replica;
    out->n = above ? c->upper : c->n;
    memcpy(out->hash, above ? c->upper_hash : c->hash.b, sizeof out->hash);
    return SP_OK;
}

/* ---- what the rooms read ----------------------------------------------- */

/* Where a commit is known to be, and what was decided about it. */
static sp_err complete_entry(
    struct sp_tx *tx, const struct sp_chain *chain, struct sp_logged *out)
{
    struct sp_verdict_entry e;
    uint64_t n = out->commit.n;
    SP_TRY(sp_log_verdict(tx, chain->replica, n, &e));
    out->disposed = e.disposed;
    out->verdict = e.verdict;
    bool decided = sp_tx_is_server(tx) || n <= chain->acknowledged;
    if (e.verdict.kind == SP_VERDICT_NONE && decided) {
        out->verdict.kind = SP_ACCEPTED;
    }
    out->where = n <= chain->upper                       ? SP_AT_HEAD_OFFICE
                 : tx->node->tier == SP_TIER_HEAD_OFFICE ? SP_AT_HEAD_OFFICE
                 : tx->node->tier == SP_TIER_BRANCH || n <= chain->acknowledged
                     ? SP_AT_BRANCH
                     : SP_AT_DEVICE;
    return SP_OK;
}

static sp_err read_entry(struct sp_tx *tx, const struct sp_chain *chain,
    uint64_t n, struct sp_arena *arena, struct sp_logged *out)
{
    memset(out, 0, sizeof *out);
    SP_TRY(load(tx, chain->replica, n, arena, &out->commit, &out->hash));
    return complete_entry(tx, chain, out);
}

sp_err sp_log_get(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_logged *out)
{
    struct sp_chain chain;
    struct sp_logged entry;
    SP_TRY(sp_log_chain(tx, replica, &chain));
    SP_TRY(read_entry(tx, &chain, n, arena, &entry));
    *out = entry;
    return SP_OK;
}

struct logged_walk {
    struct sp_tx *tx;
    struct sp_arena arena;
    enum sp_verdict_kind kind;
    sp_err (*each)(void *arg, const struct sp_logged *entry);
    void *arg;
};

static sp_err walk_logged_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct logged_walk *w = arg;
    struct sp_logged entry;
    if (w->kind != SP_VERDICT_NONE && e->verdict.kind != w->kind) {
        return SP_OK;
    }
    sp_arena_reset(&w->arena);
    sp_err err = sp_log_get(w->tx, e->replica, e->n, &w->arena, &entry);
    /* A verdict taken over about a commit that is not logged here. */
    return err == SP_E_NOT_FOUND ? SP_OK
           : err != SP_OK        ? err
                                 : w->each(w->arg, &entry);
}

sp_err sp_log_verdicts(struct sp_tx *tx, sp_replica replica,
    enum sp_verdict_kind kind,
    sp_err (*each)(void *arg, const struct sp_logged *entry), void *arg)
{
    struct logged_walk w = { .tx = tx, .kind = kind, .each = each, .arg = arg };
    sp_arena_init(&w.arena, 16u * SP_COMMIT_BYTES_MAX);
    sp_err err = sp_log_each_verdict(tx, replica, walk_logged_verdict, &w);
    sp_arena_free(&w.arena);
    return err;
}

sp_err sp_log_walk(struct sp_tx *tx, sp_replica replica, uint64_t n,
    sp_err (*each)(void *arg, const struct sp_logged *entry), void *arg)
{
    struct sp_chain chain;
    struct sp_arena arena;
    SP_TRY(sp_log_chain(tx, replica, &chain));
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    sp_err err = SP_OK;
    for (; n <= chain.n && err == SP_OK; n++) {
        struct sp_logged entry;
        sp_arena_reset(&arena);
        err = read_entry(tx, &chain, n, &arena, &entry);
        if (err == SP_OK) {
            err = each(arg, &entry);
        } else if (err == SP_E_NOT_FOUND) {
            err = SP_OK; /* lies at head office only */
        }
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

sp_err sp_log_dispose(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_verdict_entry e;
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    if (e.verdict.kind != SP_REFUSED) {
        return SP_E_NOT_FOUND;
    }
    e.disposed = true;
    return sp_log_put_verdict(tx, &e);
}
