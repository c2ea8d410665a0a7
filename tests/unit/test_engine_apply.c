/* Taking a push (SYNC C3, F1, F2, J5): what is checked before anything is
 * written, and what repeats do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"

#define MIA  110u
#define ANNA 111u
#define CARL 113u

struct court {
    struct test_world *w;
    struct test_party *anna, *branch;
    struct test_forge f;
};

static struct court begin(void **state)
{
    struct court c = { .w = *state };
    c.anna = test_world_party(c.w, ANNA);
    c.branch = test_world_party(c.w, 2);
    c.f = test_forge_new(c.anna, 99);
    return c;
}

static uint64_t logged(struct test_party *p, sp_replica replica)
{
    struct sp_tx tx;
    struct sp_chain c;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_chain(&tx, replica, &c), SP_OK);
    sp_tx_abort(&tx);
    return c.n;
}

static void a_repeated_batch_changes_nothing(void **state)
{
    struct court c = begin(state);
    uint64_t taken;
    struct sp_ref a = test_forge_account(&c.f, "Corner shop", "A-1");
    (void)test_forge_visit(&c.f, &a);
    struct sp_batch b = test_forge_batch(&c.f);
    assert_int_equal(test_forge_push(c.branch, c.anna, &b, &taken), SP_OK);
    assert_int_equal(taken, 2);
    struct mem_store *before = mem_store_clone(c.branch->mem);
    assert_int_equal(test_forge_push(c.branch, c.anna, &b, &taken), SP_OK);
    assert_int_equal(taken, 0);
    assert_true(mem_store_equal(before, c.branch->mem));
    mem_store_free(before);
}

static void of_a_batch_half_known_the_other_half_is_taken(void **state)
{
    struct court c = begin(state);
    uint64_t taken;
    struct sp_ref a = test_forge_account(&c.f, "Corner shop", "A-1");
    struct test_forge fork_off = c.f;
    struct sp_batch first = test_forge_batch(&c.f);
    (void)test_forge_visit(&fork_off, &a);
    (void)test_forge_visit(&fork_off, &a);
    struct sp_batch all = test_forge_batch(&fork_off);
    assert_int_equal(test_forge_push(c.branch, c.anna, &first, &taken), SP_OK);
    assert_int_equal(test_forge_push(c.branch, c.anna, &all, &taken), SP_OK);
    assert_int_equal(taken, 2);
    assert_int_equal(logged(c.branch, c.f.replica), 3);
}

static void a_gap_is_not_taken_and_no_fault(void **state)
{
    struct court c = begin(state);
    uint64_t taken;
    struct sp_ref a = test_forge_account(&c.f, "Corner shop", "A-1");
    (void)test_forge_batch(&c.f);
    (void)test_forge_visit(&c.f, &a);
    struct sp_batch second = test_forge_batch(&c.f);
    struct mem_store *before = mem_store_clone(c.branch->mem);
    assert_int_equal(test_forge_push(c.branch, c.anna, &second, &taken), SP_OK);
    assert_int_equal(taken, 0);
    assert_true(mem_store_equal(before, c.branch->mem));
    mem_store_free(before);
}

static void a_second_chain_is_a_fork(void **state)
{
    struct court c = begin(state);
    struct test_forge other = c.f;
    struct sp_ref a = test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_batch one = test_forge_batch(&c.f);
    assert_int_equal(test_forge_push(c.branch, c.anna, &one, NULL), SP_OK);
    /* The same number, another commit. */
    (void)test_forge_account(&other, "Other shop", "A-1");
    struct sp_batch same = test_forge_batch(&other);
    assert_int_equal(test_forge_push(c.branch, c.anna, &same, NULL), SP_E_FORK);
    /* The next number, on another past. */
    (void)test_forge_visit(&other, &a);
    struct sp_batch next = test_forge_batch(&other);
    assert_int_equal(test_forge_push(c.branch, c.anna, &next, NULL), SP_E_FORK);
    next.prev.size = 8; /* shows as early in short */
    assert_int_equal(test_forge_push(c.branch, c.anna, &next, NULL), SP_E_FORK);
    assert_int_equal(logged(c.branch, c.f.replica), 1);
}

