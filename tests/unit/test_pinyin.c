/* test_pinyin.c - names found by how they sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/pinyin.h"

static enum cc_pinyin_fit find(const char *typed, const char *name)
{
    struct cc_pinyin q;

    (void)cc_pinyin_query(&q, sp_slice_text(typed));
    return cc_pinyin_find(&q, sp_slice_text(name));
}

static void cap_18_zhs_finds_zhonghua_shanghang(void **state)
{
    static const char name[] = "中华商行";
    static const struct {
        const char *typed;
        enum cc_pinyin_fit fit;
    } cases[] = { { "zhs", CC_PINYIN_PREFIX }, { "zhsh", CC_PINYIN_WHOLE },
        { "zhshh", CC_PINYIN_WHOLE }, { "zhhsx", CC_PINYIN_WHOLE },
        { "zhonghuashanghang", CC_PINYIN_WHOLE },
        { "zhonghuashangxing", CC_PINYIN_WHOLE },
        { "zhong hua shang hang", CC_PINYIN_WHOLE },
        { "zhong'hua", CC_PINYIN_PREFIX }, { "zhonghsh", CC_PINYIN_WHOLE },
        { "zhongh", CC_PINYIN_PREFIX }, { "zho", CC_PINYIN_PREFIX },
        { "z", CC_PINYIN_PREFIX }, { "huash", CC_PINYIN_INSIDE },
        { "sh", CC_PINYIN_INSIDE }, { "hang", CC_PINYIN_INSIDE },
        { "chonghua", CC_PINYIN_NONE }, { "zhonghuashangx1", CC_PINYIN_NONE },
        { "hz", CC_PINYIN_NONE }, { "zhonghuashanghangx", CC_PINYIN_NONE } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(find(cases[i].typed, name), cases[i].fit);
    }
}

static void every_reading_of_a_character_is_followed(void **state)
{
    (void)state;
    assert_int_equal(find("chongqing", "重庆路"), CC_PINYIN_PREFIX);
    assert_int_equal(find("zhongqing", "重庆路"), CC_PINYIN_PREFIX);
    assert_int_equal(find("changcheng", "长城"), CC_PINYIN_WHOLE);
    assert_int_equal(find("zhangcheng", "长城"), CC_PINYIN_WHOLE);
}

static void u_with_dots_is_typed_in_three_ways(void **state)
{
    char folded[] = "l\xc3\xbc";

    (void)state;
    assert_int_equal(find("lv", "吕"), CC_PINYIN_WHOLE);
    assert_int_equal(find("lu", "吕"), CC_PINYIN_WHOLE);
    assert_int_equal(find(folded, "吕"), CC_PINYIN_WHOLE);
    assert_int_equal(find("lve", "略"), CC_PINYIN_WHOLE);
    assert_int_equal(find("lv", "路"), CC_PINYIN_NONE);
}

static void letters_digits_and_signs_in_names_are_read(void **state)
{
    (void)state;
    assert_int_equal(find("kfczsd", "kfc中山店"), CC_PINYIN_WHOLE);
    assert_int_equal(find("hejish", "和记(上海)"), CC_PINYIN_WHOLE);
    assert_int_equal(find("7hao", "7号"), CC_PINYIN_WHOLE);
    assert_int_equal(find("zheh", "𪚥鸿"), CC_PINYIN_WHOLE);
    assert_int_equal(find("ab", "aéb"), CC_PINYIN_NONE);
}

static void what_is_no_pinyin_finds_nothing(void **state)
{
    static const char *const typed[] = { "", " ", "138", "中", "a/b", "'" };
    struct cc_pinyin q;

    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        assert_false(cc_pinyin_query(&q, sp_slice_text(typed[i])));
        assert_int_equal(
            cc_pinyin_find(&q, sp_slice_text("中")), CC_PINYIN_NONE);
    }
}

static void letters_are_limited(void **state)
{
    char typed[CC_PINYIN_LETTERS_MAX + 2], name[CC_PINYIN_LETTERS_MAX * 3 + 1];
    struct cc_pinyin q;

    (void)state;
    memset(typed, 'a', sizeof(typed));
    for (size_t i = 0; i < CC_PINYIN_LETTERS_MAX; i++) {
        memcpy(name + 3 * i, "阿", 3);
    }
    name[sizeof(name) - 1] = '\0';
    for (size_t n = CC_PINYIN_LETTERS_MAX - 1; n < sizeof(typed); n++) {
        struct sp_slice s = { (const uint8_t *)typed, n };
        bool fits = n <= CC_PINYIN_LETTERS_MAX;
        assert_int_equal(cc_pinyin_query(&q, s), fits);
        assert_int_equal(
            cc_pinyin_find(&q, sp_slice_text(name)) != CC_PINYIN_NONE, fits);
    }
}

static void names_that_can_sound_the_same_are_found(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = { { "中华商行", "中华商航", true },
        { "中华商行", "忠华商行", true }, { "长城饭店", "张城饭店", true },
        { "长城饭店", "常城饭店", true }, { "中华商行", "中华商店", false },
        { "中华", "中华商行", false }, { "中 华(店)", "中华店", true },
        { "王", "汪", false }, { "王店a", "汪店a", true },
        { "王店a", "汪店b", false }, { "abc", "abc", false },
        { "", "", false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sp_slice a = sp_slice_text(cases[i].a);
        struct sp_slice b = sp_slice_text(cases[i].b);
        assert_int_equal(cc_pinyin_same(a, b), cases[i].same);
        assert_int_equal(cc_pinyin_same(b, a), cases[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_18_zhs_finds_zhonghua_shanghang),
        cmocka_unit_test(every_reading_of_a_character_is_followed),
        cmocka_unit_test(u_with_dots_is_typed_in_three_ways),
        cmocka_unit_test(letters_digits_and_signs_in_names_are_read),
        cmocka_unit_test(what_is_no_pinyin_finds_nothing),
        cmocka_unit_test(letters_are_limited),
        cmocka_unit_test(names_that_can_sound_the_same_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
