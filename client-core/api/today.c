#include "api/today.h"

#include <string.h>
#include <time.h>

#include "book/day.h"

int32_t cc_today_offset(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    int64_t minutes;

    if (localtime_r(&seconds, &local) == NULL) {
        return 0;
    }
    minutes = (int64_t)cc_day_of((struct cc_date){ local.tm_year + 1900,
                  (unsigned)local.tm_mon + 1, (unsigned)local.tm_mday }) *
                  CC_DAY_MINUTES +
              local.tm_hour * 60 + local.tm_min;
    return (int32_t)(minutes - (int64_t)(ms / 60000));
}

int32_t cc_today_of(uint64_t ms)
{
    return ms == 0 ? CC_DAY_NONE : cc_day_at(ms, cc_today_offset(ms));
}

int32_t cc_today(const struct cc_call *c)
{
    const struct cc_replica *r = &c->s->replica;

    return cc_today_of(r->env.now_ms(r->env.self));
}

sp_err cc_today_typed(struct cc_call *c, const char *date, int32_t *out)
{
    int32_t day = cc_today(c);

    if (date != NULL && strcmp(date, "today") != 0 &&
        !cc_day_parse(date, &day)) {
        return cc_call_say(c, SP_E_ARGUMENT,
            "\"%.40s\" is no day; write it as 2026-03-08", date);
    }
    *out = day;
    return SP_OK;
}
