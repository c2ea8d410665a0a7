/* frame.h: headers, hellos, errors, replay. Records: test_frame_record.c. */
#include "sp/frame.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static const uint8_t session[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct sp_slice none = { NULL, 0 };

/* ---- headers ----------------------------------------------------------- */

/* Parses type with a body of so many zeros. */
static sp_err parse_body(uint8_t type, size_t body)
{
    uint8_t *in = calloc(1, SP_FRAME_HEADER_BYTES + body);
    struct sp_frame f;
    sp_err err;

    assert_non_null(in);
    memcpy(in, "S1", 2);
    in[2] = type;
    err = sp_frame_parse(
        (struct sp_slice){ in, SP_FRAME_HEADER_BYTES + body }, &f);
    free(in);
    return err;
}

static void header_comes_back_as_written(void **state)
{
    struct sp_buf out;
    struct sp_frame f;

    (void)state;
    sp_buf_init(&out, 100);
    sp_frame_header(&out, SP_FRAME_RECORD, session, 0x0102030405060708u);
    assert_int_equal(out.size, 20);
    assert_memory_equal(out.data,
        "S1\x04\0\x01\x02\x03\x04\x05\x06\x07\x08"
        "\x08\x07\x06\x05\x04\x03\x02\x01",
        20);
    (void)sp_buf_grow(&out, 48);
    assert_int_equal(sp_frame_parse(sp_buf_slice(&out), &f), SP_OK);
    assert_int_equal(f.type, SP_FRAME_RECORD);
    assert_memory_equal(f.session, session, 8);
    assert_true(f.counter == 0x0102030405060708u);
    assert_ptr_equal(f.header.data, out.data);
    assert_int_equal(f.header.size, 20);
    assert_ptr_equal(f.body.data, out.data + 20);
    assert_int_equal(f.body.size, 48);
    sp_buf_free(&out);
}

static void frame_shorter_than_its_header_is_refused(void **state)
{
    uint8_t in[20] = "S1\x04";
    struct sp_frame f;

    (void)state;
    for (size_t n = 0; n <= sizeof in; n++) {
        assert_int_equal(
            sp_frame_parse((struct sp_slice){ in, n }, &f), SP_E_TRUNCATED);
    }
    assert_int_equal(sp_frame_parse(none, &f), SP_E_TRUNCATED);
}

