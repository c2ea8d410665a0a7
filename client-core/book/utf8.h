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
static inline size_t cc_utf8_take(const uint8_t *p, size_t left, uint32_t *c);
/* The same; cc_utf8_take asks it for what is neither ASCII nor U+4000 to
 * U+9FFF, in which nearly all names are written. */
size_t cc_utf8_take_any(const uint8_t *p, size_t left, uint32_t *c);

static inline size_t cc_utf8_take(const uint8_t *p, size_t left, uint32_t *c)
{
    if (p[0] < 0x80) {
        *c = p[0];
        return 1;
    }
    if (left >= 3 && p[0] >= 0xe4 && p[0] <= 0xe9 && (p[1] & 0xc0) == 0x80 &&
        (p[2] & 0xc0) == 0x80) {
        *c = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        return 3;
    }
    return cc_utf8_take_any(p, left, c);
}

/* Writes a code point up to U+10FFFF; out: 4 bytes, no NUL. Returns bytes. */
size_t cc_utf8_put(uint32_t c, char *out);

#endif
