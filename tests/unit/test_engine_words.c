/* Two servers judged: accepted wins, everywhere (SYNC J5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"

#define ANNA 111u
#define NAME 2u

/* A-1 goes from branch A to B, and Anna has no say there any more; A has not
 * heard of it. */
struct move {
    struct test_world *w;
    struct test_party *anna, *a, *b, *head;
    struct test_forge f;
    struct sp_ref shop;
};

static struct move begin(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct move m = { .w = *state };
    struct test_org *o = m.w->org;
    m.anna = test_world_party(m.w, ANNA);
    m.a = test_world_party(m.w, 2);
    m.b = test_world_ready(m.w, 3);
    m.head = test_world_party(m.w, 1);
    m.f = test_forge_new(m.anna, 99);
    m.shop = test_forge_account(&m.f, "Corner shop", "A-1");
    struct sp_batch batch = test_forge_batch(&m.f);
    assert_int_equal(test_forge_push(m.a, m.anna, &batch, NULL), SP_OK);
    (void)test_party_sync(m.a, m.head);
    test_org_assign(o, 11, 1, elsewhere);
    struct test_org_unit *ua = &o->unit[TEST_ORG_A], *ub = &o->unit[TEST_ORG_B];
    ub->territory[ub->roster.territory_count++] = ua->territory[0];
    ua->territory[0] = ua->territory[--ua->roster.territory_count];
    (void)test_org_publish(o, TEST_ORG_A);
    (void)test_org_publish(o, TEST_ORG_B);
    test_party_give_documents(m.head);
    (void)test_party_sync(m.b, m.head);
    (void)test_party_sync(m.b, m.head);
    assert_int_equal(test_party_view(m.b, &m.shop).count, 2);
    return m;
}

/* The next edit of the shop's name, as a batch. */
static struct sp_batch edit(struct move *m, const char *name)
{
    test_forge_text(&m->f, &m->shop, NAME, name);
    return test_forge_batch(&m->f);
}

static enum sp_verdict_kind verdict(
    struct test_party *p, const struct move *m, uint64_t n)
{
    return test_party_verdict(p, m->f.replica, n).kind;
}

static void both_judge(struct move *m, struct sp_batch *batch)
{
    assert_int_equal(test_forge_push(m->b, m->anna, batch, NULL), SP_OK);
    assert_int_equal(test_forge_push(m->a, m->anna, batch, NULL), SP_OK);
    assert_int_equal(verdict(m->b, m, m->f.n), SP_REFUSED);
    assert_int_equal(verdict(m->a, m, m->f.n), SP_ACCEPTED);
}

static void all_say_accepted(struct move *m, uint64_t n, const char *name)
{
    struct test_party *all[] = { m->head, m->a, m->b };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(verdict(all[i], m, n), SP_ACCEPTED);
    }
    assert_string_equal(test_party_name(m->head, &m->shop), name);
    assert_string_equal(test_party_name(m->b, &m->shop), name);
}

static void head_office_had_it_as_refused(void **state)
{
    struct move m = begin(state);
    struct sp_batch batch = edit(&m, "Corner shop 2");
    both_judge(&m, &batch);
    (void)test_party_sync(m.b, m.head);
    assert_int_equal(verdict(m.head, &m, 2), SP_REFUSED);
    assert_string_equal(test_party_name(m.head, &m.shop), "Corner shop");
    (void)test_party_sync(m.a, m.head);
    assert_int_equal(verdict(m.head, &m, 2), SP_ACCEPTED);
    (void)test_party_sync(m.b, m.head);
    all_say_accepted(&m, 2, "Corner shop 2");
    assert_true(test_party_sync(m.b, m.head).same);
}

static void the_branch_that_refused_comes_last(void **state)
{
    struct move m = begin(state);
    struct sp_batch batch = edit(&m, "Corner shop 2");
    both_judge(&m, &batch);
    (void)test_party_sync(m.a, m.head);
    assert_int_equal(verdict(m.head, &m, 2), SP_ACCEPTED);
    (void)test_party_sync(m.b, m.head);
    all_say_accepted(&m, 2, "Corner shop 2");
    assert_true(test_party_sync(m.b, m.head).same);
}

struct between {
    struct move *m;
    struct sp_batch *batch;
    unsigned after, turns;
};

