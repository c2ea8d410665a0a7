#include "book/target.h"

#include "book/calendar.h"

bool cc_target_grows(enum cc_target_metric metric)
{
    return metric != CC_TARGET_COVERAGE && metric != CC_TARGET_COMPLETENESS;
}

/* a * b / c without losing the product; rounded down, 0 for c = 0. */
static int64_t share(int64_t a, int64_t b, int64_t c)
{
    int64_t product;

    if (c <= 0) {
        return 0;
    }
    if (!__builtin_mul_overflow(a, b, &product)) {
        return product / c;
    }
    return c < b ? INT64_MAX : a / (c / b); /* to a part in c / b */
}

struct cc_target_progress cc_target_progress(const struct cc_target_goal *goal,
    const struct cc_send_days *worked, int64_t actual, int32_t today)
{
    struct cc_target_progress p = { .open = today <= goal->until };
    int32_t all = cc_calendar_working_days(worked, goal->from, goal->until);
    int32_t over = cc_calendar_working_days(
        worked, goal->from, today < goal->until ? today : goal->until);

    p.percent = share(actual, 100, goal->target);
    p.due =
        cc_target_grows(goal->metric) && all > 0 ? share(over, 100, all) : 100;
    if (!cc_target_grows(goal->metric) || all == 0) {
        p.attainment = p.percent;
    } else if (over > 0) {
        p.attainment = share(p.percent, all, over);
    }
    return p;
}
