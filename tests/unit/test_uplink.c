/* test_uplink.c - when a branch exchanges with head office. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/uplink.h"

#define MINUTE 60000u
#define NOW    1790000000000u

static const struct sv_uplink_plan plan = { .from_minute = 60,
    .to_minute = 300,
    .jitter_ms = 3600000,
    .retry_min_ms = 5000,
    .retry_max_ms = 300000,
    .retries = 40 };

static void the_next_night_begins_at_the_windows_opening(void **state)
{
    (void)state;
    assert_true(sv_uplink_next(&plan, NOW, 0, 0) == NOW + 60 * MINUTE);
    assert_true(sv_uplink_next(&plan, NOW, 59, 0) == NOW + MINUTE);
    assert_true(sv_uplink_next(&plan, NOW, 60, 0) == NOW + 1440u * MINUTE);
    assert_true(sv_uplink_next(&plan, NOW, 1439, 0) == NOW + 61 * MINUTE);
}

static void jitter_spreads_the_start_and_keeps_within_the_window(void **state)
{
    (void)state;
    struct sv_uplink_plan narrow = plan;
    narrow.from_minute = 1430;
    narrow.to_minute = 5; /* fifteen minutes over midnight */
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t random = i * 4294967u;
        uint64_t at = sv_uplink_next(&plan, NOW, 0, random) - NOW;
        assert_true(at >= 60 * MINUTE && at < 120 * MINUTE);
        at = sv_uplink_next(&narrow, NOW, 0, random) - NOW;
        assert_true(at >= 1430 * MINUTE && at < 1445 * MINUTE);
    }
}

static void pauses_double_up_to_their_bound(void **state)
{
    (void)state;
    static const struct {
        unsigned tries;
        uint64_t bound;
    } cases[] = { { 1, 5000 }, { 2, 10000 }, { 3, 20000 }, { 6, 160000 },
        { 7, 300000 }, { 40, 300000 }, { 4000000000u, 300000 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t least = UINT64_MAX, most = 0;
        for (uint32_t j = 0; j < 2000; j++) {
            uint64_t p = sv_uplink_pause(&plan, cases[i].tries, j * 2147483u);
            least = p < least ? p : least;
            most = p > most ? p : most;
        }
        assert_true(least >= cases[i].bound / 2);
        assert_true(most <= cases[i].bound);
        assert_true(most - least > cases[i].bound / 4); /* it is spread */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_night_begins_at_the_windows_opening),
        cmocka_unit_test(jitter_spreads_the_start_and_keeps_within_the_window),
        cmocka_unit_test(pauses_double_up_to_their_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
