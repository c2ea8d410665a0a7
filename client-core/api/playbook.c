#include "api/playbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"

enum { LADDER_FUNNEL = 1, LADDER_PLAYBOOK = 3 }; /* stage_log.ladder */

/* ---- the steps ---------------------------------------------------------- */

struct reading {
    struct cc_playbook *p;
    struct cc_value_of of;
    sp_err err;
};

static bool take_step(void *arg, struct sp_slice packed)
{
    struct reading *r = (struct reading *)arg;
    struct cc_playbook *p = r->p;
    struct cc_playbook_step step = { .reason = "" };

    step.order =
        (uint32_t)cc_value_group_int(&r->of, "steps", packed, "order", 0);
    step.needed = cc_value_group_int(&r->of, "steps", packed, "exit", 0) != 0;
    step.what = cc_call_text(
        p->call, cc_value_group_text(&r->of, "steps", packed, "what"));
    if (step.what == NULL) {
        r->err = SP_E_NOMEM;
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->step[i].what, step.what) == 0) {
            p->step[i].needed = p->step[i].needed || step.needed;
            return true; /* two playbooks ask for the same */
        }
    }
    if (p->count == CC_PLAYBOOK_STEPS_MAX) {
        r->err = cc_call_say(p->call, SP_E_TOO_LARGE,
            "the playbooks of stage %s have more than %u steps; tell head "
            "office",
            p->stage_name, CC_PLAYBOOK_STEPS_MAX);
        return false;
    }
    p->step[p->count++] = step;
    return true;
}

static sp_err take_playbook(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    struct cc_playbook *p = r->p;

    r->of.record = view;
    if (cc_value_deleted(&r->of) || !cc_value_bool(&r->of, "active", true) ||
        cc_value_int(&r->of, "funnel", 0) != (int64_t)p->stage) {
        return SP_OK;
    }
    if (p->names < CC_PLAYBOOK_NAMES_MAX) {
        p->name[p->names] =
            cc_call_text(p->call, cc_value_text(&r->of, "name"));
        p->text[p->names] =
            cc_call_text(p->call, cc_value_text(&r->of, "text"));
        if (p->name[p->names] == NULL || p->text[p->names] == NULL) {
            return SP_E_NOMEM;
        }
        p->names++;
    }
    cc_value_each(&r->of, "steps", take_step, r);
    return r->err;
}

static int by_order(const void *a, const void *b)
{
    const struct cc_playbook_step *x = (const struct cc_playbook_step *)a;
    const struct cc_playbook_step *y = (const struct cc_playbook_step *)b;

    return x->order != y->order ? (x->order > y->order) * 2 - 1
                                : strcmp(x->what, y->what);
}

static sp_err load_steps(struct cc_playbook *p)
{
    struct reading r = { .p = p,
        .of = { .entity = sp_dictionary_entity_named(
                    p->call->dictionary, sp_slice_text("playbook")) } };
    sp_err err = SP_OK;

    if (r.of.entity != NULL && p->stage != 0) {
        err = sp_state_walk(
            &p->call->tx, r.of.entity->number, NULL, take_playbook, &r);
    }
    if (err == SP_OK && p->count > 0) {
        qsort(p->step, p->count, sizeof(p->step[0]), by_order);
    }
    return err;
}

/* ---- what is done ------------------------------------------------------- */

/* The log, entry by entry; twice: since when he is here, then what was done. */
struct log {
    struct cc_playbook *p;
    const struct sp_entity *entity;
    sp_hlc since;
    bool marks;
};

/* When an entry was made, and by whom. */
static const struct sp_stamp *stamp_of(const struct cc_value_of *of)
{
    const struct sp_register *reg =
        sp_record_field(of->record, of->entity->parent);

    return reg == NULL || reg->count == 0 ? NULL : &reg->sibling[0].stamp;
}

static bool is_stage(
    const struct cc_value_of *of, const char *field, const char *stage)
{
    return sp_slice_equal(cc_value_text(of, field), sp_slice_text(stage));
}

