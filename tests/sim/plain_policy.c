#include "plain_policy.h"

#include "matrix.h"

#include "sp/pack.h"

#include <stdlib.h>
#include <string.h>

#define DICTIONARY_BYTES_MAX 8388608u

enum { EDITIONS = 512, PEOPLE = 9, UNITS = 3, ROLES = 5 };
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

static const struct {
    const char *role;
    int number;
} roles[] = { { "rep", REP }, { "manager", MANAGER }, { "analyst", ANALYST },
    { "admin", ADMIN } };

static const char *const types[PLAIN_TYPES] = { [PLAIN_ACCOUNT] = "account",
    [PLAIN_CONTACT] = "contact",
    [PLAIN_VISIT] = "visit",
    [PLAIN_NOTE] = "note" };

struct grants {
    bool read[ROLES][PLAIN_TYPES][PLAIN_FIELDS];
};

struct person {
    unsigned unit;
    int role;
    unsigned territories; /* bits */
    unsigned units;       /* bits of units that he reaches as his own */
    bool left;
};

struct roster {
    unsigned unit[PLAIN_TERRITORIES]; /* that serves it */
    struct person person[PEOPLE];
};

struct plain_policy {
    /* By serial; one roster changes at a time, all of one change are known
     * together: the serials between hold what the last one says. */
    struct grants *policy[EDITIONS];
    struct roster *roster[EDITIONS];
    uint32_t policies, rosters; /* newest serials */
};

/* ---- editions ---------------------------------------------------------- */

/* A row of the matrix for the roles that people here have. */
static void fill_row(struct grants *g, const struct test_matrix *m,
    const struct test_matrix_row *row, uint16_t type, uint16_t field)
{
    SP_ASSERT(field < PLAIN_FIELDS);
    for (size_t i = 0; i < m->role_count; i++) {
        for (size_t k = 0; k < sizeof(roles) / sizeof(roles[0]); k++) {
            if (strcmp(m->role[i].name, roles[k].role) == 0 &&
                test_matrix_may(m, row->reads, i)) {
                g->read[roles[k].number][type][field] = true;
                g->read[roles[k].number][type][0] = true; /* its deletion */
            }
        }
    }
}

/* Names of fields are the dictionary's; who reads them says the matrix. */
static void fill(struct grants *g, const struct sp_dictionary *d)
{
    const struct test_matrix *m = test_matrix();

    for (uint16_t type = 1; type < PLAIN_TYPES; type++) {
        const struct sp_entity *e = sp_dictionary_entity(d, type);
        for (size_t i = 0; i < m->count; i++) {
            if (m->row[i].at == 0 &&
                strcmp(m->row[i].entity, types[type]) == 0) {
                const struct sp_field *f = sp_dictionary_field_named(
                    e, sp_slice_text(m->row[i].field));
                SP_ASSERT(f != NULL);
                fill_row(g, m, &m->row[i], type, f->number);
            }
        }
    }
}

/* A copy of the newest for all serials up to this one. */
static struct roster *next_roster(struct plain_policy *p, uint32_t serial)
{
    struct roster *r = calloc(1, sizeof(*r));

    SP_ASSERT(r != NULL);
    SP_ASSERT(serial < EDITIONS && serial > p->rosters);
    if (p->roster[p->rosters] != NULL) {
        *r = *p->roster[p->rosters];
    }
    while (p->rosters < serial) {
        p->roster[++p->rosters] = r;
    }
    return r;
}

struct plain_policy *plain_policy_new(const struct test_org *o)
{
    struct plain_policy *p = calloc(1, sizeof(*p));
    struct sp_dictionary d;
    struct sp_arena arena;

    SP_ASSERT(p != NULL);
    SP_ASSERT(o->policy_serial < EDITIONS && o->roster_serial < EDITIONS);
    p->policies = o->policy_serial;
    p->policy[o->policy_serial] = calloc(1, sizeof(struct grants));
    SP_ASSERT(p->policy[o->policy_serial] != NULL);
    sp_arena_init(&arena, DICTIONARY_BYTES_MAX);
    SP_ASSERT(sp_dictionary_decode(o->dictionary_body, &arena, &d) == SP_OK);
    fill(p->policy[o->policy_serial], &d);
    sp_arena_free(&arena);
    struct roster *r = next_roster(p, o->roster_serial);
    memcpy(r->unit, territory_unit, sizeof(r->unit));
    for (unsigned i = 0; i < PEOPLE; i++) {
        r->person[i] = (struct person){ .unit = people[i].unit,
            .role = people[i].role,
            .territories = people[i].territories };
    }
    return p;
}

void plain_policy_free(struct plain_policy *p)
{
    for (unsigned i = 0; p != NULL && i < EDITIONS; i++) {
        free(p->policy[i]);
        if (i == 0 || p->roster[i] != p->roster[i - 1]) {
            free(p->roster[i]);
        }
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
    struct roster *r = next_roster(p, roster_serial);
    struct person *he = &r->person[person_index(user)];

    he->territories = 0;
    for (uint32_t i = 0; i < count; i++) {
        he->territories |= plain_policy_territory(sp_slice_text(territory[i]));
    }
}

void plain_policy_serve(struct plain_policy *p, uint32_t roster_serial,
    const char *territory, unsigned unit)
{
    struct roster *r = next_roster(p, roster_serial);
    unsigned bit = plain_policy_territory(sp_slice_text(territory));

    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        if (bit == 1u << t) {
            r->unit[t] = unit;
        }
    }
}

