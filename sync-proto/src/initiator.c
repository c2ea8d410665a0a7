/*
 * initiator.c - the side that asks: a device at its branch, a branch at head
 * office. Up first, then down (SYNC T1).
 *
 *   start -> hello -> [same: done]
 *         -> open -> documents* -> push* -> [branch: words* -> upper*]
 *         -> pull* -> finish -> done
 */
#include "contents.h"
#include "conversation.h"

static void free_said(struct sp_link *l)
{
    for (uint32_t i = 0; l->said != NULL && i < l->scope_count; i++) {
        sp_heap_free(l->said[i].list);
    }
    sp_heap_free(l->said);
    l->said = NULL;
}

void sp_initiator_free(struct sp_link *l)
{
    sp_heap_free(l->scope);
    sp_heap_free(l->drop);
    sp_heap_free(l->outgoing);
    sp_heap_free(l->there);
    sp_heap_free(l->ask);
    sp_heap_free(l->confirm);
    sp_heap_free(l->news);
    sp_heap_free(l->word);
    sp_heap_free(l->told);
    free_said(l);
    sp_heap_free(l->held);
}

/* ---- the handshake ----------------------------------------------------- */

static sp_err start_handshake(struct sp_link *l)
{
    uint8_t prologue[SP_PROLOGUE_BYTES_MAX];
    struct sp_secret ephemeral;
    const struct sp_identity *id = l->node->identity;
    const struct sp_id *enrolment = l->setup.enrol ? &l->setup.enrolment : NULL;
    size_t size = sp_frame_prologue(prologue, &id->org, enrolment);
    l->node->env->random(l->node->env->self, ephemeral.b, sizeof ephemeral.b);
    struct sp_handshake_setup setup = { .pattern = SP_NOISE_IKPSK2,
        .initiator = true,
        .prologue = sp_slice_of(prologue, size),
        .own_static = &id->static_secret,
        .ephemeral = &ephemeral,
        .remote_static = l->setup.peer_static };
    sp_handshake_init(&l->hs, &setup);
    sp_secret_wipe(&ephemeral);
    sp_err err =
        sp_frame_hello(&l->hs, enrolment, sp_buf_slice(&l->out), &l->frame);
    if (err == SP_OK) {
        l->state = SP_C_HELLO;
    }
    return err;
}

static sp_err say_hello(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_hello hello = { .version = SP_WIRE_VERSION };
    hello.now_ms = l->node->env->now_ms(l->node->env->self);
    if (!l->setup.enrol) {
        struct sp_peer_state peer;
        bool ready;
        hello.replica = tx->node->identity->replica;
        SP_TRY(sp_node_peer(tx, l->peer, &peer));
        SP_TRY(sp_node_documents_digest(
            tx, sp_tx_is_server(tx), &hello.documents));
        memcpy(hello.token, peer.token, sizeof hello.token);
        SP_TRY(sp_proof_initiator(tx, l->peer, hello.digest, &ready));
        if (!ready) { /* a digest that no server computes */
            l->node->env->random(
                l->node->env->self, hello.digest, sizeof hello.digest);
        }
    }
    sp_buf_reset(&l->out);
    sp_message_hello(&hello, &l->out);
    SP_TRY(l->out.err);
    return start_handshake(l);
}

static sp_err keep_contact(struct sp_link *l, struct sp_tx *tx, bool complete)
{
    struct sp_peer_state p;
    SP_TRY(sp_node_peer(tx, l->peer, &p));
    p.last_contact_ms = sp_tx_now(tx);
    p.clock_offset_ms = l->report.clock_offset_ms;
    if (!l->report.same) {
        memcpy(p.token, l->hash, sizeof p.token); /* SYNC X4 */
    }
    p.complete = p.complete || complete;
    return sp_node_put_peer(tx, &p);
}

/* ---- open -------------------------------------------------------------- */

struct own_heads {
    struct sp_link *link;
    struct sp_tx *tx;
    struct sp_point *list;
    uint32_t count;
};

