/* Ids, dots, scopes. */
#include "sp/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The sample of RFC 9562, appendix A.6. */
static const char RFC_ID[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

static void sample_of_the_rfc_is_made_from_its_parts(void **state)
{
    /* rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f */
    static const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c,
        0x0c, 0x07, 0x39, 0x8f };
    struct sp_id id = sp_id_make(1645557742000, random);
    char text[SP_ID_TEXT_BYTES];

    (void)state;
    sp_id_format(text, &id);
    assert_string_equal(text, RFC_ID);
    assert_int_equal(sp_id_time_ms(&id), 1645557742000);
}

static void version_and_variant_stand_whatever_the_random_bytes(void **state)
{
    static const uint8_t ones[10] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff };
    struct sp_id id = sp_id_make(0, ones);

    (void)state;
    assert_int_equal(id.b[6], 0x7f);
    assert_int_equal(id.b[8], 0xbf);
}

static void ids_sort_by_the_time_of_their_making(void **state)
{
    static const uint8_t random[10] = { 9 };
    struct sp_id before = sp_id_make(0xfffffffful, random);
    struct sp_id after = sp_id_make(0x100000000ul, (const uint8_t[10]){ 0 });

    (void)state;
    assert_true(sp_id_cmp(&before, &after) < 0);
    assert_false(sp_id_equal(&before, &after));
    assert_true(sp_id_is_zero(&(struct sp_id){ { 0 } }));
    assert_false(sp_id_is_zero(&after));
}

static void ids_of_one_maker_rise_within_a_millisecond(void **state)
{
    static const uint8_t ones[10] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff };
    static const uint8_t zeros[10] = { 0 };
    struct sp_id last = { { 0 } };

    (void)state;
    last = sp_id_next(&last, 1000, ones);
    for (unsigned i = 0; i < 100000; i++) {
        struct sp_id next = sp_id_next(&last, 1000, i % 2 == 0 ? ones : zeros);
        assert_true(sp_id_cmp(&last, &next) < 0);
        assert_int_equal(sp_id_time_ms(&next), 1000);
        assert_int_equal(next.b[6] & 0xf0, 0x70);
        assert_int_equal(next.b[8] & 0xc0, 0x80);
        last = next;
    }
}

static void carry_goes_over_version_and_variant(void **state)
{
    static const uint8_t zeros[10] = { 0 };
    struct sp_id last, next;
    char text[SP_ID_TEXT_BYTES];

    (void)state;
    assert_int_equal(
        sp_id_parse(&last, "00000000-03e8-7123-bfff-ffffffffffff"), SP_OK);
    next = sp_id_next(&last, 1000, zeros);
    sp_id_format(text, &next);
    assert_string_equal(text, "00000000-03e8-7124-8000-000000000000");
    /* a millisecond that is full lends the next one */
    assert_int_equal(
        sp_id_parse(&last, "00000000-03e8-7fff-bfff-ffffffffffff"), SP_OK);
    next = sp_id_next(&last, 1000, zeros);
    sp_id_format(text, &next);
    assert_string_equal(text, "00000000-03e9-7000-8000-000000000000");
}

