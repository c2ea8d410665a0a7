#define _GNU_SOURCE /* getrandom */

#include "replica/replica.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "sp/pack.h"

#include "store/lmdb_reserve.h"

#include "replica/since.h"

#define BOOK_BYTES_MAX  (256u << 20)
#define DOCUMENTS_START 64u
#define TRIES_MAX       8u /* others may take documents while we look */
#define TRACE_BYTES     256u
#define BLOB_SUBKEY     3u /* STORAGE.md has the list */

static const char key_identity[] = "identity";
static const char key_wake[] = "wake";
static const char key_documents[] = "documents";
static const char key_last[] = "last";

/* ---- environment ------------------------------------------------------- */

static uint64_t env_now_ms(void *self)
{
    struct timespec t;

    (void)self;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static void env_random(void *self, void *out, size_t size)
{
    uint8_t *at = (uint8_t *)out;

    (void)self;
    while (size > 0) {
        ssize_t n = getrandom(at, size, 0);
        /* Without randomness no key and no id may be made. */
        SP_ASSERT(n > 0 || errno == EINTR);
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
}

static bool traced(const char *facility)
{
    const char *list = getenv("SATCHEL_TRACE");
    size_t size = strlen(facility);

    if (list == NULL || strcmp(list, "all") == 0) {
        return list != NULL;
    }
    for (; *list != '\0'; list += strcspn(list, ",")) {
        list += *list == ',';
        if (strncmp(list, facility, size) == 0 &&
            (list[size] == ',' || list[size] == '\0')) {
            return true;
        }
    }
    return false;
}

static void env_trace(void *self, const char *facility, const char *line)
{
    (void)self;
    if (traced(facility)) {
        (void)fprintf(stderr, "facility=%s %s\n", facility, line);
    }
}

struct sp_env cc_replica_env(void)
{
    struct sp_env env = { NULL, env_now_ms, env_random, NULL };

    if (getenv("SATCHEL_TRACE") != NULL) {
        env.trace = env_trace;
    }
    return env;
}

static void trace(struct cc_replica *r, const char *line)
{
    if (r->env.trace != NULL) {
        r->env.trace(r->env.self, "replica", line);
    }
}

/* ---- the room's own table ---------------------------------------------- */

static sp_err room_get(
    struct cc_replica *r, struct sp_tx *tx, const char *key, struct sp_slice *v)
{
    return r->store.get(tx->txn, SP_T_ROOM_0, sp_slice_text(key), v);
}

static sp_err room_put(
    struct cc_replica *r, struct sp_tx *tx, const char *key, struct sp_buf *b)
{
    sp_err err = b->err;

    if (err == SP_OK) {
        err = r->store.put(
            tx->txn, SP_T_ROOM_0, sp_slice_text(key), sp_buf_slice(b));
    }
    return err;
}

static sp_err get_documents(
    struct cc_replica *r, struct sp_tx *tx, uint64_t *out)
{
    struct sp_slice v;
    sp_err err = room_get(r, tx, key_documents, &v);

    *out = 0;
    if (err == SP_OK) {
        struct sp_rd rd;
        sp_rd_init(&rd, v);
        *out = sp_rd_uint(&rd, 0, UINT64_MAX);
        err = sp_rd_done(&rd);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err put_documents(
    struct cc_replica *r, struct sp_tx *tx, uint64_t edition)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 16);
    sp_wr_uint(&b, edition);
    err = room_put(r, tx, key_documents, &b);
    sp_buf_free(&b);
    return err;
}

/* ---- identity ---------------------------------------------------------- */

sp_err cc_replica_put_identity(struct cc_replica *r, struct sp_tx *tx)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, CC_IDENTITY_BYTES_MAX);
    cc_identity_encode(&r->identity, &b);
    err = room_put(r, tx, key_identity, &b);
    sp_buf_wipe(&b);
    return err;
}

/* Reads it again: another process may have enrolled or renewed it. */
static sp_err get_identity(struct cc_replica *r, struct sp_tx *tx)
{
    uint8_t digest[sizeof(r->identity_digest)];
    struct sp_slice v;
    sp_err err = room_get(r, tx, key_identity, &v);

    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* not enrolled yet */
    }
    if (err != SP_OK) {
        return err;
    }
    /* Decoding makes public keys, which costs a fifth of a durable commit. */
    sp_hash(digest, sizeof(digest), v, NULL);
    if (memcmp(digest, r->identity_digest, sizeof(digest)) == 0) {
        return SP_OK;
    }
    err = cc_identity_decode(v, &r->identity);
    if (err == SP_OK) {
        memcpy(r->identity_digest, digest, sizeof(digest));
        r->enrolled = r->identity.self.device != 0;
    }
    return err;
}

