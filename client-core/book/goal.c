#include "book/goal_board.h"

#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/money.h"
#include "book/profile.h"
#include "book/tally.h"

#define BIT(metric) (1u << (metric))
/* Goals that ask for accounts. */
#define OF_ACCOUNTS                                                            \
    (BIT(CC_TARGET_NEW_ACCOUNTS) | BIT(CC_TARGET_COVERAGE) |                   \
        BIT(CC_TARGET_PURCHASES) | BIT(CC_TARGET_REVENUE) |                    \
        BIT(CC_TARGET_COMPLETENESS))
#define FORWARDS_MAX 64u /* of one account into another */

struct cc_goal_kept {
    struct sp_id id;
    struct sp_id into;
    uint32_t place;
    int32_t visited; /* CC_DAY_NONE: never */
    uint16_t cycle_days;
    bool deleted;
    bool bought;
};

/* ---- the goals ---------------------------------------------------------- */

static sp_err copy_text(
    struct cc_goal_board *b, struct sp_slice text, struct sp_slice *out)
{
    *out = sp_arena_copy(&b->arena, text);
    return text.size > 0 && out->data == NULL ? SP_E_NOMEM : SP_OK;
}

static void read_goal(const struct cc_value_of *of, struct cc_goal *g)
{
    struct cc_money amount = cc_money_of(of, "amount");

    *g = (struct cc_goal){ .id = of->record->ref.id,
        .goal = { .metric =
                      (enum cc_target_metric)cc_value_int(of, "metric", 0),
            .from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE),
            .until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE) },
        .rep = (uint32_t)cc_value_int(of, "rep", 0),
        .unit = cc_value_text(of, "unit"),
        .region = cc_value_text(of, "region") };
    g->level = g->rep != 0          ? CC_GOAL_REP
               : g->unit.size > 0   ? CC_GOAL_BRANCH
               : g->region.size > 0 ? CC_GOAL_REGION
                                    : CC_GOAL_COMPANY;
    if (g->goal.metric == CC_TARGET_REVENUE) {
        g->goal.target = amount.minor;
        g->currency = amount.currency;
    } else {
        g->goal.target = cc_value_int(of, "value", 0);
    }
    if (g->goal.metric == CC_TARGET_EVENTS) {
        g->event_kind = (unsigned)cc_value_int(of, "event_kind", 0);
    }
    (void)cc_value_ref(of, "part_of", &g->part_of);
}

