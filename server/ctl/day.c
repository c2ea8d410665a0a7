/* day.c - days as people type them. */
#include "ctl/day.h"

#include "book/day.h"

#include <time.h>

sp_err sv_day_read(struct sv_call *call, const char *text, uint32_t *out)
{
    int32_t day;
    if (!cc_day_parse(text, &day) || day < 0) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "--until \"%.40s\": write a day as 2026-12-31", text);
    }
    if (day < (int32_t)(time(NULL) / 86400)) {
        return sv_call_refuse(
            call, SP_E_ARGUMENT, "--until %.40s: that day is over", text);
    }
    *out = (uint32_t)day;
    return SP_OK;
}

static int32_t day_of(const struct tm *local)
{
    return cc_day_of((struct cc_date){ local->tm_year + 1900,
        (unsigned)local->tm_mon + 1, (unsigned)local->tm_mday });
}

int32_t sv_day_local(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (ms == 0 || localtime_r(&seconds, &local) == NULL) {
        return CC_DAY_NONE;
    }
    return day_of(&local);
}

int32_t sv_day_offset(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local) == NULL) {
        return 0;
    }
    int64_t minutes = (int64_t)day_of(&local) * CC_DAY_MINUTES +
                      local.tm_hour * 60 + local.tm_min;
    return (int32_t)(minutes - (int64_t)(ms / 60000));
}
