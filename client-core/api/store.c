#define _GNU_SOURCE /* O_DIRECTORY */

#include "sp/enrol.h"

#include "keys/agent.h"
#include "keys/keys.h"
#include "replica/replica.h"
#include "sync/sync.h"

#include "api/call.h"
#include "api/fail.h"
#include "api/result.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENROL_MS_DEFAULT 30000u
#define NOTE_BYTES       SATCHEL_DETAIL_BYTES
#define PATH_BYTES       1000u
#define VERSION          "0.1.0"

_Static_assert(
    NOTE_BYTES >= CC_LMDB_NOTE_BYTES && NOTE_BYTES >= CC_AGENT_NOTE_BYTES &&
        NOTE_BYTES >= CC_KEYS_NOTE_BYTES && NOTE_BYTES >= CC_SYNC_NOTE_BYTES,
    "notes fit");

const char *satchel_version(void)
{
    return VERSION;
}

/* ---- the secret -------------------------------------------------------- */

static sp_err ask_platform(void *self, bool create, struct sp_secret *out)
{
    const struct satchel_secret *s = (const struct satchel_secret *)self;

    (void)create; /* the platform makes it when it has none */
    return s->platform(s->platform_self, out->b) == 0 ? SP_OK : SP_E_SECRET;
}

/* Everything that the slot needs, at one place: it points into itself. */
struct unlocking {
    struct sp_env env;
    struct cc_slot_platform platform;
    struct cc_keys keys;
};

static sp_err prepare(struct unlocking *u, const char *dir,
    const struct satchel_secret *secret,
    const struct satchel_create_options *options, char *note)
{
    if (dir == NULL || strlen(dir) == 0 || strlen(dir) > PATH_BYTES) {
        cc_say_note(note, NOTE_BYTES,
            "a store's directory has a name of at most %u bytes", PATH_BYTES);
        return SP_E_ARGUMENT;
    }
    if (secret == NULL || secret->passphrase == NULL) {
        cc_say_note(note, NOTE_BYTES, "no passphrase was given");
        return SP_E_ARGUMENT;
    }
    memset(u, 0, sizeof(*u));
    u->env = cc_replica_env();
    /* The callback gets it back as it is. */
    u->platform.self = (void *)(uintptr_t)secret;
    u->platform.secret = ask_platform;
    u->keys.dir = dir;
    u->keys.env = &u->env;
    u->keys.platform = secret->platform == NULL ? NULL : &u->platform;
    if (options != NULL) {
        u->keys.passes = options->argon_passes;
        u->keys.kib = options->argon_kib;
    }
    return sp_crypto_init();
}

/* ---- making one -------------------------------------------------------- */

static sp_err check_free(const char *dir, char *note)
{
    struct dirent *entry;
    bool empty = true;
    DIR *d = opendir(dir);

    if (d == NULL) {
        if (errno == ENOENT) {
            return SP_OK;
        }
        cc_say_note(note, NOTE_BYTES, "%.300s: %s", dir, cc_say_errno(errno));
        return errno == ENOTDIR ? SP_E_EXISTS : SP_E_IO;
    }
    while (empty && (entry = readdir(d)) != NULL) {
        empty =
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    (void)closedir(d);
    if (!empty) {
        cc_say_note(
            note, NOTE_BYTES, "%.300s is not empty; name a new directory", dir);
        return SP_E_EXISTS;
    }
    return SP_OK;
}

/* Files that a store has from the start; a creation that was cut short may
 * have left some of them aside. */
static void clear(const char *aside)
{
    static const char *const names[] = { "db/data.mdb", "db/lock.mdb", "db",
        "new.tmp/data.mdb", "new.tmp/lock.mdb", "new.tmp", "lock", "checked",
        "sync.lock", CC_KEYS_SLOT_FILE, CC_KEYS_SLOT_FILE ".tries",
        CC_KEYS_SLOT_FILE ".tmp", "" };
    char path[PATH_BYTES + 64];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", aside, names[i]);
        if (unlink(path) != 0 && (errno == EISDIR || errno == EPERM)) {
            (void)rmdir(path);
        }
    }
    (void)rmdir(aside);
}

