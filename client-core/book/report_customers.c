/* report_customers.c - rfm, churn and retention, repurchase, lifetime value. */
#include "book/report_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/label.h"

/* ---- shared --------------------------------------------------------------
 */

static bool is_in(const struct cc_report *r, int32_t day)
{
    return day >= r->from && day <= r->until;
}

uint32_t cc_report_currency(struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_ask *ask)
{
    struct cc_money_sums orders = { .count = 0 }; /* counts, not amounts */
    char code[CC_MONEY_CODE_BYTES];
    int64_t most = 0, others = 0;
    uint32_t best = ask->currency;

    for (size_t i = 0; i < f->purchases; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->money.currency != 0 && p->money.minor > 0 && is_in(r, p->day)) {
            cc_money_add(&orders, (struct cc_money){ p->money.currency, 1 });
        }
    }
    for (size_t i = 0; i < orders.count; i++) {
        if (ask->currency == 0 && orders.of[i].minor > most) {
            most = orders.of[i].minor;
            best = orders.of[i].currency;
        }
    }
    for (size_t i = 0; i < orders.count; i++) {
        others += orders.of[i].currency != best ? orders.of[i].minor : 0;
    }
    if (best != 0 && others > 0) {
        cc_money_code(code, best);
        cc_report_say(r, "other_currencies",
            "Sums are in %s; orders of other currencies, which are not in "
            "them: %lld (--currency chooses)",
            "金额为 %s；其他币种的 %lld 笔订单未计入（--currency 可选择）",
            code, (long long)others);
    }
    return best;
}

static bool counts(const struct cc_report_purchase *p, uint32_t currency,
    bool paid, int32_t until)
{
    return p->money.currency == currency &&
           (!paid || p->money.minor < 0 ||
               (p->paid != CC_DAY_NONE && p->paid <= until));
}

struct cc_report_sum *cc_report_sums(struct cc_report *r,
    const struct cc_report_facts *f, uint32_t currency, bool paid,
    size_t *count)
{
    struct cc_report_sum *list = (struct cc_report_sum *)sp_arena_take(
        &r->arena, f->customers + 1u, sizeof(*list));

    *count = 0;
    if (list == NULL) {
        r->err = r->err == SP_OK ? SP_E_NOMEM : r->err;
        return NULL;
    }
    for (uint32_t at = 0; at < f->customers; at++) {
        const struct cc_report_customer *c = &f->customer[at];
        struct cc_report_sum one = { .at = at };
        bool any = false;

        for (size_t i = c->first; i < c->first + c->bought; i++) {
            const struct cc_report_purchase *p = &f->purchase[i];

            if (is_in(r, p->day) && counts(p, currency, paid, r->until)) {
                one.orders += p->money.minor > 0;
                one.net = cc_report_add(one.net, p->money.minor);
                any = true;
            }
        }
        if (any) {
            list[(*count)++] = one;
        }
    }
    return list;
}

bool cc_report_active(const struct cc_report_facts *f, uint32_t at, int32_t day)
{
    const struct cc_report_customer *c = &f->customer[at];

    for (size_t i = c->first; i < c->first + c->bought; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->money.minor > 0 && p->day <= day &&
            day - p->day <= (int64_t)f->labels.active_days) {
            return true;
        }
    }
    return false;
}

/* ---- rfm -----------------------------------------------------------------
 */

unsigned cc_report_quintile(size_t rank, size_t count)
{
    return 1u + (unsigned)(rank * 5u / count);
}

struct scored {
    uint32_t at; /* rises with the id */
    int64_t value;
    int64_t recent; /* day of the last paid order */
    int64_t orders, net;
    unsigned r, f, m;
};

static int by_value(const void *a, const void *b)
{
    const struct scored *x = (const struct scored *)a;
    const struct scored *y = (const struct scored *)b;

    return x->value != y->value ? (x->value > y->value) - (x->value < y->value)
                                : (x->at > y->at) - (x->at < y->at);
}

/* Scores all by one of their figures: the later, the more often and the more,
 * the higher. */
static void score(struct scored *list, size_t count,
    int64_t (*value)(const struct scored *s),
    unsigned *(*out)(struct scored *s))
{
    for (size_t i = 0; i < count; i++) {
        list[i].value = value(&list[i]);
    }
    if (count > 1) {
        qsort(list, count, sizeof(*list), by_value);
    }
    for (size_t i = 0; i < count; i++) {
        *out(&list[i]) = cc_report_quintile(i, count);
    }
}

