/* proof.c - content sums and the digest of the handshake (SYNC P1). */
#include "contents.h"
#include "engine.h"

static void add_128(uint8_t sum[16], const uint8_t v[16])
{
    uint64_t low = sp_get_u64le(sum), high = sp_get_u64le(sum + 8);
    uint64_t l = low + sp_get_u64le(v);
    high += sp_get_u64le(v + 8) + (l < low ? 1u : 0u);
    sp_set_u64le(sum, l);
    sp_set_u64le(sum + 8, high);
}

static void sub_128(uint8_t sum[16], const uint8_t v[16])
{
    uint64_t low = sp_get_u64le(sum), high = sp_get_u64le(sum + 8);
    uint64_t l = sp_get_u64le(v);
    high -= sp_get_u64le(v + 8) + (low < l ? 1u : 0u);
    sp_set_u64le(sum, low - l);
    sp_set_u64le(sum + 8, high);
}

static struct sp_sum *find_sum(
    struct sp_tx *tx, struct sp_scope_state *s, uint16_t type, uint16_t field)
{
    /* Mostly the one behind the last: the registers of a record in order. */
    for (uint32_t i = 0, at = s->sum_at; i < s->count; i++, at++) {
        at = at < s->count ? at : 0;
        if (s->sum[at].type == type && s->sum[at].field == field) {
            s->sum_at = at + 1;
            return &s->sum[at];
        }
    }
    if (s->count >= SP_ITEMS_MAX) {
        return NULL;
    }
    struct sp_sum *list =
        sp_arena_grow(&tx->arena, s->sum, s->count, sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    s->sum = list;
    struct sp_sum *sum = &s->sum[s->count++];
    sum->type = type;
    sum->field = field;
    memset(sum->v, 0, sizeof sum->v);
    return sum;
}

/* record, key and sorted sibling dots of one register; the common one is 53
 * bytes. A register with very many siblings is cut to its digest first. */
static size_t share_bytes(const struct sp_ref *ref,
    const struct sp_register *reg, uint8_t *out, size_t room)
{
    size_t n = 0;
    sp_set_u16be(out, ref->type);
    memcpy(out + 2, ref->id.b, sizeof ref->id.b);
    sp_set_u16be(out + 18, reg->key.field);
    out[20] = (uint8_t)reg->key.element.size;
    n = 21;
    if (reg->key.element.size > 0) {
        memcpy(out + n, reg->key.element.data, reg->key.element.size);
        n += reg->key.element.size;
    }
    if (n + 16u * (size_t)reg->count > room) {
        struct sp_hasher h;
        sp_hasher_init(&h, 32, NULL);
        for (uint32_t i = 0; i < reg->count; i++) {
            uint8_t dot[16];
            sp_set_u64be(dot, reg->sibling[i].stamp.dot.replica);
            sp_set_u64be(dot + 8, reg->sibling[i].stamp.dot.counter);
            sp_hasher_add(&h, dot, sizeof dot);
        }
        sp_hasher_end(&h, out + n, 32);
        return n + 32;
    }
    for (uint32_t i = 0; i < reg->count; i++, n += 16) {
        sp_set_u64be(out + n, reg->sibling[i].stamp.dot.replica);
        sp_set_u64be(out + n + 8, reg->sibling[i].stamp.dot.counter);
    }
    return n;
}

sp_err sp_proof_register(struct sp_tx *tx, struct sp_scope_state *scope,
    const struct sp_ref *ref, const struct sp_register *reg, bool add)
{
    if (reg->count == 0) {
        return SP_OK; /* shows nothing: the same as absent */
    }
    struct sp_sum *sum = find_sum(tx, scope, ref->type, reg->key.field);
    if (sum == NULL) {
        return SP_E_NOMEM;
    }
    uint8_t in[21 + SP_ELEMENT_BYTES_MAX + 256], share[16];
    size_t n = share_bytes(ref, reg, in, sizeof in);
    sp_siphash(share, sp_slice_of(in, n), scope->key);
    if (add) {
        add_128(sum->v, share);
    } else {
        sub_128(sum->v, share);
    }
    scope->dirty = true;
    return SP_OK;
}

void sp_proof_total(struct sp_tx *tx, const struct sp_scope_state *scope,
    const struct sp_holding *holding, bool only, uint8_t out[16])
{
    memset(out, 0, 16);
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct sp_sum *sum = &scope->sum[i];
        if (sp_grant_has(&holding->keys, sum->type, sum->field) == only &&
            tx->rules->reads(
                tx->rules->self, holding->grant, sum->type, sum->field)) {
            add_128(out, sum->v);
        }
    }
}

