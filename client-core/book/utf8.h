/*
 * utf8.h - one character of UTF-8 at a time, from bytes that may be anything.
 *
 *   threads  any
 */
#ifndef CC_BOOK_UTF8_H
#define CC_BOOK_UTF8_H

#include "sp/bytes.h"

#define CC_UTF8_BYTES_MAX 4u
#define CC_UTF8_NONE      0xffffffffu /* a byte that is no UTF-8 */

/*
 * Takes a character.
 *   left     bytes at p, at least 1
 *   c        code point, or CC_UTF8_NONE for one byte that begins none; long
 *            forms and surrogates are none
 *   returns  its bytes, 1 to 4
 */
size_t cc_utf8_take(const uint8_t *p, size_t left, uint32_t *c);

/* Writes a code point up to U+10FFFF; out: 4 bytes, no NUL. Returns bytes. */
size_t cc_utf8_put(uint32_t c, char *out);

#endif
