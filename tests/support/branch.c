#include "branch.h"

#include "contents.h"
#include "engine.h"
#include "memory.h"

#include "sp/frame.h"
#include "sp/link.h"
#include "sp/pack.h"

#include "replica/index.h"
#include "replica/replica.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS     16u
#define FIRST_DEVICE 500u
#define PORT_FIRST   21000u
#define PORTS        9000u
#define TEXT_BYTES   64u

#define MUST(x)                                                                \
    do {                                                                       \
        if (!(x)) {                                                            \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);      \
            abort();                                                           \
        }                                                                      \
    } while (0)

struct test_branch {
    struct test_org *org;
    struct sp_identity identity;
    struct mem_store *mem;
    struct sp_store store;
    struct sp_env env;
    struct sp_node node;
    struct sp_arena arena; /* rulebooks and documents; forgets nothing */
    struct sp_rulebook *book;
    struct sp_rules rules;
    struct sp_enroller enroller;
    pthread_mutex_t mutex; /* all above and below */
    struct sp_link *link[SESSIONS];
    size_t next_link;
    uint32_t code_user;
    uint32_t devices; /* enrolled here */
    struct sp_enrol_code code;
    char code_text[SP_ENROL_TEXT_BYTES_MAX];
    unsigned requests, lose_every, lose_times;
    char endpoint[TEXT_BYTES];
    nng_socket socket;
    pthread_t thread;
};

/* ---- the store --------------------------------------------------------- */

struct list {
    struct sp_arena *arena;
    struct sp_slice bytes[128];
    size_t count;
};

static sp_err collect(void *arg, const struct sp_document *d)
{
    struct list *l = (struct list *)arg;

    MUST(l->count < 128);
    l->bytes[l->count++] = sp_arena_copy(l->arena, d->bytes);
    return SP_OK;
}

static void rebuild(struct test_branch *b)
{
    struct list l = { .arena = &b->arena };
    struct sp_tx tx;

    MUST(sp_tx_begin(&tx, &b->node, &b->rules, false) == SP_OK);
    MUST(sp_node_walk_documents(&tx, collect, &l) == SP_OK);
    sp_tx_abort(&tx);
    MUST(sp_rulebook_build(l.bytes, l.count, &b->org->id,
             b->org->root.sign_public, &b->arena, &b->book, NULL) == SP_OK);
    b->rules = sp_rulebook_rules(b->book);
}

static void give_documents(struct test_branch *b)
{
    for (int round = 0; round < 3; round++) {
        struct sp_tx tx;
        MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
        for (size_t i = 0; test_org_document(b->org, i).size > 0; i++) {
            sp_err err =
                sp_node_take_document(&tx, test_org_document(b->org, i));
            MUST(err == SP_OK || err == SP_E_EXISTS || err == SP_E_DOCUMENT);
        }
        MUST(sp_tx_commit(&tx) == SP_OK);
        rebuild(b);
    }
}

#define HEAD_OFFICE 1u

/* As after an exchange with head office, which has nothing for it: it serves
 * what it has read once (SYNC S7). */
static void read_all(struct test_branch *b)
{
    const struct sp_roster *r = &b->org->unit[TEST_ORG_A].roster;
    struct sp_content none = { .server = HEAD_OFFICE };
    struct sp_tx tx;

    MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
    for (uint32_t i = 0; i < r->territory_count; i++) {
        struct sp_id scope =
            sp_scope_make(SP_SCOPE_TERRITORY, r->territory[i].code);
        MUST(sp_contents_raise(&tx, &scope, &none) == SP_OK);
    }
    for (uint32_t i = 0; i < r->person_count; i++) {
        struct sp_id scope = sp_scope_person(r->person[i].user);
        MUST(sp_contents_raise(&tx, &scope, &none) == SP_OK);
    }
    MUST(sp_tx_commit(&tx) == SP_OK);
}

static void be_told(struct test_branch *b)
{
    give_documents(b);
    read_all(b);
}

void test_branch_documents(struct test_branch *b)
{
    (void)pthread_mutex_lock(&b->mutex);
    be_told(b);
    (void)pthread_mutex_unlock(&b->mutex);
}

/* ---- enrolment --------------------------------------------------------- */

static sp_err give_code(void *self, struct sp_tx *tx,
    const struct sp_id *enrolment, struct sp_secret *code)
{
    struct test_branch *b = (struct test_branch *)self;

    (void)tx;
    if (!sp_id_equal(enrolment, &b->code.enrolment)) {
        return SP_E_CODE;
    }
    *code = b->code.code;
    return SP_OK;
}

