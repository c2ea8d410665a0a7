#include "ctl/listing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "book/csv.h"
#include "sp/pack.h"

#define LINE_BYTES_MAX (8u * SV_CSV_ROW_BYTES_MAX)

static const char *const names[] = { SV_COLUMNS_LISTED };

static void write_line(struct sv_listing *l, const struct sp_buf *line)
{
    size_t done = 0;
    l->err = l->err == SP_OK ? line->err : l->err;
    while (l->err == SP_OK && done < line->size) {
        ssize_t n = write(l->file, line->data + done, line->size - done);
        if (n < 0 && errno != EINTR) {
            l->err = SP_E_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
}

/* Whether an earlier list has added this column. */
static bool is_added(struct sp_slice column)
{
    for (size_t i = 0; i < SV_COLUMNS_LISTED_COUNT; i++) {
        if (sp_slice_equal(column, sp_slice_text(names[i]))) {
            return true;
        }
    }
    return false;
}

void sv_listing_header(
    struct sv_listing *l, const struct sp_slice *header, size_t columns)
{
    l->header = header;
    l->columns = columns;
}

static void put_header(const struct sv_listing *l, struct sp_buf *line)
{
    struct sp_slice cells[SV_COLUMNS_LISTED_COUNT + SV_CSV_COLUMNS_MAX];
    size_t n = 0;
    for (; n < SV_COLUMNS_LISTED_COUNT; n++) {
        cells[n] = sp_slice_text(names[n]);
    }
    for (size_t i = 0; i < l->columns; i++) {
        if (!is_added(l->header[i])) {
            cells[n++] = l->header[i];
        }
    }
    cc_csv_put_bom(line);
    cc_csv_put_row(line, cells, n);
}

void sv_listing_cells(const struct sp_slice *header, size_t columns,
    const struct sp_slice *cells, size_t count, struct sp_buf *out)
{
    struct sp_slice kept[SV_CSV_COLUMNS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count && i < SV_CSV_COLUMNS_MAX; i++) {
        if (i >= columns || !is_added(header[i])) {
            kept[n++] = sp_utf8_valid(cells[i]) ? cells[i] : sp_slice_text("");
        }
    }
    cc_csv_put_row(out, kept, n);
}

const struct sp_slice *sv_listing_copy(
    struct sp_arena *arena, const struct sp_slice *cells, size_t count)
{
    struct sp_slice *out = sp_arena_take(arena, count, sizeof *out);
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += cells[i].size;
    }
    uint8_t *bytes = sp_arena_take(arena, size + 1u, 1);
    if (out == NULL || bytes == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = sp_slice_of(bytes, cells[i].size);
        if (cells[i].size > 0) {
            memcpy(bytes, cells[i].data, cells[i].size);
        }
        bytes += cells[i].size;
    }
    return out;
}

void sv_listing_put(struct sv_listing *l, const struct sv_csv_problem *problem,
    struct sp_slice own)
{
    char number[24], column[24];
    struct sp_buf line;
    if (l->file < 0) {
        return;
    }
    snprintf(number, sizeof number, "%" PRIu64, problem->line);
    snprintf(column, sizeof column, "%" PRIu64, problem->column);
    struct sp_slice cells[SV_COLUMNS_LISTED_COUNT] = { sp_slice_text(number),
        sp_slice_text(problem->column == 0 ? "" : column),
        sp_slice_text(problem->code), sp_slice_text(problem->text) };
    sp_buf_init(&line, LINE_BYTES_MAX);
    if (!l->begun) {
        put_header(l, &line);
        l->begun = true;
    }
    cc_csv_put_row(&line, cells, SV_COLUMNS_LISTED_COUNT);
    if (line.size >= 2 && own.size > 0) {
        line.size -= 2; /* CRLF: the row's own cells follow */
        sp_buf_put(&line, ",", 1);
        sp_buf_put(&line, own.data, own.size);
    }
    write_line(l, &line);
    sp_buf_free(&line);
}
