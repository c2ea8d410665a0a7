/* make_branch.c - satchelctl branch join. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ctl/make.h"
#include "net/listen.h"
#include "net/uplink.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"
#include "store/home.h"

#define TIMEOUT_MS 30000u
#define ROUNDS_MAX 4u /* documents first, then what they entitle to */

struct plan {
    struct sv_make *m;
    struct sp_enrol_code code;
    struct sv_home home;
    char key_file[512];
    char listen[SP_ENDPOINT_BYTES_MAX];
    struct sv_metrics metrics;
    struct sv_shelf *shelf;
    struct sv_writer *writer;
    struct sp_link_report report; /* of all rounds together */
    struct sv_dial_fault trouble; /* of the first exchange */
};

static bool no_pause(void *self, uint64_t ms)
{
    (void)self;
    (void)ms;
    return false;
}

/* Nothing of the enrolment is kept before its reply is here. */
static sp_err serve_without_store(
    void *self, struct sp_link *link, enum sp_need need)
{
    struct plan *p = self;
    struct sp_tx tx;
    if (need == SP_NEED_NOTHING) {
        return sp_link_serve(link, NULL);
    }
    struct sv_book *book = sv_book_take(p->shelf);
    sp_err err = sp_tx_begin(
        &tx, &p->home.node, sv_book_rules(book), need == SP_NEED_WRITE);
    if (err == SP_OK) {
        err = sp_link_serve(link, &tx);
        if (err == SP_OK && need == SP_NEED_WRITE) {
            err = sp_tx_commit(&tx);
        } else {
            sp_tx_abort(&tx);
        }
    }
    sv_book_drop(book);
    return err;
}

static void prepare(struct plan *p, struct sv_identity *who)
{
    memset(who, 0, sizeof *who);
    sv_home_draw(who, sv_env_real());
    who->tier = SP_TIER_BRANCH;
    who->id.org = p->code.org;
    who->id.device = INT32_MAX; /* not numbered yet */
    memcpy(who->id.root_public, p->code.root_public, 32);
    memcpy(who->upper_endpoint, p->code.endpoint, sizeof who->upper_endpoint);
    who->upper_device = p->code.server;
    memcpy(who->upper_static, p->code.server_static, 32);
}

static void fill_request(struct plan *p, struct sp_buf *request)
{
    const struct sv_identity *who = &p->home.who;
    char host[SP_LABEL_BYTES_MAX] = "branch";
    struct sp_enrol_request r = { .server = true,
        .endpoint = sp_slice_text(p->listen) };
    (void)gethostname(host, sizeof host - 1);
    r.label = sp_slice_text(sv_make_arg(p->m, "label", host));
    memcpy(r.static_public, who->id.static_public, 32);
    memcpy(r.sign_public, who->id.sign_public, 32);
    sv_home_sealing_public(who, r.sealing_public);
    sp_enrol_request_encode(
        &r, &p->code.org, &p->code.enrolment, who->id.sign_secret, request);
}

static sp_err take_reply(struct plan *p, struct sp_slice bytes)
{
    struct sp_enrol_reply reply;
    struct sv_identity *who = &p->home.who;
    sp_err err = sp_enrol_reply_decode(bytes, &reply);
    if (err != SP_OK) {
        return err;
    }
    if (!reply.has_psk_root || reply.unit.size == 0 ||
        reply.unit.size > SP_ROSTER_CODE_MAX) {
        return sv_make_refuse(p->m, SP_E_CODE,
            "this code is for a person's device; ask for one with `satchelctl "
            "branch code CODE` at head office");
    }
    who->id.device = reply.device;
    who->id.replica = sp_replica_make(reply.device, (uint32_t)who->id.replica);
    who->id.psk = reply.psk;
    who->id.psk_root = reply.psk_root;
    memcpy(who->unit, reply.unit.data, reply.unit.size);
    who->unit[reply.unit.size] = '\0';
    sp_secret_wipe(&reply.psk);
    sp_secret_wipe(&reply.psk_root);
    return SP_OK;
}

static sp_err enrol(struct plan *p)
{
    char note[SV_DIAL_NOTE_BYTES];
    struct sv_dial_fault fault;
    struct sp_buf request;
    sp_buf_init(&request, 4096);
    fill_request(p, &request);
    struct sp_link_setup setup = { .node = &p->home.node,
        .initiator = true,
        .peer = p->code.server,
        .enrol = true,
        .enrolment = p->code.enrolment,
        .code = p->code.code,
        .request = sp_buf_slice(&request) };
    memcpy(setup.peer_static, p->code.server_static, 32);
    struct sp_link *link = request.err == SP_OK ? sp_link_new(&setup) : NULL;
    sp_secret_wipe(&setup.code);
    if (link == NULL) {
        sp_buf_free(&request);
        return SP_E_NOMEM;
    }
    struct sv_dial_setup dial = { .endpoint = p->code.endpoint,
        .timeout_ms = TIMEOUT_MS,
        .serve = serve_without_store,
        .pause = no_pause,
        .self = p };
    sp_err err = sv_dial_converse(link, &dial, &fault);
    if (err != SP_OK) {
        sv_dial_say(&fault, note);
        (void)sv_make_refuse(p->m, err, "%s", note);
    } else {
        err = take_reply(p, sp_link_enrolled(link));
    }
    sp_link_free(link);
    sp_buf_free(&request);
    return err;
}

static sp_err settle(void *arg, struct sp_tx *tx)
{
    struct plan *p = arg;
    sp_err err = sv_home_keep(tx->node->store, tx->txn, &p->home.who);
    return err == SP_OK ? sp_node_create(tx) : err;
}

