#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/select.h"
#include "api/show.h"

/* so many single look-ups cost as much as reading all names */
#define MANY_ROWS 256u

struct listing {
    struct cc_call *call;
    const struct satchel_query *query;
    const struct sp_entity *entity;
    bool by_parent;
    struct sp_id parent;
    struct sp_id *absorbed; /* tx arena: what was merged into the parent */
    size_t absorbed_count;
    struct cc_select select;
    struct cc_show_brief brief;
};

/* A contact that led to an account. */
static sp_err fill_found(const struct listing *l, const struct cc_entry *found,
    struct satchel_record *out)
{
    struct sp_arena *a = l->brief.arena;
    char id[SP_ID_TEXT_BYTES];

    if (found == NULL) {
        return SP_OK;
    }
    sp_id_format(id, &found->id);
    out->found_id = cc_result_string(a, id);
    out->found_title =
        cc_result_string(a, cc_index_text(l->select.people, found->title));
    return out->found_id == NULL || out->found_title == NULL ? SP_E_NOMEM
                                                             : SP_OK;
}

static sp_err fill_row(struct listing *l, const struct cc_entry *e,
    struct sp_arena *a, struct satchel_record *out)
{
    struct sp_ref ref = { l->entity->number, e->id };
    struct cc_record_view view;
    sp_err err;

    if (l->query->brief) {
        return cc_show_entry(&l->brief, e, out);
    }
    err = cc_record_view(l->call, &ref, &view);
    if (err == SP_OK) {
        err = cc_show_record(l->call, &view.record, view.unresolved, a, out);
        cc_record_view_free(&view);
    }
    return err;
}

static sp_err fill_rows(struct listing *l, struct satchel_list *out)
{
    struct sp_arena *a = cc_result_arena(out);
    const struct cc_select *found = &l->select;
    size_t skip = l->query->skip < found->count ? l->query->skip : found->count;
    size_t count = found->count - skip;
    struct satchel_record *record;
    sp_err err = cc_show_brief(l->call, l->entity, found->index, a, &l->brief);

    if (l->query->limit != 0 && count > l->query->limit) {
        count = l->query->limit;
    }
    record =
        (struct satchel_record *)sp_arena_take(a, count + 1, sizeof(*record));
    if (record == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        const struct cc_select_row *row = &found->row[skip + i];
        err = fill_row(l, row->entry, a, &record[i]);
        if (err == SP_OK) {
            err = fill_found(l, row->found, &record[i]);
        }
    }
    out->record = record;
    out->count = count;
    out->total = found->count;
    return err;
}

static size_t wanted(const struct listing *l)
{
    size_t count = l->select.count;

    return l->query->limit != 0 && l->query->limit < count ? l->query->limit
                                                           : count;
}

/* Titles of what the rows belong to come from memory when there are many. */
static sp_err read_parents(struct listing *l)
{
    const struct sp_field *f =
        sp_dictionary_field(l->entity, l->entity->parent);
    const struct sp_entity *above =
        f == NULL ? NULL : sp_dictionary_entity(l->call->dictionary, f->target);
    const struct cc_index *x;

    if (above == NULL || l->by_parent || wanted(l) < MANY_ROWS) {
        return SP_OK;
    }
    return cc_replica_index(&l->call->s->replica, &l->call->tx, above, &x);
}

static sp_err take_absorbed(void *arg, const struct sp_ref *child)
{
    struct listing *l = (struct listing *)arg;

    l->absorbed = sp_arena_grow(&l->call->tx.arena, l->absorbed,
        l->absorbed_count, sizeof(*l->absorbed));
    if (l->absorbed == NULL) {
        return SP_E_NOMEM;
    }
    l->absorbed[l->absorbed_count++] = child->id;
    return SP_OK;
}

