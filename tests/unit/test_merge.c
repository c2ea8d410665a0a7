/* The one merge: SYNC M2 to M5, M7, one sentence at a time. */
#include "sp/merge.h"

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
    sp_arena_init(&arena, 1u << 27);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_free(&arena);
    return 0;
}

static const struct sp_ref REF = { 1, { { 1 } } };
static const struct sp_record EMPTY = { { 1, { { 1 } } }, 0, NULL };

/* One write of a replica to a field, over what it saw. */
static struct sp_record write_at(const struct sp_record *before, uint16_t field,
    struct sp_dot dot, struct sp_vector seen, const char *text)
{
    struct sp_write *w = sp_arena_take(&arena, 1, sizeof *w);
    struct sp_stamp stamp = stamp_of(dot.replica, dot.counter);
    struct sp_change change = { REF, 1, w };
    struct sp_record out;
    uint32_t changed;

    assert_non_null(w);
    *w = (struct sp_write){ { field, { NULL, 0 } }, seen,
        text_value(&arena, text) };
    assert_int_equal(
        sp_merge_write(before, &change, &stamp, &arena, &out, &changed), SP_OK);
    return out;
}

static struct sp_record join(
    const struct sp_record *a, const struct sp_record *b, uint32_t *changed)
{
    struct sp_record out;

    assert_int_equal(sp_merge_join(a, b, &arena, &out, changed), SP_OK);
    return out;
}

#define NOTHING ((struct sp_vector){ 0, NULL })

/* Register 0 of r has these values, as one text: "a b". */
static void assert_values(const struct sp_record *r, const char *expected)
{
    char text[64] = "";

    assert_true(r->count >= 1);
    for (uint32_t i = 0; i < r->reg[0].count; i++) {
        struct sp_slice v = r->reg[0].sibling[i].value;

        strncat(text, i == 0 ? "" : " ", 2);
        strncat(text, (const char *)v.data + 1, v.size - 1);
    }
    assert_string_equal(text, expected);
}

static void write_replaces_what_its_author_saw(void **state)
{
    struct sp_record r = write_at(&EMPTY, 1, DOT(1, 1), NOTHING, "a");

    (void)state;
    r = write_at(&r, 1, DOT(2, 1), VECTOR(&arena, DOT(1, 1)), "b");
    assert_values(&r, "b");
    assert_int_equal(sp_vector_get(&r.reg[0].context, 1), 1);
    assert_int_equal(sp_vector_get(&r.reg[0].context, 2), 1);
}

static void concurrent_writes_both_stand_until_one_saw_both(void **state)
{
    struct sp_record r = write_at(&EMPTY, 1, DOT(2, 1), NOTHING, "b");

    (void)state;
    r = write_at(&r, 1, DOT(1, 1), NOTHING, "a");
    assert_values(&r, "a b");
    r = write_at(&r, 1, DOT(3, 1), VECTOR(&arena, DOT(1, 1), DOT(2, 1)), "c");
    assert_values(&r, "c");
}

static void purged_replica_that_writes_again_hides_no_other_value(void **state)
{
    struct sp_record r = write_at(&EMPTY, 1, DOT(1, 1), NOTHING, "a");

    (void)state;
    r = write_at(&r, 1, DOT(2, 1), NOTHING, "b");
    /* 1 has forgotten all: its context is empty. Its own old value goes, the
     * one of 2, which it never saw, stays. */
    r = write_at(&r, 1, DOT(1, 2), NOTHING, "c");
    assert_values(&r, "c b");
}

static void late_write_adds_nothing_but_still_removes(void **state)
{
    struct sp_record r = write_at(&EMPTY, 1, DOT(2, 1), NOTHING, "b");

    (void)state;
    /* 1 wrote commit 5 before, unseen context; then commit 3 comes late. */
    r = write_at(&r, 1, DOT(1, 5), NOTHING, "new");
    assert_values(&r, "new b");
    r = write_at(&r, 1, DOT(1, 3), VECTOR(&arena, DOT(2, 1)), "old");
    assert_values(&r, "new");
    assert_int_equal(sp_vector_get(&r.reg[0].context, 1), 5);
}

