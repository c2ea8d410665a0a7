/*
 * reconcile.h - what a row of a file changes of what stands. A file says what
 * is so, not what was done: the same file once more changes nothing.
 */
#ifndef SV_RECONCILE_H
#define SV_RECONCILE_H

#include "ctl/import.h"

enum sv_reconciled {
    SV_RECONCILE_CREATED = 1, /* the row's record is new */
    SV_RECONCILE_UPDATED = 2,
    SV_RECONCILE_UNCHANGED = 3 /* nothing is to be written */
};

/*
 * Leaves of a draft what stands otherwise. Fields without a column or with an
 * empty cell stay; parts of a group without a column too; members of a set
 * are added, none is taken out. What belongs to a record that stands (the
 * contact of an account) is the one with the same required fields, else new.
 *   draft    of sv_import_row; what is left is in the arena
 *   problem  filled with SP_E_VALUE: a field that is written once has another
 *            value
 *   errors   those of the store, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_reconcile_draft(struct sp_tx *tx,
    const struct sv_columns *plan, struct sp_arena *arena,
    struct sp_draft *draft, enum sv_reconciled *out,
    struct sv_csv_problem *problem);

#endif
