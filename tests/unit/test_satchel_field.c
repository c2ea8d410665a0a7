/* test_satchel_field.c - what a rep does in front of a customer, on a device
 * without a network: store check, steps, route, how long it took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "photo/jpeg.h"

#include "care_world.h"

static const struct satchel_input order = { "outcome", "order", SATCHEL_SET };

/* Whether or not one is under way there. */
static void start(struct care_world *w, const char *account)
{
    const struct satchel_visit_new what = { .account = account,
        .another = true };
    struct satchel_visit_begun *begun = NULL;

    CARE_OK(w, satchel_visit_begin(w->s, &what, &begun, &w->e));
    satchel_free(begun);
}

static void end(struct care_world *w)
{
    CARE_OK(w, satchel_visit_end(w->s, NULL, &order, 1, NULL, &w->e));
}

/* ---- store check -----------------------------------------------------------
 */

static int check(struct care_world *w, const char *product, const char *field,
    const char *text, bool is_new)
{
    const struct satchel_input in = { field, text, SATCHEL_SET };
    const struct satchel_check_new what = {
        .product = product, .is_new = is_new, .count = 1, .input = &in
    };
    struct satchel_saved saved;

    return satchel_check_add(w->s, &what, &saved, &w->e);
}

static struct satchel_checks *checks(struct care_world *w)
{
    struct satchel_checks *l = NULL;

    CARE_OK(w, satchel_check_list(w->s, NULL, &l, &w->e));
    return l;
}

static void seen_before(struct care_world *w)
{
    care_account(w, "Alpha");
    (void)care_add(w, "store_check", "Alpha", "product=Green tea", "at=now",
        "facings=4", "shelf_stock=12", "price=3.50 CNY", "date_code=2025-11-01",
        "remark=wet box", NULL);
    (void)care_add(w, "store_check", "Alpha", "product=Green tea leaf",
        "at=now", "facings=1", NULL);
    (void)care_add(w, "store_check", "Alpha", "product=Green tea", "at=now",
        "competitor=Rival", "price=3.20 CNY", NULL);
    care_at(w, "2026-01-15", 10);
    start(w, "Alpha");
}

static void a_check_takes_over_what_nobody_typed(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_checks *l;
    char remark[32];

    seen_before(w);
    l = checks(w);
    assert_int_equal(l->count, 3);
    assert_string_equal(l->check[0].product, "Green tea");
    assert_string_equal(l->check[0].competitor, "");
    assert_string_equal(l->check[0].shelf_stock, "12");
    assert_false(l->check[0].now);
    assert_string_equal(l->check[2].competitor, "Rival");
    satchel_free(l);

    CARE_OK(w, check(w, "Green tea", "shelf_stock", "4", false));
    l = checks(w);
    assert_int_equal(l->count, 3);
    assert_true(l->check[0].now);
    assert_string_equal(l->check[0].shelf_stock, "4");
    assert_string_equal(l->check[0].facings, "4");
    assert_string_equal(l->check[0].price, "3.50 CNY");
    assert_string_equal(l->check[0].date_code, "2025-11-01");
    assert_true(l->check[0].at_ms >= care_ms("2026-01-15", 10));
    assert_string_equal(
        care_field(w, "store_check", l->check[0].id, "remark", remark), "");
    assert_false(l->check[2].now); /* the rival's was not looked at */
    satchel_free(l);
}

static void a_value_that_is_gone_is_not_taken_over(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_checks *l;

    seen_before(w);
    CARE_OK(w, check(w, "Green tea", "price", "", false));
    l = checks(w);
    assert_string_equal(l->check[0].price, "");
    assert_string_equal(l->check[0].facings, "4");
    satchel_free(l);
}

static void a_competitors_product_is_his_own(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    const struct satchel_input in[] = { { "competitor", "Rival", SATCHEL_SET },
        { "price", "2.90 CNY", SATCHEL_SET } };
    const struct satchel_check_new what = {
        .product = "Green tea", .count = 2, .input = in
    };
    struct satchel_saved saved;
    struct satchel_checks *l;

    seen_before(w);
    CARE_OK(w, satchel_check_add(w->s, &what, &saved, &w->e));
    l = checks(w);
    assert_int_equal(l->count, 3);
    assert_string_equal(l->check[2].price, "2.90 CNY");
    assert_true(l->check[2].now);
    assert_string_equal(l->check[0].price, "3.50 CNY");
    assert_false(l->check[0].now);
    satchel_free(l);
}

