/* test_fold.c - text as people search it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/fold.h"

static void folding_forgets_case_width_and_blanks(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = { { "Blue Lake", "blue lake" }, { "  a \t b\n", "a b" },
        { "ＡＢＣ１２３", "abc123" }, { "红海　商行", "红海 商行" },
        { "ÀÉÎ Straße", "àéî straße" }, { "ŁÓDŹ", "łódź" },
        { "МОСКВА Ё", "москва ё" }, { "ΑΒΓ", "αβγ" },
        { "İstanbul", "istanbul" },
        { "\xff\xfe"
          "A",
            "\xff\xfe"
            "a" },
        { "中華醫藥", "中华医药" }, { "買買提•Ａ", "买买提·a" },
        { "a\1b", "a b" }, { "", "" }, { "   ", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[64];
        size_t n = cc_fold_text(sp_slice_text(cases[i].in), out);
        assert_string_equal(out, cases[i].out);
        assert_int_equal(n, strlen(cases[i].out));
        assert_true(n <= strlen(cases[i].in));
    }
}

static void digits_are_taken_from_any_form_of_a_number(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(
        cc_fold_digits(sp_slice_text("+86 (138)-００13 8000"), out), 13);
    assert_string_equal(out, "8613800138000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_forgets_case_width_and_blanks),
        cmocka_unit_test(digits_are_taken_from_any_form_of_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
