#include "book/charge.h"

static bool works(const struct sp_person *p)
{
    return p->status == SP_PERSON_ACTIVE;
}

static bool has_territory(const struct sp_person *p, struct sp_slice code)
{
    for (uint32_t i = 0; i < p->territory_count; i++) {
        if (sp_slice_equal(p->territory[i], code)) {
            return true;
        }
    }
    return false;
}

uint32_t cc_charge_of(
    const struct sp_rulebook *book, uint32_t owner, struct sp_slice territory)
{
    const struct sp_person *p =
        owner == 0 ? NULL : sp_rulebook_find_person(book, owner);

    if (owner != 0 && (p == NULL || works(p))) {
        return owner;
    }
    for (size_t i = 0;
         territory.size > 0 && (p = sp_rulebook_list_person(book, i)) != NULL;
         i++) {
        if (works(p) && has_territory(p, territory)) {
            return p->user;
        }
    }
    return 0;
}
