/* Rulebook: consent, the catalogue, and records that belong to a person beside
 * their account. */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ACCOUNT "01890a5d-ac96-774b-bcce-b302099a8057"
#define YES     "state=given; at=2026-03-04T05:06:07Z; channel=visit"
#define NO      "state=withdrawn; at=2026-03-05T05:06:07Z"
#define DAY     "calendar=lunar; month=8; day=15"

/* A contact of anna's. */
static void contact(struct test_court *c)
{
    test_court_account(c, "A-1");
    test_court_case(c, "contact");
    test_court_stands(c, "account", ACCOUNT);
    test_court_stands(c, "author", "11");
    test_court_stands(c, "name", "Li Lei");
}

/* ---- consent ----------------------------------------------------------- */

/* cap 7 */
static void a_birthday_without_consent_is_refused_with_the_reason(void **state)
{
    struct test_court *c = *state;

    contact(c);
    test_court_writes(c, "birthday", DAY);
    struct sp_verdict v = test_court_judge(c, 11, 0);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.code, SP_E_CONSENT);
    assert_int_equal(v.field, 41);
    assert_int_equal(v.rule, 102);
}

static void consent_given_before_or_with_it_lets_it_in(void **state)
{
    struct test_court *c = *state;

    contact(c);
    test_court_stands(c, "consent_birthday", YES);
    test_court_writes(c, "birthday", DAY);
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
    contact(c);
    test_court_writes(c, "birthday", DAY);
    test_court_writes(c, "consent_birthday", YES);
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
}

static void consent_to_something_else_or_withdrawn_is_none(void **state)
{
    struct test_court *c = *state;

    contact(c);
    test_court_stands(c, "consent_messages", YES);
    test_court_writes(c, "birthday", DAY);
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_E_CONSENT);
    contact(c);
    test_court_stands(c, "consent_birthday", NO);
    test_court_writes(c, "birthday", DAY);
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_E_CONSENT);
    contact(c);
    test_court_stands(c, "consent_profile", YES);
    test_court_writes(c, "birthday", DAY);
    test_court_writes(c, "ethnicity", "Zhuang");
    assert_int_equal(test_court_judge(c, 11, 0).field, 41);
}

static void taking_a_birthday_out_needs_no_consent(void **state)
{
    struct test_court *c = *state;

    contact(c);
    test_court_stands(c, "birthday", DAY);
    test_court_stands(c, "consent_birthday", NO);
    test_court_writes(c, "birthday", NULL);
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
}

/* ---- a person beside the account --------------------------------------- */

static sp_err task_of(struct test_court *c, const char *account,
    const char *owner, uint32_t author, uint8_t authority)
{
    char me[12] = { (char)('0' + author / 10), (char)('0' + author % 10), 0 };

    test_court_account(c, "A-1");
    test_court_case(c, "task");
    if (account != NULL) {
        test_court_writes(c, "account", account);
    }
    test_court_writes(c, "author", me);
    test_court_writes(c, "owner", owner);
    test_court_writes(c, "title", "Call back");
    test_court_writes(c, "due", "2026-03-04");
    return test_court_judge(c, author, authority).code;
}

static void a_task_is_where_its_account_is_and_its_owners_too(void **state)
{
    struct test_court *c = *state;
    struct sp_scopes s;

    assert_int_equal(task_of(c, ACCOUNT, "12", 11, 0), SP_OK);
    assert_int_equal(c->rules.scopes(c->rules.self, &c->after.record,
                         &c->account.record, &s),
        SP_OK);
    struct sp_id place = test_org_territory("A-1");
    struct sp_id ben = sp_scope_person(12), anna = sp_scope_person(11);
    assert_int_equal(s.count, 3);
    assert_true(sp_id_equal(&s.id[0], &place));
    assert_true((sp_id_equal(&s.id[1], &ben) && sp_id_equal(&s.id[2], &anna)) ||
                (sp_id_equal(&s.id[1], &anna) && sp_id_equal(&s.id[2], &ben)));
    assert_true(c->rules.routes(c->rules.self, s.count > 0 ? 12 : 0, 3));
}

static void a_task_about_nobody_is_its_owners(void **state)
{
    struct test_court *c = *state;

    /* The court puts every child under its account: here there is none. */
    assert_int_equal(task_of(c, ACCOUNT, "11", 11, 0), SP_OK);
    test_court_case(c, "task");
    test_court_put(c, &c->after, "owner", "11");
    test_court_put(c, &c->after, "author", "10");
    struct sp_scopes s;
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->after.record, NULL, &s), SP_OK);
    struct sp_id anna = sp_scope_person(11), mia = sp_scope_person(10);
    assert_int_equal(s.count, 2);
    assert_true(sp_id_equal(&s.id[0], &anna));
    assert_true(sp_id_equal(&s.id[1], &mia));
}

/* ---- the catalogue ----------------------------------------------------- */

static struct sp_id catalogue_of(struct test_court *c, const char *unit)
{
    struct sp_scopes s;

    test_court_case(c, "event");
    test_court_put(c, &c->after, "name", "Tea");
    if (unit != NULL) {
        test_court_put(c, &c->after, "unit", unit);
    }
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->after.record, NULL, &s), SP_OK);
    assert_int_equal(s.count, 1);
    return s.id[0];
}

static void what_head_office_publishes_is_everybodys(void **state)
{
    struct test_court *c = *state;
    struct sp_id all = catalogue_of(c, NULL), a = catalogue_of(c, "A");

    assert_true(sp_scope_is_everybodys(&all));
    assert_false(sp_scope_is_everybodys(&a));
    assert_int_equal(sp_scope_kind_of(&a), SP_SCOPE_CATALOGUE);
    assert_int_equal(c->rules.server_of(c->rules.self, &all), 1);
    assert_int_equal(c->rules.server_of(c->rules.self, &a), 2);
    assert_int_equal(
        sp_rulebook_standing(c->book, 21, &all, 0).reach, SP_REACH_OWN);
    assert_int_equal(
        sp_rulebook_standing(c->book, 11, &a, 0).reach, SP_REACH_OWN);
    assert_int_equal(
        sp_rulebook_standing(c->book, 21, &a, 0).reach, SP_REACH_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birthday_without_consent_is_refused_with_the_reason),
        cmocka_unit_test(consent_given_before_or_with_it_lets_it_in),
        cmocka_unit_test(consent_to_something_else_or_withdrawn_is_none),
        cmocka_unit_test(taking_a_birthday_out_needs_no_consent),
        cmocka_unit_test(a_task_is_where_its_account_is_and_its_owners_too),
        cmocka_unit_test(a_task_about_nobody_is_its_owners),
        cmocka_unit_test(what_head_office_publishes_is_everybodys),
    };
    return cmocka_run_group_tests(tests, test_court_setup, test_court_teardown);
}
