/*
 * do_import.c - customers from a CSV file, as this server's own commits under
 * a person's name (SYNC J7).
 *
 * All rows are checked first; then the good ones are committed in bounded
 * transactions, each with a mark of how far the file has come. A second run of
 * the same file goes on where the first ended, and does nothing when it was
 * done.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/import.h"
#include "ctl/org.h"
#include "ops/env.h"
#include "ops/log.h"
#include "policy/table.h"

#define BATCH_ROWS        200u
#define BATCH_BYTES_MAX   (64u * 1024u * 1024u)
#define REFUSED_BYTES_MAX (8u * 1024u * 1024u)
#define SHOWN_MAX         20u

/* A file in memory as a source of rows. */
struct memory {
    struct sp_slice bytes;
    size_t at;
};

struct import {
    struct sv_call *call;
    struct sv_book *book;
    struct sv_import_plan plan;
    enum sv_csv_encoding encoding;
    bool dry_run;
    bool everything; /* the person runs imports: no role is asked */
    struct sp_rules lenient;
    uint8_t key[32]; /* of this file, this way, under this name */
    uint64_t done;   /* rows of it that earlier runs have dealt with */

    struct sp_arena arena;
    struct sp_draft draft[BATCH_ROWS];
    uint64_t line[BATCH_ROWS];
    unsigned batch;

    uint64_t row; /* number of the one being read, from 1 */
    uint64_t imported, refused, as_typed, shown;
    uint64_t batch_imported, batch_as_typed; /* until the commit held */
    struct sp_buf list;                      /* CSV of the refused rows */
};

static sp_err memory_read(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct memory *m = self;
    size_t rest = m->bytes.size - m->at;
    *got = rest < size ? rest : size;
    if (*got > 0) {
        memcpy(out, m->bytes.data + m->at, *got);
    }
    m->at += *got;
    return SP_OK;
}

static void refuse_row(
    struct import *im, uint64_t line, uint64_t column, const char *text)
{
    char line_text[24], column_text[24];
    snprintf(line_text, sizeof line_text, "%" PRIu64, line);
    snprintf(column_text, sizeof column_text, "%" PRIu64, column);
    struct sp_slice cells[3] = { sp_slice_text(line_text),
        sp_slice_text(column == 0 ? "" : column_text), sp_slice_text(text) };
    im->refused++;
    if (im->list.size + 4096 < im->list.ceiling) {
        sv_csv_put_row(&im->list, cells, 3);
    }
    if (im->shown < SHOWN_MAX) {
        im->shown++;
        sv_call_line(im->call, "line %" PRIu64 "%s%s: %s", line,
            column == 0 ? "" : ", column ", column == 0 ? "" : column_text,
            text);
    } else if (im->shown == SHOWN_MAX) {
        im->shown++;
        sv_call_line(im->call, "more refused rows stand in the list");
    }
}

static struct sp_id new_id(void *self)
{
    uint8_t random[10];
    (void)self;
    sv_env_random(random, sizeof random);
    return sp_id_make(sv_env_now_ms(), random);
}

static const struct sp_draft_write *find_write(
    const struct sp_draft *d, uint16_t field)
{
    const struct sp_draft_change *c = &d->change[0];
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->write[i].key.field == field) {
            return &c->write[i];
        }
    }
    return NULL;
}

/* Where the account would belong: somewhere, and at a branch to itself. */
static bool has_place(const struct import *im, const struct sp_draft *d,
    struct sv_csv_problem *problem)
{
    const struct sp_entity *e = im->plan.entity[0];
    const struct sv_identity *who = &im->call->server->home.who;
    const struct sp_draft_write *territory = find_write(d, e->territory);
    if (territory == NULL && find_write(d, e->owner) == NULL) {
        snprintf(problem->text, sizeof problem->text,
            "no territory and no owner: nobody would see this account; fill "
            "in one of them");
        return false;
    }
    if (territory == NULL || who->tier == SP_TIER_HEAD_OFFICE) {
        return true;
    }
    struct sp_rd r;
    sp_rd_init(&r, territory->value);
    struct sp_slice code = sp_rd_str(&r, SP_ROSTER_CODE_MAX);
    const struct sp_roster *unit =
        sp_rulebook_find_unit_serving(im->plan.book, code);
    if (unit != NULL && sp_slice_equal(unit->unit, sp_slice_text(who->unit))) {
        return true;
    }
    snprintf(problem->text, sizeof problem->text,
        "territory %.*s is served elsewhere; import this row there or at head "
        "office",
        (int)code.size, (const char *)code.data);
    return false;
}

