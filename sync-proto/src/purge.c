/*
 * purge.c - records of a device that are in no scope any more: they stay until
 * the exchange ends, also over a cut, and may be in another scope by then
 * (SYNC S6).
 */
#include "engine.h"

/* The list is that of the members of no scope. */
static const struct sp_id no_scope;

sp_err sp_purge_note(struct sp_tx *tx, const struct sp_ref *ref)
{
    struct sp_kb key = sp_kb_id(&no_scope);
    sp_kb_add_ref(&key, ref);
    return sp_tx_put(tx, SP_T_MEMBER, &key, (struct sp_slice){ 0 });
}

static sp_err purge_one(
    struct sp_tx *tx, const struct sp_ref *ref, uint64_t *purged)
{
    struct sp_scopes in;
    sp_arena_reset(&tx->scratch);
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, &tx->scratch, s));
    sp_place_list(s, &in);
    if (in.count > 0 || s->record.count == 0) {
        return SP_OK;
    }
    *purged += 1;
    return sp_place_drop(tx, s);
}

sp_err sp_purge_end(struct sp_tx *tx, uint64_t *purged)
{
    struct sp_key_list l = { .arena = &tx->arena };
    struct sp_kb prefix = sp_kb_id(&no_scope);
    SP_TRY(sp_tx_keys(tx, SP_T_MEMBER, &prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        struct sp_ref ref;
        sp_kb_read_ref(l.key[i].b + sizeof no_scope.b, &ref);
        SP_TRY(purge_one(tx, &ref, purged));
        SP_TRY(sp_tx_del(tx, SP_T_MEMBER, &l.key[i]));
    }
    return SP_OK;
}
