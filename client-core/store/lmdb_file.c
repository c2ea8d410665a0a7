#include "store/lmdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* LMDB's own structures, as mdb.c lays them out. */
struct db {
    uint32_t page_bytes; /* in the first database of a meta page */
    uint16_t flags;
    uint16_t depth;
    size_t branch_pages;
    size_t leaf_pages;
    size_t overflow_pages;
    size_t entries;
    size_t root;
};

struct meta {
    uint32_t magic;
    uint32_t version;
    void *address;
    size_t map_bytes;
    struct db db[2]; /* free pages, main */
    size_t last_page;
    size_t txn;
};

struct page {
    size_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* of an overflow page: how many, with upper */
    uint16_t upper;
};

struct node {
    uint16_t lo;
    uint16_t hi;
    uint16_t flags;
    uint16_t key_bytes;
};

enum {
    MAGIC_VERSION = 1,
    PAGE_BRANCH = 1,
    PAGE_LEAF = 2,
    NODE_BIG = 1,
    NODE_TREE = 2,
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 65536
};
#define MAGIC   0xBEEFC0DEu
#define NO_PAGE ((size_t)-1)

struct file {
    int fd;
    uint64_t bytes;
    size_t page_bytes;
    size_t pages; /* whole ones */
    uint8_t *buffer;
    size_t *todo; /* pages still to look at */
    size_t todo_count;
    size_t todo_capacity;
};

static bool read_at(int fd, void *out, size_t size, uint64_t at)
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

static bool read_meta(int fd, uint64_t at, struct meta *m)
{
    return read_at(fd, m, sizeof *m, at + sizeof(struct page)) &&
           m->magic == MAGIC && m->db[0].page_bytes >= PAGE_BYTES_MIN &&
           m->db[0].page_bytes <= PAGE_BYTES_MAX;
}

static sp_err push(struct file *f, size_t page)
{
    if (page >= f->pages) {
        return SP_E_CORRUPT;
    }
    if (f->todo_count == f->todo_capacity) {
        size_t capacity = f->todo_capacity * 2 + 64;
        size_t *more = realloc(f->todo, capacity * sizeof *more);
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        f->todo = more;
        f->todo_capacity = capacity;
    }
    f->todo[f->todo_count++] = page;
    return SP_OK;
}

/* A value on pages of its own: the last of them has to be there. */
static sp_err check_overflow(struct file *f, size_t first)
{
    struct page head;
    uint32_t count;

    if (first >= f->pages ||
        !read_at(f->fd, &head, sizeof head, (uint64_t)first * f->page_bytes)) {
        return SP_E_CORRUPT;
    }
    memcpy(&count, &head.lower, sizeof count);
    return count <= f->pages - first ? SP_OK : SP_E_CORRUPT;
}

static sp_err check_leaf_node(
    struct file *f, const struct node *n, size_t data_at)
{
    if (n->flags & NODE_BIG) {
        size_t first;
        if (data_at + sizeof first > f->page_bytes) {
            return SP_E_CORRUPT;
        }
        memcpy(&first, f->buffer + data_at, sizeof first);
        return check_overflow(f, first);
    }
    if (n->flags & NODE_TREE) {
        struct db db;
        if (data_at + sizeof db > f->page_bytes) {
            return SP_E_CORRUPT;
        }
        memcpy(&db, f->buffer + data_at, sizeof db);
        return db.root == NO_PAGE ? SP_OK : push(f, db.root);
    }
    return SP_OK;
}

static sp_err check_page(struct file *f, size_t number)
{
    struct page head;
    sp_err err = SP_OK;

    if (!read_at(f->fd, f->buffer, f->page_bytes,
            (uint64_t)number * f->page_bytes)) {
        return SP_E_CORRUPT;
    }
    memcpy(&head, f->buffer, sizeof head);
    if (!(head.flags & (PAGE_BRANCH | PAGE_LEAF)) ||
        head.lower > f->page_bytes || head.lower < sizeof head) {
        return SP_E_CORRUPT;
    }
    for (size_t at = sizeof head; at < head.lower && err == SP_OK; at += 2) {
        struct node n;
        uint16_t offset;
        memcpy(&offset, f->buffer + at, sizeof offset);
        if (offset + sizeof n > f->page_bytes) {
            return SP_E_CORRUPT;
        }
        memcpy(&n, f->buffer + offset, sizeof n);
        if (head.flags & PAGE_LEAF) {
            err = check_leaf_node(f, &n, offset + sizeof n + n.key_bytes);
        } else {
            uint64_t child =
                n.lo | (uint64_t)n.hi << 16 | (uint64_t)n.flags << 32;
            err = push(f, (size_t)child);
        }
    }
    return err;
}

/* Visits each page in use; a tree that leads round ends at the page count. */
static sp_err check_tree(struct file *f, const struct meta *m)
{
    size_t left = f->pages;
    sp_err err = SP_OK;

    f->buffer = malloc(f->page_bytes);
    if (f->buffer == NULL) {
        return SP_E_NOMEM;
    }
    for (int i = 0; i < 2 && err == SP_OK; i++) {
        if (m->db[i].root != NO_PAGE) {
            err = push(f, m->db[i].root);
        }
    }
    while (err == SP_OK && f->todo_count > 0) {
        if (left-- == 0) {
            err = SP_E_CORRUPT;
        } else {
            err = check_page(f, f->todo[--f->todo_count]);
        }
    }
    free(f->todo);
    free(f->buffer);
    return err;
}

static sp_err check_open(int fd, const char *path, char *note)
{
    struct file f = { .fd = fd };
    struct meta m, other;
    struct stat st;
    sp_err err = SP_OK;

    if (fstat(fd, &st) != 0) {
        return SP_E_IO;
    }
    f.bytes = (uint64_t)st.st_size;
    if (!read_meta(fd, 0, &m) || !read_meta(fd, m.db[0].page_bytes, &other)) {
        (void)snprintf(note, CC_LMDB_NOTE_BYTES,
            "%s is cut off at its head or is no store file (%llu bytes); "
            "restore it from a backup",
            path, (unsigned long long)f.bytes);
        return SP_E_CORRUPT;
    }
    if (m.version != MAGIC_VERSION) {
        (void)snprintf(note, CC_LMDB_NOTE_BYTES,
            "%s was written by another version of LMDB (%u)", path,
            (unsigned)m.version);
        return SP_E_VERSION;
    }
    if (other.txn > m.txn) {
        m = other;
    }
    f.page_bytes = m.db[0].page_bytes;
    f.pages = (size_t)(f.bytes / f.page_bytes);
    if (m.last_page >= f.pages) {
        err = check_tree(&f, &m);
    }
    if (err == SP_E_CORRUPT) {
        (void)snprintf(note, CC_LMDB_NOTE_BYTES,
            "%s is truncated: it has %llu bytes and its pages reach to %llu; "
            "restore it from a backup",
            path, (unsigned long long)f.bytes,
            (unsigned long long)(m.last_page + 1) * f.page_bytes);
    }
    return err;
}

sp_err cc_lmdb_file_check(const char *path, char *note)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sp_err err;

    note[0] = '\0';
    if (fd < 0) {
        (void)snprintf(note, CC_LMDB_NOTE_BYTES, "cannot open %s: %s", path,
            strerror(errno));
        return errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
    }
    err = check_open(fd, path, note);
    (void)close(fd);
    return err;
}
