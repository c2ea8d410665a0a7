/*
 * lunar.h - the Chinese lunisolar calendar, 1900 to 2100.
 *
 * Lengths of months and places of leap months are published facts, not
 * computed: new moons within a minute of midnight are decided by who publishes.
 *
 *   threads  any
 *   source   Hong Kong Observatory, "Gregorian-Lunar Calendar Conversion
 *            Table"; GB/T 33661-2017 (rules of the calendar)
 */
#ifndef CC_BOOK_LUNAR_H
#define CC_BOOK_LUNAR_H

#include "book/day.h"

#define CC_LUNAR_YEAR_MIN 1900
#define CC_LUNAR_YEAR_MAX 2100

struct cc_lunar {
    int year;       /* named after the Gregorian year in which it begins */
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 30 */
    bool leap;      /* the month is the second one of its number */
};

/* The leap month of a year, 0: none. 0 outside the table. */
unsigned cc_lunar_leap_month(int year);
/* 29 or 30; 0 when there is no such month. */
unsigned cc_lunar_month_length(int year, unsigned month, bool leap);

/* False outside the table (1900-01-31 to 2101-01-28) or for no such day. */
bool cc_lunar_of(int32_t day, struct cc_lunar *out);
bool cc_lunar_day(struct cc_lunar date, int32_t *day);

/*
 * The day on which a yearly lunar day is kept in a lunar year:
 *   - in a leap month: in that leap month where the year has it, else in the
 *     month of the same number;
 *   - on day 30 of a month that has 29: on its 29th.
 */
bool cc_lunar_yearly(
    int year, unsigned month, unsigned day, bool leap, int32_t *out);
/* The first such day on or after a day. */
bool cc_lunar_next(
    unsigned month, unsigned day, bool leap, int32_t from, int32_t *out);

#endif
