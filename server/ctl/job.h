/*
 * job.h - the notes of exports at a server (book/job.h): written as the
 * server's own (SYNC J7), under a person's name, and what they add up to.
 */
#ifndef SV_JOB_H
#define SV_JOB_H

#include "book/taken.h"
#include "ctl/call.h"

/* The entity; NULL in a dictionary without it. */
const struct sp_entity *sv_job_entity(const struct sp_rulebook *b);

/* Makes the record under that id; nothing without the entity. */
SP_MUST_USE sp_err sv_job_put(
    struct sp_tx *tx, const struct sp_id *id, const struct cc_job *job);
/* Puts one write of a person to a request, judged as if he had made it on his
 * device: that is where it is said who may. verdict: what the judge found. */
SP_MUST_USE sp_err sv_job_write(struct sp_tx *tx, uint32_t user,
    const struct sp_id *id, const struct sp_draft_write *write,
    struct sp_verdict *verdict);

/* What all notes here add up to; the caller frees it, also after an error. */
SP_MUST_USE sp_err sv_job_taken(struct sp_tx *tx, struct cc_taken *out);
/* Rows that a person has taken out on the day (UTC) of at_ms. */
SP_MUST_USE sp_err sv_job_rows(
    struct sp_tx *tx, uint32_t user, uint64_t at_ms, uint64_t *rows);

/* A request by its id as typed; the arena of tx holds what it says.
 * SP_E_ARGUMENT, SP_E_NOT_FOUND, both said in the call. */
SP_MUST_USE sp_err sv_job_request(struct sv_call *call, struct sp_tx *tx,
    const char *text, struct sp_id *id, struct cc_job_said *out);
/* Whether an export has used a request up. */
SP_MUST_USE sp_err sv_job_used(
    struct sp_tx *tx, const struct sp_id *id, bool *used);

#endif
