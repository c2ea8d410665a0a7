/*
 * deletion.c - what a deletion has seen (SYNC M4).
 *
 * A deletion carries the vector of the record as its author saw it. Of keys
 * that he may not read he saw nothing: their values would look like edits that
 * came after. So the server that judges it adds what its state holds of them,
 * by a commit of its own beside the author's, which says "deleted" too and has
 * seen just that. It goes up and down like any commit, so all tiers agree; and
 * what is written to such a key later, or was on its way, is listed.
 */
#include "engine.h"

static bool reads_field(struct sp_tx *tx, const struct sp_entitlement *e,
    const struct sp_work *w, uint16_t field)
{
    const struct sp_rules *rules = tx->rules;
    bool reads = false;
    for (uint32_t i = 0; i < w->scopes_before.count && !reads; i++) {
        for (uint32_t k = 0; k < e->count && !reads; k++) {
            reads = sp_id_equal(&e->scope[k].scope, &w->scopes_before.id[i]) &&
                    rules->reads(rules->self, e->scope[k].grant,
                        w->after.ref.type, field);
        }
    }
    return reads;
}

static bool covers_all(
    const struct sp_vector *seen, const struct sp_register *reg)
{
    for (uint32_t i = 0; i < reg->count; i++) {
        if (!sp_vector_covers(seen, reg->sibling[i].stamp.dot)) {
            return false;
        }
    }
    return true;
}

/* What stands in keys that the author could not see. */
static sp_err unseen(struct sp_tx *tx, const struct sp_entitlement *e,
    const struct sp_work *w, struct sp_arena *arena, struct sp_vector *out)
{
    const struct sp_register *gone =
        sp_record_field(&w->after, SP_FIELD_DELETED);
    *out = (struct sp_vector){ 0, NULL };
    for (uint32_t i = 0; gone != NULL && i < w->after.count; i++) {
        const struct sp_register *reg = &w->after.reg[i];
        if (reg->key.field == SP_FIELD_DELETED ||
            covers_all(&gone->context, reg) ||
            reads_field(tx, e, w, reg->key.field)) {
            continue;
        }
        SP_TRY(sp_vector_join(out, &reg->context, arena, out));
    }
    return SP_OK;
}

static bool deletes(const struct sp_change *c)
{
    /* Keys are sorted: deletion is field 0. */
    return c->count > 0 && c->write[0].key.field == SP_FIELD_DELETED &&
           c->write[0].value.size == 1 && c->write[0].value.data[0] == 0xc3;
}

/* The same deletion by one who has seen just this, on behalf of its author. */
static sp_err delete_too(struct sp_tx *tx, const struct sp_commit *by,
    const struct sp_ref *ref, const struct sp_vector *seen)
{
    static const uint8_t yes = 0xc3;
    const struct sp_write w = { .context = *seen, .value = { &yes, 1 } };
    const struct sp_change change = { *ref, 1, &w };
    struct sp_commit own = { .user = by->user,
        .authority = by->authority,
        .count = 1,
        .change = &change };
    uint32_t accepted = tx->accepted;
    sp_err err = sp_commit_make_carried(tx, &own);
    tx->accepted = accepted; /* nobody handed it in */
    /* A record that is full: the edits are listed, which loses nothing. */
    return err == SP_E_TOO_LARGE ? SP_OK : err;
}

sp_err sp_deletion_complete(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work)
{
    struct sp_entitlement e = { .count = 0 };
    bool any = false;
    for (uint32_t i = 0; i < c->count; i++) {
        any = any || deletes(&c->change[i]);
    }
    if (!any ||
        tx->rules->entitle(tx->rules->self, sp_replica_device(c->replica),
            sp_tx_now(tx), &tx->arena, &e) != SP_OK) {
        return SP_OK; /* a device that is lost, or one that none knows */
    }
    for (uint32_t i = 0; i < c->count; i++) {
        struct sp_vector seen;
        if (!deletes(&c->change[i])) {
            continue;
        }
        SP_TRY(unseen(tx, &e, &work[i], &tx->arena, &seen));
        if (seen.count > 0) {
            SP_TRY(delete_too(tx, c, &c->change[i].ref, &seen));
        }
    }
    return SP_OK;
}
