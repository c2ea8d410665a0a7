#include "parties.h"

#include "sp/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS        1790000000000u
#define ARENA_BYTES_MAX (512u << 20)
#define TURNS_MAX       2000
#define INCARNATION     7u

#define ACCOUNT_NAME      2u
#define ACCOUNT_TERRITORY 12u

/* ---- environment ------------------------------------------------------- */

static uint64_t env_now(void *self)
{
    const struct test_party *p = self;
    return p->world->now_ms;
}

static void env_random(void *self, void *out, size_t size)
{
    struct test_party *p = self;
    uint8_t *b = out;
    for (size_t i = 0; i < size; i++) {
        p->random = p->random * 6364136223846793005u + 1442695040888963407u;
        b[i] = (uint8_t)(p->random >> 33);
    }
}

/* ---- rules ------------------------------------------------------------- */

struct documents {
    struct sp_arena *arena;
    struct sp_slice bytes[4096];
    size_t count;
};

static sp_err collect(void *arg, const struct sp_document *d)
{
    struct documents *l = arg;
    SP_ASSERT(l->count < 4096);
    l->bytes[l->count++] = sp_arena_copy(l->arena, d->bytes);
    return SP_OK;
}

static void build_rules(
    struct test_party *p, const struct sp_slice *documents, size_t count)
{
    const struct test_org *o = p->world->org;
    SP_ASSERT(sp_rulebook_build(documents, count, &o->id, o->root.sign_public,
                  &p->arena, &p->book, NULL) == SP_OK);
    p->rules = sp_rulebook_rules(p->book);
}

sp_err test_party_rebuild(struct test_party *p)
{
    struct sp_tx tx;
    struct documents l = { .arena = &p->arena };
    sp_err err = sp_tx_begin(&tx, &p->node, &p->rules, false);
    if (err != SP_OK) {
        return err;
    }
    err = sp_node_walk_documents(&tx, collect, &l);
    if (err == SP_OK) {
        err = sp_node_walk_past(&tx, collect, &l);
    }
    sp_tx_abort(&tx);
    if (err == SP_OK) {
        build_rules(p, l.bytes, l.count);
    }
    return err;
}

void test_party_restart(struct test_party *p)
{
    sp_arena_reset(&p->arena);
    build_rules(p, NULL, 0);
    SP_ASSERT(test_party_rebuild(p) == SP_OK);
}

void test_party_give_documents(struct test_party *p)
{
    /* Who signed one may stand in another: three rounds find everybody. */
    for (int round = 0; round < 3; round++) {
        struct sp_tx tx;
        test_party_begin(p, &tx, true);
        for (size_t i = 0;; i++) {
            struct sp_slice d = test_org_document(p->world->org, i);
            if (d.size == 0) {
                break;
            }
            sp_err err = sp_node_take_document(&tx, d);
            SP_ASSERT(
                err == SP_OK || err == SP_E_EXISTS || err == SP_E_DOCUMENT);
        }
        SP_ASSERT(test_party_commit(p, &tx) == SP_OK);
    }
}

/* ---- parties ----------------------------------------------------------- */

static void take_keys(
    struct sp_identity *id, const struct test_org_keys *k, uint32_t device)
{
    id->device = device;
    id->replica = sp_replica_make(device, INCARNATION);
    id->static_secret = k->static_secret;
    memcpy(id->static_public, k->static_public, sizeof id->static_public);
    memcpy(id->sign_secret, k->sign_secret, sizeof id->sign_secret);
    memcpy(id->sign_public, k->sign_public, sizeof id->sign_public);
    memset(id->psk_root.b, 0x5a, sizeof id->psk_root.b);
    sp_identity_psk(&id->psk, &id->psk_root, device);
}

static enum sp_tier tier_of(uint32_t device)
{
    return device == 1   ? SP_TIER_HEAD_OFFICE
           : device <= 3 ? SP_TIER_BRANCH
                         : SP_TIER_DEVICE;
}

