/* Head office's part, as a branch takes it over (SYNC F1, F3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define MIA  110u
#define ANNA 111u

static struct sp_chain chain_of(struct test_party *p, sp_replica replica)
{
    struct sp_tx tx;
    struct sp_chain c;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_chain(&tx, replica, &c), SP_OK);
    sp_tx_abort(&tx);
    return c;
}

/* At head office's console, in Mia's name. */
static struct sp_ref console_account(struct test_party *head)
{
    uint32_t user = head->identity.user;
    head->identity.user = 10;
    struct sp_ref ref = test_party_account(head, "From above", "A-1");
    head->identity.user = user;
    return ref;
}

static void a_cut_exchange_takes_nothing_over(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    (void)test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    for (unsigned served = 1; served <= 4; served++) {
        test_party_cut(branch, head, served);
        assert_int_equal(chain_of(branch, anna->identity.replica).upper, 0);
    }
    test_party_sync(branch, head);
    assert_int_equal(chain_of(branch, anna->identity.replica).upper, 1);
}

struct console {
    struct test_party *head;
    unsigned after; /* turns */
    struct sp_ref made[16];
    uint64_t count;
};

static void write_at_head(void *arg, unsigned turn)
{
    struct console *c = arg;
    if (turn == c->after) {
        assert_true(c->count < 16);
        c->made[c->count++] = console_account(c->head);
    }
}

/* What head office accepts while the branch reads may come along or not, but
 * never without its effect. */
static void a_word_is_taken_over_with_its_state(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct console c = { .head = head };
    for (; c.count == c.after; c.after++) {
        struct sp_link *la = test_party_dial(branch, head),
                       *lb = test_party_answer(head);
        (void)test_party_account(
            test_world_party(w, ANNA), "something to push", "A-1");
        test_party_sync(test_world_party(w, ANNA), branch);
        assert_int_equal(
            test_party_play_with(branch, la, head, lb, write_at_head, &c),
            SP_OK);
        sp_link_free(la);
        sp_link_free(lb);
        uint64_t known = chain_of(branch, head->identity.replica).upper;
        assert_true(known <= c.count);
        for (uint64_t i = 0; i < known; i++) {
            assert_int_equal(test_party_view(branch, &c.made[i]).count, 2);
        }
    }
    assert_true(c.count >= 4);
}

/* A chain of commits that nobody reads, all of them refused. */
static void plant_refusals(
    struct test_party *p, sp_replica replica, uint64_t count)
{
    struct sp_tx tx;
    struct sp_chain c;
    test_party_begin(p, &tx, true);
    assert_int_equal(sp_log_chain(&tx, replica, &c), SP_OK);
    for (uint64_t n = 1; n <= count; n++) {
        struct sp_hash hash = { { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
        struct sp_verdict_entry e = { .replica = replica,
            .n = n,
            .verdict = { SP_REFUSED, SP_E_VALUE, 1, 2, 0, 1, 5, false } };
        p->env.random(p, e.content.b, sizeof e.content.b);
        assert_int_equal(
            sp_log_append(&tx, &c, sp_slice_text("x"), &hash), SP_OK);
        assert_int_equal(sp_log_put_verdict(&tx, &e), SP_OK);
        c.open++;
        c.unconfirmed++;
    }
    assert_int_equal(sp_log_put_chain(&tx, &c), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

static void a_frontier_stops_before_the_verdict_that_does_not_fit(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    const sp_replica far = sp_replica_make(121, 1);
    struct sp_verdict_entry e;
    struct sp_tx tx;
    plant_refusals(head, far, 3000);
    test_party_sync(branch, head);
    uint64_t upper = chain_of(branch, far).upper;
    printf("# %llu of 3000 fit\n", (unsigned long long)upper);
    assert_true(upper > 500 && upper <= SP_VERDICTS_MAX);
    test_party_begin(branch, &tx, false);
    for (uint64_t n = 1; n <= upper; n++) {
        assert_int_equal(sp_log_verdict(&tx, far, n, &e), SP_OK);
        assert_int_equal(e.verdict.kind, SP_REFUSED);
    }
    sp_tx_abort(&tx);
}

static void many_chains_with_refusals_come_page_by_page(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    for (uint32_t i = 1; i <= 400; i++) {
        plant_refusals(head, sp_replica_make(121, i), 5);
    }
    test_party_sync(branch, head);
    for (uint32_t i = 1; i <= 400; i++) {
        assert_int_equal(chain_of(branch, sp_replica_make(121, i)).upper, 5);
    }
}

static void what_head_office_no_longer_names_is_not_kept(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct mem_store *backup = mem_store_clone(head->mem);
    (void)test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    assert_int_equal(chain_of(branch, anna->identity.replica).upper, 1);
    mem_store_restore(head->mem, backup);
    mem_store_free(backup);
    /* Reads frontiers before it has pushed again: nothing of the old ones may
     * stand, and then the commit is there once more. */
    test_party_sync(branch, head);
    test_party_sync(branch, head);
    assert_int_equal(chain_of(branch, anna->identity.replica).upper, 1);
    assert_int_equal(chain_of(head, anna->identity.replica).n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cut_exchange_takes_nothing_over,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_word_is_taken_over_with_its_state,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_frontier_stops_before_the_verdict_that_does_not_fit,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            many_chains_with_refusals_come_page_by_page, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_head_office_no_longer_names_is_not_kept, test_world_setup,
            test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
