/* node.c - the life of a store: creation, status, documents, neighbours. */
#include "contents.h"
#include "engine.h"
#include "quarantine.h"
#include "sp/roster.h"

sp_err sp_node_create(struct sp_tx *tx)
{
    struct sp_kb key = sp_kb_text("history");
    struct sp_slice had;
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &had);
    if (err == SP_OK) {
        return SP_E_EXISTS;
    }
    if (err != SP_E_NOT_FOUND) {
        return err;
    }
    struct sp_id history;
    const struct sp_env *env = tx->node->env;
    env->random(env->self, history.b, sizeof history.b);
    return sp_tx_put(tx, SP_T_META, &key, SP_SLICE(history.b));
}

/* ---- status ------------------------------------------------------------ */

struct tally {
    struct sp_tx *tx;
    struct sp_status *status;
};

static sp_err tally_chain(void *arg, const struct sp_chain *c)
{
    struct tally *t = arg;
    struct sp_status *s = t->status;
    bool server = sp_tx_is_server(t->tx);
    uint64_t acknowledged = server ? c->n : c->acknowledged;
    uint64_t upper = t->tx->node->tier == SP_TIER_HEAD_OFFICE ? c->n
                     : c->upper < acknowledged                ? c->upper
                                                              : acknowledged;
    s->commits += c->n;
    s->pending += c->n - acknowledged;
    s->at_branch += acknowledged - upper;
    s->at_head_office += upper;
    return SP_OK;
}

static sp_err tally_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct tally *t = arg;
    if (e->verdict.kind == SP_DEFERRED) {
        if (sp_quarantine_holds(&e->verdict)) {
            t->status->quarantined++;
        } else {
            t->status->deferred++;
        }
    }
    if (e->verdict.kind == SP_REFUSED && !e->disposed) {
        t->status->refused++;
    }
    return SP_OK;
}

static sp_err read_history(struct sp_tx *tx, struct sp_id *out)
{
    struct sp_kb key = sp_kb_text("history");
    struct sp_slice value;
    SP_TRY(sp_tx_get(tx, SP_T_META, &key, &value));
    if (value.size != sizeof out->b) {
        return SP_E_CORRUPT;
    }
    memcpy(out->b, value.data, sizeof out->b);
    return SP_OK;
}

sp_err sp_node_history(struct sp_tx *tx, struct sp_id *out)
{
    return read_history(tx, out);
}

static sp_err count_scope(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct tally *t = arg;
    struct sp_id id;
    struct sp_scope_state *s;
    (void)value;
    memcpy(id.b, key.data, sizeof id.b);
    SP_TRY(sp_tx_scope(t->tx, &id, &s));
    t->status->scopes += s->held || sp_tx_is_server(t->tx) ? 1 : 0;
    return SP_OK;
}

static void later(uint64_t *to, uint64_t ms)
{
    *to = ms > *to ? ms : *to;
}

/* A peer that no certificate names any more counts as a branch's server. */
static sp_err last_contacts(void *arg, const struct sp_neighbour *n)
{
    struct tally *t = arg;
    struct sp_status *s = t->status;
    const struct sp_rules *rules = t->tx->rules;
    struct sp_certified who = { 0 };
    sp_err err = rules->device(rules->self, n->device, &who);
    SP_TRY(err == SP_E_UNKNOWN_DEVICE ? SP_OK : err);
    /* A branch turns to head office; others turn to it. */
    bool above = !sp_tx_is_server(t->tx) || who.head_office;
    if (above && n->last_contact_ms >= s->last_branch_ms &&
        n->last_contact_ms >= s->last_head_office_ms) {
        s->clock_offset_ms = n->clock_offset_ms;
    }
    later(&s->last_sync_ms, n->last_contact_ms);
    later(who.user != 0     ? &s->last_device_ms
          : who.head_office ? &s->last_head_office_ms
                            : &s->last_branch_ms,
        n->last_contact_ms);
    return SP_OK;
}

sp_err sp_node_status(struct sp_tx *tx, struct sp_status *out)
{
    struct sp_status s = { 0 };
    struct tally t = { tx, &s };
    SP_TRY(sp_log_each_chain(tx, tally_chain, &t));
    SP_TRY(sp_log_each_verdict(tx, 0, tally_verdict, &t));
    SP_TRY(tx->node->store->count(tx->txn, SP_T_RECORD, &s.records));
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_SCOPE, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, false, count_scope, &t));
    SP_TRY(sp_node_neighbours(tx, last_contacts, &t));
    SP_TRY(sp_tx_get_u64(tx, "upper-moved", &s.last_upper_ms));
    SP_TRY(read_history(tx, &s.history));
    s.alarms = tx->cache->alarms;
    s.sequence = tx->cache->sequence;
    s.serials = tx->rules->serials(tx->rules->self);
    *out = s;
    return SP_OK;
}