static sp_err sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc;

    if (fd < 0) {
        return SP_E_IO;
    }
    rc = fsync(fd);
    (void)close(fd);
    return rc == 0 ? SP_OK : SP_E_IO;
}

static sp_err sync_parent(const char *dir)
{
    char parent[PATH_BYTES + 8];
    char *slash;

    (void)snprintf(parent, sizeof(parent), "%s", dir);
    slash = strrchr(parent, '/');
    if (slash == NULL) {
        return sync_dir(".");
    }
    slash[slash == parent] = '\0';
    return sync_dir(parent);
}

static sp_err fill(const char *aside, struct unlocking *u,
    const struct satchel_secret *secret, char *note)
{
    struct cc_replica_options o = { .path = aside, .create = true };
    struct cc_replica *r;
    struct sp_secret root;
    sp_err err;

    u->keys.dir = aside;
    err = cc_keys_create(&u->keys, secret->passphrase, &root, note);
    if (err != SP_OK) {
        return err;
    }
    r = (struct cc_replica *)calloc(1, sizeof(*r));
    if (r == NULL) {
        sp_secret_wipe(&root);
        return SP_E_NOMEM;
    }
    o.root = &root;
    err = cc_replica_open(r, &o, note);
    if (err == SP_OK) {
        cc_replica_close(r);
    }
    free(r);
    sp_secret_wipe(&root);
    return err;
}

/* Made aside and renamed: after a power cut it is there whole or not at all. */
static sp_err create(const char *dir, struct unlocking *u,
    const struct satchel_secret *secret, char *note)
{
    char plain[PATH_BYTES + 8], aside[PATH_BYTES + 16];
    size_t size = strlen(dir);
    sp_err err = check_free(dir, note);

    if (err != SP_OK) {
        return err;
    }
    while (size > 1 && dir[size - 1] == '/') {
        size--;
    }
    (void)snprintf(plain, sizeof(plain), "%.*s", (int)size, dir);
    (void)snprintf(aside, sizeof(aside), "%s.new", plain);
    clear(aside);
    if (mkdir(aside, 0700) != 0) {
        cc_say_note(note, NOTE_BYTES, "%.300s: %s", aside, cc_say_errno(errno));
        return errno == ENOSPC ? SP_E_FULL : SP_E_IO;
    }
    err = fill(aside, u, secret, note);
    if (err == SP_OK) {
        err = sync_dir(aside);
    }
    if (err == SP_OK && rename(aside, plain) != 0) {
        cc_say_note(note, NOTE_BYTES, "%.300s: %s", plain, cc_say_errno(errno));
        err = SP_E_IO;
    }
    if (err != SP_OK) {
        clear(aside);
        return err;
    }
    return sync_parent(plain);
}

int satchel_create(const char *dir, const struct satchel_secret *secret,
    const struct satchel_create_options *options, struct satchel_error *e)
{
    char note[NOTE_BYTES] = "";
    struct unlocking u;
    sp_err err = prepare(&u, dir, secret, options, note);

    if (err == SP_OK) {
        err = create(dir, &u, secret, note);
    }
    return cc_fail_set(e, err, note);
}

/* ---- the agent --------------------------------------------------------- */

int satchel_look(
    const char *dir, struct satchel_store_state *out, struct satchel_error *e)
{
    char path[CC_AGENT_PATH_BYTES], note[NOTE_BYTES] = "";
    char slot[PATH_BYTES + 64];
    sp_err err = sp_crypto_init();

    if (err != SP_OK || dir == NULL || strlen(dir) > PATH_BYTES) {
        return cc_fail_set(e, err != SP_OK ? err : SP_E_ARGUMENT, "");
    }
    memset(out, 0, sizeof(*out));
    (void)snprintf(slot, sizeof(slot), "%s/%s", dir, CC_KEYS_SLOT_FILE);
    out->exists = access(slot, F_OK) == 0;
    if (out->exists) {
        err = cc_agent_path(dir, path, note);
        out->unlocked = err == SP_OK && cc_agent_there(path);
    }
    return cc_fail_set(e, err, note);
}

