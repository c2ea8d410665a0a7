/* test_exchange.c - a device, its branch and head office talk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"
#include "org.h"
#include "sp/link.h"
#include "sp/pack.h"

struct party {
    struct test_org *org;
    struct sp_node node;
    struct sp_identity identity;
    struct mem_store *mem;
    struct sp_store store;
    struct sp_env env;
    struct sp_rulebook *book;
    struct sp_rules rules;
    struct sp_arena arena;
    uint64_t random;
    size_t bytes; /* of frames, both ways, of the last session */
};

static uint64_t now_ms = 1790000000000u;

static uint64_t env_now(void *self)
{
    (void)self;
    return now_ms;
}

static void env_random(void *self, void *out, size_t size)
{
    struct party *p = self;
    uint8_t *b = out;
    for (size_t i = 0; i < size; i++) {
        p->random = p->random * 6364136223846793005u + 1442695040888963407u;
        b[i] = (uint8_t)(p->random >> 33);
    }
}

struct document_list {
    struct sp_arena *arena;
    struct sp_slice bytes[128];
    size_t count;
};

static sp_err collect(void *arg, const struct sp_document *d)
{
    struct document_list *l = arg;
    assert_true(l->count < 128);
    l->bytes[l->count++] = sp_arena_copy(l->arena, d->bytes);
    return SP_OK;
}

static void rebuild(struct party *p)
{
    struct sp_tx tx;
    struct document_list l = { .arena = &p->arena };
    assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, false), SP_OK);
    assert_int_equal(sp_node_walk_documents(&tx, collect, &l), SP_OK);
    sp_tx_abort(&tx);
    assert_int_equal(sp_rulebook_build(l.bytes, l.count, &p->org->id,
                         p->org->root.sign_public, &p->arena, &p->book, NULL),
        SP_OK);
    p->rules = sp_rulebook_rules(p->book);
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

static struct party *party_new(
    struct test_org *org, enum sp_tier tier, uint32_t device)
{
    struct party *p = test_calloc(1, sizeof *p);
    struct sp_tx tx;
    p->org = org;
    p->random = device;
    p->mem = mem_store_new();
    p->store = mem_store_port(p->mem);
    p->env = (struct sp_env){ p, env_now, env_random, NULL };
    p->node = (struct sp_node){ tier, &p->identity, &p->store, &p->env };
    sp_arena_init(&p->arena, 256u << 20);
    p->identity.org = org->id;
    memcpy(p->identity.root_public, org->root.sign_public, 32);
    if (tier == SP_TIER_DEVICE) {
        struct test_org_device *d = test_org_find(org, device);
        keys_into(&p->identity, &d->keys, device);
        p->identity.user = d->device.user;
        memset(&p->identity.psk_root, 0, sizeof p->identity.psk_root);
    } else {
        enum test_org_unit_name unit =
            tier == SP_TIER_HEAD_OFFICE ? TEST_ORG_HEAD : TEST_ORG_A;
        keys_into(&p->identity, &org->unit[unit].keys, device);
    }
    assert_int_equal(sp_rulebook_build(NULL, 0, &org->id, org->root.sign_public,
                         &p->arena, &p->book, NULL),
        SP_OK);
    p->rules = sp_rulebook_rules(p->book);
    assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, true), SP_OK);
    assert_int_equal(sp_node_create(&tx), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    return p;
}

/* Head office, and a branch before its first uplink, are given documents. */
static void give_documents(struct party *p)
{
    for (int round = 0; round < 3; round++) {
        struct sp_tx tx;
        assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, true), SP_OK);
        for (size_t i = 0;; i++) {
            struct sp_slice d = test_org_document(p->org, i);
            if (d.size == 0) {
                break;
            }
            sp_err err = sp_node_take_document(&tx, d);
            assert_true(
                err == SP_OK || err == SP_E_EXISTS || err == SP_E_DOCUMENT);
        }
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
        rebuild(p);
    }
}

