/*
 * width.h - UTF-8 text as columns of a terminal. Any thread.
 *
 * Ideographs, kana, hangul, full-width forms and most emoji take two columns,
 * combining marks none. The C library's answer depends on a locale that may
 * not be installed; this table does not.
 *   source  Unicode 15 EastAsianWidth.txt (W and F), general category Mn/Me/Cf
 */
#ifndef CC_BOOK_WIDTH_H
#define CC_BOOK_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* Columns of one code point: 0, 1 or 2; 0 for control characters. */
unsigned cc_width_of(uint32_t code);

/* Takes the code point at *text and moves on; U+FFFD, and one byte on, where
 * the bytes are not UTF-8. Not at the end of the text. */
uint32_t cc_width_next(const char **text);

/* Columns of a text as cc_width_put_clean shows it. */
size_t cc_width_text(const char *text);

/* Bytes of the longest beginning that fits into so many columns. */
size_t cc_width_fit(const char *text, size_t columns);

/*
 * Copies text as it may be shown on a terminal: whatever moves the cursor,
 * turns the direction of writing or is not UTF-8 becomes a space or U+FFFD,
 * because it can be somebody else's text.
 *   out      room for out_bytes, ended by NUL; at most 3 bytes for each of text
 *   returns  bytes without the NUL; what does not fit is left out
 */
size_t cc_width_clean(const char *text, char *out, size_t out_bytes);

#endif
