/* The default policy against the plain reading of the product's own cells
 * (tests/unit/matrix.txt): every role, entity, field, action and scope. */
#include "court.h"
#include "matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/words.h"
#include "sp/pack.h"

/* One person of each role: those of branch A, then those of head office. */
static const struct {
    char letter;
    uint32_t user;
} people[TEST_MATRIX_ROLES] = { { 'R', 11 }, { 'M', 10 }, { 'S', 14 },
    { 'F', 3 }, { 'K', 4 }, { 'H', 2 }, { 'A', 1 }, { 'U', 5 } };
#define CARL 13u /* a rep of A-1 too */

/* Where a record may be, and who reaches that: rep anna of A-1, those with the
 * reach branch at A, those who reach all. */
static const struct place {
    const char *what;
    enum sp_scope_kind kind;
    const char *code; /* territory, or unit of a catalogue */
    uint32_t person;
    bool rep, branch;
} places[] = {
    // clang-format off
    { "my territory",        SP_SCOPE_TERRITORY, "A-1", 0,  true,  true  },
    { "my branch's other",   SP_SCOPE_TERRITORY, "A-2", 0,  false, true  },
    { "another branch's",    SP_SCOPE_TERRITORY, "B-1", 0,  false, false },
    { "head office's",       SP_SCOPE_TERRITORY, "H-1", 0,  false, false },
    { "nobody's",            SP_SCOPE_TERRITORY, "Z-9", 0,  false, false },
    { "the rep's own",       SP_SCOPE_PERSON,    NULL,  11, true,  true  },
    { "a colleague's",       SP_SCOPE_PERSON,    NULL,  12, false, true  },
    { "the manager's own",   SP_SCOPE_PERSON,    NULL,  10, false, true  },
    { "the agent's own",     SP_SCOPE_PERSON,    NULL,  14, false, true  },
    { "another branch's rep", SP_SCOPE_PERSON,   NULL,  21, false, false },
    { "the analyst's own",   SP_SCOPE_PERSON,    NULL,  2,  false, false },
    { "the auditor's own",   SP_SCOPE_PERSON,    NULL,  5,  false, false },
    { "the catalogue",       SP_SCOPE_CATALOGUE, "",    0,  true,  true  },
    { "my branch's",         SP_SCOPE_CATALOGUE, "A",   0,  true,  true  },
    { "another's catalogue", SP_SCOPE_CATALOGUE, "B",   0,  false, false },
    // clang-format on
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ACCOUNT  "01890a5d-ac96-774b-bcce-b302099a8057"

struct fixture {
    struct test_org *org;
    struct test_court court;
    const struct test_matrix *m;
};

/* ---- the organisation -------------------------------------------------- */

/* The organisation has the first four roles; the others come here. */
static void add_person(struct test_org *o, enum test_org_unit_name unit,
    uint32_t user, const uint16_t *role, const char *login)
{
    struct test_org_unit *u = &o->unit[unit];
    uint32_t at = u->roster.person_count++;

    while (at > 0 && u->person[at - 1u].user > user) {
        u->person[at] = u->person[at - 1u];
        at--;
    }
    u->person[at] = (struct sp_person){ .user = user,
        .login = sp_slice_text(login),
        .name = sp_slice_text(login),
        .status = SP_PERSON_ACTIVE,
        .role_count = 1,
        .role = role };
}

static int open_court(void **state)
{
    static const uint16_t service = 5, finance = 6, marketing = 7, auditor = 8;
    static struct fixture f;

    f.m = test_matrix();
    f.org = test_org_new(7);
    add_person(f.org, TEST_ORG_HEAD, 3, &finance, "fay");
    add_person(f.org, TEST_ORG_HEAD, 4, &marketing, "kim");
    add_person(f.org, TEST_ORG_HEAD, 5, &auditor, "uwe");
    add_person(f.org, TEST_ORG_A, 14, &service, "sam");
    (void)test_org_publish(f.org, TEST_ORG_HEAD);
    (void)test_org_publish(f.org, TEST_ORG_A);
    test_court_open(&f.court, f.org, test_org_rulebook(f.org));
    *state = &f;
    return 0;
}

static int close_court(void **state)
{
    struct fixture *f = *state;

    test_court_close(&f->court);
    test_org_free(f->org);
    return 0;
}

static const struct sp_entity *entity_of(
    const struct fixture *f, const struct test_matrix_row *row)
{
    return sp_dictionary_entity_named(
        sp_rulebook_dictionary(f->court.book), sp_slice_text(row->entity));
}

static const struct sp_field *field_of(
    const struct fixture *f, const struct test_matrix_row *row)
{
    return sp_dictionary_field_named(
        entity_of(f, row), sp_slice_text(row->field));
}

static uint32_t user_of(const struct fixture *f, size_t role)
{
    for (size_t i = 0; i < COUNT(people); i++) {
        if (people[i].letter == f->m->role[role].letter) {
            return people[i].user;
        }
    }
    fail_msg("no person is %s", f->m->role[role].name);
    return 0;
}

static uint8_t authority_of(const struct fixture *f, size_t role)
{
    const char *word = f->m->role[role].authority;

    return strcmp(word, "head_office") == 0 ? SP_AUTHORITY_HEAD_OFFICE
           : strcmp(word, "branch") == 0    ? SP_AUTHORITY_BRANCH
                                            : SP_AUTHORITY_PERSON;
}

/* ---- what the matrix says ---------------------------------------------- */

static bool may(const struct fixture *f, const char *cell, size_t role)
{
    return test_matrix_may(f->m, cell, role);
}

/* Whether records of the entity can be at such a place. */
static bool lies(unsigned at, const struct place *p)
{
    return p->kind == SP_SCOPE_CATALOGUE ? (at & TEST_AT_CATALOGUE) != 0
           : p->kind == SP_SCOPE_PERSON
               ? (at & ~(unsigned)TEST_AT_CATALOGUE) != 0
               : (at & TEST_AT_ACCOUNT) != 0;
}

/* How far a role reaches by itself; some kinds of records are closer. */
static bool reaches(const struct fixture *f, size_t role, const struct place *p)
{
    const char *reach = f->m->role[role].reach;

    return (p->person != 0 && p->person == user_of(f, role)) ||
           strcmp(reach, "all") == 0 ||
           (p->kind == SP_SCOPE_CATALOGUE && p->code[0] == '\0') ||
           (strcmp(reach, "branch") == 0 ? p->branch : p->rep);
}

static bool sees(const struct fixture *f, const struct test_matrix_row *entity,
    size_t role, const struct place *p)
{
    bool mine = p->person != 0 && p->person == user_of(f, role);

    if (!lies(entity->at, p)) {
        return false;
    }
    if (entity->at == TEST_AT_SELF) {
        return mine;
    }
    if (entity->at == TEST_AT_MANAGER) {
        return mine || (f->m->role[role].letter == 'M' && reaches(f, role, p));
    }
    if (entity->at == TEST_AT_AUDITOR) {
        return mine || strchr("AU", f->m->role[role].letter) != NULL;
    }
    if (entity->at == TEST_AT_SECOND) {
        return mine || strchr("AU", f->m->role[role].letter) != NULL ||
               (f->m->role[role].letter == 'M' && reaches(f, role, p));
    }
    return reaches(f, role, p);
}

/* Whether the matrix names the role anywhere in the entity. */
static bool speaks(
    const struct fixture *f, const struct test_matrix_row *entity, size_t role)
{
    for (size_t i = 0; i < f->m->count; i++) {
        const struct test_matrix_row *r = &f->m->row[i];
        if (strcmp(r->entity, entity->entity) == 0 &&
            (may(f, r->reads, role) || may(f, r->writes, role) ||
                may(f, r->own, role) || may(f, r->others, role) ||
                may(f, r->initial, role))) {
            return true;
        }
    }
    return false;
}

/* The organisation's catalogue is written by those who speak for head office.
 */
static bool may_touch(
    const struct fixture *f, size_t role, const struct place *p)
{
    return p->kind != SP_SCOPE_CATALOGUE || p->code[0] != '\0' ||
           authority_of(f, role) == SP_AUTHORITY_HEAD_OFFICE;
}

/* ---- the matrix is complete -------------------------------------------- */

static void the_matrix_names_every_entity_and_field_once(void **state)
{
    struct fixture *f = *state;
    const struct sp_dictionary *d = sp_rulebook_dictionary(f->court.book);
    size_t wanted = d->entity_count;

    for (uint32_t i = 0; i < d->entity_count; i++) {
        wanted += d->entity[i].field_count;
    }
    assert_int_equal(f->m->count, wanted);
    for (size_t i = 0; i < f->m->count; i++) {
        const struct test_matrix_row *r = &f->m->row[i];
        if (entity_of(f, r) == NULL ||
            (r->field[0] != '\0' && field_of(f, r) == NULL)) {
            fail_msg("%s.%s is not in the dictionary", r->entity, r->field);
        }
        for (size_t j = 0; j < i; j++) {
            assert_false(strcmp(r->entity, f->m->row[j].entity) == 0 &&
                         strcmp(r->field, f->m->row[j].field) == 0);
        }
    }
}

static void the_matrix_names_every_role_with_its_reach(void **state)
{
    struct fixture *f = *state;
    const struct sp_policy *p = sp_rulebook_policy(f->court.book);

    assert_int_equal(f->m->role_count, p->role_count);
    for (size_t i = 0; i < f->m->role_count; i++) {
        const struct test_matrix_role *r = &f->m->role[i];
        const struct sp_role *role =
            sp_policy_role_named(p, sp_slice_text(r->name));
        assert_non_null(role);
        assert_string_equal(sv_words_reach[role->reach], r->reach);
        assert_int_equal(role->authority, authority_of(f, i));
        assert_int_equal(
            sp_rulebook_find_person(f->court.book, user_of(f, i))->role[0],
            role->number);
        assert_true(role->manages == 0 || strchr("MA", r->letter) != NULL);
    }
}

/* ---- reading ----------------------------------------------------------- */

static struct sp_id scope_of(const struct place *p)
{
    return p->person != 0 ? sp_scope_person(p->person)
                          : sp_scope_make(p->kind, sp_slice_text(p->code));
}

static void check_reads(struct fixture *f, const struct place *p, size_t role)
{
    const struct sp_rules *rules = &f->court.rules;
    struct sp_id scope = scope_of(p);
    uint16_t grant =
        sp_rulebook_standing(f->court.book, user_of(f, role), &scope, 0).grant;
    const struct test_matrix_row *entity = NULL;

    for (size_t i = 0; i < f->m->count; i++) {
        const struct test_matrix_row *r = &f->m->row[i];
        entity = r->at != 0 ? r : entity;
        /* Deletion is in every grant that shows anything of the entity. */
        uint16_t number = r->at != 0 ? 0 : field_of(f, r)->number;
        bool expected =
            sees(f, entity, role, p) &&
            (r->at != 0 ? speaks(f, r, role) : may(f, r->reads, role));
        if (!lies(entity->at, p)) {
            continue; /* no record of it is ever there */
        }
        if (rules->reads(rules->self, grant, entity_of(f, r)->number, number) !=
            expected) {
            fail_msg("%s, %s: %s.%s read %d", f->m->role[role].name, p->what,
                r->entity, r->field, !expected);
        }
    }
}

static void each_role_reads_what_the_matrix_says_and_no_more(void **state)
{
    struct fixture *f = *state;
    const struct sp_rules *rules = &f->court.rules;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (size_t role = 0; role < f->m->role_count; role++) {
            check_reads(f, &places[p], role);
        }
    }
    assert_true(rules->reads(rules->self, SP_GRANT_EVERYTHING, 200, 77));
    assert_false(rules->reads(rules->self, SP_GRANT_NOTHING, 1, 2));
    assert_false(rules->reads(rules->self, 999, 1, 2));
}

