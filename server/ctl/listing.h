/*
 * listing.h - lists of rows of a file, as CSV: line, column, code and reason,
 * then the row's own cells, so that a list that was mended can be imported as
 * it is (columns.h, SV_COLUMNS_LISTED).
 *
 *   threads  one at a time a list
 */
#ifndef SV_LISTING_H
#define SV_LISTING_H

#include "ctl/columns.h"

/* At all times err is the first failure: nothing is written after it. */
struct sv_listing {
    int file; /* -1: nobody wants it */
    sp_err err;
    bool begun; /* the first line is written; it comes with the first row */
    const struct sp_slice *header;
    size_t columns;
};

/* Names the columns of the file whose rows are listed; borrowed. */
void sv_listing_header(
    struct sv_listing *l, const struct sp_slice *header, size_t columns);
/* Writes a row; own is what sv_listing_cells made of it. */
void sv_listing_put(struct sv_listing *l, const struct sv_csv_problem *problem,
    struct sp_slice own);

/* A row's own cells as a line of CSV, without what an earlier list added; no
 * cell that is not UTF-8. Errors latch in out. */
void sv_listing_cells(const struct sp_slice *header, size_t columns,
    const struct sp_slice *cells, size_t count, struct sp_buf *out);

/* A copy of a row's cells, for a list that may have it later. NULL: no memory.
 */
const struct sp_slice *sv_listing_copy(
    struct sp_arena *arena, const struct sp_slice *cells, size_t count);

#endif
