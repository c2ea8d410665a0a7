/* Sums and the digest of a no-op (SYNC P1): what both sides agree on, and what
 * is enough to disagree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define MIA  110u
#define ANNA 111u

/* Whether the two would say "the same" now. */
static bool agree(struct test_party *a, struct test_party *b)
{
    struct sp_tx ta, tb;
    uint8_t x[16], y[16];
    struct sp_id had, wanted;
    bool ready_a, ready_b, server = a->identity.user == 0;
    test_party_begin(a, &ta, false);
    test_party_begin(b, &tb, false);
    assert_int_equal(
        sp_proof_initiator(&ta, b->identity.device, x, &ready_a), SP_OK);
    assert_int_equal(sp_proof_responder(&tb, a->identity.device, server,
                         a->identity.replica, &tb.arena, y, &ready_b),
        SP_OK);
    assert_int_equal(sp_node_documents_digest(&ta, server, &had), SP_OK);
    assert_int_equal(sp_node_documents_digest(&tb, server, &wanted), SP_OK);
    sp_tx_abort(&ta);
    sp_tx_abort(&tb);
    return ready_a && ready_b && memcmp(x, y, sizeof x) == 0 &&
           sp_id_equal(&had, &wanted);
}

/* Anna, her branch and head office, with nothing left to say. */
static struct sp_ref quiet(struct test_world *w)
{
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    test_party_sync(branch, head);
    test_party_sync(anna, branch);
    assert_true(agree(anna, branch));
    assert_true(agree(branch, head));
    return a;
}

static void an_unsent_commit_is_something_to_do(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = quiet(w);
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    assert_false(agree(anna, branch));
    test_party_sync(anna, branch);
    assert_true(agree(anna, branch));
    assert_false(agree(branch, test_world_party(w, 1)));
}

static void another_ones_write_is_something_to_do(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_ready(w, MIA);
    struct sp_ref a = quiet(w);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_rename(mia, &a, "Mia's"), SP_OK);
    test_party_sync(mia, branch);
    assert_false(agree(anna, branch));
}

static void what_is_safe_above_is_something_to_hear(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = quiet(w);
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    test_party_sync(anna, branch);
    assert_true(agree(anna, branch));
    test_party_sync(branch, test_world_party(w, 1));
    assert_false(agree(anna, branch)); /* head office has it: say so */
}

static void a_document_is_something_to_do(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    (void)quiet(w);
    (void)test_org_publish(w->org, TEST_ORG_B);
    test_party_give_documents(branch);
    assert_false(agree(anna, branch));
    test_party_sync(anna, branch);
    assert_true(agree(anna, branch));
}