static void a_product_is_named_by_its_beginning_or_is_a_new_one(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_checks *l;

    seen_before(w);
    assert_int_equal(
        check(w, "Green", "facings", "2", false), SATCHEL_E_AMBIGUOUS);
    CARE_OK(w, check(w, "Green tea l", "facings", "2", false));
    CARE_OK(w, check(w, "Green", "facings", "7", true));
    l = checks(w);
    assert_int_equal(l->count, 4);
    assert_string_equal(l->check[0].product, "Green");
    assert_string_equal(l->check[0].facings, "7");
    assert_string_equal(l->check[2].product, "Green tea leaf");
    assert_string_equal(l->check[2].facings, "2");
    satchel_free(l);
    assert_int_equal(
        check(w, "Green", "facings", "many", false), SATCHEL_E_VALUE);
}

static void all_others_are_as_they_were(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_checks *l;
    size_t count = 9;

    seen_before(w);
    CARE_OK(w, check(w, "Green tea", "shelf_stock", "4", false));
    CARE_OK(w, satchel_check_same(w->s, NULL, &count, &w->e));
    assert_int_equal(count, 2);
    l = checks(w);
    assert_true(l->check[0].now && l->check[1].now && l->check[2].now);
    assert_string_equal(l->check[0].shelf_stock, "4");
    assert_string_equal(l->check[2].price, "3.20 CNY");
    satchel_free(l);
    CARE_OK(w, satchel_check_same(w->s, NULL, &count, &w->e));
    assert_int_equal(count, 0);
    assert_int_equal(care_count(w, "store_check"), 6);
}

/* ---- steps ------------------------------------------------------------------
 */

static void want_steps(struct care_world *w)
{
    care_account(w, "Alpha");
    (void)care_add(w, "playbook", NULL, "name=sales visit", "visit=sales",
        "steps+=order=2; what=Tidy the shelf; exit=true",
        "steps+=order=1; what=Shop front; exit=true; proof=photo",
        "steps+=order=4; what=Ask for news",
        "steps+=order=3; what=After the tidying; exit=true; proof=photo", NULL);
    (void)care_add(w, "playbook", NULL, "name=audit", "visit=audit",
        "steps+=order=1; what=Count everything; exit=true", NULL);
    (void)care_add(w, "playbook", NULL, "name=loyal", "visit=sales",
        "funnel=loyal", "steps+=order=9; what=Thank them; exit=true", NULL);
    start(w, "Alpha");
}

static struct satchel_steps *steps(struct care_world *w)
{
    struct satchel_steps *l = NULL;

    CARE_OK(w, satchel_visit_steps(w->s, NULL, &l, &w->e));
    return l;
}

static void assert_states(struct care_world *w, const char *states)
{
    static const char name[] = { 'o', 'd', 's' };
    struct satchel_steps *l = steps(w);

    assert_int_equal(l->count, strlen(states));
    for (size_t i = 0; i < l->count; i++) {
        assert_int_equal(name[l->step[i].state], states[i]);
    }
    satchel_free(l);
}

static void take_photo(struct care_world *w, uint8_t shade)
{
    uint8_t line[96];
    struct satchel_attachment_saved saved;
    struct satchel_attachment_new what = { .name = "a.jpg" };
    struct cc_jpeg *j;
    struct sp_buf b;

    memset(line, shade, sizeof(line));
    sp_buf_init(&b, 1 << 20);
    assert_int_equal(cc_jpeg_new(&j, 32, 32, 90, sp_slice_of(NULL, 0)), SP_OK);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(cc_jpeg_line(j, line), SP_OK);
    }
    assert_int_equal(cc_jpeg_end(j, &b), SP_OK);
    cc_jpeg_free(j);
    what.bytes = sp_buf_slice(&b).data;
    what.size = sp_buf_slice(&b).size;
    CARE_OK(w, satchel_attachment_add(w->s, &what, &saved, &w->e));
    sp_buf_free(&b);
}

static void steps_stand_in_their_order_for_this_type_and_status(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_steps *l;

    want_steps(w);
    l = steps(w);
    assert_int_equal(l->count, 4);
    assert_string_equal(l->step[0].what, "Shop front");
    assert_string_equal(l->step[0].proof, "photo");
    assert_string_equal(l->step[1].what, "Tidy the shelf");
    assert_true(l->step[1].required);
    assert_string_equal(l->step[3].what, "Ask for news");
    assert_false(l->step[3].required);
    satchel_free(l);
    care_edit(w, "account", "Alpha", "funnel_status=loyal", NULL);
    assert_states(w, "ooooo");
}

