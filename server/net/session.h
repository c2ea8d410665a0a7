/*
 * session.h - who is connected and which conversations are open.
 *
 * Connections (nng pipes) are counted by address; a session is one link,
 * bound to the pipe that made it. Sessions whose peer has not yet sent its
 * first record are half open: a small pool, short-lived, the oldest dropped,
 * so that replayed first messages cost nothing lasting. No sockets and no
 * clock in here: pipes are numbers and time is an argument (steady ms).
 */
#ifndef SV_SESSION_H
#define SV_SESSION_H

#include "sp/link.h"

struct sv_session_limits {
    uint64_t sessions_max;
    uint64_t half_open_max;
    uint64_t half_open_ms;
    uint64_t session_ms; /* age at which a session ends, used or not */
    uint64_t idle_ms;
    uint64_t unauthenticated_ms;
    uint64_t pipes_per_address;
    uint64_t handshakes_per_s; /* an address; twice as many in a burst */
    uint64_t handshakes_all_per_s;
};

/* An IPv4 address stands in the first four bytes, zeros behind. */
struct sv_address {
    uint8_t b[16];
};

struct sv_session;
struct sv_sessions; /* all functions: any thread */

/* NULL without memory. limits are copied. */
struct sv_sessions *sv_session_table(const struct sv_session_limits *limits);
void sv_session_table_free(struct sv_sessions *t);
void sv_session_table_limits(
    struct sv_sessions *t, const struct sv_session_limits *limits);

/*
 * A connection came. false: over the cap of its address (or out of memory);
 * the caller closes it, and nothing is kept of it.
 */
bool sv_session_pipe_add(struct sv_sessions *t, uint32_t pipe,
    const struct sv_address *address, uint64_t now_ms);
/* A connection went; its sessions end. Harmless on an unknown one. */
void sv_session_pipe_remove(struct sv_sessions *t, uint32_t pipe);
/* Bad luck of a pipe (a replayed record) within a minute; true when that is
 * once too often and the caller closes it. */
bool sv_session_pipe_strike(
    struct sv_sessions *t, uint32_t pipe, uint64_t now_ms);

/* This connection is to be closed at the next look at the clock; until then
 * nothing of it is answered. */
void sv_session_pipe_condemn(struct sv_sessions *t, uint32_t pipe);
/* All of them, at the end. */
void sv_session_pipe_condemn_all(struct sv_sessions *t);
bool sv_session_pipe_condemned(struct sv_sessions *t, uint32_t pipe);

/* Whether a handshake may be worked on now: one token of its address and one
 * of all addresses together. */
bool sv_session_admit(struct sv_sessions *t, uint32_t pipe, uint64_t now_ms);

/*
 * Enters a link under its session id, half open and taken. The table owns the
 * link from then on.
 *   errors  SP_E_SESSION (the id stands for another session, or the pipe is
 *           gone), SP_E_NOMEM; the link stays the caller's then
 */
SP_MUST_USE sp_err sv_session_open(struct sv_sessions *t, struct sp_link *link,
    uint32_t pipe, uint64_t now_ms, struct sv_session **out);

/*
 * Takes the session of an id for one turn.
 *   errors  SP_E_SESSION (unknown, ended, too old), also when it belongs to
 *           another pipe (then *foreign is set); SP_E_BUSY (a turn of it is
 *           under way: a peer talks one request at a time)
 */
SP_MUST_USE sp_err sv_session_take(struct sv_sessions *t, const uint8_t id[8],
    uint32_t pipe, uint64_t now_ms, struct sv_session **out, bool *foreign);
struct sp_link *sv_session_link(struct sv_session *s);
/* The peer's first record was authenticated: no longer half open. */
void sv_session_confirm(struct sv_sessions *t, struct sv_session *s);
/* Ends the turn; with end also the session. s is invalid after it. */
void sv_session_give(
    struct sv_sessions *t, struct sv_session *s, bool end, uint64_t now_ms);

/* What one look at the clock found. */
struct sv_session_reaped {
    uint32_t sessions; /* ended */
    uint32_t silent;   /* pipes to close: no session in time */
    uint32_t idle;     /* pipes to close: nothing said for long */
    uint32_t condemned;
    uint32_t stuck; /* named before, and not gone half a minute later */
    uint32_t count;
    uint32_t pipe[64]; /* to close, each named once; more at the next look */
};
void sv_session_reap(
    struct sv_sessions *t, uint64_t now_ms, struct sv_session_reaped *out);

struct sv_session_counts {
    uint64_t pipes, half_open, open;
};
void sv_session_count(struct sv_sessions *t, struct sv_session_counts *out);

/* Calls each for every session that is not half open, under the table's lock:
 * each must not call back. */
struct sv_session_view {
    uint32_t device; /* of the peer */
    struct sv_address address;
    uint64_t age_ms, idle_ms;
    const char *state;
};
void sv_session_walk(struct sv_sessions *t, uint64_t now_ms,
    void (*each)(void *arg, const struct sv_session_view *view), void *arg);

/* Ends the sessions of a device (its certificate was revoked). */
void sv_session_end_device(struct sv_sessions *t, uint32_t device);

#endif