static void an_unconfirmed_verdict_is_something_to_do(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_tx tx;
    struct sp_chain c;
    (void)quiet(w);
    test_party_begin(branch, &tx, true);
    assert_int_equal(sp_log_chain(&tx, anna->identity.replica, &c), SP_OK);
    struct sp_verdict_entry e = { .replica = anna->identity.replica,
        .n = 1,
        .verdict = { .kind = SP_ACCEPTED } };
    c.unconfirmed++;
    assert_int_equal(sp_log_put_chain(&tx, &c), SP_OK);
    assert_int_equal(sp_log_put_verdict(&tx, &e), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    assert_false(agree(anna, branch));
}

static void one_wrong_bit_of_a_sum_is_something_to_do(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_id id = test_org_territory("A-1");
    (void)quiet(w);
    for (size_t i = 0; i < 128; i += 17) {
        struct sp_tx tx;
        struct sp_scope_state *s;
        for (int back = 0; back < 2; back++) {
            test_party_begin(anna, &tx, true);
            assert_int_equal(sp_tx_scope(&tx, &id, &s), SP_OK);
            s->sum[0].v[i / 8] ^= (uint8_t)(1u << i % 8);
            s->dirty = true;
            assert_int_equal(sp_tx_commit(&tx), SP_OK);
            assert_int_equal(agree(anna, branch), back);
        }
    }
}

/* ---- totals -------------------------------------------------------------- */

struct many {
    struct sp_sibling sibling[40];
    struct sp_dot dot[40];
    struct sp_register reg;
};

static void make_many(struct many *m, uint32_t count, uint16_t field)
{
    memset(m, 0, sizeof *m);
    for (uint32_t i = 0; i < count; i++) {
        m->dot[i] = (struct sp_dot){ i + 1, 5 };
        m->sibling[i].stamp.dot = m->dot[i];
    }
    m->reg = (struct sp_register){ .key = { field, { 0 } },
        .context = { count, m->dot },
        .count = count,
        .sibling = m->sibling };
}

static void what_is_added_and_taken_away_leaves_nothing(void **state)
{
    static const uint8_t zero[16];
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2);
    struct sp_ref ref = { 1, { { 1 } } };
    struct sp_scope_state s = { .key = { 9 } };
    struct sp_tx tx;
    uint8_t before[16], total[16];
    test_party_begin(branch, &tx, false);
    for (uint32_t count = 1; count <= 40; count += 13) {
        struct many a, b;
        make_many(&a, count, 2);
        make_many(&b, count, 4);
        assert_int_equal(sp_proof_register(&tx, &s, &ref, &a.reg, true), SP_OK);
        sp_proof_total_held(&s, before);
        assert_memory_not_equal(before, zero, sizeof zero);
        assert_int_equal(sp_proof_register(&tx, &s, &ref, &b.reg, true), SP_OK);
        sp_proof_total_held(&s, total);
        assert_memory_not_equal(before, total, sizeof total);
        assert_int_equal(
            sp_proof_register(&tx, &s, &ref, &b.reg, false), SP_OK);
        sp_proof_total_held(&s, total);
        assert_memory_equal(before, total, sizeof total);
        assert_int_equal(
            sp_proof_register(&tx, &s, &ref, &a.reg, false), SP_OK);
        sp_proof_total_held(&s, total);
        assert_memory_equal(total, zero, sizeof zero);
    }
    sp_tx_abort(&tx);
}

static void a_total_covers_the_fields_of_the_grant_only(void **state)
{
    /* [[1, [2]]]: of an account its name */
    static const uint8_t name_only[] = { 0x91, 0x92, 1, 0x91, 2 };
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2);
    struct sp_ref account = { 1, { { 1 } } }, visit = { 3, { { 1 } } };
    struct sp_scope_state s = { .key = { 9 }, .grant = SP_SLICE(name_only) };
    struct sp_tx tx;
    struct many name, other;
    uint8_t before[16], total[16];
    make_many(&name, 1, 2);
    make_many(&other, 1, 10);
    test_party_begin(branch, &tx, false);
    assert_int_equal(
        sp_proof_register(&tx, &s, &account, &name.reg, true), SP_OK);
    sp_proof_total_held(&s, before);
    assert_int_equal(
        sp_proof_register(&tx, &s, &account, &other.reg, true), SP_OK);
    assert_int_equal(
        sp_proof_register(&tx, &s, &visit, &name.reg, true), SP_OK);
    sp_proof_total_held(&s, total);
    assert_memory_equal(before, total, sizeof total);
    make_many(&other, 1, SP_FIELD_DELETED); /* shown with anything */
    assert_int_equal(
        sp_proof_register(&tx, &s, &account, &other.reg, true), SP_OK);
    sp_proof_total_held(&s, total);
    assert_memory_not_equal(before, total, sizeof total);
    sp_tx_abort(&tx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unsent_commit_is_something_to_do,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(another_ones_write_is_something_to_do,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_safe_above_is_something_to_hear,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_document_is_something_to_do,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            an_unconfirmed_verdict_is_something_to_do, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            one_wrong_bit_of_a_sum_is_something_to_do, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_is_added_and_taken_away_leaves_nothing, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_total_covers_the_fields_of_the_grant_only, test_world_setup,
            test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
