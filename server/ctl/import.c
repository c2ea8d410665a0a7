#include "ctl/import.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ops/say.h"
#include "sp/pack.h"

#define NAME_BYTES 128u
#define WRITES_MAX 256u /* of one record */
#define SET_BREAK  '|'  /* between members of a set in one cell */

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

static const struct sp_field *field_of(
    const struct sp_entity *e, const char *name)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (!f->retired &&
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
        if (!f->retired && (head || tail || plural)) {
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
    const struct sp_entity *e, const char *name, struct sv_import_column *out)
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

/* An entity whose records belong to accounts. */
static int child_entity(struct sv_import_plan *plan, struct sp_slice name)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(plan->book);
    const struct sp_entity *e = sp_dictionary_entity_named(d, name);
    const struct sp_field *parent =
        e == NULL || e->parent == 0 ? NULL : sp_dictionary_field(e, e->parent);
    if (parent == NULL || parent->target != plan->entity[0]->number) {
        return -1;
    }
    for (unsigned i = 1; i < plan->entities; i++) {
        if (plan->entity[i] == e) {
            return (int)i;
        }
    }
    if (plan->entities == SV_IMPORT_ENTITIES_MAX) {
        return -1;
    }
    plan->entity[plan->entities] = e;
    return (int)plan->entities++;
}

static bool find_child(
    struct sv_import_plan *plan, const char *name, struct sv_import_column *out)
{
    size_t size = strcspn(name, "._");
    if (name[size] == '\0') {
        return false;
    }
    unsigned before = plan->entities;
    int entity = child_entity(plan, sp_slice_of(name, size));
    if (entity < 0) {
        return false;
    }
    if (!find_in(plan->entity[entity], name + size + 1, out)) {
        plan->entities = before;
        return false;
    }
    out->entity = entity;
    return true;
}

static bool find_column(
    struct sv_import_plan *plan, const char *name, struct sv_import_column *out)
{
    out->entity = 0;
    if (find_in(plan->entity[0], name, out) || find_child(plan, name, out)) {
        return true;
    }
    out->entity = -1;
    return false;
}

