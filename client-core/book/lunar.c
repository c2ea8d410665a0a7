#include "book/lunar.h"

/* Bits 15 to 4: month 1 to 12 has 30 days (else 29); bits 3 to 0: number of the
 * leap month, 0 none; bit 16: the leap month has 30 days. */
// clang-format off
static const uint32_t years[] = {
    0x04bd8, 0x04ae0, 0x0a570, 0x054d5, 0x0d260, 0x0d950, 0x16554, 0x056a0,
    0x09ad0, 0x055d2, 0x04ae0, 0x0a5b6, 0x0a4d0, 0x0d250, 0x1d255, 0x0b540,
    0x0d6a0, 0x0ada2, 0x095b0, 0x14977, 0x04970, 0x0a4b0, 0x0b4b5, 0x06a50,
    0x06d40, 0x1ab54, 0x02b60, 0x09570, 0x052f2, 0x04970, 0x06566, 0x0d4a0,
    0x0ea50, 0x16a95, 0x05ad0, 0x02b60, 0x186e3, 0x092e0, 0x1c8d7, 0x0c950,
    0x0d4a0, 0x1d8a6, 0x0b550, 0x056a0, 0x1a5b4, 0x025d0, 0x092d0, 0x0d2b2,
    0x0a950, 0x0b557, 0x06ca0, 0x0b550, 0x15355, 0x04da0, 0x0a5b0, 0x14573,
    0x052b0, 0x0a9a8, 0x0e950, 0x06aa0, 0x0aea6, 0x0ab50, 0x04b60, 0x0aae4,
    0x0a570, 0x05260, 0x0f263, 0x0d950, 0x05b57, 0x056a0, 0x096d0, 0x04dd5,
    0x04ad0, 0x0a4d0, 0x0d4d4, 0x0d250, 0x0d558, 0x0b540, 0x0b6a0, 0x195a6,
    0x095b0, 0x049b0, 0x0a974, 0x0a4b0, 0x0b27a, 0x06a50, 0x06d40, 0x0af46,
    0x0ab60, 0x09570, 0x04af5, 0x04970, 0x064b0, 0x074a3, 0x0ea50, 0x06b58,
    0x05ac0, 0x0ab60, 0x096d5, 0x092e0, 0x0c960, 0x0d954, 0x0d4a0, 0x0da50,
    0x07552, 0x056a0, 0x0abb7, 0x025d0, 0x092d0, 0x0cab5, 0x0a950, 0x0b4a0,
    0x0baa4, 0x0ad50, 0x055d9, 0x04ba0, 0x0a5b0, 0x15176, 0x052b0, 0x0a930,
    0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260,
    0x0ea65, 0x0d530, 0x05aa0, 0x076a3, 0x096d0, 0x04afb, 0x04ad0, 0x0a4d0,
    0x1d0b6, 0x0d250, 0x0d520, 0x0dd45, 0x0b5a0, 0x056d0, 0x055b2, 0x049b0,
    0x0a577, 0x0a4b0, 0x0aa50, 0x1b255, 0x06d20, 0x0ada0, 0x14b63, 0x09370,
    0x049f8, 0x04970, 0x064b0, 0x168a6, 0x0ea50, 0x06b20, 0x1a6c4, 0x0aae0,
    0x092e0, 0x0d2e3, 0x0c960, 0x0d557, 0x0d4a0, 0x0da50, 0x05d55, 0x056a0,
    0x0a6d0, 0x055d4, 0x052d0, 0x0a9b8, 0x0a950, 0x0b4a0, 0x0b6a6, 0x0ad50,
    0x055a0, 0x0aba4, 0x0a5b0, 0x052b0, 0x0b273, 0x06930, 0x07337, 0x06aa0,
    0x0ad50, 0x14b55, 0x04b60, 0x0a570, 0x054e4, 0x0d160, 0x0e968, 0x0d520,
    0x0daa0, 0x16aa6, 0x056d0, 0x04ae0, 0x0a9d4, 0x0a2d0, 0x0d150, 0x0f252,
    0x0d520,
};
// clang-format on
_Static_assert(sizeof(years) / sizeof(years[0]) ==
                   CC_LUNAR_YEAR_MAX - CC_LUNAR_YEAR_MIN + 1,
    "one entry a year");