static sp_err take_goal(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    struct cc_goal *list, g;
    sp_err err;

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    read_goal(&of, &g);
    /* A metric that a newer dictionary has is not counted here. */
    if (g.goal.target <= 0 || g.goal.from == CC_DAY_NONE ||
        g.goal.until == CC_DAY_NONE || g.goal.metric < CC_TARGET_VISITS ||
        g.goal.metric > CC_TARGET_EVENTS) {
        return SP_OK;
    }
    if (b->goals == CC_GOALS_MAX) {
        return SP_E_TOO_LARGE;
    }
    list = (struct cc_goal *)sp_arena_grow(
        &b->arena, b->goal, b->goals, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->goal = list;
    err = copy_text(b, g.unit, &g.unit);
    if (err == SP_OK) {
        err = copy_text(b, g.region, &g.region);
    }
    list[b->goals++] = g;
    b->metrics |= BIT(g.goal.metric);
    return err;
}

bool cc_goal_fits(const struct cc_goal_series *s, const struct cc_goal *g)
{
    return s->metric == g->goal.metric && s->from == g->goal.from &&
           s->until == g->goal.until && s->currency == g->currency &&
           s->event_kind == g->event_kind;
}

/* The newest days first. */
static int by_days(const void *a, const void *b)
{
    const struct cc_goal_series *x = (const struct cc_goal_series *)a;
    const struct cc_goal_series *y = (const struct cc_goal_series *)b;

    if (x->from != y->from) {
        return x->from < y->from ? 1 : -1;
    }
    if (x->until != y->until) {
        return x->until < y->until ? 1 : -1;
    }
    if (x->metric != y->metric) {
        return x->metric < y->metric ? -1 : 1;
    }
    return x->currency != y->currency ? (x->currency > y->currency) * 2 - 1
                                      : (x->event_kind > y->event_kind) -
                                            (x->event_kind < y->event_kind);
}

static sp_err make_series(struct cc_goal_board *b)
{
    b->series = (struct cc_goal_series *)sp_arena_take(
        &b->arena, b->goals + 1, sizeof(*b->series));
    if (b->series == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < b->goals; i++) {
        const struct cc_goal *g = &b->goal[i];
        size_t k = 0;

        while (k < b->series_count && !cc_goal_fits(&b->series[k], g)) {
            k++;
        }
        if (k == b->series_count) {
            b->series[b->series_count++] =
                (struct cc_goal_series){ .metric = g->goal.metric,
                    .from = g->goal.from,
                    .until = g->goal.until,
                    .currency = g->currency,
                    .event_kind = g->event_kind };
        }
    }
    if (b->series_count > 0) {
        qsort(b->series, b->series_count, sizeof(*b->series), by_days);
    }
    for (size_t i = 0; i < b->series_count; i++) {
        b->series[i].of = (struct cc_goal_sum *)sp_arena_take(
            &b->arena, b->places, sizeof(*b->series[i].of));
        if (b->series[i].of == NULL) {
            return SP_E_NOMEM;
        }
        memset(b->series[i].of, 0, b->places * sizeof(*b->series[i].of));
    }
    return SP_OK;
}

/* ---- places ------------------------------------------------------------- */

uint32_t cc_goal_unit_named(const struct cc_goal_board *b, struct sp_slice code)
{
    for (uint32_t i = 0; i < b->units; i++) {
        if (sp_slice_equal(b->unit[i].roster->unit, code)) {
            return i;
        }
    }
    return CC_GOAL_NONE;
}

static int by_name(const void *a, const void *b)
{
    const struct sp_slice *x = (const struct sp_slice *)a;
    const struct sp_slice *y = (const struct sp_slice *)b;

    return sp_slice_cmp(*x, *y);
}

/* All regions that some territory or goal names, each once. */
static sp_err list_regions(struct cc_goal_board *b)
{
    const struct sp_territory *t;
    size_t count = 0, kept = 0;

    for (size_t i = 0;
         (t = sp_rulebook_list_territory(b->source.book, i)) != NULL; i++) {
        count++;
    }
    b->region = (struct sp_slice *)sp_arena_take(
        &b->arena, count + b->goals + 1, sizeof(*b->region));
    if (b->region == NULL) {
        return SP_E_NOMEM;
    }
    count = 0;
    for (size_t i = 0;
         (t = sp_rulebook_list_territory(b->source.book, i)) != NULL; i++) {
        if (t->region.size > 0) {
            b->region[count++] = t->region;
        }
    }
    for (size_t i = 0; i < b->goals; i++) {
        if (b->goal[i].level == CC_GOAL_REGION) {
            b->region[count++] = b->goal[i].region;
        }
    }
    if (count > 0) {
        qsort(b->region, count, sizeof(*b->region), by_name);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !sp_slice_equal(b->region[kept - 1], b->region[i])) {
            b->region[kept++] = b->region[i];
        }
    }
    b->regions = (uint32_t)kept;
    return SP_OK;
}

static uint32_t territories_in(
    const struct sp_roster *unit, struct sp_slice region)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < unit->territory_count; i++) {
        count += sp_slice_equal(unit->territory[i].region, region);
    }
    return count;
}

/* Where most of its territories lie; empty: nowhere. */
static struct sp_slice region_of(const struct sp_roster *unit)
{
    struct sp_slice best = { NULL, 0 };
    uint32_t most = 0;

