/* tx.c - one transaction at work: sequence, clock, cached scopes. */
#include "engine.h"

#define TX_ARENA_BYTES (256u * 1024u * 1024u)

/* ---- the store --------------------------------------------------------- */

sp_err sp_tx_get(struct sp_tx *tx, enum sp_table table, const struct sp_kb *key,
    struct sp_slice *out)
{
    return tx->node->store->get(tx->txn, table, sp_kb_slice(key), out);
}

/* What people see of a record follows from these two (sp_state_view). */
static sp_err tell(
    struct sp_tx *tx, enum sp_table table, const struct sp_kb *key)
{
    const struct sp_watch *watch = tx->node->watch;
    if (watch == NULL || (table != SP_T_RECORD && table != SP_T_OWN)) {
        return SP_OK;
    }
    struct sp_ref ref;
    sp_kb_read_ref(key->b, &ref);
    return watch->record(watch->self, tx, &ref);
}

sp_err sp_tx_put(struct sp_tx *tx, enum sp_table table, const struct sp_kb *key,
    struct sp_slice value)
{
    SP_ASSERT(tx->write);
    SP_TRY(tx->node->store->put(tx->txn, table, sp_kb_slice(key), value));
    return tell(tx, table, key);
}

sp_err sp_tx_del(struct sp_tx *tx, enum sp_table table, const struct sp_kb *key)
{
    SP_ASSERT(tx->write);
    SP_TRY(tx->node->store->del(tx->txn, table, sp_kb_slice(key)));
    return tell(tx, table, key);
}

sp_err sp_tx_get_u64(struct sp_tx *tx, const char *name, uint64_t *out)
{
    struct sp_kb key = sp_kb_text(name);
    struct sp_slice value;
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        *out = 0;
        return SP_OK;
    }
    if (err == SP_OK && value.size != 8) {
        err = SP_E_CORRUPT;
    }
    if (err == SP_OK) {
        *out = sp_get_u64be(value.data);
    }
    return err;
}

sp_err sp_tx_put_u64(struct sp_tx *tx, const char *name, uint64_t v)
{
    struct sp_kb key = sp_kb_text(name);
    uint8_t value[8];
    sp_set_u64be(value, v);
    return sp_tx_put(tx, SP_T_META, &key, SP_SLICE(value));
}

uint64_t sp_tx_now(const struct sp_tx *tx)
{
    if (tx->cache->now_ms == 0) {
        tx->cache->now_ms = tx->node->env->now_ms(tx->node->env->self);
    }
    return tx->cache->now_ms;
}

bool sp_tx_is_server(const struct sp_tx *tx)
{
    return tx->node->tier != SP_TIER_DEVICE;
}

void sp_tx_trace(struct sp_tx *tx, const char *facility, const char *line)
{
    const struct sp_env *env = tx->node->env;
    if (env->trace != NULL) {
        env->trace(env->self, facility, line);
    }
}

/* ---- keys of a table --------------------------------------------------- */

