/*
 * segment.h - who a segment of the catalogue chooses. Inside a call.
 */
#ifndef CC_API_SEGMENT_H
#define CC_API_SEGMENT_H

#include "api/call.h"

/*
 *   segment  its id; NULL: every customer
 *   out      in the order of ids; free it
 *   errors   SP_E_NOT_FOUND, SP_E_ARGUMENT (its steps are not known here; said
 *            in the call), those of cc_standing_load
 */
SP_MUST_USE sp_err cc_segment_members(struct cc_call *c,
    const struct sp_id *segment, struct sp_id **out, size_t *count);

#endif
