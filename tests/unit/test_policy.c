/* The default policy against a table written by hand from the product's own
 * list of who may do what (dictionary B2, B3; the roles of POLICY.md). */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

enum { REP, MANAGER, ANALYST, ADMIN, ROLES };

/* r reads, w writes, o writes where he is the author, i fills in at creation;
 * a dot is nothing. Columns: rep, manager, analyst, administrator. */
struct row {
    const char *entity;
    const char *field;
    const char *may[ROLES];
};

// clang-format off
#define SOFT(x)                                              \
    { "contact", "soft_" x "_tags", { "rw", "r", ".", "." } }, \
    { "contact", "soft_" x,         { "rw", "r", ".", "." } }

static const struct row table[] = {
    { "account", "number",           { "ri", "ri", "r", "." } },
    { "account", "name",             { "rw", "rw", "r", "." } },
    { "account", "alias",            { "rw", "rw", ".", "." } },
    { "account", "kind",             { "rw", "rw", "r", "." } },
    { "account", "industry",         { "rw", "rw", "r", "." } },
    { "account", "source",           { "rw", "rw", "r", "." } },
    { "account", "parent_id",        { "r",  "rw", "r", "." } },
    { "account", "address",          { "rw", "rw", ".", "." } },
    { "account", "geo",              { "rw", "rw", ".", "." } },
    { "account", "phone_main",       { "rw", "rw", ".", "." } },
    { "account", "owner_id",         { "ri", "rw", "r", "." } },
    { "account", "territory_id",     { "ri", "rw", "r", "." } },
    { "account", "team",             { "r",  "rw", ".", "." } },
    { "account", "funnel_status",    { "rw", "rw", "r", "." } },
    { "account", "potential_value",  { "rw", "rw", "r", "." } },
    { "account", "key_account",      { "r",  "rw", "r", "." } },
    { "account", "visit_cycle_days", { "r",  "rw", "r", "." } },
    { "account", "tags",             { "rw", "rw", "r", "." } },
    { "account", "merged_into",      { "r",  "rw", "r", "." } },
    { "account", "dnd",              { "rw", "rw", ".", "." } },
    { "account", "blocked",          { "r",  "rw", "r", "." } },
    { "account", "points",           { "rw", "rw", "r", "." } },
    { "account", "district",         { ".",  ".",  "r", "." } },
    { "account", "phone_masked",     { ".",  ".",  "r", "." } },

    { "contact", "account",           { "ri", "r", "r", "." } },
    { "contact", "author",            { "ri", "r", "r", "." } },
    { "contact", "name",              { "rw", "r", ".", "." } },
    { "contact", "role_title",        { "rw", "r", ".", "." } },
    { "contact", "decision_role",     { "rw", "r", ".", "." } },
    { "contact", "phones",            { "rw", "r", ".", "." } },
    { "contact", "emails",            { "rw", "r", ".", "." } },
    { "contact", "im",                { "rw", "r", ".", "." } },
    { "contact", "gender",            { "rw", ".", ".", "." } },
    { "contact", "age_band",          { "rw", ".", ".", "." } },
    { "contact", "size_profile",      { "rw", ".", ".", "." } },
    { "contact", "preferred_channel", { "rw", ".", ".", "." } },
    { "contact", "preferred_time",    { "rw", ".", ".", "." } },
    SOFT("work"), SOFT("family"), SOFT("character"), SOFT("spending"),
    SOFT("dress"), SOFT("leisure"), SOFT("living"), SOFT("service"),
    SOFT("promotion"), SOFT("values"),

    { "visit", "account",        { "ri", "r",  "r", "." } },
    { "visit", "rep",            { "ri", "r",  "r", "." } },
    { "visit", "planned_id",     { "ri", "r",  "r", "." } },
    { "visit", "type",           { "ri", "r",  "r", "." } },
    { "visit", "checkin",        { "ri", "r",  "r", "." } },
    { "visit", "checkout",       { "ro", "r",  "r", "." } },
    { "visit", "checkin_place",  { "ri", ".",  ".", "." } },
    { "visit", "checkout_place", { "ro", ".",  ".", "." } },
    { "visit", "outcome",        { "ro", "r",  "r", "." } },
    { "visit", "next_step",      { "ro", "r",  ".", "." } },
    { "visit", "next_date",      { "ro", "r",  ".", "." } },
    { "visit", "actions",        { "ro", "r",  "r", "." } },
    { "visit", "void",           { "r",  "rw", "r", "." } },

    { "note", "account",  { "ri", "ri", "r", "." } },
    { "note", "author",   { "ri", "ri", "r", "." } },
    { "note", "visit",    { "ri", "ri", "r", "." } },
    { "note", "text",     { "ro", "ro", ".", "." } },
    { "note", "kind",     { "ri", "ri", "r", "." } },
    { "note", "pinned",   { "ro", "ro", "r", "." } },
    { "note", "comments", { "rw", "rw", ".", "." } },

    { "merge_case", "account",  { "r", "ri", "r", "." } },
    { "merge_case", "author",   { "r", "ri", "r", "." } },
    { "merge_case", "at",       { "r", "ri", "r", "." } },
    { "merge_case", "absorbed", { "r", "ri", "r", "." } },
    { "merge_case", "changes",  { ".", "ri", ".", "." } },
    { "merge_case", "undone",   { "r", "rw", "r", "." } },
};

