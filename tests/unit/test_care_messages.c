/*
 * test_care_messages.c - what may stand in a message and when it may go; each
 * row of the capability list that this answers, at its edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "book/message.h"
#include "book/send.h"

#define CHINA 480 /* minutes east of Greenwich */
#define NOON  (12u * 60u)

static struct sp_slice S(const char *text) {
    return sp_slice_text(text);
}

static int32_t
day(const char *text)
{
    int32_t out = 0;

    assert_true(cc_day_parse(text, &out));
    return out;
}

static uint64_t at(const char *date, unsigned hour, unsigned minute)
{
    return cc_day_ms(day(date), hour * 60 + minute, CHINA);
}

/* ---- what may stand in it ---------------------------------------------- */

static void assert_found(
    const char *text, enum cc_message_class class, const char *wanted)
{
    static const char *const list[] = { "新品", "sale", "", "P-100" };
    struct sp_slice word[4];
    char found[CC_MESSAGE_WORD_BYTES] = "";

    for (size_t i = 0; i < 4; i++) {
        word[i] = S(list[i]);
    }
    assert_int_equal(
        cc_message_clean(S(text), class, word, 4, found), wanted[0] == '\0');
    assert_string_equal(found, wanted);
}

static void cap_27_a_holiday_wish_names_no_product_and_no_price(void **state)
{
    static const struct {
        const char *text, *found;
    } cases[] = { { "祝您中秋快乐，阖家团圆", "" }, { "中秋新品上市", "新品" },
        { "Happy holiday! Big SALE", "sale" }, { "ＳＡＬＥ", "sale" },
        { "送您 p-100 一份", "P-100" }, { "只要 99 元", "99 元" },
        { "仅需１２．５０元", "12.50元" }, { "¥ 88 起", "¥ 88" },
        { "全场8折", "8折" }, { "20% off", "20%" },
        { "RMB 1,000", "rmb 1,000" }, { "10月1日放假", "" },
        { "第 8 次相聚，2026 年见", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_found(cases[i].text, CC_CLASS_HOLIDAY, cases[i].found);
    }
}

static void cap_29_a_season_message_is_checked_alike(void **state)
{
    (void)state;
    assert_found("天凉了，请添衣", CC_CLASS_SEASON, "");
    assert_found("新品到店", CC_CLASS_SEASON, "新品");
    assert_found("外套 300 元", CC_CLASS_SEASON, "300 元");
    /* News may speak of prices; its own words it may still forbid. */
    assert_found("外套 300 元", CC_CLASS_NEWS, "");
    assert_found("新品到店", CC_CLASS_NEWS, "新品");
}

static void cap_30_who_stayed_away_is_not_questioned(void **state)
{
    struct sp_slice word[] = { S("出了什么事"), S("怎么没来"),
        S("did something happen") };
    char found[CC_MESSAGE_WORD_BYTES] = "";

    (void)state;
    assert_true(cc_message_clean(
        S("好久不见，我们想您了"), CC_CLASS_WINBACK, word, 3, found));
    assert_false(cc_message_clean(
        S("最近是不是出了什么事？"), CC_CLASS_WINBACK, word, 3, found));
    assert_string_equal(found, "出了什么事");
    assert_false(cc_message_clean(
        S("Did something  HAPPEN?"), CC_CLASS_WINBACK, word, 3, found));
}

static void text_of_2000_characters_is_looked_through_to_its_end(void **state)
{
    char text[CC_MESSAGE_BYTES_MAX + 1], found[CC_MESSAGE_WORD_BYTES];
    struct sp_slice word = S("sale");

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + CC_MESSAGE_BYTES_MAX - 4, "sale", 4);
    text[CC_MESSAGE_BYTES_MAX] = '\0';
    assert_false(cc_message_clean(S(text), CC_CLASS_NEWS, &word, 1, found));
}

/* ---- filling and signing ----------------------------------------------- */

static void assert_filled(const char *text, const char *wanted)
{
    struct cc_message_slots s = {
        .name = "王芳", .shop = "红海商行", .rep = "小梅", .holiday = "中秋"
    };
    char wrong[CC_MESSAGE_WORD_BYTES];
    struct sp_buf out;

    sp_buf_init(&out, CC_MESSAGE_BYTES_MAX);
    assert_int_equal(cc_message_fill(S(text), &s, &out, wrong), SP_OK);
    assert_int_equal(out.size, strlen(wanted));
    assert_memory_equal(out.data, wanted, out.size);
    sp_buf_free(&out);
}

