/* apply.c - logged commits take effect, each once (SYNC J3, J5, J7, M3). */
#include "engine.h"
#include "quarantine.h"

/* ---- effect ------------------------------------------------------------ */

static sp_err note_created(struct sp_tx *tx, const struct sp_ref *ref)
{
    struct sp_state_cache *c = tx->cache;
    struct sp_ref *list =
        sp_arena_grow(&tx->arena, c->created, c->created_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    c->created = list;
    list[c->created_count++] = *ref;
    return SP_OK;
}

/* Others' writes came into these feeds too: whoever pushes at the moment may
 * not be told that nothing but his own did. */
static sp_err mark_foreign(struct sp_tx *tx, const struct sp_scopes *scopes)
{
    for (uint32_t i = 0; i < scopes->count; i++) {
        struct sp_scope_state *s;
        SP_TRY(sp_tx_scope(tx, &scopes->id[i], &s));
        s->foreign = true;
    }
    return SP_OK;
}

/* A record that a branch does not have, and that this does not make: what was
 * accepted about it comes with the record, if that comes here. */
static bool lies_elsewhere(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *w)
{
    return tx->node->tier == SP_TIER_BRANCH && w->before->record.count == 0 &&
           !sp_judge_creates(tx, c, w);
}

static void add_derived(struct sp_scope_state *s, uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < s->derived_count; i++) {
        if (s->derived[i].type == type && s->derived[i].field == field) {
            return;
        }
    }
    if (s->derived_count == SP_SCOPE_DERIVED) {
        s->foreign = true;
        return;
    }
    s->derived[s->derived_count++] =
        (struct sp_derived){ .type = type, .field = field };
}

/* What was derived comes into the scopes: who pushed it has to fetch it, if he
 * may see it. Before the record is stored: what changed has no seq yet. */
static sp_err mark_derived(struct sp_tx *tx, const struct sp_work *w)
{
    const struct sp_rules *rules = tx->rules;
    const struct sp_record *r = &w->after;
    for (uint32_t i = 0; w->derived > 0 && i < w->scopes_after.count; i++) {
        struct sp_scope_state *s;
        SP_TRY(sp_tx_scope(tx, &w->scopes_after.id[i], &s));
        for (uint32_t k = 0; k < r->count; k++) {
            uint16_t field = r->reg[k].key.field;
            if (r->reg[k].seq == 0 &&
                rules->derives(rules->self, r->ref.type, field)) {
                add_derived(s, r->ref.type, field);
            }
        }
    }
    return SP_OK;
}

sp_err sp_apply_accepted(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_work *work)
{
    sp_tx_see_time(tx, c->time);
    tx->accepted++;
    bool any_moved = false;
    for (uint32_t i = 0; i < c->count; i++) {
        struct sp_work *w = &work[i];
        bool moved = false;
        if (w->changed == 0 || lies_elsewhere(tx, c, w)) {
            continue; /* all of it is known here by another way */
        }
        /* It may belong to what moved, and be elsewhere now: what is stored. */
        if (any_moved && w->before->record.count > 0) {
            SP_TRY(sp_place_load(tx, &w->after.ref, &tx->arena, w->before));
        }
        bool foreign = sp_replica_device(c->replica) != tx->peer;
        SP_TRY(foreign ? SP_OK : mark_derived(tx, w));
        sp_place_keep_served(tx, &w->scopes_after);
        SP_TRY(
            sp_place_store(tx, w->before, &w->after, &w->scopes_after, &moved));
        SP_TRY(sp_tray_stored(tx, &w->after));
        SP_TRY(foreign ? mark_foreign(tx, &w->scopes_after) : SP_OK);
        if (w->before->record.count == 0 || w->scopes_before.count == 0) {
            SP_TRY(note_created(tx, &w->after.ref));
        }
        SP_TRY(sp_carry_note(tx, c, w));
        if (moved) {
            SP_TRY(sp_place_children(tx, &w->after.ref));
            any_moved = true;
        }
    }
    return SP_OK;
}

sp_err sp_apply_own(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_work *work)
{
    uint32_t peer = tx->peer;
    tx->peer = 0;
    sp_err err = sp_apply_accepted(tx, c, work);
    tx->peer = peer;
    return err;
}

/* ---- verdicts ---------------------------------------------------------- */

