/*
 * held.h - what a device had of a scope when it made a commit (SYNC J4).
 */
#ifndef SP_HELD_H
#define SP_HELD_H

#include "engine.h"

/* The device of a replica, its present one, shows that it has read a scope here
 * up to since. */
SP_MUST_USE sp_err sp_held_note(struct sp_tx *tx, sp_replica replica,
    const struct sp_id *scope, uint64_t since);
/* The scopes of which a commit's device still had a record when it made the
 * commit, though it had left them here. Scratch memory is used. */
SP_MUST_USE sp_err sp_held_left(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_ref *ref, struct sp_scopes *out);

#endif
