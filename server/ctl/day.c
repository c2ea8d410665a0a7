/* day.c - days as people type them. */
#include "ctl/day.h"

#include "book/day.h"

#include <stdio.h>
#include <time.h>

/* Days since 1970 of a date of the common calendar. */
static int64_t days_of(int year, int month, int day)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273,
        304, 334 };
    int64_t past = (int64_t)year - (month <= 2 ? 1 : 0); /* whole leap years */
    return 365 * ((int64_t)year - 1970) + past / 4 - past / 100 + past / 400 -
           477 + before[month - 1] + day - 1;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* A day that is not over. */
sp_err sv_day_read(struct sv_call *call, const char *text, uint32_t *out)
{
    int year = 0, month = 0, day = 0, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
        used != 10 || text[10] != '\0' || year < 1970 || month < 1 ||
        month > 12 || day < 1 || day > days_in(year, month)) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "--until \"%.40s\": write a day as 2026-12-31", text);
    }
    int64_t days = days_of(year, month, day);
    if (days < (int64_t)time(NULL) / 86400) {
        return sv_call_refuse(
            call, SP_E_ARGUMENT, "--until %.40s: that day is over", text);
    }
    *out = (uint32_t)days;
    return SP_OK;
}

int32_t sv_day_local(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (ms == 0 || localtime_r(&seconds, &local) == NULL) {
        return CC_DAY_NONE;
    }
    return cc_day_of((struct cc_date){ local.tm_year + 1900,
        (unsigned)local.tm_mon + 1, (unsigned)local.tm_mday });
}
