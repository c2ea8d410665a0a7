/* Rulebook: what the judge says (SYNC J4). */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/case.h"
#include "sp/limits.h"
#include "sp/pack.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SOME_ACCOUNT "01890a5d-ac96-774b-bcce-b302099a8057"

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

static void new_visit(struct test_court *c, const char *rep)
{
    test_court_account(c, "A-1");
    test_court_case(c, "visit");
    test_court_writes(c, "account", SOME_ACCOUNT);
    test_court_writes(c, "rep", rep);
    test_court_writes(c, "type", "sales");
    test_court_writes(c, "checkin", "2026-03-04T05:06:07Z Asia/Shanghai");
}

static void check_refused(
    struct sp_verdict v, sp_err code, uint16_t type, uint16_t field)
{
    assert_int_equal(v.code, code);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.type, type);
    assert_int_equal(v.field, field);
}

static void a_rep_logs_a_visit_at_an_account_of_his(void **state)
{
    struct test_court *c = *state;

    new_visit(c, "11");
    struct sp_verdict v = test_court_judge(c, 11, 0);
    assert_int_equal(v.kind, SP_ACCEPTED);
    assert_int_equal(v.rule, 103);
}

static void a_visit_is_refused_without_what_it_requires(void **state)
{
    struct test_court *c = *state;

    test_court_account(c, "A-1");
    test_court_case(c, "visit");
    test_court_writes(c, "account", SOME_ACCOUNT);
    test_court_writes(c, "rep", "11");
    test_court_writes(c, "type", "sales");
    check_refused(test_court_judge(c, 11, 0), SP_E_REQUIRED, 3, 5);
}

static void nobody_signs_for_another(void **state)
{
    struct test_court *c = *state;

    new_visit(c, "12");
    check_refused(test_court_judge(c, 11, 0), SP_E_FIELD_DENIED, 3, 2);
}

static void nobody_claims_more_authority_than_he_has(void **state)
{
    struct test_court *c = *state;

    /* It counts in AUTH fields only: who was more when he typed the rest is not
     * refused for it. */
    new_visit(c, "11");
    assert_int_equal(test_court_judge(c, 11, 1).code, SP_OK);
    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "territory_id", "A-2");
    assert_int_equal(test_court_judge(c, 10, 1).code, SP_OK);
    assert_int_equal(test_court_judge(c, 10, 2).code, SP_E_AUTHORITY);
}

static void strangers_and_leavers_write_nothing(void **state)
{
    struct test_court *c = *state;

    new_visit(c, "99");
    check_refused(test_court_judge(c, 99, 0), SP_E_DENIED, 3, 0);
    test_org_person(c->org, 11, NULL)->status = SP_PERSON_LEFT;
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    new_visit(c, "11");
    check_refused(test_court_judge(c, 11, 0), SP_E_DENIED, 3, 0);
}

static void what_is_written_once_stays(void **state)
{
    struct test_court *c = *state;

    test_court_account(c, "A-1");
    test_court_case(c, "visit");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "rep", "11");
    test_court_stands(c, "checkout", "2026-03-04T05:06:07Z");
    test_court_writes(c, "checkout", "2026-03-04T06:06:07Z");
    check_refused(test_court_judge(c, 11, 0), SP_E_IMMUTABLE, 3, 6);
    test_court_case(c, "visit");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "rep", "11");
    test_court_stands(c, "checkout", "");
    test_court_writes(c, "checkout", "2026-03-04T06:06:07Z");
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
}

/* The visit stands as one device made it, and comes as another one did. */
static struct sp_verdict made_twice(
    struct test_court *c, uint32_t user, const char *type)
{
    static const char *const field[] = { "account", "rep", "checkin",
        "outcome" };
    static const char *const text[] = { SOME_ACCOUNT, "11",
        "2026-03-04T05:06:07Z", "promise" };

