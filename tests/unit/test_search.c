/* test_search.c - what somebody types, against what a record is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/search.h"

#define HAY_BYTES 4096u

/* A record with all kinds of lines. */
static enum cc_search_rank rank(const char *typed)
{
    enum cc_search_rank out;
    struct cc_search q;
    struct sp_buf hay;

    sp_buf_init(&hay, HAY_BYTES);
    cc_search_add(&hay, CC_SEARCH_NUMBER, sp_slice_text("S000123"));
    cc_search_add(&hay, CC_SEARCH_NAME, sp_slice_text("中華商行（Blue Lake）"));
    cc_search_add(&hay, CC_SEARCH_ALIAS, sp_slice_text("老王超市"));
    cc_search_add(&hay, CC_SEARCH_PHONE, sp_slice_text("+8613812345678"));
    cc_search_add(&hay, CC_SEARCH_PHONE, sp_slice_text("021-62345678"));
    sp_buf_put_u8(&hay, 0);
    assert_true(cc_search_init(&q, sp_slice_text(typed)));
    out = cc_search_rank(&q, (const char *)hay.data);
    sp_buf_free(&hay);
    return out;
}

static void cap_18_names_are_found_by_letter_and_by_sound(void **state)
{
    static const struct {
        const char *typed;
        enum cc_search_rank rank;
    } cases[] = { { "", CC_SEARCH_INSIDE }, { "老王超市", CC_SEARCH_EXACT },
        { "老王", CC_SEARCH_PREFIX }, { "超市", CC_SEARCH_INSIDE },
        { "王超", CC_SEARCH_INSIDE },
        { "laowangchaoshi", CC_SEARCH_EXACT_SOUND },
        { "lwcs", CC_SEARCH_EXACT_SOUND }, { "zhs", CC_SEARCH_PREFIX_SOUND },
        { "中华商行(blue lake)", CC_SEARCH_EXACT },
        { "中华", CC_SEARCH_PREFIX }, { "商行", CC_SEARCH_INSIDE },
        { "BLUE", CC_SEARCH_WORD }, { "ｌａｋｅ", CC_SEARCH_WORD },
        { "ake", CC_SEARCH_INSIDE }, { "shanghang", CC_SEARCH_INSIDE_SOUND },
        { "lake 老王", CC_SEARCH_WORD }, { "lake 超市", CC_SEARCH_INSIDE },
        { "lake zhs 62345", CC_SEARCH_INSIDE }, { "lake 小王", CC_SEARCH_NOT },
        { "商店", CC_SEARCH_NOT }, { "zhsd", CC_SEARCH_NOT } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(rank(cases[i].typed), cases[i].rank);
    }
}

static void numbers_are_found_from_their_beginning(void **state)
{
    (void)state;
    assert_int_equal(rank("s000123"), CC_SEARCH_EXACT);
    assert_int_equal(rank("S0001"), CC_SEARCH_PREFIX);
    assert_int_equal(rank("S0002"), CC_SEARCH_NOT);
}

static void telephones_are_found_by_any_three_digits(void **state)
{
    static const struct {
        const char *typed;
        enum cc_search_rank rank;
    } cases[] = { { "8613812345678", CC_SEARCH_EXACT },
        { "138 1234 5678", CC_SEARCH_INSIDE },
        { "0086 138-1234", CC_SEARCH_INSIDE }, { "+86138", CC_SEARCH_INSIDE },
        { "１３８１２３４", CC_SEARCH_INSIDE }, { "345", CC_SEARCH_INSIDE },
        { "5678", CC_SEARCH_INSIDE }, { "+86 21 6234", CC_SEARCH_INSIDE },
        { "021-6234 5678", CC_SEARCH_EXACT }, { "34", CC_SEARCH_NOT },
        { "999", CC_SEARCH_NOT } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(rank(cases[i].typed), cases[i].rank);
    }
}

static void text_and_words_are_limited(void **state)
{
    char typed[CC_SEARCH_TEXT_MAX + 2], words[4 * CC_SEARCH_WORDS_MAX] = "";
    struct cc_search q;

    (void)state;
    memset(typed, 'x', sizeof(typed));
    for (size_t n = CC_SEARCH_TEXT_MAX - 1; n <= CC_SEARCH_TEXT_MAX + 1; n++) {
        struct sp_slice s = { (const uint8_t *)typed, n };
        assert_int_equal(cc_search_init(&q, s), n <= CC_SEARCH_TEXT_MAX);
    }
    for (size_t n = 1; n <= CC_SEARCH_WORDS_MAX + 1; n++) {
        strcat(words, "ab ");
        assert_int_equal(
            cc_search_init(&q, sp_slice_text(words)), n <= CC_SEARCH_WORDS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_18_names_are_found_by_letter_and_by_sound),
        cmocka_unit_test(numbers_are_found_from_their_beginning),
        cmocka_unit_test(telephones_are_found_by_any_three_digits),
        cmocka_unit_test(text_and_words_are_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
