/* history.c - who changed what of an account, from what stands and from this
 * device's own log. */
#include <stdlib.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"

#define BYTES_MAX (256u << 20)

struct line {
    struct sp_ref ref;
    const struct sp_field *field; /* NULL: deleted, or not */
    struct sp_stamp stamp;
    struct sp_slice value, element;
    enum satchel_stands stands;
};

/* The lines of one record stand together until they are put in order. */
struct holder {
    struct sp_ref ref;
    size_t first, count;
};

struct history {
    struct cc_call *call;
    const struct satchel_history_query *query;
    struct sp_arena *a;    /* of the result */
    struct sp_arena arena; /* of lines */
    size_t count;
    struct line *line;
    size_t holders;
    struct holder *holder;
    size_t stood; /* lines of what stands */
    uint64_t own_since_ms;
    struct sp_scopes scopes; /* of the record that a commit wrote to */
};

static bool is_nil(struct sp_slice v)
{
    return v.size == 0 || (v.size == 1 && v.data[0] == 0xc0);
}

/* ---- what stands -------------------------------------------------------- */

/* Whether a key is told; field: NULL when it says that a record is deleted. */
static bool told(const struct history *h, const struct sp_entity *e,
    const struct sp_key *key, const struct sp_field **field)
{
    const char *only = h->query->field;
    const struct sp_field *f = sp_dictionary_field(e, key->field);

    *field = f;
    if (f == NULL) {
        return key->field == SP_FIELD_DELETED &&
               (only == NULL || strcmp(only, "deleted") == 0);
    }
    return !f->hidden && !sp_case_is_key(f, key) &&
           (only == NULL || sp_slice_equal(f->name, sp_slice_text(only)));
}

static sp_err add(struct history *h, const struct line *line)
{
    struct line *l;

    h->line = (struct line *)sp_arena_grow(
        &h->arena, h->line, h->count, sizeof(*h->line));
    if (h->line == NULL) {
        return SP_E_NOMEM;
    }
    l = &h->line[h->count];
    *l = *line;
    l->value = sp_arena_copy(&h->arena, line->value);
    l->element = sp_arena_copy(&h->arena, line->element);
    if ((l->value.data == NULL && line->value.size > 0) ||
        (l->element.data == NULL && line->element.size > 0)) {
        return SP_E_NOMEM;
    }
    h->count++;
    return SP_OK;
}

static sp_err add_register(struct history *h, const struct sp_ref *ref,
    const struct sp_field *f, const struct sp_register *reg)
{
    const struct sp_sibling *shown =
        f == NULL || f->set ? NULL : sp_merge_shown(reg, f->merge);
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < reg->count && err == SP_OK; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        const struct line line = { .ref = *ref,
            .field = f,
            .stamp = s->stamp,
            .value = s->value,
            .element = reg->key.element,
            .stands = shown == NULL || shown == s ||
                              sp_slice_equal(s->value, shown->value)
                          ? SATCHEL_STANDS_SHOWN
                          : SATCHEL_STANDS_OTHER };
        err = add(h, &line);
    }
    return err;
}

