/*
 * record.h - records by entity name, as parts of a call.
 */
#ifndef CC_API_RECORD_H
#define CC_API_RECORD_H

#include "api/call.h"

/* A view in an arena of its own. */
struct cc_record_view {
    struct sp_arena arena;
    struct sp_record record;
    uint32_t unresolved;
};
SP_MUST_USE sp_err cc_record_view(
    struct cc_call *c, const struct sp_ref *ref, struct cc_record_view *out);
void cc_record_view_free(struct cc_record_view *v);

/* SP_E_NOT_FOUND when it is deleted; the detail says so. */
SP_MUST_USE sp_err cc_record_make(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_ref *parent,
    const struct satchel_input *input, size_t count,
    const struct satchel_input *more, size_t more_count,
    struct satchel_saved *out);
/* The same under an id that the caller made. SP_E_EXISTS. */
SP_MUST_USE sp_err cc_record_make_as(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_id *id,
    const struct sp_ref *parent, const struct satchel_input *input,
    size_t count, const struct satchel_input *more, size_t more_count,
    struct satchel_saved *out);
SP_MUST_USE sp_err cc_record_change(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_ref *ref,
    const struct satchel_input *input, size_t count,
    const struct satchel_input *more, size_t more_count,
    struct satchel_saved *out);
/* Writes that it is deleted, or is not. */
SP_MUST_USE sp_err cc_record_delete(struct cc_call *c, const struct sp_ref *ref,
    bool deleted, struct satchel_saved *out);
void cc_record_saved(
    struct satchel_saved *out, const struct sp_id *id, uint64_t n);

#endif
