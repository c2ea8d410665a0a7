/*
 * Seeded days of work with faults. SATCHEL_SEED runs one seed, and
 * SATCHEL_SIM_SEEDS says how many are run from SATCHEL_SIM_FIRST on;
 * SATCHEL_SIM_TEST picks tests by a pattern.
 */
#include "day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIRST_SEED 20260101u
#define SEEDS      10u

static unsigned long long from_env(const char *name, unsigned long long other)
{
    const char *text = getenv(name);

    return text == NULL ? other : strtoull(text, NULL, 10);
}

/* Runs a world; its trace. */
static uint64_t run(uint64_t seed, const struct sim_plan *plan)
{
    struct sim_world *w = sim_world_new(seed);

    (void)sim_world_add(w, 211, 11); /* Anna's second phone */
    sim_day(w, plan);
    uint64_t trace = w->trace;
    sim_world_free(w);
    return trace;
}

static void run_seeds(const struct sim_plan *plan)
{
    unsigned long long first = from_env("SATCHEL_SEED", 0);
    unsigned long long count =
        first != 0 ? 1 : from_env("SATCHEL_SIM_SEEDS", SEEDS);

    first = first != 0 ? first : from_env("SATCHEL_SIM_FIRST", FIRST_SEED);
    (void)printf("# SATCHEL_SEED=%llu, %llu seeds\n", first, count);
    for (unsigned long long i = 0; i < count; i++) {
        (void)run(first + i, plan);
    }
}

static void without_faults_all_converge(void **state)
{
    const struct sim_plan plan = { SIM_CALM, 400, 0, true };

    (void)state;
    run_seeds(&plan);
}

static void with_faults_nothing_is_lost_and_all_converge(void **state)
{
    const struct sim_plan plan = { SIM_CALM, 500, 30, true };

    (void)state;
    run_seeds(&plan);
}

static void rights_that_change_leave_nothing_behind(void **state)
{
    const struct sim_plan plan = { SIM_STORMY, 500, 25, true };

    (void)state;
    run_seeds(&plan);
}

static void upheavals_leave_one_answer_to_everything(void **state)
{
    const struct sim_plan plan = { SIM_UPHEAVAL, 500, 25, true };

    (void)state;
    run_seeds(&plan);
}

/* What a live round left unread (a value carried to a merge's survivor), an
 * account that changed its scope in it, and an acceptance that was known before
 * the refusal's item came. */
static void seeds_that_found_faults_find_them_no_more(void **state)
{
    const struct sim_plan stormy = { SIM_STORMY, 500, 25, false },
                          upheaval = { SIM_UPHEAVAL, 500, 25, false };

    (void)state;
    (void)run(20262025, &stormy);
    (void)run(20263015, &stormy);
    (void)run(20262271, &upheaval);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
    const struct sim_plan plan = { SIM_STORMY, 200, 25, true };
    uint64_t seed = from_env("SATCHEL_SEED", FIRST_SEED);

    (void)state;
    assert_int_equal(run(seed, &plan), run(seed, &plan));
    assert_int_not_equal(run(seed, &plan), run(seed + 1u, &plan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_all_converge),
        cmocka_unit_test(with_faults_nothing_is_lost_and_all_converge),
        cmocka_unit_test(rights_that_change_leave_nothing_behind),
        cmocka_unit_test(upheavals_leave_one_answer_to_everything),
        cmocka_unit_test(seeds_that_found_faults_find_them_no_more),
        cmocka_unit_test(the_same_seed_gives_the_same_trace),
    };
    cmocka_set_test_filter(getenv("SATCHEL_SIM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
