#include "book/goal_board.h"

#include <stdlib.h>
#include <string.h>

/* A series while its lines are made. */
struct tree {
    struct cc_goal_board *b;
    const struct cc_goal_series *s;
    struct cc_send_days worked; /* which days count */
    bool whole;
    struct cc_cover_field field, goals; /* what is counted; goals themselves */
    struct cc_goal_sum company;
    struct cc_goal_sum *region; /* by region, and by unit */
    struct cc_goal_sum *unit;
    bool *covered; /* by unit: all that counts is here */
    bool *peopled; /* by unit: its goals and those of its people are here */
    const struct cc_goal *of_company;
    const struct cc_goal **of_region, **of_unit, **of_place; /* NULL: none */
};

/* Where a line stands. */
struct spot {
    enum cc_goal_level level;
    uint32_t at;    /* region, unit or place */
    unsigned depth; /* of its line, if it has one */
    int64_t above;  /* the target of the next line above; 0: none */
    bool below;     /* the line above is of the level just above */
};

/* ---- sums --------------------------------------------------------------- */

static void add(struct cc_goal_sum *to, const struct cc_goal_sum *from)
{
    if (__builtin_add_overflow(to->sum, from->sum, &to->sum)) {
        to->sum = from->sum > 0 ? INT64_MAX : INT64_MIN;
    }
    to->of += from->of;
}

static void add_up(struct tree *t)
{
    const struct cc_goal_board *b = t->b;

    for (uint32_t i = 0; i < b->places; i++) {
        uint32_t unit = b->place[i].unit;
        uint32_t region =
            unit == CC_GOAL_NONE ? CC_GOAL_NONE : b->unit[unit].region;

        add(&t->company, &t->s->of[i]);
        if (unit != CC_GOAL_NONE) {
            add(&t->unit[unit], &t->s->of[i]);
        }
        if (region != CC_GOAL_NONE) {
            add(&t->region[region], &t->s->of[i]);
        }
    }
}

static int64_t value_of(const struct tree *t, const struct cc_goal_sum *s)
{
    if (cc_target_grows(t->s->metric)) {
        return s->sum;
    }
    return s->of == 0
               ? 0
               : s->sum * (t->s->metric == CC_TARGET_COVERAGE ? 100 : 1) /
                     s->of;
}

static const struct cc_goal_sum *sum_at(
    const struct tree *t, enum cc_goal_level level, uint32_t at)
{
    switch (level) {
    case CC_GOAL_REGION:
        return &t->region[at];
    case CC_GOAL_BRANCH:
        return &t->unit[at];
    case CC_GOAL_REP:
        return &t->s->of[at];
    case CC_GOAL_COMPANY:
        break;
    }
    return &t->company;
}

/* ---- what is here ------------------------------------------------------- */

static bool is_branch(const struct cc_goal_board *b, uint32_t unit)
{
    return b->unit[unit].roster->unit.size > 0;
}

/* Of all units that count, whether each is; of none it is not. */
static bool all_of(const struct tree *t, uint32_t region, const bool *each)
{
    const struct cc_goal_board *b = t->b;
    bool any = false;

    for (uint32_t u = 0; u < b->units; u++) {
        if ((is_branch(b, u) || b->unit[u].roster->territory_count > 0) &&
            (region == CC_GOAL_NONE || b->unit[u].region == region)) {
            any = true;
            if (!each[u]) {
                return false;
            }
        }
    }
    return any;
}

static bool is_whole(
    const struct tree *t, enum cc_goal_level level, uint32_t at)
{
    const struct cc_goal_place *p = &t->b->place[at];

    switch (level) {
    case CC_GOAL_REGION:
        return all_of(t, at, t->covered);
    case CC_GOAL_BRANCH:
        return t->covered[at];
    case CC_GOAL_REP:
        return p->person == NULL
                   ? p->unit != CC_GOAL_NONE && t->covered[p->unit]
               : t->s->metric == CC_TARGET_EVENTS
                   ? p->unit != CC_GOAL_NONE && t->covered[p->unit]
                   : cc_cover_person(&t->b->source.cover, p->person, t->field);
    case CC_GOAL_COMPANY:
        break;
    }
    return all_of(t, CC_GOAL_NONE, t->covered);
}

/* ---- targets ------------------------------------------------------------ */

