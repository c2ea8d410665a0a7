/*
 * merge.h - one account out of two, as part of a call.
 */
#ifndef CC_API_MERGE_H
#define CC_API_MERGE_H

#include "api/call.h"

struct cc_merge_wanted {
    const char *keep;
    const char *const *absorb;
    size_t count;
    const struct satchel_input *take;
    size_t takes;
};
/* As satchel_account_merge. out: of cc_result_new. */
SP_MUST_USE sp_err cc_merge_make(struct cc_call *c,
    const struct cc_merge_wanted *wanted, struct satchel_merge *out);

#endif
