/*
 * visit.h - what a rep does during a visit: the steps that head office wants,
 * the store check, and the end.
 *
 * visit is an id of a visit or its beginning; NULL: the user's newest open one.
 */
#ifndef SATCHEL_VISIT_H
#define SATCHEL_VISIT_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- under way --------------------------------------------------------------
 */

/* A visit that has begun and not ended; void ones are none. */
struct satchel_visit_open {
    const char *visit_id;
    const char *account_id; /* "" where the device does not have it */
    const char *account;    /* title */
    const char *rep;
    uint64_t since_ms;
    bool mine; /* the user's own */
    bool here; /* at the account of the one that begins */
};

struct satchel_visit_new {
    const char *account;
    /* Though one of the user's is under way there. Nobody asks where a
     * checkout is given: that visit is over, and written down. */
    bool another;
    size_t count;
    const struct satchel_input *input;
};
struct satchel_visit_begun {
    struct satchel_saved saved;
    size_t open_count; /* others under way: the user's of the last two days
                          anywhere, and anybody's at this account */
    const struct satchel_visit_open *open;
};
/*
 * satchel_visit_start, which also says what else is under way; that stops
 * nobody, save one of his own at the same account.
 *   errors   SATCHEL_E_EXISTS: such a one, unless `another`; the detail says
 *            since when and its id. Two devices of one person that have not
 *            heard of each other both begin one: both stand, `today` and the
 *            next start show them, and each is ended or declared void.
 *   *out     satchel_free
 */
SATCHEL_API int satchel_visit_begin(struct satchel *s,
    const struct satchel_visit_new *what, struct satchel_visit_begun **out,
    struct satchel_error *e);

/* ---- steps ----------------------------------------------------------------
 */

enum satchel_step_state {
    SATCHEL_STEP_OPEN = 0,
    SATCHEL_STEP_DONE = 1,
    SATCHEL_STEP_SKIPPED = 2
};
struct satchel_step {
    uint32_t order;
    const char *what;
    bool required;
    const char *proof; /* "photo", "check": done when the visit has one; "" */
    enum satchel_step_state state;
    const char *reason; /* why it was skipped; "" */
};
struct satchel_steps {
    const char *visit_id;
    const char *account; /* title */
    size_t count;        /* in their order */
    const struct satchel_step *step;
};
/* The steps of visits of this type (playbooks of the catalogue whose funnel
 * status is none or the account's), and how far this one is. */
SATCHEL_API int satchel_visit_steps(struct satchel *s, const char *visit,
    struct satchel_steps **out, struct satchel_error *e);
/*
 * Says that a step was done, or skipped.
 *   step     its text, a beginning that only one has, or its place in the list
 *   reason   NULL; needed to skip a required one
 *   errors   SATCHEL_E_NOT_FOUND (the detail lists the steps),
 *            SATCHEL_E_AMBIGUOUS, SATCHEL_E_REQUIRED
 */
SATCHEL_API int satchel_visit_step(struct satchel *s, const char *visit,
    const char *step, bool done, const char *reason, struct satchel_saved *out,
    struct satchel_error *e);

/* ---- end ------------------------------------------------------------------
 */

struct satchel_visit_ended {
    struct satchel_saved saved;
    uint64_t seconds;   /* how long it took; 0: nobody knows */
    bool by_wall_clock; /* as the clock says that people set: the machine was
                           started meanwhile, or has no other */
    size_t skipped;     /* required steps that the reason was given for */
    size_t still_open;  /* others of the user's, of the last two days */
};
/*
 * satchel_visit_end, with the reason why required steps were not done.
 *   reason   NULL; it is noted with each that is open
 *   errors   SATCHEL_E_REQUIRED: an outcome, or required steps, are missing
 *            and no reason is given; the detail names them. Of a visit whose
 *            outcome is closed_door or refused no step is asked.
 */
SATCHEL_API int satchel_visit_finish(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, const char *reason,
    struct satchel_visit_ended *out, struct satchel_error *e);

/* ---- store check ----------------------------------------------------------
 */

/* What was last seen of one product. */
struct satchel_check {
    const char *id; /* of the record */
    const char *product;
    const char *competitor; /* whose it is; "" ours */
    const char *facings;    /* exact texts; "" where nobody said */
    const char *shelf_stock;
    const char *price;
    const char *date_code;
    uint64_t at_ms;
    bool now; /* it was seen during this visit */
};
struct satchel_checks {
    const char *visit_id;
    const char *account_id;
    const char *account;
    size_t count; /* each product once, by name, competitors' behind ours */
    const struct satchel_check *check;
};
/* The last check of each product of the visit's account. */
SATCHEL_API int satchel_check_list(struct satchel *s, const char *visit,
    struct satchel_checks **out, struct satchel_error *e);
struct satchel_check_new {
    const char *visit;
    /* One that was checked here before, or a beginning that only one of those
     * has; else a new one. With the field competitor typed, that one's. */
    const char *product;
    bool is_new; /* a new one, though another begins so */
    size_t count;
    const struct satchel_input *input; /* only what changed */
};
/*
 * Notes a check as of now: what is typed, and everything else as it was last
 * time (but the remark).
 *   errors   SATCHEL_E_AMBIGUOUS, SATCHEL_E_VALUE
 */
SATCHEL_API int satchel_check_add(struct satchel *s,
    const struct satchel_check_new *what, struct satchel_saved *out,
    struct satchel_error *e);
/* All products that were not checked during this visit are as they were. count:
 * how many that is. All or none. */
SATCHEL_API int satchel_check_same(struct satchel *s, const char *visit,
    size_t *count, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
