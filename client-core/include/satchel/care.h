/*
 * care.h - what the care rules ask for, and messages on their way out.
 *
 * Rules are records of head office that every device has; what they ask for is
 * worked out here, with no network. Satchel sends nothing: a message is
 * drafted, exported to a file for whatever sends, and confirmed by whoever saw
 * it go. Only then it counts as sent.
 */
#ifndef SATCHEL_CARE_H
#define SATCHEL_CARE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to make of what is due and the user's own. */
enum satchel_care_make {
    SATCHEL_CARE_LOOK = 0,     /* nothing */
    SATCHEL_CARE_TASKS = 1,    /* its tasks */
    SATCHEL_CARE_MESSAGES = 2, /* drafts of its messages */
};

struct satchel_care_item {
    const char *id;   /* of the task or message, made or to be made */
    const char *what; /* "task", "message" */
    /* "due" (not made), "open", "done", "dropped"; of messages "drafted",
     * "exported", "confirmed", "failed", "withdrawn"; "refused": the text may
     * not go like this, problem says why */
    const char *state;
    const char *rule; /* its name */
    const char *title;
    const char *account_id;
    const char *account;
    const char *name; /* person or account that it is about */
    const char *due;  /* "2026-03-08" */
    uint32_t overdue_days;
    bool mine; /* the user's own to do */
    const char *assignee;
    const char *why_en, *why_zh; /* "16 days since last contact, gold: ..." */
    const char *script;          /* what to ask */
    const char *text;            /* of a message, signed; "" for tasks */
    const char *problem_en, *problem_zh;
};
struct satchel_care_list {
    size_t count; /* most overdue first, then by title */
    const struct satchel_care_item *item;
    size_t made;    /* by this call */
    size_t refused; /* drafts whose text may not stand */
    /* Rules that set themselves off again are left out: "a -> b -> a"; else
     * "". */
    const char *loop;
};

/*
 * What is due.
 *   date    "2026-03-08", NULL: today by this device's clock and zone
 *   all     also what is other people's to do, and what is done
 *   errors  SATCHEL_E_ARGUMENT (date); those of satchel_record_add
 */
SATCHEL_API int satchel_care_due(struct satchel *s, const char *date,
    enum satchel_care_make make, bool all, struct satchel_care_list **out,
    struct satchel_error *e);

/* Another text for a draft; it keeps the rules of its class and ends with the
 * signature of its template, else SATCHEL_E_VALUE and the offending word. */
SATCHEL_API int satchel_care_edit(struct satchel *s, const char *message,
    const char *text, struct satchel_saved *out, struct satchel_error *e);

/* A draft, and whether it may go. */
struct satchel_care_message {
    const char *id;
    const char *account_id, *account;
    const char *channel; /* "message", "email", ... */
    const char *to;      /* phone or address */
    const char *title;
    const char *text;
    bool goes;          /* it is handed out by this call */
    uint64_t at_ms;     /* when it may, 0: not as things stand */
    const char *why_en; /* "waits for its window", ... */
    const char *why_zh;
};
struct satchel_care_outbox {
    size_t count;
    size_t gone;
    const struct satchel_care_message *message;
};
/* Takes what goes; both return 0, or another number to stop: then nothing was
 * changed. end comes once, after the last: what was put must be safe then. */
struct satchel_care_sink {
    void *self;
    int (*put)(void *self, const struct satchel_care_message *message);
    int (*end)(void *self);
};
/*
 * Hands out the user's drafts that may go at that moment, and marks them
 * exported, all or none. Opt-out, do not disturb and blocked come first, then
 * the cap, then the send windows.
 *   now_ms  0: by this device's clock
 *   sink    NULL: only look
 *   errors  SATCHEL_E_IO when the sink stops
 */
SATCHEL_API int satchel_care_export(struct satchel *s, uint64_t now_ms,
    const struct satchel_care_sink *sink, struct satchel_care_outbox **out,
    struct satchel_error *e);

/* What became of an exported message. reason may be NULL.
 * SATCHEL_E_VALUE when it is not exported. */
SATCHEL_API int satchel_care_confirm(struct satchel *s, const char *message,
    bool sent, const char *reason, struct satchel_saved *out,
    struct satchel_error *e);

/*
 * A call that was made: an activity of now. An outcome "promise" needs the
 * date by which it is kept and what was promised, and makes a task of that
 * day.
 *   outcome  "answered", "promise", "no_answer", "refused"
 *   task     reference to the task that it settles; NULL
 *   errors   SATCHEL_E_REQUIRED (promise without its date)
 */
SATCHEL_API int satchel_care_call(struct satchel *s, const char *account,
    const char *outcome, const char *promise, const char *promise_due,
    const char *task, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

/* A customer who bought on a day: invited to the group of customers when he
 * paid, reminded while he has not. Who did both is in the list twice. */
struct satchel_daily {
    const char *account_id, *account;
    const char *what; /* "invite", "nudge" */
    const char *phone;
    size_t purchases;
    struct satchel_sums amount; /* of them */
    const char *numbers;        /* of them, "A-1, A-2"; "" */
};
struct satchel_daily_list {
    const char *date;
    uint64_t as_of_ms; /* the last sync: nothing newer of others is in it */
    size_t count;      /* who is to be reminded first, then by name */
    const struct satchel_daily *customer;
};
/* date as for satchel_care_due. */
SATCHEL_API int satchel_care_daily(struct satchel *s, const char *date,
    struct satchel_daily_list **out, struct satchel_error *e);

/* What a customer said, and to whom it goes. Where is worked out from its tags
 * by the rules of head office, unless somebody said so on the record. */
struct satchel_feedback {
    const char *id;
    const char *account_id, *account;
    uint64_t at_ms;
    const char *route; /* "branch", "region", "head_office" */
    const char *route_en, *route_zh;
    const char *tags; /* "pricing policy, delivery" */
    const char *text;
    bool answered;
};
struct satchel_feedback_list {
    size_t count; /* longest waiting first */
    const struct satchel_feedback *feedback;
};
/*
 *   route   one queue; NULL: all
 *   all     what was answered too
 *   errors  SATCHEL_E_ARGUMENT: there is no such route
 */
SATCHEL_API int satchel_feedback_list(struct satchel *s, const char *route,
    bool all, struct satchel_feedback_list **out, struct satchel_error *e);
/* Adds an answer, of now. feedback: its id or a beginning of it. */
SATCHEL_API int satchel_feedback_answer(struct satchel *s, const char *feedback,
    const char *text, struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
