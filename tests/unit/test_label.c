/* test_label.c - where customers stand: ladders, tiers and segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/day.h"
#include "book/label.h"
#include "book/segment.h"
#include "book/tier.h"

#define TODAY 20000
#define YUAN  INT64_C(100)
#define CNY   ((uint32_t)'C' << 16 | (uint32_t)'N' << 8 | 'Y')

static struct cc_label_purchase bought[8];
static struct cc_label_facts facts;

/* n purchases of 100, the last `ago` days before today, each a week apart. */
static const struct cc_label_facts *buys(size_t n, int32_t ago)
{
    facts =
        (struct cc_label_facts){ .count = n, .purchase = bought, .nps = -1 };
    cc_label_rules_fill(&facts.rules);
    for (size_t i = 0; i < n; i++) {
        bought[i] =
            (struct cc_label_purchase){ TODAY - ago - 7 * (int32_t)(n - 1 - i),
                100 * YUAN, CNY };
    }
    return &facts;
}

/* ---- life cycle --------------------------------------------------------- */

static void cap_62_second_purchase_makes_a_repeat_buyer(void **state)
{
    (void)state;
    assert_int_equal(cc_label_loyalty(buys(0, 0)), CC_LOYALTY_SUSPECT);
    facts.contacted = true;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_PROSPECT);
    assert_int_equal(cc_label_loyalty(buys(1, 5)), CC_LOYALTY_FIRST_TIME);
    assert_int_equal(cc_label_loyalty(buys(2, 5)), CC_LOYALTY_REPEAT);
    facts.referred = true;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_ADVOCATE);
    (void)buys(2, 5);
    facts.nps = 8;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_REPEAT);
    facts.nps = 9;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_ADVOCATE);
    /* who bought once is no advocate yet, whoever he sent */
    (void)buys(1, 5);
    facts.referred = true;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_FIRST_TIME);
}

static void cap_62_a_return_is_no_purchase(void **state)
{
    (void)state;
    (void)buys(2, 5);
    bought[1].amount = -100 * YUAN;
    assert_int_equal(cc_label_loyalty(&facts), CC_LOYALTY_FIRST_TIME);
    assert_int_equal(cc_label_sum(&facts, TODAY, 365, 0).amount, 0);
    assert_int_equal(cc_label_sum(&facts, TODAY, 365, 0).purchases, 1);
}

static void cap_63_a_gate_passed_over_needs_a_reason(void **state)
{
    (void)state;
    assert_false(cc_label_skips(CC_FUNNEL_POTENTIAL, CC_FUNNEL_TARGET));
    assert_false(cc_label_skips(CC_FUNNEL_TARGET, CC_FUNNEL_TARGET));
    assert_true(cc_label_skips(CC_FUNNEL_POTENTIAL, CC_FUNNEL_QUALIFIED));
    assert_true(cc_label_skips(CC_FUNNEL_CLOSED, CC_FUNNEL_TARGET));
    assert_false(cc_label_skips(0, CC_FUNNEL_POTENTIAL));
}

static void cap_64_each_customer_is_in_one_phase(void **state)
{
    (void)state;
    unsigned of[5] = { 0 };

    for (size_t n = 0; n < 5; n++) {
        for (unsigned funnel = 0; funnel <= CC_FUNNEL_LOYAL; funnel++) {
            (void)buys(n, 3);
            facts.funnel = funnel;
            of[cc_label_phase(&facts)]++;
        }
    }
    assert_int_equal(of[0], 0);
    assert_int_equal(of[1] + of[2] + of[3] + of[4], 5 * 6);
    assert_int_equal(cc_label_phase(buys(0, 0)), CC_PHASE_ACQUIRE);
    assert_int_equal(cc_label_phase(buys(1, 0)), CC_PHASE_CONVERT);
    assert_int_equal(cc_label_phase(buys(2, 0)), CC_PHASE_RETAIN);
}

