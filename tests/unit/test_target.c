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

static void working_days_are_monday_to_friday(void **state)
{
    (void)state;
    /* 2026-03-02 is a Monday */
    assert_int_equal(
        cc_target_working_days(day(2026, 3, 2), day(2026, 3, 6)), 5);
    assert_int_equal(
        cc_target_working_days(day(2026, 3, 7), day(2026, 3, 8)), 0);
    assert_int_equal(
        cc_target_working_days(day(2026, 3, 1), day(2026, 3, 31)), 22);
    assert_int_equal(
        cc_target_working_days(day(2026, 3, 6), day(2026, 3, 9)), 2);
    assert_int_equal(
        cc_target_working_days(day(2026, 3, 2), day(2026, 3, 1)), 0);
    /* by counting, over all beginnings and lengths of eight weeks */
    for (int32_t from = 20000; from < 20007; from++) {
        int32_t count = 0;
        for (int32_t until = from; until < from + 56; until++) {
            count += cc_day_weekday(until) <= 5;
            assert_int_equal(cc_target_working_days(from, until), count);
        }
    }
}

static void cap_109_attainment_is_against_the_days_that_are_over(void **state)
{
    (void)state;
    /* 22 working days, 100 visits; 11 of them over, 50 made */
    const struct cc_target_goal goal = { CC_TARGET_VISITS, day(2026, 3, 1),
        day(2026, 3, 31), 100 };
    struct cc_target_progress p =
        cc_target_progress(&goal, 50, day(2026, 3, 16));

    assert_int_equal(p.percent, 50);
    assert_int_equal(p.attainment, 100);
    assert_true(p.open);
    p = cc_target_progress(&goal, 25, day(2026, 3, 16));
    assert_int_equal(p.attainment, 50);
    p = cc_target_progress(&goal, 120, day(2026, 4, 20));
    assert_int_equal(p.percent, 120);
    assert_int_equal(p.attainment, 120);
    assert_false(p.open);
    p = cc_target_progress(&goal, 0, day(2026, 2, 1));
    assert_int_equal(p.attainment, 0);
}

static void a_share_is_not_due_by_days(void **state)
{
    (void)state;
    const struct cc_target_goal goal = { CC_TARGET_COMPLETENESS,
        day(2026, 3, 1), day(2026, 3, 31), 60 };

    assert_int_equal(
        cc_target_progress(&goal, 30, day(2026, 3, 2)).attainment, 50);
}

static void amounts_of_any_size_have_a_share(void **state)
{
    (void)state;
    const struct cc_target_goal goal = { CC_TARGET_REVENUE, day(2026, 3, 1),
        day(2026, 3, 31), INT64_MAX / 2 };

    assert_in_range(
        cc_target_progress(&goal, INT64_MAX / 2, day(2026, 3, 31)).percent, 99,
        100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_days_are_monday_to_friday),
        cmocka_unit_test(cap_109_attainment_is_against_the_days_that_are_over),
        cmocka_unit_test(a_share_is_not_due_by_days),
        cmocka_unit_test(amounts_of_any_size_have_a_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
