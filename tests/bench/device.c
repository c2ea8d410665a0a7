/*
 * device.c - the device's side of the bench, on satchel.h alone.
 *
 *   bench-device enrol STORE CODE         a new store, enrolled
 *   bench-device pull STORE               the first sync of such a store
 *   bench-device save STORE N             N visits, each durable
 *   bench-device push STORE PID BATCH     what was saved goes up; PID: satcheld
 *   bench-device noop STORE RUNS          syncs with nothing to do
 *   bench-device edit STORE RUNS          one field, in an open session
 *   bench-device idle PID STORE...        a session for each store stays open
 *   bench-device find FIGURE RUNS STORE TEXT
 *                                         a search in a program that runs
 *   bench-device command FIGURE RUNS RECORDS STORE PROGRAM ARG...
 *                                         a command as a process
 *   bench-device write FIGURE RUNS STORE PROGRAM ARG...
 *                                         a command that saves something; % in
 *                                         an ARG is the number of the run
 *   bench-device import ROWS BYTES DIR PROGRAM ARG...
 *                                         a command that takes in a file with
 *                                         two records a row
 *
 * Bytes are TCP payload both ways. What moves between devices: move.c.
 */
#include "bench.h"
#include "raw.h"
#include "store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS_MAX   1000u
#define NEXT_BYTES 196u
#define ARGS_MAX   32u
#define ARG_BYTES  128u
/* Records in a synced transaction, as an import writes them. */
#define IMPORT_BATCH 2000u

/* ---- enrol, pull ------------------------------------------------------- */

static void enrol(const char *dir, const char *code)
{
    const struct satchel_create_options cheap = { 1, 8192 };
    struct satchel_error e;

    bench_store_must(satchel_create(dir, &bench_store_secret, &cheap, &e), &e);
    struct satchel *s = bench_store_open(dir);
    bench_store_must(satchel_enrol(s, code, "bench", 0, &e), &e);
    satchel_close(s);
}

struct peak {
    double mib;
};

static int on_progress(void *self, const struct satchel_progress *p)
{
    struct peak *peak = self;
    double now = bench_rssanon_mib((int)getpid());

    (void)p;
    peak->mib = now > peak->mib ? now : peak->mib;
    return 0;
}

static void sync_once(struct satchel *s, struct satchel_sync_report *r,
    int (*progress)(void *self, const struct satchel_progress *p), void *self)
{
    struct satchel_sync_options o = { .deadline_ms = BENCH_DEADLINE_MS,
        .progress = progress,
        .progress_self = self };
    struct satchel_error e;

    bench_store_must(satchel_sync(s, &o, r, &e), &e);
    if (!r->complete || r->alarms > 0 || r->refused + r->deferred > 0) {
        bench_die("a sync that is not whole: alarms %llu, refused %llu, "
                  "deferred %llu",
            (unsigned long long)r->alarms, (unsigned long long)r->refused,
            (unsigned long long)r->deferred);
    }
}

static void pull(const char *dir)
{
    struct satchel_sync_report r;
    struct peak peak = { 0 };
    struct satchel *s = bench_store_open(dir);
    double before = bench_store_tcp_bytes(), bytes, start = bench_seconds();

    sync_once(s, &r, on_progress, &peak); /* looks once a page */
    start = bench_seconds() - start;
    bytes = (bench_store_tcp_bytes() - before) / (double)r.pulled;
    struct bench_raw raw = bench_raw_pull(
        bench_store_beside(dir), (size_t)r.pulled, 500, (size_t)bytes);
    bench_figure("pull_records_per_s", (double)r.pulled / start, "records/s",
        raw.per_s, BENCH_RATE);
    bench_figure("pull_bytes_per_record", bytes, "bytes/record", 0, BENCH_COST);
    bench_figure("pull_device_rssanon_mib", peak.mib, "MiB", 0, BENCH_COST);
    satchel_close(s);
}

/* ---- save, push -------------------------------------------------------- */

static uint64_t state = 1;

