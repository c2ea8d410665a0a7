/* raw.c - LMDB, libsodium, zstd and TCP with nothing around them. */
#include "raw.h"

#include "bench.h"

#include <arpa/inet.h>
#include <lmdb.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#define SEAL   44u /* what sealing adds to a stored value */
#define TABLES 8u
#define FRAME  65536u

/* One put: which table, bytes of key and of value before it is sealed. */
struct shape {
    unsigned table;
    size_t key, value;
    bool replaces; /* one key, written again and again */
};

/* What the engine stores for a visit of about 500 bytes (tests/bench/README):
 * a device's save; a server's push; a device's pull. */
static const struct shape save[] = {
    { 0, 16, 530, false }, /* log */
    { 1, 34, 0, false },   /* own writes */
    { 2, 36, 0, false },   /* children */
    { 3, 8, 110, true },   /* chain */
    { 4, 3, 8, true },     /* clock */
    { 5, 6, 280, true },   /* commit record */
};
static const struct shape push[] = {
    { 0, 16, 530, false }, /* log */
    { 1, 18, 600, false }, /* record */
    { 2, 43, 0, false },   /* feed of the territory */
    { 3, 43, 0, false },   /* feed of the person */
    { 4, 36, 0, false },   /* children */
};
static const struct shape pull[] = {
    { 1, 18, 450, false }, /* record */
    { 2, 34, 0, false },   /* member of the territory */
    { 4, 36, 0, false },   /* children */
};

struct store {
    char path[512];
    MDB_env *env;
    MDB_dbi table[TABLES];
    uint64_t next; /* keys are in order, as ids are in order of time */
    uint8_t secret[32], nonce[24];
};

static void check(int rc)
{
    if (rc != 0) {
        bench_die("LMDB: %s", mdb_strerror(rc));
    }
}

static void store_open(struct store *s, const char *dir)
{
    MDB_txn *txn;

    memset(s, 0, sizeof *s);
    (void)snprintf(s->path, sizeof s->path, "%s/raw-XXXXXX", dir);
    if (mkdtemp(s->path) == NULL) {
        bench_die("%s", s->path);
    }
    check(mdb_env_create(&s->env));
    check(mdb_env_set_maxdbs(s->env, TABLES));
    check(mdb_env_set_mapsize(s->env, (size_t)1 << 30));
    check(mdb_env_open(s->env, s->path, 0, 0600));
    check(mdb_txn_begin(s->env, NULL, 0, &txn));
    for (unsigned i = 0; i < TABLES; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "t%u", i);
        check(mdb_dbi_open(txn, name, MDB_CREATE, &s->table[i]));
    }
    check(mdb_txn_commit(txn));
}

static void store_close(struct store *s)
{
    char name[600];

    mdb_env_close(s->env);
    (void)snprintf(name, sizeof name, "%s/data.mdb", s->path);
    (void)unlink(name);
    (void)snprintf(name, sizeof name, "%s/lock.mdb", s->path);
    (void)unlink(name);
    (void)rmdir(s->path);
}

static void put(struct store *s, MDB_txn *txn, const struct shape *p)
{
    static const uint8_t plain[2048];
    uint8_t sealed[2048 + SEAL], key[64] = { 0 };
    uint64_t n = p->replaces ? 0 : s->next;
    MDB_val k = { p->key, key }, v = { 0, sealed };
    unsigned long long size;

    for (unsigned i = 0; i < 8 && i < p->key; i++) {
        key[i] = (uint8_t)(n >> (56 - 8 * i));
    }
    if (p->value > 0) {
        sodium_increment(s->nonce, sizeof s->nonce);
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 28, &size,
            plain, p->value, key, p->key, NULL, s->nonce, s->secret);
        v.mv_size = p->value + SEAL;
    }
    check(
        mdb_put(txn, s->table[p->table], &k, &v, p->replaces ? 0 : MDB_APPEND));
}

static void puts_of(
    struct store *s, MDB_txn *txn, const struct shape *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(s, txn, &p[i]);
    }
    s->next++;
}

