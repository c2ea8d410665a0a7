#include "net/listen.h"

#include <inttypes.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/hangup.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"
#include "say/net.h"

#define MAXTTL        2
#define RECV_SIZE_MAX (SP_FRAME_BYTES_MAX + 4u * (MAXTTL + 1u))
#define SEND_MS_MAX   20000
#define REAP_EVERY_MS 250
#define END_MS_MAX    1000u
#define END_STEP_MS   5u
/* Frames that only writes can be waiting behind; replies may be as large. */
#define REPLY_BYTES_MAX (SP_FRAME_BYTES_MAX + 1024u)

enum slot_state { RECEIVING, WORKING, SENDING };

/* One context and its request. */
struct slot {
    struct sv_job job; /* first: the writer hands it back */
    struct sv_listen *listen;
    nng_ctx ctx;
    nng_aio *aio;
    enum slot_state state; /* guarded by the lock while RECEIVING */
    nng_msg *request;
    uint32_t pipe;
    uint8_t session_id[8]; /* of the request's frame, for error frames */
    uint64_t counter;
    struct sp_link *link;       /* new: not in the table yet */
    struct sv_session *session; /* taken */
    struct sp_buf out;
};

struct sv_listen {
    struct sv_listen_setup setup;
    nng_socket socket;
    nng_listener listener;
    nng_aio *reaper;
    struct sv_sessions *sessions;
    struct slot *slot;
    unsigned slots;
    pthread_mutex_t lock; /* guards stopping and the start of receiving */
    bool stopping;
    bool told_stuck;
};

static uint64_t now_ms(const struct sv_listen *l)
{
    return l->setup.clock_ms == NULL ? sv_env_steady_ms()
                                     : l->setup.clock_ms(l->setup.clock_self);
}

/* Under the lock, so that stop finds each context either waiting or never
 * waiting again. */
static void receive_next(struct slot *s)
{
    struct sv_listen *l = s->listen;
    pthread_mutex_lock(&l->lock);
    if (l->stopping) {
        s->state = WORKING;
    } else {
        s->state = RECEIVING;
        nng_aio_set_timeout(s->aio, NNG_DURATION_INFINITE);
        nng_ctx_recv(s->ctx, s->aio);
    }
    pthread_mutex_unlock(&l->lock);
}

static void drop_request(struct slot *s)
{
    nng_msg_free(s->request);
    s->request = NULL;
}

static void close_pipe(struct slot *s, const char *why, sp_err err)
{
    sv_metrics_add(&s->listen->setup.metrics->frames_bad, 1);
    sv_log_peer("net", "event=closed pipe=%" PRIu32 " why=%s error=%s", s->pipe,
        why, sp_err_name(err));
    sv_session_pipe_condemn(s->listen->sessions, s->pipe);
}

/* Sends what stands in out; nothing there: the peer gets no answer. */
static void send_reply(struct slot *s)
{
    nng_msg *reply = NULL;
    struct sv_metrics *m = s->listen->setup.metrics;
    drop_request(s);
    if (s->out.size == 0 || s->out.err != SP_OK ||
        nng_msg_alloc(&reply, 0) != 0) {
        receive_next(s);
        return;
    }
    if (nng_msg_append(reply, s->out.data, s->out.size) != 0) {
        nng_msg_free(reply);
        receive_next(s);
        return;
    }
    sv_metrics_add(&m->frames_out, 1);
    sv_metrics_add(&m->bytes_out, s->out.size);
    /* 64 KiB a context would stay for ever in an idle server. */
    if (s->out.capacity > 4096) {
        sp_buf_free(&s->out);
        sp_buf_init(&s->out, REPLY_BYTES_MAX);
    }
    s->state = SENDING;
    nng_aio_set_msg(s->aio, reply);
    nng_aio_set_timeout(s->aio, SEND_MS_MAX);
    nng_ctx_send(s->ctx, s->aio);
}

