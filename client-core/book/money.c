#include "book/money.h"

#include <stdio.h>
#include <string.h>

#include "sp/pack.h"

#define AMOUNT_BYTES 40u /* "-92233720368547758.08 CNY" with its commas */

uint32_t cc_money_currency(struct sp_slice code)
{
    uint32_t c = 0;

    for (size_t i = 0; i < code.size && code.size == 3; i++) {
        if (code.data[i] < 'A' || code.data[i] > 'Z') {
            return 0;
        }
        c = c << 8 | code.data[i];
    }
    return c;
}

void cc_money_code(char out[CC_MONEY_CODE_BYTES], uint32_t currency)
{
    out[0] = (char)(currency >> 16 & 0xff);
    out[1] = (char)(currency >> 8 & 0xff);
    out[2] = (char)(currency & 0xff);
    out[3] = '\0';
}

struct cc_money cc_money_of(const struct cc_value_of *of, const char *field)
{
    struct sp_slice v = cc_value_shown(of, field);
    struct cc_money one = { 0, 0 };
    struct sp_rd r;

    if (v.size > 0) {
        sp_rd_init(&r, v);
        sp_rd_array_of(&r, 2);
        one.minor = sp_rd_int(&r, INT64_MIN, INT64_MAX);
        one.currency = cc_money_currency(sp_rd_str(&r, 3));
        if (r.err != SP_OK) {
            return (struct cc_money){ 0, 0 };
        }
    }
    return one;
}

void cc_money_add(struct cc_money_sums *sums, struct cc_money one)
{
    size_t i = 0;

    if (one.currency == 0) {
        return; /* a record without an amount */
    }
    while (i < sums->count && sums->of[i].currency < one.currency) {
        i++;
    }
    if (i == sums->count || sums->of[i].currency != one.currency) {
        if (sums->count == CC_MONEY_CURRENCIES_MAX) {
            sums->more = true;
            return;
        }
        memmove(&sums->of[i + 1], &sums->of[i],
            (sums->count - i) * sizeof(sums->of[0]));
        sums->of[i] = (struct cc_money){ one.currency, 0 };
        sums->count++;
    }
    if (__builtin_add_overflow(
            sums->of[i].minor, one.minor, &sums->of[i].minor)) {
        sums->of[i].minor = one.minor > 0 ? INT64_MAX : INT64_MIN;
    }
}

int64_t cc_money_in(const struct cc_money_sums *sums, uint32_t currency)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->of[i].currency == currency) {
            return sums->of[i].minor;
        }
    }
    return 0;
}

/* ---- text ---------------------------------------------------------------- */

/* "-1234.50", with the digits that the currency has; two where there is none,
 * as the euro has. */
static void plain(char out[AMOUNT_BYTES], const struct cc_money *one)
{
    static const struct sp_field money = {
        .kind = SP_VALUE_MONEY, .low = INT64_MIN, .high = INT64_MAX
    };
    char code[CC_MONEY_CODE_BYTES];
    struct sp_buf value, text;
    size_t size;

    cc_money_code(code, one->currency != 0
                            ? one->currency
                            : cc_money_currency(sp_slice_text("EUR")));
    sp_buf_init(&value, 64);
    sp_buf_init(&text, 64);
    sp_wr_array(&value, 2);
    sp_wr_int(&value, one->minor);
    sp_wr_text(&value, code);
    sp_dictionary_format_value(
        &money, sp_buf_slice(&value), SP_TEXT_EXACT, &text);
    size = text.err != SP_OK || text.size < sizeof(code) ||
                   text.size >= AMOUNT_BYTES + sizeof(code)
               ? 0
               : text.size - sizeof(code); /* the space and the code */
    memcpy(out, size == 0 ? (const void *)"" : (const void *)text.data, size);
    out[size] = '\0';
    sp_buf_free(&value);
    sp_buf_free(&text);
}

static void with_commas(char out[AMOUNT_BYTES], const char *number)
{
    size_t sign = number[0] == '-', whole = sign, used = 0;

    whole += strspn(number + sign, "0123456789");
    for (size_t i = 0; number[i] != '\0' && used + 2 < AMOUNT_BYTES; i++) {
        if (i > sign && i < whole && (whole - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = number[i];
    }
    out[used] = '\0';
}

static void write_all(char out[CC_MONEY_TEXT_BYTES],
    const struct cc_money_sums *sums, bool people)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sums->count; i++) {
        char number[AMOUNT_BYTES], wide[AMOUNT_BYTES];
        char code[CC_MONEY_CODE_BYTES];

        plain(number, &sums->of[i]);
        with_commas(wide, number);
        cc_money_code(code, sums->of[i].currency);
        used += (size_t)snprintf(out + used, CC_MONEY_TEXT_BYTES - used,
            "%s%s %s", i > 0 ? " · " : "", people ? code : number,
            people ? wide : code);
    }
    if (sums->more) {
        (void)snprintf(out + used, CC_MONEY_TEXT_BYTES - used, " · …");
    }
}

void cc_money_text(
    char out[CC_MONEY_TEXT_BYTES], const struct cc_money_sums *sums)
{
    write_all(out, sums, true);
}

void cc_money_exact(
    char out[CC_MONEY_TEXT_BYTES], const struct cc_money_sums *sums)
{
    write_all(out, sums, false);
}

void cc_money_short(char out[CC_MONEY_SHORT_BYTES], struct cc_money one)
{
    char number[AMOUNT_BYTES], code[CC_MONEY_CODE_BYTES] = "";
    size_t whole;

    plain(number, &one);
    if (one.currency != 0) {
        cc_money_code(code, one.currency);
    }
    whole = strcspn(number, ".");
    if (number[whole] == '.' &&
        strspn(number + whole + 1, "0") == strlen(number + whole + 1)) {
        number[whole] = '\0';
    }
    (void)snprintf(out, CC_MONEY_SHORT_BYTES, "%s%s%s", number,
        one.currency != 0 ? " " : "", code);
}

unsigned cc_money_digits(uint32_t currency)
{
    const struct cc_money one = { currency, 1 };
    char number[AMOUNT_BYTES];
    const char *point;

    plain(number, &one);
    point = strchr(number, '.');
    return point == NULL ? 0 : (unsigned)strlen(point + 1);
}
