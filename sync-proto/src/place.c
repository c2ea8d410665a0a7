/*
 * place.c - where a record stands: its scopes, their feeds, the sums.
 *
 * A stored record carries its memberships, so that a change touches one value
 * and one feed entry a scope. Servers compute the scopes by the rules and keep
 * feeds; devices were told them and keep a member index.
 */
#include "engine.h"
#include "share.h"

/* Feed key: scope 16, seq u64, type u16, id 16, flags u8; no value. */
#define FEED_LEFT 1u

#define PARENTS_BYTES_MAX (1024u * 1024u) /* and what one record takes more */

const struct sp_place *sp_place_find(
    const struct sp_stored *s, const struct sp_id *scope)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (sp_id_equal(&s->place[i].scope, scope)) {
            return &s->place[i];
        }
    }
    return NULL;
}

bool sp_place_scopes_have(const struct sp_scopes *s, const struct sp_id *scope)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (sp_id_equal(&s->id[i], scope)) {
            return true;
        }
    }
    return false;
}

void sp_place_list(const struct sp_stored *s, struct sp_scopes *out)
{
    out->count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (!s->place[i].left && out->count < SP_RECORD_SCOPES_MAX) {
            out->id[out->count++] = s->place[i].scope;
        }
    }
}

/* ---- stored form: [origin, [scope, seq, entry, left ...], record] ------- */

static void stored_encode(const struct sp_stored *places,
    const struct sp_record *record, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    sp_wr_uint(out, places->origin);
    sp_wr_array(out, 4 * places->count);
    for (uint32_t i = 0; i < places->count; i++) {
        const struct sp_place *p = &places->place[i];
        sp_wr_bin(out, p->scope.b, sizeof p->scope.b);
        sp_wr_uint(out, p->seq);
        sp_wr_uint(out, p->entry);
        sp_wr_bool(out, p->left);
    }
    sp_record_encode(record, SP_RECORD_STORED, out);
}

static sp_err stored_decode(
    struct sp_slice in, struct sp_arena *arena, struct sp_stored *out)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 3);
    out->origin = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    out->count = sp_rd_array(&r, 4u * SP_PLACES_MAX) / 4;
    out->place = sp_arena_take(arena, out->count + 1u, sizeof *out->place);
    if (out->place == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < out->count; i++) {
        struct sp_place *p = &out->place[i];
        sp_rd_fixed(&r, p->scope.b, sizeof p->scope.b);
        p->seq = sp_rd_uint(&r, 0, UINT64_MAX);
        p->entry = sp_rd_uint(&r, 0, UINT64_MAX);
        p->left = sp_rd_bool(&r);
    }
    SP_TRY(r.err);
    return sp_record_decode(sp_slice_of(r.at, (size_t)(r.end - r.at)),
        SP_RECORD_STORED, arena, &out->record);
}

sp_err sp_place_read(
    struct sp_slice stored, struct sp_arena *arena, struct sp_stored *out)
{
    struct sp_slice copy = sp_arena_copy(arena, stored);
    if (copy.data == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = stored_decode(copy, arena, out);
    return err == SP_OK || err == SP_E_NOMEM ? err : SP_E_CORRUPT;
}

sp_err sp_place_load(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_stored *out)
{
    struct sp_kb key = sp_kb_ref(ref);
    struct sp_slice stored;
    *out = (struct sp_stored){ .record = { .ref = *ref } };
    sp_err err = sp_tx_get(tx, SP_T_RECORD, &key, &stored);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    SP_TRY(err);
    return sp_place_read(stored, arena, out);
}

struct census {
    sp_err (*each)(
        void *arg, const struct sp_ref *ref, const struct sp_scopes *scopes);
    void *arg;
};

/* Reads the places alone. */
static sp_err count_one(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct census *c = arg;
    struct sp_ref ref;
    struct sp_scopes scopes = { .count = 0 };
    struct sp_rd r;
    sp_kb_read_ref(key.data, &ref);
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 3);
    (void)sp_rd_uint(&r, 0, UINT32_MAX);
    uint32_t count = sp_rd_array(&r, 4u * SP_PLACES_MAX) / 4;
    for (uint32_t i = 0; i < count && r.err == SP_OK; i++) {
        struct sp_id id;
        sp_rd_fixed(&r, id.b, sizeof id.b);
        (void)sp_rd_uint(&r, 0, UINT64_MAX);
        (void)sp_rd_uint(&r, 0, UINT64_MAX);
        if (!sp_rd_bool(&r) && scopes.count < SP_RECORD_SCOPES_MAX) {
            scopes.id[scopes.count++] = id;
        }
    }
    SP_TRY(r.err == SP_OK ? SP_OK : SP_E_CORRUPT);
    return scopes.count == 0 ? SP_OK : c->each(c->arg, &ref, &scopes);
}

