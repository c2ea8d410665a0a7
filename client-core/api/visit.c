#include "api/visit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/record.h"
#include "api/refer.h"
#include "api/round.h"
#include "api/today.h"

#include "sp/pack.h"

/* So near to the account a check-in is verified; and so well both places have
 * to be known, or nothing can be said. */
#define RADIUS_M     200u
#define ACCURACY_M   200u
#define VERIFY_BYTES 64u
#define SECONDS_MAX  604800u /* of visit.duration_s */

/* An open visit is looked for among these first. */
#define RECENT_MS 172800000u

/* A kind is demanded but seldom typed: the first of the list then. */
static const char *first_option(
    struct cc_call *c, const struct sp_entity *visit, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(visit, sp_slice_text(field));
    const char *name = NULL;

    if (f != NULL && f->option_count > 0) {
        name = cc_call_text(c, f->option[0].name);
    }
    return name == NULL ? "" : name;
}

/* What was typed for a field; NULL. */
static const char *typed(
    const struct satchel_input *input, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(input[i].field, field) == 0 && input[i].text != NULL &&
            input[i].text[0] != '\0') {
            return input[i].text;
        }
    }
    return NULL;
}

/*
 * Whether the rep stands at the account, as far as this device knows both
 * places: a verdict for the reader, never a reason to refuse.
 */
static sp_err verify(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *account, const char *at, char out[VERIFY_BYTES])
{
    struct cc_record_view view;
    struct cc_value_of of = { entity, &view.record };
    struct cc_geo here, there;
    uint64_t accuracy, known, metres;
    bool placed;
    sp_err err = cc_record_view(c, account, &view);

    if (err != SP_OK) {
        return err;
    }
    (void)snprintf(out, VERIFY_BYTES, "verdict=unverified");
    placed = cc_round_place(&of, "geo", &there, &known);
    if (at != NULL) {
        err = cc_round_read_place(c, at, &here, &accuracy);
    }
    if (err == SP_OK && at != NULL && placed) {
        metres = cc_geo_metres(&here, &there);
        (void)snprintf(out, VERIFY_BYTES, "verdict=%s; distance_m=%" PRIu64,
            accuracy > ACCURACY_M || known > ACCURACY_M ? "unverified"
            : metres <= RADIUS_M                        ? "verified"
                                                        : "outside",
            metres);
    }
    cc_record_view_free(&view);
    return err;
}

/* The plan of today that this visit makes; "" when there is none. */
static sp_err find_plan(
    struct cc_call *c, const struct sp_ref *account, char out[SP_ID_TEXT_BYTES])
{
    const struct cc_round_stop *stop;
    struct cc_round r;
    sp_err err = cc_round_plans(&r, c, cc_today(c));

    out[0] = '\0';
    stop = err == SP_OK ? cc_round_open(&r, &account->id) : NULL;
    if (stop != NULL) {
        sp_id_format(out, &stop->plan);
    }
    cc_round_free(&r);
    return err;
}

static sp_err start(struct cc_call *c, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct sp_entity *visit, *above;
    char verdict[VERIFY_BYTES], plan[SP_ID_TEXT_BYTES];
    struct satchel_input more[4] = { { .field = "checkin", .text = "now" },
        { .field = "type" }, { .field = "verify", .text = verdict },
        { .field = "planned_id", .text = plan } };
    struct sp_ref ref;
    sp_err err = cc_call_entity(c, "visit", &visit);

    if (err == SP_OK) {
        err = cc_refer_named(c, "account", account, &above, &ref);
    }
    if (err == SP_OK) {
        err = verify(
            c, above, &ref, typed(input, count, "checkin_place.geo"), verdict);
    }
    if (err == SP_OK) {
        err = find_plan(c, &ref, plan);
    }
    if (err == SP_OK) {
        more[1].text = first_option(c, visit, "type");
        err = cc_record_make(
            c, visit, &ref, input, count, more, plan[0] == '\0' ? 3 : 4, out);
    }
    return err;
}

