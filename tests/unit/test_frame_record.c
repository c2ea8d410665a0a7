/* frame.h: records; what a peer with a session may and may not send. */
#include "sp/frame.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <zstd.h>

static const uint8_t session[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

enum { DATA_MAX = 65469 }; /* (65,499 / 32) * 32 - 3 */

static struct sp_cipher cipher(void)
{
    struct sp_cipher c = { .counter = 0 };

    memset(c.key.b, 7, sizeof c.key.b);
    return c;
}

/* Bytes that zstd cannot shorten (xorshift; the seed is the size). */
static uint8_t *noise(size_t size)
{
    uint8_t *data = malloc(size > 0 ? size : 1);
    uint64_t x = 0x9e3779b97f4a7c15u + size;

    assert_non_null(data);
    for (size_t i = 0; i < size; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        data[i] = (uint8_t)x;
    }
    return data;
}

static sp_err open_frame(struct sp_slice in, struct sp_buf *message)
{
    struct sp_cipher receive = cipher();
    struct sp_frame f;
    sp_err err = sp_frame_parse(in, &f);

    return err != SP_OK ? err : sp_frame_open(&receive, &f, message);
}

static void messages_of_every_size_come_back(void **state)
{
    static const size_t sizes[] = { 1, 2, 28, 29, 30, 60, 61, 62, 63, 64, 65,
        1000, 65469, 65535, 65536, SP_MESSAGE_BYTES_MAX - 1,
        SP_MESSAGE_BYTES_MAX };
    struct sp_cipher send = cipher();
    struct sp_buf out, message;
    uint8_t *text = malloc(SP_MESSAGE_BYTES_MAX);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < SP_MESSAGE_BYTES_MAX; i++) {
        text[i] = (uint8_t)((uint8_t) "Satchel"[i % 7] + i / 4096);
    }
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct sp_slice in = { text, sizes[i] };

        assert_int_equal(sp_frame_seal(&send, session, in, &out), SP_OK);
        assert_true(send.counter == i + 1);
        assert_int_equal((out.size - 36) % SP_PAD_BYTES, 0);
        assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_OK);
        assert_true(sp_slice_equal(sp_buf_slice(&message), in));
    }
    free(text);
    sp_buf_free(&out);
    sp_buf_free(&message);
}

/* The samples of PROTOCOL.md, "Frame" and "Handshake"; made again with other
 * libraries. */
static void samples_of_the_document_hold(void **state)
{
    struct sp_cipher send = cipher();
    uint8_t server[32], mac[16];
    struct sp_buf out;
    char text[2 * 68 + 1];

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    send.counter = 3;
    assert_int_equal(
        sp_frame_seal(&send, session, sp_slice_text("hello"), &out), SP_OK);
    assert_int_equal(out.size, 68);
    sp_hex(text, out.data, out.size);
    assert_string_equal(text,
        "5331040001020304050607080300000000000000"
        "8d3b205ec7220005c10f71ff8e70950d720465390ea5705eed9697aac7abe036"
        "44a8a0571596fef398809acd21314e8b");
    sp_frame_error(&out, session, 3, SP_E_REPLAY);
    sp_hex(text, out.data, out.size);
    assert_string_equal(text, "53310500010203040506070803000000000000000009");
    memset(server, 9, sizeof server);
    sp_mac1(mac, sp_slice_text("hello"), server);
    sp_hex(text, mac, sizeof mac);
    assert_string_equal(text, "fdf29975d10bad1b8f0b126605fdb696");
    sp_buf_free(&out);
}

static void size_tells_no_more_than_the_pads(void **state)
{
    static const struct {
        size_t message, frame;
    } cases[] = { { 1, 68 }, { 29, 68 }, { 30, 100 }, { 61, 100 },
        { 62, 132 } };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sp_cipher send = cipher();
        uint8_t *data = noise(cases[i].message);

        assert_int_equal(sp_frame_seal(&send, session,
                             (struct sp_slice){ data, cases[i].message }, &out),
            SP_OK);
        assert_int_equal(out.size, cases[i].frame);
        free(data);
    }
    sp_buf_free(&out);
}

static void message_that_gets_no_shorter_goes_as_it_is(void **state)
{
    struct sp_cipher send = cipher();
    uint8_t *data = noise(DATA_MAX);
    struct sp_buf out, message;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    for (size_t size = 1; size <= DATA_MAX; size = size * 7 + 3) {
        struct sp_slice in = { data, size };

        assert_int_equal(sp_frame_seal(&send, session, in, &out), SP_OK);
        assert_int_equal(out.size, 36 + (3 + size + 31) / 32 * 32);
        assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_OK);
        assert_true(sp_slice_equal(sp_buf_slice(&message), in));
    }
    free(data);
    sp_buf_free(&out);
    sp_buf_free(&message);
}

