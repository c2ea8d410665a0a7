/*
 * plan.h - the route that was saved for a day: which accounts, in which order.
 * Inside a call.
 */
#ifndef CC_API_PLAN_H
#define CC_API_PLAN_H

#include "api/call.h"

#define CC_PLAN_STOPS_MAX 100u /* ids, a line each, in route_plan.stops */

#define CC_PLAN_OTHERS_MAX 8u

struct cc_plan {
    bool saved;        /* there is one */
    struct sp_ref ref; /* of the record */
    uint32_t by;       /* user who wrote its stops last */
    unsigned min_stops;
    size_t count;
    struct sp_id stop[CC_PLAN_STOPS_MAX]; /* what each was merged into */
    /* Saved apart from it, and older; the next one who saves takes them back.
     * Their stops as far as they fit. */
    size_t others;
    struct sp_ref other[CC_PLAN_OTHERS_MAX];
    size_t dropped;
    struct sp_id drop[CC_PLAN_STOPS_MAX];
};

/* Of a user; of several (two devices, offline; his manager's) the newest. */
SP_MUST_USE sp_err cc_plan_read(
    struct cc_call *c, uint32_t user, int32_t day, struct cc_plan *out);
/* Its place in the order from 1; 0: it is not in it. */
unsigned cc_plan_place(const struct cc_plan *p, const struct sp_id *account);

#endif
