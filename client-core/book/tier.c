#include "book/tier.h"

#include "book/day.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void cc_tier_read(const struct cc_value_of *of, struct cc_tier_rule *out)
{
    *out = (struct cc_tier_rule){
        .id = of->record->ref.id,
        .tier = (unsigned)cc_value_int(of, "tier", 0),
        .version = (uint32_t)cc_value_int(of, "version", 1),
        .min_spend = cc_value_money(of, "min_spend", 0),
        .currency = cc_money_of(of, "min_spend").currency,
        .min_count = (uint32_t)cc_value_int(of, "min_count", 0),
        .max_visits = (uint32_t)cc_value_int(of, "max_visits", UINT32_MAX),
        .window_days =
            (int32_t)cc_value_int(of, "window_days", CC_TIER_WINDOW_DAYS),
        .cycle_days = (int32_t)cc_value_int(of, "cycle_days", 0),
        .active = cc_value_bool(of, "active", false) && !cc_value_deleted(of),
        .phone_only = cc_value_bool(of, "phone_only", false),
    };
}

static void amount(
    char out[CC_MONEY_SHORT_BYTES], const struct cc_tier_rule *r, int64_t minor)
{
    cc_money_short(out, (struct cc_money){ r->currency, minor });
}

static bool earns(const struct cc_tier_rule *r, const struct cc_label_sum *sum)
{
    return (r->min_spend > 0 || r->min_count > 0) &&
           sum->amount >= r->min_spend && sum->purchases >= r->min_count;
}

static bool wastes(const struct cc_tier_rule *r, const struct cc_label_sum *sum,
    uint32_t visits)
{
    return visits > r->max_visits && sum->amount < r->min_spend;
}

/* Whether b says more than a: a higher tier, a newer version, a lower id. */
static bool stands_over(
    const struct cc_tier_rule *a, const struct cc_tier_rule *b)
{
    if (a == NULL || a->tier != b->tier) {
        return a == NULL || b->tier > a->tier;
    }
    return b->version != a->version ? b->version > a->version
                                    : sp_id_cmp(&b->id, &a->id) < 0;
}

/* Of the rules of one tier only the newest version is in force. */
static bool in_force(
    const struct cc_tier_rule *rule, size_t count, const struct cc_tier_rule *r)
{
    for (size_t i = 0; i < count; i++) {
        if (rule[i].active && rule[i].tier == r->tier && &rule[i] != r &&
            stands_over(r, &rule[i])) {
            return false;
        }
    }
    return r->active;
}

static void say_earned(struct cc_tier_said *out, const struct cc_label_sum *sum)
{
    const struct cc_tier_rule *r = out->rule;
    char spent[CC_MONEY_SHORT_BYTES], asked[CC_MONEY_SHORT_BYTES];

    amount(spent, r, sum->amount);
    amount(asked, r, r->min_spend);
    if (r->min_spend == 0) {
        (void)snprintf(out->why_en, sizeof(out->why_en),
            "%zu purchases ≥ %" PRIu32 " in %" PRId32 " days (rule %" PRIu32
            ")",
            sum->purchases, r->min_count, r->window_days, r->version);
        (void)snprintf(out->why_zh, sizeof(out->why_zh),
            "%" PRId32 " 天内 %zu 次 ≥ %" PRIu32 " 次（规则 %" PRIu32 "）",
            r->window_days, sum->purchases, r->min_count, r->version);
        return;
    }
    (void)snprintf(out->why_en, sizeof(out->why_en),
        "spend %s ≥ %s in %" PRId32 " days (rule %" PRIu32 ")", spent, asked,
        r->window_days, r->version);
    (void)snprintf(out->why_zh, sizeof(out->why_zh),
        "%" PRId32 " 天内消费 %s ≥ %s（规则 %" PRIu32 "）", r->window_days,
        spent, asked, r->version);
}

static void say_wasted(
    struct cc_tier_said *out, const struct cc_label_sum *sum, uint32_t visits)
{
    const struct cc_tier_rule *r = out->rule;
    char spent[CC_MONEY_SHORT_BYTES], asked[CC_MONEY_SHORT_BYTES];

    amount(spent, r, sum->amount);
    amount(asked, r, r->min_spend);
    (void)snprintf(out->why_en, sizeof(out->why_en),
        "%" PRIu32 " visits > %" PRIu32 " for %s < %s in %" PRId32
        " days (rule %" PRIu32 ")",
        visits, r->max_visits, spent, asked, r->window_days, r->version);
    (void)snprintf(out->why_zh, sizeof(out->why_zh),
        "%" PRId32 " 天内拜访 %" PRIu32 " 次 > %" PRIu32
        " 次，消费 %s < %s（规则 %" PRIu32 "）",
        r->window_days, visits, r->max_visits, spent, asked, r->version);
}

static uint32_t visits_of(
    const struct cc_tier_facts *f, const struct cc_tier_rule *r, int32_t today)
{
    return f->visits == NULL
               ? 0
               : f->visits(f->arg, today - r->window_days + 1, today);
}

void cc_tier_say(const struct cc_tier_rule *rule, size_t count,
    const struct cc_tier_facts *facts, int32_t today, struct cc_tier_said *out)
{
    const struct cc_tier_rule *low = NULL;
    struct cc_label_sum sum;

    *out = (struct cc_tier_said){ .tier = CC_TIER_STANDARD,
        .why_en = "no rule asks for more",
        .why_zh = "未达到更高等级的条件" };
    for (size_t i = 0; i < count; i++) {
        const struct cc_tier_rule *r = &rule[i];

        if (!in_force(rule, count, r)) {
            continue;
        }
        sum = cc_label_sum(facts->bought, today, r->window_days, r->currency);
        if (r->tier == CC_TIER_LOW_YIELD) {
            low = wastes(r, &sum, visits_of(facts, r, today)) ? r : low;
        } else if (r->tier > CC_TIER_STANDARD && r->tier < CC_TIER_LOW_YIELD &&
                   earns(r, &sum) && stands_over(out->rule, r)) {
            out->rule = r;
        }
    }
    if (out->rule != NULL) {
        out->tier = out->rule->tier;
        sum = cc_label_sum(
            facts->bought, today, out->rule->window_days, out->rule->currency);
        say_earned(out, &sum);
    } else if (low != NULL) {
        out->rule = low;
        out->tier = CC_TIER_LOW_YIELD;
        sum =
            cc_label_sum(facts->bought, today, low->window_days, low->currency);
        say_wasted(out, &sum, visits_of(facts, low, today));
    }
}

struct cc_words cc_tier_words(unsigned tier)
{
    static const struct cc_words list[] = { { "", "" }, { "standard", "普通" },
        { "silver", "白银" }, { "gold", "黄金" }, { "diamond", "钻石" },
        { "low yield", "低效" } };

    return list[tier <= CC_TIER_LOW_YIELD ? tier : 0];
}
