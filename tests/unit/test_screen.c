/* test_screen.c - lines for a terminal: none wider than it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "say/screen.h"
#include "say/table.h"

/* What arrives of a text behind a screen. */
static char *shown(const char *text, size_t columns)
{
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size), *screen;

    assert_non_null(to);
    screen = cc_screen_open(to, columns);
    assert_non_null(screen);
    assert_true(fputs(text, screen) >= 0);
    assert_int_equal(fclose(screen), 0);
    assert_int_equal(fclose(to), 0);
    return out;
}

static void shows(const char *text, size_t columns, const char *wanted)
{
    char *out = shown(text, columns);

    assert_string_equal(out, wanted);
    free(out);
}

static void lines_break_between_words_and_go_on_behind_their_indent(
    void **state)
{
    (void)state;
    shows("fits\n\n", 10, "fits\n\n");
    shows("one two three four\n", 9, "one two\nthree\nfour\n");
    shows("  one two three\n", 9, "  one two\n  three\n");
    shows("ends at the edge\n", 8, "ends at\nthe edge\n");
    shows("without end", 5, "without end");
}

static void a_label_stands_alone_and_its_text_hangs_behind_it(void **state)
{
    (void)state;
    shows("  --dir  where the store is\n", 20,
        "  --dir  where the\n"
        "         store is\n");
    shows("  sync  上传修改接收更新并校验一致\n", 20,
        "  sync  上传修改接收\n"
        "        更新并校验一\n"
        "        致\n");
}

static void ideographs_part_but_not_before_closing_signs(void **state)
{
    (void)state;
    shows("上传修改，接收\n", 8, "上传修\n改，接收\n");
    shows("上传（接收）\n", 6, "上传\n（接\n收）\n");
    /* words of other scripts stay whole between them */
    shows("请用satchel解锁\n", 10, "请用\nsatchel解\n锁\n");
}

static void what_has_no_place_to_break_stays_whole(void **state)
{
    (void)state;
    shows("/a/very/long/path\n", 6, "/a/very/long/path\n");
    shows("in /a/very/long/path now\n", 6, "in\n/a/very/long/path\nnow\n");
    shows("\rprogress that is written over\n", 6,
        "\rprogress that is written over\n");
}

static void what_is_flushed_arrives_at_once(void **state)
{
    (void)state;
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size);
    FILE *screen = cc_screen_open(to, 10);

    assert_true(fputs("passphrase: ", screen) >= 0);
    assert_int_equal(fflush(screen), 0);
    assert_string_equal(out, "passphrase: ");
    assert_true(fputs("a\nb", screen) >= 0);
    assert_int_equal(fclose(screen), 0);
    assert_int_equal(fclose(to), 0);
    assert_string_equal(out, "passphrase: a\nb");
    free(out);
}

static void a_file_is_no_terminal(void **state)
{
    (void)state;
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(cc_screen_columns(file), 0);
    assert_ptr_equal(cc_screen_on(file, 0), file);
    cc_screen_off(file, file); /* still open */
    assert_int_equal(fputs("x", file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static void a_stream_that_fails_is_not_hidden(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    FILE *screen;

    assert_non_null(full);
    screen = cc_screen_open(full, 10);
    (void)fputs("one two three four five\n", screen);
    (void)fclose(screen);
    assert_true(ferror(full));
    (void)fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            lines_break_between_words_and_go_on_behind_their_indent),
        cmocka_unit_test(a_label_stands_alone_and_its_text_hangs_behind_it),
        cmocka_unit_test(ideographs_part_but_not_before_closing_signs),
        cmocka_unit_test(what_has_no_place_to_break_stays_whole),
        cmocka_unit_test(what_is_flushed_arrives_at_once),
        cmocka_unit_test(a_file_is_no_terminal),
        cmocka_unit_test(a_stream_that_fails_is_not_hidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
