/* Slices, buffers and the arena. */
#include "sp/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void slices_order_as_memcmp_with_the_shorter_first(void **state)
{
    static const char *const rising[] = { "", "a", "aa", "ab", "b" };

    (void)state;
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++) {
            struct sp_slice a = sp_slice_text(rising[i]);
            struct sp_slice b = sp_slice_text(rising[j]);
            int order = sp_slice_cmp(a, b);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(sp_slice_equal(a, b), i == j);
        }
    }
    assert_true(
        sp_slice_equal((struct sp_slice){ NULL, 0 }, sp_slice_of("x", 0)));
}

static void buffer_takes_up_to_its_ceiling_and_no_byte_more(void **state)
{
    static const struct {
        size_t size;
        sp_err err;
    } cases[] = { { 99, SP_OK }, { 100, SP_OK }, { 101, SP_E_TOO_LARGE } };
    uint8_t bytes[101] = { 7 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct sp_buf b;

        sp_buf_init(&b, 100);
        sp_buf_put(&b, bytes, cases[i].size);
        assert_int_equal(b.err, cases[i].err);
        assert_int_equal(b.size, cases[i].err == SP_OK ? cases[i].size : 0);
        assert_true(b.capacity <= 100);
        sp_buf_free(&b);
    }
}

static void first_error_of_a_buffer_stays_until_reset(void **state)
{
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4);
    sp_buf_put_u32be(&b, 0x01020304);
    sp_buf_put_u8(&b, 5);
    assert_int_equal(b.err, SP_E_TOO_LARGE);
    assert_null(sp_buf_grow(&b, 0));
    assert_int_equal(b.size, 4);
    sp_buf_reset(&b);
    assert_int_equal(b.err, SP_OK);
    sp_buf_put_u16be(&b, 0x0506);
    assert_int_equal(b.err, SP_OK);
    assert_memory_equal(b.data, "\x05\x06", 2);
    sp_buf_free(&b);
}

static void buffer_grows_through_many_small_appends(void **state)
{
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 1u << 20);
    for (uint64_t i = 0; i < 10000; i++) {
        sp_buf_put_u64be(&b, i);
    }
    assert_int_equal(b.err, SP_OK);
    assert_int_equal(sp_buf_slice(&b).size, 80000);
    for (uint64_t i = 0; i < 10000; i++) {
        assert_int_equal(sp_get_u64be(b.data + 8 * i), i);
    }
    sp_buf_wipe(&b);
    assert_null(b.data);
    assert_int_equal(b.ceiling, 1u << 20);
}

static void arena_memory_is_zero_and_aligned_also_after_reset(void **state)
{
    static const uint8_t zero[5000];
    struct sp_arena a;

    (void)state;
    sp_arena_init(&a, 1u << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 5000; size = size * 2 + 1) {
            uint8_t *p = sp_arena_take(&a, size, 1);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            assert_memory_equal(p, zero, size);
            memset(p, 0xaa, size);
        }
        sp_arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    sp_arena_free(&a);
}

static void arena_reuses_its_block_after_reset(void **state)
{
    struct sp_arena a;
    const void *first;

    (void)state;
    sp_arena_init(&a, 1u << 20);
    first = sp_arena_take(&a, 100, 1);
    assert_non_null(first);
    for (int i = 0; i < 100; i++) {
        sp_arena_reset(&a);
        assert_ptr_equal(sp_arena_take(&a, 100, 1), first);
    }
    sp_arena_free(&a);
}

static void arena_gives_up_to_its_ceiling_and_no_byte_more(void **state)
{
    static const size_t ceilings[] = { 16, 64, 4096, 5008, 100000 };

    (void)state;
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
        struct sp_arena a;
        size_t c = ceilings[i];

        sp_arena_init(&a, c);
        assert_null(sp_arena_take(&a, c + 1, 1));
        assert_non_null(sp_arena_take(&a, c - 15, 1));
        assert_null(sp_arena_take(&a, 1, 1));
        assert_non_null(sp_arena_take(&a, 0, 1));
        sp_arena_reset(&a);
        assert_non_null(sp_arena_take(&a, c - 1, 1));
        sp_arena_reset(&a);
        assert_non_null(sp_arena_take(&a, 1, c));
        sp_arena_free(&a);
    }
}

