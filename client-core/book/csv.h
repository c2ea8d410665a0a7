/*
 * csv.h - lines of CSV that spreadsheets and programs read alike: RFC 4180,
 * CRLF, UTF-8.
 *
 * Markers: spreadsheets run a cell that starts with = + - @ (narrow or full
 * width), a tab or a carriage return as a formula, and round a number of 12
 * digits or more. Such a cell gets a ' in front, and so does one of that kind
 * that starts with ' already; a reader takes one ' away again (cc_csv_marked),
 * so every value comes back as it was.
 *
 *   threads  any      source  RFC 4180
 */
#ifndef CC_BOOK_CSV_H
#define CC_BOOK_CSV_H

#include <stdbool.h>

#include "sp/bytes.h"

#define CC_CSV_DIGITS_MAX 11u /* that a spreadsheet shows as they are */

/* Appends the mark that makes spreadsheets read UTF-8. */
void cc_csv_put_bom(struct sp_buf *out);
/* Appends one row with CRLF, quoted and marked where needed. Errors latch in
 * out. */
void cc_csv_put_row(
    struct sp_buf *out, const struct sp_slice *cells, size_t count);

/* Whether a cell, behind any number of ', would be run or rounded: one that
 * starts with ' then has a marker in front. */
bool cc_csv_risky(struct sp_slice cell);
bool cc_csv_marked(struct sp_slice cell);

/*
 * Members of a set in one cell, between "|". A "|" of a member's own stands
 * behind a backslash; backslashes in front of either "|" are doubled, all
 * others stay as they are.
 *   from    where the cell begins in out
 */
void cc_csv_put_member(struct sp_buf *out, size_t from, struct sp_slice member);
/* Takes the first member off a cell and appends it to out; errors latch. */
void cc_csv_take_member(struct sp_slice *cell, struct sp_buf *out);

#endif
