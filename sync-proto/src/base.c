/*
 * base.c - what a device or a branch takes from a server: the base (SYNC F6),
 * its scopes and their end (SYNC S5, S6).
 */
#include <stdio.h>

#include "contents.h"
#include "engine.h"

/* ---- own accepted writes ----------------------------------------------- */

sp_err sp_base_accepted(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out)
{
    struct sp_chain chain;
    struct sp_verdict_entry e;
    SP_TRY(sp_log_chain(tx, replica, &chain));
    *out = false;
    if (n > chain.acknowledged) {
        return SP_OK;
    }
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    *out = e.verdict.kind == SP_VERDICT_NONE || e.verdict.kind == SP_ACCEPTED;
    return SP_OK;
}

static sp_err write_own(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_record *record)
{
    struct sp_commit c;
    uint32_t changed;
    SP_TRY(sp_log_commit(tx, replica, n, arena, &c));
    struct sp_stamp stamp = sp_commit_stamp(&c);
    for (uint32_t i = 0; i < c.count; i++) {
        if (sp_ref_equal(&c.change[i].ref, &record->ref)) {
            return sp_merge_write(
                record, &c.change[i], &stamp, arena, record, &changed);
        }
    }
    return SP_E_CORRUPT;
}

/* What the present grants of these scopes show of a record, or will when keys
 * that are on their way are here (SYNC S5). */
static sp_err through_grants(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_scopes *scopes, const struct sp_record *record,
    struct sp_record *out)
{
    struct sp_register *keep =
        sp_arena_take(arena, record->count + 1u, sizeof *keep);
    uint32_t n = 0;
    if (keep == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        bool shown = false;
        for (uint32_t k = 0; k < scopes->count && !shown; k++) {
            struct sp_scope_state *state;
            SP_TRY(sp_tx_scope(tx, &scopes->id[k], &state));
            SP_TRY(sp_proof_keeps(
                tx, state, record->ref.type, record->reg[i].key.field, &shown));
        }
        if (shown) {
            keep[n++] = record->reg[i];
        }
    }
    *out = (struct sp_record){ record->ref, n, keep };
    return SP_OK;
}

/* Applies the accepted ones of a record and forgets them as unresolved. A
 * field that was taken away meanwhile does not come back with them. */
static sp_err resolve_own(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_scopes *scopes, struct sp_record *record,
    uint32_t *resolved)
{
    uint64_t waiting = 0;
    *resolved = 0;
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(tx->node->store->count(tx->txn, SP_T_OWN, &waiting));
    if (waiting == 0) {
        return SP_OK;
    }
    struct sp_key_list l = { .arena = arena };
    struct sp_kb prefix = sp_kb_ref(&record->ref);
    SP_TRY(sp_tx_keys(tx, SP_T_OWN, &prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        sp_replica replica = sp_get_u64be(l.key[i].b + 18);
        uint64_t n = sp_get_u64be(l.key[i].b + 26);
        bool accepted;
        SP_TRY(sp_base_accepted(tx, replica, n, &accepted));
        if (accepted) {
            SP_TRY(write_own(tx, replica, n, arena, record));
            SP_TRY(sp_tx_del(tx, SP_T_OWN, &l.key[i]));
            (*resolved)++;
        }
    }
    return *resolved == 0 ? SP_OK
                          : through_grants(tx, arena, scopes, record, record);
}

/* ---- records ----------------------------------------------------------- */

static sp_err target_scopes(struct sp_tx *tx, const struct sp_stored *before,
    const struct sp_record *after, const struct sp_scopes *delivered,
    struct sp_scopes *out)
{
    bool missing = false;
    if (sp_tx_is_server(tx)) {
        SP_TRY(sp_place_scopes(tx, after, out, &missing));
        if (!missing) {
            return SP_OK;
        }
        /* What it belongs to is another branch's: as head office says. */
    }
    sp_place_list(before, out);
    for (uint32_t i = 0; i < delivered->count; i++) {
        if (!sp_place_scopes_have(out, &delivered->id[i]) &&
            out->count < SP_RECORD_SCOPES_MAX) {
            out->id[out->count++] = delivered->id[i];
        }
    }
    return SP_OK;
}

/* Whether the stored record is in exactly these scopes. */
static bool in_scopes(const struct sp_stored *s, const struct sp_scopes *want)
{
    struct sp_scopes now;
    sp_place_list(s, &now);
    for (uint32_t i = 0; i < want->count; i++) {
        if (!sp_place_scopes_have(&now, &want->id[i])) {
            return false;
        }
    }
    return now.count == want->count;
}

static sp_err store_if_changed(struct sp_tx *tx, const struct sp_stored *before,
    const struct sp_record *after, uint32_t changed,
    const struct sp_scopes *scopes)
{
    bool moved = false;
    if (changed == 0 && in_scopes(before, scopes)) {
        return SP_OK;
    }
    SP_TRY(sp_place_store(tx, before, after, scopes, &moved));
    return moved && sp_tx_is_server(tx) ? sp_place_children(tx, &after->ref)
                                        : SP_OK;
}

static void see_times(struct sp_tx *tx, const struct sp_record *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->reg[i].count; k++) {
            sp_tx_see_time(tx, r->reg[i].sibling[k].stamp.time);
        }
    }
}

