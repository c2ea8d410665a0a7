/* Two accounts that are found to be one (SYNC M7): what places records, who
 * sees them, and what the judge takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"

#define MIA  110u
#define ANNA 111u
#define BEN  112u
#define CARL 113u

#define PARENT_ID   7u
#define MERGED_INTO 60u
#define DAY_MS      86400000u

struct people {
    struct test_party *anna, *ben, *carl, *mia, *branch, *head;
};

static struct people meet(struct test_world *w)
{
    return (struct people){ test_world_ready(w, ANNA), test_world_ready(w, BEN),
        test_world_ready(w, CARL), test_world_ready(w, MIA),
        test_world_party(w, 2), test_world_party(w, 1) };
}

static void all_sync(const struct people *p)
{
    struct test_party *const who[] = { p->mia, p->anna, p->ben, p->carl };
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 4; i++) {
            test_party_sync(who[i], p->branch);
        }
        test_party_sync(p->branch, p->head);
    }
}

/* to NULL: nil. */
static sp_err point(struct test_party *p, const struct sp_ref *ref,
    uint16_t field, const struct sp_ref *to)
{
    static const uint8_t nil[] = { 0xc0 };
    struct sp_draft_write w = { { field, { 0 } },
        to == NULL ? SP_SLICE(nil) : test_party_bytes(p, &to->id) };
    struct sp_draft_change c = { *ref, false, 1, &w };
    return test_party_make(p, &c, SP_AUTHORITY_BRANCH);
}

static void merge(const struct people *p, const struct sp_ref *absorbed,
    const struct sp_ref *kept)
{
    assert_int_equal(point(p->mia, absorbed, MERGED_INTO, kept), SP_OK);
    test_party_sync(p->mia, p->branch);
}

static sp_err count_child(void *arg, const struct sp_ref *child)
{
    uint32_t *count = arg;
    (void)child;
    (*count)++;
    return SP_OK;
}

static uint32_t visits(
    struct test_party *p, const struct sp_ref *account, bool backward)
{
    struct sp_tx tx;
    uint32_t count = 0;
    test_party_begin(p, &tx, false);
    assert_int_equal(
        sp_state_children(&tx, account, 3, backward, count_child, &count),
        SP_OK);
    sp_tx_abort(&tx);
    return count;
}

static bool sees(struct test_party *p, const struct sp_ref *ref)
{
    return test_party_view(p, ref).count > 0;
}

static struct sp_ref survivor(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_tx tx;
    struct sp_ref out;
    struct sp_record r = test_party_view(p, ref);
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_tree_survivor(&tx, &r, &out), SP_OK);
    sp_tx_abort(&tx);
    return out;
}

#define assert_leads(p, from, to)                                              \
    do {                                                                       \
        struct sp_ref end_ = survivor(p, from);                                \
        assert_true(sp_ref_equal(&end_, to));                                  \
    } while (0)

/* ---- places -------------------------------------------------------------- */

static void an_absorbed_account_and_its_visits_are_where_the_survivor_is(
    void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.anna, "Corner shop", "A-1");
    struct sp_ref b = test_party_account(p.ben, "The corner", "A-2");
    struct sp_ref va = test_party_visit(p.anna, &a);
    struct sp_ref vb = test_party_visit(p.ben, &b);
    all_sync(&p);
    merge(&p, &a, &b);
    all_sync(&p);
    struct test_party *const servers[] = { p.branch, p.head };
    for (size_t i = 0; i < 2; i++) {
        assert_true(test_party_in_scope(servers[i], &a, "A-2"));
        assert_false(test_party_in_scope(servers[i], &a, "A-1"));
        assert_true(test_party_in_scope(servers[i], &va, "A-2"));
        assert_false(test_party_in_scope(servers[i], &va, "A-1"));
        assert_int_equal(visits(servers[i], &b, false), 2);
        assert_int_equal(visits(servers[i], &b, true), 2);
        assert_leads(servers[i], &a, &b);
    }
    assert_true(sees(p.ben, &a) && sees(p.ben, &va) && sees(p.ben, &vb));
    assert_int_equal(visits(p.ben, &b, true), 2);
    assert_leads(p.ben, &a, &b);
    assert_false(sees(p.anna, &a) || sees(p.anna, &b));
    assert_true(sees(p.anna, &va)); /* her own */
    /* And what is added later goes there too. */
    struct sp_ref late = test_party_visit(p.ben, &a);
    all_sync(&p);
    assert_true(test_party_in_scope(p.head, &late, "A-2"));
    assert_int_equal(visits(p.head, &b, false), 3);
}

