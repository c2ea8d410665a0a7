/* What a derived field shows of each value of its source. */
#include "sp/dictionary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

#define TEXT(s)                                                                \
    {                                                                          \
        (const uint8_t *)(s), sizeof(s) - 1u                                   \
    }

static const struct sp_field parts[] = {
    { .number = 1, .name = TEXT("city"), .kind = SP_VALUE_STR, .max = 10 },
    { .number = 2, .name = TEXT("district"), .kind = SP_VALUE_STR, .max = 10 },
};
#define SOURCE(k) .merge = SP_MERGE_KEEP, .kind = (k)
static const struct sp_field phone = { .number = 1, SOURCE(SP_VALUE_PHONE) };
static const struct sp_field str = {
    .number = 1, SOURCE(SP_VALUE_STR), .max = 20
};
static const struct sp_field group = {
    .number = 1, SOURCE(SP_VALUE_GROUP), .part_count = 2, .part = parts
};
static const struct sp_field date = { .number = 1, SOURCE(SP_VALUE_DATE) };
static const struct sp_field ts = { .number = 1, SOURCE(SP_VALUE_TS) };

#define MADE(d, n)                                                             \
    .number = 2, .merge = SP_MERGE_DRV, .derive = (d), .source = 1,            \
    .argument = (n)
static const struct sp_field tail = { MADE(SP_DERIVE_MASK_TAIL, 4),
    .kind = SP_VALUE_STR, .max = 8 };
static const struct sp_field short_tail = { MADE(SP_DERIVE_MASK_TAIL, 4),
    .kind = SP_VALUE_STR, .max = 7 };
static const struct sp_field district = { MADE(SP_DERIVE_PART, 2),
    .kind = SP_VALUE_STR, .max = 10 };
static const struct sp_field year = { MADE(SP_DERIVE_YEAR, 0),
    .kind = SP_VALUE_UINT, .low = 1900, .high = 2100 };

/* shows: the text of the image; "" is nothing. */
static const struct {
    const struct sp_field *source, *made;
    const char *typed, *shows;
} cases[] = {
    { &phone, &tail, "138 1234 5678", "****5678" },
    { &phone, &tail, "+1234567", "****4567" },
    { &phone, &tail, "ask Li", "**** Li" },
    { &phone, &tail, "110", "****0" }, /* never more than half of it */
    { &phone, &tail, "", "" },
    { &str, &tail, "x", "****" },
    { &str, &tail, "\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89\xE5\x9B\x9B",
        "****\xE4\xB8\x89\xE5\x9B\x9B" },
    { &str, &tail, "12345678901234567890", "****7890" },
    { &phone, &short_tail, "138 1234 5678", "" }, /* does not fit */
    { &group, &district, "Shanghai; Pudong", "Pudong" },
    { &group, &district, "Shanghai", "" },
    { &group, &district, "district=Xuhui", "Xuhui" },
    { &date, &year, "1987-06-05", "1987" },
    { &date, &year, "1969-12-31", "1969" },
    { &date, &year, "1899-12-31", "" }, /* out of its bounds */
    { &ts, &year, "2026-03-04T05:06Z", "2026" },
    { &ts, &year, "1970-01-01T00:00Z", "1970" },
};

static void each_value_has_its_image(void **state)
{
    struct sp_arena arena;

    (void)state;
    sp_arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sp_field field[] = { *cases[i].source, *cases[i].made };
        const struct sp_entity e = {
            .number = 1, .derives = true, .field_count = 2, .field = field
        };
        struct sp_dot dot = { 7, 1 };
        struct sp_sibling s = { .stamp = { .dot = dot, .time = 9 } };
        struct sp_register reg = { .key = { 1, { NULL, 0 } },
            .context = { 1, &dot },
            .count = 1,
            .sibling = &s,
            .seq = 5 };
        struct sp_record r = { .count = 1, .reg = &reg }, out;
        struct sp_buf value, text;
        uint32_t made;

        sp_buf_init(&value, 4096);
        sp_buf_init(&text, 4096);
        assert_true(sp_dictionary_derives(&e, &field[1]) ||
                    cases[i].made == &short_tail);
        assert_int_equal(sp_dictionary_parse_value(
                             &field[0], sp_slice_text(cases[i].typed), &value),
            SP_OK);
        s.value = sp_buf_slice(&value);
        assert_int_equal(
            sp_dictionary_derive(&e, &r, SP_MAKE_CHANGED, &arena, &out, &made),
            SP_OK);
        assert_int_equal(made, 0); /* no commit changed it */
        assert_int_equal(
            sp_dictionary_derive(&e, &r, SP_MAKE_SHOWN, &arena, &out, &made),
            SP_OK);
        assert_int_equal(made, 0); /* no image stands */
        assert_int_equal(
            sp_dictionary_derive(&e, &r, SP_MAKE_ALL, &arena, &out, &made),
            SP_OK);
        assert_int_equal(made, 1);
        assert_int_equal(out.count, 2);
        assert_int_equal(out.reg[1].key.field, 2);
        assert_int_equal(out.reg[1].seq, 0);
        assert_int_equal(sp_dot_cmp(&out.reg[1].sibling[0].stamp.dot, &dot), 0);
        sp_dictionary_format_value(
            &field[1], out.reg[1].sibling[0].value, SP_TEXT_EXACT, &text);
        sp_buf_put_u8(&text, 0);
        assert_string_equal((const char *)text.data, cases[i].shows);
        sp_buf_free(&value);
        sp_buf_free(&text);
    }
    sp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        each_value_has_its_image) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
