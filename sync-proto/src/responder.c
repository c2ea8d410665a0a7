/* responder.c - the side that answers: devices' branch, branches' head office.
 */
#include "contents.h"
#include "conversation.h"
#include "held.h"
#include "share.h"

/* ---- the handshake ----------------------------------------------------- */

static sp_err send_hello_reply(
    struct sp_link *l, const struct sp_hello_reply *m)
{
    sp_buf_reset(&l->out);
    sp_message_hello_reply(m, &l->out);
    SP_TRY(l->out.err);
    l->node->env->random(l->node->env->self, l->session, sizeof l->session);
    SP_TRY(sp_frame_hello_reply(
        &l->hs, l->session, sp_buf_slice(&l->out), &l->frame));
    sp_handshake_split(&l->hs, &l->send, &l->receive, l->hash);
    l->keyed = true;
    return SP_OK;
}

static sp_err serve_enrol_hello(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_secret code;
    const struct sp_enroller *e = l->setup.enroller;
    struct sp_hello_reply reply = { .now_ms = sp_tx_now(tx) };
    SP_TRY(e->code(e->self, tx, &l->enrolment, &code));
    sp_handshake_psk(&l->hs, &code);
    sp_secret_wipe(&code);
    SP_TRY(send_hello_reply(l, &reply));
    l->state = SP_C_ENROL;
    return SP_OK;
}

/* Who asks: the certificate of the device that message 1 names must have the
 * static key that the handshake proves. A revoked device may hand in what it
 * has not sent yet, for quarantine (SYNC X8), and is entitled to nothing; a
 * revoked server may not come at all. */
static sp_err certify(
    struct sp_link *l, struct sp_tx *tx, const struct sp_hello *hello)
{
    SP_TRY(tx->rules->device(
        tx->rules->self, sp_replica_device(hello->replica), &l->certified));
    if (!sp_equal_secret(
            l->certified.static_public, l->hs.rs, sizeof l->hs.rs)) {
        return SP_E_FORGED;
    }
    return l->certified.revoked && l->certified.user == 0 ? SP_E_REVOKED
                                                          : SP_OK;
}

/* Compares what the peer says it has with what it may have (SYNC P1). */
static sp_err compare(struct sp_link *l, struct sp_tx *tx,
    const struct sp_hello *hello, enum sp_hello_status *status)
{
    uint8_t digest[16];
    struct sp_id documents;
    bool ready, due;
    SP_TRY(sp_share_due(tx, &due));
    SP_TRY(sp_proof_responder(tx, l->peer, l->reader.server, hello->replica,
        &l->arena, digest, &ready));
    SP_TRY(sp_node_documents_digest(tx, l->reader.server, &documents));
    if (!ready || due || memcmp(digest, hello->digest, sizeof digest) != 0) {
        *status = SP_HELLO_GO;
    } else if (sp_id_equal(&documents, &hello->documents)) {
        *status = SP_HELLO_SAME;
    } else {
        *status = SP_HELLO_DOCUMENTS;
    }
    l->rules_self = tx->rules->self;
    l->report.same = *status == SP_HELLO_SAME;
    l->documents_only = *status == SP_HELLO_DOCUMENTS;
    return SP_OK;
}

static sp_err serve_hello(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_hello hello;
    struct sp_secret psk;
    struct sp_hello_reply reply = { .now_ms = sp_tx_now(tx) };
    if (l->enrolling) {
        return serve_enrol_hello(l, tx);
    }
    SP_TRY(sp_message_read_hello(sp_buf_slice(&l->in), &hello));
    if (hello.version != SP_WIRE_VERSION) {
        return SP_E_VERSION;
    }
    sp_identity_psk(
        &psk, &l->node->identity->psk_root, sp_replica_device(hello.replica));
    sp_handshake_psk(&l->hs, &psk);
    sp_secret_wipe(&psk);
    sp_err err = certify(l, tx, &hello);
    if (err == SP_E_UNKNOWN_DEVICE || err == SP_E_REVOKED) {
        reply.status = SP_HELLO_NO;
        reply.code = err;
        SP_TRY(send_hello_reply(l, &reply));
        l->state = SP_C_DONE; /* the peer leaves; nothing else is served */
        return SP_OK;
    }
    SP_TRY(err);
    l->peer = l->certified.device;
    l->reader.replica = hello.replica;
    l->reader.peer = l->peer;
    l->reader.server = l->certified.user == 0;
    if (l->certified.revoked) {
        reply.code = SP_E_REVOKED;
    } else {
        SP_TRY(compare(l, tx, &hello, &reply.status));
    }
    SP_TRY(send_hello_reply(l, &reply));
    l->state = SP_C_OPEN;
    return SP_OK;
}

