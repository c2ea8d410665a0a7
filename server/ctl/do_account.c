/* do_account.c - customers on the console, as a named person may see them. */
#include <stdio.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "book/sentence.h"
#include "ctl/do.h"
#include "ctl/saw.h"
#include "ctl/seen.h"
#include "ops/say.h"

static json_t *id_json(const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];
    sp_id_format(text, id);
    return json_string(text);
}

static bool deleted(const struct sp_record *r)
{
    const struct sp_register *reg = sp_record_field(r, SP_FIELD_DELETED);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);

    return s != NULL && s->value.size == 1 && s->value.data[0] == 0xc3;
}

/* A walk over records under one person's eyes. */
struct look {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen;
    const struct sp_entity *entity;
    uint64_t limit, shown, hidden;
};

static sp_err list_one(void *arg, const struct sp_record *r)
{
    struct look *l = arg;
    if (deleted(r)) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(&l->seen, l->tx, &r->ref);
    if (err != SP_OK) {
        return err;
    }
    if (!sv_seen_any(&l->seen, r)) {
        l->hidden++;
        return SP_OK;
    }
    if (l->shown == l->limit) {
        return SP_E_NOT_FOUND;
    }
    l->shown++;
    sv_call_row(
        l->call, json_pack("[o,o,o,o,o]", id_json(&r->ref.id),
                     sv_seen_json(&l->seen, r, l->entity, "name"),
                     sv_seen_json(&l->seen, r, l->entity, "territory_id"),
                     sv_seen_json(&l->seen, r, l->entity, "owner_id"),
                     sv_seen_json(&l->seen, r, l->entity, "phone_main")));
    return SP_OK;
}

static sp_err find_entity(struct look *l, const char *name)
{
    l->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(sv_call_book(l->tx)), sp_slice_text(name));
    return l->entity != NULL
               ? SP_OK
               : sv_call_refuse(l->call, SP_E_NOT_FOUND,
                     "the dictionary in force has no entity \"%s\"", name);
}

static sp_err list(void *arg, struct sp_tx *tx)
{
    struct look *l = arg;
    l->tx = tx;
    sp_err err = sv_seen_begin(l->call, tx, "as", &l->seen);
    if (err == SP_OK) {
        err = find_entity(l, "account");
    }
    if (err == SP_OK) {
        sv_call_columns(l->call, "id,name,territory,owner,phone");
        err = sp_state_walk(tx, l->entity->number, NULL, list_one, l);
    }
    return err;
}

sp_err sv_do_account_list(struct sv_call *call)
{
    struct look l = { .call = call };
    sp_err err = sv_call_number(call, "limit", 1, 1000000, 100, &l.limit);
    return err == SP_OK ? sv_call_read(call, list, &l) : err;
}

/* "2026-03-04T05:06:07Z by anna" for one sibling. */
static void who_when(
    const struct look *l, const struct sp_stamp *stamp, char out[160])
{
    const struct sp_person *p =
        sp_rulebook_find_person(l->seen.book, stamp->user);
    json_t *when = sv_call_time(sp_hlc_ms(stamp->time));
    snprintf(out, 160, sv_call_word(l->call, SV_SAY("%s by %.*s")),
        json_string_value(when), p == NULL ? 1 : (int)p->login.size,
        p == NULL ? "?" : (const char *)p->login.data);
    json_decref(when);
}

/* The number of a user on a terminal is his login. */
static const struct sp_person *person_of(
    const struct look *l, const struct sp_field *f, struct sp_slice value)
{
    struct sp_rd r;
    uint64_t user;

    if (!l->call->screen || f->kind != SP_VALUE_USER) {
        return NULL;
    }
    sp_rd_init(&r, value);
    user = sp_rd_uint(&r, 1, UINT32_MAX);
    return r.err != SP_OK
               ? NULL
               : sp_rulebook_find_person(l->seen.book, (uint32_t)user);
}

static json_t *format_one(
    const struct look *l, const struct sp_field *f, struct sp_slice value)
{
    const struct sp_person *p = person_of(l, f, value);
    char told[CC_SENTENCE_BYTES];
    struct sp_buf text;
    if (p != NULL) {
        return sv_call_slice(p->login);
    }
    sp_buf_init(&text, SP_RECORD_BYTES_MAX);
    cc_say_value(f, value, sv_seen_text(l->call->screen), &text);
    json_t *out =
        text.err != SP_OK ? json_string("?")
        : l->call->screen && sp_slice_equal(f->name, sp_slice_text("title")) &&
                cc_sentence_tell(sp_buf_slice(&text), cc_say_language(), told)
            ? json_string(told)
            : sv_call_slice(sp_buf_slice(&text));
    sp_buf_free(&text);
    return out;
}

