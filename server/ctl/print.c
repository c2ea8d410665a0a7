#define _DEFAULT_SOURCE /* timegm */

#include "ctl/print.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "book/width.h"
#include "ctl/print_report.h"
#include "ops/say.h"
#include "say/screen.h"
#include "say/table.h"

#define COLUMNS_MAX CC_TABLE_COLUMNS_MAX
#define WIDTH_MAX   60u
#define CELL_BYTES  512u

/* ---- what stands in a cell -------------------------------------------------
 */

static bool is_one_of(const char *key, const char *const *names, size_t count)
{
    for (size_t i = 0; key != NULL && i < count; i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Keys whose values are words of the programs, which data has in English and
 * people read in their language. Others have what people typed. */
static const char *word(const char *key, const char *text)
{
    static const char *const keys[] = { "decidable", "issuer", "kind",
        "manages", "of", "reach", "sees", "server", "state", "status", "tier",
        "unit", "verdict", "what" };

    return is_one_of(key, keys, sizeof keys / sizeof keys[0]) ||
                   strcmp(text, "never") == 0
               ? sv_say(text)
               : text;
}

/* "2026-03-04T05:06:07Z", or with a fraction, in the person's own time, to the
 * minute; false when the text begins with no such time. */
static bool local_time(const char *text, char *room)
{
    struct tm utc = { .tm_isdst = 0 }, local;
    int at = 0;
    time_t when;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &utc.tm_year, &utc.tm_mon,
            &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &at) != 6 ||
        at != 19) {
        return false;
    }
    if (text[at] == '.') {
        at += 1 + (int)strspn(text + at + 1, "0123456789");
    }
    if (text[at++] != 'Z') {
        return false;
    }
    const char *rest = text + at;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    when = timegm(&utc);
    if (localtime_r(&when, &local) == NULL) {
        return false;
    }
    at = (int)strftime(room, CELL_BYTES, "%Y-%m-%d %H:%M", &local);
    (void)snprintf(room + at, CELL_BYTES - (size_t)at, "%s", rest);
    return true;
}

static void join(const char *key, const json_t *list, char room[CELL_BYTES])
{
    size_t at = 0;

    room[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *piece = json_string_value(json_array_get(list, i));
        int more;
        /* fields that somebody sees are names, though the key has words */
        if (piece != NULL && strcmp(key, "sees") != 0) {
            piece = word(key, piece);
        }
        more = snprintf(room + at, CELL_BYTES - at, "%s%s", i == 0 ? "" : ", ",
            piece == NULL ? "?" : piece);
        if (more < 0 || (size_t)more >= CELL_BYTES - at) {
            break;
        }
        at += (size_t)more;
    }
}

/* As text in the caller's room; text of the value itself when it is text.
 * people: on a terminal, with times as its clock shows them. */
static const char *cell_text(
    const char *key, const json_t *value, bool people, char room[CELL_BYTES])
{
    key = key == NULL ? "" : key;
    switch (json_typeof(value)) {
    case JSON_STRING: {
        const char *text = json_string_value(value);
        return people && local_time(text, room) ? room : word(key, text);
    }
    case JSON_INTEGER:
        snprintf(room, CELL_BYTES, "%" JSON_INTEGER_FORMAT,
            json_integer_value(value));
        return room;
    case JSON_TRUE:
        return sv_say("yes");
    case JSON_FALSE:
        return sv_say("no");
    case JSON_ARRAY:
        join(key, value, room);
        return room;
    default:
        return "";
    }
}

/* "text_zh" beside "text_en": a person gets his own. */
static bool is_other_language(const char *key)
{
    size_t size = key == NULL ? 0 : strlen(key);
    const char *other = cc_say_language() == CC_LANG_ZH ? "_en" : "_zh";

    return size > 3 && strcmp(key + size - 3, other) == 0;
}

/* ---- lines and tables -------------------------------------------------------
 */

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

