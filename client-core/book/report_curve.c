/* report_curve.c - the 20/80/30 curve, and how few customers bring most. */
#include "book/report_make.h"

#include <stdlib.h>

static int falling(const void *a, const void *b)
{
    const struct cc_report_sum *x = (const struct cc_report_sum *)a;
    const struct cc_report_sum *y = (const struct cc_report_sum *)b;

    return x->net != y->net ? (x->net < y->net) - (x->net > y->net)
                            : (x->at > y->at) - (x->at < y->at);
}

/* What each customer brought, most first; sets the sum of all. */
static struct cc_report_sum *ranked(struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_ask *ask,
    size_t *count, struct cc_money *all)
{
    struct cc_report_sum *list;

    *all = (struct cc_money){ cc_report_currency(r, f, ask), 0 };
    list = cc_report_sums(r, f, all->currency, false, count);
    if (list != NULL && *count > 1) {
        qsort(list, *count, sizeof(*list), falling);
    }
    for (size_t i = 0; list != NULL && i < *count; i++) {
        all->minor = cc_report_add(all->minor, list[i].net);
    }
    cc_report_say(r, "revenue",
        "By revenue, returns off: profit is unknown while purchases have no "
        "cost",
        "按销售额（已减退货）计算：消费记录没有成本，利润未知");
    if (list != NULL && all->minor <= 0) {
        cc_report_say(r, "nothing", "Nothing was earned in the period",
            "期内没有净销售额");
        *count = 0;
    }
    return list;
}

/* Cumulated share of the sum at a share of the customers; between two of them
 * on the straight line. Percent with one digit. */
static int64_t at_share(const struct cc_report_sum *list, size_t count,
    int64_t all, unsigned percent)
{
    size_t whole = count * percent / 100, rest = count * percent % 100;
    double sum = 0;

    for (size_t i = 0; i < whole; i++) {
        sum += (double)list[i].net;
    }
    if (rest > 0) {
        sum += (double)list[whole].net * (double)rest / 100.0;
    }
    sum = sum * 1000.0 / (double)all;
    return (int64_t)(sum < 0 ? sum - 0.5 : sum + 0.5);
}

/* Where the curve is highest: those behind bring less than nothing. */
static int64_t highest(
    const struct cc_report_sum *list, size_t count, int64_t all)
{
    double sum = 0, most = 0;

    for (size_t i = 0; i < count; i++) {
        sum += (double)list[i].net;
        most = sum > most ? sum : most;
    }
    return (int64_t)(most * 1000.0 / (double)all + 0.5);
}

static void put_figures(struct cc_report *r, const struct cc_report_sum *list,
    size_t count, int64_t all)
{
    static const struct cc_report_column column[] = {
        { "figure", { "FIGURE", "指标" }, CC_REPORT_WORDS, 0, false, 0 },
        { "percent", { "%", "%" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };

    (void)cc_report_begin(
        r, "figures", (struct cc_words){ "20/80/30", "20/80/30" }, column, 2);
    cc_report_put_words(r, "best_20",
        (struct cc_words){
            "The best 20 % of customers bring", "前 20 % 客户贡献" });
    cc_report_put_number(r, at_share(list, count, all, 20));
    cc_report_put_words(r, "highest",
        (struct cc_words){ "The curve is highest at", "曲线最高点" });
    cc_report_put_number(r, highest(list, count, all));
    cc_report_put_words(r, "worst_30",
        (struct cc_words){ "The worst 30 % cost", "后 30 % 客户造成的损失" });
    cc_report_put_number(r, at_share(list, count, all, 70) - 1000);
}

void cc_report_curve(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "customers", { "CUSTOMERS %", "客户 %" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "revenue", { "REVENUE %", "销售额 %" }, CC_REPORT_DECIMAL, 1, true,
            80 * CC_REPORT_PERCENT_ONE },
    };
    struct cc_money all;
    size_t count;
    struct cc_report_sum *list = ranked(r, f, ask, &count, &all);

    if (list == NULL || count == 0) {
        return;
    }
    put_figures(r, list, count, all.minor);
    (void)cc_report_begin(r, "curve",
        (struct cc_words){ "Customers, the best first, and what they bring "
                           "together (the line is at 80 %)",
            "客户由高到低排列的累计贡献（参考线 80 %）" },
        column, 2);
    for (unsigned percent = 10; percent <= 100; percent += 10) {
        cc_report_put_number(r, percent);
        cc_report_put_number(r, at_share(list, count, all.minor, percent));
    }
}

/* ---- concentration -------------------------------------------------------
 */

int64_t cc_report_gini(const int64_t *rising, size_t count)
{
    double sum = 0, weighted = 0, g;

    for (size_t i = 0; i < count; i++) {
        double x = rising[i] < 0 ? 0 : (double)rising[i];

        sum += x;
        weighted += (2.0 * (double)(i + 1) - (double)count - 1.0) * x;
    }
    if (sum <= 0) {
        return 0;
    }
    g = weighted / ((double)count * sum);
    return (int64_t)(g * 1000.0 + 0.5);
}

/* How many of the best bring that share at least. */
static size_t fewest(const struct cc_report_sum *list, size_t count,
    int64_t all, unsigned percent)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += (double)list[i].net;
        if (sum * 100.0 >= (double)all * percent) {
            return i + 1;
        }
    }
    return count;
}

static void put_gini(
    struct cc_report *r, const struct cc_report_sum *list, size_t count)
{
    static const struct cc_report_column column[] = {
        { "figure", { "FIGURE", "指标" }, CC_REPORT_WORDS, 0, false, 0 },
        { "number", { "NUMBER", "数值" }, CC_REPORT_DECIMAL, 3, false, 0 },
    };
    int64_t *rising =
        (int64_t *)sp_arena_take(&r->arena, count + 1u, sizeof(*rising));

    if (rising == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        rising[i] = list[count - 1 - i].net;
    }
    (void)cc_report_begin(r, "gini",
        (struct cc_words){ "How unequal (0 all the same, 1 one brings all)",
            "不均衡程度（0 均等，1 集中于一个客户）" },
        column, 2);
    cc_report_put_words(
        r, "gini", (struct cc_words){ "Gini coefficient", "基尼系数" });
    cc_report_put_number(r, cc_report_gini(rising, count));
}

void cc_report_concentration(struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "revenue", { "REVENUE %", "销售额 %" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "customers", { "CUSTOMERS", "客户数" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "share", { "% OF CUSTOMERS", "占客户 %" }, CC_REPORT_DECIMAL, 1, true,
            0 },
    };
    static const unsigned share[] = { 57, 80, 90 };
    struct cc_money all;
    size_t count, k;
    struct cc_report_sum *list = ranked(r, f, ask, &count, &all);

    if (list == NULL || count == 0) {
        return;
    }
    (void)cc_report_begin(r, "shares",
        (struct cc_words){ "The fewest customers that bring so much",
            "达到该销售额所需的最少客户" },
        column, 3);
    for (size_t i = 0; i < sizeof(share) / sizeof(share[0]); i++) {
        k = fewest(list, count, all.minor, share[i]);
        cc_report_put_number(r, share[i]);
        cc_report_put_number(r, (int64_t)k);
        cc_report_put_percent(r, (int64_t)k, (int64_t)count);
    }
    put_gini(r, list, count);
}
