#include "book/export.h"

#include <stdio.h>
#include <string.h>

#include "book/card.h"
#include "book/csv.h"
#include "book/day.h"
#include "book/value.h"
#include "sp/pack.h"

#define CELL_BYTES_MAX (4u * CC_SHEET_CELL_BYTES)

bool cc_export_format(const char *name, enum cc_export_format *out)
{
    static const struct {
        const char *name;
        enum cc_export_format format;
    } known[] = { { "csv", CC_EXPORT_CSV }, { "jsonl", CC_EXPORT_JSONL },
        { "sqlite", CC_EXPORT_SQL }, { "vcard", CC_EXPORT_VCARD3 },
        { "vcard4", CC_EXPORT_VCARD4 }, { "geojson", CC_EXPORT_GEOJSON },
        { "ical", CC_EXPORT_ICAL } };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            *out = known[i].format;
            return true;
        }
    }
    return false;
}

static void put(struct sp_buf *out, const char *text)
{
    sp_buf_put(out, text, strlen(text));
}

static void put_slice(struct sp_buf *out, struct sp_slice s)
{
    sp_buf_put(out, s.data, s.size);
}

static bool is(const struct sp_entity *e, const char *name)
{
    return sp_slice_equal(e->name, sp_slice_text(name));
}

bool cc_export_takes(const struct cc_export_setup *s, const struct sp_entity *e)
{
    struct sp_slice geo = sp_slice_text("geo");

    if (e->tray != SP_TRAY_NONE) {
        return false;
    }
    switch (s->format) {
    case CC_EXPORT_VCARD3:
    case CC_EXPORT_VCARD4:
        return is(e, "contact");
    case CC_EXPORT_GEOJSON:
        return sp_dictionary_field_named(e, geo) != NULL || is(e, "visit");
    case CC_EXPORT_ICAL:
        return is(e, "visit");
    case CC_EXPORT_CSV:
    case CC_EXPORT_JSONL:
    case CC_EXPORT_SQL:
        break;
    }
    return true;
}

/* ---- JSON -------------------------------------------------------------- */

static void put_json(struct sp_buf *out, struct sp_slice s)
{
    put(out, "\"");
    for (size_t i = 0; i < s.size; i++) {
        uint8_t b = s.data[i];
        char code[8];

        if (b == '"' || b == '\\') {
            code[0] = '\\';
            code[1] = (char)b;
            sp_buf_put(out, code, 2);
        } else if (b < 0x20u) {
            (void)snprintf(code, sizeof code, "\\u%04x", b);
            put(out, code);
        } else {
            sp_buf_put(out, &b, 1);
        }
    }
    put(out, "\"");
}

struct members {
    const struct sp_field *f;
    struct sp_buf *out;
    size_t count;
};

static void put_json_member(void *arg, struct sp_slice value)
{
    struct members *m = (struct members *)arg;
    struct sp_buf text;

    sp_buf_init(&text, CELL_BYTES_MAX);
    sp_dictionary_format_value(m->f, value, SP_TEXT_EXACT, &text);
    put(m->out, m->count++ > 0 ? "," : "[");
    put_json(m->out, sp_buf_slice(&text));
    m->out->err = m->out->err == SP_OK ? text.err : m->out->err;
    sp_buf_free(&text);
}

/* "name":"text" or "name":["a","b"]; false when there is no value. */
static bool put_json_field(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, bool first, struct sp_buf *out)
{
    struct cc_sheet_column whole = { f, NULL };
    struct sp_buf text;
    bool found;

    sp_buf_init(&text, CELL_BYTES_MAX);
    if (f->set) {
        struct members m = { f, &text, 0 };
        cc_sheet_members(e, r, f, put_json_member, &m);
        found = m.count > 0;
        put(&text, found ? "]" : "");
    } else {
        found = cc_sheet_cell(e, r, &whole, NULL, &text);
    }
    if (found) {
        put(out, first ? "" : ",");
        put_json(out, f->name);
        put(out, ":");
        if (f->set) {
            put_slice(out, sp_buf_slice(&text));
        } else {
            put_json(out, sp_buf_slice(&text));
        }
    }
    out->err = out->err == SP_OK ? text.err : out->err;
    sp_buf_free(&text);
    return found;
}