static sp_err collect_head(void *arg, const struct sp_chain *c)
{
    struct own_heads *h = arg;
    const struct sp_identity *id = h->tx->node->identity;
    if (sp_replica_device(c->replica) != id->device ||
        c->replica == id->replica || h->count == SP_REPLICAS_MAX) {
        return SP_OK;
    }
    struct sp_point *p = &h->list[h->count++];
    *p = (struct sp_point){ .replica = c->replica, .n = c->n };
    memcpy(p->hash, c->hash.b, sizeof p->hash);
    return SP_OK;
}

struct held_list {
    struct sp_tx *tx;
    struct sp_open *m;
};

static sp_err collect_held(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct held_list *h = arg;
    struct sp_position p;
    struct sp_id scope;
    (void)value;
    memcpy(scope.b, key.data + 4, sizeof scope.b);
    SP_TRY(sp_node_position(h->tx, sp_get_u32be(key.data), &scope, &p));
    if (p.mark == 0 && p.since > 0 && h->m->held_count < SP_SCOPES_MAX) {
        h->m->held[h->m->held_count++] =
            (struct sp_held){ .scope = scope, .since = p.since };
    }
    return SP_OK;
}

static sp_err send_open(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_open m = { 0 };
    struct sp_peer_state peer;
    struct sp_chain chain;
    struct own_heads h = { .link = l, .tx = tx, .count = 1 };
    h.list = sp_arena_take(&l->arena, SP_REPLICAS_MAX, sizeof *h.list);
    if (h.list == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_log_chain(tx, tx->node->identity->replica, &chain));
    h.list[0] = (struct sp_point){ .replica = chain.replica, .n = chain.n };
    memcpy(h.list[0].hash, chain.hash.b, sizeof h.list[0].hash);
    SP_TRY(sp_log_each_chain(tx, collect_head, &h));
    SP_TRY(sp_node_peer(tx, l->peer, &peer));
    m.history = peer.history;
    m.head = h.list;
    m.head_count = h.count;
    m.held = sp_arena_take(&l->arena, SP_SCOPES_MAX, sizeof *m.held);
    if (m.held == NULL) {
        return SP_E_NOMEM;
    }
    struct held_list held = { tx, &m };
    struct sp_kb server = sp_kb_u32(l->peer);
    SP_TRY(tx->node->store->walk(tx->txn, SP_T_POSITION, sp_kb_slice(&server),
        (struct sp_slice){ 0 }, false, collect_held, &held));
    SP_TRY(sp_node_documents_digest(tx, sp_tx_is_server(tx), &m.documents));
    if (!sp_tx_is_server(tx)) {
        SP_TRY(sp_node_documents_at(tx, &m.documents_n));
    }
    sp_buf_reset(&l->out);
    sp_message_open(&m, &l->out);
    l->state = SP_C_OPEN;
    return sp_link_seal(l);
}

/* ---- welcome: add, keep, drop (SYNC S5) -------------------------------- */

static sp_err reset_positions(struct sp_tx *tx, uint32_t server)
{
    struct sp_kb prefix = sp_kb_u32(server);
    return sp_tx_clear(tx, SP_T_POSITION, &prefix);
}

/* A new history voids the positions (SYNC S3). */
static sp_err meet_history(
    struct sp_link *l, struct sp_tx *tx, const struct sp_id *history)
{
    struct sp_peer_state p;
    SP_TRY(sp_node_peer(tx, l->peer, &p));
    if (sp_id_equal(&p.history, history)) {
        return SP_OK;
    }
    if (!sp_id_is_zero(&p.history)) {
        SP_TRY(reset_positions(tx, l->peer));
    }
    if (sp_tx_is_server(tx)) {
        SP_TRY(sp_contents_forget_told(tx));
    }
    p.history = *history;
    p.complete = false;
    return sp_node_put_peer(tx, &p);
}