    test_court_account(c, "A-1");
    test_court_case(c, "visit");
    for (size_t i = 0; i < COUNT(field); i++) {
        test_court_stands(c, field[i], text[i]);
        test_court_writes(c, field[i], text[i]);
    }
    test_court_stands(c, "type", "service");
    test_court_writes(c, "type", type);
    return test_court_judge(c, user, 0);
}

static void a_record_that_two_devices_made_of_one_event_is_one(void **state)
{
    struct test_court *c = *state;

    assert_int_equal(made_twice(c, 11, "service").code, SP_OK);
    check_refused(made_twice(c, 11, "sales"), SP_E_FIELD_DENIED, 3, 4);
    /* Nobody makes it in another's name. */
    check_refused(made_twice(c, 13, "service"), SP_E_FIELD_DENIED, 3, 2);
}

static void what_was_appended_is_not_taken_away(void **state)
{
    struct test_court *c = *state;
    static const uint8_t nil[] = { 0xc0 };

    test_court_account(c, "A-1");
    test_court_case(c, "note");
    test_court_stands(c, "account", SOME_ACCOUNT);
    test_court_stands(c, "author", "12");
    test_court_stands(c, "comments", "2026-03-04T05:06:07Z; well done");
    struct sp_slice element =
        sp_record_field(&c->before.record, 7)->key.element;
    test_court_writes_raw(c, 7, element, SP_SLICE(nil));
    check_refused(test_court_judge(c, 11, 0), SP_E_IMMUTABLE, 4, 7);
}

static void a_record_is_not_moved_out_of_reach(void **state)
{
    struct test_court *c = *state;

    test_court_case(c, "account");
    test_court_stands(c, "name", "Corner shop");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "territory_id", "B-1");
    check_refused(test_court_judge(c, 10, 1), SP_E_SCOPE, 1, 12);
    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "B-1");
    test_court_writes(c, "territory_id", "A-1");
    check_refused(test_court_judge(c, 10, 1), SP_E_SCOPE, 1, 0);
}

static void a_record_that_would_be_in_no_scope_is_refused(void **state)
{
    struct test_court *c = *state;

    test_court_case(c, "account");
    test_court_writes(c, "name", "New shop");
    check_refused(test_court_judge(c, 11, 0), SP_E_REQUIRED, 1, 12);
    test_court_writes(c, "owner_id", "11");
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
}

static void people_and_territories_must_be_known(void **state)
{
    struct test_court *c = *state;

    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "owner_id", "77");
    check_refused(test_court_judge(c, 10, 1), SP_E_VALUE, 1, 11);
    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "team", "77");
    check_refused(test_court_judge(c, 10, 1), SP_E_VALUE, 1, 13);
    /* An unknown territory is nobody's to write to. */
    test_court_case(c, "account");
    test_court_writes(c, "name", "New shop");
    test_court_writes(c, "territory_id", "Z-1");
    check_refused(test_court_judge(c, 11, 0), SP_E_SCOPE, 1, 12);
}

static void no_account_is_its_own_parent(void **state)
{
    struct test_court *c = *state;

    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "parent_id", "00000000-0000-0000-0000-000000000002");
    check_refused(test_court_judge(c, 10, 1), SP_E_CYCLE, 1, 7);
    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "parent_id", "00000000-0000-0000-0000-000000000003");
    assert_int_equal(test_court_judge(c, 10, 1).code, SP_OK);
}

static void an_element_must_be_that_of_its_value(void **state)
{
    struct test_court *c = *state;
    static const uint8_t tea[] = { 0xa3, 't', 'e', 'a' }, nil[] = { 0xc0 };
    static const uint8_t rum[] = { 0xa3, 'r', 'u', 'm' };

    for (unsigned i = 0; i < 5; i++) {
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        struct sp_slice none = { NULL, 0 };
        uint16_t field = i == 3 ? 5 : 18; /* 5 is no set */
        test_court_writes_raw(c, field,
            i == 0   ? SP_SLICE(tea)
            : i == 4 ? none
                     : SP_SLICE(rum),
            i == 1 ? SP_SLICE(nil) : SP_SLICE(tea));
        assert_int_equal(
            test_court_judge(c, 11, 0).code, i < 2 ? SP_OK : SP_E_VALUE);
    }
}