/* What has left all its scopes shows in another what that one shows. */
static sp_err adopt(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_stored *before, const struct sp_scopes *scopes,
    struct sp_record *record)
{
    struct sp_scopes was;
    sp_place_list(before, &was);
    return sp_tx_is_server(tx) || was.count > 0 || before->record.count == 0
               ? SP_OK
               : through_grants(tx, arena, scopes, record, record);
}

/* Exactly, where the estimate is over it. */
static sp_err check_weight(const struct sp_record *r)
{
    struct sp_buf b;
    if (!sp_judge_too_large(r)) {
        return SP_OK;
    }
    sp_buf_init(&b, SP_RECORD_BYTES_MAX + 1024u);
    sp_record_encode(r, SP_RECORD_STORED, &b);
    sp_err err = b.err;
    sp_buf_free(&b);
    return err;
}

/*
 * What two servers accepted apart may be more than a record can hold. Then
 * each keeps its half: nothing is lost, nothing else of the exchange waits, and
 * the proof of the scope says at each one that they differ (SYNC P2).
 */
static void say_too_large(struct sp_tx *tx, const struct sp_ref *ref)
{
    char line[128], id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &ref->id);
    (void)snprintf(line, sizeof line,
        "type=%u id=%s limit=\"%u keys, %u values of one, %u replicas, "
        "%u bytes\"",
        (unsigned)ref->type, id, SP_RECORD_REGISTERS_MAX, SP_SIBLINGS_MAX,
        SP_VECTOR_DOTS_MAX, SP_RECORD_BYTES_MAX);
    sp_tx_trace(tx, "base", line);
}

/* Images that stand by consent (dictionary_derive.c). A server sees by what it
 * has; a device may get one ahead of the consent that came with it, when new
 * keys are fetched apart from the others: it goes by what has changed. */
static sp_err keep_consented(
    struct sp_tx *tx, struct sp_record *record, uint32_t *changed)
{
    uint32_t made;
    SP_TRY(tx->rules->derive(tx->rules->self, record,
        sp_tx_is_server(tx) ? SP_MAKE_JOINED : SP_MAKE_LOST, &tx->scratch,
        record, &made));
    *changed += made;
    return SP_OK;
}

