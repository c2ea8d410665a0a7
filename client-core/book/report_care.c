/* report_care.c - what care rules asked for, and what campaigns brought. */
#include "book/report_make.h"

#include <stdlib.h>
#include <string.h>

#include "book/day.h"

/* ---- rules ---------------------------------------------------------------
 */

static bool same(const struct sp_id *a, const struct sp_id *b)
{
    return sp_id_equal(a, b);
}

static void put_rules(struct cc_report *r, const struct cc_report_facts *f)
{
    static const struct cc_report_column column[] = {
        { "rule", { "RULE", "规则" }, CC_REPORT_TEXT, 0, false, 0 },
        { "due", { "DUE", "应做" }, CC_REPORT_COUNT, 0, false, 0 },
        { "done", { "DONE", "已做" }, CC_REPORT_COUNT, 0, false, 0 },
        { "done_percent", { "DONE %", "完成 %" }, CC_REPORT_DECIMAL, 1, true,
            0 },
        { "late", { "LATE", "逾期" }, CC_REPORT_COUNT, 0, false, 0 },
    };

    (void)cc_report_begin(r, "rules",
        (struct cc_words){ "Tasks of care rules that fell due in the period",
            "期内到期的关怀任务" },
        column, 5);
    for (size_t k = 0; k < f->rules; k++) {
        int64_t due = 0, done = 0, late = 0;

        for (size_t i = 0; i < f->tasks; i++) {
            const struct cc_report_task *t = &f->task[i];

            if (same(&t->rule, &f->rule[k].id) && !t->dropped &&
                t->due >= r->from && t->due <= r->until) {
                due++;
                done += t->done != CC_DAY_NONE;
                late += t->done != CC_DAY_NONE ? t->done > t->due
                                               : f->today > t->due;
            }
        }
        if (due > 0) {
            cc_report_put_text(r, sp_slice_text(f->rule[k].name));
            cc_report_put_number(r, due);
            cc_report_put_number(r, done);
            cc_report_put_percent(r, done, due);
            cc_report_put_number(r, late);
        }
    }
}

/* ---- calls after a purchase ----------------------------------------------
 */

static int by_customer(const void *a, const void *b)
{
    const struct cc_report_contact *x = (const struct cc_report_contact *)a;
    const struct cc_report_contact *y = (const struct cc_report_contact *)b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                          : (x->day > y->day) - (x->day < y->day);
}

/* Whether one of them, in that order, called the customer back in time. */
static bool called(const struct cc_report_contact *list, size_t count,
    const struct cc_report_purchase *p, uint32_t days)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct cc_report_contact *c = &list[middle];

        if (c->at < p->at || (c->at == p->at && c->day < p->day)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < count && list[low].at == p->at &&
           list[low].day - p->day <= (int32_t)days;
         low++) {
        if (list[low].callback) {
            return true;
        }
    }
    return false;
}

/* The rule that asks for a call from the least amount, by currency. */
static bool is_least(const struct cc_report_facts *f, size_t k)
{
    const struct cc_money *one = &f->rule[k].threshold;

    for (size_t i = 0; i < f->rules; i++) {
        const struct cc_money *other = &f->rule[i].threshold;

        if (i != k && f->rule[i].purchase && other->currency == one->currency &&
            (other->minor < one->minor ||
                (other->minor == one->minor && i < k))) {
            return false;
        }
    }
    return f->rule[k].purchase && one->currency != 0;
}

