#include "ctl/seen.h"

#include <stdio.h>
#include <string.h>

#include "book/value.h"
#include "ctl/org.h"
#include "ops/log.h"
#include "ops/say.h"

#define CALLED_SHOWN 5u /* ids that are named when several are called so */

sp_err sv_seen_begin(struct sv_call *call, struct sp_tx *tx, const char *option,
    struct sv_seen *out)
{
    memset(out, 0, sizeof *out);
    out->rules = tx->rules;
    out->book = sv_call_book(tx);
    out->now_ms = tx->node->env->now_ms(tx->node->env->self);
    out->person = sv_org_person(call, out->book, sv_call_arg(call, option));
    if (out->person == NULL) {
        return SP_E_NOT_FOUND;
    }
    sv_log(
        SV_LOG_INFO, "audit", "event=console_read user=%u", out->person->user);
    return SP_OK;
}

sp_err sv_seen_record(
    struct sv_seen *s, struct sp_tx *tx, const struct sp_ref *ref)
{
    sp_err err = sp_state_scopes(tx, ref, &s->scopes);
    for (uint32_t i = 0; err == SP_OK && i < s->scopes.count; i++) {
        s->grant[i] = sp_rulebook_standing(
            s->book, s->person->user, &s->scopes.id[i], s->now_ms)
                          .grant;
    }
    return err;
}

bool sv_seen_field(const struct sv_seen *s, uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < s->scopes.count; i++) {
        if (s->grant[i] != SP_GRANT_NOTHING &&
            s->rules->reads(s->rules->self, s->grant[i], type, field)) {
            return true;
        }
    }
    return false;
}

bool sv_seen_any(const struct sv_seen *s, const struct sp_record *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (sv_seen_field(s, r->ref.type, r->reg[i].key.field)) {
            return true;
        }
    }
    return false;
}

void sv_seen_value(const struct sv_seen *s, const struct sp_record *r,
    const struct sp_entity *e, uint16_t field, struct sp_buf *out)
{
    const struct sp_field *f = sp_dictionary_field(e, field);
    const struct sp_register *reg = sp_record_field(r, field);
    const struct sp_register *end = r->reg + r->count;
    bool first = true;
    if (f == NULL || reg == NULL || !sv_seen_field(s, r->ref.type, field)) {
        return;
    }
    if (f->merge == SP_MERGE_CNT) {
        char total[24];
        snprintf(total, sizeof total, "%lld",
            (long long)sp_dictionary_count(f, r, NULL));
        sp_buf_put(out, total, strlen(total));
        return;
    }
    for (; reg < end && reg->key.field == field; reg++) {
        const struct sp_sibling *shown = sp_merge_shown(reg, f->merge);
        if (shown == NULL || (f->set && !sp_dictionary_member(reg))) {
            continue;
        }
        if (!first) {
            sp_buf_put(out, ", ", 2);
        }
        first = false;
        cc_say_value(f, shown->value, sv_seen_text(true), out);
    }
}

enum sp_text_form sv_seen_text(bool screen)
{
    return screen && cc_say_language() == CC_LANG_ZH ? SP_TEXT_ZH : SP_TEXT_EN;
}

json_t *sv_seen_json(const struct sv_seen *s, const struct sp_record *r,
    const struct sp_entity *e, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(field));
    struct sp_buf text;
    sp_buf_init(&text, SP_RECORD_BYTES_MAX);
    if (f != NULL) {
        sv_seen_value(s, r, e, f->number, &text);
    }
    json_t *value = text.err == SP_OK ? sv_call_slice(sp_buf_slice(&text))
                                      : json_string("?");
    sp_buf_free(&text);
    return value;
}

/* Accounts that are called so. */
struct called {
    const struct sp_entity *entity;
    struct sp_slice text;
    struct sp_ref first;
    unsigned count;
    size_t used;
    char ids[CALLED_SHOWN * (SP_ID_TEXT_BYTES + 1u)];
};

static sp_err take_called(void *arg, const struct sp_record *view)
{
    struct called *c = arg;
    const struct cc_value_of of = { c->entity, view };
    char id[SP_ID_TEXT_BYTES];

    if ((!sp_slice_equal(cc_value_text(&of, "number"), c->text) &&
            !sp_slice_equal(cc_value_text(&of, "name"), c->text)) ||
        cc_value_deleted(&of)) {
        return SP_OK;
    }
    if (c->count++ == 0) {
        c->first = view->ref;
    }
    if (c->count <= CALLED_SHOWN) {
        sp_id_format(id, &view->ref.id);
        c->used += (size_t)snprintf(
            c->ids + c->used, sizeof c->ids - c->used, " %s", id);
    }
    return SP_OK;
}

/* By number or whole name: there is no index of them here, so all are looked
 * at. */
static sp_err find_called(struct sv_call *call, struct sp_tx *tx,
    const char *text, struct sp_record *out)
{
    struct called c = { .entity = sp_dictionary_entity_named(
                            sp_rulebook_dictionary(sv_call_book(tx)),
                            sp_slice_text("account")),
        .text = sp_slice_text(text) };
    sp_err err = c.entity == NULL ? SP_E_NOT_FOUND
                                  : sp_state_walk(tx, c.entity->number, NULL,
                                        take_called, &c);
    if (err != SP_OK && err != SP_E_NOT_FOUND) {
        return err;
    }
    if (c.count == 0) {
        return sv_call_refuse(call, SP_E_NOT_FOUND,
            "no customer here has the id, the number or the whole name "
            "\"%.60s\"; account list shows them",
            text);
    }
    if (c.count > 1) {
        return sv_call_refuse(call, SP_E_AMBIGUOUS,
            "%u customers here are called \"%.60s\"; name one by its id:%s%s",
            c.count, text, c.ids, c.count > CALLED_SHOWN ? " ..." : "");
    }
    return sp_state_get(tx, &c.first, &tx->arena, out);
}

sp_err sv_seen_find(struct sv_call *call, struct sp_tx *tx, const char *text,
    struct sp_record *out)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    struct sp_ref ref;
    if (sp_id_parse(&ref.id, text) != SP_OK) {
        return find_called(call, tx, text, out);
    }
    for (uint32_t i = 0; i < d->entity_count; i++) {
        ref.type = d->entity[i].number;
        sp_err err = sp_state_get(tx, &ref, &tx->arena, out);
        if (err != SP_E_NOT_FOUND) {
            return err;
        }
    }
    return sv_call_refuse(call, SP_E_NOT_FOUND,
        "this server holds no record %s; is it at another branch, or not yet "
        "exchanged?",
        text);
}

sp_err sv_seen_named(struct sv_call *call, struct sp_tx *tx,
    struct sv_seen *seen, struct sp_record *out)
{
    char id[SP_ID_TEXT_BYTES];
    sp_err err = sv_seen_begin(call, tx, "as", seen);

    if (err == SP_OK) {
        err = sv_seen_find(call, tx, sv_call_arg(call, "account"), out);
    }
    if (err == SP_OK) {
        err = sv_seen_record(seen, tx, &out->ref);
    }
    if (err != SP_OK) {
        return err;
    }
    if (!sv_seen_any(seen, out)) {
        return sv_call_refuse(call, SP_E_SCOPE,
            "%s may not see this record; satchelctl explain ID --user says why",
            sv_call_arg(call, "as"));
    }
    sp_id_format(id, &out->ref.id);
    sv_log(SV_LOG_INFO, "audit", "event=record_read user=%u type=%u record=%s",
        seen->person->user, out->ref.type, id);
    return SP_OK;
}
