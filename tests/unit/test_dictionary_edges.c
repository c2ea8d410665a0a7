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
#include "sp/phone.h"

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
    if (counter) {
        sp_wr_int(b, 0);
        expect(p, b, false, "nothing is added");
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
    put_money(b, 0, "XYZ");
    expect(p, b, false, "a code that no currency has");
    put_money(b, 0, "XXX");
    expect(p, b, false, "the code of no currency");
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

/* ---- types with bounds of their own -------------------------------------- */

static void check_date(const struct probe *p, struct sp_buf *b)
{
    sp_wr_int(b, -719162);
    expect(p, b, true, "0001-01-01");
    sp_wr_int(b, -719163);
    expect(p, b, false, "the day before");
    sp_wr_int(b, 2932896);
    expect(p, b, true, "9999-12-31");
    sp_wr_int(b, 2932897);
    expect(p, b, false, "the day after");
    sp_wr_text(b, "2026-03-04");
    expect(p, b, false, "a day as text");
}

static void put_time(struct sp_buf *b, int64_t ms, const char *zone)
{
    sp_wr_array(b, 2);
    sp_wr_int(b, ms);
    sp_wr_text(b, zone);
}

static void check_time(const struct probe *p, struct sp_buf *b)
{
    static const char long_zone[] = "Zone/of_41_characters_that_nobody_has_yet";

    put_time(b, 0, "UTC");
    expect(p, b, true, "the first millisecond");
    put_time(b, -1, "UTC");
    expect(p, b, false, "one before it");
    put_time(b, 253402300799999, "Asia/Shanghai");
    expect(p, b, true, "the last millisecond of 9999");
    put_time(b, 253402300800000, "UTC");
    expect(p, b, false, "one after it");
    put_time(b, 0, long_zone + 1);
    expect(p, b, true, "the longest zone");
    put_time(b, 0, long_zone);
    expect(p, b, false, "a longer zone");
    put_time(b, 0, "");
    expect(p, b, true, "no zone");
    put_time(b, 0, "Asia Shanghai");
    expect(p, b, false, "a space in the zone");
    sp_wr_uint(b, 0);
    expect(p, b, false, "a number");
}

static void put_place(struct sp_buf *b, const int64_t place[3])
{
    sp_wr_array(b, 3);
    for (size_t i = 0; i < 3; i++) {
        sp_wr_int(b, place[i]);
    }
}

/* In 1e-7 degrees, the accuracy in metres. */
static void check_place(const struct probe *p, struct sp_buf *b)
{
    static const int64_t most[3] = { 900000000, 1800000000, 1000000 },
                         least[3] = { -900000000, -1800000000, 0 };

    put_place(b, most);
    expect(p, b, true, "north and east end");
    put_place(b, least);
    expect(p, b, true, "south and west end");
    for (size_t i = 0; i < 3; i++) {
        int64_t beyond[3];
        memcpy(beyond, most, sizeof(most));
        beyond[i]++;
        put_place(b, beyond);
        expect(p, b, false, "beyond the most");
        memcpy(beyond, least, sizeof(least));
        beyond[i]--;
        put_place(b, beyond);
        expect(p, b, false, "beyond the least");
    }
    sp_wr_text(b, "31.2,121.4");
    expect(p, b, false, "a place as text");
}

static void put_typed(struct sp_buf *b, const char *text, size_t size)
{
    sp_wr_array(b, 1);
    sp_wr_str(b, sp_slice_of(text, size));
}

/* What no number can be made of is kept as typed, up to a length. */
static void check_phone(const struct probe *p, struct sp_buf *b)
{
    char text[SP_PHONE_TYPED_MAX + 1u];

    memset(text, 'x', sizeof(text));
    put_typed(b, text, SP_PHONE_TYPED_MAX);
    expect(p, b, false, "as typed, a word");
    memcpy(text, "110", 3);
    sp_wr_text(b, "+8613812345678");
    expect(p, b, true, "a number in its form");
    sp_wr_text(b, "138 1234 5678");
    expect(p, b, false, "a number in another form");
    put_typed(b, "13812345678", 11);
    expect(p, b, false, "as typed, what has a form");
    put_typed(b, text, SP_PHONE_TYPED_MAX);
    expect(p, b, true, "as typed, the longest");
    put_typed(b, text, SP_PHONE_TYPED_MAX + 1u);
    expect(p, b, false, "as typed, longer");
    put_typed(b, "", 0);
    expect(p, b, false, "as typed, nothing");
    sp_wr_uint(b, 13812345678);
    expect(p, b, false, "a number");
}

static void check_user(const struct probe *p, struct sp_buf *b)
{
    sp_wr_uint(b, 1);
    expect(p, b, true, "the first user");
    sp_wr_uint(b, 0);
    expect(p, b, false, "nobody");
    sp_wr_uint(b, UINT32_MAX);
    expect(p, b, true, "the last user");
    sp_wr_uint(b, (uint64_t)UINT32_MAX + 1u);
    expect(p, b, false, "one more");
    sp_wr_text(b, "mei");
    expect(p, b, false, "a login");
}

static void check_territory(const struct probe *p, struct sp_buf *b)
{
    char name[SP_DICTIONARY_NAME_MAX + 1u];

    memset(name, 'n', sizeof(name));
    sp_wr_str(b, sp_slice_of(name, SP_DICTIONARY_NAME_MAX));
    expect(p, b, true, "the longest name");
    sp_wr_str(b, sp_slice_of(name, SP_DICTIONARY_NAME_MAX + 1u));
    expect(p, b, false, "a longer name");
    sp_wr_text(b, "");
    expect(p, b, false, "no name");
    sp_wr_text(b, "north ");
    expect(p, b, false, "a space behind it");
    sp_wr_uint(b, 3);
    expect(p, b, false, "a number");
}

static void check_record(const struct probe *p, struct sp_buf *b)
{
    static const uint8_t id[17] = { 1 }, none[16] = { 0 };

    sp_wr_bin(b, id, 16);
    expect(p, b, true, "an id");
    sp_wr_bin(b, id, 15);
    expect(p, b, false, "a byte less");
    sp_wr_bin(b, id, 17);
    expect(p, b, false, "a byte more");
    sp_wr_bin(b, none, 16);
    expect(p, b, false, "the id of nothing");
    sp_wr_text(b, "0123456789abcdef");
    expect(p, b, false, "a text");
}

static void check_flag(const struct probe *p, struct sp_buf *b)
{
    sp_wr_bool(b, true);
    expect(p, b, true, "yes");
    sp_wr_bool(b, false);
    expect(p, b, true, "no");
    sp_wr_uint(b, 1);
    expect(p, b, false, "one");
}

static void check_plain(const struct probe *p, struct sp_buf *b)
{
    static void (*const check[])(const struct probe *, struct sp_buf *) = {
        [SP_VALUE_STR] = check_text,
        [SP_VALUE_UINT] = check_number,
        [SP_VALUE_INT] = check_number,
        [SP_VALUE_BOOL] = check_flag,
        [SP_VALUE_ENUM] = check_option,
        [SP_VALUE_PHONE] = check_phone,
        [SP_VALUE_DATE] = check_date,
        [SP_VALUE_TS] = check_time,
        [SP_VALUE_GEO] = check_place,
        [SP_VALUE_MONEY] = check_money,
        [SP_VALUE_REF] = check_record,
        [SP_VALUE_USER] = check_user,
        [SP_VALUE_TERRITORY] = check_territory,
        [SP_VALUE_BYTES] = check_bytes,
    };

    assert_true(p->field->kind < sizeof(check) / sizeof(check[0]));
    assert_non_null(check[p->field->kind]);
    check[p->field->kind](p, b);
    sp_wr_map(b, 0);
    expect(p, b, false, "a map");
}

/* ---- groups -------------------------------------------------------------- */

static void put_sample(const struct sp_field *f, struct sp_buf *b)
{
    static const int64_t place[3] = { 312304000, 1214737000, 12 };
    static const uint8_t bytes[16] = { 1 };

    switch (f->kind) {
    case SP_VALUE_STR:
        put_text(b, 1);
        return;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        sp_wr_int(b, f->high);
        return;
    case SP_VALUE_BOOL:
        sp_wr_bool(b, true);
        return;
    case SP_VALUE_ENUM:
        sp_wr_uint(b, f->option[0].number);
        return;
    case SP_VALUE_TS:
        put_time(b, 0, "UTC");
        return;
    case SP_VALUE_GEO:
        put_place(b, place);
        return;
    case SP_VALUE_MONEY:
        put_money(b, f->high, "CNY");
        return;
    case SP_VALUE_REF:
    case SP_VALUE_BYTES:
        sp_wr_bin(b, bytes, sizeof(bytes));
        return;
    case SP_VALUE_PHONE:
    case SP_VALUE_TERRITORY:
        sp_wr_text(b, "+8613812345678");
        return;
    case SP_VALUE_DATE:
    case SP_VALUE_USER:
        sp_wr_uint(b, 11);
        return;
    case SP_VALUE_GROUP:
        break;
    }
    fail_msg("no sample of kind %d", (int)f->kind);
}

static void put_parts(
    const struct sp_field *f, struct sp_buf *b, uint32_t count)
{
    sp_wr_array(b, count);
    for (uint32_t i = 0; i < count; i++) {
        put_sample(&f->part[i], b);
    }
}

/* All parts, with nil or a map in one place. */
static void put_all_but(
    const struct sp_field *f, struct sp_buf *b, uint32_t but, bool nil)
{
    sp_wr_array(b, f->part_count);
    for (uint32_t i = 0; i < f->part_count; i++) {
        if (i != but) {
            put_sample(&f->part[i], b);
        } else if (nil) {
            sp_wr_nil(b);
        } else {
            sp_wr_map(b, 0);
        }
    }
}

/* A tuple may end early where nothing behind is required, and has no nil at
 * its end, so that one value has one form. */
static void check_tuple(const struct probe *p, struct sp_buf *b)
{
    const struct sp_field *f = p->field;
    bool rest_free = true;

    put_parts(f, b, f->part_count);
    expect(p, b, true, "all parts");
    for (uint32_t i = f->part_count; i > 0; i--) {
        bool required = f->part[i - 1u].required;
        put_all_but(f, b, i - 1u, true);
        expect(p, b, !required && i < f->part_count, "without one part");
        put_all_but(f, b, i - 1u, false);
        expect(p, b, false, "a part of another type");
        rest_free = rest_free && !required;
        put_parts(f, b, i - 1u);
        expect(p, b, rest_free && i > 1, "cut short");
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
    check_tuple(p, b);
    sp_wr_array(b, f->part_count + 1u);
    for (uint32_t i = 0; i < f->part_count; i++) {
        put_sample(&f->part[i], b);
    }
    sp_wr_uint(b, 1);
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
