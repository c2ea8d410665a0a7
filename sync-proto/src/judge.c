/* judge.c - one commit is judged once, whole and finally (SYNC J). */
#include "contents.h"
#include "engine.h"
#include "held.h"
#include "quarantine.h"

/* ---- preparing --------------------------------------------------------- */

/* What places a record, looked for among the commit's own changes first: an
 * account and its contact may be made by one action. */
static sp_err root_of(struct sp_tx *tx, const struct sp_work *work,
    uint32_t done, const struct sp_record *record, struct sp_root *out)
{
    const struct sp_known known = { work, done };
    return sp_tree_root(tx, &known, record, out);
}

/* The scopes of a record; none while its parent is not here (the rules say
 * SP_E_DEFERRED_PARENT), which check_known turns into a verdict. A device may
 * have a record for its own fields alone, whose parent is not its user's to
 * see: a colleague's task that was given to him. What he writes there it asks
 * by the scopes of these fields, and a server by all of them. */
static sp_err scopes_of(struct sp_tx *tx, const struct sp_work *w,
    const struct sp_record *record, const struct sp_record *parent,
    struct sp_scopes *out)
{
    bool mine = !sp_tx_is_server(tx) && w->before->record.count > 0;
    sp_err err = tx->rules->scopes(tx->rules->self, record, parent, out);
    if (err == SP_E_DEFERRED_PARENT) {
        out->count = mine ? out->count : 0;
        return SP_OK;
    }
    return err;
}

/* What is derived of the fields that the commit changed. Servers alone make
 * it: a device has it from them, or not at all. */
static sp_err derive(
    struct sp_tx *tx, struct sp_work *w, struct sp_arena *arena)
{
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(tx->rules->derive(tx->rules->self, &w->after, SP_MAKE_CHANGED, arena,
        &w->after, &w->derived));
    w->changed += w->derived;
    return SP_OK;
}

/* What comes of a change to what is before. */
static sp_err join_change(struct sp_tx *tx, const struct sp_stamp *stamp,
    struct sp_work *all, uint32_t i, struct sp_arena *arena)
{
    struct sp_work *w = &all[i];
    struct sp_root root;
    SP_TRY(sp_merge_write(
        &w->before->record, w->change, stamp, arena, &w->after, &w->changed));
    SP_TRY(derive(tx, w, arena));
    w->scopes_before.count = 0;
    if (w->before->record.count > 0) {
        SP_TRY(root_of(tx, all, i, &w->before->record, &root));
        SP_TRY(scopes_of(
            tx, w, &w->before->record, root.record, &w->scopes_before));
    }
    SP_TRY(root_of(tx, all, i, &w->after, &root));
    return scopes_of(tx, w, &w->after, root.record, &w->scopes_after);
}

static sp_err prepare_one(struct sp_tx *tx, const struct sp_stamp *stamp,
    struct sp_work *all, uint32_t i, struct sp_arena *arena)
{
    struct sp_work *w = &all[i];
    w->before = sp_arena_take(arena, 1, sizeof *w->before);
    if (w->before == NULL) {
        return SP_E_NOMEM;
    }
    if (sp_tx_is_server(tx)) {
        SP_TRY(sp_place_load(tx, &w->change->ref, arena, w->before));
    } else {
        sp_err err =
            sp_state_view(tx, &w->change->ref, arena, &w->before->record, NULL);
        if (err == SP_E_NOT_FOUND) {
            w->before->record = (struct sp_record){ .ref = w->change->ref };
            err = SP_OK;
        }
        SP_TRY(err);
    }
    return join_change(tx, stamp, all, i, arena);
}

sp_err sp_judge_prepare(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_arena *arena, struct sp_work **out)
{
    struct sp_work *work = sp_arena_take(arena, c->count + 1u, sizeof *work);
    if (work == NULL) {
        return SP_E_NOMEM;
    }
    struct sp_stamp stamp = sp_commit_stamp(c);
    for (uint32_t i = 0; i < c->count; i++) {
        work[i].change = &c->change[i];
        SP_TRY(prepare_one(tx, &stamp, work, i, arena));
    }
    *out = work;
    return SP_OK;
}

/* ---- deciding ---------------------------------------------------------- */

static void say(struct sp_tx *tx, struct sp_verdict *out,
    enum sp_verdict_kind kind, sp_err code)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->code = code;
    out->judge = tx->node->identity->device;
    out->at_ms = sp_tx_now(tx);
}

