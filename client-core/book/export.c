#include "book/export_inside.h"

#include <stdio.h>
#include <string.h>

#include "book/csv.h"
#include "book/day.h"
#include "book/job.h"
#include "book/value.h"
#include "sp/pack.h"

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

void cc_export_put(struct sp_buf *out, const char *text)
{
    sp_buf_put(out, text, strlen(text));
}

void cc_export_put_slice(struct sp_buf *out, struct sp_slice s)
{
    sp_buf_put(out, s.data, s.size);
}

bool cc_export_is(const struct sp_entity *e, const char *name)
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
        return cc_export_is(e, "contact");
    case CC_EXPORT_GEOJSON:
        return sp_dictionary_field_named(e, geo) != NULL ||
               cc_export_is(e, "visit");
    case CC_EXPORT_ICAL:
        return cc_export_is(e, "visit") || cc_export_is(e, "planned_visit") ||
               cc_export_is(e, "task");
    case CC_EXPORT_CSV:
    case CC_EXPORT_JSONL:
    case CC_EXPORT_SQL:
        break;
    }
    return true;
}

/* ---- JSON -------------------------------------------------------------- */

void cc_export_put_json(struct sp_buf *out, struct sp_slice s)
{
    cc_export_put(out, "\"");
    for (size_t i = 0; i < s.size; i++) {
        uint8_t b = s.data[i];
        char code[8];

        if (b == '"' || b == '\\') {
            code[0] = '\\';
            code[1] = (char)b;
            sp_buf_put(out, code, 2);
        } else if (b < 0x20u) {
            (void)snprintf(code, sizeof code, "\\u%04x", b);
            cc_export_put(out, code);
        } else {
            sp_buf_put(out, &b, 1);
        }
    }
    cc_export_put(out, "\"");
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
    cc_export_put(m->out, m->count++ > 0 ? "," : "[");
    cc_export_put_json(m->out, sp_buf_slice(&text));
    m->out->err = m->out->err == SP_OK ? text.err : m->out->err;
    sp_buf_free(&text);
}

/* "name":"text" or "name":["a","b"]; false when there is no value. */
bool cc_export_put_field(const struct sp_entity *e, const struct sp_record *r,
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
        cc_export_put(&text, found ? "]" : "");
    } else {
        found = cc_sheet_cell(e, r, &whole, NULL, &text);
    }
    if (found) {
        cc_export_put(out, first ? "" : ",");
        cc_export_put_json(out, f->name);
        cc_export_put(out, ":");
        if (f->set) {
            cc_export_put_slice(out, sp_buf_slice(&text));
        } else {
            cc_export_put_json(out, sp_buf_slice(&text));
        }
    }
    out->err = out->err == SP_OK ? text.err : out->err;
    sp_buf_free(&text);
    return found;
}

static void put_jsonl(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r, struct sp_buf *out)
{
    struct cc_sheet_view view = s->view;
    char id[SP_ID_TEXT_BYTES];
    bool first = true;

    view.bytes = true; /* a photo's hash: without it, it is no record */
    sp_id_format(id, &r->ref.id);
    cc_export_put(out, "{\"type\":");
    cc_export_put_json(out, e->name);
    cc_export_put(out, ",\"id\":\"");
    cc_export_put(out, id);
    cc_export_put(out, "\",\"fields\":{");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (cc_sheet_shows(&view, e, f, NULL) &&
            cc_export_put_field(e, r, f, first, out)) {
            first = false;
        }
    }
    cc_export_put(out, "}}\n");
}

/* ---- CSV --------------------------------------------------------------- */

/* A file has the columns of an entity whoever takes it out: what he may not
 * see in one record he may see in the next. */
size_t cc_export_columns(const struct cc_export_setup *s,
    const struct sp_entity *e, struct cc_sheet_column out[CC_SHEET_COLUMNS_MAX])
{
    struct cc_sheet_view all = { .sensitive = s->view.sensitive,
        .consented = s->view.consented };

    return cc_sheet_columns(&all, e, out);
}

