/* words.c - verdicts that changed, told to the neighbours (SYNC J5). */
#include "conversation.h"

/* In one message; more wait for the next. */
#define WORDS_MOST 512u

/* ---- the feed ----------------------------------------------------------- */

static struct sp_kb feed_key(uint64_t seq)
{
    struct sp_kb k = { .size = 0 };
    sp_kb_add_u64(&k, seq);
    return k;
}

sp_err sp_words_note(
    struct sp_tx *tx, struct sp_verdict_entry *e, uint32_t from)
{
    uint8_t value[20];
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    if (e->word != 0) {
        struct sp_kb old = feed_key(e->word);
        SP_TRY(sp_tx_del(tx, SP_T_WORD, &old));
    }
    SP_TRY(sp_passed_decided(tx, e->replica, e->n));
    e->word = sp_tx_next_sequence(tx);
    struct sp_kb key = feed_key(e->word);
    sp_set_u64be(value, e->replica);
    sp_set_u64be(value + 8, e->n);
    sp_set_u32be(value + 16, from);
    return sp_tx_put(tx, SP_T_WORD, &key, SP_SLICE(value));
}

/* Words after a position, but those that the reader told. */
struct words {
    struct sp_tx *tx;
    uint32_t reader;
    struct sp_told_verdict *list; /* room for WORDS_MOST; NULL: only whether */
    uint32_t count;
    uint64_t reached; /* the last that was looked at */
    bool more;
};

static sp_err walk_word(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct words *w = arg;
    struct sp_verdict_entry e;
    if (w->list != NULL && w->count == WORDS_MOST) {
        w->more = true;
        return SP_E_NOT_FOUND; /* enough */
    }
    if (value.size != 20) {
        return SP_E_CORRUPT;
    }
    w->reached = sp_get_u64be(key.data);
    if (sp_get_u32be(value.data + 16) == w->reader) {
        return SP_OK;
    }
    if (w->list == NULL) {
        w->count = 1;
        return SP_E_NOT_FOUND;
    }
    SP_TRY(sp_log_verdict(
        w->tx, sp_get_u64be(value.data), sp_get_u64be(value.data + 8), &e));
    if (e.verdict.kind != SP_VERDICT_NONE) {
        w->list[w->count++] =
            (struct sp_told_verdict){ e.replica, e.n, e.content, e.verdict };
    }
    return SP_OK;
}

static sp_err collect(struct words *w, uint64_t after)
{
    struct sp_kb from = feed_key(after + 1);
    w->reached = after;
    return w->tx->node->store->walk(w->tx->txn, SP_T_WORD,
        (struct sp_slice){ 0 }, sp_kb_slice(&from), true, walk_word, w);
}

/* ---- positions, of one history of the other side (SYNC S3) ------------- */

struct positions {
    struct sp_id history;
    uint64_t down; /* its words, taken up to here */
    uint64_t up;   /* own words, confirmed up to here */
};

static struct sp_kb position_key(uint32_t server)
{
    struct sp_kb k = sp_kb_text("words");
    sp_kb_add_u32(&k, server);
    return k;
}

static sp_err get_positions(
    struct sp_tx *tx, uint32_t server, struct positions *out)
{
    struct sp_kb key = position_key(server);
    struct sp_peer_state peer;
    struct sp_slice value;
    struct sp_rd r;
    SP_TRY(sp_node_peer(tx, server, &peer));
    *out = (struct positions){ .history = peer.history };
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    SP_TRY(err);
    struct positions p;
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 3);
    sp_rd_fixed(&r, p.history.b, sizeof p.history.b);
    p.down = sp_rd_uint(&r, 0, UINT64_MAX);
    p.up = sp_rd_uint(&r, 0, UINT64_MAX);
    if (sp_rd_done(&r) != SP_OK) {
        return SP_E_CORRUPT;
    }
    if (sp_id_equal(&p.history, &out->history)) {
        *out = p;
    }
    return SP_OK;
}