static void put_jsonl(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r, struct sp_buf *out)
{
    char id[SP_ID_TEXT_BYTES];
    bool first = true;

    sp_id_format(id, &r->ref.id);
    put(out, "{\"type\":");
    put_json(out, e->name);
    put(out, ",\"id\":\"");
    put(out, id);
    put(out, "\",\"fields\":{");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (cc_sheet_shows(&s->view, e, f, NULL) &&
            put_json_field(e, r, f, first, out)) {
            first = false;
        }
    }
    put(out, "}}\n");
}

/* ---- CSV --------------------------------------------------------------- */

static void put_csv(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice cell[CC_SHEET_COLUMNS_MAX + 1];
    size_t end[CC_SHEET_COLUMNS_MAX + 1];
    size_t count = cc_sheet_columns(NULL, e, column);
    struct sp_buf text;
    char id[SP_ID_TEXT_BYTES];

    sp_buf_init(&text, CELL_BYTES_MAX);
    if (r != NULL) {
        sp_id_format(id, &r->ref.id);
    }
    put(&text, r == NULL ? "id" : id);
    end[0] = text.size;
    for (size_t i = 0; i < count; i++) {
        if (r == NULL) {
            cc_sheet_name(&column[i], s->labels, &text);
        } else if (cc_sheet_shows(&s->view, e, column[i].field, NULL)) {
            (void)cc_sheet_cell(e, r, &column[i], s->labels, &text);
        }
        end[i + 1] = text.size;
    }
    for (size_t i = 0; i <= count && text.err == SP_OK; i++) {
        size_t start = i == 0 ? 0 : end[i - 1];
        cell[i] = sp_slice_of(text.data + start, end[i] - start);
    }
    if (text.err == SP_OK) {
        cc_csv_put_row(out, cell, count + 1);
    } else {
        out->err = out->err == SP_OK ? text.err : out->err;
    }
    sp_buf_free(&text);
}

/* ---- SQL --------------------------------------------------------------- */

/* Names of the dictionary are identifiers; quoted, as some are SQL's words. */
static void put_name(struct sp_buf *out, struct sp_slice a, struct sp_slice b)
{
    put(out, "\"");
    put_slice(out, a);
    put(out, b.size > 0 ? "_" : "");
    put_slice(out, b);
    put(out, "\"");
}

static void put_sql_text(struct sp_buf *out, struct sp_slice s)
{
    put(out, "'");
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\'') {
            put(out, "'");
        }
        sp_buf_put(out, &s.data[i], 1);
    }
    put(out, "'");
}

static const char *sql_type(const struct cc_sheet_column *c)
{
    const struct sp_field *f = c->part != NULL ? c->part : c->field;

    return f->kind == SP_VALUE_UINT || f->kind == SP_VALUE_INT ||
                   f->kind == SP_VALUE_USER
               ? " INTEGER"
               : " TEXT";
}

static void put_sql_column(struct sp_buf *out, const struct cc_sheet_column *c)
{
    struct sp_slice none = { NULL, 0 };
    put_name(out, c->field->name, c->part == NULL ? none : c->part->name);
}

/* A table of the entity, one of each of its sets. */
static void put_sql_tables(const struct sp_entity *e, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice none = { NULL, 0 };
    size_t count = cc_sheet_columns(NULL, e, column);

    put(out, "CREATE TABLE ");
    put_name(out, e->name, none);
    put(out, "(\"id\" TEXT PRIMARY KEY");
    for (size_t i = 0; i < count; i++) {
        if (!column[i].field->set) {
            put(out, ",");
            put_sql_column(out, &column[i]);
            put(out, sql_type(&column[i]));
        }
    }
    put(out, ") WITHOUT ROWID;\n");
    for (size_t i = 0; i < count; i++) {
        if (column[i].field->set) {
            put(out, "CREATE TABLE ");
            put_name(out, e->name, column[i].field->name);
            put(out, "(\"id\" TEXT,\"value\" TEXT);\n");
        }
    }
}

