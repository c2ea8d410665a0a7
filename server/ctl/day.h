/*
 * day.h - days as people type them: 2026-12-31, UTC.
 */
#ifndef SV_DAY_H
#define SV_DAY_H

#include "ctl/call.h"

/* A day that is not over, as days since 1970. SP_E_ARGUMENT, said in the call.
 */
SP_MUST_USE sp_err sv_day_read(
    struct sv_call *call, const char *text, uint32_t *out);

#endif
