/*
 * job.h - the note that an export leaves: who took what, how much, and the
 * hash of the file (entity export_job, which goes up like every record); and
 * the request for one that leaves only with a second person, with his word.
 *
 * Yes and no are fields of their own, so that two who did not know of each
 * other need nobody to choose: a no holds whatever yes there is, wherever and
 * whenever each was said, until one who may say yes takes it back. Who said it
 * is who wrote it, as the judge let him; what the record says of that is for
 * people to read.
 *
 *   threads  any
 */
#ifndef CC_BOOK_JOB_H
#define CC_BOOK_JOB_H

#include "sp/dictionary.h"
#include "sp/node.h"
#include "sp/rules.h"

#define CC_JOB_ENTITY "export_job"
#define CC_JOB_YES    "decision" /* the field that only a second person writes */
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
    bool request;             /* asks for so many rows; no hash */
    const char *why;          /* of a request; NULL: none */
    bool sensitive;           /* P3 too */
    bool everything;          /* whatever he may see of it */
    const struct sp_id *used; /* the request that it used up; NULL: none */
};

/* The writes that make its record. Returns how many, 0 when the dictionary
 * has no such entity or lacks a field that it must have; -1 without memory. */
int cc_job_writes(const struct sp_entity *e, const struct cc_job *job,
    struct sp_arena *arena, struct sp_draft_write out[CC_JOB_WRITES]);

/* The second person's yes or no (until_ms 0; reason then not NULL), or that who
 * asked does not want it any more, as one write; 0 or -1 as above. */
struct cc_job_word {
    uint32_t by;
    uint64_t at_ms, until_ms;
    const char *reason; /* NULL: none */
};
int cc_job_decide(const struct sp_entity *e, const struct cc_job_word *word,
    struct sp_arena *arena, struct sp_draft_write *out);
int cc_job_withdraw(const struct sp_entity *e, struct sp_arena *arena,
    struct sp_draft_write *out);

/* Somebody's word on a request. */
struct cc_job_answer {
    uint32_t by;    /* 0: nobody's */
    uint64_t at_ms; /* hybrid time: his device's clock */
    struct sp_slice reason;
};

/* What a record says; the texts point into it and have no NUL. */
struct cc_job_said {
    uint32_t user;
    uint64_t at_ms, rows;
    struct sp_slice format, what, hash, why;
    bool request, sensitive, everything;
    struct cc_job_answer yes, no;
    uint64_t until_ms; /* of the yes, as its author's rules said */
    bool withdrawn;
    bool has_used;
    struct sp_id used;
};
/* Whether a note says this list of entities, as it is cut to fit. */
bool cc_job_same_what(struct sp_slice said, const char *what);
void cc_job_read(const struct sp_entity *e, const struct sp_record *r,
    struct cc_job_said *out);

/* ---- what became of a request --------------------------------------------
 */

enum cc_job_state {
    CC_JOB_WAITS,
    CC_JOB_AGREED,
    CC_JOB_OVER, /* agreed to, too long ago; or by a clock that is ahead */
    CC_JOB_REFUSED,
    CC_JOB_WITHDRAWN,
    CC_JOB_USED, /* whatever was said since */
    CC_JOB_STATES
};
/*
 *   used    by an export (taken.h)
 *   hours   that a yes counts: cc_job_hours
 *   now_ms  of whoever asks; a yes that is more than SP_HLC_AHEAD_MS_MAX ahead
 *           of it counts as over, else a wrong clock would make it last
 */
enum cc_job_state cc_job_state(
    const struct cc_job_said *said, bool used, uint32_t hours, uint64_t now_ms);
/* Up to when a yes counts: what it says, and no longer than the rules here. */
uint64_t cc_job_until(const struct cc_job_said *said, uint32_t hours);
/* How long a yes counts by the roles of who asked. */
uint32_t cc_job_hours(const struct sp_rulebook *b, uint32_t user);

/* Whether a person may be the second one for what another takes out. */
bool cc_job_approves(
    const struct sp_rulebook *b, uint32_t user, uint32_t author);
/* Why somebody may not say something now; the judge has the last word on who.
 */
enum cc_job_bar {
    CC_JOB_FREE,
    CC_JOB_OWN,    /* it is his own request */
    CC_JOB_OTHERS, /* to withdraw: it is not */
    CC_JOB_ROLE,   /* none of his roles is the second person there */
    CC_JOB_PAST    /* it waits no longer, see its state */
};
enum cc_job_step { CC_JOB_SAY_YES, CC_JOB_SAY_NO, CC_JOB_WITHDRAW };
enum cc_job_bar cc_job_bar(const struct sp_rulebook *b, uint32_t user,
    const struct cc_job_said *said, enum cc_job_state state,
    enum cc_job_step step);

#endif