/* Who may make and remove records of an entity. */
static const struct {
    const char *entity;
    bool create[ROLES];
    bool remove[ROLES];
} whole[] = {
    { "account", { true, true,  false, false }, { false, true,  false, false } },
    { "contact", { true, false, false, false }, { false, true,  false, false } },
    { "visit",   { true, false, false, false }, { false, false, false, false } },
    { "note",    { true, true,  false, false }, { false, false, false, false } },
    { "merge_case", { false, true, false, false }, { false, false, false, false } },
};

/* How far each role reaches: anna, mia (branch A), hana, ada. */
static const struct {
    const char *what;
    enum sp_scope_kind kind;
    const char *territory;
    uint32_t person;
    bool reached[ROLES];
} places[] = {
    { "my territory",         SP_SCOPE_TERRITORY, "A-1", 0,  { true,  true,  true, false } },
    { "my branch's other",    SP_SCOPE_TERRITORY, "A-2", 0,  { false, true,  true, false } },
    { "another branch's",     SP_SCOPE_TERRITORY, "B-1", 0,  { false, false, true, false } },
    { "head office's",        SP_SCOPE_TERRITORY, "H-1", 0,  { false, false, true, false } },
    { "nobody's",             SP_SCOPE_TERRITORY, "Z-9", 0,  { false, false, true, false } },
    { "anna's person scope",  SP_SCOPE_PERSON,    NULL,  11, { true,  true,  true, false } },
    { "ben's person scope",   SP_SCOPE_PERSON,    NULL,  12, { false, true,  true, false } },
    { "dora's person scope",  SP_SCOPE_PERSON,    NULL,  21, { false, false, true, false } },
};
// clang-format on

static const uint32_t users[ROLES] = { 11, 10, 2, 1 };
static const uint8_t authorities[ROLES] = { 0, 1, 2, 2 };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct fixture {
    struct test_org *org;
    struct test_court court;
};

static int open_court(void **state)
{
    static struct fixture f;

    f.org = test_org_new(7);
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

static bool has(const char *may, char c)
{
    return strchr(may, c) != NULL;
}

static const struct sp_entity *entity_of(struct test_court *c, const char *name)
{
    return sp_dictionary_entity_named(
        sp_rulebook_dictionary(c->book), sp_slice_text(name));
}

static const struct sp_field *field_of(
    struct test_court *c, const struct row *row)
{
    return sp_dictionary_field_named(
        entity_of(c, row->entity), sp_slice_text(row->field));
}

static struct sp_id scope_of(size_t place)
{
    return places[place].kind == SP_SCOPE_TERRITORY
               ? test_org_territory(places[place].territory)
               : sp_scope_person(places[place].person);
}

/* ---- the table is complete --------------------------------------------- */

static void the_table_names_every_field_once(void **state)
{
    struct fixture *f = *state;
    const struct sp_dictionary *d = sp_rulebook_dictionary(f->court.book);
    size_t fields = 0;

    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        /* of customers; what a person has for himself is in his own scope */
        if (e->territory != 0 || e->parent != 0) {
            fields += e->field_count;
        }
    }
    assert_int_equal(fields, COUNT(table));
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_non_null(field_of(&f->court, &table[i]));
        for (size_t j = 0; j < i; j++) {
            assert_false(strcmp(table[i].entity, table[j].entity) == 0 &&
                         strcmp(table[i].field, table[j].field) == 0);
        }
    }
}

