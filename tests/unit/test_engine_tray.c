/* A refusal becomes a record of its author's (SYNC F6): made once, by whom it
 * should, seen by him alone, whatever the size of what was typed. */
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

enum { REJECTED = 240, ASKED = 241 };

static const struct sp_slice whole = { NULL, 0 };

static struct sp_ref item_of(const struct sp_commit *c)
{
    return (struct sp_ref){ REJECTED, c->content };
}

/* The content id of a logged commit. */
static struct sp_ref item_at(
    struct test_party *p, sp_replica replica, uint64_t n)
{
    struct sp_logged entry;
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_get(&tx, replica, n, &p->arena, &entry), SP_OK);
    sp_tx_abort(&tx);
    return item_of(&entry.commit);
}

static uint64_t number(
    struct test_party *p, const struct sp_ref *item, uint16_t field)
{
    struct sp_record r = test_party_view(p, item);
    const struct sp_register *reg = sp_record_find(&r, field, whole);
    struct sp_rd rd;
    if (reg == NULL) {
        return 0;
    }
    sp_rd_init(&rd, sp_merge_shown(reg, SP_MERGE_IMM)->value);
    return sp_rd_uint(&rd, 0, UINT64_MAX);
}

static bool has(struct test_party *p, const struct sp_ref *item, uint16_t field)
{
    struct sp_record r = test_party_view(p, item);
    return sp_record_find(&r, field, whole) != NULL;
}

/* What the item says was typed. */
static struct sp_commit typed(struct test_party *p, const struct sp_ref *item)
{
    struct sp_record r = test_party_view(p, item);
    struct sp_slice content;
    struct sp_commit c;
    assert_int_equal(sp_tray_typed(&r, &p->arena, &content), SP_OK);
    assert_int_equal(sp_commit_decode_content(content, &p->arena, &c), SP_OK);
    return c;
}

static struct sp_batch push(
    struct test_party *server, struct test_party *peer, struct test_forge *f)
{
    struct sp_batch b = test_forge_batch(f);
    assert_int_equal(test_forge_push(server, peer, &b, NULL), SP_OK);
    return b;
}

/* A rename by Anna of an account that Mia has moved out of her territory. */
static struct sp_ref refused_rename(struct test_world *w, const char *name)
{
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_party(w, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_rename(anna, &a, name), SP_OK);
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.refused, 1);
    assert_int_equal(r.accepted, 0);
    return item_at(
        branch, anna->identity.replica, test_party_status(anna).commits);
}

static void the_author_has_it_in_the_exchange_that_refuses(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref item = refused_rename(w, "Anna's name");
    assert_int_equal(number(anna, &item, SP_TRAY_AUTHOR), 11);
    assert_int_equal(number(anna, &item, SP_TRAY_CODE), SP_E_SCOPE);
    assert_int_equal(number(anna, &item, SP_TRAY_JUDGE), 2);
    assert_int_equal(
        number(anna, &item, SP_TRAY_REPLICA), anna->identity.replica);
    assert_int_equal(number(anna, &item, SP_TRAY_NUMBER), 2);
    assert_false(has(anna, &item, SP_TRAY_CREATED));
    struct sp_commit c = typed(anna, &item);
    assert_int_equal(c.user, 11);
    assert_int_equal(c.count, 1);
    assert_int_equal(c.change[0].write[0].key.field, 2);
    assert_true(test_party_sync(anna, test_world_party(w, 2)).same);
}

static void nobody_else_has_any_of_it(void **state)
{
    struct test_world *w = *state;
    struct test_party *mia = test_world_party(w, MIA),
                      *head = test_world_party(w, 1),
                      *branch = test_world_party(w, 2),
                      *ben = test_world_ready(w, 112);
    struct sp_ref item = refused_rename(w, "Anna's name");
    test_party_sync(mia, branch);
    test_party_sync(ben, branch);
    test_party_sync(branch, head);
    assert_int_equal(test_party_view(mia, &item).count, 0);
    assert_int_equal(test_party_view(ben, &item).count, 0);
    test_party_sync(mia, branch); /* learns that head office has it */
    assert_true(test_party_sync(mia, branch).same);
}

/* Branch and head office learn of it both; one record, each value once. */
static void two_servers_make_one(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, 1),
                      *branch = test_world_party(w, 2);
    struct sp_ref item = refused_rename(w, "Anna's name");
    test_party_sync(branch, head);
    test_party_sync(branch, head);
    assert_int_equal(test_party_values(head, &item, SP_TRAY_CODE), 1);
    assert_int_equal(test_party_values(branch, &item, SP_TRAY_CODE), 1);
    assert_int_equal(
        test_party_status(head).commits, test_party_status(branch).commits);
}

/* The commit lies at both, head office judges: it makes the record, and the
 * branch gets it with the rest. */