static void a_set_ends_at_its_limit(void **state)
{
    struct test_court *c = *state;
    char tag[12];

    for (unsigned more = 0; more < 3; more++) {
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        for (unsigned i = 0; i < 28 + more; i++) {
            (void)snprintf(tag, sizeof(tag), "tag %u", i);
            test_court_stands(c, "tags", tag);
        }
        test_court_writes(c, "tags", "one more");
        assert_int_equal(
            test_court_judge(c, 11, 0).code, more < 2 ? SP_OK : SP_E_MEMBERS);
    }
}

/* An increment that stands from an earlier commit. */
static void counted(struct test_court *c, uint8_t commit, const char *text)
{
    c->commit.content.b[0] = commit;
    test_court_stands(c, "points", text);
    c->commit.content.b[0] = 200;
}

static void a_counter_is_written_by_increments_of_the_commit(void **state)
{
    struct test_court *c = *state;
    static const uint8_t nil[] = { 0xc0 }, three[] = { 3 }, zero[] = { 0 };
    static const uint8_t text[] = { 0xa1, 'x' }, below[] = { 0xff };
    const struct sp_slice own = SP_SLICE(c->commit.content.b);
    const struct {
        struct sp_slice element, value;
        sp_err code;
    } cases[] = { { own, SP_SLICE(three), SP_OK },
        { own, SP_SLICE(below), SP_OK }, { own, SP_SLICE(nil), SP_E_VALUE },
        { own, SP_SLICE(zero), SP_E_VALUE },
        { own, SP_SLICE(text), SP_E_VALUE },
        { { NULL, 0 }, SP_SLICE(three), SP_E_VALUE },
        { SP_SLICE(three), SP_SLICE(three), SP_E_VALUE } };

    for (size_t i = 0; i < COUNT(cases); i++) {
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        counted(c, 1, "5");
        test_court_writes_raw(c, 65, cases[i].element, cases[i].value);
        assert_int_equal(test_court_judge(c, 11, 0).code, cases[i].code);
    }
}

static void a_counter_ends_at_its_bounds(void **state)
{
    struct test_court *c = *state;
    static const struct {
        const char *first, *second, *third;
        sp_err code;
    } cases[] = { { "1000000000", "-1", "1", SP_OK },
        { "1000000000", "-1", "2", SP_E_COUNTER },
        { "-1000000000", "1", "-2", SP_E_COUNTER },
        { "9223372036854775807", "9223372036854775807", "-1", SP_E_COUNTER },
        { "9223372036854775807", "-9223372036854775807", "7", SP_OK } };

    for (size_t i = 0; i < COUNT(cases); i++) {
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        counted(c, 1, cases[i].first);
        counted(c, 2, cases[i].second);
        test_court_writes(c, "points", cases[i].third);
        assert_int_equal(test_court_judge(c, 11, 0).code, cases[i].code);
    }
}

static void what_is_derived_is_written_by_nobody(void **state)
{
    struct test_court *c = *state;

    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "district", "Pudong");
    check_refused(test_court_judge(c, 11, 0), SP_E_FIELD_DENIED, 1, 66);
    check_refused(test_court_judge(c, 10, 1), SP_E_FIELD_DENIED, 1, 66);
}

/* One more value beside the one that stands, as if two servers had accepted a
 * commit each. */
static void stands_beside(struct test_court *c, uint16_t field,
    const struct sp_sibling *other, uint8_t authority)
{
    static struct sp_sibling s[2];
    static struct sp_dot dot[2];
    struct sp_register *reg =
        (struct sp_register *)sp_record_field(&c->before.record, field);

    s[0] = reg->sibling[0];
    s[1] = *other;
    s[1].stamp.dot.replica = s[0].stamp.dot.replica + 1;
    s[1].stamp.authority = authority;
    dot[0] = s[0].stamp.dot;
    dot[1] = s[1].stamp.dot;
    reg->sibling = s;
    reg->count = 2;
    reg->context = (struct sp_vector){ 2, dot };
}

