/*
 * test_care_rules.c - what care rules ask for, on which day; each row of the
 * capability list that a rule answers, at its edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "book/due.h"
#include "book/lunar.h"

#define ITEMS_MAX 32u

static struct {
    size_t count;
    struct cc_due_item item[ITEMS_MAX];
} made;

static sp_err keep(void *arg, const struct cc_due_item *item)
{
    (void)arg;
    assert_true(made.count < ITEMS_MAX);
    made.item[made.count++] = *item;
    return SP_OK;
}

static int32_t day(const char *text)
{
    int32_t out = 0;

    assert_true(cc_day_parse(text, &out));
    return out;
}

static struct sp_id id_of(unsigned n)
{
    uint8_t random[10] = { (uint8_t)(n >> 8), (uint8_t)n };

    return sp_id_make(1772323200000u + n, random);
}

static struct cc_money cny(int64_t minor)
{
    return (struct cc_money){ cc_money_currency(sp_slice_text("CNY")), minor };
}

static struct cc_money usd(int64_t minor)
{
    return (struct cc_money){ cc_money_currency(sp_slice_text("USD")), minor };
}

static struct cc_rule rule(const char *name, enum cc_rule_kind kind)
{
    static unsigned n = 100;
    struct cc_rule r = { .id = id_of(n++),
        .name = name,
        .policy = "",
        .title = "call",
        .script = "",
        .product = "",
        .kind = kind,
        .action = CC_ACTION_CALL,
        .to = CC_TO_CUSTOMER,
        .by = CC_BY_OWNER,
        .on_date = CC_DAY_NONE,
        .from = CC_DAY_NONE,
        .until = CC_DAY_NONE,
        .lapse_days = CC_RULE_LAPSE_DAYS,
        .active = true };

    return r;
}

static struct cc_due_facts facts(void)
{
    return (struct cc_due_facts){ .account = id_of(1),
        .name = "Blue Lake",
        .tier = 3,
        .status = 4,
        .owner = 7,
        .closest = 9,
        .since = day("2025-01-01"),
        .last_contact = CC_DAY_NONE };
}

static void evaluate(const struct cc_rule *r, size_t count,
    const struct cc_due_facts *f, const char *today)
{
    made.count = 0;
    assert_int_equal(
        cc_due_evaluate(r, count, f, day(today), keep, NULL), SP_OK);
}

static void assert_due(size_t i, const char *wanted)
{
    assert_true(i < made.count);
    assert_int_equal(made.item[i].due, day(wanted));
}

/* ---- cycles ------------------------------------------------------------ */

static void cap_21_gold_is_visited_every_14_days(void **state)
{
    struct cc_rule r = rule("return-visit", CC_RULE_CYCLE);
    struct cc_due_facts f = facts();

    (void)state;
    r.tier = CC_TIERS_MAX - 2; /* gold */
    r.cycle_days = 14;
    f.last_contact = day("2026-03-01");
    evaluate(&r, 1, &f, "2026-03-14");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-03-15");
    assert_int_equal(made.count, 1);
    assert_int_equal(made.item[0].overdue, 0);
    evaluate(&r, 1, &f, "2026-03-17");
    assert_int_equal(made.count, 1);
    assert_due(0, "2026-03-15");
    assert_int_equal(made.item[0].overdue, 2);
    assert_int_equal(made.item[0].assignee, 7);
    assert_string_equal(
        made.item[0].why_en, "16 days since last contact, gold: every 14");
    assert_string_equal(
        made.item[0].why_zh, "距上次联系16天，黄金：每14天一次");
    /* It stays due until somebody calls. */
    evaluate(&r, 1, &f, "2027-03-17");
    assert_int_equal(made.count, 1);
    f.tier = 2;
    evaluate(&r, 1, &f, "2026-03-17");
    assert_int_equal(made.count, 0);
}

