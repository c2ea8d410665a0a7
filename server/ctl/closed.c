#include "ctl/closed.h"

#include <string.h>

#include "policy/table.h"
#include "sp/pack.h"
#include "sp/roster.h"

#define MISSING_BYTES_MAX 8000u

struct key {
    uint8_t bytes[SP_ROSTER_CODE_MAX + 5u];
    size_t size;
};

static struct key key_of(struct sp_slice unit, int32_t day)
{
    struct key k;
    k.size = unit.size < SP_ROSTER_CODE_MAX ? unit.size : SP_ROSTER_CODE_MAX;
    if (k.size > 0) {
        memcpy(k.bytes, unit.data, k.size);
    }
    k.bytes[k.size++] = 0;
    sp_set_u32be(k.bytes + k.size, (uint32_t)day);
    k.size += 4;
    return k;
}

/* Currency and minor units in turn, then whether there were more. */
static void put_sums(struct sp_buf *out, const struct cc_money_sums *sums)
{
    sp_wr_array(out, (uint32_t)(2 * sums->count + 1));
    for (size_t i = 0; i < sums->count; i++) {
        sp_wr_uint(out, sums->of[i].currency);
        sp_wr_int(out, sums->of[i].minor);
    }
    sp_wr_uint(out, sums->more);
}

static void take_sums(struct sp_rd *r, struct cc_money_sums *out)
{
    uint32_t count = sp_rd_array(r, 2 * CC_MONEY_CURRENCIES_MAX + 1) / 2;

    *out = (struct cc_money_sums){ .count = 0 };
    for (uint32_t i = 0; i < count; i++) {
        struct cc_money one;
        one.currency = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
        one.minor = sp_rd_int(r, INT64_MIN, INT64_MAX);
        cc_money_add(out, one);
    }
    out->more = sp_rd_uint(r, 0, 1) == 1;
}

sp_err sv_closed_put(struct sp_tx *tx, struct sp_slice unit, int32_t day,
    const struct sv_closed *f)
{
    const struct key k = key_of(unit, day);
    struct sp_buf value;
    sp_buf_init(&value, MISSING_BYTES_MAX + 256u);
    sp_wr_array(&value, 10);
    sp_wr_uint(&value, f->at_ms);
    sp_wr_uint(&value, f->user);
    sp_wr_uint(&value, f->devices);
    sp_wr_uint(&value, f->in);
    sp_wr_uint(&value, f->visits);
    sp_wr_uint(&value, f->visits_open);
    sp_wr_uint(&value, f->purchases);
    sp_wr_uint(&value, f->accounts);
    put_sums(&value, &f->amount);
    sp_wr_bin(&value, f->missing.data, f->missing.size);
    sp_err err = value.err;
    if (err == SP_OK) {
        err = tx->node->store->put(tx->txn, SV_T_CLOSED,
            sp_slice_of(k.bytes, k.size), sp_buf_slice(&value));
    }
    sp_buf_free(&value);
    return err;
}

sp_err sv_closed_get(
    struct sp_tx *tx, struct sp_slice unit, int32_t day, struct sv_closed *out)
{
    const struct key k = key_of(unit, day);
    struct sp_slice value;
    struct sp_rd r;
    sp_err err = tx->node->store->get(
        tx->txn, SV_T_CLOSED, sp_slice_of(k.bytes, k.size), &value);
    if (err != SP_OK) {
        return err;
    }
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 10);
    out->at_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    out->user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    out->devices = sp_rd_uint(&r, 0, UINT64_MAX);
    out->in = sp_rd_uint(&r, 0, UINT64_MAX);
    out->visits = sp_rd_uint(&r, 0, UINT64_MAX);
    out->visits_open = sp_rd_uint(&r, 0, UINT64_MAX);
    out->purchases = sp_rd_uint(&r, 0, UINT64_MAX);
    out->accounts = sp_rd_uint(&r, 0, UINT64_MAX);
    take_sums(&r, &out->amount);
    out->missing = sp_rd_bin(&r, MISSING_BYTES_MAX);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}
