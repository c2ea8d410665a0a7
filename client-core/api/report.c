/* report.c - reports of what this device holds. */
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/report_make.h"

#include "api/here.h"
#include "api/result.h"
#include "api/today.h"

bool satchel_report_list(size_t i, struct satchel_report_name *out)
{
    const struct cc_report_kind_of *kind = cc_report_at(i);

    if (kind == NULL) {
        return false;
    }
    *out = (struct satchel_report_name){ kind->name, kind->title.en,
        kind->title.zh };
    return true;
}

/* ---- what is asked ------------------------------------------------------ */

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;

    return sp_state_walk(&c->tx, type, NULL, each, arg);
}

/* "30", "12.5": percent with one digit. */
static sp_err read_margin(struct cc_call *c, const char *text, int32_t *out)
{
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    bool one =
        rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9' && rest[2] == '\0';

    if (whole == 0 || whole > 3 || (rest[0] != '\0' && !one)) {
        return cc_call_say(c, SP_E_ARGUMENT,
            "\"%.20s\" is no margin: percent with one digit at most, as 30 or "
            "12.5",
            text);
    }
    *out = (int32_t)strtol(text, NULL, 10) * CC_REPORT_PERCENT_ONE +
           (one ? rest[1] - '0' : 0);
    return SP_OK;
}

static sp_err read_ask(struct cc_call *c, const struct satchel_report_ask *in,
    struct cc_report_ask *out)
{
    sp_err err = SP_OK;

    *out = (struct cc_report_ask){ .from = CC_DAY_NONE,
        .until = CC_DAY_NONE,
        .days = in->days > CC_REPORT_PERIOD_MAX ? CC_REPORT_PERIOD_MAX
                                                : (int32_t)in->days };
    if (in->until != NULL) {
        err = cc_today_typed(c, in->until, &out->until);
    }
    if (err == SP_OK && in->from != NULL) {
        err = cc_today_typed(c, in->from, &out->from);
    }
    if (err == SP_OK && in->margin != NULL) {
        err = read_margin(c, in->margin, &out->margin);
    }
    if (err == SP_OK && in->currency != NULL) {
        out->currency = cc_money_currency(sp_slice_text(in->currency));
        if (out->currency == 0) {
            err = cc_call_say(c, SP_E_ARGUMENT,
                "\"%.20s\" is no currency: three capital letters, as CNY",
                in->currency);
        }
    }
    return err;
}

/* ---- the answer --------------------------------------------------------- */

static const char *cell_text(struct sp_arena *a,
    const struct cc_report_column *column, const struct cc_report_cell *cell,
    enum cc_report_form form)
{
    char text[CC_REPORT_CELL_BYTES];

    cc_report_cell_text(column, cell, form, text);
    return cc_result_string(a, text);
}

static double drawn(unsigned digits, int64_t n)
{
    double d = (double)n;

    for (; digits > 0; digits--) {
        d /= 10.0;
    }
    return d;
}

static sp_err fill_cells(struct sp_arena *a, const struct cc_report_table *t,
    struct satchel_report_table *out)
{
    struct satchel_report_cell *cell =
        (struct satchel_report_cell *)sp_arena_take(
            a, t->cells + 1u, sizeof(*cell));

