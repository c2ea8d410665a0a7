/*
 * han.h - what Chinese characters sound like, are folded to, and weigh.
 *
 * From the Unihan database, rare characters beyond the BMP included. About
 * 400 KiB of tables; each question is two reads of memory.
 *
 *   threads  any
 *   source   Unicode Standard Annex 38: kMandarin, kTGHZ2013, kHanyuPinlu,
 *            else kXHC1983 and kHanyuPinyin; kSimplifiedVariant,
 *            kTraditionalVariant; kTotalStrokes. Which counts when: han.py
 */
#ifndef CC_BOOK_HAN_H
#define CC_BOOK_HAN_H

#include <stddef.h>
#include <stdint.h>

#define CC_HAN_READINGS_MAX   8u
#define CC_HAN_SYLLABLE_BYTES 7u /* "zhuang" and NUL */

/*
 * Readings in Mandarin that are in use, the most usual first, as numbers of
 * syllables without tone; NULL and 0 for what has none.
 */
const uint16_t *cc_han_readings(uint32_t c, size_t *count);
/* ASCII, "lv" for one with two dots. Numbers are in the order of the texts. */
const char *cc_han_syllable(uint16_t number);

/* The simplified form of a traditional character, another one as it is; takes
 * no more bytes of UTF-8 than c. */
uint32_t cc_han_fold(uint32_t c);
/* 0: no such character. */
unsigned cc_han_strokes(uint32_t c);

#endif