static void write_repeated_changes_nothing(void **state)
{
    struct sp_record r = write_at(&EMPTY, 1, DOT(1, 1), NOTHING, "a");
    struct sp_write w = { { 1, { NULL, 0 } }, NOTHING, { NULL, 0 } };
    struct sp_change change = { REF, 1, &w };
    struct sp_stamp stamp = stamp_of(1, 1);
    struct sp_record out;
    uint32_t changed = 9;

    (void)state;
    w.value = text_value(&arena, "a");
    assert_int_equal(
        sp_merge_write(&r, &change, &stamp, &arena, &out, &changed), SP_OK);
    assert_int_equal(changed, 0);
    assert_true(records_equal(&r, &out, true));
}

static void one_commit_writes_several_keys_in_their_places(void **state)
{
    struct sp_register reg[2] = {
        plain_register(&arena, 2, stamp_of(1, 1), "two"),
        plain_register(&arena, 4, stamp_of(1, 1), "four"),
    };
    struct sp_record before = { REF, 2, reg }, out;
    struct sp_write w[3] = {
        { { 1, { NULL, 0 } }, NOTHING, text_value(&arena, "1") },
        { { 4, { NULL, 0 } }, VECTOR(&arena, DOT(1, 1)),
            text_value(&arena, "4") },
        { { 4, sp_slice_text("e") }, NOTHING, text_value(&arena, "4e") },
    };
    struct sp_change change = { REF, 3, w };
    struct sp_stamp stamp = stamp_of(2, 7);
    uint32_t changed;

    (void)state;
    reg[0].seq = reg[1].seq = 55;
    assert_int_equal(
        sp_merge_write(&before, &change, &stamp, &arena, &out, &changed),
        SP_OK);
    assert_int_equal(out.count, 4);
    assert_int_equal(changed, 3);
    assert_int_equal(out.reg[0].key.field, 1);
    assert_int_equal(out.reg[0].seq, 0);
    assert_int_equal(out.reg[1].key.field, 2);
    assert_int_equal(out.reg[1].seq, 55);
    assert_int_equal(out.reg[2].seq, 0);
    assert_int_equal(out.reg[2].count, 1);
    assert_int_equal(out.reg[3].key.element.size, 1);
}

static void join_keeps_what_the_other_side_never_saw(void **state)
{
    struct sp_record base = write_at(&EMPTY, 1, DOT(1, 1), NOTHING, "a");
    struct sp_record x =
        write_at(&base, 1, DOT(2, 1), VECTOR(&arena, DOT(1, 1)), "x");
    struct sp_record y =
        write_at(&base, 1, DOT(3, 1), VECTOR(&arena, DOT(1, 1)), "y");
    struct sp_record xy, yx;
    uint32_t changed;

    (void)state;
    xy = join(&x, &y, &changed);
    assert_int_equal(changed, 1);
    assert_values(&xy, "x y");
    yx = join(&y, &x, &changed);
    assert_true(records_equal(&xy, &yx, false));
    xy = join(&xy, &base, &changed); /* the old value does not come back */
    assert_int_equal(changed, 0);
    assert_values(&xy, "x y");
}

static void join_counts_what_changed_and_keeps_other_sequences(void **state)
{
    struct sp_register a[3] = {
        plain_register(&arena, 1, stamp_of(1, 1), "a"),
        plain_register(&arena, 2, stamp_of(1, 1), "b"),
        plain_register(&arena, 4, stamp_of(1, 1), "c"),
    };
    struct sp_record ra = { REF, 3, a }, rb, out;
    struct sp_register b[3];
    uint32_t changed;

    (void)state;
    a[0].seq = a[1].seq = a[2].seq = 9;
    b[0] = plain_register(&arena, 1, stamp_of(1, 1), "a");
    b[1] = plain_register(&arena, 2, stamp_of(2, 1), "d");
    b[2] = plain_register(&arena, 3, stamp_of(2, 1), "e");
    b[0].seq = b[1].seq = b[2].seq = 700;
    rb = (struct sp_record){ REF, 3, b };
    out = join(&ra, &rb, &changed);
    assert_int_equal(changed, 2);
    assert_int_equal(out.count, 4);
    assert_int_equal(out.reg[0].seq, 9); /* equal */
    assert_int_equal(out.reg[1].seq, 0); /* a second value */
    assert_int_equal(out.reg[2].seq, 0); /* new */
    assert_int_equal(out.reg[3].seq, 9); /* only here */
}

