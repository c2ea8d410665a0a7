/* Stories of verdicts, rights and tiers. All laws are checked on the way. */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- refusals ---------------------------------------------------------- */

static void a_refused_account_refuses_its_visits(void **state)
{
    static const char *const other[] = { "A-2" };
    struct story s = story_new(5);
    sp_err code = SP_OK;

    (void)state;
    /* Made while A-1 was hers, by what her phone knew. */
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "in vain");
    sim_assign(s.w, 11, 1, other);
    sim_oracle_unsure(s.w->oracle);
    story_sync(s.a);
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_PARENT_REFUSED);
    assert_false(sim_shows(s.a, &visit));
    assert_false(sim_shows(s.anna, &shop));
    assert_int_equal(sim_status(s.anna).refused, 2);
    story_end(&s);
}

static void a_refusal_leaves_what_was_typed_around_it(void **state)
{
    struct story s = story_new(6);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sim_draft d;
    sp_err code = SP_OK;

    (void)state;
    sim_edit(s.anna, &shop, SIM_NAME, "Corner shop and bar");
    sim_draft_edit(&d, s.anna, &shop);
    sim_draft_uint(&d, SIM_CYCLE, 7); /* a manager's field */
    assert_int_equal(sim_save(&d), SP_E_FIELD_DENIED);
    d.unchecked = true;
    d.expect = SIM_REFUSED;
    assert_int_equal(sim_save(&d), SP_OK);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 3, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_FIELD_DENIED);
    assert_int_equal(sim_verdict(s.anna, s.anna, 4, NULL), SP_ACCEPTED);
    assert_int_equal(sim_values(s.a, &shop, SIM_CYCLE), 0);
    assert_int_equal(sim_values(s.anna, &shop, SIM_CYCLE), 0);
    assert_true(sim_shows_text(s.a, &shop, SIM_PHONE, "+8613812345678"));
    story_end(&s);
}

/* Nor does she learn that it is there (J4: absent and hidden are one). */
static void an_account_elsewhere_cannot_be_edited_by_hand(void **state)
{
    struct story s = story_new(7);
    struct sp_ref shop = sim_account(s.ben, "A-2", "Ben's shop");
    struct sim_draft d;
    sp_err code = SP_OK;

    (void)state;
    story_sync(s.ben);
    sim_draft_edit(&d, s.anna, &shop); /* she learnt its id somehow */
    d.create = true;
    d.unchecked = true;
    d.expect = SIM_EITHER;
    sim_draft_text(&d, SIM_NAME, "Anna's shop");
    assert_int_equal(sim_save(&d), SP_OK);
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_DEFERRED_PARENT);
    assert_true(sim_shows_text(s.a, &shop, SIM_NAME, "Ben's shop"));
    story_end(&s);
}

static void a_visit_that_comes_before_its_account_waits_and_is_accepted(
    void **state)
{
    struct story s = story_new(8);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sim_draft d;
    sp_err code = SP_OK;

    (void)state;
    sim_draft_create(&d, s.carl, PLAIN_VISIT); /* he has its id by hand */
    d.unchecked = true;
    sim_draft_ref(&d, PLAIN_CHILD_ACCOUNT, &shop);
    sim_draft_uint(&d, PLAIN_CHILD_AUTHOR, 13);
    sim_draft_uint(&d, 4, 1);
    sim_draft_now(&d, 5);
    sim_draft_text(&d, SIM_VISIT_MARK, "early");
    assert_int_equal(sim_save(&d), SP_OK);
    story_sync(s.carl);
    assert_int_equal(sim_verdict(s.carl, s.carl, 1, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_DEFERRED_PARENT);
    assert_int_equal(sim_status(s.carl).deferred, 1);
    assert_true(sim_shows(s.carl, &d.ref));
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.a, s.carl, 1, NULL), SP_ACCEPTED);
    story_sync(s.carl);
    assert_int_equal(sim_verdict(s.carl, s.carl, 1, NULL), SP_ACCEPTED);
    assert_int_equal(sim_status(s.carl).deferred, 0);
    story_sync(s.anna);
    assert_true(sim_shows_text(s.anna, &d.ref, SIM_VISIT_MARK, "early"));
    story_end(&s);
}

