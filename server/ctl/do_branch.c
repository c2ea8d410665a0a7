/* do_branch.c - a branch's evening: who has come in, and the day's figures. */
#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/tally.h"
#include "book/value.h"
#include "ctl/closed.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/evening.h"
#include "ops/log.h"
#include "ops/say.h"

struct branch_day {
    struct sv_evening evening;
    struct sv_call *call;
    const struct sp_entity *entity; /* that is being counted */
    struct sv_closed figures;
    struct sp_buf missing; /* "mei (3), tom (4)" */
    uint64_t lost, unknown;
    bool before; /* it was closed before */
};

/* ---- devices ------------------------------------------------------------ */

static void put_name(struct sp_buf *out, const struct sv_evening_device *d)
{
    char text[SP_ROSTER_CODE_MAX + 24];
    snprintf(text, sizeof text, "%s%.*s (%u)", out->size == 0 ? "" : ", ",
        (int)d->person->login.size, (const char *)d->person->login.data,
        d->device->device);
    sp_buf_put(out, text, strlen(text));
}

static void count_device(void *arg, const struct sv_evening_device *d)
{
    struct branch_day *b = arg;
    b->figures.devices += d->state != SV_EVENING_LOST;
    b->figures.in += d->state == SV_EVENING_IN;
    b->lost += d->state == SV_EVENING_LOST;
    b->unknown += d->state == SV_EVENING_UNKNOWN;
    if (d->state == SV_EVENING_MISSING) {
        put_name(&b->missing, d);
    }
}

/* Devices do not tell their version, and what one has not sent it alone knows.
 */
static void show_device(void *arg, const struct sv_evening_device *d)
{
    static const char *const states[] = { SV_SAY("in"), SV_SAY("missing"),
        SV_SAY("not known"), SV_SAY("lost") };
    struct branch_day *b = arg;
    count_device(b, d);
    sv_call_row(b->call,
        json_pack("[I,o,o,o,I,I,s,s,s]", (json_int_t)d->device->device,
            sv_call_slice(d->person->login), sv_call_slice(d->device->label),
            sv_call_time(d->last_contact_ms), (json_int_t)d->clock_offset_ms,
            (json_int_t)d->sent, sv_say("not known"), sv_say("not known"),
            states[d->state]));
}

/* "mei (3)", "tom (4)" */
static json_t *missing(const struct sv_closed *f)
{
    json_t *out = json_array();
    struct sp_slice rest = f->missing;
    while (rest.size > 0) {
        const uint8_t *comma = memchr(rest.data, ',', rest.size);
        size_t size = comma == NULL ? rest.size : (size_t)(comma - rest.data);
        size_t skip = comma == NULL ? 0 : 2; /* with the blank */
        (void)json_array_append_new(
            out, sv_call_slice(sp_slice_of(rest.data, size)));
        rest = sp_slice_of(rest.data + size + skip, rest.size - size - skip);
    }
    return out;
}

static void put_devices(struct branch_day *b)
{
    char day[CC_DAY_TEXT_BYTES];
    cc_day_format(day, b->evening.day);
    sv_call_set(b->call, "day", json_string(day));
    sv_call_set(
        b->call, "devices", json_integer((json_int_t)b->figures.devices));
    sv_call_set(b->call, "came_in", json_integer((json_int_t)b->figures.in));
    sv_call_set(b->call, "missing", missing(&b->figures));
}

static sp_err arrivals(void *arg, struct sp_tx *tx)
{
    struct branch_day *b = arg;
    sp_err err = sv_evening_begin(&b->evening, b->call, tx);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(b->call, "device,login,label,last_contact,clock_offset_ms,"
                             "commits,app_version,unsent,state");
    err = sv_evening_devices(&b->evening, tx, show_device, b);
    if (err == SP_OK) {
        b->figures.missing = sp_buf_slice(&b->missing);
        put_devices(b);
        sv_call_set(b->call, "lost", json_integer((json_int_t)b->lost));
        sv_call_set(b->call, "not_known", json_integer((json_int_t)b->unknown));
    }
    return err;
}

sp_err sv_do_branch_arrivals(struct sv_call *call)
{
    struct branch_day b = { .call = call };
    sp_buf_init(&b.missing, 8000);
    sp_err err = sv_call_read(call, arrivals, &b);
    sp_buf_free(&b.missing);
    return err;
}

/* ---- the day's figures --------------------------------------------------- */

static sp_err count_visit(void *arg, const struct sp_record *view)
{
    struct branch_day *b = arg;
    struct cc_value_of of = { b->entity, view };
    if (cc_tally_counts(&of) &&
        sv_day_local(cc_value_ts(&of, "checkin")) == b->evening.day) {
        b->figures.visits++;
        b->figures.visits_open += cc_value_ts(&of, "checkout") == 0;
    }
    return SP_OK;
}