int satchel_unlock(const char *dir, const struct satchel_secret *secret,
    uint32_t idle_ms, struct satchel_error *e)
{
    char path[CC_AGENT_PATH_BYTES], note[NOTE_BYTES] = "";
    struct sp_secret root;
    struct unlocking u;
    sp_err err = prepare(&u, dir, secret, NULL, note);

    if (err == SP_OK) {
        err = cc_keys_open(&u.keys, secret->passphrase, &root, note);
    }
    if (err != SP_OK) {
        return cc_fail_set(e, err, note);
    }
    err = cc_agent_path(dir, path, note);
    if (err == SP_OK) {
        err = cc_agent_start(path, &root,
            idle_ms == 0 ? SATCHEL_IDLE_MS_DEFAULT : idle_ms, note);
    }
    sp_secret_wipe(&root);
    return cc_fail_set(e, err, note);
}

int satchel_lock(const char *dir, struct satchel_error *e)
{
    char path[CC_AGENT_PATH_BYTES], note[NOTE_BYTES] = "";
    sp_err err = sp_crypto_init();

    if (err == SP_OK && dir == NULL) {
        err = SP_E_ARGUMENT;
    }
    if (err == SP_OK) {
        err = cc_agent_path(dir, path, note);
    }
    if (err == SP_OK) {
        err = cc_agent_end(path);
    }
    return cc_fail_set(e, err, note);
}

int satchel_secret_change(const char *dir, const struct satchel_secret *before,
    const struct satchel_secret *after,
    const struct satchel_create_options *options, struct satchel_error *e)
{
    char note[NOTE_BYTES] = "";
    struct unlocking u;
    sp_err err = prepare(&u, dir, before, options, note);

    if (err == SP_OK && (after == NULL || after->passphrase == NULL)) {
        err = SP_E_ARGUMENT;
    }
    if (err == SP_OK) {
        err = cc_keys_change(
            &u.keys, before->passphrase, after->passphrase, note);
    }
    return cc_fail_set(e, err, note);
}

/* ---- wiping ------------------------------------------------------------ */

/* Without the slot all the rest is noise: it goes first, and is written over
 * as far as the disk lets one. */
static sp_err shred_slot(const char *dir, char *note)
{
    static const uint8_t zeros[4096];
    char path[PATH_BYTES + 64];
    struct stat st;
    bool gone;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, CC_KEYS_SLOT_FILE);
    fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        cc_say_note(note, NOTE_BYTES, "%.300s: %s", path, cc_say_errno(errno));
        return errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
    }
    gone = fstat(fd, &st) == 0 && st.st_size <= (off_t)sizeof(zeros) &&
           write(fd, zeros, (size_t)st.st_size) == (ssize_t)st.st_size &&
           fsync(fd) == 0;
    (void)close(fd);
    gone = gone && unlink(path) == 0;
    if (!gone) {
        cc_say_note(note, NOTE_BYTES, "%.300s: %s", path, cc_say_errno(errno));
    }
    return gone ? sync_dir(dir) : SP_E_IO;
}

int satchel_wipe(const char *dir, struct satchel_error *e)
{
    char note[NOTE_BYTES] = "";
    int rc = satchel_lock(dir, e);
    sp_err err;

    if (rc != 0) {
        return rc;
    }
    if (strlen(dir) > PATH_BYTES) {
        return cc_fail_set(e, SP_E_ARGUMENT, "");
    }
    err = shred_slot(dir, note);
    if (err == SP_OK) {
        clear(dir);
        if (access(dir, F_OK) == 0) {
            cc_say_note(note, NOTE_BYTES,
                "%.300s: the store is gone; files that are not its own stay",
                dir);
            err = SP_E_EXISTS;
        }
    }
    return cc_fail_set(e, err, note);
}

/* ---- opening ----------------------------------------------------------- */