static void party_free(struct party *p)
{
    mem_store_free(p->mem);
    sp_arena_free(&p->arena);
    test_free(p);
}

static sp_err turn(
    struct party *p, struct sp_link *l, bool write, struct sp_buf *out)
{
    struct sp_tx tx;
    assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, write), SP_OK);
    sp_err err = sp_link_serve(l, &tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    if (tx.documents) {
        rebuild(p);
        assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, true), SP_OK);
        assert_int_equal(sp_node_retry(&tx), SP_OK);
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
    }
    return sp_link_reply(l, out);
}

/* One round between initiator and responder links. */
static sp_err play(
    struct party *a, struct sp_link *la, struct party *b, struct sp_link *lb)
{
    struct sp_buf up, down;
    sp_err err;
    sp_buf_init(&up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&down, SP_FRAME_BYTES_MAX);
    a->bytes = 0;
    err = turn(a, la, true, &up);
    for (int i = 0; i < 500 && err == SP_OK && !sp_link_done(la); i++) {
        enum sp_need need;
        err = sp_link_receive(lb, sp_buf_slice(&up), &need);
        if (err == SP_OK) {
            err = turn(b, lb, need == SP_NEED_WRITE, &down);
        }
        if (err != SP_OK) {
            fprintf(stderr, "responder %s: %s\n", sp_link_state(lb),
                sp_err_name(err));
            sp_link_error(lb, err, &down);
        }
        a->bytes += up.size + down.size;
        err = sp_link_receive(la, sp_buf_slice(&down), &need);
        if (err == SP_OK) {
            err = turn(a, la, true, &up);
        }
        if (err != SP_OK) {
            fprintf(stderr, "initiator %s: %s\n", sp_link_state(la),
                sp_err_name(err));
        }
    }
    sp_buf_free(&up);
    sp_buf_free(&down);
    return err;
}

static struct sp_link *dial(struct party *a, const struct party *b)
{
    struct sp_link_setup s = {
        .node = &a->node, .initiator = true, .peer = b->identity.device
    };
    memcpy(s.peer_static, b->identity.static_public, 32);
    return sp_link_new(&s);
}

static struct sp_link *answer(struct party *b)
{
    struct sp_link_setup s = { .node = &b->node };
    return sp_link_new(&s);
}

static struct sp_link_report sync_with(struct party *a, struct party *b)
{
    struct sp_link *la = dial(a, b), *lb = answer(b);
    assert_int_equal(play(a, la, b, lb), SP_OK);
    struct sp_link_report r = *sp_link_report(la);
    printf("# sync: bytes=%zu trips=%llu same=%d pushed=%llu pulled=%llu "
           "refused=%llu deferred=%llu alarms=%llu\n",
        a->bytes, (unsigned long long)r.round_trips, r.same,
        (unsigned long long)r.pushed, (unsigned long long)r.pulled,
        (unsigned long long)r.refused, (unsigned long long)r.deferred,
        (unsigned long long)r.alarms);
    sp_link_free(la);
    sp_link_free(lb);
    return r;
}

/* ---- drafts ------------------------------------------------------------ */

static struct sp_slice text(struct sp_arena *a, const char *s)
{
    struct sp_buf b;
    sp_buf_init(&b, 4096);
    sp_wr_text(&b, s);
    struct sp_slice copy = sp_arena_copy(a, sp_buf_slice(&b));
    sp_buf_free(&b);
    return copy;
}

static struct sp_slice number(struct sp_arena *a, uint64_t v)
{
    struct sp_buf b;
    sp_buf_init(&b, 64);
    sp_wr_uint(&b, v);
    struct sp_slice copy = sp_arena_copy(a, sp_buf_slice(&b));
    sp_buf_free(&b);
    return copy;
}

