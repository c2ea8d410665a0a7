/* test_exchange_servers.c - one scope, several servers, and exchanges that are
 * cut: what goes, what stays, what is read again (SYNC S6, S7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "contents.h"
#include "conversation.h"
#include "parties.h"

#define HEAD  1u
#define A     2u
#define MIA   110u
#define ANNA  111u
#define BEN   112u
#define CARL  113u
#define NAME  2u
#define WHOLE 1000u /* turns: more than any exchange here has */

/* ---- help -------------------------------------------------------------- */

static bool shows(struct test_party *p, const struct sp_ref *ref)
{
    return test_party_view(p, ref).count > 0;
}

static uint64_t since(
    struct test_party *p, uint32_t server, const char *territory)
{
    struct sp_id scope = test_org_territory(territory);
    struct sp_position at;
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_node_position(&tx, server, &scope, &at), SP_OK);
    sp_tx_abort(&tx);
    return at.since;
}

/* A server's own write (SYNC J7). */
static void rename_here(
    struct test_party *p, const struct sp_ref *ref, const char *name)
{
    struct sp_draft_write w = { { NAME, { 0 } }, test_party_text(p, name) };
    struct sp_draft_change c = { *ref, false, 1, &w };
    struct sp_draft d = {
        .authority = SP_AUTHORITY_HEAD_OFFICE, .count = 1, .change = &c
    };
    struct sp_tx tx;
    test_party_begin(p, &tx, true);
    assert_int_equal(sp_commit_make_own(&tx, &d, &p->arena), SP_OK);
    assert_int_equal(test_party_commit(p, &tx), SP_OK);
}

/* A conversation that is cut after so many turns; lost: one more message is
 * served, and its reply does not arrive. What b has sent, in records. */
struct cut {
    uint32_t turns;
    bool lost;
    size_t budget;
    bool done;
    uint64_t most; /* of one message */
};
static uint64_t talk(struct test_party *a, struct test_party *b, struct cut *c)
{
    struct sp_link *la = test_party_dial(a, b), *lb = test_party_answer(b);
    struct sp_buf up, down;
    enum sp_need need;
    uint64_t sent = 0;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    for (uint32_t i = 0; i < c->turns + c->lost && !sp_link_done(la); i++) {
        lb->budget = c->budget == 0 ? lb->budget : c->budget;
        assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
        /* Each time: the link learns by what it sends how much will fit. */
        lb->budget = c->budget == 0 ? lb->budget : c->budget;
        assert_int_equal(test_party_turn(b, lb, true, &down), SP_OK);
        uint64_t now = sp_link_report(lb)->pulled - sent;
        c->most = now > c->most ? now : c->most;
        sent += now;
        if (i < c->turns) {
            assert_int_equal(
                sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
            assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
        }
    }
    c->done = sp_link_done(la);
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
    return sent;
}

/* ---- the end of the exchange (SYNC S6) ---------------------------------- */

static void what_has_left_goes_at_the_end_and_a_cut_takes_nothing(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *mia = test_world_ready(w, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    /* hello and open; the page tells, and is the last but for the end. */
    struct cut cut = { .turns = 2, .lost = true };
    (void)talk(anna, branch, &cut);
    assert_true(shows(anna, &a));
    assert_int_equal(test_party_rename(anna, &a, "Anna's"), SP_OK);
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.purged, 1);
    assert_int_equal(r.alarms, 0);
    /* Her own unresolved commit stays in the journal, and was refused there. */
    assert_int_equal(test_party_status(anna).commits, 2);
    assert_false(shows(anna, &a));
}

/* At no moment without it: it leaves one page before it comes. */
static void what_goes_from_scope_to_scope_is_there_all_the_time(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, A),
                      *mia = test_world_ready(w, MIA),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref a[20];
    for (unsigned i = 0; i < 20; i++) {
        a[i] = test_party_account(mia, "Shop", i % 2 == 0 ? "A-1" : "A-2");
    }
    test_party_sync(mia, branch);
    test_party_sync(carl, branch);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(
            test_party_move(mia, &a[i], i % 2 == 0 ? "A-2" : "A-1"), SP_OK);
    }
    test_party_sync(mia, branch);
    struct cut cut = { .budget = 1 }; /* one record a page */
    for (cut.turns = 1; !cut.done; cut.turns++) {
        (void)talk(carl, branch, &cut);
        for (unsigned i = 0; i < 20; i++) {
            assert_true(shows(carl, &a[i]));
        }
        test_party_check(carl);
        assert_true(cut.turns < WHOLE);
    }
    for (unsigned i = 0; i < 20; i++) {
        assert_true(
            test_party_in_scope(carl, &a[i], i % 2 == 0 ? "A-2" : "A-1"));
    }
    assert_int_equal(test_party_status(carl).alarms, 0);
    assert_true(test_party_sync(carl, branch).same);
}

