/*
 * test_satchel_visit.c - how a visit begins and ends: one at a time at a door,
 * promises with their day, and what is void counts nowhere
 * (client-core/api/visit.c, underway.c, ahead.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "care_world.h"

static struct satchel_visit_begun *begin(
    struct care_world *w, const char *account, bool another)
{
    const struct satchel_visit_new what = { .account = account,
        .another = another };
    struct satchel_visit_begun *b = NULL;

    CARE_OK(w, satchel_visit_begin(w->s, &what, &b, &w->e));
    return b;
}

/* Begins and forgets what was told. */
static struct satchel_saved visit(struct care_world *w, const char *account)
{
    struct satchel_visit_begun *b = begin(w, account, false);
    struct satchel_saved saved = b->saved;

    satchel_free(b);
    return saved;
}

static void finish(struct care_world *w, const char *id)
{
    const struct satchel_input in = { "outcome", "order", SATCHEL_SET };
    struct satchel_visit_ended ended;

    CARE_OK(
        w, satchel_visit_finish(w->s, id, &in, 1, "no time", &ended, &w->e));
}

/* A manager's word. */
static void declare_void(struct care_world *w, const char *id)
{
    care_edit(w, "visit", id,
        "void+=at=2026-01-01T03:00:00Z; reason=was not there", NULL);
}

/* ---- under way ----------------------------------------------------------- */

static void a_second_one_at_the_same_door_is_refused_with_since_when(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_new what = { .account = "Alpha" };
    struct satchel_visit_begun *b = NULL;
    struct satchel_saved first;

    care_account(w, "Alpha");
    first = visit(w, "Alpha");
    care_at(w, "2026-01-01", 11);
    assert_int_equal(
        satchel_visit_begin(w->s, &what, &b, &w->e), SATCHEL_E_EXISTS);
    assert_null(b);
    assert_non_null(strstr(w->e.detail, "2026-01-01 10:00"));
    assert_non_null(strstr(w->e.detail, first.id));
    assert_non_null(strstr(w->e.detail, "Anna"));
    assert_int_equal(care_count(w, "visit"), 1);
    /* Who means a second one says so, and is told of the first. */
    b = begin(w, "Alpha", true);
    assert_int_equal(b->open_count, 1);
    assert_string_equal(b->open[0].visit_id, first.id);
    assert_true(b->open[0].here && b->open[0].mine);
    satchel_free(b);
    assert_int_equal(care_count(w, "visit"), 2);
}

/* The store's door is where it was left: also of one from a week ago. */
static void an_old_one_at_the_same_door_is_still_under_way(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_new what = { .account = "Alpha" };
    struct satchel_visit_begun *b = NULL;
    struct satchel_saved first;

    care_account(w, "Alpha");
    first = visit(w, "Alpha");
    care_at(w, "2026-01-09", 10);
    assert_int_equal(
        satchel_visit_begin(w->s, &what, &b, &w->e), SATCHEL_E_EXISTS);
    finish(w, first.id);
    (void)visit(w, "Alpha");
}

static void one_elsewhere_is_told_and_stops_nobody(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;
    const struct satchel_input in = { "outcome", "order", SATCHEL_SET };
    struct satchel_visit_begun *b;
    struct satchel_today *t = NULL;
    struct satchel_saved first;

    care_account(w, "Alpha");
    care_account(w, "Beta");
    first = visit(w, "Alpha");
    b = begin(w, "Beta", false);
    assert_int_equal(b->open_count, 1);
    assert_string_equal(b->open[0].account, "Alpha");
    assert_string_equal(b->open[0].visit_id, first.id);
    assert_false(b->open[0].here);
    satchel_free(b);
    CARE_OK(w, satchel_today(w->s, &t, &w->e));
    assert_int_equal(t->under_way_count, 2);
    assert_string_equal(t->under_way[0].account, "Alpha");
    assert_string_equal(t->under_way[1].account, "Beta");
    satchel_free(t);
    CARE_OK(w, satchel_visit_finish(w->s, NULL, &in, 1, NULL, &ended, &w->e));
    assert_int_equal(ended.still_open, 1);
    CARE_OK(w, satchel_visit_finish(w->s, NULL, &in, 1, NULL, &ended, &w->e));
    assert_int_equal(ended.still_open, 0);
}

/* ---- the door ------------------------------------------------------------ */

