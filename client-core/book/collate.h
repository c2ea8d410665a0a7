/*
 * collate.h - the order in which people expect names.
 *
 * A key is made of each name; keys compare as bytes. Latin comes before
 * Chinese, digits before letters. Chinese characters stand by their most usual
 * reading, or by the number of their strokes, then by code point; all of one
 * reading or number together before the next character counts.
 *
 *   threads  any
 */
#ifndef CC_BOOK_COLLATE_H
#define CC_BOOK_COLLATE_H

#include "sp/bytes.h"

enum cc_collate {
    CC_COLLATE_NAME, /* by code point alone */
    CC_COLLATE_PINYIN,
    CC_COLLATE_STROKE
};

#define CC_COLLATE_BYTES                                                       \
    160u /* 32 Chinese characters: what follows is equal                       \
          */

/*
 * Makes the key of a folded name.
 *   out      CC_COLLATE_BYTES
 *   returns  its bytes; what does not fit is left out
 */
size_t cc_collate_key(enum cc_collate order, struct sp_slice folded,
    uint8_t out[CC_COLLATE_BYTES]);

#endif
