/*
 * day.h - days as people type them: 2026-12-31, UTC, and the local ones.
 */
#ifndef SV_DAY_H
#define SV_DAY_H

#include "ctl/call.h"

/* A day that is not over, as days since 1970. SP_E_ARGUMENT, said in the call.
 */
SP_MUST_USE sp_err sv_day_read(
    struct sv_call *call, const char *text, uint32_t *out);

/* The local day of a time, by this machine's zone; CC_DAY_NONE (book/day.h)
 * for 0. */
int32_t sv_day_local(uint64_t ms);
/* Minutes that this machine's zone is east of Greenwich at a time. */
int32_t sv_day_offset(uint64_t ms);

#endif
