/* test_sentence.c - what programs write into tasks is told to each in his
 * language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sp/pack.h"

#include "book/sentence.h"

static void each_sentence_is_told_again_in_either_language(void **state)
{
    char en[CC_SENTENCE_BYTES], zh[CC_SENTENCE_BYTES], told[CC_SENTENCE_BYTES];

    (void)state;
    for (int i = CC_SENTENCE_STALE; i <= CC_SENTENCE_DECIDER_LEFT; i++) {
        cc_sentence_write((enum cc_sentence)i, CC_LANG_EN, "181", en);
        cc_sentence_write((enum cc_sentence)i, CC_LANG_ZH, "181", zh);
        assert_string_not_equal(en, zh);
        assert_true(cc_sentence_tell(sp_slice_text(en), CC_LANG_ZH, told));
        assert_string_equal(told, zh);
        assert_true(cc_sentence_tell(sp_slice_text(zh), CC_LANG_EN, told));
        assert_string_equal(told, en);
        assert_true(cc_sentence_tell(sp_slice_text(zh), CC_LANG_ZH, told));
        assert_string_equal(told, zh);
    }
}

static void the_days_stand_in_the_sentence(void **state)
{
    char out[CC_SENTENCE_BYTES];

    (void)state;
    cc_sentence_write(CC_SENTENCE_STALE, CC_LANG_EN, "181", out);
    assert_string_equal(out, "not verified for 181 days");
    cc_sentence_write(CC_SENTENCE_INCOMPLETE, CC_LANG_ZH, "46", out);
    assert_string_equal(out, "联系人档案完整度 46 %");
    assert_true(cc_sentence_tell(
        sp_slice_text("决策者王芳已离开：现在由谁决定？"), CC_LANG_EN, out));
    assert_string_equal(
        out, "王芳, who decides here, has left: who decides now?");
}

static void what_a_person_wrote_stays(void **state)
{
    static const char *const titles[] = { "", "送货", "not verified",
        "not verified for  days", "the name says nothing new",
        "已 181 天未核实？" };
    char out[CC_SENTENCE_BYTES] = "untouched";
    char place[CC_SENTENCE_BYTES * 2];

    (void)state;
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        assert_false(
            cc_sentence_tell(sp_slice_text(titles[i]), CC_LANG_ZH, out));
    }
    memset(place, 'x', sizeof place);
    memcpy(place, "not verified for ", strlen("not verified for "));
    memcpy(place + sizeof place - 6, " days", 6);
    assert_false(cc_sentence_tell(sp_slice_text(place), CC_LANG_ZH, out));
    assert_string_equal(out, "untouched");
}

static void a_long_name_is_cut_between_characters(void **state)
{
    char name[CC_SENTENCE_BYTES * 2] = "", out[CC_SENTENCE_BYTES];

    (void)state;
    while (strlen(name) + 4 < sizeof name) {
        strcat(name, "王");
    }
    cc_sentence_write(CC_SENTENCE_DECIDER_LEFT, CC_LANG_ZH, name, out);
    assert_true(sp_utf8_valid(sp_slice_text(out)));
    assert_non_null(strstr(out, "王已离开：现在由谁决定？"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sentence_is_told_again_in_either_language),
        cmocka_unit_test(the_days_stand_in_the_sentence),
        cmocka_unit_test(what_a_person_wrote_stays),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