static void send_error(struct slot *s, sp_err err)
{
    sv_metrics_add(&s->listen->setup.metrics->errors_sent, 1);
    sp_frame_error(&s->out, s->session_id, s->counter, err);
    send_reply(s);
}

/* Ends a turn that brought no good reply. */
static void refuse(struct slot *s, sp_err err)
{
    struct sv_listen *l = s->listen;
    struct sp_link *link =
        s->session != NULL ? sv_session_link(s->session) : s->link;
    sv_metrics_add(&l->setup.metrics->errors_sent, 1);
    sv_metrics_add(&l->setup.metrics->sessions_ended, 1);
    sv_log_peer("net",
        "event=refused pipe=%" PRIu32 " device=%" PRIu32
        " state=%s error=%s text=\"%s\"",
        s->pipe, sp_link_peer(link), sp_link_state(link), sp_err_name(err),
        sp_err_text_en(err));
    sp_link_error(link, err, &s->out);
    if (s->session != NULL) {
        sv_session_give(l->sessions, s->session, true, now_ms(l));
    } else {
        sp_link_free(s->link);
    }
    s->session = NULL;
    s->link = NULL;
    send_reply(s);
}

/* After the serve (and its commit): seals the reply and lets the link go. */
static void answer(struct slot *s, sp_err err)
{
    struct sv_listen *l = s->listen;
    struct sp_link *link =
        s->session != NULL ? sv_session_link(s->session) : s->link;
    if (err == SP_OK) {
        err = sp_link_reply(link, &s->out);
    }
    if (err == SP_OK && s->session == NULL) {
        err = sv_session_open(
            l->sessions, s->link, s->pipe, now_ms(l), &s->session);
        s->link = err == SP_OK ? NULL : s->link;
    }
    if (err != SP_OK) {
        refuse(s, err);
        return;
    }
    sv_session_give(l->sessions, s->session, false, now_ms(l));
    s->session = NULL;
    send_reply(s);
}

static sp_err job_run(struct sv_job *job, struct sp_tx *tx)
{
    struct slot *s = (struct slot *)(void *)job;
    return sp_link_serve(
        s->session != NULL ? sv_session_link(s->session) : s->link, tx);
}

static void job_done(struct sv_job *job, sp_err err)
{
    answer((struct slot *)(void *)job, err);
}

/* Who took records from here, and how many: an auditor's reading, too, leaves
 * a trace (POLICY.md, "Reading"). */
static void note_taken(
    const struct sp_rules *rules, const struct sp_link *link, uint64_t before)
{
    struct sp_certified peer;
    uint64_t taken = sp_link_report(link)->pulled - before;
    if (taken > 0 &&
        rules->device(rules->self, sp_link_peer(link), &peer) == SP_OK) {
        sv_log(SV_LOG_INFO, "audit",
            "event=handed_out device=%" PRIu32 " user=%" PRIu32
            " records=%" PRIu64,
            peer.device, peer.user, taken);
    }
}

static sp_err serve_read(struct slot *s, struct sp_link *link)
{
    const struct sv_listen_setup *setup = &s->listen->setup;
    struct sv_book *book = sv_book_take(setup->shelf);
    uint64_t before = sp_link_report(link)->pulled;
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, setup->node, sv_book_rules(book), false);
    if (err == SP_OK) {
        err = sp_link_serve(link, &tx);
        sp_tx_abort(&tx);
    }
    if (err == SP_OK) {
        note_taken(sv_book_rules(book), link, before);
    }
    sv_book_drop(book);
    sv_metrics_add(&setup->metrics->read_serves, 1);
    return err;
}

