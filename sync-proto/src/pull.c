/*
 * pull.c - the side that asks reads feeds: every scope to its end, then the
 * new keys of wider grants, and the proof of both (SYNC S2, S5, P1, P2).
 */
#include "contents.h"
#include "conversation.h"

/* ---- asking ------------------------------------------------------------ */

/* The keys that scopes of this server are still to bring, by scope; *count
 * goes up (SYNC S5). */
static sp_err add_widening(
    struct sp_link *l, struct sp_tx *tx, uint32_t i, struct sp_pull *m)
{
    struct sp_scope_state *s;
    struct sp_fields keys;
    SP_TRY(sp_tx_scope(tx, &l->scope[i].scope, &s));
    SP_TRY(sp_base_coming(s, &l->arena, &keys));
    if (keys.count == 0) {
        return SP_OK;
    }
    sp_buf_reset(&l->work);
    sp_grant_write(&keys, true, &l->work);
    SP_TRY(l->work.err);
    m->widening[m->widening_count++] = (struct sp_widening){ i,
        sp_arena_copy(&l->arena, sp_buf_slice(&l->work)) };
    return m->widening[m->widening_count - 1].keys.data == NULL ? SP_E_NOMEM
                                                                : SP_OK;
}

/* Every scope to the end of its feed; then the new keys of wider grants, in
 * scans of their own. */
static sp_err list_scans(struct sp_link *l, struct sp_tx *tx, struct sp_pull *m)
{
    for (uint32_t i = 0; i < l->scope_count; i++) {
        if (!l->scope[i].read) {
            continue;
        }
        if (!l->scope[i].complete) {
            m->position[m->count++] = l->scope[i].position;
        }
        SP_TRY(add_widening(l, tx, i, m));
    }
    m->only = m->count == 0 && m->widening_count > 0;
    for (uint32_t i = 0; i < m->widening_count && m->only; i++) {
        m->position[m->count++] = l->scope[m->widening[i].index].widening;
    }
    l->widening = m->only;
    return SP_OK;
}

bool sp_pull_any_read(const struct sp_link *l)
{
    for (uint32_t i = 0; i < l->scope_count; i++) {
        if (l->scope[i].read && l->scope[i].complete) {
            return true;
        }
    }
    return false;
}

