/* hours.c - time in visits, week by week, with whom, beside the plan. */
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"
#include "book/label.h"
#include "book/tally.h"

#define STATUSES (CC_STATUSES_MAX + 1u) /* 0: none */

struct spent {
    struct sp_id account;
    size_t week; /* 0: the newest */
    uint64_t seconds;
};

struct hours {
    struct cc_call *call;
    uint32_t user;  /* 0: everybody */
    int32_t monday; /* of the newest week */
    size_t weeks;
    size_t count, room;
    struct spent *spent;      /* malloc'd */
    uint64_t share[STATUSES]; /* of the playbooks; percent */
    bool said[STATUSES];
    struct sp_id playbook[STATUSES]; /* that said it */
    struct {
        size_t visits;
        uint64_t seconds[STATUSES];
    } week[SATCHEL_TIME_WEEKS_MAX];
};

/* ---- the plan ------------------------------------------------------------ */

/* Of two playbooks of one status the older id counts, as for the cycle. */
static sp_err take_playbook(void *arg, const struct cc_value_of *of)
{
    struct hours *h = (struct hours *)arg;
    unsigned status = (unsigned)cc_value_int(of, "funnel", 0);
    int64_t share = cc_value_int(of, "time_share", -1);
    const struct sp_id *id = &of->record->ref.id;

    if (status == 0 || status >= STATUSES || share < 0 ||
        !cc_value_bool(of, "active", true) ||
        (h->said[status] && sp_id_cmp(&h->playbook[status], id) < 0)) {
        return SP_OK;
    }
    h->said[status] = true;
    h->playbook[status] = *id;
    h->share[status] = (uint64_t)share;
    return SP_OK;
}

/* ---- visits -------------------------------------------------------------- */

static uint64_t length_of(const struct cc_value_of *of)
{
    uint64_t in = cc_value_ts(of, "checkin"), out = cc_value_ts(of, "checkout");
    int64_t said = cc_value_int(of, "duration_s", -1);

    return said >= 0 ? (uint64_t)said : out > in ? (out - in) / 1000u : 0;
}

