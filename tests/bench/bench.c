/* bench.c - clocks, memory, medians, one line a figure. */
#include "bench.h"

#include <dirent.h>
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
    char path[128];

    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return fopen(path, "r");
}

/* Nanoseconds on a processor of one thread (Documentation/scheduler). */
static double thread_seconds(int pid, const char *thread)
{
    unsigned long long ns = 0;
    char name[64];
    FILE *f;

    (void)snprintf(name, sizeof name, "task/%.20s/schedstat", thread);
    f = open_proc(pid, name);
    if (f != NULL) {
        (void)fscanf(f, "%llu", &ns);
        (void)fclose(f);
    }
    return (double)ns / 1e9;
}

double bench_cpu_seconds(int pid)
{
    double sum = 0;
    char path[64];
    const struct dirent *e;
    DIR *d;

    (void)snprintf(path, sizeof path, "/proc/%d/task", pid);
    d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.') {
            sum += thread_seconds(pid, e->d_name);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return sum;
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
    va_list args;

    va_start(args, format);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(1);
}