static void what_one_server_took_away_is_read_again_at_the_others(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *mia = test_world_ready(w, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_account(anna, "Another", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    test_party_sync(anna, head);
    test_party_sync(mia, branch);
    assert_true(since(anna, HEAD, "A-1") > 0);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    test_party_sync(anna, branch);
    assert_false(shows(anna, &a));
    assert_int_equal(since(anna, HEAD, "A-1"), 0);
    assert_true(since(anna, A, "A-1") > 0);
    assert_int_equal(test_party_status(anna).alarms, 0);
}

/* Killed at any turn, with the last reply taken or lost: at most one page goes
 * twice. */
static void a_first_back_fill_sends_at_most_one_page_again(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, A),
                      *mia = test_world_ready(w, MIA),
                      *carl = test_world_party(w, CARL);
    struct cut whole = { .turns = WHOLE, .budget = 2048 };
    for (int i = 0; i < 300; i++) {
        (void)test_party_account(mia, "Shop", i % 2 == 0 ? "A-1" : "A-2");
    }
    test_party_sync(mia, branch);
    struct mem_store *empty = mem_store_clone(carl->mem);
    uint64_t all = talk(carl, branch, &whole);
    assert_true(all >= 300 && whole.most * 4 < all);
    bool done = false;
    uint32_t cuts = 0;
    for (uint32_t turns = 0; !done; turns++) {
        for (int lost = 0; lost < 2; lost++, cuts++) {
            struct cut cut = { .turns = turns, .lost = lost, .budget = 2048 };
            struct cut rest = whole;
            mem_store_free(carl->mem);
            carl->mem = mem_store_clone(empty);
            carl->store = mem_store_port(carl->mem);
            test_party_restart(carl);
            uint64_t sent = talk(carl, branch, &cut);
            done = cut.done;
            sent += talk(carl, branch, &rest);
            assert_true(rest.done);
            assert_true(sent <= all + whole.most);
            assert_int_equal(test_party_status(carl).alarms, 0);
            assert_true(test_party_sync(carl, branch).same);
        }
    }
    printf("# %llu records in pages of up to %llu, killed %u times\n",
        (unsigned long long)all, (unsigned long long)whole.most, cuts);
    assert_true(cuts > 16);
    mem_store_free(empty);
}

/* ---- who has been further (SYNC S7) ------------------------------------- */

static void visiting_head_office_keeps_what_came_this_morning(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref old = test_party_account(carl, "Old shop", "A-1");
    test_party_sync(carl, branch);
    test_party_sync(branch, head);
    struct sp_ref a = test_party_account(carl, "Morning shop", "A-1");
    assert_int_equal(test_party_rename(carl, &old, "This morning"), SP_OK);
    test_party_sync(carl, branch);
    test_party_sync(anna, branch);
    struct sp_ref v = test_party_visit(anna, &a);
    struct sp_link_report r = test_party_sync(anna, head);
    assert_int_equal(r.alarms, 0);
    assert_int_equal(r.purged, 0);
    assert_true(r.pushed == 1 && r.deferred == 1); /* pushes, takes verdicts */
    assert_int_equal(since(anna, HEAD, "A-1"), 0);
    assert_true(shows(anna, &a) && shows(anna, &v));
    assert_string_equal(test_party_name(anna, &old), "This morning");
    /* Once the branch has exchanged, head office has it all. */
    test_party_sync(branch, head);
    r = test_party_sync(anna, head);
    assert_int_equal(r.alarms, 0);
    assert_true(since(anna, HEAD, "A-1") > 0);
    assert_true(shows(anna, &a) && shows(anna, &v));
    r = test_party_sync(anna, branch);
    assert_int_equal(r.alarms, 0);
    assert_true(test_party_sync(anna, branch).same);
}

static void a_new_phone_is_filled_at_head_office_as_well(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *branch = test_world_party(w, A),
                      *mia = test_world_ready(w, MIA),
                      *ben = test_world_party(w, BEN);
    struct sp_ref a = test_party_account(mia, "Ben's shop", "A-2");
    test_party_sync(mia, branch);
    test_party_sync(branch, head);
    test_party_sync(ben, head);
    assert_true(shows(ben, &a));
    struct sp_link_report r = test_party_sync(ben, branch);
    assert_int_equal(r.alarms, 0);
    assert_true(test_party_sync(ben, branch).same);
}

/* What he got at head office is beyond what the branch has of it: it keeps
 * that until the branch has it as well. */
static void what_came_from_head_office_stays_at_a_branch_that_lacks_it(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    rename_here(head, &a, "Head office's");
    test_party_sync(anna, head);
    assert_string_equal(test_party_name(anna, &a), "Head office's");
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.alarms, 0);
    assert_string_equal(test_party_name(anna, &a), "Head office's");
    test_party_sync(branch, head);
    r = test_party_sync(anna, branch);
    assert_int_equal(r.alarms, 0);
    assert_string_equal(test_party_name(branch, &a), "Head office's");
    assert_true(test_party_sync(anna, branch).same);
}

