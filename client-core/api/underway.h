/*
 * underway.h - visits that have begun and not ended, and count (book/tally.h).
 * Inside a call.
 */
#ifndef CC_API_UNDERWAY_H
#define CC_API_UNDERWAY_H

#include "api/call.h"

#define CC_UNDERWAY_MAX 20u /* more are left out, the newest first */

struct cc_underway {
    struct sp_ref ref, account; /* account.type 0: not on this device */
    uint32_t user;
    uint64_t since_ms;
};
struct cc_underway_list {
    size_t count;
    struct cc_underway visit[CC_UNDERWAY_MAX];
};

/* The user's own of the last two days, the oldest first; all are read. */
SP_MUST_USE sp_err cc_underway_read(
    struct cc_call *c, struct cc_underway_list *out);
/*
 * What somebody is told who begins one: those at an account among its newest
 * visits, his own however old; and his own elsewhere, the newest that
 * began on this device, else of the last two days.
 */
SP_MUST_USE sp_err cc_underway_at(
    struct cc_call *c, const struct sp_ref *at, struct cc_underway_list *out);

/* As programs read them, in the arena of a result.
 *   at       NULL, or the account of which it says that they are `here` */
SP_MUST_USE sp_err cc_underway_give(struct cc_call *c,
    const struct cc_underway_list *list, const struct sp_ref *at,
    struct sp_arena *a, const struct satchel_visit_open **out);

#define CC_UNDERWAY_TIME_BYTES 32u
/* "2026-03-31 14:05", where the device is. */
void cc_underway_time(uint64_t ms, char out[CC_UNDERWAY_TIME_BYTES]);

#endif
