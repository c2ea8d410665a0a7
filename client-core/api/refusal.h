/*
 * refusal.h - a refused edit as the api gives it out. Inside a call.
 */
#ifndef CC_API_REFUSAL_H
#define CC_API_REFUSAL_H

#include "api/tray.h"

/* All but sendable. SP_E_NOMEM, SP_E_IO; texts lie in the arena. */
SP_MUST_USE sp_err cc_refusal_fill(struct cc_call *c,
    const struct cc_tray_item *item, struct sp_arena *a,
    struct satchel_rejected *out);

#endif
