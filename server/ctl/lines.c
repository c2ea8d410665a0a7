#include "ctl/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/line.h"
#include "ctl/listing.h"
#include "ops/env.h"
#include "ops/say.h"
#include "sp/pack.h"

#define BATCH_LINES     500u
#define BATCH_BYTES_MAX (64u * 1024u * 1024u)
#define SHOWN_MAX       20u

struct line {
    uint64_t number;
    struct sp_draft draft;
    sp_err err;
    enum { LINE_CREATED, LINE_UNCHANGED } how;
    struct sv_csv_problem problem;
};

struct lines {
    struct sv_call *call;
    const struct sv_load_setup *setup;
    struct sv_book *book;
    const struct sp_dictionary *dictionary;
    struct sv_mark_counts *counts;
    struct sv_listing errors;
    uint64_t shown, line;

    struct sp_buf text; /* one line */
    bool too_long;
    uint64_t at; /* bytes of the file read */
    uint8_t piece[65536];
    size_t piece_at, piece_size;

    struct sp_arena arena;
    struct sp_buf value;
    struct sp_rules lenient;
    enum cc_lang language;
    unsigned batch;
    bool tried;
    struct line *of; /* BATCH_LINES of them */
};

/* ---- the file ---------------------------------------------------------- */

/* The next line without its end; SP_E_NOT_FOUND at the end of the file. */
static sp_err read_line(struct lines *l)
{
    bool any = false;
    sp_buf_reset(&l->text);
    l->too_long = false;
    for (;;) {
        if (l->piece_at == l->piece_size) {
            ssize_t n;
            do {
                n = pread(
                    l->setup->file, l->piece, sizeof l->piece, (off_t)l->at);
            } while (n < 0 && errno == EINTR);
            if (n <= 0) {
                l->line += any ? 1 : 0;
                return n < 0 ? SP_E_IO : any ? SP_OK : SP_E_NOT_FOUND;
            }
            l->at += (uint64_t)n;
            l->piece_size = (size_t)n;
            l->piece_at = 0;
        }
        const uint8_t *from = l->piece + l->piece_at;
        size_t left = l->piece_size - l->piece_at;
        const uint8_t *end = memchr(from, '\n', left);
        size_t run = end == NULL ? left : (size_t)(end - from);
        any = true;
        l->too_long = l->too_long || run > SV_LINES_BYTES_MAX - l->text.size;
        if (!l->too_long) {
            sp_buf_put(&l->text, from, run);
        }
        l->piece_at += run + (end == NULL ? 0 : 1);
        if (end != NULL) {
            l->line++;
            return l->text.err;
        }
    }
}

/* ---- what is wrong ----------------------------------------------------- */

static void leave_out(struct lines *l, const struct sv_csv_problem *p)
{
    l->counts->refused++;
    sv_listing_put(&l->errors, p, sp_slice_of(NULL, 0));
    if (l->shown < SHOWN_MAX) {
        sv_call_line(l->call, "line %" PRIu64 "%s: %s", p->line, "", p->text);
    } else if (l->shown == SHOWN_MAX) {
        sv_call_line(l->call, "more rows stand in the list");
    }
    l->shown++;
}

/* ---- a line ------------------------------------------------------------ */

static sp_err make(
    struct lines *l, struct sp_draft *out, struct sv_csv_problem *p)
{
    const struct sv_line line = { l->dictionary, &l->arena, &l->value };
    if (l->too_long) {
        return sv_line_bad(
            p, "long", "the line is longer than %u bytes", SV_LINES_BYTES_MAX);
    }
    sp_err err = sv_line_read(&line, sp_buf_slice(&l->text), out, p);
    if (err == SP_OK) {
        out->user = l->setup->user;
        out->authority =
            sp_rulebook_authority(sv_book_rulebook(l->book), l->setup->user);
    }
    return err;
}

/* ---- in the transaction ------------------------------------------------ */

static void accept_all(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    out->kind = SP_ACCEPTED;
    out->code = SP_OK;
}

/* Whether a record shows all that a draft would write. */
static bool says_that(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_draft_change *change)
{
    for (uint32_t i = 0; i < change->count; i++) {
        const struct sp_draft_write *w = &change->write[i];
        const struct sp_field *f = sp_dictionary_field(e, w->key.field);
        const struct sp_sibling *s =
            f == NULL || f->merge == SP_MERGE_CNT
                ? NULL
                : sp_dictionary_past_shown(e, r, f, w->key.element);
        if (f != NULL && f->merge == SP_MERGE_CNT) {
            continue; /* a total is of many increments */
        }
        if (s == NULL || !sp_slice_equal(s->value, w->value)) {
            return false;
        }
    }
    return true;
}