static void places_of_a_template_are_filled(void **state)
{
    struct cc_message_slots none = { .name = "x" };
    char wrong[CC_MESSAGE_WORD_BYTES];
    struct sp_buf out;

    (void)state;
    assert_filled("{name}，{holiday}快乐！", "王芳，中秋快乐！");
    assert_filled("a {weather}b {", "ab {");
    sp_buf_init(&out, CC_MESSAGE_BYTES_MAX);
    assert_int_equal(
        cc_message_fill(S("{nmae}"), &none, &out, wrong), SP_E_VALUE);
    assert_string_equal(wrong, "nmae");
    assert_int_equal(
        cc_message_fill(S("{shop}"), &none, &out, wrong), SP_E_REQUIRED);
    assert_string_equal(wrong, "shop");
    sp_buf_free(&out);
    sp_buf_init(&out, 3);
    assert_int_equal(
        cc_message_fill(S("1234"), &none, &out, wrong), SP_E_TOO_LARGE);
    sp_buf_free(&out);
}

static void cap_31_a_message_ends_with_shop_and_name(void **state)
{
    (void)state;
    assert_true(cc_message_signature_whole(S("{shop} {rep}")));
    assert_false(cc_message_signature_whole(S("{shop}")));
    assert_false(cc_message_signature_whole(S("{rep}")));
    assert_false(cc_message_signature_whole(S("")));
    assert_true(
        cc_message_signed(S("祝好\n红海商行 小梅\n"), S("红海商行 小梅")));
    assert_false(cc_message_signed(S("祝好"), S("红海商行 小梅")));
    assert_false(
        cc_message_signed(S("红海商行 小梅 祝好"), S("红海商行 小梅")));
    assert_false(cc_message_signed(S("祝好"), S("")));
}

static void cap_43_sent_is_only_what_was_confirmed(void **state)
{
    static const struct {
        enum cc_message_state from, to;
        bool may;
    } cases[] = { { CC_STATE_DRAFTED, CC_STATE_EXPORTED, true },
        { CC_STATE_EXPORTED, CC_STATE_CONFIRMED, true },
        { CC_STATE_EXPORTED, CC_STATE_FAILED, true },
        { CC_STATE_DRAFTED, CC_STATE_WITHDRAWN, true },
        { CC_STATE_DRAFTED, CC_STATE_CONFIRMED, false },
        { CC_STATE_PLANNED, CC_STATE_EXPORTED, false },
        { CC_STATE_EXPORTED, CC_STATE_DRAFTED, false },
        { CC_STATE_CONFIRMED, CC_STATE_EXPORTED, false },
        { CC_STATE_WITHDRAWN, CC_STATE_EXPORTED, false },
        { CC_STATE_FAILED, CC_STATE_CONFIRMED, false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            cc_message_step(cases[i].from, cases[i].to), cases[i].may);
    }
}

/* ---- e-mail ------------------------------------------------------------ */

static void assert_title(const char *address, const char *wanted)
{
    struct sp_slice domain[] = { S("163.com"), S("sina.com") };
    struct sp_buf out;

    sp_buf_init(&out, 200);
    cc_message_title(S("春茶会"), S(address), domain, 2, S("(AD)"), &out);
    assert_int_equal(out.size, strlen(wanted));
    assert_memory_equal(out.data, wanted, out.size);
    sp_buf_free(&out);
}

static void cap_34_mail_is_ready_three_days_before_and_sent_at_eight(
    void **state)
{
    struct cc_message_plan p = cc_message_plan(day("2026-04-26"));
    struct sp_slice none[1] = { S("") };
    struct sp_buf out;

    (void)state;
    assert_int_equal(p.prepare_day, day("2026-04-23"));
    assert_int_equal(p.prepare_minute, 23 * 60 + 59);
    assert_int_equal(p.send_day, day("2026-04-24"));
    assert_int_equal(p.send_minute, 8 * 60);
    assert_title("a@163.com", "春茶会(AD)");
    assert_title("a@vip.SINA.com", "春茶会(AD)");
    assert_title("a@my163.com", "春茶会");
    assert_title("163.com", "春茶会");
    assert_title("a@example.com", "春茶会");
    sp_buf_init(&out, 200);
    cc_message_title(S("x(AD)"), S("a@163.com"),
        (struct sp_slice[]){ S("163.com") }, 1, S("(AD)"), &out);
    assert_int_equal(out.size, 5); /* once */
    sp_buf_reset(&out);
    cc_message_title(S("x"), S("a@163.com"), none, 1, S("(AD)"), &out);
    assert_int_equal(out.size, 1);
    sp_buf_free(&out);
}

