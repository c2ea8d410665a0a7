#include "ctl/columns.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ops/say.h"

#define NAME_BYTES 128u

/* ---- columns ----------------------------------------------------------- */

/* "post_code", "Post code", "postcode" and "PostCode" are one word. */
static bool same_word(struct sp_slice a, const char *b)
{
    size_t i = 0;
    for (;;) {
        while (i < a.size &&
               (a.data[i] == '_' || a.data[i] == ' ' || a.data[i] == '-')) {
            i++;
        }
        b += strspn(b, "_ -");
        if (i == a.size || *b == '\0') {
            return i == a.size && *b == '\0' && a.size > 0;
        }
        if (tolower(a.data[i]) != tolower((unsigned char)*b)) {
            return false;
        }
        i++;
        b++;
    }
}

/* What is computed nobody brings along. */
static bool can_come(const struct sp_field *f)
{
    return !f->retired && f->merge != SP_MERGE_DRV && f->kind != SP_VALUE_BYTES;
}

static const struct sp_field *field_of(
    const struct sp_entity *e, const char *name)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (can_come(f) &&
            (same_word(f->name, name) || same_word(f->label_en, name) ||
                same_word(f->label_zh, name))) {
            return f;
        }
    }
    return NULL;
}

static const struct sp_field *part_of(
    const struct sp_field *f, const char *name)
{
    for (uint32_t i = 0; i < f->part_count; i++) {
        if (same_word(f->part[i].name, name) ||
            same_word(f->part[i].label_en, name) ||
            same_word(f->part[i].label_zh, name)) {
            return &f->part[i];
        }
    }
    return NULL;
}

/* "phone" for phone_main, "territory" for territory_id, "title" for
 * role_title: a word that stands in one field's name only. */
static const struct sp_field *field_by_word(
    const struct sp_entity *e, const char *word)
{
    const struct sp_field *found = NULL;
    size_t size = strlen(word);
    for (uint32_t i = 0; i < e->field_count && size > 2; i++) {
        const struct sp_field *f = &e->field[i];
        const char *name = (const char *)f->name.data;
        bool head = f->name.size > size && name[size] == '_' &&
                    strncasecmp(name, word, size) == 0;
        bool tail = f->name.size > size &&
                    name[f->name.size - size - 1] == '_' &&
                    strncasecmp(name + f->name.size - size, word, size) == 0;
        bool plural = f->name.size == size + 1 && name[size] == 's' &&
                      strncasecmp(name, word, size) == 0;
        if (can_come(f) && (head || tail || plural)) {
            if (found != NULL) {
                return NULL;
            }
            found = f;
        }
    }
    return found;
}

/* "name", "address.city", or "city" when only one group has such a part. */
static bool find_in(
    const struct sp_entity *e, const char *name, struct sv_column *out)
{
    char head[NAME_BYTES];
    const char *dot = strchr(name, '.');
    if (dot != NULL) {
        snprintf(head, sizeof head, "%.*s", (int)(dot - name), name);
        out->field = field_of(e, head);
        out->part = out->field == NULL || out->field->kind != SP_VALUE_GROUP
                        ? NULL
                        : part_of(out->field, dot + 1);
        return out->part != NULL;
    }
    out->part = NULL;
    out->field = field_of(e, name);
    for (uint32_t i = 0; out->field == NULL && i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->kind == SP_VALUE_GROUP && !f->set && part_of(f, name) != NULL) {
            out->field = f;
            out->part = part_of(f, name);
        }
    }
    if (out->field == NULL) {
        out->field = field_by_word(e, name);
    }
    /* A set of groups takes the text of its first part: a phone, an e-mail. */
    if (out->field != NULL && out->field->kind == SP_VALUE_GROUP &&
        out->part == NULL && out->field->set) {
        out->part = &out->field->part[0];
    }
    return out->field != NULL;
}

/* The place of an entity whose records belong to those of a row. */
static int child_place(struct sv_columns *plan, const struct sp_entity *e)
{
    const struct sp_field *parent =
        e->parent == 0 ? NULL : sp_dictionary_field(e, e->parent);
    if (parent == NULL || parent->target != plan->entity[0]->number) {
        return -1;
    }
    for (unsigned i = 1; i < plan->entities; i++) {
        if (plan->entity[i] == e) {
            return (int)i;
        }
    }
    if (plan->entities == SV_COLUMNS_ENTITIES_MAX) {
        return -1;
    }
    plan->entity[plan->entities] = e;
    return (int)plan->entities++;
}

