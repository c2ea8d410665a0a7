/* do_org.c - branches, territories, units: rosters that head office signs. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"

sp_err sv_org_head_office_only(struct sv_call *call, const char *what)
{
    if (call->server->home.who.tier == SP_TIER_HEAD_OFFICE) {
        return SP_OK;
    }
    return sv_call_refuse(call, SP_E_DENIED,
        "%s are changed at head office (run this there); they arrive here "
        "with the next exchange (satchelctl uplink now)",
        what);
}

bool sv_org_is_code(const char *code)
{
    size_t size = strlen(code);
    return size > 0 && size <= SP_ROSTER_CODE_MAX &&
           strcspn(code, " ,:/\t\n\"\\") == size &&
           sp_utf8_valid(sp_slice_text(code));
}

sp_err sv_org_give_territory(struct sv_issue_edit *edit,
    const struct sp_territory *t, struct sp_slice unit)
{
    const struct sp_rulebook *b = sv_call_book(edit->tx);
    const struct sp_territory *known = sp_rulebook_find_territory(b, t->code);
    const struct sp_roster *from = sp_rulebook_find_unit_serving(b, t->code);
    struct sp_territory copy = known != NULL ? *known : *t;
    struct sv_issue_draft *draft = NULL;
    sp_err err = SP_OK;
    if (t->name.size > 0) {
        copy.name = t->name;
    }
    if (t->region.size > 0) {
        copy.region = t->region;
    }
    if (copy.name.size == 0) {
        copy.name = copy.code;
    }
    if (known != NULL && from != NULL) {
        err = sv_issue_edit_unit(edit, from->unit, &draft);
        if (err != SP_OK) {
            return err;
        }
        sv_issue_remove_territory(draft, t->code);
    }
    err = sv_issue_edit_unit(edit, unit, &draft);
    return err == SP_OK ? sv_issue_add_territory(draft, &copy) : err;
}

struct branch_add {
    struct sv_call *call;
    const char *code;
    uint64_t term_days;
    uint32_t territories;
    struct sv_issue_edit edit;
};

static sp_err branch_add(void *arg, struct sp_tx *tx)
{
    struct branch_add *a = arg;
    const char *name = sv_call_arg(a->call, "name");
    const char *territories = sv_call_arg(a->call, "territories");
    const char *region = sv_call_arg(a->call, "region");
    struct sv_issue_draft *draft = NULL;
    struct sp_slice unit = sp_slice_text(a->code);
    struct sp_territory t = { .region =
                                  sp_slice_text(region == NULL ? "" : region) };
    sv_issue_edit_begin(&a->edit, tx);
    sp_err err = sv_issue_edit_branch(
        &a->edit, unit, sp_slice_text(name == NULL ? a->code : name), &draft);
    if (err == SP_E_EXISTS) {
        return sv_call_refuse(
            a->call, err, "there is a unit %s already", a->code);
    }
    if (err == SP_OK) {
        draft->roster.term_days = (uint16_t)a->term_days;
    }
    a->territories = 0;
    while (err == SP_OK && territories != NULL &&
           sv_call_piece(&territories, &t.code)) {
        err = sv_org_give_territory(&a->edit, &t, unit);
        a->territories++;
    }
    return err == SP_OK ? sv_issue_edit_sign(&a->edit) : err;
}

sp_err sv_do_branch_add(struct sv_call *call)
{
    struct branch_add a = { .call = call, .code = sv_call_arg(call, "code") };
    sp_err err = sv_org_head_office_only(call, "branches");
    if (err == SP_OK) {
        err = sv_call_number(
            call, "term-days", 1, 365, SP_ROSTER_TERM_DAYS, &a.term_days);
    }
    if (err == SP_OK && !sv_org_is_code(a.code)) {
        err = sv_call_refuse(call, SP_E_ARGUMENT,
            "a code has 1 to %u bytes, without spaces and , : / \" \\",
            SP_ROSTER_CODE_MAX);
    }
    if (err == SP_OK) {
        err = sv_call_write(call, branch_add, &a);
    }
    if (err == SP_OK) {
        sv_call_set(call, "branch", json_string(a.code));
        sv_call_set(
            call, "territories", json_integer((json_int_t)a.territories));
        sv_call_set(call, "next",
            json_string("satchelctl branch code CODE, then satchelctl branch "
                        "join on the branch's machine"));
    }
    return err;
}

struct code {
    struct sv_call *call;
    struct sv_enrol_grant grant;
    const char *endpoint;
    char text[SP_ENROL_TEXT_BYTES_MAX];
};

static sp_err make_code(void *arg, struct sp_tx *tx)
{
    struct code *c = arg;
    return sv_enrol_make(tx, &c->grant, c->endpoint, c->text);
}

sp_err sv_org_make_code(
    struct sv_call *call, const struct sv_enrol_grant *grant)
{
    struct code c = {
        .call = call, .grant = *grant, .endpoint = sv_call_arg(call, "endpoint")
    };
    uint64_t minutes = 0;
    char fingerprint[10];
    sp_err err = sv_call_number(
        call, "minutes", 1, 1440, SV_ENROL_LIFE_MS / 60000u, &minutes);
    if (err != SP_OK) {
        return err;
    }
    if (c.endpoint == NULL) {
        c.endpoint = call->server->endpoint;
    }
    if (strncmp(c.endpoint, "tcp://", 6) != 0 ||
        strncmp(c.endpoint, "tcp://0.0.0.0:", 14) == 0 ||
        strncmp(c.endpoint, "tcp://*:", 8) == 0) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "%.120s is no address that a device can reach; set advertise, or "
            "give --endpoint tcp://HOST:PORT",
            c.endpoint);
    }
    c.grant.life_ms = minutes * 60000u;
    err = sv_call_write(call, make_code, &c);
    if (err == SP_OK) {
        sp_enrol_fingerprint(
            call->server->home.who.id.static_public, fingerprint);
        sv_call_set(call, "code", json_string(c.text));
        sv_call_set(call, "minutes", json_integer((json_int_t)minutes));
        sv_call_set(call, "server_key", json_string(fingerprint));
    }
    sp_wipe(c.text, sizeof c.text);
    return err;
}

sp_err sv_do_branch_code(struct sv_call *call)
{
    struct sv_enrol_grant grant = { .branch = true };
    const char *code = sv_call_arg(call, "code");
    sp_err err = sv_org_head_office_only(call, "branches");
    if (err != SP_OK) {
        return err;
    }
    if (!sv_org_is_code(code)) {
        return sv_call_refuse(
            call, SP_E_NOT_FOUND, "there is no branch %.40s", code);
    }
    memcpy(grant.unit, code, strlen(code) + 1);
    err = sv_org_make_code(call, &grant);
    if (err == SP_E_NOT_FOUND) {
        return sv_call_refuse(call, err,
            "there is no branch %s; satchelctl unit list shows them", code);
    }
    if (err == SP_E_EXISTS) {
        return sv_call_refuse(call, err,
            "branch %s has a server already; revoke it first (satchelctl "
            "device revoke NUMBER)",
            code);
    }
    return err;
}

struct territory_add {
    struct sv_call *call;
    struct sp_territory territory;
    struct sp_slice unit;
    struct sv_issue_edit edit;
};

static sp_err territory_add(void *arg, struct sp_tx *tx)
{
    struct territory_add *a = arg;
    sv_issue_edit_begin(&a->edit, tx);
    sp_err err = sv_org_give_territory(&a->edit, &a->territory, a->unit);
    if (err == SP_E_NOT_FOUND) {
        return sv_call_refuse(a->call, err,
            "there is no unit %.*s; satchelctl unit list shows them",
            (int)a->unit.size, (const char *)a->unit.data);
    }
    return err == SP_OK ? sv_issue_edit_sign(&a->edit) : err;
}

static struct sp_slice text_or_empty(const char *text)
{
    return sp_slice_text(text == NULL ? "" : text);
}

sp_err sv_do_territory_add(struct sv_call *call)
{
    const char *code = sv_call_arg(call, "code");
    struct territory_add a = { .call = call,
        .territory = { .code = sp_slice_text(code),
            .name = text_or_empty(sv_call_arg(call, "name")),
            .region = text_or_empty(sv_call_arg(call, "region")) },
        .unit = text_or_empty(sv_call_arg(call, "unit")) };
    sp_err err = sv_org_head_office_only(call, "territories");
    if (err == SP_OK && !sv_org_is_code(code)) {
        err = sv_call_refuse(call, SP_E_ARGUMENT,
            "a code has 1 to %u bytes, without spaces and , : / \" \\",
            SP_ROSTER_CODE_MAX);
    }
    if (err == SP_OK) {
        err = sv_call_write(call, territory_add, &a);
    }
    if (err == SP_OK) {
        sv_call_set(call, "territory", json_string(code));
        sv_call_set(call, "unit", sv_call_slice(a.unit));
    }
    return err;
}

json_t *sv_org_unit_name(struct sp_slice unit)
{
    return unit.size == 0 ? json_string("head office") : sv_call_slice(unit);
}

static sp_err territory_list(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_territory *t;
    sv_call_columns(call, "territory,name,region,unit");
    for (size_t i = 0; (t = sp_rulebook_list_territory(b, i)) != NULL; i++) {
        const struct sp_roster *r = sp_rulebook_find_unit_serving(b, t->code);
        sv_call_row(call,
            json_pack("[o,o,o,o]", sv_call_slice(t->code),
                sv_call_slice(t->name), sv_call_slice(t->region),
                r == NULL ? json_string("?") : sv_org_unit_name(r->unit)));
    }
    return SP_OK;
}

sp_err sv_do_territory_list(struct sv_call *call)
{
    return sv_call_read(call, territory_list, call);
}

static sp_err unit_list(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_roster *r;
    sv_call_columns(
        call, "unit,name,server,address,territories,people,term_days");
    for (size_t i = 0; (r = sp_rulebook_list_unit(b, i)) != NULL; i++) {
        sv_call_row(
            call, json_pack("[o,o,o,o,i,i,i]", sv_org_unit_name(r->unit),
                      sv_call_slice(r->name),
                      r->server == 0 ? json_string("not joined")
                                     : json_integer((json_int_t)r->server),
                      sv_call_slice(r->address), (int)r->territory_count,
                      (int)r->person_count, (int)r->term_days));
    }
    return SP_OK;
}

sp_err sv_do_unit_list(struct sv_call *call)
{
    return sv_call_read(call, unit_list, call);
}
