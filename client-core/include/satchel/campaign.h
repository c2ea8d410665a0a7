/*
 * campaign.h - campaigns of head office, coupons, what a tier is entitled to,
 * and gatherings.
 */
#ifndef SATCHEL_CAMPAIGN_H
#define SATCHEL_CAMPAIGN_H

#include "care.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- campaigns ----------------------------------------------------------- */

/* A campaign, and its messages as far as this device has them. */
struct satchel_campaign {
    const char *id;
    const char *name;
    const char *state; /* "draft", "running", "closed" */
    const char *state_en, *state_zh;
    const char *event; /* "2026-04-26"; "" */
    /* As head office says, else three days before the event by 23:59, and 08:00
     * the day after that, local time; 0: neither is known. */
    uint64_t prepare_by_ms, send_at_ms;
    bool late;              /* prepare_by is over, and drafts are missing */
    uint64_t frozen_at_ms;  /* 0: not started */
    size_t members;         /* frozen, control group included */
    unsigned control_share; /* percent */
    /* of the members that this device has */
    size_t control, to_draft, drafted, exported, confirmed, failed;
};
struct satchel_campaign_list {
    size_t count; /* by event, the next one first */
    const struct satchel_campaign *campaign;
};
/* campaign: one of them, by name or id; NULL: all. */
SATCHEL_API int satchel_campaign_list(struct satchel *s, const char *campaign,
    struct satchel_campaign_list **out, struct satchel_error *e);

/* What a start did, or would do. */
struct satchel_campaign_start {
    size_t members, control;
};
/*
 * Freezes who is in it: those of its segment (without one: all) who bought one
 * of its products (without any: all), and by lot the control group. From now on
 * each has a planned message; what changes later changes nobody's place.
 * Needs the role that writes campaigns.
 *   dry_run  counts only
 *   errors   SATCHEL_E_EXISTS (it has started), SATCHEL_E_REQUIRED (it has no
 *            template), SATCHEL_E_NOT_FOUND (nobody fits), SATCHEL_E_TOO_LARGE
 *            (more than 10,000 do)
 */
SATCHEL_API int satchel_campaign_start(struct satchel *s, const char *campaign,
    bool dry_run, struct satchel_campaign_start *out, struct satchel_error *e);

/* The user's own drafts for a running campaign: of the customers that he has,
 * without the control group. They wait for send_at in the outbox.
 *   make  SATCHEL_CARE_LOOK or SATCHEL_CARE_MESSAGES
 *   errors  SATCHEL_E_VALUE: it is not running */
SATCHEL_API int satchel_campaign_draft(struct satchel *s, const char *campaign,
    enum satchel_care_make make, struct satchel_care_list **out,
    struct satchel_error *e);

/* ---- coupons ------------------------------------------------------------- */

/* Of one serial redeemed more than once both stay: the earliest counts until
 * finance decides, the others are flagged. */
struct satchel_redemption {
    const char *id;
    const char *account; /* who brought it */
    const char *by;      /* who took it */
    uint64_t at_ms;
    const char *document; /* "" */
    bool counts, flagged, decided;
    const char *reason; /* of the decision; "" */
};
struct satchel_coupon {
    const char *id; /* "": only redemptions of it are on this device */
    const char *serial;
    const char *account;
    const char *value; /* "50 CNY"; "" */
    const char *gift;
    const char *from, *until; /* dates; "" */
    /* "open", "redeemed", "twice" (a later redemption waits for finance),
     * "expired", "not_yet", "cancelled" */
    const char *state;
    size_t count; /* the earliest first */
    const struct satchel_redemption *redemption;
};
struct satchel_coupon_list {
    size_t count; /* by serial */
    const struct satchel_coupon *coupon;
};
/* account NULL: all; flagged: only "twice". */
SATCHEL_API int satchel_coupon_list(struct satchel *s, const char *account,
    bool flagged, struct satchel_coupon_list **out, struct satchel_error *e);

#define SATCHEL_SERIAL_BYTES 24

struct satchel_coupon_saved {
    struct satchel_saved saved;
    char serial[SATCHEL_SERIAL_BYTES];
};
/* A new coupon for an account, with a serial that no other device makes, final
 * at once. input: value or gift, from, until, campaign. */
SATCHEL_API int satchel_coupon_issue(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count,
    struct satchel_coupon_saved *out, struct satchel_error *e);

/*
 * Takes a coupon, with no network: as far as this device knows for the first
 * time.
 *   serial   as printed or read out; case, dashes, O and 0 do not matter
 *   account  who brought it, when the coupon is not on this device; else NULL
 *   errors   SATCHEL_E_EXISTS (redeemed before: when, by whom),
 *            SATCHEL_E_VALUE (misread, cancelled, not valid that day),
 *            SATCHEL_E_NOT_FOUND (not here, and no account is named)
 */
SATCHEL_API int satchel_coupon_redeem(struct satchel *s, const char *serial,
    const char *account, const char *document, struct satchel_saved *out,
    struct satchel_error *e);
/* What finance says of a redemption; reason is needed. */
SATCHEL_API int satchel_coupon_decide(struct satchel *s, const char *redemption,
    bool counts, const char *reason, struct satchel_saved *out,
    struct satchel_error *e);

/* ---- what a tier is entitled to ------------------------------------------ */

struct satchel_benefit {
    const char *name;
    unsigned discount, birthday_discount; /* percent */
    unsigned today;                       /* percent that counts on the day */
    const char *gift, *product;           /* "" */
};
struct satchel_benefits {
    const char *account_id, *account;
    const char *tier_en, *tier_zh;
    bool birthday;     /* of a contact, by its calendar */
    const char *whose; /* "Wang Fang"; "" */
    unsigned today;    /* the best of them that is for all products */
    size_t count;
    const struct satchel_benefit *benefit;
};
/* On that day; date as for satchel_care_due. */
SATCHEL_API int satchel_benefits(struct satchel *s, const char *account,
    const char *date, struct satchel_benefits **out, struct satchel_error *e);

/* ---- gatherings ---------------------------------------------------------- */

struct satchel_gathering {
    const char *id;
    const char *name;
    const char *date, *held; /* dates; held "" until it was */
    const char *place;
    const char *kind; /* option of event.kind */
    const char *kind_en, *kind_zh;
    bool cancelled;
    /* customers on this device, each by how far it came */
    size_t invited, declined, accepted, absent, attended;
};
struct satchel_gatherings {
    int year;
    unsigned month;  /* up to which it counts: of today, or 12 */
    unsigned held;   /* VIP gatherings of the year so far */
    unsigned wanted; /* by the target "events" that holds then; 0: none */
    bool behind;     /* fewer than the year is old */
    size_t count;    /* by date */
    const struct satchel_gathering *gathering;
};
/* year 0: this one. */
SATCHEL_API int satchel_gatherings(struct satchel *s, int year,
    struct satchel_gatherings **out, struct satchel_error *e);
/*
 * Notes how far customers came with it, of all of them or of none; two devices
 * note it once.
 *   state   "invited", "declined", "accepted", "absent", "attended"; of two
 *           that did not know of each other the later of these counts
 *   errors  that of the first account that cannot be noted; the detail says
 *           what is wrong with each, as far as it has room
 */
SATCHEL_API int satchel_gathering_note(struct satchel *s, const char *event,
    const char *const *account, size_t count, const char *state,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
