/* Single stories, each with its own end; all laws are checked on the way. */
#include "network.h"
#include "people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ANNA = 111, BEN = 112, CARL = 113, MIA = 110, DORA = 121, EMIL = 122 };

#define YEARS_10_MS 315360000000

/* Most stories: a world in which everybody has met his branch once. */
struct story {
    struct sim_world *w;
    struct sim_party *head, *a, *b;
    struct sim_party *anna, *ben, *carl, *mia, *dora;
};

static void sync(struct sim_party *p)
{
    p->world->step++;
    sp_err err = sim_sync(p, p->home, NULL);
    SIM_CHECK(p->world, err == SP_OK, "sync: %s", sp_err_name(err));
    sim_oracle_check(p);
    sim_oracle_check(p->home);
}

static struct story story_of(uint64_t seed)
{
    struct sim_world *w = sim_world_new(seed);
    struct story s = { .w = w,
        .head = w->party[SIM_HEAD],
        .a = w->party[SIM_A],
        .b = w->party[SIM_B],
        .anna = sim_world_party(w, ANNA),
        .ben = sim_world_party(w, BEN),
        .carl = sim_world_party(w, CARL),
        .mia = sim_world_party(w, MIA),
        .dora = sim_world_party(w, DORA) };

    for (uint32_t i = 1; i < w->count; i++) {
        sync(w->party[i]);
    }
    return s;
}

static void end(struct story *s)
{
    sim_oracle_check_all(s->w);
    sim_oracle_settle(s->w);
    sim_world_free(s->w);
}

/* ---- replies and branches ---------------------------------------------- */

static void a_day_reaches_head_office_and_the_colleague(void **state)
{
    struct story s = story_of(1);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "first visit");

    (void)state;
    sync(s.anna);
    sync(s.a);
    sync(s.carl);
    sync(s.ben);
    assert_true(sim_shows(s.head, &visit));
    assert_true(sim_shows_text(s.carl, &shop, SIM_NAME, "Corner shop"));
    assert_false(sim_shows(s.ben, &shop));
    assert_int_equal(sim_status(s.anna).pending, 0);
    end(&s);
}

static void a_lost_reply_is_not_a_lost_edit(void **state)
{
    struct story s = story_of(2);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    unsigned turn = 0;

    (void)state;
    while (sim_sync_cut(s.anna, s.a, turn, SIM_REPLY_LOST)) {
        sim_oracle_check(s.anna);
        sim_oracle_check(s.a);
        sim_edit(s.anna, &shop, SIM_NAME, "Corner shop, again");
        turn++;
    }
    assert_true(turn > 2);
    sync(s.anna);
    assert_int_equal(sim_status(s.anna).pending, 0);
    assert_true(sim_shows_text(s.a, &shop, SIM_NAME, "Corner shop, again"));
    end(&s);
}

/* Turns of a session until the responder has logged all of the device. */
static void push_and_lose_the_reply(struct sim_party *p, struct sim_party *to)
{
    unsigned turn = 0;

    while (sim_verdict(to, p, sim_last(p), NULL) == SP_VERDICT_NONE) {
        assert_true(sim_sync_cut(p, to, turn++, SIM_REPLY_LOST));
    }
    sim_oracle_check(p);
    sim_oracle_check(to);
}

static void an_edit_whose_reply_was_lost_goes_to_another_branch_unharmed(
    void **state)
{
    struct story s = story_of(3);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "first visit");

    (void)state;
    push_and_lose_the_reply(s.anna, s.a);
    assert_int_equal(sim_status(s.anna).pending, 2);
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_status(s.anna).pending, 0);
    assert_int_equal(sim_verdict(s.b, s.anna, 1, NULL), SP_DEFERRED);
    sync(s.b);
    sync(s.a);
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, NULL), SP_ACCEPTED);
    assert_true(sim_shows(s.head, &visit));
    end(&s);
}

