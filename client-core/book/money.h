/*
 * money.h - amounts of several currencies, which are never added together.
 *
 *   threads  any
 */
#ifndef CC_BOOK_MONEY_H
#define CC_BOOK_MONEY_H

#include "book/value.h"

#define CC_MONEY_CURRENCIES_MAX 8u
#define CC_MONEY_CODE_BYTES     4u /* "CNY" and NUL */
#define CC_MONEY_SHORT_BYTES    48u
#define CC_MONEY_TEXT_BYTES     (CC_MONEY_CURRENCIES_MAX * 48u)

struct cc_money {
    uint32_t currency; /* its three letters, the first highest; 0: none */
    int64_t minor;
};
/* At all times: each currency once, by its letters. */
struct cc_money_sums {
    size_t count;
    bool more; /* there were more currencies than this holds */
    struct cc_money of[CC_MONEY_CURRENCIES_MAX];
};

uint32_t cc_money_currency(struct sp_slice code); /* 0: no three letters */
void cc_money_code(char out[CC_MONEY_CODE_BYTES], uint32_t currency);
/* What a field says; { 0, 0 } for none. */
struct cc_money cc_money_of(const struct cc_value_of *of, const char *field);
/* Adds to the sum of its currency, which stays at the ends of int64; nothing
 * where there is no currency. */
void cc_money_add(struct cc_money_sums *sums, struct cc_money one);
/* Behind the point, by ISO 4217: JPY 0, CNY 2, KWD 3; two of none. */
unsigned cc_money_digits(uint32_t currency);
/* The sum of one currency; 0 where there is none. */
int64_t cc_money_in(const struct cc_money_sums *sums, uint32_t currency);

/* For people: "CNY 1,234.50 · USD 20.00"; "" for none. */
void cc_money_text(
    char out[CC_MONEY_TEXT_BYTES], const struct cc_money_sums *sums);
/* As it is typed: "1234.50 CNY · 20.00 USD". */
void cc_money_exact(
    char out[CC_MONEY_TEXT_BYTES], const struct cc_money_sums *sums);
/* One amount in a sentence, without a fraction where it is none: "40000 CNY",
 * "12.50 USD"; "40000" where nobody said which currency. */
void cc_money_short(char out[CC_MONEY_SHORT_BYTES], struct cc_money one);

#endif
