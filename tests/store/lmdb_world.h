/*
 * lmdb_world.h - a directory with one LMDB store in it, and the ways in which
 * a test lays hands on its files.
 */
#ifndef TESTS_STORE_LMDB_WORLD_H
#define TESTS_STORE_LMDB_WORLD_H

#include "store/lmdb_store.h"

struct lmdb_world {
    char base[64]; /* a fresh directory; the store lies in base/store */
    struct sp_secret root;
    struct sp_env env;
    struct cc_lmdb_options options; /* path, root and env are set at open */
};

/* The store is made by the first open. Free removes all files. */
struct lmdb_world *lmdb_world_new(void);
void lmdb_world_free(struct lmdb_world *w);
/* Another world with the same key and a copy of the data file. */
struct lmdb_world *lmdb_world_copy(const struct lmdb_world *w);

SP_MUST_USE sp_err lmdb_world_open(
    const struct lmdb_world *w, struct cc_lmdb **out, char *note);

/* The path of a file in the store; valid until the next call. */
const char *lmdb_world_path(const struct lmdb_world *w, const char *name);
/* Replaces a file of the store. */
void lmdb_world_write(
    const struct lmdb_world *w, const char *name, struct sp_slice content);
/* How often bytes occur in the data file. The store must be closed. */
unsigned lmdb_world_grep(const struct lmdb_world *w, struct sp_slice what);
/* Flips a bit so many bytes behind each occurrence of a text in the data
 * file; how many. */
unsigned lmdb_world_flip_behind(
    const struct lmdb_world *w, const char *text, size_t distance);
/* Copies a raw value with LMDB's own calls; from_key NULL: deletes to_key.
 * A table that is NULL is the unnamed database. */
void lmdb_world_copy_raw(const struct lmdb_world *w, const char *from_table,
    const char *from_key, const char *to_table, const char *to_key);

#endif
