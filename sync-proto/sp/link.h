/*
 * link.h - one conversation, seen from one side; a machine of bytes.
 *
 * Side-neutral and free of I/O. A turn has three steps, the same on both
 * sides:
 *
 *   receive(frame)  authenticates and decodes one frame       any thread
 *   serve(tx)       does its work and forms the next message  inside a tx
 *   reply(out)      seals that message as a frame             after the commit
 *
 * so that a server can decode on many threads, put the serves of many links
 * into one write tx, and release their replies only when that is durable. A
 * link is used by one thread at a time.
 *
 * The initiator begins with serve and reply (nothing received) and goes on
 * until sp_link_done; the responder until its peer goes away. Every failure
 * of receive or serve ends the conversation; for the peer sp_link_error makes
 * a frame that names the reason.
 */
#ifndef SP_LINK_H
#define SP_LINK_H

#include "sp/frame.h"
#include "sp/node.h"

/* Enrolment is decided by the room; called by the responder's serve.  */
struct sp_enroller {
    void *self;
    /* The one-time code of an enrolment id. SP_E_CODE when unknown, used,
     * expired. No side effect (message 1 can be replayed). */
    sp_err (*code)(void *self, struct sp_tx *tx, const struct sp_id *enrolment,
        struct sp_secret *code);
    /* Completes it: burns the code, numbers the device, in the tx (write).
     * request and reply are the rooms' own (canonical MessagePack). */
    sp_err (*complete)(void *self, struct sp_tx *tx,
        const struct sp_id *enrolment, const uint8_t static_public[32],
        struct sp_slice request, struct sp_buf *reply);
};

/* Counted in records and bytes, done and to do (0: not known yet). */
struct sp_progress {
    uint64_t pushed, to_push;
    uint64_t pulled, to_pull;
    uint64_t bytes_sent, bytes_received; /* frames */
};

struct sp_link_setup {
    const struct sp_node *node;
    bool initiator;
    /* initiator */
    uint32_t peer;           /* device number of the server; 0 unknown */
    uint8_t peer_static[32]; /* its static key, pinned */
    /* initiator that enrols: id, code, own request; no node->identity fields
     * but org, static keys are used */
    bool enrol;
    struct sp_id enrolment;
    struct sp_secret code;
    struct sp_slice request; /* valid until the link is freed */
    /* responder */
    const struct sp_enroller *enroller; /* NULL: no enrolment here */
    /* May be NULL. Progress of a long exchange, called from serve. */
    void (*progress)(void *self, const struct sp_progress *p);
    void *progress_self;
};

enum sp_need {
    SP_NEED_NOTHING, /* serve may be called with tx NULL */
    SP_NEED_READ,
    SP_NEED_WRITE
};

struct sp_link_report {
    bool same;       /* nothing to do: the handshake was all */
    bool complete;   /* the exchange came to its end */
    bool revoked;    /* initiator: it handed in what it had, and holds nothing
                        any more (SYNC X8) */
    uint64_t pushed; /* commits sent, or taken (responder) */
    uint64_t accepted, refused, deferred; /* verdicts learnt (or given) */
    uint64_t pulled;                      /* records received, or sent */
    uint64_t purged; /* records dropped: no longer in a scope of ours */
    uint64_t alarms; /* scopes whose proof failed and that are read again */
    uint64_t round_trips, bytes_sent, bytes_received;
    int64_t clock_offset_ms;
    sp_err error; /* that ended it, or that the peer named */
};

struct sp_link; /* about 4 KiB idle; buffers grow while it works */

/* NULL without memory. setup is copied, what it points to is not. */
struct sp_link *sp_link_new(const struct sp_link_setup *setup);
void sp_link_free(struct sp_link *l); /* wipes keys; NULL is harmless */

/*
 * Takes one frame. Nothing in the store is touched.
 *   need    what serve wants
 *   errors  class peer: the conversation is over, send sp_link_error
 */
SP_MUST_USE sp_err sp_link_receive(
    struct sp_link *l, struct sp_slice frame, enum sp_need *need);
/*
 * Does the work; tx fits the need (a write tx fits all).
 *   errors  any: the tx must be aborted, something may have been written.
 *           A responder whose tx was dropped (an error of class local or busy,
 *           a neighbour's error in the same tx, a failed commit) may serve the
 *           same frame again in a new tx, until reply or receive. An initiator
 *           may not (SP_E_STATE): its exchange begins anew.
 */
SP_MUST_USE sp_err sp_link_serve(struct sp_link *l, struct sp_tx *tx);
/* The frame to send now; out is reset first and stays empty when there is
 * nothing to send (initiator: done). Call after the tx is committed. */
SP_MUST_USE sp_err sp_link_reply(struct sp_link *l, struct sp_buf *out);
/*
 * Initiator, between receive and serve: gives out the next frame when it is
 * ready already, whatever the reply at hand says, so that the peer works while
 * the reply is served. Nobody need call it.
 *   returns  true: send out at once, then serve as ever; the frame after that
 *            is empty, and what is received next answers the one sent early
 */
bool sp_link_early(struct sp_link *l, struct sp_buf *out);
/* A frame that tells the peer why it ended. */
void sp_link_error(struct sp_link *l, sp_err err, struct sp_buf *out);

/* Initiator: what the first serve of a round wants. */
enum sp_need sp_link_wants(const struct sp_link *l);
/* Initiator: the round is over (or the conversation failed). */
bool sp_link_done(const struct sp_link *l);
/* Initiator, after done: another round in the same session (an edit made
 * since, or a look for news). SP_E_SESSION when the session is too old. */
SP_MUST_USE sp_err sp_link_again(struct sp_link *l);
/* Device number of the authenticated peer, 0 before that. */
uint32_t sp_link_peer(const struct sp_link *l);
/* The session id that its frames carry, 8 bytes. */
const uint8_t *sp_link_session(const struct sp_link *l);
const struct sp_link_report *sp_link_report(const struct sp_link *l);
/* Initiator that enrolled: the responder's reply; valid until free. */
struct sp_slice sp_link_enrolled(const struct sp_link *l);
/* Name of the present state, for traces. */
const char *sp_link_state(const struct sp_link *l);

#endif
