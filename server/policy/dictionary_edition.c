/* dictionary_edition.c - what a new edition of the dictionary changes. */
#include "policy/dictionary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- since when -------------------------------------------------------- */

/* Commits of before the serial are judged as of their day (POLICY.md,
 * "Editions"). What is new with its field needs no serial: nobody can have
 * written it before. */
static void stamp(
    const struct sp_entity *before, struct sp_field *f, uint32_t serial)
{
    const struct sp_field *old = sp_dictionary_field(before, f->number);

    if (f->retired) {
        f->retired_since = old == NULL    ? 0
                           : old->retired ? old->retired_since
                                          : serial;
    }
    if (f->required) {
        f->required_since =
            old != NULL && old->required ? old->required_since : serial;
    }
}

static sp_err stamp_entity(const struct sp_dictionary *before,
    struct sp_entity *e, uint32_t serial, struct sp_arena *arena)
{
    const struct sp_entity *old = sp_dictionary_entity(before, e->number);

    if (old == NULL || e->field_count == 0) {
        return SP_OK;
    }
    struct sp_field *f = sp_arena_take(arena, e->field_count, sizeof *f);
    if (f == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(f, e->field, e->field_count * sizeof *f);
    for (uint32_t i = 0; i < e->field_count; i++) {
        stamp(old, &f[i], serial);
    }
    e->field = f;
    return SP_OK;
}

sp_err sv_dictionary_edition(const struct sp_dictionary *before,
    struct sp_slice body, uint32_t serial, struct sp_arena *arena,
    struct sp_buf *out)
{
    struct sp_dictionary d;
    sp_err err = sp_dictionary_decode(body, arena, &d);

