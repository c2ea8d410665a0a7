/* Rulebook: what is found, where records are, and who may hold what. */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

#define SOME_ACCOUNT "01890a5d-ac96-774b-bcce-b302099a8057"
#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

/* ---- look-ups ---------------------------------------------------------- */

static void everybody_and_everything_is_found(void **state)
{
    struct test_court *c = *state;
    const struct sp_rulebook *b = c->book;

    assert_true(
        sp_slice_equal(sp_rulebook_find_person(b, 11)->login, text("anna")));
    assert_int_equal(sp_rulebook_find_login(b, text("max"))->user, 20);
    assert_null(sp_rulebook_find_login(b, text("nobody")));
    assert_null(sp_rulebook_find_person(b, 99));
    assert_true(sp_slice_equal(
        sp_rulebook_find_unit_of(b, 22)->name, text("Branch B")));
    assert_int_equal(sp_rulebook_find_unit_serving(b, text("B-1"))->server, 3);
    assert_null(sp_rulebook_find_territory(b, text("B-9")));
    assert_int_equal(sp_rulebook_find_head_office(b)->server, 1);
    assert_int_equal(sp_rulebook_find_unit(b, text("A"))->server, 2);
    assert_int_equal(sp_rulebook_find_device(b, 113)->user, 13);
    assert_null(sp_rulebook_find_device(b, 999));
    const struct test_org_device *d = test_org_find(c->org, 121);
    assert_int_equal(
        sp_rulebook_find_static(b, d->keys.static_public)->device, 121);
    assert_null(sp_rulebook_find_static(b, d->keys.seal_public));
    assert_int_equal(sp_rulebook_find_serial(b, SP_DOC_POLICY, text("")), 1);
    assert_true(
        sp_slice_equal(sp_rulebook_find_document(b, SP_DOC_DEVICE, text("113")),
            sp_rulebook_find_document(b, SP_DOC_DEVICE, text("113"))));
    assert_int_equal(sp_rulebook_serials(b).roster, 3);
}

static void lists_are_in_order_and_complete(void **state)
{
    struct test_court *c = *state;
    size_t n = 0;

    for (; sp_rulebook_list_person(c->book, n) != NULL; n++) {
        assert_true(
            n == 0 || sp_rulebook_list_person(c->book, n)->user >
                          sp_rulebook_list_person(c->book, n - 1)->user);
    }
    assert_int_equal(n, 9);
    assert_int_equal(sp_rulebook_list_unit(c->book, 0)->unit.size, 0);
    assert_non_null(sp_rulebook_list_unit(c->book, 2));
    assert_null(sp_rulebook_list_unit(c->book, 3));
    assert_non_null(sp_rulebook_list_territory(c->book, 4));
    assert_null(sp_rulebook_list_territory(c->book, 5));
    assert_non_null(sp_rulebook_list_device(c->book, 11));
    assert_null(sp_rulebook_list_device(c->book, 12));
    for (n = 0; sp_rulebook_list_document(c->book, n).size > 0; n++) {
    }
    assert_int_equal(n, c->org->document_count);
}

static void authority_and_management_follow_from_roles(void **state)
{
    struct test_court *c = *state;

    assert_int_equal(sp_rulebook_authority(c->book, 11), 0);
    assert_int_equal(sp_rulebook_authority(c->book, 10), 1);
    assert_int_equal(sp_rulebook_authority(c->book, 2), 2);
    assert_int_equal(sp_rulebook_authority(c->book, 99), 0);
    assert_int_equal(sp_rulebook_manages(c->book, 10), SP_MANAGES_DEVICES);
    assert_true(sp_rulebook_manages(c->book, 1) & SP_MANAGES_POLICY);
    assert_int_equal(sp_rulebook_manages(c->book, 11), 0);
}

static void a_scope_can_be_named_to_people(void **state)
{
    struct test_court *c = *state;
    struct sp_id territory = test_org_territory("A-2");
    struct sp_id person = sp_scope_person(21);
    struct sp_buf out;

    sp_buf_init(&out, 256);
    sp_rulebook_describe_scope(c->book, &territory, &out);
    sp_buf_put_u8(&out, '|');
    sp_rulebook_describe_scope(c->book, &person, &out);
    assert_true(sp_slice_equal(
        sp_buf_slice(&out), text("territory A-2|person 21 Dora Du")));
    sp_buf_free(&out);
}