static sp_err put_positions(
    struct sp_tx *tx, uint32_t server, const struct positions *p)
{
    struct sp_kb key = position_key(server);
    sp_buf_reset(&tx->buf);
    sp_wr_array(&tx->buf, 3);
    sp_wr_bin(&tx->buf, p->history.b, sizeof p->history.b);
    sp_wr_uint(&tx->buf, p->down);
    sp_wr_uint(&tx->buf, p->up);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_META, &key, sp_buf_slice(&tx->buf));
}

sp_err sp_words_ahead(struct sp_tx *tx, uint32_t server, bool *ahead)
{
    struct positions p;
    struct words w = { .tx = tx, .reader = server };
    SP_TRY(get_positions(tx, server, &p));
    SP_TRY(collect(&w, p.up));
    *ahead = w.count > 0;
    return SP_OK;
}

/* ---- what every neighbour has heard ------------------------------------ */

/*
 * A word goes from the feed when nobody will ask for it again (PROTOCOL.md,
 * "words"): every neighbour has confirmed it, and it speaks of a commit at or
 * below safe, about which head office says the same. So a head office that is
 * restored has the verdict in its backup (SYNC F5), and a branch that is
 * restored hears it in head office's list (SYNC F1). The newest stays: the
 * digest of the handshake has its place.
 */

/* Looked at in one exchange; the next goes on behind them. */
#define SWEEP_MOST 512u

struct old_word {
    uint64_t seq, n;
    sp_replica replica;
};

struct sweep {
    uint64_t confirmed; /* by every neighbour, up to here */
    uint64_t newest;
    uint64_t next; /* where to go on; 0: all was looked at */
    uint32_t count;
    struct old_word *word; /* room for SWEEP_MOST */
};

static sp_err newest_word(struct sp_tx *tx, uint64_t *out)
{
    struct sp_slice key;
    sp_err err = tx->node->store->seek(
        tx->txn, SP_T_WORD, (struct sp_slice){ 0 }, true, &key, NULL);
    *out = err == SP_OK ? sp_get_u64be(key.data) : 0;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err walk_old(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct sweep *s = arg;
    uint64_t seq = sp_get_u64be(key.data);
    if (seq > s->confirmed || seq >= s->newest) {
        return SP_E_NOT_FOUND; /* nor may anything behind it go */
    }
    if (s->count == SWEEP_MOST) {
        s->next = seq;
        return SP_E_NOT_FOUND;
    }
    s->word[s->count++] = (struct old_word){ .seq = seq,
        .replica = sp_get_u64be(value.data),
        .n = sp_get_u64be(value.data + 8) };
    return SP_OK;
}

/* Whether the chain that is logged here is the one that safe stands on. One of
 * which nothing is logged head office has passed down, and signed. */
static sp_err is_safe(
    struct sp_tx *tx, const struct sp_verdict_entry *e, bool *out)
{
    struct sp_chain chain;
    struct sp_hash hash;
    *out = false;
    SP_TRY(sp_log_chain(tx, e->replica, &chain));
    if (e->n > chain.safe) {
        return SP_OK;
    }
    sp_err err = sp_log_hash(tx, e->replica, chain.safe, &hash);
    *out =
        err == SP_OK ? memcmp(hash.b, chain.safe_hash, 16) == 0 : chain.n == 0;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err may_go(
    struct sp_tx *tx, const struct sp_verdict_entry *e, bool *out)
{
    enum sp_verdict_kind above = e->verdict.kind;
    *out = false;
    if (e->verdict.kind == SP_DEFERRED) {
        return SP_OK;
    }
    SP_TRY(is_safe(tx, e, out));
    if (*out && tx->node->tier != SP_TIER_HEAD_OFFICE) {
        SP_TRY(sp_upper_verdict(tx, e->replica, e->n, &above));
    }
    *out = *out && above == e->verdict.kind;
    return SP_OK;
}

static sp_err let_go(struct sp_tx *tx, const struct old_word *w)
{
    struct sp_kb key = feed_key(w->seq);
    struct sp_verdict_entry e;
    bool may;
    SP_TRY(sp_log_verdict(tx, w->replica, w->n, &e));
    if (e.word != w->seq) {
        return sp_tx_del(tx, SP_T_WORD, &key); /* it stands elsewhere */
    }
    SP_TRY(may_go(tx, &e, &may));
    if (!may) {
        return SP_OK;
    }
    SP_TRY(sp_tx_del(tx, SP_T_WORD, &key));
    e.word = 0;
    return e.verdict.kind == SP_ACCEPTED && e.confirmed
               ? sp_log_del_verdict(tx, e.replica, e.n)
               : sp_log_put_verdict(tx, &e);
}

static sp_err sweep(
    struct sp_tx *tx, struct sp_arena *arena, uint64_t confirmed)
{
    struct sweep s = { .confirmed = confirmed };
    uint64_t from = 0;
    SP_TRY(newest_word(tx, &s.newest));
    SP_TRY(sp_tx_get_u64(tx, "words-swept", &from));
    s.word = sp_arena_take(arena, SWEEP_MOST, sizeof *s.word);
    if (s.word == NULL) {
        return SP_E_NOMEM;
    }
    struct sp_kb start = feed_key(from);
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_WORD, (struct sp_slice){ 0 },
        sp_kb_slice(&start), true, walk_old, &s));
    for (uint32_t i = 0; i < s.count; i++) {
        SP_TRY(let_go(tx, &s.word[i]));
    }
    return s.next == from ? SP_OK : sp_tx_put_u64(tx, "words-swept", s.next);
}

