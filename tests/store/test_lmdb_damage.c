/* A bit that flips anywhere in the file of a store: one clear error, or the
 * store as it was; never a signal. LMDB alone dies of most of these. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "lmdb_world.h"

#include "store/lmdb_checked.h"
#include "store/lmdb_layout.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OK(call) assert_int_equal(call, SP_OK)
#define PAGE     4096u
#define HEADER   40u /* of each page, every byte: header and first offsets */
#define META     168u
#define WRITES   5u
#define SAMPLES  16u /* further bytes of each page, anywhere */
#define VALUE    "a value, and what comes after it"

struct shot {
    size_t at;
    unsigned bit;
};

static size_t file_bytes(const struct lmdb_world *w)
{
    struct stat st;

    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    return (size_t)st.st_size;
}

/* Several levels in one table, values on pages of their own, free lists. */
static void fill(struct lmdb_world *w)
{
    struct cc_lmdb *s = lmdb_world_must_open(w);
    struct sp_store port = cc_lmdb_port(s);
    struct sp_txn *txn;
    char key[40];

    OK(port.begin(port.self, true, &txn));
    for (unsigned i = 0; i < 1500; i++) {
        (void)snprintf(key, sizeof key, "key number %u of many", i * 7919u);
        OK(port.put(txn, i % 10 == 0 ? SP_T_LOG : SP_T_RECORD,
            sp_slice_text(key), sp_slice_text(VALUE)));
    }
    static uint8_t large[20000]; /* on pages of its own */
    OK(port.put(txn, SP_T_DOCUMENT, sp_slice_text("large"), SP_SLICE(large)));
    OK(port.commit(txn));
    for (unsigned i = 0; i < 40; i++) {
        (void)snprintf(
            key, sizeof key, "key number %u of many", i * 71u * 7919);
        OK(lmdb_world_put(s, SP_T_RECORD, key, sp_slice_text("shorter")));
    }
    cc_lmdb_close(s);
}

static void flip(int fd, const struct shot *shot)
{
    uint8_t b;

    if (pread(fd, &b, 1, (off_t)shot->at) != 1) {
        _exit(3);
    }
    b ^= (uint8_t)(1u << shot->bit);
    if (pwrite(fd, &b, 1, (off_t)shot->at) != 1) {
        _exit(3);
    }
}

static void restore(int fd, const uint8_t *good, size_t bytes)
{
    if (pwrite(fd, good, bytes, 0) != (ssize_t)bytes ||
        ftruncate(fd, (off_t)bytes) != 0) {
        _exit(3);
    }
}

/* 0: refused, 1: read and written to the end, 2: opened, and said to be
 * damaged later. */
static unsigned try_store(const struct lmdb_world *w, bool write)
{
    char note[CC_LMDB_NOTE_BYTES];
    struct cc_lmdb_scrub found;
    struct cc_lmdb *s = NULL;
    sp_err err = lmdb_world_open(w, &s, note);

    if (err != SP_OK) {
        /* It says what it is about, and what to do. */
        bool clear = note[0] != '\0' && strchr(note, '\n') == NULL;
        if (!clear || (err != SP_E_CORRUPT && err != SP_E_VERSION)) {
            (void)fprintf(stderr, "# %s: %s\n", sp_err_name(err), note);
            _exit(4);
        }
        return 0;
    }
    sp_err scrub = cc_lmdb_scrub(s, &found);
    sp_err put = SP_OK, over = SP_OK;
    if (write) {
        put = lmdb_world_put(s, SP_T_RECORD, "one more", sp_slice_text(VALUE));
        over = lmdb_world_put(
            s, SP_T_RECORD, "key number 7919 of many", sp_slice_text("over"));
    }
    cc_lmdb_close(s);
    return scrub == SP_OK && put == SP_OK && over == SP_OK ? 1 : 2;
}

/* All flips of one page, in a process of its own; where it is stands in shot,
 * which is shared. */
static void shoot_page(const struct lmdb_world *w, size_t page,
    const uint8_t *good, size_t bytes, struct shot *shot, unsigned *result)
{
    int fd = open(lmdb_world_path(w, "db/data.mdb"), O_RDWR);
    size_t head = page < 2 ? META : HEADER;
    unsigned random = 77003u + (unsigned)page;

    for (unsigned i = 0; i < head + SAMPLES; i++) {
        random = random * 1103515245u + 12345u;
        shot->at = page * PAGE + (i < head ? i : (random >> 8) % PAGE);
        shot->bit = (random >> 24) % 8;
        flip(fd, shot);
        bool write = i % WRITES == 0; /* synced, so not every time */
        unsigned became = try_store(w, write);
        result[became]++;
        if (became == 0 || !write) {
            flip(fd, shot); /* nothing was written */
        } else {
            restore(fd, good, bytes);
        }
    }
    (void)close(fd);
    _exit(0);
}

static void check_page(const struct lmdb_world *w, size_t page,
    const uint8_t *good, size_t bytes, struct shot *shot, unsigned *result)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        shoot_page(w, page, good, bytes, shot, result);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("bit %u of byte %zu (page %zu, byte %zu of it): %s %d",
            shot->bit, shot->at, shot->at / PAGE, shot->at % PAGE,
            WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}

