#include "store/home.h"

#include "ops/say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sp/pack.h"

#include "store/keyfile.h"
#include "store/lmdb_store.h"

#define IDENTITY_KEY       "identity"
#define IDENTITY_VERSION   1u
#define IDENTITY_BYTES_MAX 2048u
#define IDENTITY_FIELDS    18u
#define PATH_BYTES         1024u

_Static_assert(SV_HOME_NOTE_BYTES >= CC_LMDB_NOTE_BYTES, "notes fit");
_Static_assert(SV_HOME_NOTE_BYTES >= SV_KEYFILE_NOTE_BYTES, "notes fit");

void sv_home_wipe(struct sv_identity *id)
{
    sp_wipe(id, sizeof *id);
}

static void draw_secret(struct sp_secret *out, const struct sp_env *env)
{
    env->random(env->self, out->b, sizeof out->b);
}

void sv_home_draw(struct sv_identity *id, const struct sp_env *env)
{
    struct sp_secret seed;
    uint32_t incarnation = 0;
    while (incarnation == 0) {
        env->random(env->self, &incarnation, sizeof incarnation);
    }
    id->id.replica = sp_replica_make(0, incarnation);
    draw_secret(&id->id.static_secret, env);
    sp_x25519_public(&id->id.static_secret, id->id.static_public);
    draw_secret(&seed, env);
    sp_sign_pair(&seed, id->id.sign_public, id->id.sign_secret);
    sp_secret_wipe(&seed);
    draw_secret(&id->sealing, env);
}

void sv_home_sealing_public(const struct sv_identity *id, uint8_t out[32])
{
    sp_x25519_public(&id->sealing, out);
}

static void encode(const struct sv_identity *w, struct sp_buf *b)
{
    const struct sp_identity *id = &w->id;
    sp_wr_array(b, IDENTITY_FIELDS);
    sp_wr_uint(b, IDENTITY_VERSION);
    sp_wr_uint(b, w->tier);
    sp_wr_bin(b, id->org.b, sizeof id->org.b);
    sp_wr_uint(b, id->device);
    sp_wr_uint(b, id->user);
    sp_wr_uint(b, id->replica);
    sp_wr_bin(b, id->static_secret.b, SP_KEY_BYTES);
    sp_wr_bin(b, id->static_public, sizeof id->static_public);
    sp_wr_bin(b, id->sign_secret, sizeof id->sign_secret);
    sp_wr_bin(b, id->sign_public, sizeof id->sign_public);
    sp_wr_bin(b, id->root_public, sizeof id->root_public);
    sp_wr_bin(b, id->psk.b, SP_KEY_BYTES);
    sp_wr_bin(b, id->psk_root.b, SP_KEY_BYTES);
    sp_wr_bin(b, w->sealing.b, SP_KEY_BYTES);
    sp_wr_text(b, w->unit);
    sp_wr_text(b, w->upper_endpoint);
    sp_wr_uint(b, w->upper_device);
    sp_wr_bin(b, w->upper_static, sizeof w->upper_static);
}

static void read_text(struct sp_rd *r, char *out, size_t room)
{
    struct sp_slice s = sp_rd_str(r, room - 1);
    if (r->err == SP_OK && s.size > 0) {
        memcpy(out, s.data, s.size);
    }
    out[r->err == SP_OK ? s.size : 0] = '\0';
}

