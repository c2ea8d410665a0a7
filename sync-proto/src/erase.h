/* erase.h - commits that speak of erased records alone (PROTOCOL.md,
 * "Erasure").
 */
#ifndef SP_ERASE_H
#define SP_ERASE_H

#include "engine.h"

/* Server: a decided commit leaves the log, its author and the neighbours but
 * from are told. Does nothing the second time. Writes the chain: none may be
 * held.
 *   e  its entry, content set; kind NONE: accepted in silence. Changed */
SP_MUST_USE sp_err sp_erase_known(
    struct sp_tx *tx, struct sp_verdict_entry *e, uint32_t from);
/* Server: the same of a commit that is not here: its author may come here
 * first, and is told. */
SP_MUST_USE sp_err sp_erase_heard(
    struct sp_tx *tx, const struct sp_verdict_entry *word, uint32_t from);

#endif