static void undoing_a_merge_brings_everything_back(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.anna, "Corner shop", "A-1");
    struct sp_ref b = test_party_account(p.ben, "The corner", "A-2");
    struct sp_ref va = test_party_visit(p.anna, &a);
    all_sync(&p);
    merge(&p, &a, &b);
    all_sync(&p);
    assert_int_equal(point(p.mia, &a, MERGED_INTO, NULL), SP_OK);
    all_sync(&p);
    assert_true(test_party_in_scope(p.head, &a, "A-1"));
    assert_true(test_party_in_scope(p.head, &va, "A-1"));
    assert_false(test_party_in_scope(p.head, &va, "A-2"));
    assert_string_equal(test_party_name(p.anna, &a), "Corner shop");
    assert_false(sees(p.ben, &a) || sees(p.ben, &va));
    assert_int_equal(visits(p.head, &b, false), 0);
    assert_int_equal(visits(p.head, &a, false), 1);
    assert_leads(p.anna, &a, &a);
}

static void a_merge_of_a_merge_leads_to_the_last_survivor(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    struct sp_ref c = test_party_account(p.carl, "Three", "A-2");
    struct sp_ref v = test_party_visit(p.carl, &a);
    all_sync(&p);
    merge(&p, &a, &b);
    merge(&p, &b, &c);
    all_sync(&p);
    assert_leads(p.carl, &a, &c);
    assert_true(test_party_in_scope(p.head, &v, "A-2"));
    assert_int_equal(visits(p.carl, &c, true), 1);
    assert_int_equal(visits(p.carl, &b, true), 1);
    /* The survivor moves, and all of them with it. */
    assert_int_equal(test_party_move(p.mia, &c, "A-1"), SP_OK);
    all_sync(&p);
    assert_true(test_party_in_scope(p.head, &v, "A-1"));
    assert_true(test_party_in_scope(p.branch, &a, "A-1"));
    assert_false(test_party_in_scope(p.branch, &a, "A-2"));
    assert_true(sees(p.anna, &v));
}

/* The forward comes before the record that it names, and the visit before its
 * account: a server's own order does not matter. */
static void a_branch_places_them_in_whatever_order_they_come(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-2");
    struct sp_ref v = test_party_visit(p.carl, &a);
    all_sync(&p);
    merge(&p, &a, &b);
    all_sync(&p);
    struct sp_ref const order[][3] = { { v, a, b }, { a, v, b }, { b, a, v },
        { v, b, a } };
    for (size_t i = 0; i < 4; i++) {
        struct test_world *w = test_world_new(3);
        struct test_party *empty = test_world_party(w, 1);
        struct sp_scopes none = { .count = 0 };
        struct sp_tx tx;
        for (size_t k = 0; k < 3; k++) {
            struct sp_record r = test_party_view(p.head, &order[i][k]);
            test_party_begin(empty, &tx, true);
            assert_int_equal(sp_base_take(&tx, &none, &r), SP_OK);
            assert_int_equal(test_party_commit(empty, &tx), SP_OK);
        }
        assert_true(test_party_in_scope(empty, &a, "A-2"));
        assert_true(test_party_in_scope(empty, &v, "A-2"));
        assert_false(test_party_in_scope(empty, &v, "A-1"));
        test_party_check(empty);
        test_world_free(w);
    }
}

/* ---- the judge ----------------------------------------------------------- */

