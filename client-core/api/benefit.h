/*
 * benefit.h - what a customer's tier is entitled to. Inside a call.
 */
#ifndef CC_API_BENEFIT_H
#define CC_API_BENEFIT_H

#include "api/occasion.h"

/* The line of the brief: what counts today, more on a birthday. */
SP_MUST_USE sp_err cc_benefit_today(struct cc_call *c,
    const struct sp_ref *account, struct sp_arena *a, struct cc_occasion *out);

#endif
