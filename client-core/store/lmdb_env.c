#include "store/lmdb_env.h"

#include "say/say.h"
#include "store/lmdb_checked.h"
#include "store/lmdb_reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define READERS_MAX  254u
#define GATE_WAIT_MS 1000
/* Looked at before a device's store is used as it is now (lmdb_checked.h): 64
 * MiB of pages, some tens of milliseconds. A server looks at all of them each
 * time it starts. */
#define LEAVES_MAX       16384u
#define HEAD_TRIES       3
#define SNAPSHOT_TRIES   20
#define LOCK_TRIES       200 /* of 10 ms: somebody else makes the store */
#define DISK_BYTES_MIN   (1024u * 1024u)
#define MAP_STEP         (1024u * 1024u) /* sizes of the map are multiples */
#define NAME_BYTES       8u
#define TABLES_OPEN_MAX  (SP_T_COUNT + 4u)
#define STORE_MODE       0700
#define STORE_FILE_MODE  0600
#define STORE_OPEN_FLAGS MDB_NOTLS

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct cc_lmdb_env *list; /* open in this process */

__attribute__((format(printf, 3, 4))) static sp_err say(
    char *note, sp_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(note, CC_LMDB_NOTE_BYTES, cc_say(format), args);
    va_end(args);
    cc_say_whole(note);
    return err;
}

/* ---- errors ------------------------------------------------------------ */

static bool disk_is_full(const char *path)
{
    struct statvfs fs;

    return statvfs(path, &fs) == 0 &&
           (uint64_t)fs.f_bavail * fs.f_frsize < DISK_BYTES_MIN;
}

sp_err cc_lmdb_env_error(struct cc_lmdb_env *e, int rc)
{
    switch (rc) {
    case 0:
        return SP_OK;
    case MDB_NOTFOUND:
        return SP_E_NOT_FOUND;
    case ENOMEM:
        return SP_E_NOMEM;
    case MDB_MAP_FULL:
        (void)pthread_mutex_lock(&e->mutex);
        e->full = true;
        (void)pthread_mutex_unlock(&e->mutex);
        return SP_E_FULL;
    case ENOSPC:
    case EDQUOT:
        return SP_E_FULL;
    case MDB_READERS_FULL:
    case MDB_MAP_RESIZED:
        return SP_E_BUSY;
    case MDB_TXN_FULL:
        return SP_E_TOO_LARGE;
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_INVALID:
        return SP_E_CORRUPT;
    case MDB_VERSION_MISMATCH:
        return SP_E_VERSION;
    default:
        /* On a full disk LMDB says EIO, for a write that came out short. */
        return disk_is_full(e->path) ? SP_E_FULL : SP_E_IO;
    }
}

static sp_err say_errno(
    struct cc_lmdb_env *e, char *note, const char *what, const char *path)
{
    int rc = errno;
    sp_err err = cc_lmdb_env_error(e, rc);

    return say(note, err == SP_OK ? SP_E_IO : err, "cannot %s %s: %s",
        cc_say(what), path, cc_say_errno(rc));
}

static sp_err say_mdb(
    struct cc_lmdb_env *e, char *note, const char *what, int rc)
{
    sp_err err = cc_lmdb_env_error(e, rc);

    if (err == SP_OK) {
        return SP_OK;
    }
    return say(note, err, "cannot %s %s: %s (%s)", cc_say(what), e->path,
        cc_say_err(err), mdb_strerror(rc));
}

/* ---- the gate ---------------------------------------------------------- */

static void gate_enter(struct cc_lmdb_env *e)
{
    (void)pthread_mutex_lock(&e->mutex);
    while (e->closed) {
        (void)pthread_cond_wait(&e->changed, &e->mutex);
    }
    e->active++;
    (void)pthread_mutex_unlock(&e->mutex);
}