/* Whether an entity is among those that are exported. */
static const struct sp_entity *among(
    const struct sp_entity *const *entity, size_t entities, uint16_t number)
{
    for (size_t i = 0; i < entities; i++) {
        if (entity[i]->number == number) {
            return entity[i];
        }
    }
    return NULL;
}

/* "contact_view": the contact, and the name of each record that it names. */
static void put_sql_view(const struct sp_entity *const *entity, size_t entities,
    const struct sp_entity *e, struct sp_buf *out)
{
    struct sp_slice none = { NULL, 0 }, name = sp_slice_text("name");
    struct sp_buf joins;

    sp_buf_init(&joins, CELL_BYTES_MAX);
    put(out, "CREATE VIEW ");
    put_name(out, e->name, sp_slice_text("view"));
    put(out, " AS SELECT t.*");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        const struct sp_entity *to = f->kind == SP_VALUE_REF && !f->set &&
                                             cc_sheet_shows(NULL, e, f, NULL)
                                         ? among(entity, entities, f->target)
                                         : NULL;
        const struct sp_field *title =
            to == NULL ? NULL : sp_dictionary_field_named(to, name);
        char alias[16];
        if (title == NULL || !cc_sheet_shows(NULL, to, title, NULL)) {
            continue;
        }
        (void)snprintf(alias, sizeof alias, "r%u", f->number);
        put(out, ",");
        put(out, alias);
        put(out, ".\"name\" AS ");
        put_name(out, f->name, name);
        put(&joins, " LEFT JOIN ");
        put_name(&joins, to->name, none);
        put(&joins, " ");
        put(&joins, alias);
        put(&joins, " ON ");
        put(&joins, alias);
        put(&joins, ".\"id\"=t.");
        put_name(&joins, f->name, none);
    }
    put(out, " FROM ");
    put_name(out, e->name, none);
    put(out, " t");
    put_slice(out, sp_buf_slice(&joins));
    put(out, ";\n");
    sp_buf_free(&joins);
}

struct sql_members {
    const struct sp_entity *e;
    const struct sp_field *f;
    const char *id;
    struct sp_buf *out;
};

static void put_sql_member(void *arg, struct sp_slice value)
{
    const struct sql_members *m = (const struct sql_members *)arg;
    struct sp_buf text;

    sp_buf_init(&text, CELL_BYTES_MAX);
    sp_dictionary_format_value(m->f, value, SP_TEXT_EXACT, &text);
    put(m->out, "INSERT INTO ");
    put_name(m->out, m->e->name, m->f->name);
    put(m->out, " VALUES('");
    put(m->out, m->id);
    put(m->out, "',");
    put_sql_text(m->out, sp_buf_slice(&text));
    put(m->out, ");\n");
    sp_buf_free(&text);
}

static void put_sql(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice none = { NULL, 0 };
    size_t count = cc_sheet_columns(NULL, e, column);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &r->ref.id);
    put(out, "INSERT INTO ");
    put_name(out, e->name, none);
    put(out, " VALUES('");
    put(out, id);
    put(out, "'");
    for (size_t i = 0; i < count; i++) {
        struct sp_buf text;
        if (column[i].field->set) {
            continue;
        }
        sp_buf_init(&text, CELL_BYTES_MAX);
        put(out, ",");
        if (cc_sheet_shows(&s->view, e, column[i].field, NULL) &&
            cc_sheet_cell(e, r, &column[i], s->labels, &text)) {
            put_sql_text(out, sp_buf_slice(&text));
        } else {
            put(out, "NULL");
        }
        sp_buf_free(&text);
    }
    put(out, ");\n");
    for (size_t i = 0; i < count; i++) {
        if (column[i].field->set &&
            cc_sheet_shows(&s->view, e, column[i].field, NULL)) {
            struct sql_members m = { e, column[i].field, id, out };
            cc_sheet_members(e, r, column[i].field, put_sql_member, &m);
        }
    }
}

