/*
 * test_day.c - the civil and the Chinese lunar calendar.
 *
 * cap 14, what people expect of time and money, and the test that shows it:
 * weeks begin on Monday, lunar birthdays - here; holidays and make-up days -
 * test_care_messages.c (holidays_are_sundays_and_make_up_days_are_mondays);
 * ISO 8601 in, UTC kept, shown in the device's zone - test_dictionary.c, the
 * e2e scripts that set TZ; amounts in minor units of ISO 4217 (two digits,
 * none of JPY, three of KWD), no floats - test_dictionary.c (values).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/day.h"
#include "book/lunar.h"

static int32_t day(const char *text)
{
    int32_t out = 0;

    assert_true(cc_day_parse(text, &out));
    return out;
}

static void assert_day(int32_t got, const char *wanted)
{
    char text[CC_DAY_TEXT_BYTES];

    cc_day_format(text, got);
    assert_string_equal(text, wanted);
}

/* ---- civil ------------------------------------------------------------- */

static void days_are_counted_from_1970_and_back(void **state)
{
    (void)state;
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("1969-12-31"), -1);
    assert_int_equal(day("2000-02-29"), 11016);
    assert_int_equal(day("2026-11-22"), 20779);
    for (int32_t d = day("1899-12-01"); d < day("2102-01-01"); d++) {
        struct cc_date date = cc_day_date(d);
        assert_true(cc_day_valid(date));
        assert_int_equal(cc_day_of(date), d);
    }
}

static void weekdays_begin_with_monday(void **state)
{
    (void)state;
    assert_int_equal(cc_day_weekday(day("1970-01-01")), 4);
    assert_int_equal(cc_day_weekday(day("1969-12-29")), 1);
    assert_int_equal(cc_day_weekday(day("2026-11-22")), 7);
    assert_int_equal(cc_day_weekday(day("2026-11-23")), 1);
}

static void leap_years_follow_the_rule_of_centuries(void **state)
{
    (void)state;
    assert_int_equal(cc_day_month_length(1900, 2), 28);
    assert_int_equal(cc_day_month_length(2000, 2), 29);
    assert_int_equal(cc_day_month_length(2024, 2), 29);
    assert_int_equal(cc_day_month_length(2026, 2), 28);
}

static void only_days_that_exist_are_read(void **state)
{
    static const char *const bad[] = { "2026-02-29", "2026-13-01", "2026-00-10",
        "2026-04-31", "2026-4-1", "20260401", "", "2026-04-01 ", "1599-12-31",
        "3000-01-01" };
    int32_t out = 7;
    unsigned m = 0, d = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(cc_day_parse(bad[i], &out));
    }
    assert_int_equal(out, 7);
    assert_true(cc_day_parse_yearly("02-29", &m, &d));
    assert_int_equal(m * 100 + d, 229);
    assert_false(cc_day_parse_yearly("02-30", &m, &d));
    assert_false(cc_day_parse_yearly("13-01", &m, &d));
}

static void local_days_and_minutes_follow_the_offset(void **state)
{
    /* 2026-04-23T16:30Z is the 24th, 00:30, in China. */
    uint64_t ms = cc_day_ms(day("2026-04-23"), 16 * 60 + 30, 0);

    (void)state;
    assert_day(cc_day_at(ms, 480), "2026-04-24");
    assert_int_equal(cc_day_minute(ms, 480), 30);
    assert_day(cc_day_at(ms, -480), "2026-04-23");
    assert_int_equal(cc_day_minute(ms, -480), 8 * 60 + 30);
    assert_true(cc_day_ms(day("2026-04-24"), 30, 480) == ms);
    assert_true(cc_day_ms(-2, 0, 0) == 0);
    assert_int_equal(cc_day_at(0, -1), -1);
}

static void a_29th_of_february_is_kept_on_the_28th(void **state)
{
    (void)state;
    assert_day(cc_day_yearly(2027, 2, 29), "2027-02-28");
    assert_day(cc_day_yearly(2028, 2, 29), "2028-02-29");
}

/* ---- lunar ------------------------------------------------------------- */

/* Published New Year's days (Hong Kong Observatory). */
static void lunar_years_begin_when_published(void **state)
{
    static const char *const start[] = { "1900-01-31", "1912-02-18",
        "1949-01-29", "1954-02-03", "1976-01-31", "1985-02-20", "2000-02-05",
        "2008-02-07", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01",
        "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06",
        "2028-01-26", "2030-02-03", "2033-01-31", "2050-01-23" };

    (void)state;
    for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
        struct cc_lunar l;
        assert_true(cc_lunar_of(day(start[i]), &l));
        assert_int_equal(l.year, cc_day_date(day(start[i])).year);
        assert_int_equal(l.month, 1);
        assert_int_equal(l.day, 1);
        assert_false(l.leap);
    }
}

