/* care_make.c - tasks and drafts that rules and campaigns ask for, made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#include "book/message.h"

#define INPUTS_MAX 16u

static const char *text_of(struct cc_care_making *d, const char *text)
{
    return cc_result_string(d->a, text);
}

static const char *id_of(struct cc_care_making *d, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return text_of(d, text);
}

/* ---- making ------------------------------------------------------------ */

struct inputs {
    struct satchel_input list[INPUTS_MAX];
    size_t count;
};

static void put(struct inputs *in, const char *field, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        in->list[in->count++] =
            (struct satchel_input){ .field = field, .text = text };
    }
}

static const char *option_of(struct cc_care_making *d, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    return text_of(d, text);
}

static const char *id_or_none(struct cc_care_making *d, const struct sp_id *id)
{
    return sp_id_is_zero(id) ? NULL : id_of(d, id);
}

/* The kinds of tasks: call, visit; after a purchase or a referral a return
 * call (task.kind). */
static const char *kind_of(const struct cc_rule *r)
{
    if (r->action == CC_ACTION_VISIT) {
        return "visit";
    }
    return r->kind == CC_RULE_PURCHASE || r->kind == CC_RULE_REFERRAL
               ? "return_call"
               : "call";
}

/* All that is written once must be the same on every device of the user, so
 * that they make one record: facts and the rule only, no clock. */
static sp_err make_record(struct cc_care_making *d,
    const struct cc_due_item *item, const char *entity, struct inputs *in)
{
    const struct sp_entity *e, *above;
    struct sp_ref parent = { 0, item->account };
    sp_err err = cc_call_entity(d->call, entity, &e);

    if (err == SP_OK) {
        err = cc_call_entity(d->call, "account", &above);
    }
    if (err == SP_OK) {
        parent.type = above->number;
        put(in, item->rule->campaign ? "campaign" : "rule",
            item->rule->playbook ? NULL : id_of(d, &item->rule->id));
        put(in, "contact", id_or_none(d, &item->contact));
        /* Not as something typed: it may be due since before today. */
        err = cc_record_make_as(
            d->call, e, &item->id, &parent, NULL, 0, in->list, in->count, NULL);
    }
    if (err == SP_OK) {
        d->out->made++;
    }
    return err;
}

static sp_err make_task(struct cc_care_making *d,
    const struct cc_due_item *item, struct satchel_care_item *o)
{
    struct inputs in = { .count = 0 };

    put(&in, "title", item->rule->title);
    put(&in, "kind", kind_of(item->rule));
    put(&in, "due", o->due);
    put(&in, "owner", option_of(d, item->assignee));
    put(&in, "priority", option_of(d, item->rule->priority));
    put(&in, "status", "open");
    put(&in, "about",
        id_or_none(d, item->rule->playbook ? &item->rule->id : &item->about));
    put(&in, "script", item->rule->script);
    o->state = "open";
    return make_record(d, item, "task", &in);
}

static sp_err make_message(struct cc_care_making *d,
    const struct cc_due_item *item, const struct cc_value_of *template,
    struct satchel_care_item *o)
{
    struct inputs in = { .count = 0 };

    put(&in, "channel", option_of(d, cc_value_int(template, "channel", 2)));
    put(&in, "class", option_of(d, cc_value_int(template, "class", 1)));
    put(&in, "template", id_of(d, &item->rule->template));
    put(&in, "title", cc_result_text(d->a, cc_value_text(template, "title")));
    put(&in, "text", o->text);
    put(&in, "due", d->send_at);
    put(&in, "state", "drafted");
    o->state = "drafted";
    return make_record(d, item, "message", &in);
}

/* ---- drafts ------------------------------------------------------------ */

static void problem(struct cc_care_making *d, struct satchel_care_item *o,
    const char *en, const char *zh)
{
    o->state = "refused";
    o->problem_en = text_of(d, en);
    o->problem_zh = text_of(d, zh);
    d->out->refused++;
}

/* Text, a line's end, signature. */
static sp_err write_text(struct cc_care_making *d,
    const struct cc_due_item *item, const struct cc_value_of *template,
    struct satchel_care_item *o)
{
    char wrong[CC_MESSAGE_WORD_BYTES] = "", en[CC_DUE_WHY_BYTES],
         zh[CC_DUE_WHY_BYTES];
    const char *holiday =
        item->rule->title[0] == '\0' ? item->rule->name : item->rule->title;
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, CC_MESSAGE_BYTES_MAX);
    err = cc_care_fill(d->call, cc_value_text(template, "text"), item->name,
        holiday, &b, wrong);
    if (err == SP_OK) {
        sp_buf_put(&b, "\n", 1);
        err = cc_care_fill(d->call, cc_value_text(template, "signature"),
            item->name, holiday, &b, wrong);
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        (void)snprintf(en, sizeof(en), "nothing is known for {%s}", wrong);
        (void)snprintf(zh, sizeof(zh), "{%s}没有内容", wrong);
        problem(d, o, en, zh);
        err = SP_OK;
    } else if (err == SP_OK) {
        o->text = cc_result_text(d->a, sp_buf_slice(&b));
        err = o->text == NULL
                  ? SP_E_NOMEM
                  : cc_care_problem(d->call, cc_value_int(template, "class", 0),
                        &item->rule->template, sp_buf_slice(&b), en, zh);
        if (err == SP_OK && en[0] != '\0') {
            problem(d, o, en, zh);
        }
    }
    sp_buf_free(&b);
    return err;
}

static sp_err draft(struct cc_care_making *d, const struct cc_due_item *item,
    struct satchel_care_item *o)
{
    struct sp_ref ref = { 0, item->rule->template };
    struct cc_record_view view;
    const struct sp_entity *e;
    sp_err err = cc_call_entity(d->call, "message_template", &e);