static void a_commit_in_the_name_of_another_is_refused_whole(void **state)
{
    struct story s = story_new(9);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sim_draft d;

    (void)state;
    story_sync(s.anna);
    sim_edit(s.anna, &shop, SIM_NAME, "honest");
    sim_draft_edit(&d, s.anna, &shop);
    d.user = 10; /* Mia, her manager */
    d.unchecked = true;
    d.expect = SIM_REFUSED;
    sim_draft_uint(&d, SIM_CYCLE, 7);
    assert_int_equal(sim_save(&d), SP_OK);
    struct mem_store *before = mem_store_clone(s.a->store);
    uint64_t sequence = sim_status(s.a).sequence;
    assert_int_equal(sim_sync(s.anna, s.a, NULL), SP_E_AUTHOR);
    mem_store_free(before);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_status(s.a).sequence, sequence);
    assert_int_equal(sim_verdict(s.a, s.anna, 2, NULL), SP_VERDICT_NONE);
    assert_int_equal(sim_verdict(s.a, s.anna, 3, NULL), SP_VERDICT_NONE);
    assert_int_equal(sim_status(s.anna).pending, 2);
    sim_world_free(s.w);
}

/* ---- concurrent edits -------------------------------------------------- */

static void two_devices_edit_one_field_and_both_values_stand_with_who_and_when(
    void **state)
{
    struct story s = story_new(10);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_arena arena;
    struct sp_record r;

    (void)state;
    story_sync(s.anna);
    story_sync(s.carl);
    story_sync(s.mia);
    sim_edit(s.anna, &shop, SIM_NAME, "Anna says");
    s.w->now_ms += 60000;
    sim_edit(s.carl, &shop, SIM_NAME, "Carl says");
    sim_edit(s.mia, &shop, SIM_PHONE, "+8613812345678");
    story_sync(s.anna);
    story_sync(s.carl);
    story_sync(s.mia);
    story_sync(s.anna);
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    assert_int_equal(sim_view(s.anna, &shop, &arena, &r), SP_OK);
    const struct sp_register *name = sp_record_field(&r, SIM_NAME);
    assert_int_equal(name->count, 2);
    bool anna_first = name->sibling[0].stamp.user == 11;
    const struct sp_sibling *by_anna = &name->sibling[anna_first ? 0 : 1];
    const struct sp_sibling *by_carl = &name->sibling[anna_first ? 1 : 0];
    assert_int_equal(by_anna->stamp.user, 11);
    assert_int_equal(by_carl->stamp.user, 13);
    assert_true(sp_hlc_ms(by_carl->stamp.time) >=
                sp_hlc_ms(by_anna->stamp.time) + 60000u);
    sp_arena_free(&arena);
    assert_int_equal(sim_values(s.anna, &shop, SIM_PHONE), 1);
    assert_int_equal(sim_values(s.a, &shop, SIM_NAME), 2);
    /* Who has seen both settles it. */
    sim_edit(s.anna, &shop, SIM_NAME, "Both say");
    story_sync(s.anna);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_NAME), 1);
    story_end(&s);
}

/* ---- rights ------------------------------------------------------------ */

static void
a_territory_taken_away_is_purged_and_unsent_edits_stay_in_the_journal(
    void **state)
{
    static const char *const rest[] = { "A-2" };
    struct story s = story_new(11);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref hers = sim_visit(s.anna, &shop, "Anna's visit");
    sp_err code = SP_OK;

    (void)state;
    story_sync(s.anna);
    story_sync(s.carl);
    assert_true(sim_shows(s.carl, &shop));
    struct sp_ref his = sim_visit(s.carl, &shop, "Carl's visit");
    story_sync(s.carl);
    sim_assign(s.w, 13, 1, rest); /* Carl keeps A-2 only */
    sim_edit(s.carl, &shop, SIM_NAME, "unsent");
    sim_oracle_unsure(s.w->oracle);
    story_sync(s.a);
    story_sync(s.carl);
    assert_false(sim_shows(s.carl, &shop));
    assert_false(sim_shows(s.carl, &hers));
    assert_true(sim_shows(s.carl, &his)); /* in his own person scope */
    assert_int_equal(sim_verdict(s.carl, s.carl, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_status(s.carl).refused, 1);
    story_end(&s);
}

static void an_account_that_moves_away_leaves_with_its_children(void **state)
{
    struct story s = story_new(25);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref by_carl;

    (void)state;
    story_sync(s.anna);
    story_sync(s.carl);
    story_sync(s.mia);
    by_carl = sim_visit(s.carl, &shop, "Carl's visit");
    story_sync(s.carl);
    story_sync(s.anna);
    assert_true(sim_shows(s.anna, &by_carl));
    assert_false(sim_shows(s.ben, &shop));
    sim_edit(s.mia, &shop, SIM_TERRITORY, "A-2");
    story_sync(s.mia);
    story_sync(s.anna);
    story_sync(s.ben);
    story_sync(s.carl);
    assert_false(sim_shows(s.anna, &shop));
    assert_false(sim_shows(s.anna, &by_carl));
    assert_true(sim_shows(s.ben, &shop));
    assert_true(sim_shows(s.ben, &by_carl));
    assert_true(sim_shows(s.carl, &shop));
    story_end(&s);
}

static void a_field_taken_away_leaves_the_device(void **state)
{
    struct story s = story_new(12);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    story_sync(s.anna);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 1);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613887654321"); /* on its way */
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    sim_oracle_unsure(s.w->oracle);
    story_sync(s.a);
    story_sync(s.carl);
    story_sync(s.anna);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 0);
    assert_int_equal(sim_values(s.anna, &shop, SIM_PHONE), 0);
    assert_int_equal(sim_values(s.a, &shop, SIM_PHONE), 1);
    story_end(&s);
}