sp_err sp_base_take(struct sp_tx *tx, const struct sp_scopes *delivered,
    const struct sp_record *part)
{
    struct sp_arena *arena = &tx->scratch;
    struct sp_stored *before = sp_arena_take(arena, 1, sizeof *before);
    struct sp_record after;
    struct sp_scopes scopes;
    uint32_t changed, resolved;
    if (before == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &part->ref, arena, before));
    sp_err err = sp_merge_join(&before->record, part, arena, &after, &changed);
    if (err == SP_OK && changed > 0) {
        err = check_weight(&after);
    }
    if (err == SP_E_TOO_LARGE) {
        say_too_large(tx, &part->ref);
        return SP_OK;
    }
    SP_TRY(err);
    SP_TRY(target_scopes(tx, before, &after, delivered, &scopes));
    SP_TRY(adopt(tx, arena, before, &scopes, &after));
    SP_TRY(resolve_own(tx, arena, &scopes, &after, &resolved));
    SP_TRY(keep_consented(tx, &after, &changed));
    see_times(tx, part);
    return store_if_changed(tx, before, &after, changed + resolved, &scopes);
}

sp_err sp_base_have(struct sp_tx *tx, const struct sp_scopes *delivered,
    const struct sp_ref *ref, const uint8_t hash[4], bool *same)
{
    struct sp_arena *arena = &tx->scratch;
    struct sp_stored *before = sp_arena_take(arena, 1, sizeof *before);
    struct sp_scopes scopes;
    uint32_t resolved;
    uint8_t digest[16];
    if (before == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, arena, before));
    struct sp_record after = before->record;
    SP_TRY(target_scopes(tx, before, &after, delivered, &scopes));
    SP_TRY(adopt(tx, arena, before, &scopes, &after));
    SP_TRY(resolve_own(tx, arena, &scopes, &after, &resolved));
    SP_TRY(keep_consented(tx, &after, &resolved));
    *same = false;
    if (after.count == 0) {
        return SP_OK;
    }
    struct sp_record settled;
    SP_TRY(sp_state_shown(tx, arena, &scopes, &after, &settled));
    sp_record_digest(&settled, NULL, NULL, digest);
    *same = memcmp(digest, hash, 4) == 0;
    return store_if_changed(tx, before, &after, resolved, &scopes);
}

/* Drops from a device's record what none of its scopes shows (SYNC S5). */
static sp_err narrow(struct sp_tx *tx, const struct sp_stored *s)
{
    struct sp_scopes places;
    struct sp_record narrowed;
    sp_place_list(s, &places);
    SP_TRY(through_grants(tx, &tx->scratch, &places, &s->record, &narrowed));
    if (narrowed.count == s->record.count) {
        return SP_OK;
    }
    return narrowed.count == 0 ? sp_place_drop(tx, s)
                               : sp_place_replace(tx, s, &narrowed);
}

/* A branch that a record has left keeps its left marks for its own devices
 * (SYNC S1), and forgets the rest (SYNC T2): what it knew would be old. */
static sp_err take_out_of_branch(
    struct sp_tx *tx, const struct sp_stored *s, const struct sp_scopes *rest)
{
    static const struct sp_register none;
    struct sp_record empty = { s->record.ref, 0, &none };
    return sp_place_store(
        tx, s, rest->count == 0 ? &empty : &s->record, rest, NULL);
}

/* at_end: what is in no scope then goes at the end of the exchange only. */
static sp_err take_out(struct sp_tx *tx, const struct sp_stored *s,
    const struct sp_id *scope, bool at_end, bool *gone)
{
    struct sp_scopes now, rest = { .count = 0 };
    *gone = false;
    sp_place_list(s, &now);
    for (uint32_t i = 0; i < now.count; i++) {
        if (!sp_id_equal(&now.id[i], scope)) {
            rest.id[rest.count++] = now.id[i];
        }
    }
    if (sp_tx_is_server(tx)) {
        return s->record.count == 0 ||
                       (rest.count == now.count && rest.count > 0)
                   ? SP_OK
                   : take_out_of_branch(tx, s, &rest);
    }
    if (rest.count == now.count) {
        return SP_OK;
    }
    *gone = rest.count == 0;
    if (*gone && !at_end) {
        return sp_place_drop(tx, s);
    }
    SP_TRY(sp_place_store(tx, s, &s->record, &rest, NULL));
    if (*gone) {
        return sp_purge_note(tx, &s->record.ref);
    }
    /* What was seen by way of that scope only goes with it. */
    struct sp_stored *left = sp_arena_take(&tx->scratch, 1, sizeof *left);
    if (left == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &s->record.ref, &tx->scratch, left));
    return narrow(tx, left);
}

