#include "api/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/day.h"
#include "book/sentence.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/show.h"
#include "api/today.h"
#include "say/say.h"

enum { TASK_OPEN = 1, TASK_PROMISE = 5 }; /* task.status, task.kind */

struct task {
    struct sp_ref ref;
    bool open, late_promise;
    int32_t due;
    uint32_t priority; /* UINT32_MAX: none */
};
struct told {
    struct sp_ref ref;
    enum satchel_told_what what;
    uint32_t wanted, owner, by;
    uint64_t time_ms;
};

/* At all times: the first count pieces of task and of told are filled. */
struct reading {
    struct cc_call *call;
    const struct cc_tasks_query *query;
    const struct sp_entity *entity;
    const struct sp_field *owner;
    uint32_t user;
    int32_t today;
    struct sp_arena *a;
    size_t count, room;
    struct task *task; /* heap */
    size_t told_count, told_room;
    struct told *told; /* heap */
};

/* ---- which -------------------------------------------------------------- */

/* The list with room for one more; NULL without memory, and the list stays. */
static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    size_t more = *room == 0 ? 64 : 2 * *room;
    void *moved;

    if (count < *room) {
        return list;
    }
    moved = realloc(list, more * size);
    *room = moved == NULL ? *room : more;
    return moved;
}

static bool fits(const struct reading *r, const struct cc_value_of *of)
{
    const struct cc_tasks_query *q = r->query;
    struct sp_ref account;

    return (q->owner == 0 ||
               cc_value_int(of, "owner", 0) == (int64_t)q->owner) &&
           (q->closed || cc_value_int(of, "status", TASK_OPEN) == TASK_OPEN) &&
           cc_value_int(of, "due", INT32_MAX) <= q->due_by &&
           (!q->has_account ||
               (cc_refer_parent(r->call, of->record, &account) &&
                   sp_id_equal(&account.id, &q->account)));
}

static sp_err keep(struct reading *r, const struct cc_value_of *of)
{
    int32_t due = (int32_t)cc_value_int(of, "due", CC_DAY_NONE);
    bool open = cc_value_int(of, "status", TASK_OPEN) == TASK_OPEN;
    struct task *more =
        (struct task *)grown(r->task, r->count, &r->room, sizeof(*more));

    if (more == NULL) {
        return SP_E_NOMEM;
    }
    r->task = more;
    r->task[r->count++] = (struct task){ .ref = of->record->ref,
        .open = open,
        .late_promise = open && due < r->today &&
                        cc_value_int(of, "kind", 0) == TASK_PROMISE,
        .due = due,
        .priority = (uint32_t)cc_value_int(of, "priority", UINT32_MAX) };
    return SP_OK;
}

/* ---- what is told ------------------------------------------------------- */

static uint32_t user_in(struct sp_slice packed)
{
    struct sp_rd rd;
    uint32_t user;

    sp_rd_init(&rd, packed);
    user = (uint32_t)sp_rd_uint(&rd, 1, UINT32_MAX);
    return rd.err == SP_OK ? user : 0;
}

struct among {
    uint32_t user;
    bool found;
};

static bool is_user(void *arg, struct sp_slice member)
{
    struct among *a = (struct among *)arg;

    a->found = user_in(member) == a->user;
    return !a->found;
}

/* To whom the user gave it, where that is not what is shown; 0. */
static uint32_t wanted_by(
    uint32_t user, const struct sp_register *reg, uint32_t owner)
{
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        uint32_t wanted = user_in(s->value);

        if (s->stamp.user == user && wanted != 0 && wanted != owner) {
            return wanted;
        }
    }
    return 0;
}

static sp_err tell(struct reading *r, const struct cc_value_of *of)
{
    const struct sp_register *reg =
        r->owner == NULL ? NULL : sp_record_field(of->record, r->owner->number);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, r->owner->merge);
    struct among mine = { .user = r->user };
    struct told t = { .ref = of->record->ref };
    struct told *more;

    if (shown == NULL || cc_value_int(of, "status", TASK_OPEN) != TASK_OPEN) {
        return SP_OK;
    }
    t.owner = user_in(shown->value);
    t.by = shown->stamp.user;
    t.time_ms = sp_hlc_ms(shown->stamp.time);
    t.wanted = wanted_by(r->user, reg, t.owner);
    cc_value_each(of, "followers", is_user, &mine);
    if (t.by == r->user || (t.wanted == 0 && !mine.found) ||
        (t.wanted == 0 && t.owner == r->user)) {
        return SP_OK; /* he knows, or it is none of his */
    }
    t.what = t.wanted != 0 ? SATCHEL_TOLD_NOT_STOOD : SATCHEL_TOLD_GIVEN;
    more = (struct told *)grown(
        r->told, r->told_count, &r->told_room, sizeof(*more));
    if (more == NULL) {
        return SP_E_NOMEM;
    }
    r->told = more;
    r->told[r->told_count++] = t;
    return SP_OK;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of of = { r->entity, view };
    sp_err err = SP_OK;

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    if (fits(r, &of)) {
        err = keep(r, &of);
    }
    return err == SP_OK && r->query->told ? tell(r, &of) : err;
}

