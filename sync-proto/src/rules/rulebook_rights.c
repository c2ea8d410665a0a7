#include "rulebook_rights.h"

static void add_rights(
    struct sp_rulebook_rights *r, const struct sp_rights *set)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->set[i] == set) {
            return;
        }
    }
    r->set[r->count++] = set;
}

/* What everybody has is written by those who speak for head office. */
static bool only_read(
    const struct sp_rulebook_trial *t, const struct sp_id *scope)
{
    uint32_t place = sp_rulebook_find_place(t->b, scope);

    return place != SP_RULEBOOK_NONE &&
           t->b->place[place].kind == SP_SCOPE_CATALOGUE &&
           t->b->place[place].item == SP_RULEBOOK_NONE &&
           t->person->authority < SP_AUTHORITY_HEAD_OFFICE;
}

/* As of that day: what the roles that he had were allowed, where he stands
 * today or stood when he did the work. */
static void collect_past(struct sp_rulebook_trial *t,
    const struct sp_scopes *scopes, struct sp_rulebook_rights *out)
{
    struct sp_rights_room *room = &t->room[out == &t->after ? 1 : 0];

    for (uint32_t i = 0; i < scopes->count; i++) {
        struct sp_standing s = sp_rulebook_reach_standing(
            t->b, t->person, &scopes->id[i], t->under.roster, t->now_ms);
        if ((i == 0 || s.reach == SP_REACH_OWN) &&
            !only_read(t, &scopes->id[i])) {
            sp_policy_add_rights(t->past, t->role, t->role_count, s.reach,
                t->entity, sp_scope_kind_of(&scopes->id[i]), room);
        }
    }
    if (room->rights.rule != 0) {
        add_rights(out, &room->rights);
    }
}

/*
 * A role reaches further than its holder by the own scope only: that a rep of
 * mine is on the team of another branch's account, or wrote there, lets him
 * write, not me.
 */
void sp_rulebook_rights_collect(struct sp_rulebook_trial *t,
    const struct sp_scopes *scopes, struct sp_rulebook_rights *out)
{
    if (t->past != NULL) {
        collect_past(t, scopes, out);
        return;
    }
    size_t entity = (size_t)(t->entity - t->b->dictionary->entity);
    bool then = t->entity->evidence || t->q->looking_back;
    uint32_t evidence = then ? t->under.roster : 0;

    for (uint32_t i = 0; i < scopes->count; i++) {
        struct sp_standing s = sp_rulebook_reach_standing(
            t->b, t->person, &scopes->id[i], evidence, t->now_ms);
        const struct sp_rights *set = t->b->grant[s.grant].rights;
        if (set != NULL && set[entity].rule != 0 &&
            (i == 0 || s.reach == SP_REACH_OWN) &&
            !only_read(t, &scopes->id[i])) {
            add_rights(out, &set[entity]);
        }
        if (i == 0 && !out->collected) {
            out->own = out->count;
        }
    }
    out->collected = true;
}

bool sp_rulebook_rights_create(const struct sp_rulebook_trial *t)
{
    for (uint32_t i = 0; i < t->after.count; i++) {
        if (t->after.set[i]->create) {
            return true;
        }
    }
    return false;
}

bool sp_rulebook_rights_again(
    const struct sp_rulebook_trial *t, const struct sp_write *w)
{
    const struct sp_register *reg =
        sp_record_find(t->q->before, w->key.field, w->key.element);

    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (!sp_slice_equal(reg->sibling[i].value, w->value)) {
            return false;
        }
    }
    /* Looking back, what stands is what the commit itself has put there. */
    return reg != NULL && reg->count > 0 && !t->q->looking_back;
}

/* Who has a record only because it is shared with him, or he is of its team,
 * does not pass it on. */
bool sp_rulebook_rights_write(const struct sp_rulebook_trial *t,
    const struct sp_rulebook_rights *r, const struct sp_write *w)
{
    uint16_t field = w->key.field;
    uint32_t count = field == t->entity->share ? r->own : r->count;
    bool initial = t->create || (sp_rulebook_rights_create(t) &&
                                    sp_rulebook_rights_again(t, w));

    for (uint32_t i = 0; i < count; i++) {
        const struct sp_rights *s = r->set[i];
        if (sp_policy_bit(s->write, s->words, field) ||
            sp_policy_bit(
                t->author ? s->write_own : s->write_others, s->words, field) ||
            (initial && sp_policy_bit(s->initial, s->words, field))) {
            return true;
        }
    }
    return false;
}

bool sp_rulebook_rights_remove(
    const struct sp_rulebook_trial *t, const struct sp_rulebook_rights *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_rights *s = r->set[i];
        if (s->remove || (t->author ? s->remove_own : s->remove_others)) {
            return true;
        }
    }
    return false;
}

/* Whether any grant of his speaks of the entity, wherever it is. */
bool sp_rulebook_rights_somewhere(const struct sp_rulebook_trial *t)
{
    size_t entity = (size_t)(t->entity - t->b->dictionary->entity);

    for (unsigned reach = SP_REACH_OWN; reach <= SP_REACH_ALL; reach++) {
        for (unsigned kind = 1; kind < SP_RULEBOOK_KINDS; kind++) {
            const struct sp_rights *set =
                t->b->grant[t->person->grant[reach][kind]].rights;
            if (set != NULL && set[entity].rule != 0) {
                return true;
            }
        }
    }
    return false;
}
