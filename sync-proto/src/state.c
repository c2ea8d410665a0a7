/* state.c - records as they are stored, and as the user sees them. */
#include "engine.h"

#include <stdlib.h>

/* Refs of what belongs to an account and to those merged into it. */
#define CHILDREN_BYTES_MAX (16u * 1024u * 1024u)

sp_err sp_state_get(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out)
{
    struct sp_stored *s = sp_arena_take(arena, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, arena, s));
    if (s->record.count == 0) {
        return SP_E_NOT_FOUND;
    }
    *out = s->record;
    return SP_OK;
}

sp_err sp_state_scopes(
    struct sp_tx *tx, const struct sp_ref *ref, struct sp_scopes *out)
{
    struct sp_arena arena;
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    struct sp_stored s;
    sp_err err = sp_place_load(tx, ref, &arena, &s);
    if (err == SP_OK && s.record.count == 0) {
        err = SP_E_NOT_FOUND;
    }
    if (err == SP_OK) {
        sp_place_list(&s, out);
    }
    sp_arena_free(&arena);
    return err;
}

/* ---- base and own writes (SYNC F6) ------------------------------------- */

struct replay {
    struct sp_tx *tx;
    struct sp_arena *arena;
    struct sp_record *record;
    uint32_t count;
};

static const struct sp_change *find_change(
    const struct sp_commit *c, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (sp_ref_equal(&c->change[i].ref, ref)) {
            return &c->change[i];
        }
    }
    return NULL;
}

static sp_err replay_one(struct replay *r, sp_replica replica, uint64_t n)
{
    struct sp_commit c;
    uint32_t changed;
    SP_TRY(sp_log_commit(r->tx, replica, n, r->arena, &c));
    const struct sp_change *change = find_change(&c, &r->record->ref);
    if (change == NULL) {
        return SP_E_CORRUPT;
    }
    struct sp_stamp stamp = sp_commit_stamp(&c);
    r->count++;
    return sp_merge_write(
        r->record, change, &stamp, r->arena, r->record, &changed);
}

static sp_err replay_key(void *arg, struct sp_slice key, struct sp_slice value)
{
    (void)value;
    SP_ASSERT(key.size == 34);
    return replay_one(
        arg, sp_get_u64be(key.data + 18), sp_get_u64be(key.data + 26));
}

static sp_err replay_own(struct sp_tx *tx, struct sp_arena *arena,
    struct sp_record *record, uint32_t *count)
{
    struct replay r = { tx, arena, record, 0 };
    struct sp_kb prefix = sp_kb_ref(&record->ref);
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_OWN, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, false, replay_key, &r));
    *count = r.count;
    return SP_OK;
}

/* ---- through the grants (SYNC S5) -------------------------------------- */

sp_err sp_state_shows(struct sp_tx *tx, const struct sp_scopes *scopes,
    uint16_t type, uint16_t field, bool *out)
{
    *out = false;
    for (uint32_t i = 0; i < scopes->count && !*out; i++) {
        struct sp_scope_state *s;
        SP_TRY(sp_tx_scope(tx, &scopes->id[i], &s));
        SP_TRY(sp_proof_shows(tx, s, type, field, out));
    }
    return SP_OK;
}

sp_err sp_state_shown(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_scopes *scopes, const struct sp_record *record,
    struct sp_record *out)
{
    uint32_t n = 0;
    *out = *record;
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    struct sp_register *keep =
        sp_arena_take(arena, record->count + 1u, sizeof *keep);
    if (keep == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        bool shown;
        SP_TRY(sp_state_shows(
            tx, scopes, record->ref.type, record->reg[i].key.field, &shown));
        if (shown) {
            keep[n++] = record->reg[i];
        }
    }
    *out = (struct sp_record){ record->ref, n, keep };
    return SP_OK;
}

/* The base is narrowed already: only own writes, and keys that are still on
 * their way, can be what no grant shows. A record that nobody has delivered
 * is its author's own. */
static sp_err show(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_stored *s, uint32_t own, struct sp_record *view)
{
    struct sp_scopes scopes;
    bool look = own > 0;
    sp_place_list(s, &scopes);
    for (uint32_t i = 0; i < scopes.count && !look; i++) {
        struct sp_scope_state *state;
        SP_TRY(sp_tx_scope(tx, &scopes.id[i], &state));
        look = state->wider.size > 0;
    }
    return look && scopes.count > 0
               ? sp_state_shown(tx, arena, &scopes, view, view)
               : SP_OK;
}

