/*
 * csv.h - CSV files, read row by row.
 *
 * A reader for what people really have: RFC 4180 with a comma, semicolon or
 * tab, CRLF, LF or CR, any encoding of csv_text.h. Memory is bounded by the
 * limits below, whatever the file. A bad row is refused with line, column and
 * what to do about it, and the next row can still be read; the first row names
 * the columns.
 *
 * Markers that a writer puts before cells (book/csv.h) are taken away.
 *
 * threads  one at a time a reader      source  RFC 4180
 */
#ifndef SV_CSV_H
#define SV_CSV_H

#include "ctl/csv_text.h"

#define SV_CSV_COLUMNS_MAX    1024u
#define SV_CSV_CELL_BYTES_MAX 262144u  /* after decoding to UTF-8 */
#define SV_CSV_ROW_BYTES_MAX  1048576u /* all cells of a row */

/* Why a row or a file is refused. */
struct sv_csv_problem {
    uint64_t line;    /* from 1, counted as an editor does */
    uint64_t column;  /* number of the cell, from 1; 0: the whole row */
    const char *code; /* static: "cells", "quote", "long", "bytes", "header",
                         "file"; of values "value", "required", "place",
                         "duplicate", "rule" */
    char text[320];   /* what is wrong and what to do, without the place */
};

struct sv_csv;

/*
 * Opens a file and reads its header.
 *   out      the reader, sv_csv_close
 *   problem  filled on every failure
 *   errors   SP_E_MALFORMED (empty, too many columns, a name twice, bad
 *            bytes), SP_E_IO, SP_E_NOT_FOUND, SP_E_NOMEM, SP_E_CONFIG (the
 *            encoding is not known to the C library)
 */
SP_MUST_USE sp_err sv_csv_open(struct sv_csv **out, const char *path,
    enum sv_csv_encoding encoding, struct sv_csv_problem *problem);
/* The same from any source, which must outlive the reader. */
SP_MUST_USE sp_err sv_csv_open_source(struct sv_csv **out,
    const struct sv_csv_source *source, enum sv_csv_encoding encoding,
    struct sv_csv_problem *problem);
/* NULL is harmless. */
void sv_csv_close(struct sv_csv *c);

/* The names in the header, UTF-8; valid until close. */
const struct sp_slice *sv_csv_header(const struct sv_csv *c, size_t *count);
/* Index of a column, or -1. */
int sv_csv_column(const struct sv_csv *c, const char *name);

/*
 * The next row that is not blank.
 *   cells    as many as the header has, valid UTF-8 without control characters
 *            save tab and newline (CRLF in a cell becomes \n); valid until
 *            the next call
 *   problem  filled when the result is not SP_OK or SP_E_NOT_FOUND
 *   errors   SP_E_NOT_FOUND  the end
 *            SP_E_VALUE      this row is refused; the next can be read
 *            SP_E_MALFORMED  the rest of the file cannot be read
 *            SP_E_IO, SP_E_NOMEM, SP_E_CONFIG
 */
SP_MUST_USE sp_err sv_csv_next(struct sv_csv *c, const struct sp_slice **cells,
    struct sv_csv_problem *problem);
/* The cells of the row that next returned or refused with SP_E_VALUE, as far
 * as they were read; valid until the next call. Returns how many. */
size_t sv_csv_cells(struct sv_csv *c, const struct sp_slice **cells);
/* Line where the row that next returned began. */
uint64_t sv_csv_line(const struct sv_csv *c);

/* ',' ';' or '\t'. */
char sv_csv_delimiter(const struct sv_csv *c);
/* As found so far: "UTF-8", "GB18030"... */
const char *sv_csv_encoding_of(const struct sv_csv *c);

#endif
