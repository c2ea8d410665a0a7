#include "book/due.h"

#include "book/lunar.h"

#include "sp/seal.h"

#include <stdio.h>
#include <string.h>

/* One account under all rules; lives for one evaluation. */
struct work {
    const struct cc_rule *rule;
    const struct cc_due_facts *facts;
    int32_t today;
    sp_err (*each)(void *arg, const struct cc_due_item *item);
    void *arg;
};

/* What set a rule off. */
struct cause {
    const struct cc_due_event *event; /* NULL: a date */
    const struct cc_due_birthday *birthday;
    int32_t day;    /* from which delay_days count */
    uint64_t id_ms; /* for the id */
    struct sp_slice key;
    bool known;   /* happened already: a task is made at once */
    bool goes_on; /* does not lapse */
};

const char *cc_due_tier_en(unsigned tier)
{
    static const char *const name[] = { "any tier", "standard", "silver",
        "gold", "diamond", "low-yield" };

    return tier <= CC_TIERS_MAX ? name[tier] : name[0];
}

const char *cc_due_tier_zh(unsigned tier)
{
    static const char *const name[] = { "所有等级", "普通", "白银", "黄金",
        "钻石", "低效" };

    return tier <= CC_TIERS_MAX ? name[tier] : name[0];
}

struct sp_id cc_due_id(const struct sp_id *rule, const struct sp_id *account,
    const char *what, struct sp_slice key, uint64_t ms)
{
    static const char domain[] = "satchel-care";
    uint8_t digest[16];
    struct sp_hasher h;

    sp_hasher_init(&h, sizeof(digest), NULL);
    sp_hasher_add(&h, domain, sizeof(domain));
    sp_hasher_add(&h, rule->b, sizeof(rule->b));
    sp_hasher_add(&h, account->b, sizeof(account->b));
    sp_hasher_add(&h, what, strlen(what) + 1);
    sp_hasher_add(&h, key.data, key.size);
    sp_hasher_end(&h, digest, sizeof(digest));
    return sp_id_make(ms, digest);
}

/* ---- why --------------------------------------------------------------- */

static void say_contact(
    const struct work *w, const struct cc_rule *r, struct cc_due_item *item)
{
    const struct cc_due_facts *f = w->facts;
    bool never = f->last_contact == CC_DAY_NONE;
    int32_t days = w->today - (never ? f->since : f->last_contact);
    int32_t cycle = r->kind == CC_RULE_CYCLE && f->cycle_days > 0
                        ? f->cycle_days
                        : r->cycle_days;

    (void)snprintf(item->why_en, sizeof(item->why_en),
        "%d days %s, %s: every %d", (int)days,
        never ? "known and never contacted" : "since last contact",
        cc_due_tier_en(f->tier), (int)cycle);
    (void)snprintf(item->why_zh, sizeof(item->why_zh), "%s%d天，%s：每%d天一次",
        never ? "建档后从未联系，已" : "距上次联系", (int)days,
        cc_due_tier_zh(f->tier), (int)cycle);
}

static void say_purchase(
    const struct cc_rule *r, const struct cause *c, struct cc_due_item *item)
{
    char amount[CC_MONEY_SHORT_BYTES], line[CC_MONEY_SHORT_BYTES];
    char day[CC_DAY_TEXT_BYTES];

    cc_money_short(amount, c->event->money);
    cc_money_short(line, r->threshold);
    cc_day_format(day, c->event->day);
    (void)snprintf(item->why_en, sizeof(item->why_en),
        "purchase of %s on %s, from %s", amount, day, line);
    (void)snprintf(item->why_zh, sizeof(item->why_zh), "%s消费 %s，达到 %s",
        day, amount, line);
}

/* What was bought in the currency of a rule's line, returns taken off.
 *   newest  day of the newest; CC_DAY_NONE for none */
