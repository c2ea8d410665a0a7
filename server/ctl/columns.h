/*
 * columns.h - what the columns of a file to import mean. No store and no
 * server in here.
 *
 * A column is matched by --map, else by the name or a label of a field of the
 * entity ("name", "Name", "名称"), of a part of its groups ("city"), or as
 * ENTITY.FIELD or ENTITY_FIELD, by name or label, of an entity whose records
 * belong to it ("contact.name", "contact_name", "联系人姓名"): such columns
 * make one record of that entity a row. A column "id", as exports have it,
 * names the record itself; without a key rows go by it.
 */
#ifndef SV_COLUMNS_H
#define SV_COLUMNS_H

#include "ctl/csv.h"
#include "sp/node.h"
#include "sp/rules.h"

#define SV_COLUMNS_ENTITIES_MAX 4u
#define SV_COLUMNS_TEXT_BYTES   400u

/* Columns that a list of refused rows has beside those of its file: a list
 * that was mended is imported as it is. */
#define SV_COLUMNS_LISTED                                                      \
    "import_line", "import_column", "import_code", "import_reason"
#define SV_COLUMNS_LISTED_COUNT 4u

struct sv_column {
    int entity; /* index into entity[]; -1: left out */
    const struct sp_field *field;
    const struct sp_field *part; /* of a group; NULL: the whole field */
};

/* What the columns of one file mean; the rulebook and the header outlive it. */
struct sv_columns {
    const struct sp_rulebook *book;
    unsigned entities;
    const struct sp_entity *entity[SV_COLUMNS_ENTITIES_MAX]; /* [0]: of a row */
    size_t columns;
    struct sv_column column[SV_CSV_COLUMNS_MAX];
    const struct sp_field *key; /* its value names a record; NULL: none does */
    bool key_below;   /* among those that belong to one record: two customers
                         have a contact of one name each */
    bool by_id;       /* the cell in id_column names the record of a row */
    bool id_asked;    /* by --key id: no cell may be something else */
    size_t id_column; /* as exports have it; SIZE_MAX: none */
    const char *null; /* word for no value, or NULL */
    const char *currency; /* of amounts without one, or NULL */
    uint32_t user;        /* under whose name */
    bool territory_given; /* some column says where a record belongs */
    char unused[SV_COLUMNS_TEXT_BYTES]; /* columns that nothing takes */
};

/* What a person types about a file. */
struct sv_columns_typed {
    const char *entity; /* "account", "accounts", "客户" */
    const char *map;    /* "A=name,B=address.city", or such lines; or NULL */
    const char *ignore; /* "A,B", or NULL */
    const char *key;    /* a field, "id", or NULL: the ids of an export */
};

/*
 * Finds out what each column means.
 *   out     book, null, currency and user are the caller's
 *   text    what is wrong and the way out
 *   errors  SP_E_ARGUMENT (unknown entity, column or field, two columns for
 *           one place, a key that no column has), SP_E_REQUIRED (no column for
 *           a required field)
 */
SP_MUST_USE sp_err sv_columns_match(struct sv_columns *out,
    const struct sv_columns_typed *typed, const struct sp_slice *header,
    size_t columns, char text[SV_COLUMNS_TEXT_BYTES]);

/* The entity of a name, also as a plural or label; NULL. */
const struct sp_entity *sv_columns_entity(
    const struct sp_dictionary *d, const char *name);

/* Which parts of a group have columns: bit i is part i. */
uint32_t sv_columns_parts(
    const struct sv_columns *c, unsigned entity, const struct sp_field *f);

#endif