/* What waited for such a record is refused with it (SYNC J8). */
static sp_err mark_refused_creates(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (!sp_judge_creates(tx, c, &work[i])) {
            continue;
        }
        struct sp_kb key = sp_kb_text("r");
        sp_kb_add_ref(&key, &work[i].change->ref);
        struct sp_slice marked;
        sp_err err = sp_tx_get(tx, SP_T_REFUSED, &key, &marked);
        if (err == SP_OK) {
            continue; /* an edit of it, which follows it here */
        }
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
        uint8_t dot[16];
        sp_set_u64be(dot, c->replica);
        sp_set_u64be(dot + 8, c->n);
        SP_TRY(sp_tx_put(tx, SP_T_REFUSED, &key, SP_SLICE(dot)));
        SP_TRY(note_created(tx, &work[i].change->ref));
    }
    return SP_OK;
}

/* Accepted after all: what was made by it need no longer be refused. */
static sp_err unmark_refused_creates(
    struct sp_tx *tx, const struct sp_commit *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct sp_kb key = sp_kb_text("r");
        struct sp_slice dot;
        sp_kb_add_ref(&key, &c->change[i].ref);
        sp_err err = sp_tx_get(tx, SP_T_REFUSED, &key, &dot);
        if (err == SP_OK && dot.size == 16 &&
            sp_get_u64be(dot.data) == c->replica &&
            sp_get_u64be(dot.data + 8) == c->n) {
            err = sp_tx_del(tx, SP_T_REFUSED, &key);
        }
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    }
    return SP_OK;
}

static sp_err wait_put(
    struct sp_tx *tx, const struct sp_kb *waits, const struct sp_commit *c)
{
    struct sp_kb key = *waits;
    sp_kb_add_u64(&key, c->replica);
    sp_kb_add_u64(&key, c->n);
    return sp_tx_put(tx, SP_T_WAIT, &key, (struct sp_slice){ 0 });
}

/* Not accepted, or not yet: what a chain counts as open. */
static bool is_open(enum sp_verdict_kind kind)
{
    return kind == SP_DEFERRED || kind == SP_REFUSED;
}

/* Gives a commit its verdict: effect, mark or wait. had: what stood before;
 * work NULL: too large for any effect. */
static sp_err settle(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_work *work, const struct sp_verdict *v, const struct sp_kb *waits,
    const struct sp_verdict_entry *had, struct sp_chain *chain)
{
    struct sp_verdict_entry e = { .replica = c->replica,
        .n = c->n,
        .verdict = *v,
        .content = c->content,
        .word = had->word };
    bool stood = had->verdict.kind != SP_VERDICT_NONE;
    if (stood && !had->confirmed) {
        chain->unconfirmed--;
    }
    chain->open += is_open(v->kind) ? 1 : 0;
    chain->open -= is_open(had->verdict.kind) ? 1 : 0;
    switch (v->kind) {
    case SP_ACCEPTED:
        SP_TRY(sp_apply_accepted(tx, c, work));
        if (v->judge == tx->node->identity->device) {
            SP_TRY(sp_deletion_complete(tx, c, work));
        }
        if (!stood) {
            return SP_OK;
        }
        SP_TRY(had->verdict.kind == SP_REFUSED ? unmark_refused_creates(tx, c)
                                               : SP_OK);
        break; /* a deferral ends by name (SYNC F3) */
    case SP_REFUSED:
        tx->refused++;
        SP_TRY(work == NULL ? SP_OK : mark_refused_creates(tx, c, work));
        break;
    case SP_DEFERRED:
        tx->deferred++;
        SP_TRY(wait_put(tx, waits, c));
        break;
    case SP_VERDICT_NONE:
        SP_ASSERT(false);
    }
    chain->unconfirmed++;
    if (stood && v->kind != SP_DEFERRED) {
        /* Who said so need not hear it again. */
        SP_TRY(sp_words_note(tx, &e, v->judge == tx->peer ? tx->peer : 0));
    }
    return sp_log_put_verdict(tx, &e);
}

/* From the log, or passed down (SYNC J6). */
static sp_err load_commit(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_commit *out)
{
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_log_commit(tx, replica, n, &tx->scratch, out);
    return err == SP_E_NOT_FOUND
               ? sp_passed_commit(tx, replica, n, &tx->scratch, out)
               : err;
}