static struct cc_money spent(
    const struct cc_due_facts *f, const struct cc_rule *r, int32_t *newest)
{
    struct cc_money_sums sums = { .count = 0 };
    uint32_t currency = r->threshold.currency;

    *newest = CC_DAY_NONE;
    for (size_t i = 0; i < f->event_count; i++) {
        const struct cc_due_event *e = &f->event[i];

        if (e->kind == CC_DUE_PURCHASE && e->money.currency == currency) {
            cc_money_add(&sums, e->money);
            *newest = e->day > *newest ? e->day : *newest;
        }
    }
    return (struct cc_money){ currency, cc_money_in(&sums, currency) };
}

static void say_total(
    const struct work *w, const struct cc_rule *r, struct cc_due_item *item)
{
    char total[CC_MONEY_SHORT_BYTES], line[CC_MONEY_SHORT_BYTES];
    int32_t newest;

    cc_money_short(total, spent(w->facts, r, &newest));
    cc_money_short(line, r->threshold);
    (void)snprintf(item->why_en, sizeof(item->why_en),
        "spent %s in all, line %s", total, line);
    (void)snprintf(item->why_zh, sizeof(item->why_zh), "累计消费 %s，达到 %s",
        total, line);
}

/* That of the rule's line, or, where it has none, of what is usual in the
 * territory; NULL: others bought more. */
static const struct cc_due_top *top_of(
    const struct cc_due_facts *f, const struct cc_rule *r)
{
    for (size_t i = 0; i < f->top_count; i++) {
        const struct cc_due_top *t = &f->top[i];

        if (r->threshold.currency == 0
                ? t->usual
                : t->money.currency == r->threshold.currency &&
                      t->money.minor >= r->threshold.minor) {
            return t;
        }
    }
    return NULL;
}

static void say_top(
    const struct work *w, const struct cc_rule *r, struct cc_due_item *item)
{
    const struct cc_due_top *top = top_of(w->facts, r);
    char amount[CC_MONEY_SHORT_BYTES] = "";

    if (top != NULL) {
        cc_money_short(amount, top->money);
    }
    (void)snprintf(item->why_en, sizeof(item->why_en),
        "bought most in the territory last year: %s", amount);
    (void)snprintf(item->why_zh, sizeof(item->why_zh),
        "上一年度本区域消费第一：%s", amount);
}

static void say_birthday(const struct cause *c, struct cc_due_item *item)
{
    const struct cc_due_birthday *b = c->birthday;
    char day[CC_DAY_TEXT_BYTES];

    cc_day_format(day, c->day);
    (void)snprintf(item->why_en, sizeof(item->why_en), "birthday of %s on %s%s",
        b->name, day, b->lunar ? " (lunar calendar)" : "");
    (void)snprintf(item->why_zh, sizeof(item->why_zh), "%s生日：%s%s", b->name,
        day, b->lunar ? "（农历）" : "");
}

static void say_day(const struct cause *c, const char *en, const char *zh,
    struct cc_due_item *item)
{
    char day[CC_DAY_TEXT_BYTES];

    cc_day_format(day, c->day);
    (void)snprintf(item->why_en, sizeof(item->why_en), "%s on %s", en, day);
    (void)snprintf(item->why_zh, sizeof(item->why_zh), "%s：%s", zh, day);
}

static void explain(const struct work *w, const struct cc_rule *r,
    const struct cause *c, struct cc_due_item *item)
{
    switch (r->kind) {
    case CC_RULE_CYCLE:
    case CC_RULE_WINBACK:
        say_contact(w, r, item);
        break;
    case CC_RULE_PURCHASE:
        say_purchase(r, c, item);
        break;
    case CC_RULE_FIRST:
        say_day(c, "first purchase", "首次消费", item);
        break;
    case CC_RULE_SPEND:
        say_total(w, r, item);
        break;
    case CC_RULE_BIRTHDAY:
        say_birthday(c, item);
        break;
    case CC_RULE_REFERRAL:
        (void)snprintf(item->why_en, sizeof(item->why_en), "%s was sent by %s",
            w->facts->name, c->event->other_name);
        (void)snprintf(item->why_zh, sizeof(item->why_zh), "%s由%s介绍",
            w->facts->name, c->event->other_name);
        break;
    case CC_RULE_TOP:
        say_top(w, r, item);
        break;
    case CC_RULE_HOLIDAY:
        say_day(c, "holiday", "节日", item);
        break;
    case CC_RULE_SEASON:
        say_day(c, "season", "换季", item);
        break;
    case CC_RULE_NEWS:
        say_day(c, "bought what changes", "购买过变更产品", item);
        break;
    case CC_RULE_TASK_DONE:
        say_day(c, "task done", "任务完成", item);
        break;
    case CC_RULE_SENT:
        say_day(c, "message sent", "消息已发送", item);
        break;
    case CC_RULE_STATUS:
        say_day(c, "new funnel status", "漏斗状态变更", item);
        break;
    case CC_RULE_STALE:
    case CC_RULE_FEEDBACK:
        break;
    }
}

