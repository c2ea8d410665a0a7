/* do_report.c - reports of what a person may see of this server's records. */
#include <string.h>

#include "book/day.h"
#include "book/report_make.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/evening.h"
#include "ctl/seen.h"
#include "ctl/source.h"
#include "ctl/sync_counts.h"
#include "ops/log.h"
#include "ops/say.h"

#define SYNC         "sync" /* the one report that a device has not */
#define RECORD_BYTES (SP_RECORD_BYTES_MAX + 65536u)

/* ---- what he may see ---------------------------------------------------- */

struct looking {
    struct sv_call *call;
    const struct cc_report_kind_of *kind;
    struct cc_report_ask ask;
    struct cc_report report;
    struct sp_tx *tx;
    struct sv_seen seen;
    struct sp_arena arena; /* of the record at hand */
    const struct sp_entity *entity;
    sp_err (*each)(void *arg, const struct sp_record *view);
    void *arg;
    uint64_t shown, hidden;
    /* of this entity: records of which he reads what is needed; and those that
     * he reaches, but reads not enough of */
    uint64_t read, barred;
};

/* Whether the report would be wrong without this field. */
static bool is_needed(const struct looking *l, const struct sp_field *f)
{
    const char *at = l->kind->needs;
    while (*at != '\0') {
        size_t word = strcspn(at, " "), entity = l->entity->name.size;
        if (word == entity + 1 + f->name.size && at[entity] == '.' &&
            memcmp(at, l->entity->name.data, entity) == 0 &&
            memcmp(at + entity + 1, f->name.data, f->name.size) == 0) {
            return true;
        }
        at += word + (at[word] == ' ');
    }
    return false;
}

static bool reaches(const struct sv_seen *s)
{
    for (uint32_t i = 0; i < s->scopes.count; i++) {
        if (s->grant[i] != SP_GRANT_NOTHING) {
            return true;
        }
    }
    return false;
}

/* The record without what he does not see; false when that leaves nothing, or
 * too little for the figures to be right. */
static bool narrow(struct looking *l, const struct sp_record *view,
    struct sp_register *reg, struct sp_record *out)
{
    uint32_t count = 0, needed = 0;
    for (uint32_t i = 0; i < view->count; i++) {
        uint16_t field = view->reg[i].key.field;
        const struct sp_field *f = sp_dictionary_field(l->entity, field);
        bool need = f != NULL && is_needed(l, f);
        if (field == SP_FIELD_DELETED ||
            sv_seen_field(&l->seen, view->ref.type, field)) {
            reg[count++] = view->reg[i];
            needed += need;
        } else if (need) {
            l->barred += reaches(&l->seen);
            return false;
        }
    }
    *out = (struct sp_record){ view->ref, count, reg };
    l->read += needed > 0;
    return count > 0;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct looking *l = arg;
    struct sp_record narrowed;
    sp_arena_reset(&l->arena);
    struct sp_register *reg =
        sp_arena_take(&l->arena, view->count + 1u, sizeof *reg);
    sp_err err =
        reg == NULL ? SP_E_NOMEM : sv_seen_record(&l->seen, l->tx, &view->ref);
    if (err != SP_OK) {
        return err;
    }
    if (!narrow(l, view, reg, &narrowed)) {
        l->hidden++;
        return SP_OK;
    }
    l->shown++;
    return l->each(l->arg, &narrowed);
}

/* Whose role has no eyes for what a report counts would read 0, which is
 * wrong. */
static sp_err check_role(const struct looking *l)
{
    struct sp_slice what =
        cc_say_language() == CC_LANG_ZH ? l->entity->label_zh : l->entity->name;
    return l->barred == 0 || l->read > 0
               ? SP_OK
               : sv_call_refuse(l->call, SP_E_DENIED,
                     "%s may not: none of the roles reads what this report is "
                     "made of (%.*s; satchelctl policy export)",
                     sv_call_arg(l->call, "as"), (int)what.size,
                     (const char *)what.data);
}

/* Rules and calendars of the catalogue say how to count, and nothing of a
 * customer: they count for everybody. */
static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct looking *l = self;
    const struct sp_dictionary *d = sp_rulebook_dictionary(l->seen.book);
    l->entity = sp_dictionary_entity(d, type);
    l->each = each;
    l->arg = arg;
    l->read = l->barred = 0;
    if (l->entity != NULL && l->entity->catalogue && l->entity->owner == 0) {
        return sp_state_walk(l->tx, type, NULL, each, arg);
    }
    sp_err err = sp_state_walk(l->tx, type, NULL, take, l);
    return err == SP_OK ? check_role(l) : err;
}

