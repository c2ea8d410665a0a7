#include "api/round.h"

#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/charge.h"
#include "book/day.h"
#include "book/tally.h"

#include "api/occasion.h"
#include "api/plan.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/today.h"

/* Latitudes and longitudes are 1e-7 degrees. */
#define LATITUDE_MAX  900000000
#define LONGITUDE_MAX 1800000000

uint32_t cc_round_user(const struct cc_call *c)
{
    return c->s->replica.identity.self.user;
}

/* ---- places -------------------------------------------------------------- */

static bool read_place(
    struct sp_slice packed, struct cc_geo *out, uint64_t *accuracy_m)
{
    struct cc_geo at;
    uint64_t accuracy;
    struct sp_rd r;

    if (packed.size == 0) {
        return false;
    }
    sp_rd_init(&r, packed);
    sp_rd_array_of(&r, 3);
    at.latitude = sp_rd_int(&r, -LATITUDE_MAX, LATITUDE_MAX);
    at.longitude = sp_rd_int(&r, -LONGITUDE_MAX, LONGITUDE_MAX);
    accuracy = sp_rd_uint(&r, 0, UINT32_MAX);
    if (r.err != SP_OK) {
        return false;
    }
    *out = at;
    *accuracy_m = accuracy;
    return true;
}

bool cc_round_place(const struct cc_value_of *of, const char *field,
    struct cc_geo *out, uint64_t *accuracy_m)
{
    return read_place(cc_value_shown(of, field), out, accuracy_m);
}

bool cc_round_place_part(const struct cc_value_of *of, const char *field,
    const char *part, struct cc_geo *out, uint64_t *accuracy_m)
{
    return read_place(cc_value_shown_part(of, field, part), out, accuracy_m);
}

sp_err cc_round_read_place(struct cc_call *c, const char *text,
    struct cc_geo *out, uint64_t *accuracy_m)
{
    static const struct sp_field place = { .kind = SP_VALUE_GEO };
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 64);
    err = sp_dictionary_parse_value(&place, sp_slice_text(text), &b);
    if (err == SP_OK && !read_place(sp_buf_slice(&b), out, accuracy_m)) {
        err = SP_E_VALUE;
    }
    sp_buf_free(&b);
    return err == SP_E_VALUE
               ? cc_call_say(c, err,
                     "\"%.60s\" is no place: latitude,longitude,accuracy in "
                     "metres, as 31.2304,121.4737,20",
                     text)
               : err;
}

/* ---- plans --------------------------------------------------------------- */

struct reading {
    struct cc_round *round;
    const struct cc_index *index; /* of the accounts */
    const struct sp_entity *entity;
    struct cc_standings *all;
};

static sp_err add_stop(struct cc_round *r, const struct cc_round_stop *stop)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 32 : 2 * r->room;
        struct cc_round_stop *more =
            (struct cc_round_stop *)realloc(r->stop, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        r->stop = more;
        r->room = room;
    }
    r->stop[r->count++] = *stop;
    return SP_OK;
}

static bool is_mine(
    const struct cc_round *r, const struct cc_value_of *of, const char *field)
{
    return cc_value_int(of, field, 0) == (int64_t)r->user;
}

static sp_err take_plan(void *arg, const struct sp_record *view)
{
    struct reading *in = (struct reading *)arg;
    struct cc_round *r = in->round;
    const struct cc_value_of of = { in->entity, view };
    struct cc_round_stop s = { .planned = true,
        .plan = view->ref.id,
        .day = (int32_t)cc_value_int(&of, "date", CC_DAY_NONE),
        .due = CC_DAY_NONE,
        .metres = CC_ROUND_FAR };
    struct sp_ref account;

    if (cc_value_deleted(&of) || !is_mine(r, &of, "rep") || s.day < r->day ||
        s.day > r->last || cc_value_part(&of, "cancelled", "yes", 0) != 0 ||
        !cc_refer_parent(r->call, view, &account)) {
        return SP_OK;
    }
    s.account = account.id;
    s.from_min = (int32_t)cc_value_part(&of, "window", "from", -1);
    s.to_min = (int32_t)cc_value_part(&of, "window", "to", -1);
    s.purpose = cc_call_text(r->call, cc_value_text(&of, "purpose"));
    s.skipped =
        cc_call_text(r->call, cc_value_group_text(&of, "skipped",
                                  cc_value_shown(&of, "skipped"), "reason"));
    return s.purpose == NULL || s.skipped == NULL ? SP_E_NOMEM
                                                  : add_stop(r, &s);
}

