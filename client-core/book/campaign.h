/*
 * campaign.h - who of a campaign's members is left alone, so that its effect
 * can be told from what would have happened anyway.
 *
 * The lot is drawn from ids: whoever draws it again draws the same.
 *
 *   threads  any
 */
#ifndef CC_BOOK_CAMPAIGN_H
#define CC_BOOK_CAMPAIGN_H

#include "sp/id.h"

#define CC_CAMPAIGN_MEMBERS_MAX 10000u

/* Options of campaign.state. */
enum cc_campaign_state {
    CC_CAMPAIGN_DRAFT = 1,
    CC_CAMPAIGN_RUNNING = 2,
    CC_CAMPAIGN_CLOSED = 3
};

struct cc_campaign_member {
    struct sp_id account;
    bool control; /* out */
    uint64_t lot; /* out */
};

/* Draws control_percent of them, rounded down, into the control group.
 * Afterwards the list is in the order of ids. Returns how many. */
size_t cc_campaign_draw(const struct sp_id *campaign, unsigned control_percent,
    struct cc_campaign_member *list, size_t count);

#endif