/* ---- records at places ------------------------------------------------- */

static const char *name_of(const struct sp_entity *e, uint16_t field, char *out)
{
    const struct sp_field *f = sp_dictionary_field(e, field);

    (void)snprintf(out, SP_DICTIONARY_NAME_MAX + 1u, "%.*s", (int)f->name.size,
        (const char *)f->name.data);
    return out;
}

/* The field that puts a record (or its account) there, and what it holds; ""
 * when nothing has to be said. */
static void placing(
    const struct sp_entity *e, const struct place *p, char *field, char *text)
{
    uint16_t by = p->kind == SP_SCOPE_TERRITORY ? e->territory
                  : p->kind == SP_SCOPE_PERSON  ? e->owner
                                                : e->branch;

    field[0] = '\0';
    (void)snprintf(text, 12, "%u", p->person);
    if (p->person == 0) {
        (void)snprintf(text, 12, "%s", p->code);
    }
    if (by != 0 && text[0] != '\0') {
        (void)name_of(e, by, field);
    }
}

/* Whether such a record can be there at all. */
static bool fits(const struct sp_entity *e, const struct place *p)
{
    return p->kind != SP_SCOPE_CATALOGUE || e->branch != 0 ||
           p->code[0] == '\0';
}

/* A record that stands there, of an author of the matrix's or of another. */
static void stand_at(struct fixture *f, const struct sp_entity *e,
    const struct place *p, uint32_t author)
{
    struct test_court *c = &f->court;
    char field[SP_DICTIONARY_NAME_MAX + 1u], text[12], name[64];
    const struct sp_entity *of =
        e->parent == 0
            ? e
            : sp_dictionary_entity_named(
                  sp_rulebook_dictionary(c->book), sp_slice_text("account"));

    test_court_account(c, NULL);
    (void)snprintf(name, sizeof(name), "%.*s", (int)e->name.size,
        (const char *)e->name.data);
    test_court_case(c, name);
    placing(of, p, field, text);
    if (field[0] != '\0' && e->parent != 0) {
        test_court_put(c, &c->account, field, text);
    } else if (field[0] != '\0') {
        test_court_stands(c, field, text);
    }
    if (e->parent != 0) {
        test_court_stands(c, name_of(e, e->parent, name), ACCOUNT);
    }
    if (e->author != 0 && e->author != e->owner) {
        (void)snprintf(text, sizeof(text), "%u", author);
        test_court_stands(c, name_of(e, e->author, name), text);
    }
    for (uint32_t i = 0; i < e->field_count && c->before.record.count == 0;
         i++) {
        const struct sp_field *any = &e->field[i];
        const char *sample = any->kind == SP_VALUE_STR    ? "x"
                             : any->kind == SP_VALUE_DATE ? "2026-03-04"
                             : any->kind == SP_VALUE_ENUM ? "2"
                                                          : NULL;
        if (any->number != e->branch && sample != NULL) {
            test_court_stands(c, name_of(e, any->number, name), sample);
        }
    }
}

