/* Several processes and threads on one store, a growing map, a full disk, and
 * writers that are killed. */
#include "lmdb_world.h"

#include "store/lmdb_reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT(text) sp_slice_text(text)
#define OK(call)   assert_int_equal((call), SP_OK)

/* ---- several processes and threads ------------------------------------- */

enum { WORKERS = 3, WORKER_COMMITS = 60 };

static sp_err count_up(struct cc_lmdb *s, const char *own)
{
    struct sp_store port = cc_lmdb_port(s);
    struct sp_slice got;
    struct sp_txn *txn;
    uint8_t number[8] = { 0 };
    sp_err err = port.begin(port.self, true, &txn);

    if (err != SP_OK) {
        return err;
    }
    err = port.get(txn, SP_T_META, TEXT("counter"), &got);
    if (err == SP_OK) {
        memcpy(number, got.data, sizeof number);
    } else if (err != SP_E_NOT_FOUND) {
        port.abort(txn);
        return err;
    }
    sp_set_u64be(number, sp_get_u64be(number) + 1);
    err = port.put(txn, SP_T_META, TEXT("counter"), SP_SLICE(number));
    if (err == SP_OK) {
        err = port.put(txn, SP_T_LOG, TEXT(own), TEXT(own));
    }
    if (err != SP_OK) {
        port.abort(txn);
        return err;
    }
    return port.commit(txn);
}

static int worker(const struct lmdb_world *w, int number)
{
    struct cc_lmdb *s = NULL;
    char note[CC_LMDB_NOTE_BYTES];

    if (lmdb_world_open(w, &s, note) != SP_OK) {
        return 1;
    }
    for (int i = 0; i < WORKER_COMMITS; i++) {
        char own[32];
        (void)snprintf(own, sizeof own, "%d-%d", number, i);
        if (count_up(s, own) != SP_OK) {
            return 2;
        }
    }
    cc_lmdb_close(s);
    return 0;
}

/* They also race for the creation. */
static void processes_of_one_user_lose_none_of_each_others_commits(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb_scrub found;
    struct cc_lmdb_usage usage;
    struct cc_lmdb *s;
    struct sp_store port;
    struct sp_slice got;
    struct sp_txn *txn;
    pid_t pid[WORKERS];
    uint64_t n;

    for (int i = 0; i < WORKERS; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0) {
            _exit(worker(w, i));
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        lmdb_world_exit_0(pid[i]);
    }
    s = lmdb_world_must_open(w);
    port = cc_lmdb_port(s);
    OK(port.begin(port.self, false, &txn));
    OK(port.get(txn, SP_T_META, TEXT("counter"), &got));
    assert_int_equal(sp_get_u64be(got.data), WORKERS * WORKER_COMMITS);
    OK(port.count(txn, SP_T_LOG, &n));
    assert_int_equal(n, WORKERS * WORKER_COMMITS);
    port.abort(txn);
    OK(cc_lmdb_scrub(s, &found));
    assert_int_equal(found.entries, WORKERS * WORKER_COMMITS + 1);
    OK(cc_lmdb_usage(s, &usage));
    assert_int_equal(usage.commits, WORKERS * WORKER_COMMITS + 1);
    cc_lmdb_close(s);
}

static void the_map_grows_under_the_other_process_too(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb_usage before, after;
    struct cc_lmdb *s;
    int go[2], gone[2];
    char byte = 0;
    pid_t pid;

    w->options.map_bytes = 4u << 20;
    w->options.room_bytes = 3u << 20;
    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(gone), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        s = lmdb_world_must_open(w);
        if (read(go[0], &byte, 1) != 1) {
            _exit(1);
        }
        for (char k = 'a'; k < 'm'; k++) {
            lmdb_world_put_mib(s, (char[2]){ k, 0 }, 2);
        }
        cc_lmdb_close(s);
        _exit(write(gone[1], &byte, 1) == 1 ? 0 : 1);
    }
    s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("v")));
    OK(cc_lmdb_usage(s, &before));
    assert_int_equal(before.map_bytes, 4u << 20);
    assert_int_equal(write(go[1], &byte, 1), 1);
    assert_int_equal(read(gone[0], &byte, 1), 1);
    OK(lmdb_world_get(s, SP_T_META, "k", "v"));
    OK(lmdb_world_get(s, SP_T_DOCUMENT, "l", NULL));
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("w")));
    lmdb_world_put_mib(s, "n", 2);
    OK(cc_lmdb_usage(s, &after));
    assert_true(after.map_bytes >= 24u << 20);
    lmdb_world_exit_0(pid);
    cc_lmdb_close(s);
    (void)close(go[0]);
    (void)close(go[1]);
    (void)close(gone[0]);
    (void)close(gone[1]);
}

