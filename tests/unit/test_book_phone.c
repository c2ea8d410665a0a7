/*
 * test_book_phone.c - telephone numbers as they are compared and shown.
 *
 * cap 14, what people expect of a number, and the test that shows it: stored
 * as E.164; 138 1234 5678, 0086, full width - test_dictionary.c (values),
 * 89_import "full-width, +86 and 0086 are one number"; extension, 400 numbers
 * of a service - kept as typed and marked: test_dictionary.c, and compared
 * here without the extension; shown as the country writes it - here, and in
 * 106_phone on every page; found by any three digits - test_search.c.
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

/* cap 14, conventions: E.164 is stored, people read numbers as their country
 * writes them. */
static void cap_14_numbers_are_shown_as_the_country_writes_them(void **state)
{
    static const struct {
        const char *stored, *home, *shown;
    } cases[] = { { "+8613812345678", "CN", "138 1234 5678" },
        { "+861062345678", "CN", "010-6234 5678" },
        { "+862162345678", "CN", "021-6234 5678" },
        { "+8675582345678", "CN", "0755-8234 5678" },
        { "+865911234567", "CN", "0591-123 4567" },
        { "+864008208820", "CN", "400-820-8820" },
        { "+868008208820", "CN", "800-820-8820" },
        { "+8695588123", "CN", "+86 95588123" }, /* of no known form */
        { "+861262345678", "CN", "+86 1262345678" },
        { "+8613812345678", "DE", "+86 138 1234 5678" },
        { "+861062345678", "US", "+86 10 6234 5678" },
        { "+864008208820", "HK", "+86 400 820 8820" },
        { "+493074321", "CN", "+49 3074321" },
        { "+493074321", "DE", "03074321" },
        { "+12125551234", "CN", "+1 212 555 1234" },
        { "+12125551234", "CA", "(212) 555-1234" },
        { "+85223456789", "CN", "+852 2345 6789" },
        { "+85223456789", "HK", "2345 6789" },
        { "+3541234567", "CN", "+354 1234567" },
        { "+79161234567", "CN", "+7 9161234567" },
        { "+123456789012345", "CN", "+1 23456789012345" },
        { "+1234567", "US", "+1 234567" }, { "400-820-8820", "CN", "" },
        { "138 1234 5678", "CN", "" }, { "****5678", "CN", "" },
        { "", "CN", "" }, { "+8613812345678", "XX", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[CC_PHONE_SHOWN_BYTES];
        size_t n =
            cc_phone_show(sp_slice_text(cases[i].stored), cases[i].home, out);
        assert_string_equal(out, cases[i].shown);
        assert_int_equal(n, strlen(cases[i].shown));
    }
}

/* Every number that can be stored fits, and keeps its digits. */
static void no_number_is_shown_with_other_digits(void **state)
{
    static const char *const homes[] = { "CN", "US", "DE", "HK" };

    (void)state;
    for (unsigned i = 0; i < 40000; i++) {
        char stored[17], out[CC_PHONE_SHOWN_BYTES], digits[17] = "";
        size_t size = 7 + i % 9, n = 0;
        uint64_t seed = (i + 1) * 0x9e3779b97f4a7c15u;
        stored[0] = '+';
        for (size_t k = 1; k <= size; k++, seed = seed * 25214903917u + 11) {
            stored[k] = (char)('0' + (seed >> 33) % 10);
        }
        memcpy(stored + 1,
            i % 3 == 0   ? "86"
            : i % 3 == 1 ? "1"
                         : "49",
            i % 3 == 1 ? 1 : 2);
        stored[size + 1] = '\0';
        const char *home = homes[i % 4];
        assert_true(cc_phone_show(sp_slice_text(stored), home, out) > 0);
        for (const char *c = out; *c != '\0'; c++) {
            if (*c >= '0' && *c <= '9') {
                digits[n++] = *c;
            }
        }
        digits[n] = '\0';
        const char *left = digits + (digits[0] == '0');
        size_t all = strlen(stored), tail = strlen(left);
        assert_true(tail + 4 >= all && tail < all);
        assert_string_equal(stored + all - tail, left);
    }
}

static const char *homes_are_named(const char *list)
{
    for (const char *at = list; *at != '\0'; at += at[2] == ',' ? 4 : 2) {
        char country[3] = { at[0], at[1], '\0' };
        if (cc_phone_home(country) == NULL) {
            return at;
        }
    }
    return NULL;
}

static void each_home_that_is_named_is_one(void **state)
{
    (void)state;
    assert_null(homes_are_named(cc_phone_homes()));
    assert_null(cc_phone_home("XX"));
    assert_string_equal(cc_phone_home(CC_PHONE_HOME), CC_PHONE_HOME);
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
        cmocka_unit_test(cap_14_numbers_are_shown_as_the_country_writes_them),
        cmocka_unit_test(no_number_is_shown_with_other_digits),
        cmocka_unit_test(each_home_that_is_named_is_one),
        cmocka_unit_test(parts_lose_their_prefixes),
        cmocka_unit_test(digits_and_their_signs_are_like_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