void sp_proof_total_of(const struct sp_scope_state *scope,
    const struct sp_fields *fields, uint8_t out[16])
{
    memset(out, 0, 16);
    for (uint32_t i = 0; i < scope->count; i++) {
        if (sp_grant_has(fields, scope->sum[i].type, scope->sum[i].field)) {
            add_128(out, scope->sum[i].v);
        }
    }
}

bool sp_proof_grant_reads(struct sp_slice grant, uint16_t type, uint16_t field)
{
    struct sp_rd r;
    sp_rd_init(&r, grant);
    if (sp_rd_peek(&r) == SP_KIND_BOOL) {
        return sp_rd_bool(&r); /* everything, as servers hold it */
    }
    uint32_t types = sp_rd_array(&r, SP_TYPE_MAX);
    for (uint32_t i = 0; i < types && r.err == SP_OK; i++) {
        sp_rd_array_of(&r, 2);
        bool here = sp_rd_uint(&r, 0, SP_TYPE_MAX) == type;
        uint32_t fields = sp_rd_array(&r, SP_FIELD_MAX + 1u);
        if (here && field == SP_FIELD_DELETED) {
            return true;
        }
        for (uint32_t k = 0; k < fields; k++) {
            if (sp_rd_uint(&r, 0, SP_FIELD_MAX) == field && here) {
                return true;
            }
        }
    }
    return false;
}

static sp_err shows(struct sp_tx *tx, struct sp_slice grant,
    struct sp_fields *set, uint16_t type, uint16_t field, bool *out)
{
    if (set->key == NULL) {
        SP_TRY(sp_grant_read(grant, &tx->arena, set));
    }
    *out = sp_grant_has(set, type, field);
    return SP_OK;
}

sp_err sp_proof_shows(struct sp_tx *tx, struct sp_scope_state *s, uint16_t type,
    uint16_t field, bool *out)
{
    *out = false;
    return s->grant.size == 0
               ? SP_OK
               : shows(tx, s->grant, &s->shown, type, field, out);
}

sp_err sp_proof_keeps(struct sp_tx *tx, struct sp_scope_state *s, uint16_t type,
    uint16_t field, bool *out)
{
    SP_TRY(sp_proof_shows(tx, s, type, field, out));
    return *out || s->wider.size == 0
               ? SP_OK
               : shows(tx, s->wider, &s->coming, type, field, out);
}

void sp_proof_total_held(const struct sp_scope_state *scope, uint8_t out[16])
{
    memset(out, 0, 16);
    for (uint32_t i = 0; i < scope->count; i++) {
        if (scope->grant.size == 0 /* a branch holds everything */ ||
            sp_proof_grant_reads(
                scope->grant, scope->sum[i].type, scope->sum[i].field)) {
            add_128(out, scope->sum[i].v);
        }
    }
}

/* ---- the digest of the handshake --------------------------------------- */

/* history, the present chain, head office's part of it, between servers its
 * word about all chains; then scope after scope: id, position, grant, total.
 * The documents have a digest of their own beside it. */
struct digest {
    struct sp_hasher h;
};

static void digest_begin(
    struct digest *d, const struct sp_id *history, const struct sp_chain *chain)
{
    uint8_t numbers[24];
    sp_hasher_init(&d->h, 16, NULL);
    sp_hasher_add(&d->h, "satchel-digest", 14);
    sp_hasher_add(&d->h, history->b, sizeof history->b);
    sp_set_u64be(numbers, chain->n);
    sp_set_u64be(numbers + 8, chain->upper);
    sp_set_u64be(numbers + 16, chain->safe);
    sp_hasher_add(&d->h, numbers, sizeof numbers);
    sp_hasher_add(&d->h, chain->hash.b, 16);
}

