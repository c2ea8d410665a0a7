/* do_look.c - how the server does: status, sessions, documents, settings. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/env.h"
#include "ops/say.h"

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *id_text(const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];
    sp_id_format(text, id);
    return json_string(text);
}

static json_t *uplink_json(const struct sv_uplink_state *st)
{
    char note[SV_DIAL_NOTE_BYTES];
    sv_dial_say(&st->fault, note);
    return json_pack("{s:s, s:o, s:o, s:o, s:i, s:s, s:s}", "state",
        st->running ? SV_SAY("running") : SV_SAY("waiting"), "next",
        sv_call_time(st->next_ms), SV_SAY("last_ok"), sv_call_time(st->ok_ms),
        SV_SAY("last_try"), sv_call_time(st->ended_ms), SV_SAY("failed_tries"),
        (int)st->tries, SV_SAY("error"),
        st->error == SP_OK ? "" : sp_err_name(st->error), "note", note);
}

static void put_status(struct sv_call *call, const struct sp_status *st)
{
    sv_call_set(call, "records", number(st->records));
    sv_call_set(call, "commits", number(st->commits));
    sv_call_set(call, "deferred", number(st->deferred));
    sv_call_set(call, "refused", number(st->refused));
    sv_call_set(call, "quarantined", number(st->quarantined));
    sv_call_set(call, "photos_to_go", number(st->photos_to_go));
    if (call->server->home.who.tier == SP_TIER_BRANCH) {
        sv_call_set(call, "at_this_branch_only", number(st->at_branch));
        sv_call_set(call, "at_head_office", number(st->at_head_office));
        sv_call_set(
            call, "last_head_office", sv_call_time(st->last_head_office_ms));
        sv_call_set(call, "clock_offset_ms",
            json_integer((json_int_t)st->clock_offset_ms));
    } else {
        sv_call_set(call, "last_branch", sv_call_time(st->last_branch_ms));
    }
    sv_call_set(call, "last_device", sv_call_time(st->last_device_ms));
    sv_call_set(call, "scopes", number(st->scopes));
    sv_call_set(call, "alarms", number(st->alarms));
    sv_call_set(call, "sequence", number(st->sequence));
    sv_call_set(call, "history", id_text(&st->history));
    sv_call_set(call, "documents",
        json_pack("{s:i, s:i, s:i}", "dictionary", (int)st->serials.dictionary,
            "policy", (int)st->serials.policy, "roster",
            (int)st->serials.roster));
}

static sp_err status(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    struct sp_status st;
    sp_err err = sp_node_status(tx, &st);
    if (err == SP_OK) {
        put_status(call, &st);
    }
    return err;
}

sp_err sv_do_status(struct sv_call *call)
{
    struct sv_server *s = call->server;
    const struct sv_identity *who = &s->home.who;
    struct sv_session_counts counts;
    struct sv_home_usage usage = { 0 };
    bool branch = who->tier == SP_TIER_BRANCH;
    sv_session_count(sv_listen_sessions(s->listen), &counts);
    sv_call_set(call, "tier",
        json_string(branch ? SV_SAY("branch") : SV_SAY("head office")));
    sv_call_set(call, "unit", json_string(who->unit));
    sv_call_set(call, "server", number(who->id.device));
    sv_call_set(call, "organisation", id_text(&who->id.org));
    sv_call_set(call, "listen", json_string(s->config.listen));
    sv_call_set(
        call, "up_s", number((sv_env_steady_ms() - s->started_ms) / 1000u));
    sp_err err = sv_call_read(call, status, call);
    if (err == SP_OK) {
        err = sv_home_usage(&s->home, &usage);
    }
    sv_call_set(call, "store_bytes", number(usage.used_bytes));
    sv_call_set(call, "connections", number(counts.pipes));
    sv_call_set(call, "sessions", number(counts.open));
    sv_call_set(call, "writes_waiting", number(sv_writer_waiting(s->writer)));
    if (s->uplink != NULL) {
        struct sv_uplink_state st;
        sv_uplink_state(s->uplink, &st);
        sv_call_set(call, "uplink", uplink_json(&st));
    }
    return err;
}

struct count {
    uint64_t records, deleted, conflicts;
};

static sp_err count_one(void *arg, const struct sp_record *view)
{
    struct count *c = arg;
    bool open = false;
    for (uint32_t i = 0; i < view->count; i++) {
        open = open ||
               (view->reg[i].count > 1 && view->reg[i].key.element.size == 0);
    }
    c->records++;
    c->conflicts += open ? 1 : 0;
    c->deleted += sp_record_field(view, SP_FIELD_DELETED) != NULL ? 1 : 0;
    return SP_OK;
}

static sp_err show(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    sv_call_columns(call, "entity,records,deleted,with_conflicts");
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        struct count c = { 0 };
        sp_err err = sp_state_walk(tx, e->number, NULL, count_one, &c);
        if (err != SP_OK) {
            return err;
        }
        sv_call_row(call,
            json_pack("[o,o,o,o]", sv_call_slice(sv_call_entity(call, e)),
                number(c.records), number(c.deleted), number(c.conflicts)));
    }
    return SP_OK;
}

sp_err sv_do_show(struct sv_call *call)
{
    return sv_call_read(call, show, call);
}

static void session_row(void *arg, const struct sv_session_view *v)
{
    struct sv_call *call = arg;
    static const uint8_t zeros[12] = { 0 };
    char address[48];
    if (memcmp(v->address.b + 4, zeros, sizeof zeros) == 0) {
        snprintf(address, sizeof address, "%u.%u.%u.%u", v->address.b[0],
            v->address.b[1], v->address.b[2], v->address.b[3]);
    } else {
        sp_hex(address, v->address.b, sizeof v->address.b);
    }
    sv_call_row(call,
        json_pack("[o,s,o,o,s]", number(v->device), address,
            number(v->age_ms / 1000u), number(v->idle_ms / 1000u), v->state));
}

sp_err sv_do_session_list(struct sv_call *call)
{
    sv_call_columns(call, "device,address,age_s,idle_s,state");
    sv_session_walk(sv_listen_sessions(call->server->listen),
        sv_env_steady_ms(), session_row, call);
    return SP_OK;
}

static sp_err documents(void *arg, struct sp_tx *tx)
{
    static const char *const kinds[] = { "?", SV_SAY("dictionary"),
        SV_SAY("policy"), SV_SAY("roster"), SV_SAY("device") };
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    sv_call_columns(call, "kind,unit,serial,issuer,bytes");
    for (size_t i = 0;; i++) {
        struct sp_slice bytes = sp_rulebook_list_document(b, i);
        struct sp_document d;
        if (bytes.size == 0) {
            return SP_OK;
        }
        sp_err err = sp_document_decode(bytes, &d);
        if (err != SP_OK) {
            return err;
        }
        sv_call_row(
            call, json_pack("[s,o,I,s,I]",
                      kinds[(unsigned)d.kind < 5 ? (unsigned)d.kind : 0],
                      sv_call_slice(d.unit), (json_int_t)d.serial,
                      d.issuer == 0   ? SV_SAY("root key")
                      : d.issuer == 1 ? SV_SAY("head office")
                                      : SV_SAY("branch"),
                      (json_int_t)bytes.size));
    }
}

sp_err sv_do_documents_list(struct sv_call *call)
{
    return sv_call_read(call, documents, call);
}

sp_err sv_do_config_show(struct sv_call *call)
{
    struct sv_config_row row;
    sv_call_columns(call, "key,value,unit,default,help");
    for (size_t i = 0; sv_config_row(&call->server->config, i, &row); i++) {
        sv_call_row(call, json_pack("[s,s,s,s,s]", row.key, row.value, row.unit,
                              row.fallback, sv_say(row.help)));
    }
    return SP_OK;
}

sp_err sv_do_metrics(struct sv_call *call)
{
    struct sp_buf out;
    sp_buf_init(&out, 262144);
    sv_metrics_text(&call->server->metrics, &out);
    sp_err err = out.err;
    if (err == SP_OK) {
        sv_call_set(
            call, "body", json_stringn((const char *)out.data, out.size));
    }
    sp_buf_free(&out);
    return err;
}

static sp_err no_uplink(struct sv_call *call)
{
    return sv_call_refuse(call, SP_E_STATE,
        "this is head office; branches come to it (run this at a branch)");
}

sp_err sv_do_uplink_status(struct sv_call *call)
{
    struct sv_uplink_state st;
    if (call->server->uplink == NULL) {
        return no_uplink(call);
    }
    sv_uplink_state(call->server->uplink, &st);
    sv_call_set(call, "uplink", uplink_json(&st));
    return SP_OK;
}

static void say_progress(
    struct sv_call *call, const struct sp_progress *p, uint64_t *last)
{
    if (p->pushed + p->pulled != *last) {
        *last = p->pushed + p->pulled;
        sv_call_line(call,
            "sent %" PRIu64 " of %" PRIu64 ", received %" PRIu64 " of %" PRIu64
            ", %" PRIu64 " bytes",
            p->pushed, p->to_push, p->pulled, p->to_pull,
            p->bytes_sent + p->bytes_received);
    }
}

static void put_report(struct sv_call *call, const struct sv_uplink_state *st)
{
    const struct sp_link_report *r = &st->report;
    sv_call_set(call, "nothing_to_do", json_boolean(r->same));
    sv_call_set(call, "complete", json_boolean(r->same || r->complete));
    sv_call_set(call, "sent", number(r->pushed));
    sv_call_set(call, "received", number(r->pulled));
    sv_call_set(call, "accepted", number(r->accepted));
    sv_call_set(call, "refused", number(r->refused));
    sv_call_set(call, "deferred", number(r->deferred));
    sv_call_set(call, "alarms", number(r->alarms));
    sv_call_set(call, "round_trips", number(r->round_trips));
    sv_call_set(call, "bytes", number(r->bytes_sent + r->bytes_received));
    sv_call_set(call, "ms", number(st->ended_ms - st->begun_ms));
}

sp_err sv_do_uplink_now(struct sv_call *call)
{
    struct sv_uplink *u = call->server->uplink;
    struct sv_uplink_state st;
    uint64_t told = 0;
    if (u == NULL) {
        return no_uplink(call);
    }
    uint64_t number_wanted = sv_uplink_now(u);
    for (sv_uplink_state(u, &st); st.runs < number_wanted;
         sv_uplink_wait(u, 1000, &st)) {
        say_progress(call, &st.progress, &told);
    }
    if (st.error == SP_OK || st.report.bytes_received > 0) {
        put_report(call, &st); /* else there is nothing to tell of it */
    }
    if (st.error != SP_OK) {
        char note[SV_DIAL_NOTE_BYTES];
        sv_dial_say(&st.fault, note);
        return sv_call_refuse(call, st.error,
            "%s; devices are not affected, and it is tried again by itself",
            note);
    }
    return SP_OK;
}