static void put_callbacks(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_contact *contact)
{
    static const struct cc_report_column column[] = {
        { "from", { "ORDERS FROM", "订单金额起" }, CC_REPORT_MONEY, 0, false,
            0 },
        { "orders", { "ORDERS", "订单" }, CC_REPORT_COUNT, 0, false, 0 },
        { "called", { "CALLED IN TIME", "及时回访" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "percent", { "%", "%" }, CC_REPORT_DECIMAL, 1, true, 0 },
    };
    struct cc_report_table *t = cc_report_begin(r, "callbacks",
        (struct cc_words){ "Calls after large orders", "大额消费后的回访" },
        column, 4);

    for (size_t k = 0; k < f->rules; k++) {
        int64_t orders = 0, back = 0;

        for (size_t i = 0; is_least(f, k) && i < f->purchases; i++) {
            const struct cc_report_purchase *p = &f->purchase[i];

            if (p->money.currency == f->rule[k].threshold.currency &&
                p->money.minor >= f->rule[k].threshold.minor &&
                p->money.minor > 0 && p->day >= r->from && p->day <= r->until) {
                orders++;
                back += called(contact, f->contacts, p, f->spans.callback_days);
            }
        }
        if (is_least(f, k)) {
            cc_report_put_money(r, f->rule[k].threshold);
            cc_report_put_number(r, orders);
            cc_report_put_number(r, back);
            cc_report_put_percent(r, back, orders);
        }
    }
    cc_report_say(r, "callback_days",
        "A call is in time up to %d days after the order",
        "订单后 %d 天内的回访计为及时", (int)f->spans.callback_days);
    if (t->cells == 0) {
        cc_report_say(r, "no_rule",
            "No care rule of the kind purchase says from which amount a call "
            "is asked for",
            "没有“消费后回访”规则说明从多少金额起要求回访");
    }
}

/* ---- contacts of each person ---------------------------------------------
 */

static int by_user(const void *a, const void *b)
{
    const struct cc_report_contact *x = (const struct cc_report_contact *)a;
    const struct cc_report_contact *y = (const struct cc_report_contact *)b;

    return (x->user > y->user) - (x->user < y->user);
}

static void put_contacts(struct cc_report *r, const struct cc_report_facts *f,
    struct cc_report_contact *contact)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "员工" }, CC_REPORT_TEXT, 0, false, 0 },
        { "contacts", { "CONTACTS", "联系" }, CC_REPORT_COUNT, 0, true, 0 },
    };
    int64_t n = 0;

    if (f->contacts > 1) {
        qsort(contact, f->contacts, sizeof(*contact), by_user);
    }
    (void)cc_report_begin(r, "people",
        (struct cc_words){ "Contacts with customers", "与客户的联系" }, column,
        2);
    for (size_t i = 0; i < f->contacts; i++) {
        n += contact[i].day >= r->from && contact[i].day <= r->until;
        if (i + 1 == f->contacts || contact[i + 1].user != contact[i].user) {
            if (n > 0) {
                cc_report_put_person(r, f, contact[i].user);
                cc_report_put_number(r, n);
            }
            n = 0;
        }
    }
}

void cc_report_care(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    struct cc_report_contact *contact =
        (struct cc_report_contact *)sp_arena_take(
            &r->arena, f->contacts + 1u, sizeof(*contact));

    (void)ask;
    if (contact == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    if (f->contacts > 0) {
        memcpy(contact, f->contact, f->contacts * sizeof(*contact));
        qsort(contact, f->contacts, sizeof(*contact), by_customer);
    }
    put_rules(r, f);
    put_callbacks(r, f, contact);
    put_contacts(r, f, contact);
}

/* ---- campaigns -----------------------------------------------------------
 */

/* Square root rounded down, so that nothing of the maths library is needed. */
static uint64_t root(uint64_t n)
{
    uint64_t x = 0, bit = (uint64_t)1 << 62;

    while (bit > n) {
        bit >>= 2;
    }
    for (; bit != 0; bit >>= 2) {
        if (n >= x + bit) {
            n -= x + bit;
            x = (x >> 1) + bit;
        } else {
            x >>= 1;
        }
    }
    return x;
}

bool cc_report_uplift(struct cc_report_uplift *u)
{
    double a, b, variance, half;

    if (u->treated == 0 || u->control == 0) {
        return false;
    }
    a = (double)u->treated_responded / (double)u->treated;
    b = (double)u->control_responded / (double)u->control;
    variance =
        a * (1 - a) / (double)u->treated + b * (1 - b) / (double)u->control;
    /* at most 0.5: its root to nine digits */
    half = 1.96 * (double)root((uint64_t)(variance * 1e18)) / 1e9;
    u->uplift = (int32_t)cc_report_ratio(
        (int64_t)((a - b) * 1e12), 1000000000000, 1000);
    u->low = (int32_t)cc_report_ratio(
        (int64_t)((a - b - half) * 1e12), 1000000000000, 1000);
    u->high = (int32_t)cc_report_ratio(
        (int64_t)((a - b + half) * 1e12), 1000000000000, 1000);
    return true;
}

/* Bought within so many days of that one. */
static bool responded(
    const struct cc_report_facts *f, uint32_t at, int32_t from, int32_t days)
{
    const struct cc_report_customer *c = &f->customer[at];

    for (size_t i = c->first; i < c->first + c->bought; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->money.minor > 0 && p->day >= from && p->day - from <= days) {
            return true;
        }
    }
    return false;
}