static void a_value_that_two_servers_wrote_once_is_settled_by_taking_one(
    void **state)
{
    struct test_court *c = *state;
    static const char *const taken[] = { "2026-03-04T05:06:07Z",
        "2026-03-04T06:06:07Z", "2026-03-04T07:06:07Z" };

    test_court_account(c, "A-1");
    for (size_t i = 0; i < 2 * COUNT(taken); i++) {
        bool saw_both = i < COUNT(taken);
        struct sp_register *reg;
        struct sp_sibling other;

        test_court_case(c, "visit");
        test_court_stands(c, "account", SOME_ACCOUNT);
        test_court_stands(c, "rep", "11");
        test_court_put(c, &c->before, "checkout", taken[1]);
        other = sp_record_field(&c->before.record, 6)->sibling[0];
        c->before.record.count--;
        test_court_put(c, &c->before, "checkout", taken[0]);
        stands_beside(c, 6, &other, 0);
        test_court_writes(c, "checkout", taken[i % COUNT(taken)]);
        reg = (struct sp_register *)sp_record_field(&c->before.record, 6);
        c->write[0].context = reg->context;
        c->write[0].context.count = saw_both ? 2 : 1;
        assert_int_equal(test_court_judge(c, 11, 0).code,
            saw_both && i < 2 ? SP_OK : SP_E_IMMUTABLE);
    }
}

/* A case as somebody might send it; the first value is no telephone number. */
static void a_case_is_judged_by_its_field(void **state)
{
    struct test_court *c = *state;
    static const uint8_t phone[] = "\xae+8613800138000", word[] = "\xa3"
                                                                  "abc";
    static const struct {
        const char *name;
        uint16_t field;
        bool beside, fits;
        uint32_t user;
        sp_err code;
    } cases[] = {
        { "with its field", 10, true, true, 11, SP_OK },
        { "alone", 10, false, true, 11, SP_E_VALUE },
        { "of another kind", 10, true, false, 11, SP_E_VALUE },
        { "not his to write", 10, true, true, 12, SP_E_SCOPE },
        { "of a field that has none", 4, true, true, 11, SP_E_VALUE },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sp_sibling s = { .stamp = { { 7, 1 }, 99, 10, 0 },
            .value = cases[i].fits ? sp_slice_of(phone, sizeof(phone) - 1)
                                   : sp_slice_of(word, sizeof(word) - 1) };
        struct sp_case kept = { true, 1, &s };
        struct sp_buf b;

        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        if (cases[i].beside) {
            test_court_writes(c, cases[i].field == 10 ? "phone_main" : "kind",
                cases[i].field == 10 ? "13800138000" : "customer");
        }
        sp_buf_init(&b, SP_VALUE_BYTES_MAX);
        sp_case_encode(&kept, &b);
        test_court_writes_raw(c, cases[i].field,
            sp_case_key(cases[i].field).element, sp_buf_slice(&b));
        if (test_court_judge(c, cases[i].user, 0).code != cases[i].code) {
            fail_msg("%s: %s", cases[i].name,
                sp_err_name(test_court_judge(c, cases[i].user, 0).code));
        }
        sp_buf_free(&b);
    }
}

static void a_proposal_does_not_replace_what_those_who_decide_wrote(
    void **state)
{
    struct test_court *c = *state;

    for (int i = 0; i < 4; i++) {
        struct sp_sibling *s;

        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        test_court_stands(c, "owner_id", "11");
        s = (struct sp_sibling *)sp_record_field(&c->before.record, 11)
                ->sibling;
        s->stamp.authority = i < 2 ? 1 : 0;
        test_court_writes(c, "owner_id", "12");
        c->write[0].context = sp_record_field(&c->before.record, 11)->context;
        /* The manager may write it; whether with a branch's authority or as
         * a person's wish, he says himself. */
        assert_int_equal(test_court_judge(c, 10, i % 2 == 0 ? 1 : 0).code,
            i == 1 ? SP_E_AUTHORITY : SP_OK);
    }
}

