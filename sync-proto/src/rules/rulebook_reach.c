#include "rulebook.h"

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

enum sp_reach sp_rulebook_reach(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, uint32_t place, uint32_t evidence)
{
    if (place == SP_RULEBOOK_NONE) {
        return SP_REACH_ALL;
    }
    const struct sp_rulebook_place *at = &b->place[place];
    bool region = at->region != SP_RULEBOOK_NONE;

    if (owns(&p->own, place) || among(&p->more_units, at->unit) ||
        (region && among(&p->more_regions, at->region)) ||
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
    const struct sp_rulebook_person *p, uint32_t place)
{
    return p->grant[sp_rulebook_reach(b, p, place, 0)]
                   [kind_for(p, &b->place[place].id)];
}

struct sp_standing sp_rulebook_reach_standing(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, const struct sp_id *scope,
    uint32_t evidence)
{
    unsigned kind = kind_for(p, scope);
    uint32_t place = sp_rulebook_find_place(b, scope);
    struct sp_standing s = { sp_rulebook_reach(b, p, place, evidence),
        SP_GRANT_NOTHING };

    /* Ids come from outside: none is of the kind that only rules have. */
    if (kind < (unsigned)SP_SCOPE_SELF || sp_id_equal(scope, &p->scope)) {
        s.grant = p->grant[s.reach][kind];
    }
    return s;
}
