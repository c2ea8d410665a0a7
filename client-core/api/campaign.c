/* campaign.c - campaigns: their days and messages, and drafts for them. */
#include "api/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"
#include "book/message.h"

/* ---- one campaign -------------------------------------------------------- */

/* A local day and minute as a time. */
static uint64_t moment(int32_t day, unsigned minute)
{
    uint64_t guess = cc_day_ms(day, minute, 0);

    return cc_day_ms(day, minute, cc_today_offset(guess));
}

sp_err cc_campaign_read(
    const struct cc_value_of *of, struct sp_arena *a, struct cc_campaign *out)
{
    struct cc_message_plan plan;

    *out = (struct cc_campaign){ .id = of->record->ref.id,
        .name = cc_value_string(a, cc_value_text(of, "name")),
        .state = (unsigned)cc_value_int(of, "state", CC_CAMPAIGN_DRAFT),
        .event = (int32_t)cc_value_int(of, "event_date", CC_DAY_NONE),
        .prepare_by_ms = cc_value_ts(of, "prepare_by"),
        .send_at_ms = cc_value_ts(of, "send_at"),
        .frozen_at_ms = cc_value_ts(of, "frozen_at"),
        .members = (uint64_t)cc_value_int(of, "members_count", 0),
        .control_share = (unsigned)cc_value_int(of, "control_share", 0) };
    out->has_template = cc_value_ref(of, "template", &out->template);
    out->has_segment = cc_value_ref(of, "segment", &out->segment);
    if (out->event != CC_DAY_NONE) {
        plan = cc_message_plan(out->event);
        if (out->prepare_by_ms == 0) {
            out->prepare_by_ms = moment(plan.prepare_day, plan.prepare_minute);
        }
        if (out->send_at_ms == 0) {
            out->send_at_ms = moment(plan.send_day, plan.send_minute);
        }
    }
    return out->name == NULL ? SP_E_NOMEM : SP_OK;
}

sp_err cc_campaign_find(struct cc_call *c, const char *campaign,
    const struct sp_entity **entity, struct cc_campaign *out)
{
    struct cc_record_view view;
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "campaign", campaign, entity, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err == SP_OK) {
        const struct cc_value_of of = { *entity, &view.record };
        err = cc_campaign_read(&of, &c->tx.arena, out);
        cc_record_view_free(&view);
    }
    return err;
}

struct sp_id cc_campaign_planned(
    const struct cc_campaign *campaign, const struct sp_id *account)
{
    return cc_due_id(&campaign->id, account, "planned",
        (struct sp_slice){ NULL, 0 }, sp_id_time_ms(&campaign->id));
}

/* ---- the list ------------------------------------------------------------ */

struct list {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    size_t count;
    struct satchel_campaign *campaign;
    struct sp_id *id;    /* of each; arena of the tx */
    const char *only_id; /* NULL: all */
};

static const char *state_name(unsigned state, const char **en, const char **zh)
{
    static const char *const name[][3] = { { "draft", "draft", "草稿" },
        { "running", "running", "进行中" }, { "closed", "closed", "结束" } };
    size_t at = state >= 1 && state <= 3 ? state - 1 : 0;

    *en = name[at][1];
    *zh = name[at][2];
    return name[at][0];
}

static sp_err fill(struct list *l, const struct cc_campaign *c, const char *id,
    struct satchel_campaign *out)
{
    char event[CC_DAY_TEXT_BYTES] = "";