static void unknown_magic_type_or_flag_is_refused(void **state)
{
    uint8_t in[68] = "S1\x04";
    struct sp_frame f;

    (void)state;
    assert_int_equal(sp_frame_parse(SP_SLICE(in), &f), SP_OK);
    for (size_t i = 0; i < 2; i++) { /* magic, every bit */
        for (unsigned bit = 0; bit < 8; bit++) {
            in[i] ^= (uint8_t)(1u << bit);
            assert_int_equal(sp_frame_parse(SP_SLICE(in), &f), SP_E_MALFORMED);
            in[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (unsigned flags = 1; flags < 256; flags++) {
        in[3] = (uint8_t)flags;
        assert_int_equal(sp_frame_parse(SP_SLICE(in), &f), SP_E_MALFORMED);
    }
    in[3] = 0;
    for (unsigned type = 0; type < 256; type++) {
        if (type < SP_FRAME_HELLO || type > SP_FRAME_ERROR) {
            in[2] = (uint8_t)type;
            assert_int_equal(sp_frame_parse(SP_SLICE(in), &f), SP_E_MALFORMED);
        }
    }
}

static void body_keeps_to_the_bounds_of_its_type(void **state)
{
    static const struct {
        const char *name;
        uint8_t type;
        size_t body;
        sp_err err;
    } cases[] = {
        { "hello, a byte short", SP_FRAME_HELLO, 111, SP_E_TRUNCATED },
        { "hello, least", SP_FRAME_HELLO, 112, SP_OK },
        { "hello, most", SP_FRAME_HELLO, 368, SP_OK },
        { "hello, a byte more", SP_FRAME_HELLO, 369, SP_E_TOO_LARGE },
        { "enrol, a byte short", SP_FRAME_ENROL, 127, SP_E_TRUNCATED },
        { "enrol, least", SP_FRAME_ENROL, 128, SP_OK },
        { "enrol, most", SP_FRAME_ENROL, 384, SP_OK },
        { "enrol, a byte more", SP_FRAME_ENROL, 385, SP_E_TOO_LARGE },
        { "reply, a byte short", SP_FRAME_HELLO_REPLY, 47, SP_E_TRUNCATED },
        { "reply, least", SP_FRAME_HELLO_REPLY, 48, SP_OK },
        { "reply, most", SP_FRAME_HELLO_REPLY, 304, SP_OK },
        { "reply, a byte more", SP_FRAME_HELLO_REPLY, 305, SP_E_TOO_LARGE },
        { "record, a byte short", SP_FRAME_RECORD, 47, SP_E_TRUNCATED },
        { "record, least", SP_FRAME_RECORD, 48, SP_OK },
        { "record, half a pad", SP_FRAME_RECORD, 64, SP_E_MALFORMED },
        { "record, most pads", SP_FRAME_RECORD, 65488, SP_OK },
        { "record, frame limit - 1", SP_FRAME_RECORD, 65514, SP_E_MALFORMED },
        { "record, frame limit", SP_FRAME_RECORD, 65515, SP_E_MALFORMED },
        { "record, frame limit + 1", SP_FRAME_RECORD, 65516, SP_E_TOO_LARGE },
        { "error, a byte short", SP_FRAME_ERROR, 1, SP_E_TRUNCATED },
        { "error", SP_FRAME_ERROR, 2, SP_OK },
        { "error, a byte more", SP_FRAME_ERROR, 3, SP_E_TOO_LARGE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_err err = parse_body(cases[i].type, cases[i].body);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, sp_err_name(err));
        }
    }
}

static void error_frame_names_its_reason(void **state)
{
    struct sp_buf out;
    struct sp_frame f;

    (void)state;
    sp_buf_init(&out, 100);
    sp_frame_error(&out, session, 9, SP_E_REVOKED);
    assert_int_equal(sp_frame_parse(sp_buf_slice(&out), &f), SP_OK);
    assert_int_equal(f.type, SP_FRAME_ERROR);
    assert_true(f.counter == 9);
    assert_int_equal(sp_frame_error_read(&f), SP_E_REVOKED);
    sp_set_u16be(out.data + 20, 0); /* "ok" is no reason */
    assert_int_equal(sp_frame_error_read(&f), SP_E_INTERNAL);
    sp_set_u16be(out.data + 20, 0xffff); /* of a later version */
    assert_int_equal(sp_frame_error_read(&f), SP_E_INTERNAL);
    sp_buf_free(&out);
}

static void prologue_is_as_documented(void **state)
{
    struct sp_id org = { { 0xaa } }, enrolment = { { 0xbb } };
    uint8_t out[SP_PROLOGUE_BYTES_MAX];
    char text[2 * sizeof out + 1];

    (void)state;
    assert_int_equal(sp_frame_prologue(out, &org, NULL), 28);
    sp_hex(text, out, 28);
    assert_string_equal(text, "5341544348454c"
                              "01"
                              "0001"
                              "0001"
                              "aa000000000000000000000000000000");
    assert_int_equal(sp_frame_prologue(out, &org, &enrolment), 44);
    sp_hex(text, out, 44);
    assert_string_equal(text + 56, "bb000000000000000000000000000000");
}

/* ---- hellos ------------------------------------------------------------ */

struct hello {
    struct sp_handshake initiator, responder;
    uint8_t server[32];
    struct sp_buf out;
};

static void make_hello(struct hello *h, const struct sp_id *enrolment)
{
    struct sp_secret device, server, ephemeral;
    struct sp_handshake_setup setup = { .pattern = SP_NOISE_IKPSK2 };

    memset(&device, 1, sizeof device);
    memset(&server, 2, sizeof server);
    memset(&ephemeral, 3, sizeof ephemeral);
    sp_x25519_public(&server, h->server);
    setup.initiator = true;
    setup.own_static = &device;
    setup.ephemeral = &ephemeral;
    setup.remote_static = h->server;
    sp_handshake_init(&h->initiator, &setup);
    setup.initiator = false;
    setup.own_static = &server;
    sp_handshake_init(&h->responder, &setup);
    sp_handshake_psk(&h->initiator, &device);
    sp_handshake_psk(&h->responder, &device);
    sp_buf_init(&h->out, SP_FRAME_BYTES_MAX);
    assert_int_equal(sp_frame_hello(&h->initiator, enrolment,
                         sp_slice_text("digest"), &h->out),
        SP_OK);
}

static void free_hello(struct hello *h)
{
    sp_handshake_wipe(&h->initiator);
    sp_handshake_wipe(&h->responder);
    sp_buf_free(&h->out);
}

/* What a server does with a frame that may be a hello. */
static sp_err take_hello(
    struct hello *h, struct sp_id *enrolment, struct sp_buf *payload)
{
    struct sp_frame f;
    struct sp_slice noise_message = none;
    sp_err err = sp_frame_parse(sp_buf_slice(&h->out), &f);

    if (err == SP_OK) {
        err = sp_frame_hello_check(&f, h->server, enrolment, &noise_message);
    }
    if (err == SP_OK) {
        err = sp_handshake_read(&h->responder, noise_message, payload);
    }
    return err;
}

static void hello_and_enrol_reach_the_server(void **state)
{
    const struct sp_id code = { { 0xcc, 1 } };
    const struct sp_id *enrolments[] = { NULL, &code };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct hello h;
        struct sp_id got = { { 0 } };
        struct sp_buf payload;
        struct sp_frame f;

        sp_buf_init(&payload, 256);
        make_hello(&h, enrolments[i]);
        assert_int_equal(h.out.size, 20 + 16 + 16 * i + 96 + 6);
        assert_int_equal(take_hello(&h, &got, &payload), SP_OK);
        assert_true(
            sp_slice_equal(sp_buf_slice(&payload), sp_slice_text("digest")));
        if (i == 1) {
            assert_memory_equal(&got, &code, sizeof got);
        }
        assert_int_equal(
            sp_frame_hello_reply(&h.responder, session, none, &h.out), SP_OK);
        assert_int_equal(sp_frame_parse(sp_buf_slice(&h.out), &f), SP_OK);
        assert_int_equal(f.type, SP_FRAME_HELLO_REPLY);
        assert_memory_equal(f.session, session, 8);
        sp_buf_reset(&payload);
        assert_int_equal(
            sp_handshake_read(&h.initiator, f.body, &payload), SP_OK);
        free_hello(&h);
        sp_buf_free(&payload);
    }
}

static void hello_with_any_byte_flipped_costs_no_diffie_hellman(void **state)
{
    const struct sp_id code = { { 0xcc, 1 } };
    struct hello h;
    struct sp_slice noise_message;
    struct sp_id got;
    struct sp_frame f;

    (void)state;
    for (size_t with = 0; with < 2; with++) {
        make_hello(&h, with == 1 ? &code : NULL);
        for (size_t i = 0; i < h.out.size; i++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                sp_err err;

                h.out.data[i] ^= (uint8_t)(1u << bit);
                err = sp_frame_parse(sp_buf_slice(&h.out), &f);
                if (err == SP_OK) {
                    err = sp_frame_hello_check(
                        &f, h.server, &got, &noise_message);
                }
                /* Only a hello turned into an enrolment passes: it names an
                 * enrolment id that nobody gave out. */
                if (!(i == 2 && err == SP_OK &&
                        f.type != SP_FRAME_HELLO_REPLY)) {
                    assert_int_not_equal(err, SP_OK);
                }
                h.out.data[i] ^= (uint8_t)(1u << bit);
            }
        }
        free_hello(&h);
    }
}