static sp_err write_line(struct lines *l, struct line *one, struct sp_tx *tx)
{
    const struct sp_draft_change *change = &one->draft.change[0];
    struct sp_verdict verdict = { .kind = SP_VERDICT_NONE };
    struct sp_record stands;
    uint64_t n = 0;
    one->how = LINE_CREATED;
    one->err = sp_state_get(tx, &change->ref, &tx->arena, &stands);
    if (one->err == SP_OK) {
        one->how = LINE_UNCHANGED;
        const struct sp_entity *e =
            sp_dictionary_entity(l->dictionary, change->ref.type);
        if (!says_that(e, &stands, change)) {
            one->err = sv_line_bad(&one->problem, "stands",
                "this record is here and says something else; edit it there");
        }
        return SP_OK;
    }
    if (one->err != SP_E_NOT_FOUND) {
        return one->err;
    }
    one->err = sp_commit_make(tx, &one->draft, &verdict, &n);
    if (sp_err_class(one->err) == SP_CLASS_POLICY ||
        sp_err_class(one->err) == SP_CLASS_CALLER) {
        (void)sv_line_bad(&one->problem, "rule", "%s (rule %u)",
            cc_say_err(one->err), verdict.rule);
        return SP_OK;
    }
    return one->err;
}

/* On the writer's thread; a dry run fails on purpose, which drops it. */
static sp_err write_batch(void *arg, struct sp_tx *tx)
{
    struct lines *l = arg;
    const struct sp_rules *strict = tx->rules;
    sp_err err = SP_OK;
    if (l->setup->everything) {
        l->lenient = *strict;
        l->lenient.judge = accept_all;
        tx->rules = &l->lenient;
    }
    cc_say_in(l->language);
    for (unsigned i = 0; err == SP_OK && i < l->batch; i++) {
        err = write_line(l, &l->of[i], tx);
    }
    cc_say_in(CC_LANG_EN);
    tx->rules = strict;
    l->tried = err == SP_OK && l->setup->dry_run;
    return l->tried ? SP_E_DENIED : err;
}

static sp_err flush(struct lines *l)
{
    l->tried = false;
    sp_err err = l->batch == 0 ? SP_OK : sv_call_write(l->call, write_batch, l);
    err = l->tried ? SP_OK : err;
    for (unsigned i = 0; err == SP_OK && i < l->batch; i++) {
        const struct line *one = &l->of[i];
        if (one->err != SP_OK) {
            leave_out(l, &one->problem);
        } else if (one->how == LINE_CREATED) {
            l->counts->created++;
        } else {
            l->counts->unchanged++;
        }
    }
    l->batch = 0;
    sp_arena_reset(&l->arena);
    if (err == SP_OK && sv_call_gone(l->call)) {
        err = SP_E_OFFLINE;
    }
    return err == SP_OK ? l->errors.err : err;
}

static sp_err take_line(struct lines *l)
{
    struct line *one = &l->of[l->batch];
    if (l->text.size == 0 && !l->too_long) {
        return SP_OK;
    }
    *one = (struct line){ .number = l->line };
    one->problem.line = l->line;
    l->counts->rows++;
    sp_err err = make(l, &one->draft, &one->problem);
    if (err == SP_E_NOT_FOUND) {
        l->counts->rows--;
        return SP_OK;
    }
    if (err == SP_E_VALUE) {
        leave_out(l, &one->problem);
        return SP_OK;
    }
    if (err == SP_OK && ++l->batch == BATCH_LINES) {
        err = flush(l);
    }
    return err;
}

static sp_err run(struct lines *l)
{
    sp_err err;
    while ((err = read_line(l)) == SP_OK) {
        err = take_line(l);
        if (err != SP_OK) {
            return err;
        }
    }
    return err == SP_E_NOT_FOUND ? flush(l) : err;
}

sp_err sv_lines_run(struct sv_call *call, const struct sv_load_setup *setup,
    struct sv_mark_counts *counts)
{
    struct lines *l = calloc(1, sizeof *l);
    *counts = (struct sv_mark_counts){ .rows = 0 };
    if (l == NULL) {
        return SP_E_NOMEM;
    }
    l->call = call;
    l->setup = setup;
    l->counts = counts;
    l->errors.file = setup->errors;
    l->language = cc_say_language();
    l->book = sv_book_take(call->server->shelf);
    l->dictionary = sp_rulebook_dictionary(sv_book_rulebook(l->book));
    l->of = calloc(BATCH_LINES, sizeof *l->of);
    sp_buf_init(&l->text, SV_LINES_BYTES_MAX + 1);
    sp_buf_init(&l->value, SP_VALUE_BYTES_MAX);
    sp_arena_init(&l->arena, BATCH_BYTES_MAX);
    sp_err err = l->of == NULL ? SP_E_NOMEM : run(l);
    free(l->of);
    sp_arena_free(&l->arena);
    sp_buf_free(&l->value);
    sp_buf_free(&l->text);
    sv_book_drop(l->book);
    free(l);
    return err;
}