static void message_that_fits_no_frame_is_refused_and_changes_nothing(
    void **state)
{
    static const struct {
        const char *name;
        size_t size;
        bool compressible;
        sp_err err;
    } cases[] = {
        { "empty", 0, false, SP_E_ARGUMENT },
        { "noise, limit - 1", DATA_MAX - 1, false, SP_OK },
        { "noise, limit", DATA_MAX, false, SP_OK },
        { "noise, limit + 1", DATA_MAX + 1, false, SP_E_TOO_LARGE },
        { "noise, a message's limit", SP_MESSAGE_BYTES_MAX, false,
            SP_E_TOO_LARGE },
        { "zeros, limit + 1", DATA_MAX + 1, true, SP_OK },
        { "zeros, a message's limit - 1", SP_MESSAGE_BYTES_MAX - 1, true,
            SP_OK },
        { "zeros, a message's limit", SP_MESSAGE_BYTES_MAX, true, SP_OK },
        { "zeros, a message's limit + 1", SP_MESSAGE_BYTES_MAX + 1, true,
            SP_E_TOO_LARGE },
    };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sp_cipher send = cipher();
        uint8_t *data = noise(cases[i].size);
        sp_err err;

        if (cases[i].compressible) {
            memset(data, 0, cases[i].size);
        }
        err = sp_frame_seal(
            &send, session, (struct sp_slice){ data, cases[i].size }, &out);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, sp_err_name(err));
        }
        assert_true(send.counter == (err == SP_OK ? 1 : 0));
        assert_int_equal(out.size == 0, err != SP_OK);
        assert_true(out.size <= SP_FRAME_BYTES_MAX);
        free(data);
    }
    sp_buf_free(&out);
}

static void session_ends_with_its_last_record(void **state)
{
    struct sp_cipher send = cipher();
    struct sp_buf out, message;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    send.counter = SP_SESSION_RECORDS_MAX - 1;
    assert_int_equal(
        sp_frame_seal(&send, session, sp_slice_text("last"), &out), SP_OK);
    assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_OK);
    sp_set_u64le(out.data + 12, SP_SESSION_RECORDS_MAX);
    assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_E_SESSION);
    assert_int_equal(sp_frame_seal(&send, session, sp_slice_text("more"), &out),
        SP_E_SESSION);
    assert_true(send.counter == SP_SESSION_RECORDS_MAX);
    sp_buf_free(&out);
    sp_buf_free(&message);
}

static void record_with_any_byte_flipped_is_refused(void **state)
{
    struct sp_cipher send = cipher();
    struct sp_buf out, message;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    assert_int_equal(sp_frame_seal(&send, session,
                         sp_slice_text("visited the harbour branch"), &out),
        SP_OK);
    for (size_t i = 0; i < out.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            out.data[i] ^= (uint8_t)(1u << bit);
            assert_int_not_equal(
                open_frame(sp_buf_slice(&out), &message), SP_OK);
            assert_int_equal(message.size, 0);
            out.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (size_t n = 0; n < out.size; n++) {
        assert_int_not_equal(
            open_frame((struct sp_slice){ out.data, n }, &message), SP_OK);
    }
    assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_OK);
    sp_buf_free(&out);
    sp_buf_free(&message);
}

/* A record with this plaintext, rightly sealed: what a hostile peer with a
 * session can send. */
static sp_err open_plain(struct sp_slice plain)
{
    struct sp_cipher send = cipher();
    struct sp_buf out, message;
    uint8_t *at;
    sp_err err;

    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    sp_frame_header(&out, SP_FRAME_RECORD, session, 0);
    at = sp_buf_grow(&out, plain.size + 16);
    assert_non_null(at);
    sp_cipher_seal(&send, 0, (struct sp_slice){ out.data, 20 }, plain, at);
    err = open_frame(sp_buf_slice(&out), &message);
    assert_int_equal(message.size == 0, err != SP_OK);
    sp_buf_free(&out);
    /* Nothing was reserved for what was only claimed. */
    assert_true(message.capacity <= SP_MESSAGE_BYTES_MAX);
    if (err == SP_E_TOO_LARGE) {
        assert_int_equal(message.capacity, 0);
    }
    sp_buf_free(&message);
    return err;
}

