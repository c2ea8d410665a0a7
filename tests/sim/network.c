#include "network.h"

#include "conversation.h"
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#define TURNS_MAX     400u
#define REPLAYS_MAX   32u
#define CLASS_PEER(e) (sp_err_class(e) == SP_CLASS_PEER)

struct old_frame {
    struct sim_party *to;
    struct sp_buf bytes;
};

struct sim_network {
    struct sim_world *world;
    struct sim_session *session;
    struct old_frame old[REPLAYS_MAX];
    uint64_t olds;
};

static const char *const fault_names[SIM_FAULTS] = { "fine", "request twice",
    "reply twice", "old request", "request lost", "request late", "reply lost",
    "responder dies", "responder died", "initiator dies", "initiator died" };

const char *sim_fault_name(enum sim_fault fault)
{
    return fault_names[fault];
}

struct sim_network *sim_network_new(struct sim_world *w)
{
    struct sim_network *n = calloc(1, sizeof(*n));

    SP_ASSERT(n != NULL);
    n->world = w;
    return n;
}

static void free_session(struct sim_session *s)
{
    sp_link_free(s->ask);
    sp_link_free(s->answer);
    sp_buf_free(&s->request);
    sp_buf_free(&s->reply);
    sp_buf_free(&s->old);
    free(s);
}

void sim_network_free(struct sim_network *n)
{
    while (n->session != NULL) {
        struct sim_session *next = n->session->next;
        free_session(n->session);
        n->session = next;
    }
    for (unsigned i = 0; i < REPLAYS_MAX; i++) {
        sp_buf_free(&n->old[i].bytes);
    }
    free(n);
}

/* ---- beginning and end ------------------------------------------------- */

struct sim_session *sim_session_open(
    struct sim_party *from, struct sim_party *to)
{
    struct sim_network *n = from->world->network;
    struct sp_link_setup ask = {
        .node = &from->node, .initiator = true, .peer = to->identity.device
    };
    struct sp_link_setup answer = { .node = &to->node };

    if (from->busy) {
        return NULL;
    }
    struct sim_session *s = calloc(1, sizeof(*s));
    SP_ASSERT(s != NULL);
    memcpy(ask.peer_static, to->identity.static_public, 32);
    *s = (struct sim_session){ .network = n,
        .next = n->session,
        .from = from,
        .to = to,
        .ask = sp_link_new(&ask),
        .answer = sp_link_new(&answer),
        .expected = mem_store_commits(to->store) };
    SP_ASSERT(s->ask != NULL && s->answer != NULL);
    sp_buf_init(&s->request, 2u * SP_FRAME_BYTES_MAX);
    sp_buf_init(&s->reply, 2u * SP_FRAME_BYTES_MAX);
    sp_buf_init(&s->old, 2u * SP_FRAME_BYTES_MAX);
    n->session = s;
    from->busy = true;
    sim_note(n->world, "session %u -> %u", from->identity.device,
        to->identity.device);
    return s;
}

/* The initiator's side ends: what it reports is kept. */
static void end(struct sim_session *s, sp_err error)
{
    if (s->over) {
        return;
    }
    s->over = true;
    s->error = error;
    s->from->busy = false;
    if (s->ask != NULL) {
        s->report = *sp_link_report(s->ask);
        if (error == SP_OK) {
            s->error = s->report.error;
        }
    }
    sp_link_free(s->ask);
    s->ask = NULL;
    sim_note(s->network->world, "end %u -> %u %s after %u turns%s%s",
        s->from->identity.device, s->to->identity.device, sp_err_name(s->error),
        s->turns, s->report.same ? " same" : "",
        s->report.complete ? " complete" : "");
    if (s->report.complete && s->error == SP_OK) {
        sim_oracle_completed(s);
    }
}

static void unlink_session(struct sim_session *s)
{
    struct sim_session **at = &s->network->session;

    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    free_session(s);
}

void sim_session_close(struct sim_session *s)
{
    end(s, SP_E_OFFLINE);
    if (!s->late || s->answer == NULL) {
        unlink_session(s);
    }
}