/* SYNC J8: whether the only thing known of a record is a refused create. */
static sp_err create_refused(
    struct sp_tx *tx, const struct sp_ref *ref, bool *out)
{
    struct sp_kb key = sp_kb_text("r");
    struct sp_slice value;
    sp_kb_add_ref(&key, ref);
    sp_err err = sp_tx_get(tx, SP_T_REFUSED, &key, &value);
    *out = err == SP_OK;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static struct sp_kb wait_for(char what, const struct sp_ref *ref)
{
    struct sp_kb k = { .size = 0 };
    sp_kb_add_u8(&k, (uint8_t)what);
    if (ref != NULL) {
        sp_kb_add_ref(&k, ref);
    }
    return k;
}

bool sp_judge_creates(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work)
{
    struct sp_ref parent;
    if (work->before->record.count > 0 ||
        !tx->rules->whole(tx->rules->self, &work->after, c->dictionary)) {
        return false;
    }
    for (uint32_t i = 0; i < work->change->count; i++) {
        if (work->change->write[i].context.count > 0) {
            return false; /* its author had seen it elsewhere */
        }
    }
    return work->scopes_after.count > 0 ||
           tx->rules->parent(tx->rules->self, &work->after, &parent);
}

/* Of a record, or of what it belongs to, a part is here that does not say where
 * it is: a branch has accepted an edit, and the create comes behind. Who judged
 * now would judge for another (SYNC J1). */
static sp_err in_part(struct sp_tx *tx, const struct sp_work *w,
    const struct sp_root *root, struct sp_ref *ref, bool *out)
{
    struct sp_scopes scopes = { .count = 1 };
    if (root->leads) {
        SP_TRY(tx->rules->scopes(
            tx->rules->self, root->record, root->record, &scopes));
    }
    *ref = scopes.count == 0 ? root->ref : w->change->ref;
    *out = scopes.count == 0 ||
           (w->before->record.count > 0 && w->scopes_before.count == 0);
    return SP_OK;
}

/* What must be here before a change can be judged: its parent, its record. */
static sp_err check_known(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, uint32_t i, struct sp_verdict *out,
    struct sp_kb *waits)
{
    const struct sp_work *w = &work[i];
    struct sp_root root;
    struct sp_ref ref;
    bool refused = false, part;
    SP_TRY(root_of(tx, work, i, &w->after, &root));
    if (root.leads && root.record == NULL) {
        SP_TRY(create_refused(tx, &root.ref, &refused));
        if (refused) {
            say(tx, out, SP_REFUSED, SP_E_PARENT_REFUSED);
        } else {
            say(tx, out, SP_DEFERRED, SP_E_DEFERRED_PARENT);
            *waits = wait_for('R', &root.ref);
        }
        return SP_OK;
    }
    SP_TRY(in_part(tx, w, &root, &ref, &part));
    if (part) {
        say(tx, out, SP_DEFERRED, SP_E_DEFERRED_PARENT);
        *waits = wait_for('R', &ref);
    } else if (w->before->record.count == 0) {
        SP_TRY(create_refused(tx, &w->change->ref, &refused));
        if (refused) {
            say(tx, out, SP_REFUSED, SP_E_PARENT_REFUSED);
        } else if (!sp_judge_creates(tx, c, w)) {
            say(tx, out, SP_DEFERRED, SP_E_DEFERRED_PARENT);
            *waits = wait_for('R', &w->change->ref);
        }
    }
    return SP_OK;
}

/* Who serves a record (SYNC J1): it goes by its own scope before the commit, a
 * create by the one that it would get. Head office serves what nobody does. */
static uint32_t server_of(struct sp_tx *tx, const struct sp_work *w)
{
    const struct sp_scopes *s =
        w->before->record.count > 0 ? &w->scopes_before : &w->scopes_after;
    uint32_t server =
        s->count == 0 ? 0 : tx->rules->server_of(tx->rules->self, &s->id[0]);
    return server == 0 && tx->node->tier == SP_TIER_HEAD_OFFICE
               ? tx->node->identity->device
               : server;
}

/* What is served here and there is head office's (SYNC J2). */
uint32_t sp_judge_server(
    struct sp_tx *tx, const struct sp_work *work, uint32_t count)
{
    uint32_t server = server_of(tx, &work[0]);
    for (uint32_t i = 1; i < count; i++) {
        if (server_of(tx, &work[i]) != server) {
            return tx->node->tier == SP_TIER_HEAD_OFFICE
                       ? tx->node->identity->device
                       : 0;
        }
    }
    return server;
}

/* ---- who judged before (SYNC J7, J9) ----------------------------------- */

static sp_err has_served(
    struct sp_tx *tx, uint32_t server, const struct sp_id *scope, bool *out)
{
    struct sp_served s;
    if (*out || tx->rules->server_of(tx->rules->self, scope) == server) {
        *out = true;
        return SP_OK;
    }
    SP_TRY(sp_served_get(tx, scope, server, &s));
    *out = s.serial != 0;
    return SP_OK;
}

/* Where it is, where the commit puts it, and where left marks tell that it
 * was: the branch may have judged before it heard of a move. */
static sp_err has_served_record(
    struct sp_tx *tx, uint32_t server, const struct sp_work *w, bool *out)
{
    const struct sp_scopes *lists[] = { &w->scopes_before, &w->scopes_after };
    bool any = false;
    for (size_t k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < lists[k]->count && !*out; i++) {
            any = true;
            SP_TRY(has_served(tx, server, &lists[k]->id[i], out));
        }
    }
    for (uint32_t i = 0; i < w->before->count && !*out; i++) {
        any = true;
        SP_TRY(has_served(tx, server, &w->before->place[i].scope, out));
    }
    *out = *out || !any; /* its create is still on its way: nothing known */
    return SP_OK;
}