static void nobody_speaks_for_another(void **state)
{
    struct court c = begin(state);
    struct test_party *carl = test_world_ready(c.w, CARL);
    struct sp_ref ref = test_party_ref(c.anna, 1);
    struct sp_write w[] = {
        { .key = { 2, { 0 } }, .value = test_party_text(c.anna, "Shop") },
        { .key = { 12, { 0 } }, .value = test_party_text(c.anna, "A-1") },
    };
    struct sp_change change = { ref, 2, w };
    struct sp_commit commit = test_forge_commit(&c.f);
    commit.user = carl->identity.user; /* in Carl's name, from Anna's phone */
    commit.count = 1;
    commit.change = &change;
    test_forge_add(&c.f, &commit);
    struct sp_batch b = test_forge_batch(&c.f);
    assert_int_equal(test_forge_push(c.branch, c.anna, &b, NULL), SP_E_AUTHOR);
    /* Anna's chain, brought by Carl's phone. */
    struct test_forge own = test_forge_new(c.anna, 98);
    (void)test_forge_account(&own, "Corner shop", "A-1");
    struct sp_batch annas = test_forge_batch(&own);
    assert_int_equal(
        test_forge_push(c.branch, carl, &annas, NULL), SP_E_AUTHOR);
}

/* What is no commit any more is the peer's fault; what is one that its author
 * did not sign is set aside (SYNC X8). */
static void counts_for_nothing(struct court *c, struct sp_batch *b)
{
    struct sp_certified who;
    struct sp_verdict_entry e;
    struct sp_tx tx;
    struct sp_push push = { 1, b };
    uint64_t taken = 0;
    const struct sp_rules *rules = &c->branch->rules;
    assert_int_equal(rules->device(rules->self, ANNA, &who), SP_OK);
    test_party_begin(c->branch, &tx, true);
    sp_err err = sp_apply_push(&tx, &who, &push, &tx.arena, &taken);
    if (err == SP_OK) {
        assert_int_equal(sp_log_verdict(&tx, c->f.replica, 1, &e), SP_OK);
        assert_int_equal(e.verdict.code, SP_E_UNPROVEN);
    } else {
        assert_int_equal(sp_err_class(err), SP_CLASS_PEER);
    }
    sp_tx_abort(&tx);
}

static void every_bit_of_a_batch_is_under_the_signature(void **state)
{
    struct court c = begin(state);
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_batch b = test_forge_batch(&c.f);
    for (size_t i = 0; i < SP_SIGNATURE_BYTES; i++) {
        b.signature[i] ^= 1;
        counts_for_nothing(&c, &b);
        b.signature[i] ^= 1;
    }
    uint8_t *bytes = (uint8_t *)b.commit[0].data;
    for (size_t i = 0; i < b.commit[0].size; i++) {
        bytes[i] ^= 1;
        counts_for_nothing(&c, &b);
        bytes[i] ^= 1;
    }
    assert_int_equal(logged(c.branch, c.f.replica), 0);
    assert_int_equal(test_forge_push(c.branch, c.anna, &b, NULL), SP_OK);
}