static void an_accounts_own_cycle_comes_before_the_rules(void **state)
{
    struct cc_rule r = rule("return-visit", CC_RULE_CYCLE);
    struct cc_due_facts f = facts();

    (void)state;
    r.cycle_days = 14;
    f.cycle_days = 30;
    f.last_contact = day("2026-03-01");
    evaluate(&r, 1, &f, "2026-03-30");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-03-31");
    assert_int_equal(made.count, 1);
    /* Never contacted: counted from the day it is known. */
    f.last_contact = CC_DAY_NONE;
    evaluate(&r, 1, &f, "2025-01-31");
    assert_due(0, "2025-01-31");
}

static void cap_36_another_status_has_another_cycle_at_once(void **state)
{
    struct cc_rule r[3] = { rule("potential", CC_RULE_CYCLE),
        rule("interested", CC_RULE_CYCLE), rule("closed", CC_RULE_HOLIDAY) };
    struct cc_due_facts f = facts();

    (void)state;
    r[0].status = 1;
    r[0].cycle_days = 30;
    r[1].status = 2;
    r[1].cycle_days = 10;
    r[1].action = CC_ACTION_VISIT;
    r[2].status = 4;
    r[2].month = 10;
    r[2].day = 1;
    f.last_contact = day("2026-09-15");
    f.status = 1;
    evaluate(r, 3, &f, "2026-10-01");
    assert_int_equal(made.count, 0);
    f.status = 2;
    evaluate(r, 3, &f, "2026-10-01");
    assert_int_equal(made.count, 1);
    assert_ptr_equal(made.item[0].rule, &r[1]);
    f.status = 4;
    evaluate(r, 3, &f, "2026-10-01");
    assert_int_equal(made.count, 1);
    assert_ptr_equal(made.item[0].rule, &r[2]);
}

static void cap_30_who_stays_away_is_written_to_once_by_the_closest(
    void **state)
{
    struct cc_rule r = rule("winback", CC_RULE_WINBACK);
    struct cc_due_facts f = facts();
    struct sp_id first;

    (void)state;
    r.cycle_days = 180;
    r.action = CC_ACTION_MESSAGE;
    r.by = CC_BY_CLOSEST;
    f.last_contact = day("2026-01-01");
    evaluate(&r, 1, &f, "2026-06-29");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-06-30");
    assert_int_equal(made.count, 1);
    assert_true(made.item[0].message);
    assert_int_equal(made.item[0].assignee, 9);
    first = made.item[0].id;
    evaluate(&r, 1, &f, "2026-07-05");
    assert_true(sp_id_equal(&made.item[0].id, &first));
    evaluate(&r, 1, &f, "2026-07-30");
    assert_int_equal(made.count, 1);
    evaluate(&r, 1, &f, "2026-07-31");
    assert_int_equal(made.count, 0);
}

/* ---- events ------------------------------------------------------------ */

static void cap_22_a_purchase_of_2000_is_called_about_a_week_later(void **state)
{
    struct cc_due_event e = { .kind = CC_DUE_PURCHASE,
        .id = id_of(5),
        .day = day("2026-03-01"),
        .money = cny(200000) };
    struct cc_rule r = rule("big purchase", CC_RULE_PURCHASE);
    struct cc_due_facts f = facts();

    (void)state;
    r.threshold = cny(200000);
    r.delay_days = 7;
    f.event = &e;
    f.event_count = 1;
    evaluate(&r, 1, &f, "2026-03-01");
    assert_int_equal(made.count, 1);
    assert_due(0, "2026-03-08");
    assert_true(sp_id_equal(&made.item[0].about, &e.id));
    assert_string_equal(made.item[0].why_en,
        "purchase of 2000 CNY on 2026-03-01, from 2000 CNY");
    e.money = cny(199999);
    evaluate(&r, 1, &f, "2026-03-01");
    assert_int_equal(made.count, 0);
    /* As many dollars are not what the rule asks about. */
    e.money = usd(200000);
    evaluate(&r, 1, &f, "2026-03-01");
    assert_int_equal(made.count, 0);
    r.threshold = (struct cc_money){ 0, 0 };
    evaluate(&r, 1, &f, "2026-03-01");
    assert_int_equal(made.count, 1);
    r.threshold = cny(200000);
    /* Thirty days after its day nobody calls about it any more. */
    e.money = cny(200000);
    evaluate(&r, 1, &f, "2026-04-07");
    assert_int_equal(made.count, 1);
    evaluate(&r, 1, &f, "2026-04-08");
    assert_int_equal(made.count, 0);
}