static void gate_leave(struct cc_lmdb_env *e)
{
    (void)pthread_mutex_lock(&e->mutex);
    SP_ASSERT(e->active > 0);
    if (--e->active == 0) {
        (void)pthread_cond_broadcast(&e->changed);
    }
    (void)pthread_mutex_unlock(&e->mutex);
}

static void deadline_in(struct timespec *at, long ms)
{
    (void)clock_gettime(CLOCK_MONOTONIC, at);
    at->tv_sec += ms / 1000;
    at->tv_nsec += (ms % 1000) * 1000000;
    if (at->tv_nsec >= 1000000000) {
        at->tv_sec++;
        at->tv_nsec -= 1000000000;
    }
}

/*
 * Replaces the map with one of that size; 0: the size that another process
 * gave it. A reader of the same thread would never leave, hence the deadline.
 */
static sp_err map_resize(struct cc_lmdb_env *e, size_t bytes)
{
    struct timespec until;
    int rc = 0;

    deadline_in(&until, GATE_WAIT_MS);
    (void)pthread_mutex_lock(&e->mutex);
    while (e->closed) {
        (void)pthread_cond_wait(&e->changed, &e->mutex);
    }
    e->closed = true;
    while (e->active > 0 && rc == 0) {
        rc = pthread_cond_timedwait(&e->changed, &e->mutex, &until);
    }
    if (e->active == 0) {
        rc = mdb_env_set_mapsize(e->mdb, bytes);
        e->full = e->full && rc != 0;
    } else {
        rc = MDB_MAP_RESIZED;
    }
    e->closed = false;
    (void)pthread_cond_broadcast(&e->changed);
    (void)pthread_mutex_unlock(&e->mutex);
    return cc_lmdb_env_error(e, rc);
}

static size_t map_rounded(uint64_t bytes)
{
    uint64_t rounded = (bytes + MAP_STEP - 1) / MAP_STEP * MAP_STEP;

    return rounded > SIZE_MAX ? SIZE_MAX / MAP_STEP * MAP_STEP
                              : (size_t)rounded;
}

/* The size that the map should get before a writer begins; 0: as it is. */
static size_t map_wanted(struct cc_lmdb_env *e)
{
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t used;
    bool full;

    gate_enter(e);
    (void)mdb_env_info(e->mdb, &info);
    (void)mdb_env_stat(e->mdb, &stat);
    full = e->full;
    gate_leave(e);
    used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    if (!full && used + e->room_bytes <= info.me_mapsize) {
        return 0;
    }
    return map_rounded((uint64_t)info.me_mapsize * 2 > used + e->room_bytes
                           ? (uint64_t)info.me_mapsize * 2
                           : used + e->room_bytes);
}

static sp_err writer_may(struct cc_lmdb_env *e)
{
    int refused = atomic_load(&e->refused);
    size_t wanted;

    if (refused != SP_OK) {
        return (sp_err)refused;
    }
    (void)pthread_mutex_lock(&e->mutex);
    /* It would wait for itself, for ever. */
    SP_ASSERT(!e->writing || !pthread_equal(e->writer, pthread_self()));
    (void)pthread_mutex_unlock(&e->mutex);
    wanted = map_wanted(e);
    if (wanted != 0) {
        /* Busy readers: the room that is left may do, another writer grows. */
        sp_err err = map_resize(e, wanted);
        if (err != SP_OK && err != SP_E_BUSY) {
            return err;
        }
    }
    return cc_lmdb_reserve_spares(e) ? SP_E_FULL : SP_OK;
}

static void writer_mark(struct cc_lmdb_env *e, bool writing)
{
    (void)pthread_mutex_lock(&e->mutex);
    e->writing = writing;
    e->writer = pthread_self();
    (void)pthread_mutex_unlock(&e->mutex);
}

