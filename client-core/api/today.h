/*
 * today.h - which day it is for the person who holds the device: its clock and
 * its zone.
 */
#ifndef CC_API_TODAY_H
#define CC_API_TODAY_H

#include "api/call.h"

/* Days since 1970-01-01, see book/day.h. */
int32_t cc_today(const struct cc_call *c);
/* The local day of a time; CC_DAY_NONE for 0. */
int32_t cc_today_of(uint64_t ms);
/* Minutes east of Greenwich at that time. */
int32_t cc_today_offset(uint64_t ms);

/* A day as a person types it; NULL or "today": today. SP_E_ARGUMENT, which
 * names it. */
SP_MUST_USE sp_err cc_today_typed(
    struct cc_call *c, const char *date, int32_t *out);
#endif
