#include <stdio.h>
#include <string.h>

#include "book/day.h"

#include "api/deadlines.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/said.h"
#include "api/tasks.h"
#include "api/today.h"
#include "api/underway.h"

/* ---- stops --------------------------------------------------------------- */

static const char *day_text(struct sp_arena *a, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES] = "";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, day);
    }
    return cc_result_string(a, text);
}

static const char *minute_text(struct sp_arena *a, int32_t minute)
{
    char text[24] = "";

    if (minute >= 0) {
        (void)snprintf(text, sizeof(text), "%02d:%02d", (int)(minute / 60),
            (int)(minute % 60));
    }
    return cc_result_string(a, text);
}

static sp_err fill_stop(const struct cc_round *r, const struct cc_round_stop *s,
    bool tiers, struct sp_arena *a, struct satchel_stop *out)
{
    struct cc_call *c = r->call;
    const struct sp_entity *account;
    struct cc_words tier =
        tiers ? cc_tier_words(s->tier) : (struct cc_words){ "", "" };
    char id[SP_ID_TEXT_BYTES] = "", plan[SP_ID_TEXT_BYTES] = "";
    struct sp_ref ref;
    sp_err err = cc_call_entity(c, "account", &account);

    if (err != SP_OK) {
        return err;
    }
    ref = (struct sp_ref){ account->number, s->account };
    sp_id_format(id, &s->account);
    if (s->planned) {
        sp_id_format(plan, &s->plan);
    }
    out->account_id = cc_result_string(a, id);
    out->title = cc_result_string(a, cc_refer_title(c, &ref));
    out->plan_id = cc_result_string(a, plan);
    out->from = minute_text(a, s->from_min);
    out->to = minute_text(a, s->to_min);
    out->purpose = cc_result_string(a, s->purpose);
    out->skipped = cc_result_string(a, s->skipped);
    out->place = s->place;
    out->made = s->made;
    out->due = day_text(a, s->due);
    out->late_days = s->due == CC_DAY_NONE ? 0 : r->day - s->due;
    out->tier_en = tier.en;
    out->tier_zh = tier.zh;
    out->has_distance = s->metres != CC_ROUND_FAR;
    out->distance_m = out->has_distance ? s->metres : 0;
    return out->account_id == NULL || out->title == NULL ||
                   out->plan_id == NULL || out->from == NULL ||
                   out->to == NULL || out->purpose == NULL ||
                   out->skipped == NULL || out->due == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_stops(const struct cc_round *r, bool tiers,
    struct sp_arena *a, const struct satchel_stop **out)
{
    struct satchel_stop *stop =
        (struct satchel_stop *)sp_arena_take(a, r->count + 1, sizeof(*stop));
    sp_err err = stop == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        err = fill_stop(r, &r->stop[i], tiers, a, &stop[i]);
    }
    *out = stop;
    return err;
}

/* ---- route --------------------------------------------------------------- */

/* Who saved a route, where it is not whose it is. */
static const char *saved_by(const struct cc_round *r, struct sp_arena *a)
{
    return r->by == 0 || r->by == r->user
               ? ""
               : cc_result_string(a, cc_refer_user_name(r->call, r->by));
}

static sp_err route(struct cc_call *c, const struct satchel_route_query *query,
    struct satchel_route *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct cc_round r;
    uint64_t accuracy;
    uint32_t user;
    int32_t day;
    sp_err err = cc_round_day(c, query->date, &day);

    if (err == SP_OK) {
        err = cc_round_rep(c, query->rep, &user);
    }
    if (err != SP_OK) {
        return err;
    }
    err = cc_round_plans(&r, c, user, day);
    if (err == SP_OK && query->from != NULL) {
        err = cc_round_read_place(c, query->from, &r.from, &accuracy);
        r.has_from = err == SP_OK;
    }
    if (err == SP_OK) {
        err = cc_round_due(&r);
    }
    if (err == SP_OK) {
        out->date = day_text(a, day);
        out->count = r.count;
        out->rep = cc_result_string(a, cc_refer_user_name(c, user));
        out->saved = r.saved;
        out->by = saved_by(&r, a);
        out->others = r.others;
        out->min_stops = r.min_stops;
        err = out->date == NULL || out->rep == NULL || out->by == NULL
                  ? SP_E_NOMEM
                  : fill_stops(&r, true, a, &out->stop);
    }
    cc_round_free(&r);
    return err;
}

int satchel_route(struct satchel *s, const struct satchel_route_query *query,
    struct satchel_route **out, struct satchel_error *e)
{
    struct satchel_route *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_route *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : route(&c, query, r), r, out);
}

/* The visit planned for today at a customer, which is what people name. */
static sp_err plan_of_customer(
    struct cc_call *c, const char *account, struct sp_ref *out)
{
    const struct cc_round_stop *stop = NULL;
    const struct sp_entity *above;
    struct sp_ref ref;
    struct cc_round r;
    sp_err err = cc_refer_named(c, "account", account, &above, &ref);

