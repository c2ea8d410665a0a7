/*
 * deadline_list.h - the deadline rules (entity deadline_rule), held against
 * the records: the same on a device and at a server.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_DEADLINE_LIST_H
#define CC_BOOK_DEADLINE_LIST_H

#include "book/deadline.h"
#include "book/value.h"
#include "book/words.h"

/* Where the records come from. */
struct cc_deadline_source {
    const struct sp_dictionary *dictionary;
    uint64_t now_ms;
    int32_t offset_min;             /* east of Greenwich, now */
    int32_t (*day_of)(uint64_t ms); /* local */
    void *self;
    /* Views of all records of a type, in order of their ids. */
    sp_err (*walk)(void *self, uint16_t type,
        sp_err (*each)(void *arg, const struct sp_record *view), void *arg);
};

struct cc_deadline_query {
    uint32_t user; /* 0: everybody */
    /* Late ones whose count began on this day or later; without it those of the
     * last days that their rule says (late_days). */
    bool has_since;
    int32_t since;
};

/* What is broken, near or was late. */
struct cc_deadline_found {
    struct sp_slice rule; /* its name */
    const struct sp_entity *entity;
    struct sp_ref ref;
    uint32_t who; /* whose record it is; 0: nobody's */
    enum cc_deadline_state state;
    uint64_t start_ms, due_ms, done_ms; /* done 0: not yet */
};
/* A rule that says nothing, and why. */
struct cc_deadline_problem {
    struct sp_slice rule;
    struct cc_words why;
    struct sp_slice what; /* the name that is wrong */
};
/* At all times: broken ones first, then near, then late, by due time. Texts lie
 * in the arena. */
struct cc_deadline_list {
    struct sp_arena arena;
    size_t count;
    struct cc_deadline_found *found;
    size_t problems;
    struct cc_deadline_problem *problem;
};

/* No rules, or an older dictionary: none. Those of walk, SP_E_NOMEM;
 * cc_deadline_list_free in any case. */
SP_MUST_USE sp_err cc_deadline_list(const struct cc_deadline_source *source,
    const struct cc_deadline_query *query, struct cc_deadline_list *out);
void cc_deadline_list_free(struct cc_deadline_list *l);

#endif
