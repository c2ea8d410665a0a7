/*
 * standing.h - where customers stand: life cycle, value, and who is chosen by
 * which steps. All of it is made from the records of this device when asked
 * for, by its clock; nothing of it is stored.
 */
#ifndef SATCHEL_STANDING_H
#define SATCHEL_STANDING_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thing that is known of a customer. */
struct satchel_label {
    const char *name; /* "loyalty_stage", as steps of a segment name it */
    const char *label_en;
    const char *label_zh;
    const char *value; /* "repeat"; numbers, amounts and dates exact */
    const char *text_en;
    const char *text_zh;
    const char *why_en; /* what it follows from; "" when it says itself */
    const char *why_zh;
};
struct satchel_labels {
    const char *account_id;
    const char *title;
    size_t count;
    const struct satchel_label *label;
};
SATCHEL_API int satchel_labels(struct satchel *s, const char *account,
    struct satchel_labels **out, struct satchel_error *e);

/* How many customers bear each label; each group counts every customer once.*/
struct satchel_board_row {
    const char *name;
    const char *label_en;
    const char *label_zh;
    const char *value;
    const char *text_en;
    const char *text_zh;
    size_t count;
};
struct satchel_board {
    size_t customers;
    size_t count;
    const struct satchel_board_row *row;
};
SATCHEL_API int satchel_board(
    struct satchel *s, struct satchel_board **out, struct satchel_error *e);

/* Customers who stay away longer than is usual for them, longest first. */
struct satchel_at_risk {
    const char *id;
    const char *title;
    int32_t days;              /* since the last purchase */
    double usual_days;         /* median gap between his purchases */
    struct satchel_sums spent; /* in the last 365 days */
};
struct satchel_at_risk_list {
    size_t count;
    const struct satchel_at_risk *customer;
};
SATCHEL_API int satchel_at_risk(struct satchel *s,
    struct satchel_at_risk_list **out, struct satchel_error *e);

#define SATCHEL_STEPS_MAX 20u

/* Customers left after each step. */
struct satchel_segment_step {
    const char *text; /* "purchase_count >= 2" */
    size_t left;
};
struct satchel_segment {
    size_t customers; /* before the first step */
    size_t step_count;
    const struct satchel_segment_step *step;
    size_t count;                        /* after the last one */
    const struct satchel_record *record; /* as of a brief list, by title */
};
/*
 * Chooses customers by steps in their order. A step is a name, one of = != >=
 * <= ~ (has) and a value; names are those of satchel_labels and the fields of
 * an account ("industry", "address.city"). "period_days <= 90" leaves those
 * who bought then, and lets purchase_count and amount behind it count in that
 * period alone.
 *   errors  SATCHEL_E_ARGUMENT: detail names the step and what is wrong
 */
SATCHEL_API int satchel_segment_run(struct satchel *s, const char *const *step,
    size_t count, struct satchel_segment **out, struct satchel_error *e);
/* The same with the steps of a segment of the catalogue, by name. */
SATCHEL_API int satchel_segment_named(struct satchel *s, const char *name,
    struct satchel_segment **out, struct satchel_error *e);

/* Where a customer goes on the funnel. */
struct satchel_stage_move {
    const char *status;  /* option of account.funnel_status */
    const char *reason;  /* needed to go back or to pass a gate over */
    const char *done;    /* steps of the stage that he leaves which are done:
                            "1,3" by their order, or "all"; NULL */
    const char *without; /* why its other needed steps are left out; NULL */
};
/*
 * Moves him, with an entry in its log and what is said of the steps of the
 * stage that he leaves (playbook.h): all or nothing.
 *   errors  SATCHEL_E_ARGUMENT: there is no such status; SATCHEL_E_EXISTS: that
 *           is where he stands; SATCHEL_E_REQUIRED: a reason is missing, or he
 *           goes on and needed steps are neither done nor left out (the detail
 *           lists them)
 */
SATCHEL_API int satchel_stage_set(struct satchel *s, const char *account,
    const struct satchel_stage_move *move, struct satchel_saved *out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
