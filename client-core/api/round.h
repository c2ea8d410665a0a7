/*
 * round.h - whom a rep visits on a day: what was planned, and who is due.
 * Inside a call.
 */
#ifndef CC_API_ROUND_H
#define CC_API_ROUND_H

#include "book/geo.h"

#include "api/standing.h"

#define CC_ROUND_FAR UINT64_MAX /* no place is known */

struct cc_round_stop {
    struct sp_id account; /* what it was merged into, when it was */
    unsigned place;       /* in the order of the saved route, from 1; 0: none */
    bool planned;
    int32_t day; /* that it was planned for */
    struct sp_id plan;
    int32_t from_min, to_min; /* of the day; -1: any time */
    const char *purpose;      /* tx arena */
    const char *skipped;      /* why it was not made; "" */
    bool made;                /* visited on that day */
    int32_t due;              /* CC_DAY_NONE: only planned */
    unsigned tier;            /* enum cc_tier; 0: not asked */
    uint64_t metres;
};

/* At all times: each plan once, and each account that is due once. */
struct cc_round {
    struct cc_call *call;
    int32_t day, last; /* the same of one day */
    uint32_t user;
    bool has_from;
    struct cc_geo from; /* where the rep is */
    bool saved;         /* there is a saved route */
    uint32_t by;        /* who wrote it last; 0: nobody */
    size_t others;      /* that were saved apart from it */
    unsigned min_stops;
    size_t count, room;
    struct cc_round_stop *stop; /* heap */
};

/* NULL or "today", else a date. SP_E_VALUE. */
SP_MUST_USE sp_err cc_round_day(
    struct cc_call *c, const char *date, int32_t *out);
/* NULL: who holds the device; else a person, as cc_refer_user has him. */
SP_MUST_USE sp_err cc_round_rep(
    struct cc_call *c, const char *rep, uint32_t *out);
/*
 * A user's plans of a day that are not cancelled, and whether they were made:
 * in the order of the saved route, the others behind by their time of day.
 * cc_round_free in any case.
 */
SP_MUST_USE sp_err cc_round_plans(
    struct cc_round *r, struct cc_call *c, uint32_t user, int32_t day);
/*
 * The same of who holds the device, of all days from the first to the last, by
 * day and time of day; the saved routes of more than one day say nothing here.
 */
SP_MUST_USE sp_err cc_round_between(
    struct cc_round *r, struct cc_call *c, int32_t first, int32_t last);
/*
 * Adds who is due by then, of the accounts that the user has or nobody has;
 * tiers and distances of all. In the order of the saved route; the others
 * behind by due day, tier, distance.
 */
SP_MUST_USE sp_err cc_round_due(struct cc_round *r);
void cc_round_free(struct cc_round *r);

/* A plan for the account that was neither made nor skipped; NULL. */
const struct cc_round_stop *cc_round_open(
    const struct cc_round *r, const struct sp_id *account);

/* Who holds the device. */
uint32_t cc_round_user(const struct cc_call *c);

/* The place of a record, as the field has it; false: none. accuracy_m 0:
 * nobody said. */
bool cc_round_place(const struct cc_value_of *of, const char *field,
    struct cc_geo *out, uint64_t *accuracy_m);
/* The same of a part of a group. */
bool cc_round_place_part(const struct cc_value_of *of, const char *field,
    const char *part, struct cc_geo *out, uint64_t *accuracy_m);
/* "31.23,121.47[,20]" */
SP_MUST_USE sp_err cc_round_read_place(struct cc_call *c, const char *text,
    struct cc_geo *out, uint64_t *accuracy_m);

#endif
