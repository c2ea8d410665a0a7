/* cap 9: every field of the dictionary that ships takes what is at its bounds,
 * and refuses what is one beyond, or of another type. It is one check for
 * device and server: sp_dictionary_check_value. */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

struct probe {
    const struct sp_entity *entity;
    const struct sp_field *field; /* or a part of it */
    unsigned *asked;
};

static void expect(
    const struct probe *p, struct sp_buf *b, bool fits, const char *what)
{
    assert_int_equal(b->err, SP_OK);
    sp_err err = sp_dictionary_check_value(p->field, sp_buf_slice(b));
    if (err != (fits ? SP_OK : SP_E_VALUE)) {
        fail_msg("%.*s.%.*s, %s: %s", (int)p->entity->name.size,
            (const char *)p->entity->name.data, (int)p->field->name.size,
            (const char *)p->field->name.data, what, sp_err_name(err));
    }
    (*p->asked)++;
    sp_buf_reset(b);
}

/* So many characters of three bytes each. */
static void put_text(struct sp_buf *b, uint32_t characters)
{
    static char text[3u * 4001u];

    for (uint32_t i = 0; i < characters; i++) {
        memcpy(text + (size_t)3 * i, "\xe8\x8c\xb6", 3);
    }
    sp_wr_str(b, sp_slice_of(text, (size_t)3 * characters));
}

static void check_text(const struct probe *p, struct sp_buf *b)
{
    uint32_t max = p->field->max;

    if (max > 1) {
        put_text(b, max - 1u);
        expect(p, b, true, "a character less than the most");
    }
    put_text(b, max);
    expect(p, b, true, "the most characters");
    put_text(b, max + 1u);
    expect(p, b, false, "a character more");
    sp_wr_text(b, "a\nb");
    expect(p, b, p->field->lines, "two lines");
    sp_wr_uint(b, 7);
    expect(p, b, false, "a number");
}

static void check_number(const struct probe *p, struct sp_buf *b)
{
    const struct sp_field *f = p->field;
    bool counter = f->merge == SP_MERGE_CNT;

    sp_wr_int(b, f->low);
    expect(p, b, true, "the least");
    sp_wr_int(b, f->high);
    expect(p, b, true, "the most");
    if (f->low < f->high) {
        sp_wr_int(b, f->low + 1);
        expect(p, b, true, "one more than the least");
        sp_wr_int(b, f->high - 1);
        expect(p, b, true, "one less than the most");
    }
    /* What a counter adds is not what it stands at: the judge keeps that. */
    if (f->low > INT64_MIN && !counter) {
        sp_wr_int(b, f->low - 1);
        expect(p, b, false, "less than the least");
    }
    if (f->high < INT64_MAX && !counter) {
        sp_wr_int(b, f->high + 1);
        expect(p, b, false, "more than the most");
    }
    sp_wr_text(b, "7");
    expect(p, b, false, "a text");
}

static void check_option(const struct probe *p, struct sp_buf *b)
{
    const struct sp_field *f = p->field;

    for (uint32_t i = 0; i < f->option_count; i++) {
        sp_wr_uint(b, f->option[i].number);
        expect(p, b, true, "an option");
    }
    sp_wr_uint(b, f->option[f->option_count - 1u].number + 1u);
    expect(p, b, false, "the number behind the last option");
    sp_wr_uint(b, 0);
    expect(p, b, false, "no option");
    sp_wr_str(b, f->option[0].name);
    expect(p, b, false, "an option's name");
}

static void put_money(struct sp_buf *b, int64_t minor, const char *code)
{
    sp_wr_array(b, 2);
    sp_wr_int(b, minor);
    sp_wr_text(b, code);
}

static void check_money(const struct probe *p, struct sp_buf *b)
{
    const struct sp_field *f = p->field;

    put_money(b, f->low, "CNY");
    expect(p, b, true, "the least");
    put_money(b, f->high, "CNY");
    expect(p, b, true, "the most");
    if (f->low > INT64_MIN) {
        put_money(b, f->low - 1, "CNY");
        expect(p, b, false, "less than the least");
    }
    if (f->high < INT64_MAX) {
        put_money(b, f->high + 1, "CNY");
        expect(p, b, false, "more than the most");
    }
    put_money(b, 0, "cny");
    expect(p, b, false, "no currency");
    sp_wr_int(b, 5);
    expect(p, b, false, "an amount of nothing");
}

