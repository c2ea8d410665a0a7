/*
 * goal.h - goals, and what was reached of them, as a tree: company, regions,
 * branches, reps. The same on a device, which counts what it holds and says
 * where that is not the whole, and at a server.
 *
 * Goals of one metric and the same days make one tree (of revenue those in one
 * currency, of events those of one kind): amounts of different currencies are
 * never added together. What was done counts for who did it, what was bought
 * for who has the account, through him for his branch, and through that for
 * its region. A branch lies in the region in which most of its territories lie
 * (of several the first by name). Void visits are no visits.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_GOAL_H
#define CC_BOOK_GOAL_H

#include "book/cover.h"
#include "book/target.h"
#include "book/value.h"

#define CC_GOAL_BYTES_MAX (256u << 20) /* of what is kept while counting */
#define CC_GOALS_MAX      5000u        /* more are SP_E_TOO_LARGE */

enum cc_goal_level {
    CC_GOAL_COMPANY,
    CC_GOAL_REGION,
    CC_GOAL_BRANCH,
    CC_GOAL_REP
};

/* One record of the entity target. */
struct cc_goal {
    struct sp_id id, part_of; /* part_of zero: none */
    enum cc_goal_level level;
    struct cc_target_goal goal;
    uint32_t currency;   /* of revenue; book/money.h */
    unsigned event_kind; /* of events; 0: all */
    uint32_t rep;        /* 0: none */
    struct sp_slice unit, region;
};

/* An account as far as goals ask. */
struct cc_goal_account {
    struct sp_id id;
    struct sp_id into; /* merged into that one; zero: it is itself */
    uint32_t owner;
    struct sp_slice territory;
    uint16_t cycle_days;
    bool deleted;
};

/* Where the records come from. */
struct cc_goal_source {
    const struct sp_rulebook *book;
    const struct sp_dictionary *dictionary;
    struct cc_cover cover;
    int32_t today;
    int32_t (*day_of)(uint64_t ms); /* local; CC_DAY_NONE for 0 */
    void *self;
    /* Views of all records of a type, in order of their ids. */
    sp_err (*walk)(void *self, uint16_t type,
        sp_err (*each)(void *arg, const struct sp_record *view), void *arg);
    /* All accounts, in order of their ids, where they are at hand; NULL: they
     * are read by walk. */
    sp_err (*accounts)(void *self,
        sp_err (*each)(void *arg, const struct cc_goal_account *account),
        void *arg);
};

/* One line of the trees. */
struct cc_goal_row {
    enum cc_goal_level level;
    unsigned depth;             /* in its tree, 0 the top */
    const struct cc_goal *goal; /* NULL: it has none of its own ... */
    bool summed; /* ... and the target is the sum of the goals below it, */
    bool share;  /* ... or it is what it did of the goal above it */
    /* The figure is what this store has of it, and there may be more. */
    bool part;
    uint32_t user;        /* of a rep; 0 there: of nobody in particular */
    struct sp_slice unit; /* of a branch and of its reps */
    struct sp_slice region;
    enum cc_target_metric metric;
    int32_t from, until;
    uint32_t currency;
    unsigned event_kind;
    int64_t target; /* of a share that of the goal above */
    int64_t actual;
    struct cc_target_progress progress; /* of a part: its share alone counts */
};

/* Whether a branch lies in a region, as these trees have it. */
bool cc_goal_in_region(const struct sp_roster *unit, struct sp_slice region);

struct cc_goal_board; /* made and freed by these two */

/*
 * Reads the goals and what counts for them.
 *   errors   those of walk, SP_E_NOMEM, SP_E_TOO_LARGE; out is NULL then
 *   cost     each entity that some goal asks for once
 */
SP_MUST_USE sp_err cc_goal_load(
    const struct cc_goal_source *source, struct cc_goal_board **out);
void cc_goal_free(struct cc_goal_board *b);

/*
 * The trees, the newest days first; below a line its parts.
 *   whole    every part down to the reps; else of a goal the level below it
 *            alone, and goals wherever they stand
 *   rows     belong to b; texts point into b and the rulebook
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_goal_tree(struct cc_goal_board *b, bool whole,
    const struct cc_goal_row **rows, size_t *count);

#endif
