#include "api/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/round.h"
#include "api/today.h"

#define STOPS_BYTES   (CC_PLAN_STOPS_MAX * SP_ID_TEXT_BYTES + 1u)
#define OFF_THE_ROUTE "taken off the route"

/* ---- reading ---------------------------------------------------------------
 */

struct reading {
    struct cc_call *call;
    const struct sp_entity *entity, *account;
    int32_t day;
    uint32_t user;
    struct cc_plan *out;
};

/* The account that it is now. */
static sp_err survivor(struct reading *in, struct sp_id *id)
{
    const struct sp_ref ref = { in->account->number, *id };
    struct cc_record_view view;
    struct sp_ref now;
    sp_err err = cc_record_view(in->call, &ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err; /* left this device */
    }
    err = sp_tree_survivor(&in->call->tx, &view.record, &now);
    if (err == SP_OK) {
        *id = now.id;
    }
    cc_record_view_free(&view);
    return err;
}

/* Lines that are no id are passed over: somebody typed the field himself. */
static sp_err read_stops(struct reading *in, struct sp_slice text)
{
    struct cc_plan *p = in->out;
    char line[SP_ID_TEXT_BYTES];
    size_t used = 0;
    sp_err err = SP_OK;

    p->count = 0;
    for (size_t i = 0; i <= text.size && err == SP_OK; i++) {
        bool end = i == text.size || text.data[i] == '\n';

        if (!end && used < sizeof(line) - 1) {
            line[used++] = (char)text.data[i];
        } else if (end) {
            struct sp_id id;

            line[used] = '\0';
            used = 0;
            if (sp_id_parse(&id, line) != SP_OK) {
                continue;
            }
            err = survivor(in, &id);
            if (p->count < CC_PLAN_STOPS_MAX && cc_plan_place(p, &id) == 0) {
                p->stop[p->count++] = id;
            }
        }
    }
    return err;
}

/* The one read before gives way to a newer one. */
static void set_aside(struct cc_plan *p)
{
    if (p->saved && p->others < CC_PLAN_OTHERS_MAX) {
        p->other[p->others++] = p->ref;
        for (size_t i = 0; i < p->count && p->dropped < CC_PLAN_STOPS_MAX;
             i++) {
            p->drop[p->dropped++] = p->stop[i];
        }
    }
}

static uint32_t writer(const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    const struct sp_sibling *s =
        f == NULL ? NULL
                  : sp_dictionary_past_shown(of->entity, of->record, f,
                        (struct sp_slice){ NULL, 0 });

    return s == NULL ? 0 : s->stamp.user;
}

/* One whose stops were emptied was taken back. */
static sp_err take(void *arg, const struct sp_record *view)
{
    struct reading *in = (struct reading *)arg;
    const struct cc_value_of of = { in->entity, view };
    struct sp_slice stops = cc_value_text(&of, "stops");

    if (cc_value_deleted(&of) || stops.size == 0 ||
        cc_value_int(&of, "rep", 0) != (int64_t)in->user ||
        cc_value_int(&of, "date", CC_DAY_NONE) != in->day) {
        return SP_OK;
    }
    set_aside(in->out);
    in->out->saved = true; /* in the order of ids: the last stays */
    in->out->ref = view->ref;
    in->out->by = writer(&of, "stops");
    in->out->min_stops = (unsigned)cc_value_int(&of, "min_stops", 0);
    return read_stops(in, stops);
}

sp_err cc_plan_read(
    struct cc_call *c, uint32_t user, int32_t day, struct cc_plan *out)
{
    struct reading in = { .call = c,
        .entity = sp_dictionary_entity_named(
            c->dictionary, sp_slice_text("route_plan")),
        .account =
            sp_dictionary_entity_named(c->dictionary, sp_slice_text("account")),
        .day = day,
        .user = user,
        .out = out };

    out->saved = false;
    out->by = 0;
    out->count = out->others = out->dropped = 0;
    out->min_stops = 0;
    return in.entity == NULL || in.account == NULL
               ? SP_OK
               : sp_state_walk(&c->tx, in.entity->number, NULL, take, &in);
}

