#include <stdlib.h>
#include <string.h>

#include "book/tally.h"
#include "book/value.h"

#include "api/files.h"
#include "api/here.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/today.h"

/* Options of contest.metric. */
enum metric { QUANTITY = 1, COMPLETENESS, VALIDITY, CONTACTS, CALLBACKS };

#define CONTESTS_MAX 1000u /* more are an error */

struct contest {
    struct sp_ref ref;
    enum metric metric;
    int32_t from, until;
    struct sp_slice unit; /* empty: the company */
};

/* What one person did. */
struct score {
    uint32_t user;
    bool known; /* all of it is here */
    int64_t sum, of;
};
/* At all times: each person once. */
struct scores {
    struct cc_call *call;
    const struct sp_entity *entity; /* that is being read */
    const struct contest *contest;
    struct cc_cover cover;
    size_t count, room;
    struct score *score; /* heap */
};

/* ---- counting ----------------------------------------------------------- */

/* Whether the contest is his too. */
static bool takes_part(const struct scores *s, uint32_t user)
{
    const struct sp_roster *unit =
        sp_rulebook_find_unit_of(s->cover.book, user);

    return s->contest->unit.size == 0 ||
           (unit != NULL && sp_slice_equal(unit->unit, s->contest->unit));
}

/* The person's score, made when there is none; NULL without memory. */
static struct score *score_of(struct scores *s, uint32_t user)
{
    size_t i = 0;

    while (i < s->count && s->score[i].user != user) {
        i++;
    }
    if (i == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        struct score *more =
            (struct score *)realloc(s->score, room * sizeof(*more));

        if (more == NULL) {
            return NULL;
        }
        s->score = more;
        s->room = room;
    }
    if (i == s->count) {
        s->score[s->count++] = (struct score){ .user = user };
    }
    return &s->score[i];
}

static sp_err add(struct scores *s, uint32_t user, int64_t amount)
{
    struct score *score;

    if (user == 0 || !takes_part(s, user)) {
        return SP_OK; /* imported: nobody's; or of another branch */
    }
    score = score_of(s, user);
    if (score == NULL) {
        return SP_E_NOMEM;
    }
    score->sum += amount;
    score->of++;
    return SP_OK;
}