/* Of a scope's positions, those at all servers but one (0: at all). */
static sp_err forget_places(struct sp_tx *tx, enum sp_table table,
    const struct sp_id *scope, uint32_t but)
{
    struct sp_key_list l = { .arena = &tx->arena };
    SP_TRY(sp_tx_keys(tx, table, NULL, &l));
    for (size_t i = 0; i < l.count; i++) {
        if (memcmp(l.key[i].b + 4, scope->b, sizeof scope->b) == 0 &&
            (but == 0 || sp_get_u32be(l.key[i].b) != but)) {
            SP_TRY(sp_tx_del(tx, table, &l.key[i]));
        }
    }
    return SP_OK;
}

/* SYNC S6: what was taken out on one server's word others may still have; they
 * would not send it again. */
static sp_err forget_others(
    struct sp_tx *tx, const struct sp_id *scope, uint32_t server)
{
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(forget_places(tx, SP_T_WIDENING, scope, server));
    return forget_places(tx, SP_T_POSITION, scope, server);
}

sp_err sp_base_left(struct sp_tx *tx, const struct sp_id *scope,
    const struct sp_ref *ref, uint32_t server)
{
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    bool gone, was_in;
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, &tx->scratch, s));
    if (s->record.count == 0) {
        return SP_OK;
    }
    const struct sp_place *place = sp_place_find(s, scope);
    was_in = place != NULL && !place->left;
    SP_TRY(take_out(tx, s, scope, true, &gone));
    return was_in ? forget_others(tx, scope, server) : SP_OK;
}

/* ---- acceptances (SYNC F3) --------------------------------------------- */

/* Where an own record belongs that no server has sent: by the rules, among
 * the scopes that just moved. */
static sp_err add_moved(struct sp_tx *tx, const struct sp_record *after,
    const struct sp_scopes *moved, struct sp_scopes *scopes)
{
    struct sp_scopes by_rules = { .count = 0 };
    bool missing;
    SP_TRY(sp_place_scopes(tx, after, &by_rules, &missing));
    for (uint32_t i = 0; i < by_rules.count; i++) {
        if (sp_place_scopes_have(moved, &by_rules.id[i]) &&
            !sp_place_scopes_have(scopes, &by_rules.id[i]) &&
            scopes->count < SP_RECORD_SCOPES_MAX) {
            scopes->id[scopes->count++] = by_rules.id[i];
        }
    }
    return SP_OK;
}

static sp_err forget_accepted(struct sp_tx *tx, const struct sp_kb *own)
{
    bool accepted;
    SP_TRY(sp_base_accepted(
        tx, sp_get_u64be(own->b + 18), sp_get_u64be(own->b + 26), &accepted));
    if (accepted) {
        sp_place_forget_parents(tx); /* its view is another */
        SP_TRY(sp_tx_del(tx, SP_T_OWN, own));
    }
    return SP_OK;
}

static sp_err accept_one(
    struct sp_tx *tx, const struct sp_kb *own, enum sp_accept how)
{
    struct sp_arena *arena = &tx->scratch;
    struct sp_ref ref;
    struct sp_scopes scopes;
    uint32_t resolved;
    sp_arena_reset(arena);
    struct sp_stored *before = sp_arena_take(arena, 1, sizeof *before);
    if (before == NULL) {
        return SP_E_NOMEM;
    }
    sp_kb_read_ref(own->b, &ref);
    SP_TRY(sp_place_load(tx, &ref, arena, before));
    sp_place_list(before, &scopes);
    struct sp_record after = before->record;
    if (scopes.count == 0) {
        /* Decided, and in no scope that is kept here (SYNC S6). */
        return how == SP_ACCEPT_ALL ? forget_accepted(tx, own) : SP_OK;
    }
    SP_TRY(resolve_own(tx, arena, &scopes, &after, &resolved));
    SP_TRY(keep_consented(tx, &after, &resolved));
    return store_if_changed(tx, before, &after, resolved, &scopes);
}