static void on_fatal(void *self, sp_err err)
{
    (void)self;
    sv_log(SV_LOG_ERROR, "store", "event=commit_failed error=%s",
        sp_err_name(err));
}

static sp_err start_writer(struct plan *p)
{
    struct sv_book *book = NULL;
    sp_err err = sv_book_load(&p->home.node, &book);
    if (err != SP_OK) {
        return err;
    }
    p->shelf = sv_book_shelf(book);
    if (p->shelf == NULL) {
        sv_book_drop(book);
        return SP_E_NOMEM;
    }
    struct sv_writer_setup setup = { .node = &p->home.node,
        .shelf = p->shelf,
        .metrics = &p->metrics,
        .queue_max = 16,
        .group_bytes = 1048576,
        .fatal = on_fatal };
    p->writer = sv_writer_start(&setup);
    return p->writer == NULL ? SP_E_NOMEM : SP_OK;
}

/* A branch without its first exchange is whole: satcheld goes on with it. */
static void first_exchange(struct plan *p)
{
    struct sv_uplink_setup setup = { .node = &p->home.node,
        .shelf = p->shelf,
        .writer = p->writer,
        .metrics = &p->metrics,
        .upper_device = p->home.who.upper_device,
        .plan = { .timeout_ms = TIMEOUT_MS } };
    memcpy(setup.upper_static, p->home.who.upper_static, 32);
    memcpy(setup.plan.endpoint, p->home.who.upper_endpoint,
        sizeof setup.plan.endpoint);
    for (unsigned i = 0; i < ROUNDS_MAX; i++) {
        struct sp_link_report report;
        sp_err err = sv_uplink_once(&setup, &report, &p->trouble);
        p->report.pulled += report.pulled;
        p->report.bytes_sent += report.bytes_sent;
        p->report.bytes_received += report.bytes_received;
        if (err != SP_OK || report.same) {
            return;
        }
    }
}

static sp_err join(struct plan *p)
{
    p->m->line(sv_say("asking head office"));
    sp_err err = enrol(p);
    if (err == SP_OK) {
        err = sv_writer_run(p->writer, settle, p);
    }
    if (err == SP_OK) {
        err = sv_make_config(p->m);
    }
    if (err == SP_OK) {
        p->m->line(sv_say("admitted; fetching documents and records"));
        first_exchange(p);
    }
    return err;
}

static void report(const struct plan *p)
{
    char fingerprint[10];
    json_t *r = p->m->result;
    sp_enrol_fingerprint(p->home.who.id.static_public, fingerprint);
    (void)json_object_set_new(r, "unit", json_string(p->home.who.unit));
    (void)json_object_set_new(
        r, "device", json_integer((json_int_t)p->home.who.id.device));
    (void)json_object_set_new(r, "server_key", json_string(fingerprint));
    (void)json_object_set_new(r, "store_key", json_string(p->key_file));
    (void)json_object_set_new(
        r, "records", json_integer((json_int_t)p->report.pulled));
    (void)json_object_set_new(r, "bytes",
        json_integer(
            (json_int_t)(p->report.bytes_sent + p->report.bytes_received)));
    if (p->trouble.err != SP_OK) {
        char note[SV_DIAL_NOTE_BYTES];
        sv_dial_say(&p->trouble, note);
        (void)json_object_set_new(r, "first_exchange", json_string(note));
        (void)json_object_set_new(r, "next",
            json_string(
                sv_say("the branch has joined; start satcheld, it exchanges "
                       "again by itself (or: satchelctl uplink now)")));
    } else {
        (void)json_object_set_new(r, "next",
            json_string(sv_say("start satcheld --dir with the same DIR")));
    }
}

static sp_err read_code(struct plan *p)
{
    const char *text = sv_make_arg(p->m, "code", "");
    if (text[0] == '\0') {
        return sv_make_refuse(p->m, SP_E_ARGUMENT,
            "branch join needs the code that `satchelctl branch code CODE` "
            "showed at head office");
    }
    sp_err err = sp_enrol_code_parse(text, &p->code);
    return err == SP_OK ? SP_OK
                        : sv_make_refuse(p->m, err,
                              "this is no complete enrolment code; copy it "
                              "whole, from SATCHEL1: on");
}

sp_err sv_make_branch(struct sv_make *m)
{
    static struct plan p; /* large */
    char note[SV_HOME_NOTE_BYTES];
    struct sv_identity who;
    struct sv_config defaults;
    const char *key_file = sv_make_arg(m, "key-file", NULL);
    p.m = m;
    sv_config_init(&defaults);
    snprintf(p.key_file, sizeof p.key_file, "%s%s",
        key_file != NULL ? key_file : m->dir, key_file != NULL ? "" : ".key");
    snprintf(p.listen, sizeof p.listen, "%.127s",
        sv_make_arg(m, "listen", defaults.listen));
    sp_err err = read_code(&p);
    if (err != SP_OK) {
        return err;
    }
    prepare(&p, &who);
    err =
        sv_home_create(&p.home, m->dir, p.key_file, &who, sv_env_real(), note);
    sv_home_wipe(&who);
    if (err != SP_OK) {
        return sv_make_refuse(m, err, "%s", note);
    }
    sv_log_set(SV_LOG_ERROR);
    err = start_writer(&p);
    if (err == SP_OK) {
        err = join(&p);
    }
    sv_writer_stop(p.writer);
    sv_book_shelf_free(p.shelf);
    if (err == SP_OK) {
        report(&p);
        sv_home_close(&p.home);
    } else {
        sv_home_destroy(&p.home, m->dir, p.key_file);
    }
    sp_wipe(&p.code, sizeof p.code);
    sv_listen_fini();
    return err;
}
