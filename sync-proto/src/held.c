/* held.c - what a device had of a scope when it made a commit (SYNC J4). */
#include "held.h"

/*
 * A device says at open up to where it has read each scope here, and it sends
 * before it reads. So when it shows a later position for the first time, all
 * that is logged of its chain was made with the one before at most, and what it
 * sends now with no less than this. Kept a device and scope (meta, "held"):
 * positions, newest first, each but the newest with the last number that was
 * made under it. What the device says of itself moves none of it back.
 */
#define STEPS_MAX 4u

struct step {
    uint64_t since;
    uint64_t n; /* of the newest: 0 */
};

struct steps {
    sp_replica replica;
    uint32_t count;
    struct step step[STEPS_MAX + 1u];
};

static struct sp_kb key_of(uint32_t device, const struct sp_id *scope)
{
    struct sp_kb k = sp_kb_text("held");
    sp_kb_add_u32(&k, device);
    sp_kb_add_id(&k, scope);
    return k;
}

static sp_err read(struct sp_slice value, struct steps *out)
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    uint32_t items = sp_rd_array(&r, 1u + 2u * STEPS_MAX);
    out->replica = sp_rd_uint(&r, 1, UINT64_MAX);
    out->count = (items - 1u) / 2u;
    for (uint32_t i = 0; i < out->count && r.err == SP_OK; i++) {
        out->step[i].since = sp_rd_uint(&r, 1, UINT64_MAX);
        out->step[i].n = sp_rd_uint(&r, 0, UINT64_MAX);
    }
    return sp_rd_done(&r) == SP_OK && items % 2u == 1u ? SP_OK : SP_E_CORRUPT;
}

static sp_err load(struct sp_tx *tx, uint32_t device, const struct sp_id *scope,
    struct steps *out)
{
    struct sp_kb key = key_of(device, scope);
    struct sp_slice value;
    *out = (struct steps){ .count = 0 };
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    return err == SP_OK ? read(value, out) : err;
}

static sp_err store(
    struct sp_tx *tx, const struct sp_id *scope, const struct steps *s)
{
    struct sp_kb key = key_of(sp_replica_device(s->replica), scope);
    sp_buf_reset(&tx->buf);
    sp_wr_array(&tx->buf, 1u + 2u * s->count);
    sp_wr_uint(&tx->buf, s->replica);
    for (uint32_t i = 0; i < s->count; i++) {
        sp_wr_uint(&tx->buf, s->step[i].since);
        sp_wr_uint(&tx->buf, s->step[i].n);
    }
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_META, &key, sp_buf_slice(&tx->buf));
}

sp_err sp_held_note(struct sp_tx *tx, sp_replica replica,
    const struct sp_id *scope, uint64_t since)
{
    struct sp_chain chain;
    struct steps s;
    SP_TRY(load(tx, sp_replica_device(replica), scope, &s));
    if (s.count > 0 && since <= s.step[0].since) {
        return SP_OK;
    }
    if (s.replica != replica) {
        s = (struct steps){ .replica = replica };
    }
    SP_TRY(sp_log_chain(tx, replica, &chain));
    s.step[0].n = chain.n;
    memmove(&s.step[1], &s.step[0], s.count * sizeof s.step[0]);
    s.step[0] = (struct step){ since, 0 };
    s.count = s.count < STEPS_MAX ? s.count + 1u : s.count;
    return store(tx, scope, &s);
}

/* The since with which a commit was made; 0: the device held nothing there. */
static sp_err since_of(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_id *scope, uint64_t *out)
{
    struct steps s;
    *out = 0;
    SP_TRY(load(tx, sp_replica_device(c->replica), scope, &s));
    for (uint32_t i = 0; i < s.count; i++) {
        if (i == 0 || (s.replica == c->replica && c->n <= s.step[i].n)) {
            *out = s.step[i].since;
        }
    }
    return SP_OK;
}

sp_err sp_held_left(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_ref *ref, struct sp_scopes *out)
{
    struct sp_stored s;
    out->count = 0;
    SP_TRY(sp_place_load(tx, ref, &tx->scratch, &s));
    for (uint32_t i = 0; i < s.count; i++) {
        const struct sp_place *p = &s.place[i];
        uint64_t since;
        if (!p->left || out->count == SP_RECORD_SCOPES_MAX) {
            continue;
        }
        SP_TRY(since_of(tx, c, &p->scope, &since));
        if (p->entry <= since && since < p->seq) {
            out->id[out->count++] = p->scope;
        }
    }
    return SP_OK;
}
