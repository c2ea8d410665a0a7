#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/said.h"
#include "api/show.h"
#include "api/today.h"

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

static sp_err route(struct cc_call *c, const char *date, const char *from,
    struct satchel_route *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct cc_round r;
    uint64_t accuracy;
    int32_t day;
    sp_err err = cc_round_day(c, date, &day);

    if (err != SP_OK) {
        return err;
    }
    err = cc_round_plans(&r, c, day);
    if (err == SP_OK && from != NULL) {
        err = cc_round_read_place(c, from, &r.from, &accuracy);
        r.has_from = err == SP_OK;
    }
    if (err == SP_OK) {
        err = cc_round_due(&r);
    }
    if (err == SP_OK) {
        out->date = day_text(a, day);
        out->count = r.count;
        out->saved = r.saved;
        out->min_stops = r.min_stops;
        err = out->date == NULL ? SP_E_NOMEM
                                : fill_stops(&r, true, a, &out->stop);
    }
    cc_round_free(&r);
    return err;
}

int satchel_route(struct satchel *s, const char *date, const char *from,
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
        &c, r == NULL ? SP_E_NOMEM : route(&c, date, from, r), r, out);
}

static sp_err skip(struct cc_call *c, const char *plan, const char *reason,
    struct satchel_saved *out)
{
    struct satchel_input in = { "skipped", NULL, SATCHEL_SET };
    const struct sp_entity *entity;
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "planned_visit", plan, &entity, &ref);

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

/* ---- tasks --------------------------------------------------------------- */

enum { TASK_OPEN = 1, TASK_PROMISE = 5 }; /* task.status, task.kind */

struct task {
    struct sp_ref ref;
    int32_t due;
    bool late_promise;
    uint32_t priority; /* UINT32_MAX: none */
};
struct tasks {
    struct cc_call *call;
    const struct sp_entity *entity;
    int32_t today;
    size_t count, room;
    struct task *task; /* heap */
};

static sp_err take_task(void *arg, const struct sp_record *view)
{
    struct tasks *t = (struct tasks *)arg;
    const struct cc_value_of of = { t->entity, view };
    int32_t due = (int32_t)cc_value_int(&of, "due", CC_DAY_NONE);

    if (cc_value_deleted(&of) || due == CC_DAY_NONE || due > t->today ||
        cc_value_int(&of, "owner", 0) != (int64_t)cc_round_user(t->call) ||
        cc_value_int(&of, "status", TASK_OPEN) != TASK_OPEN) {
        return SP_OK;
    }
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 32 : 2 * t->room;
        struct task *more =
            (struct task *)realloc(t->task, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        t->task = more;
        t->room = room;
    }
    t->task[t->count++] = (struct task){ .ref = view->ref,
        .due = due,
        .late_promise =
            due < t->today && cc_value_int(&of, "kind", 0) == TASK_PROMISE,
        .priority = (uint32_t)cc_value_int(&of, "priority", UINT32_MAX) };
    return SP_OK;
}

static int by_urgency(const void *a, const void *b)
{
    const struct task *x = (const struct task *)a;
    const struct task *y = (const struct task *)b;

    if (x->late_promise != y->late_promise) {
        return x->late_promise ? -1 : 1;
    }
    if (x->due != y->due) {
        return x->due < y->due ? -1 : 1;
    }
    if (x->priority != y->priority) {
        return x->priority < y->priority ? -1 : 1;
    }
    return sp_id_cmp(&x->ref.id, &y->ref.id);
}

static sp_err fill_account(struct cc_call *c, const struct sp_record *r,
    struct sp_arena *a, struct satchel_due_task *out)
{
    char id[SP_ID_TEXT_BYTES] = "";
    struct sp_ref account;
    bool has = cc_refer_parent(c, r, &account);

    if (has) {
        sp_id_format(id, &account.id);
    }
    out->account_id = cc_result_string(a, id);
    out->account = cc_result_string(a, has ? cc_refer_title(c, &account) : "");
    return out->account_id == NULL || out->account == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_task(const struct tasks *t, const struct task *task,
    struct sp_arena *a, struct satchel_due_task *out)
{
    const struct sp_field *kind =
        sp_dictionary_field_named(t->entity, sp_slice_text("kind"));
    struct satchel_field shown = { 0 };
    struct cc_record_view view;
    struct cc_value_of of = { t->entity, &view.record };
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_record_view(t->call, &task->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &task->ref.id);
    out->id = cc_result_string(a, id);
    out->title = cc_result_text(a, cc_value_text(&of, "title"));
    out->due = day_text(a, task->due);
    out->late_days = t->today - task->due;
    out->priority = task->priority == UINT32_MAX ? 0 : task->priority;
    out->kind = out->kind_en = out->kind_zh = "";
    err = out->id == NULL || out->title == NULL || out->due == NULL
              ? SP_E_NOMEM
              : fill_account(t->call, &view.record, a, out);
    if (err == SP_OK && kind != NULL) {
        err = cc_show_field(t->call, &view.record, kind, a, &shown);
    }
    if (err == SP_OK && shown.value_count > 0) {
        out->kind = shown.value[0].text;
        out->kind_en = shown.value[0].text_en;
        out->kind_zh = shown.value[0].text_zh;
    }
    cc_record_view_free(&view);
    return err;
}

static sp_err fill_tasks(struct cc_call *c, struct satchel_today *out)
{
    struct tasks t = { .call = c, .today = cc_today(c) };
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_due_task *task = NULL;
    sp_err err = SP_OK;

    t.entity = sp_dictionary_entity_named(c->dictionary, sp_slice_text("task"));
    if (t.entity != NULL) {
        err = sp_state_walk(&c->tx, t.entity->number, NULL, take_task, &t);
    }
    if (err == SP_OK && t.count > 0) {
        qsort(t.task, t.count, sizeof(*t.task), by_urgency);
        task =
            (struct satchel_due_task *)sp_arena_take(a, t.count, sizeof(*task));
        err = task == NULL ? SP_E_NOMEM : SP_OK;
    }
    for (size_t i = 0; err == SP_OK && i < t.count; i++) {
        err = fill_task(&t, &t.task[i], a, &task[i]);
    }
    out->task = task;
    out->task_count = t.count;
    free(t.task);
    return err;
}

/* ---- today --------------------------------------------------------------- */

static sp_err today(struct cc_call *c, struct satchel_today *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct cc_round r;
    sp_err err = cc_round_plans(&r, c, cc_today(c));

    if (err == SP_OK) {
        out->date = day_text(a, r.day);
        out->visit_count = r.count;
        out->min_stops = r.min_stops;
        err = out->date == NULL ? SP_E_NOMEM
                                : fill_stops(&r, false, a, &out->visit);
    }
    cc_round_free(&r);
    return err == SP_OK ? fill_tasks(c, out) : err;
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
