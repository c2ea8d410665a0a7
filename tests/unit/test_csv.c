/*
 * test_csv.c - reading what people save as CSV, writing what all can read
 *
 * cap 15, what people expect of CSV, and the test that shows it: stable names
 * and Chinese labels, --no-bom - 90_export "labels of fields in Chinese"; the
 * mark by default, CRLF, long digits as text, decimals of no locale -
 * 90_export "CSV that spreadsheets and programs read"; GB18030 and UTF-16LE,
 * with its mark or without - encodings_are_found_or_taken_as_given; quotes -
 * rows_and_cells_come_as_rfc_4180_says; commas, semicolons, tabs -
 * delimiter_is_the_one_of_the_header; = + - @ and tab made harmless, and back
 * as they were - formulas_are_made_harmless,
 * what_is_written_reads_back_as_it_was; dry run, list with line numbers -
 * 89_import.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/csv.h"

#include "book/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sources ----------------------------------------------------------- */

/* Bytes in memory, given out in pieces of at most step. */
struct memory {
    const uint8_t *data;
    size_t size, at, step;
};

static sp_err read_memory(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct memory *m = self;
    size_t n = m->size - m->at;

    n = n < size ? n : size;
    n = n < m->step ? n : m->step;
    memcpy(out, m->data + m->at, n);
    m->at += n;
    *got = n;
    return SP_OK;
}

static struct sv_csv_source source_of(struct memory *m)
{
    return (struct sv_csv_source){ m, read_memory };
}

/* A head, then a unit many times over, then a tail; nothing of it in memory. */
struct repeated {
    const char *head, *unit, *tail;
    uint64_t times;
    uint64_t at; /* bytes given out */
};

static sp_err read_repeated(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct repeated *r = self;
    size_t head = strlen(r->head), unit = strlen(r->unit), n = 0;
    size_t tail = strlen(r->tail);
    uint64_t body = unit * r->times;

    while (n < size && r->at < head + body + tail) {
        uint64_t at = r->at;

        out[n++] = (uint8_t)(at < head          ? r->head[at]
                             : at < head + body ? r->unit[(at - head) % unit]
                                                : r->tail[at - head - body]);
        r->at++;
    }
    *got = n;
    return SP_OK;
}

/* ---- helpers ----------------------------------------------------------- */

/* All that a file says, in one line: cells in brackets, a row's refusal as
 * !line.column, the end of reading as !!line.column. */
static void tell(char *out, size_t room, const void *data, size_t size,
    size_t step, enum sv_csv_encoding encoding)
{
    struct memory m = { data, size, 0, step };
    struct sv_csv_source source = source_of(&m);
    struct sv_csv_problem problem = { 0 };
    struct sv_csv *csv = NULL;
    const struct sp_slice *cells;
    size_t count, n = 0;
    sp_err err = sv_csv_open_source(&csv, &source, encoding, &problem);

    out[0] = '\0';
    cells = err == SP_OK ? sv_csv_header(csv, &count) : NULL;
    while (err == SP_OK || err == SP_E_VALUE) {
        if (err == SP_OK) {
            for (size_t i = 0; i < count; i++) {
                n += (size_t)snprintf(out + n, room - n, "[%.*s]",
                    (int)cells[i].size, (const char *)cells[i].data);
            }
        } else {
            n += (size_t)snprintf(out + n, room - n, "!%u.%u",
                (unsigned)problem.line, (unsigned)problem.column);
        }
        n += (size_t)snprintf(out + n, room - n, " ");
        err = sv_csv_next(csv, &cells, &problem);
    }
    if (err != SP_E_NOT_FOUND) {
        assert_int_equal(err, SP_E_MALFORMED);
        assert_true(problem.text[0] != '\0');
        (void)snprintf(out + n, room - n, "!!%u.%u", (unsigned)problem.line,
            (unsigned)problem.column);
    }
    sv_csv_close(csv);
}

struct reading {
    const char *name, *text, *told;
};

static void check_readings(const struct reading *r, size_t count)
{
    static const size_t steps[] = { 1, 2, 7, 100000 };

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
            char told[1024];

            tell(told, sizeof(told), r[i].text, strlen(r[i].text), steps[k],
                SV_CSV_DETECT);
            if (strcmp(told, r[i].told) != 0) {
                print_error(
                    "%s, %zu bytes at a time: %s\n", r[i].name, steps[k], told);
            }
            assert_string_equal(told, r[i].told);
        }
    }
}

