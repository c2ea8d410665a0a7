/*
 * The books of a store, counted again from its records alone: written apart
 * from the engine, and so a second opinion about the layout of its tables
 * (PROTOCOL.md, "Tables").
 */
#include "parties.h"

#include "sp/pack.h"

#include <stdio.h>
#include <string.h>

#define SUMS_MAX   64u
#define SCOPES_MAX 64u

struct sum {
    uint16_t type, field;
    uint8_t v[16];
};

struct scope {
    struct sp_id id;
    uint64_t head, members;
    uint8_t key[16];
    uint32_t count;
    struct sum sum[SUMS_MAX];
    /* what was found while counting */
    uint64_t found_members, found_head;
    uint32_t found_count;
    struct sum found[SUMS_MAX];
};

struct books {
    struct test_party *party;
    struct sp_txn *txn;
    struct sp_arena arena;
    uint32_t count;
    struct scope scope[SCOPES_MAX];
    uint64_t places; /* of records, left marks included */
    uint64_t feed;   /* entries */
};

static void fail(
    const struct books *b, const char *what, const struct sp_id *scope)
{
    char hex[33];
    sp_hex(hex, scope->b, sizeof scope->b);
    printf("# party %u, scope %s: %s\n", b->party->identity.device, hex, what);
    sp_assert_failed("the books of the store agree", __FILE__, __LINE__);
}

static struct scope *find(struct books *b, const struct sp_id *id)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (sp_id_equal(&b->scope[i].id, id)) {
            return &b->scope[i];
        }
    }
    fail(b, "a record is in it, its counters are missing", id);
    return NULL;
}

static struct sum *find_sum(
    struct sum *list, uint32_t *count, uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (list[i].type == type && list[i].field == field) {
            return &list[i];
        }
    }
    SP_ASSERT(*count < SUMS_MAX);
    struct sum *s = &list[(*count)++];
    *s = (struct sum){ .type = type, .field = field };
    return s;
}

/* ---- what the counters say --------------------------------------------- */

static sp_err read_scope(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct books *b = arg;
    struct sp_rd r;
    SP_ASSERT(b->count < SCOPES_MAX && key.size == 16);
    struct scope *s = &b->scope[b->count++];
    memcpy(s->id.b, key.data, 16);
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 10);
    s->head = sp_rd_uint(&r, 0, UINT64_MAX);
    (void)sp_rd_uint(&r, 0, UINT64_MAX); /* floor */
    s->members = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, s->key, sizeof s->key);
    (void)sp_rd_bool(&r);  /* held */
    (void)sp_rd_value(&r); /* digest of the grant */
    (void)sp_rd_value(&r); /* the grant */
    (void)sp_rd_value(&r); /* digest of the wider one that is on its way */
    (void)sp_rd_value(&r); /* that grant */
    uint32_t count = sp_rd_array(&r, 3 * SUMS_MAX) / 3;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t type = (uint16_t)sp_rd_uint(&r, 1, SP_TYPE_MAX);
        uint16_t field = (uint16_t)sp_rd_uint(&r, 0, SP_FIELD_MAX);
        struct sum *sum = find_sum(s->sum, &s->count, type, field);
        sp_rd_fixed(&r, sum->v, sizeof sum->v);
    }
    SP_ASSERT(sp_rd_done(&r) == SP_OK);
    return SP_OK;
}

/* ---- what the records say ---------------------------------------------- */

