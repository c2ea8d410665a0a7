/* commit_make.c - a user action becomes a commit (SYNC C1, M3, F6). */
#include "engine.h"

/* What the author saw for a key: the register's context without the own
 * replica, whose earlier dots a new one covers anyway (SYNC M3). */
static sp_err seen(struct sp_tx *tx, const struct sp_vector *context,
    struct sp_arena *arena, struct sp_vector *out)
{
    sp_replica own = tx->node->identity->replica;
    if (sp_vector_get(context, own) == 0) {
        *out = *context;
        return SP_OK;
    }
    struct sp_dot *dot = sp_arena_take(arena, context->count, sizeof *dot);
    if (dot == NULL) {
        return SP_E_NOMEM;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < context->count; i++) {
        if (context->dot[i].replica != own) {
            dot[n++] = context->dot[i];
        }
    }
    *out = (struct sp_vector){ n, dot };
    return SP_OK;
}

static sp_err context_of(struct sp_tx *tx, const struct sp_record *view,
    const struct sp_key *key, struct sp_arena *arena, struct sp_vector *out)
{
    struct sp_vector whole;
    if (key->field == SP_FIELD_DELETED ||
        key->field == tx->rules->forward(tx->rules->self, view->ref.type)) {
        /* A deletion, and a forward, carry the vector of the whole record as
         * its author saw it (SYNC M4). */
        SP_TRY(sp_merge_vector(view, arena, &whole));
        return seen(tx, &whole, arena, out);
    }
    const struct sp_register *reg =
        sp_record_find(view, key->field, key->element);
    if (reg == NULL) {
        *out = (struct sp_vector){ 0, NULL };
        return SP_OK;
    }
    return seen(tx, &reg->context, arena, out);
}

static void sort_writes(struct sp_write *w, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct sp_write moving = w[i];
        uint32_t k = i;
        while (k > 0 && sp_key_cmp(&w[k - 1].key, &moving.key) > 0) {
            w[k] = w[k - 1];
            k--;
        }
        w[k] = moving;
    }
}

static int ref_cmp(const struct sp_ref *a, const struct sp_ref *b)
{
    return a->type != b->type ? (a->type < b->type ? -1 : 1)
                              : sp_id_cmp(&a->id, &b->id);
}

static void sort_changes(struct sp_change *c, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct sp_change moving = c[i];
        uint32_t k = i;
        while (k > 0 && ref_cmp(&c[k - 1].ref, &moving.ref) > 0) {
            c[k] = c[k - 1];
            k--;
        }
        c[k] = moving;
    }
}

struct sp_slice sp_commit_make_element(void)
{
    static const struct sp_id unknown;

    return SP_SLICE(unknown.b);
}

/* own: where the content id of the commit will stand (SYNC M1). */
static sp_err draft_change(struct sp_tx *tx, const struct sp_draft_change *d,
    const struct sp_id *own, struct sp_arena *arena, struct sp_change *out)
{
    struct sp_record view = { .ref = d->ref };
    sp_err err = sp_state_view(tx, &d->ref, arena, &view, NULL);
    if (err == SP_OK && d->create) {
        return SP_E_EXISTS;
    }
    if (err == SP_E_NOT_FOUND && d->create) {
        err = SP_OK;
    }
    SP_TRY(err);
    struct sp_write *w = sp_arena_take(arena, d->count + 1u, sizeof *w);
    if (w == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        w[i].key = d->write[i].key;
        w[i].value = d->write[i].value;
        if (sp_slice_equal(w[i].key.element, sp_commit_make_element())) {
            w[i].key.element = SP_SLICE(own->b);
        }
        SP_TRY(context_of(tx, &view, &w[i].key, arena, &w[i].context));
    }
    sort_writes(w, d->count);
    for (uint32_t i = 1; i < d->count; i++) {
        if (sp_key_cmp(&w[i - 1].key, &w[i].key) == 0) {
            return SP_E_ARGUMENT; /* a commit writes a key at most once */
        }
    }
    *out = (struct sp_change){ d->ref, d->count, w };
    return SP_OK;
}

