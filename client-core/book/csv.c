#include "book/csv.h"

#include <string.h>

void cc_csv_put_bom(struct sp_buf *out)
{
    sp_buf_put(out, "\xef\xbb\xbf", 3);
}

static bool starts_formula(uint8_t b)
{
    return b == '=' || b == '+' || b == '-' || b == '@' || b == '\t';
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
    return cell.size > 0 && (starts_formula(cell.data[0]) || long_digits(cell));
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
