/* The error list: every number has its name, class and two texts. */
#include "sp/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

static void every_error_has_name_class_and_texts(void **state)
{
    (void)state;
#define CHECK(name, number, class, en, zh)                                     \
    assert_string_equal(sp_err_name(name), #name);                             \
    assert_int_equal(sp_err_class(name), class);                               \
    assert_string_equal(sp_err_text_en((sp_err)number), en);                   \
    assert_string_equal(sp_err_text_zh(name), zh);                             \
    assert_true(sp_utf8_valid(sp_slice_text(sp_err_text_zh(name))));           \
    assert_true((sp_err_text_zh(name)[0] & 0x80) != 0); /* no English */       \
    assert_true(strlen(sp_err_text_en(name)) > 0);
    SP_ERR_LIST(CHECK)
#undef CHECK
}

static void numbers_outside_the_list_are_ours_and_say_so(void **state)
{
    (void)state;
    assert_int_equal(sp_err_class((sp_err)999), SP_CLASS_LOCAL);
    assert_string_equal(sp_err_name((sp_err)999), "SP_E_?");
    assert_string_equal(sp_err_text_en((sp_err)999), "unknown error");
    assert_true(strlen(sp_err_text_zh((sp_err)999)) > 0);
}

static void only_ok_has_no_class(void **state)
{
    (void)state;
#define CHECK(name, number, class, en, zh)                                     \
    assert_int_equal(sp_err_class(name) == SP_CLASS_NONE, number == 0);
    SP_ERR_LIST(CHECK)
#undef CHECK
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_name_class_and_texts),
        cmocka_unit_test(numbers_outside_the_list_are_ours_and_say_so),
        cmocka_unit_test(only_ok_has_no_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