sp_err sp_place_census(struct sp_tx *tx,
    sp_err (*each)(
        void *arg, const struct sp_ref *ref, const struct sp_scopes *scopes),
    void *arg)
{
    struct census c = { each, arg };
    return tx->node->store->walk(tx->txn, SP_T_RECORD, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, true, count_one, &c);
}

/* ---- feeds ------------------------------------------------------------- */

struct sp_kb sp_place_feed_key(const struct sp_id *scope, uint64_t seq,
    const struct sp_ref *ref, bool left)
{
    struct sp_kb k = sp_kb_id(scope);
    sp_kb_add_u64(&k, seq);
    sp_kb_add_ref(&k, ref);
    sp_kb_add_u8(&k, left ? FEED_LEFT : 0);
    return k;
}

void sp_place_read_feed(struct sp_slice key, struct sp_feed_entry *out)
{
    SP_ASSERT(key.size == SP_FEED_KEY_BYTES);
    out->seq = sp_get_u64be(key.data + 16);
    sp_kb_read_ref(key.data + 24, &out->ref);
    out->left = (key.data[42] & FEED_LEFT) != 0;
}

static struct sp_kb member_key(
    const struct sp_id *scope, const struct sp_ref *ref)
{
    struct sp_kb k = sp_kb_id(scope);
    sp_kb_add_ref(&k, ref);
    return k;
}

/* Moves (or makes, or turns into a left mark) the record's place in one feed.
 * Only the newest place of a record stands in a feed. */
static sp_err feed_place(struct sp_tx *tx, struct sp_scope_state *scope,
    const struct sp_ref *ref, struct sp_place *p, uint64_t seq, bool left)
{
    if (!sp_tx_is_server(tx)) {
        struct sp_kb key = member_key(&scope->id, ref);
        return left ? sp_tx_del(tx, SP_T_MEMBER, &key)
               : p->entry == 0
                   ? sp_tx_put(tx, SP_T_MEMBER, &key, (struct sp_slice){ 0 })
                   : SP_OK;
    }
    if (p->seq != 0) {
        struct sp_kb old = sp_place_feed_key(&scope->id, p->seq, ref, p->left);
        SP_TRY(sp_tx_del(tx, SP_T_FEED, &old));
    }
    struct sp_kb key = sp_place_feed_key(&scope->id, seq, ref, left);
    scope->head = seq;
    scope->dirty = true;
    return sp_tx_put(tx, SP_T_FEED, &key, (struct sp_slice){ 0 });
}

/* ---- sums -------------------------------------------------------------- */

static sp_err sum_whole(struct sp_tx *tx, struct sp_scope_state *scope,
    const struct sp_record *r, bool add)
{
    for (uint32_t i = 0; i < r->count; i++) {
        SP_TRY(sp_proof_register(tx, scope, &r->ref, &r->reg[i], add));
    }
    return SP_OK;
}

/* What is in no sum any more: an image that lost its consent. */
static sp_err sum_gone(struct sp_tx *tx, struct sp_scope_state *scope,
    const struct sp_record *before, const struct sp_record *after)
{
    for (uint32_t i = 0; i < before->count; i++) {
        const struct sp_register *reg = &before->reg[i];
        if (sp_record_find(after, reg->key.field, reg->key.element) == NULL) {
            SP_TRY(sp_proof_register(tx, scope, &before->ref, reg, false));
        }
    }
    return SP_OK;
}

