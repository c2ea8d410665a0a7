/* Commits that are handed in where nobody judges them: up, and down through
 * head office (SYNC J3, J6, J7, J9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "edition.h"
#include "engine.h"
#include "forge.h"

#define ANNA 111u
#define DORA 121u

struct visit {
    struct test_world *w;
    struct test_party *anna, *a, *head;
    struct test_forge f;
};

static struct visit begin(void **state)
{
    struct visit v = { .w = *state };
    v.anna = test_world_party(v.w, ANNA);
    v.a = test_world_party(v.w, 2);
    v.head = test_world_party(v.w, 1);
    v.f = test_forge_new(v.anna, 99);
    return v;
}

static void hand_in(struct visit *v, struct test_party *server)
{
    struct sp_batch b = test_forge_batch(&v->f);
    assert_int_equal(test_forge_push(server, v->anna, &b, NULL), SP_OK);
}

static struct sp_verdict verdict(
    struct test_party *p, const struct visit *v, uint64_t n)
{
    return test_party_verdict(p, v->f.replica, n);
}

static struct sp_chain chain_of(struct test_party *p, sp_replica replica)
{
    struct sp_tx tx;
    struct sp_chain c;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_chain(&tx, replica, &c), SP_OK);
    sp_tx_abort(&tx);
    return c;
}

/* A verdict about a commit that is not logged here. */
static struct sp_verdict_entry entry(
    struct test_party *p, const struct visit *v, uint64_t n)
{
    struct sp_tx tx;
    struct sp_verdict_entry e;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_verdict(&tx, v->f.replica, n, &e), SP_OK);
    sp_tx_abort(&tx);
    return e;
}

static void head_office_hands_it_to_the_branch_and_hears_the_verdict(
    void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    hand_in(&v, v.head);
    assert_int_equal(verdict(v.head, &v, 1).code, SP_E_DEFERRED_JUDGE);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(v.head, &v, 1).judge, 2);
    assert_int_equal(test_party_view(v.head, &shop).count, 2);
    assert_int_equal(test_party_view(v.a, &shop).count, 2);
    /* It moved no frontier of the branch's own. */
    assert_int_equal(chain_of(v.a, v.f.replica).n, 0);
    assert_int_equal(chain_of(v.a, v.f.replica).upper, 1);
    assert_true(test_party_sync(v.a, v.head).same);
}

static void a_refusal_comes_back_with_code_rule_and_field(void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    test_forge_text(&v.f, &shop, 12, "A-2"); /* the branch's to say */
    test_forge_text(&v.f, &shop, 2, "Afterwards");
    hand_in(&v, v.head);
    (void)test_party_sync(v.a, v.head);
    struct sp_verdict there = verdict(v.head, &v, 2);
    assert_int_equal(there.kind, SP_REFUSED);
    assert_int_equal(there.type, 1);
    assert_int_equal(there.field, 12);
    assert_int_equal(entry(v.a, &v, 2).verdict.rule, there.rule);
    assert_int_equal(there.judge, 2);
    struct sp_verdict here = entry(v.a, &v, 2).verdict;
    assert_int_equal(here.code, there.code);
    /* Nothing waits behind it. */
    assert_int_equal(verdict(v.head, &v, 3).kind, SP_ACCEPTED);
    assert_string_equal(test_party_name(v.head, &shop), "Afterwards");
    assert_true(test_party_in_scope(v.a, &shop, "A-1"));
}

/* Account, visit, edit: each waits for the one before, all in one exchange. */
static void what_belongs_to_it_follows_in_the_same_exchange(void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    struct sp_ref visit = test_forge_visit(&v.f, &shop);
    test_forge_text(&v.f, &shop, 2, "Renamed");
    hand_in(&v, v.head);
    assert_int_equal(verdict(v.head, &v, 2).code, SP_E_DEFERRED_PARENT);
    (void)test_party_sync(v.a, v.head);
    for (uint64_t n = 1; n <= 3; n++) {
        assert_int_equal(verdict(v.head, &v, n).kind, SP_ACCEPTED);
    }
    assert_int_equal(test_party_view(v.head, &visit).count, 4);
    assert_string_equal(test_party_name(v.a, &shop), "Renamed");
}

/* The author asks wherever he likes. */
static void the_author_hears_it_at_home_and_at_head_office(void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_party_account(v.anna, "Corner shop", "A-1");
    sp_replica own = v.anna->identity.replica;
    (void)test_party_sync(v.anna, v.head);
    assert_int_equal(
        test_party_verdict(v.anna, own, 1).code, SP_E_DEFERRED_JUDGE);
    (void)test_party_sync(v.a, v.head);
    struct mem_store *before = mem_store_clone(v.anna->mem);
    struct test_party *asked[] = { v.head, v.a };
    for (size_t i = 0; i < 2; i++) {
        mem_store_restore(v.anna->mem, before);
        (void)test_party_sync(v.anna, asked[i]);
        assert_int_equal(test_party_verdict(v.anna, own, 1).kind, SP_ACCEPTED);
    }
    mem_store_free(before);
    assert_int_equal(test_party_view(v.anna, &shop).count, 2);
    (void)test_party_sync(v.a, v.head);
    (void)test_party_sync(v.anna, v.a);
    assert_true(test_party_sync(v.anna, v.a).same);
}

