/*
 * line.h - one record of JSON Lines as export writes them (book/export.h) as a
 * draft of it, and what is wrong with a line. No store and no server in here.
 */
#ifndef SV_LINE_H
#define SV_LINE_H

#include "ctl/csv.h"
#include "sp/node.h"
#include "sp/rules.h"

/* What a reader needs; all of it is the caller's. */
struct sv_line {
    const struct sp_dictionary *dictionary;
    struct sp_arena *arena; /* holds the drafts */
    struct sp_buf *value;   /* room for one value: SP_VALUE_BYTES_MAX */
};

/*
 * Reads a line, without its end.
 *   out      makes one record under its own id; user and authority are the
 *            caller's to say
 *   problem  filled with SP_E_VALUE, save its line
 *   errors   SP_E_VALUE; SP_E_NOT_FOUND: the note of who took the file out,
 *            which stays where that was; SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_line_read(const struct sv_line *l, struct sp_slice text,
    struct sp_draft *out, struct sv_csv_problem *problem);

/* Says what is wrong, in the person's language; SP_E_VALUE. */
sp_err sv_line_bad(struct sv_csv_problem *p, const char *code,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
