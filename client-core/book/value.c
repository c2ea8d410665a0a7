#include "book/value.h"

#include "sp/pack.h"

#include <string.h>

static const struct sp_slice nothing = { NULL, 0 };

static const struct sp_field *field_of(
    const struct cc_value_of *of, const char *name)
{
    return of->entity == NULL
               ? NULL
               : sp_dictionary_field_named(of->entity, sp_slice_text(name));
}

/* f: of the record's entity, or NULL. */
static struct sp_slice shown(
    const struct cc_value_of *of, const struct sp_field *f)
{
    const struct sp_sibling *s =
        f == NULL || f->set
            ? NULL
            : sp_dictionary_past_shown(of->entity, of->record, f, nothing);

    if (s == NULL || (s->value.size == 1 && s->value.data[0] == 0xc0)) {
        return nothing; /* nil */
    }
    return s->value;
}

struct sp_slice cc_value_shown(const struct cc_value_of *of, const char *field)
{
    return shown(of, field_of(of, field));
}

bool cc_value_deleted(const struct cc_value_of *of)
{
    const struct sp_register *reg =
        sp_record_find(of->record, SP_FIELD_DELETED, nothing);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);

    return s != NULL && s->value.size == 1 && s->value.data[0] == 0xc3;
}

/* An integer at the reader's place, or the default. */
static int64_t integer(struct sp_rd *r, int64_t otherwise)
{
    int64_t v = sp_rd_int(r, INT64_MIN, INT64_MAX);

    return r->err == SP_OK ? v : otherwise;
}

int64_t cc_value_int(
    const struct cc_value_of *of, const char *field, int64_t otherwise)
{
    const struct sp_field *f = field_of(of, field);
    struct sp_slice v = shown(of, f);
    struct sp_rd r;

    if (f != NULL && f->merge == SP_MERGE_CNT) {
        return sp_dictionary_count(f, of->record, NULL);
    }
    if (v.size == 0) {
        return otherwise;
    }
    sp_rd_init(&r, v);
    return integer(&r, otherwise);
}

bool cc_value_is(
    const struct cc_value_of *of, const char *field, const char *option)
{
    const struct sp_field *f = field_of(of, field);
    int64_t number = cc_value_int(of, field, -1);
    const struct sp_option *o = f == NULL || number < 0
                                    ? NULL
                                    : sp_dictionary_option(f, (uint64_t)number);

    return o != NULL && sp_slice_equal(o->name, sp_slice_text(option));
}

bool cc_value_bool(
    const struct cc_value_of *of, const char *field, bool otherwise)
{
    struct sp_slice v = cc_value_shown(of, field);

    if (v.size != 1 || (v.data[0] != 0xc2 && v.data[0] != 0xc3)) {
        return otherwise;
    }
    return v.data[0] == 0xc3;
}

int64_t cc_value_money(
    const struct cc_value_of *of, const char *field, int64_t otherwise)
{
    struct sp_slice v = cc_value_shown(of, field);
    struct sp_rd r;

    if (v.size == 0) {
        return otherwise;
    }
    sp_rd_init(&r, v);
    sp_rd_array_of(&r, 2);
    return integer(&r, otherwise);
}

static uint64_t ts_of(struct sp_slice v)
{
    uint64_t ms;
    struct sp_rd r;

    if (v.size == 0) {
        return 0;
    }
    sp_rd_init(&r, v);
    sp_rd_array_of(&r, 2);
    ms = sp_rd_uint(&r, 0, UINT64_MAX);
    return r.err == SP_OK ? ms : 0;
}

uint64_t cc_value_ts(const struct cc_value_of *of, const char *field)
{
    return ts_of(cc_value_shown(of, field));
}

/* The packed value of a part; empty when the group ends before it. */
static struct sp_slice part_of(
    const struct sp_field *f, struct sp_slice group, const char *name)
{
    struct sp_slice part = nothing;
    uint32_t count, at = 0;
    struct sp_rd r;

    while (at < f->part_count &&
           !sp_slice_equal(f->part[at].name, sp_slice_text(name))) {
        at++;
    }
    if (at == f->part_count || group.size == 0) {
        return nothing;
    }
    sp_rd_init(&r, group);
    count = sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
    for (uint32_t i = 0; i <= at && i < count; i++) {
        part = sp_rd_value(&r);
    }
    return r.err == SP_OK && at < count &&
                   !(part.size == 1 && part.data[0] == 0xc0)
               ? part
               : nothing;
}

struct sp_slice cc_value_shown_part(
    const struct cc_value_of *of, const char *field, const char *part)
{
    const struct sp_field *f = field_of(of, field);

    return f == NULL || f->set ? nothing
                               : part_of(f, cc_value_shown(of, field), part);
}

