/*
 * text.h - small readings of typed text: trimming, numbers, dates, money.
 * UTF-8 that is valid already; no locale, no floats, no allocation.
 */
#ifndef SP_RULES_TEXT_H
#define SP_RULES_TEXT_H

#include "sp/bytes.h"

// clang-format off
#define SP_TEXT_MS_MAX        253402300799999ll /* 9999-12-31T23:59:59.999Z */
#define SP_TEXT_DAY_MIN       (-719162)         /* 0001-01-01 */
#define SP_TEXT_DAY_MAX       2932896           /* 9999-12-31 */
#define SP_TEXT_ZONE_MAX      40u
#define SP_TEXT_LATITUDE_MAX  900000000ll       /* 1e-7 degrees */
#define SP_TEXT_LONGITUDE_MAX 1800000000ll
#define SP_TEXT_ACCURACY_MAX  1000000u          /* metres */
// clang-format on

/* Without ASCII white space, no-break and ideographic spaces at both ends. */
struct sp_slice sp_text_trim(struct sp_slice s);
/* Unicode code points. */
uint32_t sp_text_characters(struct sp_slice s);
/* Whether there is anything to see in it: not blanks, joiners, marks of
 * direction and the like alone. */
bool sp_text_seen(struct sp_slice s);
/* Neither newline nor tab. */
bool sp_text_one_line(struct sp_slice s);
/* Whether well-formed text, without blanks at its ends, is a value of a field
 * of kind STR. */
struct sp_field;
bool sp_dictionary_fits(const struct sp_field *f, struct sp_slice s);
/* Letters, digits, _ + - / only; empty is none. */
bool sp_text_zone(struct sp_slice s);
/* Same bytes but for the case of ASCII letters. */
bool sp_text_same(struct sp_slice a, struct sp_slice b);

/* Cuts s at the first c: what is before it, and s becomes what is after it;
 * without c the whole, and s becomes empty. */
struct sp_slice sp_text_cut(struct sp_slice *s, char c);

/* Takes exactly count digits from the front; false without a change. */
bool sp_text_digits(struct sp_slice *s, unsigned count, unsigned *out);
/* Takes one character from the front when it is c. */
bool sp_text_take(struct sp_slice *s, char c);

/* The whole text as a whole number; false on anything else or overflow. */
bool sp_text_integer(struct sp_slice s, int64_t *out);
/* The whole text as a decimal, scaled by 10^digits; more digits behind the
 * point than that, or overflow: false. Commas between thousands are let be. */
bool sp_text_decimal(struct sp_slice s, unsigned digits, int64_t *out);
/* 2026-03-04, 2026/3/4 or 20260304 as days since 1970-01-01. */
bool sp_text_date(struct sp_slice s, int64_t *days);
/* ISO 8601 with Z or an offset, then optionally a space and a zone. */
bool sp_text_time(struct sp_slice s, int64_t *ms, struct sp_slice *zone);

/* Appends; errors latch. */
void sp_text_put_integer(struct sp_buf *b, int64_t v);
void sp_text_put_decimal(struct sp_buf *b, int64_t v, unsigned digits);
void sp_text_put_date(struct sp_buf *b, int64_t days);
/* "2026-03-04T05:06:07.123Z"; separator is 'T' or ' '. */
void sp_text_put_time(struct sp_buf *b, uint64_t ms, char separator);

#endif