sp_err sp_pull_send(struct sp_link *l, struct sp_tx *tx, bool *any)
{
    struct sp_pull m = { .ask = l->ask };
    m.ask_count =
        l->ask_count < SP_PAGE_ITEMS_MAX ? l->ask_count : SP_PAGE_ITEMS_MAX;
    m.position =
        sp_arena_take(&l->arena, l->scope_count + 1u, sizeof *m.position);
    m.widening =
        sp_arena_take(&l->arena, l->scope_count + 1u, sizeof *m.widening);
    if (m.position == NULL || m.widening == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(list_scans(l, tx, &m));
    *any = m.count > 0 || m.ask_count > 0;
    if (!*any) {
        return SP_OK;
    }
    sp_buf_reset(&l->out);
    sp_message_pull(&m, &l->out);
    SP_TRY(sp_link_seal(l));
    l->ask_count -= m.ask_count;
    l->asked_all = l->ask_count == 0;
    if (l->ask_count > 0) {
        memmove(l->ask, l->ask + m.ask_count, l->ask_count * sizeof *l->ask);
    }
    l->state = SP_C_PULL;
    return SP_OK;
}

/* ---- items ------------------------------------------------------------- */

static sp_err ask_for(struct sp_link *l, const struct sp_ref *ref)
{
    struct sp_ref *ask = sp_heap_grow(l->ask, l->ask_count, sizeof *ask);
    if (ask == NULL) {
        return SP_E_NOMEM;
    }
    l->ask = ask;
    ask[l->ask_count++] = *ref;
    return SP_OK;
}

static sp_err item_scopes(
    const struct sp_link *l, const struct sp_item *item, struct sp_scopes *out)
{
    if (item->index >= l->scope_count ||
        item->also_count >= SP_RECORD_SCOPES_MAX) {
        return SP_E_MALFORMED;
    }
    out->count = 1;
    out->id[0] = l->scope[item->index].scope;
    for (uint32_t i = 0; i < item->also_count; i++) {
        if (item->also[i] >= l->scope_count) {
            return SP_E_MALFORMED;
        }
        out->id[out->count++] = l->scope[item->also[i]].scope;
    }
    return SP_OK;
}

/* What left a scope at head office may be in it again here, by a commit that
 * head office has not seen: such a record stays, and the position, so that the
 * next exchange, which brings that commit up first, hears of it again. */
static sp_err take_left(
    struct sp_link *l, struct sp_tx *tx, const struct sp_item *item)
{
    struct sp_pulled_scope *s = &l->scope[item->index];
    bool ahead;
    SP_TRY(sp_base_ahead(tx, &item->ref, &ahead));
    s->kept = s->kept || ahead;
    return ahead ? SP_OK : sp_base_left(tx, &s->scope, &item->ref, l->peer);
}

static sp_err take_item(
    struct sp_link *l, struct sp_tx *tx, const struct sp_item *item)
{
    struct sp_record part;
    struct sp_scopes scopes;
    bool same;
    SP_TRY(item_scopes(l, item, &scopes));
    sp_arena_reset(&tx->scratch);
    switch (item->kind) {
    case SP_ITEM_RECORD:
        SP_TRY(
            sp_record_decode(item->bytes, SP_RECORD_WIRE, &tx->scratch, &part));
        l->report.pulled++;
        l->progress.pulled++;
        return sp_base_take(tx, &scopes, &part);
    case SP_ITEM_HAVE:
        SP_TRY(sp_base_have(tx, &scopes, &item->ref, item->hash, &same));
        return same ? SP_OK : ask_for(l, &item->ref);
    case SP_ITEM_LEFT:
        return take_left(l, tx, item);
    }
    return SP_E_MALFORMED;
}

/* ---- positions and proof ----------------------------------------------- */

/* SYNC S7: how far this feed has been read. A device may have anything up to
 * there; a branch has all of it when the scan is complete, and with it all
 * that head office has of others. */
sp_err sp_pull_reached(struct sp_link *l, struct sp_tx *tx,
    const struct sp_pulled_scope *s, const struct sp_position *p)
{
    struct sp_content c = { .server = l->peer, .place = p->since };
    struct sp_peer_state peer;
    SP_TRY(sp_node_peer(tx, l->peer, &peer));
    c.history = peer.history;
    if (!sp_tx_is_server(tx)) {
        c.place = p->mark > c.place ? p->mark : c.place;
        c.place = p->seq > c.place ? p->seq : c.place;
        return c.place == 0 ? SP_OK : sp_contents_raise(tx, &s->scope, &c);
    }
    if (!s->complete) {
        return SP_OK;
    }
    SP_TRY(sp_contents_replace(tx, &s->scope, &l->said[s->position.index]));
    return sp_contents_raise(tx, &s->scope, &c);
}

/* SYNC P2: the scope is read again, once; what still differs then stays as it
 * is, the alarm stands, and the next exchange reads it once more. */
static sp_err read_again(
    struct sp_link *l, struct sp_tx *tx, struct sp_pulled_scope *s)
{
    l->report.alarms++;
    sp_base_alarm(tx);
    if (s->again) {
        s->position = (struct sp_position){ .index = s->position.index };
        return sp_node_forget_position(tx, l->peer, &s->scope);
    }
    s->again = true;
    SP_TRY(sp_base_reset_scope(tx, &s->scope));
    for (uint32_t i = 0; i < l->scope_count; i++) {
        /* Every scope whose positions the reset took is read again. */
        struct sp_position p;
        SP_TRY(sp_node_position(tx, l->peer, &l->scope[i].scope, &p));
        if (p.since == 0 && l->scope[i].read) {
            p.index = i;
            l->scope[i].position = p;
            l->scope[i].widening = (struct sp_position){ .index = i };
            l->scope[i].complete = false;
        }
    }
    return SP_OK;
}

/* P1: our total against the server's. A branch that has taken more from its
 * devices meanwhile is ahead, and proves another time. */
static sp_err prove(struct sp_link *l, struct sp_tx *tx,
    struct sp_pulled_scope *s, const uint8_t sum[16])
{
    struct sp_scope_state *state;
    uint8_t total[16];
    SP_TRY(sp_tx_scope(tx, &s->scope, &state));
    sp_proof_total_held(state, total);
    if (memcmp(total, sum, sizeof total) == 0 || l->outrun) {
        return SP_OK;
    }
    if (sp_tx_is_server(tx)) {
        bool ahead;
        SP_TRY(sp_upper_ahead(tx, l->peer, &ahead));
        if (ahead) {
            return SP_OK;
        }
    }
    return read_again(l, tx, s);
}

/* The new keys of a scope stand where the page says; with the last of them the
 * wider grant holds (SYNC S5). */
static sp_err take_widening(
    struct sp_link *l, struct sp_tx *tx, const struct sp_page_position *p)
{
    struct sp_pulled_scope *s = &l->scope[p->position.index];
    struct sp_scope_state *state;
    struct sp_fields keys;
    uint8_t total[16];
    s->widening = p->position;
    SP_TRY(sp_pull_reached(l, tx, s, &p->position));
    if (!p->complete) {
        return sp_node_put_widening(tx, l->peer, &s->scope, &p->position);
    }
    SP_TRY(sp_tx_scope(tx, &s->scope, &state));
    SP_TRY(sp_base_coming(state, &l->arena, &keys));
    SP_TRY(sp_base_widened(tx, state, l->peer));
    sp_proof_total_of(state, &keys, total);
    return memcmp(total, p->sum, sizeof total) == 0 || l->outrun
               ? SP_OK
               : read_again(l, tx, s);
}

static sp_err take_position(struct sp_link *l, struct sp_tx *tx,
    const struct sp_page_position *p, bool *completed)
{
    struct sp_pulled_scope *s = &l->scope[p->position.index];
    struct sp_position before = s->position;
    s->position = p->position;
    s->complete = p->complete && l->ask_count == 0;
    s->stayed = s->stayed && !s->complete;
    *completed = *completed || s->complete;
    if (s->kept) {
        return SP_OK;
    }
    SP_TRY(sp_pull_reached(l, tx, s, &p->position));
    if (l->ask_count == 0) {
        return sp_node_put_position(tx, l->peer, &s->scope, &p->position);
    }
    /* Records of this page are still to be asked for, also when the session
     * is cut before they are here; those of the page before are here. */
    return l->asked_all ? sp_node_put_position(tx, l->peer, &s->scope, &before)
                        : SP_OK;
}

static sp_err take_positions(
    struct sp_link *l, struct sp_tx *tx, const struct sp_page *m)
{
    bool completed = false;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct sp_page_position *p = &m->position[i];
        if (p->position.index >= l->scope_count) {
            return SP_E_MALFORMED;
        }
        SP_TRY(l->widening ? take_widening(l, tx, p)
                           : take_position(l, tx, p, &completed));
    }
    if (!completed) {
        return SP_OK;
    }
    SP_TRY(sp_base_accept(tx, SP_ACCEPT_MEMBERS));
    for (uint32_t i = 0; i < m->count; i++) {
        struct sp_pulled_scope *s = &l->scope[m->position[i].position.index];
        if (s->complete && m->position[i].complete) {
            SP_TRY(prove(l, tx, s, m->position[i].sum));
        }
    }
    return SP_OK;
}

sp_err sp_pull_take(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_page m;
    SP_TRY(sp_message_read_page(sp_buf_slice(&l->in), &l->arena, &m));
    if (!l->pulled_once) {
        l->progress.to_pull = m.left;
        l->pulled_once = true;
    }
    for (uint32_t i = 0; i < m.item_count; i++) {
        SP_TRY(take_item(l, tx, &m.item[i]));
    }
    return take_positions(l, tx, &m);
}