static void what_would_close_a_circle_is_refused(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    struct sp_ref c = test_party_account(p.carl, "Three", "A-1");
    all_sync(&p);
    assert_int_equal(point(p.mia, &a, PARENT_ID, &b), SP_OK);
    assert_int_equal(point(p.mia, &b, PARENT_ID, &c), SP_OK);
    assert_int_equal(point(p.mia, &c, PARENT_ID, &a), SP_E_CYCLE);
    assert_int_equal(point(p.mia, &c, PARENT_ID, &c), SP_E_CYCLE);
    /* Over a merge: c would become its own grandparent's parent. */
    assert_int_equal(point(p.mia, &c, MERGED_INTO, &a), SP_E_CYCLE);
    /* The parent goes up into its child: first the child lets go of it. */
    assert_int_equal(point(p.mia, &b, MERGED_INTO, &a), SP_E_CYCLE);
    assert_int_equal(point(p.mia, &a, PARENT_ID, NULL), SP_OK);
    assert_int_equal(point(p.mia, &b, MERGED_INTO, &a), SP_OK);
    assert_int_equal(point(p.mia, &a, MERGED_INTO, &b), SP_E_CYCLE);
    all_sync(&p);
    assert_leads(p.head, &b, &a);
}

/* The server's judge says the same to commits that no device would make. */
static void the_server_refuses_a_circle_with_its_field(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    struct test_forge f = test_forge_new(p.mia, 99);
    const struct sp_ref *const from[] = { &a, &b }, *const to[] = { &b, &a };
    for (size_t i = 0; i < 2; i++) {
        struct sp_write w = { .key = { MERGED_INTO, { 0 } },
            .value = test_party_bytes(p.mia, &to[i]->id) };
        struct sp_change change = { *from[i], 1, &w };
        struct sp_commit c = test_forge_commit(&f);
        c.authority = SP_AUTHORITY_BRANCH;
        c.count = 1;
        c.change = &change;
        test_forge_add(&f, &c);
    }
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(p.branch, p.mia, &batch, NULL), SP_OK);
    assert_int_equal(
        test_party_verdict(p.branch, f.replica, 1).kind, SP_ACCEPTED);
    struct sp_verdict v = test_party_verdict(p.branch, f.replica, 2);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.code, SP_E_CYCLE);
    assert_int_equal(v.type, 1);
    assert_int_equal(v.field, MERGED_INTO);
}

static void a_tree_has_at_most_so_many_levels(void **state)
{
    struct people p = meet(*state);
    struct sp_ref up = test_party_account(p.mia, "0", "A-1"), a = up;
    for (unsigned i = 1; i < SP_TREE_HOPS_MAX; i++) {
        a = test_party_account(p.mia, "n", "A-1");
        assert_int_equal(point(p.mia, &a, PARENT_ID, &up), SP_OK);
        up = a;
    }
    a = test_party_account(p.mia, "last", "A-1");
    assert_int_equal(point(p.mia, &a, PARENT_ID, &up), SP_E_DEPTH);
}

/* SYNC M7: halves that two servers took are shown broken at the greatest dot,
 * whatever the order in which a server hears of them. */
static void a_circle_of_two_servers_is_broken_at_its_greatest_dot(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-2");
    struct sp_ref v = test_party_visit(p.carl, &a);
    all_sync(&p);
    struct sp_record ra = test_party_view(p.head, &a);
    struct sp_record rb = test_party_view(p.head, &b);
    struct sp_record rv = test_party_view(p.head, &v);
    for (unsigned order = 0; order < 2; order++) {
        struct test_world *w = test_world_new(3);
        struct test_party *server = test_world_party(w, 1);
        struct sp_scopes none = { .count = 0 };
        for (unsigned k = 0; k < 5; k++) {
            /* the two halves, in either order, after the rest */
            bool half = k >= 3, of_a = (k == 3) == (order == 0);
            struct sp_dot dot = { of_a ? 0x7000000001 : 0x7100000001, 9 };
            struct sp_sibling s = { .stamp = { .dot = dot,
                                        .time = 1,
                                        .authority = SP_AUTHORITY_BRANCH },
                .value = test_party_bytes(server, of_a ? &b.id : &a.id) };
            struct sp_register reg = { .key = { MERGED_INTO, { 0 } },
                .context = { 1, &dot },
                .count = 1,
                .sibling = &s };
            struct sp_record forward = { of_a ? a : b, 1, &reg };
            const struct sp_record *part = half     ? &forward
                                           : k == 0 ? &ra
                                           : k == 1 ? &rb
                                                    : &rv;
            struct sp_tx tx;
            test_party_begin(server, &tx, true);
            assert_int_equal(sp_base_take(&tx, &none, part), SP_OK);
            assert_int_equal(test_party_commit(server, &tx), SP_OK);
        }
        assert_leads(server, &a, &b);
        assert_leads(server, &b, &b);
        assert_true(test_party_in_scope(server, &v, "A-2"));
        assert_true(test_party_in_scope(server, &a, "A-2"));
        struct sp_tx tx;
        bool broken;
        struct sp_record r = test_party_view(server, &b);
        test_party_begin(server, &tx, false);
        assert_int_equal(sp_tree_broken(&tx, &r, MERGED_INTO, &broken), SP_OK);
        assert_true(broken);
        r = test_party_view(server, &a);
        assert_int_equal(sp_tree_broken(&tx, &r, MERGED_INTO, &broken), SP_OK);
        assert_false(broken);
        sp_tx_abort(&tx);
        test_party_check(server);
        test_world_free(w);
    }
}