static uint64_t phones_as_typed(
    const struct import *im, const struct sp_draft *d)
{
    const struct sp_dictionary *dictionary =
        sp_rulebook_dictionary(im->plan.book);
    uint64_t count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct sp_entity *e =
            sp_dictionary_entity(dictionary, d->change[i].ref.type);
        for (uint32_t j = 0; e != NULL && j < d->change[i].count; j++) {
            const struct sp_draft_write *w = &d->change[i].write[j];
            const struct sp_field *f = sp_dictionary_field(e, w->key.field);
            count += f != NULL && f->kind == SP_VALUE_PHONE &&
                             sp_dictionary_phone_as_typed(w->value)
                         ? 1
                         : 0;
        }
    }
    return count;
}

/* ---- committing -------------------------------------------------------- */

/* SYNC J7: a server's own writes are accepted as made. Who may run imports
 * brings customers in without being allowed to read or change them. */
static void accept_all(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    out->kind = SP_ACCEPTED;
    out->code = SP_OK;
}

static sp_err put_mark(struct import *im, struct sp_tx *tx, uint64_t rows)
{
    uint8_t value[16];
    sp_set_u64be(value, rows);
    sp_set_u64be(value + 8, sv_env_now_ms());
    return tx->node->store->put(
        tx->txn, SV_T_IMPORT, SP_SLICE(im->key), SP_SLICE(value));
}

static void say_refused(
    struct import *im, unsigned i, sp_err err, const struct sp_verdict *v)
{
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(im->plan.book), v->type);
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field(e, v->field);
    char text[320];
    snprintf(text, sizeof text, "%.*s%s%s (rule %u)",
        f == NULL ? 0 : (int)f->name.size,
        f == NULL ? "" : (const char *)f->name.data, f == NULL ? "" : ": ",
        sp_err_text_en(err), v->rule);
    refuse_row(im, im->line[i], 0, text);
}

static sp_err commit_batch(void *arg, struct sp_tx *tx)
{
    struct import *im = arg;
    const struct sp_rules *strict = tx->rules;
    sp_err err = SP_OK;
    im->batch_imported = im->batch_as_typed = 0;
    if (im->everything) {
        im->lenient = *strict;
        im->lenient.judge = accept_all;
        tx->rules = &im->lenient;
    }
    for (unsigned i = 0; err == SP_OK && i < im->batch; i++) {
        struct sp_verdict verdict = { .kind = SP_VERDICT_NONE };
        uint64_t n = 0;
        sp_err made = sp_commit_make(tx, &im->draft[i], &verdict, &n);
        if (made == SP_OK) {
            im->batch_imported++;
            im->batch_as_typed += phones_as_typed(im, &im->draft[i]);
        } else if (sp_err_class(made) == SP_CLASS_POLICY ||
                   sp_err_class(made) == SP_CLASS_CALLER) {
            say_refused(im, i, made, &verdict);
        } else {
            err = made;
        }
    }
    tx->rules = strict;
    if (err == SP_OK) {
        err = put_mark(im, tx, im->row);
    }
    return err;
}

static sp_err flush(struct import *im)
{
    sp_err err = SP_OK;
    if (im->batch > 0) {
        err = sv_call_write(im->call, commit_batch, im);
        im->batch = 0;
        sp_arena_reset(&im->arena);
        if (err == SP_OK) {
            im->imported += im->batch_imported;
            im->as_typed += im->batch_as_typed;
            sv_call_line(im->call, "%" PRIu64 " in", im->imported);
        }
    }
    return err;
}

/* ---- reading ----------------------------------------------------------- */

/* One row that could be read; checked, and kept for the batch when it counts.
 */
static sp_err take_row(
    struct import *im, const struct sp_slice *cells, uint64_t line, bool commit)
{
    struct sv_csv_problem problem = { .line = line };
    struct sp_draft *draft = &im->draft[im->batch];
    sp_err err = sv_import_row(
        &im->plan, cells, new_id, NULL, &im->arena, draft, &problem);
    if (err == SP_OK && !has_place(im, draft, &problem)) {
        err = SP_E_VALUE;
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        if (!commit) {
            refuse_row(im, line, problem.column, problem.text);
        }
        err = SP_OK;
    } else if (err == SP_OK && commit) {
        im->line[im->batch++] = line;
    } else if (err == SP_OK) {
        im->imported++;
        im->as_typed += phones_as_typed(im, draft);
    }
    if (!commit && err == SP_OK) {
        sp_arena_reset(&im->arena);
    }
    return err == SP_OK && im->batch == BATCH_ROWS ? flush(im) : err;
}