/* Visits go where their account goes. */
static sp_err has_served_parent(
    struct sp_tx *tx, uint32_t server, const struct sp_work *w, bool *out)
{
    struct sp_ref ref;
    if (*out || !tx->rules->parent(tx->rules->self, &w->after, &ref)) {
        return SP_OK;
    }
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &ref, &tx->scratch, s));
    for (uint32_t i = 0; i < s->count && !*out; i++) {
        SP_TRY(has_served(tx, server, &s->place[i].scope, out));
    }
    return SP_OK;
}

sp_err sp_judge_vouches(struct sp_tx *tx, uint32_t server,
    const struct sp_work *work, uint32_t count, bool *out)
{
    *out = true;
    for (uint32_t i = 0; i < count && *out; i++) {
        *out = false;
        SP_TRY(has_served_record(tx, server, &work[i], out));
        SP_TRY(has_served_parent(tx, server, &work[i], out));
    }
    return SP_OK;
}

/* SYNC J9: a field whose safest value wins is not head office's to write while
 * the branch that served the scope may still be writing it. */
static sp_err in_term(
    struct sp_tx *tx, const struct sp_work *work, uint32_t count, bool *out)
{
    *out = false;
    for (uint32_t i = 0;
         i < count && !*out && tx->node->tier == SP_TIER_HEAD_OFFICE; i++) {
        const struct sp_work *w = &work[i];
        const struct sp_scopes *s =
            w->before->record.count > 0 ? &w->scopes_before : &w->scopes_after;
        for (uint32_t k = 0; k < w->change->count && s->count > 0 && !*out;
             k++) {
            if (tx->rules->merge_kind(tx->rules->self, w->change->ref.type,
                    w->change->write[k].key.field) == SP_MERGE_DENY) {
                SP_TRY(sp_served_term(tx, &s->id[0], out));
            }
        }
    }
    return SP_OK;
}

/* ---- before any judging ------------------------------------------------ */

/* SYNC J5: a state holds accepted writes only, so one dot of the commit that
 * stands there proves that it was accepted, by whomever. */
static bool stands(const struct sp_commit *c, const struct sp_work *work)
{
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t k = 0; k < work[i].change->count; k++) {
            const struct sp_write *write = &work[i].change->write[k];
            const struct sp_register *reg = sp_record_find(
                &work[i].before->record, write->key.field, write->key.element);
            for (uint32_t s = 0; reg != NULL && s < reg->count; s++) {
                const struct sp_sibling *sib = &reg->sibling[s];
                if (sib->stamp.dot.replica == c->replica &&
                    sib->stamp.dot.counter == c->n &&
                    sib->stamp.time == c->time &&
                    sp_slice_equal(sib->value, write->value)) {
                    return true;
                }
            }
        }
    }
    return false;
}

/*
 * Who was away when two accounts became one could not know it, and no clock
 * tells: who reached the absorbed one is heard as if nothing had happened, as
 * long as the merge can be undone. What he wrote is carried to the survivor,
 * where it hides nothing (carry.c).
 */
