/* test_job.c - what left the system, what a request became of, and who may say
 * so: what the book reads of the notes, and what the judge lets people write.
 */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "book/job.h"
#include "book/taken.h"
#include "sp/limits.h"

enum {
    ADMIN = 1,
    ANALYST = 2,
    MIA = 10,
    ANNA = 11,
    BEN = 20
}; /* mia leads A,
       ben B */
#define DAY   86400000u
#define HOUR  3600000u
#define NOW   (1000u * (uint64_t)DAY)
#define HOURS 24u

/* ---- a day's rows -------------------------------------------------------- */

static struct sp_id id_of(unsigned n)
{
    struct sp_id id = { { 0 } };

    id.b[15] = (uint8_t)n;
    return id;
}

static struct cc_job_said note(uint32_t user, uint64_t at_ms, uint64_t rows)
{
    return (struct cc_job_said){ .user = user, .at_ms = at_ms, .rows = rows };
}

static struct cc_taken sum_of(const struct cc_job_said *said, size_t count)
{
    struct cc_taken t;

    cc_taken_begin(&t);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(cc_taken_add(&t, &said[i]), SP_OK);
    }
    cc_taken_end(&t);
    return t;
}

static void cap_108_a_days_rows_are_those_of_one_person_and_one_day(
    void **state)
{
    const struct cc_job_said said[] = { note(7, 5 * DAY, 1),
        note(8, 5 * DAY + 1, 100), note(7, 6 * DAY - 1, 20),
        note(7, 6 * DAY, 300), note(7, 5 * DAY - 1, 4000), note(8, 0, 9) };
    struct cc_taken t = sum_of(said, 6);

    (void)state;
    assert_int_equal(cc_taken_rows(&t, 7, 5 * DAY), 21);
    assert_int_equal(cc_taken_rows(&t, 7, 6 * DAY - 1), 21);
    assert_int_equal(cc_taken_rows(&t, 7, 6 * DAY), 300);
    assert_int_equal(cc_taken_rows(&t, 7, 4 * DAY), 4000);
    assert_int_equal(cc_taken_rows(&t, 8, 5 * DAY), 100);
    assert_int_equal(cc_taken_rows(&t, 8, 0), 9);
    assert_int_equal(cc_taken_rows(&t, 8, 7 * DAY), 0);
    assert_int_equal(cc_taken_rows(&t, 9, 5 * DAY), 0);
    cc_taken_free(&t);
    t = sum_of(NULL, 0);
    assert_int_equal(cc_taken_rows(&t, 7, 5 * DAY), 0);
    cc_taken_free(&t);
}

static void cap_108_what_was_only_asked_for_has_not_left(void **state)
{
    struct cc_job_said said[] = { note(7, 5 * DAY, 500), note(7, 5 * DAY, 30),
        note(7, 5 * DAY, UINT64_MAX) };
    struct sp_id request = id_of(1), other = id_of(2);
    struct cc_taken t;

    (void)state;
    said[0].request = true;
    said[1].has_used = true;
    said[1].used = request;
    t = sum_of(said, 2);
    assert_int_equal(cc_taken_rows(&t, 7, 5 * DAY), 30);
    assert_true(cc_taken_used(&t, &request));
    assert_false(cc_taken_used(&t, &other));
    cc_taken_free(&t);
    /* more than fits is the most, never little */
    t = sum_of(said, 3);
    assert_true(cc_taken_rows(&t, 7, 5 * DAY) == UINT64_MAX);
    cc_taken_free(&t);
}

/* ---- a request ----------------------------------------------------------- */

/* Anna asks. */
static void ask(struct test_court *c)
{
    test_court_account(c, "A-1");
    test_court_case(c, "export_job");
    c->commit.user = ANNA;
    test_court_stands(c, "author", "11");
    test_court_stands(c, "at", "1972-09-27T00:00:00Z");
    test_court_stands(c, "format", "csv");
    test_court_stands(c, "what", "contact");
    test_court_stands(c, "rows", "12");
    test_court_stands(c, "kind", "request");
    test_court_stands(c, "why", "spring letter");
}

