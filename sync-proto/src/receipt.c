/* receipt.c - the signature under what a server tells of commits (SYNC F4). */
#include "conversation.h"

/* What is signed: domain, organisation, issuer, peer, the told. */
static sp_err write_signed(const struct sp_id *org, uint32_t issuer,
    uint32_t peer, const struct sp_told *told, struct sp_buf *out)
{
    sp_buf_put(out, "satchel-receipt", 15);
    sp_buf_put(out, org->b, sizeof org->b);
    sp_buf_put_u32be(out, issuer);
    sp_buf_put_u32be(out, peer);
    sp_message_told(told, out);
    return out->err;
}

sp_err sp_receipt_sign(
    struct sp_link *l, struct sp_tx *tx, struct sp_told *told)
{
    struct sp_buf signed_part;
    sp_buf_init(&signed_part, SP_MESSAGE_BYTES_MAX);
    sp_err err = write_signed(&tx->node->identity->org,
        tx->node->identity->device, l->peer, told, &signed_part);
    if (err == SP_OK) {
        sp_sign(sp_buf_slice(&signed_part), tx->node->identity->sign_secret,
            told->signature);
        told->is_signed = true;
    }
    sp_buf_free(&signed_part);
    return err;
}

sp_err sp_receipt_keep(
    struct sp_link *l, struct sp_tx *tx, const struct sp_told *told)
{
    struct sp_certified issuer;
    struct sp_buf b;
    sp_err err = tx->rules->device(tx->rules->self, l->peer, &issuer);
    if (err == SP_E_UNKNOWN_DEVICE) {
        return SP_OK; /* the very first contact: documents come first */
    }
    SP_TRY(err);
    if (!told->is_signed) {
        return SP_E_FORGED;
    }
    sp_buf_init(&b, SP_MESSAGE_BYTES_MAX);
    err = write_signed(&tx->node->identity->org, l->peer,
        tx->node->identity->device, told, &b);
    if (err == SP_OK) {
        err = sp_sign_check(
            sp_buf_slice(&b), issuer.sign_public, told->signature);
    }
    if (err == SP_OK) {
        sp_buf_put(&b, told->signature, sizeof told->signature);
        struct sp_kb key = sp_kb_u32(l->peer);
        err = b.err != SP_OK
                  ? b.err
                  : sp_tx_put(tx, SP_T_RECEIPT, &key, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return err;
}
