/*
 * table.h - rows of text in columns. One thread.
 *
 * On a terminal: a line of titles, columns two spaces apart, no wider than the
 * terminal; what does not fit ends in "…", save a text in the last column,
 * which goes on in further lines. An id that leaves too little room
 * for the others stands on a line of its own. Elsewhere, for other
 * programs: no titles, one tab between columns, nothing shortened. Either way a
 * cell is one clean line (width.h).
 */
#ifndef CC_SAY_TABLE_H
#define CC_SAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CC_TABLE_COLUMNS_MAX 32u

struct cc_table_column {
    const char *title; /* borrowed */
    bool right;        /* numbers */
    bool whole;        /* never shortened: ids */
};

struct cc_table {
    size_t column_count;
    struct cc_table_column column[CC_TABLE_COLUMNS_MAX];
    /* cells, clean and ended by NUL each, row after row */
    char *text;
    size_t text_bytes, text_room;
    size_t cell_count;
    bool failed; /* no memory: rows are missing */
};

void cc_table_init(
    struct cc_table *t, const struct cc_table_column *column, size_t count);
void cc_table_wipe(struct cc_table *t);

/* The next cell, copied; NULL is empty. A row is full after column_count. */
void cc_table_cell(struct cc_table *t, const char *text);

/* Whether a terminal of so many columns can show it with no column cut too
 * short to be read. */
bool cc_table_fits(const struct cc_table *t, size_t columns);

/* Once. columns: width of the terminal, 0 when there is none. False when memory
 * was short: then nothing is printed. */
bool cc_table_print(struct cc_table *t, FILE *to, size_t columns);

#endif