static sp_err collect_key(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct sp_key_list *l = arg;
    (void)value;
    struct sp_kb *list =
        sp_arena_grow(l->arena, l->key, l->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    l->key = list;
    struct sp_kb *k = &l->key[l->count++];
    SP_ASSERT(key.size <= sizeof k->b);
    memcpy(k->b, key.data, key.size);
    k->size = key.size;
    return SP_OK;
}

sp_err sp_tx_keys(struct sp_tx *tx, enum sp_table table,
    const struct sp_kb *prefix, struct sp_key_list *out)
{
    struct sp_slice p = { 0 };
    if (prefix != NULL) {
        p = sp_kb_slice(prefix);
    }
    return tx->node->store->walk(
        tx->txn, table, p, (struct sp_slice){ 0 }, false, collect_key, out);
}

sp_err sp_tx_clear(
    struct sp_tx *tx, enum sp_table table, const struct sp_kb *prefix)
{
    struct sp_key_list l = { .arena = &tx->arena };
    SP_TRY(sp_tx_keys(tx, table, prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        SP_TRY(sp_tx_del(tx, table, &l.key[i]));
    }
    return SP_OK;
}

/* ---- scopes ------------------------------------------------------------ */

static void put_grant(const struct sp_slice *grant, struct sp_buf *out)
{
    if (grant->size > 0) {
        sp_wr_raw(out, *grant);
    } else {
        sp_wr_nil(out);
    }
}

static struct sp_slice read_grant(struct sp_rd *r)
{
    if (sp_rd_peek(r) == SP_KIND_NIL) {
        sp_rd_nil(r);
        return (struct sp_slice){ 0 };
    }
    return sp_rd_value(r);
}

/* [head, floor, members, key, held, digest, grant | nil, wider's digest,
 * wider | nil, [type, field, sum ...]] */
static void scope_encode(const struct sp_scope_state *s, struct sp_buf *out)
{
    sp_wr_array(out, 10);
    sp_wr_uint(out, s->head);
    sp_wr_uint(out, s->floor);
    sp_wr_uint(out, s->members);
    sp_wr_bin(out, s->key, sizeof s->key);
    sp_wr_bool(out, s->held);
    sp_wr_bin(out, s->digest, sizeof s->digest);
    put_grant(&s->grant, out);
    sp_wr_bin(out, s->wider_digest, sizeof s->wider_digest);
    put_grant(&s->wider, out);
    sp_wr_array(out, 3 * s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        sp_wr_uint(out, s->sum[i].type);
        sp_wr_uint(out, s->sum[i].field);
        sp_wr_bin(out, s->sum[i].v, sizeof s->sum[i].v);
    }
}

static sp_err scope_decode(
    struct sp_slice stored, struct sp_arena *arena, struct sp_scope_state *s)
{
    struct sp_slice in = sp_arena_copy(arena, stored);
    if (in.data == NULL) {
        return SP_E_NOMEM;
    }
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 10);
    s->head = sp_rd_uint(&r, 0, UINT64_MAX);
    s->floor = sp_rd_uint(&r, 0, UINT64_MAX);
    s->members = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, s->key, sizeof s->key);
    s->held = sp_rd_bool(&r);
    sp_rd_fixed(&r, s->digest, sizeof s->digest);
    s->grant = read_grant(&r);
    sp_rd_fixed(&r, s->wider_digest, sizeof s->wider_digest);
    s->wider = read_grant(&r);
    s->count = sp_rd_array(&r, 3u * SP_ITEMS_MAX) / 3;
    uint32_t room = 1;
    while (room < s->count) {
        room *= 2; /* as sp_arena_grow wants it */
    }
    s->sum = sp_arena_take(arena, room, sizeof *s->sum);
    if (s->sum == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        s->sum[i].type = (uint16_t)sp_rd_uint(&r, 1, SP_TYPE_MAX);
        s->sum[i].field = (uint16_t)sp_rd_uint(&r, 0, SP_FIELD_MAX);
        sp_rd_fixed(&r, s->sum[i].v, sizeof s->sum[i].v);
    }
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

/* The key of a scope's sums: drawn once, for the organisation, so that every
 * server counts alike (SYNC P1). */
static void scope_key(const struct sp_tx *tx, struct sp_scope_state *s)
{
    uint8_t in[32] = "satchel-sums";
    memcpy(in + 16, s->id.b, sizeof s->id.b);
    sp_hash(s->key, sizeof s->key, SP_SLICE(in), &tx->node->identity->psk_root);
}

sp_err sp_tx_scope(
    struct sp_tx *tx, const struct sp_id *id, struct sp_scope_state **out)
{
    struct sp_scope_state **bucket =
        &tx->cache->bucket[id->b[15] % SP_SCOPE_BUCKETS];
    for (struct sp_scope_state *s = *bucket; s != NULL; s = s->next) {
        if (sp_id_equal(&s->id, id)) {
            *out = s;
            return SP_OK;
        }
    }
    struct sp_scope_state *s = sp_arena_take(&tx->arena, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    s->id = *id;
    struct sp_kb key = sp_kb_id(id);
    struct sp_slice stored;
    sp_err err = sp_tx_get(tx, SP_T_SCOPE, &key, &stored);
    if (err == SP_OK) {
        err = scope_decode(stored, &tx->arena, s);
    } else if (err == SP_E_NOT_FOUND) {
        err = SP_OK;
        if (sp_tx_is_server(tx)) {
            scope_key(tx, s);
        }
    }
    SP_TRY(err);
    s->head_before = s->head;
    s->next = *bucket;
    *bucket = s;
    *out = s;
    return SP_OK;
}

static sp_err flush_scopes(struct sp_tx *tx)
{
    for (size_t i = 0; i < SP_SCOPE_BUCKETS; i++) {
        for (struct sp_scope_state *s = tx->cache->bucket[i]; s != NULL;
             s = s->next) {
            if (!s->dirty) {
                continue;
            }
            sp_buf_reset(&tx->buf);
            scope_encode(s, &tx->buf);
            SP_TRY(tx->buf.err);
            struct sp_kb key = sp_kb_id(&s->id);
            SP_TRY(sp_tx_put(tx, SP_T_SCOPE, &key, sp_buf_slice(&tx->buf)));
        }
    }
    return SP_OK;
}

/* ---- sequence and clock ------------------------------------------------ */

uint64_t sp_tx_next_sequence(struct sp_tx *tx)
{
    tx->cache->sequence_dirty = true;
    return ++tx->cache->sequence;
}

void sp_tx_see_time(struct sp_tx *tx, sp_hlc seen)
{
    sp_hlc t = sp_hlc_see(tx->cache->hlc, seen, sp_tx_now(tx));
    if (t != tx->cache->hlc) {
        tx->cache->hlc = t;
        tx->cache->hlc_dirty = true;
    }
}

sp_hlc sp_tx_tick(struct sp_tx *tx)
{
    tx->cache->hlc = sp_hlc_tick(tx->cache->hlc, sp_tx_now(tx));
    tx->cache->hlc_dirty = true;
    return tx->cache->hlc;
}

/* ---- begin and end ----------------------------------------------------- */

static void release(struct sp_tx *tx)
{
    if (tx->cache != NULL) {
        sp_arena_free(&tx->cache->parent_arena);
        sp_arena_free(&tx->cache->decided_arena);
        sp_heap_free(tx->cache);
    }
    sp_arena_free(&tx->arena);
    sp_arena_free(&tx->made);
    sp_arena_free(&tx->scratch);
    sp_buf_free(&tx->buf);
    memset(tx, 0, sizeof *tx);
}

static sp_err load_counters(struct sp_tx *tx)
{
    SP_TRY(sp_tx_get_u64(tx, "sequence", &tx->cache->sequence));
    SP_TRY(sp_tx_get_u64(tx, "hlc", &tx->cache->hlc));
    return sp_tx_get_u64(tx, "alarms", &tx->cache->alarms);
}

sp_err sp_tx_begin(struct sp_tx *tx, const struct sp_node *node,
    const struct sp_rules *rules, bool write)
{
    memset(tx, 0, sizeof *tx);
    tx->node = node;
    tx->rules = rules;
    tx->write = write;
    sp_arena_init(&tx->arena, TX_ARENA_BYTES);
    sp_arena_init(&tx->made, TX_ARENA_BYTES);
    sp_arena_init(&tx->scratch, TX_ARENA_BYTES);
    sp_buf_init(&tx->buf, 2u * SP_RECORD_BYTES_MAX);
    tx->cache = sp_heap_new(sizeof *tx->cache);
    if (tx->cache == NULL) {
        release(tx);
        return SP_E_NOMEM;
    }
    sp_arena_init(&tx->cache->parent_arena, TX_ARENA_BYTES);
    sp_arena_init(&tx->cache->decided_arena, TX_ARENA_BYTES);
    sp_err err = node->store->begin(node->store->self, write, &tx->txn);
    if (err == SP_OK) {
        err = load_counters(tx);
        if (err != SP_OK) {
            node->store->abort(tx->txn);
        }
    }
    if (err != SP_OK) {
        release(tx);
    }
    return err;
}

static sp_err flush(struct sp_tx *tx)
{
    struct sp_state_cache *c = tx->cache;
    SP_TRY(sp_carry_flush(tx));
    SP_TRY(sp_tray_flush(tx));
    SP_TRY(sp_log_flush(tx));
    if (c->sequence_dirty) {
        SP_TRY(sp_tx_put_u64(tx, "sequence", c->sequence));
    }
    if (c->hlc_dirty) {
        SP_TRY(sp_tx_put_u64(tx, "hlc", c->hlc));
    }
    if (c->alarms_dirty) {
        SP_TRY(sp_tx_put_u64(tx, "alarms", c->alarms));
    }
    return flush_scopes(tx);
}

sp_err sp_tx_commit(struct sp_tx *tx)
{
    if (tx->node == NULL) {
        return SP_OK;
    }
    const struct sp_store *store = tx->node->store;
    sp_err err = tx->write ? flush(tx) : SP_OK;
    if (err != SP_OK || !tx->write) {
        store->abort(tx->txn);
    } else {
        err = store->commit(tx->txn);
    }
    bool documents = tx->documents;
    release(tx);
    tx->documents = documents;
    return err;
}

void sp_tx_abort(struct sp_tx *tx)
{
    if (tx->node != NULL) {
        tx->node->store->abort(tx->txn);
        release(tx);
    }
}
