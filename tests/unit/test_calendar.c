/* test_calendar.c - which days are worked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/calendar.h"

static int32_t day(int year, unsigned month, unsigned d)
{
    return cc_day_of((struct cc_date){ year, month, d });
}

static void working_days_are_monday_to_friday(void **state)
{
    (void)state;
    static const struct cc_send_days plain = { 0, 0, NULL, NULL };

    /* 2026-03-02 is a Monday */
    assert_int_equal(
        cc_calendar_working_days(&plain, day(2026, 3, 2), day(2026, 3, 6)), 5);
    assert_int_equal(
        cc_calendar_working_days(&plain, day(2026, 3, 7), day(2026, 3, 8)), 0);
    assert_int_equal(
        cc_calendar_working_days(&plain, day(2026, 3, 1), day(2026, 3, 31)),
        22);
    assert_int_equal(
        cc_calendar_working_days(&plain, day(2026, 3, 2), day(2026, 3, 1)), 0);
    assert_int_equal(cc_calendar_working_days(&plain, INT32_MIN, INT32_MAX), 0);
}

/* Of all beginnings and lengths of eight weeks, as by asking day for day. */
static void holidays_are_not_worked_and_makeup_days_are(void **state)
{
    (void)state;
    enum { MONDAY = 20003 };
    /* A weekday, a Saturday, a weekday that is also made up, one outside. */
    static const int32_t holiday[] = { MONDAY + 2, MONDAY + 12, MONDAY + 17,
        MONDAY + 400 };
    /* A Sunday, a weekday, and the holiday. */
    static const int32_t workday[] = { MONDAY + 6, MONDAY + 22, MONDAY + 17 };
    const struct cc_send_days days = { 4, 3, holiday, workday };

    assert_int_equal(cc_day_weekday(MONDAY), 1);
    assert_false(cc_calendar_works(&days, MONDAY + 2));
    assert_true(cc_calendar_works(&days, MONDAY + 6));
    assert_true(cc_calendar_works(&days, MONDAY + 17));
    for (int32_t from = MONDAY - 3; from < MONDAY + 21; from++) {
        int32_t count = 0;

        for (int32_t until = from; until < from + 56; until++) {
            count += cc_calendar_works(&days, until);
            assert_int_equal(
                cc_calendar_working_days(&days, from, until), count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_days_are_monday_to_friday),
        cmocka_unit_test(holidays_are_not_worked_and_makeup_days_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