/* What a key is called: "text" of "text_en". */
static const char *title(const char *key)
{
    static const char text[] = "text";

    if (key == NULL) {
        return "?";
    }
    return strncmp(key, text, sizeof text - 1) == 0 &&
                   (strcmp(key + sizeof text - 1, "_en") == 0 ||
                       strcmp(key + sizeof text - 1, "_zh") == 0)
               ? sv_say(text)
               : sv_say(key);
}

/* Which columns a person is shown, and under what. */
struct shown {
    FILE *out;
    size_t fit; /* columns of the terminal; 0: none */
    size_t count;
    size_t from[COLUMNS_MAX];
    const char *key[COLUMNS_MAX];
    struct cc_table_column column[COLUMNS_MAX];
};

/* Columns by which people name things: never shortened. */
static bool is_whole(const char *key)
{
    static const char *const whole[] = { "account", "code", "date", "device",
        "id", "key", "login", "number", "record", "replica", "user" };

    return is_one_of(key, whole, sizeof whole / sizeof whole[0]);
}

static void choose(struct shown *s, const json_t *columns, const json_t *first)
{
    for (size_t c = 0; c < json_array_size(columns) && s->count < COLUMNS_MAX;
         c++) {
        const char *key = json_string_value(json_array_get(columns, c));
        if (s->fit > 0 && is_other_language(key)) {
            continue;
        }
        s->from[s->count] = c;
        s->key[s->count] = key;
        s->column[s->count++] = (struct cc_table_column){ .title = title(key),
            .right = json_is_integer(json_array_get(first, c)),
            .whole = is_whole(key) };
    }
}

static void add_cells(const struct shown *s, struct cc_table *table,
    const json_t *row, size_t before)
{
    char room[CELL_BYTES];

    for (size_t c = before; c < s->count; c++) {
        const json_t *value = json_array_get(row, s->from[c]);
        cc_table_cell(table,
            value == NULL ? "" : cell_text(s->key[c], value, true, room));
    }
}

/* A row of more columns than there is room for: a line each. */
static void print_card(const struct shown *s, const json_t *row, size_t before)
{
    char room[CELL_BYTES];
    size_t wide = 0, c;

    for (c = before; c < s->count; c++) {
        size_t w = cc_width_text(s->column[c].title);
        wide = w > wide ? w : wide;
    }
    for (c = before; c < s->count; c++) {
        const json_t *value = json_array_get(row, s->from[c]);
        const char *text =
            value == NULL ? "" : cell_text(s->key[c], value, true, room);
        if (text[0] != '\0') {
            fprintf(s->out, "%s%*s", s->column[c].title,
                (int)(wide - cc_width_text(s->column[c].title) + 2), "");
            put_cell(s->out, text);
            fputc('\n', s->out);
        }
    }
}

/* Rows from..to, without their first `before` columns. */
static bool print_rows(const struct shown *s, const json_t *rows, size_t from,
    size_t to, size_t before)
{
    struct cc_table table;
    size_t first = from;
    bool printed;

    cc_table_init(&table, s->column + before, s->count - before);
    for (; from < to; from++) {
        add_cells(s, &table, json_array_get(rows, from), before);
    }
    if (cc_table_fits(&table, s->fit)) {
        printed = cc_table_print(&table, s->out, s->fit);
    } else {
        for (size_t r = first; r < to; r++) {
            fputs(r > first ? "\n" : "", s->out);
            print_card(s, json_array_get(rows, r), before);
        }
        printed = true;
    }
    cc_table_wipe(&table);
    return printed;
}

/* Where entity and id lead the rows each record gets a heading: an id would
 * take half of every line. */
static bool print_records(const struct shown *s, const json_t *rows)
{
    size_t count = json_array_size(rows), from = 0, to;
    bool printed = true;

    for (; from < count && printed; from = to) {
        const json_t *first = json_array_get(rows, from);
        const json_t *id = json_array_get(first, s->from[1]);
        const char *entity =
            json_string_value(json_array_get(first, s->from[0]));
        for (to = from + 1;
             to < count &&
             json_equal(
                 json_array_get(json_array_get(rows, to), s->from[1]), id);) {
            to++;
        }
        fprintf(s->out, "%s%s %s\n", from > 0 ? "\n" : "",
            entity == NULL ? "?" : entity, json_string_value(id));
        printed = print_rows(s, rows, from, to, 2);
    }
    return printed;
}

