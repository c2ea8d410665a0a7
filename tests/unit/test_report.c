/* Reports by their formulas, of fixtures that are worked out by hand (cap 113;
 * journeys, C4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/day.h"
#include "book/report_make.h"
#include "book/report_sync.h"

#define CNY     0x434e59u
#define USD     0x555344u
#define TODAY   20000
#define ROOM    64u
#define NOT_YET CC_DAY_NONE

struct world {
    struct cc_report_facts f;
    struct cc_report_ask ask;
    struct cc_report r;
    bool made;
    struct cc_report_customer customer[ROOM];
    struct cc_report_purchase purchase[ROOM];
    struct cc_report_visit visit[ROOM];
    struct cc_report_stop stop[ROOM];
    struct cc_report_sighting sighting[ROOM];
    struct cc_report_contact contact[ROOM];
    struct cc_report_move move[ROOM];
    struct cc_report_task task[ROOM];
    struct cc_report_rule rule[ROOM];
    struct cc_report_campaign campaign[ROOM];
    struct cc_report_message message[ROOM];
    struct cc_report_goal goal[ROOM];
};

static struct sp_id id_of(unsigned n)
{
    uint8_t random[10] = { 0 };

    return sp_id_make(1000 + n, random);
}

static int set_up(void **state)
{
    static struct world w;

    memset(&w, 0, sizeof(w));
    w.f.today = TODAY;
    w.f.customer = w.customer;
    w.f.purchase = w.purchase;
    w.f.visit = w.visit;
    w.f.stop = w.stop;
    w.f.sighting = w.sighting;
    w.f.contact = w.contact;
    w.f.move = w.move;
    w.f.task = w.task;
    w.f.rule = w.rule;
    w.f.campaign = w.campaign;
    w.f.message = w.message;
    w.f.goal = w.goal;
    w.ask = (struct cc_report_ask){ .from = CC_DAY_NONE, .until = CC_DAY_NONE };
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    if (w->made) {
        cc_report_free(&w->r);
    }
    return 0;
}

/* So many customers of person 7, and of person 8 from that one on. */
static void customers(struct world *w, size_t count, size_t eight_from)
{
    for (size_t i = 0; i < count; i++) {
        w->customer[i] = (struct cc_report_customer){ .id = id_of((unsigned)i),
            .name = "shop",
            .charge = i < eight_from ? 7 : 8 };
    }
    w->f.customers = count;
}

/* Bought so many days ago, paid at once. */
static struct cc_report_purchase *bought(
    struct world *w, uint32_t at, int32_t ago, int64_t minor)
{
    struct cc_report_purchase *p = &w->purchase[w->f.purchases++];

    *p = (struct cc_report_purchase){ at, TODAY - ago, TODAY - ago,
        { CNY, minor } };
    return p;
}

static void make(
    struct world *w, cc_report_maker *maker, int32_t from, int32_t until)
{
    cc_report_facts_ready(&w->f);
    cc_report_init(&w->r, from, until);
    w->made = true;
    maker(&w->r, &w->f, &w->ask);
    assert_int_equal(w->r.err, SP_OK);
}

/* A cell by table, row and column, as programs read it. */
static const char *cell(
    const struct world *w, const char *table, size_t row, const char *column)
{
    static char text[4][CC_REPORT_CELL_BYTES];
    static unsigned next;
    char *out = text[next++ % 4];

    for (size_t i = 0; i < w->r.tables; i++) {
        const struct cc_report_table *t = &w->r.table[i];

        for (size_t c = 0; strcmp(t->name, table) == 0 && c < t->columns; c++) {
            if (strcmp(t->column[c].name, column) == 0) {
                assert_int_equal(t->cells % t->columns, 0);
                assert_in_range(row, 0, t->cells / t->columns - 1);
                cc_report_cell_text(&t->column[c],
                    &t->cell[row * t->columns + c], CC_REPORT_EXACT, out);
                return out;
            }
        }
    }
    fail_msg("no cell %s.%s", table, column);
    return "";
}

#define IS(w, table, row, column, text)                                        \
    assert_string_equal(cell(w, table, row, column), text)

