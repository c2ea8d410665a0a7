#include "book/cover.h"

/* Whether the user of the device reads it in that scope. */
static bool reads(
    const struct cc_cover *c, struct sp_id scope, struct cc_cover_field f)
{
    /* The rulebook is not written to; the table of functions has it so. */
    struct sp_rules rules =
        sp_rulebook_rules((struct sp_rulebook *)(uintptr_t)c->book);
    uint16_t grant = sp_rulebook_standing(c->book, c->user, &scope, 0).grant;

    return grant != SP_GRANT_NOTHING &&
           rules.reads(rules.self, grant, f.type, f.field);
}

/* Whether the records of a unit come here at all. */
static bool comes_here(const struct cc_cover *c, const struct sp_roster *unit)
{
    return c->upper || sp_slice_equal(c->unit, unit->unit);
}

static bool works(const struct sp_person *p)
{
    return p->status == SP_PERSON_ACTIVE;
}

bool cc_cover_people(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f)
{
    if (unit == NULL || !comes_here(c, unit)) {
        return false;
    }
    for (uint32_t i = 0; c->user != 0 && i < unit->person_count; i++) {
        const struct sp_person *p = &unit->person[i];

        if (works(p) && cc_cover_in_field(c->book, p) &&
            !reads(c, sp_scope_person(p->user), f)) {
            return false;
        }
    }
    return true;
}

bool cc_cover_unit(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f)
{
    if (unit == NULL || !comes_here(c, unit)) {
        return false;
    }
    if (unit->territory_count == 0) {
        return cc_cover_people(c, unit, f);
    }
    for (uint32_t i = 0; c->user != 0 && i < unit->territory_count; i++) {
        if (!reads(c,
                sp_scope_make(SP_SCOPE_TERRITORY, unit->territory[i].code),
                f)) {
            return false;
        }
    }
    return true;
}

bool cc_cover_person(const struct cc_cover *c, const struct sp_person *person,
    struct cc_cover_field f)
{
    const struct sp_roster *unit =
        sp_rulebook_find_unit_of(c->book, person->user);

    return cc_cover_unit(c, unit, f) ||
           (c->user == person->user && reads(c, sp_scope_person(c->user), f));
}

bool cc_cover_catalogue(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f)
{
    return unit != NULL && comes_here(c, unit) &&
           (c->user == 0 ||
               reads(c, sp_scope_make(SP_SCOPE_CATALOGUE, unit->unit), f));
}

bool cc_cover_somewhere(const struct cc_cover *c, struct cc_cover_field f)
{
    bool found = c->user == 0 || reads(c, sp_scope_person(c->user), f);
    const struct sp_territory *t;

    for (size_t i = 0;
         !found && (t = sp_rulebook_list_territory(c->book, i)) != NULL; i++) {
        found = reads(c, sp_scope_make(SP_SCOPE_TERRITORY, t->code), f);
    }
    return found;
}

bool cc_cover_in_field(
    const struct sp_rulebook *book, const struct sp_person *person)
{
    const struct sp_policy *policy = sp_rulebook_policy(book);

    for (uint32_t i = 0; i < person->role_count; i++) {
        const struct sp_role *r = sp_policy_role(policy, person->role[i]);

        if (r != NULL && r->reach == SP_REACH_OWN) {
            return true;
        }
    }
    return false;
}
