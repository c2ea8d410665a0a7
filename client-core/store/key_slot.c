#include "store/key_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SLOT_VERSION = 1,
    OPS_AT = 1,
    MEM_AT = 5,
    SALT_AT = 9,
    SALT_BYTES = 16,
    HEAD_BYTES = SALT_AT + SALT_BYTES,
    SEAL_HEAD_BYTES = 5, /* version and epoch of sp_seal: always the same */
    SEALED_BYTES = SP_KEY_BYTES + SP_SEAL_OVERHEAD,
    FIRST_EPOCH = 1,
    TRIES_BYTES = 12,
    FREE_TRIES = 3,
    WAIT_MS_MAX = 60000,
    OPS_MAX = 10,
    MEM_KIB_MAX = 1048576,
    MEM_KIB_MIN = 8,
    FILE_MODE = 0600
};
_Static_assert(
    HEAD_BYTES + SEALED_BYTES - SEAL_HEAD_BYTES == CC_SLOT_BYTES, "slot");
_Static_assert(
    CC_SLOT_PASSPHRASE_BYTES_MAX <= SP_ARGON_PASSWORD_BYTES_MAX, "passphrase");

static sp_err errno_error(void)
{
    switch (errno) {
    case ENOENT:
        return SP_E_NOT_FOUND;
    case EEXIST:
        return SP_E_EXISTS;
    case ENOSPC:
    case EDQUOT:
        return SP_E_FULL;
    case ENOMEM:
        return SP_E_NOMEM;
    default:
        return SP_E_IO;
    }
}

static bool path_with(
    char out[CC_SLOT_PATH_BYTES], const char *path, const char *ending)
{
    int n = snprintf(out, CC_SLOT_PATH_BYTES, "%s%s", path, ending);

    return n > 0 && (unsigned)n < CC_SLOT_PATH_BYTES;
}

/* ---- files of a few bytes ---------------------------------------------- */

/* Reads up to capacity bytes of a file; *size says how many it has there. */
static sp_err file_read(
    const char *path, uint8_t *out, size_t capacity, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sp_err err = SP_OK;
    ssize_t n;

    if (fd < 0) {
        return errno_error();
    }
    do {
        n = pread(fd, out, capacity, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        err = errno_error();
    } else {
        *size = (size_t)n;
    }
    (void)close(fd);
    return err;
}

static sp_err write_and_sync(int fd, const uint8_t *bytes, size_t size)
{
    ssize_t n = pwrite(fd, bytes, size, 0);

    if (n >= 0 && (size_t)n != size) {
        return SP_E_FULL; /* a few bytes are written whole or not at all */
    }
    return n < 0 || fsync(fd) != 0 ? errno_error() : SP_OK;
}

static sp_err sync_directory_of(const char *path)
{
    char dir[CC_SLOT_PATH_BYTES];
    char *slash;
    sp_err err = SP_OK;
    int fd;

    if (!path_with(dir, path, "")) {
        return SP_E_ARGUMENT;
    }
    slash = strrchr(dir, '/');
    if (slash == NULL) {
        (void)snprintf(dir, sizeof dir, ".");
    } else {
        slash[slash == dir] = '\0'; /* "/x" lies in "/" */
    }
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno_error();
    }
    if (fsync(fd) != 0) {
        err = errno_error();
    }
    (void)close(fd);
    return err;
}

/* Puts a file in place as a whole, or leaves what was there. fresh: only
 * where nothing is, else SP_E_EXISTS. */
static sp_err file_replace(
    const char *path, const uint8_t *bytes, size_t size, bool fresh)
{
    char aside[CC_SLOT_PATH_BYTES], ending[32];
    sp_err err;
    int fd;

    /* A name of our own: two processes may replace at once, each whole. */
    (void)snprintf(ending, sizeof ending, ".%ld.tmp", (long)getpid());
    if (!path_with(aside, path, ending)) {
        return SP_E_ARGUMENT;
    }
    (void)unlink(aside); /* left over from a write that was cut off */
    fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return errno_error();
    }
    err = write_and_sync(fd, bytes, size);
    if (close(fd) != 0 && err == SP_OK) {
        err = errno_error();
    }
    if (err == SP_OK &&
        (fresh ? link(aside, path) : rename(aside, path)) != 0) {
        err = errno_error();
    }
    if (err != SP_OK || fresh) {
        (void)unlink(aside);
    }
    return err == SP_OK ? sync_directory_of(path) : err;
}

