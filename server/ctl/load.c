#include "ctl/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ask.h"
#include "ctl/belongs.h"
#include "ctl/import.h"
#include "ctl/keys.h"
#include "ctl/listing.h"
#include "ctl/mark.h"
#include "ctl/names.h"
#include "ctl/numbers.h"
#include "ctl/once.h"
#include "ctl/reconcile.h"
#include "ctl/rows.h"
#include "ctl/similar.h"
#include "ops/env.h"
#include "ops/say.h"
#include "sp/pack.h"

/* One synced transaction: at 40,000 rows a second the writer is kept from
 * others for 25 ms, and the sync at its end costs little beside that. */
#define BATCH_ROWS      1000u
#define BATCH_BYTES_MAX (64u * 1024u * 1024u)
#define SHOWN_MAX       20u
#define PROGRESS_MS     1000u
#define RANDOM_IDS      256u

enum pass { PASS_CHECK, PASS_TRY, PASS_COMMIT };

/* What became of a row of a batch. */
struct outcome {
    sp_err err; /* SP_OK, or why it is refused */
    enum sv_reconciled how;
    struct sv_csv_problem problem;
    bool asked; /* whether it is somebody who is here */
};

struct load;

/* Rows that go into one transaction. */
struct batch {
    struct load *load;
    struct sp_arena arena;
    unsigned count;
    uint64_t row; /* of the file, that the last one is */
    uint64_t line[BATCH_ROWS];
    struct sp_draft draft[BATCH_ROWS];
    /* As they were read, where a list may need them; else NULL. */
    const struct sp_slice *cells[BATCH_ROWS];
    struct sv_likeness like[BATCH_ROWS];
    struct outcome *outcome;         /* BATCH_ROWS of them */
    struct sv_writer_ticket *ticket; /* NULL: not at work */
    bool tried; /* all went well, and the transaction was dropped */
};

struct load {
    struct sv_call *call;
    const struct sv_load_setup *setup;
    struct sv_book *book;
    struct sv_columns plan;
    enum pass pass;
    struct sv_mark_counts counts; /* of this pass */

    struct sv_rows rows; /* of this pass */
    struct sv_cards_left left;
    uint64_t at; /* bytes of the file read */
    struct sp_hasher hasher;
    uint8_t hash[32];
    uint8_t key[32]; /* of this file, this way, under this name */

    struct sv_keys *known; /* key -> record; NULL without a key */
    struct sv_once once;
    struct sv_numbers numbers;
    struct sv_names names;

    uint8_t random[RANDOM_IDS][10];
    unsigned random_left;
    struct sp_id last_id; /* rows stand in the order of the file */

    enum cc_lang language; /* of who asked, also on the writer's thread */
    struct sp_rules lenient;
    struct sp_arena scratch; /* of rows that are only checked */
    struct batch batch[2];
    unsigned filling; /* index of the one that takes rows */

    struct sv_similar *similar; /* NULL: nobody asks */
    uint64_t like;              /* rows that are */
    struct sv_listing errors, phones, likes;
    uint64_t shown, told_ms;
};

/* ---- the file ---------------------------------------------------------- */

static sp_err read_file(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct load *l = self;
    ssize_t n;
    do {
        n = pread(l->setup->file, out, size, (off_t)l->at);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return SP_E_IO;
    }
    *got = (size_t)n;
    l->at += *got;
    sp_hasher_add(&l->hasher, out, *got);
    return SP_OK;
}

/* ---- lists ------------------------------------------------------------- */

static void show(struct load *l, const struct sv_csv_problem *p)
{
    char column[40] = "";
    if (p->column > 0) {
        snprintf(column, sizeof column, sv_say(", column %" PRIu64), p->column);
    }
    if (l->shown < SHOWN_MAX) {
        sv_call_line(
            l->call, "line %" PRIu64 "%s: %s", p->line, column, p->text);
    } else if (l->shown == SHOWN_MAX) {
        sv_call_line(l->call, "more rows stand in the list");
    }
    l->shown++;
}

