#include "ctl/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/say.h"
#include "sp/pack.h"
#include "sp/seal.h"

#include "book/csv.h"
#include "book/nfc.h"

/* One row at work. */
struct row {
    const struct sv_columns *plan;
    const struct sp_slice *cells;
    const struct sv_import_port *port;
    struct sp_arena *arena;
    struct sp_buf *value; /* of one value, while it is made */
    struct sv_csv_problem *problem;
};

/* The writes of one record as they come together. */
struct growing {
    struct sp_draft_change change;
    struct sp_draft_write write[SV_IMPORT_WRITES_MAX];
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
    problem->code = "value";
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
        return SV_SAY(
            "write an amount as 1234.50 CNY, or name the currency of all "
            "amounts with --currency");
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
    case SP_VALUE_REF:
        return SV_SAY(
            "write the id, the number or the name of a record that is here; "
            "import what is referred to first");
    default:
        return SV_SAY("this is no value of the field; correct it");
    }
}

/* Logins are what people write; the field holds numbers. */
static bool person_text(
    const struct sv_columns *plan, struct sp_slice cell, char *out, size_t room)
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

/* "1996-07-04 00:00:00.000": spreadsheets add the midnight to a date. */
static struct sp_slice without_midnight(struct sp_slice cell)
{
    static const char midnight[] = "00:00:00.000";
    size_t behind = cell.size < 11 ? 0 : cell.size - 11;
    if (behind >= 5 && behind < sizeof midnight &&
        (cell.data[10] == ' ' || cell.data[10] == 'T') &&
        memcmp(cell.data + 11, midnight, behind) == 0) {
        cell.size = 10;
    }
    return cell;
}

/* Whether an amount names its currency. */
static bool has_letter(struct sp_slice cell)
{
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] >= 'A' && cell.data[i] <= 'Z') {
            return true;
        }
    }
    return false;
}

/* A record's id as text, of a number or a name that people write; what is
 * neither stays as it is, for an id. */
