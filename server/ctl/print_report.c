#include "ctl/print_report.h"

#include <stdlib.h>

#include "ops/say.h"
#include "say/chart.h"

#define NUMBER_BYTES 24u

static const char *mine(const json_t *of, const char *en, const char *zh)
{
    const char *text = json_string_value(
        json_object_get(of, cc_say_language() == CC_LANG_ZH ? zh : en));
    return text == NULL ? "" : text;
}

/* What people read of a cell; number: room for a count. */
static const char *text_of(
    const json_t *table, const json_t *value, char number[NUMBER_BYTES])
{
    const char *text = json_string_value(value);
    const json_t *words =
        json_object_get(json_object_get(table, "words"), text);
    if (json_is_integer(value)) {
        snprintf(number, NUMBER_BYTES, "%" JSON_INTEGER_FORMAT,
            json_integer_value(value));
        return number;
    }
    if (words != NULL) {
        text = json_string_value(
            json_array_get(words, cc_say_language() == CC_LANG_ZH));
    }
    return text == NULL ? "" : text;
}

static double drawn(const json_t *value)
{
    const char *text = json_string_value(value);
    return json_is_integer(value) ? (double)json_integer_value(value)
           : text != NULL         ? strtod(text, NULL)
                                  : 0;
}

static void print_rows(FILE *out, const json_t *table, size_t columns,
    struct cc_chart_column *column, struct cc_chart_cell *cell,
    char (*number)[NUMBER_BYTES])
{
    const json_t *of = json_object_get(table, "columns");
    const json_t *rows = json_object_get(table, "rows");
    struct cc_chart chart = { .columns = json_array_size(of),
        .cells = json_array_size(of) * json_array_size(rows),
        .column = column,
        .cell = cell,
        .heat = json_is_true(json_object_get(table, "heat")) };
    struct cc_table t;
    for (size_t c = 0; c < chart.columns; c++) {
        const json_t *one = json_array_get(of, c);
        column[c] = (struct cc_chart_column){ mine(one, "title_en", "title_zh"),
            json_is_true(json_object_get(one, "number")),
            json_is_true(json_object_get(one, "bar")),
            json_number_value(json_object_get(one, "mark")) };
    }
    for (size_t i = 0; i < chart.cells; i++) {
        const json_t *value =
            json_object_get(json_array_get(rows, i / chart.columns),
                json_string_value(json_object_get(
                    json_array_get(of, i % chart.columns), "name")));
        cell[i] = (struct cc_chart_cell){ text_of(table, value, number[i]),
            drawn(value) };
    }
    cc_chart_table(&chart, columns, &t);
    if (chart.cells == 0) {
        fprintf(out, "%s", columns > 0 ? sv_say("nothing found") : "");
        fputs(columns > 0 ? "\n" : "", out);
    } else if (!cc_table_print(&t, out, columns)) {
        fprintf(stderr, "satchelctl: %s\n", sv_say("no memory for the table"));
    }
    cc_table_wipe(&t);
}

static void print_table(FILE *out, const json_t *table, size_t columns)
{
    size_t count = json_array_size(json_object_get(table, "columns"));
    size_t cells = count * json_array_size(json_object_get(table, "rows"));
    struct cc_chart_column *column = calloc(count + 1, sizeof *column);
    struct cc_chart_cell *cell = calloc(cells + 1, sizeof *cell);
    char(*number)[NUMBER_BYTES] = calloc(cells + 1, sizeof *number);
    if (column == NULL || cell == NULL || number == NULL ||
        count > CC_TABLE_COLUMNS_MAX - 1u) {
        fprintf(stderr, "satchelctl: %s\n", sv_say("no memory for the table"));
    } else {
        print_rows(out, table, columns, column, cell, number);
    }
    free(number);
    free(cell);
    free(column);
}

void sv_print_report(FILE *out, const json_t *tables, size_t columns)
{
    for (size_t i = 0; i < json_array_size(tables); i++) {
        const json_t *table = json_array_get(tables, i);
        if (json_is_true(json_object_get(table, "detail"))) {
            continue;
        }
        fputc('\n', out);
        if (columns > 0) {
            fprintf(out, "%s\n", mine(table, "title_en", "title_zh"));
        }
        print_table(out, table, columns);
    }
}

void sv_print_remarks(FILE *out, const json_t *remarks)
{
    for (size_t i = 0; i < json_array_size(remarks); i++) {
        fprintf(out, "%s%s\n", i == 0 ? "\n" : "",
            mine(json_array_get(remarks, i), "text_en", "text_zh"));
    }
}
