/*
 * hidden.c - what exists, but not for the author of a commit.
 *
 * Who may not know of a record must not find out by writing about it: he gets
 * the answer that he would get if it were not there, "waits for the record
 * that it belongs to", and when it comes into his reach it is judged. Who had
 * it once is told plainly that it is no longer his: a left mark has told him
 * that it went (SYNC S1).
 */
#include "engine.h"

/* Whose question it is. */
struct asker {
    struct sp_tx *tx;
    const struct sp_commit *commit;
    struct sp_serials floor;
};

static bool may_know(const struct asker *a, const struct sp_id *scope)
{
    const struct sp_rules *rules = a->tx->rules;
    return rules->reached(rules->self, a->commit, &a->floor, scope);
}

/* What he has written to it was accepted: the state holds nothing else. */
static bool has_written(const struct asker *a, const struct sp_record *r)
{
    uint32_t device = sp_replica_device(a->commit->replica);
    bool out = false;
    for (uint32_t i = 0; i < r->count && !out; i++) {
        const struct sp_register *reg = &r->reg[i];
        for (uint32_t k = 0; k < reg->context.count && !out; k++) {
            out = sp_replica_device(reg->context.dot[k].replica) == device;
        }
        for (uint32_t k = 0; k < reg->count && !out; k++) {
            out = reg->sibling[k].stamp.user == a->commit->user;
        }
    }
    return out;
}

/* His write names a dot that stands in the record exactly: he has seen it,
 * where this server did not have it. */
static bool has_seen(const struct sp_work *w)
{
    for (uint32_t i = 0; i < w->change->count; i++) {
        const struct sp_write *write = &w->change->write[i];
        const struct sp_register *reg = sp_record_find(
            &w->before->record, write->key.field, write->key.element);
        for (uint32_t k = 0; reg != NULL && k < write->context.count; k++) {
            const struct sp_dot *dot = &write->context.dot[k];
            if (sp_vector_get(&reg->context, dot->replica) == dot->counter) {
                return true;
            }
        }
    }
    return false;
}

/* Whether he reaches a place where a stored record is or was, or a scope that
 * it is in by the rules, here or at another server; or wrote to it. */
static bool knows(const struct asker *a, const struct sp_stored *s,
    const struct sp_scopes *scopes)
{
    bool out = has_written(a, &s->record);
    for (uint32_t i = 0; i < s->count && !out; i++) {
        out = may_know(a, &s->place[i].scope);
    }
    for (uint32_t i = 0; i < scopes->count && !out; i++) {
        out = may_know(a, &scopes->id[i]);
    }
    return out;
}

static sp_err look(
    const struct asker *a, const struct sp_ref *ref, bool *reached)
{
    struct sp_stored *s = sp_arena_take(&a->tx->scratch, 1, sizeof *s);
    struct sp_scopes scopes = { .count = 0 };
    bool missing;
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    if (*reached) {
        return SP_OK;
    }
    SP_TRY(sp_place_load(a->tx, ref, &a->tx->scratch, s));
    if (s->record.count > 0) {
        SP_TRY(sp_place_scopes(a->tx, &s->record, &scopes, &missing));
    }
    *reached = knows(a, s, &scopes);
    return SP_OK;
}

/* Made by the commit at hand, before or behind: no secret to its author. */
static bool is_own(const struct sp_commit *c, const struct sp_work *work,
    const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (work[i].before->record.count == 0 &&
            sp_ref_equal(&work[i].change->ref, ref)) {
            return true;
        }
    }
    return false;
}

/* Whether the change puts the record under another one. */
static bool puts_under(
    struct sp_tx *tx, const struct sp_work *w, struct sp_ref *out)
{
    const struct sp_rules *rules = tx->rules;
    struct sp_ref had;
    return rules->parent(rules->self, &w->after, out) &&
           !(rules->parent(rules->self, &w->before->record, &had) &&
               sp_ref_equal(&had, out));
}

/* The parent that a change names, what that is now, what it was before a
 * merge: he knows it if he reached any of them. */
static sp_err find_parent(const struct asker *a, const struct sp_work *work,
    uint32_t i, struct sp_ref *ref, bool *hidden)
{
    const struct sp_commit *c = a->commit;
    const struct sp_known known = { work, i };
    struct sp_root root;
    bool reached = false;
    if (!puts_under(a->tx, &work[i], ref) || is_own(c, work, ref)) {
        return SP_OK;
    }
    SP_TRY(sp_tree_root(a->tx, &known, &work[i].after, &root));
    if (!root.leads || is_own(c, work, &root.ref)) {
        return SP_OK;
    }
    SP_TRY(look(a, ref, &reached));
    SP_TRY(look(a, &root.ref, &reached));
    if (root.merged) {
        SP_TRY(look(a, &root.absorbed, &reached));
    }
    *hidden = !reached;
    return SP_OK;
}

sp_err sp_hidden_find(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_ref *ref, bool *hidden)
{
    struct asker a = { .tx = tx, .commit = c };
    *hidden = false;
    if (c->user == 0) {
        return SP_OK; /* a server's own */
    }
    SP_TRY(sp_node_floor(tx, c, &a.floor));
    for (uint32_t i = 0; i < c->count && !*hidden; i++) {
        const struct sp_work *w = &work[i];
        *ref = w->change->ref;
        *hidden = w->before->record.count > 0 &&
                  !knows(&a, w->before, &w->scopes_before) && !has_seen(w);
        if (!*hidden) {
            SP_TRY(find_parent(&a, work, i, ref, hidden));
        }
    }
    return SP_OK;
}
