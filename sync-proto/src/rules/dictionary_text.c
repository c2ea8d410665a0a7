#include "sp/dictionary.h"

#include "currency.h"
#include "sp/pack.h"
#include "sp/phone.h"
#include "text.h"

#include <string.h>

#define YES_ZH "\xE6\x98\xAF" /* U+662F */
#define NO_ZH  "\xE5\x90\xA6" /* U+5426 */

#define DIGITS_BYTES_MAX 256u /* of what a number can be typed as */

/* ---- typed text to values ---------------------------------------------- */

static sp_err parse_bool(struct sp_slice s, struct sp_buf *out)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = { { "true", true }, { "false", false }, { "yes", true },
        { "no", false }, { "1", true }, { "0", false }, { "on", true },
        { "off", false }, { YES_ZH, true }, { NO_ZH, false } };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sp_text_same(s, sp_slice_text(words[i].text))) {
            sp_wr_bool(out, words[i].value);
            return SP_OK;
        }
    }
    return SP_E_VALUE;
}

static sp_err parse_enum(
    const struct sp_field *f, struct sp_slice s, struct sp_buf *out)
{
    int64_t number = 0;

    for (uint32_t i = 0; i < f->option_count; i++) {
        const struct sp_option *o = &f->option[i];
        if (sp_text_same(s, o->name) || sp_text_same(s, o->label_en) ||
            sp_text_same(s, o->label_zh)) {
            sp_wr_uint(out, o->number);
            return SP_OK;
        }
    }
    if (!sp_text_integer(s, &number)) {
        return SP_E_VALUE;
    }
    sp_wr_int(out, number);
    return SP_OK;
}

static void parse_phone(struct sp_slice s, struct sp_buf *out)
{
    char normal[SP_PHONE_BYTES];

    if (sp_phone_normalise(s, normal)) {
        sp_wr_text(out, normal);
    } else {
        sp_wr_array(out, 1);
        sp_wr_str(out, s);
    }
}

static sp_err parse_integer(struct sp_slice s, struct sp_buf *out)
{
    int64_t v = 0;

    if (!sp_text_integer(s, &v)) {
        return SP_E_VALUE;
    }
    sp_wr_int(out, v);
    return SP_OK;
}

static sp_err parse_date(struct sp_slice s, struct sp_buf *out)
{
    int64_t days = 0;

    if (!sp_text_date(s, &days)) {
        return SP_E_VALUE;
    }
    sp_wr_int(out, days);
    return SP_OK;
}

static sp_err parse_ts(struct sp_slice s, struct sp_buf *out)
{
    int64_t ms = 0;
    struct sp_slice zone = { NULL, 0 };

    if (!sp_text_time(s, &ms, &zone)) {
        return SP_E_VALUE;
    }
    sp_wr_array(out, 2);
    sp_wr_int(out, ms);
    sp_wr_str(out, zone);
    return SP_OK;
}

static sp_err parse_geo(struct sp_slice s, struct sp_buf *out)
{
    int64_t latitude = 0, longitude = 0, accuracy = 0;
    struct sp_slice a = sp_text_trim(sp_text_cut(&s, ','));
    struct sp_slice b = sp_text_trim(sp_text_cut(&s, ','));
    struct sp_slice c = sp_text_trim(s);

    if (!sp_text_decimal(a, 7, &latitude) ||
        !sp_text_decimal(b, 7, &longitude) ||
        (c.size > 0 && !sp_text_integer(c, &accuracy))) {
        return SP_E_VALUE;
    }
    sp_wr_array(out, 3);
    sp_wr_int(out, latitude);
    sp_wr_int(out, longitude);
    sp_wr_int(out, accuracy);
    return SP_OK;
}

/* "1,234.50 CNY" or "CNY 1234.5". */
static sp_err parse_money(struct sp_slice s, struct sp_buf *out)
{
    struct sp_slice amount = sp_text_trim(sp_text_cut(&s, ' '));
    struct sp_slice code = sp_text_trim(s);
    int64_t minor = 0;

    if (sp_currency_known(amount)) {
        struct sp_slice first = amount;
        amount = code;
        code = first;
    }
    if (!sp_currency_known(code) ||
        !sp_text_decimal(amount, sp_currency_digits(code), &minor)) {
        return SP_E_VALUE;
    }
    sp_wr_array(out, 2);
    sp_wr_int(out, minor);
    sp_wr_str(out, code);
    return SP_OK;
}

