#include "api/record.h"

#include <string.h>

#include "api/ahead.h"
#include "api/people.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"
#include "api/visit.h"

#define VIEW_BYTES_MAX (16u * SP_RECORD_BYTES_MAX)

sp_err cc_record_view(
    struct cc_call *c, const struct sp_ref *ref, struct cc_record_view *out)
{
    sp_err err;

    memset(out, 0, sizeof(*out));
    sp_arena_init(&out->arena, VIEW_BYTES_MAX);
    err =
        sp_state_view(&c->tx, ref, &out->arena, &out->record, &out->unresolved);
    if (err != SP_OK) {
        sp_arena_free(&out->arena);
    }
    return err;
}

void cc_record_view_free(struct cc_record_view *v)
{
    sp_arena_free(&v->arena);
}

void cc_record_saved(
    struct satchel_saved *out, const struct sp_id *id, uint64_t n)
{
    if (out != NULL) {
        sp_id_format(out->id, id);
        out->commit = n;
    }
}

/* ---- saving ------------------------------------------------------------ */

/* Words that fill in what nobody typed, only where nothing is set yet. */
static sp_err add_more(
    struct cc_typed *t, const struct satchel_input *more, size_t count)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        const struct sp_field *f =
            sp_dictionary_field_named(t->entity, sp_slice_text(more[i].field));
        if (f != NULL && !f->retired && !cc_typed_has(t, f->number)) {
            err = cc_typed_add(t, &more[i], 1);
        }
    }
    return err;
}

/* What is typed lies ahead where it should; what the device adds may be due
 * already. */
static sp_err add_all(struct cc_typed *t, const struct satchel_input *input,
    size_t count, const struct satchel_input *more, size_t more_count)
{
    sp_err err = cc_typed_add(t, input, count);

    if (err == SP_OK) {
        err = cc_ahead_days(t);
    }
    if (err == SP_OK) {
        err = add_more(t, more, more_count);
    }
    return err == SP_OK ? cc_ahead_promise(t) : err;
}

static sp_err say_parent(
    struct cc_call *c, const struct sp_entity *entity, bool has)
{
    return cc_call_say(c, SP_E_ARGUMENT,
        has ? "a %.*s belongs to no other record"
            : "a %.*s belongs to another record: name that one (--of)",
        (int)cc_call_named(entity).size,
        (const char *)cc_call_named(entity).data);
}

sp_err cc_record_make(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *parent, const struct satchel_input *input,
    size_t count, const struct satchel_input *more, size_t more_count,
    struct satchel_saved *out)
{
    struct sp_id id = cc_typed_id(c);

    return cc_record_make_as(
        c, entity, &id, parent, input, count, more, more_count, out);
}

sp_err cc_record_make_as(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_id *id, const struct sp_ref *parent,
    const struct satchel_input *input, size_t count,
    const struct satchel_input *more, size_t more_count,
    struct satchel_saved *out)
{
    struct sp_draft_change change = { .ref = { entity->number, *id },
        .create = true };
    struct cc_typed t;
    uint64_t n = 0;
    sp_err err = cc_typed_init(&t, c, entity, NULL);

    if (err == SP_OK) {
        err = add_all(&t, input, count, more, more_count);
    }
    if (err == SP_OK) {
        err = cc_typed_defaults(&t, parent);
    }
    if (err != SP_OK) {
        return err;
    }
    change.count = t.count;
    change.write = t.write;
    err = cc_typed_save(c, &change, 1, &n);
    if (err == SP_OK) {
        cc_record_saved(out, &change.ref.id, n);
    }
    return err;
}