/* Opens text, reads one row that must be refused, and shows why. */
static struct sv_csv_problem first_problem(const char *text)
{
    struct memory m = { (const uint8_t *)text, strlen(text), 0, 4096 };
    struct sv_csv_source source = source_of(&m);
    struct sv_csv_problem problem = { 0 };
    const struct sp_slice *cells;
    struct sv_csv *csv = NULL;
    sp_err err = sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem);

    while (err == SP_OK) {
        err = sv_csv_next(csv, &cells, &problem);
    }
    assert_true(err == SP_E_VALUE || err == SP_E_MALFORMED);
    sv_csv_close(csv);
    return problem;
}

static void assert_mentions(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        print_error("\"%s\" does not mention \"%s\"\n", text, part);
    }
    assert_non_null(strstr(text, part));
}

/* ---- reading ----------------------------------------------------------- */

static void rows_and_cells_come_as_rfc_4180_says(void **state)
{
    static const struct reading readings[] = {
        { "CRLF", "a,b\r\n1,2\r\n3,4\r\n", "[a][b] [1][2] [3][4] " },
        { "LF", "a,b\n1,2\n3,4\n", "[a][b] [1][2] [3][4] " },
        { "CR alone", "a,b\r1,2\r3,4\r", "[a][b] [1][2] [3][4] " },
        { "no newline at the end", "a,b\n1,2", "[a][b] [1][2] " },
        { "empty cells", "a,b,c\n,,\n1,,\n", "[a][b][c] [][][] [1][][] " },
        { "last cell empty at the end", "a,b\n1,", "[a][b] [1][] " },
        { "quoted delimiter", "a,b\n\"1,1\",2\n", "[a][b] [1,1][2] " },
        { "doubled quotes", "a\n\"x \"\"y\"\" z\"\n", "[a] [x \"y\" z] " },
        { "only quotes", "a\n\"\"\"\"\n", "[a] [\"] " },
        { "empty quoted cell", "a\n\"\"\n", "[a] [] " },
        { "quoted newline", "a,b\n\"1\n2\",3\n", "[a][b] [1\n2][3] " },
        { "quoted CRLF", "a,b\r\n\"1\r\n\r\n2\",3\r\n", "[a][b] [1\n\n2][3] " },
        { "quote in the middle", "a,b\n5\" pipe,2\n", "[a][b] [5\" pipe][2] " },
        { "blank lines", "\n\na,b\n\n1,2\n\r\n\n", "[a][b] [1][2] " },
        { "blanks stay", "a,b\n 1 , 2\n", "[a][b] [ 1 ][ 2] " },
        { "mark and Hanzi", "\xef\xbb\xbf名,b\n𠮷野家,é\n",
            "[名][b] [𠮷野家][é] " },
        { "header alone", "a,b", "[a][b] " },
        { "empty file", "", "!!1.0" },
        { "nothing but blank lines", "\n\n", "!!3.0" },
        { "mark alone", "\xef\xbb\xbf", "!!1.0" },
    };

    (void)state;
    check_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

static void delimiter_is_the_one_of_the_header(void **state)
{
    static const struct reading readings[] = {
        { "semicolons", "a;b\n1,5;2\n", "[a][b] [1,5][2] " },
        { "tabs", "a\tb,c\td\n1;1\t2\t3\n", "[a][b,c][d] [1;1][2][3] " },
        { "commas inside quotes do not count", "\"a,b,c\";d\n1;2\n",
            "[a,b,c][d] [1][2] " },
        { "none", "a\n1;2\n", "[a] [1;2] " },
    };

    (void)state;
    check_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

static void bad_row_is_refused_with_its_place_and_the_next_is_read(void **state)
{
    static const struct reading readings[] = {
        { "too many cells", "a,b\n1,2,3\n4,5\n", "[a][b] !2.3 [4][5] " },
        { "too few cells", "a,b,c\n1,2\n4,5,6\n", "[a][b][c] !2.2 [4][5][6] " },
        { "text after a quote", "a,b\n1,\"x\"y\n4,5\n", "[a][b] !2.2 [4][5] " },
        { "line counted through quotes", "a,b\n\"1\n\n2\",3\n4\n",
            "[a][b] [1\n\n2][3] !5.1 " },
        { "line counted with CRLF", "a,b\r\n1,2\r\n\r\n4\r\n5,6\r\n",
            "[a][b] [1][2] !4.1 [5][6] " },
        { "bad bytes", "a,b\n1,\xc3(\n茶,茶\n酱油,花生油\n",
            "[a][b] !2.2 [茶][茶] [酱油][花生油] " },
        { "control character", "a,b\n1,\x01x\n4,5\n", "[a][b] !2.2 [4][5] " },
    };

    (void)state;
    check_readings(readings, sizeof(readings) / sizeof(readings[0]));
}

static void unclosed_quote_names_the_line_where_it_began(void **state)
{
    struct sv_csv_problem p;

    (void)state;
    p = first_problem("a,b\n1,2\n3,\"four\n5,6\n7,8\n");
    assert_int_equal(p.line, 3);
    assert_int_equal(p.column, 2);
    assert_mentions(p.text, "never closed");
    assert_mentions(p.text, "line 6");
    p = first_problem("a,\"b\n1,2\n");
    assert_int_equal(p.line, 1);
    assert_int_equal(p.column, 2);
}

static void every_refusal_says_what_to_do(void **state)
{
    (void)state;
    assert_mentions(
        first_problem("a,b\nx,y,z\n").text, "3 cells, the header 2");
    assert_mentions(first_problem("a,b\nx,y,z\n").text, "quotes around a cell");
    assert_mentions(first_problem("a;b\nx;y;z\n").text, "semicolon");
    assert_mentions(first_problem("a,b\nx\n").text, "add what is missing");
    assert_mentions(first_problem("a,b\n\"x\"y,z\n").text, "write \"\"");
    assert_mentions(first_problem("a,b\n茶茶茶茶茶,\xff\n").text, "not UTF-8");
    assert_mentions(first_problem("a,b\n1,\x02\n").text, "character 02");
    assert_mentions(first_problem("").text, "must name the columns");
}

static void same_name_twice_in_the_header_is_refused(void **state)
{
    struct sv_csv_problem p = first_problem("name,city,name\n1,2,3\n");

    (void)state;
    assert_int_equal(p.line, 1);
    assert_int_equal(p.column, 3);
    assert_mentions(p.text, "\"name\" twice, in columns 1 and 3");
}

static void nul_byte_refuses_its_row(void **state)
{
    static const char text[] = "name,b\nlong enough,2\nx\0y,2\n4,5\n";
    char told[256];

    (void)state;
    tell(told, sizeof(told), text, sizeof(text) - 1, 5, SV_CSV_DETECT);
    assert_string_equal(told, "[name][b] [long enough][2] !3.1 [4][5] ");
}

static void columns_are_found_by_name(void **state)
{
    static const char text[] = "a,客户,'+c\n1,2,3\n";
    struct memory m = { (const uint8_t *)text, sizeof(text) - 1, 0, 3 };
    struct sv_csv_source source = source_of(&m);
    struct sv_csv_problem problem;
    struct sv_csv *csv;

    (void)state;
    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem), SP_OK);
    assert_int_equal(sv_csv_column(csv, "a"), 0);
    assert_int_equal(sv_csv_column(csv, "客户"), 1);
    assert_int_equal(sv_csv_column(csv, "+c"), 2);
    assert_int_equal(sv_csv_column(csv, "d"), -1);
    assert_int_equal(sv_csv_delimiter(csv), ',');
    sv_csv_close(csv);
}

