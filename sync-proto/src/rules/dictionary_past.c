/* dictionary_past.c - fields that took over from retired ones. */
#include "sp/dictionary.h"

#include "sp/pack.h"

#include <string.h>

/* The predecessor of a field, or NULL. Numbers fall along the way: it ends. */
static const struct sp_field *older(
    const struct sp_entity *e, const struct sp_field *f)
{
    return f->was == 0 ? NULL : sp_dictionary_field(e, f->was);
}

static bool is_nil(struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_NIL;
}

/* ---- one key, without memory ------------------------------------------- */

/* Whether what a later field knows covers a sibling of the field old. */
static bool superseded(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, const struct sp_field *old,
    struct sp_slice element, struct sp_dot dot)
{
    for (; f != NULL && f != old; f = older(e, f)) {
        const struct sp_register *reg = sp_record_find(r, f->number, element);
        if (reg != NULL && sp_vector_covers(&reg->context, dot)) {
            return true;
        }
    }
    return false;
}

/* That one of two siblings which the field shows. */
static const struct sp_sibling *rather(const struct sp_sibling *a,
    const struct sp_sibling *b, enum sp_merge_kind merge)
{
    bool in_order = a == NULL || sp_dot_cmp(&a->stamp.dot, &b->stamp.dot) < 0;
    if (a == NULL) {
        return b;
    }
    struct sp_sibling pair[2] = { in_order ? *a : *b, in_order ? *b : *a };
    struct sp_register reg = { .count = 2, .sibling = pair };
    const struct sp_sibling *shown = sp_merge_shown(&reg, merge);

    return (shown == &pair[0]) == in_order ? a : b;
}

const struct sp_sibling *sp_dictionary_past_shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    struct sp_slice element)
{
    const struct sp_register *reg = sp_record_find(r, f->number, element);
    const struct sp_sibling *best =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);

    for (const struct sp_field *old = older(e, f); old != NULL;
         old = older(e, old)) {
        reg = sp_record_find(r, old->number, element);
        for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
            const struct sp_sibling *s = &reg->sibling[i];
            if (!superseded(e, r, f, old, element, s->stamp.dot)) {
                best = rather(best, s, f->merge);
            }
        }
    }
    return best;
}

