#include "say/table.h"

#include "book/width.h"
#include "say/screen.h"

#include <stdlib.h>
#include <string.h>

#define GAP         2u
#define LEAST       4u  /* a shortened column keeps at least so much */
#define READABLE    16u /* less of a text is hardly worth its place */
#define TITLE_LINES 3u
#define TITLE_BYTES 128u
#define ELLIPSIS    "\xE2\x80\xA6"

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
    size_t column[CC_TABLE_COLUMNS_MAX]; /* those of a row's first line */
    size_t count;
    size_t below; /* the one that has a line of its own; column_count: none */
};

/* All columns in one line, save one. */
static void arrange(const struct cc_table *t, struct layout *l, size_t below)
{
    l->count = 0;
    l->below = below;
    for (size_t i = 0; i < t->column_count; i++) {
        if (i != below) {
            l->column[l->count++] = i;
        }
    }
}

/* Takes what is too much from the widest column that may be shortened, again
 * and again: narrow ones stay whole. Returns what is then filled. */
static size_t squeeze(
    const struct cc_table *t, struct layout *l, size_t columns)
{
    size_t sum = GAP * (l->count - 1), i;

    for (i = 0; i < l->count; i++) {
        sum += l->width[l->column[i]];
    }
    while (sum > columns) {
        size_t widest = t->column_count;
        for (i = 0; i < l->count; i++) {
            size_t c = l->column[i];
            if (!t->column[c].whole && l->width[c] > LEAST &&
                (widest == t->column_count || l->width[c] > l->width[widest])) {
                widest = c;
            }
        }
        if (widest == t->column_count) {
            break; /* the terminal is too narrow: it wraps */
        }
        l->width[widest]--;
        sum--;
    }
    return sum;
}

/* Something became too short to be read. */
static bool is_tight(const struct cc_table *t, const struct layout *wanted,
    const struct layout *l)
{
    size_t i;

    for (i = 0; i < t->column_count; i++) {
        if (l->width[i] < wanted->width[i] && l->width[i] < READABLE) {
            return true;
        }
    }
    return false;
}

/* An id that leaves too little for the rest goes below it. Returns what is
 * filled. */
static size_t fit(const struct cc_table *t, struct layout *l, size_t columns)
{
    struct layout wanted = *l;
    size_t id = 0, filled;

    arrange(t, l, t->column_count);
    filled = squeeze(t, l, columns);
    while (id < t->column_count &&
           (!t->column[id].whole || l->width[id] <= READABLE)) {
        id++;
    }
    if (id < t->column_count && t->column_count > 1 &&
        is_tight(t, &wanted, l)) {
        *l = wanted;
        arrange(t, l, id);
        filled = squeeze(t, l, columns);
    }
    return filled;
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

    if (!t->column[column].whole && filled > width) {
        (void)put_shortened(to, text, width);
        return;
    }
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

    memset(l, 0, sizeof(*l));
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
    size_t from = 0, i, last = l->column[l->count - 1];

    for (i = 0; i + 1 < l->count; i++) {
        size_t c = l->column[i];
        put_cell(t, to, c, cell[c], l->width[c]);
        from += l->width[c] + GAP;
    }
    if (t->column[last].whole || t->column[last].right) {
        put_last(t, to, last, cell[last], l->width[last]);
    } else {
        put_wrapped(to, cell[last], l->width[last], from);
    }
    (void)putc('\n', to);
    if (l->below < t->column_count) {
        put_spaces(to, GAP);
        (void)fputs(cell[l->below], to);
        (void)putc('\n', to);
    }
}

/* Takes a piece of a title that has no room in one line; returns how many bytes
 * it has. last: what does not fit is cut. */
static size_t title_piece(const char *text, size_t width, bool last)
{
    size_t n = cc_width_text(text) > width ? cc_screen_break(text, width) : 0;

    return n == 0 || last || n > cc_width_fit(text, width) + 1 ? strlen(text)
                                                               : n;
}

/* Titles of squeezed columns go on in further lines. */
static void put_titles(
    const struct cc_table *t, const struct layout *l, FILE *to)
{
    const char *cell[CC_TABLE_COLUMNS_MAX], *rest[CC_TABLE_COLUMNS_MAX];
    char piece[CC_TABLE_COLUMNS_MAX][TITLE_BYTES];
    struct layout first = *l;
    bool more = true;

    for (size_t i = 0; i < t->column_count; i++) {
        rest[i] = t->column[i].title;
        cell[i] = piece[i];
    }
    first.below = t->column_count;
    for (unsigned line = 1; more; line++) {
        more = false;
        for (size_t i = 0; i < l->count; i++) {
            size_t c = l->column[i];
            size_t n = title_piece(rest[c], l->width[c], line == TITLE_LINES);
            (void)snprintf(piece[c], TITLE_BYTES, "%.*s", (int)n, rest[c]);
            for (size_t end = strlen(piece[c]);
                 end > 0 && piece[c][end - 1] == ' '; end--) {
                piece[c][end - 1] = '\0';
            }
            rest[c] += n;
            more = more || rest[c][0] != '\0';
        }
        put_row(t, &first, to, cell);
    }
    if (l->below < t->column_count) {
        put_spaces(to, GAP);
        (void)fprintf(to, "%s\n", t->column[l->below].title);
    }
}

bool cc_table_fits(const struct cc_table *t, size_t columns)
{
    struct layout l, wanted;

    measure(t, &l);
    wanted = l;
    return fit(t, &l, columns) <= columns && !is_tight(t, &wanted, &l);
}

static void print_terminal(const struct cc_table *t, FILE *to, size_t columns)
{
    const char *cell[CC_TABLE_COLUMNS_MAX], *at = t->text;
    struct layout l;
    size_t i;

    measure(t, &l);
    (void)fit(t, &l, columns);
    put_titles(t, &l, to);
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
