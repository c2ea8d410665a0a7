#include "api/deadlines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/deadline.h"

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#define RULES_MAX 100u /* in force at once; more are told as a problem */
#define SAY_BYTES 240u

/* A rule, and what it looks at. */
struct rule {
    const char *name;
    const struct sp_entity *entity;
    const struct sp_field *start, *done, *person; /* NULL: not said */
    struct cc_deadline_clock clock;
    uint32_t hours, warn_hours;
    bool has_warn;
};

struct found {
    const struct rule *rule;
    struct sp_ref ref;
    uint32_t who;
    enum satchel_deadline_state state;
    uint64_t start_ms, due_ms, done_ms;
};

/* At all times: the first pieces of rule, problem and found are filled, as many
 * as their counts say. */
struct reading {
    struct cc_call *call;
    const struct cc_deadlines_query *query;
    struct sp_arena *a;
    uint64_t now_ms;
    int32_t offset_min;
    int32_t holiday[CC_SEND_SPECIALS_MAX], workday[CC_SEND_SPECIALS_MAX];
    struct cc_send_days days;
    size_t rules;
    struct rule rule[RULES_MAX];
    size_t problems;
    struct satchel_deadline_problem problem[RULES_MAX + 1u];
    const struct sp_entity *entity; /* that is being walked */
    size_t count, room;
    struct found *found; /* heap */
};

/* ---- the calendar ------------------------------------------------------- */

struct list {
    int32_t *day;
    size_t *count;
};

static bool take_day(void *arg, struct sp_slice text)
{
    struct list *l = (struct list *)arg;
    char date[CC_DAY_TEXT_BYTES] = "";
    int32_t day;

    if (*l->count == CC_SEND_SPECIALS_MAX) {
        return false;
    }
    if (text.size < sizeof(date)) {
        memcpy(date, text.data, text.size);
        if (cc_day_parse(date, &day)) {
            l->day[(*l->count)++] = day;
        }
    }
    return true;
}

static sp_err take_calendar(void *arg, const struct cc_value_of *of)
{
    struct reading *r = (struct reading *)arg;
    struct list holidays = { r->holiday, &r->days.holiday_count };
    struct list workdays = { r->workday, &r->days.workday_count };

    if (!cc_value_deleted(of) && cc_value_bool(of, "active", true)) {
        cc_value_members(of, "holidays", take_day, &holidays);
        cc_value_members(of, "workdays", take_day, &workdays);
    }
    return SP_OK;
}

/* ---- the rules ---------------------------------------------------------- */

/* What is wrong with a rule; it says nothing of any record then. */
static sp_err complain(struct reading *r, const char *rule, const char *en,
    const char *zh, struct sp_slice what)
{
    struct satchel_deadline_problem *p = &r->problem[r->problems];
    char say_en[SAY_BYTES], say_zh[SAY_BYTES];
    int size = what.size > 40 ? 40 : (int)what.size;

    if (r->problems == RULES_MAX + 1u) {
        return SP_OK;
    }
    (void)snprintf(say_en, sizeof(say_en), "%s: \"%.*s\"", en, size,
        what.data == NULL ? "" : (const char *)what.data);
    (void)snprintf(say_zh, sizeof(say_zh), "%s：“%.*s”", zh, size,
        what.data == NULL ? "" : (const char *)what.data);
    p->rule = rule;
    p->text_en = cc_result_string(r->a, say_en);
    p->text_zh = cc_result_string(r->a, say_zh);
    r->problems++;
    return p->text_en == NULL || p->text_zh == NULL ? SP_E_NOMEM : SP_OK;
}

/* Whether the field that a rule names, if it names one, is there. */
static bool find_field(const struct sp_entity *e, struct sp_slice name,
    const struct sp_field **out)
{
    *out = name.size == 0 ? NULL : sp_dictionary_field_named(e, name);
    return name.size == 0 || *out != NULL;
}

static sp_err read_about(
    struct reading *r, const struct cc_value_of *of, struct rule *out)
{
    struct sp_slice about = cc_value_text(of, "about");
    struct sp_slice start = cc_value_text(of, "start");
    struct sp_slice done = cc_value_text(of, "done");

