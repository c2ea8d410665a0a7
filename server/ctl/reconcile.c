#include "ctl/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "ops/say.h"
#include "sp/pack.h"

struct work {
    struct sp_tx *tx;
    const struct sv_columns *plan;
    struct sp_arena *arena;
    struct sv_csv_problem *problem;
};

static struct sp_slice shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    struct sp_slice element)
{
    const struct sp_sibling *s = sp_dictionary_past_shown(e, r, f, element);
    return s == NULL ? sp_slice_of(NULL, 0) : s->value;
}

static sp_err refuse(const struct work *w, const struct sp_field *f)
{
    w->problem->code = "once";
    w->problem->column = 0;
    snprintf(w->problem->text, sizeof w->problem->text,
        sv_say(
            "%.*s is written once and stands otherwise; leave the column out "
            "with --ignore, or correct the cell"),
        (int)f->name.size, (const char *)f->name.data);
    return SP_E_VALUE;
}

/* ---- groups ------------------------------------------------------------ */

/* The parts of an encoded group; absent ones stay empty. */
static void read_parts(
    struct sp_slice value, struct sp_slice out[SP_DICTIONARY_PARTS_MAX])
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) != SP_KIND_ARRAY) {
        return;
    }
    uint32_t count = sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = sp_rd_value(&r);
    }
}

static bool is_nil(struct sp_slice value)
{
    return value.size == 0 || (value.size == 1 && value.data[0] == 0xc0u);
}

