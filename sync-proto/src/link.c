/* link.c - the three steps of a turn; the handshake; sealing. */
#include "conversation.h"

#define ARENA_BYTES (16u * 1024u * 1024u)
/* What fits one frame however badly it compresses, and the most that is worth
 * a page: see sp_frame_seal. */
#define BUDGET_MIN 56000u
#define BUDGET_MAX 200000u
/* A buffer larger than this is freed between turns. */
#define REST_BYTES 2048u

static const char *const state_names[] = { "start", "hello", "enrol", "open",
    "documents", "push", "upper", "words", "pull", "finish", "done", "failed" };

const char *sp_link_state(const struct sp_link *l)
{
    return state_names[l->state];
}

struct sp_link *sp_link_new(const struct sp_link_setup *setup)
{
    struct sp_link *l = sp_heap_new(sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    l->setup = *setup;
    l->node = setup->node;
    l->state = SP_C_START;
    l->budget = BUDGET_MIN;
    l->peer = setup->initiator ? setup->peer : 0;
    l->started_ms = l->node->env->now_ms(l->node->env->self);
    sp_buf_init(&l->in, SP_MESSAGE_BYTES_MAX);
    sp_buf_init(&l->out, SP_MESSAGE_BYTES_MAX);
    sp_buf_init(&l->frame, SP_FRAME_BYTES_MAX);
    sp_buf_init(&l->ahead, SP_FRAME_BYTES_MAX);
    sp_buf_init(&l->work, SP_MESSAGE_BYTES_MAX);
    sp_buf_init(&l->enrolled, SP_STRING_BYTES_MAX);
    sp_arena_init(&l->arena, ARENA_BYTES);
    return l;
}

void sp_link_free(struct sp_link *l)
{
    if (l == NULL) {
        return;
    }
    sp_handshake_wipe(&l->hs);
    sp_cipher_wipe(&l->send);
    sp_cipher_wipe(&l->receive);
    sp_secret_wipe(&l->setup.code);
    sp_buf_wipe(&l->in);
    sp_buf_free(&l->in);
    sp_buf_wipe(&l->out);
    sp_buf_free(&l->out);
    sp_buf_free(&l->frame);
    sp_buf_free(&l->ahead);
    sp_buf_free(&l->work);
    sp_buf_wipe(&l->enrolled);
    sp_buf_free(&l->enrolled);
    sp_arena_free(&l->arena);
    sp_initiator_free(l);
    sp_heap_free(l->reader.holding);
    sp_heap_free(l);
}

/* ---- sealing ----------------------------------------------------------- */

sp_err sp_link_seal(struct sp_link *l)
{
    SP_TRY(l->out.err);
    SP_TRY(
        sp_frame_seal(&l->send, l->session, sp_buf_slice(&l->out), &l->frame));
    if (l->out.size >= BUDGET_MIN / 2) {
        /* How well this talk compresses tells how much the next frame can
         * take; a tenth is left for the difference. */
        size_t room = (size_t)SP_PLAIN_BYTES_MAX * 9 / 10;
        size_t fits = room * (l->out.size / 64) / (l->frame.size / 64 + 1);
        l->budget = fits < BUDGET_MIN   ? BUDGET_MIN
                    : fits > BUDGET_MAX ? BUDGET_MAX
                                        : fits;
    }
    return SP_OK;
}

/* A server has thousands of links at rest: what a turn needed beyond that is
 * given back. */
static void rest(struct sp_link *l)
{
    struct sp_buf *all[] = { &l->in, &l->out, &l->work, &l->frame };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i]->capacity > REST_BYTES) {
            size_t ceiling = all[i]->ceiling;
            sp_buf_free(all[i]);
            sp_buf_init(all[i], ceiling);
        }
    }
    sp_arena_free(&l->arena);
    sp_arena_init(&l->arena, ARENA_BYTES);
}

/* What the last serve did is durable. */
static void settle_serve(struct sp_link *l)
{
    for (uint32_t i = 0; i < l->reader.count; i++) {
        struct sp_holding *h = &l->reader.holding[i];
        h->since = h->moved > 0 ? h->moved : h->since;
        h->moved = 0;
    }
    l->has_in = false;
    l->served = false;
}

static sp_err give_frame(
    struct sp_link *l, struct sp_buf *frame, struct sp_buf *out)
{
    sp_buf_reset(out);
    if (frame->size > 0) {
        sp_buf_put(out, frame->data, frame->size);
        l->report.bytes_sent += frame->size;
        l->progress.bytes_sent += frame->size;
        sp_buf_reset(frame);
    }
    return out->err;
}

