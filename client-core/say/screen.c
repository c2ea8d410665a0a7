#define _GNU_SOURCE /* fopencookie */

#include "say/screen.h"

#include "book/width.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_BYTES_MAX 65536u
#define HANG_MAX       2u /* a hang takes at most 1/2 of the columns */

struct screen {
    FILE *to;
    size_t columns;
    char line[LINE_BYTES_MAX + 1];
};

/* ---- where a line may break ---------------------------------------------- */

/* Signs that begin no line: what closes, ends or goes on. */
static bool is_closing(uint32_t c)
{
    static const uint32_t closing[] = { 0x2019, 0x201D, 0x2026, 0x3001, 0x3002,
        0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0xFF01, 0xFF05, 0xFF09,
        0xFF0C, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF5E };
    size_t i;

    for (i = 0; i < sizeof(closing) / sizeof(closing[0]); i++) {
        if (closing[i] == c) {
            return true;
        }
    }
    return c < 0x80 && c != 0 && strchr(")]}>,.;:!?%\"'", (int)c) != NULL;
}

/* Signs that end no line. */
static bool is_opening(uint32_t c)
{
    static const uint32_t opening[] = { 0x2018, 0x201C, 0x3008, 0x300A, 0x300C,
        0x300E, 0x3010, 0x3014, 0xFF08 };
    size_t i;

    for (i = 0; i < sizeof(opening) / sizeof(opening[0]); i++) {
        if (opening[i] == c) {
            return true;
        }
    }
    return c < 0x80 && c != 0 && strchr("([{<\"'", (int)c) != NULL;
}

static bool is_wide(uint32_t c)
{
    return cc_width_of(c) == 2;
}

/* Between two characters of which one is an ideograph. */
static bool may_part(uint32_t left, uint32_t right)
{
    return (is_wide(left) || is_wide(right)) && !is_opening(left) &&
           !is_closing(right) && right != ' ' && cc_width_of(right) > 0;
}

size_t cc_screen_break(const char *text, size_t columns)
{
    size_t used = 0, at = 0;
    const char *p = text + strspn(text, " ");
    bool over = false; /* nothing fits: the first place behind is taken */
    uint32_t before = 0;

    used = (size_t)(p - text);
    while (*p != '\0') {
        const char *next = p;
        uint32_t c = cc_width_next(&next);
        if (before != 0 &&
            ((before == ' ' && c != ' ') || may_part(before, c))) {
            at = (size_t)(p - text);
            if (over) {
                return at;
            }
        }
        used += cc_width_of(c);
        if (c != ' ' && used > columns && !over) {
            if (at > 0) {
                return at;
            }
            over = true;
        }
        before = c;
        p = next;
    }
    return 0;
}

/* ---- one line -------------------------------------------------------------
 */

/* Where the text begins again: behind the indent, or behind the gap that sets
 * off a label. */
static size_t hang_of(const char *line, size_t columns)
{
    size_t indent = strspn(line, " "), used = indent;
    const char *p = line + indent;

    while (*p != '\0' && used < columns / HANG_MAX) {
        size_t gap = strspn(p, " ");
        if (gap >= 2 && p[gap] != '\0') {
            return used + gap <= columns / HANG_MAX ? used + gap : indent;
        }
        used += cc_width_of(cc_width_next(&p));
    }
    return indent < columns / HANG_MAX ? indent : 0;
}

static void put(FILE *to, const char *text, size_t bytes)
{
    while (bytes > 0 && text[bytes - 1] == ' ') {
        bytes--;
    }
    (void)fwrite(text, 1, bytes, to);
    (void)putc('\n', to);
}

/* line: without its end. */
static void put_line(const struct screen *s, const char *line)
{
    size_t hang = hang_of(line, s->columns), room = s->columns, n;
    const char *at = line;

    if (cc_width_text(line) <= s->columns || strpbrk(line, "\r\033") != NULL) {
        (void)fputs(line, s->to);
        (void)putc('\n', s->to);
        return;
    }
    /* the label itself is not broken */
    while ((n = cc_screen_break(at, room)) > 0) {
        put(s->to, at, n);
        at += n;
        at += strspn(at, " ");
        room = s->columns - hang;
        if (*at != '\0') {
            (void)fprintf(s->to, "%*s", (int)hang, "");
        }
    }
    if (*at != '\0') {
        put(s->to, at, strlen(at));
    }
}

/* ---- the stream ------------------------------------------------------------
 */

static ssize_t write_lines(void *cookie, const char *bytes, size_t size)
{
    struct screen *s = (struct screen *)cookie;
    size_t left = size;

    while (left > 0) {
        const char *end = (const char *)memchr(bytes, '\n', left);
        size_t n = end == NULL ? left : (size_t)(end - bytes);
        if (end == NULL || n > LINE_BYTES_MAX ||
            memchr(bytes, '\0', n) != NULL) {
            n += end != NULL; /* no line of text: as it is */
            (void)fwrite(bytes, 1, n, s->to);
        } else {
            memcpy(s->line, bytes, n);
            s->line[n] = '\0';
            put_line(s, s->line);
            n++;
        }
        bytes += n;
        left -= n;
    }
    /* what was flushed here shall be seen there */
    return fflush(s->to) == 0 ? (ssize_t)size : 0;
}

static int close_screen(void *cookie)
{
    free(cookie);
    return 0;
}

FILE *cc_screen_open(FILE *to, size_t columns)
{
    const cookie_io_functions_t io = { NULL, write_lines, NULL, close_screen };
    struct screen *s = (struct screen *)malloc(sizeof(*s));
    FILE *out;

    if (s == NULL) {
        return NULL;
    }
    s->to = to;
    s->columns = columns;
    out = fopencookie(s, "w", io);
    if (out == NULL) {
        free(s);
        return NULL;
    }
    /* whole lines come to write_lines, as many as there are */
    (void)setvbuf(out, NULL, _IOLBF, LINE_BYTES_MAX);
    return out;
}

FILE *cc_screen_on(FILE *to, size_t otherwise)
{
    size_t columns = cc_screen_columns(to);
    FILE *screen = NULL;

    if (columns > 0 || otherwise > 0) {
        screen = cc_screen_open(to, columns > 0 ? columns : otherwise);
    }
    return screen != NULL ? screen : to;
}

void cc_screen_off(FILE *screen, FILE *to)
{
    if (screen != to) {
        (void)fclose(screen); /* what failed is told by ferror(to) */
    }
}

size_t cc_screen_columns(FILE *stream)
{
    struct winsize size;
    int fd = fileno(stream);

    if (fd < 0 || !isatty(fd)) {
        return 0;
    }
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
               ? size.ws_col
               : CC_SCREEN_COLUMNS;
}
