#include "book/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/utf8.h"

void cc_report_init(struct cc_report *r, int32_t from, int32_t until)
{
    memset(r, 0, sizeof(*r));
    r->from = from;
    r->until = until;
    sp_arena_init(&r->arena, CC_REPORT_BYTES_MAX);
}

void cc_report_free(struct cc_report *r)
{
    sp_arena_free(&r->arena);
}

static void fail(struct cc_report *r, sp_err err)
{
    if (r->err == SP_OK) {
        r->err = err;
    }
}

/* ---- tables --------------------------------------------------------------
 */

struct cc_report_table *cc_report_begin(struct cc_report *r, const char *name,
    struct cc_words title, const struct cc_report_column *column,
    size_t columns)
{
    struct cc_report_table *t;

    if (r->tables == CC_REPORT_TABLES_MAX) {
        fail(r, SP_E_TOO_LARGE);
        return &r->table[r->tables - 1];
    }
    t = &r->table[r->tables++];
    *t = (struct cc_report_table){
        .name = name, .title = title, .column = column, .columns = columns
    };
    return t;
}

static void put(struct cc_report *r, struct cc_report_cell cell)
{
    struct cc_report_table *t = &r->table[r->tables - 1];
    struct cc_report_cell *list;

    SP_ASSERT(r->tables > 0);
    list = (struct cc_report_cell *)sp_arena_grow(
        &r->arena, t->cell, t->cells, sizeof(*list));
    if (list == NULL) {
        fail(r, SP_E_NOMEM);
        return;
    }
    t->cell = list;
    list[t->cells++] = cell;
}

void cc_report_put_text(struct cc_report *r, struct sp_slice text)
{
    struct cc_report_cell cell = { .text = cc_value_string(&r->arena, text) };

    if (cell.text == NULL) {
        fail(r, SP_E_NOMEM);
        cell.text = "";
    }
    put(r, cell);
}

void cc_report_put_words(
    struct cc_report *r, const char *name, struct cc_words words)
{
    put(r, (struct cc_report_cell){ .text = name, .words = words });
}

void cc_report_put_number(struct cc_report *r, int64_t n)
{
    put(r, (struct cc_report_cell){ .n = n });
}

void cc_report_put_money(struct cc_report *r, struct cc_money money)
{
    put(r, (struct cc_report_cell){
               .n = money.minor, .currency = money.currency });
}

void cc_report_put_day(struct cc_report *r, int32_t day)
{
    put(r, (struct cc_report_cell){ .n = day, .none = day == CC_DAY_NONE });
}

void cc_report_put_none(struct cc_report *r)
{
    put(r, (struct cc_report_cell){ .none = true });
}

int64_t cc_report_add(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum)) {
        return b > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

int64_t cc_report_ratio(int64_t of, int64_t all, int64_t scale)
{
    double exact;

    if (all == 0) {
        return 0;
    }
    /* A share, no amount: what a double loses is far behind its digits. */
    exact = (double)of * (double)scale / (double)all;
    if (exact >= 9e18 || exact <= -9e18) {
        return exact > 0 ? INT64_MAX : INT64_MIN;
    }
    return (int64_t)(exact < 0 ? exact - 0.5 : exact + 0.5);
}

void cc_report_put_percent(struct cc_report *r, int64_t of, int64_t all)
{
    if (all == 0) {
        cc_report_put_none(r);
    } else {
        cc_report_put_number(
            r, cc_report_ratio(of, all, 100 * CC_REPORT_PERCENT_ONE));
    }
}

void cc_report_say(
    struct cc_report *r, const char *name, const char *en, const char *zh, ...)
{
    struct cc_report_note *n;
    va_list args, again;

    if (r->notes == CC_REPORT_NOTES_MAX) {
        fail(r, SP_E_TOO_LARGE);
        return;
    }
    n = &r->note[r->notes++];
    n->name = name;
    va_start(args, zh);
    va_copy(again, args);
    (void)vsnprintf(n->en, sizeof(n->en), en, args);
    (void)vsnprintf(n->zh, sizeof(n->zh), zh, again);
    va_end(again);
    va_end(args);
}

bool cc_report_draws(const struct cc_report_table *t, size_t column)
{
    bool draws = t->column[column].bar;

    for (size_t i = column + t->columns; i < t->cells; i += t->columns) {
        draws = draws && t->cell[i].currency == t->cell[column].currency;
    }
    return draws;
}

/* ---- text ----------------------------------------------------------------
 */

static void decimal_text(
    unsigned digits, int64_t n, char out[CC_REPORT_CELL_BYTES])
{
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, one = 1;

    for (unsigned i = 0; i < digits; i++) {
        one *= 10;
    }
    if (digits == 0) {
        (void)snprintf(out, CC_REPORT_CELL_BYTES, "%" PRId64, n);
    } else {
        (void)snprintf(out, CC_REPORT_CELL_BYTES, "%s%" PRIu64 ".%0*" PRIu64,
            n < 0 ? "-" : "", size / one, (int)digits, size % one);
    }
}

static void money_text(const struct cc_report_cell *cell,
    enum cc_report_form form, char out[CC_REPORT_CELL_BYTES])
{
    struct cc_money_sums one = { 0 };

    cc_money_add(&one, (struct cc_money){ cell->currency, cell->n });
    if (form == CC_REPORT_EXACT) {
        cc_money_exact(out, &one);
    } else {
        cc_money_text(out, &one);
    }
}

void cc_report_cell_text(const struct cc_report_column *column,
    const struct cc_report_cell *cell, enum cc_report_form form,
    char out[CC_REPORT_CELL_BYTES])
{
    const char *text = "";

    out[0] = '\0';
    if (cell->none) {
        return;
    }
    switch (column->kind) {
    case CC_REPORT_COUNT:
    case CC_REPORT_DECIMAL:
        decimal_text(column->digits, cell->n, out);
        return;
    case CC_REPORT_MONEY:
        money_text(cell, form, out);
        return;
    case CC_REPORT_DAY:
        cc_day_format(out, (int32_t)cell->n);
        return;
    case CC_REPORT_WORDS:
        text = form == CC_REPORT_EXACT ? cell->text
               : form == CC_REPORT_ZH  ? cell->words.zh
                                       : cell->words.en;
        break;
    case CC_REPORT_TEXT:
        text = cell->text;
        break;
    }
    (void)snprintf(out, CC_REPORT_CELL_BYTES, "%s", text);
}
