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

/* What stands here as deferred or refused, under head office's frontier. */
struct settle_open {
    const struct sp_upper_entry *entry;
    struct sp_arena *arena; /* of the list */
    struct sp_verdict_entry *list;
    uint32_t count;
};

static bool is_listed(const struct sp_upper_entry *u, uint64_t n)
{
    for (uint32_t i = 0; i < u->verdict_count; i++) {
        if (u->verdict[i].n == n) {
            return true;
        }
    }
    return false;
}

static sp_err collect_open(void *arg, const struct sp_verdict_entry *e)
{
    struct settle_open *s = arg;
    if (e->verdict.kind == SP_ACCEPTED || e->n > s->entry->point.received.n ||
        is_listed(s->entry, e->n)) {
        return SP_OK;
    }
    struct sp_verdict_entry *list =
        sp_arena_grow(s->arena, s->list, s->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    s->list = list;
    list[s->count++] = *e;
    return SP_OK;
}

/* Without a listed verdict it is accepted there (SYNC F1, J5); the effect
 * comes with the joined records. */
static sp_err settle_silent(struct sp_link *l, struct sp_tx *tx,
    const struct sp_chain *c, const struct sp_upper_entry *u)
{
    struct settle_open s = { .entry = u, .arena = &l->arena };
    const struct sp_point *p = &u->point.received;
    struct sp_hash hash;
    sp_err err = p->n <= c->n ? sp_log_hash(tx, c->replica, p->n, &hash)
                              : SP_E_NOT_FOUND;
    if (err == SP_OK && memcmp(hash.b, p->hash, sizeof p->hash) != 0) {
        return SP_OK; /* of another chain it says nothing (SYNC F2) */
    }
    SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    SP_TRY(sp_log_each_verdict(tx, c->replica, collect_open, &s));
    for (uint32_t i = 0; i < s.count; i++) {
        s.list[i].verdict = (struct sp_verdict){
            .kind = SP_ACCEPTED, .judge = l->peer, .at_ms = sp_tx_now(tx)
        };
        SP_TRY(sp_apply_word(tx, &s.list[i], l->peer));
    }
    return SP_OK;
}

/* What is logged above only is not accepted here either: its author is told
 * when he comes (SYNC F1, J8). */
static sp_err take_above(struct sp_tx *tx, const struct sp_told_verdict *v)
{
    struct sp_verdict_entry e = { .replica = v->replica,
        .n = v->n,
        .verdict = v->verdict,
        .content = v->content };
    struct sp_chain c;
    SP_TRY(sp_log_chain(tx, v->replica, &c));
    c.open++;
    c.unconfirmed++;
    SP_TRY(sp_log_put_chain(tx, &c));
    return sp_log_put_verdict(tx, &e);
}

static sp_err take_listed(struct sp_link *l, struct sp_tx *tx,
    sp_replica replica, const struct sp_told_verdict *v)
{
    struct sp_verdict_entry e;
    struct sp_slice bytes;
    struct sp_hash hash;
    if (v->replica != replica || v->verdict.kind == SP_ACCEPTED) {
        return SP_E_MALFORMED;
    }
    SP_TRY(sp_log_verdict(tx, replica, v->n, &e));
    if (e.verdict.kind == SP_VERDICT_NONE) {
        sp_err err = sp_log_bytes(tx, replica, v->n, &bytes, &hash);
        if (err == SP_E_NOT_FOUND) {
            return take_above(tx, v);
        }
        SP_TRY(err);
    }
    e.verdict = v->verdict;
    e.content = v->content;
    return sp_apply_word(tx, &e, l->peer);
}

static sp_err take_upper_entry(
    struct sp_link *l, struct sp_tx *tx, const struct sp_upper_entry *u)
{
    struct sp_chain c;
    SP_TRY(sp_log_chain(tx, u->point.received.replica, &c));
    c.upper = u->point.received.n;
    memcpy(c.upper_hash, u->point.received.hash, sizeof c.upper_hash);
    c.safe = u->point.safe;
    memcpy(c.safe_hash, u->point.safe_hash, sizeof c.safe_hash);
    SP_TRY(sp_log_put_chain(tx, &c));
    SP_TRY(c.open > 0 ? settle_silent(l, tx, &c, u) : SP_OK);
    for (uint32_t i = 0; i < u->verdict_count; i++) {
        SP_TRY(take_listed(l, tx, c.replica, &u->verdict[i]));
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

/* Nothing is kept of an earlier word: a chain that head office no longer names
 * is one that it no longer has. */
static sp_err forget_upper(struct sp_tx *tx)
{
    struct sp_key_list keys = { .arena = &tx->arena };
    SP_TRY(sp_tx_keys(tx, SP_T_UPPER, NULL, &keys));
    for (size_t i = 0; i < keys.count; i++) {
        struct sp_slice value;
        struct sp_chain c;
        SP_TRY(sp_tx_del(tx, SP_T_UPPER, &keys.key[i]));
        sp_err err = sp_tx_get(tx, SP_T_UPPER_NEXT, &keys.key[i], &value);
        if (err == SP_OK) {
            continue;
        }
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
        SP_TRY(sp_log_chain(tx, sp_get_u64be(keys.key[i].b), &c));
        c.upper = 0;
        c.safe = 0;
        SP_TRY(sp_log_put_chain(tx, &c));
    }
    return SP_OK;
}

sp_err sp_upper_swap(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_key_list keys = { .arena = &tx->arena };
    SP_TRY(forget_upper(tx));
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

sp_err sp_upper_verdict(
    struct sp_tx *tx, sp_replica replica, uint64_t n, enum sp_verdict_kind *out)
{
    struct sp_kb key = sp_kb_replica(replica);
    struct sp_upper_reply one;
    struct sp_slice value;
    *out = SP_VERDICT_NONE;
    sp_err err = sp_tx_get(tx, SP_T_UPPER, &key, &value);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    sp_arena_reset(&tx->scratch);
    SP_TRY(sp_message_read_upper_reply(value, &tx->scratch, &one));
    if (one.count != 1 || one.entry[0].point.received.n < n) {
        return SP_OK;
    }
    *out = SP_ACCEPTED;
    for (uint32_t i = 0; i < one.entry[0].verdict_count; i++) {
        if (one.entry[0].verdict[i].n == n) {
            *out = one.entry[0].verdict[i].verdict.kind;
        }
    }
    return SP_OK;
}

/* ---- what it has not heard of yet -------------------------------------- */

static sp_err walk_unsent(void *arg, const struct sp_chain *c)
{
    bool *ahead = arg;
    *ahead = *ahead || (c->n > c->upper && c->n > c->acknowledged);
    return SP_OK;
}

sp_err sp_upper_ahead(struct sp_tx *tx, uint32_t server, bool *ahead)
{
    *ahead = false;
    SP_TRY(sp_log_each_chain(tx, walk_unsent, ahead));
    return *ahead ? SP_OK : sp_words_ahead(tx, server, ahead);
}

/* ---- the side that answers --------------------------------------------- */

#define ENTRY_BYTES 64u /* packed, at most: a point, a verdict */
#define ENTRIES_MAX 1024u

/* Verdicts of one chain: so many fit a frame by themselves. */
#define VERDICTS_MOST 800u

/* A chain's verdicts, looked up. */
struct upper_chain {
    struct sp_tx *tx;
    struct sp_told_verdict *verdict; /* room for VERDICTS_MOST */
    uint32_t count;
    uint64_t left_out; /* number of the first that does not fit, 0: none */
};

static sp_err upper_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct upper_chain *p = arg;
    if (e->verdict.kind == SP_ACCEPTED) {
        return SP_OK;
    }
    if (p->count == VERDICTS_MOST) {
        p->left_out = e->n;
        return SP_E_NOT_FOUND; /* enough */
    }
    p->verdict[p->count++] =
        (struct sp_told_verdict){ e->replica, e->n, e->content, e->verdict };
    return SP_OK;
}

static sp_err look_up(struct upper_chain *p, const struct sp_chain *c)
{
    p->count = 0;
    p->left_out = 0;
    return c->open == 0
               ? SP_OK
               : sp_log_each_verdict(p->tx, c->replica, upper_verdict, p);
}

/* The frontier of a chain, with all verdicts under it that qualify it: it
 * stops before the first that does not fit (SYNC F1, F3). */
static sp_err fill_point(
    struct upper_chain *p, const struct sp_chain *c, struct sp_upper *u)
{
    struct sp_hash hash = c->hash;
    uint64_t n = c->n;
    if (p->left_out != 0) {
        n = p->left_out - 1;
        SP_TRY(sp_log_hash(p->tx, c->replica, n, &hash));
    }
    u->received = (struct sp_point){ .replica = c->replica, .n = n };
    memcpy(u->received.hash, hash.b, sizeof u->received.hash);
    bool lowered = c->safe > n;
    u->safe = lowered ? n : c->safe;
    memcpy(u->safe_hash, lowered ? hash.b : c->safe_hash, sizeof u->safe_hash);
    return SP_OK;
}

struct upper_page {
    struct upper_chain chain;
    struct sp_link *link;
    sp_replica after;
    struct sp_upper_reply *reply;
    size_t bytes;
};

static sp_err upper_entry(void *arg, const struct sp_chain *c)
{
    struct upper_page *p = arg;
    struct upper_chain *found = &p->chain;
    struct sp_upper_reply *r = p->reply;
    if (c->replica <= p->after || c->n == 0) {
        return SP_OK;
    }
    SP_TRY(look_up(found, c));
    size_t bytes = ENTRY_BYTES * (1u + (size_t)found->count);
    if (r->count == ENTRIES_MAX ||
        (r->count > 0 && p->bytes + bytes > p->link->budget)) {
        r->more = true;
        return SP_E_NOT_FOUND; /* enough for one page */
    }
    struct sp_upper_entry *u = &r->entry[r->count++];
    p->bytes += bytes;
    u->verdict =
        sp_arena_take(&p->link->arena, found->count + 1u, sizeof *u->verdict);
    if (u->verdict == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(u->verdict, found->verdict, found->count * sizeof *u->verdict);
    u->verdict_count = found->count;
    return fill_point(found, c, &u->point);
}

sp_err sp_upper_serve(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_upper_request request;
    struct sp_upper_reply reply = { 0 };
    SP_TRY(sp_message_read_upper(sp_buf_slice(&l->in), &request));
    if (!l->reader.server || l->node->tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    struct upper_page p = { .chain = { .tx = tx },
        .link = l,
        .after = request.after,
        .reply = &reply };
    p.chain.verdict =
        sp_arena_take(&l->arena, VERDICTS_MOST, sizeof *p.chain.verdict);
    reply.entry = sp_arena_take(&l->arena, ENTRIES_MAX, sizeof *reply.entry);
    if (reply.entry == NULL || p.chain.verdict == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_log_each_chain(tx, upper_entry, &p));
    sp_buf_reset(&l->out);
    sp_message_upper_reply(&reply, &l->out);
    return sp_link_seal(l);
}

/* ---- the digest of both ------------------------------------------------- */

struct word_digest {
    struct upper_chain chain;
    struct sp_hasher h;
};

static sp_err add_own_word(void *arg, const struct sp_chain *c)
{
    struct word_digest *d = arg;
    struct sp_buf *buf = &d->chain.tx->buf;
    if (c->n == 0) {
        return SP_OK;
    }
    SP_TRY(look_up(&d->chain, c));
    struct sp_upper_entry entry = { .verdict_count = d->chain.count,
        .verdict = d->chain.verdict };
    struct sp_upper_reply one = { .count = 1, .entry = &entry };
    SP_TRY(fill_point(&d->chain, c, &entry.point));
    sp_buf_reset(buf);
    sp_message_upper_reply(&one, buf);
    sp_hasher_add(&d->h, buf->data, buf->size);
    return buf->err;
}

static sp_err add_taken_word(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct word_digest *d = arg;
    (void)key;
    sp_hasher_add(&d->h, value.data, value.size);
    return SP_OK;
}

sp_err sp_upper_digest(
    struct sp_tx *tx, struct sp_arena *arena, uint8_t out[16])
{
    struct word_digest d = { .chain = { .tx = tx } };
    sp_hasher_init(&d.h, 16, NULL);
    if (tx->node->tier != SP_TIER_HEAD_OFFICE) {
        SP_TRY(
            tx->node->store->walk(tx->txn, SP_T_UPPER, (struct sp_slice){ 0 },
                (struct sp_slice){ 0 }, true, add_taken_word, &d));
    } else {
        d.chain.verdict =
            sp_arena_take(arena, VERDICTS_MOST, sizeof *d.chain.verdict);
        if (d.chain.verdict == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(sp_log_each_chain(tx, add_own_word, &d));
    }
    sp_hasher_end(&d.h, out, 16);
    return SP_OK;
}