/* ---- reading ----------------------------------------------------------- */

static void each_role_reads_what_the_table_says_and_no_more(void **state)
{
    struct fixture *f = *state;
    const struct sp_rules *rules = &f->court.rules;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (int role = 0; role < ROLES; role++) {
            struct sp_id scope = scope_of(p);
            uint16_t grant =
                sp_rulebook_standing(f->court.book, users[role], &scope, 0)
                    .grant;
            for (size_t i = 0; i < COUNT(table); i++) {
                const struct sp_entity *e =
                    entity_of(&f->court, table[i].entity);
                bool expected =
                    places[p].reached[role] && has(table[i].may[role], 'r');
                bool reads = rules->reads(rules->self, grant, e->number,
                    field_of(&f->court, &table[i])->number);
                if (reads != expected) {
                    fail_msg("role %d, %s: %s.%s read %d", role, places[p].what,
                        table[i].entity, table[i].field, reads);
                }
            }
        }
    }
}

/* Deletion is in every grant that shows anything of the type. */
static void whoever_sees_a_record_sees_its_deletion(void **state)
{
    struct fixture *f = *state;
    const struct sp_rules *rules = &f->court.rules;
    struct sp_id scope = test_org_territory("A-1");

    for (int role = 0; role < ROLES; role++) {
        uint16_t grant =
            sp_rulebook_standing(f->court.book, users[role], &scope, 0).grant;
        for (uint16_t type = 1; type <= 5; type++) {
            assert_int_equal(rules->reads(rules->self, grant, type, 0),
                role != ADMIN && type <= 4);
        }
    }
    assert_true(rules->reads(rules->self, SP_GRANT_EVERYTHING, 200, 77));
    assert_false(rules->reads(rules->self, SP_GRANT_NOTHING, 1, 2));
    assert_false(rules->reads(rules->self, 999, 1, 2));
}

/* ---- writing ----------------------------------------------------------- */

/* A record that stands at a place: an account there, or a child of one. */
static void stand_at(
    struct test_court *c, const char *entity, size_t place, const char *author)
{
    char user[12];
    bool account = strcmp(entity, "account") == 0;

    test_court_account(c, NULL);
    test_court_case(c, entity);
    struct test_court_record *at = account ? &c->before : &c->account;
    if (account) {
        test_court_stands(c, "name", "Corner shop");
    } else {
        test_court_stands(c, "account", "01890a5d-ac96-774b-bcce-b302099a8057");
    }
    (void)snprintf(user, sizeof(user), "%u", places[place].person);
    const char *field = places[place].person ? "owner_id" : "territory_id";
    const char *text = places[place].person ? user : places[place].territory;
    test_court_put(c, at, field, text);
    if (account) {
        test_court_put(c, &c->after, field, text);
    }
    if (!account && author != NULL) {
        test_court_stands(
            c, strcmp(entity, "visit") == 0 ? "rep" : "author", author);
    }
}

/* Writes a sample value of one field to a record that stands there. */
static struct sp_verdict try_write(struct test_court *c, const struct row *row,
    size_t place, int role, bool own)
{
    const struct sp_field *f = field_of(c, row);
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    size_t size = 0;
    char author[12];

    (void)snprintf(author, sizeof(author), "%u", own ? users[role] : 13u);
    stand_at(c, row->entity, place, author);
    struct sp_slice value = test_court_sample(c, f);
    if (f->set) {
        size = sp_dictionary_element(value, element);
    }
    if (f->merge == SP_MERGE_CNT) {
        size = sizeof(c->commit.content.b);
        memcpy(element, c->commit.content.b, size);
    }
    test_court_writes_raw(c, f->number, sp_slice_of(element, size), value);
    return test_court_judge(c, users[role], authorities[role]);
}

/* What moves the record, and what stands already, is asked elsewhere. */
static bool plain_write(const struct row *row)
{
    return strcmp(row->field, "territory_id") != 0 &&
           strcmp(row->field, "owner_id") != 0 &&
           strcmp(row->field, "account") != 0 &&
           strcmp(row->field, "author") != 0 && strcmp(row->field, "rep") != 0;
}

/* A record of which I am the author is in my person scope too. What carl wrote
 * is in his: that lets carl write, not his manager. */