static uint64_t below(uint64_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

static void words(char *out, size_t size)
{
    static const char *const syllable[] = { "ka", "lo", "min", "tor", "shan",
        "wei", "bel", "dra", "fu", "gon", "hai", "jin", "ples", "qu", "rim",
        "sto" };
    size_t n = 0;

    while (n + 8 < size) {
        n += (size_t)snprintf(out + n, size - n, "%s%s", syllable[below(16)],
            below(3) == 0 && n + 16 < size ? " " : "");
    }
}

struct visit {
    char in[40], out[40], geo[2][48], battery[8], next[NEXT_BYTES], date[16];
    struct satchel_input input[10];
};

static size_t fill_visit(struct visit *v)
{
    static const char *const outcome[] = { "order", "promise", "no_decision",
        "closed_door" };
    unsigned day = 1 + (unsigned)below(28), hour = 8 + (unsigned)below(9);
    size_t n = 0;

    (void)snprintf(v->in, sizeof v->in, "2026-02-%02uT%02u:%02u:%02u+08:00",
        day, hour, (unsigned)below(60), (unsigned)below(60));
    (void)snprintf(v->out, sizeof v->out, "2026-02-%02uT%02u:%02u:%02u+08:00",
        day, hour + 1, (unsigned)below(60), (unsigned)below(60));
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(v->geo[i], sizeof v->geo[i], "31.%07u,121.%07u,%u",
            (unsigned)below(10000000), (unsigned)below(10000000),
            5 + (unsigned)below(60));
    }
    (void)snprintf(v->battery, sizeof v->battery, "%u", (unsigned)below(101));
    (void)snprintf(v->date, sizeof v->date, "2126-04-%02u", day);
    words(v->next, sizeof v->next);
    v->input[n++] = (struct satchel_input){ "checkin", v->in, SATCHEL_SET };
    v->input[n++] = (struct satchel_input){ "checkout", v->out, SATCHEL_SET };
    v->input[n++] =
        (struct satchel_input){ "checkin_place.geo", v->geo[0], SATCHEL_SET };
    v->input[n++] = (struct satchel_input){ "checkin_place.battery", v->battery,
        SATCHEL_SET };
    v->input[n++] =
        (struct satchel_input){ "checkout_place.geo", v->geo[1], SATCHEL_SET };
    v->input[n++] =
        (struct satchel_input){ "outcome", outcome[below(4)], SATCHEL_SET };
    v->input[n++] = (struct satchel_input){ "next_step", v->next, SATCHEL_SET };
    v->input[n++] = (struct satchel_input){ "next_date", v->date, SATCHEL_SET };
    return n;
}

static struct satchel_list *accounts(struct satchel *s, size_t limit)
{
    struct satchel_query q = { .brief = true, .limit = limit };
    struct satchel_list *l = NULL;
    struct satchel_error e;

    bench_store_must(satchel_account_list(s, &q, &l, &e), &e);
    if (l->count == 0) {
        bench_die("the device holds no account");
    }
    return l;
}

static void save(const char *dir, size_t count)
{
    struct satchel *s = bench_store_open(dir);
    struct satchel_list *l = accounts(s, 200);
    struct satchel_error e;
    size_t rounds = count / 500 + 1, round = 0;
    double *rate = calloc(rounds, sizeof *rate), *raw = NULL;

    raw = calloc(rounds, sizeof *raw);
    BENCH_CHECK(rate != NULL && raw != NULL);
    for (size_t done = 0; done < count; round++) {
        size_t n = count - done < 500 ? count - done : 500;
        double start;
        /* In turns: the disk and its other users change by the minute. */
        raw[round] = bench_raw_saves_per_s(bench_store_beside(dir), n);
        start = bench_seconds();
        for (size_t i = 0; i < n; i++) {
            struct visit v;
            size_t inputs = fill_visit(&v);
            const struct satchel_visit_new what = {
                .account = l->record[below(l->count)].id,
                .another = true,
                .count = inputs,
                .input = v.input
            };
            struct satchel_visit_begun *begun = NULL;
            bench_store_must(satchel_visit_begin(s, &what, &begun, &e), &e);
            satchel_free(begun);
        }
        rate[round] = (double)n / (bench_seconds() - start);
        done += n;
    }
    bench_figure("save_per_s", bench_median(rate, round), "saves/s",
        bench_median(raw, round), BENCH_RATE);
    free(rate);
    free(raw);
    satchel_free(l);
    satchel_close(s);
}

