/*
 * deadlines.h - the deadline rules, held against the records. Inside a call;
 * results lie in the arena given.
 */
#ifndef CC_API_DEADLINES_H
#define CC_API_DEADLINES_H

#include "book/deadline_list.h"

#include "api/call.h"

/* out is filled; no rules, or an older dictionary: none. SP_E_NOMEM, those of
 * sp_state_walk. */
SP_MUST_USE sp_err cc_deadlines_read(struct cc_call *c,
    const struct cc_deadline_query *query, struct sp_arena *a,
    struct satchel_deadlines *out);

#endif