static sp_err complete(void *self, struct sp_tx *tx,
    const struct sp_id *enrolment, const uint8_t static_public[32],
    struct sp_slice request, struct sp_buf *reply)
{
    struct test_branch *b = (struct test_branch *)self;
    struct sp_enrol_request r;
    struct sp_enrol_reply out = { .user = b->code_user };
    struct sp_device d = { .status = SP_DEVICE_ACTIVE };
    struct sp_document doc = { .kind = SP_DOC_DEVICE, .serial = 1 };
    struct sp_buf body;
    char unit[16];
    sp_err err = sp_enrol_request_decode(request, &b->org->id, enrolment, &r);

    if (err != SP_OK || memcmp(r.static_public, static_public, 32) != 0) {
        return err == SP_OK ? SP_E_CODE : err;
    }
    out.device = FIRST_DEVICE + b->devices++;
    out.unit = sp_slice_text("A");
    sp_identity_psk(&out.psk, &b->identity.psk_root, out.device);
    d.device = out.device;
    d.user = out.user;
    d.unit = out.unit;
    d.label = r.label;
    memcpy(d.static_public, r.static_public, 32);
    memcpy(d.sign_public, r.sign_public, 32);
    memcpy(d.seal_public, r.sealing_public, 32);
    sp_buf_init(&body, 4096);
    sp_roster_encode_device(&d, &body);
    (void)snprintf(unit, sizeof(unit), "%u", (unsigned)out.device);
    doc.unit = sp_slice_text(unit);
    doc.issuer = 2;
    doc.body = sp_buf_slice(&body);
    out.certificate =
        test_org_sign(b->org, &doc, &b->org->unit[TEST_ORG_A].keys);
    sp_buf_free(&body);
    sp_enrol_reply_encode(&out, reply);
    return sp_node_take_document(tx, out.certificate);
}

const char *test_branch_code(struct test_branch *b, uint32_t user)
{
    (void)pthread_mutex_lock(&b->mutex);
    b->code_user = user;
    b->code.org = b->org->id;
    b->code.server = 2;
    memcpy(b->code.server_static, b->identity.static_public, 32);
    memcpy(b->code.root_public, b->org->root.sign_public, 32);
    (void)snprintf(
        b->code.endpoint, sizeof(b->code.endpoint), "%s", b->endpoint);
    b->env.random(b->env.self, b->code.enrolment.b, 16);
    b->env.random(b->env.self, b->code.code.b, 32);
    MUST(sp_enrol_code_format(&b->code, b->code_text) == SP_OK);
    (void)pthread_mutex_unlock(&b->mutex);
    return b->code_text;
}

/* ---- requests ---------------------------------------------------------- */

static struct sp_link *find_link(
    struct test_branch *b, const struct sp_frame *f)
{
    struct sp_link_setup setup = { .node = &b->node, .enroller = &b->enroller };
    struct sp_link **at = &b->link[b->next_link];

    if (f->type == SP_FRAME_RECORD) {
        for (size_t i = 0; i < SESSIONS; i++) {
            if (b->link[i] != NULL &&
                memcmp(sp_link_session(b->link[i]), f->session, 8) == 0) {
                return b->link[i];
            }
        }
        return NULL;
    }
    b->next_link = (b->next_link + 1) % SESSIONS;
    sp_link_free(*at);
    *at = sp_link_new(&setup);
    MUST(*at != NULL);
    return *at;
}

static sp_err turn(
    struct test_branch *b, struct sp_link *l, bool write, struct sp_buf *out)
{
    struct sp_tx tx;
    sp_err err;

    MUST(sp_tx_begin(&tx, &b->node, &b->rules, write) == SP_OK);
    err = sp_link_serve(l, &tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    MUST(sp_tx_commit(&tx) == SP_OK);
    if (tx.documents) {
        rebuild(b);
        MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
        MUST(sp_node_retry(&tx) == SP_OK);
        MUST(sp_tx_commit(&tx) == SP_OK);
    }
    return sp_link_reply(l, out);
}

static void answer(
    struct test_branch *b, struct sp_slice in, struct sp_buf *out)
{
    static const uint8_t none[8];
    struct sp_link *l = NULL;
    struct sp_frame f;
    enum sp_need need = SP_NEED_NOTHING;
    sp_err err = sp_frame_parse(in, &f);