static bool says(const struct world *w, const char *note)
{
    for (size_t i = 0; i < w->r.notes; i++) {
        if (strcmp(w->r.note[i].name, note) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- rfm ---------------------------------------------------------------- */

/* Ten customers, two a quintile. Customer i bought last i days ago, so 0 and 1
 * are R 5; i + 1 times within the year, so 8 and 9 are F 5; and each the same
 * sum, so the tie is broken by id: 8 and 9 are M 5. */
static void cap_113_rfm_scores_by_quintiles_and_breaks_ties_by_id(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 12, 12);
    for (uint32_t i = 0; i < 10; i++) {
        for (uint32_t k = 0; k <= i; k++) {
            (void)bought(
                w, i, (int32_t)(i + k), k == 0 ? 100000 - i * 100 : 100);
        }
    }
    bought(w, 10, 3, 500)->paid = NOT_YET; /* unpaid: as if there were none */
    make(w, cc_report_rfm, TODAY - 364, TODAY);
    IS(w, "map", 0, "r", "5");
    IS(w, "map", 0, "f1", "2"); /* bought today or yesterday, once or twice */
    IS(w, "map", 0, "f5", "0");
    IS(w, "map", 4, "r", "1");
    IS(w, "map", 4, "f5", "2");
    IS(w, "map", 4, "f1", "0");
    IS(w, "money", 0, "m", "5");
    IS(w, "money", 0, "customers", "2");
    IS(w, "money", 0, "net", "2000.00 CNY");
    IS(w, "money", 0, "share", "20.0");
    IS(w, "cells", 0, "cell", "511");
    IS(w, "cells", 0, "customers", "2");
    IS(w, "cells", 4, "cell", "155");
    assert_string_equal(w->r.note[0].en, "customers scored: 10");
    assert_string_equal(
        w->r.note[1].en, "customers left out, without a paid order: 2");
}

static void other_currencies_are_counted_and_never_added(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    (void)bought(w, 0, 1, 1000);
    (void)bought(w, 0, 2, 1000);
    bought(w, 1, 1, 99999)->money.currency = USD;
    make(w, cc_report_rfm, TODAY - 364, TODAY);
    IS(w, "money", 4, "net", "20.00 CNY");
    assert_true(says(w, "other_currencies"));
}

/* ---- churn, repurchase, value ------------------------------------------- */

/* t0 is 100 days ago. Active then: 0 to 3; not 4, who bought on the 91st day
 * before. Active now: 0, and 1 on the 90th day. 2, 3 are lost. */
static void churn_is_who_was_active_and_is_not(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 5, 5);
    for (uint32_t i = 0; i < 4; i++) {
        (void)bought(w, i, i < 2 ? 190 : 110, 100);
    }
    (void)bought(w, 4, 191, 100);
    (void)bought(w, 0, 5, 100);
    (void)bought(w, 1, 90, 100);
    (void)bought(w, 2, 4, -100); /* a return is no purchase */
    make(w, cc_report_churn, TODAY - 100, TODAY);
    IS(w, "cohorts", 0, "cohort", "*");
    IS(w, "cohorts", 0, "active_then", "4");
    IS(w, "cohorts", 0, "active_still", "2");
    IS(w, "cohorts", 0, "churn", "50.0");
    IS(w, "cohorts", 0, "retention", "50.0");
    /* first bought on 2024-03-28 and 2024-06-16 */
    IS(w, "cohorts", 1, "cohort", "2024-03");
    IS(w, "cohorts", 1, "retention", "100.0");
    IS(w, "cohorts", 2, "cohort", "2024-06");
    IS(w, "cohorts", 2, "churn", "100.0");
}

/* The same customers under a rule of 89 days: the one who bought on the 90th
 * day is lost too, and says which number it was. */
static void who_is_active_is_a_rule_of_the_catalogue(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    (void)bought(w, 0, 189, 100);
    (void)bought(w, 1, 189, 100);
    (void)bought(w, 0, 89, 100);
    (void)bought(w, 1, 90, 100);
    w->f.labels.active_days = 89;
    make(w, cc_report_churn, TODAY - 100, TODAY);
    IS(w, "cohorts", 0, "active_then", "2");
    IS(w, "cohorts", 0, "active_still", "1");
    assert_true(says(w, "active_days"));
}

static void repurchase_counts_paid_orders_of_two_and_more(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 4, 2);
    for (uint32_t i = 0; i < 3; i++) {
        (void)bought(w, i, 10, 100);
    }
    (void)bought(w, 0, 5, 100);
    bought(w, 1, 5, 100)->paid = NOT_YET;
    (void)bought(w, 3, 400, 100); /* before the period */
    make(w, cc_report_repurchase, TODAY - 364, TODAY);
    IS(w, "people", 0, "who", "*");
    IS(w, "people", 0, "customers", "3");
    IS(w, "people", 0, "again", "1");
    IS(w, "people", 0, "rate", "33.3");
    IS(w, "people", 1, "who", "7");
    IS(w, "people", 1, "rate", "50.0");
    IS(w, "people", 2, "rate", "0.0");
}

