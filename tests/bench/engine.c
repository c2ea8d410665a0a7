/*
 * engine.c - the engine alone, to profile it: a device and its branch in one
 * thread over real LMDB stores, frames handed over in memory.
 *
 *   bench-engine DIR [push N] [pull N] [save N] [list N]
 *
 * Prints where the time went; the figures of record are those of
 * tests/bench/run, which run the shipped library against the shipped server.
 */
#include "bench.h"
#include "org.h"
#include "sp/link.h"
#include "store/lmdb_store.h"
#include "work.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REP_USER = 11, REP_DEVICE = 111, MANAGER_DEVICE = 110, BRANCH = 2 };

struct party {
    struct test_org *org;
    struct sp_node node;
    struct sp_identity identity;
    struct cc_lmdb *lmdb;
    struct sp_store store;
    struct sp_env env;
    struct sp_rules rules;
    double serve, commit; /* seconds of its turns, and in commits */
    uint64_t commits;
};

static uint64_t env_now(void *self)
{
    struct timespec t;
    (void)self;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void env_random(void *self, void *out, size_t size)
{
    (void)self;
    BENCH_CHECK(getrandom(out, size, 0) == (ssize_t)size);
}

static void keys_into(
    struct sp_identity *id, const struct test_org_keys *k, uint32_t device)
{
    id->device = device;
    id->replica = sp_replica_make(device, 7);
    id->static_secret = k->static_secret;
    memcpy(id->static_public, k->static_public, 32);
    memcpy(id->sign_secret, k->sign_secret, 64);
    memcpy(id->sign_public, k->sign_public, 32);
    memset(id->psk_root.b, 0x5a, 32);
    sp_identity_psk(&id->psk, &id->psk_root, device);
}

static void open_store(struct party *p, const char *dir, uint32_t device)
{
    static const struct sp_secret root = { { 1 } };
    char path[512], note[CC_LMDB_NOTE_BYTES];
    struct cc_lmdb_options o = {
        .path = path, .root = &root, .env = &p->env, .create = true
    };

    (void)snprintf(path, sizeof path, "%s/%u", dir, device);
    if (cc_lmdb_open(&p->lmdb, &o, note) != SP_OK) {
        bench_die("%s", note);
    }
    p->store = cc_lmdb_port(p->lmdb);
}

static struct party *party_new(
    struct test_org *org, enum sp_tier tier, uint32_t device, const char *dir)
{
    struct party *p = calloc(1, sizeof *p);
    struct sp_tx tx;

    BENCH_CHECK(p != NULL);
    p->org = org;
    p->env = (struct sp_env){ p, env_now, env_random, NULL };
    open_store(p, dir, device);
    p->node = (struct sp_node){ tier, &p->identity, &p->store, &p->env, NULL };
    p->identity.org = org->id;
    memcpy(p->identity.root_public, org->root.sign_public, 32);
    if (tier == SP_TIER_DEVICE) {
        struct test_org_device *d = test_org_find(org, device);
        keys_into(&p->identity, &d->keys, device);
        p->identity.user = d->device.user;
        memset(&p->identity.psk_root, 0, sizeof p->identity.psk_root);
    } else {
        keys_into(&p->identity, &org->unit[TEST_ORG_A].keys, device);
    }
    p->rules = sp_rulebook_rules(test_org_rulebook(org));
    BENCH_CHECK(sp_tx_begin(&tx, &p->node, &p->rules, true) == SP_OK);
    BENCH_CHECK(sp_node_create(&tx) == SP_OK);
    for (size_t i = 0; test_org_document(org, i).size > 0; i++) {
        sp_err err = sp_node_take_document(&tx, test_org_document(org, i));
        BENCH_CHECK(err == SP_OK || err == SP_E_EXISTS);
    }
    BENCH_CHECK(sp_tx_commit(&tx) == SP_OK);
    return p;
}

static void party_free(struct party *p)
{
    cc_lmdb_close(p->lmdb);
    free(p);
}

static void turn(
    struct party *p, struct sp_link *l, bool write, struct sp_buf *out)
{
    struct sp_tx tx;
    double start = bench_seconds(), served;
    sp_err err;

    BENCH_CHECK(sp_tx_begin(&tx, &p->node, &p->rules, write) == SP_OK);
    err = sp_link_serve(l, &tx);
    if (err != SP_OK) {
        bench_die("%s: %s", sp_link_state(l), sp_err_name(err));
    }
    served = bench_seconds();
    BENCH_CHECK(sp_tx_commit(&tx) == SP_OK);
    BENCH_CHECK(!tx.documents);
    p->serve += served - start;
    p->commit += bench_seconds() - served;
    p->commits += write;
    BENCH_CHECK(sp_link_reply(l, out) == SP_OK);
}

struct talk {
    struct party *device, *server;
    struct sp_link *asks, *answers;
    size_t bytes, round_trips;
    double receive;
};

static void talk_open(struct talk *t, struct party *d, struct party *s)
{
    struct sp_link_setup ask = {
        .node = &d->node, .initiator = true, .peer = s->identity.device
    };
    struct sp_link_setup answer = { .node = &s->node };

    memcpy(ask.peer_static, s->identity.static_public, 32);
    *t = (struct talk){ .device = d, .server = s };
    t->asks = sp_link_new(&ask);
    t->answers = sp_link_new(&answer);
    d->serve = d->commit = s->serve = s->commit = 0;
    d->commits = s->commits = 0;
}

static void receive(struct talk *t, struct sp_link *l, const struct sp_buf *in,
    enum sp_need *need)
{
    double start = bench_seconds();
    sp_err err = sp_link_receive(l, sp_buf_slice(in), need);

    if (err != SP_OK) {
        bench_die("%s: %s", sp_link_state(l), sp_err_name(err));
    }
    t->receive += bench_seconds() - start;
    t->bytes += in->size;
}

static void talk_play(struct talk *t)
{
    struct sp_buf up, down;
    enum sp_need need;

    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    turn(t->device, t->asks, true, &up);
    while (!sp_link_done(t->asks)) {
        receive(t, t->answers, &up, &need);
        turn(t->server, t->answers, need == SP_NEED_WRITE, &down);
        receive(t, t->asks, &down, &need);
        turn(t->device, t->asks, true, &up);
        t->round_trips++;
    }
    sp_buf_free(&up);
    sp_buf_free(&down);
}

static struct sp_link_report talk_close(struct talk *t)
{
    struct sp_link_report r = *sp_link_report(t->asks);

    sp_link_free(t->asks);
    sp_link_free(t->answers);
    return r;
}

static void sync_with(struct party *d, struct party *s, const char *what)
{
    struct talk t;
    double start = bench_seconds(), cpu = bench_cpu_seconds((int)getpid()), all;
    struct sp_link_report r;

    talk_open(&t, d, s);
    talk_play(&t);
    all = bench_seconds() - start;
    cpu = bench_cpu_seconds((int)getpid()) - cpu;
    r = talk_close(&t);
    uint64_t records = r.pushed + r.pulled;
    if (what == NULL) {
        return;
    }
    (void)printf("%s: %llu pushed %llu pulled in %.3f s (cpu %.3f), %.0f/s, "
                 "%.1f bytes each, %zu trips, alarms %llu\n"
                 "  device serve %.3f commit %.3f (%llu); server serve %.3f "
                 "commit %.3f (%llu); receive %.3f\n",
        what, (unsigned long long)r.pushed, (unsigned long long)r.pulled, all,
        cpu, (double)records / all, (double)t.bytes / (double)(records + 1),
        t.round_trips, (unsigned long long)r.alarms, d->serve, d->commit,
        (unsigned long long)d->commits, s->serve, s->commit,
        (unsigned long long)s->commits, t.receive);
}

/* ---- work -------------------------------------------------------------- */

static uint64_t random_state = 1;

/* Saves, batch of them in a transaction. */
static struct sp_ref save_all(struct party *p, size_t count, size_t batch,
    const struct sp_ref *accounts, size_t account_count)
{
    struct sp_arena arena;
    struct sp_tx tx;
    struct sp_ref ref = { .type = 0 };

    sp_arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < count; i++) {
        struct bench_work w;
        struct sp_verdict v;
        uint64_t n;
        if (i % batch == 0) {
            BENCH_CHECK(sp_tx_begin(&tx, &p->node, &p->rules, true) == SP_OK);
        }
        sp_arena_reset(&arena);
        if (account_count == 0) {
            bench_work_account(&w, &arena, &random_state, env_now(NULL), "A-1");
        } else {
            bench_work_visit(&w, &arena, &random_state, env_now(NULL),
                &accounts[bench_work_random(&random_state) % account_count],
                REP_USER);
        }
        struct sp_draft d = { p->identity.user, 0, 1, &w.change };
        sp_err err = sp_commit_make(&tx, &d, &v, &n);
        if (err != SP_OK) {
            bench_die(
                "save: %s type %u field %u", sp_err_name(err), v.type, v.field);
        }
        ref = w.change.ref;
        if (i % batch == batch - 1 || i == count - 1) {
            BENCH_CHECK(sp_tx_commit(&tx) == SP_OK);
        }
    }
    sp_arena_free(&arena);
    return ref;
}

