#include "api/visit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/steps.h"
#include "api/today.h"
#include "api/typed.h"
#include "api/underway.h"

#include "book/data_rule.h"
#include "book/tally.h"

#include "replica/since.h"

#include "sp/pack.h"

#define VERIFY_BYTES 64u
#define SECONDS_MAX  604800u /* of visit.duration_s */

/* An open visit is looked for among these first. */
#define RECENT_MS 172800000u

/* A kind is demanded but seldom typed: the first of the list then. */
static const char *first_option(
    struct cc_call *c, const struct sp_entity *visit, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(visit, sp_slice_text(field));
    const char *name = NULL;

    if (f != NULL && f->option_count > 0) {
        name = cc_call_text(c, f->option[0].name);
    }
    return name == NULL ? "" : name;
}

/* What was typed for a field; NULL. */
static const char *typed(
    const struct satchel_input *input, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(input[i].field, field) == 0 && input[i].text != NULL &&
            input[i].text[0] != '\0') {
            return input[i].text;
        }
    }
    return NULL;
}

static sp_err take_data_rule(void *arg, const struct cc_value_of *of)
{
    cc_data_spans_take((struct cc_data_spans *)arg, of);
    return SP_OK;
}

/*
 * Whether the rep stands at the account, as far as this device knows both
 * places: a verdict for the reader, never a reason to refuse.
 */
static sp_err verify(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *account, const char *at, char out[VERIFY_BYTES])
{
    struct cc_record_view view;
    struct cc_value_of of = { entity, &view.record };
    struct cc_geo here, there;
    struct cc_data_spans spans = { 0 };
    uint64_t accuracy, known, metres;
    bool placed;
    sp_err err = cc_record_view(c, account, &view);

    if (err != SP_OK) {
        return err;
    }
    (void)snprintf(out, VERIFY_BYTES, "verdict=unverified");
    err = cc_care_walk(c, "data_rule", take_data_rule, &spans);
    cc_data_spans_fill(&spans);
    placed = cc_round_place(&of, "geo", &there, &known);
    if (err == SP_OK && at != NULL) {
        err = cc_round_read_place(c, at, &here, &accuracy);
    }
    if (err == SP_OK && at != NULL && placed) {
        metres = cc_geo_metres(&here, &there);
        (void)snprintf(out, VERIFY_BYTES, "verdict=%s; distance_m=%" PRIu64,
            accuracy > spans.check_in_metres || known > spans.check_in_metres
                ? "unverified"
            : metres <= spans.check_in_metres ? "verified"
                                              : "outside",
            metres);
    }
    cc_record_view_free(&view);
    return err;
}

/* The plan of today that this visit makes; "" when there is none. */
static sp_err find_plan(
    struct cc_call *c, const struct sp_ref *account, char out[SP_ID_TEXT_BYTES])
{
    const struct cc_round_stop *stop;
    struct cc_round r;
    sp_err err = cc_round_plans(&r, c, cc_round_user(c), cc_today(c));

    out[0] = '\0';
    stop = err == SP_OK ? cc_round_open(&r, &account->id) : NULL;
    if (stop != NULL) {
        sp_id_format(out, &stop->plan);
    }
    cc_round_free(&r);
    return err;
}

sp_err cc_visit_typed(
    struct cc_call *c, const struct satchel_input *input, size_t count)
{
    static const char *const computed[] = { "verify", "duration_s" };

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; input[i].field != NULL && k < 2; k++) {
            size_t size = strlen(computed[k]);

            if (strncmp(input[i].field, computed[k], size) == 0 &&
                (input[i].field[size] == '\0' || input[i].field[size] == '.')) {
                return cc_call_say(c, SP_E_FIELD_DENIED,
                    "visit.%s: the device finds it out itself, nobody types it",
                    computed[k]);
            }
        }
    }
    return SP_OK;
}

/* Typed twice, one visit would count as two: who means a second one says so.
 * One elsewhere is told and stops nobody: he stands at this door. */
