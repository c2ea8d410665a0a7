#include "sp/dictionary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"
#include "sp/seal.h"

#define ARENA_BYTES_MAX 16777216u
#define COUNT(a)        (sizeof(a) / sizeof((a)[0]))

/* ---- fields to try ----------------------------------------------------- */

static const struct sp_option options[] = {
    { 1, { (const uint8_t *)"order", 5 }, { (const uint8_t *)"Order", 5 },
        { (const uint8_t *)"下单", 6 } },
    { 4, { (const uint8_t *)"closed_door", 11 },
        { (const uint8_t *)"Closed door", 11 },
        { (const uint8_t *)"未开门", 9 } },
};

#define PLAIN(k) .kind = (k), .merge = SP_MERGE_LWW
#define NAMED(n) .name = { (const uint8_t *)(n), sizeof(n) - 1u }

static const struct sp_field parts[] = {
    { .number = 1, NAMED("city"), PLAIN(SP_VALUE_STR), .max = 10 },
    { .number = 2, NAMED("street"), PLAIN(SP_VALUE_STR), .max = 10 },
    { .number = 3, NAMED("phone"), PLAIN(SP_VALUE_PHONE) },
};
static const struct sp_field needed[] = {
    { .number = 1, NAMED("number"), PLAIN(SP_VALUE_PHONE), .required = true },
    { .number = 2, NAMED("label"), PLAIN(SP_VALUE_STR), .max = 5 },
};

static const struct sp_field str = { PLAIN(SP_VALUE_STR), .max = 5 };
static const struct sp_field must = { PLAIN(SP_VALUE_STR), .max = 5,
    .required = true };
static const struct sp_field lines = { PLAIN(SP_VALUE_STR), .max = 50,
    .lines = true };
static const struct sp_field cycle = { PLAIN(SP_VALUE_UINT), .low = 1,
    .high = 365 };
static const struct sp_field whole = { PLAIN(SP_VALUE_INT), .low = INT64_MIN,
    .high = INT64_MAX };
static const struct sp_field flag = { PLAIN(SP_VALUE_BOOL) };
static const struct sp_field choice = { PLAIN(SP_VALUE_ENUM), .option_count = 2,
    .option = options };
static const struct sp_field phone = { PLAIN(SP_VALUE_PHONE) };
static const struct sp_field date = { PLAIN(SP_VALUE_DATE) };
static const struct sp_field ts = { PLAIN(SP_VALUE_TS) };
static const struct sp_field geo = { PLAIN(SP_VALUE_GEO) };
static const struct sp_field money = { PLAIN(SP_VALUE_MONEY), .low = 0,
    .high = 1000000 };
static const struct sp_field debt = { PLAIN(SP_VALUE_MONEY), .low = INT64_MIN,
    .high = INT64_MAX };
static const struct sp_field group = { PLAIN(SP_VALUE_GROUP), .part_count = 3,
    .part = parts };
static const struct sp_field labelled = { PLAIN(SP_VALUE_GROUP),
    .part_count = 2, .part = needed };
static const struct sp_field ref = { PLAIN(SP_VALUE_REF) };
static const struct sp_field user = { PLAIN(SP_VALUE_USER) };
static const struct sp_field territory = { PLAIN(SP_VALUE_TERRITORY) };

/* ---- typed text -------------------------------------------------------- */

/* typed: what a person types; exact: what the value is shown as, NULL when the
 * text is refused. */
struct typed {
    const struct sp_field *field;
    const char *typed;
    const char *exact;
};