static void work(struct slot *s, struct sp_link *link, enum sp_need need)
{
    switch (need) {
    case SP_NEED_NOTHING:
        answer(s, sp_link_serve(link, NULL));
        break;
    case SP_NEED_READ:
        answer(s, serve_read(s, link));
        break;
    case SP_NEED_WRITE: {
        s->job = (struct sv_job){
            .run = job_run, .done = job_done, .bytes = nng_msg_len(s->request)
        };
        sp_err err = sv_writer_submit(s->listen->setup.writer, &s->job);
        if (err != SP_OK) {
            refuse(s, err);
        }
        break;
    }
    }
}

/* Bytes that no honest peer sends; there is nobody to explain it to. */
static bool is_garbage(sp_err err)
{
    return err == SP_E_FORGED || err == SP_E_MALFORMED ||
           err == SP_E_TRUNCATED || err == SP_E_TOO_LARGE;
}

static void on_hello(struct slot *s, struct sp_slice bytes)
{
    struct sv_listen *l = s->listen;
    enum sp_need need = SP_NEED_NOTHING;
    if (!sv_session_admit(l->sessions, s->pipe, now_ms(l))) {
        sv_metrics_add(&l->setup.metrics->handshakes_rate, 1);
        send_error(s, SP_E_RATE);
        return;
    }
    struct sp_link_setup setup = { .node = l->setup.node,
        .enroller = l->setup.enroller };
    s->link = sp_link_new(&setup);
    if (s->link == NULL) {
        send_error(s, SP_E_NOMEM);
        return;
    }
    sv_metrics_add(&l->setup.metrics->handshakes, 1);
    sp_err err = sp_link_receive(s->link, bytes, &need);
    if (is_garbage(err)) {
        close_pipe(s, "handshake", err);
        sp_link_free(s->link);
        s->link = NULL;
        drop_request(s);
        receive_next(s);
    } else if (err != SP_OK) {
        refuse(s, err);
    } else {
        work(s, s->link, need);
    }
}

static void on_replay(struct slot *s)
{
    struct sv_listen *l = s->listen;
    uint64_t now = now_ms(l);
    sv_session_give(l->sessions, s->session, false, now);
    s->session = NULL;
    if (sv_session_pipe_strike(l->sessions, s->pipe, now)) {
        close_pipe(s, "replays", SP_E_REPLAY);
    }
    send_error(s, SP_E_REPLAY);
}

static void on_record(
    struct slot *s, const struct sp_frame *frame, struct sp_slice bytes)
{
    struct sv_listen *l = s->listen;
    enum sp_need need = SP_NEED_NOTHING;
    bool foreign = false;
    sp_err err = sv_session_take(
        l->sessions, frame->session, s->pipe, now_ms(l), &s->session, &foreign);
    if (foreign) {
        sv_metrics_add(&l->setup.metrics->sessions_foreign, 1);
        sv_log_peer("net",
            "event=session_of_another_connection pipe=%" PRIu32 " alarm=yes",
            s->pipe);
    }
    if (err != SP_OK) {
        send_error(s, err);
        return;
    }
    struct sp_link *link = sv_session_link(s->session);
    err = sp_link_receive(link, bytes, &need);
    if (err == SP_E_REPLAY) {
        on_replay(s);
    } else if (is_garbage(err)) {
        close_pipe(s, "record", err);
        sv_session_give(l->sessions, s->session, true, now_ms(l));
        s->session = NULL;
        drop_request(s);
        receive_next(s);
    } else if (err != SP_OK) {
        refuse(s, err);
    } else {
        sv_session_confirm(l->sessions, s->session);
        work(s, link, need);
    }
}