/* ---- encodings --------------------------------------------------------- */

struct encoded {
    const char *name;
    enum sv_csv_encoding given;
    const void *data;
    size_t size;
    const char *told, *found;
};
#define BYTES(text) (text), sizeof(text) - 1

static const struct encoded encodings[] = {
    { "GB18030, found", SV_CSV_DETECT,
        BYTES("\xc3\xfb,b\n\xd6\xd0\xb9\xfa,\xb2\xe8\n"), "[名][b] [中国][茶] ",
        "GB18030" },
    { "GB18030 with four bytes a character, given", SV_CSV_GB18030,
        BYTES("a\n\x95\x34\xb2\x35\n"), "[a] [𠮷] ", "GB18030" },
    { "UTF-16LE with mark", SV_CSV_DETECT,
        BYTES("\xff\xfe"
              "a\0,\0b\0\r\0\n\0"
              "1\0,\0\x42\xd8\xb7\xdf\r\0\n\0"),
        "[a][b] [1][𠮷] ", "UTF-16LE" },
    { "UTF-16BE with mark", SV_CSV_DETECT,
        BYTES("\xfe\xff"
              "\0a\0,\0b\0\n"
              "\x4e\x2d\0,\0"
              "2\0\n"),
        "[a][b] [中][2] ", "UTF-16BE" },
    { "UTF-16LE without mark", SV_CSV_DETECT,
        BYTES("n\0a\0m\0e\0,\0b\0\n\0\x2d\x4e,\0"
              "2\0\n\0"),
        "[name][b] [中][2] ", "UTF-16LE" },
    { "UTF-16BE without mark", SV_CSV_DETECT,
        BYTES("\0n\0a\0,\0b\0\n\x4e\x2d\0,\0"
              "2"),
        "[na][b] [中][2] ", "UTF-16BE" },
    { "half a pair in UTF-16", SV_CSV_DETECT,
        BYTES("\xff\xfe"
              "a\0\n\0"
              "\x42\xd8\n\0"
              "x\0\n\0"),
        "[a] !2.1 [x] ", "UTF-16LE" },
    { "odd byte at the end of UTF-16", SV_CSV_DETECT,
        BYTES("\xff\xfe"
              "a\0\n\0"
              "x"),
        "[a] !2.1 ", "UTF-16LE" },
    { "damaged UTF-8 is not taken for GB18030", SV_CSV_DETECT,
        BYTES("名称,b\n中国茶叶,\xff\n东方,2\n"), "[名称][b] !2.2 [东方][2] ",
        "UTF-8" },
    { "cut character at the end", SV_CSV_DETECT, BYTES("名称\n东方\xe4\xb8"),
        "[名称] !2.1 ", "UTF-8" },
    { "UTF-8 given, GB18030 there", SV_CSV_UTF8, BYTES("a\n\xd6\xd0\xb9\xfa\n"),
        "[a] !2.1 ", "UTF-8" },
};