/* What the welcome says of one scope (SYNC S7). */
static sp_err said_of(const struct sp_welcome *m, uint32_t index,
    struct sp_arena *arena, struct sp_contents *out)
{
    *out = (struct sp_contents){ .count = 0 };
    for (uint32_t i = 0; i < m->content_count; i++) {
        const struct sp_welcome_content *c = &m->content[i];
        uint32_t k = 0;
        while (k < c->count && c->place[k].index < index) {
            k++;
        }
        if (k == c->count || c->place[k].index != index) {
            continue;
        }
        out->list =
            sp_arena_grow(arena, out->list, out->count, sizeof *out->list);
        if (out->list == NULL) {
            return SP_E_NOMEM;
        }
        out->list[out->count++] =
            (struct sp_content){ c->server, c->history, c->place[k].place };
    }
    return SP_OK;
}

/* SYNC S7: who has been further elsewhere than this server pushes and takes
 * verdicts, but neither pulls nor proves. */
static sp_err may_read(struct sp_link *l, struct sp_tx *tx,
    const struct sp_welcome *m, uint32_t index, bool *out)
{
    const struct sp_welcome_scope *w = &m->scope[index];
    struct sp_contents said, here;
    *out = w->served != SP_SERVES_NOT;
    if (!*out || sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(said_of(m, index, &l->arena, &said));
    SP_TRY(sp_contents_list(tx, &w->scope, &l->arena, &here));
    for (uint32_t i = 0; i < here.count && *out; i++) {
        *out = here.list[i].server == l->peer ||
               sp_contents_cover(&said, &here.list[i], w->served == SP_SERVES);
    }
    return SP_OK;
}

/* A branch keeps it until the scope is complete. */
static sp_err keep_said(
    struct sp_link *l, const struct sp_welcome *m, uint32_t index)
{
    struct sp_contents said;
    SP_TRY(said_of(m, index, &l->arena, &said));
    struct sp_contents *kept = &l->said[index];
    kept->list = sp_heap_new((said.count + 1u) * sizeof *kept->list);
    if (kept->list == NULL) {
        return SP_E_NOMEM;
    }
    kept->count = said.count;
    if (said.count > 0) {
        memcpy(kept->list, said.list, said.count * sizeof *said.list);
    }
    return SP_OK;
}

/* One scope of the welcome: what it shows may have changed. */
static sp_err hold_scope(struct sp_link *l, struct sp_tx *tx,
    const struct sp_welcome_scope *w, const struct sp_welcome_grant *grant,
    struct sp_pulled_scope *out)
{
    struct sp_scope_state *s;
    SP_TRY(sp_tx_scope(tx, &w->scope, &s));
    out->scope = w->scope;
    SP_TRY(sp_node_position(tx, l->peer, &w->scope, &out->position));
    if (sp_tx_is_server(tx)) {
        s->dirty = s->dirty || !s->held ||
                   memcmp(s->digest, grant->digest, sizeof s->digest) != 0;
        s->held = true;
        memcpy(s->digest, grant->digest, sizeof s->digest);
        return SP_OK;
    }
    if (!s->held) {
        memcpy(s->key, w->key, sizeof s->key);
    }
    SP_TRY(sp_base_regrant(tx, s, grant->digest, grant->list));
    return sp_node_widening(tx, l->peer, &w->scope, &out->widening);
}

struct held_walk {
    struct sp_link *link;
    struct sp_tx *tx;
};

static bool in_welcome(const struct sp_link *l, const struct sp_id *scope)
{
    for (uint32_t i = 0; i < l->scope_count; i++) {
        if (sp_id_equal(&l->scope[i].scope, scope)) {
            return true;
        }
    }
    return false;
}

static sp_err collect_drop(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct held_walk *w = arg;
    struct sp_link *l = w->link;
    struct sp_id id;
    struct sp_scope_state *s;
    (void)value;
    memcpy(id.b, key.data, sizeof id.b);
    SP_TRY(sp_tx_scope(w->tx, &id, &s));
    if (!s->held || in_welcome(l, &id)) {
        return SP_OK;
    }
    struct sp_id *drop = sp_heap_grow(l->drop, l->drop_count, sizeof *drop);
    if (drop == NULL) {
        return SP_E_NOMEM;
    }
    l->drop = drop;
    drop[l->drop_count++] = id;
    return SP_OK;
}

static sp_err take_scopes(
    struct sp_link *l, struct sp_tx *tx, const struct sp_welcome *m)
{
    free_said(l);
    sp_heap_free(l->scope);
    l->scope_count = 0;
    l->scope = sp_heap_new((m->scope_count + 1u) * sizeof *l->scope);
    l->said = sp_heap_new((m->scope_count + 1u) * sizeof *l->said);
    if (l->scope == NULL || l->said == NULL) {
        return SP_E_NOMEM;
    }
    l->scope_count = m->scope_count;
    for (uint32_t i = 0; i < m->scope_count; i++) {
        SP_TRY(may_read(l, tx, m, i, &l->scope[i].read));
        SP_TRY(sp_tx_is_server(tx) ? keep_said(l, m, i) : SP_OK);
        l->scope[i].position.index = i;
        SP_TRY(hold_scope(
            l, tx, &m->scope[i], &m->grant[m->scope[i].grant], &l->scope[i]));
        l->scope[i].position.index = i;
        if (m->scope[i].served == SP_SERVES_NOT) {
            /* Served elsewhere by now: what was read here proves nothing. */
            SP_TRY(sp_node_forget_position(tx, l->peer, &m->scope[i].scope));
        }
        l->scope[i].widening.index = i;
    }
    l->drop_count = 0;
    struct held_walk w = { l, tx };
    return tx->node->store->walk(tx->txn, SP_T_SCOPE, (struct sp_slice){ 0 },
        (struct sp_slice){ 0 }, false, collect_drop, &w);
}

static sp_err take_welcome(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_welcome m;
    struct sp_id documents;
    SP_TRY(sp_message_read_welcome(sp_buf_slice(&l->in), &l->arena, &m));
    SP_TRY(meet_history(l, tx, &m.history));
    SP_TRY(keep_contact(l, tx, false));
    SP_TRY(take_scopes(l, tx, &m));
    l->confirm_count = 0;
    l->outgoing_count = 0;
    l->there_count = 0;
    l->unfinished = false;
    l->settled = false;
    l->late = false;
    SP_TRY(sp_push_told(l, tx, &m.told));
    SP_TRY(sp_node_documents_digest(tx, sp_tx_is_server(tx), &documents));
    l->documents_differ =
        !l->report.revoked && !sp_id_equal(&documents, &m.documents);
    sp_documents_begin(l, tx);
    return SP_OK;
}

/* ---- push and pull ----------------------------------------------------- */

/* Whether the scopes that moved may move here as well: only if it is known
 * which of them the new records are in. */
static sp_err may_move(
    struct sp_link *l, struct sp_tx *tx, const struct sp_pushed *m, bool *out)
{
    *out = true;
    for (uint32_t i = 0; i < m->moved_count; i++) {
        if (m->moved[i].index >= l->scope_count) {
            return SP_E_MALFORMED;
        }
        *out = *out && !l->scope[m->moved[i].index].stayed;
    }
    for (uint32_t i = 0; i < l->news_count && m->moved_count > 0; i++) {
        const struct sp_told_range *r = &l->news[i];
        SP_TRY(sp_base_placed(tx, r->replica, r->from, r->to, out));
    }
    return SP_OK;
}

static sp_err move_along(struct sp_link *l, struct sp_tx *tx,
    const struct sp_pushed *m, struct sp_scopes *moved)
{
    for (uint32_t i = 0; i < m->moved_count; i++) {
        if (moved->count == SP_RECORD_SCOPES_MAX) {
            return SP_E_MALFORMED;
        }
        struct sp_pulled_scope *s = &l->scope[m->moved[i].index];
        s->position.since = m->moved[i].since;
        SP_TRY(sp_node_put_position(tx, l->peer, &s->scope, &s->position));
        SP_TRY(sp_pull_reached(l, tx, s, &s->position));
        moved->id[moved->count++] = s->scope;
    }
    return SP_OK;
}

struct rest {
    const struct sp_link *l;
    const struct sp_scopes *moved;
    bool any;
};

static void find_rest(void *arg, const struct sp_id *scope)
{
    struct rest *r = arg;
    for (uint32_t i = 0; i < r->l->scope_count; i++) {
        r->any = r->any || (sp_id_equal(&r->l->scope[i].scope, scope) &&
                               !sp_place_scopes_have(r->moved, scope));
    }
}

/* In a round after all was read: where what was pushed belongs, and the
 * position did not move along, something else came as well, and it may have
 * gone from one scope to another: all are read on. */
static sp_err read_rest(
    struct sp_link *l, struct sp_tx *tx, const struct sp_scopes *moved)
{
    struct rest r = { l, moved, false };
    for (uint32_t i = 0; i < l->news_count && !r.any && sp_pull_any_read(l);
         i++) {
        const struct sp_told_range *n = &l->news[i];
        SP_TRY(
            sp_base_each_scope(tx, n->replica, n->from, n->to, find_rest, &r));
    }
    for (uint32_t i = 0; i < l->scope_count && r.any; i++) {
        l->scope[i].complete = false;
    }
    return SP_OK;
}

static sp_err take_moved(
    struct sp_link *l, struct sp_tx *tx, const struct sp_pushed *m)
{
    struct sp_scopes moved = { .count = 0 };
    bool may;
    SP_TRY(may_move(l, tx, m, &may));
    for (uint32_t i = 0; i < m->moved_count && !may; i++) {
        struct sp_pulled_scope *s = &l->scope[m->moved[i].index];
        s->stayed = true;
        s->complete = false;
    }
    SP_TRY(may ? move_along(l, tx, m, &moved) : SP_OK);
    for (uint32_t i = 0; i < l->news_count && moved.count > 0; i++) {
        const struct sp_told_range *r = &l->news[i];
        SP_TRY(sp_base_accept_moved(tx, r->replica, r->from, r->to, &moved));
    }
    return read_rest(l, tx, &moved);
}

static sp_err take_pushed(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_pushed m;
    SP_TRY(sp_message_read_pushed(sp_buf_slice(&l->in), &l->arena, &m));
    SP_TRY(sp_push_told(l, tx, &m.told));
    return take_moved(l, tx, &m);
}

/* ---- the end ----------------------------------------------------------- */

static sp_err send_finish(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_finish m = {
        .confirmed = l->confirm, .told_count = l->told_count, .told = l->told
    };
    SP_TRY(sp_node_history(tx, &m.history));
    m.count =
        l->confirm_count < SP_VERDICTS_MAX ? l->confirm_count : SP_VERDICTS_MAX;
    sp_buf_reset(&l->out);
    sp_message_finish(&m, &l->out);
    SP_TRY(sp_link_seal(l));
    l->confirm_count -= m.count;
    if (l->confirm_count > 0) {
        memmove(l->confirm, l->confirm + m.count,
            l->confirm_count * sizeof *l->confirm);
    }
    l->state = SP_C_FINISH;
    return SP_OK;
}

/* Whether this server has shown all that may be held: then an accepted record
 * that nobody sent is in no scope of ours. */
static bool all_read(const struct sp_link *l)
{
    for (uint32_t i = 0; i < l->scope_count; i++) {
        if (!l->scope[i].read) {
            return false;
        }
    }
    return true;
}

/* A branch forgets a scope on head office's word, which is the roster too, and
 * when all that it knows is up (SYNC T2). */
static sp_err may_drop(
    struct sp_tx *tx, uint32_t server, const struct sp_id *scope, bool *out)
{
    bool ahead = false;
    *out = true;
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_upper_ahead(tx, server, &ahead));
    *out = !ahead && tx->rules->server_of(tx->rules->self, scope) !=
                         tx->node->identity->device;
    return SP_OK;
}