/* What he writes needs no consent here; that is asked elsewhere. */
static void consent(struct fixture *f, const struct sp_entity *e,
    const struct sp_field *field, bool written)
{
    struct test_court *c = &f->court;
    char name[SP_DICTIONARY_NAME_MAX + 1u];
    const char *yes = "state=given; at=2026-03-04T05:06:07Z";

    if (field->needs != 0 && written) {
        test_court_writes(c, name_of(e, field->needs, name), yes);
    } else if (field->needs != 0) {
        test_court_stands(c, name_of(e, field->needs, name), yes);
    }
}

static void write_sample(struct fixture *f, const struct sp_field *field)
{
    struct test_court *c = &f->court;
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    struct sp_slice value = test_court_sample(c, field);
    size_t size = field->set ? sp_dictionary_element(value, element) : 0;

    if (field->merge == SP_MERGE_CNT) {
        size = sizeof(c->commit.content.b);
        memcpy(element, c->commit.content.b, size);
    }
    test_court_writes_raw(c, field->number, sp_slice_of(element, size), value);
}

/* What moves the record, and what stands already, is asked elsewhere. */
static bool plain_write(const struct fixture *f,
    const struct test_matrix_row *row, const struct sp_field *field)
{
    const struct sp_rules *rules = &f->court.rules;

    return !rules->routes(
        rules->self, entity_of(f, row)->number, field->number);
}