sp_err cc_lmdb_env_begin(struct cc_lmdb_env *e, bool write, MDB_txn **txn)
{
    int rc = MDB_MAP_RESIZED;
    sp_err err = SP_OK;

    SP_ASSERT(e->pid == getpid());
    if (write) {
        err = writer_may(e);
    }
    for (int tries = 0; err == SP_OK && tries < 3; tries++) {
        gate_enter(e);
        if (*txn != NULL) {
            rc = mdb_txn_renew(*txn);
        } else {
            rc = mdb_txn_begin(e->mdb, NULL, write ? 0 : MDB_RDONLY, txn);
        }
        if (rc == 0) {
            if (write) {
                writer_mark(e, true);
            }
            return SP_OK;
        }
        gate_leave(e);
        if (rc == MDB_MAP_RESIZED) {
            err = map_resize(e, 0); /* another process made it larger */
        } else {
            err = cc_lmdb_env_error(e, rc);
        }
    }
    return err == SP_OK ? SP_E_BUSY : err;
}

void cc_lmdb_env_left(struct cc_lmdb_env *e, bool write)
{
    if (write) {
        writer_mark(e, false);
    }
    gate_leave(e);
}

/* ---- who may open ------------------------------------------------------ */

static bool list_add(struct cc_lmdb_env *e)
{
    bool fresh = true;

    (void)pthread_mutex_lock(&list_mutex);
    for (const struct cc_lmdb_env *o = list; o != NULL; o = o->next) {
        fresh = fresh && (o->device != e->device || o->inode != e->inode);
    }
    if (fresh) {
        e->next = list;
        list = e;
    }
    (void)pthread_mutex_unlock(&list_mutex);
    return fresh;
}

static void list_drop(struct cc_lmdb_env *e)
{
    (void)pthread_mutex_lock(&list_mutex);
    for (struct cc_lmdb_env **at = &list; *at != NULL; at = &(*at)->next) {
        if (*at == e) {
            *at = e->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&list_mutex);
}

/* Takes the path of something in the store directory; false: too long. */
static bool path_in(
    char out[CC_LMDB_ENV_PATH_BYTES], const char *dir, const char *name)
{
    int n = snprintf(out, CC_LMDB_ENV_PATH_BYTES, "%s/%s", dir, name);

    return n > 0 && (unsigned)n < CC_LMDB_ENV_PATH_BYTES;
}

static bool db_exists(const char *path)
{
    char db[CC_LMDB_ENV_PATH_BYTES];
    struct stat st;

    return path_in(db, path, "db") && stat(db, &st) == 0;
}

static sp_err say_in_use(struct cc_lmdb_env *e, char *note)
{
    char pid[24] = "";
    ssize_t n = pread(e->lock_fd, pid, sizeof pid - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    return say(note, SP_E_IN_USE, "%s is in use by %s%s; stop it first",
        e->path, cc_say(pid[0] != '\0' ? "process " : "another process"), pid);
}

/* The pid is for the people who read SP_E_IN_USE; the lock is the flock, and
 * a full disk that does not take the pid stops nobody. */
static void lock_sign(int fd, bool exclusive)
{
    char pid[24];
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) == 0 && exclusive &&
        pwrite(fd, pid, (size_t)n, 0) != n) {
        (void)ftruncate(fd, 0);
    }
}

static void nap(void)
{
    struct timespec t = { .tv_sec = 0, .tv_nsec = 10000000 };

    (void)nanosleep(&t, NULL);
}

/*
 * Takes the lock: exclusive for a server and for whoever makes the store, else
 * shared. *make: the store is not there, and the lock is exclusive.
 */