static void a_transaction_without_room_fails_whole_and_passes_later(
    void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s;
    uint8_t *bytes = calloc(6, 1u << 20);
    sp_err err = SP_E_FULL;
    int tries;

    assert_non_null(bytes);
    w->options.map_bytes = 2u << 20;
    w->options.room_bytes = 1u << 20;
    s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("v")));
    for (tries = 0; err != SP_OK && tries < 8; tries++) {
        assert_int_equal(err, SP_E_FULL);
        err = lmdb_world_put(
            s, SP_T_DOCUMENT, "big", sp_slice_of(bytes, 6u << 20));
        OK(lmdb_world_get(s, SP_T_META, "k", "v"));
    }
    OK(err);
    assert_true(tries > 1); /* the first time there was no room */
    cc_lmdb_close(s);
    free(bytes);
}

static void readers_over_the_limit_are_told_to_wait(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = lmdb_world_must_open(w);
    struct sp_store port = cc_lmdb_port(s);
    struct sp_txn *txn[300];
    unsigned n = 0;
    sp_err err = SP_OK;

    while (n < 300 && err == SP_OK) {
        err = port.begin(port.self, false, &txn[n]);
        n += err == SP_OK;
    }
    assert_int_equal(err, SP_E_BUSY);
    assert_int_equal(n, 254);
    for (unsigned i = 0; i < n; i++) {
        port.abort(txn[i]);
    }
    assert_int_equal(lmdb_world_get(s, SP_T_META, "k", NULL), SP_E_NOT_FOUND);
    cc_lmdb_close(s);
}

static void a_killed_readers_slot_is_taken_back(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s;
    int ready[2];
    char byte = 0;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    cc_lmdb_close(lmdb_world_must_open(w));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct sp_txn *txn;
        struct sp_store port;
        s = lmdb_world_must_open(w);
        port = cc_lmdb_port(s);
        if (port.begin(port.self, false, &txn) != SP_OK ||
            write(ready[1], &byte, 1) != 1) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    s = lmdb_world_must_open(w);
    assert_int_equal(cc_lmdb_check_readers(s), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(cc_lmdb_check_readers(s), 1);
    cc_lmdb_close(s);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

/* Readers of several threads see whole commits while the map grows. */
struct crowd {
    struct cc_lmdb *store;
    _Atomic bool stop;
    _Atomic int bad;
    _Atomic int reads;
};

static void *read_pairs(void *arg)
{
    struct crowd *c = arg;
    struct sp_store port = cc_lmdb_port(c->store);

    while (!c->stop) {
        struct sp_slice a, b;
        struct sp_txn *txn;
        sp_err err = port.begin(port.self, false, &txn);
        if (err == SP_E_BUSY) {
            continue;
        }
        if (err != SP_OK || port.get(txn, SP_T_META, TEXT("a"), &a) ||
            port.get(txn, SP_T_FEED, TEXT("b"), &b) || !sp_slice_equal(a, b)) {
            c->bad++;
        }
        if (err == SP_OK) {
            port.abort(txn);
        }
        c->reads++;
    }
    return NULL;
}

static sp_err put_pair(struct cc_lmdb *s, unsigned n)
{
    struct sp_store port = cc_lmdb_port(s);
    static uint8_t ballast[200000];
    struct sp_txn *txn;
    char text[16];

    (void)snprintf(text, sizeof text, "%u", n);
    OK(port.begin(port.self, true, &txn));
    OK(port.put(txn, SP_T_META, TEXT("a"), TEXT(text)));
    OK(port.put(txn, SP_T_DOCUMENT, TEXT(text), SP_SLICE(ballast)));
    OK(port.put(txn, SP_T_FEED, TEXT("b"), TEXT(text)));
    return port.commit(txn);
}

static void threads_read_whole_commits_while_the_map_grows(void **state)
{
    struct lmdb_world *w = *state;
    struct crowd c = { .stop = false };
    struct cc_lmdb_usage usage;
    pthread_t thread[3];

    w->options.map_bytes = 2u << 20;
    w->options.room_bytes = 1u << 20;
    c.store = lmdb_world_must_open(w);
    OK(put_pair(c.store, 0));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, read_pairs, &c), 0);
    }
    for (unsigned n = 1; n < 60; n++) {
        OK(put_pair(c.store, n));
    }
    c.stop = true;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    }
    assert_int_equal(c.bad, 0);
    assert_true(c.reads > 0);
    OK(cc_lmdb_usage(c.store, &usage));
    assert_true(usage.map_bytes >= 12u << 20);
    cc_lmdb_close(c.store);
}

