/*
 * charge.h - who looks after a customer: its owner while he works here, else
 * the first who has its territory. Of people as the rosters name them.
 *
 *   threads  any
 */
#ifndef CC_BOOK_CHARGE_H
#define CC_BOOK_CHARGE_H

#include "sp/rules.h"

/*
 * owner      user number; 0: none is named
 * territory  code; empty: none
 * returns    user number, 0: nobody. An owner whom this store's rosters do not
 *            name counts as one who works here: a device has those of its own
 *            unit only
 */
uint32_t cc_charge_of(
    const struct sp_rulebook *book, uint32_t owner, struct sp_slice territory);

#endif
