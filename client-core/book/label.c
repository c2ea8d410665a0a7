#include "book/label.h"

#include "book/data_rule.h"
#include "book/day.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- rules ----------------------------------------------------------------
 */

void cc_label_rules_take(
    struct cc_label_rules *rules, const struct cc_value_of *data_rule)
{
    switch (cc_data_rule_of(data_rule)) {
    case CC_DATA_ACTIVITY:
        (void)cc_data_rule_take(
            data_rule, "days", CC_DATA_FEWER, &rules->active_days);
        (void)cc_data_rule_take(
            data_rule, "lapse_days", CC_DATA_FEWER, &rules->lapse_days);
        break;
    case CC_DATA_FAN:
        (void)cc_data_rule_take(
            data_rule, "least", CC_DATA_MORE, &rules->fan_from);
        (void)cc_data_rule_take(
            data_rule, "days", CC_DATA_FEWER, &rules->fan_days);
        break;
    case CC_DATA_AT_RISK:
        (void)cc_data_rule_take(
            data_rule, "ratio", CC_DATA_FEWER, &rules->risk_percent);
        break;
    default: /* of the quality of data */
        break;
    }
}

static void fill(uint32_t *number, uint32_t ships)
{
    *number = *number == 0 ? ships : *number;
}

void cc_label_rules_fill(struct cc_label_rules *rules)
{
    fill(&rules->active_days, CC_LABEL_ACTIVE_DAYS);
    fill(&rules->lapse_days, CC_LABEL_LAPSE_DAYS);
    fill(&rules->fan_from, CC_LABEL_FAN_FROM);
    fill(&rules->fan_days, CC_LABEL_FAN_DAYS);
    fill(&rules->risk_percent, CC_LABEL_RISK_PERCENT);
}

/* ---- labels ---------------------------------------------------------------
 */

static size_t purchases(const struct cc_label_facts *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->count; i++) {
        n += f->purchase[i].amount > 0;
    }
    return n;
}

enum cc_loyalty cc_label_loyalty(const struct cc_label_facts *f)
{
    size_t n = purchases(f);

    if (n == 0) {
        return f->contacted || f->funnel > CC_FUNNEL_POTENTIAL
                   ? CC_LOYALTY_PROSPECT
                   : CC_LOYALTY_SUSPECT;
    }
    if (n == 1) {
        return CC_LOYALTY_FIRST_TIME;
    }
    return f->referred || f->nps >= CC_LABEL_NPS_PROMOTER ? CC_LOYALTY_ADVOCATE
                                                          : CC_LOYALTY_REPEAT;
}

bool cc_label_skips(unsigned from, unsigned to)
{
    return to < from || to > from + 1;
}

enum cc_phase cc_label_phase(const struct cc_label_facts *f)
{
    switch (cc_label_loyalty(f)) {
    case CC_LOYALTY_REPEAT:
    case CC_LOYALTY_ADVOCATE:
        return CC_PHASE_RETAIN;
    case CC_LOYALTY_FIRST_TIME:
        return f->funnel == CC_FUNNEL_LOYAL ? CC_PHASE_RETAIN
                                            : CC_PHASE_CONVERT;
    case CC_LOYALTY_PROSPECT:
        return f->funnel >= CC_FUNNEL_QUALIFIED ? CC_PHASE_CONVERT
                                                : CC_PHASE_NURTURE;
    case CC_LOYALTY_SUSPECT:
        break;
    }
    return CC_PHASE_ACQUIRE;
}

/* The newest purchase up to today; CC_DAY_NONE. */
static int32_t last_day(const struct cc_label_facts *f, int32_t today)
{
    for (size_t i = f->count; i > 0; i--) {
        if (f->purchase[i - 1].amount > 0 && f->purchase[i - 1].day <= today) {
            return f->purchase[i - 1].day;
        }
    }
    return CC_DAY_NONE;
}

int32_t cc_label_away(const struct cc_label_facts *f, int32_t today)
{
    int32_t last = last_day(f, today);

    return last == CC_DAY_NONE ? -1 : today - last;
}

enum cc_activity cc_label_activity(
    const struct cc_label_facts *f, int32_t today)
{
    int64_t away = cc_label_away(f, today);

    if (away < 0) {
        return CC_ACTIVITY_NONE;
    }
    return away <= f->rules.active_days  ? CC_ACTIVITY_ACTIVE
           : away <= f->rules.lapse_days ? CC_ACTIVITY_DORMANT
                                         : CC_ACTIVITY_LAPSED;
}

enum cc_purchase_class cc_label_class(
    const struct cc_label_facts *f, int32_t today)
{
    if (purchases(f) <= 1) {
        return CC_CLASS_NEW;
    }
    return cc_label_sum(f, today, (int32_t)f->rules.fan_days, 0).purchases <
                   f->rules.fan_from
               ? CC_CLASS_REPEAT
               : CC_CLASS_FAN;
}

