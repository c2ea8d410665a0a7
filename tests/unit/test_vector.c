/* Version vectors. */
#include "sp/vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "records.h"
#include "sp/limits.h"

static struct sp_arena arena;

static int set_up(void **state)
{
    (void)state;
    sp_arena_init(&arena, 1u << 24);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_free(&arena);
    return 0;
}

/* "ab" order, replicas 1 to 3 as counters in a string: "102" is {1:1, 3:2}. */
static struct sp_vector vec(const char *digits)
{
    struct sp_dot *dot = sp_arena_take(&arena, strlen(digits), sizeof *dot);
    uint32_t count = 0;

    assert_non_null(dot);
    for (uint32_t i = 0; digits[i] != '\0'; i++) {
        if (digits[i] != '0') {
            dot[count++] = DOT(i + 1, (uint64_t)(digits[i] - '0'));
        }
    }
    return (struct sp_vector){ count, dot };
}

static void vectors_say_who_has_seen_what_of_whom(void **state)
{
    static const struct {
        const char *a, *b;
        enum sp_order order;
        const char *join;
    } cases[] = {
        { "", "", SP_EQUAL, "" },
        { "", "1", SP_BEFORE, "1" },
        { "12", "12", SP_EQUAL, "12" },
        { "13", "12", SP_AFTER, "13" },
        { "102", "112", SP_BEFORE, "112" },
        { "12", "21", SP_CONCURRENT, "22" },
        { "100", "001", SP_CONCURRENT, "101" },
        { "120", "031", SP_CONCURRENT, "131" },
        { "999", "990", SP_AFTER, "999" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_vector a = vec(cases[i].a), b = vec(cases[i].b);
        struct sp_vector expected = vec(cases[i].join), out;
        enum sp_order order = cases[i].order;

        assert_int_equal(sp_vector_cmp(&a, &b), order);
        assert_int_equal(sp_vector_cmp(&b, &a), order == SP_BEFORE  ? SP_AFTER
                                                : order == SP_AFTER ? SP_BEFORE
                                                                    : order);
        assert_int_equal(sp_vector_join(&a, &b, &arena, &out), SP_OK);
        assert_int_equal(sp_vector_cmp(&out, &expected), SP_EQUAL);
        assert_int_equal(sp_vector_join(&b, &a, &arena, &out), SP_OK);
        assert_int_equal(sp_vector_cmp(&out, &expected), SP_EQUAL);
        assert_true(sp_vector_valid(&out));
    }
}

static void join_takes_no_memory_when_one_side_has_seen_all(void **state)
{
    struct sp_vector a = vec("12"), b = vec("123"), out;
    struct sp_arena none;

    (void)state;
    sp_arena_init(&none, 0);
    assert_int_equal(sp_vector_join(&a, &b, &none, &out), SP_OK);
    assert_ptr_equal(out.dot, b.dot);
    assert_int_equal(sp_vector_join(&b, &a, &none, &out), SP_OK);
    assert_ptr_equal(out.dot, b.dot);
    assert_int_equal(sp_vector_add(&b, DOT(3, 3), &none, &out), SP_OK);
    assert_ptr_equal(out.dot, b.dot);
}

static void counters_are_found_and_absent_ones_are_zero(void **state)
{
    struct sp_vector v = vec("1030509");

    (void)state;
    assert_int_equal(sp_vector_get(&v, 0), 0);
    assert_int_equal(sp_vector_get(&v, 1), 1);
    assert_int_equal(sp_vector_get(&v, 2), 0);
    assert_int_equal(sp_vector_get(&v, 7), 9);
    assert_int_equal(sp_vector_get(&v, 8), 0);
    assert_true(sp_vector_covers(&v, DOT(5, 5)));
    assert_true(sp_vector_covers(&v, DOT(5, 1)));
    assert_false(sp_vector_covers(&v, DOT(5, 6)));
    assert_false(sp_vector_covers(&v, DOT(2, 1)));
}

static void added_dot_stands_in_its_place(void **state)
{
    static const struct {
        const char *before;
        struct sp_dot dot;
        const char *after;
    } cases[] = {
        { "", { 2, 4 }, "04" },
        { "01", { 1, 4 }, "41" },
        { "101", { 2, 4 }, "141" },
        { "1", { 3, 4 }, "104" },
        { "123", { 2, 4 }, "143" },
        { "193", { 2, 4 }, "193" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_vector v = vec(cases[i].before), out;
        struct sp_vector expected = vec(cases[i].after);

        assert_int_equal(sp_vector_add(&v, cases[i].dot, &arena, &out), SP_OK);
        assert_int_equal(sp_vector_cmp(&out, &expected), SP_EQUAL);
        assert_true(sp_vector_valid(&out));
    }
}

/* Replicas first, first + 2, ... */
static struct sp_vector odd(sp_replica first, uint32_t count)
{
    struct sp_dot *dot = sp_arena_take(&arena, count, sizeof *dot);

    assert_non_null(dot);
    for (uint32_t i = 0; i < count; i++) {
        dot[i] = DOT(first + 2 * i, 1);
    }
    return (struct sp_vector){ count, dot };
}

static void vector_names_at_most_1024_replicas(void **state)
{
    struct sp_vector half = odd(1, 512), out = { 77, NULL };
    struct sp_vector full = odd(1, SP_VECTOR_DOTS_MAX);

    (void)state;
    for (uint32_t more = 511; more <= 513; more++) {
        struct sp_vector v = odd(2, more);
        sp_err err = sp_vector_join(&half, &v, &arena, &out);

        assert_int_equal(err, more == 513 ? SP_E_TOO_LARGE : SP_OK);
        assert_int_equal(out.count, more == 513 ? 1024 : 512 + more);
    }
    for (uint32_t count = 1022; count <= 1024; count++) {
        struct sp_vector v = odd(1, count);
        sp_err err = sp_vector_add(&v, DOT(2, 1), &arena, &out);

        assert_int_equal(err, count == 1024 ? SP_E_TOO_LARGE : SP_OK);
    }
    assert_int_equal(sp_vector_add(&full, DOT(1, 2), &arena, &out), SP_OK);
    assert_true(sp_vector_valid(&full));
    full = odd(1, SP_VECTOR_DOTS_MAX + 1);
    assert_false(sp_vector_valid(&full));
}

static void vector_without_order_or_with_odd_counters_is_not_valid(void **state)
{
    static const struct {
        struct sp_dot dot[2];
        bool valid;
    } cases[] = {
        { { { 1, 1 }, { 2, 1 } }, true },
        { { { 2, 1 }, { 1, 1 } }, false },
        { { { 1, 1 }, { 1, 2 } }, false },
        { { { 0, 1 }, { 1, 2 } }, false },
        { { { 1, 0 }, { 2, 2 } }, false },
        { { { 1, 1 }, { 2, SP_COUNTER_MAX - 1 } }, true },
        { { { 1, 1 }, { 2, SP_COUNTER_MAX } }, true },
        { { { 1, 1 }, { 2, SP_COUNTER_MAX + 1 } }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_vector v = { 2, cases[i].dot };

        assert_int_equal(sp_vector_valid(&v), cases[i].valid);
    }
}

static void without_memory_the_result_stays_as_it_was(void **state)
{
    struct sp_vector a = vec("12"), b = vec("21"), out = { 77, NULL };
    struct sp_arena none;

    (void)state;
    sp_arena_init(&none, 16);
    assert_int_equal(sp_vector_join(&a, &b, &none, &out), SP_E_NOMEM);
    assert_int_equal(sp_vector_add(&a, DOT(3, 1), &none, &out), SP_E_NOMEM);
    assert_int_equal(out.count, 77);
    assert_null(out.dot);
    sp_arena_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_say_who_has_seen_what_of_whom),
        cmocka_unit_test(join_takes_no_memory_when_one_side_has_seen_all),
        cmocka_unit_test(counters_are_found_and_absent_ones_are_zero),
        cmocka_unit_test(added_dot_stands_in_its_place),
        cmocka_unit_test(vector_names_at_most_1024_replicas),
        cmocka_unit_test(
            vector_without_order_or_with_odd_counters_is_not_valid),
        cmocka_unit_test(without_memory_the_result_stays_as_it_was),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