// clang-format off
static const struct typed typed[] = {
    { &str, "  tea \t", "tea" },
    { &str, "　茶叶　", "茶叶" },
    { &str, "12345", "12345" },
    { &str, "一二三四五", "一二三四五" },
    { &str, "123456", NULL },
    { &str, "a\nb", NULL },
    { &str, "", "" },
    { &str, "   ", "" },
    { &lines, "a\n\tb\n", "a\n\tb" },
    { &cycle, "1", "1" },
    { &cycle, "365", "365" },
    { &cycle, "0", NULL },
    { &cycle, "366", NULL },
    { &cycle, "-1", NULL },
    { &cycle, "1.0", NULL },
    { &cycle, "1e2", NULL },
    { &cycle, "12 days", NULL },
    { &whole, "-9223372036854775808", "-9223372036854775808" },
    { &whole, "9223372036854775807", "9223372036854775807" },
    { &whole, "9223372036854775808", NULL },
    { &whole, "+5", "5" },
    { &flag, "yes", "true" },
    { &flag, "是", "true" },
    { &flag, "否", "false" },
    { &flag, "OFF", "false" },
    { &flag, "maybe", NULL },
    { &choice, "order", "order" },
    { &choice, "Closed Door", "closed_door" },
    { &choice, "未开门", "closed_door" },
    { &choice, "4", "closed_door" },
    { &choice, "2", NULL },
    { &choice, "-1", NULL },
    { &choice, "shut", NULL },
    { &phone, "138 1234 5678", "+8613812345678" },
    { &phone, "138-1234-5678", "+8613812345678" },
    { &phone, "１３８１２３４５６７８", "+8613812345678" },
    { &phone, "＋８６ （１３８） １２３４－５６７８", "+8613812345678" },
    { &phone, "0086 138 1234 5678", "+8613812345678" },
    { &phone, "+86 138 1234 5678", "+8613812345678" },
    { &phone, "+44 171 555 2222", "+441715552222" },
    { &phone, "0044 171 555-2222", "+441715552222" },
    { &phone, "(171) 555-2222", "(171) 555-2222" },
    { &phone, "030-0074321", "030-0074321" },
    { &phone, "+44 (0)171 555", "+44 (0)171 555" },
    { &phone, "010-6552-9988 ext 12", "010-6552-9988 ext 12" },
    { &phone, "400-820-8820", "400-820-8820" },
    { &phone, "12812345678", "12812345678" },
    { &phone, "+123456", "+123456" },
    { &phone, "+1234567", "+1234567" },
    { &phone, "+123456789012345", "+123456789012345" },
    { &phone, "+1234567890123456", "+1234567890123456" },
    { &phone, "ask 110 first", "ask 110 first" },
    { &date, "2026-03-04", "2026-03-04" },
    { &date, "2026/3/4", "2026-03-04" },
    { &date, "20260304", "2026-03-04" },
    { &date, "２０２６－０３－０４", "2026-03-04" },
    { &date, "２０２６／３／４", "2026-03-04" },
    { &date, "1969-12-31", "1969-12-31" },
    { &date, "0001-01-01", "0001-01-01" },
    { &date, "9999-12-31", "9999-12-31" },
    { &date, "2024-02-29", "2024-02-29" },
    { &date, "2000-02-29", "2000-02-29" },
    { &date, "1900-02-29", NULL },
    { &date, "2026-02-29", NULL },
    { &date, "2026-13-01", NULL },
    { &date, "2026-00-10", NULL },
    { &date, "2026-03-04x", NULL },
    { &date, "tomorrow", NULL },
    { &ts, "2026-03-04T05:06:07.089Z Asia/Shanghai", "2026-03-04T05:06:07.089Z Asia/Shanghai" },
    { &ts, "2026-03-04 13:06+08:00 Asia/Shanghai", "2026-03-04T05:06:00.000Z Asia/Shanghai" },
    { &ts, "2026-03-04T00:30:00-0545", "2026-03-04T06:15:00.000Z" },
    { &ts, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
    { &ts, "1969-12-31T23:59:59Z", NULL },
    { &ts, "2026-03-04T24:00:00Z", NULL },
    { &ts, "2026-03-04T05:06:07", NULL },
    { &ts, "2026-03-04T05:06:07Z A*B", NULL },
    { &geo, "31.2304, 121.4737, 12", "31.2304000,121.4737000,12" },
    { &geo, "-0.0000001,-180", "-0.0000001,-180.0000000,0" },
    { &geo, "90.0000001,0,1", NULL },
    { &geo, "1.23456789,0,1", NULL },
    { &geo, "３１．２３０４，121.4737，12", "31.2304000,121.4737000,12" },
    { &geo, "31.2", NULL },
    { &money, "1,234.5 CNY", "1234.50 CNY" },
    { &money, "CNY 10000.00", "10000.00 CNY" },
    { &money, "１，２３４．５　ＣＮＹ", "1234.50 CNY" },
    { &money, "1,234 JPY", "1234 JPY" },
    { &money, "1,23 CNY", NULL }, /* somebody's 1.23 */
    { &money, "1234,500 CNY", NULL },
    { &money, "1,234,50 CNY", NULL },
    { &money, "1,2345.50 CNY", NULL },
    { &money, ",123 CNY", NULL },
    { &money, "1,234.5,0 CNY", NULL },
    { &money, "5 XYZ", NULL },
    { &money, "10000.01 CNY", NULL },
    { &money, "-0.01 CNY", NULL },
    { &money, "5 yuan", NULL },
    { &money, "5", NULL },
    { &money, "500 JPY", "500 JPY" },
    { &money, "1.5 JPY", NULL },
    { &money, "1.234 KWD", "1.234 KWD" },
    { &debt, "-92233720368547758.08 EUR", "-92233720368547758.08 EUR" },
    { &group, "Oslo; Main 1", "city=Oslo; street=Main 1" },
    { &group, "street=Main 1", "street=Main 1" },
    { &group, "phone=13812345678; city=Oslo", "city=Oslo; phone=+8613812345678" },
    { &group, "a\\;b; c\\=d\\\\", "city=a\\;b; street=c\\=d\\\\" },
    { &group, " ; ; ", "" },
    { &group, "Oslo; Main; 1; 2", NULL },
    { &group, "town=Oslo", NULL },
    { &group, "city=Oslo; city=Bergen", NULL },
    { &group, "a name that is too long", NULL },
    { &labelled, "13812345678; home", "number=+8613812345678; label=home" },
    { &labelled, "label=home", NULL },
    { &ref, "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8057" },
    { &ref, "01890a5d", NULL },
    { &ref, "00000000-0000-0000-0000-000000000000", NULL },
    { &str, "\xe2\x80\x8b", NULL }, /* nothing to see */
    { &str, "\xe2\x80\xae\xef\xbb\xbf\xc2\xad", NULL },
    { &str, "\xe2\xa0\x80", NULL },
    { &str, "\xe2\x80\x8bx", "\xe2\x80\x8bx" },
    { &user, "11", "11" },
    { &user, "0", NULL },
    { &user, "4294967296", NULL },
    { &user, "anna", NULL },
    { &territory, " A-1 ", "A-1" },
    { &str, "\xff", NULL },
};
// clang-format on

static void check_shown(
    const struct typed *t, const struct sp_buf *value, struct sp_buf *shown)
{
    sp_buf_reset(shown);
    sp_dictionary_format_value(
        t->field, sp_buf_slice(value), SP_TEXT_EXACT, shown);
    if (!sp_slice_equal(sp_buf_slice(shown), sp_slice_text(t->exact))) {
        fail_msg("\"%s\" is shown as \"%.*s\"", t->typed, (int)shown->size,
            (const char *)shown->data);
    }
}

static void typed_text_becomes_the_value_that_shows_it(void **state)
{
    struct sp_buf value, shown, again;

    (void)state;
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    sp_buf_init(&shown, SP_VALUE_BYTES_MAX);
    sp_buf_init(&again, SP_VALUE_BYTES_MAX);
    for (size_t i = 0; i < COUNT(typed); i++) {
        const struct typed *t = &typed[i];
        sp_buf_reset(&value);
        sp_err err = sp_dictionary_parse_value(
            t->field, sp_slice_text(t->typed), &value);
        if (t->exact == NULL) {
            if (err != SP_E_VALUE || value.size != 0) {
                fail_msg("\"%s\" was taken", t->typed);
            }
            continue;
        }
        if (err != SP_OK || sp_dictionary_check_value(
                                t->field, sp_buf_slice(&value)) != SP_OK) {
            fail_msg("\"%s\" was refused", t->typed);
        }
        check_shown(t, &value, &shown);
        sp_buf_reset(&again);
        assert_int_equal(
            sp_dictionary_parse_value(t->field, sp_buf_slice(&shown), &again),
            SP_OK);
        assert_true(sp_slice_equal(sp_buf_slice(&value), sp_buf_slice(&again)));
    }
    sp_buf_free(&value);
    sp_buf_free(&shown);
    sp_buf_free(&again);
}

static void a_phone_that_cannot_be_normalised_is_marked(void **state)
{
    struct sp_buf v;

    (void)state;
    sp_buf_init(&v, 256);
    assert_int_equal(
        sp_dictionary_parse_value(&phone, sp_slice_text("030-0074321"), &v),
        SP_OK);
    assert_true(sp_dictionary_phone_as_typed(sp_buf_slice(&v)));
    sp_buf_reset(&v);
    assert_int_equal(
        sp_dictionary_parse_value(&phone, sp_slice_text("13812345678"), &v),
        SP_OK);
    assert_false(sp_dictionary_phone_as_typed(sp_buf_slice(&v)));
    /* One number has one form: marked it would be a second. */
    sp_buf_reset(&v);
    sp_wr_array(&v, 1);
    sp_wr_text(&v, "13812345678");
    assert_int_equal(
        sp_dictionary_check_value(&phone, sp_buf_slice(&v)), SP_E_VALUE);
    sp_buf_free(&v);
}

static void people_see_labels_in_their_language(void **state)
{
    static const uint8_t closed[] = { 4 }, yes[] = { 0xc3 };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 256);
    sp_dictionary_format_value(&choice, SP_SLICE(closed), SP_TEXT_EN, &out);
    sp_buf_put_u8(&out, '/');
    sp_dictionary_format_value(&choice, SP_SLICE(closed), SP_TEXT_ZH, &out);
    sp_buf_put_u8(&out, '/');
    sp_dictionary_format_value(&flag, SP_SLICE(yes), SP_TEXT_ZH, &out);
    assert_true(sp_slice_equal(
        sp_buf_slice(&out), sp_slice_text("Closed door/未开门/是")));
    sp_buf_free(&out);
}

