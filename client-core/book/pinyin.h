/*
 * pinyin.h - names found by how they sound.
 *
 * What is typed is letters: whole syllables, beginnings of them, or both in
 * turn, a character of the name each. So 中华商行 is found by "zhonghua",
 * "zhs", "zhshh", "zhhs", "zhonghsh", "shanghang" and "shangxing". A character
 * with several readings may be read in any of them. No keys are made of a name,
 * so none are left out: typed letters are followed through its readings, at
 * most CC_HAN_READINGS_MAX a character, in one pass.
 *
 *   beginning   the first letter of a syllable, or its zh, ch, sh
 *   last one    any beginning of its syllable, since one is still typing
 *   v           stands for u with two dots; that and a plain u may be typed
 *   others      letters and digits in a name stand for themselves; blanks and
 *               signs are passed over
 *
 *   threads  any
 */
#ifndef CC_BOOK_PINYIN_H
#define CC_BOOK_PINYIN_H

#include "sp/bytes.h"

#define CC_PINYIN_LETTERS_MAX 60u /* of what is typed; less than 64 */

struct cc_pinyin {
    size_t count; /* 0: finds nothing */
    char letter[CC_PINYIN_LETTERS_MAX + 1];
    uint64_t places[128]; /* bit n: letter[n] is this character */
};

/*
 * Prepares what was typed. Blanks, apostrophes and hyphens between syllables
 * go.
 *   folded   by cc_fold_text
 *   returns  false, and count 0, when it is no pinyin: no letter, other signs,
 *            or too long
 */
bool cc_pinyin_query(struct cc_pinyin *q, struct sp_slice folded);

enum cc_pinyin_fit {
    CC_PINYIN_WHOLE,  /* all of the name */
    CC_PINYIN_PREFIX, /* from its first character on */
    CC_PINYIN_INSIDE,
    CC_PINYIN_NONE
};
/* How a folded name sounds like it. cost: about 20 ns a character. */
enum cc_pinyin_fit cc_pinyin_find(
    const struct cc_pinyin *q, struct sp_slice name);

/* Whether two folded names can sound the same: two Chinese characters or more
 * in each, every one with a reading of the other's, all else equal. */
bool cc_pinyin_same(struct sp_slice a, struct sp_slice b);

#endif
