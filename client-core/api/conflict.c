#include "api/conflict.h"

#include <stdio.h>
#include <string.h>

#include "sp/case.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/tell.h"
#include "api/typed.h"

#define CONFLICTS_START 16u

struct gather {
    struct cc_call *call;
    struct satchel_conflicts *out;
    struct satchel_conflict *conflict;
    size_t capacity;
};

static struct satchel_conflict *next(struct gather *g)
{
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_conflict *more;

    if (g->out->count == g->capacity) {
        size_t capacity = g->capacity == 0 ? CONFLICTS_START : 2 * g->capacity;
        more = (struct satchel_conflict *)sp_arena_take(
            a, capacity, sizeof(*more));
        if (more == NULL) {
            return NULL;
        }
        if (g->out->count > 0) {
            memcpy(more, g->conflict, g->out->count * sizeof(*more));
        }
        g->conflict = more;
        g->out->conflict = more;
        g->capacity = capacity;
    }
    return &g->conflict[g->out->count++];
}

static const struct sp_sibling *find_among(
    const struct sp_sibling *s, uint32_t count, const char *key)
{
    char text[CC_SHOW_KEY_BYTES];

    for (uint32_t i = 0; i < count; i++) {
        cc_show_key(text, &s[i].stamp.dot);
        if (strcmp(text, key) == 0) {
            return &s[i];
        }
    }
    return NULL;
}

static const struct sp_sibling *find_sibling(
    const struct sp_register *reg, const char *key)
{
    return reg == NULL ? NULL : find_among(reg->sibling, reg->count, key);
}

/* ---- why ---------------------------------------------------------------- */

/* When a write was made, as a journal knows it: this device's has its own. */
static const char *time_of_dot(
    struct cc_call *c, const struct sp_dot *dot, char out[CC_TELL_TIME_BYTES])
{
    struct sp_logged logged;
    struct sp_arena arena;
    uint64_t ms = 0;

    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    if (sp_log_get(&c->tx, dot->replica, dot->counter, &arena, &logged) ==
        SP_OK) {
        ms = sp_hlc_ms(logged.commit.time);
    }
    sp_arena_free(&arena);
    cc_tell_time(out, ms);
    return out;
}

/* "Ann (phone, 2026-03-04 10:05)", as far as it is known. */
static void put_seen(
    struct cc_call *c, const struct sp_dot *dot, bool zh, struct sp_buf *out)
{
    uint32_t device = sp_replica_device(dot->replica);
    const struct sp_device *d =
        sp_rulebook_find_device(c->s->replica.book, device);
    char line[320], when[CC_TELL_TIME_BYTES];
    bool label = d != NULL && d->label.size > 0;

    (void)time_of_dot(c, dot, when);
    if (d == NULL || d->user == 0) { /* its certificate stays at the server */
        (void)snprintf(line, sizeof(line), "%s",
            zh ? "服务器或其他设备" : "a server or another device");
    } else {
        (void)snprintf(
            line, sizeof(line), "%.80s", cc_refer_user_name(c, d->user));
    }
    sp_buf_put(out, line, strlen(line));
    if (label || when[0] != '\0') {
        (void)snprintf(line, sizeof(line), "%s%.*s%s%s%s", zh ? "（" : " (",
            label ? (int)d->label.size : 0,
            label ? (const char *)d->label.data : "",
            !label || when[0] == '\0' ? ""
            : zh                      ? "，"
                                      : ", ",
            when, zh ? "）" : ")");
        sp_buf_put(out, line, strlen(line));
    }
}

/* Those whose writes a context has, in a language's punctuation. */
static const char *seen_by(struct cc_call *c, const struct sp_vector *context,
    bool zh, struct sp_arena *a)
{
    const char *none = zh ? "没有任何值" : "no value of it";
    struct sp_buf b;
    const char *out;

    sp_buf_init(&b, 1024);
    for (uint32_t i = 0; i < context->count && b.size < 600; i++) {
        const char *comma = i == 0 ? "" : zh ? "、" : ", ";
        sp_buf_put(&b, comma, strlen(comma));
        put_seen(c, &context->dot[i], zh, &b);
    }
    if (context->count == 0) {
        sp_buf_put(&b, none, strlen(none));
    }
    out = b.err == SP_OK ? cc_result_text(a, sp_buf_slice(&b)) : NULL;
    sp_buf_free(&b);
    return out;
}

