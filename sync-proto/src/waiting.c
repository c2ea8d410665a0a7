/* waiting.c - what waits for a person (SYNC J4, X8). */
#include "quarantine.h"

#include <stdlib.h>

/* Head office vouches for the log: what nobody's key has signed is its own to
 * decide. */
static bool is_mine(const struct sp_tx *tx, const struct sp_waiting *w)
{
    return tx->node->tier == SP_TIER_HEAD_OFFICE ||
           (w->judge == tx->node->identity->device &&
               w->verdict.code != SP_E_UNPROVEN);
}

static sp_err load(struct sp_tx *tx, struct sp_dot dot, struct sp_arena *arena,
    struct sp_commit *out)
{
    sp_err err = sp_log_commit(tx, dot.replica, dot.counter, arena, out);
    return err == SP_E_NOT_FOUND
               ? sp_passed_commit(tx, dot.replica, dot.counter, arena, out)
               : err;
}

/* ---- what waits, and what it would make -------------------------------- */

/* A record that a deferred commit may make: its author had seen nothing of what
 * he wrote. An edit may look so; the first of a chain is the one. */
struct made {
    struct sp_ref ref;
    struct sp_dot dot;
};

struct dots {
    struct sp_tx *tx;
    struct sp_arena *arena;
    struct sp_dots list;
    size_t made_count;
    struct made *made;
};

static sp_err collect(void *arg, const struct sp_verdict_entry *e)
{
    struct dots *d = arg;
    if (e->verdict.kind != SP_DEFERRED) {
        return SP_OK;
    }
    struct sp_dot *list =
        sp_arena_grow(d->arena, d->list.dot, d->list.count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    d->list.dot = list;
    list[d->list.count++] = (struct sp_dot){ e->replica, e->n };
    return SP_OK;
}

static bool saw_nothing(const struct sp_change *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->write[i].context.count > 0) {
            return false;
        }
    }
    return true;
}

static sp_err note_made(
    struct dots *d, const struct sp_commit *c, struct sp_dot dot)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (!saw_nothing(&c->change[i])) {
            continue;
        }
        struct made *list =
            sp_arena_grow(d->arena, d->made, d->made_count, sizeof *list);
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        d->made = list;
        list[d->made_count++] = (struct made){ c->change[i].ref, dot };
    }
    return SP_OK;
}

static int ref_order(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    return x->ref.type != y->ref.type ? (x->ref.type < y->ref.type ? -1 : 1)
                                      : sp_id_cmp(&x->ref.id, &y->ref.id);
}

static int made_order(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    int order = ref_order(a, b);
    return order != 0 ? order
           : x->dot.replica != y->dot.replica
               ? (x->dot.replica < y->dot.replica ? -1 : 1)
           : x->dot.counter != y->dot.counter
               ? (x->dot.counter < y->dot.counter ? -1 : 1)
               : 0;
}

/* All that is deferred here, and which records come of it. */
static sp_err look_round(struct sp_tx *tx, struct dots *d)
{
    struct sp_commit c;
    *d = (struct dots){ .tx = tx, .arena = &tx->arena };
    SP_TRY(sp_log_each_verdict(tx, 0, collect, d));
    for (uint32_t i = 0; i < d->list.count; i++) {
        sp_arena_reset(&tx->scratch);
        sp_err err = load(tx, d->list.dot[i], &tx->scratch, &c);
        SP_TRY(err == SP_OK            ? note_made(d, &c, d->list.dot[i])
               : err == SP_E_NOT_FOUND ? SP_OK /* logged above only */
                                       : err);
    }
    if (d->made_count > 1) {
        qsort(d->made, d->made_count, sizeof *d->made, made_order);
    }
    return SP_OK;
}