    for (uint32_t i = 0; i < unit->territory_count; i++) {
        struct sp_slice region = unit->territory[i].region;
        uint32_t count = region.size == 0 ? 0 : territories_in(unit, region);

        if (count > most ||
            (count == most && count > 0 && sp_slice_cmp(region, best) < 0)) {
            most = count;
            best = region;
        }
    }
    return best;
}

bool cc_goal_in_region(const struct sp_roster *unit, struct sp_slice region)
{
    struct sp_slice own = region_of(unit);

    return own.size > 0 && sp_slice_equal(own, region);
}

static uint32_t find_region(
    const struct cc_goal_board *b, struct sp_slice region)
{
    for (uint32_t i = 0; region.size > 0 && i < b->regions; i++) {
        if (sp_slice_equal(b->region[i], region)) {
            return i;
        }
    }
    return CC_GOAL_NONE;
}

static sp_err list_units(struct cc_goal_board *b)
{
    const struct sp_rulebook *book = b->source.book;
    uint32_t count = 0;

    while (sp_rulebook_list_unit(book, count) != NULL) {
        count++;
    }
    b->unit = (struct cc_goal_unit *)sp_arena_take(
        &b->arena, count + 1u, sizeof(*b->unit));
    if (b->unit == NULL) {
        return SP_E_NOMEM;
    }
    for (b->units = 0; b->units < count; b->units++) {
        const struct sp_roster *r = sp_rulebook_list_unit(book, b->units);

        b->unit[b->units] =
            (struct cc_goal_unit){ r, find_region(b, region_of(r)) };
    }
    return SP_OK;
}

static sp_err list_places(struct cc_goal_board *b)
{
    const struct sp_rulebook *book = b->source.book;
    const struct sp_person *p;
    uint32_t count = 0;

    while (sp_rulebook_list_person(book, count) != NULL) {
        count++;
    }
    b->place = (struct cc_goal_place *)sp_arena_take(
        &b->arena, (size_t)count + b->units + 1u, sizeof(*b->place));
    if (b->place == NULL) {
        return SP_E_NOMEM;
    }
    for (b->people = 0; b->people < count; b->people++) {
        const struct sp_roster *unit;

        p = sp_rulebook_list_person(book, b->people);
        unit = sp_rulebook_find_unit_of(book, p->user);
        b->place[b->people] = (struct cc_goal_place){ p->user,
            unit == NULL ? CC_GOAL_NONE : cc_goal_unit_named(b, unit->unit),
            p };
    }
    b->places = b->people;
    for (uint32_t u = 0; u < b->units; u++) {
        b->place[b->places++] = (struct cc_goal_place){ 0, u, NULL };
    }
    b->place[b->places++] = (struct cc_goal_place){ 0, CC_GOAL_NONE, NULL };
    return SP_OK;
}

static int by_user(const void *key, const void *one)
{
    const uint32_t *user = (const uint32_t *)key;
    const struct cc_goal_place *p = (const struct cc_goal_place *)one;

    return (*user > p->user) - (*user < p->user);
}

static uint32_t place_of_unit(const struct cc_goal_board *b, uint32_t unit)
{
    return b->people + (unit == CC_GOAL_NONE ? b->units : unit);
}

uint32_t cc_goal_place_of(const struct cc_goal_board *b, uint32_t user)
{
    const struct cc_goal_place *p =
        user == 0 ? NULL
                  : (const struct cc_goal_place *)bsearch(
                        &user, b->place, b->people, sizeof(*b->place), by_user);

    return p == NULL ? place_of_unit(b, CC_GOAL_NONE)
                     : (uint32_t)(p - b->place);
}

/* ---- counting ----------------------------------------------------------- */

/* One thing that happened. */
struct fact {
    enum cc_target_metric metric;
    uint32_t place;
    int32_t day;
    int64_t amount;
    uint32_t currency;
    unsigned event_kind;
};

static void add(struct cc_goal_sum *s, int64_t amount)
{
    if (__builtin_add_overflow(s->sum, amount, &s->sum)) {
        s->sum = amount > 0 ? INT64_MAX : INT64_MIN;
    }
    s->of++;
}

