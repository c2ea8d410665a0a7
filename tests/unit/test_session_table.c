/*
 * test_session_table.c - connections, sessions and their limits, with a clock
 * of the test's own. Links are stand-ins: the table only frees them and asks
 * for id, peer and state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/session.h"

struct sp_link {
    uint8_t id[8];
    uint32_t peer;
};

static unsigned alive; /* links that were not freed */

void sp_link_free(struct sp_link *l)
{
    alive -= l == NULL ? 0 : 1;
    free(l);
}

const uint8_t *sp_link_session(const struct sp_link *l)
{
    return l->id;
}

uint32_t sp_link_peer(const struct sp_link *l)
{
    return l->peer;
}

const char *sp_link_state(const struct sp_link *l)
{
    (void)l;
    return "idle";
}

static const struct sv_session_limits limits = { .sessions_max = 4,
    .half_open_max = 3,
    .half_open_ms = 5000,
    .session_ms = 1200000,
    .idle_ms = 300000,
    .unauthenticated_ms = 10000,
    .pipes_per_address = 2,
    .handshakes_per_s = 5,
    .handshakes_all_per_s = 8 };
static const struct sv_address home = { { 127, 0, 0, 1 } };
static const struct sv_address away = { { 10, 0, 0, 1 } };
static struct sv_sessions *table;

static int set_up(void **state)
{
    (void)state;
    alive = 0;
    table = sv_session_table(&limits);
    return table == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_session_table_free(table);
    return alive == 0 ? 0 : -1;
}

static struct sp_link *link_of(uint8_t number)
{
    struct sp_link *l = calloc(1, sizeof *l);
    assert_non_null(l);
    memset(l->id, number, sizeof l->id);
    l->peer = 100u + number;
    alive++;
    return l;
}

static const uint8_t *id_of(uint8_t number)
{
    static uint8_t id[8];
    memset(id, number, sizeof id);
    return id;
}

static void open_one(uint8_t number, uint32_t pipe, uint64_t now, bool confirm)
{
    struct sv_session *s = NULL;
    assert_int_equal(
        sv_session_open(table, link_of(number), pipe, now, &s), SP_OK);
    if (confirm) {
        sv_session_confirm(table, s);
    }
    sv_session_give(table, s, false, now);
}

static sp_err touch(uint8_t number, uint32_t pipe, uint64_t now)
{
    struct sv_session *s = NULL;
    bool foreign = false;
    sp_err err = sv_session_take(table, id_of(number), pipe, now, &s, &foreign);
    if (err == SP_OK) {
        sv_session_give(table, s, false, now);
    }
    return err;
}

static void a_session_of_another_connection_is_refused_and_told(void **state)
{
    (void)state;
    struct sv_session *s = NULL;
    bool foreign = false;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    assert_true(sv_session_pipe_add(table, 2, &home, 0));
    open_one(7, 1, 0, true);
    assert_int_equal(
        sv_session_take(table, id_of(7), 2, 1, &s, &foreign), SP_E_SESSION);
    assert_true(foreign);
    assert_int_equal(touch(7, 1, 1), SP_OK);
    assert_int_equal(
        sv_session_take(table, id_of(8), 2, 1, &s, &foreign), SP_E_SESSION);
    assert_false(foreign);
}

static void a_peer_talks_one_request_at_a_time(void **state)
{
    (void)state;
    struct sv_session *s = NULL;
    bool foreign = false;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(7, 1, 0, true);
    assert_int_equal(
        sv_session_take(table, id_of(7), 1, 1, &s, &foreign), SP_OK);
    assert_int_equal(touch(7, 1, 1), SP_E_BUSY);
    sv_session_give(table, s, false, 2);
    assert_int_equal(touch(7, 1, 2), SP_OK);
}

static void the_oldest_half_open_one_goes_when_the_pool_is_full(void **state)
{
    (void)state;
    struct sv_session_counts counts;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(9, 1, 0, true);
    for (uint8_t i = 1; i <= 4; i++) {
        open_one(i, 1, i, false);
    }
    sv_session_count(table, &counts);
    assert_int_equal(counts.half_open, 3);
    assert_int_equal(counts.open, 1);
    assert_int_equal(touch(1, 1, 5), SP_E_SESSION);
    assert_int_equal(touch(4, 1, 5), SP_OK);
    assert_int_equal(touch(9, 1, 5), SP_OK);
}

