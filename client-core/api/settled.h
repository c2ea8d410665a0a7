/*
 * settled.h - what settling a conflict put out of sight, so that it can be
 * taken back. Inside a call.
 */
#ifndef CC_API_SETTLED_H
#define CC_API_SETTLED_H

#include "api/call.h"

/* The values shown before a draft settles them; arena memory of the tx. */
struct cc_settled {
    uint32_t count;
    struct cc_settled_value *value;
};

/* Before the commit is made. */
SP_MUST_USE sp_err cc_settled_look(struct cc_call *c,
    const struct sp_draft_change *change, uint32_t count,
    struct cc_settled *out);
/* After it: kept under the commit's number n. */
SP_MUST_USE sp_err cc_settled_keep(
    struct cc_call *c, const struct cc_settled *s, uint64_t n);

#endif
