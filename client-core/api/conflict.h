/*
 * conflict.h - fields in conflict, and settling one, as parts of a call.
 */
#ifndef CC_API_CONFLICT_H
#define CC_API_CONFLICT_H

#include "api/call.h"

/* All that there are, as satchel_conflicts gives them. out: of
 * cc_result_new. Of entities that are kept by name only records are opened
 * whose entry has a mark. */
SP_MUST_USE sp_err cc_conflict_gather(
    struct cc_call *c, struct satchel_conflicts *out);

/* As satchel_conflict_choose. */
SP_MUST_USE sp_err cc_conflict_choose(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_ref *ref, const char *field,
    const char *key, struct satchel_saved *out);

#endif
