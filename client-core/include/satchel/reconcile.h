/*
 * reconcile.h - a list from elsewhere held against the records of this device:
 * who is only there, who is only here, and what they say differently.
 */
#ifndef SATCHEL_RECONCILE_H
#define SATCHEL_RECONCILE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_RECONCILE_ROWS_MAX 1000000u

struct satchel_reconcile_query {
    const char *entity;
    const char *key;  /* column and field by which both name one thing */
    const char *name; /* of the reconciliation that is saved; NULL: not saved */
    const char
        *text; /* CSV in UTF-8; its first row names fields, "address.city"
                  a part of one; columns that are no field are left out */
    size_t bytes;
};

enum satchel_reconcile_what {
    SATCHEL_ONLY_FIRST = 1, /* in the list alone */
    SATCHEL_ONLY_SECOND,    /* in the records alone */
    SATCHEL_DIFFERING
};
struct satchel_reconcile_row {
    enum satchel_reconcile_what what;
    const char *key;
    size_t line;       /* of the list; 0: not there */
    const char *id;    /* of the record; "" */
    const char *title; /* of the record; "" */
    const char *field; /* DIFFERING: one row a field */
    const char *first, *second;
};
struct satchel_reconciliation {
    char id[SATCHEL_ID_BYTES];       /* of what was saved; "" */
    size_t matched;                  /* in both, and alike */
    size_t first, second, differing; /* differing: things, not fields */
    size_t without_key_first, without_key_second; /* are in none of the above */
    size_t count;                                 /* in the order of keys */
    const struct satchel_reconcile_row *row;
    size_t ignored_count; /* columns of the list that are no field */
    const char *const *ignored;
};
/*
 * Values are compared as the field understands them: a telephone in any way of
 * writing it, a person by login or name. Of several lines with one key each
 * takes one record, in order; what is left over is only there.
 *   errors  SATCHEL_E_ARGUMENT: not UTF-8, no such column, a broken quote;
 *           SATCHEL_E_UNKNOWN_FIELD; those of satchel_record_add
 */
SATCHEL_API int satchel_reconcile(struct satchel *s,
    const struct satchel_reconcile_query *query,
    struct satchel_reconciliation **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