#define FIRST_DAY (-25537) /* 1900-01-31, the first day of the first year */

static bool known(int year)
{
    return year >= CC_LUNAR_YEAR_MIN && year <= CC_LUNAR_YEAR_MAX;
}

static uint32_t bits(int year)
{
    return years[year - CC_LUNAR_YEAR_MIN];
}

unsigned cc_lunar_leap_month(int year)
{
    return known(year) ? bits(year) & 0xfu : 0;
}

unsigned cc_lunar_month_length(int year, unsigned month, bool leap)
{
    if (!known(year) || month < 1 || month > 12 ||
        (leap && cc_lunar_leap_month(year) != month)) {
        return 0;
    }
    return leap ? 29 + (bits(year) >> 16 & 1u)
                : 29 + (bits(year) >> (16 - month) & 1u);
}

static int32_t year_length(int year)
{
    unsigned leap = cc_lunar_leap_month(year);
    unsigned days = leap == 0 ? 0 : cc_lunar_month_length(year, leap, true);

    for (unsigned month = 1; month <= 12; month++) {
        days += cc_lunar_month_length(year, month, false);
    }
    return (int32_t)days;
}

static int32_t year_start(int year)
{
    int32_t day = FIRST_DAY;

    for (int y = CC_LUNAR_YEAR_MIN; y < year; y++) {
        day += year_length(y);
    }
    return day;
}

/* The month after this one; the leap month follows the one of its number. */
static void step(struct cc_lunar *d)
{
    if (!d->leap && cc_lunar_leap_month(d->year) == d->month) {
        d->leap = true;
        return;
    }
    d->leap = false;
    d->month++;
}

bool cc_lunar_of(int32_t day, struct cc_lunar *out)
{
    struct cc_lunar d = { .year = CC_LUNAR_YEAR_MIN, .month = 1 };
    int32_t left = day - FIRST_DAY;

    if (day < FIRST_DAY) {
        return false;
    }
    while (known(d.year) && left >= year_length(d.year)) {
        left -= year_length(d.year);
        d.year++;
    }
    if (!known(d.year)) {
        return false;
    }
    for (;;) {
        int32_t length =
            (int32_t)cc_lunar_month_length(d.year, d.month, d.leap);
        if (left < length) {
            break;
        }
        left -= length;
        step(&d);
    }
    d.day = (unsigned)left + 1;
    *out = d;
    return true;
}

bool cc_lunar_day(struct cc_lunar date, int32_t *day)
{
    struct cc_lunar d = { .year = date.year, .month = 1 };
    int32_t at;

    if (date.day < 1 ||
        date.day > cc_lunar_month_length(date.year, date.month, date.leap)) {
        return false;
    }
    at = year_start(date.year);
    while (d.month != date.month || d.leap != date.leap) {
        at += (int32_t)cc_lunar_month_length(d.year, d.month, d.leap);
        step(&d);
    }
    *day = at + (int32_t)date.day - 1;
    return true;
}

bool cc_lunar_yearly(
    int year, unsigned month, unsigned day, bool leap, int32_t *out)
{
    bool there = leap && cc_lunar_leap_month(year) == month;
    unsigned last = cc_lunar_month_length(year, month, there);

    return cc_lunar_day((struct cc_lunar){ .year = year,
                            .month = month,
                            .day = day > last ? last : day,
                            .leap = there },
        out);
}

bool cc_lunar_next(
    unsigned month, unsigned day, bool leap, int32_t from, int32_t *out)
{
    struct cc_lunar now;
    int32_t found;

    if (!cc_lunar_of(from, &now)) {
        return false;
    }
    for (int year = now.year; year <= now.year + 1; year++) {
        if (cc_lunar_yearly(year, month, day, leap, &found) && found >= from) {
            *out = found;
            return true;
        }
    }
    return false;
}