static sp_err take_mark(
    struct log *l, const struct cc_value_of *of, const struct sp_stamp *stamp)
{
    struct sp_slice what = cc_value_text(of, "step");

    for (size_t i = 0; i < l->p->count; i++) {
        struct cc_playbook_step *s = &l->p->step[i];

        /* The newest word counts: children come in the order of their ids. */
        if (sp_slice_equal(sp_slice_text(s->what), what) &&
            sp_hlc_ms(stamp->time) >= s->time_ms) {
            s->done = cc_value_bool(of, "done", false);
            s->reason = cc_call_text(l->p->call, cc_value_text(of, "reason"));
            s->by = stamp->user;
            s->time_ms = sp_hlc_ms(stamp->time);
            return s->reason == NULL ? SP_E_NOMEM : SP_OK;
        }
    }
    return SP_OK;
}

static sp_err take_entry(void *arg, const struct sp_ref *ref)
{
    struct log *l = (struct log *)arg;
    struct cc_record_view view;
    struct cc_value_of of = { l->entity, &view.record };
    const struct sp_stamp *stamp;
    int64_t ladder;
    sp_err err = cc_record_view(l->p->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    ladder = cc_value_int(&of, "ladder", 0);
    stamp = stamp_of(&of);
    if (stamp == NULL || cc_value_deleted(&of) ||
        !is_stage(&of, "to", l->p->stage_name)) {
        err = SP_OK;
    } else if (!l->marks && ladder == LADDER_FUNNEL) {
        l->since = stamp->time > l->since ? stamp->time : l->since;
    } else if (l->marks && ladder == LADDER_PLAYBOOK &&
               stamp->time >= l->since) {
        err = take_mark(l, &of, stamp);
    }
    cc_record_view_free(&view);
    return err;
}

static sp_err load_marks(struct cc_playbook *p)
{
    struct log l = { .p = p,
        .entity = sp_dictionary_entity_named(
            p->call->dictionary, sp_slice_text("stage_log")) };
    sp_err err = SP_OK;

    for (unsigned pass = 0; pass < 2 && l.entity != NULL && err == SP_OK;
         pass++) {
        l.marks = pass == 1;
        err = sp_state_children(
            &p->call->tx, &p->account, l.entity->number, false, take_entry, &l);
    }
    p->since_ms = l.since == 0 ? 0 : sp_hlc_ms(l.since);
    return err;
}

sp_err cc_playbook_load(struct cc_playbook *p, struct cc_call *c,
    const struct sp_ref *account, unsigned stage, const char *name)
{
    sp_err err;

    memset(p, 0, sizeof(*p));
    p->call = c;
    p->account = *account;
    p->stage = stage;
    p->stage_name = name;
    err = load_steps(p);
    return err == SP_OK ? load_marks(p) : err;
}

/* ---- which is left ------------------------------------------------------ */

static bool is_open(const struct cc_playbook_step *s)
{
    return !s->done && s->reason[0] == '\0';
}

size_t cc_playbook_left(const struct cc_playbook *p)
{
    size_t left = 0;

    for (size_t i = 0; i < p->count; i++) {
        left += p->step[i].needed && is_open(&p->step[i]);
    }
    return left;
}

/* As many as there is room for, whole: "1 ask the owner; 3 sample left". */
static void list_steps(
    const struct cc_playbook *p, bool open_only, char *out, size_t room)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < p->count; i++) {
        const struct cc_playbook_step *s = &p->step[i];
        int more;

        if (open_only && !(s->needed && is_open(s))) {
            continue;
        }
        more = snprintf(out + used, room - used, "%s%lu %s",
            used > 0 ? "; " : "", (unsigned long)s->order, s->what);
        if (more < 0 || (size_t)more >= room - used) {
            out[used] = '\0';
            return;
        }
        used += (size_t)more;
    }
}

sp_err cc_playbook_refuse(const struct cc_playbook *p)
{
    char list[SATCHEL_DETAIL_BYTES - 160];

    list_steps(p, true, list, sizeof(list));
    return cc_call_say(p->call, SP_E_REQUIRED,
        "before he leaves %s: %s; say which are done (--done) or why they are "
        "left out (--without)",
        p->stage_name, list);
}

