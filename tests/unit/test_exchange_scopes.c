/* test_exchange_scopes.c - what a person may see changes: grants that widen and
 * narrow, scopes that come and go (SYNC S5 to S7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parties.h"

#define ACCOUNT 1u
#define NAME    2u
#define PHONE   10u

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
    s->mia = test_world_ready(s->w, 110);
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

/* ---- help -------------------------------------------------------------- */

static sp_err write_phone(
    struct test_party *p, const struct sp_ref *ref, const char *text)
{
    struct sp_draft_write w = { { PHONE, { 0 } }, test_party_text(p, text) };
    struct sp_draft_change c = { *ref, false, 1, &w };
    return test_party_make(p, &c, SP_AUTHORITY_PERSON);
}

/* Accounts of A-1 with name and phone, at Anna's and at the branch; the last
 * one. */
static struct sp_ref make_accounts(struct world *s, int count)
{
    char name[40];
    struct sp_ref a = { .type = 0 };
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "Shop number %d", i);
        a = test_party_account(s->anna, name, "A-1");
        assert_int_equal(write_phone(s->anna, &a, "+8613812345678"), SP_OK);
    }
    test_party_sync(s->anna, s->branch);
    return a;
}

/* The phone of accounts, for reps; at head office and the branch. */
static void grant_phone(struct world *s, bool granted)
{
    (void)test_org_grant(s->w->org, TEST_ORG_REP, ACCOUNT, PHONE, granted);
    test_party_give_documents(s->head);
    test_party_sync(s->branch, s->head);
}

static uint32_t phones(struct test_party *p, const struct sp_ref *ref)
{
    return test_party_values(p, ref, PHONE);
}

/* Registers of a field in the base, whatever the user is shown. */
static uint32_t stored(
    struct test_party *p, const struct sp_ref *ref, uint16_t field)
{
    struct sp_tx tx;
    struct sp_record r;
    test_party_begin(p, &tx, false);
    sp_err err = sp_state_get(&tx, ref, &p->arena, &r);
    sp_tx_abort(&tx);
    return err == SP_OK && sp_record_field(&r, field) != NULL ? 1 : 0;
}

/* A conversation that is cut when b has served so many messages and a has
 * taken the replies; records that came. */
static uint64_t cut_after(
    struct test_party *a, struct test_party *b, uint32_t turns, bool *done)
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
    *done = sp_link_done(la);
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
    return pulled;
}

/* Cuts one page later each time, until it comes through; the records that came
 * in all, and how often it was cut. */
static uint64_t cut_until_done(
    struct test_party *a, struct test_party *b, uint32_t turns, int *cuts)
{
    uint64_t pulled = 0;
    bool done = false;
    for (*cuts = 0; *cuts < 100 && !done; (*cuts)++) {
        pulled += cut_after(a, b, turns, &done);
        test_party_check(a);
    }
    assert_true(done);
    return pulled;
}

/* ---- grants (SYNC S5) -------------------------------------------------- */

static void a_narrowed_key_goes_and_its_records_stay(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 3);
    grant_phone(s, false);
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.pulled, 0);
    assert_int_equal(r.alarms, 0);
    assert_int_equal(phones(s->anna, &a), 0);
    assert_int_equal(stored(s->anna, &a, PHONE), 0);
    assert_int_equal(test_party_values(s->anna, &a, NAME), 1);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void new_keys_come_alone_and_once(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 200);
    test_party_sync(s->mia, s->branch);
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    size_t narrowing = s->anna->bytes;
    grant_phone(s, true);
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    printf("# 200 accounts: narrowed in %zu bytes, widened in %zu\n", narrowing,
        s->anna->bytes);
    assert_int_equal(r.pulled, 200);
    assert_int_equal(r.alarms, 0);
    assert_int_equal(phones(s->anna, &a), 1);
    assert_true(test_party_sync(s->anna, s->branch).same);
    /* Whole records: some 30 bytes more each. */
    assert_true(s->anna->bytes < narrowing + 200 * 60);
    /* A manager, whose grant is the same, is not asked to read anything. */
    r = test_party_sync(s->mia, s->branch);
    assert_int_equal(r.pulled, 0);
    assert_true(test_party_sync(s->mia, s->branch).same);
}

