#include "ctl/ask.h"

#include "book/pairs.h"
#include "ctl/call.h"
#include "ctl/source.h"

static sp_err is_here(struct sp_tx *tx, const struct sp_entity *e,
    const struct sp_id *id, struct sp_arena *arena, bool *here)
{
    const struct sp_ref ref = { e->number, *id };
    struct sp_record record;
    sp_err err = sp_state_get(tx, &ref, arena, &record);
    *here = err == SP_OK;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err put_all(struct sv_source_draft *d, struct sp_arena *arena,
    const struct sv_ask *ask, uint64_t now_ms)
{
    sp_err err = sv_source_put_id(d, arena, "account", &ask->newer);
    if (err == SP_OK) {
        err = sv_source_put_id(d, arena, "other", &ask->older);
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "kind", "duplicate");
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "field", ask->field);
    }
    return err == SP_OK ? sv_source_put_time(d, arena, "at", now_ms) : err;
}

sp_err sv_ask_put(struct sp_tx *tx, uint32_t user, const struct sv_ask *ask,
    struct sp_arena *arena, bool *made)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    const struct sp_entity *issue =
        sp_dictionary_entity_named(d, sp_slice_text("quality_issue"));
    const struct sp_entity *account =
        sp_dictionary_entity_named(d, sp_slice_text("account"));
    const struct sp_id id = cc_pairs_issue(&ask->newer, &ask->older);
    struct sv_source_draft draft;
    bool older = false, asked = true;
    *made = false;
    if (issue == NULL || account == NULL) {
        return SP_OK;
    }
    sp_err err = is_here(tx, account, &ask->older, arena, &older);
    if (err == SP_OK && older) {
        err = is_here(tx, issue, &id, arena, &asked);
    }
    if (err != SP_OK || asked) {
        return err;
    }
    sv_source_begin(&draft, issue, &id, true);
    err =
        put_all(&draft, arena, ask, tx->node->env->now_ms(tx->node->env->self));
    if (err == SP_OK) {
        err = sv_source_commit_as(tx, user, &draft.change, 1);
    }
    *made = err == SP_OK;
    return err;
}