void sim_network_crash(struct sim_party *p)
{
    struct sim_network *n = p->world->network;

    sim_note(p->world, "%u dies", p->identity.device);
    for (struct sim_session *s = n->session; s != NULL; s = s->next) {
        if (s->from == p) {
            sp_link_free(s->ask);
            s->ask = NULL;
            end(s, SP_E_OFFLINE);
        }
        if (s->to == p) {
            sp_link_free(s->answer);
            s->answer = NULL;
        }
    }
    sim_restart(p);
}

/* ---- the initiator's step ---------------------------------------------- */

enum outcome { GOES_ON, OVER, DEAD };

/* Serves inside what it needs, commits, and has the next frame in request.
 * Nothing to send: over. */
static enum outcome ask(
    struct sim_session *s, enum sp_need need, enum sim_fault fault)
{
    struct sim_party *p = s->from;
    struct sp_tx tx;
    sp_err err;

    if (need == SP_NEED_NOTHING) {
        err = sp_link_serve(s->ask, NULL);
    } else {
        sim_begin(p, &tx, need == SP_NEED_WRITE);
        err = sp_link_serve(s->ask, &tx);
        if (fault == SIM_INITIATOR_DIES) {
            sp_tx_abort(&tx);
        } else if (err == SP_OK) {
            sim_commit(p, &tx);
        } else {
            sp_tx_abort(&tx);
        }
    }
    if (fault == SIM_INITIATOR_DIES || fault == SIM_INITIATOR_DIED) {
        if (fault == SIM_INITIATOR_DIED && err == SP_OK) {
            sim_oracle_delivered(s);
        }
        sim_network_crash(p);
        return DEAD;
    }
    if (err != SP_OK) {
        SIM_CHECK(p->world, sp_err_class(err) != SP_CLASS_LOCAL,
            "%u cannot go on: %s in state %s", p->identity.device,
            sp_err_name(err), sp_link_state(s->ask));
        end(s, err);
        return OVER;
    }
    if (s->turns > 0) {
        sim_oracle_delivered(s);
    }
    err = sp_link_reply(s->ask, &s->request);
    if (err == SP_OK && s->request.size == 0 && s->again > 0) {
        s->again--;
        s->resting = true;
        sim_oracle_completed(s);
        return GOES_ON;
    }
    if (err != SP_OK || s->request.size == 0) {
        end(s, err);
        return OVER;
    }
    sim_hash(p->world, s->request.data, s->request.size);
    sim_note(p->world, "%u -> %u turn %u: %s", p->identity.device,
        s->to->identity.device, s->turns, sp_link_state(s->ask));
    return GOES_ON;
}

static void keep_old(struct sim_session *s)
{
    struct sim_network *n = s->network;
    struct old_frame *o = &n->old[n->olds++ % REPLAYS_MAX];

    sp_buf_free(&o->bytes);
    sp_buf_init(&o->bytes, 2u * SP_FRAME_BYTES_MAX);
    sp_buf_put(&o->bytes, s->request.data, s->request.size);
    o->to = s->to;
}

/* ---- the responder's step ---------------------------------------------- */

static void watch_others(struct sim_session *s)
{
    uint64_t now = mem_store_commits(s->to->store);

    s->foreign += now - s->expected;
    s->expected = now;
}

/* Whatever a responder cannot take it answers with an error, and forgets the
 * session. */
static void refuse(struct sim_session *s, sp_err err)
{
    SIM_CHECK(s->network->world, sp_err_class(err) != SP_CLASS_LOCAL,
        "%u cannot answer: %s in state %s", s->to->identity.device,
        sp_err_name(err), sp_link_state(s->answer));
    sim_note(s->network->world, "%u refuses: %s in %s", s->to->identity.device,
        sp_err_name(err), sp_link_state(s->answer));
    sp_link_error(s->answer, err, &s->reply);
    sp_link_free(s->answer);
    s->answer = NULL;
}

/* False: it died. s->reply has the answer otherwise. */
static bool answer(
    struct sim_session *s, struct sp_slice frame, enum sim_fault fault)
{
    struct sim_party *p = s->to;
    enum sp_need need = SP_NEED_NOTHING;
    struct sp_tx tx;

