/*
 * lmdb_world.h - a directory with one LMDB store in it, and the ways in which
 * a test lays hands on its files.
 */
#ifndef TESTS_STORE_LMDB_WORLD_H
#define TESTS_STORE_LMDB_WORLD_H

#include "store/lmdb_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#include <cmocka.h>

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

/* For the cases; each fails the case that calls it when it does not hold. */

/* *state is a world; the teardown also unmounts what lies on its base. */
int lmdb_world_setup(void **state);
int lmdb_world_teardown(void **state);
struct cc_lmdb *lmdb_world_must_open(const struct lmdb_world *w);
/* Opens in vain: with that error, and a note that holds what. */
void lmdb_world_refuses(
    const struct lmdb_world *w, sp_err expected, const char *what);
/* One put in a transaction of its own. */
SP_MUST_USE sp_err lmdb_world_put(struct cc_lmdb *s, enum sp_table table,
    const char *key, struct sp_slice value);
/* As many MiB of zeros under a key of SP_T_DOCUMENT. */
void lmdb_world_put_mib(struct cc_lmdb *s, const char *key, unsigned mib);
/* One get in a reader of its own; expected: NULL, or what a value has to be. */
SP_MUST_USE sp_err lmdb_world_get(struct cc_lmdb *s, enum sp_table table,
    const char *key, const char *expected);
/* Waits for a child that has to end with status 0. */
void lmdb_world_exit_0(pid_t pid);

#endif
