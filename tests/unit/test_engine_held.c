/* What a device had of a scope when it made a commit (SYNC J4): evidence about
 * a record that an ordinary write has put elsewhere meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"
#include "held.h"

#define ACCOUNT 1u
#define OWNER   11u
#define TEAM    13u

struct case_of {
    struct test_world *w;
    struct test_party *anna, *mia, *a;
};

static struct case_of begin(void **state)
{
    struct case_of c = { .w = *state };
    c.anna = test_world_party(c.w, 111);
    c.a = test_world_party(c.w, 2);
    c.mia = test_world_ready(c.w, 110);
    return c;
}

static void manager_writes(
    struct case_of *c, const struct sp_ref *ref, struct sp_draft_write *w)
{
    struct sp_draft_change d = { *ref, false, 1, w };
    assert_int_equal(test_party_make(c->mia, &d, SP_AUTHORITY_BRANCH), SP_OK);
    (void)test_party_sync(c->mia, c->a);
}

/* A shop of Anna's, known to her, to the branch and to the manager. */
static struct sp_ref known_shop(struct case_of *c)
{
    struct sp_ref shop = test_party_account(c->anna, "Corner shop", "A-1");
    (void)test_party_sync(c->anna, c->a);
    (void)test_party_sync(c->mia, c->a);
    return shop;
}

static sp_err forged_visit(struct case_of *c, const struct sp_ref *shop)
{
    static uint32_t incarnation = 500;
    struct test_forge f = test_forge_new(c->anna, ++incarnation);
    struct sp_verdict_entry e;
    struct sp_tx tx;
    (void)test_forge_visit(&f, shop);
    struct sp_batch b = test_forge_batch(&f);
    assert_int_equal(test_forge_push(c->a, c->anna, &b, NULL), SP_OK);
    test_party_begin(c->a, &tx, false);
    assert_int_equal(sp_log_verdict(&tx, f.replica, 1, &e), SP_OK);
    sp_tx_abort(&tx);
    return e.verdict.code;
}

static void a_visit_counts_at_a_shop_that_went_elsewhere_unheard(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = known_shop(&c);
    assert_int_equal(test_party_move(c.mia, &shop, "A-2"), SP_OK);
    (void)test_party_sync(c.mia, c.a);
    struct sp_ref visit = test_party_visit(c.anna, &shop);
    assert_int_equal(test_party_rename(c.anna, &shop, "Hers"), SP_OK);
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(test_party_view(c.a, &visit).count, 4);
    assert_true(test_party_in_scope(c.a, &visit, "A-2"));
    /* The shop itself is no evidence. */
    assert_int_equal(test_party_status(c.anna).refused, 1);
    assert_string_equal(test_party_name(c.a, &shop), "Corner shop");
    /* Once her device has shown that it knows, nothing more counts there. */
    (void)test_party_account(c.anna, "Another", "A-1");
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(forged_visit(&c, &shop), SP_E_SCOPE);
}

static void who_never_had_the_shop_gains_nothing(void **state)
{
    struct case_of c = begin(state);
    struct test_party *ben = test_world_ready(c.w, 112);
    struct sp_ref shop = test_party_account(ben, "Far shop", "A-2");
    (void)test_party_sync(ben, c.a);
    (void)test_party_sync(c.mia, c.a);
    assert_int_equal(test_party_move(c.mia, &shop, "A-1"), SP_OK);
    assert_int_equal(test_party_move(c.mia, &shop, "A-2"), SP_OK);
    (void)test_party_sync(c.mia, c.a);
    /* It came into her territory and left while she was away. */
    assert_int_equal(forged_visit(&c, &shop), SP_E_SCOPE);
}

