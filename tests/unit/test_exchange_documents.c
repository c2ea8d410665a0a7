/* test_exchange_documents.c - what an exchange costs whose only news is a
 * document, and what a server knows of its arrival (SYNC J4, P1, S8, T4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "edition.h"
#include "engine.h"
#include "parties.h"

#define ANNA  111u
#define NAMES 512u

/* Changes no rule of anybody: a role that nobody has. */
static const struct test_change guests[] = {
    { "\n    ) }\n);",
        ") }, { number = 99; name = \"guest\"; en = \"Guest\"; "
        "zh = \"访客\"; reach = \"own\"; authority = \"person\"; "
        "rules = () });" },
};
/* Reps log no visits any more: nobody reads more or less. */
static const struct test_change no_visits[] = {
    { "rule = 103; entity = \"visit\"; create = true;",
        "rule = 103; entity = \"visit\"; create = false;" },
};

/* Reps rename no account any more: they read as ever. */
static const struct test_change no_names[] = {
    { "write = [ \"name\", \"alias\",", "write = [ \"alias\"," },
    { "initial = [ \"number\", \"owner_id\"",
        "initial = [ \"name\", \"number\", \"owner_id\"" },
};

/* Head office and branch A have a new policy. */
static void new_policy(
    struct test_world *w, const struct test_change *change, size_t count)
{
    test_edition_policy(w->org, change, count);
    test_party_give_documents(test_world_party(w, 1));
    test_party_give_documents(test_world_party(w, 2));
}

/* Plays an exchange; the states that a went through, one for each message that
 * it sent. */