/* ---- when it may go ---------------------------------------------------- */

/* Monday to Friday 12 to 14; weekends 13 to 14 and after dinner. */
static const struct cc_send_window windows[] = { { 0x3e, NOON, 14 * 60 },
    { 0xc0, 13 * 60, 14 * 60 }, { 0xc0, 19 * 60, 20 * 60 + 30 } };

static struct cc_send_facts facts(void)
{
    return (struct cc_send_facts){ .dnd = CC_DND_NONE,
        .window_count = 3,
        .window = windows,
        .offset_min = CHINA };
}

static void assert_goes(const struct cc_send_facts *f, uint64_t now,
    enum cc_send_word word, uint64_t when)
{
    uint64_t got = 1;

    assert_int_equal(cc_send_decide(f, now, &got), word);
    assert_true(got == when);
}

static void cap_33_messages_keep_to_their_windows(void **state)
{
    struct cc_send_facts f = facts();

    (void)state;
    /* 2026-04-21 is a Tuesday. */
    assert_goes(
        &f, at("2026-04-21", 15, 10), CC_SEND_LATER, at("2026-04-22", 12, 0));
    assert_goes(
        &f, at("2026-04-21", 11, 59), CC_SEND_LATER, at("2026-04-21", 12, 0));
    assert_goes(
        &f, at("2026-04-21", 12, 0), CC_SEND_NOW, at("2026-04-21", 12, 0));
    assert_goes(
        &f, at("2026-04-21", 13, 59), CC_SEND_NOW, at("2026-04-21", 13, 59));
    assert_goes(
        &f, at("2026-04-21", 14, 0), CC_SEND_LATER, at("2026-04-22", 12, 0));
    /* Friday afternoon waits for Saturday 13:00, that evening for dinner. */
    assert_goes(
        &f, at("2026-04-24", 14, 0), CC_SEND_LATER, at("2026-04-25", 13, 0));
    assert_goes(
        &f, at("2026-04-25", 14, 0), CC_SEND_LATER, at("2026-04-25", 19, 0));
    assert_goes(
        &f, at("2026-04-25", 20, 30), CC_SEND_LATER, at("2026-04-26", 13, 0));
}

static void holidays_are_sundays_and_make_up_days_are_mondays(void **state)
{
    int32_t holiday = day("2026-05-01"), workday = day("2026-05-09");
    struct cc_send_facts f = facts();

    (void)state;
    f.days = (struct cc_send_days){ 1, 1, &holiday, &workday };
    assert_goes(&f, at("2026-05-01", 12, 0), CC_SEND_LATER,
        at("2026-05-01", 13, 0)); /* a Friday, but Labour Day */
    assert_goes(&f, at("2026-05-09", 12, 0), CC_SEND_NOW,
        at("2026-05-09", 12, 0)); /* a Saturday, but people work */
}

static void cap_32_the_third_message_in_seven_days_is_held(void **state)
{
    uint64_t sent[] = { at("2026-04-15", 12, 0), at("2026-04-18", 13, 0) };
    struct cc_send_facts f = facts();

    (void)state;
    f.cap_count = 2;
    f.cap_days = 7;
    f.sent_ms = sent;
    f.sent_count = 1;
    assert_goes(
        &f, at("2026-04-21", 12, 0), CC_SEND_NOW, at("2026-04-21", 12, 0));
    f.sent_count = 2;
    assert_goes(
        &f, at("2026-04-21", 12, 0), CC_SEND_CAPPED, at("2026-04-22", 12, 0));
    assert_goes(
        &f, at("2026-04-22", 11, 59), CC_SEND_CAPPED, at("2026-04-22", 12, 0));
    assert_goes(
        &f, at("2026-04-22", 12, 0), CC_SEND_NOW, at("2026-04-22", 12, 0));
    f.cap_count = 0;
    assert_goes(
        &f, at("2026-04-21", 12, 0), CC_SEND_NOW, at("2026-04-21", 12, 0));
}