static const struct sp_write *find_write(
    const struct sp_commit *commit, const struct sp_ref *ref, uint16_t field)
{
    for (uint32_t i = 0; i < commit->count; i++) {
        const struct sp_change *change = &commit->change[i];
        for (uint32_t k = 0;
             sp_ref_equal(&change->ref, ref) && k < change->count; k++) {
            if (change->write[k].key.field == field) {
                return &change->write[k];
            }
        }
    }
    return NULL;
}

/* The journal has the own edits: what this device knew when it made them. */
static sp_err add_seen(struct cc_call *c, const struct sp_record *view,
    uint16_t field, const struct sp_dot *dot, struct sp_arena *a,
    struct satchel_value *out)
{
    const struct sp_write *w = NULL;
    struct sp_logged logged;
    struct sp_arena arena;

    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    if (sp_log_get(&c->tx, dot->replica, dot->counter, &arena, &logged) ==
        SP_OK) {
        w = find_write(&logged.commit, &view->ref, field);
    }
    if (w != NULL) {
        out->seen_en = seen_by(c, &w->context, false, a);
        out->seen_zh = seen_by(c, &w->context, true, a);
    }
    sp_arena_free(&arena);
    return out->seen_en == NULL || out->seen_zh == NULL ? SP_E_NOMEM : SP_OK;
}

/* Two values stand beside each other exactly when neither author had seen the
 * other's: a write takes away what it has seen. */
static sp_err add_why(struct sp_arena *a, struct satchel_conflict *c)
{
    const struct satchel_value *x = &c->field.value[0];
    const struct satchel_value *y = &c->field.value[c->field.value_count - 1u];
    const char *undone_by = c->field.reopened_by;
    bool deleted = strcmp(c->field.name, "deleted") == 0;
    char en[512], zh[512];

    if (undone_by != NULL) {
        (void)snprintf(en, sizeof(en),
            "it was settled, and %.80s took that back: nobody has decided "
            "since",
            undone_by);
        (void)snprintf(zh, sizeof(zh),
            "曾经解决，后被 %.80s 撤销，此后尚无人决定", undone_by);
        c->why_en = cc_result_string(a, en);
        c->why_zh = cc_result_string(a, zh);
        return c->why_en == NULL || c->why_zh == NULL ? SP_E_NOMEM : SP_OK;
    }
    (void)snprintf(en, sizeof(en),
        deleted ? "edited after deletion: %.80s deleted it without having "
                  "seen what %.80s wrote; it stays deleted until somebody "
                  "restores it"
                : "%.80s wrote without having seen %.80s's value, and the "
                  "other way round",
        x->author, y->author);
    (void)snprintf(zh, sizeof(zh),
        deleted ? "删除后仍有修改：%.80s 删除时没有看到 %.80s "
                  "的修改；恢复之前仍为已删除"
                : "%.80s 写入时没有看到 %.80s 的值，反之亦然",
        x->author, y->author);
    c->why_en = cc_result_string(a, en);
    c->why_zh = cc_result_string(a, zh);
    return c->why_en == NULL || c->why_zh == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err explain(struct gather *g, const struct sp_record *view,
    uint16_t field, struct satchel_conflict *c)
{
    struct sp_slice none = { NULL, 0 };
    const struct sp_register *reg = sp_record_find(view, field, none);
    struct sp_arena *a = cc_result_arena(g->out);
    sp_err err = add_why(a, c);

    for (size_t i = 0; reg != NULL && i < c->field.value_count; i++) {
        /* the list's own, not yet given out */
        struct satchel_value *v = (struct satchel_value *)&c->field.value[i];
        const struct sp_sibling *s = find_sibling(reg, v->key);
        if (err == SP_OK && s != NULL && v->mine) {
            err = add_seen(g->call, view, field, &s->stamp.dot, a, v);
        }
    }
    return err;
}

static sp_err add(struct gather *g, const struct sp_entity *entity,
    const struct sp_record *view, uint16_t number,
    const struct satchel_field *field)
{
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_conflict *c = next(g);
    char id[SP_ID_TEXT_BYTES];

    if (c == NULL) {
        return SP_E_NOMEM;
    }
    sp_id_format(id, &view->ref.id);
    c->entity = cc_result_text(a, entity->name);
    c->id = cc_result_string(a, id);
    c->title = cc_result_string(a, cc_refer_title_of(g->call, view));
    c->field = *field;
    return c->entity == NULL || c->id == NULL || c->title == NULL
               ? SP_E_NOMEM
               : explain(g, view, number, c);
}

/* Cheap for the many records that have none. */
static bool may_conflict(const struct sp_record *view)
{
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_register *reg = &view->reg[i];
        if (reg->key.field == SP_FIELD_DELETED ||
            (reg->key.element.size == 0 && reg->count > 1) ||
            sp_case_is_open(view, reg->key.field)) {
            return true;
        }
    }
    return false;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct gather *g = (struct gather *)arg;
    const struct sp_entity *entity =
        sp_dictionary_entity(g->call->dictionary, view->ref.type);
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_field field;
    sp_err err;

    if (entity == NULL || !may_conflict(view)) {
        return SP_OK;
    }
    err = cc_show_deletion(g->call, view, a, &field);
    if (err != SP_OK || cc_refer_deleted(view)) {
        return err == SP_OK && field.conflict
                   ? add(g, entity, view, SP_FIELD_DELETED, &field)
                   : err;
    }
    for (uint32_t i = 0; i < entity->field_count && err == SP_OK; i++) {
        if (!sp_case_conflict(&entity->field[i], view)) {
            continue;
        }
        err = cc_show_field(g->call, view, &entity->field[i], a, &field);
        if (err == SP_OK) {
            err = add(g, entity, view, entity->field[i].number, &field);
        }
    }
    return err;
}