/* ---- writing ----------------------------------------------------------- */

struct attempt {
    const struct place *place;
    size_t role;
    bool own; /* he is the author of the record */
};

/* A record of which I am the author is in my person scope too. What carl wrote
 * is in his: that lets carl write, not his manager. */
static sp_err expected_of(const struct fixture *f,
    const struct test_matrix_row *entity, const struct test_matrix_row *row,
    const struct attempt *a)
{
    const struct sp_entity *e = entity_of(f, entity);
    bool mine = a->own && e->author != 0;
    bool there = (sees(f, entity, a->role, a->place) &&
                     may_touch(f, a->role, a->place)) ||
                 mine;

    return !speaks(f, entity, a->role) ? SP_E_DENIED
           : !there                    ? SP_E_SCOPE
           : may(f, row->writes, a->role) ||
                   may(f, mine ? row->own : row->others, a->role)
               ? SP_OK
               : SP_E_FIELD_DENIED;
}

/* Owner and author are one in some entities: then the place says whose. */
static bool sensible(
    const struct fixture *f, const struct sp_entity *e, const struct attempt *a)
{
    return e->author == 0 || e->author != e->owner || e->parent != 0 ||
           a->own == (a->place->person == user_of(f, a->role));
}

static void check_write(struct fixture *f, const struct test_matrix_row *entity,
    const struct test_matrix_row *row, const struct attempt *a)
{
    const struct sp_entity *e = entity_of(f, row);
    const struct sp_field *field = field_of(f, row);
    uint32_t me = user_of(f, a->role);

    stand_at(f, e, a->place, a->own ? me : CARL);
    consent(f, e, field, false);
    write_sample(f, field);
    struct sp_verdict v =
        test_court_judge(&f->court, me, authority_of(f, a->role));
    sp_err expected = expected_of(f, entity, row, a);
    if (v.code != expected ||
        v.kind != (expected == SP_OK ? SP_ACCEPTED : SP_REFUSED)) {
        fail_msg("%s, %s: %s.%s %s: %s, not %s", f->m->role[a->role].name,
            a->place->what, row->entity, row->field, a->own ? "own" : "other's",
            sp_err_name(v.code), sp_err_name(expected));
    }
}

