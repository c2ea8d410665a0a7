/*
 * log.h - one line an event on standard error: time, level, facility, then
 * key=value pairs. Ids, sizes and verdicts; no customer text, no secrets.
 */
#ifndef SV_LOG_H
#define SV_LOG_H

#include "sp/bytes.h"

enum sv_log_level { SV_LOG_ERROR, SV_LOG_WARN, SV_LOG_INFO, SV_LOG_DEBUG };

/* "error", "warn", "info", "debug"; SV_LOG_INFO for anything else. */
enum sv_log_level sv_log_level_of(const char *name);
/* any thread */
void sv_log_set(enum sv_log_level level);

/*
 * Writes one line; what lies above the level is dropped. Control characters
 * of the text come out as \xNN, so that no peer can write a line of its own.
 * threads  any; a line is written whole
 */
void sv_log(enum sv_log_level level, const char *facility, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * The same for lines that a peer can cause: at most a few a second are
 * written, the rest counted and told in the next line that is.
 */
void sv_log_peer(const char *facility, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
