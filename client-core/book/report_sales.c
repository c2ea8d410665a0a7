/* report_sales.c - what was sold, how that grows, and what of the goals is
 * reached. */
#include "book/report_make.h"

#include <stdlib.h>
#include <string.h>

#include "book/charge.h"
#include "book/day.h"

struct sold {
    struct cc_money_sums gross, returns, net;
    int64_t orders;
};

static void add(struct sold *s, const struct cc_report_purchase *p)
{
    struct cc_money back = { p->money.currency,
        p->money.minor == INT64_MIN ? INT64_MAX : -p->money.minor };

    if (p->money.currency == 0) {
        return;
    }
    s->orders += p->money.minor > 0;
    cc_money_add(&s->net, p->money);
    if (p->money.minor >= 0) {
        cc_money_add(&s->gross, p->money);
        cc_money_add(&s->returns, (struct cc_money){ p->money.currency, 0 });
    } else {
        cc_money_add(&s->returns, back);
        cc_money_add(&s->gross, (struct cc_money){ p->money.currency, 0 });
    }
}

static void put_sum(
    struct cc_report *r, const struct cc_money_sums *of, uint32_t currency)
{
    cc_report_put_money(
        r, (struct cc_money){ currency, cc_money_in(of, currency) });
}

/* Each currency has its own line. */
static void put_period(
    struct cc_report *r, const struct sold *now, const struct sold *before)
{
    static const struct cc_report_column column[] = {
        { "gross", { "SOLD", "销售" }, CC_REPORT_MONEY, 0, false, 0 },
        { "returns", { "RETURNS", "退货" }, CC_REPORT_MONEY, 0, false, 0 },
        { "net", { "NET", "净额" }, CC_REPORT_MONEY, 0, false, 0 },
        { "before", { "BEFORE", "上期" }, CC_REPORT_MONEY, 0, false, 0 },
        { "growth", { "GROWTH %", "增长 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };
    struct cc_money_sums seen = now->net;

    for (size_t i = 0; i < before->net.count; i++) {
        cc_money_add(&seen, (struct cc_money){ before->net.of[i].currency, 0 });
    }
    (void)cc_report_begin(r, "sales",
        (struct cc_words){ "Sales, and those of the time before it that is as "
                           "long",
            "销售额与之前同样长的时期" },
        column, 5);
    for (size_t i = 0; i < seen.count; i++) {
        uint32_t c = seen.of[i].currency;
        int64_t cur = cc_money_in(&now->net, c);
        int64_t prev = cc_money_in(&before->net, c);

        put_sum(r, &now->gross, c);
        put_sum(r, &now->returns, c);
        put_sum(r, &now->net, c);
        put_sum(r, &before->net, c);
        if (prev > 0) {
            cc_report_put_percent(r,
                cc_report_add(cur, prev == INT64_MIN ? INT64_MAX : -prev),
                prev);
        } else {
            cc_report_put_none(r);
        }
    }
}

/* ---- people --------------------------------------------------------------
 */

struct seller {
    uint32_t user;
    size_t i; /* of the purchase */
};

static int by_user(const void *a, const void *b)
{
    const struct seller *x = (const struct seller *)a;
    const struct seller *y = (const struct seller *)b;

    return x->user != y->user ? (x->user > y->user) - (x->user < y->user)
                              : (x->i > y->i) - (x->i < y->i);
}

static void put_seller(struct cc_report *r, const struct cc_report_facts *f,
    uint32_t user, const struct sold *s)
{
    for (size_t i = 0; i < s->net.count; i++) {
        cc_report_put_person(r, f, user);
        cc_report_put_number(r, s->orders);
        put_sum(r, &s->net, s->net.of[i].currency);
    }
}

static void put_people(struct cc_report *r, const struct cc_report_facts *f)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "负责人" }, CC_REPORT_TEXT, 0, false, 0 },
        { "orders", { "ORDERS", "订单" }, CC_REPORT_COUNT, 0, false, 0 },
        { "net", { "NET", "净额" }, CC_REPORT_MONEY, 0, true, 0 },
    };
    struct seller *list = (struct seller *)sp_arena_take(
        &r->arena, f->purchases + 1u, sizeof(*list));
    struct sold one = { .orders = 0 };
    size_t count = 0;

    if (list == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    for (size_t i = 0; i < f->purchases; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->day >= r->from && p->day <= r->until) {
            list[count++] = (struct seller){ f->customer[p->at].charge, i };
        }
    }
    if (count > 1) {
        qsort(list, count, sizeof(*list), by_user);
    }
    (void)cc_report_begin(r, "people",
        (struct cc_words){
            "By who is in charge of the customer", "按客户负责人" },
        column, 3);
    for (size_t i = 0; i < count; i++) {
        add(&one, &f->purchase[list[i].i]);
        if (i + 1 == count || list[i + 1].user != list[i].user) {
            put_seller(r, f, list[i].user, &one);
            one = (struct sold){ .orders = 0 };
        }
    }
}

/* ---- months --------------------------------------------------------------
 */

