#include "book/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/fold.h"

#define FOLDED_BYTES_MAX 1024u /* texts are compared up to here */

/* ---- steps as they are typed -------------------------------------------- */

static const struct {
    const char *sign;
    enum cc_segment_is is;
} signs[] = {
    /* the longer ones first */
    { ">=", CC_SEGMENT_AT_LEAST },
    { "<=", CC_SEGMENT_AT_MOST },
    { "!=", CC_SEGMENT_NOT_EQUAL },
    { "=", CC_SEGMENT_EQUAL },
    { "~", CC_SEGMENT_HAS },
};

/* Copies without the blanks around it; false when it does not fit or is
 * empty. */
static bool take(struct sp_slice in, char *out, size_t out_bytes)
{
    while (in.size > 0 && in.data[0] == ' ') {
        in.data++;
        in.size--;
    }
    while (in.size > 0 && in.data[in.size - 1] == ' ') {
        in.size--;
    }
    if (in.size == 0 || in.size >= out_bytes) {
        return false;
    }
    memcpy(out, in.data, in.size);
    out[in.size] = '\0';
    return true;
}

bool cc_segment_parse(const char *text, struct cc_segment_step *out)
{
    size_t at = strcspn(text, "<>=!~");

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        size_t size = strlen(signs[i].sign);

        if (strncmp(text + at, signs[i].sign, size) == 0) {
            out->is = signs[i].is;
            return take((struct sp_slice){ (const uint8_t *)text, at },
                       out->what, sizeof(out->what)) &&
                   take(sp_slice_text(text + at + size), out->value,
                       sizeof(out->value));
        }
    }
    return false;
}

/* ---- comparing ---------------------------------------------------------- */

#define AMOUNT_DIGITS 3u /* more behind its point no currency has */

/* A whole number, or an amount with up to three digits behind the point in
 * thousandths. */
static bool number_of(const char *text, bool money, int64_t *out)
{
    char *end = NULL;
    long long whole;
    unsigned minor = 0;

    errno = 0;
    whole = strtoll(text, &end, 10);
    if (end == text || errno != 0) {
        return false;
    }
    if (money && *end == '.') {
        size_t digits = strspn(end + 1, "0123456789");

        if (digits == 0 || digits > AMOUNT_DIGITS) {
            return false;
        }
        for (size_t i = 0; i < AMOUNT_DIGITS; i++) {
            minor =
                10 * minor + (i < digits ? (unsigned)(end[1 + i] - '0') : 0);
        }
        end += 1 + digits;
    }
    if (*end != '\0' || (money && (whole > INT64_MAX / 1000 - 1 ||
                                      whole < INT64_MIN / 1000 + 1))) {
        return false;
    }
    *out = !money           ? whole
           : text[0] == '-' ? whole * 1000 - (int64_t)minor
                            : whole * 1000 + (int64_t)minor;
    return true;
}

/* The smallest coin of a currency in thousandths; without one a hundredth. */
static int64_t part_of(uint32_t currency)
{
    int64_t part = 1;

    for (unsigned d = cc_money_digits(currency); d < AMOUNT_DIGITS; d++) {
        part *= 10;
    }
    return part;
}

/* "1000.50 CNY": the code is taken off; currency 0 without one. */
static bool wanted_money(
    const struct cc_segment_step *step, uint32_t *currency, int64_t *out)
{
    char text[CC_SEGMENT_TEXT_BYTES];
    char *space;

    memcpy(text, step->value, sizeof(text));
    space = strchr(text, ' ');
    *currency = space == NULL ? 0 : cc_money_currency(sp_slice_text(space + 1));
    if (space != NULL) {
        *space = '\0';
    }
    return (space == NULL || *currency != 0) && number_of(text, true, out) &&
           *out % part_of(*currency) == 0;
}

static bool wanted_number(
    const struct cc_segment_step *step, enum cc_segment_kind kind, int64_t *out)
{
    uint32_t currency;
    int32_t day;

    if (kind == CC_SEGMENT_MONEY) {
        return wanted_money(step, &currency, out);
    }
    if (kind != CC_SEGMENT_DAY) {
        return number_of(step->value, false, out);
    }
    if (!cc_day_parse(step->value, &day)) {
        return false;
    }
    *out = day;
    return true;
}

static bool is_number(enum cc_segment_kind kind)
{
    return kind == CC_SEGMENT_NUMBER || kind == CC_SEGMENT_MONEY ||
           kind == CC_SEGMENT_DAY;
}

static struct cc_words number_words(enum cc_segment_kind kind)
{
    static const struct cc_words day = { "write a date as 2026-03-04",
        "请把日期写成 2026-03-04" };
    static const struct cc_words money = {
        "write an amount as 1000, 1000.50 or 1000 CNY",
        "请把金额写成 1000、1000.50 或 1000 CNY"
    };
    static const struct cc_words number = { "write a whole number",
        "请写一个整数" };