/* ---- open -------------------------------------------------------------- */

/* What the peer may have now (SYNC S5), as the holdings of this session. */
static sp_err entitle(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_entitlement e = { 0 };
    if (!l->certified.revoked) {
        SP_TRY(tx->rules->entitle(
            tx->rules->self, l->peer, sp_tx_now(tx), &l->arena, &e));
    }
    if (e.count > SP_SCOPES_MAX) {
        return SP_E_TOO_LARGE;
    }
    struct sp_holding *h = sp_heap_new((e.count + 1u) * sizeof *h);
    if (h == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < e.count; i++) {
        h[i].scope = e.scope[i].scope;
        h[i].grant = e.scope[i].grant;
        memcpy(h[i].digest, e.scope[i].digest, sizeof h[i].digest);
        sp_err err = sp_proof_serves(
            tx, l->reader.server, &e.scope[i].scope, &h[i].served);
        if (err != SP_OK) {
            sp_heap_free(h);
            return err;
        }
    }
    sp_heap_free(l->reader.holding);
    l->reader.holding = h;
    l->reader.count = e.count;
    l->reader.rules = tx->rules;
    l->rules_self = tx->rules->self;
    l->dictionary = tx->rules->serials(tx->rules->self).dictionary;
    l->entitled_until = e.until_ms;
    return SP_OK;
}

/* The rules may have changed since the session began, or a share ended: then
 * what it may read must be the same, or the peer has to begin anew (SYNC S5).
 */
static sp_err same_entitlement(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_entitlement e;
    struct sp_certified c;
    bool due;
    l->reader.rules = tx->rules;
    SP_TRY(sp_share_due(tx, &due));
    if (due) {
        return SP_E_SESSION; /* open takes it away */
    }
    if (l->rules_self == tx->rules->self &&
        (l->entitled_until == 0 || sp_tx_now(tx) < l->entitled_until)) {
        return SP_OK;
    }
    SP_TRY(tx->rules->device(tx->rules->self, l->peer, &c));
    if (c.revoked != l->certified.revoked) {
        return SP_E_SESSION; /* the new one gives nothing, and takes it back */
    }
    if (c.revoked) {
        return SP_OK;
    }
    if (l->reader.server &&
        l->dictionary != tx->rules->serials(tx->rules->self).dictionary) {
        /* It derives by the one that it has, and is to have what this one
         * says before it gets what this one derived. To a device that is said
         * by its grants. */
        return SP_E_SESSION;
    }
    SP_TRY(tx->rules->entitle(
        tx->rules->self, l->peer, sp_tx_now(tx), &l->arena, &e));
    if (e.count != l->reader.count) {
        return SP_E_SESSION;
    }
    for (uint32_t i = 0; i < e.count; i++) {
        struct sp_holding *h = &l->reader.holding[i];
        enum sp_serves serves;
        SP_TRY(
            sp_proof_serves(tx, l->reader.server, &e.scope[i].scope, &serves));
        if (!sp_id_equal(&h->scope, &e.scope[i].scope) ||
            memcmp(h->digest, e.scope[i].digest, sizeof h->digest) != 0 ||
            h->served != serves) {
            return SP_E_SESSION;
        }
        h->grant = e.scope[i].grant;
    }
    l->entitled_until = e.until_ms;
    l->rules_self = tx->rules->self;
    return SP_OK;
}

/* Distinct grants of the session, and each scope's index among them. */
static sp_err welcome_grants(
    struct sp_link *l, struct sp_tx *tx, struct sp_welcome *w)
{
    uint32_t n = l->reader.count;
    w->scope = sp_arena_take(&l->arena, n + 1u, sizeof *w->scope);
    w->grant = sp_arena_take(&l->arena, n + 1u, sizeof *w->grant);
    if (w->scope == NULL || w->grant == NULL) {
        return SP_E_NOMEM;
    }
    w->scope_count = n;
    for (uint32_t i = 0; i < n; i++) {
        const struct sp_holding *h = &l->reader.holding[i];
        struct sp_scope_state *state;
        SP_TRY(sp_tx_scope(tx, &h->scope, &state));
        w->scope[i].scope = h->scope;
        w->scope[i].served = h->served;
        memcpy(w->scope[i].key, state->key, sizeof state->key);
        uint32_t g = 0;
        while (g < w->grant_count &&
               memcmp(w->grant[g].digest, h->digest, 8) != 0) {
            g++;
        }
        w->scope[i].grant = g;
        if (g < w->grant_count) {
            continue;
        }
        sp_buf_reset(&l->work);
        SP_TRY(tx->rules->grant_encode(tx->rules->self, h->grant, &l->work));
        memcpy(w->grant[g].digest, h->digest, 8);
        w->grant[g].list = sp_arena_copy(&l->arena, sp_buf_slice(&l->work));
        if (w->grant[g].list.data == NULL) {
            return SP_E_NOMEM;
        }
        w->grant_count++;
    }
    return SP_OK;
}