/* An edit that the deletion of its record has not seen (SYNC M4). */
static bool edited_though_deleted(
    const struct sp_record *r, const struct sp_register *reg)
{
    const struct sp_register *gone = sp_record_field(r, SP_FIELD_DELETED);
    for (uint32_t i = 0; deleted(r) && i < reg->count; i++) {
        if (!sp_vector_covers(&gone->context, reg->sibling[i].stamp.dot)) {
            return true;
        }
    }
    return false;
}

/* The newest link of a circle, which only two servers can have made: it leads
 * nowhere until somebody writes the field again (SYNC M7). */
static bool is_broken(struct sp_tx *tx, const struct sp_entity *e,
    const struct sp_record *r, const struct sp_register *reg)
{
    const struct sp_field *f = sp_dictionary_field(e, reg->key.field);
    bool broken = false;

    return f != NULL && f->tree &&
           sp_tree_broken(tx, r, f->number, &broken) == SP_OK && broken;
}

static bool is_conflict(struct sp_tx *tx, const struct sp_entity *e,
    const struct sp_record *r, const struct sp_register *reg)
{
    const struct sp_field *f = sp_dictionary_field(e, reg->key.field);

    return (f != NULL && sp_case_conflict(f, r)) ||
           edited_though_deleted(r, reg) || is_broken(tx, e, r, reg);
}

/* Why it stands beside the others: its author had not seen them. */
static json_t *saw(struct look *l, const struct sp_record *r,
    const struct sp_register *reg, uint32_t sibling)
{
    struct sp_buf text;
    sp_buf_init(&text, 65536);
    sv_saw_value(l->tx, l->seen.book, l->call->screen, &r->ref, &reg->key,
        &reg->sibling[sibling].stamp.dot, &text);
    json_t *out = text.err == SP_OK ? sv_call_slice(sp_buf_slice(&text))
                                    : json_string("?");
    sp_buf_free(&text);
    return out;
}

/* What stood before a settlement that was taken back (sp/case.h): the first of
 * them is shown, and stands as the field's own value. */
static void show_case(struct look *l, const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f, bool conflicts_only)
{
    char stamp[160], label[192];
    const struct sp_slice name = sv_call_field(l->call, f);
    struct sp_case kept;
    if (!sp_case_is_open(r, f->number) ||
        sp_case_of(r, f->number, &l->tx->arena, &kept) != SP_OK) {
        return;
    }
    for (uint32_t i = 1; i < kept.count; i++) {
        who_when(l, &kept.value[i].stamp, stamp);
        snprintf(label, sizeof label,
            sv_call_word(l->call, SV_SAY("%.*s (reopened)")), (int)name.size,
            (const char *)name.data);
        json_t *row = json_pack("[o,o,s,o,s]",
            sv_call_slice(sv_call_entity(l->call, e)), id_json(&r->ref.id),
            label, format_one(l, f, kept.value[i].value), stamp);
        if (conflicts_only) {
            (void)json_array_append_new(
                row, json_string(sv_call_word(
                         l->call, SV_SAY("its settlement was taken back"))));
        }
        sv_call_row(l->call, row);
    }
}