/* ---- what is asked ------------------------------------------------------ */

static sp_err read_day(struct sv_call *call, const char *option, int32_t *out)
{
    const char *text = sv_call_arg(call, option);
    *out = CC_DAY_NONE;
    return text == NULL || cc_day_parse(text, out)
               ? SP_OK
               : sv_call_refuse(call, SP_E_ARGUMENT,
                     "--%s \"%.40s\": write a day as 2026-12-31", option, text);
}

static sp_err read_ask(struct looking *l)
{
    const char *currency = sv_call_arg(l->call, "currency");
    uint64_t margin = 0, days = 0;
    sp_err err = read_day(l->call, "from", &l->ask.from);
    if (err == SP_OK) {
        err = read_day(l->call, "until", &l->ask.until);
    }
    if (err == SP_OK) {
        err = sv_call_number(l->call, "margin", 1, 100, 0, &margin);
    }
    if (err == SP_OK) {
        err =
            sv_call_number(l->call, "days", 1, CC_REPORT_PERIOD_MAX, 0, &days);
    }
    if (err != SP_OK) {
        return err;
    }
    l->ask.margin = (int32_t)margin * CC_REPORT_PERCENT_ONE;
    l->ask.days = (int32_t)days;
    if (currency != NULL) {
        l->ask.currency = cc_money_currency(sp_slice_text(currency));
    }
    return currency != NULL && l->ask.currency == 0
               ? sv_call_refuse(l->call, SP_E_ARGUMENT,
                     "--currency \"%.20s\": write three capital letters, as "
                     "CNY",
                     currency)
               : SP_OK;
}

/* ---- the answer --------------------------------------------------------- */

/* What has nothing to say has no member. */
static json_t *row_of(const struct cc_report_table *t, size_t first)
{
    char text[CC_REPORT_CELL_BYTES];
    json_t *row = json_object();
    for (size_t c = 0; c < t->columns; c++) {
        const struct cc_report_column *column = &t->column[c];
        const struct cc_report_cell *cell = &t->cell[first + c];
        cc_report_cell_text(column, cell, CC_REPORT_EXACT, text);
        if (!cell->none) {
            (void)json_object_set_new(row, column->name,
                column->kind == CC_REPORT_COUNT
                    ? json_integer((json_int_t)cell->n)
                    : sv_call_slice(sp_slice_text(text)));
        }
    }
    return row;
}

static double drawn(const struct cc_report_column *c)
{
    double d = (double)c->mark;
    for (unsigned i = 0; i < c->digits; i++) {
        d /= 10.0;
    }
    return d;
}

static json_t *columns_of(const struct cc_report_table *t)
{
    json_t *list = json_array();
    for (size_t c = 0; c < t->columns; c++) {
        const struct cc_report_column *column = &t->column[c];
        (void)json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:b,s:b,s:f}", "name", column->name,
                      "title_en", column->title.en, "title_zh",
                      column->title.zh, "number",
                      column->kind >= CC_REPORT_COUNT &&
                          column->kind <= CC_REPORT_MONEY,
                      "bar", cc_report_draws(t, c), "mark", drawn(column)));
    }
    return list;
}

/* What the words of its cells are called. */
static json_t *words_of(const struct cc_report_table *t)
{
    json_t *words = json_object();
    for (size_t i = 0; i < t->cells; i++) {
        const struct cc_report_cell *cell = &t->cell[i];
        if (t->column[i % t->columns].kind == CC_REPORT_WORDS) {
            (void)json_object_set_new(words, cell->text,
                json_pack("[s,s]", cell->words.en, cell->words.zh));
        }
    }
    return words;
}

static json_t *table_of(const struct cc_report_table *t)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < t->cells; i += t->columns) {
        (void)json_array_append_new(rows, row_of(t, i));
    }
    return json_pack("{s:s,s:s,s:s,s:b,s:b,s:o,s:o,s:o}", "name", t->name,
        "title_en", t->title.en, "title_zh", t->title.zh, "heat", t->heat,
        "detail", t->detail, "columns", columns_of(t), "words", words_of(t),
        "rows", rows);
}

