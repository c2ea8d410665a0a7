#define _GNU_SOURCE /* nftw, mkdtemp */

#include "device.h"

#include "api/call.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUST(x)                                                                \
    do {                                                                       \
        if (!(x)) {                                                            \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);      \
            abort();                                                           \
        }                                                                      \
    } while (0)

char *test_device_dir(void)
{
    const char *base = getenv("TMPDIR");
    char *dir = (char *)calloc(1, 256);

    MUST(dir != NULL);
    (void)snprintf(dir, 256, "%s/satchel-XXXXXX", base == NULL ? "/tmp" : base);
    MUST(mkdtemp(dir) != NULL);
    return dir;
}

static int remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void test_device_remove(char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

const struct satchel_secret *test_device_secret(void)
{
    static const struct satchel_secret secret = { TEST_DEVICE_PASSPHRASE, NULL,
        NULL };

    return &secret;
}

char *test_device_create(const char *dir, const char *name)
{
    static const struct satchel_create_options cheap = { 1, 8 };
    struct satchel_error e;
    char *path = (char *)calloc(1, 512);

    MUST(path != NULL);
    (void)snprintf(path, 512, "%s/%s", dir, name);
    if (satchel_create(path, test_device_secret(), &cheap, &e) != 0) {
        (void)fprintf(stderr, "%s: %s: %s\n", path, e.name, e.detail);
        abort();
    }
    return path;
}

static void set_keys(
    struct cc_identity *id, struct test_org *org, uint32_t device)
{
    struct test_org_device *d = test_org_find(org, device);

    memset(id, 0, sizeof(*id));
    id->self.org = org->id;
    id->self.device = device;
    id->self.user = d->device.user;
    id->self.replica = sp_replica_make(device, 7);
    id->self.static_secret = d->keys.static_secret;
    memcpy(id->self.static_public, d->keys.static_public, 32);
    memcpy(id->self.sign_secret, d->keys.sign_secret, SP_SIGN_SECRET_BYTES);
    memcpy(id->self.sign_public, d->keys.sign_public, 32);
    memcpy(id->self.root_public, org->root.sign_public, 32);
    id->sealing_secret = d->keys.seal_secret;
    memcpy(id->sealing_public, d->keys.seal_public, 32);
    (void)snprintf(id->unit, sizeof(id->unit), "A");
    (void)snprintf(id->endpoint, sizeof(id->endpoint), "tcp://127.0.0.1:1");
    id->server = 2;
}

/* Later documents are checked under the rules of the earlier ones. */
static void give_documents(struct cc_replica *r, struct test_org *org)
{
    for (int round = 0; round < 3; round++) {
        struct sp_tx tx;
        MUST(cc_replica_begin(r, true, &tx) == SP_OK);
        for (size_t i = 0; test_org_document(org, i).size > 0; i++) {
            sp_err err = sp_node_take_document(&tx, test_org_document(org, i));
            MUST(err == SP_OK || err == SP_E_EXISTS || err == SP_E_DOCUMENT);
        }
        MUST(cc_replica_commit(r, &tx) == SP_OK);
    }
}

void test_device_enrol(struct satchel *s, struct test_org *org, uint32_t device)
{
    struct cc_replica *r = &s->replica;
    struct sp_tx tx;

    MUST(cc_replica_begin(r, true, &tx) == SP_OK);
    set_keys(&r->identity, org, device);
    MUST(sp_node_create(&tx) == SP_OK);
    MUST(cc_replica_put_identity(r, &tx) == SP_OK);
    tx.documents = true;
    MUST(cc_replica_commit(r, &tx) == SP_OK);
    r->enrolled = true;
    give_documents(r, org);
}

struct satchel *test_device_open(
    const char *dir, const char *name, struct test_org *org, uint32_t device)
{
    char *path = test_device_create(dir, name);
    struct satchel *s = NULL;

    MUST(satchel_open(path, test_device_secret(), &s, NULL) == 0);
    test_device_enrol(s, org, device);
    free(path);
    return s;
}

int test_world_begin(void **state)
{
    struct test_world *w = (struct test_world *)calloc(1, sizeof(*w));

    MUST(w != NULL);
    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->s = test_device_open(w->dir, "anna", w->org, 111u);
    *state = w;
    return 0;
}

int test_world_end(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    satchel_close(w->s);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

/* ---- the clock ---------------------------------------------------------- */

static struct sp_env machine;

static uint64_t clock_now(void *self)
{
    return (*(uint64_t *)self)++;
}

static bool clock_since(void *self, struct cc_since *out)
{
    memset(out, 0, sizeof(*out));
    out->ms = *(const uint64_t *)self;
    return true;
}

static void machine_random(void *self, void *out, size_t size)
{
    (void)self;
    machine.random(machine.self, out, size);
}

void test_device_clock(struct satchel *s, uint64_t *now_ms)
{
    struct sp_env *env = &s->replica.env;

    machine = *env;
    if (*now_ms == 0) {
        *now_ms = machine.now_ms(machine.self);
    }
    env->self = now_ms;
    env->now_ms = clock_now;
    env->random = machine_random;
    env->trace = NULL;
    s->replica.since = (struct cc_since_probe){ now_ms, clock_since };
}

void test_device_clock_back(struct satchel *s)
{
    s->replica.env = machine;
}
