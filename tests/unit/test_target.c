/* test_target.c - how far goals are reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/day.h"
#include "book/target.h"

static int32_t day(int year, unsigned month, unsigned d)
{
    return cc_day_of((struct cc_date){ year, month, d });
}

/* No holidays, no make-up days. */
static const struct cc_send_days plain = { 0, 0, NULL, NULL };

static void cap_109_attainment_is_against_the_days_that_are_over(void **state)
{
    (void)state;
    /* 22 working days, 100 visits; 11 of them over, 50 made */
    const struct cc_target_goal goal = { CC_TARGET_VISITS, day(2026, 3, 1),
        day(2026, 3, 31), 100 };
    struct cc_target_progress p =
        cc_target_progress(&goal, &plain, 50, day(2026, 3, 16));

    assert_int_equal(p.percent, 50);
    assert_int_equal(p.attainment, 100);
    assert_true(p.open);
    p = cc_target_progress(&goal, &plain, 25, day(2026, 3, 16));
    assert_int_equal(p.attainment, 50);
    p = cc_target_progress(&goal, &plain, 120, day(2026, 4, 20));
    assert_int_equal(p.percent, 120);
    assert_int_equal(p.attainment, 120);
    assert_false(p.open);
    p = cc_target_progress(&goal, &plain, 0, day(2026, 2, 1));
    assert_int_equal(p.attainment, 0);
}

static void a_goal_is_due_by_the_days_that_are_worked(void **state)
{
    (void)state;
    /* October 2026: the 1st to the 7th are holidays, Saturday the 10th is
     * worked: 18 working days, the first of them the 8th */
    const int32_t holiday[] = { day(2026, 10, 1), day(2026, 10, 2),
        day(2026, 10, 3), day(2026, 10, 4), day(2026, 10, 5), day(2026, 10, 6),
        day(2026, 10, 7) };
    const int32_t workday[] = { day(2026, 10, 10) };
    const struct cc_send_days worked = { 7, 1, holiday, workday };
    const struct cc_target_goal goal = { CC_TARGET_VISITS, day(2026, 10, 1),
        day(2026, 10, 31), 180 };

    assert_int_equal(
        cc_target_progress(&goal, &worked, 0, day(2026, 10, 7)).due, 0);
    assert_int_equal(
        cc_target_progress(&goal, &worked, 30, day(2026, 10, 10)).attainment,
        96); /* 16 of 100, three of 18 days */
    assert_int_equal(
        cc_target_progress(&goal, &plain, 30, day(2026, 10, 10)).attainment,
        50);
}

static void a_share_is_not_due_by_days(void **state)
{
    (void)state;
    const struct cc_target_goal goal = { CC_TARGET_COMPLETENESS,
        day(2026, 3, 1), day(2026, 3, 31), 60 };

    assert_int_equal(
        cc_target_progress(&goal, &plain, 30, day(2026, 3, 2)).attainment, 50);
}

static void amounts_of_any_size_have_a_share(void **state)
{
    (void)state;
    const struct cc_target_goal goal = { CC_TARGET_REVENUE, day(2026, 3, 1),
        day(2026, 3, 31), INT64_MAX / 2 };

    assert_in_range(
        cc_target_progress(&goal, &plain, INT64_MAX / 2, day(2026, 3, 31))
            .percent,
        99, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_109_attainment_is_against_the_days_that_are_over),
        cmocka_unit_test(a_goal_is_due_by_the_days_that_are_worked),
        cmocka_unit_test(a_share_is_not_due_by_days),
        cmocka_unit_test(amounts_of_any_size_have_a_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
