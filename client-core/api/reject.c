#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"

#define REJECTS_START    16u
#define AGAIN_STEPS_MAX  16u
#define LOGGED_BYTES_MAX (32u * SP_COMMIT_BYTES_MAX)

struct gather {
    struct cc_call *call;
    struct satchel_rejects *out;
    struct satchel_rejected *rejected;
    size_t capacity;
};

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

static const struct sp_write *write_to(
    const struct sp_change *change, uint16_t field)
{
    for (uint32_t i = 0; i < change->count; i++) {
        if (change->write[i].key.field == field) {
            return &change->write[i];
        }
    }
    return NULL;
}

/* All that a record must have, and nothing seen of it before. */
static bool looks_made(
    const struct sp_entity *entity, const struct sp_change *change)
{
    bool any = false;

    for (uint32_t i = 0; entity != NULL && i < entity->field_count; i++) {
        const struct sp_write *w = write_to(change, entity->field[i].number);
        if (!entity->field[i].required) {
            continue;
        }
        if (w == NULL || w->context.count > 0) {
            return false;
        }
        any = true;
    }
    return any;
}

struct earlier {
    const struct sp_ref *ref;
    uint64_t n;
    bool found;
};

static sp_err look_earlier(void *arg, const struct sp_logged *entry)
{
    struct earlier *l = (struct earlier *)arg;

    if (entry->commit.n >= l->n) {
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    for (uint32_t i = 0; i < entry->commit.count; i++) {
        if (sp_ref_equal(&entry->commit.change[i].ref, l->ref)) {
            l->found = true;
            return SP_E_NOT_FOUND;
        }
    }
    return SP_OK;
}

/* Whether the edit made the record. What stands in the store cannot tell: the
 * record may have left this device since. Contexts leave out the replica's own
 * writes, so those are looked for in the journal. */
static sp_err is_creation(struct cc_call *c, const struct sp_commit *commit,
    const struct sp_change *change, bool *out)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(c->dictionary, change->ref.type);
    struct earlier l = { .ref = &change->ref, .n = commit->n };
    sp_err err = SP_OK;

    *out = looks_made(entity, change);
    if (*out) {
        err = sp_log_walk(&c->tx, commit->replica, 1, look_earlier, &l);
        *out = !l.found;
    }
    return err;
}

