/* csv.c - rows and cells, see csv.h */
#include "ctl/csv.h"

#include "book/csv.h"
#include "ops/say.h"
#include "sp/pack.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state {
    ROW_START, /* nothing of the row seen */
    CELL_START,
    PLAIN,
    QUOTED,
    CLOSED /* a quote inside quotes: the end, or the first of two */
};

struct sv_csv {
    struct sv_csv_text *text;
    FILE *file; /* NULL: the source is the caller's */
    uint8_t delimiter;
    enum state state;
    uint64_t line; /* of the next byte */
    bool after_cr; /* the last byte was CR: an LF belongs to it */

    /* The row that is being read. At all times start[i] is where cell i
     * begins in bytes, for i <= min(count, SV_CSV_COLUMNS_MAX). */
    uint64_t row_line, quote_line;
    uint8_t *bytes;
    size_t used, capacity;
    size_t start[SV_CSV_COLUMNS_MAX + 1];
    size_t count; /* cells ended, also those that are not kept */
    bool refused; /* problem holds the first thing wrong with the row */
    bool nomem;
    struct sv_csv_problem problem;
    struct sp_slice cells[SV_CSV_COLUMNS_MAX];

    size_t header_count; /* 0: the header is being read */
    uint8_t *header_bytes;
    struct sp_slice header[SV_CSV_COLUMNS_MAX];
};

static void vsay(struct sv_csv_problem *p, uint64_t line, uint64_t column,
    const char *format, va_list args) __attribute__((format(printf, 4, 0)));
