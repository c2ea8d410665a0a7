#include "book/day.h"

#include <stdio.h>
#include <string.h>

bool cc_day_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned cc_day_month_length(int year, unsigned month)
{
    if (month == 2) {
        return cc_day_leap(year) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool cc_day_valid(struct cc_date d)
{
    return d.year >= CC_DAY_YEAR_MIN && d.year <= CC_DAY_YEAR_MAX &&
           d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= cc_day_month_length(d.year, d.month);
}

/* Years begin in March, so that the leap day is a year's last; days are
 * counted from 1 March of year 0, which is 719468 days before 1970. */
int32_t cc_day_of(struct cc_date d)
{
    int32_t year = d.year - (d.month <= 2);
    int32_t month = ((int32_t)d.month + 9) % 12;

    return year * 365 + year / 4 - year / 100 + year / 400 +
           (153 * month + 2) / 5 + (int32_t)d.day - 1 - 719468;
}

struct cc_date cc_day_date(int32_t day)
{
    int32_t n = day + 719468;
    int32_t era = n / 146097, of_era = n % 146097;
    int32_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * of_year + 2) / 153;
    struct cc_date out;

    out.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
    out.month = (unsigned)(month < 10 ? month + 3 : month - 9);
    out.year = year_of_era + era * 400 + (out.month <= 2);
    return out;
}

unsigned cc_day_weekday(int32_t day)
{
    /* 1970-01-01 was a Thursday. */
    return (unsigned)(((day + 3) % 7 + 7) % 7) + 1;
}

int32_t cc_day_at(uint64_t ms, int32_t offset_min)
{
    int64_t local = (int64_t)ms + (int64_t)offset_min * 60000;

    return (int32_t)(local >= 0 ? local / CC_DAY_MS
                                : -((CC_DAY_MS - 1 - local) / CC_DAY_MS));
}

unsigned cc_day_minute(uint64_t ms, int32_t offset_min)
{
    int64_t local = (int64_t)ms + (int64_t)offset_min * 60000;
    int64_t day = cc_day_at(ms, offset_min);

    return (unsigned)((local - day * CC_DAY_MS) / 60000);
}

uint64_t cc_day_ms(int32_t day, unsigned minute, int32_t offset_min)
{
    int64_t ms = (int64_t)day * CC_DAY_MS +
                 ((int64_t)minute - (int64_t)offset_min) * 60000;

    return ms < 0 ? 0 : (uint64_t)ms;
}

int32_t cc_day_yearly(int year, unsigned month, unsigned day)
{
    unsigned last = cc_day_month_length(year, month);

    return cc_day_of((struct cc_date){ year, month, day > last ? last : day });
}

void cc_day_format(char out[CC_DAY_TEXT_BYTES], int32_t day)
{
    struct cc_date d = cc_day_date(day);

    (void)snprintf(out, CC_DAY_TEXT_BYTES, "%04u-%02u-%02u",
        (unsigned)d.year % 10000u, d.month % 100u, d.day % 100u);
}

/* Exactly count digits. */
static bool digits(const char *text, size_t count, unsigned *out)
{
    unsigned v = 0;

    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        v = v * 10 + (unsigned)(text[i] - '0');
    }
    *out = v;
    return true;
}

bool cc_day_parse(const char *text, int32_t *day)
{
    unsigned year, month, of_month;
    struct cc_date d;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        !digits(text, 4, &year) || !digits(text + 5, 2, &month) ||
        !digits(text + 8, 2, &of_month)) {
        return false;
    }
    d = (struct cc_date){ (int)year, month, of_month };
    if (!cc_day_valid(d)) {
        return false;
    }
    *day = cc_day_of(d);
    return true;
}

bool cc_day_parse_yearly(const char *text, unsigned *month, unsigned *day)
{
    unsigned m, d;

    if (strlen(text) != 5 || text[2] != '-' || !digits(text, 2, &m) ||
        !digits(text + 3, 2, &d) || m < 1 || m > 12 || d < 1 ||
        d > cc_day_month_length(2000, m)) {
        return false;
    }
    *month = m;
    *day = d;
    return true;
}
