/* inbox_settle.c - what waits because several people wrote, or a server
 * refused: conflicts, refused edits of others and one's own. */
#include "api/inbox.h"

#include <string.h>

#include "api/asked.h"
#include "api/conflict.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/reject.h"
#include "api/result.h"

/* ---- conflicts ---------------------------------------------------------- */

static void put_values(struct cc_inbox *box, const struct satchel_conflict *c)
{
    for (size_t i = 0; i < c->field.value_count; i++) {
        const struct satchel_value *v = &c->field.value[i];

        cc_inbox_line(box,
            (struct cc_words){
                cc_inbox_text(box, i == 0 ? "shown, %s" : "%s", v->author),
                cc_inbox_text(box, i == 0 ? "显示中，%s" : "%s", v->author) },
            v->text_en, v->text_zh);
    }
    cc_inbox_line(
        box, (struct cc_words){ "why", "原因" }, c->why_en, c->why_zh);
}

static uint64_t newest_of(const struct satchel_field *f)
{
    uint64_t newest = 0;

    for (size_t i = 0; i < f->value_count; i++) {
        newest = f->value[i].time_ms > newest ? f->value[i].time_ms : newest;
    }
    return newest;
}

static sp_err find_conflict(struct cc_inbox *box,
    const struct satchel_conflict *c, struct sp_ref *ref,
    struct sp_ref *account)
{
    const struct sp_entity *entity;
    struct cc_record_view view;
    sp_err err = cc_call_entity(box->call, c->entity, &entity);

    if (err == SP_OK) {
        ref->type = entity->number;
        err = sp_id_parse(&ref->id, c->id);
    }
    if (err == SP_OK) {
        err = cc_record_view(box->call, ref, &view);
    }
    if (err == SP_OK) {
        cc_inbox_account_of(box, &view.record, account);
        cc_record_view_free(&view);
    }
    return err;
}

static bool may_settle(struct cc_inbox *box, const struct satchel_conflict *c)
{
    const struct sp_entity *e = sp_dictionary_entity_named(
        box->call->dictionary, sp_slice_text(c->entity));

    return e != NULL && (strcmp(c->field.name, "deleted") == 0
                                ? cc_inbox_may_remove(box, e)
                                : cc_inbox_may_write(box, e, c->field.name));
}

static sp_err add_conflict(struct cc_inbox *box,
    const struct cc_inbox_kind *kind, const struct satchel_conflict *c)
{
    const struct satchel_value *v = c->field.value;
    size_t last = c->field.value_count - 1;
    struct sp_ref ref, account;
    struct cc_inbox_item *item;
    sp_err err = find_conflict(box, c, &ref, &account);

    if (err != SP_OK) {
        return err;
    }
    put_values(box, c);
    item = cc_inbox_add(box, kind);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->ref = ref;
    item->account = account;
    item->shown.entity = cc_inbox_string(box, c->entity);
    item->field = cc_inbox_string(box, c->field.name);
    item->value[0] = cc_inbox_string(box, v[0].key);
    item->value[1] = cc_inbox_string(box, v[last].key);
    item->values = c->field.value_count;
    item->shown.since_ms = newest_of(&c->field);
    item->shown.what_en = cc_inbox_text(box, "%.80s: %.120s | %.120s",
        c->field.label_en, v[0].text_en, v[last].text_en);
    item->shown.what_zh = cc_inbox_text(box, "%.80s：%.120s | %.120s",
        c->field.label_zh, v[0].text_zh, v[last].text_zh);
    return SP_OK;
}

sp_err cc_inbox_conflicts(
    struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct satchel_conflicts *l =
        (struct satchel_conflicts *)cc_result_new(sizeof(*l));
    sp_err err = l == NULL ? SP_E_NOMEM : cc_conflict_gather(box->call, l);

    for (size_t i = 0; err == SP_OK && i < l->count; i++) {
        if (l->conflict[i].field.value_count > 0 &&
            may_settle(box, &l->conflict[i])) {
            err = add_conflict(box, kind, &l->conflict[i]);
        }
    }
    satchel_free(l);
    return err;
}

static sp_err settle(struct cc_inbox_deed *d, size_t which)
{
    const struct cc_inbox_item *item = d->item;
    const struct sp_entity *entity =
        sp_dictionary_entity(d->call->dictionary, item->ref.type);

    return cc_conflict_choose(
        d->call, entity, &item->ref, item->field, item->value[which], d->saved);
}

sp_err cc_inbox_keep(struct cc_inbox_deed *d)
{
    return settle(d, 0);
}

sp_err cc_inbox_take(struct cc_inbox_deed *d)
{
    return d->item->values == 2
               ? settle(d, 1)
               : cc_call_say(d->call, SP_E_ARGUMENT,
                     "%zu values stand, which one? satchel conflicts settle",
                     d->item->values);
}

/* ---- refused edits ------------------------------------------------------ */

static void put_typed(struct cc_inbox *box, const struct satchel_rejected *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct satchel_typed_record *t = &r->record[i];

        for (size_t k = 0; k < t->count; k++) {
            cc_inbox_line(box,
                (struct cc_words){ t->typed[k].label_en, t->typed[k].label_zh },
                t->typed[k].text_en, t->typed[k].text_zh);
        }
    }
    cc_inbox_line(box, (struct cc_words){ "refused", "拒绝原因" }, r->text_en,
        r->text_zh);
}

