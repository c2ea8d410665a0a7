/* Columns, tables, JSON, languages and exit codes of the command. */
#include "book/width.h"
#include "book/words.h"
#include "cli/exit.h"
#include "cli/json.h"
#include "say/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- width -------------------------------------------------------------- */

static void ideographs_take_two_columns_and_marks_none(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        { "", 0 },
        { "tea", 3 },
        { "茶", 2 },
        { "老王茶行", 8 },
        { "Tomás", 5 },
        { "e\xCC\x81", 1 }, /* e and a combining acute */
        { "ＡＢ", 4 },
        { "ｱ", 1 }, /* half-width kana */
        { "한", 2 },
        { "🍵", 2 },
        { "ไป๋", 2 },
        { "𠮷", 2 },
        { "（x）", 5 },
        { "…", 1 },
        { "a\nb", 3 },
        { "\xFF", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cc_width_text(cases[i].text), cases[i].columns);
    }
}

static void edges_of_ranges_are_where_unicode_has_them(void **state)
{
    static const struct {
        uint32_t code;
        unsigned columns;
    } cases[] = { { 0x1F, 0 }, { 0x20, 1 }, { 0x7E, 1 }, { 0x7F, 0 },
        { 0x9F, 0 }, { 0xA0, 1 }, { 0x2FF, 1 }, { 0x300, 0 }, { 0x36F, 0 },
        { 0x370, 1 }, { 0x10FF, 1 }, { 0x1100, 2 }, { 0x115F, 2 },
        { 0x1160, 1 }, { 0x2E7F, 1 }, { 0x2E80, 2 }, { 0x303F, 1 },
        { 0x3041, 2 }, { 0x4DBF, 2 }, { 0x4DC0, 1 }, { 0x4E00, 2 },
        { 0x9FFF, 2 }, { 0xD7A3, 2 }, { 0xD7A4, 1 }, { 0xFF60, 2 },
        { 0xFF61, 1 }, { 0x1F64F, 2 }, { 0x1F650, 1 }, { 0x3FFFD, 2 },
        { 0x3FFFE, 1 }, { 0x10FFFF, 1 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cc_width_of(cases[i].code), cases[i].columns);
    }
}

static void bytes_that_are_not_utf8_become_the_replacement(void **state)
{
    static const struct {
        const char *text;
        size_t taken;
        uint32_t code;
    } cases[] = {
        { "a", 1, 'a' },
        { "\xC3\xA1", 2, 0xE1 },
        { "\xE8\x8C\xB6", 3, 0x8336 },
        { "\xF0\xA0\xAE\xB7", 4, 0x20BB7 },
        { "\x80", 1, 0xFFFD },
        { "\xC0\x80", 1, 0xFFFD },     /* overlong NUL */
        { "\xE0\x80\x80", 1, 0xFFFD }, /* overlong */
        { "\xED\xA0\x80", 1, 0xFFFD }, /* surrogate */
        { "\xF4\x90\x80\x80", 1, 0xFFFD },
        { "\xE8\x8C", 1, 0xFFFD }, /* cut short */
        { "\xFF", 1, 0xFFFD },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *at = cases[i].text;
        assert_int_equal(cc_width_next(&at), cases[i].code);
        assert_int_equal(at - cases[i].text, cases[i].taken);
    }
}

static void no_text_can_move_the_cursor_or_turn_the_line(void **state)
{
    static const struct {
        const char *text, *clean;
    } cases[] = {
        { "tea", "tea" },
        { "a\x1B[2Jb", "a [2Jb" },
        { "a\r\nb\tc", "a  b c" },
        { "a\xC2\x9B"
          "b",
            "a b" }, /* C1: CSI in one byte */
        { "a\xE2\x80\xAE"
          "b",
            "a\xEF\xBF\xBD"
            "b" }, /* right-to-left override */
        { "a\xFF"
          "b",
            "a\xEF\xBF\xBD"
            "b" },
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cc_width_clean(cases[i].text, out, sizeof(out)),
            strlen(cases[i].clean));
        assert_string_equal(out, cases[i].clean);
    }
    /* what does not fit is left out between characters */
    assert_int_equal(cc_width_clean("茶茶", out, 6), 3);
    assert_string_equal(out, "茶");
}

static void a_beginning_never_splits_a_character(void **state)
{
    (void)state;
    assert_int_equal(cc_width_fit("茶行", 0), 0);
    assert_int_equal(cc_width_fit("茶行", 1), 0);
    assert_int_equal(cc_width_fit("茶行", 2), 3);
    assert_int_equal(cc_width_fit("茶行", 3), 3);
    assert_int_equal(cc_width_fit("茶行", 4), 6);
    assert_int_equal(cc_width_fit("ab", 9), 2);
}

/* ---- table -------------------------------------------------------------- */

/* What f writes; free it. */
static char *printed(struct cc_table *t, size_t columns)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *to = open_memstream(&text, &bytes);

    assert_non_null(to);
    assert_true(cc_table_print(t, to, columns));
    (void)fclose(to);
    return text;
}