static void check_writes(struct fixture *f, const struct attempt *a)
{
    const struct test_matrix_row *entity = NULL;

    for (size_t i = 0; i < f->m->count; i++) {
        const struct test_matrix_row *r = &f->m->row[i];
        entity = r->at != 0 ? r : entity;
        const struct sp_entity *e = entity_of(f, r);
        if (r->at == 0 && lies(entity->at, a->place) && fits(e, a->place) &&
            sensible(f, e, a) && plain_write(f, r, field_of(f, r)) &&
            field_of(f, r)->merge != SP_MERGE_DRV) {
            check_write(f, entity, r, a);
        }
    }
    sp_arena_reset(&f->court.arena);
}

static void each_role_writes_what_the_matrix_says_and_no_more(void **state)
{
    struct fixture *f = *state;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (size_t role = 0; role < f->m->role_count; role++) {
            check_writes(f, &(struct attempt){ &places[p], role, true });
            check_writes(f, &(struct attempt){ &places[p], role, false });
        }
    }
}

static void nobody_writes_what_is_computed(void **state)
{
    struct fixture *f = *state;
    unsigned computed = 0;

    for (size_t i = 0; i < f->m->count; i++) {
        const struct test_matrix_row *r = &f->m->row[i];
        const struct sp_field *field = r->at != 0 ? NULL : field_of(f, r);
        if (field == NULL || field->merge != SP_MERGE_DRV) {
            continue;
        }
        assert_true(r->writes[0] == '\0' && r->own[0] == '\0' &&
                    r->others[0] == '\0' && r->initial[0] == '\0');
        stand_at(f, entity_of(f, r), &places[0], 11);
        write_sample(f, field);
        assert_int_equal(
            test_court_judge(&f->court, 11, 0).code, SP_E_FIELD_DENIED);
        computed++;
    }
    assert_int_equal(computed, 10);
}

static void check_removal(struct fixture *f,
    const struct test_matrix_row *entity, const struct attempt *a)
{
    static const uint8_t yes[] = { 0xc3 };
    const struct sp_entity *e = entity_of(f, entity);

    stand_at(f, e, a->place, CARL);
    test_court_writes_raw(&f->court, SP_FIELD_DELETED,
        (struct sp_slice){ NULL, 0 }, SP_SLICE(yes));
    struct sp_verdict v = test_court_judge(
        &f->court, user_of(f, a->role), authority_of(f, a->role));
    bool there =
        sees(f, entity, a->role, a->place) && may_touch(f, a->role, a->place);
    sp_err expected = !speaks(f, entity, a->role)        ? SP_E_DENIED
                      : !there                           ? SP_E_SCOPE
                      : may(f, entity->removes, a->role) ? SP_OK
                                                         : SP_E_DENIED;
    if (v.code != expected) {
        fail_msg("%s, %s: removes %s: %s", f->m->role[a->role].name,
            a->place->what, entity->entity, sp_err_name(v.code));
    }
}

