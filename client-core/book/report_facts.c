#include "book/report_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/charge.h"
#include "book/day.h"
#include "book/label.h"
#include "book/tally.h"

#define MERGES_MAX 64u /* one into another into another */

/* Reads the records of one entity into one list. */
struct reading {
    struct cc_report_facts *f;
    const struct cc_quality_source *source;
    const struct sp_entity *entity;
};

/* Room for one more in a list of the facts. */
#define GROW(f, list, count)                                                   \
    sp_arena_grow(&(f)->arena, (f)->list, (f)->count, sizeof(*(f)->list))

static int32_t day_of(const struct reading *w, uint64_t ms)
{
    return ms == 0 ? CC_DAY_NONE : cc_day_at(ms, w->f->offset_min);
}

/* ---- customers -----------------------------------------------------------
 */

/* Within so many metres a position is one to compare with. */
#define REFERENCE_METRES 200u

static bool is_reference(const struct cc_value_of *of)
{
    struct sp_slice v = cc_value_shown(of, "geo");
    struct sp_rd r;
    uint64_t metres;

    if (v.size == 0) {
        return false;
    }
    sp_rd_init(&r, v);
    sp_rd_array_of(&r, 3);
    (void)sp_rd_int(&r, INT64_MIN, INT64_MAX);
    (void)sp_rd_int(&r, INT64_MIN, INT64_MAX);
    metres = (uint64_t)sp_rd_int(&r, 0, INT64_MAX);
    return r.err == SP_OK && metres <= REFERENCE_METRES;
}

static sp_err take_customer(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_customer c = { .id = view->ref.id };

    f->customer = (struct cc_report_customer *)GROW(f, customer, customers);
    (void)cc_value_ref(&of, "merged_into", &c.into);
    c.gone = cc_value_deleted(&of) || !sp_id_is_zero(&c.into);
    c.name = cc_value_string(&f->arena, cc_value_text(&of, "name"));
    c.charge = cc_charge_of(f->book, (uint32_t)cc_value_int(&of, "owner_id", 0),
        cc_value_text(&of, "territory_id"));
    c.cycle_days = (int32_t)cc_value_int(&of, "visit_cycle_days", 0);
    c.placed = is_reference(&of);
    if (f->customer == NULL || c.name == NULL) {
        return SP_E_NOMEM;
    }
    f->customer[f->customers++] = c;
    return SP_OK;
}

static uint32_t place_of(
    const struct cc_report_facts *f, const struct sp_id *id)
{
    return cc_place_of(f->customer, f->customers, sizeof(*f->customer), id);
}

/* Whose record this is; false when its customer is not here, or gone. */
static bool customer_of(
    struct reading *w, const struct cc_value_of *of, uint32_t *at)
{
    const struct cc_report_facts *f = w->f;
    struct sp_id id;

    if (cc_value_deleted(of) || !cc_value_ref(of, "account", &id)) {
        return false;
    }
    *at = place_of(f, &id);
    for (unsigned i = 0; i < MERGES_MAX && *at != CC_REPORT_NOBODY &&
                         !sp_id_is_zero(&f->customer[*at].into);
         i++) {
        *at = place_of(f, &f->customer[*at].into);
    }
    return *at != CC_REPORT_NOBODY && !f->customer[*at].gone;
}

/* ---- what happened -------------------------------------------------------
 */

static sp_err take_purchase(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_purchase p = { .day = (int32_t)cc_value_int(
                                        &of, "date", CC_DAY_NONE),
        .paid = (int32_t)cc_value_int(&of, "paid", CC_DAY_NONE),
        .money = cc_money_of(&of, "amount") };

    if (!customer_of(w, &of, &p.at) || p.day == CC_DAY_NONE) {
        return SP_OK;
    }
    f->purchase = (struct cc_report_purchase *)GROW(f, purchase, purchases);
    if (f->purchase == NULL) {
        return SP_E_NOMEM;
    }
    f->purchase[f->purchases++] = p;
    return SP_OK;
}