double bench_raw_saves_per_s(const char *dir, size_t count)
{
    struct store s;
    double start;

    store_open(&s, dir);
    start = bench_seconds();
    for (size_t i = 0; i < count; i++) {
        MDB_txn *txn;
        check(mdb_txn_begin(s.env, NULL, 0, &txn));
        puts_of(&s, txn, save, sizeof save / sizeof save[0]);
        check(mdb_txn_commit(txn));
    }
    start = bench_seconds() - start;
    store_close(&s);
    return (double)count / start;
}

/* ---- loopback ---------------------------------------------------------- */

struct pair {
    int listening, a, b;
};

static void pair_open(struct pair *p)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->listening = socket(AF_INET, SOCK_STREAM, 0);
    BENCH_CHECK(p->listening >= 0);
    BENCH_CHECK(bind(p->listening, (struct sockaddr *)&at, sizeof at) == 0);
    BENCH_CHECK(listen(p->listening, 1) == 0);
    BENCH_CHECK(getsockname(p->listening, (struct sockaddr *)&at, &size) == 0);
    p->a = socket(AF_INET, SOCK_STREAM, 0);
    BENCH_CHECK(connect(p->a, (struct sockaddr *)&at, sizeof at) == 0);
    p->b = accept(p->listening, NULL, NULL);
    BENCH_CHECK(p->b >= 0);
}

static void pair_close(struct pair *p)
{
    (void)close(p->a);
    (void)close(p->b);
    (void)close(p->listening);
}

/* In pieces that fit the socket's buffers: one thread does both ends. */
static void pair_copy(int from, int to, size_t size)
{
    static uint8_t bytes[FRAME];

    while (size > 0) {
        size_t piece = size < sizeof bytes ? size : sizeof bytes, got = 0;
        BENCH_CHECK(send(from, bytes, piece, 0) == (ssize_t)piece);
        while (got < piece) {
            ssize_t n = recv(to, bytes, piece - got, 0);
            BENCH_CHECK(n > 0);
            got += (size_t)n;
        }
        size -= piece;
    }
}

/* ---- figures ----------------------------------------------------------- */

static struct bench_raw transfer(const char *dir, size_t count, size_t batch,
    size_t wire_bytes, const struct shape *shape, size_t shapes)
{
    struct bench_raw out = { 0, 0 };
    struct store s;
    struct pair p;
    double start, cpu;

    store_open(&s, dir);
    pair_open(&p);
    start = bench_seconds();
    cpu = bench_cpu_seconds((int)getpid());
    for (size_t done = 0; done < count;) {
        size_t n = count - done < batch ? count - done : batch;
        MDB_txn *txn;
        pair_copy(p.a, p.b, n * wire_bytes);
        check(mdb_txn_begin(s.env, NULL, 0, &txn));
        for (size_t i = 0; i < n; i++) {
            puts_of(&s, txn, shape, shapes);
        }
        check(mdb_txn_commit(txn));
        pair_copy(p.b, p.a, 200);
        done += n;
    }
    start = bench_seconds() - start;
    cpu = bench_cpu_seconds((int)getpid()) - cpu;
    out.per_s = (double)count / start;
    out.cpu_us = cpu * 1e6 / (double)count;
    pair_close(&p);
    store_close(&s);
    return out;
}

struct bench_raw bench_raw_push(
    const char *dir, size_t count, size_t batch, size_t wire_bytes)
{
    return transfer(
        dir, count, batch, wire_bytes, push, sizeof push / sizeof push[0]);
}

struct bench_raw bench_raw_pull(
    const char *dir, size_t count, size_t batch, size_t wire_bytes)
{
    return transfer(
        dir, count, batch, wire_bytes, pull, sizeof pull / sizeof pull[0]);
}

static void read_all(const struct store *s)
{
    uint8_t plain[2048], nonce[24] = { 0 };
    MDB_cursor *cursor;
    MDB_val k, v;
    MDB_txn *txn;

    check(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));
    check(mdb_cursor_open(txn, s->table[1], &cursor));
    while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
        unsigned long long size;
        sodium_increment(nonce, sizeof nonce);
        BENCH_CHECK(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &size,
                        NULL, (const uint8_t *)v.mv_data + 28, v.mv_size - 28,
                        k.mv_data, k.mv_size, nonce, s->secret) == 0);
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
}