/* What somebody said at a moment stands, beside what stood there. */
static void stands(struct test_court *c, uint32_t user, uint64_t at_ms,
    const char *field, const char *text)
{
    const struct sp_field *f =
        sp_dictionary_field_named(c->before.entity, sp_slice_text(field));
    const struct sp_register *was =
        sp_record_field(&c->before.record, f->number);
    uint32_t count = was == NULL ? 0 : was->count;
    struct sp_sibling *all = sp_arena_take(&c->arena, count + 1u, sizeof(*all));

    if (count > 0) {
        memcpy(all, was->sibling, count * sizeof(*all));
    }
    c->commit.user = user;
    test_court_stands(c, field, text);
    for (unsigned i = 0; i < 2; i++) {
        struct test_court_record *r = i == 0 ? &c->before : &c->after;
        for (uint32_t k = 0; k < r->record.count; k++) {
            struct sp_register *reg = &r->reg[k];
            if (reg->key.field == f->number) {
                all[count] = reg->sibling[0];
                all[count].stamp.time = at_ms << 16;
                reg->sibling = all;
                reg->count = count + 1u;
            }
        }
    }
}

static struct cc_job_said read_job(const struct test_court *c)
{
    struct cc_job_said said;

    cc_job_read(c->before.entity, &c->before.record, &said);
    return said;
}

static enum cc_job_state state_at(const struct test_court *c, uint64_t now_ms)
{
    const struct cc_job_said said = read_job(c);

    return cc_job_state(&said, false, HOURS, now_ms);
}

#define YES(by)                                                                \
    "by=" by "; at=1972-09-27T00:00:00Z; yes=yes; until=2000-01-01T00:00:00Z;" \
    " reason=fine"

static void what_is_asked_for_is_read_as_it_was_said(void **state)
{
    struct test_court *c = *state;

    ask(c);
    struct cc_job_said said = read_job(c);
    assert_true(said.request && said.user == ANNA && said.rows == 12);
    assert_true(sp_slice_equal(said.why, sp_slice_text("spring letter")));
    assert_int_equal(state_at(c, NOW), CC_JOB_WAITS);
    stands(c, MIA, NOW, "decision", YES("10"));
    said = read_job(c);
    assert_int_equal(said.yes.by, MIA);
    assert_true(sp_slice_equal(said.yes.reason, sp_slice_text("fine")));
    assert_int_equal(cc_job_state(&said, true, HOURS, NOW), CC_JOB_USED);
}

static void a_yes_counts_for_as_long_as_the_rules_here_say(void **state)
{
    struct test_court *c = *state;

    ask(c);
    /* His device says until 2000; the roles of who asked say a day. */
    stands(c, MIA, NOW, "decision", YES("10"));
    assert_int_equal(state_at(c, NOW), CC_JOB_AGREED);
    assert_int_equal(state_at(c, NOW + HOURS * HOUR), CC_JOB_AGREED);
    assert_int_equal(state_at(c, NOW + HOURS * HOUR + 1), CC_JOB_OVER);
    /* A clock that is ahead makes no yes last. */
    assert_int_equal(state_at(c, NOW - SP_HLC_AHEAD_MS_MAX), CC_JOB_AGREED);
    assert_int_equal(state_at(c, NOW - SP_HLC_AHEAD_MS_MAX - 1), CC_JOB_OVER);
    /* It may say less. */
    ask(c);
    stands(c, MIA, NOW, "decision",
        "by=10; at=1972-09-27T00:00:00Z; yes=yes; "
        "until=1972-09-27T01:00:00Z");
    assert_int_equal(state_at(c, NOW + HOUR), CC_JOB_AGREED);
    assert_int_equal(state_at(c, NOW + HOUR + 1), CC_JOB_OVER);
}

static void a_no_holds_before_and_after_a_yes_until_it_is_taken_back(
    void **state)
{
    struct test_court *c = *state;

    for (unsigned later = 0; later < 2; later++) {
        ask(c);
        stands(c, MIA, NOW + later, "decision", YES("10"));
        stands(c, ADMIN, NOW + 1 - later, "refused", "yes=yes; reason=no");
        assert_int_equal(state_at(c, NOW), CC_JOB_REFUSED);
        assert_int_equal(read_job(c).no.by, ADMIN);
    }
    /* Two that did not know of each other: the no of one, the taking back of
     * an older one by another. */
    ask(c);
    stands(c, ADMIN, NOW, "refused", "yes=yes; reason=no");
    stands(c, MIA, NOW + 9, "refused", "yes=no; reason=mistaken");
    assert_int_equal(state_at(c, NOW), CC_JOB_REFUSED);
    ask(c);
    stands(c, MIA, NOW, "decision", YES("10"));
    stands(c, MIA, NOW + 9, "refused", "yes=no; reason=mistaken");
    assert_int_equal(state_at(c, NOW), CC_JOB_AGREED);
    assert_int_equal(read_job(c).no.by, 0);
    stands(c, ANNA, NOW, "withdrawn", "true");
    assert_int_equal(state_at(c, NOW), CC_JOB_WITHDRAWN);
}

