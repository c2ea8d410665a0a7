#include "api/standing.h"

#include <stdlib.h>
#include <string.h>

#include "api/here.h"
#include "api/record.h"
#include "api/today.h"
#include "book/day.h"
#include "book/place.h"
#include "book/tally.h"

/* Reads the records of one entity; each gives one event to one customer. */
struct reading {
    struct cc_standings *all;
    const struct sp_entity *entity;
    const struct cc_index *index; /* of the accounts; NULL: one customer */
    const uint32_t *place; /* of each entry's customer, itself or what it was
                              merged into, in all->of; NONE: nobody */
    sp_err (*take)(
        struct reading *r, uint32_t at, const struct cc_value_of *of);
};

#define NONE UINT32_MAX

/* ---- customers ---------------------------------------------------------- */

const struct cc_standing *cc_standing_find(
    const struct cc_standings *all, const struct sp_id *account)
{
    uint32_t at = cc_place_of(all->of, all->count, sizeof(*all->of), account);

    return at == CC_PLACE_NONE ? NULL : &all->of[at];
}

/* Those that are not deleted and stand for themselves. */
static sp_err take_customers(struct cc_standings *all, const struct cc_index *x,
    const struct sp_id *only)
{
    size_t most = only != NULL ? 1 : x->count;

    all->of = (struct cc_standing *)calloc(most + 1, sizeof(*all->of));
    if (all->of == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; only == NULL && i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];

        if (!e->deleted && cc_index_survivor(x, e) == e) {
            all->of[all->count++].account = e->id;
        }
    }
    if (only != NULL) {
        all->of[all->count++].account = *only;
    }
    for (size_t i = 0; i < all->count; i++) {
        all->of[i].last_contact = CC_DAY_NONE;
    }
    return SP_OK;
}

/* Sought once for each account, not for each of its records. heap */
static sp_err find_places(
    const struct cc_standings *all, const struct cc_index *x, uint32_t **out)
{
    uint32_t *place = (uint32_t *)malloc((x->count + 1) * sizeof(*place));
    uint32_t next = 0; /* both are in the order of ids */

    if (place == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];
        const struct cc_entry *now = cc_index_survivor(x, e);
        const struct cc_standing *s = NULL;

        if (now == e && !e->deleted) {
            s = &all->of[next++];
        } else if (now != e) {
            s = cc_standing_find(all, &now->id);
        }
        place[i] = s == NULL ? NONE : (uint32_t)(s - all->of);
    }
    *out = place;
    return SP_OK;
}

/* Whom a record belongs to; false when that is not here. */
static bool customer_of(
    struct reading *r, const struct cc_value_of *of, uint32_t *at)
{
    const struct cc_entry *e;
    struct sp_id account;

    if (r->index == NULL) {
        *at = 0;
        return true;
    }
    if (!cc_value_ref(of, "account", &account)) {
        return false;
    }
    e = cc_index_find(r->index, &account);
    *at = e == NULL ? NONE : r->place[e - r->index->entry];
    return *at != NONE;
}

/* ---- what happened ------------------------------------------------------ */

static sp_err note(struct cc_standing_events *list, uint32_t at, int32_t day,
    struct cc_money money)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct cc_standing_event *more = (struct cc_standing_event *)realloc(
            list->event, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        list->event = more;
        list->room = room;
    }
    list->event[list->count++] =
        (struct cc_standing_event){ at, day, money.currency, money.minor };
    return SP_OK;
}

static void contacted(struct reading *r, uint32_t at, int32_t day)
{
    struct cc_standing *s = &r->all->of[at];

    /* What is dated tomorrow by a wrong clock was today. */
    day = day > r->all->today ? r->all->today : day;
    s->last_contact = day > s->last_contact ? day : s->last_contact;
}

static sp_err take_purchase(
    struct reading *r, uint32_t at, const struct cc_value_of *of)
{
    int64_t day = cc_value_int(of, "date", CC_DAY_NONE);

    return day == CC_DAY_NONE ? SP_OK
                              : note(&r->all->bought, at, (int32_t)day,
                                    cc_money_of(of, "amount"));
}

static sp_err take_visit(
    struct reading *r, uint32_t at, const struct cc_value_of *of)
{
    int32_t day = cc_today_of(cc_value_ts(of, "checkin"));

