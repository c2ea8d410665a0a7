#include "api/today.h"

#include <string.h>

#include "book/day.h"

#include "store/zone.h"

int32_t cc_today_offset(uint64_t ms)
{
    return cc_zone_offset(ms);
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
