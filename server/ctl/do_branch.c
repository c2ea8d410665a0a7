/* do_branch.c - a branch's evening: who has come in, and the day's figures. */
#include <string.h>

#include "book/day.h"
#include "book/value.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/org.h"

struct evening {
    struct sv_call *call;
    const struct sp_rulebook *book;
    const struct sp_dictionary *dictionary;
    const struct sp_entity *entity; /* that is being counted */
    struct sp_slice unit;           /* of who asks; "" head office: all */
    bool all;
    int32_t day;
    const struct sp_device *device; /* that is being looked for */
    struct sp_neighbour found;
    uint64_t devices, in;
    json_t *missing;
    uint64_t visits, open, purchases, accounts;
    int64_t amount;
};

/* Who asks reaches all units when he works at head office. */
static sp_err begin(struct evening *e, struct sp_tx *tx)
{
    const char *as = sv_call_arg(e->call, "as");
    const char *date = sv_call_arg(e->call, "date");
    e->book = sv_call_book(tx);
    e->dictionary = sp_rulebook_dictionary(e->book);
    const struct sp_person *p = sv_org_person(e->call, e->book, as);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    const struct sp_roster *unit = sp_rulebook_find_unit_of(e->book, p->user);
    if ((sp_rulebook_manages(e->book, p->user) & SP_MANAGES_DEVICES) == 0 ||
        unit == NULL) {
        return sv_call_refuse(e->call, SP_E_DENIED,
            "%s may not: none of the roles manages devices (satchelctl role "
            "list)",
            as);
    }
    e->unit = unit->unit;
    e->all = unit->unit.size == 0;
    e->day = sv_day_local(tx->node->env->now_ms(tx->node->env->self));
    if (date != NULL && !cc_day_parse(date, &e->day)) {
        return sv_call_refuse(e->call, SP_E_ARGUMENT,
            "--date \"%.40s\": write a day as 2026-12-31", date);
    }
    return SP_OK;
}

/* ---- devices ------------------------------------------------------------ */

static sp_err take_neighbour(void *arg, const struct sp_neighbour *n)
{
    struct evening *e = arg;
    if (n->device == e->device->device) {
        e->found = *n;
    }
    return SP_OK;
}

static bool is_ours(const struct evening *e, const struct sp_device *d)
{
    const struct sp_roster *unit =
        d->user == 0 ? NULL : sp_rulebook_find_unit_of(e->book, d->user);
    return d->status == SP_DEVICE_ACTIVE && unit != NULL &&
           (e->all || sp_slice_equal(unit->unit, e->unit));
}

static sp_err look_at(
    struct evening *e, struct sp_tx *tx, const struct sp_device *d, bool rows)
{
    const struct sp_person *p = sp_rulebook_find_person(e->book, d->user);
    e->device = d;
    memset(&e->found, 0, sizeof e->found);
    sp_err err = sp_node_neighbours(tx, take_neighbour, e);
    if (err != SP_OK || p == NULL) {
        return err;
    }
    int32_t seen = sv_day_local(e->found.last_contact_ms);
    bool came = seen != CC_DAY_NONE && seen >= e->day;
    e->devices++;
    e->in += came;
    if (!came) {
        (void)json_array_append_new(
            e->missing, json_sprintf("%.*s (%u)", (int)p->login.size,
                            (const char *)p->login.data, d->device));
    }
    if (rows) {
        sv_call_row(
            e->call, json_pack("[I,o,o,o,I,I,s]", (json_int_t)d->device,
                         sv_call_slice(p->login), sv_call_slice(d->label),
                         sv_call_time(e->found.last_contact_ms),
                         (json_int_t)e->found.clock_offset_ms,
                         (json_int_t)e->found.sent, came ? "in" : "missing"));
    }
    return SP_OK;
}

static sp_err look_at_all(struct evening *e, struct sp_tx *tx, bool rows)
{
    const struct sp_device *d;
    sp_err err = SP_OK;
    for (size_t i = 0;
         err == SP_OK && (d = sp_rulebook_list_device(e->book, i)) != NULL;
         i++) {
        if (is_ours(e, d)) {
            err = look_at(e, tx, d, rows);
        }
    }
    return err;
}

