/*
 * search.h - what somebody types, held against what a record is called.
 *
 * Found are parts of names and aliases (two Chinese characters that stand
 * together, any letters), how they sound (book/pinyin.h), beginnings of
 * numbers, and any part of three digits or more of a telephone number, however
 * it is written. Several words are found where each of them is.
 *
 *   threads  any
 */
#ifndef CC_BOOK_SEARCH_H
#define CC_BOOK_SEARCH_H

#include "book/pinyin.h"

#define CC_SEARCH_TEXT_MAX  256u /* bytes of what is typed */
#define CC_SEARCH_WORDS_MAX 8u

/*
 * What is searched of a record: lines, each a letter that says what it is, the
 * folded text, and an end of line. Folded text has neither of them.
 */
enum cc_search_line {
    CC_SEARCH_NAME = 1,
    CC_SEARCH_ALIAS = 2,
    CC_SEARCH_NUMBER = 3,
    CC_SEARCH_PHONE = 4 /* digits alone, as cc_fold_digits leaves them */
};
/* Adds the line of a text as it is stored; empty ones are left out. Errors
 * latch in hay. */
void cc_search_add(
    struct sp_buf *hay, enum cc_search_line line, struct sp_slice text);

/* Lower is better; by sound stands behind the same by letter. */
enum cc_search_rank {
    CC_SEARCH_EXACT,
    CC_SEARCH_EXACT_SOUND,
    CC_SEARCH_PREFIX,
    CC_SEARCH_PREFIX_SOUND,
    CC_SEARCH_WORD, /* from the beginning of a word in it */
    CC_SEARCH_INSIDE,
    CC_SEARCH_INSIDE_SOUND,
    CC_SEARCH_NOT
};

struct cc_search_word {
    const char *text; /* folded, into the query */
    size_t size;
    char digits[CC_SEARCH_TEXT_MAX + 1]; /* "": not of a telephone number */
    char part[CC_SEARCH_TEXT_MAX + 1];   /* those without prefixes */
    struct cc_pinyin pinyin;
};
struct cc_search {
    size_t count; /* word[0] is all of it, the others its words, if several */
    char text[CC_SEARCH_TEXT_MAX + 1];
    char split[CC_SEARCH_TEXT_MAX + 1];
    struct cc_search_word word[CC_SEARCH_WORDS_MAX + 1];
};

/*
 * Prepares what was typed; q stays at its place.
 *   returns  false when it is too long or has more words than
 *            CC_SEARCH_WORDS_MAX; empty text finds everything
 */
bool cc_search_init(struct cc_search *q, struct sp_slice text);

/* How the lines of a record fit. cost: about 100 ns */
enum cc_search_rank cc_search_rank(const struct cc_search *q, const char *hay);

#endif
