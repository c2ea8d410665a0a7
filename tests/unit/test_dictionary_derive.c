/* What a derived field shows of each value of its source. */
#include "sp/dictionary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/merge.h"
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
    { &phone, &tail, "110 Li", "**** Li" },
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

/* ---- a source that took over from another (was) -------------------------- */

static const struct sp_field renamed[] = {
    { .number = 1, SOURCE(SP_VALUE_PHONE), .retired = true },
    { .number = 2, SOURCE(SP_VALUE_PHONE), .was = 1 },
    { .number = 3,
        .merge = SP_MERGE_DRV,
        .derive = SP_DERIVE_MASK_TAIL,
        .source = 2,
        .argument = 4,
        .kind = SP_VALUE_STR,
        .max = 8 },
};
static const struct sp_entity account = { .number = 1,
    .derives = true,
    .succeeds = true,
    .field_count = 3,
    .field = renamed };

/* One write: of field 1 or 2, with what its author had seen of that field. */
struct typed {
    uint16_t field;
    struct sp_dot dot;
    const char *value;
    struct sp_vector seen;
};

static struct sp_record written(
    struct sp_arena *arena, struct sp_record r, const struct typed *t)
{
    struct sp_buf value;
    struct sp_write w = { .key = { t->field, { NULL, 0 } },
        .context = t->seen };
    struct sp_change change = { r.ref, 1, &w };
    struct sp_stamp stamp = { .dot = t->dot, .time = t->dot.counter };
    struct sp_record out;
    uint32_t changed;

    sp_buf_init(&value, 64);
    assert_int_equal(
        sp_dictionary_parse_value(&renamed[1], sp_slice_text(t->value), &value),
        SP_OK);
    w.value = sp_arena_copy(arena, sp_buf_slice(&value));
    sp_buf_free(&value);
    assert_int_equal(
        sp_merge_write(&r, &change, &stamp, arena, &out, &changed), SP_OK);
    return out;
}

static struct sp_record derived(struct sp_arena *arena, struct sp_record r)
{
    struct sp_record out;
    uint32_t made;

    assert_int_equal(
        sp_dictionary_derive(&account, &r, SP_MAKE_ALL, arena, &out, &made),
        SP_OK);
    return out;
}

/* The texts of the image, by dot, one after the other. */
static void shows(struct sp_record r, const char *texts)
{
    const struct sp_register *reg =
        sp_record_find(&r, 3, (struct sp_slice){ NULL, 0 });
    struct sp_buf text;

    sp_buf_init(&text, 256);
    assert_non_null(reg);
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        assert_int_equal(sp_vector_get(&reg->context, s->stamp.dot.replica),
            s->stamp.dot.counter);
        sp_dictionary_format_value(&renamed[2], s->value, SP_TEXT_EXACT, &text);
    }
    sp_buf_put_u8(&text, 0);
    assert_string_equal((const char *)text.data, texts);
    sp_buf_free(&text);
}

static void what_a_source_was_has_its_image_until_somebody_writes_over_it(
    void **state)
{
    struct sp_dot old_dot = { 7, 1 }, none_of[1];
    struct sp_vector nothing = { 0, none_of }, saw_old = { 1, &old_dot };
    const struct typed old = { 1, { 7, 1 }, "+8613811111111", nothing },
                       new = { 2, { 8, 1 }, "+8613822222222", saw_old },
                       away = { 1, { 9, 1 }, "+8613833333333", nothing },
                       own = { 2, { 9, 2 }, "+8613844444444", nothing };
    const struct typed *all[] = { &old, &new, &away, &own };
    struct sp_arena arena;
    struct sp_record r = { .ref = { 1, { { 1 } } } }, out;
    uint32_t made;

    (void)state;
    sp_arena_init(&arena, 1u << 22);
    r = written(&arena, r, &old);
    shows(derived(&arena, r), "****1111");
    r = written(&arena, r, &new);
    shows(derived(&arena, r), "****2222");
    r = written(&arena, r, &away); /* a device of the edition before */
    shows(derived(&arena, r), "****2222****3333");
    assert_int_equal(sp_dictionary_derive(
                         &account, &r, SP_MAKE_CHANGED, &arena, &out, &made),
        SP_OK);
    assert_int_equal(made, 1); /* the old field alone changed */
    shows(out, "****2222****3333");
    r = written(&arena, r, &own); /* who knew his own (SYNC M3) */
    shows(derived(&arena, r), "****2222****4444");
    /* In whatever parts two servers have the writes, the join of their images
     * is the image of the join. */
    for (unsigned a = 1; a < 16; a++) {
        for (unsigned b = 1; b < 16; b++) {
            struct sp_record one = { .ref = r.ref }, two = one, both = one;
            struct sp_record joined;
            uint32_t changed;
            for (unsigned i = 0; i < 4; i++) {
                one = a >> i & 1u ? written(&arena, one, all[i]) : one;
                two = b >> i & 1u ? written(&arena, two, all[i]) : two;
                both = (a | b) >> i & 1u ? written(&arena, both, all[i]) : both;
            }
            one = derived(&arena, one);
            two = derived(&arena, two);
            both = derived(&arena, both);
            assert_int_equal(
                sp_merge_join(&one, &two, &arena, &joined, &changed), SP_OK);
            uint8_t x[16], y[16];
            sp_record_digest(&joined, NULL, NULL, x);
            sp_record_digest(&both, NULL, NULL, y);
            assert_memory_equal(x, y, sizeof x);
        }
        sp_arena_reset(&arena);
    }
    sp_arena_free(&arena);
}

/* ---- what stands by consent alone --------------------------------------- */

