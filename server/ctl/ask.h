/*
 * ask.h - the question that an import leaves of two customers who may be one:
 * a quality_issue of kind duplicate, which stands in the inbox of whoever may
 * decide it, until the two are merged or said not to be the same. Nothing is
 * decided here.
 */
#ifndef SV_ASK_H
#define SV_ASK_H

#include "sp/node.h"

struct sv_ask {
    struct sp_id newer, older; /* accounts */
    const char *field;         /* that they have in common */
};

/*
 * Asks, under a person's name; once a pair, whoever asks again.
 *   made     false: it was asked, or the older one is not here, or the
 *            dictionary has no such record
 *   errors   those of the store, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_ask_put(struct sp_tx *tx, uint32_t user,
    const struct sv_ask *ask, struct sp_arena *arena, bool *made);

#endif