static void cap_65_at_risk_is_one_and_a_half_of_the_own_median_gap(void **state)
{
    (void)state;
    int32_t since = 0, usual = 0;

    /* weekly: 10 days are 1.43 gaps, 11 are 1.57 */
    assert_false(cc_label_at_risk(buys(4, 10), TODAY, &since, &usual));
    assert_int_equal(since, 10);
    assert_int_equal(usual, 14);
    assert_true(cc_label_at_risk(buys(4, 11), TODAY, NULL, NULL));
    /* exactly one and a half is not more */
    (void)buys(2, 9);
    bought[0].day = bought[1].day - 6;
    assert_false(cc_label_at_risk(&facts, TODAY, NULL, NULL));
    assert_true(cc_label_at_risk(&facts, TODAY + 1, NULL, NULL));
    assert_false(cc_label_at_risk(buys(1, 900), TODAY, NULL, NULL));
    /* two receipts of one day are one purchase */
    (void)buys(2, 900);
    bought[0].day = bought[1].day;
    assert_false(cc_label_at_risk(&facts, TODAY, NULL, NULL));
}

static void cap_66_activity_states_at_their_edges(void **state)
{
    (void)state;
    assert_int_equal(cc_label_activity(buys(0, 0), TODAY), CC_ACTIVITY_NONE);
    assert_int_equal(cc_label_activity(buys(1, 90), TODAY), CC_ACTIVITY_ACTIVE);
    assert_int_equal(
        cc_label_activity(buys(1, 91), TODAY), CC_ACTIVITY_DORMANT);
    assert_int_equal(
        cc_label_activity(buys(1, 180), TODAY), CC_ACTIVITY_DORMANT);
    assert_int_equal(
        cc_label_activity(buys(1, 181), TODAY), CC_ACTIVITY_LAPSED);
    /* what is dated tomorrow has not happened */
    assert_int_equal(cc_label_activity(buys(1, -1), TODAY), CC_ACTIVITY_NONE);
}

static void cap_67_purchase_classes_at_their_edges(void **state)
{
    (void)state;
    static const enum cc_purchase_class want[] = { CC_CLASS_NEW, CC_CLASS_NEW,
        CC_CLASS_REPEAT, CC_CLASS_REPEAT, CC_CLASS_FAN, CC_CLASS_FAN };

    for (size_t n = 0; n < 6; n++) {
        assert_int_equal(cc_label_class(buys(n, 1), TODAY), want[n]);
    }
    /* four, of which the oldest is the 365th day, then the one before */
    (void)buys(4, 1);
    bought[0].day = TODAY - 364;
    assert_int_equal(cc_label_class(&facts, TODAY), CC_CLASS_FAN);
    bought[0].day = TODAY - 365;
    assert_int_equal(cc_label_class(&facts, TODAY), CC_CLASS_REPEAT);
    /* a return is no purchase */
    (void)buys(4, 1);
    bought[3].amount = -100 * YUAN;
    assert_int_equal(cc_label_class(&facts, TODAY), CC_CLASS_REPEAT);
}

/* ---- rules -------------------------------------------------------------- */

static void cap_67_the_numbers_are_those_of_the_rules(void **state)
{
    (void)state;
    (void)buys(3, 10);
    facts.rules.fan_from = 3;
    assert_int_equal(cc_label_class(&facts, TODAY), CC_CLASS_FAN);
    facts.rules.fan_days = 24; /* the first was 24 days ago */
    assert_int_equal(cc_label_class(&facts, TODAY), CC_CLASS_REPEAT);
    facts.rules.active_days = 9;
    facts.rules.lapse_days = 10;
    assert_int_equal(cc_label_activity(&facts, TODAY), CC_ACTIVITY_DORMANT);
    assert_int_equal(cc_label_away(&facts, TODAY), 10);
    facts.rules.lapse_days = 9; /* nobody is dormant then */
    assert_int_equal(cc_label_activity(&facts, TODAY), CC_ACTIVITY_LAPSED);
    /* weekly, 10 days away: 142 percent */
    facts.rules.risk_percent = 143;
    assert_false(cc_label_at_risk(&facts, TODAY, NULL, NULL));
    facts.rules.risk_percent = 142;
    assert_true(cc_label_at_risk(&facts, TODAY, NULL, NULL));
    assert_int_equal(cc_label_away(buys(0, 0), TODAY), -1);
}