static void put_csv(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice cell[CC_SHEET_COLUMNS_MAX + 1];
    size_t end[CC_SHEET_COLUMNS_MAX + 1];
    size_t count = cc_export_columns(s, e, column);
    struct sp_buf text;
    char id[SP_ID_TEXT_BYTES];

    sp_buf_init(&text, CELL_BYTES_MAX);
    if (r != NULL) {
        sp_id_format(id, &r->ref.id);
    }
    cc_export_put(&text, r == NULL ? "id" : id);
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

/* ---- what a record belongs to ------------------------------------------ */

/* The record that its parent field names; false: none, or it is not here. */
bool cc_export_parent(const struct cc_export_setup *s,
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
struct sp_slice cc_export_text(const struct cc_export_setup *s,
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

bool cc_export_place(const struct cc_export_setup *s,
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

/* ---- GeoJSON ----------------------------------------------------------- */

static void put_degrees(struct sp_buf *out, int64_t e7)
{
    char text[32];
    int64_t whole = e7 < 0 ? -e7 : e7;

    (void)snprintf(text, sizeof text, "%s%lld.%07lld", e7 < 0 ? "-" : "",
        (long long)(whole / 10000000), (long long)(whole % 10000000));
    cc_export_put(out, text);
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

    if (!cc_export_place(s, &of, place) &&
        !(cc_export_parent(s, e, r, arena, &account, &room) &&
            cc_export_place(s, &account, place))) {
        return false;
    }
    sp_id_format(id, &r->ref.id);
    cc_export_put(out, first ? "\n" : ",\n");
    cc_export_put(out, "{\"type\":\"Feature\",\"id\":\"");
    cc_export_put(out, id);
    cc_export_put(out, "\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[");
    put_degrees(out, place[1]); /* longitude first, RFC 7946 */
    cc_export_put(out, ",");
    put_degrees(out, place[0]);
    cc_export_put(out, "]},\"properties\":{");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->kind != SP_VALUE_GEO && cc_sheet_shows(&s->view, e, f, NULL)) {
            comma = cc_export_put_field(e, r, f, !comma, out) || comma;
        }
    }
    cc_export_put(out, "}}");
    return true;
}

/* ---- who took it out ---------------------------------------------------- */

/* "20260304T050607Z", or with the marks that people read. */
void cc_export_put_time(char out[32], uint64_t ms, bool plain)
{
    struct cc_date d = cc_day_date(cc_day_at(ms, 0));
    unsigned minute = cc_day_minute(ms, 0);
    unsigned second = (unsigned)(ms / 1000 % 60);

    (void)snprintf(out, 32,
        plain ? "%04d%02u%02uT%02u%02u%02uZ" : "%04d-%02u-%02uT%02u:%02u:%02uZ",
        d.year, d.month, d.day, minute / 60, minute % 60, second);
}

/* As a member of an object: what the note says beside it. */
static void put_mark_fields(const struct cc_export_mark *m, struct sp_buf *out)
{
    char at[32];

    cc_export_put_time(at, m->at_ms, false);
    cc_export_put(out, "\"by\":");
    cc_export_put_json(out, sp_slice_text(m->by));
    cc_export_put(out, ",\"at\":\"");
    cc_export_put(out, at);
    cc_export_put(out, "\"");
}

static void put_jsonl_mark(const struct cc_export_mark *m, struct sp_buf *out)
{
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &m->id);
    cc_export_put(out, "{\"type\":\"" CC_JOB_ENTITY "\",\"id\":\"");
    cc_export_put(out, id);
    cc_export_put(out, "\",\"fields\":{");
    put_mark_fields(m, out);
    cc_export_put(out, "}}\n");
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
        cc_export_put(out, "BEGIN;\n");
        if (s->mark != NULL) {
            cc_export_sql_mark(s->mark, out);
        }
        for (size_t i = 0; i < entities; i++) {
            cc_export_sql_tables(s, entity[i], out);
        }
        for (size_t i = 0; i < entities; i++) {
            cc_export_sql_view(entity, entities, entity[i], out);
        }
        break;
    case CC_EXPORT_GEOJSON:
        cc_export_put(out, "{\"type\":\"FeatureCollection\",");
        if (s->mark != NULL) {
            cc_export_put(out, "\"exported\":{");
            put_mark_fields(s->mark, out);
            cc_export_put(out, "},");
        }
        cc_export_put(out, "\"features\":[");
        break;
    case CC_EXPORT_ICAL:
        cc_export_ical_begin(s, out);
        break;
    case CC_EXPORT_JSONL:
        if (s->mark != NULL) {
            put_jsonl_mark(s->mark, out);
        }
        break;
    case CC_EXPORT_VCARD3:
    case CC_EXPORT_VCARD4:
        break;
    }
}

void cc_export_end(
    const struct cc_export_setup *s, uint64_t count, struct sp_buf *out)
{
    if (s->format == CC_EXPORT_GEOJSON) {
        cc_export_put(out, count > 0 ? "\n]}\n" : "]}\n");
    } else if (s->format == CC_EXPORT_ICAL) {
        cc_export_put(out, "END:VCALENDAR\r\n");
    } else if (s->format == CC_EXPORT_SQL) {
        cc_export_put(out, "COMMIT;\n");
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
        cc_export_sql(s, e, r, out);
        return true;
    case CC_EXPORT_VCARD3:
    case CC_EXPORT_VCARD4:
        return cc_export_card(s, e, r, arena, out);
    case CC_EXPORT_GEOJSON:
        return put_feature(s, e, r, count == 0, arena, out);
    case CC_EXPORT_ICAL:
        return cc_export_ical(s, e, r, arena, out);
    }
    return false;
}
