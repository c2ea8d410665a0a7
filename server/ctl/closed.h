/*
 * closed.h - the figures of days that a branch has closed, as they were then
 * (table SV_T_CLOSED: unit, 0, day -> figures). They stay when more comes in.
 */
#ifndef SV_CLOSED_H
#define SV_CLOSED_H

#include "sp/node.h"

#include "book/money.h"

struct sv_closed {
    uint64_t at_ms;
    uint32_t user; /* who closed it */
    uint64_t devices, in;
    uint64_t visits, visits_open, purchases, accounts;
    struct cc_money_sums amount; /* of the purchases */
    struct sp_slice missing;     /* "mei (3), tom (4)"; of a read one in the
                                store's memory */
};

SP_MUST_USE sp_err sv_closed_put(struct sp_tx *tx, struct sp_slice unit,
    int32_t day, const struct sv_closed *figures);
/* SP_E_NOT_FOUND: that day is open. */
SP_MUST_USE sp_err sv_closed_get(
    struct sp_tx *tx, struct sp_slice unit, int32_t day, struct sv_closed *out);

#endif