static void identify(struct test_party *p, uint32_t device)
{
    struct test_org *o = p->world->org;
    p->identity.org = o->id;
    memcpy(p->identity.root_public, o->root.sign_public, 32);
    if (device <= TEST_ORG_UNITS) {
        take_keys(&p->identity, &o->unit[device - 1].keys, device);
        return;
    }
    const struct test_org_device *d = test_org_find(o, device);
    take_keys(&p->identity, &d->keys, device);
    p->identity.user = d->device.user;
    memset(&p->identity.psk_root, 0, sizeof p->identity.psk_root);
}

static struct test_party *party_new(struct test_world *w, uint32_t device)
{
    struct test_party *p = calloc(1, sizeof *p);
    struct sp_tx tx;
    SP_ASSERT(p != NULL);
    p->world = w;
    p->random = device;
    p->mem = mem_store_new();
    p->store = mem_store_port(p->mem);
    p->env = (struct sp_env){ p, env_now, env_random, NULL };
    p->node = (struct sp_node){ tier_of(device), &p->identity, &p->store,
        &p->env, NULL };
    sp_arena_init(&p->arena, ARENA_BYTES_MAX);
    identify(p, device);
    build_rules(p, NULL, 0);
    test_party_begin(p, &tx, true);
    SP_ASSERT(sp_node_create(&tx) == SP_OK);
    SP_ASSERT(sp_tx_commit(&tx) == SP_OK);
    return p;
}

static void party_free(struct test_party *p)
{
    mem_store_free(p->mem);
    sp_arena_free(&p->arena);
    free(p);
}

struct test_world *test_world_new(uint32_t seed)
{
    struct test_world *w = calloc(1, sizeof *w);
    SP_ASSERT(w != NULL && sp_crypto_init() == SP_OK);
    w->org = test_org_new(seed);
    w->now_ms = START_MS;
    test_party_give_documents(test_world_party(w, 1));
    return w;
}

void test_world_free(struct test_world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        party_free(w->party[i]);
    }
    test_org_free(w->org);
    free(w);
}

struct test_party *test_world_party(struct test_world *w, uint32_t device)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->party[i]->identity.device == device) {
            return w->party[i];
        }
    }
    SP_ASSERT(w->count < TEST_WORLD_PARTIES_MAX);
    return w->party[w->count++] = party_new(w, device);
}

int test_world_setup(void **state)
{
    struct test_world *w = test_world_new(1);
    (void)test_world_ready(w, 111);
    *state = w;
    return 0;
}

int test_world_teardown(void **state)
{
    struct test_world *w = *state;
    for (uint32_t i = 0; i < w->count; i++) {
        test_party_check(w->party[i]);
    }
    test_world_free(w);
    return 0;
}

/* Whom a party exchanges with: a person's device with his unit's server. */
static uint32_t server_of(struct test_world *w, uint32_t device)
{
    enum test_org_unit_name unit;
    if (device <= TEST_ORG_UNITS) {
        return 1;
    }
    (void)test_org_person(
        w->org, test_org_find(w->org, device)->device.user, &unit);
    return (uint32_t)unit + 1;
}

struct test_party *test_world_ready(struct test_world *w, uint32_t device)
{
    struct test_party *p = test_world_party(w, device);
    if (device != 1) {
        (void)test_party_sync(p, test_world_ready(w, server_of(w, device)));
    }
    return p;
}

void test_party_begin(struct test_party *p, struct sp_tx *tx, bool write)
{
    SP_ASSERT(sp_tx_begin(tx, &p->node, &p->rules, write) == SP_OK);
}

sp_err test_party_commit(struct test_party *p, struct sp_tx *tx)
{
    sp_err err = sp_tx_commit(tx);
    if (err != SP_OK || !tx->documents) {
        return err;
    }
    err = test_party_rebuild(p);
    if (err == SP_OK) {
        err = sp_tx_begin(tx, &p->node, &p->rules, true);
    }
    if (err != SP_OK) {
        return err;
    }
    err = sp_node_retry(tx);
    if (err != SP_OK) {
        sp_tx_abort(tx);
        return err;
    }
    return sp_tx_commit(tx);
}