/* Parts that the row does not say keep what stands. */
static sp_err fill_group(const struct work *w, unsigned entity,
    const struct sp_field *f, struct sp_slice stands, struct sp_slice *value)
{
    struct sp_slice old[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    struct sp_slice part[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    uint32_t covered = sv_columns_parts(w->plan, entity, f), used = 0;
    struct sp_buf packed;
    if (covered == UINT32_MAX || stands.size == 0) {
        return SP_OK;
    }
    read_parts(stands, old);
    read_parts(*value, part);
    for (uint32_t i = 0; i < f->part_count; i++) {
        if (is_nil(part[i])) {
            part[i] = old[i];
        }
        used = is_nil(part[i]) ? used : i + 1;
    }
    sp_buf_init(&packed, SP_VALUE_BYTES_MAX);
    sp_wr_array(&packed, used);
    for (uint32_t i = 0; i < used; i++) {
        if (is_nil(part[i])) {
            sp_wr_nil(&packed);
        } else {
            sp_wr_raw(&packed, part[i]);
        }
    }
    sp_err err = packed.err;
    if (err == SP_OK) {
        *value = sp_arena_copy(w->arena, sp_buf_slice(&packed));
        err = value->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&packed);
    return err;
}

/* ---- one record -------------------------------------------------------- */

/* Whether a record belongs to this one, after all merges. */
static sp_err same_parent(const struct work *w, const struct sp_record *r,
    struct sp_slice value, bool *out)
{
    const struct sp_field *f =
        sp_dictionary_field(w->plan->entity[0], w->plan->entity[0]->parent);
    struct sp_ref now, said = { .type = f->target };
    struct sp_record record;
    struct sp_rd rd;
    bool has = false;
    sp_rd_init(&rd, value);
    sp_rd_fixed(&rd, said.id.b, sizeof said.id.b);
    sp_err err = sp_tree_parent(w->tx, r, &now, &has);
    if (err == SP_OK) {
        err = sp_state_get(w->tx, &said, w->arena, &record);
    }
    if (err == SP_OK) {
        err = sp_tree_survivor(w->tx, &record, &said);
    }
    *out = has && sp_ref_equal(&now, &said);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* Whether a write says something new of a record; its value may be filled up
 * with what stands. */
static sp_err changes_it(const struct work *w, unsigned entity,
    const struct sp_record *r, struct sp_draft_write *write, bool *out)
{
    const struct sp_entity *e = w->plan->entity[entity];
    const struct sp_field *f = sp_dictionary_field(e, write->key.field);
    *out = false;
    if (f == NULL ||
        (entity > 0 && (f->number == e->parent || f->number == e->author))) {
        return SP_OK; /* filled in, not read */
    }
    struct sp_slice stands = shown(e, r, f, write->key.element);
    if (f->number == e->parent) {
        bool same = false;
        sp_err err = same_parent(w, r, write->value, &same);
        if (err != SP_OK || same) {
            return err;
        }
    }
    if (f->kind == SP_VALUE_GROUP && !f->set) {
        sp_err err = fill_group(w, entity, f, stands, &write->value);
        if (err != SP_OK) {
            return err;
        }
    }
    *out = !sp_slice_equal(stands, write->value);
    if (*out && f->once && !is_nil(stands)) {
        return refuse(w, f);
    }
    return SP_OK;
}

/* Leaves of a change what the record does not show. */
static sp_err compare(const struct work *w, unsigned entity,
    const struct sp_record *r, struct sp_draft_change *change)
{
    struct sp_draft_write *write =
        sp_arena_take(w->arena, change->count, sizeof *write);
    uint32_t kept = 0;
    if (write == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < change->count; i++) {
        bool differs = false;
        write[kept] = change->write[i];
        sp_err err = changes_it(w, entity, r, &write[kept], &differs);
        if (err != SP_OK) {
            return err;
        }
        kept += differs ? 1 : 0;
    }
    change->create = false;
    change->write = write;
    change->count = kept;
    return SP_OK;
}

static unsigned place_of(const struct sv_columns *plan, uint16_t type)
{
    unsigned i = 0;
    while (i + 1 < plan->entities && plan->entity[i]->number != type) {
        i++;
    }
    return i;
}

/* ---- what belongs to a record ------------------------------------------ */

struct search {
    const struct work *w;
    unsigned entity;
    struct sp_draft_change *change;
    bool found;
};

/* Whether a record has the required fields that the row says. */
static bool same_one(const struct search *s, const struct sp_record *r)
{
    const struct sp_entity *e = s->w->plan->entity[s->entity];
    bool any = false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        const struct sp_draft_write *write =
            sv_import_written(s->change, f->number);
        if (!f->required || f->set || write == NULL || f->number == e->parent ||
            f->number == e->author) {
            continue;
        }
        if (!sp_slice_equal(shown(e, r, f, write->key.element), write->value)) {
            return false;
        }
        any = true;
    }
    return any;
}

static sp_err look_at_child(void *arg, const struct sp_ref *ref)
{
    struct search *s = arg;
    struct sp_record r;
    sp_err err = sp_state_get(s->w->tx, ref, s->w->arena, &r);
    if (err != SP_OK || !same_one(s, &r)) {
        return err;
    }
    s->found = true;
    s->change->ref = *ref;
    err = compare(s->w, s->entity, &r, s->change);
    return err == SP_OK ? SP_E_NOT_FOUND : err; /* ends the walk */
}

static sp_err settle_child(const struct work *w, const struct sp_ref *owner,
    struct sp_draft_change *change)
{
    struct search s = {
        .w = w, .entity = place_of(w->plan, change->ref.type), .change = change
    };
    return sp_state_children(
        w->tx, owner, change->ref.type, false, look_at_child, &s);
}

sp_err sv_reconcile_draft(struct sp_tx *tx, const struct sv_columns *plan,
    struct sp_arena *arena, struct sp_draft *draft, enum sv_reconciled *out,
    struct sv_csv_problem *problem)
{
    struct work w = { tx, plan, arena, problem };
    struct sp_draft_change *change =
        sp_arena_take(arena, draft->count, sizeof *change);
    struct sp_record stands;
    uint32_t kept = 0;
    *out = SV_RECONCILE_CREATED;
    if (draft->change[0].create) {
        return SP_OK;
    }
    if (change == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = sp_state_get(tx, &draft->change[0].ref, arena, &stands);
    for (uint32_t i = 0; err == SP_OK && i < draft->count; i++) {
        change[kept] = draft->change[i];
        err = i == 0 ? compare(&w, 0, &stands, &change[kept])
                     : settle_child(&w, &draft->change[0].ref, &change[kept]);
        kept += change[kept].create || change[kept].count > 0 ? 1 : 0;
    }
    if (err == SP_OK) {
        draft->change = change;
        draft->count = kept;
        *out = kept == 0 ? SV_RECONCILE_UNCHANGED : SV_RECONCILE_UPDATED;
    }
    return err;
}
