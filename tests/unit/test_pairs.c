/* test_pairs.c - which of many customers may be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "book/pairs.h"

#define BYTES_MAX (8u << 20)

struct book {
    struct sp_arena arena;
    struct cc_pairs pairs;
    struct cc_pair *pair;
    size_t count;
};

static int set_up(void **state)
{
    static struct book book;

    book = (struct book){ .count = 0 };
    sp_arena_init(&book.arena, BYTES_MAX);
    book.pairs.arena = &book.arena;
    *state = &book;
    return 0;
}

static int tear_down(void **state)
{
    sp_arena_free(&((struct book *)*state)->arena);
    return 0;
}

static void name(struct book *b, uint32_t at, const char *text)
{
    assert_int_equal(cc_pairs_add(&b->pairs, at, CC_DUPLICATE_NAME,
                         cc_pairs_name_key(sp_slice_text(text))),
        SP_OK);
}

static void phone(struct book *b, uint32_t at, const char *text)
{
    assert_int_equal(cc_pairs_add(&b->pairs, at, CC_DUPLICATE_PHONE,
                         cc_pairs_phone_key(sp_slice_text(text))),
        SP_OK);
}

static void find(struct book *b)
{
    assert_int_equal(cc_pairs_find(&b->pairs, &b->pair, &b->count), SP_OK);
}

static void is_pair(const struct book *b, size_t i, uint32_t older,
    uint32_t newer, unsigned why)
{
    assert_int_equal(b->pair[i].older, older);
    assert_int_equal(b->pair[i].newer, newer);
    assert_int_equal(b->pair[i].reasons, why);
}

static void one_number_however_it_is_written_is_one_pair(void **state)
{
    struct book *b = (struct book *)*state;

    phone(b, 3, "+8613812345678");
    phone(b, 1, "138 1234 5678");
    phone(b, 2, "+8613812345679");
    phone(b, 2, "12"); /* tells nobody from another */
    phone(b, 1, "12");
    find(b);
    assert_int_equal(b->count, 1);
    is_pair(b, 0, 1, 3, CC_DUPLICATE_PHONE);
}

static void signs_and_blanks_of_a_name_do_not_count(void **state)
{
    struct book *b = (struct book *)*state;

    name(b, 0, "老王茶行");
    name(b, 1, "老王·茶行 ");
    name(b, 2, "老王茶行二店");
    name(b, 3, "王"); /* one character alone is no name */
    name(b, 4, "王");
    name(b, 5, "--");
    name(b, 6, "--");
    find(b);
    assert_int_equal(b->count, 1);
    is_pair(b, 0, 0, 1, CC_DUPLICATE_NAME);
}

static void name_and_number_in_common_are_one_pair_of_two_reasons(void **state)
{
    struct book *b = (struct book *)*state;

    name(b, 0, "abc");
    name(b, 1, "abc");
    phone(b, 0, "+862162345678");
    phone(b, 1, "+862162345678");
    phone(b, 1, "021-62345678"); /* the same number twice */
    find(b);
    assert_int_equal(b->count, 1);
    is_pair(b, 0, 0, 1, CC_DUPLICATE_NAME | CC_DUPLICATE_PHONE);
}

static void a_switchboard_makes_one_pair_each_and_not_each_with_each(
    void **state)
{
    struct book *b = (struct book *)*state;

    for (uint32_t i = 0; i < 1000; i++) {
        phone(b, 999 - i, "+862162345678");
    }
    find(b);
    assert_int_equal(b->count, 999);
    for (uint32_t i = 0; i < 999; i++) {
        is_pair(b, i, 0, i + 1, CC_DUPLICATE_PHONE);
    }
}

static void who_has_nothing_in_common_is_in_no_pair(void **state)
{
    struct book *b = (struct book *)*state;

    find(b);
    assert_int_equal(b->count, 0);
    name(b, 0, "one");
    name(b, 1, "two");
    phone(b, 2, "+862162345678");
    find(b);
    assert_int_equal(b->count, 0);
}

static void apart(struct book *b, uint32_t one, uint32_t other)
{
    assert_int_equal(cc_pairs_apart(&b->pairs, one, other), SP_OK);
}

static void who_was_told_apart_from_the_oldest_is_asked_about_the_next(
    void **state)
{
    struct book *b = (struct book *)*state;

    for (uint32_t i = 0; i < 4; i++) {
        name(b, i, "老王茶行");
    }
    apart(b, 1, 0);
    apart(b, 0, 2);
    apart(b, 3, 0);
    apart(b, 3, 1);
    apart(b, 2, 3);
    find(b);
    assert_int_equal(b->count, 1);
    is_pair(b, 0, 1, 2, CC_DUPLICATE_NAME);
}

static void only_pairs_with_a_new_one_are_looked_for(void **state)
{
    struct book *b = (struct book *)*state;

    assert_int_equal(cc_pairs_since(&b->pairs, 100), SP_OK);
    name(b, 100, "new and old");
    phone(b, 101, "+862162345678");
    phone(b, 102, "+862162345678");
    for (uint32_t i = 0; i < 100; i++) {
        name(b, i, i % 50 == 7 ? "new and old" : "old alone");
        phone(b, i, "13812345678");
    }
    assert_true(b->pairs.keys < 10); /* what cannot make a pair is not kept */
    find(b);
    assert_int_equal(b->count, 2);
    is_pair(b, 0, 7, 100, CC_DUPLICATE_NAME);
    is_pair(b, 1, 101, 102, CC_DUPLICATE_PHONE);
}

static void an_issue_has_one_id_whoever_asks(void **state)
{
    const struct sp_id a = { { 1 } }, c = { { 2 } };
    struct sp_id x = cc_pairs_issue(&a, &c), y = cc_pairs_issue(&a, &c);

    (void)state;
    assert_true(sp_id_equal(&x, &y));
    y = cc_pairs_issue(&c, &a);
    assert_false(sp_id_equal(&x, &y));
    assert_int_equal(sp_id_time_ms(&x), sp_id_time_ms(&a));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_number_however_it_is_written_is_one_pair),
        TEST(signs_and_blanks_of_a_name_do_not_count),
        TEST(name_and_number_in_common_are_one_pair_of_two_reasons),
        TEST(a_switchboard_makes_one_pair_each_and_not_each_with_each),
        TEST(who_has_nothing_in_common_is_in_no_pair),
        TEST(who_was_told_apart_from_the_oldest_is_asked_about_the_next),
        TEST(only_pairs_with_a_new_one_are_looked_for),
        TEST(an_issue_has_one_id_whoever_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
