#include "book/deadline.h"

#include "book/calendar.h"

#define MINUTE_MS 60000u
#define HOUR_MS   3600000u
/* Ten years of days without one working minute: there is no such calendar. */
#define IDLE_DAYS_MAX 3660u

/* Working day by working day, what is left of each. */
static uint64_t business_end(
    const struct cc_deadline_clock *c, uint64_t start_ms, uint64_t left_ms)
{
    int32_t day = cc_day_at(start_ms, c->offset_min);

    for (unsigned idle = 0; idle < IDLE_DAYS_MAX && c->from < c->to; day++) {
        uint64_t begin = cc_day_ms(day, c->from, c->offset_min);
        uint64_t end = begin + (uint64_t)(c->to - c->from) * MINUTE_MS;

        begin = begin < start_ms ? start_ms : begin;
        if (!cc_calendar_works(&c->days, day) || begin >= end) {
            idle++;
            continue;
        }
        if (left_ms <= end - begin) {
            return begin + left_ms;
        }
        left_ms -= end - begin;
        idle = 0;
    }
    return UINT64_MAX;
}

uint64_t cc_deadline_end(
    const struct cc_deadline_clock *clock, uint64_t start_ms, uint32_t hours)
{
    return clock->business
               ? business_end(clock, start_ms, (uint64_t)hours * HOUR_MS)
               : start_ms + (uint64_t)hours * HOUR_MS;
}

static bool is_near(const struct cc_deadline_facts *f)
{
    uint64_t left = f->due_ms - f->now_ms;

    return f->has_warn ? left <= (uint64_t)f->warn_hours * HOUR_MS
                       : cc_day_at(f->due_ms, f->offset_min) <=
                             cc_day_at(f->now_ms, f->offset_min);
}

enum cc_deadline_state cc_deadline_state(const struct cc_deadline_facts *f)
{
    if (f->done_ms != 0) {
        return f->done_ms <= f->due_ms ? CC_DEADLINE_MET : CC_DEADLINE_LATE;
    }
    if (f->now_ms > f->due_ms) {
        return CC_DEADLINE_BROKEN;
    }
    return is_near(f) ? CC_DEADLINE_NEAR : CC_DEADLINE_OPEN;
}