/* ---- the key file ------------------------------------------------------ */

static bool lies_in(const char *path, const char *dir)
{
    char parent[CC_SLOT_PATH_BYTES];
    char *slash;
    struct stat a, b;

    if (dir == NULL || !path_with(parent, path, "")) {
        return false;
    }
    slash = strrchr(parent, '/');
    if (slash == NULL) {
        (void)snprintf(parent, sizeof parent, ".");
    } else {
        slash[slash == parent] = '\0';
    }
    return stat(parent, &a) == 0 && stat(dir, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static sp_err key_file_make(const struct cc_slot_key_file *f)
{
    struct sp_secret fresh;
    sp_err err;

    f->env->random(f->env->self, fresh.b, sizeof fresh.b);
    err = file_replace(f->path, fresh.b, sizeof fresh.b, true);
    sp_secret_wipe(&fresh);
    return err == SP_E_EXISTS ? SP_OK : err; /* somebody else was faster */
}

sp_err cc_slot_key_file_secret(void *self, bool create, struct sp_secret *out)
{
    const struct cc_slot_key_file *f = self;
    uint8_t bytes[SP_KEY_BYTES + 1];
    struct stat st;
    size_t size = 0;
    sp_err err = SP_OK;

    if (lies_in(f->path, f->store_dir)) {
        return SP_E_CONFIG;
    }
    if (create && access(f->path, F_OK) != 0) {
        err = key_file_make(f);
    }
    if (err == SP_OK && stat(f->path, &st) != 0) {
        err = errno_error();
    }
    if (err == SP_OK && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        err = SP_E_CONFIG;
    }
    if (err == SP_OK) {
        err = file_read(f->path, bytes, sizeof bytes, &size);
    }
    if (err == SP_OK && size != SP_KEY_BYTES) {
        err = SP_E_CORRUPT;
    }
    if (err == SP_OK) {
        memcpy(out->b, bytes, SP_KEY_BYTES);
    }
    sp_wipe(bytes, sizeof bytes);
    return err;
}

/* ---- wrong tries ------------------------------------------------------- */

struct tries {
    uint32_t wrong;
    uint64_t at_ms; /* of the last one */
};

/* A file that is missing or cut off counts nothing: who can do that can also
 * copy the slot. */
static void tries_read(int fd, struct tries *t)
{
    uint8_t bytes[TRIES_BYTES];

    *t = (struct tries){ 0, 0 };
    if (pread(fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes) {
        t->wrong = sp_get_u32be(bytes);
        t->at_ms = sp_get_u64be(bytes + 4);
    }
}

static sp_err tries_write(int fd, const struct tries *t)
{
    uint8_t bytes[TRIES_BYTES];

    sp_set_u32be(bytes, t->wrong);
    sp_set_u64be(bytes + 4, t->at_ms);
    return write_and_sync(fd, bytes, sizeof bytes);
}

static uint64_t delay_ms(uint32_t wrong)
{
    uint64_t ms = 1000;

    if (wrong < FREE_TRIES) {
        return 0;
    }
    for (uint32_t i = FREE_TRIES; i < wrong && ms < WAIT_MS_MAX; i++) {
        ms *= 2;
    }
    return ms < WAIT_MS_MAX ? ms : WAIT_MS_MAX;
}

/* How long a trial still has to wait. */
static uint64_t wait_left(const struct tries *t, uint64_t now_ms)
{
    uint64_t delay = delay_ms(t->wrong);
    uint64_t gone = now_ms > t->at_ms ? now_ms - t->at_ms : 0;

    return gone < delay ? delay - gone : 0;
}

static int tries_open(const struct cc_slot *s)
{
    char path[CC_SLOT_PATH_BYTES];
    int fd;

    if (!path_with(path, s->path, ".tries")) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Counts a trial as wrong, durably, before it is made. */
static sp_err tries_count(const struct cc_slot *s, uint64_t *wait_ms)
{
    int fd = tries_open(s);
    uint64_t now = s->env->now_ms(s->env->self), left;
    struct tries t;
    sp_err err;

    if (fd < 0) {
        return errno_error();
    }
    tries_read(fd, &t);
    left = wait_left(&t, now);
    if (left > 0) {
        /* A clock set back, perhaps by years, begins this wait anew. */
        bool back = now < t.at_ms;
        t.at_ms = now;
        err = back ? tries_write(fd, &t) : SP_OK;
        if (err == SP_OK) {
            *wait_ms = left;
            err = SP_E_RATE;
        }
    } else {
        t.wrong += t.wrong < UINT32_MAX;
        t.at_ms = now;
        err = tries_write(fd, &t);
    }
    (void)close(fd); /* and with it the lock */
    return err;
}

static void tries_forget(const struct cc_slot *s)
{
    int fd = tries_open(s);

    if (fd >= 0) {
        /* When it fails the next trial waits for nothing; no harm done. */
        sp_err err = tries_write(fd, &(struct tries){ 0, 0 });
        (void)err;
        (void)close(fd);
    }
}

/* ---- the slot ---------------------------------------------------------- */

/* Characters of UTF-8: bytes that do not continue one. */
static size_t characters(struct sp_slice text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.size; i++) {
        n += (text.data[i] & 0xc0) != 0x80;
    }
    return n;
}

static bool passphrase_fits(const struct cc_slot *s, struct sp_slice passphrase)
{
    size_t least = s->characters_min;

    if (s->platform == NULL && least < CC_SLOT_CHARACTERS_ALONE) {
        least = CC_SLOT_CHARACTERS_ALONE;
    }
    return characters(passphrase) >= least &&
           passphrase.size <= CC_SLOT_PASSPHRASE_BYTES_MAX;
}

static bool cost_fits(uint32_t ops, uint32_t mem_kib)
{
    return ops >= 1 && ops <= OPS_MAX && mem_kib >= MEM_KIB_MIN &&
           mem_kib <= MEM_KIB_MAX;
}

/* The key that seals the root key, from what the head of a slot says. */
static sp_err derive(const struct cc_slot *s, const uint8_t *head,
    struct sp_slice passphrase, bool create, struct sp_secret *out)
{
    static const char info[] = "satchel-kek-1";
    struct sp_secret part[2]; /* of the passphrase, of the platform */
    sp_err err = SP_OK;

    memset(part, 0, sizeof part);
    if (s->platform != NULL) {
        err = s->platform->secret(s->platform->self, create, &part[1]);
    }
    if (err == SP_OK) {
        err = sp_argon2id(&part[0], passphrase, head + SALT_AT,
            sp_get_u32be(head + OPS_AT), sp_get_u32be(head + MEM_AT));
    }
    if (err == SP_OK) {
        err = sp_hkdf_sha256(out->b, sizeof out->b,
            sp_slice_of(part, sizeof part), sp_slice_of(NULL, 0),
            sp_slice_text(info));
    }
    sp_wipe(part, sizeof part);
    return err;
}

static sp_err slot_write(const struct cc_slot *s, struct sp_slice passphrase,
    const struct sp_secret *root, bool fresh)
{
    uint8_t slot[CC_SLOT_BYTES], sealed[SEALED_BYTES];
    uint8_t nonce[SP_SEAL_NONCE_BYTES];
    struct sp_secret kek;
    sp_err err;

    if (!passphrase_fits(s, passphrase) || !cost_fits(s->ops, s->mem_kib)) {
        return SP_E_ARGUMENT;
    }
    slot[0] = SLOT_VERSION;
    sp_set_u32be(slot + OPS_AT, s->ops);
    sp_set_u32be(slot + MEM_AT, s->mem_kib);
    s->env->random(s->env->self, slot + SALT_AT, SALT_BYTES);
    s->env->random(s->env->self, nonce, sizeof nonce);
    err = derive(s, slot, passphrase, fresh, &kek);
    if (err != SP_OK) {
        return err;
    }
    sp_seal(sealed, SP_SLICE(root->b), sp_slice_of(slot, HEAD_BYTES),
        FIRST_EPOCH, nonce, &kek);
    sp_secret_wipe(&kek);
    memcpy(slot + HEAD_BYTES, sealed + SEAL_HEAD_BYTES,
        SEALED_BYTES - SEAL_HEAD_BYTES);
    return file_replace(s->path, slot, sizeof slot, fresh);
}

static sp_err slot_read(const struct cc_slot *s, uint8_t out[CC_SLOT_BYTES])
{
    uint8_t bytes[CC_SLOT_BYTES + 1];
    size_t size;
    sp_err err = file_read(s->path, bytes, sizeof bytes, &size);

    if (err != SP_OK) {
        return err;
    }
    if (size > 0 && bytes[0] != SLOT_VERSION) {
        return SP_E_VERSION;
    }
    /* Bounded before use: a damaged slot must not ask for all memory. */
    if (size != CC_SLOT_BYTES || !cost_fits(sp_get_u32be(bytes + OPS_AT),
                                     sp_get_u32be(bytes + MEM_AT))) {
        return SP_E_CORRUPT;
    }
    memcpy(out, bytes, CC_SLOT_BYTES);
    return SP_OK;
}

static sp_err slot_unseal(const struct cc_slot *s, const uint8_t *slot,
    struct sp_slice passphrase, struct sp_secret *root)
{
    uint8_t sealed[SEALED_BYTES] = { 1, 0, 0, 0, FIRST_EPOCH };
    struct sp_secret kek, found;
    sp_err err = derive(s, slot, passphrase, false, &kek);

    if (err != SP_OK) {
        return err;
    }
    memcpy(sealed + SEAL_HEAD_BYTES, slot + HEAD_BYTES,
        SEALED_BYTES - SEAL_HEAD_BYTES);
    err = sp_unseal(
        found.b, SP_SLICE(sealed), sp_slice_of(slot, HEAD_BYTES), &kek);
    sp_secret_wipe(&kek);
    if (err != SP_OK) {
        return SP_E_SECRET;
    }
    *root = found;
    sp_secret_wipe(&found);
    return SP_OK;
}

sp_err cc_slot_create(const struct cc_slot *s, struct sp_slice passphrase,
    const struct sp_secret *root)
{
    sp_err err;

    if (access(s->path, F_OK) == 0) {
        return SP_E_EXISTS;
    }
    err = slot_write(s, passphrase, root, true);
    if (err == SP_OK) {
        tries_forget(s);
    }
    return err;
}

sp_err cc_slot_open(const struct cc_slot *s, struct sp_slice passphrase,
    struct sp_secret *root, uint64_t *wait_ms)
{
    uint8_t slot[CC_SLOT_BYTES];
    sp_err err = slot_read(s, slot);

    if (err == SP_OK && passphrase.size > CC_SLOT_PASSPHRASE_BYTES_MAX) {
        err = SP_E_SECRET;
    }
    if (err == SP_OK) {
        err = tries_count(s, wait_ms);
    }
    if (err == SP_OK) {
        err = slot_unseal(s, slot, passphrase, root);
        if (err == SP_OK) {
            tries_forget(s);
        }
    }
    return err;
}

sp_err cc_slot_change(const struct cc_slot *s, struct sp_slice old,
    struct sp_slice passphrase, uint64_t *wait_ms)
{
    struct sp_secret root;
    sp_err err;

    if (!passphrase_fits(s, passphrase)) {
        return SP_E_ARGUMENT; /* before the old one costs a try */
    }
    err = cc_slot_open(s, old, &root, wait_ms);
    if (err == SP_OK) {
        err = slot_write(s, passphrase, &root, false);
        sp_secret_wipe(&root);
    }
    return err;
}