static sp_err check_underway(struct cc_call *c, const struct sp_ref *account,
    const struct cc_underway_list *open)
{
    char id[SP_ID_TEXT_BYTES], since[CC_UNDERWAY_TIME_BYTES];

    for (size_t i = open->count; i-- > 0;) {
        const struct cc_underway *v = &open->visit[i];

        if (v->user == c->s->replica.identity.self.user &&
            sp_id_equal(&v->account.id, &account->id)) {
            sp_id_format(id, &v->ref.id);
            cc_underway_time(v->since_ms, since);
            return cc_call_say(c, SP_E_EXISTS,
                "%.80s's visit there has been under way since %s (%s): go on "
                "with it, end it, or begin another with --another",
                cc_refer_user_name(c, v->user), since, id);
        }
    }
    return SP_OK;
}

static sp_err start(struct cc_call *c, const struct satchel_visit_new *what,
    struct satchel_visit_begun *out)
{
    const struct satchel_input *input = what->input;
    size_t count = what->count;
    const struct sp_entity *visit, *above;
    char verdict[VERIFY_BYTES], plan[SP_ID_TEXT_BYTES];
    struct satchel_input more[4] = { { .field = "checkin", .text = "now" },
        { .field = "type" }, { .field = "verify", .text = verdict },
        { .field = "planned_id", .text = plan } };
    const struct sp_id id = cc_typed_id(c);
    struct cc_underway_list open = { 0 };
    struct sp_ref ref;
    /* One that is over already is written down; nobody stands at a door. */
    bool over = typed(input, count, "checkout") != NULL;
    sp_err err = cc_call_entity(c, "visit", &visit);

    if (err == SP_OK) {
        err = cc_visit_typed(c, input, count);
    }
    if (err == SP_OK) {
        err = cc_refer_named(c, "account", what->account, &above, &ref);
    }
    if (err == SP_OK && !over) {
        err = cc_underway_at(c, &ref, &open);
    }
    if (err == SP_OK && !what->another) {
        err = check_underway(c, &ref, &open);
    }
    if (err == SP_OK) {
        err = verify(
            c, above, &ref, typed(input, count, "checkin_place.geo"), verdict);
    }
    if (err == SP_OK) {
        err = find_plan(c, &ref, plan);
    }
    if (err == SP_OK) {
        more[1].text = first_option(c, visit, "type");
        err = cc_record_make_as(c, visit, &id, &ref, input, count, more,
            plan[0] == '\0' ? 3 : 4, &out->saved);
    }
    if (err == SP_OK) {
        out->open_count = open.count;
        err =
            cc_underway_give(c, &open, &ref, cc_result_arena(out), &out->open);
    }
    return err == SP_OK ? cc_since_begin(&c->s->replica, &c->tx, &id) : err;
}

int satchel_visit_begin(struct satchel *s, const struct satchel_visit_new *what,
    struct satchel_visit_begun **out, struct satchel_error *e)
{
    struct satchel_visit_begun *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_visit_begun *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : start(&c, what, r), r, out);
}

int satchel_visit_start(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    const struct satchel_visit_new what = {
        .account = account, .count = count, .input = input
    };
    struct satchel_visit_begun *begun = NULL;
    int rc = satchel_visit_begin(s, &what, &begun, e);

    if (rc == 0 && out != NULL) {
        *out = begun->saved;
    }
    satchel_free(begun);
    return rc;
}

struct search {
    struct cc_call *call;
    const struct sp_entity *visit;
    const struct sp_field *checkout, *author;
    struct sp_ref newest;
    bool found;
};

static bool is_mine(const struct search *s, const struct sp_record *r)
{
    struct sp_slice v = cc_refer_shown(r, s->author);
    struct sp_rd rd;

    sp_rd_init(&rd, v);
    return sp_rd_uint(&rd, 0, UINT32_MAX) ==
               s->call->s->replica.identity.self.user &&
           rd.err == SP_OK;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct search *s = (struct search *)arg;

    if (cc_refer_shown(view, s->checkout).size == 0 && is_mine(s, view) &&
        cc_tally_counts(&(struct cc_value_of){ s->visit, view })) {
        s->newest = view->ref; /* in order of their making: the last stays */
        s->found = true;
    }
    return SP_OK;
}

