/*
 * han_table.h - the tables behind han.h, made by han.py when the project is
 * built. A place table says which block of 16 holds a code point.
 */
#ifndef CC_BOOK_HAN_TABLE_H
#define CC_BOOK_HAN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define CC_HAN_TABLE_BLOCK 16u
#define CC_HAN_TABLE_LAST  0x33fffu

extern const size_t cc_han_table_syllables;
extern const char cc_han_table_syllable[][7]; /* in order */
/* At each place how many, then the numbers of the syllables. */
extern const uint16_t cc_han_table_set[];
extern const uint16_t cc_han_table_reading_place[];
extern const uint16_t cc_han_table_reading_block[]; /* into set; 0: none */
extern const uint32_t cc_han_table_target[];
extern const uint16_t cc_han_table_fold_place[];
extern const uint16_t cc_han_table_fold_block[]; /* into target; 0: none */
extern const uint16_t cc_han_table_stroke_place[];
extern const uint8_t cc_han_table_stroke_block[]; /* 0: not known */

#endif
