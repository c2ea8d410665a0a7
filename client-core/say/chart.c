#include "say/chart.h"

#include <string.h>

static size_t place(double value, double most)
{
    double at = value * CC_CHART_WIDTH / most + 0.5;

    return at <= 0 ? 0 : at >= CC_CHART_WIDTH ? CC_CHART_WIDTH : (size_t)at;
}

void cc_chart_bar(
    char out[CC_CHART_BYTES], double value, double most, double mark)
{
    size_t filled, line, end;

    out[0] = '\0';
    if (most <= 0) {
        return;
    }
    filled = place(value, most);
    filled = filled == 0 && value > 0 ? 1 : filled;
    line = mark > 0 ? place(mark, most) : 0;
    end = mark > 0 && line + 1 > filled ? line + 1 : filled;
    memset(out, ' ', end);
    memset(out, '#', filled);
    if (mark > 0) {
        out[line] = '|';
    }
    out[end] = '\0';
}

const char *cc_chart_shade(double count, double most)
{
    static const char *const shade[] = { ".", ":", "+", "#" };
    size_t k;

    if (count <= 0 || most <= 0) {
        return "";
    }
    k = (size_t)(count * 4.0 / most);
    return shade[k > 3 ? 3 : k];
}

/* Of all cells that are drawn. */
static double most_of(const struct cc_chart *c, size_t bar)
{
    double most = c->heat ? 0 : c->column[bar].mark;

    for (size_t i = 0; i < c->cells; i++) {
        if (c->heat ? i % c->columns > 0 : i % c->columns == bar) {
            most = c->cell[i].number > most ? c->cell[i].number : most;
        }
    }
    return most;
}

static void put_shaded(
    struct cc_table *t, const struct cc_chart_cell *cell, double most)
{
    char text[40];

    (void)snprintf(text, sizeof(text), "%.30s %-1s", cell->text,
        cc_chart_shade(cell->number, most));
    cc_table_cell(t, text);
}

/* bar: number of the column that is drawn; c->columns: none. */
static void fill(
    const struct cc_chart *c, size_t bar, bool people, struct cc_table *t)
{
    struct cc_table_column column[CC_TABLE_COLUMNS_MAX];
    char drawn[CC_CHART_BYTES];
    bool draws = bar < c->columns;
    double most = draws || c->heat ? most_of(c, bar) : 0;

    for (size_t i = 0; i < c->columns; i++) {
        column[i] = (struct cc_table_column){ .title = c->column[i].title,
            .right = c->column[i].right && !(c->heat && people) };
    }
    if (draws) {
        column[c->columns] = (struct cc_table_column){ .title = "" };
    }
    cc_table_init(t, column, c->columns + draws);
    for (size_t i = 0; i < c->cells; i++) {
        if (c->heat && people && i % c->columns > 0) {
            put_shaded(t, &c->cell[i], most);
        } else {
            cc_table_cell(t, c->cell[i].text);
        }
        if (draws && i % c->columns == c->columns - 1) {
            cc_chart_bar(drawn, c->cell[i - (c->columns - 1) + bar].number,
                most, c->column[bar].mark);
            cc_table_cell(t, drawn);
        }
    }
}

void cc_chart_table(
    const struct cc_chart *c, size_t columns, struct cc_table *t)
{
    size_t bar = c->columns;

    for (size_t i = 0; columns > 0 && i < c->columns; i++) {
        bar = c->column[i].bar ? i : bar;
    }
    fill(c, bar, columns > 0, t);
    if (bar < c->columns && !cc_table_fits(t, columns)) {
        cc_table_wipe(t);
        fill(c, c->columns, true, t);
    }
}