/* replay: there can be own writes. */
static sp_err view_stored(struct sp_tx *tx, const struct sp_stored *s,
    bool replay, struct sp_arena *arena, struct sp_record *out,
    uint32_t *unresolved)
{
    uint32_t own = 0;
    struct sp_record view = s->record;
    if (sp_tx_is_server(tx) && view.count == 0) {
        return SP_E_NOT_FOUND; /* as of all that is made */
    }
    if (!sp_tx_is_server(tx)) {
        if (replay) {
            SP_TRY(replay_own(tx, arena, &view, &own));
        }
        SP_TRY(show(tx, arena, s, own, &view));
    }
    uint32_t made;
    SP_TRY(tx->rules->derive(tx->rules->self, &view,
        own > 0 ? SP_MAKE_SHOWN : SP_MAKE_NONE, arena, &view, &made));
    if (view.count == 0) {
        return SP_E_NOT_FOUND;
    }
    SP_TRY(tx->rules->view(tx->rules->self, &view, arena, out));
    if (unresolved != NULL) {
        *unresolved = own;
    }
    return SP_OK;
}

sp_err sp_state_view(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out, uint32_t *unresolved)
{
    struct sp_stored *s = sp_arena_take(arena, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, arena, s));
    return view_stored(tx, s, true, arena, out, unresolved);
}

/* ---- walks ------------------------------------------------------------- */

/* Where a walk of records stands: the next one that is stored, and the next
 * one that was written here. */
struct record_walk {
    struct sp_tx *tx;
    uint16_t type;
    struct sp_kb from;
    bool stored_known, own_known; /* as read; else they are sought */
    bool has_stored, has_own;
    struct sp_ref stored, own;
    struct sp_slice value; /* of stored, while nothing else is read */
};