/* 400 * 6 * 0.30 / 0.25 = 2,880; a churn of 0 counts as 1 %. */
static void cap_113_a_customer_is_worth_2880(void **state)
{
    (void)state;
    assert_int_equal(cc_report_ltv_simple(40000, 600, 300, 250), 288000);
    assert_int_equal(cc_report_ltv_simple(40000, 600, 300, 0), 40000 * 6 * 30);
    assert_int_equal(cc_report_ltv_simple(40000, 600, 300, 10),
        cc_report_ltv_simple(40000, 600, 300, 0));
}

static void a_forecast_needs_a_margin_and_says_so(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    (void)bought(w, 0, 10, 40000);
    (void)bought(w, 1, 10, 20000);
    (void)bought(w, 1, 9, -5000);
    (void)bought(w, 1, 370, 100); /* active a year ago, and still */
    make(w, cc_report_ltv, TODAY - 364, TODAY);
    IS(w, "value", 0, "amount", "550.00 CNY");
    IS(w, "value", 1, "amount", "275.00 CNY");
    IS(w, "value", 2, "amount", "300.00 CNY");
    IS(w, "value", 3, "number", "1.00");
    IS(w, "value", 4, "number", "0.00");
    IS(w, "value", 5, "figure", "forecast");
    IS(w, "value", 5, "amount", "");
    assert_true(says(w, "margin"));
    cc_report_free(&w->r);
    w->ask.margin = 300;
    make(w, cc_report_ltv, TODAY - 364, TODAY);
    IS(w, "value", 5, "amount", "9000.00 CNY"); /* 300 * 1 * 0.3 / 0.01 */
}

/* ---- curve and concentration -------------------------------------------- */

/* Ten customers bring 50, 30, 10, 5, 5, 5, 5, -2, -3, -5: 100 together. */
static void ten(struct world *w)
{
    static const int64_t brings[] = { 50, 30, 10, 5, 5, 5, 5, -2, -3, -5 };

    customers(w, 10, 10);
    for (uint32_t i = 0; i < 10; i++) {
        (void)bought(w, i, 10, brings[i] * 100);
    }
}

static void cap_113_the_curve_says_what_the_best_bring_and_the_worst_cost(
    void **state)
{
    struct world *w = (struct world *)*state;

    ten(w);
    make(w, cc_report_curve, TODAY - 364, TODAY);
    IS(w, "figures", 0, "percent", "80.0");
    IS(w, "figures", 1, "percent", "110.0");
    IS(w, "figures", 2, "percent", "10.0");
    IS(w, "curve", 0, "revenue", "50.0");
    IS(w, "curve", 1, "revenue", "80.0");
    IS(w, "curve", 9, "revenue", "100.0");
    assert_true(says(w, "revenue"));
}

static void between_two_customers_the_curve_is_straight(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    (void)bought(w, 0, 1, 7500);
    (void)bought(w, 1, 1, 2500);
    make(w, cc_report_curve, TODAY - 364, TODAY);
    IS(w, "figures", 0, "percent", "30.0"); /* 0.4 of the first */
    IS(w, "curve", 6, "revenue", "85.0");
}

/* 57 % needs two of ten, 80 % the same two, 90 % three. */
static void the_fewest_that_bring_a_share_are_counted(void **state)
{
    struct world *w = (struct world *)*state;

    ten(w);
    make(w, cc_report_concentration, TODAY - 364, TODAY);
    IS(w, "shares", 0, "customers", "2");
    IS(w, "shares", 0, "share", "20.0");
    IS(w, "shares", 1, "customers", "2");
    IS(w, "shares", 2, "customers", "3");
}

