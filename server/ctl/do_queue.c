/* do_queue.c - what waits for somebody, as a named person may see it: feedback
 * of customers, and who bought on a day. */
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/feedback.h"
#include "book/tally.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/seen.h"
#include "ops/say.h"

struct queue {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen;
    const struct sp_entity *entity; /* that is being read */
    const struct sp_entity *account;
    int32_t day;
    /* feedback */
    enum cc_feedback_route only; /* 0: all */
    bool all;
    size_t rules;
    struct cc_feedback_rule *rule; /* arena of the tx */
};

static json_t *id_json(const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];
    sp_id_format(text, id);
    return json_string(text);
}

static sp_err walk(struct queue *q, const char *entity,
    sp_err (*each)(void *arg, const struct sp_record *r))
{
    q->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(sv_call_book(q->tx)), sp_slice_text(entity));
    return q->entity == NULL
               ? SP_OK
               : sp_state_walk(q->tx, q->entity->number, NULL, each, q);
}

/* A field of the account that a record belongs to, as the person sees it. */
static sp_err of_account(struct queue *q, const struct cc_value_of *of,
    const char *field, json_t **out)
{
    struct sp_ref ref = { q->account->number, { { 0 } } };
    struct sp_record r;
    sp_err err;
    *out = json_string("");
    if (!cc_value_ref(of, "account", &ref.id)) {
        return SP_OK;
    }
    err = sp_state_get(q->tx, &ref, &q->tx->arena, &r);
    if (err == SP_OK) {
        err = sv_seen_record(&q->seen, q->tx, &ref);
    }
    if (err == SP_OK) {
        json_decref(*out);
        *out = sv_seen_json(&q->seen, &r, q->account, field);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err begin(struct queue *q, struct sp_tx *tx)
{
    const char *date = sv_call_arg(q->call, "date");
    q->tx = tx;
    q->day = sv_day_local(tx->node->env->now_ms(tx->node->env->self));
    if (date != NULL && !cc_day_parse(date, &q->day)) {
        return sv_call_refuse(q->call, SP_E_ARGUMENT,
            "\"%.40s\" is no day: write it as 2026-12-31", date);
    }
    sp_err err = sv_seen_begin(q->call, tx, "as", &q->seen);
    q->account = sp_dictionary_entity_named(
        sp_rulebook_dictionary(sv_call_book(tx)), sp_slice_text("account"));
    return err == SP_OK && q->account == NULL ? SP_E_UNKNOWN_FIELD : err;
}

/* ---- feedback ---------------------------------------------------------- */

static sp_err take_rule(void *arg, const struct sp_record *r)
{
    struct queue *q = arg;
    const struct cc_value_of of = { q->entity, r };
    struct cc_feedback_rule one, *list;
    sp_err err = cc_feedback_read(&of, q->day, &q->tx->arena, &one);
    if (err != SP_OK || one.count == 0) {
        return err;
    }
    list = sp_arena_grow(&q->tx->arena, q->rule, q->rules, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    q->rule = list;
    list[q->rules++] = one;
    return SP_OK;
}

/* The scopes at hand are the feedback's again: of_account looked elsewhere. */
static sp_err feedback_row(
    struct queue *q, const struct cc_value_of *of, enum cc_feedback_route route)
{
    json_t *account = NULL;
    sp_err err = of_account(q, of, "name", &account);
    if (err == SP_OK) {
        err = sv_seen_record(&q->seen, q->tx, &of->record->ref);
    }
    if (err != SP_OK) {
        json_decref(account);
        return err;
    }
    sv_call_row(q->call,
        json_pack("[o,o,s,o,o,o]", id_json(&of->record->ref.id),
            sv_call_time(cc_value_ts(of, "at")), cc_feedback_name(route),
            account, sv_seen_json(&q->seen, of->record, of->entity, "tags"),
            sv_seen_json(&q->seen, of->record, of->entity, "text")));
    return SP_OK;
}

/* Who may not read the tags is not told where they lead. */
static sp_err take_feedback(void *arg, const struct sp_record *r)
{
    struct queue *q = arg;
    const struct cc_value_of of = { q->entity, r };
    const struct sp_field *tags =
        sp_dictionary_field_named(q->entity, sp_slice_text("tags"));
    enum cc_feedback_route route = cc_feedback_route(&of, q->rule, q->rules);
    if (cc_value_deleted(&of) || (q->only != 0 && q->only != route) ||
        (!q->all && cc_feedback_answered(&of))) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(&q->seen, q->tx, &r->ref);
    return err == SP_OK && tags != NULL &&
                   sv_seen_field(&q->seen, r->ref.type, tags->number)
               ? feedback_row(q, &of, route)
               : err;
}

static sp_err feedback(void *arg, struct sp_tx *tx)
{
    struct queue *q = arg;
    sp_err err = begin(q, tx);
    if (err == SP_OK) {
        err = walk(q, "care_rule", take_rule);
    }
    if (err == SP_OK) {
        sv_call_columns(q->call, "id,at,route,account,tags,text");
        err = walk(q, "feedback", take_feedback);
    }
    return err;
}

sp_err sv_do_feedback_list(struct sv_call *call)
{
    const char *route = sv_call_arg(call, "route");
    struct queue q = { .call = call, .all = sv_call_flag(call, "all") };
    if (route != NULL && !cc_feedback_named(route, &q.only)) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "\"%.40s\" is no queue; there are branch, region and head_office",
            route);
    }
    return sv_call_read(call, feedback, &q);
}

/* ---- who bought -------------------------------------------------------- */

/* Purchases of the day that the person sees; a return is nobody's purchase. */
static sp_err take_purchase(void *arg, const struct sp_record *r)
{
    struct queue *q = arg;
    const struct cc_value_of of = { q->entity, r };
    enum cc_tally_daily what =
        cc_tally_daily((int32_t)cc_value_int(&of, "date", CC_DAY_NONE),
            (int32_t)cc_value_int(&of, "paid", CC_DAY_NONE), q->day);
    json_t *account = NULL, *phone = NULL;
    if (cc_value_deleted(&of) || what == CC_DAILY_NONE ||
        cc_value_money(&of, "amount", 0) <= 0) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(&q->seen, q->tx, &r->ref);
    if (err != SP_OK || !sv_seen_any(&q->seen, r)) {
        return err;
    }
    json_t *amount = sv_seen_json(&q->seen, r, q->entity, "amount");
    json_t *number = sv_seen_json(&q->seen, r, q->entity, "number");
    err = of_account(q, &of, "name", &account);
    if (err == SP_OK) {
        err = of_account(q, &of, "phone_main", &phone);
    }
    if (err == SP_OK) {
        sv_call_row(q->call,
            json_pack("[s,O,O,O,O]",
                what == CC_DAILY_INVITE ? SV_SAY("invite") : SV_SAY("nudge"),
                account, phone, amount, number));
    }
    json_decref(account);
    json_decref(phone);
    json_decref(amount);
    json_decref(number);
    return err;
}

static sp_err daily(void *arg, struct sp_tx *tx)
{
    struct queue *q = arg;
    sp_err err = begin(q, tx);
    if (err == SP_OK) {
        sv_call_columns(q->call, "what,account,phone,amount,number");
        err = walk(q, "purchase", take_purchase);
    }
    return err;
}

sp_err sv_do_care_daily(struct sv_call *call)
{
    struct queue q = { .call = call };
    return sv_call_read(call, daily, &q);
}
