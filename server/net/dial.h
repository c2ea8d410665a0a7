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

#define SV_DIAL_NOTE_BYTES 256u

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
 *   note    what is wrong and the way out; empty on success
 *   errors  SP_E_OFFLINE (nobody there, no answer in time, connection lost),
 *           SP_E_BUSY (told to stop), and those of the link and of serve
 */
SP_MUST_USE sp_err sv_dial_converse(struct sp_link *link,
    const struct sv_dial_setup *setup, char note[SV_DIAL_NOTE_BYTES]);

#endif
