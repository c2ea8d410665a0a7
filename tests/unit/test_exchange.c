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

static void an_account_made_offline_reaches_head_office(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.pushed, 1);
    assert_int_equal(names(s->branch, &a), 1);
    test_party_sync(s->branch, s->head);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_account_made_offline_reaches_head_office, setup, teardown),
        cmocka_unit_test_setup_teardown(
            two_who_edit_one_field_keep_both_values, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_edit_in_an_open_session_costs_one_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_thousand_visits_cross_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