/* 1, 2, 3, 4: (-3*1 - 1*2 + 1*3 + 3*4) / (4 * 10) = 0.25 */
static void gini_of_what_all_bring(void **state)
{
    static const int64_t rising[] = { 1, 2, 3, 4 };
    static const int64_t same[] = { 5, 5, 5, 5 };
    static const int64_t one[] = { -9, 0, 0, 8 };

    (void)state;
    assert_int_equal(cc_report_gini(rising, 4), 250);
    assert_int_equal(cc_report_gini(same, 4), 0);
    assert_int_equal(cc_report_gini(one, 4), 750);
    assert_int_equal(cc_report_gini(NULL, 0), 0);
}

/* ---- sales --------------------------------------------------------------- */

static int32_t day(int year, unsigned month, unsigned d)
{
    return cc_day_of((struct cc_date){ year, month, d });
}

/* The ten days to TODAY: 300 - 50 against 200 before: + 25 %. */
static void sales_are_net_and_grow_against_the_time_before(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 1);
    (void)bought(w, 0, 0, 30000);
    (void)bought(w, 1, 9, -5000);
    (void)bought(w, 0, 10, 15000);
    (void)bought(w, 1, 19, 5000);
    (void)bought(w, 1, 20, 77700); /* before the time before */
    bought(w, 1, 3, 900)->money.currency = USD;
    make(w, cc_report_sales, TODAY - 9, TODAY);
    IS(w, "sales", 0, "gross", "300.00 CNY");
    IS(w, "sales", 0, "returns", "50.00 CNY");
    IS(w, "sales", 0, "net", "250.00 CNY");
    IS(w, "sales", 0, "before", "200.00 CNY");
    IS(w, "sales", 0, "growth", "25.0");
    IS(w, "sales", 1, "net", "9.00 USD");
    IS(w, "sales", 1, "growth", ""); /* of nothing */
    IS(w, "people", 0, "who", "7");
    IS(w, "people", 0, "net", "300.00 CNY");
    IS(w, "people", 1, "net", "-50.00 CNY");
}

/* May 2026: Monday to Friday are 21 days; the 1st, 4th and 5th are holidays,
 * Saturday the 9th is worked: 19. By the 12th 5 are over: 6, 7, 8, 9, 11, 12
 * are 6. */
static void attainment_counts_holidays_and_make_up_days(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 1, 1);
    w->f.today = day(2026, 5, 12);
    w->f.calendar.holiday[0] = day(2026, 5, 1);
    w->f.calendar.holiday[1] = day(2026, 5, 4);
    w->f.calendar.holiday[2] = day(2026, 5, 5);
    w->f.calendar.holiday_count = 3;
    w->f.calendar.workday[0] = day(2026, 5, 9);
    w->f.calendar.workday_count = 1;
    bought(w, 0, 0, 30000)->day = day(2026, 5, 11);
    w->goal[w->f.goals++] = (struct cc_report_goal){ 7, "", day(2026, 5, 1),
        day(2026, 5, 31), { CNY, 190000 } };
    make(w, cc_report_sales, day(2026, 5, 1), day(2026, 5, 12));
    IS(w, "goals", 0, "of_days", "19");
    IS(w, "goals", 0, "days", "6");
    IS(w, "goals", 0, "attainment", "50.0"); /* 300 of 1900 * 6 / 19 */
}

/* ---- visits -------------------------------------------------------------- */

static void visit(struct world *w, uint32_t at, int32_t ago, unsigned outcome,
    unsigned verdict)
{
    w->visit[w->f.visits++] = (struct cc_report_visit){ .at = at,
        .rep = 7,
        .day = TODAY - ago,
        .from_ms = ((uint64_t)(TODAY - ago)) * CC_DAY_MS + 1000 * w->f.visits,
        .outcome = outcome,
        .verdict = verdict };
}

/* Three stops: one kept by a visit that names it, one by a visit of the day,
 * one not. Three customers with a cycle of 7 days: visited 6 days ago, 7 days
 * ago, never. */