static void count_register(struct books *b, struct scope *s,
    const struct sp_ref *ref, const struct sp_register *reg)
{
    struct sp_buf in;
    uint8_t share[16];
    unsigned carry = 0;
    if (reg->count == 0) {
        return;
    }
    (void)b;
    sp_buf_init(&in, 4096);
    sp_buf_put_u16be(&in, ref->type);
    sp_buf_put(&in, ref->id.b, 16);
    sp_buf_put_u16be(&in, reg->key.field);
    sp_buf_put_u8(&in, (uint8_t)reg->key.element.size);
    sp_buf_put(&in, reg->key.element.data, reg->key.element.size);
    for (uint32_t i = 0; i < reg->count; i++) {
        sp_buf_put_u64be(&in, reg->sibling[i].stamp.dot.replica);
        sp_buf_put_u64be(&in, reg->sibling[i].stamp.dot.counter);
    }
    SP_ASSERT(in.err == SP_OK);
    sp_siphash(share, sp_buf_slice(&in), s->key);
    sp_buf_free(&in);
    struct sum *sum =
        find_sum(s->found, &s->found_count, ref->type, reg->key.field);
    for (unsigned i = 0; i < 16; i++) {
        carry += (unsigned)sum->v[i] + share[i];
        sum->v[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void count_place(struct books *b, const struct sp_record *r,
    const struct sp_id *scope, uint64_t seq, bool left)
{
    struct scope *s = find(b, scope);
    uint8_t key[43];
    struct sp_slice value;
    b->places++;
    s->found_head = seq > s->found_head ? seq : s->found_head;
    if (!left) {
        s->found_members++;
        for (uint32_t i = 0; i < r->count; i++) {
            count_register(b, s, &r->ref, &r->reg[i]);
        }
    }
    memcpy(key, scope->b, 16);
    sp_set_u64be(key + 16, seq);
    sp_set_u16be(key + 24, r->ref.type);
    memcpy(key + 26, r->ref.id.b, 16);
    key[42] = left ? 1 : 0;
    bool server = b->party->node.tier != SP_TIER_DEVICE;
    if (server && b->party->store.get(
                      b->txn, SP_T_FEED, SP_SLICE(key), &value) != SP_OK) {
        fail(b, "a place does not stand in the feed", scope);
    }
    if (!server) {
        memmove(key + 16, key + 24, 18);
        sp_err err = b->party->store.get(
            b->txn, SP_T_MEMBER, sp_slice_of(key, 34), &value);
        if ((err == SP_OK) == left) {
            fail(b, "the member index is wrong", scope);
        }
    }
}

static sp_err read_record(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct books *b = arg;
    struct sp_rd r, places;
    struct sp_record record;
    (void)key;
    sp_arena_reset(&b->arena);
    struct sp_slice copy = sp_arena_copy(&b->arena, value);
    sp_rd_init(&r, copy);
    sp_rd_array_of(&r, 3);
    (void)sp_rd_uint(&r, 0, UINT32_MAX); /* origin */
    sp_rd_init(&places, sp_rd_value(&r));
    SP_ASSERT(r.err == SP_OK);
    SP_ASSERT(sp_record_decode(sp_slice_of(r.at, (size_t)(r.end - r.at)),
                  SP_RECORD_STORED, &b->arena, &record) == SP_OK);
    uint32_t count = sp_rd_array(&places, 4096) / 4;
    for (uint32_t i = 0; i < count; i++) {
        struct sp_id scope;
        sp_rd_fixed(&places, scope.b, sizeof scope.b);
        uint64_t seq = sp_rd_uint(&places, 1, UINT64_MAX);
        uint64_t entry = sp_rd_uint(&places, 1, UINT64_MAX);
        SP_ASSERT(entry <= seq);
        count_place(b, &record, &scope, seq, sp_rd_bool(&places));
    }
    SP_ASSERT(sp_rd_done(&places) == SP_OK);
    return SP_OK;
}

/* ---- chains and verdicts ------------------------------------------------- */

struct chain {
    struct sp_txn *txn;
    const struct test_party *party;
    sp_replica replica;
    uint64_t open, unconfirmed;
};

static sp_err count_verdict(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct chain *c = arg;
    struct sp_rd r;
    (void)key;
    sp_rd_init(&r, value);
    (void)sp_rd_array(&r, 16);
    uint64_t kind = sp_rd_uint(&r, 1, 3);
    for (int i = 0; i < 6; i++) {
        (void)sp_rd_uint(&r, 0, UINT64_MAX); /* code to at */
    }
    (void)sp_rd_value(&r); /* content id */
    c->unconfirmed += !sp_rd_bool(&r);
    c->open += kind != SP_ACCEPTED;
    SP_ASSERT(r.err == SP_OK);
    return SP_OK;
}

/* A server's counters of a chain are those of its verdicts (SYNC F3). */
static sp_err check_chain(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct chain *c = arg;
    struct sp_rd r;
    uint8_t prefix[8]; /* a key lives for 64 further looks */
    memcpy(prefix, key.data, sizeof prefix);
    c->replica = sp_get_u64be(prefix);
    c->open = c->unconfirmed = 0;
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 10);
    for (int i = 0; i < 8; i++) {
        (void)sp_rd_value(&r);
    }
    uint64_t unconfirmed = sp_rd_uint(&r, 0, UINT64_MAX);
    uint64_t open = sp_rd_uint(&r, 0, UINT64_MAX);
    SP_ASSERT(sp_rd_done(&r) == SP_OK);
    SP_ASSERT(c->party->store.walk(c->txn, SP_T_VERDICT, SP_SLICE(prefix),
                  (struct sp_slice){ 0 }, true, count_verdict, c) == SP_OK);
    if (open != c->open || unconfirmed != c->unconfirmed) {
        printf("# party %u, chain %016llx: %llu open, %llu unconfirmed; "
               "counted %llu, %llu\n",
            c->party->identity.device, (unsigned long long)c->replica,
            (unsigned long long)open, (unsigned long long)unconfirmed,
            (unsigned long long)c->open, (unsigned long long)c->unconfirmed);
        (void)fflush(stdout);
        sp_assert_failed("counters of a chain", __FILE__, __LINE__);
    }
    return SP_OK;
}

static void check_chains(const struct test_party *p, struct sp_txn *txn)
{
    struct chain c = { .txn = txn, .party = p };
    const struct sp_slice all = { 0 };
    if (p->node.tier != SP_TIER_DEVICE) {
        SP_ASSERT(p->store.walk(txn, SP_T_CHAIN, all, all, true, check_chain,
                      &c) == SP_OK);
    }
}

/* ---- both --------------------------------------------------------------- */

static void compare(struct books *b, struct scope *s)
{
    static const uint8_t zero[16];
    if (s->members != s->found_members) {
        fail(b, "the number of its records is wrong", &s->id);
    }
    if (b->party->node.tier != SP_TIER_DEVICE && s->head < s->found_head) {
        fail(b, "its head is behind its feed", &s->id);
    }
    for (uint32_t i = 0; i < s->found_count; i++) {
        const struct sum *f = &s->found[i];
        const struct sum *had = find_sum(s->sum, &s->count, f->type, f->field);
        if (memcmp(f->v, had->v, 16) != 0) {
            fail(b, "a sum differs from its records", &s->id);
        }
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sum *had = &s->sum[i];
        const struct sum *f =
            find_sum(s->found, &s->found_count, had->type, had->field);
        if (memcmp(f->v, had->v, 16) != 0 && memcmp(f->v, zero, 16) == 0) {
            fail(b, "a sum stands that no record accounts for", &s->id);
        }
    }
}

void test_party_check(struct test_party *p)
{
    static struct books b; /* too large for the stack */
    memset(&b, 0, sizeof b);
    b.party = p;
    sp_arena_init(&b.arena, 16u << 20);
    SP_ASSERT(p->store.begin(p->store.self, false, &b.txn) == SP_OK);
    const struct sp_slice all = { 0 };
    SP_ASSERT(p->store.walk(
                  b.txn, SP_T_SCOPE, all, all, true, read_scope, &b) == SP_OK);
    SP_ASSERT(p->store.walk(b.txn, SP_T_RECORD, all, all, true, read_record,
                  &b) == SP_OK);
    for (uint32_t i = 0; i < b.count; i++) {
        compare(&b, &b.scope[i]);
    }
    SP_ASSERT(p->store.count(b.txn, SP_T_FEED, &b.feed) == SP_OK);
    /* One place a record and scope; a left mark may outlive its place when a
     * record has been in more scopes than it remembers. */
    SP_ASSERT(p->node.tier == SP_TIER_DEVICE || b.feed >= b.places);
    check_chains(p, b.txn);
    p->store.abort(b.txn);
    sp_arena_free(&b.arena);
}