bool sp_dictionary_past_stands(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    struct sp_slice element)
{
    for (const struct sp_field *at = f; at != NULL; at = older(e, at)) {
        const struct sp_register *reg = sp_record_find(r, at->number, element);
        for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
            const struct sp_sibling *s = &reg->sibling[i];
            if (!is_nil(s->value) &&
                !superseded(e, r, f, at, element, s->stamp.dot)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a later field has the key too: it was looked at there. */
static bool looked_at(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, const struct sp_field *old,
    struct sp_slice element)
{
    for (; f != old; f = older(e, f)) {
        if (sp_record_find(r, f->number, element) != NULL) {
            return true;
        }
    }
    return false;
}

void sp_dictionary_past_members(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    bool (*each)(void *arg, struct sp_slice element), void *arg)
{
    const struct sp_register *end = r->reg + r->count;

    for (const struct sp_field *at = f; at != NULL; at = older(e, at)) {
        const struct sp_register *reg = sp_record_field(r, at->number);
        for (; reg != NULL && reg < end && reg->key.field == at->number;
             reg++) {
            struct sp_slice element = reg->key.element;
            if (!looked_at(e, r, f, at, element) &&
                sp_dictionary_past_stands(e, r, f, element) &&
                !each(arg, element)) {
                return;
            }
        }
    }
}

/* ---- the whole record -------------------------------------------------- */

/* Siblings of both in the order of dots, without those of the old register
 * that the new one covers. Of one replica the later stays: it is the same
 * author, who knew his own (SYNC M3). */
static sp_err join_siblings(const struct sp_register *now,
    const struct sp_register *old, struct sp_arena *arena,
    struct sp_register *out)
{
    struct sp_sibling *s =
        sp_arena_take(arena, now->count + old->count + 1u, sizeof *s);
    uint32_t i = 0, k = 0, count = 0;

    if (s == NULL) {
        return SP_E_NOMEM;
    }
    while (i < now->count || k < old->count) {
        bool mine = k == old->count ||
                    (i < now->count && sp_dot_cmp(&now->sibling[i].stamp.dot,
                                           &old->sibling[k].stamp.dot) < 0);
        struct sp_sibling next = mine ? now->sibling[i++] : old->sibling[k++];
        if (!mine && sp_vector_covers(&now->context, next.stamp.dot)) {
            continue;
        }
        if (count > 0 &&
            s[count - 1u].stamp.dot.replica == next.stamp.dot.replica) {
            count--;
        }
        s[count++] = next;
    }
    out->count = count;
    out->sibling = s;
    return SP_OK;
}

static sp_err join_registers(const struct sp_register *now,
    const struct sp_register *old, struct sp_arena *arena,
    struct sp_register *out)
{
    sp_err err = join_siblings(now, old, arena, out);

    return err != SP_OK ? err
                        : sp_vector_join(&now->context, &old->context, arena,
                              &out->context);
}

/* The registers of one field while they are put together. */
struct run {
    const struct sp_register *at, *end;
};

static struct run run_of(const struct sp_record *r, uint16_t field)
{
    const struct sp_register *at = sp_record_field(r, field);
    struct run run = { at, at };

    while (run.end != NULL && run.end < r->reg + r->count &&
           run.end->key.field == field) {
        run.end++;
    }
    return run;
}

/* The next register of the field, from its own run, the old one, or both. */
static sp_err next_register(const struct sp_field *f, struct run *now,
    struct run *old, struct sp_arena *arena, struct sp_register *out)
{
    int order = now->at == now->end ? 1 : old->at == old->end ? -1 : 0;
    if (order == 0) {
        struct sp_key key = { f->number, old->at->key.element };
        order = sp_key_cmp(&now->at->key, &key);
    }
    if (order < 0) {
        *out = *now->at++;
        return SP_OK;
    }
    if (order > 0) {
        *out = *old->at++;
        out->key.field = f->number;
        return SP_OK;
    }
    *out = *now->at;
    return join_registers(now->at++, old->at++, arena, out);
}

/* Puts one field's registers together with those of the field that it was. */
static sp_err take_over(
    const struct sp_field *f, struct sp_arena *arena, struct sp_record *record)
{
    struct run now = run_of(record, f->number), old = run_of(record, f->was);
    uint32_t room = record->count + (uint32_t)(old.end - old.at);
    uint32_t count = 0, i = 0;

    if (old.at == old.end) {
        return SP_OK;
    }
    struct sp_register *reg = sp_arena_take(arena, room, sizeof *reg);
    if (reg == NULL) {
        return SP_E_NOMEM;
    }
    while (i < record->count && record->reg[i].key.field < f->number) {
        reg[count++] = record->reg[i++];
    }
    i += (uint32_t)(now.end - now.at);
    while (now.at < now.end || old.at < old.end) {
        sp_err err = next_register(f, &now, &old, arena, &reg[count++]);
        if (err != SP_OK) {
            return err;
        }
    }
    while (i < record->count) {
        reg[count++] = record->reg[i++];
    }
    record->count = count;
    record->reg = reg;
    return SP_OK;
}

sp_err sp_dictionary_past_view(const struct sp_entity *e,
    const struct sp_record *in, struct sp_arena *arena, struct sp_record *out)
{
    struct sp_record record = *in;
    sp_err err = SP_OK;

    /* In rising order: a field that took over from one that took over shows
     * the oldest too. */
    for (uint32_t i = 0; e->succeeds && i < e->field_count; i++) {
        if (e->field[i].was != 0 && err == SP_OK) {
            err = take_over(&e->field[i], arena, &record);
        }
    }
    if (err == SP_OK) {
        *out = record;
    }
    return err;
}
