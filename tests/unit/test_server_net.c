/*
 * test_server_net.c - what a branch's network side does with bytes that no
 * honest peer sends, over real loopback TCP; the reaper's clock is the test's.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server_peer.h"

#define ASKS      0x30u /* REQ */
#define PUBLISHES 0x20u
#define ANNA      111u /* her device */
#define BEN       112u

static const struct sv_session_limits limits = { .sessions_max = 64,
    .half_open_max = 16,
    .half_open_ms = 5000,
    .session_ms = 1200000,
    .idle_ms = 300000,
    .unauthenticated_ms = 10000,
    .pipes_per_address = 16,
    .handshakes_per_s = 50,
    .handshakes_all_per_s = 500 };
static struct net_server *server;

static int set_up(void **state)
{
    (void)state;
    server = net_server_start(&limits);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    net_server_stop(server);
    return 0;
}

static void a_frame_that_is_no_frame_closes_the_connection(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[40];
        size_t size;
    } cases[] = {
        { "empty", { 0 }, 0 },
        { "only magic", "S1", 2 },
        { "nineteen bytes", "S1\x01", 19 },
        { "wrong magic", "S2\x01", 40 },
        { "unknown type", "S1\x09", 40 },
        { "a flag", "S1\x01\x80", 40 },
        { "an answer", "S1\x02", 40 },
        { "an error", "S1\x05", 22 },
        { "a hello cut short", "S1\x01", 40 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = net_peer_open(server, ASKS);
        net_peer_ask(fd, 1, sp_slice_of(cases[i].bytes, cases[i].size));
        if (!net_peer_closed(fd)) {
            fail_msg("%s", cases[i].name);
        }
        close(fd);
    }
    assert_int_equal(
        server->metrics.frames_bad, sizeof cases / sizeof cases[0]);
}

static void a_length_over_the_limit_closes_and_reserves_nothing(void **state)
{
    (void)state;
    static const uint64_t lengths[] = { 1ull << 62, UINT64_MAX,
        SP_FRAME_BYTES_MAX + 4u * 3u + 1u };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t head[8];
        int fd = net_peer_open(server, ASKS);
        sp_set_u64be(head, lengths[i]);
        net_peer_write(fd, head, sizeof head);
        assert_true(net_peer_closed(fd));
        close(fd);
    }
}

/* The error frame that answers what is sent. */
static sp_err error_for(int fd, uint32_t number, const struct sp_buf *frame)
{
    struct sp_buf out;
    struct sp_frame parsed;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    net_peer_ask(fd, number, sp_buf_slice(frame));
    assert_true(net_peer_answer(fd, &out));
    assert_int_equal(sp_frame_parse(sp_buf_slice(&out), &parsed), SP_OK);
    assert_int_equal(parsed.type, SP_FRAME_ERROR);
    sp_err err = sp_frame_error_read(&parsed);
    sp_buf_free(&out);
    return err;
}

