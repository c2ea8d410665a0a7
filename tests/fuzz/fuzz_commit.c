/* Commits: what decodes encodes to the same bytes. */
#include "sp/commit.h"
#include "sp/describe.h"
#include "sp/limits.h"
#include "target.h"

#define ARENA_MAX (4u << 20)

void fuzz_commit(struct sp_slice in)
{
    struct sp_arena arena;
    struct sp_commit c;
    struct sp_buf out;
    sp_err err;

    sp_arena_init(&arena, ARENA_MAX);
    err = sp_commit_decode(in, 0x0000000a5eed0001, &arena, &c);
    if (err == SP_OK) {
        struct sp_id content = c.content;

        sp_buf_init(&out, SP_COMMIT_BYTES_MAX);
        sp_commit_encode(&c, &out);
        SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), in));
        SP_ASSERT(sp_id_equal(&content, &c.content));
        sp_buf_free(&out);
        sp_buf_init(&out, 64u << 20);
        sp_describe_commit(&c, SP_DESCRIBE_ALL, &out);
        SP_ASSERT(out.err == SP_OK);
        sp_buf_free(&out);
    } else {
        FUZZ_ASSERT_PEER(err);
    }
    sp_arena_free(&arena);
}
