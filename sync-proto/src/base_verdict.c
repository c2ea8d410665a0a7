/* base_verdict.c - what a server says of a device's own commits, and what it
 * does not say (SYNC F3, F4, J5). */
#include "engine.h"

static bool has_told(const struct sp_verdict_entry *e, uint32_t server)
{
    for (uint32_t i = 0; i < e->tellers; i++) {
        if (e->teller[i] == server) {
            return true;
        }
    }
    return e->tellers == SP_TELLERS_MAX;
}

/* What stands here is told, or known as less, by one more server: its silence
 * from now on means that it was confirmed there, not that it is accepted. */
static sp_err add_teller(
    struct sp_tx *tx, struct sp_verdict_entry *e, uint32_t server)
{
    if (has_told(e, server)) {
        return SP_OK;
    }
    e->teller[e->tellers++] = server;
    return sp_log_put_verdict(tx, e);
}

/* Whether the user sees a commit's writes over his base, and finds the record
 * of a new one under its parent. */
static sp_err show_own(
    struct sp_tx *tx, const struct sp_commit *c, uint32_t i, bool shown)
{
    const struct sp_change *change = &c->change[i];
    struct sp_stamp stamp = sp_commit_stamp(c);
    struct sp_record none = { .ref = change->ref }, made;
    uint32_t changed;
    struct sp_kb key = sp_kb_ref(&change->ref);
    sp_kb_add_u64(&key, c->replica);
    sp_kb_add_u64(&key, c->n);
    sp_place_forget_parents(tx); /* the record's view is another now */
    SP_TRY(shown ? sp_tx_put(tx, SP_T_OWN, &key, (struct sp_slice){ 0 })
                 : sp_tx_del(tx, SP_T_OWN, &key));
    sp_err err = sp_state_view(tx, &change->ref, &tx->scratch, &made, NULL);
    if (shown || err != SP_E_NOT_FOUND) {
        return err; /* there is such a record, listed where it belongs */
    }
    SP_TRY(
        sp_merge_write(&none, change, &stamp, &tx->scratch, &made, &changed));
    return sp_place_unlist(tx, &made);
}

/* Whether a record is in a scope that is kept here; one that the change makes
 * will be, as far as anybody knows. What has moved away does not come back by
 * a verdict (SYNC S6). */
