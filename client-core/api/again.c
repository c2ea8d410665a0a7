#include "api/again.h"

#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/typed.h"

#define AGAIN_STEPS_MAX 16u

/* ---- records made anew -------------------------------------------------- */

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

static bool is_meant(const struct cc_again *g, uint32_t i)
{
    const struct sp_commit *commit = &g->item->commit;
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
        const struct sp_write *w = &change->write[i];
        /* What it settled then is looked at anew. */
        if (!sp_case_is_key(
                sp_dictionary_field(t->entity, w->key.field), &w->key)) {
            err = same_write(t, w);
        }
    }
    return err;
}

/* An empty value leaves out what was typed there: whoever may not write a
 * field sends the rest. true: it was so, and nothing is written instead. */
static bool leave_out(struct cc_typed *t, const struct satchel_input *in)
{
    const struct sp_field *f =
        in->how != SATCHEL_SET || (in->text != NULL && in->text[0] != '\0') ||
                in->field == NULL
            ? NULL
            : sp_dictionary_field_named(t->entity, sp_slice_text(in->field));
    uint32_t kept = 0;

    for (uint32_t i = 0; f != NULL && i < t->count; i++) {
        if (t->write[i].key.field != f->number) {
            t->write[kept++] = t->write[i];
        }
    }
    if (f == NULL || kept == t->count) {
        return false;
    }
    t->count = kept;
    return true;
}

static sp_err change_some(struct cc_again *g, struct cc_typed *t)
{
    struct satchel_input *rest = (struct satchel_input *)sp_arena_take(
        &g->call->tx.arena, g->count + 1u, sizeof(*rest));
    size_t count = 0;

    if (rest == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < g->count; i++) {
        if (!leave_out(t, &g->input[i])) {
            rest[count++] = g->input[i];
        }
    }
    return cc_typed_add(t, rest, count);
}

/* Whoever makes it is its author now. */
static sp_err sign(struct cc_typed *t)
{
    uint16_t author = t->entity->author;
    struct sp_buf b;
    sp_err err;

    if (author == 0 || !cc_typed_has(t, author)) {
        return SP_OK;
    }
    sp_buf_init(&b, 16);
    sp_wr_uint(&b, t->call->s->replica.identity.self.user);
    err = b.err == SP_OK ? cc_typed_put(t, author, sp_buf_slice(&b)) : b.err;
    sp_buf_free(&b);
    return err;
}

static sp_err say_gone(struct cc_call *c)
{
    return cc_call_say(c, SP_E_NOT_FOUND,
        "the record is not on this device, or its own creation was refused: "
        "send that again first");
}

/* Under which id, and what stands there; count 0: it is to be made. */
static sp_err place(struct cc_again *g, uint32_t i, struct sp_draft_change *out,
    struct cc_record_view *view)
{
    const struct sp_change *change = &g->item->commit.change[i];
    sp_err err = SP_OK;

    out->ref = change->ref;
    err = follow(g->call, &out->ref.id);
    if (err == SP_OK) {
        err = cc_record_view(g->call, &out->ref, view);
    }
    if (err != SP_E_NOT_FOUND) {
        return err;
    }
    if ((g->item->created >> i & 1u) == 0) {
        return say_gone(g->call);
    }
    out->create = true;
    out->ref.id = cc_typed_id(g->call);
    return rename_to(g->call, &change->ref.id, &out->ref.id);
}

static sp_err redo(struct cc_again *g, uint32_t i, struct sp_draft_change *out)
{
    const struct sp_change *change = &g->item->commit.change[i];
    const struct sp_entity *entity =
        sp_dictionary_entity(g->call->dictionary, change->ref.type);
    struct cc_record_view view;
    struct cc_typed t;
    sp_err err;

    if (entity == NULL) {
        return SP_E_UNKNOWN_FIELD;
    }
    err = place(g, i, out, &view);
    if (err != SP_OK) {
        return err;
    }
    err = cc_typed_init(&t, g->call, entity, out->create ? NULL : &view.record);
    if (err == SP_OK) {
        err = same_writes(&t, change);
    }
    if (err == SP_OK) {
        err = sign(&t);
    }
    if (err == SP_OK && is_meant(g, i)) {
        g->used = true;
        err = change_some(g, &t);
    }
    if (err == SP_OK && t.count == 0) {
        err =
            cc_call_say(g->call, SP_E_ARGUMENT, "nothing would be left of it");
    }
    out->count = t.count;
    out->write = t.write;
    if (!out->create) {
        cc_record_view_free(&view);
    }
    return err;
}

sp_err cc_again_changes(struct cc_again *g, struct sp_draft_change *out)
{
    uint32_t count = g->item->commit.count;
    sp_err err = SP_OK;

    memset(out, 0, count * sizeof(*out));
    for (uint32_t i = 0; i < count && err == SP_OK; i++) {
        err = redo(g, i, &out[i]);
    }
    if (err == SP_OK && g->count > 0 && !g->used) {
        return cc_call_say(g->call, SP_E_ARGUMENT,
            "this edit wrote %u records: say which one the new values are for",
            (unsigned)count);
    }
    return err;
}

/* ---- whether it makes sense ------------------------------------------- */

static sp_err is_here(struct cc_call *c, struct sp_ref ref, bool *out)
{
    struct cc_record_view view;
    sp_err err = follow(c, &ref.id);

    *out = false;
    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err == SP_OK) {
        *out = true;
        cc_record_view_free(&view);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The record that a new one belongs to, as the edit says. */
static bool parent_of(
    struct cc_call *c, const struct sp_change *change, struct sp_ref *out)
{
    const struct sp_entity *e =
        sp_dictionary_entity(c->dictionary, change->ref.type);
    const struct sp_field *f =
        e == NULL || e->parent == 0 ? NULL : sp_dictionary_field(e, e->parent);
    struct sp_rd r;

    for (uint32_t i = 0; f != NULL && i < change->count; i++) {
        if (change->write[i].key.field == f->number) {
            out->type = f->target;
            sp_rd_init(&r, change->write[i].value);
            sp_rd_fixed(&r, out->id.b, sizeof(out->id.b));
            return sp_rd_done(&r) == SP_OK;
        }
    }
    return false;
}

sp_err cc_again_sendable(
    struct cc_call *c, const struct cc_tray_item *item, bool *out)
{
    sp_err err = SP_OK;
    bool all = item->verdict.code == SP_E_PARENT_REFUSED;

    for (uint32_t i = 0; i < item->commit.count && all && err == SP_OK; i++) {
        const struct sp_change *change = &item->commit.change[i];
        struct sp_ref ref = change->ref;
        if ((item->created >> i & 1u) != 0 && !parent_of(c, change, &ref)) {
            continue; /* stands on its own */
        }
        err = is_here(c, ref, &all);
    }
    *out = all;
    return err;
}