/* ---- conversations ----------------------------------------------------- */

struct sp_link *test_party_dial(struct test_party *a, struct test_party *b)
{
    struct sp_link_setup s = {
        .node = &a->node, .initiator = true, .peer = b->identity.device
    };
    memcpy(s.peer_static, b->identity.static_public, sizeof s.peer_static);
    return sp_link_new(&s);
}

struct sp_link *test_party_answer(struct test_party *b)
{
    struct sp_link_setup s = { .node = &b->node };
    return sp_link_new(&s);
}

sp_err test_party_turn(
    struct test_party *p, struct sp_link *l, bool write, struct sp_buf *out)
{
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, &p->node, &p->rules, write);
    if (err != SP_OK) {
        return err;
    }
    err = sp_link_serve(l, &tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    err = test_party_commit(p, &tx);
    return err == SP_OK ? sp_link_reply(l, out) : err;
}

static sp_err take_turn(struct test_party *p, struct sp_link *l,
    const struct sp_buf *in, struct sp_buf *out)
{
    enum sp_need need;
    sp_err err = sp_link_receive(l, sp_buf_slice(in), &need);
    return err == SP_OK ? test_party_turn(p, l, need == SP_NEED_WRITE, out)
                        : err;
}

sp_err test_party_play(struct test_party *a, struct sp_link *la,
    struct test_party *b, struct sp_link *lb)
{
    return test_party_play_with(a, la, b, lb, NULL, NULL);
}

sp_err test_party_play_with(struct test_party *a, struct sp_link *la,
    struct test_party *b, struct sp_link *lb,
    void (*before)(void *arg, unsigned turn), void *arg)
{
    struct sp_buf up, down;
    sp_err first = SP_OK;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    a->bytes = 0;
    sp_err err = test_party_turn(a, la, true, &up);
    for (unsigned i = 0; err == SP_OK && !sp_link_done(la); i++) {
        SP_ASSERT(i < TURNS_MAX);
        if (before != NULL) {
            before(arg, i);
        }
        sp_err answer = take_turn(b, lb, &up, &down);
        if (answer != SP_OK) {
            first = first == SP_OK ? answer : first;
            sp_link_error(lb, answer, &down);
        }
        a->bytes += up.size + down.size;
        err = take_turn(a, la, &down, &up);
    }
    sp_buf_free(&up);
    sp_buf_free(&down);
    return first != SP_OK ? first : err;
}

void test_party_cut(struct test_party *a, struct test_party *b, unsigned served)
{
    struct sp_link *la = test_party_dial(a, b), *lb = test_party_answer(b);
    struct sp_buf up, down;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    SP_ASSERT(test_party_turn(a, la, true, &up) == SP_OK);
    for (unsigned i = 0; i < served; i++) {
        SP_ASSERT(i == 0 || take_turn(a, la, &down, &up) == SP_OK);
        SP_ASSERT(!sp_link_done(la));
        SP_ASSERT(take_turn(b, lb, &up, &down) == SP_OK);
    }
    sp_buf_free(&up);
    sp_buf_free(&down);
    sp_link_free(la);
    sp_link_free(lb);
}

sp_err test_party_talk(
    struct test_party *a, struct test_party *b, struct sp_link_report *report)
{
    struct sp_link *la = test_party_dial(a, b), *lb = test_party_answer(b);
    sp_err err = test_party_play(a, la, b, lb);
    if (report != NULL) {
        *report = *sp_link_report(la);
    }
    sp_link_free(la);
    sp_link_free(lb);
    return err;
}

