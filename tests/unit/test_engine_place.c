/* Places, feeds and sums (SYNC S1, P1): what a store says about its records
 * agrees with them after anything that people do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define MIA  110u
#define ANNA 111u
#define BEN  112u
#define CARL 113u

static const char *const territories[] = { "A-1", "A-2" };

/* ---- feeds -------------------------------------------------------------- */

struct places {
    struct sp_ref ref;
    unsigned records, left;
    uint64_t seq;
};

static sp_err count_place(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct places *p = arg;
    struct sp_feed_entry e;
    (void)value;
    sp_place_read_feed(key, &e);
    if (sp_ref_equal(&e.ref, &p->ref)) {
        p->records += !e.left;
        p->left += e.left;
        p->seq = e.seq;
    }
    return SP_OK;
}

static struct places in_feed(
    struct test_party *p, const struct sp_ref *ref, const char *territory)
{
    struct sp_tx tx;
    struct places out = { .ref = *ref };
    struct sp_id scope = test_org_territory(territory);
    struct sp_kb prefix = sp_kb_id(&scope);
    test_party_begin(p, &tx, false);
    assert_int_equal(p->store.walk(tx.txn, SP_T_FEED, sp_kb_slice(&prefix),
                         (struct sp_slice){ 0 }, false, count_place, &out),
        SP_OK);
    sp_tx_abort(&tx);
    return out;
}

static void a_record_has_one_place_and_it_is_the_newest(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    struct places first = in_feed(branch, &a, "A-1");
    assert_int_equal(first.records, 1);
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    test_party_sync(anna, branch);
    struct places second = in_feed(branch, &a, "A-1");
    assert_int_equal(second.records, 1);
    assert_int_equal(second.left, 0);
    assert_true(second.seq > first.seq);
}

static void a_record_that_moves_leaves_one_mark_and_takes_its_visits(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_ready(w, MIA),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref v = test_party_visit(anna, &a);
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    test_party_sync(carl, branch);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    for (size_t i = 0; i < 2; i++) {
        const struct sp_ref *ref = i == 0 ? &a : &v;
        struct places left = in_feed(branch, ref, "A-1"),
                      here = in_feed(branch, ref, "A-2");
        assert_int_equal(left.records, 0);
        assert_int_equal(left.left, 1);
        assert_int_equal(here.records, 1);
    }
    test_party_sync(anna, branch);
    test_party_sync(carl, branch);
    assert_string_equal(test_party_name(anna, &a), "");
    assert_string_equal(test_party_name(carl, &a), "Corner shop");
    assert_true(test_party_in_scope(carl, &v, "A-2"));
    assert_false(test_party_in_scope(carl, &v, "A-1"));
    /* And back: the mark gives way. */
    assert_int_equal(test_party_move(mia, &a, "A-1"), SP_OK);
    test_party_sync(mia, branch);
    struct places back = in_feed(branch, &a, "A-1");
    assert_int_equal(back.records, 1);
    assert_int_equal(back.left, 0);
    test_party_sync(anna, branch);
    assert_string_equal(test_party_name(anna, &a), "Corner shop");
    assert_int_equal(test_party_view(anna, &v).count, 4);
}

/* One commit of a server: an account goes, and a visit of it changes. */
static void what_belongs_to_what_moves_may_change_in_the_same_commit(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref v = test_party_visit(anna, &a);
    struct sp_draft_write where = { { 12, { 0 } },
        test_party_text(head, "A-2") };
    struct sp_draft_write what = { { 10, { 0 } },
        test_party_text(head, "six boxes") };
    struct sp_draft_change change[] = { { a, false, 1, &where },
        { v, false, 1, &what } };
    struct sp_draft d = {
        .authority = SP_AUTHORITY_HEAD_OFFICE, .count = 2, .change = change
    };
    struct sp_tx tx;
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    test_party_begin(head, &tx, true);
    assert_int_equal(sp_commit_make_own(&tx, &d, &head->arena), SP_OK);
    assert_int_equal(test_party_commit(head, &tx), SP_OK);
    test_party_check(head);
    test_party_sync(branch, head);
    assert_true(test_party_in_scope(branch, &v, "A-2"));
    test_party_sync(anna, branch);
    test_party_sync(carl, branch);
    assert_string_equal(test_party_name(anna, &a), "");
    assert_int_equal(test_party_values(carl, &v, 10), 1);
    assert_true(test_party_sync(branch, head).same);
}