static bool reached(const struct row *row, size_t place, int role, bool own)
{
    return places[place].reached[role] ||
           (own && role < ADMIN && strcmp(row->entity, "account") != 0);
}

static void check_write(
    struct fixture *f, const struct row *row, size_t place, int role, bool own)
{
    struct sp_verdict v = try_write(&f->court, row, place, role, own);
    bool in_reach = reached(row, place, role, own);
    bool may = has(row->may[role], 'w') || (own && has(row->may[role], 'o'));
    sp_err expected = role == ADMIN ? SP_E_DENIED
                      : !in_reach   ? SP_E_SCOPE
                      : !may        ? SP_E_FIELD_DENIED
                                    : SP_OK;

    if (v.code != expected ||
        v.kind != (expected == SP_OK ? SP_ACCEPTED : SP_REFUSED)) {
        fail_msg("role %d, %s: %s.%s %s: %s, not %s", role, places[place].what,
            row->entity, row->field, own ? "own" : "other's",
            sp_err_name(v.code), sp_err_name(expected));
    }
}

static void each_role_writes_what_the_table_says_and_no_more(void **state)
{
    struct fixture *f = *state;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (int role = 0; role < ROLES; role++) {
            for (size_t i = 0; i < COUNT(table); i++) {
                if (plain_write(&table[i])) {
                    check_write(f, &table[i], p, role, true);
                    check_write(f, &table[i], p, role, false);
                }
                sp_arena_reset(&f->court.arena);
            }
        }
    }
}

static void each_role_removes_what_the_table_says_and_no_more(void **state)
{
    struct fixture *f = *state;
    static const uint8_t yes[] = { 0xc3 };

    for (int role = 0; role < ROLES; role++) {
        for (size_t i = 0; i < COUNT(whole); i++) {
            stand_at(&f->court, whole[i].entity, 0, "11");
            test_court_writes_raw(&f->court, SP_FIELD_DELETED,
                (struct sp_slice){ NULL, 0 }, SP_SLICE(yes));
            struct sp_verdict v =
                test_court_judge(&f->court, users[role], authorities[role]);
            assert_int_equal(
                v.code, whole[i].remove[role] ? SP_OK : SP_E_DENIED);
        }
    }
}

/* ---- making ------------------------------------------------------------ */

/* Where a new account goes, or the account is that a new record belongs to. */
static void place_new(struct test_court *c, bool account, size_t place)
{
    char user[12];
    const char *field = places[place].person ? "owner_id" : "territory_id";
    const char *text = places[place].person ? user : places[place].territory;

    (void)snprintf(user, sizeof(user), "%u", places[place].person);
    if (account && strcmp(text, "Z-9") != 0) {
        test_court_writes(c, field, text);
    } else {
        test_court_put(c, account ? &c->after : &c->account, field, text);
    }
}

static void write_required(
    struct test_court *c, const char *entity, int role, size_t place)
{
    bool account = strcmp(entity, "account") == 0;
    char me[12];

    (void)snprintf(me, sizeof(me), "%u", users[role]);
    test_court_account(c, NULL);
    test_court_case(c, entity);
    place_new(c, account, place);
    if (account) {
        test_court_writes(c, "name", "New shop");
        return;
    }
    test_court_writes(c, "account", "01890a5d-ac96-774b-bcce-b302099a8057");
    test_court_writes(c, strcmp(entity, "visit") == 0 ? "rep" : "author", me);
    if (strcmp(entity, "contact") == 0) {
        test_court_writes(c, "name", "Li Lei");
    } else if (strcmp(entity, "visit") == 0) {
        test_court_writes(c, "type", "sales");
        test_court_writes(c, "checkin", "2026-03-04T05:06:07Z");
    } else if (strcmp(entity, "merge_case") == 0) {
        test_court_writes(c, "at", "2026-03-04T05:06:07Z");
    } else {
        test_court_writes(c, "text", "Likes tea");
    }
}

/* Also where he is the author: that alone lets nobody write under an account
 * that he does not reach. */