/* ---- neighbours -------------------------------------------------------- */

static void put_confirmed(const struct sp_confirmed *c, struct sp_buf *out)
{
    sp_wr_uint(out, c->had.dictionary);
    sp_wr_uint(out, c->had.policy);
    sp_wr_uint(out, c->had.roster);
    sp_wr_uint(out, c->replica);
    sp_wr_uint(out, c->n);
}

static void read_confirmed(struct sp_rd *r, struct sp_confirmed *c)
{
    c->had.dictionary = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    c->had.policy = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    c->had.roster = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    c->replica = sp_rd_uint(r, 0, UINT64_MAX);
    c->n = sp_rd_uint(r, 0, UINT64_MAX);
}

static void peer_encode(const struct sp_peer_state *p, struct sp_buf *out)
{
    sp_wr_array(out, 19);
    sp_wr_uint(out, p->last_contact_ms);
    sp_wr_int(out, p->clock_offset_ms);
    sp_wr_uint(out, p->taken);
    sp_wr_bin(out, p->history.b, sizeof p->history.b);
    sp_wr_bin(out, p->token, sizeof p->token);
    sp_wr_bin(out, p->token_shown, sizeof p->token_shown);
    sp_wr_uint(out, p->frontier);
    sp_wr_bin(out, p->frontier_hash, sizeof p->frontier_hash);
    sp_wr_bool(out, p->complete);
    put_confirmed(&p->confirmed, out);
    put_confirmed(&p->before, out);
}

static sp_err peer_decode(struct sp_slice in, struct sp_peer_state *p)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 19);
    p->last_contact_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    p->clock_offset_ms = sp_rd_int(&r, INT64_MIN, INT64_MAX);
    p->taken = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, p->history.b, sizeof p->history.b);
    sp_rd_fixed(&r, p->token, sizeof p->token);
    sp_rd_fixed(&r, p->token_shown, sizeof p->token_shown);
    p->frontier = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, p->frontier_hash, sizeof p->frontier_hash);
    p->complete = sp_rd_bool(&r);
    read_confirmed(&r, &p->confirmed);
    read_confirmed(&r, &p->before);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

sp_err sp_node_peer(
    struct sp_tx *tx, uint32_t device, struct sp_peer_state *out)
{
    struct sp_kb key = sp_kb_u32(device);
    struct sp_slice value;
    memset(out, 0, sizeof *out);
    out->device = device;
    sp_err err = sp_tx_get(tx, SP_T_PEER, &key, &value);
    return err == SP_E_NOT_FOUND ? SP_OK
           : err != SP_OK        ? err
                                 : peer_decode(value, out);
}

sp_err sp_node_put_peer(struct sp_tx *tx, const struct sp_peer_state *p)
{
    struct sp_kb key = sp_kb_u32(p->device);
    sp_buf_reset(&tx->buf);
    peer_encode(p, &tx->buf);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_PEER, &key, sp_buf_slice(&tx->buf));
}

sp_err sp_node_floor(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_serials *out)
{
    struct sp_serials now = tx->rules->serials(tx->rules->self);
    struct sp_peer_state p;
    *out = (struct sp_serials){ 0 };
    if (!sp_tx_is_server(tx) ||
        (c->dictionary == now.dictionary && c->policy == now.policy &&
            c->roster == now.roster)) {
        return SP_OK;
    }
    SP_TRY(sp_node_peer(tx, sp_replica_device(c->replica), &p));
    if (p.confirmed.replica == c->replica && c->n > p.confirmed.n) {
        *out = p.confirmed.had;
    } else if (p.before.replica == c->replica && c->n > p.before.n) {
        *out = p.before.had;
    }
    return SP_OK;
}

struct neighbour_walk {
    sp_err (*each)(void *arg, const struct sp_neighbour *n);
    void *arg;
};

static sp_err walk_peer(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct neighbour_walk *w = arg;
    struct sp_peer_state p = { .device = sp_get_u32be(key.data) };
    SP_TRY(peer_decode(value, &p));
    struct sp_neighbour n = { p.device, p.last_contact_ms, p.clock_offset_ms,
        p.taken };
    return w->each(w->arg, &n);
}

sp_err sp_node_neighbours(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_neighbour *n), void *arg)
{
    struct neighbour_walk w = { each, arg };
    return tx->node->store->walk(tx->txn, SP_T_PEER, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, true, walk_peer, &w);
}

/* ---- positions --------------------------------------------------------- */

static struct sp_kb position_key(uint32_t server, const struct sp_id *scope)
{
    struct sp_kb k = sp_kb_u32(server);
    sp_kb_add_id(&k, scope);
    return k;
}