static void a_number_that_does_not_fit_its_place_is_malformed(void **state)
{
    struct court c = begin(state);
    struct sp_buf bytes;
    struct sp_hash hash, zeros = { { 0 } };
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_batch b = test_forge_batch(&c.f);
    struct sp_commit commit;
    assert_int_equal(
        sp_commit_decode(b.commit[0], c.f.replica, &c.anna->arena, &commit),
        SP_OK);
    commit.n = 2;
    sp_buf_init(&bytes, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(&commit, &bytes);
    b.commit[0] = sp_buf_slice(&bytes);
    sp_commit_chain(&zeros, c.f.replica, 1, b.commit[0], &hash);
    sp_commit_sign(&c.anna->identity.org, c.f.replica, 1, &hash,
        c.anna->identity.sign_secret, b.signature);
    assert_int_equal(
        test_forge_push(c.branch, c.anna, &b, NULL), SP_E_MALFORMED);
    sp_buf_free(&bytes);
}

/* All batches are looked at before the first is written. */
static void one_bad_batch_keeps_the_others_out(void **state)
{
    struct court c = begin(state);
    struct test_forge second = test_forge_new(c.anna, 98);
    struct sp_certified who;
    struct sp_tx tx;
    uint64_t taken = 0, count;
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    (void)test_forge_account(&second, "Other shop", "A-1");
    struct sp_batch b[] = { test_forge_batch(&c.f), test_forge_batch(&second) };
    struct sp_push push = { 2, b };
    uint8_t *prev = (uint8_t *)b[1].prev.data;
    prev[0] ^= 1;
    const struct sp_rules *rules = &c.branch->rules;
    assert_int_equal(rules->device(rules->self, ANNA, &who), SP_OK);
    test_party_begin(c.branch, &tx, true);
    assert_int_equal(
        sp_apply_push(&tx, &who, &push, &tx.arena, &taken), SP_E_FORK);
    assert_int_equal(c.branch->store.count(tx.txn, SP_T_LOG, &count), SP_OK);
    assert_int_equal(count, 0);
    prev[0] ^= 1;
    b[1].replica = b[0].replica; /* a chain twice in one push */
    assert_int_equal(
        sp_apply_push(&tx, &who, &push, &tx.arena, &taken), SP_E_MALFORMED);
    sp_tx_abort(&tx);
    b[1].replica = second.replica;
    test_party_begin(c.branch, &tx, true);
    assert_int_equal(sp_apply_push(&tx, &who, &push, &tx.arena, &taken), SP_OK);
    assert_int_equal(taken, 2);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

static void a_chain_of_nobody_is_refused(void **state)
{
    struct court c = begin(state);
    struct test_party *head = test_world_party(c.w, 1);
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_batch b = test_forge_batch(&c.f);
    b.replica = sp_replica_make(777, 1);
    assert_int_equal(
        test_forge_push(head, c.branch, &b, NULL), SP_E_UNKNOWN_DEVICE);
}

/* What a branch has accepted head office does not judge again, and what it has
 * refused has no effect there either (SYNC J7). */
static void head_office_takes_over_what_a_branch_decided(void **state)
{
    struct court c = begin(state);
    struct test_party *head = test_world_party(c.w, 1);
    struct sp_ref a = test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_ref far = test_forge_account(&c.f, "Far shop", "A-1");
    struct sp_batch b = test_forge_batch(&c.f);
    struct sp_commit second;
    assert_int_equal(
        sp_commit_decode(b.commit[1], c.f.replica, &c.anna->arena, &second),
        SP_OK);
    struct sp_told_verdict told = { c.f.replica, 2, second.content,
        { SP_REFUSED, SP_E_VALUE, 1, 2, 0, 2, 5, false } };
    b.verdict = &told;
    b.verdict_count = 1;
    assert_int_equal(test_forge_push(head, c.branch, &b, NULL), SP_OK);
    assert_int_equal(test_party_view(head, &a).count, 2);
    assert_int_equal(test_party_view(head, &far).count, 0);
    struct sp_verdict v = test_party_verdict(head, c.f.replica, 2);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.judge, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_repeated_batch_changes_nothing,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            of_a_batch_half_known_the_other_half_is_taken, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(a_gap_is_not_taken_and_no_fault,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_second_chain_is_a_fork, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            nobody_speaks_for_another, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            every_bit_of_a_batch_is_under_the_signature, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_number_that_does_not_fit_its_place_is_malformed, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(one_bad_batch_keeps_the_others_out,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_chain_of_nobody_is_refused,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            head_office_takes_over_what_a_branch_decided, test_world_setup,
            test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
