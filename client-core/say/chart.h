/*
 * chart.h - figures as a table of a terminal, with bars and shades beside them,
 * of signs that every font and every terminal has in one width.
 *
 *   threads  one
 */
#ifndef CC_SAY_CHART_H
#define CC_SAY_CHART_H

#include "say/table.h"

#define CC_CHART_WIDTH 20u /* columns of a bar */
#define CC_CHART_BYTES (CC_CHART_WIDTH + 2u)

struct cc_chart_column {
    const char *title; /* borrowed */
    bool right;        /* numbers */
    bool bar;          /* drawn behind the last column; one of a chart */
    double mark;       /* a line in that drawing; 0: none */
};
struct cc_chart_cell {
    const char *text;
    double number; /* of what is drawn */
};

/* Row after row. heat: cells behind the first column are counts, and say by
 * their shade how many. */
struct cc_chart {
    size_t columns, cells;
    const struct cc_chart_column *column;
    const struct cc_chart_cell *cell;
    bool heat;
};

/* A bar of '#', and '|' where the line is; values below 0 have none.
 *   most  what fills the width: above 0 */
void cc_chart_bar(
    char out[CC_CHART_BYTES], double value, double most, double mark);
/* "" for 0, then more with the share of the most: . : + # */
const char *cc_chart_shade(double count, double most);

/*
 * Makes the table.
 *   columns  of the terminal: a bar that does not fit there is left out; 0: it
 *            is no terminal, and nothing is drawn
 *   memory   where there is none t->failed says so
 */
void cc_chart_table(
    const struct cc_chart *chart, size_t columns, struct cc_table *t);

#endif