/* What stands behind "contact.", "contact_", "Contact " or a label; NULL. */
static const char *behind(const char *name, struct sp_slice word, bool glued)
{
    size_t size = word.size;
    if (size == 0 || strncasecmp(name, (const char *)word.data, size) != 0) {
        return NULL;
    }
    size_t gap = strspn(name + size, "._ -");
    return name[size + gap] == '\0' || (gap == 0 && !glued) ? NULL
                                                            : name + size + gap;
}

static bool find_child(
    struct sv_columns *plan, const char *name, struct sv_column *out)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(plan->book);
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        const char *rest = behind(name, e->name, false);
        rest = rest == NULL ? behind(name, e->label_en, false) : rest;
        rest = rest == NULL ? behind(name, e->label_zh, true) : rest;
        unsigned before = plan->entities;
        int entity = rest == NULL ? -1 : child_place(plan, e);
        if (entity > 0 && find_in(e, rest, out)) {
            out->entity = entity;
            return true;
        }
        plan->entities = before;
    }
    return false;
}

static bool find_column(
    struct sv_columns *plan, const char *name, struct sv_column *out)
{
    out->entity = 0;
    if (find_in(plan->entity[0], name, out) || find_child(plan, name, out)) {
        return true;
    }
    out->entity = -1;
    return false;
}

/* Pairs stand between commas, or in lines of their own. */
static const char *breaks(const char *map)
{
    return map != NULL && strchr(map, '\n') != NULL ? "\n" : ",";
}

/* The piece of "A=x,B=y" that speaks of a column, copied to out. */
static bool mapped(const char *map, struct sp_slice column, char *out)
{
    const char *ends = breaks(map);
    for (const char *at = map; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ends);
        const char *equals = memchr(at, '=', size);
        if (equals != NULL && (size_t)(equals - at) == column.size &&
            memcmp(at, column.data, column.size) == 0) {
            snprintf(out, NAME_BYTES, "%.*s", (int)(size - column.size - 1),
                equals + 1);
            return true;
        }
        at += size + (at[size] != '\0' ? 1 : 0);
    }
    return false;
}