static void of_two_yeses_the_earlier_counts_and_none_of_his_own(void **state)
{
    struct test_court *c = *state;

    ask(c);
    stands(c, ANNA, NOW - 9, "decision", YES("10"));
    assert_int_equal(state_at(c, NOW), CC_JOB_WAITS);
    stands(c, ADMIN, NOW + 9, "decision", YES("1"));
    stands(c, MIA, NOW, "decision", YES("10"));
    assert_int_equal(state_at(c, NOW), CC_JOB_AGREED);
    assert_int_equal(read_job(c).yes.by, MIA);
    /* As consoles of before said no. */
    stands(
        c, ADMIN, NOW + 9, "decision", "by=1; at=1972-09-27T00:00:00Z; yes=no");
    assert_int_equal(state_at(c, NOW), CC_JOB_REFUSED);
}

static void what_is_written_is_what_is_read(void **state)
{
    struct test_court *c = *state;
    const struct cc_job_word word[] = { { MIA, NOW, NOW + HOUR, "fine" },
        { MIA, NOW, NOW + HOUR, NULL }, { MIA, NOW, 0, "too much" } };
    const struct sp_entity *e;
    struct sp_draft_write w;

    for (unsigned i = 0; i < 4; i++) {
        ask(c);
        e = c->before.entity;
        assert_int_equal(i < 3 ? cc_job_decide(e, &word[i], &c->arena, &w)
                               : cc_job_withdraw(e, &c->arena, &w),
            1);
        c->commit.user = i < 3 ? MIA : ANNA;
        test_court_writes_raw(
            c, w.key.field, (struct sp_slice){ NULL, 0 }, w.value);
        assert_int_equal(test_court_judge(c, c->commit.user, 0).code, SP_OK);
        struct cc_job_said said;
        cc_job_read(e, &c->after.record, &said);
        assert_int_equal(said.yes.by, i < 2 ? MIA : 0);
        assert_int_equal(said.until_ms, i < 2 ? NOW + HOUR : 0);
        assert_int_equal(said.no.by, i == 2 ? MIA : 0);
        assert_true(said.withdrawn == (i == 3));
        assert_int_equal(said.yes.reason.size, i == 0 ? 4 : 0);
        assert_int_equal(said.no.reason.size, i == 2 ? 8 : 0);
    }
}

/* ---- who ----------------------------------------------------------------- */

static void nobody_is_the_second_person_for_himself_or_beyond_his_reach(
    void **state)
{
    struct test_court *c = *state;
    const struct {
        uint32_t user;
        const char *field, *text;
        enum cc_job_step step;
        sp_err code;
        enum cc_job_bar bar;
    } cases[] = {
        { MIA, "decision", YES("10"), CC_JOB_SAY_YES, SP_OK, CC_JOB_FREE },
        { ADMIN, "decision", YES("1"), CC_JOB_SAY_YES, SP_OK, CC_JOB_FREE },
        { ANNA, "decision", YES("11"), CC_JOB_SAY_YES, SP_E_FIELD_DENIED,
            CC_JOB_OWN },
        { ANALYST, "decision", YES("2"), CC_JOB_SAY_YES, SP_E_SCOPE,
            CC_JOB_ROLE },
        { BEN, "decision", YES("20"), CC_JOB_SAY_YES, SP_E_SCOPE, CC_JOB_ROLE },
        { MIA, "refused", "yes=yes; reason=no", CC_JOB_SAY_NO, SP_OK,
            CC_JOB_FREE },
        { ANNA, "refused", "yes=yes; reason=no", CC_JOB_SAY_NO,
            SP_E_FIELD_DENIED, CC_JOB_OWN },
        { ANNA, "withdrawn", "true", CC_JOB_WITHDRAW, SP_OK, CC_JOB_FREE },
        { MIA, "withdrawn", "true", CC_JOB_WITHDRAW, SP_E_FIELD_DENIED,
            CC_JOB_OTHERS },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ask(c);
        struct cc_job_said said = read_job(c);
        c->commit.user = cases[i].user;
        test_court_writes(c, cases[i].field, cases[i].text);
        if (test_court_judge(c, cases[i].user, 0).code != cases[i].code ||
            cc_job_bar(c->book, cases[i].user, &said, CC_JOB_WAITS,
                cases[i].step) != cases[i].bar) {
            fail_msg("%u %s: %s, %d", cases[i].user, cases[i].field,
                sp_err_name(test_court_judge(c, cases[i].user, 0).code),
                (int)cc_job_bar(c->book, cases[i].user, &said, CC_JOB_WAITS,
                    cases[i].step));
        }
    }
}