static void begin_lists(struct load *l)
{
    size_t columns;
    const struct sp_slice *header = sv_rows_header(&l->rows, &columns);
    sv_listing_header(&l->errors, header, columns);
    sv_listing_header(&l->phones, header, columns);
    sv_listing_header(&l->likes, header, columns);
}

static sp_err lists_written(const struct load *l)
{
    return l->errors.err != SP_OK   ? l->errors.err
           : l->phones.err != SP_OK ? l->phones.err
                                    : l->likes.err;
}

static void list_cells(struct load *l, struct sv_listing *to,
    const struct sv_csv_problem *p, const struct sp_slice *cells, size_t count)
{
    struct sp_buf own;
    sp_buf_init(&own, 4u * SV_CSV_ROW_BYTES_MAX);
    if (to->file >= 0) {
        size_t columns;
        const struct sp_slice *header = sv_rows_header(&l->rows, &columns);
        sv_listing_cells(header, columns, cells, count, &own);
    }
    sv_listing_put(
        to, p, own.err == SP_OK ? sp_buf_slice(&own) : sp_slice_text(""));
    sp_buf_free(&own);
}

/* A row of the file that is left out, and why. */
static void leave_out(struct load *l, const struct sv_csv_problem *p)
{
    const struct sp_slice *cells;
    size_t count = sv_rows_cells(&l->rows, &cells);
    list_cells(l, &l->errors, p, cells, count);
    show(l, p);
}

/* ---- what a row asks --------------------------------------------------- */

static struct sp_id make_id(void *self)
{
    struct load *l = self;
    if (l->random_left == 0) {
        sv_env_random(l->random, sizeof l->random);
        l->random_left = RANDOM_IDS;
    }
    l->last_id =
        sp_id_next(&l->last_id, sv_env_now_ms(), l->random[--l->random_left]);
    return l->last_id;
}

static bool is_known(
    void *self, const struct sv_keys_hash *key, struct sp_id *out)
{
    struct load *l = self;
    return l->known != NULL && sv_keys_get(l->known, key, NULL, out);
}

static sp_err refer(
    void *self, uint16_t type, struct sp_slice text, struct sp_id *out)
{
    struct load *l = self;
    return sv_numbers_find(&l->numbers, type, text, out)
               ? SP_OK
               : sv_names_find(&l->names, type, text, out);
}

/* ---- in the transaction ------------------------------------------------ */

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

static void say_rule(struct load *l, sp_err err, const struct sp_verdict *v,
    struct sv_csv_problem *p)
{
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(l->plan.book), v->type);
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field(e, v->field);
    p->code = "rule";
    p->column = 0;
    snprintf(p->text, sizeof p->text, sv_say("%.*s%s%s (rule %u)"),
        f == NULL ? 0 : (int)f->name.size,
        f == NULL ? "" : (const char *)f->name.data, f == NULL ? "" : ": ",
        cc_say_err(err), v->rule);
}

/* Writes one row; a refusal is its outcome, everything else an error. */
static sp_err write_row(struct batch *b, unsigned i, struct sp_tx *tx)
{
    struct load *l = b->load;
    struct outcome *o = &b->outcome[i];
    struct sp_verdict verdict = { .kind = SP_VERDICT_NONE };
    uint64_t n = 0;
    *o = (struct outcome){ .problem = { .line = b->line[i] } };
    o->err = sv_reconcile_draft(
        tx, &l->plan, &b->arena, &b->draft[i], &o->how, &o->problem);
    if (o->err == SP_E_VALUE) {
        return SP_OK;
    }
    if (o->err == SP_OK && o->how != SV_RECONCILE_UNCHANGED) {
        o->err = sp_commit_make(tx, &b->draft[i], &verdict, &n);
        if (sp_err_class(o->err) == SP_CLASS_POLICY ||
            sp_err_class(o->err) == SP_CLASS_CALLER) {
            say_rule(l, o->err, &verdict, &o->problem);
            return SP_OK;
        }
    }
    return o->err;
}