static void arena_refuses_products_that_wrap(void **state)
{
    struct sp_arena a;

    (void)state;
    sp_arena_init(&a, SIZE_MAX / 2);
    assert_null(sp_arena_take(&a, SIZE_MAX / 4, 5));
    assert_null(sp_arena_take(&a, 1, SIZE_MAX));
    assert_null(sp_arena_take(&a, SIZE_MAX, 1));
    assert_int_equal(a.used, 0);
    sp_arena_free(&a);
}

static void arena_copies_keep_their_bytes_across_blocks(void **state)
{
    enum { COPIES = 2000 };
    static struct sp_slice copy[COPIES];
    struct sp_arena a;

    (void)state;
    sp_arena_init(&a, 1u << 20);
    for (uint32_t i = 0; i < COPIES; i++) {
        uint8_t bytes[4];

        sp_set_u32be(bytes, i);
        copy[i] = sp_arena_copy(&a, SP_SLICE(bytes));
        assert_non_null(copy[i].data);
    }
    for (uint32_t i = 0; i < COPIES; i++) {
        assert_int_equal(sp_get_u32be(copy[i].data), i);
    }
    assert_int_equal(sp_arena_copy(&a, (struct sp_slice){ NULL, 0 }).size, 0);
    sp_arena_free(&a);
    sp_arena_free(NULL);
}

static void hex_is_read_back_in_either_case(void **state)
{
    uint8_t bytes[3] = { 1, 2, 3 };
    char text[7];

    (void)state;
    assert_int_equal(sp_unhex(bytes, 3, "00FfA9"), SP_OK);
    sp_hex(text, bytes, 3);
    assert_string_equal(text, "00ffa9");
}

static void bad_hex_changes_nothing(void **state)
{
    static const char *const bad[] = { "", "00", "0000", "00000", "0000000",
        "00000000", "0000g0", "00 000", "-00000", "0x0000" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[3] = { 1, 2, 3 };

        assert_int_equal(sp_unhex(bytes, 3, bad[i]), SP_E_ARGUMENT);
        assert_memory_equal(bytes, "\1\2\3", 3);
    }
}

static void integers_stand_in_their_byte_order(void **state)
{
    uint8_t b[8];

    (void)state;
    sp_set_u64be(b, 0x0102030405060708);
    assert_memory_equal(b, "\1\2\3\4\5\6\7\10", 8);
    assert_int_equal(sp_get_u16be(b), 0x0102);
    assert_int_equal(sp_get_u32be(b), 0x01020304);
    assert_int_equal(sp_get_u64be(b), 0x0102030405060708);
    assert_int_equal(sp_get_u64le(b), 0x0807060504030201);
    sp_set_u64le(b, 0x0102030405060708);
    assert_memory_equal(b, "\10\7\6\5\4\3\2\1", 8);
    sp_set_u64be(b, UINT64_MAX - 1);
    assert_true(sp_get_u64be(b) == UINT64_MAX - 1);
}

static void a_list_in_an_arena_grows_and_keeps_what_it_has(void **state)
{
    struct sp_arena a;
    uint32_t *list = NULL;
    size_t count = 0;
    (void)state;
    sp_arena_init(&a, 4096);
    while (count < 100) {
        uint32_t *grown = sp_arena_grow(&a, list, count, sizeof *list);
        assert_non_null(grown);
        list = grown;
        list[count] = (uint32_t)count;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i], i);
    }
    assert_null(sp_arena_grow(&a, list, 1024, sizeof *list)); /* ceiling */
    assert_null(sp_arena_grow(&a, list, SIZE_MAX / 2 + 1, sizeof *list));
    sp_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_in_an_arena_grows_and_keeps_what_it_has),
        cmocka_unit_test(slices_order_as_memcmp_with_the_shorter_first),
        cmocka_unit_test(buffer_takes_up_to_its_ceiling_and_no_byte_more),
        cmocka_unit_test(first_error_of_a_buffer_stays_until_reset),
        cmocka_unit_test(buffer_grows_through_many_small_appends),
        cmocka_unit_test(arena_memory_is_zero_and_aligned_also_after_reset),
        cmocka_unit_test(arena_reuses_its_block_after_reset),
        cmocka_unit_test(arena_gives_up_to_its_ceiling_and_no_byte_more),
        cmocka_unit_test(arena_refuses_products_that_wrap),
        cmocka_unit_test(arena_copies_keep_their_bytes_across_blocks),
        cmocka_unit_test(hex_is_read_back_in_either_case),
        cmocka_unit_test(bad_hex_changes_nothing),
        cmocka_unit_test(integers_stand_in_their_byte_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
