/*
 * quarantine.h - what may not be judged yet because of who sent it (SYNC X8).
 */
#ifndef SP_QUARANTINE_H
#define SP_QUARANTINE_H

#include "engine.h"

bool sp_quarantine_holds(const struct sp_verdict *v);
/* Why a commit may not be judged yet because of who sent it: SP_E_UNPROVEN (its
 * author's key did not sign it), SP_E_QUARANTINED (a revoked or lost device, a
 * person who left); SP_OK: it may, or a person has released it. */
SP_MUST_USE sp_err sp_quarantine_reason(
    struct sp_tx *tx, const struct sp_commit *c, bool proven, sp_err *out);
/* Whether the key that its device has by now fits the first signed head at or
 * above a logged commit. */
SP_MUST_USE sp_err sp_quarantine_proven(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out);
/* Whether so many commits more of a device may be set aside here. */
SP_MUST_USE sp_err sp_quarantine_room(
    struct sp_tx *tx, uint32_t device, uint64_t more, bool *out);

#endif