struct listed {
    size_t count;
    struct sp_ref *ref;
};

static sp_err list_one(void *arg, const struct sp_record *view)
{
    struct listed *l = arg;
    l->ref[l->count++] = view->ref;
    return SP_OK;
}

static struct listed list(struct party *p, uint16_t type, size_t room)
{
    struct listed l = { 0, calloc(room + 1, sizeof *l.ref) };
    struct sp_tx tx;
    double start = bench_seconds();

    BENCH_CHECK(sp_tx_begin(&tx, &p->node, &p->rules, false) == SP_OK);
    BENCH_CHECK(sp_state_walk(&tx, type, NULL, list_one, &l) == SP_OK);
    sp_tx_abort(&tx);
    (void)printf("walk: %zu records in %.1f ms\n", l.count,
        (bench_seconds() - start) * 1e3);
    return l;
}

int main(int argc, char **argv)
{
    size_t push = 10000, pull = 20000, save = 300, accounts = 200;

    if (argc < 2 || argc % 2 != 0) {
        bench_die("usage: bench-engine DIR [push|pull|save|accounts N]...");
    }
    for (int i = 2; i < argc; i += 2) {
        size_t n = strtoul(argv[i + 1], NULL, 10);
        *(strcmp(argv[i], "push") == 0     ? &push
            : strcmp(argv[i], "pull") == 0 ? &pull
            : strcmp(argv[i], "save") == 0 ? &save
                                           : &accounts) = n;
    }
    BENCH_CHECK(mkdir(argv[1], 0700) == 0);
    BENCH_CHECK(sp_crypto_init() == SP_OK);
    struct test_org *org = test_org_new(1);
    struct party *branch = party_new(org, SP_TIER_BRANCH, BRANCH, argv[1]);
    struct party *rep = party_new(org, SP_TIER_DEVICE, REP_DEVICE, argv[1]);
    struct party *boss =
        party_new(org, SP_TIER_DEVICE, MANAGER_DEVICE, argv[1]);

    sync_with(rep, branch, NULL);
    (void)save_all(rep, accounts, 1000, NULL, 0);
    sync_with(rep, branch, "accounts");
    struct listed l = list(rep, 1, accounts);
    double start = bench_seconds();
    (void)save_all(rep, save, 1, l.ref, l.count);
    (void)printf("save: %zu in %.3f s, %.0f/s\n", save, bench_seconds() - start,
        (double)save / (bench_seconds() - start));
    start = bench_seconds();
    (void)save_all(rep, push, 1000, l.ref, l.count);
    (void)printf("make: %zu in %.3f s\n", push, bench_seconds() - start);
    sync_with(rep, branch, "push");
    sync_with(rep, branch, "same");
    if (pull > push) {
        (void)save_all(rep, pull - push, 1000, l.ref, l.count);
        sync_with(rep, branch, "push");
    }
    sync_with(boss, branch, "pull");
    sync_with(boss, branch, "same");
    (void)list(boss, 3, pull + save + push);
    free(list(boss, 1, accounts).ref);
    party_free(rep);
    party_free(boss);
    party_free(branch);
    return 0;
}