static sp_err get_position(struct sp_tx *tx, enum sp_table table,
    uint32_t server, const struct sp_id *scope, struct sp_position *out)
{
    struct sp_kb key = position_key(server, scope);
    struct sp_slice value;
    memset(out, 0, sizeof *out);
    sp_err err = sp_tx_get(tx, table, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    SP_TRY(err);
    struct sp_rd r;
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 4);
    out->since = sp_rd_uint(&r, 0, UINT64_MAX);
    out->mark = sp_rd_uint(&r, 0, UINT64_MAX);
    out->lane = (uint32_t)sp_rd_uint(&r, 0, SP_LANES);
    out->seq = sp_rd_uint(&r, 0, UINT64_MAX);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

static sp_err put_position(struct sp_tx *tx, enum sp_table table,
    uint32_t server, const struct sp_id *scope, const struct sp_position *p)
{
    struct sp_kb key = position_key(server, scope);
    sp_buf_reset(&tx->buf);
    sp_wr_array(&tx->buf, 4);
    sp_wr_uint(&tx->buf, p->since);
    sp_wr_uint(&tx->buf, p->mark);
    sp_wr_uint(&tx->buf, p->lane);
    sp_wr_uint(&tx->buf, p->seq);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, table, &key, sp_buf_slice(&tx->buf));
}

sp_err sp_node_position(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, struct sp_position *out)
{
    return get_position(tx, SP_T_POSITION, server, scope, out);
}

sp_err sp_node_put_position(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, const struct sp_position *p)
{
    return put_position(tx, SP_T_POSITION, server, scope, p);
}

sp_err sp_node_widening(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, struct sp_position *out)
{
    return get_position(tx, SP_T_WIDENING, server, scope, out);
}

sp_err sp_node_put_widening(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, const struct sp_position *p)
{
    return put_position(tx, SP_T_WIDENING, server, scope, p);
}

sp_err sp_node_forget_position(
    struct sp_tx *tx, uint32_t server, const struct sp_id *scope)
{
    struct sp_kb key = position_key(server, scope);
    return sp_tx_del(tx, SP_T_POSITION, &key);
}

/* ---- documents (SYNC T4) ----------------------------------------------- */

static struct sp_kb document_key(const struct sp_document *d)
{
    struct sp_kb k = { .size = 0 };
    sp_kb_add_u8(&k, (uint8_t)d->kind);
    memcpy(k.b + k.size, d->unit.data, d->unit.size);
    k.size += d->unit.size;
    return k;
}

/* What every device may have: everything but the certificates of other
 * devices. Who signs the rest stands in the servers' certificates. */
bool sp_node_is_public(const struct sp_document *d)
{
    struct sp_device device;
    return d->kind != SP_DOC_DEVICE ||
           (sp_roster_decode_device(d->body, &device) == SP_OK &&
               device.user == 0);
}

/* Both sides compare one number: the sum over (kind, unit, serial) of what the
 * peer may have. Devices' certificates count among servers only. */
static const char *digest_name(const struct sp_document *d)
{
    return sp_node_is_public(d) ? "documents" : "certificates";
}

static void name_hash(const struct sp_document *d, uint64_t out[2])
{
    uint8_t in[5 + 64], hash[16];
    in[0] = (uint8_t)d->kind;
    sp_set_u32be(in + 1, d->serial);
    memcpy(in + 5, d->unit.data, d->unit.size);
    sp_hash(hash, sizeof hash, sp_slice_of(in, 5 + d->unit.size), NULL);
    out[0] = sp_get_u64be(hash);
    out[1] = sp_get_u64be(hash + 8);
}