static void a_merge_into_what_is_not_here_waits(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    all_sync(&p);
    struct test_forge f = test_forge_new(p.mia, 99), g;
    struct sp_ref later = test_party_ref(p.carl, 1);
    struct sp_write w = { .key = { MERGED_INTO, { 0 } },
        .value = test_party_bytes(p.mia, &later.id) };
    struct sp_change change = { a, 1, &w };
    struct sp_commit c = test_forge_commit(&f);
    c.authority = SP_AUTHORITY_BRANCH;
    c.count = 1;
    c.change = &change;
    test_forge_add(&f, &c);
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(p.branch, p.mia, &batch, NULL), SP_OK);
    assert_int_equal(
        test_party_verdict(p.branch, f.replica, 1).code, SP_E_DEFERRED_PARENT);
    g = test_forge_new(p.carl, 99);
    struct sp_write made[] = { { .key = { 2, { 0 } },
                                   .value = test_party_text(p.carl, "Later") },
        { .key = { 12, { 0 } }, .value = test_party_text(p.carl, "A-2") } };
    struct sp_change create = { later, 2, made };
    c = test_forge_commit(&g);
    c.count = 1;
    c.change = &create;
    test_forge_add(&g, &c);
    batch = test_forge_batch(&g);
    assert_int_equal(test_forge_push(p.branch, p.carl, &batch, NULL), SP_OK);
    assert_int_equal(
        test_party_verdict(p.branch, f.replica, 1).kind, SP_ACCEPTED);
    assert_true(test_party_in_scope(p.branch, &a, "A-2"));
}

static void a_merge_is_undone_within_thirty_days(void **state)
{
    struct test_world *w = *state;
    struct people p = meet(w);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    merge(&p, &a, &b);
    w->now_ms += 29ull * DAY_MS;
    assert_int_equal(point(p.mia, &a, MERGED_INTO, NULL), SP_OK);
    assert_int_equal(point(p.mia, &a, MERGED_INTO, &b), SP_OK);
    test_party_sync(p.mia, p.branch);
    w->now_ms += 31ull * DAY_MS;
    assert_int_equal(point(p.mia, &a, MERGED_INTO, NULL), SP_E_UNDO_OVER);
    /* By the judge's clock, whatever the device's. */
    struct test_forge f = test_forge_new(p.mia, 99);
    static const uint8_t nil[] = { 0xc0 };
    struct sp_record view = test_party_view(p.branch, &a);
    struct sp_write write = { .key = { MERGED_INTO, { 0 } },
        .context = sp_record_field(&view, MERGED_INTO)->context,
        .value = SP_SLICE(nil) };
    struct sp_change change = { a, 1, &write };
    struct sp_commit c = test_forge_commit(&f);
    c.authority = SP_AUTHORITY_BRANCH;
    c.time = 1;
    c.count = 1;
    c.change = &change;
    test_forge_add(&f, &c);
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(p.branch, p.mia, &batch, NULL), SP_OK);
    struct sp_verdict v = test_party_verdict(p.branch, f.replica, 1);
    assert_int_equal(v.code, SP_E_UNDO_OVER);
    assert_int_equal(v.field, MERGED_INTO);
}

