#include "sync/sync.h"

#include <stdio.h>
#include <string.h>

#include "sp/roster.h"

#include "sync/net.h"
#include "sync/talk.h"

/* Keys that wait for a number are used again: the answer to them may have been
 * lost, and the server knows them by now. */
static sp_err keep_keys(struct cc_replica *r, const struct sp_enrol_code *code)
{
    static const uint8_t none[32];
    struct cc_identity *id = &r->identity;
    struct sp_tx tx;
    sp_err err = cc_replica_begin(r, true, &tx);

    if (err != SP_OK) {
        return err;
    }
    if (r->enrolled) {
        cc_replica_abort(r, &tx);
        return SP_E_EXISTS;
    }
    if (memcmp(id->self.static_public, none, sizeof(none)) == 0) {
        cc_identity_make(id, &r->env);
    }
    id->self.org = code->org;
    memcpy(id->self.root_public, code->root_public, 32);
    memcpy(id->endpoint, code->endpoint, sizeof(id->endpoint));
    id->server = code->server;
    memcpy(id->server_static, code->server_static, 32);
    err = cc_replica_put_identity(r, &tx);
    if (err != SP_OK) {
        cc_replica_abort(r, &tx);
        return err;
    }
    return cc_replica_commit(r, &tx);
}

/* The certificate must name what we are; who signed it is checked when the
 * documents that say who may sign have come. */
static sp_err check_certificate(
    const struct cc_identity *id, const struct sp_enrol_reply *reply)
{
    struct sp_document d;
    struct sp_device device;
    sp_err err = sp_document_decode(reply->certificate, &d);

    if (err == SP_OK && d.kind != SP_DOC_DEVICE) {
        err = SP_E_DOCUMENT;
    }
    if (err == SP_OK) {
        err = sp_roster_decode_device(d.body, &device);
    }
    if (err == SP_OK &&
        (device.device != reply->device || device.user != reply->user ||
            memcmp(device.static_public, id->self.static_public, 32) != 0 ||
            memcmp(device.sign_public, id->self.sign_public, 32) != 0)) {
        err = SP_E_DOCUMENT;
    }
    return err;
}

static sp_err keep_reply(
    struct cc_replica *r, const struct sp_enrol_reply *reply)
{
    struct cc_identity *id = &r->identity;
    struct sp_tx tx;
    sp_err err = check_certificate(id, reply);

    if (err == SP_OK) {
        err = cc_replica_begin(r, true, &tx);
    }
    if (err != SP_OK) {
        return err;
    }
    id->self.device = reply->device;
    id->self.user = reply->user;
    id->self.psk = reply->psk;
    memcpy(id->unit, reply->unit.data, reply->unit.size);
    id->unit[reply->unit.size] = '\0';
    cc_identity_renew(id, &r->env);
    err = sp_node_create(&tx);
    if (err == SP_OK) {
        err = cc_replica_put_identity(r, &tx);
    }
    if (err != SP_OK) {
        cc_replica_abort(r, &tx);
    } else {
        tx.documents = true; /* other root key: others build rules anew */
        err = cc_replica_commit(r, &tx);
    }
    r->enrolled = err == SP_OK;
    if (err != SP_OK) {
        id->self.device = 0;
    }
    return err;
}

static sp_err ask(
    struct cc_talk *t, struct sp_link_setup *setup, struct cc_replica *r)
{
    struct sp_enrol_reply reply;
    sp_err err;

    t->link = sp_link_new(setup);
    if (t->link == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_talk_run(t);
    if (err == SP_OK) {
        err = sp_enrol_reply_decode(sp_link_enrolled(t->link), &reply);
    }
    if (err == SP_OK) {
        err = keep_reply(r, &reply);
        sp_wipe(&reply, sizeof(reply));
    }
    sp_link_free(t->link);
    t->link = NULL;
    return err;
}

static void encode_request(struct cc_replica *r,
    const struct sp_enrol_code *code, struct sp_slice label, struct sp_buf *out)
{
    struct sp_enrol_request request;

    memset(&request, 0, sizeof(request));
    memcpy(request.static_public, r->identity.self.static_public, 32);
    memcpy(request.sign_public, r->identity.self.sign_public, 32);
    memcpy(request.sealing_public, r->identity.sealing_public, 32);
    request.label = label;
    sp_enrol_request_encode(&request, &code->org, &code->enrolment,
        r->identity.self.sign_secret, out);
}

/* Tries until the deadline. A code is spent by the server's answer, which may
 * be lost: the server knows our keys then and answers again. */
static sp_err converse(struct cc_replica *r, struct sp_link_setup *setup,
    const struct sp_enrol_code *code, uint32_t deadline_ms, char *note)
{
    uint64_t until = cc_net_clock_ms() + deadline_ms;
    struct cc_talk talk;
    sp_err err;

    cc_talk_init(&talk);
    talk.replica = r;
    talk.note = note;
    err = cc_net_open(&talk.net, code->endpoint, note);
    for (unsigned tries = 0; err == SP_OK; tries++) {
        uint64_t now = cc_net_clock_ms();

        talk.wait_ms = until > now ? (uint32_t)(until - now) : 1;
        err = ask(&talk, setup, r);
        now = cc_net_clock_ms();
        if (err == SP_OK || !cc_talk_again(err) || now >= until) {
            break;
        }
        cc_talk_pause(&r->env, tries, until - now);
        err = SP_OK;
    }
    cc_talk_free(&talk);
    return err;
}

sp_err cc_sync_enrol(struct cc_replica *r, const struct sp_enrol_code *code,
    struct sp_slice label, uint32_t deadline_ms, char *note)
{
    struct sp_link_setup setup = { .node = &r->node,
        .initiator = true,
        .peer = code->server,
        .enrol = true,
        .enrolment = code->enrolment,
        .code = code->code };
    struct sp_buf request;
    sp_err err;

    if (label.size > SP_LABEL_BYTES_MAX) {
        return SP_E_ARGUMENT;
    }
    err = keep_keys(r, code);
    if (err != SP_OK) {
        sp_secret_wipe(&setup.code);
        return err;
    }
    sp_buf_init(&request, SP_STRING_BYTES_MAX);
    encode_request(r, code, label, &request);
    err = request.err;
    if (err == SP_OK) {
        memcpy(setup.peer_static, code->server_static, 32);
        setup.request = sp_buf_slice(&request);
        err = converse(r, &setup, code, deadline_ms, note);
    }
    sp_buf_free(&request);
    sp_secret_wipe(&setup.code);
    return err;
}
