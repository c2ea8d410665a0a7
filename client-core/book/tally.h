/*
 * tally.h - counts and rankings of customer care that any tier can make again
 * from the records, with the same result.
 *
 *   threads  any
 */
#ifndef CC_BOOK_TALLY_H
#define CC_BOOK_TALLY_H

#include "book/day.h"
#include "book/money.h"

#include "sp/id.h"

/* How often a person had to do with something. */
struct cc_tally_count {
    uint32_t user;
    uint32_t count;
};
/* Adds one; false when the list is full (max persons) and user is not in it. */
bool cc_tally_add(
    struct cc_tally_count *list, size_t *count, size_t max, uint32_t user);
/* Who had most to do with a customer; of several, the lowest number. 0: none.*/
uint32_t cc_tally_closest(const struct cc_tally_count *list, size_t count);

/* Whether a record counts: it was neither deleted nor, of a visit, declared
 * void. Whatever counts, ranks or sums up visits asks this and nothing else. */
bool cc_tally_counts(const struct cc_value_of *of);

/* A contact with a customer: every record of activity is one, whoever asks
 * (counts, targets, contests). */
struct cc_tally_contact {
    uint32_t user; /* who had it */
    uint64_t at_ms;
    bool call, message, meeting; /* at most one; else another channel */
    bool callback;               /* we called */
};
/* False: the record is deleted, or names nobody or no time. */
bool cc_tally_contact(
    const struct cc_value_of *activity, struct cc_tally_contact *out);

/* What an account spent in a year in one currency. */
struct cc_tally_spend {
    const char *territory; /* of the account; borrowed */
    struct cc_money money;
    size_t account; /* the caller's */
    bool top;       /* out */
    bool usual;     /* out: the currency in which most accounts of the
                       territory spent; of several the first by its letters */
};
/* Marks of each territory and currency all that share the largest amount above
 * 0: of a tie none is dropped. Returns how many; orders the list anew. */
size_t cc_tally_top(struct cc_tally_spend *list, size_t count);

/* Time spent on two groups (old and new customers) against a target share. */
struct cc_tally_budget {
    unsigned first_percent;  /* of the first group, rounded */
    unsigned second_percent; /* the rest; both 0 when no time was spent */
    int off_percent;         /* first minus target */
};
struct cc_tally_budget cc_tally_budget(
    uint64_t first_s, uint64_t second_s, unsigned target_percent);

/* A coupon's redemptions: the earliest counts, ties by id; all others are
 * flagged. Nothing is dropped: finance decides. */
struct cc_tally_redemption {
    struct sp_id id;
    uint64_t at_ms;
    bool flagged; /* out */
};
size_t cc_tally_flag(struct cc_tally_redemption *list, size_t count);

/* Whether fewer gatherings were held than the year is old: held * 12 against
 * wanted * month. */
bool cc_tally_behind(unsigned held, unsigned wanted, unsigned month);

/* A tier's benefit on a day, percent off. */
unsigned cc_tally_discount(
    unsigned discount, unsigned on_birthday, bool birthday);

/* What is to be done at the end of a day with who bought on it. */
enum cc_tally_daily {
    CC_DAILY_NONE = 0,
    CC_DAILY_INVITE, /* bought and paid today: into the group */
    CC_DAILY_NUDGE   /* not paid yet */
};
/* paid_day: CC_DAY_NONE when not paid. */
enum cc_tally_daily cc_tally_daily(
    int32_t bought_day, int32_t paid_day, int32_t today);

#endif
