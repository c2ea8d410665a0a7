/*
 * target.h - how far a goal is reached, and whether that is in time.
 *
 *   source   journeys, C4: attainment = actual / (target * elapsed working
 *            days / working days)
 *   threads  any
 */
#ifndef CC_BOOK_TARGET_H
#define CC_BOOK_TARGET_H

#include "book/send.h"

#include <stdbool.h>
#include <stdint.h>

/* Options of target.metric. */
enum cc_target_metric {
    CC_TARGET_VISITS = 1,
    CC_TARGET_COVERAGE, /* percent of customers with a cycle that were visited
                           in it */
    CC_TARGET_PURCHASES,
    CC_TARGET_REVENUE, /* minor units */
    CC_TARGET_NEW_ACCOUNTS,
    CC_TARGET_CONTACTS,
    CC_TARGET_COMPLETENESS, /* percent */
    CC_TARGET_EVENTS
};

/* Sums grow with the days; shares (coverage, completeness) do not. */
bool cc_target_grows(enum cc_target_metric metric);

struct cc_target_goal {
    enum cc_target_metric metric;
    int32_t from, until; /* days, both ends in; see day.h */
    int64_t target;      /* above 0 */
};
struct cc_target_progress {
    int64_t percent;    /* of the whole target, rounded down */
    int64_t attainment; /* of what was due by today, percent rounded down; 0
                           before the first working day is over */
    int64_t due; /* percent of the target that was due by today: of shares all
                    of it */
    bool open;   /* today is not past its end */
};
/* worked: which days count as working days; see calendar.h. */
struct cc_target_progress cc_target_progress(const struct cc_target_goal *goal,
    const struct cc_send_days *worked, int64_t actual, int32_t today);

#endif