/* ---- scopes (SYNC S1) -------------------------------------------------- */

static struct sp_scopes scopes_of(
    struct test_court *c, struct test_court_record *r, bool child)
{
    struct sp_scopes out;

    assert_int_equal(c->rules.scopes(c->rules.self, &r->record,
                         child ? &c->account.record : NULL, &out),
        SP_OK);
    for (uint32_t i = 2; i < out.count; i++) {
        assert_true(sp_id_cmp(&out.id[i - 1], &out.id[i]) < 0);
    }
    return out;
}

static bool in(const struct sp_scopes *s, struct sp_id id)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (sp_id_equal(&s->id[i], &id)) {
            return true;
        }
    }
    return false;
}

static void an_account_is_in_its_territory_and_with_its_team(void **state)
{
    struct test_court *c = *state;
    struct sp_id own = test_org_territory("A-1");

    test_court_account(c, "A-1");
    test_court_put(c, &c->account, "owner_id", "12");
    test_court_put(c, &c->account, "team", "13");
    test_court_put(c, &c->account, "team", "21");
    struct sp_scopes s = scopes_of(c, &c->account, false);
    assert_int_equal(s.count, 3); /* the owner only counts without territory */
    assert_true(sp_id_equal(&s.id[0], &own));
    assert_true(in(&s, sp_scope_person(13)) && in(&s, sp_scope_person(21)));
}

static void an_account_without_territory_is_with_its_owner(void **state)
{
    struct test_court *c = *state;
    struct sp_id owner = sp_scope_person(12);

    test_court_account(c, NULL);
    struct sp_scopes s = scopes_of(c, &c->account, false);
    assert_int_equal(s.count, 0);
    test_court_put(c, &c->account, "owner_id", "12");
    s = scopes_of(c, &c->account, false);
    assert_int_equal(s.count, 1);
    assert_true(sp_id_equal(&s.id[0], &owner));
    /* A cleared territory is none. */
    test_court_put(c, &c->account, "territory_id", "");
    s = scopes_of(c, &c->account, false);
    assert_true(sp_id_equal(&s.id[0], &owner));
}

static void a_visit_is_where_its_account_is_and_with_its_author(void **state)
{
    struct test_court *c = *state;
    struct sp_id own = test_org_territory("A-1");

    test_court_account(c, "A-1");
    test_court_put(c, &c->account, "team", "13");
    test_court_case(c, "visit");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "rep", "12");
    struct sp_scopes s = scopes_of(c, &c->before, true);
    assert_int_equal(s.count, 3);
    assert_true(sp_id_equal(&s.id[0], &own));
    assert_true(in(&s, sp_scope_person(12)) && in(&s, sp_scope_person(13)));

    struct sp_ref parent;
    assert_true(c->rules.parent(c->rules.self, &c->before.record, &parent));
    assert_int_equal(parent.type, 1);
    assert_int_equal(parent.id.b[0], 0x01);
    assert_false(c->rules.parent(c->rules.self, &c->account.record, &parent));
}

static void a_child_without_its_parent_waits(void **state)
{
    struct test_court *c = *state;
    struct sp_scopes s;

    test_court_case(c, "note");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "author", "12");
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->before.record, NULL, &s),
        SP_E_DEFERRED_PARENT);
    /* Without even a reference it is with its author at least. */
    test_court_case(c, "note");
    test_court_stands(c, "author", "12");
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->before.record, NULL, &s), SP_OK);
    assert_int_equal(s.count, 1);
}

static void a_task_is_where_its_account_is_with_its_owner_and_who_follows_it(
    void **state)
{
    struct test_court *c = *state;
    struct sp_id own = test_org_territory("A-1");
    struct sp_scopes s;

    test_court_account(c, "A-1");
    test_court_case(c, "task");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "author", "12");
    test_court_stands(c, "owner", "13");
    test_court_stands(c, "followers", "14");
    s = scopes_of(c, &c->before, true);
    assert_int_equal(s.count, 4);
    assert_true(sp_id_equal(&s.id[0], &own));
    assert_true(in(&s, sp_scope_person(12)) && in(&s, sp_scope_person(13)) &&
                in(&s, sp_scope_person(14)));
    /* Whose device lacks the account has it for these people all the same. */
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->before.record, NULL, &s),
        SP_E_DEFERRED_PARENT);
    assert_int_equal(s.count, 3);
    /* About nobody, it lies with its owner first. */
    test_court_case(c, "task");
    test_court_stands(c, "author", "12");
    test_court_stands(c, "owner", "13");
    test_court_stands(c, "followers", "14");
    s = scopes_of(c, &c->before, false);
    own = sp_scope_person(13);
    assert_int_equal(s.count, 3);
    assert_true(sp_id_equal(&s.id[0], &own) && in(&s, sp_scope_person(14)));
}