unsigned cc_plan_place(const struct cc_plan *p, const struct sp_id *account)
{
    for (size_t i = 0; i < p->count; i++) {
        if (sp_id_equal(&p->stop[i], account)) {
            return (unsigned)i + 1;
        }
    }
    return 0;
}

/* ---- saving ----------------------------------------------------------------
 */

struct saving {
    struct cc_call *call;
    const struct satchel_route_new *what;
    struct cc_round round; /* of the day */
    struct cc_plan before, after;
    uint32_t user; /* whose route it is */
    char rep[16];  /* the same, as it is typed */
    char date[CC_DAY_TEXT_BYTES];
    struct satchel_route_saved *out;
};

/* The accounts that are named, else those that route shows, as it does. */
static sp_err choose(struct saving *n)
{
    const struct satchel_route_new *what = n->what;
    const struct sp_entity *entity;
    size_t limit = what->limit == 0 || what->limit > CC_PLAN_STOPS_MAX
                       ? CC_PLAN_STOPS_MAX
                       : what->limit;
    struct sp_ref ref;
    sp_err err = SP_OK;

    n->after.count = 0;
    for (size_t i = 0; i < what->count && err == SP_OK; i++) {
        err = i == CC_PLAN_STOPS_MAX
                  ? cc_call_say(n->call, SP_E_TOO_LARGE,
                        "a route has at most %u stops", CC_PLAN_STOPS_MAX)
                  : cc_refer_named(
                        n->call, "account", what->account[i], &entity, &ref);
        if (err == SP_OK && cc_plan_place(&n->after, &ref.id) == 0) {
            n->after.stop[n->after.count++] = ref.id;
        }
    }
    for (size_t i = 0;
         what->count == 0 && i < n->round.count && n->after.count < limit;
         i++) {
        if (cc_plan_place(&n->after, &n->round.stop[i].account) == 0) {
            n->after.stop[n->after.count++] = n->round.stop[i].account;
        }
    }
    return err == SP_OK && n->after.count == 0
               ? cc_call_say(n->call, SP_E_REQUIRED,
                     "nobody is planned or due that day: name the accounts of "
                     "the route")
               : err;
}

static const struct cc_round_stop *planned(
    const struct saving *n, const struct sp_id *account)
{
    for (size_t i = 0; i < n->round.count; i++) {
        if (n->round.stop[i].planned &&
            sp_id_equal(&n->round.stop[i].account, account)) {
            return &n->round.stop[i];
        }
    }
    return NULL;
}

/* Each stop is a planned visit, so that it can be made, skipped with a reason
 * and counted as any other. */
static sp_err plan_visits(struct saving *n)
{
    bool own = n->user == cc_round_user(n->call);
    const struct satchel_input in[] = { { "rep", n->rep, SATCHEL_SET },
        { "date", n->date, SATCHEL_SET },
        { "source", own ? "rep" : "manager", SATCHEL_SET } };
    const struct sp_entity *entity, *account;
    sp_err err = cc_call_entity(n->call, "planned_visit", &entity);

    if (err == SP_OK) {
        err = cc_call_entity(n->call, "account", &account);
    }
    for (size_t i = 0; i < n->after.count && err == SP_OK; i++) {
        const struct sp_ref ref = { account->number, n->after.stop[i] };

        if (planned(n, &ref.id) == NULL) {
            err = cc_record_make(n->call, entity, &ref, in, 3, NULL, 0, NULL);
            n->out->planned += err == SP_OK;
        }
    }
    return err;
}

/* What was on the route and is not any more is not planned any more, unless
 * it was visited or somebody gave it a time or a purpose. */
static sp_err cancel_visits(
    struct saving *n, const struct sp_id *account, size_t count)
{
    const struct satchel_input in[] = { { "cancelled.yes", "true",
                                            SATCHEL_SET },
        { "cancelled.reason", OFF_THE_ROUTE, SATCHEL_SET } };
    const struct sp_entity *entity;
    sp_err err = cc_call_entity(n->call, "planned_visit", &entity);

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        const struct cc_round_stop *s = planned(n, &account[i]);

