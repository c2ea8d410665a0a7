/* Documents: what splits is put together from its parts again. */
#include "sp/describe.h"
#include "sp/document.h"
#include "sp/pack.h"
#include "target.h"

void fuzz_document(struct sp_slice in)
{
    static const struct sp_id org = { { 1 } };
    static const uint8_t key[32] = { 9 };
    struct sp_document d;
    struct sp_buf out;
    sp_err err = sp_document_decode(in, &d);

    if (err != SP_OK) {
        FUZZ_ASSERT_PEER(err);
        return;
    }
    sp_buf_init(&out, (size_t)8 * SP_DOCUMENT_BYTES_MAX);
    sp_wr_array(&out, 6);
    sp_wr_uint(&out, (uint64_t)d.kind);
    sp_wr_str(&out, d.unit);
    sp_wr_uint(&out, d.serial);
    sp_wr_uint(&out, d.issuer);
    sp_wr_bin(&out, d.body.data, d.body.size);
    sp_wr_bin(&out, d.signature, sizeof d.signature);
    SP_ASSERT(sp_slice_equal(sp_buf_slice(&out), in));
    sp_buf_reset(&out);
    sp_describe_document(&d, SP_DESCRIBE_ALL, &out);
    SP_ASSERT(out.err == SP_OK);
    sp_buf_free(&out);
    SP_ASSERT(sp_document_verify(&d, &org, key) != SP_OK);
}
