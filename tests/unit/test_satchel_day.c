/* test_satchel_day.c - a rep's working day on a device without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/today.h"
#include "book/day.h"
#include "book/lunar.h"

#include "device.h"

#define ANNA    111u /* rep of A-1 */
#define MIA     110u /* manager of A */
#define EVENTS  2000u
#define YEAR_MS (365ull * CC_DAY_MS)

/* The device's clock is what the test says. */
struct world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct satchel_error e;
    uint64_t now_ms;
};

/* Whose device the test goes on with. */
static void become(struct world *w, const char *name, uint32_t device)
{
    if (w->s != NULL) {
        test_device_clock_back(w->s);
        satchel_close(w->s);
    }
    w->s = test_device_open(w->dir, name, w->org, device);
    test_device_clock(w->s, &w->now_ms);
}

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    (void)setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    w->dir = test_device_dir();
    w->org = test_org_new(1);
    (void)test_org_publish(w->org, TEST_ORG_A);
    become(w, "anna", ANNA);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    test_device_clock_back(w->s);
    satchel_close(w->s);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static struct satchel_saved add(struct world *w, const char *entity,
    const char *parent, const struct satchel_input *input, size_t count)
{
    struct satchel_saved saved;

    OK(w,
        satchel_record_add(w->s, entity, parent, input, count, &saved, &w->e));
    return saved;
}

static struct satchel_saved add_account(struct world *w, const char *name)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET } };

    return add(w, "account", NULL, in, 1);
}

static struct satchel_timeline *timeline(struct world *w, const char *account,
    const struct satchel_timeline_query *query)
{
    struct satchel_timeline *t = NULL;

    OK(w, satchel_timeline(w->s, account, query, &t, &w->e));
    return t;
}

/* ---- timeline ------------------------------------------------------------ */

/* Many notes in one transaction: saving each for itself would take a while. */
static void add_notes(struct world *w, const char *account, unsigned count)
{
    const struct sp_entity *note, *entity;
    struct sp_ref parent;
    struct cc_call c;
    char text[20];
    sp_err err;

    assert_int_equal(cc_call_begin(&c, w->s, true, &w->e), 0);
    err = cc_call_entity(&c, "note", &note);
    if (err == SP_OK) {
        err = cc_refer_named(&c, "account", account, &entity, &parent);
    }
    for (unsigned i = 0; i < count && err == SP_OK; i++) {
        const struct satchel_input in = { "text", text, SATCHEL_SET };

        (void)snprintf(text, sizeof(text), "note %u", i);
        err = cc_record_make(&c, note, &parent, &in, 1, NULL, 0, NULL);
    }
    assert_int_equal(cc_call_end(&c, err), 0);
}

/* cap 1 */
static void two_thousand_events_show_the_newest_fifty_and_page_to_the_oldest(
    void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_timeline_query q = { .limit = SATCHEL_TIMELINE_LIMIT };
    char before[SATCHEL_ID_BYTES];
    unsigned left = EVENTS;

    (void)add_account(w, "中华商行");
    add_notes(w, "中华商行", EVENTS);
    while (left > 0) {
        struct satchel_timeline *t = timeline(w, "中华商行", &q);

        assert_int_equal(t->total, EVENTS);
        assert_int_equal(t->count, SATCHEL_TIMELINE_LIMIT);
        for (size_t i = 0; i < t->count; i++) {
            char text[20];

            (void)snprintf(text, sizeof(text), "note %u", --left);
            assert_string_equal(t->event[i].text_en, text);
        }
        assert_int_equal(t->next[0] == '\0', left == 0);
        (void)snprintf(before, sizeof(before), "%s", t->next);
        q.before = before;
        satchel_free(t);
    }
}

/* cap 2: ids have the clock of the author, which may be wrong by a year. */
static void events_stand_in_causal_order_though_a_clock_goes_back(void **state)
{
    const struct satchel_input note[] = { { "text", "first", SATCHEL_SET } };
    const struct satchel_input order[] = { { "date", "today", SATCHEL_SET },
        { "amount", "120 CNY", SATCHEL_SET },
        { "products", "green tea", SATCHEL_ADD } };
    const struct satchel_input complaint[] = { { "at", "now", SATCHEL_SET },
        { "text", "six boxes were wet", SATCHEL_SET } };
    struct world *w = (struct world *)*state;
    struct satchel_timeline *t;

    (void)add_account(w, "Alpha");
    (void)add(w, "note", "Alpha", note, 1);
    w->now_ms -= YEAR_MS;
    (void)add(w, "purchase", "Alpha", order, 3);
    w->now_ms += 2 * YEAR_MS;
    (void)add(w, "feedback", "Alpha", complaint, 2);
    t = timeline(w, "alpha", NULL);
    assert_int_equal(t->count, 3);
    assert_string_equal(t->event[0].entity, "feedback");
    assert_string_equal(t->event[1].entity, "purchase");
    assert_string_equal(t->event[2].entity, "note");
    assert_non_null(strstr(t->event[1].text_en, "green tea"));
    assert_true(t->event[0].time_ms >= t->event[1].time_ms);
    assert_true(t->event[1].time_ms >= t->event[2].time_ms);
    satchel_free(t);
}

