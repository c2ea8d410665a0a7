#include "conformance.h"
#include "lmdb_world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT(text) sp_slice_text(text)
#define OK(call)   assert_int_equal((call), SP_OK)

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
    s->store = lmdb_world_must_open(s->world);
    return s;
}

static void reopen_subject(void *self)
{
    struct subject *s = self;

    cc_lmdb_close(s->store);
    s->store = lmdb_world_must_open(s->world);
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
    lmdb_world_refuses(w, SP_E_NOT_FOUND, "no store in");
    w->options.create = true;
    cc_lmdb_close(lmdb_world_must_open(w));
    assert_int_equal(stat(lmdb_world_path(w, ""), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(lmdb_world_path(w, "new.tmp"), &st), -1);
    w->options.create = false;
    cc_lmdb_close(lmdb_world_must_open(w));
}

static void a_creation_that_was_cut_off_is_begun_anew(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s;
    struct stat st;

    assert_int_equal(mkdir(lmdb_world_path(w, ""), 0700), 0);
    assert_int_equal(mkdir(lmdb_world_path(w, "new.tmp"), 0700), 0);
    lmdb_world_write(w, "new.tmp/data.mdb", TEXT("half a page"));
    s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("v")));
    cc_lmdb_close(s);
    assert_int_equal(stat(lmdb_world_path(w, "new.tmp"), &st), -1);
}

static void another_key_is_told_from_damage(void **state)
{
    struct lmdb_world *w = *state;

    cc_lmdb_close(lmdb_world_must_open(w));
    w->root.b[31] ^= 1;
    lmdb_world_refuses(w, SP_E_SECRET, "another key");
    w->root.b[31] ^= 1;
    cc_lmdb_close(lmdb_world_must_open(w));
}

static void a_store_is_open_once_in_a_process(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = lmdb_world_must_open(w);

    lmdb_world_refuses(w, SP_E_IN_USE, "open in this process");
    OK(lmdb_world_put(s, SP_T_META, "k", TEXT("v")));
    OK(lmdb_world_get(s, SP_T_META, "k", "v"));
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
    lmdb_world_refuses(w, SP_E_IN_USE, pid_text);
    (void)close(end);
    lmdb_world_exit_0(pid);
    cc_lmdb_close(lmdb_world_must_open(w));
}

static void a_shared_store_keeps_an_exclusive_opener_out(void **state)
{
    struct lmdb_world *w = *state;
    pid_t pid;
    int end;

    pid = hold_open(w, &end);
    cc_lmdb_close(lmdb_world_must_open(w));
    w->options.exclusive = true;
    lmdb_world_refuses(w, SP_E_IN_USE, "in use by another process");
    (void)close(end);
    lmdb_world_exit_0(pid);
    cc_lmdb_close(lmdb_world_must_open(w));
}

/* ---- damage ------------------------------------------------------------ */

