/*
 * campaign.h - a campaign of the catalogue as calls read it. Inside a call.
 */
#ifndef CC_API_CAMPAIGN_H
#define CC_API_CAMPAIGN_H

#include "api/call.h"
#include "book/campaign.h"
#include "book/value.h"

struct cc_campaign {
    struct sp_id id;
    const char *name; /* in the arena given */
    unsigned state;
    int32_t event; /* CC_DAY_NONE */
    uint64_t prepare_by_ms, send_at_ms, frozen_at_ms;
    uint64_t members;
    unsigned control_share;
    bool has_template, has_segment;
    struct sp_id template, segment;
};
SP_MUST_USE sp_err cc_campaign_read(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_campaign *out);
/* By name or id. */
SP_MUST_USE sp_err cc_campaign_find(struct cc_call *c, const char *campaign,
    const struct sp_entity **entity, struct cc_campaign *out);

/* The id of the message by which a member is planned. */
struct sp_id cc_campaign_planned(
    const struct cc_campaign *campaign, const struct sp_id *account);

#endif
