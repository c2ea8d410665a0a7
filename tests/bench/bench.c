/* bench.c - clocks, memory, medians, one line a figure. */
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double bench_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static FILE *open_proc(int pid, const char *name)
{
    char path[64];

    if (pid == 0) {
        (void)snprintf(path, sizeof path, "/proc/self/%s", name);
    } else {
        (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    }
    return fopen(path, "r");
}

double bench_cpu_seconds(int pid)
{
    unsigned long user = 0, system = 0;
    char line[1024];
    FILE *f;

    if (pid == 0) {
        struct timespec t;
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    }
    f = open_proc(pid, "stat");
    if (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const char *at = strrchr(line, ')'); /* the name may have spaces */
        /* 14 and 15 of proc(5); the state after the name is 3. */
        if (at != NULL) {
            (void)sscanf(at + 1,
                " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user,
                &system);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double bench_rssanon_mib(int pid)
{
    unsigned long kib = 0;
    char line[256];
    FILE *f = open_proc(pid, "status");

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "RssAnon: %lu", &kib) == 1) {
            break;
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return (double)kib / 1024;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double bench_median(double *sample, size_t count)
{
    if (count == 0) {
        return 0;
    }
    qsort(sample, count, sizeof *sample, by_value);
    return count % 2 != 0 ? sample[count / 2]
                          : (sample[count / 2 - 1] + sample[count / 2]) / 2;
}

void bench_figure(const char *figure, double value, const char *unit,
    double raw, enum bench_kind kind)
{
    (void)printf("{\"figure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", ",
        figure, value, unit);
    if (raw <= 0 || value <= 0) {
        (void)printf("\"raw\": null, \"ratio\": null}\n");
    } else {
        (void)printf("\"raw\": %.6g, \"ratio\": %.3f}\n", raw,
            kind == BENCH_RATE ? value / raw : raw / value);
    }
    (void)fflush(stdout);
}

void bench_die(const char *format, ...)
{
    int error = errno;
    va_list args;

    va_start(args, format);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    if (error != 0) {
        (void)fprintf(stderr, " (%s)", strerror(error));
    }
    (void)fputc('\n', stderr);
    exit(1);
}