static void add_activity(struct world *w, const char *account,
    const char *summary, const char *dept, const char *sentiment)
{
    const struct satchel_input in[] = { { "at", "now", SATCHEL_SET },
        { "channel", "phone", SATCHEL_SET },
        { "summary", summary, SATCHEL_SET }, { "dept", dept, SATCHEL_SET },
        { "sentiment", sentiment, SATCHEL_SET } };

    (void)add(w, "activity", account, in, 5);
}

/* cap 115 */
static void what_each_department_did_and_how_it_was_taken(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_timeline_query q = { .dept = "客服" };
    struct satchel_timeline *t;

    (void)add_account(w, "Alpha");
    add_activity(w, "Alpha", "called back", "客服", "positive");
    add_activity(w, "Alpha", "dunned", "财务", "negative");
    add_activity(w, "Alpha", "put off", "客服", "negative");
    t = timeline(w, "alpha", &q);
    assert_int_equal(t->count, 2);
    assert_non_null(strstr(t->event[0].text_en, "put off"));
    assert_string_equal(t->event[0].sentiment, "negative");
    assert_string_equal(t->event[0].sentiment_zh, "负面");
    satchel_free(t);
    q.sentiment = "positive";
    t = timeline(w, "alpha", &q);
    assert_int_equal(t->count, 1);
    assert_non_null(strstr(t->event[0].text_en, "called back"));
    satchel_free(t);
    q = (struct satchel_timeline_query){ .sentiment = "negative" };
    t = timeline(w, "alpha", &q);
    assert_int_equal(t->count, 2);
    satchel_free(t);
}

static void a_timeline_says_which_event_it_does_not_know(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_timeline_query q = { .before = "no id" };
    struct satchel_timeline *t = NULL;
    struct satchel_saved other;

    other = add_account(w, "Alpha");
    assert_int_equal(
        satchel_timeline(w->s, "alpha", &q, &t, &w->e), SATCHEL_E_ARGUMENT);
    q.before = other.id;
    assert_int_equal(
        satchel_timeline(w->s, "alpha", &q, &t, &w->e), SATCHEL_E_NOT_FOUND);
    assert_null(t);
    t = timeline(w, "alpha", NULL);
    assert_int_equal(t->count, 0);
    assert_string_equal(t->next, "");
    satchel_free(t);
}

/* ---- brief --------------------------------------------------------------- */

/* The English text of a line; "" when the brief lacks it. */
static void line(
    struct world *w, const char *account, const char *kind, char out[256])
{
    struct satchel_brief *b = NULL;

    out[0] = '\0';
    OK(w, satchel_brief(w->s, account, &b, &w->e));
    assert_in_range(b->count, 1, SATCHEL_BRIEF_LINES_MAX);
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->fact[i].kind, kind) == 0) {
            (void)snprintf(out, 256, "%s", b->fact[i].text_en);
        }
    }
    satchel_free(b);
}

static void assert_line(
    struct world *w, const char *account, const char *kind, const char *text)
{
    char said[256];

    line(w, account, kind, said);
    assert_string_equal(said, text);
}

static int32_t today(const struct world *w)
{
    return cc_today_of(w->now_ms);
}

/* A day as it is typed, so many days from now. */
static const char *date(
    const struct world *w, int days, char out[CC_DAY_TEXT_BYTES])
{
    cc_day_format(out, today(w) + days);
    return out;
}

