/* do_targets.c - the tree of goals, summed over all branches at head office, of
 * its own people at a branch, and how fresh each figure is. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/goal.h"
#include "book/money.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/fresh.h"
#include "ctl/org.h"
#include "ops/say.h"

#define NAME_BYTES 200u
#define BAR_CELLS  10

struct targets {
    struct sv_call *call;
    struct sp_tx *tx;
    const struct sp_rulebook *book;
    const struct sp_dictionary *dictionary;
    const struct sp_person *person; /* who asks */
    struct sp_slice unit;           /* his */
    bool all;                       /* he works at head office */
    bool upper;                     /* this server is head office's */
    struct sv_fresh fresh;          /* of head office */
};

/* ---- who asks ----------------------------------------------------------- */

static sp_err begin(struct targets *t, struct sp_tx *tx)
{
    const char *as = sv_call_arg(t->call, "as");
    t->tx = tx;
    t->book = sv_call_book(tx);
    t->dictionary = sp_rulebook_dictionary(t->book);
    t->upper = tx->node->tier == SP_TIER_HEAD_OFFICE;
    t->person = sv_org_person(t->call, t->book, as);
    if (t->person == NULL) {
        return SP_E_NOT_FOUND;
    }
    const struct sp_roster *unit =
        sp_rulebook_find_unit_of(t->book, t->person->user);
    if ((sp_rulebook_manages(t->book, t->person->user) &
            (SP_MANAGES_DEVICES | SP_MANAGES_JOBS)) == 0 ||
        unit == NULL) {
        return sv_call_refuse(t->call, SP_E_DENIED,
            "%s may not: none of the roles manages %s (satchelctl role list)",
            as, sv_say("devices or jobs"));
    }
    t->unit = unit->unit;
    t->all = unit->unit.size == 0;
    return t->upper ? sv_fresh_load(tx, false, &t->fresh) : SP_OK;
}

/* The unit whose server this is. */
static struct sp_slice unit_here(const struct targets *t)
{
    const struct sp_roster *r;
    for (size_t i = 0; (r = sp_rulebook_list_unit(t->book, i)) != NULL; i++) {
        if (r->server == t->tx->node->identity->device) {
            return r->unit;
        }
    }
    return (struct sp_slice){ NULL, 0 };
}

static bool reaches(
    const struct targets *t, enum sp_extra_kind kind, struct sp_slice code)
{
    for (uint32_t i = 0; i < t->person->extra_count; i++) {
        const struct sp_extra *e = &t->person->extra[i];
        if (e->kind == kind && sp_slice_equal(e->code, code)) {
            return true;
        }
    }
    return false;
}

/* A manager sees his branch, and what more he was given; of what is above it
 * the figures of all only at head office, where others than he may sum. */
static bool is_shown(const struct targets *t, const struct cc_goal_row *r)
{
    if (t->all || !t->upper) {
        return true;
    }
    return reaches(t, SP_EXTRA_REGION, r->region) ||
           (r->level >= CC_GOAL_BRANCH &&
               (sp_slice_equal(r->unit, t->unit) ||
                   reaches(t, SP_EXTRA_UNIT, r->unit)));
}

/* ---- lines -------------------------------------------------------------- */

static const char *label_of(const struct targets *t, const char *field,
    uint64_t number, char *out, size_t bytes)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(t->dictionary, sp_slice_text("target"));
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field_named(e, sp_slice_text(field));
    const struct sp_option *o =
        f == NULL ? NULL : sp_dictionary_option(f, number);
    struct sp_slice label = { NULL, 0 };
    if (o != NULL) {
        label = cc_say_language() == CC_LANG_ZH ? o->label_zh : o->label_en;
    }
    snprintf(out, bytes, "%.*s", (int)label.size, (const char *)label.data);
    return out;
}

static struct sp_slice name_of(
    const struct targets *t, const struct cc_goal_row *r)
{
    const struct sp_person *p;
    switch (r->level) {
    case CC_GOAL_REP:
        p = sp_rulebook_find_person(t->book, r->user);
        return p != NULL ? p->login : sp_slice_text(sv_say("(nobody)"));
    case CC_GOAL_BRANCH:
        return r->unit.size > 0 ? r->unit
                                : sp_slice_text(sv_say("head office"));
    case CC_GOAL_REGION:
        return r->region;
    case CC_GOAL_COMPANY:
        break;
    }
    return sp_slice_text(sv_say("company"));
}

/* "40", "95 %", "1234.50 CNY" */
static json_t *figure(const struct cc_goal_row *r, int64_t n)
{
    char text[CC_MONEY_TEXT_BYTES];
    if (r->metric == CC_TARGET_REVENUE) {
        struct cc_money_sums one = { .count = 1, .of = { { r->currency, n } } };
        cc_money_exact(text, &one);
    } else {
        snprintf(text, sizeof text, "%" PRId64 "%s", n,
            cc_target_grows(r->metric) ? "" : " %");
    }
    return json_string(text);
}

