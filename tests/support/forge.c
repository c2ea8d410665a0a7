#include "forge.h"

#include "engine.h"

struct test_forge test_forge_new(struct test_party *p, uint32_t incarnation)
{
    return (struct test_forge){ .party = p,
        .replica = sp_replica_make(p->identity.device, incarnation),
        .from = 1 };
}

struct sp_commit test_forge_commit(const struct test_forge *f)
{
    const struct test_party *p = f->party;
    struct sp_serials s = p->rules.serials(p->rules.self);
    return (struct sp_commit){ .replica = f->replica,
        .time = sp_hlc_tick(0, p->world->now_ms),
        .user = p->identity.user,
        .dictionary = s.dictionary,
        .policy = s.policy,
        .roster = s.roster };
}

void test_forge_add(struct test_forge *f, struct sp_commit *c)
{
    struct sp_buf b;
    SP_ASSERT(f->count < TEST_FORGE_COMMITS_MAX);
    c->n = ++f->n;
    sp_set_u64be(c->nonce, f->n);
    sp_buf_init(&b, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(c, &b);
    SP_ASSERT(b.err == SP_OK);
    struct sp_slice bytes = sp_arena_copy(&f->party->arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    struct sp_hash prev = f->hash;
    sp_commit_chain(&prev, f->replica, c->n, bytes, &f->hash);
    f->commit[f->count++] = bytes;
}

static void add_writes(struct test_forge *f, const struct sp_ref *ref,
    struct sp_write *w, uint32_t count)
{
    struct sp_change change = { *ref, count, w };
    struct sp_commit c = test_forge_commit(f);
    c.count = 1;
    c.change = &change;
    test_forge_add(f, &c);
}

void test_forge_text(struct test_forge *f, const struct sp_ref *ref,
    uint16_t field, const char *text)
{
    struct sp_write w = { .key = { field, { 0 } },
        .value = test_party_text(f->party, text) };
    add_writes(f, ref, &w, 1);
}

struct sp_ref test_forge_account(
    struct test_forge *f, const char *name, const char *territory)
{
    struct sp_ref ref = test_party_ref(f->party, 1);
    struct sp_write w[] = {
        { .key = { 2, { 0 } }, .value = test_party_text(f->party, name) },
        { .key = { 12, { 0 } }, .value = test_party_text(f->party, territory) },
    };
    add_writes(f, &ref, w, 2);
    return ref;
}

struct sp_ref test_forge_visit(
    struct test_forge *f, const struct sp_ref *account)
{
    struct test_party *p = f->party;
    struct sp_ref ref = test_party_ref(p, 3);
    struct sp_write w[] = {
        { .key = { 1, { 0 } }, .value = test_party_bytes(p, &account->id) },
        { .key = { 2, { 0 } },
            .value = test_party_number(p, p->identity.user) },
        { .key = { 4, { 0 } }, .value = test_party_number(p, 1) },
        { .key = { 5, { 0 } }, .value = test_party_moment(p) },
    };
    add_writes(f, &ref, w, 4);
    return ref;
}

struct sp_batch test_forge_batch(struct test_forge *f)
{
    struct sp_arena *arena = &f->party->arena;
    struct sp_batch b = { .replica = f->replica,
        .from = f->from,
        .prev = sp_arena_copy(arena, SP_SLICE(f->prev.b)),
        .count = f->count,
        .commit = sp_arena_take(arena, f->count, sizeof *b.commit) };
    SP_ASSERT(b.commit != NULL && f->count > 0);
    memcpy(b.commit, f->commit, f->count * sizeof *b.commit);
    sp_commit_sign(&f->party->identity.org, f->replica, f->n, &f->hash,
        f->party->identity.sign_secret, b.signature);
    f->from = f->n + 1;
    f->prev = f->hash;
    f->count = 0;
    return b;
}

sp_err test_forge_push(struct test_party *server, struct test_party *peer,
    struct sp_batch *batch, uint64_t *taken)
{
    struct sp_certified who;
    struct sp_tx tx;
    struct sp_push push = { 1, batch };
    uint64_t count = 0;
    SP_ASSERT(server->rules.device(
                  server->rules.self, peer->identity.device, &who) == SP_OK);
    test_party_begin(server, &tx, true);
    sp_err err = sp_apply_push(&tx, &who, &push, &server->arena, &count);
    if (taken != NULL) {
        *taken = count;
    }
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    return test_party_commit(server, &tx);
}