static void bring(void *arg, unsigned turn)
{
    struct between *b = arg;
    b->turns = turn + 1;
    if (turn == b->after) {
        assert_int_equal(
            test_forge_push(b->m->b, b->m->anna, b->batch, NULL), SP_OK);
    }
}

/* What comes to a branch while it exchanges is never sent as a commit: the
 * word alone carries it. At every message of the exchange. */
static void a_commit_that_comes_in_between_loses_no_verdict(void **state)
{
    struct move m = begin(state);
    bool over = false;
    unsigned turns = 0;
    for (unsigned after = 0; !over; after++) {
        struct sp_link *la = test_party_dial(m.b, m.head),
                       *lb = test_party_answer(m.head);
        struct sp_batch batch = edit(&m, "another");
        struct between between = { &m, &batch, after, 0 };
        uint64_t n = m.f.n;
        /* Head office has it from the author already, as deferred. */
        assert_int_equal(test_forge_push(m.head, m.anna, &batch, NULL), SP_OK);
        assert_int_equal(
            test_party_play_with(m.b, la, m.head, lb, bring, &between), SP_OK);
        turns = between.turns;
        over = turns <= after;
        sp_link_free(la);
        sp_link_free(lb);
        if (over) {
            assert_int_equal(test_forge_push(m.b, m.anna, &batch, NULL), SP_OK);
        }
        (void)test_party_sync(m.b, m.head);
        assert_int_equal(verdict(m.b, &m, n), SP_REFUSED);
        assert_int_equal(verdict(m.head, &m, n), SP_REFUSED);
        assert_int_equal(test_party_verdict(m.head, m.f.replica, n).judge, 3);
        (void)test_party_sync(m.b, m.head);
        assert_true(test_party_sync(m.b, m.head).same);
    }
    assert_true(turns >= 4);
}

/* A word that A has for head office when head office's list said refused
 * before the commit came to A. */
static void a_branch_that_accepted_insists(void **state)
{
    struct move m = begin(state);
    struct sp_batch batch = edit(&m, "Corner shop 2");
    struct sp_verdict_entry e;
    struct sp_tx tx;
    assert_int_equal(test_forge_push(m.b, m.anna, &batch, NULL), SP_OK);
    assert_int_equal(test_forge_push(m.a, m.anna, &batch, NULL), SP_OK);
    (void)test_party_sync(m.b, m.head);
    /* A's push is lost to head office, its list is not: what a commit that
     * comes behind the push of an exchange looks like. */
    test_party_begin(m.a, &tx, true);
    assert_int_equal(sp_log_verdict(&tx, m.f.replica, 2, &e), SP_OK);
    assert_int_equal(e.verdict.kind, SP_VERDICT_NONE);
    struct sp_tx other;
    test_party_begin(m.b, &other, false);
    assert_int_equal(sp_log_verdict(&other, m.f.replica, 2, &e), SP_OK);
    sp_tx_abort(&other);
    e.word = 0;
    assert_int_equal(sp_apply_word(&tx, &e, 1), SP_OK);
    assert_int_equal(sp_log_verdict(&tx, m.f.replica, 2, &e), SP_OK);
    assert_int_equal(e.verdict.kind, SP_ACCEPTED);
    assert_true(e.word > 0);
    bool ahead;
    assert_int_equal(sp_words_ahead(&tx, 1, &ahead), SP_OK);
    assert_true(ahead);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    (void)test_party_sync(m.a, m.head);
    (void)test_party_sync(m.b, m.head);
    all_say_accepted(&m, 2, "Corner shop 2");
}

/* What a refused create made is no longer refused with it. */
static void what_was_made_after_all_takes_visits_again(void **state)
{
    struct move m = begin(state);
    struct sp_ref shop = test_forge_account(&m.f, "New shop", "A-1");
    struct sp_batch batch = test_forge_batch(&m.f);
    both_judge(&m, &batch);
    (void)test_forge_visit(&m.f, &shop);
    batch = test_forge_batch(&m.f);
    assert_int_equal(test_forge_push(m.b, m.anna, &batch, NULL), SP_OK);
    assert_int_equal(
        test_party_verdict(m.b, m.f.replica, 3).code, SP_E_PARENT_REFUSED);
    (void)test_party_sync(m.a, m.head);
    (void)test_party_sync(m.b, m.head);
    assert_int_equal(verdict(m.b, &m, 2), SP_ACCEPTED);
    assert_int_equal(verdict(m.b, &m, 3), SP_REFUSED); /* final */
    assert_int_equal(test_party_view(m.b, &shop).count, 2);
    (void)test_forge_visit(&m.f, &shop);
    batch = test_forge_batch(&m.f);
    assert_int_equal(test_forge_push(m.b, m.anna, &batch, NULL), SP_OK);
    assert_int_not_equal(
        test_party_verdict(m.b, m.f.replica, 4).code, SP_E_PARENT_REFUSED);
}

