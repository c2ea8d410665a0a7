/*
 * steps.h - the steps of a visit, from playbooks of the catalogue, and which
 * of them were done. Inside a call.
 */
#ifndef CC_API_STEPS_H
#define CC_API_STEPS_H

#include "api/call.h"

#include "book/value.h"

#define CC_STEPS_MAX 100u /* of one visit */

struct cc_step {
    uint32_t order;
    const char *what; /* tx arena, as the others */
    bool required;
    unsigned proof; /* playbook.steps.proof; 0: it is typed */
    enum satchel_step_state state;
    const char *reason;
    uint64_t at_ms; /* of the note that says so */
};
struct cc_steps {
    size_t count;
    struct cc_step step[CC_STEPS_MAX];
};

/* SP_E_TOO_LARGE: more than CC_STEPS_MAX. */
SP_MUST_USE sp_err cc_steps_read(
    struct cc_call *c, const struct cc_value_of *visit, struct cc_steps *out);
/* A note for visit.actions, as it is typed; NULL without memory. */
const char *cc_steps_note(
    struct cc_call *c, const char *what, bool done, const char *reason);

#endif
