/*
 * deadline.h - when something has to be done that counts from a moment: so many
 * hours of the clock, or so many hours in which people work.
 *
 *   threads  any
 */
#ifndef CC_BOOK_DEADLINE_H
#define CC_BOOK_DEADLINE_H

#include "book/send.h"

#define CC_DEADLINE_HOURS_MAX 8784u /* of a rule */

/* How hours are counted. Working days are Monday to Friday, as send.h counts
 * them. */
struct cc_deadline_clock {
    bool business;      /* else every hour counts, nights and Sundays too */
    unsigned from, to;  /* minutes of a working day, from before to */
    int32_t offset_min; /* east of Greenwich */
    struct cc_send_days days;
};

/* The end of so many hours (1 and more) from start. Business hours that no
 * calendar of the next years has: UINT64_MAX. */
uint64_t cc_deadline_end(
    const struct cc_deadline_clock *clock, uint64_t start_ms, uint32_t hours);

struct cc_deadline_facts {
    uint64_t due_ms;
    uint64_t done_ms; /* 0: not yet */
    uint64_t now_ms;
    bool has_warn;
    uint32_t warn_hours;
    int32_t offset_min;
};
enum cc_deadline_state {
    CC_DEADLINE_MET = 0, /* done in time */
    CC_DEADLINE_OPEN,    /* there is time left */
    CC_DEADLINE_NEAR,    /* within warn_hours, else by the end of today */
    CC_DEADLINE_BROKEN,
    CC_DEADLINE_LATE
};
/* The very moment still is in time. */
enum cc_deadline_state cc_deadline_state(const struct cc_deadline_facts *f);

#endif