static sp_err decode(struct sp_slice in, struct sv_identity *w)
{
    struct sp_rd r;
    struct sp_identity *id = &w->id;
    memset(w, 0, sizeof *w);
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, IDENTITY_FIELDS);
    (void)sp_rd_uint(&r, IDENTITY_VERSION, IDENTITY_VERSION);
    w->tier = (enum sp_tier)sp_rd_uint(&r, SP_TIER_BRANCH, SP_TIER_HEAD_OFFICE);
    sp_rd_fixed(&r, id->org.b, sizeof id->org.b);
    id->device = (uint32_t)sp_rd_uint(&r, 1, INT32_MAX);
    id->user = (uint32_t)sp_rd_uint(&r, 0, 0);
    id->replica = sp_rd_uint(&r, 1, UINT64_MAX);
    sp_rd_fixed(&r, id->static_secret.b, SP_KEY_BYTES);
    sp_rd_fixed(&r, id->static_public, sizeof id->static_public);
    sp_rd_fixed(&r, id->sign_secret, sizeof id->sign_secret);
    sp_rd_fixed(&r, id->sign_public, sizeof id->sign_public);
    sp_rd_fixed(&r, id->root_public, sizeof id->root_public);
    sp_rd_fixed(&r, id->psk.b, SP_KEY_BYTES);
    sp_rd_fixed(&r, id->psk_root.b, SP_KEY_BYTES);
    sp_rd_fixed(&r, w->sealing.b, SP_KEY_BYTES);
    read_text(&r, w->unit, sizeof w->unit);
    read_text(&r, w->upper_endpoint, sizeof w->upper_endpoint);
    w->upper_device = (uint32_t)sp_rd_uint(&r, 0, INT32_MAX);
    sp_rd_fixed(&r, w->upper_static, sizeof w->upper_static);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

sp_err sv_home_keep(const struct sp_store *port, struct sp_txn *txn,
    const struct sv_identity *who)
{
    struct sp_buf b;
    sp_buf_init(&b, IDENTITY_BYTES_MAX);
    encode(who, &b);
    sp_err err = b.err;
    if (err == SP_OK) {
        err = port->put(
            txn, SP_T_ROOM_0, sp_slice_text(IDENTITY_KEY), sp_buf_slice(&b));
    }
    sp_buf_wipe(&b);
    return err;
}

static sp_err load_identity(struct sv_home *home)
{
    struct sp_txn *txn = NULL;
    struct sp_slice value;
    sp_err err = home->port.begin(home->port.self, false, &txn);
    if (err != SP_OK) {
        return err;
    }
    err = home->port.get(txn, SP_T_ROOM_0, sp_slice_text(IDENTITY_KEY), &value);
    if (err == SP_OK) {
        err = decode(value, &home->who);
    }
    home->port.abort(txn);
    return err;
}

static sp_err store_identity(struct sv_home *home)
{
    struct sp_txn *txn = NULL;
    sp_err err = home->port.begin(home->port.self, true, &txn);
    if (err != SP_OK) {
        return err;
    }
    err = sv_home_keep(&home->port, txn, &home->who);
    if (err != SP_OK) {
        home->port.abort(txn);
        return err;
    }
    return home->port.commit(txn);
}

static void store_path(char out[PATH_BYTES], const char *dir)
{
    snprintf(out, PATH_BYTES, "%s/store", dir);
}

static sp_err open_lmdb(struct sv_home *home, const char *dir,
    const struct sp_secret *root, uint64_t map_bytes, bool create,
    const struct sp_env *env, char *note)
{
    char path[PATH_BYTES];
    store_path(path, dir);
    struct cc_lmdb_options options = { .path = path,
        .root = root,
        .env = env,
        .create = create,
        .exclusive = true,
        .map_bytes = map_bytes };
    sp_err err = cc_lmdb_open(&home->lmdb, &options, note);
    if (err == SP_OK) {
        home->port = cc_lmdb_port(home->lmdb);
        home->node = (struct sp_node){
            .identity = &home->who.id, .store = &home->port, .env = env
        };
    }
    return err;
}

static bool is_store(const char *dir)
{
    char path[PATH_BYTES];
    store_path(path, dir);
    return access(path, F_OK) == 0;
}

