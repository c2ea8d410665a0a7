/* upper.c - head office's part, taken over by a branch (SYNC F1). */
#include "conversation.h"

/* ---- the side that asks ------------------------------------------------ */

sp_err sp_upper_send(struct sp_link *l)
{
    struct sp_upper_request m = { .after = l->upper_after };
    sp_buf_reset(&l->out);
    sp_message_upper(&m, &l->out);
    l->state = SP_C_UPPER;
    return sp_link_seal(l);
}

/* Head office's word about a commit that was deferred here. Without a listed
 * verdict it is accepted there; its effect comes with the joined records. */
struct settle_deferred {
    struct sp_tx *tx;
    const struct sp_upper_entry *entry;
    struct sp_verdict_entry *list;
    uint32_t count, capacity;
};

static sp_err collect_deferred(void *arg, const struct sp_verdict_entry *e)
{
    struct settle_deferred *s = arg;
    if (e->verdict.kind != SP_DEFERRED || e->n > s->entry->point.received.n ||
        s->count == s->capacity) {
        return SP_OK;
    }
    s->list[s->count++] = *e;
    return SP_OK;
}

static sp_err settle_one(struct settle_deferred *s, struct sp_verdict_entry *e)
{
    struct sp_verdict now = { .kind = SP_ACCEPTED, .at_ms = sp_tx_now(s->tx) };
    for (uint32_t i = 0; i < s->entry->verdict_count; i++) {
        if (s->entry->verdict[i].n == e->n) {
            now = s->entry->verdict[i].verdict;
        }
    }
    e->verdict = now;
    return sp_apply_word(s->tx, e);
}

static sp_err take_upper_entry(
    struct sp_link *l, struct sp_tx *tx, const struct sp_upper_entry *u)
{
    struct sp_chain c;
    struct settle_deferred s = { .tx = tx, .entry = u };
    s.capacity = SP_VERDICTS_MAX;
    s.list = sp_arena_take(&l->arena, s.capacity, sizeof *s.list);
    if (s.list == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_log_chain(tx, u->point.received.replica, &c));
    c.upper = u->point.received.n;
    memcpy(c.upper_hash, u->point.received.hash, sizeof c.upper_hash);
    c.safe = u->point.safe;
    memcpy(c.safe_hash, u->point.safe_hash, sizeof c.safe_hash);
    SP_TRY(sp_log_put_chain(tx, &c));
    if (c.open > 0) {
        SP_TRY(sp_log_each_verdict(tx, c.replica, collect_deferred, &s));
        for (uint32_t i = 0; i < s.count; i++) {
            SP_TRY(settle_one(&s, &s.list[i]));
        }
    }
    /* Refusals known above only are refusals here too (SYNC F1, J8). */
    for (uint32_t i = 0; i < u->verdict_count && c.upper > c.n; i++) {
        struct sp_verdict_entry e = { .replica = c.replica,
            .n = u->verdict[i].n,
            .verdict = u->verdict[i].verdict,
            .content = u->verdict[i].content };
        if (e.n > c.n) {
            SP_TRY(sp_log_put_verdict(tx, &e));
        }
    }
    return SP_OK;
}

/* Parts are kept aside until the last one is here, then replace what stood,
 * all together (SYNC F1). */
static sp_err stage_upper(struct sp_tx *tx, const struct sp_upper_reply *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct sp_upper_reply one = { .count = 1, .entry = &m->entry[i] };
        struct sp_kb key = sp_kb_replica(m->entry[i].point.received.replica);
        sp_buf_reset(&tx->buf);
        sp_message_upper_reply(&one, &tx->buf);
        SP_TRY(tx->buf.err);
        SP_TRY(sp_tx_put(tx, SP_T_UPPER_NEXT, &key, sp_buf_slice(&tx->buf)));
    }
    return SP_OK;
}

