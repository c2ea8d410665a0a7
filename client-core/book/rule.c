#include "book/rule.h"

#include <stdio.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------- */

static const char *text_of(
    const struct cc_value_of *of, const char *field, struct sp_arena *a)
{
    return cc_value_string(a, cc_value_text(of, field));
}

static void read_numbers(const struct cc_value_of *of, struct cc_rule *r)
{
    r->kind = (enum cc_rule_kind)cc_value_int(of, "kind", 0);
    r->action = (enum cc_rule_action)cc_value_int(of, "action", CC_ACTION_NONE);
    r->to = (enum cc_rule_to)cc_value_int(of, "to", CC_TO_CUSTOMER);
    r->by = (enum cc_rule_by)cc_value_int(of, "by", CC_BY_OWNER);
    r->tier = (unsigned)cc_value_int(of, "tier", 0);
    r->status = (unsigned)cc_value_int(of, "funnel", 0);
    r->threshold = cc_money_of(of, "threshold");
    r->delay_days = (int32_t)cc_value_int(of, "delay_days", 0);
    r->cycle_days = (int32_t)cc_value_int(of, "cycle_days", 0);
    r->ahead_days = (int32_t)cc_value_int(of, "ahead_days", 0);
    r->lapse_days = (int32_t)cc_value_int(of, "lapse_days", CC_RULE_LAPSE_DAYS);
    r->on_date = (int32_t)cc_value_int(of, "on_date", CC_DAY_NONE);
    r->lunar = cc_value_part(of, "yearly", "calendar", 1) == 2;
    r->month = (unsigned)cc_value_part(of, "yearly", "month", 0);
    r->day = (unsigned)cc_value_part(of, "yearly", "day", 0);
    r->from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE);
    r->until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE);
    r->priority = (unsigned)cc_value_int(of, "priority", 3);
    r->active = cc_value_bool(of, "active", true) && r->kind != 0 &&
                !cc_value_deleted(of);
}

sp_err cc_rule_read(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_rule *out)
{
    struct cc_rule r;

    memset(&r, 0, sizeof(r));
    r.id = of->record->ref.id;
    r.name = text_of(of, "name", a);
    r.policy = text_of(of, "policy", a);
    r.title = text_of(of, "title", a);
    r.script = text_of(of, "script", a);
    r.product = text_of(of, "product", a);
    if (r.name == NULL || r.policy == NULL || r.title == NULL ||
        r.script == NULL || r.product == NULL) {
        return SP_E_NOMEM;
    }
    (void)cc_value_ref(of, "template", &r.template);
    (void)cc_value_ref(of, "of", &r.of);
    read_numbers(of, &r);
    *out = r;
    return SP_OK;
}

sp_err cc_rule_read_playbook(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_rule *out)
{
    sp_err err = cc_rule_read(of, a, out);

    if (err != SP_OK) {
        return err;
    }
    out->playbook = true;
    out->kind = CC_RULE_CYCLE;
    out->policy = CC_RULE_CYCLE_POLICY;
    out->title = out->title[0] == '\0' ? out->name : out->title;
    out->script = text_of(of, "text", a);
    out->active = cc_value_bool(of, "active", true) && !cc_value_deleted(of) &&
                  out->status != 0 && out->cycle_days > 0 &&
                  cc_rule_makes_task(out);
    return out->script == NULL ? SP_E_NOMEM : SP_OK;
}

/* ---- sense ------------------------------------------------------------- */

bool cc_rule_makes_task(const struct cc_rule *r)
{
    return r->action == CC_ACTION_CALL || r->action == CC_ACTION_VISIT ||
           r->action == CC_ACTION_CALL_AND_MESSAGE;
}

bool cc_rule_makes_message(const struct cc_rule *r)
{
    return r->action == CC_ACTION_MESSAGE ||
           r->action == CC_ACTION_CALL_AND_MESSAGE;
}

static bool has_day(const struct cc_rule *r)
{
    return r->on_date != CC_DAY_NONE ||
           (r->month >= 1 && r->month <= 12 && r->day >= 1 &&
               r->day <= (r->lunar ? 30 : cc_day_month_length(2000, r->month)));
}

static const struct cc_words fine = { NULL, NULL };

static struct cc_words check_kind(const struct cc_rule *r)
{
    static const struct cc_words cycle = { "it needs cycle_days",
        "需要 cycle_days" };
    static const struct cc_words threshold = { "it needs a threshold",
        "需要 threshold" };
    static const struct cc_words day = { "it needs a day: on_date or yearly",
        "需要日期：on_date 或 yearly" };
    static const struct cc_words funnel = { "it needs a funnel status",
        "需要漏斗状态 funnel" };
    static const struct cc_words kind = { "it has no kind", "没有类别 kind" };

    switch (r->kind) {
    case CC_RULE_CYCLE:
    case CC_RULE_WINBACK:
        return r->cycle_days > 0 ? fine : cycle;
    case CC_RULE_SPEND:
        return r->threshold.minor > 0 ? fine : threshold;
    case CC_RULE_HOLIDAY:
    case CC_RULE_SEASON:
    case CC_RULE_NEWS:
        return has_day(r) ? fine : day;
    case CC_RULE_STATUS:
        return r->status != 0 ? fine : funnel;
    case CC_RULE_PURCHASE:
    case CC_RULE_REFERRAL:
    case CC_RULE_TOP:
    case CC_RULE_BIRTHDAY:
    case CC_RULE_STALE:
    case CC_RULE_FIRST:
    case CC_RULE_TASK_DONE:
    case CC_RULE_SENT:
    case CC_RULE_FEEDBACK:
        return fine;
    }
    return kind;
}

