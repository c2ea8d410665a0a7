/* test_exchange.c - a device, its branch and head office talk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parties.h"

struct world {
    struct test_world *w;
    struct test_party *head, *branch, *anna, *mia;
};

static int setup(void **state)
{
    struct world *s = test_calloc(1, sizeof *s);
    s->w = test_world_new(1);
    s->head = test_world_party(s->w, 1);
    s->anna = test_world_ready(s->w, 111);
    s->branch = test_world_party(s->w, 2);
    s->mia = test_world_party(s->w, 110);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct world *s = *state;
    for (uint32_t i = 0; i < s->w->count; i++) {
        test_party_check(s->w->party[i]);
    }
    test_world_free(s->w);
    test_free(s);
    return 0;
}

static uint32_t names(struct test_party *p, const struct sp_ref *account)
{
    return test_party_values(p, account, 2);
}

static uint32_t scopes_of(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_scopes scopes = { .count = 0 };
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_state_scopes(&tx, ref, &scopes), SP_OK);
    sp_tx_abort(&tx);
    return scopes.count;
}

/* A conversation that ends after so many round trips; records that came. */
static uint64_t cut_after(
    struct test_party *a, struct test_party *b, uint32_t turns)
{
    struct sp_link *la = test_party_dial(a, b), *lb = test_party_answer(b);
    struct sp_buf up, down;
    enum sp_need need;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    for (uint32_t i = 0; i < turns && !sp_link_done(la); i++) {
        assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
        assert_int_equal(test_party_turn(b, lb, true, &down), SP_OK);
        assert_int_equal(
            sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
        assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    }
    uint64_t pulled = sp_link_report(la)->pulled;
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
    return pulled;
}

static void an_account_made_offline_reaches_head_office(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.pushed, 1);
    assert_int_equal(r.accepted, 1);
    assert_int_equal(names(s->branch, &a), 1);
    r = test_party_sync(s->branch, s->head);
    assert_int_equal(r.accepted, 1);
    assert_int_equal(names(s->head, &a), 1);
    assert_int_equal(names(s->anna, &a), 1);
    test_party_sync(s->anna, s->branch); /* learns that head office has it */
    r = test_party_sync(s->anna, s->branch);
    assert_true(r.same);
    assert_int_equal(r.round_trips, 1);
    assert_true(s->anna->bytes + 40 <= 400);
    r = test_party_sync(s->branch, s->head);
    r = test_party_sync(s->branch, s->head);
    assert_true(r.same);
}

/* Every commit counts once, where it is, at each tier. */
static void a_status_counts_each_commit_where_it_is(void **state)
{
    struct world *s = *state;
    (void)test_party_account(s->anna, "Corner shop", "A-1");
    assert_int_equal(test_party_status(s->anna).pending, 1);
    test_party_sync(s->anna, s->branch);
    struct sp_status at = test_party_status(s->anna);
    assert_int_equal(at.pending + at.at_head_office, 0);
    assert_int_equal(at.at_branch, 1);
    assert_int_equal(test_party_status(s->branch).at_branch, 1);
    assert_true(at.last_branch_ms > 0 && at.last_head_office_ms == 0);
    test_party_sync(s->branch, s->head);
    at = test_party_status(s->branch);
    assert_int_equal(at.at_branch, 0);
    assert_int_equal(at.at_head_office, 1);
    assert_true(at.last_head_office_ms > 0 && at.last_device_ms > 0);
    test_party_sync(s->anna, s->branch);
    assert_int_equal(test_party_status(s->anna).at_head_office, 1);
}

/* Who hands it in there himself need not ask again to know. */
static void what_head_office_takes_is_at_head_office_at_once(void **state)
{
    struct world *s = *state;
    (void)test_party_account(s->anna, "Corner shop", "A-1");
    struct sp_link_report r = test_party_sync(s->anna, s->head);
    struct sp_status at = test_party_status(s->anna);
    assert_int_equal(r.deferred, 1); /* branch A judges it */
    assert_int_equal(r.accepted, 0);
    assert_int_equal(at.at_branch, 0);
    assert_int_equal(at.at_head_office, 1);
    assert_int_equal(at.deferred, 1);
    assert_true(at.last_upper_ms > 0);
}

static void two_who_edit_one_field_keep_both_values(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    test_party_sync(s->anna, s->branch);
    test_party_sync(s->mia, s->branch);
    assert_int_equal(test_party_rename(s->anna, &a, "Anna's name"), SP_OK);
    assert_int_equal(test_party_rename(s->mia, &a, "Mia's name"), SP_OK);
    test_party_sync(s->mia, s->branch);
    test_party_sync(s->anna, s->branch);
    test_party_sync(s->mia, s->branch);
    assert_int_equal(names(s->branch, &a), 2);
    assert_int_equal(names(s->anna, &a), 2);
    assert_int_equal(names(s->mia, &a), 2);
    assert_int_equal(test_party_rename(s->mia, &a, "Settled"), SP_OK);
    test_party_sync(s->mia, s->branch);
    test_party_sync(s->anna, s->branch);
    assert_int_equal(names(s->anna, &a), 1);
    test_party_sync(s->branch, s->head);
    assert_int_equal(names(s->head, &a), 1);
}