static void encodings_are_found_or_taken_as_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        const struct encoded *e = &encodings[i];
        static const size_t steps[] = { 1, 3, 100000 };

        for (size_t k = 0; k < 3; k++) {
            char told[256];

            tell(told, sizeof(told), e->data, e->size, steps[k], e->given);
            if (strcmp(told, e->told) != 0) {
                print_error("%s: %s\n", e->name, told);
            }
            assert_string_equal(told, e->told);
        }
    }
}

static void encoding_found_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        const struct encoded *e = &encodings[i];
        struct memory m = { e->data, e->size, 0, 9 };
        struct sv_csv_source source = source_of(&m);
        struct sv_csv_problem problem;
        struct sv_csv *csv;

        assert_int_equal(
            sv_csv_open_source(&csv, &source, e->given, &problem), SP_OK);
        assert_string_equal(sv_csv_encoding_of(csv), e->found);
        sv_csv_close(csv);
    }
}

static void encoding_shows_only_after_100000_bytes_of_ascii(void **state)
{
    struct repeated r = { "a,b\n", "x,y\n", "\xd6\xd0,2\n", 100000, 0 };
    struct sv_csv_source source = { &r, read_repeated };
    struct sv_csv_problem problem;
    const struct sp_slice *cells = NULL;
    struct sv_csv *csv;
    sp_err err;

    (void)state;
    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem), SP_OK);
    for (unsigned i = 0; i < 100001; i++) {
        assert_int_equal(sv_csv_next(csv, &cells, &problem), SP_OK);
    }
    assert_true(sp_slice_equal(cells[0], sp_slice_text("中")));
    assert_string_equal(sv_csv_encoding_of(csv), "GB18030");
    err = sv_csv_next(csv, &cells, &problem);
    assert_int_equal(err, SP_E_NOT_FOUND);
    sv_csv_close(csv);
}

/* ---- bounds ------------------------------------------------------------ */

/* Reads a repeated file: first result after the header, and the next. */
struct outcome {
    sp_err opened, first, second;
    struct sv_csv_problem problem; /* of the first failure */
};

static struct outcome try_repeated(struct repeated r)
{
    struct sv_csv_source source = { &r, read_repeated };
    struct outcome o = { .opened = SP_OK };
    struct sv_csv_problem unused;
    const struct sp_slice *cells;
    struct sv_csv *csv = NULL;