    watch_others(s);
    sp_buf_reset(&s->reply);
    sp_err err = sp_link_receive(s->answer, frame, &need);
    if (err != SP_OK) {
        refuse(s, err);
        return true;
    }
    if (need == SP_NEED_NOTHING) {
        err = sp_link_serve(s->answer, NULL);
    } else {
        sim_begin(p, &tx, need == SP_NEED_WRITE);
        err = sp_link_serve(s->answer, &tx);
        if (fault == SIM_RESPONDER_DIES ||
            sp_err_class(err) == SP_CLASS_LOCAL) {
            sp_tx_abort(&tx);
        } else {
            sim_commit(p, &tx);
        }
    }
    if (fault == SIM_RESPONDER_DIES) {
        sim_network_crash(p);
        return false;
    }
    s->expected = mem_store_commits(p->store);
    sim_oracle_answered(s);
    if (err == SP_OK) {
        sim_oracle_outgoing(s, sp_buf_slice(&s->answer->out));
    }
    if (fault == SIM_RESPONDER_DIED) {
        sim_network_crash(p);
        return false;
    }
    if (err == SP_OK) {
        err = sp_link_reply(s->answer, &s->reply);
    }
    if (err != SP_OK) {
        refuse(s, err);
    }
    sim_hash(p->world, s->reply.data, s->reply.size);
    return true;
}

/* The same frame once more, or an older one: refused as a replay, nothing in
 * the store moves, and the session is as before. */
static void answer_again(struct sim_session *s, struct sp_slice frame)
{
    enum sp_need need = SP_NEED_NOTHING;
    uint64_t calls = mem_store_calls(s->to->store);

    if (s->answer == NULL) {
        return;
    }
    sp_err err = sp_link_receive(s->answer, frame, &need);
    SIM_CHECK(s->network->world, err != SP_OK,
        "%u takes a frame a second time in state %s", s->to->identity.device,
        sp_link_state(s->answer));
    SIM_CHECK(s->network->world, calls == mem_store_calls(s->to->store),
        "receive touches the store");
    if (err == SP_E_SESSION) { /* too old anyway */
        sp_link_free(s->answer);
        s->answer = NULL;
        return;
    }
    SIM_CHECK(s->network->world, err == SP_E_REPLAY,
        "an old frame ends the session: %s", sp_err_name(err));
}

/* ---- a turn ------------------------------------------------------------ */

static bool give_up(struct sim_session *s, sp_err err)
{
    end(s, err);
    return false;
}

static bool take_reply(struct sim_session *s, enum sim_fault fault)
{
    enum sp_need need = SP_NEED_NOTHING;
    sp_err err = sp_link_receive(s->ask, sp_buf_slice(&s->reply), &need);

    s->turns++;
    if (err != SP_OK) {
        return give_up(s, err);
    }
    if (fault == SIM_REPLY_TWICE && s->turns > 1) {
        enum sp_need none;
        err = sp_link_receive(s->ask, sp_buf_slice(&s->reply), &none);
        SIM_CHECK(s->network->world, err == SP_E_REPLAY,
            "a reply is taken twice: %s", sp_err_name(err));
    }
    SIM_CHECK(s->network->world, s->turns < TURNS_MAX,
        "%u -> %u does not come to an end", s->from->identity.device,
        s->to->identity.device);
    return ask(s, need, fault) == GOES_ON;
}

static bool send(struct sim_session *s, enum sim_fault fault)
{
    struct sp_slice frame = sp_buf_slice(&s->request);

    if (fault == SIM_REQUEST_LOST || s->answer == NULL) {
        return give_up(s, SP_E_OFFLINE);
    }
    if (fault == SIM_REQUEST_LATE) {
        s->late = true;
        return give_up(s, SP_E_OFFLINE);
    }
    if (fault == SIM_OLD_REQUEST && s->turns > 1) {
        answer_again(s, sp_buf_slice(&s->old));
        if (s->answer == NULL) {
            return give_up(s, SP_E_OFFLINE);
        }
    }
    if (!answer(s, frame, fault) || fault == SIM_REPLY_LOST) {
        return give_up(s, SP_E_OFFLINE);
    }
    if (fault == SIM_REQUEST_TWICE && s->turns > 0) {
        answer_again(s, frame);
    }
    sp_buf_reset(&s->old);
    sp_buf_put(&s->old, frame.data, frame.size);
    return take_reply(s, fault);
}