/* ---- tiers -------------------------------------------------------------- */

static uint32_t thirty_visits(const void *arg, int32_t from, int32_t until)
{
    (void)arg;
    assert_int_equal(until, TODAY);
    assert_int_equal(from, TODAY - 364);
    return 30;
}

static const struct cc_tier_rule rules[] = {
    { .tier = CC_TIER_SILVER,
        .version = 1,
        .min_spend = 10000 * YUAN,
        .currency = CNY,
        .max_visits = UINT32_MAX,
        .window_days = 365,
        .active = true },
    { .tier = CC_TIER_GOLD,
        .version = 3,
        .min_spend = 40000 * YUAN,
        .currency = CNY,
        .max_visits = UINT32_MAX,
        .window_days = 365,
        .active = true },
    { .tier = CC_TIER_LOW_YIELD,
        .version = 1,
        .min_spend = 500 * YUAN,
        .currency = CNY,
        .max_visits = 20,
        .window_days = 365,
        .active = true },
    /* replaced by version 3 */
    { .tier = CC_TIER_GOLD,
        .version = 2,
        .min_spend = 1 * YUAN,
        .currency = CNY,
        .max_visits = UINT32_MAX,
        .window_days = 365,
        .active = true },
    { .tier = CC_TIER_DIAMOND,
        .version = 1,
        .min_count = 1,
        .max_visits = UINT32_MAX,
        .window_days = 365,
        .active = false },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

static struct cc_tier_said tier_of(int64_t spent, bool visited)
{
    struct cc_tier_facts f = { .bought = &facts,
        .visits = visited ? thirty_visits : NULL };
    struct cc_tier_said said;

    (void)buys(1, 10);
    bought[0].amount = spent;
    cc_tier_say(rules, RULES, &f, TODAY, &said);
    return said;
}

/* 1,000 dollars are no 40,000 yuan, nor added to them. */
static void cap_54_only_the_currency_of_the_rule_counts(void **state)
{
    (void)state;
    const struct cc_tier_rule gold = { .tier = CC_TIER_GOLD,
        .version = 3,
        .min_spend = 40000 * YUAN,
        .currency = CNY,
        .max_visits = UINT32_MAX,
        .window_days = 365,
        .active = true };
    struct cc_tier_facts f = { .bought = &facts };
    struct cc_money_sums sums;
    struct cc_tier_said said;
    char text[CC_MONEY_TEXT_BYTES];

    (void)buys(2, 10);
    bought[0].amount = 39999 * YUAN;
    bought[0].currency = gold.currency;
    bought[1].amount = 1000 * YUAN;
    bought[1].currency = cc_money_currency(sp_slice_text("USD"));
    cc_tier_say(&gold, 1, &f, TODAY, &said);
    assert_int_equal(said.tier, CC_TIER_STANDARD);
    sums = cc_label_money(&facts, TODAY, 365);
    cc_money_text(text, &sums);
    assert_string_equal(text, "CNY 39,999.00 · USD 1,000.00");
    cc_money_exact(text, &sums);
    assert_string_equal(text, "39999.00 CNY · 1000.00 USD");
    bought[1].currency = gold.currency;
    cc_tier_say(&gold, 1, &f, TODAY, &said);
    assert_int_equal(said.tier, CC_TIER_GOLD);
    assert_string_equal(
        said.why_en, "spend 40999 CNY ≥ 40000 CNY in 365 days (rule 3)");
}

static void amounts_have_the_digits_of_their_currency(void **state)
{
    (void)state;
    struct cc_money_sums sums = { .count = 0 };
    char text[CC_MONEY_TEXT_BYTES];

    cc_money_text(text, &sums);
    assert_string_equal(text, "");
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("JPY")), 1234567 });
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("CNY")), -123450 });
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("CNY")), -50 });
    cc_money_text(text, &sums);
    assert_string_equal(text, "CNY -1,235.00 · JPY 1,234,567");
    cc_money_add(
        &sums, (struct cc_money){
                   cc_money_currency(sp_slice_text("JPY")), INT64_MAX });
    assert_true(cc_money_in(&sums, cc_money_currency(sp_slice_text("JPY"))) ==
                INT64_MAX);
}