static void put_devices(struct evening *e)
{
    char day[CC_DAY_TEXT_BYTES];
    cc_day_format(day, e->day);
    sv_call_set(e->call, "day", json_string(day));
    sv_call_set(e->call, "devices", json_integer((json_int_t)e->devices));
    sv_call_set(e->call, "came_in", json_integer((json_int_t)e->in));
    sv_call_set(e->call, "missing", json_incref(e->missing));
}

static sp_err arrivals(void *arg, struct sp_tx *tx)
{
    struct evening *e = arg;
    sp_err err = begin(e, tx);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(e->call,
        "device,login,label,last_contact,clock_offset_ms,commits,state");
    err = look_at_all(e, tx, true);
    if (err == SP_OK) {
        put_devices(e);
    }
    return err;
}

sp_err sv_do_branch_arrivals(struct sv_call *call)
{
    struct evening e = { .call = call, .missing = json_array() };
    sp_err err = sv_call_read(call, arrivals, &e);
    json_decref(e.missing);
    return err;
}

/* ---- the day's figures --------------------------------------------------- */

static sp_err count_visit(void *arg, const struct sp_record *view)
{
    struct evening *e = arg;
    struct cc_value_of of = { e->entity, view };
    if (!cc_value_deleted(&of) &&
        sv_day_local(cc_value_ts(&of, "checkin")) == e->day) {
        e->visits++;
        e->open += cc_value_ts(&of, "checkout") == 0;
    }
    return SP_OK;
}

static sp_err count_purchase(void *arg, const struct sp_record *view)
{
    struct evening *e = arg;
    struct cc_value_of of = { e->entity, view };
    if (!cc_value_deleted(&of) &&
        cc_value_int(&of, "date", CC_DAY_NONE) == e->day) {
        e->purchases++;
        e->amount += cc_value_money(&of, "amount", 0);
    }
    return SP_OK;
}

static sp_err count_account(void *arg, const struct sp_record *view)
{
    struct evening *e = arg;
    struct cc_value_of of = { e->entity, view };
    e->accounts += !cc_value_deleted(&of) &&
                   sv_day_local(sp_id_time_ms(&view->ref.id)) == e->day;
    return SP_OK;
}

static sp_err count(struct evening *e, struct sp_tx *tx, const char *entity,
    sp_err (*each)(void *arg, const struct sp_record *view))
{
    e->entity =
        sp_dictionary_entity_named(e->dictionary, sp_slice_text(entity));
    return e->entity == NULL
               ? SP_OK
               : sp_state_walk(tx, e->entity->number, NULL, each, e);
}

static sp_err close_day(void *arg, struct sp_tx *tx)
{
    struct evening *e = arg;
    sp_err err = begin(e, tx);
    if (err == SP_OK) {
        err = look_at_all(e, tx, false);
    }
    if (err == SP_OK) {
        err = count(e, tx, "visit", count_visit);
    }
    if (err == SP_OK) {
        err = count(e, tx, "purchase", count_purchase);
    }
    if (err == SP_OK) {
        err = count(e, tx, "account", count_account);
    }
    if (err != SP_OK) {
        return err;
    }
    put_devices(e);
    sv_call_set(e->call, "as_of",
        sv_call_time(tx->node->env->now_ms(tx->node->env->self)));
    sv_call_set(e->call, "visits", json_integer((json_int_t)e->visits));
    sv_call_set(e->call, "visits_open", json_integer((json_int_t)e->open));
    sv_call_set(e->call, "purchases", json_integer((json_int_t)e->purchases));
    sv_call_set(e->call, "purchases_minor", json_integer(e->amount));
    sv_call_set(e->call, "new_accounts", json_integer((json_int_t)e->accounts));
    return SP_OK;
}

sp_err sv_do_branch_close(struct sv_call *call)
{
    struct evening e = { .call = call, .missing = json_array() };
    sp_err err = sv_call_read(call, close_day, &e);
    json_decref(e.missing);
    return err;
}