static void an_edit_in_an_open_session_costs_one_round_trip(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    struct sp_link *la = test_party_dial(s->anna, s->branch),
                   *lb = test_party_answer(s->branch);
    assert_int_equal(test_party_play(s->anna, la, s->branch, lb), SP_OK);
    uint64_t trips = sp_link_report(la)->round_trips;
    assert_int_equal(test_party_rename(s->anna, &a, "Tiny shop"), SP_OK);
    assert_int_equal(sp_link_again(la), SP_OK);
    assert_int_equal(test_party_play(s->anna, la, s->branch, lb), SP_OK);
    assert_int_equal(sp_link_report(la)->round_trips, trips + 1);
    printf("# edit: bytes=%zu with nng's %zu\n", s->anna->bytes,
        s->anna->bytes + 24);
    assert_true(s->anna->bytes + 24 <= 400);
    assert_int_equal(names(s->branch, &a), 1);
    sp_link_free(la);
    sp_link_free(lb);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void a_thousand_visits_cross_once(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    for (int i = 0; i < 1000; i++) {
        (void)test_party_visit(s->anna, &a);
    }
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.pushed, 1001);
    assert_int_equal(r.alarms, 0);
    test_party_sync(s->mia, s->branch);
    test_party_sync(s->branch, s->head);
    test_party_sync(s->mia, s->branch);
    test_party_sync(s->anna, s->branch);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

/* A visit is in its account's territory and in its rep's person scope, and a
 * manager holds both. */
static void a_record_of_two_scopes_travels_once_and_is_in_both(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1"), visit;
    for (int i = 0; i < 50; i++) {
        visit = test_party_visit(s->anna, &a);
    }
    test_party_sync(s->anna, s->branch);
    struct sp_link *lm = test_party_dial(s->mia, s->branch),
                   *lb = test_party_answer(s->branch);
    assert_int_equal(test_party_play(s->mia, lm, s->branch, lb), SP_OK);
    /* The responder counts items, the initiator records among them. */
    assert_int_equal(sp_link_report(lm)->pulled, 51);
    assert_int_equal(sp_link_report(lb)->pulled, 51);
    assert_int_equal(sp_link_report(lm)->alarms, 0);
    sp_link_free(lm);
    sp_link_free(lb);
    assert_int_equal(scopes_of(s->mia, &visit), 2);
    assert_int_equal(scopes_of(s->anna, &visit), 2);
}

/* What an earlier session has passed may have been cut anywhere. */
static void a_pull_that_is_cut_goes_on_where_it_was(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1"),
                  visit = { .type = 0 };
    for (int i = 0; i < 1500; i++) {
        visit = test_party_visit(s->anna, &a);
    }
    test_party_sync(s->mia, s->branch);
    test_party_sync(s->anna, s->branch);
    uint64_t pulled = 0;
    for (int i = 0; i < 2; i++) { /* hello, open, one page, and the next */
        pulled += cut_after(s->mia, s->branch, 3);
        test_party_check(s->mia);
    }
    struct sp_link_report r = test_party_sync(s->mia, s->branch);
    assert_true(pulled > 0 && pulled < 1501); /* it was cut amidst */
    assert_int_equal(pulled + r.pulled, 1501);
    assert_int_equal(r.alarms, 0);
    assert_int_equal(scopes_of(s->mia, &visit), 2);
    assert_true(test_party_sync(s->mia, s->branch).same);
}

/* Sends what is ready early and serves the reply at hand after that. */
static uint32_t play_early(struct test_party *a, struct sp_link *la,
    struct test_party *b, struct sp_link *lb)
{
    struct sp_buf up, down, none;
    enum sp_need need;
    uint32_t early = 0;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    sp_buf_init(&none, SP_FRAME_BYTES_MAX);
    assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    while (!sp_link_done(la)) {
        assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
        assert_int_equal(test_party_turn(b, lb, true, &down), SP_OK);
        assert_int_equal(
            sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
        if (!sp_link_early(la, &up)) {
            assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
            continue;
        }
        early++;
        assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
        assert_int_equal(test_party_turn(b, lb, true, &down), SP_OK);
        assert_int_equal(test_party_turn(a, la, true, &none), SP_OK);
        assert_int_equal(none.size, 0);
        assert_int_equal(
            sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
        assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    }
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_buf_free(&none);
    return early;
}

static void a_push_that_goes_out_early_is_taken_as_ever(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    for (int i = 0; i < 4000; i++) {
        (void)test_party_visit(s->anna, &a);
    }
    struct sp_link *la = test_party_dial(s->anna, s->branch),
                   *lb = test_party_answer(s->branch);
    assert_true(play_early(s->anna, la, s->branch, lb) > 0);
    assert_int_equal(sp_link_report(la)->pushed, 4001);
    assert_int_equal(sp_link_report(lb)->pushed, 4001);
    assert_int_equal(sp_link_report(la)->alarms, 0);
    sp_link_free(la);
    sp_link_free(lb);
    assert_int_equal(test_party_status(s->anna).pending, 0);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_account_made_offline_reaches_head_office, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_status_counts_each_commit_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(
            what_head_office_takes_is_at_head_office_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            two_who_edit_one_field_keep_both_values, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_edit_in_an_open_session_costs_one_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_thousand_visits_cross_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_record_of_two_scopes_travels_once_and_is_in_both, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_pull_that_is_cut_goes_on_where_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_push_that_goes_out_early_is_taken_as_ever, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