/* The commit that would make a record, or was refused as it did (SYNC J8). */
static sp_err maker_of(
    struct dots *d, const struct sp_ref *ref, struct sp_dot *out, bool *found)
{
    const struct made key = { .ref = *ref };
    const struct made *m =
        d->made_count == 0
            ? NULL
            : bsearch(&key, d->made, d->made_count, sizeof *d->made, ref_order);
    struct sp_kb mark = sp_kb_text("r");
    struct sp_slice dot;
    while (m != NULL && m > d->made && ref_order(m - 1, m) == 0) {
        m--;
    }
    *found = m != NULL;
    if (*found) {
        *out = m->dot;
        return SP_OK;
    }
    sp_kb_add_ref(&mark, ref);
    sp_err err = sp_tx_get(d->tx, SP_T_REFUSED, &mark, &dot);
    if (err == SP_OK && dot.size == 16) {
        *found = true;
        *out = (struct sp_dot){ sp_get_u64be(dot.data),
            sp_get_u64be(dot.data + 8) };
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* ---- who judges -------------------------------------------------------- */

/* The first record of a commit that is nowhere yet, or what it belongs to. */
static sp_err placeless(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_ref *out, bool *found)
{
    *found = false;
    for (uint32_t i = 0; i < c->count && !*found; i++) {
        const struct sp_work *w = &work[i];
        struct sp_ref parent;
        if (w->before->record.count > 0 || w->scopes_after.count > 0) {
            continue;
        }
        *found = true;
        *out = tx->rules->parent(tx->rules->self, &w->after, &parent)
                   ? parent
                   : w->change->ref;
    }
    return SP_OK;
}

#define MAKERS_MAX 8u /* an edit of a visit at an account that waits: 3 */

/* SYNC J1: a record without state goes where the create that is deferred or
 * refused would put it. */
static sp_err judge_of(
    struct dots *d, const struct sp_commit *commit, uint32_t *out)
{
    struct sp_tx *tx = d->tx;
    struct sp_commit c = *commit;
    for (unsigned hop = 0; hop < MAKERS_MAX; hop++) {
        struct sp_work *work;
        struct sp_ref ref;
        struct sp_dot dot;
        bool found;
        sp_err err = sp_judge_prepare(tx, &c, &tx->scratch, &work);
        if (err == SP_E_TOO_LARGE) {
            return SP_OK;
        }
        SP_TRY(err);
        *out = sp_judge_server(tx, work, c.count);
        SP_TRY(placeless(tx, &c, work, &ref, &found));
        if (found) {
            SP_TRY(maker_of(d, &ref, &dot, &found));
        }
        if (!found || (dot.replica == c.replica && dot.counter == c.n)) {
            return SP_OK;
        }
        err = load(tx, dot, &tx->scratch, &c);
        if (err != SP_OK) {
            return err == SP_E_NOT_FOUND ? SP_OK : err;
        }
    }
    return SP_OK;
}

static sp_err get_one(struct dots *d, struct sp_dot dot, struct sp_arena *arena,
    struct sp_waiting *out)
{
    struct sp_tx *tx = d->tx;
    struct sp_waiting w = { .replica = dot.replica, .n = dot.counter };
    struct sp_verdict_entry e;
    SP_TRY(sp_log_verdict(tx, dot.replica, dot.counter, &e));
    if (e.verdict.kind != SP_DEFERRED) {
        return SP_E_NOT_FOUND;
    }
    SP_TRY(load(tx, dot, arena, &w.commit));
    w.verdict = e.verdict;
    w.due_ms = e.verdict.at_ms + SP_DEFER_MS_MAX;
    sp_arena_reset(&tx->scratch);
    SP_TRY(judge_of(d, &w.commit, &w.judge));
    w.decidable = is_mine(tx, &w) && (sp_quarantine_holds(&w.verdict) ||
                                         sp_tx_now(tx) >= w.due_ms);
    *out = w;
    return SP_OK;
}

sp_err sp_waiting_get(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_waiting *out)
{
    struct dots d;
    SP_TRY(look_round(tx, &d));
    return get_one(&d, (struct sp_dot){ replica, n }, arena, out);
}

sp_err sp_waiting_list(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_waiting *entry), void *arg)
{
    struct dots d;
    struct sp_arena arena;
    SP_TRY(look_round(tx, &d));
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    sp_err err = SP_OK;
    for (uint32_t i = 0; i < d.list.count && err == SP_OK; i++) {
        struct sp_waiting w;
        sp_arena_reset(&arena);
        err = get_one(&d, d.list.dot[i], &arena, &w);
        if (err == SP_OK) {
            err = each(arg, &w);
            if (err == SP_E_NOT_FOUND) {
                break;
            }
        } else if (err == SP_E_NOT_FOUND) {
            err = SP_OK; /* logged above only: it is shown there */
        }
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The commit at hand, if a person may decide about it here and now. */
static sp_err decidable(
    struct sp_tx *tx, const struct sp_dot *dot, struct sp_waiting *out)
{
    struct sp_arena arena;
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    sp_err err = sp_waiting_get(tx, dot->replica, dot->counter, &arena, out);
    out->commit = (struct sp_commit){ 0 };
    sp_arena_free(&arena);
    SP_TRY(err);
    return out->decidable     ? SP_OK
           : is_mine(tx, out) ? SP_E_NOT_DUE
                              : SP_E_NOT_SERVED;
}

sp_err sp_waiting_release(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_verdict *out)
{
    struct sp_dot dot = { replica, n };
    struct sp_waiting w = { 0 };
    struct sp_verdict_entry e;
    SP_TRY(decidable(tx, &dot, &w));
    SP_TRY(sp_passed_release(tx, replica, n,
        sp_tx_now(tx) >= w.due_ms ? SP_JUDGED_HERE : SP_RELEASED));
    SP_TRY(sp_apply_try(tx, &dot));
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    *out = e.verdict;
    return sp_apply_settle_down(tx);
}

sp_err sp_waiting_refuse(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_dot dot = { replica, n };
    struct sp_waiting w = { 0 };
    struct sp_verdict v = { .kind = SP_REFUSED,
        .code = SP_E_DECLINED,
        .judge = tx->node->identity->device,
        .at_ms = sp_tx_now(tx) };
    SP_TRY(decidable(tx, &dot, &w));
    SP_TRY(sp_apply_refuse(tx, &dot, &v));
    return sp_apply_settle_down(tx);
}