static sp_err make(
    struct party *p, const struct sp_draft_change *c, uint8_t authority)
{
    struct sp_tx tx;
    struct sp_verdict v = { 0 };
    uint64_t n;
    struct sp_draft d = { p->identity.user, authority, 1, c };
    assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, true), SP_OK);
    sp_err err = sp_commit_make(&tx, &d, &v, &n);
    if (err != SP_OK) {
        fprintf(stderr, "refused: %s type %u field %u rule %u\n",
            sp_err_name(err), v.type, v.field, v.rule);
        sp_tx_abort(&tx);
        return err;
    }
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    return SP_OK;
}

static struct sp_ref new_ref(struct party *p, uint16_t type)
{
    uint8_t random[10];
    struct sp_ref ref = { .type = type };
    env_random(p, random, sizeof random);
    ref.id = sp_id_make(now_ms++, random);
    return ref;
}

static struct sp_ref make_account(
    struct party *p, const char *name, const char *territory)
{
    struct sp_ref ref = new_ref(p, 1);
    struct sp_draft_write w[] = {
        { { 2, { 0 } }, text(&p->arena, name) },
        { { 12, { 0 } }, text(&p->arena, territory) },
    };
    struct sp_draft_change c = { ref, true, 2, w };
    assert_int_equal(make(p, &c, 0), SP_OK);
    return ref;
}

static void rename_account(
    struct party *p, const struct sp_ref *ref, const char *name)
{
    struct sp_draft_write w[] = { { { 2, { 0 } }, text(&p->arena, name) } };
    struct sp_draft_change c = { *ref, false, 1, w };
    assert_int_equal(make(p, &c, 0), SP_OK);
}

static struct sp_record view(struct party *p, const struct sp_ref *ref)
{
    struct sp_tx tx;
    struct sp_record r = { 0 };
    assert_int_equal(sp_tx_begin(&tx, &p->node, &p->rules, false), SP_OK);
    assert_int_equal(sp_state_view(&tx, ref, &p->arena, &r, NULL), SP_OK);
    sp_tx_abort(&tx);
    return r;
}

static uint32_t siblings(struct party *p, const struct sp_ref *ref)
{
    struct sp_record r = view(p, ref);
    const struct sp_register *reg = sp_record_field(&r, 2);
    assert_non_null(reg);
    return reg->count;
}

/* ---- the tests --------------------------------------------------------- */

struct world {
    struct test_org *org;
    struct party *head, *branch, *anna, *mia;
};

static int setup(void **state)
{
    struct world *w = test_calloc(1, sizeof *w);
    assert_int_equal(sp_crypto_init(), SP_OK);
    w->org = test_org_new(1);
    w->head = party_new(w->org, SP_TIER_HEAD_OFFICE, 1);
    w->branch = party_new(w->org, SP_TIER_BRANCH, 2);
    w->anna = party_new(w->org, SP_TIER_DEVICE, 111);
    w->mia = party_new(w->org, SP_TIER_DEVICE, 110);
    give_documents(w->head);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    party_free(w->head);
    party_free(w->branch);
    party_free(w->anna);
    party_free(w->mia);
    test_org_free(w->org);
    test_free(w);
    return 0;
}

static void an_account_made_offline_reaches_head_office(void **state)
{
    struct world *w = *state;
    sync_with(w->branch, w->head); /* documents */
    sync_with(w->anna, w->branch);
    struct sp_ref a = make_account(w->anna, "Corner shop", "A-1");
    struct sp_link_report r = sync_with(w->anna, w->branch);
    assert_int_equal(r.pushed, 1);
    assert_int_equal(siblings(w->branch, &a), 1);
    sync_with(w->branch, w->head);
    assert_int_equal(siblings(w->head, &a), 1);
    assert_int_equal(siblings(w->anna, &a), 1);
    sync_with(w->anna, w->branch); /* learns that head office has it */
    r = sync_with(w->anna, w->branch);
    assert_true(r.same);
    assert_int_equal(r.round_trips, 1);
    assert_true(w->anna->bytes + 40 <= 400);
    r = sync_with(w->branch, w->head);
    r = sync_with(w->branch, w->head);
    assert_true(r.same);
}