static void nobody_merges_across_what_he_may_change(void **state)
{
    struct people p = meet(*state);
    struct test_party *dora = test_world_ready(*state, 121u);
    struct sp_ref mine = test_party_account(p.anna, "Mine", "A-1");
    struct sp_ref theirs = test_party_account(dora, "Theirs", "B-1");
    all_sync(&p);
    struct test_party *b = test_world_party(*state, 3);
    test_party_sync(dora, b);
    test_party_sync(b, p.head);
    /* A rep merges nothing. */
    assert_int_equal(
        point(p.anna, &mine, MERGED_INTO, &mine), SP_E_FIELD_DENIED);
    /* Another branch's account into one's own, and the other way round: head
     * office judges what lies here and there. */
    struct test_forge f = test_forge_new(p.mia, 99);
    const struct sp_ref *const from[] = { &theirs, &mine };
    const struct sp_ref *const to[] = { &mine, &theirs };
    for (size_t i = 0; i < 2; i++) {
        struct sp_write w = { .key = { MERGED_INTO, { 0 } },
            .value = test_party_bytes(p.mia, &to[i]->id) };
        struct sp_change change = { *from[i], 1, &w };
        struct sp_commit c = test_forge_commit(&f);
        c.authority = SP_AUTHORITY_BRANCH;
        c.count = 1;
        c.change = &change;
        test_forge_add(&f, &c);
    }
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(p.branch, p.mia, &batch, NULL), SP_OK);
    for (int i = 0; i < 3; i++) {
        test_party_sync(p.branch, p.head);
        test_party_sync(b, p.head);
    }
    assert_true(test_party_in_scope(p.head, &mine, "A-1"));
    assert_true(test_party_in_scope(p.head, &theirs, "B-1"));
    assert_int_not_equal(
        test_party_verdict(p.head, f.replica, 1).kind, SP_ACCEPTED);
    assert_int_not_equal(
        test_party_verdict(p.head, f.replica, 2).kind, SP_ACCEPTED);
}

/* ---- what was written on the absorbed one ---------------------------------
 */

/* The value of a field that somebody wrote, or NULL. */
static const struct sp_sibling *value_of(struct test_party *p,
    const struct sp_ref *ref, uint16_t field, const char *text)
{
    struct sp_record view = test_party_view(p, ref);
    const struct sp_register *reg = sp_record_field(&view, field);
    struct sp_slice wanted = test_party_text(p, text);
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (sp_slice_equal(reg->sibling[i].value, wanted)) {
            struct sp_sibling *copy = sp_arena_take(&p->arena, 1, sizeof *copy);
            assert_non_null(copy);
            *copy = reg->sibling[i];
            return copy;
        }
    }
    return NULL;
}

static void an_edit_of_the_absorbed_one_stands_beside_what_the_survivor_has(
    void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.anna, "Corner shop", "A-1");
    struct sp_ref b = test_party_account(p.ben, "The corner", "A-2");
    all_sync(&p);
    /* Anna is away; nothing of hers is in A-2, where the account goes. */
    assert_int_equal(
        test_party_rename(p.anna, &a, "Corner shop, new owner"), SP_OK);
    struct sp_ref v = test_party_visit(p.anna, &a);
    merge(&p, &a, &b);
    all_sync(&p);
    struct test_party *const who[] = { p.branch, p.head, p.ben };
    for (size_t i = 0; i < 3; i++) {
        const struct sp_sibling *s =
            value_of(who[i], &b, 2, "Corner shop, new owner");
        assert_non_null(s);
        assert_int_equal(s->stamp.user, 11);
        assert_non_null(value_of(who[i], &b, 2, "The corner"));
        assert_int_equal(test_party_values(who[i], &b, 2), 2);
        /* It stands where it was typed too, for the day when that is undone. */
        assert_non_null(value_of(who[i], &a, 2, "Corner shop, new owner"));
        assert_true(sees(who[i], &v));
    }
    assert_true(test_party_in_scope(p.head, &v, "A-2"));
    assert_int_equal(test_party_status(p.anna).refused, 0);
    assert_int_equal(test_party_status(p.anna).pending, 0);
}

