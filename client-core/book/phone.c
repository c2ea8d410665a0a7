#include "book/phone.h"

#include "book/fold.h"

#include "sp/pack.h"
#include "sp/phone.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 15u
#define CHINA      "86"

bool cc_phone_like(struct sp_slice folded)
{
    for (size_t i = 0; i < folded.size; i++) {
        if (memchr("0123456789+-.()/ ", folded.data[i], 17) == NULL) {
            return false;
        }
    }
    return folded.size > 0;
}

/* Digits of a number in China are 10 or 11 behind the country code; shorter
 * ones that begin so may be anything. */
static bool has_country(const char *digits, size_t n)
{
    return n >= 5 && memcmp(digits, CHINA, 2) == 0 && digits[2] != '0';
}

size_t cc_phone_part(struct sp_slice digits, char *out)
{
    const char *from = (const char *)digits.data;
    size_t n = digits.size;

    if (n > 2 && from[0] == '0' && from[1] == '0') {
        from += 2;
        n -= 2;
    }
    if (has_country(from, n)) {
        from += 2;
        n -= 2;
    } else if (n > 1 && from[0] == '0') {
        from += 1;
        n -= 1;
    }
    memmove(out, from, n);
    out[n] = '\0';
    return n;
}

/* Up to what begins an extension: a letter or sign behind enough digits. */
static struct sp_slice without_extension(struct sp_slice folded)
{
    size_t digits = 0;

    for (size_t i = 0; i < folded.size; i++) {
        struct sp_slice one = { folded.data + i, 1 };
        digits += folded.data[i] >= '0' && folded.data[i] <= '9';
        if (digits >= CC_PHONE_DIGITS_MIN && !cc_phone_like(one)) {
            folded.size = i;
        }
    }
    return folded;
}

/* Digits, and signs of a country: most numbers are kept so, and need no
 * folding. False: there is something else in it. */
static bool plain_digits(struct sp_slice typed, char *out, size_t *count)
{
    size_t n = 0;

    for (size_t i = 0; i < typed.size; i++) {
        uint8_t c = typed.data[i];

        if (c >= '0' && c <= '9') {
            out[n++] = (char)c;
        } else if (c != '+') {
            return false;
        }
    }
    *count = n;
    return true;
}

size_t cc_phone_key(struct sp_slice typed, char out[CC_PHONE_KEY_BYTES])
{
    char folded[SP_PHONE_TYPED_MAX * 2 + 1], digits[SP_PHONE_TYPED_MAX * 2 + 1];
    char key[SP_PHONE_TYPED_MAX * 2 + 1];
    size_t n = 0;

    out[0] = '\0';
    if (typed.size >= sizeof(folded)) {
        return 0;
    }
    if (!plain_digits(typed, digits, &n)) {
        n = cc_fold_text(typed, folded);
        n = cc_fold_digits(
            without_extension((struct sp_slice){ (const uint8_t *)folded, n }),
            digits);
    }
    n = cc_phone_part((struct sp_slice){ (const uint8_t *)digits, n }, key);
    if (n < CC_PHONE_DIGITS_MIN || n > DIGITS_MAX) {
        return 0;
    }
    memcpy(out, key, n + 1);
    return n;
}

/* ---- for people ---------------------------------------------------------- */

/* Numbers behind a country code. */
struct number {
    const char *digits;
    size_t count;
};

/* Bytes and a NUL behind them; CC_PHONE_SHOWN_BYTES holds all that is put
 * together here. (A list has one number a row: no snprintf.) */
static size_t put_bytes(char *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = bytes[i];
    }
    out[size] = '\0';
    return size;
}

/* Digits in pieces of these sizes, the last one takes what is left. */
static size_t put_pieces(const struct number *n, char between,
    const size_t *piece, size_t pieces, char *out)
{
    size_t at = 0, used = 0;

    for (size_t i = 0; i < pieces; i++) {
        size_t size = i + 1 < pieces ? piece[i] : n->count - at;
        if (i > 0) {
            out[used++] = between;
        }
        used += put_bytes(out + used, n->digits + at, size);
        at += size;
    }
    return used;
}