static sp_err drop_scopes(struct sp_link *l, struct sp_tx *tx)
{
    for (uint32_t i = 0; i < l->drop_count; i++) {
        bool may;
        SP_TRY(may_drop(tx, l->peer, &l->drop[i], &may));
        if (may) {
            SP_TRY(sp_base_drop_scope(tx, &l->drop[i], &l->report.purged));
        }
    }
    l->drop_count = 0;
    return SP_OK;
}

/* All that belongs to the end of an exchange; the last word to head office
 * speaks of the state after it. */
static sp_err settle(struct sp_link *l, struct sp_tx *tx)
{
    SP_TRY(sp_base_accept(tx, all_read(l) && !l->late && !l->outrun
                                  ? SP_ACCEPT_ALL
                                  : SP_ACCEPT_MEMBERS));
    if (l->upper_staged) {
        SP_TRY(sp_upper_swap(l, tx));
        SP_TRY(sp_words_end(l, tx));
        l->upper_staged = false;
    }
    SP_TRY(sp_purge_end(tx, &l->report.purged));
    SP_TRY(drop_scopes(l, tx));
    SP_TRY(sp_node_retry(tx)); /* SYNC J3 */
    l->settled = true;
    return SP_OK;
}

/* A branch whose commits and words are all up has given head office all that
 * its feeds hold (SYNC S7). */