static bool print_fitted(struct shown *s, const json_t *rows)
{
    size_t count = json_array_size(rows);

    if (count == 0) {
        fprintf(s->out, "%s\n", sv_say("nothing found"));
        return true;
    }
    return s->count > 3 && strcmp(s->key[0], "entity") == 0 &&
                   strcmp(s->key[1], "id") == 0
               ? print_records(s, rows)
               : print_rows(s, rows, 0, count, 0);
}

/* As wide as its cells: for a file or a program that reads columns. */
static void print_wide(const struct shown *s, const json_t *rows)
{
    size_t width[COLUMNS_MAX] = { 0 };
    char room[CELL_BYTES];
    const json_t *row;
    size_t r, c;

    for (c = 0; c < s->count; c++) {
        width[c] = cc_width_text(s->column[c].title);
    }
    json_array_foreach((json_t *)(uintptr_t)rows, r, row)
    {
        for (c = 0; c < s->count; c++) {
            size_t w = cc_width_text(
                cell_text(s->key[c], json_array_get(row, c), false, room));
            w = w > WIDTH_MAX ? WIDTH_MAX : w;
            width[c] = w > width[c] ? w : width[c];
        }
    }
    for (c = 0; c < s->count; c++) {
        put_padded(s->out, s->column[c].title, width[c], c + 1 == s->count);
    }
    fputc('\n', s->out);
    json_array_foreach((json_t *)(uintptr_t)rows, r, row)
    {
        for (c = 0; c < s->count; c++) {
            put_padded(s->out,
                cell_text(s->key[c], json_array_get(row, c), false, room),
                width[c], c + 1 == s->count);
        }
        fputc('\n', s->out);
    }
}

static void print_table(
    FILE *out, const json_t *columns, const json_t *rows, size_t fit)
{
    struct shown s = { .out = out, .fit = fit };

    choose(&s, columns, json_array_get(rows, 0));
    if (fit == 0 || !print_fitted(&s, rows)) {
        print_wide(&s, rows);
    }
}

static void print_line(
    FILE *out, const char *key, const json_t *value, bool people)
{
    char room[CELL_BYTES];
    if (people && is_other_language(key)) {
        return;
    }
    if (json_is_object(value)) {
        const char *inner;
        json_t *member;
        fprintf(out, "%s:\n", title(key));
        json_object_foreach((json_t *)(uintptr_t)value, inner, member)
        {
            fprintf(out, "  %s: ", sv_say(inner));
            put_cell(out, cell_text(inner, member, people, room));
            fputc('\n', out);
        }
        return;
    }
    fprintf(out, "%s: ", title(key));
    put_cell(out, cell_text(key, value, people, room));
    fputc('\n', out);
}

void sv_print_result(FILE *out, const json_t *result)
{
    const char *key;
    json_t *value;
    const json_t *body = json_object_get(result, "body");
    const json_t *rows = json_object_get(result, "rows");
    size_t fit = cc_screen_columns(out);
    FILE *lines = cc_screen_on(out, 0);
    json_object_foreach((json_t *)(uintptr_t)result, key, value)
    {
        if (strcmp(key, "body") != 0 && strcmp(key, "columns") != 0 &&
            strcmp(key, "rows") != 0 && strcmp(key, "tables") != 0 &&
            strcmp(key, "remarks") != 0) {
            print_line(lines, key, value, fit > 0);
        }
    }
    sv_print_report(lines, json_object_get(result, "tables"), fit);
    sv_print_remarks(lines, json_object_get(result, "remarks"));
    if (rows != NULL) {
        print_table(lines, json_object_get(result, "columns"), rows, fit);
    }
    cc_screen_off(lines, out);
    if (json_is_string(body)) {
        fwrite(json_string_value(body), 1, json_string_length(body), out);
    }
}
