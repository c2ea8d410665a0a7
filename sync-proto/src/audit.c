/* audit.c - accepted commits against the policy in force (SYNC J7). */
#include "engine.h"

struct audit {
    struct sp_tx *tx;
    struct sp_arena arena;
    sp_err (*each)(void *arg, const struct sp_finding *finding);
    void *arg;
    uint64_t *looked;
    bool enough;
};

/* Whether a value that the commit wrote to that record is still there. */
static sp_err stands(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_change *change, struct sp_arena *arena, bool *out)
{
    struct sp_record now;
    *out = false;
    sp_err err = sp_state_get(tx, &change->ref, arena, &now);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    for (uint32_t i = 0; i < now.count; i++) {
        for (uint32_t k = 0; k < now.reg[i].count; k++) {
            const struct sp_dot *dot = &now.reg[i].sibling[k].stamp.dot;
            *out = *out || (dot->replica == c->replica && dot->counter == c->n);
        }
    }
    return SP_OK;
}

/* A plain acceptance left no entry: who brought the commit had judged it, or
 * head office when its author did. */
static sp_err find_judge(
    struct sp_tx *tx, const struct sp_verdict_entry *e, uint32_t *out)
{
    struct sp_head h;
    *out = e->verdict.judge;
    if (e->verdict.kind != SP_VERDICT_NONE) {
        return SP_OK;
    }
    sp_err err = sp_log_next_head(tx, e->replica, e->n, &h);
    SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    *out = err != SP_OK ? 0 : h.by != 0 ? h.by : tx->node->identity->device;
    return SP_OK;
}

static sp_err look_at(struct audit *a, sp_replica replica, uint64_t n)
{
    struct sp_verdict_entry e;
    struct sp_commit c;
    struct sp_work *work;
    struct sp_finding f = { .commit = &c, .replica = replica, .n = n };
    uint32_t at;
    SP_TRY(sp_log_verdict(a->tx, replica, n, &e));
    if (e.verdict.kind == SP_DEFERRED || e.verdict.kind == SP_REFUSED) {
        return SP_OK;
    }
    sp_arena_reset(&a->arena);
    sp_arena_reset(&a->tx->scratch);
    sp_err err = sp_log_commit(a->tx, replica, n, &a->arena, &c);
    if (err != SP_OK || c.user == 0) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    (*a->looked)++;
    SP_TRY(sp_judge_again(a->tx, &c, &a->arena, &work, &f.would, &at));
    if (f.would.kind == SP_ACCEPTED) {
        return SP_OK;
    }
    f.ref = c.change[at].ref;
    SP_TRY(find_judge(a->tx, &e, &f.judge));
    SP_TRY(stands(a->tx, &c, &c.change[at], &a->arena, &f.stands));
    err = a->each(a->arg, &f);
    a->enough = err == SP_E_NOT_FOUND;
    return err;
}

static sp_err look_at_chain(void *arg, const struct sp_chain *c)
{
    struct audit *a = arg;
    if (sp_replica_device(c->replica) == a->tx->node->identity->device) {
        return SP_OK; /* its own writes are accepted as made (SYNC J7) */
    }
    for (uint64_t n = 1; n <= c->n && !a->enough; n++) {
        sp_err err = look_at(a, c->replica, n);
        SP_TRY(err == SP_E_TOO_LARGE ? SP_OK : err);
    }
    return SP_OK;
}

sp_err sp_audit_policy(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_finding *finding), void *arg,
    uint64_t *looked)
{
    struct audit a = { .tx = tx, .each = each, .arg = arg, .looked = looked };
    *looked = 0;
    if (tx->node->tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    sp_arena_init(&a.arena, 64u * SP_COMMIT_BYTES_MAX);
    sp_err err = sp_log_each_chain(tx, look_at_chain, &a);
    sp_arena_free(&a.arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}