static sp_err take_visit(void *arg, const struct cc_value_of *of)
{
    struct hours *h = (struct hours *)arg;
    int32_t day = cc_today_of(cc_value_ts(of, "checkin"));
    int32_t first = h->monday - 7 * ((int32_t)h->weeks - 1);
    struct sp_ref account;

    if (day < first || day >= h->monday + 7 ||
        cc_value_ts(of, "checkout") == 0 || !cc_tally_counts(of) ||
        (h->user != 0 && cc_value_int(of, "rep", 0) != h->user) ||
        !cc_refer_parent(h->call, of->record, &account)) {
        return SP_OK;
    }
    if (h->count == h->room) {
        size_t room = h->room == 0 ? 256 : 2 * h->room;
        struct spent *more =
            (struct spent *)realloc(h->spent, room * sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        h->spent = more;
        h->room = room;
    }
    h->spent[h->count++] = (struct spent){ account.id,
        h->weeks - 1 - (size_t)((day - first) / 7), length_of(of) };
    return SP_OK;
}

/* ---- whom they were with ------------------------------------------------- */

static int by_account(const void *a, const void *b)
{
    const struct spent *x = (const struct spent *)a;
    const struct spent *y = (const struct spent *)b;

    return sp_id_cmp(&x->account, &y->account);
}

static sp_err stop(void *arg, const struct sp_ref *ref)
{
    (void)ref;
    *(bool *)arg = true;
    return SP_E_NOT_FOUND; /* one is enough */
}

static sp_err has_bought(
    struct hours *h, const struct sp_ref *account, bool *out)
{
    const struct sp_entity *e = sp_dictionary_entity_named(
        h->call->dictionary, sp_slice_text("purchase"));
    sp_err err = e == NULL ? SP_OK
                           : sp_state_children(&h->call->tx, account, e->number,
                                 false, stop, out);

    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The funnel status that counts; 0 only when the account is not here. */
static sp_err status_of(
    struct hours *h, const struct sp_id *account, unsigned *out)
{
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref = { 0, *account };
    bool bought = false;
    sp_err err = cc_call_entity(h->call, "account", &e);

    *out = 0;
    if (err != SP_OK) {
        return err;
    }
    ref.type = e->number;
    err = cc_record_view(h->call, &ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    const struct cc_value_of of = { e, &view.record };
    *out = (unsigned)cc_value_int(&of, "funnel_status", 0);
    cc_record_view_free(&view);
    if (*out == 0 || *out >= STATUSES) {
        err = has_bought(h, &ref, &bought);
        *out = bought ? CC_FUNNEL_CLOSED : CC_FUNNEL_POTENTIAL;
    }
    return err;
}

static sp_err add_up(struct hours *h)
{
    unsigned status = 0;
    sp_err err = SP_OK;

    if (h->count > 1) {
        qsort(h->spent, h->count, sizeof(*h->spent), by_account);
    }
    for (size_t i = 0; i < h->count && err == SP_OK; i++) {
        const struct spent *s = &h->spent[i];
        if (i == 0 || !sp_id_equal(&s->account, &s[-1].account)) {
            err = status_of(h, &s->account, &status);
        }
        h->week[s->week].visits++;
        h->week[s->week].seconds[status] += s->seconds;
    }
    return err;
}

/* ---- the answer ---------------------------------------------------------- */

/* first, second: bits of funnel statuses. */
static struct satchel_time_split split(
    const struct hours *h, size_t week, unsigned first, unsigned second)
{
    struct satchel_time_split out = { 0 };
    uint64_t a = 0, b = 0;
    struct cc_tally_budget spent, wanted;

    for (unsigned i = 0; i < STATUSES; i++) {
        bool one = (first >> i & 1u) != 0, two = (second >> i & 1u) != 0;
        out.first_s += one ? h->week[week].seconds[i] : 0;
        out.second_s += two ? h->week[week].seconds[i] : 0;
        a += one ? h->share[i] : 0;
        b += two ? h->share[i] : 0;
    }
    spent = cc_tally_budget(out.first_s, out.second_s, 0);
    wanted = cc_tally_budget(a, b, 0);
    out.first_percent = spent.first_percent;
    out.second_percent = spent.second_percent;
    out.has_target = a + b > 0;
    out.target_first = wanted.first_percent;
    out.target_second = wanted.second_percent;
    return out;
}

static sp_err fill_week(struct hours *h, size_t week, struct sp_arena *a,
    struct satchel_time_week *out)
{
    const unsigned potential = 1u << CC_FUNNEL_POTENTIAL,
                   interested =
                       1u << CC_FUNNEL_TARGET | 1u << CC_FUNNEL_QUALIFIED,
                   old = 1u << CC_FUNNEL_CLOSED | 1u << CC_FUNNEL_LOYAL;
    int32_t monday = h->monday - 7 * (int32_t)week;
    char from[CC_DAY_TEXT_BYTES], until[CC_DAY_TEXT_BYTES];

    cc_day_format(from, monday);
    cc_day_format(until, monday + 6);
    *out = (struct satchel_time_week){ .from = cc_result_string(a, from),
        .until = cc_result_string(a, until),
        .visits = h->week[week].visits,
        .old_new = split(h, week, old, potential | interested),
        .potential_interested = split(h, week, potential, interested) };
    for (unsigned i = 0; i < STATUSES; i++) {
        out->seconds += h->week[week].seconds[i];
    }
    return out->from == NULL || out->until == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill(struct hours *h, struct satchel_time *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_time_week *week =
        (struct satchel_time_week *)sp_arena_take(a, h->weeks, sizeof(*week));
    sp_err err = week == NULL ? SP_E_NOMEM : SP_OK;

    out->whose = cc_result_string(
        a, h->user == 0 ? "" : cc_refer_user_name(h->call, h->user));
    for (size_t i = 0; i < h->weeks && err == SP_OK; i++) {
        err = fill_week(h, i, a, &week[i]);
    }
    out->week = week;
    out->count = h->weeks;
    return err == SP_OK && out->whose == NULL ? SP_E_NOMEM : err;
}

static sp_err read_asked(
    struct hours *h, const char *user, const char *date, unsigned weeks)
{
    int32_t day;
    sp_err err = cc_today_typed(h->call, date, &day);

    if (err == SP_OK && (weeks == 0 || weeks > SATCHEL_TIME_WEEKS_MAX)) {
        err = cc_call_say(h->call, SP_E_ARGUMENT, "ask for 1 to %u weeks",
            SATCHEL_TIME_WEEKS_MAX);
    }
    if (err == SP_OK && user != NULL) {
        err = cc_refer_user(h->call, sp_slice_text(user), &h->user);
    }
    if (err == SP_OK) {
        h->weeks = weeks;
        h->monday = day - (int32_t)cc_day_weekday(day) + 1;
    }
    return err;
}

int satchel_time(struct satchel *s, const char *user, const char *date,
    unsigned weeks, struct satchel_time **out, struct satchel_error *e)
{
    struct satchel_time *r;
    struct hours *h;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    h = (struct hours *)calloc(1, sizeof(*h));
    r = (struct satchel_time *)cc_result_new(sizeof(*r));
    err = h == NULL || r == NULL ? SP_E_NOMEM : SP_OK;
    if (err == SP_OK) {
        h->call = &c;
        err = read_asked(h, user, date, weeks);
    }
    if (err == SP_OK) {
        err = cc_care_walk(&c, "playbook", take_playbook, h);
    }
    if (err == SP_OK) {
        err = cc_care_walk(&c, "visit", take_visit, h);
    }
    if (err == SP_OK) {
        err = add_up(h);
    }
    if (err == SP_OK) {
        err = fill(h, r);
    }
    if (h != NULL) {
        free(h->spent);
    }
    free(h);
    return cc_call_give(&c, err, r, out);
}