static void on_request(struct slot *s)
{
    struct sv_listen *l = s->listen;
    struct sp_frame frame;
    struct sp_slice bytes =
        sp_slice_of(nng_msg_body(s->request), nng_msg_len(s->request));
    s->pipe = nng_msg_get_pipe(s->request).id;
    sp_buf_reset(&s->out);
    sv_metrics_add(&l->setup.metrics->frames_in, 1);
    sv_metrics_add(&l->setup.metrics->bytes_in, bytes.size);
    if (sv_session_pipe_condemned(l->sessions, s->pipe)) {
        drop_request(s);
        receive_next(s);
        return;
    }
    sp_err err = sp_frame_parse(bytes, &frame);
    if (err == SP_OK && frame.type != SP_FRAME_HELLO &&
        frame.type != SP_FRAME_ENROL && frame.type != SP_FRAME_RECORD) {
        err = SP_E_MALFORMED; /* a server is never asked with these */
    }
    if (err != SP_OK) {
        close_pipe(s, "frame", err);
        drop_request(s);
        receive_next(s);
        return;
    }
    memcpy(s->session_id, frame.session, sizeof s->session_id);
    s->counter = frame.counter;
    if (frame.type == SP_FRAME_RECORD) {
        on_record(s, &frame, bytes);
    } else {
        on_hello(s, bytes);
    }
}

static void slot_ready(void *arg)
{
    struct slot *s = arg;
    int rc = nng_aio_result(s->aio);
    bool sent = s->state == SENDING;
    if (sent && rc != 0) {
        nng_msg_free(nng_aio_get_msg(s->aio)); /* still ours then */
    }
    if (!sent && rc == 0) {
        s->request = nng_aio_get_msg(s->aio);
    }
    nng_aio_set_msg(s->aio, NULL);
    if (rc == NNG_ECLOSED || rc == NNG_ECANCELED) {
        return;
    }
    if (sent || rc != 0) {
        receive_next(s);
        return;
    }
    s->state = WORKING;
    on_request(s);
}

static void address_of(nng_pipe pipe, struct sv_address *out)
{
    nng_sockaddr sa;
    memset(out, 0, sizeof *out);
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &sa) != 0) {
        return;
    }
    if (sa.s_family == NNG_AF_INET) {
        memcpy(out->b, &sa.s_in.sa_addr, 4);
    } else if (sa.s_family == NNG_AF_INET6) {
        memcpy(out->b, sa.s_in6.sa_addr, 16);
    }
}

static void pipe_event(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct sv_listen *l = arg;
    struct sv_address address;
    uint32_t id = (uint32_t)nng_pipe_id(pipe);
    if (event == NNG_PIPE_EV_REM_POST) {
        sv_session_pipe_remove(l->sessions, id);
        return;
    }
    address_of(pipe, &address);
    if (!sv_session_pipe_add(l->sessions, id, &address, now_ms(l))) {
        sv_metrics_add(&l->setup.metrics->pipes_refused, 1);
        sv_log_peer("net", "event=too_many_connections pipe=%" PRIu32, id);
        (void)nng_pipe_close(pipe);
    }
}

/* Ends connections; those that nng does not know any more are forgotten. */
static void hang_up(struct sv_listen *l, const uint32_t *id, uint32_t count)
{
    struct sv_hangup_peer peer[64];
    size_t known = 0;
    for (uint32_t i = 0; i < count; i++) {
        nng_sockaddr sa;
        nng_pipe pipe = NNG_PIPE_INITIALIZER;
        pipe.id = id[i];
        struct sv_hangup_peer *p = &peer[known];
        memset(p, 0, sizeof *p);
        if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &sa) != 0) {
            sv_session_pipe_remove(l->sessions, id[i]);
        } else if (sa.s_family == NNG_AF_INET) {
            memcpy(p->address, &sa.s_in.sa_addr, 4);
            p->port_be = sa.s_in.sa_port;
            known++;
        } else if (sa.s_family == NNG_AF_INET6) {
            p->v6 = true;
            memcpy(p->address, sa.s_in6.sa_addr, 16);
            p->port_be = sa.s_in6.sa_port;
            known++;
        }
    }
    if (known > 0) {
        (void)sv_hangup_peers(peer, known);
    }
}