static void a_value_that_does_not_fit_is_shown_as_bytes(void **state)
{
    static const uint8_t later[] = { 0x09 };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 256);
    sp_dictionary_format_value(&choice, SP_SLICE(later), SP_TEXT_EN, &out);
    assert_true(sp_slice_equal(sp_buf_slice(&out), sp_slice_text("09")));
    sp_buf_free(&out);
}

/* ---- encoded values ---------------------------------------------------- */

static void nil_clears_what_is_not_required(void **state)
{
    static const uint8_t nil[] = { 0xc0 }, two[] = { 0xc0, 0xc0 };

    (void)state;
    assert_int_equal(sp_dictionary_check_value(&str, SP_SLICE(nil)), SP_OK);
    assert_int_equal(sp_dictionary_check_value(&group, SP_SLICE(nil)), SP_OK);
    assert_int_equal(
        sp_dictionary_check_value(&must, SP_SLICE(nil)), SP_E_REQUIRED);
    assert_int_equal(
        sp_dictionary_check_value(&str, SP_SLICE(two)), SP_E_VALUE);
    assert_int_equal(
        sp_dictionary_check_value(&str, sp_slice_of(NULL, 0)), SP_E_VALUE);
}

/* Hostile bytes: every field against many short strings, for what is not a
 * value is not to be taken, and what is taken can be shown and read again. */