static double typed_bytes(size_t records)
{
    size_t room = records * 512, size = 0;
    char *text = malloc(room + 512);
    double bytes;

    BENCH_CHECK(text != NULL);
    for (size_t i = 0; i < records; i++) {
        struct visit v;
        size_t inputs = fill_visit(&v);
        for (size_t k = 0; k < inputs; k++) {
            size += (size_t)snprintf(
                text + size, room + 512 - size, "%s\n", v.input[k].text);
        }
    }
    bytes = bench_raw_typed_bytes(text, size, records);
    free(text);
    return bytes;
}

static void push(const char *dir, int pid, size_t batch)
{
    struct satchel_sync_report r;
    struct satchel *s = bench_store_open(dir);
    double before = bench_store_tcp_bytes(), bytes, cpu, start;

    cpu = bench_cpu_seconds(pid);
    start = bench_seconds();
    sync_once(s, &r, NULL, NULL);
    start = bench_seconds() - start;
    cpu = bench_cpu_seconds(pid) - cpu;
    if (r.pushed == 0) {
        bench_die("nothing was to be pushed");
    }
    bytes = (bench_store_tcp_bytes() - before) / (double)r.pushed;
    struct bench_raw raw = bench_raw_push(
        bench_store_beside(dir), (size_t)r.pushed, batch, (size_t)bytes);
    bench_figure("push_records_per_s", (double)r.pushed / start, "records/s",
        raw.per_s, BENCH_RATE);
    bench_figure("push_bytes_per_record", bytes, "bytes/record",
        typed_bytes((size_t)r.pushed), BENCH_COST);
    bench_figure("push_server_cpu_us", cpu * 1e6 / (double)r.pushed,
        "us/record", raw.cpu_us, BENCH_COST);
    satchel_close(s);
}

/* ---- noop, edit -------------------------------------------------------- */

struct noop {
    double bytes, trips, ms;
};

/* In a process of its own: a connection is made anew. */
static struct noop noop_once(const char *dir)
{
    struct satchel_sync_report r;
    struct satchel *s = bench_store_open(dir);
    double start = bench_seconds();
    struct noop n;

    sync_once(s, &r, NULL, NULL);
    n.ms = (bench_seconds() - start) * 1e3;
    if (!r.same) {
        bench_die("there was something to do");
    }
    n.bytes = bench_store_tcp_bytes();
    n.trips = (double)r.round_trips;
    satchel_close(s);
    return n;
}

static struct noop noop_forked(const char *dir)
{
    struct noop n = { 0, 0, 0 };
    int ends[2], status = 0;
    pid_t pid;

    BENCH_CHECK(pipe(ends) == 0);
    pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        n = noop_once(dir);
        _exit(write(ends[1], &n, sizeof n) == (ssize_t)sizeof n ? 0 : 1);
    }
    (void)close(ends[1]);
    BENCH_CHECK(read(ends[0], &n, sizeof n) == (ssize_t)sizeof n);
    (void)close(ends[0]);
    BENCH_CHECK(waitpid(pid, &status, 0) == pid);
    return n;
}

/* What the branch derives from an edit comes with the next sync. */
static void come_up_to_date(const char *dir)
{
    struct satchel_sync_report r;
    pid_t pid = fork();
    int status = 0;

    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        struct satchel *s = bench_store_open(dir);
        sync_once(s, &r, NULL, NULL);
        satchel_close(s);
        _exit(0);
    }
    BENCH_CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}
static void noop(const char *dir, size_t runs)
{
    double ms[RUNS_MAX], raw[RUNS_MAX];
    struct noop n = { 0, 0, 0 };

    come_up_to_date(dir);
    for (size_t i = 0; i < runs; i++) {
        n = noop_forked(dir);
        ms[i] = n.ms;
        raw[i] = bench_raw_round_trip_ms(200, 150);
    }
    bench_figure("noop_bytes", n.bytes, "bytes", 0, BENCH_COST);
    bench_figure("noop_round_trips", n.trips, "round trips", 1, BENCH_COST);
    bench_figure("noop_ms", bench_median(ms, runs), "ms",
        bench_median(raw, runs), BENCH_COST);
}