static void context_alone_is_a_change_too(void **state)
{
    struct sp_register a = plain_register(&arena, 1, stamp_of(2, 1), "a");
    struct sp_register b = a;
    struct sp_record ra = { REF, 1, &a }, rb = { REF, 1, &b };
    uint32_t changed;

    (void)state;
    b.context = VECTOR(&arena, DOT(1, 4), DOT(2, 1));
    (void)join(&ra, &rb, &changed);
    assert_int_equal(changed, 1);
    (void)join(&rb, &ra, &changed);
    assert_int_equal(changed, 0);
}

static void join_with_nothing_is_the_record_itself(void **state)
{
    struct sp_register a = plain_register(&arena, 1, stamp_of(2, 1), "a");
    struct sp_record r = { REF, 1, &a }, out;
    uint32_t changed;

    (void)state;
    a.seq = 3;
    out = join(&r, &EMPTY, &changed);
    assert_int_equal(changed, 0);
    assert_true(records_equal(&out, &r, true));
    out = join(&EMPTY, &r, &changed);
    assert_int_equal(changed, 1);
    assert_int_equal(out.reg[0].seq, 0);
    assert_true(records_equal(&out, &r, false));
}

static void dot_used_twice_gives_the_same_value_on_both_sides(void **state)
{
    struct sp_register a = plain_register(&arena, 1, stamp_of(2, 1), "a");
    struct sp_register b = plain_register(&arena, 1, stamp_of(2, 1), "b");
    struct sp_record ra = { REF, 1, &a }, rb = { REF, 1, &b }, ab, ba;
    uint32_t changed;

    (void)state;
    ab = join(&ra, &rb, &changed);
    assert_int_equal(changed, 1);
    ba = join(&rb, &ra, &changed);
    assert_int_equal(changed, 0);
    assert_true(records_equal(&ab, &ba, false));
    assert_values(&ab, "b");
}

/* ---- limits and memory -------------------------------------------------- */

static void register_has_at_most_256_siblings_and_1024_dots(void **state)
{
    struct sp_record r = EMPTY, other;
    struct sp_write w = { { 1, { NULL, 0 } }, NOTHING,
        text_value(&arena, "v") };
    struct sp_change change = { REF, 1, &w };
    struct sp_record out = { .count = 77 };
    uint32_t changed = 77;

    (void)state;
    for (uint32_t i = 1; i <= SP_SIBLINGS_MAX; i++) {
        r = write_at(&r, 1, DOT(i, 1), NOTHING, "v");
        assert_int_equal(r.reg[0].count, i);
    }
    for (uint32_t i = SP_SIBLINGS_MAX; i <= SP_SIBLINGS_MAX + 1; i++) {
        struct sp_stamp stamp = stamp_of(i, 1);
        sp_err err =
            sp_merge_write(&r, &change, &stamp, &arena, &out, &changed);

        assert_int_equal(err, i > SP_SIBLINGS_MAX ? SP_E_TOO_LARGE : SP_OK);
    }
    other = write_at(&EMPTY, 1, DOT(SP_SIBLINGS_MAX + 1, 1), NOTHING, "v");
    out.count = changed = 77;
    assert_int_equal(
        sp_merge_join(&r, &other, &arena, &out, &changed), SP_E_TOO_LARGE);
    assert_int_equal(out.count, 77);
    assert_int_equal(changed, 77);

    /* Each write sees the last one: one sibling, ever more dots. */
    r = EMPTY;
    for (uint32_t i = 1; i <= SP_VECTOR_DOTS_MAX; i++) {
        r = write_at(&r, 1, DOT(i, 1),
            i == 1 ? NOTHING : VECTOR(&arena, DOT(i - 1, 1)), "v");
        assert_int_equal(r.reg[0].context.count, i);
        assert_int_equal(r.reg[0].count, 1);
    }
    {
        struct sp_stamp stamp = stamp_of(SP_VECTOR_DOTS_MAX + 1, 1);

        assert_int_equal(
            sp_merge_write(&r, &change, &stamp, &arena, &out, &changed),
            SP_E_TOO_LARGE);
    }
    other = write_at(&EMPTY, 1, DOT(SP_VECTOR_DOTS_MAX + 1, 1), NOTHING, "v");
    assert_int_equal(
        sp_merge_join(&r, &other, &arena, &out, &changed), SP_E_TOO_LARGE);
    assert_int_equal(out.count, 77);
}

