#include "say/table.h"

#include "book/width.h"
#include "say/screen.h"

#include <stdlib.h>
#include <string.h>

#define GAP      2u
#define LEAST    4u  /* a shortened column keeps at least so much */
#define READABLE 16u /* less of a text is hardly worth its place */
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

/* ---- widths ----------------------------------------------------------------
 */

/* How the rows lie on a terminal. */
struct layout {
    size_t width[CC_TABLE_COLUMNS_MAX];
    size_t count; /* columns of a row's first line; the rest has its own */
};

/* Takes what is too much from the widest column that may be shortened, again
 * and again: narrow ones stay whole. */
static void squeeze(const struct cc_table *t, struct layout *l, size_t columns)
{
    size_t sum = GAP * (l->count - 1), i;

    for (i = 0; i < l->count; i++) {
        sum += l->width[i];
    }
    while (sum > columns) {
        size_t widest = l->count;
        for (i = 0; i < l->count; i++) {
            if (!t->column[i].whole && l->width[i] > LEAST &&
                (widest == l->count || l->width[i] > l->width[widest])) {
                widest = i;
            }
        }
        if (widest == l->count) {
            return; /* the terminal is too narrow: it wraps */
        }
        l->width[widest]--;
        sum--;
    }
}

/* Something became too short to be read. */
static bool is_tight(
    const struct cc_table *t, const struct layout *wanted, struct layout *l)
{
    size_t i;

    for (i = 0; i < t->column_count; i++) {
        if (l->width[i] < wanted->width[i] && l->width[i] < READABLE) {
            return true;
        }
    }
    return false;
}

/* An id at the end that leaves too little for the rest goes below it. */
static void fit(const struct cc_table *t, struct layout *l, size_t columns)
{
    struct layout wanted = *l;

    squeeze(t, l, columns);
    if (l->count > 1 && t->column[l->count - 1].whole &&
        l->width[l->count - 1] > READABLE && is_tight(t, &wanted, l)) {
        *l = wanted;
        l->count--;
        squeeze(t, l, columns);
    }
}

/* ---- lines ------------------------------------------------------------------
 */

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

/* The last column goes on in further lines, where that is more than nothing;
 * from: where it begins. */
static void put_wrapped(FILE *to, const char *text, size_t width, size_t from)
{
    size_t n;

    while (width >= READABLE && (n = cc_screen_break(text, width)) > 0) {
        size_t end = n;
        while (end > 0 && text[end - 1] == ' ') {
            end--;
        }
        (void)fwrite(text, 1, end, to);
        (void)putc('\n', to);
        put_spaces(to, from);
        text += n;
        text += strspn(text, " ");
    }
    if (cc_width_text(text) > width) {
        (void)put_shortened(to, text, width);
    } else {
        (void)fputs(text, to);
    }
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
    put_spaces(to, width - filled + GAP);
}

/* Nothing stands behind it, so it needs no blanks. */
static void put_last(const struct cc_table *t, FILE *to, size_t column,
    const char *text, size_t width)
{
    size_t filled = cc_width_text(text);

    if (t->column[column].right && filled < width) {
        put_spaces(to, width - filled);
    }
    (void)fputs(text, to);
}

/* How wide each column would like to be. */
static void measure(const struct cc_table *t, struct layout *l)
{
    const char *cell = t->text;
    size_t i;

    l->count = t->column_count;
    for (i = 0; i < t->column_count; i++) {
        l->width[i] = cc_width_text(t->column[i].title);
    }
    for (i = 0; i < t->cell_count; i++) {
        size_t wide = cc_width_text(cell);
        size_t *column = &l->width[i % t->column_count];
        *column = wide > *column ? wide : *column;
        cell += strlen(cell) + 1;
    }
}

/* One row of titles or cells. */
static void put_row(const struct cc_table *t, const struct layout *l, FILE *to,
    const char *const *cell)
{
    size_t from = 0, i;

    for (i = 0; i + 1 < l->count; i++) {
        put_cell(t, to, i, cell[i], l->width[i]);
        from += l->width[i] + GAP;
    }
    if (t->column[i].whole || t->column[i].right) {
        put_last(t, to, i, cell[i], l->width[i]);
    } else {
        put_wrapped(to, cell[i], l->width[i], from);
    }
    (void)putc('\n', to);
    for (i = l->count; i < t->column_count; i++) {
        put_spaces(to, GAP);
        (void)fputs(cell[i], to);
        (void)putc('\n', to);
    }
}

bool cc_table_fits(const struct cc_table *t, size_t columns)
{
    struct layout l, wanted;
    size_t sum = 0, i;

    measure(t, &l);
    wanted = l;
    fit(t, &l, columns);
    for (i = 0; i < l.count; i++) {
        sum += l.width[i] + GAP;
    }
    return sum <= columns + GAP && !is_tight(t, &wanted, &l);
}

static void print_terminal(const struct cc_table *t, FILE *to, size_t columns)
{
    const char *cell[CC_TABLE_COLUMNS_MAX], *at = t->text;
    struct layout l;
    size_t i;

    measure(t, &l);
    fit(t, &l, columns);
    for (i = 0; i < t->column_count; i++) {
        cell[i] = t->column[i].title;
    }
    put_row(t, &l, to, cell);
    for (i = 0; i < t->cell_count; i++) {
        cell[i % t->column_count] = at;
        if ((i + 1) % t->column_count == 0) {
            put_row(t, &l, to, cell);
        }
        at += strlen(at) + 1;
    }
}

/* ---- elsewhere
 * --------------------------------------------------------------- */

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