    if (err == SP_OK) {
        ref.type = e->number;
        err = cc_record_view(d->call, &ref, &view);
    }
    if (err == SP_E_NOT_FOUND) {
        problem(d, o, "its template is not here", "本设备没有该模板");
        return SP_OK;
    }
    if (err == SP_OK) {
        const struct cc_value_of of = { e, &view.record };
        err = write_text(d, item, &of, o);
        if (err == SP_OK && strcmp(o->state, "refused") != 0 && o->mine &&
            d->make == SATCHEL_CARE_MESSAGES) {
            err = make_message(d, item, &of, o);
        }
        cc_record_view_free(&view);
    }
    return err;
}

/* ---- one item ---------------------------------------------------------- */

/* What was made of it before; false when nothing was. */
static sp_err look_up(struct cc_care_making *d, const struct cc_due_item *item,
    struct satchel_care_item *o, bool *there)
{
    static const char *const task[] = { "open", "open", "done", "dropped" };
    static const char *const message[] = { "drafted", "planned", "drafted",
        "exported", "confirmed", "failed", "withdrawn" };
    struct sp_ref ref = { 0, item->id };
    struct cc_record_view view;
    const struct sp_entity *e;
    int64_t n;
    sp_err err =
        cc_call_entity(d->call, item->message ? "message" : "task", &e);

    *there = false;
    if (err == SP_OK) {
        ref.type = e->number;
        err = cc_record_view(d->call, &ref, &view);
    }
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    const struct cc_value_of of = { e, &view.record };
    n = cc_value_int(&of, item->message ? "state" : "status", 0);
    *there = true;
    o->state = item->message ? message[n >= 0 && n <= 6 ? n : 0]
                             : task[n >= 0 && n <= 3 ? n : 0];
    if (cc_value_deleted(&of)) {
        o->state = item->message ? "withdrawn" : "dropped";
    }
    o->text = cc_result_text(d->a, cc_value_text(&of, "text"));
    cc_record_view_free(&view);
    return o->text == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill(struct cc_care_making *d, const struct cc_due_item *item,
    struct satchel_care_item *o)
{
    char day[CC_DAY_TEXT_BYTES];

    memset(o, 0, sizeof(*o));
    cc_day_format(day, item->due);
    o->id = id_of(d, &item->id);
    o->what = item->message ? "message" : "task";
    o->state = "due";
    o->rule = text_of(d, item->rule->name);
    o->title = text_of(
        d, item->rule->title[0] == '\0' ? item->rule->name : item->rule->title);
    o->account_id = id_of(d, &item->account);
    o->account =
        text_of(d, sp_id_equal(&item->account, &d->account) ? d->account_name
                                                            : item->name);
    o->name = text_of(d, item->name);
    o->due = text_of(d, day);
    o->overdue_days = (uint32_t)item->overdue;
    o->mine = item->assignee == d->call->s->replica.identity.self.user;
    o->assignee = text_of(d,
        item->assignee == 0 ? "" : cc_refer_user_name(d->call, item->assignee));
    o->why_en = text_of(d, item->why_en);
    o->why_zh = text_of(d, item->why_zh);
    o->script = text_of(d, item->rule->script);
    o->text = o->problem_en = o->problem_zh = "";
    return o->id == NULL || o->rule == NULL || o->title == NULL ||
                   o->account_id == NULL || o->account == NULL ||
                   o->name == NULL || o->due == NULL || o->assignee == NULL ||
                   o->why_en == NULL || o->why_zh == NULL || o->script == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static bool over(const struct satchel_care_item *o)
{
    return strcmp(o->state, "due") != 0 && strcmp(o->state, "open") != 0 &&
           strcmp(o->state, "drafted") != 0 &&
           strcmp(o->state, "exported") != 0 &&
           strcmp(o->state, "refused") != 0;
}

sp_err cc_care_make(void *arg, const struct cc_due_item *item)
{
    struct cc_care_making *d = (struct cc_care_making *)arg;
    struct satchel_care_item o;
    bool there;
    sp_err err = fill(d, item, &o);

    if (err == SP_OK) {
        err = look_up(d, item, &o, &there);
    }
    if (err == SP_OK && !there && item->message) {
        err = draft(d, item, &o);
    } else if (err == SP_OK && !there && o.mine &&
               d->make == SATCHEL_CARE_TASKS) {
        err = make_task(d, item, &o);
    }
    if (err != SP_OK || (!d->all && (!o.mine || over(&o)))) {
        return err;
    }
    d->item = (struct satchel_care_item *)sp_arena_grow(
        d->a, d->item, d->out->count, sizeof(*d->item));
    if (d->item == NULL) {
        return SP_E_NOMEM;
    }
    d->item[d->out->count++] = o;
    return SP_OK;
}

static int most_overdue(const void *a, const void *b)
{
    const struct satchel_care_item *x = (const struct satchel_care_item *)a;
    const struct satchel_care_item *y = (const struct satchel_care_item *)b;
    int order;

    if (x->overdue_days != y->overdue_days) {
        return x->overdue_days > y->overdue_days ? -1 : 1;
    }
    order = strcmp(x->due, y->due);
    if (order == 0) {
        order = strcmp(x->account, y->account);
    }
    return order != 0 ? order : strcmp(x->id, y->id);
}

void cc_care_made(struct cc_care_making *d)
{
    if (d->out->count > 1) {
        qsort(d->item, d->out->count, sizeof(*d->item), most_overdue);
    }
    d->out->item = d->item;
}