static sp_err next_ref(struct record_walk *w, enum sp_table table,
    struct sp_slice *value, struct sp_ref *out, bool *has)
{
    struct sp_slice key;
    sp_err err = w->tx->node->store->seek(
        w->tx->txn, table, sp_kb_slice(&w->from), false, &key, value);
    *has = err == SP_OK && key.size >= 18 && sp_get_u16be(key.data) == w->type;
    if (*has) {
        sp_kb_read_ref(key.data, out);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* What lies ahead is looked up once: own writes are few, so asking for them
 * behind each record costs as much as the records. Who is called in a write
 * transaction may write ahead of the walk: there all is looked up anew. */
static sp_err look_ahead(struct record_walk *w)
{
    if (!w->own_known && !sp_tx_is_server(w->tx)) {
        SP_TRY(next_ref(w, SP_T_OWN, NULL, &w->own, &w->has_own));
    }
    w->own_known = !w->tx->write;
    w->value = (struct sp_slice){ 0 };
    if (!w->stored_known) {
        SP_TRY(next_ref(w, SP_T_RECORD, &w->value, &w->stored, &w->has_stored));
    }
    w->stored_known = !w->tx->write;
    return SP_OK;
}

/* The next record that is stored or written here, and whether it was written
 * here. SP_E_NOT_FOUND behind the last. */
static sp_err next_record(struct record_walk *w, struct sp_ref *out, bool *own)
{
    SP_TRY(look_ahead(w));
    if (!w->has_stored && !w->has_own) {
        return SP_E_NOT_FOUND;
    }
    int order = !w->has_own      ? -1
                : !w->has_stored ? 1
                                 : sp_id_cmp(&w->stored.id, &w->own.id);
    *out = order <= 0 ? w->stored : w->own;
    *own = order >= 0;
    w->stored_known = w->stored_known && (order > 0 || !w->has_stored);
    w->own_known = w->own_known && (order < 0 || !w->has_own);
    w->from = sp_kb_ref(out);
    memset(w->from.b + w->from.size, 0xff, 18); /* just behind it */
    w->from.size += 18;
    return SP_OK;
}

static sp_err view_next(const struct record_walk *w, const struct sp_ref *ref,
    bool own, struct sp_arena *arena, struct sp_record *out)
{
    struct sp_stored *s = sp_arena_take(arena, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(w->value.size > 0 && sp_ref_equal(ref, &w->stored)
               ? sp_place_read(w->value, arena, s)
               : sp_place_load(w->tx, ref, arena, s));
    return view_stored(w->tx, s, own, arena, out, NULL);
}

sp_err sp_state_walk(struct sp_tx *tx, uint16_t type, const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct sp_arena arena;
    sp_arena_init(&arena, 8u * SP_RECORD_BYTES_MAX);
    struct sp_ref ref = { .type = type };
    if (after != NULL) {
        ref.id = *after;
    }
    struct record_walk w = { .tx = tx, .type = type, .from = sp_kb_ref(&ref) };
    if (after != NULL) {
        memset(w.from.b + w.from.size, 0xff, 18); /* just behind it */
        w.from.size += 18;
    }
    sp_err err = SP_OK;
    while (err == SP_OK) {
        struct sp_record view;
        bool own;
        err = next_record(&w, &ref, &own);
        if (err != SP_OK) {
            break;
        }
        sp_arena_reset(&arena);
        err = view_next(&w, &ref, own, &arena, &view);
        if (err == SP_OK) {
            err = each(arg, &view);
        } else if (err == SP_E_NOT_FOUND) {
            err = SP_OK; /* only a left mark, or a refused create */
        }
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

struct child_walk {
    sp_err (*each)(void *arg, const struct sp_ref *child);
    void *arg;
};

static sp_err each_child(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct child_walk *w = arg;
    struct sp_ref child;
    (void)value;
    SP_ASSERT(key.size == 36);
    sp_kb_read_ref(key.data + 18, &child);
    return w->each(w->arg, &child);
}

static sp_err children_back(
    struct sp_tx *tx, const struct sp_kb *prefix, struct child_walk *w)
{
    struct sp_kb from = *prefix;
    memset(from.b + from.size, 0xff, 40);
    from.size += 40;
    for (;;) {
        struct sp_slice key;
        sp_err err = tx->node->store->seek(
            tx->txn, SP_T_CHILD, sp_kb_slice(&from), true, &key, NULL);
        if (err == SP_E_NOT_FOUND ||
            (err == SP_OK && (key.size != 36 || memcmp(key.data, prefix->b,
                                                    prefix->size) != 0))) {
            return SP_OK;
        }
        SP_TRY(err);
        memcpy(from.b, key.data, key.size);
        from.size = key.size;
        err = each_child(w, key, (struct sp_slice){ 0 });
        if (err != SP_OK) {
            return err == SP_E_NOT_FOUND ? SP_OK : err;
        }
        /* Just before this key: one less, as a big number. */
        size_t i = from.size;
        while (i > 0 && from.b[--i]-- == 0) {
        }
    }
}

static sp_err list_child(void *arg, const struct sp_ref *child)
{
    struct sp_refs *l = arg;
    l->ref = sp_arena_grow(l->arena, l->ref, l->count, sizeof *l->ref);
    if (l->ref == NULL) {
        return SP_E_NOMEM;
    }
    l->ref[l->count++] = *child;
    return SP_OK;
}

static int order_refs(const void *a, const void *b)
{
    const struct sp_ref *x = a, *y = b;
    return x->type != y->type ? (x->type < y->type ? -1 : 1)
                              : sp_id_cmp(&x->id, &y->id);
}

/* The children of a record and of those that were merged into it, as one list
 * in order. */
static sp_err children_of_all(struct sp_tx *tx, const struct sp_refs *all,
    uint16_t type, bool backward, struct child_walk *w)
{
    struct sp_refs l = { .arena = all->arena };
    struct child_walk collect = { list_child, &l };
    sp_err err = SP_OK;
    for (size_t i = 0; i < all->count; i++) {
        struct sp_kb prefix = sp_kb_ref(&all->ref[i]);
        if (type != 0) {
            sp_kb_add_u16(&prefix, type);
        }
        SP_TRY(tx->node->store->walk(tx->txn, SP_T_CHILD, sp_kb_slice(&prefix),
            (struct sp_slice){ 0 }, false, each_child, &collect));
    }
    if (l.count > 1) {
        qsort(l.ref, l.count, sizeof *l.ref, order_refs);
    }
    for (size_t i = 0; i < l.count && err == SP_OK; i++) {
        err = w->each(w->arg, &l.ref[backward ? l.count - 1 - i : i]);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

sp_err sp_state_children(struct sp_tx *tx, const struct sp_ref *parent,
    uint16_t type, bool backward,
    sp_err (*each)(void *arg, const struct sp_ref *child), void *arg)
{
    struct child_walk w = { each, arg };
    struct sp_kb prefix = sp_kb_ref(parent);
    struct sp_arena arena;
    struct sp_refs all = { .arena = &arena };
    sp_arena_init(&arena, CHILDREN_BYTES_MAX);
    sp_err err = sp_tree_absorbed(tx, parent, &all);
    if (type != 0) {
        sp_kb_add_u16(&prefix, type);
    }
    if (err == SP_OK && all.count > 1) {
        err = children_of_all(tx, &all, type, backward, &w);
    } else if (err == SP_OK && backward) {
        err = children_back(tx, &prefix, &w);
    } else if (err == SP_OK) {
        err = tx->node->store->walk(tx->txn, SP_T_CHILD, sp_kb_slice(&prefix),
            (struct sp_slice){ 0 }, false, each_child, &w);
    }
    sp_arena_free(&arena);
    return err;
}