static void a_device_that_visits_another_branch(void **state)
{
    struct visit v = begin(state);
    struct test_party *b = test_world_ready(v.w, 3);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    struct sp_ref visit = test_forge_visit(&v.f, &shop);
    test_forge_text(&v.f, &shop, 12, "B-1");
    hand_in(&v, b);
    assert_int_equal(verdict(b, &v, 1).code, SP_E_DEFERRED_JUDGE);
    (void)test_party_sync(b, v.head);
    assert_int_equal(verdict(v.head, &v, 1).code, SP_E_DEFERRED_JUDGE);
    (void)test_party_sync(v.a, v.head);
    (void)test_party_sync(b, v.head);
    struct test_party *both[] = { v.head, b };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(verdict(both[i], &v, 1).kind, SP_ACCEPTED);
        assert_int_equal(verdict(both[i], &v, 2).kind, SP_ACCEPTED);
        assert_int_equal(verdict(both[i], &v, 3).kind, SP_REFUSED);
        assert_int_equal(verdict(both[i], &v, 3).field, 12);
    }
    assert_int_equal(test_party_view(v.a, &visit).count, 4);
    assert_int_equal(test_party_view(b, &visit).count, 0);
    assert_true(test_party_sync(b, v.head).same);
}

/* Passed down and judged; then the author comes home with the same chain. */
static void when_it_comes_by_its_chain_the_verdict_stands(void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    test_forge_text(&v.f, &shop, 12, "A-2");
    struct sp_batch b = test_forge_batch(&v.f);
    assert_int_equal(test_forge_push(v.head, v.anna, &b, NULL), SP_OK);
    /* Cut before head office's list came: the branch knows by itself. */
    for (unsigned served = 1; served <= 4; served++) {
        test_party_cut(v.a, v.head, served);
    }
    assert_int_equal(chain_of(v.a, v.f.replica).upper, 0);
    assert_int_equal(entry(v.a, &v, 1).verdict.kind, SP_ACCEPTED);
    (void)test_org_publish_policy(v.w->org); /* would be judged anew */
    assert_int_equal(test_forge_push(v.a, v.anna, &b, NULL), SP_OK);
    assert_int_equal(chain_of(v.a, v.f.replica).n, 2);
    assert_int_equal(verdict(v.a, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(v.a, &v, 2).kind, SP_REFUSED);
    assert_int_equal(chain_of(v.a, v.f.replica).open, 1);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(v.head, &v, 2).kind, SP_REFUSED);
}

static void cut_anywhere_it_is_judged_once(void **state)
{
    struct visit v = begin(state);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    (void)test_forge_visit(&v.f, &shop);
    hand_in(&v, v.head);
    for (unsigned served = 1; served <= 4; served++) {
        test_party_cut(v.a, v.head, served);
        assert_int_equal(test_party_status(v.a).alarms, 0);
    }
    (void)test_party_sync(v.a, v.head);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 2).kind, SP_ACCEPTED);
    assert_true(test_party_sync(v.a, v.head).same);
}

/* SYNC J3: nobody stores who judges. */
static void a_territory_that_moves_takes_what_waits_along(void **state)
{
    struct visit v = begin(state);
    struct test_party *b = test_world_ready(v.w, 3);
    struct test_org *o = v.w->org;
    (void)test_forge_account(&v.f, "Corner shop", "A-1");
    hand_in(&v, v.head);
    struct test_org_unit *ua = &o->unit[TEST_ORG_A], *ub = &o->unit[TEST_ORG_B];
    ub->territory[ub->roster.territory_count++] = ua->territory[0];
    ua->territory[0] = ua->territory[--ua->roster.territory_count];
    (void)test_org_publish(o, TEST_ORG_A);
    (void)test_org_publish(o, TEST_ORG_B);
    test_party_give_documents(v.head);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_DEFERRED);
    (void)test_party_sync(b, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(v.head, &v, 1).judge, 3);
}

