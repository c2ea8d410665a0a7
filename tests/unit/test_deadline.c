/* test_deadline.c - hours of the clock and hours of work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/deadline.h"

#define EAST         480 /* minutes of China */
#define HOUR_MS      3600000u
#define DAY(y, m, d) cc_day_of((struct cc_date){ y, m, d })

static uint64_t at(
    int year, unsigned month, unsigned day, unsigned hour, unsigned minute)
{
    return cc_day_ms(DAY(year, month, day), hour * 60 + minute, EAST);
}

/* 2026-03-06 is a Friday. */
static void cap_116_clock_hours_count_nights_and_sundays(void **state)
{
    const struct cc_deadline_clock clock = { .offset_min = EAST };

    (void)state;
    assert_int_equal(cc_deadline_end(&clock, at(2026, 3, 6, 17, 30), 24),
        at(2026, 3, 7, 17, 30));
    assert_int_equal(cc_deadline_end(&clock, at(2026, 3, 7, 9, 0), 48),
        at(2026, 3, 9, 9, 0));
}

static void business_hours_go_on_the_next_working_day(void **state)
{
    const struct cc_deadline_clock work = {
        .business = true, .from = 9 * 60, .to = 18 * 60, .offset_min = EAST
    };
    static const struct {
        const char *name;
        unsigned day, hour, minute;
        uint32_t hours;
        unsigned end_day, end_hour, end_minute;
    } cases[] = {
        { "within the day", 6, 9, 0, 8, 6, 17, 0 },
        { "its last minute", 6, 9, 0, 9, 6, 18, 0 },
        { "over the weekend", 6, 17, 30, 24, 11, 14, 30 },
        { "before the day begins", 6, 6, 0, 1, 6, 10, 0 },
        { "after it is over", 6, 20, 0, 1, 9, 10, 0 },
        { "on a Sunday", 8, 12, 0, 2, 9, 11, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t end = cc_deadline_end(&work,
            at(2026, 3, cases[i].day, cases[i].hour, cases[i].minute),
            cases[i].hours);

        print_message("# %s\n", cases[i].name);
        assert_int_equal(end, at(2026, 3, cases[i].end_day, cases[i].end_hour,
                                  cases[i].end_minute));
    }
}

static void holidays_do_not_count_and_make_up_days_do(void **state)
{
    const int32_t holiday[] = { DAY(2026, 3, 9) };
    const int32_t workday[] = { DAY(2026, 3, 7) };
    const struct cc_deadline_clock work = { .business = true,
        .from = 0,
        .to = CC_DAY_MINUTES,
        .offset_min = EAST,
        .days = { 1, 1, holiday, workday } };

    (void)state;
    /* Friday's last hour, all of Saturday, not Monday, Tuesday's first hour */
    assert_int_equal(cc_deadline_end(&work, at(2026, 3, 6, 23, 0), 26),
        at(2026, 3, 10, 1, 0));
}

static void a_day_without_a_working_minute_never_ends(void **state)
{
    const struct cc_deadline_clock none = {
        .business = true, .from = 600, .to = 600, .offset_min = EAST
    };

    (void)state;
    assert_true(cc_deadline_end(&none, at(2026, 3, 6, 9, 0), 1) == UINT64_MAX);
}

static void seconds_are_kept_over_the_night(void **state)
{
    const struct cc_deadline_clock work = {
        .business = true, .from = 9 * 60, .to = 18 * 60, .offset_min = EAST
    };
    uint64_t start = at(2026, 3, 5, 17, 59) + 30000u;

    (void)state;
    assert_int_equal(
        cc_deadline_end(&work, start, 1), at(2026, 3, 6, 9, 59) + 30000u);
}

static void what_is_told_of_a_deadline(void **state)
{
    const uint64_t due = at(2026, 3, 6, 12, 0);
    static const struct {
        const char *name;
        int64_t done, now; /* hours from the deadline; done 99: not yet */
        bool has_warn;
        uint32_t warn;
        enum cc_deadline_state state;
    } cases[] = {
        { "done in time", -1, 5, false, 0, CC_DEADLINE_MET },
        { "done at the very moment", 0, 5, false, 0, CC_DEADLINE_MET },
        { "done after it", 1, 5, false, 0, CC_DEADLINE_LATE },
        { "past it", 99, 1, false, 0, CC_DEADLINE_BROKEN },
        { "at the very moment", 99, 0, true, 0, CC_DEADLINE_NEAR },
        { "today", 99, -11, false, 0, CC_DEADLINE_NEAR },
        { "tomorrow", 99, -13, false, 0, CC_DEADLINE_OPEN },
        { "within the hours that it warns", 99, -13, true, 13,
            CC_DEADLINE_NEAR },
        { "before those", 99, -13, true, 12, CC_DEADLINE_OPEN },
        { "today, and it does not warn", 99, -1, true, 0, CC_DEADLINE_OPEN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cc_deadline_facts f = { .due_ms = due,
            .done_ms = cases[i].done == 99
                           ? 0
                           : due + (uint64_t)(cases[i].done * (int64_t)HOUR_MS),
            .now_ms = due + (uint64_t)(cases[i].now * (int64_t)HOUR_MS),
            .has_warn = cases[i].has_warn,
            .warn_hours = cases[i].warn,
            .offset_min = EAST };

        print_message("# %s\n", cases[i].name);
        assert_int_equal(cc_deadline_state(&f), cases[i].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_116_clock_hours_count_nights_and_sundays),
        cmocka_unit_test(business_hours_go_on_the_next_working_day),
        cmocka_unit_test(holidays_do_not_count_and_make_up_days_do),
        cmocka_unit_test(a_day_without_a_working_minute_never_ends),
        cmocka_unit_test(seconds_are_kept_over_the_night),
        cmocka_unit_test(what_is_told_of_a_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
