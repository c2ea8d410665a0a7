/*
 * lmdb_file.h - looks at LMDB's file before LMDB does.
 *
 * LMDB trusts what it maps. A page number beyond the file kills the process
 * with SIGBUS, a damaged page header or offset with SIGSEGV or a failed
 * assert, and an empty file is taken for new and filled in silence. So the two
 * head pages are looked at before it maps the file, and all pages that a
 * transaction can reach before it reads the first of them. What is in the
 * values is the business of their seals (lmdb_record.h).
 *
 *   source  the layout of LMDB 0.9 (lmdb_layout.h)
 */
#ifndef CC_STORE_LMDB_FILE_H
#define CC_STORE_LMDB_FILE_H

#include "sp/bytes.h"

/* One line that names what is wrong and the way out; empty on success. */
#define CC_LMDB_NOTE_BYTES 512u

/*
 * Checks the two head pages of a file.
 *   path     the data file; only read
 *   note     CC_LMDB_NOTE_BYTES, written on failure
 *   cost     two page reads
 *   errors   SP_E_CORRUPT (cut off, damaged or not LMDB's), SP_E_VERSION,
 *            SP_E_IO, SP_E_NOT_FOUND
 *   threads  any
 */
SP_MUST_USE sp_err cc_lmdb_file_check(const char *path, char *note);

/*
 * Checks every page that a snapshot leads to: that it is there, is what it is
 * used as, is used once, and that all offsets, sizes and counts in it stay
 * within it. After that neither reading nor writing leaves a page.
 *   txn      number of the snapshot, which a reader of the caller's holds
 *   leaves   at most so many leaf pages; branch pages and free lists always.
 *            What lies behind the rest is not looked at
 *   note     CC_LMDB_NOTE_BYTES, written on failure
 *   cost     about 2 us a page that is in memory; one bit of memory a page
 *   errors   SP_E_CORRUPT, SP_E_BUSY (the snapshot is no longer one of the two
 *            newest: begin another), SP_E_IO, SP_E_NOMEM
 *   threads  any
 */
SP_MUST_USE sp_err cc_lmdb_pages_check(
    const char *path, size_t txn, size_t leaves, char *note);

#endif
