#include "api/settled.h"

#include <string.h>

#include "sp/pack.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/typed.h"

/*
 * SP_T_ROOM_0: "settled" | replica u64 | n u64 | type u16 | id 16 | field u16
 * -> the value that was shown before commit n of this replica settled it.
 */
#define NAME       "settled"
#define NAME_BYTES (sizeof(NAME) - 1u)
#define DOT_BYTES  (NAME_BYTES + 16u)
#define KEY_BYTES  (DOT_BYTES + 20u)

struct cc_settled_value {
    struct sp_ref ref;
    uint16_t field;
    struct sp_slice value;
};

static const struct sp_slice no_element = { NULL, 0 };

/* ---- keys --------------------------------------------------------------- */

static void put_dot(uint8_t out[DOT_BYTES], const struct sp_dot *dot)
{
    memcpy(out, NAME, NAME_BYTES);
    sp_set_u64be(out + NAME_BYTES, dot->replica);
    sp_set_u64be(out + NAME_BYTES + 8, dot->counter);
}

static void put_key(uint8_t out[KEY_BYTES], const struct sp_dot *dot,
    const struct cc_settled_value *v)
{
    put_dot(out, dot);
    sp_set_u16be(out + DOT_BYTES, v->ref.type);
    memcpy(out + DOT_BYTES + 2, v->ref.id.b, sizeof(v->ref.id.b));
    sp_set_u16be(out + DOT_BYTES + 18, v->field);
}

static void read_key(const uint8_t *key, struct cc_settled_value *out)
{
    out->ref.type = sp_get_u16be(key + DOT_BYTES);
    memcpy(out->ref.id.b, key + DOT_BYTES + 2, sizeof(out->ref.id.b));
    out->field = sp_get_u16be(key + DOT_BYTES + 18);
}

/* ---- remembering -------------------------------------------------------- */

static bool settles(struct cc_call *c, const struct sp_record *view,
    uint16_t field, const struct sp_register *reg)
{
    const struct sp_entity *e =
        sp_dictionary_entity(c->dictionary, view->ref.type);
    const struct sp_field *f;

    if (field == SP_FIELD_DELETED) {
        return cc_refer_deleted(view);
    }
    f = e == NULL ? NULL : sp_dictionary_field(e, field);
    return f != NULL && sp_dictionary_conflict(f, reg);
}

static enum sp_merge_kind kind_of(
    struct cc_call *c, uint16_t type, uint16_t field)
{
    return c->tx.rules->merge_kind(c->tx.rules->self, type, field);
}

static sp_err look_at(struct cc_call *c, const struct sp_draft_change *change,
    struct cc_settled *out)
{
    struct cc_record_view view;
    sp_err err = cc_record_view(c, &change->ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    for (uint32_t i = 0; i < change->count && err == SP_OK; i++) {
        uint16_t field = change->write[i].key.field;
        const struct sp_register *reg =
            sp_record_find(&view.record, field, no_element);
        struct cc_settled_value *v = &out->value[out->count];
        if (reg == NULL || change->write[i].key.element.size > 0 ||
            !settles(c, &view.record, field, reg)) {
            continue;
        }
        v->ref = change->ref;
        v->field = field;
        v->value = sp_arena_copy(&c->tx.arena,
            sp_merge_shown(reg, kind_of(c, change->ref.type, field))->value);
        out->count++;
        err = v->value.data == NULL ? SP_E_NOMEM : SP_OK;
    }
    cc_record_view_free(&view);
    return err;
}

sp_err cc_settled_look(struct cc_call *c, const struct sp_draft_change *change,
    uint32_t count, struct cc_settled *out)
{
    uint32_t writes = 0;
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < count; i++) {
        writes += change[i].count;
    }
    out->count = 0;
    out->value = (struct cc_settled_value *)sp_arena_take(
        &c->tx.arena, writes + 1u, sizeof(*out->value));
    if (out->value == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < count && err == SP_OK; i++) {
        err = change[i].create ? SP_OK : look_at(c, &change[i], out);
    }
    return err;
}

sp_err cc_settled_keep(
    struct cc_call *c, const struct cc_settled *s, uint64_t n)
{
    const struct sp_store *store = &c->s->replica.store;
    struct sp_dot dot = { c->s->replica.identity.self.replica, n };
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < s->count && err == SP_OK; i++) {
        uint8_t key[KEY_BYTES];
        put_key(key, &dot, &s->value[i]);
        err = store->put(c->tx.txn, SP_T_ROOM_0, sp_slice_of(key, sizeof(key)),
            s->value[i].value);
    }
    return err;
}

/* ---- taking it back ----------------------------------------------------- */

/* What one commit settled, as far as it is remembered. */
struct found {
    struct cc_call *call;
    uint32_t count;
    struct cc_settled_value *value; /* SP_COMMIT_WRITES_MAX */
};