static void verdict(struct care_world *w, char out[40])
{
    /* 0.001 degrees north: 111 m */
    const struct satchel_input at = { "checkin_place.geo", "31.001,121,10",
        SATCHEL_SET };
    const struct satchel_visit_new what = { "Alpha", true, 1, &at };
    struct satchel_visit_begun *b = NULL;
    struct satchel_record *r = NULL;

    out[0] = '\0';
    CARE_OK(w, satchel_visit_begin(w->s, &what, &b, &w->e));
    CARE_OK(w, satchel_visit_show(w->s, b->saved.id, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, "verify") == 0) {
            (void)snprintf(out, 40, "%s", r->field[i].value[0].text);
        }
    }
    satchel_free(r);
    satchel_free(b);
}

static void a_rule_says_how_near_is_at_the_door(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char said[40];

    (void)care_add(w, "account", NULL, "name=Alpha", "territory_id=A-1",
        "geo=31,121,10", NULL);
    verdict(w, said);
    assert_string_equal(said, "verdict=verified; distance_m=111");
    (void)care_add(
        w, "data_rule", NULL, "name=Door", "kind=check_in", "metres=110", NULL);
    verdict(w, said);
    assert_string_equal(said, "verdict=outside; distance_m=111");
    care_edit(w, "data_rule", "Door", "metres=9", NULL);
    verdict(w, said);
    assert_string_equal(said, "verdict=unverified; distance_m=111");
}

/* ---- what is to come ----------------------------------------------------- */

static void what_is_to_come_is_not_over(void **state)
{
    static const struct {
        const char *entity, *field, *over, *today;
        struct satchel_input with[3];
    } cases[] = {
        { "task", "due", "2025-12-31", "2026-01-01",
            { { "title", "Call", SATCHEL_SET } } },
        { "planned_visit", "date", "2025-12-31", "2026-01-01",
            { { "rep", "me", SATCHEL_SET } } },
        { "visit", "next_date", "2025-12-31", "2026-01-01",
            { { "type", "sales", SATCHEL_SET },
                { "checkin", "now", SATCHEL_SET } } },
        { "activity", "promise", "due=2025-12-31; what=call",
            "due=2026-01-01; what=call",
            { { "at", "now", SATCHEL_SET }, { "channel", "phone", SATCHEL_SET },
                { "outcome", "promise", SATCHEL_SET } } },
        { "activity", "promise.due", "2025-12-31", "2026-01-01",
            { { "at", "now", SATCHEL_SET }, { "channel", "phone", SATCHEL_SET },
                { "promise.what", "call", SATCHEL_SET } } },
    };
    struct care_world *w = (struct care_world *)*state;

    care_account(w, "Alpha");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct satchel_input in[4] = { { cases[i].field, cases[i].over,
            SATCHEL_SET } };
        struct satchel_saved saved;
        size_t n = 1;

        for (size_t k = 0; k < 3 && cases[i].with[k].field != NULL; k++) {
            in[n++] = cases[i].with[k];
        }
        assert_int_equal(satchel_record_add(w->s, cases[i].entity, "Alpha", in,
                             n, &saved, &w->e),
            SATCHEL_E_PAST);
        assert_string_equal(w->e.name, "SP_E_PAST");
        assert_non_null(strstr(w->e.detail, "2025-12-31"));
        in[0].text = cases[i].today;
        CARE_OK(w, satchel_record_add(
                       w->s, cases[i].entity, "Alpha", in, n, &saved, &w->e));
        in[0].text = cases[i].over;
        if (strcmp(cases[i].entity, "activity") != 0) { /* written once */
            assert_int_equal(satchel_record_edit(w->s, cases[i].entity,
                                 saved.id, in, 1, NULL, &w->e),
                SATCHEL_E_PAST);
        }
    }
}

/* What was saved in time may be edited when its day is over. */
static void a_late_task_is_still_edited(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    care_account(w, "Alpha");
    (void)care_add(w, "task", "Alpha", "title=Call", "due=2026-01-02", NULL);
    care_at(w, "2026-01-09", 10);
    care_edit(w, "task", "Call", "status=done", NULL);
}

