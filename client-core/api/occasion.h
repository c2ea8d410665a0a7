/*
 * occasion.h - what one customer is about to need or used to take: late tasks
 * and visits, birthdays, the usual order, preferences. Inside a call.
 */
#ifndef CC_API_OCCASION_H
#define CC_API_OCCASION_H

#include "book/value.h"

#include "api/standing.h"

#define CC_OCCASION_BIRTHDAY_DAYS 30 /* ahead */
#define CC_OCCASION_PRODUCTS      3u /* of the usual order */
#define CC_OCCASION_PREFERENCES   3u

/* One fact; en empty: there is nothing to say. */
struct cc_occasion {
    const char *en, *zh;
    struct sp_id id; /* record that says so */
    uint64_t time_ms;
};

/* The day on which the next visit is due, by the account's own cycle (0: none),
 * else that of its tier; who was never visited counts from the day he was made.
 * CC_DAY_NONE: no cycle. */
int32_t cc_occasion_visit_due(const struct cc_standings *all,
    const struct cc_standing *of, int32_t own_cycle_days);

/* The first birthday of a contact from a day on, in either calendar; false when
 * none is known. */
bool cc_occasion_next_birthday(
    const struct cc_value_of *contact, int32_t from, int32_t *out, bool *lunar);

/*
 * Each looks at what belongs to the account and leaves a fact in the arena.
 *   errors  those of sp_state_children, SP_E_NOMEM
 */

/* Open tasks whose day has passed, and a visit that its cycle asked for. */
SP_MUST_USE sp_err cc_occasion_late(struct cc_call *c,
    const struct sp_record *account, struct sp_arena *a,
    struct cc_occasion *out);
/* The next birthday of a contact, in either calendar. */
SP_MUST_USE sp_err cc_occasion_birthday(struct cc_call *c,
    const struct sp_ref *account, struct sp_arena *a, struct cc_occasion *out);
/* The products that stand in most purchases. */
SP_MUST_USE sp_err cc_occasion_usual(struct cc_call *c,
    const struct sp_ref *account, struct sp_arena *a, struct cc_occasion *out);
/* The tags that were given to contacts last. */
SP_MUST_USE sp_err cc_occasion_preferences(struct cc_call *c,
    const struct sp_ref *account, struct sp_arena *a, struct cc_occasion *out);
/* What somebody promised in a call or message last. */
SP_MUST_USE sp_err cc_occasion_promise(struct cc_call *c,
    const struct sp_ref *account, struct sp_arena *a, struct cc_occasion *out);

#endif