static sp_err draft_commit(struct sp_tx *tx, const struct sp_draft *d,
    struct sp_arena *arena, struct sp_commit *c)
{
    if (d->count == 0 || d->count > SP_COMMIT_CHANGES_MAX) {
        return SP_E_ARGUMENT;
    }
    struct sp_change *change = sp_arena_take(arena, d->count, sizeof *change);
    if (change == NULL) {
        return SP_E_NOMEM;
    }
    memset(c, 0, sizeof *c);
    for (uint32_t i = 0; i < d->count; i++) {
        SP_TRY(draft_change(tx, &d->change[i], &c->content, arena, &change[i]));
    }
    sort_changes(change, d->count);
    struct sp_serials serials = tx->rules->serials(tx->rules->self);
    const struct sp_env *env = tx->node->env;
    *c = (struct sp_commit){ .replica = tx->node->identity->replica,
        .time = sp_tx_tick(tx),
        .user = d->user,
        .authority = d->authority,
        .dictionary = serials.dictionary,
        .policy = serials.policy,
        .roster = serials.roster,
        .count = d->count,
        .change = change };
    env->random(env->self, c->nonce, sizeof c->nonce);
    return SP_OK;
}

/* What a device needs to show its own unresolved writes. */
static sp_err index_own(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct sp_kb key = sp_kb_ref(&c->change[i].ref);
        sp_kb_add_u64(&key, c->replica);
        sp_kb_add_u64(&key, c->n);
        SP_TRY(sp_tx_put(tx, SP_T_OWN, &key, (struct sp_slice){ 0 }));
        struct sp_ref parent;
        if (tx->rules->parent(tx->rules->self, &work[i].after, &parent)) {
            struct sp_kb child = sp_kb_ref(&parent);
            sp_kb_add_ref(&child, &c->change[i].ref);
            SP_TRY(sp_tx_put(tx, SP_T_CHILD, &child, (struct sp_slice){ 0 }));
        }
    }
    return SP_OK;
}

/* Chained, logged, and what it does. */
static sp_err enter(struct sp_tx *tx, struct sp_commit *c,
    struct sp_chain *chain, struct sp_work *work)
{
    struct sp_buf bytes;
    struct sp_hash hash;
    sp_buf_init(&bytes, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(c, &bytes);
    sp_err err = bytes.err;
    if (err == SP_OK) {
        sp_commit_chain(
            &chain->hash, c->replica, c->n, sp_buf_slice(&bytes), &hash);
        err = sp_log_append(tx, chain, sp_buf_slice(&bytes), &hash);
    }
    sp_buf_free(&bytes);
    SP_TRY(err);
    SP_TRY(sp_log_put_chain(tx, chain));
    if (sp_tx_is_server(tx)) {
        SP_TRY(sp_apply_own(tx, c, work));
    } else {
        SP_TRY(index_own(tx, c, work));
    }
    if (!sp_tx_is_server(tx)) {
        sp_place_forget_parents(tx); /* a view may have changed */
    }
    return SP_OK;
}

/* An increment is known by the content id, which is made by encoding. What is
 * wrong with the commit is said when it is entered. */
static void name_increments(struct sp_commit *c)
{
    bool counts = false;
    struct sp_buf bytes;
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t k = 0; k < c->change[i].count; k++) {
            counts = counts ||
                     c->change[i].write[k].key.element.data == c->content.b;
        }
    }
    sp_buf_init(&bytes, SP_COMMIT_BYTES_MAX);
    if (counts) {
        sp_commit_encode(c, &bytes);
    }
    sp_buf_free(&bytes);
}

static sp_err prepare(struct sp_tx *tx, const struct sp_draft *draft,
    struct sp_arena *arena, struct sp_commit *c, struct sp_chain *chain,
    struct sp_work **work)
{
    SP_TRY(draft_commit(tx, draft, arena, c));
    SP_TRY(sp_log_chain(tx, c->replica, chain));
    c->n = chain->n + 1;
    name_increments(c);
    sp_err err = sp_judge_prepare(tx, c, arena, work);
    return err == SP_E_TOO_LARGE ? SP_E_RECORD_FULL : err;
}

/* ---- what is not here yet (SYNC S5) ------------------------------------ */

/* Whether a scope that is held here shows it, or will when new keys are
 * here: of these scopes. */
static sp_err opened(struct sp_tx *tx, const struct sp_scopes *scopes,
    uint16_t type, uint16_t field, bool *out)
{
    *out = false;
    for (uint32_t i = 0; i < scopes->count && !*out; i++) {
        struct sp_scope_state *s;
        SP_TRY(sp_tx_scope(tx, &scopes->id[i], &s));
        if (s->held) {
            SP_TRY(sp_proof_keeps(tx, s, type, field, out));
        }
    }
    return SP_OK;
}

