/* What waits for a person at the end: somebody decides (SYNC J4, X8). */
#include "oracle_inside.h"

#include <stdlib.h>

#define WAITING_MAX 256u

struct waiting_list {
    uint32_t count;
    struct sp_dot dot[WAITING_MAX];
};

static sp_err add_waiting(void *arg, const struct sp_waiting *entry)
{
    struct waiting_list *l = arg;

    if (entry->decidable && l->count < WAITING_MAX) {
        l->dot[l->count++] = (struct sp_dot){ entry->replica, entry->n };
    }
    return SP_OK;
}

static bool decide_one(struct sim_party *p, const struct sp_dot *dot)
{
    bool release = sim_random_percent(&p->world->random, 60);
    struct sp_verdict verdict = { .kind = SP_REFUSED };
    struct sp_tx tx;

    sim_begin(p, &tx, true);
    sp_err err =
        release ? sp_waiting_release(&tx, dot->replica, dot->counter, &verdict)
                : sp_waiting_refuse(&tx, dot->replica, dot->counter);
    if (err == SP_OK && verdict.kind == SP_DEFERRED) {
        /* Released, it still speaks of what never comes. */
        err = sp_waiting_refuse(&tx, dot->replica, dot->counter);
        err = err == SP_E_NOT_DUE || err == SP_E_NOT_SERVED ? SP_OK : err;
    }
    if (err != SP_OK) { /* it went with one that was decided before */
        SIM_CHECK(p->world, sp_err_class(err) != SP_CLASS_LOCAL,
            "a person cannot decide at %u: %s", p->identity.device,
            sp_err_name(err));
        sp_tx_abort(&tx);
        return false;
    }
    sim_commit(p, &tx);
    sim_note(p->world, "a person %s commit %u of %u at %u",
        release ? "releases" : "refuses", (unsigned)dot->counter,
        sp_replica_device(dot->replica), p->identity.device);
    return true;
}

uint32_t sim_oracle_decide_waiting(struct sim_party *p)
{
    struct waiting_list *l = calloc(1, sizeof(*l));
    uint32_t decided = 0;
    struct sp_tx tx;

    SP_ASSERT(l != NULL);
    sim_begin(p, &tx, false);
    sp_err err = sp_waiting_list(&tx, add_waiting, l);
    sp_tx_abort(&tx);
    SIM_CHECK(p->world, err == SP_OK, "what waits at %u: %s",
        p->identity.device, sp_err_name(err));
    for (uint32_t i = 0; i < l->count; i++) {
        decided += decide_one(p, &l->dot[i]);
    }
    free(l);
    sim_oracle_check(p);
    return decided;
}
