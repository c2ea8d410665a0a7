/*
 * listen.h - the server on the network: nng REP over TCP with contexts.
 *
 * Each context takes one request at a time. Its frame is decoded on nng's
 * threads; what only reads is served there from a snapshot, what writes goes
 * to the writer, and the reply leaves after the commit. All limits are set
 * before the first connection: nng itself has none.
 *
 *   bad bytes                       the connection is closed, nothing said
 *   an error that helps a person    an error frame, then the session ends
 *   a replayed record               an error frame; eight a minute close
 */
#ifndef SV_LISTEN_H
#define SV_LISTEN_H

#include "net/session.h"
#include "net/writer.h"

struct sv_listen_setup {
    const char *endpoint; /* tcp://address:port */
    unsigned contexts;
    const struct sp_node *node;
    struct sv_shelf *shelf;
    struct sv_writer *writer;
    struct sv_metrics *metrics;
    const struct sp_enroller *enroller;
    struct sv_session_limits limits;
    /* The library does not let go of closed connections any more (a fault of
     * nng 1.5.2): called once; the process should be started anew. May be
     * NULL. */
    void (*stuck)(void *self);
    void *stuck_self;
    /* steady milliseconds; NULL takes the real ones */
    uint64_t (*clock_ms)(void *self);
    void *clock_self;
};

struct sv_listen;

#define SV_LISTEN_NOTE_BYTES 256u

/*
 * Opens the socket and starts to answer.
 *   note    what is wrong and the way out
 *   errors  SP_E_IN_USE (another process has the port), SP_E_CONFIG (no such
 *           address here), SP_E_NOMEM, SP_E_IO
 */
SP_MUST_USE sp_err sv_listen_start(struct sv_listen **out,
    const struct sv_listen_setup *setup, char note[SV_LISTEN_NOTE_BYTES]);
/* Takes no more requests. The writer is stopped after this and before free,
 * so that replies of finished work still leave. */
void sv_listen_stop(struct sv_listen *l);
/* After stop and the writer's stop: waits for the last replies. No request
 * touches the store after it. */
void sv_listen_drain(struct sv_listen *l);
/* Closes all connections; may wait for ever when the library is stuck. */
void sv_listen_free(struct sv_listen *l);

struct sv_sessions *sv_listen_sessions(struct sv_listen *l);
/* One look at the clock: ends what is too old. Called four times a
 * second by itself; tests with a clock of their own call it too. */
void sv_listen_reap(struct sv_listen *l);
/* The port that it got (for tests that ask for port 0). */
int sv_listen_port(const struct sv_listen *l);

/* Frees what nng holds in this process; at its very end. */
void sv_listen_fini(void);

#endif