static void cap_54_a_tier_says_why(void **state)
{
    (void)state;
    struct cc_tier_said s = tier_of(48000 * YUAN, false);

    assert_int_equal(s.tier, CC_TIER_GOLD);
    assert_string_equal(
        s.why_en, "spend 48000 CNY ≥ 40000 CNY in 365 days (rule 3)");
    assert_string_equal(
        s.why_zh, "365 天内消费 48000 CNY ≥ 40000 CNY（规则 3）");
    assert_int_equal(tier_of(40000 * YUAN, false).tier, CC_TIER_GOLD);
    assert_int_equal(tier_of(40000 * YUAN - 1, false).tier, CC_TIER_SILVER);
    assert_int_equal(tier_of(10000 * YUAN - 1, false).tier, CC_TIER_STANDARD);
}

static void cap_54_low_yield_is_many_visits_for_little(void **state)
{
    (void)state;
    assert_int_equal(tier_of(500 * YUAN - 1, true).tier, CC_TIER_LOW_YIELD);
    assert_int_equal(tier_of(500 * YUAN, true).tier, CC_TIER_STANDARD);
    assert_int_equal(tier_of(100 * YUAN, false).tier, CC_TIER_STANDARD);
    assert_string_equal(cc_tier_words(CC_TIER_LOW_YIELD).zh, "低效");
}

/* ---- segments ----------------------------------------------------------- */

static void steps_are_read_as_people_write_them(void **state)
{
    (void)state;
    struct cc_segment_step s;

    assert_true(cc_segment_parse("purchase_count >= 2", &s));
    assert_string_equal(s.what, "purchase_count");
    assert_int_equal(s.is, CC_SEGMENT_AT_LEAST);
    assert_string_equal(s.value, "2");
    assert_true(cc_segment_parse("tags~vip", &s));
    assert_int_equal(s.is, CC_SEGMENT_HAS);
    assert_true(cc_segment_parse("industry != a=b", &s));
    assert_string_equal(s.value, "a=b");
    assert_false(cc_segment_parse("industry", &s));
    assert_false(cc_segment_parse("= x", &s));
    assert_false(cc_segment_parse("industry =", &s));
    assert_false(cc_segment_parse("a > 1", &s));
}

static bool fits(const char *text, struct cc_segment_known known)
{
    struct cc_segment_step s;
    struct cc_words why;

    assert_true(cc_segment_parse(text, &s));
    assert_true(cc_segment_check(&s, known.kind, &why));
    return cc_segment_fits(&s, &known);
}

static void a_segment_compares_amounts_of_its_currency(void **state)
{
    (void)state;
    struct cc_segment_step half;
    struct cc_words why;
    struct cc_money_sums sums = { .count = 0 };
    struct cc_segment_known m = { .kind = CC_SEGMENT_MONEY, .money = &sums };

    assert_false(fits("amount >= 1 CNY", m));
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("CNY")), 100000 });
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("USD")), 200000 });
    assert_true(fits("amount >= 1000 CNY", m));
    assert_false(fits("amount >= 1000.01 CNY", m));
    assert_true(fits("amount >= 2000 USD", m));
    assert_false(fits("amount >= 1 EUR", m));
    assert_true(fits("amount >= 2000", m));  /* in one of them, */
    assert_false(fits("amount >= 3000", m)); /* not together */
    /* Yen have no digits behind the point, dinars three. */
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("JPY")), 1200 });
    cc_money_add(&sums,
        (struct cc_money){ cc_money_currency(sp_slice_text("KWD")), 1234 });
    assert_true(fits("amount = 1200 JPY", m));
    assert_true(fits("amount = 1.234 KWD", m));
    assert_false(fits("amount >= 1.24 KWD", m));
    assert_true(cc_segment_parse("amount >= 1200.5 JPY", &half));
    assert_false(cc_segment_check(&half, CC_SEGMENT_MONEY, &why));
    /* What would not fit in thousandths is more than any step says. */
    cc_money_add(
        &sums, (struct cc_money){
                   cc_money_currency(sp_slice_text("EUR")), INT64_MAX / 2 });
    assert_true(fits("amount >= 9000000000000000 EUR", m));
}

