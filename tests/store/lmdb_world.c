#include "lmdb_world.h"

#include <ftw.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT(text) sp_slice_text(text)
#define OK(call)   assert_int_equal((call), SP_OK)

static void fill_random(void *self, void *out, size_t size)
{
    uint8_t *p = out;

    (void)self;
    while (size > 0) {
        size_t part = size < 256 ? size : 256; /* never short up to here */
        SP_ASSERT(getrandom(p, part, 0) == (ssize_t)part);
        p += part;
        size -= part;
    }
}

struct lmdb_world *lmdb_world_new(void)
{
    struct lmdb_world *w = calloc(1, sizeof *w);

    SP_ASSERT(w != NULL);
    (void)snprintf(w->base, sizeof w->base, "/tmp/satchel-store-XXXXXX");
    SP_ASSERT(mkdtemp(w->base) != NULL);
    fill_random(NULL, w->root.b, sizeof w->root.b);
    w->env.random = fill_random;
    w->options.create = true;
    return w;
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void lmdb_world_free(struct lmdb_world *w)
{
    if (w != NULL) {
        (void)nftw(w->base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        free(w);
    }
}

const char *lmdb_world_path(const struct lmdb_world *w, const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/store/%s", w->base, name);
    return path;
}

sp_err lmdb_world_open(
    const struct lmdb_world *w, struct cc_lmdb **out, char *note)
{
    struct cc_lmdb_options o = w->options;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/store", w->base);
    o.path = path;
    o.root = &w->root;
    o.env = &w->env;
    return cc_lmdb_open(out, &o, note);
}

/* The whole file; caller frees data. */
static struct sp_slice read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    uint8_t *data;

    SP_ASSERT(f != NULL && fstat(fileno(f), &st) == 0);
    data = malloc((size_t)st.st_size + 1);
    SP_ASSERT(data != NULL);
    SP_ASSERT(fread(data, 1, (size_t)st.st_size, f) == (size_t)st.st_size);
    (void)fclose(f);
    return sp_slice_of(data, (size_t)st.st_size);
}

void lmdb_world_write(
    const struct lmdb_world *w, const char *name, struct sp_slice content)
{
    FILE *f = fopen(lmdb_world_path(w, name), "wb");

    SP_ASSERT(f != NULL);
    SP_ASSERT(fwrite(content.data, 1, content.size, f) == content.size);
    SP_ASSERT(fclose(f) == 0);
}

struct lmdb_world *lmdb_world_copy(const struct lmdb_world *w)
{
    struct lmdb_world *copy = lmdb_world_new();
    struct sp_slice data = read_all(lmdb_world_path(w, "db/data.mdb"));

    copy->root = w->root;
    SP_ASSERT(mkdir(lmdb_world_path(copy, ""), 0700) == 0);
    SP_ASSERT(mkdir(lmdb_world_path(copy, "db"), 0700) == 0);
    lmdb_world_write(copy, "db/data.mdb", data);
    free((void *)(uintptr_t)data.data);
    return copy;
}

/* The next occurrence at or behind at; the size of the file: none. */
static size_t find_from(struct sp_slice in, struct sp_slice what, size_t at)
{
    for (; at + what.size <= in.size; at++) {
        const uint8_t *p =
            memchr(in.data + at, what.data[0], in.size - what.size + 1 - at);
        if (p == NULL) {
            return in.size;
        }
        at = (size_t)(p - in.data);
        if (memcmp(p, what.data, what.size) == 0) {
            return at;
        }
    }
    return in.size;
}

unsigned lmdb_world_grep(const struct lmdb_world *w, struct sp_slice what)
{
    struct sp_slice file = read_all(lmdb_world_path(w, "db/data.mdb"));
    unsigned count = 0;

    for (size_t at = find_from(file, what, 0); at < file.size;
         at = find_from(file, what, at + 1)) {
        count++;
    }
    free((void *)(uintptr_t)file.data);
    return count;
}

unsigned lmdb_world_flip_behind(
    const struct lmdb_world *w, const char *text, size_t distance)
{
    struct sp_slice what = sp_slice_text(text);
    struct sp_slice file = read_all(lmdb_world_path(w, "db/data.mdb"));
    uint8_t *data = (uint8_t *)(uintptr_t)file.data;
    unsigned count = 0;

    for (size_t at = find_from(file, what, 0);
         at + what.size + distance < file.size;
         at = find_from(file, what, at + 1)) {
        data[at + what.size + distance] ^= 4;
        count++;
    }
    lmdb_world_write(w, "db/data.mdb", file);
    free(data);
    return count;
}

static void copy_in_txn(MDB_txn *txn, const char *const name[4])
{
    char from[64], to[64];
    MDB_val k = { 0, from }, v, to_key = { 0, to };
    uint8_t bytes[1024];
    MDB_dbi dbi;

    (void)snprintf(to, sizeof to, "%s", name[3]);
    to_key.mv_size = strlen(to);
    if (name[1] != NULL) {
        (void)snprintf(from, sizeof from, "%s", name[1]);
        k.mv_size = strlen(from);
        SP_ASSERT(mdb_dbi_open(txn, name[0], 0, &dbi) == 0);
        SP_ASSERT(mdb_get(txn, dbi, &k, &v) == 0);
        SP_ASSERT(v.mv_size <= sizeof bytes);
        memcpy(bytes, v.mv_data, v.mv_size);
        v.mv_data = bytes;
        SP_ASSERT(mdb_dbi_open(txn, name[2], 0, &dbi) == 0);
        SP_ASSERT(mdb_put(txn, dbi, &to_key, &v, 0) == 0);
    } else {
        SP_ASSERT(mdb_dbi_open(txn, name[2], 0, &dbi) == 0);
        SP_ASSERT(mdb_del(txn, dbi, &to_key, NULL) == 0);
    }
}

void lmdb_world_copy_raw(const struct lmdb_world *w, const char *from_table,
    const char *from_key, const char *to_table, const char *to_key)
{
    const char *const name[4] = { from_table, from_key, to_table, to_key };
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;

    SP_ASSERT(mdb_env_create(&env) == 0);
    SP_ASSERT(mdb_env_set_maxdbs(env, 4) == 0);
    SP_ASSERT(mdb_env_open(env, lmdb_world_path(w, "db"), 0, 0600) == 0);
    SP_ASSERT(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    copy_in_txn(txn, name);
    SP_ASSERT(mdb_txn_commit(txn) == 0);
    mdb_env_close(env);
}

/* ---- for the cases ----------------------------------------------------- */

sp_err lmdb_world_put(struct cc_lmdb *s, enum sp_table table, const char *key,
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
sp_err lmdb_world_get(struct cc_lmdb *s, enum sp_table table, const char *key,
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

struct cc_lmdb *lmdb_world_must_open(const struct lmdb_world *w)
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
void lmdb_world_refuses(
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

int lmdb_world_setup(void **state)
{
    *state = lmdb_world_new();
    return *state != NULL ? 0 : -1;
}

int lmdb_world_teardown(void **state)
{
    const struct lmdb_world *w = *state;

    (void)umount(w->base); /* the cases of the full disk; else nothing there */
    lmdb_world_free(*state);
    return 0;
}

void lmdb_world_exit_0(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void lmdb_world_put_mib(struct cc_lmdb *s, const char *key, unsigned mib)
{
    size_t size = (size_t)mib << 20;
    uint8_t *bytes = calloc(1, size);

    assert_non_null(bytes);
    OK(lmdb_world_put(s, SP_T_DOCUMENT, key, sp_slice_of(bytes, size)));
    free(bytes);
}