static void a_field_nobody_knows_is_refused_or_waits_for_its_dictionary(
    void **state)
{
    struct test_court *c = *state;
    static const uint8_t tea[] = { 0xa3, 't', 'e', 'a' };

    test_court_case(c, "account");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes_raw(c, 99, (struct sp_slice){ NULL, 0 }, SP_SLICE(tea));
    check_refused(test_court_judge(c, 11, 0), SP_E_UNKNOWN_FIELD, 1, 99);
    c->commit.dictionary = 2;
    struct sp_verdict v = test_court_judge(c, 11, 0);
    assert_int_equal(v.kind, SP_DEFERRED);
    assert_int_equal(v.code, SP_E_DEFERRED_DOCUMENT);
    c->commit.dictionary = 1;
}

/* SYNC J4: a territory moved overnight does not refuse yesterday's visits. */
static void evidence_is_judged_by_the_assignment_that_it_names(void **state)
{
    struct test_court *c = *state;
    static const char *const other[] = { "A-2" };
    static struct sp_left left[1];
    struct sp_person *anna = test_org_person(c->org, 11, NULL);
    uint32_t then = sp_rulebook_serials(c->book).roster;

    left[0] = (struct sp_left){ text("A-1"), then };
    anna->left = left;
    anna->left_count = 1;
    test_org_assign(c->org, 11, 1, other);
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    new_visit(c, "11");
    check_refused(test_court_judge(c, 11, 0), SP_E_SCOPE, 3, 1);
    c->commit.roster = then;
    assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
    c->commit.roster = then + 1u;
    check_refused(test_court_judge(c, 11, 0), SP_E_SCOPE, 3, 1);
    c->commit.roster = then;
    /* The account itself is no evidence. */
    test_court_case(c, "account");
    test_court_stands(c, "name", "Corner shop");
    test_court_stands(c, "territory_id", "A-1");
    test_court_writes(c, "industry", "tea");
    check_refused(test_court_judge(c, 11, 0), SP_E_SCOPE, 1, 0);
}

/* cap 112: not even when it has left him meanwhile. */
static void who_has_a_record_only_as_a_guest_does_not_pass_it_on(void **state)
{
    struct test_court *c = *state;

    for (int left = 0; left <= 2; left++) {
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        if (left < 2) {
            test_court_stands(c, left == 0 ? "team" : "shared",
                left == 0 ? "12" : "12;2026-12-31");
        }
        c->left = (struct sp_scopes){ left > 0, { sp_scope_person(12) } };
        test_court_writes(c, "name", "Corner");
        assert_int_equal(test_court_judge(c, 12, 0).code, SP_OK);
        test_court_writes(c, "shared", "13;2026-12-31");
        check_refused(test_court_judge(c, 12, 0), SP_E_FIELD_DENIED, 1, 19);
        assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
        assert_int_equal(test_court_judge(c, 10, 1).code, SP_OK);
    }
    c->left.count = 0;
}

