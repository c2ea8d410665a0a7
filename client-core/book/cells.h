/*
 * cells.h - rows and cells of a CSV text that is in memory: RFC 4180, UTF-8
 * with or without the mark of spreadsheets, separated by the comma, semicolon
 * or tab that its first row has first. One ' that csv.h put in front of a cell
 * is taken away.
 *
 *   threads  any      source  RFC 4180
 */
#ifndef CC_BOOK_CELLS_H
#define CC_BOOK_CELLS_H

#include "sp/bytes.h"

#define CC_CELLS_MAX 1024u /* of a row */

/* At all times: text[at] is where the next row begins. */
struct cc_cells {
    struct sp_slice text;
    size_t at, line; /* line: of the row that was read last, 1 first */
    uint8_t separator;
    struct sp_buf quoted; /* cells that had to be unquoted */
    size_t next_line;
    size_t count;
    struct sp_slice cell[CC_CELLS_MAX]; /* point into text or quoted */
};

/* SP_E_VALUE: the text is not UTF-8. Keeps text. cc_cells_free in any case. */
SP_MUST_USE sp_err cc_cells_begin(struct cc_cells *c, struct sp_slice text);
/* The next row that is not empty; its cells are valid until the next call.
 * SP_E_NOT_FOUND behind the last one; SP_E_TRUNCATED: a quote is never closed
 * (line says where it began); SP_E_TOO_LARGE, SP_E_NOMEM. */
SP_MUST_USE sp_err cc_cells_next(struct cc_cells *c);
void cc_cells_free(struct cc_cells *c);

#endif