/* The question goes with the row: both are in, or neither. */
static sp_err ask_row(struct batch *b, unsigned i, struct sp_tx *tx)
{
    struct outcome *o = &b->outcome[i];
    const struct sv_ask ask = { b->draft[i].change[0].ref.id, b->like[i].older,
        b->like[i].field };
    return o->err != SP_OK || o->how != SV_RECONCILE_CREATED ||
                   ask.field == NULL
               ? SP_OK
               : sv_ask_put(
                     tx, b->load->setup->user, &ask, &b->arena, &o->asked);
}

static void count_outcome(struct sv_mark_counts *c, const struct outcome *o)
{
    c->refused += o->err != SP_OK;
    c->created += o->err == SP_OK && o->how == SV_RECONCILE_CREATED;
    c->updated += o->err == SP_OK && o->how == SV_RECONCILE_UPDATED;
    c->unchanged += o->err == SP_OK && o->how == SV_RECONCILE_UNCHANGED;
    c->asked += o->asked;
}

/* How far the file has come with this batch. */
static sp_err put_mark(struct batch *b, struct sp_tx *tx)
{
    const struct load *l = b->load;
    const char *name = sv_call_arg(l->call, "file");
    struct sv_mark mark = { .at_ms = sv_env_now_ms(),
        .user = l->setup->user,
        .counts = l->counts,
        .name = sp_slice_text(name == NULL ? "" : name) };
    mark.counts.rows = b->row;
    memcpy(mark.hash, l->hash, sizeof mark.hash);
    for (unsigned i = 0; i < b->count; i++) {
        count_outcome(&mark.counts, &b->outcome[i]);
    }
    return sv_mark_put(tx, l->key, &mark);
}

/* On the writer's thread; a dry run fails on purpose, which drops it. */
static sp_err write_batch(void *arg, struct sp_tx *tx)
{
    struct batch *b = arg;
    struct load *l = b->load;
    const struct sp_rules *strict = tx->rules;
    sp_err err = SP_OK;
    if (l->setup->everything) {
        l->lenient = *strict;
        l->lenient.judge = accept_all;
        tx->rules = &l->lenient;
    }
    cc_say_in(l->language);
    for (unsigned i = 0; err == SP_OK && i < b->count; i++) {
        err = write_row(b, i, tx);
        err = err == SP_OK ? ask_row(b, i, tx) : err;
    }
    cc_say_in(CC_LANG_EN);
    tx->rules = strict;
    if (err == SP_OK) {
        b->tried = l->pass == PASS_TRY;
        err = b->tried ? SP_E_DENIED : put_mark(b, tx);
    }
    return err;
}

/* ---- batches ----------------------------------------------------------- */

/* Where cells are not kept, nobody wants the list. */
static void list_row(struct batch *b, unsigned i, struct sv_listing *to,
    const struct sv_csv_problem *p)
{
    list_cells(b->load, to, p, b->cells[i],
        b->cells[i] == NULL ? 0 : b->load->plan.columns);
}

static void take_outcome(struct load *l, struct batch *b, unsigned i)
{
    const struct outcome *o = &b->outcome[i];
    count_outcome(&l->counts, o);
    if (o->err != SP_OK) {
        list_row(b, i, &l->errors, &o->problem);
        show(l, &o->problem);
        return;
    }
    uint64_t phones =
        o->how == SV_RECONCILE_UNCHANGED
            ? 0
            : sv_import_phones_as_typed(
                  sp_rulebook_dictionary(l->plan.book), &b->draft[i]);
    l->counts.as_typed += phones;
    if (phones > 0 && l->phones.file >= 0) {
        struct sv_csv_problem p = { .line = b->line[i],
            .code = "phone_as_typed" };
        snprintf(p.text, sizeof p.text, "%s",
            sv_say("this number is no international number: kept as it was "
                   "typed"));
        list_row(b, i, &l->phones, &p);
    }
}