static void each_role_removes_what_the_matrix_says_and_no_more(void **state)
{
    struct fixture *f = *state;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (size_t role = 0; role < f->m->role_count; role++) {
            struct attempt a = { &places[p], role, false };
            for (size_t i = 0; i < f->m->count; i++) {
                const struct test_matrix_row *r = &f->m->row[i];
                const struct sp_entity *e = entity_of(f, r);
                if (r->at != 0 && lies(r->at, a.place) && fits(e, a.place) &&
                    sensible(f, e, &a)) {
                    check_removal(f, r, &a);
                }
            }
            sp_arena_reset(&f->court.arena);
        }
    }
}

/* ---- making ------------------------------------------------------------ */

static void put_place(
    struct fixture *f, const struct sp_entity *e, const struct place *p)
{
    struct test_court *c = &f->court;
    char field[SP_DICTIONARY_NAME_MAX + 1u], text[12];
    const struct sp_entity *account = sp_dictionary_entity_named(
        sp_rulebook_dictionary(c->book), sp_slice_text("account"));

    placing(e->parent != 0 ? account : e, p, field, text);
    if (field[0] == '\0') {
        return;
    }
    if (e->parent != 0) {
        test_court_put(c, &c->account, field, text);
    } else if (strcmp(text, "Z-9") == 0) {
        test_court_put(c, &c->after, field, text); /* no roster names it */
    } else {
        test_court_writes(c, field, text);
    }
}

/* A new record there, with all that is required and no more. */
static void write_required(
    struct fixture *f, const struct sp_entity *e, const struct attempt *a)
{
    struct test_court *c = &f->court;
    char name[64], me[12];

    (void)snprintf(me, sizeof(me), "%u", user_of(f, a->role));
    (void)snprintf(name, sizeof(name), "%.*s", (int)e->name.size,
        (const char *)e->name.data);
    test_court_account(c, NULL);
    test_court_case(c, name);
    put_place(f, e, a->place);
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *field = &e->field[i];
        (void)name_of(e, field->number, name);
        if (field->number == e->author) {
            test_court_writes(c, name, me);
        } else if (field->number == e->parent) {
            test_court_writes(c, name, ACCOUNT);
        } else if (field->required &&
                   (field->number != e->owner || e->parent != 0)) {
            write_sample(f, field);
        }
    }
}

/* Author and owner are one: he makes them for himself alone. */
static bool makeable(const struct fixture *f, const struct test_matrix_row *row,
    const struct attempt *a)
{
    const struct sp_entity *e = entity_of(f, row);

    return row->at != 0 && lies(row->at, a->place) && fits(e, a->place) &&
           (e->author == 0 || e->author != e->owner ||
               a->place->person == user_of(f, a->role));
}

/* Also where he is the author: that alone lets nobody write under an account,
 * or into a book, that he does not reach. */
static void check_create(struct fixture *f, const struct test_matrix_row *row,
    const struct attempt *a)
{
    write_required(f, entity_of(f, row), a);
    struct sp_verdict v = test_court_judge(
        &f->court, user_of(f, a->role), authority_of(f, a->role));
    bool there =
        sees(f, row, a->role, a->place) && may_touch(f, a->role, a->place);
    sp_err expected = !speaks(f, row, a->role)         ? SP_E_DENIED
                      : !there                         ? SP_E_SCOPE
                      : !may(f, row->initial, a->role) ? SP_E_DENIED
                                                       : SP_OK;
    if (v.code != expected) {
        fail_msg("%s, %s: makes %s: %s (field %u), not %s",
            f->m->role[a->role].name, a->place->what, row->entity,
            sp_err_name(v.code), v.field, sp_err_name(expected));
    }
}

static void each_role_makes_what_the_matrix_says_and_no_more(void **state)
{
    struct fixture *f = *state;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (size_t role = 0; role < f->m->role_count; role++) {
            struct attempt a = { &places[p], role, true };
            for (size_t i = 0; i < f->m->count; i++) {
                if (makeable(f, &f->m->row[i], &a)) {
                    check_create(f, &f->m->row[i], &a);
                }
            }
            sp_arena_reset(&f->court.arena);
        }
    }
}

