/* Messages: what decodes encodes to the same bytes. The first byte of an input
 * says what it is: a message, or a payload of the handshake. */
#include "messages.h"
#include "sp/describe.h"
#include "target.h"

#define ARENA_MAX (16u << 20)
#define BYTES_MAX (64u << 20)

static void describe(struct sp_slice in, struct sp_arena *arena)
{
    struct sp_buf out;

    sp_buf_init(&out, BYTES_MAX);
    sp_describe_message(in, arena, SP_DESCRIBE_ALL, &out);
    SP_ASSERT(out.err == SP_OK && out.data[out.size - 1] == '\n');
    sp_buf_free(&out);
}

void fuzz_message(struct sp_slice in)
{
    struct sp_arena arena;
    struct sp_buf out;

    if (in.size == 0 || in.data[0] > TEST_MESSAGE_HELLO_REPLY) {
        return;
    }
    enum test_message_form form = (enum test_message_form)in.data[0];
    struct sp_slice bytes = sp_slice_of(in.data + 1, in.size - 1);
    sp_arena_init(&arena, ARENA_MAX);
    sp_buf_init(&out, BYTES_MAX);
    sp_err err = test_message_recode(form, bytes, &arena, &out);
    if (err == SP_OK) {
        SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), bytes));
    } else {
        FUZZ_ASSERT_PEER(err);
    }
    if (form == TEST_MESSAGE) {
        sp_arena_reset(&arena);
        describe(bytes, &arena);
    }
    sp_buf_free(&out);
    sp_arena_free(&arena);
}