static int64_t recency(const struct scored *s)
{
    return s->recent;
}
static unsigned *recency_score(struct scored *s)
{
    return &s->r;
}
static int64_t frequency(const struct scored *s)
{
    return s->orders;
}
static unsigned *frequency_score(struct scored *s)
{
    return &s->f;
}
static int64_t monetary(const struct scored *s)
{
    return s->net;
}
static unsigned *monetary_score(struct scored *s)
{
    return &s->m;
}

/* Paid orders of all time, so that somebody is only left out who never paid
 * one. */
static bool look(const struct cc_report *r, const struct cc_report_facts *f,
    uint32_t at, uint32_t currency, struct scored *out)
{
    const struct cc_report_customer *c = &f->customer[at];

    *out = (struct scored){ .at = at, .recent = CC_DAY_NONE };
    for (size_t i = c->first; i < c->first + c->bought; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->day > r->until || !counts(p, currency, true, r->until)) {
            continue;
        }
        if (p->money.minor > 0) {
            out->recent = p->day;
        }
        if (p->day >= r->from) {
            out->orders += p->money.minor > 0;
            out->net = cc_report_add(out->net, p->money.minor);
        }
    }
    return out->recent != CC_DAY_NONE;
}

static void put_map(
    struct cc_report *r, const struct scored *list, size_t count)
{
    static const struct cc_report_column column[] = {
        { "r", { "R", "R" }, CC_REPORT_COUNT, 0, false, 0 },
        { "f1", { "F 1", "F 1" }, CC_REPORT_COUNT, 0, false, 0 },
        { "f2", { "F 2", "F 2" }, CC_REPORT_COUNT, 0, false, 0 },
        { "f3", { "F 3", "F 3" }, CC_REPORT_COUNT, 0, false, 0 },
        { "f4", { "F 4", "F 4" }, CC_REPORT_COUNT, 0, false, 0 },
        { "f5", { "F 5", "F 5" }, CC_REPORT_COUNT, 0, false, 0 },
    };
    struct cc_report_table *t = cc_report_begin(r, "map",
        (struct cc_words){ "Customers by recency and frequency",
            "按最近消费（R）和频次（F）的客户数" },
        column, 6);
    int64_t cell[5][5] = { { 0 } };

    t->heat = true;
    for (size_t i = 0; i < count; i++) {
        cell[list[i].r - 1][list[i].f - 1]++;
    }
    for (unsigned line = 5; line >= 1; line--) {
        cc_report_put_number(r, line);
        for (unsigned k = 0; k < 5; k++) {
            cc_report_put_number(r, cell[line - 1][k]);
        }
    }
}