static void head_office_makes_what_the_branch_did_not_judge(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref near = test_party_account(anna, "Near", "A-1");
    test_party_sync(anna, branch);
    struct sp_write one[1], two[2];
    struct sp_change change[2] = { { near, 1, one }, { near, 2, two } };
    one[0] = (struct sp_write){ .key = { 2, { 0 } },
        .value = test_party_text(anna, "Nearer") };
    two[0] = (struct sp_write){ .key = { 2, { 0 } },
        .value = test_party_text(anna, "Far") };
    two[1] = (struct sp_write){ .key = { 12, { 0 } },
        .value = test_party_text(anna, "B-1") };
    change[1].ref = test_party_ref(anna, 1);
    struct sp_commit c = test_forge_commit(&f);
    c.count = 2;
    c.change = change;
    test_forge_add(&f, &c);
    (void)push(branch, anna, &f);
    struct sp_ref item = item_at(branch, f.replica, 1);
    assert_int_equal(test_party_view(branch, &item).count, 0);
    test_party_sync(branch, head);
    assert_int_equal(number(head, &item, SP_TRAY_JUDGE), 1);
    assert_int_equal(test_party_values(branch, &item, SP_TRAY_JUDGE), 1);
    test_party_sync(anna, branch);
    assert_int_equal(typed(anna, &item).count, 2);
    /* The second change made its record, the first did not. */
    assert_true(has(anna, &item, SP_TRAY_CREATED));
}

/* Whatever fits a commit fits the tray. */
static void the_largest_commit_comes_back_whole(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    static char text[16300];
    struct sp_write write[3];
    struct sp_ref account = test_forge_account(&f, "Corner", "A-1");
    struct sp_change change = { account, 3, write };
    memset(text, 'x', sizeof text - 1);
    for (uint16_t i = 0; i < 3; i++) {
        text[0] = (char)('a' + i);
        write[i] = (struct sp_write){ .key = { (uint16_t)(5 + i), { 0 } },
            .value = test_party_text(anna, text) };
    }
    struct sp_commit c = test_forge_commit(&f);
    c.count = 1;
    c.change = &change;
    test_forge_add(&f, &c);
    assert_in_range(f.commit[1].size, 48900, SP_COMMIT_BYTES_MAX);
    (void)push(branch, anna, &f);
    struct sp_ref item = item_at(branch, f.replica, 2);
    assert_int_equal(test_party_verdict(branch, f.replica, 2).kind, SP_REFUSED);
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    struct test_party *const all[] = { anna, branch, head };
    for (size_t i = 0; i < 3; i++) {
        struct sp_commit back = typed(all[i], &item);
        assert_int_equal(back.change[0].count, 3);
        assert_int_equal(
            back.change[0].write[2].value.size, write[2].value.size);
    }
}

/* Or every refused answer to a refusal would make one more. */
static void a_refusal_about_the_tray_makes_none(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref item = refused_rename(w, "Anna's name");
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_write w1 = { .key = { SP_TRAY_CODE, { 0 } },
        .value = test_party_number(anna, 7) };
    struct sp_change change = { item, 1, &w1 };
    struct sp_commit c = test_forge_commit(&f);
    c.count = 1;
    c.change = &change;
    test_forge_add(&f, &c);
    (void)push(branch, anna, &f);
    assert_int_equal(test_party_verdict(branch, f.replica, 1).kind, SP_REFUSED);
    struct sp_ref none = item_at(branch, f.replica, 1);
    assert_int_equal(test_party_view(branch, &none).count, 0);
    assert_int_equal(test_party_values(branch, &item, SP_TRAY_CODE), 1);
}

/* His own word about it goes where the record is, also when it is there
 * first. */
static void a_discard_may_be_there_before_the_record(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99),
                      g = test_forge_new(anna, 98);
    struct sp_ref mine = test_party_ref(anna, 1);
    test_forge_text(&f, &mine, 99, "no such field");
    struct sp_batch b = test_forge_batch(&f);
    struct sp_commit refused;
    assert_int_equal(
        sp_commit_decode(b.commit[0], f.replica, &anna->arena, &refused),
        SP_OK);
    uint8_t value[32];
    struct sp_buf out;
    sp_buf_init(&out, sizeof value);
    sp_wr_array(&out, 2);
    sp_wr_array(&out, 2);
    sp_wr_uint(&out, w->now_ms);
    sp_wr_text(&out, "");
    sp_wr_uint(&out, SP_TRAY_DISCARDED);
    struct sp_write gone = { .key = { SP_TRAY_DISPOSED, { 0 } },
        .value = sp_arena_copy(&anna->arena, sp_buf_slice(&out)) };
    sp_buf_free(&out);
    struct sp_change change = { item_of(&refused), 1, &gone };
    struct sp_commit c = test_forge_commit(&g);
    c.count = 1;
    c.change = &change;
    test_forge_add(&g, &c);
    (void)push(branch, anna, &g);
    assert_int_equal(
        test_party_verdict(branch, g.replica, 1).code, SP_E_DEFERRED_PARENT);
    /* The account that the refused edit is about. */
    struct test_forge h = test_forge_new(anna, 97);
    struct sp_write made[2] = { { .key = { 2, { 0 } },
                                    .value = test_party_text(anna, "Shop") },
        { .key = { 12, { 0 } }, .value = test_party_text(anna, "A-1") } };
    struct sp_change create = { mine, 2, made };
    struct sp_commit m = test_forge_commit(&h);
    m.count = 1;
    m.change = &create;
    test_forge_add(&h, &m);
    (void)push(branch, anna, &h);
    assert_int_equal(test_forge_push(branch, anna, &b, NULL), SP_OK);
    assert_int_equal(test_party_verdict(branch, f.replica, 1).kind, SP_REFUSED);
    assert_int_equal(
        test_party_verdict(branch, g.replica, 1).kind, SP_ACCEPTED);
    assert_true(has(branch, &change.ref, SP_TRAY_DISPOSED));
}

