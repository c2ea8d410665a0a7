#include "api/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/parts.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/visit.h"

enum proof { PHOTO = 1, CHECK = 2 }; /* playbook.steps.proof */

#define NAMES_BYTES 400u

/* ---- which steps ----------------------------------------------------------
 */

struct reading {
    struct cc_call *call;
    struct cc_steps *out;
    struct cc_value_of playbook;
    int64_t type, funnel;
    sp_err err;
};

static bool take_step(void *arg, struct sp_slice packed)
{
    struct reading *in = (struct reading *)arg;
    const struct cc_value_of *of = &in->playbook;
    struct cc_step *s = &in->out->step[in->out->count];
    struct sp_slice what = cc_value_group_text(of, "steps", packed, "what");

    if (what.size == 0) {
        return true;
    }
    if (in->out->count == CC_STEPS_MAX) {
        in->err = cc_call_say(in->call, SP_E_TOO_LARGE,
            "the playbooks ask for more than %u steps of one visit",
            CC_STEPS_MAX);
        return false;
    }
    *s = (struct cc_step){ .order = (uint32_t)cc_value_group_int(
                               of, "steps", packed, "order", 0),
        .what = cc_call_text(in->call, what),
        .required = cc_value_group_int(of, "steps", packed, "exit", 0) != 0,
        .proof = (unsigned)cc_value_group_int(of, "steps", packed, "proof", 0),
        .reason = "" };
    for (size_t i = 0; s->what != NULL && i < in->out->count; i++) {
        if (strcmp(in->out->step[i].what, s->what) == 0) {
            in->out->step[i].required |= s->required;
            return true; /* two playbooks ask for it: it is done once */
        }
    }
    in->err = s->what == NULL ? SP_E_NOMEM : SP_OK;
    in->out->count++;
    return in->err == SP_OK;
}

static sp_err take_playbook(void *arg, const struct sp_record *view)
{
    struct reading *in = (struct reading *)arg;
    const struct cc_value_of *of = &in->playbook;
    int64_t funnel;

    in->playbook.record = view;
    funnel = cc_value_int(of, "funnel", 0);
    if (!cc_value_deleted(of) && cc_value_bool(of, "active", true) &&
        in->type != 0 && cc_value_int(of, "visit", 0) == in->type &&
        (funnel == 0 || funnel == in->funnel)) {
        cc_value_each(of, "steps", take_step, in);
    }
    return in->err;
}

/* The funnel status of the visit's account; 0: none, or not here. */
static sp_err find_funnel(
    struct cc_call *c, const struct sp_record *visit, int64_t *out)
{
    struct cc_record_view view;
    struct cc_value_of of = { NULL, &view.record };
    struct sp_ref account;
    sp_err err;

    *out = 0;
    if (!cc_refer_parent(c, visit, &account)) {
        return SP_OK;
    }
    of.entity = sp_dictionary_entity(c->dictionary, account.type);
    err = cc_record_view(c, &account, &view);
    if (err == SP_OK) {
        *out = cc_value_int(&of, "funnel_status", 0);
        cc_record_view_free(&view);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static int by_order(const void *a, const void *b)
{
    const struct cc_step *x = (const struct cc_step *)a;
    const struct cc_step *y = (const struct cc_step *)b;

    return x->order != y->order ? (x->order < y->order ? -1 : 1)
                                : strcmp(x->what, y->what);
}

/* ---- how far --------------------------------------------------------------
 */

struct noting {
    struct cc_steps *steps;
    const struct cc_value_of *visit;
    struct cc_call *call;
    bool no_memory;
};

/* The time of a group's member: its first value is the milliseconds. */
static uint64_t member_ms(const struct noting *n, struct sp_slice packed)
{
    return (uint64_t)cc_value_group_int(n->visit, "actions", packed, "at", 0);
}

/* The latest note counts; of one moment, that it was done. */
static bool take_note(void *arg, struct sp_slice packed)
{
    struct noting *n = (struct noting *)arg;
    const struct cc_value_of *of = n->visit;
    struct sp_slice what =
        cc_value_group_text(of, "actions", packed, "template");
    bool done = cc_value_group_int(of, "actions", packed, "done", 0) != 0;
    uint64_t at = member_ms(n, packed);

    for (size_t i = 0; i < n->steps->count; i++) {
        struct cc_step *s = &n->steps->step[i];

        if (sp_slice_equal(what, sp_slice_text(s->what)) &&
            (s->state == SATCHEL_STEP_OPEN || at > s->at_ms ||
                (at == s->at_ms && done))) {
            s->at_ms = at;
            s->state = done ? SATCHEL_STEP_DONE : SATCHEL_STEP_SKIPPED;
            s->reason =
                done ? ""
                     : cc_call_text(n->call, cc_value_group_text(of, "actions",
                                                 packed, "reason"));
            n->no_memory = n->no_memory || s->reason == NULL;
        }
    }
    return true;
}

struct counting {
    struct cc_call *call;
    const char *field; /* that names the visit */
    const struct sp_entity *entity;
    const struct sp_id *visit;
    size_t count;
};

static sp_err count_one(void *arg, const struct sp_ref *ref)
{
    struct counting *n = (struct counting *)arg;
    struct cc_record_view view;
    const struct cc_value_of of = { n->entity, &view.record };
    struct sp_id id;
    sp_err err = cc_record_view(n->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    n->count += !cc_value_deleted(&of) && cc_value_ref(&of, n->field, &id) &&
                sp_id_equal(&id, n->visit);
    cc_record_view_free(&view);
    return SP_OK;
}

/* How many records of an entity say that they are about the visit. */
static sp_err count_of(struct cc_call *c, const struct sp_record *visit,
    const char *entity, const char *field, size_t *out)
{
    struct counting n = { .call = c,
        .field = field,
        .entity =
            sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity)),
        .visit = &visit->ref.id };
    struct sp_ref account;
    sp_err err = SP_OK;

    if (n.entity != NULL && cc_refer_parent(c, visit, &account)) {
        err = sp_state_children(
            &c->tx, &account, n.entity->number, false, count_one, &n);
    }
    *out = n.count;
    return err;
}

/* The n-th step that a photo proves is done by the n-th photo of the visit. */
static sp_err take_proofs(
    struct cc_call *c, const struct sp_record *visit, struct cc_steps *steps)
{
    static const struct {
        unsigned proof;
        const char *entity, *field;
    } each[] = { { PHOTO, "attachment", "about" },
        { CHECK, "store_check", "visit" } };
    sp_err err = SP_OK;

