/* One judge (SYNC J1, J3, J4, J8): who decides, when again, and what a verdict
 * does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"

#define ANNA 111u
#define CARL 113u

static struct sp_verdict verdict(
    struct test_party *p, const struct test_forge *f, uint64_t n)
{
    return test_party_verdict(p, f->replica, n);
}

static void push(
    struct test_party *server, struct test_party *peer, struct test_forge *f)
{
    struct sp_batch b = test_forge_batch(f);
    assert_int_equal(test_forge_push(server, peer, &b, NULL), SP_OK);
}

/* SYNC J1: head office leaves a territory to the branch that serves it. */
static void who_does_not_serve_a_scope_defers(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    push(head, anna, &f);
    struct sp_verdict v = verdict(head, &f, 1);
    assert_int_equal(v.kind, SP_DEFERRED);
    assert_int_equal(v.code, SP_E_DEFERRED_JUDGE);
    assert_int_equal(test_party_view(head, &a).count, 0);
}

/* SYNC J2: what is served here and there is judged by head office. */
static void a_commit_across_two_branches_is_head_offices(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_write near[2], far[2];
    static const char *const where[] = { "A-1", "B-1" };
    struct sp_write *both[] = { near, far };
    struct sp_change change[2];
    for (size_t i = 0; i < 2; i++) {
        both[i][0] = (struct sp_write){ .key = { 2, { 0 } },
            .value = test_party_text(anna, "Shop") };
        both[i][1] = (struct sp_write){ .key = { 12, { 0 } },
            .value = test_party_text(anna, where[i]) };
        change[i] = (struct sp_change){ test_party_ref(anna, 1), 2, both[i] };
    }
    struct sp_commit c = test_forge_commit(&f);
    c.count = 2;
    c.change = change;
    test_forge_add(&f, &c);
    struct sp_batch b = test_forge_batch(&f);
    assert_int_equal(test_forge_push(branch, anna, &b, NULL), SP_OK);
    assert_int_equal(verdict(branch, &f, 1).code, SP_E_DEFERRED_JUDGE);
    test_party_sync(branch, head);
    /* Anna has no say in B-1. */
    assert_int_equal(verdict(head, &f, 1).kind, SP_REFUSED);
    assert_int_equal(verdict(head, &f, 1).judge, 1);
    assert_int_equal(verdict(branch, &f, 1).kind, SP_REFUSED);
}

