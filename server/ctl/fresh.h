/*
 * fresh.h - how fresh the figures of head office are: which branches have come
 * in, and when. Of a branch: nothing, its figures are its own.
 */
#ifndef SV_FRESH_H
#define SV_FRESH_H

#include "ctl/call.h"

#define SV_FRESH_MS (24u * 3600u * 1000u) /* who came in longer ago is late */

/* One branch, as this server knows it. */
struct sv_fresh_branch {
    const struct sp_roster *unit;
    uint64_t last_ms;               /* last complete exchange; 0: never */
    bool in;                        /* within SV_FRESH_MS */
    uint64_t devices, devices_seen; /* active; with commits in SV_FRESH_MS */
    uint64_t commits;               /* of its devices, logged here */
    uint64_t missing;               /* numbers that this log has not */
    uint64_t waiting;               /* of them deferred here */
};
struct sv_fresh {
    uint32_t count, in;
    uint64_t as_of_ms; /* the oldest exchange of those that are in; 0: none */
    struct sv_fresh_branch *branch; /* arena of the tx */
};

/* gaps: also what is missing, of the newest SV_FRESH_GAPS numbers of each
 * replica. SP_E_NOMEM and those of the store. */
#define SV_FRESH_GAPS 1000u
SP_MUST_USE sp_err sv_fresh_load(
    struct sp_tx *tx, bool gaps, struct sv_fresh *out);

/* At head office, on the result of a report: "2 of 3 branches, as of TIME", and
 * the same as numbers. */
SP_MUST_USE sp_err sv_fresh_stamp(struct sv_call *call);

#endif
