/*
 * lines.h - records from JSON Lines as export writes them (book/export.h), with
 * their ids: another server's records, or a copy that is put back.
 *
 * A record that is here already stays as it is: it counts as unchanged when it
 * says the same, else it is refused. So the same file again changes nothing,
 * and a run that was stopped is simply started again.
 */
#ifndef SV_LINES_H
#define SV_LINES_H

#include "ctl/load.h"

#define SV_LINES_BYTES_MAX 4194304u /* of one line */

/* As sv_load_run; of the setup user, everything, dry_run, file and errors
 * count. The list has line, code and reason. */
SP_MUST_USE sp_err sv_lines_run(struct sv_call *call,
    const struct sv_load_setup *setup, struct sv_mark_counts *counts);

#endif