static void a_field_granted_comes_to_the_device(void **state)
{
    struct story s = story_new(13);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref buyer = sim_contact(s.anna, &shop, "Frau Li");

    (void)state;
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_CONTACT, SIM_CONTACT_TITLE, false);
    sim_oracle_unsure(s.w->oracle);
    story_sync(s.anna);
    story_sync(s.a);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &buyer, SIM_CONTACT_TITLE), 0);
    assert_int_equal(sim_values(s.mia, &buyer, SIM_CONTACT_TITLE), 0);
    story_sync(s.mia);
    assert_int_equal(sim_values(s.mia, &buyer, SIM_CONTACT_TITLE), 1);
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_CONTACT, SIM_CONTACT_TITLE, true);
    story_sync(s.a);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &buyer, SIM_CONTACT_TITLE), 1);
    story_end(&s);
}

static void a_signed_document_reaches_branch_and_device(void **state)
{
    struct story s = story_new(14);

    (void)state;
    /* She has been there: what is handed out everywhere she has read. */
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    uint32_t serial = s.w->org->policy_serial;
    assert_true(sp_rulebook_serials(sim_rulebook(s.a)).policy < serial);
    story_sync(s.a);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.a)).policy, serial);
    assert_true(sp_rulebook_serials(sim_rulebook(s.anna)).policy < serial);
    story_sync(s.anna);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.anna)).policy, serial);
    /* Carried on to a branch that head office has not met since: what it grants
     * is another thing then. */
    assert_true(sp_rulebook_serials(sim_rulebook(s.b)).policy < serial);
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_E_SESSION);
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.b)).policy, serial);
    story_end(&s);
}

/* A branch that does not serve a scope says all the same that it is no longer
 * his (SYNC S5, S7). */
static void a_territory_is_narrowed_by_a_branch_that_does_not_serve_it(
    void **state)
{
    struct story s = story_new(22);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_link_report report;

    (void)state;
    story_sync(s.anna);
    story_sync(s.a);
    story_sync(s.b);
    /* All is said there, so that nothing else makes them talk. */
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    assert_int_equal(sim_sync(s.anna, s.b, &report), SP_OK);
    assert_true(report.same);
    assert_true(sim_shows(s.anna, &shop));
    sim_oracle_unsure(s.w->oracle);
    sim_assign(s.w, 11, 1, (const char *const[]){ "A-2" });
    story_sync(s.b); /* and not A, which serves both */
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    assert_false(sim_shows(s.anna, &shop));
    story_end(&s);
}

static void who_goes_to_another_branch_finds_his_visits_there(void **state)
{
    struct story s = story_new(21);
    struct sp_ref shop = sim_account(s.carl, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.carl, &shop, "before");

    (void)state;
    story_sync(s.carl);
    story_sync(s.a);
    sim_oracle_upheaval(s.w->oracle);
    sim_oracle_unsure(s.w->oracle);
    sim_assign(s.w, 13, 0, NULL);
    sim_transfer(s.w, 13, TEST_ORG_B);
    story_sync(s.a);
    story_sync(s.b);
    assert_true(sim_shows(s.b, &visit));
    assert_false(sim_shows(s.b, &shop)); /* it is the other branch's */
    story_sync(s.carl);
    assert_true(sim_shows(s.carl, &visit));
    assert_false(sim_shows(s.carl, &shop));
    assert_int_equal(sim_status(s.b).alarms, 0);
    story_end(&s);
}