static void padding_has_one_form(void **state)
{
    static const struct {
        const char *name;
        uint16_t length;
        size_t size;  /* of the plaintext */
        size_t dirty; /* index of a byte set to 1; 0 none */
        uint8_t kind;
        sp_err err;
    } cases[] = {
        { "full pad", 30, 32, 0, 0, SP_OK },
        { "least", 2, 32, 0, 0, SP_OK },
        { "length 0", 0, 32, 0, 0, SP_E_MALFORMED },
        { "kind and nothing", 1, 32, 0, 0, SP_E_MALFORMED },
        { "length over the plaintext", 31, 32, 0, 0, SP_E_MALFORMED },
        { "length far over it", 65535, 32, 0, 0, SP_E_MALFORMED },
        { "a pad too many", 30, 64, 0, 0, SP_E_MALFORMED },
        { "first byte of the pad set", 2, 32, 4, 0, SP_E_MALFORMED },
        { "last byte of the pad set", 2, 32, 31, 0, SP_E_MALFORMED },
        { "unknown kind", 30, 32, 0, 2, SP_E_MALFORMED },
        { "kind 255", 30, 32, 0, 255, SP_E_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t plain[64] = { 0 };
        sp_err err;

        sp_set_u16be(plain, cases[i].length);
        plain[2] = cases[i].kind;
        if (cases[i].dirty != 0) {
            plain[cases[i].dirty] = 1;
        }
        err = open_plain((struct sp_slice){ plain, cases[i].size });
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, sp_err_name(err));
        }
    }
}

/* Opens a record whose packed message is kind 1 with these bytes. */
static sp_err open_zstd(const void *data, size_t size)
{
    size_t padded = (3 + size + 31) / 32 * 32;
    uint8_t *plain = calloc(1, padded);
    sp_err err;

    assert_non_null(plain);
    sp_set_u16be(plain, (uint16_t)(1 + size));
    plain[2] = 1;
    memcpy(plain + 3, data, size);
    err = open_plain((struct sp_slice){ plain, padded });
    free(plain);
    return err;
}

static size_t squeeze(uint8_t *out, size_t room, size_t content, bool sized)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    uint8_t *zeros = calloc(1, content + 1);
    size_t n;

    assert_non_null(c);
    assert_non_null(zeros);
    n = ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, sized);
    assert_false(ZSTD_isError(n));
    n = ZSTD_compress2(c, out, room, zeros, content);
    assert_false(ZSTD_isError(n));
    (void)ZSTD_freeCCtx(c);
    free(zeros);
    return n;
}

static void zip_bomb_reserves_no_memory(void **state)
{
    static uint8_t z[60000];
    size_t n;

    (void)state;
    /* 1 GiB claimed in a header, nothing behind it. */
    assert_int_equal(
        open_zstd("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40\x01\x00\x00", 12),
        SP_E_TOO_LARGE);
    /* 2^63, and the two numbers that zstd uses for "unknown" and "error". */
    assert_int_equal(open_zstd("\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x80"
                               "\x01\0\0",
                         16),
        SP_E_TOO_LARGE);
    assert_int_equal(open_zstd("\x28\xb5\x2f\xfd\xe0\xfe\xff\xff\xff\xff\xff"
                               "\xff\xff\x01\0\0",
                         16),
        SP_E_MALFORMED);
    assert_int_equal(open_zstd("\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff"
                               "\xff\xff\x01\0\0",
                         16),
        SP_E_MALFORMED);
    /* Honest ones at the limit and around it. */
    n = squeeze(z, sizeof z, SP_MESSAGE_BYTES_MAX - 1, true);
    assert_int_equal(open_zstd(z, n), SP_OK);
    n = squeeze(z, sizeof z, SP_MESSAGE_BYTES_MAX, true);
    assert_int_equal(open_zstd(z, n), SP_OK);
    n = squeeze(z, sizeof z, SP_MESSAGE_BYTES_MAX + 1, true);
    assert_int_equal(open_zstd(z, n), SP_E_TOO_LARGE);
    /* 64 MiB of zeros in a few KiB. */
    n = squeeze(z, sizeof z, (size_t)64 << 20, true);
    assert_int_equal(open_zstd(z, n), SP_E_TOO_LARGE);
    /* The same without saying so. */
    n = squeeze(z, sizeof z, (size_t)64 << 20, false);
    assert_int_equal(open_zstd(z, n), SP_E_MALFORMED);
}

