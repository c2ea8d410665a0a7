#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/profile.h"
#include "book/tally.h"
#include "book/target.h"
#include "book/value.h"

#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/standing.h"
#include "api/today.h"

#define TARGETS_MAX 500u /* more are not looked at */
#define BIT(metric) (1u << (metric))
/* Goals that ask for accounts, and for what happened with them. */
#define OF_ACCOUNTS                                                            \
    (BIT(CC_TARGET_NEW_ACCOUNTS) | BIT(CC_TARGET_COVERAGE) |                   \
        BIT(CC_TARGET_PURCHASES) | BIT(CC_TARGET_REVENUE))
#define OF_STANDINGS (BIT(CC_TARGET_COVERAGE) | BIT(CC_TARGET_COMPLETENESS))

/* A goal while it is being counted. */
struct goal {
    struct cc_target_goal goal;
    struct sp_id id, part_of;
    bool has_part;
    uint32_t rep; /* 0: of a unit, or of all */
    const char *unit;
    int64_t actual;
    int64_t of; /* shares: of how many */
};

struct counting {
    struct cc_call *call;
    const struct sp_entity *entity; /* that is being read */
    unsigned metrics;               /* of the goals: a bit each */
    int32_t today;
    const struct cc_index *accounts; /* for OF_ACCOUNTS */
    struct cc_standings standings;   /* for OF_STANDINGS */
    size_t count;
    struct goal goal[TARGETS_MAX];
};

/* ---- the goals ---------------------------------------------------------- */

static sp_err take_goal(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };
    struct goal *g = &c->goal[c->count];

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    if (c->count == TARGETS_MAX) {
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    *g = (struct goal){ .id = view->ref.id };
    g->goal.metric = (enum cc_target_metric)cc_value_int(&of, "metric", 0);
    g->goal.from = (int32_t)cc_value_int(&of, "from", CC_DAY_NONE);
    g->goal.until = (int32_t)cc_value_int(&of, "until", CC_DAY_NONE);
    g->goal.target = g->goal.metric == CC_TARGET_REVENUE
                         ? cc_value_money(&of, "amount", 0)
                         : cc_value_int(&of, "value", 0);
    g->rep = (uint32_t)cc_value_int(&of, "rep", 0);
    g->has_part = cc_value_ref(&of, "part_of", &g->part_of);
    g->unit = cc_call_text(c->call, cc_value_text(&of, "unit"));
    if (g->goal.target > 0 && g->goal.from != CC_DAY_NONE) {
        /* One that a newer dictionary has is not counted here. */
        c->metrics |= g->goal.metric < 32 ? BIT(g->goal.metric) : 0;
        c->count++;
    }
    return g->unit == NULL ? SP_E_NOMEM : SP_OK;
}

static bool within(const struct goal *g, int32_t day)
{
    return day >= g->goal.from && day <= g->goal.until;
}

/* Adds to all goals of the metric that the day and the person count for. */
static void count(struct counting *c, enum cc_target_metric metric,
    uint32_t user, int32_t day, int64_t amount)
{
    for (size_t i = 0; i < c->count; i++) {
        struct goal *g = &c->goal[i];

        if (g->goal.metric == metric && within(g, day) &&
            (g->rep == 0 || g->rep == user)) {
            g->actual += amount;
            g->of++;
        }
    }
}

/* ---- what is counted ---------------------------------------------------- */

/* Whoever has the account counts as who sold: imported purchases name nobody.*/
static uint32_t owner_of(struct counting *c, const struct cc_value_of *of)
{
    const struct cc_entry *e;
    struct sp_id account;

    if (!cc_value_ref(of, "account", &account)) {
        return 0;
    }
    e = cc_index_find(c->accounts, &account);
    return e == NULL ? 0 : cc_index_survivor(c->accounts, e)->owner;
}

/* Whether it was visited within its own cycle. */
static void count_coverage(struct counting *c, const struct cc_entry *e)
{
    const struct cc_standing *s =
        e->cycle_days > 0 ? cc_standing_find(&c->standings, &e->id) : NULL;

    for (size_t i = 0; s != NULL && i < c->count; i++) {
        struct goal *g = &c->goal[i];

        if (g->goal.metric == CC_TARGET_COVERAGE &&
            (g->rep == 0 || g->rep == e->owner)) {
            g->actual +=
                s->visits > 0 &&
                c->standings.visited.event[s->first_visit + s->visits - 1].day >
                    c->today - e->cycle_days;
            g->of++;
        }
    }
}

