/*
 * export_inside.h - what the formats of book/export.h share, for export*.c
 * alone.
 */
#ifndef CC_BOOK_EXPORT_INSIDE_H
#define CC_BOOK_EXPORT_INSIDE_H

#include "book/export.h"
#include "book/value.h"

#define CELL_BYTES_MAX (4u * CC_SHEET_CELL_BYTES)

/* All append; errors latch in out. */
void cc_export_put(struct sp_buf *out, const char *text);
void cc_export_put_slice(struct sp_buf *out, struct sp_slice s);
void cc_export_put_json(struct sp_buf *out, struct sp_slice s);
/* "name":"text" or "name":["a","b"]; false when there is no value. */
bool cc_export_put_field(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, bool first, struct sp_buf *out);
/* UTC: "20260304T050607Z" when plain, else "2026-03-04T05:06:07Z". */
void cc_export_put_time(char out[32], uint64_t ms, bool plain);

bool cc_export_is(const struct sp_entity *e, const char *name);
/* The columns that a file of the entity has. */
size_t cc_export_columns(const struct cc_export_setup *s,
    const struct sp_entity *e,
    struct cc_sheet_column out[CC_SHEET_COLUMNS_MAX]);
/* The record that its parent field names; false: none, or it is not here. */
bool cc_export_parent(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r,
    struct sp_arena *arena, struct cc_value_of *out, struct sp_record *room);
/* A field's text, when it may be shown; part "": the whole. */
struct sp_slice cc_export_text(const struct cc_export_setup *s,
    const struct cc_value_of *of, const char *field, const char *part);
/* Latitude and longitude in 1e-7 degrees, when they may be shown. */
bool cc_export_place(const struct cc_export_setup *s,
    const struct cc_value_of *of, int64_t out[2]);

/* export_sql.c */
void cc_export_sql_tables(const struct cc_export_setup *s,
    const struct sp_entity *e, struct sp_buf *out);
void cc_export_sql_view(const struct sp_entity *const *entity, size_t entities,
    const struct sp_entity *e, struct sp_buf *out);
void cc_export_sql_mark(const struct cc_export_mark *m, struct sp_buf *out);
void cc_export_sql(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_buf *out);

/* export_card.c */
bool cc_export_card(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_arena *arena, struct sp_buf *out);
/* "X-SATCHEL-EXPORT:mia; 2026-03-04T05:06:07Z; ID" */
void cc_export_line_mark(const struct cc_export_mark *m, struct sp_buf *out);

/* export_ical.c */
void cc_export_ical_begin(const struct cc_export_setup *s, struct sp_buf *out);
bool cc_export_ical(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_arena *arena, struct sp_buf *out);

#endif