static void each_role_makes_what_the_table_says_and_no_more(void **state)
{
    struct fixture *f = *state;

    for (size_t p = 0; p < COUNT(places); p++) {
        for (int role = 0; role < ROLES; role++) {
            for (size_t i = 0; i < COUNT(whole); i++) {
                write_required(&f->court, whole[i].entity, role, p);
                struct sp_verdict v =
                    test_court_judge(&f->court, users[role], authorities[role]);
                sp_err expected = role == ADMIN              ? SP_E_DENIED
                                  : !places[p].reached[role] ? SP_E_SCOPE
                                  : !whole[i].create[role]   ? SP_E_DENIED
                                                             : SP_OK;
                if (v.code != expected) {
                    fail_msg("role %d, %s, makes %s: %s", role, places[p].what,
                        whole[i].entity, sp_err_name(v.code));
                }
            }
        }
        sp_arena_reset(&f->court.arena);
    }
}

/* i stands for: in the commit that makes the record, and then no more. */
static void what_is_initial_can_be_filled_in_at_creation_only(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(table); i++) {
        for (int role = 0; role < ADMIN; role++) {
            const struct sp_field *field = field_of(&f->court, &table[i]);
            size_t which = 0;
            while (strcmp(whole[which].entity, table[i].entity) != 0) {
                which++;
            }
            if (!whole[which].create[role] || !plain_write(&table[i]) ||
                field->set || field->required) {
                continue;
            }
            write_required(&f->court, table[i].entity, role, 0);
            test_court_writes_raw(&f->court, field->number,
                field->merge == SP_MERGE_CNT
                    ? SP_SLICE(f->court.commit.content.b)
                    : (struct sp_slice){ NULL, 0 },
                test_court_sample(&f->court, field));
            struct sp_verdict v =
                test_court_judge(&f->court, users[role], authorities[role]);
            bool may = has(table[i].may[role], 'i') ||
                       has(table[i].may[role], 'w') ||
                       has(table[i].may[role], 'o');
            if (v.code != (may ? SP_OK : SP_E_FIELD_DENIED)) {
                fail_msg("role %d, %s.%s at creation: %s", role,
                    table[i].entity, table[i].field, sp_err_name(v.code));
            }
        }
    }
}

/* ---- the tray ---------------------------------------------------------- */

/* Of anna's refusals: what she, what her manager may do with each field; to
 * everybody else both entities are as if they were not there. */
static const struct {
    const char *entity;
    const char *field; /* the first of some that are alike */
    unsigned alike;
    const char *anna;
    const char *manager;
} trays[] = {
    { "rejected", "author", 15, "r", "." },
    { "rejected", "disposed", 1, "ro", "." },
    { "rejected", "withdrawn", 1, "r", "." },
    { "asked", "author", 10, "ri", "r" },
    { "asked", "typed_3", 2, "ro", "r" },
    { "asked", "asked", 2, "ro", "r" },
    { "asked", "answered", 1, "r", "rw" },
};

/* anna, mia her manager, ben beside her, dora elsewhere, head office's two. */
static const uint32_t readers[] = { 11, 10, 12, 21, 2, 1 };

static const char *may_do(size_t tray, uint32_t user)
{
    return user == 11   ? trays[tray].anna
           : user == 10 ? trays[tray].manager
                        : ".";
}

static struct sp_verdict write_tray(struct test_court *c, const char *entity,
    const struct sp_field *f, uint32_t user)
{
    test_court_case(c, entity);
    test_court_stands(c, "author", "11");
    test_court_writes_raw(
        c, f->number, (struct sp_slice){ NULL, 0 }, test_court_sample(c, f));
    return test_court_judge(c, user, 0);
}

static void check_tray_field(struct test_court *c, size_t tray,
    const struct sp_entity *e, const struct sp_field *f)
{
    struct sp_id scope = sp_scope_person(11);

    for (size_t i = 0; i < COUNT(readers); i++) {
        const char *may = may_do(tray, readers[i]);
        uint16_t grant =
            sp_rulebook_standing(c->book, readers[i], &scope, 0).grant;
        bool writes = has(may, 'w') || has(may, 'o');
        if (c->rules.reads(c->rules.self, grant, e->number, f->number) !=
                has(may, 'r') ||
            (f->number != 1 &&
                (write_tray(c, trays[tray].entity, f, readers[i]).kind ==
                    SP_ACCEPTED) != writes)) {
            fail_msg("user %u, %s.%.*s", readers[i], trays[tray].entity,
                (int)f->name.size, (const char *)f->name.data);
        }
        sp_arena_reset(&c->arena);
    }
}