    for (size_t k = 0; k < 2 && err == SP_OK; k++) {
        size_t there = SIZE_MAX; /* not counted yet */

        for (size_t i = 0; i < steps->count && err == SP_OK; i++) {
            struct cc_step *s = &steps->step[i];

            if (s->proof != each[k].proof) {
                continue;
            }
            if (there == SIZE_MAX) {
                err = count_of(c, visit, each[k].entity, each[k].field, &there);
            }
            if (err == SP_OK && there > 0) {
                s->state = SATCHEL_STEP_DONE;
                s->reason = "";
                there -= each[k].proof == PHOTO;
            }
        }
    }
    return err;
}

sp_err cc_steps_read(
    struct cc_call *c, const struct cc_value_of *visit, struct cc_steps *out)
{
    struct reading in = { .call = c, .out = out };
    struct noting notes = { out, visit, c, false };
    sp_err err = find_funnel(c, visit->record, &in.funnel);

    out->count = 0;
    in.type = cc_value_int(visit, "type", 0);
    in.playbook.entity =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text("playbook"));
    if (err == SP_OK && in.playbook.entity != NULL) {
        err = sp_state_walk(
            &c->tx, in.playbook.entity->number, NULL, take_playbook, &in);
    }
    if (err != SP_OK) {
        return err;
    }
    if (out->count > 1) {
        qsort(out->step, out->count, sizeof(out->step[0]), by_order);
    }
    cc_value_each(visit, "actions", take_note, &notes);
    return notes.no_memory ? SP_E_NOMEM : take_proofs(c, visit->record, out);
}

const char *cc_steps_note(
    struct cc_call *c, const char *what, bool done, const char *reason)
{
    char now[CC_PARTS_NOW_BYTES];
    const char *out = NULL;
    struct sp_buf b;

    if (cc_parts_now(c, now) != SP_OK) {
        return NULL;
    }
    sp_buf_init(&b, SP_STRING_BYTES_MAX);
    cc_parts_add(&b, "at", now);
    cc_parts_add(&b, "template", what);
    cc_parts_add(&b, "done", done ? "true" : "false");
    if (reason != NULL && reason[0] != '\0') {
        cc_parts_add(&b, "reason", reason);
    }
    if (b.err == SP_OK) {
        out = cc_call_text(c, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return out;
}

/* ---- the calls ------------------------------------------------------------
 */

/* A visit and its steps, while a call looks at them. */
struct looking {
    struct cc_value_of of;
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_steps steps;
};

static sp_err look(struct cc_call *c, const char *visit, struct looking *l)
{
    sp_err err = cc_visit_refer(c, visit, &l->of.entity, &l->ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &l->ref, &l->view);
    }
    if (err != SP_OK) {
        return err;
    }
    l->of.record = &l->view.record;
    err = cc_steps_read(c, &l->of, &l->steps);
    if (err != SP_OK) {
        cc_record_view_free(&l->view);
    }
    return err;
}

static sp_err fill(
    struct cc_call *c, const struct looking *l, struct satchel_steps *out)
{
    static const char *const proofs[] = { "", "photo", "check" };
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_step *step = (struct satchel_step *)sp_arena_take(
        a, l->steps.count + 1, sizeof(*step));
    char id[SP_ID_TEXT_BYTES];
    struct sp_ref account;