    if (day == CC_DAY_NONE || !cc_tally_counts(of)) {
        return SP_OK;
    }
    contacted(r, at, day);
    return note(&r->all->visited, at, day, (struct cc_money){ 0, 0 });
}

static sp_err take_activity(
    struct reading *r, uint32_t at, const struct cc_value_of *of)
{
    int32_t day = cc_today_of(cc_value_ts(of, "at"));

    if (day != CC_DAY_NONE) {
        contacted(r, at, day);
    }
    return SP_OK;
}

static sp_err take_relationship(
    struct reading *r, uint32_t at, const struct cc_value_of *of)
{
    enum { REFERS = 3 }; /* relationship.type */

    if (cc_value_int(of, "type", 0) == REFERS) {
        r->all->of[at].referred = true;
    }
    return SP_OK;
}

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    struct cc_value_of of = { r->entity, view };
    uint32_t at;

    return cc_value_deleted(&of) || !customer_of(r, &of, &at)
               ? SP_OK
               : r->take(r, at, &of);
}

static sp_err take_child(void *arg, const struct sp_ref *ref)
{
    struct reading *r = (struct reading *)arg;
    struct cc_record_view view;
    sp_err err = cc_record_view(r->all->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    err = take_record(r, &view.record);
    cc_record_view_free(&view);
    return err;
}

static sp_err read_all(struct reading *r, const char *entity,
    const struct sp_ref *only,
    sp_err (*take)(
        struct reading *r, uint32_t at, const struct cc_value_of *of))
{
    struct cc_call *c = r->all->call;

    r->entity =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity));
    r->take = take;
    if (r->entity == NULL) {
        return SP_OK; /* an older dictionary: there are none */
    }
    return only != NULL ? sp_state_children(&c->tx, only, r->entity->number,
                              false, take_child, r)
                        : cc_call_walk(c, r->entity, NULL, take_record, r);
}

static sp_err take_rule(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    struct cc_value_of of = { r->entity, view };

    if (r->all->rules == CC_TIER_RULES_MAX) {
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    cc_tier_read(&of, &r->all->rule[r->all->rules]);
    r->all->rules += r->all->rule[r->all->rules].active;
    return SP_OK;
}

static sp_err take_data_rule(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    struct cc_value_of of = { r->entity, view };

    cc_label_rules_take(&r->all->labels, &of);
    return SP_OK;
}

static sp_err walk_rules(struct reading *r, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    struct cc_call *c = r->all->call;

    r->entity =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity));
    return r->entity == NULL
               ? SP_OK
               : sp_state_walk(&c->tx, r->entity->number, NULL, take, r);
}

static sp_err read_rules(struct reading *r)
{
    sp_err err = walk_rules(r, "tier_rule", take_rule);

    if (err == SP_OK) {
        err = walk_rules(r, "data_rule", take_data_rule);
    }
    cc_label_rules_fill(&r->all->labels);
    return err;
}

/* ---- in order ----------------------------------------------------------- */

static int by_customer(const void *a, const void *b)
{
    const struct cc_standing_event *x = (const struct cc_standing_event *)a;
    const struct cc_standing_event *y = (const struct cc_standing_event *)b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                          : (x->day > y->day) - (x->day < y->day);
}

static void sort(struct cc_standing_events *list)
{
    if (list->count > 0) {
        qsort(list->event, list->count, sizeof(*list->event), by_customer);
    }
}

static sp_err settle(struct cc_standings *all)
{
    sort(&all->bought);
    sort(&all->visited);
    all->purchase = (struct cc_label_purchase *)malloc(
        (all->bought.count + 1) * sizeof(*all->purchase));
    if (all->purchase == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < all->bought.count; i++) {
        const struct cc_standing_event *e = &all->bought.event[i];
        struct cc_standing *s = &all->of[e->at];

        all->purchase[i] =
            (struct cc_label_purchase){ e->day, e->amount, e->currency };
        s->first = s->count == 0 ? i : s->first;
        s->count++;
    }
    for (size_t i = 0; i < all->visited.count; i++) {
        struct cc_standing *s = &all->of[all->visited.event[i].at];

        s->first_visit = s->visits == 0 ? i : s->first_visit;
        s->visits++;
    }
    return SP_OK;
}