void sv_listen_reap(struct sv_listen *l)
{
    struct sv_session_reaped reaped;
    struct sv_session_counts counts;
    struct sv_metrics *m = l->setup.metrics;
    sv_session_reap(l->sessions, now_ms(l), &reaped);
    hang_up(l, reaped.pipe, reaped.count);
    if (reaped.stuck > 0 && !l->told_stuck && l->setup.stuck != NULL) {
        l->told_stuck = true;
        l->setup.stuck(l->setup.stuck_self);
    }
    sv_metrics_add(&m->sessions_ended, reaped.sessions);
    sv_metrics_add(&m->pipes_silent, reaped.silent);
    sv_metrics_add(&m->pipes_idle, reaped.idle);
    sv_session_count(l->sessions, &counts);
    sv_metrics_set(&m->pipes_open, counts.pipes);
    sv_metrics_set(&m->sessions_half_open, counts.half_open);
    sv_metrics_set(&m->sessions_open, counts.open);
    if (!l->stopping) { /* the writer may be gone by then */
        sv_metrics_set(&m->queue_waiting, sv_writer_waiting(l->setup.writer));
    }
}

static void reaper_ready(void *arg)
{
    struct sv_listen *l = arg;
    if (nng_aio_result(l->reaper) != 0) {
        return;
    }
    sv_listen_reap(l);
    nng_sleep_aio(REAP_EVERY_MS, l->reaper);
}

static sp_err say(char *note, sp_err err, const char *endpoint, int rc)
{
    const char *way = err == SP_E_IN_USE
                          ? sv_say("another process uses this port; stop it or "
                                   "choose another with --listen")
                          : sv_say("choose another with --listen");
    sv_say_note(note, SV_LISTEN_NOTE_BYTES, "listen = %s: %s; %s", endpoint,
        cc_say_net(rc), way);
    return err;
}

static int set_options(struct sv_listen *l)
{
    int rc = nng_socket_set_size(l->socket, NNG_OPT_RECVMAXSZ, RECV_SIZE_MAX);
    if (rc == 0) {
        rc = nng_socket_set_int(l->socket, NNG_OPT_MAXTTL, MAXTTL);
    }
    if (rc == 0) {
        rc = nng_pipe_notify(l->socket, NNG_PIPE_EV_ADD_PRE, pipe_event, l);
    }
    if (rc == 0) {
        rc = nng_pipe_notify(l->socket, NNG_PIPE_EV_REM_POST, pipe_event, l);
    }
    return rc;
}

static int open_slots(struct sv_listen *l)
{
    int rc = 0;
    for (unsigned i = 0; i < l->setup.contexts; i++) {
        struct slot *s = &l->slot[i];
        s->listen = l;
        sp_buf_init(&s->out, REPLY_BYTES_MAX);
        rc = nng_aio_alloc(&s->aio, slot_ready, s);
        if (rc != 0) {
            return rc;
        }
        l->slots++;
        rc = nng_ctx_open(&s->ctx, l->socket);
        if (rc != 0) {
            return rc;
        }
    }
    return rc;
}

static int open_socket(struct sv_listen *l)
{
    int rc = nng_rep0_open(&l->socket);
    if (rc != 0) {
        l->socket = (nng_socket)NNG_SOCKET_INITIALIZER;
        return rc;
    }
    rc = set_options(l);
    if (rc == 0) {
        rc = nng_listener_create(&l->listener, l->socket, l->setup.endpoint);
    }
    if (rc == 0) {
        rc = nng_listener_set_bool(l->listener, NNG_OPT_TCP_NODELAY, true);
    }
    if (rc == 0) {
        rc = nng_aio_alloc(&l->reaper, reaper_ready, l);
    }
    return rc == 0 ? open_slots(l) : rc;
}