static void what_only_another_branch_has_reaches_the_home_branch(void **state)
{
    struct story s = story_of(4);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, NULL), SP_DEFERRED);
    assert_true(sim_shows(s.anna, &shop));
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, NULL), SP_ACCEPTED);
    end(&s);
}

/* ---- refusals ---------------------------------------------------------- */

static void a_refused_account_refuses_its_visits(void **state)
{
    static const char *const other[] = { "A-2" };
    struct story s = story_of(5);
    sp_err code = SP_OK;

    (void)state;
    /* Made while A-1 was hers, by what her phone knew. */
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "in vain");
    sim_assign(s.w, 11, 1, other);
    sim_oracle_unsure(s.w->oracle);
    sync(s.a);
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_PARENT_REFUSED);
    assert_false(sim_shows(s.a, &visit));
    assert_false(sim_shows(s.anna, &shop));
    assert_int_equal(sim_status(s.anna).refused, 2);
    end(&s);
}

static void a_refusal_leaves_what_was_typed_around_it(void **state)
{
    struct story s = story_of(6);
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
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 3, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_FIELD_DENIED);
    assert_int_equal(sim_verdict(s.anna, s.anna, 4, NULL), SP_ACCEPTED);
    assert_int_equal(sim_values(s.a, &shop, SIM_CYCLE), 0);
    assert_int_equal(sim_values(s.anna, &shop, SIM_CYCLE), 0);
    assert_true(sim_shows_text(s.a, &shop, SIM_PHONE, "+8613812345678"));
    end(&s);
}

static void an_account_elsewhere_cannot_be_edited_by_hand(void **state)
{
    struct story s = story_of(7);
    struct sp_ref shop = sim_account(s.ben, "A-2", "Ben's shop");
    struct sim_draft d;
    sp_err code = SP_OK;

    (void)state;
    sync(s.ben);
    sim_draft_edit(&d, s.anna, &shop); /* she learnt its id somehow */
    d.create = true;
    d.unchecked = true;
    d.expect = SIM_REFUSED;
    sim_draft_text(&d, SIM_NAME, "Anna's shop");
    assert_int_equal(sim_save(&d), SP_OK);
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_false(sim_shows(s.anna, &shop));
    assert_true(sim_shows_text(s.a, &shop, SIM_NAME, "Ben's shop"));
    end(&s);
}

static void a_visit_that_comes_before_its_account_waits_and_is_accepted(
    void **state)
{
    struct story s = story_of(8);
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
    sync(s.carl);
    assert_int_equal(sim_verdict(s.carl, s.carl, 1, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_DEFERRED_PARENT);
    assert_int_equal(sim_status(s.carl).deferred, 1);
    assert_true(sim_shows(s.carl, &d.ref));
    sync(s.anna);
    assert_int_equal(sim_verdict(s.a, s.carl, 1, NULL), SP_ACCEPTED);
    sync(s.carl);
    assert_int_equal(sim_verdict(s.carl, s.carl, 1, NULL), SP_ACCEPTED);
    assert_int_equal(sim_status(s.carl).deferred, 0);
    sync(s.anna);
    assert_true(sim_shows_text(s.anna, &d.ref, SIM_VISIT_MARK, "early"));
    end(&s);
}

static void a_commit_in_the_name_of_another_is_refused_whole(void **state)
{
    struct story s = story_of(9);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sim_draft d;

    (void)state;
    sync(s.anna);
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
    struct story s = story_of(10);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_arena arena;
    struct sp_record r;

    (void)state;
    sync(s.anna);
    sync(s.carl);
    sync(s.mia);
    sim_edit(s.anna, &shop, SIM_NAME, "Anna says");
    s.w->now_ms += 60000;
    sim_edit(s.carl, &shop, SIM_NAME, "Carl says");
    sim_edit(s.mia, &shop, SIM_PHONE, "+8613812345678");
    sync(s.anna);
    sync(s.carl);
    sync(s.mia);
    sync(s.anna);
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
    sync(s.anna);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_NAME), 1);
    end(&s);
}