static void an_owner_and_a_member_of_the_team_are_heard_likewise(void **state)
{
    struct case_of c = begin(state);
    struct test_party *ben = test_world_ready(c.w, 112);
    struct sp_ref shop = known_shop(&c), hers = test_party_ref(c.anna, ACCOUNT);
    struct sp_slice him = test_party_number(c.mia, 12);
    struct sp_draft_write join = { { TEAM, him }, him };
    static const uint8_t nil[] = { 0xc0 };
    struct sp_draft_write gone = { { TEAM, him }, SP_SLICE(nil) };
    struct sp_draft_write owner = { { OWNER, { 0 } }, him };
    struct sp_draft_write w[] = {
        { { 2, { 0 } }, test_party_text(c.anna, "Her own") },
        { { OWNER, { 0 } }, test_party_number(c.anna, 11) },
    };
    struct sp_draft_change make = { hers, true, 2, w };
    assert_int_equal(
        test_party_make(c.anna, &make, SP_AUTHORITY_PERSON), SP_OK);
    (void)test_party_sync(c.anna, c.a);
    (void)test_party_sync(c.mia, c.a);
    manager_writes(&c, &shop, &join);
    (void)test_party_sync(ben, c.a);
    manager_writes(&c, &shop, &gone);
    manager_writes(&c, &hers, &owner);
    struct sp_ref his = test_party_visit(ben, &shop);
    struct sp_ref visit = test_party_visit(c.anna, &hers);
    (void)test_party_sync(ben, c.a);
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(test_party_view(c.a, &his).count, 4);
    assert_int_equal(test_party_view(c.a, &visit).count, 4);
}

/* ---- positions --------------------------------------------------------- */

static uint32_t left_for(
    struct case_of *c, struct sp_tx *tx, const struct sp_ref *ref, uint64_t n)
{
    struct sp_scopes left;
    struct sp_commit commit = { .replica = c->anna->identity.replica, .n = n };
    sp_arena_reset(&tx->scratch);
    assert_int_equal(sp_held_left(tx, &commit, ref, &left), SP_OK);
    return left.count;
}

static void a_commit_that_waits_keeps_the_position_of_its_day(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = known_shop(&c);
    struct sp_id scope = test_org_territory("A-1");
    sp_replica replica = c.anna->identity.replica;
    struct sp_chain chain;
    struct sp_stored s;
    struct sp_tx tx;
    (void)test_party_visit(c.anna, &shop);
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(test_party_move(c.mia, &shop, "A-2"), SP_OK);
    (void)test_party_sync(c.mia, c.a);
    test_party_begin(c.a, &tx, true);
    assert_int_equal(sp_log_chain(&tx, replica, &chain), SP_OK);
    assert_int_equal(sp_place_load(&tx, &shop, &tx.arena, &s), SP_OK);
    const struct sp_place *p = sp_place_find(&s, &scope);
    assert_true(p != NULL && p->left && p->entry < p->seq);
    const uint64_t entry = p->entry, left = p->seq, n = chain.n;
    assert_int_equal(sp_held_note(&tx, replica, &scope, left - 1), SP_OK);
    assert_int_equal(left_for(&c, &tx, &shop, n), 1);
    assert_int_equal(left_for(&c, &tx, &shop, n + 1), 1);
    for (uint64_t more = 0; more < 3; more++) {
        assert_int_equal(
            sp_held_note(&tx, replica, &scope, left + more), SP_OK);
        assert_int_equal(left_for(&c, &tx, &shop, n), 1);
        assert_int_equal(left_for(&c, &tx, &shop, n + 1), 0);
        /* Nor does it come back by saying less. */
        assert_int_equal(sp_held_note(&tx, replica, &scope, entry), SP_OK);
        assert_int_equal(left_for(&c, &tx, &shop, n + 1), 0);
    }
    /* Four positions are kept. */
    assert_int_equal(sp_held_note(&tx, replica, &scope, left + 3), SP_OK);
    assert_int_equal(left_for(&c, &tx, &shop, n), 0);
    sp_tx_abort(&tx);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_visit_counts_at_a_shop_that_went_elsewhere_unheard),
        CASE(who_never_had_the_shop_gains_nothing),
        CASE(an_owner_and_a_member_of_the_team_are_heard_likewise),
        CASE(a_commit_that_waits_keeps_the_position_of_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
