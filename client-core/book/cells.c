#include "book/cells.h"

#include <string.h>

#include "book/csv.h"
#include "book/utf8.h"

#define QUOTED_BYTES_MAX (64u * 1024u * 1024u)

static bool is_text(struct sp_slice s)
{
    uint32_t c;

    for (size_t at = 0, taken; at < s.size; at += taken) {
        taken = cc_utf8_take(s.data + at, s.size - at, &c);
        if (c == CC_UTF8_NONE) {
            return false;
        }
    }
    return true;
}

/* The first of the three in the first line. */
static uint8_t separator_of(struct sp_slice s)
{
    for (size_t i = 0; i < s.size && s.data[i] != '\n'; i++) {
        if (s.data[i] == ',' || s.data[i] == ';' || s.data[i] == '\t') {
            return s.data[i];
        }
    }
    return ',';
}

sp_err cc_cells_begin(struct cc_cells *c, struct sp_slice text)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

    memset(c, 0, sizeof(*c));
    sp_buf_init(&c->quoted, QUOTED_BYTES_MAX);
    if (!is_text(text)) {
        return SP_E_VALUE;
    }
    if (text.size >= sizeof(mark) &&
        memcmp(text.data, mark, sizeof(mark)) == 0) {
        c->at = sizeof(mark);
    }
    c->text = text;
    c->next_line = 1;
    c->separator = separator_of(text);
    return SP_OK;
}

void cc_cells_free(struct cc_cells *c)
{
    sp_buf_free(&c->quoted);
}

static bool ends(const struct cc_cells *c, size_t at)
{
    return at == c->text.size || c->text.data[at] == '\n' ||
           (c->text.data[at] == '\r' &&
               (at + 1 == c->text.size || c->text.data[at + 1] == '\n'));
}

/* Where the bytes of an unquoted cell begin in quoted, for later: the buffer
 * may move while the row is read. */
struct piece {
    size_t from, size;
    bool quoted;
};

static sp_err take_quoted(struct cc_cells *c, struct piece *out)
{
    *out = (struct piece){ .from = c->quoted.size, .quoted = true };
    for (c->at++; c->at < c->text.size; c->at++) {
        if (c->text.data[c->at] == '"') {
            if (c->at + 1 == c->text.size || c->text.data[c->at + 1] != '"') {
                c->at++;
                out->size = c->quoted.size - out->from;
                return c->quoted.err;
            }
            c->at++;
        }
        c->next_line += c->text.data[c->at] == '\n';
        sp_buf_put(&c->quoted, &c->text.data[c->at], 1);
    }
    return SP_E_TRUNCATED;
}

static sp_err take_cell(struct cc_cells *c, struct piece *out)
{
    sp_err err = SP_OK;

    if (c->at < c->text.size && c->text.data[c->at] == '"') {
        err = take_quoted(c, out);
    } else {
        *out = (struct piece){ .from = c->at };
    }
    /* What stands behind a closing quote is no part of the cell. */
    while (err == SP_OK && !ends(c, c->at) &&
           c->text.data[c->at] != c->separator) {
        c->at++;
        out->size += !out->quoted;
    }
    return err;
}

static struct sp_slice unmarked(struct sp_slice cell)
{
    return cc_csv_marked(cell)
               ? (struct sp_slice){ cell.data + 1, cell.size - 1 }
               : cell;
}

static sp_err take_row(struct cc_cells *c)
{
    struct piece piece[CC_CELLS_MAX];
    sp_err err = SP_OK;

    c->quoted.size = 0;
    c->count = 0;
    do {
        if (c->count == CC_CELLS_MAX) {
            return SP_E_TOO_LARGE;
        }
        err = take_cell(c, &piece[c->count++]);
    } while (err == SP_OK && !ends(c, c->at) && c->at++ < c->text.size);
    for (size_t i = 0; err == SP_OK && i < c->count; i++) {
        const uint8_t *from = piece[i].quoted ? c->quoted.data : c->text.data;

        c->cell[i] = unmarked((struct sp_slice){
            piece[i].size == 0 ? NULL : from + piece[i].from, piece[i].size });
    }
    return err;
}

sp_err cc_cells_next(struct cc_cells *c)
{
    sp_err err;

    do {
        if (c->at >= c->text.size) {
            return SP_E_NOT_FOUND;
        }
        c->line = c->next_line;
        err = take_row(c);
        if (err != SP_OK) {
            return err;
        }
        c->at += c->at < c->text.size && c->text.data[c->at] == '\r';
        c->at += c->at < c->text.size;
        c->next_line++;
    } while (c->count == 1 && c->cell[0].size == 0);
    return SP_OK;
}
