/*
 * sync_counts.h - how well the devices of a unit keep up, counted in this
 * server's log: what the report "sync" says.
 */
#ifndef SV_SYNC_COUNTS_H
#define SV_SYNC_COUNTS_H

#include "book/report_sync.h"
#include "ctl/evening.h"

/* Of each replica so many commits are looked at, the newest. */
#define SV_SYNC_COMMITS 10000u
#define SV_SYNC_SEEN_MS (24u * 3600u * 1000u)

/*
 * Counts devices of the people of e's unit, of all where e->all says so.
 *   from, until  UTC ms, of when changes were made; until is not in
 *   arena        has the ages
 *   errors       SP_E_NOMEM and those of the store
 */
SP_MUST_USE sp_err sv_sync_counts(const struct sv_evening *e, struct sp_tx *tx,
    uint64_t from_ms, uint64_t until_ms, struct sp_arena *arena,
    struct cc_report_sync_counts *out);

#endif
