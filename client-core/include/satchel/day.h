/*
 * day.h - a rep's working day: what is known before walking in, what is to be
 * done today, and the day's close.
 */
#ifndef SATCHEL_DAY_H
#define SATCHEL_DAY_H

#include "deadline.h"
#include "task.h"
#include "visit.h"

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

/* ---- the day ------------------------------------------------------------- */

/* A customer to visit: planned, due, or both. */
struct satchel_stop {
    const char *account_id;
    const char *title;
    const char *plan_id; /* of the planned visit; "" */
    unsigned place;      /* in the saved route, from 1; 0: it is not in it */
    const char *from;    /* "09:00"; "" at any time */
    const char *to;
    const char *purpose;
    const char *skipped; /* why it was not made; "" */
    bool made;           /* visited on that day */
    const char *due;     /* date; "" in satchel_today */
    int32_t late_days;   /* since then */
    const char *tier_en; /* "" in satchel_today */
    const char *tier_zh;
    bool has_distance;
    uint64_t distance_m; /* as the crow flies */
};
struct satchel_route {
    const char *date;
    const char *rep;    /* whose it is, by name */
    bool saved;         /* a route was saved for that day */
    const char *by;     /* who saved it last, where it is somebody else; "" */
    size_t others;      /* saved apart from it, and older: who saves the next
                           time takes them back, with their stops */
    unsigned min_stops; /* as it says; 0: nothing */
    size_t count;
    const struct satchel_stop *stop;
};
struct satchel_route_query {
    const char *date; /* NULL: today */
    const char *from; /* "LAT,LON"; NULL: without distances */
    const char *rep;  /* login, name or number; NULL: the user */
};
/*
 * Somebody's planned visits of a day and the accounts that are due by then (by
 * the account's cycle, else its tier's): in the order of the saved route, and
 * behind it by due day, tier, distance.
 *   errors   SP_E_VALUE (date, from), SATCHEL_E_NOT_FOUND and _AMBIGUOUS (rep)
 */
SATCHEL_API int satchel_route(struct satchel *s,
    const struct satchel_route_query *query, struct satchel_route **out,
    struct satchel_error *e);
struct satchel_route_new {
    const char *date; /* NULL: today */
    const char *rep;  /* as above: his manager may save one for him */
    size_t count;     /* 0: those that satchel_route shows, in its order */
    const char *const *account; /* references, in the order of the route */
    size_t limit;               /* of those; 0: 100 */
    const char *from;           /* "LAT,LON": whence distances are counted */
    bool has_min;
    uint32_t min_stops; /* 0 to 100 */
};
struct satchel_route_saved {
    struct satchel_saved saved; /* the route_plan */
    size_t stops;
    size_t planned;   /* visits that it planned anew */
    size_t cancelled; /* and that it took back: of an earlier route, without a
                         time or purpose, and not made */
};
/*
 * Saves a route of a day, in place of what was saved before. Each stop becomes
 * a planned visit, where it is none yet. Two people who change one route
 * without knowing of each other make a conflict of its stops; two who each save
 * a first one, two routes, of which the newer leads.
 *   errors   SATCHEL_E_REQUIRED: nobody is named, planned or due;
 *            SP_E_TOO_LARGE: more than 100; SP_E_SCOPE: not for him
 */
SATCHEL_API int satchel_route_save(struct satchel *s,
    const struct satchel_route_new *what, struct satchel_route_saved *out,
    struct satchel_error *e);
/* A planned visit is not made; reason in the rep's words. plan is it, or the
 * account that it was planned for today. */
SATCHEL_API int satchel_route_skip(struct satchel *s, const char *plan,
    const char *reason, struct satchel_saved *out, struct satchel_error *e);

struct satchel_today {
    const char *date;
    uint64_t last_sync_ms; /* 0: never */
    uint64_t unsent;       /* own edits that no server has yet */
    uint64_t conflicts;    /* fields with several values */
    uint64_t rejected;     /* own edits that were refused */
    uint64_t photos_to_go; /* photos and documents that no server has yet */
    uint64_t photos_bytes;
    size_t task_count; /* the user's open ones that are due: late promises
                          first, then by day and priority */
    const struct satchel_task *task;
    size_t told_count; /* tasks that went to somebody else */
    const struct satchel_told *told;
    size_t deadline_count; /* his that broke, or that are about to */
    const struct satchel_deadline *deadline;
    size_t under_way_count; /* his visits of two days that have not ended */
    const struct satchel_visit_open *under_way;
    unsigned min_stops;   /* of the saved route; 0: nothing */
    const char *route_by; /* who saved it, where it is somebody else; "" */
    size_t visit_count;   /* planned for today: in the order of the saved route,
                           the others behind by their time of day */
    const struct satchel_stop *visit;
};
SATCHEL_API int satchel_today(
    struct satchel *s, struct satchel_today **out, struct satchel_error *e);

/* One figure of the day. */
struct satchel_day_fact {
    const char *name; /* "visits", "purchases", options of visit.outcome... */
    const char *label_en;
    const char *label_zh;
    const char *text;
};
/* A planned visit that was not made. */
struct satchel_day_missed {
    const char *plan_id;
    const char *title; /* of the account */
    const char *date;
    const char *reason; /* "" while there is none */
};
struct satchel_day {
    const char *date;
    const char *until; /* the last day; that of date but of a week */
    bool week;
    char id[SATCHEL_ID_BYTES]; /* of the summary, by satchel_day_close */
    bool closed;
    size_t fact_count;
    const struct satchel_day_fact *fact;
    size_t open_count; /* neither made nor skipped, of days that have come */
    const struct satchel_day_missed *open;
    size_t skipped_count;
    const struct satchel_day_missed *skipped;
};
/* What the summary of today would say. */
SATCHEL_API int satchel_day_draft(
    struct satchel *s, struct satchel_day **out, struct satchel_error *e);
/*
 * The same of this week, Monday to Sunday in the device's zone. Plans of days
 * to come are counted as planned, and not in how much of the route was kept.
 */
SATCHEL_API int satchel_week_draft(
    struct satchel *s, struct satchel_day **out, struct satchel_error *e);
/*
 * Saves the summary of today, made of what the records say; the rep adds only
 * the comment (may be NULL), and nobody changes it later.
 *   errors   SATCHEL_E_REQUIRED: planned visits are open, the detail lists
 *            them; SATCHEL_E_EXISTS: today is closed already
 */
SATCHEL_API int satchel_day_close(struct satchel *s, const char *comment,
    struct satchel_day **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