/* ---- what a record belongs to ------------------------------------------ */

/* The record that its parent field names; false: none, or it is not here. */
static bool parent_of(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r,
    struct sp_arena *arena, struct cc_value_of *out, struct sp_record *room)
{
    const struct sp_field *f =
        e->parent == 0 ? NULL : sp_dictionary_field(e, e->parent);
    struct sp_slice value = { NULL, 0 };
    struct sp_ref ref;
    struct sp_rd rd;

    if (f == NULL || s->get == NULL) {
        return false;
    }
    value = cc_sheet_shown(e, r, f);
    sp_rd_init(&rd, value);
    ref.type = f->target;
    sp_rd_fixed(&rd, ref.id.b, sizeof ref.id.b);
    out->entity = sp_dictionary_entity(s->dictionary, f->target);
    out->record = room;
    return rd.err == SP_OK && out->entity != NULL &&
           s->get(s->self, &ref, arena, room) == SP_OK;
}

/* A field's text, when it may be shown. */
static struct sp_slice text_of(const struct cc_export_setup *s,
    const struct cc_value_of *of, const char *field, const char *part)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    struct sp_slice value = { NULL, 0 };
    struct sp_rd r;

    if (f == NULL || !cc_sheet_shows(&s->view, of->entity, f, NULL)) {
        return value;
    }
    if (part[0] == '\0') {
        return cc_value_text(of, field);
    }
    for (uint32_t i = 0; i < f->part_count; i++) {
        if (sp_slice_equal(f->part[i].name, sp_slice_text(part))) {
            value = cc_sheet_part(cc_sheet_shown(of->entity, of->record, f), i);
        }
    }
    sp_rd_init(&r, value);
    return value.size > 0 && sp_rd_peek(&r) == SP_KIND_STR
               ? sp_rd_str(&r, SP_VALUE_BYTES_MAX)
               : sp_slice_of(NULL, 0);
}

static bool place_of(const struct cc_export_setup *s,
    const struct cc_value_of *of, int64_t out[2])
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("geo"));
    struct sp_rd r;

    if (f == NULL || !cc_sheet_shows(&s->view, of->entity, f, NULL)) {
        return false;
    }
    sp_rd_init(&r, cc_sheet_shown(of->entity, of->record, f));
    if (sp_rd_peek(&r) != SP_KIND_ARRAY) {
        return false;
    }
    (void)sp_rd_array(&r, 3);
    out[0] = sp_rd_int(&r, -900000000, 900000000);
    out[1] = sp_rd_int(&r, -1800000000, 1800000000);
    return r.err == SP_OK;
}

/* ---- vCard ------------------------------------------------------------- */

struct values {
    struct cc_card_value *value;
    size_t count;
};

/* A set of groups (text, label). */
static void take_member(void *arg, struct sp_slice member)
{
    struct values *v = (struct values *)arg;
    struct sp_rd r;
    uint32_t parts;

    sp_rd_init(&r, member);
    parts = sp_rd_peek(&r) == SP_KIND_ARRAY
                ? sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX)
                : 0;
    if (parts == 0 || v->count == CC_CARD_VALUES_MAX) {
        return;
    }
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        (void)sp_rd_array(&r, 1); /* a phone that was kept as typed */
    }
    v->value[v->count].text = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    if (parts > 1) {
        v->value[v->count].label = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    }
    v->count++;
}

static size_t take_values(const struct cc_export_setup *s,
    const struct cc_value_of *of, const char *field, struct cc_card_value *out)
{
    struct values v = { out, 0 };
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));

    if (f != NULL && f->set && f->kind == SP_VALUE_GROUP &&
        cc_sheet_shows(&s->view, of->entity, f, NULL)) {
        cc_sheet_members(of->entity, of->record, f, take_member, &v);
    }
    return v.count;
}

