/*
 * deadline.h - what had to be filed or finished within so many hours, by the
 * rules of head office and of the branch (entity deadline_rule). Made from the
 * records of this device, by its clock.
 */
#ifndef SATCHEL_DEADLINE_H
#define SATCHEL_DEADLINE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

enum satchel_deadline_state {
    SATCHEL_DEADLINE_BROKEN = 1, /* past it, and not done */
    SATCHEL_DEADLINE_NEAR,       /* within the rule's warn_hours; without them,
                                    by the end of today */
    SATCHEL_DEADLINE_LATE        /* done after it */
};

struct satchel_deadline {
    enum satchel_deadline_state state;
    const char *rule; /* its name */
    const char *id;   /* of the record that it is about */
    const char *entity;
    const char *entity_en;
    const char *entity_zh;
    const char *title;   /* of the record; "" */
    const char *account; /* that it belongs to; "" */
    const char *who;     /* whose it is */
    uint64_t start_ms;   /* counted from then */
    uint64_t due_ms;
    uint64_t done_ms; /* 0: not yet */
};
/* A rule that says nothing: names a field that is not there... */
struct satchel_deadline_problem {
    const char *rule;
    const char *text_en;
    const char *text_zh;
};
struct satchel_deadlines {
    size_t count; /* broken ones first, then near, then late, by due time */
    const struct satchel_deadline *deadline;
    size_t problem_count;
    const struct satchel_deadline_problem *problem;
};
/*
 * The user's own, or everybody's that this device has.
 *   since  LATE ones only where the count began on this day or later, as
 *          2026-03-31; NULL: those of the last days that their rule says
 *          (late_days; 7 where it says nothing)
 *   errors SATCHEL_E_VALUE: since is no date
 */
SATCHEL_API int satchel_deadlines(struct satchel *s, bool all,
    const char *since, struct satchel_deadlines **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