static sp_err parse_ref(struct sp_slice s, struct sp_buf *out)
{
    char text[SP_ID_TEXT_BYTES] = { 0 };
    struct sp_id id;

    if (s.size >= sizeof(text)) {
        return SP_E_VALUE;
    }
    memcpy(text, s.data, s.size);
    if (sp_id_parse(&id, text) != SP_OK) {
        return SP_E_VALUE;
    }
    sp_wr_bin(out, id.b, sizeof(id.b));
    return SP_OK;
}

/* Trimmed text that is not empty, of a field that is no group. */
static sp_err parse_some(
    const struct sp_field *f, struct sp_slice s, struct sp_buf *out)
{
    switch (f->kind) {
    case SP_VALUE_STR:
    case SP_VALUE_TERRITORY:
        sp_wr_str(out, s);
        return SP_OK;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
    case SP_VALUE_USER:
        return parse_integer(s, out);
    case SP_VALUE_BOOL:
        return parse_bool(s, out);
    case SP_VALUE_ENUM:
        return parse_enum(f, s, out);
    case SP_VALUE_PHONE:
        parse_phone(s, out);
        return SP_OK;
    case SP_VALUE_DATE:
        return parse_date(s, out);
    case SP_VALUE_TS:
        return parse_ts(s, out);
    case SP_VALUE_GEO:
        return parse_geo(s, out);
    case SP_VALUE_MONEY:
        return parse_money(s, out);
    case SP_VALUE_REF:
        return parse_ref(s, out);
    case SP_VALUE_BYTES: /* nobody types it */
    case SP_VALUE_GROUP:
        break;
    }
    return SP_E_VALUE;
}

/* What was appended since start must be a value of the field, else it goes. */
static sp_err checked(
    const struct sp_field *f, struct sp_buf *out, size_t start, sp_err err)
{
    if (out->err != SP_OK) {
        return SP_OK; /* latched: the caller asks the buffer */
    }
    if (err == SP_OK) {
        struct sp_slice all = sp_buf_slice(out);
        err = sp_dictionary_check_value(
            f, sp_slice_of(all.data + start, all.size - start));
    }
    if (err != SP_OK) {
        out->size = start;
    }
    return err;
}

/* Digits and signs as an East Asian keyboard writes them are the same ones:
 * U+FF01..U+FF5E are the forms of U+0021..U+007E. */
static struct sp_slice half_width(struct sp_slice s, uint8_t room[])
{
    size_t size = 0;

    for (size_t i = 0; i < s.size; size++) {
        const uint8_t *p = s.data + i;
        bool wide =
            s.size - i >= 3 && p[0] == 0xef &&
            ((p[1] == 0xbc && p[2] >= 0x81) || (p[1] == 0xbd && p[2] <= 0x9e));
        bool blank = s.size - i >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0;
        room[size] = wide    ? (uint8_t)(p[2] + (p[1] == 0xbc ? -0x60 : -0x20))
                     : blank ? (uint8_t)' '
                             : p[0];
        i += wide || blank ? 3 : 1;
    }
    return sp_slice_of(room, size);
}

/* Values that are numbers, however they are typed. */
static bool of_digits(const struct sp_field *f)
{
    return f->kind == SP_VALUE_UINT || f->kind == SP_VALUE_INT ||
           f->kind == SP_VALUE_DATE || f->kind == SP_VALUE_TS ||
           f->kind == SP_VALUE_GEO || f->kind == SP_VALUE_MONEY;
}