/* ---- rights ------------------------------------------------------------ */

static void
a_territory_taken_away_is_purged_and_unsent_edits_stay_in_the_journal(
    void **state)
{
    static const char *const rest[] = { "A-2" };
    struct story s = story_of(11);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref hers = sim_visit(s.anna, &shop, "Anna's visit");
    sp_err code = SP_OK;

    (void)state;
    sync(s.anna);
    sync(s.carl);
    assert_true(sim_shows(s.carl, &shop));
    struct sp_ref his = sim_visit(s.carl, &shop, "Carl's visit");
    sync(s.carl);
    sim_assign(s.w, 13, 1, rest); /* Carl keeps A-2 only */
    sim_edit(s.carl, &shop, SIM_NAME, "unsent");
    sim_oracle_unsure(s.w->oracle);
    sync(s.a);
    sync(s.carl);
    assert_false(sim_shows(s.carl, &shop));
    assert_false(sim_shows(s.carl, &hers));
    assert_true(sim_shows(s.carl, &his)); /* in his own person scope */
    assert_int_equal(sim_verdict(s.carl, s.carl, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_status(s.carl).refused, 1);
    end(&s);
}

static void a_field_taken_away_leaves_the_device(void **state)
{
    struct story s = story_of(12);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    sync(s.anna);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 1);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613887654321"); /* on its way */
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    sim_oracle_unsure(s.w->oracle);
    sync(s.a);
    sync(s.carl);
    sync(s.anna);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 0);
    assert_int_equal(sim_values(s.anna, &shop, SIM_PHONE), 0);
    assert_int_equal(sim_values(s.a, &shop, SIM_PHONE), 1);
    end(&s);
}

static void a_field_granted_comes_to_the_device(void **state)
{
    struct story s = story_of(13);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref buyer = sim_contact(s.anna, &shop, "Frau Li");

    (void)state;
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_CONTACT, SIM_CONTACT_TITLE, false);
    sim_oracle_unsure(s.w->oracle);
    sync(s.anna);
    sync(s.a);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &buyer, SIM_CONTACT_TITLE), 0);
    assert_int_equal(sim_values(s.mia, &buyer, SIM_CONTACT_TITLE), 0);
    sync(s.mia);
    assert_int_equal(sim_values(s.mia, &buyer, SIM_CONTACT_TITLE), 1);
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_CONTACT, SIM_CONTACT_TITLE, true);
    sync(s.a);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &buyer, SIM_CONTACT_TITLE), 1);
    end(&s);
}

static void a_signed_document_reaches_branch_and_device(void **state)
{
    struct story s = story_of(14);

    (void)state;
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    uint32_t serial = s.w->org->policy_serial;
    assert_true(sp_rulebook_serials(sim_rulebook(s.a)).policy < serial);
    sync(s.a);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.a)).policy, serial);
    assert_true(sp_rulebook_serials(sim_rulebook(s.anna)).policy < serial);
    sync(s.anna);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.anna)).policy, serial);
    /* Carried on to a branch that head office has not met since. */
    assert_true(sp_rulebook_serials(sim_rulebook(s.b)).policy < serial);
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    assert_int_equal(sp_rulebook_serials(sim_rulebook(s.b)).policy, serial);
    end(&s);
}

static void a_revoked_device_is_refused_and_keeps_its_journal(void **state)
{
    struct story s = story_of(15);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    sync(s.anna);
    sim_edit(s.anna, &shop, SIM_NAME, "unsent");
    sim_revoke(s.w, ANNA);
    sync(s.a);
    assert_int_equal(sim_sync(s.anna, s.a, NULL), SP_E_REVOKED);
    assert_int_equal(sim_sync(s.anna, s.head, NULL), SP_E_REVOKED);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_status(s.anna).pending, 1);
    assert_true(sim_shows_text(s.anna, &shop, SIM_NAME, "unsent"));
    assert_int_equal(sim_verdict(s.a, s.anna, 2, NULL), SP_VERDICT_NONE);
    end(&s);
}