sp_err sv_home_open(struct sv_home *home, const char *dir, const char *key_file,
    uint64_t map_bytes, const struct sp_env *env, char note[SV_HOME_NOTE_BYTES])
{
    struct sp_secret root;
    memset(home, 0, sizeof *home);
    note[0] = '\0';
    if (!is_store(dir)) {
        sv_say_note(note, SV_HOME_NOTE_BYTES,
            "%.200s: no server has been made here; make one with `satchelctl "
            "init --dir DIR` or `satchelctl branch join --dir DIR`",
            dir);
        return SP_E_NOT_FOUND;
    }
    sp_err err = sv_keyfile_read(key_file, "store", &root, note);
    if (err == SP_E_NOT_FOUND) {
        sv_say_note(note, SV_HOME_NOTE_BYTES,
            "%.200s: the key of the store is not there; bring it back, or say "
            "with --key_file where it is",
            key_file);
        return SP_E_SECRET;
    }
    if (err != SP_OK) {
        return err;
    }
    err = open_lmdb(home, dir, &root, map_bytes, false, env, note);
    sp_secret_wipe(&root);
    if (err == SP_E_SECRET) {
        sv_say_note(note, SV_HOME_NOTE_BYTES,
            "%.200s is not the key of %.200s/store; say with --key_file where "
            "the right one is",
            key_file, dir);
    }
    if (err != SP_OK) {
        return err;
    }
    err = load_identity(home);
    if (err != SP_OK) {
        sv_say_note(note, SV_HOME_NOTE_BYTES,
            "%.200s: the server's identity cannot be read from its store: %s",
            dir, cc_say_err(err == SP_E_NOT_FOUND ? SP_E_CORRUPT : err));
        sv_home_close(home);
        return err == SP_E_NOT_FOUND ? SP_E_CORRUPT : err;
    }
    home->node.tier = home->who.tier;
    return SP_OK;
}

static sp_err make_folder(const char *dir, char *note)
{
    if (mkdir(dir, 0700) == 0 || errno == EEXIST) {
        return SP_OK;
    }
    int code = errno;
    sv_say_note(note, SV_HOME_NOTE_BYTES,
        "%.200s: cannot make this directory: %s", dir, cc_say_errno(code));
    return code == ENOSPC ? SP_E_FULL : SP_E_IO;
}

sp_err sv_home_create(struct sv_home *home, const char *dir,
    const char *key_file, const struct sv_identity *who,
    const struct sp_env *env, char note[SV_HOME_NOTE_BYTES])
{
    struct sp_secret root;
    memset(home, 0, sizeof *home);
    note[0] = '\0';
    if (is_store(dir)) {
        sv_say_note(note, SV_HOME_NOTE_BYTES,
            "%.200s: a server lives here already; name another --dir", dir);
        return SP_E_EXISTS;
    }
    sp_err err = make_folder(dir, note);
    if (err != SP_OK) {
        return err;
    }
    draw_secret(&root, env);
    err = sv_keyfile_write(key_file, "store", &root, note);
    if (err != SP_OK) {
        sp_secret_wipe(&root);
        return err;
    }
    home->who = *who;
    err = open_lmdb(home, dir, &root, 0, true, env, note);
    sp_secret_wipe(&root);
    if (err == SP_OK) {
        home->node.tier = who->tier;
        err = store_identity(home);
    }
    if (err != SP_OK) {
        sv_home_destroy(home, dir, key_file);
    }
    return err;
}

/* The adapter's files and nothing else; unknown ones stay. */
static void remove_store(const char *dir)
{
    static const char *const files[] = { "db/data.mdb", "db/lock.mdb", "db",
        "new.tmp/data.mdb", "new.tmp/lock.mdb", "new.tmp", "lock", "" };
    char path[PATH_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/store/%s", dir, files[i]);
        (void)remove(path);
    }
}

void sv_home_destroy(
    struct sv_home *home, const char *dir, const char *key_file)
{
    sv_home_close(home);
    remove_store(dir);
    (void)unlink(key_file);
    (void)rmdir(dir);
}

void sv_home_close(struct sv_home *home)
{
    cc_lmdb_close(home->lmdb);
    home->lmdb = NULL;
    sv_home_wipe(&home->who);
}

sp_err sv_home_usage(struct sv_home *home, struct sv_home_usage *out)
{
    struct cc_lmdb_usage usage;
    sp_err err = cc_lmdb_usage(home->lmdb, &usage);
    if (err == SP_OK) {
        out->used_bytes = usage.used_bytes;
        out->map_bytes = usage.map_bytes;
        out->commits = usage.commits;
    }
    return err;
}

void sv_home_tidy(struct sv_home *home)
{
    (void)cc_lmdb_check_readers(home->lmdb);
}