/* SYNC J3: nobody stores who judges: the roster of the moment says it. */
static void a_commit_is_tried_again_when_the_roster_makes_one_the_judge(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    push(head, anna, &f);
    w->org->unit[TEST_ORG_A].roster.server = 0; /* head office serves it */
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(head);
    assert_int_equal(verdict(head, &f, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(head, &a).count, 2);
}

static void a_commit_waits_for_the_documents_that_it_was_made_under(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99);
    (void)test_org_publish_policy(w->org);
    test_party_give_documents(anna); /* she met somebody else first */
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    push(branch, anna, &f);
    assert_int_equal(verdict(branch, &f, 1).code, SP_E_DEFERRED_DOCUMENT);
    assert_int_equal(test_party_view(branch, &a).count, 0);
    test_party_give_documents(branch);
    assert_int_equal(verdict(branch, &f, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(branch, &a).count, 2);
}

static void a_visit_waits_for_its_account(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL);
    struct test_forge theirs = test_forge_new(anna, 99),
                      his = test_forge_new(carl, 99);
    struct sp_ref a = test_forge_account(&theirs, "Corner shop", "A-1");
    struct sp_ref v = test_forge_visit(&his, &a);
    push(branch, carl, &his);
    assert_int_equal(verdict(branch, &his, 1).code, SP_E_DEFERRED_PARENT);
    push(branch, anna, &theirs);
    assert_int_equal(verdict(branch, &his, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(branch, &v).count, 4);
}

static void an_edit_waits_for_its_record(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL);
    struct test_forge theirs = test_forge_new(anna, 99),
                      his = test_forge_new(carl, 99);
    struct sp_ref a = test_forge_account(&theirs, "Corner shop", "A-1");
    test_forge_text(&his, &a, 2, "Carl's");
    push(branch, carl, &his);
    assert_int_equal(verdict(branch, &his, 1).kind, SP_DEFERRED);
    push(branch, anna, &theirs);
    assert_int_equal(verdict(branch, &his, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_values(branch, &a, 2), 2);
}

/* SYNC J1: an edit that a branch accepted came up before the create. Where the
 * record is nobody can say by that: neither what follows nor the create itself
 * is head office's to judge. */
static void a_part_of_a_record_makes_nobody_its_judge(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1),
                      *carl = test_world_ready(w, CARL),
                      *mia = test_world_ready(w, 110u);
    struct test_forge theirs = test_forge_new(anna, 99),
                      his = test_forge_new(carl, 99),
                      hers = test_forge_new(mia, 99);
    struct sp_ref a = test_forge_account(&theirs, "Corner shop", "A-1");
    test_forge_text(&his, &a, 2, "Carl's");
    test_forge_text(&hers, &a, 3, "Mia's");
    (void)test_forge_visit(&hers, &a);
    push(head, branch, &his);
    assert_int_equal(verdict(head, &his, 1).kind, SP_ACCEPTED);
    struct sp_batch made = test_forge_batch(&theirs);
    assert_int_equal(test_forge_push(head, anna, &made, NULL), SP_OK);
    push(head, mia, &hers);
    assert_int_equal(verdict(head, &theirs, 1).code, SP_E_DEFERRED_PARENT);
    assert_int_equal(verdict(head, &hers, 1).code, SP_E_DEFERRED_PARENT);
    assert_int_equal(verdict(head, &hers, 2).code, SP_E_DEFERRED_PARENT);
    /* The rest of it has come: now it is known whose it is. */
    assert_int_equal(test_forge_push(head, branch, &made, NULL), SP_OK);
    assert_int_equal(verdict(head, &theirs, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(head, &hers, 1).code, SP_E_DEFERRED_JUDGE);
    assert_int_equal(verdict(head, &hers, 2).code, SP_E_DEFERRED_JUDGE);
    assert_int_equal(test_party_values(head, &a, 2), 2);
}

/* SYNC J4: one verdict for the whole commit. */
static void one_write_that_is_denied_refuses_the_whole_commit(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    struct sp_ref b = test_forge_account(&f, "Other shop", "A-1");
    push(branch, anna, &f);
    struct sp_write name = { .key = { 2, { 0 } },
        .value = test_party_text(anna, "Renamed") };
    struct sp_write territory = { .key = { 12, { 0 } }, /* the branch's */
        .value = test_party_text(anna, "A-2") };
    struct sp_change change[] = { { a, 1, &name }, { b, 1, &territory } };
    struct sp_commit c = test_forge_commit(&f);
    c.count = 2;
    c.change = change;
    test_forge_add(&f, &c);
    test_forge_text(&f, &a, 2, "Afterwards");
    push(branch, anna, &f);
    struct sp_verdict v = verdict(branch, &f, 3);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.type, 1);
    assert_int_equal(v.field, 12);
    assert_int_equal(v.judge, 2);
    /* It blocks nothing else, and nothing of it is in the state. */
    assert_int_equal(verdict(branch, &f, 4).kind, SP_ACCEPTED);
    assert_string_equal(test_party_name(branch, &a), "Afterwards");
    assert_true(test_party_in_scope(branch, &b, "A-1"));
}