        if (s == NULL || s->made || s->skipped[0] != '\0' || s->from_min >= 0 ||
            s->purpose[0] != '\0' ||
            cc_plan_place(&n->after, &s->account) != 0) {
            continue;
        }
        err = cc_record_change(n->call, entity,
            &(struct sp_ref){ entity->number, s->plan }, in, 2, NULL, 0, NULL);
        n->out->cancelled += err == SP_OK;
    }
    return err;
}

/* Routes of the day that were saved apart give way to this one. */
static sp_err take_back_others(struct saving *n)
{
    const struct satchel_input in[] = { { "stops", "", SATCHEL_SET } };
    const struct sp_entity *entity;
    sp_err err = cc_call_entity(n->call, "route_plan", &entity);

    for (size_t i = 0; i < n->before.others && err == SP_OK; i++) {
        err = cc_record_change(
            n->call, entity, &n->before.other[i], in, 1, NULL, 0, NULL);
    }
    return err;
}

static sp_err save_plan(struct saving *n)
{
    char stops[STOPS_BYTES] = "", minimum[24];
    struct satchel_input in[] = { { "stops", stops, SATCHEL_SET },
        { "min_stops", minimum, SATCHEL_SET }, { "rep", n->rep, SATCHEL_SET },
        { "date", n->date, SATCHEL_SET } };
    const struct sp_entity *entity;
    size_t count = n->what->has_min ? 2 : 1;
    sp_err err = cc_call_entity(n->call, "route_plan", &entity);

    for (size_t i = 0; i < n->after.count; i++) {
        char *at = stops + i * SP_ID_TEXT_BYTES;

        sp_id_format(at, &n->after.stop[i]);
        at[SP_ID_TEXT_BYTES - 1] = i + 1 < n->after.count ? '\n' : '\0';
    }
    (void)snprintf(minimum, sizeof(minimum), "%" PRIu32, n->what->min_stops);
    if (err == SP_OK && n->before.saved) {
        return cc_record_change(n->call, entity, &n->before.ref, in, count,
            NULL, 0, &n->out->saved);
    }
    if (!n->what->has_min) {
        in[1] = in[2];
        in[2] = in[3];
    }
    return err == SP_OK ? cc_record_make(n->call, entity, NULL, in, count + 2,
                              NULL, 0, &n->out->saved)
                        : err;
}

static sp_err save(struct saving *n)
{
    struct cc_call *c = n->call;
    uint64_t accuracy;
    int32_t day;
    sp_err err = cc_round_day(c, n->what->date, &day);

    if (err == SP_OK) {
        err = cc_round_rep(c, n->what->rep, &n->user);
    }
    if (err != SP_OK) {
        return err;
    }
    cc_day_format(n->date, day);
    (void)snprintf(n->rep, sizeof(n->rep), "%" PRIu32, n->user);
    err = cc_round_plans(&n->round, c, n->user, day);
    if (err == SP_OK && n->what->from != NULL) {
        err = cc_round_read_place(c, n->what->from, &n->round.from, &accuracy);
        n->round.has_from = err == SP_OK;
    }
    if (err == SP_OK && n->what->count == 0) {
        err = cc_round_due(&n->round);
    }
    if (err == SP_OK) {
        err = cc_plan_read(c, n->user, day, &n->before);
    }
    if (err == SP_OK) {
        err = choose(n);
    }
    if (err == SP_OK) {
        err = save_plan(n);
    }
    if (err == SP_OK) {
        err = plan_visits(n);
    }
    if (err == SP_OK) {
        err = cancel_visits(n, n->before.stop, n->before.count);
    }
    if (err == SP_OK) {
        err = cancel_visits(n, n->before.drop, n->before.dropped);
    }
    if (err == SP_OK) {
        err = take_back_others(n);
    }
    n->out->stops = n->after.count;
    return err;
}

int satchel_route_save(struct satchel *s, const struct satchel_route_new *what,
    struct satchel_route_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    struct saving n = { .call = &c, .what = what, .out = out };
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    memset(out, 0, sizeof(*out));
    err = save(&n);
    cc_round_free(&n.round);
    return cc_call_end(&c, err);
}