/* The refused title is the best name of a record that never came to be. */
static const char *title_of(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_change *change, struct sp_arena *a)
{
    const struct sp_field *f =
        entity == NULL ? NULL : cc_index_title_field(entity);
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

static sp_err fill_change(struct cc_call *c, const struct sp_commit *commit,
    const struct sp_change *change, struct sp_arena *a,
    struct satchel_typed_record *out)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(c->dictionary, change->ref.type);
    struct satchel_typed *typed = (struct satchel_typed *)sp_arena_take(
        a, change->count + 1u, sizeof(*typed));
    char id[SP_ID_TEXT_BYTES];
    sp_err err = is_creation(c, commit, change, &out->created);

    sp_id_format(id, &change->ref.id);
    out->entity = entity == NULL ? "" : cc_result_text(a, entity->name);
    out->id = cc_result_string(a, id);
    out->title = title_of(c, entity, change, a);
    if (typed == NULL || out->entity == NULL || out->id == NULL ||
        out->title == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < change->count && err == SP_OK; i++) {
        err = fill_typed(c, entity, &change->write[i], a, &typed[i]);
    }
    out->count = change->count;
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

static sp_err fill(struct cc_call *c, const struct sp_logged *entry,
    struct sp_arena *a, struct satchel_rejected *out)
{
    const struct sp_commit *commit = &entry->commit;
    struct sp_dot dot = { commit->replica, commit->n };
    struct satchel_typed_record *record =
        (struct satchel_typed_record *)sp_arena_take(
            a, commit->count + 1u, sizeof(*record));
    char key[CC_SHOW_KEY_BYTES];
    sp_err err;

    cc_show_key(key, &dot);
    out->key = cc_result_string(a, key);
    out->made_ms = sp_hlc_ms(commit->time);
    if (record == NULL || out->key == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_verdict(c, &entry->verdict, a, out);
    for (uint32_t i = 0; i < commit->count && err == SP_OK; i++) {
        err = fill_change(c, commit, &commit->change[i], a, &record[i]);
    }
    out->count = commit->count;
    out->record = record;
    return err;
}

/* ---- the list ---------------------------------------------------------- */

static sp_err take(void *arg, const struct sp_logged *entry)
{
    struct gather *g = (struct gather *)arg;
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_rejected *more;

    if (entry->disposed) {
        return SP_OK;
    }
    if (g->out->count == g->capacity) {
        size_t capacity = g->capacity == 0 ? REJECTS_START : 2 * g->capacity;
        more = (struct satchel_rejected *)sp_arena_take(
            a, capacity, sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        if (g->out->count > 0) {
            memcpy(more, g->rejected, g->out->count * sizeof(*more));
        }
        g->rejected = more;
        g->capacity = capacity;
    }
    return fill(g->call, entry, a, &g->rejected[g->out->count++]);
}

static int newest_first(const void *a, const void *b)
{
    const struct satchel_rejected *x = (const struct satchel_rejected *)a;
    const struct satchel_rejected *y = (const struct satchel_rejected *)b;

    if (x->made_ms != y->made_ms) {
        return x->made_ms < y->made_ms ? 1 : -1;
    }
    return strcmp(y->key, x->key);
}

int satchel_rejected_list(struct satchel *s, bool deferred,
    struct satchel_rejects **out, struct satchel_error *e)
{
    struct satchel_rejects *l;
    struct cc_call c;
    struct gather g = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_rejects *)cc_result_new(sizeof(*l));
    if (l != NULL) {
        g.out = l;
        err = sp_log_verdicts(&c.tx, 0, SP_REFUSED, take, &g);
        if (err == SP_OK && deferred) {
            err = sp_log_verdicts(&c.tx, 0, SP_DEFERRED, take, &g);
        }
        l->rejected = g.rejected;
        if (err == SP_OK && l->count > 1) {
            qsort(g.rejected, l->count, sizeof(*g.rejected), newest_first);
        }
    }
    return cc_call_give(&c, err, l, out);
}

/* ---- disposing --------------------------------------------------------- */

static bool parse_key(const char *key, struct sp_dot *out)
{
    unsigned long long replica, n;
    int used = 0;

    if (key == NULL || sscanf(key, "%16llx-%llu%n", &replica, &n, &used) != 2 ||
        key[used] != '\0') {
        return false;
    }
    out->replica = replica;
    out->counter = n;
    return true;
}

static sp_err find_refused(struct cc_call *c, const char *key,
    struct sp_arena *a, struct sp_logged *out)
{
    struct sp_dot dot;
    sp_err err = SP_E_NOT_FOUND;

    if (parse_key(key, &dot)) {
        err = sp_log_get(&c->tx, dot.replica, dot.counter, a, out);
    }
    if (err == SP_OK && (out->verdict.kind != SP_REFUSED || out->disposed)) {
        err = SP_E_NOT_FOUND;
    }
    if (err == SP_E_NOT_FOUND) {
        return cc_call_say(c, err,
            "no rejected change \"%.60s\"; list them again",
            key == NULL ? "" : key);
    }
    return err;
}

int satchel_rejected_discard(
    struct satchel *s, const char *key, struct satchel_error *e)
{
    struct sp_logged logged;
    struct sp_arena a;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    sp_arena_init(&a, LOGGED_BYTES_MAX);
    err = find_refused(&c, key, &a, &logged);
    if (err == SP_OK) {
        err = sp_log_dispose(&c.tx, logged.commit.replica, logged.commit.n);
    }
    sp_arena_free(&a);
    return cc_call_end(&c, err);
}

/* ---- sending again ----------------------------------------------------- */

/*
 * A record whose creation was refused is refused for good under that id (SYNC
 * J8), so it is made anew under another one; later edits and records that
 * belong to it were refused for its sake, and follow it there when they are
 * sent again. SP_T_ROOM_0: "again" | id 16 -> id 16.
 */
#define AGAIN_KEY_BYTES (5u + 16u)

static struct sp_slice again_key(
    const struct sp_id *id, uint8_t out[AGAIN_KEY_BYTES])
{
    memcpy(out, "again", 5);
    memcpy(out + 5, id->b, sizeof(id->b));
    return sp_slice_of(out, AGAIN_KEY_BYTES);
}

/* The id that a record goes by now. */
static sp_err follow(struct cc_call *c, struct sp_id *id)
{
    const struct sp_store *store = &c->s->replica.store;
    uint8_t key[AGAIN_KEY_BYTES];
    struct sp_slice v;
    sp_err err = SP_OK;

    for (unsigned i = 0; i < AGAIN_STEPS_MAX && err == SP_OK; i++) {
        err = store->get(c->tx.txn, SP_T_ROOM_0, again_key(id, key), &v);
        if (err == SP_OK && v.size != sizeof(id->b)) {
            err = SP_E_CORRUPT;
        }
        if (err == SP_OK) {
            memcpy(id->b, v.data, sizeof(id->b));
        }
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err rename_to(
    struct cc_call *c, const struct sp_id *from, const struct sp_id *to)
{
    const struct sp_store *store = &c->s->replica.store;
    uint8_t key[AGAIN_KEY_BYTES];

    return store->put(c->tx.txn, SP_T_ROOM_0, again_key(from, key),
        sp_slice_of(to->b, sizeof(to->b)));
}

struct again {
    struct cc_call *call;
    const char *id; /* of the record that the inputs are for; NULL: only one */
    const struct satchel_input *input;
    size_t count;
    bool used;
};

static bool is_meant(
    const struct again *g, const struct sp_commit *commit, uint32_t i)
{
    char id[SP_ID_TEXT_BYTES];

    if (g->id == NULL || g->id[0] == '\0') {
        return commit->count == 1;
    }
    sp_id_format(id, &commit->change[i].ref.id);
    return strncmp(id, g->id, strlen(g->id)) == 0;
}

/* A write as it was, save that references follow records made anew. */
static sp_err same_write(struct cc_typed *t, const struct sp_write *w)
{
    const struct sp_field *f = sp_dictionary_field(t->entity, w->key.field);
    struct sp_slice value = w->value;
    struct sp_id id;
    struct sp_buf b;
    struct sp_rd r;
    sp_err err;

    sp_rd_init(&r, value);
    sp_rd_fixed(&r, id.b, sizeof(id.b));
    if (f == NULL || f->kind != SP_VALUE_REF || f->set ||
        sp_rd_done(&r) != SP_OK) {
        return cc_typed_put_key(t, &w->key, value);
    }
    err = follow(t->call, &id);
    sp_buf_init(&b, 32);
    sp_wr_bin(&b, id.b, sizeof(id.b));
    if (err == SP_OK) {
        err = b.err;
    }
    if (err == SP_OK) {
        err = cc_typed_put_key(t, &w->key, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return err;
}

static sp_err same_writes(struct cc_typed *t, const struct sp_change *change)
{
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < change->count && err == SP_OK; i++) {
        err = same_write(t, &change->write[i]);
    }
    return err;
}

static sp_err redo(struct again *g, const struct sp_commit *commit, uint32_t i,
    struct sp_draft_change *out)
{
    const struct sp_change *change = &commit->change[i];
    const struct sp_entity *entity =
        sp_dictionary_entity(g->call->dictionary, change->ref.type);
    struct cc_record_view view;
    struct cc_typed t;
    sp_err err;

    if (entity == NULL) {
        return SP_E_UNKNOWN_FIELD;
    }
    out->ref = change->ref;
    err = follow(g->call, &out->ref.id);
    if (err == SP_OK) {
        err = cc_record_view(g->call, &out->ref, &view);
    }
    if (err == SP_E_NOT_FOUND) {
        sp_err known = is_creation(g->call, commit, change, &out->create);
        if (known != SP_OK) {
            return known;
        }
    }
    if (err == SP_E_NOT_FOUND && !out->create) {
        return cc_call_say(g->call, err,
            "the record is no longer on this device, or its own creation was "
            "refused: send that again first");
    }
    if (err != SP_OK && err != SP_E_NOT_FOUND) {
        return err;
    }
    if (out->create) {
        out->ref.id = cc_typed_id(g->call);
        err = rename_to(g->call, &change->ref.id, &out->ref.id);
        if (err != SP_OK) {
            return err;
        }
    }
    err = cc_typed_init(&t, g->call, entity, out->create ? NULL : &view.record);
    if (err == SP_OK) {
        err = same_writes(&t, change);
    }
    if (err == SP_OK && is_meant(g, commit, i)) {
        g->used = true;
        err = cc_typed_add(&t, g->input, g->count);
    }
    out->count = t.count;
    out->write = t.write;
    if (!out->create) {
        cc_record_view_free(&view);
    }
    return err;
}

static sp_err resend(
    struct again *g, const struct sp_logged *logged, struct satchel_saved *out)
{
    const struct sp_commit *commit = &logged->commit;
    struct cc_call *c = g->call;
    struct sp_draft_change *change = (struct sp_draft_change *)sp_arena_take(
        &c->tx.arena, commit->count + 1u, sizeof(*change));
    uint64_t n = 0;
    sp_err err = SP_OK;

    if (change == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < commit->count && err == SP_OK; i++) {
        err = redo(g, commit, i, &change[i]);
    }
    if (err == SP_OK && g->count > 0 && !g->used) {
        return cc_call_say(c, SP_E_ARGUMENT,
            "this edit wrote %u records: say which one the new values are for",
            (unsigned)commit->count);
    }
    if (err == SP_OK) {
        err = sp_log_dispose(&c->tx, commit->replica, commit->n);
    }
    if (err == SP_OK) {
        err = cc_typed_save(c, change, commit->count, &n);
    }
    if (err == SP_OK && commit->count > 0) {
        cc_record_saved(out, &change[0].ref.id, n);
    }
    return err;
}

int satchel_rejected_resend(struct satchel *s, const char *key, const char *id,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct sp_logged logged;
    struct sp_arena a;
    struct cc_call c;
    struct again g = { .call = &c, .id = id, .input = input, .count = count };
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    sp_arena_init(&a, LOGGED_BYTES_MAX);
    err = find_refused(&c, key, &a, &logged);
    if (err == SP_OK) {
        err = resend(&g, &logged, out);
    }
    sp_arena_free(&a);
    return cc_call_end(&c, err);
}
