#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sp/pack.h"

#include "book/day.h"
#include "book/money.h"
#include "book/tally.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/show.h"
#include "api/today.h"

#define FACTS_MAX    40u
#define FACTS_BYTES  4000u /* of day_summary.facts */
#define OPTIONS_MAX  16u   /* of visit.outcome */
#define NUMBER_BYTES 24u

enum {
    TASK_OPEN = 1,
    TASK_DONE = 2,
    VERIFIED = 1
}; /* task.status, visit.verify */

/* The user's day while it is being counted. */
struct day {
    struct cc_call *call;
    const struct sp_entity *entity; /* that is being read */
    struct cc_round round;
    int32_t today;
    int32_t day, last; /* both in; the same of one day */
    bool week;
    uint32_t user;
    bool closed;
    unsigned visits, verified, purchases, tasks, late, accounts;
    unsigned outcome[OPTIONS_MAX];
    uint64_t store_ms;
    struct cc_money_sums sold;
    struct satchel_day *out;
    struct satchel_day_fact *fact;
};

/* ---- counting ------------------------------------------------------------ */

static bool is_mine(
    const struct day *d, const struct cc_value_of *of, const char *field)
{
    return !cc_value_deleted(of) &&
           cc_value_int(of, field, 0) == (int64_t)d->user;
}

static bool is_in(const struct day *d, int64_t day)
{
    return day >= d->day && day <= d->last;
}

static sp_err take_visit(void *arg, const struct sp_record *view)
{
    struct day *d = (struct day *)arg;
    const struct cc_value_of of = { d->entity, view };
    uint64_t from = cc_value_ts(&of, "checkin");
    uint64_t until = cc_value_ts(&of, "checkout");
    int64_t outcome = cc_value_int(&of, "outcome", 0);

    if (!cc_tally_counts(&of) || !is_mine(d, &of, "rep") ||
        !is_in(d, cc_today_of(from))) {
        return SP_OK;
    }
    d->visits++;
    d->verified += cc_value_part(&of, "verify", "verdict", 0) == VERIFIED;
    d->store_ms += until > from ? until - from : 0;
    if (outcome > 0 && outcome < (int64_t)OPTIONS_MAX) {
        d->outcome[outcome]++;
    }
    return SP_OK;
}

static sp_err take_purchase(void *arg, const struct sp_record *view)
{
    struct day *d = (struct day *)arg;
    const struct cc_value_of of = { d->entity, view };

    if (is_mine(d, &of, "author") &&
        is_in(d, cc_value_int(&of, "date", CC_DAY_NONE))) {
        d->purchases++;
        cc_money_add(&d->sold, cc_money_of(&of, "amount"));
    }
    return SP_OK;
}

/* When somebody wrote what a field shows. */
static int32_t written_on(const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(of->record, f->number);
    sp_hlc latest = 0;

    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        sp_hlc t = reg->sibling[i].stamp.time;
        latest = t > latest ? t : latest;
    }
    return cc_today_of(sp_hlc_ms(latest));
}

/* Late is what is open though its day is over. */
static sp_err take_task(void *arg, const struct sp_record *view)
{
    struct day *d = (struct day *)arg;
    const struct cc_value_of of = { d->entity, view };

    if (is_mine(d, &of, "owner")) {
        int64_t status = cc_value_int(&of, "status", TASK_OPEN);

        d->tasks += status == TASK_DONE && is_in(d, written_on(&of, "status"));
        d->late += status == TASK_OPEN &&
                   cc_value_int(&of, "due", INT32_MAX) < d->today;
    }
    return SP_OK;
}

/* New by its id; by whoever wrote the name first. */
static sp_err take_account(void *arg, const struct sp_record *view)
{
    struct day *d = (struct day *)arg;
    const struct cc_value_of of = { d->entity, view };
    const struct sp_field *name =
        sp_dictionary_field_named(d->entity, sp_slice_text("name"));
    const struct sp_register *reg =
        name == NULL ? NULL : sp_record_field(view, name->number);

    d->accounts += !cc_value_deleted(&of) && reg != NULL && reg->count > 0 &&
                   reg->sibling[0].stamp.user == d->user &&
                   is_in(d, cc_today_of(sp_id_time_ms(&view->ref.id)));
    return SP_OK;
}

