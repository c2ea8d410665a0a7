/* report_visits.c - visits against plan and cycle, and the funnel. */
#include "book/report_make.h"

#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/label.h"

/* Options of visit.outcome and of the verdict of visit.verify. */
enum { ORDER = 1 };
enum { VERIFIED = 1, OUTSIDE = 2 };

struct person {
    uint32_t user;
    int64_t planned, kept;
    int64_t due, covered;
    int64_t visits, orders;
    int64_t checked, verified; /* check-ins that had a place to compare with */
    int64_t in_store_ms, working_ms;
};

/* A customer who was not visited within his cycle. */
struct late {
    uint32_t at;
    int32_t last; /* CC_DAY_NONE: never */
    int32_t days; /* past its cycle */
};

struct people {
    struct cc_report *r;
    const struct cc_report_facts *f;
    size_t count;
    struct person *person;
    struct person all;
    size_t lates;
    struct late *late;
};

static struct person *person_of(struct people *p, uint32_t user)
{
    static struct person nobody; /* without memory: err is set */
    struct person *list;

    for (size_t i = 0; i < p->count; i++) {
        if (p->person[i].user == user) {
            return &p->person[i];
        }
    }
    list = (struct person *)sp_arena_grow(
        &p->r->arena, p->person, p->count, sizeof(*list));
    if (list == NULL) {
        p->r->err = SP_E_NOMEM;
        return &nobody;
    }
    p->person = list;
    list[p->count] = (struct person){ .user = user };
    return &list[p->count++];
}

static bool is_in(const struct people *p, int32_t day)
{
    return day >= p->r->from && day <= p->r->until;
}

/* ---- plan ----------------------------------------------------------------
 */

static int by_plan(const void *a, const void *b)
{
    const struct cc_report_visit *x = *(const struct cc_report_visit *const *)a;
    const struct cc_report_visit *y = *(const struct cc_report_visit *const *)b;

    return sp_id_cmp(&x->planned, &y->planned);
}

static int by_place(const void *a, const void *b)
{
    const struct cc_report_visit *x = *(const struct cc_report_visit *const *)a;
    const struct cc_report_visit *y = *(const struct cc_report_visit *const *)b;

    return x->at != y->at     ? (x->at > y->at) - (x->at < y->at)
           : x->rep != y->rep ? (x->rep > y->rep) - (x->rep < y->rep)
                              : (x->day > y->day) - (x->day < y->day);
}

/* All visits in an order; NULL without memory. */
static const struct cc_report_visit **sorted(
    struct people *p, int (*cmp)(const void *a, const void *b))
{
    const struct cc_report_facts *f = p->f;
    const struct cc_report_visit **list =
        (const struct cc_report_visit **)sp_arena_take(
            &p->r->arena, f->visits + 1u, sizeof(*list));

    for (size_t i = 0; list != NULL && i < f->visits; i++) {
        list[i] = &f->visit[i];
    }
    if (list == NULL) {
        p->r->err = SP_E_NOMEM;
    } else if (f->visits > 1) {
        qsort(list, f->visits, sizeof(*list), cmp);
    }
    return list;
}

/* A stop was kept by a visit that names it, or by one of the same person to the
 * same customer on its day. */
static void count_plan(struct people *p)
{
    const struct cc_report_facts *f = p->f;
    const struct cc_report_visit **plan = sorted(p, by_plan);
    const struct cc_report_visit **place = sorted(p, by_place);

    for (size_t i = 0; plan != NULL && place != NULL && i < f->stops; i++) {
        const struct cc_report_stop *s = &f->stop[i];
        const struct cc_report_visit like = {
            .at = s->at, .rep = s->rep, .day = s->day, .planned = s->id
        };
        const struct cc_report_visit *key = &like;
        bool kept;

        if (!is_in(p, s->day)) {
            continue;
        }
        kept =
            f->visits > 0 &&
            (bsearch(&key, plan, f->visits, sizeof(*plan), by_plan) != NULL ||
                bsearch(&key, place, f->visits, sizeof(*place), by_place) !=
                    NULL);
        person_of(p, s->rep)->planned++;
        person_of(p, s->rep)->kept += kept;
    }
}

/* ---- cycles --------------------------------------------------------------
 */

static int most_late(const void *a, const void *b)
{
    const struct late *x = (const struct late *)a;
    const struct late *y = (const struct late *)b;

    return x->days != y->days ? (x->days < y->days) - (x->days > y->days)
                              : (x->at > y->at) - (x->at < y->at);
}