static void two_messages_at_one_moment_count_twice(void **state)
{
    uint64_t sent[] = { at("2026-04-20", 12, 0), at("2026-04-20", 12, 0) };
    uint64_t until = 0;

    (void)state;
    assert_true(cc_send_capped(sent, 2, 2, 7, at("2026-04-21", 12, 0), &until));
    assert_true(until == at("2026-04-27", 12, 0));
    assert_false(
        cc_send_capped(sent, 2, 3, 7, at("2026-04-21", 12, 0), &until));
}

static void cap_32_what_the_customer_denied_comes_first(void **state)
{
    struct cc_send_facts f = facts();

    (void)state;
    f.opted_out = true;
    assert_goes(&f, at("2026-04-21", 12, 0), CC_SEND_OPTED_OUT, 0);
    f.opted_out = false;
    f.dnd = CC_DND_ALL;
    assert_goes(&f, at("2026-04-21", 12, 0), CC_SEND_DISTURBS, 0);
    f.dnd = CC_DND_NONE;
    f.blocked = true;
    assert_goes(&f, at("2026-04-21", 12, 0), CC_SEND_BLOCKED, 0);
}

static void nights_are_quiet_for_who_wants_it(void **state)
{
    struct cc_send_facts f = facts();

    (void)state;
    f.window_count = 0;
    assert_goes(
        &f, at("2026-04-21", 23, 0), CC_SEND_NOW, at("2026-04-21", 23, 0));
    f.dnd = CC_DND_NIGHT;
    assert_goes(
        &f, at("2026-04-21", 19, 59), CC_SEND_NOW, at("2026-04-21", 19, 59));
    assert_goes(
        &f, at("2026-04-21", 20, 0), CC_SEND_LATER, at("2026-04-22", 8, 0));
    assert_goes(
        &f, at("2026-04-22", 7, 59), CC_SEND_LATER, at("2026-04-22", 8, 0));
    /* A window that lies in the night alone never opens for him. */
    f.window = (struct cc_send_window[]){ { 0xfe, 20 * 60, 23 * 60 } };
    f.window_count = 1;
    assert_goes(&f, at("2026-04-21", 12, 0), CC_SEND_NO_WINDOW, 0);
}

static void weekdays_are_read_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        unsigned bits;
    } good[] = { { "12345", 0x3e }, { "1-5", 0x3e }, { "6,7", 0xc0 },
        { "1,3-5", 0x3a }, { "7", 0x80 } };
    static const char *const bad[] = { "", "0", "8", "1-", "-1", "a", "1--3" };
    uint8_t bits = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(cc_send_parse_days(S(good[i].text), &bits));
        assert_int_equal(bits, good[i].bits);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(cc_send_parse_days(S(bad[i]), &bits));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_27_a_holiday_wish_names_no_product_and_no_price),
        cmocka_unit_test(cap_29_a_season_message_is_checked_alike),
        cmocka_unit_test(cap_30_who_stayed_away_is_not_questioned),
        cmocka_unit_test(text_of_2000_characters_is_looked_through_to_its_end),
        cmocka_unit_test(places_of_a_template_are_filled),
        cmocka_unit_test(cap_31_a_message_ends_with_shop_and_name),
        cmocka_unit_test(cap_43_sent_is_only_what_was_confirmed),
        cmocka_unit_test(
            cap_34_mail_is_ready_three_days_before_and_sent_at_eight),
        cmocka_unit_test(cap_33_messages_keep_to_their_windows),
        cmocka_unit_test(holidays_are_sundays_and_make_up_days_are_mondays),
        cmocka_unit_test(cap_32_the_third_message_in_seven_days_is_held),
        cmocka_unit_test(two_messages_at_one_moment_count_twice),
        cmocka_unit_test(cap_32_what_the_customer_denied_comes_first),
        cmocka_unit_test(nights_are_quiet_for_who_wants_it),
        cmocka_unit_test(weekdays_are_read_as_people_write_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