static sp_err take_record(void *arg, const struct sp_ref *ref)
{
    struct history *h = (struct history *)arg;
    const struct sp_entity *e =
        sp_dictionary_entity(h->call->dictionary, ref->type);
    struct cc_record_view view;
    const struct sp_field *f;
    size_t first = h->count;
    sp_err err;

    if (e == NULL || e->tray != SP_TRAY_NONE) {
        return SP_OK;
    }
    err = cc_record_view(h->call, ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    for (uint32_t i = 0; i < view.record.count && err == SP_OK; i++) {
        const struct sp_register *reg = &view.record.reg[i];
        if (told(h, e, &reg->key, &f)) {
            err = add_register(h, ref, f, reg);
        }
    }
    cc_record_view_free(&view);
    h->holder = (struct holder *)sp_arena_grow(
        &h->arena, h->holder, h->holders, sizeof(*h->holder));
    if (h->holder == NULL) {
        return SP_E_NOMEM;
    }
    h->holder[h->holders++] = (struct holder){ *ref, first, h->count - first };
    return err;
}

/* ---- this device's own log ---------------------------------------------- */

static int by_ref(const void *a, const void *b)
{
    const struct sp_ref *x = (const struct sp_ref *)a;
    const struct sp_ref *y = (const struct sp_ref *)b;

    return x->type != y->type ? (x->type > y->type) - (x->type < y->type)
                              : sp_id_cmp(&x->id, &y->id);
}

static bool stands_there(const struct history *h, const struct holder *in,
    const struct sp_key *key, const struct sp_dot *dot)
{
    for (size_t i = in->first; i < in->first + in->count; i++) {
        const struct line *l = &h->line[i];
        uint16_t number =
            l->field == NULL ? SP_FIELD_DELETED : l->field->number;

        if (number == key->field && sp_dot_cmp(&l->stamp.dot, dot) == 0 &&
            sp_slice_equal(l->element, key->element)) {
            return true;
        }
    }
    return false;
}

/* What he wrote once he may have no right to read any more. */
static bool may_read(const struct history *h, uint16_t type, uint16_t field)
{
    const struct cc_replica *r = &h->call->s->replica;
    const struct sp_rules *rules = h->call->tx.rules;
    uint64_t now = r->env.now_ms(r->env.self);

    for (uint32_t i = 0; i < h->scopes.count; i++) {
        uint16_t grant = sp_rulebook_standing(
            r->book, r->identity.self.user, &h->scopes.id[i], now)
                             .grant;
        if (grant != SP_GRANT_NOTHING &&
            rules->reads(rules->self, grant, type, field)) {
            return true;
        }
    }
    return false;
}

static sp_err take_change(struct history *h, const struct sp_logged *logged,
    const struct sp_change *change, const struct holder *in)
{
    const struct sp_entity *e =
        sp_dictionary_entity(h->call->dictionary, change->ref.type);
    const struct sp_stamp stamp = sp_commit_stamp(&logged->commit);
    const struct sp_field *f;
    sp_err err = sp_state_scopes(&h->call->tx, &change->ref, &h->scopes);

    for (uint32_t i = 0; i < change->count && err == SP_OK; i++) {
        const struct sp_write *w = &change->write[i];
        const struct line line = { .ref = change->ref,
            .field = sp_dictionary_field(e, w->key.field),
            .stamp = stamp,
            .value = w->value,
            .element = w->key.element,
            .stands = logged->verdict.kind == SP_REFUSED
                          ? SATCHEL_STANDS_REFUSED
                          : SATCHEL_STANDS_REPLACED };

        if (told(h, e, &w->key, &f) &&
            !stands_there(h, in, &w->key, &stamp.dot) &&
            may_read(h, change->ref.type, w->key.field)) {
            err = add(h, &line);
        }
    }
    return err;
}

static sp_err take_commit(void *arg, const struct sp_logged *logged)
{
    struct history *h = (struct history *)arg;
    uint64_t ms = sp_hlc_ms(logged->commit.time);
    sp_err err = SP_OK;

    h->own_since_ms =
        h->own_since_ms == 0 || ms < h->own_since_ms ? ms : h->own_since_ms;
    for (uint32_t i = 0; i < logged->commit.count && err == SP_OK; i++) {
        const struct sp_change *change = &logged->commit.change[i];
        const struct holder *in = (const struct holder *)bsearch(
            &change->ref, h->holder, h->holders, sizeof(*h->holder), by_ref);
        if (in != NULL) {
            err = take_change(h, logged, change, in);
        }
    }
    return err;
}

/* Of each incarnation of this device: a copied or restored store has several
 * (SYNC X3). */
static sp_err walk_log(struct history *h)
{
    struct sp_tx *tx = &h->call->tx;
    const struct sp_store *store = tx->node->store;
    uint8_t from[16] = { 0 };
    struct sp_slice key;

    for (;;) {
        sp_err err = store->seek(tx->txn, SP_T_LOG,
            sp_slice_of(from, sizeof(from)), false, &key, NULL);
        sp_replica r;

        if (err != SP_OK || key.size != sizeof(from)) {
            return err == SP_E_NOT_FOUND ? SP_OK : err;
        }
        r = sp_get_u64be(key.data);
        err = sp_log_walk(tx, r, 1, take_commit, h);
        if (err != SP_OK || r == UINT64_MAX) {
            return err;
        }
        sp_set_u64be(from, r + 1);
        memset(from + 8, 0, 8);
    }
}

/* ---- a page -------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    const struct line *x = (const struct line *)a;
    const struct line *y = (const struct line *)b;
    uint16_t one = x->field == NULL ? SP_FIELD_DELETED : x->field->number;
    uint16_t other = y->field == NULL ? SP_FIELD_DELETED : y->field->number;
    int order = sp_dot_cmp(&x->stamp.dot, &y->stamp.dot);

    if (x->stamp.time != y->stamp.time) {
        return x->stamp.time < y->stamp.time ? 1 : -1;
    }
    order = order == 0 ? by_ref(&x->ref, &y->ref) : order;
    return order != 0 ? order : (one > other) - (one < other);
}

static sp_err fill_value(
    struct history *h, const struct line *l, struct satchel_change *out)
{
    struct satchel_value *v = &out->value;
    bool yes = l->value.size == 1 && l->value.data[0] == 0xc3;
    /* of a short member the key still says which */
    struct sp_slice value =
        is_nil(l->value) && l->field != NULL && l->field->set ? l->element
                                                              : l->value;

    out->removed = l->field != NULL && is_nil(l->value);
    if (l->field == NULL) {
        v->text = v->text_en = yes ? "yes" : "no";
        v->text_zh = yes ? "是" : "否";
    } else if (is_nil(value)) {
        v->text = v->text_en = v->text_zh = "";
    } else {
        v->text = cc_show_value(h->call, l->field, value, CC_SHOW_EXACT, h->a);
        v->text_en = cc_show_value(h->call, l->field, value, CC_SHOW_EN, h->a);
        v->text_zh = cc_show_value(h->call, l->field, value, CC_SHOW_ZH, h->a);
    }
    return v->text == NULL || v->text_en == NULL || v->text_zh == NULL
               ? SP_E_NOMEM
               : cc_show_stamp(h->call, &l->stamp, h->a, v);
}