static void digest_scope(struct digest *d, const struct sp_id *scope,
    uint64_t since, const uint8_t grant[8], const uint8_t total[16])
{
    uint8_t number[8];
    sp_hasher_add(&d->h, scope->b, sizeof scope->b);
    sp_set_u64be(number, since);
    sp_hasher_add(&d->h, number, sizeof number);
    sp_hasher_add(&d->h, grant, 8);
    sp_hasher_add(&d->h, total, 16);
}

/* Between servers: how far a scope here has what others hand out of it. */
static void digest_contents(struct digest *d, const struct sp_contents *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        uint8_t numbers[12];
        sp_set_u32be(numbers, c->list[i].server);
        sp_set_u64be(numbers + 4, c->list[i].place);
        sp_hasher_add(&d->h, numbers, sizeof numbers);
        sp_hasher_add(&d->h, c->list[i].history.b, 16);
    }
}

/* Between servers: what head office says of everybody's commits. */
static sp_err digest_words(
    struct digest *d, struct sp_tx *tx, uint32_t peer, struct sp_arena *arena)
{
    uint8_t words[16];
    SP_TRY(sp_upper_digest(tx, arena, words));
    sp_hasher_add(&d->h, words, sizeof words);
    SP_TRY(sp_words_digest(tx, peer, words));
    sp_hasher_add(&d->h, words, sizeof words);
    return SP_OK;
}

struct initiator_walk {
    struct sp_tx *tx;
    struct digest *d;
    uint32_t server;
    bool ready;
};

static sp_err walk_position(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct initiator_walk *w = arg;
    struct sp_id id;
    struct sp_scope_state *s;
    struct sp_position p;
    uint8_t total[16];
    (void)value;
    memcpy(id.b, key.data + 4, sizeof id.b);
    SP_TRY(sp_tx_scope(w->tx, &id, &s));
    SP_TRY(sp_node_position(w->tx, sp_get_u32be(key.data), &id, &p));
    if (p.mark != 0 || s->wider.size > 0) {
        w->ready = false; /* a scan is under way, or keys are to be fetched */
    }
    sp_proof_total_held(s, total);
    digest_scope(w->d, &id, p.since, s->digest, total);
    if (sp_tx_is_server(w->tx)) {
        struct sp_contents said;
        SP_TRY(sp_contents_tell(w->tx, &id, w->server, &w->tx->arena, &said));
        digest_contents(w->d, &said);
    }
    return SP_OK;
}

/* What a device was told that it may hold, also of scopes that it does not read
 * there: they are narrowed at every contact, with any server (SYNC S5). */
static void digest_grant(
    struct digest *d, const struct sp_id *scope, const uint8_t grant[8])
{
    sp_hasher_add(&d->h, scope->b, sizeof scope->b);
    sp_hasher_add(&d->h, grant, 8);
}

static sp_err walk_held(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct initiator_walk *w = arg;
    struct sp_id id;
    struct sp_scope_state *s;
    (void)value;
    memcpy(id.b, key.data, sizeof id.b);
    SP_TRY(sp_tx_scope(w->tx, &id, &s));
    if (s->held) {
        digest_grant(
            w->d, &id, s->wider.size > 0 ? s->wider_digest : s->digest);
    }
    return SP_OK;
}

static sp_err find_unsent(void *arg, const struct sp_chain *c)
{
    struct initiator_walk *w = arg;
    uint64_t there = sp_tx_is_server(w->tx) ? c->upper : c->acknowledged;
    if (c->n > there) {
        w->ready = false;
    }
    return SP_OK;
}

