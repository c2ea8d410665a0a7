/* test_tally.c - counts of customer care, each made anew from its rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "book/tally.h"

static struct sp_id id_of(unsigned n)
{
    uint8_t random[10] = { 0 };

    return sp_id_make(1000 + n, random);
}

static void cap_30_the_closest_has_most_contacts_and_the_lowest_number(
    void **state)
{
    struct cc_tally_count list[] = { { 9, 3 }, { 4, 5 }, { 3, 5 }, { 1, 1 } };

    (void)state;
    assert_int_equal(cc_tally_closest(list, 4), 3);
    assert_int_equal(cc_tally_closest(list, 1), 9);
    assert_int_equal(cc_tally_closest(list, 0), 0);
}

static void cap_41_counts_equal_the_rows_they_are_made_of(void **state)
{
    static const uint32_t row[] = { 7, 8, 7, 7, 9, 8, 7 };
    struct cc_tally_count list[3];
    size_t count = 0;
    uint32_t all = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        assert_true(cc_tally_add(list, &count, 3, row[i]));
    }
    assert_int_equal(count, 3);
    assert_int_equal(list[0].count, 4);
    assert_int_equal(list[1].count, 2);
    assert_int_equal(list[2].count, 1);
    for (size_t i = 0; i < count; i++) {
        all += list[i].count;
    }
    assert_int_equal(all, sizeof(row) / sizeof(row[0]));
    assert_false(cc_tally_add(list, &count, 3, 10));
    assert_true(cc_tally_add(list, &count, 3, 9));
}

static struct cc_tally_spend spend(
    const char *territory, const char *currency, int64_t minor, size_t account)
{
    return (struct cc_tally_spend){ .territory = territory,
        .money = { cc_money_currency(sp_slice_text(currency)), minor },
        .account = account };
}

/* "4! 3 ": who is top, ! where the currency is the usual one. */
static const char *tops(const struct cc_tally_spend *list, size_t count)
{
    static char text[64];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (list[i].top) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%zu%s ",
                list[i].account, list[i].usual ? "!" : "");
        }
    }
    return text;
}

static void cap_26_of_a_tie_both_are_listed(void **state)
{
    struct cc_tally_spend list[] = { spend("A", "CNY", 500, 1),
        spend("A", "CNY", 900, 2), spend("A", "CNY", 900, 3),
        spend("A", "CNY", 899, 4) };
    struct cc_tally_spend none[] = { spend("A", "CNY", 0, 1) };

    (void)state;
    assert_int_equal(cc_tally_top(list, 4), 2);
    assert_string_equal(tops(list, 4), "2! 3! ");
    none[0].top = true;
    assert_int_equal(cc_tally_top(none, 1), 0);
    assert_false(none[0].top);
    assert_int_equal(cc_tally_top(NULL, 0), 0);
}

/* Dollars are no more than yuan because they are fewer; what most of a
 * territory buys in is what a rule without a line means. */
static void cap_26_each_territory_and_currency_has_its_own_top(void **state)
{
    struct cc_tally_spend list[] = { spend("A", "CNY", 700, 1),
        spend("B", "USD", 40, 2), spend("A", "USD", 90000, 3),
        spend("A", "CNY", 800, 4), spend("B", "CNY", -5, 5),
        spend("B", "CNY", 6, 6), spend("B", "USD", 39, 7) };

    (void)state;
    assert_int_equal(cc_tally_top(list, 7), 4);
    /* A: yuan by two accounts; B: dollars by two, yuan only by one. */
    assert_string_equal(tops(list, 7), "4! 3 6 2! ");
}

static void cap_37_time_spent_is_shown_against_its_target(void **state)
{
    struct cc_tally_budget b = cc_tally_budget(35 * 60, 65 * 60, 20);

    (void)state;
    assert_int_equal(b.first_percent, 35);
    assert_int_equal(b.second_percent, 65);
    assert_int_equal(b.off_percent, 15);
    b = cc_tally_budget(1, 2, 20);
    assert_int_equal(b.first_percent + b.second_percent, 100);
    b = cc_tally_budget(0, 0, 20);
    assert_int_equal(b.first_percent + b.second_percent, 0);
}

static void cap_38_a_coupon_counts_once_and_keeps_both(void **state)
{
    struct cc_tally_redemption list[] = { { id_of(2), 2000, false },
        { id_of(3), 1000, false }, { id_of(1), 1000, false } };

    (void)state;
    assert_int_equal(cc_tally_flag(list, 1), 0);
    assert_false(list[0].flagged);
    assert_int_equal(cc_tally_flag(list, 2), 1);
    assert_true(list[0].flagged);
    assert_false(list[1].flagged);
    assert_int_equal(cc_tally_flag(list, 3), 2);
    assert_false(list[2].flagged); /* the same moment: the lower id */
    assert_true(list[1].flagged);
    assert_int_equal(cc_tally_flag(list, 0), 0);
}

static void cap_39_three_of_four_by_november_is_behind(void **state)
{
    (void)state;
    assert_true(cc_tally_behind(3, 4, 11));
    assert_true(cc_tally_behind(3, 4, 10));
    assert_false(cc_tally_behind(3, 4, 9));
    assert_false(cc_tally_behind(4, 4, 12));
    assert_false(cc_tally_behind(0, 4, 0));
}

static void cap_40_a_birthday_adds_to_the_tiers_discount(void **state)
{
    (void)state;
    assert_int_equal(cc_tally_discount(10, 5, false), 10);
    assert_int_equal(cc_tally_discount(10, 5, true), 15);
    assert_int_equal(cc_tally_discount(60, 60, true), 100);
}

static void cap_44_who_bought_today_is_invited_or_nudged(void **state)
{
    (void)state;
    assert_int_equal(cc_tally_daily(100, 100, 100), CC_DAILY_INVITE);
    assert_int_equal(cc_tally_daily(100, CC_DAY_NONE, 100), CC_DAILY_NUDGE);
    assert_int_equal(cc_tally_daily(99, CC_DAY_NONE, 100), CC_DAILY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            cap_30_the_closest_has_most_contacts_and_the_lowest_number),
        cmocka_unit_test(cap_41_counts_equal_the_rows_they_are_made_of),
        cmocka_unit_test(cap_26_of_a_tie_both_are_listed),
        cmocka_unit_test(cap_26_each_territory_and_currency_has_its_own_top),
        cmocka_unit_test(cap_37_time_spent_is_shown_against_its_target),
        cmocka_unit_test(cap_38_a_coupon_counts_once_and_keeps_both),
        cmocka_unit_test(cap_39_three_of_four_by_november_is_behind),
        cmocka_unit_test(cap_40_a_birthday_adds_to_the_tiers_discount),
        cmocka_unit_test(cap_44_who_bought_today_is_invited_or_nudged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