/* cap 50 */
static void brief_has_the_last_three_preferences_and_the_last_promise(
    void **state)
{
    static const char *const tag[] = { "tea", "golf", "grandson", "red" };
    struct world *w = (struct world *)*state;
    const struct satchel_input who[] = { { "name", "李梅", SATCHEL_SET } };
    char day[CC_DAY_TEXT_BYTES], promise[80], said[256];
    const struct satchel_input visited[] = { { "outcome", "promise",
                                                 SATCHEL_SET },
        { "next_step", "bring samples", SATCHEL_SET },
        { "next_date", date(w, 2, day), SATCHEL_SET } };
    const struct satchel_input called[] = { { "at", "now", SATCHEL_SET },
        { "channel", "phone", SATCHEL_SET },
        { "outcome", "promise", SATCHEL_SET },
        { "promise", promise, SATCHEL_SET } };
    struct satchel_saved person;

    (void)add_account(w, "Alpha");
    person = add(w, "contact", "Alpha", who, 1);
    for (size_t i = 0; i < 4; i++) {
        const struct satchel_input one[] = { { i % 2 == 0 ? "soft_leisure_tags"
                                                          : "soft_family_tags",
            tag[i], SATCHEL_ADD } };

        OK(w, satchel_record_edit(
                  w->s, "contact", person.id, one, 1, NULL, &w->e));
    }
    assert_line(w, "alpha", "preference", "red · grandson · golf");
    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, NULL, &w->e));
    OK(w, satchel_visit_end(w->s, NULL, visited, 3, NULL, &w->e));
    line(w, "alpha", "promise", said);
    assert_non_null(strstr(said, "bring samples"));
    (void)snprintf(promise, sizeof(promise), "due=%s; what=call on Friday",
        date(w, 3, day));
    (void)add(w, "activity", "Alpha", called, 4);
    (void)snprintf(promise, sizeof(promise), "call on Friday · %s", day);
    assert_line(w, "alpha", "promise", promise);
}

static void brief_has_the_usual_order(void **state)
{
    static const struct {
        const char *product[2];
    } bought[] = { { { "green tea", "cups" } }, { { "green tea", "rice" } },
        { { "green tea", "rice" } }, { { "salt", "sugar" } } };
    struct world *w = (struct world *)*state;

    (void)add_account(w, "Alpha");
    for (size_t i = 0; i < 4; i++) {
        const struct satchel_input in[] = { { "date", "today", SATCHEL_SET },
            { "amount", "10 CNY", SATCHEL_SET },
            { "products", bought[i].product[0], SATCHEL_ADD },
            { "products", bought[i].product[1], SATCHEL_ADD } };

        (void)add(w, "purchase", "Alpha", in, 4);
    }
    assert_line(w, "alpha", "usual_order", "green tea ×3 · rice ×2 · cups ×1");
}

static void add_birthday(struct world *w, const char *account, const char *name,
    const char *birthday)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { "consent_birthday", "state=given; at=2026-01-01T00:00Z",
            SATCHEL_SET },
        { "birthday", birthday, SATCHEL_SET } };

    (void)add(w, "contact", account, in, 3);
}

/* At 30 days there is a line, at 31 there is none. */
static void brief_has_birthdays_of_the_next_thirty_days(void **state)
{
    struct world *w = (struct world *)*state;
    char said[256], text[80], day[CC_DAY_TEXT_BYTES];
    struct cc_date d = cc_day_date(today(w) + 31);
    struct cc_lunar l;

    (void)add_account(w, "Alpha");
    (void)snprintf(
        text, sizeof(text), "calendar=solar; month=%u; day=%u", d.month, d.day);
    add_birthday(w, "Alpha", "Ann", text);
    assert_line(w, "alpha", "birthday", "");
    d = cc_day_date(today(w) + 30);
    (void)snprintf(
        text, sizeof(text), "calendar=solar; month=%u; day=%u", d.month, d.day);
    add_birthday(w, "Alpha", "Ben", text);
    (void)snprintf(said, sizeof(said), "Ben, %s, in 30 days", date(w, 30, day));
    assert_line(w, "alpha", "birthday", said);
    assert_true(cc_lunar_of(today(w) + 1, &l));
    (void)snprintf(text, sizeof(text), "calendar=lunar; month=%u; day=%u%s",
        l.month, l.day, l.leap ? "; leap=yes" : "");
    add_birthday(w, "Alpha", "李梅", text);
    (void)snprintf(
        said, sizeof(said), "李梅, %s (lunar), in 1 day", date(w, 1, day));
    assert_line(w, "alpha", "birthday", said);
}

static void brief_says_what_is_late(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input account[] = { { "name", "Alpha", SATCHEL_SET },
        { "territory_id", "A-1", SATCHEL_SET },
        { "visit_cycle_days", "14", SATCHEL_SET } };
    char day[CC_DAY_TEXT_BYTES], said[128];
    const struct satchel_input task[] = { { "title", "samples", SATCHEL_SET },
        { "kind", "promise", SATCHEL_SET }, { "due", day, SATCHEL_SET },
        { "owner", "me", SATCHEL_SET } };
    struct satchel_saved made;

    become(w, "mia", MIA); /* cycles are the manager's */
    (void)add(w, "account", NULL, account, 3);
    w->now_ms += 14ull * CC_DAY_MS;
    (void)date(w, 0, day);
    made = add(w, "task", "Alpha", task, 4);
    assert_line(w, "alpha", "late", ""); /* due today is not late */
    w->now_ms += 2ull * CC_DAY_MS;
    (void)snprintf(said, sizeof(said),
        "1 task, the oldest since %s · a visit, for 2 days", day);
    assert_line(w, "alpha", "late", said);
    OK(w, satchel_record_edit(w->s, "task", made.id,
              &(struct satchel_input){ "status", "done", SATCHEL_SET }, 1, NULL,
              &w->e));
    assert_line(w, "alpha", "late", "a visit, for 2 days");
}

