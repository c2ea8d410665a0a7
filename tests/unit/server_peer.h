/*
 * server_peer.h - a branch's network side in this process over a real store,
 * and peers that speak to it byte by byte over loopback TCP.
 *
 * A peer is a plain socket: the 8-byte hello of the messaging protocol, then
 * messages of u64 BE length; a request begins with a 4-byte number whose top
 * bit is set. So a test can send what no library would.
 */
#ifndef TEST_SERVER_PEER_H
#define TEST_SERVER_PEER_H

#include <stdatomic.h>

#include "memory.h"
#include "net/listen.h"
#include "org.h"
#include "store/home.h"

struct net_server {
    struct test_org *org;
    char dir[128], key[140];
    struct sv_home home;
    struct sv_shelf *shelf;
    struct sv_metrics metrics;
    struct sv_writer *writer;
    struct sp_enroller enroller;
    struct sv_listen *listen;
    int port;
    _Atomic uint64_t now_ms; /* steady; the reaper's clock */
};

/* Branch A of the organisation (device 2), all documents taken. What fails
 * ends the test. */
struct net_server *net_server_start(const struct sv_session_limits *limits);
void net_server_stop(struct net_server *s);

/* A connected socket after both hellos. protocol: 0x30 asks (REQ). */
int net_peer_open(const struct net_server *s, uint16_t protocol);
/* Only connected. */
int net_peer_raw(const struct net_server *s);
void net_peer_write(int fd, const void *data, size_t size);
/* One request. */
void net_peer_ask(int fd, uint32_t number, struct sp_slice frame);
/* The next answer's frame into out; false when the connection was closed.
 * Fails the test when neither comes in time. */
bool net_peer_answer(int fd, struct sp_buf *out);
/* Whether the server closes it in time. */
bool net_peer_closed(int fd);

/* A device of the organisation with a store in memory, on this thread. */
struct net_device {
    struct net_server *server;
    struct mem_store *mem;
    struct sp_store store;
    struct sp_identity identity;
    struct sp_node node;
    struct sv_book *book;
    struct sp_link *link;
};
void net_device_init(
    struct net_device *d, struct net_server *s, uint32_t number);
void net_device_free(struct net_device *d);
/* Serves the link and makes its next frame. */
sp_err net_device_turn(struct net_device *d, struct sp_buf *out);
/* A conversation over a connection until done, at most `turns` requests. */
sp_err net_device_talk(struct net_device *d, int fd, unsigned turns);

#endif
