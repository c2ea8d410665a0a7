/* test_satchel_day.c - a rep's working day on a device without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "book/day.h"

#include "device.h"

#define ANNA    111u /* rep of A-1 */
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

static uint64_t world_now(void *self)
{
    return ((struct world *)self)->now_ms++;
}

/* Randomness stays that of the machine. */
static struct sp_env machine;
static void world_random(void *self, void *out, size_t size)
{
    (void)self;
    machine.random(machine.self, out, size);
}

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));
    struct sp_env *env;

    (void)setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    w->dir = test_device_dir();
    w->org = test_org_new(1);
    (void)test_org_publish(w->org, TEST_ORG_A);
    w->s = test_device_open(w->dir, "anna", w->org, ANNA);
    env = &w->s->replica.env;
    machine = *env;
    w->now_ms = machine.now_ms(machine.self);
    env->self = w;
    env->now_ms = world_now;
    env->random = world_random;
    env->trace = NULL;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    w->s->replica.env = machine;
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

static uint64_t cpu_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* cap 1 */
static void two_thousand_events_show_the_newest_fifty_and_page_to_the_oldest(
    void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_timeline_query q = { .limit = SATCHEL_TIMELINE_LIMIT };
    char before[SATCHEL_ID_BYTES];
    unsigned left = EVENTS;
    uint64_t began;

    (void)add_account(w, "中华商行");
    add_notes(w, "中华商行", EVENTS);
    began = cpu_ms();
    while (left > 0) {
        struct satchel_timeline *t = timeline(w, "中华商行", &q);

        if (q.before == NULL) {
            assert_in_range(cpu_ms() - began, 0, 100);
        }
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(two_thousand_events_show_the_newest_fifty_and_page_to_the_oldest),
        CASE(events_stand_in_causal_order_though_a_clock_goes_back),
        CASE(what_each_department_did_and_how_it_was_taken),
        CASE(a_timeline_says_which_event_it_does_not_know),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
