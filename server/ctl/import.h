/*
 * import.h - rows of a CSV file as drafts of records: which column is which
 * field, and what is wrong with a row. No store and no server in here.
 *
 * A column is matched by --map, else by the name or label of a field of the
 * account ("name", "Name", "名称"), of a part of its address ("city"), or as
 * ENTITY.FIELD or ENTITY_FIELD of an entity that belongs to accounts
 * ("contact.name", "contact_name"): such columns make one record of it.
 */
#ifndef SV_IMPORT_H
#define SV_IMPORT_H

#include "ctl/csv.h"
#include "sp/node.h"
#include "sp/rules.h"

#define SV_IMPORT_ENTITIES_MAX 4u
#define SV_IMPORT_TEXT_BYTES   400u

struct sv_import_column {
    int entity; /* index into entity[]; -1: left out */
    const struct sp_field *field;
    const struct sp_field *part; /* of a group; NULL: the whole field */
};

/* What the columns of one file mean; the rulebook and the header outlive it. */
struct sv_import_plan {
    const struct sp_rulebook *book;
    unsigned entities;
    const struct sp_entity *entity[SV_IMPORT_ENTITIES_MAX]; /* [0]: account */
    size_t columns;
    struct sv_import_column column[SV_CSV_COLUMNS_MAX];
    const char *null;     /* word for no value, or NULL */
    uint32_t user;        /* under whose name */
    bool territory_given; /* some column says where a record belongs */
    char unused[SV_IMPORT_TEXT_BYTES]; /* columns that nothing takes */
};

/*
 * Finds out what each column means.
 *   map, ignore  as typed ("A=name,B=address.city"), or NULL
 *   text         what is wrong and the way out
 *   errors       SP_E_ARGUMENT (unknown column or field, two columns for one
 *                place), SP_E_REQUIRED (no column for a required field)
 */
SP_MUST_USE sp_err sv_import_match(struct sv_import_plan *plan,
    const struct sp_rulebook *book, const struct sp_slice *header,
    size_t columns, const char *map, const char *ignore,
    char text[SV_IMPORT_TEXT_BYTES]);

/*
 * One row as a draft of one commit: the account, and a record for each other
 * entity that the row has something of.
 *   id       makes record ids (called once a record)
 *   arena    holds the draft
 *   problem  what is wrong and what to do; column filled in
 *   errors   SP_E_VALUE, SP_E_REQUIRED: this row; SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_import_row(const struct sv_import_plan *plan,
    const struct sp_slice *cells, struct sp_id (*id)(void *self), void *self,
    struct sp_arena *arena, struct sp_draft *out,
    struct sv_csv_problem *problem);

#endif