/* ---- ids --------------------------------------------------------------- */

/* Another process may have made some since. */
static sp_err get_last(struct cc_replica *r, struct sp_tx *tx)
{
    struct sp_slice v;
    struct sp_id id;
    struct sp_rd rd;
    sp_err err = room_get(r, tx, key_last, &v);

    r->made_id = false;
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    sp_rd_init(&rd, v);
    sp_rd_fixed(&rd, id.b, sizeof(id.b));
    err = sp_rd_done(&rd);
    if (err == SP_OK) {
        r->last_id = id;
    }
    return err;
}

static sp_err put_last(struct cc_replica *r, struct sp_tx *tx)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 32);
    sp_wr_bin(&b, r->last_id.b, sizeof(r->last_id.b));
    err = room_put(r, tx, key_last, &b);
    sp_buf_free(&b);
    return err;
}

struct sp_id cc_replica_id(struct cc_replica *r)
{
    uint8_t random[10];

    r->env.random(r->env.self, random, sizeof(random));
    r->last_id = sp_id_next(&r->last_id, r->env.now_ms(r->env.self), random);
    r->made_id = true;
    return r->last_id;
}

/* ---- waking up --------------------------------------------------------- */

static sp_err look(struct cc_replica *r, struct cc_wake *out)
{
    char path[CC_REPLICA_PATH_BYTES + 16];

    (void)snprintf(path, sizeof(path), "%s/db/data.mdb", r->path);
    return r->probe.look(r->probe.self, path, out);
}

static sp_err put_wake(struct cc_replica *r, struct sp_tx *tx)
{
    struct cc_wake now;
    struct sp_buf b;
    sp_err err = look(r, &now);

    if (err != SP_OK) {
        return err;
    }
    now.at_ms = r->env.now_ms(r->env.self);
    sp_buf_init(&b, CC_WAKE_BYTES_MAX);
    cc_wake_encode(&now, &b);
    err = room_put(r, tx, key_wake, &b);
    sp_buf_free(&b);
    return err;
}

static sp_err woke_elsewhere(struct cc_replica *r, struct sp_tx *tx, bool *out)
{
    struct cc_wake stored, now;
    struct sp_slice v;
    sp_err err = room_get(r, tx, key_wake, &v);

    *out = false;
    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* nothing was written yet */
    }
    if (err == SP_OK) {
        err = cc_wake_decode(v, &stored);
    }
    if (err == SP_OK) {
        err = look(r, &now);
    }
    if (err == SP_OK) {
        *out = cc_wake_elsewhere(&stored, &now);
    }
    return err;
}

/* ---- rules ------------------------------------------------------------- */

struct documents {
    struct sp_arena *arena;
    struct sp_slice *bytes;
    size_t count, capacity;
};

static sp_err add_document(void *arg, const struct sp_document *d)
{
    struct documents *l = (struct documents *)arg;

    if (l->count == l->capacity) {
        size_t more = l->capacity == 0 ? DOCUMENTS_START : 2 * l->capacity;
        struct sp_slice *bytes =
            (struct sp_slice *)sp_arena_take(l->arena, more, sizeof(*bytes));
        if (bytes == NULL) {
            return SP_E_NOMEM;
        }
        if (l->count > 0) {
            memcpy(bytes, l->bytes, l->count * sizeof(*bytes));
        }
        l->bytes = bytes;
        l->capacity = more;
    }
    l->bytes[l->count] = sp_arena_copy(l->arena, d->bytes);
    return l->bytes[l->count++].data == NULL ? SP_E_NOMEM : SP_OK;
}

/* Replaces the rulebook by one of all documents that the tx sees; with tx NULL
 * by an empty one, which grants nothing. */
static sp_err build_rules(
    struct cc_replica *r, struct sp_tx *tx, uint64_t edition)
{
    struct documents list = { .count = 0 };
    struct sp_rulebook *book = NULL;
    struct sp_arena scratch, arena;
    sp_err err = SP_OK;

