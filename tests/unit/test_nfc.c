/* test_nfc.c - text in composed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/nfc.h"

static void cap_14_text_is_composed_and_rare_characters_stay(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = { { "abc", "abc" }, { "", "" },
        { "Cafe\xcc\x81", "Caf\xc3\xa9" },              /* e + acute */
        { "\xef\xa4\x80", "\xe8\xb1\x88" },             /* U+F900 */
        { "\xf0\xaf\xa0\x80", "\xe4\xb8\xbd" },         /* U+2F800 */
        { "\xe3\x81\x8b\xe3\x82\x99", "\xe3\x81\x8c" }, /* ka + mark */
        { "\xf0\xa0\xae\xb7\xe9\x87\x8e", "\xf0\xa0\xae\xb7\xe9\x87\x8e" },
        { "\xf0\xaa\x9a\xa5", "\xf0\xaa\x9a\xa5" }, /* U+2A6A5 */
        { "\xef\xbc\xa1", "\xef\xbc\xa1" },         /* full width stays */
        { "\xff\xcc\x81", "\xff\xcc\x81" },         /* no UTF-8 */
        { "中华商行", "中华商行" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sp_buf b;
        sp_buf_init(&b, 64);
        assert_int_equal(cc_nfc_text(sp_slice_text(cases[i].in), &b), SP_OK);
        assert_true(
            sp_slice_equal(sp_buf_slice(&b), sp_slice_text(cases[i].out)));
        assert_true(strcmp(cases[i].in, cases[i].out) == 0 ||
                    cc_nfc_needed(sp_slice_text(cases[i].in)));
        sp_buf_free(&b);
    }
}

static void common_text_needs_nothing(void **state)
{
    (void)state;
    assert_false(cc_nfc_needed(sp_slice_text("Blue Lake 中华商行 é")));
    assert_true(cc_nfc_needed(sp_slice_text("e\xcc\x81")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_14_text_is_composed_and_rare_characters_stay),
        cmocka_unit_test(common_text_needs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
