#include <stdlib.h>
#include <string.h>

#include "book/fold.h"

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"

#define TEXT_BYTES_MAX 256u
/* so many single look-ups cost as much as reading all names */
#define MANY_ROWS 256u

struct row {
    const char *order; /* folded title; "" when the entity has none */
    const struct cc_entry *entry;
};

struct listing {
    struct cc_call *call;
    const struct satchel_query *query;
    const struct sp_entity *entity;
    const struct cc_index *index;
    bool by_parent;
    struct sp_id parent;
    struct sp_id *absorbed; /* tx arena: what was merged into the parent */
    size_t absorbed_count;
    char folded[TEXT_BYTES_MAX + 1];
    char digits[TEXT_BYTES_MAX + 1];
    struct row *row; /* malloc'd: as many as the index has */
    size_t count;
};

/* Whether it belongs to the parent or to what was merged into that. */
static bool belongs(const struct listing *l, const struct cc_entry *e)
{
    bool yes = sp_id_equal(&e->parent, &l->parent);

    for (size_t i = 0; i < l->absorbed_count; i++) {
        yes = yes || sp_id_equal(&e->parent, &l->absorbed[i]);
    }
    return yes;
}

static bool fits(const struct listing *l, const struct cc_entry *e)
{
    const struct satchel_query *q = l->query;

    if (e->deleted && !q->deleted) {
        return false;
    }
    if (l->by_parent && !belongs(l, e)) {
        return false;
    }
    if (q->territory != NULL &&
        strcmp(cc_index_text(l->index, e->territory), q->territory) != 0) {
        return false;
    }
    return l->folded[0] == '\0' ||
           cc_index_has(l->index, e, l->folded, l->digits);
}

static int by_title(const void *a, const void *b)
{
    const struct row *x = (const struct row *)a;
    const struct row *y = (const struct row *)b;
    int order = strcmp(x->order, y->order);

    /* Ids are in order of their making. */
    return order != 0 ? order : sp_id_cmp(&x->entry->id, &y->entry->id);
}

static int newest_first(const void *a, const void *b)
{
    const struct row *x = (const struct row *)a;
    const struct row *y = (const struct row *)b;

    return sp_id_cmp(&y->entry->id, &x->entry->id);
}

/* What was merged into another is listed as that one, found under either
 * name. NULL: that one stands for itself. */
static const struct cc_entry *stands_for(
    struct listing *l, const struct cc_entry *e)
{
    const struct cc_entry *survivor = cc_index_survivor(l->index, e);

    if (survivor == e) {
        return e;
    }
    if (l->folded[0] == '\0' || fits(l, survivor)) {
        return NULL;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->row[i].entry == survivor) {
            return NULL;
        }
    }
    return survivor->deleted && !l->query->deleted ? NULL : survivor;
}

static sp_err select_rows(struct listing *l)
{
    const struct cc_index *x = l->index;

    l->row = (struct row *)malloc((x->count + 1) * sizeof(*l->row));
    if (l->row == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];
        if (fits(l, e) && (e = stands_for(l, e)) != NULL) {
            l->row[l->count].order = cc_index_text(x, e->folded);
            l->row[l->count++].entry = e;
        }
    }
    qsort(l->row, l->count, sizeof(*l->row),
        l->query->newest ? newest_first : by_title);
    return SP_OK;
}

static sp_err fill_row(struct listing *l, const struct cc_entry *e,
    struct sp_arena *a, struct satchel_record *out)
{
    struct sp_ref ref = { l->entity->number, e->id };
    struct cc_record_view view;
    sp_err err;

    if (l->query->brief) {
        return cc_show_entry(l->call, l->entity, l->index, e, a, out);
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
    size_t skip = l->query->skip < l->count ? l->query->skip : l->count;
    size_t count = l->count - skip;
    struct satchel_record *record;
    sp_err err = SP_OK;

    if (l->query->limit != 0 && count > l->query->limit) {
        count = l->query->limit;
    }
    record =
        (struct satchel_record *)sp_arena_take(a, count + 1, sizeof(*record));
    if (record == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = fill_row(l, l->row[skip + i].entry, a, &record[i]);
    }
    out->record = record;
    out->count = count;
    out->total = l->count;
    return err;
}

static size_t wanted(const struct listing *l)
{
    return l->query->limit != 0 && l->query->limit < l->count ? l->query->limit
                                                              : l->count;
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

static sp_err list(struct cc_call *c, const struct satchel_query *query,
    struct satchel_list *out)
{
    struct listing l = { .call = c, .query = query };
    struct sp_slice text =
        sp_slice_text(query->text == NULL ? "" : query->text);
    sp_err err = cc_call_entity(c, query->entity, &l.entity);

    if (err == SP_OK && text.size > TEXT_BYTES_MAX) {
        err = SP_E_ARGUMENT;
    }
    if (err == SP_OK) {
        (void)cc_fold_text(text, l.folded);
        (void)cc_fold_digits(text, l.digits);
        err = find_parent(&l);
    }
    if (err == SP_OK && l.by_parent && text.size == 0 &&
        query->territory == NULL && !query->brief &&
        (query->newest || cc_index_title_field(l.entity) == NULL)) {
        return list_children(&l, out);
    }
    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, l.entity, &l.index);
    }
    if (err == SP_OK) {
        err = select_rows(&l);
    }
    if (err == SP_OK) {
        err = read_parents(&l);
    }
    if (err == SP_OK) {
        err = fill_rows(&l, out);
    }
    free(l.row);
    return err;
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