static sp_err fill(
    struct history *h, const struct line *l, struct satchel_change *out)
{
    const struct sp_entity *e =
        sp_dictionary_entity(h->call->dictionary, l->ref.type);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &l->ref.id);
    *out = (struct satchel_change){ .entity = cc_result_text(h->a, e->name),
        .entity_en = cc_result_text(h->a, e->label_en),
        .entity_zh = cc_result_text(h->a, e->label_zh),
        .id = cc_result_string(h->a, id),
        .title = cc_result_string(h->a, cc_refer_title(h->call, &l->ref)),
        .field =
            l->field == NULL ? "deleted" : cc_result_text(h->a, l->field->name),
        .label_en = l->field == NULL ? "deleted"
                                     : cc_result_text(h->a, l->field->label_en),
        .label_zh = l->field == NULL ? "已删除"
                                     : cc_result_text(h->a, l->field->label_zh),
        .stands = l->stands };
    return out->entity == NULL || out->entity_en == NULL ||
                   out->entity_zh == NULL || out->id == NULL ||
                   out->title == NULL || out->field == NULL ||
                   out->label_en == NULL || out->label_zh == NULL
               ? SP_E_NOMEM
               : fill_value(h, l, out);
}

static sp_err fill_page(struct history *h, struct satchel_history *out)
{
    size_t from = h->query->skip < h->count ? h->query->skip : h->count;
    size_t count = h->count - from;
    struct satchel_change *change;
    sp_err err = SP_OK;

    if (h->query->limit > 0 && count > h->query->limit) {
        count = h->query->limit;
    }
    change = (struct satchel_change *)sp_arena_take(
        h->a, count + 1, sizeof(*change));
    if (change == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = fill(h, &h->line[from + i], &change[i]);
    }
    out->total = h->count;
    out->count = count;
    out->change = change;
    out->own_since_ms = h->own_since_ms;
    return err;
}

static sp_err make(
    struct history *h, const char *account, struct satchel_history *out)
{
    struct cc_call *c = h->call;
    const struct sp_entity *entity;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_refer_named(c, "account", account, &entity, &ref);

    if (err == SP_OK) {
        err = take_record(h, &ref);
    }
    if (err == SP_OK) {
        err = sp_state_children(&c->tx, &ref, 0, false, take_record, h);
    }
    if (err == SP_OK && h->holders > 0) {
        qsort(h->holder, h->holders, sizeof(*h->holder), by_ref);
        err = walk_log(h);
    }
    if (err == SP_OK && h->count > 1) {
        qsort(h->line, h->count, sizeof(*h->line), newest_first);
    }
    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &ref.id);
    out->account_id = cc_result_string(h->a, id);
    out->title = cc_result_string(h->a, cc_refer_title(c, &ref));
    return out->account_id == NULL || out->title == NULL ? SP_E_NOMEM
                                                         : fill_page(h, out);
}

int satchel_account_history(struct satchel *s, const char *account,
    const struct satchel_history_query *query, struct satchel_history **out,
    struct satchel_error *e)
{
    static const struct satchel_history_query all = { 0 };
    struct history h = { .query = query == NULL ? &all : query };
    struct satchel_history *r;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_history *)cc_result_new(sizeof(*r));
    if (r != NULL) {
        h.call = &c;
        h.a = cc_result_arena(r);
        sp_arena_init(&h.arena, BYTES_MAX);
        err = make(&h, account, r);
        sp_arena_free(&h.arena);
    }
    return cc_call_give(&c, err, r, out);
}