sp_err cc_playbook_find(
    struct cc_playbook *p, const char *text, struct cc_playbook_step **out)
{
    struct cc_playbook_step *found = NULL;
    char list[SATCHEL_DETAIL_BYTES - 120], *end;
    unsigned long order = strtoul(text, &end, 10);
    bool number = end != text && *end == '\0';
    size_t fits = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (number ? p->step[i].order == order
                   : strncmp(p->step[i].what, text, strlen(text)) == 0) {
            found = &p->step[i];
            fits++;
        }
    }
    if (fits == 1 && text[0] != '\0') {
        *out = found;
        return SP_OK;
    }
    list_steps(p, false, list, sizeof(list));
    return cc_call_say(p->call, fits == 0 ? SP_E_NOT_FOUND : SP_E_AMBIGUOUS,
        "\"%.60s\" is not one step of stage %s; there are: %s", text,
        p->stage_name, list);
}

/* ---- marking ------------------------------------------------------------ */

sp_err cc_playbook_mark(struct cc_playbook *p, struct cc_playbook_step *step,
    const char *reason, struct sp_draft_change *out)
{
    const struct satchel_input entry[] = {
        { "at", "now", SATCHEL_SET },
        { "ladder", "playbook", SATCHEL_SET },
        { "from", p->stage_name, SATCHEL_SET },
        { "to", p->stage_name, SATCHEL_SET },
        { "step", step->what, SATCHEL_SET },
        { "done", reason == NULL ? "true" : "false", SATCHEL_SET },
        { "reason", reason, SATCHEL_SET },
    };
    const struct sp_entity *log;
    struct cc_typed typed;
    sp_err err = cc_call_entity(p->call, "stage_log", &log);

    if (err == SP_OK && reason != NULL && reason[0] == '\0') {
        err = cc_call_say(p->call, SP_E_REQUIRED,
            "say why step %lu is left out", (unsigned long)step->order);
    }
    if (err == SP_OK) {
        err = cc_typed_init(&typed, p->call, log, NULL);
    }
    if (err == SP_OK) {
        err = cc_typed_add(&typed, entry, reason == NULL ? 6 : 7);
    }
    if (err == SP_OK) {
        err = cc_typed_defaults(&typed, &p->account);
    }
    if (err != SP_OK) {
        return err;
    }
    *out = (struct sp_draft_change){ .ref = { .type = log->number,
                                         .id = cc_typed_id(p->call) },
        .create = true,
        .count = typed.count,
        .write = typed.write };
    step->done = reason == NULL;
    step->reason = reason == NULL ? "" : reason;
    return SP_OK;
}

/* ---- the calls ---------------------------------------------------------- */

/* Of the stage where the customer is. */
static sp_err load_of(struct cc_playbook *p, struct cc_call *c,
    const char *account, const struct sp_option **stage)
{
    const struct sp_entity *entity;
    const struct sp_field *f;
    struct cc_record_view view;
    struct cc_value_of of = { NULL, &view.record };
    const char *name = "";
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "account", account, &entity, &ref);

    *stage = NULL;
    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of.entity = entity;
    f = sp_dictionary_field_named(entity, sp_slice_text("funnel_status"));
    if (f != NULL) {
        *stage = sp_dictionary_option(
            f, (uint64_t)cc_value_int(&of, "funnel_status", 0));
    }
    if (*stage != NULL) {
        name = cc_call_text(c, (*stage)->name);
    }
    cc_record_view_free(&view);
    return name == NULL ? SP_E_NOMEM
                        : cc_playbook_load(p, c, &ref,
                              *stage == NULL ? 0 : (*stage)->number, name);
}