static sp_err take_visit(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_visit v = { .rep = (uint32_t)cc_value_int(&of, "rep", 0),
        .from_ms = cc_value_ts(&of, "checkin"),
        .until_ms = cc_value_ts(&of, "checkout"),
        .outcome = (unsigned)cc_value_int(&of, "outcome", 0),
        .verdict = (unsigned)cc_value_part(&of, "verify", "verdict", 0) };

    if (!cc_tally_counts(&of) || v.from_ms == 0 ||
        !customer_of(w, &of, &v.at)) {
        return SP_OK;
    }
    v.day = day_of(w, v.from_ms);
    (void)cc_value_ref(&of, "planned_id", &v.planned);
    f->visit = (struct cc_report_visit *)GROW(f, visit, visits);
    if (f->visit == NULL) {
        return SP_E_NOMEM;
    }
    f->visit[f->visits++] = v;
    return SP_OK;
}

static sp_err take_stop(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_stop s = { .id = view->ref.id,
        .rep = (uint32_t)cc_value_int(&of, "rep", 0),
        .day = (int32_t)cc_value_int(&of, "date", CC_DAY_NONE) };

    if (cc_value_part(&of, "cancelled", "yes", 0) == 1 ||
        s.day == CC_DAY_NONE || !customer_of(w, &of, &s.at)) {
        return SP_OK;
    }
    f->stop = (struct cc_report_stop *)GROW(f, stop, stops);
    if (f->stop == NULL) {
        return SP_E_NOMEM;
    }
    f->stop[f->stops++] = s;
    return SP_OK;
}

static sp_err take_sighting(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_sighting s = { .at_ms = cc_value_ts(&of, "at"),
        .facings = cc_value_int(&of, "facings", -1),
        .price = cc_money_of(&of, "price") };

    if (s.at_ms == 0 || !customer_of(w, &of, &s.at)) {
        return SP_OK;
    }
    s.day = day_of(w, s.at_ms);
    s.product = cc_value_string(&f->arena, cc_value_text(&of, "product"));
    s.rival = cc_value_string(&f->arena, cc_value_text(&of, "competitor"));
    f->sighting = (struct cc_report_sighting *)GROW(f, sighting, sightings);
    if (f->sighting == NULL || s.product == NULL || s.rival == NULL) {
        return SP_E_NOMEM;
    }
    f->sighting[f->sightings++] = s;
    return SP_OK;
}

static sp_err take_contact(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_tally_contact one;
    struct cc_report_contact c = { 0 };

    if (!cc_tally_contact(&of, &one) || !customer_of(w, &of, &c.at)) {
        return SP_OK;
    }
    c.user = one.user;
    c.day = day_of(w, one.at_ms);
    c.call = one.call;
    c.message = one.message;
    c.meeting = one.meeting;
    c.callback = one.callback;
    f->contact = (struct cc_report_contact *)GROW(f, contact, contacts);
    if (f->contact == NULL) {
        return SP_E_NOMEM;
    }
    f->contact[f->contacts++] = c;
    return SP_OK;
}

/* The names of account.funnel_status, as stage logs have them. */
static unsigned stage_of(const struct reading *w, struct sp_slice name)
{
    const struct sp_entity *account = sp_dictionary_entity_named(
        sp_rulebook_dictionary(w->source->book), sp_slice_text("account"));
    const struct sp_field *f = account == NULL
                                   ? NULL
                                   : sp_dictionary_field_named(account,
                                         sp_slice_text("funnel_status"));

    for (uint32_t n = 1; f != NULL && n <= CC_FUNNEL_LOYAL; n++) {
        const struct sp_option *o = sp_dictionary_option(f, n);

        if (o != NULL && sp_slice_equal(o->name, name)) {
            return n;
        }
    }
    return 0;
}

static sp_err take_move(void *arg, const struct sp_record *view)
{
    enum { FUNNEL = 1 }; /* stage_log.ladder */
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_move m = { .at_ms = cc_value_ts(&of, "at") };

    if (cc_value_int(&of, "ladder", 0) != FUNNEL || m.at_ms == 0 ||
        !customer_of(w, &of, &m.at)) {
        return SP_OK;
    }
    m.day = day_of(w, m.at_ms);
    m.to = stage_of(w, cc_value_text(&of, "to"));
    f->move = (struct cc_report_move *)GROW(f, move, moves);
    if (f->move == NULL) {
        return SP_E_NOMEM;
    }
    f->move[f->moves++] = m;
    return SP_OK;
}