static void an_author_who_writes_twice_stands_there_once(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    merge(&p, &a, &b);
    assert_int_equal(test_party_rename(p.carl, &a, "first"), SP_OK);
    assert_int_equal(test_party_rename(p.carl, &a, "second"), SP_OK);
    all_sync(&p);
    assert_int_equal(test_party_values(p.head, &b, 2), 2);
    assert_null(value_of(p.head, &b, 2, "first"));
    /* And once more, in an exchange of its own. */
    assert_int_equal(test_party_rename(p.carl, &a, "third"), SP_OK);
    all_sync(&p);
    assert_int_equal(test_party_values(p.head, &b, 2), 2);
    assert_null(value_of(p.head, &b, 2, "second"));
    assert_non_null(value_of(p.head, &b, 2, "third"));
    /* Another author's stands beside it: it hides nobody's. */
    assert_int_equal(test_party_rename(p.anna, &a, "anna's"), SP_OK);
    assert_int_equal(test_party_rename(p.anna, &b, "anna's here"), SP_OK);
    all_sync(&p);
    assert_non_null(value_of(p.head, &b, 2, "anna's"));
}

/* SYNC J5: the commit comes to both servers, each judges it; its value stands
 * once at the survivor, under one dot. */
static void two_servers_carry_one_edit_once(void **state)
{
    struct test_world *w = *state;
    struct people p = meet(w);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    merge(&p, &a, &b);
    all_sync(&p);
    struct test_forge f = test_forge_new(p.carl, 99);
    test_forge_text(&f, &a, 2, "carried");
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(p.branch, p.carl, &batch, NULL), SP_OK);
    assert_non_null(value_of(p.branch, &b, 2, "carried"));
    /* Head office serves A meanwhile, as far as it knows. */
    w->org->unit[TEST_ORG_A].roster.server = 0;
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(p.head);
    assert_int_equal(test_forge_push(p.head, p.carl, &batch, NULL), SP_OK);
    assert_non_null(value_of(p.head, &b, 2, "carried"));
    struct sp_dot one = value_of(p.branch, &b, 2, "carried")->stamp.dot;
    struct sp_dot two = value_of(p.head, &b, 2, "carried")->stamp.dot;
    assert_int_equal(sp_dot_cmp(&one, &two), 0);
    test_party_sync(p.branch, p.head);
    test_party_sync(p.branch, p.head);
    assert_int_equal(
        test_party_values(p.branch, &b, 2), test_party_values(p.head, &b, 2));
    assert_non_null(value_of(p.head, &b, 2, "carried"));
}

/* The branch has not heard of the merge when it accepts the edit. */
static void head_office_carries_what_a_branch_accepted_before_it_knew(
    void **state)
{
    struct test_world *w = *state;
    struct people p = meet(w);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    /* Head office hears of the merge on another way. */
    struct sp_dot dot = { 0x7000000001, 9 };
    struct sp_sibling s = {
        .stamp = { .dot = dot, .time = 1, .authority = SP_AUTHORITY_BRANCH },
        .value = test_party_bytes(p.head, &b.id)
    };
    struct sp_register reg = { .key = { MERGED_INTO, { 0 } },
        .context = { 1, &dot },
        .count = 1,
        .sibling = &s };
    struct sp_record forward = { a, 1, &reg };
    struct sp_scopes none = { .count = 0 };
    struct sp_tx tx;
    test_party_begin(p.head, &tx, true);
    assert_int_equal(sp_base_take(&tx, &none, &forward), SP_OK);
    assert_int_equal(test_party_commit(p.head, &tx), SP_OK);
    assert_int_equal(test_party_rename(p.anna, &a, "in between"), SP_OK);
    test_party_sync(p.anna, p.branch);
    assert_null(value_of(p.branch, &b, 2, "in between"));
    test_party_sync(p.branch, p.head);
    assert_non_null(value_of(p.head, &b, 2, "in between"));
    assert_int_equal(test_party_values(p.head, &b, 2), 2);
    test_party_sync(p.branch, p.head);
    assert_non_null(value_of(p.branch, &b, 2, "in between"));
    assert_leads(p.branch, &a, &b);
}