static void a_replayed_first_message_ten_thousand_times_costs_nothing(
    void **state)
{
    (void)state;
    struct sv_session_counts counts;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(255, 1, 0, true);
    for (unsigned i = 0; i < 10000; i++) {
        struct sp_link *l = link_of(0);
        struct sv_session *s = NULL;
        sp_set_u64be(l->id, i + 1);
        assert_int_equal(sv_session_open(table, l, 1, 1, &s), SP_OK);
        sv_session_give(table, s, false, 1);
    }
    sv_session_count(table, &counts);
    assert_int_equal(counts.half_open, 3);
    assert_int_equal(alive, 4);
    assert_int_equal(touch(255, 1, 2), SP_OK);
}

static void a_half_open_session_lives_five_seconds(void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, false);
    open_one(2, 1, 0, true);
    assert_int_equal(touch(1, 1, 5000), SP_OK);
    assert_int_equal(touch(1, 1, 5001), SP_E_SESSION);
    assert_int_equal(touch(2, 1, 5001), SP_OK);
}

static void a_session_ends_by_age_even_when_used(void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    for (uint64_t now = 0; now <= 1200000; now += 100000) {
        assert_int_equal(touch(1, 1, now), SP_OK);
    }
    assert_int_equal(touch(1, 1, 1200001), SP_E_SESSION);
}

static void the_one_idle_longest_goes_when_all_places_are_taken(void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    for (uint8_t i = 1; i <= 4; i++) {
        open_one(i, 1, i, true);
    }
    assert_int_equal(touch(1, 1, 10), SP_OK);
    open_one(5, 1, 11, true);
    assert_int_equal(touch(2, 1, 12), SP_E_SESSION);
    assert_int_equal(touch(1, 1, 12), SP_OK);
    assert_int_equal(touch(5, 1, 12), SP_OK);
}

static void one_connection_more_than_the_cap_of_its_address_is_refused(
    void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    assert_true(sv_session_pipe_add(table, 2, &home, 0));
    assert_false(sv_session_pipe_add(table, 3, &home, 0));
    assert_true(sv_session_pipe_add(table, 4, &away, 0));
    sv_session_pipe_remove(table, 1);
    assert_true(sv_session_pipe_add(table, 5, &home, 0));
}

static void sessions_end_with_their_connection(void **state)
{
    (void)state;
    struct sv_session_counts counts;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    open_one(2, 1, 0, false);
    sv_session_pipe_remove(table, 1);
    sv_session_count(table, &counts);
    assert_int_equal(counts.open + counts.half_open + counts.pipes, 0);
    assert_int_equal(alive, 0);
}

static void a_session_at_work_outlives_its_connection_until_its_turn_ends(
    void **state)
{
    (void)state;
    struct sv_session *s = NULL;
    bool foreign = false;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    assert_int_equal(
        sv_session_take(table, id_of(1), 1, 1, &s, &foreign), SP_OK);
    sv_session_pipe_remove(table, 1);
    assert_int_equal(alive, 1);
    assert_int_equal(sp_link_peer(sv_session_link(s)), 101);
    sv_session_confirm(table, s);
    sv_session_give(table, s, false, 2);
    assert_int_equal(alive, 0);
}

static void silent_and_idle_connections_are_named_to_be_closed(void **state)
{
    (void)state;
    struct sv_session_reaped reaped;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    assert_true(sv_session_pipe_add(table, 2, &home, 0));
    open_one(2, 2, 0, true);
    sv_session_reap(table, 10000, &reaped);
    assert_int_equal(reaped.count, 0);
    sv_session_reap(table, 10001, &reaped);
    assert_int_equal(reaped.count, 1);
    assert_int_equal(reaped.silent, 1);
    assert_int_equal(reaped.pipe[0], 1);
    sv_session_pipe_remove(table, 1);
    assert_int_equal(touch(2, 2, 250000), SP_OK);
    sv_session_reap(table, 550000, &reaped);
    assert_int_equal(reaped.count, 0);
    sv_session_reap(table, 550001, &reaped);
    assert_int_equal(reaped.idle, 1);
    assert_int_equal(reaped.pipe[0], 2);
    assert_int_equal(reaped.sessions, 1);
}

