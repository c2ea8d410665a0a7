/* waiting.c - what waits for a person (SYNC J4, X8). */
#include "engine.h"

/* Head office vouches for the log: what nobody's key has signed is its own to
 * decide. */
static bool is_mine(const struct sp_tx *tx, const struct sp_waiting *w)
{
    return tx->node->tier == SP_TIER_HEAD_OFFICE ||
           (w->judge == tx->node->identity->device &&
               w->verdict.code != SP_E_UNPROVEN);
}

sp_err sp_waiting_get(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_waiting *out)
{
    struct sp_waiting w = { .replica = replica, .n = n };
    struct sp_verdict_entry e;
    struct sp_work *work;
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    if (e.verdict.kind != SP_DEFERRED) {
        return SP_E_NOT_FOUND;
    }
    sp_err err = sp_log_commit(tx, replica, n, arena, &w.commit);
    if (err == SP_E_NOT_FOUND) {
        err = sp_passed_commit(tx, replica, n, arena, &w.commit);
    }
    SP_TRY(err);
    w.verdict = e.verdict;
    w.due_ms = e.verdict.at_ms + SP_DEFER_MS_MAX;
    sp_arena_reset(&tx->scratch);
    err = sp_judge_prepare(tx, &w.commit, &tx->scratch, &work);
    if (err == SP_OK) {
        w.judge = sp_judge_server(tx, work, w.commit.count);
    }
    SP_TRY(err == SP_E_TOO_LARGE ? SP_OK : err);
    w.decidable = is_mine(tx, &w) && (sp_quarantine_holds(&w.verdict) ||
                                         sp_tx_now(tx) >= w.due_ms);
    *out = w;
    return SP_OK;
}

struct dots {
    struct sp_arena *arena;
    struct sp_dots list;
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

sp_err sp_waiting_list(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_waiting *entry), void *arg)
{
    struct dots d = { .arena = &tx->arena };
    struct sp_arena arena;
    SP_TRY(sp_log_each_verdict(tx, 0, collect, &d));
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    sp_err err = SP_OK;
    for (uint32_t i = 0; i < d.list.count && err == SP_OK; i++) {
        const struct sp_dot *dot = &d.list.dot[i];
        struct sp_waiting w;
        sp_arena_reset(&arena);
        err = sp_waiting_get(tx, dot->replica, dot->counter, &arena, &w);
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
