/*
 * test_book_phone.c - telephone numbers as they are compared.
 *
 * cap 14, what people expect of a number, and the test that shows it: stored
 * as E.164; 138 1234 5678, 0086, full width - test_dictionary.c (values),
 * 89_import "full-width, +86 and 0086 are one number"; extension, 400 numbers
 * of a service - kept as typed and marked: test_dictionary.c, and compared
 * here without the extension; found by any three digits - test_search.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/phone.h"

static void cap_10_one_number_has_one_key_however_it_is_written(void **state)
{
    static const struct {
        const char *typed, *key;
    } cases[] = { { "13812345678", "13812345678" },
        { "138 1234 5678", "13812345678" },
        { "+86 138-1234-5678", "13812345678" },
        { "008613812345678", "13812345678" },
        { "8613812345678", "13812345678" },
        { "１３８１２３４５６７８", "13812345678" },
        { "＋８６　138１２３４5678", "13812345678" },
        { "013812345678", "13812345678" }, { "021-62345678", "2162345678" },
        { "+86 21 6234 5678", "2162345678" },
        { "(021) 6234 5678 转 31", "2162345678" },
        { "02162345678 ext. 31", "2162345678" },
        { "400-820-8820", "4008208820" }, { "+44 1227 151840", "441227151840" },
        { "62345678", "62345678" }, { "123456", "" }, { "1234567", "1234567" },
        { "", "" }, { "keine", "" }, { "1234567890123456", "" },
        { "123456789012345", "123456789012345" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char key[CC_PHONE_KEY_BYTES];
        size_t n = cc_phone_key(sp_slice_text(cases[i].typed), key);
        assert_string_equal(key, cases[i].key);
        assert_int_equal(n, strlen(cases[i].key));
    }
}

static void text_that_is_too_long_has_no_key(void **state)
{
    char typed[400], key[CC_PHONE_KEY_BYTES];

    (void)state;
    memset(typed, ' ', sizeof(typed));
    memcpy(typed, "1234567", 7);
    assert_int_equal(
        cc_phone_key((struct sp_slice){ (uint8_t *)typed, 128 }, key), 7);
    assert_int_equal(
        cc_phone_key((struct sp_slice){ (uint8_t *)typed, 129 }, key), 0);
}

static void parts_lose_their_prefixes(void **state)
{
    static const struct {
        const char *digits, *part;
    } cases[] = { { "138", "138" }, { "0086138", "138" }, { "86138", "138" },
        { "861", "861" }, { "8602", "8602" }, { "021", "21" }, { "0", "0" },
        { "00", "0" }, { "", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[16];
        size_t n = cc_phone_part(sp_slice_text(cases[i].digits), out);
        assert_string_equal(out, cases[i].part);
        assert_int_equal(n, strlen(out));
    }
}

static void digits_and_their_signs_are_like_a_number(void **state)
{
    (void)state;
    assert_true(cc_phone_like(sp_slice_text("+86 (21) 6234-5678")));
    assert_true(cc_phone_like(sp_slice_text("138")));
    assert_false(cc_phone_like(sp_slice_text("s000123")));
    assert_false(cc_phone_like(sp_slice_text("138中")));
    assert_false(cc_phone_like(sp_slice_text("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_10_one_number_has_one_key_however_it_is_written),
        cmocka_unit_test(text_that_is_too_long_has_no_key),
        cmocka_unit_test(parts_lose_their_prefixes),
        cmocka_unit_test(digits_and_their_signs_are_like_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
