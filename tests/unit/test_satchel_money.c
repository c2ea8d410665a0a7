/*
 * test_satchel_money.c - amounts of different currencies are never added
 * together: what a device makes of customers who pay in yuan and in dollars.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "care_world.h"

static void buys(struct care_world *w, const char *account, const char *day,
    const char *amount)
{
    char date[40], sum[60];

    (void)snprintf(date, sizeof(date), "date=%s", day);
    (void)snprintf(sum, sizeof(sum), "amount=%s", amount);
    (void)care_add(w, "purchase", account, date, sum, NULL);
}

static const struct satchel_label *label(
    const struct satchel_labels *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->label[i].name, name) == 0) {
            return &all->label[i];
        }
    }
    fail_msg("no label %s", name);
    return NULL;
}

/* ---- where customers stand ------------------------------------------------
 */

static void cap_54_a_tier_asks_for_one_currency(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_labels *l = NULL;

    (void)care_add(w, "tier_rule", NULL, "tier=gold", "version=1",
        "min_spend=1000 CNY", "window_days=365", "active=true", NULL);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    care_account(w, "Beta");
    buys(w, "Alpha", "2026-02-01", "999.50 CNY");
    buys(w, "Alpha", "2026-02-02", "5000 USD");
    buys(w, "Beta", "2026-02-01", "1000 CNY");
    CARE_OK(w, satchel_labels(w->s, "Alpha", &l, &w->e));
    assert_string_equal(label(l, "value_tier")->value, "standard");
    assert_string_equal(label(l, "amount")->value, "999.50 CNY · 5000.00 USD");
    assert_string_equal(
        label(l, "amount")->text_zh, "CNY 999.50 · USD 5,000.00");
    satchel_free(l);
    CARE_OK(w, satchel_labels(w->s, "Beta", &l, &w->e));
    assert_string_equal(label(l, "value_tier")->value, "gold");
    assert_string_equal(label(l, "value_tier")->why_en,
        "spend 1000 CNY ≥ 1000 CNY in 365 days (rule 1)");
    satchel_free(l);
}

/* A rule for low yield that names no amount has none to compare: what was
 * bought in several currencies has no sum. */
static void a_rule_without_an_amount_compares_none(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_labels *l = NULL;

    (void)care_add(w, "tier_rule", NULL, "tier=low_yield", "version=1",
        "max_visits=0", "window_days=365", "active=true", NULL);
    (void)care_add(w, "tier_rule", NULL, "tier=silver", "version=1",
        "min_count=2", "window_days=365", "active=true", NULL);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    buys(w, "Alpha", "2026-02-01", "10 CNY");
    buys(w, "Alpha", "2026-02-02", "10 USD");
    buys(w, "Alpha", "2026-02-03", "-500 USD");
    CARE_OK(w, satchel_labels(w->s, "Alpha", &l, &w->e));
    assert_string_equal(label(l, "value_tier")->value, "silver");
    assert_string_equal(label(l, "amount")->value, "10.00 CNY · -490.00 USD");
    satchel_free(l);
}

static void at_risk_shows_each_currency(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_at_risk_list *l = NULL;

    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    buys(w, "Alpha", "2026-01-01", "10 CNY");
    buys(w, "Alpha", "2026-01-05", "20 USD");
    CARE_OK(w, satchel_at_risk(w->s, &l, &w->e));
    assert_int_equal(l->count, 1);
    assert_string_equal(l->customer[0].spent.text, "CNY 10.00 · USD 20.00");
    assert_int_equal(l->customer[0].spent.count, 2);
    assert_string_equal(l->customer[0].spent.of[1].currency, "USD");
    assert_int_equal(l->customer[0].spent.of[1].minor, 2000);
    satchel_free(l);
}

/* Each item is of one account; who spent most in what most of them pay in is
 * first, however many yen somebody else spent. */