struct back {
    struct test_party *mia, *branch;
    struct sp_ref account;
    unsigned after;
    bool done;
};

/* Mia takes the account back to A-1 while the branch exchanges. */
static void take_back(void *arg, unsigned turn)
{
    struct back *b = arg;
    if (turn == b->after) {
        assert_int_equal(test_party_move(b->mia, &b->account, "A-1"), SP_OK);
        test_party_sync(b->mia, b->branch);
        b->done = true;
    }
}

/* Head office says that it left A-1: it has not heard that it is there again.
 * At every message of the exchange. */
static void what_came_back_meanwhile_stays(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A);
    struct back b = {
        .mia = test_world_ready(w, MIA), .branch = branch, .done = true
    };
    for (; b.done; b.after++) {
        struct sp_link *la, *lb;
        b.account = test_party_account(anna, "Corner shop", "A-1");
        b.done = false;
        test_party_sync(anna, branch);
        test_party_sync(branch, head);
        test_party_sync(b.mia, branch);
        assert_int_equal(test_party_move(b.mia, &b.account, "A-2"), SP_OK);
        test_party_sync(b.mia, branch);
        la = test_party_dial(branch, head);
        lb = test_party_answer(head);
        assert_int_equal(
            test_party_play_with(branch, la, head, lb, take_back, &b), SP_OK);
        sp_link_free(la);
        sp_link_free(lb);
        if (b.done) {
            assert_true(shows(branch, &b.account));
            assert_true(test_party_in_scope(branch, &b.account, "A-1"));
            test_party_sync(anna, branch);
            assert_true(shows(anna, &b.account));
        }
        test_party_sync(branch, head);
        test_party_sync(branch, head);
        assert_int_equal(test_party_in_scope(head, &b.account, "A-1"), b.done);
        assert_true(test_party_sync(branch, head).same);
    }
    assert_true(b.after >= 4);
}

static void a_branch_serves_what_it_has_read_once(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *b = test_world_party(w, 3),
                      *dora = test_world_party(w, 121);
    test_party_give_documents(b); /* by a device, say; no exchange yet */
    test_party_sync(dora, b);
    struct sp_ref a = test_party_account(dora, "Dora's", "B-1");
    test_party_sync(dora, b);
    assert_int_equal(since(dora, 3, "B-1"), 0);
    assert_true(shows(b, &a) && shows(dora, &a)); /* judged, and not served */
    test_party_sync(b, head);
    struct sp_link_report r = test_party_sync(dora, b);
    assert_int_equal(r.alarms, 0);
    assert_true(since(dora, 3, "B-1") > 0);
    assert_true(test_party_sync(dora, b).same);
}

static void an_exchange_that_says_nothing_new_is_one_round_trip(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A);
    (void)test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    /* All but the last word, which says how far head office has it. */
    struct cut cut = { .turns = WHOLE };
    (void)talk(branch, head, &cut);
    assert_true(test_party_sync(branch, head).same);
    (void)test_party_account(anna, "Second", "A-1");
    test_party_sync(anna, branch);
    for (cut.turns = 1, cut.done = false; !cut.done; cut.turns++) {
        (void)talk(branch, head, &cut);
    }
    test_party_sync(branch, head);
    assert_true(test_party_sync(branch, head).same);
    struct sp_link_report r = test_party_sync(anna, head);
    assert_true(since(anna, HEAD, "A-1") > 0 && r.alarms == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_has_left_goes_at_the_end_and_a_cut_takes_nothing,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_goes_from_scope_to_scope_is_there_all_the_time,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_one_server_took_away_is_read_again_at_the_others,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_first_back_fill_sends_at_most_one_page_again, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            visiting_head_office_keeps_what_came_this_morning, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_new_phone_is_filled_at_head_office_as_well, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_came_from_head_office_stays_at_a_branch_that_lacks_it,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_came_back_meanwhile_stays,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_branch_serves_what_it_has_read_once,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            an_exchange_that_says_nothing_new_is_one_round_trip,
            test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