/* The piece of "A=x,B=y" that speaks of a column, copied to out. */
static bool mapped(const char *map, struct sp_slice column, char *out)
{
    for (const char *at = map; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ",");
        const char *equals = memchr(at, '=', size);
        if (equals != NULL && (size_t)(equals - at) == column.size &&
            memcmp(at, column.data, column.size) == 0) {
            snprintf(out, NAME_BYTES, "%.*s", (int)(size - column.size - 1),
                equals + 1);
            return true;
        }
        at += size + (at[size] == ',' ? 1 : 0);
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

static sp_err match_one(struct sv_import_plan *plan, size_t i,
    struct sp_slice column, const char *map, const char *ignore, char *text)
{
    char name[NAME_BYTES];
    struct sv_import_column *c = &plan->column[i];
    c->entity = -1;
    if (listed(ignore, column)) {
        return SP_OK;
    }
    bool named = mapped(map, column, name);
    if (!named) {
        snprintf(name, sizeof name, "%.*s", (int)column.size,
            (const char *)column.data);
    }
    if (!find_column(plan, name, c)) {
        if (named) {
            snprintf(text, SV_IMPORT_TEXT_BYTES,
                "--map %.*s=%.60s: there is no such field; satchelctl "
                "dictionary export shows them",
                (int)column.size, (const char *)column.data, name);
            return SP_E_ARGUMENT;
        }
        size_t at = strlen(plan->unused);
        snprintf(plan->unused + at, sizeof plan->unused - at, "%s%.*s",
            at == 0 ? "" : ", ", (int)column.size, (const char *)column.data);
        return SP_OK;
    }
    for (size_t j = 0; j < i; j++) {
        const struct sv_import_column *o = &plan->column[j];
        if (o->entity == c->entity && c->entity >= 0 && o->field == c->field &&
            o->part == c->part && !c->field->set) {
            snprintf(text, SV_IMPORT_TEXT_BYTES,
                "columns %zu and %zu both mean %.*s; leave one out with "
                "--ignore",
                j + 1, i + 1, (int)c->field->name.size,
                (const char *)c->field->name.data);
            return SP_E_ARGUMENT;
        }
    }
    return SP_OK;
}

/* Fields that the import fills in itself. */
static bool filled_in(const struct sp_entity *e, const struct sp_field *f)
{
    return f->number == e->parent || f->number == e->author;
}

static sp_err check_required(const struct sv_import_plan *plan, char *text)
{
    const struct sp_entity *e = plan->entity[0];
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        bool found = !f->required || f->retired || filled_in(e, f);
        for (size_t j = 0; !found && j < plan->columns; j++) {
            found = plan->column[j].entity == 0 && plan->column[j].field == f;
        }
        if (!found) {
            snprintf(text, SV_IMPORT_TEXT_BYTES,
                "no column for %.*s, which every %.*s needs; name it with "
                "--map COLUMN=%.*s",
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
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ","), name = size;
        const char *equals = memchr(at, '=', size);
        if (pairs) {
            name = equals == NULL ? 0 : (size_t)(equals - at);
        }
        bool found = false;
        for (size_t i = 0; i < columns; i++) {
            found = found || sp_slice_equal(header[i], sp_slice_of(at, name));
        }
        if (!found) {
            snprintf(text, SV_IMPORT_TEXT_BYTES,
                "\"%.*s\": the file has no such column%s",
                (int)(size > 60 ? 60 : size), at,
                pairs ? "; write --map COLUMN=FIELD,..." : "");
            return SP_E_ARGUMENT;
        }
        at += size + (at[size] == ',' ? 1 : 0);
    }
    return SP_OK;
}

sp_err sv_import_match(struct sv_import_plan *plan,
    const struct sp_rulebook *book, const struct sp_slice *header,
    size_t columns, const char *map, const char *ignore,
    char text[SV_IMPORT_TEXT_BYTES])
{
    plan->book = book;
    plan->columns = columns;
    plan->entities = 1;
    plan->entity[0] = sp_dictionary_entity_named(
        sp_rulebook_dictionary(book), sp_slice_text("account"));
    if (plan->entity[0] == NULL) {
        snprintf(text, SV_IMPORT_TEXT_BYTES,
            "the dictionary in force has no entity \"account\"");
        return SP_E_ARGUMENT;
    }
    sp_err err = check_names(map, true, header, columns, text);
    if (err == SP_OK) {
        err = check_names(ignore, false, header, columns, text);
    }
    for (size_t i = 0; err == SP_OK && i < columns; i++) {
        err = match_one(plan, i, header[i], map, ignore, text);
        const struct sv_import_column *c = &plan->column[i];
        plan->territory_given =
            plan->territory_given ||
            (err == SP_OK && c->entity == 0 &&
                (c->field->number == plan->entity[0]->territory ||
                    c->field->number == plan->entity[0]->owner));
    }
    return err == SP_OK ? check_required(plan, text) : err;
}

/* ---- rows -------------------------------------------------------------- */

/* The writes of one record as they come together. */
struct growing {
    struct sp_draft_change change;
    struct sp_draft_write *write; /* room for WRITES_MAX */
};

static sp_err refuse(struct sv_csv_problem *problem, size_t column,
    const struct sp_field *f, struct sp_slice cell, const char *why)
{
    size_t shown = cell.size > 60 ? 60 : cell.size;
    while (
        shown > 0 && shown < cell.size && (cell.data[shown] & 0xc0u) == 0x80u) {
        shown--; /* not within a character */
    }
    problem->column = column + 1;
    snprintf(problem->text, sizeof problem->text, "%.*s \"%.*s\": %s",
        (int)f->name.size, (const char *)f->name.data, (int)shown,
        (const char *)cell.data, sv_say(why));
    return SP_E_VALUE;
}

static const char *advice(const struct sp_field *f)
{
    switch (f->kind) {
    case SP_VALUE_ENUM:
        return SV_SAY("choose one of the options of the dictionary");
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        return SV_SAY(
            "write a whole number within the limits of the dictionary");
    case SP_VALUE_DATE:
        return SV_SAY("write a date as 2026-03-04");
    case SP_VALUE_TS:
        return SV_SAY("write a time as 2026-03-04T05:06Z");
    case SP_VALUE_MONEY:
        return SV_SAY("write an amount as 1234.50 CNY");
    case SP_VALUE_GEO:
        return SV_SAY("write a position as latitude,longitude");
    case SP_VALUE_BOOL:
        return SV_SAY("write yes or no");
    case SP_VALUE_USER:
        return SV_SAY(
            "write the login of a person; satchelctl user list shows them");
    case SP_VALUE_TERRITORY:
        return SV_SAY(
            "write the code of a territory; satchelctl territory list "
            "shows them");
    case SP_VALUE_STR:
        return SV_SAY(
            "too long, or characters that a text of one line cannot have; "
            "shorten or clean it");
    default:
        return SV_SAY("this is no value of the field; correct it");
    }
}

/* Logins are what people write; the field holds numbers. */
static bool person_text(const struct sv_import_plan *plan, struct sp_slice cell,
    char *out, size_t room)
{
    const struct sp_person *p = sp_rulebook_find_login(plan->book, cell);
    if (p == NULL && cell.size > 0 && cell.size < 11) {
        char digits[12];
        char *end = NULL;
        snprintf(digits, sizeof digits, "%.*s", (int)cell.size,
            (const char *)cell.data);
        unsigned long number = strtoul(digits, &end, 10);
        p = *end == '\0' && number <= UINT32_MAX
                ? sp_rulebook_find_person(plan->book, (uint32_t)number)
                : NULL;
    }
    if (p == NULL) {
        return false;
    }
    snprintf(out, room, "%u", p->user);
    return true;
}

static sp_err parse(const struct sv_import_plan *plan, const struct sp_field *f,
    struct sp_slice cell, struct sp_arena *arena, struct sp_slice *out)
{
    char number[12];
    struct sp_buf value;
    if (f->kind == SP_VALUE_USER) {
        if (!person_text(plan, cell, number, sizeof number)) {
            return SP_E_VALUE;
        }
        cell = sp_slice_text(number);
    }
    if (f->kind == SP_VALUE_TERRITORY &&
        sp_rulebook_find_territory(plan->book, cell) == NULL) {
        return SP_E_VALUE;
    }
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    sp_err err = sp_dictionary_parse_value(f, cell, &value);
    err = err == SP_OK ? value.err : err;
    if (err == SP_OK) {
        err = sp_dictionary_check_value(f, sp_buf_slice(&value));
    }
    if (err == SP_OK) {
        *out = sp_arena_copy(arena, sp_buf_slice(&value));
        err = out->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&value);
    return err == SP_E_TOO_LARGE ? SP_E_VALUE : err;
}

static sp_err add_write(struct growing *g, const struct sp_field *f,
    struct sp_slice value, struct sp_arena *arena)
{
    struct sp_draft_write w = { .key = { .field = f->number }, .value = value };
    if (f->set) {
        uint8_t element[SP_ELEMENT_BYTES_MAX];
        size_t size = sp_dictionary_element(value, element);
        w.key.element = sp_arena_copy(arena, sp_slice_of(element, size));
        if (w.key.element.data == NULL) {
            return SP_E_NOMEM;
        }
    }
    for (uint32_t i = 0; i < g->change.count; i++) {
        if (sp_key_cmp(&g->write[i].key, &w.key) == 0) {
            return SP_OK; /* the same member twice */
        }
    }
    if (g->change.count == WRITES_MAX) {
        return SP_E_TOO_LARGE;
    }
    g->write[g->change.count++] = w;
    return SP_OK;
}

static struct sp_slice trim(struct sp_slice s)
{
    while (s.size > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.size--;
    }
    while (s.size > 0 &&
           (s.data[s.size - 1] == ' ' || s.data[s.size - 1] == '\t')) {
        s.size--;
    }
    return s;
}

static bool empty(const struct sv_import_plan *plan, struct sp_slice cell)
{
    return cell.size == 0 ||
           (plan->null != NULL &&
               sp_slice_equal(cell, sp_slice_text(plan->null)));
}

/* One member of a set, or the whole of a plain field. */
static sp_err take_value(const struct sv_import_plan *plan, size_t column,
    struct sp_slice cell, struct growing *g, struct sp_arena *arena,
    struct sv_csv_problem *problem)
{
    const struct sv_import_column *c = &plan->column[column];
    struct sp_slice value;
    sp_err err = SP_OK;
    if (c->part != NULL) { /* a set of groups: first part only */
        struct sp_slice texts[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
        struct sp_buf packed;
        texts[c->part - c->field->part] = cell;
        sp_buf_init(&packed, SP_VALUE_BYTES_MAX);
        err = sp_dictionary_parse_parts(
            c->field, texts, c->field->part_count, &packed);
        err = err == SP_OK ? packed.err : err;
        if (err == SP_OK) {
            value = sp_arena_copy(arena, sp_buf_slice(&packed));
            err = value.data == NULL ? SP_E_NOMEM : SP_OK;
        }
        sp_buf_free(&packed);
    } else {
        err = parse(plan, c->field, cell, arena, &value);
    }
    if (err == SP_OK) {
        err = add_write(g, c->field, value, arena);
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        return refuse(problem, column, c->field, cell, advice(c->field));
    }
    if (err == SP_E_TOO_LARGE) {
        return refuse(problem, column, c->field, cell,
            "more values than one record can have; leave some out");
    }
    return err;
}

static sp_err take_cell(const struct sv_import_plan *plan, size_t column,
    struct sp_slice cell, struct growing *g, struct sp_arena *arena,
    struct sv_csv_problem *problem)
{
    const struct sv_import_column *c = &plan->column[column];
    if (!c->field->set) {
        return take_value(plan, column, cell, g, arena, problem);
    }
    sp_err err = SP_OK;
    uint32_t members = 0;
    while (err == SP_OK && cell.size > 0) {
        const uint8_t *end = memchr(cell.data, SET_BREAK, cell.size);
        size_t size = end == NULL ? cell.size : (size_t)(end - cell.data);
        struct sp_slice member = trim(sp_slice_of(cell.data, size));
        size += end == NULL ? 0 : 1;
        cell = sp_slice_of(cell.data + size, cell.size - size);
        if (member.size == 0) {
            continue;
        }
        if (++members > c->field->members_max) {
            return refuse(problem, column, c->field, member,
                "more values than the dictionary allows; leave some out");
        }
        err = take_value(plan, column, member, g, arena, problem);
    }
    return err;
}

/* All parts of one group that the row has, as one value. */
static sp_err take_group(const struct sv_import_plan *plan, size_t first,
    const struct sp_slice *cells, struct growing *g, struct sp_arena *arena,
    struct sv_csv_problem *problem)
{
    const struct sv_import_column *c = &plan->column[first];
    struct sp_slice texts[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    struct sp_buf packed;
    bool any = false;
    for (size_t i = 0; i < plan->columns; i++) {
        const struct sv_import_column *o = &plan->column[i];
        struct sp_slice cell = trim(cells[i]);
        if (o->entity == c->entity && o->field == c->field && o->part != NULL &&
            !empty(plan, cell)) {
            texts[o->part - o->field->part] = cell;
            any = true;
        }
    }
    if (!any) {
        return SP_OK;
    }
    sp_buf_init(&packed, SP_VALUE_BYTES_MAX);
    sp_err err = sp_dictionary_parse_parts(
        c->field, texts, c->field->part_count, &packed);
    err = err == SP_OK ? packed.err : err;
    struct sp_slice value = { NULL, 0 };
    if (err == SP_OK) {
        value = sp_arena_copy(arena, sp_buf_slice(&packed));
        err = value.data == NULL ? SP_E_NOMEM
                                 : add_write(g, c->field, value, arena);
    }
    sp_buf_free(&packed);
    if (err == SP_E_VALUE || err == SP_E_REQUIRED || err == SP_E_TOO_LARGE) {
        return refuse(problem, first, c->field, trim(cells[first]),
            "a part of it is too long or not valid; correct it");
    }
    return err;
}

/* Whether an earlier column has begun this group already. */
static bool group_done(const struct sv_import_plan *plan, size_t column)
{
    const struct sv_import_column *c = &plan->column[column];
    for (size_t i = 0; i < column; i++) {
        const struct sv_import_column *o = &plan->column[i];
        if (o->entity == c->entity && o->field == c->field && o->part != NULL) {
            return true;
        }
    }
    return false;
}

static sp_err take_columns(const struct sv_import_plan *plan, int entity,
    const struct sp_slice *cells, struct growing *g, struct sp_arena *arena,
    struct sv_csv_problem *problem)
{
    sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < plan->columns; i++) {
        const struct sv_import_column *c = &plan->column[i];
        struct sp_slice cell = trim(cells[i]);
        if (c->entity != entity) {
            continue;
        }
        if (c->part != NULL && !c->field->set) {
            if (!group_done(plan, i)) {
                err = take_group(plan, i, cells, g, arena, problem);
            }
        } else if (!empty(plan, cell)) {
            err = take_cell(plan, i, cell, g, arena, problem);
        }
    }
    return err;
}

static sp_err check_record(const struct sp_entity *e, const struct growing *g,
    struct sv_csv_problem *problem)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        bool found = !f->required || f->retired;
        for (uint32_t j = 0; !found && j < g->change.count; j++) {
            found = g->write[j].key.field == f->number;
        }
        if (!found) {
            problem->column = 0;
            snprintf(problem->text, sizeof problem->text,
                "%.*s is empty, and every %.*s needs it; fill it in",
                (int)f->name.size, (const char *)f->name.data,
                (int)e->name.size, (const char *)e->name.data);
            return SP_E_REQUIRED;
        }
    }
    return SP_OK;
}