static sp_err read_digest(struct sp_tx *tx, const char *name, uint64_t out[2])
{
    struct sp_kb key = sp_kb_text(name);
    struct sp_slice value;
    out[0] = out[1] = 0;
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err == SP_OK && value.size == 16) {
        out[0] = sp_get_u64be(value.data);
        out[1] = sp_get_u64be(value.data + 8);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err move_digest(struct sp_tx *tx, const struct sp_document *old,
    const struct sp_document *d)
{
    uint64_t sum[2], h[2];
    uint8_t value[16];
    struct sp_kb key = sp_kb_text(digest_name(d));
    SP_TRY(read_digest(tx, digest_name(d), sum));
    if (old != NULL) {
        name_hash(old, h);
        sum[0] -= h[0];
        sum[1] -= h[1];
    }
    name_hash(d, h);
    sp_set_u64be(value, sum[0] + h[0]);
    sp_set_u64be(value + 8, sum[1] + h[1]);
    return sp_tx_put(tx, SP_T_META, &key, SP_SLICE(value));
}

sp_err sp_node_documents_digest(
    struct sp_tx *tx, bool for_server, struct sp_id *out)
{
    uint64_t a[2], b[2] = { 0, 0 };
    SP_TRY(read_digest(tx, "documents", a));
    if (for_server) {
        SP_TRY(read_digest(tx, "certificates", b));
    }
    sp_set_u64be(out->b, a[0] + b[0]);
    sp_set_u64be(out->b + 8, a[1] + b[1]);
    return SP_OK;
}

/* Evidence is judged by the policy of its day (SYNC J4): some of before are
 * kept, the oldest goes. */
static sp_err keep_past(struct sp_tx *tx, const struct sp_document *old)
{
    struct sp_kb prefix = { .size = 0 }, key;
    struct sp_key_list list = { .arena = &tx->arena };
    sp_kb_add_u8(&prefix, (uint8_t)old->kind);
    key = prefix;
    sp_kb_add_u32(&key, old->serial);
    SP_TRY(sp_tx_put(tx, SP_T_PAST, &key, old->bytes));
    SP_TRY(sp_tx_keys(tx, SP_T_PAST, &prefix, &list));
    if (list.count <= SP_PAST_POLICIES_MAX) {
        return SP_OK;
    }
    return sp_tx_del(tx, SP_T_PAST, &list.key[0]);
}

static struct sp_kb documents_at_key(void)
{
    return sp_kb_text("documents-at");
}

/* What a device makes from here on is made under what it has now (SYNC J4). */
static sp_err note_documents_at(struct sp_tx *tx)
{
    struct sp_kb key = documents_at_key();
    struct sp_chain chain;
    SP_TRY(sp_log_chain(tx, tx->node->identity->replica, &chain));
    sp_buf_reset(&tx->buf);
    sp_wr_array(&tx->buf, 2);
    sp_wr_uint(&tx->buf, chain.replica);
    sp_wr_uint(&tx->buf, chain.n);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_META, &key, sp_buf_slice(&tx->buf));
}

sp_err sp_node_documents_at(struct sp_tx *tx, uint64_t *n)
{
    struct sp_kb key = documents_at_key();
    struct sp_slice value;
    struct sp_chain chain;
    struct sp_rd r;
    SP_TRY(sp_log_chain(tx, tx->node->identity->replica, &chain));
    *n = chain.n;
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 2);
    sp_replica replica = sp_rd_uint(&r, 1, UINT64_MAX);
    uint64_t at = sp_rd_uint(&r, 0, SP_COUNTER_MAX);
    if (sp_rd_done(&r) != SP_OK) {
        return SP_E_CORRUPT;
    }
    *n = replica == chain.replica ? at : chain.n;
    return SP_OK;
}

sp_err sp_node_take_document(struct sp_tx *tx, struct sp_slice bytes)
{
    struct sp_document d, old;
    SP_TRY(sp_document_decode(bytes, &d));
    struct sp_kb key = document_key(&d);
    struct sp_slice value;
    bool had = false;
    sp_err err = sp_tx_get(tx, SP_T_DOCUMENT, &key, &value);
    if (err == SP_OK) {
        struct sp_slice copy = sp_arena_copy(&tx->arena, value);
        if (copy.data == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(sp_document_decode(copy, &old));
        had = true;
        if (old.serial >= d.serial) {
            return SP_E_EXISTS;
        }
    } else if (err != SP_E_NOT_FOUND) {
        return err;
    }
    SP_TRY(tx->rules->check_document(tx->rules->self, bytes));
    if (had && d.kind == SP_DOC_ROSTER) {
        SP_TRY(sp_served_note(tx, &old));
    }
    if (had && d.kind == SP_DOC_POLICY && sp_tx_is_server(tx)) {
        SP_TRY(keep_past(tx, &old));
    }
    SP_TRY(move_digest(tx, had ? &old : NULL, &d));
    SP_TRY(sp_tx_put(tx, SP_T_DOCUMENT, &key, bytes));
    if (d.kind != SP_DOC_DEVICE && !sp_tx_is_server(tx)) {
        SP_TRY(note_documents_at(tx));
    }
    tx->documents = true;
    return SP_OK;
}

struct document_walk {
    sp_err (*each)(void *arg, const struct sp_document *d);
    void *arg;
};

static sp_err walk_document(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct document_walk *w = arg;
    struct sp_document d;
    (void)key;
    SP_TRY(sp_document_decode(value, &d));
    return w->each(w->arg, &d);
}

sp_err sp_node_walk_past(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_document *d), void *arg)
{
    struct document_walk w = { each, arg };
    return tx->node->store->walk(tx->txn, SP_T_PAST, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, true, walk_document, &w);
}

sp_err sp_node_walk_documents(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_document *d), void *arg)
{
    struct document_walk w = { each, arg };
    return tx->node->store->walk(tx->txn, SP_T_DOCUMENT, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, true, walk_document, &w);
}

sp_err sp_node_retry(struct sp_tx *tx)
{
    return sp_apply_retry_all(tx);
}