static int content_cmp(
    const struct sp_welcome_content *a, const struct sp_content *b)
{
    return a->server != b->server ? (a->server < b->server ? -1 : 1)
                                  : sp_id_cmp(&a->history, &b->history);
}

/* One place in the lists of a welcome, which are by server. */
static sp_err add_content(struct sp_link *l, struct sp_welcome *w,
    uint32_t index, const struct sp_content *c)
{
    struct sp_welcome_content *list = w->content;
    uint32_t at = 0;
    while (at < w->content_count && content_cmp(&list[at], c) < 0) {
        at++;
    }
    if (at == w->content_count || content_cmp(&list[at], c) != 0) {
        if (w->content_count == SP_CONTENTS_MAX) {
            return SP_OK; /* not said: taken as not here */
        }
        list = sp_arena_grow(&l->arena, list, w->content_count, sizeof *list);
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        memmove(
            &list[at + 1], &list[at], (w->content_count++ - at) * sizeof *list);
        list[at] = (struct sp_welcome_content){ .server = c->server,
            .history = c->history };
        w->content = list;
    }
    struct sp_welcome_content *o = &list[at];
    o->place = sp_arena_grow(&l->arena, o->place, o->count, sizeof *o->place);
    if (o->place == NULL) {
        return SP_E_NOMEM;
    }
    o->place[o->count++] = (struct sp_welcome_place){ index, c->place };
    return SP_OK;
}

/* SYNC S7: what is here of what others hand out. */
static sp_err welcome_contents(
    struct sp_link *l, struct sp_tx *tx, struct sp_welcome *w)
{
    for (uint32_t i = 0; i < w->scope_count; i++) {
        struct sp_contents said;
        if (w->scope[i].served == SP_SERVES_NOT) {
            continue; /* of that nothing is handed out at all */
        }
        SP_TRY(sp_contents_tell(
            tx, &w->scope[i].scope, l->peer, &l->arena, &said));
        for (uint32_t k = 0; k < said.count; k++) {
            SP_TRY(add_content(l, w, i, &said.list[k]));
        }
    }
    return SP_OK;
}

/* A device whose chain stood at n when it had these documents makes no later
 * commit under older ones, whatever it says (SYNC J4). What it confirmed first
 * stays: it is confirmed again at each contact. */
static void note_confirmed(const struct sp_link *l, struct sp_tx *tx,
    struct sp_peer_state *p, uint64_t n)
{
    struct sp_confirmed *c = &p->confirmed;
    struct sp_serials now = tx->rules->serials(tx->rules->self);
    if (l->reader.server || now.roster == 0 ||
        (c->replica == l->reader.replica &&
            c->had.dictionary == now.dictionary &&
            c->had.policy == now.policy && c->had.roster == now.roster)) {
        return;
    }
    p->before = *c;
    *c = (struct sp_confirmed){ now, l->reader.replica, n };
}

/* Only now, past message 2 and with a record that proves the peer's keys, the
 * token moves (SYNC X4, reliability: no side effect in message 1). */
static sp_err count_contact(struct sp_link *l, struct sp_tx *tx,
    const struct sp_open *open, const struct sp_id *documents)
{
    struct sp_peer_state p;
    SP_TRY(sp_node_peer(tx, l->peer, &p));
    p.last_contact_ms = sp_tx_now(tx);
    memcpy(p.token, l->hash, sizeof p.token);
    if (open != NULL && sp_id_equal(&open->documents, documents)) {
        note_confirmed(l, tx, &p, open->documents_n);
    }
    return sp_node_put_peer(tx, &p);
}

/* Also of scopes that it may not have any more: what it made there is judged by
 * what it had (SYNC J4). */