static void visits_against_plan_and_cycle(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 4, 4);
    for (unsigned i = 0; i < 3; i++) {
        w->customer[i].cycle_days = 7;
        w->stop[w->f.stops++] =
            (struct cc_report_stop){ i, 7, TODAY - 7, id_of(50 + i) };
    }
    visit(w, 0, 6, 1, 1); /* an order; verified */
    w->visit[0].planned = id_of(50);
    visit(w, 1, 7, 3, 2); /* outside */
    visit(w, 3, 5, 4, 3); /* no place to compare with */
    visit(w, 3, 4, 4, 3);
    w->customer[2].placed = false;
    w->visit[0].until_ms = w->visit[0].from_ms + 60000;
    make(w, cc_report_visits, TODAY - 9, TODAY);
    IS(w, "people", 0, "planned", "3");
    IS(w, "people", 0, "adherence", "66.7");
    IS(w, "people", 0, "due", "3");
    IS(w, "people", 0, "coverage", "33.3");
    IS(w, "people", 0, "visits", "4");
    IS(w, "people", 0, "strike", "25.0");
    IS(w, "people", 0, "verified", "50.0");
    IS(w, "people", 0, "in_store", "100.0");
    IS(w, "overdue", 0, "last", "");
    IS(w, "overdue", 1, "overdue", "0");
    assert_string_equal(w->r.note[0].en, "customers overdue: 2");
}

/* ---- the funnel ---------------------------------------------------------- */

static void moved(struct world *w, uint32_t at, int32_t ago, unsigned to)
{
    w->move[w->f.moves++] = (struct cc_report_move){ at,
        ((uint64_t)(TODAY - ago)) * CC_DAY_MS, TODAY - ago, to };
}

/* Four became potential in the period, two of them targets after 10 and 20
 * days: half; the median is 15. Of the two that stand there one came 31 days
 * ago, which is more than twice that. The fifth came before the period. */
static void conversion_is_of_who_entered_and_went_on(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 5, 5);
    moved(w, 0, 50, 1);
    moved(w, 0, 40, 2);
    moved(w, 1, 50, 1);
    moved(w, 1, 30, 2);
    moved(w, 2, 31, 1);
    moved(w, 3, 30, 1);
    moved(w, 4, 90, 2);
    make(w, cc_report_funnel, TODAY - 60, TODAY);
    IS(w, "stages", 0, "stage", "potential");
    IS(w, "stages", 0, "entered", "4");
    IS(w, "stages", 0, "went_on", "2");
    IS(w, "stages", 0, "conversion", "50.0");
    IS(w, "stages", 0, "median_days", "15.0");
    IS(w, "stages", 0, "stands", "2");
    IS(w, "stages", 0, "stuck", "1");
    IS(w, "stages", 1, "entered", "2");
    IS(w, "stages", 1, "conversion", "0.0");
    IS(w, "stages", 1, "stands", "3");
}

/* ---- care and campaigns -------------------------------------------------- */

/* Of three orders of 2,000 and more one was called back on the 7th day, one on
 * the 8th. 1,999.99 asks for nothing. */
static void callbacks_within_seven_days_of_large_orders(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 4, 4);
    w->rule[w->f.rules++] =
        (struct cc_report_rule){ id_of(60), "big", true, { CNY, 200000 } };
    (void)bought(w, 0, 20, 200000);
    (void)bought(w, 1, 20, 300000);
    (void)bought(w, 2, 20, 250000);
    (void)bought(w, 3, 20, 199999);
    w->contact[w->f.contacts++] = (struct cc_report_contact){
        .at = 0, .user = 7, .day = TODAY - 13, .callback = true
    };
    w->contact[w->f.contacts++] = (struct cc_report_contact){
        .at = 1, .user = 7, .day = TODAY - 12, .callback = true
    };
    w->contact[w->f.contacts++] = (struct cc_report_contact){
        .at = 2, .user = 8, .day = TODAY - 19
    }; /* he called us */
    w->task[w->f.tasks++] =
        (struct cc_report_task){ id_of(60), TODAY - 10, TODAY - 9, false };
    w->task[w->f.tasks++] =
        (struct cc_report_task){ id_of(60), TODAY - 10, TODAY - 10, false };
    w->task[w->f.tasks++] =
        (struct cc_report_task){ id_of(60), TODAY, CC_DAY_NONE, false };
    w->task[w->f.tasks++] =
        (struct cc_report_task){ id_of(60), TODAY - 1, CC_DAY_NONE, true };
    make(w, cc_report_care, TODAY - 30, TODAY);
    IS(w, "callbacks", 0, "from", "2000.00 CNY");
    IS(w, "callbacks", 0, "orders", "3");
    IS(w, "callbacks", 0, "called", "1");
    IS(w, "callbacks", 0, "percent", "33.3");
    IS(w, "rules", 0, "due", "3"); /* what was dropped is not */
    IS(w, "rules", 0, "done", "2");
    IS(w, "rules", 0, "late", "1");
    IS(w, "people", 0, "contacts", "2");
}