/* Who has done nothing yet takes part too. */
static sp_err add_people(struct scores *s)
{
    const struct sp_person *p;

    for (size_t i = 0; (p = sp_rulebook_list_person(s->cover.book, i)) != NULL;
         i++) {
        if (p->status == SP_PERSON_ACTIVE &&
            cc_cover_in_field(s->cover.book, p) && takes_part(s, p->user) &&
            score_of(s, p->user) == NULL) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

/* ---- what is here -------------------------------------------------------- */

static struct cc_cover_field field_of(
    const struct scores *s, const char *entity, const char *field)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(s->call->dictionary, sp_slice_text(entity));
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field_named(e, sp_slice_text(field));

    return (struct cc_cover_field){ e == NULL ? 0 : e->number,
        f == NULL ? 0 : f->number };
}

static struct cc_cover_field counted_field(const struct scores *s)
{
    switch (s->contest->metric) {
    case CONTACTS:
    case CALLBACKS:
        return field_of(s, "activity", "at");
    case VALIDITY:
        return field_of(s, "spot_check", "correct");
    case QUANTITY:
    case COMPLETENESS:
        break;
    }
    return field_of(s, "contact", "author");
}

/* Whether the device's user reads the whole file of a person. */
static bool reads_files(const struct scores *s)
{
    return cc_cover_unit(&s->cover,
        sp_rulebook_find_unit_of(s->cover.book, s->cover.user),
        field_of(s, "contact", "ethnicity"));
}

/* Returns whether that is so of all. */
static bool mark_known(struct scores *s)
{
    const struct cc_cover_field f = counted_field(s);
    bool all = true;

    for (size_t i = 0; i < s->count; i++) {
        const struct sp_person *p =
            sp_rulebook_find_person(s->cover.book, s->score[i].user);

        s->score[i].known = p != NULL && cc_cover_person(&s->cover, p, f);
        all = all && s->score[i].known;
    }
    return all;
}

/* ---- records ------------------------------------------------------------- */

static bool within(const struct scores *s, int32_t day)
{
    return day >= s->contest->from && day <= s->contest->until;
}

static sp_err take_activity(void *arg, const struct sp_record *view)
{
    struct scores *s = (struct scores *)arg;
    const struct cc_value_of of = { s->entity, view };
    struct cc_tally_contact one;

    if (!cc_tally_contact(&of, &one) || !within(s, cc_today_of(one.at_ms)) ||
        (s->contest->metric == CALLBACKS && !one.callback)) {
        return SP_OK;
    }
    return add(s, one.user, 1);
}

static sp_err count_activities(struct scores *s)
{
    s->entity = sp_dictionary_entity_named(
        s->call->dictionary, sp_slice_text("activity"));
    return s->entity == NULL
               ? SP_OK
               : cc_call_walk(s->call, s->entity, NULL, take_activity, s);
}

static sp_err count_file(struct scores *s, const struct cc_file *f)
{
    if (s->contest->metric == QUANTITY) {
        return within(s, f->day) ? add(s, f->user, 1) : SP_OK;
    }
    return f->day <= s->contest->until ? add(s, f->user, f->percent) : SP_OK;
}

static sp_err count_files(struct scores *s)
{
    struct cc_files files = { 0 };
    sp_err err = cc_files_read(&files, s->call);

    for (size_t i = 0;
         err == SP_OK && i < files.count && s->contest->metric != VALIDITY;
         i++) {
        err = count_file(s, &files.file[i]);
    }
    for (size_t i = 0;
         err == SP_OK && i < files.checks && s->contest->metric == VALIDITY;
         i++) {
        if (within(s, files.check[i].day)) {
            err = add(s, files.check[i].user, files.check[i].correct);
        }
    }
    cc_files_free(&files);
    return err;
}

/* ---- places ------------------------------------------------------------- */

static bool is_percent(enum metric metric)
{
    return metric == COMPLETENESS || metric == VALIDITY;
}

/* Percents are rounded half up. */
static int64_t value_of(enum metric metric, const struct score *s)
{
    int64_t whole = metric == VALIDITY ? 100 * s->sum : s->sum;

    if (s->of == 0) {
        return 0;
    }
    return is_percent(metric) ? (2 * whole + s->of) / (2 * s->of) : s->sum;
}

/* Of equals the lower number stands first; they share the place. Behind all
 * stand those of whom this device does not have everything. */
static int best_first(const void *a, const void *b)
{
    const struct satchel_contest_row *x = (const struct satchel_contest_row *)a;
    const struct satchel_contest_row *y = (const struct satchel_contest_row *)b;

    if (x->known != y->known) {
        return x->known ? -1 : 1;
    }
    return x->value != y->value ? (x->value < y->value) * 2 - 1
                                : (x->user > y->user) * 2 - 1;
}

static void give_places(struct satchel_contest_row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool before = i > 0 && row[i - 1].value == row[i].value;
        bool behind = i + 1 < count && row[i + 1].value == row[i].value;

        row[i].place = before ? row[i - 1].place : i + 1;
        row[i].tied = before || behind;
    }
}

static sp_err fill_rows(
    struct scores *s, struct sp_arena *a, struct satchel_contest *out)
{
    struct satchel_contest_row *row =
        (struct satchel_contest_row *)sp_arena_take(
            a, s->count + 1, sizeof(*row));
    bool all = mark_known(s);

    if (row == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct score *one = &s->score[i];

        row[i] = (struct satchel_contest_row){ .user = one->user,
            .name = cc_result_string(a, cc_refer_user_name(s->call, one->user)),
            .known = one->known,
            .value = value_of(s->contest->metric, one),
            .counted = one->of };
        if (row[i].name == NULL) {
            return SP_E_NOMEM;
        }
    }
    if (s->count > 0) {
        qsort(row, s->count, sizeof(*row), best_first);
    }
    /* Among those alone of whom all is here nobody has a place. */
    if (all) {
        give_places(row, s->count);
    }
    out->part = !all || (s->contest->metric == COMPLETENESS && !reads_files(s));
    out->row = row;
    out->count = s->count;
    return SP_OK;
}

static sp_err rank(struct cc_call *c, const struct contest *contest,
    struct sp_arena *a, struct satchel_contest *out)
{
    struct scores s = { .call = c, .contest = contest };
    bool activities =
        contest->metric == CONTACTS || contest->metric == CALLBACKS;
    struct cc_here here;
    sp_err err = cc_here(c, &here);

    if (err == SP_OK) {
        s.cover = here.cover;
        err = add_people(&s);
    }
    if (err == SP_OK) {
        err = activities ? count_activities(&s) : count_files(&s);
    }
    if (err == SP_OK) {
        err = fill_rows(&s, a, out);
    }
    free(s.score);
    return err;
}

/* ---- the contests ------------------------------------------------------- */

static struct contest read_contest(const struct cc_value_of *of)
{
    return (struct contest){ .ref = of->record->ref,
        .metric = (enum metric)cc_value_int(of, "metric", 0),
        .from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE),
        .until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE),
        .unit = cc_value_text(of, "unit") };
}