/* SYNC J8, in both orders. */
static void what_belongs_to_a_refused_create_is_refused(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL);
    struct test_forge theirs = test_forge_new(anna, 99),
                      his = test_forge_new(carl, 99);
    /* Anna has nothing to do in A-2. */
    struct sp_ref a = test_forge_account(&theirs, "Far shop", "A-2");
    struct sp_ref early = test_forge_visit(&his, &a);
    push(branch, carl, &his);
    assert_int_equal(verdict(branch, &his, 1).kind, SP_DEFERRED);
    push(branch, anna, &theirs);
    assert_int_equal(verdict(branch, &theirs, 1).kind, SP_REFUSED);
    struct sp_verdict v = verdict(branch, &his, 1);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.code, SP_E_PARENT_REFUSED);
    struct sp_ref late = test_forge_visit(&his, &a);
    test_forge_text(&his, &a, 2, "Carl's");
    push(branch, carl, &his);
    assert_int_equal(verdict(branch, &his, 2).code, SP_E_PARENT_REFUSED);
    assert_int_equal(verdict(branch, &his, 3).kind, SP_REFUSED);
    assert_int_equal(test_party_view(branch, &early).count, 0);
    assert_int_equal(test_party_view(branch, &late).count, 0);
    assert_int_equal(test_party_view(branch, &a).count, 0);
}

/* SYNC J4: evidence goes by the assignments that its author had confirmed. */
static void yesterdays_visit_survives_a_territory_that_moved_overnight(
    void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    push(branch, anna, &f);
    struct sp_ref v = test_forge_visit(&f, &a);
    test_forge_text(&f, &a, 2, "Renamed");
    uint32_t serial = w->org->roster_serial;
    test_org_assign(w->org, 11, 1, elsewhere);
    struct sp_left left = { sp_slice_text("A-1"), serial };
    enum test_org_unit_name unit;
    struct sp_person *person = test_org_person(w->org, 11, &unit);
    person->left_count = 1;
    person->left = &left;
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    push(branch, anna, &f);
    assert_int_equal(verdict(branch, &f, 2).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(branch, &v).count, 4);
    assert_int_equal(verdict(branch, &f, 3).kind, SP_REFUSED);
}

/* ---- absent and hidden --------------------------------------------------- */

/* A note, of which a device makes no draft here. */
static struct sp_ref note_under(struct test_forge *f, const struct sp_ref *a)
{
    struct test_party *p = f->party;
    struct sp_ref ref = test_party_ref(p, 4);
    struct sp_write w[] = {
        { .key = { 1, { 0 } }, .value = test_party_bytes(p, &a->id) },
        { .key = { 2, { 0 } },
            .value = test_party_number(p, p->identity.user) },
        { .key = { 4, { 0 } }, .value = test_party_text(p, "What is there?") },
    };
    struct sp_change change = { ref, sizeof w / sizeof w[0], w };
    struct sp_commit c = test_forge_commit(f);
    c.count = 1;
    c.change = &change;
    test_forge_add(f, &c);
    return ref;
}

/* What he is told of commits n and n + 1 is the same but for the time. */
static void one_answer(
    struct test_party *p, const struct test_forge *f, uint64_t n, sp_err code)
{
    struct sp_verdict a = verdict(p, f, n), b = verdict(p, f, n + 1);
    assert_int_equal(a.kind, b.kind);
    assert_int_equal(a.code, b.code);
    assert_int_equal(a.type, b.type);
    assert_int_equal(a.field, b.field);
    assert_int_equal(a.rule, b.rule);
    assert_int_equal(a.judge, b.judge);
    assert_int_equal(a.code, code);
}

/* Anna writes about a record that she may not know, and about one that is
 * nowhere: edits it, puts a visit and a note under it. */