static void a_condemned_connection_is_named_once_and_missed_when_it_stays(
    void **state)
{
    (void)state;
    struct sv_session_reaped reaped;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    assert_false(sv_session_pipe_condemned(table, 1));
    sv_session_pipe_condemn(table, 1);
    assert_true(sv_session_pipe_condemned(table, 1));
    assert_int_equal(touch(1, 1, 1), SP_E_SESSION);
    sv_session_reap(table, 1, &reaped);
    assert_int_equal(reaped.count, 1);
    assert_int_equal(reaped.condemned, 1);
    sv_session_reap(table, 30001, &reaped);
    assert_int_equal(reaped.count + reaped.stuck, 0);
    sv_session_reap(table, 30002, &reaped);
    assert_int_equal(reaped.stuck, 1);
    sv_session_pipe_remove(table, 1);
    sv_session_reap(table, 30003, &reaped);
    assert_int_equal(reaped.count + reaped.stuck, 0);
}

static void a_connection_whose_turn_is_under_way_is_not_reaped(void **state)
{
    (void)state;
    struct sv_session_reaped reaped;
    struct sv_session *s = NULL;
    bool foreign = false;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    assert_int_equal(
        sv_session_take(table, id_of(1), 1, 0, &s, &foreign), SP_OK);
    sv_session_reap(table, 900000, &reaped);
    assert_int_equal(reaped.count + reaped.sessions, 0);
    sv_session_give(table, s, false, 900000);
    assert_int_equal(touch(1, 1, 900001), SP_OK);
}

static void handshakes_are_counted_by_address_and_together(void **state)
{
    (void)state;
    unsigned taken = 0;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    assert_true(sv_session_pipe_add(table, 2, &away, 0));
    for (unsigned i = 0; i < 50; i++) {
        taken += sv_session_admit(table, 1, 0) ? 1 : 0;
    }
    assert_int_equal(taken, 10); /* the burst of one address */
    for (unsigned i = 0; i < 50; i++) {
        taken += sv_session_admit(table, 2, 0) ? 1 : 0;
    }
    assert_int_equal(taken, 16); /* the burst of all */
    assert_true(sv_session_admit(table, 1, 1000));
    assert_false(sv_session_admit(table, 3, 1000));
}

static void replays_are_forgiven_slowly(void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    for (unsigned i = 0; i < 7; i++) {
        assert_false(sv_session_pipe_strike(table, 1, 100000));
    }
    assert_true(sv_session_pipe_strike(table, 1, 100000));
    assert_false(sv_session_pipe_strike(table, 1, 170000));
}

static void the_sessions_of_a_revoked_device_end_at_once(void **state)
{
    (void)state;
    assert_true(sv_session_pipe_add(table, 1, &home, 0));
    open_one(1, 1, 0, true);
    open_one(2, 1, 0, true);
    sv_session_end_device(table, 101);
    assert_int_equal(touch(1, 1, 1), SP_E_SESSION);
    assert_int_equal(touch(2, 1, 1), SP_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_session_of_another_connection_is_refused_and_told),
        CASE(a_peer_talks_one_request_at_a_time),
        CASE(the_oldest_half_open_one_goes_when_the_pool_is_full),
        CASE(a_replayed_first_message_ten_thousand_times_costs_nothing),
        CASE(a_half_open_session_lives_five_seconds),
        CASE(a_session_ends_by_age_even_when_used),
        CASE(the_one_idle_longest_goes_when_all_places_are_taken),
        CASE(one_connection_more_than_the_cap_of_its_address_is_refused),
        CASE(sessions_end_with_their_connection),
        CASE(a_session_at_work_outlives_its_connection_until_its_turn_ends),
        CASE(silent_and_idle_connections_are_named_to_be_closed),
        CASE(a_condemned_connection_is_named_once_and_missed_when_it_stays),
        CASE(a_connection_whose_turn_is_under_way_is_not_reaped),
        CASE(handshakes_are_counted_by_address_and_together),
        CASE(replays_are_forgiven_slowly),
        CASE(the_sessions_of_a_revoked_device_end_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