static sp_err bygone_of(
    struct sp_tx *tx, const struct sp_root *root, struct sp_scopes *out)
{
    const struct sp_record *was;
    out->count = 0;
    if (!root->merged ||
        sp_tx_now(tx) > sp_hlc_ms(root->merged_at) + SP_UNDO_MS_MAX) {
        return SP_OK;
    }
    SP_TRY(sp_place_cached(tx, &root->absorbed, &was));
    return was == NULL ? SP_OK
                       : tx->rules->scopes(tx->rules->self, was, was, out);
}

/* What happened at a record that was the author's to see, as far as his device
 * had heard, is judged there, though it has gone elsewhere (SYNC J4). */
static sp_err ask_where_it_was(struct sp_tx *tx, struct sp_question *q,
    const struct sp_root *root, struct sp_verdict *v)
{
    struct sp_scopes left;
    struct sp_ref ref = root->leads ? root->ref : q->change->ref;
    if (v->kind != SP_REFUSED || !q->at_server ||
        !tx->rules->evidence(tx->rules->self, q->change->ref.type)) {
        return SP_OK;
    }
    SP_TRY(sp_held_left(tx, q->commit, &ref, &left));
    if (left.count > 0) {
        q->left = &left;
        tx->rules->judge(tx->rules->self, q, v);
        q->left = NULL;
    }
    return SP_OK;
}

/* An audit: all the places that it has left, whenever. */
static sp_err ask_of_its_day(struct sp_tx *tx, struct sp_question *q,
    const struct sp_root *root, struct sp_verdict *v)
{
    struct sp_ref ref = root->leads ? root->ref : q->change->ref;
    struct sp_scopes left = { .count = 0 };
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &ref, &tx->scratch, s));
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->place[i].left && left.count < SP_RECORD_SCOPES_MAX) {
            left.id[left.count++] = s->place[i].scope;
        }
    }
    if (left.count > 0) {
        q->left = &left;
        tx->rules->judge(tx->rules->self, q, v);
        q->left = NULL;
    }
    return SP_OK;
}

static sp_err ask_rules(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, uint32_t i, bool back, struct sp_verdict *out)
{
    const struct sp_work *w = &work[i];
    struct sp_root root;
    struct sp_scopes bygone;
    SP_TRY(root_of(tx, work, i, &w->after, &root));
    SP_TRY(bygone_of(tx, &root, &bygone));
    if (root.merged) { /* whoever was looked for has taken a place of the cache
                        */
        SP_TRY(root_of(tx, work, i, &w->after, &root));
    }
    struct sp_question q = {
        .commit = c,
        .change = w->change,
        .before = &w->before->record,
        .after = &w->after,
        .parent = root.record,
        .bygone = bygone.count > 0 ? &bygone : NULL,
        .scopes_before = &w->scopes_before,
        .scopes_after = &w->scopes_after,
        .at_server = sp_tx_is_server(tx),
        .looking_back = back,
        .now_ms = sp_tx_is_server(tx) ? sp_tx_now(tx) : 0,
    };
    SP_TRY(sp_node_floor(tx, c, &q.floor));
    struct sp_verdict v = { 0 };
    tx->rules->judge(tx->rules->self, &q, &v);
    SP_TRY(!back                  ? ask_where_it_was(tx, &q, &root, &v)
           : v.kind == SP_REFUSED ? ask_of_its_day(tx, &q, &root, &v)
                                  : SP_OK);
    SP_ASSERT(v.kind != SP_VERDICT_NONE);
    v.judge = tx->node->identity->device;
    v.at_ms = sp_tx_now(tx);
    *out = v;
    return SP_OK;
}

/* What tells an author that a record is there which he may not know of: the
 * answer is the one for a record that is not. */
static sp_err check_hidden(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_verdict *out, struct sp_kb *waits)
{
    struct sp_ref ref;
    bool hidden, passed,
        tells = out->code == SP_E_SCOPE || out->code == SP_E_DENIED ||
                out->code == SP_E_DEFERRED_JUDGE;
    if (!tells) {
        return SP_OK;
    }
    /* What head office has passed down it has looked at: it knows all places
     * where a record ever was. */
    SP_TRY(sp_passed_here(tx, c->replica, c->n, &passed));
    if (passed) {
        return SP_OK;
    }
    SP_TRY(sp_hidden_find(tx, c, work, &ref, &hidden));
    if (hidden) {
        say(tx, out, SP_DEFERRED, SP_E_DEFERRED_PARENT);
        *waits = wait_for('R', &ref);
    }
    return SP_OK;
}