/* SYNC J4: the roles of the day, for evidence alone. */
static void evidence_is_judged_by_the_roles_that_its_author_had(void **state)
{
    struct test_court *c = *state;
    static const uint16_t analyst[] = { TEST_ORG_ANALYST };
    static struct sp_had had[1];
    struct sp_person *anna = test_org_person(c->org, 11, NULL);
    uint32_t then = sp_rulebook_serials(c->book).roster;

    had[0] = (struct sp_had){ TEST_ORG_REP, then };
    anna->had = had;
    anna->had_count = 1;
    anna->role = analyst;
    (void)test_org_publish(c->org, TEST_ORG_A);
    for (unsigned left = 0; left < 2; left++) {
        anna->status = left == 1 ? SP_PERSON_LEFT : SP_PERSON_ACTIVE;
        (void)test_org_publish(c->org, TEST_ORG_A);
        test_court_rebuild(c);
        new_visit(c, "11");
        check_refused(test_court_judge(c, 11, 0), SP_E_DENIED, 3, 0);
        c->commit.roster = then;
        assert_int_equal(test_court_judge(c, 11, 0).code, SP_OK);
        c->commit.roster = then + 1u;
        check_refused(test_court_judge(c, 11, 0), SP_E_DENIED, 3, 0);
        /* Nor does he go back behind what his device had confirmed. */
        c->commit.roster = then;
        c->floor.roster = then + 1u;
        check_refused(test_court_judge(c, 11, 0), SP_E_DENIED, 3, 0);
        c->floor.roster = 0;
        /* What is wrong in itself stays wrong. */
        new_visit(c, "12");
        assert_int_equal(test_court_judge(c, 11, 0).kind, SP_REFUSED);
        /* The account itself is no evidence. */
        test_court_case(c, "account");
        test_court_stands(c, "territory_id", "A-1");
        test_court_writes(c, "industry", "tea");
        assert_int_equal(test_court_judge(c, 11, 0).kind, SP_REFUSED);
    }
}

/* Where a record was counts for whom it was in reach of there. */
static void evidence_is_judged_where_its_author_still_had_the_record(
    void **state)
{
    struct test_court *c = *state;
    const struct {
        uint32_t user; /* of the author */
        struct sp_id left;
        sp_err code;
    } cases[] = {
        { 12, test_org_territory("A-2"), SP_OK },
        { 12, sp_scope_person(12), SP_OK },
        { 12, test_org_territory("B-2"), SP_E_SCOPE },
        { 12, sp_scope_person(13), SP_E_SCOPE },
        { 12, test_org_territory("Z-9"), SP_E_SCOPE },
        { 2, test_org_territory("A-2"), SP_E_DENIED }, /* makes no visits */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        new_visit(c, cases[i].user == 12 ? "12" : "2");
        c->left.count = 0;
        assert_int_equal(
            test_court_judge(c, cases[i].user, 0).kind, SP_REFUSED);
        c->left = (struct sp_scopes){ 1, { cases[i].left } };
        assert_int_equal(
            test_court_judge(c, cases[i].user, 0).code, cases[i].code);
    }
}

#define WITH_COURT(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_court_setup, test_court_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COURT(a_rep_logs_a_visit_at_an_account_of_his),
        WITH_COURT(a_visit_is_refused_without_what_it_requires),
        WITH_COURT(nobody_signs_for_another),
        WITH_COURT(nobody_claims_more_authority_than_he_has),
        WITH_COURT(strangers_and_leavers_write_nothing),
        WITH_COURT(what_is_written_once_stays),
        WITH_COURT(a_record_that_two_devices_made_of_one_event_is_one),
        WITH_COURT(what_was_appended_is_not_taken_away),
        WITH_COURT(a_record_is_not_moved_out_of_reach),
        WITH_COURT(a_record_that_would_be_in_no_scope_is_refused),
        WITH_COURT(people_and_territories_must_be_known),
        WITH_COURT(who_has_a_record_only_as_a_guest_does_not_pass_it_on),
        WITH_COURT(no_account_is_its_own_parent),
        WITH_COURT(an_element_must_be_that_of_its_value),
        WITH_COURT(a_set_ends_at_its_limit),
        WITH_COURT(a_counter_is_written_by_increments_of_the_commit),
        WITH_COURT(a_counter_ends_at_its_bounds),
        WITH_COURT(what_is_derived_is_written_by_nobody),
        WITH_COURT(
            a_value_that_two_servers_wrote_once_is_settled_by_taking_one),
        WITH_COURT(a_case_is_judged_by_its_field),
        WITH_COURT(a_proposal_does_not_replace_what_those_who_decide_wrote),
        WITH_COURT(a_field_nobody_knows_is_refused_or_waits_for_its_dictionary),
        WITH_COURT(evidence_is_judged_by_the_assignment_that_it_names),
        WITH_COURT(evidence_is_judged_by_the_roles_that_its_author_had),
        WITH_COURT(evidence_is_judged_where_its_author_still_had_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
