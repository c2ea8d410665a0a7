/*
 * taken.h - what the notes of exports (job.h) add up to: how many rows left
 * under whose name on which day, and which requests an export has used up.
 *
 * A request takes nothing out, however many rows it asks for; a note that is
 * deleted still says what left. Begin, add each note, end, ask, free.
 *
 *   memory   24 bytes a note     threads  any
 */
#ifndef CC_BOOK_TAKEN_H
#define CC_BOOK_TAKEN_H

#include "book/job.h"

struct cc_taken_day {
    uint32_t user;
    uint64_t day; /* since 1970, UTC */
    uint64_t rows;
};

/* At all times after cc_taken_end: days (struct cc_taken_day) sorted by user
 * and day, each once; used (struct sp_id) sorted. */
struct cc_taken {
    struct sp_buf days, used;
};

void cc_taken_begin(struct cc_taken *t);
/* One note. SP_E_NOMEM, SP_E_TOO_LARGE. */
SP_MUST_USE sp_err cc_taken_add(
    struct cc_taken *t, const struct cc_job_said *said);
void cc_taken_end(struct cc_taken *t);
void cc_taken_free(struct cc_taken *t);

/* Rows of that person on the day (UTC) of at_ms; more than fits is the most. */
uint64_t cc_taken_rows(const struct cc_taken *t, uint32_t user, uint64_t at_ms);
/* Whether an export has used the request up. */
bool cc_taken_used(const struct cc_taken *t, const struct sp_id *request);

#endif