static void photos_are_the_proof_of_their_steps_one_each(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    want_steps(w);
    take_photo(w, 10);
    assert_states(w, "dooo");
    take_photo(w, 10); /* the same again proves nothing new */
    assert_states(w, "dooo");
    take_photo(w, 200);
    assert_states(w, "dodo");
}

static void a_required_step_is_skipped_with_a_reason_only(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_saved saved;
    struct satchel_steps *l;

    want_steps(w);
    assert_int_equal(
        satchel_visit_step(w->s, NULL, "Tidy", false, NULL, &saved, &w->e),
        SATCHEL_E_REQUIRED);
    assert_states(w, "oooo");
    CARE_OK(w, satchel_visit_step(w->s, NULL, "Tidy", false,
                   "no room; none = none", &saved, &w->e));
    CARE_OK(w, satchel_visit_step(w->s, NULL, "4", false, NULL, &saved, &w->e));
    assert_states(w, "osos");
    l = steps(w);
    assert_string_equal(l->step[1].reason, "no room; none = none");
    satchel_free(l);
    w->now_ms += 60000;
    CARE_OK(w, satchel_visit_step(
                   w->s, NULL, "Tidy the shelf", true, NULL, &saved, &w->e));
    assert_states(w, "odos");
    assert_int_equal(
        satchel_visit_step(w->s, NULL, "Sing", true, NULL, &saved, &w->e),
        SATCHEL_E_NOT_FOUND);
    assert_non_null(strstr(w->e.detail, "2 Tidy the shelf"));
    assert_int_equal(
        satchel_visit_step(w->s, NULL, "A", true, NULL, &saved, &w->e),
        SATCHEL_E_AMBIGUOUS);
}

static void a_visit_ends_when_required_steps_are_done_or_have_a_reason(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;

    want_steps(w);
    take_photo(w, 10);
    assert_int_equal(
        satchel_visit_finish(w->s, NULL, &order, 1, NULL, &ended, &w->e),
        SATCHEL_E_REQUIRED);
    assert_null(strstr(w->e.detail, "Shop front"));
    assert_non_null(strstr(w->e.detail, "Tidy the shelf; After the tidying"));
    assert_null(strstr(w->e.detail, "Ask for news"));
    CARE_OK(w, satchel_visit_finish(
                   w->s, NULL, &order, 1, "the owner was away", &ended, &w->e));
    assert_int_equal(ended.skipped, 2);
    assert_int_equal(satchel_visit_steps(
                         w->s, NULL, &(struct satchel_steps *){ NULL }, &w->e),
        SATCHEL_E_NOT_FOUND); /* none is open */
}

static void who_was_not_let_in_is_asked_for_no_step(void **state)
{
    static const struct satchel_input closed = { "outcome", "closed_door",
        SATCHEL_SET };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;

    want_steps(w);
    CARE_OK(
        w, satchel_visit_finish(w->s, NULL, &closed, 1, NULL, &ended, &w->e));
    assert_int_equal(ended.skipped, 0);
}

/* ---- route ------------------------------------------------------------------
 */

static void assert_route(struct care_world *w, const char *titles)
{
    const struct satchel_route_query query = { .from = "31.0,121.0" };
    struct satchel_route *r = NULL;
    char said[200] = "";

    CARE_OK(w, satchel_route(w->s, &query, &r, &w->e));
    for (size_t i = 0; i < r->count; i++) {
        (void)strcat(strcat(said, i == 0 ? "" : " "), r->stop[i].title);
    }
    assert_string_equal(said, titles);
    satchel_free(r);
}

static void save(struct care_world *w, const char *const *account, size_t count,
    struct satchel_route_saved *out)
{
    const struct satchel_route_new what = {
        .account = account, .count = count, .has_min = true, .min_stops = 2
    };

    CARE_OK(w, satchel_route_save(w->s, &what, out, &w->e));
}

/* Due on days before today: the later one first in the list of accounts. */
static void due(struct care_world *w)
{
    care_account(w, "Far");
    care_account(w, "Near");
    care_account(w, "Late");
    care_edit(
        w, "account", "Far", "geo=31.5,121.0,20", "visit_cycle_days=14", NULL);
    care_edit(
        w, "account", "Near", "geo=31.1,121.0,20", "visit_cycle_days=14", NULL);
    care_edit(
        w, "account", "Late", "geo=31.9,121.0,20", "visit_cycle_days=7", NULL);
    start(w, "Far");
    end(w);
    start(w, "Near");
    end(w);
    start(w, "Late");
    end(w);
    care_at(w, "2026-01-20", 8);
}