static sp_err note_held(
    struct sp_link *l, struct sp_tx *tx, const struct sp_open *open)
{
    for (uint32_t i = 0; i < open->held_count; i++) {
        const struct sp_held *had = &open->held[i];
        struct sp_scope_state *s;
        enum sp_serves serves;
        SP_TRY(sp_tx_scope(tx, &had->scope, &s));
        SP_TRY(sp_proof_serves(tx, false, &had->scope, &serves));
        if (had->since > 0 && had->since <= s->head && serves == SP_SERVES) {
            SP_TRY(
                sp_held_note(tx, l->reader.replica, &had->scope, had->since));
        }
    }
    return SP_OK;
}

/* A peer that stands at the head of a feed needs only what comes from now on
 * (see moved_scopes). */
static sp_err take_held(struct sp_link *l, struct sp_tx *tx,
    const struct sp_open *open, const struct sp_id *history)
{
    for (uint32_t k = 0; k < l->reader.count; k++) {
        struct sp_holding *h = &l->reader.holding[k];
        struct sp_scope_state *s;
        SP_TRY(sp_tx_scope(tx, &h->scope, &s));
        h->complete = h->served && s->head == 0; /* nothing to be behind of */
    }
    if (!sp_id_equal(&open->history, history)) {
        return SP_OK; /* positions of another history (SYNC S3) */
    }
    SP_TRY(l->reader.server ? SP_OK : note_held(l, tx, open));
    for (uint32_t i = 0; i < open->held_count; i++) {
        for (uint32_t k = 0; k < l->reader.count; k++) {
            struct sp_holding *h = &l->reader.holding[k];
            struct sp_scope_state *s;
            if (!sp_id_equal(&h->scope, &open->held[i].scope)) {
                continue;
            }
            SP_TRY(sp_tx_scope(tx, &h->scope, &s));
            if (h->served && s->head == open->held[i].since) {
                h->complete = true;
                h->since = s->head;
            }
        }
    }
    return SP_OK;
}

static sp_err serve_open(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_open open;
    struct sp_welcome w = { 0 };
    SP_TRY(sp_message_read_open(sp_buf_slice(&l->in), &l->arena, &open));
    SP_TRY(sp_share_sweep(tx));
    l->head_count = 0;
    for (uint32_t i = 0; i < open.head_count; i++) {
        if (sp_replica_device(open.head[i].replica) != l->peer) {
            return SP_E_AUTHOR;
        }
        l->heads[l->head_count++] = open.head[i].replica;
    }
    if (l->head_count > 0 && l->heads[0] != l->reader.replica) {
        return SP_E_MALFORMED;
    }
    SP_TRY(sp_node_documents_digest(tx, l->reader.server, &w.documents));
    SP_TRY(count_contact(l, tx, &open, &w.documents));
    SP_TRY(entitle(l, tx));
    SP_TRY(sp_node_history(tx, &w.history));
    SP_TRY(take_held(l, tx, &open, &w.history));
    w.replica = l->node->identity->replica;
    SP_TRY(welcome_grants(l, tx, &w));
    SP_TRY(welcome_contents(l, tx, &w));
    SP_TRY(sp_push_tell(l, tx, NULL, &w.told));
    sp_buf_reset(&l->out);
    sp_message_welcome(&w, &l->out);
    return sp_link_seal(l);
}

/* Hello found that documents alone differ: they go without a welcome, which
 * would say what both know. */
static sp_err serve_documents(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_certified c;
    SP_TRY(tx->rules->device(tx->rules->self, l->peer, &c));
    /* Meanwhile somebody else brought what may change what the peer has: it was
     * found the same by the rules of before. After what the peer itself gave it
     * asks for a welcome. */
    if (c.revoked || (l->rules_self != tx->rules->self && !l->documents_gave)) {
        return SP_E_SESSION;
    }
    SP_TRY(count_contact(l, tx, NULL, NULL));
    return sp_documents_serve(l, tx);
}

/* ---- push -------------------------------------------------------------- */

/* Whether a reader sees anything of what was derived in a scope. */
static bool reads_derived(
    struct sp_tx *tx, uint16_t grant, const struct sp_scope_state *s)
{
    const struct sp_rules *rules = tx->rules;
    for (uint32_t i = 0; i < s->derived_count; i++) {
        if (rules->reads(
                rules->self, grant, s->derived[i].type, s->derived[i].field)) {
            return true;
        }
    }
    return false;
}

/* Scopes whose feed moved by this push and nothing else, for a reader that
 * was at their head before: his since moves along, and he need not ask. */
