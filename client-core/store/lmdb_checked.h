/*
 * lmdb_checked.h - all pages of a store's file, once for each state of it.
 *
 * Looking at all pages costs more than most commands do, and most commands find
 * the file as the one before left it. So whoever has looked leaves a mark: a
 * keyed hash over all by which the system tells that a file was written to
 * (size, both times, which file it is), the snapshot, the start of the machine
 * and the hour. Any other file, snapshot, start or day is looked at again, and
 * so is one that was written to within the last second, since a second write in
 * the same tick of the clock would have the same times.
 *
 *   mark     STORE/checked: made at, seconds u64 | BLAKE2b-256, keyed. Without
 *            it, or with a wrong one, the pages are looked at
 *   threads  any; processes may do it at once
 */
#ifndef CC_STORE_LMDB_CHECKED_H
#define CC_STORE_LMDB_CHECKED_H

#include "sp/seal.h"

#include "store/lmdb_file.h"

#include <stddef.h>

struct cc_lmdb_checked {
    const char *file, *mark; /* paths */
    const struct sp_secret *key;
    size_t txn;    /* the snapshot, which a reader of the caller's holds */
    size_t leaves; /* as cc_lmdb_pages_check */
};

/*
 * cc_lmdb_pages_check, unless the mark says that just this was looked at.
 *   looked   out: whether the pages were looked at now
 *   note     as cc_lmdb_pages_check
 *   errors   those of cc_lmdb_pages_check; a mark that cannot be read or
 *            written is none
 */
SP_MUST_USE sp_err cc_lmdb_checked_pages(
    const struct cc_lmdb_checked *c, bool *looked, char *note);

#endif