/* Day of the last visit to each customer by the end of the period. */
static int32_t *last_visits(struct people *p)
{
    const struct cc_report_facts *f = p->f;
    int32_t *last = (int32_t *)sp_arena_take(
        &p->r->arena, f->customers + 1u, sizeof(*last));

    if (last == NULL) {
        p->r->err = SP_E_NOMEM;
        return NULL;
    }
    for (size_t i = 0; i < f->customers; i++) {
        last[i] = CC_DAY_NONE;
    }
    for (size_t i = 0; i < f->visits; i++) {
        const struct cc_report_visit *v = &f->visit[i];

        if (v->day <= p->r->until && v->day > last[v->at]) {
            last[v->at] = v->day;
        }
    }
    return last;
}

static void put_late(struct people *p)
{
    static const struct cc_report_column column[] = {
        { "customer", { "CUSTOMER", "客户" }, CC_REPORT_TEXT, 0, false, 0 },
        { "who", { "WHO", "负责人" }, CC_REPORT_TEXT, 0, false, 0 },
        { "cycle", { "CYCLE", "周期" }, CC_REPORT_COUNT, 0, false, 0 },
        { "last", { "LAST VISIT", "上次拜访" }, CC_REPORT_DAY, 0, false, 0 },
        { "overdue", { "DAYS LATE", "逾期天数" }, CC_REPORT_COUNT, 0, false,
            0 },
    };

    if (p->lates > 1) {
        qsort(p->late, p->lates, sizeof(*p->late), most_late);
    }
    (void)cc_report_begin(p->r, "overdue",
        (struct cc_words){ "Not visited within their cycle", "超过拜访周期" },
        column, 5);
    for (size_t i = 0; i < p->lates && i < CC_REPORT_LIST_MAX; i++) {
        const struct late *one = &p->late[i];
        const struct cc_report_customer *c = &p->f->customer[one->at];

        cc_report_put_text(p->r, sp_slice_text(c->name));
        cc_report_put_person(p->r, p->f, c->charge);
        cc_report_put_number(p->r, c->cycle_days);
        cc_report_put_day(p->r, one->last);
        if (one->last == CC_DAY_NONE) {
            cc_report_put_none(p->r);
        } else {
            cc_report_put_number(p->r, one->days);
        }
    }
    cc_report_say(p->r, "overdue", "customers overdue: %zu",
        "逾期未访的客户：%zu 个", p->lates);
}

static void count_cycles(struct people *p)
{
    const struct cc_report_facts *f = p->f;
    int32_t *last = last_visits(p);

    p->late = (struct late *)sp_arena_take(
        &p->r->arena, f->customers + 1u, sizeof(*p->late));
    if (p->late == NULL) {
        p->r->err = SP_E_NOMEM;
    }
    for (uint32_t at = 0; last != NULL && p->late != NULL && at < f->customers;
         at++) {
        const struct cc_report_customer *c = &f->customer[at];
        int64_t past = last[at] == CC_DAY_NONE
                           ? INT32_MAX
                           : (int64_t)p->r->until - last[at] - c->cycle_days;

        if (!c->gone && c->cycle_days > 0) {
            person_of(p, c->charge)->due++;
            person_of(p, c->charge)->covered += past < 0;
            if (past >= 0) {
                p->late[p->lates++] =
                    (struct late){ at, last[at], (int32_t)past };
            }
        }
    }
}

/* ---- visits --------------------------------------------------------------
 */

