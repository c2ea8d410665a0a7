/* test_cells.c - rows of CSV as spreadsheets and people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "book/cells.h"
#include "book/csv.h"

static struct cc_cells cells;

static void begin(const char *text)
{
    cc_cells_free(&cells);
    assert_int_equal(cc_cells_begin(&cells, sp_slice_text(text)), SP_OK);
}

/* wanted: cells between "|". */
static void row(size_t line, const char *wanted)
{
    char have[256] = "";
    size_t used = 0;

    assert_int_equal(cc_cells_next(&cells), SP_OK);
    assert_int_equal(cells.line, line);
    for (size_t i = 0; i < cells.count; i++) {
        used += (size_t)snprintf(have + used, sizeof(have) - used, "%s%.*s",
            i == 0 ? "" : "|", (int)cells.cell[i].size,
            cells.cell[i].data == NULL ? "" : (const char *)cells.cell[i].data);
    }
    assert_string_equal(have, wanted);
}

static void no_more(void)
{
    assert_int_equal(cc_cells_next(&cells), SP_E_NOT_FOUND);
}

static void rows_end_with_or_without_a_line_end(void **state)
{
    (void)state;
    begin("a,b\r\n1,\n,2\n\n3,4");
    row(1, "a|b");
    row(2, "1|");
    row(3, "|2");
    row(5, "3|4");
    no_more();
    begin("");
    no_more();
}

static void quotes_hold_separators_line_ends_and_quotes(void **state)
{
    (void)state;
    begin("\"a,\"\"b\"\"\",\"c\nd\"\ne,\"\"\n");
    row(1, "a,\"b\"|c\nd");
    row(3, "e|");
    no_more();
}

static void the_first_row_says_what_separates(void **state)
{
    (void)state;
    begin("\xef\xbb\xbfname;note\nx;a,b\n");
    row(1, "name|note");
    row(2, "x|a,b");
    begin("name\tnote\nx\ta;b\n");
    row(1, "name|note");
    row(2, "x|a;b");
}

/* What csv.h wrote comes back as it was. */
static void a_row_that_was_written_is_read_back(void **state)
{
    const struct sp_slice out[] = { sp_slice_text("+8613800138000"),
        sp_slice_text("=1+1"), sp_slice_text("'quoted"),
        sp_slice_text("老王,\"茶\"行") };
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4096);
    cc_csv_put_bom(&b);
    cc_csv_put_row(&b, out, 4);
    cc_cells_free(&cells);
    assert_int_equal(cc_cells_begin(&cells, sp_buf_slice(&b)), SP_OK);
    assert_int_equal(cc_cells_next(&cells), SP_OK);
    assert_int_equal(cells.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(sp_slice_equal(cells.cell[i], out[i]));
    }
    sp_buf_free(&b);
}

static void what_is_no_table_is_refused_with_its_line(void **state)
{
    static char wide[2 * CC_CELLS_MAX + 8];

    (void)state;
    begin("a\n\"b\nc");
    row(1, "a");
    assert_int_equal(cc_cells_next(&cells), SP_E_TRUNCATED);
    assert_int_equal(cells.line, 2);
    cc_cells_free(&cells);
    assert_int_equal(
        cc_cells_begin(&cells, sp_slice_text("a\xff")), SP_E_VALUE);
    memset(wide, ',', sizeof(wide) - 1);
    begin(wide);
    assert_int_equal(cc_cells_next(&cells), SP_E_TOO_LARGE);
}

static int end(void **state)
{
    (void)state;
    cc_cells_free(&cells);
    memset(&cells, 0, sizeof(cells));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_end_with_or_without_a_line_end, end),
        cmocka_unit_test_teardown(
            quotes_hold_separators_line_ends_and_quotes, end),
        cmocka_unit_test_teardown(the_first_row_says_what_separates, end),
        cmocka_unit_test_teardown(a_row_that_was_written_is_read_back, end),
        cmocka_unit_test_teardown(
            what_is_no_table_is_refused_with_its_line, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