static const char *day_text(struct sp_arena *a, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES] = "";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, day);
    }
    return cc_result_string(a, text);
}

static sp_err fill(struct cc_call *c, const struct cc_value_of *of,
    struct sp_arena *a, struct satchel_contest *out)
{
    const struct contest one = read_contest(of);
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("metric"));
    const struct sp_option *o =
        f == NULL ? NULL : sp_dictionary_option(f, (uint64_t)one.metric);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &one.ref.id);
    *out = (struct satchel_contest){ .id = cc_result_string(a, id),
        .name = cc_result_text(a, cc_value_text(of, "name")),
        .unit = cc_result_text(a, cc_value_text(of, "unit")),
        .metric = o == NULL ? "" : cc_result_text(a, o->name),
        .metric_en = o == NULL ? "" : cc_result_text(a, o->label_en),
        .metric_zh = o == NULL ? "" : cc_result_text(a, o->label_zh),
        .from = day_text(a, one.from),
        .until = day_text(a, one.until),
        .prize = cc_result_text(a, cc_value_text(of, "prize")),
        .percent = is_percent(one.metric),
        .open = one.until >= cc_today(c) };
    return out->id == NULL || out->name == NULL || out->unit == NULL ||
                   out->metric == NULL || out->metric_en == NULL ||
                   out->metric_zh == NULL || out->from == NULL ||
                   out->until == NULL || out->prize == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

struct listing {
    struct cc_call *call;
    const struct sp_entity *entity;
    struct sp_arena *a;
    size_t count;
    struct satchel_contest *contest;
};

static sp_err take_contest(void *arg, const struct sp_record *view)
{
    struct listing *l = (struct listing *)arg;
    const struct cc_value_of of = { l->entity, view };

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    return l->count == CONTESTS_MAX
               ? cc_call_say(l->call, SP_E_TOO_LARGE,
                     "more than %u contests; remove old ones", CONTESTS_MAX)
               : fill(l->call, &of, l->a, &l->contest[l->count++]);
}

static int last_first(const void *a, const void *b)
{
    const struct satchel_contest *x = (const struct satchel_contest *)a;
    const struct satchel_contest *y = (const struct satchel_contest *)b;
    int order = strcmp(y->until, x->until);

    return order != 0 ? order : strcmp(x->id, y->id);
}

static sp_err list(struct cc_call *c, struct satchel_contests *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct listing l = { .call = c,
        .entity =
            sp_dictionary_entity_named(c->dictionary, sp_slice_text("contest")),
        .a = a,
        .contest = (struct satchel_contest *)sp_arena_take(
            a, CONTESTS_MAX, sizeof(*l.contest)) };
    sp_err err = l.contest == NULL ? SP_E_NOMEM : SP_OK;

    if (err == SP_OK && l.entity != NULL) {
        err = sp_state_walk(&c->tx, l.entity->number, NULL, take_contest, &l);
    }
    if (err == SP_OK && l.count > 0) {
        qsort(l.contest, l.count, sizeof(*l.contest), last_first);
    }
    out->contest = l.contest;
    out->count = l.count;
    return err;
}

static sp_err show(
    struct cc_call *c, const char *text, struct satchel_contests *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_contest *one =
        (struct satchel_contest *)sp_arena_take(a, 1, sizeof(*one));
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct cc_value_of of = { NULL, &view.record };
    struct contest contest;
    struct sp_ref ref;
    sp_err err = one == NULL
                     ? SP_E_NOMEM
                     : cc_refer_named(c, "contest", text, &entity, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of.entity = entity;
    contest = read_contest(&of);
    err = fill(c, &of, a, one);
    contest.unit = sp_slice_text(one->unit == NULL ? "" : one->unit);
    cc_record_view_free(&view);
    out->contest = one;
    out->count = 1;
    return err == SP_OK ? rank(c, &contest, a, one) : err;
}

/* text NULL: all of them. */
static int ask(struct satchel *s, const char *text, bool all,
    struct satchel_contests **out, struct satchel_error *e)
{
    struct satchel_contests *r;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_contests *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : all ? list(&c, r) : show(&c, text, r);
    if (err == SP_OK) {
        err = cc_here_as_of(&c, &r->as_of_ms);
    }
    return cc_call_give(&c, err, r, out);
}

int satchel_contests(
    struct satchel *s, struct satchel_contests **out, struct satchel_error *e)
{
    return ask(s, NULL, true, out, e);
}

int satchel_contest(struct satchel *s, const char *contest,
    struct satchel_contests **out, struct satchel_error *e)
{
    return ask(s, contest, false, out, e);
}
