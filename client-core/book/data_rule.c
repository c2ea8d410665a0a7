#include "book/data_rule.h"

static enum cc_data_rule kind_of(const struct cc_value_of *of)
{
    static const char *const name[] = { NULL, "stale", "incomplete",
        "retention", "tasks", "activity", "fan", "at_risk", "pairs", "callback",
        "response", "check_in" };

    for (size_t i = 1; i < sizeof(name) / sizeof(name[0]); i++) {
        if (cc_value_is(of, "kind", name[i])) {
            return (enum cc_data_rule)i;
        }
    }
    return CC_DATA_NONE;
}

enum cc_data_rule cc_data_rule_of(const struct cc_value_of *of)
{
    return cc_value_deleted(of) || !cc_value_bool(of, "active", true)
               ? CC_DATA_NONE
               : kind_of(of);
}

bool cc_data_rule_take(const struct cc_value_of *of, const char *field,
    enum cc_data_stricter stricter, uint32_t *number)
{
    int64_t n = cc_value_int(of, field, 0);

    if (n <= 0 || n > UINT32_MAX ||
        (*number != 0 &&
            (stricter == CC_DATA_FEWER ? n >= *number : n <= *number))) {
        return false;
    }
    *number = (uint32_t)n;
    return true;
}

void cc_data_spans_take(
    struct cc_data_spans *s, const struct cc_value_of *data_rule)
{
    switch (cc_data_rule_of(data_rule)) {
    case CC_DATA_CALLBACK:
        (void)cc_data_rule_take(
            data_rule, "days", CC_DATA_FEWER, &s->callback_days);
        break;
    case CC_DATA_RESPONSE:
        (void)cc_data_rule_take(
            data_rule, "days", CC_DATA_FEWER, &s->response_days);
        break;
    case CC_DATA_CHECK_IN:
        (void)cc_data_rule_take(
            data_rule, "metres", CC_DATA_FEWER, &s->check_in_metres);
        break;
    default: /* of other things */
        break;
    }
}

void cc_data_spans_fill(struct cc_data_spans *s)
{
    enum { CALLBACK_DAYS = 7, RESPONSE_DAYS = 30, CHECK_IN_METRES = 200 };

    s->callback_days = s->callback_days == 0 ? CALLBACK_DAYS : s->callback_days;
    s->response_days = s->response_days == 0 ? RESPONSE_DAYS : s->response_days;
    s->check_in_metres =
        s->check_in_metres == 0 ? CHECK_IN_METRES : s->check_in_metres;
}

static bool has(const struct cc_value_of *of, const char *field)
{
    return cc_value_int(of, field, 0) > 0;
}

static struct cc_words check_activity(const struct cc_value_of *of)
{
    static const struct cc_words fine = { NULL, NULL };
    static const struct cc_words both = {
        "it needs days (active up to then) and lapse_days (then lapsed)",
        "需要 days（在此之内为活跃）和 lapse_days（超过即流失）"
    };
    static const struct cc_words order = {
        "lapse_days must be more than days: who is dormant has lapsed later",
        "lapse_days 必须大于 days：先沉睡，后流失"
    };

    if (!has(of, "days") || !has(of, "lapse_days")) {
        return both;
    }
    return cc_value_int(of, "lapse_days", 0) > cc_value_int(of, "days", 0)
               ? fine
               : order;
}

bool cc_data_rule_check(const struct cc_value_of *of, struct cc_words *why)
{
    static const struct cc_words fine = { NULL, NULL };
    static const struct cc_words kind = { "it has no kind", "没有类别 kind" };
    static const struct cc_words days = { "it needs days", "需要 days" };
    static const struct cc_words percent = { "it needs percent",
        "需要 percent" };
    static const struct cc_words most = { "it needs most", "需要 most" };
    static const struct cc_words metres = { "it needs metres", "需要 metres" };
    static const struct cc_words fan = {
        "it needs least (so many purchases) and days (within which)",
        "需要 least（消费次数）和 days（统计天数）"
    };
    static const struct cc_words pairs = {
        "it needs days (how new an account is) or most (pairs shown)",
        "需要 days（新客户的天数）或 most（最多显示几对）"
    };
    static const struct cc_words ratio = { "it needs ratio, in percent",
        "需要 ratio（百分比）" };

    *why = kind;
    switch (kind_of(of)) {
    case CC_DATA_STALE:
    case CC_DATA_RETENTION:
    case CC_DATA_CALLBACK:
    case CC_DATA_RESPONSE:
        *why = has(of, "days") ? fine : days;
        break;
    case CC_DATA_INCOMPLETE:
        *why = has(of, "percent") ? fine : percent;
        break;
    case CC_DATA_TASKS:
        *why = has(of, "most") ? fine : most;
        break;
    case CC_DATA_ACTIVITY:
        *why = check_activity(of);
        break;
    case CC_DATA_FAN:
        *why = has(of, "least") && has(of, "days") ? fine : fan;
        break;
    case CC_DATA_AT_RISK:
        *why = has(of, "ratio") ? fine : ratio;
        break;
    case CC_DATA_PAIRS:
        *why = has(of, "days") || has(of, "most") ? fine : pairs;
        break;
    case CC_DATA_CHECK_IN:
        *why = has(of, "metres") ? fine : metres;
        break;
    case CC_DATA_NONE:
        break;
    }
    return why->en == NULL;
}
