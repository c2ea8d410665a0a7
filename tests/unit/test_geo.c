/* test_geo.c - distances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/geo.h"

static uint64_t metres(double a_lat, double a_lon, double b_lat, double b_lon)
{
    struct cc_geo a = { (int64_t)(a_lat * 1e7), (int64_t)(a_lon * 1e7) };
    struct cc_geo b = { (int64_t)(b_lat * 1e7), (int64_t)(b_lon * 1e7) };

    return cc_geo_metres(&a, &b);
}

static void distances_are_those_of_the_map(void **state)
{
    (void)state;
    assert_int_equal(metres(31.2, 121.4, 31.2, 121.4), 0);
    /* a degree of a meridian, and of the equator */
    assert_in_range(metres(31, 121, 32, 121), 111000, 111400);
    assert_in_range(metres(0, 121, 0, 122), 111000, 111400);
    /* at 60 degrees a degree of longitude is half as long */
    assert_in_range(metres(60, 10, 60, 11), 55400, 55800);
    assert_in_range(metres(31.2, 121.4, 31.2009, 121.4), 99, 101);
}

static void the_date_line_is_no_border(void **state)
{
    (void)state;
    assert_in_range(metres(0, 179.9995, 0, -179.9995), 110, 112);
    assert_in_range(metres(-90, 0, 90, 0), 20000000, 20040000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_the_map),
        cmocka_unit_test(the_date_line_is_no_border),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
