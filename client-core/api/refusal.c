#include "api/refusal.h"

#include <stdio.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"

/* ---- one write --------------------------------------------------------- */

/* What was typed: of a removed member the element says it, unless it was too
 * long to be one. */
static struct sp_slice typed_value(
    const struct sp_field *f, const struct sp_write *w)
{
    bool nil = w->value.size == 1 && w->value.data[0] == 0xc0;

    if (nil && w->key.element.size > 0 &&
        sp_dictionary_check_value(f, w->key.element) == SP_OK) {
        return w->key.element;
    }
    return w->value;
}

static sp_err fill_unknown(
    const struct sp_write *w, struct sp_arena *a, struct satchel_typed *out)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", (unsigned)w->key.field);
    out->field = w->key.field == SP_FIELD_DELETED ? "deleted"
                                                  : cc_result_string(a, number);
    out->label_en = out->label_zh = out->field;
    out->text = out->text_en = out->text_zh = "";
    if (w->key.field == SP_FIELD_DELETED) {
        bool yes = w->value.size == 1 && w->value.data[0] == 0xc3;
        out->label_en = "Deleted";
        out->label_zh = "已删除";
        out->text = out->text_en = yes ? "yes" : "no";
        out->text_zh = yes ? "是" : "否";
    }
    return out->field == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_typed(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_write *w, struct sp_arena *a, struct satchel_typed *out)
{
    const struct sp_field *f =
        entity == NULL ? NULL : sp_dictionary_field(entity, w->key.field);
    struct sp_slice value;

    if (f == NULL) {
        return fill_unknown(w, a, out);
    }
    value = typed_value(f, w);
    out->field = cc_result_text(a, f->name);
    out->label_en = cc_result_text(a, f->label_en);
    out->label_zh = cc_result_text(a, f->label_zh);
    out->text = cc_show_value(c, f, value, CC_SHOW_EXACT, a);
    out->text_en = cc_show_value(c, f, value, CC_SHOW_EN, a);
    out->text_zh = cc_show_value(c, f, value, CC_SHOW_ZH, a);
    if (f->set) {
        out->how = w->value.size == 1 && w->value.data[0] == 0xc0
                       ? SATCHEL_REMOVE
                       : SATCHEL_ADD;
    }
    return out->field == NULL || out->label_en == NULL ||
                   out->label_zh == NULL || out->text == NULL ||
                   out->text_en == NULL || out->text_zh == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* ---- one record of a refused edit -------------------------------------- */

/* The refused title is the best name of a record that never came to be. */
static const char *title_of(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_change *change, struct sp_arena *a)
{
    const struct sp_field *f =
        entity == NULL ? NULL : cc_entry_title_field(entity);
    const char *known = cc_refer_title(c, &change->ref);

    for (uint32_t i = 0; known[0] == '\0' && f != NULL && i < change->count;
         i++) {
        if (change->write[i].key.field == f->number) {
            return cc_show_value(
                c, f, change->write[i].value, CC_SHOW_EXACT, a);
        }
    }
    return cc_result_string(a, known);
}

static sp_err fill_change(struct cc_call *c, const struct cc_tray_item *item,
    uint32_t at, struct sp_arena *a, struct satchel_typed_record *out)
{
    const struct sp_change *change = &item->commit.change[at];
    const struct sp_entity *entity =
        sp_dictionary_entity(c->dictionary, change->ref.type);
    struct satchel_typed *typed = (struct satchel_typed *)sp_arena_take(
        a, change->count + 1u, sizeof(*typed));
    char id[SP_ID_TEXT_BYTES];
    sp_err err = SP_OK;

    out->created = (item->created >> at & 1u) != 0;
    sp_id_format(id, &change->ref.id);
    out->entity = entity == NULL ? "" : cc_result_text(a, entity->name);
    out->id = cc_result_string(a, id);
    out->title = title_of(c, entity, change, a);
    if (typed == NULL || out->entity == NULL || out->id == NULL ||
        out->title == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < change->count && err == SP_OK; i++) {
        const struct sp_write *w = &change->write[i];
        if (entity == NULL ||
            !sp_case_is_key(
                sp_dictionary_field(entity, w->key.field), &w->key)) {
            err = fill_typed(c, entity, w, a, &typed[out->count++]);
        }
    }
    out->typed = typed;
    return err;
}

static sp_err fill_verdict(struct cc_call *c, const struct sp_verdict *v,
    struct sp_arena *a, struct satchel_rejected *out)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(c->dictionary, v->type);
    const struct sp_field *f =
        entity == NULL ? NULL : sp_dictionary_field(entity, v->field);

    out->deferred = v->kind == SP_DEFERRED;
    out->judged_ms = v->at_ms;
    out->judge = v->judge;
    out->code = (int)v->code;
    out->name = sp_err_name(v->code);
    out->text_en = sp_err_text_en(v->code);
    out->text_zh = sp_err_text_zh(v->code);
    out->rule = v->rule;
    out->entity = entity == NULL ? "" : cc_result_text(a, entity->name);
    out->field = f == NULL ? "" : cc_result_text(a, f->name);
    out->field_label_en = f == NULL ? "" : cc_result_text(a, f->label_en);
    out->field_label_zh = f == NULL ? "" : cc_result_text(a, f->label_zh);
    return out->entity == NULL || out->field == NULL ||
                   out->field_label_en == NULL || out->field_label_zh == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static enum satchel_tray_state state_of(const struct cc_tray_item *item)
{
    return item->withdrawn                    ? SATCHEL_TRAY_ACCEPTED
           : item->asked_ms == 0              ? SATCHEL_TRAY_OPEN
           : item->answer == SP_TRAY_ENTERED  ? SATCHEL_TRAY_ENTERED
           : item->answer == SP_TRAY_DECLINED ? SATCHEL_TRAY_DECLINED
                                              : SATCHEL_TRAY_ASKED;
}

static sp_err fill_fate(struct cc_call *c, const struct cc_tray_item *item,
    struct sp_arena *a, struct satchel_rejected *out)
{
    out->state = state_of(item);
    out->here = item->local;
    out->asked_ms = item->asked_ms;
    out->note = cc_result_text(a, item->note);
    out->answered_ms = item->answered_ms;
    out->answered_by =
        item->answered_by == 0
            ? ""
            : cc_result_string(a, cc_refer_user_name(c, item->answered_by));
    out->answer_note = cc_result_text(a, item->answer_note);
    return out->note == NULL || out->answered_by == NULL ||
                   out->answer_note == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

sp_err cc_refusal_fill(struct cc_call *c, const struct cc_tray_item *item,
    struct sp_arena *a, struct satchel_rejected *out)
{
    const struct sp_commit *commit = &item->commit;
    struct satchel_typed_record *record =
        (struct satchel_typed_record *)sp_arena_take(
            a, commit->count + 1u, sizeof(*record));
    char key[CC_SHOW_KEY_BYTES];
    sp_err err;

    cc_show_key(key, &item->dot);
    out->key = cc_result_string(a, key);
    out->made_ms = item->made_ms;
    if (record == NULL || out->key == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_verdict(c, &item->verdict, a, out);
    if (err == SP_OK) {
        err = fill_fate(c, item, a, out);
    }
    for (uint32_t i = 0; i < commit->count && err == SP_OK; i++) {
        err = fill_change(c, item, i, a, &record[i]);
    }
    out->count = commit->count;
    out->record = record;
    return err;
}