    o.opened = sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &o.problem);
    if (o.opened == SP_OK) {
        o.first = sv_csv_next(csv, &cells, &o.problem);
        o.second = sv_csv_next(csv, &cells, &unused);
    }
    sv_csv_close(csv);
    return o;
}

static void a_million_columns_are_refused_in_bounded_memory(void **state)
{
    struct outcome o;

    (void)state;
    o = try_repeated((struct repeated){ "a", ",b", "\n", 999999, 0 });
    assert_int_equal(o.opened, SP_E_MALFORMED);
    assert_mentions(o.problem.text, "1000000 columns");
    o = try_repeated((struct repeated){ "a,b\nx", ",y", "\n1,2\n", 999999, 0 });
    assert_int_equal(o.first, SP_E_VALUE);
    assert_mentions(o.problem.text, "1000000 cells");
    assert_int_equal(o.problem.line, 2);
    assert_int_equal(o.second, SP_OK);
}

static void columns_end_at_their_limit(void **state)
{
    (void)state;
    for (int beyond = -1; beyond <= 1; beyond++) {
        /* Names must differ: all but one are empty. */
        struct outcome o = try_repeated((struct repeated){ "a", ",", "\n",
            (uint64_t)((int)SV_CSV_COLUMNS_MAX - 1 + beyond), 0 });

        assert_int_equal(o.opened, beyond <= 0 ? SP_OK : SP_E_MALFORMED);
    }
}

static void cell_ends_at_its_limit(void **state)
{
    (void)state;
    for (int beyond = -1; beyond <= 1; beyond++) {
        struct outcome o = try_repeated((struct repeated){ "a,b\n1,", "x",
            "\n3,4\n", (uint64_t)((int)SV_CSV_CELL_BYTES_MAX + beyond), 0 });

        assert_int_equal(o.first, beyond <= 0 ? SP_OK : SP_E_VALUE);
        assert_int_equal(o.second, SP_OK);
        if (beyond > 0) {
            assert_int_equal(o.problem.line, 2);
            assert_int_equal(o.problem.column, 2);
            assert_mentions(o.problem.text, "shorten");
        }
    }
}

static void row_ends_at_its_limit(void **state)
{
    static const uint32_t cells = 16; /* of a 16th of the limit each */
    static char unit[SV_CSV_ROW_BYTES_MAX / 16 + 2];

    (void)state;
    memset(unit, 'x', sizeof(unit) - 2);
    unit[sizeof(unit) - 2] = ',';
    for (int beyond = 0; beyond <= 1; beyond++) {
        struct repeated r = { "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n", unit,
            beyond ? "y\n" : "\n", cells, 0 };
        struct outcome o = try_repeated(r);

        assert_int_equal(o.first, beyond == 0 ? SP_OK : SP_E_VALUE);
    }
}

static void quote_open_over_the_limit_is_told_where_it_began(void **state)
{
    struct outcome o = try_repeated((struct repeated){
        "a,b\n1,2x\n3,\"", "x\n", "", SV_CSV_CELL_BYTES_MAX, 0 });

    (void)state;
    assert_int_equal(o.first, SP_OK);
    assert_int_equal(o.second, SP_E_MALFORMED);
}

static void a_million_rows_are_streamed(void **state)
{
    struct repeated r = { "name,city,note\r\n",
        "\"东方, 商行\",成都市,\"said \"\"yes\"\"\"\r\n", "", 1000000, 0 };
    struct sv_csv_source source = { &r, read_repeated };
    struct sv_csv_problem problem;
    const struct sp_slice *cells;
    struct sv_csv *csv;
    uint32_t rows = 0;
    sp_err err;

    (void)state;
    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem), SP_OK);
    while ((err = sv_csv_next(csv, &cells, &problem)) == SP_OK) {
        rows += sp_slice_equal(cells[0], sp_slice_text("东方, 商行")) &&
                sp_slice_equal(cells[2], sp_slice_text("said \"yes\""));
    }
    assert_int_equal(err, SP_E_NOT_FOUND);
    assert_int_equal(rows, 1000000);
    assert_int_equal(sv_csv_line(csv), 1000002);
    sv_csv_close(csv);
}