static struct cc_words check_action(const struct cc_rule *r)
{
    static const struct cc_words title = { "its task needs a title",
        "任务需要标题 title" };
    static const struct cc_words template = { "its message needs a template",
        "消息需要模板 template" };
    static const struct cc_words referrer = { "only a referral has a referrer",
        "只有转介绍才有介绍人" };

    if (cc_rule_makes_task(r) && r->title[0] == '\0') {
        return title;
    }
    if (cc_rule_makes_message(r) && sp_id_is_zero(&r->template)) {
        return template;
    }
    return r->to == CC_TO_REFERRER && r->kind != CC_RULE_REFERRAL ? referrer
                                                                  : fine;
}

bool cc_rule_check(const struct cc_rule *r, struct cc_words *why)
{
    static const struct cc_words name = { "it has no name", "没有名称 name" };
    struct cc_words wrong = r->name[0] == '\0' ? name : check_kind(r);

    if (wrong.en == NULL) {
        wrong = check_action(r);
    }
    *why = wrong;
    return wrong.en == NULL;
}

/* ---- for whom ---------------------------------------------------------- */

bool cc_rule_fits(
    const struct cc_rule *r, int32_t today, unsigned tier, unsigned status)
{
    return r->active && (r->tier == 0 || r->tier == tier) &&
           (r->status == 0 || r->status == status) &&
           (r->from == CC_DAY_NONE || today >= r->from) &&
           (r->until == CC_DAY_NONE || today <= r->until);
}

static unsigned closeness(const struct cc_rule *r)
{
    return (r->status != 0 ? 2u : 0u) + (r->tier != 0 ? 1u : 0u);
}

bool cc_rule_counts(const struct cc_rule *rule, size_t count, size_t index,
    int32_t today, unsigned tier, unsigned status)
{
    const struct cc_rule *own = &rule[index];

    if (!cc_rule_fits(own, today, tier, status)) {
        return false;
    }
    for (size_t i = 0; i < count && own->policy[0] != '\0'; i++) {
        const struct cc_rule *r = &rule[i];
        if (i == index || r->policy[0] != own->policy[0] ||
            strcmp(r->policy, own->policy) != 0 ||
            !cc_rule_fits(r, today, tier, status)) {
            continue; /* asked of each rule for each customer */
        }
        if (closeness(r) > closeness(own) ||
            (closeness(r) == closeness(own) &&
                sp_id_cmp(&r->id, &own->id) < 0)) {
            return false;
        }
    }
    return true;
}

/* ---- loops ------------------------------------------------------------- */

static bool sets_off(const struct cc_rule *from, const struct cc_rule *to)
{
    bool made = (to->kind == CC_RULE_TASK_DONE && cc_rule_makes_task(from)) ||
                (to->kind == CC_RULE_SENT && cc_rule_makes_message(from));

    return made && (sp_id_is_zero(&to->of) || sp_id_equal(&to->of, &from->id));
}

/* Breadth first from one rule; at all times parent[] leads back to it. */
struct search {
    const struct cc_rule *rule;
    size_t count, start;
    size_t queue[CC_RULES_MAX], parent[CC_RULES_MAX];
    bool seen[CC_RULES_MAX];
};

static size_t tell(char *chain, size_t used, const char *name)
{
    int n = used + 1 >= CC_RULE_CHAIN_BYTES
                ? 0
                : snprintf(chain + used, CC_RULE_CHAIN_BYTES - used, "%s%.60s",
                      used == 0 ? "" : " -> ", name);

    return used + (n < 0 ? 0 : (size_t)n);
}

/* The way from the start to last, and back to the start. */
static void tell_chain(const struct search *s, size_t last, char *chain)
{
    size_t way[CC_RULES_MAX], n = 0, used = 0;

    for (size_t at = last; at != s->start; at = s->parent[at]) {
        way[n++] = at;
    }
    used = tell(chain, used, s->rule[s->start].name);
    while (n > 0) {
        used = tell(chain, used, s->rule[way[--n]].name);
    }
    (void)tell(chain, used, s->rule[s->start].name);
}

static bool comes_back(struct search *s, char *chain)
{
    size_t head = 0, tail = 0;

    memset(s->seen, 0, sizeof(s->seen));
    s->queue[tail++] = s->start;
    s->seen[s->start] = true;
    while (head < tail) {
        size_t at = s->queue[head++];
        if (sets_off(&s->rule[at], &s->rule[s->start])) {
            tell_chain(s, at, chain);
            return true;
        }
        for (size_t i = 0; i < s->count; i++) {
            if (!s->seen[i] && sets_off(&s->rule[at], &s->rule[i])) {
                s->seen[i] = true;
                s->parent[i] = at;
                s->queue[tail++] = i;
            }
        }
    }
    return false;
}

bool cc_rule_loops(
    const struct cc_rule *rule, size_t count, char *chain, size_t *index)
{
    struct search s = { .rule = rule, .count = count };

    SP_ASSERT(count <= CC_RULES_MAX);
    for (s.start = 0; s.start < count; s.start++) {
        if (comes_back(&s, chain)) {
            if (index != NULL) {
                *index = s.start;
            }
            return true;
        }
    }
    return false;
}