static void cap_24_a_referral_makes_two_drafts_and_one_call(void **state)
{
    struct cc_due_event e = { .kind = CC_DUE_REFERRAL,
        .id = id_of(6),
        .day = day("2026-03-01"),
        .other = id_of(2),
        .other_name = "Old Friend",
        .other_owner = 8 };
    struct cc_rule r[3] = { rule("thank newcomer", CC_RULE_REFERRAL),
        rule("thank referrer", CC_RULE_REFERRAL),
        rule("call newcomer", CC_RULE_REFERRAL) };
    struct cc_due_facts f = facts();
    struct sp_id id[3];

    (void)state;
    r[0].action = CC_ACTION_MESSAGE;
    r[1].action = CC_ACTION_MESSAGE;
    r[1].to = CC_TO_REFERRER;
    r[2].delay_days = 7;
    f.event = &e;
    f.event_count = 1;
    evaluate(r, 3, &f, "2026-03-01");
    assert_int_equal(made.count, 3);
    assert_true(made.item[0].message && made.item[1].message);
    assert_false(made.item[2].message);
    assert_true(sp_id_equal(&made.item[0].account, &f.account));
    assert_true(sp_id_equal(&made.item[1].account, &e.other));
    assert_string_equal(made.item[1].name, "Old Friend");
    assert_due(0, "2026-03-01");
    assert_due(2, "2026-03-08");
    for (size_t i = 0; i < 3; i++) {
        id[i] = made.item[i].id;
    }
    /* The other device makes the same three, and no more. */
    evaluate(r, 3, &f, "2026-03-02");
    for (size_t i = 0; i < 3; i++) {
        assert_true(sp_id_equal(&made.item[i].id, &id[i]));
    }
}

static void cap_25_the_line_is_crossed_once(void **state)
{
    struct cc_rule r = rule("thanks", CC_RULE_SPEND);
    struct cc_due_event e[2] = { { .kind = CC_DUE_PURCHASE,
                                     .id = id_of(8),
                                     .day = day("2026-02-20"),
                                     .money = cny(500000) },
        { .kind = CC_DUE_PURCHASE,
            .id = id_of(9),
            .day = day("2026-03-01"),
            .money = cny(499999) } };
    struct cc_due_facts f = facts();
    struct sp_id one;

    (void)state;
    r.threshold = cny(1000000);
    r.action = CC_ACTION_MESSAGE;
    evaluate(&r, 1, &f, "2026-03-02");
    assert_int_equal(made.count, 0);
    f.event = e;
    f.event_count = 2;
    evaluate(&r, 1, &f, "2026-03-02");
    assert_int_equal(made.count, 0);
    /* Dollars do not carry yuan across their line. */
    e[1].money = usd(500000);
    evaluate(&r, 1, &f, "2026-03-02");
    assert_int_equal(made.count, 0);
    e[1].money = cny(500000);
    evaluate(&r, 1, &f, "2026-03-02");
    assert_int_equal(made.count, 1);
    assert_due(0, "2026-03-01");
    assert_string_equal(
        made.item[0].why_en, "spent 10000 CNY in all, line 10000 CNY");
    one = made.item[0].id;
    /* Another device saw another purchase cross it: it is the same letter. */
    e[1].id = id_of(10);
    e[1].money = cny(700050);
    evaluate(&r, 1, &f, "2026-03-03");
    assert_int_equal(made.count, 1);
    assert_true(sp_id_equal(&made.item[0].id, &one));
}