/* By what is kept of them in memory, not record by record. */
static sp_err take_accounts(struct counting *c)
{
    const struct sp_entity *account;
    sp_err err = cc_call_entity(c->call, "account", &account);

    if (err == SP_OK) {
        err = cc_replica_index(
            &c->call->s->replica, &c->call->tx, account, &c->accounts);
    }
    for (size_t i = 0; err == SP_OK && i < c->accounts->count; i++) {
        const struct cc_entry *e = &c->accounts->entry[i];

        if (!e->deleted) {
            count(c, CC_TARGET_NEW_ACCOUNTS, e->owner,
                cc_today_of(sp_id_time_ms(&e->id)), 1);
            count_coverage(c, e);
        }
    }
    return err;
}

static sp_err take_visit(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };

    if (!cc_value_deleted(&of)) {
        count(c, CC_TARGET_VISITS, (uint32_t)cc_value_int(&of, "rep", 0),
            cc_today_of(cc_value_ts(&of, "checkin")), 1);
    }
    return SP_OK;
}

static sp_err take_purchase(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };
    int32_t day = (int32_t)cc_value_int(&of, "date", CC_DAY_NONE);
    int64_t amount = cc_value_money(&of, "amount", 0);
    uint32_t owner;

    if (cc_value_deleted(&of) || day == CC_DAY_NONE) {
        return SP_OK;
    }
    owner = owner_of(c, &of);
    count(c, CC_TARGET_PURCHASES, owner, day, amount > 0);
    count(c, CC_TARGET_REVENUE, owner, day, amount);
    return SP_OK;
}

static sp_err take_activity(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };
    struct cc_tally_contact one;

    if (cc_tally_contact(&of, &one)) {
        count(c, CC_TARGET_CONTACTS, one.user, cc_today_of(one.at_ms), 1);
    }
    return SP_OK;
}

static sp_err take_event(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };
    int32_t held = (int32_t)cc_value_int(&of, "held", CC_DAY_NONE);

    /* What is only planned, or was called off, is no step towards a goal. */
    if (!cc_value_deleted(&of) && !cc_value_bool(&of, "cancelled", false) &&
        held != CC_DAY_NONE) {
        count(c, CC_TARGET_EVENTS, 0, held, 1);
    }
    return SP_OK;
}

static bool has_bought(struct counting *c, const struct cc_value_of *of)
{
    const struct cc_standing *s;
    struct sp_id account;

    s = cc_value_ref(of, "account", &account)
            ? cc_standing_find(&c->standings, &account)
            : NULL;
    return s != NULL && s->count > 0;
}

static sp_err take_contact(void *arg, const struct sp_record *view)
{
    struct counting *c = (struct counting *)arg;
    struct cc_value_of of = { c->entity, view };
    uint32_t author = (uint32_t)cc_value_int(&of, "author", 0);

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    for (size_t i = 0; i < c->count; i++) {
        struct goal *g = &c->goal[i];

        if (g->goal.metric == CC_TARGET_COMPLETENESS &&
            (g->rep == 0 || g->rep == author)) {
            g->actual += cc_profile_of(&of, has_bought(c, &of)).percent;
            g->of++;
        }
    }
    return SP_OK;
}

static const struct {
    const char *entity;
    sp_err (*take)(void *arg, const struct sp_record *view);
    unsigned metrics; /* which ask for it */
} counted[] = {
    { "visit", take_visit, BIT(CC_TARGET_VISITS) },
    { "purchase", take_purchase,
        BIT(CC_TARGET_PURCHASES) | BIT(CC_TARGET_REVENUE) },
    { "activity", take_activity, BIT(CC_TARGET_CONTACTS) },
    { "event", take_event, BIT(CC_TARGET_EVENTS) },
    { "contact", take_contact, BIT(CC_TARGET_COMPLETENESS) },
};

static sp_err read(struct counting *c, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    c->entity =
        sp_dictionary_entity_named(c->call->dictionary, sp_slice_text(entity));
    return c->entity == NULL
               ? SP_OK
               : sp_state_walk(&c->call->tx, c->entity->number, NULL, take, c);
}

static sp_err read_all(struct counting *c)
{
    sp_err err = read(c, "target", take_goal);

    c->today = cc_today(c->call);
    if (err == SP_OK && (c->metrics & OF_STANDINGS) != 0) {
        err = cc_standing_load(&c->standings, c->call, NULL);
    }
    if (err == SP_OK && (c->metrics & OF_ACCOUNTS) != 0) {
        err = take_accounts(c); /* the first: they say whose the others are */
    }
    for (size_t i = 0; err == SP_OK && i < sizeof(counted) / sizeof(counted[0]);
         i++) {
        if ((c->metrics & counted[i].metrics) != 0) {
            err = read(c, counted[i].entity, counted[i].take);
        }
    }
    return err;
}