static sp_err parse_plain(
    const struct sp_field *f, struct sp_slice text, struct sp_buf *out)
{
    struct sp_slice s = sp_text_trim(text);
    uint8_t room[DIGITS_BYTES_MAX];
    size_t start = out->size;
    sp_err err = SP_OK;

    if (!sp_utf8_valid(s)) {
        return SP_E_VALUE;
    }
    if (of_digits(f) && s.size <= sizeof(room)) {
        s = half_width(s, room);
    }
    if (f->kind == SP_VALUE_STR && f->merge != SP_MERGE_CNT && s.size > 0) {
        /* Valid and trimmed: what is left of the check below. Most values are
         * text. */
        if (!sp_dictionary_fits(f, s)) {
            return SP_E_VALUE;
        }
        sp_wr_str(out, s);
        return SP_OK;
    }
    if (s.size == 0) {
        sp_wr_nil(out);
    } else {
        err = parse_some(f, s, out);
    }
    return checked(f, out, start, err);
}

sp_err sp_dictionary_parse_parts(const struct sp_field *f,
    const struct sp_slice *text, size_t count, struct sp_buf *out)
{
    size_t start = out->size, used = count;
    sp_err err = SP_OK;

    if (f->kind != SP_VALUE_GROUP || count > f->part_count) {
        return SP_E_VALUE;
    }
    while (used > 0 && sp_text_trim(text[used - 1]).size == 0) {
        used--; /* no nil at the end */
    }
    if (used == 0) {
        sp_wr_nil(out);
    } else {
        sp_wr_array(out, (uint32_t)used);
    }
    for (size_t i = 0; i < used && err == SP_OK; i++) {
        err = parse_plain(&f->part[i], text[i], out);
    }
    return checked(f, out, start, err == SP_E_REQUIRED ? SP_E_VALUE : err);
}

/* Where the next unescaped c stands in s, or s.size. */
static size_t unescaped(struct sp_slice s, uint8_t c)
{
    size_t i = 0;

    while (i < s.size && s.data[i] != c) {
        i += s.data[i] == '\\' ? 2u : 1u;
    }
    return i < s.size ? i : s.size;
}

static struct sp_slice without_escapes(struct sp_slice s, struct sp_buf *out)
{
    size_t start = out->size;

    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\\' && i + 1 < s.size) {
            i++;
        }
        sp_buf_put_u8(out, s.data[i]);
    }
    if (out->err != SP_OK) {
        return (struct sp_slice){ NULL, 0 };
    }
    return sp_slice_of(out->data + start, out->size - start);
}

/* The part that a piece names ("city=..."), or the one at its place. */
static size_t part_of(
    const struct sp_field *f, struct sp_slice *piece, size_t place)
{
    size_t cut = unescaped(*piece, '=');

    if (cut == piece->size) {
        return place;
    }
    struct sp_slice name = sp_text_trim(sp_slice_of(piece->data, cut));
    for (size_t i = 0; i < f->part_count; i++) {
        const struct sp_field *p = &f->part[i];
        if (sp_text_same(name, p->name) || sp_text_same(name, p->label_en) ||
            sp_text_same(name, p->label_zh)) {
            piece->data += cut + 1;
            piece->size -= cut + 1;
            return i;
        }
    }
    return f->part_count; /* no such part */
}

