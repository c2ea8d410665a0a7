#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/known.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/segment.h"
#include "api/show.h"

#define MEMBERS_MAX 256u /* of a set, compared */

_Static_assert(SATCHEL_STEPS_MAX == CC_SEGMENT_STEPS_MAX, "one limit");

/* What a step compares: a thing that is known, the period, or a field. */
struct step {
    struct cc_segment_step typed;
    const struct cc_known_name *known; /* NULL: a field, or the period */
    size_t thing;
    bool period;
    const struct sp_field *field;
};

struct run {
    int32_t days; /* in which the purchases of a customer count */
    struct cc_call *call;
    const struct sp_entity *account;
    struct cc_standings all;
    size_t steps;
    struct step step[CC_SEGMENT_STEPS_MAX];
    size_t left[CC_SEGMENT_STEPS_MAX];
    size_t customers, count;
    struct sp_id *chosen; /* malloc'd: as many as there are customers */
};

/* ---- what is asked ------------------------------------------------------ */

static bool is_number(const struct sp_field *f)
{
    return f->kind == SP_VALUE_UINT || f->kind == SP_VALUE_INT;
}

/* Kind of a field's value, as it is compared. */
static enum cc_segment_kind kind_of(const struct sp_field *f)
{
    return f->set                      ? CC_SEGMENT_SET
           : is_number(f)              ? CC_SEGMENT_NUMBER
           : f->kind == SP_VALUE_MONEY ? CC_SEGMENT_MONEY
           : f->kind == SP_VALUE_DATE  ? CC_SEGMENT_DAY
                                       : CC_SEGMENT_TEXT;
}

static sp_err check(struct run *r, const struct step *s, enum cc_segment_kind k)
{
    struct cc_words why;

    return cc_segment_check(&s->typed, k, &why)
               ? SP_OK
               : cc_call_say(r->call, SP_E_ARGUMENT, "step \"%s\": %s",
                     s->typed.what, cc_words_pick(cc_say_language(), why));
}

static sp_err resolve(struct run *r, struct step *s)
{
    const char *what = s->typed.what;

    if (strcmp(what, "period_days") == 0) {
        s->period = true;
        return s->typed.is == CC_SEGMENT_AT_MOST
                   ? check(r, s, CC_SEGMENT_NUMBER)
                   : cc_call_say(r->call, SP_E_ARGUMENT,
                         "step \"period_days\": write period_days <= DAYS");
    }
    for (size_t i = 0; i < CC_KNOWN_COUNT; i++) {
        if (strcmp(what, cc_known_names[i].name) == 0) {
            s->known = &cc_known_names[i];
            s->thing = i;
            return check(r, s, s->known->kind);
        }
    }
    s->field = sp_dictionary_field_named(r->account, sp_slice_text(what));
    if (s->field == NULL || s->field->retired) {
        return cc_call_say(r->call, SP_E_ARGUMENT,
            "step \"%s\": nothing of a customer is called so; satchel account "
            "labels and satchel fields account list what there is",
            what);
    }
    return check(r, s, kind_of(s->field));
}

static sp_err take_steps(struct run *r, const char *const *text, size_t count)
{
    sp_err err = SP_OK;

    if (count == 0 || count > CC_SEGMENT_STEPS_MAX) {
        return cc_call_say(
            r->call, SP_E_ARGUMENT, "name 1 to %u steps", CC_SEGMENT_STEPS_MAX);
    }
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        err = cc_segment_parse(text[i], &r->step[i].typed)
                  ? resolve(r, &r->step[i])
                  : cc_call_say(r->call, SP_E_ARGUMENT,
                        "\"%.80s\" is no step; write for example "
                        "\"purchase_count >= 2\"",
                        text[i]);
    }
    r->steps = count;
    return err;
}

/* ---- one customer ------------------------------------------------------- */

struct members {
    size_t count;
    const char *text[MEMBERS_MAX];
};