    return kind == CC_SEGMENT_DAY     ? day
           : kind == CC_SEGMENT_MONEY ? money
                                      : number;
}

bool cc_segment_check(const struct cc_segment_step *step,
    enum cc_segment_kind kind, struct cc_words *why)
{
    int64_t number;

    if (is_number(kind)) {
        if (step->is == CC_SEGMENT_HAS) {
            *why = (struct cc_words){
                "a number has nothing in it; use =, !=, >= or <=",
                "数字没有成员；请用 =、!=、>= 或 <="
            };
            return false;
        }
        if (!wanted_number(step, kind, &number)) {
            *why = number_words(kind);
            return false;
        }
        return true;
    }
    if (step->is == CC_SEGMENT_AT_LEAST || step->is == CC_SEGMENT_AT_MOST) {
        *why = (struct cc_words){
            "texts are not larger or smaller; use =, != or ~",
            "文字不比较大小；请用 =、!= 或 ~"
        };
        return false;
    }
    return true;
}

/* Folded into out, cut where it does not fit. */
static struct sp_slice folded(const char *text, char out[FOLDED_BYTES_MAX + 1])
{
    struct sp_slice in = sp_slice_text(text);

    if (in.size > FOLDED_BYTES_MAX) {
        in.size = FOLDED_BYTES_MAX;
    }
    return (struct sp_slice){ (const uint8_t *)out, cc_fold_text(in, out) };
}

static bool same(const char *a, const char *b)
{
    char left[FOLDED_BYTES_MAX + 1], right[FOLDED_BYTES_MAX + 1];
    struct sp_slice x = folded(a, left), y = folded(b, right);

    return x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
}

static bool contains(const char *text, const char *part)
{
    char left[FOLDED_BYTES_MAX + 1], right[FOLDED_BYTES_MAX + 1];

    (void)folded(text, left);
    (void)folded(part, right);
    return strstr(left, right) != NULL;
}

static bool has_member(const struct cc_segment_known *known, const char *wanted)
{
    for (size_t i = 0; i < known->count; i++) {
        if (same(known->member[i], wanted)) {
            return true;
        }
    }
    return false;
}

static bool compares(const struct cc_segment_step *step, int64_t have)
{
    switch (step->is) {
    case CC_SEGMENT_EQUAL:
        return have == 0;
    case CC_SEGMENT_NOT_EQUAL:
        return have != 0;
    case CC_SEGMENT_AT_LEAST:
        return have >= 0;
    case CC_SEGMENT_AT_MOST:
        return have <= 0;
    case CC_SEGMENT_HAS:
        break;
    }
    return false;
}

/* How a sum stands to an amount in thousandths, whatever digits its currency
 * has: 1,000 yen are a thousand, as 1,000.00 yuan are. */
static int order_of(const struct cc_money *sum, int64_t wanted)
{
    int64_t have = sum->minor;

    for (unsigned d = cc_money_digits(sum->currency); d < AMOUNT_DIGITS; d++) {
        if (__builtin_mul_overflow(have, 10, &have)) {
            return sum->minor > 0 ? 1 : -1;
        }
    }
    return (have > wanted) - (have < wanted);
}

static bool money_fits(
    const struct cc_segment_step *step, const struct cc_money_sums *money)
{
    struct cc_money one = { 0, 0 };
    int64_t wanted;

    if (!wanted_money(step, &one.currency, &wanted)) {
        return false;
    }
    if (one.currency != 0 || money == NULL || money->count == 0) {
        one.minor = money == NULL ? 0 : cc_money_in(money, one.currency);
        return compares(step, order_of(&one, wanted));
    }
    for (size_t i = 0; i < money->count; i++) {
        if (compares(step, order_of(&money->of[i], wanted))) {
            return true;
        }
    }
    return false;
}

bool cc_segment_fits(
    const struct cc_segment_step *step, const struct cc_segment_known *known)
{
    bool is_not = step->is == CC_SEGMENT_NOT_EQUAL;
    int64_t wanted;

    switch (known->kind) {
    case CC_SEGMENT_UNKNOWN:
        return is_not;
    case CC_SEGMENT_SET:
        return has_member(known, step->value) != is_not;
    case CC_SEGMENT_TEXT:
        return step->is == CC_SEGMENT_HAS
                   ? contains(known->text, step->value)
                   : same(known->text, step->value) != is_not;
    case CC_SEGMENT_MONEY:
        return money_fits(step, known->money);
    case CC_SEGMENT_NUMBER:
    case CC_SEGMENT_DAY:
        return wanted_number(step, known->kind, &wanted) &&
               compares(
                   step, (known->number > wanted) - (known->number < wanted));
    }
    return false;
}