/* Registers of after with this sequence changed, all others are as before. */
static sp_err sum_changed(struct sp_tx *tx, struct sp_scope_state *scope,
    const struct sp_record *before, const struct sp_record *after, uint64_t seq)
{
    uint32_t had = 0;
    for (uint32_t i = 0; i < after->count; i++) {
        const struct sp_register *reg = &after->reg[i];
        if (reg->seq != seq) {
            had++;
            continue;
        }
        const struct sp_register *old =
            sp_record_find(before, reg->key.field, reg->key.element);
        if (old != NULL) {
            had++;
            SP_TRY(sp_proof_register(tx, scope, &before->ref, old, false));
        }
        SP_TRY(sp_proof_register(tx, scope, &after->ref, reg, true));
    }
    return had == before->count ? SP_OK : sum_gone(tx, scope, before, after);
}

/* ---- storing ----------------------------------------------------------- */

/* Gives changed registers their sequence; how many there were. */
static uint32_t number_changes(
    const struct sp_record *after, struct sp_register *reg, uint64_t seq)
{
    uint32_t changed = 0;
    for (uint32_t i = 0; i < after->count; i++) {
        reg[i] = after->reg[i];
        if (reg[i].seq == 0) {
            reg[i].seq = seq;
            changed++;
        }
    }
    return changed;
}

static sp_err leave(struct sp_tx *tx, struct sp_stored *places, uint32_t i,
    const struct sp_record *before, uint64_t seq)
{
    struct sp_place *p = &places->place[i];
    struct sp_scope_state *scope;
    SP_TRY(sp_tx_scope(tx, &p->scope, &scope));
    SP_TRY(sum_whole(tx, scope, before, false));
    SP_TRY(feed_place(tx, scope, &before->ref, p, seq, true));
    scope->foreign = true;
    scope->members--;
    scope->dirty = true;
    p->left = true;
    p->seq = seq;
    return SP_OK;
}

/* A place for a scope that it has none in: a new one, or that of its oldest
 * left mark when the list is full (the mark stays in the feed). */
static struct sp_place *new_place(
    struct sp_stored *places, const struct sp_id *scope)
{
    struct sp_place *p = NULL;
    for (uint32_t i = 0; i < places->count; i++) {
        if (sp_id_equal(&places->place[i].scope, scope)) {
            return &places->place[i];
        }
        if (places->place[i].left &&
            (p == NULL || places->place[i].seq < p->seq)) {
            p = &places->place[i];
        }
    }
    if (places->count < SP_PLACES_MAX) {
        p = &places->place[places->count++];
    }
    SP_ASSERT(p != NULL);
    *p = (struct sp_place){ .scope = *scope };
    return p;
}

static sp_err enter_or_stay(struct sp_tx *tx, struct sp_stored *places,
    const struct sp_id *id, const struct sp_record *before,
    const struct sp_record *after, uint64_t seq, bool *entered)
{
    struct sp_scope_state *scope;
    SP_TRY(sp_tx_scope(tx, id, &scope));
    const struct sp_place *had = sp_place_find(places, id);
    bool stays = had != NULL && !had->left;
    struct sp_place *p = new_place(places, id);
    if (stays) {
        SP_TRY(sum_changed(tx, scope, before, after, seq));
    } else {
        SP_TRY(sum_whole(tx, scope, after, true));
        p->entry = 0;
        scope->members++;
        scope->held = scope->held || tx->node->tier == SP_TIER_BRANCH;
        scope->dirty = true;
        /* A record that comes from elsewhere is not just new writes. */
        scope->foreign = scope->foreign || before->count > 0;
        *entered = true;
    }
    SP_TRY(feed_place(tx, scope, &after->ref, p, seq, false));
    p->entry = stays ? p->entry : seq;
    p->seq = seq;
    p->left = false;
    return SP_OK;
}