/* The 8th day counts where a rule says so, the 31st likewise. */
static void rules_say_how_long_calls_and_responses_count(void **state)
{
    struct world *w = (struct world *)*state;
    struct sp_id c = id_of(70);

    customers(w, 1, 1);
    w->f.spans =
        (struct cc_data_spans){ .callback_days = 8, .response_days = 31 };
    w->rule[w->f.rules++] =
        (struct cc_report_rule){ id_of(60), "big", true, { CNY, 200000 } };
    w->campaign[w->f.campaigns++] =
        (struct cc_report_campaign){ c, "spring", TODAY - 51 };
    w->message[w->f.messages++] =
        (struct cc_report_message){ 0, c, false, true, TODAY - 51 };
    (void)bought(w, 0, 20, 200000);
    w->contact[w->f.contacts++] = (struct cc_report_contact){
        .at = 0, .user = 7, .day = TODAY - 12, .callback = true
    };
    make(w, cc_report_care, TODAY - 30, TODAY);
    IS(w, "callbacks", 0, "called", "1");
    cc_report_free(&w->r);
    make(w, cc_report_campaigns, TODAY - 364, TODAY);
    IS(w, "campaigns", 0, "response", "100.0");
    cc_report_free(&w->r);
    w->f.spans = (struct cc_data_spans){ 0 };
    make(w, cc_report_campaigns, TODAY - 364, TODAY);
    IS(w, "campaigns", 0, "response", "0.0");
}

/* 30 of 100 against 20 of 100: 10 points; the standard error is
 * sqrt(0.21/100 + 0.16/100) = 0.060828, times 1.96: 11.9 points. */
static void uplift_has_its_interval(void **state)
{
    struct cc_report_uplift u = { 100, 30, 100, 20, 0, 0, 0 };
    struct cc_report_uplift none = { 100, 30, 0, 0, 0, 0, 0 };

    (void)state;
    assert_true(cc_report_uplift(&u));
    assert_int_equal(u.uplift, 100);
    assert_int_equal(u.low, -19);
    assert_int_equal(u.high, 219);
    assert_false(cc_report_uplift(&none));
}

static void a_campaigns_response_is_of_who_got_it(void **state)
{
    struct world *w = (struct world *)*state;
    struct sp_id c = id_of(70);

    customers(w, 4, 4);
    w->campaign[w->f.campaigns++] =
        (struct cc_report_campaign){ c, "spring", TODAY - 40 };
    for (uint32_t i = 0; i < 4; i++) {
        w->message[w->f.messages++] = (struct cc_report_message){ i, c, i > 1,
            i < 2, i < 2 ? TODAY - 39 : CC_DAY_NONE };
    }
    (void)bought(w, 0, 10, 100); /* the 30th day */
    (void)bought(w, 1, 9, 100);  /* too late */
    make(w, cc_report_campaigns, TODAY - 364, TODAY);
    IS(w, "campaigns", 0, "delivered", "2");
    IS(w, "campaigns", 0, "response", "50.0");
    IS(w, "campaigns", 0, "control", "2");
    IS(w, "campaigns", 0, "control_response", "0.0");
    IS(w, "campaigns", 0, "uplift", "50.0");
}

/* ---- market -------------------------------------------------------------- */

static void saw(struct world *w, uint32_t at, int32_t ago, const char *product,
    const char *rival, int64_t facings, int64_t price)
{
    w->sighting[w->f.sightings++] = (struct cc_report_sighting){ .at = at,
        .at_ms = ((uint64_t)(TODAY - ago)) * CC_DAY_MS,
        .day = TODAY - ago,
        .product = product,
        .rival = rival,
        .facings = facings,
        .price = { price > 0 ? CNY : 0, price } };
}

/* What was last seen counts: 6 of ours at two customers', 2 of a rival's. */
static void the_shelf_is_what_was_last_seen(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    saw(w, 0, 9, "tea", "", 9, 1000);
    saw(w, 0, 2, "tea", "", 4, 1100);
    saw(w, 1, 2, "tea", "", 2, 1200);
    saw(w, 1, 2, "green", "Rival", 2, 900);
    saw(w, 1, 1, "green", "Rival", 2, 0); /* nobody looked at the price */
    make(w, cc_report_market, TODAY - 364, TODAY);
    IS(w, "shelf", 0, "maker", "-");
    IS(w, "shelf", 0, "facings", "6");
    IS(w, "shelf", 0, "shops", "2");
    IS(w, "shelf", 0, "share", "75.0");
    IS(w, "shelf", 1, "maker", "Rival");
    IS(w, "shelf", 1, "share", "25.0");
}

