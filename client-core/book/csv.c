#include "book/csv.h"

#include <string.h>

void cc_csv_put_bom(struct sp_buf *out)
{
    sp_buf_put(out, "\xef\xbb\xbf", 3);
}

/* Spreadsheets of East Asia take the full-width signs for the narrow ones. */
static bool starts_formula(struct sp_slice s)
{
    static const char *const wide[] = { "\xef\xbc\x9d" /* = */,
        "\xef\xbc\x8b" /* + */, "\xef\xbc\x8d" /* - */,
        "\xef\xbc\xa0" /* @ */ };

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (s.size >= 3 && memcmp(s.data, wide[i], 3) == 0) {
            return true;
        }
    }
    return s.size > 0 && memchr("=+-@\t\r", s.data[0], 6) != NULL;
}

static bool long_digits(struct sp_slice s)
{
    if (s.size <= CC_CSV_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return true;
}

bool cc_csv_risky(struct sp_slice cell)
{
    while (cell.size > 0 && cell.data[0] == '\'') {
        cell.data++;
        cell.size--;
    }
    return starts_formula(cell) || long_digits(cell);
}

bool cc_csv_marked(struct sp_slice cell)
{
    return cell.size > 1 && cell.data[0] == '\'' && cc_csv_risky(cell);
}

/* Separators of other locales and outer blanks too: readers differ. */
static bool needs_quotes(struct sp_slice cell)
{
    if (cell.size == 0) {
        return false;
    }
    for (size_t i = 0; i < cell.size; i++) {
        if (memchr("\",;\t\r\n", cell.data[i], 6) != NULL) {
            return true;
        }
    }
    return cell.data[0] == ' ' || cell.data[cell.size - 1] == ' ';
}

static void put_quoted(struct sp_buf *out, struct sp_slice cell)
{
    while (cell.size > 0) {
        const uint8_t *quote = memchr(cell.data, '"', cell.size);
        size_t run = quote == NULL ? cell.size : (size_t)(quote - cell.data);
        sp_buf_put(out, cell.data, run);
        if (quote != NULL) {
            sp_buf_put(out, "\"\"", 2);
            run++;
        }
        cell = sp_slice_of(cell.data + run, cell.size - run);
    }
}

static void put_cell(struct sp_buf *out, struct sp_slice cell)
{
    bool quotes = needs_quotes(cell);

    if (quotes) {
        sp_buf_put(out, "\"", 1);
    }
    if (cc_csv_risky(cell)) {
        sp_buf_put(out, "'", 1);
    }
    if (quotes) {
        put_quoted(out, cell);
        sp_buf_put(out, "\"", 1);
    } else {
        sp_buf_put(out, cell.data, cell.size);
    }
}

void cc_csv_put_row(
    struct sp_buf *out, const struct sp_slice *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            sp_buf_put(out, ",", 1);
        }
        put_cell(out, cells[i]);
    }
    if (count == 1 && cells[0].size == 0) {
        sp_buf_put(out, "\"\"", 2); /* else the line would be blank */
    }
    sp_buf_put(out, "\r\n", 2);
}

/* ---- members of a set ---------------------------------------------------- */

static void put_strokes(struct sp_buf *out, size_t count)
{
    while (count-- > 0) {
        sp_buf_put(out, "\\", 1);
    }
}

/* How many backslashes stand before the end of a text. */
static size_t strokes_before(const uint8_t *text, size_t size)
{
    size_t count = 0;

    while (count < size && text[size - 1 - count] == '\\') {
        count++;
    }
    return count;
}

void cc_csv_put_member(struct sp_buf *out, size_t from, struct sp_slice member)
{
    if (out->size > from) {
        put_strokes(out, strokes_before(out->data + from, out->size - from));
        sp_buf_put(out, "|", 1);
    }
    for (size_t i = 0; i < member.size; i++) {
        if (member.data[i] == '|') {
            put_strokes(out, strokes_before(member.data, i) + 1);
        }
        sp_buf_put(out, &member.data[i], 1);
    }
}

void cc_csv_take_member(struct sp_slice *cell, struct sp_buf *out)
{
    size_t i = 0, from = 0;
    bool ends = false;

    for (; i < cell->size && !ends; i++) {
        if (cell->data[i] == '|') {
            size_t strokes = strokes_before(cell->data + from, i - from);
            sp_buf_put(out, cell->data + from, i - from - (strokes + 1) / 2);
            ends = strokes % 2 == 0;
            from = ends ? i + 1 : i; /* the "|" behind a backslash is its own */
        }
    }
    sp_buf_put(out, cell->data + from, i - from);
    *cell = sp_slice_of(cell->data + i, cell->size - i);
}
