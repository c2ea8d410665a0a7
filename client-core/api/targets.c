#include <inttypes.h>
#include <stdio.h>

#include "book/day.h"
#include "book/goal.h"
#include "book/money.h"

#include "api/here.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

/* ---- where the records come from ---------------------------------------- */

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;

    return cc_call_walk(
        c, sp_dictionary_entity(c->dictionary, type), NULL, each, arg);
}

/* By what is kept of them in memory, not record by record. */
static sp_err accounts(void *self,
    sp_err (*each)(void *arg, const struct cc_goal_account *account), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;
    const struct sp_entity *account;
    const struct cc_index *x;
    sp_err err = cc_call_entity(c, "account", &account);

    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, account, &x);
    }
    for (size_t i = 0; err == SP_OK && i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];

        err = each(
            arg, &(struct cc_goal_account){ .id = e->id,
                     .into = e->into,
                     .owner = e->owner,
                     .territory = sp_slice_text(cc_index_text(x, e->territory)),
                     .cycle_days = e->cycle_days,
                     .deleted = e->deleted });
    }
    return err;
}

static struct cc_goal_source source_of(
    struct cc_call *c, const struct cc_here *here)
{
    return (struct cc_goal_source){ .book = c->s->replica.book,
        .dictionary = c->dictionary,
        .cover = here->cover,
        .today = cc_today(c),
        .day_of = cc_today_of,
        .self = c,
        .walk = walk,
        .accounts = accounts };
}

/* ---- the answer --------------------------------------------------------- */

static const char *level_of(const struct cc_goal_row *row)
{
    static const char *const level[] = { "company", "region", "branch", "rep" };

    return level[row->level];
}

static const char *whose(
    struct cc_call *c, const struct cc_goal_row *row, struct sp_arena *a)
{
    switch (row->level) {
    case CC_GOAL_REP:
        return cc_result_string(
            a, row->user == 0 ? "" : cc_refer_user_name(c, row->user));
    case CC_GOAL_BRANCH:
        return cc_result_text(a, row->unit);
    case CC_GOAL_REGION:
        return cc_result_text(a, row->region);
    case CC_GOAL_COMPANY:
        break;
    }
    return "";
}

/* "40", "95 %", "CNY 1,234.50" */
static const char *figure(
    const struct cc_goal_row *row, int64_t n, struct sp_arena *a)
{
    char text[CC_MONEY_TEXT_BYTES];

    if (row->metric == CC_TARGET_REVENUE) {
        struct cc_money_sums one = { .count = 1,
            .of = { { row->currency, n } } };
        cc_money_text(text, &one);
    } else {
        (void)snprintf(text, sizeof(text), "%" PRId64 "%s", n,
            cc_target_grows(row->metric) ? "" : " %");
    }
    return cc_result_string(a, text);
}

static const struct sp_option none = { .name = { NULL, 0 } };

static const struct sp_option *option(
    const struct sp_entity *target, const char *field, uint64_t number)
{
    const struct sp_field *f =
        sp_dictionary_field_named(target, sp_slice_text(field));
    const struct sp_option *o =
        f == NULL ? NULL : sp_dictionary_option(f, number);

    return o == NULL ? &none : o;
}

static const char *day_text(struct sp_arena *a, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES];

    cc_day_format(text, day);
    return cc_result_string(a, text);
}

static const char *id_text(struct sp_arena *a, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES] = "";

    if (id != NULL && !sp_id_is_zero(id)) {
        sp_id_format(text, id);
    }
    return cc_result_string(a, text);
}

static sp_err fill(struct cc_call *c, const struct cc_goal_row *row,
    struct sp_arena *a, struct satchel_target *out)
{
    const struct sp_entity *target =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text("target"));
    const struct sp_option *metric = option(target, "metric", row->metric);
    const struct sp_option *kind =
        option(target, "event_kind", row->event_kind);
    char currency[CC_MONEY_CODE_BYTES] = "";

    if (row->currency != 0) {
        cc_money_code(currency, row->currency);
    }
    *out = (struct satchel_target){
        .id = id_text(a, row->goal == NULL ? NULL : &row->goal->id),
        .part_of = id_text(a, row->goal == NULL ? NULL : &row->goal->part_of),
        .level = level_of(row),
        .depth = row->depth,
        .summed = row->summed,
        .share = row->share,
        .part = row->part,
        .whose = whose(c, row, a),
        .metric = cc_result_text(a, metric->name),
        .metric_en = cc_result_text(a, metric->label_en),
        .metric_zh = cc_result_text(a, metric->label_zh),
        .kind = cc_result_text(a, kind->name),
        .kind_en = cc_result_text(a, kind->label_en),
        .kind_zh = cc_result_text(a, kind->label_zh),
        .from = day_text(a, row->from),
        .until = day_text(a, row->until),
        .money = row->metric == CC_TARGET_REVENUE,
        .currency = cc_result_string(a, currency),
        .target = row->target,
        .actual = row->actual,
        .target_text = figure(row, row->target, a),
        .actual_text = figure(row, row->actual, a),
        .percent = row->progress.percent,
        .attainment = row->part ? 0 : row->progress.attainment,
        .due = row->progress.due,
        .open = row->progress.open,
    };
    return out->id == NULL || out->part_of == NULL || out->whose == NULL ||
                   out->metric == NULL || out->metric_en == NULL ||
                   out->metric_zh == NULL || out->kind == NULL ||
                   out->kind_en == NULL || out->kind_zh == NULL ||
                   out->from == NULL || out->until == NULL ||
                   out->currency == NULL || out->target_text == NULL ||
                   out->actual_text == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_all(struct cc_call *c, struct cc_goal_board *board,
    bool whole, struct satchel_targets *out)
{
    struct sp_arena *a = cc_result_arena(out);
    const struct cc_goal_row *row;
    struct satchel_target *target;
    size_t count;
    sp_err err = cc_goal_tree(board, whole, &row, &count);

    if (err != SP_OK) {
        return err;
    }
    target =
        (struct satchel_target *)sp_arena_take(a, count + 1, sizeof(*target));
    err = target == NULL ? SP_E_NOMEM : SP_OK;
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        err = fill(c, &row[i], a, &target[i]);
    }
    out->target = target;
    out->count = count;
    return err;
}

int satchel_targets(struct satchel *s, bool whole, struct satchel_targets **out,
    struct satchel_error *e)
{
    struct cc_goal_board *board = NULL;
    struct cc_goal_source source;
    struct cc_here here;
    struct satchel_targets *t;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    t = (struct satchel_targets *)cc_result_new(sizeof(*t));
    err = t == NULL ? SP_E_NOMEM : cc_here(&c, &here);
    if (err == SP_OK) {
        t->as_of_ms = here.as_of_ms;
        source = source_of(&c, &here);
        err = cc_goal_load(&source, &board);
    }
    if (err == SP_E_TOO_LARGE) {
        err = cc_call_say(
            &c, err, "more than %u goals; remove old ones", CC_GOALS_MAX);
    }
    if (err == SP_OK) {
        err = fill_all(&c, board, whole, t);
    }
    cc_goal_free(board);
    return cc_call_give(&c, err, t, out);
}