/* The day from which responses count, for members and control group alike: the
 * day of sending, else the first delivery. */
static int32_t sent_on(
    const struct cc_report_facts *f, const struct cc_report_campaign *c)
{
    int32_t day = c->sent;

    for (size_t i = 0; c->sent == CC_DAY_NONE && i < f->messages; i++) {
        const struct cc_report_message *m = &f->message[i];

        if (same(&m->campaign, &c->id) && m->day != CC_DAY_NONE &&
            (day == CC_DAY_NONE || m->day < day)) {
            day = m->day;
        }
    }
    return day;
}

static void put_campaign(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_campaign *c, int32_t days)
{
    struct cc_report_uplift u = { 0 };
    int32_t from = sent_on(f, c);

    if (from == CC_DAY_NONE || from < r->from || from > r->until) {
        return;
    }
    for (size_t i = 0; i < f->messages; i++) {
        const struct cc_report_message *m = &f->message[i];

        if (!same(&m->campaign, &c->id)) {
            continue;
        }
        if (m->control) {
            u.control++;
            u.control_responded += responded(f, m->at, from, days);
        } else {
            u.treated++;
            u.treated_responded += responded(f, m->at, from, days);
        }
    }
    cc_report_put_text(r, sp_slice_text(c->name));
    cc_report_put_day(r, from);
    cc_report_put_number(r, u.treated);
    cc_report_put_percent(r, u.treated_responded, u.treated);
    cc_report_put_number(r, u.control);
    cc_report_put_percent(r, u.control_responded, u.control);
    if (cc_report_uplift(&u)) {
        cc_report_put_number(r, u.uplift);
        cc_report_put_number(r, u.low);
        cc_report_put_number(r, u.high);
    } else {
        cc_report_put_none(r);
        cc_report_put_none(r);
        cc_report_put_none(r);
    }
}

void cc_report_campaigns(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "campaign", { "CAMPAIGN", "活动" }, CC_REPORT_TEXT, 0, false, 0 },
        { "sent", { "SENT", "发送" }, CC_REPORT_DAY, 0, false, 0 },
        { "delivered", { "GOT IT", "送达" }, CC_REPORT_COUNT, 0, false, 0 },
        { "response", { "%", "响应 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "control", { "CONTROL", "对照" }, CC_REPORT_COUNT, 0, false, 0 },
        { "control_response", { "%", "响应 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
        { "uplift", { "UPLIFT", "提升" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "low", { "FROM", "下限" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "high", { "TO", "上限" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };
    int32_t days = ask->days > 0 ? ask->days : (int32_t)f->spans.response_days;

    (void)cc_report_begin(r, "campaigns",
        (struct cc_words){ "Who bought after it; uplift in points, with its "
                           "95 % interval",
            "活动后有消费的客户；提升为百分点，附 95 % 区间" },
        column, 9);
    for (size_t i = 0; i < f->campaigns; i++) {
        put_campaign(r, f, &f->campaign[i], days);
    }
    cc_report_say(r, "days", "A purchase counts for %d days from the sending",
        "自发送日起 %d 天内的消费计为响应", (int)days);
}