sp_err sp_proof_initiator(
    struct sp_tx *tx, uint32_t server, uint8_t out[16], bool *ready)
{
    struct digest d;
    struct sp_chain chain;
    struct sp_peer_state peer;
    struct initiator_walk w = { tx, &d, server, true };
    SP_TRY(sp_node_peer(tx, server, &peer));
    SP_TRY(sp_log_chain(tx, tx->node->identity->replica, &chain));
    digest_begin(&d, &peer.history, &chain);
    if (sp_tx_is_server(tx)) {
        SP_TRY(digest_words(&d, tx, server, &tx->arena));
    }
    struct sp_kb prefix = sp_kb_u32(server);
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_POSITION, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, false, walk_position, &w));
    SP_TRY(sp_log_each_chain(tx, find_unsent, &w));
    if (!sp_tx_is_server(tx)) {
        SP_TRY(
            tx->node->store->walk(tx->txn, SP_T_SCOPE, (struct sp_slice){ 0 },
                (struct sp_slice){ 0 }, false, walk_held, &w));
    } else {
        bool ahead = false, news = false;
        SP_TRY(sp_upper_ahead(tx, server, &ahead));
        SP_TRY(sp_contents_any_news(tx, &news));
        w.ready = w.ready && !ahead && !news;
    }
    sp_hasher_end(&d.h, out, 16);
    *ready = w.ready && peer.complete;
    return SP_OK;
}

/* The upper tier's word about a chain, as this server passes it on. */
static void upper_of(const struct sp_tx *tx, struct sp_chain *chain)
{
    if (tx->node->tier == SP_TIER_HEAD_OFFICE) {
        chain->upper = chain->n;
        memcpy(chain->upper_hash, chain->hash.b, sizeof chain->upper_hash);
    }
}

sp_err sp_proof_responder(struct sp_tx *tx, uint32_t peer, bool server,
    sp_replica replica, struct sp_arena *arena, uint8_t out[16], bool *ready)
{
    struct digest d;
    struct sp_chain chain;
    struct sp_point there;
    struct sp_id history;
    struct sp_entitlement e;
    SP_TRY(sp_node_history(tx, &history));
    SP_TRY(sp_log_chain(tx, replica, &chain));
    upper_of(tx, &chain);
    SP_TRY(sp_log_frontier(tx, &chain, server, &there));
    chain.n = there.n;
    memcpy(chain.hash.b, there.hash, sizeof there.hash);
    *ready = chain.unconfirmed == 0;
    digest_begin(&d, &history, &chain);
    if (server) {
        SP_TRY(digest_words(&d, tx, peer, arena));
    }
    SP_TRY(tx->rules->entitle(tx->rules->self, peer, sp_tx_now(tx), arena, &e));
    for (uint32_t i = 0; i < e.count; i++) {
        struct sp_scope_state *s;
        enum sp_serves serves;
        uint8_t total[16];
        SP_TRY(sp_proof_serves(tx, server, &e.scope[i].scope, &serves));
        if (serves == SP_SERVES_NOT) {
            continue;
        }
        const struct sp_holding all = { .grant = e.scope[i].grant };
        SP_TRY(sp_tx_scope(tx, &e.scope[i].scope, &s));
        sp_proof_total(tx, s, &all, false, total);
        digest_scope(&d, &e.scope[i].scope, s->head, e.scope[i].digest, total);
        if (server) {
            struct sp_contents said;
            SP_TRY(sp_contents_tell(
                tx, &e.scope[i].scope, peer, &tx->arena, &said));
            digest_contents(&d, &said);
        }
    }
    for (uint32_t i = 0; i < e.count && !server; i++) {
        digest_grant(&d, &e.scope[i].scope, e.scope[i].digest);
    }
    sp_hasher_end(&d.h, out, 16);
    return SP_OK;
}

/* SYNC S7: a device pulls and proves a scope where it is served, or at head
 * office, if it has not been further elsewhere; a branch pulls at head office
 * what it serves itself and the organisation's catalogue, and hands out the
 * latter, and what it has read once to the end. */
sp_err sp_proof_serves(struct sp_tx *tx, bool to_server,
    const struct sp_id *scope, enum sp_serves *out)
{
    uint32_t server = tx->rules->server_of(tx->rules->self, scope);
    bool mine = server == tx->node->identity->device;
    bool whole = false;
    if (tx->node->tier == SP_TIER_HEAD_OFFICE) {
        *out = to_server || mine || server == 0 ? SP_SERVES : SP_SERVES_TOO;
        return SP_OK;
    }
    if (sp_scope_is_everybodys(scope)) {
        *out = SP_SERVES_TOO; /* as far as it has come */
        return SP_OK;
    }
    if (mine) {
        SP_TRY(sp_contents_whole(tx, scope, &whole));
    }
    *out = whole ? SP_SERVES : SP_SERVES_NOT;
    return SP_OK;
}
