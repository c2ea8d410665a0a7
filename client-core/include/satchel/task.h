/*
 * task.h - what has to be done, by whom, by when; and who was told that a task
 * went to somebody else. Made from the records of this device, by its clock.
 */
#ifndef SATCHEL_TASK_H
#define SATCHEL_TASK_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct satchel_task {
    const char *id;
    const char *title;
    const char *account_id; /* "" when it is about nobody */
    const char *account;
    const char *kind; /* option of task.kind; "" */
    const char *kind_en;
    const char *kind_zh;
    const char *status; /* option of task.status; "open" where none stands */
    const char *status_en;
    const char *status_zh;
    const char *reason; /* why it was dropped; "" */
    const char *due;    /* date */
    int32_t late_days;  /* 0: due today; below 0: that many days are left */
    uint32_t priority;  /* 1 first; 0 none */
    const char *rule;   /* the care rule that asked for it, by name; "" */
    const char *owner;  /* name */
    uint32_t owner_user;
    const char *author; /* who made it */
};

/* A task that the user had, was to have, or gave to somebody, and that another
 * has now. It is told as long as the task is open. */
enum satchel_told_what {
    SATCHEL_TOLD_GIVEN = 1, /* it was his, or was to be his */
    SATCHEL_TOLD_NOT_STOOD  /* he gave it to somebody, and another has it: a
                               manager's word goes before a rep's, of equals the
                               later one counts */
};
struct satchel_told {
    enum satchel_told_what what;
    const char *id;
    const char *title;
    const char *account; /* "" */
    const char *wanted;  /* NOT_STOOD: to whom the user gave it; "" */
    const char *owner;   /* who has it */
    const char *by;      /* who gave it to him */
    uint64_t time_ms;    /* when */
};

struct satchel_tasks {
    size_t total; /* without the limit */
    size_t count; /* late promises first, then what is late, by day, priority */
    const struct satchel_task *task;
    size_t told_count; /* newest first */
    const struct satchel_told *told;
};
struct satchel_task_query {
    const char *owner;   /* user; NULL: of the user himself; "all" */
    const char *account; /* only about this one */
    bool closed;         /* also what is done or was dropped */
    size_t limit;        /* 0: all */
};
/* query may be NULL. */
SATCHEL_API int satchel_task_list(struct satchel *s,
    const struct satchel_task_query *query, struct satchel_tasks **out,
    struct satchel_error *e);

/*
 * A task of the user, unless input names an owner.
 *   account  NULL: about nobody
 *   errors   SATCHEL_E_REQUIRED: no due date
 */
SATCHEL_API int satchel_task_add(struct satchel *s, const char *account,
    const char *title, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * Another owner. Who had it and who gets it follow it from then on. What a rep
 * says is a proposal: it stands until a manager says something else, whenever
 * that was typed.
 *   owner   number, login, name or "me"
 *   errors  SATCHEL_E_EXISTS: that is who has it, or it is closed;
 *           class policy: a manager gave it to whom it is with
 */
SATCHEL_API int satchel_task_assign(struct satchel *s, const char *task,
    const char *owner, struct satchel_saved *out, struct satchel_error *e);

/* It is done. SATCHEL_E_EXISTS: it is closed already. */
SATCHEL_API int satchel_task_done(struct satchel *s, const char *task,
    struct satchel_saved *out, struct satchel_error *e);
/* It will not be done; SATCHEL_E_REQUIRED without a reason. */
SATCHEL_API int satchel_task_cancel(struct satchel *s, const char *task,
    const char *reason, struct satchel_saved *out, struct satchel_error *e);
SATCHEL_API int satchel_task_comment(struct satchel *s, const char *task,
    const char *text, struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
