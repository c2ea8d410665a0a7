/*
 * plan.h - the route that was saved for a day: which accounts, in which order.
 * Inside a call.
 */
#ifndef CC_API_PLAN_H
#define CC_API_PLAN_H

#include "api/call.h"

#define CC_PLAN_STOPS_MAX 100u /* ids, a line each, in route_plan.stops */

struct cc_plan {
    bool saved;        /* there is one */
    struct sp_ref ref; /* of the record */
    unsigned min_stops;
    size_t count;
    struct sp_id stop[CC_PLAN_STOPS_MAX]; /* what each was merged into */
};

/* Of the user; of several (two devices, offline) the newest. */
SP_MUST_USE sp_err cc_plan_read(
    struct cc_call *c, int32_t day, struct cc_plan *out);
/* Its place in the order from 1; 0: it is not in it. */
unsigned cc_plan_place(const struct cc_plan *p, const struct sp_id *account);

#endif
