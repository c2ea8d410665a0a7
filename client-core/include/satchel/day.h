/*
 * day.h - a rep's working day: what is known before walking in, what is to be
 * done today, and the day's close.
 */
#ifndef SATCHEL_DAY_H
#define SATCHEL_DAY_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- everything about one account --------------------------------------- */

#define SATCHEL_TIMELINE_LIMIT 50 /* events of a page, where nobody says */

/* One record that belongs to the account: a visit, a note, a purchase... */
struct satchel_event {
    const char *id;
    const char *entity;
    const char *entity_en;
    const char *entity_zh;
    uint64_t time_ms;    /* hybrid time of its making; never before that of what
                            its author had seen, however wrong his clock was */
    const char *text_en; /* one line */
    const char *text_zh;
    const char *author;    /* name, or the user's number */
    const char *dept;      /* of an activity; "" */
    const char *sentiment; /* option of activity.sentiment; "" */
    const char *sentiment_en;
    const char *sentiment_zh;
};
struct satchel_timeline {
    const char *account_id;
    const char *title;
    size_t total; /* that fit, on all pages */
    size_t count;
    const struct satchel_event *event; /* in causal order, newest first */
    const char *next; /* before of the next page; "" at the oldest event */
};
struct satchel_timeline_query {
    const char *before;    /* id of an event: only older ones */
    const char *dept;      /* only what this department did */
    const char *sentiment; /* option: only what the customer took so */
    size_t limit;          /* 0: all */
};
/*
 * What was merged into the account counts as its own. query may be NULL.
 *   errors   SATCHEL_E_NOT_FOUND: before is no event of this list
 */
SATCHEL_API int satchel_timeline(struct satchel *s, const char *account,
    const struct satchel_timeline_query *query, struct satchel_timeline **out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