/* Waits for a batch that is at work, and takes over what became of it. */
static sp_err collect(struct load *l, struct batch *b)
{
    if (b->ticket == NULL) {
        return SP_OK;
    }
    sp_err err = sv_writer_wait(b->ticket);
    b->ticket = NULL;
    err = b->tried ? SP_OK : err;
    b->tried = false;
    for (unsigned i = 0; err == SP_OK && i < b->count; i++) {
        take_outcome(l, b, i);
    }
    b->count = 0;
    sp_arena_reset(&b->arena);
    uint64_t now = sv_env_steady_ms();
    if (err == SP_OK && now - l->told_ms >= PROGRESS_MS) {
        l->told_ms = now;
        sv_call_line(l->call, "%" PRIu64 " rows %s", b->row,
            sv_say(l->pass == PASS_TRY ? "tried" : "in"));
    }
    return err == SP_OK ? lists_written(l) : err;
}

/* Hands the full batch over and goes on with the other one. At all times one
 * batch at most is at work, so that marks rise. */
static sp_err flush(struct load *l)
{
    struct batch *b = &l->batch[l->filling];
    struct batch *other = &l->batch[1 - l->filling];
    sp_err err = collect(l, other);
    if (err == SP_OK && b->count > 0) {
        err = sv_writer_begin(
            l->call->server->writer, write_batch, b, &b->ticket);
        l->filling = 1 - l->filling;
    }
    if (err == SP_OK && sv_call_gone(l->call)) {
        err = SP_E_OFFLINE;
    }
    return err;
}

static sp_err finish_batches(struct load *l)
{
    sp_err err = flush(l);
    for (unsigned i = 0; i < 2; i++) {
        sp_err last = collect(l, &l->batch[i]);
        err = err == SP_OK ? last : err;
    }
    return err;
}

/* ---- rows -------------------------------------------------------------- */

/* Keeps a good row for the batch. Few are listed afterwards: a line of the list
 * is made of those. */
static sp_err add_to_batch(struct load *l, struct batch *b,
    const struct sp_slice *cells, uint64_t line)
{
    b->line[b->count] = line;
    b->cells[b->count] = NULL;
    if (l->setup->errors >= 0 || l->setup->phones >= 0) {
        b->cells[b->count] = sv_listing_copy(&b->arena, cells, l->plan.columns);
        if (b->cells[b->count] == NULL) {
            return SP_E_NOMEM;
        }
    }
    b->row = l->counts.rows;
    return ++b->count == BATCH_ROWS ? flush(l) : SP_OK;
}

/* Whether a row makes a customer who may be here already. Asked beside the
 * writer, who takes longer over a row, and of rows that come in now: those of
 * an earlier run are among what is here. */
static sp_err look_similar(struct load *l, const struct sp_slice *cells,
    const struct sp_draft *draft, uint64_t line)
{
    struct sv_csv_problem p = { .line = line };
    struct batch *b = &l->batch[l->filling];
    bool found = false;
    b->like[b->count].field = NULL;
    if (l->similar == NULL || l->pass == PASS_CHECK ||
        !draft->change[0].create) {
        return SP_OK;
    }
    sp_err err =
        sv_similar_look(l->similar, sp_rulebook_dictionary(l->plan.book), draft,
            &p, &found, &b->like[b->count]);
    l->like += found;
    if (err == SP_OK && found) {
        list_cells(l, &l->likes, &p, cells, l->plan.columns);
    }
    return err;
}

/* Whether rows name records. */
static bool keyed(const struct load *l)
{
    return l->plan.key != NULL || l->plan.by_id;
}

