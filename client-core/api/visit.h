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

/* SP_E_FIELD_DENIED when a field is typed that only the device finds out: the
 * verdict of the check-in and how long the visit took. */
SP_MUST_USE sp_err cc_visit_typed(
    struct cc_call *c, const struct satchel_input *input, size_t count);

#endif