bool sim_session_turn(struct sim_session *s, enum sim_fault fault)
{
    struct sim_world *w = s->network->world;

    if (s->over || s->ask == NULL) {
        return false;
    }
    w->now_ms += 40;
    if (fault != SIM_FINE) {
        sim_note(w, "%u -> %u turn %u: %s", s->from->identity.device,
            s->to->identity.device, s->turns, sim_fault_name(fault));
    }
    if (s->turns == 0) {
        sim_oracle_begun(s);
        if (ask(s, sp_link_wants(s->ask), SIM_FINE) != GOES_ON) {
            return false;
        }
        keep_old(s);
    }
    if (s->resting) {
        s->resting = false;
        sp_err err = sp_link_again(s->ask);
        if (err != SP_OK) {
            return give_up(s, err);
        }
        if (ask(s, sp_link_wants(s->ask), SIM_FINE) != GOES_ON) {
            return false;
        }
    }
    return s->resting || send(s, fault);
}

void sim_session_single_items(struct sim_session *s)
{
    if (s->answer != NULL) {
        s->answer->budget = 1;
    }
}

/* ---- later ------------------------------------------------------------- */

bool sim_network_late(struct sim_world *w, unsigned nth)
{
    struct sim_session *s = w->network->session;

    for (; s != NULL; s = s->next) {
        if (s->late && s->over && s->answer != NULL && nth-- == 0) {
            break;
        }
    }
    if (s == NULL) {
        return false;
    }
    sim_note(w, "%u -> %u arrives late", s->from->identity.device,
        s->to->identity.device);
    s->late = false;
    (void)answer(s, sp_buf_slice(&s->request), SIM_FINE);
    unlink_session(s);
    return true;
}

bool sim_network_replay(struct sim_world *w, unsigned nth)
{
    struct sim_network *n = w->network;
    unsigned kept = n->olds < REPLAYS_MAX ? (unsigned)n->olds : REPLAYS_MAX;
    enum sp_need need = SP_NEED_NOTHING;
    struct sp_buf out;
    struct sp_tx tx;

    if (kept == 0) {
        return false;
    }
    struct old_frame *o = &n->old[nth % kept];
    struct sp_link_setup setup = { .node = &o->to->node };
    struct sp_link *link = sp_link_new(&setup);
    struct mem_store *before = mem_store_clone(o->to->store);
    SP_ASSERT(link != NULL);
    sp_buf_init(&out, 2u * SP_FRAME_BYTES_MAX);
    sim_note(w, "an old handshake reaches %u", o->to->identity.device);
    sp_err err = sp_link_receive(link, sp_buf_slice(&o->bytes), &need);
    if (err == SP_OK) {
        sim_begin(o->to, &tx, need == SP_NEED_WRITE);
        err = sp_link_serve(link, need == SP_NEED_NOTHING ? NULL : &tx);
        sim_commit(o->to, &tx);
    }
    if (err == SP_OK) {
        (void)!sp_link_reply(link, &out);
    }
    SIM_CHECK(w, mem_store_equal(before, o->to->store),
        "an old handshake changes the store of %u", o->to->identity.device);
    sp_buf_free(&out);
    mem_store_free(before);
    sp_link_free(link);
    return true;
}

/* ---- whole sessions ---------------------------------------------------- */

sp_err sim_sync(
    struct sim_party *from, struct sim_party *to, struct sp_link_report *report)
{
    struct sim_session *s = sim_session_open(from, to);

    SP_ASSERT(s != NULL);
    while (sim_session_turn(s, SIM_FINE)) {
    }
    sp_err err = s->error;
    if (report != NULL) {
        *report = s->report;
    }
    sim_session_close(s);
    return err;
}

bool sim_sync_cut(struct sim_party *from, struct sim_party *to, unsigned turn,
    enum sim_fault fault)
{
    struct sim_session *s = sim_session_open(from, to);
    bool goes_on = true;

    SP_ASSERT(s != NULL);
    for (unsigned i = 0; i < turn && goes_on; i++) {
        goes_on = sim_session_turn(s, SIM_FINE);
    }
    if (goes_on) {
        (void)sim_session_turn(s, fault);
    }
    sim_session_close(s);
    return goes_on;
}