static void expect_table(
    struct cc_table *t, size_t columns, const char *expected)
{
    char *text = printed(t, columns);

    assert_string_equal(text, expected);
    free(text);
}

static void make_table(struct cc_table *t)
{
    static const struct cc_table_column column[] = {
        { "NAME", false, false },
        { "N", true, false },
        { "ID", false, true },
    };

    cc_table_init(t, column, 3);
    cc_table_cell(t, "老王茶行");
    cc_table_cell(t, "7");
    cc_table_cell(t, "0190");
    cc_table_cell(t, "Tea\nand Rice");
    cc_table_cell(t, "1234");
    cc_table_cell(t, NULL);
}

static void columns_line_up_whatever_the_script(void **state)
{
    struct cc_table t;

    (void)state;
    make_table(&t);
    expect_table(&t, 80,
        "NAME             N  ID\n"
        "老王茶行         7  0190\n"
        "Tea and Rice  1234  \n");
    cc_table_wipe(&t);
}

static void a_narrow_terminal_shortens_the_widest_column_only(void **state)
{
    struct cc_table t;

    (void)state;
    make_table(&t);
    expect_table(&t, 19,
        "NAME        N  ID\n"
        "老王茶…     7  0190\n"
        "Tea an…  1234  \n");
    /* never an id, and no column to nothing */
    expect_table(&t, 1,
        "NAME     N  ID\n"
        "老…      7  0190\n"
        "Tea…  1234  \n");
    cc_table_wipe(&t);
}

static void other_programs_get_tabs_and_whole_values(void **state)
{
    struct cc_table t;

    (void)state;
    make_table(&t);
    expect_table(&t, 0,
        "老王茶行\t7\t0190\n"
        "Tea and Rice\t1234\t\n");
    cc_table_wipe(&t);
}

/* An id that leaves too little for the rest goes below its row; a text at the
 * end goes on in further lines. */
static void ids_go_below_and_long_texts_go_on(void **state)
{
    static const struct cc_table_column with_id[] = {
        { "NAME", false, false },
        { "ID", false, true },
    };
    static const struct cc_table_column with_text[] = {
        { "ID", false, true },
        { "WHY", false, false },
    };
    struct cc_table t;

    (void)state;
    cc_table_init(&t, with_id, 2);
    cc_table_cell(&t, "顺风食品商行老店");
    cc_table_cell(&t, "0190-aaaa-bbbb-cccc");
    expect_table(&t, 24,
        "NAME\n  ID\n"
        "顺风食品商行老店\n  0190-aaaa-bbbb-cccc\n");
    cc_table_wipe(&t);
    cc_table_init(&t, with_text, 2);
    cc_table_cell(&t, "0190");
    cc_table_cell(&t, "距上次联系已经二十天，应当回访");
    expect_table(&t, 24,
        "ID    WHY\n"
        "0190  距上次联系已经二十\n"
        "      天，应当回访\n");
    cc_table_wipe(&t);
}

/* Numbers need less room than what they are called. */
static void titles_of_narrow_columns_take_several_lines(void **state)
{
    static const struct cc_table_column column[] = {
        { "WHO", false, false },
        { "无效电话 %", true, false },
        { "DUPLICATES", true, false },
    };
    struct cc_table t;

    (void)state;
    cc_table_init(&t, column, 3);
    cc_table_cell(&t, "ann");
    cc_table_cell(&t, "18");
    cc_table_cell(&t, "4");
    expect_table(&t, 20,
        "WHO  无效电  DUPLIC…\n"
        "       话 %         \n"
        "ann      18        4\n");
    cc_table_wipe(&t);
}

static void a_table_grows_with_its_rows(void **state)
{
    static const struct cc_table_column column[] = { { "X", false, false } };
    struct cc_table t;
    char *text;

    (void)state;
    cc_table_init(&t, column, 1);
    for (int i = 0; i < 10000; i++) {
        cc_table_cell(&t, "茶行");
    }
    text = printed(&t, 0);
    assert_int_equal(strlen(text), 10000 * 7);
    free(text);
    cc_table_wipe(&t);
}

/* ---- json --------------------------------------------------------------- */

static void json_is_one_document_that_parses(void **state)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *to = open_memstream(&text, &bytes);
    struct cc_json j;

    (void)state;
    cc_json_init(&j, to);
    cc_json_object(&j, NULL);
    cc_json_text(&j, "t",
        "a\"b\\c\nd\x01"
        "e茶\xFF");
    cc_json_uint(&j, "u", UINT64_MAX);
    cc_json_int(&j, "i", INT64_MIN);
    cc_json_bool(&j, "b", true);
    cc_json_array(&j, "empty");
    cc_json_end(&j);
    cc_json_array(&j, "a");
    cc_json_uint(&j, NULL, 1);
    cc_json_object(&j, NULL);
    cc_json_end(&j);
    cc_json_end(&j);
    cc_json_end(&j);
    (void)fclose(to);
    assert_string_equal(text,
        "{\n"
        " \"t\": \"a\\\"b\\\\c\\nd\\u0001e茶\xEF\xBF\xBD\",\n"
        " \"u\": 18446744073709551615,\n"
        " \"i\": -9223372036854775808,\n"
        " \"b\": true,\n"
        " \"empty\": [],\n"
        " \"a\": [\n"
        "  1,\n"
        "  {}\n"
        " ]\n"
        "}\n");
    free(text);
}