/* ---- the answer --------------------------------------------------------- */

/* The company, then branches, then reps; newest goals first within. */
static int by_reach(const void *a, const void *b)
{
    const struct goal *x = (const struct goal *)a;
    const struct goal *y = (const struct goal *)b;
    int p = x->rep != 0 ? 2 : x->unit[0] != '\0';
    int q = y->rep != 0 ? 2 : y->unit[0] != '\0';

    return p != q ? p - q
           : x->goal.from != y->goal.from
               ? (x->goal.from < y->goal.from) * 2 - 1
               : sp_id_cmp(&x->id, &y->id);
}

static sp_err fill_goal(struct counting *c, struct goal *g,
    const struct sp_field *metric, struct sp_arena *a,
    struct satchel_target *out)
{
    const struct sp_option *o =
        metric == NULL ? NULL
                       : sp_dictionary_option(metric, (uint32_t)g->goal.metric);
    struct cc_target_progress p;
    char id[SP_ID_TEXT_BYTES], part[SP_ID_TEXT_BYTES] = "";
    char from[CC_DAY_TEXT_BYTES], until[CC_DAY_TEXT_BYTES];

    if (!cc_target_grows(g->goal.metric)) {
        bool percent = g->goal.metric == CC_TARGET_COVERAGE;

        g->actual = g->of == 0 ? 0 : g->actual * (percent ? 100 : 1) / g->of;
    }
    p = cc_target_progress(&g->goal, g->actual, c->today);
    sp_id_format(id, &g->id);
    if (g->has_part) {
        sp_id_format(part, &g->part_of);
    }
    cc_day_format(from, g->goal.from);
    cc_day_format(until, g->goal.until);
    *out = (struct satchel_target){
        .id = cc_result_string(a, id),
        .part_of = cc_result_string(a, part),
        .whose = cc_result_string(
            a, g->rep != 0 ? cc_refer_user_name(c->call, g->rep) : g->unit),
        .metric = o == NULL ? "" : cc_result_text(a, o->name),
        .metric_en = o == NULL ? "" : cc_result_text(a, o->label_en),
        .metric_zh = o == NULL ? "" : cc_result_text(a, o->label_zh),
        .from = cc_result_string(a, from),
        .until = cc_result_string(a, until),
        .money = g->goal.metric == CC_TARGET_REVENUE,
        .target = g->goal.target,
        .actual = g->actual,
        .percent = p.percent,
        .attainment = p.attainment,
        .open = p.open,
    };
    return out->id == NULL || out->part_of == NULL || out->whose == NULL ||
                   out->metric == NULL || out->metric_en == NULL ||
                   out->metric_zh == NULL || out->from == NULL ||
                   out->until == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill(struct counting *c, struct satchel_targets *out)
{
    struct sp_arena *a = cc_result_arena(out);
    const struct sp_entity *entity = sp_dictionary_entity_named(
        c->call->dictionary, sp_slice_text("target"));
    struct satchel_target *target = (struct satchel_target *)sp_arena_take(
        a, c->count + 1, sizeof(*target));
    sp_err err = target == NULL ? SP_E_NOMEM : SP_OK;

    qsort(c->goal, c->count, sizeof(c->goal[0]), by_reach);
    for (size_t i = 0; err == SP_OK && i < c->count; i++) {
        err = fill_goal(c, &c->goal[i],
            sp_dictionary_field_named(entity, sp_slice_text("metric")), a,
            &target[i]);
    }
    out->target = target;
    out->count = c->count;
    return err;
}

int satchel_targets(
    struct satchel *s, struct satchel_targets **out, struct satchel_error *e)
{
    struct satchel_targets *t;
    struct satchel_status *status = NULL;
    struct counting *counting;
    struct cc_call c;
    sp_err err;
    int rc = satchel_status(s, &status, e);

    if (rc == 0) {
        rc = cc_call_begin(&c, s, false, e);
    }
    if (rc != 0) {
        satchel_free(status);
        return rc;
    }
    t = (struct satchel_targets *)cc_result_new(sizeof(*t));
    counting = (struct counting *)calloc(1, sizeof(*counting));
    err = t == NULL || counting == NULL ? SP_E_NOMEM : SP_OK;
    if (err == SP_OK) {
        t->as_of_ms = status->last_sync_ms;
        counting->call = &c;
        err = read_all(counting);
    }
    if (err == SP_OK) {
        err = fill(counting, t);
    }
    if (counting != NULL) {
        cc_standing_free(&counting->standings);
    }
    free(counting);
    satchel_free(status);
    return cc_call_give(&c, err, t, out);
}