/* Of several, which two offices may have made apart, the newest record. */
static const struct cc_goal *goal_of(
    const struct tree *t, enum cc_goal_level level, uint32_t at)
{
    switch (level) {
    case CC_GOAL_REGION:
        return t->of_region[at];
    case CC_GOAL_BRANCH:
        return t->of_unit[at];
    case CC_GOAL_REP:
        return t->of_place[at];
    case CC_GOAL_COMPANY:
        break;
    }
    return t->of_company;
}

/* Where the goal of its series is kept; NULL: its person or branch is in no
 * roster. */
static const struct cc_goal **spot_of(struct tree *t, const struct cc_goal *g)
{
    const struct cc_goal_board *b = t->b;
    uint32_t at = 0;

    switch (g->level) {
    case CC_GOAL_REGION:
        while (at < b->regions && !sp_slice_equal(b->region[at], g->region)) {
            at++;
        }
        return at < b->regions ? &t->of_region[at] : NULL;
    case CC_GOAL_BRANCH:
        at = cc_goal_unit_named(b, g->unit);
        return at == CC_GOAL_NONE ? NULL : &t->of_unit[at];
    case CC_GOAL_REP:
        at = cc_goal_place_of(b, g->rep);
        return b->place[at].user == 0 ? NULL : &t->of_place[at];
    case CC_GOAL_COMPANY:
        break;
    }
    return &t->of_company;
}