static sp_err find_root(const char *dir, const struct satchel_secret *secret,
    struct sp_secret *root, char *note)
{
    char path[CC_AGENT_PATH_BYTES];
    struct unlocking u;
    sp_err err;

    if (secret != NULL) {
        err = prepare(&u, dir, secret, NULL, note);
        return err == SP_OK
                   ? cc_keys_open(&u.keys, secret->passphrase, root, note)
                   : err;
    }
    err = sp_crypto_init();
    if (err == SP_OK) {
        err = cc_agent_path(dir, path, note);
    }
    if (err == SP_OK) {
        err = cc_agent_get(path, root);
        if (err == SP_E_LOCKED) {
            (void)snprintf(note, NOTE_BYTES, "%.300s", dir);
        }
    }
    return err;
}

int satchel_open(const char *dir, const struct satchel_secret *secret,
    struct satchel **out, struct satchel_error *e)
{
    struct cc_replica_options o = { .path = dir };
    char note[NOTE_BYTES] = "";
    struct sp_secret root;
    struct satchel *s;
    sp_err err;

    if (dir == NULL || strlen(dir) > PATH_BYTES) {
        return cc_fail_set(e, SP_E_ARGUMENT, "");
    }
    err = find_root(dir, secret, &root, note);
    if (err != SP_OK) {
        return cc_fail_set(e, err, note);
    }
    s = (struct satchel *)calloc(1, sizeof(*s));
    o.root = &root;
    err = s == NULL ? SP_E_NOMEM : cc_replica_open(&s->replica, &o, note);
    sp_secret_wipe(&root);
    if (err != SP_OK) {
        free(s);
        return cc_fail_set(e, err, note);
    }
    *out = s;
    return cc_fail_set(e, SP_OK, "");
}

void satchel_close(struct satchel *s)
{
    if (s != NULL) {
        cc_replica_close(&s->replica);
        free(s);
    }
}

/* ---- enrolling --------------------------------------------------------- */

int satchel_code_read(
    const char *code, struct satchel_code_info **out, struct satchel_error *e)
{
    struct satchel_code_info *info;
    struct sp_enrol_code parsed;
    char fingerprint[10];
    sp_err err = sp_crypto_init();

    if (err == SP_OK) {
        err = code == NULL ? SP_E_CODE : sp_enrol_code_parse(code, &parsed);
    }
    if (err != SP_OK) {
        return cc_fail_set(e, err,
            cc_say("a code is one text that begins with SATCHEL1: ; copy all "
                   "of it"));
    }
    info = (struct satchel_code_info *)cc_result_new(sizeof(*info));
    if (info != NULL) {
        sp_enrol_fingerprint(parsed.server_static, fingerprint);
        info->endpoint =
            cc_result_string(cc_result_arena(info), parsed.endpoint);
        info->fingerprint =
            cc_result_string(cc_result_arena(info), fingerprint);
    }
    sp_wipe(&parsed, sizeof(parsed));
    if (info == NULL || info->endpoint == NULL || info->fingerprint == NULL) {
        satchel_free(info);
        return cc_fail_set(e, SP_E_NOMEM, "");
    }
    *out = info;
    return cc_fail_set(e, SP_OK, "");
}

int satchel_enrol(struct satchel *s, const char *code, const char *label,
    uint32_t deadline_ms, struct satchel_error *e)
{
    char note[NOTE_BYTES] = "";
    struct sp_enrol_code parsed;
    sp_err err = code == NULL ? SP_E_CODE : sp_enrol_code_parse(code, &parsed);

    if (err != SP_OK) {
        return cc_fail_set(e, err,
            cc_say("a code is one text that begins with SATCHEL1: ; copy all "
                   "of it"));
    }
    err = cc_sync_enrol(&s->replica, &parsed,
        sp_slice_text(label == NULL ? "" : label),
        deadline_ms == 0 ? ENROL_MS_DEFAULT : deadline_ms, note);
    sp_wipe(&parsed, sizeof(parsed));
    return cc_fail_set(e, err, note);
}