/* Reads all rows: first to check, then to commit. Rows that cannot be read
 * are listed in the first pass only. */
static sp_err read_rows(struct import *im, struct sv_csv *csv, bool commit)
{
    im->row = 0;
    for (;;) {
        const struct sp_slice *cells = NULL;
        struct sv_csv_problem problem = { .line = 0 };
        sp_err err = sv_csv_next(csv, &cells, &problem);
        if (err == SP_E_NOT_FOUND) {
            return SP_OK;
        }
        im->row++;
        if (err == SP_E_VALUE) {
            if (!commit) {
                refuse_row(im, problem.line, problem.column, problem.text);
            }
            continue;
        }
        if (err != SP_OK) {
            return sv_call_refuse(im->call,
                err == SP_E_MALFORMED ? SP_E_VALUE : err,
                "line %" PRIu64 ": %s; nothing was changed", problem.line,
                problem.text);
        }
        if (commit && im->row <= im->done) {
            continue;
        }
        err = take_row(im, cells, sv_csv_line(csv), commit);
        if (err != SP_OK) {
            return err;
        }
    }
}

/* Opens the file and gives it to the rows' reader. */
static sp_err pass(struct import *im, bool commit)
{
    struct memory memory = { .bytes = im->call->attached };
    struct sv_csv_source source = { .self = &memory, .read = memory_read };
    struct sv_csv_problem problem;
    struct sv_csv *csv = NULL;
    char text[SV_IMPORT_TEXT_BYTES] = "";
    size_t columns = 0;
    sp_err err = sv_csv_open_source(&csv, &source, im->encoding, &problem);
    if (err != SP_OK) {
        return sv_call_refuse(im->call,
            err == SP_E_MALFORMED ? SP_E_VALUE : err, "line %" PRIu64 ": %s",
            problem.line, problem.text);
    }
    const struct sp_slice *header = sv_csv_header(csv, &columns);
    im->plan.unused[0] = '\0';
    im->plan.territory_given = false;
    err = sv_import_match(&im->plan, sv_book_rulebook(im->book), header,
        columns, sv_call_arg(im->call, "map"), sv_call_arg(im->call, "ignore"),
        text);
    if (err != SP_OK) {
        err = sv_call_refuse(im->call, err, "%s", text);
    } else {
        err = read_rows(im, csv, commit);
    }
    if (err == SP_OK) {
        err = flush(im);
    }
    sv_csv_close(csv);
    return err;
}

static sp_err read_mark(void *arg, struct sp_tx *tx)
{
    struct import *im = arg;
    struct sp_slice value;
    sp_err err =
        tx->node->store->get(tx->txn, SV_T_IMPORT, SP_SLICE(im->key), &value);
    if (err == SP_OK && value.size == 16) {
        im->done = sp_get_u64be(value.data);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The same bytes, matched the same way, under the same name. */
static void make_key(struct import *im)
{
    const char *parts[] = { sv_call_arg(im->call, "map"),
        sv_call_arg(im->call, "ignore"), sv_call_arg(im->call, "null") };
    struct sp_hasher h;
    uint8_t user[4];
    sp_hasher_init(&h, sizeof im->key, NULL);
    sp_set_u32be(user, im->plan.user);
    sp_hasher_add(&h, user, sizeof user);
    for (size_t i = 0; i < 3; i++) {
        const char *text = parts[i] == NULL ? "" : parts[i];
        sp_hasher_add(&h, text, strlen(text) + 1);
    }
    sp_hasher_add(&h, im->call->attached.data, im->call->attached.size);
    sp_hasher_end(&h, im->key, sizeof im->key);
}

static sp_err find_person(struct import *im)
{
    const struct sp_rulebook *b = sv_book_rulebook(im->book);
    const char *login = sv_call_arg(im->call, "as");
    const struct sp_person *p = sv_org_person(im->call, b, login);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    if (p->status != SP_PERSON_ACTIVE) {
        return sv_call_refuse(im->call, SP_E_DENIED,
            "%s has left; import under the name of somebody who is here",
            login);
    }
    im->plan.user = p->user;
    im->everything = (sp_rulebook_manages(b, p->user) & SP_MANAGES_JOBS) != 0;
    return SP_OK;
}

static sp_err find_encoding(struct import *im)
{
    static const struct {
        const char *name;
        enum sv_csv_encoding encoding;
    } known[] = { { "utf-8", SV_CSV_UTF8 }, { "utf-16le", SV_CSV_UTF16LE },
        { "utf-16be", SV_CSV_UTF16BE }, { "gb18030", SV_CSV_GB18030 },
        { "gbk", SV_CSV_GB18030 } };
    const char *name = sv_call_arg(im->call, "encoding");
    im->encoding = SV_CSV_DETECT;
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0];
         i++) {
        if (strcmp(known[i].name, name) == 0) {
            im->encoding = known[i].encoding;
            return SP_OK;
        }
    }
    return name == NULL ? SP_OK
                        : sv_call_refuse(im->call, SP_E_ARGUMENT,
                              "--encoding: write utf-8, utf-16le, utf-16be or "
                              "gb18030");
}