static sp_err moved_scopes(
    struct sp_link *l, struct sp_tx *tx, struct sp_pushed *out)
{
    out->moved =
        sp_arena_take(&l->arena, SP_RECORD_SCOPES_MAX, sizeof *out->moved);
    if (out->moved == NULL) {
        return SP_E_NOMEM;
    }
    /* What is carried to a survivor at the end of this tx comes behind. */
    bool ends = tx->cache->carry == NULL;
    for (uint32_t i = 0; i < l->reader.count && !l->reader.server && ends;
         i++) {
        struct sp_holding *h = &l->reader.holding[i];
        struct sp_scope_state *s;
        if (!h->complete || !h->served) {
            continue;
        }
        SP_TRY(sp_tx_scope(tx, &h->scope, &s));
        if (s->head == h->since || s->head_before != h->since || s->foreign ||
            reads_derived(tx, h->grant, s) ||
            out->moved_count == SP_RECORD_SCOPES_MAX) {
            continue;
        }
        out->moved[out->moved_count++] =
            (struct sp_position){ .index = i, .since = s->head };
        h->moved = s->head;
    }
    return SP_OK;
}

/* Serves of several links share a tx: what each finds as "before" is what the
 * one before it left. */
static void settle_heads(struct sp_tx *tx)
{
    for (size_t i = 0; i < SP_SCOPE_BUCKETS; i++) {
        for (struct sp_scope_state *s = tx->cache->bucket[i]; s != NULL;
             s = s->next) {
            s->head_before = s->head;
            s->foreign = false;
            s->derived_count = 0;
        }
    }
}

static void shorten(
    struct sp_link *l, const struct sp_push *push, struct sp_told *told)
{
    const struct sp_batch *b = &push->batch[0];
    struct sp_point *p = &told->point[0];
    if (told->point_count > 0 && push->count > 0 &&
        p->replica == l->reader.replica && b->replica == p->replica &&
        p->n == b->from + b->count - 1) {
        p->replica = 0;
    }
}

static sp_err serve_push(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_push push;
    struct sp_pushed reply = { 0 };
    uint64_t taken = 0;
    uint32_t accepted = tx->accepted, refused = tx->refused,
             deferred = tx->deferred;
    SP_TRY(sp_message_read_push(sp_buf_slice(&l->in), &l->arena, &push));
    for (uint32_t i = 0; i < push.count; i++) {
        if (push.batch[i].replica == 0) {
            push.batch[i].replica = l->reader.replica;
        }
    }
    settle_heads(tx);
    SP_TRY(sp_apply_push(tx, &l->certified, &push, &l->arena, &taken));
    SP_TRY(sp_push_tell(l, tx, &push, &reply.told));
    SP_TRY(moved_scopes(l, tx, &reply));
    shorten(l, &push, &reply.told);
    l->report.pushed += taken;
    l->report.accepted += tx->accepted - accepted;
    l->report.refused += tx->refused - refused;
    l->report.deferred += tx->deferred - deferred;
    struct sp_peer_state p;
    SP_TRY(sp_node_peer(tx, l->peer, &p));
    p.taken += taken;
    p.last_contact_ms = sp_tx_now(tx);
    SP_TRY(sp_node_put_peer(tx, &p));
    sp_buf_reset(&l->out);
    sp_message_pushed(&reply, &l->out);
    return sp_link_seal(l);
}

/* ---- pull -------------------------------------------------------------- */

static sp_err serve_pull(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_pull pull;
    SP_TRY(sp_message_read_pull(sp_buf_slice(&l->in), &l->arena, &pull));
    for (size_t budget = l->budget;; budget /= 2) {
        struct sp_page page;
        sp_buf_reset(&l->work);
        SP_TRY(sp_feed_page(
            tx, &l->reader, &pull, budget, &l->arena, &l->work, &page));
        sp_buf_reset(&l->out);
        sp_message_page(&page, sp_buf_slice(&l->work), &l->out);
        sp_err err = sp_link_seal(l);
        if (err == SP_OK) {
            l->report.pulled += page.item_count;
        }
        if (err != SP_E_TOO_LARGE || budget < 1024) {
            return err;
        }
    }
}

/* ---- the end ----------------------------------------------------------- */

