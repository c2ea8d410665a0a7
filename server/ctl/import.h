/*
 * import.h - rows of a file as drafts of records, and what is wrong with a
 * row. No store in here: what is known of other records is asked.
 */
#ifndef SV_IMPORT_H
#define SV_IMPORT_H

#include "ctl/columns.h"
#include "ctl/keys.h"

#define SV_IMPORT_WRITES_MAX 256u /* of one record */

/* What a row may ask. */
struct sv_import_port {
    void *self;
    /* An id for a new record. */
    struct sp_id (*make)(void *self);
    /* The record of the row's entity with this key (sv_import_key). */
    bool (*known)(
        void *self, const struct sv_keys_hash *key, struct sp_id *out);
    /* The record that a number or a name in a column of references means.
     * SP_E_NOT_FOUND, SP_E_AMBIGUOUS; any other error ends the import. */
    sp_err (*refer)(
        void *self, uint16_t type, struct sp_slice text, struct sp_id *out);
};

/*
 * One row as a draft of one commit: the record, and one more of each other
 * entity that the row has something of. With a key that is known the first
 * one is changed, not made.
 *   arena    holds the draft
 *   problem  what is wrong and what to do; column and code filled in
 *   errors   SP_E_VALUE, SP_E_REQUIRED: this row; SP_E_NOMEM; those of refer
 */
SP_MUST_USE sp_err sv_import_row(const struct sv_columns *plan,
    const struct sp_slice *cells, const struct sv_import_port *port,
    struct sp_arena *arena, struct sp_draft *out,
    struct sv_csv_problem *problem);

/* What names the record of a row: its id, or the value of the key field,
 * where the key counts below one record alone with that record. false: nothing
 * does. */
bool sv_import_key(const struct sv_columns *plan, const struct sp_slice *cells,
    const struct sp_draft_change *change, struct sv_keys_hash *out);
/* The key of a record below another. */
struct sv_keys_hash sv_import_key_below(
    struct sp_slice parent, struct sp_slice value);
/* Of all cells of a row that something takes: equal rows, equal hashes. */
struct sv_keys_hash sv_import_cells_hash(
    const struct sv_columns *plan, const struct sp_slice *cells);

/* Telephone numbers of a draft that are kept as they were typed. */
uint64_t sv_import_phones_as_typed(
    const struct sp_dictionary *dictionary, const struct sp_draft *d);

/* What a draft writes to a field of its record, or NULL. */
const struct sp_draft_write *sv_import_written(
    const struct sp_draft_change *change, uint16_t field);

#endif
