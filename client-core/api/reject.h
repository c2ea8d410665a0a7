/*
 * reject.h - the user's refused edits, as parts of a call.
 */
#ifndef CC_API_REJECT_H
#define CC_API_REJECT_H

#include "api/call.h"

/* As satchel_rejected_list gives them. out: of cc_result_new. */
SP_MUST_USE sp_err cc_reject_gather(
    struct cc_call *c, bool deferred, struct satchel_rejects *out);

/* As satchel_rejected_discard, _resend (as it was) and _ask; note and out may
 * be NULL. */
SP_MUST_USE sp_err cc_reject_discard(struct cc_call *c, const char *key);
SP_MUST_USE sp_err cc_reject_resend(
    struct cc_call *c, const char *key, struct satchel_saved *out);
SP_MUST_USE sp_err cc_reject_ask(
    struct cc_call *c, const char *key, const char *note);

#endif
