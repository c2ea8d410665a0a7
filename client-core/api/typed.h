/*
 * typed.h - what a person typed, as writes of a commit. Inside a call.
 */
#ifndef CC_API_TYPED_H
#define CC_API_TYPED_H

#include "api/call.h"

/* Writes to one record; at all times each key once. In the tx's arena. */
struct cc_typed {
    struct cc_call *call;
    const struct sp_entity *entity;
    const struct sp_record *view; /* what stands; count 0: a new record */
    uint32_t count;
    struct sp_draft_write *write; /* SP_COMMIT_WRITES_MAX */
};

SP_MUST_USE sp_err cc_typed_init(struct cc_typed *t, struct cc_call *c,
    const struct sp_entity *entity, const struct sp_record *view);

/* Adds inputs, in place of writes that are there to the same keys.
 * SP_E_UNKNOWN_FIELD, SP_E_VALUE, ... with the call's detail. */
SP_MUST_USE sp_err cc_typed_add(
    struct cc_typed *t, const struct satchel_input *input, size_t count);

/* Whether some write is to the field. */
bool cc_typed_has(const struct cc_typed *t, uint16_t field);
/* Sets a value that nobody typed; copied. */
SP_MUST_USE sp_err cc_typed_put(
    struct cc_typed *t, uint16_t field, struct sp_slice value);
/* The same of a key, for writes made before. */
SP_MUST_USE sp_err cc_typed_put_key(
    struct cc_typed *t, const struct sp_key *key, struct sp_slice value);

/* Fields that are filled in when nobody typed them: the record it belongs to,
 * the author, and what the entity needs to be in one of the user's scopes. */
SP_MUST_USE sp_err cc_typed_defaults(
    struct cc_typed *t, const struct sp_ref *parent);

/*
 * Makes the commit. out may be NULL.
 *   errors   of class policy, with a detail that names record and field
 */
SP_MUST_USE sp_err cc_typed_save(struct cc_call *c,
    const struct sp_draft_change *change, uint32_t count, uint64_t *n);

/* New id, by the clock of now. */
struct sp_id cc_typed_id(struct cc_call *c);

#endif