/* Of a packed text, or of a phone as it was typed. */
static struct sp_slice text_in(struct sp_slice packed)
{
    struct sp_slice text;
    struct sp_rd r;

    if (packed.size == 0) {
        return nothing;
    }
    sp_rd_init(&r, packed);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        sp_rd_array_of(&r, 1);
    }
    text = sp_rd_str(&r, SP_STRING_BYTES_MAX);
    return r.err == SP_OK ? text : nothing;
}

struct sp_slice cc_value_text(const struct cc_value_of *of, const char *field)
{
    return text_in(cc_value_shown(of, field));
}

struct sp_slice cc_value_part_text(
    const struct cc_value_of *of, const char *field, const char *part)
{
    return text_in(cc_value_shown_part(of, field, part));
}

bool cc_value_ref(
    const struct cc_value_of *of, const char *field, struct sp_id *out)
{
    struct sp_slice v = cc_value_shown(of, field);
    struct sp_id id;
    struct sp_rd r;

    if (v.size == 0) {
        return false;
    }
    sp_rd_init(&r, v);
    sp_rd_fixed(&r, id.b, sizeof(id.b));
    if (r.err != SP_OK) {
        return false;
    }
    *out = id;
    return true;
}

int64_t cc_value_group_int(const struct cc_value_of *of, const char *field,
    struct sp_slice group, const char *part, int64_t otherwise)
{
    const struct sp_field *f = field_of(of, field);
    struct sp_slice v = f == NULL ? nothing : part_of(f, group, part);
    struct sp_rd r;

    if (v.size == 0) {
        return otherwise;
    }
    if (v.size == 1 && (v.data[0] == 0xc2 || v.data[0] == 0xc3)) {
        return v.data[0] == 0xc3;
    }
    sp_rd_init(&r, v);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        sp_rd_array_of(&r, 2); /* a time or an amount, and of where */
    }
    return integer(&r, otherwise);
}

int64_t cc_value_part(const struct cc_value_of *of, const char *field,
    const char *part, int64_t otherwise)
{
    return cc_value_group_int(
        of, field, cc_value_shown(of, field), part, otherwise);
}

uint64_t cc_value_part_ts(
    const struct cc_value_of *of, const char *field, const char *part)
{
    const struct sp_field *f = field_of(of, field);

    return f == NULL ? 0 : ts_of(part_of(f, cc_value_shown(of, field), part));
}

struct sp_slice cc_value_group_text(const struct cc_value_of *of,
    const char *field, struct sp_slice group, const char *part)
{
    const struct sp_field *f = field_of(of, field);

    return f == NULL ? nothing : text_in(part_of(f, group, part));
}

void cc_value_each(const struct cc_value_of *of, const char *field,
    bool (*each)(void *arg, struct sp_slice packed), void *arg)
{
    const struct sp_field *f = field_of(of, field);
    const struct sp_record *r = of->record;

    for (uint32_t i = 0; f != NULL && i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        const struct sp_sibling *s;

        if (reg->key.field != f->number || !sp_dictionary_member(reg) ||
            (s = sp_merge_shown(reg, f->merge)) == NULL) {
            continue;
        }
        if (!each(arg, s->value)) {
            return;
        }
    }
}

struct texts {
    bool (*each)(void *arg, struct sp_slice member);
    void *arg;
};

static bool take_text(void *arg, struct sp_slice packed)
{
    const struct texts *t = arg;
    struct sp_slice text;
    struct sp_rd r;

    sp_rd_init(&r, packed);
    text = sp_rd_str(&r, SP_STRING_BYTES_MAX);
    return r.err != SP_OK || t->each(t->arg, text);
}

void cc_value_members(const struct cc_value_of *of, const char *field,
    bool (*each)(void *arg, struct sp_slice member), void *arg)
{
    struct texts t = { each, arg };

    cc_value_each(of, field, take_text, &t);
}

struct search {
    struct sp_slice wanted;
    bool found;
};

static bool compare(void *arg, struct sp_slice member)
{
    struct search *s = (struct search *)arg;

    s->found = sp_slice_equal(member, s->wanted);
    return !s->found;
}

bool cc_value_has(
    const struct cc_value_of *of, const char *field, struct sp_slice member)
{
    struct search s = { member, false };

    cc_value_members(of, field, compare, &s);
    return s.found;
}

const char *cc_value_string(struct sp_arena *a, struct sp_slice text)
{
    char *out = (char *)sp_arena_take(a, text.size + 1, 1);

    if (out != NULL && text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    return out;
}