static sp_err take_summary(void *arg, const struct sp_record *view)
{
    enum { WEEK = 2 }; /* day_summary.period */
    struct day *d = (struct day *)arg;
    const struct cc_value_of of = { d->entity, view };

    d->closed =
        d->closed || (is_mine(d, &of, "rep") &&
                         is_in(d, cc_value_int(&of, "date", CC_DAY_NONE)) &&
                         (cc_value_int(&of, "period", 0) == WEEK) == d->week);
    return SP_OK;
}

/* An id that no record made on a day comes before: ids begin with the time of
 * their making, and nowhere does a day begin a day before that of UTC. */
static struct sp_id id_before(int32_t day)
{
    static const uint8_t none[10] = { 0 };

    return sp_id_make(
        day <= 1 ? 0 : (uint64_t)(day - 1) * CC_DAY_MINUTES * 60000u, none);
}

static sp_err count_all(struct day *d)
{
    static const struct {
        const char *entity;
        sp_err (*take)(void *arg, const struct sp_record *view);
        bool new; /* asks only for what was made on that day */
    } each[] = { { "visit", take_visit, false },
        { "purchase", take_purchase, false }, { "task", take_task, false },
        { "account", take_account, true },
        { "day_summary", take_summary, false } };
    const struct sp_id from = id_before(d->day);
    sp_err err = cc_round_between(&d->round, d->call, d->day, d->last);

    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]) && err == SP_OK;
         i++) {
        d->entity = sp_dictionary_entity_named(
            d->call->dictionary, sp_slice_text(each[i].entity));
        if (d->entity != NULL) {
            err = cc_call_walk(d->call, d->entity, each[i].new ? &from : NULL,
                each[i].take, d);
        }
    }
    return err;
}

/* ---- facts --------------------------------------------------------------- */

static sp_err put(
    struct day *d, const char *name, struct cc_words label, const char *text)
{
    struct sp_arena *a = cc_result_arena(d->out);
    struct satchel_day_fact *f = &d->fact[d->out->fact_count];