static size_t put_local(const struct number *n, char *out)
{
    size_t head = n->count == 8 ? 4 : 3;

    return put_pieces(n, ' ', &head, n->count >= 7 ? 2 : 1, out);
}

/* Mobile numbers have 11 digits, service numbers 10; an area code has two
 * digits in the largest cities and three elsewhere. */
static size_t put_chinese(const struct number *n, bool abroad, char *out)
{
    static const size_t mobile[] = { 3, 4, 4 }, service[] = { 3, 3, 4 };
    const char *d = n->digits;
    bool large = d[0] == '2' || (d[0] == '1' && d[1] == '0');
    size_t area = large ? 2 : 3;

    if (n->count == 11 && d[0] == '1' && d[1] >= '3') {
        return put_pieces(n, ' ', mobile, 3, out);
    }
    if (n->count == 10 && (d[0] == '4' || d[0] == '8') && d[1] == '0' &&
        d[2] == '0') {
        return put_pieces(n, abroad ? ' ' : '-', service, 3, out);
    }
    if (large ? n->count == 10
              : d[0] >= '3' && (n->count == 10 || n->count == 11)) {
        struct number local = { d + area, n->count - area };
        size_t used = put_bytes(out, "0", abroad ? 0 : 1);
        used += put_bytes(out + used, d, area);
        used += put_bytes(out + used, abroad ? " " : "-", 1);
        return used + put_local(&local, out + used);
    }
    return 0;
}

static size_t put_american(const struct number *n, bool abroad, char *out)
{
    static const size_t piece[] = { 3, 3, 4 };

    if (n->count != 10) {
        return 0;
    }
    return abroad
               ? put_pieces(n, ' ', piece, 3, out)
               : (size_t)snprintf(out, CC_PHONE_SHOWN_BYTES, "(%.3s) %.3s-%.4s",
                     n->digits, n->digits + 3, n->digits + 6);
}

/* Eight digits, and none in front of them at home. */
static size_t put_eight(const struct number *n, bool abroad, char *out)
{
    (void)abroad;
    return n->count == 8 ? put_local(n, out) : 0;
}

/* Area codes of many sizes: only the zero in front is certain. */
static size_t put_trunk(const struct number *n, bool abroad, char *out)
{
    return abroad ? 0
                  : (size_t)snprintf(out, CC_PHONE_SHOWN_BYTES, "0%.*s",
                        (int)n->count, n->digits);
}

static const struct plan {
    const char *country, *code;
    size_t (*put)(const struct number *n, bool abroad, char *out);
} plans[] = {
    { "CN", "86", put_chinese },
    { "CA", "1", put_american },
    { "DE", "49", put_trunk },
    { "FR", "33", put_trunk },
    { "GB", "44", put_trunk },
    { "HK", "852", put_eight },
    { "JP", "81", put_trunk },
    { "MO", "853", put_eight },
    { "SG", "65", put_eight },
    { "TW", "886", put_trunk },
    { "US", "1", put_american },
};

const char *cc_phone_homes(void)
{
    return "CA, CN, DE, FR, GB, HK, JP, MO, SG, TW, US";
}

static const struct plan *plan_of(const char *country)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        if (strcmp(plans[i].country, country) == 0) {
            return &plans[i];
        }
    }
    return NULL;
}

const char *cc_phone_home(const char *country)
{
    const struct plan *plan = plan_of(country);

    return plan == NULL ? NULL : plan->country;
}

/* Country codes are prefix-free: of one digit, of two where the two stand
 * here, else of three. */