static void edit(const char *dir, size_t runs)
{
    struct satchel *s = bench_store_open(dir);
    struct satchel_list *l = accounts(s, 1);
    struct satchel_sync_report r;
    struct satchel_live *live = NULL;
    struct satchel_error e;
    double bytes[RUNS_MAX];

    bench_store_must(satchel_live_open(s, NULL, &live, &r, &e), &e);
    /* The first one opens the session, if all was the same before. */
    for (size_t i = 0; i <= runs; i++) {
        char number[24];
        struct satchel_input in = { "phone_main", number, SATCHEL_SET };
        (void)snprintf(number, sizeof number, "+86139%08u", (unsigned)i);
        double before = bench_store_tcp_bytes();
        bench_store_must(
            satchel_account_edit(s, l->record[0].id, &in, 1, NULL, &e), &e);
        bench_store_must(satchel_live_round(live, &r, &e), &e);
        if (r.pushed != 1 || (i > 0 && r.round_trips != 1)) {
            bench_die("an edit took %llu round trips",
                (unsigned long long)r.round_trips);
        }
        if (i > 0) {
            bytes[i - 1] = bench_store_tcp_bytes() - before;
        }
    }
    bench_figure(
        "edit_bytes", bench_median(bytes, runs), "bytes", 0, BENCH_COST);
    satchel_live_close(live);
    satchel_free(l);
    satchel_close(s);
}

/* ---- idle -------------------------------------------------------------- */

static void idle_child(const char *dir, int ready)
{
    struct satchel *s = bench_store_open(dir);
    struct satchel_sync_report r;
    struct satchel_live *live = NULL;
    struct satchel_error e;

    bench_store_must(satchel_live_open(s, NULL, &live, &r, &e), &e);
    if (write(ready, "1", 1) != 1) {
        _exit(1);
    }
    (void)pause(); /* until the parent ends it */
    _exit(0);
}

/* The child of one device, when its session is open. */
static pid_t idle_start(const char *dir)
{
    char byte;
    int ends[2];
    pid_t pid;

    BENCH_CHECK(pipe(ends) == 0);
    pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        (void)close(ends[0]);
        idle_child(dir, ends[1]);
    }
    (void)close(ends[1]);
    if (read(ends[0], &byte, 1) != 1) {
        (void)waitpid(pid, NULL, 0);
        pid = -1; /* it has said why */
    }
    (void)close(ends[0]);
    return pid;
}

static void idle(int server, size_t count, char **dir)
{
    pid_t *child = calloc(count, sizeof *child);
    size_t open = 0;
    double mib;

    BENCH_CHECK(child != NULL);
    while (open < count && (child[open] = idle_start(dir[open])) > 0) {
        open++;
    }
    mib = bench_rssanon_mib(server);
    for (size_t i = 0; i < open; i++) {
        (void)kill(child[i], SIGKILL);
        (void)waitpid(child[i], NULL, 0);
    }
    free(child);
    if (open < count) {
        bench_die("device %zu did not open its session", open);
    }
    bench_figure("idle100_server_rssanon_mib", mib, "MiB", 0, BENCH_COST);
}

/* ---- a command as a process -------------------------------------------- */

static double command_once(char **argv)
{
    double start = bench_seconds();
    int status = 0;
    pid_t pid = fork();

    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, STDOUT_FILENO);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    BENCH_CHECK(waitpid(pid, &status, 0) == pid);
    start = bench_seconds() - start;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        bench_die("%s ended with status %d", argv[0], status);
    }
    return start * 1e3;
}

static void command(const char *figure, size_t runs, size_t records,
    const char *store, char **argv)
{
    double ms[RUNS_MAX], raw[RUNS_MAX];

    (void)command_once(argv); /* the pages come into memory */
    for (size_t i = 0; i < runs; i++) {
        ms[i] = command_once(argv);
        raw[i] = bench_raw_command_ms(bench_store_beside(store), records);
    }
    bench_figure(figure, bench_median(ms, runs), "ms", bench_median(raw, runs),
        BENCH_COST);
}

/* argv with the number of a run for each %; texts in room. */
static void number_run(
    char **argv, size_t run, char (*room)[ARG_BYTES], char **out)
{
    size_t n = 0;

    for (; argv[n] != NULL && n + 1 < ARGS_MAX; n++) {
        const char *at = strchr(argv[n], '%');
        if (at == NULL) {
            out[n] = argv[n];
            continue;
        }
        (void)snprintf(room[n], ARG_BYTES, "%.*s%zu%s", (int)(at - argv[n]),
            argv[n], run, at + 1);
        out[n] = room[n];
    }
    out[n] = NULL;
}

