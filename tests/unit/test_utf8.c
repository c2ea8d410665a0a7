/* test_utf8.c - characters from bytes that may be anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/utf8.h"

static void every_character_reads_back_as_it_was_written(void **state)
{
    static const struct {
        uint32_t c;
        size_t bytes;
    } cases[] = { { 0, 1 }, { 0x7f, 1 }, { 0x80, 2 }, { 0x7ff, 2 },
        { 0x800, 3 }, { 0xd7ff, 3 }, { 0xe000, 3 }, { 0xffff, 3 },
        { 0x10000, 4 }, { 0x20bb7, 4 }, { 0x10ffff, 4 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[CC_UTF8_BYTES_MAX];
        uint32_t c = 0;
        assert_int_equal(cc_utf8_put(cases[i].c, out), cases[i].bytes);
        assert_int_equal(cc_utf8_take((const uint8_t *)out, sizeof(out), &c),
            cases[i].bytes);
        assert_int_equal(c, cases[i].c);
    }
}

static void what_begins_no_character_is_one_byte(void **state)
{
    static const struct {
        const char *name, *bytes;
    } cases[] = { { "continuation", "\x80" }, { "long form", "\xc0\xaf" },
        { "long form of three", "\xe0\x80\xaf" },
        { "long form of four", "\xf0\x80\x80\xaf" },
        { "surrogate", "\xed\xa0\x80" }, { "too high", "\xf4\x90\x80\x80" },
        { "five bytes", "\xf8\x88\x80\x80" }, { "cut off", "\xe4\xb8" },
        { "broken off", "\xe4\xb8x" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t c = 0;
        assert_int_equal(cc_utf8_take((const uint8_t *)cases[i].bytes,
                             strlen(cases[i].bytes), &c),
            1);
        assert_int_equal(c, CC_UTF8_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_reads_back_as_it_was_written),
        cmocka_unit_test(what_begins_no_character_is_one_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