static void a_route_goes_by_due_day_then_distance(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    due(w);
    assert_route(w, "Late Near Far");
    /* The best customers first among those who are due on the same day. */
    (void)care_add(w, "tier_rule", NULL, "tier=gold", "version=1",
        "min_spend=100 CNY", "window_days=365", "active=true", NULL);
    (void)care_add(w, "purchase", "Far", "date=2026-01-05", "amount=5000 CNY",
        "paid=2026-01-05", NULL);
    assert_route(w, "Late Far Near");
}

static void a_saved_route_leads_in_its_order(void **state)
{
    static const char *const first[] = { "Near", "Far", "Near" };
    static const char *const second[] = { "Late" };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_route_saved saved;
    struct satchel_today *t = NULL;

    due(w);
    save(w, first, 3, &saved);
    assert_int_equal(saved.stops, 2);
    assert_int_equal(saved.planned, 2);
    assert_route(w, "Near Far Late");
    CARE_OK(w, satchel_today(w->s, &t, &w->e));
    assert_int_equal(t->visit_count, 2);
    assert_int_equal(t->min_stops, 2);
    assert_string_equal(t->visit[0].title, "Near");
    assert_int_equal(t->visit[1].place, 2);
    satchel_free(t);

    /* Saved again: what was dropped is not planned any more, unless made. */
    start(w, "Near");
    end(w);
    save(w, second, 1, &saved);
    assert_int_equal(saved.planned, 1);
    assert_int_equal(saved.cancelled, 1);
    assert_int_equal(care_count(w, "route_plan"), 1);
    CARE_OK(w, satchel_today(w->s, &t, &w->e));
    assert_int_equal(t->visit_count, 2);
    assert_string_equal(t->visit[0].title, "Late");
    assert_string_equal(t->visit[1].title, "Near");
    assert_true(t->visit[1].made);
    satchel_free(t);
}

static void without_names_the_route_that_is_shown_is_saved(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    const struct satchel_route_new what = { .limit = 2, .from = "31.0,121.0" };
    struct satchel_route_saved saved;

    assert_int_equal(
        satchel_route_save(w->s, &what, &saved, &w->e), SATCHEL_E_REQUIRED);
    due(w);
    CARE_OK(w, satchel_route_save(w->s, &what, &saved, &w->e));
    assert_int_equal(saved.stops, 2);
    assert_route(w, "Late Near Far");
}

static const char *fact(const struct satchel_day *d, const char *name)
{
    for (size_t i = 0; i < d->fact_count; i++) {
        if (strcmp(d->fact[i].name, name) == 0) {
            return d->fact[i].text;
        }
    }
    return "";
}

static void the_days_close_says_how_much_of_the_route_was_kept(void **state)
{
    static const char *const route[] = { "Near", "Far", "Late" };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_route_saved saved;
    struct satchel_day *d = NULL;

    due(w);
    CARE_OK(w, satchel_day_draft(w->s, &d, &w->e));
    assert_string_equal(fact(d, "adherence"), ""); /* nothing was planned */
    satchel_free(d);
    save(w, route, 3, &saved);
    start(w, "Far");
    end(w);
    CARE_OK(w, satchel_day_draft(w->s, &d, &w->e));
    assert_string_equal(fact(d, "planned"), "3");
    assert_string_equal(fact(d, "made"), "1");
    assert_string_equal(fact(d, "adherence"), "33%");
    assert_string_equal(fact(d, "min_stops"), "2");
    assert_int_equal(d->open_count, 2);
    satchel_free(d);
}

/* ---- how long it took
 * -------------------------------------------------------- */

static struct cc_since moment = { { 1 }, 1000 };

static bool look(void *self, struct cc_since *out)
{
    (void)self;
    *out = moment;
    return true;
}

static void the_length_of_a_visit_is_not_that_of_the_wall_clock(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;

    w->s->replica.since = (struct cc_since_probe){ NULL, look };
    care_account(w, "Alpha");
    start(w, "Alpha");
    moment.ms += 480000;
    care_at(w, "2026-01-03", 10); /* somebody set the date */
    CARE_OK(
        w, satchel_visit_finish(w->s, NULL, &order, 1, NULL, &ended, &w->e));
    assert_int_equal(ended.seconds, 480);
    assert_false(ended.by_wall_clock);
}