static size_t code_size(const char *digits)
{
    static const char two[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 "
                              "48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 "
                              "66 81 82 84 86 90 91 92 93 94 95 98";

    if (digits[0] == '1' || digits[0] == '7') {
        return 1;
    }
    for (size_t i = 0; i + 1 < sizeof(two); i += 3) {
        if (memcmp(two + i, digits, 2) == 0) {
            return 2;
        }
    }
    return 3;
}

/* Numbers of 1 belong to the United States and Canada alike. */
static const struct plan *plan_of_code(const char *digits, size_t size)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        if (strlen(plans[i].code) == size &&
            memcmp(plans[i].code, digits, size) == 0) {
            return &plans[i];
        }
    }
    return NULL;
}

size_t cc_phone_show(
    struct sp_slice stored, const char *home, char out[CC_PHONE_SHOWN_BYTES])
{
    char digits[DIGITS_MAX + 1];
    const struct plan *here = plan_of(home), *plan;
    struct number n;
    size_t code, used;

    out[0] = '\0';
    if (!sp_phone_valid(stored) || here == NULL) {
        return 0;
    }
    memcpy(digits, stored.data + 1, stored.size - 1);
    digits[stored.size - 1] = '\0';
    code = code_size(digits);
    n = (struct number){ digits + code, strlen(digits) - code };
    plan = plan_of_code(digits, code);
    if (plan != NULL && strcmp(plan->code, here->code) == 0) {
        used = plan->put(&n, false, out);
        if (used > 0) {
            return used;
        }
    }
    used = put_bytes(out, "+", 1);
    used += put_bytes(out + used, digits, code);
    used += put_bytes(out + used, " ", 1);
    code = plan == NULL ? 0 : plan->put(&n, true, out + used);
    return used + (code > 0 ? code : put_bytes(out + used, n.digits, n.count));
}

/* A telephone is text, or an array of one when it was kept as typed. */
static void put_phone(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, const char *home, struct sp_buf *out)
{
    char shown[CC_PHONE_SHOWN_BYTES];
    struct sp_rd r;
    size_t size = 0;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_STR) {
        size = cc_phone_show(sp_rd_str(&r, SP_PHONE_BYTES), home, shown);
    }
    if (size > 0) {
        sp_buf_put(out, shown, size);
    } else {
        sp_dictionary_format_value(f, value, form, out);
    }
}

static bool has_phone(const struct sp_field *f)
{
    for (uint32_t i = 0; f->kind == SP_VALUE_GROUP && i < f->part_count; i++) {
        if (f->part[i].kind == SP_VALUE_PHONE) {
            return true;
        }
    }
    return false;
}

static void put_group(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, const char *home, struct sp_buf *out)
{
    struct sp_rd r;
    uint32_t count;
    bool first = true;

    sp_rd_init(&r, value);
    count = sp_rd_array(&r, f->part_count);
    for (uint32_t i = 0; i < count && r.err == SP_OK; i++) {
        const struct sp_field *p = &f->part[i];
        struct sp_slice label = form == SP_TEXT_ZH ? p->label_zh : p->label_en;
        struct sp_slice part = sp_rd_value(&r);

        if (part.size == 1 && part.data[0] == 0xc0u) {
            continue; /* nil */
        }
        sp_buf_put(out, ", ", first ? 0 : 2);
        label = label.size == 0 ? p->name : label;
        sp_buf_put(out, label.data, label.size);
        sp_buf_put(out, ": ", 2);
        cc_phone_put_value(p, part, form, home, out);
        first = false;
    }
}

void cc_phone_put_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, const char *home, struct sp_buf *out)
{
    bool plain = form == SP_TEXT_EXACT || home == NULL || value.size == 0;

    if (!plain && f->kind == SP_VALUE_PHONE) {
        put_phone(f, value, form, home, out);
    } else if (!plain && has_phone(f) && value.data[0] != 0xc0u &&
               sp_dictionary_check_value(f, value) == SP_OK) {
        put_group(f, value, form, home, out);
    } else {
        sp_dictionary_format_value(f, value, form, out);
    }
}