/* What nobody wants any more is not kept: at no tier. */
static void what_its_author_discards_is_emptied(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref item = refused_rename(w, "Anna's name");
    test_party_sync(branch, head);
    struct sp_buf out;
    sp_buf_init(&out, 32);
    sp_wr_array(&out, 2);
    sp_wr_raw(&out, test_party_moment(anna));
    sp_wr_uint(&out, SP_TRAY_DISCARDED);
    struct sp_draft_write write = { .key = { SP_TRAY_DISPOSED, { 0 } },
        .value = sp_buf_slice(&out) };
    struct sp_draft_change change = { item, false, 1, &write };
    assert_int_equal(test_party_make(anna, &change, 0), SP_OK);
    sp_buf_free(&out);
    assert_true(typed(anna, &item).count == 1);
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    struct test_party *const all[] = { anna, branch, head };
    for (size_t i = 0; i < 3; i++) {
        struct sp_record r = test_party_view(all[i], &item);
        struct sp_slice content;
        assert_int_equal(
            sp_tray_typed(&r, &all[i]->arena, &content), SP_E_NOT_FOUND);
        assert_int_equal(test_party_values(all[i], &item, SP_TRAY_TYPED), 1);
        assert_int_equal(number(all[i], &item, SP_TRAY_CODE), SP_E_SCOPE);
    }
    test_party_sync(anna, branch);
    assert_true(test_party_sync(anna, branch).same);
}

/* SYNC J5: a word that it is accepted after all reaches its author. */
static void what_is_accepted_after_all_is_withdrawn(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref item = refused_rename(w, "Anna's name");
    struct sp_verdict_entry e;
    struct sp_chain chain;
    struct sp_tx tx;
    assert_false(has(anna, &item, SP_TRAY_WITHDRAWN));
    for (int i = 0; i < 2; i++) { /* told twice: written once */
        test_party_begin(branch, &tx, true);
        assert_int_equal(
            sp_log_verdict(&tx, anna->identity.replica, 2, &e), SP_OK);
        e.verdict =
            (struct sp_verdict){ .kind = SP_ACCEPTED, .judge = 1, .at_ms = 77 };
        assert_int_equal(sp_log_put_verdict(&tx, &e), SP_OK);
        assert_int_equal(sp_log_chain(&tx, e.replica, &chain), SP_OK);
        chain.open = 0;
        assert_int_equal(sp_log_put_chain(&tx, &chain), SP_OK);
        assert_int_equal(test_party_commit(branch, &tx), SP_OK);
    }
    test_party_sync(anna, branch);
    assert_true(has(anna, &item, SP_TRAY_WITHDRAWN));
    assert_int_equal(test_party_values(branch, &item, SP_TRAY_WITHDRAWN), 1);
}

/* The id says what was typed: less than that is not shown for it. */
static void half_of_what_was_typed_is_not_shown(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref item = refused_rename(w, "Anna's name");
    struct sp_record r = test_party_view(anna, &item);
    struct sp_slice content;
    r.ref.id.b[3] ^= 1;
    assert_int_equal(sp_tray_typed(&r, &anna->arena, &content), SP_E_NOT_FOUND);
    r.ref.id.b[3] ^= 1;
    r.count = 5; /* the registers up to the code */
    assert_int_equal(sp_tray_typed(&r, &anna->arena, &content), SP_E_NOT_FOUND);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_author_has_it_in_the_exchange_that_refuses),
        TEST(nobody_else_has_any_of_it),
        TEST(two_servers_make_one),
        TEST(head_office_makes_what_the_branch_did_not_judge),
        TEST(the_largest_commit_comes_back_whole),
        TEST(a_refusal_about_the_tray_makes_none),
        TEST(a_discard_may_be_there_before_the_record),
        TEST(what_its_author_discards_is_emptied),
        TEST(what_is_accepted_after_all_is_withdrawn),
        TEST(half_of_what_was_typed_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