/* ---- making ------------------------------------------------------------ */

/* Whose the item is, and to whom it goes. */
static void address(const struct work *w, const struct cc_rule *r,
    const struct cause *c, struct cc_due_item *item)
{
    const struct cc_due_facts *f = w->facts;

    item->account = f->account;
    item->name = f->name;
    item->assignee =
        r->by == CC_BY_CLOSEST && f->closest != 0 ? f->closest : f->owner;
    if (r->to == CC_TO_REFERRER && c->event != NULL) {
        item->account = c->event->other;
        item->name = c->event->other_name;
        item->assignee = f->owner;
    }
    if (c->birthday != NULL) {
        item->contact = c->birthday->contact;
        item->name = c->birthday->name;
    }
    if (c->event != NULL) {
        item->about = c->event->id;
    }
}

static bool in_time(const struct work *w, const struct cc_rule *r,
    const struct cause *c, int32_t due, bool message)
{
    int32_t from = due - r->ahead_days;

    if (!c->goes_on && w->today > due + r->lapse_days) {
        return false;
    }
    return w->today >= from || (c->known && !message);
}

static sp_err make_one(const struct work *w, const struct cc_rule *r,
    const struct cause *c, bool message)
{
    struct cc_due_item item;
    int32_t due = c->day + r->delay_days;

    if (!in_time(w, r, c, due, message)) {
        return SP_OK;
    }
    memset(&item, 0, sizeof(item));
    item.rule = r;
    item.message = message;
    item.due = due;
    item.overdue = w->today > due ? w->today - due : 0;
    address(w, r, c, &item);
    item.id = cc_due_id(&r->id, &w->facts->account,
        message ? "message" : "task", c->key, c->id_ms);
    explain(w, r, c, &item);
    return w->each(w->arg, &item);
}

static sp_err make(
    const struct work *w, const struct cc_rule *r, const struct cause *c)
{
    sp_err err = SP_OK;

    if (cc_rule_makes_task(r)) {
        err = make_one(w, r, c, false);
    }
    if (err == SP_OK && cc_rule_makes_message(r)) {
        err = make_one(w, r, c, true);
    }
    return err;
}

/* A cause that is a day; the key is the number given. */
static sp_err make_day(const struct work *w, const struct cc_rule *r,
    int32_t day, int32_t number, bool goes_on)
{
    uint8_t key[4] = { (uint8_t)((uint32_t)number >> 24),
        (uint8_t)((uint32_t)number >> 16), (uint8_t)((uint32_t)number >> 8),
        (uint8_t)number };
    struct cause c = { .day = day,
        .id_ms = cc_day_ms(day, 0, 0),
        .key = SP_SLICE(key),
        .goes_on = goes_on };

    return make(w, r, &c);
}

/* ---- each kind of rule ------------------------------------------------- */

/* The period began at the last contact: until the next one it is one task. */
static sp_err evaluate_contact(const struct work *w, const struct cc_rule *r)
{
    const struct cc_due_facts *f = w->facts;
    int32_t base = f->last_contact == CC_DAY_NONE ? f->since : f->last_contact;
    bool cycle = r->kind == CC_RULE_CYCLE;
    int32_t days = cycle && f->cycle_days > 0 ? f->cycle_days : r->cycle_days;

    return days > 0 ? make_day(w, r, base + days, base, cycle) : SP_OK;
}