static void put_result(struct import *im)
{
    struct sv_call *call = im->call;
    sv_call_set(call, im->dry_run ? "would_come_in" : "imported",
        json_integer((json_int_t)im->imported));
    sv_call_set(call, "refused", json_integer((json_int_t)im->refused));
    if (im->done > 0) {
        sv_call_set(
            call, "rows_of_an_earlier_run", json_integer((json_int_t)im->done));
    }
    sv_call_set(
        call, "phones_kept_as_typed", json_integer((json_int_t)im->as_typed));
    if (im->plan.unused[0] != '\0') {
        json_t *unused = json_string(im->plan.unused);
        sv_call_set(call, "columns_left_out",
            unused == NULL ? json_string("?") : unused);
    }
    if (im->refused > 0 && im->list.err == SP_OK) {
        json_t *list = json_stringn((const char *)im->list.data, im->list.size);
        if (list != NULL) {
            sv_call_set(call, "refused_csv", list);
        }
    }
}

static sp_err run(struct import *im)
{
    sp_err err = pass(im, false);
    if (err == SP_OK && im->dry_run) {
        return err;
    }
    make_key(im);
    if (err == SP_OK && !sv_call_flag(im->call, "again")) {
        err = sv_call_read(im->call, read_mark, im);
    }
    im->imported = im->as_typed = 0; /* so far they were only counted */
    if (err == SP_OK && im->done >= im->row && im->row > 0) {
        return sv_call_refuse(im->call, SP_E_EXISTS,
            "this file was taken in before, all %" PRIu64
            " rows of it; --again takes it in once more",
            im->row);
    }
    if (err == SP_OK) {
        err = pass(im, true);
        if (err != SP_OK && im->imported > 0) {
            return sv_call_refuse(im->call, err,
                "%s; %" PRIu64
                " rows are in, and the same command goes on behind them",
                sp_err_text_en(err), im->imported);
        }
    }
    return err;
}

sp_err sv_do_import_accounts(struct sv_call *call)
{
    struct import *im = calloc(1, sizeof *im);
    if (im == NULL) {
        return SP_E_NOMEM;
    }
    struct sp_slice head[3] = { sp_slice_text("line"), sp_slice_text("column"),
        sp_slice_text("what is wrong and what to do") };
    im->call = call;
    im->dry_run = sv_call_flag(call, "dry-run");
    im->plan.null = sv_call_arg(call, "null");
    im->book = sv_book_take(call->server->shelf);
    sp_arena_init(&im->arena, BATCH_BYTES_MAX);
    sp_buf_init(&im->list, REFUSED_BYTES_MAX);
    sv_csv_put_bom(&im->list);
    sv_csv_put_row(&im->list, head, 3);
    sp_err err = find_encoding(im);
    if (err == SP_OK) {
        err = find_person(im);
    }
    if (err == SP_OK) {
        err = run(im);
    }
    if (err == SP_OK || im->imported > 0) {
        put_result(im);
    }
    if (err == SP_OK && im->imported == 0 && im->refused > 0) {
        err = sv_call_refuse(call, SP_E_VALUE,
            "no row of this file can be taken in; the list says why");
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=import user=%u dry_run=%d imported=%" PRIu64 " refused=%" PRIu64,
        im->plan.user, im->dry_run, im->imported, im->refused);
    sv_book_drop(im->book);
    sp_arena_free(&im->arena);
    sp_buf_free(&im->list);
    free(im);
    return err;
}
