/* gathering.c - gatherings of a year, and who came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"
#include "book/target.h"

enum { KIND_VIP = 1 };                                      /* event.kind */
enum { INVITED = 1, DECLINED, ACCEPTED, ABSENT, ATTENDED }; /* attendance */

struct year {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    int32_t from, until, today;
    unsigned held, wanted;
    bool said; /* by a target of the branch: closer than the company's */
    size_t count;
    struct satchel_gathering *gathering;
    struct sp_id *id; /* of each; arena of the tx */
};

/* ---- the year ------------------------------------------------------------ */

static const char *day_text(struct year *y, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES] = "";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, day);
    }
    return cc_result_string(y->a, text);
}

static sp_err fill(struct year *y, const struct cc_value_of *of, int32_t date,
    int32_t held, struct satchel_gathering *out)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("kind"));
    const struct sp_option *o =
        f == NULL
            ? NULL
            : sp_dictionary_option(f, (uint64_t)cc_value_int(of, "kind", 0));
    const struct sp_slice none = { NULL, 0 };
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &of->record->ref.id);
    *out = (struct satchel_gathering){ .id = cc_result_string(y->a, id),
        .name = cc_result_text(y->a, cc_value_text(of, "name")),
        .date = day_text(y, date),
        .held = day_text(y, held),
        .place = cc_result_text(y->a, cc_value_text(of, "place")),
        .kind = cc_result_text(y->a, o == NULL ? none : o->name),
        .kind_en = cc_result_text(y->a, o == NULL ? none : o->label_en),
        .kind_zh = cc_result_text(y->a, o == NULL ? none : o->label_zh),
        .cancelled = cc_value_bool(of, "cancelled", false) };
    return out->id == NULL || out->name == NULL || out->date == NULL ||
                   out->held == NULL || out->place == NULL ||
                   out->kind == NULL || out->kind_en == NULL ||
                   out->kind_zh == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err take_event(void *arg, const struct cc_value_of *of)
{
    struct year *y = (struct year *)arg;
    int32_t held = (int32_t)cc_value_int(of, "held", CC_DAY_NONE);
    int32_t date = (int32_t)cc_value_int(of, "date", CC_DAY_NONE);
    int32_t day = held != CC_DAY_NONE ? held : date;
    struct satchel_gathering *list;
    struct sp_id *id;

    if (day < y->from || day > y->until) {
        return SP_OK;
    }
    list = (struct satchel_gathering *)sp_arena_grow(
        y->a, y->gathering, y->count, sizeof(*list));
    id = (struct sp_id *)sp_arena_grow(
        &y->call->tx.arena, y->id, y->count, sizeof(*id));
    if (list == NULL || id == NULL) {
        return SP_E_NOMEM;
    }
    y->gathering = list;
    y->id = id;
    id[y->count] = of->record->ref.id;
    y->held += held != CC_DAY_NONE && held <= y->today &&
               cc_value_int(of, "kind", 0) == KIND_VIP &&
               !cc_value_bool(of, "cancelled", false);
    return fill(y, of, date, held, &list[y->count++]);
}

static sp_err take_attendance(void *arg, const struct cc_value_of *of)
{
    struct year *y = (struct year *)arg;
    struct sp_id event;
    size_t i = 0;

    if (!cc_value_ref(of, "event", &event)) {
        return SP_OK;
    }
    while (i < y->count && !sp_id_equal(&y->id[i], &event)) {
        i++;
    }
    if (i < y->count) {
        struct satchel_gathering *g = &y->gathering[i];
        int64_t state = cc_value_int(of, "state", INVITED);
        g->invited += state == INVITED;
        g->declined += state == DECLINED;
        g->accepted += state == ACCEPTED;
        g->absent += state == ABSENT;
        g->attended += state == ATTENDED;
    }
    return SP_OK;
}

/* The goal of the branch, else that of the company, which covers most of it. */
static sp_err take_target(void *arg, const struct cc_value_of *of)
{
    struct year *y = (struct year *)arg;
    const char *unit = y->call->s->replica.identity.unit;
    struct sp_slice whose = cc_value_text(of, "unit");
    int32_t from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE);
    int32_t until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE);
    int64_t kind = cc_value_int(of, "event_kind", KIND_VIP);
    bool own = sp_slice_equal(whose, sp_slice_text(unit));

    if (cc_value_int(of, "metric", 0) != CC_TARGET_EVENTS || kind != KIND_VIP ||
        cc_value_text(of, "region").size > 0 ||
        cc_value_int(of, "rep", 0) != 0 || from > y->until || until < y->from ||
        (!own && whose.size > 0) || (y->said && !own)) {
        return SP_OK;
    }
    y->wanted = (unsigned)cc_value_int(of, "value", 0);
    y->said = own;
    return SP_OK;
}