static void a_branch_forgets_what_moved_to_another(void **state)
{
    struct story s = story_new(22);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sim_draft d;

    (void)state;
    story_sync(s.anna);
    sim_oracle_upheaval(s.w->oracle);
    sim_oracle_unsure(s.w->oracle);
    sim_reach(s.w, 10, 4u); /* Mia has a say in B as well */
    story_sync(s.a);
    story_sync(s.mia);
    sim_draft_edit(&d, s.mia, &shop);
    sim_draft_text(&d, SIM_TERRITORY, "B-1");
    assert_int_equal(sim_save(&d), SP_OK);
    story_sync(s.mia);
    story_sync(s.a);
    story_sync(s.b);
    assert_false(sim_shows(s.a, &shop));
    assert_true(sim_shows(s.b, &shop));
    story_sync(s.anna);
    story_sync(s.dora);
    assert_false(sim_shows(s.anna, &shop));
    assert_true(sim_shows(s.dora, &shop));
    story_end(&s);
}

/* SYNC S7: whoever serves it from now on, branch or head office, lacks what the
 * branch before has not handed in yet. */
static void hand_over(uint64_t seed, enum test_org_unit_name to)
{
    struct story s = story_new(seed);
    struct sim_party *next = s.w->party[to];

    sim_oracle_upheaval(s.w->oracle);
    sim_oracle_unsure(s.w->oracle);
    struct sp_ref shop = sim_account(s.carl, "A-1", "This morning's shop");
    story_sync(s.carl);
    story_sync(s.anna);
    assert_true(sim_shows(s.anna, &shop));
    sim_serve(s.w, "A-1", to);
    if (next != s.head) {
        story_sync(next);
    }
    assert_int_equal(sim_sync(s.anna, next, NULL), SP_OK);
    assert_true(sim_shows(s.anna, &shop));
    assert_false(sim_shows(next, &shop));
    story_sync(s.a);
    if (next != s.head) {
        story_sync(next);
    }
    assert_true(sim_shows(next, &shop));
    sim_edit(s.anna, &shop, SIM_NAME, "Handed over");
    assert_int_equal(sim_sync(s.anna, next, NULL), SP_OK);
    assert_true(sim_shows_text(next, &shop, SIM_NAME, "Handed over"));
    assert_int_equal(sim_status(s.anna).alarms, 0);
    story_end(&s);
}

static void a_handover_makes_nothing_vanish_that_the_new_server_lacks(
    void **state)
{
    (void)state;
    hand_over(26, TEST_ORG_B);
    hand_over(27, TEST_ORG_HEAD);
}

/* SYNC X8: a person decides about it; nothing else stays on the device. */
static void a_revoked_device_hands_in_its_edits_and_keeps_nothing_else(
    void **state)
{
    struct story s = story_new(15);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    sp_err code = SP_OK;

    (void)state;
    story_sync(s.anna);
    sim_edit(s.anna, &shop, SIM_NAME, "unsent");
    sim_revoke(s.w, ANNA);
    story_sync(s.a);
    assert_int_equal(sim_sync(s.anna, s.a, NULL), SP_OK);
    assert_int_equal(sim_verdict(s.a, s.anna, 2, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_QUARANTINED);
    assert_int_equal(sim_status(s.anna).records, 0);
    assert_int_equal(sim_status(s.anna).pending, 0);
    /* Again, and at another server: there is nothing to get. */
    assert_int_equal(sim_sync(s.anna, s.a, NULL), SP_OK);
    assert_int_equal(sim_sync(s.anna, s.head, NULL), SP_OK);
    assert_int_equal(sim_status(s.anna).records, 0);
    story_sync(s.a);
    sim_oracle_check_all(s.w);
    story_end(&s);
}

/* ---- tiers ------------------------------------------------------------- */

static void a_branch_forwards_the_verdict_of_head_office(void **state)
{
    struct story s = story_new(16);
    struct sim_draft d;
    sp_err code = SP_OK;

    (void)state;
    sim_draft_create(&d, s.anna, PLAIN_ACCOUNT);
    d.unchecked = true;
    d.expect = SIM_REFUSED;
    sim_draft_text(&d, SIM_NAME, "not hers");
    sim_draft_text(&d, SIM_TERRITORY, "H-1"); /* head office serves it */
    assert_int_equal(sim_save(&d), SP_OK);
    struct sp_ref of_it = d.ref;
    sim_draft_create(&d, s.anna, PLAIN_NOTE);
    d.unchecked = true;
    d.expect = SIM_REFUSED;
    sim_draft_ref(&d, PLAIN_CHILD_ACCOUNT, &of_it);
    sim_draft_uint(&d, PLAIN_CHILD_AUTHOR, 11);
    sim_draft_text(&d, SIM_NOTE_TEXT, "in vain");
    assert_int_equal(sim_save(&d), SP_OK);
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_DEFERRED_JUDGE);
    story_sync(s.a);
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_PARENT_REFUSED);
    story_end(&s);
}

