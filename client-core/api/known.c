#include "api/known.h"

#include "book/day.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const struct cc_known_name cc_known_names[CC_KNOWN_COUNT] = {
    { "loyalty_stage", { "Loyalty", "忠诚阶段" }, CC_SEGMENT_TEXT, true },
    { "phase", { "Phase", "阶段" }, CC_SEGMENT_TEXT, true },
    { "activity_state", { "Activity", "活跃度" }, CC_SEGMENT_TEXT, true },
    { "purchase_class", { "Purchase class", "消费分类" }, CC_SEGMENT_TEXT,
        true },
    { "value_tier", { "Value", "价值等级" }, CC_SEGMENT_TEXT, true },
    { "at_risk", { "May be leaving", "可能流失" }, CC_SEGMENT_TEXT, true },
    { "purchase_count", { "Purchases", "消费次数" }, CC_SEGMENT_NUMBER, false },
    { "amount", { "Spent", "消费金额" }, CC_SEGMENT_MONEY, false },
    { "first_purchase", { "First purchase", "首次消费" }, CC_SEGMENT_DAY,
        false },
    { "last_purchase", { "Last purchase", "最近消费" }, CC_SEGMENT_DAY, false },
    { "days_since_purchase",
        { "Days since the last purchase", "距上次消费天数" }, CC_SEGMENT_NUMBER,
        false },
    { "visit_count", { "Visits", "拜访次数" }, CC_SEGMENT_NUMBER, false },
    { "days_since_contact", { "Days since the last contact", "距上次联系天数" },
        CC_SEGMENT_NUMBER, false },
};

/* Options as the dictionary has them. */
static const char *const loyalty[] = { "", "suspect", "prospect", "first_time",
    "repeat", "advocate" };
static const char *const phase[] = { "", "acquire", "nurture", "convert",
    "retain" };
static const char *const activity[] = { "none", "active", "dormant", "lapsed" };
static const char *const classes[] = { "", "new", "repeat", "fan" };
static const char *const tier[] = { "", "standard", "silver", "gold", "diamond",
    "low_yield" };

/* A row of the board all the same: each customer is counted once. */
static const struct cc_known hidden = { CC_SEGMENT_UNKNOWN, 0, "",
    { "not shown to you", "您无权查看" } };

static struct cc_known option(
    unsigned n, const char *const *value, struct cc_words words)
{
    return (struct cc_known){ CC_SEGMENT_TEXT, n, value[n], words };
}

static struct cc_known number(enum cc_segment_kind kind, int64_t n)
{
    return (struct cc_known){ kind, n, NULL, { NULL, NULL } };
}

/* What follows from records that the user's roles do not show is not known:
 * better than what would be said of somebody who never bought. */
static void forget(
    const struct cc_standings *all, struct cc_known out[CC_KNOWN_COUNT])
{
    static const enum cc_known_thing of_purchases[] = { CC_KNOWN_LOYALTY,
        CC_KNOWN_PHASE, CC_KNOWN_ACTIVITY, CC_KNOWN_CLASS, CC_KNOWN_AT_RISK,
        CC_KNOWN_PURCHASES, CC_KNOWN_AMOUNT };
    static const enum cc_known_thing of_visits[] = { CC_KNOWN_VISITS,
        CC_KNOWN_SINCE_CONTACT };

    for (size_t i = 0; !all->sees_purchases && i < COUNT(of_purchases); i++) {
        out[of_purchases[i]] = hidden;
    }
    for (size_t i = 0; !all->sees_visits && i < COUNT(of_visits); i++) {
        out[of_visits[i]] = hidden;
    }
}

static void say_days(const struct cc_label_facts *f, int32_t today,
    struct cc_known out[CC_KNOWN_COUNT])
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->purchase[i].amount > 0 && f->purchase[i].day <= today) {
            if (out[CC_KNOWN_FIRST].kind == CC_SEGMENT_UNKNOWN) {
                out[CC_KNOWN_FIRST] =
                    number(CC_SEGMENT_DAY, f->purchase[i].day);
            }
            out[CC_KNOWN_LAST] = number(CC_SEGMENT_DAY, f->purchase[i].day);
        }
    }
    if (out[CC_KNOWN_LAST].kind == CC_SEGMENT_DAY) {
        out[CC_KNOWN_SINCE_PURCHASE] =
            number(CC_SEGMENT_NUMBER, today - out[CC_KNOWN_LAST].number);
    }
}

void cc_known_say(const struct cc_standings *all, const struct cc_standing *of,
    unsigned funnel, int32_t days, struct cc_known out[CC_KNOWN_COUNT])
{
    static const struct cc_words yes = { "yes", "是" }, no = { "no", "否" };
    struct cc_label_facts f = cc_standing_facts(all, of, funnel);
    struct cc_label_sum sum = cc_label_sum(&f, all->today, days, 0);
    struct cc_tier_said said;
    bool risk = cc_label_at_risk(&f, all->today, NULL, NULL);
    unsigned n;

    for (size_t i = 0; i < CC_KNOWN_COUNT; i++) {
        out[i] = number(CC_SEGMENT_UNKNOWN, 0);
    }
    n = (unsigned)cc_label_loyalty(&f);
    out[CC_KNOWN_LOYALTY] = option(n, loyalty, cc_label_loyalty_words(n));
    n = (unsigned)cc_label_phase(&f);
    out[CC_KNOWN_PHASE] = option(n, phase, cc_label_phase_words(n));
    n = (unsigned)cc_label_activity(&f, all->today);
    out[CC_KNOWN_ACTIVITY] = option(n, activity, cc_label_activity_words(n));
    n = (unsigned)cc_label_class(&f, all->today);
    out[CC_KNOWN_CLASS] = option(n, classes, cc_label_class_words(n));
    cc_standing_tier(all, of, &said);
    out[CC_KNOWN_TIER] =
        said.tier == 0 ? hidden
                       : option(said.tier, tier, cc_tier_words(said.tier));
    out[CC_KNOWN_AT_RISK] = (struct cc_known){ CC_SEGMENT_TEXT, risk,
        risk ? "yes" : "no", risk ? yes : no };
    out[CC_KNOWN_PURCHASES] = number(CC_SEGMENT_NUMBER, (int64_t)sum.purchases);
    out[CC_KNOWN_AMOUNT] = number(CC_SEGMENT_MONEY, sum.amount);
    out[CC_KNOWN_VISITS] = number(CC_SEGMENT_NUMBER, (int64_t)of->visits);
    if (of->last_contact != CC_DAY_NONE) {
        out[CC_KNOWN_SINCE_CONTACT] =
            number(CC_SEGMENT_NUMBER, all->today - of->last_contact);
    }
    say_days(&f, all->today, out);
    forget(all, out);
}
