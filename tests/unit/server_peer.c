#include "server_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/enrol.h"
#include "ops/env.h"
#include "ops/log.h"

#define PATIENCE_MS 20000
#define PORT_TRIES  50

static uint64_t clock_of(void *self)
{
    struct net_server *s = self;
    return s->now_ms;
}

static void on_fatal(void *self, sp_err err)
{
    (void)self;
    fail_msg("a commit failed: %s", sp_err_name(err));
}

static void identity_of(const struct test_org *o, struct sv_identity *who)
{
    const struct test_org_keys *k = &o->unit[TEST_ORG_A].keys;
    memset(who, 0, sizeof *who);
    who->tier = SP_TIER_BRANCH;
    who->id.org = o->id;
    who->id.device = 2;
    who->id.replica = sp_replica_make(2, 7);
    who->id.static_secret = k->static_secret;
    memcpy(who->id.static_public, k->static_public, 32);
    memcpy(who->id.sign_secret, k->sign_secret, sizeof k->sign_secret);
    memcpy(who->id.sign_public, k->sign_public, 32);
    memcpy(who->id.root_public, o->root.sign_public, 32);
    memset(who->id.psk_root.b, 0x5a, 32);
    sp_identity_psk(&who->id.psk, &who->id.psk_root, 2);
    memcpy(who->unit, "A", 2);
}

/* Creates the store, then gives it the documents, roots first. */
static void fill_store(struct net_server *s)
{
    for (int round = 0; round < 3; round++) {
        struct sv_book *book = NULL;
        struct sp_tx tx;
        assert_int_equal(sv_book_load(&s->home.node, &book), SP_OK);
        assert_int_equal(
            sp_tx_begin(&tx, &s->home.node, sv_book_rules(book), true), SP_OK);
        if (round == 0) {
            assert_int_equal(sp_node_create(&tx), SP_OK);
        }
        for (size_t i = 0; test_org_document(s->org, i).size > 0; i++) {
            sp_err err =
                sp_node_take_document(&tx, test_org_document(s->org, i));
            assert_true(
                err == SP_OK || err == SP_E_EXISTS || err == SP_E_DOCUMENT);
        }
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
        sv_book_drop(book);
    }
}

static void start_listening(
    struct net_server *s, const struct sv_session_limits *limits)
{
    char endpoint[64], note[SV_LISTEN_NOTE_BYTES];
    s->enroller = sv_enrol_port(&s->metrics);
    struct sv_listen_setup setup = { .endpoint = endpoint,
        .contexts = 16,
        .node = &s->home.node,
        .shelf = s->shelf,
        .writer = s->writer,
        .metrics = &s->metrics,
        .enroller = &s->enroller,
        .limits = *limits,
        .clock_ms = clock_of,
        .clock_self = s };
    sp_err err = SP_E_IN_USE;
    for (int i = 0; err == SP_E_IN_USE && i < PORT_TRIES; i++) {
        uint16_t random;
        sv_env_random(&random, sizeof random);
        s->port = 20000 + random % 12000; /* ephemeral ports begin above */
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", s->port);
        err = sv_listen_start(&s->listen, &setup, note);
    }
    assert_int_equal(err, SP_OK);
}

struct net_server *net_server_start(const struct sv_session_limits *limits)
{
    struct net_server *s = calloc(1, sizeof *s);
    struct sv_identity who;
    struct sv_book *book = NULL;
    char note[SV_HOME_NOTE_BYTES];
    const char *tmp = getenv("TMPDIR");
    assert_non_null(s);
    sv_log_set(SV_LOG_ERROR);
    s->org = test_org_new(7);
    s->now_ms = 1000;
    snprintf(s->dir, sizeof s->dir, "%.80s/satchel-net-XXXXXX",
        tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->key, sizeof s->key, "%s.key", s->dir);
    identity_of(s->org, &who);
    assert_int_equal(
        sv_home_create(&s->home, s->dir, s->key, &who, sv_env_real(), note),
        SP_OK);
    fill_store(s);
    assert_int_equal(sv_book_load(&s->home.node, &book), SP_OK);
    s->shelf = sv_book_shelf(book);
    struct sv_writer_setup setup = { .node = &s->home.node,
        .shelf = s->shelf,
        .metrics = &s->metrics,
        .queue_max = 64,
        .group_bytes = 1048576,
        .fatal = on_fatal };
    s->writer = sv_writer_start(&setup);
    assert_non_null(s->writer);
    start_listening(s, limits);
    return s;
}

void net_server_stop(struct net_server *s)
{
    sv_listen_stop(s->listen);
    sv_writer_stop(s->writer);
    sv_listen_free(s->listen);
    sv_book_shelf_free(s->shelf);
    sv_home_destroy(&s->home, s->dir, s->key);
    test_org_free(s->org);
    free(s);
}

int net_peer_raw(const struct net_server *s)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)s->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Whatever the server has closed already takes no bytes. */
void net_peer_write(int fd, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        at += n;
        size -= (size_t)n;
    }
}

