#include "book/retention.h"

#include <string.h>

#include "book/day.h"
#include "book/tally.h"

#define TREE_DEPTH 64u /* as deep as a tree of accounts may be */

struct reading {
    struct cc_retention *r;
    const struct cc_quality_source *source;
    const struct sp_entity *entity;
    const char *date; /* a field with a day, else */
    const char *time; /* one with a time, else when it was made */
    uint32_t *parent; /* of each account; CC_QUALITY_NONE */
};

static void seen(struct reading *w, uint32_t at, int32_t day)
{
    struct cc_retention_account *a = &w->r->account[at];

    /* What is dated tomorrow by a wrong clock was today. */
    day = day > w->source->today ? w->source->today : day;
    a->last = day > a->last ? day : a->last;
}

static int32_t day_of(const struct reading *w, uint64_t ms)
{
    return ms == 0 ? CC_DAY_NONE : cc_day_at(ms, w->source->offset_min);
}

static sp_err take_account(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    const struct cc_quality *q = &w->r->quality;
    struct cc_value_of of = { w->entity, view };
    uint32_t at = cc_quality_find(q, &view->ref.id);
    struct cc_retention_account *a;
    struct sp_id parent;

    if (at == CC_QUALITY_NONE) {
        return SP_OK;
    }
    a = &w->r->account[at];
    a->held = a->held || cc_value_part(&of, "legal_hold", "yes", 0) == 1;
    seen(w, at, (int32_t)cc_value_int(&of, "verified_at", CC_DAY_NONE));
    if (sp_id_equal(&a->id, &view->ref.id) &&
        cc_value_ref(&of, "parent_id", &parent)) {
        w->parent[at] = cc_quality_find(q, &parent);
    }
    return SP_OK;
}

static sp_err take_event(void *arg, const struct sp_record *view)
{
    struct reading *w = (struct reading *)arg;
    struct cc_value_of of = { w->entity, view };
    struct sp_id account;
    uint32_t at;

    if (!cc_tally_counts(&of) || !cc_value_ref(&of, "account", &account)) {
        return SP_OK;
    }
    at = cc_quality_find(&w->r->quality, &account);
    if (at != CC_QUALITY_NONE) {
        seen(w, at,
            w->date != NULL
                ? (int32_t)cc_value_int(&of, w->date, CC_DAY_NONE)
                : day_of(w, w->time != NULL ? cc_value_ts(&of, w->time)
                                            : sp_id_time_ms(&view->ref.id)));
    }
    return SP_OK;
}

static sp_err read(struct reading *w, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    w->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(w->source->book), sp_slice_text(entity));
    return w->entity == NULL
               ? SP_OK
               : w->source->walk(w->source->self, w->entity->number, take, w);
}

static sp_err read_events(struct reading *w)
{
    static const struct {
        const char *entity, *date, *time;
    } events[] = { { "purchase", "date", NULL }, { "visit", NULL, "checkin" },
        { "activity", NULL, "at" }, { "feedback", NULL, "at" },
        { "note", NULL, NULL } };
    sp_err err = SP_OK;

    for (size_t i = 0; err == SP_OK && i < sizeof(events) / sizeof(*events);
         i++) {
        w->date = events[i].date;
        w->time = events[i].time;
        err = read(w, events[i].entity, take_event);
    }
    return err;
}

static bool old_enough(
    const struct cc_retention *r, const struct cc_retention_account *a)
{
    uint32_t days = r->quality.rules.retention_days;

    return days > 0 && (int64_t)r->quality.today - a->last > (int64_t)days;
}

/* Whatever an account that stays belongs to, stays. */
static void decide(struct reading *w)
{
    struct cc_retention *r = w->r;

    for (size_t i = 0; i < r->count; i++) {
        struct cc_retention_account *a = &r->account[i];
        if (a->last == CC_DAY_NONE) {
            a->last = day_of(w, sp_id_time_ms(&a->id));
        }
        a->past = sp_id_is_zero(&r->quality.account[i].into) && !a->held &&
                  old_enough(r, a);
    }
    for (size_t i = 0; i < r->count; i++) {
        uint32_t above = w->parent[i];
        bool stays = !r->account[i].past && !r->quality.account[i].gone;

        for (unsigned deep = 0;
             stays && above != CC_QUALITY_NONE && deep < TREE_DEPTH; deep++) {
            r->account[above].has_part = true;
            r->account[above].past = false;
            above = w->parent[above];
        }
    }
}

sp_err cc_retention_load(
    struct cc_retention *r, const struct cc_quality_source *source)
{
    struct reading w = { .r = r, .source = source };
    struct cc_quality *q = &r->quality;
    sp_err err;

    memset(r, 0, sizeof(*r));
    err = cc_quality_load(q, source, false);
    if (err != SP_OK) {
        return err;
    }
    r->account = (struct cc_retention_account *)sp_arena_take(
        &q->arena, q->count + 1u, sizeof(*r->account));
    w.parent =
        (uint32_t *)sp_arena_take(&q->arena, q->count + 1u, sizeof(*w.parent));
    if (r->account == NULL || w.parent == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < q->count; i++) {
        r->account[i] = (struct cc_retention_account){ .id = q->account[i].id,
            .last = CC_DAY_NONE };
        w.parent[i] = CC_QUALITY_NONE;
    }
    r->count = q->count;
    err = read(&w, "account", take_account);
    if (err == SP_OK) {
        err = read_events(&w);
    }
    if (err == SP_OK) {
        decide(&w);
    }
    return err;
}

void cc_retention_free(struct cc_retention *r)
{
    cc_quality_free(&r->quality);
}
