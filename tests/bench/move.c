/*
 * move.c - what moves between devices when rights change, on satchel.h alone.
 *
 *   bench-move territory PREFIX PID RECORDS LEAVER TAKER COMMAND ARG...
 *       Both stores have open sessions. COMMAND gives so many records of
 *       LEAVER's to TAKER; PID: the satcheld of both
 *   bench-move policy DOCUMENT STORE...
 *       each store syncs once, in a new process; DOCUMENT: bytes of the policy
 *       that is new
 *
 * An open session asks every ROUND_MS whether there is something new.
 */
#include "bench.h"
#include "raw.h"
#include "store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUND_MS 50u
/* Until it has come; then the bench fails, rather than last for ever. */
#define PATIENCE_S 100.0

/* ---- one device, in a process of its own ------------------------------- */

enum role { LEAVER, TAKER };

struct outcome {
    double at; /* when it had all, monotonic */
    double bytes;
    uint64_t records; /* that came or went */
};

struct device {
    pid_t pid;
    int out; /* 'r', when its session is open; then the outcome */
};

static void pause_ms(unsigned ms)
{
    struct timespec t = { 0, (long)ms * 1000000 };

    (void)nanosleep(&t, NULL);
}

static void live_round(struct satchel_live *live, struct satchel_sync_report *r)
{
    struct satchel_error e;

    memset(r, 0, sizeof *r);
    bench_store_must(satchel_live_round(live, r, &e), &e);
    if (!r->complete || r->alarms > 0) {
        bench_die("a round that is not whole: alarms %llu",
            (unsigned long long)r->alarms);
    }
}

/* Rounds until so many records came (or went) and nothing more does. */
static struct outcome follow(
    struct satchel_live *live, enum role role, uint64_t records)
{
    double start = bench_seconds(), bytes = bench_store_tcp_bytes();
    struct outcome out = { 0, 0, 0 };

    while (out.records < records) {
        struct satchel_sync_report r;
        pause_ms(ROUND_MS);
        live_round(live, &r);
        out.records += role == LEAVER ? r.purged : r.pulled;
        if (bench_seconds() - start > PATIENCE_S) {
            bench_die("%s has seen %llu of %llu records move",
                role == LEAVER ? "leaver" : "taker",
                (unsigned long long)out.records, (unsigned long long)records);
        }
    }
    out.at = bench_seconds();
    out.bytes = bench_store_tcp_bytes() - bytes;
    if (out.records != records) {
        bench_die("%llu records moved, not %llu",
            (unsigned long long)out.records, (unsigned long long)records);
    }
    return out;
}

static void write_all(int fd, const void *bytes, size_t size)
{
    BENCH_CHECK(write(fd, bytes, size) == (ssize_t)size);
}

static struct device begin(const char *dir, enum role role, uint64_t records)
{
    struct device d;
    char byte;
    int ends[2];

    BENCH_CHECK(pipe(ends) == 0);
    d.pid = fork();
    BENCH_CHECK(d.pid >= 0);
    if (d.pid == 0) {
        struct satchel *s = bench_store_open(dir);
        struct satchel_live *live = NULL;
        struct satchel_sync_report r;
        struct satchel_error e;
        struct outcome out;
        (void)close(ends[0]);
        bench_store_must(satchel_live_open(s, NULL, &live, &r, &e), &e);
        write_all(ends[1], "r", 1);
        out = follow(live, role, records);
        write_all(ends[1], &out, sizeof out);
        satchel_live_close(live);
        satchel_close(s);
        _exit(0);
    }
    (void)close(ends[1]);
    d.out = ends[0];
    if (read(d.out, &byte, 1) != 1) {
        bench_die("%s did not open its session", dir);
    }
    return d;
}

static struct outcome end(struct device *d)
{
    struct outcome out;
    int status = 0;