/* ---- visits -------------------------------------------------------------- */

/* A field of a visit, exact. */
static void field_of(
    struct world *w, const char *visit, const char *field, char out[128])
{
    struct satchel_record *r = NULL;

    out[0] = '\0';
    OK(w, satchel_visit_show(w->s, visit, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, field) == 0) {
            (void)snprintf(out, 128, "%s", r->field[i].value[0].text);
        }
    }
    satchel_free(r);
}

/* 0.0018 degrees of latitude are 200 metres. */
static void a_check_in_is_verified_within_two_hundred_metres(void **state)
{
    static const struct {
        const char *name, *account, *at, *verdict;
    } cases[] = {
        { "near", "31.23,121.47,20", "31.2317,121.47,20", "verified" },
        { "far", "31.23,121.47,20", "31.2319,121.47,20", "outside" },
        { "vague here", "31.23,121.47,20", "31.23,121.47,201", "unverified" },
        { "vague there", "31.23,121.47,201", "31.23,121.47,20", "unverified" },
        { "just good enough", "31.23,121.47,200", "31.23,121.47,200",
            "verified" },
        { "no position", "31.23,121.47,20", "", "unverified" },
        { "account without place", "", "31.23,121.47,20", "unverified" },
    };
    struct world *w = (struct world *)*state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct satchel_input account[] = { { "name", cases[i].name,
                                                     SATCHEL_SET },
            { "geo", cases[i].account, SATCHEL_SET } };
        const struct satchel_input at[] = { { "checkin_place.geo", cases[i].at,
            SATCHEL_SET } };
        struct satchel_saved visit;
        char said[128];

        (void)add(
            w, "account", NULL, account, cases[i].account[0] == '\0' ? 1 : 2);
        OK(w, satchel_visit_start(w->s, cases[i].name, at,
                  cases[i].at[0] == '\0' ? 0 : 1, &visit, &w->e));
        field_of(w, visit.id, "verify", said);
        if (strstr(said, cases[i].verdict) == NULL) {
            fail_msg("%s: %s", cases[i].name, said);
        }
    }
}