static void every_value_that_is_taken_can_be_shown_and_read_again(void **state)
{
    static const struct sp_field *const fields[] = { &str, &must, &lines,
        &cycle, &whole, &flag, &choice, &phone, &date, &ts, &geo, &money,
        &group, &labelled, &ref, &user, &territory };
    static const uint8_t heads[] = { 0x00, 0x01, 0x7f, 0x80, 0x90, 0x91, 0x92,
        0x93, 0x94, 0xa0, 0xa1, 0xa2, 0xa3, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xca,
        0xcc, 0xcd, 0xce, 0xd0, 0xd1, 0xd9, 0xdc, 0xdd, 0xe0, 0xff, ' ', 'A',
        '+' };
    struct sp_buf shown, again;
    uint8_t v[4];

    (void)state;
    sp_buf_init(&shown, SP_VALUE_BYTES_MAX);
    sp_buf_init(&again, SP_VALUE_BYTES_MAX);
    for (size_t f = 0; f < COUNT(fields); f++) {
        for (size_t i = 0; i < 4u * 32u * 32u * 32u; i++) {
            size_t size = i % 4u + 1u;
            v[0] = heads[i / 4u % 32u];
            v[1] = heads[i / 128u % 32u];
            v[2] = v[3] = heads[i / 4096u % 32u];
            if (sp_dictionary_check_value(fields[f], sp_slice_of(v, size)) !=
                SP_OK) {
                continue;
            }
            sp_buf_reset(&shown);
            sp_buf_reset(&again);
            sp_dictionary_format_value(
                fields[f], sp_slice_of(v, size), SP_TEXT_EXACT, &shown);
            assert_int_equal(sp_dictionary_parse_value(
                                 fields[f], sp_buf_slice(&shown), &again),
                SP_OK);
            assert_true(
                sp_slice_equal(sp_buf_slice(&again), sp_slice_of(v, size)));
        }
    }
    sp_buf_free(&shown);
    sp_buf_free(&again);
}