static void find_goals(struct tree *t)
{
    for (size_t i = 0; i < t->b->goals; i++) {
        const struct cc_goal *g = &t->b->goal[i];
        const struct cc_goal **spot =
            cc_goal_fits(t->s, g) ? spot_of(t, g) : NULL;

        if (spot != NULL) {
            *spot = g;
        }
    }
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* The goals below a line. */
struct parts {
    int64_t sum;
    unsigned count;
};

static void add_part(struct parts *p, int64_t target)
{
    if (target > 0) {
        p->sum = plus(p->sum, target);
        p->count++;
    }
}

static void add_goal(struct parts *p, const struct cc_goal *g)
{
    add_part(p, g == NULL ? 0 : g->goal.target);
}

static struct parts parts_of_unit(const struct tree *t, uint32_t unit)
{
    struct parts out = { 0, 0 };

    for (uint32_t i = 0; i < t->b->people; i++) {
        if (t->b->place[i].unit == unit) {
            add_goal(&out, goal_of(t, CC_GOAL_REP, i));
        }
    }
    return out;
}

/* The units of a region; CC_GOAL_NONE: those that lie in none. */
static void add_units(const struct tree *t, uint32_t region, struct parts *out)
{
    for (uint32_t u = 0; u < t->b->units; u++) {
        const struct cc_goal *g = goal_of(t, CC_GOAL_BRANCH, u);

        if (t->b->unit[u].region == region) {
            add_part(out, g != NULL ? g->goal.target : parts_of_unit(t, u).sum);
        }
    }
}

static struct parts parts_of_region(const struct tree *t, uint32_t region)
{
    struct parts out = { 0, 0 };

    add_units(t, region, &out);
    return out;
}

static struct parts parts_of_company(const struct tree *t)
{
    struct parts out = { 0, 0 };

    add_units(t, CC_GOAL_NONE, &out);
    for (uint32_t r = 0; r < t->b->regions; r++) {
        const struct cc_goal *g = goal_of(t, CC_GOAL_REGION, r);

        add_part(&out, g != NULL ? g->goal.target : parts_of_region(t, r).sum);
    }
    return out;
}

/* The sum of the goals below, where all of them are here and there are
 * several; 0: none. Shares of a whole (percents) have no sum. */
static int64_t summed_target(
    const struct tree *t, enum cc_goal_level level, uint32_t at)
{
    struct parts p = { 0, 0 };

    if (!cc_target_grows(t->s->metric)) {
        return 0;
    }
    if (level == CC_GOAL_REGION && all_of(t, at, t->peopled)) {
        p = parts_of_region(t, at);
    } else if (level == CC_GOAL_BRANCH && t->peopled[at]) {
        p = parts_of_unit(t, at);
    } else if (level == CC_GOAL_COMPANY &&
               all_of(t, CC_GOAL_NONE, t->peopled)) {
        p = parts_of_company(t);
    }
    return p.count > 1 ? p.sum : 0;
}

/* ---- lines -------------------------------------------------------------- */

static void name_row(
    const struct tree *t, const struct spot *at, struct cc_goal_row *row)
{
    const struct cc_goal_board *b = t->b;
    uint32_t unit = at->level == CC_GOAL_BRANCH ? at->at : CC_GOAL_NONE;
    uint32_t region = at->level == CC_GOAL_REGION ? at->at : CC_GOAL_NONE;

    if (at->level == CC_GOAL_REP) {
        row->user = b->place[at->at].user;
        unit = b->place[at->at].unit;
    }
    if (unit != CC_GOAL_NONE) {
        row->unit = b->unit[unit].roster->unit;
        region = b->unit[unit].region;
    }
    if (region != CC_GOAL_NONE) {
        row->region = b->region[region];
    }
}

/* Whether something without a goal is worth a line: as a part of the goal
 * above, when all of it is here. */
static bool is_share(const struct tree *t, const struct spot *at)
{
    const struct cc_goal_place *p = &t->b->place[at->at];
    const struct cc_goal_sum *sum = sum_at(t, at->level, at->at);

    if (at->above == 0 || !(t->whole || at->below) ||
        !is_whole(t, at->level, at->at)) {
        return false;
    }
    switch (at->level) {
    case CC_GOAL_BRANCH:
        return is_branch(t->b, at->at) || sum->of > 0;
    case CC_GOAL_REP:
        return t->s->metric != CC_TARGET_EVENTS && /* nobody has his own */
               (sum->of > 0 ||
                   (p->person != NULL &&
                       p->person->status == SP_PERSON_ACTIVE &&
                       cc_cover_in_field(t->b->source.book, p->person)));
    case CC_GOAL_REGION:
    case CC_GOAL_COMPANY:
        break;
    }
    return true;
}

/* Adds the line of a spot if it has one; below: where what is under it
 * stands. */
static sp_err put(struct tree *t, const struct spot *at, struct spot *below)
{
    struct cc_goal_board *b = t->b;
    const struct cc_goal *g = goal_of(t, at->level, at->at);
    int64_t summed = g == NULL ? summed_target(t, at->level, at->at) : 0;
    struct cc_target_goal goal;
    struct cc_goal_row *list;

    *below = *at;
    below->below = false;
    if (g == NULL && summed == 0 && !is_share(t, at)) {
        return SP_OK;
    }
    list = (struct cc_goal_row *)sp_arena_grow(
        &b->arena, b->row, b->rows, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->row = list;
    goal = (struct cc_target_goal){ .metric = t->s->metric,
        .from = t->s->from,
        .until = t->s->until,
        .target = g != NULL    ? g->goal.target
                  : summed > 0 ? summed
                               : at->above };
    list[b->rows] = (struct cc_goal_row){ .level = at->level,
        .depth = at->depth,
        .goal = g,
        .summed = g == NULL && summed > 0,
        .share = g == NULL && summed == 0,
        .part = !is_whole(t, at->level, at->at),
        .metric = t->s->metric,
        .from = t->s->from,
        .until = t->s->until,
        .currency = t->s->currency,
        .event_kind = t->s->event_kind,
        .target = goal.target,
        .actual = value_of(t, sum_at(t, at->level, at->at)) };
    list[b->rows].progress = cc_target_progress(
        &goal, &t->worked, list[b->rows].actual, b->source.today);
    name_row(t, at, &list[b->rows]);
    below->depth++;
    below->above = goal.target;
    below->below = !list[b->rows].share;
    b->rows++;
    return SP_OK;
}

static sp_err put_people(struct tree *t, struct spot at, uint32_t unit)
{
    struct spot below;
    sp_err err = SP_OK;

    at.level = CC_GOAL_REP;
    for (uint32_t i = 0; err == SP_OK && i < t->b->places; i++) {
        if (t->b->place[i].unit == unit) {
            at.at = i;
            err = put(t, &at, &below);
        }
    }
    return err;
}

static sp_err put_units(struct tree *t, struct spot at, uint32_t region)
{
    sp_err err = SP_OK;

    for (uint32_t u = 0; err == SP_OK && u < t->b->units; u++) {
        struct spot below;

        if (t->b->unit[u].region != region) {
            continue;
        }
        at.level = CC_GOAL_BRANCH;
        at.at = u;
        err = put(t, &at, &below);
        if (err == SP_OK) {
            err = put_people(t, below, u);
        }
    }
    return err;
}

/* Goals of a person or a branch that no roster here names: nothing counts for
 * them that could be told apart. */
static sp_err put_strays(struct tree *t)
{
    struct cc_goal_board *b = t->b;

    for (size_t i = 0; i < b->goals; i++) {
        const struct cc_goal *g = &b->goal[i];
        struct cc_goal_row *list;

        if (!cc_goal_fits(t->s, g) || spot_of(t, g) != NULL) {
            continue;
        }
        list = (struct cc_goal_row *)sp_arena_grow(
            &b->arena, b->row, b->rows, sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        b->row = list;
        list[b->rows++] = (struct cc_goal_row){ .level = g->level,
            .goal = g,
            .part = true,
            .user = g->rep,
            .unit = g->unit,
            .metric = t->s->metric,
            .from = t->s->from,
            .until = t->s->until,
            .currency = t->s->currency,
            .event_kind = t->s->event_kind,
            .target = g->goal.target,
            .progress =
                cc_target_progress(&g->goal, &t->worked, 0, b->source.today) };
    }
    return SP_OK;
}

static sp_err put_all(struct tree *t)
{
    struct spot at = { .level = CC_GOAL_COMPANY }, below;
    sp_err err = put(t, &at, &below);

    for (uint32_t r = 0; err == SP_OK && r < t->b->regions; r++) {
        struct spot units;

        at = below;
        at.level = CC_GOAL_REGION;
        at.at = r;
        err = put(t, &at, &units);
        if (err == SP_OK) {
            err = put_units(t, units, r);
        }
    }
    if (err == SP_OK) {
        err = put_units(t, below, CC_GOAL_NONE);
    }
    if (err == SP_OK) { /* people of no unit that is known here */
        err = put_people(t, below, CC_GOAL_NONE);
    }
    return err == SP_OK ? put_strays(t) : err;
}

/* ---- all ---------------------------------------------------------------- */

static void look_at_units(struct tree *t)
{
    const struct cc_cover *c = &t->b->source.cover;

    for (uint32_t u = 0; u < t->b->units; u++) {
        const struct sp_roster *r = t->b->unit[u].roster;

        t->covered[u] = t->s->metric == CC_TARGET_EVENTS
                            ? cc_cover_catalogue(c, r, t->field)
                            : cc_cover_unit(c, r, t->field);
        t->peopled[u] = cc_cover_people(c, r, t->goals) &&
                        cc_cover_catalogue(c, r, t->goals);
    }
}

/* count elements, all zero; NULL without memory. */
static void *zeroed(struct tree *t, size_t count, size_t size)
{
    void *out = sp_arena_take(&t->b->arena, count + 1u, size);

    return out == NULL ? NULL : memset(out, 0, (count + 1u) * size);
}

static bool take_room(struct tree *t)
{
    const struct cc_goal_board *b = t->b;

    t->region = (struct cc_goal_sum *)zeroed(t, b->regions, sizeof(*t->region));
    t->unit = (struct cc_goal_sum *)zeroed(t, b->units, sizeof(*t->unit));
    t->covered = (bool *)zeroed(t, b->units, sizeof(bool));
    t->peopled = (bool *)zeroed(t, b->units, sizeof(bool));
    t->of_region =
        (const struct cc_goal **)zeroed(t, b->regions, sizeof(*t->of_region));
    t->of_unit =
        (const struct cc_goal **)zeroed(t, b->units, sizeof(*t->of_unit));
    t->of_place =
        (const struct cc_goal **)zeroed(t, b->places, sizeof(*t->of_place));
    return t->region != NULL && t->unit != NULL && t->covered != NULL &&
           t->peopled != NULL && t->of_region != NULL && t->of_unit != NULL &&
           t->of_place != NULL;
}

static sp_err make_tree(struct cc_goal_board *b, size_t i, bool whole)
{
    const struct sp_entity *target = sp_dictionary_entity_named(
        b->source.dictionary, sp_slice_text("target"));
    struct tree t = { .b = b,
        .s = &b->series[i],
        .worked = cc_calendar_days(&b->calendar),
        .whole = whole,
        .field = cc_goal_field(b, b->series[i].metric),
        .goals = { target == NULL ? 0 : target->number, 0 } };

    if (!take_room(&t)) {
        return SP_E_NOMEM;
    }
    find_goals(&t);
    look_at_units(&t);
    add_up(&t);
    return put_all(&t);
}

sp_err cc_goal_tree(struct cc_goal_board *b, bool whole,
    const struct cc_goal_row **rows, size_t *count)
{
    sp_err err = SP_OK;

    b->rows = 0;
    b->row = NULL;
    for (size_t i = 0; err == SP_OK && i < b->series_count; i++) {
        err = make_tree(b, i, whole);
    }
    *rows = b->row;
    *count = b->rows;
    return err;
}
