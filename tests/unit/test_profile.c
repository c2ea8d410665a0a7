/* test_profile.c - how complete a person's file is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/profile.h"

static void cap_6_seven_hard_and_four_soft_are_46_percent(void **state)
{
    (void)state;
    assert_int_equal(cc_profile_percent(7, 10, 4, 10), 46);
    assert_int_equal(cc_profile_percent(0, 10, 0, 10), 0);
    assert_int_equal(cc_profile_percent(10, 10, 10, 10), 100);
    assert_int_equal(cc_profile_percent(10, 10, 0, 10), 20);
    assert_int_equal(cc_profile_percent(0, 10, 10, 10), 80);
}

static void what_the_template_hides_is_not_missed(void **state)
{
    (void)state;
    assert_int_equal(cc_profile_percent(8, 8, 10, 10), 100);
    assert_int_equal(cc_profile_percent(4, 8, 0, 10), 10);
    assert_int_equal(cc_profile_percent(0, 0, 10, 10), 80);
}

static void spread_has_mean_median_and_share_of_good_ones(void **state)
{
    (void)state;
    unsigned one[] = { 100, 0, 59, 60 };
    struct cc_profile_spread s = cc_profile_spread(one, 4);

    assert_int_equal(s.mean, 55);   /* 54.75 */
    assert_int_equal(s.median, 60); /* 59.5 */
    assert_int_equal(s.good, 50);
    assert_int_equal(cc_profile_spread(one, 0).mean, 0);
    unsigned three[] = { 10, 20, 60 };
    s = cc_profile_spread(three, 3);
    assert_int_equal(s.median, 20);
    assert_int_equal(s.good, 33);
}

static void cap_6_a_sample_is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    size_t a[5], b[5], all[3];
    unsigned seen[20] = { 0 };

    assert_int_equal(cc_profile_sample(7, 20, 5, a), 5);
    assert_int_equal(cc_profile_sample(7, 20, 5, b), 5);
    assert_memory_equal(a, b, sizeof(a));
    for (size_t i = 1; i < 5; i++) {
        assert_true(a[i - 1] < a[i]);
    }
    assert_int_equal(cc_profile_sample(1, 3, 5, all), 3);
    assert_int_equal(cc_profile_sample(1, 0, 5, all), 0);
    /* over many seeds each item is taken about as often: 500 of 2,000 */
    for (uint64_t seed = 0; seed < 2000; seed++) {
        (void)cc_profile_sample(seed, 20, 5, a);
        for (size_t i = 0; i < 5; i++) {
            seen[a[i]]++;
        }
    }
    for (size_t i = 0; i < 20; i++) {
        assert_in_range(seen[i], 400, 600);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_6_seven_hard_and_four_soft_are_46_percent),
        cmocka_unit_test(what_the_template_hides_is_not_missed),
        cmocka_unit_test(spread_has_mean_median_and_share_of_good_ones),
        cmocka_unit_test(cap_6_a_sample_is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