static void prices_of_rivals_have_their_range(void **state)
{
    struct world *w = (struct world *)*state;

    customers(w, 2, 2);
    saw(w, 0, 9, "green", "Rival", 1, 900);
    saw(w, 1, 2, "green", "Rival", 1, 1200);
    saw(w, 1, 3, "green", "Rival", 1, 1000);
    make(w, cc_report_rivals, TODAY - 364, TODAY);
    IS(w, "products", 0, "maker", "Rival");
    IS(w, "products", 0, "seen", "3");
    IS(w, "products", 0, "lowest", "9.00 CNY");
    IS(w, "products", 0, "median", "10.00 CNY");
    IS(w, "products", 0, "highest", "12.00 CNY");
}

/* ---- sync ---------------------------------------------------------------- */

/* 3 of 4 devices; 1 of 8 refused; of two conflicts the nearest rank of a half
 * is the younger; of ages 1 to 20 95 % are 19 at most. */
static void sync_health_of_counts(void **state)
{
    struct world *w = (struct world *)*state;
    uint64_t age[20], conflict[] = { 7200000, 1800000 };
    struct cc_report_sync_counts c = { .active = 4,
        .seen = 3,
        .offered = 8,
        .refused = 1,
        .conflicts = { 2, conflict } };

    for (uint64_t i = 0; i < 20; i++) {
        age[i] = 20 - i;
    }
    cc_report_init(&w->r, TODAY, TODAY);
    w->made = true;
    cc_report_sync(&w->r, &c);
    assert_int_equal(w->r.err, SP_OK);
    IS(w, "sync", 1, "percent", "75.0");
    IS(w, "sync", 3, "percent", "12.5");
    IS(w, "sync", 4, "count", "2");
    IS(w, "sync", 4, "hours", "0.5");
    IS(w, "sync", 5, "count", "0");
    IS(w, "sync", 5, "hours", "");
    assert_int_equal(cc_report_rank(age, 20, 95), 19);
    assert_int_equal(cc_report_rank(NULL, 0, 95), 0);
}

/* ---- none ---------------------------------------------------------------- */

/* A share of none is none, never 0; nothing makes a report fail. */
static void each_report_can_be_made_of_nothing(void **state)
{
    struct world *w = (struct world *)*state;
    const struct cc_report_kind_of *kind;

    for (size_t i = 0; (kind = cc_report_at(i)) != NULL; i++) {
        if (kind->make != NULL) {
            make(w, kind->make, TODAY - 364, TODAY);
            cc_report_free(&w->r);
            w->made = false;
        }
        assert_ptr_equal(cc_report_named(kind->name), kind);
        assert_true(kind->title.zh[0] != '\0' && kind->needs[0] != '\0');
    }
    assert_null(cc_report_named("no such"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(cap_113_rfm_scores_by_quintiles_and_breaks_ties_by_id),
        TEST(other_currencies_are_counted_and_never_added),
        TEST(churn_is_who_was_active_and_is_not),
        TEST(who_is_active_is_a_rule_of_the_catalogue),
        TEST(repurchase_counts_paid_orders_of_two_and_more),
        TEST(cap_113_a_customer_is_worth_2880),
        TEST(a_forecast_needs_a_margin_and_says_so),
        TEST(cap_113_the_curve_says_what_the_best_bring_and_the_worst_cost),
        TEST(between_two_customers_the_curve_is_straight),
        TEST(the_fewest_that_bring_a_share_are_counted),
        TEST(gini_of_what_all_bring),
        TEST(sales_are_net_and_grow_against_the_time_before),
        TEST(attainment_counts_holidays_and_make_up_days),
        TEST(visits_against_plan_and_cycle),
        TEST(conversion_is_of_who_entered_and_went_on),
        TEST(callbacks_within_seven_days_of_large_orders),
        TEST(rules_say_how_long_calls_and_responses_count),
        TEST(uplift_has_its_interval),
        TEST(a_campaigns_response_is_of_who_got_it),
        TEST(the_shelf_is_what_was_last_seen),
        TEST(prices_of_rivals_have_their_range),
        TEST(sync_health_of_counts),
        TEST(each_report_can_be_made_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
