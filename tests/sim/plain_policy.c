#include "plain_policy.h"

#include "sp/pack.h"

#include <stdlib.h>
#include <string.h>

enum { EDITIONS = 64, PEOPLE = 9, ROLES = 5 };
enum { REP = 1, MANAGER = 2, ANALYST = 3, ADMIN = 4 };

static const char *const territories[PLAIN_TERRITORIES] = { "H-1", "A-1", "A-2",
    "B-1", "B-2" };
/* Unit of each: 0 head office, 1 A, 2 B. */
static const unsigned territory_unit[PLAIN_TERRITORIES] = { 0, 1, 1, 2, 2 };

static const struct {
    uint32_t user;
    unsigned unit;
    int role;
    unsigned territories; /* bits */
} people[PEOPLE] = {
    { 1, 0, ADMIN, 0 },
    { 2, 0, ANALYST, 0 },
    { 10, 1, MANAGER, 0 },
    { 11, 1, REP, 1u << 1 },
    { 12, 1, REP, 1u << 2 },
    { 13, 1, REP, 1u << 1 | 1u << 2 },
    { 20, 2, MANAGER, 0 },
    { 21, 2, REP, 1u << 3 },
    { 22, 2, REP, 1u << 4 },
};

/* Readable fields, zero ends a list. */
static const uint16_t rep_reads[PLAIN_TYPES][PLAIN_FIELDS] = {
    [PLAIN_ACCOUNT] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        17, 18 },
    [PLAIN_CONTACT] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 20, 21, 22,
        23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39 },
    [PLAIN_VISIT] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 },
    [PLAIN_NOTE] = { 1, 2, 3, 4, 5, 6, 7 },
};
static const uint16_t manager_reads[PLAIN_TYPES][PLAIN_FIELDS] = {
    [PLAIN_ACCOUNT] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        17, 18 },
    [PLAIN_CONTACT] = { 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22, 23, 24, 25, 26, 27,
        28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39 },
    [PLAIN_VISIT] = { 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13 },
    [PLAIN_NOTE] = { 1, 2, 3, 4, 5, 6, 7 },
};
static const uint16_t analyst_reads[PLAIN_TYPES][PLAIN_FIELDS] = {
    [PLAIN_ACCOUNT] = { 1, 2, 4, 5, 6, 7, 11, 12, 14, 15, 16, 17, 18 },
    [PLAIN_CONTACT] = { 1, 2 },
    [PLAIN_VISIT] = { 1, 2, 3, 4, 5, 6, 9, 12, 13 },
    [PLAIN_NOTE] = { 1, 2, 3, 5, 6 },
};

struct grants {
    bool read[ROLES][PLAIN_TYPES][PLAIN_FIELDS];
};

struct plain_policy {
    /* By serial; a serial that nobody published holds what the one before
     * said. */
    struct grants *policy[EDITIONS];
    unsigned roster[EDITIONS][PEOPLE]; /* territory bits */
    uint32_t policies, rosters;        /* newest serials */
};

/* ---- editions ---------------------------------------------------------- */

static void fill(
    struct grants *g, int role, const uint16_t reads[PLAIN_TYPES][PLAIN_FIELDS])
{
    for (unsigned type = 1; type < PLAIN_TYPES; type++) {
        for (unsigned i = 0; i < PLAIN_FIELDS && reads[type][i] != 0; i++) {
            g->read[role][type][reads[type][i]] = true;
            g->read[role][type][0] = true; /* that it was deleted */
        }
    }
}

struct plain_policy *plain_policy_new(
    uint32_t policy_serial, uint32_t roster_serial)
{
    struct plain_policy *p = calloc(1, sizeof(*p));

    SP_ASSERT(p != NULL);
    SP_ASSERT(policy_serial < EDITIONS && roster_serial < EDITIONS);
    p->policies = policy_serial;
    p->rosters = roster_serial;
    p->policy[policy_serial] = calloc(1, sizeof(struct grants));
    SP_ASSERT(p->policy[policy_serial] != NULL);
    fill(p->policy[policy_serial], REP, rep_reads);
    fill(p->policy[policy_serial], MANAGER, manager_reads);
    fill(p->policy[policy_serial], ANALYST, analyst_reads);
    for (unsigned i = 0; i < PEOPLE; i++) {
        p->roster[roster_serial][i] = people[i].territories;
    }
    return p;
}

void plain_policy_free(struct plain_policy *p)
{
    for (unsigned i = 0; p != NULL && i < EDITIONS; i++) {
        free(p->policy[i]);
    }
    free(p);
}

static unsigned person_index(uint32_t user)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        if (people[i].user == user) {
            return i;
        }
    }
    SP_ASSERT(user == 0); /* nobody of the organisation */
    return 0;
}

unsigned plain_policy_territory(struct sp_slice code)
{
    for (unsigned i = 0; i < PLAIN_TERRITORIES; i++) {
        if (sp_slice_equal(code, sp_slice_text(territories[i]))) {
            return 1u << i;
        }
    }
    return 0;
}

void plain_policy_assign(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, uint32_t count, const char *const *territory)
{
    unsigned *bits = p->roster[roster_serial];

    SP_ASSERT(roster_serial < EDITIONS && roster_serial == p->rosters + 1u);
    memcpy(bits, p->roster[p->rosters], sizeof(p->roster[0]));
    p->rosters = roster_serial;
    unsigned *his = &bits[person_index(user)];
    *his = 0;
    for (uint32_t i = 0; i < count; i++) {
        *his |= plain_policy_territory(sp_slice_text(territory[i]));
    }
}

