/*
 * net.h - requests to one server over nng.
 *
 * A request is one frame, its reply another. nng is opened once a process,
 * resends nothing (retry is the caller's: the conversation must be told), and
 * takes no message over a frame's limit. Sockets stay open until the process
 * ends, one a server.
 *
 *   threads  any; a connection is used by one at a time
 */
#ifndef CC_SYNC_NET_H
#define CC_SYNC_NET_H

#include "sp/bytes.h"

#define CC_NET_NOTE_BYTES 512u

struct cc_net;

/*
 * The connection to an endpoint ("tcp://host:port"), made when it is first
 * used; never freed.
 *   note    CC_NET_NOTE_BYTES
 *   errors  SP_E_ARGUMENT (endpoint), SP_E_NOMEM, SP_E_BUSY (too many servers)
 */
SP_MUST_USE sp_err cc_net_open(
    struct cc_net **out, const char *endpoint, char *note);

/* As it was opened; as long-lived as the connection. */
const char *cc_net_endpoint(const struct cc_net *n);

/*
 * Waits until the server is connected.
 *   errors  SP_E_OFFLINE: the note says why
 */
SP_MUST_USE sp_err cc_net_connect(
    struct cc_net *n, uint32_t wait_ms, char *note);

/*
 * Sends one frame and waits for the reply.
 *   reply      reset first
 *   meanwhile  called once the frame is on its way, before waiting; may be
 *              NULL. What fails in it fails the request, whose reply is then
 *              not waited for
 *   errors  SP_E_OFFLINE (not connected, connection lost, no reply in time),
 *           SP_E_NOMEM, SP_E_TOO_LARGE
 */
struct cc_net_meanwhile {
    sp_err (*work)(void *self);
    void *self;
};
SP_MUST_USE sp_err cc_net_request(struct cc_net *n, struct sp_slice frame,
    uint32_t wait_ms, const struct cc_net_meanwhile *meanwhile,
    struct sp_buf *reply, char *note);

/* Monotonic milliseconds, for deadlines. */
uint64_t cc_net_clock_ms(void);
/* Sleeps; a jittered pause between tries. */
void cc_net_pause(uint32_t ms);

#endif