static void a_flipped_byte_is_noticed_and_the_rest_is_readable(void **state)
{
    struct lmdb_world *w = *state;
    static const char key[] = "the-key-whose-value-is-hit";
    struct cc_lmdb_scrub found;
    struct cc_lmdb *s = lmdb_world_must_open(w);

    OK(lmdb_world_put(s, SP_T_RECORD, key, TEXT("what the customer said")));
    OK(lmdb_world_put(s, SP_T_RECORD, "other", TEXT("untouched")));
    cc_lmdb_close(s);
    assert_true(lmdb_world_flip_behind(w, key, 30) > 0);
    s = lmdb_world_must_open(w);
    assert_int_equal(lmdb_world_get(s, SP_T_RECORD, key, NULL), SP_E_CORRUPT);
    OK(lmdb_world_get(s, SP_T_RECORD, "other", "untouched"));
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
    struct cc_lmdb *s = lmdb_world_must_open(w);

    OK(lmdb_world_put(s, SP_T_RECORD, key, TEXT("what the customer said")));
    cc_lmdb_close(s);
    assert_true(lmdb_world_flip_behind(w, key, 30) > 0);
    s = lmdb_world_must_open(w);
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
        struct cc_lmdb *s = lmdb_world_must_open(w);
        OK(lmdb_world_put(s, SP_T_RECORD, "a", TEXT("value of a")));
        OK(lmdb_world_put(s, SP_T_RECORD, "b", TEXT("value of b")));
        OK(lmdb_world_put(s, SP_T_RECORD, "empty", TEXT("")));
        OK(lmdb_world_put(s, SP_T_LOG, "b", TEXT("value of b")));
        cc_lmdb_close(s);
        lmdb_world_copy_raw(w, row[i].from_table, row[i].from_key,
            row[i].to_table, row[i].to_key);
        if (row[i].open != SP_OK) {
            lmdb_world_refuses(w, row[i].open, "commit record");
        } else {
            s = lmdb_world_must_open(w);
            assert_int_equal(
                lmdb_world_get(s, SP_T_RECORD, "b", NULL), row[i].get);
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
    struct cc_lmdb *s = lmdb_world_must_open(w);

    OK(lmdb_world_put(s, SP_T_RECORD, "b", TEXT("first")));
    cc_lmdb_close(s);
    lmdb_world_copy_raw(w, "t01", "b", NULL, "aside");
    s = lmdb_world_must_open(w);
    OK(lmdb_world_put(s, SP_T_RECORD, "b", TEXT("second")));
    cc_lmdb_close(s);
    lmdb_world_copy_raw(w, NULL, "aside", "t01", "b");
    s = lmdb_world_must_open(w);
    OK(lmdb_world_get(
        s, SP_T_RECORD, "b", "first")); /* said so in STORAGE.md */
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
    struct cc_lmdb *s = lmdb_world_must_open(w);
    struct stat st;

    for (unsigned i = 0; i < 300; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i);
        OK(lmdb_world_put(
            s, SP_T_RECORD, key, TEXT("a value, and what comes")));
    }
    lmdb_world_put_mib(s, "big", 1);
    cc_lmdb_close(s);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    for (unsigned i = 0; i < sizeof keep_percent / sizeof *keep_percent; i++) {
        struct lmdb_world *copy = lmdb_world_copy(w);
        assert_int_equal(truncate(lmdb_world_path(copy, "db/data.mdb"),
                             st.st_size * keep_percent[i] / 100),
            0);
        lmdb_world_refuses(copy, SP_E_CORRUPT, "restore it from a backup");
        lmdb_world_free(copy);
    }
    cc_lmdb_close(lmdb_world_must_open(w));
}

/* LMDB does not write pages that a transaction took and gave back; when these
 * are the last ones the file ends before its last page number. */
static void a_file_that_ends_early_but_whole_is_opened(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = lmdb_world_must_open(w);
    struct sp_store port = cc_lmdb_port(s);
    struct cc_lmdb_usage usage;
    struct cc_lmdb_scrub found;
    static uint8_t big[1u << 20];
    struct sp_txn *txn;
    struct stat st;

    for (int i = 0; i < 30; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        OK(lmdb_world_put(s, SP_T_META, "k", TEXT(text)));
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
    s = lmdb_world_must_open(w);
    OK(lmdb_world_get(s, SP_T_META, "k", "v"));
    OK(cc_lmdb_scrub(s, &found));
    cc_lmdb_close(s);
}

static void rubbish_in_the_place_of_the_file_is_not_a_store(void **state)
{
    struct lmdb_world *w = *state;
    char rubbish[10000];

    cc_lmdb_close(lmdb_world_must_open(w));
    memset(rubbish, 'x', sizeof rubbish);
    lmdb_world_write(w, "db/data.mdb", SP_SLICE((uint8_t *)rubbish));
    lmdb_world_refuses(w, SP_E_CORRUPT, "no store file");
    assert_int_equal(unlink(lmdb_world_path(w, "db/data.mdb")), 0);
    lmdb_world_refuses(w, SP_E_CORRUPT, "data.mdb");
}

/* ---- what a finder reads ----------------------------------------------- */

static void no_planted_text_is_in_the_files(void **state)
{
    struct lmdb_world *w = *state;
    struct cc_lmdb *s = lmdb_world_must_open(w);
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
    OK(lmdb_world_put(s, SP_T_META, "find-this-key", TEXT("x")));
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

int main(void)
{
#define CASE(f)                                                                \
    cmocka_unit_test_setup_teardown(f, lmdb_world_setup, lmdb_world_teardown)
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
        CASE(a_flipped_byte_is_noticed_and_the_rest_is_readable),
        CASE(seeks_and_walks_without_values_do_not_open_them),
        CASE(a_value_moved_put_back_or_taken_away_is_noticed),
        CASE(an_older_value_of_the_same_key_is_found_by_the_scrub),
        CASE(a_truncated_file_is_refused_before_it_is_mapped),
        CASE(a_file_that_ends_early_but_whole_is_opened),
        CASE(rubbish_in_the_place_of_the_file_is_not_a_store),
        CASE(no_planted_text_is_in_the_files),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return conformance_run(&lmdb, cases, sizeof cases / sizeof *cases);
}
