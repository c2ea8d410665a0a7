/*
 * history.h - who changed what of one account and its records, and when, as
 * far as this device can know.
 *
 * A device has of every field what stands there, siblings too, with who wrote
 * it; and its own log, with all that was written on it. What others wrote and
 * somebody replaced before it came here is at the servers alone (satchelctl
 * account history).
 */
#ifndef SATCHEL_HISTORY_H
#define SATCHEL_HISTORY_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_HISTORY_LIMIT 50 /* changes of a page, where nobody says */

enum satchel_stands {
    SATCHEL_STANDS_SHOWN,    /* what the field shows; a member that is in */
    SATCHEL_STANDS_OTHER,    /* another value beside it: a person settles it */
    SATCHEL_STANDS_REPLACED, /* something else was written since */
    SATCHEL_STANDS_REFUSED   /* it never stood anywhere but here */
};

/* One value that somebody wrote. */
struct satchel_change {
    const char *entity, *entity_en, *entity_zh;
    const char *id;    /* of its record */
    const char *title; /* "" when it has none */
    const char *field; /* "deleted" of a record that was deleted or restored */
    const char *label_en, *label_zh;
    struct satchel_value value; /* author, device, time; waiting: no server has
                                   judged it yet */
    bool removed;               /* the value was taken away */
    enum satchel_stands stands;
};
struct satchel_history {
    const char *account_id;
    const char *title;
    uint64_t own_since_ms; /* when the oldest change in this device's log was
                              made, of whatever record; 0: none */
    size_t total;          /* that are known here */
    size_t count;
    const struct satchel_change *change; /* in causal order, newest first */
};
struct satchel_history_query {
    const char *field; /* only of this field; NULL: all */
    size_t skip;       /* so many of the newest */
    size_t limit;      /* 0: all */
};
/* query may be NULL. Fields that the user may not read, or that are hidden,
 * are left out. SATCHEL_E_NOT_FOUND: no such account. */
SATCHEL_API int satchel_account_history(struct satchel *s, const char *account,
    const struct satchel_history_query *query, struct satchel_history **out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