    BENCH_CHECK(read(d->out, &out, sizeof out) == (ssize_t)sizeof out);
    (void)close(d->out);
    BENCH_CHECK(waitpid(d->pid, &status, 0) == d->pid && status == 0);
    return out;
}

/* ---- a territory ------------------------------------------------------- */

static void run(char **argv)
{
    int status = 0;
    pid_t pid = fork();

    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, STDOUT_FILENO);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    BENCH_CHECK(waitpid(pid, &status, 0) == pid);
    if (status != 0) {
        bench_die("%s failed", argv[0]);
    }
}

static void territory(const char *prefix, int server, uint64_t records,
    char **store, char **command)
{
    struct device leaver = begin(store[0], LEAVER, records);
    struct device taker = begin(store[1], TAKER, records);
    double cpu = bench_cpu_seconds(server), start = bench_seconds(), told;
    struct outcome went, came;
    struct bench_raw_move raw;
    char name[64];

    run(command);
    told = bench_seconds() - start;
    came = end(&taker);
    went = end(&leaver);
    cpu = bench_cpu_seconds(server) - cpu;
    start = (came.at > went.at ? came.at : went.at) - start;
    raw = bench_raw_move(bench_store_beside(store[1]), (size_t)records,
        (size_t)(came.bytes + went.bytes));
    (void)fprintf(stderr,
        "# %s: %llu records, %.2f s until the server was told, leaver %.0f "
        "bytes, taker %.0f bytes\n",
        prefix, (unsigned long long)records, told, went.bytes, came.bytes);
    (void)snprintf(name, sizeof name, "%s_server_cpu_s", prefix);
    bench_figure(name, cpu, "s", raw.server_cpu_s, BENCH_COST);
    (void)snprintf(name, sizeof name, "%s_converged_s", prefix);
    bench_figure(name, start, "s", raw.seconds, BENCH_COST);
}

/* ---- a policy ---------------------------------------------------------- */

static double sync_bytes(const char *dir)
{
    double bytes = 0;
    int ends[2], status = 0;
    pid_t pid;

    BENCH_CHECK(pipe(ends) == 0);
    pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        struct satchel *s = bench_store_open(dir);
        struct satchel_sync_report r;
        struct satchel_error e;
        bench_store_must(satchel_sync(s, NULL, &r, &e), &e);
        if (!r.complete || r.alarms > 0 || r.pulled > 0 || r.purged > 0) {
            bench_die("records moved, or the sync was not whole");
        }
        bytes = bench_store_tcp_bytes();
        write_all(ends[1], &bytes, sizeof bytes);
        satchel_close(s);
        _exit(0);
    }
    (void)close(ends[1]);
    BENCH_CHECK(read(ends[0], &bytes, sizeof bytes) == (ssize_t)sizeof bytes);
    (void)close(ends[0]);
    BENCH_CHECK(waitpid(pid, &status, 0) == pid);
    return bytes;
}

static void policy(double document, char **store, size_t count)
{
    double most = 0;

    for (size_t i = 0; i < count; i++) {
        double bytes = sync_bytes(store[i]);
        most = bytes > most ? bytes : most;
    }
    (void)fprintf(stderr, "# policy: %.0f bytes in all\n", most);
    bench_figure(
        "policy_noop_bytes", most - document, "bytes", document, BENCH_COST);
}

static uint64_t number(const char *text)
{
    char *last;
    unsigned long long n = strtoull(text, &last, 10);

    if (*text == '\0' || *last != '\0') {
        bench_die("'%s' is not a number", text);
    }
    return n;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "territory") == 0 && argc > 7) {
        territory(
            argv[2], (int)number(argv[3]), number(argv[4]), argv + 5, argv + 7);
    } else if (strcmp(what, "policy") == 0 && argc > 3) {
        policy((double)number(argv[2]), argv + 3, (size_t)argc - 3);
    } else {
        bench_die("see the head of tests/bench/move.c");
    }
    return 0;
}
