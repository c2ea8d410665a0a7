#include "store/lmdb_file.h"

#include "say/say.h"
#include "store/lmdb_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More addresses than any store is given; LMDB asks for as many. */
#define MAP_BYTES_MAX ((size_t)1 << 44)

bool cc_lmdb_file_read(int fd, void *out, size_t size, uint64_t at)
{
    uint8_t *p = out;

    while (size > 0) {
        ssize_t n = pread(fd, p, size, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        at += (uint64_t)n;
        size -= (size_t)n;
    }
    return true;
}

static bool page_bytes_fit(uint32_t n)
{
    return n >= LMDB_PAGE_BYTES_MIN && n <= LMDB_PAGE_BYTES_MAX &&
           (n & (n - 1u)) == 0;
}

static bool tree_fits(
    const struct lmdb_db *db, uint16_t flags, const struct lmdb_meta *m)
{
    bool empty = db->root == LMDB_NO_PAGE;

    return db->flags == flags && db->depth <= LMDB_DEPTH_MAX &&
           empty == (db->depth == 0) && (empty || db->root <= m->last_page);
}

static bool meta_fits(const struct lmdb_meta *m)
{
    size_t page_bytes = m->db[0].pad;

    return page_bytes_fit(m->db[0].pad) && m->last_page >= 1 &&
           m->map_bytes <= MAP_BYTES_MAX &&
           m->last_page < m->map_bytes / page_bytes &&
           tree_fits(&m->db[0], LMDB_DB_INTEGER_KEY, m) &&
           tree_fits(&m->db[1], 0, m);
}

bool cc_lmdb_file_meta(
    int fd, size_t page_bytes, unsigned which, struct lmdb_meta *m)
{
    struct lmdb_page head;
    uint64_t at = which * (uint64_t)page_bytes;

    return cc_lmdb_file_read(fd, &head, sizeof head, at) &&
           cc_lmdb_file_read(fd, m, sizeof *m, at + sizeof head) &&
           head.number == which && head.flags == LMDB_PAGE_META &&
           m->magic == LMDB_MAGIC;
}

/* The two are written in turn: even transactions the first, odd ones the
 * second. Two metas of transaction 0 are a store that was never filled. */
static bool in_turn(const struct lmdb_meta m[2])
{
    if (m[0].txn == 0 && m[1].txn == 0) {
        return true;
    }
    return m[0].txn % 2 == 0 && m[1].txn % 2 == 1 &&
           (m[0].txn + 1 == m[1].txn || m[1].txn + 1 == m[0].txn);
}

static sp_err check_open(int fd, const char *path, char *note)
{
    struct lmdb_meta m[2];
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return SP_E_IO;
    }
    if (!cc_lmdb_file_meta(fd, 0, 0, &m[0]) ||
        !page_bytes_fit(m[0].db[0].pad) ||
        !cc_lmdb_file_meta(fd, m[0].db[0].pad, 1, &m[1])) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "%s is cut off at its head, damaged there or no store file (%llu "
            "bytes); restore it from a backup",
            path, (unsigned long long)st.st_size);
        return SP_E_CORRUPT;
    }
    if (m[0].version != LMDB_VERSION || m[1].version != LMDB_VERSION) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "%s was written by another version of LMDB (%u)", path,
            (unsigned)(m[0].version != LMDB_VERSION ? m[0].version
                                                    : m[1].version));
        return SP_E_VERSION;
    }
    if (!meta_fits(&m[0]) || !meta_fits(&m[1]) || !in_turn(m) ||
        m[0].db[0].pad != m[1].db[0].pad) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "a head page of %s is damaged; restore it from a backup", path);
        return SP_E_CORRUPT;
    }
    return SP_OK;
}

sp_err cc_lmdb_file_check(const char *path, char *note)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sp_err err;

    note[0] = '\0';
    if (fd < 0) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES, "cannot open %s: %s", path,
            cc_say_errno(errno));
        return errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
    }
    err = check_open(fd, path, note);
    (void)close(fd);
    return err;
}