/* Reference to the account, and the author: what no column says. */
static sp_err fill_in(const struct sv_import_plan *plan,
    const struct sp_entity *e, const struct sp_ref *account, struct growing *g,
    struct sp_arena *arena)
{
    const struct sp_field *parent = sp_dictionary_field(e, e->parent);
    const struct sp_field *author = sp_dictionary_field(e, e->author);
    struct sp_buf packed;
    sp_err err = SP_OK;
    sp_buf_init(&packed, 64);
    if (parent != NULL) {
        sp_wr_bin(&packed, account->id.b, sizeof account->id.b);
        struct sp_slice value = sp_arena_copy(arena, sp_buf_slice(&packed));
        err = value.data == NULL ? SP_E_NOMEM
                                 : add_write(g, parent, value, arena);
    }
    sp_buf_reset(&packed);
    if (err == SP_OK && author != NULL) {
        sp_wr_uint(&packed, plan->user);
        struct sp_slice value = sp_arena_copy(arena, sp_buf_slice(&packed));
        err = value.data == NULL ? SP_E_NOMEM
                                 : add_write(g, author, value, arena);
    }
    sp_buf_free(&packed);
    return err;
}

static sp_err begin_record(struct growing *g, const struct sp_entity *e,
    struct sp_id id, struct sp_arena *arena)
{
    g->write = sp_arena_take(arena, WRITES_MAX, sizeof *g->write);
    if (g->write == NULL) {
        return SP_E_NOMEM;
    }
    g->change =
        (struct sp_draft_change){ .ref = { .type = e->number, .id = id },
            .create = true,
            .write = g->write };
    return SP_OK;
}