    sp_id_format(id, &l->ref.id);
    out->visit_id = cc_result_string(a, id);
    out->account = cc_result_string(a,
        cc_refer_parent(c, l->of.record, &account) ? cc_refer_title(c, &account)
                                                   : "");
    if (step == NULL || out->visit_id == NULL || out->account == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < l->steps.count; i++) {
        const struct cc_step *s = &l->steps.step[i];

        step[i] = (struct satchel_step){ s->order, cc_result_string(a, s->what),
            s->required, proofs[s->proof <= CHECK ? s->proof : 0], s->state,
            cc_result_string(a, s->reason) };
        if (step[i].what == NULL || step[i].reason == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->count = l->steps.count;
    out->step = step;
    return SP_OK;
}

int satchel_visit_steps(struct satchel *s, const char *visit,
    struct satchel_steps **out, struct satchel_error *e)
{
    struct satchel_steps *r;
    struct looking l;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_steps *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : look(&c, visit, &l);
    if (err == SP_OK) {
        err = fill(&c, &l, r);
        cc_record_view_free(&l.view);
    }
    return cc_call_give(&c, err, r, out);
}

static sp_err say_steps(struct cc_call *c, sp_err err, const char *named,
    const struct cc_steps *steps)
{
    char names[NAMES_BYTES] = "";
    size_t used = 0;

    if (steps->count == 0) {
        return cc_call_say(c, err, "visits of this type have no steps");
    }
    for (size_t i = 0; i < steps->count && used < sizeof(names); i++) {
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%zu %s",
            i == 0 ? "" : "; ", i + 1, steps->step[i].what);
    }
    return err == SP_E_AMBIGUOUS
               ? cc_call_say(c, err,
                     "more than one step begins with \"%.60s\": %s", named,
                     names)
               : cc_call_say(c, err, "no step is \"%.60s\"; they are: %s",
                     named, names);
}

/* By its place, its text, or a beginning that only one has. */
static sp_err find_step(struct cc_call *c, const struct cc_steps *steps,
    const char *named, const struct cc_step **out)
{
    size_t size = strlen(named), fits = 0;
    char *end;
    unsigned long place = strtoul(named, &end, 10);

    if (size > 0 && *end == '\0' && place >= 1 && place <= steps->count) {
        *out = &steps->step[place - 1];
        return SP_OK;
    }
    for (size_t i = 0; i < steps->count && size > 0; i++) {
        const struct cc_step *s = &steps->step[i];

        if (strcmp(s->what, named) == 0) {
            *out = s;
            return SP_OK;
        }
        if (strncmp(s->what, named, size) == 0) {
            *out = s;
            fits++;
        }
    }
    return fits == 1 ? SP_OK
                     : say_steps(c, fits == 0 ? SP_E_NOT_FOUND : SP_E_AMBIGUOUS,
                           named, steps);
}

struct noted {
    const char *step, *reason;
    bool done;
};

static sp_err note(struct cc_call *c, const struct looking *l,
    const struct noted *what, struct satchel_saved *out)
{
    struct satchel_input in = { "actions", NULL, SATCHEL_ADD };
    bool reasoned = what->reason != NULL && what->reason[0] != '\0';
    const struct cc_step *s = NULL;
    sp_err err = find_step(c, &l->steps, what->step, &s);

    if (err == SP_OK && !what->done && s->required && !reasoned) {
        err = cc_call_say(c, SP_E_REQUIRED,
            "\"%.100s\" is required: say why it is skipped, with a reason",
            s->what);
    }
    if (err == SP_OK) {
        in.text = cc_steps_note(c, s->what, what->done, what->reason);
        err = in.text == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err == SP_OK ? cc_record_change(
                              c, l->of.entity, &l->ref, &in, 1, NULL, 0, out)
                        : err;
}

int satchel_visit_step(struct satchel *s, const char *visit, const char *step,
    bool done, const char *reason, struct satchel_saved *out,
    struct satchel_error *e)
{
    const struct noted what = { step, reason, done };
    struct looking l;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = look(&c, visit, &l);
    if (err == SP_OK) {
        err = note(&c, &l, &what, out);
        cc_record_view_free(&l.view);
    }
    return cc_call_end(&c, err);
}
