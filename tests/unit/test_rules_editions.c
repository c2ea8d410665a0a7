/* Rulebook: what was made under an older edition (SYNC J4). */
#include "court.h"
#include "edition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

#define ARENA_BYTES_MAX 67108864u

static int open_court(void **state)
{
    struct test_court *c = calloc(1, sizeof(*c));
    struct test_org *o = test_org_new(7);

    assert_non_null(c);
    test_court_open(c, o, test_org_rulebook(o));
    *state = c;
    return 0;
}

static int close_court(void **state)
{
    struct test_court *c = *state;

    test_org_free(c->org);
    test_court_close(c);
    free(c);
    return 0;
}

/* Takes the documents as they now stand. */
static void rebuild(struct test_court *c)
{
    c->book = test_org_rulebook(c->org);
    c->rules = sp_rulebook_rules(c->book);
}

static void next_edition(
    struct test_court *c, const struct test_change *change, size_t count)
{
    test_edition_dictionary(c->org, change, count);
    rebuild(c);
}

static void check(
    struct sp_verdict v, enum sp_verdict_kind kind, sp_err code, uint16_t field)
{
    assert_int_equal(v.kind, kind);
    assert_int_equal(v.code, code);
    assert_int_equal(v.field, field);
}

static void writes_industry(struct test_court *c)
{
    test_court_case(c, "account");
    test_court_stands(c, "name", "Corner shop");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "industry", "tea");
}

static void a_retired_field_is_written_by_commits_of_before_alone(void **state)
{
    struct test_court *c = *state;

    next_edition(c, test_edition_retire, TEST_EDITION_RETIRE);
    assert_int_equal(sp_rulebook_serials(c->book).dictionary, 2);
    writes_industry(c);
    c->commit.dictionary = 1;
    check(test_court_judge(c, 11, 0), SP_ACCEPTED, SP_OK, 0);
    c->commit.dictionary = 2;
    check(test_court_judge(c, 11, 0), SP_REFUSED, SP_E_RETIRED, 5);
    /* Two editions later it is still retired since then. */
    next_edition(c, test_edition_retire, TEST_EDITION_RETIRE);
    next_edition(c, test_edition_retire, TEST_EDITION_RETIRE);
    c->commit.dictionary = 1;
    check(test_court_judge(c, 11, 0), SP_ACCEPTED, SP_OK, 0);
    c->commit.dictionary = 2;
    check(test_court_judge(c, 11, 0), SP_REFUSED, SP_E_RETIRED, 5);
}

/* What the device had confirmed before counts, whatever it names now. */
static void nobody_goes_back_behind_what_his_device_had_confirmed(void **state)
{
    struct test_court *c = *state;

    next_edition(c, test_edition_retire, TEST_EDITION_RETIRE);
    writes_industry(c);
    c->commit.dictionary = 1;
    c->floor.dictionary = 2;
    check(test_court_judge(c, 11, 0), SP_REFUSED, SP_E_RETIRED, 5);
    c->floor.dictionary = 0;
}

static void who_may_use_a_field_may_use_what_it_was(void **state)
{
    struct test_court *c = *state;
    struct sp_id a1 = test_org_territory("A-1");

    next_edition(c, test_edition_retire, TEST_EDITION_RETIRE);
    /* A policy that knows the new name only. */
    test_edition_policy(c->org, test_edition_trade, TEST_EDITION_TRADE);
    rebuild(c);
    uint16_t grant = sp_rulebook_standing(c->book, 11, &a1, 0).grant;
    assert_true(c->rules.reads(c->rules.self, grant, 1, 900));
    assert_true(c->rules.reads(c->rules.self, grant, 1, 5));
    writes_industry(c);
    c->commit.dictionary = 1;
    check(test_court_judge(c, 11, 0), SP_ACCEPTED, SP_OK, 0);
}

/* "source" (6) becomes required, and so does a field that is new. */
static const struct test_change require[] = {
    { "name = \"source\"; en = \"Source\"; zh = \"来源\";",
        "name = \"source\"; en = \"Source\"; zh = \"来源\"; "
        "required = true;" },
};

static void a_field_required_since_refuses_no_record_of_before(void **state)
{
    struct test_court *c = *state;

    next_edition(c, require, 1);
    test_court_case(c, "account");
    test_court_writes(c, "name", "Corner shop");
    test_court_writes(c, "territory_id", "A-1");
    c->commit.dictionary = 1;
    assert_true(c->rules.whole(c->rules.self, &c->after.record, 1));
    assert_false(c->rules.whole(c->rules.self, &c->after.record, 2));
    check(test_court_judge(c, 11, 0), SP_ACCEPTED, SP_OK, 0);
    c->commit.dictionary = 2;
    check(test_court_judge(c, 11, 0), SP_REFUSED, SP_E_REQUIRED, 6);
    /* Emptied: likewise. */
    test_court_case(c, "account");
    test_court_stands(c, "name", "Corner shop");
    test_court_stands(c, "territory_id", "A-1");
    test_court_stands(c, "source", "fair");
    test_court_writes(c, "source", "");
    check(test_court_judge(c, 11, 0), SP_REFUSED, SP_E_REQUIRED, 6);
    c->commit.dictionary = 1;
    check(test_court_judge(c, 11, 0), SP_ACCEPTED, SP_OK, 0);
}

/* The territory gets another field: records stay where they are. */
static const struct test_change move_field[] = {
    { "territory = \"territory_id\";", "territory = \"area\";" },
    { "type = \"territory\"; merge = \"AUTH\"; sensitivity = 1;",
        "type = \"territory\"; merge = \"AUTH\"; sensitivity = 1; "
        "retired = true;" },
    { TEST_EDITION_LAST,
        ",\n"
        "{ number = 900; name = \"area\"; en = \"Area\"; zh = \"片区\"; "
        "type = \"territory\"; merge = \"AUTH\"; sensitivity = 1; "
        "authority = \"branch\"; was = \"territory_id\"; "
        "}" TEST_EDITION_AFTER },
};

static void a_record_lies_where_the_old_field_put_it(void **state)
{
    struct test_court *c = *state;
    struct sp_id a1 = test_org_territory("A-1"), a2 = test_org_territory("A-2");
    struct sp_scopes s;

    next_edition(c, move_field, 3);
    test_court_case(c, "account");
    test_court_stands(c, "name", "Corner shop");
    test_court_stands(c, "territory_id", "A-1");
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->before.record, NULL, &s), SP_OK);
    assert_true(s.count == 1 && sp_id_equal(&s.id[0], &a1));
    assert_true(c->rules.routes(c->rules.self, 1, 12));
    assert_true(c->rules.routes(c->rules.self, 1, 900));
    test_court_stands(c, "area", "A-2");
    assert_int_equal(
        c->rules.scopes(c->rules.self, &c->before.record, NULL, &s), SP_OK);
    /* Both stand, and nobody has seen the other: the later is shown. */
    assert_true(s.count == 1 && sp_id_equal(&s.id[0], &a2));
}

#define WITH_COURT(test)                                                       \
    cmocka_unit_test_setup_teardown(test, open_court, close_court)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COURT(a_retired_field_is_written_by_commits_of_before_alone),
        WITH_COURT(nobody_goes_back_behind_what_his_device_had_confirmed),
        WITH_COURT(who_may_use_a_field_may_use_what_it_was),
        WITH_COURT(a_field_required_since_refuses_no_record_of_before),
        WITH_COURT(a_record_lies_where_the_old_field_put_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