    sp_buf_reset(out);
    if (err == SP_OK) {
        l = find_link(b, &f);
        err = l == NULL ? SP_E_SESSION : sp_link_receive(l, in, &need);
    }
    if (err == SP_OK) {
        err = turn(b, l, need == SP_NEED_WRITE, out);
    }
    if (err != SP_OK && l != NULL) {
        sp_link_error(l, err, out);
    } else if (err != SP_OK) {
        sp_buf_reset(out);
        sp_frame_header(out, SP_FRAME_ERROR, none, 0);
        sp_buf_put_u16be(out, (uint16_t)err);
    }
}

static void *serve(void *arg)
{
    struct test_branch *b = (struct test_branch *)arg;
    struct sp_buf out;
    nng_msg *msg;

    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    while (nng_recvmsg(b->socket, &msg, 0) == 0) {
        struct sp_slice in = { (const uint8_t *)nng_msg_body(msg),
            nng_msg_len(msg) };
        nng_pipe pipe = nng_msg_get_pipe(msg);
        bool lose;

        (void)pthread_mutex_lock(&b->mutex);
        answer(b, in, &out);
        b->requests++;
        lose = b->lose_times > 0 && b->requests % b->lose_every == 0;
        b->lose_times -= lose;
        (void)pthread_mutex_unlock(&b->mutex);
        if (lose) {
            nng_msg_free(msg);
            (void)nng_pipe_close(pipe);
            continue;
        }
        nng_msg_clear(msg);
        MUST(nng_msg_append(msg, out.data, out.size) == 0);
        if (nng_sendmsg(b->socket, msg, 0) != 0) {
            nng_msg_free(msg);
        }
    }
    sp_buf_free(&out);
    return NULL;
}

void test_branch_lose(struct test_branch *b, unsigned every, unsigned times)
{
    (void)pthread_mutex_lock(&b->mutex);
    b->lose_every = every;
    b->lose_times = times;
    b->requests = 0;
    (void)pthread_mutex_unlock(&b->mutex);
}

unsigned test_branch_requests(struct test_branch *b)
{
    unsigned n;

    (void)pthread_mutex_lock(&b->mutex);
    n = b->requests;
    (void)pthread_mutex_unlock(&b->mutex);
    return n;
}

/* ---- life -------------------------------------------------------------- */

static void set_identity(struct test_branch *b)
{
    const struct test_org_keys *k = &b->org->unit[TEST_ORG_A].keys;

    b->identity.org = b->org->id;
    b->identity.device = 2;
    b->identity.replica = sp_replica_make(2, 7);
    b->identity.static_secret = k->static_secret;
    memcpy(b->identity.static_public, k->static_public, 32);
    memcpy(b->identity.sign_secret, k->sign_secret, SP_SIGN_SECRET_BYTES);
    memcpy(b->identity.sign_public, k->sign_public, 32);
    memcpy(b->identity.root_public, b->org->root.sign_public, 32);
    memset(b->identity.psk_root.b, 0x5a, SP_KEY_BYTES);
    sp_identity_psk(&b->identity.psk, &b->identity.psk_root, 2);
}

static void listen_somewhere(struct test_branch *b)
{
    int rc = NNG_EADDRINUSE;

    MUST(nng_rep0_open(&b->socket) == 0);
    MUST(nng_socket_set_size(
             b->socket, NNG_OPT_RECVMAXSZ, SP_FRAME_BYTES_MAX) == 0);
    for (unsigned i = 0; i < 100 && rc == NNG_EADDRINUSE; i++) {
        uint32_t drawn;
        b->env.random(b->env.self, &drawn, sizeof(drawn));
        (void)snprintf(b->endpoint, sizeof(b->endpoint), "tcp://127.0.0.1:%u",
            (unsigned)(PORT_FIRST + drawn % PORTS));
        rc = nng_listen(b->socket, b->endpoint, NULL, 0);
    }
    MUST(rc == 0);
}

struct test_branch *test_branch_new(struct test_org *org)
{
    struct test_branch *b = (struct test_branch *)calloc(1, sizeof(*b));
    struct sp_tx tx;