static sp_err reference(const struct row *r, const struct sp_field *f,
    struct sp_slice *cell, char out[SP_ID_TEXT_BYTES])
{
    struct sp_id id;
    sp_err err = r->port->refer == NULL
                     ? SP_E_NOT_FOUND
                     : r->port->refer(r->port->self, f->target, *cell, &id);
    if (err == SP_OK) {
        sp_id_format(out, &id);
        *cell = sp_slice_text(out);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* What is typed as the dictionary reads it; text is room for it. */
static sp_err plain_text(const struct row *r, const struct sp_field *f,
    struct sp_slice *cell, char text[SP_ID_TEXT_BYTES])
{
    const struct sv_columns *plan = r->plan;
    if (f->kind == SP_VALUE_USER) {
        if (!person_text(plan, *cell, text, SP_ID_TEXT_BYTES)) {
            return SP_E_VALUE;
        }
        *cell = sp_slice_text(text);
    } else if (f->kind == SP_VALUE_REF) {
        return reference(r, f, cell, text);
    } else if (f->kind == SP_VALUE_DATE) {
        *cell = without_midnight(*cell);
    } else if (f->kind == SP_VALUE_MONEY && plan->currency != NULL &&
               cell->size < SP_ID_TEXT_BYTES - 5 && !has_letter(*cell)) {
        snprintf(text, SP_ID_TEXT_BYTES, "%.*s %.3s", (int)cell->size,
            (const char *)cell->data, plan->currency);
        *cell = sp_slice_text(text);
    } else if (f->kind == SP_VALUE_TERRITORY &&
               sp_rulebook_find_territory(plan->book, *cell) == NULL) {
        return SP_E_VALUE;
    }
    return SP_OK;
}

static sp_err parse(const struct row *r, const struct sp_field *f,
    struct sp_slice cell, struct sp_slice *out)
{
    char text[SP_ID_TEXT_BYTES];
    sp_err err = plain_text(r, f, &cell, text);
    sp_buf_reset(r->value);
    if (err == SP_OK) {
        err = sp_dictionary_parse_value(f, cell, r->value);
        err = err == SP_OK ? r->value->err : err;
    }
    if (err == SP_OK) {
        *out = sp_arena_copy(r->arena, sp_buf_slice(r->value));
        err = out->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err == SP_E_TOO_LARGE ? SP_E_VALUE : err;
}

static sp_err parse_parts(const struct row *r, const struct sp_field *f,
    const struct sp_slice *texts, struct sp_slice *out)
{
    sp_buf_reset(r->value);
    sp_err err = sp_dictionary_parse_parts(f, texts, f->part_count, r->value);
    err = err == SP_OK ? r->value->err : err;
    if (err == SP_OK) {
        *out = sp_arena_copy(r->arena, sp_buf_slice(r->value));
        err = out->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err;
}

static sp_err add_write(const struct row *r, struct growing *g,
    const struct sp_field *f, struct sp_slice value)
{
    struct sp_draft_write w = { .key = { .field = f->number }, .value = value };
    if (f->set) {
        uint8_t element[SP_ELEMENT_BYTES_MAX];
        size_t size = sp_dictionary_element(value, element);
        w.key.element = sp_arena_copy(r->arena, sp_slice_of(element, size));
        if (w.key.element.data == NULL) {
            return SP_E_NOMEM;
        }
    }
    for (uint32_t i = 0; i < g->change.count; i++) {
        if (sp_key_cmp(&g->write[i].key, &w.key) == 0) {
            return SP_OK; /* the same member twice */
        }
    }
    if (g->change.count == SV_IMPORT_WRITES_MAX) {
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

static bool empty(const struct sv_columns *plan, struct sp_slice cell)
{
    return cell.size == 0 ||
           (plan->null != NULL &&
               sp_slice_equal(cell, sp_slice_text(plan->null)));
}

/* "number=138...; label=work": a whole group, as people type it. */
static bool names_part(const struct sv_column *c, struct sp_slice cell)
{
    struct sp_slice name = c->part->name;
    return cell.size > name.size && cell.data[name.size] == '=' &&
           memcmp(cell.data, name.data, name.size) == 0;
}

/* One member of a set, or the whole of a plain field. */
static sp_err take_value(
    const struct row *r, size_t column, struct sp_slice cell, struct growing *g)
{
    const struct sv_column *c = &r->plan->column[column];
    struct sp_slice value = { NULL, 0 };
    sp_err err = SP_OK;
    if (c->part != NULL && names_part(c, cell)) {
        err = parse(r, c->field, cell, &value);
    } else if (c->part != NULL) { /* a set of groups: first part only */
        struct sp_slice texts[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
        texts[c->part - c->field->part] = cell;
        err = parse_parts(r, c->field, texts, &value);
    } else {
        err = parse(r, c->field, cell, &value);
    }
    if (err == SP_OK) {
        err = add_write(r, g, c->field, value);
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        return refuse(r->problem, column, c->field, cell, advice(c->field));
    }
    if (err == SP_E_AMBIGUOUS) {
        return refuse(r->problem, column, c->field, cell,
            SV_SAY("several are called so; write the id or the number of one"));
    }
    if (err == SP_E_TOO_LARGE) {
        return refuse(r->problem, column, c->field, cell,
            "more values than one record can have; leave some out");
    }
    return err;
}

static sp_err take_cell(
    const struct row *r, size_t column, struct sp_slice cell, struct growing *g)
{
    const struct sv_column *c = &r->plan->column[column];
    if (!c->field->set) {
        return take_value(r, column, cell, g);
    }
    struct sp_buf text;
    sp_err err = SP_OK;
    uint32_t members = 0;
    sp_buf_init(&text, SV_CSV_ROW_BYTES_MAX);
    while (err == SP_OK && cell.size > 0) {
        sp_buf_reset(&text);
        cc_csv_take_member(&cell, &text);
        struct sp_slice member = trim(sp_buf_slice(&text));
        if (text.err != SP_OK) {
            err = text.err;
        } else if (member.size > 0 && ++members > c->field->members_max) {
            err = refuse(r->problem, column, c->field, member,
                "more values than the dictionary allows; leave some out");
        } else if (member.size > 0) {
            err = take_value(r, column, member, g);
        }
    }
    sp_buf_free(&text);
    return err;
}

/* All parts of one group that the row has, as one value. */
static sp_err take_group(const struct row *r, size_t first, struct growing *g)
{
    const struct sv_column *c = &r->plan->column[first];
    struct sp_slice texts[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    struct sp_slice value = { NULL, 0 };
    bool any = false;
    for (size_t i = 0; i < r->plan->columns; i++) {
        const struct sv_column *o = &r->plan->column[i];
        struct sp_slice cell = trim(r->cells[i]);
        if (o->entity == c->entity && o->field == c->field && o->part != NULL &&
            !empty(r->plan, cell)) {
            texts[o->part - o->field->part] = cell;
            any = true;
        }
    }
    if (!any) {
        return SP_OK;
    }
    sp_err err = parse_parts(r, c->field, texts, &value);
    if (err == SP_OK) {
        err = add_write(r, g, c->field, value);
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED || err == SP_E_TOO_LARGE) {
        return refuse(r->problem, first, c->field, trim(r->cells[first]),
            "a part of it is too long or not valid; correct it");
    }
    return err;
}

/* Whether an earlier column has begun this group already. */
static bool group_done(const struct sv_columns *plan, size_t column)
{
    const struct sv_column *c = &plan->column[column];
    for (size_t i = 0; i < column; i++) {
        const struct sv_column *o = &plan->column[i];
        if (o->entity == c->entity && o->field == c->field && o->part != NULL) {
            return true;
        }
    }
    return false;
}

static sp_err take_columns(
    const struct row *r, unsigned entity, struct growing *g)
{
    sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < r->plan->columns; i++) {
        const struct sv_column *c = &r->plan->column[i];
        if (c->entity != (int)entity) {
            continue;
        }
        struct sp_slice cell = trim(r->cells[i]);
        if (c->part != NULL && !c->field->set) {
            if (!group_done(r->plan, i)) {
                err = take_group(r, i, g);
            }
        } else if (!empty(r->plan, cell)) {
            err = take_cell(r, i, cell, g);
        }
    }
    return err;
}

static sp_err check_record(const struct row *r, const struct sp_entity *e,
    const struct sp_draft_change *change)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->required && !f->retired &&
            sv_import_written(change, f->number) == NULL) {
            r->problem->column = 0;
            r->problem->code = "required";
            snprintf(r->problem->text, sizeof r->problem->text,
                sv_say("%.*s is empty, and every %.*s needs it; fill it in"),
                (int)f->name.size, (const char *)f->name.data,
                (int)e->name.size, (const char *)e->name.data);
            return SP_E_REQUIRED;
        }
    }
    return SP_OK;
}

static sp_err add_packed(
    const struct row *r, struct growing *g, const struct sp_field *f)
{
    struct sp_slice value = sp_arena_copy(r->arena, sp_buf_slice(r->value));
    return value.data == NULL ? SP_E_NOMEM : add_write(r, g, f, value);
}

/* The author, and of what belongs to the row's record, this: what no column
 * says. */
static sp_err fill_in(const struct row *r, const struct sp_entity *e,
    const struct sp_ref *owner, struct growing *g)
{
    const struct sp_field *parent = sp_dictionary_field(e, e->parent);
    const struct sp_field *author = sp_dictionary_field(e, e->author);
    sp_err err = SP_OK;
    if (parent != NULL && owner != NULL) {
        sp_buf_reset(r->value);
        sp_wr_bin(r->value, owner->id.b, sizeof owner->id.b);
        err = add_packed(r, g, parent);
    }
    if (err == SP_OK && author != NULL &&
        sv_import_written(&g->change, author->number) == NULL) {
        sp_buf_reset(r->value);
        sp_wr_uint(r->value, r->plan->user);
        err = add_packed(r, g, author);
    }
    return err;
}

/* Of which record the row speaks; found false: of a new one. A cell that is
 * no id of ours stands in a file from elsewhere. */
static sp_err find_known(const struct row *r, const struct growing *g,
    struct sp_id *out, bool *found)
{
    const struct sv_columns *plan = r->plan;
    struct sv_keys_hash key;
    bool named = sv_import_key(plan, r->cells, &g->change, &key);
    *found = named && r->port->known != NULL &&
             r->port->known(r->port->self, &key, out);
    bool typed = plan->by_id && trim(r->cells[plan->id_column]).size > 0;
    if (*found || !typed || (!named && !plan->id_asked)) {
        return SP_OK;
    }
    struct sp_slice cell = trim(r->cells[plan->id_column]);
    r->problem->column = plan->id_column + 1;
    r->problem->code = "value";
    snprintf(r->problem->text, sizeof r->problem->text,
        sv_say("id \"%.*s\": no %.*s here has it; leave the cell empty for a "
               "new one, or the column out with --ignore"),
        (int)(cell.size > 60 ? 60 : cell.size), (const char *)cell.data,
        (int)plan->entity[0]->name.size,
        (const char *)plan->entity[0]->name.data);
    return SP_E_VALUE;
}

/* The writes leave the room that the next record needs. */
static sp_err keep(
    const struct row *r, struct growing *g, struct sp_draft_change *out)
{
    struct sp_draft_write *write =
        sp_arena_take(r->arena, g->change.count, sizeof *write);
    if (write == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(write, g->write, g->change.count * sizeof *write);
    *out = g->change;
    out->write = write;
    return SP_OK;
}

/* The record of one entity that the row has something of. */
static sp_err take_record(const struct row *r, unsigned i,
    struct sp_draft_change *changes, uint32_t *count)
{
    const struct sp_entity *e = r->plan->entity[i];
    struct growing g;
    struct sp_id id;
    g.change = (struct sp_draft_change){ .create = true, .write = g.write };
    sp_err err = take_columns(r, i, &g);
    if (err != SP_OK || (i > 0 && g.change.count == 0)) {
        return err; /* a row without a contact makes none */
    }
    if (i == 0) {
        bool found = false;
        err = find_known(r, &g, &id, &found);
        g.change.create = !found;
    }
    if (err != SP_OK) {
        return err;
    }
    if (g.change.create) {
        id = r->port->make(r->port->self);
    }
    g.change.ref = (struct sp_ref){ .type = e->number, .id = id };
    if (g.change.create) {
        err = fill_in(r, e, i == 0 ? NULL : &changes[0].ref, &g);
    }
    if (err == SP_OK && g.change.create) {
        err = check_record(r, e, &g.change);
    }
    return err == SP_OK ? keep(r, &g, &changes[(*count)++]) : err;
}

/* The cells with their text in NFC, as all text of a store is; most are. */
static sp_err compose(const struct sv_columns *plan, struct sp_arena *arena,
    const struct sp_slice **cells)
{
    struct sp_slice *out = sp_arena_take(arena, plan->columns, sizeof *out);
    struct sp_buf text;
    sp_err err = out == NULL ? SP_E_NOMEM : SP_OK;
    sp_buf_init(&text, 4u * SP_VALUE_BYTES_MAX);
    for (size_t i = 0; err == SP_OK && i < plan->columns; i++) {
        out[i] = (*cells)[i];
        if (!cc_nfc_needed(out[i])) {
            continue;
        }
        sp_buf_reset(&text);
        err = cc_nfc_text(out[i], &text);
        if (err == SP_OK && text.err == SP_OK) {
            out[i] = sp_arena_copy(arena, sp_buf_slice(&text));
            err = out[i].data == NULL ? SP_E_NOMEM : SP_OK;
        } /* else too long, for any field */
    }
    sp_buf_free(&text);
    *cells = out;
    return err;
}

sp_err sv_import_row(const struct sv_columns *plan,
    const struct sp_slice *cells, const struct sv_import_port *port,
    struct sp_arena *arena, struct sp_draft *out,
    struct sv_csv_problem *problem)
{
    struct sp_draft_change *changes =
        sp_arena_take(arena, plan->entities, sizeof *changes);
    struct sp_buf value;
    uint32_t count = 0;
    sp_err err = changes == NULL ? SP_E_NOMEM : compose(plan, arena, &cells);
    struct row r = { plan, cells, port, arena, &value, problem };
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    for (unsigned i = 0; err == SP_OK && i < plan->entities; i++) {
        err = take_record(&r, i, changes, &count);
    }
    sp_buf_free(&value);
    if (err == SP_OK) {
        *out = (struct sp_draft){ .user = plan->user,
            .authority = sp_rulebook_authority(plan->book, plan->user),
            .count = count,
            .change = changes };
    }
    return err;
}

struct sv_keys_hash sv_import_key_below(
    struct sp_slice parent, struct sp_slice value)
{
    struct sv_keys_hash part[2] = { sv_keys_hash(parent), sv_keys_hash(value) };
    return sv_keys_hash(sp_slice_of(part[0].b, sizeof part));
}

bool sv_import_key(const struct sv_columns *plan, const struct sp_slice *cells,
    const struct sp_draft_change *change, struct sv_keys_hash *out)
{
    if (plan->by_id) {
        struct sp_slice cell = trim(cells[plan->id_column]);
        char text[SP_ID_TEXT_BYTES] = "";
        struct sp_id id;
        if (cell.size != sizeof text - 1) {
            return false;
        }
        memcpy(text, cell.data, cell.size);
        if (sp_id_parse(&id, text) != SP_OK) {
            return false;
        }
        *out = sv_keys_hash(sp_slice_of(id.b, sizeof id.b));
        return true;
    }
    const struct sp_draft_write *key =
        plan->key == NULL ? NULL : sv_import_written(change, plan->key->number);
    const struct sp_draft_write *parent =
        plan->key_below ? sv_import_written(change, plan->entity[0]->parent)
                        : NULL;
    if (key == NULL || (plan->key_below && parent == NULL)) {
        return false;
    }
    *out = plan->key_below ? sv_import_key_below(parent->value, key->value)
                           : sv_keys_hash(key->value);
    return true;
}

const struct sp_draft_write *sv_import_written(
    const struct sp_draft_change *change, uint16_t field)
{
    for (uint32_t i = 0; i < change->count; i++) {
        if (change->write[i].key.field == field) {
            return &change->write[i];
        }
    }
    return NULL;
}

uint64_t sv_import_phones_as_typed(
    const struct sp_dictionary *dictionary, const struct sp_draft *d)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct sp_entity *e =
            sp_dictionary_entity(dictionary, d->change[i].ref.type);
        for (uint32_t j = 0; e != NULL && j < d->change[i].count; j++) {
            const struct sp_draft_write *w = &d->change[i].write[j];
            const struct sp_field *f = sp_dictionary_field(e, w->key.field);
            struct sp_slice phone = w->value;
            if (f != NULL && f->kind == SP_VALUE_GROUP && f->set &&
                f->part[0].kind == SP_VALUE_PHONE) {
                struct sp_rd r;
                sp_rd_init(&r, w->value);
                (void)sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
                phone = sp_rd_value(&r);
            } else if (f == NULL || f->kind != SP_VALUE_PHONE) {
                continue;
            }
            count += sp_dictionary_phone_as_typed(phone) ? 1 : 0;
        }
    }
    return count;
}

/* Small cells are put together: hashing each costs more than the bytes. */
struct gathered {
    struct sp_hasher h;
    size_t count;
    uint8_t b[1024];
};

static void gather(struct gathered *g, const void *data, size_t size)
{
    if (size > sizeof g->b - g->count) {
        sp_hasher_add(&g->h, g->b, g->count);
        g->count = 0;
    }
    if (size > sizeof g->b) {
        sp_hasher_add(&g->h, data, size);
    } else if (size > 0) {
        memcpy(g->b + g->count, data, size);
        g->count += size;
    }
}

struct sv_keys_hash sv_import_cells_hash(
    const struct sv_columns *plan, const struct sp_slice *cells)
{
    struct sv_keys_hash out;
    uint8_t whole[16], size[8];
    struct gathered g;
    g.count = 0;
    sp_hasher_init(&g.h, sizeof whole, NULL);
    for (size_t i = 0; i < plan->columns; i++) {
        if (plan->column[i].entity >= 0) {
            sp_set_u64be(size, cells[i].size);
            gather(&g, size, sizeof size);
            gather(&g, cells[i].data, cells[i].size);
        }
    }
    sp_hasher_add(&g.h, g.b, g.count);
    sp_hasher_end(&g.h, whole, sizeof whole);
    memcpy(out.b, whole, sizeof out.b);
    return out;
}