static void what_nobody_has_written_is_there_at_once(void **state)
{
    struct world *s = *state;
    struct sp_ref a = test_party_account(s->anna, "Corner shop", "A-1");
    test_party_sync(s->anna, s->branch);
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    grant_phone(s, true);
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.pulled, 0);
    assert_int_equal(write_phone(s->anna, &a, "+8613800000001"), SP_OK);
    test_party_sync(s->anna, s->branch);
    assert_int_equal(phones(s->branch, &a), 1);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void a_widening_that_is_cut_goes_on_where_it_was(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 4000);
    int cuts;
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    grant_phone(s, true);
    /* hello, open, documents, scopes to their end, one page of new keys; with
     * the documents it takes two turns more. */
    bool done;
    uint64_t pulled = cut_after(s->anna, s->branch, 5, &done);
    assert_false(done);
    assert_int_equal(phones(s->anna, &a), 0);
    pulled += cut_until_done(s->anna, s->branch, 4, &cuts);
    assert_true(cuts > 2);
    assert_int_equal(pulled, 4000);
    assert_int_equal(phones(s->anna, &a), 1);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void what_changes_during_a_widening_comes_whole(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 4000), b, c;
    bool done;
    int cuts;
    test_party_sync(s->mia, s->branch);
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    grant_phone(s, true);
    (void)cut_after(s->anna, s->branch, 5, &done);
    assert_int_equal(phones(s->anna, &a), 0); /* some are here, not all */
    /* One changed, one new, one gone, while keys are on their way. */
    b = test_party_account(s->mia, "New shop", "A-1");
    assert_int_equal(write_phone(s->mia, &b, "+8613800000004"), SP_OK);
    test_party_sync(s->mia, s->branch);
    assert_int_equal(write_phone(s->mia, &a, "+8613800000003"), SP_OK);
    c = test_party_account(s->anna, "Third", "A-1");
    test_party_sync(s->mia, s->branch);
    (void)cut_until_done(s->anna, s->branch, 5, &cuts);
    assert_int_equal(phones(s->anna, &a), 1);
    assert_int_equal(phones(s->anna, &b), 1);
    assert_int_equal(test_party_values(s->anna, &b, NAME), 1);
    assert_int_equal(test_party_values(s->branch, &c, NAME), 1);
    assert_int_equal(test_party_status(s->anna).alarms, 0);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void a_record_that_leaves_during_a_widening_raises_no_alarm(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 4000);
    bool done;
    int cuts;
    test_party_sync(s->mia, s->branch);
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    grant_phone(s, true);
    (void)cut_after(s->anna, s->branch, 5, &done);
    assert_int_equal(phones(s->anna, &a), 0);
    assert_int_equal(test_party_move(s->mia, &a, "A-2"), SP_OK);
    test_party_sync(s->mia, s->branch);
    (void)cut_until_done(s->anna, s->branch, 5, &cuts);
    assert_int_equal(test_party_view(s->anna, &a).count, 0);
    assert_int_equal(test_party_status(s->anna).alarms, 0);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

static void a_new_key_is_not_editable_before_it_is_here(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 4000);
    bool done;
    grant_phone(s, false);
    test_party_sync(s->anna, s->branch);
    assert_int_equal(
        write_phone(s->anna, &a, "+8613800000002"), SP_E_FIELD_DENIED);
    grant_phone(s, true);
    (void)cut_after(s->anna, s->branch, 5, &done);
    assert_false(done);
    assert_int_equal(write_phone(s->anna, &a, "+8613800000002"), SP_E_NOT_YET);
    assert_int_equal(test_party_rename(s->anna, &a, "My shop"), SP_OK);
    test_party_sync(s->anna, s->branch);
    assert_int_equal(write_phone(s->anna, &a, "+8613800000002"), SP_OK);
    test_party_sync(s->anna, s->branch);
    /* She had seen what stood there: nothing stands beside hers. */
    assert_int_equal(phones(s->branch, &a), 1);
}

/* Narrowing holds at every contact, with whoever it is, over all she has. */
static void a_server_that_serves_nothing_of_it_narrows_too(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 3);
    assert_int_equal(write_phone(s->anna, &a, "+8613800000005"), SP_OK);
    (void)test_org_grant(s->w->org, TEST_ORG_REP, ACCOUNT, PHONE, false);
    test_party_give_documents(s->head);
    test_party_sync(s->anna, s->head);
    assert_int_equal(stored(s->anna, &a, PHONE), 0);
    /* Nor in what she sees of her own unresolved writes; the commit stays. */
    assert_int_equal(phones(s->anna, &a), 0);
    assert_int_equal(test_party_values(s->anna, &a, NAME), 1);
    assert_int_equal(test_party_status(s->anna).commits, 7);
    test_party_sync(s->branch, s->head);
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    assert_int_equal(r.alarms, 0);
    assert_int_equal(phones(s->anna, &a), 0);
}