static void cap_26_the_top_spender_of_last_year_is_visited(void **state)
{
    const struct cc_due_top top[2] = { { cny(90000), true },
        { usd(20050), false } };
    struct cc_rule r = rule("flowers", CC_RULE_TOP);
    struct cc_due_facts f = facts();

    (void)state;
    r.action = CC_ACTION_VISIT;
    r.delay_days = 5;
    evaluate(&r, 1, &f, "2026-01-06");
    assert_int_equal(made.count, 0);
    f.top_year = 2025;
    f.top = top;
    f.top_count = 2;
    evaluate(&r, 1, &f, "2026-01-05");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-01-06");
    assert_due(0, "2026-01-06");
    assert_string_equal(
        made.item[0].why_en, "bought most in the territory last year: 900 CNY");
    /* A rule with a line means its currency, and no less than that. */
    r.threshold = usd(20000);
    evaluate(&r, 1, &f, "2026-01-06");
    assert_int_equal(made.count, 1);
    assert_string_equal(made.item[0].why_en,
        "bought most in the territory last year: 200.50 USD");
    r.threshold = usd(20051);
    evaluate(&r, 1, &f, "2026-01-06");
    assert_int_equal(made.count, 0);
    /* Top only among the few who buy in dollars. */
    r.threshold = (struct cc_money){ 0, 0 };
    f.top = top + 1;
    f.top_count = 1;
    evaluate(&r, 1, &f, "2026-01-06");
    assert_int_equal(made.count, 0);
}

static void the_first_purchase_is_the_earliest(void **state)
{
    struct cc_due_event e[2] = {
        { .kind = CC_DUE_PURCHASE, .id = id_of(8), .day = day("2026-03-05") },
        { .kind = CC_DUE_PURCHASE, .id = id_of(9), .day = day("2026-03-01") }
    };
    struct cc_rule r = rule("welcome", CC_RULE_FIRST);
    struct cc_due_facts f = facts();

    (void)state;
    f.event = e;
    f.event_count = 2;
    evaluate(&r, 1, &f, "2026-03-05");
    assert_int_equal(made.count, 1);
    assert_true(sp_id_equal(&made.item[0].about, &e[1].id));
}

/* ---- days -------------------------------------------------------------- */

static void cap_27_a_holiday_comes_by_either_calendar(void **state)
{
    struct cc_rule r = rule("mid-autumn", CC_RULE_HOLIDAY);
    struct cc_due_facts f = facts();

    (void)state;
    r.lunar = true;
    r.month = 8;
    r.day = 15;
    r.action = CC_ACTION_MESSAGE;
    r.lapse_days = 0;
    evaluate(&r, 1, &f, "2026-09-24");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-09-25");
    assert_due(0, "2026-09-25");
    evaluate(&r, 1, &f, "2026-09-26");
    assert_int_equal(made.count, 0);
}

/* What is worked out once for all accounts changes nothing, on any day. */
static void prepared_rules_ask_for_the_same(void **state)
{
    struct cc_rule plain[3] = { rule("mid-autumn", CC_RULE_HOLIDAY),
        rule("new year", CC_RULE_HOLIDAY), rule("once", CC_RULE_SEASON) };
    struct cc_rule ready[3];
    struct cc_due_facts f = facts();
    unsigned idle = 0, made_on = 0;

    (void)state;
    plain[0].lunar = true;
    plain[0].month = 8;
    plain[0].day = 15;
    plain[1].month = 1;
    plain[1].day = 1;
    plain[1].ahead_days = 5;
    plain[2].on_date = day("2026-11-07");
    plain[2].delay_days = 3;
    for (int32_t d = day("2026-01-01"); d < day("2027-02-01"); d++) {
        size_t wanted;
        memcpy(ready, plain, sizeof(ready));
        cc_due_prepare(ready, 3, d);
        made.count = 0;
        assert_int_equal(cc_due_evaluate(plain, 3, &f, d, keep, NULL), SP_OK);
        wanted = made.count;
        assert_int_equal(cc_due_evaluate(ready, 3, &f, d, keep, NULL), SP_OK);
        assert_int_equal(made.count, 2 * wanted);
        for (size_t i = 0; i < wanted; i++) {
            assert_true(
                sp_id_equal(&made.item[i].id, &made.item[wanted + i].id));
        }
        for (size_t i = 0; i < 3; i++) {
            idle += ready[i].idle ? 1 : 0;
        }
        made_on += wanted > 0 ? 1 : 0;
    }
    assert_true(idle > 700 && made_on > 60);
}

