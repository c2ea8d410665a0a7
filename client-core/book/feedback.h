/*
 * feedback.h - where what a customer said goes: to the branch, the region or
 * head office, by rules of the catalogue (care_rule of the kind feedback: its
 * tags, its route).
 *
 * Nothing is stored: rules that change send what is still unanswered to its
 * new place, on every tier alike.
 *
 *   threads  any
 */
#ifndef CC_BOOK_FEEDBACK_H
#define CC_BOOK_FEEDBACK_H

#include "book/value.h"
#include "book/words.h"

#define CC_FEEDBACK_TAG_BYTES 240u /* 40 characters, folded, and more */

/* Options of feedback.route and care_rule.route. */
enum cc_feedback_route {
    CC_FEEDBACK_BRANCH = 1,
    CC_FEEDBACK_REGION = 2, /* where no rule says more */
    CC_FEEDBACK_HEAD_OFFICE = 3
};

/* At all times: tags are folded as people search, in the arena. */
struct cc_feedback_rule {
    enum cc_feedback_route route;
    size_t count;
    const char **tag;
};

/* Reads a care rule; out->count 0: it says nothing of feedback, or is not in
 * force on that day. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_feedback_read(const struct cc_value_of *of, int32_t today,
    struct sp_arena *a, struct cc_feedback_rule *out);

/* Where it goes: as a person said on the record, else the furthest that a rule
 * with one of its tags says, else the region. */
enum cc_feedback_route cc_feedback_route(const struct cc_value_of *feedback,
    const struct cc_feedback_rule *rule, size_t count);

/* Whether somebody has answered. */
bool cc_feedback_answered(const struct cc_value_of *feedback);

/* "head_office", as options are typed; false for none of them. */
const char *cc_feedback_name(enum cc_feedback_route route);
struct cc_words cc_feedback_words(enum cc_feedback_route route);
bool cc_feedback_named(const char *name, enum cc_feedback_route *out);

#endif