static sp_err find_told(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_scope_place *list;
    uint32_t count;
    bool ahead = true;
    sp_heap_free(l->told);
    l->told = NULL;
    l->told_count = 0;
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_upper_ahead(tx, l->peer, &ahead));
    if (ahead) {
        return SP_OK;
    }
    SP_TRY(sp_contents_news(tx, &l->arena, &list, &count));
    l->told = sp_heap_new((count + 1u) * sizeof *l->told);
    if (l->told == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(l->told, list, count * sizeof *list);
    l->told_count = count;
    return SP_OK;
}

static sp_err keep_told(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_content c = { .server = tx->node->identity->device };
    if (l->told_count == 0) {
        return SP_OK;
    }
    SP_TRY(sp_node_history(tx, &c.history));
    for (uint32_t i = 0; i < l->told_count; i++) {
        c.place = l->told[i].place;
        SP_TRY(sp_contents_raise(tx, &l->told[i].scope, &c));
    }
    l->told_count = 0;
    return SP_OK;
}

static sp_err end_exchange(struct sp_link *l, struct sp_tx *tx)
{
    SP_TRY(find_told(l, tx));
    if (l->told_count > 0) {
        return send_finish(l, tx);
    }
    SP_TRY(keep_contact(l, tx, true));
    l->report.complete = true;
    l->state = SP_C_DONE;
    return SP_OK;
}