static void probe(struct test_forge *f, const struct sp_ref *hidden)
{
    struct sp_ref nowhere = test_party_ref(f->party, 1);
    const struct sp_ref *refs[] = { hidden, &nowhere };
    for (size_t i = 0; i < 2; i++) {
        test_forge_text(f, refs[i], 2, "Mine?");
    }
    for (size_t i = 0; i < 2; i++) {
        (void)test_forge_visit(f, refs[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        (void)note_under(f, refs[i]);
    }
}

static void nobody_learns_from_a_verdict_that_a_hidden_record_exists(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1),
                      *ben = test_world_ready(w, 112u),
                      *dora = test_world_ready(w, 121u);
    struct test_forge bens = test_forge_new(ben, 99),
                      doras = test_forge_new(dora, 99),
                      here = test_forge_new(anna, 99),
                      there = test_forge_new(anna, 98);
    struct sp_ref his = test_forge_account(&bens, "Ben's", "A-2");
    struct sp_ref hers = test_forge_account(&doras, "Dora's", "B-1");
    push(branch, ben, &bens);
    probe(&here, &his);
    push(branch, anna, &here);
    /* At head office, which knows it though another server judges it. */
    struct test_party *b = test_world_ready(w, 3);
    push(b, dora, &doras);
    test_party_sync(b, head);
    assert_int_equal(test_party_view(head, &hers).count, 2);
    probe(&there, &hers);
    push(head, anna, &there);
    for (uint64_t n = 1; n <= 5; n += 2) {
        one_answer(branch, &here, n, SP_E_DEFERRED_PARENT);
        one_answer(head, &there, n, SP_E_DEFERRED_PARENT);
    }
    /* In head office's log too, and when the deadline has passed. */
    test_party_sync(branch, head);
    w->now_ms += SP_DEFER_MS_MAX;
    for (uint64_t n = 1; n <= 6; n++) {
        struct sp_verdict v;
        struct sp_tx tx;
        assert_int_equal(verdict(head, &here, n).code, SP_E_DEFERRED_PARENT);
        test_party_begin(head, &tx, true);
        assert_int_equal(sp_waiting_release(&tx, there.replica, n, &v), SP_OK);
        assert_int_equal(v.code, SP_E_DEFERRED_PARENT);
        assert_int_equal(test_party_commit(head, &tx), SP_OK);
    }
}

static void what_was_hidden_is_judged_when_it_comes_into_reach(void **state)
{
    static const char *const both[] = { "A-1", "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *ben = test_world_ready(w, 112u);
    struct test_forge bens = test_forge_new(ben, 99),
                      f = test_forge_new(anna, 99);
    struct sp_ref his = test_forge_account(&bens, "Ben's", "A-2");
    push(branch, ben, &bens);
    struct sp_ref visit = test_forge_visit(&f, &his);
    push(branch, anna, &f);
    assert_int_equal(verdict(branch, &f, 1).code, SP_E_DEFERRED_PARENT);
    test_org_assign(w->org, 11, 2, both);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    assert_int_equal(verdict(branch, &f, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(branch, &visit).count, 4);
}

/* Who had it is told that it is not hers any more, and not to wait. */
static void what_was_within_reach_once_is_no_secret(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_ready(w, 110u),
                      *carl = test_world_ready(w, CARL);
    struct test_forge his = test_forge_new(carl, 99),
                      f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&his, "Corner shop", "A-1");
    push(branch, carl, &his);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    test_forge_text(&f, &a, 2, "Renamed");
    push(branch, anna, &f);
    assert_int_equal(verdict(branch, &f, 1).kind, SP_REFUSED);
    assert_int_equal(verdict(branch, &f, 1).code, SP_E_SCOPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_does_not_serve_a_scope_defers,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_commit_across_two_branches_is_head_offices, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_commit_is_tried_again_when_the_roster_makes_one_the_judge,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_commit_waits_for_the_documents_that_it_was_made_under,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_visit_waits_for_its_account,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_edit_waits_for_its_record,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_part_of_a_record_makes_nobody_its_judge, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            one_write_that_is_denied_refuses_the_whole_commit, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_belongs_to_a_refused_create_is_refused, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            yesterdays_visit_survives_a_territory_that_moved_overnight,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            nobody_learns_from_a_verdict_that_a_hidden_record_exists,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_was_hidden_is_judged_when_it_comes_into_reach,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_was_within_reach_once_is_no_secret,
            test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
