/*
 * rows.h - the rows of a file to import, whatever it is written in: a CSV file
 * (csv.h), or cards, of which each is a row of contacts (cards.h).
 *
 * threads  one at a time a reader
 */
#ifndef SV_ROWS_H
#define SV_ROWS_H

#include "ctl/cards.h"
#include "ctl/csv.h"

struct sv_rows {
    struct sv_csv *csv; /* one of the two is there */
    struct sv_cards *cards;
};

/* cards NULL: a CSV file of this encoding. As sv_csv_open_source, with its
 * errors; close takes also what was never opened. */
SP_MUST_USE sp_err sv_rows_open(struct sv_rows *out,
    const struct sv_csv_source *source, enum sv_csv_encoding encoding,
    const struct sv_cards_setup *cards, struct sv_csv_problem *problem);
void sv_rows_close(struct sv_rows *r);

/* As those of csv.h. */
const struct sp_slice *sv_rows_header(const struct sv_rows *r, size_t *count);
SP_MUST_USE sp_err sv_rows_next(struct sv_rows *r,
    const struct sp_slice **cells, struct sv_csv_problem *problem);
size_t sv_rows_cells(struct sv_rows *r, const struct sp_slice **cells);
uint64_t sv_rows_line(const struct sv_rows *r);

#endif
