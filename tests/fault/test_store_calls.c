/*
 * test_store_calls.c - the disk fails at the first, the second, the third call
 * of the store, once or for good, on either side of a conversation.
 *
 * Whatever happens, a store then holds exactly what one of its transactions
 * had made durable in the run without fault, never a part of one; and the same
 * work, done again after a restart, gets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parties.h"

#define MIA         110u
#define ANNA        111u
#define STATES_MAX  64u
#define CALLS_MAX   5000u
#define PARTIES_MAX 2u

/* One side of the work: its beginning, and each state that it made durable. */
struct side {
    struct test_party *party;
    struct mem_store *before;
    uint64_t random, commits;
    uint32_t count;
    struct mem_store *state[STATES_MAX];
};

struct work {
    struct test_world *w;
    uint64_t now_ms;
    struct side side[PARTIES_MAX];
    uint32_t count;
    struct sp_ref account;
    bool documents; /* travel: rules have to be made anew */
    sp_err (*act)(struct work *k);
    void (*expect)(struct work *k);
};

/* ---- what was made durable ---------------------------------------------- */

/* The port has no argument for it: one run is watched at a time. */
static struct work *watched;
static sp_err (*real_commit)(struct sp_txn *txn);

static sp_err watch_commit(struct sp_txn *txn)
{
    sp_err err = real_commit(txn);
    for (uint32_t i = 0; i < watched->count; i++) {
        struct side *s = &watched->side[i];
        uint64_t commits = mem_store_commits(s->party->mem);
        if (commits != s->commits) {
            s->commits = commits;
            assert_true(s->count < STATES_MAX);
            s->state[s->count++] = mem_store_clone(s->party->mem);
        }
    }
    return err;
}

static void add_side(struct work *k, struct test_party *p)
{
    k->side[k->count++] = (struct side){
        .party = p, .before = mem_store_clone(p->mem), .random = p->random
    };
    k->now_ms = k->w->now_ms;
}

static void rewind_all(struct work *k)
{
    k->w->now_ms = k->now_ms;
    for (uint32_t i = 0; i < k->count; i++) {
        struct side *s = &k->side[i];
        struct mem_fault none = { .nth = 0 };
        mem_store_fail(s->party->mem, none);
        mem_store_restore(s->party->mem, s->before);
        if (k->documents) {
            test_party_restart(s->party);
        }
        s->party->random = s->random;
        s->commits = mem_store_commits(s->party->mem);
    }
}

static void run_and_watch(struct work *k)
{
    rewind_all(k);
    watched = k;
    for (uint32_t i = 0; i < k->count; i++) {
        struct side *s = &k->side[i];
        s->state[s->count++] = mem_store_clone(s->before);
        real_commit = s->party->store.commit;
        s->party->store.commit = watch_commit;
    }
    assert_int_equal(k->act(k), SP_OK);
    k->expect(k);
    for (uint32_t i = 0; i < k->count; i++) {
        k->side[i].party->store.commit = real_commit;
    }
}

static bool is_durable_state(const struct side *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (mem_store_equal(s->state[i], s->party->mem)) {
            return true;
        }
    }
    return false;
}

/* ---- faults -------------------------------------------------------------- */

/* Whether the nth call was reached at all. */
static bool fail_at(
    struct work *k, uint32_t who, uint64_t nth, sp_err err, bool sticky)
{
    struct mem_fault fault = { nth, err, sticky }, none = { .nth = 0 };
    struct mem_store *mem = k->side[who].party->mem;
    rewind_all(k);
    mem_store_fail(mem, fault);
    sp_err got = k->act(k);
    bool struck = mem_store_failed(mem);
    mem_store_fail(mem, none);
    if (!struck) {
        assert_int_equal(got, SP_OK);
        return false;
    }
    for (uint32_t i = 0; i < k->count; i++) {
        if (!is_durable_state(&k->side[i])) {
            fail_msg("call %llu of side %u%s: side %u holds a part of a "
                     "transaction",
                (unsigned long long)nth, who, sticky ? " and all after" : "",
                i);
        }
        if (k->documents) {
            test_party_restart(k->side[i].party);
        }
    }
    if (got == SP_OK) {
        fail_msg("call %llu of side %u: nobody noticed",
            (unsigned long long)nth, who);
    }
    sp_err again = k->act(k);
    if (again != SP_OK) {
        fail_msg("call %llu of side %u%s: then %s", (unsigned long long)nth,
            who, sticky ? " and all after" : "", sp_err_name(again));
    }
    k->expect(k);
    for (uint32_t i = 0; i < k->count; i++) {
        test_party_check(k->side[i].party);
    }
    return true;
}

static void fail_everywhere(struct work *k)
{
    run_and_watch(k);
    for (uint32_t who = 0; who < k->count; who++) {
        uint64_t nth = 1;
        while (fail_at(k, who, nth, SP_E_IO, false)) {
            (void)fail_at(k, who, nth, SP_E_FULL, true);
            assert_true(nth++ < CALLS_MAX);
        }
        printf("# side %u: %llu calls\n", who, (unsigned long long)nth - 1);
    }
    for (uint32_t i = 0; i < k->count; i++) {
        mem_store_free(k->side[i].before);
        for (uint32_t n = 0; n < k->side[i].count; n++) {
            mem_store_free(k->side[i].state[n]);
        }
    }
}

/* ---- the work ------------------------------------------------------------ */

/* What the parties of the work do: talk until one exchange is complete. */
static sp_err talk(struct work *k)
{
    return test_party_talk(k->side[0].party, k->side[1].party, NULL);
}