static sp_err find_one(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct found *f = (struct found *)arg;
    struct cc_settled_value *v = &f->value[f->count];

    if (key.size != KEY_BYTES || f->count == SP_COMMIT_WRITES_MAX) {
        return SP_E_CORRUPT;
    }
    read_key(key.data, v);
    v->value = sp_arena_copy(&f->call->tx.arena, value);
    f->count++;
    return v->value.data == NULL ? SP_E_NOMEM : SP_OK;
}

/* The newest commit of this replica that settled something. */
static sp_err newest(struct cc_call *c, struct sp_dot *dot)
{
    const struct sp_store *store = &c->s->replica.store;
    uint8_t from[DOT_BYTES];
    struct sp_slice key;
    sp_err err;

    dot->counter = UINT64_MAX;
    put_dot(from, dot);
    err = store->seek(c->tx.txn, SP_T_ROOM_0, sp_slice_of(from, sizeof(from)),
        true, &key, NULL);
    if (err == SP_OK && (key.size != KEY_BYTES ||
                            memcmp(key.data, from, NAME_BYTES + 8) != 0)) {
        err = SP_E_NOT_FOUND;
    }
    if (err == SP_OK) {
        dot->counter = sp_get_u64be(key.data + NAME_BYTES + 8);
    }
    return err;
}

/* Whether what the commit wrote is all that stands: who settled anew since, or
 * wrote at the same time, is not overruled by an undo. */
static sp_err still_settled(struct cc_call *c, const struct cc_settled_value *v,
    const struct sp_dot *dot)
{
    struct cc_record_view view;
    const struct sp_register *reg;
    bool still;
    sp_err err = cc_record_view(c, &v->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    reg = sp_record_find(&view.record, v->field, no_element);
    still = reg != NULL && reg->count == 1 &&
            sp_dot_cmp(&reg->sibling[0].stamp.dot, dot) == 0;
    cc_record_view_free(&view);
    return still ? SP_OK
                 : cc_call_say(c, SP_E_CONFLICT,
                       "somebody has written it since; look again: satchel "
                       "conflicts");
}

static sp_err write_back(struct cc_call *c, const struct found *f,
    const struct sp_dot *dot, struct satchel_saved *out)
{
    struct sp_draft_change change[SP_COMMIT_CHANGES_MAX];
    struct sp_draft_write *w = (struct sp_draft_write *)sp_arena_take(
        &c->tx.arena, f->count, sizeof(*w));
    uint32_t changes = 0;
    uint64_t n = 0;
    sp_err err = w == NULL ? SP_E_NOMEM : SP_OK;

    for (uint32_t i = 0; i < f->count && err == SP_OK; i++) {
        const struct cc_settled_value *v = &f->value[i];
        err = still_settled(c, v, dot);
        if (err == SP_OK && (i == 0 || !sp_ref_equal(&v->ref, &v[-1].ref))) {
            SP_ASSERT(changes < SP_COMMIT_CHANGES_MAX);
            change[changes++] =
                (struct sp_draft_change){ .ref = v->ref, .write = &w[i] };
        }
        if (err == SP_OK) {
            w[i].key.field = v->field;
            w[i].key.element = no_element;
            w[i].value = v->value;
            change[changes - 1u].count++;
        }
    }
    if (err == SP_OK) {
        err = cc_typed_save(c, change, changes, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &f->value[0].ref.id, n);
    }
    return err;
}

static sp_err forget(
    struct cc_call *c, const struct found *f, const struct sp_dot *dot)
{
    const struct sp_store *store = &c->s->replica.store;
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < f->count && err == SP_OK; i++) {
        uint8_t key[KEY_BYTES];
        put_key(key, dot, &f->value[i]);
        err = store->del(c->tx.txn, SP_T_ROOM_0, sp_slice_of(key, sizeof(key)));
    }
    return err;
}

static sp_err undo(
    struct cc_call *c, uint64_t commit, struct satchel_saved *out)
{
    const struct sp_store *store = &c->s->replica.store;
    struct sp_dot dot = { c->s->replica.identity.self.replica, commit };
    struct found f = { .call = c };
    uint8_t prefix[DOT_BYTES];
    sp_err err = commit == 0 ? newest(c, &dot) : SP_OK;

    f.value = (struct cc_settled_value *)sp_arena_take(
        &c->tx.arena, SP_COMMIT_WRITES_MAX, sizeof(*f.value));
    if (f.value == NULL) {
        return SP_E_NOMEM;
    }
    if (err == SP_OK) {
        put_dot(prefix, &dot);
        err = store->walk(c->tx.txn, SP_T_ROOM_0,
            sp_slice_of(prefix, sizeof(prefix)), no_element, true, find_one,
            &f);
    }
    if (err == SP_E_NOT_FOUND || (err == SP_OK && f.count == 0)) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            commit == 0 ? "nothing was settled on this device"
                        : "that edit settled nothing on this device");
    }
    if (err == SP_OK) {
        err = write_back(c, &f, &dot, out);
    }
    return err == SP_OK ? forget(c, &f, &dot) : err;
}

int satchel_conflict_undo(struct satchel *s, uint64_t commit,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, undo(&c, commit, out));
}
