/*
 * job.h - the note that an export leaves: who took what, how much, and the
 * hash of the file (entity export_job, which goes up like every record).
 *
 *   threads  any
 */
#ifndef CC_BOOK_JOB_H
#define CC_BOOK_JOB_H

#include "sp/dictionary.h"
#include "sp/node.h"

#define CC_JOB_ENTITY "export_job"
#define CC_JOB_WRITES 8u
#define CC_JOB_TEXT   200u /* bytes of the list of entities */

struct cc_job {
    uint32_t user;
    uint64_t at_ms;
    const char *format;
    const char *what; /* "account, contact"; what does not fit is left out,
                         at a name's end, and "..." says so */
    uint64_t rows;
    uint8_t hash[32]; /* BLAKE2b-256 of the file */
};

/* The writes that make its record. Returns how many, 0 when the dictionary
 * has no such entity or lacks a field that it must have; -1 without memory. */
int cc_job_writes(const struct sp_entity *e, const struct cc_job *job,
    struct sp_arena *arena, struct sp_draft_write out[CC_JOB_WRITES]);

/* What a record says; what and format point into it and have no NUL. */
struct cc_job_said {
    uint32_t user;
    uint64_t at_ms, rows;
    struct sp_slice format, what, hash;
};
void cc_job_read(const struct sp_entity *e, const struct sp_record *r,
    struct cc_job_said *out);

#endif
