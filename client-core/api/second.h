/*
 * second.h - requests for exports that leave only with a second person, as
 * parts of a call: what became of each, and saying something of one.
 */
#ifndef CC_API_SECOND_H
#define CC_API_SECOND_H

#include "book/taken.h"

#include "api/call.h"

/* One request; the texts of said last for the look. */
struct cc_second {
    struct sp_ref ref;
    struct cc_job_said said;
    enum cc_job_state state;
    uint32_t hours; /* that a yes counts */
    bool decide;    /* it waits, and this user may say yes and no */
};
/* Looks at each that lies here, in order of their ids. */
SP_MUST_USE sp_err cc_second_each(struct cc_call *c,
    sp_err (*each)(void *arg, const struct cc_second *one), void *arg);

/* What goes out, for people: "csv: contact, 12 rows, with sensitive fields".
 * In the tx's arena; NULL without memory. */
const char *cc_second_what(
    struct cc_call *c, const struct cc_job_said *said, bool zh);

/* In a write call; id and errors as of satchel_export_say. saved may be NULL.
 */
struct cc_second_wish {
    const char *id;
    enum cc_job_step step;
    const char *reason; /* NULL: none */
};
SP_MUST_USE sp_err cc_second_say(struct cc_call *c,
    const struct cc_second_wish *wish, struct satchel_saved *saved);

#endif
