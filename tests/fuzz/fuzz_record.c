/* Records: what decodes encodes to the same bytes, and joins with itself to
 * itself. The first byte of the input chooses the form. */
#include "sp/describe.h"
#include "sp/limits.h"
#include "sp/merge.h"
#include "sp/record.h"
#include "target.h"

#define ARENA_MAX (64u << 20)

static void check(const struct sp_record *r, enum sp_record_form form,
    struct sp_arena *arena, struct sp_slice in)
{
    struct sp_record joined;
    uint32_t changed = 1;
    struct sp_buf out;

    sp_buf_init(&out, SP_RECORD_BYTES_MAX);
    sp_record_encode(r, form, &out);
    SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), in));
    SP_ASSERT(sp_merge_join(r, r, arena, &joined, &changed) == SP_OK);
    SP_ASSERT(changed == 0);
    sp_buf_reset(&out);
    sp_record_encode(&joined, form, &out);
    SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), in));
    sp_buf_free(&out);
    sp_buf_init(&out, 256u << 20);
    sp_describe_record(r, SP_DESCRIBE_SIZES, &out);
    SP_ASSERT(out.err == SP_OK);
    sp_buf_free(&out);
}

void fuzz_record(struct sp_slice in)
{
    enum sp_record_form form;
    struct sp_arena arena;
    struct sp_record r;
    sp_err err;

    if (in.size == 0) {
        return;
    }
    form = in.data[0] % 2 == 0 ? SP_RECORD_WIRE : SP_RECORD_STORED;
    in = sp_slice_of(in.data + 1, in.size - 1);
    sp_arena_init(&arena, ARENA_MAX);
    err = sp_record_decode(in, form, &arena, &r);
    if (err == SP_OK) {
        check(&r, form, &arena, in);
    } else {
        FUZZ_ASSERT_PEER(err);
    }
    sp_arena_free(&arena);
}