struct sp_link_report test_party_sync(
    struct test_party *a, struct test_party *b)
{
    struct sp_link_report r;
    sp_err err = test_party_talk(a, b, &r);
    if (err != SP_OK || !r.complete) {
        printf("# sync of %u with %u: %s\n", a->identity.device,
            b->identity.device, sp_err_name(err));
    }
    SP_ASSERT(err == SP_OK && r.complete);
    return r;
}

/* ---- writing ----------------------------------------------------------- */

static struct sp_slice keep(struct test_party *p, struct sp_buf *b)
{
    SP_ASSERT(b->err == SP_OK);
    struct sp_slice copy = sp_arena_copy(&p->arena, sp_buf_slice(b));
    SP_ASSERT(copy.data != NULL);
    sp_buf_free(b);
    return copy;
}

struct sp_slice test_party_text(struct test_party *p, const char *s)
{
    struct sp_buf b;
    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    sp_wr_text(&b, s);
    return keep(p, &b);
}

struct sp_slice test_party_number(struct test_party *p, uint64_t v)
{
    struct sp_buf b;
    sp_buf_init(&b, 16);
    sp_wr_uint(&b, v);
    return keep(p, &b);
}

struct sp_slice test_party_bytes(struct test_party *p, const struct sp_id *id)
{
    struct sp_buf b;
    sp_buf_init(&b, 32);
    sp_wr_bin(&b, id->b, sizeof id->b);
    return keep(p, &b);
}

struct sp_slice test_party_moment(struct test_party *p)
{
    struct sp_buf b;
    sp_buf_init(&b, 64);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, p->world->now_ms);
    sp_wr_text(&b, "Asia/Shanghai");
    return keep(p, &b);
}

struct sp_ref test_party_ref(struct test_party *p, uint16_t type)
{
    uint8_t random[10];
    struct sp_ref ref = { .type = type };
    env_random(p, random, sizeof random);
    ref.id = sp_id_make(p->world->now_ms++, random);
    return ref;
}

sp_err test_party_make(
    struct test_party *p, const struct sp_draft_change *c, uint8_t authority)
{
    struct sp_tx tx;
    struct sp_verdict v;
    uint64_t n;
    struct sp_draft d = { p->identity.user, authority, 1, c };
    sp_err err = sp_tx_begin(&tx, &p->node, &p->rules, true);
    if (err != SP_OK) {
        return err;
    }
    err = sp_commit_make(&tx, &d, &v, &n);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    return sp_tx_commit(&tx);
}

struct sp_ref test_party_account(
    struct test_party *p, const char *name, const char *territory)
{
    struct sp_ref ref = test_party_ref(p, 1);
    struct sp_draft_write w[] = {
        { { ACCOUNT_NAME, { 0 } }, test_party_text(p, name) },
        { { ACCOUNT_TERRITORY, { 0 } }, test_party_text(p, territory) },
    };
    struct sp_draft_change c = { ref, true, 2, w };
    SP_ASSERT(test_party_make(p, &c, SP_AUTHORITY_PERSON) == SP_OK);
    return ref;
}

static sp_err write_text(struct test_party *p, const struct sp_ref *ref,
    uint16_t field, const char *text, uint8_t authority)
{
    struct sp_draft_write w = { { field, { 0 } }, test_party_text(p, text) };
    struct sp_draft_change c = { *ref, false, 1, &w };
    return test_party_make(p, &c, authority);
}

sp_err test_party_rename(
    struct test_party *p, const struct sp_ref *account, const char *name)
{
    return write_text(p, account, ACCOUNT_NAME, name, SP_AUTHORITY_PERSON);
}

sp_err test_party_move(
    struct test_party *p, const struct sp_ref *account, const char *territory)
{
    return write_text(
        p, account, ACCOUNT_TERRITORY, territory, SP_AUTHORITY_BRANCH);
}

