/*
 * talk.h - one conversation of a link over one connection, from its first
 * frame to its end.
 *
 *   threads  one at a time
 */
#ifndef CC_SYNC_TALK_H
#define CC_SYNC_TALK_H

#include "sp/link.h"

#include "replica/replica.h"
#include "sync/net.h"

struct cc_talk {
    struct cc_replica *replica;
    struct cc_net *net;
    struct sp_link *link;
    struct sp_buf out, in; /* frames */
    struct sp_buf early;   /* one that was ready before the reply was served */
    enum sp_need need;     /* of the serve at hand */
    uint32_t wait_ms;      /* for all, anew with each turn that brings news */
    bool stopped;          /* set by the progress call */
    bool trouble;          /* the server named one of its own machine's */
    char *note;
};

/* Initialises the buffers. */
void cc_talk_init(struct cc_talk *t);
void cc_talk_free(struct cc_talk *t);

/* Runs until the link is done. Errors: those of the net, of the link (or what
 * its peer named), of the replica; SP_E_BUSY when stopped, and when the
 * server's machine is in trouble (its disk is full, say). */
SP_MUST_USE sp_err cc_talk_run(struct cc_talk *t);

/* Whether a new session may help. */
bool cc_talk_again(sp_err err);

/* A pause drawn between 0 and a bound that doubles with each try, up to
 * left_ms. */
void cc_talk_pause(const struct sp_env *env, unsigned tries, uint64_t left_ms);

#endif