static struct cc_due_birthday birthday(unsigned month, unsigned of_month)
{
    return (struct cc_due_birthday){ .contact = id_of(3),
        .name = "Wang Fang",
        .month = month,
        .day = of_month };
}

static void cap_28_a_birthday_is_a_call_unless_policy_says_a_message(
    void **state)
{
    struct cc_rule r[3] = { rule("birthday", CC_RULE_BIRTHDAY),
        rule("birthday of diamonds", CC_RULE_BIRTHDAY),
        rule("no birthday", CC_RULE_BIRTHDAY) };
    struct cc_due_birthday b = birthday(5, 20);
    struct cc_due_facts f = facts();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        r[i].policy = "birthday";
        r[i].by = CC_BY_CLOSEST;
    }
    r[1].tier = 4;
    r[1].action = CC_ACTION_MESSAGE;
    r[2].tier = 5;
    r[2].action = CC_ACTION_NONE;
    f.birthday = &b;
    f.birthday_count = 1;
    evaluate(r, 3, &f, "2026-05-20");
    assert_int_equal(made.count, 1);
    assert_false(made.item[0].message);
    assert_int_equal(made.item[0].assignee, 9); /* who knows him best */
    assert_string_equal(made.item[0].name, "Wang Fang");
    assert_true(sp_id_equal(&made.item[0].contact, &b.contact));
    f.tier = 4;
    evaluate(r, 3, &f, "2026-05-20");
    assert_int_equal(made.count, 1);
    assert_true(made.item[0].message);
    f.tier = 5;
    evaluate(r, 3, &f, "2026-05-20");
    assert_int_equal(made.count, 0);
    /* Head office takes the exception back. */
    f.tier = 4;
    r[1].active = false;
    evaluate(r, 3, &f, "2026-05-20");
    assert_int_equal(made.count, 1);
    assert_false(made.item[0].message);
}

static void cap_28_a_29th_of_february_is_greeted_on_the_28th(void **state)
{
    struct cc_rule r = rule("birthday", CC_RULE_BIRTHDAY);
    struct cc_due_birthday b = birthday(2, 29);
    struct cc_due_facts f = facts();

    (void)state;
    r.lapse_days = 0;
    f.birthday = &b;
    f.birthday_count = 1;
    evaluate(&r, 1, &f, "2027-02-28");
    assert_due(0, "2027-02-28");
    evaluate(&r, 1, &f, "2028-02-28");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2028-02-29");
    assert_due(0, "2028-02-29");
}

static void cap_28_a_lunar_birthday_moves_with_its_calendar(void **state)
{
    struct cc_rule r = rule("birthday", CC_RULE_BIRTHDAY);
    struct cc_due_birthday b = birthday(12, 30);
    struct cc_due_facts f = facts();

    (void)state;
    r.lapse_days = 0;
    b.lunar = true;
    f.birthday = &b;
    f.birthday_count = 1;
    evaluate(&r, 1, &f, "2026-02-16"); /* the 29th is the last of 2025 */
    assert_due(0, "2026-02-16");
    assert_string_equal(made.item[0].why_en,
        "birthday of Wang Fang on 2026-02-16 (lunar calendar)");
    b.month = 6;
    b.day = 1;
    b.leap = true;
    evaluate(&r, 1, &f, "2025-07-25");
    assert_due(0, "2025-07-25");
    evaluate(&r, 1, &f, "2026-07-14");
    assert_due(0, "2026-07-14");
}

static void a_birthday_in_january_is_announced_in_december(void **state)
{
    struct cc_rule r = rule("birthday", CC_RULE_BIRTHDAY);
    struct cc_due_birthday b = birthday(1, 2);
    struct cc_due_facts f = facts();

    (void)state;
    r.ahead_days = 3;
    r.lapse_days = 1;
    f.birthday = &b;
    f.birthday_count = 1;
    evaluate(&r, 1, &f, "2026-12-29");
    assert_int_equal(made.count, 0);
    evaluate(&r, 1, &f, "2026-12-30");
    assert_due(0, "2027-01-02");
    evaluate(&r, 1, &f, "2027-01-03");
    assert_due(0, "2027-01-02");
}