static sp_err parse_group(
    const struct sp_field *f, struct sp_slice s, struct sp_buf *out)
{
    struct sp_slice text[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    size_t at[SP_DICTIONARY_PARTS_MAX] = { 0 };
    struct sp_buf plain;
    sp_err err = SP_OK;

    sp_buf_init(&plain, SP_VALUE_BYTES_MAX);
    for (size_t place = 0; s.size > 0 && err == SP_OK; place++) {
        size_t cut = unescaped(s, ';');
        struct sp_slice piece = sp_slice_of(s.data, cut);
        size_t i = part_of(f, &piece, place);
        s.data += cut < s.size ? cut + 1 : cut;
        s.size -= cut < s.size ? cut + 1 : cut;
        if (i >= f->part_count || text[i].size > 0) {
            err = sp_text_trim(piece).size == 0 ? SP_OK : SP_E_VALUE;
            continue;
        }
        /* The buffer may move: remember offsets until all are there. */
        at[i] = plain.size;
        text[i].size = without_escapes(sp_text_trim(piece), &plain).size;
    }
    for (size_t i = 0; i < f->part_count && plain.err == SP_OK; i++) {
        text[i].data = text[i].size > 0 ? plain.data + at[i] : NULL;
    }
    if (plain.err != SP_OK) {
        err = plain.err == SP_E_TOO_LARGE ? SP_E_VALUE : plain.err;
    }
    if (err == SP_OK) {
        err = sp_dictionary_parse_parts(f, text, f->part_count, out);
    }
    sp_buf_free(&plain);
    return err;
}

sp_err sp_dictionary_parse_value(
    const struct sp_field *f, struct sp_slice text, struct sp_buf *out)
{
    if (f->kind != SP_VALUE_GROUP) {
        return parse_plain(f, text, out);
    }
    return sp_utf8_valid(text) ? parse_group(f, text, out) : SP_E_VALUE;
}

/* ---- values to text ---------------------------------------------------- */

static void put(struct sp_buf *b, struct sp_slice s)
{
    sp_buf_put(b, s.data, s.size);
}

static void put_text(struct sp_buf *b, const char *text)
{
    put(b, sp_slice_text(text));
}

/* The label in the form's language, or the name where there is none. */
static struct sp_slice labelled(enum sp_text_form form, struct sp_slice name,
    struct sp_slice en, struct sp_slice zh)
{
    struct sp_slice label = form == SP_TEXT_ZH ? zh : en;

    return form == SP_TEXT_EXACT || label.size == 0 ? name : label;
}

static void format_bool(bool v, enum sp_text_form form, struct sp_buf *out)
{
    static const char *const words[3][2] = { { "false", "true" },
        { "no", "yes" }, { NO_ZH, YES_ZH } };

    put_text(out, words[form][v]);
}

static void format_enum(const struct sp_field *f, uint64_t number,
    enum sp_text_form form, struct sp_buf *out)
{
    const struct sp_option *o = sp_dictionary_option(f, number);

    put(out, labelled(form, o->name, o->label_en, o->label_zh));
}

static void format_phone(struct sp_rd *r, struct sp_buf *out)
{
    if (sp_rd_peek(r) == SP_KIND_ARRAY) {
        sp_rd_array_of(r, 1);
    }
    put(out, sp_rd_str(r, SP_PHONE_TYPED_MAX));
}

static void format_ts(
    struct sp_rd *r, enum sp_text_form form, struct sp_buf *out)
{
    sp_rd_array_of(r, 2);
    uint64_t ms = sp_rd_uint(r, 0, SP_TEXT_MS_MAX);
    struct sp_slice zone = sp_rd_str(r, SP_TEXT_ZONE_MAX);

    sp_text_put_time(out, ms, form == SP_TEXT_EXACT ? 'T' : ' ');
    if (zone.size > 0) {
        put_text(out, " ");
        put(out, zone);
    }
}

static void format_geo(struct sp_rd *r, struct sp_buf *out)
{
    sp_rd_array_of(r, 3);
    sp_text_put_decimal(out, sp_rd_int(r, INT64_MIN, INT64_MAX), 7);
    put_text(out, ",");
    sp_text_put_decimal(out, sp_rd_int(r, INT64_MIN, INT64_MAX), 7);
    put_text(out, ",");
    sp_text_put_integer(out, sp_rd_int(r, 0, INT64_MAX));
}

static void format_money(struct sp_rd *r, struct sp_buf *out)
{
    sp_rd_array_of(r, 2);
    int64_t minor = sp_rd_int(r, INT64_MIN, INT64_MAX);
    struct sp_slice code = sp_rd_str(r, 3);

    sp_text_put_decimal(out, minor, sp_currency_digits(code));
    put_text(out, " ");
    put(out, code);
}

static void format_ref(struct sp_rd *r, struct sp_buf *out)
{
    struct sp_id id;
    char text[SP_ID_TEXT_BYTES];

    sp_rd_fixed(r, id.b, sizeof(id.b));
    sp_id_format(text, &id);
    put_text(out, text);
}

static void format_bytes(struct sp_slice s, struct sp_buf *out)
{
    char two[3];

    for (size_t i = 0; i < s.size; i++) {
        sp_hex(two, s.data + i, 1);
        put_text(out, two);
    }
}

/* A value that was checked and is neither nil nor a group. */
static void format_plain(const struct sp_field *f, struct sp_rd *r,
    enum sp_text_form form, struct sp_buf *out)
{
    switch (f->kind) {
    case SP_VALUE_STR:
    case SP_VALUE_TERRITORY:
        put(out, sp_rd_str(r, SP_STRING_BYTES_MAX));
        break;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
    case SP_VALUE_USER:
        sp_text_put_integer(out, sp_rd_int(r, INT64_MIN, INT64_MAX));
        break;
    case SP_VALUE_BOOL:
        format_bool(sp_rd_bool(r), form, out);
        break;
    case SP_VALUE_ENUM:
        format_enum(f, sp_rd_uint(r, 0, UINT16_MAX), form, out);
        break;
    case SP_VALUE_PHONE:
        format_phone(r, out);
        break;
    case SP_VALUE_DATE:
        sp_text_put_date(out, sp_rd_int(r, SP_TEXT_DAY_MIN, SP_TEXT_DAY_MAX));
        break;
    case SP_VALUE_TS:
        format_ts(r, form, out);
        break;
    case SP_VALUE_GEO:
        format_geo(r, out);
        break;
    case SP_VALUE_MONEY:
        format_money(r, out);
        break;
    case SP_VALUE_REF:
        format_ref(r, out);
        break;
    case SP_VALUE_BYTES:
        format_bytes(sp_rd_bin(r, SP_DICTIONARY_BYTES_MAX), out);
        break;
    case SP_VALUE_GROUP:
        break;
    }
}

static void put_escaped(struct sp_buf *b, struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == ';' || s.data[i] == '=' || s.data[i] == '\\') {
            sp_buf_put_u8(b, '\\');
        }
        sp_buf_put_u8(b, s.data[i]);
    }
}