sp_err sp_base_accept(struct sp_tx *tx, enum sp_accept how)
{
    struct sp_key_list l = { .arena = &tx->arena };
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_tx_keys(tx, SP_T_OWN, NULL, &l));
    for (size_t i = 0; i < l.count; i++) {
        bool accepted;
        SP_TRY(sp_base_accepted(tx, sp_get_u64be(l.key[i].b + 18),
            sp_get_u64be(l.key[i].b + 26), &accepted));
        if (accepted) {
            SP_TRY(accept_one(tx, &l.key[i], how));
        }
    }
    return SP_OK;
}

/* One change of an accepted commit. What it wrote goes into the base in the
 * order of its commits or in any other: writes commute (SYNC M3). */
static sp_err accept_change(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_change *change, const struct sp_scopes *moved)
{
    struct sp_arena *arena = &tx->scratch;
    struct sp_stamp stamp = sp_commit_stamp(c);
    struct sp_kb own = sp_kb_ref(&change->ref);
    struct sp_record after;
    struct sp_scopes scopes;
    uint32_t changed;
    struct sp_stored *before = sp_arena_take(arena, 1, sizeof *before);
    if (before == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &change->ref, arena, before));
    SP_TRY(sp_merge_write(
        &before->record, change, &stamp, arena, &after, &changed));
    sp_place_list(before, &scopes);
    SP_TRY(add_moved(tx, &after, moved, &scopes));
    if (scopes.count == 0) {
        return SP_OK;
    }
    SP_TRY(through_grants(tx, arena, &scopes, &after, &after));
    SP_TRY(keep_consented(tx, &after, &changed));
    sp_kb_add_u64(&own, c->replica);
    sp_kb_add_u64(&own, c->n);
    SP_TRY(sp_tx_del(tx, SP_T_OWN, &own));
    return store_if_changed(tx, before, &after, changed, &scopes);
}

static sp_err accept_commit(struct sp_tx *tx, sp_replica replica, uint64_t n,
    const struct sp_scopes *moved)
{
    struct sp_commit c;
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_base_decided(tx, replica, n, &c);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err; /* erased */
    }
    for (uint32_t i = 0; i < c.count; i++) {
        SP_TRY(accept_change(tx, &c, &c.change[i], moved));
    }
    return SP_OK;
}

sp_err sp_base_accept_moved(struct sp_tx *tx, sp_replica replica, uint64_t from,
    uint64_t to, const struct sp_scopes *moved)
{
    for (uint64_t n = from; n <= to && !sp_tx_is_server(tx); n++) {
        bool accepted;
        SP_TRY(sp_base_accepted(tx, replica, n, &accepted));
        if (accepted) {
            SP_TRY(accept_commit(tx, replica, n, moved));
        }
    }
    return SP_OK;
}

/* ---- scopes ------------------------------------------------------------ */

/* The ref of a member's key, or of an entry of a branch's feed: also of what
 * has left it, of which something may still be here. */
static void member_ref(
    const struct sp_tx *tx, const struct sp_kb *key, struct sp_ref *out)
{
    struct sp_feed_entry e;
    if (!sp_tx_is_server(tx)) {
        sp_kb_read_ref(key->b + 16, out);
        return;
    }
    sp_place_read_feed(sp_kb_slice(key), &e);
    *out = e.ref;
}

