/*
 * report_make.h - the reports by name, and what makes each of the facts.
 *
 * A period has both ends in. Sums are of one currency: the one that is asked
 * for, else the one in which most was bought in the period; what is of others
 * is counted and said, never added. An order is a purchase above 0, a return
 * one below; what is paid has a day in "paid".
 *
 *   source   journeys, C4
 *   threads  one at a time
 */
#ifndef CC_BOOK_REPORT_MAKE_H
#define CC_BOOK_REPORT_MAKE_H

#include "book/report_facts.h"

#define CC_REPORT_WINDOW_DAYS 365
#define CC_REPORT_LIST_MAX    20u /* rows of a list of customers */

/* Days not given are CC_DAY_NONE: the report has its own. */
struct cc_report_ask {
    int32_t from, until;
    uint32_t currency; /* 0: the commonest */
    int32_t margin;    /* percent with one digit, for ltv; 0: not known */
    int32_t days;      /* of a campaign's response; 0: as the catalogue says */
};

typedef void cc_report_maker(struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_ask *ask);

/* One report. */
struct cc_report_kind_of {
    const char *name;
    struct cc_words title;
    unsigned parts;        /* of the facts, see report_facts.h */
    cc_report_maker *make; /* NULL: look, from the records themselves */
    sp_err (*look)(struct cc_report *r, const struct cc_quality_source *source);
    int32_t days; /* its period up to today; 0: this month */
    /* "entity.field ..." without which its figures would be wrong: who may not
     * read them of a record, to him the record is not there. */
    const char *needs;
};
/* The i-th; NULL behind the last. Static. */
const struct cc_report_kind_of *cc_report_at(size_t i);
/* NULL: no report is called so. */
const struct cc_report_kind_of *cc_report_named(const char *name);

/*
 * Makes one of what a source has.
 *   out      initialised here; cc_report_free in any case
 *   errors   SP_E_ARGUMENT (the period ends before it begins, or is longer
 *            than CC_REPORT_PERIOD_MAX days), those of walk, SP_E_NOMEM
 */
#define CC_REPORT_PERIOD_MAX 3660
SP_MUST_USE sp_err cc_report_make(const struct cc_report_kind_of *kind,
    const struct cc_quality_source *source, const struct cc_report_ask *ask,
    struct cc_report *out);

cc_report_maker cc_report_rfm, cc_report_ltv, cc_report_churn,
    cc_report_repurchase, cc_report_curve, cc_report_concentration,
    cc_report_sales, cc_report_visits, cc_report_funnel, cc_report_care,
    cc_report_campaigns, cc_report_market, cc_report_rivals;

sp_err cc_report_completeness(
    struct cc_report *r, const struct cc_quality_source *source);
sp_err cc_report_quality(
    struct cc_report *r, const struct cc_quality_source *source);

/* ---- what they share ---------------------------------------------------- */

/* The currency of sums; says in a remark how many orders it leaves out. 0:
 * nothing was bought. */
uint32_t cc_report_currency(struct cc_report *r,
    const struct cc_report_facts *f, const struct cc_report_ask *ask);

/* Each customer's orders of one currency in a period. */
struct cc_report_sum {
    uint32_t at;
    int64_t orders, net; /* returns taken off net */
};
/* Those who bought or gave back there, in order of id. paid: only what is paid
 * by until; a return counts in any case. NULL: none, or err is set. */
struct cc_report_sum *cc_report_sums(struct cc_report *r,
    const struct cc_report_facts *f, uint32_t currency, bool paid,
    size_t *count);

/* Rising quintile, 1 to 5, of the rank (from 0) among so many. */
unsigned cc_report_quintile(size_t rank, size_t count);

/* Whether somebody who bought so is active on a day (book/label.h). */
bool cc_report_active(
    const struct cc_report_facts *f, uint32_t at, int32_t day);

/* Simple forecast of what a customer is worth, minor units: order value times
 * orders a year times margin over yearly churn. orders has two digits, margin
 * and churn one; churn counts as 1 % at least. */
int64_t cc_report_ltv_simple(
    int64_t order, int64_t orders_year, int64_t margin, int64_t churn);

/* How much more of the treated responded than of the control group, percent
 * with one digit, and the ends of its 95 % interval (Wald). False: one of the
 * groups is empty. */
struct cc_report_uplift {
    int64_t treated, treated_responded, control, control_responded;
    int32_t uplift, low, high; /* out */
};
bool cc_report_uplift(struct cc_report_uplift *u);

/* Gini coefficient of amounts in rising order, three digits; below 0 counts as
 * 0. */
int64_t cc_report_gini(const int64_t *rising, size_t count);

#endif