/* Head office: how far the words here are known at each branch, for good. */
static sp_err hear(struct sp_tx *tx, uint32_t branch, uint64_t position)
{
    uint8_t value[8];
    struct sp_kb key = sp_kb_text("heard");
    sp_kb_add_u32(&key, branch);
    sp_set_u64be(value, position);
    return sp_tx_put(tx, SP_T_META, &key, SP_SLICE(value));
}

struct heard {
    struct sp_tx *tx;
    uint64_t least;
};

static sp_err walk_heard(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct heard *h = arg;
    struct sp_certified branch;
    if (key.size != 9 || value.size != 8) {
        return SP_E_CORRUPT;
    }
    sp_err err = h->tx->rules->device(
        h->tx->rules->self, sp_get_u32be(key.data + 5), &branch);
    if (err == SP_E_UNKNOWN_DEVICE || (err == SP_OK && branch.revoked)) {
        return SP_OK; /* will not come again */
    }
    uint64_t position = sp_get_u64be(value.data);
    h->least = position < h->least ? position : h->least;
    return err;
}

static sp_err heard_by_all(struct sp_tx *tx, uint64_t *out)
{
    struct sp_kb prefix = sp_kb_text("heard");
    struct heard h = { tx, UINT64_MAX };
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_META, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_heard, &h));
    *out = h.least;
    return SP_OK;
}

/* ---- the digest of the handshake --------------------------------------- */

sp_err sp_words_digest(struct sp_tx *tx, uint32_t peer, uint8_t out[16])
{
    struct sp_hasher h;
    uint8_t number[16];
    uint64_t reached;
    struct sp_pass pass = { .branch = peer, .arena = &tx->arena };
    if (tx->node->tier == SP_TIER_HEAD_OFFICE) {
        SP_TRY(newest_word(tx, &reached));
        SP_TRY(sp_passed_find(tx, &pass));
    } else {
        struct positions p;
        SP_TRY(get_positions(tx, peer, &p));
        reached = p.down;
        SP_TRY(sp_passed_held(tx, &tx->arena, &pass.found));
    }
    sp_hasher_init(&h, 16, NULL);
    sp_set_u64be(number, reached);
    sp_hasher_add(&h, number, 8);
    for (uint32_t i = 0; i < pass.found.count; i++) {
        sp_set_u64be(number, pass.found.dot[i].replica);
        sp_set_u64be(number + 8, pass.found.dot[i].counter);
        sp_hasher_add(&h, number, 16);
    }
    sp_hasher_end(&h, out, 16);
    return SP_OK;
}

/* ---- the side that asks ------------------------------------------------ */

/* The page behind l->held_after, kept until the reply: devices exchange with
 * this server meanwhile, and what waits changes. */
