/*
 * names.h - which records have which names, read from the store: by them rows
 * of a file name a customer, and cards a contact who may be here already.
 *
 * Names count as the same when they fold alike (book/fold.h): case, width and
 * blanks aside. What was merged into another counts as that one. Read once;
 * what somebody makes meanwhile is not in it.
 *
 *   threads  one at a time
 */
#ifndef SV_NAMES_H
#define SV_NAMES_H

#include "ctl/call.h"
#include "ctl/keys.h"

#define SV_NAMES_MAX 4u /* entities whose names a file may use */

/* Each entity's names are read when they are first asked for. */
struct sv_names {
    struct sv_call *call;
    const struct sp_dictionary *dictionary;
    bool seen_only; /* only what the person of --as may see */
    unsigned count;
    struct {
        uint16_t type;
        struct sv_keys *keys;  /* name -> record */
        struct sv_keys *twice; /* names of several */
    } entity[SV_NAMES_MAX];
};
void sv_names_free(struct sv_names *n);

/* The record of a type that is called so. SP_E_NOT_FOUND, SP_E_AMBIGUOUS; those
 * of the store, SP_E_NOMEM, SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sv_names_find(
    struct sv_names *n, uint16_t type, struct sp_slice name, struct sp_id *out);

/* A name below the record that it belongs to. */
struct sv_keys_hash sv_names_below(
    const struct sp_id *parent, struct sp_slice name);
/* All records of an entity that have a parent, by sv_names_below. Errors of
 * the store, SP_E_NOMEM, SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sv_names_read_below(
    struct sv_call *call, const struct sp_entity *e, struct sv_keys **out);

#endif