    if (c->event != CC_DAY_NONE) {
        cc_day_format(event, c->event);
    }
    *out = (struct satchel_campaign){ .id = cc_result_string(l->a, id),
        .name = c->name,
        .event = cc_result_string(l->a, event),
        .prepare_by_ms = c->prepare_by_ms,
        .send_at_ms = c->send_at_ms,
        .frozen_at_ms = c->frozen_at_ms,
        .members = c->members,
        .control_share = c->control_share };
    out->state = state_name(c->state, &out->state_en, &out->state_zh);
    return out->id == NULL || out->event == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err take_campaign(void *arg, const struct cc_value_of *of)
{
    struct list *l = (struct list *)arg;
    struct satchel_campaign *grown;
    char id[SP_ID_TEXT_BYTES];
    struct cc_campaign one;
    struct sp_id *ids;
    sp_err err;

    sp_id_format(id, &of->record->ref.id);
    if (l->only_id != NULL && strcmp(id, l->only_id) != 0) {
        return SP_OK;
    }
    grown = (struct satchel_campaign *)sp_arena_grow(
        l->a, l->campaign, l->count, sizeof(*grown));
    ids = (struct sp_id *)sp_arena_grow(
        &l->call->tx.arena, l->id, l->count, sizeof(*ids));
    if (grown == NULL || ids == NULL) {
        return SP_E_NOMEM;
    }
    l->campaign = grown;
    l->id = ids;
    err = cc_campaign_read(of, l->a, &one);
    if (err == SP_OK) {
        err = fill(l, &one, id, &grown[l->count]);
    }
    ids[l->count] = of->record->ref.id;
    l->count += err == SP_OK;
    return err;
}

static void count_message(
    struct satchel_campaign *c, const struct cc_value_of *of)
{
    switch ((enum cc_message_state)cc_value_int(of, "state", 0)) {
    case CC_STATE_PLANNED:
        if (cc_value_bool(of, "control", false)) {
            c->control++;
        } else {
            c->to_draft++;
        }
        break;
    case CC_STATE_DRAFTED:
        c->drafted++;
        break;
    case CC_STATE_EXPORTED:
        c->exported++;
        break;
    case CC_STATE_CONFIRMED:
        c->confirmed++;
        break;
    case CC_STATE_FAILED:
        c->failed++;
        break;
    case CC_STATE_WITHDRAWN:
        break;
    }
}

static sp_err take_message(void *arg, const struct cc_value_of *of)
{
    struct list *l = (struct list *)arg;
    struct sp_id campaign;

    if (!cc_value_ref(of, "campaign", &campaign)) {
        return SP_OK;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (sp_id_equal(&l->id[i], &campaign)) {
            count_message(&l->campaign[i], of);
        }
    }
    return SP_OK;
}

/* A planned member whose draft is there was drafted: it is not to be done. */
static void settle(struct list *l)
{
    uint64_t now = cc_care_now(l->call);

    for (size_t i = 0; i < l->count; i++) {
        struct satchel_campaign *c = &l->campaign[i];
        size_t done = c->drafted + c->exported + c->confirmed + c->failed;

        c->to_draft = c->to_draft > done ? c->to_draft - done : 0;
        c->late = strcmp(c->state, "running") == 0 && c->to_draft > 0 &&
                  c->prepare_by_ms != 0 && now > c->prepare_by_ms;
    }
}

/* The next event first, those without a day last. */
static int by_event(const void *a, const void *b)
{
    const struct satchel_campaign *x = (const struct satchel_campaign *)a;
    const struct satchel_campaign *y = (const struct satchel_campaign *)b;
    bool no_x = x->event[0] == '\0', no_y = y->event[0] == '\0';
    int order = no_x != no_y ? (no_x ? 1 : -1) : strcmp(x->event, y->event);

    return order != 0 ? order : strcmp(x->name, y->name);
}

static sp_err make_list(struct list *l, const char *campaign)
{
    const struct sp_entity *entity;
    char id[SP_ID_TEXT_BYTES];
    struct sp_ref ref;
    sp_err err = SP_OK;

    if (campaign != NULL) {
        err = cc_refer_named(l->call, "campaign", campaign, &entity, &ref);
        if (err == SP_OK) {
            sp_id_format(id, &ref.id);
            l->only_id = id;
        }
    }
    if (err == SP_OK) {
        err = cc_care_walk(l->call, "campaign", take_campaign, l);
    }
    if (err == SP_OK && l->count > 0) {
        err = cc_care_walk(l->call, "message", take_message, l);
    }
    settle(l);
    if (l->count > 1) {
        qsort(l->campaign, l->count, sizeof(*l->campaign), by_event);
    }
    return err;
}

int satchel_campaign_list(struct satchel *s, const char *campaign,
    struct satchel_campaign_list **out, struct satchel_error *e)
{
    struct satchel_campaign_list *r;
    struct cc_call c;
    struct list l = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_campaign_list *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : SP_OK;
    if (err == SP_OK) {
        l.a = cc_result_arena(r);
        err = make_list(&l, campaign);
        r->count = l.count;
        r->campaign = l.campaign;
    }
    return cc_call_give(&c, err, r, out);
}

/* ---- drafts -------------------------------------------------------------- */

struct drafts {
    struct cc_care_making making;
    struct cc_campaign campaign;
    struct cc_rule rule; /* stands for the campaign */
    size_t count;
    struct sp_id *account; /* planned members; arena of the tx */
};

static sp_err take_planned(void *arg, const struct cc_value_of *of)
{
    struct drafts *d = (struct drafts *)arg;
    struct sp_ref account;
    struct sp_id campaign, *list;

    if (!cc_value_ref(of, "campaign", &campaign) ||
        !sp_id_equal(&campaign, &d->campaign.id) ||
        cc_value_int(of, "state", 0) != CC_STATE_PLANNED ||
        cc_value_bool(of, "control", false) ||
        !cc_refer_parent(d->making.call, of->record, &account)) {
        return SP_OK;
    }
    list = (struct sp_id *)sp_arena_grow(
        &d->making.call->tx.arena, d->account, d->count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    d->account = list;
    list[d->count++] = account.id;
    return SP_OK;
}

static sp_err make_one(struct drafts *d, const struct sp_id *account)
{
    struct cc_due_item item = { .rule = &d->rule,
        .message = true,
        .account = *account,
        .due = cc_today(d->making.call) };
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref = { 0, *account };
    sp_err err = cc_call_entity(d->making.call, "account", &e);

    if (err == SP_OK) {
        ref.type = e->number;
        err = cc_record_view(d->making.call, &ref, &view);
    }
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    const struct cc_value_of of = { e, &view.record };
    if (d->campaign.send_at_ms != 0) {
        item.due = cc_today_of(d->campaign.send_at_ms);
    }
    item.assignee = (uint32_t)cc_value_int(&of, "owner_id", 0);
    item.name = cc_call_text(d->making.call, cc_value_text(&of, "name"));
    item.id = cc_due_id(&d->campaign.id, account, "message",
        (struct sp_slice){ NULL, 0 }, sp_id_time_ms(&d->campaign.id));
    (void)snprintf(
        item.why_en, sizeof(item.why_en), "campaign %s", d->campaign.name);
    (void)snprintf(
        item.why_zh, sizeof(item.why_zh), "营销活动：%s", d->campaign.name);
    cc_record_view_free(&view);
    d->making.account = *account;
    d->making.account_name = item.name;
    return item.name == NULL ? SP_E_NOMEM : cc_care_make(&d->making, &item);
}

static sp_err draft(struct drafts *d, const char *campaign)
{
    struct cc_call *c = d->making.call;
    const struct sp_entity *entity;
    char when[CC_CARE_TIME_BYTES];
    sp_err err = cc_campaign_find(c, campaign, &entity, &d->campaign);

    if (err == SP_OK && d->campaign.state != CC_CAMPAIGN_RUNNING) {
        return cc_call_say(c, SP_E_VALUE,
            d->campaign.state == CC_CAMPAIGN_CLOSED
                ? "the campaign is closed; there is nothing to draft for it"
                : "the campaign has not started; who is in it is not known "
                  "yet");
    }
    d->rule = (struct cc_rule){ .id = d->campaign.id,
        .name = d->campaign.name,
        .title = "",
        .script = "",
        .policy = "",
        .product = "",
        .template = d->campaign.template,
        .campaign = true };
    cc_care_time(when, d->campaign.send_at_ms);
    d->making.send_at = d->campaign.send_at_ms == 0 ? NULL : when;
    if (err == SP_OK) {
        err = cc_care_walk(c, "message", take_planned, d);
    }
    for (size_t i = 0; i < d->count && err == SP_OK; i++) {
        err = make_one(d, &d->account[i]);
    }
    cc_care_made(&d->making);
    d->making.out->loop = "";
    return err;
}

int satchel_campaign_draft(struct satchel *s, const char *campaign,
    enum satchel_care_make make, struct satchel_care_list **out,
    struct satchel_error *e)
{
    struct satchel_care_list *list;
    struct cc_call c;
    struct drafts d = { .making = { .call = &c, .make = make } };
    int rc = cc_call_begin(&c, s, make != SATCHEL_CARE_LOOK, e);

    if (rc != 0) {
        return rc;
    }
    list = (struct satchel_care_list *)cc_result_new(sizeof(*list));
    d.making.out = list;
    if (list != NULL) {
        d.making.a = cc_result_arena(list);
    }
    return cc_call_give(
        &c, list == NULL ? SP_E_NOMEM : draft(&d, campaign), list, out);
}