sp_err sp_link_reply(struct sp_link *l, struct sp_buf *out)
{
    settle_serve(l);
    sp_err err = give_frame(l, &l->frame, out);
    if (!l->setup.initiator) {
        rest(l);
    }
    return err;
}

bool sp_link_early(struct sp_link *l, struct sp_buf *out)
{
    enum sp_message_type type;
    sp_buf_reset(out);
    if (l->state != SP_C_PUSH || !l->has_in || l->ahead.size == 0 ||
        sp_message_type(sp_buf_slice(&l->in), &type) != SP_OK ||
        type != SP_MSG_PUSHED) {
        return false;
    }
    /* What was under way began where the peer is known to be: else this reply
     * answers something that it could not take. */
    const struct sp_outgoing *o = &l->outgoing[l->ahead_of];
    l->under_way = o->from == o->next && sp_push_early(l) &&
                   give_frame(l, &l->ahead, out) == SP_OK;
    return l->under_way;
}

void sp_link_error(struct sp_link *l, sp_err err, struct sp_buf *out)
{
    sp_buf_reset(&l->out);
    if (l->keyed) {
        sp_message_error(err, &l->out);
        if (sp_link_seal(l) == SP_OK && sp_link_reply(l, out) == SP_OK) {
            return;
        }
    }
    sp_frame_error(out, l->session, 0, err);
}

/* ---- receiving --------------------------------------------------------- */

static sp_err read_hello(struct sp_link *l, const struct sp_frame *f)
{
    uint8_t prologue[SP_PROLOGUE_BYTES_MAX], random[32];
    struct sp_secret ephemeral;
    struct sp_slice noise;
    const struct sp_identity *id = l->node->identity;
    SP_TRY(sp_frame_hello_check(f, id->static_public, &l->enrolment, &noise));
    l->enrolling = f->type == SP_FRAME_ENROL;
    if (l->enrolling && l->setup.enroller == NULL) {
        return SP_E_CODE;
    }
    size_t size = sp_frame_prologue(
        prologue, &id->org, l->enrolling ? &l->enrolment : NULL);
    l->node->env->random(l->node->env->self, random, sizeof random);
    memcpy(ephemeral.b, random, sizeof ephemeral.b);
    struct sp_handshake_setup setup = { .pattern = SP_NOISE_IKPSK2,
        .prologue = sp_slice_of(prologue, size),
        .own_static = &id->static_secret,
        .ephemeral = &ephemeral };
    sp_handshake_init(&l->hs, &setup);
    sp_secret_wipe(&ephemeral);
    sp_wipe(random, sizeof random);
    sp_buf_reset(&l->in);
    return sp_handshake_read(&l->hs, noise, &l->in);
}

static sp_err read_hello_reply(struct sp_link *l, const struct sp_frame *f)
{
    const struct sp_secret *psk =
        l->setup.enrol ? &l->setup.code : &l->node->identity->psk;
    sp_handshake_psk(&l->hs, psk);
    sp_buf_reset(&l->in);
    SP_TRY(sp_handshake_read(&l->hs, f->body, &l->in));
    memcpy(l->session, f->session, sizeof l->session);
    sp_handshake_split(&l->hs, &l->send, &l->receive, l->hash);
    l->keyed = true;
    return SP_OK;
}

static sp_err read_record(struct sp_link *l, const struct sp_frame *f)
{
    if (!l->keyed || memcmp(f->session, l->session, sizeof l->session) != 0) {
        return SP_E_SESSION;
    }
    uint64_t age = l->node->env->now_ms(l->node->env->self) - l->started_ms;
    if (!l->setup.initiator &&
        (age > SP_SESSION_MS_MAX ||
            l->report.bytes_received > SP_SESSION_BYTES_MAX)) {
        return SP_E_SESSION;
    }
    SP_TRY(sp_frame_open(&l->receive, f, &l->in));
    return sp_window_take(&l->window, f->counter);
}

/* What the message at hand needs; an error message ends the conversation with
 * the reason that the peer gave. */
static sp_err need_of(struct sp_link *l, enum sp_need *need)
{
    enum sp_message_type type;
    sp_err code;
    SP_TRY(sp_message_type(sp_buf_slice(&l->in), &type));
    if (type == SP_MSG_ERROR) {
        SP_TRY(sp_message_read_error(sp_buf_slice(&l->in), &code));
        l->report.error = code;
        return code == SP_OK ? SP_E_MALFORMED : code;
    }
    *need = type == SP_MSG_PULL || type == SP_MSG_UPPER ? SP_NEED_READ
                                                        : SP_NEED_WRITE;
    return SP_OK;
}