static bool bought(const void *arg, const char *product)
{
    return strcmp((const char *)arg, product) == 0;
}

static void cap_35_only_buyers_of_a_product_hear_of_its_change(void **state)
{
    struct cc_rule r = rule("recipe", CC_RULE_NEWS);
    struct cc_due_facts f = facts();

    (void)state;
    r.product = "P-100";
    r.on_date = day("2026-06-01");
    r.action = CC_ACTION_MESSAGE;
    evaluate(&r, 1, &f, "2026-06-01");
    assert_int_equal(made.count, 0);
    f.bought = bought;
    f.bought_arg = "P-200";
    evaluate(&r, 1, &f, "2026-06-01");
    assert_int_equal(made.count, 0);
    f.bought_arg = "P-100";
    evaluate(&r, 1, &f, "2026-06-01");
    assert_int_equal(made.count, 1);
}

/* ---- rules themselves -------------------------------------------------- */

static void a_rule_counts_between_its_days(void **state)
{
    struct cc_rule r = rule("x", CC_RULE_CYCLE);

    (void)state;
    r.from = day("2026-03-01");
    r.until = day("2026-03-31");
    assert_false(cc_rule_fits(&r, day("2026-02-28"), 1, 1));
    assert_true(cc_rule_fits(&r, day("2026-03-01"), 1, 1));
    assert_true(cc_rule_fits(&r, day("2026-03-31"), 1, 1));
    assert_false(cc_rule_fits(&r, day("2026-04-01"), 1, 1));
}

static void of_one_policy_the_closest_rule_counts(void **state)
{
    struct cc_rule r[4] = { rule("all", CC_RULE_CYCLE),
        rule("tier", CC_RULE_CYCLE), rule("status", CC_RULE_CYCLE),
        rule("both", CC_RULE_CYCLE) };
    static const bool counts[4][4] = { { false, false, false, true },
        { true, false, false, false }, { false, true, false, false },
        { false, false, true, false } };
    static const unsigned who[4][2] = { { 3, 4 }, { 1, 1 }, { 3, 1 },
        { 1, 4 } };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        r[i].policy = "cycle";
    }
    r[1].tier = r[3].tier = 3;
    r[2].status = r[3].status = 4;
    for (size_t w = 0; w < 4; w++) {
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(
                cc_rule_counts(r, 4, i, 20000, who[w][0], who[w][1]),
                counts[w][i]);
        }
    }
}

static void bad_input_a_rule_that_loops_is_named(void **state)
{
    struct cc_rule r[3] = { rule("a", CC_RULE_TASK_DONE),
        rule("b", CC_RULE_SENT), rule("c", CC_RULE_TASK_DONE) };
    char chain[CC_RULE_CHAIN_BYTES];
    size_t at = 9;

    (void)state;
    /* Directly. */
    assert_true(cc_rule_loops(r, 1, chain, &at));
    assert_string_equal(chain, "a -> a");
    assert_int_equal(at, 0);
    /* Through others: a's message sets b off, b's task sets a off. */
    r[0].action = CC_ACTION_MESSAGE;
    assert_false(cc_rule_loops(r, 1, chain, &at));
    assert_true(cc_rule_loops(r, 2, chain, NULL));
    assert_string_equal(chain, "a -> b -> a");
    /* Only after what another rule made. */
    r[0].of = r[2].id;
    r[2].of = r[0].id;
    assert_false(cc_rule_loops(r, 2, chain, NULL));
    assert_false(cc_rule_loops(r, 3, chain, NULL));
    r[2].of = r[1].id; /* a -> b -> c -> a */
    assert_true(cc_rule_loops(r, 3, chain, NULL));
    assert_string_equal(chain, "a -> b -> c -> a");
    /* What is switched off can be switched on. */
    r[1].active = false;
    assert_true(cc_rule_loops(r, 3, chain, NULL));
    r[1].action = CC_ACTION_NONE;
    assert_false(cc_rule_loops(r, 3, chain, NULL));
}