/* Held by A while it waits for a document; then the territory is B's. */
static void what_is_another_branchs_by_now_is_forgotten(void **state)
{
    struct visit v = begin(state);
    struct test_org *o = v.w->org;
    struct sp_tx tx;
    struct sp_dots held;
    struct sp_certified head;
    struct sp_pass pass = { .branch = 2 };
    uint32_t fresh = 0;
    test_forge_text(
        &v.f, &(struct sp_ref){ 1, { { 1, 2, 3 } } }, 2, "Nobody's");
    (void)test_forge_account(&v.f, "Corner shop", "A-1");
    hand_in(&v, v.head);
    /* Passed down as head office does, the first for the test's sake. */
    struct sp_passed room[SP_BATCH_COMMITS_MAX];
    pass.passed = room;
    pass.budget = 100000;
    test_party_begin(v.head, &tx, false);
    pass.arena = &v.head->arena;
    assert_int_equal(sp_passed_find(&tx, &pass), SP_OK);
    sp_tx_abort(&tx);
    assert_int_equal(pass.passed_count, 1);
    assert_int_equal(pass.passed[0].n, 2);
    assert_int_equal(v.head->rules.device(v.head->rules.self, 1, &head), SP_OK);
    o->unit[TEST_ORG_A].roster.server = 0;
    (void)test_org_publish(o, TEST_ORG_A);
    test_party_give_documents(v.a); /* no longer A's: deferred there */
    test_party_begin(v.a, &tx, true);
    assert_int_equal(
        sp_passed_take(&tx, &head, &pass.passed[0], &fresh), SP_OK);
    assert_int_equal(fresh, 1);
    assert_int_equal(sp_passed_held(&tx, &tx.arena, &held), SP_OK);
    assert_int_equal(held.count, 1);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    o->unit[TEST_ORG_A].roster.server = 2;
    test_party_give_documents(v.head);
    (void)test_party_sync(v.a, v.head);
    test_party_begin(v.a, &tx, false);
    assert_int_equal(sp_passed_held(&tx, &tx.arena, &held), SP_OK);
    assert_int_equal(held.count, 0);
    sp_tx_abort(&tx);
}

/* What head office signs holds for this commit, number and chain only. */
static void only_head_offices_signature_makes_it_a_commit(void **state)
{
    struct visit v = begin(state);
    struct sp_tx tx;
    struct sp_passed room[SP_BATCH_COMMITS_MAX], p;
    struct sp_pass pass = { .branch = 2, .passed = room, .budget = 100000 };
    struct sp_certified head, b;
    uint32_t fresh = 0;
    (void)test_forge_account(&v.f, "Corner shop", "A-1");
    hand_in(&v, v.head);
    test_party_begin(v.head, &tx, false);
    pass.arena = &v.head->arena;
    assert_int_equal(sp_passed_find(&tx, &pass), SP_OK);
    sp_tx_abort(&tx);
    assert_int_equal(pass.passed_count, 1);
    assert_int_equal(v.a->rules.device(v.a->rules.self, 1, &head), SP_OK);
    assert_int_equal(v.a->rules.device(v.a->rules.self, 3, &b), SP_OK);
    test_party_begin(v.a, &tx, true);
    p = room[0];
    p.released = true;
    assert_int_equal(sp_passed_take(&tx, &head, &p, &fresh), SP_E_FORGED);
    p = room[0];
    p.n++;
    assert_int_equal(sp_passed_take(&tx, &head, &p, &fresh), SP_E_FORGED);
    p = room[0];
    p.prev[0] ^= 1;
    assert_int_equal(sp_passed_take(&tx, &head, &p, &fresh), SP_E_FORGED);
    assert_int_equal(sp_passed_take(&tx, &b, &room[0], &fresh), SP_E_FORGED);
    assert_int_equal(fresh, 0);
    assert_int_equal(sp_passed_take(&tx, &head, &room[0], &fresh), SP_OK);
    assert_int_equal(fresh, 1);
    sp_tx_abort(&tx);
}

/* SYNC J7: an acceptance of who never served it is none. */
static void a_branch_that_never_served_the_scope_accepts_nothing(void **state)
{
    struct visit v = begin(state);
    struct test_party *b = test_world_ready(v.w, 3);
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    struct sp_batch batch = test_forge_batch(&v.f);
    /* B says nothing against it, as if it had judged. */
    assert_int_equal(test_forge_push(v.head, b, &batch, NULL), SP_OK);
    assert_int_equal(verdict(v.head, &v, 1).code, SP_E_DEFERRED_JUDGE);
    assert_int_equal(test_party_view(v.head, &shop).count, 0);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(v.head, &v, 1).judge, 2);
}