static sp_err index_child(
    struct sp_tx *tx, const struct sp_record *r, bool present)
{
    struct sp_ref parent;
    if (!tx->rules->parent(tx->rules->self, r, &parent)) {
        return SP_OK;
    }
    struct sp_kb key = sp_kb_ref(&parent);
    sp_kb_add_ref(&key, &r->ref);
    return present ? sp_tx_put(tx, SP_T_CHILD, &key, (struct sp_slice){ 0 })
                   : sp_tx_del(tx, SP_T_CHILD, &key);
}

sp_err sp_place_unlist(struct sp_tx *tx, const struct sp_record *record)
{
    return index_child(tx, record, false);
}

static sp_err keep_child_index(struct sp_tx *tx, const struct sp_record *before,
    const struct sp_record *after, bool *moved)
{
    struct sp_ref a, b;
    bool had =
        before->count > 0 && tx->rules->parent(tx->rules->self, before, &a);
    bool has = tx->rules->parent(tx->rules->self, after, &b);
    if (had && has && sp_ref_equal(&a, &b)) {
        return SP_OK;
    }
    if (had) {
        SP_TRY(index_child(tx, before, false));
    }
    *moved = *moved || had || has;
    return has ? index_child(tx, after, true) : SP_OK;
}

static sp_err write_stored(struct sp_tx *tx, const struct sp_stored *places,
    const struct sp_record *record)
{
    sp_buf_reset(&tx->buf);
    stored_encode(places, record, &tx->buf);
    SP_TRY(tx->buf.err);
    struct sp_kb key = sp_kb_ref(&record->ref);
    return sp_tx_put(tx, SP_T_RECORD, &key, sp_buf_slice(&tx->buf));
}

static struct sp_parent_cache *parent_slot(
    struct sp_tx *tx, const struct sp_ref *ref)
{
    return &tx->cache->parent[ref->id.b[15] % SP_PARENTS];
}

static void forget_parent(struct sp_tx *tx, const struct sp_ref *ref)
{
    struct sp_parent_cache *c = parent_slot(tx, ref);
    if (c->known && sp_ref_equal(&c->ref, ref)) {
        c->known = false;
    }
}

void sp_place_forget_parents(struct sp_tx *tx)
{
    for (uint32_t i = 0; i < SP_PARENTS; i++) {
        tx->cache->parent[i].known = false;
    }
}

sp_err sp_place_store(struct sp_tx *tx, const struct sp_stored *before,
    const struct sp_record *after, const struct sp_scopes *scopes, bool *moved)
{
    uint64_t seq = sp_tx_next_sequence(tx);
    struct sp_register *reg =
        sp_arena_take(&tx->scratch, after->count + 1u, sizeof *reg);
    struct sp_stored *places = sp_arena_take(&tx->scratch, 1, sizeof *places);
    struct sp_place *place = sp_arena_take(
        &tx->scratch, before->count + scopes->count + 1u, sizeof *place);
    if (reg == NULL || places == NULL || place == NULL) {
        return SP_E_NOMEM;
    }
    (void)number_changes(after, reg, seq);
    struct sp_record numbered = { after->ref, after->count, reg };
    *places = *before;
    places->place = place;
    if (before->count > 0) {
        memcpy(place, before->place, before->count * sizeof *place);
    }
    places->origin = tx->peer;
    bool changed_places = false;
    for (uint32_t i = 0; i < places->count; i++) {
        if (!places->place[i].left &&
            !sp_place_scopes_have(scopes, &places->place[i].scope)) {
            SP_TRY(leave(tx, places, i, &before->record, seq));
            changed_places = true;
        }
    }
    for (uint32_t i = 0; i < scopes->count; i++) {
        SP_TRY(enter_or_stay(tx, places, &scopes->id[i], &before->record,
            &numbered, seq, &changed_places));
    }
    SP_TRY(keep_child_index(tx, &before->record, &numbered, &changed_places));
    SP_TRY(sp_share_note(tx, &before->record, &numbered));
    forget_parent(tx, &after->ref);
    if (moved != NULL) {
        *moved = changed_places;
    }
    return write_stored(tx, places, &numbered);
}

