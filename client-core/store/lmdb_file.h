/*
 * lmdb_file.h - looks at LMDB's file before LMDB maps it.
 *
 * A mapped file that is shorter than its pages say kills the process with
 * SIGBUS at some later read, and an empty one is taken for new and filled in
 * silence. So the length is compared first, with plain reads.
 *
 *   source  the layout of LMDB 0.9 (data version 1), little-endian
 */
#ifndef CC_STORE_LMDB_FILE_H
#define CC_STORE_LMDB_FILE_H

#include "sp/bytes.h"

/* One line that names what is wrong and the way out; empty on success. */
#define CC_LMDB_NOTE_BYTES 512u

/*
 * Checks that a file holds every page that its newest meta page leads to.
 *   path     the data file; only read
 *   note     CC_LMDB_NOTE_BYTES, written on failure
 *   cost     two page reads; the whole tree once when the file is shorter than
 *            its last page number, which LMDB itself can leave behind (a page
 *            given back in the transaction that took it is never written)
 *   errors   SP_E_CORRUPT (truncated or not LMDB's), SP_E_VERSION, SP_E_IO,
 *            SP_E_NOMEM, SP_E_NOT_FOUND
 *   threads  any
 */
SP_MUST_USE sp_err cc_lmdb_file_check(const char *path, char *note);

#endif
