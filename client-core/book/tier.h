/*
 * tier.h - what a customer is worth, by rules that say why.
 *
 * Rules are records of the catalogue (entity tier_rule). Of the tiers whose
 * conditions a customer meets the highest counts: diamond, gold, silver. Who
 * meets none, and costs more visits than a rule for low yield allows while
 * spending less than it asks, is low yield; all others are standard.
 *
 *   threads  any
 */
#ifndef CC_BOOK_TIER_H
#define CC_BOOK_TIER_H

#include "book/label.h"
#include "book/value.h"

#define CC_TIER_RULES_MAX   50u
#define CC_TIER_WINDOW_DAYS 365 /* where a rule says nothing */
#define CC_TIER_WHY_BYTES   160u

/* Options of account.value_tier and tier_rule.tier. */
enum cc_tier {
    CC_TIER_STANDARD = 1,
    CC_TIER_SILVER,
    CC_TIER_GOLD,
    CC_TIER_DIAMOND,
    CC_TIER_LOW_YIELD
};

struct cc_tier_rule {
    struct sp_id id;
    unsigned tier;
    uint32_t version;
    int64_t min_spend;   /* minor units; 0: not asked */
    uint32_t currency;   /* of min_spend: no other counts; 0: purchases of all
                            are counted, amounts are not asked */
    uint32_t min_count;  /* purchases; 0: not asked */
    uint32_t max_visits; /* for low yield: allowed; UINT32_MAX: any */
    int32_t window_days;
    int32_t cycle_days; /* of visits; 0: not said */
    bool active, phone_only;
};

void cc_tier_read(const struct cc_value_of *of, struct cc_tier_rule *out);

struct cc_tier_facts {
    const struct cc_label_facts *bought;
    uint32_t (*visits)(const void *arg, int32_t from, int32_t until);
    const void *arg;
};

struct cc_tier_said {
    unsigned tier;
    const struct cc_tier_rule *rule; /* NULL: standard, no rule */
    char why_en[CC_TIER_WHY_BYTES];
    char why_zh[CC_TIER_WHY_BYTES];
};
/* Always says a tier and why. Of two rules of one tier the newer version
 * counts, then the lower id. */
void cc_tier_say(const struct cc_tier_rule *rule, size_t count,
    const struct cc_tier_facts *facts, int32_t today, struct cc_tier_said *out);

struct cc_words cc_tier_words(unsigned tier);

#endif