static void steps_compare_numbers_amounts_days_and_texts(void **state)
{
    (void)state;
    const char *const tags[] = { "VIP", "茶" };
    struct cc_segment_known n = { .kind = CC_SEGMENT_NUMBER, .number = 2 };
    const struct cc_money_sums sums = { .count = 1, .of = { { CNY, 100050 } } };
    struct cc_segment_known m = { .kind = CC_SEGMENT_MONEY, .money = &sums };
    struct cc_segment_known d = { .kind = CC_SEGMENT_DAY, .number = 19723 };
    struct cc_segment_known t = { .kind = CC_SEGMENT_TEXT,
        .text = "茶葉 Shop" };
    struct cc_segment_known set = {
        .kind = CC_SEGMENT_SET, .count = 2, .member = tags
    };
    struct cc_segment_known none = { .kind = CC_SEGMENT_UNKNOWN };

    assert_true(fits("n>=2", n));
    assert_false(fits("n>=3", n));
    assert_true(fits("m>=1000.5", m));
    assert_false(fits("m>=1000.51", m));
    assert_true(fits("m!=1000", m));
    assert_true(fits("d<=2024-01-01", d));
    assert_false(fits("d<=2023-12-31", d));
    assert_true(fits("t=茶叶 shop", t));
    assert_true(fits("t~ＳＨＯＰ", t));
    assert_false(fits("t=茶", t));
    assert_true(fits("tags~vip", set));
    assert_true(fits("tags!=酒", set));
    assert_false(fits("x=1", none));
    assert_true(fits("x!=1", none));
}

static void a_step_that_cannot_be_compared_is_told(void **state)
{
    (void)state;
    struct cc_segment_step s;
    struct cc_words why = { NULL, NULL };

    assert_true(cc_segment_parse("n ~ 2", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_NUMBER, &why));
    assert_non_null(why.en);
    assert_string_not_equal(why.en, why.zh);
    assert_true(cc_segment_parse("n >= many", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_NUMBER, &why));
    assert_true(cc_segment_parse("m >= 1.234", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_MONEY, &why));
    assert_true(cc_segment_parse("d >= 2024-02-30", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_DAY, &why));
    assert_true(cc_segment_parse("t >= a", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_TEXT, &why));
    assert_true(cc_segment_parse("m = 9223372036854775807", &s));
    assert_false(cc_segment_check(&s, CC_SEGMENT_MONEY, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_62_second_purchase_makes_a_repeat_buyer),
        cmocka_unit_test(cap_62_a_return_is_no_purchase),
        cmocka_unit_test(cap_63_a_gate_passed_over_needs_a_reason),
        cmocka_unit_test(cap_64_each_customer_is_in_one_phase),
        cmocka_unit_test(
            cap_65_at_risk_is_one_and_a_half_of_the_own_median_gap),
        cmocka_unit_test(cap_66_activity_states_at_their_edges),
        cmocka_unit_test(cap_67_purchase_classes_at_their_edges),
        cmocka_unit_test(cap_67_the_numbers_are_those_of_the_rules),
        cmocka_unit_test(cap_54_a_tier_says_why),
        cmocka_unit_test(cap_54_only_the_currency_of_the_rule_counts),
        cmocka_unit_test(amounts_have_the_digits_of_their_currency),
        cmocka_unit_test(a_segment_compares_amounts_of_its_currency),
        cmocka_unit_test(cap_54_low_yield_is_many_visits_for_little),
        cmocka_unit_test(steps_are_read_as_people_write_them),
        cmocka_unit_test(steps_compare_numbers_amounts_days_and_texts),
        cmocka_unit_test(a_step_that_cannot_be_compared_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