/* One row that could be read. */
static sp_err take_row(
    struct load *l, const struct sp_slice *cells, uint64_t line)
{
    struct sv_import_port port = { l, make_id, is_known, refer };
    struct sv_csv_problem problem = { .line = line };
    struct batch *b = &l->batch[l->filling];
    struct sp_arena *arena = l->pass == PASS_CHECK ? &l->scratch : &b->arena;
    struct sp_draft *draft = &b->draft[b->count];
    bool twice = false,
         old = l->pass == PASS_COMMIT && l->counts.rows <= l->counts.before;
    sp_err err = SP_OK;
    if (!old || keyed(l)) {
        err = sv_import_row(&l->plan, cells, &port, arena, draft, &problem);
    }
    if (err == SP_OK && !old &&
        !sv_belongs_here(
            &l->plan, &l->call->server->home.who, draft, &problem)) {
        err = SP_E_VALUE;
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        l->counts.refused += l->pass == PASS_COMMIT && old ? 0 : 1;
        if (l->pass != PASS_COMMIT) {
            leave_out(l, &problem);
        }
        err = SP_OK;
        twice = true; /* not taken */
    } else if (err == SP_OK) {
        err = sv_once_look(&l->once, cells, draft, &problem, &twice);
        l->counts.duplicate += twice && !old ? 1 : 0;
        if (err == SP_OK && twice && l->pass != PASS_COMMIT) {
            leave_out(l, &problem);
        } else if (err == SP_OK && !old) {
            err = look_similar(l, cells, draft, line);
        }
    }
    if (l->pass == PASS_CHECK) {
        sp_arena_reset(&l->scratch);
    } else if (err == SP_OK && !twice && !old) {
        err = add_to_batch(l, b, cells, line);
    }
    return err == SP_E_TOO_LARGE
               ? sv_call_refuse(l->call, err,
                     "line %" PRIu64 ": more than %u keys; split the file",
                     line, SV_KEYS_MAX)
               : err;
}

/* Rows that cannot be read are listed in the first pass only. */
static sp_err read_rows(struct load *l)
{
    for (;;) {
        const struct sp_slice *cells = NULL;
        struct sv_csv_problem problem = { .line = 0 };
        sp_err err = sv_rows_next(&l->rows, &cells, &problem);
        if (err == SP_E_NOT_FOUND) {
            return SP_OK;
        }
        l->counts.rows++;
        if (err == SP_E_VALUE) {
            l->counts.refused++;
            if (l->pass != PASS_COMMIT) {
                leave_out(l, &problem);
            }
            continue;
        }
        if (err != SP_OK) {
            return sv_call_refuse(l->call,
                err == SP_E_MALFORMED ? SP_E_VALUE : err,
                "line %" PRIu64 ": %s; nothing was changed", problem.line,
                problem.text);
        }
        err = take_row(l, cells, sv_rows_line(&l->rows));
        if (err != SP_OK) {
            return err;
        }
        if (l->numbers.err != SP_OK) {
            return l->numbers.err;
        }
        if (l->counts.rows % BATCH_ROWS == 0 && sv_call_gone(l->call)) {
            return SP_E_OFFLINE;
        }
    }
}

/* ---- passes ------------------------------------------------------------ */

static sp_err match(struct load *l, char unused[SV_COLUMNS_TEXT_BYTES])
{
    char text[SV_COLUMNS_TEXT_BYTES] = "";
    size_t columns = 0;
    const struct sp_slice *header = sv_rows_header(&l->rows, &columns);
    sp_err err =
        sv_columns_match(&l->plan, &l->setup->typed, header, columns, text);
    if (err != SP_OK) {
        return sv_call_refuse(l->call, err, "%s", text);
    }
    memcpy(unused, l->plan.unused, sizeof l->plan.unused);
    if (l->known == NULL) {
        err = sv_numbers_known(
            l->call, &l->plan, !l->setup->everything, &l->known);
    }
    if (err == SP_OK && l->setup->cards != NULL) {
        err = sv_once_meet(&l->once, l->call);
    }
    if (err == SP_OK && l->pass != PASS_CHECK) {
        err = sv_similar_open(
            l->call, l->numbers.dictionary, l->plan.entity[0], &l->similar);
    }
    return err;
}