/* More keys, siblings or replicas than a record may have: no effect, and no
 * other commit waits behind it. */
static struct sp_verdict oversized(
    const struct sp_tx *tx, const struct sp_commit *c)
{
    return (struct sp_verdict){ .kind = SP_REFUSED,
        .code = SP_E_RECORD_FULL,
        .type = c->change[0].ref.type,
        .judge = tx->node->identity->device,
        .at_ms = sp_tx_now(tx) };
}

sp_err sp_apply_move_marks(
    struct sp_tx *tx, const struct sp_verdict_entry *e, bool refused)
{
    struct sp_commit c;
    struct sp_work *work;
    sp_err err = load_commit(tx, e->replica, e->n, &c);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* logged above only (SYNC F1) */
    }
    SP_TRY(err);
    if (!refused) {
        return unmark_refused_creates(tx, &c);
    }
    SP_TRY(sp_judge_prepare(tx, &c, &tx->scratch, &work));
    return mark_refused_creates(tx, &c, work);
}

/* A higher word of a branch about a commit that is logged here. */
static sp_err raise(struct sp_tx *tx, const struct sp_certified *branch,
    struct sp_chain *chain, const struct sp_told_verdict *word, bool proven)
{
    const struct sp_kb waits = { .size = 0 };
    struct sp_verdict_entry had;
    struct sp_commit c;
    struct sp_work *work;
    sp_err reason;
    bool vouches = true;
    SP_TRY(sp_log_verdict(tx, word->replica, word->n, &had));
    proven = proven || had.verdict.code != SP_E_UNPROVEN;
    if (sp_apply_kind(&had) >= word->verdict.kind) {
        return SP_OK;
    }
    sp_err err = load_commit(tx, word->replica, word->n, &c);
    if (err == SP_E_NOT_FOUND ||
        (err == SP_OK && !sp_id_equal(&c.content, &word->content))) {
        return SP_OK; /* erased, among others: no effect is left to make */
    }
    SP_TRY(err);
    SP_TRY(sp_quarantine_reason(tx, &c, proven, &reason));
    if (reason == SP_E_UNPROVEN) {
        return SP_OK; /* no branch vouches for a signature (SYNC J7) */
    }
    err = sp_judge_prepare(tx, &c, &tx->scratch, &work);
    if (err == SP_E_TOO_LARGE) {
        return SP_OK;
    }
    SP_TRY(err);
    SP_TRY(sp_judge_vouches(tx, branch->device, work, c.count, &vouches));
    return vouches ? settle(tx, &c, work, &word->verdict, &waits, &had, chain)
                   : SP_OK;
}

sp_err sp_apply_said(struct sp_tx *tx, const struct sp_certified *branch,
    const struct sp_told_verdict *word)
{
    struct sp_chain chain;
    SP_TRY(sp_log_chain(tx, word->replica, &chain));
    if (word->n > chain.n) {
        return SP_OK; /* its author brings it (SYNC F1) */
    }
    SP_TRY(raise(tx, branch, &chain, word, false));
    return sp_log_put_chain(tx, &chain);
}

/* ---- trying again (SYNC J3) -------------------------------------------- */

static sp_err retry_one(struct sp_tx *tx, const struct sp_dot *dot)
{
    struct sp_commit c;
    struct sp_verdict_entry had;
    struct sp_chain chain;
    SP_TRY(sp_log_verdict(tx, dot->replica, dot->counter, &had));
    if (had.verdict.kind != SP_DEFERRED) {
        return SP_OK; /* decided in the meantime */
    }
    sp_err err = load_commit(tx, dot->replica, dot->counter, &c);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err; /* another's by now */
    }
    SP_TRY(sp_log_chain(tx, dot->replica, &chain));
    struct sp_work *work;
    struct sp_verdict v;
    struct sp_kb waits = { .size = 0 };
    bool proven = had.verdict.code != SP_E_UNPROVEN;
    SP_TRY(proven
               ? SP_OK
               : sp_quarantine_proven(tx, dot->replica, dot->counter, &proven));
    err = sp_judge_prepare(tx, &c, &tx->scratch, &work);
    if (err == SP_E_TOO_LARGE) {
        v = oversized(tx, &c);
        work = NULL;
    } else {
        SP_TRY(err);
        SP_TRY(sp_judge_commit(tx, &c, proven, work, &v, &waits));
    }
    if (v.kind == SP_DEFERRED && v.code == had.verdict.code) {
        return wait_put(tx, &waits, &c);
    }
    if (v.kind == SP_DEFERRED) {
        v.at_ms = had.verdict.at_ms; /* its deadline stays (SYNC J4) */
    }
    SP_TRY(settle(tx, &c, work, &v, &waits, &had, &chain));
    return sp_log_put_chain(tx, &chain);
}