/* ---- tiers ------------------------------------------------------------- */

static void a_branch_forwards_the_verdict_of_head_office(void **state)
{
    struct story s = story_of(16);
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
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_DEFERRED);
    assert_int_equal(code, SP_E_DEFERRED_JUDGE);
    sync(s.a);
    sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_SCOPE);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, &code), SP_REFUSED);
    assert_int_equal(code, SP_E_PARENT_REFUSED);
    end(&s);
}

static void head_office_never_judges_again_what_a_branch_accepted(void **state)
{
    static const char *const other[] = { "A-2" };
    struct story s = story_of(17);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    sync(s.anna);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    sync(s.anna);
    assert_int_equal(sim_verdict(s.a, s.anna, 2, NULL), SP_ACCEPTED);
    sim_assign(s.w, 11, 1, other);
    sim_grant_field(s.w, TEST_ORG_REP, PLAIN_ACCOUNT, SIM_PHONE, false);
    sync(s.a);
    assert_int_equal(sim_verdict(s.head, s.anna, 1, NULL), SP_ACCEPTED);
    assert_int_equal(sim_verdict(s.head, s.anna, 2, NULL), SP_ACCEPTED);
    assert_true(sim_shows_text(s.head, &shop, SIM_PHONE, "+8613812345678"));
    end(&s);
}

static void an_account_imported_at_head_office_comes_down(void **state)
{
    struct story s = story_of(18);
    struct sim_draft d;

    (void)state;
    sim_draft_create(&d, s.head, PLAIN_ACCOUNT);
    d.user = 1;
    d.authority = SP_AUTHORITY_HEAD_OFFICE;
    d.unchecked = true; /* an administrator's import has no role for it */
    sim_draft_text(&d, SIM_NAME, "Imported");
    sim_draft_text(&d, SIM_TERRITORY, "A-1");
    assert_int_equal(sim_save(&d), SP_OK);
    sync(s.a);
    sync(s.b);
    sync(s.anna);
    sync(s.dora);
    assert_true(sim_shows_text(s.anna, &d.ref, SIM_NAME, "Imported"));
    assert_false(sim_shows(s.dora, &d.ref));
    assert_false(sim_shows(s.b, &d.ref));
    sim_edit(s.anna, &d.ref, SIM_NAME, "Renamed");
    sync(s.anna);
    sync(s.a);
    assert_true(sim_shows_text(s.head, &d.ref, SIM_NAME, "Renamed"));
    end(&s);
}

/* ---- the line ---------------------------------------------------------- */

static void old_frames_change_nothing(void **state)
{
    struct story s = story_of(19);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    struct sim_session *session = sim_session_open(s.anna, s.a);
    unsigned i = 0;
    static const enum sim_fault again[] = { SIM_REQUEST_TWICE, SIM_OLD_REQUEST,
        SIM_REPLY_TWICE };
    (void)sim_session_turn(session, SIM_FINE);
    while (sim_session_turn(session, again[i++ % 3])) {
    }
    assert_int_equal(session->error, SP_OK);
    assert_true(session->report.complete);
    sim_session_close(session);
    assert_true(sim_shows(s.a, &shop));
    for (unsigned k = 0; k < 32; k++) {
        assert_true(sim_network_replay(s.w, k));
    }
    end(&s);
}

static void a_request_that_arrives_late_does_no_harm(void **state)
{
    struct story s = story_of(20);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    for (unsigned turn = 0; sim_sync_cut(s.anna, s.a, turn, SIM_REQUEST_LATE);
         turn++) {
        sim_edit(s.anna, &shop, SIM_NAME, "later");
        sync(s.anna);
        sim_edit(s.anna, &shop, SIM_NAME, "still later");
        (void)sim_network_late(s.w, 0);
        sim_oracle_check(s.anna);
        sim_oracle_check(s.a);
    }
    end(&s);
}