sp_err sp_upper_swap(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_key_list keys = { .arena = &tx->arena };
    SP_TRY(sp_tx_clear(tx, SP_T_UPPER, NULL));
    SP_TRY(sp_tx_keys(tx, SP_T_UPPER_NEXT, NULL, &keys));
    for (size_t i = 0; i < keys.count; i++) {
        struct sp_slice value;
        struct sp_upper_reply one;
        sp_arena_reset(&l->arena);
        SP_TRY(sp_tx_get(tx, SP_T_UPPER_NEXT, &keys.key[i], &value));
        struct sp_slice copy = sp_arena_copy(&l->arena, value);
        if (copy.data == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(sp_message_read_upper_reply(copy, &l->arena, &one));
        SP_TRY(sp_tx_put(tx, SP_T_UPPER, &keys.key[i], copy));
        SP_TRY(sp_tx_del(tx, SP_T_UPPER_NEXT, &keys.key[i]));
        for (uint32_t k = 0; k < one.count; k++) {
            SP_TRY(take_upper_entry(l, tx, &one.entry[k]));
        }
    }
    return SP_OK;
}

sp_err sp_upper_take(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_upper_reply m;
    SP_TRY(sp_message_read_upper_reply(sp_buf_slice(&l->in), &l->arena, &m));
    if (l->upper_after == 0) {
        SP_TRY(sp_tx_clear(tx, SP_T_UPPER_NEXT, NULL));
    }
    SP_TRY(stage_upper(tx, &m));
    if (m.more && m.count > 0) {
        l->upper_after = m.entry[m.count - 1].point.received.replica;
        return SP_OK;
    }
    l->upper_staged = true;
    return SP_OK;
}

/* ---- the side that answers --------------------------------------------- */

struct upper_page {
    struct sp_link *link;
    struct sp_tx *tx;
    sp_replica after;
    struct sp_upper_reply *reply;
    uint32_t room;
    size_t bytes;
};

static sp_err upper_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct sp_upper_entry *u = arg;
    if (e->verdict.kind != SP_ACCEPTED && u->verdict_count < SP_VERDICTS_MAX) {
        u->verdict[u->verdict_count++] = (struct sp_told_verdict){ e->replica,
            e->n, e->content, e->verdict };
    }
    return SP_OK;
}

static sp_err upper_entry(void *arg, const struct sp_chain *c)
{
    struct upper_page *p = arg;
    struct sp_upper_reply *r = p->reply;
    if (c->replica <= p->after || c->n == 0 || r->more) {
        return SP_OK;
    }
    if (r->count == p->room || p->bytes > p->link->budget) {
        r->more = true;
        return SP_OK;
    }
    struct sp_upper_entry *u = &r->entry[r->count++];
    u->point.received = (struct sp_point){ .replica = c->replica, .n = c->n };
    memcpy(u->point.received.hash, c->hash.b, 16);
    u->point.safe = c->safe;
    memcpy(u->point.safe_hash, c->safe_hash, 16);
    p->bytes += 64;
    if (c->open > 0) {
        u->verdict =
            sp_arena_take(&p->link->arena, SP_VERDICTS_MAX, sizeof *u->verdict);
        if (u->verdict == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(sp_log_each_verdict(p->tx, c->replica, upper_verdict, u));
        p->bytes += 64u * (size_t)u->verdict_count;
    }
    return SP_OK;
}

sp_err sp_upper_serve(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_upper_request request;
    struct sp_upper_reply reply = { 0 };
    SP_TRY(sp_message_read_upper(sp_buf_slice(&l->in), &request));
    if (!l->reader.server || l->node->tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    struct upper_page p = { .link = l,
        .tx = tx,
        .after = request.after,
        .reply = &reply,
        .room = 1024 };
    reply.entry = sp_arena_take(&l->arena, p.room, sizeof *reply.entry);
    if (reply.entry == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_log_each_chain(tx, upper_entry, &p));
    sp_buf_reset(&l->out);
    sp_message_upper_reply(&reply, &l->out);
    return sp_link_seal(l);
}