static void count(struct cc_goal_board *b, const struct fact *f)
{
    for (size_t i = 0; i < b->series_count; i++) {
        struct cc_goal_series *s = &b->series[i];

        if (s->metric == f->metric && s->currency == f->currency &&
            (s->event_kind == 0 || s->event_kind == f->event_kind) &&
            f->day >= s->from && f->day <= s->until) {
            add(&s->of[f->place], f->amount);
        }
    }
}

/* Of a metric that is as it is now, whatever the days. */
static void count_now(struct cc_goal_board *b, enum cc_target_metric metric,
    uint32_t place, int64_t amount)
{
    for (size_t i = 0; i < b->series_count; i++) {
        if (b->series[i].metric == metric) {
            add(&b->series[i].of[place], amount);
        }
    }
}

static bool asks(const struct cc_goal_board *b, enum cc_target_metric metric)
{
    return (b->metrics & BIT(metric)) != 0;
}

/* ---- accounts ----------------------------------------------------------- */

static struct cc_goal_kept *find(
    const struct cc_goal_board *b, const struct sp_id *id)
{
    size_t low = 0, high = b->accounts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sp_id_cmp(id, &b->account[middle].id);

        if (order == 0) {
            return &b->account[middle];
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return NULL;
}

/* What it is now; NULL when that is not here. */
static struct cc_goal_kept *customer(
    const struct cc_goal_board *b, const struct cc_value_of *of)
{
    struct cc_goal_kept *a = NULL;
    struct sp_id id;
    unsigned steps = 0;

    if (cc_value_ref(of, "account", &id)) {
        a = find(b, &id);
    }
    while (a != NULL && !sp_id_is_zero(&a->into) && steps++ < FORWARDS_MAX) {
        struct cc_goal_kept *next = find(b, &a->into);

        if (next == NULL) {
            break; /* the survivor is not here: it stays what it was */
        }
        a = next;
    }
    return a;
}

/* Whose it is: its owner's, else the branch's that has the territory. */
static uint32_t place_of_account(
    const struct cc_goal_board *b, const struct cc_goal_account *a)
{
    const struct sp_roster *unit;

    if (a->owner != 0) {
        return cc_goal_place_of(b, a->owner);
    }
    unit = a->territory.size == 0
               ? NULL
               : sp_rulebook_find_unit_serving(b->source.book, a->territory);
    return place_of_unit(
        b, unit == NULL ? CC_GOAL_NONE : cc_goal_unit_named(b, unit->unit));
}

static sp_err keep_account(void *arg, const struct cc_goal_account *a)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    struct cc_goal_kept *list = (struct cc_goal_kept *)sp_arena_grow(
        &b->arena, b->account, b->accounts, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->account = list;
    list[b->accounts++] = (struct cc_goal_kept){ .id = a->id,
        .into = a->into,
        .place = place_of_account(b, a),
        .visited = CC_DAY_NONE,
        .cycle_days = a->cycle_days,
        .deleted = a->deleted };
    return SP_OK;
}

static sp_err take_account(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    struct cc_goal_account a = { .id = view->ref.id,
        .owner = (uint32_t)cc_value_int(&of, "owner_id", 0),
        .territory = cc_value_text(&of, "territory_id"),
        .cycle_days = (uint16_t)cc_value_int(&of, "visit_cycle_days", 0),
        .deleted = cc_value_deleted(&of) };

    (void)cc_value_ref(&of, "merged_into", &a.into);
    return keep_account(b, &a);
}

/* What counts for the accounts themselves, when their visits are known. */
static void count_accounts(struct cc_goal_board *b)
{
    for (size_t i = 0; i < b->accounts; i++) {
        const struct cc_goal_kept *a = &b->account[i];

        if (a->deleted || !sp_id_is_zero(&a->into)) {
            continue;
        }
        if (asks(b, CC_TARGET_NEW_ACCOUNTS)) {
            count(b, &(struct fact){ .metric = CC_TARGET_NEW_ACCOUNTS,
                         .place = a->place,
                         .day = b->source.day_of(sp_id_time_ms(&a->id)),
                         .amount = 1 });
        }
        if (a->cycle_days > 0) {
            count_now(b, CC_TARGET_COVERAGE, a->place,
                a->visited != CC_DAY_NONE &&
                    a->visited > b->source.today - a->cycle_days);
        }
    }
}

/* ---- records ------------------------------------------------------------ */

static sp_err take_visit(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    int32_t day = b->source.day_of(cc_value_ts(&of, "checkin"));
    struct cc_goal_kept *a;

    if (!cc_tally_counts(&of) || day == CC_DAY_NONE) {
        return SP_OK;
    }
    count(b,
        &(struct fact){ .metric = CC_TARGET_VISITS,
            .place = cc_goal_place_of(b, (uint32_t)cc_value_int(&of, "rep", 0)),
            .day = day,
            .amount = 1 });
    a = customer(b, &of);
    if (a != NULL && (a->visited == CC_DAY_NONE || a->visited < day)) {
        a->visited = day;
    }
    return SP_OK;
}

static sp_err take_purchase(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    struct cc_money amount = cc_money_of(&of, "amount");
    struct cc_goal_kept *a = customer(b, &of);
    struct fact f = { .metric = CC_TARGET_PURCHASES,
        .place = a == NULL ? place_of_unit(b, CC_GOAL_NONE) : a->place,
        .day = (int32_t)cc_value_int(&of, "date", CC_DAY_NONE),
        .amount = amount.minor > 0 };

    if (cc_value_deleted(&of) || f.day == CC_DAY_NONE) {
        return SP_OK;
    }
    if (a != NULL) {
        a->bought = true;
    }
    count(b, &f);
    f.metric = CC_TARGET_REVENUE;
    f.amount = amount.minor;
    f.currency = amount.currency;
    count(b, &f);
    return SP_OK;
}

static sp_err take_activity(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    struct cc_tally_contact one;

    if (cc_tally_contact(&of, &one)) {
        count(b, &(struct fact){ .metric = CC_TARGET_CONTACTS,
                     .place = cc_goal_place_of(b, one.user),
                     .day = b->source.day_of(one.at_ms),
                     .amount = 1 });
    }
    return SP_OK;
}

/* What is only planned, or was called off, is no step towards a goal. */
static sp_err take_event(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    int32_t held = (int32_t)cc_value_int(&of, "held", CC_DAY_NONE);

    if (!cc_value_deleted(&of) && !cc_value_bool(&of, "cancelled", false) &&
        held != CC_DAY_NONE) {
        count(b, &(struct fact){ .metric = CC_TARGET_EVENTS,
                     .place = place_of_unit(
                         b, cc_goal_unit_named(b, cc_value_text(&of, "unit"))),
                     .day = held,
                     .amount = 1,
                     .event_kind = (unsigned)cc_value_int(&of, "kind", 0) });
    }
    return SP_OK;
}

static sp_err take_contact(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };
    const struct cc_goal_kept *a = customer(b, &of);

    if (!cc_value_deleted(&of)) {
        count_now(b, CC_TARGET_COMPLETENESS,
            cc_goal_place_of(b, (uint32_t)cc_value_int(&of, "author", 0)),
            cc_profile_of(&of, a != NULL && a->bought).percent);
    }
    return SP_OK;
}