    out->entity = sp_dictionary_entity_named(r->call->dictionary, about);
    if (out->entity == NULL) {
        return complain(
            r, out->name, "there is no such entity", "没有这种记录", about);
    }
    out->person = sp_dictionary_field(out->entity,
        out->entity->author != 0 ? out->entity->author : out->entity->owner);
    if (!find_field(out->entity, start, &out->start)) {
        return complain(
            r, out->name, "there is no such field", "没有这个字段", start);
    }
    if (out->start != NULL && out->start->kind != SP_VALUE_TS &&
        out->start->kind != SP_VALUE_DATE) {
        return complain(r, out->name,
            "a count begins with a time or a date, which this field is not",
            "起算字段须为时间或日期", start);
    }
    if (!find_field(out->entity, done, &out->done)) {
        return complain(
            r, out->name, "there is no such field", "没有这个字段", done);
    }
    r->rules++;
    return SP_OK;
}

static sp_err take_rule(void *arg, const struct cc_value_of *of)
{
    enum { BUSINESS = 2 }; /* deadline_rule.clock */
    struct reading *r = (struct reading *)arg;
    struct rule *out = &r->rule[r->rules];
    int64_t from = cc_value_part(of, "day", "from", 0);
    int64_t to = cc_value_part(of, "day", "to", CC_DAY_MINUTES);
    int64_t warn = cc_value_int(of, "warn_hours", -1);
    const char *name;

    if (cc_value_deleted(of) || !cc_value_bool(of, "active", true)) {
        return SP_OK;
    }
    name = cc_result_text(r->a, cc_value_text(of, "name"));
    if (name == NULL) {
        return SP_E_NOMEM;
    }
    if (r->rules == RULES_MAX) {
        return complain(r, name, "more rules than are looked at",
            "规则过多，未检查", sp_slice_text(name));
    }
    if (from >= to) {
        return complain(r, name, "its working day ends before it begins",
            "工作时段的结束早于开始", sp_slice_text(name));
    }
    *out = (struct rule){ .name = name,
        .hours = (uint32_t)cc_value_int(of, "hours", 0),
        .has_warn = warn >= 0,
        .warn_hours = warn < 0 ? 0 : (uint32_t)warn,
        .clock = { .business = cc_value_int(of, "clock", 1) == BUSINESS,
            .from = (unsigned)from,
            .to = (unsigned)to,
            .offset_min = r->offset_min,
            .days = r->days } };
    return out->hours == 0 ? SP_OK : read_about(r, of, out);
}

/* ---- the records -------------------------------------------------------- */

/* When a field was filled in: what it says, of a time; else when it was
 * written. 0: not yet. */
static uint64_t filled_ms(
    const struct cc_value_of *of, const struct sp_field *f)
{
    const struct sp_register *reg = sp_record_field(of->record, f->number);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);
    char name[64];

    if (shown == NULL || f->name.size >= sizeof(name)) {
        return 0;
    }
    memcpy(name, f->name.data, f->name.size);
    name[f->name.size] = '\0';
    if (cc_value_shown(of, name).size == 0) {
        return 0;
    }
    return f->kind == SP_VALUE_TS ? cc_value_ts(of, name)
                                  : sp_hlc_ms(shown->stamp.time);
}

/* A date begins with its first minute, where the rep is. */
static uint64_t start_ms(const struct reading *r, const struct rule *rule,
    const struct cc_value_of *of)
{
    char name[64] = "";
    int64_t day;

    if (rule->start == NULL) {
        return sp_id_time_ms(&of->record->ref.id);
    }
    if (rule->start->name.size >= sizeof(name)) {
        return 0;
    }
    memcpy(name, rule->start->name.data, rule->start->name.size);
    if (rule->start->kind == SP_VALUE_TS) {
        return cc_value_ts(of, name);
    }
    day = cc_value_int(of, name, CC_DAY_NONE);
    return day == CC_DAY_NONE ? 0 : cc_day_ms((int32_t)day, 0, r->offset_min);
}