sp_err sp_apply_refuse(
    struct sp_tx *tx, const struct sp_dot *dot, const struct sp_verdict *v)
{
    const struct sp_kb waits = { .size = 0 };
    struct sp_commit c;
    struct sp_verdict_entry had;
    struct sp_chain chain;
    struct sp_work *work = NULL;
    SP_TRY(sp_log_verdict(tx, dot->replica, dot->counter, &had));
    if (had.verdict.kind != SP_DEFERRED) {
        return SP_E_NOT_FOUND;
    }
    SP_TRY(load_commit(tx, dot->replica, dot->counter, &c));
    SP_TRY(sp_log_chain(tx, dot->replica, &chain));
    sp_err err = sp_judge_prepare(tx, &c, &tx->scratch, &work);
    SP_TRY(err == SP_E_TOO_LARGE ? SP_OK : err);
    SP_TRY(settle(tx, &c, work, v, &waits, &had, &chain));
    return sp_log_put_chain(tx, &chain);
}

sp_err sp_apply_try(struct sp_tx *tx, const struct sp_dot *dot)
{
    return retry_one(tx, dot);
}

sp_err sp_apply_retry(struct sp_tx *tx, const struct sp_kb *waits)
{
    struct sp_key_list w = { .arena = &tx->arena };
    SP_TRY(sp_tx_keys(tx, SP_T_WAIT, waits, &w));
    for (size_t i = 0; i < w.count; i++) {
        const uint8_t *dot = w.key[i].b + w.key[i].size - 16;
        struct sp_dot d = { sp_get_u64be(dot), sp_get_u64be(dot + 8) };
        SP_TRY(sp_tx_del(tx, SP_T_WAIT, &w.key[i]));
        SP_TRY(retry_one(tx, &d));
    }
    return SP_OK;
}

/* What waited for records that this tx created; they may create more. */
static sp_err retry_created(struct sp_tx *tx)
{
    struct sp_state_cache *c = tx->cache;
    for (uint32_t i = 0; i < c->created_count; i++) {
        struct sp_kb waits = { .size = 0 };
        sp_kb_add_u8(&waits, 'R');
        sp_kb_add_ref(&waits, &c->created[i]);
        SP_TRY(sp_apply_retry(tx, &waits));
    }
    c->created_count = 0;
    return SP_OK;
}

/* Refusals make records, for which other commits may wait, which may be
 * refused: until nothing more comes of it. */
sp_err sp_apply_settle_down(struct sp_tx *tx)
{
    do {
        SP_TRY(retry_created(tx));
        SP_TRY(sp_tray_flush(tx));
    } while (tx->cache->created_count > 0);
    return SP_OK;
}

sp_err sp_apply_retry_all(struct sp_tx *tx)
{
    struct sp_kb all = { .size = 0 };
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_apply_retry(tx, &all));
    return sp_apply_settle_down(tx);
}

/* ---- taking a push ----------------------------------------------------- */

/* A batch that passed every check, with its decoded new commits. */
struct checked {
    const struct sp_batch *batch;
    struct sp_chain chain;
    struct sp_commit *commit;
    struct sp_hash *hash;
    uint32_t skip; /* commits at its start that are logged already */
    bool gap;
    bool revoked;  /* its author, for good or until he is found again */
    bool unproven; /* the key of its author did not sign its head (SYNC X8) */
    bool jump;     /* what is before it lies at head office only */
};

/* The chain hash before the batch: from the log, or whole from the batch
 * where head office's frontier, taken over, knows it (SYNC F1). */