static int by_day(const void *a, const void *b)
{
    const struct cc_report_visit *x = *(const struct cc_report_visit *const *)a;
    const struct cc_report_visit *y = *(const struct cc_report_visit *const *)b;

    return x->rep != y->rep ? (x->rep > y->rep) - (x->rep < y->rep)
           : x->day != y->day
               ? (x->day > y->day) - (x->day < y->day)
               : (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* A working day goes from its first check-in to its last check-out. */
static void count_time(struct people *p)
{
    const struct cc_report_visit **list = sorted(p, by_day);
    uint64_t from = 0, until = 0;

    for (size_t i = 0; list != NULL && i < p->f->visits; i++) {
        const struct cc_report_visit *v = list[i];
        bool last = i + 1 == p->f->visits || list[i + 1]->rep != v->rep ||
                    list[i + 1]->day != v->day;

        if (is_in(p, v->day) && v->until_ms >= v->from_ms) {
            from = from == 0 ? v->from_ms : from;
            until = v->until_ms > until ? v->until_ms : until;
            person_of(p, v->rep)->in_store_ms +=
                (int64_t)(v->until_ms - v->from_ms);
        }
        if (last && from != 0) {
            person_of(p, v->rep)->working_ms += (int64_t)(until - from);
        }
        if (last) {
            from = until = 0;
        }
    }
}

static void count_visits(struct people *p)
{
    for (size_t i = 0; i < p->f->visits; i++) {
        const struct cc_report_visit *v = &p->f->visit[i];
        struct person *one;

        if (!is_in(p, v->day)) {
            continue;
        }
        one = person_of(p, v->rep);
        one->visits++;
        one->orders += v->outcome == ORDER;
        one->checked += v->verdict == VERIFIED || v->verdict == OUTSIDE ||
                        p->f->customer[v->at].placed;
        one->verified += v->verdict == VERIFIED;
    }
    count_time(p);
}

/* ---- the table -----------------------------------------------------------
 */

static int by_user(const void *a, const void *b)
{
    const struct person *x = (const struct person *)a;
    const struct person *y = (const struct person *)b;

    return (x->user > y->user) - (x->user < y->user);
}

static void put_person(struct people *p, const struct person *one, bool all)
{
    struct cc_report *r = p->r;

    if (all) {
        cc_report_put_text(r, sp_slice_text("*"));
    } else {
        cc_report_put_person(r, p->f, one->user);
    }
    cc_report_put_number(r, one->planned);
    cc_report_put_percent(r, one->kept, one->planned);
    cc_report_put_number(r, one->due);
    cc_report_put_percent(r, one->covered, one->due);
    cc_report_put_number(r, one->visits);
    cc_report_put_percent(r, one->orders, one->visits);
    cc_report_put_percent(r, one->verified, one->checked);
    cc_report_put_percent(r, one->in_store_ms, one->working_ms);
}

static void add_up(struct people *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct person *one = &p->person[i];

        p->all.planned += one->planned;
        p->all.kept += one->kept;
        p->all.due += one->due;
        p->all.covered += one->covered;
        p->all.visits += one->visits;
        p->all.orders += one->orders;
        p->all.checked += one->checked;
        p->all.verified += one->verified;
        p->all.in_store_ms += one->in_store_ms;
        p->all.working_ms += one->working_ms;
    }
}

void cc_report_visits(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "业务员" }, CC_REPORT_TEXT, 0, false, 0 },
        { "planned", { "PLANNED", "计划" }, CC_REPORT_COUNT, 0, false, 0 },
        { "adherence", { "KEPT %", "执行 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "due", { "DUE", "应访" }, CC_REPORT_COUNT, 0, false, 0 },
        { "coverage", { "COVERED %", "覆盖 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
        { "visits", { "VISITS", "拜访" }, CC_REPORT_COUNT, 0, false, 0 },
        { "strike", { "ORDERS %", "成交 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "verified", { "VERIFIED %", "核实 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
        { "in_store", { "IN STORE %", "店内 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
    };
    struct people p = { .r = r, .f = f };

    (void)ask;
    count_plan(&p);
    count_visits(&p);
    count_cycles(&p);
    if (p.count > 1) {
        qsort(p.person, p.count, sizeof(*p.person), by_user);
    }
    add_up(&p);
    (void)cc_report_begin(r, "people",
        (struct cc_words){
            "Plan, cycles and visits (* all)", "计划、周期与拜访（* 为全部）" },
        column, 9);
    put_person(&p, &p.all, true);
    for (size_t i = 0; i < p.count; i++) {
        put_person(&p, &p.person[i], false);
    }
    put_late(&p);
}

/* ---- the funnel ----------------------------------------------------------
 */

static int by_move(const void *a, const void *b)
{
    const struct cc_report_move *x = (const struct cc_report_move *)a;
    const struct cc_report_move *y = (const struct cc_report_move *)b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                          : (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static int rising(const void *a, const void *b)
{
    const int64_t *x = (const int64_t *)a;
    const int64_t *y = (const int64_t *)b;

    return (*x > *y) - (*x < *y);
}

struct stage {
    int64_t entered, went_on, stands, stuck;
    size_t days;
    int64_t *day; /* how long those who left it had stood there */
};

/* Moves of one customer, oldest first. */
static void walk(struct cc_report *r, const struct cc_report_move *m,
    size_t count, struct stage stage[CC_FUNNEL_LOYAL + 1])
{
    bool entered[CC_FUNNEL_LOYAL + 1] = { false };
    bool later[CC_FUNNEL_LOYAL + 1] = { false };

    for (size_t i = 0; i < count; i++) {
        unsigned s = m[i].to;

        if (s < CC_FUNNEL_POTENTIAL || s > CC_FUNNEL_LOYAL) {
            continue;
        }
        if (entered[s - 1]) {
            later[s - 1] = true; /* he came on from the one before */
        }
        entered[s] =
            entered[s] || (m[i].day >= r->from && m[i].day <= r->until);
        if (i + 1 < count) {
            int64_t *list = (int64_t *)sp_arena_grow(
                &r->arena, stage[s].day, stage[s].days, sizeof(*list));

            if (list == NULL) {
                r->err = SP_E_NOMEM;
                return;
            }
            stage[s].day = list;
            list[stage[s].days++] = m[i + 1].day - m[i].day;
        } else {
            stage[s].stands++;
        }
    }
    for (unsigned s = CC_FUNNEL_POTENTIAL; s <= CC_FUNNEL_LOYAL; s++) {
        stage[s].entered += entered[s];
        stage[s].went_on += later[s];
    }
}

static int64_t median_doubled(struct stage *s)
{
    if (s->days > 1) {
        qsort(s->day, s->days, sizeof(*s->day), rising);
    }
    return s->days == 0 ? 0 : s->day[(s->days - 1) / 2] + s->day[s->days / 2];
}

/* Who stands there for more than twice the median. */
static void count_stuck(const struct cc_report_facts *f,
    const struct cc_report_move *move, struct stage *stage)
{
    for (size_t i = 0; i < f->moves; i++) {
        bool last = i + 1 == f->moves || move[i + 1].at != move[i].at;
        unsigned s = move[i].to;

        if (last && s >= CC_FUNNEL_POTENTIAL && s <= CC_FUNNEL_LOYAL &&
            stage[s].days > 0) {
            stage[s].stuck +=
                f->today - move[i].day > median_doubled(&stage[s]);
        }
    }
}

void cc_report_funnel(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "stage", { "STATUS", "漏斗" }, CC_REPORT_WORDS, 0, false, 0 },
        { "entered", { "ENTERED", "进入" }, CC_REPORT_COUNT, 0, true, 0 },
        { "went_on", { "WENT ON", "进入下一级" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "conversion", { "CONVERTED %", "转化 %" }, CC_REPORT_DECIMAL, 1,
            false, 0 },
        { "median_days", { "MEDIAN DAYS", "停留中位天数" }, CC_REPORT_DECIMAL,
            1, false, 0 },
        { "stands", { "THERE NOW", "现有" }, CC_REPORT_COUNT, 0, false, 0 },
        { "stuck", { "STUCK", "停滞" }, CC_REPORT_COUNT, 0, false, 0 },
    };
    static const char *const name[] = { "", "potential", "target", "qualified",
        "closed", "loyal" };
    struct stage stage[CC_FUNNEL_LOYAL + 1] = { { 0 } };
    struct cc_report_move *move = (struct cc_report_move *)sp_arena_take(
        &r->arena, f->moves + 1u, sizeof(*move));
    size_t from = 0;

    (void)ask;
    if (move == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    if (f->moves > 0) {
        memcpy(move, f->move, f->moves * sizeof(*move));
        qsort(move, f->moves, sizeof(*move), by_move);
    }
    for (size_t i = 1; i <= f->moves; i++) {
        if (i == f->moves || move[i].at != move[from].at) {
            walk(r, &move[from], i - from, stage);
            from = i;
        }
    }
    count_stuck(f, move, stage);
    (void)cc_report_begin(r, "stages",
        (struct cc_words){ "Who entered each status in the period, and who "
                           "went on since",
            "期内进入各级的客户及其后进入下一级的客户" },
        column, 7);
    for (unsigned s = CC_FUNNEL_POTENTIAL; s <= CC_FUNNEL_LOYAL; s++) {
        cc_report_put_words(r, name[s], cc_label_funnel_words(s));
        cc_report_put_number(r, stage[s].entered);
        if (s == CC_FUNNEL_LOYAL) {
            cc_report_put_none(r);
            cc_report_put_none(r);
        } else {
            cc_report_put_number(r, stage[s].went_on);
            cc_report_put_percent(r, stage[s].went_on, stage[s].entered);
        }
        if (stage[s].days == 0) {
            cc_report_put_none(r);
        } else {
            cc_report_put_number(r, median_doubled(&stage[s]) * 5);
        }
        cc_report_put_number(r, stage[s].stands);
        cc_report_put_number(r, stage[s].stuck);
    }
}