static void leap_months_stand_where_published(void **state)
{
    static const struct {
        int year;
        unsigned month;
    } leap[] = { { 1984, 10 }, { 1987, 6 }, { 1998, 5 }, { 2004, 2 },
        { 2012, 4 }, { 2017, 6 }, { 2020, 4 }, { 2023, 2 }, { 2025, 6 },
        { 2028, 5 }, { 2033, 11 }, { 2026, 0 }, { 2024, 0 }, { 1899, 0 },
        { 2101, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(leap) / sizeof(leap[0]); i++) {
        assert_int_equal(cc_lunar_leap_month(leap[i].year), leap[i].month);
    }
}

static void festivals_fall_on_their_days(void **state)
{
    static const struct {
        struct cc_lunar lunar;
        const char *solar;
    } cases[] = { { { 2024, 8, 15, false }, "2024-09-17" },
        { { 2025, 5, 5, false }, "2025-05-31" },
        { { 2025, 8, 15, false }, "2025-10-06" },
        { { 2025, 6, 1, true }, "2025-07-25" },
        { { 2026, 5, 5, false }, "2026-06-19" },
        { { 2026, 8, 15, false }, "2026-09-25" },
        { { 2023, 2, 1, true }, "2023-03-22" },
        { { 2020, 4, 1, true }, "2020-05-23" },
        { { 2033, 11, 1, true }, "2033-12-22" } };
    int32_t got = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cc_lunar back;
        assert_true(cc_lunar_day(cases[i].lunar, &got));
        assert_day(got, cases[i].solar);
        assert_true(cc_lunar_of(got, &back));
        assert_int_equal(back.month, cases[i].lunar.month);
        assert_int_equal(back.day, cases[i].lunar.day);
        assert_int_equal(back.leap, cases[i].lunar.leap);
    }
}

static void every_day_of_the_table_is_one_lunar_day(void **state)
{
    int32_t last = day("2101-01-28"), back = 0;
    struct cc_lunar l;

    (void)state;
    for (int32_t d = day("1900-01-31"); d <= last; d++) {
        assert_true(cc_lunar_of(d, &l));
        assert_true(cc_lunar_day(l, &back));
        assert_int_equal(back, d);
    }
    assert_false(cc_lunar_of(day("1900-01-30"), &l));
    assert_false(cc_lunar_of(last + 1, &l));
    assert_false(cc_lunar_day((struct cc_lunar){ 2026, 13, 1, false }, &back));
    assert_false(cc_lunar_day((struct cc_lunar){ 2026, 6, 1, true }, &back));
    assert_false(cc_lunar_day((struct cc_lunar){ 2026, 1, 31, false }, &back));
}

static void a_lunar_day_that_a_year_lacks_is_kept_nearby(void **state)
{
    int32_t out = 0;

    (void)state;
    /* Born in the leap sixth month: kept in the sixth, in 2025 in the leap. */
    assert_true(cc_lunar_yearly(2025, 6, 3, true, &out));
    assert_day(out, "2025-07-27");
    assert_true(cc_lunar_yearly(2026, 6, 3, true, &out));
    assert_day(out, "2026-07-16");
    /* Day 30 of the twelfth month, which has 29 in 2025. */
    assert_int_equal(cc_lunar_month_length(2025, 12, false), 29);
    assert_true(cc_lunar_yearly(2025, 12, 30, false, &out));
    assert_day(out, "2026-02-16");
    assert_int_equal(cc_lunar_month_length(2026, 12, false), 29);
    assert_int_equal(cc_lunar_month_length(2023, 12, false), 30);
    assert_true(cc_lunar_yearly(2023, 12, 30, false, &out));
    assert_day(out, "2024-02-09");
}

static void the_next_lunar_day_may_be_today(void **state)
{
    int32_t out = 0;

    (void)state;
    assert_true(cc_lunar_next(8, 15, false, day("2026-09-25"), &out));
    assert_day(out, "2026-09-25");
    assert_true(cc_lunar_next(8, 15, false, day("2026-09-26"), &out));
    assert_day(out, "2027-09-15");
    assert_false(cc_lunar_next(1, 1, false, day("2101-02-01"), &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_counted_from_1970_and_back),
        cmocka_unit_test(weekdays_begin_with_monday),
        cmocka_unit_test(leap_years_follow_the_rule_of_centuries),
        cmocka_unit_test(only_days_that_exist_are_read),
        cmocka_unit_test(local_days_and_minutes_follow_the_offset),
        cmocka_unit_test(a_29th_of_february_is_kept_on_the_28th),
        cmocka_unit_test(lunar_years_begin_when_published),
        cmocka_unit_test(leap_months_stand_where_published),
        cmocka_unit_test(festivals_fall_on_their_days),
        cmocka_unit_test(every_day_of_the_table_is_one_lunar_day),
        cmocka_unit_test(a_lunar_day_that_a_year_lacks_is_kept_nearby),
        cmocka_unit_test(the_next_lunar_day_may_be_today),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