void plain_policy_transfer(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, unsigned unit)
{
    next_roster(p, roster_serial)->person[person_index(user)].unit = unit;
}

void plain_policy_role(
    struct plain_policy *p, uint32_t roster_serial, uint32_t user, int role)
{
    next_roster(p, roster_serial)->person[person_index(user)].role = role;
}

void plain_policy_reach(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, unsigned units)
{
    next_roster(p, roster_serial)->person[person_index(user)].units = units;
}

void plain_policy_leave(
    struct plain_policy *p, uint32_t roster_serial, uint32_t user)
{
    next_roster(p, roster_serial)->person[person_index(user)].left = true;
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

void plain_place_of(const struct sp_record *r, const struct sp_record *account,
    struct plain_place *out)
{
    memset(out, 0, sizeof(*out));
    if (r->ref.type == PLAIN_REJECTED) {
        add_person(out, shown_user(r, PLAIN_REJECTED_AUTHOR));
        out->secret = true;
        return;
    }
    if (account != NULL) {
        place_account(account, out);
    }
    if (r->ref.type != PLAIN_ACCOUNT) {
        add_person(out, shown_user(r, PLAIN_CHILD_AUTHOR));
    }
}

/* ---- questions --------------------------------------------------------- */

static const struct roster *roster_of(
    const struct plain_policy *p, const struct plain_edition *e)
{
    SP_ASSERT(e->roster <= p->rosters && p->roster[e->roster] != NULL);
    return p->roster[e->roster];
}

/* own < branch < all (dictionary.md, B1): a rep his territories and himself,
 * a manager those of his unit and its people, an analyst all; whoever was
 * given units, what lies there as if it were his. */
bool plain_may_hold(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, const struct plain_place *place)
{
    const struct roster *r = roster_of(p, e);
    const struct person *he = &r->person[person_index(user)];
    unsigned units = he->units, reach = he->territories;

    if (he->left) {
        return false;
    }
    if (place->secret) {
        return place->count == 1 && place->person[0] == user;
    }
    if (he->role == ADMIN) {
        return false;
    }
    if (he->role == ANALYST) {
        return place->territory != 0 || place->count > 0;
    }
    if (he->role == MANAGER) {
        units |= 1u << he->unit;
    }
    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        reach |= (units >> r->unit[t] & 1u) != 0 ? 1u << t : 0;
    }
    if ((place->territory & reach) != 0) {
        return true;
    }
    for (uint32_t k = 0; k < place->count; k++) {
        const struct person *other = &r->person[person_index(place->person[k])];
        if (place->person[k] == user || (units >> other->unit & 1u) != 0) {
            return true;
        }
    }
    return false;
}

bool plain_may_read(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, uint16_t type, uint16_t field)
{
    int role = roster_of(p, e)->person[person_index(user)].role;

    if (type == PLAIN_REJECTED) {
        return field <= PLAIN_REJECTED_LAST; /* each his own */
    }
    uint16_t consent = plain_consent_of(type, field);
    return type != 0 && type < PLAIN_TYPES && field < PLAIN_FIELDS &&
           p->policy[e->policy]->read[role][type][field] &&
           (consent == 0 || p->policy[e->policy]->read[role][type][consent]);
}

uint16_t plain_consent_of(uint16_t type, uint16_t field)
{
    static const uint16_t by[] = { 48, 48, 48, 49, 49, 46 };

    return type == PLAIN_CONTACT && field >= 50 && field <= 55 ? by[field - 50]
                                                               : 0;
}

bool plain_consented(const struct sp_record *r, uint16_t consent)
{
    uint64_t worst = 0;

    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];
        for (uint32_t k = 0; g->key.field == consent && k < g->count; k++) {
            struct sp_rd rd;
            uint64_t said = 0;
            sp_rd_init(&rd, g->sibling[k].value);
            if (sp_rd_peek(&rd) == SP_KIND_ARRAY) {
                (void)sp_rd_array(&rd, 4);
                said = sp_rd_uint(&rd, 1, 2);
            }
            worst = said > worst ? said : worst;
        }
    }
    return worst == 1;
}

void plain_place_within(const struct plain_policy *p,
    const struct plain_edition *e, unsigned unit, struct plain_place *place)
{
    const struct roster *r = roster_of(p, e);
    uint32_t kept = 0;

    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        if (r->unit[t] != unit) {
            place->territory &= ~(1u << t);
        }
    }
    for (uint32_t k = 0; k < place->count; k++) {
        if (r->person[person_index(place->person[k])].unit == unit) {
            place->person[kept++] = place->person[k];
        }
    }
    place->count = kept;
}

bool plain_at_branch(const struct plain_policy *p,
    const struct plain_edition *e, unsigned branch,
    const struct plain_place *place)
{
    struct plain_place there = *place;

    plain_place_within(p, e, branch, &there);
    return there.territory != 0 || there.count > 0;
}

unsigned plain_judge(const struct plain_policy *p,
    const struct plain_edition *e, const struct plain_place *place)
{
    const struct roster *r = roster_of(p, e);

    for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
        if (place->territory == 1u << t) {
            return r->unit[t];
        }
    }
    return place->count == 0 ? 0
                             : r->person[person_index(place->person[0])].unit;
}
