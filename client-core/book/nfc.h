/*
 * nfc.h - text in Unicode's composed form (NFC), made where text comes in:
 * what a person types or a file brings. Behind that all text is NFC.
 *
 *   threads  any
 *   source   Unicode Standard Annex 15; libutf8proc
 */
#ifndef CC_BOOK_NFC_H
#define CC_BOOK_NFC_H

#include "sp/bytes.h"

/*
 * Whether a text may be other than NFC; most text is not, and needs no more.
 * cost: one pass.
 */
bool cc_nfc_needed(struct sp_slice text);

/*
 * Appends the text in NFC. Bytes that are no UTF-8 stay as they are, all of the
 * text with them: whoever checks the value refuses it.
 *   errors  SP_E_NOMEM; others latch in out
 */
SP_MUST_USE sp_err cc_nfc_text(struct sp_slice text, struct sp_buf *out);

#endif