/* A record of a session that nobody has. */
static void unknown_session(struct sp_buf *frame)
{
    uint8_t id[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    sp_buf_init(frame, SP_FRAME_BYTES_MAX);
    sp_frame_header(frame, SP_FRAME_RECORD, id, 0);
    assert_non_null(sp_buf_grow(frame, SP_PAD_BYTES + 16u));
}

/* Until the server's reaper has seen the connection; bounded. */
static void wait_for_pipes(uint64_t count)
{
    struct sv_session_counts counts;
    for (unsigned i = 0; i < 2000; i++) {
        sv_session_count(sv_listen_sessions(server->listen), &counts);
        if (counts.pipes == count) {
            return;
        }
        (void)poll(NULL, 0, 5);
    }
    fail_msg("the server never had %u connections", (unsigned)count);
}

static void a_body_half_sent_is_closed_by_the_reaper(void **state)
{
    (void)state;
    uint8_t half[8 + 10] = { 0 };
    struct sp_buf frame;
    int fd = net_peer_open(server, ASKS);
    unknown_session(&frame);
    assert_int_equal(error_for(fd, 1, &frame), SP_E_SESSION);
    sp_buf_free(&frame);
    sp_set_u64be(half, 100);
    net_peer_write(fd, half, sizeof half);
    server->now_ms += limits.unauthenticated_ms + 1;
    sv_listen_reap(server->listen);
    assert_true(net_peer_closed(fd));
    assert_int_equal(server->metrics.pipes_silent, 1);
    close(fd);
}

static void a_peer_of_another_protocol_is_closed(void **state)
{
    (void)state;
    int fd = net_peer_open(server, PUBLISHES);
    assert_true(net_peer_closed(fd));
    close(fd);
    fd = net_peer_raw(server);
    net_peer_write(fd, "GET / HTTP/1.1\r\n\r\n", 18);
    uint8_t hello[8];
    (void)recv(fd, hello, sizeof hello, MSG_WAITALL);
    assert_true(net_peer_closed(fd));
    close(fd);
}

static void a_request_without_number_or_of_too_many_hops_is_dropped(
    void **state)
{
    (void)state;
    uint8_t hops[8 + 24] = { 0 };
    int fd = net_peer_open(server, ASKS);
    sp_set_u64be(hops, 24);
    net_peer_write(fd, hops, sizeof hops); /* no word has the top bit */
    uint8_t none[8 + 2] = { 0 };
    sp_set_u64be(none, 2);
    net_peer_write(fd, none, sizeof none);
    net_peer_ask(fd, 1, sp_slice_text("x"));
    assert_true(net_peer_closed(fd)); /* by what stands last, at the latest */
    assert_true(server->metrics.frames_in <= 1);
    close(fd);
}

static void a_first_message_with_a_wrong_mac_closes_without_a_word(void **state)
{
    (void)state;
    struct net_device anna;
    struct sp_buf frame;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    net_device_init(&anna, server, ANNA);
    assert_int_equal(net_device_turn(&anna, &frame), SP_OK);
    frame.data[SP_FRAME_HEADER_BYTES] ^= 1;
    int fd = net_peer_open(server, ASKS);
    net_peer_ask(fd, 1, sp_buf_slice(&frame));
    assert_true(net_peer_closed(fd));
    assert_int_equal(server->metrics.read_serves, 0);
    close(fd);
    sp_buf_free(&frame);
    net_device_free(&anna);
}

static void a_device_syncs_and_then_has_nothing_to_do(void **state)
{
    (void)state;
    struct net_device anna;
    net_device_init(&anna, server, ANNA);
    int fd = net_peer_open(server, ASKS);
    assert_int_equal(net_device_talk(&anna, fd, 50), SP_OK);
    assert_true(sp_link_done(anna.link));
    assert_int_equal(sp_link_report(anna.link)->error, SP_OK);
    close(fd);
    net_device_free(&anna);
}

/* Opens a session on fd and leaves its next record in frame, not sent. */
static void half_way(struct net_device *d, int fd, struct sp_buf *frame)
{
    enum sp_need need;
    struct sp_buf answer;
    sp_buf_init(&answer, SP_FRAME_BYTES_MAX);
    assert_int_equal(net_device_turn(d, frame), SP_OK);
    net_peer_ask(fd, 1, sp_buf_slice(frame));
    assert_true(net_peer_answer(fd, &answer));
    assert_int_equal(
        sp_link_receive(d->link, sp_buf_slice(&answer), &need), SP_OK);
    assert_int_equal(net_device_turn(d, frame), SP_OK);
    assert_true(frame->size > 0);
    sp_buf_free(&answer);
}

static void a_session_id_of_another_connection_is_refused_and_alarmed(
    void **state)
{
    (void)state;
    struct net_device anna;
    struct sp_buf frame;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    net_device_init(&anna, server, ANNA);
    int own = net_peer_open(server, ASKS);
    int other = net_peer_open(server, ASKS);
    half_way(&anna, own, &frame);
    assert_int_equal(error_for(other, 1, &frame), SP_E_SESSION);
    assert_int_equal(server->metrics.sessions_foreign, 1);
    /* and the session itself is unharmed */
    struct sp_buf answer;
    sp_buf_init(&answer, SP_FRAME_BYTES_MAX);
    net_peer_ask(own, 2, sp_buf_slice(&frame));
    assert_true(net_peer_answer(own, &answer));
    enum sp_need need;
    assert_int_equal(
        sp_link_receive(anna.link, sp_buf_slice(&answer), &need), SP_OK);
    close(own);
    close(other);
    sp_buf_free(&answer);
    sp_buf_free(&frame);
    net_device_free(&anna);
}

static void a_flipped_record_closes_the_connection(void **state)
{
    (void)state;
    struct net_device anna;
    struct sp_buf frame;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    net_device_init(&anna, server, ANNA);
    int fd = net_peer_open(server, ASKS);
    half_way(&anna, fd, &frame);
    frame.data[frame.size - 1] ^= 1;
    net_peer_ask(fd, 2, sp_buf_slice(&frame));
    assert_true(net_peer_closed(fd));
    close(fd);
    sp_buf_free(&frame);
    net_device_free(&anna);
}

static void a_replayed_record_is_told_and_eight_of_them_close(void **state)
{
    (void)state;
    struct net_device anna;
    struct sp_buf frame, answer;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    sp_buf_init(&answer, SP_FRAME_BYTES_MAX);
    net_device_init(&anna, server, ANNA);
    int fd = net_peer_open(server, ASKS);
    half_way(&anna, fd, &frame);
    net_peer_ask(fd, 2, sp_buf_slice(&frame));
    assert_true(net_peer_answer(fd, &answer));
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(error_for(fd, 3 + i, &frame), SP_E_REPLAY);
    }
    net_peer_ask(fd, 10, sp_buf_slice(&frame));
    while (net_peer_answer(fd, &answer)) {
        /* the answer may still pass before the end */
    }
    close(fd);
    sp_buf_free(&frame);
    sp_buf_free(&answer);
    net_device_free(&anna);
}

static void a_session_that_nobody_knows_is_refused(void **state)
{
    (void)state;
    struct sp_buf frame;
    unknown_session(&frame);
    int fd = net_peer_open(server, ASKS);
    assert_int_equal(error_for(fd, 1, &frame), SP_E_SESSION);
    close(fd);
    sp_buf_free(&frame);
}