static void check_initial(struct fixture *f,
    const struct test_matrix_row *entity, const struct test_matrix_row *row,
    const struct attempt *a)
{
    const struct sp_entity *e = entity_of(f, row);
    const struct sp_field *field = field_of(f, row);

    if (!plain_write(f, row, field) || field->required ||
        field->merge == SP_MERGE_DRV) {
        return;
    }
    write_required(f, e, a);
    consent(f, e, field, true);
    write_sample(f, field);
    struct sp_verdict v = test_court_judge(
        &f->court, user_of(f, a->role), authority_of(f, a->role));
    bool fills = may(f, row->initial, a->role) ||
                 may(f, row->writes, a->role) ||
                 (may(f, row->own, a->role) && e->author != 0);
    if (v.code != (fills ? SP_OK : SP_E_FIELD_DENIED)) {
        fail_msg("%s, %s: %s.%s at creation: %s", f->m->role[a->role].name,
            a->place->what, entity->entity, row->field, sp_err_name(v.code));
    }
}

/* i stands for: in the commit that makes the record, and then no more. */
static void what_is_initial_can_be_filled_in_at_creation_only(void **state)
{
    struct fixture *f = *state;
    const struct test_matrix_row *entity = NULL;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (size_t role = 0; role < f->m->role_count; role++) {
            struct attempt a = { &places[p], role, true };
            for (size_t i = 0; i < f->m->count; i++) {
                const struct test_matrix_row *r = &f->m->row[i];
                entity = r->at != 0 ? r : entity;
                if (r->at == 0 && makeable(f, entity, &a) &&
                    sees(f, entity, role, a.place) &&
                    may_touch(f, role, a.place) &&
                    may(f, entity->initial, role) &&
                    fits(entity_of(f, r), a.place)) {
                    check_initial(f, entity, r, &a);
                }
            }
            sp_arena_reset(&f->court.arena);
        }
    }
}

/* ---- my rejected changes ----------------------------------------------- */

/* Each asks for himself; who answers for another reaches his book. */
static void nobody_asks_for_another(void **state)
{
    struct fixture *f = *state;
    struct test_court *c = &f->court;

    for (size_t role = 0; role < f->m->role_count; role++) {
        uint32_t me = user_of(f, role);
        test_court_case(c, "asked");
        test_court_writes(c, "author", me == 11 ? "12" : "11");
        assert_int_equal(test_court_judge(c, me, 0).kind, SP_REFUSED);
    }
}

/* A task, a route, a plan: who makes it is its author, so it would be in his
 * own scope, wherever it belongs. */
static void a_rep_puts_no_route_into_another_reps_book(void **state)
{
    struct fixture *f = *state;
    struct test_court *c = &f->court;

    test_court_case(c, "route_plan");
    test_court_writes(c, "rep", "12");
    test_court_writes(c, "author", "11");
    test_court_writes(c, "date", "2026-03-04");
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_E_SCOPE);
    test_court_case(c, "route_plan");
    test_court_writes(c, "rep", "12");
    test_court_writes(c, "author", "10");
    test_court_writes(c, "date", "2026-03-04");
    assert_int_equal(test_court_judge(c, 10, 1).code, SP_OK);
}

static void a_branch_that_no_roster_names_has_no_catalogue(void **state)
{
    struct fixture *f = *state;
    struct test_court *c = &f->court;

    test_court_case(c, "event");
    test_court_writes(c, "unit", "nowhere");
    test_court_writes(c, "name", "Tea");
    test_court_writes(c, "date", "2026-03-04");
    struct sp_verdict v = test_court_judge(c, 4, SP_AUTHORITY_HEAD_OFFICE);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_true(v.code == SP_E_VALUE || v.code == SP_E_SCOPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix_names_every_entity_and_field_once),
        cmocka_unit_test(the_matrix_names_every_role_with_its_reach),
        cmocka_unit_test(each_role_reads_what_the_matrix_says_and_no_more),
        cmocka_unit_test(each_role_writes_what_the_matrix_says_and_no_more),
        cmocka_unit_test(nobody_writes_what_is_computed),
        cmocka_unit_test(each_role_removes_what_the_matrix_says_and_no_more),
        cmocka_unit_test(each_role_makes_what_the_matrix_says_and_no_more),
        cmocka_unit_test(what_is_initial_can_be_filled_in_at_creation_only),
        cmocka_unit_test(nobody_asks_for_another),
        cmocka_unit_test(a_rep_puts_no_route_into_another_reps_book),
        cmocka_unit_test(a_branch_that_no_roster_names_has_no_catalogue),
    };
    return cmocka_run_group_tests(tests, open_court, close_court);
}
