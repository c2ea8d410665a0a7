/* report_list.c - the reports by name. */
#include "book/report_make.h"

#include <string.h>

#include "book/day.h"

#define BOUGHT "purchase.account purchase.date purchase.amount"
#define PAID   BOUGHT " purchase.paid"

// clang-format off
static const struct cc_report_kind_of reports[] = {
    { "sales", { "sales: net, growth, goals", "销售：净额、增长、目标达成" },
        CC_REPORT_PURCHASES | CC_REPORT_GOALS, cc_report_sales, NULL, 0,
        BOUGHT " target.amount" },
    { "rfm", { "recency, frequency and money, 5 by 5",
               "最近消费、频次、金额（RFM 5×5）" },
        CC_REPORT_PURCHASES, cc_report_rfm, NULL, CC_REPORT_WINDOW_DAYS, PAID },
    { "churn", { "who stays and who leaves, by month of the first purchase",
                 "流失与留存，按首购月份" },
        CC_REPORT_PURCHASES, cc_report_churn, NULL, 91, BOUGHT },
    { "repurchase", { "who bought again, against 50 %", "复购率（参考线 50 %）" },
        CC_REPORT_PURCHASES, cc_report_repurchase, NULL, CC_REPORT_WINDOW_DAYS,
        PAID },
    { "ltv", { "what customers are worth", "客户生命周期价值" },
        CC_REPORT_PURCHASES, cc_report_ltv, NULL, CC_REPORT_WINDOW_DAYS,
        BOUGHT },
    { "curve", { "the 20/80/30 curve", "20/80/30 曲线" },
        CC_REPORT_PURCHASES, cc_report_curve, NULL, CC_REPORT_WINDOW_DAYS,
        BOUGHT },
    { "concentration", { "how few customers bring most", "客户集中度" },
        CC_REPORT_PURCHASES, cc_report_concentration, NULL,
        CC_REPORT_WINDOW_DAYS, BOUGHT },
    { "visits", { "visits against plan and cycle", "拜访：计划执行、周期覆盖、核实" },
        CC_REPORT_VISITS | CC_REPORT_STOPS, cc_report_visits, NULL, 0,
        "account.visit_cycle_days visit.account visit.rep "
        "visit.checkin visit.checkout visit.outcome visit.verify "
        "planned_visit.account planned_visit.rep planned_visit.date" },
    { "funnel", { "who goes on from status to status", "漏斗转化" },
        CC_REPORT_MOVES, cc_report_funnel, NULL, CC_REPORT_WINDOW_DAYS,
        "stage_log.account stage_log.at stage_log.to" },
    { "care", { "what care rules asked for, and what was done",
                "关怀任务与大额消费回访" },
        CC_REPORT_TASKS | CC_REPORT_PURCHASES | CC_REPORT_CONTACTS,
        cc_report_care, NULL, 0,
        BOUGHT " task.due task.status activity.account activity.at "
        "activity.author activity.channel" },
    { "campaigns", { "what campaigns brought", "活动响应与提升" },
        CC_REPORT_CAMPAIGNS | CC_REPORT_PURCHASES, cc_report_campaigns, NULL,
        CC_REPORT_WINDOW_DAYS,
        BOUGHT " message.account message.campaign message.state" },
    { "market", { "share of the shelf", "货架占有率" },
        CC_REPORT_SIGHTINGS, cc_report_market, NULL, CC_REPORT_WINDOW_DAYS,
        "store_check.account store_check.at store_check.product "
        "store_check.facings store_check.competitor" },
    { "rivals", { "what rivals sell, and for how much", "竞品与价格" },
        CC_REPORT_SIGHTINGS, cc_report_rivals, NULL, CC_REPORT_WINDOW_DAYS,
        "store_check.account store_check.at store_check.product "
        "store_check.price store_check.competitor" },
    { "completeness", { "how complete contacts' files are", "档案完整度与抽查" },
        0, NULL, cc_report_completeness, 1,
        "contact.account contact.author contact.name" },
    { "quality", { "duplicates, invalid phones, stale customers",
                   "资料质量：重复、无效、久未核实" },
        0, NULL, cc_report_quality, 1,
        "account.phone_main contact.account contact.phones" },
};
// clang-format on

#define REPORTS (sizeof(reports) / sizeof(reports[0]))

const struct cc_report_kind_of *cc_report_at(size_t i)
{
    return i < REPORTS ? &reports[i] : NULL;
}

const struct cc_report_kind_of *cc_report_named(const char *name)
{
    for (size_t i = 0; i < REPORTS; i++) {
        if (strcmp(reports[i].name, name) == 0) {
            return &reports[i];
        }
    }
    return NULL;
}

static int32_t usual_from(const struct cc_report_kind_of *kind, int32_t until)
{
    struct cc_date d = cc_day_date(until);

    return kind->days > 0 ? until - kind->days + 1
                          : cc_day_of((struct cc_date){ d.year, d.month, 1 });
}

sp_err cc_report_make(const struct cc_report_kind_of *kind,
    const struct cc_quality_source *source, const struct cc_report_ask *ask,
    struct cc_report *out)
{
    int32_t until = ask->until == CC_DAY_NONE ? source->today : ask->until;
    int32_t from =
        ask->from == CC_DAY_NONE ? usual_from(kind, until) : ask->from;
    struct cc_report_facts f;
    sp_err err;

    cc_report_init(out, from, until);
    if (until < from || until - from >= CC_REPORT_PERIOD_MAX) {
        return SP_E_ARGUMENT;
    }
    if (kind->look != NULL) {
        err = kind->look(out, source);
        return err == SP_OK ? out->err : err;
    }
    err = cc_report_facts_load(&f, source, kind->parts);
    for (size_t i = 0; i < f.customers; i++) {
        out->customers += !f.customer[i].gone;
    }
    if (err == SP_OK) {
        kind->make(out, &f, ask);
        err = out->err;
    }
    cc_report_facts_free(&f);
    return err;
}
