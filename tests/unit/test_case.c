/* What settling a conflict put out of sight (sp/case.h). */
#include "sp/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sp/limits.h"
#include "sp/pack.h"

#define FIELD 3u

static const uint8_t hello[] = "\xa5Hello", world[] = "\xa5World";

static const struct sp_field text = {
    .number = FIELD, .kind = SP_VALUE_STR, .merge = SP_MERGE_KEEP, .max = 80
};

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

static struct sp_sibling value(
    sp_replica replica, uint64_t n, const uint8_t bytes[7])
{
    return (struct sp_sibling){ .stamp = { .dot = { replica, n },
                                    .time = 1000 + n,
                                    .user = 11,
                                    .authority = SP_AUTHORITY_BRANCH },
        .value = sp_slice_of(bytes, 6) };
}

static struct sp_slice encoded(
    bool open, const struct sp_sibling *v, uint32_t n)
{
    struct sp_case c = { open, n, v };
    struct sp_buf b;

    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    sp_case_encode(&c, &b);
    assert_int_equal(b.err, SP_OK);
    struct sp_slice out = sp_arena_copy(&arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static void what_is_kept_is_read_as_it_was(void **state)
{
    const struct sp_sibling v[] = { value(7, 41, hello), value(9, 2, world) };
    struct sp_case c;

    (void)state;
    for (int open = 0; open < 2; open++) {
        struct sp_slice bytes = encoded(open, v, 2);
        assert_int_equal(sp_case_decode(bytes, &arena, &c), SP_OK);
        assert_int_equal(c.open, open);
        assert_int_equal(c.count, 2);
        for (uint32_t i = 0; i < 2; i++) {
            const struct sp_stamp *a = &c.value[i].stamp, *b = &v[i].stamp;
            assert_int_equal(sp_dot_cmp(&a->dot, &b->dot), 0);
            assert_true(a->time == b->time && a->user == b->user &&
                        a->authority == b->authority);
            assert_true(sp_slice_equal(c.value[i].value, v[i].value));
        }
        assert_int_equal(sp_case_check(&text, bytes), SP_OK);
    }
}

static void bytes_that_are_no_case_are_refused(void **state)
{
    const struct sp_sibling v[] = { value(7, 41, hello), value(9, 2, world) };
    static const uint8_t none[] = { 0x91, 0xc2 };
    const struct sp_slice whole = encoded(true, v, 2);
    struct sp_field number = text, needed = text;
    struct sp_case c = { .count = 77 };
    struct sp_sibling nil = v[0];
    uint8_t more[512];

    (void)state;
    for (size_t n = 0; n < whole.size; n++) {
        struct sp_slice part = sp_slice_of(whole.data, n);
        assert_int_not_equal(sp_case_decode(part, &arena, &c), SP_OK);
        assert_int_equal(sp_case_check(&text, part), SP_E_VALUE);
    }
    assert_int_equal(c.count, 77);
    memcpy(more, whole.data, whole.size);
    more[whole.size] = 0xc0; /* something behind it */
    assert_int_equal(
        sp_case_check(&text, sp_slice_of(more, whole.size + 1)), SP_E_VALUE);
    assert_int_equal(
        sp_case_check(&text, sp_slice_of(none, sizeof(none))), SP_E_VALUE);
    number.kind = SP_VALUE_UINT;
    assert_int_equal(sp_case_check(&number, whole), SP_E_VALUE);
    /* "Nothing" can have stood, even where it may not be written today. */
    nil.value = sp_slice_of("\xc0", 1);
    needed.required = true;
    assert_int_equal(sp_case_check(&needed, encoded(true, &nil, 1)), SP_OK);
}

/* Values of one size, of which so many fit; the log has the others. */
static void of_too_many_values_the_first_are_kept(void **state)
{
    static uint8_t big[1000];
    struct sp_sibling v[SP_SIBLINGS_MAX + 1];
    struct sp_case c;

    (void)state;
    for (uint32_t i = 0; i < SP_SIBLINGS_MAX + 1; i++) {
        v[i] = value(i + 1u, 1, hello);
    }
    for (uint32_t n = SP_SIBLINGS_MAX - 1; n <= SP_SIBLINGS_MAX + 1; n++) {
        struct sp_slice bytes = encoded(true, v, n);
        assert_int_equal(sp_case_decode(bytes, &arena, &c), SP_OK);
        assert_int_equal(c.count, n < SP_SIBLINGS_MAX ? n : SP_SIBLINGS_MAX);
    }
    big[0] = 0xda;
    big[1] = (sizeof(big) - 3) >> 8;
    big[2] = (sizeof(big) - 3) & 255;
    memset(big + 3, 'x', sizeof(big) - 3);
    for (uint32_t i = 0; i < 20; i++) {
        v[i].value = sp_slice_of(big, sizeof(big));
    }
    assert_int_equal(sp_case_decode(encoded(true, v, 20), &arena, &c), SP_OK);
    assert_int_equal(c.count, 15);
    assert_int_equal(c.value[0].stamp.dot.replica, 1);
}

/* A record with a field and beside it a case, by the dots of both. */
struct place {
    struct sp_sibling field[2], kept;
    struct sp_dot dots[2];
    struct sp_register reg[2];
    struct sp_record record;
};

static void lay(struct place *p, uint32_t values, struct sp_dot at, bool open)
{
    const struct sp_sibling v[] = { value(7, 41, hello), value(9, 2, world) };

    memset(p, 0, sizeof(*p));
    p->field[0] = value(7, 42, world);
    p->field[1] = value(9, 3, hello);
    p->dots[0] = p->field[0].stamp.dot;
    p->dots[1] = p->field[1].stamp.dot;
    p->kept =
        (struct sp_sibling){ .stamp.dot = at, .value = encoded(open, v, 2) };
    p->reg[0] = (struct sp_register){ .key = { FIELD, { 0 } },
        .context = { values, p->dots },
        .count = values,
        .sibling = p->field };
    p->reg[1] = (struct sp_register){ .key = sp_case_key(FIELD),
        .context = { 1, &p->kept.stamp.dot },
        .count = 1,
        .sibling = &p->kept };
    p->record = (struct sp_record){ { 1, { { 1 } } }, 2, p->reg };
}

static void a_case_counts_while_nobody_has_written_its_field(void **state)
{
    const struct sp_dot with = { 7, 42 }, before = { 7, 41 };
    struct place p;
    struct sp_case c;

    (void)state;
    lay(&p, 1, with, true);
    assert_int_equal(sp_case_of(&p.record, FIELD, &arena, &c), SP_OK);
    assert_int_equal(c.count, 2);
    assert_true(sp_case_is_open(&p.record, FIELD));
    assert_true(sp_case_conflict(&text, &p.record));
    lay(&p, 1, with, false); /* settled */
    assert_int_equal(sp_case_of(&p.record, FIELD, &arena, &c), SP_OK);
    assert_false(sp_case_is_open(&p.record, FIELD));
    assert_false(sp_case_conflict(&text, &p.record));
    lay(&p, 1, before, true); /* written since */
    assert_int_equal(sp_case_of(&p.record, FIELD, &arena, &c), SP_E_CONFLICT);
    assert_false(sp_case_is_open(&p.record, FIELD));
    lay(&p, 2, with, true); /* and beside it */
    assert_int_equal(sp_case_of(&p.record, FIELD, &arena, &c), SP_E_CONFLICT);
    assert_false(sp_case_is_open(&p.record, FIELD));
    assert_true(sp_case_conflict(&text, &p.record)); /* by its values */
    p.record.count = 1;
    assert_int_equal(sp_case_of(&p.record, FIELD, &arena, &c), SP_E_NOT_FOUND);
}

static void cases_are_kept_of_what_people_choose_from(void **state)
{
    static const struct {
        enum sp_merge_kind merge;
        bool set, kept;
    } kinds[] = { { SP_MERGE_KEEP, false, true },
        { SP_MERGE_AUTH, false, true }, { SP_MERGE_KEEP, true, false },
        { SP_MERGE_IMM, false, false }, { SP_MERGE_LWW, false, false },
        { SP_MERGE_DENY, false, false }, { SP_MERGE_CNT, false, false },
        { SP_MERGE_DRV, false, false } };
    const struct sp_key key = sp_case_key(FIELD), plain = { FIELD, { 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct sp_field f = text;
        f.merge = kinds[i].merge;
        f.set = kinds[i].set;
        assert_int_equal(sp_case_kept(&f), kinds[i].kept);
        assert_int_equal(sp_case_is_key(&f, &key), kinds[i].kept);
        assert_false(sp_case_is_key(&f, &plain));
    }
    assert_false(sp_case_is_key(NULL, &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_read_as_it_was),
        cmocka_unit_test(bytes_that_are_no_case_are_refused),
        cmocka_unit_test(of_too_many_values_the_first_are_kept),
        cmocka_unit_test(a_case_counts_while_nobody_has_written_its_field),
        cmocka_unit_test(cases_are_kept_of_what_people_choose_from),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
