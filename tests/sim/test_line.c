/* Stories of the line: replies lost, frames late and repeated, sessions cut,
 * clocks wrong, stores damaged. All laws are checked on the way. */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define YEARS_10_MS 315360000000

/* ---- replies and branches ---------------------------------------------- */

static void a_day_reaches_head_office_and_the_colleague(void **state)
{
    struct story s = story_new(1);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "first visit");

    (void)state;
    story_sync(s.anna);
    story_sync(s.a);
    story_sync(s.carl);
    story_sync(s.ben);
    assert_true(sim_shows(s.head, &visit));
    assert_true(sim_shows_text(s.carl, &shop, SIM_NAME, "Corner shop"));
    assert_false(sim_shows(s.ben, &shop));
    assert_int_equal(sim_status(s.anna).pending, 0);
    story_end(&s);
}

static void a_lost_reply_is_not_a_lost_edit(void **state)
{
    struct story s = story_new(2);
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
    story_sync(s.anna);
    assert_int_equal(sim_status(s.anna).pending, 0);
    assert_true(sim_shows_text(s.a, &shop, SIM_NAME, "Corner shop, again"));
    story_end(&s);
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
    struct story s = story_new(3);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_ref visit = sim_visit(s.anna, &shop, "first visit");

    (void)state;
    push_and_lose_the_reply(s.anna, s.a);
    assert_int_equal(sim_status(s.anna).pending, 2);
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_status(s.anna).pending, 0);
    assert_int_equal(sim_verdict(s.b, s.anna, 1, NULL), SP_DEFERRED);
    story_sync(s.b);
    story_sync(s.a);
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 2, NULL), SP_ACCEPTED);
    assert_true(sim_shows(s.head, &visit));
    story_end(&s);
}

static void what_only_another_branch_has_reaches_the_home_branch(void **state)
{
    struct story s = story_new(4);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    assert_int_equal(sim_sync(s.anna, s.b, NULL), SP_OK);
    sim_oracle_check_all(s.w);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, NULL), SP_DEFERRED);
    assert_true(sim_shows(s.anna, &shop));
    story_sync(s.anna);
    assert_int_equal(sim_verdict(s.anna, s.anna, 1, NULL), SP_ACCEPTED);
    story_end(&s);
}

/* ---- the line ---------------------------------------------------------- */

static void old_frames_change_nothing(void **state)
{
    struct story s = story_new(19);
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
    story_end(&s);
}

static void a_request_that_arrives_late_does_no_harm(void **state)
{
    struct story s = story_new(20);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");

    (void)state;
    for (unsigned turn = 0; sim_sync_cut(s.anna, s.a, turn, SIM_REQUEST_LATE);
         turn++) {
        sim_edit(s.anna, &shop, SIM_NAME, "later");
        story_sync(s.anna);
        sim_edit(s.anna, &shop, SIM_NAME, "still later");
        (void)sim_network_late(s.w, 0);
        sim_oracle_check(s.anna);
        sim_oracle_check(s.a);
    }
    story_end(&s);
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
    story_sync(w->party[SIM_B]);
    story_sync(max);
    struct sp_ref own = sim_account(dora, "B-1", "Dora's own");
    (void)sim_visit(dora, &own, "before the first sync");
    bool cut = sim_sync_cut(dora, w->party[SIM_B], turn, fault);
    sim_oracle_check(dora);
    sim_oracle_check(w->party[SIM_B]);
    (void)sim_sync_cut(dora, w->party[SIM_B], turn + 1u, fault);
    story_sync(dora);
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
    struct story s = story_new(22);

    (void)state;
    s.anna->clock_ms = -YEARS_10_MS;
    s.carl->clock_ms = YEARS_10_MS;
    struct sp_ref shop = sim_account(s.anna, "A-1", "ten years ago");
    (void)sim_visit(s.anna, &shop, "ten years ago");
    story_sync(s.anna);
    story_sync(s.carl);
    sim_edit(s.carl, &shop, SIM_NAME, "in ten years");
    story_sync(s.carl);
    story_sync(s.anna);
    assert_true(sim_shows_text(s.anna, &shop, SIM_NAME, "in ten years"));
    /* She has seen it: hers takes its place, whatever her clock says. */
    sim_edit(s.anna, &shop, SIM_NAME, "today");
    story_sync(s.anna);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_NAME), 1);
    assert_true(sim_shows_text(s.carl, &shop, SIM_NAME, "today"));
    assert_true(sim_status(s.anna).clock_offset_ms > YEARS_10_MS - 86400000);
    assert_true(sim_status(s.carl).clock_offset_ms < 86400000 - YEARS_10_MS);
    story_end(&s);
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

    p->damaged = true;
    assert_int_equal(p->port.begin(p->port.self, true, &txn), SP_OK);
    assert_int_equal(
        p->port.put(txn, SP_T_RECORD, record_key(ref, key), value), SP_OK);
    assert_int_equal(p->port.commit(txn), SP_OK);
}

static void a_register_lost_behind_the_engines_back_raises_an_alarm_and_heals(
    void **state)
{
    struct story s = story_new(23);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_link_report report;

    (void)state;
    story_sync(s.anna);
    story_sync(s.carl);
    struct sp_slice without = peek(s.carl, &shop);
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613812345678");
    story_sync(s.anna);
    story_sync(s.carl);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 1);
    poke(s.carl, &shop, without);
    assert_int_equal(sim_values(s.carl, &shop, SIM_PHONE), 0);
    /* The next change of that register finds that the sums do not agree. */
    sim_edit(s.anna, &shop, SIM_PHONE, "+8613887654321");
    story_sync(s.anna);
    assert_int_equal(sim_sync(s.carl, s.a, &report), SP_OK);
    assert_int_equal(report.alarms, 1);
    assert_int_equal(sim_status(s.carl).alarms, 1);
    assert_true(sim_shows_text(s.carl, &shop, SIM_PHONE, "+8613887654321"));
    assert_int_equal(sim_sync(s.carl, s.a, &report), SP_OK);
    assert_true(report.same);
    assert_int_equal(sim_status(s.carl).alarms, 1);
    story_end(&s);
}

static void a_sync_with_nothing_to_do_is_two_messages(void **state)
{
    struct story s = story_new(24);
    struct sp_ref shop = sim_account(s.anna, "A-1", "Corner shop");
    struct sp_link_report report;

    (void)state;
    (void)sim_visit(s.anna, &shop, "a visit");
    story_sync(s.anna);
    assert_int_equal(sim_sync(s.anna, s.a, &report), SP_OK);
    assert_true(report.same);
    assert_int_equal(report.round_trips, 1);
    assert_true(report.bytes_sent + report.bytes_received <= 400);
    /* Anybody's change ends it. */
    story_sync(s.carl);
    sim_edit(s.carl, &shop, SIM_NAME, "renamed");
    story_sync(s.carl);
    assert_int_equal(sim_sync(s.anna, s.a, &report), SP_OK);
    assert_false(report.same);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_reaches_head_office_and_the_colleague),
        cmocka_unit_test(a_lost_reply_is_not_a_lost_edit),
        cmocka_unit_test(
            an_edit_whose_reply_was_lost_goes_to_another_branch_unharmed),
        cmocka_unit_test(what_only_another_branch_has_reaches_the_home_branch),
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