static void hello_turned_into_enrolment_fails_in_noise(void **state)
{
    const struct sp_id code = { { 0xcc, 1 } };

    (void)state;
    for (size_t with = 0; with < 2; with++) {
        struct hello h;
        struct sp_id got;
        struct sp_buf payload;

        sp_buf_init(&payload, 256);
        make_hello(&h, with == 1 ? &code : NULL);
        h.out.data[2] = with == 1 ? SP_FRAME_HELLO : SP_FRAME_ENROL;
        assert_int_not_equal(take_hello(&h, &got, &payload), SP_OK);
        free_hello(&h);
        sp_buf_free(&payload);
    }
}

static void hello_for_another_server_is_refused(void **state)
{
    struct hello h;
    struct sp_slice noise_message;
    struct sp_id got;
    struct sp_frame f;

    (void)state;
    make_hello(&h, NULL);
    assert_int_equal(sp_frame_parse(sp_buf_slice(&h.out), &f), SP_OK);
    h.server[0] ^= 1;
    assert_int_equal(
        sp_frame_hello_check(&f, h.server, &got, &noise_message), SP_E_FORGED);
    f.type = SP_FRAME_RECORD;
    assert_int_equal(
        sp_frame_hello_check(&f, h.server, &got, &noise_message), SP_E_STATE);
    free_hello(&h);
}