sp_err sv_import_row(const struct sv_import_plan *plan,
    const struct sp_slice *cells, struct sp_id (*id)(void *self), void *self,
    struct sp_arena *arena, struct sp_draft *out,
    struct sv_csv_problem *problem)
{
    struct sp_draft_change *changes =
        sp_arena_take(arena, SV_IMPORT_ENTITIES_MAX, sizeof *changes);
    uint32_t count = 0;
    sp_err err = changes == NULL ? SP_E_NOMEM : SP_OK;
    for (unsigned i = 0; err == SP_OK && i < plan->entities; i++) {
        const struct sp_entity *e = plan->entity[i];
        struct growing g;
        err = begin_record(&g, e, id(self), arena);
        if (err == SP_OK) {
            err = take_columns(plan, (int)i, cells, &g, arena, problem);
        }
        if (err != SP_OK || (i > 0 && g.change.count == 0)) {
            continue; /* a row without a contact makes none */
        }
        if (i > 0) {
            err = fill_in(plan, e, &changes[0].ref, &g, arena);
        }
        if (err == SP_OK) {
            err = check_record(e, &g, problem);
        }
        changes[count++] = g.change;
    }
    if (err == SP_OK) {
        *out = (struct sp_draft){ .user = plan->user,
            .authority = sp_rulebook_authority(plan->book, plan->user),
            .count = count,
            .change = changes };
    }
    return err;
}