static void say(struct sv_csv_problem *p, uint64_t line, uint64_t column,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
static void refuse(struct sv_csv *c, const char *code, uint64_t line,
    uint64_t column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void vsay(struct sv_csv_problem *p, uint64_t line, uint64_t column,
    const char *format, va_list args)
{
    p->line = line;
    p->column = column;
    p->code = "file";
    (void)vsnprintf(p->text, sizeof(p->text), sv_say(format), args);
}

static void say(struct sv_csv_problem *p, uint64_t line, uint64_t column,
    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsay(p, line, column, format, args);
    va_end(args);
}

/* Notes what is wrong with the row; what follows from it is not told. */
static void refuse(struct sv_csv *c, const char *code, uint64_t line,
    uint64_t column, const char *format, ...)
{
    va_list args;

    if (c->refused) {
        return;
    }
    c->refused = true;
    va_start(args, format);
    vsay(&c->problem, line, column, format, args);
    c->problem.code = code;
    va_end(args);
}

/* ---- cells ------------------------------------------------------------- */

static const char *delimiter_name(uint8_t delimiter)
{
    return sv_say(delimiter == ','   ? "comma"
                  : delimiter == ';' ? "semicolon"
                                     : "tab");
}

static bool reserve(struct sv_csv *c, size_t size)
{
    size_t capacity = c->capacity == 0 ? 4096 : c->capacity;
    uint8_t *grown;

    if (c->used + size <= c->capacity) {
        return true;
    }
    while (capacity < c->used + size) {
        capacity *= 2;
    }
    grown = realloc(c->bytes, capacity);
    if (grown == NULL) {
        c->nomem = true;
        return false;
    }
    c->bytes = grown;
    c->capacity = capacity;
    return true;
}

/* Adds to the current cell, or refuses the row and keeps no more of it. */
static void add(struct sv_csv *c, const uint8_t *data, size_t size)
{
    size_t cell;

    if (c->count >= SV_CSV_COLUMNS_MAX || c->refused || c->nomem) {
        return;
    }
    cell = c->used - c->start[c->count];
    if (size > SV_CSV_CELL_BYTES_MAX - cell) {
        if (c->state == QUOTED) {
            refuse(c, "long", c->quote_line, c->count + 1,
                "the cell that a quote opens here is longer than %u bytes: "
                "is the closing quote missing?",
                SV_CSV_CELL_BYTES_MAX);
        } else {
            refuse(c, "long", c->line, c->count + 1,
                "the cell is longer than %u bytes: shorten it",
                SV_CSV_CELL_BYTES_MAX);
        }
    } else if (size > SV_CSV_ROW_BYTES_MAX - c->used) {
        refuse(c, "long", c->row_line, 0,
            "the row is longer than %u bytes: shorten its cells",
            SV_CSV_ROW_BYTES_MAX);
    } else if (reserve(c, size)) {
        memcpy(c->bytes + c->used, data, size);
        c->used += size;
    }
}

static void end_cell(struct sv_csv *c)
{
    c->count++;
    if (c->count <= SV_CSV_COLUMNS_MAX) {
        c->start[c->count] = c->used;
    }
    c->state = CELL_START;
}

/* Counts lines: CRLF is one, and so is a CR alone. */
static void count_line(struct sv_csv *c, uint8_t b)
{
    if (b == '\r' || (b == '\n' && !c->after_cr)) {
        c->line++;
    }
    c->after_cr = b == '\r';
}

static bool is_newline(uint8_t b)
{
    return b == '\n' || b == '\r';
}

/* Bytes up to the next one that means something in this state. */
static size_t plain_run(const struct sv_csv *c, struct sp_slice in)
{
    bool quoted = c->state == QUOTED;
    size_t n = 0;

    while (n < in.size && in.data[n] != '"' && !is_newline(in.data[n]) &&
           (quoted || in.data[n] != c->delimiter)) {
        n++;
    }
    return n;
}

/* A byte that may end a cell or row; true when the row has ended. */
static bool end_of_something(struct sv_csv *c, uint8_t b)
{
    if (b == c->delimiter) {
        end_cell(c);
        return false;
    }
    end_cell(c);
    count_line(c, b);
    return true;
}

static bool is_end(const struct sv_csv *c, uint8_t b)
{
    return b == c->delimiter || is_newline(b);
}

static void in_quotes(struct sv_csv *c, uint8_t b)
{
    bool second_half = b == '\n' && c->after_cr;

    if (b == '"') {
        c->state = CLOSED;
        c->after_cr = false;
    } else if (is_newline(b)) {
        count_line(c, b);
        if (!second_half) {
            add(c, (const uint8_t *)"\n", 1);
        }
    }
}

/* One byte that is not part of a plain run; true when the row has ended. */
static bool step(struct sv_csv *c, uint8_t b)
{
    switch (c->state) {
    case ROW_START:
    case CELL_START:
        if (b == '"') {
            c->state = QUOTED;
            c->quote_line = c->line;
            c->after_cr = false;
            return false;
        }
        return end_of_something(c, b);
    case PLAIN:
        if (is_end(c, b)) {
            return end_of_something(c, b);
        }
        add(c, &b, 1); /* a quote in the middle is just an inch mark */
        return false;
    case QUOTED:
        in_quotes(c, b);
        return false;
    case CLOSED:
        if (b == '"') {
            c->state = QUOTED;
            add(c, &b, 1);
            return false;
        }
        if (is_end(c, b)) {
            return end_of_something(c, b);
        }
        break;
    }
    SP_ASSERT(false);
    return false;
}

/* Text behind a closing quote: most often the quote was meant to be text. */
static void stray(struct sv_csv *c)
{
    refuse(c, "quote", c->quote_line, c->count + 1,
        "text follows the closing quote: write \"\" for a quote inside a "
        "quoted cell, and close each quote that is opened");
    c->state = PLAIN;
}

/* ---- rows -------------------------------------------------------------- */

static void begin_row(struct sv_csv *c)
{
    c->state = ROW_START;
    c->row_line = c->line;
    c->used = c->count = c->start[0] = 0;
    c->refused = false;
}

/* Works through a block; true when a row ended, *taken tells where. */
static bool eat(struct sv_csv *c, struct sp_slice in, size_t *taken)
{
    size_t at = 0;
    bool ended = false;

    while (at < in.size && !ended) {
        size_t run;
        uint8_t b = in.data[at];

        if (c->state == ROW_START && b == '\n' && c->after_cr) {
            c->after_cr = false;
            at++;
            continue;
        }
        if (c->state == CLOSED && b != '"' && !is_end(c, b)) {
            stray(c);
        }
        run = c->state == CLOSED
                  ? 0
                  : plain_run(c, sp_slice_of(in.data + at, in.size - at));
        if (run > 0) {
            c->state = c->state == QUOTED ? QUOTED : PLAIN;
            add(c, in.data + at, run);
            c->after_cr = false;
            at += run;
        } else {
            ended = step(c, b);
            at++;
        }
    }
    *taken = at;
    return ended;
}

static sp_err at_end_of_file(struct sv_csv *c)
{
    if (c->state == ROW_START) {
        return SP_E_NOT_FOUND;
    }
    if (c->state == QUOTED) {
        c->refused = false;
        refuse(c, "quote", c->quote_line, c->count + 1,
            "a quote is opened here and never closed, so the rest of the "
            "file (up to line %llu) is one cell: close it, or write \"\" for "
            "a quote inside a quoted cell",
            (unsigned long long)c->line);
        return SP_E_MALFORMED;
    }
    end_cell(c);
    return SP_OK;
}

/* Reads one row into bytes, start and count. SP_E_NOT_FOUND at the end. */
static sp_err read_row(struct sv_csv *c)
{
    begin_row(c);
    for (;;) {
        struct sp_slice in;
        size_t taken;
        bool ended;
        sp_err err = sv_csv_text_peek(c->text, &in);

        if (err != SP_OK) {
            say(&c->problem, c->line, 0, "%s", cc_say_err(err));
            return err;
        }
        if (in.size == 0) {
            return at_end_of_file(c);
        }
        ended = eat(c, in, &taken);
        sv_csv_text_take(c->text, taken);
        if (c->nomem) {
            say(&c->problem, c->line, 0, "%s", cc_say_err(SP_E_NOMEM));
            return SP_E_NOMEM;
        }
        if (ended) {
            return SP_OK;
        }
    }
}

/* A line without anything on it. */
static bool is_blank(const struct sv_csv *c)
{
    return c->count == 1 && c->used == 0 && !c->refused && c->quote_line == 0;
}

static void check_cell(struct sv_csv *c, size_t i, struct sp_slice cell)
{
    if (cell.size == 0 || sp_utf8_valid(cell)) {
        return;
    }
    if (memchr(cell.data, 0, cell.size) != NULL) {
        refuse(c, "bytes", c->row_line, i + 1,
            "the cell contains a NUL byte: save the file as CSV in UTF-8");
        return;
    }
    for (size_t k = 0; k < cell.size; k++) {
        uint8_t b = cell.data[k];

        if ((b < 0x20 && b != '\n' && b != '\t') || b == 0x7f) {
            refuse(c, "bytes", c->row_line, i + 1,
                "the cell contains the control character %02x: remove it", b);
            return;
        }
    }
    refuse(c, "bytes", c->row_line, i + 1,
        "the cell contains bytes that are not %s: name the file's encoding, "
        "or save it in UTF-8",
        sv_csv_encoding_of(c));
}

/* Makes slices of the cells, without markers. */
static void cut_cells(struct sv_csv *c)
{
    size_t kept = c->count < SV_CSV_COLUMNS_MAX ? c->count : SV_CSV_COLUMNS_MAX;

    for (size_t i = 0; i < kept; i++) {
        struct sp_slice *cell = &c->cells[i];

        *cell = sp_slice_of(
            c->used == 0 ? (const uint8_t *)"" : c->bytes + c->start[i],
            c->start[i + 1] - c->start[i]);
        if (cc_csv_marked(*cell)) {
            cell->data++;
            cell->size--;
        }
        check_cell(c, i, *cell);
    }
}

size_t sv_csv_cells(struct sv_csv *c, const struct sp_slice **cells)
{
    *cells = c->cells;
    return c->count < SV_CSV_COLUMNS_MAX ? c->count : SV_CSV_COLUMNS_MAX;
}

static void check_count(struct sv_csv *c)
{
    unsigned long long have = c->count, want = c->header_count;

    if (have > want) {
        refuse(c, "cells", c->row_line, want + 1,
            "the row has %llu cells, the header %llu: put double quotes "
            "around a cell that contains a %s",
            have, want, delimiter_name(c->delimiter));
    } else if (have < want) {
        refuse(c, "cells", c->row_line, have,
            "the row has %llu cells, the header %llu: add what is missing, "
            "or put double quotes around a cell that contains a line break",
            have, want);
    }
}

sp_err sv_csv_next(struct sv_csv *c, const struct sp_slice **cells,
    struct sv_csv_problem *problem)
{
    sp_err err;

    do {
        c->quote_line = 0;
        err = read_row(c);
    } while (err == SP_OK && is_blank(c));
    if (err == SP_OK) {
        check_count(c);
        cut_cells(c);
        err = c->refused ? SP_E_VALUE : SP_OK;
    }
    if (err == SP_OK) {
        *cells = c->cells;
    } else if (err != SP_E_NOT_FOUND) {
        *problem = c->problem;
    }
    return err;
}

/* ---- header ------------------------------------------------------------ */

/* The one of , ; tab that stands most often in the first line. */
static uint8_t find_delimiter(struct sp_slice in)
{
    static const uint8_t known[] = { ',', ';', '\t' };
    size_t seen[] = { 0, 0, 0 }, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < in.size; i++) {
        if (in.data[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && is_newline(in.data[i])) {
            break;
        }
        for (size_t k = 0; k < sizeof(known) && !quoted; k++) {
            seen[k] += in.data[i] == known[k];
        }
    }
    for (size_t k = 1; k < sizeof(known); k++) {
        best = seen[k] > seen[best] ? k : best;
    }
    return known[best];
}

static void check_names(struct sv_csv *c)
{
    for (size_t i = 0; i < c->header_count && !c->refused; i++) {
        for (size_t k = 0; k < i && c->header[i].size > 0; k++) {
            if (sp_slice_equal(c->header[i], c->header[k])) {
                refuse(c, "header", c->row_line, i + 1,
                    "the header names \"%.*s\" twice, in columns %zu and %zu: "
                    "rename one",
                    c->header[i].size < 80 ? (int)c->header[i].size : 80,
                    (const char *)c->header[i].data, k + 1, i + 1);
                return;
            }
        }
    }
}

static sp_err keep_header(struct sv_csv *c)
{
    if (c->count > SV_CSV_COLUMNS_MAX) {
        c->refused = false;
        refuse(c, "header", c->row_line, SV_CSV_COLUMNS_MAX + 1,
            "the header names %llu columns, more than %u: is this a CSV "
            "file with one record a line?",
            (unsigned long long)c->count, SV_CSV_COLUMNS_MAX);
        return SP_E_MALFORMED;
    }
    cut_cells(c);
    c->header_bytes = malloc(c->used + 1);
    if (c->header_bytes == NULL) {
        say(&c->problem, c->line, 0, "%s", cc_say_err(SP_E_NOMEM));
        return SP_E_NOMEM;
    }
    if (c->used > 0) {
        memcpy(c->header_bytes, c->bytes, c->used);
    }
    if (!c->refused) {
        c->header_count = c->count;
        for (size_t i = 0; i < c->count; i++) {
            size_t marker = c->start[i + 1] - c->start[i] - c->cells[i].size;

            c->header[i] = sp_slice_of(
                c->header_bytes + c->start[i] + marker, c->cells[i].size);
        }
        check_names(c);
    }
    return c->refused ? SP_E_MALFORMED : SP_OK;
}

static sp_err read_header(struct sv_csv *c)
{
    struct sp_slice in;
    sp_err err = sv_csv_text_peek(c->text, &in);

    if (err != SP_OK) {
        say(&c->problem, 1, 0, "%s", cc_say_err(err));
        return err;
    }
    c->delimiter = find_delimiter(in);
    do {
        c->quote_line = 0;
        err = read_row(c);
    } while (err == SP_OK && is_blank(c));
    if (err == SP_E_NOT_FOUND) {
        say(&c->problem, c->line, 0,
            "the file is empty: its first line must name the columns");
        return SP_E_MALFORMED;
    }
    return err == SP_OK ? keep_header(c) : err;
}

sp_err sv_csv_open_source(struct sv_csv **out,
    const struct sv_csv_source *source, enum sv_csv_encoding encoding,
    struct sv_csv_problem *problem)
{
    struct sv_csv *c = calloc(1, sizeof(*c));
    sp_err err = SP_E_NOMEM;

    if (c != NULL) {
        c->line = 1;
        err = sv_csv_text_new(&c->text, source, encoding);
    }
    if (err != SP_OK) {
        say(problem, 1, 0,
            err == SP_E_CONFIG ? "this system cannot read %s: convert the "
                                 "file to UTF-8"
                               : "no memory to read %s",
            sv_csv_text_encoding_name(encoding));
        sv_csv_close(c);
        return err;
    }
    err = read_header(c);
    if (err != SP_OK) {
        *problem = c->problem;
        sv_csv_close(c);
        return err;
    }
    *out = c;
    return SP_OK;
}

static sp_err read_file(void *self, uint8_t *out, size_t size, size_t *got)
{
    FILE *file = self;

    *got = fread(out, 1, size, file);
    return *got == 0 && ferror(file) ? SP_E_IO : SP_OK;
}

sp_err sv_csv_open(struct sv_csv **out, const char *path,
    enum sv_csv_encoding encoding, struct sv_csv_problem *problem)
{
    struct sv_csv_source source = { .read = read_file };
    FILE *file = fopen(path, "rb");
    sp_err err;

    if (file == NULL) {
        err = errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
        say(problem, 0, 0, "%s: %s", path, cc_say_errno(errno));
        return err;
    }
    source.self = file;
    err = sv_csv_open_source(out, &source, encoding, problem);
    if (err != SP_OK) {
        (void)fclose(file);
        return err;
    }
    (*out)->file = file;
    return SP_OK;
}

void sv_csv_close(struct sv_csv *c)
{
    if (c == NULL) {
        return;
    }
    sv_csv_text_free(c->text);
    if (c->file != NULL) {
        (void)fclose(c->file);
    }
    free(c->header_bytes);
    free(c->bytes);
    free(c);
}

/* ---- what was found ---------------------------------------------------- */

const struct sp_slice *sv_csv_header(const struct sv_csv *c, size_t *count)
{
    *count = c->header_count;
    return c->header;
}

int sv_csv_column(const struct sv_csv *c, const char *name)
{
    struct sp_slice wanted = sp_slice_text(name);

    for (size_t i = 0; i < c->header_count; i++) {
        if (sp_slice_equal(c->header[i], wanted)) {
            return (int)i;
        }
    }
    return -1;
}

uint64_t sv_csv_line(const struct sv_csv *c)
{
    return c->row_line;
}

char sv_csv_delimiter(const struct sv_csv *c)
{
    return (char)c->delimiter;
}

const char *sv_csv_encoding_of(const struct sv_csv *c)
{
    return sv_csv_text_encoding_name(sv_csv_text_encoding(c->text));
}