/* All siblings of the registers of a record that the person may see. */
static void show_record(struct look *l, const struct sp_entity *e,
    const struct sp_record *r, bool conflicts_only)
{
    char stamp[160], label[192];
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        const struct sp_field *f = sp_dictionary_field(e, reg->key.field);
        if (f == NULL || !sv_seen_field(&l->seen, r->ref.type, f->number) ||
            (f->set && !sp_dictionary_member(reg)) ||
            sp_case_is_key(f, &reg->key) ||
            (conflicts_only && !is_conflict(l->tx, e, r, reg))) {
            continue;
        }
        const struct sp_sibling *shown = sp_merge_shown(reg, f->merge);
        const struct sp_slice name = sv_call_field(l->call, f);
        for (uint32_t j = 0; j < reg->count; j++) {
            who_when(l, &reg->sibling[j].stamp, stamp);
            snprintf(label, sizeof label, "%.*s%s", (int)name.size,
                (const char *)name.data,
                sv_call_word(
                    l->call, edited_though_deleted(r, reg)
                                 ? SV_SAY(" (edited after deletion)")
                             : is_broken(l->tx, e, r, reg) ? SV_SAY(" (circle)")
                             : &reg->sibling[j] == shown   ? ""
                                                         : SV_SAY(" (also)")));
            json_t *row = json_pack("[o,o,s,o,s]",
                sv_call_slice(sv_call_entity(l->call, e)), id_json(&r->ref.id),
                label, format_one(l, f, reg->sibling[j].value), stamp);
            if (conflicts_only) {
                (void)json_array_append_new(row, saw(l, r, reg, j));
            }
            sv_call_row(l->call, row);
        }
        if (sp_case_kept(f)) {
            show_case(l, e, r, f, conflicts_only);
        }
    }
}

static sp_err show_child(void *arg, const struct sp_ref *ref)
{
    struct look *l = arg;
    struct sp_record r;
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(l->seen.book), ref->type);
    sp_err err = sp_state_get(l->tx, ref, &l->tx->arena, &r);
    if (err == SP_OK && e != NULL && !deleted(&r)) {
        err = sv_seen_record(&l->seen, l->tx, ref);
        if (err == SP_OK) {
            show_record(l, e, &r, false);
        }
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* An account that was merged into another is shown as that one, and said. */
static sp_err follow(struct look *l, struct sp_record *r)
{
    struct sp_ref survivor;
    sp_err err = sp_tree_survivor(l->tx, r, &survivor);

    if (err != SP_OK || sp_ref_equal(&survivor, &r->ref)) {
        return err;
    }
    sv_call_row(l->call,
        json_pack("[o,o,s,o,s]",
            sv_call_slice(sv_call_entity(l->call,
                sp_dictionary_entity(
                    sp_rulebook_dictionary(l->seen.book), r->ref.type))),
            id_json(&r->ref.id), sv_call_word(l->call, SV_SAY("merged into")),
            id_json(&survivor.id), ""));
    return sp_state_get(l->tx, &survivor, &l->tx->arena, r);
}

static sp_err show(void *arg, struct sp_tx *tx)
{
    struct look *l = arg;
    struct sp_record r;
    l->tx = tx;
    sp_err err = sv_seen_named(l->call, tx, &l->seen, &r);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(l->call, "entity,id,field,value,written");
    err = follow(l, &r);
    if (err != SP_OK) {
        return err;
    }
    show_record(l,
        sp_dictionary_entity(sp_rulebook_dictionary(l->seen.book), r.ref.type),
        &r, false);
    return sp_state_children(tx, &r.ref, 0, false, show_child, l);
}

sp_err sv_do_account_show(struct sv_call *call)
{
    struct look l = { .call = call };
    return sv_call_read(call, show, &l);
}

static sp_err conflicts_one(void *arg, const struct sp_record *r)
{
    struct look *l = arg;
    bool open = false;
    for (uint32_t i = 0; i < r->count; i++) {
        open = open || is_conflict(l->tx, l->entity, r, &r->reg[i]);
    }
    if (!open) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(&l->seen, l->tx, &r->ref);
    if (err == SP_OK && sv_seen_any(&l->seen, r)) {
        if (l->shown == l->limit) {
            return SP_E_NOT_FOUND;
        }
        l->shown++;
        show_record(l, l->entity, r, true);
    }
    return err;
}

static sp_err conflicts(void *arg, struct sp_tx *tx)
{
    struct look *l = arg;
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    l->tx = tx;
    sp_err err = sv_seen_begin(l->call, tx, "as", &l->seen);
    sv_call_columns(l->call, "entity,id,field,value,written,saw");
    for (uint32_t i = 0; err == SP_OK && i < d->entity_count; i++) {
        l->entity = &d->entity[i];
        err = sp_state_walk(tx, l->entity->number, NULL, conflicts_one, l);
    }
    return err;
}

sp_err sv_do_conflicts(struct sv_call *call)
{
    struct look l = { .call = call };
    sp_err err = sv_call_number(call, "limit", 1, 1000000, 100, &l.limit);
    return err == SP_OK ? sv_call_read(call, conflicts, &l) : err;
}
