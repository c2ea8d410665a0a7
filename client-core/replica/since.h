/*
 * since.h - how long something took, by a clock that nobody sets.
 *
 * When it begins, the time since the machine was started (sleep included) is
 * kept with the id of that start, sealed in the room's table. After a restart
 * that clock is another one, and only the wall clock can say.
 *
 *   threads  inside a transaction of the replica
 */
#ifndef CC_REPLICA_SINCE_H
#define CC_REPLICA_SINCE_H

#include "replica/replica.h"

/* Notes that it begins now. Notes of other starts of the machine go: they are
 * of no use. SP_OK also where the platform has no such clock. */
SP_MUST_USE sp_err cc_since_begin(
    struct cc_replica *r, struct sp_tx *tx, const struct sp_id *id);
/*
 * How long ago it began, and forgets it.
 *   known    false: it began before the machine was started, on another
 *            device, or where there is no such clock
 */
SP_MUST_USE sp_err cc_since_end(struct cc_replica *r, struct sp_tx *tx,
    const struct sp_id *id, bool *known, uint64_t *ms);

/* What began here last and was not forgotten: the newest ids first, without
 * opening a note. */
SP_MUST_USE sp_err cc_since_newest(struct cc_replica *r, struct sp_tx *tx,
    struct sp_id *out, size_t max, size_t *count);

/* Linux: CLOCK_BOOTTIME, and the kernel's id of its start. */
struct cc_since_probe cc_since_system(void);

#endif