static void put_months(
    struct cc_report *r, const struct cc_report_facts *f, uint32_t currency)
{
    static const struct cc_report_column column[] = {
        { "month", { "MONTH", "月份" }, CC_REPORT_TEXT, 0, false, 0 },
        { "net", { "NET", "净额" }, CC_REPORT_MONEY, 0, true, 0 },
    };
    struct cc_date d = cc_day_date(r->from);
    char month[CC_DAY_TEXT_BYTES];

    (void)cc_report_begin(
        r, "months", (struct cc_words){ "By month", "按月" }, column, 2);
    for (int32_t from = cc_day_of((struct cc_date){ d.year, d.month, 1 });
         from <= r->until;) {
        int32_t next = from + (int32_t)cc_day_month_length(d.year, d.month);
        int64_t net = 0;

        for (size_t i = 0; i < f->purchases; i++) {
            const struct cc_report_purchase *p = &f->purchase[i];

            if (p->money.currency == currency && p->day >= from &&
                p->day < next && p->day >= r->from && p->day <= r->until) {
                net = cc_report_add(net, p->money.minor);
            }
        }
        cc_day_format(month, from);
        month[7] = '\0';
        cc_report_put_text(r, sp_slice_text(month));
        cc_report_put_money(r, (struct cc_money){ currency, net });
        from = next;
        d = cc_day_date(from);
    }
}

/* ---- goals ---------------------------------------------------------------
 */

static bool of_goal(const struct cc_report_facts *f,
    const struct cc_report_goal *g, uint32_t charge)
{
    const struct sp_roster *unit;

    if (g->rep != 0 || g->unit[0] == '\0') {
        return g->rep == 0 || g->rep == charge;
    }
    unit = charge == 0 || f->book == NULL
               ? NULL
               : sp_rulebook_find_unit_of(f->book, charge);
    return unit != NULL && sp_slice_equal(unit->unit, sp_slice_text(g->unit));
}

static int64_t reached(
    const struct cc_report_facts *f, const struct cc_report_goal *g)
{
    int64_t net = 0;

    for (size_t i = 0; i < f->purchases; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->money.currency == g->amount.currency && p->day >= g->from &&
            p->day <= g->until && of_goal(f, g, f->customer[p->at].charge)) {
            net = cc_report_add(net, p->money.minor);
        }
    }
    return net;
}

static void put_goal(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_goal *g)
{
    int32_t over = g->until < f->today ? g->until : f->today;
    int64_t net = reached(f, g);
    const struct cc_send_days worked = cc_calendar_days(&f->calendar);
    int32_t all_days = cc_calendar_working_days(&worked, g->from, g->until);
    int32_t days = cc_calendar_working_days(&worked, g->from, over);

    if (g->rep != 0) {
        cc_report_put_person(r, f, g->rep);
    } else {
        cc_report_put_text(
            r, sp_slice_text(g->unit[0] == '\0' ? "*" : g->unit));
    }
    cc_report_put_day(r, g->until);
    cc_report_put_money(r, g->amount);
    cc_report_put_money(r, (struct cc_money){ g->amount.currency, net });
    cc_report_put_number(r, days);
    cc_report_put_number(r, all_days);
    if (days == 0) {
        cc_report_put_none(r);
    } else {
        cc_report_put_number(
            r, cc_report_ratio(cc_report_ratio(net, days, all_days),
                   g->amount.minor, 1000));
    }
}

static void put_goals(struct cc_report *r, const struct cc_report_facts *f)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHOSE", "归属" }, CC_REPORT_TEXT, 0, false, 0 },
        { "until", { "UNTIL", "截止" }, CC_REPORT_DAY, 0, false, 0 },
        { "goal", { "GOAL", "目标" }, CC_REPORT_MONEY, 0, false, 0 },
        { "reached", { "REACHED", "完成" }, CC_REPORT_MONEY, 0, false, 0 },
        { "days", { "DAYS", "已过工作日" }, CC_REPORT_COUNT, 0, false, 0 },
        { "of_days", { "OF", "共" }, CC_REPORT_COUNT, 0, false, 0 },
        { "attainment", { "ATTAINED %", "达成 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
    };

    (void)cc_report_begin(r, "goals",
        (struct cc_words){ "Revenue against what was due by now (* all)",
            "销售额与应完成进度（* 为全部）" },
        column, 7);
    for (size_t i = 0; i < f->goals; i++) {
        if (f->goal[i].from <= r->until && f->goal[i].until >= r->from) {
            put_goal(r, f, &f->goal[i]);
        }
    }
}

void cc_report_sales(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    int32_t length = r->until - r->from + 1;
    struct sold now = { .orders = 0 }, before = { .orders = 0 };

    for (size_t i = 0; i < f->purchases; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->day >= r->from && p->day <= r->until) {
            add(&now, p);
        } else if (p->day >= r->from - length && p->day < r->from) {
            add(&before, p);
        }
    }
    put_period(r, &now, &before);
    if (now.net.count > 0) {
        put_months(r, f, cc_report_currency(r, f, ask));
        put_people(r, f);
    }
    if (f->goals > 0) {
        put_goals(r, f);
    }
}
