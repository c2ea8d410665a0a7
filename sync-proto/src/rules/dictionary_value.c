#include "sp/dictionary.h"

#include "currency.h"
#include "sp/pack.h"
#include "sp/phone.h"
#include "sp/seal.h"
#include "text.h"

#include <string.h>

bool sp_dictionary_fits(const struct sp_field *f, struct sp_slice s)
{
    return s.size > 0 && s.size <= SP_STRING_BYTES_MAX && sp_text_seen(s) &&
           sp_text_characters(s) <= f->max && (f->lines || sp_text_one_line(s));
}

static void check_str(const struct sp_field *f, struct sp_rd *r)
{
    struct sp_slice s = sp_rd_str(r, SP_STRING_BYTES_MAX);

    if (!sp_dictionary_fits(f, s) || sp_text_trim(s).size != s.size) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

/* What is kept as typed can be dialled by a person: a word is no number. */
static bool has_digits(struct sp_slice s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.size; i++) {
        const bool wide = i + 2 < s.size && s.data[i] == 0xef &&
                          s.data[i + 1] == 0xbc; /* U+FF00 to U+FF3F */
        const uint8_t c =
            wide ? (uint8_t)(s.data[i + 2] - 0x90 + '0') : s.data[i];

        count += c >= '0' && c <= '9';
        i += wide ? 2 : 0;
    }
    return count >= SP_PHONE_DIGITS_MIN;
}

