/*
 * test_currency.c - an amount is of a currency that there is (cap 14)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/rules/currency.h"

#include <stdio.h>
#include <string.h>

#define LIST "/usr/share/iso-codes/json/iso_4217.json"

/* Debian's package iso-codes has list one of the standard. */
static void cap_14_every_currency_of_the_standard_is_known(void **state)
{
    char line[512];
    unsigned seen = 0;
    FILE *f = fopen(LIST, "r");

    (void)state;
    if (f == NULL) {
        fail_msg("%s: the package iso-codes is not installed", LIST);
    }
    while (fgets(line, sizeof line, f) != NULL) {
        const char *at = strstr(line, "\"alpha_3\": \"");
        if (at == NULL) {
            continue;
        }
        struct sp_slice code = sp_slice_of(at + strlen("\"alpha_3\": \""), 3);
        bool none = memcmp(code.data, "XXX", 3) == 0 ||
                    memcmp(code.data, "XTS", 3) == 0;
        if (sp_currency_known(code) == none) {
            fail_msg("%.3s", (const char *)code.data);
        }
        seen++;
    }
    fclose(f);
    assert_true(seen > 150);
}

static void what_is_no_currency_is_refused(void **state)
{
    static const char *const none[] = { "XYZ", "cny", "CN", "CNYX", "", "AAA",
        "ZZZ", "RMB", "US$", "XXX", "XTS", "AND" };

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(sp_currency_known(sp_slice_text(none[i])));
    }
}

/* A purchase of last year stays one when its currency is given up. */
static void cap_14_what_left_the_standard_is_known(void **state)
{
    static const char *const old[] = { "DEM", "HRK", "SLL", "ZWL", "VEF" };

    (void)state;
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        assert_true(sp_currency_known(sp_slice_text(old[i])));
    }
}

static void each_has_its_digits_behind_the_point(void **state)
{
    static const struct {
        const char *code;
        unsigned digits;
    } of[] = { { "CNY", 2 }, { "USD", 2 }, { "JPY", 0 }, { "KRW", 0 },
        { "VND", 0 }, { "XPF", 0 }, { "BIF", 0 }, { "BHD", 3 }, { "KWD", 3 },
        { "TND", 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        assert_int_equal(
            sp_currency_digits(sp_slice_text(of[i].code)), of[i].digits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_14_every_currency_of_the_standard_is_known),
        cmocka_unit_test(what_is_no_currency_is_refused),
        cmocka_unit_test(cap_14_what_left_the_standard_is_known),
        cmocka_unit_test(each_has_its_digits_behind_the_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
