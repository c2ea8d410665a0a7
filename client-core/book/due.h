/*
 * due.h - what the care rules ask for, of one account, on one day.
 *
 * Works on plain facts, which the caller gathers from his replica; so the
 * same answer comes on every device that knows the same. What a rule makes has
 * an id of the rule, the account and what set it off: two devices that see the
 * same event make one and the same record.
 *
 *   threads  any
 */
#ifndef CC_BOOK_DUE_H
#define CC_BOOK_DUE_H

#include "book/rule.h"

/* Something that happened to an account. */
enum cc_due_kind {
    CC_DUE_PURCHASE = 1,
    CC_DUE_REFERRAL, /* other: the account that sent it */
    CC_DUE_STATUS,   /* came to the account's present status */
    CC_DUE_TASK_DONE,
    CC_DUE_SENT
};
struct cc_due_event {
    enum cc_due_kind kind;
    struct sp_id id;       /* of the record that says so */
    int32_t day;           /* local */
    struct cc_money money; /* of a purchase */
    struct sp_id of;       /* TASK_DONE, SENT: rule that made it; zero: none */
    struct sp_id other;    /* REFERRAL */
    const char *other_name;
    uint32_t other_owner;
};

struct cc_due_birthday {
    struct sp_id contact;
    const char *name;
    unsigned month, day;
    bool lunar, leap;
};

/* Nobody in its territory bought more in that currency. */
struct cc_due_top {
    struct cc_money money;
    bool usual; /* the currency in which most of the territory bought */
};

struct cc_due_facts {
    struct sp_id account;
    const char *name;
    unsigned tier, status; /* options of the dictionary; 0 unknown */
    uint32_t owner;        /* user numbers; 0: nobody */
    uint32_t closest;      /* had most to do with the account */
    int32_t since;         /* known since that day */
    int32_t last_contact;  /* CC_DAY_NONE: never */
    int32_t cycle_days;    /* of the account itself; 0: the rule's */
    uint16_t top_year;     /* bought most in its territory then; 0: no */
    size_t top_count;
    const struct cc_due_top *top; /* by currency */
    size_t event_count;
    const struct cc_due_event *event;
    size_t birthday_count;
    const struct cc_due_birthday *birthday;
    /* Whether it ever bought a product, for CC_RULE_NEWS. */
    bool (*bought)(const void *arg, const char *product);
    const void *bought_arg;
};

#define CC_DUE_WHY_BYTES 800u /* two names of 80 characters fit */

struct cc_due_item {
    const struct cc_rule *rule;
    bool message;         /* the draft of a message, else a task */
    struct sp_id id;      /* of the record to be made */
    struct sp_id account; /* the referrer's, where the rule says so */
    const char *name;     /* of that account, or of the person */
    struct sp_id contact; /* zero: the account as a whole */
    struct sp_id about;   /* record that set it off; zero: a date did */
    int32_t due;
    uint32_t assignee; /* 0: nobody */
    int32_t overdue;   /* days; 0 when it is not */
    char why_en[CC_DUE_WHY_BYTES], why_zh[CC_DUE_WHY_BYTES];
};

/*
 * Works out once for all accounts on which days the rules of days fall, and
 * which of them ask for nothing today: a lunar day costs a walk through its
 * year. Only for this today; rules that were not prepared give the same.
 */
void cc_due_prepare(struct cc_rule *rule, size_t count, int32_t today);

/*
 * Calls each for all that is to be made by today: a task as soon as what sets
 * it off is known (an event) or ahead_days before it is due; a draft on its
 * day. Nothing lapse_days after its day, save cycles, which go on.
 *   each     item is valid during the call; an error ends it and is returned
 *   returns  SP_OK, or that error
 *   cost     rules times (events + birthdays)
 */
SP_MUST_USE sp_err cc_due_evaluate(const struct cc_rule *rule, size_t count,
    const struct cc_due_facts *facts, int32_t today,
    sp_err (*each)(void *arg, const struct cc_due_item *item), void *arg);

/*
 * The id of what a rule makes: a UUIDv7 of the event's time and BLAKE2b-128 of
 * the rest, so it sorts like any other.
 *   what     "task" or "message"
 *   key      what tells one making from the next of this rule: an event's id,
 *            a year, a day
 */
struct sp_id cc_due_id(const struct sp_id *rule, const struct sp_id *account,
    const char *what, struct sp_slice key, uint64_t ms);

const char *cc_due_tier_en(unsigned tier);
const char *cc_due_tier_zh(unsigned tier);

#endif