/* cap 23, of a visit and of a call. */
static void cap_23_a_promise_has_its_date_wherever_it_is_made(void **state)
{
    const struct satchel_input bare[] = { { "outcome", "promise",
        SATCHEL_SET } };
    const struct satchel_input dated[] = { bare[0],
        { "next_date", "2026-01-05", SATCHEL_SET } };
    const struct satchel_input taken = { "next_date", "", SATCHEL_SET };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;
    struct satchel_saved v;

    care_account(w, "Alpha");
    assert_int_equal(satchel_care_call(w->s, "Alpha", "promise", "samples",
                         NULL, NULL, NULL, 0, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    assert_non_null(strstr(w->e.detail, "needs its date"));
    v = visit(w, "Alpha");
    assert_int_equal(
        satchel_visit_finish(w->s, NULL, bare, 1, NULL, &ended, &w->e),
        SATCHEL_E_REQUIRED);
    assert_non_null(strstr(w->e.detail, "needs its date"));
    CARE_OK(w, satchel_visit_finish(w->s, NULL, dated, 2, NULL, &ended, &w->e));
    assert_int_equal(
        satchel_record_edit(w->s, "visit", v.id, &taken, 1, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    v = visit(w, "Alpha");
    finish(w, v.id);
    assert_int_equal(
        satchel_record_edit(w->s, "visit", v.id, bare, 1, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    care_edit(
        w, "visit", v.id, "outcome=promise", "next_date=2026-01-06", NULL);
}

/* ---- void ---------------------------------------------------------------- */

static bool brief_has(
    struct care_world *w, const char *account, const char *kind)
{
    struct satchel_brief *b = NULL;
    bool found = false;

    CARE_OK(w, satchel_brief(w->s, account, &b, &w->e));
    for (size_t i = 0; i < b->count; i++) {
        found = found || strcmp(b->fact[i].kind, kind) == 0;
    }
    satchel_free(b);
    return found;
}

static unsigned fact(struct care_world *w, const char *name)
{
    struct satchel_day *d = NULL;
    unsigned n = 999;

    CARE_OK(w, satchel_day_draft(w->s, &d, &w->e));
    for (size_t i = 0; i < d->fact_count; i++) {
        if (strcmp(d->fact[i].name, name) == 0) {
            assert_int_equal(sscanf(d->fact[i].text, "%u", &n), 1);
        }
    }
    satchel_free(d);
    return n;
}

static size_t calls_due(struct care_world *w)
{
    struct satchel_care_list *l = care_due(w, SATCHEL_CARE_LOOK);
    size_t n = l->count;

    satchel_free(l);
    return n;
}

static void label(struct care_world *w, const char *name, char out[32])
{
    struct satchel_labels *l = NULL;

    out[0] = '\0';
    CARE_OK(w, satchel_labels(w->s, "Alpha", &l, &w->e));
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->label[i].name, name) == 0) {
            (void)snprintf(out, 32, "%s", l->label[i].value);
        }
    }
    satchel_free(l);
}

static void what_is_void_counts_nowhere(void **state)
{
    const struct satchel_input promised[] = { { "outcome", "promise",
                                                  SATCHEL_SET },
        { "next_date", "2026-03-05", SATCHEL_SET } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;
    struct satchel_saved v;
    char said[32];

    (void)care_add(w, "care_rule", NULL, "name=cycle", "kind=cycle",
        "cycle_days=14", "action=call", "title=Call again", NULL);
    care_account(w, "Alpha");
    care_at(w, "2026-03-01", 10);
    assert_int_equal(calls_due(w), 1);
    (void)care_add(
        w, "planned_visit", "Alpha", "rep=me", "date=2026-03-01", NULL);
    v = visit(w, "Alpha");
    CARE_OK(
        w, satchel_visit_finish(w->s, v.id, promised, 2, NULL, &ended, &w->e));
    assert_true(brief_has(w, "Alpha", "last_visit"));
    assert_true(brief_has(w, "Alpha", "promise"));
    assert_int_equal(fact(w, "visits"), 1);
    assert_int_equal(fact(w, "made"), 1);
    assert_int_equal(calls_due(w), 0);
    label(w, "visit_count", said);
    assert_string_equal(said, "1");
    declare_void(w, v.id);
    assert_false(brief_has(w, "Alpha", "last_visit"));
    assert_false(brief_has(w, "Alpha", "promise"));
    assert_int_equal(fact(w, "visits"), 0);
    assert_int_equal(fact(w, "made"), 0);
    assert_int_equal(calls_due(w), 1);
    label(w, "visit_count", said);
    assert_string_equal(said, "0");
    /* Nor is it under way. */
    v = visit(w, "Alpha");
    declare_void(w, v.id);
    assert_int_equal(satchel_visit_end(w->s, NULL, NULL, 0, NULL, &w->e),
        SATCHEL_E_NOT_FOUND);
    (void)visit(w, "Alpha");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, care_begin, care_end)
    const struct CMUnitTest tests[] = {
        CASE(a_second_one_at_the_same_door_is_refused_with_since_when),
        CASE(an_old_one_at_the_same_door_is_still_under_way),
        CASE(one_elsewhere_is_told_and_stops_nobody),
        CASE(a_rule_says_how_near_is_at_the_door),
        CASE(what_is_to_come_is_not_over),
        CASE(a_late_task_is_still_edited),
        CASE(cap_23_a_promise_has_its_date_wherever_it_is_made),
        CASE(what_is_void_counts_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
