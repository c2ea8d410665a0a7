/*
 * standing.h - what the labels, tiers and segments of customers are made of:
 * purchases, visits and contacts, read once. Inside a call.
 */
#ifndef CC_API_STANDING_H
#define CC_API_STANDING_H

#include "book/label.h"
#include "book/tier.h"

#include "api/call.h"

/* Something that happened, while it is being read. */
struct cc_standing_event {
    uint32_t at; /* place of the customer in cc_standings.of */
    int32_t day;
    uint32_t currency;
    int64_t amount; /* of a purchase */
};
struct cc_standing_events {
    size_t count, room;
    struct cc_standing_event *event;
};

struct cc_standing {
    struct sp_id account;
    size_t first, count; /* his purchases */
    size_t first_visit, visits;
    int32_t last_contact; /* CC_DAY_NONE: never */
    bool referred;        /* sent another customer */
};

/* At all times, after cc_standing_load: of in id order; purchases and visits
 * by customer, then day. What was merged counts for what it was merged into. */
struct cc_standings {
    struct cc_call *call;
    int32_t today;
    size_t count;
    struct cc_standing *of;
    struct cc_standing_events bought, visited;
    struct cc_label_purchase *purchase; /* those of bought, in its order */
    size_t rules;
    struct cc_tier_rule rule[CC_TIER_RULES_MAX];
    struct cc_label_rules labels;
    /* Whether the user's roles show them at all: what is made of them is not
     * known to him else. */
    bool sees_purchases, sees_visits;
};

/*
 * Reads all customers, or one.
 *   only    NULL: all
 *   errors  those of sp_state_walk; free it also after a failure
 */
SP_MUST_USE sp_err cc_standing_load(
    struct cc_standings *all, struct cc_call *c, const struct sp_id *only);
void cc_standing_free(struct cc_standings *all);

/* NULL when there is none. */
const struct cc_standing *cc_standing_find(
    const struct cc_standings *all, const struct sp_id *account);

/* Facts for book/label.h; purchases are borrowed. */
struct cc_label_facts cc_standing_facts(const struct cc_standings *all,
    const struct cc_standing *of, unsigned funnel);
/* Tier 0, without a rule, where the user's roles do not show what it follows
 * from: purchases; of who earns no tier visits too, while a rule for low yield
 * counts them. */
void cc_standing_tier(const struct cc_standings *all,
    const struct cc_standing *of, struct cc_tier_said *out);

#endif
