/* Figures drawn with signs, for a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "say/chart.h"

#define IS_BAR(value, most, mark, text)                                        \
    do {                                                                       \
        char bar_[CC_CHART_BYTES];                                             \
        cc_chart_bar(bar_, value, most, mark);                                 \
        assert_string_equal(bar_, text);                                       \
    } while (0)

static void a_bar_is_as_long_as_its_share_of_twenty(void **state)
{
    (void)state;
    IS_BAR(100, 100, 0, "####################");
    IS_BAR(50, 100, 0, "##########");
    IS_BAR(0.1, 100, 0, "#"); /* a little is not nothing */
    IS_BAR(0, 100, 0, "");
    IS_BAR(-5, 100, 0, "");
    IS_BAR(5, 0, 0, "");
    IS_BAR(1e300, 1, 0, "####################");
}

static void the_line_stands_within_and_behind_a_bar(void **state)
{
    (void)state;
    IS_BAR(25, 100, 50, "#####     |");
    IS_BAR(100, 100, 50, "##########|#########");
    IS_BAR(50, 50, 50, "####################|");
    IS_BAR(0, 100, 50, "          |");
}

static void shades_rise_with_the_count(void **state)
{
    (void)state;
    assert_string_equal(cc_chart_shade(0, 8), "");
    assert_string_equal(cc_chart_shade(1, 8), ".");
    assert_string_equal(cc_chart_shade(2, 8), ":");
    assert_string_equal(cc_chart_shade(4, 8), "+");
    assert_string_equal(cc_chart_shade(8, 8), "#");
    assert_string_equal(cc_chart_shade(1, 0), "");
}

/* What a chart prints on a terminal of so many columns; the caller's room. */
static const char *printed(
    const struct cc_chart *chart, size_t columns, char *room, size_t bytes)
{
    struct cc_table t;
    FILE *to = fmemopen(room, bytes, "w");

    assert_non_null(to);
    cc_chart_table(chart, columns, &t);
    assert_true(cc_table_print(&t, to, columns));
    cc_table_wipe(&t);
    (void)fclose(to);
    return room;
}

static void a_bar_is_drawn_where_it_fits_and_never_for_programs(void **state)
{
    static const struct cc_chart_column column[] = { { "WHO", false, false, 0 },
        { "RATE %", true, true, 0 } };
    static const struct cc_chart_cell cell[] = { { "ann", 0 }, { "10.0", 10 },
        { "bob", 0 }, { "5.0", 5 } };
    static const struct cc_chart chart = { 2, 4, column, cell, false };
    char room[512];

    (void)state;
    assert_string_equal(printed(&chart, 80, room, sizeof(room)),
        "WHO  RATE %  \n"
        "ann    10.0  ####################\n"
        "bob     5.0  ##########\n");
    assert_null(strchr(printed(&chart, 16, room, sizeof(room)), '#'));
    assert_string_equal(
        printed(&chart, 0, room, sizeof(room)), "ann\t10.0\nbob\t5.0\n");
}

static void a_map_of_counts_is_shaded(void **state)
{
    static const struct cc_chart_column column[] = { { "R", true, false, 0 },
        { "F 1", true, false, 0 }, { "F 2", true, false, 0 } };
    static const struct cc_chart_cell cell[] = { { "5", 5 }, { "8", 8 },
        { "0", 0 }, { "4", 4 }, { "1", 1 }, { "4", 4 } };
    static const struct cc_chart chart = { 3, 6, column, cell, true };
    char room[512];

    (void)state;
    assert_string_equal(printed(&chart, 80, room, sizeof(room)),
        "R  F 1  F 2\n"
        "5  8 #  0  \n"
        "4  1 .  4 +\n");
    assert_string_equal(
        printed(&chart, 0, room, sizeof(room)), "5\t8\t0\n4\t1\t4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_as_long_as_its_share_of_twenty),
        cmocka_unit_test(the_line_stands_within_and_behind_a_bar),
        cmocka_unit_test(shades_rise_with_the_count),
        cmocka_unit_test(a_bar_is_drawn_where_it_fits_and_never_for_programs),
        cmocka_unit_test(a_map_of_counts_is_shaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