/* Left out: by --ignore, or because a list of refused rows has added it. */
static bool added(struct sp_slice column)
{
    static const char *const names[] = { SV_COLUMNS_LISTED };
    for (size_t i = 0; i < SV_COLUMNS_LISTED_COUNT; i++) {
        if (sp_slice_equal(column, sp_slice_text(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool listed(const char *list, struct sp_slice column)
{
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ",");
        if (size == column.size && memcmp(at, column.data, size) == 0) {
            return true;
        }
        at += size + (at[size] == ',' ? 1 : 0);
    }
    return false;
}

/* Says that nothing takes a column. */
static void leave_out_column(struct sv_columns *plan, struct sp_slice column)
{
    size_t at = strlen(plan->unused);
    snprintf(plan->unused + at, sizeof plan->unused - at, "%s%.*s",
        at == 0 ? "" : ", ", (int)column.size, (const char *)column.data);
}

static sp_err match_one(struct sv_columns *plan, size_t i,
    struct sp_slice column, const char *map, const char *ignore, char *text)
{
    char name[NAME_BYTES];
    struct sv_column *c = &plan->column[i];
    c->entity = -1;
    if (listed(ignore, column) || added(column)) {
        return SP_OK;
    }
    bool named = mapped(map, column, name);
    if (!named) {
        snprintf(name, sizeof name, "%.*s", (int)column.size,
            (const char *)column.data);
    }
    if (!find_column(plan, name, c)) {
        if (strcmp(name, "id") == 0 && plan->id_column == SIZE_MAX) {
            plan->id_column = i;
            return SP_OK;
        }
        if (named) {
            snprintf(text, SV_COLUMNS_TEXT_BYTES,
                sv_say("--map %.*s=%.60s: there is no such field; satchelctl "
                       "dictionary export shows them"),
                (int)column.size, (const char *)column.data, name);
            return SP_E_ARGUMENT;
        }
        leave_out_column(plan, column);
        return SP_OK;
    }
    for (size_t j = 0; j < i; j++) {
        const struct sv_column *o = &plan->column[j];
        if (o->entity == c->entity && c->entity >= 0 && o->field == c->field &&
            o->part == c->part && !c->field->set) {
            snprintf(text, SV_COLUMNS_TEXT_BYTES,
                sv_say("columns %zu and %zu both mean %.*s; leave one out with "
                       "--ignore"),
                j + 1, i + 1, (int)c->field->name.size,
                (const char *)c->field->name.data);
            return SP_E_ARGUMENT;
        }
    }
    return SP_OK;
}

static sp_err check_required(const struct sv_columns *plan, char *text)
{
    const struct sp_entity *e = plan->entity[0];
    if (plan->key != NULL || plan->by_id) {
        return SP_OK; /* a row may change a record that has the rest */
    }
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        bool found = !f->required || f->retired || f->number == e->author;
        for (size_t j = 0; !found && j < plan->columns; j++) {
            found = plan->column[j].entity == 0 && plan->column[j].field == f;
        }
        if (!found) {
            snprintf(text, SV_COLUMNS_TEXT_BYTES,
                sv_say(
                    "no column for %.*s, which every %.*s needs; name it with "
                    "--map COLUMN=%.*s"),
                (int)f->name.size, (const char *)f->name.data,
                (int)e->name.size, (const char *)e->name.data,
                (int)f->name.size, (const char *)f->name.data);
            return SP_E_REQUIRED;
        }
    }
    return SP_OK;
}

/* Names in --map and --ignore that are no columns are typing errors. */
static sp_err check_names(const char *list, bool pairs,
    const struct sp_slice *header, size_t columns, char *text)
{
    const char *ends = pairs ? breaks(list) : ",";
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ends), name = size;
        const char *equals = memchr(at, '=', size);
        if (pairs) {
            name = equals == NULL ? 0 : (size_t)(equals - at);
        }
        bool found = size == 0 && pairs; /* an empty line */
        for (size_t i = 0; i < columns; i++) {
            found = found || sp_slice_equal(header[i], sp_slice_of(at, name));
        }
        if (!found) {
            snprintf(text, SV_COLUMNS_TEXT_BYTES,
                sv_say("\"%.*s\": the file has no such column%s"),
                (int)(size > 60 ? 60 : size), at,
                pairs ? sv_say("; write --map COLUMN=FIELD,...") : "");
            return SP_E_ARGUMENT;
        }
        at += size + (at[size] != '\0' ? 1 : 0);
    }
    return SP_OK;
}

const struct sp_entity *sv_columns_entity(
    const struct sp_dictionary *d, const char *name)
{
    char singular[NAME_BYTES];
    size_t size = strlen(name);
    snprintf(singular, sizeof singular, "%.*s",
        (int)(size > 1 && size < NAME_BYTES ? size - 1 : 0), name);
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        if (same_word(e->name, name) || same_word(e->label_en, name) ||
            same_word(e->label_zh, name) ||
            (size > 1 && name[size - 1] == 's' &&
                (same_word(e->name, singular) ||
                    same_word(e->label_en, singular)))) {
            return e;
        }
    }
    return NULL;
}

/* Whether some column says which record those of the rows belong to. */
static bool has_parent(const struct sv_columns *plan)
{
    for (size_t i = 0; i < plan->columns; i++) {
        if (plan->column[i].entity == 0 &&
            plan->column[i].field->number == plan->entity[0]->parent) {
            return true;
        }
    }
    return false;
}

/* A number is given out once; a name is one of a customer's contacts. */
static sp_err find_below(struct sv_columns *plan, char *text)
{
    const struct sp_entity *e = plan->entity[0];
    plan->key_below = e->parent != 0 && plan->key->number != e->parent &&
                      !sp_slice_equal(plan->key->name, sp_slice_text("number"));
    if (!plan->key_below || has_parent(plan)) {
        return SP_OK;
    }
    const struct sp_field *parent = sp_dictionary_field(e, e->parent);
    snprintf(text, SV_COLUMNS_TEXT_BYTES,
        sv_say("--key %.*s: several may have the same; a column for %.*s says "
               "whose it is, or take --key id"),
        (int)plan->key->name.size, (const char *)plan->key->name.data,
        (int)parent->name.size, (const char *)parent->name.data);
    return SP_E_ARGUMENT;
}

