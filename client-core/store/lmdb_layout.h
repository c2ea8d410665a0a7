/*
 * lmdb_layout.h - LMDB's own structures on disk, as mdb.c lays them out (data
 * version 1, this machine's word and byte order); only for the files that look
 * at them before LMDB does.
 */
#ifndef CC_STORE_LMDB_LAYOUT_H
#define CC_STORE_LMDB_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lmdb_db {
    uint32_t pad; /* in the first database of a meta page: bytes of a page */
    uint16_t flags;
    uint16_t depth;
    size_t branch_pages;
    size_t leaf_pages;
    size_t overflow_pages;
    size_t entries;
    size_t root;
};

struct lmdb_meta {
    uint32_t magic;
    uint32_t version;
    void *address;
    size_t map_bytes;
    struct lmdb_db db[2]; /* free pages, main */
    size_t last_page;
    size_t txn;
};

struct lmdb_page {
    size_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* of an overflow page: how many, with upper */
    uint16_t upper;
};

struct lmdb_node {
    uint16_t lo;
    uint16_t hi;
    uint16_t flags;
    uint16_t key_bytes;
};

enum {
    LMDB_PAGE_BRANCH = 1,
    LMDB_PAGE_LEAF = 2,
    LMDB_PAGE_OVERFLOW = 4,
    LMDB_PAGE_META = 8,
    LMDB_NODE_BIG = 1,
    LMDB_NODE_TREE = 2,
    LMDB_DB_INTEGER_KEY = 8,
    LMDB_PAGE_BYTES_MIN = 512,
    LMDB_PAGE_BYTES_MAX = 32768,
    LMDB_KEY_BYTES_MAX = 511,
    LMDB_DEPTH_MAX = 32,
    LMDB_VERSION = 1
};
#define LMDB_MAGIC   0xBEEFC0DEu
#define LMDB_NO_PAGE ((size_t)-1)

/* Reads all of it, or says no. */
bool cc_lmdb_file_read(int fd, void *out, size_t size, uint64_t at);
/* Meta page 0 or 1 of a file with such pages. */
bool cc_lmdb_file_meta(
    int fd, size_t page_bytes, unsigned which, struct lmdb_meta *m);

#endif