static bool is_cause(const struct cc_rule *r, const struct cc_due_event *e)
{
    switch (r->kind) {
    case CC_RULE_PURCHASE:
        return e->kind == CC_DUE_PURCHASE &&
               e->money.minor >= r->threshold.minor &&
               (r->threshold.currency == 0 ||
                   e->money.currency == r->threshold.currency);
    case CC_RULE_REFERRAL:
        return e->kind == CC_DUE_REFERRAL;
    case CC_RULE_STATUS:
        return e->kind == CC_DUE_STATUS;
    case CC_RULE_TASK_DONE:
    case CC_RULE_SENT:
        return e->kind ==
                   (r->kind == CC_RULE_SENT ? CC_DUE_SENT : CC_DUE_TASK_DONE) &&
               (sp_id_is_zero(&r->of) || sp_id_equal(&r->of, &e->of));
    default:
        return false;
    }
}

static sp_err make_event(
    const struct work *w, const struct cc_rule *r, const struct cc_due_event *e)
{
    struct cause c = { .event = e,
        .day = e->day,
        .id_ms = sp_id_time_ms(&e->id),
        .key = SP_SLICE(e->id.b),
        .known = true };

    return make(w, r, &c);
}

static sp_err evaluate_events(const struct work *w, const struct cc_rule *r)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < w->facts->event_count && err == SP_OK; i++) {
        if (is_cause(r, &w->facts->event[i])) {
            err = make_event(w, r, &w->facts->event[i]);
        }
    }
    return err;
}

/* Ties go by id, so that two devices take the same one. */
static sp_err evaluate_first(const struct work *w, const struct cc_rule *r)
{
    const struct cc_due_event *first = NULL;

    for (size_t i = 0; i < w->facts->event_count; i++) {
        const struct cc_due_event *e = &w->facts->event[i];
        if (e->kind == CC_DUE_PURCHASE &&
            (first == NULL || e->day < first->day ||
                (e->day == first->day && sp_id_cmp(&e->id, &first->id) < 0))) {
            first = e;
        }
    }
    return first == NULL ? SP_OK : make_event(w, r, first);
}

/* Once in the life of an account, whatever purchase crossed the line: so the
 * id has no event in it, and the time of the account's making. */
static sp_err evaluate_total(const struct work *w, const struct cc_rule *r)
{
    const struct cc_due_facts *f = w->facts;
    struct cause c = {
        .id_ms = sp_id_time_ms(&f->account), .known = true, .goes_on = true
    };
    struct cc_money all = spent(f, r, &c.day);

    return c.day != CC_DAY_NONE && all.minor >= r->threshold.minor
               ? make(w, r, &c)
               : SP_OK;
}

/* The day in a year; of a lunar one the lunar year that begins in it. */
static bool day_in_year(
    int year, bool lunar, bool leap, unsigned month, unsigned day, int32_t *out)
{
    if (lunar) {
        return cc_lunar_yearly(year, month, day, leap, out);
    }
    *out = cc_day_yearly(year, month, day);
    return true;
}

/* Around New Year the day of last year may not have lapsed, and that of the
 * next may be ahead. */
static sp_err evaluate_birthday(const struct work *w, const struct cc_rule *r,
    const struct cc_due_birthday *b)
{
    int year = cc_day_date(w->today).year;
    sp_err err = SP_OK;

    for (int y = year - 1; y <= year + 1 && err == SP_OK; y++) {
        uint8_t key[18] = { (uint8_t)((unsigned)y >> 8), (uint8_t)y };
        struct cause c = { .birthday = b, .key = SP_SLICE(key) };
        if (!day_in_year(y, b->lunar, b->leap, b->month, b->day, &c.day)) {
            continue;
        }
        memcpy(key + 2, b->contact.b, sizeof(b->contact.b));
        c.id_ms = cc_day_ms(c.day, 0, 0);
        err = make(w, r, &c);
    }
    return err;
}

static sp_err evaluate_birthdays(const struct work *w, const struct cc_rule *r)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < w->facts->birthday_count && err == SP_OK; i++) {
        err = evaluate_birthday(w, r, &w->facts->birthday[i]);
    }
    return err;
}

static bool is_of_days(const struct cc_rule *r)
{
    return r->kind == CC_RULE_HOLIDAY || r->kind == CC_RULE_SEASON ||
           r->kind == CC_RULE_NEWS;
}

