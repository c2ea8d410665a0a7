#include "ctl/print.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "book/width.h"
#include "ops/say.h"
#include "say/screen.h"
#include "say/table.h"

#define COLUMNS_MAX CC_TABLE_COLUMNS_MAX
#define WIDTH_MAX   60u
#define CELL_BYTES  512u

/* A cell as text in the caller's room; text of the value itself when it is
 * text. */
static const char *cell_text(const json_t *value, char room[CELL_BYTES])
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        snprintf(room, CELL_BYTES, "%" JSON_INTEGER_FORMAT,
            json_integer_value(value));
        return room;
    case JSON_TRUE:
        return sv_say("yes");
    case JSON_FALSE:
        return sv_say("no");
    case JSON_ARRAY: {
        size_t at = 0;
        room[0] = '\0';
        for (size_t i = 0; i < json_array_size(value); i++) {
            const char *piece = json_string_value(json_array_get(value, i));
            int more = snprintf(room + at, CELL_BYTES - at, "%s%s",
                i == 0 ? "" : ", ", piece == NULL ? "?" : piece);
            if (more < 0 || (size_t)more >= CELL_BYTES - at) {
                break;
            }
            at += (size_t)more;
        }
        return room;
    }
    default:
        return "";
    }
}

/* One line a row: what breaks lines becomes a space. */
static void put_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        fputc(c < 0x20 || c == 0x7f ? ' ' : c, out);
    }
}

static void put_padded(FILE *out, const char *text, size_t width, bool last)
{
    size_t used = cc_width_text(text);
    size_t pad = last ? 0 : used < width ? width - used + 2 : 2;
    put_cell(out, text);
    for (; pad > 0; pad--) {
        fputc(' ', out);
    }
}

/* What stands over a column, for people. */
static const char *title(const json_t *columns, size_t c)
{
    const char *key = json_string_value(json_array_get(columns, c));
    return key == NULL ? "?" : sv_say(key);
}

/* Columns by which people name things: never shortened. */
static bool is_whole(const char *key)
{
    static const char *const whole[] = { "account", "code", "date", "device",
        "id", "login", "number", "record", "replica", "user" };

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (key != NULL && strcmp(key, whole[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* No wider than the terminal; what has no room ends in an ellipsis. */
static bool print_fitted(FILE *out, const json_t *columns, const json_t *rows,
    size_t count, size_t fit)
{
    struct cc_table_column column[COLUMNS_MAX];
    char room[CELL_BYTES];
    struct cc_table table;
    const json_t *row;
    size_t r, c;
    bool printed;

    for (c = 0; c < count; c++) {
        const json_t *first = json_array_get(json_array_get(rows, 0), c);
        column[c].title = title(columns, c);
        column[c].right = json_is_integer(first);
        column[c].whole =
            is_whole(json_string_value(json_array_get(columns, c)));
    }
    cc_table_init(&table, column, count);
    json_array_foreach((json_t *)(uintptr_t)rows, r, row)
    {
        for (c = 0; c < count; c++) {
            const json_t *value = json_array_get(row, c);
            cc_table_cell(&table, value == NULL ? "" : cell_text(value, room));
        }
    }
    printed = cc_table_print(&table, out, fit);
    cc_table_wipe(&table);
    return printed;
}

/* As wide as its cells: for a file or a program that reads columns. */
static void print_wide(
    FILE *out, const json_t *columns, const json_t *rows, size_t count)
{
    size_t width[COLUMNS_MAX] = { 0 };
    char room[CELL_BYTES];
    const json_t *row;
    size_t r, c;

    for (c = 0; c < count; c++) {
        width[c] = cc_width_text(title(columns, c));
    }
    json_array_foreach((json_t *)(uintptr_t)rows, r, row)
    {
        for (c = 0; c < count; c++) {
            size_t w = cc_width_text(cell_text(json_array_get(row, c), room));
            w = w > WIDTH_MAX ? WIDTH_MAX : w;
            width[c] = w > width[c] ? w : width[c];
        }
    }
    for (c = 0; c < count; c++) {
        put_padded(out, title(columns, c), width[c], c + 1 == count);
    }
    fputc('\n', out);
    json_array_foreach((json_t *)(uintptr_t)rows, r, row)
    {
        for (c = 0; c < count; c++) {
            put_padded(out, cell_text(json_array_get(row, c), room), width[c],
                c + 1 == count);
        }
        fputc('\n', out);
    }
}

static void print_table(
    FILE *out, const json_t *columns, const json_t *rows, size_t fit)
{
    size_t count = json_array_size(columns);

    count = count > COLUMNS_MAX ? COLUMNS_MAX : count;
    if (fit == 0 || !print_fitted(out, columns, rows, count, fit)) {
        print_wide(out, columns, rows, count);
    }
}

static void print_line(FILE *out, const char *key, const json_t *value)
{
    char room[CELL_BYTES];
    if (json_is_object(value)) {
        const char *inner;
        json_t *member;
        fprintf(out, "%s:\n", sv_say(key));
        json_object_foreach((json_t *)(uintptr_t)value, inner, member)
        {
            fprintf(out, "  %s: ", sv_say(inner));
            put_cell(out, cell_text(member, room));
            fputc('\n', out);
        }
        return;
    }
    fprintf(out, "%s: ", sv_say(key));
    put_cell(out, cell_text(value, room));
    fputc('\n', out);
}

void sv_print_result(FILE *out, const json_t *result)
{
    const char *key;
    json_t *value;
    const json_t *body = json_object_get(result, "body");
    const json_t *rows = json_object_get(result, "rows");
    FILE *lines = cc_screen_on(out, 0);
    json_object_foreach((json_t *)(uintptr_t)result, key, value)
    {
        if (strcmp(key, "body") != 0 && strcmp(key, "columns") != 0 &&
            strcmp(key, "rows") != 0) {
            print_line(lines, key, value);
        }
    }
    if (rows != NULL) {
        print_table(lines, json_object_get(result, "columns"), rows,
            cc_screen_columns(out));
    }
    cc_screen_off(lines, out);
    if (json_is_string(body)) {
        fwrite(json_string_value(body), 1, json_string_length(body), out);
    }
}