static const struct sp_option answers[] = {
    { .number = 1, .name = TEXT("given") },
    { .number = 2, .name = TEXT("withdrawn") },
};
static const struct sp_field word[] = {
    { .number = 1,
        .name = TEXT("state"),
        .kind = SP_VALUE_ENUM,
        .required = true,
        .option_count = 2,
        .option = answers },
};
#define CONSENT                                                                \
    .merge = SP_MERGE_DENY, .kind = SP_VALUE_GROUP, .part_count = 1,           \
    .part = word

/* The consent has become another field, which the image knows nothing of. */
static const struct sp_field consented[] = {
    { .number = 1, SOURCE(SP_VALUE_PHONE) },
    { .number = 2, CONSENT, .retired = true },
    { .number = 3,
        .merge = SP_MERGE_DRV,
        .derive = SP_DERIVE_COPY,
        .source = 1,
        .needs = 2,
        .kind = SP_VALUE_PHONE },
    { .number = 4, CONSENT, .was = 2 },
};
static const struct sp_entity person = { .number = 1,
    .derives = true,
    .withholds = true,
    .succeeds = true,
    .field_count = 4,
    .field = consented };

static void write_to(struct sp_arena *arena, struct sp_record *r,
    uint16_t field, struct sp_dot dot, const char *value, struct sp_dot seen)
{
    struct sp_buf typed;
    struct sp_write w = { .key = { field, { NULL, 0 } },
        .context = { seen.counter > 0, &seen } };
    struct sp_change change = { r->ref, 1, &w };
    struct sp_stamp stamp = { .dot = dot, .time = dot.counter };
    uint32_t changed;

    for (uint32_t i = 0; i < r->count; i++) {
        ((struct sp_register *)r->reg)[i].seq = 1; /* stored, as it were */
    }
    sp_buf_init(&typed, 64);
    assert_int_equal(sp_dictionary_parse_value(
                         &consented[field - 1u], sp_slice_text(value), &typed),
        SP_OK);
    w.value = sp_arena_copy(arena, sp_buf_slice(&typed));
    sp_buf_free(&typed);
    assert_int_equal(
        sp_merge_write(r, &change, &stamp, arena, r, &changed), SP_OK);
}

static uint32_t make(
    struct sp_arena *arena, struct sp_record *r, enum sp_make what)
{
    uint32_t made;

    assert_int_equal(
        sp_dictionary_derive(&person, r, what, arena, r, &made), SP_OK);
    return made;
}

static bool stands(const struct sp_record *r)
{
    return sp_record_find(r, 3, (struct sp_slice){ NULL, 0 }) != NULL;
}

static void what_stands_by_consent_stands_while_it_is_given(void **state)
{
    const struct sp_dot never = { 0, 0 }, first = { 7, 2 }, second = { 8, 1 };
    struct sp_record r = { .ref = { 1, { { 1 } } } }, before;
    struct sp_arena arena;

    (void)state;
    sp_arena_init(&arena, 1u << 22);
    assert_true(sp_dictionary_derives(&person, &consented[2]));
    write_to(&arena, &r, 1, (struct sp_dot){ 7, 1 }, "+8613811111111", never);
    assert_int_equal(make(&arena, &r, SP_MAKE_ALL), 0); /* nobody asked him */
    write_to(&arena, &r, 2, first, "given", never);
    before = r;
    assert_int_equal(make(&arena, &r, SP_MAKE_SHOWN), 0);
    assert_int_equal(make(&arena, &r, SP_MAKE_JOINED), 0);
    assert_int_equal(make(&arena, &r, SP_MAKE_CHANGED), 1);
    assert_true(stands(&r));
    assert_true(
        sp_slice_equal(r.reg[0].sibling[0].value, r.reg[2].sibling[0].value));
    assert_int_equal(make(&arena, &before, SP_MAKE_ALL), 1);
    /* Another of the edition after says no, without having seen it. */
    write_to(&arena, &r, 4, second, "withdrawn", never);
    before = r;
    assert_int_equal(make(&arena, &before, SP_MAKE_NONE), 1);
    assert_false(stands(&before));
    assert_int_equal(make(&arena, &r, SP_MAKE_LOST), 1);
    assert_false(stands(&r));
    assert_int_equal(make(&arena, &r, SP_MAKE_ALL), 0);
    write_to(&arena, &r, 4, (struct sp_dot){ 9, 1 }, "given", second);
    assert_int_equal(make(&arena, &r, SP_MAKE_CHANGED), 1); /* seen the no */
    assert_true(stands(&r));
    /* Given again it is the same, and new all the same; taken back too. */
    write_to(&arena, &r, 4, (struct sp_dot){ 9, 2 }, "given",
        (struct sp_dot){ 9, 1 });
    assert_int_equal(make(&arena, &r, SP_MAKE_SHOWN), 0);
    assert_int_equal(make(&arena, &r, SP_MAKE_CHANGED), 1);
    assert_int_equal(r.reg[2].seq, 0);
    write_to(
        &arena, &r, 4, (struct sp_dot){ 9, 3 }, "", (struct sp_dot){ 9, 2 });
    assert_true(stands(&r));
    write_to(&arena, &r, 2, (struct sp_dot){ 7, 3 }, "", first);
    assert_int_equal(make(&arena, &r, SP_MAKE_SHOWN), 1); /* nobody says yes */
    assert_false(stands(&r));
    sp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_its_image),
        cmocka_unit_test(
            what_a_source_was_has_its_image_until_somebody_writes_over_it),
        cmocka_unit_test(what_stands_by_consent_stands_while_it_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
