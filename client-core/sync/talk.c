#include "sync/talk.h"

#include <stdio.h>
#include <string.h>

#include "say/say.h"
#include "store/lmdb_reserve.h"

#define PAUSE_MS_FIRST 250u
#define PAUSE_MS_MAX   30000u

void cc_talk_init(struct cc_talk *t)
{
    memset(t, 0, sizeof(*t));
    sp_buf_init(&t->out, SP_FRAME_BYTES_MAX);
    sp_buf_init(&t->in, SP_FRAME_BYTES_MAX);
    sp_buf_init(&t->early, SP_FRAME_BYTES_MAX);
}

void cc_talk_free(struct cc_talk *t)
{
    sp_buf_free(&t->out);
    sp_buf_free(&t->in);
    sp_buf_free(&t->early);
}

/* One serve inside the transaction that it wants, then the frame to send. */
static sp_err turn(struct cc_talk *t, enum sp_need need)
{
    struct sp_tx tx;
    sp_err err;

    if (need == SP_NEED_NOTHING) {
        err = sp_link_serve(t->link, NULL);
    } else {
        /* What is fetched leaves the last room to what is typed. */
        cc_lmdb_reserve_leave(strcmp(sp_link_state(t->link), "pull") == 0);
        err = cc_replica_begin(t->replica, need == SP_NEED_WRITE, &tx);
        cc_lmdb_reserve_leave(false);
        if (err != SP_OK) {
            return err;
        }
        err = sp_link_serve(t->link, &tx);
        if (err == SP_OK) {
            err = cc_replica_commit(t->replica, &tx);
        } else {
            cc_replica_abort(t->replica, &tx);
        }
    }
    return err == SP_OK ? sp_link_reply(t->link, &t->out) : err;
}

/* Says where it happened. */
static void tell(struct cc_talk *t, sp_err err)
{
    enum sp_class c = sp_err_class(err);

    if (c == SP_CLASS_BUSY || err == SP_E_SESSION) {
        return;
    }
    if (c == SP_CLASS_LOCAL) {
        cc_say_note(t->note, CC_NET_NOTE_BYTES, "%.400s", t->replica->path);
    } else {
        cc_say_note(t->note, CC_NET_NOTE_BYTES, "talking to %s",
            cc_net_endpoint(t->net));
    }
}

/* Takes what came. A trouble of the local class is not ours then: nothing has
 * touched our store yet, so it is what the server says of itself. */
static sp_err take(struct cc_talk *t)
{
    sp_err err = sp_link_receive(t->link, sp_buf_slice(&t->in), &t->need);

    sp_buf_reset(&t->out);
    sp_buf_reset(&t->early);
    if (sp_err_class(err) != SP_CLASS_LOCAL || err == SP_E_NOMEM) {
        return err;
    }
    t->trouble = true;
    cc_say_note(t->note, CC_NET_NOTE_BYTES,
        "the server at %s cannot take anything now; it says of itself: %s",
        cc_net_endpoint(t->net), cc_say_err(err));
    return SP_E_BUSY;
}

static uint64_t news(const struct sp_link *l)
{
    const struct sp_link_report *r = sp_link_report(l);

    return r->pushed + r->pulled + r->accepted + r->refused + r->deferred;
}

static sp_err serve_meanwhile(void *self)
{
    struct cc_talk *t = (struct cc_talk *)self;

    return turn(t, t->need);
}

/* Sends t->out, or what is ready early: then the reply at hand is served while
 * the server works on the next. */
static sp_err request(struct cc_talk *t, uint32_t wait_ms)
{
    const struct cc_net_meanwhile serve = { serve_meanwhile, t };
    bool early = t->early.size > 0;

    return cc_net_request(t->net, sp_buf_slice(early ? &t->early : &t->out),
        wait_ms, early ? &serve : NULL, &t->in, t->note);
}

sp_err cc_talk_run(struct cc_talk *t)
{
    uint64_t until = cc_net_clock_ms() + t->wait_ms, before = news(t->link);
    sp_err err = turn(t, sp_link_wants(t->link));

    sp_buf_reset(&t->early);
    while (err == SP_OK && (t->out.size > 0 || t->early.size > 0)) {
        uint64_t now = cc_net_clock_ms();

        if (t->stopped) {
            return SP_E_BUSY;
        }
        if (now >= until) {
            if (t->note[0] == '\0') { /* else it says why the last one failed */
                cc_say_note(t->note, CC_NET_NOTE_BYTES, "no end in time");
            }
            return SP_E_OFFLINE;
        }
        err = request(t, (uint32_t)(until - now));
        if (err != SP_OK) {
            if (t->note[0] == '\0') { /* it was not the net */
                tell(t, err);
            }
            return err;
        }
        err = take(t);
        if (err == SP_OK && !sp_link_early(t->link, &t->early)) {
            err = turn(t, t->need);
        }
        if (news(t->link) != before) {
            before = news(t->link);
            until = cc_net_clock_ms() + t->wait_ms;
        }
    }
    if (err == SP_OK) {
        err = sp_link_report(t->link)->error;
    }
    if (err != SP_OK) {
        tell(t, err);
    }
    return err;
}

bool cc_talk_again(sp_err err)
{
    return sp_err_class(err) == SP_CLASS_BUSY || err == SP_E_SESSION ||
           err == SP_E_REPLAY;
}

void cc_talk_pause(const struct sp_env *env, unsigned tries, uint64_t left_ms)
{
    uint32_t drawn = 0, bound = PAUSE_MS_MAX;

    if (tries < 7) {
        bound = PAUSE_MS_FIRST << tries;
    }
    if (bound > left_ms) {
        bound = (uint32_t)left_ms;
    }
    env->random(env->self, &drawn, sizeof(drawn));
    cc_net_pause(bound == 0 ? 0 : drawn % bound);
}
