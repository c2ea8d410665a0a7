/*
 * ahead.h - what is promised or planned lies ahead. The one place that knows
 * which dates do, and which outcome needs one. Inside a call.
 *
 * Asked of what a person types on a device, whose calendar says what today is;
 * never of what a rule of the catalogue makes (a call may be due since
 * yesterday) and never by a server, where what was typed in time arrives late.
 */
#ifndef CC_API_AHEAD_H
#define CC_API_AHEAD_H

#include "api/typed.h"

/*
 * Whether what is typed lies ahead, today included.
 *   errors   SP_E_PAST: a day that is over, which the detail names
 */
SP_MUST_USE sp_err cc_ahead_days(const struct cc_typed *t);
/*
 * Whether a promise, once this is saved, has its date.
 *   errors   SP_E_REQUIRED; not where neither of the two is being written
 */
SP_MUST_USE sp_err cc_ahead_promise(const struct cc_typed *t);

#endif