static void a_policy_that_changes_nobodys_grants_costs_no_scan(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 100);
    test_party_sync(s->anna, s->branch);
    struct sp_slice document = test_org_publish_policy(s->w->org);
    test_party_give_documents(s->head);
    test_party_sync(s->branch, s->head);
    struct sp_link_report r = test_party_sync(s->anna, s->branch);
    printf("# policy of %zu bytes: %zu bytes\n", document.size, s->anna->bytes);
    assert_int_equal(r.pulled, 0);
    assert_true(s->anna->bytes <= 3 * document.size);
    assert_int_equal(phones(s->anna, &a), 1);
    assert_true(test_party_sync(s->anna, s->branch).same);
}

/* ---- shares ------------------------------------------------------------ */

/* Ben of A-2 stands in for Anna to the end of today. */
static struct test_party *share_with_ben(struct world *s)
{
    static struct sp_extra extra;
    struct sp_person *ben = test_org_person(s->w->org, 12, NULL);
    extra = (struct sp_extra){ .kind = SP_EXTRA_TERRITORY,
        .code = sp_slice_text("A-1"),
        .until = (uint32_t)(s->w->now_ms / SP_ROSTER_DAY_MS) };
    ben->extra = &extra;
    ben->extra_count = 1;
    (void)test_org_publish(s->w->org, TEST_ORG_A);
    test_party_give_documents(s->head);
    test_party_sync(s->branch, s->head);
    return test_world_ready(s->w, 112);
}

static void a_share_ends_at_the_next_contact_after_its_day(void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 3);
    struct test_party *ben = share_with_ben(s);
    assert_int_equal(test_party_values(ben, &a, NAME), 1);
    assert_int_equal(test_party_rename(ben, &a, "Ben's"), SP_OK);
    test_party_sync(ben, s->branch);
    assert_string_equal(test_party_name(s->branch, &a), "Ben's");
    assert_true(test_party_sync(ben, s->branch).same);
    s->w->now_ms += SP_ROSTER_DAY_MS; /* nobody does anything */
    struct sp_link_report r = test_party_sync(ben, s->branch);
    assert_int_equal(r.purged, 3);
    assert_int_equal(test_party_view(ben, &a).count, 0);
    assert_true(test_party_sync(ben, s->branch).same);
}

/* An edit is judged at its arrival; what was done out there counts still. */
static void after_a_share_visits_of_its_days_count_and_edits_do_not(
    void **state)
{
    struct world *s = *state;
    struct sp_ref a = make_accounts(s, 1);
    struct test_party *ben = share_with_ben(s);
    struct sp_ref v = test_party_visit(ben, &a);
    assert_int_equal(test_party_rename(ben, &a, "Ben's"), SP_OK);
    s->w->now_ms += SP_ROSTER_DAY_MS;
    test_party_sync(ben, s->branch);
    assert_true(test_party_view(s->branch, &v).count > 0);
    assert_int_equal(
        test_party_verdict(ben, ben->identity.replica, 2).kind, SP_REFUSED);
}

static void an_open_session_ends_with_the_share(void **state)
{
    struct world *s = *state;
    (void)make_accounts(s, 1);
    s->w->now_ms = (s->w->now_ms / SP_ROSTER_DAY_MS + 1) * SP_ROSTER_DAY_MS -
                   60000; /* a minute before midnight */
    struct test_party *ben = share_with_ben(s);
    (void)make_accounts(s, 1); /* something to do */
    struct sp_link *lb = test_party_dial(ben, s->branch),
                   *ls = test_party_answer(s->branch);
    assert_int_equal(test_party_play(ben, lb, s->branch, ls), SP_OK);
    s->w->now_ms += 120000;
    assert_int_equal(sp_link_again(lb), SP_OK);
    assert_int_equal(test_party_play(ben, lb, s->branch, ls), SP_E_SESSION);
    sp_link_free(lb);
    sp_link_free(ls);
    test_party_sync(ben, s->branch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_narrowed_key_goes_and_its_records_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(
            new_keys_come_alone_and_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            what_nobody_has_written_is_there_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_widening_that_is_cut_goes_on_where_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(
            what_changes_during_a_widening_comes_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_record_that_leaves_during_a_widening_raises_no_alarm, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_new_key_is_not_editable_before_it_is_here, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_server_that_serves_nothing_of_it_narrows_too, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_policy_that_changes_nobodys_grants_costs_no_scan, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_share_ends_at_the_next_contact_after_its_day, setup, teardown),
        cmocka_unit_test_setup_teardown(
            after_a_share_visits_of_its_days_count_and_edits_do_not, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            an_open_session_ends_with_the_share, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
