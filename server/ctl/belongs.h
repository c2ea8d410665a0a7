/*
 * belongs.h - where the record of a row would belong: somewhere at all, and at
 * a branch to that branch.
 *
 *   threads  any
 */
#ifndef SV_BELONGS_H
#define SV_BELONGS_H

#include "ctl/columns.h"
#include "store/home.h"

/* False: problem says what to fill in, or where to bring the row. */
bool sv_belongs_here(const struct sv_columns *plan,
    const struct sv_identity *who, const struct sp_draft *draft,
    struct sv_csv_problem *problem);

#endif
