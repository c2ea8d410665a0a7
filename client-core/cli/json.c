#include "cli/json.h"

#include "book/width.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void cc_json_init(struct cc_json *j, FILE *to)
{
    memset(j, 0, sizeof(*j));
    j->to = to;
}

/* Whether a character stands in a string as it is. */
static bool is_plain(uint32_t code)
{
    return code >= 0x20 && code != '"' && code != '\\' && code != 0x7F &&
           code != 0x2028 && code != 0x2029 && code != 0xFFFD;
}

static void put_escaped(FILE *to, uint32_t code)
{
    if (code == '"' || code == '\\') {
        (void)fprintf(to, "\\%c", (char)code);
    } else if (code == '\n') {
        (void)fputs("\\n", to);
    } else if (code == 0xFFFD) {
        (void)fputs("\xEF\xBF\xBD", to);
    } else {
        (void)fprintf(to, "\\u%04x", (unsigned)code);
    }
}

static void put_string(FILE *to, const char *text)
{
    const char *start = text; /* of what is plain and not yet written */

    (void)putc('"', to);
    while (*text != '\0') {
        const char *from = text;
        uint32_t code = cc_width_next(&text);
        if (!is_plain(code)) {
            (void)fwrite(start, 1, (size_t)(from - start), to);
            put_escaped(to, code);
            start = text;
        }
    }
    (void)fwrite(start, 1, (size_t)(text - start), to);
    (void)putc('"', to);
}

static void put_indent(struct cc_json *j)
{
    static const char line[] = "\n                "; /* CC_JSON_DEPTH_MAX */

    (void)fwrite(line, 1, 1 + j->depth, j->to);
}

/* Comma, new line, indentation and key of the next piece. */
static void begin(struct cc_json *j, const char *key)
{
    if (j->depth > 0) {
        if (j->filled[j->depth - 1]) {
            (void)putc(',', j->to);
        }
        j->filled[j->depth - 1] = true;
        put_indent(j);
    }
    if (key != NULL) {
        put_string(j->to, key);
        (void)fputs(": ", j->to);
    }
}

static void open_level(struct cc_json *j, const char *key, char open)
{
    begin(j, key);
    if (j->depth == CC_JSON_DEPTH_MAX) {
        abort(); /* no document of ours is that deep */
    }
    (void)putc(open, j->to);
    j->open[j->depth] = open;
    j->filled[j->depth] = false;
    j->depth++;
}

void cc_json_object(struct cc_json *j, const char *key)
{
    open_level(j, key, '{');
}

void cc_json_array(struct cc_json *j, const char *key)
{
    open_level(j, key, '[');
}

void cc_json_end(struct cc_json *j)
{
    j->depth--;
    if (j->filled[j->depth]) {
        put_indent(j);
    }
    (void)putc(j->open[j->depth] == '{' ? '}' : ']', j->to);
    if (j->depth == 0) {
        (void)putc('\n', j->to);
    }
}

void cc_json_text(struct cc_json *j, const char *key, const char *text)
{
    begin(j, key);
    put_string(j->to, text);
}

void cc_json_uint(struct cc_json *j, const char *key, uint64_t value)
{
    begin(j, key);
    (void)fprintf(j->to, "%" PRIu64, value);
}

void cc_json_int(struct cc_json *j, const char *key, int64_t value)
{
    begin(j, key);
    (void)fprintf(j->to, "%" PRId64, value);
}

void cc_json_bool(struct cc_json *j, const char *key, bool value)
{
    begin(j, key);
    (void)fputs(value ? "true" : "false", j->to);
}