    sp_arena_init(&scratch, BOOK_BYTES_MAX);
    sp_arena_init(&arena, BOOK_BYTES_MAX);
    list.arena = &scratch;
    if (tx != NULL) {
        err = sp_node_walk_documents(tx, add_document, &list);
    }
    if (err == SP_OK) {
        err = sp_rulebook_build(list.bytes, list.count, &r->identity.self.org,
            r->identity.self.root_public, &arena, &book, NULL);
    }
    sp_arena_free(&scratch);
    if (err != SP_OK) {
        sp_arena_free(&arena);
        return err;
    }
    sp_arena_free(&r->arena);
    r->arena = arena;
    r->book = book;
    r->rules = sp_rulebook_rules(book);
    r->documents = edition;
    cc_summary_rules(&r->summary, sp_rulebook_dictionary(book),
        r->rules.serials(r->rules.self).dictionary);
    for (size_t i = 0; i < CC_REPLICA_INDEXES; i++) {
        r->index[i].type = 0; /* a field may mean something else now */
    }
    return SP_OK;
}

const struct sp_dictionary *cc_replica_dictionary(const struct cc_replica *r)
{
    return sp_rulebook_dictionary(r->book);
}

/* ---- transactions ------------------------------------------------------ */

enum outcome { READY, AGAIN };

/* What must be so before the caller gets a tx: rules of the documents that it
 * sees, and for a write an identity that belongs here. AGAIN: the tx ended. */
static sp_err settle(
    struct cc_replica *r, struct sp_tx *tx, bool write, enum outcome *outcome)
{
    uint64_t edition = 0;
    bool elsewhere = false;
    sp_err err = get_documents(r, tx, &edition);

    *outcome = READY;
    if (err == SP_OK && edition != r->documents) {
        *outcome = AGAIN;
        err = get_identity(r, tx); /* enrolled meanwhile: another root key */
        if (err == SP_OK) {
            err = build_rules(r, tx, edition);
        }
        sp_tx_abort(tx);
        return err;
    }
    if (err == SP_OK && write) {
        err = get_identity(r, tx);
    }
    if (err == SP_OK && write) {
        err = get_last(r, tx);
    }
    if (err == SP_OK && write && r->enrolled) {
        err = woke_elsewhere(r, tx, &elsewhere);
    }
    if (err == SP_OK && elsewhere) {
        *outcome = AGAIN;
        trace(r, "event=incarnation reason=woke_elsewhere"); /* SYNC X3 */
        cc_identity_renew(&r->identity, &r->env);
        err = cc_replica_put_identity(r, tx);
        if (err == SP_OK) {
            err = put_wake(r, tx);
        }
        if (err == SP_OK) {
            return sp_tx_commit(tx);
        }
    }
    if (err != SP_OK) {
        sp_tx_abort(tx);
    }
    return err;
}

sp_err cc_replica_begin(struct cc_replica *r, bool write, struct sp_tx *tx)
{
    enum outcome outcome = AGAIN;
    sp_err err = SP_OK;

    (void)pthread_mutex_lock(&r->mutex);
    for (unsigned i = 0; outcome == AGAIN && err == SP_OK; i++) {
        if (i == TRIES_MAX) {
            err = SP_E_BUSY;
            break;
        }
        memset(tx, 0, sizeof(*tx));
        err = sp_tx_begin(tx, &r->node, &r->rules, write);
        if (err == SP_OK) {
            err = settle(r, tx, write, &outcome);
        }
    }
    if (err != SP_OK) {
        (void)pthread_mutex_unlock(&r->mutex);
    } else if (write) {
        cc_summary_begin(&r->summary);
    }
    return err;
}

sp_err cc_replica_commit(struct cc_replica *r, struct sp_tx *tx)
{
    sp_err err = SP_OK;

    if (tx->write && tx->documents) {
        err = put_documents(r, tx, r->documents + 1);
    }
    if (err == SP_OK && tx->write) {
        err = cc_summary_commit(&r->summary, tx);
    }
    if (err == SP_OK && tx->write && r->made_id) {
        err = put_last(r, tx);
    }
    if (err == SP_OK && tx->write) {
        err = put_wake(r, tx);
    }
    if (err == SP_OK) {
        err = sp_tx_commit(tx);
    } else {
        sp_tx_abort(tx);
    }
    (void)pthread_mutex_unlock(&r->mutex);
    return err;
}

void cc_replica_abort(struct cc_replica *r, struct sp_tx *tx)
{
    sp_tx_abort(tx);
    (void)pthread_mutex_unlock(&r->mutex);
}

sp_err cc_replica_index(struct cc_replica *r, struct sp_tx *tx,
    const struct sp_entity *entity, const struct cc_index **out)
{
    struct cc_lmdb_usage usage;
    struct cc_index *x = NULL;
    sp_err err = cc_lmdb_usage(r->lmdb, &usage);

    if (err != SP_OK) {
        return err;
    }
    for (size_t i = 0; i < CC_REPLICA_INDEXES; i++) {
        if (r->index[i].type == entity->number) {
            x = &r->index[i];
            break;
        }
        if (x == NULL || r->index[i].type == 0) {
            x = &r->index[i]; /* the first gives way when all are taken */
        }
    }
    /* Counted before the tx began or since: then it is read once too often. */
    if (x->type != entity->number || x->commits != usage.commits) {
        err = cc_index_load(x, &r->summary, tx, entity);
        x->commits = usage.commits;
    }
    if (err == SP_OK) {
        *out = x;
    }
    return err;
}