static sp_err base_hash(struct sp_tx *tx, const struct sp_batch *b,
    struct sp_chain *chain, struct sp_hash *out, bool *jump)
{
    sp_err err = sp_log_hash(tx, b->replica, b->from - 1, out);
    if (err == SP_E_NOT_FOUND && b->prev.size == SP_HASH_BYTES &&
        chain->upper == b->from - 1 &&
        memcmp(chain->upper_hash, b->prev.data, 16) == 0) {
        memcpy(out->b, b->prev.data, sizeof out->b);
        chain->n = b->from - 1;
        chain->hash = *out;
        *jump = true;
        return SP_OK;
    }
    SP_TRY(err);
    return memcmp(out->b, b->prev.data, b->prev.size) == 0 ? SP_OK : SP_E_FORK;
}

static sp_err check_author(
    const struct sp_commit *c, const struct sp_certified *author)
{
    return author->user != 0 && (c->user != author->user ||
                                    !sp_id_is_zero(&c->carried.content))
               ? SP_E_AUTHOR
               : SP_OK;
}

/* The hash alone stands for a commit that was erased; none is that short. */
static bool is_erased(const struct sp_batch *b, uint32_t i)
{
    return b->commit[i].size == SP_HASH_BYTES;
}

/* One commit of a batch: its place in the chain, its form, its author. */
static sp_err check_commit(struct sp_tx *tx, struct checked *k, uint32_t i,
    const struct sp_certified *author, struct sp_hash *hash,
    struct sp_arena *arena)
{
    const struct sp_batch *b = k->batch;
    uint64_t n = b->from + i;
    bool erased = is_erased(b, i);
    struct sp_hash prev = *hash;
    if (erased) { /* vouched for by the head, which is made of it */
        memcpy(hash->b, b->commit[i].data, sizeof hash->b);
    } else {
        sp_commit_chain(&prev, b->replica, n, b->commit[i], hash);
    }
    k->hash[i] = *hash;
    if (n <= k->chain.n) {
        struct sp_hash logged;
        k->skip++;
        sp_err err = sp_log_hash(tx, b->replica, n, &logged);
        return err == SP_E_NOT_FOUND ? SP_OK /* under a frontier from above */
               : err != SP_OK        ? err
               : memcmp(logged.b, hash->b, sizeof logged.b) != 0 ? SP_E_FORK
                                                                 : SP_OK;
    }
    struct sp_commit *c = &k->commit[i];
    if (erased) {
        return SP_OK;
    }
    SP_TRY(sp_commit_decode(b->commit[i], b->replica, arena, c));
    return c->n != n ? SP_E_MALFORMED : check_author(c, author);
}

static sp_err check_batch(struct sp_tx *tx, const struct sp_certified *peer,
    const struct sp_batch *b, struct sp_arena *arena, struct checked *k)
{
    struct sp_certified author;
    struct sp_hash hash;
    uint32_t device = sp_replica_device(b->replica);
    if (peer->user != 0 && device != peer->device) {
        return SP_E_AUTHOR; /* a device brings its own commits only */
    }
    SP_TRY(tx->rules->device(tx->rules->self, device, &author));
    k->batch = b;
    SP_TRY(sp_log_chain(tx, b->replica, &k->chain));
    uint64_t known = k->chain.n > k->chain.upper ? k->chain.n : k->chain.upper;
    if (b->from > known + 1) {
        k->gap = true;
        return SP_OK;
    }
    sp_err err = base_hash(tx, b, &k->chain, &hash, &k->jump);
    if (err == SP_E_NOT_FOUND) {
        k->gap = true;
        return SP_OK;
    }
    SP_TRY(err);
    k->commit = sp_arena_take(arena, b->count, sizeof *k->commit);
    k->hash = sp_arena_take(arena, b->count, sizeof *k->hash);
    if (k->commit == NULL || k->hash == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        SP_TRY(check_commit(tx, k, i, &author, &hash, arena));
    }
    err = sp_commit_verify(&tx->node->identity->org, b->replica,
        b->from + b->count - 1, &hash, author.sign_public, b->signature);
    k->unproven = err == SP_E_FORGED;
    k->revoked = author.revoked;
    return k->unproven ? SP_OK : err;
}

static const struct sp_told_verdict *told_of(
    const struct sp_batch *b, uint64_t n)
{
    for (uint32_t i = 0; i < b->verdict_count; i++) {
        if (b->verdict[i].n == n) {
            return &b->verdict[i];
        }
    }
    return NULL;
}

