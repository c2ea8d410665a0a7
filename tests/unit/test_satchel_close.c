/* test_satchel_close.c - what a day's close and the draft of a week say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/today.h"
#include "book/day.h"

#include "device.h"

#define ANNA 111u /* rep of A-1 */

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

/* The machine runs as long as the test says, too. */
static bool world_since(void *self, struct cc_since *out)
{
    memset(out, 0, sizeof(*out));
    out->ms = ((struct world *)self)->now_ms;
    return true;
}

/* Randomness stays that of the machine. */
static struct sp_env machine;
static void world_random(void *self, void *out, size_t size)
{
    (void)self;
    machine.random(machine.self, out, size);
}

/* Whose device the test goes on with. */
static void become(struct world *w, const char *name, uint32_t device)
{
    struct sp_env *env;

    if (w->s != NULL) {
        w->s->replica.env = machine;
        satchel_close(w->s);
    }
    w->s = test_device_open(w->dir, name, w->org, device);
    env = &w->s->replica.env;
    machine = *env;
    env->self = w;
    env->now_ms = world_now;
    env->random = world_random;
    env->trace = NULL;
    w->s->replica.since = (struct cc_since_probe){ w, world_since };
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
    w->now_ms = machine.now_ms(machine.self);
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

/* ---- the day's close ------------------------------------------------------
 */

static const char *fact(const struct satchel_day *d, const char *name)
{
    for (size_t i = 0; i < d->fact_count; i++) {
        if (strcmp(d->fact[i].name, name) == 0) {
            return d->fact[i].text;
        }
    }
    return "";
}

/* Minutes past midnight in Shanghai of 2040-04-23, a Monday, or days later. */
static void set_clock(struct world *w, int days, unsigned minute)
{
    const struct cc_date monday = { 2040, 4, 23 };

    w->now_ms = cc_day_ms(cc_day_of(monday) + days, minute, 480);
}

/* cap 114 */
static void a_day_closes_with_its_facts_and_the_reps_comment(void **state)
{
    const struct satchel_input order[] = { { "outcome", "order",
        SATCHEL_SET } };
    const struct satchel_input bought[] = { { "date", "today", SATCHEL_SET },
        { "amount", "120.50 CNY", SATCHEL_SET } };
    const struct satchel_input done[] = { { "status", "done", SATCHEL_SET } };
    struct world *w = (struct world *)*state;
    struct satchel_saved open, task;
    struct satchel_record *r = NULL;
    struct satchel_day *d = NULL;

    set_clock(w, 0, 600);
    (void)add_account(w, "Alpha");
    set_clock(w, 1, 600); /* that one is not of today */
    (void)add_account(w, "Beta");
    task = add_task(w, "Alpha", "samples", "promise", 0);
    OK(w, satchel_record_edit(w->s, "task", task.id, done, 1, NULL, &w->e));
    (void)plan(w, "Alpha", NULL);
    open = plan(w, "Beta", NULL);
    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, NULL, &w->e));
    w->now_ms += 480000;
    OK(w, satchel_visit_end(w->s, NULL, order, 1, NULL, &w->e));
    (void)add(w, "purchase", "Alpha", bought, 2);
    (void)add(w, "purchase", "Alpha", bought, 2);
    assert_int_equal(
        satchel_day_close(w->s, "rain", &d, &w->e), SATCHEL_E_REQUIRED);
    assert_non_null(strstr(w->e.detail, "Beta"));
    assert_null(strstr(w->e.detail, "Alpha"));
    OK(w, satchel_route_skip(w->s, open.id, "shut", NULL, &w->e));
    OK(w, satchel_day_close(w->s, "rain", &d, &w->e));
    assert_string_equal(fact(d, "planned"), "2");
    assert_string_equal(fact(d, "made"), "1");
    assert_string_equal(fact(d, "skipped"), "1");
    assert_string_equal(fact(d, "visits"), "1");
    assert_string_equal(fact(d, "verified"), "0");
    assert_string_equal(fact(d, "minutes"), "8");
    assert_string_equal(fact(d, "order"), "1");
    assert_string_equal(fact(d, "promise"), "");
    assert_string_equal(fact(d, "purchases"), "2");
    assert_string_equal(fact(d, "amount"), "241.00 CNY");
    assert_string_equal(fact(d, "tasks_done"), "1");
    assert_string_equal(fact(d, "new_accounts"), "1");
    OK(w, satchel_record_show(w->s, "day_summary", d->id, &r, &w->e));
    satchel_free(r);
    assert_true(satchel_record_edit(w->s, "day_summary", d->id,
                    &(struct satchel_input){ "comment", "sun", SATCHEL_SET }, 1,
                    NULL, &w->e) != 0);
    satchel_free(d);
    assert_int_equal(
        satchel_day_close(w->s, "again", &d, &w->e), SATCHEL_E_EXISTS);
}

