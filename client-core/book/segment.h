/*
 * segment.h - customers chosen by steps, each of which narrows what the one
 * before left, with a count at each: 1924 -> 1256 -> 437.
 *
 * A step compares one thing known of a customer with a value that a person
 * typed. Things are named by the caller ("purchase_count", "industry").
 *
 *   threads  any
 */
#ifndef CC_BOOK_SEGMENT_H
#define CC_BOOK_SEGMENT_H

#include "sp/bytes.h"

#include "book/money.h"
#include "book/words.h"

#define CC_SEGMENT_STEPS_MAX  20u
#define CC_SEGMENT_WORD_BYTES 81u  /* what, with its NUL */
#define CC_SEGMENT_TEXT_BYTES 801u /* value, with its NUL: 200 characters */

/* Options of segment.steps.is. */
enum cc_segment_is {
    CC_SEGMENT_EQUAL = 1,
    CC_SEGMENT_NOT_EQUAL,
    CC_SEGMENT_AT_LEAST,
    CC_SEGMENT_AT_MOST,
    CC_SEGMENT_HAS /* text contains it, a set has it as a member */
};

struct cc_segment_step {
    char what[CC_SEGMENT_WORD_BYTES];
    enum cc_segment_is is;
    char value[CC_SEGMENT_TEXT_BYTES];
};

/* "purchase_count >= 2", with =, !=, >=, <= or ~ (has); spaces around it are
 * left out. False when it is no such text, or too long. */
bool cc_segment_parse(const char *text, struct cc_segment_step *out);

/* What is known of a customer. */
enum cc_segment_kind {
    CC_SEGMENT_UNKNOWN = 0, /* fits no step but != */
    CC_SEGMENT_NUMBER,
    CC_SEGMENT_MONEY, /* a step's value is in whole ones, and may name a
                         currency: "1000 CNY" */
    CC_SEGMENT_DAY,   /* see day.h */
    CC_SEGMENT_TEXT,
    CC_SEGMENT_SET
};
struct cc_segment_known {
    enum cc_segment_kind kind;
    int64_t number; /* also of a day */
    /* By currency; NULL: none. A step without one fits if one of them does. */
    const struct cc_money_sums *money;
    const char *text; /* of a text or an option, as it is typed */
    size_t count;     /* members of a set */
    const char *const *member;
};

/*
 * Whether a step can be compared with a thing of that kind at all.
 *   why  what is wrong with it; static; untouched when it can
 */
bool cc_segment_check(const struct cc_segment_step *step,
    enum cc_segment_kind kind, struct cc_words *why);

/* Text is compared folded: case, width and script of Hanzi do not count. */
bool cc_segment_fits(
    const struct cc_segment_step *step, const struct cc_segment_known *known);

#endif
