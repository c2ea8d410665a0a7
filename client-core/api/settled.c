#include "api/settled.h"

#include <string.h>

#include "sp/case.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/typed.h"

static const struct sp_slice no_element = { NULL, 0 };

/* ---- the values that stand ---------------------------------------------- */

/* What is shown first, then the others in the order of their dots. */
static sp_err list_siblings(struct sp_arena *a, const struct sp_field *f,
    const struct sp_register *reg, struct sp_case *out)
{
    const struct sp_sibling *shown = sp_merge_shown(reg, f->merge);
    struct sp_sibling *value =
        (struct sp_sibling *)sp_arena_take(a, reg->count, sizeof(*value));
    uint32_t count = 0;

    if (value == NULL) {
        return SP_E_NOMEM;
    }
    value[count++] = *shown;
    for (uint32_t i = 0; i < reg->count; i++) {
        if (&reg->sibling[i] != shown) {
            value[count++] = reg->sibling[i];
        }
    }
    *out = (struct sp_case){ false, count, value };
    return SP_OK;
}

/* What a write to the field decides: values beside each other, or a case that
 * was opened again. count 0: nothing. */
static sp_err decides(struct sp_arena *a, const struct sp_field *f,
    const struct sp_record *view, struct sp_case *out)
{
    const struct sp_register *reg = sp_record_find(view, f->number, no_element);
    sp_err err = SP_OK;

    out->count = 0;
    if (reg == NULL || !sp_case_kept(f)) {
        return SP_OK;
    }
    if (sp_dictionary_conflict(f, reg)) {
        err = list_siblings(a, f, reg, out);
    } else if (sp_case_is_open(view, f->number)) {
        err = sp_case_of(view, f->number, a, out);
        out->open = false;
    }
    return err;
}

/* ---- beside what settles ------------------------------------------------ */

static sp_err add_case(struct sp_arena *a, uint16_t field,
    const struct sp_case *kept, struct sp_draft_write *out)
{
    struct sp_buf b;

    sp_buf_init(&b, SP_VALUE_BYTES_MAX + 64u);
    sp_case_encode(kept, &b);
    out->key = sp_case_key(field);
    out->value = sp_arena_copy(a, sp_buf_slice(&b));
    sp_err err = b.err != SP_OK            ? b.err
                 : out->value.data == NULL ? SP_E_NOMEM
                                           : SP_OK;
    sp_buf_free(&b);
    return err;
}

/* room: writes that the commit can still hold */
static sp_err extend(struct cc_call *c, const struct sp_draft_change *in,
    struct sp_draft_change *out, uint32_t *room)
{
    const struct sp_entity *e =
        sp_dictionary_entity(c->dictionary, in->ref.type);
    struct sp_arena *a = &c->tx.arena;
    struct sp_draft_write *w = (struct sp_draft_write *)sp_arena_take(
        a, 2u * in->count + 1u, sizeof(*w));
    struct cc_record_view view;
    uint32_t n = in->count;
    sp_err err = cc_record_view(c, &in->ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    if (w == NULL) {
        err = SP_E_NOMEM;
    } else {
        memcpy(w, in->write, in->count * sizeof(*w));
    }
    for (uint32_t i = 0; i < in->count && e != NULL && err == SP_OK; i++) {
        const struct sp_field *f =
            sp_dictionary_field(e, in->write[i].key.field);
        struct sp_case kept = { .count = 0 };
        if (f != NULL && in->write[i].key.element.size == 0 && *room > 0) {
            err = decides(&view.arena, f, &view.record, &kept);
        }
        if (err == SP_OK && kept.count > 0) {
            err = add_case(a, f->number, &kept, &w[n++]);
            (*room)--;
        }
    }
    cc_record_view_free(&view);
    if (err == SP_OK) {
        out->write = w;
        out->count = n;
    }
    return err;
}

sp_err cc_settled_add(struct cc_call *c, const struct sp_draft_change *change,
    uint32_t count, const struct sp_draft_change **out)
{
    struct sp_draft_change *more = (struct sp_draft_change *)sp_arena_take(
        &c->tx.arena, count + 1u, sizeof(*more));
    uint32_t writes = 0, room;
    sp_err err = SP_OK;

    if (more == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        more[i] = change[i];
        writes += change[i].count;
    }
    room = writes < SP_COMMIT_WRITES_MAX ? SP_COMMIT_WRITES_MAX - writes : 0;
    for (uint32_t i = 0; i < count && err == SP_OK; i++) {
        err = change[i].create ? SP_OK : extend(c, &change[i], &more[i], &room);
    }
    if (err == SP_OK) {
        *out = more;
    }
    return err;
}

/* ---- taking it back ----------------------------------------------------- */

static sp_err find_settled(struct cc_call *c, const struct sp_field *f,
    struct cc_record_view *view, struct sp_case *out)
{
    sp_err err = sp_case_kept(f)
                     ? sp_case_of(&view->record, f->number, &view->arena, out)
                     : SP_E_NOT_FOUND;

    if (err == SP_E_CONFLICT) {
        return cc_call_say(c, err,
            "somebody has written it since; look again: satchel conflicts");
    }
    if (err == SP_E_NOT_FOUND || (err == SP_OK && out->open)) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            err == SP_OK ? "%.*s: that was taken back already; settle it: "
                           "satchel conflicts"
                         : "%.*s: no conflict of it was settled",
            (int)f->name.size, (const char *)f->name.data);
    }
    return err;
}

/* What was shown then is shown again, and the case is open. */
static sp_err reopen(struct cc_call *c, const struct sp_field *f,
    const struct sp_ref *ref, struct sp_case *kept, struct satchel_saved *out)
{
    struct sp_draft_write w[2] = { { .key = { f->number, no_element },
        .value = kept->value[0].value } };
    struct sp_draft_change change = { .ref = *ref, .count = 2, .write = w };
    uint64_t n = 0;
    sp_err err;

    kept->open = true;
    err = add_case(&c->tx.arena, f->number, kept, &w[1]);
    if (err == SP_OK) {
        err = cc_typed_save(c, &change, 1, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &ref->id, n);
    }
    return err;
}

static sp_err undo(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *ref, const char *field, struct satchel_saved *out)
{
    const struct sp_field *f =
        sp_dictionary_field_named(entity, sp_slice_text(field));
    struct cc_record_view view;
    struct sp_case kept;
    sp_err err;

    if (f == NULL) {
        return strcmp(field, "deleted") == 0
                   ? cc_call_say(c, SP_E_ARGUMENT,
                         "a deletion is taken back by satchel conflicts "
                         "restore, a restored record is deleted again")
                   : cc_call_say(c, SP_E_UNKNOWN_FIELD,
                         "%.*s has no field \"%.60s\"", (int)entity->name.size,
                         (const char *)entity->name.data, field);
    }
    err = cc_record_view(c, ref, &view);
    if (err != SP_OK) {
        return err;
    }
    err = find_settled(c, f, &view, &kept);
    if (err == SP_OK) {
        err = reopen(c, f, ref, &kept, out);
    }
    cc_record_view_free(&view);
    return err;
}

int satchel_conflict_undo(struct satchel *s, const char *entity,
    const char *reference, const char *field, struct satchel_saved *out,
    struct satchel_error *e)
{
    const struct sp_entity *known;
    struct sp_ref ref;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = field == NULL ? SP_E_ARGUMENT
                        : cc_refer_named(&c, entity, reference, &known, &ref);
    if (err == SP_OK) {
        err = undo(&c, known, &ref, field, out);
    }
    return cc_call_end(&c, err);
}