static sp_err receive(
    struct sp_link *l, const struct sp_frame *f, enum sp_need *need)
{
    bool initiator = l->setup.initiator;
    switch (f->type) {
    case SP_FRAME_HELLO:
    case SP_FRAME_ENROL:
        if (initiator || l->state != SP_C_START) {
            return SP_E_STATE;
        }
        SP_TRY(read_hello(l, f));
        l->state = SP_C_HELLO;
        *need = SP_NEED_READ;
        return SP_OK;
    case SP_FRAME_HELLO_REPLY:
        if (!initiator || l->state != SP_C_HELLO) {
            return SP_E_STATE;
        }
        *need = l->setup.enrol ? SP_NEED_NOTHING : SP_NEED_WRITE;
        return read_hello_reply(l, f);
    case SP_FRAME_RECORD:
        SP_TRY(read_record(l, f));
        SP_TRY(need_of(l, need));
        if (initiator) {
            *need = l->setup.enrol ? SP_NEED_NOTHING : SP_NEED_WRITE;
        }
        return SP_OK;
    case SP_FRAME_ERROR:
        l->report.error = sp_frame_error_read(f);
        return l->report.error == SP_OK ? SP_E_MALFORMED : l->report.error;
    }
    return SP_E_MALFORMED;
}

sp_err sp_link_receive(
    struct sp_link *l, struct sp_slice frame, enum sp_need *need)
{
    struct sp_frame f;
    if (l->state == SP_C_FAILED) {
        return SP_E_STATE;
    }
    l->report.bytes_received += frame.size;
    l->progress.bytes_received += frame.size;
    sp_err err = sp_frame_parse(frame, &f);
    if (err == SP_OK) {
        err = receive(l, &f, need);
    }
    if (err == SP_E_REPLAY) {
        return err; /* no state touched, the conversation goes on */
    }
    if (err != SP_OK) {
        l->state = SP_C_FAILED;
        l->report.error = err;
        return err;
    }
    l->has_in = true;
    l->served = false;
    l->report.round_trips += l->setup.initiator ? 1 : 0;
    return SP_OK;
}

/* ---- serving ----------------------------------------------------------- */

/* A responder's serve may run again, when the tx that it shared with others
 * had to be given up: what came in stays until the reply, and what the serve
 * learnt counts from the reply on. */
static sp_err begin_serve(struct sp_link *l)
{
    if (!l->served) {
        l->report_before = l->report;
        l->served = true;
        return SP_OK;
    }
    if (l->setup.initiator) {
        return SP_E_STATE;
    }
    for (uint32_t i = 0; i < l->reader.count; i++) {
        l->reader.holding[i].moved = 0;
    }
    l->report = l->report_before;
    sp_buf_reset(&l->frame);
    return SP_OK;
}

sp_err sp_link_serve(struct sp_link *l, struct sp_tx *tx)
{
    sp_err err = begin_serve(l);
    if (err == SP_OK) {
        err = l->setup.initiator ? sp_initiator_serve(l, tx)
                                 : sp_responder_serve(l, tx);
    }
    if (err != SP_OK) {
        enum sp_class class = sp_err_class(err);
        l->report.error = err;
        if (l->setup.initiator ||
            (class != SP_CLASS_BUSY && class != SP_CLASS_LOCAL)) {
            l->state = SP_C_FAILED;
        }
    }
    if (err == SP_OK && l->setup.progress != NULL) {
        l->setup.progress(l->setup.progress_self, &l->progress);
    }
    return err;
}

enum sp_need sp_link_wants(const struct sp_link *l)
{
    return l->setup.enrol           ? SP_NEED_NOTHING
           : l->state == SP_C_START ? SP_NEED_READ
                                    : SP_NEED_WRITE;
}

bool sp_link_done(const struct sp_link *l)
{
    return l->state == SP_C_DONE || l->state == SP_C_FAILED;
}

sp_err sp_link_again(struct sp_link *l)
{
    uint64_t age = l->node->env->now_ms(l->node->env->self) - l->started_ms;
    if (l->state != SP_C_DONE || !l->keyed || l->setup.enrol ||
        age > SP_SESSION_MS_MAX / 2 || l->scope_count == 0) {
        return SP_E_SESSION;
    }
    settle_serve(l);
    l->state = SP_C_PUSH;
    return SP_OK;
}

uint32_t sp_link_peer(const struct sp_link *l)
{
    return l->peer;
}

const uint8_t *sp_link_session(const struct sp_link *l)
{
    return l->session;
}

const struct sp_link_report *sp_link_report(const struct sp_link *l)
{
    return &l->report;
}

struct sp_slice sp_link_enrolled(const struct sp_link *l)
{
    return sp_buf_slice(&l->enrolled);
}