static void head_office_never_judges_again_what_a_branch_accepted(void **state)
{
    static const char *const other[] = { "A-2" };
    struct story s = story_new(17);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    story_sync(s.anna);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.a, s.anna, 2, NULL), SP_ACCEPTED);
    sim_assign(s.w, 11, 1, other);
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    story_sync(s.a);
    assert_int_equal(sim_verdict(s.head, s.anna, 1, NULL), SP_ACCEPTED);
    assert_int_equal(sim_verdict(s.head, s.anna, 2, NULL), SP_ACCEPTED);
    assert_true(sim_shows_text(s.head, &shop, SIM_PHONE, "+8613812345678"));
    story_end(&s);
}

static void an_account_imported_at_head_office_comes_down(void **state)
{
    struct story s = story_new(18);
    struct sim_draft d;

    (void)state;
    sim_draft_create(&d, s.head, PLAIN_ACCOUNT);
    d.user = 1;
    d.authority = SP_AUTHORITY_HEAD_OFFICE;
    d.unchecked = true; /* an administrator's import has no role for it */
    sim_draft_text(&d, SIM_NAME, "Imported");
    sim_draft_text(&d, SIM_TERRITORY, "A-1");
    assert_int_equal(sim_save(&d), SP_OK);
    story_sync(s.a);
    story_sync(s.b);
    story_sync(s.anna);
    story_sync(s.dora);
    assert_true(sim_shows_text(s.anna, &d.ref, SIM_NAME, "Imported"));
    assert_false(sim_shows(s.dora, &d.ref));
    assert_false(sim_shows(s.b, &d.ref));
    sim_edit(s.anna, &d.ref, SIM_NAME, "Renamed");
    story_sync(s.anna);
    story_sync(s.a);
    assert_true(sim_shows_text(s.head, &d.ref, SIM_NAME, "Renamed"));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_territory_taken_away_is_purged_and_unsent_edits_stay_in_the_journal),
        cmocka_unit_test(a_refused_account_refuses_its_visits),
        cmocka_unit_test(a_refusal_leaves_what_was_typed_around_it),
        cmocka_unit_test(an_account_elsewhere_cannot_be_edited_by_hand),
        cmocka_unit_test(
            a_visit_that_comes_before_its_account_waits_and_is_accepted),
        cmocka_unit_test(a_commit_in_the_name_of_another_is_refused_whole),
        cmocka_unit_test(
            two_devices_edit_one_field_and_both_values_stand_with_who_and_when),
        cmocka_unit_test(an_account_that_moves_away_leaves_with_its_children),
        cmocka_unit_test(a_field_taken_away_leaves_the_device),
        cmocka_unit_test(a_field_granted_comes_to_the_device),
        cmocka_unit_test(a_signed_document_reaches_branch_and_device),
        cmocka_unit_test(
            a_territory_is_narrowed_by_a_branch_that_does_not_serve_it),
        cmocka_unit_test(who_goes_to_another_branch_finds_his_visits_there),
        cmocka_unit_test(a_branch_forgets_what_moved_to_another),
        cmocka_unit_test(
            a_handover_makes_nothing_vanish_that_the_new_server_lacks),
        cmocka_unit_test(
            a_revoked_device_hands_in_its_edits_and_keeps_nothing_else),
        cmocka_unit_test(a_branch_forwards_the_verdict_of_head_office),
        cmocka_unit_test(head_office_never_judges_again_what_a_branch_accepted),
        cmocka_unit_test(an_account_imported_at_head_office_comes_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