sp_err sp_place_replace(struct sp_tx *tx, const struct sp_stored *before,
    const struct sp_record *after)
{
    for (uint32_t i = 0; i < before->count; i++) {
        struct sp_scope_state *scope;
        if (before->place[i].left) {
            continue;
        }
        SP_TRY(sp_tx_scope(tx, &before->place[i].scope, &scope));
        SP_TRY(sum_whole(tx, scope, &before->record, false));
        SP_TRY(sum_whole(tx, scope, after, true));
    }
    SP_TRY(sp_share_note(tx, &before->record, after));
    forget_parent(tx, &after->ref);
    return write_stored(tx, before, after);
}

sp_err sp_place_drop(struct sp_tx *tx, const struct sp_stored *stored)
{
    for (uint32_t i = 0; i < stored->count; i++) {
        const struct sp_place *p = &stored->place[i];
        struct sp_scope_state *scope;
        if (p->left) {
            continue;
        }
        SP_TRY(sp_tx_scope(tx, &p->scope, &scope));
        SP_TRY(sum_whole(tx, scope, &stored->record, false));
        scope->members--;
        scope->dirty = true;
        struct sp_kb key = member_key(&p->scope, &stored->record.ref);
        SP_TRY(sp_tx_del(tx, SP_T_MEMBER, &key));
    }
    SP_TRY(index_child(tx, &stored->record, false));
    SP_TRY(sp_share_note(tx, &stored->record, NULL));
    forget_parent(tx, &stored->record.ref);
    struct sp_kb key = sp_kb_ref(&stored->record.ref);
    return sp_tx_del(tx, SP_T_RECORD, &key);
}