static sp_err has_place(
    struct sp_tx *tx, const struct sp_change *change, bool *out)
{
    struct sp_scopes scopes;
    sp_err err = sp_state_scopes(tx, &change->ref, &scopes);
    *out = err == SP_OK && scopes.count > 0;
    for (uint32_t i = 0; err == SP_E_NOT_FOUND && i < change->count; i++) {
        *out = change->write[i].context.count == 0;
        if (!*out) {
            break; /* its author had seen it: an edit */
        }
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* A refusal drops just that write (SYNC F6); the values stay in the journal,
 * which is what the tray shows. One that is accepted after all comes back. */
static sp_err take_final(struct sp_tx *tx, const struct sp_commit *c,
    enum sp_verdict_kind had, enum sp_verdict_kind now)
{
    bool drop = now == SP_REFUSED;
    bool bring_back = now == SP_ACCEPTED && had == SP_REFUSED;
    for (uint32_t i = 0; i < c->count && (drop || bring_back); i++) {
        bool here = true;
        if (bring_back) {
            SP_TRY(has_place(tx, &c->change[i], &here));
        }
        if (drop || here) {
            SP_TRY(show_own(tx, c, i, bring_back));
        }
    }
    return now == SP_ACCEPTED ? sp_log_del_verdict(tx, c->replica, c->n)
                              : SP_OK;
}

/* An acceptance is never overridden (F4): not by a server that has not heard
 * of it yet either. */
static sp_err take_kind(
    struct sp_tx *tx, const struct sp_verdict_entry *e, uint32_t server)
{
    struct sp_verdict_entry had, told = *e;
    struct sp_chain chain;
    struct sp_commit c;
    SP_TRY(sp_log_chain(tx, e->replica, &chain));
    SP_TRY(sp_log_verdict(tx, e->replica, e->n, &had));
    if ((had.verdict.kind == SP_DEFERRED || had.verdict.kind == SP_REFUSED) &&
        e->verdict.kind <= had.verdict.kind) {
        return add_teller(tx, &had, server);
    }
    if (had.verdict.kind >= e->verdict.kind ||
        (had.verdict.kind == SP_VERDICT_NONE && e->n <= chain.acknowledged)) {
        return SP_OK;
    }
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_log_commit(tx, e->replica, e->n, &tx->scratch, &c);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* not ours: another copy of this device (SYNC X4) */
    }
    SP_TRY(err);
    if (!sp_id_equal(&c.content, &e->content)) {
        return SP_OK; /* another commit under this number (SYNC C4) */
    }
    SP_TRY(take_final(tx, &c, had.verdict.kind, e->verdict.kind));
    if (e->verdict.kind == SP_ACCEPTED) {
        return SP_OK;
    }
    told.tellers = had.tellers;
    memcpy(told.teller, had.teller, sizeof told.teller);
    return has_told(&told, server) ? sp_log_put_verdict(tx, &told)
                                   : add_teller(tx, &told, server);
}

/* ---- erasure ------------------------------------------------------------ */

/* Whether the journal has the commit that a verdict names as erased. */
static sp_err find_erased(struct sp_tx *tx, const struct sp_verdict_entry *e,
    struct sp_commit *out, bool *here)
{
    *here = false;
    if (!e->verdict.erased || sp_tx_is_server(tx)) {
        return SP_OK;
    }
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_log_commit(tx, e->replica, e->n, &tx->scratch, out);
    *here = err == SP_OK && sp_id_equal(&out->content, &e->content);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* Whether a record is kept here whose base lacks what a commit wrote: then its
 * bytes are needed. */
static sp_err is_needed(struct sp_tx *tx, const struct sp_commit *c, bool *out)
{
    *out = false;
    for (uint32_t i = 0; i < c->count && !*out; i++) {
        struct sp_kb own = sp_kb_ref(&c->change[i].ref);
        struct sp_slice value;
        struct sp_scopes in;
        sp_kb_add_u64(&own, c->replica);
        sp_kb_add_u64(&own, c->n);
        sp_err err = sp_tx_get(tx, SP_T_OWN, &own, &value);
        if (err == SP_OK) {
            err = sp_state_scopes(tx, &c->change[i].ref, &in);
            *out = err == SP_OK && in.count > 0;
        }
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    }
    return SP_OK;
}

sp_err sp_base_verdict_put_off(
    struct sp_tx *tx, const struct sp_verdict_entry *told, bool *out)
{
    struct sp_commit c;
    return find_erased(tx, told, &c, out);
}

/* The journal lets it go, and nobody sees it here any more. While it is needed:
 * at a later exchange, to which it is told again. */
static sp_err take_erasure(struct sp_tx *tx, const struct sp_verdict_entry *e)
{
    struct sp_verdict_entry had;
    struct sp_commit c;
    bool here, needed;
    SP_TRY(find_erased(tx, e, &c, &here));
    if (!here) {
        return SP_OK;
    }
    SP_TRY(is_needed(tx, &c, &needed));
    if (needed) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < c.count; i++) {
        SP_TRY(show_own(tx, &c, i, false));
    }
    SP_TRY(sp_log_verdict(tx, e->replica, e->n, &had));
    if (had.verdict.kind != SP_VERDICT_NONE) {
        had.disposed = true; /* there is nothing left to deal with */
        SP_TRY(sp_log_put_verdict(tx, &had));
    }
    return sp_log_erase(tx, e->replica, e->n);
}

sp_err sp_base_verdict_take(
    struct sp_tx *tx, const struct sp_verdict_entry *e, uint32_t server)
{
    if (sp_tx_is_server(tx)) {
        return sp_apply_word(tx, e, server);
    }
    SP_TRY(take_kind(tx, e, server));
    return take_erasure(tx, e);
}

sp_err sp_base_verdict_less(
    struct sp_tx *tx, const struct sp_verdict_entry *told, bool *out)
{
    struct sp_verdict_entry here;
    struct sp_chain c;
    *out = false;
    if (sp_tx_is_server(tx) || told->verdict.kind == SP_ACCEPTED) {
        return SP_OK;
    }
    SP_TRY(sp_log_chain(tx, told->replica, &c));
    SP_TRY(sp_log_verdict(tx, told->replica, told->n, &here));
    *out = told->n <= c.acknowledged && here.verdict.kind == SP_VERDICT_NONE;
    return SP_OK;
}

static sp_err collect_silent(void *arg, const struct sp_verdict_entry *e)
{
    struct sp_silence *s = arg;
    if ((e->verdict.kind != SP_DEFERRED && e->verdict.kind != SP_REFUSED) ||
        e->n > s->upto || has_told(e, s->server)) {
        return SP_OK;
    }
    uint64_t *list = sp_arena_grow(s->arena, s->n, s->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    s->n = list;
    s->n[s->count++] = e->n;
    return SP_OK;
}

/* Refused there, accepted here (SYNC J5): its writes come back. */
static sp_err end_in_silence(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_verdict_entry had;
    struct sp_commit c;
    SP_TRY(sp_log_verdict(tx, replica, n, &had));
    if (had.verdict.kind != SP_REFUSED) {
        return sp_log_del_verdict(tx, replica, n);
    }
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_log_commit(tx, replica, n, &tx->scratch, &c);
    if (err == SP_E_NOT_FOUND) {
        return sp_log_del_verdict(tx, replica, n); /* erased since */
    }
    SP_TRY(err);
    return take_final(tx, &c, SP_REFUSED, SP_ACCEPTED);
}

sp_err sp_base_verdict_silence(
    struct sp_tx *tx, sp_replica replica, struct sp_silence *s)
{
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_log_each_verdict(tx, replica, collect_silent, s));
    for (uint32_t i = 0; i < s->count; i++) {
        SP_TRY(end_in_silence(tx, replica, s->n[i]));
    }
    return SP_OK;
}