static void more_people_than_scopes_are_cut_alike_everywhere(void **state)
{
    struct test_court *c = *state;
    struct sp_id own = test_org_territory("A-1");
    char user[12];

    test_court_account(c, "A-1");
    for (unsigned i = 0; i < 60; i++) {
        (void)snprintf(user, sizeof(user), "%u", 1000u + (i * 37u) % 60u);
        test_court_put(c, &c->account, "team", user);
    }
    struct sp_scopes s = scopes_of(c, &c->account, false);
    assert_int_equal(s.count, SP_RECORD_SCOPES_MAX);
    assert_true(sp_id_equal(&s.id[0], &own));
    unsigned below = 0;
    for (uint32_t user_number = 1000; user_number < 1060; user_number++) {
        struct sp_id id = sp_scope_person(user_number);
        below += sp_id_cmp(&id, &s.id[s.count - 1u]) <= 0;
    }
    assert_int_equal(below, SP_RECORD_SCOPES_MAX - 1u); /* the lowest stay */
}

static void routes_are_the_fields_that_scopes_come_from(void **state)
{
    struct test_court *c = *state;
    static const struct {
        uint16_t type, field;
        bool routes;
    } cases[] = { { 1, 11, true }, { 1, 12, true }, { 1, 13, true },
        { 1, 2, false }, { 1, 0, false }, { 3, 1, true }, { 3, 2, true },
        { 3, 9, false }, { 99, 1, false } };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            c->rules.routes(c->rules.self, cases[i].type, cases[i].field),
            cases[i].routes);
    }
}

static void the_server_of_a_scope_is_its_units_or_head_offices(void **state)
{
    struct test_court *c = *state;
    struct sp_id a = test_org_territory("A-1"), z = test_org_territory("Z");
    struct sp_id dora = sp_scope_person(21), h = test_org_territory("H-1");

    assert_int_equal(c->rules.server_of(c->rules.self, &a), 2);
    assert_int_equal(c->rules.server_of(c->rules.self, &dora), 3);
    assert_int_equal(c->rules.server_of(c->rules.self, &h), 1);
    assert_int_equal(c->rules.server_of(c->rules.self, &z), 1); /* SYNC J1 */
}

/* ---- what a device may hold (SYNC S5) ---------------------------------- */

static sp_err entitle(
    struct test_court *c, uint32_t device, struct sp_entitlement *out)
{
    return c->rules.entitle(c->rules.self, device, 0, &c->arena, out);
}

static const struct sp_entitled *entitled_to(
    const struct sp_entitlement *e, struct sp_id scope)
{
    for (uint32_t i = 0; i < e->count; i++) {
        assert_true(i == 0 ||
                    sp_id_cmp(&e->scope[i - 1].scope, &e->scope[i].scope) < 0);
        if (sp_id_equal(&e->scope[i].scope, &scope)) {
            return &e->scope[i];
        }
    }
    return NULL;
}

static void each_device_may_hold_what_its_people_reach(void **state)
{
    struct test_court *c = *state;
    /* device, scopes: territories, person scopes, catalogues */
    static const struct {
        uint32_t device, count;
    } cases[] = { { 101, 12 }, { 102, 17 }, { 110, 8 }, { 111, 4 }, { 113, 5 },
        { 120, 7 }, { 121, 4 }, { 1, 17 }, { 2, 8 }, { 3, 7 } };
    struct sp_entitlement e;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(entitle(c, cases[i].device, &e), SP_OK);
        if (e.count != cases[i].count) {
            fail_msg("device %u: %u scopes", cases[i].device, e.count);
        }
    }
    assert_int_equal(entitle(c, 111, &e), SP_OK);
    assert_non_null(entitled_to(&e, test_org_territory("A-1")));
    assert_non_null(entitled_to(&e, sp_scope_person(11)));
    assert_null(entitled_to(&e, test_org_territory("A-2")));
    assert_int_equal(entitle(c, 2, &e), SP_OK);
    assert_int_equal(
        entitled_to(&e, sp_scope_person(10))->grant, SP_GRANT_EVERYTHING);
    assert_null(entitled_to(&e, test_org_territory("B-1")));
    assert_int_equal(entitle(c, 999, &e), SP_E_UNKNOWN_DEVICE);
}