static sp_err gather_one(
    struct gather *g, const char *name, const char *reference)
{
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct sp_ref ref;
    sp_err err = cc_call_entity(g->call, name, &entity);

    if (err == SP_OK && reference == NULL) {
        return sp_state_walk(&g->call->tx, entity->number, NULL, take, g);
    }
    if (err == SP_OK) {
        err = cc_refer_record(g->call, entity, reference, &ref);
    }
    if (err == SP_OK) {
        err = cc_record_view(g->call, &ref, &view);
    }
    if (err == SP_OK) {
        err = take(g, &view.record);
        cc_record_view_free(&view);
    }
    return err;
}

static sp_err take_entry(
    struct gather *g, const struct sp_entity *entity, const struct sp_id *id)
{
    const struct sp_ref ref = { entity->number, *id };
    struct cc_record_view view;
    sp_err err = cc_record_view(g->call, &ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    err = take(g, &view.record);
    cc_record_view_free(&view);
    return err;
}

/* Entries say of tens of thousands of records which few are to be opened. */
static sp_err gather_marked(struct gather *g, const struct sp_entity *entity)
{
    struct cc_call *c = g->call;
    const struct cc_index *x;
    sp_err err = cc_replica_index(&c->s->replica, &c->tx, entity, &x);

    for (size_t i = 0; err == SP_OK && i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];

        if (e->conflict || e->deleted) {
            err = take_entry(g, entity, &e->id);
        }
    }
    return err;
}

sp_err cc_conflict_gather(struct cc_call *c, struct satchel_conflicts *out)
{
    struct gather g = { .call = c, .out = out };
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < c->dictionary->entity_count && err == SP_OK; i++) {
        const struct sp_entity *e = &c->dictionary->entity[i];

        if (cc_facts_kept(e) && !cc_facts_apart(e)) {
            err = cc_facts_walk_conflicts(
                &c->s->replica.summary, &c->tx, e, take, &g);
        } else if (!e->catalogue) {
            err = gather_marked(&g, e);
        } else {
            err = sp_state_walk(&c->tx, e->number, NULL, take, &g);
        }
    }
    return err;
}

int satchel_conflicts(struct satchel *s, const char *entity,
    const char *reference, struct satchel_conflicts **out,
    struct satchel_error *e)
{
    struct satchel_conflicts *l;
    struct cc_call c;
    struct gather g = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_conflicts *)cc_result_new(sizeof(*l));
    if (l != NULL) {
        g.out = l;
        err = entity == NULL ? cc_conflict_gather(&c, l)
                             : gather_one(&g, entity, reference);
    }
    return cc_call_give(&c, err, l, out);
}