static uint32_t whose(const struct rule *rule, const struct cc_value_of *of)
{
    char name[64] = "";

    if (rule->person == NULL || rule->person->name.size >= sizeof(name)) {
        return 0;
    }
    memcpy(name, rule->person->name.data, rule->person->name.size);
    return (uint32_t)cc_value_int(of, name, 0);
}

static sp_err keep(struct reading *r, const struct found *f)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 64 : 2 * r->room;
        struct found *more =
            (struct found *)realloc(r->found, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        r->found = more;
        r->room = room;
    }
    r->found[r->count++] = *f;
    return SP_OK;
}

/* What is to be told of it; 0: nothing. */
static enum satchel_deadline_state told(
    const struct reading *r, const struct rule *rule, const struct found *f)
{
    const struct cc_deadline_facts facts = { .due_ms = f->due_ms,
        .done_ms = f->done_ms,
        .now_ms = r->now_ms,
        .has_warn = rule->has_warn,
        .warn_hours = rule->warn_hours,
        .offset_min = r->offset_min };

    switch (cc_deadline_state(&facts)) {
    case CC_DEADLINE_BROKEN:
        return SATCHEL_DEADLINE_BROKEN;
    case CC_DEADLINE_NEAR:
        return SATCHEL_DEADLINE_NEAR;
    case CC_DEADLINE_LATE:
        return cc_today_of(f->start_ms) >= r->query->since
                   ? SATCHEL_DEADLINE_LATE
                   : (enum satchel_deadline_state)0;
    case CC_DEADLINE_MET:
    case CC_DEADLINE_OPEN:
        break;
    }
    return (enum satchel_deadline_state)0;
}

static sp_err look(
    struct reading *r, const struct rule *rule, const struct cc_value_of *of)
{
    struct found f = { .rule = rule,
        .ref = of->record->ref,
        .who = whose(rule, of),
        .start_ms = start_ms(r, rule, of) };

    if (f.start_ms == 0 || (r->query->user != 0 && f.who != r->query->user)) {
        return SP_OK;
    }
    f.due_ms = cc_deadline_end(&rule->clock, f.start_ms, rule->hours);
    /* Without such a field it is done by being filed. */
    f.done_ms = rule->done == NULL ? sp_id_time_ms(&of->record->ref.id)
                                   : filled_ms(of, rule->done);
    f.state = told(r, rule, &f);
    return f.state == 0 ? SP_OK : keep(r, &f);
}

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of of = { r->entity, view };
    sp_err err = SP_OK;

    for (size_t i = 0; i < r->rules && err == SP_OK && !cc_value_deleted(&of);
         i++) {
        if (r->rule[i].entity == r->entity) {
            err = look(r, &r->rule[i], &of);
        }
    }
    return err;
}

/* Each entity once, however many rules look at it. */
static sp_err walk_all(struct reading *r)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < r->rules && err == SP_OK; i++) {
        bool again = false;

        for (size_t k = 0; k < i; k++) {
            again = again || r->rule[k].entity == r->rule[i].entity;
        }
        if (!again) {
            r->entity = r->rule[i].entity;
            err = sp_state_walk(
                &r->call->tx, r->entity->number, NULL, take_record, r);
        }
    }
    return err;
}

/* ---- the answer --------------------------------------------------------- */

static int by_state(const void *a, const void *b)
{
    const struct found *x = (const struct found *)a;
    const struct found *y = (const struct found *)b;

    if (x->state != y->state) {
        return (int)x->state - (int)y->state;
    }
    return x->due_ms != y->due_ms ? (x->due_ms > y->due_ms) * 2 - 1
                                  : sp_id_cmp(&x->ref.id, &y->ref.id);
}