static sp_err take_visit(void *arg, const struct sp_record *view)
{
    struct reading *in = (struct reading *)arg;
    struct cc_round *r = in->round;
    const struct cc_value_of of = { in->entity, view };
    int32_t day = cc_today_of(cc_value_ts(&of, "checkin"));
    struct sp_ref account;

    if (!cc_tally_counts(&of) || !is_mine(r, &of, "rep") || day < r->day ||
        day > r->last || !cc_refer_parent(r->call, view, &account)) {
        return SP_OK;
    }
    for (size_t i = 0; i < r->count; i++) {
        r->stop[i].made = r->stop[i].made ||
                          (r->stop[i].day == day &&
                              sp_id_equal(&r->stop[i].account, &account.id));
    }
    return SP_OK;
}

/* Those that are not in the saved route come last. */
static int by_place(
    const struct cc_round_stop *x, const struct cc_round_stop *y)
{
    unsigned one = x->place - 1u, other = y->place - 1u; /* none: the largest */

    return one < other ? -1 : one > other;
}

/* Those without a time of day come last. */
static int by_time(const void *a, const void *b)
{
    const struct cc_round_stop *x = (const struct cc_round_stop *)a;
    const struct cc_round_stop *y = (const struct cc_round_stop *)b;
    int32_t from = x->from_min < 0 ? CC_DAY_MINUTES : x->from_min;
    int32_t other = y->from_min < 0 ? CC_DAY_MINUTES : y->from_min;

    if (x->day != y->day) {
        return x->day < y->day ? -1 : 1;
    }
    if (x->place != y->place) {
        return by_place(x, y);
    }
    return from != other ? (from < other ? -1 : 1)
                         : sp_id_cmp(&x->plan, &y->plan);
}

static sp_err read_all(struct reading *in, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    struct cc_call *c = in->round->call;

    in->entity =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity));
    return in->entity == NULL ? SP_OK
                              : cc_call_walk(c, in->entity, NULL, take, in);
}

sp_err cc_round_day(struct cc_call *c, const char *date, int32_t *out)
{
    *out = cc_today(c);
    return date == NULL || strcmp(date, "today") == 0 || cc_day_parse(date, out)
               ? SP_OK
               : cc_call_say(c, SP_E_VALUE,
                     "\"%.40s\" is no date: give one as 2026-03-31", date);
}

/* Which place each has in the saved route. */
static sp_err take_order(struct cc_round *r)
{
    struct cc_plan plan;
    sp_err err = cc_plan_read(r->call, r->user, r->day, &plan);

    r->saved = err == SP_OK && plan.saved;
    r->min_stops = r->saved ? plan.min_stops : 0;
    r->by = r->saved ? plan.by : 0;
    r->others = r->saved ? plan.others : 0;
    for (size_t i = 0; r->saved && i < r->count; i++) {
        r->stop[i].place = cc_plan_place(&plan, &r->stop[i].account);
    }
    return err;
}

sp_err cc_round_rep(struct cc_call *c, const char *rep, uint32_t *out)
{
    if (rep != NULL) {
        return cc_refer_user(c, sp_slice_text(rep), out);
    }
    *out = cc_round_user(c);
    return SP_OK;
}

static sp_err read_days(struct cc_round *r, struct cc_call *c, uint32_t user,
    int32_t first, int32_t last)
{
    struct reading in = { .round = r };
    sp_err err;

    memset(r, 0, sizeof(*r));
    r->call = c;
    r->day = first;
    r->last = last;
    r->user = user;
    err = read_all(&in, "planned_visit", take_plan);
    if (err == SP_OK) {
        err = take_order(r);
    }
    if (err == SP_OK && r->count > 0) {
        qsort(r->stop, r->count, sizeof(*r->stop), by_time);
        err = read_all(&in, "visit", take_visit);
    }
    return err;
}

sp_err cc_round_plans(
    struct cc_round *r, struct cc_call *c, uint32_t user, int32_t day)
{
    return read_days(r, c, user, day, day);
}

sp_err cc_round_between(
    struct cc_round *r, struct cc_call *c, int32_t first, int32_t last)
{
    return read_days(r, c, cc_round_user(c), first, last);
}

void cc_round_free(struct cc_round *r)
{
    free(r->stop);
    r->stop = NULL;
    r->count = r->room = 0;
}

const struct cc_round_stop *cc_round_open(
    const struct cc_round *r, const struct sp_id *account)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct cc_round_stop *s = &r->stop[i];

        if (s->planned && !s->made && s->skipped[0] == '\0' &&
            sp_id_equal(&s->account, account)) {
            return s;
        }
    }
    return NULL;
}

/* ---- who is due ---------------------------------------------------------- */

static void fill_stop(struct reading *in, const struct cc_entry *account,
    const struct cc_standing *standing, struct cc_round_stop *s)
{
    const struct cc_geo place = { account->latitude, account->longitude };
    struct cc_tier_said said;

    cc_standing_tier(in->all, standing, &said);
    s->tier = said.tier;
    if (in->round->has_from && account->placed) {
        s->metres = cc_geo_metres(&in->round->from, &place);
    }
}