static json_t *bar(const struct cc_goal_row *r)
{
    char text[BAR_CELLS + 1];
    for (int i = 0; i < BAR_CELLS; i++) {
        text[i] = r->progress.percent * BAR_CELLS >= 100 * (i + 1)
                      ? (r->part ? '+' : '#')
                      : '.';
    }
    text[BAR_CELLS] = '\0';
    return json_string(text);
}

/* Of a branch its last exchange; above, how many have come in. */
static json_t *fresh_of(const struct targets *t, const struct cc_goal_row *r)
{
    uint32_t all = 0, in = 0;
    char text[80];
    if (!t->upper || r->level == CC_GOAL_REP) {
        return json_string("");
    }
    for (uint32_t i = 0; i < t->fresh.count; i++) {
        const struct sv_fresh_branch *b = &t->fresh.branch[i];
        if (r->level == CC_GOAL_BRANCH) {
            if (sp_slice_equal(b->unit->unit, r->unit)) {
                return sv_call_time(b->last_ms);
            }
        } else if (r->level == CC_GOAL_COMPANY ||
                   cc_goal_in_region(b->unit, r->region)) {
            all++;
            in += b->in;
        }
    }
    snprintf(text, sizeof text, sv_say("%u of %u branches"), in, all);
    return json_string(all == 0 ? "" : text);
}

static const char *note_of(const struct cc_goal_row *r)
{
    return r->part     ? sv_say("part")
           : r->share  ? sv_say("share")
           : r->summed ? sv_say("sum")
                       : "";
}

static void put_row(const struct targets *t, const struct cc_goal_row *r)
{
    static const char *const level[] = { SV_SAY("company"), SV_SAY("region"),
        SV_SAY("branch"), SV_SAY("rep") };
    char name[NAME_BYTES], metric[NAME_BYTES / 2], kind[NAME_BYTES / 2];
    char goal[NAME_BYTES + 4], from[CC_DAY_TEXT_BYTES];
    char until[CC_DAY_TEXT_BYTES];
    struct sp_slice who = name_of(t, r);
    snprintf(name, sizeof name, "%*s%.*s", (int)(2 * r->depth), "",
        (int)who.size, (const char *)who.data);
    label_of(t, "metric", r->metric, metric, sizeof metric);
    label_of(t, "event_kind", r->event_kind, kind, sizeof kind);
    snprintf(
        goal, sizeof goal, "%s%s%s", metric, kind[0] == '\0' ? "" : ": ", kind);
    cc_day_format(from, r->from);
    cc_day_format(until, r->until);
    sv_call_row(t->call,
        json_pack("[s,s,s,s,s,o,o,o,I,o,s,o]", name, level[r->level], goal,
            from, until, r->share ? json_string("") : figure(r, r->target),
            figure(r, r->actual), bar(r), (json_int_t)r->progress.percent,
            r->part || r->share
                ? json_string("")
                : json_integer((json_int_t)r->progress.attainment),
            note_of(r), fresh_of(t, r)));
}

/* ---- all ---------------------------------------------------------------- */

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    return sp_state_walk(self, type, NULL, each, arg);
}

static sp_err put_rows(struct targets *t, struct cc_goal_board *board)
{
    const struct cc_goal_row *row;
    size_t count = 0, shown = 0;
    sp_err err = cc_goal_tree(board, true, &row, &count);
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        if (is_shown(t, &row[i])) {
            put_row(t, &row[i]);
            shown++;
        }
    }
    if (err == SP_OK && shown == 0) {
        sv_call_set(
            t->call, "note", json_string(sv_say("there are no goals here")));
    }
    return err;
}

static sp_err targets(void *arg, struct sp_tx *tx)
{
    struct targets *t = arg;
    struct cc_goal_board *board = NULL;
    sp_err err = begin(t, tx);
    if (err != SP_OK) {
        return err;
    }
    const struct cc_goal_source source = { .book = t->book,
        .dictionary = t->dictionary,
        .cover = { .book = t->book, .unit = unit_here(t), .upper = t->upper },
        .today = sv_day_local(tx->node->env->now_ms(tx->node->env->self)),
        .day_of = sv_day_local,
        .self = tx,
        .walk = walk };
    sv_call_columns(t->call,
        "whose,level,goal,from,until,target,reached,bar,percent,due_percent,"
        "note,fresh");
    err = cc_goal_load(&source, &board);
    if (err == SP_E_TOO_LARGE) {
        err = sv_call_refuse(
            t->call, err, "more than %u goals; remove old ones", CC_GOALS_MAX);
    }
    if (err == SP_OK) {
        err = put_rows(t, board);
    }
    cc_goal_free(board);
    return err;
}

sp_err sv_do_targets(struct sv_call *call)
{
    struct targets t = { .call = call };
    return sv_call_read(call, targets, &t);
}
