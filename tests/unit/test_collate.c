/*
 * test_collate.c - the order in which people expect names.
 *
 * cap 14, what people expect of Chinese text, and the test that shows it: NFC
 * and rare characters - test_nfc.c, 95_known "rare characters come out as they
 * went in"; traditional beside simplified - test_han.c; names by two
 * characters, pinyin, initials, each reading of a character - test_pinyin.c
 * (every_reading_of_a_character_is_followed), test_satchel_find.c; order by
 * pinyin and by stroke - here, and of a whole list in test_satchel_find.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/collate.h"

static int order(enum cc_collate how, const char *a, const char *b)
{
    uint8_t x[CC_COLLATE_BYTES] = { 0 }, y[CC_COLLATE_BYTES] = { 0 };

    (void)cc_collate_key(how, sp_slice_text(a), x);
    (void)cc_collate_key(how, sp_slice_text(b), y);
    return memcmp(x, y, sizeof(x));
}

static void names_stand_in_the_order_of_their_pinyin(void **state)
{
    /* an, bei, shang, shang, zhang, zhong, zhong */
    static const char *const names[] = { "", "7", "a", "ab", "z", "é", "安",
        "北京", "上海", "上海店", "张", "中华", "中山" };

    (void)state;
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(order(CC_COLLATE_PINYIN, names[i - 1], names[i]) < 0);
    }
}

static void names_stand_in_the_order_of_their_strokes(void **state)
{
    /* 1, 3, 4, 5, 6 */
    static const char *const names[] = { "z", "一", "上", "中", "北", "安" };

    (void)state;
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(order(CC_COLLATE_STROKE, names[i - 1], names[i]) < 0);
    }
}

static void by_name_is_by_code_point(void **state)
{
    (void)state;
    assert_true(order(CC_COLLATE_NAME, "上", "中") < 0);
    assert_true(order(CC_COLLATE_NAME, "中", "北") < 0);
    assert_true(order(CC_COLLATE_NAME, "北", "𪚥") < 0);
    assert_int_equal(order(CC_COLLATE_NAME, "北", "北"), 0);
}

static void long_names_are_cut_at_a_character(void **state)
{
    uint8_t key[CC_COLLATE_BYTES];
    char name[3 * 34 + 1] = "";

    (void)state;
    for (size_t n = 1; n <= 34; n++) {
        size_t wanted = n <= 32 ? 5 * n : CC_COLLATE_BYTES;
        strcat(name, "中");
        assert_int_equal(
            cc_collate_key(CC_COLLATE_PINYIN, sp_slice_text(name), key),
            wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_in_the_order_of_their_pinyin),
        cmocka_unit_test(names_stand_in_the_order_of_their_strokes),
        cmocka_unit_test(by_name_is_by_code_point),
        cmocka_unit_test(long_names_are_cut_at_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