static void record_has_at_most_4096_registers(void **state)
{
    enum { MOST = SP_RECORD_REGISTERS_MAX };
    static struct sp_register reg[MOST];
    static uint8_t element[MOST][2];
    struct sp_register last = plain_register(&arena, 2, stamp_of(1, 1), "v");
    struct sp_record more = { REF, 1, &last }, r = { REF, 0, reg }, out;
    struct sp_write w = { { 2, { NULL, 0 } }, NOTHING,
        text_value(&arena, "v") };
    struct sp_change change = { REF, 1, &w };
    struct sp_stamp stamp = stamp_of(1, 1);
    uint32_t changed;

    (void)state;
    for (uint16_t i = 0; i < MOST; i++) {
        reg[i] = last;
        sp_set_u16be(element[i], i);
        reg[i].key = (struct sp_key){ 1, SP_SLICE(element[i]) };
    }
    for (r.count = MOST - 2; r.count <= MOST; r.count++) {
        sp_err err = r.count == MOST ? SP_E_TOO_LARGE : SP_OK;

        out.count = 77;
        assert_int_equal(sp_merge_join(&r, &more, &arena, &out, &changed), err);
        assert_int_equal(out.count, err == SP_OK ? r.count + 1 : 77);
        assert_int_equal(
            sp_merge_write(&r, &change, &stamp, &arena, &out, &changed), err);
        assert_int_equal(out.count, err == SP_OK ? r.count + 1 : 77);
    }
}

typedef sp_err step(struct sp_arena *memory, struct sp_record *out);

static struct sp_record left, right;

static sp_err step_join(struct sp_arena *memory, struct sp_record *out)
{
    uint32_t changed = 77;
    sp_err err = sp_merge_join(&left, &right, memory, out, &changed);

    assert_int_equal(changed, err == SP_OK ? 2 : 77);
    return err;
}

static sp_err step_write(struct sp_arena *memory, struct sp_record *out)
{
    struct sp_write w = { { 1, { NULL, 0 } }, VECTOR(&arena, DOT(1, 1)),
        text_value(&arena, "w") };
    struct sp_change change = { REF, 1, &w };
    struct sp_stamp stamp = stamp_of(9, 1);
    uint32_t changed = 77;
    sp_err err = sp_merge_write(&left, &change, &stamp, memory, out, &changed);

    assert_int_equal(changed, err == SP_OK ? 1 : 77);
    return err;
}

static sp_err step_vector(struct sp_arena *memory, struct sp_record *out)
{
    struct sp_vector v = { 77, NULL };
    sp_err err = sp_merge_vector(&left, memory, &v);

    out->count = v.count;
    return err;
}

static void each_failing_allocation_leaves_the_result_alone(void **state)
{
    static step *const steps[] = { step_join, step_write, step_vector };

    (void)state;
    left = write_at(&EMPTY, 1, DOT(1, 1), NOTHING, "a");
    left = write_at(&left, 1, DOT(2, 1), NOTHING, "b");
    left = write_at(&left, 2, DOT(2, 1), NOTHING, "c");
    right = write_at(&EMPTY, 1, DOT(3, 1), NOTHING, "d");
    right = write_at(&right, 3, DOT(3, 1), NOTHING, "e");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        sp_err err = SP_E_NOMEM;
        unsigned failures = 0;

        for (size_t c = 0; err != SP_OK && c < 10000; c += 16) {
            struct sp_record out = { .count = 77 };
            struct sp_arena small;

            sp_arena_init(&small, c);
            err = steps[i](&small, &out);
            if (err != SP_OK) {
                assert_int_equal(err, SP_E_NOMEM);
                assert_int_equal(out.count, 77);
                failures++;
            }
            sp_arena_free(&small);
        }
        assert_int_equal(err, SP_OK);
        assert_true(failures > 2);
    }
}

/* ---- showing ------------------------------------------------------------ */

