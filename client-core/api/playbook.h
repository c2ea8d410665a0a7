/*
 * playbook.h - the checklist of a stage of the funnel, and what of it is done
 * with a customer. Inside a call.
 *
 * What was done is an entry of the customer's stage log on the ladder
 * "playbook": who, when, which step by its text (a text that head office
 * changes is a step of its own), for which stage. It counts when it was written
 * after the customer came to the stage, in the order of hybrid times.
 */
#ifndef CC_API_PLAYBOOK_H
#define CC_API_PLAYBOOK_H

#include "api/call.h"

#define CC_PLAYBOOK_STEPS_MAX 50u /* of one stage; more are an error */
#define CC_PLAYBOOK_NAMES_MAX 20u

struct cc_playbook_step {
    uint32_t order;
    const char *what; /* tx arena, as all texts here */
    bool needed, done;
    const char *reason; /* "" */
    uint32_t by;        /* 0: nobody yet */
    uint64_t time_ms;
};
/* At all times: steps by order, then text; each text once. */
struct cc_playbook {
    struct cc_call *call;
    struct sp_ref account;
    unsigned stage;         /* option of funnel_status */
    const char *stage_name; /* "" */
    uint64_t since_ms;
    size_t names, count;
    const char *name[CC_PLAYBOOK_NAMES_MAX], *text[CC_PLAYBOOK_NAMES_MAX];
    struct cc_playbook_step step[CC_PLAYBOOK_STEPS_MAX];
};

/* Of a stage in which the customer is. SP_E_TOO_LARGE: more steps than fit. */
SP_MUST_USE sp_err cc_playbook_load(struct cc_playbook *p, struct cc_call *c,
    const struct sp_ref *account, unsigned stage, const char *name);
/* Needed steps that are neither done nor left out. */
size_t cc_playbook_left(const struct cc_playbook *p);
/*
 * The step by its order or the beginning of its text.
 *   errors  SP_E_NOT_FOUND, SP_E_AMBIGUOUS; the detail lists the steps
 */
SP_MUST_USE sp_err cc_playbook_find(
    struct cc_playbook *p, const char *text, struct cc_playbook_step **out);
/* The log entry that says that a step is done, or why not (reason not NULL),
 * as a change to be saved; the step says so too. */
SP_MUST_USE sp_err cc_playbook_mark(struct cc_playbook *p,
    struct cc_playbook_step *step, const char *reason,
    struct sp_draft_change *out);
/* SP_E_REQUIRED with the steps that are left. */
SP_MUST_USE sp_err cc_playbook_refuse(const struct cc_playbook *p);

#endif