static sp_err take_window(void *arg, const struct sp_record *view)
{
    struct cc_goal_board *b = (struct cc_goal_board *)arg;
    const struct cc_value_of of = { b->entity, view };

    cc_calendar_take(&b->calendar, &of);
    return SP_OK;
}

/* In this order: what is asked of an account is known before it is counted. */
static const struct {
    const char *entity, *field; /* the field that its figure is made of */
    unsigned metrics;           /* that ask for it */
    sp_err (*take)(void *arg, const struct sp_record *view);
} counted[] = {
    { "visit", "checkin", BIT(CC_TARGET_VISITS) | BIT(CC_TARGET_COVERAGE),
        take_visit },
    { "purchase", "amount",
        BIT(CC_TARGET_PURCHASES) | BIT(CC_TARGET_REVENUE) |
            BIT(CC_TARGET_COMPLETENESS),
        take_purchase },
    { "activity", "at", BIT(CC_TARGET_CONTACTS), take_activity },
    { "event", "held", BIT(CC_TARGET_EVENTS), take_event },
    /* Who may not read this one sees files that look less complete. */
    { "contact", "ethnicity", BIT(CC_TARGET_COMPLETENESS), take_contact },
};

struct cc_cover_field cc_goal_field(
    const struct cc_goal_board *b, enum cc_target_metric metric)
{
    const struct sp_dictionary *d = b->source.dictionary;
    const char *entity = "account", *field = "owner_id";
    const struct sp_entity *e;
    const struct sp_field *f;

    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        /* Completeness is of contacts, which also come last. */
        if ((counted[i].metrics & BIT(metric)) != 0) {
            entity = counted[i].entity;
            field = counted[i].field;
        }
    }
    e = sp_dictionary_entity_named(d, sp_slice_text(entity));
    f = e == NULL ? NULL : sp_dictionary_field_named(e, sp_slice_text(field));
    return (struct cc_cover_field){ e == NULL ? 0 : e->number,
        f == NULL ? 0 : f->number };
}