static void shown_value_follows_the_kind_of_the_field(void **state)
{
    /* time, authority; replicas 1, 2, 3 */
    static const struct {
        sp_hlc time[3];
        uint8_t authority[3];
        enum sp_merge_kind kind;
        int shown;
    } cases[] = {
        { { 5, 9, 7 }, { 0, 0, 0 }, SP_MERGE_LWW, 1 },
        { { 9, 5, 7 }, { 0, 2, 1 }, SP_MERGE_LWW, 0 },
        { { 7, 7, 7 }, { 0, 0, 0 }, SP_MERGE_LWW, 2 }, /* ties: greater dot */
        { { 9, 5, 7 }, { 0, 1, 1 }, SP_MERGE_AUTH, 2 },
        { { 9, 5, 7 }, { 0, 2, 1 }, SP_MERGE_AUTH, 1 },
        { { 9, 5, 7 }, { 0, 0, 0 }, SP_MERGE_IMM, 1 },
        { { 7, 7, 9 }, { 0, 0, 0 }, SP_MERGE_IMM, 0 },
        { { 9, 5, 7 }, { 0, 0, 0 }, SP_MERGE_KEEP, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_sibling s[3];
        struct sp_register g = { .count = 3, .sibling = s };

        for (uint32_t k = 0; k < 3; k++) {
            s[k].stamp = (struct sp_stamp){ .dot = { k + 1, 1 },
                .time = cases[i].time[k],
                .authority = cases[i].authority[k] };
        }
        assert_ptr_equal(sp_merge_shown(&g, cases[i].kind), &s[cases[i].shown]);
    }
    assert_null(
        sp_merge_shown(&(struct sp_register){ .count = 0 }, SP_MERGE_LWW));
}

static void vector_of_a_record_covers_every_write_to_it(void **state)
{
    struct sp_register reg[3] = {
        plain_register(&arena, 1, stamp_of(2, 5), "a"),
        plain_register(&arena, 2, stamp_of(1, 7), "b"),
        plain_register(&arena, 3, stamp_of(2, 3), "c"),
    };
    struct sp_record r = { REF, 3, reg };
    struct sp_vector expected = VECTOR(&arena, DOT(1, 9), DOT(2, 5), DOT(4, 1));
    struct sp_vector v;

    (void)state;
    reg[2].context = VECTOR(&arena, DOT(1, 9), DOT(2, 3), DOT(4, 1));
    assert_int_equal(sp_merge_vector(&r, &arena, &v), SP_OK);
    assert_int_equal(sp_vector_cmp(&v, &expected), SP_EQUAL);
    assert_true(sp_vector_valid(&v));
    assert_int_equal(sp_merge_vector(&EMPTY, &arena, &v), SP_OK);
    assert_int_equal(v.count, 0);
}

static void vector_of_a_record_has_at_most_1024_dots(void **state)
{
    enum { MOST = SP_VECTOR_DOTS_MAX + 1 };
    static struct sp_register reg[MOST];
    struct sp_record r = { REF, 0, reg };
    struct sp_vector v = { 77, NULL };

    (void)state;
    for (uint16_t i = 0; i < MOST; i++) {
        reg[i] = plain_register(&arena, i, stamp_of(MOST - i, 1), "v");
    }
    for (r.count = MOST - 2; r.count <= MOST; r.count++) {
        sp_err err = sp_merge_vector(&r, &arena, &v);

        assert_int_equal(err, r.count == MOST ? SP_E_TOO_LARGE : SP_OK);
        assert_int_equal(v.count, r.count == MOST ? MOST - 1 : r.count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_replaces_what_its_author_saw),
        cmocka_unit_test(concurrent_writes_both_stand_until_one_saw_both),
        cmocka_unit_test(purged_replica_that_writes_again_hides_no_other_value),
        cmocka_unit_test(late_write_adds_nothing_but_still_removes),
        cmocka_unit_test(write_repeated_changes_nothing),
        cmocka_unit_test(one_commit_writes_several_keys_in_their_places),
        cmocka_unit_test(join_keeps_what_the_other_side_never_saw),
        cmocka_unit_test(join_counts_what_changed_and_keeps_other_sequences),
        cmocka_unit_test(context_alone_is_a_change_too),
        cmocka_unit_test(join_with_nothing_is_the_record_itself),
        cmocka_unit_test(dot_used_twice_gives_the_same_value_on_both_sides),
        cmocka_unit_test(register_has_at_most_256_siblings_and_1024_dots),
        cmocka_unit_test(record_has_at_most_4096_registers),
        cmocka_unit_test(each_failing_allocation_leaves_the_result_alone),
        cmocka_unit_test(shown_value_follows_the_kind_of_the_field),
        cmocka_unit_test(vector_of_a_record_covers_every_write_to_it),
        cmocka_unit_test(vector_of_a_record_has_at_most_1024_dots),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
