/*
 * once.h - that of a file each thing comes in once: of equal rows, of rows with
 * one key, and of cards of one contact the first; of contacts who are here
 * already none, so that a book of telephones can be taken in again.
 *
 *   threads  one at a time
 */
#ifndef SV_ONCE_H
#define SV_ONCE_H

#include "ctl/call.h"
#include "ctl/columns.h"
#include "ctl/keys.h"

struct sv_once {
    const struct sv_columns *plan;
    bool keep_all;        /* rows without a key, however often */
    bool cards;           /* each row is a card */
    struct sv_keys *seen; /* of this pass -> line */
    struct sv_keys *met;  /* contacts who are here, by customer and name */
};
/* For a pass through the file, from its beginning. SP_E_NOMEM. */
SP_MUST_USE sp_err sv_once_begin(struct sv_once *o);
/* Reads the contacts who are here; once. Those of the store, SP_E_NOMEM. */
SP_MUST_USE sp_err sv_once_meet(struct sv_once *o, struct sv_call *call);
void sv_once_free(struct sv_once *o);

/*
 * Whether a row came before, and keeps it for the next.
 *   p        code "duplicate" and what it equals, when twice
 *   errors   SP_E_TOO_LARGE over SV_KEYS_MAX, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_once_look(struct sv_once *o, const struct sp_slice *cells,
    const struct sp_draft *draft, struct sv_csv_problem *p, bool *twice);

#endif
