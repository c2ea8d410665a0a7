/*
 * inbox.h - everything that waits for this person, on one screen, and deciding
 * much of it at once.
 *
 * Made from the records of this device when asked for. What may be decided is
 * what the user's roles may write; his servers judge each decision like any
 * other edit of his.
 */
#ifndef SATCHEL_INBOX_H
#define SATCHEL_INBOX_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_INBOX_DAYS 30u  /* where the query names none */
#define SATCHEL_INBOX_MAX  200u /* decided at once */

struct satchel_inbox_line {
    const char *label_en, *label_zh;
    const char *text_en, *text_zh;
};
struct satchel_inbox_decision {
    const char *name; /* for satchel_inbox_decide */
    const char *label_en, *label_zh;
    bool reason; /* it needs one */
};
struct satchel_inbox_item {
    const char *key;  /* the same as long as it waits */
    const char *kind; /* conflict, asked, rejected, duplicate, checkin,
                         quality, task, handover, export */
    const char *kind_en, *kind_zh;
    const char *entity, *id; /* record that it is about; "" of an edit */
    const char *account_id;  /* "" when it belongs to none */
    const char *account;     /* its name */
    const char *what_en, *what_zh;
    struct satchel_sums money; /* what the account bought in 365 days */
    uint64_t since_ms;         /* waits since then */
    size_t decision_count;
    const struct satchel_inbox_decision *decision;
    size_t line_count; /* more about it */
    const struct satchel_inbox_line *line;
};
struct satchel_inbox {
    uint64_t as_of_ms; /* the last sync; 0: never */
    size_t total;      /* without the limit */
    size_t count;      /* most money first, then the oldest */
    const struct satchel_inbox_item *item;
};
struct satchel_inbox_query {
    const char *kind; /* NULL: all */
    const char *key;  /* NULL, or only the one that begins so */
    size_t limit;     /* 0: none */
    /* How far back new accounts are compared with others, and check-ins are
     * shown; 0: as head office's data rule says, and SATCHEL_INBOX_DAYS. */
    unsigned days;
};
/*
 *   query    NULL: everything
 *   errors   SATCHEL_E_ARGUMENT (no such kind; the detail lists them),
 *            SATCHEL_E_NOT_FOUND and _AMBIGUOUS (key)
 */
SATCHEL_API int satchel_inbox(struct satchel *s,
    const struct satchel_inbox_query *query, struct satchel_inbox **out,
    struct satchel_error *e);

/* What became of one. */
struct satchel_inbox_done {
    const char *key, *kind, *account, *what_en, *what_zh;
    bool done;
    struct satchel_error error; /* why not; code 0 when it is done */
    const char *saved;          /* id of the record that came of it; "" */
    const char *undo;           /* the command that takes it back; "": none */
    uint64_t commit;            /* its number in the journal; 0 */
};
struct satchel_inbox_result {
    size_t count, done;
    const struct satchel_inbox_done *item;
};
struct satchel_inbox_wish {
    const char *decision;
    const char *reason; /* where the decision needs one, else may be NULL */
    unsigned days;      /* as in the query */
    bool dry_run;       /* tries everything, saves nothing */
};
/*
 * Decides several, each in a transaction of its own: what cannot be done is
 * told and stops none of the others. Where the decision itself has no place for
 * the reason, it becomes a note of the account, in the same transaction.
 *   key      beginnings that one item only has, at most SATCHEL_INBOX_MAX
 *   errors   nothing was done: SATCHEL_E_NOT_FOUND, _AMBIGUOUS (a key),
 *            SATCHEL_E_ARGUMENT (a kind knows no such decision, a reason is
 *            missing)
 */
SATCHEL_API int satchel_inbox_decide(struct satchel *s, const char *const *key,
    size_t count, const struct satchel_inbox_wish *wish,
    struct satchel_inbox_result **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