static void zstd_has_one_form(void **state)
{
    static uint8_t z[4096];
    uint8_t text[40];
    size_t n, raw;

    (void)state;
    n = squeeze(z, sizeof z, 1000, true);
    assert_int_equal(open_zstd(z, n), SP_OK);
    assert_int_equal(open_zstd(z, n - 1), SP_E_MALFORMED); /* cut */
    assert_int_equal(open_zstd(z, n + 1), SP_E_MALFORMED); /* trailing */
    memcpy(z + n, z, n);
    assert_int_equal(open_zstd(z, 2 * n), SP_E_MALFORMED); /* two frames */
    for (size_t i = 0; i < n; i++) { /* never more than was claimed */
        sp_err err;

        z[i] ^= 0x11;
        err = open_zstd(z, n);
        assert_true(
            err == SP_OK || err == SP_E_MALFORMED || err == SP_E_TOO_LARGE);
        z[i] ^= 0x11;
    }
    /* A skippable frame, a frame of an older zstd, junk, nothing much. */
    assert_int_equal(
        open_zstd("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12), SP_E_MALFORMED);
    assert_int_equal(
        open_zstd("\x27\xb5\x2f\xfd\x20\x64\0\0\0\0\0\0", 12), SP_E_MALFORMED);
    assert_int_equal(open_zstd("compressed? no", 14), SP_E_MALFORMED);
    assert_int_equal(open_zstd("\x28\xb5\x2f", 3), SP_E_MALFORMED);
    /* No shorter than its content: should have gone as it is. */
    memset(text, 'x', sizeof text);
    raw = ZSTD_compress(z, sizeof z, "abc", 3, 1);
    assert_false(ZSTD_isError(raw));
    assert_int_equal(open_zstd(z, raw), SP_E_MALFORMED);
    raw = ZSTD_compress(z, sizeof z, text, 0, 1);
    assert_int_equal(open_zstd(z, raw), SP_E_MALFORMED);
}

static void message_buffer_keeps_its_ceiling(void **state)
{
    struct sp_cipher send = cipher(), receive = cipher();
    static const uint8_t zeros[1000];
    struct sp_buf out, small;
    struct sp_frame f;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&small, sizeof zeros - 1);
    assert_int_equal(
        sp_frame_seal(&send, session, SP_SLICE(zeros), &out), SP_OK);
    assert_int_equal(sp_frame_parse(sp_buf_slice(&out), &f), SP_OK);
    assert_int_equal(sp_frame_open(&receive, &f, &small), SP_E_TOO_LARGE);
    assert_int_equal(small.size, 0);
    f.type = SP_FRAME_ERROR;
    assert_int_equal(sp_frame_open(&receive, &f, &small), SP_E_STATE);
    sp_buf_free(&small);
    sp_buf_init(&small, 40); /* no place for a frame */
    assert_int_equal(
        sp_frame_seal(&send, session, SP_SLICE(zeros), &small), SP_E_TOO_LARGE);
    assert_true(send.counter == 1);
    sp_buf_free(&out);
    sp_buf_free(&small);
}

static void trimmed_pool_works_on(void **state)
{
    struct sp_cipher send = cipher();
    static const uint8_t zeros[1000];
    struct sp_buf out, message;

    (void)state;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < 3; i++) {
        sp_frame_trim();
        assert_int_equal(
            sp_frame_seal(&send, session, SP_SLICE(zeros), &out), SP_OK);
        sp_frame_trim();
        assert_int_equal(open_frame(sp_buf_slice(&out), &message), SP_OK);
    }
    sp_buf_free(&out);
    sp_buf_free(&message);
}

struct worker {
    pthread_t thread;
    uint8_t fill;
    bool good;
};

static void *seal_and_open(void *arg)
{
    struct worker *w = arg;
    struct sp_cipher send = cipher();
    struct sp_buf out, message;
    uint8_t text[5000];

    memset(text, w->fill, sizeof text);
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    w->good = true;
    for (size_t i = 0; i < 200 && w->good; i++) {
        w->good =
            sp_frame_seal(&send, session, SP_SLICE(text), &out) == SP_OK &&
            open_frame(sp_buf_slice(&out), &message) == SP_OK &&
            sp_slice_equal(sp_buf_slice(&message), SP_SLICE(text));
    }
    sp_buf_free(&out);
    sp_buf_free(&message);
    return NULL;
}

static void more_threads_than_the_pool_work_at_once(void **state)
{
    struct worker workers[SP_FRAME_POOL + 3];
    const size_t count = sizeof workers / sizeof workers[0];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        workers[i].fill = (uint8_t)('a' + i);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, seal_and_open,
                             &workers[i]),
            0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_true(workers[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_every_size_come_back),
        cmocka_unit_test(samples_of_the_document_hold),
        cmocka_unit_test(size_tells_no_more_than_the_pads),
        cmocka_unit_test(message_that_gets_no_shorter_goes_as_it_is),
        cmocka_unit_test(
            message_that_fits_no_frame_is_refused_and_changes_nothing),
        cmocka_unit_test(session_ends_with_its_last_record),
        cmocka_unit_test(record_with_any_byte_flipped_is_refused),
        cmocka_unit_test(padding_has_one_form),
        cmocka_unit_test(zip_bomb_reserves_no_memory),
        cmocka_unit_test(zstd_has_one_form),
        cmocka_unit_test(message_buffer_keeps_its_ceiling),
        cmocka_unit_test(trimmed_pool_works_on),
        cmocka_unit_test(more_threads_than_the_pool_work_at_once),
    };
    int failed;

    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    sp_frame_trim();
    return failed;
}
