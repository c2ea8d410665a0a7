#include "book/export_inside.h"

#include <stdio.h>

/* Names of the dictionary are identifiers; quoted, as some are SQL's words. */
static void put_name(struct sp_buf *out, struct sp_slice a, struct sp_slice b)
{
    cc_export_put(out, "\"");
    cc_export_put_slice(out, a);
    cc_export_put(out, b.size > 0 ? "_" : "");
    cc_export_put_slice(out, b);
    cc_export_put(out, "\"");
}

static void put_sql_text(struct sp_buf *out, struct sp_slice s)
{
    cc_export_put(out, "'");
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\'') {
            cc_export_put(out, "'");
        }
        sp_buf_put(out, &s.data[i], 1);
    }
    cc_export_put(out, "'");
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
void cc_export_sql_tables(const struct cc_export_setup *s,
    const struct sp_entity *e, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice none = { NULL, 0 };
    size_t count = cc_export_columns(s, e, column);

    cc_export_put(out, "CREATE TABLE ");
    put_name(out, e->name, none);
    cc_export_put(out, "(\"id\" TEXT PRIMARY KEY");
    for (size_t i = 0; i < count; i++) {
        if (!column[i].field->set) {
            cc_export_put(out, ",");
            put_sql_column(out, &column[i]);
            cc_export_put(out, sql_type(&column[i]));
        }
    }
    cc_export_put(out, ") WITHOUT ROWID;\n");
    for (size_t i = 0; i < count; i++) {
        if (column[i].field->set) {
            cc_export_put(out, "CREATE TABLE ");
            put_name(out, e->name, column[i].field->name);
            cc_export_put(out, "(\"id\" TEXT,\"value\" TEXT);\n");
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
void cc_export_sql_view(const struct sp_entity *const *entity, size_t entities,
    const struct sp_entity *e, struct sp_buf *out)
{
    struct sp_slice none = { NULL, 0 }, name = sp_slice_text("name");
    struct sp_buf joins;

    sp_buf_init(&joins, CELL_BYTES_MAX);
    cc_export_put(out, "CREATE VIEW ");
    put_name(out, e->name, sp_slice_text("view"));
    cc_export_put(out, " AS SELECT t.*");
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
        cc_export_put(out, ",");
        cc_export_put(out, alias);
        cc_export_put(out, ".\"name\" AS ");
        put_name(out, f->name, name);
        cc_export_put(&joins, " LEFT JOIN ");
        put_name(&joins, to->name, none);
        cc_export_put(&joins, " ");
        cc_export_put(&joins, alias);
        cc_export_put(&joins, " ON ");
        cc_export_put(&joins, alias);
        cc_export_put(&joins, ".\"id\"=t.");
        put_name(&joins, f->name, none);
    }
    cc_export_put(out, " FROM ");
    put_name(out, e->name, none);
    cc_export_put(out, " t");
    cc_export_put_slice(out, sp_buf_slice(&joins));
    cc_export_put(out, ";\n");
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
    cc_export_put(m->out, "INSERT INTO ");
    put_name(m->out, m->e->name, m->f->name);
    cc_export_put(m->out, " VALUES('");
    cc_export_put(m->out, m->id);
    cc_export_put(m->out, "',");
    put_sql_text(m->out, sp_buf_slice(&text));
    cc_export_put(m->out, ");\n");
    sp_buf_free(&text);
}

void cc_export_sql(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_buf *out)
{
    struct cc_sheet_column column[CC_SHEET_COLUMNS_MAX];
    struct sp_slice none = { NULL, 0 };
    size_t count = cc_export_columns(s, e, column);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &r->ref.id);
    cc_export_put(out, "INSERT INTO ");
    put_name(out, e->name, none);
    cc_export_put(out, " VALUES('");
    cc_export_put(out, id);
    cc_export_put(out, "'");
    for (size_t i = 0; i < count; i++) {
        struct sp_buf text;
        if (column[i].field->set) {
            continue;
        }
        sp_buf_init(&text, CELL_BYTES_MAX);
        cc_export_put(out, ",");
        if (cc_sheet_shows(&s->view, e, column[i].field, NULL) &&
            cc_sheet_cell(e, r, &column[i], s->labels, &text)) {
            put_sql_text(out, sp_buf_slice(&text));
        } else {
            cc_export_put(out, "NULL");
        }
        sp_buf_free(&text);
    }
    cc_export_put(out, ");\n");
    for (size_t i = 0; i < count; i++) {
        if (column[i].field->set &&
            cc_sheet_shows(&s->view, e, column[i].field, NULL)) {
            struct sql_members m = { e, column[i].field, id, out };
            cc_sheet_members(e, r, column[i].field, put_sql_member, &m);
        }
    }
}

void cc_export_sql_mark(const struct cc_export_mark *m, struct sp_buf *out)
{
    char at[32], id[SP_ID_TEXT_BYTES];

    cc_export_put_time(at, m->at_ms, false);
    sp_id_format(id, &m->id);
    cc_export_put(out,
        "CREATE TABLE \"exported\"(\"by\" TEXT,\"at\" TEXT,\"id\" "
        "TEXT);\nINSERT INTO \"exported\" VALUES(");
    put_sql_text(out, sp_slice_text(m->by));
    cc_export_put(out, ",'");
    cc_export_put(out, at);
    cc_export_put(out, "','");
    cc_export_put(out, id);
    cc_export_put(out, "');\n");
}