void plain_policy_grant(struct plain_policy *p, uint32_t policy_serial,
    int role, uint16_t type, uint16_t field, bool granted)
{
    struct grants *g = calloc(1, sizeof(*g));

    SP_ASSERT(g != NULL);
    SP_ASSERT(policy_serial < EDITIONS && policy_serial == p->policies + 1u);
    *g = *p->policy[p->policies];
    g->read[role][type][field] = granted;
    p->policy[policy_serial] = g;
    p->policies = policy_serial;
}

/* ---- places ------------------------------------------------------------ */

const struct sp_sibling *plain_shown(const struct sp_record *r, uint16_t field)
{
    const struct sp_sibling *best = NULL;

    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];
        for (uint32_t k = 0; g->key.field == field && k < g->count; k++) {
            const struct sp_sibling *s = &g->sibling[k];
            const struct sp_stamp *a = &s->stamp;
            const struct sp_stamp *b = best == NULL ? NULL : &best->stamp;
            if (b == NULL || a->authority > b->authority ||
                (a->authority == b->authority &&
                    (a->time > b->time ||
                        (a->time == b->time &&
                            sp_dot_cmp(&a->dot, &b->dot) > 0)))) {
                best = s;
            }
        }
    }
    return best;
}

static uint32_t shown_user(const struct sp_record *r, uint16_t field)
{
    const struct sp_sibling *s = plain_shown(r, field);
    struct sp_rd rd;

    if (s == NULL) {
        return 0;
    }
    sp_rd_init(&rd, s->value);
    return sp_rd_peek(&rd) == SP_KIND_UINT
               ? (uint32_t)sp_rd_uint(&rd, 0, UINT32_MAX)
               : 0;
}

static void add_person(struct plain_place *place, uint32_t user)
{
    if (user != 0 && place->count < 32) {
        place->person[place->count++] = user;
    }
}

static void place_account(const struct sp_record *r, struct plain_place *out)
{
    const struct sp_sibling *s = plain_shown(r, PLAIN_ACCOUNT_TERRITORY);
    struct sp_rd rd;

    if (s != NULL) {
        sp_rd_init(&rd, s->value);
        if (sp_rd_peek(&rd) == SP_KIND_STR) {
            out->territory = plain_policy_territory(sp_rd_str(&rd, 64));
        }
    }
    if (out->territory == 0) {
        add_person(out, shown_user(r, PLAIN_ACCOUNT_OWNER));
    }
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];
        for (uint32_t k = 0; g->key.field == PLAIN_ACCOUNT_TEAM && k < g->count;
             k++) {
            sp_rd_init(&rd, g->sibling[k].value);
            if (sp_rd_peek(&rd) == SP_KIND_UINT) {
                add_person(out, (uint32_t)sp_rd_uint(&rd, 0, UINT32_MAX));
                break; /* one sibling that is no removal: it stands */
            }
        }
    }
}

void plain_place_of(const struct sp_record *r, const struct sp_record *parent,
    struct plain_place *out)
{
    memset(out, 0, sizeof(*out));
    if (r->ref.type == PLAIN_ACCOUNT) {
        place_account(r, out);
        return;
    }
    if (parent != NULL) {
        place_account(parent, out);
    }
    add_person(out, shown_user(r, PLAIN_CHILD_AUTHOR));
}

/* ---- questions --------------------------------------------------------- */

static unsigned unit_of(uint32_t user)
{
    return people[person_index(user)].unit;
}

/* own < branch < all (dictionary.md, B1): a rep his territories and himself,
 * a manager those of his unit and its people, an analyst all. */
bool plain_may_hold(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, const struct plain_place *place)
{
    unsigned i = person_index(user);
    unsigned reach = p->roster[e->roster][i];

    switch (people[i].role) {
    case ANALYST:
        return place->territory != 0 || place->count > 0;
    case ADMIN:
        return false;
    case MANAGER:
        for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
            reach |= territory_unit[t] == people[i].unit ? 1u << t : 0;
        }
        break;
    default:
        break;
    }
    if ((place->territory & reach) != 0) {
        return true;
    }
    for (uint32_t k = 0; k < place->count; k++) {
        if (place->person[k] == user ||
            (people[i].role == MANAGER &&
                unit_of(place->person[k]) == people[i].unit)) {
            return true;
        }
    }
    return false;
}

bool plain_may_read(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, uint16_t type, uint16_t field)
{
    if (type == 0 || type >= PLAIN_TYPES || field >= PLAIN_FIELDS) {
        return false;
    }
    return p->policy[e->policy]
        ->read[people[person_index(user)].role][type][field];
}

void plain_place_within(unsigned unit, struct plain_place *place)
{
    uint32_t kept = 0;

    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        if (territory_unit[t] != unit) {
            place->territory &= ~(1u << t);
        }
    }
    for (uint32_t k = 0; k < place->count; k++) {
        if (unit_of(place->person[k]) == unit) {
            place->person[kept++] = place->person[k];
        }
    }
    place->count = kept;
}

bool plain_at_branch(unsigned branch, const struct plain_place *place)
{
    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        if ((place->territory >> t & 1u) != 0 && territory_unit[t] == branch) {
            return true;
        }
    }
    for (uint32_t k = 0; k < place->count; k++) {
        if (unit_of(place->person[k]) == branch) {
            return true;
        }
    }
    return false;
}
