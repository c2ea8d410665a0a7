/*
 * job.h - the note that an export leaves: who took what, how much, and the
 * hash of the file (entity export_job, which goes up like every record); and
 * the request for one that leaves only with a second person, with his word.
 *
 *   threads  any
 */
#ifndef CC_BOOK_JOB_H
#define CC_BOOK_JOB_H

#include "sp/dictionary.h"
#include "sp/node.h"

#define CC_JOB_ENTITY "export_job"
#define CC_JOB_WRITES 12u
#define CC_JOB_TEXT   200u /* bytes of the list of entities */

struct cc_job {
    uint32_t user;
    uint64_t at_ms;
    const char *format;
    const char *what; /* "account, contact"; what does not fit is left out,
                         at a name's end, and "..." says so */
    uint64_t rows;
    uint8_t hash[32];         /* BLAKE2b-256 of the file */
    bool request;             /* asks; rows and hash say nothing */
    const char *why;          /* of a request; NULL: none */
    bool sensitive;           /* P3 too */
    bool everything;          /* whatever he may see of it */
    const struct sp_id *used; /* the request that it used up; NULL: none */
};

/* The writes that make its record. Returns how many, 0 when the dictionary
 * has no such entity or lacks a field that it must have; -1 without memory. */
int cc_job_writes(const struct sp_entity *e, const struct cc_job *job,
    struct sp_arena *arena, struct sp_draft_write out[CC_JOB_WRITES]);

/* The second person's word, as one write; 0 or -1 as above. until_ms 0: no. */
struct cc_job_word {
    uint32_t by;
    uint64_t at_ms, until_ms;
};
int cc_job_decide(const struct sp_entity *e, const struct cc_job_word *word,
    struct sp_arena *arena, struct sp_draft_write *out);

/* What a record says; the texts point into it and have no NUL. */
struct cc_job_said {
    uint32_t user;
    uint64_t at_ms, rows;
    struct sp_slice format, what, hash, why;
    bool request, sensitive, everything;
    uint32_t by; /* who decided; 0: nobody yet */
    bool yes;
    uint64_t until_ms;
    bool has_used;
    struct sp_id used;
};
/* Whether a note says this list of entities, as it is cut to fit. */
bool cc_job_same_what(struct sp_slice said, const char *what);
void cc_job_read(const struct sp_entity *e, const struct sp_record *r,
    struct cc_job_said *out);

#endif