static sp_err fill_steps(const struct cc_playbook *p, struct sp_arena *a,
    struct satchel_playbook_step *out)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct cc_playbook_step *s = &p->step[i];

        out[i] = (struct satchel_playbook_step){ .order = s->order,
            .what = cc_result_string(a, s->what),
            .needed = s->needed,
            .done = s->done,
            .reason = cc_result_string(a, s->reason),
            .by = cc_result_string(
                a, s->by == 0 ? "" : cc_refer_user_name(p->call, s->by)),
            .time_ms = s->time_ms };
        if (out[i].what == NULL || out[i].reason == NULL || out[i].by == NULL) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

static sp_err fill(const struct cc_playbook *p, const struct sp_option *stage,
    struct satchel_playbook *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_playbook_step *step =
        (struct satchel_playbook_step *)sp_arena_take(
            a, p->count + 1, sizeof(*step));
    const char **name = (const char **)sp_arena_take(
        a, 2 * CC_PLAYBOOK_NAMES_MAX, sizeof(*name));
    struct sp_slice none = { NULL, 0 };
    char id[SP_ID_TEXT_BYTES];

    if (step == NULL || name == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < p->names; i++) {
        name[i] = cc_result_string(a, p->name[i]);
        name[CC_PLAYBOOK_NAMES_MAX + i] = cc_result_string(a, p->text[i]);
        if (name[i] == NULL || name[CC_PLAYBOOK_NAMES_MAX + i] == NULL) {
            return SP_E_NOMEM;
        }
    }
    sp_id_format(id, &p->account.id);
    out->account_id = cc_result_string(a, id);
    out->title = cc_result_string(a, cc_refer_title(p->call, &p->account));
    out->stage = cc_result_string(a, p->stage_name);
    out->stage_en = cc_result_text(a, stage == NULL ? none : stage->label_en);
    out->stage_zh = cc_result_text(a, stage == NULL ? none : stage->label_zh);
    out->since_ms = p->since_ms;
    out->name_count = p->names;
    out->name = name;
    out->text = name + CC_PLAYBOOK_NAMES_MAX;
    out->count = p->count;
    out->step = step;
    out->left = cc_playbook_left(p);
    return out->account_id == NULL || out->title == NULL ||
                   out->stage == NULL || out->stage_en == NULL ||
                   out->stage_zh == NULL
               ? SP_E_NOMEM
               : fill_steps(p, a, step);
}

int satchel_playbook(struct satchel *s, const char *account,
    struct satchel_playbook **out, struct satchel_error *e)
{
    const struct sp_option *stage;
    struct satchel_playbook *r;
    struct cc_playbook *p;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    p = (struct cc_playbook *)malloc(sizeof(*p));
    r = (struct satchel_playbook *)cc_result_new(sizeof(*r));
    err = p == NULL || r == NULL ? SP_E_NOMEM : load_of(p, &c, account, &stage);
    if (err == SP_OK) {
        err = fill(p, stage, r);
    }
    free(p);
    return cc_call_give(&c, err, r, out);
}

static sp_err mark(struct cc_playbook *p, struct cc_call *c,
    const char *account, const char *text, const char *reason,
    struct satchel_saved *out)
{
    struct cc_playbook_step *step;
    const struct sp_option *stage;
    struct sp_draft_change change;
    uint64_t n = 0;
    sp_err err = load_of(p, c, account, &stage);

    if (err == SP_OK) {
        err = cc_playbook_find(p, text == NULL ? "" : text, &step);
    }
    if (err == SP_OK && step->done) {
        err = cc_call_say(c, SP_E_EXISTS, "step %lu is done already",
            (unsigned long)step->order);
    }
    if (err == SP_OK) {
        err = cc_playbook_mark(p, step, reason, &change);
    }
    if (err == SP_OK) {
        err = cc_typed_save(c, &change, 1, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &change.ref.id, n);
    }
    return err;
}

int satchel_playbook_mark(struct satchel *s, const char *account,
    const char *step, const char *reason, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_playbook *p;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    p = (struct cc_playbook *)malloc(sizeof(*p));
    err = p == NULL ? SP_E_NOMEM : mark(p, &c, account, step, reason, out);
    free(p);
    return cc_call_end(&c, err);
}