/* A device's records are removed, in one transaction a batch. */
static void remove_all(struct store *s, size_t batch)
{
    uint64_t last = s->next;

    for (uint64_t at = 0; at < last;) {
        MDB_txn *txn;
        check(mdb_txn_begin(s->env, NULL, 0, &txn));
        for (size_t n = 0; n < batch && at < last; n++, at++) {
            for (size_t i = 0; i < sizeof pull / sizeof pull[0]; i++) {
                uint8_t key[64] = { 0 };
                MDB_val k = { pull[i].key, key };
                for (unsigned b = 0; b < 8; b++) {
                    key[b] = (uint8_t)(at >> (56 - 8 * b));
                }
                check(mdb_del(txn, s->table[pull[i].table], &k, NULL));
            }
        }
        check(mdb_txn_commit(txn));
    }
}

static void seal_bytes(const struct store *s, size_t size)
{
    static uint8_t bytes[FRAME], sealed[FRAME + SEAL];
    uint8_t nonce[24] = { 0 };

    for (size_t done = 0; done < size; done += FRAME) {
        unsigned long long n;
        size_t piece = size - done < FRAME ? size - done : FRAME;
        sodium_increment(nonce, sizeof nonce);
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealed, &n, bytes, piece, NULL, 0, NULL, nonce, s->secret);
    }
}

struct bench_raw_move bench_raw_move(
    const char *dir, size_t records, size_t wire_bytes)
{
    static const struct shape record = { 1, 18, 600, false };
    const size_t batch = 150; /* what a frame brings */
    struct bench_raw_move out;
    struct store server, device;
    struct pair p;
    MDB_txn *txn;
    double start, cpu;

    store_open(&server, dir);
    check(mdb_txn_begin(server.env, NULL, 0, &txn));
    for (size_t i = 0; i < records; i++) {
        puts_of(&server, txn, &record, 1);
    }
    check(mdb_txn_commit(txn));
    start = bench_seconds();
    cpu = bench_cpu_seconds((int)getpid());
    read_all(&server);
    seal_bytes(&server, wire_bytes);
    pair_open(&p);
    pair_copy(p.a, p.b, wire_bytes);
    pair_close(&p);
    out.server_cpu_s = bench_cpu_seconds((int)getpid()) - cpu;
    store_open(&device, dir);
    for (size_t done = 0; done < records;) {
        check(mdb_txn_begin(device.env, NULL, 0, &txn));
        for (size_t n = 0; n < batch && done < records; n++, done++) {
            puts_of(&device, txn, pull, sizeof pull / sizeof pull[0]);
        }
        check(mdb_txn_commit(txn));
    }
    remove_all(&device, batch);
    out.seconds = bench_seconds() - start;
    store_close(&device);
    store_close(&server);
    return out;
}

double bench_raw_round_trip_ms(size_t up, size_t down)
{
    double start = bench_seconds();
    struct pair p;

    pair_open(&p);
    pair_copy(p.a, p.b, up);
    pair_copy(p.b, p.a, down);
    pair_close(&p);
    return (bench_seconds() - start) * 1e3;
}

double bench_raw_command_ms(const char *dir, size_t records)
{
    static const struct shape record = { 1, 18, 350, false };
    struct store s;
    MDB_txn *txn;
    double start;
    int status;
    pid_t pid;

    store_open(&s, dir);
    check(mdb_txn_begin(s.env, NULL, 0, &txn));
    for (size_t i = 0; i < records; i++) {
        puts_of(&s, txn, &record, 1);
    }
    check(mdb_txn_commit(txn));
    start = bench_seconds();
    pid = fork();
    if (pid == 0) {
        (void)execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    BENCH_CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    read_all(&s);
    start = bench_seconds() - start;
    store_close(&s);
    return start * 1e3;
}

double bench_raw_typed_bytes(const char *text, size_t size, size_t records)
{
    size_t room = ZSTD_compressBound(FRAME), sum = 0;
    void *out = malloc(room);

    BENCH_CHECK(out != NULL);
    for (size_t at = 0; at < size; at += FRAME) {
        size_t piece = size - at < FRAME ? size - at : FRAME;
        size_t n = ZSTD_compress(out, room, text + at, piece, 1);
        BENCH_CHECK(!ZSTD_isError(n));
        sum += n;
    }
    free(out);
    return (double)sum / (double)records;
}
