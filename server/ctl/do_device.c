/* do_device.c - devices: their codes and certificates. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/say.h"

struct whose {
    struct sv_call *call;
    const char *login;
    uint32_t user; /* out */
};

/* The person, if this server may sign a device of his. */
static sp_err find_person(void *arg, struct sp_tx *tx)
{
    struct whose *w = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sv_identity *who = &w->call->server->home.who;
    const struct sp_person *p = sv_org_person(w->call, b, w->login);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    const struct sp_roster *r = sp_rulebook_find_unit_of(b, p->user);
    if (p->status != SP_PERSON_ACTIVE || r == NULL) {
        return sv_call_refuse(w->call, SP_E_DENIED,
            "%s has left; a device cannot be enrolled for them", w->login);
    }
    if (who->tier == SP_TIER_BRANCH &&
        !sp_slice_equal(r->unit, sp_slice_text(who->unit))) {
        return sv_call_refuse(w->call, SP_E_DENIED,
            "%s works in unit \"%.*s\"; make the code there or at head office",
            w->login, (int)r->unit.size, (const char *)r->unit.data);
    }
    w->user = p->user;
    return SP_OK;
}

sp_err sv_do_device_enrol(struct sv_call *call)
{
    struct whose w = { .call = call, .login = sv_call_arg(call, "user") };
    struct sv_enrol_grant grant = { .branch = false };
    sp_err err = sv_call_read(call, find_person, &w);
    if (err != SP_OK) {
        return err;
    }
    grant.user = w.user;
    return sv_org_make_code(call, &grant);
}

static sp_err device_list(void *arg, struct sp_tx *tx)
{
    static const char *const status[] = { "?", SV_SAY("active"), SV_SAY("lost"),
        SV_SAY("revoked") };
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_device *d;
    sv_call_columns(call, "device,user,login,unit,label,status,key");
    for (size_t i = 0; (d = sp_rulebook_list_device(b, i)) != NULL; i++) {
        const struct sp_person *p =
            d->user == 0 ? NULL : sp_rulebook_find_person(b, d->user);
        char fingerprint[10];
        sp_enrol_fingerprint(d->static_public, fingerprint);
        sv_call_row(
            call, json_pack("[I,I,o,o,o,s,s]", (json_int_t)d->device,
                      (json_int_t)d->user,
                      d->user == 0
                          ? json_string(sv_call_word(call, SV_SAY("(server)")))
                      : p == NULL ? json_string("?")
                                  : sv_call_slice(p->login),
                      sv_org_unit_name(d->unit), sv_call_slice(d->label),
                      status[(unsigned)d->status < 4 ? (unsigned)d->status : 0],
                      fingerprint));
    }
    return SP_OK;
}

sp_err sv_do_device_list(struct sv_call *call)
{
    return sv_call_read(call, device_list, call);
}

struct revoke {
    struct sv_call *call;
    uint32_t device;
    bool lost;
    struct sv_issue_edit edit;
};

/* A branch without its server is served by head office again (SYNC J1). */
static sp_err free_unit(
    struct revoke *r, struct sp_tx *tx, struct sp_slice unit)
{
    struct sv_issue_draft *draft = NULL;
    sv_issue_edit_begin(&r->edit, tx);
    sp_err err = sv_issue_edit_unit(&r->edit, unit, &draft);
    if (err != SP_OK || draft->roster.server != r->device) {
        return err;
    }
    draft->roster.server = 0;
    draft->roster.address = sp_slice_text("");
    memset(draft->roster.static_public, 0, 32);
    memset(draft->roster.sign_public, 0, 32);
    return sv_issue_edit_sign(&r->edit);
}

static sp_err revoke(void *arg, struct sp_tx *tx)
{
    struct revoke *r = arg;
    const struct sp_device *known =
        sp_rulebook_find_device(sv_call_book(tx), r->device);
    if (known == NULL) {
        return sv_call_refuse(r->call, SP_E_NOT_FOUND,
            "there is no device %u; satchelctl device list shows them",
            r->device);
    }
    if (known->device == tx->node->identity->device) {
        return sv_call_refuse(r->call, SP_E_DENIED,
            "%u is this server itself; it cannot revoke its own certificate",
            r->device);
    }
    if (known->status != SP_DEVICE_ACTIVE) {
        return sv_call_refuse(
            r->call, SP_E_EXISTS, "device %u is revoked already", r->device);
    }
    struct sp_device d = *known;
    d.status = r->lost ? SP_DEVICE_LOST : SP_DEVICE_REVOKED;
    sp_err err = sv_issue_device(tx, &d, NULL);
    if (err == SP_E_DOCUMENT) {
        return sv_call_refuse(r->call, SP_E_DENIED,
            "this branch may not revoke device %u; do it at head office",
            r->device);
    }
    return err == SP_OK && d.user == 0 ? free_unit(r, tx, d.unit) : err;
}

sp_err sv_do_device_revoke(struct sv_call *call)
{
    uint64_t number = 0;
    struct revoke r = { .call = call, .lost = sv_call_flag(call, "lost") };
    sp_err err = sv_call_number(call, "number", 1, INT32_MAX, 0, &number);
    r.device = (uint32_t)number;
    if (err == SP_OK) {
        err = sv_call_write(call, revoke, &r);
    }
    if (err == SP_OK) {
        sv_session_end_device(
            sv_listen_sessions(call->server->listen), r.device);
        sv_call_set(call, "device", json_integer((json_int_t)r.device));
        sv_call_set(call, "status", json_string(r.lost ? "lost" : "revoked"));
    }
    return err;
}