/* ---- words -------------------------------------------------------------- */

static void the_first_variable_that_is_set_chooses_the_language(void **state)
{
    static const struct {
        const char *all, *messages, *lang;
        enum cc_lang expected;
    } cases[] = {
        { NULL, NULL, NULL, CC_LANG_EN },
        { NULL, NULL, "zh_CN.UTF-8", CC_LANG_ZH },
        { NULL, NULL, "zh", CC_LANG_ZH },
        { NULL, NULL, "zhx", CC_LANG_EN },
        { NULL, NULL, "C", CC_LANG_EN },
        { NULL, "en_GB", "zh_CN", CC_LANG_EN },
        { "", "zh_TW", "en_US", CC_LANG_ZH },
        { "C.UTF-8", "zh_CN", "zh_CN", CC_LANG_EN },
        { "zh_CN", "en", "en", CC_LANG_ZH },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            cc_words_lang_env(cases[i].all, cases[i].messages, cases[i].lang),
            cases[i].expected);
    }
}

/* ---- exit --------------------------------------------------------------- */

static void every_error_has_its_documented_exit_status(void **state)
{
    static const struct {
        int code;
        enum satchel_class class_;
        int exit;
    } cases[] = {
        { SATCHEL_OK, SATCHEL_CLASS_NONE, 0 },
        { SATCHEL_E_FULL, SATCHEL_CLASS_LOCAL, 74 },
        { SATCHEL_E_IO, SATCHEL_CLASS_LOCAL, 74 },
        { SATCHEL_E_CORRUPT, SATCHEL_CLASS_LOCAL, 74 },
        { SATCHEL_E_BUSY, SATCHEL_CLASS_BUSY, 3 },
        { SATCHEL_E_OFFLINE, SATCHEL_CLASS_BUSY, 3 },
        { 21, SATCHEL_CLASS_BUSY, 3 },
        { SATCHEL_E_REVOKED, SATCHEL_CLASS_PEER, 1 },
        { SATCHEL_E_CODE, SATCHEL_CLASS_PEER, 1 },
        { SATCHEL_E_NOT_FOUND, SATCHEL_CLASS_CALLER, 1 },
        { SATCHEL_E_EXISTS, SATCHEL_CLASS_CALLER, 1 },
        { SATCHEL_E_AMBIGUOUS, SATCHEL_CLASS_CALLER, 1 },
        { SATCHEL_E_LOCKED, SATCHEL_CLASS_LOCAL, 1 },
        { SATCHEL_E_SECRET, SATCHEL_CLASS_LOCAL, 1 },
        { SATCHEL_E_IN_USE, SATCHEL_CLASS_LOCAL, 1 },
        { SATCHEL_E_CONFLICT, SATCHEL_CLASS_CALLER, 2 },
        { SATCHEL_E_ARGUMENT, SATCHEL_CLASS_CALLER, 64 },
        { SATCHEL_E_VALUE, SATCHEL_CLASS_POLICY, 1 },
        { SATCHEL_E_REQUIRED, SATCHEL_CLASS_POLICY, 1 },
        { SATCHEL_E_UNKNOWN_FIELD, SATCHEL_CLASS_POLICY, 1 },
        { 64, SATCHEL_CLASS_POLICY, 1 },
        { SATCHEL_E_NOMEM, SATCHEL_CLASS_LOCAL, 70 },
        { SATCHEL_E_INTERNAL, SATCHEL_CLASS_LOCAL, 70 },
        { 9999, SATCHEL_CLASS_LOCAL, 70 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct satchel_error e = { .code = cases[i].code,
            .class_ = cases[i].class_ };
        print_message("# code %d\n", cases[i].code);
        assert_int_equal(cc_exit_of(&e), cases[i].exit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ideographs_take_two_columns_and_marks_none),
        cmocka_unit_test(edges_of_ranges_are_where_unicode_has_them),
        cmocka_unit_test(bytes_that_are_not_utf8_become_the_replacement),
        cmocka_unit_test(no_text_can_move_the_cursor_or_turn_the_line),
        cmocka_unit_test(a_beginning_never_splits_a_character),
        cmocka_unit_test(columns_line_up_whatever_the_script),
        cmocka_unit_test(a_narrow_terminal_shortens_the_widest_column_only),
        cmocka_unit_test(other_programs_get_tabs_and_whole_values),
        cmocka_unit_test(ids_go_below_and_long_texts_go_on),
        cmocka_unit_test(titles_of_narrow_columns_take_several_lines),
        cmocka_unit_test(a_table_grows_with_its_rows),
        cmocka_unit_test(json_is_one_document_that_parses),
        cmocka_unit_test(the_first_variable_that_is_set_chooses_the_language),
        cmocka_unit_test(every_error_has_its_documented_exit_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