/* As of birthdays: last year's, this year's and the next one's; a rule of one
 * date has that alone. */
static size_t days_near(const struct cc_rule *r, int32_t today,
    struct cc_rule_day out[CC_RULE_NEAR_MAX])
{
    int year = cc_day_date(today).year;
    size_t count = 0;

    if (r->on_date != CC_DAY_NONE) {
        out[0] = (struct cc_rule_day){ r->on_date, r->on_date };
        return 1;
    }
    for (int y = year - 1; y <= year + 1; y++) {
        if (day_in_year(
                y, r->lunar, false, r->month, r->day, &out[count].day)) {
            out[count++].number = y;
        }
    }
    return count;
}

static sp_err evaluate_day(const struct work *w, const struct cc_rule *r)
{
    struct cc_rule_day list[CC_RULE_NEAR_MAX];
    const struct cc_rule_day *near = r->prepared ? r->near : list;
    size_t count = r->prepared ? r->near_count : days_near(r, w->today, list);
    sp_err err = SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = make_day(w, r, near[i].day, near[i].number, false);
    }
    return err;
}

void cc_due_prepare(struct cc_rule *rule, size_t count, int32_t today)
{
    const struct work w = { .rule = rule, .today = today };

    for (size_t i = 0; i < count; i++) {
        struct cc_rule *r = &rule[i];
        r->near_count = is_of_days(r) ? days_near(r, today, r->near) : 0;
        r->idle = is_of_days(r);
        for (size_t k = 0; k < r->near_count; k++) {
            const struct cc_rule_day *d = &r->near[k];
            const struct cause c = { .day = d->day };
            r->idle =
                r->idle && !in_time(&w, r, &c, d->day + r->delay_days, false);
        }
        r->prepared = is_of_days(r);
    }
}

static sp_err evaluate_news(const struct work *w, const struct cc_rule *r)
{
    const struct cc_due_facts *f = w->facts;
    bool concerned =
        r->product[0] == '\0' ||
        (f->bought != NULL && f->bought(f->bought_arg, r->product));

    return concerned ? evaluate_day(w, r) : SP_OK;
}

static sp_err evaluate_top(const struct work *w, const struct cc_rule *r)
{
    uint16_t year = w->facts->top_year;

    /* Known when the year is over. */
    return year == 0 || top_of(w->facts, r) == NULL
               ? SP_OK
               : make_day(w, r, cc_day_of((struct cc_date){ year + 1, 1, 1 }),
                     year, false);
}

static sp_err evaluate(const struct work *w, const struct cc_rule *r)
{
    switch (r->kind) {
    case CC_RULE_CYCLE:
    case CC_RULE_WINBACK:
        return evaluate_contact(w, r);
    case CC_RULE_PURCHASE:
    case CC_RULE_REFERRAL:
    case CC_RULE_STATUS:
    case CC_RULE_TASK_DONE:
    case CC_RULE_SENT:
        return evaluate_events(w, r);
    case CC_RULE_FIRST:
        return evaluate_first(w, r);
    case CC_RULE_SPEND:
        return evaluate_total(w, r);
    case CC_RULE_BIRTHDAY:
        return evaluate_birthdays(w, r);
    case CC_RULE_HOLIDAY:
    case CC_RULE_SEASON:
        return evaluate_day(w, r);
    case CC_RULE_NEWS:
        return evaluate_news(w, r);
    case CC_RULE_TOP:
        return evaluate_top(w, r);
    case CC_RULE_STALE:    /* found by the quality scan */
    case CC_RULE_FEEDBACK: /* asks for nothing */
        break;
    }
    return SP_OK;
}

sp_err cc_due_evaluate(const struct cc_rule *rule, size_t count,
    const struct cc_due_facts *facts, int32_t today,
    sp_err (*each)(void *arg, const struct cc_due_item *item), void *arg)
{
    struct work w = { rule, facts, today, each, arg };
    sp_err err = SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        if (!rule[i].idle &&
            cc_rule_counts(rule, count, i, today, facts->tier, facts->status)) {
            err = evaluate(&w, &rule[i]);
        }
    }
    return err;
}