/* Calls each for every record of a scope, with scratch reset before. */
static sp_err each_member(struct sp_tx *tx, const struct sp_id *scope,
    sp_err (*each)(struct sp_tx *tx, const struct sp_stored *s,
        const struct sp_id *scope, void *arg),
    void *arg)
{
    struct sp_key_list l = { .arena = &tx->arena };
    struct sp_kb prefix = sp_kb_id(scope);
    SP_TRY(sp_tx_keys(
        tx, sp_tx_is_server(tx) ? SP_T_FEED : SP_T_MEMBER, &prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        struct sp_ref ref;
        sp_arena_reset(&tx->scratch);
        struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
        if (s == NULL) {
            return SP_E_NOMEM;
        }
        member_ref(tx, &l.key[i], &ref);
        SP_TRY(sp_place_load(tx, &ref, &tx->scratch, s));
        SP_TRY(each(tx, s, scope, arg));
    }
    return SP_OK;
}

static sp_err member_out(struct sp_tx *tx, const struct sp_stored *s,
    const struct sp_id *scope, void *arg)
{
    bool gone;
    SP_TRY(take_out(tx, s, scope, false, &gone));
    *(uint64_t *)arg += gone ? 1 : 0;
    return SP_OK;
}

/* SYNC S6: what is purged on one server's word counts as never read at all. */
static sp_err forget_positions(struct sp_tx *tx, const struct sp_id *scope)
{
    SP_TRY(forget_places(tx, SP_T_WIDENING, scope, 0));
    return forget_places(tx, SP_T_POSITION, scope, 0);
}

sp_err sp_base_drop_scope(
    struct sp_tx *tx, const struct sp_id *scope, uint64_t *purged)
{
    struct sp_scope_state *s;
    SP_TRY(sp_tx_scope(tx, scope, &s));
    SP_TRY(each_member(tx, scope, member_out, purged));
    s->held = false;
    s->grant = (struct sp_slice){ 0 };
    s->shown = (struct sp_fields){ .count = 0 };
    s->wider = (struct sp_slice){ 0 };
    s->count = 0;
    s->dirty = true;
    SP_TRY(sp_contents_clear(tx, scope));
    return forget_positions(tx, scope);
}

struct reset {
    struct sp_scopes scopes; /* that had one of the records */
    bool many;               /* more than that: all are read again */
};

static sp_err member_reset(struct sp_tx *tx, const struct sp_stored *s,
    const struct sp_id *scope, void *arg)
{
    struct reset *r = arg;
    struct sp_scopes mine;
    (void)scope;
    sp_place_list(s, &mine);
    for (uint32_t i = 0; i < mine.count; i++) {
        if (!sp_place_scopes_have(&r->scopes, &mine.id[i])) {
            if (r->scopes.count == SP_RECORD_SCOPES_MAX) {
                r->many = true;
                break;
            }
            r->scopes.id[r->scopes.count++] = mine.id[i];
        }
    }
    return sp_place_drop(tx, s);
}

void sp_base_alarm(struct sp_tx *tx)
{
    tx->cache->alarms++;
    tx->cache->alarms_dirty = true;
    sp_tx_trace(tx, "proof", "event=mismatch action=read_again");
}

sp_err sp_base_reset_scope(struct sp_tx *tx, const struct sp_id *scope)
{
    struct reset r = { .many = false };
    if (sp_tx_is_server(tx)) {
        SP_TRY(sp_place_recount(tx, scope));
        return forget_positions(tx, scope); /* T2: join from 0, drop nothing */
    }
    SP_TRY(each_member(tx, scope, member_reset, &r));
    SP_TRY(sp_contents_clear(tx, scope));
    SP_TRY(forget_positions(tx, scope));
    if (r.many) {
        SP_TRY(sp_tx_clear(tx, SP_T_POSITION, NULL));
    }
    for (uint32_t i = 0; i < r.scopes.count; i++) {
        SP_TRY(forget_positions(tx, &r.scopes.id[i]));
    }
    /* Whatever the sums say that no record accounts for is the fault. */
    struct sp_scope_state *s;
    SP_TRY(sp_tx_scope(tx, scope, &s));
    s->count = 0;
    s->members = 0;
    s->dirty = true;
    return SP_OK;
}

/* ---- what a scope shows (SYNC S5) -------------------------------------- */

static sp_err member_narrow(struct sp_tx *tx, const struct sp_stored *s,
    const struct sp_id *scope, void *arg)
{
    (void)scope;
    (void)arg;
    return narrow(tx, s);
}

static sp_err keep_grant(
    struct sp_tx *tx, const struct sp_fields *fields, struct sp_slice *out)
{
    struct sp_buf bytes;
    sp_buf_init(&bytes, SP_MESSAGE_BYTES_MAX);
    sp_grant_write(fields, false, &bytes);
    sp_err err = bytes.err;
    if (err == SP_OK) {
        *out = sp_arena_copy(&tx->arena, sp_buf_slice(&bytes));
        err = out->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&bytes);
    return err;
}

static sp_err hold(struct sp_tx *tx, struct sp_scope_state *s,
    const uint8_t digest[8], struct sp_slice grant)
{
    s->grant = sp_arena_copy(&tx->arena, grant);
    if (s->grant.data == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(s->digest, digest, sizeof s->digest);
    s->shown = (struct sp_fields){ .count = 0 };
    s->wider = (struct sp_slice){ 0 };
    bool another = s->held;
    s->held = true;
    s->dirty = true;
    const struct sp_watch *watch = tx->node->watch;
    return another && watch != NULL ? watch->grant(watch->self, tx) : SP_OK;
}

/* What both grants show holds on; the rest of the new one is to come. */
static sp_err hold_part(struct sp_tx *tx, struct sp_scope_state *s,
    const uint8_t digest[8], struct sp_slice grant,
    const struct sp_fields *both)
{
    static const uint8_t nobodys[8] = { 0 };
    struct sp_slice kept;
    SP_TRY(keep_grant(tx, both, &kept));
    SP_TRY(hold(tx, s, nobodys, kept));
    s->wider = sp_arena_copy(&tx->arena, grant);
    if (s->wider.data == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(s->wider_digest, digest, sizeof s->wider_digest);
    s->coming = (struct sp_fields){ .count = 0 };
    return forget_places(tx, SP_T_WIDENING, &s->id, 0);
}

sp_err sp_base_regrant(struct sp_tx *tx, struct sp_scope_state *s,
    const uint8_t digest[8], struct sp_slice grant)
{
    struct sp_fields now, had, both, more;
    uint64_t purged = 0;
    if (!s->held) {
        return hold(tx, s, digest, grant);
    }
    bool same = memcmp(s->digest, digest, sizeof s->digest) == 0;
    if (s->wider.size == 0 ? same : memcmp(s->wider_digest, digest, 8) == 0) {
        return SP_OK;
    }
    SP_TRY(sp_grant_read(s->grant, &tx->arena, &had));
    SP_TRY(sp_grant_read(grant, &tx->arena, &now));
    SP_TRY(sp_grant_split(&now, &had, &tx->arena, &both, &more));
    SP_TRY(more.count == 0 ? hold(tx, s, digest, grant)
                           : hold_part(tx, s, digest, grant, &both));
    /* Nothing says what still shows of records in no scope. */
    SP_TRY(sp_purge_end(tx, &purged));
    return each_member(tx, &s->id, member_narrow, NULL);
}

sp_err sp_base_coming(const struct sp_scope_state *s, struct sp_arena *arena,
    struct sp_fields *out)
{
    struct sp_fields now, had, both;
    *out = (struct sp_fields){ .count = 0 };
    if (s->wider.size == 0) {
        return SP_OK;
    }
    SP_TRY(sp_grant_read(s->grant, arena, &had));
    SP_TRY(sp_grant_read(s->wider, arena, &now));
    return sp_grant_split(&now, &had, arena, &both, out);
}

sp_err sp_base_widened(
    struct sp_tx *tx, struct sp_scope_state *s, uint32_t server)
{
    SP_TRY(hold(tx, s, s->wider_digest, s->wider));
    SP_TRY(forget_places(tx, SP_T_WIDENING, &s->id, 0));
    return forget_places(tx, SP_T_POSITION, &s->id, server);
}