static sp_err confirm(
    struct sp_link *l, struct sp_tx *tx, const struct sp_point *p)
{
    struct sp_verdict_entry e;
    struct sp_point named;
    struct sp_chain c;
    if (sp_replica_device(p->replica) != l->peer) {
        /* Only its author confirms a verdict: he may come here himself. */
        return l->reader.server ? SP_OK : SP_E_AUTHOR;
    }
    SP_TRY(sp_log_verdict(tx, p->replica, p->n, &e));
    sp_push_confirmation(&e.verdict, &e.content, &named);
    if (e.verdict.kind == SP_VERDICT_NONE || e.confirmed ||
        memcmp(named.hash, p->hash, sizeof p->hash) != 0) {
        return SP_OK; /* decided anew since it was told: told again */
    }
    SP_TRY(sp_log_chain(tx, p->replica, &c));
    c.unconfirmed--;
    SP_TRY(sp_log_put_chain(tx, &c));
    if (e.verdict.kind == SP_ACCEPTED && e.word == 0) {
        return sp_log_del_verdict(tx, p->replica, p->n);
    }
    e.confirmed = true;
    return sp_log_put_verdict(tx, &e);
}

/* A branch says that all it hands out is here (SYNC S7). */
static sp_err take_told(
    struct sp_link *l, struct sp_tx *tx, const struct sp_finish *m)
{
    if (m->told_count > 0 &&
        (!l->reader.server || l->node->tier != SP_TIER_HEAD_OFFICE)) {
        return SP_E_DENIED;
    }
    for (uint32_t i = 0; i < m->told_count; i++) {
        struct sp_content c = { l->peer, m->history, m->told[i].place };
        SP_TRY(sp_contents_raise(tx, &m->told[i].scope, &c));
    }
    return SP_OK;
}

static sp_err serve_finish(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_finish m;
    SP_TRY(sp_message_read_finish(sp_buf_slice(&l->in), &l->arena, &m));
    SP_TRY(take_told(l, tx, &m));
    for (uint32_t i = 0; i < m.count; i++) {
        SP_TRY(confirm(l, tx, &m.confirmed[i]));
    }
    l->report.complete = true;
    sp_buf_reset(&l->out);
    sp_message_finished(&l->out);
    return sp_link_seal(l);
}

static sp_err serve_enrol(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_slice body;
    const struct sp_enroller *e = l->setup.enroller;
    SP_TRY(sp_message_read_enrol(sp_buf_slice(&l->in), &body));
    sp_buf_reset(&l->work);
    SP_TRY(e->complete(e->self, tx, &l->enrolment, l->hs.rs, body, &l->work));
    sp_buf_reset(&l->out);
    sp_message_enrol(SP_MSG_ENROLLED, sp_buf_slice(&l->work), &l->out);
    sp_buf_wipe(&l->work);
    return sp_link_seal(l); /* a second one would find the code burnt */
}

/* ---- by type ----------------------------------------------------------- */

static sp_err serve_request(
    struct sp_link *l, struct sp_tx *tx, enum sp_message_type type)
{
    SP_TRY(same_entitlement(l, tx));
    switch (type) {
    case SP_MSG_DOCUMENTS:
        return l->certified.revoked ? SP_E_REVOKED : sp_documents_serve(l, tx);
    case SP_MSG_PUSH:
        return serve_push(l, tx);
    case SP_MSG_PULL:
        return serve_pull(l, tx);
    case SP_MSG_UPPER:
        return sp_upper_serve(l, tx);
    case SP_MSG_WORDS:
        return sp_words_serve(l, tx);
    case SP_MSG_FINISH:
        return serve_finish(l, tx);
    default:
        return SP_E_STATE;
    }
}

sp_err sp_responder_serve(struct sp_link *l, struct sp_tx *tx)
{
    enum sp_message_type type;
    if (!l->has_in) {
        return SP_E_STATE;
    }
    sp_arena_reset(&l->arena);
    if (l->state == SP_C_HELLO) {
        return serve_hello(l, tx);
    }
    SP_TRY(sp_message_type(sp_buf_slice(&l->in), &type));
    if (l->state == SP_C_ENROL) {
        return type == SP_MSG_ENROL ? serve_enrol(l, tx) : SP_E_STATE;
    }
    if (type == SP_MSG_OPEN &&
        (l->state == SP_C_OPEN || l->state == SP_C_PUSH)) {
        SP_TRY(serve_open(l, tx));
        l->state = SP_C_PUSH; /* at work */
        return SP_OK;
    }
    if (type == SP_MSG_DOCUMENTS && l->state == SP_C_OPEN &&
        l->documents_only) {
        return serve_documents(l, tx);
    }
    return l->state == SP_C_PUSH ? serve_request(l, tx, type) : SP_E_STATE;
}