sp_err sp_place_recount(struct sp_tx *tx, const struct sp_id *scope)
{
    struct sp_key_list l = { .arena = &tx->arena };
    struct sp_kb prefix = sp_kb_id(scope);
    struct sp_scope_state *s;
    SP_TRY(sp_tx_scope(tx, scope, &s));
    s->count = 0;
    s->members = 0;
    s->dirty = true;
    SP_TRY(sp_tx_keys(tx, SP_T_FEED, &prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        struct sp_feed_entry e;
        struct sp_stored stored;
        sp_place_read_feed(sp_kb_slice(&l.key[i]), &e);
        if (e.left) {
            continue;
        }
        sp_arena_reset(&tx->scratch);
        SP_TRY(sp_place_load(tx, &e.ref, &tx->scratch, &stored));
        SP_TRY(sum_whole(tx, s, &stored.record, true));
        s->members++;
    }
    return SP_OK;
}

/* ---- scopes by the rules ----------------------------------------------- */

static sp_err load_parent(
    struct sp_tx *tx, const struct sp_ref *ref, struct sp_parent_cache *c)
{
    struct sp_arena *arena = &tx->cache->parent_arena;
    c->known = false;
    if (arena->used > PARENTS_BYTES_MAX) {
        sp_place_forget_parents(tx);
        sp_arena_reset(arena);
    }
    if (sp_tx_is_server(tx) || tx->cache->places_base) {
        struct sp_stored *s = sp_arena_take(arena, 1, sizeof *s);
        if (s == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(sp_place_load(tx, ref, arena, s));
        c->record = s->record;
    } else {
        sp_err err = sp_state_view(tx, ref, arena, &c->record, NULL);
        if (err == SP_E_NOT_FOUND) {
            c->record = (struct sp_record){ .ref = *ref };
            err = SP_OK;
        }
        SP_TRY(err);
    }
    c->ref = *ref;
    c->base = tx->cache->places_base;
    c->known = true;
    return SP_OK;
}

sp_err sp_place_cached(
    struct sp_tx *tx, const struct sp_ref *ref, const struct sp_record **out)
{
    struct sp_parent_cache *c = parent_slot(tx, ref);
    if (!c->known || c->base != tx->cache->places_base ||
        !sp_ref_equal(&c->ref, ref)) {
        SP_TRY(load_parent(tx, ref, c));
    }
    *out = c->record.count > 0 ? &c->record : NULL;
    return SP_OK;
}

void sp_place_keep_served(const struct sp_tx *tx, struct sp_scopes *scopes)
{
    uint32_t kept = 0;
    if (tx->node->tier != SP_TIER_BRANCH) {
        return;
    }
    for (uint32_t i = 0; i < scopes->count; i++) {
        if (tx->rules->server_of(tx->rules->self, &scopes->id[i]) ==
                tx->node->identity->device ||
            sp_scope_is_everybodys(&scopes->id[i])) {
            scopes->id[kept++] = scopes->id[i];
        }
    }
    scopes->count = kept;
}

sp_err sp_place_scopes(struct sp_tx *tx, const struct sp_record *record,
    struct sp_scopes *out, bool *missing)
{
    struct sp_root root;
    /* A device's own writes that wait place nothing: no server knows them. */
    tx->cache->places_base = true;
    sp_err err = sp_tree_root(tx, NULL, record, &root);
    tx->cache->places_base = false;
    SP_TRY(err);
    *missing = root.leads && root.record == NULL;
    out->count = 0;
    err = tx->rules->scopes(tx->rules->self, record, root.record, out);
    if (err == SP_E_DEFERRED_PARENT) {
        /* It finds its scopes when the parent comes (sp_place_children). */
        out->count = 0;
        return SP_OK;
    }
    sp_place_keep_served(tx, out);
    return err;
}

/* ---- children ---------------------------------------------------------- */

static bool same_scopes(
    const struct sp_stored *s, const struct sp_scopes *scopes)
{
    struct sp_scopes now;
    sp_place_list(s, &now);
    if (now.count != scopes->count) {
        return false;
    }
    for (uint32_t i = 0; i < scopes->count; i++) {
        if (!sp_place_scopes_have(&now, &scopes->id[i])) {
            return false;
        }
    }
    return true;
}

/* Records whose children are still to be looked at. */
struct descent {
    struct sp_ref *ref;
    uint32_t count;
};

static sp_err descend(
    struct sp_tx *tx, struct descent *d, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < d->count; i++) {
        if (sp_ref_equal(&d->ref[i], ref)) {
            return SP_OK; /* a circle of forwards */
        }
    }
    d->ref = sp_arena_grow(&tx->arena, d->ref, d->count, sizeof *d->ref);
    if (d->ref == NULL) {
        return SP_E_NOMEM;
    }
    d->ref[d->count++] = *ref;
    return SP_OK;
}

static sp_err place_child(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct descent *d)
{
    struct sp_stored *s = sp_arena_take(arena, 1, sizeof *s);
    struct sp_scopes scopes;
    struct sp_lead lead;
    bool missing;
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, arena, s));
    if (s->record.count == 0) {
        return SP_OK;
    }
    SP_TRY(sp_place_scopes(tx, &s->record, &scopes, &missing));
    if (!same_scopes(s, &scopes)) {
        SP_TRY(sp_place_store(tx, s, &s->record, &scopes, NULL));
    }
    /* What belongs to an account that is another now moves with it. */
    return tx->rules->lead(tx->rules->self, &s->record, 0, &lead) &&
                   lead.forward
               ? descend(tx, d, ref)
               : SP_OK;
}

sp_err sp_place_children(struct sp_tx *tx, const struct sp_ref *parent)
{
    struct descent d = { NULL, 0 };
    struct sp_arena arena;
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX + 65536u);
    sp_err err = descend(tx, &d, parent);
    for (uint32_t at = 0; at < d.count && err == SP_OK; at++) {
        struct sp_key_list c = { .arena = &tx->arena };
        struct sp_kb prefix = sp_kb_ref(&d.ref[at]);
        err = sp_tx_keys(tx, SP_T_CHILD, &prefix, &c);
        for (size_t i = 0; i < c.count && err == SP_OK; i++) {
            struct sp_ref child;
            sp_arena_reset(&arena);
            sp_kb_read_ref(c.key[i].b + 18, &child);
            err = place_child(tx, &child, &arena, &d);
        }
    }
    sp_arena_free(&arena);
    return err;
}
