#include "rulebook.h"

#include "sp/hlc.h"

static bool among(const struct sp_rulebook_list *list, uint32_t item)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->item[i] == item) {
            return true;
        }
    }
    return false;
}

/* Places are sorted: a person may have hundreds. */
static bool owns(const struct sp_rulebook_list *own, uint32_t place)
{
    uint32_t low = 0, high = own->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2u;
        if (own->item[middle] < place) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low < own->count && own->item[low] == place;
}

/* SYNC J4: his when he did the work, by the roster that the commit names. */
static bool owned_then(
    const struct sp_rulebook_person *p, uint32_t place, uint32_t serial)
{
    for (uint32_t i = 0; i < p->left_count; i++) {
        if (p->left[i].place == place && serial <= p->left[i].serial) {
            return true;
        }
    }
    return false;
}

static bool shared(const struct sp_rulebook_person *p, uint32_t place,
    const struct sp_rulebook_place *at, uint64_t now_ms)
{
    for (uint32_t i = 0; i < p->share_count; i++) {
        const struct sp_rulebook_share *s = &p->share[i];
        uint32_t item = s->kind == SP_EXTRA_TERRITORY ? place
                        : s->kind == SP_EXTRA_UNIT    ? at->unit
                                                      : at->region;
        if (s->item == item && now_ms < s->end_ms) {
            return true;
        }
    }
    return false;
}

enum sp_reach sp_rulebook_reach(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, uint32_t place, uint32_t evidence,
    uint64_t now_ms)
{
    if (place == SP_RULEBOOK_NONE) {
        return SP_REACH_ALL;
    }
    const struct sp_rulebook_place *at = &b->place[place];
    bool region = at->region != SP_RULEBOOK_NONE;

    /* The organisation's catalogue is everybody's, a unit's its people's. */
    if (at->kind == SP_SCOPE_CATALOGUE &&
        (at->item == SP_RULEBOOK_NONE || at->unit == p->unit)) {
        return SP_REACH_OWN;
    }
    if (owns(&p->own, place) || among(&p->more_units, at->unit) ||
        (region && among(&p->more_regions, at->region)) ||
        shared(p, place, at, now_ms) ||
        (evidence > 0 && owned_then(p, place, evidence))) {
        return SP_REACH_OWN;
    }
    if (at->unit == p->unit) {
        return SP_REACH_BRANCH;
    }
    return region && among(&p->regions, at->region) ? SP_REACH_REGION
                                                    : SP_REACH_ALL;
}

/* Kind of a scope as it lies to a person: his own is one by itself, so that a
 * rule can speak of that alone. */
static unsigned kind_for(
    const struct sp_rulebook_person *p, const struct sp_id *scope)
{
    return sp_id_equal(scope, &p->scope) ? (unsigned)SP_SCOPE_SELF
                                         : (unsigned)sp_scope_kind_of(scope);
}

uint16_t sp_rulebook_reach_grant(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, uint32_t place, uint64_t now_ms)
{
    return p->grant[sp_rulebook_reach(b, p, place, 0, now_ms)]
                   [kind_for(p, &b->place[place].id)];
}

struct sp_standing sp_rulebook_reach_standing(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, const struct sp_id *scope,
    uint32_t evidence, uint64_t now_ms)
{
    unsigned kind = kind_for(p, scope);
    uint32_t place = sp_rulebook_find_place(b, scope);
    struct sp_standing s = { sp_rulebook_reach(b, p, place, evidence, now_ms),
        SP_GRANT_NOTHING };

    /* Ids come from outside: none is of the kind that only rules have. */
    if (kind < (unsigned)SP_SCOPE_SELF || sp_id_equal(scope, &p->scope)) {
        s.grant = p->grant[s.reach][kind];
    }
    return s;
}

bool sp_rulebook_reached(void *self, const struct sp_commit *c,
    const struct sp_serials *floor, const struct sp_id *scope)
{
    const struct sp_rulebook *b = self;
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, c->user);
    uint32_t roster = c->roster > floor->roster ? c->roster : floor->roster;

    return p != NULL &&
           sp_rulebook_reach_standing(b, p, scope, roster, sp_hlc_ms(c->time))
                   .grant != SP_GRANT_NOTHING;
}