static sp_err begin_pass(struct load *l, enum pass pass)
{
    struct sv_csv_source source = { .self = l, .read = read_file };
    struct sv_csv_problem problem;
    uint64_t before = l->counts.before;
    l->pass = pass;
    l->counts = (struct sv_mark_counts){ .before = before };
    l->at = 0;
    sp_hasher_init(&l->hasher, sizeof l->hash, NULL);
    sp_err err = sv_once_begin(&l->once);
    if (err != SP_OK) {
        return err;
    }
    err = sv_rows_open(
        &l->rows, &source, l->setup->encoding, l->setup->cards, &problem);
    return err == SP_OK
               ? err
               : sv_call_refuse(l->call,
                     err == SP_E_MALFORMED ? SP_E_VALUE : err,
                     "line %" PRIu64 ": %s", problem.line, problem.text);
}

static sp_err run_pass(
    struct load *l, enum pass pass, char unused[SV_COLUMNS_TEXT_BYTES])
{
    uint8_t hash[32];
    sp_err err = begin_pass(l, pass);
    if (err == SP_OK) {
        err = match(l, unused);
    }
    if (err == SP_OK) {
        begin_lists(l);
        err = read_rows(l);
    }
    if (pass != PASS_CHECK) {
        sp_err last = finish_batches(l);
        err = err == SP_OK ? last : err;
    }
    if (l->rows.cards != NULL) {
        l->left = sv_cards_left(l->rows.cards);
    }
    sv_rows_close(&l->rows);
    sp_hasher_end(&l->hasher, hash, sizeof hash);
    if (err == SP_OK && pass == PASS_COMMIT &&
        memcmp(hash, l->hash, sizeof hash) != 0) {
        return sv_call_refuse(l->call, SP_E_VALUE,
            "the file changed while it was read; what was in it at first is "
            "in, run the command again for the rest");
    }
    memcpy(l->hash, hash, sizeof hash);
    return err == SP_OK ? lists_written(l) : err;
}

/* ---- all of it --------------------------------------------------------- */