/* ---- in order ----------------------------------------------------------- */

static int by_urgency(const void *a, const void *b)
{
    const struct task *x = (const struct task *)a;
    const struct task *y = (const struct task *)b;

    if (x->open != y->open) {
        return x->open ? -1 : 1;
    }
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

static int newest_first(const void *a, const void *b)
{
    const struct told *x = (const struct told *)a;
    const struct told *y = (const struct told *)b;

    return x->time_ms != y->time_ms ? (x->time_ms < y->time_ms) * 2 - 1
                                    : sp_id_cmp(&x->ref.id, &y->ref.id);
}

/* ---- one task ----------------------------------------------------------- */

static const char *id_text(struct sp_arena *a, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return cc_result_string(a, text);
}

static sp_err fill_account(
    struct reading *r, const struct sp_record *view, struct satchel_task *out)
{
    struct sp_ref account;
    bool has = cc_refer_parent(r->call, view, &account);

    out->account_id = has ? id_text(r->a, &account.id) : "";
    out->account =
        cc_result_string(r->a, has ? cc_refer_title(r->call, &account) : "");
    return out->account_id == NULL || out->account == NULL ? SP_E_NOMEM : SP_OK;
}

/* Name and labels of a chosen option; "" where none is. */
static sp_err fill_option(struct reading *r, const struct sp_record *view,
    const char *field, const char **name, const char **en, const char **zh)
{
    const struct sp_field *f =
        sp_dictionary_field_named(r->entity, sp_slice_text(field));
    struct satchel_field shown = { 0 };
    sp_err err =
        f == NULL ? SP_OK : cc_show_field(r->call, view, f, r->a, &shown);

    *name = *en = *zh = "";
    if (err == SP_OK && shown.value_count > 0) {
        *name = shown.value[0].text;
        *en = shown.value[0].text_en;
        *zh = shown.value[0].text_zh;
    }
    return err;
}

/* The rule that asked for it, by what it is called. */
static sp_err fill_rule(
    struct reading *r, const struct cc_value_of *of, struct satchel_task *out)
{
    struct sp_ref rule;
    const struct sp_entity *e = sp_dictionary_entity_named(
        r->call->dictionary, sp_slice_text("care_rule"));

    out->rule = "";
    if (e != NULL && cc_value_ref(of, "rule", &rule.id)) {
        rule.type = e->number;
        out->rule = cc_result_string(r->a, cc_refer_title(r->call, &rule));
    }
    return out->rule == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_people(
    struct reading *r, const struct cc_value_of *of, struct satchel_task *out)
{
    uint32_t author = (uint32_t)cc_value_int(of, "author", 0);

    out->owner_user = (uint32_t)cc_value_int(of, "owner", 0);
    out->owner = out->owner_user == 0
                     ? ""
                     : cc_result_string(
                           r->a, cc_refer_user_name(r->call, out->owner_user));
    out->author = author == 0 ? ""
                              : cc_result_string(
                                    r->a, cc_refer_user_name(r->call, author));
    return out->owner == NULL || out->author == NULL ? SP_E_NOMEM : SP_OK;
}

/* In the reader's language where a program wrote it. */
static const char *title_of(struct reading *r, const struct cc_value_of *of)
{
    const struct sp_slice title = cc_value_text(of, "title");
    char told[CC_SENTENCE_BYTES];

    return cc_sentence_tell(title, cc_say_language(), told)
               ? cc_result_string(r->a, told)
               : cc_result_text(r->a, title);
}

static sp_err fill_view(struct reading *r, const struct cc_value_of *of,
    const struct task *task, struct satchel_task *out)
{
    char due[CC_DAY_TEXT_BYTES] = "";
    sp_err err;

    if (task->due != CC_DAY_NONE) {
        cc_day_format(due, task->due);
    }
    out->id = id_text(r->a, &task->ref.id);
    out->title = title_of(r, of);
    out->reason = cc_result_text(r->a, cc_value_text(of, "status_reason"));
    out->due = cc_result_string(r->a, due);
    out->late_days = task->due == CC_DAY_NONE ? 0 : r->today - task->due;
    out->priority = task->priority == UINT32_MAX ? 0 : task->priority;
    if (out->id == NULL || out->title == NULL || out->reason == NULL ||
        out->due == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_account(r, of->record, out);
    if (err == SP_OK) {
        err = fill_option(
            r, of->record, "kind", &out->kind, &out->kind_en, &out->kind_zh);
    }
    if (err == SP_OK) {
        err = fill_option(r, of->record, "status", &out->status,
            &out->status_en, &out->status_zh);
    }
    if (err == SP_OK && out->status[0] == '\0') {
        out->status = "open";
        out->status_en = "Open";
        out->status_zh = "待办";
    }
    if (err == SP_OK) {
        err = fill_rule(r, of, out);
    }
    return err == SP_OK ? fill_people(r, of, out) : err;
}

static sp_err fill_task(
    struct reading *r, const struct task *task, struct satchel_task *out)
{
    struct cc_record_view view;
    struct cc_value_of of = { r->entity, &view.record };
    sp_err err = cc_record_view(r->call, &task->ref, &view);

    if (err == SP_OK) {
        err = fill_view(r, &of, task, out);
        cc_record_view_free(&view);
    }
    return err;
}

static sp_err fill_told(
    struct reading *r, const struct told *t, struct satchel_told *out)
{
    struct cc_record_view view;
    struct cc_value_of of = { r->entity, &view.record };
    struct sp_ref account;
    sp_err err = cc_record_view(r->call, &t->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    *out = (struct satchel_told){ .what = t->what,
        .id = id_text(r->a, &t->ref.id),
        .title = title_of(r, &of),
        .account = cc_result_string(
            r->a, cc_refer_parent(r->call, &view.record, &account)
                      ? cc_refer_title(r->call, &account)
                      : ""),
        .wanted = t->wanted == 0 ? ""
                                 : cc_result_string(r->a,
                                       cc_refer_user_name(r->call, t->wanted)),
        .owner = cc_result_string(r->a, cc_refer_user_name(r->call, t->owner)),
        .by = cc_result_string(r->a, cc_refer_user_name(r->call, t->by)),
        .time_ms = t->time_ms };
    cc_record_view_free(&view);
    return out->id == NULL || out->title == NULL || out->account == NULL ||
                   out->wanted == NULL || out->owner == NULL || out->by == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* ---- all of them -------------------------------------------------------- */

static sp_err fill(struct reading *r, struct cc_tasks *out)
{
    size_t limit = r->query->limit;
    struct satchel_task *task;
    struct satchel_told *told;
    sp_err err = SP_OK;

    out->total = r->count;
    r->count = limit != 0 && limit < r->count ? limit : r->count;
    task =
        (struct satchel_task *)sp_arena_take(r->a, r->count + 1, sizeof(*task));
    told = (struct satchel_told *)sp_arena_take(
        r->a, r->told_count + 1, sizeof(*told));
    if (task == NULL || told == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        err = fill_task(r, &r->task[i], &task[i]);
    }
    for (size_t i = 0; err == SP_OK && i < r->told_count; i++) {
        err = fill_told(r, &r->told[i], &told[i]);
    }
    out->task = task;
    out->count = r->count;
    out->told = told;
    out->told_count = r->told_count;
    return err;
}

static void sort(struct reading *r)
{
    if (r->count > 0) {
        qsort(r->task, r->count, sizeof(*r->task), by_urgency);
    }
    if (r->told_count > 0) {
        qsort(r->told, r->told_count, sizeof(*r->told), newest_first);
    }
}

sp_err cc_tasks_read(struct cc_call *c, const struct cc_tasks_query *query,
    struct sp_arena *a, struct cc_tasks *out)
{
    struct reading r = { .call = c,
        .query = query,
        .entity =
            sp_dictionary_entity_named(c->dictionary, sp_slice_text("task")),
        .user = cc_round_user(c),
        .today = cc_today(c),
        .a = a };
    sp_err err = SP_OK;

    *out = (struct cc_tasks){ 0 };
    if (r.entity != NULL) {
        r.owner = sp_dictionary_field_named(r.entity, sp_slice_text("owner"));
        err = sp_state_walk(&c->tx, r.entity->number, NULL, take, &r);
    }
    if (err == SP_OK) {
        sort(&r);
        err = fill(&r, out);
    }
    free(r.task);
    free(r.told);
    return err;
}