static void buy(struct world *w, const char *amount)
{
    const struct satchel_input in[] = { { "date", "today", SATCHEL_SET },
        { "amount", amount, SATCHEL_SET } };

    (void)add(w, "purchase", "Alpha", in, 2);
}

static void visit_alpha(struct world *w)
{
    const struct satchel_input order[] = { { "outcome", "order",
        SATCHEL_SET } };

    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, NULL, &w->e));
    w->now_ms += 600000;
    OK(w, satchel_visit_end(w->s, NULL, order, 1, NULL, &w->e));
}

/* Sunday is of last week, Monday begins at 00:00 of the device's zone, Friday
 * is still to come. */
static void live_a_week(struct world *w)
{
    const struct satchel_input done[] = { { "status", "done", SATCHEL_SET } };
    struct satchel_saved task, shut;

    set_clock(w, -1, 1400);
    (void)add_account(w, "Alpha");
    visit_alpha(w);
    buy(w, "1000 CNY");
    set_clock(w, 0, 1);
    (void)add_account(w, "Beta");
    (void)plan(w, "Alpha", NULL);
    visit_alpha(w);
    task = add_task(w, "Alpha", "samples", "promise", 0);
    (void)add_task(w, "Alpha", "price list", "promise", 1);
    set_clock(w, 1, 600);
    OK(w, satchel_record_edit(w->s, "task", task.id, done, 1, NULL, &w->e));
    shut = plan(w, "Beta", NULL);
    OK(w, satchel_route_skip(w->s, shut.id, "shop closed", NULL, &w->e));
    buy(w, "120.50 CNY");
    set_clock(w, 4, 600);
    (void)plan(w, "Beta", NULL);
    set_clock(w, 3, 600);
    (void)plan(w, "Beta", NULL);
    (void)plan(w, "Alpha", NULL);
    visit_alpha(w);
    buy(w, "20 USD");
    buy(w, "1.25 CNY");
}

/* cap 114 */
static void a_week_is_drafted_from_the_facts_of_monday_to_sunday(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_day *d = NULL;

    live_a_week(w);
    OK(w, satchel_week_draft(w->s, &d, &w->e));
    assert_true(d->week);
    assert_false(d->closed);
    assert_string_equal(d->date, "2040-04-23");
    assert_string_equal(d->until, "2040-04-29");
    assert_string_equal(fact(d, "planned"), "5");
    assert_string_equal(fact(d, "made"), "2");
    assert_string_equal(fact(d, "skipped"), "1");
    assert_string_equal(fact(d, "adherence"), "50%"); /* Friday is to come */
    assert_string_equal(fact(d, "visits"), "2");
    assert_string_equal(fact(d, "order"), "2");
    assert_string_equal(fact(d, "minutes"), "20");
    assert_string_equal(fact(d, "purchases"), "3");
    assert_string_equal(fact(d, "amount"), "121.75 CNY · 20.00 USD");
    assert_string_equal(fact(d, "tasks_done"), "1");
    assert_string_equal(fact(d, "tasks_late"), "1");
    assert_string_equal(fact(d, "new_accounts"), "1");
    assert_int_equal(d->skipped_count, 1);
    assert_string_equal(d->skipped[0].title, "Beta");
    assert_string_equal(d->skipped[0].date, "2040-04-24");
    assert_string_equal(d->skipped[0].reason, "shop closed");
    assert_int_equal(d->open_count, 1);
    assert_string_equal(d->open[0].date, "2040-04-26");
    satchel_free(d);
    OK(w, satchel_day_draft(w->s, &d, &w->e));
    assert_string_equal(fact(d, "planned"), "2");
    assert_string_equal(fact(d, "visits"), "1");
    assert_int_equal(d->skipped_count, 0);
    satchel_free(d);
    set_clock(w, 6, 1439); /* Sunday belongs to it, the next Monday does not */
    OK(w, satchel_week_draft(w->s, &d, &w->e));
    assert_string_equal(d->date, "2040-04-23");
    assert_string_equal(fact(d, "visits"), "2");
    assert_int_equal(d->open_count, 2);
    satchel_free(d);
    set_clock(w, 7, 0);
    OK(w, satchel_week_draft(w->s, &d, &w->e));
    assert_string_equal(d->date, "2040-04-30");
    assert_string_equal(fact(d, "visits"), "0");
    assert_string_equal(fact(d, "tasks_late"), "1");
    satchel_free(d);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_day_closes_with_its_facts_and_the_reps_comment),
        CASE(a_week_is_drafted_from_the_facts_of_monday_to_sunday),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