static void equal_grants_have_equal_digests_on_every_server(void **state)
{
    struct test_court *c = *state;
    struct sp_entitlement anna, dora, mia;

    assert_int_equal(entitle(c, 111, &anna), SP_OK);
    assert_int_equal(entitle(c, 110, &mia), SP_OK);
    test_court_rebuild(c);
    assert_int_equal(entitle(c, 121, &dora), SP_OK);
    assert_memory_equal(anna.scope[0].digest, dora.scope[0].digest, 8);
    assert_memory_not_equal(anna.scope[0].digest, mia.scope[0].digest, 8);
}

static void a_grant_travels_as_types_and_fields(void **state)
{
    struct test_court *c = *state;
    struct sp_entitlement e;
    struct sp_buf out;
    struct sp_rd r;

    sp_buf_init(&out, 65536);
    assert_int_equal(entitle(c, 102, &e), SP_OK);
    uint16_t grant = entitled_to(&e, test_org_territory("A-1"))->grant;
    assert_int_equal(c->rules.grant_encode(c->rules.self, grant, &out), SP_OK);
    sp_rd_init(&r, sp_buf_slice(&out));
    uint32_t types = sp_rd_array(&r, 16);
    assert_int_equal(types, 12); /* of those that an analyst reads there */
    for (uint32_t i = 0; i < types; i++) {
        sp_rd_array_of(&r, 2);
        uint16_t type = (uint16_t)sp_rd_uint(&r, 1, 255);
        uint32_t fields = sp_rd_array(&r, 512);
        for (uint32_t j = 0; j < fields; j++) {
            assert_true(c->rules.reads(c->rules.self, grant, type,
                (uint16_t)sp_rd_uint(&r, 1, SP_FIELD_MAX)));
        }
    }
    assert_int_equal(sp_rd_done(&r), SP_OK);
    sp_buf_free(&out);
}

static void a_moved_territory_moves_the_entitlement(void **state)
{
    struct test_court *c = *state;
    static const char *const other[] = { "A-2" };
    struct sp_entitlement e;

    test_org_assign(c->org, 11, 1, other);
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    assert_int_equal(entitle(c, 111, &e), SP_OK);
    assert_null(entitled_to(&e, test_org_territory("A-1")));
    assert_non_null(entitled_to(&e, test_org_territory("A-2")));
    assert_int_equal(sp_rulebook_serials(c->book).roster, 4);
}

static void several_roles_and_extra_reach_add_up(void **state)
{
    struct test_court *c = *state;
    static const uint16_t both[] = { TEST_ORG_REP, TEST_ORG_ANALYST };
    static struct sp_extra extra[2];
    struct sp_person *anna = test_org_person(c->org, 11, NULL);
    struct sp_entitlement e;

    anna->role = both;
    anna->role_count = 2;
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    assert_int_equal(entitle(c, 111, &e), SP_OK);
    assert_int_equal(e.count, 17);
    uint16_t near = entitled_to(&e, test_org_territory("A-1"))->grant;
    uint16_t far = entitled_to(&e, test_org_territory("B-1"))->grant;
    assert_true(c->rules.reads(c->rules.self, near, 4, 4));
    assert_false(c->rules.reads(c->rules.self, far, 4, 4));
    assert_true(c->rules.reads(c->rules.self, far, 1, 1));

    anna->role_count = 1;
    extra[0] = (struct sp_extra){ SP_EXTRA_TERRITORY, text("B-1"), 0 };
    extra[1] = (struct sp_extra){ SP_EXTRA_REGION, text("centre"), 0 };
    anna->extra = extra;
    anna->extra_count = 2;
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    assert_int_equal(entitle(c, 111, &e), SP_OK);
    assert_int_equal(e.count, 6);
    assert_non_null(entitled_to(&e, test_org_territory("H-1")));
}

/* Shared up to a day, inclusive: then it is gone, with nobody doing anything.
 */