static void what_the_merge_had_seen_is_not_carried(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    assert_int_equal(test_party_rename(p.anna, &a, "before"), SP_OK);
    test_party_sync(p.anna, p.branch);
    test_party_sync(p.mia, p.branch);
    merge(&p, &a, &b);
    all_sync(&p);
    assert_int_equal(test_party_values(p.head, &b, 2), 1);
    assert_non_null(value_of(p.head, &a, 2, "before"));
    /* Nor where an account belongs. */
    assert_int_equal(test_party_move(p.mia, &a, "A-2"), SP_OK);
    all_sync(&p);
    assert_true(test_party_in_scope(p.head, &b, "A-1"));
}

/* Accepted before, but the manager was away: his merge had not seen it. */
static void what_the_merge_had_not_seen_is_carried_with_it(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    struct sp_ref b = test_party_account(p.carl, "Two", "A-1");
    all_sync(&p);
    assert_int_equal(point(p.mia, &a, MERGED_INTO, &b), SP_OK);
    assert_int_equal(test_party_rename(p.anna, &a, "unseen"), SP_OK);
    test_party_sync(p.anna, p.branch);
    all_sync(&p);
    struct test_party *const who[] = { p.branch, p.head, p.ben, p.anna };
    for (size_t i = 0; i < 4; i++) {
        if (who[i] != p.ben) {
            assert_int_equal(test_party_values(who[i], &b, 2), 2);
            assert_non_null(value_of(who[i], &b, 2, "unseen"));
        }
    }
}

static void a_device_carries_nothing_for_another(void **state)
{
    struct people p = meet(*state);
    struct sp_ref a = test_party_account(p.carl, "One", "A-1");
    all_sync(&p);
    struct test_forge f = test_forge_new(p.carl, 99);
    struct sp_write w = { .key = { 2, { 0 } },
        .value = test_party_text(p.carl, "forged") };
    struct sp_change change = { a, 1, &w };
    struct sp_commit c = test_forge_commit(&f);
    c.count = 1;
    c.change = &change;
    c.carried = (struct sp_carried){ .content = { { 1, 2, 3 } }, .time = 7 };
    test_forge_add(&f, &c);
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(
        test_forge_push(p.branch, p.carl, &batch, NULL), SP_E_AUTHOR);
    assert_null(value_of(p.branch, &a, 2, "forged"));
}

#define IN_WORLD(test)                                                         \
    cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_absorbed_account_and_its_visits_are_where_the_survivor_is),
        IN_WORLD(undoing_a_merge_brings_everything_back),
        IN_WORLD(a_merge_of_a_merge_leads_to_the_last_survivor),
        IN_WORLD(a_branch_places_them_in_whatever_order_they_come),
        IN_WORLD(what_would_close_a_circle_is_refused),
        IN_WORLD(the_server_refuses_a_circle_with_its_field),
        IN_WORLD(a_tree_has_at_most_so_many_levels),
        IN_WORLD(a_circle_of_two_servers_is_broken_at_its_greatest_dot),
        IN_WORLD(a_merge_into_what_is_not_here_waits),
        IN_WORLD(a_merge_is_undone_within_thirty_days),
        IN_WORLD(nobody_merges_across_what_he_may_change),
        IN_WORLD(
            an_edit_of_the_absorbed_one_stands_beside_what_the_survivor_has),
        IN_WORLD(an_author_who_writes_twice_stands_there_once),
        IN_WORLD(two_servers_carry_one_edit_once),
        IN_WORLD(head_office_carries_what_a_branch_accepted_before_it_knew),
        IN_WORLD(what_the_merge_had_seen_is_not_carried),
        IN_WORLD(what_the_merge_had_not_seen_is_carried_with_it),
        IN_WORLD(a_device_carries_nothing_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
