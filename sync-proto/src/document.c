#include "sp/document.h"

#include "sp/pack.h"
#include "sp/seal.h"

#define ELEMENTS 6u

/* The five elements that are signed. */
static void signed_part(const struct sp_document *d, struct sp_buf *out)
{
    sp_wr_uint(out, (uint64_t)d->kind);
    sp_wr_str(out, d->unit);
    sp_wr_uint(out, d->serial);
    sp_wr_uint(out, d->issuer);
    sp_wr_bin(out, d->body.data, d->body.size);
}

/* What the signature is over. The organisation in it keeps a document of one
 * house from counting in another. */
static void message(
    const struct sp_document *d, const struct sp_id *org, struct sp_buf *out)
{
    static const char domain[] = "satchel-document";

    sp_buf_init(out, SP_DOCUMENT_BYTES_MAX + sizeof domain + sizeof org->b);
    if (d->unit.size > SP_DOCUMENT_UNIT_BYTES_MAX) {
        out->err = SP_E_TOO_LARGE;
    }
    sp_buf_put(out, domain, sizeof domain - 1);
    sp_buf_put(out, org->b, sizeof org->b);
    signed_part(d, out);
}

void sp_document_sign(struct sp_document *d, const struct sp_id *org,
    const uint8_t secret[64], struct sp_buf *out)
{
    struct sp_buf m;
    size_t start = out->size;

    message(d, org, &m);
    if (m.err != SP_OK) {
        out->err = out->err != SP_OK ? out->err : m.err;
        sp_buf_free(&m);
        return;
    }
    sp_sign(sp_buf_slice(&m), secret, d->signature);
    sp_buf_free(&m);
    sp_wr_array(out, ELEMENTS);
    signed_part(d, out);
    sp_wr_bin(out, d->signature, sizeof d->signature);
    if (out->err == SP_OK && out->size - start > SP_DOCUMENT_BYTES_MAX) {
        out->err = SP_E_TOO_LARGE;
    }
}

sp_err sp_document_decode(struct sp_slice in, struct sp_document *out)
{
    struct sp_document d = { .bytes = in };
    struct sp_rd r;
    sp_err err;

    if (in.size > SP_DOCUMENT_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, ELEMENTS);
    d.kind =
        (enum sp_document_kind)sp_rd_uint(&r, SP_DOC_DICTIONARY, SP_DOC_DEVICE);
    d.unit = sp_rd_str(&r, SP_DOCUMENT_UNIT_BYTES_MAX);
    d.serial = (uint32_t)sp_rd_uint(&r, 1, UINT32_MAX);
    d.issuer = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    d.body = sp_rd_bin(&r, SP_DOCUMENT_BYTES_MAX);
    sp_rd_fixed(&r, d.signature, sizeof d.signature);
    err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = d;
    }
    return err;
}

sp_err sp_document_verify(const struct sp_document *d, const struct sp_id *org,
    const uint8_t public_key[32])
{
    struct sp_buf m;
    sp_err err;

    message(d, org, &m);
    err = m.err;
    if (err == SP_OK) {
        err = sp_sign_check(sp_buf_slice(&m), public_key, d->signature);
    }
    sp_buf_free(&m);
    return err;
}
