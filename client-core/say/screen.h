/*
 * screen.h - lines for a terminal: none wider than it is.
 *
 * A terminal breaks a long line wherever its edge happens to be, within a
 * word, and begins the rest at the left. This breaks it between words, or
 * between ideographs where East Asian typography lets one (no line begins
 * with a closing sign or ends with an opening one), and begins the rest where
 * the text of the line began: behind its indent, or behind the gap of two
 * spaces or more that sets off a label. What has no place to break (a path,
 * an id) stays whole.
 *
 *   source   Unicode Standard Annex 14, reduced to spaces and to classes ID,
 *            OP, CL, NS; JIS X 4051 calls the latter kinsoku
 *   threads  one a screen
 */
#ifndef CC_SAY_SCREEN_H
#define CC_SAY_SCREEN_H

#include <stddef.h>
#include <stdio.h>

/* Of a text that no terminal asked for, as help in a pipe. */
#define CC_SCREEN_COLUMNS 80u

/*
 * A stream whose lines are broken and passed on to another one.
 *   to       borrowed; what is written here arrives there at the end of a line
 *            or at fflush, which is for both; a part of a line that is flushed
 *            arrives as it is
 *   columns  at least 1
 *   returns  NULL without memory; closed by fclose, which leaves `to` open,
 *            and fails when something could not be passed on
 */
FILE *cc_screen_open(FILE *to, size_t columns);

/* The same, or `to` itself where it leads to no terminal and `otherwise` is
 * 0, or where memory is short: lines then stay as long as they are. */
FILE *cc_screen_on(FILE *to, size_t otherwise);
/* Ends what cc_screen_on gave. */
void cc_screen_off(FILE *screen, FILE *to);

/*
 * Where a text breaks to fit into so many columns.
 *   returns  bytes of its first line, spaces behind it counted; 0 when it fits
 *            as a whole or has no place to break. May be wider than columns
 *            where nothing fits
 */
size_t cc_screen_break(const char *text, size_t columns);

/* Columns of the terminal that a stream leads to; 0: it leads to none. */
size_t cc_screen_columns(FILE *stream);

#endif