    if (err != SP_OK) {
        return err;
    }
    struct sp_entity *e = sp_arena_take(arena, d.entity_count + 1u, sizeof *e);
    if (e == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < d.entity_count && err == SP_OK; i++) {
        e[i] = d.entity[i];
        err = stamp_entity(before, &e[i], serial, arena);
    }
    d.entity = e;
    if (err == SP_OK) {
        sp_dictionary_encode(&d, out);
        err = out->err;
    }
    return err;
}

sp_err sv_dictionary_made_from(const char *name, struct sp_slice text,
    uint32_t *out, struct sv_conf_error *error)
{
    struct sv_conf c;
    sp_err err = sv_conf_open(&c, name, text, error);

    if (err == SP_OK) {
        long long n = sv_conf_integer(
            &c, config_root_setting(&c.config), "edition", 0, UINT32_MAX, 0);
        *out = (uint32_t)n;
        err = c.failed ? SP_E_CONFIG : SP_OK;
    }
    sv_conf_close(&c);
    return err;
}

/* ---- differences ------------------------------------------------------- */

struct diff {
    sp_err (*each)(void *arg, const struct sp_entity *e,
        const struct sp_field *f, const char *what);
    void *arg;
    const struct sp_entity *entity;
    const struct sp_field *field;
    sp_err err;
};

static void say(struct diff *d, bool so, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct diff *d, bool so, const char *format, ...)
{
    char text[200];
    va_list args;

    if (!so || d->err != SP_OK) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->err = d->each(d->arg, d->entity, d->field, text);
}

static int size_of(struct sp_slice s)
{
    return (int)s.size;
}

static const char *text_of(struct sp_slice s)
{
    return s.size == 0 ? "" : (const char *)s.data;
}

static void diff_options(
    struct diff *d, const struct sp_field *a, const struct sp_field *b)
{
    for (uint32_t i = 0; i < b->option_count; i++) {
        const struct sp_option *o = &b->option[i];
        const struct sp_option *was = sp_dictionary_option(a, o->number);
        say(d, was == NULL, "new option %u \"%.*s\"", o->number,
            size_of(o->name), text_of(o->name));
        say(d, was != NULL && !sp_slice_equal(was->name, o->name),
            "option %u is now called \"%.*s\"", o->number, size_of(o->name),
            text_of(o->name));
    }
}

static void diff_field(struct diff *d, const struct sp_entity *after,
    const struct sp_field *a, const struct sp_field *b)
{
    const struct sp_field *next = sp_dictionary_successor(after, b->number);

    say(d, !sp_slice_equal(a->name, b->name), "was called \"%.*s\"",
        size_of(a->name), text_of(a->name));
    say(d, b->retired && !a->retired && next != NULL,
        "retired; \"%.*s\" takes over", next == NULL ? 0 : size_of(next->name),
        next == NULL ? "" : text_of(next->name));
    say(d, b->retired && !a->retired && next == NULL,
        "retired: stays readable, nobody writes it");
    say(d, a->retired && !b->retired, "in use again");
    say(d, b->required && !a->required,
        "required from now on, in records made under this edition");
    say(d, a->required && !b->required, "no longer required");
    say(d,
        a->max != b->max || a->low != b->low || a->high != b->high ||
            a->members_max != b->members_max,
        "other bounds");
    say(d, a->sensitivity != b->sensitivity, "sensitivity %u, was %u",
        b->sensitivity, a->sensitivity);
    say(d, b->hidden && !a->hidden,
        "hidden: no form asks for it, no page shows it");
    say(d, a->hidden && !b->hidden, "shown again");
    say(d, a->needs != b->needs, "%s",
        b->needs == 0 ? "needs no consent any more" : "needs a consent");
    say(d, a->authority != b->authority, "another authority settles it");
    say(d, b->part_count > a->part_count, "%u new parts",
        b->part_count - a->part_count);
    say(d,
        !sp_slice_equal(a->label_en, b->label_en) ||
            !sp_slice_equal(a->label_zh, b->label_zh),
        "another label");
    diff_options(d, a, b);
}

static void diff_fields(
    struct diff *d, const struct sp_entity *a, const struct sp_entity *b)
{
    for (uint32_t i = 0; i < b->field_count; i++) {
        d->field = &b->field[i];
        const struct sp_field *old =
            a == NULL ? NULL : sp_dictionary_field(a, d->field->number);
        const struct sp_field *was = sp_dictionary_field(b, d->field->was);
        say(d, old == NULL && was == NULL, "new field %u%s", d->field->number,
            d->field->required ? ", required" : "");
        say(d, old == NULL && was != NULL,
            "new field %u, takes over from \"%.*s\"", d->field->number,
            was == NULL ? 0 : size_of(was->name),
            was == NULL ? "" : text_of(was->name));
        if (old != NULL) {
            diff_field(d, b, old, d->field);
        }
    }
    for (uint32_t i = 0; a != NULL && i < a->field_count; i++) {
        d->field = &a->field[i];
        say(d, sp_dictionary_field(b, d->field->number) == NULL, "gone");
    }
}

static void diff_entity(
    struct diff *d, const struct sp_entity *a, const struct sp_entity *b)
{
    d->entity = b;
    d->field = NULL;
    say(d, a == NULL, "new entity %u", b->number);
    if (a != NULL) {
        say(d, !sp_slice_equal(a->name, b->name), "was called \"%.*s\"",
            size_of(a->name), text_of(a->name));
        say(d, a->evidence != b->evidence,
            b->evidence ? "is evidence now" : "is evidence no longer");
        say(d, a->lane != b->lane, "lane %u, was %u", b->lane, a->lane);
        say(d,
            a->parent != b->parent || a->author != b->author ||
                a->territory != b->territory || a->owner != b->owner ||
                a->team != b->team,
            "has its scopes from other fields");
    }
    diff_fields(d, a, b);
}

sp_err sv_dictionary_diff(const struct sp_dictionary *before,
    const struct sp_dictionary *after,
    sp_err (*each)(void *arg, const struct sp_entity *e,
        const struct sp_field *f, const char *what),
    void *arg)
{
    struct diff d = { .each = each, .arg = arg };

    for (uint32_t i = 0; i < after->entity_count; i++) {
        const struct sp_entity *e = &after->entity[i];
        diff_entity(&d, sp_dictionary_entity(before, e->number), e);
    }
    for (uint32_t i = 0; i < before->entity_count; i++) {
        d.entity = &before->entity[i];
        d.field = NULL;
        say(&d, sp_dictionary_entity(after, d.entity->number) == NULL, "gone");
    }
    return d.err;
}