static bool put_card(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_arena *arena, struct sp_buf *out)
{
    struct cc_value_of of = { e, r }, account;
    struct sp_record room;
    char uid[9 + SP_ID_TEXT_BYTES] = "urn:uuid:";
    int64_t place[2];
    struct cc_card card = { .name = text_of(s, &of, "name", ""),
        .title = text_of(s, &of, "role_title", "") };

    if (card.name.size == 0) {
        return false;
    }
    sp_id_format(uid + 9, &r->ref.id);
    card.uid = sp_slice_text(uid);
    card.phones = take_values(s, &of, "phones", card.phone);
    card.emails = take_values(s, &of, "emails", card.email);
    if (parent_of(s, e, r, arena, &account, &room)) {
        card.org = text_of(s, &account, "name", "");
        card.street = text_of(s, &account, "address", "street");
        card.city = text_of(s, &account, "address", "city");
        card.province = text_of(s, &account, "address", "province");
        card.post_code = text_of(s, &account, "address", "post_code");
        card.country = text_of(s, &account, "address", "country");
        card.placed = place_of(s, &account, place);
        card.latitude_e7 = card.placed ? place[0] : 0;
        card.longitude_e7 = card.placed ? place[1] : 0;
    }
    cc_card_put(&card, s->format == CC_EXPORT_VCARD4 ? 4 : 3, out);
    return true;
}

/* ---- GeoJSON ----------------------------------------------------------- */

static void put_degrees(struct sp_buf *out, int64_t e7)
{
    char text[32];
    int64_t whole = e7 < 0 ? -e7 : e7;

    (void)snprintf(text, sizeof text, "%s%lld.%07lld", e7 < 0 ? "-" : "",
        (long long)(whole / 10000000), (long long)(whole % 10000000));
    put(out, text);
}

static bool put_feature(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r, bool first,
    struct sp_arena *arena, struct sp_buf *out)
{
    struct cc_value_of of = { e, r }, account;
    struct sp_record room;
    int64_t place[2];
    bool comma = false;
    char id[SP_ID_TEXT_BYTES];

    if (!place_of(s, &of, place) &&
        !(parent_of(s, e, r, arena, &account, &room) &&
            place_of(s, &account, place))) {
        return false;
    }
    sp_id_format(id, &r->ref.id);
    put(out, first ? "\n" : ",\n");
    put(out, "{\"type\":\"Feature\",\"id\":\"");
    put(out, id);
    put(out, "\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[");
    put_degrees(out, place[1]); /* longitude first, RFC 7946 */
    put(out, ",");
    put_degrees(out, place[0]);
    put(out, "]},\"properties\":{");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->kind != SP_VALUE_GEO && cc_sheet_shows(&s->view, e, f, NULL)) {
            comma = put_json_field(e, r, f, !comma, out) || comma;
        }
    }
    put(out, "}}");
    return true;
}

/* ---- iCalendar --------------------------------------------------------- */

static void put_stamp(struct sp_buf *out, uint64_t ms)
{
    char text[40];
    struct cc_date d = cc_day_date(cc_day_at(ms, 0));
    unsigned minute = cc_day_minute(ms, 0);

    (void)snprintf(text, sizeof text, "%04d%02u%02uT%02u%02u%02uZ", d.year,
        d.month, d.day, minute / 60, minute % 60, (unsigned)(ms / 1000 % 60));
    cc_card_put_line("DTSTAMP", sp_slice_text(text), out);
}

static void put_line(const char *name, struct sp_slice text, struct sp_buf *out)
{
    struct sp_buf escaped;

    sp_buf_init(&escaped, 2 * text.size + 1);
    cc_card_escape(text, &escaped);
    cc_card_put_line(name, sp_buf_slice(&escaped), out);
    sp_buf_free(&escaped);
}

static void put_day(const char *name, int32_t day, struct sp_buf *out)
{
    char text[40];
    struct cc_date d = cc_day_date(day);

    (void)snprintf(text, sizeof text, "%04d%02u%02u", d.year, d.month, d.day);
    cc_card_put_line(name, sp_slice_text(text), out);
}