static void an_element_is_the_value_or_its_hash(void **state)
{
    uint8_t value[SP_ELEMENT_BYTES_MAX + 1u], out[SP_ELEMENT_BYTES_MAX];
    uint8_t hash[16];

    (void)state;
    memset(value, 'x', sizeof(value));
    assert_int_equal(sp_dictionary_element(
                         sp_slice_of(value, SP_ELEMENT_BYTES_MAX - 1u), out),
        SP_ELEMENT_BYTES_MAX - 1u);
    assert_int_equal(
        sp_dictionary_element(sp_slice_of(value, SP_ELEMENT_BYTES_MAX), out),
        SP_ELEMENT_BYTES_MAX);
    assert_memory_equal(out, value, SP_ELEMENT_BYTES_MAX);
    assert_int_equal(sp_dictionary_element(SP_SLICE(value), out), 16);
    sp_hash(hash, 16, SP_SLICE(value), NULL);
    assert_memory_equal(out, hash, 16);
}

static void a_member_stands_as_long_as_one_sibling_holds_it(void **state)
{
    static uint8_t nil[] = { 0xc0 }, tea[] = { 0xa1, 't' };
    struct sp_sibling s[2] = { { .value = SP_SLICE(nil) },
        { .value = SP_SLICE(tea) } };
    struct sp_register r = { .count = 2, .sibling = s };

    (void)state;
    assert_true(sp_dictionary_member(&r)); /* added while removed elsewhere */
    r.count = 1;
    assert_false(sp_dictionary_member(&r));
    r.count = 0;
    assert_false(sp_dictionary_member(&r));
}

/* ---- the document ------------------------------------------------------ */

/* Two entities: shops with an own scope, calls that belong to shops. */
struct sample {
    struct sp_dictionary d;
    struct sp_entity entity[2];
    struct sp_field shop[5];
    struct sp_field call[2];
};