/* ---- what comes next --------------------------------------------------- */

/* Nothing but documents differed. One that the responder took may change what
 * we may have there: then it says so in a welcome (SYNC S5). */
static sp_err end_documents(struct sp_link *l, struct sp_tx *tx)
{
    l->documents_only = false;
    if (l->documents_gave) {
        return send_open(l, tx);
    }
    l->report.complete = true;
    l->state = SP_C_DONE;
    return keep_contact(l, tx, true);
}

static sp_err go_on(struct sp_link *l, struct sp_tx *tx)
{
    bool any = false;
    if (l->documents_differ) {
        return sp_documents_send(l, tx);
    }
    if (l->documents_only) {
        return end_documents(l, tx);
    }
    if (l->settled) {
        return end_exchange(l, tx);
    }
    if (l->state == SP_C_FINISH && l->confirm_count == 0 && l->unfinished) {
        l->unfinished = false;
        l->state = SP_C_OPEN;
    }
    if (l->state <= SP_C_PUSH) {
        if (l->state != SP_C_PUSH) {
            SP_TRY(sp_push_plan(l, tx));
            l->state = SP_C_PUSH;
        }
        if (l->under_way) {
            l->under_way = false; /* its reply comes next */
            return sp_push_ahead(l, tx);
        }
        SP_TRY(sp_push_build(l, tx, &any));
        if (any) {
            return SP_OK;
        }
    }
    if (sp_tx_is_server(tx) && !l->words_done) {
        return sp_words_send(l, tx);
    }
    /* Before the state, so that no acceptance is taken over whose effect is
     * not here yet. */
    if (sp_tx_is_server(tx) && !l->upper_staged) {
        return sp_upper_send(l);
    }
    if (l->state <= SP_C_PULL) {
        l->state = SP_C_PULL;
        SP_TRY(sp_pull_send(l, tx, &any));
        if (any) {
            return SP_OK;
        }
    }
    if (l->confirm_count > 0) {
        return send_finish(l, tx);
    }
    SP_TRY(settle(l, tx));
    return end_exchange(l, tx);
}