static void the_inbox_is_in_the_order_of_the_usual_currency(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    const struct satchel_inbox_query query = { .kind = "quality" };
    static const char *const name[] = { "Alpha", "Beta", "Gamma" };
    struct satchel_inbox *box = NULL;

    care_at(w, "2026-03-01", 10);
    for (size_t i = 0; i < 3; i++) {
        care_account(w, name[i]);
        (void)care_add(
            w, "quality_issue", name[i], "kind=stale", "at=now", NULL);
    }
    buys(w, "Alpha", "2026-02-01", "900000 JPY");
    buys(w, "Beta", "2026-02-01", "10 CNY");
    buys(w, "Gamma", "2026-02-01", "20 CNY");
    buys(w, "Gamma", "2026-02-02", "1 JPY");
    buys(w, "Beta", "2026-02-03", "5 CNY");
    CARE_OK(w, satchel_inbox(w->s, &query, &box, &w->e));
    assert_int_equal(box->count, 3);
    assert_string_equal(box->item[0].account, name[2]);
    assert_string_equal(box->item[0].money.text, "CNY 20.00 · JPY 1");
    assert_string_equal(box->item[1].account, name[1]);
    assert_string_equal(box->item[1].money.text, "CNY 15.00");
    assert_string_equal(box->item[2].account, name[0]);
    assert_string_equal(box->item[2].money.text, "JPY 900,000");
    satchel_free(box);
}

/* ---- care -----------------------------------------------------------------
 */

static void cap_25_dollars_do_not_carry_yuan_across_their_line(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;

    (void)care_add(w, "care_rule", NULL, "name=letter", "kind=spend",
        "threshold=10000.00 CNY", "action=call", "title=Thank them", NULL);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    buys(w, "Alpha", "2026-02-27", "9000 CNY");
    buys(w, "Alpha", "2026-02-28", "9000 USD");
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 0);
    satchel_free(l);
    buys(w, "Alpha", "2026-03-01", "1000.50 CNY");
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 1);
    assert_string_equal(
        l->item[0].why_en, "spent 10000.50 CNY in all, line 10000 CNY");
    assert_string_equal(
        l->item[0].why_zh, "累计消费 10000.50 CNY，达到 10000 CNY");
    satchel_free(l);
}

static void cap_26_the_top_is_of_the_territorys_usual_currency(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;

    (void)care_add(w, "care_rule", NULL, "name=top", "kind=top", "delay_days=7",
        "action=visit", "title=Flowers", NULL);
    (void)care_add(w, "care_rule", NULL, "name=abroad", "kind=top",
        "threshold=100 USD", "delay_days=7", "action=call",
        "title=Thank who pays in dollars", NULL);
    care_at(w, "2026-01-20", 10);
    care_account(w, "Alpha");
    care_account(w, "Beta");
    care_account(w, "Gamma");
    buys(w, "Alpha", "2025-06-01", "500 CNY");
    buys(w, "Alpha", "2025-06-02", "450 CNY");
    buys(w, "Beta", "2025-06-01", "900 CNY");
    buys(w, "Gamma", "2025-06-01", "901 USD");
    buys(w, "Gamma", "2024-06-01", "90000 CNY"); /* not last year */
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 2);
    assert_string_equal(l->item[0].account, "Alpha");
    assert_string_equal(
        l->item[0].why_en, "bought most in the territory last year: 950 CNY");
    assert_string_equal(l->item[1].account, "Gamma");
    assert_string_equal(l->item[1].title, "Thank who pays in dollars");
    assert_string_equal(l->item[1].why_zh, "上一年度本区域消费第一：901 USD");
    satchel_free(l);
}

static void cap_44_the_list_of_a_day_shows_each_currency(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_daily_list *l = NULL;

    care_at(w, "2026-03-05", 18);
    care_account(w, "Alpha");
    buys(w, "Alpha", "2026-03-05", "10 CNY");
    buys(w, "Alpha", "2026-03-05", "20 USD");
    buys(w, "Alpha", "2026-03-05", "5.25 CNY");
    buys(w, "Alpha", "2026-03-05", "-3 USD"); /* nobody's purchase */
    CARE_OK(w, satchel_care_daily(w->s, NULL, &l, &w->e));
    assert_int_equal(l->count, 1);
    assert_int_equal(l->customer[0].purchases, 3);
    assert_string_equal(l->customer[0].amount.text, "CNY 15.25 · USD 20.00");
    satchel_free(l);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, care_begin, care_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cap_54_a_tier_asks_for_one_currency),
        TEST(a_rule_without_an_amount_compares_none),
        TEST(at_risk_shows_each_currency),
        TEST(the_inbox_is_in_the_order_of_the_usual_currency),
        TEST(cap_25_dollars_do_not_carry_yuan_across_their_line),
        TEST(cap_26_the_top_is_of_the_territorys_usual_currency),
        TEST(cap_44_the_list_of_a_day_shows_each_currency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