static void one_connection_over_the_cap_is_closed_at_once(void **state)
{
    (void)state;
    int fd[16];
    for (size_t i = 0; i < 16; i++) {
        fd[i] = net_peer_open(server, ASKS);
    }
    wait_for_pipes(16);
    int more = net_peer_raw(server);
    uint8_t hello[8] = { 0, 'S', 'P', 0, 0, ASKS, 0, 0 };
    net_peer_write(more, hello, sizeof hello);
    uint8_t answer[8];
    (void)recv(more, answer, sizeof answer, MSG_WAITALL);
    assert_true(net_peer_closed(more));
    assert_int_equal(server->metrics.pipes_refused, 1);
    close(more);
    for (size_t i = 0; i < 16; i++) {
        close(fd[i]);
    }
    wait_for_pipes(0);
    more = net_peer_open(server, ASKS);
    close(more);
}

static void an_idle_connection_is_closed_after_its_time_and_not_before(
    void **state)
{
    (void)state;
    struct net_device anna;
    struct sv_session_counts counts;
    net_device_init(&anna, server, ANNA);
    int fd = net_peer_open(server, ASKS);
    assert_int_equal(net_device_talk(&anna, fd, 50), SP_OK);
    server->now_ms += limits.idle_ms - 1;
    sv_listen_reap(server->listen);
    sv_session_count(sv_listen_sessions(server->listen), &counts);
    assert_int_equal(counts.pipes, 1);
    assert_int_equal(counts.open, 1);
    server->now_ms += 2;
    sv_listen_reap(server->listen);
    assert_true(net_peer_closed(fd));
    assert_int_equal(server->metrics.pipes_idle, 1);
    close(fd);
    net_device_free(&anna);
}

static void too_many_handshakes_from_one_address_are_told_to_wait(void **state)
{
    (void)state;
    struct net_device ben;
    struct sp_buf frame, answer;
    unsigned refused = 0;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    sp_buf_init(&answer, SP_FRAME_BYTES_MAX);
    net_device_init(&ben, server, BEN);
    assert_int_equal(net_device_turn(&ben, &frame), SP_OK);
    int fd = net_peer_open(server, ASKS);
    for (uint32_t i = 0; i < 120; i++) { /* one message, replayed */
        struct sp_frame parsed;
        net_peer_ask(fd, i + 1, sp_buf_slice(&frame));
        assert_true(net_peer_answer(fd, &answer));
        assert_int_equal(sp_frame_parse(sp_buf_slice(&answer), &parsed), SP_OK);
        if (parsed.type == SP_FRAME_ERROR) {
            assert_int_equal(sp_frame_error_read(&parsed), SP_E_RATE);
            refused++;
        }
    }
    assert_int_equal(refused, 20); /* twice fifty are the burst */
    struct sv_session_counts counts;
    sv_session_count(sv_listen_sessions(server->listen), &counts);
    assert_true(counts.half_open <= limits.half_open_max);
    close(fd);
    sp_buf_free(&frame);
    sp_buf_free(&answer);
    net_device_free(&ben);
}

static void a_port_in_use_is_one_clear_error(void **state)
{
    (void)state;
    char endpoint[64], note[SV_LISTEN_NOTE_BYTES];
    struct sv_listen *second = NULL;
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", server->port);
    struct sv_listen_setup setup = { .endpoint = endpoint,
        .contexts = 2,
        .node = &server->home.node,
        .shelf = server->shelf,
        .writer = server->writer,
        .metrics = &server->metrics,
        .limits = limits };
    assert_int_equal(sv_listen_start(&second, &setup, note), SP_E_IN_USE);
    assert_non_null(strstr(note, endpoint));
    assert_non_null(strstr(note, "--listen"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int finish(void **state)
{
    (void)state;
    sv_listen_fini();
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return sp_crypto_init() == SP_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_frame_that_is_no_frame_closes_the_connection),
        CASE(a_length_over_the_limit_closes_and_reserves_nothing),
        CASE(a_body_half_sent_is_closed_by_the_reaper),
        CASE(a_peer_of_another_protocol_is_closed),
        CASE(a_request_without_number_or_of_too_many_hops_is_dropped),
        CASE(a_first_message_with_a_wrong_mac_closes_without_a_word),
        CASE(a_device_syncs_and_then_has_nothing_to_do),
        CASE(a_session_id_of_another_connection_is_refused_and_alarmed),
        CASE(a_flipped_record_closes_the_connection),
        CASE(a_replayed_record_is_told_and_eight_of_them_close),
        CASE(a_session_that_nobody_knows_is_refused),
        CASE(one_connection_over_the_cap_is_closed_at_once),
        CASE(an_idle_connection_is_closed_after_its_time_and_not_before),
        CASE(too_many_handshakes_from_one_address_are_told_to_wait),
        CASE(a_port_in_use_is_one_clear_error),
    };
    return cmocka_run_group_tests(tests, begin, finish);
}