/* ---- all ---------------------------------------------------------------- */

static sp_err read(struct cc_goal_board *b, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    b->entity =
        sp_dictionary_entity_named(b->source.dictionary, sp_slice_text(entity));
    return b->entity == NULL
               ? SP_OK /* an older dictionary: there are none */
               : b->source.walk(b->source.self, b->entity->number, take, b);
}

static sp_err read_accounts(struct cc_goal_board *b)
{
    if ((b->metrics & OF_ACCOUNTS) == 0) {
        return SP_OK;
    }
    return b->source.accounts != NULL
               ? b->source.accounts(b->source.self, keep_account, b)
               : read(b, "account", take_account);
}

static sp_err load(struct cc_goal_board *b)
{
    sp_err err = read(b, "target", take_goal);

    if (err == SP_OK && b->goals > 0) {
        err = read(b, "send_window", take_window);
    }
    if (err == SP_OK) {
        err = list_regions(b);
    }
    if (err == SP_OK) {
        err = list_units(b);
    }
    if (err == SP_OK) {
        err = list_places(b);
    }
    if (err == SP_OK) {
        err = make_series(b);
    }
    if (err == SP_OK) {
        err = read_accounts(b);
    }
    for (size_t i = 0; err == SP_OK && i < sizeof(counted) / sizeof(counted[0]);
         i++) {
        if ((b->metrics & counted[i].metrics) != 0) {
            err = read(b, counted[i].entity, counted[i].take);
        }
    }
    if (err == SP_OK) {
        count_accounts(b);
    }
    return err;
}

sp_err cc_goal_load(
    const struct cc_goal_source *source, struct cc_goal_board **out)
{
    struct cc_goal_board *b;
    struct sp_arena arena;
    sp_err err;

    sp_arena_init(&arena, CC_GOAL_BYTES_MAX);
    b = (struct cc_goal_board *)sp_arena_take(&arena, 1, sizeof(*b));
    if (b == NULL) {
        return SP_E_NOMEM;
    }
    *b = (struct cc_goal_board){ .source = *source, .arena = arena };
    err = load(b);
    if (err != SP_OK) {
        cc_goal_free(b);
        return err;
    }
    *out = b;
    return SP_OK;
}

void cc_goal_free(struct cc_goal_board *b)
{
    if (b != NULL) {
        struct sp_arena arena = b->arena; /* it lies in there itself */

        sp_arena_free(&arena);
    }
}