static sp_err count_purchase(void *arg, const struct sp_record *view)
{
    struct branch_day *b = arg;
    struct cc_value_of of = { b->entity, view };
    if (!cc_value_deleted(&of) &&
        cc_value_int(&of, "date", CC_DAY_NONE) == b->evening.day) {
        b->figures.purchases++;
        cc_money_add(&b->figures.amount, cc_money_of(&of, "amount"));
    }
    return SP_OK;
}

static sp_err count_account(void *arg, const struct sp_record *view)
{
    struct branch_day *b = arg;
    struct cc_value_of of = { b->entity, view };
    b->figures.accounts +=
        !cc_value_deleted(&of) &&
        sv_day_local(sp_id_time_ms(&view->ref.id)) == b->evening.day;
    return SP_OK;
}

static sp_err count(struct branch_day *b, struct sp_tx *tx, const char *entity,
    sp_err (*each)(void *arg, const struct sp_record *view))
{
    b->entity = sp_dictionary_entity_named(
        b->evening.dictionary, sp_slice_text(entity));
    return b->entity == NULL
               ? SP_OK
               : sp_state_walk(tx, b->entity->number, NULL, each, b);
}

static sp_err count_all(struct branch_day *b, struct sp_tx *tx)
{
    sp_err err = sv_evening_devices(&b->evening, tx, count_device, b);
    b->figures.missing = sp_buf_slice(&b->missing);
    b->figures.at_ms = b->evening.now_ms;
    b->figures.user = b->evening.person->user;
    if (err == SP_OK) {
        err = b->missing.err;
    }
    if (err == SP_OK) {
        err = count(b, tx, "visit", count_visit);
    }
    if (err == SP_OK) {
        err = count(b, tx, "purchase", count_purchase);
    }
    return err == SP_OK ? count(b, tx, "account", count_account) : err;
}

static void put_figures(struct branch_day *b)
{
    const struct sv_closed *f = &b->figures;
    const struct sp_person *p =
        sp_rulebook_find_person(b->evening.book, f->user);
    char sums[CC_MONEY_TEXT_BYTES];
    cc_money_exact(sums, &f->amount);
    put_devices(b);
    sv_call_set(b->call, "as_of", sv_call_time(f->at_ms));
    sv_call_set(b->call, "closed_by",
        p == NULL ? json_integer((json_int_t)f->user)
                  : sv_call_slice(p->login));
    sv_call_set(b->call, "visits", json_integer((json_int_t)f->visits));
    sv_call_set(
        b->call, "visits_open", json_integer((json_int_t)f->visits_open));
    sv_call_set(b->call, "purchases", json_integer((json_int_t)f->purchases));
    sv_call_set(b->call, "purchases_sums", json_string(sums));
    sv_call_set(b->call, "new_accounts", json_integer((json_int_t)f->accounts));
    sv_call_set(b->call, "closed_before", json_boolean(b->before));
    if (b->before) {
        sv_call_set(b->call, "note",
            json_string(sv_say("this day was closed before; these are its "
                               "figures of then")));
    }
}

/* What is closed stays as it was: who asks again gets the same. */
static sp_err close_day(void *arg, struct sp_tx *tx)
{
    struct branch_day *b = arg;
    struct sv_closed *f = &b->figures;
    b->figures = (struct sv_closed){ .at_ms = 0 };
    sp_buf_reset(&b->missing);
    sp_err err = sv_evening_begin(&b->evening, b->call, tx);
    if (err == SP_OK) {
        err = sv_evening_here(&b->evening, tx);
    }
    if (err != SP_OK) {
        return err;
    }
    if (b->evening.day > sv_day_local(b->evening.now_ms)) {
        return sv_call_refuse(b->call, SP_E_ARGUMENT,
            "that day has not come; close it when it has");
    }
    err = sv_closed_get(tx, b->evening.unit, b->evening.day, f);
    b->before = err == SP_OK;
    if (err == SP_E_NOT_FOUND) {
        err = count_all(b, tx);
        if (err == SP_OK) {
            err = sv_closed_put(tx, b->evening.unit, b->evening.day, f);
        }
    }
    if (err == SP_OK) {
        put_figures(b);
    }
    return err;
}

sp_err sv_do_branch_close(struct sv_call *call)
{
    struct branch_day b = { .call = call };
    sp_buf_init(&b.missing, 8000);
    sp_err err = sv_call_write(call, close_day, &b);
    if (err == SP_OK && !b.before) {
        sv_log(SV_LOG_INFO, "audit", "event=branch_close user=\"%s\" day=%d",
            sv_call_arg(call, "as"), (int)b.evening.day);
    }
    sp_buf_free(&b.missing);
    return err;
}