static sp_err read_mark(void *arg, struct sp_tx *tx)
{
    struct load *l = arg;
    struct sv_mark mark;
    sp_err err = sv_mark_get(tx, l->key, &mark);
    if (err == SP_OK) {
        l->counts.before = mark.counts.rows;
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The same bytes, matched the same way, under the same name. */
static void make_key(struct load *l)
{
    const struct sv_columns_typed *t = &l->setup->typed;
    const struct sv_cards_setup *c = l->setup->cards;
    const char *parts[] = { l->plan.key == NULL ? NULL : t->key, t->map,
        t->ignore, l->setup->null, l->setup->currency,
        c == NULL ? NULL : c->account, c == NULL ? NULL : c->consent };
    struct sp_hasher h;
    uint8_t head[6];
    sp_hasher_init(&h, sizeof l->key, NULL);
    sp_set_u32be(head, l->setup->user);
    head[4] = (uint8_t)(l->plan.entity[0]->number >> 8);
    head[5] = (uint8_t)(l->plan.entity[0]->number & 0xffu);
    sp_hasher_add(&h, head, sizeof head);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *text = parts[i] == NULL ? "" : parts[i];
        sp_hasher_add(&h, text, strlen(text) + 1);
    }
    sp_hasher_add(&h, l->hash, sizeof l->hash);
    sp_hasher_end(&h, l->key, sizeof l->key);
}

static sp_err check_then_commit(
    struct load *l, char unused[SV_COLUMNS_TEXT_BYTES])
{
    sp_err err = run_pass(l, PASS_CHECK, unused);
    uint64_t rows = l->counts.rows;
    l->counts.created = l->counts.updated = 0; /* so far only checked */
    if (err != SP_OK) {
        return err;
    }
    make_key(l);
    if (!l->setup->again) {
        err = sv_call_read(l->call, read_mark, l);
    }
    if (err == SP_OK && l->counts.before >= rows && rows > 0) {
        if (!keyed(l)) {
            return sv_call_refuse(l->call, SP_E_EXISTS,
                "this file was taken in before, all %" PRIu64
                " rows of it; --again takes it in once more",
                rows);
        }
        l->counts.before = 0; /* with a key, what is so already stays so */
    }
    return err == SP_OK ? run_pass(l, PASS_COMMIT, unused) : err;
}

static sp_err say_how_far(struct load *l, sp_err err)
{
    uint64_t in = l->counts.created + l->counts.updated;
    if (err == SP_E_OFFLINE) {
        return sv_call_refuse(l->call, err,
            "stopped by who asked; %" PRIu64
            " rows are in, and the same command goes on behind them",
            in);
    }
    if (err != SP_OK && in > 0 && l->pass == PASS_COMMIT) {
        return sv_call_refuse(l->call, err,
            "%s; %" PRIu64
            " rows are in, and the same command goes on behind them",
            cc_say_err(err), in);
    }
    return err;
}

static void free_all(struct load *l)
{
    for (unsigned i = 0; i < 2; i++) {
        sp_arena_free(&l->batch[i].arena);
        free(l->batch[i].outcome);
    }
    sv_numbers_free(&l->numbers);
    sv_names_free(&l->names);
    sp_arena_free(&l->scratch);
    sv_keys_free(l->known);
    sv_once_free(&l->once);
    sv_similar_free(l->similar);
    sv_book_drop(l->book);
    free(l);
}

static struct load *load_new(
    struct sv_call *call, const struct sv_load_setup *setup)
{
    struct load *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    l->call = call;
    l->setup = setup;
    l->book = sv_book_take(call->server->shelf);
    l->plan.book = sv_book_rulebook(l->book);
    l->plan.null = setup->null;
    l->plan.currency = setup->currency;
    l->plan.user = setup->user;
    l->once = (struct sv_once){ .plan = &l->plan,
        .keep_all = setup->keep_duplicates,
        .cards = setup->cards != NULL };
    l->told_ms = sv_env_steady_ms();
    l->language = cc_say_language();
    l->numbers.call = call;
    l->numbers.dictionary = sp_rulebook_dictionary(l->plan.book);
    l->names.call = call;
    l->names.dictionary = l->numbers.dictionary;
    l->names.seen_only = !setup->everything;
    l->errors.file = setup->errors;
    l->phones.file = setup->phones;
    l->likes.file = setup->similar;
    sp_arena_init(&l->scratch, BATCH_BYTES_MAX);
    for (unsigned i = 0; i < 2; i++) {
        l->batch[i].load = l;
        sp_arena_init(&l->batch[i].arena, BATCH_BYTES_MAX);
        l->batch[i].outcome = calloc(BATCH_ROWS, sizeof(struct outcome));
        if (l->batch[i].outcome == NULL) {
            free_all(l);
            return NULL;
        }
    }
    return l;
}

sp_err sv_load_run(struct sv_call *call, const struct sv_load_setup *setup,
    struct sv_mark_counts *counts, char unused[SV_COLUMNS_TEXT_BYTES])
{
    struct load *l = load_new(call, setup);
    unused[0] = '\0';
    *counts = (struct sv_mark_counts){ .rows = 0 };
    if (l == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = setup->dry_run ? run_pass(l, PASS_TRY, unused)
                                : check_then_commit(l, unused);
    err = say_how_far(l, err);
    *counts = l->counts;
    counts->similar = l->like;
    if (l->left.birthdays > 0) {
        sv_call_line(call,
            "%" PRIu64
            " birthdays stay out: --consent CHANNEL says how their people "
            "agreed",
            l->left.birthdays);
    }
    if (l->left.places > 0) {
        sv_call_line(call,
            "%" PRIu64
            " addresses or places stay out: they are the customer's, edit "
            "that one",
            l->left.places);
    }
    if (l->similar != NULL && sv_similar_full(l->similar)) {
        sv_call_line(
            call, "more than %u keys: not every row was compared", SV_KEYS_MAX);
    }
    free_all(l);
    return err;
}
