/*
 * quality_board.h - how well each person and each branch keeps what is known
 * of customers, for appraisal and contests.
 *
 *   source   journeys C4: duplicate pairs ÷ accounts; invalid phones ÷ phones;
 *            stale ÷ all; completeness mean, median, share >= 60 %; validity =
 *            spot checks correct ÷ checked
 *   threads  any
 */
#ifndef CC_BOOK_QUALITY_BOARD_H
#define CC_BOOK_QUALITY_BOARD_H

#include "book/quality.h"

/* Accounts and their phones count for who is in charge of them, files and
 * checks for who entered the contact, a duplicate for who made the newer of
 * the two. Nobody (user 0) is a row too: so rows add up. */
struct cc_quality_row {
    uint32_t user;        /* of a person; else 0 */
    struct sp_slice unit; /* code of the branch; empty: head office */
    size_t accounts, stale;
    size_t phones, invalid;
    size_t duplicates; /* pairs */
    size_t files;
    unsigned mean, median; /* percent */
    unsigned good;         /* percent of files with 60 and more */
    size_t checked, correct;
};

enum cc_quality_by {
    CC_QUALITY_BY_USER,
    CC_QUALITY_BY_UNIT,
    CC_QUALITY_BY_ALL
};

/*
 * The rows of a book that was loaded for a board: by user number, or by code
 * of the unit where the person works (of nobody and of people that the rosters
 * do not name: empty), or one of all.
 *   out      arena memory of q; units point into the rulebook
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_quality_board_make(struct cc_quality *q,
    const struct sp_rulebook *book, enum cc_quality_by by,
    struct cc_quality_row **out, size_t *count);

/* Of how many, rounded half up; 0 of none. */
unsigned cc_quality_board_percent(size_t of, size_t all);

#endif