/* Dora's first sync with some hundred records, cut at one turn by one fault,
 * and again at the next: what she has in the end is what her branch has. */
static bool first_sync_with_a_cut(unsigned turn, enum sim_fault fault)
{
    struct sim_world *w = sim_world_new(21);
    struct sim_party *max = sim_world_party(w, 120);
    struct sim_party *dora = sim_world_party(w, DORA);
    char name[32];

    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(name, sizeof(name), "shop %u", i);
        struct sp_ref shop = sim_account(max, "B-1", name);
        (void)sim_note_about(max, &shop, name);
    }
    sync(max);
    struct sp_ref own = sim_account(dora, "B-1", "Dora's own");
    (void)sim_visit(dora, &own, "before the first sync");
    bool cut = sim_sync_cut(dora, w->party[SIM_B], turn, fault);
    sim_oracle_check(dora);
    sim_oracle_check(w->party[SIM_B]);
    (void)sim_sync_cut(dora, w->party[SIM_B], turn + 1u, fault);
    sync(dora);
    assert_int_equal(sim_status(dora).alarms, 0);
    assert_int_equal(sim_status(dora).records, 13 + 13);
    sim_oracle_settle(w);
    sim_world_free(w);
    return cut;
}

static void a_first_sync_cut_anywhere_ends_equal(void **state)
{
    (void)state;
    for (int f = SIM_REQUEST_LOST; f < SIM_FAULTS; f++) {
        unsigned turn = 0;
        while (first_sync_with_a_cut(turn, (enum sim_fault)f)) {
            turn++;
        }
        assert_true(turn >= 4);
    }
}

static void a_clock_that_is_ten_years_off_loses_and_hides_nothing(void **state)
{
    struct story s = story_of(22);

    (void)state;
    s.anna->clock_ms = -YEARS_10_MS;
    s.carl->clock_ms = YEARS_10_MS;
    struct sp_ref shop = sim_account(s.anna, "A-1", "ten years ago");
    (void)sim_visit(s.anna, &shop, "ten years ago");
    sync(s.anna);
    sync(s.carl);
    sim_edit(s.carl, &shop, SIM_NAME, "in ten years");
    sync(s.carl);
    sync(s.anna);
    assert_true(sim_shows_text(s.anna, &shop, SIM_NAME, "in ten years"));
    /* She has seen it: hers takes its place, whatever her clock says. */
    sim_edit(s.anna, &shop, SIM_NAME, "today");
    sync(s.anna);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_NAME), 1);
    assert_true(sim_shows_text(s.carl, &shop, SIM_NAME, "today"));
    assert_true(sim_status(s.anna).clock_offset_ms > YEARS_10_MS - 86400000);
    assert_true(sim_status(s.carl).clock_offset_ms < 86400000 - YEARS_10_MS);
    end(&s);
}

/* ---- proof ------------------------------------------------------------- */

static struct sp_slice record_key(const struct sp_ref *ref, uint8_t key[18])
{
    sp_set_u16be(key, ref->type);
    memcpy(key + 2, ref->id.b, sizeof(ref->id.b));
    return sp_slice_of(key, 18);
}

/* What lies under a record's key, taken out and put back behind the engine's
 * back. */
static struct sp_slice peek(struct sim_party *p, const struct sp_ref *ref)
{
    uint8_t key[18];
    struct sp_slice value, kept;
    struct sp_txn *txn = NULL;

    assert_int_equal(p->port.begin(p->port.self, false, &txn), SP_OK);
    assert_int_equal(
        p->port.get(txn, SP_T_RECORD, record_key(ref, key), &value), SP_OK);
    kept = sp_arena_copy(&p->world->org->arena, value);
    p->port.abort(txn);
    return kept;
}

static void poke(
    struct sim_party *p, const struct sp_ref *ref, struct sp_slice value)
{
    uint8_t key[18];
    struct sp_txn *txn = NULL;

