#include "api/underway.h"

#include <stdio.h>
#include <string.h>

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#include "book/day.h"
#include "book/tally.h"
#include "book/value.h"

#include "replica/since.h"

#define RECENT_MS 172800000u /* two days */
/* Of an account's visits so many are looked at: who forgot to end one months
 * ago is not asked about it at the door. */
#define THERE_MAX 50u
/* And of those that began on this device: who writes much keeps it quick. */
#define NOTED_MAX 3u

struct reading {
    struct cc_call *call;
    const struct sp_entity *visit;
    const struct sp_ref *at; /* NULL: anywhere, his own */
    uint64_t recent_ms;      /* two days ago */
    size_t seen;
    struct cc_underway_list *out;
};

static bool has(const struct cc_underway_list *l, const struct sp_id *id)
{
    for (size_t i = 0; i < l->count; i++) {
        if (sp_id_equal(&l->visit[i].ref.id, id)) {
            return true;
        }
    }
    return false;
}

/* In order of their ids; the oldest makes room. */
static void put(struct cc_underway_list *l, const struct cc_underway *v)
{
    size_t at = l->count;

    if (has(l, &v->ref.id)) {
        return;
    }
    while (at > 0 && sp_id_cmp(&l->visit[at - 1].ref.id, &v->ref.id) > 0) {
        at--;
    }
    if (l->count == CC_UNDERWAY_MAX) {
        if (at == 0) {
            return;
        }
        at--;
        memmove(l->visit, l->visit + 1, at * sizeof(*v));
    } else {
        memmove(l->visit + at + 1, l->visit + at, (l->count - at) * sizeof(*v));
        l->count++;
    }
    l->visit[at] = *v;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct reading *r = (struct reading *)arg;
    const struct cc_value_of of = { r->visit, view };
    struct cc_underway v = { .ref = view->ref,
        .user = (uint32_t)cc_value_int(&of, "rep", 0),
        .since_ms = cc_value_ts(&of, "checkin") };

    if (cc_value_ts(&of, "checkout") != 0 || v.since_ms == 0 ||
        !cc_tally_counts(&of) ||
        (v.user != r->call->s->replica.identity.self.user &&
            (r->at == NULL || v.since_ms < r->recent_ms))) {
        return SP_OK;
    }
    (void)cc_refer_parent(r->call, view, &v.account);
    put(r->out, &v);
    return SP_OK;
}

static sp_err look(struct reading *r, const struct sp_ref *ref)
{
    struct cc_record_view view;
    sp_err err = cc_record_view(r->call, ref, &view);

    if (err == SP_OK) {
        err = take(r, &view.record);
        cc_record_view_free(&view);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err take_there(void *arg, const struct sp_ref *ref)
{
    struct reading *r = (struct reading *)arg;

    return r->seen++ == THERE_MAX ? SP_E_NOT_FOUND /* ends the walk */
                                  : look(r, ref);
}

static sp_err begin(struct reading *r)
{
    const struct cc_replica *p = &r->call->s->replica;
    uint64_t now = p->env.now_ms(p->env.self);

    r->recent_ms = now > RECENT_MS ? now - RECENT_MS : 0;
    r->out->count = 0;
    return cc_call_entity(r->call, "visit", &r->visit);
}

static sp_err read_recent(struct reading *r)
{
    const uint8_t lowest[10] = { 0 };
    struct sp_id after = sp_id_make(r->recent_ms, lowest);

    return cc_call_walk(r->call, r->visit, &after, take, r);
}

/* Those that began on this device, by its notes. */
static sp_err read_noted(struct reading *r, size_t *count)
{
    struct sp_id id[NOTED_MAX];
    sp_err err = cc_since_newest(
        &r->call->s->replica, &r->call->tx, id, NOTED_MAX, count);

    for (size_t i = 0; i < *count && err == SP_OK; i++) {
        const struct sp_ref ref = { r->visit->number, id[i] };

        err = look(r, &ref);
    }
    return err;
}

sp_err cc_underway_read(struct cc_call *c, struct cc_underway_list *out)
{
    struct reading r = { .call = c, .out = out };
    sp_err err = begin(&r);

    return err == SP_OK ? read_recent(&r) : err;
}

sp_err cc_underway_at(
    struct cc_call *c, const struct sp_ref *at, struct cc_underway_list *out)
{
    struct reading r = { .call = c, .out = out };
    size_t noted = 0;
    sp_err err = begin(&r);

    if (err == SP_OK) {
        err = read_noted(&r, &noted);
    }
    /* None here: it may have begun on another device of his. */
    if (err == SP_OK && noted == 0) {
        err = read_recent(&r);
    }
    if (err == SP_OK) {
        r.at = at;
        err = sp_state_children(
            &c->tx, at, r.visit->number, true, take_there, &r);
    }
    return err;
}

/* ---- told ----------------------------------------------------------------
 */

static sp_err fill(struct cc_call *c, const struct cc_underway *v,
    const struct sp_ref *at, struct sp_arena *a, struct satchel_visit_open *o)
{
    char visit[SP_ID_TEXT_BYTES], account[SP_ID_TEXT_BYTES] = "";

    sp_id_format(visit, &v->ref.id);
    if (v->account.type != 0) {
        sp_id_format(account, &v->account.id);
    }
    o->visit_id = cc_result_string(a, visit);
    o->account_id = cc_result_string(a, account);
    o->account = cc_result_string(
        a, v->account.type == 0 ? "" : cc_refer_title(c, &v->account));
    o->rep = cc_result_string(a, cc_refer_user_name(c, v->user));
    o->since_ms = v->since_ms;
    o->mine = v->user == c->s->replica.identity.self.user;
    o->here = at != NULL && sp_id_equal(&v->account.id, &at->id);
    return o->visit_id == NULL || o->account_id == NULL || o->account == NULL ||
                   o->rep == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

sp_err cc_underway_give(struct cc_call *c, const struct cc_underway_list *list,
    const struct sp_ref *at, struct sp_arena *a,
    const struct satchel_visit_open **out)
{
    struct satchel_visit_open *o = (struct satchel_visit_open *)sp_arena_take(
        a, list->count + 1, sizeof(*o));
    sp_err err = o == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < list->count && err == SP_OK; i++) {
        err = fill(c, &list->visit[i], at, a, &o[i]);
    }
    *out = o;
    return err;
}

void cc_underway_time(uint64_t ms, char out[CC_UNDERWAY_TIME_BYTES])
{
    int32_t offset = cc_today_offset(ms);
    int32_t day = cc_day_at(ms, offset);
    unsigned minute = (unsigned)((ms - cc_day_ms(day, 0, offset)) / 60000u);
    char date[CC_DAY_TEXT_BYTES];

    cc_day_format(date, day);
    (void)snprintf(out, CC_UNDERWAY_TIME_BYTES, "%s %02u:%02u", date,
        minute / 60u, minute % 60u);
}