/* Reads exactly size bytes; false when the connection ends before. */
static bool read_all(int fd, uint8_t *at, size_t size)
{
    while (size > 0) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        int ready = poll(&wait, 1, PATIENCE_MS);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready == 0) {
            fail_msg("the server neither answers nor closes");
        }
        ssize_t n = recv(fd, at, size, 0);
        if (n <= 0) {
            return false;
        }
        at += n;
        size -= (size_t)n;
    }
    return true;
}

int net_peer_open(const struct net_server *s, uint16_t protocol)
{
    uint8_t hello[8] = { 0, 'S', 'P', 0, (uint8_t)(protocol >> 8),
        (uint8_t)protocol, 0, 0 };
    uint8_t answer[8];
    int fd = net_peer_raw(s);
    net_peer_write(fd, hello, sizeof hello);
    if (read_all(fd, answer, sizeof answer)) {
        assert_memory_equal(answer, hello, 4);
    }
    return fd;
}

/* In one write: two small ones would wait for each other's acknowledgement. */
void net_peer_ask(int fd, uint32_t number, struct sp_slice frame)
{
    uint8_t whole[12 + SP_FRAME_BYTES_MAX];
    assert_true(frame.size <= SP_FRAME_BYTES_MAX);
    sp_set_u64be(whole, 4 + frame.size);
    sp_set_u32be(whole + 8, number | 0x80000000u);
    if (frame.size > 0) {
        memcpy(whole + 12, frame.data, frame.size);
    }
    net_peer_write(fd, whole, 12 + frame.size);
}

bool net_peer_answer(int fd, struct sp_buf *out)
{
    uint8_t head[12];
    sp_buf_reset(out);
    if (!read_all(fd, head, sizeof head)) {
        return false;
    }
    uint64_t size = sp_get_u64be(head);
    assert_true(size >= 4 && size <= SP_FRAME_BYTES_MAX + 4u);
    uint8_t *at = sp_buf_grow(out, (size_t)size - 4);
    assert_non_null(at);
    return read_all(fd, at, (size_t)size - 4);
}

bool net_peer_closed(int fd)
{
    uint8_t byte;
    return !read_all(fd, &byte, 1);
}

/* From what the device has been given so far. */
static void new_rules(struct net_device *d)
{
    struct sv_book *book = NULL;
    assert_int_equal(sv_book_load(&d->node, &book), SP_OK);
    sv_book_drop(d->book);
    d->book = book;
}

void net_device_init(
    struct net_device *d, struct net_server *s, uint32_t number)
{
    const struct test_org_device *known = test_org_find(s->org, number);
    struct sp_tx tx;
    memset(d, 0, sizeof *d);
    d->server = s;
    d->mem = mem_store_new();
    d->store = mem_store_port(d->mem);
    d->identity.org = s->org->id;
    d->identity.device = number;
    d->identity.user = known->device.user;
    d->identity.replica = sp_replica_make(number, 7);
    d->identity.static_secret = known->keys.static_secret;
    memcpy(d->identity.static_public, known->keys.static_public, 32);
    memcpy(d->identity.sign_secret, known->keys.sign_secret,
        sizeof known->keys.sign_secret);
    memcpy(d->identity.sign_public, known->keys.sign_public, 32);
    memcpy(d->identity.root_public, s->org->root.sign_public, 32);
    struct sp_secret psk_root;
    memset(psk_root.b, 0x5a, 32);
    sp_identity_psk(&d->identity.psk, &psk_root, number);
    d->node = (struct sp_node){ SP_TIER_DEVICE, &d->identity, &d->store,
        sv_env_real(), NULL };
    new_rules(d);
    assert_int_equal(
        sp_tx_begin(&tx, &d->node, sv_book_rules(d->book), true), SP_OK);
    assert_int_equal(sp_node_create(&tx), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    struct sp_link_setup setup = {
        .node = &d->node, .initiator = true, .peer = 2
    };
    memcpy(setup.peer_static, s->home.who.id.static_public, 32);
    d->link = sp_link_new(&setup);
    assert_non_null(d->link);
}

void net_device_free(struct net_device *d)
{
    sp_link_free(d->link);
    mem_store_free(d->mem);
    sv_book_drop(d->book);
}

sp_err net_device_turn(struct net_device *d, struct sp_buf *out)
{
    struct sp_tx tx;
    assert_int_equal(
        sp_tx_begin(&tx, &d->node, sv_book_rules(d->book), true), SP_OK);
    sp_err err = sp_link_serve(d->link, &tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    bool documents = tx.documents;
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    if (documents) {
        new_rules(d);
    }
    return sp_link_reply(d->link, out);
}

sp_err net_device_talk(struct net_device *d, int fd, unsigned turns)
{
    struct sp_buf frame;
    sp_err err = SP_OK;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX + 64u);
    for (unsigned i = 0; err == SP_OK && i < turns && !sp_link_done(d->link);
         i++) {
        enum sp_need need;
        err = net_device_turn(d, &frame);
        if (err != SP_OK || frame.size == 0) {
            break;
        }
        net_peer_ask(fd, i + 1, sp_buf_slice(&frame));
        if (!net_peer_answer(fd, &frame)) {
            err = SP_E_OFFLINE;
            break;
        }
        err = sp_link_receive(d->link, sp_buf_slice(&frame), &need);
    }
    sp_buf_free(&frame);
    return err;
}