static void check_bytes(const struct probe *p, struct sp_buf *b)
{
    static const uint8_t bytes[SP_DICTIONARY_BYTES_MAX + 1u];
    uint32_t max = p->field->max;

    sp_wr_bin(b, bytes, max);
    expect(p, b, true, "the most bytes");
    sp_wr_bin(b, bytes, max - 1u);
    expect(p, b, true, "a byte less");
    sp_wr_bin(b, bytes, max + 1u);
    expect(p, b, false, "a byte more");
    sp_wr_bin(b, bytes, 0);
    expect(p, b, false, "no byte");
    sp_wr_text(b, "text");
    expect(p, b, false, "a text");
}

/* Of the others the bounds are the type's own. */
static void check_typed(const struct probe *p, struct sp_buf *b)
{
    bool number =
        p->field->kind == SP_VALUE_DATE || p->field->kind == SP_VALUE_USER;
    bool text = p->field->kind == SP_VALUE_PHONE ||
                p->field->kind == SP_VALUE_TERRITORY;

    sp_wr_bool(b, true);
    expect(p, b, p->field->kind == SP_VALUE_BOOL, "yes");
    sp_wr_uint(b, 11);
    expect(p, b, number, "a number");
    sp_wr_text(b, "+8613812345678");
    expect(p, b, text, "a text");
    sp_wr_bin(b, "0123456789abcdef", 16);
    expect(p, b, p->field->kind == SP_VALUE_REF, "an id");
    sp_wr_bin(b, "0123456789abcdef", 15);
    expect(p, b, false, "a byte less than an id");
    sp_wr_map(b, 0);
    expect(p, b, false, "a map");
}

static void check_plain(const struct probe *p, struct sp_buf *b)
{
    switch (p->field->kind) {
    case SP_VALUE_STR:
        check_text(p, b);
        return;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        check_number(p, b);
        return;
    case SP_VALUE_ENUM:
        check_option(p, b);
        return;
    case SP_VALUE_MONEY:
        check_money(p, b);
        return;
    case SP_VALUE_BYTES:
        check_bytes(p, b);
        return;
    default:
        check_typed(p, b);
    }
}

/* Parts have bounds of their own; one more part than there are is refused. */
static void check_group(const struct probe *p, struct sp_buf *b)
{
    const struct sp_field *f = p->field;

    for (uint32_t i = 0; i < f->part_count; i++) {
        struct probe part = { p->entity, &f->part[i], p->asked };
        check_plain(&part, b);
    }
    sp_wr_array(b, f->part_count + 1u);
    for (uint32_t i = 0; i <= f->part_count; i++) {
        sp_wr_uint(b, 1);
    }
    expect(p, b, false, "a part more");
    sp_wr_text(b, "text");
    expect(p, b, false, "a text");
}

static void every_field_is_refused_beyond_its_bounds(void **state)
{
    struct test_court *c = *state;
    const struct sp_dictionary *d = sp_rulebook_dictionary(c->book);
    unsigned asked = 0, fields = 0;
    struct sp_buf b;

    sp_buf_init(&b, 65536);
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        for (uint32_t k = 0; k < e->field_count; k++, fields++) {
            struct probe p = { e, &e->field[k], &asked };
            unsigned before = asked;
            if (e->field[k].kind == SP_VALUE_GROUP) {
                check_group(&p, &b);
            } else {
                check_plain(&p, &b);
            }
            assert_true(asked >= before + 2u);
        }
    }
    assert_true(fields > 300);
    sp_buf_free(&b);
}

/* Nothing is a value of everything but what is required and what counts. */
static void nothing_is_refused_where_something_is_required(void **state)
{
    struct test_court *c = *state;
    const struct sp_dictionary *d = sp_rulebook_dictionary(c->book);
    static const uint8_t nil[] = { 0xc0 };

    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        for (uint32_t k = 0; k < e->field_count; k++) {
            const struct sp_field *f = &e->field[k];
            sp_err expected = f->required                ? SP_E_REQUIRED
                              : f->merge == SP_MERGE_CNT ? SP_E_VALUE
                                                         : SP_OK;
            assert_int_equal(
                sp_dictionary_check_value(f, SP_SLICE(nil)), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_refused_beyond_its_bounds),
        cmocka_unit_test(nothing_is_refused_where_something_is_required),
    };
    return cmocka_run_group_tests(tests, test_court_setup, test_court_teardown);
}
