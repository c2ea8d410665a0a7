/* do_org.c - branches, territories, units: rosters that head office signs. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/say.h"

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
            json_string(
                sv_say("satchelctl branch code CODE, then satchelctl branch "
                       "join on the branch's machine")));
    }
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
                      r->server == 0 ? json_string(SV_SAY("not joined"))
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