/* It served it when it judged, and hears of the move later. */
static void what_a_branch_accepted_before_it_heard_of_a_move_stands(
    void **state)
{
    struct visit v = begin(state);
    struct test_org *o = v.w->org;
    struct sp_ref shop = test_forge_account(&v.f, "Corner shop", "A-1");
    struct sp_ref visit = test_forge_visit(&v.f, &shop);
    hand_in(&v, v.a);
    struct test_org_unit *ua = &o->unit[TEST_ORG_A], *ub = &o->unit[TEST_ORG_B];
    ub->territory[ub->roster.territory_count++] = ua->territory[0];
    ua->territory[0] = ua->territory[--ua->roster.territory_count];
    (void)test_org_publish(o, TEST_ORG_A);
    (void)test_org_publish(o, TEST_ORG_B);
    test_party_give_documents(v.head);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(verdict(v.head, &v, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(v.head, &visit).count, 4);
}

static sp_err cannot_read(void *self, struct sp_slice document)
{
    (void)self;
    (void)document;
    return SP_E_DOCUMENT;
}

/* Head office has a dictionary that A's program cannot read: what names it
 * waits at A. */
static void leave_behind(struct visit *v)
{
    test_edition_dictionary(
        v->w->org, test_edition_retire, TEST_EDITION_RETIRE);
    test_party_give_documents(v->head);
    v->a->rules.check_document = cannot_read;
}

/* Creates that name it, handed in at head office. */
static void hand_in_later(struct visit *v, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct sp_ref ref = test_party_ref(v->anna, 1);
        struct sp_write w[] = {
            { .key = { 2, { 0 } }, .value = test_party_text(v->anna, "Shop") },
            { .key = { 12, { 0 } }, .value = test_party_text(v->anna, "A-1") },
            { .key = { 900, { 0 } }, .value = test_party_text(v->anna, "tea") },
        };
        struct sp_change change = { ref, 3, w };
        struct sp_commit c = test_forge_commit(&v->f);
        c.dictionary++;
        c.count = 1;
        c.change = &change;
        test_forge_add(&v->f, &c);
        if (v->f.count == TEST_FORGE_COMMITS_MAX || i + 1 == count) {
            hand_in(v, v->head);
        }
    }
}

static uint32_t waiting(struct test_party *p)
{
    struct sp_dots held;
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_passed_held(&tx, &tx.arena, &held), SP_OK);
    sp_tx_abort(&tx);
    return held.count;
}

/* All that wait come down, each once; then both sides agree on them, and
 * nothing but the dictionary is tried again. */
static void pass_down(uint32_t count)
{
    void *state = test_world_new(1);
    (void)test_world_ready(state, ANNA);
    struct visit v = begin(&state);
    leave_behind(&v);
    hand_in_later(&v, count);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(waiting(v.a), count);
    struct sp_link_report r = test_party_sync(v.a, v.head);
    assert_true(r.round_trips <= 3);
    assert_int_equal(waiting(v.a), count);
    test_party_check(v.a);
    test_party_check(v.head);
    test_world_free(state);
}

static void a_page_of_waiting_commits_and_one_more_come_down(void **state)
{
    (void)state;
    pass_down(SP_HELD_PAGE - 1);
    pass_down(SP_HELD_PAGE);
    pass_down(SP_HELD_PAGE + 1);
    pass_down(2 * SP_HELD_PAGE + 300);
}

static void what_waits_behind_a_page_can_be_another_branchs(void **state)
{
    struct visit v = begin(state);
    struct test_org *o = v.w->org;
    leave_behind(&v);
    hand_in_later(&v, SP_HELD_PAGE + 10);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(waiting(v.a), SP_HELD_PAGE + 10);
    struct test_org_unit *ua = &o->unit[TEST_ORG_A], *ub = &o->unit[TEST_ORG_B];
    ub->territory[ub->roster.territory_count++] = ua->territory[0];
    ua->territory[0] = ua->territory[--ua->roster.territory_count];
    (void)test_org_publish(o, TEST_ORG_A);
    (void)test_org_publish(o, TEST_ORG_B);
    test_party_give_documents(v.head);
    (void)test_party_sync(v.a, v.head);
    assert_int_equal(waiting(v.a), 0);
    struct test_party *b = test_world_ready(v.w, 3);
    (void)test_party_sync(b, v.head);
    assert_int_not_equal(verdict(v.head, &v, v.f.n).kind, SP_DEFERRED);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(head_office_hands_it_to_the_branch_and_hears_the_verdict),
        CASE(a_refusal_comes_back_with_code_rule_and_field),
        CASE(what_belongs_to_it_follows_in_the_same_exchange),
        CASE(the_author_hears_it_at_home_and_at_head_office),
        CASE(a_device_that_visits_another_branch),
        CASE(when_it_comes_by_its_chain_the_verdict_stands),
        CASE(cut_anywhere_it_is_judged_once),
        CASE(a_territory_that_moves_takes_what_waits_along),
        CASE(what_is_another_branchs_by_now_is_forgotten),
        CASE(only_head_offices_signature_makes_it_a_commit),
        CASE(a_branch_that_never_served_the_scope_accepts_nothing),
        CASE(what_a_branch_accepted_before_it_heard_of_a_move_stands),
        cmocka_unit_test(a_page_of_waiting_commits_and_one_more_come_down),
        CASE(what_waits_behind_a_page_can_be_another_branchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