    for (size_t i = 0; cell != NULL && i < t->cells; i++) {
        const struct cc_report_column *column = &t->column[i % t->columns];
        const struct cc_report_cell *c = &t->cell[i];

        cell[i] = (struct satchel_report_cell){ cell_text(a, column, c,
                                                    CC_REPORT_EXACT),
            cell_text(a, column, c, CC_REPORT_EN),
            cell_text(a, column, c, CC_REPORT_ZH),
            c->none ? 0 : drawn(column->digits, c->n) };
        if (cell[i].exact == NULL || cell[i].text_en == NULL ||
            cell[i].text_zh == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->cell = cell;
    return cell == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_table(struct sp_arena *a, const struct cc_report_table *t,
    struct satchel_report_table *out)
{
    struct satchel_report_column *column =
        (struct satchel_report_column *)sp_arena_take(
            a, t->columns + 1u, sizeof(*column));

    if (column == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < t->columns; i++) {
        const struct cc_report_column *c = &t->column[i];

        column[i] = (struct satchel_report_column){ .name = c->name,
            .title_en = c->title.en,
            .title_zh = c->title.zh,
            .number = c->kind >= CC_REPORT_COUNT && c->kind <= CC_REPORT_MONEY,
            .count = c->kind == CC_REPORT_COUNT,
            .bar = cc_report_draws(t, i),
            .mark = drawn(c->digits, c->mark) };
    }
    *out = (struct satchel_report_table){ .name = t->name,
        .title_en = t->title.en,
        .title_zh = t->title.zh,
        .heat = t->heat,
        .detail = t->detail,
        .columns = t->columns,
        .rows = t->cells / t->columns,
        .column = column };
    return fill_cells(a, t, out);
}

static sp_err fill_remarks(
    struct sp_arena *a, const struct cc_report *r, struct satchel_report *out)
{
    struct satchel_report_remark *remark =
        (struct satchel_report_remark *)sp_arena_take(
            a, r->notes + 1u, sizeof(*remark));

    for (size_t i = 0; remark != NULL && i < r->notes; i++) {
        remark[i] = (struct satchel_report_remark){ r->note[i].name,
            cc_result_string(a, r->note[i].en),
            cc_result_string(a, r->note[i].zh) };
        if (remark[i].text_en == NULL || remark[i].text_zh == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->remarks = r->notes;
    out->remark = remark;
    return remark == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill(const struct cc_report_kind_of *kind,
    const struct cc_report *r, struct satchel_report *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_report_table *table =
        (struct satchel_report_table *)sp_arena_take(
            a, r->tables + 1u, sizeof(*table));
    char from[CC_DAY_TEXT_BYTES], until[CC_DAY_TEXT_BYTES];
    sp_err err = table == NULL ? SP_E_NOMEM : SP_OK;

    cc_day_format(from, r->from);
    cc_day_format(until, r->until);
    out->name = kind->name;
    out->title_en = kind->title.en;
    out->title_zh = kind->title.zh;
    out->from = cc_result_string(a, from);
    out->until = cc_result_string(a, until);
    out->customers = r->customers;
    for (size_t i = 0; err == SP_OK && i < r->tables; i++) {
        err = fill_table(a, &r->table[i], &table[i]);
    }
    out->tables = r->tables;
    out->table = table;
    if (err == SP_OK && (out->from == NULL || out->until == NULL)) {
        err = SP_E_NOMEM;
    }
    return err == SP_OK ? fill_remarks(a, r, out) : err;
}

/* ---- all ---------------------------------------------------------------- */

static sp_err make(struct cc_call *c, const char *name,
    const struct satchel_report_ask *in, struct satchel_report *out)
{
    const struct cc_report_kind_of *kind = cc_report_named(name);
    struct cc_replica *r = &c->s->replica;
    struct cc_quality_source source = { .book = r->book,
        .today = cc_today(c),
        .offset_min = cc_today_offset(r->env.now_ms(r->env.self)),
        .self = c,
        .walk = walk };
    struct cc_report_ask ask;
    struct cc_report report;
    sp_err err;

    if (kind == NULL) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "no report is called \"%.40s\"; satchel report lists them", name);
    }
    err = read_ask(c, in, &ask);
    if (err != SP_OK) {
        return err;
    }
    err = cc_report_make(kind, &source, &ask, &report);
    if (err == SP_E_ARGUMENT) {
        err = cc_call_say(c, err,
            "the period ends before it begins, or is longer than ten years");
    }
    if (err == SP_OK) {
        err = fill(kind, &report, out);
    }
    cc_report_free(&report);
    return err;
}

int satchel_report(struct satchel *s, const char *name,
    const struct satchel_report_ask *ask, struct satchel_report **out,
    struct satchel_error *e)
{
    struct satchel_report *r;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_report *)cc_result_new(sizeof(*r));
    if (r != NULL) {
        err = cc_here_as_of(&c, &r->as_of_ms);
    }
    if (err == SP_OK) {
        err = make(&c, name, ask, r);
    }
    return cc_call_give(&c, err, r, out);
}
