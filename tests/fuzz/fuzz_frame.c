/*
 * Frames. The first byte of the input chooses: a frame as it came, a message
 * to send and get back, or the plaintext of a record, sealed here, because
 * nobody finds a valid tag by trying.
 */
#include <string.h>

#include "sp/describe.h"
#include "sp/frame.h"
#include "target.h"

static const uint8_t session[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static struct sp_cipher cipher_of(uint64_t counter)
{
    struct sp_cipher c = { .counter = counter };

    memset(c.key.b, 7, sizeof c.key.b);
    return c;
}

static void as_it_came(struct sp_slice in)
{
    struct sp_cipher c = cipher_of(0);
    struct sp_frame f;
    struct sp_buf out;
    sp_err err = sp_frame_parse(in, &f);

    if (err != SP_OK) {
        FUZZ_ASSERT_PEER(err);
        return;
    }
    SP_ASSERT(f.header.size + f.body.size == in.size);
    sp_buf_init(&out, SP_FRAME_HEADER_BYTES);
    sp_frame_header(&out, f.type, f.session, f.counter);
    SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), f.header));
    sp_buf_free(&out);
    sp_buf_init(&out, SP_MESSAGE_BYTES_MAX);
    if (f.type == SP_FRAME_RECORD) {
        (void)!sp_frame_open(&c, &f, &out); /* a tag in the corpus may fit */
    } else {
        struct sp_id enrolment;
        struct sp_slice noise;

        (void)!sp_frame_hello_check(&f, c.key.b, &enrolment, &noise);
    }
    sp_buf_reset(&out);
    sp_describe_frame(&f, &out);
    SP_ASSERT(out.err == SP_OK);
    sp_buf_free(&out);
}

static void there_and_back(struct sp_slice message)
{
    struct sp_cipher send = cipher_of(5), receive = cipher_of(5);
    struct sp_buf frame, out;
    struct sp_frame f;
    sp_err err;

    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    sp_buf_init(&out, SP_MESSAGE_BYTES_MAX);
    err = sp_frame_seal(&send, session, message, &frame);
    if (err == SP_OK) {
        SP_ASSERT(sp_frame_parse(sp_buf_slice(&frame), &f) == SP_OK);
        SP_ASSERT(sp_frame_open(&receive, &f, &out) == SP_OK);
        SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), message));
    } else {
        SP_ASSERT(err == (message.size == 0 ? SP_E_ARGUMENT : SP_E_TOO_LARGE));
    }
    sp_buf_free(&frame);
    sp_buf_free(&out);
}

static void plaintext(struct sp_slice plain)
{
    struct sp_cipher c = cipher_of(5);
    struct sp_buf frame, out;
    struct sp_frame f;
    uint8_t *body;
    sp_err err;

    if (plain.size > SP_PLAIN_BYTES_MAX) {
        return;
    }
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    sp_buf_init(&out, SP_MESSAGE_BYTES_MAX);
    sp_frame_header(&frame, SP_FRAME_RECORD, session, 5);
    body = sp_buf_grow(&frame, plain.size + 16);
    SP_ASSERT(body != NULL);
    sp_cipher_seal(
        &c, 5, sp_slice_of(frame.data, SP_FRAME_HEADER_BYTES), plain, body);
    err = sp_frame_parse(sp_buf_slice(&frame), &f);
    if (err == SP_OK) {
        err = sp_frame_open(&c, &f, &out);
    }
    if (err != SP_OK) {
        FUZZ_ASSERT_PEER(err);
        SP_ASSERT(err != SP_E_FORGED);
    }
    sp_buf_free(&frame);
    sp_buf_free(&out);
}

void fuzz_frame(struct sp_slice in)
{
    struct sp_slice rest;

    if (in.size == 0) {
        return;
    }
    rest = sp_slice_of(in.data + 1, in.size - 1);
    switch (in.data[0] % 3) {
    case 0:
        as_it_came(rest);
        break;
    case 1:
        there_and_back(rest);
        break;
    default:
        plaintext(rest);
        break;
    }
}