static sp_err find_edited(struct cc_inbox *box,
    const struct satchel_rejected *r, struct cc_inbox_item *item)
{
    const struct sp_entity *entity =
        r->count == 0 ? NULL
                      : sp_dictionary_entity_named(box->call->dictionary,
                            sp_slice_text(r->record[0].entity));
    struct cc_record_view view;
    sp_err err = SP_E_NOT_FOUND;

    if (entity != NULL) {
        item->ref.type = entity->number;
        item->shown.entity = cc_inbox_string(box, r->record[0].entity);
        err = sp_id_parse(&item->ref.id, r->record[0].id);
    }
    if (err == SP_OK) {
        err = cc_record_view(box->call, &item->ref, &view);
    }
    if (err == SP_OK) {
        cc_inbox_account_of(box, &view.record, &item->account);
        cc_record_view_free(&view);
    }
    /* What was to be made, or is not here, belongs to nothing here. */
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err add_edit(struct cc_inbox *box, const struct cc_inbox_kind *kind,
    const struct satchel_rejected *r, struct cc_words who)
{
    const struct satchel_typed_record *t = r->count == 0 ? NULL : r->record;
    struct cc_inbox_item *item;

    put_typed(box, r);
    item = cc_inbox_add(box, kind);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->tray = cc_inbox_string(box, r->key);
    item->shown.what_en = cc_inbox_text(box, "%.80s%.60s %.80s: %.160s", who.en,
        t == NULL ? "" : t->entity, t == NULL ? "" : t->title, r->text_en);
    item->shown.what_zh = cc_inbox_text(box, "%.80s%.60s %.80s：%.160s", who.zh,
        t == NULL ? "" : t->entity, t == NULL ? "" : t->title, r->text_zh);
    return find_edited(box, r, item);
}

sp_err cc_inbox_asked(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct satchel_asked_list *l =
        (struct satchel_asked_list *)cc_result_new(sizeof(*l));
    sp_err err = l == NULL ? SP_E_NOMEM : cc_asked_gather(box->call, false, l);

    for (size_t i = 0; err == SP_OK && i < l->count; i++) {
        const struct satchel_asked *a = &l->asked[i];

        if (a->refusal.note != NULL && a->refusal.note[0] != '\0') {
            cc_inbox_line(box, (struct cc_words){ "asks", "说明" },
                a->refusal.note, a->refusal.note);
        }
        err = add_edit(box, kind, &a->refusal,
            (struct cc_words){ cc_inbox_text(box, "%.60s: ", a->author),
                cc_inbox_text(box, "%.60s：", a->author) });
        if (err == SP_OK) {
            box->item[box->count - 1].shown.since_ms = a->refusal.asked_ms;
        }
    }
    satchel_free(l);
    return err;
}

/* What a manager looks at waits for him, not for the author. */
sp_err cc_inbox_rejected(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct satchel_rejects *l =
        (struct satchel_rejects *)cc_result_new(sizeof(*l));
    sp_err err = l == NULL ? SP_E_NOMEM : cc_reject_gather(box->call, false, l);

    for (size_t i = 0; err == SP_OK && i < l->count; i++) {
        const struct satchel_rejected *r = &l->rejected[i];

        if (r->state == SATCHEL_TRAY_ASKED) {
            continue;
        }
        if (r->answered_by != NULL && r->answered_by[0] != '\0') {
            cc_inbox_line(box,
                r->state == SATCHEL_TRAY_ENTERED
                    ? (struct cc_words){ "entered by", "已代为录入" }
                    : (struct cc_words){ "declined by", "未采纳" },
                r->answered_by, r->answered_by);
            cc_inbox_line(box, (struct cc_words){ "answer", "答复" },
                r->answer_note, r->answer_note);
        }
        err = add_edit(box, kind, r, (struct cc_words){ "", "" });
        if (err == SP_OK) {
            box->item[box->count - 1].shown.since_ms = r->judged_ms;
        }
    }
    satchel_free(l);
    return err;
}

sp_err cc_inbox_enter(struct cc_inbox_deed *d)
{
    const struct cc_asked_answer said = { .key = d->item->tray,
        .how = SP_TRAY_ENTERED,
        .note = d->reason,
        .saved = d->saved };

    return cc_asked_answer(d->call, &said);
}

sp_err cc_inbox_decline(struct cc_inbox_deed *d)
{
    const struct cc_asked_answer said = {
        .key = d->item->tray, .how = SP_TRAY_DECLINED, .note = d->reason
    };

    return cc_asked_answer(d->call, &said);
}

sp_err cc_inbox_resend(struct cc_inbox_deed *d)
{
    return cc_reject_resend(d->call, d->item->tray, d->saved);
}

sp_err cc_inbox_ask(struct cc_inbox_deed *d)
{
    return cc_reject_ask(d->call, d->item->tray, d->reason);
}

sp_err cc_inbox_discard(struct cc_inbox_deed *d)
{
    return cc_reject_discard(d->call, d->item->tray);
}
