/*
 * sqlite.h - statements made into an SQLite file, handed over as bytes.
 *
 * The database is built in a temporary file that loses its name as soon as it
 * is open, so nothing stays behind, whatever happens. It is in the clear, like
 * the file that it becomes: it lies where the caller says.
 *
 *   threads  one at a time a database
 */
#ifndef CC_SQLITE_H
#define CC_SQLITE_H

#include "sp/bytes.h"

struct cc_sqlite;

/* directory: where the temporary file lies, NULL for that of the system.
 * SP_E_IO, SP_E_NOMEM */
SP_MUST_USE sp_err cc_sqlite_open(
    struct cc_sqlite **out, const char *directory);
/* Runs whole statements. SP_E_FULL, SP_E_IO, SP_E_INTERNAL (no statements). */
SP_MUST_USE sp_err cc_sqlite_run(struct cc_sqlite *s, struct sp_slice sql);
/* Gives the whole file, piece by piece; closes. */
SP_MUST_USE sp_err cc_sqlite_give(struct cc_sqlite *s,
    sp_err (*write)(void *self, struct sp_slice bytes), void *self);
/* NULL is harmless. */
void cc_sqlite_close(struct cc_sqlite *s);

#endif