/* ---- care ----------------------------------------------------------------
 */

/* When the value that stands was written. */
static int32_t written(
    const struct reading *w, const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(of->record, f->number);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);

    return shown == NULL ? CC_DAY_NONE
                         : day_of(w, sp_hlc_ms(shown->stamp.time));
}

static sp_err take_task(void *arg, const struct sp_record *view)
{
    enum { OPEN = 1, DONE = 2, DROPPED = 3 }; /* task.status */
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    int64_t status = cc_value_int(&of, "status", OPEN);
    struct cc_report_task t = { .due = (int32_t)cc_value_int(
                                    &of, "due", CC_DAY_NONE),
        .done = CC_DAY_NONE,
        .dropped = status == DROPPED };

    if (cc_value_deleted(&of) || t.due == CC_DAY_NONE ||
        !cc_value_ref(&of, "rule", &t.rule)) {
        return SP_OK;
    }
    if (status == DONE) {
        t.done = written(w, &of, "status");
    }
    f->task = (struct cc_report_task *)GROW(f, task, tasks);
    if (f->task == NULL) {
        return SP_E_NOMEM;
    }
    f->task[f->tasks++] = t;
    return SP_OK;
}

static sp_err take_rule(void *arg, const struct sp_record *view)
{
    enum { PURCHASE = 2 }; /* care_rule.kind */
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_rule r = { .id = view->ref.id,
        .purchase = cc_value_int(&of, "kind", 0) == PURCHASE &&
                    cc_value_bool(&of, "active", true),
        .threshold = cc_money_of(&of, "threshold") };

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    r.name = cc_value_string(&f->arena, cc_value_text(&of, "name"));
    f->rule = (struct cc_report_rule *)GROW(f, rule, rules);
    if (f->rule == NULL || r.name == NULL) {
        return SP_E_NOMEM;
    }
    f->rule[f->rules++] = r;
    return SP_OK;
}

static sp_err take_campaign(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_campaign c = { .id = view->ref.id,
        .sent = day_of(w, cc_value_ts(&of, "send_at")) };

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    c.name = cc_value_string(&f->arena, cc_value_text(&of, "name"));
    f->campaign = (struct cc_report_campaign *)GROW(f, campaign, campaigns);
    if (f->campaign == NULL || c.name == NULL) {
        return SP_E_NOMEM;
    }
    f->campaign[f->campaigns++] = c;
    return SP_OK;
}

static sp_err take_message(void *arg, const struct sp_record *view)
{
    enum { CONFIRMED = 4 }; /* message.state */
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_message m = { .control =
                                       cc_value_bool(&of, "control", false),
        .delivered = cc_value_int(&of, "state", 0) == CONFIRMED,
        .day = CC_DAY_NONE };

    if (!cc_value_ref(&of, "campaign", &m.campaign) ||
        !customer_of(w, &of, &m.at) || (!m.control && !m.delivered)) {
        return SP_OK;
    }
    if (m.delivered) {
        m.day = written(w, &of, "state");
    }
    f->message = (struct cc_report_message *)GROW(f, message, messages);
    if (f->message == NULL) {
        return SP_E_NOMEM;
    }
    f->message[f->messages++] = m;
    return SP_OK;
}

/* ---- goals and holidays --------------------------------------------------
 */

static sp_err take_goal(void *arg, const struct sp_record *view)
{
    enum { REVENUE = 4 }; /* target.metric */
    struct reading *w = (struct reading *)arg;
    struct cc_report_facts *f = w->f;
    struct cc_value_of of = { w->entity, view };
    struct cc_report_goal g = { .rep = (uint32_t)cc_value_int(&of, "rep", 0),
        .from = (int32_t)cc_value_int(&of, "from", CC_DAY_NONE),
        .until = (int32_t)cc_value_int(&of, "until", CC_DAY_NONE),
        .amount = cc_money_of(&of, "amount") };

    if (cc_value_deleted(&of) || cc_value_int(&of, "metric", 0) != REVENUE ||
        g.from == CC_DAY_NONE || g.until < g.from || g.amount.minor <= 0) {
        return SP_OK;
    }
    g.unit = cc_value_string(&f->arena, cc_value_text(&of, "unit"));
    f->goal = (struct cc_report_goal *)GROW(f, goal, goals);
    if (f->goal == NULL || g.unit == NULL) {
        return SP_E_NOMEM;
    }
    f->goal[f->goals++] = g;
    return SP_OK;
}

