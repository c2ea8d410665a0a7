/*
 * day.h - days of the civil calendar (proleptic Gregorian), without clock or
 * zone: whoever asks says which day it is where the customer is.
 *
 * A day is counted since 1970-01-01, as the dictionary's dates are.
 *
 *   threads  any
 */
#ifndef CC_BOOK_DAY_H
#define CC_BOOK_DAY_H

#include "sp/bytes.h"

#define CC_DAY_NONE       INT32_MIN
#define CC_DAY_MS         86400000
#define CC_DAY_MINUTES    1440
#define CC_DAY_TEXT_BYTES 11u /* "2026-04-24" and NUL */
#define CC_DAY_YEAR_MIN   1600
#define CC_DAY_YEAR_MAX   2999

struct cc_date {
    int year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

bool cc_day_leap(int year);
unsigned cc_day_month_length(int year, unsigned month);
/* Whether there is such a day, in the years above. */
bool cc_day_valid(struct cc_date date);

/* source: Neri and Schneider 2022 give the same results faster; this is the
 * plain count of days by years of March. */
int32_t cc_day_of(struct cc_date date);
struct cc_date cc_day_date(int32_t day);
unsigned cc_day_weekday(int32_t day); /* 1 Monday to 7 Sunday */

/* The local day and minute of a time; offset_min: east of Greenwich. */
int32_t cc_day_at(uint64_t ms, int32_t offset_min);
unsigned cc_day_minute(uint64_t ms, int32_t offset_min);
/* UTC milliseconds of a local day and minute; 0 for times before 1970. */
uint64_t cc_day_ms(int32_t day, unsigned minute, int32_t offset_min);

/* The yearly day in that year; 29 February is kept on the 28th when the year
 * has none. */
int32_t cc_day_yearly(int year, unsigned month, unsigned day);

void cc_day_format(char out[CC_DAY_TEXT_BYTES], int32_t day);
/* "2026-04-24" and nothing else. */
bool cc_day_parse(const char *text, int32_t *day);
/* "04-24": a day of every year, 02-29 too. */
bool cc_day_parse_yearly(const char *text, unsigned *month, unsigned *day);

#endif