static void make(struct sample *s)
{
    memset(s, 0, sizeof(*s));
    s->shop[0] = (struct sp_field){ .number = 1,
        NAMED("name"),
        PLAIN(SP_VALUE_STR),
        .max = 80,
        .required = true };
    s->shop[1] = (struct sp_field){ .number = 2,
        NAMED("place"),
        .kind = SP_VALUE_TERRITORY,
        .merge = SP_MERGE_AUTH,
        .authority = 1 };
    s->shop[2] = (struct sp_field){ .number = 5,
        NAMED("team"),
        .kind = SP_VALUE_USER,
        .merge = SP_MERGE_SET,
        .set = true,
        .members_max = SP_DICTIONARY_TEAM_MAX };
    s->shop[3] = (struct sp_field){ .number = 4095,
        NAMED("where"),
        .kind = SP_VALUE_GROUP,
        .merge = SP_MERGE_KEEP,
        .part_count = 3,
        .part = parts };
    s->shop[4] = s->shop[3];
    s->shop[3] = (struct sp_field){ .number = 60,
        NAMED("now"),
        .kind = SP_VALUE_REF,
        .merge = SP_MERGE_AUTH,
        .authority = 1,
        .tree = true,
        .target = 1 };
    s->call[0] = (struct sp_field){ .number = 1,
        NAMED("shop"),
        .kind = SP_VALUE_REF,
        .merge = SP_MERGE_IMM,
        .once = true,
        .target = 1 };
    s->call[1] = (struct sp_field){ .number = 2,
        NAMED("result"),
        PLAIN(SP_VALUE_ENUM),
        .option_count = 2,
        .option = options };
    s->entity[0] = (struct sp_entity){ .number = 1,
        NAMED("shop"),
        .territory = 2,
        .team = 5,
        .forward = 60,
        .field_count = 5,
        .field = s->shop };
    s->entity[1] = (struct sp_entity){ .number = 255,
        NAMED("call"),
        .lane = 7,
        .evidence = true,
        .parent = 1,
        .field_count = 2,
        .field = s->call };
    s->d.entity_count = 2;
    s->d.entity = s->entity;
}

static sp_err decoded(struct sample *s)
{
    struct sp_dictionary d;
    struct sp_arena arena;
    struct sp_buf out;

    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_dictionary_encode(&s->d, &out);
    assert_int_equal(out.err, SP_OK);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    sp_err err = sp_dictionary_decode(sp_buf_slice(&out), &arena, &d);
    sp_arena_free(&arena);
    sp_buf_free(&out);
    return err;
}

static void a_dictionary_comes_back_from_its_document(void **state)
{
    struct sample s;
    struct sp_dictionary d;
    struct sp_arena arena;
    struct sp_buf out, again;

    (void)state;
    make(&s);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    sp_dictionary_encode(&s.d, &out);
    assert_int_equal(
        sp_dictionary_decode(sp_buf_slice(&out), &arena, &d), SP_OK);
    assert_int_equal(sp_pack_check(sp_buf_slice(&out)), SP_OK);
    sp_dictionary_encode(&d, &again);
    assert_true(sp_slice_equal(sp_buf_slice(&out), sp_buf_slice(&again)));

    const struct sp_entity *shop = sp_dictionary_entity(&d, 1);
    assert_ptr_equal(
        shop, sp_dictionary_entity_named(&d, sp_slice_text("shop")));
    assert_int_equal(sp_dictionary_entity(&d, 255)->lane, 7);
    assert_null(sp_dictionary_entity(&d, 2));
    assert_null(sp_dictionary_entity(&d, 256));
    assert_null(sp_dictionary_entity_named(&d, sp_slice_text("shops")));
    assert_int_equal(sp_dictionary_field(shop, 4095)->part_count, 3);
    assert_null(sp_dictionary_field(shop, 3));
    assert_null(sp_dictionary_field(shop, 0));
    assert_int_equal(
        sp_dictionary_field_named(shop, sp_slice_text("team"))->number, 5);
    sp_buf_free(&out);
    sp_buf_free(&again);
    sp_arena_free(&arena);
}