/* The first line, then one byte for ever; nothing of it in memory. */
static sp_err read_endless(void *self, uint8_t *out, size_t size, size_t *got)
{
    uint64_t *left = self;
    size_t n = *left < size ? (size_t)*left : size;

    memset(out, 'x', n);
    if (*left == (uint64_t)1 << 30 && n > 4) {
        memcpy(out, "a,b\n", 4);
    }
    *left -= n;
    *got = n;
    return SP_OK;
}

static void a_line_of_a_gigabyte_is_refused_in_bounded_memory(void **state)
{
    uint64_t left = (uint64_t)1 << 30;
    struct sv_csv_source source = { &left, read_endless };
    struct sv_csv_problem problem;
    const struct sp_slice *cells;
    struct sv_csv *csv = NULL;

    (void)state;
    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_UTF8, &problem), SP_OK);
    assert_int_equal(sv_csv_next(csv, &cells, &problem), SP_E_VALUE);
    assert_int_equal(problem.line, 2);
    assert_string_equal(problem.code, "long");
    assert_int_equal(left, 0);
    assert_int_equal(sv_csv_next(csv, &cells, &problem), SP_E_NOT_FOUND);
    sv_csv_close(csv);
}

static void a_refused_row_can_still_be_listed(void **state)
{
    struct memory m = { .step = 64 };
    struct sv_csv_source source;
    struct sv_csv_problem problem;
    const struct sp_slice *cells;
    struct sv_csv *csv = NULL;

    (void)state;
    m.data = (const uint8_t *)"a,b\n1,2,3\n";
    m.size = 10;
    source = source_of(&m);
    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_UTF8, &problem), SP_OK);
    assert_int_equal(sv_csv_next(csv, &cells, &problem), SP_E_VALUE);
    assert_string_equal(problem.code, "cells");
    assert_int_equal(sv_csv_cells(csv, &cells), 3);
    assert_true(sp_slice_equal(cells[2], sp_slice_text("3")));
    sv_csv_close(csv);
}

static void missing_file_is_named(void **state)
{
    struct sv_csv_problem problem;
    struct sv_csv *csv = NULL;

    (void)state;
    assert_int_equal(
        sv_csv_open(&csv, "/nowhere/accounts.csv", SV_CSV_DETECT, &problem),
        SP_E_NOT_FOUND);
    assert_mentions(problem.text, "/nowhere/accounts.csv");
    assert_null(csv);
}

/* ---- writing ----------------------------------------------------------- */

static void assert_written(const char *cell, const char *line)
{
    struct sp_slice slice = sp_slice_text(cell);
    struct sp_buf out;

    sp_buf_init(&out, 4096);
    cc_csv_put_row(&out, &slice, 1);
    assert_int_equal(out.err, SP_OK);
    if (!sp_slice_equal(sp_buf_slice(&out), sp_slice_text(line))) {
        print_error("%s gave %.*s", cell, (int)out.size, (char *)out.data);
    }
    assert_true(sp_slice_equal(sp_buf_slice(&out), sp_slice_text(line)));
    sp_buf_free(&out);
}

static void cells_are_quoted_where_needed(void **state)
{
    (void)state;
    assert_written("plain text", "plain text\r\n");
    assert_written("", "\"\"\r\n");
    assert_written("a,b", "\"a,b\"\r\n");
    assert_written("a;b", "\"a;b\"\r\n");
    assert_written("say \"x\"", "\"say \"\"x\"\"\"\r\n");
    assert_written("two\nlines", "\"two\nlines\"\r\n");
    assert_written(" blank", "\" blank\"\r\n");
    assert_written("东方", "东方\r\n");
}

static void formulas_are_made_harmless(void **state)
{
    (void)state;
    assert_written("=1+1", "'=1+1\r\n");
    assert_written("+86 138", "'+86 138\r\n");
    assert_written("-5", "'-5\r\n");
    assert_written("@x", "'@x\r\n");
    assert_written("\tx", "\"'\tx\"\r\n");
    assert_written("\rx", "\"'\rx\"\r\n");
    assert_written("＝1+1", "'＝1+1\r\n");
    assert_written("＋1", "'＋1\r\n");
    assert_written("－1", "'－1\r\n");
    assert_written("＠x", "'＠x\r\n");
    assert_written("'＝1", "''＝1\r\n");
    assert_written("－", "'－\r\n");
    assert_written("﹦1", "﹦1\r\n");
    assert_written("'=1", "''=1\r\n");
    assert_written("'quoted'", "'quoted'\r\n");
    assert_written("=a,b", "\"'=a,b\"\r\n");
    assert_written("a=b", "a=b\r\n");
}