static sp_err read_events(struct reading *r, const struct sp_ref *only)
{
    sp_err err = read_all(r, "purchase", only, take_purchase);

    if (err == SP_OK) {
        err = read_all(r, "visit", only, take_visit);
    }
    if (err == SP_OK) {
        err = read_all(r, "activity", only, take_activity);
    }
    if (err == SP_OK) {
        err = read_all(r, "relationship", only, take_relationship);
    }
    return err == SP_OK ? read_rules(r) : err;
}

static bool sees(
    const struct cc_here *here, const char *entity, const char *field)
{
    const struct sp_entity *e = sp_dictionary_entity_named(
        sp_rulebook_dictionary(here->cover.book), sp_slice_text(entity));
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field_named(e, sp_slice_text(field));

    return f != NULL && cc_cover_somewhere(&here->cover,
                            (struct cc_cover_field){ e->number, f->number });
}

static sp_err look_at_rights(struct cc_standings *all)
{
    struct cc_here here;
    sp_err err = cc_here(all->call, &here);

    if (err == SP_OK) {
        all->sees_purchases = sees(&here, "purchase", "amount");
        all->sees_visits = sees(&here, "visit", "checkin");
    }
    return err;
}

sp_err cc_standing_load(
    struct cc_standings *all, struct cc_call *c, const struct sp_id *only)
{
    struct reading r = { .all = all };
    const struct sp_entity *account;
    const struct cc_index *x = NULL;
    struct sp_ref one = { 0 };
    uint32_t *place = NULL;
    sp_err err;

    memset(all, 0, sizeof(*all));
    all->call = c;
    all->today = cc_today(c);
    err = look_at_rights(all);
    if (err == SP_OK) {
        err = cc_call_entity(c, "account", &account);
    }
    if (err == SP_OK && only == NULL) {
        err = cc_replica_index(&c->s->replica, &c->tx, account, &x);
        r.index = x;
    } else if (err == SP_OK) {
        one = (struct sp_ref){ account->number, *only };
    }
    if (err == SP_OK) {
        err = take_customers(all, x, only);
    }
    if (err == SP_OK && only == NULL) {
        err = find_places(all, x, &place);
        r.place = place;
    }
    if (err == SP_OK) {
        err = read_events(&r, only != NULL ? &one : NULL);
    }
    free(place);
    return err == SP_OK ? settle(all) : err;
}

void cc_standing_free(struct cc_standings *all)
{
    free(all->of);
    free(all->bought.event);
    free(all->visited.event);
    free(all->purchase);
}

/* ---- facts -------------------------------------------------------------- */

struct cc_label_facts cc_standing_facts(const struct cc_standings *all,
    const struct cc_standing *of, unsigned funnel)
{
    return (struct cc_label_facts){
        .count = of->count,
        .purchase = all->purchase + of->first,
        .contacted = of->last_contact != CC_DAY_NONE,
        .referred = of->referred,
        .nps = -1, /* surveys are not there yet */
        .funnel = funnel,
        .rules = all->labels,
    };
}

struct visited {
    const struct cc_standings *all;
    const struct cc_standing *of;
};

static uint32_t visits_between(const void *arg, int32_t from, int32_t until)
{
    const struct visited *v = (const struct visited *)arg;
    uint32_t n = 0;

    for (size_t i = 0; i < v->of->visits; i++) {
        int32_t day = v->all->visited.event[v->of->first_visit + i].day;

        n += day >= from && day <= until;
    }
    return n;
}

static bool has_low_yield(const struct cc_standings *all)
{
    for (size_t i = 0; i < all->rules; i++) {
        if (all->rule[i].tier == CC_TIER_LOW_YIELD && all->rule[i].active) {
            return true;
        }
    }
    return false;
}

void cc_standing_tier(const struct cc_standings *all,
    const struct cc_standing *of, struct cc_tier_said *out)
{
    struct visited visited = { all, of };
    struct cc_label_facts bought = cc_standing_facts(all, of, 0);
    struct cc_tier_facts facts = { &bought, visits_between, &visited };

    cc_tier_say(all->rule, all->rules, &facts, all->today, out);
    if (!all->sees_purchases ||
        (!all->sees_visits && out->tier == CC_TIER_STANDARD &&
            has_low_yield(all))) {
        *out = (struct cc_tier_said){ .tier = 0 };
    }
}