static bool is_planned(const struct cc_round *r, const struct sp_id *account)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->stop[i].planned && sp_id_equal(&r->stop[i].account, account)) {
            return true;
        }
    }
    return false;
}

/* Unless it is blocked. */
static sp_err add_unblocked(
    struct cc_round *r, const struct sp_entity *e, struct cc_round_stop *s)
{
    const struct sp_ref ref = { e->number, s->account };
    struct cc_record_view view;
    const struct cc_value_of of = { e, &view.record };
    sp_err err = cc_record_view(r->call, &ref, &view);

    if (err != SP_OK) {
        return err;
    }
    if (cc_value_part(&of, "blocked", "yes", 0) == 0) {
        err = add_stop(r, s);
    }
    cc_record_view_free(&view);
    return err;
}

/* His own, and those that nobody has: on his own device all of them, since it
 * has no others; on a manager's those of his territories. */
static bool is_his(const struct reading *in, const struct cc_entry *account)
{
    const struct cc_round *r = in->round;

    if (account->owner != 0 || r->user == cc_round_user(r->call)) {
        return account->owner == 0 || account->owner == r->user;
    }
    return cc_charge_of(r->call->s->replica.book, 0,
               sp_slice_text(cc_index_text(in->index, account->territory))) ==
           r->user;
}

/* Of tens of thousands few are planned or due: the rest is asked of those. */
static sp_err take_account(struct reading *in, const struct cc_entry *account)
{
    struct cc_round *r = in->round;
    const struct cc_standing *standing =
        cc_standing_find(in->all, &account->id);
    struct cc_round_stop s = { .account = account->id,
        .from_min = -1,
        .to_min = -1,
        .purpose = "",
        .skipped = "",
        .metres = CC_ROUND_FAR };
    bool planned, due;

    if (standing == NULL) {
        return SP_OK; /* deleted, or merged into another */
    }
    s.due = cc_occasion_visit_due(in->all, standing, account->cycle_days);
    due = s.due != CC_DAY_NONE && s.due <= r->day;
    planned = is_planned(r, &s.account);
    if (planned || due) {
        fill_stop(in, account, standing, &s);
    }
    for (size_t i = 0; i < r->count && planned; i++) {
        if (sp_id_equal(&r->stop[i].account, &s.account)) {
            r->stop[i].due = s.due;
            r->stop[i].tier = s.tier;
            r->stop[i].metres = s.metres;
        }
    }
    return !planned && due && is_his(in, account)
               ? add_unblocked(r, in->entity, &s)
               : SP_OK;
}

/* By what is kept of them in memory, not record by record. */
static sp_err take_accounts(struct reading *in)
{
    struct cc_call *c = in->round->call;
    const struct cc_index *x;
    sp_err err = cc_call_entity(c, "account", &in->entity);

    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, in->entity, &x);
        in->index = x;
    }
    for (size_t i = 0; err == SP_OK && i < x->count; i++) {
        err = take_account(in, &x->entry[i]);
    }
    return err;
}

/* Diamond first; low yield after those without a tier. */
static unsigned rank_of(const struct cc_round_stop *s)
{
    return s->tier == CC_TIER_LOW_YIELD ? CC_TIER_DIAMOND + 1
                                        : CC_TIER_DIAMOND - s->tier;
}

static int by_need(const void *a, const void *b)
{
    const struct cc_round_stop *x = (const struct cc_round_stop *)a;
    const struct cc_round_stop *y = (const struct cc_round_stop *)b;

    if (x->place != y->place) {
        return by_place(x, y);
    }
    if (x->due != y->due) {
        return x->due < y->due ? -1 : 1;
    }
    if (rank_of(x) != rank_of(y)) {
        return rank_of(x) < rank_of(y) ? -1 : 1;
    }
    if (x->metres != y->metres) {
        return x->metres < y->metres ? -1 : 1;
    }
    return sp_id_cmp(&x->account, &y->account);
}

sp_err cc_round_due(struct cc_round *r)
{
    struct cc_standings all;
    struct reading in = { .round = r, .all = &all };
    sp_err err = cc_standing_load(&all, r->call, NULL);

    if (err == SP_OK) {
        err = take_accounts(&in);
    }
    for (size_t i = 0; i < r->count; i++) {
        struct cc_round_stop *s = &r->stop[i];

        if (s->planned && (s->due == CC_DAY_NONE || s->due > r->day)) {
            s->due = r->day; /* planned for now, whatever the cycle says */
        }
    }
    if (r->count > 1) {
        qsort(r->stop, r->count, sizeof(*r->stop), by_need);
    }
    cc_standing_free(&all);
    return err;
}