static sp_err take_hello_reply(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_hello_reply m;
    SP_TRY(sp_message_read_hello_reply(sp_buf_slice(&l->in), &m));
    uint64_t now = l->node->env->now_ms(l->node->env->self);
    l->report.clock_offset_ms = (int64_t)(m.now_ms - now);
    if (m.status == SP_HELLO_NO) {
        return m.code == SP_OK ? SP_E_MALFORMED : m.code;
    }
    if (l->setup.enrol) {
        sp_buf_reset(&l->out);
        sp_message_enrol(SP_MSG_ENROL, l->setup.request, &l->out);
        l->state = SP_C_ENROL;
        return sp_link_seal(l);
    }
    if (m.status == SP_HELLO_SAME) {
        l->report.same = true;
        l->report.complete = true;
        l->state = SP_C_DONE;
        return keep_contact(l, tx, true);
    }
    if (m.status == SP_HELLO_DOCUMENTS) {
        l->documents_only = true;
        l->documents_differ = true;
        sp_documents_begin(l, tx);
        return sp_documents_send(l, tx);
    }
    /* What was not sent yet is taken for review; all else goes. */
    l->report.revoked = m.code == SP_E_REVOKED;
    return send_open(l, tx);
}

static sp_err take_enrolled(struct sp_link *l)
{
    struct sp_slice body;
    SP_TRY(sp_message_read_enrol(sp_buf_slice(&l->in), &body));
    sp_buf_put(&l->enrolled, body.data, body.size);
    l->state = SP_C_DONE;
    l->report.complete = true;
    return l->enrolled.err;
}

static sp_err take_reply(struct sp_link *l, struct sp_tx *tx)
{
    switch (l->state) {
    case SP_C_OPEN:
        return take_welcome(l, tx);
    case SP_C_DOCUMENTS:
        return sp_documents_take(l, tx);
    case SP_C_PUSH:
        return take_pushed(l, tx);
    case SP_C_PULL:
        return sp_pull_take(l, tx);
    case SP_C_UPPER:
        return sp_upper_take(l, tx);
    case SP_C_WORDS:
        return sp_words_take(l, tx);
    case SP_C_FINISH:
        SP_TRY(sp_message_read_finished(sp_buf_slice(&l->in)));
        return keep_told(l, tx);
    default:
        return SP_E_STATE;
    }
}

/* Another round in an open session: edits made since go up; with none, a look
 * for news. */
static sp_err begin_round(struct sp_link *l, struct sp_tx *tx)
{
    bool any = false;
    l->settled = false;
    l->late = false;
    l->upper_staged = false;
    l->upper_after = 0;
    l->words_done = false;
    l->word_count = 0;
    l->held_after = (struct sp_dot){ 0 };
    SP_TRY(sp_push_plan(l, tx));
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        l->outgoing[i].known = true;
    }
    SP_TRY(sp_push_build(l, tx, &any));
    if (any) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < l->scope_count; i++) {
        l->scope[i].complete = false;
        l->scope[i].kept = false;
    }
    l->state = SP_C_OPEN; /* nothing to push: go on behind it */
    return go_on(l, tx);
}

sp_err sp_initiator_serve(struct sp_link *l, struct sp_tx *tx)
{
    sp_arena_reset(&l->arena);
    if (l->state == SP_C_START) {
        return say_hello(l, tx);
    }
    if (l->state == SP_C_PUSH && !l->has_in) {
        return begin_round(l, tx);
    }
    if (!l->has_in) {
        return SP_E_STATE;
    }
    if (l->state == SP_C_HELLO) {
        return take_hello_reply(l, tx);
    }
    if (l->state == SP_C_ENROL) {
        return take_enrolled(l);
    }
    SP_TRY(take_reply(l, tx));
    return go_on(l, tx);
}