/* Each case breaks one rule of the format. */
static void break_one(struct sample *s, unsigned which)
{
    switch (which) {
    case 0:
        s->shop[1].number = 1;
        break;
    case 1:
        s->entity[1].number = 1;
        break;
    case 2:
        s->entity[1].parent = 2; /* no reference */
        break;
    case 3:
        s->entity[0].territory = 1;
        break;
    case 4:
        s->entity[0].territory = 0;
        s->entity[0].team = 0; /* in no scope */
        break;
    case 5:
        s->call[0].target = 255; /* a parent with a parent */
        break;
    case 6:
        s->shop[2].members_max = SP_DICTIONARY_TEAM_MAX + 1u;
        break;
    case 7:
        s->shop[0].once = true; /* once and LWW */
        break;
    case 8:
        s->shop[0].max = 0;
        break;
    case 9:
        s->call[1].option_count = 0;
        break;
    case 10:
        s->shop[4].part_count = 0;
        break;
    case 11:
        s->shop[0].name = sp_slice_text("Name");
        break;
    case 12:
        s->shop[2].set = false;
        break;
    case 13:
        s->entity[0].owner = 1;
        break;
    case 14:
        s->shop[3].target = 255; /* a tree over two entities */
        break;
    case 15:
        s->shop[3].tree = false; /* a forward that may go round */
        break;
    case 16:
        s->entity[1].forward = 1; /* what belongs to another is no account */
        break;
    default:
        break;
    }
}

static void what_does_not_fit_together_is_no_dictionary(void **state)
{
    struct sample s;

    (void)state;
    for (unsigned i = 0; i <= 16; i++) {
        make(&s);
        assert_int_equal(decoded(&s), SP_OK);
        break_one(&s, i);
        if (decoded(&s) == SP_OK) {
            fail_msg("case %u was taken", i);
        }
    }
}

static void a_cut_or_changed_dictionary_is_refused_or_read_as_one(void **state)
{
    struct sample s;
    struct sp_dictionary d;
    struct sp_arena arena;
    struct sp_buf out, again;

    (void)state;
    make(&s);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    sp_dictionary_encode(&s.d, &out);
    for (size_t size = 0; size < out.size; size++) {
        assert_int_not_equal(
            sp_dictionary_decode(sp_slice_of(out.data, size), &arena, &d),
            SP_OK);
        sp_arena_reset(&arena);
    }
    for (size_t i = 0; i < out.size * 8u; i++) {
        out.data[i / 8u] = (uint8_t)(out.data[i / 8u] ^ (1u << (i % 8u)));
        if (sp_dictionary_decode(sp_buf_slice(&out), &arena, &d) == SP_OK) {
            sp_buf_reset(&again);
            sp_dictionary_encode(&d, &again);
            assert_true(
                sp_slice_equal(sp_buf_slice(&out), sp_buf_slice(&again)));
        }
        out.data[i / 8u] = (uint8_t)(out.data[i / 8u] ^ (1u << (i % 8u)));
        sp_arena_reset(&arena);
    }
    sp_buf_free(&out);
    sp_buf_free(&again);
    sp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typed_text_becomes_the_value_that_shows_it),
        cmocka_unit_test(a_phone_that_cannot_be_normalised_is_marked),
        cmocka_unit_test(people_see_labels_in_their_language),
        cmocka_unit_test(a_value_that_does_not_fit_is_shown_as_bytes),
        cmocka_unit_test(nil_clears_what_is_not_required),
        cmocka_unit_test(every_value_that_is_taken_can_be_shown_and_read_again),
        cmocka_unit_test(an_element_is_the_value_or_its_hash),
        cmocka_unit_test(a_member_stands_as_long_as_one_sibling_holds_it),
        cmocka_unit_test(a_dictionary_comes_back_from_its_document),
        cmocka_unit_test(what_does_not_fit_together_is_no_dictionary),
        cmocka_unit_test(a_cut_or_changed_dictionary_is_refused_or_read_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