static void answer(struct looking *l, const char *name)
{
    const struct cc_report *r = &l->report;
    char from[CC_DAY_TEXT_BYTES], until[CC_DAY_TEXT_BYTES];
    json_t *tables = json_array(), *remarks = json_array();
    cc_day_format(from, r->from);
    cc_day_format(until, r->until);
    for (size_t i = 0; i < r->tables; i++) {
        (void)json_array_append_new(tables, table_of(&r->table[i]));
    }
    for (size_t i = 0; i < r->notes; i++) {
        (void)json_array_append_new(
            remarks, json_pack("{s:s,s:s,s:s}", "name", r->note[i].name,
                         "text_en", r->note[i].en, "text_zh", r->note[i].zh));
    }
    sv_call_set(l->call, "report", json_string(name));
    sv_call_set(l->call, "from", json_string(from));
    sv_call_set(l->call, "until", json_string(until));
    if (l->hidden > 0) {
        sv_call_set(l->call, "not_shown", json_integer((json_int_t)l->hidden));
    }
    sv_call_set(l->call, "tables", tables);
    sv_call_set(l->call, "remarks", remarks);
}

static sp_err make(void *arg, struct sp_tx *tx)
{
    struct looking *l = arg;
    struct cc_quality_source source = sv_source_make(tx);
    sp_err err = sv_seen_begin(l->call, tx, "as", &l->seen);
    if (err != SP_OK) {
        return err;
    }
    l->tx = tx;
    source.self = l;
    source.walk = walk;
    err = cc_report_make(l->kind, &source, &l->ask, &l->report);
    if (err == SP_E_ARGUMENT) {
        err = sv_call_refuse(l->call, err,
            "the period ends before it begins, or is longer than ten years");
    } else if (err == SP_OK) {
        sv_log(SV_LOG_INFO, "audit",
            "event=report name=%s user=%u records=%llu", l->kind->name,
            l->seen.person->user, (unsigned long long)l->shown);
        sv_call_set(l->call, "customers",
            json_integer((json_int_t)l->report.customers));
        answer(l, l->kind->name);
    }
    cc_report_free(&l->report);
    return err;
}

/* ---- how devices keep up ------------------------------------------------- */

#define SYNC_DAYS 7 /* unless --from says otherwise */

/* Counts of the log, not of what customers are: who manages devices asks. */
static sp_err make_sync(void *arg, struct sp_tx *tx)
{
    struct looking *l = arg;
    struct cc_report_sync_counts counts;
    struct sv_evening e;
    sp_err err = sv_evening_begin(&e, l->call, tx);
    if (err == SP_OK) {
        err = sv_evening_here(&e, tx);
    }
    if (err != SP_OK) {
        return err;
    }
    int32_t until = l->ask.until == CC_DAY_NONE ? e.day : l->ask.until;
    int32_t from =
        l->ask.from == CC_DAY_NONE ? until - SYNC_DAYS + 1 : l->ask.from;
    int32_t offset = sv_day_offset(e.now_ms);
    cc_report_init(&l->report, from, until);
    if (until < from || until - from >= CC_REPORT_PERIOD_MAX) {
        return sv_call_refuse(l->call, SP_E_ARGUMENT,
            "the period ends before it begins, or is longer than ten years");
    }
    err = sv_sync_counts(&e, tx, cc_day_ms(from, 0, offset),
        cc_day_ms(until + 1, 0, offset), &l->report.arena, &counts);
    if (err == SP_OK) {
        cc_report_sync(&l->report, &counts);
        err = l->report.err;
    }
    if (err == SP_OK) {
        answer(l, SYNC);
    }
    cc_report_free(&l->report);
    return err;
}

static sp_err list(struct sv_call *call)
{
    const struct cc_report_kind_of *kind;
    sv_call_columns(call, "report,text_en,text_zh");
    for (size_t i = 0; (kind = cc_report_at(i)) != NULL; i++) {
        sv_call_row(call,
            json_pack("[s,s,s]", kind->name, kind->title.en, kind->title.zh));
    }
    sv_call_row(
        call, json_pack("[s,s,s]", SYNC, "how devices keep up", "同步状况"));
    return SP_OK;
}

sp_err sv_do_report(struct sv_call *call)
{
    const char *name = sv_call_arg(call, "name");
    struct looking l = { .call = call };
    if (name == NULL) {
        return list(call);
    }
    bool sync = strcmp(name, SYNC) == 0;
    l.kind = cc_report_named(name);
    if (l.kind == NULL && !sync) {
        return sv_call_refuse(call, SP_E_NOT_FOUND,
            "no report is called \"%.40s\"; satchelctl report lists them",
            name);
    }
    if (sv_call_arg(call, "as") == NULL) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "a report shows what somebody may see: name him with --as LOGIN");
    }
    sp_err err = read_ask(&l);
    sp_arena_init(&l.arena, RECORD_BYTES);
    if (err == SP_OK) {
        err = sv_call_read(call, sync ? make_sync : make, &l);
    }
    sp_arena_free(&l.arena);
    return err;
}
