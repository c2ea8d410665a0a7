/* quarantine.c - what may not be judged yet because of who sent it (SYNC X8).
 */
#include "quarantine.h"

/* ---- why ----------------------------------------------------------------
 */

bool sp_quarantine_holds(const struct sp_verdict *v)
{
    return v->kind == SP_DEFERRED &&
           (v->code == SP_E_QUARANTINED || v->code == SP_E_UNPROVEN);
}

sp_err sp_quarantine_reason(
    struct sp_tx *tx, const struct sp_commit *c, bool proven, sp_err *out)
{
    struct sp_certified author;
    enum sp_release said;
    *out = SP_OK;
    SP_TRY(sp_passed_released(tx, c->replica, c->n, &said));
    if (said != SP_NOT_RELEASED) {
        return SP_OK;
    }
    if (!proven) {
        *out = SP_E_UNPROVEN;
        return SP_OK;
    }
    sp_err err = tx->rules->device(
        tx->rules->self, sp_replica_device(c->replica), &author);
    if (err == SP_E_UNKNOWN_DEVICE) {
        return SP_OK;
    }
    SP_TRY(err);
    *out = author.revoked ? SP_E_QUARANTINED : SP_OK;
    return SP_OK;
}

/* ---- proof --------------------------------------------------------------
 */

sp_err sp_quarantine_proven(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out)
{
    struct sp_head head;
    struct sp_certified author;
    struct sp_hash hash;
    *out = false;
    sp_err err = sp_log_next_head(tx, replica, n, &head);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    SP_TRY(err);
    err =
        tx->rules->device(tx->rules->self, sp_replica_device(replica), &author);
    if (err == SP_E_UNKNOWN_DEVICE) {
        return SP_OK;
    }
    SP_TRY(err);
    SP_TRY(sp_log_hash(tx, replica, head.n, &hash));
    *out = sp_commit_verify(&tx->node->identity->org, replica, head.n, &hash,
               author.sign_public, head.signature) == SP_OK;
    return SP_OK;
}

/* ---- how much -----------------------------------------------------------
 */

struct tally {
    uint32_t device;
    uint64_t count;
};

static sp_err count_held(void *arg, const struct sp_verdict_entry *e)
{
    struct tally *t = arg;
    t->count += sp_replica_device(e->replica) == t->device &&
                sp_quarantine_holds(&e->verdict);
    return SP_OK;
}

sp_err sp_quarantine_room(
    struct sp_tx *tx, uint32_t device, uint64_t more, bool *out)
{
    struct tally t = { .device = device };
    SP_TRY(sp_log_each_verdict_of(tx, device, count_held, &t));
    *out = t.count + more <= SP_QUARANTINE_MAX;
    return SP_OK;
}