static const char *exact_of(struct run *r, const struct step *s,
    const struct sp_record *view, struct sp_arena *a)
{
    struct sp_slice value = cc_refer_shown(view, s->field);

    return value.size == 0
               ? NULL
               : cc_show_value(r->call, s->field, value, CC_SHOW_EXACT, a);
}

/* A field as it is typed; members of a set likewise. */
static sp_err field_known(struct run *r, const struct step *s,
    const struct sp_record *view, struct sp_arena *a, struct members *m,
    struct cc_segment_known *out)
{
    struct cc_value_of of = { r->account, view };
    const char *name = s->typed.what;
    struct satchel_field shown;
    sp_err err = SP_OK;

    out->kind = kind_of(s->field);
    if (s->field->set) {
        err = cc_show_field(r->call, view, s->field, a, &shown);
        m->count = 0;
        for (size_t i = 0;
             err == SP_OK && i < shown.value_count && m->count < MEMBERS_MAX;
             i++) {
            m->text[m->count++] = shown.value[i].text;
        }
        out->count = m->count;
        out->member = m->text;
    } else if (cc_refer_shown(view, s->field).size == 0) {
        out->kind = CC_SEGMENT_UNKNOWN;
    } else if (out->kind == CC_SEGMENT_MONEY) {
        out->number = 0; /* by currency: passes() */
    } else if (out->kind == CC_SEGMENT_NUMBER || out->kind == CC_SEGMENT_DAY) {
        out->number = cc_value_int(&of, name, 0);
    } else {
        out->text = exact_of(r, s, view, a);
        err = out->text == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err;
}

/* Whether the customer passes the step; a period changes what the steps
 * behind it see. */
static sp_err passes(struct run *r, const struct step *s,
    const struct sp_record *view, const struct cc_standing *of,
    struct cc_known known[CC_KNOWN_COUNT], bool *yes)
{
    struct cc_segment_known one = { 0 };
    struct cc_money_sums money = { .count = 0 };
    struct members members;
    struct sp_arena a;
    sp_err err = SP_OK;

    if (s->period) {
        cc_known_say(&r->all, of,
            (unsigned)cc_value_int(
                &(struct cc_value_of){ r->account, view }, "funnel_status", 0),
            r->days = (int32_t)strtol(s->typed.value, NULL, 10), known);
        *yes = known[CC_KNOWN_PURCHASES].number > 0;
        return SP_OK;
    }
    sp_arena_init(&a, 16u * SP_RECORD_BYTES_MAX);
    if (s->known != NULL) {
        one.kind = known[s->thing].kind;
        one.number = known[s->thing].number;
        one.text = known[s->thing].value;
        if (s->thing == CC_KNOWN_AMOUNT) {
            struct cc_label_facts f = cc_standing_facts(&r->all, of, 0);

            money = cc_label_money(&f, r->all.today, r->days);
            one.money = &money;
        }
    } else {
        err = field_known(r, s, view, &a, &members, &one);
        if (one.kind == CC_SEGMENT_MONEY) {
            cc_money_add(
                &money, cc_money_of(&(struct cc_value_of){ r->account, view },
                            s->typed.what));
            one.money = &money;
        }
    }
    if (err == SP_OK) {
        *yes = cc_segment_fits(&s->typed, &one);
    }
    sp_arena_free(&a);
    return err;
}

static sp_err take_customer(void *arg, const struct sp_record *view)
{
    struct run *r = (struct run *)arg;
    const struct cc_standing *of = cc_standing_find(&r->all, &view->ref.id);
    struct cc_value_of account = { r->account, view };
    struct cc_known known[CC_KNOWN_COUNT];
    bool yes = true;
    sp_err err = SP_OK;

    if (of == NULL) {
        return SP_OK; /* deleted, or merged into another */
    }
    r->customers++;
    r->days = INT32_MAX;
    cc_known_say(&r->all, of,
        (unsigned)cc_value_int(&account, "funnel_status", 0), INT32_MAX, known);
    for (size_t i = 0; err == SP_OK && yes && i < r->steps; i++) {
        err = passes(r, &r->step[i], view, of, known, &yes);
        r->left[i] += err == SP_OK && yes;
    }
    if (err == SP_OK && yes) {
        r->chosen[r->count++] = view->ref.id;
    }
    return err;
}

/* ---- the result --------------------------------------------------------- */

static sp_err fill_records(struct run *r, struct satchel_segment *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_record *record = (struct satchel_record *)sp_arena_take(
        a, r->count + 1, sizeof(*record));
    const struct cc_index *x = NULL;
    struct cc_show_brief brief;
    sp_err err = record == NULL ? SP_E_NOMEM
                                : cc_replica_index(&r->call->s->replica,
                                      &r->call->tx, r->account, &x);

    if (err == SP_OK) {
        err = cc_show_brief(r->call, r->account, x, a, &brief);
    }
    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        const struct cc_entry *e = cc_index_find(x, &r->chosen[i]);

        if (e != NULL) {
            err = cc_show_entry(&brief, e, &record[out->count]);
            out->count += err == SP_OK;
        }
    }
    out->record = record;
    return err;
}