static void bad_input_a_rule_that_says_nothing_is_named(void **state)
{
    struct cc_rule r = rule("x", CC_RULE_CYCLE);
    struct cc_words why;

    (void)state;
    assert_false(cc_rule_check(&r, &why));
    assert_string_equal(why.en, "it needs cycle_days");
    r.cycle_days = 1;
    assert_true(cc_rule_check(&r, &why));
    r.title = "";
    assert_false(cc_rule_check(&r, &why));
    assert_string_equal(why.en, "its task needs a title");
    r.action = CC_ACTION_MESSAGE;
    assert_false(cc_rule_check(&r, &why));
    assert_string_equal(why.en, "its message needs a template");
    r.template = id_of(1);
    assert_true(cc_rule_check(&r, &why));
    r.to = CC_TO_REFERRER;
    assert_false(cc_rule_check(&r, &why));
    r.to = CC_TO_CUSTOMER;
    r.kind = CC_RULE_HOLIDAY;
    r.month = 2;
    r.day = 30;
    assert_false(cc_rule_check(&r, &why));
    r.lunar = true;
    assert_true(cc_rule_check(&r, &why));
    r.day = 31;
    assert_false(cc_rule_check(&r, &why));
    r.kind = (enum cc_rule_kind)0;
    assert_false(cc_rule_check(&r, &why));
}

static void ids_tell_rules_accounts_kinds_and_causes_apart(void **state)
{
    struct sp_id rule_id = id_of(1), other = id_of(2), a = id_of(3);
    struct sp_slice key = sp_slice_text("k");
    struct sp_id x = cc_due_id(&rule_id, &a, "task", key, 1000), y;

    (void)state;
    assert_true(sp_id_time_ms(&x) == 1000);
    y = cc_due_id(&rule_id, &a, "task", key, 1000);
    assert_true(sp_id_equal(&x, &y));
    y = cc_due_id(&other, &a, "task", key, 1000);
    assert_false(sp_id_equal(&x, &y));
    y = cc_due_id(&rule_id, &other, "task", key, 1000);
    assert_false(sp_id_equal(&x, &y));
    y = cc_due_id(&rule_id, &a, "message", key, 1000);
    assert_false(sp_id_equal(&x, &y));
    y = cc_due_id(&rule_id, &a, "task", sp_slice_text("l"), 1000);
    assert_false(sp_id_equal(&x, &y));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_21_gold_is_visited_every_14_days),
        cmocka_unit_test(an_accounts_own_cycle_comes_before_the_rules),
        cmocka_unit_test(cap_36_another_status_has_another_cycle_at_once),
        cmocka_unit_test(
            cap_30_who_stays_away_is_written_to_once_by_the_closest),
        cmocka_unit_test(
            cap_22_a_purchase_of_2000_is_called_about_a_week_later),
        cmocka_unit_test(cap_24_a_referral_makes_two_drafts_and_one_call),
        cmocka_unit_test(cap_25_the_line_is_crossed_once),
        cmocka_unit_test(cap_26_the_top_spender_of_last_year_is_visited),
        cmocka_unit_test(the_first_purchase_is_the_earliest),
        cmocka_unit_test(cap_27_a_holiday_comes_by_either_calendar),
        cmocka_unit_test(prepared_rules_ask_for_the_same),
        cmocka_unit_test(
            cap_28_a_birthday_is_a_call_unless_policy_says_a_message),
        cmocka_unit_test(cap_28_a_29th_of_february_is_greeted_on_the_28th),
        cmocka_unit_test(cap_28_a_lunar_birthday_moves_with_its_calendar),
        cmocka_unit_test(a_birthday_in_january_is_announced_in_december),
        cmocka_unit_test(cap_35_only_buyers_of_a_product_hear_of_its_change),
        cmocka_unit_test(a_rule_counts_between_its_days),
        cmocka_unit_test(of_one_policy_the_closest_rule_counts),
        cmocka_unit_test(bad_input_a_rule_that_loops_is_named),
        cmocka_unit_test(bad_input_a_rule_that_says_nothing_is_named),
        cmocka_unit_test(ids_tell_rules_accounts_kinds_and_causes_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