static sp_err find_parent(struct listing *l)
{
    const struct sp_field *f =
        sp_dictionary_field(l->entity, l->entity->parent);
    const struct sp_entity *above =
        f == NULL ? NULL : sp_dictionary_entity(l->call->dictionary, f->target);
    struct sp_ref ref;
    sp_err err;

    if (l->query->parent == NULL) {
        return SP_OK;
    }
    if (above == NULL) {
        return cc_call_say(l->call, SP_E_ARGUMENT,
            "a %.*s belongs to no other record", (int)l->entity->name.size,
            (const char *)l->entity->name.data);
    }
    err = cc_refer_record(l->call, above, l->query->parent, &ref);
    l->by_parent = true;
    l->parent = ref.id;
    return err == SP_OK && above->forward != 0
               ? sp_state_children(
                     &l->call->tx, &ref, ref.type, false, take_absorbed, l)
               : err;
}

/* Children of one record: read them alone, not all of their kind. */
struct children {
    struct listing *l;
    struct satchel_list *out;
    struct satchel_record *record;
    size_t capacity, seen;
};

static sp_err take_child(void *arg, const struct sp_ref *child)
{
    struct children *k = (struct children *)arg;
    const struct satchel_query *q = k->l->query;
    struct cc_record_view view;
    sp_err err = cc_record_view(k->l->call, child, &view);

    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* a child index may run ahead of a purge */
    }
    if (err != SP_OK) {
        return err;
    }
    if (!cc_refer_deleted(&view.record) || q->deleted) {
        k->out->total++;
        if (k->seen++ >= q->skip && k->out->count < k->capacity) {
            err = cc_show_record(k->l->call, &view.record, view.unresolved,
                cc_result_arena(k->out), &k->record[k->out->count]);
            k->out->count += err == SP_OK;
        }
    }
    cc_record_view_free(&view);
    return err;
}

static sp_err count_child(void *arg, const struct sp_ref *child)
{
    (void)child;
    (*(size_t *)arg)++;
    return SP_OK;
}

static sp_err list_children(struct listing *l, struct satchel_list *out)
{
    const struct sp_field *f =
        sp_dictionary_field(l->entity, l->entity->parent);
    struct sp_ref parent = { f->target, l->parent };
    struct children k = { .l = l, .out = out };
    sp_err err = sp_state_children(&l->call->tx, &parent, l->entity->number,
        false, count_child, &k.capacity);

    if (err != SP_OK) {
        return err;
    }
    if (l->query->limit != 0 && k.capacity > l->query->limit) {
        k.capacity = l->query->limit;
    }
    k.record = (struct satchel_record *)sp_arena_take(
        cc_result_arena(out), k.capacity + 1, sizeof(*k.record));
    if (k.record == NULL) {
        return SP_E_NOMEM;
    }
    out->record = k.record;
    return sp_state_children(&l->call->tx, &parent, l->entity->number,
        l->query->newest, take_child, &k);
}

static sp_err list_selected(struct listing *l, struct satchel_list *out)
{
    const struct cc_select_query q = { l->entity, l->query, l->by_parent,
        l->parent, l->absorbed, l->absorbed_count };
    sp_err err = cc_select_make(l->call, &q, &l->select);

    if (err == SP_OK) {
        err = read_parents(l);
    }
    if (err == SP_OK) {
        err = fill_rows(l, out);
    }
    cc_select_free(&l->select);
    return err;
}

static sp_err list(struct cc_call *c, const struct satchel_query *query,
    struct satchel_list *out)
{
    struct listing l = { .call = c, .query = query };
    bool text = query->text != NULL && query->text[0] != '\0';
    sp_err err = cc_call_entity(c, query->entity, &l.entity);

    if (err == SP_OK) {
        err = find_parent(&l);
    }
    if (err == SP_OK && l.by_parent && !text && query->territory == NULL &&
        !query->brief &&
        (query->newest || cc_entry_title_field(l.entity) == NULL)) {
        return list_children(&l, out);
    }
    return err == SP_OK ? list_selected(&l, out) : err;
}

int satchel_record_list(struct satchel *s, const struct satchel_query *query,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_list *l;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_list *)cc_result_new(sizeof(*l));
    return cc_call_give(
        &c, l == NULL ? SP_E_NOMEM : list(&c, query, l), l, out);
}