static sp_err fill(
    struct reading *r, const struct found *f, struct satchel_deadline *out)
{
    const struct sp_entity *e = f->rule->entity;
    char id[SP_ID_TEXT_BYTES];
    struct cc_record_view view;
    struct sp_ref account;
    sp_err err = cc_record_view(r->call, &f->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &f->ref.id);
    *out = (struct satchel_deadline){ .state = f->state,
        .rule = f->rule->name,
        .id = cc_result_string(r->a, id),
        .entity = cc_result_text(r->a, e->name),
        .entity_en = cc_result_text(r->a, e->label_en),
        .entity_zh = cc_result_text(r->a, e->label_zh),
        .title =
            cc_result_string(r->a, cc_refer_title_of(r->call, &view.record)),
        .account = cc_result_string(
            r->a, cc_refer_parent(r->call, &view.record, &account)
                      ? cc_refer_title(r->call, &account)
                      : ""),
        .who = cc_result_string(
            r->a, f->who == 0 ? "" : cc_refer_user_name(r->call, f->who)),
        .start_ms = f->start_ms,
        .due_ms = f->due_ms,
        .done_ms = f->done_ms };
    cc_record_view_free(&view);
    return out->id == NULL || out->entity == NULL || out->entity_en == NULL ||
                   out->entity_zh == NULL || out->title == NULL ||
                   out->account == NULL || out->who == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_all(struct reading *r, struct satchel_deadlines *out)
{
    struct satchel_deadline *d = (struct satchel_deadline *)sp_arena_take(
        r->a, r->count + 1, sizeof(*d));
    struct satchel_deadline_problem *p =
        (struct satchel_deadline_problem *)sp_arena_take(
            r->a, r->problems + 1, sizeof(*p));
    sp_err err = d == NULL || p == NULL ? SP_E_NOMEM : SP_OK;

    if (err == SP_OK && r->count > 0) {
        qsort(r->found, r->count, sizeof(*r->found), by_state);
    }
    for (size_t i = 0; i < r->count && err == SP_OK; i++) {
        err = fill(r, &r->found[i], &d[i]);
    }
    if (err == SP_OK) {
        memcpy(p, r->problem, r->problems * sizeof(*p));
        out->deadline = d;
        out->count = r->count;
        out->problem = p;
        out->problem_count = r->problems;
    }
    return err;
}

sp_err cc_deadlines_read(struct cc_call *c,
    const struct cc_deadlines_query *query, struct sp_arena *a,
    struct satchel_deadlines *out)
{
    const struct sp_env *env = &c->s->replica.env;
    struct reading *r = (struct reading *)calloc(1, sizeof(*r));
    sp_err err;

    if (r == NULL) {
        return SP_E_NOMEM;
    }
    r->call = c;
    r->query = query;
    r->a = a;
    r->now_ms = env->now_ms(env->self);
    r->offset_min = cc_today_offset(r->now_ms);
    r->days.holiday = r->holiday;
    r->days.workday = r->workday;
    err = cc_care_walk(c, "send_window", take_calendar, r);
    if (err == SP_OK) {
        err = cc_care_walk(c, "deadline_rule", take_rule, r);
    }
    if (err == SP_OK) {
        err = walk_all(r);
    }
    if (err == SP_OK) {
        err = fill_all(r, out);
    }
    free(r->found);
    free(r);
    return err;
}

/* ---- the call ----------------------------------------------------------- */

#define SINCE_DAYS 7 /* where nobody says */

static sp_err make_query(struct cc_call *c, bool all, const char *since,
    struct cc_deadlines_query *out)
{
    *out = (struct cc_deadlines_query){
        .user = all ? 0 : c->s->replica.identity.self.user,
        .since = cc_today(c) - SINCE_DAYS,
    };
    return since == NULL || cc_day_parse(since, &out->since)
               ? SP_OK
               : cc_call_say(c, SP_E_VALUE,
                     "\"%.40s\" is no date: give one as 2026-03-31", since);
}

int satchel_deadlines(struct satchel *s, bool all, const char *since,
    struct satchel_deadlines **out, struct satchel_error *e)
{
    struct cc_deadlines_query query;
    struct satchel_deadlines *d;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    d = (struct satchel_deadlines *)cc_result_new(sizeof(*d));
    err = d == NULL ? SP_E_NOMEM : make_query(&c, all, since, &query);
    if (err == SP_OK) {
        err = cc_deadlines_read(&c, &query, cc_result_arena(d), d);
    }
    return cc_call_give(&c, err, d, out);
}