/* ---- replay ------------------------------------------------------------ */

static void window_takes_each_counter_once(void **state)
{
    static const struct {
        const char *name;
        uint64_t counter;
        sp_err err;
    } steps[] = {
        { "first", 0, SP_OK },
        { "first again", 0, SP_E_REPLAY },
        { "a gap", 5, SP_OK },
        { "inside the gap", 3, SP_OK },
        { "inside it again", 3, SP_E_REPLAY },
        { "the rest", 4, SP_OK },
        { "the newest again", 5, SP_E_REPLAY },
        { "63 ahead", 68, SP_OK },
        { "oldest in the window", 5, SP_E_REPLAY },
        { "just behind it", 4, SP_E_REPLAY },
        { "never seen, oldest but one", 6, SP_OK },
        { "64 ahead: all forgotten", 132, SP_OK },
        { "oldest in the window, unseen", 69, SP_OK },
        { "behind the window, seen", 68, SP_E_REPLAY },
        { "behind the window, unseen", 67, SP_E_REPLAY },
        { "far ahead", UINT64_MAX - 1, SP_OK },
        { "far ahead again", UINT64_MAX - 1, SP_E_REPLAY },
        { "oldest of the last window", UINT64_MAX - 64, SP_OK },
        { "behind it", UINT64_MAX - 65, SP_E_REPLAY },
        { "the reserved one", UINT64_MAX, SP_E_REPLAY },
        { "the first, long after", 0, SP_E_REPLAY },
    };
    struct sp_window w = { 0, 0 };

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct sp_window before = w;
        sp_err err = sp_window_take(&w, steps[i].counter);

        if (err != steps[i].err) {
            fail_msg("%s: %s", steps[i].name, sp_err_name(err));
        }
        if (err != SP_OK) {
            assert_memory_equal(&w, &before, sizeof w);
        }
    }
}

static void window_agrees_with_a_list_of_all_counters(void **state)
{
    enum { COUNTERS = 4096 };
    static bool taken[COUNTERS];
    struct sp_window w = { 0, 0 };
    uint64_t x = 88172645463325252u, highest = 0, middle = 0;

    (void)state;
    print_message("# seed %llu\n", (unsigned long long)x);
    for (size_t i = 0; i < 20000 && middle + 200 < COUNTERS; i++) {
        uint64_t c;
        bool fresh;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        middle += x % 8 == 0;
        c = middle + (x >> 8) % 150;
        fresh = !taken[c] && c + SP_REPLAY_WINDOW > highest;
        assert_int_equal(sp_window_take(&w, c), fresh ? SP_OK : SP_E_REPLAY);
        taken[c] = taken[c] || fresh;
        highest = fresh && c > highest ? c : highest;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_comes_back_as_written),
        cmocka_unit_test(frame_shorter_than_its_header_is_refused),
        cmocka_unit_test(unknown_magic_type_or_flag_is_refused),
        cmocka_unit_test(body_keeps_to_the_bounds_of_its_type),
        cmocka_unit_test(error_frame_names_its_reason),
        cmocka_unit_test(prologue_is_as_documented),
        cmocka_unit_test(hello_and_enrol_reach_the_server),
        cmocka_unit_test(hello_with_any_byte_flipped_costs_no_diffie_hellman),
        cmocka_unit_test(hello_turned_into_enrolment_fails_in_noise),
        cmocka_unit_test(hello_for_another_server_is_refused),
        cmocka_unit_test(window_takes_each_counter_once),
        cmocka_unit_test(window_agrees_with_a_list_of_all_counters),
    };

    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
