/*
 * settled.h - the case beside what settles a conflict (sp/case.h), and taking
 * a settlement back. Inside a call.
 */
#ifndef CC_API_SETTLED_H
#define CC_API_SETTLED_H

#include "api/call.h"

/*
 * A draft with a case more for each field that it settles, as far as a commit
 * has room: one without a case cannot be taken back.
 *   out      change with more writes; arena memory of the tx
 *   errors   SP_E_NOMEM, SP_E_IO
 */
SP_MUST_USE sp_err cc_settled_add(struct cc_call *c,
    const struct sp_draft_change *change, uint32_t count,
    const struct sp_draft_change **out);

#endif