static sp_err take_data_rule(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_value_of of = { w->entity, view };

    cc_label_rules_take(&w->f->labels, &of);
    cc_data_spans_take(&w->f->spans, &of);
    return SP_OK;
}

static sp_err take_window(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_value_of of = { w->entity, view };

    cc_calendar_take(&w->f->calendar, &of);
    return SP_OK;
}

/* ---- all -----------------------------------------------------------------
 */

static int by_customer(const void *a, const void *b)
{
    const struct cc_report_purchase *x = (const struct cc_report_purchase *)a;
    const struct cc_report_purchase *y = (const struct cc_report_purchase *)b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                          : (x->day > y->day) - (x->day < y->day);
}

void cc_report_facts_ready(struct cc_report_facts *f)
{
    cc_label_rules_fill(&f->labels);
    cc_data_spans_fill(&f->spans);
    if (f->purchases > 1) {
        qsort(f->purchase, f->purchases, sizeof(*f->purchase), by_customer);
    }
    for (size_t i = 0; i < f->customers; i++) {
        f->customer[i].bought = 0;
    }
    for (size_t i = 0; i < f->purchases; i++) {
        struct cc_report_customer *c = &f->customer[f->purchase[i].at];

        c->first = c->bought++ == 0 ? i : c->first;
    }
}

static const struct {
    const char *entity;
    sp_err (*take)(void *arg, const struct sp_record *view);
    unsigned parts; /* which ask for it; 0: all */
} lists[] = {
    { "account", take_customer, 0 }, /* the first: others look there */
    { "purchase", take_purchase, CC_REPORT_PURCHASES },
    { "data_rule", take_data_rule, CC_REPORT_PURCHASES },
    { "visit", take_visit, CC_REPORT_VISITS },
    { "planned_visit", take_stop, CC_REPORT_STOPS },
    { "store_check", take_sighting, CC_REPORT_SIGHTINGS },
    { "activity", take_contact, CC_REPORT_CONTACTS },
    { "stage_log", take_move, CC_REPORT_MOVES },
    { "care_rule", take_rule, CC_REPORT_TASKS },
    { "task", take_task, CC_REPORT_TASKS },
    { "campaign", take_campaign, CC_REPORT_CAMPAIGNS },
    { "message", take_message, CC_REPORT_CAMPAIGNS },
    { "target", take_goal, CC_REPORT_GOALS },
    { "send_window", take_window, CC_REPORT_GOALS },
};

sp_err cc_report_facts_load(struct cc_report_facts *f,
    const struct cc_quality_source *source, unsigned parts)
{
    struct reading w = { .f = f, .source = source };
    sp_err err = SP_OK;

    memset(f, 0, sizeof(*f));
    f->book = source->book;
    f->today = source->today;
    f->offset_min = source->offset_min;
    sp_arena_init(&f->arena, CC_REPORT_FACTS_BYTES);
    for (size_t i = 0; err == SP_OK && i < sizeof(lists) / sizeof(lists[0]);
         i++) {
        w.entity =
            sp_dictionary_entity_named(sp_rulebook_dictionary(source->book),
                sp_slice_text(lists[i].entity));
        if (w.entity != NULL &&
            (lists[i].parts == 0 || (lists[i].parts & parts) != 0)) {
            err =
                source->walk(source->self, w.entity->number, lists[i].take, &w);
        }
    }
    cc_report_facts_ready(f);
    return err;
}

void cc_report_facts_free(struct cc_report_facts *f)
{
    sp_arena_free(&f->arena);
}

void cc_report_put_person(
    struct cc_report *r, const struct cc_report_facts *f, uint32_t user)
{
    const struct sp_person *p = user == 0 || f->book == NULL
                                    ? NULL
                                    : sp_rulebook_find_person(f->book, user);
    char number[16];

    (void)snprintf(number, sizeof(number), "%lu", (unsigned long)user);
    cc_report_put_text(r, user == 0                       ? sp_slice_text("-")
                          : p != NULL && p->name.size > 0 ? p->name
                          : p != NULL                     ? p->login
                                      : sp_slice_text(number));
}
