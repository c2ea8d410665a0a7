/*
 * rule.h - a care rule: for whom, when, and what is made then: a task, the
 * draft of a message, both, or nothing. Rules are records of the catalogue,
 * written at head office, so every device has them.
 *
 * A rule looks at facts and makes things; it never runs code, and none may set
 * itself off again through what it makes.
 *
 * Rules of one policy (the field; "birthday", "cycle") stand in for each
 * other: of those whose kind of account this is the closest counts, so that
 * "diamond: a message" takes the place of "everybody: a call".
 *
 * A playbook says for one funnel status what is done there; its cycle is a
 * rule of the policy "cycle", so it takes the place of those that know the
 * tier alone as soon as the customer comes to that status.
 *
 *   threads  any
 */
#ifndef CC_BOOK_RULE_H
#define CC_BOOK_RULE_H

#include "book/day.h"
#include "book/money.h"
#include "book/words.h"

#define CC_RULES_MAX         200u /* of one organisation, playbooks too */
#define CC_RULE_CYCLE_POLICY "cycle"
#define CC_RULE_LAPSE_DAYS   30 /* where a rule says nothing */
#define CC_RULE_CHAIN_BYTES  256u

/* Options of the dictionary by number: care_rule.kind. */
enum cc_rule_kind {
    CC_RULE_CYCLE = 1,      /* so many days since the last contact, again and
                               again */
    CC_RULE_PURCHASE = 2,   /* one purchase of at least the threshold */
    CC_RULE_REFERRAL = 3,   /* another account sent this one */
    CC_RULE_SPEND = 4,      /* all purchases reach the threshold, once ever */
    CC_RULE_TOP = 5,        /* bought most in its territory last year, in the
                               currency of the threshold, at least that; without
                               one in that in which most of it bought */
    CC_RULE_HOLIDAY = 6,    /* a day of every year, or one date */
    CC_RULE_BIRTHDAY = 7,   /* of any contact of the account */
    CC_RULE_SEASON = 8,     /* as a holiday */
    CC_RULE_WINBACK = 9,    /* so many days since the last contact, once */
    CC_RULE_STALE = 10,     /* data not verified; not judged here */
    CC_RULE_FIRST = 11,     /* the first purchase */
    CC_RULE_TASK_DONE = 12, /* a task was done */
    CC_RULE_SENT = 13,      /* a message was confirmed */
    CC_RULE_STATUS = 14,    /* came to the funnel status */
    CC_RULE_NEWS = 15,      /* a date, for those who bought the product */
    CC_RULE_FEEDBACK = 16   /* where feedback goes (feedback.h); makes nothing*/
};
/* care_rule.action */
enum cc_rule_action {
    CC_ACTION_NONE = 1,
    CC_ACTION_CALL = 2,
    CC_ACTION_VISIT = 3,
    CC_ACTION_MESSAGE = 4,
    CC_ACTION_CALL_AND_MESSAGE = 5
};
enum cc_rule_to { CC_TO_CUSTOMER = 1, CC_TO_REFERRER = 2 };
enum cc_rule_by { CC_BY_OWNER = 1, CC_BY_CLOSEST = 2 };
#define CC_TIERS_MAX    5u /* account.value_tier: standard ... low yield */
#define CC_STATUSES_MAX 5u /* account.funnel_status: potential ... loyal */

#define CC_RULE_NEAR_MAX 3u
struct cc_rule_day {
    int32_t day;
    int32_t number; /* of its year, or the day itself: tells its makings */
};

struct cc_rule {
    struct sp_id id; /* of its record */
    const char *name;
    const char *policy; /* "" : stands for itself */
    const char *title;  /* of the task */
    const char *script; /* what to ask */
    const char *product;
    struct sp_id template; /* zero: none */
    struct sp_id of;       /* TASK_DONE, SENT: of that rule; zero: any */
    enum cc_rule_kind kind;
    enum cc_rule_action action;
    enum cc_rule_to to;
    enum cc_rule_by by;
    unsigned tier, status;     /* 0: any */
    struct cc_money threshold; /* no other currency counts; 0: any does */
    int32_t delay_days, cycle_days;
    int32_t ahead_days, lapse_days;
    int32_t on_date; /* CC_DAY_NONE: the yearly day */
    bool lunar;
    unsigned month, day;
    int32_t from, until; /* in force, both ends; CC_DAY_NONE: open */
    unsigned priority;   /* 1 highest to 4 */
    bool active;
    bool playbook; /* of the entity playbook */
    bool campaign; /* stands for a record of the entity campaign */
    /* By cc_due_prepare: the days of a rule of days around that one, and
     * whether it asks nobody for anything then. */
    bool prepared, idle;
    size_t near_count;
    struct cc_rule_day near[CC_RULE_NEAR_MAX];
};

/* Reads a record of the entity care_rule; texts lie in the arena. SP_E_NOMEM.
 * A rule without a kind is inactive. */
SP_MUST_USE sp_err cc_rule_read(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_rule *out);

/* The same of a record of the entity playbook: its cycle; inactive when it has
 * none, or no action. */
SP_MUST_USE sp_err cc_rule_read_playbook(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_rule *out);

/* Whether it says something that can be done; why: what is wrong, static. */
bool cc_rule_check(const struct cc_rule *r, struct cc_words *why);

bool cc_rule_makes_task(const struct cc_rule *r);
bool cc_rule_makes_message(const struct cc_rule *r);

/* Whether it is in force that day for such an account (0: not known). */
bool cc_rule_fits(
    const struct cc_rule *r, int32_t today, unsigned tier, unsigned status);
/* Of the rules that fit, whether this one counts: no other of its policy is
 * closer (status and tier, then status, then tier), nor as close with a lower
 * id. */
bool cc_rule_counts(const struct cc_rule *rule, size_t count, size_t index,
    int32_t today, unsigned tier, unsigned status);

/*
 * Whether what some rule makes sets it off again, directly or through others;
 * inactive ones count, as they can be switched on.
 *   chain   CC_RULE_CHAIN_BYTES: "a -> b -> a", cut to fit
 *   count   up to CC_RULES_MAX
 *   index   of such a rule; may be NULL
 */
bool cc_rule_loops(
    const struct cc_rule *rule, size_t count, char *chain, size_t *index);

#endif
