/* Hybrid time. */
#include "sp/hlc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sp/limits.h"

#define AT(ms, n) ((sp_hlc)(ms) << 16 | (n))

static void own_time_rises_whatever_the_wall_clock_does(void **state)
{
    static const struct {
        sp_hlc last;
        uint64_t now_ms;
        sp_hlc next;
    } cases[] = {
        { 0, 1000, AT(1000, 0) },           /* the clock leads */
        { AT(1000, 0), 1000, AT(1000, 1) }, /* twice in a millisecond */
        { AT(1000, 7), 400, AT(1000, 8) },  /* the clock was set back */
        { AT(1000, 0xffff), 1000, AT(1001, 0) },
        { AT(0xffffffffffff, 0xfffe), 0, UINT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sp_hlc next = sp_hlc_tick(cases[i].last, cases[i].now_ms);

        assert_true(next == cases[i].next);
        assert_true(next > cases[i].last);
    }
}

static void wall_clock_beyond_48_bits_is_cut(void **state)
{
    (void)state;
    assert_true(sp_hlc_tick(0, UINT64_MAX) == AT(0xffffffffffff, 0));
    assert_true(sp_hlc_see(5, 6, UINT64_MAX) == 6);
}

static void foreign_time_moves_the_own_at_most_a_day_ahead(void **state)
{
    static const uint64_t now = 1700000000000, day = SP_HLC_AHEAD_MS_MAX;
    static const struct {
        uint64_t seen_ms, then_ms;
    } cases[] = {
        { 1600000000000, 1700000000000 },
        { 1700000000000 + SP_HLC_AHEAD_MS_MAX - 1,
            1700000000000 + SP_HLC_AHEAD_MS_MAX - 1 },
        { 1700000000000 + SP_HLC_AHEAD_MS_MAX,
            1700000000000 + SP_HLC_AHEAD_MS_MAX },
        { 1700000000000 + SP_HLC_AHEAD_MS_MAX + 1,
            1700000000000 + SP_HLC_AHEAD_MS_MAX },
        { 0xffffffffffff, 1700000000000 + SP_HLC_AHEAD_MS_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sp_hlc then = sp_hlc_see(AT(now, 0), AT(cases[i].seen_ms, 3), now);

        assert_int_equal(sp_hlc_ms(then), cases[i].then_ms);
        assert_true(then <= AT(now + day, 0));
    }
}

static void own_time_never_falls_when_it_sees_an_older_one(void **state)
{
    (void)state;
    assert_true(sp_hlc_see(AT(500, 9), AT(500, 8), 100) == AT(500, 9));
    /* Own time from before a clock was set back by a year stays. */
    assert_true(sp_hlc_see(AT(1ull << 40, 0), 5, 7) == AT(1ull << 40, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_time_rises_whatever_the_wall_clock_does),
        cmocka_unit_test(wall_clock_beyond_48_bits_is_cut),
        cmocka_unit_test(foreign_time_moves_the_own_at_most_a_day_ahead),
        cmocka_unit_test(own_time_never_falls_when_it_sees_an_older_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
