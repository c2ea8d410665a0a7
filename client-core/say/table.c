#include "say/table.h"

#include "book/width.h"

#include <stdlib.h>
#include <string.h>

#define GAP      2u
#define LEAST    4u /* a shortened column keeps at least so much */
#define ELLIPSIS "\xE2\x80\xA6"

void cc_table_init(
    struct cc_table *t, const struct cc_table_column *column, size_t count)
{
    size_t i;

    memset(t, 0, sizeof(*t));
    t->column_count = count;
    for (i = 0; i < count; i++) {
        t->column[i] = column[i];
    }
}

void cc_table_wipe(struct cc_table *t)
{
    free(t->text);
    memset(t, 0, sizeof(*t));
}

static bool reserve(struct cc_table *t, size_t bytes)
{
    size_t room = t->text_room == 0 ? 4096 : t->text_room;
    char *grown;

    while (room - t->text_bytes < bytes) {
        room *= 2;
    }
    if (room == t->text_room) {
        return true;
    }
    grown = (char *)realloc(t->text, room);
    if (grown == NULL) {
        return false;
    }
    t->text = grown;
    t->text_room = room;
    return true;
}

void cc_table_cell(struct cc_table *t, const char *text)
{
    size_t room;
    char *cell;

    if (text == NULL) {
        text = "";
    }
    room = strlen(text) * 3 + 1; /* a bad byte becomes three */
    if (t->failed || !reserve(t, room)) {
        t->failed = true;
        return;
    }
    cell = t->text + t->text_bytes;
    t->text_bytes += cc_width_clean(text, cell, room) + 1;
    t->cell_count++;
}

/* Takes what is too much from the widest column that may be shortened, again
 * and again: narrow ones stay whole. */
static void squeeze(const struct cc_table *t, size_t *width, size_t columns)
{
    size_t sum = GAP * (t->column_count - 1), i;

    for (i = 0; i < t->column_count; i++) {
        sum += width[i];
    }
    while (sum > columns) {
        size_t widest = t->column_count;
        for (i = 0; i < t->column_count; i++) {
            if (!t->column[i].whole && width[i] > LEAST &&
                (widest == t->column_count || width[i] > width[widest])) {
                widest = i;
            }
        }
        if (widest == t->column_count) {
            return; /* the terminal is too narrow: it wraps */
        }
        width[widest]--;
        sum--;
    }
}

static void put_spaces(FILE *to, size_t count)
{
    (void)fprintf(to, "%*s", (int)count, "");
}

/* Returns the columns that it filled. */
static size_t put_shortened(FILE *to, const char *text, size_t width)
{
    size_t columns = 1; /* the ellipsis */
    const char *end = text + cc_width_fit(text, width - 1);

    while (text < end) {
        const char *from = text;
        columns += cc_width_of(cc_width_next(&text));
        (void)fwrite(from, 1, (size_t)(text - from), to);
    }
    (void)fputs(ELLIPSIS, to);
    return columns;
}

static void put_cell(const struct cc_table *t, FILE *to, size_t column,
    const char *text, size_t width)
{
    size_t filled = cc_width_text(text);

    if (filled > width) {
        filled = put_shortened(to, text, width);
    } else {
        if (t->column[column].right) {
            put_spaces(to, width - filled);
            filled = width;
        }
        (void)fputs(text, to);
    }
    if (column + 1 < t->column_count) {
        put_spaces(to, width - filled + GAP);
    }
}

/* How wide each column would like to be. */
static void measure(const struct cc_table *t, size_t *width)
{
    const char *cell = t->text;
    size_t i;

    for (i = 0; i < t->column_count; i++) {
        width[i] = cc_width_text(t->column[i].title);
    }
    for (i = 0; i < t->cell_count; i++) {
        size_t wide = cc_width_text(cell);
        size_t *column = &width[i % t->column_count];
        *column = wide > *column ? wide : *column;
        cell += strlen(cell) + 1;
    }
}

static void print_terminal(const struct cc_table *t, FILE *to, size_t columns)
{
    size_t width[CC_TABLE_COLUMNS_MAX];
    const char *cell = t->text;
    size_t i;

    measure(t, width);
    squeeze(t, width, columns);
    for (i = 0; i < t->column_count; i++) {
        put_cell(t, to, i, t->column[i].title, width[i]);
    }
    (void)putc('\n', to);
    for (i = 0; i < t->cell_count; i++) {
        size_t column = i % t->column_count;
        put_cell(t, to, column, cell, width[column]);
        if (column + 1 == t->column_count) {
            (void)putc('\n', to);
        }
        cell += strlen(cell) + 1;
    }
}

/* The ends of cells become what stands between them. */
static void print_plain(struct cc_table *t, FILE *to)
{
    char *end = t->text;
    size_t i;

    for (i = 1; i <= t->cell_count; i++) {
        end += strlen(end);
        *end++ = i % t->column_count == 0 ? '\n' : '\t';
    }
    if (t->text_bytes > 0) {
        (void)fwrite(t->text, 1, t->text_bytes, to);
    }
    t->text_bytes = t->cell_count = 0;
}

bool cc_table_print(struct cc_table *t, FILE *to, size_t columns)
{
    if (t->failed) {
        return false;
    }
    if (columns > 0) {
        print_terminal(t, to, columns);
    } else {
        print_plain(t, to);
    }
    return true;
}