static sp_err fill(struct run *r, struct satchel_segment *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_segment_step *step =
        (struct satchel_segment_step *)sp_arena_take(
            a, r->steps, sizeof(*step));
    static const char *const sign[] = { "", "=", "!=", ">=", "<=", "~" };
    char text[CC_SEGMENT_WORD_BYTES + CC_SEGMENT_TEXT_BYTES + 4];

    if (step == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < r->steps; i++) {
        (void)snprintf(text, sizeof(text), "%s %s %s", r->step[i].typed.what,
            sign[r->step[i].typed.is], r->step[i].typed.value);
        step[i].text = cc_result_string(a, text);
        step[i].left = r->left[i];
        if (step[i].text == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->customers = r->customers;
    out->step = step;
    out->step_count = r->steps;
    return fill_records(r, out);
}

static sp_err choose_all(struct run *r)
{
    sp_err err = cc_standing_load(&r->all, r->call, NULL);

    if (err == SP_OK) {
        r->chosen =
            (struct sp_id *)malloc((r->all.count + 1) * sizeof(*r->chosen));
        err = r->chosen == NULL ? SP_E_NOMEM : SP_OK;
    }
    if (err == SP_OK) {
        err = sp_state_walk(
            &r->call->tx, r->account->number, NULL, take_customer, r);
    }
    return err;
}

static sp_err run_steps(struct run *r, struct satchel_segment *out)
{
    sp_err err = choose_all(r);

    return err == SP_OK ? fill(r, out) : err;
}

/* ---- a segment of the catalogue ------------------------------------------ */

struct saved {
    struct cc_value_of of;
    struct {
        int64_t order;
        struct cc_segment_step typed;
    } step[CC_SEGMENT_STEPS_MAX];
    size_t count;
    bool many;
};

static void copy(char *out, size_t bytes, struct sp_slice text)
{
    size_t size = text.size < bytes ? text.size : bytes - 1;

    memcpy(out, text.data, size);
    out[size] = '\0';
}

/* Keeps the steps in their order. */
static bool take_saved(void *arg, struct sp_slice packed)
{
    struct saved *s = (struct saved *)arg;
    int64_t order = cc_value_group_int(&s->of, "steps", packed, "order", 0);
    int64_t is = cc_value_group_int(&s->of, "steps", packed, "is", 0);
    size_t at = s->count;

    if (is < CC_SEGMENT_EQUAL || is > CC_SEGMENT_HAS ||
        s->count == CC_SEGMENT_STEPS_MAX) {
        s->many = true;
        return false;
    }
    for (; at > 0 && s->step[at - 1].order > order; at--) {
        s->step[at] = s->step[at - 1];
    }
    s->step[at].order = order;
    s->step[at].typed.is = (enum cc_segment_is)is;
    copy(s->step[at].typed.what, sizeof(s->step[at].typed.what),
        cc_value_group_text(&s->of, "steps", packed, "what"));
    copy(s->step[at].typed.value, sizeof(s->step[at].typed.value),
        cc_value_group_text(&s->of, "steps", packed, "value"));
    s->count++;
    return true;
}

static sp_err take_record(
    struct run *r, const struct sp_entity *entity, const struct sp_ref *ref)
{
    struct saved *s = (struct saved *)calloc(1, sizeof(*s));
    struct cc_record_view view;
    sp_err err = s == NULL ? SP_E_NOMEM : cc_record_view(r->call, ref, &view);

    if (err == SP_OK) {
        s->of = (struct cc_value_of){ entity, &view.record };
        cc_value_each(&s->of, "steps", take_saved, s);
        cc_record_view_free(&view);
        if (s->many || s->count == 0) {
            err = cc_call_say(r->call, SP_E_ARGUMENT,
                "segment \"%.80s\" has no steps, or some that this version "
                "does not know",
                cc_refer_title(r->call, ref));
        }
        for (size_t i = 0; err == SP_OK && i < s->count; i++) {
            r->step[i].typed = s->step[i].typed;
            err = resolve(r, &r->step[i]);
        }
        r->steps = s->count;
    }
    free(s);
    return err;
}

static sp_err take_named(struct run *r, const char *name)
{
    const struct sp_entity *entity;
    struct sp_ref ref;
    sp_err err = cc_refer_named(r->call, "segment", name, &entity, &ref);

    return err == SP_OK ? take_record(r, entity, &ref) : err;
}

sp_err cc_segment_members(struct cc_call *c, const struct sp_id *segment,
    struct sp_id **out, size_t *count)
{
    struct run *r = (struct run *)calloc(1, sizeof(*r));
    const struct sp_entity *entity;
    sp_err err =
        r == NULL ? SP_E_NOMEM : cc_call_entity(c, "account", &r->account);

    if (err == SP_OK) {
        r->call = c;
        err = cc_call_entity(c, "segment", &entity);
    }
    if (err == SP_OK && segment != NULL) {
        const struct sp_ref ref = { entity->number, *segment };
        err = take_record(r, entity, &ref);
    }
    if (err == SP_OK) {
        err = choose_all(r);
    }
    if (err == SP_OK) {
        *out = r->chosen;
        *count = r->count;
        r->chosen = NULL;
    }
    if (r != NULL) {
        free(r->chosen);
        cc_standing_free(&r->all);
    }
    free(r);
    return err;
}

/* By its name, or by steps. */
static int choose(struct satchel *s, const char *name, const char *const *step,
    size_t count, struct satchel_segment **out, struct satchel_error *e)
{
    struct satchel_segment *result;
    struct run *r;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct run *)calloc(1, sizeof(*r));
    result = (struct satchel_segment *)cc_result_new(sizeof(*result));
    err = r == NULL || result == NULL
              ? SP_E_NOMEM
              : cc_call_entity(&c, "account", &r->account);
    if (err == SP_OK) {
        r->call = &c;
        err = name != NULL ? take_named(r, name) : take_steps(r, step, count);
    }
    if (err == SP_OK) {
        err = run_steps(r, result);
    }
    if (r != NULL) {
        free(r->chosen);
        cc_standing_free(&r->all);
    }
    free(r);
    return cc_call_give(&c, err, result, out);
}

int satchel_segment_run(struct satchel *s, const char *const *step,
    size_t count, struct satchel_segment **out, struct satchel_error *e)
{
    return choose(s, NULL, step, count, out, e);
}

int satchel_segment_named(struct satchel *s, const char *name,
    struct satchel_segment **out, struct satchel_error *e)
{
    return choose(s, name, NULL, 0, out, e);
}