static void two_who_edit_one_field_keep_both_values(void **state)
{
    struct world *w = *state;
    sync_with(w->branch, w->head);
    sync_with(w->anna, w->branch);
    struct sp_ref a = make_account(w->anna, "Corner shop", "A-1");
    sync_with(w->anna, w->branch);
    sync_with(w->mia, w->branch);
    rename_account(w->anna, &a, "Anna's name");
    rename_account(w->mia, &a, "Mia's name");
    sync_with(w->mia, w->branch);
    sync_with(w->anna, w->branch);
    sync_with(w->mia, w->branch);
    assert_int_equal(siblings(w->branch, &a), 2);
    assert_int_equal(siblings(w->anna, &a), 2);
    assert_int_equal(siblings(w->mia, &a), 2);
    rename_account(w->mia, &a, "Settled");
    sync_with(w->mia, w->branch);
    sync_with(w->anna, w->branch);
    assert_int_equal(siblings(w->anna, &a), 1);
    sync_with(w->branch, w->head);
    assert_int_equal(siblings(w->head, &a), 1);
}

static void an_edit_in_an_open_session_costs_one_round_trip(void **state)
{
    struct world *w = *state;
    sync_with(w->branch, w->head);
    sync_with(w->anna, w->branch);
    struct sp_ref a = make_account(w->anna, "Corner shop", "A-1");
    struct sp_link *la = dial(w->anna, w->branch), *lb = answer(w->branch);
    assert_int_equal(play(w->anna, la, w->branch, lb), SP_OK);
    uint64_t trips = sp_link_report(la)->round_trips;
    rename_account(w->anna, &a, "Tiny shop");
    assert_int_equal(sp_link_again(la), SP_OK);
    assert_int_equal(play(w->anna, la, w->branch, lb), SP_OK);
    assert_int_equal(sp_link_report(la)->round_trips, trips + 1);
    printf("# edit: bytes=%zu with nng's %zu\n", w->anna->bytes,
        w->anna->bytes + 24);
    assert_true(w->anna->bytes + 24 <= 400);
    assert_int_equal(siblings(w->branch, &a), 1);
    sp_link_free(la);
    sp_link_free(lb);
    assert_true(sync_with(w->anna, w->branch).same);
}

static void a_thousand_visits_cross_once(void **state)
{
    struct world *w = *state;
    sync_with(w->branch, w->head);
    sync_with(w->anna, w->branch);
    struct sp_ref a = make_account(w->anna, "Corner shop", "A-1");
    for (int i = 0; i < 1000; i++) {
        struct sp_ref ref = new_ref(w->anna, 3);
        struct sp_buf id, at;
        sp_buf_init(&id, 64);
        sp_wr_bin(&id, a.id.b, 16);
        sp_buf_init(&at, 64);
        sp_wr_array(&at, 2);
        sp_wr_uint(&at, now_ms);
        sp_wr_text(&at, "Asia/Shanghai");
        struct sp_draft_write v[] = {
            { { 1, { 0 } }, sp_buf_slice(&id) },
            { { 2, { 0 } }, number(&w->anna->arena, 11) },
            { { 4, { 0 } }, number(&w->anna->arena, 1) },
            { { 5, { 0 } }, sp_buf_slice(&at) },
        };
        struct sp_draft_change c = { ref, true, 4, v };
        assert_int_equal(make(w->anna, &c, 0), SP_OK);
        sp_buf_free(&id);
        sp_buf_free(&at);
    }
    struct sp_link_report r = sync_with(w->anna, w->branch);
    assert_int_equal(r.pushed, 1001);
    assert_int_equal(r.alarms, 0);
    sync_with(w->mia, w->branch);
    sync_with(w->branch, w->head);
    r = sync_with(w->mia, w->branch);
    sync_with(w->anna, w->branch);
    assert_true(sync_with(w->anna, w->branch).same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_account_made_offline_reaches_head_office, setup, teardown),
        cmocka_unit_test_setup_teardown(
            two_who_edit_one_field_keep_both_values, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_edit_in_an_open_session_costs_one_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_thousand_visits_cross_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