static void a_visit_ends_with_an_outcome_and_says_how_long_it_took(void **state)
{
    const struct satchel_input outcome[] = { { "outcome", "order",
        SATCHEL_SET } };
    struct world *w = (struct world *)*state;
    struct satchel_saved visit;
    char said[128];

    (void)add_account(w, "Alpha");
    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, &visit, &w->e));
    w->now_ms += 480000;
    assert_int_equal(satchel_visit_end(w->s, NULL, NULL, 0, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    OK(w, satchel_visit_end(w->s, NULL, outcome, 1, NULL, &w->e));
    field_of(w, visit.id, "duration_s", said);
    assert_string_equal(said, "480");
}

/* ---- today and route ------------------------------------------------------
 */

static struct satchel_saved add_task(struct world *w, const char *account,
    const char *title, const char *kind, int days)
{

    char day[CC_DAY_TEXT_BYTES];
    const struct satchel_input in[] = { { "title", title, SATCHEL_SET },
        { "kind", kind, SATCHEL_SET },
        { "due", date(w, days, day), SATCHEL_SET },
        { "owner", "me", SATCHEL_SET } };

    return add(w, "task", account, in, 4);
}

static struct satchel_saved plan(
    struct world *w, const char *account, const char *window)
{
    const struct satchel_input in[] = { { "rep", "me", SATCHEL_SET },
        { "date", "today", SATCHEL_SET }, { "window", window, SATCHEL_SET } };

    return add(w, "planned_visit", account, in, window == NULL ? 2 : 3);
}

static void today_has_late_promises_on_top_and_visits_in_order(void **state)
{
    static const char *const task[] = { "late promise", "late call",
        "promise of today" };
    static const char *const visit[] = { "Beta", "Gamma", "Alpha" };
    struct world *w = (struct world *)*state;
    struct satchel_saved skipped, made;
    struct satchel_today *t = NULL;

    (void)add_account(w, "Alpha");
    (void)add_account(w, "Beta");
    (void)add_account(w, "Gamma");
    (void)add_task(w, "Alpha", "late call", "call", 0);
    w->now_ms += 4ull * CC_DAY_MS;
    (void)add_task(w, "Beta", "late promise", "promise", 0);
    w->now_ms += CC_DAY_MS;
    (void)add_task(w, "Alpha", "promise of today", "promise", 0);
    (void)add_task(w, "Beta", "tomorrow's", "call", 1);
    (void)plan(w, "Alpha", NULL);
    skipped = plan(w, "Gamma", "from=600; to=660");
    (void)plan(w, "Beta", "from=540; to=600");
    OK(w, satchel_visit_start(w->s, "beta", NULL, 0, &made, &w->e));
    assert_int_equal(satchel_route_skip(w->s, skipped.id, NULL, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    OK(w, satchel_route_skip(w->s, skipped.id, "shut; a=b", NULL, &w->e));
    OK(w, satchel_today(w->s, &t, &w->e));
    assert_int_equal(t->last_sync_ms, 0);
    assert_int_equal(t->unsent, 12);
    assert_int_equal(t->conflicts, 0);
    assert_int_equal(t->rejected, 0);
    assert_int_equal(t->task_count, 3);
    assert_int_equal(t->visit_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(t->task[i].title, task[i]);
        assert_string_equal(t->visit[i].title, visit[i]);
    }
    assert_int_equal(t->task[0].late_days, 1);
    assert_string_equal(t->task[0].account, "Beta");
    assert_string_equal(t->visit[0].from, "09:00");
    assert_true(t->visit[0].made && !t->visit[2].made);
    assert_string_equal(t->visit[1].skipped, "shut; a=b");
    satchel_free(t);
}

/* By due day, then distance; who is not due is not on it. */
static void a_route_has_who_is_planned_or_due(void **state)
{
    static const char *const stop[] = { "late", "near", "far", "planned" };
    static const struct {
        const char *name, *geo, *cycle;
    } of[] = { { "far", "31.30,121.47", "10" },
        { "near", "31.24,121.47", "10" }, { "late", "31.50,121.47", "5" },
        { "planned", "31.23,121.47", "90" },
        { "not due", "31.23,121.47", "90" } };
    struct world *w = (struct world *)*state;
    const struct satchel_route_query no_day = { .date = "tomorrow?" };
    const struct satchel_route_query no_place = { .from = "here" };
    const struct satchel_route_query from = { .from = "31.23,121.47" };
    struct satchel_route *r = NULL;

    become(w, "mia", MIA);
    for (size_t i = 0; i < 5; i++) {
        const struct satchel_input in[] = { { "name", of[i].name, SATCHEL_SET },
            { "territory_id", "A-1", SATCHEL_SET },
            { "geo", of[i].geo, SATCHEL_SET },
            { "visit_cycle_days", of[i].cycle, SATCHEL_SET } };

        (void)add(w, "account", NULL, in, 4);
    }
    w->now_ms += 11ull * CC_DAY_MS;
    (void)plan(w, "planned", NULL);
    assert_int_equal(satchel_route(w->s, &no_day, &r, &w->e), SATCHEL_E_VALUE);
    assert_int_equal(
        satchel_route(w->s, &no_place, &r, &w->e), SATCHEL_E_VALUE);
    OK(w, satchel_route(w->s, &from, &r, &w->e));
    assert_int_equal(r->count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(r->stop[i].title, stop[i]);
    }
    assert_int_equal(r->stop[0].late_days, 6);
    assert_int_equal(r->stop[1].late_days, 1);
    assert_in_range(r->stop[1].distance_m, 1100, 1125);
    assert_string_not_equal(r->stop[3].plan_id, "");
    satchel_free(r);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(two_thousand_events_show_the_newest_fifty_and_page_to_the_oldest),
        CASE(events_stand_in_causal_order_though_a_clock_goes_back),
        CASE(what_each_department_did_and_how_it_was_taken),
        CASE(a_timeline_says_which_event_it_does_not_know),
        CASE(brief_has_the_last_three_preferences_and_the_last_promise),
        CASE(brief_has_the_usual_order),
        CASE(brief_has_birthdays_of_the_next_thirty_days),
        CASE(brief_says_what_is_late),
        CASE(a_check_in_is_verified_within_two_hundred_metres),
        CASE(a_visit_ends_with_an_outcome_and_says_how_long_it_took),
        CASE(today_has_late_promises_on_top_and_visits_in_order),
        CASE(a_route_has_who_is_planned_or_due),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