/* Two manage a request of mia's: she is a manager, and it is her own. */
static void a_manager_does_not_decide_what_she_asked_for(void **state)
{
    struct test_court *c = *state;

    ask(c);
    test_court_case(c, "export_job");
    c->commit.user = MIA;
    test_court_stands(c, "author", "10");
    test_court_writes(c, "decision", YES("10"));
    assert_int_equal(test_court_judge(c, MIA, 1).code, SP_E_FIELD_DENIED);
    assert_false(cc_job_approves(c->book, MIA, MIA));
    assert_true(cc_job_approves(c->book, ADMIN, MIA));
    assert_false(cc_job_approves(c->book, ADMIN, ADMIN));
}

static void only_what_waits_is_agreed_to_and_only_once(void **state)
{
    struct test_court *c = *state;
    static const struct {
        enum cc_job_state state;
        bool yes, no, withdraw;
    } cases[] = {
        { CC_JOB_WAITS, true, true, true },
        { CC_JOB_AGREED, false, true, true }, /* a no takes the yes back */
        { CC_JOB_OVER, false, false, false },
        { CC_JOB_REFUSED, false, false, false },
        { CC_JOB_WITHDRAWN, false, false, false },
        { CC_JOB_USED, false, false, false },
    };

    ask(c);
    struct cc_job_said said = read_job(c);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum cc_job_state s = cases[i].state;
        assert_true(cc_job_bar(c->book, MIA, &said, s, CC_JOB_SAY_YES) ==
                    (cases[i].yes ? CC_JOB_FREE : CC_JOB_PAST));
        assert_true(cc_job_bar(c->book, MIA, &said, s, CC_JOB_SAY_NO) ==
                    (cases[i].no ? CC_JOB_FREE : CC_JOB_PAST));
        assert_true(cc_job_bar(c->book, ANNA, &said, s, CC_JOB_WITHDRAW) ==
                    (cases[i].withdraw ? CC_JOB_FREE : CC_JOB_PAST));
    }
    /* The judge: a second yes of who had seen none. */
    stands(c, MIA, NOW, "decision", YES("10"));
    c->commit.user = ADMIN;
    test_court_writes(c, "decision", YES("1"));
    assert_int_equal(test_court_judge(c, ADMIN, 2).code, SP_E_IMMUTABLE);
}

static void how_long_a_yes_counts_is_said_by_the_roles_of_who_asks(void **state)
{
    struct test_court *c = *state;

    assert_int_equal(cc_job_hours(c->book, ANALYST), 24);
    assert_int_equal(cc_job_hours(c->book, 999), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            cap_108_a_days_rows_are_those_of_one_person_and_one_day),
        cmocka_unit_test(cap_108_what_was_only_asked_for_has_not_left),
        cmocka_unit_test(what_is_asked_for_is_read_as_it_was_said),
        cmocka_unit_test(a_yes_counts_for_as_long_as_the_rules_here_say),
        cmocka_unit_test(
            a_no_holds_before_and_after_a_yes_until_it_is_taken_back),
        cmocka_unit_test(of_two_yeses_the_earlier_counts_and_none_of_his_own),
        cmocka_unit_test(what_is_written_is_what_is_read),
        cmocka_unit_test(
            nobody_is_the_second_person_for_himself_or_beyond_his_reach),
        cmocka_unit_test(a_manager_does_not_decide_what_she_asked_for),
        cmocka_unit_test(only_what_waits_is_agreed_to_and_only_once),
        cmocka_unit_test(
            how_long_a_yes_counts_is_said_by_the_roles_of_who_asks),
    };
    return cmocka_run_group_tests(tests, test_court_setup, test_court_teardown);
}