struct sp_ref test_party_visit(
    struct test_party *p, const struct sp_ref *account)
{
    struct sp_ref ref = test_party_ref(p, 3);
    struct sp_draft_write w[] = {
        { { 1, { 0 } }, test_party_bytes(p, &account->id) },
        { { 2, { 0 } }, test_party_number(p, p->identity.user) },
        { { 4, { 0 } }, test_party_number(p, 1) },
        { { 5, { 0 } }, test_party_moment(p) },
    };
    struct sp_draft_change c = { ref, true, 4, w };
    SP_ASSERT(test_party_make(p, &c, SP_AUTHORITY_PERSON) == SP_OK);
    return ref;
}

/* ---- looking ----------------------------------------------------------- */

struct sp_record test_party_view(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_tx tx;
    struct sp_record r = { .ref = *ref };
    test_party_begin(p, &tx, false);
    sp_err err = sp_state_view(&tx, ref, &p->arena, &r, NULL);
    SP_ASSERT(err == SP_OK || err == SP_E_NOT_FOUND);
    sp_tx_abort(&tx);
    return r;
}

uint32_t test_party_values(
    struct test_party *p, const struct sp_ref *ref, uint16_t field)
{
    struct sp_record r = test_party_view(p, ref);
    const struct sp_register *reg = sp_record_field(&r, field);
    return reg == NULL ? 0 : reg->count;
}

const char *test_party_name(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = test_party_view(p, ref);
    const struct sp_register *reg = sp_record_field(&r, ACCOUNT_NAME);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_KEEP);
    struct sp_rd rd;
    if (shown == NULL) {
        return "";
    }
    sp_rd_init(&rd, shown->value);
    struct sp_slice text = sp_rd_str(&rd, SP_VALUE_BYTES_MAX);
    char *copy = sp_arena_take(&p->arena, text.size + 1, 1);
    SP_ASSERT(copy != NULL);
    memcpy(copy, text.data, text.size);
    return copy;
}

bool test_party_in_scope(
    struct test_party *p, const struct sp_ref *ref, const char *territory)
{
    struct sp_tx tx;
    struct sp_scopes scopes = { .count = 0 };
    struct sp_id id = test_org_territory(territory);
    bool found = false;
    test_party_begin(p, &tx, false);
    sp_err err = sp_state_scopes(&tx, ref, &scopes);
    SP_ASSERT(err == SP_OK || err == SP_E_NOT_FOUND);
    sp_tx_abort(&tx);
    for (uint32_t i = 0; i < scopes.count; i++) {
        found = found || sp_id_equal(&scopes.id[i], &id);
    }
    return found;
}

struct sp_verdict test_party_verdict(
    struct test_party *p, sp_replica replica, uint64_t n)
{
    struct sp_tx tx;
    struct sp_logged entry = { .hash = { { 0 } } };
    test_party_begin(p, &tx, false);
    sp_err err = sp_log_get(&tx, replica, n, &p->arena, &entry);
    SP_ASSERT(err == SP_OK || err == SP_E_NOT_FOUND);
    sp_tx_abort(&tx);
    return entry.verdict;
}

struct sp_status test_party_status(struct test_party *p)
{
    struct sp_tx tx;
    struct sp_status s;
    test_party_begin(p, &tx, false);
    SP_ASSERT(sp_node_status(&tx, &s) == SP_OK);
    sp_tx_abort(&tx);
    return s;
}

/* ---- an older dictionary ------------------------------------------------- */

static bool derives_nothing(void *self, uint16_t type, uint16_t field)
{
    (void)self;
    (void)type;
    (void)field;
    return false;
}

static sp_err derive_nothing(void *self, const struct sp_record *in,
    enum sp_make what, struct sp_arena *arena, struct sp_record *out,
    uint32_t *made)
{
    (void)self;
    (void)what;
    (void)arena;
    *out = *in;
    *made = 0;
    return SP_OK;
}

void test_party_derives_nothing(struct test_party *p, bool yes)
{
    struct sp_rules now = sp_rulebook_rules(p->book);

    p->rules.derives = yes ? derives_nothing : now.derives;
    p->rules.derive = yes ? derive_nothing : now.derive;
}