static sp_err find_key(struct sv_columns *plan, const char *key, char *text)
{
    struct sv_column found;
    plan->id_asked = key != NULL && strcmp(key, "id") == 0;
    plan->by_id =
        plan->id_column != SIZE_MAX && (key == NULL || plan->id_asked);
    if (key == NULL || plan->by_id) {
        return SP_OK;
    }
    if (plan->id_asked) {
        snprintf(text, SV_COLUMNS_TEXT_BYTES,
            sv_say("--key %.60s: no column of the file is this field"), key);
        return SP_E_ARGUMENT;
    }
    if (!find_in(plan->entity[0], key, &found) || found.part != NULL ||
        found.field->set || found.field->kind == SP_VALUE_GROUP) {
        snprintf(text, SV_COLUMNS_TEXT_BYTES,
            sv_say(
                "--key %.60s: a key is a field with one value, such as number"),
            key);
        return SP_E_ARGUMENT;
    }
    for (size_t i = 0; i < plan->columns; i++) {
        if (plan->column[i].entity == 0 &&
            plan->column[i].field == found.field) {
            plan->key = found.field;
            return find_below(plan, text);
        }
    }
    snprintf(text, SV_COLUMNS_TEXT_BYTES,
        sv_say("--key %.60s: no column of the file is this field"), key);
    return SP_E_ARGUMENT;
}

static sp_err find_entity(struct sv_columns *plan, const char *name, char *text)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(plan->book);
    char known[SV_COLUMNS_TEXT_BYTES / 2] = "";
    plan->entities = 1;
    plan->entity[0] = sv_columns_entity(d, name);
    if (plan->entity[0] != NULL && plan->entity[0]->tray == SP_TRAY_NONE) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        size_t at = strlen(known);
        if (e->tray != SP_TRAY_NONE) {
            continue;
        }
        if (at + e->name.size + sizeof ", , ..." > sizeof known) {
            snprintf(known + at, sizeof known - at, ", ...");
            break;
        }
        snprintf(known + at, sizeof known - at, "%s%.*s", at == 0 ? "" : ", ",
            (int)e->name.size, (const char *)e->name.data);
    }
    snprintf(text, SV_COLUMNS_TEXT_BYTES,
        sv_say("there is no entity \"%.40s\" to import; there are %s"), name,
        known);
    return SP_E_ARGUMENT;
}

sp_err sv_columns_match(struct sv_columns *plan,
    const struct sv_columns_typed *typed, const struct sp_slice *header,
    size_t columns, char text[SV_COLUMNS_TEXT_BYTES])
{
    plan->columns = columns;
    plan->unused[0] = '\0';
    plan->territory_given = false;
    plan->key = NULL;
    plan->key_below = plan->by_id = plan->id_asked = false;
    plan->id_column = SIZE_MAX;
    sp_err err = find_entity(plan, typed->entity, text);
    if (err == SP_OK) {
        err = check_names(typed->map, true, header, columns, text);
    }
    if (err == SP_OK) {
        err = check_names(typed->ignore, false, header, columns, text);
    }
    for (size_t i = 0; err == SP_OK && i < columns; i++) {
        err = match_one(plan, i, header[i], typed->map, typed->ignore, text);
        const struct sv_column *c = &plan->column[i];
        plan->territory_given =
            plan->territory_given ||
            (err == SP_OK && c->entity == 0 &&
                (c->field->number == plan->entity[0]->territory ||
                    c->field->number == plan->entity[0]->owner));
    }
    if (err == SP_OK) {
        err = find_key(plan, typed->key, text);
    }
    if (err == SP_OK && plan->id_column != SIZE_MAX && !plan->by_id) {
        leave_out_column(plan, header[plan->id_column]);
    }
    return err == SP_OK ? check_required(plan, text) : err;
}

uint32_t sv_columns_parts(
    const struct sv_columns *c, unsigned entity, const struct sp_field *f)
{
    uint32_t parts = 0;
    for (size_t i = 0; i < c->columns; i++) {
        const struct sv_column *o = &c->column[i];
        if (o->entity == (int)entity && o->field == f) {
            parts |= o->part == NULL ? UINT32_MAX
                                     : (uint32_t)1 << (o->part - f->part);
        }
    }
    return parts;
}
