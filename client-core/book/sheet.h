/*
 * sheet.h - a record as a row: which columns an entity has in a file for
 * others, and what stands in them.
 *
 * Values are as they are typed (sp/dictionary.h, exact texts), free of any
 * locale; the names of the columns are those of fields, or their labels. What
 * is left out: what the reader may not see, what is sensitive (P3: it leaves
 * only with a second person; P4: never), what is computed of other fields, and
 * bytes that nobody types, save where nothing may be lost (JSON Lines).
 *
 *   threads  any
 */
#ifndef CC_BOOK_SHEET_H
#define CC_BOOK_SHEET_H

#include "book/words.h"
#include "sp/dictionary.h"

#define CC_SHEET_COLUMNS_MAX 1024u
#define CC_SHEET_SENSITIVE   3u /* fields from this sensitivity on stay */
#define CC_SHEET_SECRET      4u /* these in any case */
#define CC_SHEET_CELL_BYTES  1048576u

/* Who looks. */
struct cc_sheet_view {
    bool (*reads)(void *self, uint16_t type, uint16_t field); /* NULL: all */
    void *self;
    bool sensitive; /* a second person has agreed: P3 too */
    bool bytes;     /* those that nobody types too, as hexadecimal digits */
    bool consented; /* of some people he reads by their consent alone */
};

struct cc_sheet_column {
    const struct sp_field *field;
    const struct sp_field *part; /* of a group that is no set; else NULL */
};

/* Whether a field is in files; hides (may be NULL) is set when it is not
 * because it is sensitive. What is computed is not, but what he has by consent
 * alone: what stands by that, and is derived of what he does not read. */
bool cc_sheet_shows(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_field *f, bool *hides);
/* Whether a record is in files: of people of whom he reads by consent alone
 * those who gave one. */
bool cc_sheet_takes(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_record *r);
/* The columns of an entity, in order of its fields; returns how many. */
size_t cc_sheet_columns(const struct cc_sheet_view *view,
    const struct sp_entity *e,
    struct cc_sheet_column out[CC_SHEET_COLUMNS_MAX]);
/* "name", "address.city", or their labels. Appended; errors latch. */
void cc_sheet_name(const struct cc_sheet_column *c, const enum cc_lang *labels,
    struct sp_buf *out);
/*
 * The text of a cell: the shown value, members of a set between "|"
 * (book/csv.h; of a group the first part where it has no other, else all as
 * they are typed), the sum of a counter.
 *   labels   NULL: options by name, else by their label
 *   returns  whether there is a value
 */
bool cc_sheet_cell(const struct sp_entity *e, const struct sp_record *r,
    const struct cc_sheet_column *c, const enum cc_lang *labels,
    struct sp_buf *out);

/* The shown value of a field that is no set, encoded; empty: none. */
struct sp_slice cc_sheet_shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f);
/* A part of an encoded group; empty: absent. */
struct sp_slice cc_sheet_part(struct sp_slice group, size_t index);
/* Each member of a set that stands, encoded, in order. */
void cc_sheet_members(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, void (*each)(void *arg, struct sp_slice value),
    void *arg);
bool cc_sheet_deleted(const struct sp_record *r);

#define CC_SHEET_HASH_BYTES 16u
/* Of what a file carries of a record: type, id and every exact value. Equal
 * hashes mean equal content, wherever and by whom it was written. */
void cc_sheet_hash(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_record *r, uint8_t out[CC_SHEET_HASH_BYTES]);

#endif
