#include "book/deadline_list.h"

#include "book/calendar.h"
#include "book/tally.h"

#include <stdlib.h>
#include <string.h>

#define RULES_MAX 100u /* in force at once; more are told as a problem */
#define BYTES_MAX (256u << 20)
#define LATE_DAYS 7 /* where a rule says nothing */

/* A rule, and what it looks at. */
struct rule {
    struct sp_slice name;
    const struct sp_entity *entity;
    const struct sp_field *start, *done, *person; /* NULL: not said */
    struct cc_deadline_clock clock;
    uint32_t hours, warn_hours;
    bool has_warn;
    int32_t late_days;
};

/* At all times: the first pieces of rule are filled, as many as rules says. */
struct reading {
    const struct cc_deadline_source *source;
    const struct cc_deadline_query *query;
    struct cc_deadline_list *out;
    int32_t today;
    struct cc_calendar calendar;
    size_t rules;
    struct rule rule[RULES_MAX];
    const struct sp_entity *entity; /* that is being walked */
};

/* ---- the calendar ------------------------------------------------------- */

static sp_err take_calendar(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of of = { r->entity, view };

    cc_calendar_take(&r->calendar, &of);
    return SP_OK;
}

/* ---- the rules ---------------------------------------------------------- */

/* Text of the records, which go; {NULL, 0} without memory. */
static sp_err keep_text(
    struct reading *r, struct sp_slice text, struct sp_slice *out)
{
    *out = sp_arena_copy(&r->out->arena, text);
    return text.size > 0 && out->data == NULL ? SP_E_NOMEM : SP_OK;
}

