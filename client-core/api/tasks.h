/*
 * tasks.h - tasks as people ask for them, and what they are told of those that
 * went to somebody else. Inside a call; results lie in the arena given.
 */
#ifndef CC_API_TASKS_H
#define CC_API_TASKS_H

#include "api/call.h"

struct cc_tasks_query {
    uint32_t owner; /* 0: everybody's */
    bool has_account;
    struct sp_id account; /* only about this one */
    bool closed;          /* also what is done or was dropped */
    int32_t due_by;       /* INT32_MAX: whenever it is due */
    size_t limit;         /* 0: all */
    bool told;            /* also what the user is told */
};

struct cc_tasks {
    size_t total, count;
    const struct satchel_task *task;
    size_t told_count;
    const struct satchel_told *told;
};

/* An older dictionary: there are none. SP_E_NOMEM, those of sp_state_walk. */
SP_MUST_USE sp_err cc_tasks_read(struct cc_call *c,
    const struct cc_tasks_query *query, struct sp_arena *a,
    struct cc_tasks *out);

#endif
