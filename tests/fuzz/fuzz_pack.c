/* The reader: one whole value, by the walk and by typed reads. */
#include "sp/describe.h"
#include "sp/limits.h"
#include "sp/pack.h"
#include "target.h"

/* Writes again what it reads. Depth 0 stands for the innermost that may be;
 * checked before, so this ends. */
static void copy(struct sp_rd *r, struct sp_buf *out, unsigned depth)
{
    struct sp_slice s;
    uint32_t count;

    switch (sp_rd_peek(r)) {
    case SP_KIND_NIL:
        sp_rd_nil(r);
        sp_wr_nil(out);
        break;
    case SP_KIND_BOOL:
        sp_wr_bool(out, sp_rd_bool(r));
        break;
    case SP_KIND_UINT:
        sp_wr_uint(out, sp_rd_uint(r, 0, UINT64_MAX));
        break;
    case SP_KIND_INT:
        sp_wr_int(out, sp_rd_int(r, INT64_MIN, -1));
        break;
    case SP_KIND_STR:
        sp_wr_str(out, sp_rd_str(r, SP_STRING_BYTES_MAX));
        break;
    case SP_KIND_BIN:
        s = sp_rd_bin(r, SP_STRING_BYTES_MAX);
        sp_wr_bin(out, s.data, s.size);
        break;
    case SP_KIND_ARRAY:
        SP_ASSERT(depth > 0);
        count = sp_rd_array(r, SP_ITEMS_MAX);
        sp_wr_array(out, count);
        for (uint32_t i = 0; i < count; i++) {
            copy(r, out, depth - 1);
        }
        break;
    case SP_KIND_MAP:
        SP_ASSERT(depth > 0);
        count = sp_rd_map(r, SP_ITEMS_MAX);
        sp_wr_map(out, count);
        for (uint32_t i = 0; i < 2 * count; i++) {
            copy(r, out, depth - 1);
        }
        break;
    default:
        SP_ASSERT(false);
    }
}

void fuzz_pack(struct sp_slice in)
{
    sp_err err = sp_pack_check(in);
    struct sp_buf out;
    struct sp_rd r;

    sp_buf_init(&out, in.size + (size_t)4 * in.size + 100);
    sp_describe_value(in, SP_DESCRIBE_ALL, &out);
    SP_ASSERT(out.err == SP_OK);
    sp_buf_reset(&out);
    if (err == SP_OK) {
        sp_rd_init(&r, in);
        copy(&r, &out, SP_DEPTH_MAX);
        SP_ASSERT(sp_rd_done(&r) == SP_OK);
        SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), in));
    } else {
        FUZZ_ASSERT_PEER(err);
    }
    sp_buf_free(&out);
}