static void a_tray_is_its_authors_and_managers_see_what_he_shows(void **state)
{
    struct fixture *f = *state;
    size_t fields = 0;

    for (size_t i = 0; i < COUNT(trays); i++) {
        const struct sp_entity *e = entity_of(&f->court, trays[i].entity);
        const struct sp_field *at =
            sp_dictionary_field_named(e, sp_slice_text(trays[i].field));
        for (unsigned k = 0; k < trays[i].alike; k++) {
            check_tray_field(&f->court, i, e, &at[k]);
            fields++;
        }
    }
    assert_int_equal(fields, 17 + 15);
}

/* Servers make refusals, nobody else; and each asks for himself. */
static void nobody_makes_a_refusal_or_asks_for_another(void **state)
{
    struct fixture *f = *state;
    struct test_court *c = &f->court;

    for (size_t i = 0; i < COUNT(readers); i++) {
        char me[12];
        (void)snprintf(me, sizeof(me), "%u", readers[i]);
        test_court_case(c, "rejected");
        test_court_writes(c, "author", me);
        assert_int_equal(test_court_judge(c, readers[i], 0).kind, SP_REFUSED);
        test_court_case(c, "asked");
        test_court_writes(c, "author", me);
        assert_int_equal(test_court_judge(c, readers[i], 0).kind,
            readers[i] == 1 || readers[i] == 2 ? SP_REFUSED : SP_ACCEPTED);
        test_court_case(c, "asked");
        test_court_writes(c, "author", readers[i] == 11 ? "12" : "11");
        assert_int_equal(test_court_judge(c, readers[i], 0).kind, SP_REFUSED);
    }
}

/* ---- the document ------------------------------------------------------ */

static void a_policy_comes_back_from_its_document(void **state)
{
    struct fixture *f = *state;
    struct sp_policy p;
    struct sp_buf out;

    assert_int_equal(
        sp_policy_decode(f->org->policy_body, &f->court.arena, &p), SP_OK);
    assert_int_equal(p.role_count, 4);
    assert_non_null(sp_policy_role_named(&p, sp_slice_text("manager")));
    assert_null(sp_policy_role_named(&p, sp_slice_text("king")));
    assert_null(sp_policy_role(&p, 9));
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_policy_encode(&p, &out);
    assert_true(sp_slice_equal(sp_buf_slice(&out), f->org->policy_body));
    sp_buf_free(&out);
}

static void a_cut_or_changed_policy_is_refused_or_read_as_one(void **state)
{
    struct fixture *f = *state;
    struct sp_slice body = f->org->policy_body;
    struct sp_policy p;
    uint8_t copy[4096];

    assert_true(body.size <= sizeof(copy));
    for (size_t size = 0; size < body.size; size++) {
        assert_int_not_equal(
            sp_policy_decode(sp_slice_of(body.data, size), &f->court.arena, &p),
            SP_OK);
    }
    for (size_t i = 0; i < body.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct sp_buf again;
            memcpy(copy, body.data, body.size);
            copy[i] = (uint8_t)(copy[i] ^ (1u << bit));
            struct sp_slice changed = sp_slice_of(copy, body.size);
            if (sp_policy_decode(changed, &f->court.arena, &p) != SP_OK) {
                continue;
            }
            sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
            sp_policy_encode(&p, &again);
            assert_true(sp_slice_equal(sp_buf_slice(&again), changed));
            sp_buf_free(&again);
        }
        sp_arena_reset(&f->court.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_names_every_field_once),
        cmocka_unit_test(each_role_reads_what_the_table_says_and_no_more),
        cmocka_unit_test(whoever_sees_a_record_sees_its_deletion),
        cmocka_unit_test(each_role_writes_what_the_table_says_and_no_more),
        cmocka_unit_test(each_role_removes_what_the_table_says_and_no_more),
        cmocka_unit_test(each_role_makes_what_the_table_says_and_no_more),
        cmocka_unit_test(what_is_initial_can_be_filled_in_at_creation_only),
        cmocka_unit_test(a_tray_is_its_authors_and_managers_see_what_he_shows),
        cmocka_unit_test(nobody_makes_a_refusal_or_asks_for_another),
        cmocka_unit_test(a_policy_comes_back_from_its_document),
        cmocka_unit_test(a_cut_or_changed_policy_is_refused_or_read_as_one),
    };
    return cmocka_run_group_tests(tests, open_court, close_court);
}