static sp_err fill_page(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_dots held;
    uint32_t from = 0;
    SP_TRY(sp_passed_held(tx, &l->arena, &held));
    while (
        from < held.count && sp_dot_cmp(&held.dot[from], &l->held_after) <= 0) {
        from++;
    }
    uint32_t left = held.count - from;
    if (l->held == NULL) {
        l->held = sp_heap_new(SP_HELD_PAGE * sizeof *l->held);
    }
    if (l->held == NULL) {
        return SP_E_NOMEM;
    }
    l->held_more = left > SP_HELD_PAGE;
    l->held_count = l->held_more ? SP_HELD_PAGE : left;
    memcpy(l->held, held.dot + from, l->held_count * sizeof *l->held);
    return SP_OK;
}

sp_err sp_words_send(struct sp_link *l, struct sp_tx *tx)
{
    struct positions p;
    struct sp_words_request m = { 0 };
    struct words w = { .tx = tx, .reader = l->peer };
    w.list = sp_arena_take(&l->arena, WORDS_MOST, sizeof *w.list);
    if (w.list == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(get_positions(tx, l->peer, &p));
    SP_TRY(collect(&w, p.up));
    SP_TRY(fill_page(l, tx));
    m.position = p.down > l->words_taken ? p.down : l->words_taken;
    m.word = w.list;
    m.word_count = w.count;
    m.held_after = l->held_after;
    m.held = l->held;
    m.held_count = l->held_count;
    m.held_more = l->held_more;
    l->words_sent = w.reached;
    sp_buf_reset(&l->out);
    sp_message_words(&m, &l->out);
    l->state = SP_C_WORDS;
    return sp_link_seal(l);
}

static sp_err stage_words(struct sp_link *l, const struct sp_words_reply *m)
{
    for (uint32_t i = 0; i < m->word_count; i++) {
        struct sp_told_verdict *list =
            sp_heap_grow(l->word, l->word_count, sizeof *list);
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        l->word = list;
        list[l->word_count++] = m->word[i];
    }
    l->words_taken = m->position;
    return SP_OK;
}

/* What it holds no longer for this branch: indices into the page. */
static sp_err drop_gone(
    struct sp_link *l, struct sp_tx *tx, const struct sp_words_reply *m)
{
    for (uint32_t i = 0; i < m->gone_count; i++) {
        if (m->gone[i] >= l->held_count) {
            return SP_E_MALFORMED;
        }
        const struct sp_dot *d = &l->held[m->gone[i]];
        SP_TRY(sp_passed_drop(tx, d->replica, d->counter));
    }
    return SP_OK;
}

/* Whether all is said: the same page again while it brings anything, then the
 * next, then no more once the own words are told. */
static bool all_said(struct sp_link *l, const struct sp_words_reply *m,
    uint32_t fresh, bool ahead)
{
    if (fresh > 0 || (m->more && m->word_count > 0)) {
        return false;
    }
    if (l->held_more) {
        l->held_after = l->held[l->held_count - 1];
        return false;
    }
    return !ahead;
}

sp_err sp_words_take(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_words_reply m;
    struct sp_certified issuer;
    struct positions p;
    bool ahead;
    uint32_t fresh = 0;
    SP_TRY(sp_message_read_words_reply(sp_buf_slice(&l->in), &l->arena, &m));
    SP_TRY(tx->rules->device(tx->rules->self, l->peer, &issuer));
    SP_TRY(get_positions(tx, l->peer, &p));
    p.up = l->words_sent > p.up ? l->words_sent : p.up;
    SP_TRY(put_positions(tx, l->peer, &p));
    SP_TRY(stage_words(l, &m));
    SP_TRY(drop_gone(l, tx, &m));
    for (uint32_t i = 0; i < m.passed_count; i++) {
        SP_TRY(sp_passed_take(tx, &issuer, &m.passed[i], &fresh));
    }
    SP_TRY(sp_apply_settle_down(tx));
    SP_TRY(sp_words_ahead(tx, l->peer, &ahead));
    l->words_done = all_said(l, &m, fresh, ahead);
    return SP_OK;
}

sp_err sp_words_end(struct sp_link *l, struct sp_tx *tx)
{
    struct positions p;
    for (uint32_t i = 0; i < l->word_count; i++) {
        const struct sp_told_verdict *w = &l->word[i];
        struct sp_verdict_entry e = { .replica = w->replica,
            .n = w->n,
            .verdict = w->verdict,
            .content = w->content };
        SP_TRY(sp_apply_word(tx, &e, l->peer));
    }
    SP_TRY(get_positions(tx, l->peer, &p));
    p.down = l->words_taken > p.down ? l->words_taken : p.down;
    SP_TRY(put_positions(tx, l->peer, &p));
    SP_TRY(sweep(tx, &l->arena, p.up));
    l->word_count = 0;
    l->words_done = false;
    l->held_after = (struct sp_dot){ 0 };
    return SP_OK;
}

/* ---- the side that answers --------------------------------------------- */

/* Held there and no longer waited for here: judged, or another's by now. */
static sp_err find_gone(struct sp_arena *arena, const struct sp_pass *pass,
    struct sp_words_reply *out)
{
    uint32_t at = 0;
    out->gone = sp_arena_take(arena, pass->held.count + 1u, sizeof *out->gone);
    if (out->gone == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < pass->held.count; i++) {
        const struct sp_dot *d = &pass->held.dot[i];
        while (
            at < pass->found.count && sp_dot_cmp(&pass->found.dot[at], d) < 0) {
            at++;
        }
        if (at == pass->found.count ||
            sp_dot_cmp(&pass->found.dot[at], d) != 0) {
            out->gone[out->gone_count++] = i;
        }
    }
    return SP_OK;
}

static sp_err take_words(
    struct sp_link *l, struct sp_tx *tx, const struct sp_words_request *m)
{
    tx->peer = l->peer;
    sp_err err = SP_OK;
    for (uint32_t i = 0; i < m->word_count && err == SP_OK; i++) {
        err = sp_apply_said(tx, &l->certified, &m->word[i]);
    }
    if (err == SP_OK) {
        err = sp_apply_settle_down(tx);
    }
    tx->peer = 0;
    return err;
}

/* The first position of a session is one that the branch has stored; a later
 * one speaks of what it keeps aside until the end of the exchange. */
static sp_err count_heard(
    struct sp_link *l, struct sp_tx *tx, uint64_t position)
{
    uint64_t all;
    if (!l->words_heard) {
        l->words_heard = true;
        l->words_first = position;
    }
    SP_TRY(hear(tx, l->peer, l->words_first));
    SP_TRY(heard_by_all(tx, &all));
    return sweep(tx, &l->arena, all);
}

sp_err sp_words_serve(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_words_request m;
    struct sp_words_reply reply = { 0 };
    struct words w = { .tx = tx, .reader = l->peer };
    SP_TRY(sp_message_read_words(sp_buf_slice(&l->in), &l->arena, &m));
    if (!l->reader.server || l->node->tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    SP_TRY(take_words(l, tx, &m));
    struct sp_kb term = { .size = 0 };
    sp_kb_add_u8(&term, 'T');
    SP_TRY(sp_apply_retry(tx, &term)); /* a serving term may have ended (J9) */
    w.list = sp_arena_take(&l->arena, WORDS_MOST, sizeof *w.list);
    struct sp_pass pass = { .branch = l->peer,
        .after = m.held_after,
        .until = m.held_more ? m.held[m.held_count - 1] : (struct sp_dot){ 0 },
        .held = { m.held_count, m.held },
        .budget = l->budget / 2, /* and as much for the words */
        .arena = &l->arena };
    pass.passed =
        sp_arena_take(&l->arena, SP_BATCH_COMMITS_MAX, sizeof *pass.passed);
    if (w.list == NULL || pass.passed == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(collect(&w, m.position));
    SP_TRY(sp_passed_find(tx, &pass));
    SP_TRY(find_gone(&l->arena, &pass, &reply));
    reply.position = w.reached;
    reply.word = w.list;
    reply.word_count = w.count;
    reply.passed = pass.passed;
    reply.passed_count = pass.passed_count;
    reply.more = w.more || pass.more;
    sp_buf_reset(&l->out);
    sp_message_words_reply(&reply, &l->out);
    SP_TRY(sp_link_seal(l));
    return count_heard(l, tx, m.position);
}