static void after_a_restart_the_wall_clock_counts_and_it_is_told(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_visit_ended ended;

    w->s->replica.since = (struct cc_since_probe){ NULL, look };
    care_account(w, "Alpha");
    start(w, "Alpha");
    moment.start[0]++;
    moment.ms = 5;
    w->now_ms += 600000;
    CARE_OK(
        w, satchel_visit_finish(w->s, NULL, &order, 1, NULL, &ended, &w->e));
    assert_in_range(ended.seconds, 600, 601);
    assert_true(ended.by_wall_clock);
}

static sp_err count_one(void *arg, struct sp_slice key, struct sp_slice value)
{
    (void)value;
    *(size_t *)arg += key.size == 6 + sizeof(struct sp_id); /* since/ID */
    return SP_OK;
}

static size_t notes_of(struct care_world *w)
{
    struct cc_replica *r = &w->s->replica;
    struct sp_txn *txn = NULL;
    size_t count = 0;

    assert_int_equal(r->store.begin(r->store.self, false, &txn), SP_OK);
    assert_int_equal(r->store.walk(txn, SP_T_ROOM_0, sp_slice_text("since/"),
                         sp_slice_of(NULL, 0), true, count_one, &count),
        SP_OK);
    r->store.abort(txn);
    return count;
}

static void notes_of_other_starts_of_the_machine_go(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    w->s->replica.since = (struct cc_since_probe){ NULL, look };
    care_account(w, "Alpha");
    for (int i = 0; i < 20; i++) {
        start(w, "Alpha");
    }
    assert_int_equal(notes_of(w), 20);
    moment.start[0]++;
    start(w, "Alpha"); /* sixteen at a time */
    assert_int_equal(notes_of(w), 5);
    start(w, "Alpha");
    assert_int_equal(notes_of(w), 2);
    start(w, "Alpha");
    assert_int_equal(notes_of(w), 3);
    moment.start[0]++;
    start(w, "Alpha");
    assert_int_equal(notes_of(w), 1);
}

static void what_the_device_finds_out_nobody_types(void **state)
{
    static const struct {
        const char *field, *text;
    } cases[] = { { "verify", "verdict=verified" },
        { "verify.verdict", "verified" }, { "duration_s", "480" } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_saved saved;

    care_account(w, "Alpha");
    for (size_t i = 0; i < 3; i++) {
        const struct satchel_input in[] = {
            { cases[i].field, cases[i].text, SATCHEL_SET },
            { "checkin", "now", SATCHEL_SET }, { "type", "sales", SATCHEL_SET }
        };

        assert_int_not_equal(
            satchel_visit_start(w->s, "Alpha", in, 1, &saved, &w->e), 0);
        assert_non_null(strstr(w->e.detail, "nobody types it"));
        assert_int_not_equal(
            satchel_record_add(w->s, "visit", "Alpha", in, 3, &saved, &w->e),
            0);
        start(w, "Alpha");
        assert_int_not_equal(
            satchel_visit_end(w->s, NULL, in, 1, &saved, &w->e), 0);
        end(w);
    }
    assert_int_equal(care_count(w, "visit"), 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, care_begin, care_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_check_takes_over_what_nobody_typed),
        CASE(a_value_that_is_gone_is_not_taken_over),
        CASE(a_competitors_product_is_his_own),
        CASE(a_product_is_named_by_its_beginning_or_is_a_new_one),
        CASE(all_others_are_as_they_were),
        CASE(steps_stand_in_their_order_for_this_type_and_status),
        CASE(photos_are_the_proof_of_their_steps_one_each),
        CASE(a_required_step_is_skipped_with_a_reason_only),
        CASE(a_visit_ends_when_required_steps_are_done_or_have_a_reason),
        CASE(who_was_not_let_in_is_asked_for_no_step),
        CASE(a_route_goes_by_due_day_then_distance),
        CASE(a_saved_route_leads_in_its_order),
        CASE(without_names_the_route_that_is_shown_is_saved),
        CASE(the_days_close_says_how_much_of_the_route_was_kept),
        CASE(the_length_of_a_visit_is_not_that_of_the_wall_clock),
        CASE(after_a_restart_the_wall_clock_counts_and_it_is_told),
        CASE(notes_of_other_starts_of_the_machine_go),
        CASE(what_the_device_finds_out_nobody_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