/* What becomes of a commit: a device's is judged; one that another server
 * brings carries that server's verdict, and a deferral is judged here, or what
 * that server cannot have accepted (SYNC J5, J7). */
static sp_err decide(struct sp_tx *tx, const struct sp_certified *peer,
    const struct checked *k, const struct sp_commit *c, struct sp_work *work,
    struct sp_verdict *v, struct sp_kb *waits)
{
    const struct sp_told_verdict *told = told_of(k->batch, c->n);
    bool vouches = false;
    if (peer->user != 0 || k->unproven ||
        (told != NULL && told->verdict.kind == SP_DEFERRED)) {
        return sp_judge_commit(tx, c, !k->unproven, work, v, waits);
    }
    if (told != NULL && told->verdict.kind == SP_REFUSED) {
        *v = told->verdict;
        return SP_OK;
    }
    SP_TRY(sp_judge_vouches(tx, peer->device, work, c->count, &vouches));
    if (!vouches) {
        return sp_judge_commit(tx, c, true, work, v, waits);
    }
    *v = (struct sp_verdict){
        .kind = SP_ACCEPTED, .judge = peer->device, .at_ms = sp_tx_now(tx)
    };
    return SP_OK;
}

/* Head office has decided it: a refusal stands in its list, which was taken
 * over, and the effect of an acceptance came with its records. */
static sp_err take_decided(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_verdict_entry *had)
{
    struct sp_work *work;
    if (had->verdict.kind != SP_REFUSED) {
        return SP_OK;
    }
    SP_TRY(sp_judge_prepare(tx, c, &tx->scratch, &work));
    return mark_refused_creates(tx, c, work);
}

/* It has no effect, and nobody waits for one: what it spoke of is erased. The
 * word of a server that it was refused is kept. */
static sp_err take_erased(struct sp_tx *tx, const struct sp_certified *peer,
    struct checked *k, uint32_t i)
{
    const struct sp_batch *b = k->batch;
    const struct sp_told_verdict *told = told_of(b, b->from + i);
    struct sp_verdict_entry e;
    SP_TRY(sp_log_append(tx, &k->chain, b->commit[i], &k->hash[i]));
    SP_TRY(sp_log_verdict(tx, b->replica, b->from + i, &e));
    if (e.verdict.kind != SP_VERDICT_NONE) {
        return sp_passed_logged(tx, b->replica, b->from + i);
    }
    if (peer->user != 0 || told == NULL || !told->verdict.erased ||
        told->verdict.kind != SP_REFUSED) {
        return SP_OK;
    }
    e.verdict = told->verdict;
    e.content = told->content;
    k->chain.open++;
    k->chain.unconfirmed++;
    return sp_log_put_verdict(tx, &e);
}

static sp_err take_commit(struct sp_tx *tx, const struct sp_certified *peer,
    struct checked *k, uint32_t i)
{
    const struct sp_commit *c = &k->commit[i];
    struct sp_work *work;
    struct sp_verdict v;
    struct sp_kb waits = { .size = 0 };
    struct sp_verdict_entry had;
    sp_arena_reset(&tx->scratch);
    SP_TRY(sp_log_verdict(tx, c->replica, c->n, &had));
    SP_TRY(sp_log_append(tx, &k->chain, k->batch->commit[i], &k->hash[i]));
    SP_TRY(had.verdict.kind != SP_VERDICT_NONE
               ? sp_passed_logged(tx, c->replica, c->n)
               : SP_OK);
    if ((c->n <= k->chain.upper && had.verdict.kind != SP_DEFERRED) ||
        (had.verdict.kind > SP_DEFERRED &&
            sp_id_equal(&had.content, &c->content))) {
        return take_decided(tx, c, &had);
    }
    sp_err err = sp_judge_prepare(tx, c, &tx->scratch, &work);
    if (err == SP_E_TOO_LARGE) {
        struct sp_verdict_entry e = { .replica = c->replica,
            .n = c->n,
            .verdict = oversized(tx, c),
            .content = c->content };
        tx->refused++;
        k->chain.open++;
        k->chain.unconfirmed++;
        return sp_log_put_verdict(tx, &e);
    }
    SP_TRY(err);
    SP_TRY(decide(tx, peer, k, c, work, &v, &waits));
    return settle(tx, c, work, &v, &waits, &had, &k->chain);
}

