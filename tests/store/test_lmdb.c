#include "conformance.h"
#include "lmdb_world.h"

#include <errno.h>
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

/* ---- small words ------------------------------------------------------- */

static sp_err put_one(struct cc_lmdb *s, enum sp_table table, const char *key,
    struct sp_slice value)
{
    struct sp_store port = cc_lmdb_port(s);
    struct sp_txn *txn;
    sp_err err = port.begin(port.self, true, &txn);

    if (err != SP_OK) {
        return err;
    }
    err = port.put(txn, table, TEXT(key), value);
    if (err != SP_OK) {
        port.abort(txn);
        return err;
    }
    return port.commit(txn);
}

/* Gets a key in a reader of its own; a value is compared with expected. */
static sp_err get_one(struct cc_lmdb *s, enum sp_table table, const char *key,
    const char *expected)
{
    struct sp_store port = cc_lmdb_port(s);
    struct sp_slice got;
    struct sp_txn *txn;
    sp_err err;

    OK(port.begin(port.self, false, &txn));
    err = port.get(txn, table, TEXT(key), &got);
    if (err == SP_OK && expected != NULL) {
        assert_true(sp_slice_equal(got, TEXT(expected)));
    }
    port.abort(txn);
    return err;
}

static struct cc_lmdb *must_open(const struct lmdb_world *w)
{
    struct cc_lmdb *s = NULL;
    char note[CC_LMDB_NOTE_BYTES];
    sp_err err = lmdb_world_open(w, &s, note);

    if (err != SP_OK) {
        print_error("open: %s: %s\n", sp_err_name(err), note);
    }
    OK(err);
    assert_string_equal(note, "");
    return s;
}

/* Opens in vain; the note has to name what. */
static void expect_no_open(
    const struct lmdb_world *w, sp_err expected, const char *what)
{
    struct cc_lmdb *s = NULL;
    char note[CC_LMDB_NOTE_BYTES];

    assert_int_equal(lmdb_world_open(w, &s, note), expected);
    assert_null(s);
    if (strstr(note, what) == NULL) {
        print_error("note: %s\n", note);
    }
    assert_non_null(strstr(note, what));
}

static int setup(void **state)
{
    *state = lmdb_world_new();
    return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    const struct lmdb_world *w = *state;

    (void)umount(w->base); /* the cases of the full disk; else nothing there */
    lmdb_world_free(*state);
    return 0;
}

