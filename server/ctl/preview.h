/*
 * preview.h - what a change of policy or rosters would do: how many records
 * go to another server, who gains and who loses sight of what, and who of
 * these may have edits that this server does not know yet.
 */
#ifndef SV_PREVIEW_H
#define SV_PREVIEW_H

#include "ctl/call.h"

/*
 * Runs a change: with --dry-run all of it is done and dropped again, and the
 * result is the preview; else it is done.
 *   work  takes documents in its tx and returns SP_OK
 */
SP_MUST_USE sp_err sv_preview_run(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg);

#endif