static void members_of_a_set_come_back_one_by_one(void **state)
{
    static const char *const members[] = { "a|b", "c\\", "\\\\|x", "|", "d\\e",
        "number=1; label=x\\;y", "\\" };
    struct sp_buf cell, one;

    (void)state;
    sp_buf_init(&cell, 512);
    sp_buf_init(&one, 512);
    sp_buf_put(&cell, "before\\", 7);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        cc_csv_put_member(&cell, 7, sp_slice_text(members[i]));
    }
    struct sp_slice rest = sp_slice_of(cell.data + 7, cell.size - 7);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        sp_buf_reset(&one);
        cc_csv_take_member(&rest, &one);
        assert_int_equal(one.size, strlen(members[i]));
        assert_memory_equal(one.data, members[i], one.size);
    }
    assert_int_equal(rest.size, 0);
    sp_buf_free(&one);
    sp_buf_free(&cell);
}

/* Random cells of characters that mean something to somebody. */
static void what_is_written_reads_back_as_it_was(void **state)
{
    static const char *const parts[] = { "\"", ",", ";", "\t", "\n", "'", "=",
        "+", "-", "@", " ", "a", "茶", "𠮷", "é", "＝", "＠" };
    uint64_t seed = 20250314;

    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (unsigned round = 0; round < 2000; round++) {
        char text[3][64];
        struct sp_slice cells[3], header[3] = { sp_slice_text("a"),
            sp_slice_text("b"), sp_slice_text("c") };
        const struct sp_slice *back;
        struct sv_csv_problem problem;
        struct sv_csv_source source;
        struct sv_csv *csv;
        struct memory m;
        struct sp_buf out;

        for (unsigned i = 0; i < 3; i++) {
            text[i][0] = '\0';
            for (unsigned k = 0; k < (seed >> 60) % 8; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                strcat(text[i], parts[(seed >> 33) % 17]);
            }
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            cells[i] = sp_slice_text(text[i]);
        }
        sp_buf_init(&out, 4096);
        cc_csv_put_bom(&out);
        cc_csv_put_row(&out, header, 3);
        cc_csv_put_row(&out, cells, 3);
        assert_int_equal(out.err, SP_OK);
        m = (struct memory){ out.data, out.size, 0, 1 + round % 13 };
        source = source_of(&m);
        assert_int_equal(
            sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem), SP_OK);
        assert_int_equal(sv_csv_next(csv, &back, &problem), SP_OK);
        for (unsigned i = 0; i < 3; i++) {
            assert_true(sp_slice_equal(back[i], cells[i]));
        }
        sv_csv_close(csv);
        sp_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_cells_come_as_rfc_4180_says),
        cmocka_unit_test(delimiter_is_the_one_of_the_header),
        cmocka_unit_test(
            bad_row_is_refused_with_its_place_and_the_next_is_read),
        cmocka_unit_test(unclosed_quote_names_the_line_where_it_began),
        cmocka_unit_test(every_refusal_says_what_to_do),
        cmocka_unit_test(same_name_twice_in_the_header_is_refused),
        cmocka_unit_test(nul_byte_refuses_its_row),
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(encodings_are_found_or_taken_as_given),
        cmocka_unit_test(encoding_found_is_named),
        cmocka_unit_test(encoding_shows_only_after_100000_bytes_of_ascii),
        cmocka_unit_test(a_million_columns_are_refused_in_bounded_memory),
        cmocka_unit_test(columns_end_at_their_limit),
        cmocka_unit_test(cell_ends_at_its_limit),
        cmocka_unit_test(row_ends_at_its_limit),
        cmocka_unit_test(quote_open_over_the_limit_is_told_where_it_began),
        cmocka_unit_test(a_million_rows_are_streamed),
        cmocka_unit_test(a_line_of_a_gigabyte_is_refused_in_bounded_memory),
        cmocka_unit_test(a_refused_row_can_still_be_listed),
        cmocka_unit_test(missing_file_is_named),
        cmocka_unit_test(cells_are_quoted_where_needed),
        cmocka_unit_test(formulas_are_made_harmless),
        cmocka_unit_test(members_of_a_set_come_back_one_by_one),
        cmocka_unit_test(what_is_written_reads_back_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
