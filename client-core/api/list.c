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

#define ROW_BYTES_MAX (64u << 20) /* one record with all its values */

/* Rows of a result, which all stand, or of a sink, one at a time. */
struct rows {
    struct sp_arena *arena; /* of what a row points to */
    struct satchel_list *out;
    struct satchel_record *record;          /* of out; NULL for a sink */
    const struct satchel_record_sink *sink; /* or NULL */
    struct satchel_record one;              /* of a sink */
};

struct listing {
    struct cc_call *call;
    const struct satchel_query *query;
    struct rows rows;
    const struct sp_entity *entity;
    bool by_parent;
    struct sp_id parent;
    struct sp_id *absorbed; /* tx arena: what was merged into the parent */
    size_t absorbed_count;
    struct cc_select select;
    struct cc_show_brief brief;
};

/* ---- rows -------------------------------------------------------------- */

static sp_err start_rows(struct rows *r, size_t capacity)
{
    if (r->sink == NULL) {
        r->record = (struct satchel_record *)sp_arena_take(
            r->arena, capacity + 1, sizeof(*r->record));
        r->out->record = r->record;
    }
    return r->sink == NULL && r->record == NULL ? SP_E_NOMEM : SP_OK;
}

/* Where the next row is filled. */
static struct satchel_record *next_row(struct rows *r)
{
    if (r->sink == NULL) {
        return &r->record[r->out->count];
    }
    sp_arena_reset(r->arena);
    return &r->one;
}

/* The row that was filled is one. */
static sp_err end_row(struct cc_call *c, struct rows *r)
{
    r->out->count++;
    return r->sink == NULL || r->sink->put(r->sink->self, &r->one) == 0
               ? SP_OK
               : cc_call_say(
                     c, SP_E_IO, "what takes the rows of a list stopped it");
}

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

static sp_err fill_row(struct listing *l, const struct cc_select_row *row)
{
    struct sp_ref ref = { l->entity->number, row->entry->id };
    struct satchel_record *out = next_row(&l->rows);
    struct cc_record_view view;
    sp_err err;

    if (l->query->brief) {
        err = cc_show_entry(&l->brief, row->entry, out);
    } else {
        err = cc_record_view(l->call, &ref, &view);
        if (err == SP_OK) {
            err = cc_show_record(
                l->call, &view.record, view.unresolved, l->rows.arena, out);
            cc_record_view_free(&view);
        }
    }
    if (err == SP_OK) {
        err = fill_found(l, row->found, out);
    }
    return err == SP_OK ? end_row(l->call, &l->rows) : err;
}

static sp_err fill_rows(struct listing *l)
{
    const struct cc_select *found = &l->select;
    size_t skip = l->query->skip < found->count ? l->query->skip : found->count;
    size_t count = found->count - skip;
    struct sp_arena *same = /* what all rows have in common */
        l->rows.sink == NULL ? l->rows.arena : &l->call->tx.arena;
    sp_err err =
        cc_show_brief(l->call, l->entity, found->index, same, &l->brief);

    l->brief.arena = l->rows.arena;
    l->brief.borrows = l->rows.sink != NULL;
    if (l->query->limit != 0 && count > l->query->limit) {
        count = l->query->limit;
    }
    if (err == SP_OK) {
        err = start_rows(&l->rows, count);
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = fill_row(l, &found->row[skip + i]);
    }
    l->rows.out->total = found->count;
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
            "a %.*s belongs to no other record",
            (int)cc_call_named(l->entity).size,
            (const char *)cc_call_named(l->entity).data);
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
    size_t capacity, seen;
};

static sp_err fill_child(struct listing *l, const struct cc_record_view *view)
{
    sp_err err = cc_show_record(l->call, &view->record, view->unresolved,
        l->rows.arena, next_row(&l->rows));

    return err == SP_OK ? end_row(l->call, &l->rows) : err;
}

static sp_err take_child(void *arg, const struct sp_ref *child)
{
    struct children *k = (struct children *)arg;
    const struct satchel_query *q = k->l->query;
    struct satchel_list *out = k->l->rows.out;
    struct cc_record_view view;
    sp_err err = cc_record_view(k->l->call, child, &view);

    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* a child index may run ahead of a purge */
    }
    if (err != SP_OK) {
        return err;
    }
    if (!cc_refer_deleted(&view.record) || q->deleted) {
        out->total++;
        if (k->seen++ >= q->skip && out->count < k->capacity) {
            err = fill_child(k->l, &view);
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

static sp_err list_children(struct listing *l)
{
    const struct sp_field *f =
        sp_dictionary_field(l->entity, l->entity->parent);
    struct sp_ref parent = { f->target, l->parent };
    struct children k = { .l = l };
    sp_err err = sp_state_children(&l->call->tx, &parent, l->entity->number,
        false, count_child, &k.capacity);

    if (err != SP_OK) {
        return err;
    }
    if (l->query->limit != 0 && k.capacity > l->query->limit) {
        k.capacity = l->query->limit;
    }
    err = start_rows(&l->rows, k.capacity);
    return err != SP_OK
               ? err
               : sp_state_children(&l->call->tx, &parent, l->entity->number,
                     l->query->newest, take_child, &k);
}

static sp_err list_selected(struct listing *l)
{
    const struct cc_select_query q = { l->entity, l->query, l->by_parent,
        l->parent, l->absorbed, l->absorbed_count };
    sp_err err = cc_select_make(l->call, &q, &l->select);

    if (err == SP_OK) {
        err = read_parents(l);
    }
    if (err == SP_OK) {
        err = fill_rows(l);
    }
    cc_select_free(&l->select);
    return err;
}

static sp_err list(struct cc_call *c, const struct satchel_query *query,
    const struct rows *rows)
{
    struct listing l = { .call = c, .query = query, .rows = *rows };
    bool text = query->text != NULL && query->text[0] != '\0';
    sp_err err = cc_call_entity(c, query->entity, &l.entity);

    if (err == SP_OK) {
        err = find_parent(&l);
    }
    if (err == SP_OK && l.by_parent && !text && query->territory == NULL &&
        !query->brief &&
        (query->newest || cc_entry_title_field(l.entity) == NULL)) {
        return list_children(&l);
    }
    return err == SP_OK ? list_selected(&l) : err;
}

static sp_err list_result(struct cc_call *c, const struct satchel_query *query,
    struct satchel_list *out)
{
    const struct rows rows = { .arena = cc_result_arena(out), .out = out };

    return list(c, query, &rows);
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
        &c, l == NULL ? SP_E_NOMEM : list_result(&c, query, l), l, out);
}

int satchel_record_each(struct satchel *s, const struct satchel_query *query,
    const struct satchel_record_sink *sink, size_t *total,
    struct satchel_error *e)
{
    struct satchel_list counts = { .count = 0 };
    struct sp_arena arena;
    struct rows rows = { .arena = &arena, .out = &counts, .sink = sink };
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    sp_arena_init(&arena, ROW_BYTES_MAX);
    rc = cc_call_end(&c, list(&c, query, &rows));
    sp_arena_free(&arena);
    if (rc == 0 && total != NULL) {
        *total = counts.total;
    }
    return rc;
}