static void expect_exit_0(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- the conformance suite --------------------------------------------- */

struct subject {
    struct lmdb_world *world;
    struct cc_lmdb *store;
};

static void *open_subject(void)
{
    struct subject *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->world = lmdb_world_new();
    s->store = must_open(s->world);
    return s;
}

static void reopen_subject(void *self)
{
    struct subject *s = self;

    cc_lmdb_close(s->store);
    s->store = must_open(s->world);
}

/* Each case's store is scrubbed at its end. */
static void close_subject(void *self)
{
    struct subject *s = self;
    struct cc_lmdb_scrub found;

    OK(cc_lmdb_scrub(s->store, &found));
    cc_lmdb_close(s->store);
    lmdb_world_free(s->world);
    free(s);
}

static struct sp_store port_subject(void *self)
{
    return cc_lmdb_port(((struct subject *)self)->store);
}

/* ---- making and opening ------------------------------------------------ */

static void a_store_that_is_not_there_is_made_only_when_asked(void **state)
{
    struct lmdb_world *w = *state;
    struct stat st;

    w->options.create = false;
    expect_no_open(w, SP_E_NOT_FOUND, "no store in");
    w->options.create = true;
    cc_lmdb_close(must_open(w));
    assert_int_equal(stat(lmdb_world_path(w, ""), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(lmdb_world_path(w, "new.tmp"), &st), -1);
    w->options.create = false;
    cc_lmdb_close(must_open(w));
}

static void a_creation_that_was_cut_off_is_begun_anew(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s;
    struct stat st;

    assert_int_equal(mkdir(lmdb_world_path(w, ""), 0700), 0);
    assert_int_equal(mkdir(lmdb_world_path(w, "new.tmp"), 0700), 0);
    lmdb_world_write(w, "new.tmp/data.mdb", TEXT("half a page"));
    s = must_open(w);
    OK(put_one(s, SP_T_META, "k", TEXT("v")));
    cc_lmdb_close(s);
    assert_int_equal(stat(lmdb_world_path(w, "new.tmp"), &st), -1);
}

static void another_key_is_told_from_damage(void **state)
{
    struct lmdb_world *w = *state;

    cc_lmdb_close(must_open(w));
    w->root.b[31] ^= 1;
    expect_no_open(w, SP_E_SECRET, "another key");
    w->root.b[31] ^= 1;
    cc_lmdb_close(must_open(w));
}

static void a_store_is_open_once_in_a_process(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = must_open(w);

    expect_no_open(w, SP_E_IN_USE, "open in this process");
    OK(put_one(s, SP_T_META, "k", TEXT("v")));
    OK(get_one(s, SP_T_META, "k", "v"));
    cc_lmdb_close(s);
}

/* A child that holds the store open until the pipe is closed. */
static pid_t hold_open(const struct lmdb_world *w, int *end)
{
    int ready[2], done[2];
    char byte = 0;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct cc_lmdb *s = NULL;
        char note[CC_LMDB_NOTE_BYTES];
        (void)close(done[1]);
        if (lmdb_world_open(w, &s, note) != SP_OK ||
            write(ready[1], &byte, 1) != 1) {
            _exit(1);
        }
        while (read(done[0], &byte, 1) < 0 && errno == EINTR) {
        }
        cc_lmdb_close(s);
        _exit(0);
    }
    (void)close(ready[1]);
    (void)close(done[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    *end = done[1];
    return pid;
}

static void an_exclusive_store_names_the_process_that_has_it(void **state)
{
    struct lmdb_world *w = *state;
    char pid_text[32];
    pid_t pid;
    int end;

    w->options.exclusive = true;
    pid = hold_open(w, &end);
    (void)snprintf(pid_text, sizeof pid_text, "process %ld;", (long)pid);
    expect_no_open(w, SP_E_IN_USE, pid_text);
    (void)close(end);
    expect_exit_0(pid);
    cc_lmdb_close(must_open(w));
}

static void a_shared_store_keeps_an_exclusive_opener_out(void **state)
{
    struct lmdb_world *w = *state;
    pid_t pid;
    int end;

    pid = hold_open(w, &end);
    cc_lmdb_close(must_open(w));
    w->options.exclusive = true;
    expect_no_open(w, SP_E_IN_USE, "in use by another process");
    (void)close(end);
    expect_exit_0(pid);
    cc_lmdb_close(must_open(w));
}

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
    pid_t pid[WORKERS];
    char expected[8];

    for (int i = 0; i < WORKERS; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0) {
            _exit(worker(w, i));
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        expect_exit_0(pid[i]);
    }
    s = must_open(w);
    memset(expected, 0, sizeof expected);
    {
        struct sp_store port = cc_lmdb_port(s);
        struct sp_slice got;
        struct sp_txn *txn;
        uint64_t n;
        OK(port.begin(port.self, false, &txn));
        OK(port.get(txn, SP_T_META, TEXT("counter"), &got));
        assert_int_equal(sp_get_u64be(got.data), WORKERS * WORKER_COMMITS);
        OK(port.count(txn, SP_T_LOG, &n));
        assert_int_equal(n, WORKERS * WORKER_COMMITS);
        port.abort(txn);
    }
    OK(cc_lmdb_scrub(s, &found));
    assert_int_equal(found.entries, WORKERS * WORKER_COMMITS + 1);
    OK(cc_lmdb_usage(s, &usage));
    assert_int_equal(usage.commits, WORKERS * WORKER_COMMITS + 1);
    cc_lmdb_close(s);
}

static void write_mib(struct cc_lmdb *s, const char *key, unsigned mib)
{
    size_t size = (size_t)mib << 20;
    uint8_t *bytes = calloc(1, size);

    assert_non_null(bytes);
    OK(put_one(s, SP_T_DOCUMENT, key, sp_slice_of(bytes, size)));
    free(bytes);
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
        s = must_open(w);
        if (read(go[0], &byte, 1) != 1) {
            _exit(1);
        }
        for (char k = 'a'; k < 'm'; k++) {
            write_mib(s, (char[2]){ k, 0 }, 2);
        }
        cc_lmdb_close(s);
        _exit(write(gone[1], &byte, 1) == 1 ? 0 : 1);
    }
    s = must_open(w);
    OK(put_one(s, SP_T_META, "k", TEXT("v")));
    OK(cc_lmdb_usage(s, &before));
    assert_int_equal(before.map_bytes, 4u << 20);
    assert_int_equal(write(go[1], &byte, 1), 1);
    assert_int_equal(read(gone[0], &byte, 1), 1);
    OK(get_one(s, SP_T_META, "k", "v"));
    OK(get_one(s, SP_T_DOCUMENT, "l", NULL));
    OK(put_one(s, SP_T_META, "k", TEXT("w")));
    write_mib(s, "n", 2);
    OK(cc_lmdb_usage(s, &after));
    assert_true(after.map_bytes >= 24u << 20);
    expect_exit_0(pid);
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
    s = must_open(w);
    OK(put_one(s, SP_T_META, "k", TEXT("v")));
    for (tries = 0; err != SP_OK && tries < 8; tries++) {
        assert_int_equal(err, SP_E_FULL);
        err = put_one(s, SP_T_DOCUMENT, "big", sp_slice_of(bytes, 6u << 20));
        OK(get_one(s, SP_T_META, "k", "v"));
    }
    OK(err);
    assert_true(tries > 1); /* the first time there was no room */
    cc_lmdb_close(s);
    free(bytes);
}

static void readers_over_the_limit_are_told_to_wait(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = must_open(w);
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
    OK(get_one(s, SP_T_META, "k", NULL) == SP_E_NOT_FOUND ? SP_OK
                                                          : SP_E_INTERNAL);
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
    cc_lmdb_close(must_open(w));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct sp_txn *txn;
        struct sp_store port;
        s = must_open(w);
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
    s = must_open(w);
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
    c.store = must_open(w);
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

/* ---- damage ------------------------------------------------------------ */

static void a_flipped_byte_is_noticed_and_the_rest_is_readable(void **state)
{
    struct lmdb_world *w = *state;
    static const char key[] = "the-key-whose-value-is-hit";
    struct cc_lmdb_scrub found;
    struct cc_lmdb *s = must_open(w);

    OK(put_one(s, SP_T_RECORD, key, TEXT("what the customer said")));
    OK(put_one(s, SP_T_RECORD, "other", TEXT("untouched")));
    cc_lmdb_close(s);
    assert_true(lmdb_world_flip_behind(w, key, 30) > 0);
    s = must_open(w);
    assert_int_equal(get_one(s, SP_T_RECORD, key, NULL), SP_E_CORRUPT);
    OK(get_one(s, SP_T_RECORD, "other", "untouched"));
    assert_int_equal(cc_lmdb_scrub(s, &found), SP_E_CORRUPT);
    assert_int_equal(found.entries, 2);
    assert_int_equal(found.bad_values, 1);
    assert_int_equal(found.first_bad_table, SP_T_RECORD);
    assert_int_equal(found.first_bad_key_bytes, strlen(key));
    assert_memory_equal(found.first_bad_key, key, strlen(key));
    cc_lmdb_close(s);
}

static void seeks_and_walks_without_values_do_not_open_them(void **state)
{
    struct lmdb_world *w = *state;
    static const char key[] = "the-key-whose-value-is-hit";
    struct sp_store port;
    struct sp_slice found, value;
    struct sp_txn *txn;
    struct cc_lmdb *s = must_open(w);

    OK(put_one(s, SP_T_RECORD, key, TEXT("what the customer said")));
    cc_lmdb_close(s);
    assert_true(lmdb_world_flip_behind(w, key, 30) > 0);
    s = must_open(w);
    port = cc_lmdb_port(s);
    OK(port.begin(port.self, false, &txn));
    OK(port.seek(txn, SP_T_RECORD, TEXT(""), false, &found, NULL));
    assert_int_equal(
        port.seek(txn, SP_T_RECORD, TEXT(""), false, &found, &value),
        SP_E_CORRUPT);
    port.abort(txn);
    cc_lmdb_close(s);
}

/* Each row changes the file by LMDB's own calls, as somebody could who has the
 * disk but not the key. */
static void a_value_moved_put_back_or_taken_away_is_noticed(void **state)
{
    static const struct {
        const char *name;
        const char *from_table, *from_key; /* NULL: delete */
        const char *to_table, *to_key;
        sp_err open, get, scrub;
    } row[] = {
        { "under another key", "t01", "a", "t01", "b", SP_OK, SP_E_CORRUPT,
            SP_E_CORRUPT },
        { "into another table", "t02", "b", "t01", "b", SP_OK, SP_E_CORRUPT,
            SP_E_CORRUPT },
        { "emptied", "t01", "empty", "t01", "b", SP_OK, SP_OK, SP_E_CORRUPT },
        { "deleted", NULL, NULL, "t01", "b", SP_E_CORRUPT, SP_OK, SP_OK },
        { "added", "t01", "empty", "t01", "new", SP_E_CORRUPT, SP_OK, SP_OK },
        { "no record", NULL, NULL, NULL, "commit", SP_E_CORRUPT, SP_OK, SP_OK },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
        struct lmdb_world *w = lmdb_world_new();
        struct cc_lmdb_scrub found;
        struct cc_lmdb *s = must_open(w);
        OK(put_one(s, SP_T_RECORD, "a", TEXT("value of a")));
        OK(put_one(s, SP_T_RECORD, "b", TEXT("value of b")));
        OK(put_one(s, SP_T_RECORD, "empty", TEXT("")));
        OK(put_one(s, SP_T_LOG, "b", TEXT("value of b")));
        cc_lmdb_close(s);
        lmdb_world_copy_raw(w, row[i].from_table, row[i].from_key,
            row[i].to_table, row[i].to_key);
        if (row[i].open != SP_OK) {
            expect_no_open(w, row[i].open, "commit record");
        } else {
            s = must_open(w);
            assert_int_equal(get_one(s, SP_T_RECORD, "b", NULL), row[i].get);
            assert_int_equal(cc_lmdb_scrub(s, &found), row[i].scrub);
            assert_true(found.root_differs);
            cc_lmdb_close(s);
        }
        lmdb_world_free(w);
    }
}

static void an_older_value_of_the_same_key_is_found_by_the_scrub(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb_scrub found;
    struct cc_lmdb *s = must_open(w);

    OK(put_one(s, SP_T_RECORD, "b", TEXT("first")));
    cc_lmdb_close(s);
    lmdb_world_copy_raw(w, "t01", "b", NULL, "aside");
    s = must_open(w);
    OK(put_one(s, SP_T_RECORD, "b", TEXT("second")));
    cc_lmdb_close(s);
    lmdb_world_copy_raw(w, NULL, "aside", "t01", "b");
    s = must_open(w);
    OK(get_one(s, SP_T_RECORD, "b", "first")); /* said so in STORAGE.md */
    assert_int_equal(cc_lmdb_scrub(s, &found), SP_E_CORRUPT);
    assert_true(found.root_differs);
    assert_false(found.counts_differ);
    assert_int_equal(found.bad_values, 0);
    cc_lmdb_close(s);
}

static void a_truncated_file_is_refused_before_it_is_mapped(void **state)
{
    static const long keep_percent[] = { 0, 1, 50, 99 };
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = must_open(w);
    struct stat st;

    for (unsigned i = 0; i < 300; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i);
        OK(put_one(s, SP_T_RECORD, key, TEXT("a value, and what comes")));
    }
    write_mib(s, "big", 1);
    cc_lmdb_close(s);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    for (unsigned i = 0; i < sizeof keep_percent / sizeof *keep_percent; i++) {
        struct lmdb_world *copy = lmdb_world_copy(w);
        assert_int_equal(truncate(lmdb_world_path(copy, "db/data.mdb"),
                             st.st_size * keep_percent[i] / 100),
            0);
        expect_no_open(copy, SP_E_CORRUPT, "restore it from a backup");
        lmdb_world_free(copy);
    }
    cc_lmdb_close(must_open(w));
}

/* LMDB does not write pages that a transaction took and gave back; when these
 * are the last ones the file ends before its last page number. */
static void a_file_that_ends_early_but_whole_is_opened(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = must_open(w);
    struct sp_store port = cc_lmdb_port(s);
    struct cc_lmdb_usage usage;
    struct cc_lmdb_scrub found;
    static uint8_t big[1u << 20];
    struct sp_txn *txn;
    struct stat st;

    for (int i = 0; i < 30; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        OK(put_one(s, SP_T_META, "k", TEXT(text)));
    }
    OK(port.begin(port.self, true, &txn));
    OK(port.put(txn, SP_T_META, TEXT("k"), TEXT("v")));
    OK(port.put(txn, SP_T_DOCUMENT, TEXT("big"), SP_SLICE(big)));
    OK(port.del(txn, SP_T_DOCUMENT, TEXT("big")));
    OK(port.commit(txn));
    OK(cc_lmdb_usage(s, &usage));
    cc_lmdb_close(s);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    assert_true((uint64_t)st.st_size < usage.used_bytes);
    s = must_open(w);
    OK(get_one(s, SP_T_META, "k", "v"));
    OK(cc_lmdb_scrub(s, &found));
    cc_lmdb_close(s);
}

static void rubbish_in_the_place_of_the_file_is_not_a_store(void **state)
{
    struct lmdb_world *w = *state;
    char rubbish[10000];

    cc_lmdb_close(must_open(w));
    memset(rubbish, 'x', sizeof rubbish);
    lmdb_world_write(w, "db/data.mdb", SP_SLICE((uint8_t *)rubbish));
    expect_no_open(w, SP_E_CORRUPT, "no store file");
    assert_int_equal(unlink(lmdb_world_path(w, "db/data.mdb")), 0);
    expect_no_open(w, SP_E_CORRUPT, "data.mdb");
}

/* ---- what a finder reads ----------------------------------------------- */

static void no_planted_text_is_in_the_files(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = must_open(w);
    struct sp_store port = cc_lmdb_port(s);
    struct sp_txn *txn;
    uint8_t key[16] = { 0 };

    OK(port.begin(port.self, true, &txn));
    for (uint32_t i = 0; i < 1000; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "Planted name %04u, 王小明", i);
        sp_set_u32be(key, i * 2654435761u);
        OK(port.put(txn, SP_T_RECORD, SP_SLICE(key), TEXT(text)));
    }
    OK(port.commit(txn));
    OK(put_one(s, SP_T_META, "find-this-key", TEXT("x")));
    cc_lmdb_close(s);
    /* Keys are in the clear: the search does find what is there. */
    assert_true(lmdb_world_grep(w, TEXT("find-this-key")) > 0);
    assert_int_equal(lmdb_world_grep(w, TEXT("Planted name")), 0);
    assert_int_equal(lmdb_world_grep(w, TEXT("王小明")), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "name %04u", i);
        assert_int_equal(lmdb_world_grep(w, TEXT(text)), 0);
    }
    assert_int_equal(lmdb_world_grep(w, SP_SLICE(w->root.b)), 0);
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
    s = must_open(w);
    while (err == SP_OK && n < 100) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", n);
        err = put_one(s, SP_T_DOCUMENT, key, SP_SLICE(big));
        n += err == SP_OK;
    }
    assert_int_equal(err, SP_E_FULL);
    assert_true(n > 0);
    OK(get_one(s, SP_T_DOCUMENT, "0", NULL));
    assert_int_equal(put_one(s, SP_T_META, "k", TEXT("v")), SP_E_FULL);
    OK(cc_lmdb_usage(s, &usage));
    assert_int_equal(usage.refused, SP_E_FULL);
    assert_int_equal(usage.commits, n + 1);
    cc_lmdb_close(s);
    s = must_open(w); /* reads go on with the disk still full */
    OK(get_one(s, SP_T_DOCUMENT, "0", NULL));
    cc_lmdb_close(s);
    assert_int_equal(
        mount("tmpfs", w->base, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    s = must_open(w);
    OK(put_one(s, SP_T_META, "k", TEXT("v")));
    OK(cc_lmdb_scrub(s, &found));
    assert_int_equal(found.entries, n + 1);
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
    expect_no_open(w, SP_E_FULL, "No space");
    assert_int_equal(
        mount("tmpfs", w->base, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    cc_lmdb_close(must_open(w));
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
        if (put_one(s, SP_T_LOG, key, sp_slice_of(value, 50 + n % 650)) ||
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
        s = must_open(w);
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
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct conformance lmdb = { .name = "store-lmdb",
        .open = open_subject,
        .reopen = reopen_subject,
        .close = close_subject,
        .port = port_subject };
    const struct CMUnitTest cases[] = {
        CASE(a_store_that_is_not_there_is_made_only_when_asked),
        CASE(a_creation_that_was_cut_off_is_begun_anew),
        CASE(another_key_is_told_from_damage),
        CASE(a_store_is_open_once_in_a_process),
        CASE(an_exclusive_store_names_the_process_that_has_it),
        CASE(a_shared_store_keeps_an_exclusive_opener_out),
        CASE(processes_of_one_user_lose_none_of_each_others_commits),
        CASE(the_map_grows_under_the_other_process_too),
        CASE(a_transaction_without_room_fails_whole_and_passes_later),
        CASE(readers_over_the_limit_are_told_to_wait),
        CASE(a_killed_readers_slot_is_taken_back),
        CASE(threads_read_whole_commits_while_the_map_grows),
        CASE(a_flipped_byte_is_noticed_and_the_rest_is_readable),
        CASE(seeks_and_walks_without_values_do_not_open_them),
        CASE(a_value_moved_put_back_or_taken_away_is_noticed),
        CASE(an_older_value_of_the_same_key_is_found_by_the_scrub),
        CASE(a_truncated_file_is_refused_before_it_is_mapped),
        CASE(a_file_that_ends_early_but_whole_is_opened),
        CASE(rubbish_in_the_place_of_the_file_is_not_a_store),
        CASE(no_planted_text_is_in_the_files),
        CASE(a_full_disk_refuses_writes_and_loses_nothing),
        CASE(a_full_disk_makes_no_half_store),
        CASE(a_killed_writer_loses_no_acknowledged_commit),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return conformance_run(&lmdb, cases, sizeof cases / sizeof *cases);
}
