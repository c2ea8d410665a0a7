/*
 * numbers.h - which records have which values of a field, read from the store:
 * the key of a file's rows, and the numbers by which rows refer to others.
 *
 * Read once; a record that somebody makes meanwhile is not in it.
 *   threads  one at a time
 */
#ifndef SV_NUMBERS_H
#define SV_NUMBERS_H

#include "ctl/call.h"
#include "ctl/columns.h"
#include "ctl/keys.h"

/* Reads the shown values of a field of all records that are not deleted; of
 * two with the same the older one has it. Errors of the store, SP_E_NOMEM,
 * SP_E_TOO_LARGE over SV_KEYS_MAX. */
SP_MUST_USE sp_err sv_numbers_read(struct sv_call *call,
    const struct sp_entity *e, const struct sp_field *f, struct sv_keys **out);

/* The records that rows can name, by sv_import_key; NULL: they name none.
 *   seen   only those that the person of --as may see
 * The same errors. */
SP_MUST_USE sp_err sv_numbers_known(struct sv_call *call,
    const struct sv_columns *plan, bool seen, struct sv_keys **out);

#define SV_NUMBERS_MAX 4u /* entities whose numbers a file may use */

/* The fields called number, each entity's read when it is first asked for. */
struct sv_numbers {
    struct sv_call *call;
    const struct sp_dictionary *dictionary;
    unsigned count;
    struct {
        uint16_t type;
        const struct sp_field *number;
        struct sv_keys *keys;
    } entity[SV_NUMBERS_MAX];
    sp_err err; /* the first failure of reading */
};
/* The record of a type with this number; false: there is none. */
bool sv_numbers_find(struct sv_numbers *n, uint16_t type,
    struct sp_slice number, struct sp_id *out);
void sv_numbers_free(struct sv_numbers *n);

#endif