static void put_money(struct cc_report *r, const struct scored *list,
    size_t count, uint32_t currency)
{
    static const struct cc_report_column column[] = {
        { "m", { "M", "M" }, CC_REPORT_COUNT, 0, false, 0 },
        { "customers", { "CUSTOMERS", "客户数" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "net", { "NET PAID", "净付款" }, CC_REPORT_MONEY, 0, false, 0 },
        { "share", { "% OF ALL", "占比 %" }, CC_REPORT_DECIMAL, 1, true, 0 },
    };
    struct cc_money_sums all = { .count = 0 }, one;
    int64_t customers;

    (void)cc_report_begin(r, "money",
        (struct cc_words){ "What they paid", "消费金额（M）" }, column, 4);
    for (size_t i = 0; i < count; i++) {
        cc_money_add(&all, (struct cc_money){ currency, list[i].net });
    }
    for (unsigned m = 5; m >= 1; m--) {
        one = (struct cc_money_sums){ .count = 0 };
        customers = 0;
        for (size_t i = 0; i < count; i++) {
            if (list[i].m == m) {
                cc_money_add(&one, (struct cc_money){ currency, list[i].net });
                customers++;
            }
        }
        cc_report_put_number(r, m);
        cc_report_put_number(r, customers);
        cc_report_put_money(
            r, (struct cc_money){ currency, cc_money_in(&one, currency) });
        cc_report_put_percent(
            r, cc_money_in(&one, currency), cc_money_in(&all, currency));
    }
}

/* 100 R + 10 F + M. */
static void put_cells(
    struct cc_report *r, const struct scored *list, size_t count)
{
    static const struct cc_report_column column[] = {
        { "cell", { "RFM", "RFM" }, CC_REPORT_COUNT, 0, false, 0 },
        { "customers", { "CUSTOMERS", "客户数" }, CC_REPORT_COUNT, 0, false,
            0 },
    };
    int64_t cell[556] = { 0 };
    struct cc_report_table *t = cc_report_begin(
        r, "cells", (struct cc_words){ "All cells", "全部单元" }, column, 2);

    t->detail = true;
    for (size_t i = 0; i < count; i++) {
        cell[100 * list[i].r + 10 * list[i].f + list[i].m]++;
    }
    for (int64_t n = 555; n >= 111; n--) {
        if (cell[n] > 0) {
            cc_report_put_number(r, n);
            cc_report_put_number(r, cell[n]);
        }
    }
}

void cc_report_rfm(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    uint32_t currency = cc_report_currency(r, f, ask);
    struct scored *list = (struct scored *)sp_arena_take(
        &r->arena, f->customers + 1u, sizeof(*list));
    size_t count = 0, without = 0;

    if (list == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    for (uint32_t at = 0; at < f->customers; at++) {
        if (!f->customer[at].gone) {
            bool paid = look(r, f, at, currency, &list[count]);

            count += paid;
            without += !paid;
        }
    }
    score(list, count, recency, recency_score);
    score(list, count, frequency, frequency_score);
    score(list, count, monetary, monetary_score);
    put_map(r, list, count);
    put_money(r, list, count, currency);
    put_cells(r, list, count);
    cc_report_say(
        r, "scored", "customers scored: %zu", "参与评分的客户：%zu 个", count);
    cc_report_say(r, "without", "customers left out, without a paid order: %zu",
        "没有已付款订单而未参与评分的客户：%zu 个", without);
}

/* ---- churn ---------------------------------------------------------------
 */

struct cohort {
    int32_t month; /* its first day; CC_DAY_NONE: all */
    int64_t then, still;
};

static int32_t first_month(const struct cc_report_facts *f, uint32_t at)
{
    const struct cc_report_customer *c = &f->customer[at];
    struct cc_date d;

    for (size_t i = c->first; i < c->first + c->bought; i++) {
        if (f->purchase[i].money.minor > 0) {
            d = cc_day_date(f->purchase[i].day);
            return cc_day_of((struct cc_date){ d.year, d.month, 1 });
        }
    }
    return CC_DAY_NONE;
}

static int by_month(const void *a, const void *b)
{
    const struct cohort *x = (const struct cohort *)a;
    const struct cohort *y = (const struct cohort *)b;

    return (x->month > y->month) - (x->month < y->month);
}

static void put_cohort(struct cc_report *r, const struct cohort *c)
{
    char month[CC_DAY_TEXT_BYTES] = "";

    if (c->month != CC_DAY_NONE) {
        cc_day_format(month, c->month);
        month[7] = '\0';
    }
    cc_report_put_text(r, sp_slice_text(month[0] == '\0' ? "*" : month));
    cc_report_put_number(r, c->then);
    cc_report_put_number(r, c->still);
    cc_report_put_percent(r, c->then - c->still, c->then);
    cc_report_put_percent(r, c->still, c->then);
}

/* Who was active at the beginning: one row each, to be added up. */
static struct cohort *starters(
    struct cc_report *r, const struct cc_report_facts *f, size_t *count)
{
    struct cohort *list = (struct cohort *)sp_arena_take(
        &r->arena, f->customers + 1u, sizeof(*list));

    *count = 0;
    for (uint32_t at = 0; list != NULL && at < f->customers; at++) {
        if (cc_report_active(f, at, r->from)) {
            list[(*count)++] = (struct cohort){ first_month(f, at), 1,
                cc_report_active(f, at, r->until) };
        }
    }
    if (list != NULL && *count > 1) {
        qsort(list, *count, sizeof(*list), by_month);
    }
    return list;
}

void cc_report_churn(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "cohort", { "FIRST BOUGHT", "首购月份" }, CC_REPORT_TEXT, 0, false,
            0 },
        { "active_then", { "ACTIVE THEN", "期初活跃" }, CC_REPORT_COUNT, 0,
            false, 0 },
        { "active_still", { "STILL", "期末仍活跃" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "churn", { "CHURN %", "流失率 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "retention", { "RETENTION %", "留存率 %" }, CC_REPORT_DECIMAL, 1,
            true, 0 },
    };
    struct cohort all = { CC_DAY_NONE, 0, 0 };
    size_t count, from = 0;
    struct cohort *list = starters(r, f, &count);

    (void)ask;
    if (list == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    (void)cc_report_begin(r, "cohorts",
        (struct cc_words){ "Who was active on the first day, and still is on "
                           "the last (* all)",
            "首日活跃者，末日是否仍活跃（* 为全部）" },
        column, 5);
    cc_report_say(r, "active_days", "Active is who bought in the last %lu days",
        "最近 %lu 天内消费者为活跃", (unsigned long)f->labels.active_days);
    for (size_t i = 0; i < count; i++) {
        all.then++;
        all.still += list[i].still;
    }
    put_cohort(r, &all);
    for (size_t i = 0; i <= count; i++) {
        if (i == count || list[i].month != list[from].month) {
            struct cohort one = { list[from].month, 0, 0 };

            for (; from < i; from++) {
                one.then++;
                one.still += list[from].still;
            }
            if (one.then > 0) {
                put_cohort(r, &one);
            }
        }
    }
}

/* ---- repurchase ----------------------------------------------------------
 */

struct buyers {
    uint32_t user;
    int64_t once, again;
};

static int by_user(const void *a, const void *b)
{
    const struct buyers *x = (const struct buyers *)a;
    const struct buyers *y = (const struct buyers *)b;

    return (x->user > y->user) - (x->user < y->user);
}

static void put_buyers(struct cc_report *r, const struct cc_report_facts *f,
    const struct buyers *b, bool all)
{
    if (all) {
        cc_report_put_text(r, sp_slice_text("*"));
    } else {
        cc_report_put_person(r, f, b->user);
    }
    cc_report_put_number(r, b->once);
    cc_report_put_number(r, b->again);
    cc_report_put_percent(r, b->again, b->once);
}

/* Paid orders of all currencies: they are counted, not added. */
static int64_t paid_orders(const struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_customer *c)
{
    int64_t n = 0;

    for (size_t i = c->first; i < c->first + c->bought; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        n += p->money.minor > 0 && is_in(r, p->day) && p->paid != CC_DAY_NONE &&
             p->paid <= r->until;
    }
    return n;
}

void cc_report_repurchase(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "负责人" }, CC_REPORT_TEXT, 0, false, 0 },
        { "customers", { "BOUGHT", "有消费" }, CC_REPORT_COUNT, 0, false, 0 },
        { "again", { "AGAIN", "再次消费" }, CC_REPORT_COUNT, 0, false, 0 },
        { "rate", { "RATE %", "复购率 %" }, CC_REPORT_DECIMAL, 1, true,
            50 * CC_REPORT_PERCENT_ONE },
    };
    struct buyers all = { 0, 0, 0 }, *list, one;
    size_t count = 0, from = 0;

    (void)ask;
    list = (struct buyers *)sp_arena_take(
        &r->arena, f->customers + 1u, sizeof(*list));
    if (list == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    for (size_t i = 0; i < f->customers; i++) {
        int64_t n = paid_orders(r, f, &f->customer[i]);

        if (n > 0) {
            list[count++] = (struct buyers){ f->customer[i].charge, 1, n >= 2 };
            all.once++;
            all.again += n >= 2;
        }
    }
    if (count > 1) {
        qsort(list, count, sizeof(*list), by_user);
    }
    (void)cc_report_begin(r, "people",
        (struct cc_words){ "With two paid orders and more (* all; the line is "
                           "at 50 %)",
            "有两笔以上已付款订单（* 为全部；参考线 50 %）" },
        column, 4);
    put_buyers(r, f, &all, true);
    for (size_t i = 1; count > 0 && i <= count; i++) {
        if (i == count || list[i].user != list[from].user) {
            for (one = (struct buyers){ list[from].user, 0, 0 }; from < i;
                 from++) {
                one.once++;
                one.again += list[from].again;
            }
            put_buyers(r, f, &one, false);
        }
    }
}

/* ---- lifetime value ------------------------------------------------------
 */

int64_t cc_report_ltv_simple(
    int64_t order, int64_t orders_year, int64_t margin, int64_t churn)
{
    enum { LEAST = 1 * CC_REPORT_PERCENT_ONE };

    churn = churn < LEAST ? LEAST : churn;
    /* margin and churn have the same digits, orders two. */
    return cc_report_ratio(
        cc_report_ratio(order, 100, orders_year), churn, margin);
}

struct worth {
    uint32_t currency;
    int64_t customers, orders, gross, net;
    int64_t order, year; /* mean order; orders a year, two digits */
    int64_t churn;       /* of a year, percent with one digit; -1: none was
                            active */
};

static void look_at_worth(
    struct cc_report *r, const struct cc_report_facts *f, struct worth *w)
{
    int64_t then = 0, left = 0;
    size_t count;
    struct cc_report_sum *sum =
        cc_report_sums(r, f, w->currency, false, &count);

    for (size_t i = 0; sum != NULL && i < count; i++) {
        w->orders += sum[i].orders;
        w->net = cc_report_add(w->net, sum[i].net);
        w->customers += sum[i].orders > 0;
    }
    for (size_t i = 0; i < f->purchases; i++) {
        const struct cc_report_purchase *p = &f->purchase[i];

        if (p->money.currency == w->currency && p->money.minor > 0 &&
            is_in(r, p->day)) {
            w->gross = cc_report_add(w->gross, p->money.minor);
        }
    }
    for (uint32_t at = 0; at < f->customers; at++) {
        bool was = cc_report_active(f, at, r->until - CC_REPORT_WINDOW_DAYS);

        then += was;
        left += was && !cc_report_active(f, at, r->until);
    }
    w->order = cc_report_ratio(w->gross, w->orders, 1);
    w->year = cc_report_ratio(w->orders * CC_REPORT_WINDOW_DAYS,
        w->customers * ((int64_t)r->until - r->from + 1), 100);
    w->churn = then == 0 ? -1 : cc_report_ratio(left, then, 1000);
}

/* One line: an amount, or a number with two digits. */
static void put_figure(struct cc_report *r, const char *name,
    struct cc_words words, const struct cc_money *amount, const int64_t *number)
{
    cc_report_put_words(r, name, words);
    if (amount != NULL) {
        cc_report_put_money(r, *amount);
    } else {
        cc_report_put_none(r);
    }
    if (number != NULL) {
        cc_report_put_number(r, *number);
    } else {
        cc_report_put_none(r);
    }
}

static void put_worth(
    struct cc_report *r, const struct worth *w, int32_t margin)
{
    struct cc_money net = { w->currency, w->net };
    struct cc_money each = { w->currency,
        cc_report_ratio(w->net, w->customers, 1) };
    struct cc_money order = { w->currency, w->order };
    struct cc_money forecast = { w->currency,
        cc_report_ltv_simple(w->order, w->year, margin, w->churn) };
    int64_t churn = w->churn * 10;

    put_figure(r, "spent",
        (struct cc_words){
            "Spent in the period, returns off", "期内消费（已减退货）" },
        &net, NULL);
    put_figure(r, "spent_each",
        (struct cc_words){ "Mean of a customer", "平均每客户" }, &each, NULL);
    put_figure(r, "order", (struct cc_words){ "Mean order", "平均订单" },
        &order, NULL);
    put_figure(r, "orders_year",
        (struct cc_words){ "Orders of a customer a year", "每客户每年订单数" },
        NULL, &w->year);
    put_figure(r, "churn_year",
        (struct cc_words){ "Yearly churn %", "年流失率 %" }, NULL,
        w->churn < 0 ? NULL : &churn);
    put_figure(r, "forecast",
        (struct cc_words){ "Simple forecast of a customer", "单客户简单预测" },
        margin == 0 || w->churn < 0 ? NULL : &forecast, NULL);
}

void cc_report_ltv(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "figure", { "FIGURE", "指标" }, CC_REPORT_WORDS, 0, false, 0 },
        { "amount", { "AMOUNT", "金额" }, CC_REPORT_MONEY, 0, false, 0 },
        { "number", { "NUMBER", "数值" }, CC_REPORT_DECIMAL, 2, false, 0 },
    };
    struct worth w = { .currency = cc_report_currency(r, f, ask) };

    look_at_worth(r, f, &w);
    (void)cc_report_begin(r, "value",
        (struct cc_words){ "What customers are worth", "客户价值" }, column, 3);
    put_worth(r, &w, ask->margin);
    cc_report_say(r, "margin",
        "Gross margin is unknown while purchases have no cost: this is what "
        "was spent; a forecast needs --margin",
        "消费记录没有成本，毛利未知：此处为消费额；预测需要 --margin");
}