static sp_err behind(struct cc_replica *r, bool *out)
{
    struct sp_tx tx;
    sp_err err = cc_replica_begin(r, false, &tx);

    if (err == SP_OK) {
        err = cc_summary_behind(&r->summary, &tx, out);
        cc_replica_abort(r, &tx);
    }
    return err;
}

static sp_err tidy_step(struct cc_replica *r)
{
    struct sp_tx tx;
    sp_err err;

    cc_lmdb_reserve_leave(true); /* the last room is for what is typed */
    err = cc_replica_begin(r, true, &tx);
    cc_lmdb_reserve_leave(false);
    if (err != SP_OK) {
        return err;
    }
    err = cc_summary_tidy(&r->summary, &tx);
    if (err == SP_OK) {
        return cc_replica_commit(r, &tx);
    }
    cc_replica_abort(r, &tx);
    return err;
}

sp_err cc_replica_tidy(struct cc_replica *r)
{
    bool more = false;
    sp_err err = behind(r, &more);

    while (err == SP_OK && more) {
        err = tidy_step(r);
        if (err == SP_OK) {
            err = behind(r, &more);
        }
    }
    return err;
}

/* ---- open and close ---------------------------------------------------- */

static sp_err open_store(
    struct cc_replica *r, const struct cc_replica_options *options, char *note)
{
    struct cc_lmdb_options o = { .path = options->path,
        .root = options->root,
        .env = &r->env,
        .create = options->create,
        .map_bytes = options->map_bytes };
    sp_err err = cc_lmdb_open(&r->lmdb, &o, note);

    if (err == SP_OK) {
        sp_subkey(&r->blob_key, BLOB_SUBKEY, "SVstore1", options->root);
        r->store = cc_lmdb_port(r->lmdb);
        r->node = (struct sp_node){ SP_TIER_DEVICE, &r->identity.self,
            &r->store, &r->env, &r->watch };
    }
    return err;
}

/* Who we are, and the rules as they stand. */
static sp_err load(struct cc_replica *r)
{
    struct sp_tx tx;
    sp_err err = build_rules(r, NULL, UINT64_MAX); /* of no edition */

    if (err == SP_OK) {
        err = cc_replica_begin(r, false, &tx);
    }
    if (err == SP_OK) {
        err = get_identity(r, &tx);
        cc_replica_abort(r, &tx);
    }
    return err;
}

sp_err cc_replica_open(
    struct cc_replica *r, const struct cc_replica_options *options, char *note)
{
    sp_err err;

    note[0] = '\0';
    if (strlen(options->path) >= sizeof(r->path)) {
        return SP_E_ARGUMENT;
    }
    memcpy(r->path, options->path, strlen(options->path) + 1);
    r->env = options->env != NULL ? *options->env : cc_replica_env();
    r->since = cc_since_system();
    r->probe = options->probe != NULL ? *options->probe : cc_wake_system();
    for (size_t i = 0; i < CC_REPLICA_INDEXES; i++) {
        cc_index_init(&r->index[i]);
    }
    cc_summary_init(&r->summary);
    r->watch = cc_summary_watch(&r->summary);
    sp_arena_init(&r->arena, BOOK_BYTES_MAX);
    if (pthread_mutex_init(&r->mutex, NULL) != 0) {
        r->path[0] = '\0';
        return SP_E_NOMEM;
    }
    err = open_store(r, options, note);
    if (err == SP_OK) {
        err = load(r);
    }
    if (err != SP_OK) {
        cc_replica_close(r);
    }
    return err;
}

void cc_replica_close(struct cc_replica *r)
{
    if (r->path[0] == '\0') {
        return;
    }
    cc_lmdb_close(r->lmdb);
    for (size_t i = 0; i < CC_REPLICA_INDEXES; i++) {
        cc_index_free(&r->index[i]);
    }
    cc_summary_free(&r->summary);
    sp_arena_free(&r->arena);
    cc_identity_wipe(&r->identity);
    sp_secret_wipe(&r->blob_key);
    (void)pthread_mutex_destroy(&r->mutex);
    memset(r, 0, sizeof(*r));
}