/* ---- settling ---------------------------------------------------------- */

/* Keeping a deletion is another one, which has seen the edit; the other choice
 * takes the mark of deletion away. */
static sp_err choose_deletion(struct cc_call *c, const struct sp_record *view,
    const char *key, struct cc_typed *t)
{
    static const uint8_t yes = 0xc3, no = 0xc2;
    struct sp_slice none = { NULL, 0 };
    const struct sp_sibling *kept =
        find_sibling(sp_record_find(view, SP_FIELD_DELETED, none), key);
    struct sp_slice value = { kept != NULL ? &yes : &no, 1 };

    (void)c;
    return cc_typed_put(t, SP_FIELD_DELETED, value);
}

static sp_err choose_value(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_record *view, const char *name, const char *key,
    struct cc_typed *t)
{
    const struct sp_field *f =
        sp_dictionary_field_named(entity, sp_slice_text(name));
    const struct sp_sibling *s;
    struct sp_case kept;

    if (f == NULL || f->set) {
        return cc_call_say(c, SP_E_UNKNOWN_FIELD,
            "%.*s has no single field \"%.60s\"", (int)entity->name.size,
            (const char *)entity->name.data, name);
    }
    s = find_sibling(sp_record_field(view, f->number), key);
    if (s == NULL && sp_case_is_open(view, f->number)) {
        sp_err err = sp_case_of(view, f->number, &c->tx.arena, &kept);
        if (err != SP_OK) {
            return err;
        }
        s = find_among(kept.value, kept.count, key);
    }
    if (s == NULL) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "%.60s: that value stands no more; list the conflicts again", name);
    }
    return cc_typed_put(t, f->number, s->value);
}

sp_err cc_conflict_choose(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *ref, const char *field, const char *key,
    struct satchel_saved *out)
{
    struct sp_draft_change change = { .ref = *ref };
    struct cc_record_view view;
    struct cc_typed t;
    uint64_t n = 0;
    sp_err err = cc_record_view(c, ref, &view);

    if (err != SP_OK) {
        return err;
    }
    err = cc_typed_init(&t, c, entity, &view.record);
    if (err == SP_OK) {
        err = strcmp(field, "deleted") == 0
                  ? choose_deletion(c, &view.record, key, &t)
                  : choose_value(c, entity, &view.record, field, key, &t);
    }
    change.count = t.count;
    change.write = t.write;
    if (err == SP_OK) {
        err = cc_typed_save(c, &change, 1, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &ref->id, n);
    }
    cc_record_view_free(&view);
    return err;
}

int satchel_conflict_choose(struct satchel *s, const char *entity,
    const char *reference, const char *field, const char *key,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct sp_entity *known;
    struct sp_ref ref;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = field == NULL || key == NULL
              ? SP_E_ARGUMENT
              : cc_refer_named(&c, entity, reference, &known, &ref);
    if (err == SP_OK) {
        err = cc_conflict_choose(&c, known, &ref, field, key, out);
    }
    return cc_call_end(&c, err);
}

/* ---- restoring ---------------------------------------------------------- */

static sp_err restore(
    struct cc_call *c, const struct sp_ref *ref, struct satchel_saved *out)
{
    struct cc_record_view view;
    bool deleted;
    sp_err err = cc_record_view(c, ref, &view);

    if (err != SP_OK) {
        return err;
    }
    deleted = cc_refer_deleted(&view.record);
    cc_record_view_free(&view);
    return deleted ? cc_record_delete(c, ref, false, out)
                   : cc_call_say(c, SP_E_NOT_FOUND, "it is not deleted");
}

int satchel_record_restore(struct satchel *s, const char *entity,
    const char *reference, struct satchel_saved *out, struct satchel_error *e)
{
    const struct sp_entity *known;
    struct sp_ref ref;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = cc_refer_named(&c, entity, reference, &known, &ref);
    if (err == SP_OK) {
        err = restore(&c, &ref, out);
    }
    return cc_call_end(&c, err);
}