/* Made without the helpers that end the program. A second try finds the first
 * one's account when only the answer was lost. */
static sp_err draft(struct work *k)
{
    struct test_party *p = k->side[0].party;
    struct sp_draft_write w[] = {
        { { 2, { 0 } }, test_party_text(p, "Corner shop") },
        { { 12, { 0 } }, test_party_text(p, "A-1") },
    };
    struct sp_draft_change c = { k->account, true, 2, w };
    sp_err err = test_party_make(p, &c, SP_AUTHORITY_PERSON);
    return err == SP_E_EXISTS ? SP_OK : err;
}

static void account_is_at_first(struct work *k)
{
    assert_string_equal(
        test_party_name(k->side[0].party, &k->account), "Corner shop");
}

static void account_is_at_both(struct work *k)
{
    account_is_at_first(k);
    assert_string_equal(
        test_party_name(k->side[1].party, &k->account), "Corner shop");
}

static void serials_are_equal(struct work *k)
{
    struct sp_status a = test_party_status(k->side[0].party),
                     b = test_party_status(k->side[1].party);
    assert_int_equal(a.serials.roster, b.serials.roster);
    assert_int_equal(a.serials.policy, b.serials.policy);
}

static void rename_is_refused(struct work *k)
{
    struct sp_verdict v = test_party_verdict(
        k->side[0].party, k->side[0].party->identity.replica, 2);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_string_equal(
        test_party_name(k->side[1].party, &k->account), "Corner shop");
}

static struct work begin(void)
{
    struct work k = { .w = test_world_new(1), .act = talk };
    return k;
}

static void end(struct work *k)
{
    fail_everywhere(k);
    test_world_free(k->w);
}

static void a_draft_is_kept_whole_or_not_at_all(void **state)
{
    struct work k = begin();
    struct test_party *anna = test_world_ready(k.w, ANNA);
    (void)state;
    k.account = test_party_ref(anna, 1);
    k.act = draft;
    k.expect = account_is_at_first;
    add_side(&k, anna);
    end(&k);
}

static void a_first_sync_goes_on_after_any_fault(void **state)
{
    struct work k = begin();
    struct test_party *mia = test_world_ready(k.w, MIA),
                      *branch = test_world_party(k.w, 2);
    (void)state;
    k.account = test_party_account(mia, "Corner shop", "A-1");
    test_party_sync(mia, branch);
    k.expect = account_is_at_both;
    k.documents = true;
    add_side(&k, test_world_party(k.w, ANNA));
    add_side(&k, branch);
    end(&k);
}

static void a_push_goes_on_after_any_fault(void **state)
{
    struct work k = begin();
    struct test_party *anna = test_world_ready(k.w, ANNA);
    (void)state;
    k.account = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_visit(anna, &k.account);
    k.expect = account_is_at_both;
    add_side(&k, anna);
    add_side(&k, test_world_party(k.w, 2));
    end(&k);
}

static void a_pull_goes_on_after_any_fault(void **state)
{
    struct work k = begin();
    struct test_party *anna = test_world_ready(k.w, ANNA),
                      *mia = test_world_ready(k.w, MIA),
                      *branch = test_world_party(k.w, 2);
    (void)state;
    k.account = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_visit(anna, &k.account);
    test_party_sync(anna, branch);
    k.expect = account_is_at_both;
    add_side(&k, mia);
    add_side(&k, branch);
    end(&k);
}

static void a_refusal_reaches_its_author_after_any_fault(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct work k = begin();
    struct test_party *anna = test_world_ready(k.w, ANNA),
                      *branch = test_world_party(k.w, 2);
    (void)state;
    k.account = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    assert_int_equal(test_party_rename(anna, &k.account, "Mine"), SP_OK);
    test_org_assign(k.w->org, 11, 1, elsewhere);
    (void)test_org_publish(k.w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    k.expect = rename_is_refused;
    k.documents = true;
    add_side(&k, anna);
    add_side(&k, branch);
    end(&k);
}

static void an_uplink_goes_on_after_any_fault(void **state)
{
    struct work k = begin();
    struct test_party *anna = test_world_ready(k.w, ANNA),
                      *branch = test_world_party(k.w, 2);
    (void)state;
    k.account = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_visit(anna, &k.account);
    test_party_sync(anna, branch);
    k.expect = account_is_at_both;
    add_side(&k, branch);
    add_side(&k, test_world_party(k.w, 1));
    end(&k);
}

static void documents_arrive_after_any_fault(void **state)
{
    struct work k = begin();
    struct test_party *branch = test_world_ready(k.w, 2),
                      *head = test_world_party(k.w, 1);
    (void)state;
    (void)test_org_publish(k.w->org, TEST_ORG_B);
    (void)test_org_publish_policy(k.w->org);
    test_party_give_documents(head);
    k.expect = serials_are_equal;
    k.documents = true;
    add_side(&k, branch);
    add_side(&k, head);
    end(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draft_is_kept_whole_or_not_at_all),
        cmocka_unit_test(a_first_sync_goes_on_after_any_fault),
        cmocka_unit_test(a_push_goes_on_after_any_fault),
        cmocka_unit_test(a_pull_goes_on_after_any_fault),
        cmocka_unit_test(a_refusal_reaches_its_author_after_any_fault),
        cmocka_unit_test(an_uplink_goes_on_after_any_fault),
        cmocka_unit_test(documents_arrive_after_any_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
