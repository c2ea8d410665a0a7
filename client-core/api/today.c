#include "api/today.h"

#include <time.h>

#include "book/day.h"

int32_t cc_today_offset(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local, world;
    time_t back;

    if (localtime_r(&seconds, &local) == NULL ||
        gmtime_r(&seconds, &world) == NULL) {
        return 0;
    }
    /* Both read as the same kind of time: their difference is the zone. */
    world.tm_isdst = local.tm_isdst;
    back = mktime(&world);
    return back == (time_t)-1 ? 0 : (int32_t)((seconds - back) / 60);
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