static struct sp_link_report play(
    struct test_party *a, struct test_party *b, char states[NAMES])
{
    struct sp_link *la = test_party_dial(a, b), *lb = test_party_answer(b);
    struct sp_link_report r;
    struct sp_buf up, down;
    enum sp_need need;

    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    states[0] = '\0';
    while (!sp_link_done(la)) {
        size_t used = strlen(states);
        (void)snprintf(states + used, NAMES - used, " %s", sp_link_state(la));
        assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
        assert_int_equal(test_party_turn(b, lb, true, &down), SP_OK);
        assert_int_equal(
            sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
        assert_int_equal(test_party_turn(a, la, true, &up), SP_OK);
    }
    r = *sp_link_report(la);
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
    return r;
}

static uint32_t policy_of(const struct test_party *p)
{
    return p->rules.serials(p->rules.self).policy;
}

static void a_policy_that_changes_nothing_here_costs_one_request(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    char states[NAMES];

    (void)test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    new_policy(w, guests, 1);
    struct sp_link_report r = play(anna, branch, states);
    assert_string_equal(states, " hello documents");
    assert_true(r.complete && !r.same && r.alarms == 0);
    assert_int_equal(policy_of(anna), policy_of(branch));
    assert_true(r.bytes_sent < 300);
    (void)play(anna, branch, states);
    assert_string_equal(states, " hello");
}

/* Said to be the same but for documents; then the branch hears that Anna has
 * lost her territory. She must not have that roster and keep the accounts. */
static void what_comes_between_hello_and_documents_is_not_the_same(void **state)
{
    static const char *const other[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    char states[NAMES];
    struct sp_buf up, down;
    enum sp_need need;

    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    new_policy(w, guests, 1);
    struct sp_link *la = test_party_dial(anna, branch),
                   *lb = test_party_answer(branch);
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    assert_int_equal(test_party_turn(anna, la, true, &up), SP_OK);
    assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
    assert_int_equal(test_party_turn(branch, lb, true, &down), SP_OK);
    test_org_assign(w->org, 11, 1, other);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    assert_int_equal(sp_link_receive(la, sp_buf_slice(&down), &need), SP_OK);
    assert_int_equal(test_party_turn(anna, la, true, &up), SP_OK);
    assert_string_equal(sp_link_state(la), "documents");
    assert_int_equal(sp_link_receive(lb, sp_buf_slice(&up), &need), SP_OK);
    assert_int_equal(test_party_turn(branch, lb, true, &down), SP_E_SESSION);
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
    (void)play(anna, branch, states);
    assert_int_equal(test_party_view(anna, &a).count, 0);
}

/* Who may write what is in the policy alone: it takes effect all the same. */
static void a_policy_that_takes_a_right_needs_no_more(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    char states[NAMES];

    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    new_policy(w, no_names, 2);
    (void)play(anna, branch, states);
    assert_string_equal(states, " hello documents");
    assert_int_equal(
        test_party_rename(anna, &a, "Big shop"), SP_E_FIELD_DENIED);
}

static void a_policy_that_shows_less_or_more_is_heard_in_a_welcome(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    char states[NAMES];

    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    test_edition_dictionary(w->org, test_edition_retire, TEST_EDITION_RETIRE);
    new_policy(w, test_edition_trade, TEST_EDITION_TRADE);
    struct sp_link_report r = play(anna, branch, states);
    assert_non_null(strstr(states, " hello open documents"));
    assert_non_null(strstr(states, " pull"));
    assert_true(r.complete && r.alarms == 0);
    assert_int_equal(test_party_values(anna, &a, 2), 1);
}

/* SYNC S8: the branch that is behind takes the policy, and says what it grants
 * under it. */
static void a_server_that_is_behind_welcomes_after_it_took_a_policy(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    char states[NAMES];

    test_edition_policy(w->org, guests, 1);
    test_party_give_documents(head);
    (void)test_party_sync(anna, head);
    (void)test_party_sync(anna, head);
    uint32_t newest = policy_of(head);
    assert_true(policy_of(branch) < newest);
    struct sp_link_report r = play(anna, branch, states);
    assert_int_equal(policy_of(branch), newest);
    assert_true(r.complete);
    assert_non_null(strstr(states, " documents open"));
    (void)play(anna, branch, states);
    assert_string_equal(states, " hello");
}

/* Rosters and certificates are named only where they differ. */
static void a_new_roster_comes_in_a_second_window(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    char states[NAMES];

    (void)test_org_publish(w->org, TEST_ORG_B);
    test_party_give_documents(branch);
    (void)play(anna, branch, states);
    assert_string_equal(states, " hello documents documents");
    (void)play(anna, branch, states);
    assert_string_equal(states, " hello");
}

static struct sp_confirmed confirmed(struct test_party *p, uint32_t device)
{
    struct sp_peer_state out;
    struct sp_tx tx;

    test_party_begin(p, &tx, false);
    assert_int_equal(sp_node_peer(&tx, device, &out), SP_OK);
    sp_tx_abort(&tx);
    return out.confirmed;
}

/* SYNC J4: queued says whether a visit of before waits on the device. Wherever
 * the talk is cut, that visit counts as made under the old policy, one that is
 * made with the new one at hand does not, and so the server holds. */
static void cut(bool queued, unsigned served)
{
    struct test_world *w = test_world_new(1);
    struct test_party *anna = test_world_ready(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    (void)test_party_sync(anna, branch);
    (void)test_party_sync(anna, branch);
    uint32_t before = confirmed(branch, ANNA).had.policy;
    new_policy(w, no_visits, 1);
    if (queued) {
        (void)test_party_visit(anna, &a);
    }
    uint64_t n = queued ? 2 : 1;
    test_party_cut(anna, branch, served);
    bool here = policy_of(anna) == policy_of(branch);
    struct sp_confirmed c = confirmed(branch, ANNA);
    assert_int_equal(c.had.policy, before);
    assert_int_equal(test_party_rename(anna, &a, "Big shop"), SP_OK);
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.refused, 0);
    (void)test_party_rename(anna, &a, "Tiny shop");
    (void)test_party_sync(anna, branch);
    c = confirmed(branch, ANNA);
    assert_int_equal(c.had.policy, policy_of(branch));
    assert_int_equal(c.replica, anna->identity.replica);
    assert_int_equal(c.n, here ? n : n + 1);
    if (queued) {
        assert_int_equal(
            test_party_verdict(branch, c.replica, 2).kind, SP_ACCEPTED);
    }
    test_party_check(anna);
    test_party_check(branch);
    test_world_free(w);
}

static void a_talk_that_is_cut_confirms_what_came_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned served = 1; served <= 2; served++) {
        cut(false, served); /* hello, documents */
    }
    for (unsigned served = 1; served <= 5; served++) {
        cut(true, served); /* hello, open, documents, push, pull */
    }
}

#define WITH_WORLD(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_policy_that_changes_nothing_here_costs_one_request),
        WITH_WORLD(what_comes_between_hello_and_documents_is_not_the_same),
        WITH_WORLD(a_policy_that_takes_a_right_needs_no_more),
        WITH_WORLD(a_policy_that_shows_less_or_more_is_heard_in_a_welcome),
        WITH_WORLD(a_server_that_is_behind_welcomes_after_it_took_a_policy),
        WITH_WORLD(a_new_roster_comes_in_a_second_window),
        cmocka_unit_test(
            a_talk_that_is_cut_confirms_what_came_and_nothing_else),
    };

    return cmocka_run_group_tests_name("exchange-documents", tests, NULL, NULL);
}
