/*
 * label.h - where a customer stands: the two ladders, activity, purchase
 * class, and who may be leaving.
 *
 * Works on what was bought, so every tier that knows the same says the same.
 * A purchase is an amount above 0; a return (below 0) counts for sums only.
 *
 *   threads  any
 */
#ifndef CC_BOOK_LABEL_H
#define CC_BOOK_LABEL_H

#include "book/money.h"
#include "book/words.h"

#include <stddef.h>
#include <stdint.h>

/* Where no rule of the catalogue says otherwise (data_rule.h). */
#define CC_LABEL_ACTIVE_DAYS  90u  /* since the last purchase, both ends in */
#define CC_LABEL_LAPSE_DAYS   180u /* so long dormant, then lapsed */
#define CC_LABEL_FAN_FROM     4u   /* purchases from which one is a fan */
#define CC_LABEL_FAN_DAYS     365u /* within which they count, today in */
#define CC_LABEL_RISK_PERCENT 150u /* of the usual gap */

#define CC_LABEL_NPS_PROMOTER 9 /* the scale's own: from 9 of 10 on */

struct cc_label_rules {
    uint32_t active_days, lapse_days;
    uint32_t fan_from, fan_days;
    uint32_t risk_percent;
};
/* Nothing is said yet: take what the catalogue says, rule by rule, then fill
 * in what ships for the rest. */
void cc_label_rules_take(
    struct cc_label_rules *rules, const struct cc_value_of *data_rule);
void cc_label_rules_fill(struct cc_label_rules *rules);

struct cc_label_purchase {
    int32_t day;       /* see day.h */
    int64_t amount;    /* minor units */
    uint32_t currency; /* see money.h; 0: nobody said */
};

/* At all times: purchases are in the order of their days. */
struct cc_label_facts {
    size_t count;
    const struct cc_label_purchase *purchase;
    bool contacted;              /* somebody visited, called or wrote */
    bool referred;               /* another customer came through this one */
    int nps;                     /* 0 to 10, -1 when it was never asked */
    unsigned funnel;             /* account.funnel_status, 0 unknown */
    struct cc_label_rules rules; /* filled */
};

/* The ladder that purchases make (options of account.loyalty_stage). */
enum cc_loyalty {
    CC_LOYALTY_SUSPECT = 1,
    CC_LOYALTY_PROSPECT,
    CC_LOYALTY_FIRST_TIME,
    CC_LOYALTY_REPEAT,
    CC_LOYALTY_ADVOCATE
};
enum cc_loyalty cc_label_loyalty(const struct cc_label_facts *f);

/* account.funnel_status, which people move by hand. */
enum cc_funnel {
    CC_FUNNEL_POTENTIAL = 1,
    CC_FUNNEL_TARGET,
    CC_FUNNEL_QUALIFIED,
    CC_FUNNEL_CLOSED,
    CC_FUNNEL_LOYAL
};
/* Whether the step needs a reason: it goes back, or passes a gate over. */
bool cc_label_skips(unsigned from, unsigned to);

/* Both ladders rolled up: each customer is in one of these. */
enum cc_phase {
    CC_PHASE_ACQUIRE = 1,
    CC_PHASE_NURTURE,
    CC_PHASE_CONVERT,
    CC_PHASE_RETAIN
};
enum cc_phase cc_label_phase(const struct cc_label_facts *f);

enum cc_activity {
    CC_ACTIVITY_NONE = 0, /* never bought */
    CC_ACTIVITY_ACTIVE,
    CC_ACTIVITY_DORMANT,
    CC_ACTIVITY_LAPSED
};
enum cc_activity cc_label_activity(
    const struct cc_label_facts *f, int32_t today);
/* Days since the last purchase up to today; -1 without one. */
int32_t cc_label_away(const struct cc_label_facts *f, int32_t today);

enum cc_purchase_class {
    CC_CLASS_NEW = 1, /* none or one */
    CC_CLASS_REPEAT,
    CC_CLASS_FAN
};
enum cc_purchase_class cc_label_class(
    const struct cc_label_facts *f, int32_t today);

/* What was bought in the days up to today in one currency, returns taken off.
 * With currency 0 the purchases of all currencies are counted, and amount is 0:
 * they have no sum. */
struct cc_label_sum {
    size_t purchases;
    int64_t amount;
};
struct cc_label_sum cc_label_sum(const struct cc_label_facts *f, int32_t today,
    int32_t days, uint32_t currency);
/* The same, by currency. */
struct cc_money_sums cc_label_money(
    const struct cc_label_facts *f, int32_t today, int32_t days);

/*
 * Whether the customer stays away longer than is usual for him: the days since
 * his last purchase are more than the percent of the rules of the median of the
 * gaps between his purchases. Purchases of one day are one; with fewer than two
 * days nothing is usual yet.
 *   since, usual  days, the median doubled so that it is whole; may be NULL
 *   memory        usual of the last CC_LABEL_GAPS_MAX gaps
 */
#define CC_LABEL_GAPS_MAX 64u
bool cc_label_at_risk(const struct cc_label_facts *f, int32_t today,
    int32_t *since, int32_t *usual_doubled);

/* For people, by number; { "", "" } for what is none. */
struct cc_words cc_label_loyalty_words(unsigned n);
struct cc_words cc_label_funnel_words(unsigned n);
struct cc_words cc_label_phase_words(unsigned n);
struct cc_words cc_label_activity_words(unsigned n);
struct cc_words cc_label_class_words(unsigned n);

#endif