sp_err cc_record_change(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *ref, const struct satchel_input *input, size_t count,
    const struct satchel_input *more, size_t more_count,
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
        err = add_all(&t, input, count, more, more_count);
    }
    if (err == SP_OK && t.count == 0) {
        err = cc_call_say(
            c, SP_E_ARGUMENT, "no field was given; nothing was saved");
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

/* What a person may type of a visit is not all that a device writes there. */
static sp_err check_typed(struct cc_call *c, const struct sp_entity *entity,
    const struct satchel_input *input, size_t count)
{
    return sp_slice_equal(entity->name, sp_slice_text("visit"))
               ? cc_visit_typed(c, input, count)
               : SP_OK;
}

static sp_err add(struct cc_call *c, const char *name, const char *parent,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct sp_entity *entity, *above = NULL;
    const struct sp_field *f;
    struct sp_ref ref;
    sp_err err = cc_call_entity(c, name, &entity);

    if (err != SP_OK) {
        return err;
    }
    f = sp_dictionary_field(entity, entity->parent);
    if (f != NULL) {
        above = sp_dictionary_entity(c->dictionary, f->target);
    }
    /* One with an owner may belong to nothing else: a task about nobody. */
    bool alone = above == NULL || (parent == NULL && entity->owner != 0);
    if ((parent == NULL) != alone) {
        return say_parent(c, entity, parent != NULL);
    }
    if (!alone) {
        err = cc_refer_record(c, above, parent, &ref);
    }
    if (err == SP_OK) {
        err = check_typed(c, entity, input, count);
    }
    if (err == SP_OK) {
        err = cc_record_make(
            c, entity, alone ? NULL : &ref, input, count, NULL, 0, out);
    }
    return err;
}

int satchel_record_add(struct satchel *s, const char *entity,
    const char *parent, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, add(&c, entity, parent, input, count, out));
}

/* Whether a field is among what was typed. */
static bool types(
    const struct satchel_input *input, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(input[i].field, field) == 0) {
            return true;
        }
    }
    return false;
}

int satchel_record_edit(struct satchel *s, const char *entity,
    const char *reference, const struct satchel_input *input, size_t count,
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
    err = cc_refer_named(&c, entity, reference, &known, &ref);
    if (err == SP_OK) {
        err = check_typed(&c, known, input, count);
    }
    if (err == SP_OK) {
        err = cc_record_change(&c, known, &ref, input, count, NULL, 0, out);
    }
    if (err == SP_OK) {
        err = cc_people_left(&c, known, &ref, types(input, count, "until"));
    }
    return cc_call_end(&c, err);
}

sp_err cc_record_delete(struct cc_call *c, const struct sp_ref *ref,
    bool deleted, struct satchel_saved *out)
{
    uint8_t value = deleted ? 0xc3 : 0xc2; /* true, false */
    struct sp_draft_write write = { { SP_FIELD_DELETED, { NULL, 0 } },
        { &value, 1 } };
    struct sp_draft_change change = {
        .ref = *ref, .count = 1, .write = &write
    };
    uint64_t n = 0;
    sp_err err = cc_typed_save(c, &change, 1, &n);

    if (err == SP_OK) {
        cc_record_saved(out, &ref->id, n);
    }
    return err;
}

int satchel_record_remove(struct satchel *s, const char *entity,
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
        err = cc_record_delete(&c, &ref, true, out);
    }
    return cc_call_end(&c, err);
}

/* ---- showing ----------------------------------------------------------- */

/* Says under which name it was looked for. */
static sp_err show_absorbed(
    struct cc_call *c, const struct sp_ref *asked, struct satchel_record *out)
{
    struct sp_arena *a = cc_result_arena(out);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &asked->id);
    out->absorbed_id = cc_result_string(a, id);
    out->absorbed_title = cc_result_string(a, cc_refer_title(c, asked));
    return out->absorbed_id == NULL || out->absorbed_title == NULL ? SP_E_NOMEM
                                                                   : SP_OK;
}

static sp_err show(struct cc_call *c, const char *name, const char *reference,
    struct satchel_record *out)
{
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct sp_ref ref, asked;
    sp_err err = cc_call_entity(c, name, &entity);

    if (err == SP_OK) {
        err = cc_refer_exact(c, entity, reference, &asked);
    }
    if (err == SP_OK) {
        err = cc_refer_record(c, entity, reference, &ref);
    }
    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err == SP_OK) {
        err = cc_show_record(
            c, &view.record, view.unresolved, cc_result_arena(out), out);
        cc_record_view_free(&view);
    }
    if (err == SP_OK && !sp_ref_equal(&ref, &asked)) {
        err = show_absorbed(c, &asked, out);
    }
    return err;
}

int satchel_record_show(struct satchel *s, const char *entity,
    const char *reference, struct satchel_record **out, struct satchel_error *e)
{
    struct satchel_record *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_record *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : show(&c, entity, reference, r), r, out);
}
