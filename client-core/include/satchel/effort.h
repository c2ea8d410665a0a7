/*
 * effort.h - where the working time goes, and who had to do with customers how
 * often. Counted from visits and activities each time somebody asks, so
 * counting again gives the same.
 */
#ifndef SATCHEL_EFFORT_H
#define SATCHEL_EFFORT_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Time in visits with two groups of customers, beside what the playbooks ask
 * for. Percents are of both together, rounded. */
struct satchel_time_split {
    uint64_t first_s, second_s;
    unsigned first_percent, second_percent; /* both 0: no time was spent */
    /* From time_share of the playbooks of both groups; has_target false: they
     * say nothing. */
    bool has_target;
    unsigned target_first, target_second;
};
struct satchel_time_week {
    const char *from, *until; /* Monday and Sunday */
    size_t visits;            /* that ended; others have no time yet */
    uint64_t seconds;
    /* Old customers are those whose funnel status is closed or loyal, without
     * a status those who have bought; all others are new. */
    struct satchel_time_split old_new;
    /* Of those: potential against target and qualified. */
    struct satchel_time_split potential_interested;
};
struct satchel_time {
    const char *whose; /* name; "" for everybody whose visits are here */
    size_t count;      /* newest week first */
    const struct satchel_time_week *week;
};

#define SATCHEL_TIME_WEEKS_MAX 53

/*
 * Weeks up to that with the date.
 *   user    number, login, name or "me"; NULL: everybody
 *   date    a day of the newest week; NULL: today
 *   weeks   1 to SATCHEL_TIME_WEEKS_MAX
 *   errors  SATCHEL_E_ARGUMENT (date, weeks), SATCHEL_E_NOT_FOUND (user)
 */
SATCHEL_API int satchel_time(struct satchel *s, const char *user,
    const char *date, unsigned weeks, struct satchel_time **out,
    struct satchel_error *e);

/* One person's contacts in a period: each is a record of activity. */
struct satchel_contact_count {
    uint32_t user;
    const char *name;
    size_t total;
    size_t calls, messages, meetings; /* by channel; the rest is other */
    size_t callbacks;                 /* outgoing calls */
};
struct satchel_contact_counts {
    const char *from, *until; /* both ends in */
    size_t total;             /* of all */
    size_t count;             /* most contacts first */
    const struct satchel_contact_count *person;
};
/*
 *   from, until  NULL: the first of this month, today
 *   errors       SATCHEL_E_ARGUMENT (a day that is none, until before from)
 */
SATCHEL_API int satchel_contact_counts(struct satchel *s, const char *from,
    const char *until, struct satchel_contact_counts **out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
