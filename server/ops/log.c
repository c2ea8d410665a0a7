#include "ops/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES_MAX 2048u
#define PEER_LINES_MAX 5u /* a second */

static _Atomic int chosen = SV_LOG_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *const names[] = { "error", "warn", "info", "debug" };

enum sv_log_level sv_log_level_of(const char *name)
{
    for (unsigned i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum sv_log_level)i;
        }
    }
    return SV_LOG_INFO;
}

void sv_log_set(enum sv_log_level level)
{
    atomic_store(&chosen, (int)level);
}

static size_t stamp(char *out, size_t room)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t size = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(
        out + size, room - size, ".%03dZ", (int)(now.tv_nsec / 1000000));
    return size + (size_t)more;
}

/* Copies text without control characters; UTF-8 passes as it is. */
static size_t clean(char *out, size_t room, const char *text)
{
    size_t at = 0;
    for (; *text != '\0' && at + 5 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            at += (size_t)snprintf(out + at, room - at, "\\x%02x", c);
        } else {
            out[at++] = (char)c;
        }
    }
    return at;
}

static void write_line(
    enum sv_log_level level, const char *facility, const char *text)
{
    char line[LINE_BYTES_MAX];
    size_t at = stamp(line, sizeof line);
    at += (size_t)snprintf(line + at, sizeof line - at, " level=%s at=%.32s ",
        names[level], facility);
    at += clean(line + at, sizeof line - at - 1, text);
    line[at++] = '\n';
    pthread_mutex_lock(&lock);
    fwrite(line, 1, at, stderr);
    pthread_mutex_unlock(&lock);
}

__attribute__((format(printf, 3, 0))) static void log_list(
    enum sv_log_level level, const char *facility, const char *format,
    va_list list)
{
    char text[LINE_BYTES_MAX - 128];
    vsnprintf(text, sizeof text, format, list);
    write_line(level, facility, text);
}

void sv_log(
    enum sv_log_level level, const char *facility, const char *format, ...)
{
    va_list list;
    if ((int)level > atomic_load(&chosen)) {
        return;
    }
    va_start(list, format);
    log_list(level, facility, format, list);
    va_end(list);
}

void sv_log_peer(const char *facility, const char *format, ...)
{
    static time_t second;
    static unsigned written, dropped;
    va_list list;
    unsigned told = 0;
    struct timespec now;
    if (atomic_load(&chosen) < (int)SV_LOG_WARN) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    if (now.tv_sec != second) {
        second = now.tv_sec;
        written = 0;
        told = dropped;
        dropped = 0;
    }
    bool write = written < PEER_LINES_MAX;
    written += write ? 1 : 0;
    dropped += write ? 0 : 1;
    pthread_mutex_unlock(&lock);
    if (told > 0) {
        sv_log(SV_LOG_WARN, facility, "event=lines_left_out count=%u", told);
    }
    if (write) {
        va_start(list, format);
        log_list(SV_LOG_WARN, facility, format, list);
        va_end(list);
    }
}
