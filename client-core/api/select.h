/*
 * select.h - which records of an entity fit what a person asks for, and in
 * which order. Inside a call.
 */
#ifndef CC_API_SELECT_H
#define CC_API_SELECT_H

#include "api/call.h"

struct cc_select_query {
    const struct sp_entity *entity;
    const struct satchel_query *query;
    bool by_parent;
    struct sp_id parent;
    const struct sp_id *absorbed; /* what was merged into the parent */
    size_t absorbed_count;
};

struct cc_select_row {
    const struct cc_entry *entry;
    const struct cc_entry *found; /* a contact that led to it, or NULL */
};

struct cc_select {
    const struct cc_index *index;  /* of the entity */
    const struct cc_index *people; /* of what found is of, or NULL */
    size_t count;
    struct cc_select_row *row; /* in order; heap */
};

/*
 * Selects; cc_select_free in any case. Valid until the tx ends.
 *   errors   SP_E_ARGUMENT (text too long, or too many words), SP_E_NOMEM,
 *            SP_E_CORRUPT, SP_E_IO
 */
SP_MUST_USE sp_err cc_select_make(
    struct cc_call *c, const struct cc_select_query *q, struct cc_select *out);
void cc_select_free(struct cc_select *s);

/* The index of an entity whose records belong to this one and have a name and
 * a telephone; NULL in out when there is none. */
SP_MUST_USE sp_err cc_select_people(struct cc_call *c,
    const struct sp_entity *entity, const struct cc_index **out);

#endif