static void format_part(const struct sp_field *p, struct sp_rd *r,
    enum sp_text_form form, struct sp_buf *out)
{
    struct sp_buf plain;

    if (form != SP_TEXT_EXACT) {
        format_plain(p, r, form, out);
        return;
    }
    sp_buf_init(&plain, SP_VALUE_BYTES_MAX);
    format_plain(p, r, form, &plain);
    put_escaped(out, sp_buf_slice(&plain));
    sp_buf_free(&plain);
}

static void format_group(const struct sp_field *f, struct sp_rd *r,
    enum sp_text_form form, struct sp_buf *out)
{
    uint32_t count = sp_rd_array(r, f->part_count);
    bool exact = form == SP_TEXT_EXACT, first = true;

    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        const struct sp_field *p = &f->part[i];
        if (sp_rd_peek(r) == SP_KIND_NIL) {
            sp_rd_nil(r);
            continue;
        }
        put_text(out, first ? "" : exact ? "; " : ", ");
        first = false;
        put(out, labelled(form, p->name, p->label_en, p->label_zh));
        put_text(out, exact ? "=" : ": ");
        format_part(p, r, form, out);
    }
}

static void format_hex(struct sp_slice value, struct sp_buf *out)
{
    char text[3];

    for (size_t i = 0; i < value.size; i++) {
        sp_hex(text, value.data + i, 1);
        put_text(out, text);
    }
}

void sp_dictionary_format_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, struct sp_buf *out)
{
    sp_err err = sp_dictionary_check_value(f, value);
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_NIL) {
        return;
    }
    if (err != SP_OK) {
        format_hex(value, out);
    } else if (f->merge == SP_MERGE_CNT) {
        int64_t v = sp_rd_int(&r, INT64_MIN, INT64_MAX);
        put_text(out, v > 0 ? "+" : "");
        sp_text_put_integer(out, v);
    } else if (f->kind == SP_VALUE_GROUP) {
        format_group(f, &r, form, out);
    } else {
        format_plain(f, &r, form, out);
    }
}
