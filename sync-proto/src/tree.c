/* tree.c - where records lead: to what they belong to, to what they are now,
 * and, in a tree, to what they stand under (SYNC S1, M7). */
#include "engine.h"

/* One way up, in steps. At all times seen[i] led on by the value that stamp[i]
 * stands at. */
struct walk {
    struct sp_tx *tx;
    const struct sp_known *known;
    const struct sp_record *first;
    uint16_t tree;  /* field, 0: the way to what places it */
    bool forwards;  /* only as far as forwards go */
    uint32_t count; /* steps made */
    struct sp_ref seen[SP_TREE_HOPS_MAX];
    struct sp_dot dot[SP_TREE_HOPS_MAX];
    uint32_t back; /* the step that it came back to; count: to none */
    bool deep;
    uint32_t forward; /* first step that was a forward; count: none was */
    sp_hlc merged;    /* when that was decided */
    struct sp_ref ref;
    const struct sp_record *end; /* NULL: not known here */
};

static sp_err find(
    struct walk *w, const struct sp_ref *ref, const struct sp_record **out)
{
    if (sp_ref_equal(&w->first->ref, ref)) {
        *out = w->first;
        return SP_OK;
    }
    for (uint32_t i = 0; w->known != NULL && i < w->known->count; i++) {
        if (sp_ref_equal(&w->known->work[i].after.ref, ref)) {
            *out = &w->known->work[i].after;
            return SP_OK;
        }
    }
    return sp_place_cached(w->tx, ref, out);
}

static void note_step(
    struct walk *w, const struct sp_record *at, const struct sp_lead *lead)
{
    if (lead->forward && w->forward == w->count) {
        w->merged = lead->stamp.time;
    } else if (w->forward == w->count) {
        w->forward++;
    }
    w->seen[w->count] = at->ref;
    w->dot[w->count++] = lead->stamp.dot;
    w->ref = lead->to;
    w->back = w->count;
    for (uint32_t i = 0; i < w->count; i++) {
        if (sp_ref_equal(&w->seen[i], &lead->to)) {
            w->back = i;
        }
    }
}

/* A circle is shown broken at its greatest dot: who stands there leads nowhere
 * (SYNC M7). Which one is for whoever walks it the same. */
static uint32_t broken_at(const struct walk *w)
{
    uint32_t best = w->back;

    for (uint32_t i = w->back; i < w->count; i++) {
        if (sp_dot_cmp(&w->dot[i], &w->dot[best]) > 0) {
            best = i;
        }
    }
    return best;
}

static sp_err go(struct walk *w)
{
    const struct sp_rules *rules = w->tx->rules;
    const struct sp_record *at = w->first;
    struct sp_lead lead;

    w->ref = at->ref;
    while (at != NULL && rules->lead(rules->self, at, w->tree, &lead) &&
           (lead.forward || !w->forwards)) {
        note_step(w, at, &lead);
        if (w->back < w->count) {
            w->ref = w->seen[broken_at(w)];
            return find(w, &w->ref, &w->end);
        }
        if (w->count == SP_TREE_HOPS_MAX) {
            w->deep = true; /* only servers apart can build so high */
            return SP_OK;
        }
        SP_TRY(find(w, &lead.to, &at));
    }
    w->end = at;
    return SP_OK;
}

sp_err sp_tree_root(struct sp_tx *tx, const struct sp_known *known,
    const struct sp_record *record, struct sp_root *out)
{
    struct walk w = { .tx = tx, .known = known, .first = record };

    SP_TRY(go(&w));
    *out = (struct sp_root){ .leads = w.count > 0,
        .ref = w.ref,
        .record = w.count > 0 ? w.end : NULL,
        .merged = w.forward < w.count,
        .merged_at = w.merged };
    if (out->merged) {
        out->absorbed = w.seen[w.forward];
    }
    return SP_OK;
}

/* ---- what was merged into a record -------------------------------------- */

static sp_err is_forwarded(
    struct sp_tx *tx, const struct sp_ref *ref, bool *out)
{
    const struct sp_record *r;
    struct sp_lead lead;

    SP_TRY(sp_place_cached(tx, ref, &r));
    *out = r != NULL && tx->rules->lead(tx->rules->self, r, 0, &lead) &&
           lead.forward;
    return SP_OK;
}

static sp_err add_ref(struct sp_refs *l, const struct sp_ref *ref)
{
    for (size_t i = 0; i < l->count; i++) {
        if (sp_ref_equal(&l->ref[i], ref)) {
            return SP_OK; /* a circle of forwards */
        }
    }
    l->ref = sp_arena_grow(l->arena, l->ref, l->count, sizeof *l->ref);
    if (l->ref == NULL) {
        return SP_E_NOMEM;
    }
    l->ref[l->count++] = *ref;
    return SP_OK;
}

sp_err sp_tree_absorbed(
    struct sp_tx *tx, const struct sp_ref *ref, struct sp_refs *out)
{
    SP_TRY(add_ref(out, ref));
    for (size_t at = 0; at < out->count; at++) {
        struct sp_key_list c = { .arena = out->arena };
        struct sp_kb prefix = sp_kb_ref(&out->ref[at]);
        sp_kb_add_u16(&prefix, ref->type);
        SP_TRY(sp_tx_keys(tx, SP_T_CHILD, &prefix, &c));
        for (size_t i = 0; i < c.count; i++) {
            struct sp_ref child;
            bool forwarded;
            sp_kb_read_ref(c.key[i].b + 18, &child);
            SP_TRY(is_forwarded(tx, &child, &forwarded));
            if (forwarded) {
                SP_TRY(add_ref(out, &child));
            }
        }
    }
    return SP_OK;
}

/* ---- trees --------------------------------------------------------------- */

sp_err sp_tree_closes(struct sp_tx *tx, const struct sp_known *known,
    const struct sp_record *record, uint16_t tree, bool *circle, bool *deep)
{
    struct walk w = { .tx = tx, .known = known, .first = record, .tree = tree };

    SP_TRY(go(&w));
    *circle = w.count > 0 && w.back == 0;
    *deep = w.deep;
    return SP_OK;
}

sp_err sp_tree_broken(
    struct sp_tx *tx, const struct sp_record *record, uint16_t tree, bool *out)
{
    struct walk w = { .tx = tx, .first = record, .tree = tree };

    SP_TRY(go(&w));
    *out = w.back < w.count && broken_at(&w) == 0;
    return SP_OK;
}

sp_err sp_tree_survivor(
    struct sp_tx *tx, const struct sp_record *record, struct sp_ref *out)
{
    struct walk w = { .tx = tx, .first = record, .forwards = true };

    SP_TRY(go(&w));
    *out = w.end != NULL ? w.ref : record->ref;
    return SP_OK;
}

sp_err sp_tree_parent(struct sp_tx *tx, const struct sp_record *record,
    struct sp_ref *out, bool *has)
{
    const struct sp_rules *rules = tx->rules;
    struct sp_root root;

    *has = rules->parent(rules->self, record, out);
    if (!*has) {
        return SP_OK;
    }
    SP_TRY(sp_tree_root(tx, NULL, record, &root));
    if (root.record != NULL) {
        *out = root.ref;
    }
    return SP_OK;
}