static void a_bit_that_flips_anywhere_kills_nobody(void **state)
{
    struct lmdb_world *w = *state;

    fill(w);
    size_t bytes = file_bytes(w), pages = bytes / PAGE;
    uint8_t *good = malloc(bytes);
    int fd = open(lmdb_world_path(w, "db/data.mdb"), O_RDONLY);
    struct shot *shot = mmap(
        NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_non_null(good);
    assert_true(shot != MAP_FAILED);
    unsigned *result = (unsigned *)(shot + 1);
    assert_int_equal(read(fd, good, bytes), (ssize_t)bytes);
    (void)close(fd);
    for (size_t page = 0; page < pages; page++) {
        check_page(w, page, good, bytes, shot, result);
    }
    printf("# %zu pages: %u flips refused at open, %u found later, %u made no "
           "difference\n",
        pages, result[0], result[2], result[1]);
    assert_true(result[0] > 500);
    (void)munmap(shot, PAGE);
    free(good);
}

static bool looks(const struct lmdb_world *w, size_t txn)
{
    char file[128], mark[128], note[CC_LMDB_NOTE_BYTES];
    struct cc_lmdb_checked c = { file, mark, &w->root, txn, SIZE_MAX };
    bool looked = false;

    (void)snprintf(file, sizeof file, "%s", lmdb_world_path(w, "db/data.mdb"));
    (void)snprintf(mark, sizeof mark, "%s", lmdb_world_path(w, "mark"));
    OK(cc_lmdb_checked_pages(&c, &looked, note));
    return looked;
}

static size_t newest_txn(const struct lmdb_world *w)
{
    int fd = open(lmdb_world_path(w, "db/data.mdb"), O_RDONLY);
    struct lmdb_meta a, b;

    assert_true(cc_lmdb_file_meta(fd, 0, 0, &a));
    assert_true(cc_lmdb_file_meta(fd, PAGE, 1, &b));
    (void)close(fd);
    return a.txn > b.txn ? a.txn : b.txn;
}

static void touch_byte(const struct lmdb_world *w, const char *name, size_t at)
{
    struct shot shot = { at, 0 };
    int fd = open(lmdb_world_path(w, name), O_RDWR);

    flip(fd, &shot);
    (void)close(fd);
}

static void wait_until_quiet(void)
{
    struct timespec t = { 2, 100000000 };

    (void)nanosleep(&t, NULL);
}

static void pages_are_looked_at_once_for_each_state_of_the_file(void **state)
{
    struct lmdb_world *w = *state;
    size_t last, txn;

    fill(w);
    txn = newest_txn(w);
    last = file_bytes(w) - 1;
    assert_true(looks(w, txn));
    assert_true(looks(w, txn)); /* written to a moment ago */
    wait_until_quiet();
    assert_true(looks(w, txn));
    assert_false(looks(w, txn));
    /* Of another snapshot it says nothing. */
    assert_true(looks(w, txn - 1));
    assert_true(looks(w, txn));
    assert_false(looks(w, txn));
    touch_byte(w, "mark", 20);
    assert_true(looks(w, txn));
    /* The same bytes, written again. */
    touch_byte(w, "db/data.mdb", last);
    touch_byte(w, "db/data.mdb", last);
    assert_true(looks(w, txn));
    assert_true(looks(w, txn));
}

static void a_mark_hides_no_damage_that_came_after_it(void **state)
{
    struct lmdb_world *w = *state;
    struct timespec before[2];
    struct stat st;

    fill(w);
    wait_until_quiet();
    cc_lmdb_close(lmdb_world_must_open(w));
    assert_int_equal(stat(lmdb_world_path(w, "checked"), &st), 0);
    assert_int_equal(stat(lmdb_world_path(w, "db/data.mdb"), &st), 0);
    before[0] = st.st_atim;
    before[1] = st.st_mtim;
    /* A damaged page number in each page's head; the file says that nobody
     * wrote to it. */
    for (size_t at = 2 * PAGE; at < (size_t)st.st_size; at += PAGE) {
        touch_byte(w, "db/data.mdb", at);
    }
    assert_int_equal(
        utimensat(AT_FDCWD, lmdb_world_path(w, "db/data.mdb"), before, 0), 0);
    lmdb_world_refuses(w, SP_E_CORRUPT, "is damaged");
    assert_int_equal(truncate(lmdb_world_path(w, "db/data.mdb"),
                         (off_t)(file_bytes(w) / 2 / PAGE * PAGE)),
        0);
    lmdb_world_refuses(w, SP_E_CORRUPT, "backup");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bit_that_flips_anywhere_kills_nobody,
            lmdb_world_setup, lmdb_world_teardown),
        cmocka_unit_test_setup_teardown(
            pages_are_looked_at_once_for_each_state_of_the_file,
            lmdb_world_setup, lmdb_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_mark_hides_no_damage_that_came_after_it, lmdb_world_setup,
            lmdb_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
