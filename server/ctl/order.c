#include "ctl/order.h"

#include <string.h>

#include "book/value.h"
#include "ctl/source.h"
#include "ops/say.h"

const struct sp_entity *sv_order_entity(const struct sp_rulebook *b)
{
    return sp_dictionary_entity_named(
        sp_rulebook_dictionary(b), sp_slice_text("erasure_order"));
}

void sv_order_read(
    const struct sp_entity *e, const struct sp_record *r, struct sv_order *out)
{
    const struct cc_value_of of = { e, r };
    *out = (struct sv_order){ .id = r->ref.id,
        .author = (uint32_t)cc_value_int(&of, "author", 0),
        .at_ms = cc_value_ts(&of, "at"),
        .accounts = (uint64_t)cc_value_int(&of, "accounts", 0),
        .why = cc_value_text(&of, "why"),
        .approver = (uint32_t)cc_value_int(&of, "approver", 0),
        .approved_ms = cc_value_ts(&of, "approved") };
}

sp_err sv_order_make(
    struct sp_tx *tx, const struct sp_id *rule, struct sv_order *o)
{
    struct sp_arena *arena = &tx->arena;
    const struct sp_env *env = tx->node->env;
    struct sv_source_draft d;
    uint8_t random[10];
    env->random(env->self, random, sizeof random);
    o->id = sp_id_make(o->at_ms, random);
    sv_source_begin(&d, sv_order_entity(sv_call_book(tx)), &o->id, true);
    sp_err err = sv_source_put_number(&d, arena, "author", o->author);
    if (err == SP_OK) {
        err = sv_source_put_time(&d, arena, "at", o->at_ms);
    }
    if (err == SP_OK) {
        err = sv_source_put_id(&d, arena, "rule", rule);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(&d, arena, "accounts", o->accounts);
    }
    if (err == SP_OK && o->why.size > 0) {
        err = sv_source_put(&d, arena, "why", (const char *)o->why.data);
    }
    return err == SP_OK ? sv_source_commit(tx, o->author, &d.change, 1) : err;
}

sp_err sv_order_find(struct sv_call *call, struct sp_tx *tx, const char *text,
    struct sv_order *out)
{
    const struct sp_entity *e = sv_order_entity(sv_call_book(tx));
    struct sp_record r;
    struct sp_id id;
    if (e == NULL || sp_id_parse(&id, text) != SP_OK) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "\"%.60s\" is no id of an order; satchelctl retention orders shows "
            "them",
            text);
    }
    const struct sp_ref ref = { e->number, id };
    sp_err err = sp_state_get(tx, &ref, &tx->arena, &r);
    if (err == SP_OK) {
        sv_order_read(e, &r, out);
    }
    return err == SP_E_NOT_FOUND
               ? sv_call_refuse(call, err,
                     "there is no order %.60s; satchelctl retention orders "
                     "shows them",
                     text)
               : err;
}

sp_err sv_order_may_run(struct sv_call *call, const struct sp_rulebook *b,
    const struct sv_order *o, uint32_t user)
{
    const struct sp_person *by = sp_rulebook_find_person(b, o->approver);
    if (o->approver == 0 && user == o->author) {
        return sv_call_refuse(call, SP_E_DENIED,
            "who orders it does not run it: another person whose role runs "
            "jobs does (satchelctl role list)");
    }
    if (o->approver != 0 && user != o->approver && user != o->author) {
        return sv_call_refuse(call, SP_E_DENIED,
            "%.*s has run that order already; a new one is made by satchelctl "
            "retention order",
            by == NULL ? 1 : (int)by->login.size,
            by == NULL ? "?" : (const char *)by->login.data);
    }
    return SP_OK;
}

sp_err sv_order_approve(
    struct sp_tx *tx, const struct sv_order *o, uint32_t user, uint64_t now_ms)
{
    struct sv_source_draft d;
    if (o->approver != 0) {
        return SP_OK;
    }
    sv_source_begin(&d, sv_order_entity(sv_call_book(tx)), &o->id, false);
    sp_err err = sv_source_put_number(&d, &tx->arena, "approver", user);
    if (err == SP_OK) {
        err = sv_source_put_time(&d, &tx->arena, "approved", now_ms);
    }
    return err == SP_OK ? sv_source_commit(tx, user, &d.change, 1) : err;
}