static bool is_within(
    const struct cc_label_purchase *p, int32_t today, int32_t days)
{
    /* Subtracted as 64 bits: a day may be none. */
    return p->day <= today && (int64_t)today - p->day < days;
}

struct cc_label_sum cc_label_sum(const struct cc_label_facts *f, int32_t today,
    int32_t days, uint32_t currency)
{
    struct cc_label_sum sum = { 0, 0 };

    for (size_t i = 0; i < f->count; i++) {
        const struct cc_label_purchase *p = &f->purchase[i];

        if (is_within(p, today, days) &&
            (currency == 0 || currency == p->currency)) {
            sum.purchases += p->amount > 0;
            /* At the ends of int64 a sum stays there instead of turning. */
            if (currency != 0 &&
                __builtin_add_overflow(sum.amount, p->amount, &sum.amount)) {
                sum.amount = p->amount > 0 ? INT64_MAX : INT64_MIN;
            }
        }
    }
    return sum;
}

struct cc_money_sums cc_label_money(
    const struct cc_label_facts *f, int32_t today, int32_t days)
{
    struct cc_money_sums sums = { .count = 0 };

    for (size_t i = 0; i < f->count; i++) {
        const struct cc_label_purchase *p = &f->purchase[i];

        if (is_within(p, today, days)) {
            cc_money_add(&sums, (struct cc_money){ p->currency, p->amount });
        }
    }
    return sums;
}

/* Gaps between days on which something was bought, newest first, sorted in as
 * they come. Returns how many. */
static size_t take_gaps(const struct cc_label_facts *f, int32_t today,
    int32_t gap[CC_LABEL_GAPS_MAX])
{
    int32_t later = CC_DAY_NONE;
    size_t count = 0;

    for (size_t i = f->count; i > 0 && count < CC_LABEL_GAPS_MAX; i--) {
        const struct cc_label_purchase *p = &f->purchase[i - 1];
        int32_t one = later == CC_DAY_NONE ? 0 : later - p->day;
        size_t at;

        if (p->amount <= 0 || p->day > today || p->day == later) {
            continue;
        }
        for (at = count; later != CC_DAY_NONE && at > 0 && gap[at - 1] > one;
             at--) {
            gap[at] = gap[at - 1];
        }
        if (later != CC_DAY_NONE) {
            gap[at] = one;
            count++;
        }
        later = p->day;
    }
    return count;
}

bool cc_label_at_risk(const struct cc_label_facts *f, int32_t today,
    int32_t *since, int32_t *usual_doubled)
{
    int32_t gap[CC_LABEL_GAPS_MAX];
    size_t count = take_gaps(f, today, gap);
    int32_t away, doubled;

    if (count == 0) {
        return false;
    }
    away = today - last_day(f, today);
    doubled = gap[(count - 1) / 2] + gap[count / 2];
    if (since != NULL) {
        *since = away;
    }
    if (usual_doubled != NULL) {
        *usual_doubled = doubled;
    }
    return 200 * (int64_t)away > (int64_t)f->rules.risk_percent * doubled;
}

/* ---- words -------------------------------------------------------------- */

static struct cc_words word(
    const struct cc_words *list, size_t count, unsigned n)
{
    static const struct cc_words none = { "", "" };

    return n < count && list[n].en != NULL ? list[n] : none;
}

struct cc_words cc_label_loyalty_words(unsigned n)
{
    static const struct cc_words list[] = { { NULL, NULL },
        { "suspect", "猜疑" }, { "prospect", "期望" },
        { "first-time buyer", "第一次购买" }, { "repeat buyer", "重复购买" },
        { "advocate", "品牌宣传" } };

    return word(list, COUNT(list), n);
}

struct cc_words cc_label_funnel_words(unsigned n)
{
    static const struct cc_words list[] = { { NULL, NULL },
        { "potential", "潜在" }, { "target", "目标" }, { "qualified", "合格" },
        { "closed", "成交" }, { "loyal", "忠诚" } };

    return word(list, COUNT(list), n);
}

struct cc_words cc_label_phase_words(unsigned n)
{
    static const struct cc_words list[] = { { NULL, NULL },
        { "acquire", "获取" }, { "nurture", "培育" }, { "convert", "转化" },
        { "retain", "保持" } };

    return word(list, COUNT(list), n);
}

struct cc_words cc_label_activity_words(unsigned n)
{
    static const struct cc_words list[] = { { "never bought", "未购买" },
        { "active", "活跃" }, { "dormant", "沉睡" }, { "lapsed", "流失" } };

    return word(list, COUNT(list), n);
}

struct cc_words cc_label_class_words(unsigned n)
{
    static const struct cc_words list[] = { { NULL, NULL },
        { "new customer", "新客" }, { "repeat customer", "老客" },
        { "fan", "粉丝" } };

    return word(list, COUNT(list), n);
}