    if (err != SP_OK) {
        return err;
    }
    err = cc_round_plans(&r, c, cc_round_user(c), cc_today(c));
    if (err == SP_OK) {
        stop = cc_round_open(&r, &ref.id);
        if (stop == NULL) {
            err = cc_call_say(c, SP_E_NOT_FOUND,
                "no visit of yours to \"%.80s\" is planned today that is still "
                "to be made",
                account);
        } else {
            out->id = stop->plan;
        }
    }
    cc_round_free(&r);
    return err;
}

static sp_err skip(struct cc_call *c, const char *plan, const char *reason,
    struct satchel_saved *out)
{
    struct satchel_input in = { "skipped", NULL, SATCHEL_SET };
    const struct sp_entity *entity;
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "planned_visit", plan, &entity, &ref);

    if (err == SP_E_NOT_FOUND) {
        err = cc_call_entity(c, "planned_visit", &entity);
        if (err == SP_OK) {
            ref.type = entity->number;
            err = plan_of_customer(c, plan, &ref);
        }
    }
    if (err == SP_OK && (reason == NULL || reason[0] == '\0')) {
        err = cc_call_say(
            c, SP_E_REQUIRED, "say why the visit is not made: a reason");
    }
    if (err == SP_OK) {
        in.text = cc_said_text(c, "reason", reason);
        err = in.text == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err == SP_OK
               ? cc_record_change(c, entity, &ref, &in, 1, NULL, 0, out)
               : err;
}

int satchel_route_skip(struct satchel *s, const char *plan, const char *reason,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, skip(&c, plan, reason, out));
}

/* ---- today --------------------------------------------------------------- */

static sp_err fill_tasks(struct cc_call *c, struct satchel_today *out)
{
    const struct cc_tasks_query query = {
        .owner = cc_round_user(c), .due_by = cc_today(c), .told = true
    };
    struct cc_tasks read;
    sp_err err = cc_tasks_read(c, &query, cc_result_arena(out), &read);

    if (err == SP_OK) {
        out->task = read.task;
        out->task_count = read.count;
        out->told = read.told;
        out->told_count = read.told_count;
    }
    return err;
}

/* Those that can still be helped. */
static sp_err fill_deadlines(struct cc_call *c, struct satchel_today *out)
{
    const struct cc_deadline_query query = {
        .user = cc_round_user(c), .has_since = true, .since = INT32_MAX
    };
    struct satchel_deadlines read = { 0 };
    sp_err err = cc_deadlines_read(c, &query, cc_result_arena(out), &read);

    if (err == SP_OK) {
        out->deadline = read.deadline;
        out->deadline_count = read.count;
    }
    return err;
}

static sp_err fill_under_way(struct cc_call *c, struct satchel_today *out)
{
    struct cc_underway_list open;
    sp_err err = cc_underway_read(c, &open);

    out->under_way_count = err == SP_OK ? open.count : 0;
    return err == SP_OK ? cc_underway_give(c, &open, NULL, cc_result_arena(out),
                              &out->under_way)
                        : err;
}

static sp_err today(struct cc_call *c, struct satchel_today *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct cc_round r;
    sp_err err = cc_round_plans(&r, c, cc_round_user(c), cc_today(c));

    if (err == SP_OK) {
        out->date = day_text(a, r.day);
        out->route_by = saved_by(&r, a);
        out->visit_count = r.count;
        out->min_stops = r.min_stops;
        err = out->date == NULL || out->route_by == NULL
                  ? SP_E_NOMEM
                  : fill_stops(&r, false, a, &out->visit);
    }
    cc_round_free(&r);
    if (err == SP_OK) {
        err = fill_under_way(c, out);
    }
    if (err == SP_OK) {
        err = fill_tasks(c, out);
    }
    return err == SP_OK ? fill_deadlines(c, out) : err;
}

/* What waits, as the commands of their own count it. */
static int fill_counts(
    struct satchel *s, struct satchel_today *out, struct satchel_error *e)
{
    struct satchel_conflicts *conflicts = NULL;
    struct satchel_status *status = NULL;
    int code = satchel_status(s, &status, e);

    if (code == 0) {
        out->last_sync_ms = status->last_sync_ms;
        out->unsent = status->pending;
        out->rejected = status->refused;
        out->photos_to_go = status->photos_to_go;
        out->photos_bytes = status->photos_bytes;
        satchel_free(status);
        code = satchel_conflicts(s, NULL, NULL, &conflicts, e);
    }
    if (code == 0) {
        out->conflicts = conflicts->count;
        satchel_free(conflicts);
    }
    return code;
}

int satchel_today(
    struct satchel *s, struct satchel_today **out, struct satchel_error *e)
{
    struct satchel_today *r = (struct satchel_today *)cc_result_new(sizeof(*r));
    struct cc_call c;
    int rc = r == NULL ? 0 : fill_counts(s, r, e);

    if (rc == 0) {
        rc = cc_call_begin(&c, s, false, e);
    }
    if (rc != 0) {
        satchel_free(r);
        return rc;
    }
    return cc_call_give(&c, r == NULL ? SP_E_NOMEM : today(&c, r), r, out);
}