int satchel_visit_start(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, start(&c, account, input, count, out));
}

struct search {
    struct cc_call *call;
    const struct sp_field *checkout, *author;
    struct sp_ref newest;
    bool found;
};

static bool is_mine(const struct search *s, const struct sp_record *r)
{
    struct sp_slice v = cc_refer_shown(r, s->author);
    struct sp_rd rd;

    sp_rd_init(&rd, v);
    return sp_rd_uint(&rd, 0, UINT32_MAX) ==
               s->call->s->replica.identity.self.user &&
           rd.err == SP_OK;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct search *s = (struct search *)arg;

    if (cc_refer_shown(view, s->checkout).size == 0 &&
        !cc_refer_deleted(view) && is_mine(s, view)) {
        s->newest = view->ref; /* in order of their making: the last stays */
        s->found = true;
    }
    return SP_OK;
}

static sp_err find_open(
    struct cc_call *c, const struct sp_entity *visit, struct sp_ref *out)
{
    struct search s = { .call = c };
    struct cc_replica *r = &c->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    uint8_t lowest[10] = { 0 };
    struct sp_id after =
        sp_id_make(now > RECENT_MS ? now - RECENT_MS : 0, lowest);
    sp_err err;

    s.checkout = sp_dictionary_field_named(visit, sp_slice_text("checkout"));
    s.author = sp_dictionary_field(visit, visit->author);
    err = sp_state_walk(&c->tx, visit->number, &after, take, &s);
    if (err == SP_OK && !s.found) {
        err = sp_state_walk(&c->tx, visit->number, NULL, take, &s);
    }
    if (err == SP_OK && !s.found) {
        err = cc_call_say(c, SP_E_NOT_FOUND, "no visit of yours is open");
    }
    if (err == SP_OK) {
        *out = s.newest;
    }
    return err;
}

sp_err cc_visit_refer(struct cc_call *c, const char *text,
    const struct sp_entity **entity, struct sp_ref *out)
{
    sp_err err = cc_call_entity(c, "visit", entity);

    if (err != SP_OK) {
        return err;
    }
    return text == NULL ? find_open(c, *entity, out)
                        : cc_refer_record(c, *entity, text, out);
}

/* An outcome is typed or stands; everything else may come later, or never. */
static sp_err require_outcome(struct cc_call *c, const struct cc_value_of *of,
    const struct satchel_input *input, size_t count)
{
    return typed(input, count, "outcome") != NULL ||
                   cc_value_int(of, "outcome", 0) != 0
               ? SP_OK
               : cc_call_say(c, SP_E_REQUIRED,
                     "visit.outcome: say how it ended, as outcome=order, "
                     "promise, no_decision, closed_door or refused");
}

/* Seconds since the check-in; "" when the clock was moved back meanwhile. */
static void spent(struct cc_call *c, const struct cc_value_of *of, char out[24])
{
    const struct sp_env *env = &c->s->replica.env;
    uint64_t from = cc_value_ts(of, "checkin");
    uint64_t now = env->now_ms(env->self);

    out[0] = '\0';
    if (from != 0 && now >= from && (now - from) / 1000u <= SECONDS_MAX) {
        (void)snprintf(out, 24, "%" PRIu64, (now - from) / 1000u);
    }
}

static sp_err end(struct cc_call *c, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    char seconds[24] = "";
    const struct satchel_input more[] = { { .field = "checkout",
                                              .text = "now" },
        { .field = "duration_s", .text = seconds } };
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct sp_ref ref;
    sp_err err = cc_visit_refer(c, visit, &entity, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    err = require_outcome(
        c, &(struct cc_value_of){ entity, &view.record }, input, count);
    spent(c, &(struct cc_value_of){ entity, &view.record }, seconds);
    cc_record_view_free(&view);
    return err == SP_OK ? cc_record_change(c, entity, &ref, input, count, more,
                              seconds[0] == '\0' ? 1 : 2, out)
                        : err;
}

int satchel_visit_end(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, end(&c, visit, input, count, out));
}
