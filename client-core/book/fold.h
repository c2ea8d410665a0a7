/*
 * fold.h - text as people search it: letters without case, full-width forms as
 * their plain ones, traditional characters as simplified ones, blanks and
 * control characters as single spaces. Not for display.
 */
#ifndef CC_BOOK_FOLD_H
#define CC_BOOK_FOLD_H

#include "sp/bytes.h"

/* Goes up when the same text is folded to another: what was kept of it is made
 * anew. */
#define CC_FOLD_VERSION 1u

/*
 * Folds UTF-8 in NFC (Latin, Greek, Cyrillic, Chinese, full-width forms; other
 * scripts as they are, bytes that are no UTF-8 too); leading and trailing
 * blanks go.
 *   out      in.size + 1 bytes, may be in's own; gets a NUL
 *   returns  bytes used, at most in.size
 *   threads  any      cost  one pass
 */
size_t cc_fold_text(struct sp_slice in, char *out);

/* Only the digits of it, full-width ones too; out: in.size + 1 bytes. */
size_t cc_fold_digits(struct sp_slice in, char *out);

#endif