/* ---- a full disk ------------------------------------------------------- */

static bool mount_small(const struct lmdb_world *w, const char *options)
{
    (void)mkdir(w->base, 0700);
    return mount("tmpfs", w->base, "tmpfs", 0, options) == 0;
}

static void a_full_disk_refuses_writes_and_loses_nothing(void **state)
{
    struct lmdb_world *w = *state;
    static uint8_t big[100000];
    struct cc_lmdb_usage usage;
    struct cc_lmdb_scrub found;
    struct cc_lmdb *s;
    unsigned n = 0;
    sp_err err = SP_OK;

    if (!mount_small(w, "size=2m,mode=700")) {
        print_message(
            "# SKIP %s: cannot mount a tmpfs: %s\n", __func__, strerror(errno));
        return;
    }
    s = lmdb_world_must_open(w);
    while (err == SP_OK && n < 100) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", n);
        err = lmdb_world_put(s, SP_T_DOCUMENT, key, SP_SLICE(big));
        n += err == SP_OK;
    }
    assert_int_equal(err, SP_E_FULL);
    assert_true(n > 0);
    OK(lmdb_world_get(s, SP_T_DOCUMENT, "0", NULL));
    assert_int_equal(lmdb_world_put(s, SP_T_META, "k", TEXT("v")), SP_E_FULL);
    OK(cc_lmdb_usage(s, &usage));
    assert_int_equal(usage.refused, SP_E_FULL);
    assert_int_equal(usage.commits, n + 1);
    cc_lmdb_close(s);
    s = lmdb_world_must_open(w); /* reads go on with the disk still full */
    OK(lmdb_world_get(s, SP_T_DOCUMENT, "0", NULL));
    cc_lmdb_close(s);
    assert_int_equal(
        mount("tmpfs", w->base, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("v")));
    OK(cc_lmdb_scrub(s, &found));
    assert_int_equal(found.entries, n + 1);
    cc_lmdb_close(s);
}

/* Other things fill what is left of the disk. */
static void fill_disk(const struct lmdb_world *w)
{
    static const uint8_t block[4096];
    char path[96];
    (void)snprintf(path, sizeof path, "%s/other", w->base);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0) {
    }
    assert_int_equal(errno, ENOSPC);
    (void)close(fd);
}

static void what_is_typed_is_saved_when_the_disk_is_full_of_other_things(
    void **state)
{
    struct lmdb_world *w = *state;
    static const uint8_t page[16000];
    struct cc_lmdb_usage usage;
    sp_err err = SP_OK;
    char key[24];

    if (!mount_small(w, "size=8m,mode=700")) {
        print_message(
            "# SKIP %s: cannot mount a tmpfs: %s\n", __func__, strerror(errno));
        return;
    }
    struct cc_lmdb *s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_META, "first", TEXT("before")));
    fill_disk(w);
    /* What can wait stops before the reserve, and nothing has failed. */
    cc_lmdb_reserve_leave(true);
    for (unsigned n = 0; n < 200 && err == SP_OK; n++) {
        (void)snprintf(key, sizeof key, "fetched %u", n);
        err = lmdb_world_put(s, SP_T_DOCUMENT, key, SP_SLICE(page));
    }
    cc_lmdb_reserve_leave(false);
    assert_int_equal(err, SP_E_FULL);
    OK(cc_lmdb_usage(s, &usage));
    assert_int_equal(usage.refused, SP_OK);
    for (unsigned n = 0; n < 60; n++) {
        (void)snprintf(key, sizeof key, "typed %u", n);
        OK(lmdb_world_put(s, SP_T_LOG, key, TEXT("what the customer said")));
        if (n % 20 == 0) { /* as the next command does */
            cc_lmdb_close(s);
            s = lmdb_world_must_open(w);
        }
    }
    OK(lmdb_world_get(s, SP_T_LOG, "typed 59", "what the customer said"));
    cc_lmdb_close(s);
    /* With room again the reserve is made whole. */
    assert_int_equal(
        mount("tmpfs", w->base, "tmpfs", MS_REMOUNT, "size=16m"), 0);
    s = lmdb_world_must_open(w);
    cc_lmdb_reserve_leave(true);
    OK(lmdb_world_put(s, SP_T_META, "fetched", TEXT("v")));
    cc_lmdb_reserve_leave(false);
    cc_lmdb_close(s);
}