/* Each run is another one, so that nothing is refused for being there. */
static void saving(
    const char *figure, size_t runs, const char *store, char **argv)
{
    static char room[ARGS_MAX][ARG_BYTES];
    double ms[RUNS_MAX], raw[RUNS_MAX];
    char *args[ARGS_MAX];

    for (size_t i = 0; i <= runs; i++) {
        number_run(argv, i, room, args);
        double took = command_once(args);
        if (i > 0) { /* with the first one pages come into memory */
            ms[i - 1] = took;
            raw[i - 1] =
                bench_raw_command_ms(bench_store_beside(store), 0) +
                1e3 / bench_raw_saves_per_s(bench_store_beside(store), 5);
        }
    }
    bench_figure(figure, bench_median(ms, runs), "ms", bench_median(raw, runs),
        BENCH_COST);
}

/* As on every letter that somebody types: the names are in memory. */
static void find(
    const char *figure, size_t runs, const char *dir, const char *text)
{
    const struct satchel_query q = { .entity = "account",
        .text = text,
        .sort = SATCHEL_SORT_PINYIN,
        .limit = 50,
        .brief = true };
    struct satchel *s = bench_store_open(dir);
    struct satchel_list *l = NULL;
    struct satchel_error e;
    double ms[RUNS_MAX];

    for (size_t i = 0; i <= runs; i++) {
        double start = bench_seconds();
        bench_store_must(satchel_record_list(s, &q, &l, &e), &e);
        if (i > 0) { /* the first one reads them */
            ms[i - 1] = (bench_seconds() - start) * 1e3;
        }
        satchel_free(l);
    }
    bench_figure(figure, bench_median(ms, runs), "ms", 0, BENCH_COST);
    satchel_close(s);
}

/* A file of so many bytes; two records a row. */
static void import(size_t rows, size_t bytes, const char *dir, char **argv)
{
    double seconds = command_once(argv) / 1e3;
    struct bench_raw raw =
        bench_raw_push(dir, 2 * rows, IMPORT_BATCH, bytes / (2 * rows));

    bench_figure("import_rows_per_s", (double)rows / seconds, "rows/s",
        raw.per_s / 2, BENCH_RATE);
}

static size_t number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0') {
        bench_die("'%s' is not a number", text);
    }
    return n;
}

static size_t runs_of(const char *text)
{
    size_t n = number(text);

    return n < 1 ? 1 : n > RUNS_MAX ? RUNS_MAX : n;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "enrol") == 0 && argc == 4) {
        enrol(argv[2], argv[3]);
    } else if (strcmp(what, "pull") == 0 && argc == 3) {
        pull(argv[2]);
    } else if (strcmp(what, "save") == 0 && argc == 4) {
        save(argv[2], number(argv[3]));
    } else if (strcmp(what, "push") == 0 && argc == 5) {
        push(argv[2], (int)number(argv[3]), number(argv[4]));
    } else if (strcmp(what, "noop") == 0 && argc == 4) {
        noop(argv[2], runs_of(argv[3]));
    } else if (strcmp(what, "edit") == 0 && argc == 4) {
        edit(argv[2], runs_of(argv[3]));
    } else if (strcmp(what, "idle") == 0 && argc > 3) {
        idle((int)number(argv[2]), (size_t)argc - 3, argv + 3);
    } else if (strcmp(what, "find") == 0 && argc == 6) {
        find(argv[2], runs_of(argv[3]), argv[4], argv[5]);
    } else if (strcmp(what, "import") == 0 && argc > 5) {
        import(number(argv[2]), number(argv[3]), argv[4], argv + 5);
    } else if (strcmp(what, "write") == 0 && argc > 5) {
        saving(argv[2], runs_of(argv[3]), argv[4], argv + 5);
    } else if (strcmp(what, "command") == 0 && argc > 6) {
        command(argv[2], runs_of(argv[3]), number(argv[4]), argv[5], argv + 6);
    } else {
        bench_die("see the head of tests/bench/device.c");
    }
    return 0;
}
