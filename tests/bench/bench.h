/*
 * bench.h - what every bench program needs: clocks, memory, medians, and the
 * one line a figure.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Seconds of the monotonic clock; CPU seconds of the threads that a process has
 * now, to the nanosecond. */
double bench_seconds(void);
double bench_cpu_seconds(int pid);
/* RssAnon of a process in MiB; 0 when it cannot be read. */
double bench_rssanon_mib(int pid);

double bench_median(double *sample, size_t count); /* sorts it */

/*
 * Prints {"figure": ..., "value": ..., "unit": ..., "raw": ..., "ratio": ...}
 * and flushes.
 *   raw      the same work by the bare libraries, in the same unit; 0: there
 *            is none, raw and ratio are null
 *   ratio    the share of that limit which was reached: value / raw of a rate,
 *            raw / value of a cost
 */
enum bench_kind { BENCH_RATE, BENCH_COST };
void bench_figure(const char *figure, double value, const char *unit,
    double raw, enum bench_kind kind);

/* Prints the text on stderr and ends with status 1. */
_Noreturn void bench_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
#define BENCH_CHECK(x)                                                         \
    do {                                                                       \
        if (!(x)) {                                                            \
            bench_die(                                                         \
                "%s:%d: %s (%s)", __FILE__, __LINE__, #x, strerror(errno));    \
        }                                                                      \
    } while (0)

#endif
