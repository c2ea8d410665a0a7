#include "net/dial.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>

#include "ops/env.h"
#include "ops/say.h"
#include "say/net.h"

#define RECV_SIZE_MAX (SP_FRAME_BYTES_MAX + 12u)
#define PAUSE_MS_MAX  1000u

struct dial {
    const struct sv_dial_setup *setup;
    nng_socket socket;
    uint64_t begun_ms;
    uint64_t bytes;
    struct sv_dial_fault *fault;
};

static sp_err offline(struct dial *d, const char *what, int rc)
{
    d->fault->what = what;
    d->fault->code = rc;
    return SP_E_OFFLINE;
}

static sp_err open_socket(struct dial *d)
{
    nng_duration timeout = (nng_duration)d->setup->timeout_ms;
    int rc = nng_req0_open(&d->socket);
    if (rc != 0) {
        d->socket = (nng_socket)NNG_SOCKET_INITIALIZER;
        return offline(d, SV_SAY("no socket"), rc);
    }
    rc = nng_socket_set_size(d->socket, NNG_OPT_RECVMAXSZ, RECV_SIZE_MAX);
    if (rc == 0) {
        rc = nng_socket_set_ms(
            d->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    }
    if (rc == 0) {
        rc = nng_socket_set_ms(d->socket, NNG_OPT_SENDTIMEO, timeout);
    }
    if (rc == 0) {
        rc = nng_socket_set_ms(d->socket, NNG_OPT_RECVTIMEO, timeout);
    }
    if (rc != 0) {
        return offline(d, SV_SAY("no socket"), rc);
    }
    rc = nng_dial(d->socket, d->setup->endpoint, NULL, 0);
    return rc == 0 ? SP_OK
                   : offline(d,
                         SV_SAY("cannot connect; is the server running and "
                                "the address right"),
                         rc);
}

/* Sleeps until the bytes so far fit the rate. */
static sp_err keep_rate(struct dial *d, size_t more)
{
    const struct sv_dial_setup *s = d->setup;
    d->bytes += more;
    if (s->rate_bytes == 0) {
        return s->pause(s->self, 0) ? SP_E_BUSY : SP_OK;
    }
    uint64_t due = d->begun_ms + d->bytes * 1000u / s->rate_bytes;
    for (uint64_t now = sv_env_steady_ms(); now < due;
         now = sv_env_steady_ms()) {
        uint64_t rest = due - now;
        if (s->pause(s->self, rest < PAUSE_MS_MAX ? rest : PAUSE_MS_MAX)) {
            return SP_E_BUSY;
        }
    }
    return SP_OK;
}

static sp_err ask(struct dial *d, const struct sp_buf *frame, nng_msg **answer)
{
    nng_msg *msg = NULL;
    if (nng_msg_alloc(&msg, 0) != 0) {
        return SP_E_NOMEM;
    }
    if (nng_msg_append(msg, frame->data, frame->size) != 0) {
        nng_msg_free(msg);
        return SP_E_NOMEM;
    }
    int rc = nng_sendmsg(d->socket, msg, 0);
    if (rc != 0) {
        nng_msg_free(msg);
        return offline(d, SV_SAY("connection lost while sending"), rc);
    }
    rc = nng_recvmsg(d->socket, answer, 0);
    return rc == 0 ? SP_OK
                   : offline(d,
                         rc == NNG_ETIMEDOUT ? SV_SAY("nothing came")
                                             : SV_SAY("connection lost"),
                         rc);
}

/* One turn: serve, reply, and what the other side says to it. */
static sp_err turn(struct dial *d, struct sp_link *link, enum sp_need *need,
    struct sp_buf *out)
{
    nng_msg *answer = NULL;
    sp_err err = d->setup->serve(d->setup->self, link, *need);
    if (err == SP_OK) {
        err = sp_link_reply(link, out);
    }
    if (err != SP_OK || out->size == 0) {
        return err;
    }
    err = ask(d, out, &answer);
    if (err != SP_OK) {
        return err;
    }
    struct sp_slice bytes =
        sp_slice_of(nng_msg_body(answer), nng_msg_len(answer));
    err = sp_link_receive(link, bytes, need);
    size_t size = out->size + bytes.size;
    nng_msg_free(answer);
    return err == SP_OK ? keep_rate(d, size) : err;
}

sp_err sv_dial_converse(struct sp_link *link, const struct sv_dial_setup *setup,
    struct sv_dial_fault *fault)
{
    struct dial d = {
        .setup = setup, .begun_ms = sv_env_steady_ms(), .fault = fault
    };
    struct sp_buf out;
    *fault = (struct sv_dial_fault){ .err = SP_OK };
    snprintf(fault->endpoint, sizeof fault->endpoint, "%s", setup->endpoint);
    sp_buf_init(&out, SP_FRAME_BYTES_MAX + 1024u);
    sp_err err = open_socket(&d);
    enum sp_need need = sp_link_wants(link);
    while (err == SP_OK && !sp_link_done(link)) {
        err = turn(&d, link, &need, &out);
        if (err == SP_OK && out.size == 0 && !sp_link_done(link)) {
            err = SP_E_INTERNAL; /* neither a frame to send nor an end */
        }
    }
    (void)nng_close(d.socket);
    sp_buf_free(&out);
    fault->err = err;
    return err;
}

void sv_dial_say(
    const struct sv_dial_fault *fault, char note[SV_DIAL_NOTE_BYTES])
{
    note[0] = '\0';
    if (fault->what != NULL) {
        sv_say_note(note, SV_DIAL_NOTE_BYTES, "%s: %s: %s", fault->endpoint,
            sv_say(fault->what), cc_say_net(fault->code));
    } else if (fault->err != SP_OK) {
        sv_say_note(note, SV_DIAL_NOTE_BYTES, "%s: %s", fault->endpoint,
            cc_say_err(fault->err));
    }
}