/* ---- random work -------------------------------------------------------- */

struct work {
    struct test_world *w;
    uint64_t random;
    struct sp_ref account[40];
    size_t count;
};

static size_t draw(struct work *k, size_t n)
{
    k->random = k->random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(k->random >> 33) % n;
}

static void write_something(struct work *k, struct test_party *p)
{
    char name[32];
    const struct sp_ref *a =
        k->count == 0 ? NULL : &k->account[draw(k, k->count)];
    bool knows = a != NULL && test_party_view(p, a).count > 0;
    (void)snprintf(name, sizeof name, "name %zu", draw(k, 1000));
    switch (draw(k, 4)) {
    case 0:
        if (k->count < 40 && p->identity.device == CARL) {
            k->account[k->count++] =
                test_party_account(p, name, territories[draw(k, 2)]);
        }
        return;
    case 1:
        if (knows && p->identity.device == MIA) {
            assert_int_equal(
                test_party_move(p, a, territories[draw(k, 2)]), SP_OK);
        }
        return;
    case 2:
        if (knows && p->identity.device != MIA) {
            (void)test_party_visit(p, a);
        }
        return;
    default:
        if (knows) {
            assert_int_equal(test_party_rename(p, a, name), SP_OK);
        }
        return;
    }
}

static void step(struct work *k)
{
    static const uint32_t who[] = { MIA, ANNA, BEN, CARL, 2 };
    uint32_t device = who[draw(k, 5)];
    struct test_party *p = test_world_party(k->w, device);
    if (device != 2 && draw(k, 3) > 0) {
        write_something(k, p);
        return;
    }
    struct test_party *server = test_world_party(k->w, device == 2 ? 1 : 2);
    struct sp_link_report r = test_party_sync(p, server);
    assert_int_equal(r.alarms, 0);
    test_party_check(p);
    test_party_check(server);
}

/* Until nobody learns anything any more. */
static void settle(struct work *k)
{
    static const uint32_t who[] = { MIA, ANNA, BEN, CARL };
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < 4; i++) {
            test_party_sync(
                test_world_party(k->w, who[i]), test_world_party(k->w, 2));
        }
        test_party_sync(test_world_party(k->w, 2), test_world_party(k->w, 1));
    }
    for (size_t i = 0; i < 4; i++) {
        assert_true(test_party_sync(
            test_world_party(k->w, who[i]), test_world_party(k->w, 2))
                        .same);
    }
}

static void assert_same_view(
    struct test_party *a, struct test_party *b, const struct sp_ref *ref)
{
    uint8_t x[16], y[16];
    struct sp_record ra = test_party_view(a, ref), rb = test_party_view(b, ref);
    sp_record_digest(&ra, NULL, NULL, x);
    sp_record_digest(&rb, NULL, NULL, y);
    assert_memory_equal(x, y, 16);
}

static void all_books_agree_and_all_who_may_see_a_record_see_the_same(
    void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct work k = { .w = test_world_new(1), .random = seed };
        printf("# seed %llu\n", (unsigned long long)seed);
        static const uint32_t who[] = { MIA, ANNA, BEN, CARL };
        for (size_t i = 0; i < 4; i++) {
            (void)test_world_ready(k.w, who[i]);
        }
        for (int i = 0; i < 150; i++) {
            step(&k);
        }
        settle(&k);
        for (size_t i = 0; i < k.count; i++) {
            struct test_party *carl = test_world_party(k.w, CARL);
            assert_same_view(carl, test_world_party(k.w, 2), &k.account[i]);
            assert_same_view(carl, test_world_party(k.w, 1), &k.account[i]);
            bool first = test_party_in_scope(carl, &k.account[i], "A-1");
            bool anna =
                test_party_view(test_world_party(k.w, ANNA), &k.account[i])
                    .count > 0;
            bool ben =
                test_party_view(test_world_party(k.w, BEN), &k.account[i])
                    .count > 0;
            assert_int_equal(anna, first);
            assert_int_equal(ben, !first);
        }
        for (uint32_t i = 0; i < k.w->count; i++) {
            test_party_check(k.w->party[i]);
        }
        test_world_free(k.w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_record_has_one_place_and_it_is_the_newest, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_record_that_moves_leaves_one_mark_and_takes_its_visits,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_belongs_to_what_moves_may_change_in_the_same_commit,
            test_world_setup, test_world_teardown),
        cmocka_unit_test(
            all_books_agree_and_all_who_may_see_a_record_see_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