/* What is wrong with a rule; it says nothing of any record then. */
static sp_err complain(struct reading *r, struct sp_slice rule, const char *en,
    const char *zh, struct sp_slice what)
{
    struct cc_deadline_problem *list =
        (struct cc_deadline_problem *)sp_arena_grow(
            &r->out->arena, r->out->problem, r->out->problems, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    r->out->problem = list;
    list += r->out->problems++;
    *list = (struct cc_deadline_problem){ .rule = rule, .why = { en, zh } };
    return keep_text(r, what, &list->what);
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

    out->entity = sp_dictionary_entity_named(r->source->dictionary, about);
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

static sp_err take_rule(void *arg, const struct sp_record *view)
{
    enum { BUSINESS = 2 }; /* deadline_rule.clock */
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of rule = { r->entity, view }, *of = &rule;
    struct rule *out = &r->rule[r->rules];
    int64_t from = cc_value_part(of, "day", "from", 0);
    int64_t to = cc_value_part(of, "day", "to", CC_DAY_MINUTES);
    int64_t warn = cc_value_int(of, "warn_hours", -1);
    struct sp_slice name;
    sp_err err;

    if (cc_value_deleted(of) || !cc_value_bool(of, "active", true)) {
        return SP_OK;
    }
    err = keep_text(r, cc_value_text(of, "name"), &name);
    if (err != SP_OK) {
        return err;
    }
    if (r->rules == RULES_MAX) {
        return complain(
            r, name, "more rules than are looked at", "规则过多，未检查", name);
    }
    if (from >= to) {
        return complain(r, name, "its working day ends before it begins",
            "工作时段的结束早于开始", name);
    }
    *out = (struct rule){ .name = name,
        .hours = (uint32_t)cc_value_int(of, "hours", 0),
        .has_warn = warn >= 0,
        .warn_hours = warn < 0 ? 0 : (uint32_t)warn,
        .clock = { .business = cc_value_int(of, "clock", 1) == BUSINESS,
            .from = (unsigned)from,
            .to = (unsigned)to,
            .offset_min = r->source->offset_min,
            .days = cc_calendar_days(&r->calendar) },
        .late_days = (int32_t)cc_value_int(of, "late_days", LATE_DAYS) };
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
    return day == CC_DAY_NONE
               ? 0
               : cc_day_ms((int32_t)day, 0, r->source->offset_min);
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

static sp_err keep(struct reading *r, const struct cc_deadline_found *f)
{
    struct cc_deadline_found *list = (struct cc_deadline_found *)sp_arena_grow(
        &r->out->arena, r->out->found, r->out->count, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    r->out->found = list;
    list[r->out->count++] = *f;
    return SP_OK;
}

/* From which day on late ones are told. */
static int32_t late_since(const struct reading *r, const struct rule *rule)
{
    return r->query->has_since ? r->query->since : r->today - rule->late_days;
}

/* Whether it is to be told. */
static bool told(const struct reading *r, const struct rule *rule,
    struct cc_deadline_found *f)
{
    const struct cc_deadline_facts facts = { .due_ms = f->due_ms,
        .done_ms = f->done_ms,
        .now_ms = r->source->now_ms,
        .has_warn = rule->has_warn,
        .warn_hours = rule->warn_hours,
        .offset_min = r->source->offset_min };

    f->state = cc_deadline_state(&facts);
    return f->state == CC_DEADLINE_BROKEN || f->state == CC_DEADLINE_NEAR ||
           (f->state == CC_DEADLINE_LATE &&
               r->source->day_of(f->start_ms) >= late_since(r, rule));
}

static sp_err look(
    struct reading *r, const struct rule *rule, const struct cc_value_of *of)
{
    struct cc_deadline_found f = { .rule = rule->name,
        .entity = rule->entity,
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
    return told(r, rule, &f) ? keep(r, &f) : SP_OK;
}

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of of = { r->entity, view };
    sp_err err = SP_OK;

    for (size_t i = 0; i < r->rules && err == SP_OK && cc_tally_counts(&of);
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
            err = r->source->walk(
                r->source->self, r->entity->number, take_record, r);
        }
    }
    return err;
}

/* ---- all ---------------------------------------------------------------- */

/* Broken ones first, then near, then late; by due time. */
static int rank(enum cc_deadline_state state)
{
    return state == CC_DEADLINE_BROKEN ? 0 : state == CC_DEADLINE_NEAR ? 1 : 2;
}

static int by_state(const void *a, const void *b)
{
    const struct cc_deadline_found *x = (const struct cc_deadline_found *)a;
    const struct cc_deadline_found *y = (const struct cc_deadline_found *)b;

    if (x->state != y->state) {
        return rank(x->state) - rank(y->state);
    }
    return x->due_ms != y->due_ms ? (x->due_ms > y->due_ms) * 2 - 1
                                  : sp_id_cmp(&x->ref.id, &y->ref.id);
}

static sp_err walk(struct reading *r, const char *entity,
    sp_err (*each)(void *arg, const struct sp_record *view))
{
    r->entity = sp_dictionary_entity_named(
        r->source->dictionary, sp_slice_text(entity));
    return r->entity == NULL
               ? SP_OK
               : r->source->walk(r->source->self, r->entity->number, each, r);
}

static sp_err read_all(struct reading *r)
{
    sp_err err = walk(r, "send_window", take_calendar);

    if (err == SP_OK) {
        err = walk(r, "deadline_rule", take_rule);
    }
    if (err == SP_OK) {
        err = walk_all(r);
    }
    if (err == SP_OK && r->out->count > 0) {
        qsort(r->out->found, r->out->count, sizeof(*r->out->found), by_state);
    }
    return err;
}

sp_err cc_deadline_list(const struct cc_deadline_source *source,
    const struct cc_deadline_query *query, struct cc_deadline_list *out)
{
    struct reading *r;
    struct sp_arena room;
    sp_err err;

    *out = (struct cc_deadline_list){ .count = 0 };
    sp_arena_init(&out->arena, BYTES_MAX);
    sp_arena_init(&room, BYTES_MAX);
    r = (struct reading *)sp_arena_take(&room, 1, sizeof(*r));
    if (r == NULL) {
        sp_arena_free(&room);
        return SP_E_NOMEM;
    }
    *r = (struct reading){ .source = source,
        .query = query,
        .out = out,
        .today = source->day_of(source->now_ms) };
    err = read_all(r);
    sp_arena_free(&room);
    return err;
}

void cc_deadline_list_free(struct cc_deadline_list *l)
{
    sp_arena_free(&l->arena);
}
