/*
 * brief.h - a successor learns of each account that he gets, and what there is
 * to know: records of the entity assignment (from, to, why, when, brief).
 */
#ifndef SV_BRIEF_H
#define SV_BRIEF_H

#include "ctl/assign.h"

/* What all of them say. */
struct sv_brief {
    uint32_t from;      /* who gives them up; 0: the owner of each */
    const char *reason; /* option of assignment.reason */
    const char *words;  /* may be NULL */
};
/*
 * Makes one for each account that has a keeper, in the transaction of the
 * assignment. Beside the words that are given a brief has the last visit with
 * its promise, open tasks, and how many contacts there are.
 *   made     out: how many
 *   errors   SP_E_VALUE (words of more than 1,000 bytes), said in the call
 */
SP_MUST_USE sp_err sv_brief_write(
    const struct sv_assign *a, const struct sv_brief *brief, uint64_t *made);

#endif