    MUST(b != NULL);
    b->org = org;
    b->mem = mem_store_new();
    b->store = mem_store_port(b->mem);
    b->env = cc_replica_env();
    b->node = (struct sp_node){ SP_TIER_BRANCH, &b->identity, &b->store,
        &b->env, NULL };
    b->enroller = (struct sp_enroller){ b, give_code, complete };
    sp_arena_init(&b->arena, 512u << 20);
    MUST(pthread_mutex_init(&b->mutex, NULL) == 0);
    set_identity(b);
    listen_somewhere(b);
    org->unit[TEST_ORG_A].roster.address =
        sp_slice_text(b->endpoint + strlen("tcp://"));
    (void)test_org_publish(org, TEST_ORG_A);
    MUST(sp_rulebook_build(NULL, 0, &org->id, org->root.sign_public, &b->arena,
             &b->book, NULL) == SP_OK);
    b->rules = sp_rulebook_rules(b->book);
    MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
    MUST(sp_node_create(&tx) == SP_OK);
    MUST(sp_tx_commit(&tx) == SP_OK);
    be_told(b);
    MUST(pthread_create(&b->thread, NULL, serve, b) == 0);
    return b;
}

void test_branch_free(struct test_branch *b)
{
    (void)nng_close(b->socket);
    (void)pthread_join(b->thread, NULL);
    for (size_t i = 0; i < SESSIONS; i++) {
        sp_link_free(b->link[i]);
    }
    mem_store_free(b->mem);
    sp_arena_free(&b->arena);
    (void)pthread_mutex_destroy(&b->mutex);
    free(b);
}

const char *test_branch_endpoint(const struct test_branch *b)
{
    return b->endpoint;
}

/* ---- what tests do at the branch --------------------------------------- */

/* Titles lead to what is there; to what was deleted only here. */
static const struct cc_entry *deleted_entry(
    const struct cc_index *x, const char *title)
{
    for (size_t i = 0; i < x->count; i++) {
        if (strcmp(cc_index_text(x, x->entry[i].title), title) == 0) {
            return &x->entry[i];
        }
    }
    return NULL;
}

void test_branch_edit(struct test_branch *b, uint32_t user, const char *title,
    const char *field, const char *typed)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(b->book);
    const struct sp_entity *e =
        sp_dictionary_entity_named(d, sp_slice_text("account"));
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(field));
    bool remove = f == NULL, gone = strcmp(field, "deleted") == 0;
    struct sp_draft_write write = { .key = { .field = remove ? SP_FIELD_DELETED
                                                             : f->number } };
    struct sp_draft_change change = { .count = 1, .write = &write };
    struct sp_draft draft = { .user = user, .count = 1, .change = &change };
    const struct cc_entry *entry, *found;
    struct sp_verdict verdict;
    struct cc_index index;
    struct sp_buf value;
    size_t count;
    struct sp_tx tx;
    uint64_t n;

    (void)pthread_mutex_lock(&b->mutex);
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    cc_index_init(&index);
    if (remove) {
        sp_wr_bool(&value, gone); /* or restored */
    } else {
        MUST(sp_dictionary_parse_value(f, sp_slice_text(typed), &value) ==
             SP_OK);
    }
    write.value = sp_buf_slice(&value);
    draft.authority = sp_rulebook_authority(b->book, user);
    MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
    MUST(cc_index_load(&index, NULL, &tx, e) == SP_OK);
    entry = cc_index_refer(&index, title, &found, 1, &count) == CC_FIT_TITLE
                ? found
                : deleted_entry(&index, title);
    MUST(entry != NULL);
    change.ref.type = e->number;
    change.ref.id = entry->id;
    MUST(sp_commit_make(&tx, &draft, &verdict, &n) == SP_OK);
    MUST(sp_tx_commit(&tx) == SP_OK);
    cc_index_free(&index);
    sp_buf_free(&value);
    (void)pthread_mutex_unlock(&b->mutex);
}

static sp_err keep_last(void *arg, const struct sp_logged *entry)
{
    struct sp_dot *out = (struct sp_dot *)arg;

    *out = (struct sp_dot){ entry->commit.replica, entry->commit.n };
    return SP_OK;
}

void test_branch_accept_after_all(struct test_branch *b)
{
    struct sp_verdict_entry e = { .replica = 0 };
    struct sp_dot dot = { 0, 0 };
    struct sp_tx tx;

    (void)pthread_mutex_lock(&b->mutex);
    MUST(sp_tx_begin(&tx, &b->node, &b->rules, true) == SP_OK);
    MUST(sp_log_verdicts(&tx, 0, SP_REFUSED, keep_last, &dot) == SP_OK);
    MUST(sp_log_verdict(&tx, dot.replica, dot.counter, &e) == SP_OK);
    e.verdict = (struct sp_verdict){
        .kind = SP_ACCEPTED, .judge = 1, .at_ms = sp_tx_now(&tx)
    };
    MUST(sp_log_put_verdict(&tx, &e) == SP_OK);
    MUST(sp_tx_commit(&tx) == SP_OK);
    (void)pthread_mutex_unlock(&b->mutex);
}

static sp_err count_one(void *arg, const struct sp_record *view)
{
    (void)view;
    (*(unsigned *)arg)++;
    return SP_OK;
}

unsigned test_branch_count(struct test_branch *b, const char *entity)
{
    const struct sp_entity *e;
    unsigned count = 0;
    struct sp_tx tx;

    (void)pthread_mutex_lock(&b->mutex);
    e = sp_dictionary_entity_named(
        sp_rulebook_dictionary(b->book), sp_slice_text(entity));
    MUST(e != NULL);
    MUST(sp_tx_begin(&tx, &b->node, &b->rules, false) == SP_OK);
    MUST(sp_state_walk(&tx, e->number, NULL, count_one, &count) == SP_OK);
    sp_tx_abort(&tx);
    (void)pthread_mutex_unlock(&b->mutex);
    return count;
}