    if (d->out->fact_count == FACTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    f->name = cc_result_string(a, name);
    f->label_en = cc_result_string(a, label.en);
    f->label_zh = cc_result_string(a, label.zh);
    f->text = cc_result_string(a, text);
    d->out->fact_count++;
    return f->name == NULL || f->label_en == NULL || f->label_zh == NULL ||
                   f->text == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err put_count(
    struct day *d, const char *name, struct cc_words label, uint64_t count)
{
    char text[NUMBER_BYTES];

    (void)snprintf(text, sizeof(text), "%" PRIu64, count);
    return put(d, name, label, text);
}

static sp_err put_outcomes(struct day *d)
{
    const struct sp_entity *visit =
        sp_dictionary_entity_named(d->call->dictionary, sp_slice_text("visit"));
    const struct sp_field *f = visit == NULL ? NULL
                                             : sp_dictionary_field_named(visit,
                                                   sp_slice_text("outcome"));
    sp_err err = SP_OK;

    for (uint32_t i = 0; f != NULL && i < f->option_count && err == SP_OK;
         i++) {
        const struct sp_option *o = &f->option[i];
        const char *name = cc_call_text(d->call, o->name);
        struct cc_words label = { cc_call_text(d->call, o->label_en),
            cc_call_text(d->call, o->label_zh) };

        if (name == NULL || label.en == NULL || label.zh == NULL) {
            err = SP_E_NOMEM;
        } else if (o->number < OPTIONS_MAX && d->outcome[o->number] > 0) {
            err = put_count(d, name, label, d->outcome[o->number]);
        }
    }
    return err;
}

/* "241.00 CNY · 20.00 USD": what each currency has, never added up. */
static sp_err put_amounts(struct day *d)
{
    char all[CC_MONEY_TEXT_BYTES];

    cc_money_exact(all, &d->sold);
    return d->sold.count == 0
               ? SP_OK
               : put(d, "amount", (struct cc_words){ "Amount", "金额" }, all);
}

/* How much of the plan was kept up to today; without a plan nothing is said. */
static sp_err put_adherence(struct day *d, unsigned made)
{
    size_t asked = 0;
    char text[NUMBER_BYTES];
    sp_err err = SP_OK;

    for (size_t i = 0; i < d->round.count; i++) {
        asked += d->round.stop[i].day <= d->today;
    }
    if (asked > 0) {
        (void)snprintf(text, sizeof(text), "%zu%%",
            (100u * (size_t)made + asked / 2) / asked);
        err = put(d, "adherence",
            (struct cc_words){ "Route kept", "路线执行率" }, text);
    }
    return err == SP_OK && d->round.min_stops > 0
               ? put_count(d, "min_stops",
                     (struct cc_words){ "Stops at least", "最少站数" },
                     d->round.min_stops)
               : err;
}

static sp_err put_facts(struct day *d)
{
    unsigned made = 0, skipped = 0;
    sp_err err;

    for (size_t i = 0; i < d->round.count; i++) {
        made += d->round.stop[i].made;
        skipped +=
            !d->round.stop[i].made && d->round.stop[i].skipped[0] != '\0';
    }
    {
        const struct {
            const char *name;
            struct cc_words label;
            uint64_t count;
        } count[] = {
            { "planned", { "Planned visits", "计划拜访" }, d->round.count },
            { "made", { "... made", "其中已拜访" }, made },
            { "skipped", { "... skipped", "其中未拜访" }, skipped },
            { "visits", { "Visits", "拜访" }, d->visits },
            { "verified", { "... verified", "其中已核实" }, d->verified },
            { "minutes", { "Minutes in store", "在店分钟" },
                d->store_ms / 60000u },
            { "purchases", { "Purchases", "成交笔数" }, d->purchases },
            { "tasks_done", { "Tasks done", "完成任务" }, d->tasks },
            { "tasks_late", { "Tasks late", "逾期任务" }, d->late },
            { "new_accounts", { "New accounts", "新客户" }, d->accounts },
        };

        err = SP_OK;
        for (size_t i = 0; i < sizeof(count) / sizeof(count[0]) && err == SP_OK;
             i++) {
            err = put_count(d, count[i].name, count[i].label, count[i].count);
        }
    }
    if (err == SP_OK) {
        err = put_adherence(d, made);
    }
    if (err == SP_OK) {
        err = put_outcomes(d);
    }
    return err == SP_OK ? put_amounts(d) : err;
}

/* ---- what is left -------------------------------------------------------- */

static sp_err fill_missed(struct day *d, uint16_t account,
    const struct cc_round_stop *s, struct satchel_day_missed *m)
{
    struct sp_arena *a = cc_result_arena(d->out);
    struct sp_ref ref = { account, s->account };
    char id[SP_ID_TEXT_BYTES], date[CC_DAY_TEXT_BYTES];

    sp_id_format(id, &s->plan);
    cc_day_format(date, s->day);
    m->plan_id = cc_result_string(a, id);
    m->title = cc_result_string(a, cc_refer_title(d->call, &ref));
    m->date = cc_result_string(a, date);
    m->reason = cc_result_string(a, s->skipped);
    return m->plan_id == NULL || m->title == NULL || m->date == NULL ||
                   m->reason == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* What was not made: with its reason, or open while its day has come. */
static sp_err put_missed(struct day *d)
{
    struct sp_arena *a = cc_result_arena(d->out);
    struct satchel_day_missed *open, *skipped;
    const struct sp_entity *account;
    sp_err err = cc_call_entity(d->call, "account", &account);

    open = (struct satchel_day_missed *)sp_arena_take(
        a, 2 * (d->round.count + 1), sizeof(*open));
    if (err != SP_OK || open == NULL) {
        return err != SP_OK ? err : SP_E_NOMEM;
    }
    skipped = open + d->round.count + 1;
    d->out->open = open;
    d->out->skipped = skipped;
    for (size_t i = 0; i < d->round.count && err == SP_OK; i++) {
        const struct cc_round_stop *s = &d->round.stop[i];

        if (s->made || (s->skipped[0] == '\0' && s->day > d->today)) {
            continue;
        }
        err = s->skipped[0] == '\0' ? fill_missed(d, account->number, s,
                                          &open[d->out->open_count++])
                                    : fill_missed(d, account->number, s,
                                          &skipped[d->out->skipped_count++]);
    }
    return err;
}

static sp_err make(struct day *d)
{
    struct sp_arena *a = cc_result_arena(d->out);
    char date[CC_DAY_TEXT_BYTES], until[CC_DAY_TEXT_BYTES];
    sp_err err;

    d->today = cc_today(d->call);
    d->day =
        d->week ? d->today + 1 - (int32_t)cc_day_weekday(d->today) : d->today;
    d->last = d->week ? d->day + 6 : d->day;
    d->user = cc_round_user(d->call);
    cc_day_format(date, d->day);
    cc_day_format(until, d->last);
    d->out->week = d->week;
    d->out->date = cc_result_string(a, date);
    d->out->until = cc_result_string(a, until);
    d->fact = (struct satchel_day_fact *)sp_arena_take(
        a, FACTS_MAX, sizeof(*d->fact));
    if (d->out->date == NULL || d->out->until == NULL || d->fact == NULL) {
        return SP_E_NOMEM;
    }
    d->out->fact = d->fact;
    err = count_all(d);
    if (err == SP_OK) {
        err = put_facts(d);
    }
    if (err == SP_OK) {
        err = put_missed(d);
    }
    d->out->closed = d->closed;
    return err;
}

static int draft(struct satchel *s, bool week, struct satchel_day **out,
    struct satchel_error *e)
{
    struct cc_call c;
    struct day d = { .call = &c, .week = week };
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    d.out = (struct satchel_day *)cc_result_new(sizeof(*d.out));
    err = d.out == NULL ? SP_E_NOMEM : make(&d);
    cc_round_free(&d.round);
    return cc_call_give(&c, err, d.out, out);
}

int satchel_day_draft(
    struct satchel *s, struct satchel_day **out, struct satchel_error *e)
{
    return draft(s, false, out, e);
}

int satchel_week_draft(
    struct satchel *s, struct satchel_day **out, struct satchel_error *e)
{
    return draft(s, true, out, e);
}

/* ---- closing ------------------------------------------------------------- */

static sp_err refuse_open(struct day *d)
{
    char list[SATCHEL_DETAIL_BYTES - 120];
    size_t used = 0;

    for (size_t i = 0; i < d->out->open_count; i++) {
        const struct satchel_day_missed *o = &d->out->open[i];
        int more = snprintf(list + used, sizeof(list) - used, "%s%.13s %.60s",
            i > 0 ? "; " : "", o->plan_id, o->title);

        if (more < 0 || (size_t)more >= sizeof(list) - used) {
            list[used] = '\0'; /* as many as there is room for, whole */
            break;
        }
        used += (size_t)more;
    }
    return cc_call_say(d->call, SP_E_REQUIRED,
        "%zu planned visits were not made: say why for each, with satchel "
        "route skip PLAN --reason: %s",
        d->out->open_count, list);
}

/* As the record keeps it: one fact a line. */
static sp_err write_facts(const struct day *d, char out[FACTS_BYTES])
{
    size_t used = 0;

    for (size_t i = 0; i < d->out->fact_count; i++) {
        int more = snprintf(out + used, FACTS_BYTES - used, "%s%s=%s",
            i > 0 ? "\n" : "", d->fact[i].name, d->fact[i].text);

        if (more < 0 || (size_t)more >= FACTS_BYTES - used) {
            return SP_E_TOO_LARGE;
        }
        used += (size_t)more;
    }
    return SP_OK;
}

static sp_err save(struct day *d, const char *comment)
{
    char facts[FACTS_BYTES] = "";
    const struct satchel_input in[] = { { "rep", "me", SATCHEL_SET },
        { "date", d->out->date, SATCHEL_SET },
        { "closed_at", "now", SATCHEL_SET }, { "period", "day", SATCHEL_SET },
        { "facts", facts, SATCHEL_SET }, { "comment", comment, SATCHEL_SET } };
    const struct sp_entity *entity;
    struct satchel_saved saved;
    sp_err err = cc_call_entity(d->call, "day_summary", &entity);

    if (err == SP_OK) {
        err = write_facts(d, facts);
    }
    if (err == SP_OK) {
        err = cc_record_make(d->call, entity, NULL, in,
            comment == NULL || comment[0] == '\0' ? 5 : 6, NULL, 0, &saved);
    }
    if (err == SP_OK) {
        memcpy(d->out->id, saved.id, sizeof(saved.id));
        d->out->closed = true;
    }
    return err;
}

int satchel_day_close(struct satchel *s, const char *comment,
    struct satchel_day **out, struct satchel_error *e)
{
    struct cc_call c;
    struct day d = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    d.out = (struct satchel_day *)cc_result_new(sizeof(*d.out));
    err = d.out == NULL ? SP_E_NOMEM : make(&d);
    if (err == SP_OK && d.closed) {
        err = cc_call_say(&c, SP_E_EXISTS,
            "%s is closed already; what stands in its summary stays",
            d.out->date);
    } else if (err == SP_OK && d.out->open_count > 0) {
        err = refuse_open(&d);
    }
    if (err == SP_OK) {
        err = save(&d, comment);
    }
    cc_round_free(&d.round);
    return cc_call_give(&c, err, d.out, out);
}
