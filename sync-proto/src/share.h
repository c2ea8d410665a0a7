/*
 * share.h - records that are shared with people up to a day. Who serves takes
 * an ended share away by an ordinary commit of its own, before it hands
 * anything out: so nobody gets a record by a share that has ended.
 */
#ifndef SP_SHARE_H
#define SP_SHARE_H

#include "engine.h"

/* A record was stored, or goes (after NULL): keeps the list of what ends when.
 * before may be NULL. Servers. */
SP_MUST_USE sp_err sp_share_note(struct sp_tx *tx,
    const struct sp_record *before, const struct sp_record *after);
/* Whether a share has ended that is this server's to take away: of a record, or
 * with a person, that it serves. */
SP_MUST_USE sp_err sp_share_due(struct sp_tx *tx, bool *due);
/* Takes those away. Write tx. */
SP_MUST_USE sp_err sp_share_sweep(struct sp_tx *tx);

#endif
