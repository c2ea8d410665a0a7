/* test_han.c - what characters sound like, and weigh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "book/han.h"

static bool reads(uint32_t c, const char *syllable)
{
    size_t count;
    const uint16_t *reading = cc_han_readings(c, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(cc_han_syllable(reading[i]), syllable) == 0) {
            return true;
        }
    }
    return false;
}

static void character_has_all_readings_in_use(void **state)
{
    static const struct {
        uint32_t c;
        const char *readings[4];
    } cases[] = { { U'\u4e2d', { "zhong" } }, /* 中 */
        { U'\u91cd', { "zhong", "chong" } },  /* 重 */
        { U'\u884c', { "xing", "hang" } },    /* 行 */
        { U'\u957f', { "zhang", "chang" } },  /* 长 */
        { U'\u9577', { "zhang", "chang" } },  /* 長 */
        { U'\u5355', { "dan", "shan", "chan" } },
        { U'\u5415', { "lv" } },     /* 吕 */
        { U'\u7565', { "lve" } },    /* 略 */
        { U'\U00020bb7', { "ji" } }, /* the other form of 吉 */
        { U'\U0002a6a5', { "zhe" } } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t k = 0; cases[i].readings[k] != NULL; k++) {
            assert_true(reads(cases[i].c, cases[i].readings[k]));
        }
    }
    assert_false(reads(U'\u4e2d', "chong"));
}

static void what_is_no_chinese_character_has_no_reading(void **state)
{
    static const uint32_t none[] = { 0, 'a', 0xe9, 0xac00, 0x33fff, 0x34000,
        0x10ffff, 0xffffffff };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        size_t count = 1;
        assert_null(cc_han_readings(none[i], &count));
        assert_int_equal(count, 0);
        assert_int_equal(cc_han_fold(none[i]), none[i]);
        assert_int_equal(cc_han_strokes(none[i]), 0);
    }
    assert_string_equal(cc_han_syllable(UINT16_MAX), "");
}

static void traditional_characters_fold_to_simplified_ones(void **state)
{
    static const struct {
        uint32_t c, to;
    } cases[] = { { U'\u83ef', U'\u534e' }, { U'\u9577', U'\u957f' },
        { U'\u767c', U'\u53d1' }, { U'\u9aee', U'\u53d1' },
        { U'\u88cf', U'\u91cc' }, { U'\u88e1', U'\u91cc' },
        { U'\u534e', U'\u534e' },
        /* simplified too, and read otherwise */
        { U'\u4e7e', U'\u4e7e' }, { U'\u8457', U'\u8457' } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cc_han_fold(cases[i].c), cases[i].to);
    }
    for (uint32_t c = 0; c < 0x34000; c++) {
        uint32_t to = cc_han_fold(c);
        assert_int_equal(cc_han_fold(to), to);
        assert_true(to <= 0xffff || c > 0xffff);
    }
}

static void strokes_are_counted(void **state)
{
    (void)state;
    assert_int_equal(cc_han_strokes(U'\u4e00'), 1);
    assert_int_equal(cc_han_strokes(U'\u4e2d'), 4);
    assert_int_equal(cc_han_strokes(U'\u534e'), 6);
    assert_int_equal(cc_han_strokes(U'\U0002a6a5'), 64);
}

static void syllables_are_in_order(void **state)
{
    (void)state;
    for (uint16_t i = 1; cc_han_syllable(i)[0] != '\0'; i++) {
        assert_true(
            strcmp(cc_han_syllable((uint16_t)(i - 1)), cc_han_syllable(i)) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(character_has_all_readings_in_use),
        cmocka_unit_test(what_is_no_chinese_character_has_no_reading),
        cmocka_unit_test(traditional_characters_fold_to_simplified_ones),
        cmocka_unit_test(strokes_are_counted),
        cmocka_unit_test(syllables_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
