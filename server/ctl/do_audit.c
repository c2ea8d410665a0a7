/* do_audit.c - what the branches accepted against the policy in force (SYNC
 * J7). Nothing is changed: a person corrects by an ordinary write. */
#include <stdio.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/say.h"

struct audit {
    struct sv_call *call;
    const struct sp_rulebook *book;
    uint64_t limit, looked, found;
    bool more;
};

static json_t *field_json(
    const struct sv_call *call, const struct sp_entity *e, uint16_t number)
{
    const struct sp_field *f =
        e == NULL || number == 0 ? NULL : sp_dictionary_field(e, number);
    return f == NULL ? json_string("") : sv_call_slice(sv_call_field(call, f));
}

/* The ordinary write that would correct it. */
static json_t *correction(const struct sv_call *call,
    const struct sp_finding *f, const struct sp_entity *e, const char *id)
{
    const struct sp_field *field = e == NULL || f->would.field == 0
                                       ? NULL
                                       : sp_dictionary_field(e, f->would.field);
    if (!f->stands) {
        return json_string(
            sv_call_word(call, SV_SAY("none: overwritten since")));
    }
    if (field == NULL) {
        return json_sprintf(
            sv_call_word(call, SV_SAY("who may: satchel %.*s edit %s, each "
                                      "field that it wrote")),
            e == NULL ? 1 : (int)e->name.size,
            e == NULL ? "?" : (const char *)e->name.data, id);
    }
    return json_sprintf(
        sv_call_word(
            call, SV_SAY("who may write it: satchel %.*s edit %s %.*s=VALUE")),
        (int)e->name.size, (const char *)e->name.data, id,
        (int)field->name.size, (const char *)field->name.data);
}

static sp_err show_one(void *arg, const struct sp_finding *f)
{
    struct audit *a = arg;
    char id[SP_ID_TEXT_BYTES];
    const struct sp_person *p =
        sp_rulebook_find_person(a->book, f->commit->user);
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(a->book), f->ref.type);
    if (a->found == a->limit) {
        a->more = true;
        return SP_E_NOT_FOUND;
    }
    a->found++;
    sp_id_format(id, &f->ref.id);
    sv_call_row(a->call,
        json_pack("[o,I,o,o,I,o,s,I,o,s,o]", sv_call_replica(f->replica),
            (json_int_t)f->n,
            p == NULL ? json_integer((json_int_t)f->commit->user)
                      : sv_call_slice(p->login),
            sv_call_time(sp_hlc_ms(f->commit->time)), (json_int_t)f->judge,
            sv_call_slice(sv_call_entity(a->call, e)), id,
            (json_int_t)f->would.rule, field_json(a->call, e, f->would.field),
            sp_err_name(f->would.code), correction(a->call, f, e, id)));
    return SP_OK;
}

static sp_err audit(void *arg, struct sp_tx *tx)
{
    struct audit *a = arg;
    a->book = sv_call_book(tx);
    const struct sp_person *p =
        sv_org_person(a->call, a->book, sv_call_arg(a->call, "as"));
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    if ((sp_rulebook_manages(a->book, p->user) & SP_MANAGES_POLICY) == 0) {
        return sv_call_refuse(a->call, SP_E_DENIED,
            "%s may not: none of the roles manages policy (satchelctl role "
            "list)",
            sv_call_arg(a->call, "as"));
    }
    sv_call_columns(a->call, "replica,number,author,made,judge,entity,record,"
                             "rule,field,why,correction");
    return sp_audit_policy(tx, show_one, a, &a->looked);
}

sp_err sv_do_audit_policy(struct sv_call *call)
{
    struct audit a = { .call = call };
    sp_err err = sv_org_head_office_only(call, "an audit");
    if (err == SP_OK) {
        err = sv_call_number(call, "limit", 1, 100000, 100, &a.limit);
    }
    if (err == SP_OK) {
        err = sv_call_read(call, audit, &a);
    }
    if (err == SP_OK) {
        sv_call_set(call, "looked_at", json_integer((json_int_t)a.looked));
        sv_call_set(call, "found", json_integer((json_int_t)a.found));
        sv_call_set(call, "more", json_boolean(a.more));
    }
    return err;
}