/* A commit that is logged here, and that the server which brings it has judged
 * higher (SYNC J5). */
static sp_err take_word(struct sp_tx *tx, const struct sp_certified *peer,
    struct checked *k, uint32_t i)
{
    uint64_t n = k->batch->from + i;
    const struct sp_told_verdict *told = told_of(k->batch, n);
    struct sp_verdict_entry had;
    if (told != NULL) {
        return raise(tx, peer, &k->chain, told, !k->unproven);
    }
    SP_TRY(sp_log_verdict(tx, k->batch->replica, n, &had));
    struct sp_told_verdict accepted = { .replica = k->batch->replica,
        .n = n,
        .content = had.content,
        .verdict = { .kind = SP_ACCEPTED,
            .judge = peer->device,
            .at_ms = sp_tx_now(tx) } };
    return raise(tx, peer, &k->chain, &accepted, !k->unproven);
}

/* Who brought commits first stays on record: what he says of them is his
 * verdict (SYNC J7). */
static sp_err put_head(
    struct sp_tx *tx, const struct sp_certified *peer, const struct checked *k)
{
    const struct sp_batch *b = k->batch;
    struct sp_head had, h = { .n = b->from + b->count - 1,
        .proven = !k->unproven,
        .by = peer->user == 0 ? peer->device : 0 };
    if (k->skip == b->count) {
        sp_err err = sp_log_next_head(tx, b->replica, h.n, &had);
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
        h.by = err == SP_OK ? had.by : h.by;
    }
    memcpy(h.signature, b->signature, sizeof h.signature);
    return sp_log_put_head(tx, b->replica, &h);
}

static sp_err take_batch(
    struct sp_tx *tx, const struct sp_certified *peer, struct checked *k)
{
    const struct sp_batch *b = k->batch;
    if (k->jump) {
        SP_TRY(sp_log_put_base(tx, &k->chain));
    }
    for (uint32_t i = 0; i < k->skip && peer->user == 0; i++) {
        SP_TRY(take_word(tx, peer, k, i));
    }
    for (uint32_t i = k->skip; i < b->count; i++) {
        SP_TRY(is_erased(b, i) ? take_erased(tx, peer, k, i)
                               : take_commit(tx, peer, k, i));
    }
    SP_TRY(put_head(tx, peer, k));
    return sp_log_put_chain(tx, &k->chain);
}

/* Whether it is taken: it brings something, and what of it would be set aside
 * finds room (SYNC X8). What does not stays with who brought it, and its
 * frontier where it is. */
static sp_err is_taken(struct sp_tx *tx, const struct sp_certified *peer,
    const struct checked *k, bool *out)
{
    uint64_t fresh = k->gap ? 0 : k->batch->count - k->skip;
    *out = !k->gap && (fresh > 0 || peer->user == 0);
    if (!*out || fresh == 0 ||
        (!k->unproven && (!k->revoked || peer->user == 0))) {
        return SP_OK;
    }
    SP_TRY(sp_quarantine_room(
        tx, sp_replica_device(k->batch->replica), fresh, out));
    if (!*out) {
        sp_tx_trace(tx, "apply", "quarantine=full");
    }
    return SP_OK;
}

sp_err sp_apply_push(struct sp_tx *tx, const struct sp_certified *peer,
    const struct sp_push *push, struct sp_arena *arena, uint64_t *taken)
{
    struct checked *k = sp_arena_take(arena, push->count + 1u, sizeof *k);
    if (k == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < push->count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (push->batch[j].replica == push->batch[i].replica) {
                return SP_E_MALFORMED;
            }
        }
        SP_TRY(check_batch(tx, peer, &push->batch[i], arena, &k[i]));
    }
    tx->peer = peer->device;
    for (uint32_t i = 0; i < push->count; i++) {
        bool taken_here;
        SP_TRY(is_taken(tx, peer, &k[i], &taken_here));
        if (taken_here) {
            *taken += push->batch[i].count - k[i].skip;
            SP_TRY(take_batch(tx, peer, &k[i]));
        }
    }
    sp_err err = sp_apply_settle_down(tx);
    tx->peer = 0;
    return err;
}
