/*
 * dial.h - one conversation with another server, as its initiator: frames
 * over nng REQ, one at a time, at no more than a given rate.
 *
 * nng never sends a request again by itself here; a lost connection ends the
 * conversation, and trying again is the caller's business.
 */
#ifndef SV_DIAL_H
#define SV_DIAL_H

#include "sp/enrol.h"
#include "sp/link.h"

#define SV_DIAL_NOTE_BYTES 384u

/* What ended a conversation, for whoever asks later, in his language. */
struct sv_dial_fault {
    sp_err err;       /* SP_OK: nothing did */
    const char *what; /* English, known to sv_say; NULL: err says it all */
    int code;         /* what nng returned; 0 none */
    char endpoint[SP_ENDPOINT_BYTES_MAX];
};

/* Says it into a line, in the thread's language; "" of none. */
void sv_dial_say(
    const struct sv_dial_fault *fault, char note[SV_DIAL_NOTE_BYTES]);

struct sv_dial_setup {
    const char *endpoint; /* tcp://host:port */
    uint32_t timeout_ms;  /* for one answer */
    uint64_t rate_bytes;  /* a second, both ways together; 0 no cap */
    /* Runs the serve of a link in a transaction that fits the need, and
     * returns after its commit. */
    sp_err (*serve)(void *self, struct sp_link *link, enum sp_need need);
    /* Waits; true when the caller wants to stop. */
    bool (*pause)(void *self, uint64_t ms);
    void *self;
};

/*
 * Connects, lets the link have its conversation until it is done, closes.
 *   fault   what is wrong; its err is what is returned
 *   errors  SP_E_OFFLINE (nobody there, no answer in time, connection lost),
 *           SP_E_BUSY (told to stop), and those of the link and of serve
 */
SP_MUST_USE sp_err sv_dial_converse(struct sp_link *link,
    const struct sv_dial_setup *setup, struct sv_dial_fault *fault);

#endif