/* ---- trees ----------------------------------------------------------------
 */

static void refuse_field(struct sp_tx *tx, const struct sp_work *w,
    uint16_t field, sp_err code, struct sp_verdict *out)
{
    say(tx, out, SP_REFUSED, code);
    out->type = w->change->ref.type;
    out->field = field;
}

/* Taking a forward back, or putting it elsewhere, is undoing a merge: for 30
 * days, by the clock of the server that judges it. */
static bool undo_is_over(struct sp_tx *tx, const struct sp_work *w)
{
    const struct sp_rules *rules = tx->rules;
    struct sp_lead had, has;
    if (!rules->lead(rules->self, &w->before->record, 0, &had) ||
        !had.forward ||
        (rules->lead(rules->self, &w->after, 0, &has) && has.forward &&
            sp_ref_equal(&had.to, &has.to))) {
        return false;
    }
    return sp_tx_now(tx) > sp_hlc_ms(had.stamp.time) + SP_UNDO_MS_MAX;
}

/* The write of a change to one of the trees, or 0. */
static uint16_t tree_written(struct sp_tx *tx, const struct sp_change *c)
{
    const struct sp_rules *rules = tx->rules;
    uint16_t tree;
    for (uint32_t i = 0; (tree = rules->tree(rules->self, c->ref.type, i)) != 0;
         i++) {
        for (uint32_t k = 0; k < c->count; k++) {
            if (c->write[k].key.field == tree) {
                return tree;
            }
        }
    }
    return 0;
}

/* A forward is a step in every tree, so all of them are looked at. */
static sp_err check_trees_of(struct sp_tx *tx, const struct sp_known *all,
    uint32_t at, uint16_t field, struct sp_verdict *out)
{
    const struct sp_rules *rules = tx->rules;
    const struct sp_work *w = &all->work[at];
    uint16_t tree;
    for (uint32_t i = 0;
         (tree = rules->tree(rules->self, w->change->ref.type, i)) != 0; i++) {
        bool circle, deep;
        SP_TRY(sp_tree_closes(tx, all, &w->after, tree, &circle, &deep));
        if (circle || deep) {
            refuse_field(tx, w, field, circle ? SP_E_CYCLE : SP_E_DEPTH, out);
        }
    }
    if (out->kind == SP_ACCEPTED && undo_is_over(tx, w)) {
        refuse_field(tx, w, field, SP_E_UNDO_OVER, out);
    }
    return SP_OK;
}

/* SYNC M7: what one commit makes wrong is refused; what several make wrong
 * together is shown resolved. */
static sp_err check_trees(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_verdict *out)
{
    const struct sp_known all = { work, c->count };
    for (uint32_t i = 0; i < c->count && out->kind == SP_ACCEPTED; i++) {
        uint16_t field = tree_written(tx, work[i].change);
        if (field != 0) {
            SP_TRY(check_trees_of(tx, &all, i, field, out));
        }
    }
    return SP_OK;
}

/* What the joined record would weigh, from above; a commit that makes it
 * larger than a record may be is refused, not stored in part. */
bool sp_judge_too_large(const struct sp_record *r)
{
    size_t bytes = 64;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        bytes += 16 + reg->key.element.size + 24 * (size_t)reg->context.count;
        for (uint32_t k = 0; k < reg->count; k++) {
            bytes += 32 + reg->sibling[k].value.size;
        }
    }
    return bytes > SP_RECORD_BYTES_MAX;
}

bool sp_judge_fits(const struct sp_commit *c, const struct sp_work *work)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (sp_judge_too_large(&work[i].after)) {
            return false;
        }
    }
    return true;
}

static void check_size(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_verdict *out)
{
    for (uint32_t i = 0; i < c->count && out->kind == SP_ACCEPTED; i++) {
        if (sp_judge_too_large(&work[i].after)) {
            say(tx, out, SP_REFUSED, SP_E_RECORD_FULL);
            out->type = work[i].after.ref.type;
        }
    }
}