sp_err sv_listen_start(struct sv_listen **out,
    const struct sv_listen_setup *setup, char note[SV_LISTEN_NOTE_BYTES])
{
    note[0] = '\0';
    struct sv_listen *l = calloc(1, sizeof *l);
    struct slot *slot = calloc(setup->contexts, sizeof *slot);
    struct sv_sessions *sessions = sv_session_table(&setup->limits);
    if (l == NULL || slot == NULL || sessions == NULL) {
        sv_session_table_free(sessions);
        free(slot);
        free(l);
        return SP_E_NOMEM;
    }
    l->setup = *setup;
    l->slot = slot;
    l->sessions = sessions;
    pthread_mutex_init(&l->lock, NULL);
    int rc = open_socket(l);
    for (unsigned i = 0; rc == 0 && i < l->slots; i++) {
        receive_next(&l->slot[i]);
    }
    if (rc == 0) {
        rc = nng_listener_start(l->listener, 0);
    }
    if (rc != 0) {
        sp_err err =
            rc == NNG_EADDRINUSE ? SP_E_IN_USE
            : rc == NNG_ENOMEM   ? SP_E_NOMEM
            : rc == NNG_EADDRINVAL || rc == NNG_EPERM || rc == NNG_EINVAL
                ? SP_E_CONFIG
                : SP_E_IO;
        err = say(note, err, setup->endpoint, rc);
        sv_listen_stop(l);
        sv_listen_free(l);
        return err;
    }
    nng_sleep_aio(REAP_EVERY_MS, l->reaper);
    *out = l;
    return SP_OK;
}

void sv_listen_stop(struct sv_listen *l)
{
    if (l == NULL) {
        return;
    }
    if (l->reaper != NULL) {
        nng_aio_stop(l->reaper);
    }
    /* The listener stays: closing it would close its connections too, and
     * with them the replies of work that is under way. Contexts that wait for
     * a request end here; those at work go on. */
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    for (unsigned i = 0; i < l->slots; i++) {
        if (l->slot[i].state == RECEIVING) {
            nng_aio_cancel(l->slot[i].aio);
        }
    }
    pthread_mutex_unlock(&l->lock);
}

/* No context begins to receive after stop, so these waits end: with the last
 * commit's reply, or SEND_MS_MAX for a peer that does not read. */
void sv_listen_drain(struct sv_listen *l)
{
    for (unsigned i = 0; l != NULL && i < l->slots; i++) {
        nng_aio_wait(l->slot[i].aio);
    }
}

/* Before nng closes its socket: what it closes itself, it may lose. */
static void hang_up_all(struct sv_listen *l)
{
    struct sv_session_counts counts;
    for (unsigned i = 0; i < END_MS_MAX / END_STEP_MS; i++) {
        sv_session_pipe_condemn_all(l->sessions);
        sv_listen_reap(l);
        sv_session_count(l->sessions, &counts);
        if (counts.pipes == 0) {
            return;
        }
        nng_msleep(END_STEP_MS);
    }
}

void sv_listen_free(struct sv_listen *l)
{
    if (l == NULL) {
        return;
    }
    sv_listen_drain(l);
    hang_up_all(l);
    (void)nng_close(l->socket);
    for (unsigned i = 0; i < l->slots; i++) {
        struct slot *s = &l->slot[i];
        nng_aio_stop(s->aio);
        nng_aio_free(s->aio);
        nng_msg_free(s->request);
        sp_link_free(s->link);
        sp_buf_free(&s->out);
    }
    nng_aio_free(l->reaper);
    sv_session_table_free(l->sessions);
    pthread_mutex_destroy(&l->lock);
    free(l->slot);
    free(l);
}

struct sv_sessions *sv_listen_sessions(struct sv_listen *l)
{
    return l->sessions;
}

int sv_listen_port(const struct sv_listen *l)
{
    nng_sockaddr sa;
    if (nng_listener_get_addr(l->listener, NNG_OPT_LOCADDR, &sa) != 0) {
        return 0;
    }
    uint16_t big =
        sa.s_family == NNG_AF_INET6 ? sa.s_in6.sa_port : sa.s_in.sa_port;
    return sp_get_u16be((const uint8_t *)&big);
}

void sv_listen_fini(void)
{
    nng_fini();
}
