#include "ctl/mark.h"

#include <string.h>

#include "policy/table.h"
#include "sp/pack.h"

#define NAME_BYTES_MAX 200u
#define HEAD_BYTES     16u /* u64 rows, u64 at_ms; then MessagePack */

static void encode(const struct sv_mark *m, struct sp_buf *out)
{
    uint8_t head[HEAD_BYTES];
    sp_set_u64be(head, m->counts.rows);
    sp_set_u64be(head + 8, m->at_ms);
    sp_buf_put(out, head, sizeof head);
    sp_wr_array(out, 8);
    sp_wr_uint(out, m->user);
    sp_wr_uint(out, m->counts.created);
    sp_wr_uint(out, m->counts.updated);
    sp_wr_uint(out, m->counts.unchanged);
    sp_wr_uint(out, m->counts.duplicate);
    sp_wr_uint(out, m->counts.refused);
    sp_wr_bin(out, m->hash, sizeof m->hash);
    sp_wr_bin(out, m->name.data,
        m->name.size < NAME_BYTES_MAX ? m->name.size : NAME_BYTES_MAX);
}

static sp_err decode(struct sp_slice value, struct sv_mark *out)
{
    struct sp_rd r;
    if (value.size < HEAD_BYTES) {
        return SP_E_CORRUPT;
    }
    *out = (struct sv_mark){ .at_ms = sp_get_u64be(value.data + 8) };
    out->counts.rows = sp_get_u64be(value.data);
    if (value.size == HEAD_BYTES) {
        return SP_OK; /* of a version that noted no more */
    }
    sp_rd_init(
        &r, sp_slice_of(value.data + HEAD_BYTES, value.size - HEAD_BYTES));
    sp_rd_array_of(&r, 8);
    out->user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    out->counts.created = sp_rd_uint(&r, 0, UINT64_MAX);
    out->counts.updated = sp_rd_uint(&r, 0, UINT64_MAX);
    out->counts.unchanged = sp_rd_uint(&r, 0, UINT64_MAX);
    out->counts.duplicate = sp_rd_uint(&r, 0, UINT64_MAX);
    out->counts.refused = sp_rd_uint(&r, 0, UINT64_MAX);
    struct sp_slice hash = sp_rd_bin(&r, sizeof out->hash);
    out->name = sp_rd_bin(&r, NAME_BYTES_MAX);
    if (sp_rd_done(&r) != SP_OK || hash.size != sizeof out->hash) {
        return SP_E_CORRUPT;
    }
    memcpy(out->hash, hash.data, sizeof out->hash);
    return SP_OK;
}

sp_err sv_mark_put(
    struct sp_tx *tx, const uint8_t key[32], const struct sv_mark *mark)
{
    struct sp_buf value;
    sp_buf_init(&value, 1024);
    encode(mark, &value);
    sp_err err = value.err;
    if (err == SP_OK) {
        err = tx->node->store->put(
            tx->txn, SV_T_IMPORT, sp_slice_of(key, 32), sp_buf_slice(&value));
    }
    sp_buf_free(&value);
    return err;
}

sp_err sv_mark_get(struct sp_tx *tx, const uint8_t key[32], struct sv_mark *out)
{
    struct sp_slice value;
    sp_err err = tx->node->store->get(
        tx->txn, SV_T_IMPORT, sp_slice_of(key, 32), &value);
    return err == SP_OK ? decode(value, out) : err;
}

struct walk {
    sp_err (*each)(void *arg, const struct sv_mark *mark);
    void *arg;
};

static sp_err walk_one(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct walk *w = arg;
    struct sv_mark mark;
    (void)key;
    sp_err err = decode(value, &mark);
    return err == SP_OK ? w->each(w->arg, &mark) : err;
}

sp_err sv_mark_walk(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sv_mark *mark), void *arg)
{
    struct walk w = { each, arg };
    struct sp_slice all = { NULL, 0 };
    return tx->node->store->walk(
        tx->txn, SV_T_IMPORT, all, all, true, walk_one, &w);
}