    assert_int_equal(p->port.begin(p->port.self, true, &txn), SP_OK);
    assert_int_equal(
        p->port.put(txn, SP_T_RECORD, record_key(ref, key), value), SP_OK);
    assert_int_equal(p->port.commit(txn), SP_OK);
}

static void a_register_lost_behind_the_engines_back_raises_an_alarm_and_heals(
    void **state)
{
    struct story s = story_of(23);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_link_report report;

    (void)state;
    sync(s.anna);
    sync(s.carl);
    struct sp_slice without = peek(s.carl, &shop);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    sync(s.anna);
    sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 1);
    poke(s.carl, &shop, without);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 0);
    /* The next change of that register finds that the sums do not agree. */
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613887654321");
    sync(s.anna);
    assert_int_equal(sim_sync(s.carl, s.a, &report), SP_OK);
    assert_int_equal(report.alarms, 1);
    assert_int_equal(sim_status(s.carl).alarms, 1);
    assert_true(sim_shows_text(s.carl, &shop, SIM_PHONE, "+8613887654321"));
    assert_int_equal(sim_sync(s.carl, s.a, &report), SP_OK);
    assert_true(report.same);
    assert_int_equal(sim_status(s.carl).alarms, 1);
    end(&s);
}

static void a_sync_with_nothing_to_do_is_two_messages(void **state)
{
    struct story s = story_of(24);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_link_report report;

    (void)state;
    (void)sim_visit(s.anna, &shop, "a visit");
    sync(s.anna);
    assert_int_equal(sim_sync(s.anna, s.a, &report), SP_OK);
    assert_true(report.same);
    assert_int_equal(report.round_trips, 1);
    assert_true(report.bytes_sent + report.bytes_received <= 400);
    /* Anybody's change ends it. */
    sync(s.carl);
    sim_edit(s.carl, &shop, SIM_NAME, "renamed");
    sync(s.carl);
    assert_int_equal(sim_sync(s.anna, s.a, &report), SP_OK);
    assert_false(report.same);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_reaches_head_office_and_the_colleague),
        cmocka_unit_test(a_lost_reply_is_not_a_lost_edit),
        cmocka_unit_test(
            an_edit_whose_reply_was_lost_goes_to_another_branch_unharmed),
        cmocka_unit_test(what_only_another_branch_has_reaches_the_home_branch),
        cmocka_unit_test(a_refused_account_refuses_its_visits),
        cmocka_unit_test(a_refusal_leaves_what_was_typed_around_it),
        cmocka_unit_test(an_account_elsewhere_cannot_be_edited_by_hand),
        cmocka_unit_test(
            a_visit_that_comes_before_its_account_waits_and_is_accepted),
        cmocka_unit_test(a_commit_in_the_name_of_another_is_refused_whole),
        cmocka_unit_test(
            two_devices_edit_one_field_and_both_values_stand_with_who_and_when),
        cmocka_unit_test(
            a_territory_taken_away_is_purged_and_unsent_edits_stay_in_the_journal),
        cmocka_unit_test(a_field_taken_away_leaves_the_device),
        cmocka_unit_test(a_field_granted_comes_to_the_device),
        cmocka_unit_test(a_signed_document_reaches_branch_and_device),
        cmocka_unit_test(a_revoked_device_is_refused_and_keeps_its_journal),
        cmocka_unit_test(a_branch_forwards_the_verdict_of_head_office),
        cmocka_unit_test(head_office_never_judges_again_what_a_branch_accepted),
        cmocka_unit_test(an_account_imported_at_head_office_comes_down),
        cmocka_unit_test(old_frames_change_nothing),
        cmocka_unit_test(a_request_that_arrives_late_does_no_harm),
        cmocka_unit_test(a_first_sync_cut_anywhere_ends_equal),
        cmocka_unit_test(a_clock_that_is_ten_years_off_loses_and_hides_nothing),
        cmocka_unit_test(
            a_register_lost_behind_the_engines_back_raises_an_alarm_and_heals),
        cmocka_unit_test(a_sync_with_nothing_to_do_is_two_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