static sp_err find_open(
    struct cc_call *c, const struct sp_entity *visit, struct sp_ref *out)
{
    struct search s = { .call = c, .visit = visit };
    struct cc_replica *r = &c->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    uint8_t lowest[10] = { 0 };
    struct sp_id after =
        sp_id_make(now > RECENT_MS ? now - RECENT_MS : 0, lowest);
    sp_err err;

    s.checkout = sp_dictionary_field_named(visit, sp_slice_text("checkout"));
    s.author = sp_dictionary_field(visit, visit->author);
    err = sp_state_walk(&c->tx, visit->number, &after, take, &s);
    if (err == SP_OK && !s.found) {
        err = sp_state_walk(&c->tx, visit->number, NULL, take, &s);
    }
    if (err == SP_OK && !s.found) {
        err = cc_call_say(c, SP_E_NOT_FOUND, "no visit of yours is open");
    }
    if (err == SP_OK) {
        *out = s.newest;
    }
    return err;
}

sp_err cc_visit_refer(struct cc_call *c, const char *text,
    const struct sp_entity **entity, struct sp_ref *out)
{
    sp_err err = cc_call_entity(c, "visit", entity);

    if (err != SP_OK) {
        return err;
    }
    return text == NULL ? find_open(c, *entity, out)
                        : cc_refer_record(c, *entity, text, out);
}

/* ---- the end ---------------------------------------------------------------
 */

enum { CLOSED_DOOR = 4, REFUSED = 5 }; /* visit.outcome */

#define MISSING_BYTES 300u
#define ENDING_MAX    (CC_STEPS_MAX + 2u)

struct ending {
    struct cc_call *call;
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_value_of of;
    const struct satchel_input *input;
    size_t count;
    const char *reason; /* NULL: none */
    struct satchel_input more[ENDING_MAX];
    size_t more_count;
    char seconds[24];
    struct satchel_visit_ended *out;
};

/* An outcome is typed or stands; everything else may come later, or never. */
static sp_err find_outcome(struct ending *n, int64_t *outcome)
{
    const struct sp_field *f =
        sp_dictionary_field_named(n->of.entity, sp_slice_text("outcome"));
    const char *text = typed(n->input, n->count, "outcome");
    struct sp_buf b;
    struct sp_rd r;

    *outcome = cc_value_int(&n->of, "outcome", 0);
    if (text == NULL || f == NULL) {
        return *outcome != 0
                   ? SP_OK
                   : cc_call_say(n->call, SP_E_REQUIRED,
                         "visit.outcome: say how it ended, as outcome=order, "
                         "promise, no_decision, closed_door or refused");
    }
    sp_buf_init(&b, 64);
    if (sp_dictionary_parse_value(f, sp_slice_text(text), &b) == SP_OK) {
        sp_rd_init(&r, sp_buf_slice(&b));
        *outcome = sp_rd_int(&r, 0, INT64_MAX);
    } /* else saving it says what is wrong with it */
    sp_buf_free(&b);
    return SP_OK;
}

/* What head office wants of such a visit and nobody did: told with its names,
 * or noted with the reason. Who was not let in could do none of it. */
static sp_err settle_steps(struct ending *n, int64_t outcome)
{
    char missing[MISSING_BYTES] = "";
    struct cc_steps steps;
    size_t used = 0;
    sp_err err = SP_OK;

    if (outcome != CLOSED_DOOR && outcome != REFUSED) {
        err = cc_steps_read(n->call, &n->of, &steps);
    } else {
        steps.count = 0;
    }
    for (size_t i = 0; i < steps.count && err == SP_OK; i++) {
        const struct cc_step *s = &steps.step[i];

        if (!s->required || s->state != SATCHEL_STEP_OPEN) {
            continue;
        }
        n->out->skipped++;
        if (n->reason != NULL) {
            struct satchel_input *in = &n->more[n->more_count++];

            *in = (struct satchel_input){ "actions",
                cc_steps_note(n->call, s->what, false, n->reason),
                SATCHEL_ADD };
            err = in->text == NULL ? SP_E_NOMEM : SP_OK;
        } else if (used < sizeof(missing)) {
            used += (size_t)snprintf(missing + used, sizeof(missing) - used,
                "%s%s", used == 0 ? "" : "; ", s->what);
        }
    }
    return err == SP_OK && n->reason == NULL && n->out->skipped > 0
               ? cc_call_say(n->call, SP_E_REQUIRED,
                     "not done yet: %s. Do it, or give the reason why not; the "
                     "visit goes on",
                     missing)
               : err;
}