static void check_phone(struct sp_rd *r)
{
    char normal[SP_PHONE_BYTES];

    if (sp_rd_peek(r) == SP_KIND_STR) {
        if (!sp_phone_valid(sp_rd_str(r, SP_PHONE_BYTES))) {
            sp_rd_fail(r, SP_E_VALUE);
        }
        return;
    }
    sp_rd_array_of(r, 1);
    struct sp_slice typed = sp_rd_str(r, SP_PHONE_TYPED_MAX);
    /* One number has one form: what can be normalised must be. */
    if (typed.size == 0 || sp_text_trim(typed).size != typed.size ||
        !sp_text_one_line(typed) || !has_digits(typed) ||
        sp_phone_normalise(typed, normal)) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

static void check_ts(struct sp_rd *r)
{
    sp_rd_array_of(r, 2);
    (void)sp_rd_uint(r, 0, SP_TEXT_MS_MAX);
    if (!sp_text_zone(sp_rd_str(r, SP_TEXT_ZONE_MAX))) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

static void check_geo(struct sp_rd *r)
{
    sp_rd_array_of(r, 3);
    (void)sp_rd_int(r, -SP_TEXT_LATITUDE_MAX, SP_TEXT_LATITUDE_MAX);
    (void)sp_rd_int(r, -SP_TEXT_LONGITUDE_MAX, SP_TEXT_LONGITUDE_MAX);
    (void)sp_rd_uint(r, 0, SP_TEXT_ACCURACY_MAX);
}

static void check_money(const struct sp_field *f, struct sp_rd *r)
{
    sp_rd_array_of(r, 2);
    (void)sp_rd_int(r, f->low, f->high);
    if (!sp_currency_known(sp_rd_str(r, 3))) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

static void check_territory(struct sp_rd *r)
{
    struct sp_slice s = sp_rd_str(r, SP_DICTIONARY_NAME_MAX);

    if (s.size == 0 || sp_text_trim(s).size != s.size || !sp_text_one_line(s)) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

static void check_ref(struct sp_rd *r)
{
    struct sp_id id;

    sp_rd_fixed(r, id.b, sizeof(id.b));
    if (sp_id_is_zero(&id)) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

/* One value that is neither nil nor a group. */
static void check_plain(const struct sp_field *f, struct sp_rd *r)
{
    switch (f->kind) {
    case SP_VALUE_STR:
        check_str(f, r);
        break;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        (void)sp_rd_int(r, f->low, f->high);
        break;
    case SP_VALUE_BOOL:
        (void)sp_rd_bool(r);
        break;
    case SP_VALUE_ENUM:
        if (sp_dictionary_option(f, sp_rd_uint(r, 1, UINT16_MAX)) == NULL) {
            sp_rd_fail(r, SP_E_VALUE);
        }
        break;
    case SP_VALUE_PHONE:
        check_phone(r);
        break;
    case SP_VALUE_DATE:
        (void)sp_rd_int(r, SP_TEXT_DAY_MIN, SP_TEXT_DAY_MAX);
        break;
    case SP_VALUE_TS:
        check_ts(r);
        break;
    case SP_VALUE_GEO:
        check_geo(r);
        break;
    case SP_VALUE_MONEY:
        check_money(f, r);
        break;
    case SP_VALUE_REF:
        check_ref(r);
        break;
    case SP_VALUE_USER:
        (void)sp_rd_uint(r, 1, UINT32_MAX);
        break;
    case SP_VALUE_TERRITORY:
        check_territory(r);
        break;
    case SP_VALUE_BYTES:
        if (sp_rd_bin(r, f->max).size == 0) {
            sp_rd_fail(r, SP_E_VALUE);
        }
        break;
    case SP_VALUE_GROUP: /* has a check of its own */
        sp_rd_fail(r, SP_E_VALUE);
        break;
    }
}

/* A tuple may be shorter than today's list of parts (it was written under an
 * older dictionary), but has no nil at its end: one value, one form. */
static void check_group(const struct sp_field *f, struct sp_rd *r)
{
    uint32_t count = sp_rd_array(r, f->part_count);
    bool last_nil = true;

    for (uint32_t i = 0; i < f->part_count && r->err == SP_OK; i++) {
        bool absent = i >= count;
        last_nil = absent ? last_nil : sp_rd_peek(r) == SP_KIND_NIL;
        if (!absent && !last_nil) {
            check_plain(&f->part[i], r);
            continue;
        }
        if (!absent) {
            sp_rd_nil(r);
        }
        if (f->part[i].required) {
            sp_rd_fail(r, SP_E_VALUE);
        }
    }
    if (last_nil) {
        sp_rd_fail(r, SP_E_VALUE);
    }
}

/* What one commit adds to a counter; the total has the field's bounds. */
static sp_err check_increment(struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    int64_t v = sp_rd_int(&r, INT64_MIN, INT64_MAX);
    return sp_rd_done(&r) == SP_OK && v != 0 ? SP_OK : SP_E_VALUE;
}

sp_err sp_dictionary_check_value(
    const struct sp_field *f, struct sp_slice value)
{
    struct sp_rd r;

    if (f->merge == SP_MERGE_CNT) {
        return check_increment(value);
    }
    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_NIL) {
        sp_rd_nil(&r);
        if (sp_rd_done(&r) != SP_OK) {
            return SP_E_VALUE;
        }
        return f->required ? SP_E_REQUIRED : SP_OK;
    }
    if (f->kind == SP_VALUE_GROUP) {
        check_group(f, &r);
    } else {
        check_plain(f, &r);
    }
    /* Whatever the reader says: to its author it is a wrong value. */
    if (sp_rd_done(&r) != SP_OK || value.size > SP_VALUE_BYTES_MAX) {
        return SP_E_VALUE;
    }
    return SP_OK;
}

size_t sp_dictionary_element(
    struct sp_slice value, uint8_t out[SP_ELEMENT_BYTES_MAX])
{
    if (value.size <= SP_ELEMENT_BYTES_MAX) {
        memcpy(out, value.data, value.size);
        return value.size;
    }
    sp_hash(out, 16, value, NULL); /* SYNC M1 */
    return 16;
}

bool sp_dictionary_member(const struct sp_register *reg)
{
    for (uint32_t i = 0; i < reg->count; i++) {
        struct sp_rd r;
        sp_rd_init(&r, reg->sibling[i].value);
        if (sp_rd_peek(&r) != SP_KIND_NIL) {
            return true;
        }
    }
    return false;
}

const struct sp_field *sp_dictionary_consent(
    const struct sp_entity *e, const struct sp_field *f)
{
    const struct sp_field *by = sp_dictionary_field(e, f->needs);

    for (const struct sp_field *next = by; e->succeeds && next != NULL;
         next = sp_dictionary_successor(e, by->number)) {
        by = next;
    }
    return by;
}

/* Options of a DENY field rise with their safety: the first is the yes. */
bool sp_dictionary_consented(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f)
{
    const struct sp_field *by = sp_dictionary_consent(e, f);
    const struct sp_sibling *s = by == NULL ? NULL
                                            : sp_dictionary_past_shown(e, r, by,
                                                  (struct sp_slice){ NULL, 0 });
    struct sp_rd rd;

    if (f->needs == 0 || s == NULL) {
        return f->needs == 0;
    }
    sp_rd_init(&rd, s->value);
    if (sp_rd_peek(&rd) == SP_KIND_NIL) {
        return false;
    }
    (void)sp_rd_array(&rd, SP_DICTIONARY_PARTS_MAX);
    uint64_t said = sp_rd_uint(&rd, 0, UINT16_MAX);
    return rd.err == SP_OK && said == by->part[0].option[0].number;
}

/* ---- counters ---------------------------------------------------------- */

/* A sum of up to 2^31 numbers of 64 bits, in any order: the halves of each are
 * added apart, so that nothing overflows on the way. */
struct sum {
    int64_t high; /* in 2^32 */
    uint64_t low;
};

static void add_to(struct sum *s, int64_t v)
{
    uint64_t low = (uint64_t)v & UINT32_MAX;

    s->low += low;
    s->high += (v - (int64_t)low) / ((int64_t)1 << 32);
}

static int64_t total_of(const struct sum *s)
{
    int64_t high = s->high + (int64_t)(s->low >> 32);
    int64_t low = (int64_t)(s->low & UINT32_MAX);

    if (high > INT32_MAX) {
        return INT64_MAX;
    }
    return high < INT32_MIN ? INT64_MIN : high * ((int64_t)1 << 32) + low;
}

/* An increment is written once, so that it has one sibling; a copied replica
 * may have issued it under two dots (SYNC X5), with one value. */
static bool increment_of(const struct sp_register *reg, int64_t *out)
{
    struct sp_rd r;

    if (reg->count == 0) {
        return false;
    }
    sp_rd_init(&r, reg->sibling[0].value);
    *out = sp_rd_int(&r, INT64_MIN, INT64_MAX);
    return sp_rd_done(&r) == SP_OK;
}

int64_t sp_dictionary_count(
    const struct sp_field *f, const struct sp_record *r, uint32_t *count)
{
    const struct sp_register *reg = sp_record_field(r, f->number);
    const struct sp_register *end = r->reg + r->count;
    struct sum sum = { 0, 0 };
    uint32_t n = 0;
    int64_t v = 0;

    for (; reg != NULL && reg < end && reg->key.field == f->number; reg++) {
        if (increment_of(reg, &v)) {
            add_to(&sum, v);
            n++;
        }
    }
    if (count != NULL) {
        *count = n;
    }
    v = total_of(&sum);
    return v < f->low ? f->low : v > f->high ? f->high : v;
}

/* ---- conflicts --------------------------------------------------------- */

bool sp_dictionary_conflict(
    const struct sp_field *f, const struct sp_register *reg)
{
    bool authority = f->merge == SP_MERGE_AUTH;
    const struct sp_sibling *shown;

    if (reg->count < 2 || f->set ||
        (f->merge != SP_MERGE_KEEP && f->merge != SP_MERGE_IMM && !authority)) {
        return false;
    }
    shown = sp_merge_shown(reg, f->merge);
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        if (!sp_slice_equal(s->value, shown->value) &&
            (!authority || s->stamp.authority == shown->stamp.authority)) {
            return true;
        }
    }
    return false;
}

bool sp_dictionary_phone_as_typed(struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_ARRAY;
}

/* ---- shares ------------------------------------------------------------ */

bool sp_dictionary_shares(const struct sp_field *f, const struct sp_field *team)
{
    return f->set && f->merge == SP_MERGE_SET && f->kind == SP_VALUE_GROUP &&
           f->part_count == 2 && f->part[0].kind == SP_VALUE_USER &&
           f->part[0].required && f->part[1].kind == SP_VALUE_DATE &&
           f->part[1].required &&
           f->members_max + (team == NULL ? 0 : team->members_max) <=
               SP_DICTIONARY_REACH_MAX;
}

bool sp_dictionary_share_read(
    struct sp_slice element, uint32_t *user, int64_t *last_day)
{
    struct sp_rd r;

    sp_rd_init(&r, element);
    sp_rd_array_of(&r, 2);
    uint32_t who = (uint32_t)sp_rd_uint(&r, 1, UINT32_MAX);
    int64_t day = sp_rd_int(&r, INT32_MIN, INT32_MAX);
    if (sp_rd_done(&r) != SP_OK) {
        return false;
    }
    *user = who;
    *last_day = day;
    return true;
}
