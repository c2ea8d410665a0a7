/*
 * visit.h - which visit a person means. Inside a call.
 */
#ifndef CC_API_VISIT_H
#define CC_API_VISIT_H

#include "api/call.h"

/*
 * text NULL: the user's newest visit that has not ended.
 *   errors   SP_E_NOT_FOUND, SP_E_AMBIGUOUS, with a detail
 */
SP_MUST_USE sp_err cc_visit_refer(struct cc_call *c, const char *text,
    const struct sp_entity **entity, struct sp_ref *out);

#endif