/* Seconds since the check-in: by the clock that nobody sets where it still
 * runs, else by the wall clock; none when that one was moved back. */
static sp_err spent(struct ending *n)
{
    struct cc_replica *r = &n->call->s->replica;
    uint64_t from = cc_value_ts(&n->of, "checkin");
    uint64_t now = r->env.now_ms(r->env.self), ms = 0;
    bool known = false;
    sp_err err = cc_since_end(r, &n->call->tx, &n->ref.id, &known, &ms);

    if (err != SP_OK) {
        return err;
    }
    n->out->by_wall_clock = !known;
    if (!known && from != 0 && now >= from) {
        known = true;
        ms = now - from;
    }
    if (known && ms / 1000u <= SECONDS_MAX) {
        n->out->seconds = ms / 1000u;
        (void)snprintf(
            n->seconds, sizeof(n->seconds), "%" PRIu64, n->out->seconds);
        n->more[n->more_count++] =
            (struct satchel_input){ "duration_s", n->seconds, SATCHEL_SET };
    }
    return SP_OK;
}

/* What is typed and what the device adds, as one edit. */
static sp_err save_end(struct ending *n)
{
    struct satchel_input *all = (struct satchel_input *)sp_arena_take(
        &n->call->tx.arena, n->count + n->more_count + 1, sizeof(*all));
    size_t count = 0;

    if (all == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < n->count; i++) {
        all[count++] = n->input[i];
    }
    for (size_t i = 0; i < n->more_count; i++) {
        all[count++] = n->more[i];
    }
    return cc_record_change(n->call, n->of.entity, &n->ref, all, count,
        &(struct satchel_input){ "checkout", "now", SATCHEL_SET }, 1,
        &n->out->saved);
}

static sp_err end(struct ending *n, const char *visit)
{
    struct cc_underway_list open = { 0 };
    int64_t outcome = 0;
    sp_err err = cc_visit_refer(n->call, visit, &n->of.entity, &n->ref);

    if (err == SP_OK) {
        err = cc_visit_typed(n->call, n->input, n->count);
    }
    if (err == SP_OK) {
        err = cc_record_view(n->call, &n->ref, &n->view);
    }
    if (err != SP_OK) {
        return err;
    }
    n->of.record = &n->view.record;
    err = find_outcome(n, &outcome);
    if (err == SP_OK) {
        err = settle_steps(n, outcome);
    }
    if (err == SP_OK) {
        err = spent(n);
    }
    if (err == SP_OK) {
        err = save_end(n);
    }
    if (err == SP_OK) {
        err = cc_underway_read(n->call, &open);
        n->out->still_open = open.count;
    }
    cc_record_view_free(&n->view);
    return err;
}

int satchel_visit_finish(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, const char *reason,
    struct satchel_visit_ended *out, struct satchel_error *e)
{
    struct cc_call c;
    struct ending n = { .call = &c,
        .input = input,
        .count = count,
        .reason = reason != NULL && reason[0] != '\0' ? reason : NULL,
        .out = out };
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    memset(out, 0, sizeof(*out));
    return cc_call_end(&c, end(&n, visit));
}

int satchel_visit_end(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct satchel_visit_ended ended;
    int rc = satchel_visit_finish(s, visit, input, count, NULL, &ended, e);

    if (rc == 0 && out != NULL) {
        *out = ended.saved;
    }
    return rc;
}