sp_err sp_judge_commit(struct sp_tx *tx, const struct sp_commit *c, bool proven,
    struct sp_work *work, struct sp_verdict *out, struct sp_kb *waits)
{
    struct sp_serials now = tx->rules->serials(tx->rules->self);
    enum sp_release said;
    sp_err reason;
    bool yes;
    say(tx, out, SP_ACCEPTED, SP_OK);
    if (stands(c, work)) {
        return SP_OK;
    }
    SP_TRY(sp_passed_released(tx, c->replica, c->n, &said));
    SP_TRY(sp_quarantine_reason(tx, c, proven, &reason));
    if (reason != SP_OK) {
        say(tx, out, SP_DEFERRED, reason);
        *waits = wait_for('Q', NULL);
        return SP_OK;
    }
    if (c->dictionary > now.dictionary || c->policy > now.policy ||
        c->roster > now.roster) {
        say(tx, out, SP_DEFERRED, SP_E_DEFERRED_DOCUMENT);
        *waits = wait_for('D', NULL);
        return SP_OK;
    }
    for (uint32_t i = 0; i < c->count && out->kind == SP_ACCEPTED; i++) {
        SP_TRY(check_known(tx, c, work, i, out, waits));
    }
    if (out->kind == SP_ACCEPTED && said != SP_JUDGED_HERE &&
        sp_judge_server(tx, work, c->count) != tx->node->identity->device) {
        say(tx, out, SP_DEFERRED, SP_E_DEFERRED_JUDGE);
        *waits = wait_for('J', NULL);
    }
    SP_TRY(in_term(tx, work, c->count, &yes));
    if (out->kind == SP_ACCEPTED && yes && said != SP_JUDGED_HERE) {
        say(tx, out, SP_DEFERRED, SP_E_DEFERRED_JUDGE);
        *waits = wait_for('T', NULL);
    }
    for (uint32_t i = 0; i < c->count && out->kind == SP_ACCEPTED; i++) {
        SP_TRY(ask_rules(tx, c, work, i, false, out));
    }
    if (said != SP_RELEASED) { /* else a person has looked at it */
        SP_TRY(check_hidden(tx, c, work, out, waits));
    }
    SP_TRY(check_trees(tx, c, work, out));
    check_size(tx, c, work, out);
    return SP_OK;
}

sp_err sp_judge_draft(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_work *work, struct sp_verdict *out)
{
    say(tx, out, SP_ACCEPTED, SP_OK);
    for (uint32_t i = 0; i < c->count && out->kind == SP_ACCEPTED; i++) {
        SP_TRY(ask_rules(tx, c, work, i, false, out));
    }
    SP_TRY(check_trees(tx, c, work, out));
    check_size(tx, c, work, out);
    return SP_OK;
}

/* ---- looking back (SYNC J7) -------------------------------------------- */

/* The record as it is, less what the commit itself wrote; what places it
 * stays, or it would be nowhere. */
static sp_err without_own(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_record *r, struct sp_arena *arena)
{
    struct sp_register *keep =
        sp_arena_take(arena, r->count + 1u, sizeof *keep);
    uint32_t count = 0;
    if (keep == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        bool own =
            reg->count == 1 &&
            reg->sibling[0].stamp.dot.replica == c->replica &&
            reg->sibling[0].stamp.dot.counter == c->n &&
            !tx->rules->routes(tx->rules->self, r->ref.type, reg->key.field);
        if (!own) {
            keep[count++] = *reg;
        }
    }
    *r = (struct sp_record){ r->ref, count, keep };
    return SP_OK;
}

static sp_err look_back(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_work *work, uint32_t i, struct sp_arena *arena)
{
    struct sp_stamp stamp = sp_commit_stamp(c);
    struct sp_work *w = &work[i];
    struct sp_record now = w->before->record;
    w->before->record = (struct sp_record){ .ref = now.ref };
    SP_TRY(join_change(tx, &stamp, work, i, arena));
    if (sp_judge_creates(tx, c, w)) {
        return SP_OK;
    }
    SP_TRY(without_own(tx, c, &now, arena));
    w->before->record = now;
    return join_change(tx, &stamp, work, i, arena);
}

sp_err sp_judge_again(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_arena *arena, struct sp_work **out, struct sp_verdict *verdict,
    uint32_t *at)
{
    struct sp_work *work;
    SP_TRY(sp_judge_prepare(tx, c, arena, &work));
    say(tx, verdict, SP_ACCEPTED, SP_OK);
    *at = 0;
    for (uint32_t i = 0; i < c->count && verdict->kind == SP_ACCEPTED; i++) {
        SP_TRY(look_back(tx, c, work, i, arena));
        SP_TRY(ask_rules(tx, c, work, i, true, verdict));
        *at = i;
    }
    *out = work;
    return SP_OK;
}