/* A dot in the state proves that it was accepted, by whomever. */
static void a_server_asks_its_own_state_before_it_judges(void **state)
{
    struct move m = begin(state);
    struct sp_batch batch = edit(&m, "Corner shop 2");
    struct sp_tx tx;
    struct sp_record r;
    struct sp_scopes scopes;
    assert_int_equal(test_forge_push(m.a, m.anna, &batch, NULL), SP_OK);
    /* The record as A has it, brought to B by an exchange that was cut before
     * the frontiers came. */
    test_party_begin(m.a, &tx, false);
    assert_int_equal(sp_state_get(&tx, &m.shop, &m.b->arena, &r), SP_OK);
    assert_int_equal(sp_state_scopes(&tx, &m.shop, &scopes), SP_OK);
    sp_tx_abort(&tx);
    test_party_begin(m.b, &tx, true);
    assert_int_equal(sp_base_take(&tx, &scopes, &r), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    assert_int_equal(test_forge_push(m.b, m.anna, &batch, NULL), SP_OK);
    assert_int_equal(verdict(m.b, &m, 2), SP_ACCEPTED);
}

/* A position belongs to one history (SYNC S3): a head office that was restored
 * hears all words again. */
static void a_restored_head_office_hears_all_words_again(void **state)
{
    struct move m = begin(state);
    struct sp_batch batch = edit(&m, "Corner shop 2");
    struct sp_tx tx;
    bool ahead;
    both_judge(&m, &batch);
    (void)test_party_sync(m.a, m.head);
    (void)test_party_sync(m.b, m.head);
    test_party_begin(m.b, &tx, true);
    assert_int_equal(sp_words_ahead(&tx, 1, &ahead), SP_OK);
    assert_false(ahead);
    struct sp_peer_state peer;
    assert_int_equal(sp_node_peer(&tx, 1, &peer), SP_OK);
    peer.history.b[0] ^= 1;
    assert_int_equal(sp_node_put_peer(&tx, &peer), SP_OK);
    struct sp_verdict_entry e;
    assert_int_equal(sp_log_verdict(&tx, m.f.replica, 2, &e), SP_OK);
    assert_int_equal(sp_words_note(&tx, &e, 0), SP_OK);
    assert_int_equal(sp_words_ahead(&tx, 1, &ahead), SP_OK);
    assert_true(ahead);
    sp_tx_abort(&tx);
}

static uint64_t words(struct test_party *p)
{
    struct sp_tx tx;
    uint64_t count = 0;

    test_party_begin(p, &tx, false);
    assert_int_equal(p->store.count(tx.txn, SP_T_WORD, &count), SP_OK);
    sp_tx_abort(&tx);
    return count;
}

/* Head office's oldest backup holds the chain up to n; hash: that of n, or
 * another. */
static void make_safe(struct move *m, uint64_t n, bool on_chain)
{
    struct sp_chain c;
    struct sp_hash hash;
    struct sp_tx tx;

    test_party_begin(m->head, &tx, true);
    assert_int_equal(sp_log_chain(&tx, m->f.replica, &c), SP_OK);
    assert_int_equal(sp_log_hash(&tx, m->f.replica, n, &hash), SP_OK);
    c.safe = n;
    memcpy(c.safe_hash, hash.b, sizeof c.safe_hash);
    c.safe_hash[0] ^= on_chain ? 0 : 1;
    assert_int_equal(sp_log_put_chain(&tx, &c), SP_OK);
    assert_int_equal(test_party_commit(m->head, &tx), SP_OK);
}

static void all_meet(struct move *m)
{
    for (int i = 0; i < 3; i++) {
        (void)test_party_sync(m->a, m->head);
        (void)test_party_sync(m->b, m->head);
    }
}

/* Three edits that A accepts and B refuses, which head office has from both; B
 * has not heard what became of them. */
static void judge_three(struct move *m)
{
    for (int i = 0; i < 3; i++) {
        struct sp_batch batch = edit(m, "Corner shop 2");
        both_judge(m, &batch);
    }
    (void)test_party_sync(m->b, m->head);
    (void)test_party_sync(m->a, m->head);
    assert_int_equal(words(m->head), 3);
}

/* SYNC F5: commits 2 to 4 have words, the newest place is that of 4. */
static void a_word_goes_when_all_have_heard_it_and_a_backup_has(void **state)
{
    struct move m = begin(state);
    judge_three(&m);
    all_meet(&m);
    assert_int_equal(words(m.head), 3);
    make_safe(&m, 2, true);
    all_meet(&m);
    assert_int_equal(words(m.head), 2);
    make_safe(&m, 4, true);
    all_meet(&m);
    assert_int_equal(words(m.head), 1);
    assert_true(words(m.a) <= 1 && words(m.b) <= 1);
    all_say_accepted(&m, 2, "Corner shop 2");
    all_say_accepted(&m, 4, "Corner shop 2");
    assert_true(test_party_sync(m.a, m.head).same);
    assert_true(test_party_sync(m.b, m.head).same);
}

static void a_word_stays_while_one_branch_has_not_heard_it(void **state)
{
    struct move m = begin(state);
    judge_three(&m);
    make_safe(&m, 4, true);
    for (int i = 0; i < 3; i++) {
        (void)test_party_sync(m.a, m.head);
    }
    assert_int_equal(words(m.head), 3);
    all_meet(&m);
    /* B confirms with its next exchange that has something to say. */
    (void)test_party_sync(m.anna, m.a);
    (void)test_party_account(m.anna, "Tea house", "A-2");
    (void)test_party_sync(m.anna, m.a);
    all_meet(&m);
    assert_int_equal(words(m.head), 1);
    all_say_accepted(&m, 4, "Corner shop 2");
}

static void a_word_of_another_chain_than_the_safe_one_stays(void **state)
{
    struct move m = begin(state);
    judge_three(&m);
    make_safe(&m, 4, false);
    all_meet(&m);
    assert_int_equal(words(m.head), 3);
}

/* A branch that is restored asks for words that are gone: what it needs is in
 * head office's list. */
static void a_branch_that_lost_its_positions_misses_no_word(void **state)
{
    struct move m = begin(state);
    judge_three(&m);
    make_safe(&m, 4, true);
    all_meet(&m);
    struct sp_verdict_entry e;
    struct sp_chain c;
    struct sp_tx tx;
    test_party_begin(m.b, &tx, true);
    struct sp_kb key = sp_kb_text("words");
    sp_kb_add_u32(&key, 1);
    assert_int_equal(sp_tx_del(&tx, SP_T_META, &key), SP_OK);
    assert_int_equal(sp_log_verdict(&tx, m.f.replica, 3, &e), SP_OK);
    e.replica = m.f.replica;
    e.n = 3;
    e.verdict.kind = SP_REFUSED;
    assert_int_equal(sp_log_put_verdict(&tx, &e), SP_OK);
    assert_int_equal(sp_log_chain(&tx, m.f.replica, &c), SP_OK);
    c.open++;
    assert_int_equal(sp_log_put_chain(&tx, &c), SP_OK);
    assert_int_equal(test_party_commit(m.b, &tx), SP_OK);
    (void)test_party_sync(m.b, m.head);
    assert_int_equal(verdict(m.b, &m, 3), SP_ACCEPTED);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(head_office_had_it_as_refused),
        CASE(the_branch_that_refused_comes_last),
        CASE(a_commit_that_comes_in_between_loses_no_verdict),
        CASE(a_branch_that_accepted_insists),
        CASE(what_was_made_after_all_takes_visits_again),
        CASE(a_server_asks_its_own_state_before_it_judges),
        CASE(a_restored_head_office_hears_all_words_again),
        CASE(a_word_goes_when_all_have_heard_it_and_a_backup_has),
        CASE(a_word_stays_while_one_branch_has_not_heard_it),
        CASE(a_word_of_another_chain_than_the_safe_one_stays),
        CASE(a_branch_that_lost_its_positions_misses_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
