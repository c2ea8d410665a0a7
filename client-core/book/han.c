#include "book/han.h"

#include "book/han_table.h"

/* Where a code point stands in the blocks of a table. */
static size_t place(const uint16_t *places, uint32_t c)
{
    return (size_t)places[c / CC_HAN_TABLE_BLOCK] * CC_HAN_TABLE_BLOCK +
           c % CC_HAN_TABLE_BLOCK;
}

const uint16_t *cc_han_readings(uint32_t c, size_t *count)
{
    const uint16_t *set = cc_han_table_set;

    if (c <= CC_HAN_TABLE_LAST) {
        set += cc_han_table_reading_block[place(cc_han_table_reading_place, c)];
    }
    *count = set[0];
    return set[0] == 0 ? NULL : set + 1;
}

const char *cc_han_syllable(uint16_t number)
{
    return number < cc_han_table_syllables ? cc_han_table_syllable[number] : "";
}

uint32_t cc_han_fold(uint32_t c)
{
    uint16_t target = 0;

    if (c <= CC_HAN_TABLE_LAST) {
        target = cc_han_table_fold_block[place(cc_han_table_fold_place, c)];
    }
    return target == 0 ? c : cc_han_table_target[target];
}

unsigned cc_han_strokes(uint32_t c)
{
    return c > CC_HAN_TABLE_LAST
               ? 0
               : cc_han_table_stroke_block[place(cc_han_table_stroke_place, c)];
}