static void a_share_holds_to_the_end_of_its_last_day(void **state)
{
    enum { LAST_DAY = 20819 };
    struct test_court *c = *state;
    static struct sp_extra extra[1];
    struct sp_person *anna = test_org_person(c->org, 11, NULL);
    struct sp_entitlement e;
    const uint64_t end = (LAST_DAY + 1ull) * SP_ROSTER_DAY_MS;

    extra[0] = (struct sp_extra){ SP_EXTRA_TERRITORY, text("B-1"), LAST_DAY };
    anna->extra = extra;
    anna->extra_count = 1;
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    void *self = c->rules.self;
    assert_int_equal(
        c->rules.entitle(self, 111, end - 1, &c->arena, &e), SP_OK);
    assert_non_null(entitled_to(&e, test_org_territory("B-1")));
    assert_true(e.until_ms == end);
    assert_int_equal(c->rules.entitle(self, 111, end, &c->arena, &e), SP_OK);
    assert_null(entitled_to(&e, test_org_territory("B-1")));
    assert_true(e.until_ms == 0);
    /* What people are told is the same; a device's clock ends nothing. */
    const struct sp_id b1 = test_org_territory("B-1");
    const struct {
        uint64_t now_ms;
        bool sees;
    } told[] = { { end - 1, true }, { end, false }, { 0, true } };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            sp_rulebook_standing(c->book, 11, &b1, told[i].now_ms).grant !=
                SP_GRANT_NOTHING,
            told[i].sees);
    }
}

static void who_left_and_what_was_lost_hold_nothing(void **state)
{
    struct test_court *c = *state;
    struct sp_entitlement e;
    struct sp_certified d;

    assert_int_equal(c->rules.device(c->rules.self, 111, &d), SP_OK);
    assert_false(d.revoked);
    assert_int_equal(d.user, 11);
    assert_memory_equal(
        d.sign_public, test_org_find(c->org, 111)->keys.sign_public, 32);
    test_org_person(c->org, 11, NULL)->status = SP_PERSON_LEFT;
    (void)test_org_publish(c->org, TEST_ORG_A);
    (void)test_org_publish_device(
        c->org, test_org_find(c->org, 112), SP_DEVICE_LOST);
    test_court_rebuild(c);
    assert_int_equal(entitle(c, 111, &e), SP_E_REVOKED);
    assert_int_equal(entitle(c, 112, &e), SP_E_REVOKED);
    assert_int_equal(c->rules.device(c->rules.self, 111, &d), SP_OK);
    assert_true(d.revoked);
    assert_int_equal(c->rules.device(c->rules.self, 112, &d), SP_OK);
    assert_true(d.revoked);
    assert_int_equal(
        c->rules.device(c->rules.self, 999, &d), SP_E_UNKNOWN_DEVICE);
    assert_int_equal(c->rules.device(c->rules.self, 1, &d), SP_OK);
    assert_true(d.head_office && d.user == 0 && !d.revoked);
}

#define WITH_COURT(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_court_setup, test_court_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COURT(everybody_and_everything_is_found),
        WITH_COURT(lists_are_in_order_and_complete),
        WITH_COURT(authority_and_management_follow_from_roles),
        WITH_COURT(a_scope_can_be_named_to_people),
        WITH_COURT(an_account_is_in_its_territory_and_with_its_team),
        WITH_COURT(
            a_task_is_where_its_account_is_with_its_owner_and_who_follows_it),
        WITH_COURT(an_account_without_territory_is_with_its_owner),
        WITH_COURT(a_visit_is_where_its_account_is_and_with_its_author),
        WITH_COURT(a_child_without_its_parent_waits),
        WITH_COURT(more_people_than_scopes_are_cut_alike_everywhere),
        WITH_COURT(routes_are_the_fields_that_scopes_come_from),
        WITH_COURT(the_server_of_a_scope_is_its_units_or_head_offices),
        WITH_COURT(each_device_may_hold_what_its_people_reach),
        WITH_COURT(equal_grants_have_equal_digests_on_every_server),
        WITH_COURT(a_grant_travels_as_types_and_fields),
        WITH_COURT(a_moved_territory_moves_the_entitlement),
        WITH_COURT(several_roles_and_extra_reach_add_up),
        WITH_COURT(a_share_holds_to_the_end_of_its_last_day),
        WITH_COURT(who_left_and_what_was_lost_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