static void clock_that_steps_back_a_little_keeps_the_order(void **state)
{
    static const uint8_t random[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    const struct sp_id last = sp_id_make(50000, random);
    struct sp_id next = sp_id_next(&last, 50000 - SP_ID_BACK_MS, random);

    (void)state;
    assert_true(sp_id_cmp(&last, &next) < 0);
    assert_int_equal(sp_id_time_ms(&next), 50000);
    /* by more it was wrong before */
    next = sp_id_next(&last, 50000 - SP_ID_BACK_MS - 1, random);
    assert_int_equal(sp_id_time_ms(&next), 50000 - SP_ID_BACK_MS - 1);
    next = sp_id_next(&last, 50001, random);
    assert_int_equal(sp_id_time_ms(&next), 50001);
}

static void id_is_read_with_and_without_dashes(void **state)
{
    struct sp_id a, b;

    (void)state;
    assert_int_equal(sp_id_parse(&a, RFC_ID), SP_OK);
    assert_int_equal(
        sp_id_parse(&b, "017F22E279B07CC398C4DC0C0C07398F"), SP_OK);
    assert_true(sp_id_equal(&a, &b));
}

static void bad_id_text_is_refused_and_changes_nothing(void **state)
{
    static const char *const bad[] = { "", "017f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",   /* a digit less */
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", /* one more */
        "017f22e279b0-7cc3-98c4-dc0c0c07398f-",  /* dash elsewhere */
        "017f22e2-79b0-7cc3-98c4+dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e279b07cc398c4dc0c0c0739-f" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sp_id id = { { 42 } };

        assert_int_equal(sp_id_parse(&id, bad[i]), SP_E_ARGUMENT);
        assert_int_equal(id.b[0], 42);
        assert_int_equal(id.b[1], 0);
    }
}

static void replica_is_device_and_incarnation(void **state)
{
    sp_replica r = sp_replica_make(0x7fffffff, 0x11223344);

    (void)state;
    assert_true(r == 0x7fffffff11223344);
    assert_int_equal(sp_replica_device(r), 0x7fffffff);
}

static void dots_sort_by_replica_then_counter(void **state)
{
    static const struct sp_dot rising[] = { { 1, 5 }, { 1, 6 }, { 2, 1 },
        { UINT64_MAX, 1 } };

    (void)state;
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            assert_int_equal(
                sp_dot_cmp(&rising[i], &rising[j]), (i > j) - (i < j));
        }
    }
}

static void refs_differ_by_type_and_by_id(void **state)
{
    struct sp_ref a = { 1, { { 1 } } }, b = { 2, { { 1 } } };
    struct sp_ref c = { 1, { { 2 } } };

    (void)state;
    assert_true(sp_ref_equal(&a, &a));
    assert_false(sp_ref_equal(&a, &b));
    assert_false(sp_ref_equal(&a, &c));
}

static void scope_tells_its_kind_and_is_the_same_everywhere(void **state)
{
    struct sp_id north =
        sp_scope_make(SP_SCOPE_TERRITORY, sp_slice_text("north"));
    struct sp_id ledger =
        sp_scope_make(SP_SCOPE_LEDGER, sp_slice_text("north"));
    struct sp_id person = sp_scope_person(4294967295u);
    struct sp_id by_name =
        sp_scope_make(SP_SCOPE_PERSON, sp_slice_text("4294967295"));
    char text[33];

    (void)state;
    assert_int_equal(sp_scope_kind_of(&north), SP_SCOPE_TERRITORY);
    assert_int_equal(sp_scope_kind_of(&ledger), SP_SCOPE_LEDGER);
    assert_memory_not_equal(north.b + 1, ledger.b + 1, 15);
    assert_true(sp_id_equal(&person, &by_name));
    /* BLAKE2b-128("satchel-scope" 01 "north") by another implementation */
    sp_hex(text, north.b, 16);
    assert_string_equal(text, "014256e929b7c5b114c4ce09f9cd5b9a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_of_the_rfc_is_made_from_its_parts),
        cmocka_unit_test(version_and_variant_stand_whatever_the_random_bytes),
        cmocka_unit_test(ids_sort_by_the_time_of_their_making),
        cmocka_unit_test(ids_of_one_maker_rise_within_a_millisecond),
        cmocka_unit_test(carry_goes_over_version_and_variant),
        cmocka_unit_test(clock_that_steps_back_a_little_keeps_the_order),
        cmocka_unit_test(id_is_read_with_and_without_dashes),
        cmocka_unit_test(bad_id_text_is_refused_and_changes_nothing),
        cmocka_unit_test(replica_is_device_and_incarnation),
        cmocka_unit_test(dots_sort_by_replica_then_counter),
        cmocka_unit_test(refs_differ_by_type_and_by_id),
        cmocka_unit_test(scope_tells_its_kind_and_is_the_same_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