/* What a visit agreed on: a whole day, where the customer is. */
static bool put_event(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r,
    struct sp_arena *arena, struct sp_buf *out)
{
    struct cc_value_of of = { e, r }, account;
    struct sp_record room;
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text("next_date"));
    int64_t day = cc_value_int(&of, "next_date", CC_DAY_NONE);
    struct sp_slice step = text_of(s, &of, "next_step", "");
    char uid[SP_ID_TEXT_BYTES];

    if (f == NULL || !cc_sheet_shows(&s->view, e, f, NULL) ||
        day == CC_DAY_NONE) {
        return false;
    }
    bool known = parent_of(s, e, r, arena, &account, &room);
    struct sp_slice name =
        known ? text_of(s, &account, "name", "") : sp_slice_of(NULL, 0);
    sp_id_format(uid, &r->ref.id);
    cc_card_put_line("BEGIN", sp_slice_text("VEVENT"), out);
    cc_card_put_line("UID", sp_slice_text(uid), out);
    put_stamp(out, s->now_ms);
    put_day("DTSTART;VALUE=DATE", (int32_t)day, out);
    put_day("DTEND;VALUE=DATE", (int32_t)day + 1, out);
    put_line("SUMMARY", name.size > 0 ? name : step, out);
    if (step.size > 0 && name.size > 0) {
        put_line("DESCRIPTION", step, out);
    }
    cc_card_put_line("END", sp_slice_text("VEVENT"), out);
    return true;
}

/* ---- all --------------------------------------------------------------- */

void cc_export_begin(const struct cc_export_setup *s,
    const struct sp_entity *const *entity, size_t entities, struct sp_buf *out)
{
    switch (s->format) {
    case CC_EXPORT_CSV:
        if (s->bom) {
            cc_csv_put_bom(out);
        }
        put_csv(s, entity[0], NULL, out);
        break;
    case CC_EXPORT_SQL:
        put(out, "BEGIN;\n");
        for (size_t i = 0; i < entities; i++) {
            put_sql_tables(entity[i], out);
        }
        for (size_t i = 0; i < entities; i++) {
            put_sql_view(entity, entities, entity[i], out);
        }
        break;
    case CC_EXPORT_GEOJSON:
        put(out, "{\"type\":\"FeatureCollection\",\"features\":[");
        break;
    case CC_EXPORT_ICAL:
        put(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                 "PRODID:-//Satchel//Satchel//EN\r\n");
        break;
    case CC_EXPORT_JSONL:
    case CC_EXPORT_VCARD3:
    case CC_EXPORT_VCARD4:
        break;
    }
}

void cc_export_end(
    const struct cc_export_setup *s, uint64_t count, struct sp_buf *out)
{
    if (s->format == CC_EXPORT_GEOJSON) {
        put(out, count > 0 ? "\n]}\n" : "]}\n");
    } else if (s->format == CC_EXPORT_ICAL) {
        put(out, "END:VCALENDAR\r\n");
    } else if (s->format == CC_EXPORT_SQL) {
        put(out, "COMMIT;\n");
    }
}

bool cc_export_record(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r, uint64_t count,
    struct sp_arena *arena, struct sp_buf *out)
{
    if (cc_sheet_deleted(r)) {
        return false;
    }
    switch (s->format) {
    case CC_EXPORT_CSV:
        put_csv(s, e, r, out);
        return true;
    case CC_EXPORT_JSONL:
        put_jsonl(s, e, r, out);
        return true;
    case CC_EXPORT_SQL:
        put_sql(s, e, r, out);
        return true;
    case CC_EXPORT_VCARD3:
    case CC_EXPORT_VCARD4:
        return put_card(s, e, r, arena, out);
    case CC_EXPORT_GEOJSON:
        return put_feature(s, e, r, count == 0, arena, out);
    case CC_EXPORT_ICAL:
        return put_event(s, e, r, arena, out);
    }
    return false;
}
