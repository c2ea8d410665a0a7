/*
 * leave.h - one record's own bytes leave as a file: the right to it, and the
 * note that stays. Inside a call.
 *
 * The same right and the same note as those of an export (book/quota.h,
 * book/job.h); such a file counts as one row.
 */
#ifndef CC_API_LEAVE_H
#define CC_API_LEAVE_H

#include "api/call.h"

/* Rows that left under the user's name today (UTC). Those of sp_state_walk. */
SP_MUST_USE sp_err cc_leave_taken(struct cc_call *c, uint64_t *rows);

/* SP_E_DENIED, with a detail: no role of the user takes such records out, only
 * with a second person, or no row is left today. */
SP_MUST_USE sp_err cc_leave_allowed(
    struct cc_call *c, const struct sp_entity *entity);
/* In a write call: who took it, and the hash of the file. */
SP_MUST_USE sp_err cc_leave_note(struct cc_call *c,
    const struct sp_entity *entity, const char *format, struct sp_slice file);

#endif