/* Whether a field of a record that stands here is the author's to read, and
 * its values have not come yet: what he would write had not seen them. They
 * come with new keys, or by way of a scope that has not delivered it. */
static sp_err on_its_way(struct sp_tx *tx, const struct sp_work *work,
    const struct sp_scopes *places, uint16_t field, bool *out)
{
    bool shown;
    uint16_t type = work->change->ref.type;
    SP_TRY(sp_state_shows(tx, places, type, field, &shown));
    *out = false;
    if (shown) {
        return SP_OK;
    }
    SP_TRY(opened(tx, places, type, field, out));
    return *out ? SP_OK : opened(tx, &work->scopes_before, type, field, out);
}

static sp_err check_change(
    struct sp_tx *tx, const struct sp_work *work, struct sp_verdict *verdict)
{
    const struct sp_change *c = work->change;
    struct sp_scopes places;
    struct sp_stored *s = sp_arena_take(&tx->arena, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &c->ref, &tx->arena, s));
    sp_place_list(s, &places);
    if (places.count == 0) {
        return SP_OK; /* nobody has delivered it: his own alone */
    }
    for (uint32_t k = 0; k < c->count; k++) {
        bool coming;
        SP_TRY(on_its_way(tx, work, &places, c->write[k].key.field, &coming));
        if (coming) {
            verdict->kind = SP_REFUSED;
            verdict->code = SP_E_NOT_YET;
            verdict->type = c->ref.type;
            verdict->field = c->write[k].key.field;
            return SP_OK;
        }
    }
    return SP_OK;
}

static sp_err check_here(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_verdict *verdict)
{
    if (sp_tx_is_server(tx)) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < c->count && verdict->kind == SP_ACCEPTED; i++) {
        if (work[i].before->record.count > 0) {
            SP_TRY(check_change(tx, &work[i], verdict));
        }
    }
    return SP_OK;
}

sp_err sp_commit_make(struct sp_tx *tx, const struct sp_draft *draft,
    struct sp_verdict *verdict, uint64_t *n)
{
    struct sp_commit c;
    struct sp_chain chain;
    struct sp_work *work;
    /* An import makes a thousand commits in one transaction: each gets the
     * memory of the one before, instead of pages that were never touched. */
    sp_arena_reset(&tx->made);
    sp_arena_reset(&tx->scratch);
    SP_TRY(prepare(tx, draft, &tx->made, &c, &chain, &work));
    SP_TRY(sp_judge_draft(tx, &c, work, verdict));
    SP_TRY(check_here(tx, &c, work, verdict));
    if (verdict->kind != SP_ACCEPTED) {
        return verdict->code;
    }
    SP_TRY(enter(tx, &c, &chain, work));
    *n = c.n;
    return SP_OK;
}

sp_err sp_commit_make_own(
    struct sp_tx *tx, const struct sp_draft *draft, struct sp_arena *arena)
{
    uint32_t accepted = tx->accepted;
    struct sp_commit c;
    struct sp_chain chain;
    struct sp_work *work;
    SP_ASSERT(sp_tx_is_server(tx));
    SP_TRY(prepare(tx, draft, arena, &c, &chain, &work));
    SP_TRY(enter(tx, &c, &chain, work));
    tx->accepted = accepted; /* nobody handed it in */
    return SP_OK;
}

sp_err sp_commit_make_carried(struct sp_tx *tx, struct sp_commit *c)
{
    struct sp_serials serials = tx->rules->serials(tx->rules->self);
    const struct sp_env *env = tx->node->env;
    struct sp_chain chain;
    struct sp_work *work;
    c->replica = tx->node->identity->replica;
    c->time = sp_tx_tick(tx);
    c->dictionary = serials.dictionary;
    c->policy = serials.policy;
    c->roster = serials.roster;
    env->random(env->self, c->nonce, sizeof c->nonce);
    SP_TRY(sp_log_chain(tx, c->replica, &chain));
    c->n = chain.n + 1;
    SP_TRY(sp_judge_prepare(tx, c, &tx->arena, &work));
    return sp_judge_fits(c, work) ? enter(tx, c, &chain, work) : SP_E_TOO_LARGE;
}
