#include "store/lmdb_checked.h"

#include "sp/pack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FORM         1u /* of the mark, and of what is looked at */
#define HASH_BYTES   32u
#define MARK_BYTES   (8u + HASH_BYTES)
#define BOOT_BYTES   36u
#define QUIET_S      1          /* since the file was written to */
#define MARK_S_MAX   86400u     /* a disk may rot: look at it once a day */
#define STATE_BYTES  (11u * 8u) /* numbers that are hashed */
#define MARK_MODE    0600
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* Reads exactly so many bytes from a file's beginning. */
static bool read_head(const char *path, void *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read(fd, out, size) == (ssize_t)size;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

static int64_t now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

/* The hash of a state of the file. */
static bool hash_state(const struct cc_lmdb_checked *c, const struct stat *st,
    uint64_t made_s, uint8_t out[HASH_BYTES])
{
    const uint64_t number[] = { FORM, made_s, c->txn, c->leaves,
        (uint64_t)st->st_dev, st->st_ino, (uint64_t)st->st_size,
        (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
        (uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec };
    uint8_t bytes[STATE_BYTES + BOOT_BYTES];

    _Static_assert(sizeof number == STATE_BYTES, "as many numbers");
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        sp_set_u64be(bytes + 8 * i, number[i]);
    }
    if (!read_head(BOOT_ID_PATH, bytes + STATE_BYTES, BOOT_BYTES)) {
        return false; /* nobody could tell a restart: no mark counts */
    }
    sp_hash(out, HASH_BYTES, SP_SLICE(bytes), c->key);
    return true;
}

static bool is_marked(const struct cc_lmdb_checked *c, const struct stat *st)
{
    uint8_t mark[MARK_BYTES], hash[HASH_BYTES];
    uint64_t made_s, now = (uint64_t)now_s();

    if (!read_head(c->mark, mark, sizeof mark)) {
        return false;
    }
    made_s = sp_get_u64be(mark);
    return made_s <= now && now - made_s < MARK_S_MAX &&
           hash_state(c, st, made_s, hash) &&
           memcmp(hash, mark + 8, sizeof hash) == 0;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* before: as it was when the looking began. Not synced: a mark that is lost or
 * torn makes somebody look again. */
static void put_mark(
    const struct cc_lmdb_checked *c, const struct stat *before, int64_t began_s)
{
    uint8_t mark[MARK_BYTES];
    struct stat st;
    int fd;

    if (stat(c->file, &st) != 0 || !same_state(before, &st) ||
        st.st_mtim.tv_sec + QUIET_S >= began_s ||
        st.st_ctim.tv_sec + QUIET_S >= began_s) {
        return;
    }
    sp_set_u64be(mark, (uint64_t)began_s);
    if (!hash_state(c, &st, (uint64_t)began_s, mark + 8)) {
        return;
    }
    fd = open(c->mark, O_WRONLY | O_CREAT | O_CLOEXEC, MARK_MODE);
    if (fd >= 0) {
        (void)!pwrite(fd, mark, sizeof mark, 0);
        (void)close(fd);
    }
}

sp_err cc_lmdb_checked_pages(
    const struct cc_lmdb_checked *c, bool *looked, char *note)
{
    int64_t began_s = now_s();
    struct stat st;
    bool known = stat(c->file, &st) == 0;
    sp_err err;

    note[0] = '\0';
    *looked = !(known && is_marked(c, &st));
    if (!*looked) {
        return SP_OK;
    }
    err = cc_lmdb_pages_check(c->file, c->txn, c->leaves, note);
    if (err == SP_OK && known) {
        put_mark(c, &st, began_s);
    }
    return err;
}