static int by_date(const void *a, const void *b)
{
    const struct satchel_gathering *x = (const struct satchel_gathering *)a;
    const struct satchel_gathering *y = (const struct satchel_gathering *)b;
    int order = strcmp(x->date, y->date);

    return order != 0 ? order : strcmp(x->id, y->id);
}

static sp_err gather(struct year *y, int year, struct satchel_gatherings *out)
{
    struct cc_date today;
    sp_err err;

    y->a = cc_result_arena(out);
    y->today = cc_today(y->call);
    today = cc_day_date(y->today);
    out->year = year == 0 ? today.year : year;
    if (out->year < CC_DAY_YEAR_MIN || out->year > CC_DAY_YEAR_MAX) {
        return cc_call_say(y->call, SP_E_ARGUMENT, "%d is no year", out->year);
    }
    y->from = cc_day_of((struct cc_date){ out->year, 1, 1 });
    y->until = cc_day_of((struct cc_date){ out->year, 12, 31 });
    out->month = out->year < today.year    ? 12
                 : out->year == today.year ? today.month
                                           : 0;
    err = cc_care_walk(y->call, "event", take_event, y);
    if (err == SP_OK) {
        err = cc_care_walk(y->call, "attendance", take_attendance, y);
    }
    if (err == SP_OK) {
        err = cc_care_walk(y->call, "target", take_target, y);
    }
    if (y->count > 1) {
        qsort(y->gathering, y->count, sizeof(*y->gathering), by_date);
    }
    out->held = y->held;
    out->wanted = y->wanted;
    out->behind = cc_tally_behind(y->held, y->wanted, out->month);
    out->count = y->count;
    out->gathering = y->gathering;
    return err;
}

int satchel_gatherings(struct satchel *s, int year,
    struct satchel_gatherings **out, struct satchel_error *e)
{
    struct satchel_gatherings *r;
    struct cc_call c;
    struct year y = { .call = &c };
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_gatherings *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : gather(&y, year, r), r, out);
}

/* ---- who came ------------------------------------------------------------ */

/* One record an event and account, whoever makes it first. */
static sp_err note(struct cc_call *c, const char *event, const char *account,
    const char *state, struct satchel_saved *out)
{
    const struct sp_entity *e, *above, *attendance;
    struct satchel_input in[] = { { .field = "event" },
        { .field = "state", .text = state } };
    struct sp_ref at, parent, ref;
    struct cc_record_view view;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_refer_named(c, "event", event, &e, &at);

    if (err == SP_OK) {
        err = cc_refer_named(c, "account", account, &above, &parent);
    }
    if (err == SP_OK) {
        err = cc_call_entity(c, "attendance", &attendance);
    }
    if (err != SP_OK) {
        return err;
    }
    ref = (struct sp_ref){ attendance->number,
        cc_due_id(&at.id, &parent.id, "attendance",
            (struct sp_slice){ NULL, 0 }, sp_id_time_ms(&at.id)) };
    sp_id_format(id, &at.id);
    in[0].text = id;
    err = cc_record_view(c, &ref, &view);
    if (err == SP_OK) {
        cc_record_view_free(&view);
        return cc_record_change(c, attendance, &ref, &in[1], 1, NULL, 0, out);
    }
    return err == SP_E_NOT_FOUND ? cc_record_make_as(c, attendance, &ref.id,
                                       &parent, in, 2, NULL, 0, out)
                                 : err;
}

/* What is wrong with one, behind what was wrong with others. */
static void say_wrong(char *all, size_t bytes, const char *account,
    const struct cc_call *c, sp_err err)
{
    size_t used = strlen(all);
    const char *why = c->detail[0] != '\0' ? c->detail : cc_say_err(err);

    if (used + 8 < bytes) {
        (void)snprintf(all + used, bytes - used, "%s%.60s: %.160s",
            used > 0 ? "; " : "", account, why);
    }
}

/* All are tried, so that whoever invites is told everything at once. */
static sp_err note_all(struct cc_call *c, const char *event,
    const char *const *account, size_t count, const char *state)
{
    char wrong[SATCHEL_DETAIL_BYTES - 64] = "";
    struct satchel_saved saved;
    sp_err first = SP_OK;
    size_t failed = 0;

    for (size_t i = 0; i < count; i++) {
        sp_err err;

        c->detail[0] = '\0';
        err = note(c, event, account[i], state, &saved);
        if (err == SP_OK) {
            continue;
        }
        if (sp_err_class(err) == SP_CLASS_LOCAL) {
            return err; /* the store itself fails: no more is tried */
        }
        first = first == SP_OK ? err : first;
        failed++;
        say_wrong(wrong, sizeof(wrong), account[i], c, err);
    }
    return first == SP_OK
               ? SP_OK
               : cc_call_say(c, first, "%zu of %zu, and so none was noted: %s",
                     failed, count, wrong);
}

int satchel_gathering_note(struct satchel *s, const char *event,
    const char *const *account, size_t count, const char *state,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, note_all(&c, event, account, count, state));
}