static sp_err lock_take(struct cc_lmdb_env *e,
    const struct cc_lmdb_env_options *o, bool *make, char *note)
{
    char path[CC_LMDB_ENV_PATH_BYTES];

    if (!path_in(path, e->path, "lock")) {
        return say(note, SP_E_ARGUMENT, "path is too long: %s", e->path);
    }
    e->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, STORE_FILE_MODE);
    if (e->lock_fd < 0) {
        return say_errno(e, note, CC_SAY("open"), path);
    }
    for (int i = 0; i < LOCK_TRIES; i++) {
        *make = !db_exists(e->path);
        if (flock(e->lock_fd,
                (o->exclusive || *make ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
            if (*make && db_exists(e->path)) {
                continue; /* made just now; take the lock that fits */
            }
            return SP_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return say_errno(e, note, CC_SAY("lock"), path);
        }
        if (o->exclusive) {
            break;
        }
        nap(); /* whoever makes the store has it for a moment */
    }
    return say_in_use(e, note);
}

/* ---- making and opening ------------------------------------------------ */

static sp_err sync_path(struct cc_lmdb_env *e, const char *path, char *note)
{
    sp_err err = SP_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0) {
        err = say_errno(e, note, CC_SAY("sync"), path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

static sp_err sync_parent(struct cc_lmdb_env *e, char *note)
{
    char parent[CC_LMDB_ENV_PATH_BYTES];

    if (!path_in(parent, e->path, "..")) {
        return say(note, SP_E_ARGUMENT, "path is too long: %s", e->path);
    }
    return sync_path(e, parent, note);
}

/* The directory of the store; its parent has to be there. */
static sp_err dir_make(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    struct stat st;

    if (stat(e->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (!o->create && !db_exists(e->path)) {
            return say(note, SP_E_NOT_FOUND, "no store in %s", e->path);
        }
        return SP_OK;
    }
    if (!o->create) {
        return say(note, SP_E_NOT_FOUND, "no store in %s", e->path);
    }
    if (mkdir(e->path, STORE_MODE) != 0 && errno != EEXIST) {
        return say_errno(e, note, CC_SAY("make"), e->path);
    }
    return sync_parent(e, note);
}

static sp_err env_open(struct cc_lmdb_env *e, const char *dir, char *note)
{
    int rc = mdb_env_create(&e->mdb);

    if (rc == 0) {
        rc = mdb_env_set_maxdbs(e->mdb, TABLES_OPEN_MAX);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxreaders(e->mdb, READERS_MAX);
    }
    if (rc == 0) {
        rc = mdb_env_open(e->mdb, dir, STORE_OPEN_FLAGS, STORE_FILE_MODE);
    }
    return say_mdb(e, note, CC_SAY("open"), rc);
}

static void env_close(struct cc_lmdb_env *e)
{
    if (e->mdb != NULL) {
        mdb_env_close(e->mdb);
        e->mdb = NULL;
    }
}

static int tables_open(struct cc_lmdb_env *e, MDB_txn *txn, unsigned flags)
{
    int rc = mdb_dbi_open(txn, NULL, 0, &e->names);

    for (unsigned t = 0; t < SP_T_COUNT && rc == 0; t++) {
        char name[NAME_BYTES];
        (void)snprintf(name, sizeof name, "t%02u", t);
        rc = mdb_dbi_open(txn, name, flags, &e->table[t]);
    }
    return rc;
}

/* The first commit: tables, and what fill puts beside them. */
static sp_err make_content(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    MDB_txn *txn = NULL;
    sp_err err = SP_OK;
    int rc = mdb_txn_begin(e->mdb, NULL, 0, &txn);

    if (rc == 0) {
        rc = tables_open(e, txn, MDB_CREATE);
    }
    if (rc == 0) {
        err = o->fill(o->arg, txn, e->names);
    }
    if (rc == 0 && err == SP_OK) {
        rc = mdb_txn_commit(txn);
        txn = NULL; /* commit frees it, even when it fails */
    }
    if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    return err != SP_OK ? err : say_mdb(e, note, CC_SAY("fill"), rc);
}

/* What a creation that was cut off has left; nothing in it counts. */
static void clear_left_over(const char *dir)
{
    static const char *const name[] = { "data.mdb", "lock.mdb" };
    char path[CC_LMDB_ENV_PATH_BYTES];

    for (unsigned i = 0; i < 2; i++) {
        if (path_in(path, dir, name[i])) {
            (void)unlink(path);
        }
    }
    (void)rmdir(dir);
}

/*
 * A new environment of LMDB is not safe before its first commit: the two meta
 * pages and the directory are not synced. So it is made aside.
 */
static sp_err make_aside(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    char aside[CC_LMDB_ENV_PATH_BYTES], file[CC_LMDB_ENV_PATH_BYTES],
        db[CC_LMDB_ENV_PATH_BYTES];
    sp_err err;

    if (!path_in(aside, e->path, "new.tmp") || !path_in(db, e->path, "db") ||
        !path_in(file, e->path, "new.tmp/data.mdb")) {
        return say(note, SP_E_ARGUMENT, "path is too long: %s", e->path);
    }
    clear_left_over(aside);
    if (mkdir(aside, STORE_MODE) != 0) {
        return say_errno(e, note, CC_SAY("make"), aside);
    }
    err = env_open(e, aside, note);
    if (err == SP_OK) {
        err = make_content(e, o, note);
    }
    env_close(e);
    if (err == SP_OK) {
        err = sync_path(e, file, note);
    }
    if (err == SP_OK) {
        err = sync_path(e, aside, note);
    }
    if (err == SP_OK && rename(aside, db) != 0) {
        err = say_errno(e, note, CC_SAY("rename"), aside);
    }
    if (err != SP_OK) {
        clear_left_over(aside);
        return err;
    }
    return sync_path(e, e->path, note);
}

static sp_err list_enter(struct cc_lmdb_env *e, const char *file, char *note)
{
    struct stat st;

    if (stat(file, &st) != 0) {
        return say_errno(e, note, CC_SAY("look at"), file);
    }
    e->device = st.st_dev;
    e->inode = st.st_ino;
    if (!list_add(e)) {
        e->inode = 0;
        return say(
            note, SP_E_IN_USE, "%s is open in this process already", e->path);
    }
    return SP_OK;
}

static sp_err map_init(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    MDB_envinfo info;
    int rc = mdb_env_info(e->mdb, &info);

    if (rc == 0 && info.me_mapsize < o->map_bytes) {
        rc = mdb_env_set_mapsize(e->mdb, map_rounded(o->map_bytes));
    }
    return say_mdb(e, note, CC_SAY("map"), rc);
}

static sp_err look_at_pages(const struct cc_lmdb_env_options *o,
    struct cc_lmdb_checked *c, MDB_txn *txn, char *note)
{
    bool looked;

    c->txn = mdb_txn_id(txn);
    return o->exclusive ? cc_lmdb_pages_check(c->file, c->txn, SIZE_MAX, note)
                        : cc_lmdb_checked_pages(c, &looked, note);
}

/* Begins a reader whose pages were all looked at. Another process may commit
 * meanwhile: then its head page goes, and the next snapshot is tried. */
static sp_err begin_checked(struct cc_lmdb_env *e, const char *file,
    const struct cc_lmdb_env_options *o, MDB_txn **txn, char *note)
{
    char mark[CC_LMDB_ENV_PATH_BYTES];
    struct cc_lmdb_checked c = { file, mark, o->checked, 0, LEAVES_MAX };
    sp_err err = SP_E_BUSY;

    if (!path_in(mark, e->path, "checked")) {
        return say(note, SP_E_ARGUMENT, "path is too long: %s", e->path);
    }
    for (int tries = 0; tries < SNAPSHOT_TRIES && err == SP_E_BUSY; tries++) {
        int rc = mdb_txn_begin(e->mdb, NULL, MDB_RDONLY, txn);
        if (rc != 0) {
            return say_mdb(e, note, CC_SAY("read"), rc);
        }
        err = look_at_pages(o, &c, *txn, note);
        if (err != SP_OK) {
            mdb_txn_abort(*txn);
        }
    }
    return err;
}

static sp_err open_existing(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    char db[CC_LMDB_ENV_PATH_BYTES], file[CC_LMDB_ENV_PATH_BYTES];
    MDB_txn *txn = NULL;
    sp_err err;
    int rc = 0, dead;

    if (!path_in(db, e->path, "db") || !path_in(file, e->path, "db/data.mdb")) {
        return say(note, SP_E_ARGUMENT, "path is too long: %s", e->path);
    }
    err = cc_lmdb_file_check(file, note);
    for (int tries = 1; err == SP_E_CORRUPT && tries < HEAD_TRIES; tries++) {
        nap(); /* somebody may have written it while it was read */
        err = cc_lmdb_file_check(file, note);
    }
    if (err == SP_E_NOT_FOUND) {
        return SP_E_CORRUPT; /* the directory is there, its file is not */
    }
    if (err == SP_OK) {
        err = list_enter(e, file, note);
    }
    if (err == SP_OK) {
        err = env_open(e, db, note);
    }
    if (err == SP_OK) {
        err = map_init(e, o, note);
    }
    if (err != SP_OK) {
        return err;
    }
    (void)mdb_reader_check(e->mdb, &dead); /* slots of killed processes */
    err = begin_checked(e, file, o, &txn, note);
    if (err != SP_OK) {
        return err;
    }
    rc = tables_open(e, txn, 0);
    if (rc == 0) {
        rc = mdb_txn_commit(txn); /* keeps the handles open */
    } else {
        mdb_txn_abort(txn);
    }
    if (rc == MDB_NOTFOUND) {
        return say(note, SP_E_CORRUPT,
            "%s lacks a table; restore it from a backup", file);
    }
    return say_mdb(e, note, CC_SAY("read"), rc);
}

static void gate_init(struct cc_lmdb_env *e)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&e->mutex, NULL);
    (void)pthread_cond_init(&e->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
}

sp_err cc_lmdb_env_open(
    struct cc_lmdb_env *e, const struct cc_lmdb_env_options *o, char *note)
{
    bool make = false;
    sp_err err;
    int n;

    memset(e, 0, sizeof *e);
    note[0] = '\0';
    e->lock_fd = -1;
    e->pid = getpid();
    e->room_bytes = o->room_bytes;
    gate_init(e);
    n = snprintf(e->path, sizeof e->path, "%s", o->path);
    if (n <= 0 || (unsigned)n >= sizeof e->path) {
        err = say(note, SP_E_ARGUMENT, "path is empty or too long");
    } else {
        err = dir_make(e, o, note);
    }
    if (err == SP_OK) {
        err = lock_take(e, o, &make, note);
    }
    if (err == SP_OK && make) {
        err = o->create ? make_aside(e, o, note)
                        : say(note, SP_E_NOT_FOUND, "no store in %s", e->path);
    }
    if (err == SP_OK) {
        lock_sign(e->lock_fd, o->exclusive);
    }
    if (err == SP_OK && make && !o->exclusive &&
        flock(e->lock_fd, LOCK_SH) != 0) {
        err = say_errno(e, note, CC_SAY("lock"), e->path);
    }
    if (err == SP_OK) {
        err = open_existing(e, o, note);
    }
    if (err == SP_OK && !o->exclusive) {
        cc_lmdb_reserve_init(e);
    }
    if (err != SP_OK) {
        cc_lmdb_env_close(e);
    }
    return err;
}

void cc_lmdb_env_close(struct cc_lmdb_env *e)
{
    SP_ASSERT(e->active == 0);
    env_close(e);
    if (e->inode != 0) {
        list_drop(e);
    }
    if (e->lock_fd >= 0) {
        (void)close(e->lock_fd);
        e->lock_fd = -1;
    }
    (void)pthread_cond_destroy(&e->changed);
    (void)pthread_mutex_destroy(&e->mutex);
}