static void a_full_disk_makes_no_half_store(void **state)
{
    struct lmdb_world *w = *state;

    if (!mount_small(w, "size=8k,mode=700")) {
        print_message(
            "# SKIP %s: cannot mount a tmpfs: %s\n", __func__, strerror(errno));
        return;
    }
    lmdb_world_refuses(w, SP_E_FULL, "No space");
    assert_int_equal(
        mount("tmpfs", w->base, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    cc_lmdb_close(lmdb_world_must_open(w));
}

/* ---- SIGKILL ----------------------------------------------------------- */

/* Commits n, n + 1, ... and says so in the pipe after each. */
static void write_until_killed(
    const struct lmdb_world *w, uint64_t n, int report)
{
    struct cc_lmdb *s = NULL;
    char note[CC_LMDB_NOTE_BYTES], value[700];

    memset(value, 'v', sizeof value);
    if (lmdb_world_open(w, &s, note) != SP_OK) {
        _exit(1);
    }
    for (;; n++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%020llu", (unsigned long long)n);
        if (lmdb_world_put(
                s, SP_T_LOG, key, sp_slice_of(value, 50 + n % 650)) ||
            write(report, &n, sizeof n) != sizeof n) {
            _exit(2);
        }
    }
}

static uint64_t entries_of_log(struct cc_lmdb *s)
{
    struct sp_store port = cc_lmdb_port(s);
    struct sp_txn *txn;
    uint64_t n;

    OK(port.begin(port.self, false, &txn));
    OK(port.count(txn, SP_T_LOG, &n));
    port.abort(txn);
    return n;
}

/* Lets a writer run for some acknowledgements and a while, and kills it; the
 * number of the last one acknowledged. */
static uint64_t run_and_kill(
    const struct lmdb_world *w, uint64_t first, unsigned acks, long nap_ns)
{
    struct timespec nap = { .tv_sec = 0, .tv_nsec = nap_ns };
    uint64_t n, last = first - 1;
    int report[2], status;
    pid_t pid;

    assert_int_equal(pipe(report), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(report[0]);
        write_until_killed(w, first, report[1]);
    }
    (void)close(report[1]);
    for (unsigned i = 0; i < acks; i++) {
        assert_int_equal(read(report[0], &n, sizeof n), sizeof n);
        last = n;
    }
    (void)nanosleep(&nap, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (read(report[0], &n, sizeof n) == sizeof n) {
        last = n;
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    (void)close(report[0]);
    return last;
}

static void a_killed_writer_loses_no_acknowledged_commit(void **state)
{
    struct lmdb_world *w = *state;
    uint32_t seed = 77003;
    uint64_t have = 0;

    print_message("# seed %u\n", (unsigned)seed);
    for (unsigned i = 0; i < 50; i++) {
        struct cc_lmdb_scrub found;
        struct cc_lmdb *s;
        uint64_t last;
        seed = seed * 1664525u + 1013904223u;
        last =
            run_and_kill(w, have + 1, seed >> 29, (long)(seed >> 8) % 1500000);
        s = lmdb_world_must_open(w);
        have = entries_of_log(s);
        /* What was under way when the signal came may be there or not. */
        assert_true(have == last || have == last + 1);
        OK(cc_lmdb_scrub(s, &found));
        assert_int_equal(found.entries, have);
        cc_lmdb_close(s);
    }
    assert_true(have > 50);
}

int main(void)
{
#define CASE(f)                                                                \
    cmocka_unit_test_setup_teardown(f, lmdb_world_setup, lmdb_world_teardown)
    const struct CMUnitTest cases[] = {
        CASE(processes_of_one_user_lose_none_of_each_others_commits),
        CASE(the_map_grows_under_the_other_process_too),
        CASE(a_transaction_without_room_fails_whole_and_passes_later),
        CASE(readers_over_the_limit_are_told_to_wait),
        CASE(a_killed_readers_slot_is_taken_back),
        CASE(threads_read_whole_commits_while_the_map_grows),
        CASE(a_full_disk_refuses_writes_and_loses_nothing),
        CASE(what_is_typed_is_saved_when_the_disk_is_full_of_other_things),
        CASE(a_full_disk_makes_no_half_store),
        CASE(a_killed_writer_loses_no_acknowledged_commit),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests_name("lmdb-shared", cases, NULL, NULL);
}
