/*
 * do_export.c - records into a file of the caller's, as one person may see
 * them; what each record hashes to; and who took out how much.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book/export.h"
#include "book/job.h"
#include "book/quota.h"
#include "ctl/columns.h"
#include "ctl/do.h"
#include "ctl/seen.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"
#include "store/sqlite.h"

#define ENTITIES_MAX  64u
#define PAGE_RECORDS  500u /* of one snapshot: well under its 200 ms */
#define OUT_BYTES_MAX (64u * 1024u * 1024u)
#define WHAT_BYTES    512u

struct export
{
    struct sv_call *call;
    struct cc_export_setup setup;
    const char *format;
    enum cc_lang labels;
    bool all; /* who runs jobs copies everything that may leave */
    int file;
    struct cc_sqlite *db; /* NULL: text */

    size_t entities;
    uint16_t type[ENTITIES_MAX];
    char what[WHAT_BYTES];
    uint32_t user;
    uint64_t allowed; /* rows that may leave */
    uint64_t rows;
    bool sensitive; /* something stayed here because of that */

    struct sp_tx *tx; /* of this page */
    struct sv_seen seen;
    const struct sp_entity *entity;
    struct sp_id after;
    bool more;
    unsigned page;
    struct sp_arena arena;
    struct sp_buf out;
    struct sp_hasher hasher;
};

/* ---- the file ---------------------------------------------------------- */

static sp_err write_bytes(void *self, struct sp_slice bytes)
{
    struct export *x = self;
    size_t done = 0;
    sp_hasher_add(&x->hasher, bytes.data, bytes.size);
    while (done < bytes.size) {
        ssize_t n = write(x->file, bytes.data + done, bytes.size - done);
        if (n < 0 && errno != EINTR) {
            return errno == ENOSPC ? SP_E_FULL : SP_E_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return SP_OK;
}

/* Hands over what is written so far. */
static sp_err hand_over(struct export *x)
{
    struct sp_slice bytes = sp_buf_slice(&x->out);
    sp_err err = x->out.err;
    if (err == SP_OK && bytes.size > 0) {
        err =
            x->db != NULL ? cc_sqlite_run(x->db, bytes) : write_bytes(x, bytes);
    }
    sp_buf_reset(&x->out);
    return err;
}

/* ---- records ----------------------------------------------------------- */

static bool reads(void *self, uint16_t type, uint16_t field)
{
    const struct export *x = self;
    return x->all || sv_seen_field(&x->seen, type, field);
}

/* Another record under the same eyes: what he does not see there, he does not
 * see here either. */
static sp_err get(void *self, const struct sp_ref *ref, struct sp_arena *arena,
    struct sp_record *out)
{
    struct export *x = self;
    return sp_state_get(x->tx, ref, arena, out);
}

static void note_sensitive(struct export *x, const struct sp_record *r)
{
    for (uint32_t i = 0; i < r->count && !x->sensitive; i++) {
        const struct sp_field *f =
            sp_dictionary_field(x->entity, r->reg[i].key.field);
        if (f != NULL) {
            (void)cc_sheet_shows(&x->setup.view, x->entity, f, &x->sensitive);
        }
    }
}

static sp_err export_one(void *arg, const struct sp_record *r)
{
    struct export *x = arg;
    x->after = r->ref.id;
    sp_err err = sv_seen_record(&x->seen, x->tx, &r->ref);
    if (err != SP_OK) {
        return err;
    }
    if (!x->all && !sv_seen_any(&x->seen, r)) {
        return SP_OK;
    }
    sp_arena_reset(&x->arena);
    if (cc_export_record(
            &x->setup, x->entity, r, x->rows, &x->arena, &x->out)) {
        note_sensitive(x, r);
        x->rows++;
        if (!x->all && x->rows > x->allowed) {
            return SP_E_TOO_LARGE;
        }
    }
    if (++x->page == PAGE_RECORDS) {
        x->more = true;
        return SP_E_NOT_FOUND; /* ends the page */
    }
    return SP_OK;
}

static sp_err export_page(void *arg, struct sp_tx *tx)
{
    struct export *x = arg;
    x->tx = tx;
    x->page = 0;
    x->more = false;
    x->seen.rules = tx->rules;
    x->seen.book = sv_call_book(tx);
    x->seen.now_ms = sv_env_now_ms();
    x->seen.person = sp_rulebook_find_person(x->seen.book, x->user);
    x->setup.dictionary = sp_rulebook_dictionary(x->seen.book);
    if (x->seen.person == NULL) {
        return SP_E_NOT_FOUND;
    }
    return sp_state_walk(tx, x->entity->number,
        sp_id_is_zero(&x->after) ? NULL : &x->after, export_one, x);
}

static sp_err export_entity(struct export *x)
{
    sp_err err = SP_OK;
    x->after = (struct sp_id){ { 0 } };
    do {
        err = sv_call_read(x->call, export_page, x);
        if (err == SP_OK) {
            err = hand_over(x);
        }
        if (err == SP_OK && sv_call_gone(x->call)) {
            err = SP_E_OFFLINE;
        }
    } while (err == SP_OK && x->more);
    return err;
}

/* ---- jobs -------------------------------------------------------------- */

/* Rows that a person has taken out on a day (UTC). */
struct taken {
    const struct sp_entity *entity;
    uint32_t user;
    uint64_t day;
    uint64_t rows;
};

static sp_err add_taken(void *arg, const struct sp_record *r)
{
    struct taken *t = arg;
    struct cc_job_said job;
    cc_job_read(t->entity, r, &job);
    if (job.user == t->user && job.at_ms / 86400000u == t->day) {
        t->rows += job.rows;
    }
    return SP_OK;
}

static sp_err find_allowed(struct export *x, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_person *p = sp_rulebook_find_person(b, x->user);
    struct taken t = { .user = x->user,
        .day = sv_env_now_ms() / 86400000u,
        .entity = sp_dictionary_entity_named(
            sp_rulebook_dictionary(b), sp_slice_text(CC_JOB_ENTITY)) };
    sp_err err = SP_OK;
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    if (t.entity != NULL) {
        err = sp_state_walk(tx, t.entity->number, NULL, add_taken, &t);
    }
    x->allowed = cc_quota_left(
        cc_quota_rows(sp_rulebook_policy(b), p->role, p->role_count), t.rows);
    return err;
}

static void accept_all(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    out->kind = SP_ACCEPTED;
    out->code = SP_OK;
}

/* SYNC J7: the server's own note, under the person's name. */
static sp_err put_job(void *arg, struct sp_tx *tx)
{
    struct export *x = arg;
    const struct sp_rules *strict = tx->rules;
    struct sp_rules lenient = *strict;
    const struct sp_entity *e = sp_dictionary_entity_named(
        sp_rulebook_dictionary(sv_call_book(tx)), sp_slice_text(CC_JOB_ENTITY));
    struct sp_draft_write write[CC_JOB_WRITES];
    struct cc_job job = { .user = x->user,
        .at_ms = sv_env_now_ms(),
        .format = x->format,
        .what = x->what,
        .rows = x->rows };
    struct sp_verdict verdict = { .kind = SP_VERDICT_NONE };
    uint8_t random[10];
    uint64_t n = 0;
    sp_hasher_end(&x->hasher, job.hash, sizeof job.hash);
    int count = cc_job_writes(e, &job, &tx->arena, write);
    if (count <= 0) {
        return count == 0 ? SP_OK : SP_E_NOMEM;
    }
    sv_env_random(random, sizeof random);
    struct sp_draft_change change = { .create = true,
        .ref = { e->number, sp_id_make(job.at_ms, random) },
        .count = (uint32_t)count,
        .write = write };
    struct sp_draft draft = { .user = x->user,
        .authority = sp_rulebook_authority(sv_call_book(tx), x->user),
        .count = 1,
        .change = &change };
    lenient.judge = accept_all;
    tx->rules = &lenient;
    sp_err err = sp_commit_make(tx, &draft, &verdict, &n);
    tx->rules = strict;
    return err;
}

/* ---- the command ------------------------------------------------------- */

static sp_err add_entity(struct export *x, const struct sp_entity *e)
{
    size_t used = strlen(x->what);
    if (x->entities == ENTITIES_MAX) {
        return SP_E_TOO_LARGE;
    }
    x->type[x->entities++] = e->number;
    snprintf(x->what + used, sizeof x->what - used, "%s%.*s",
        used == 0 ? "" : ", ", (int)e->name.size, (const char *)e->name.data);
    return SP_OK;
}

static sp_err choose_entities(struct export *x, const struct sp_dictionary *d)
{
    const char *name = sv_call_arg(x->call, "entity");
    const struct sp_entity *one =
        name == NULL ? NULL : sv_columns_entity(d, name);
    sp_err err = SP_OK;
    if (name != NULL && (one == NULL || !cc_export_takes(&x->setup, one))) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "%s has nothing of \"%.40s\"; satchelctl dictionary export shows "
            "the entities",
            x->format, name);
    }
    if (name == NULL && x->setup.format == CC_EXPORT_CSV) {
        one = sv_columns_entity(d, "account");
    }
    if (one != NULL) {
        return add_entity(x, one);
    }
    for (uint32_t i = 0; i < d->entity_count && err == SP_OK; i++) {
        const struct sp_entity *e = &d->entity[i];
        /* Who took what out stays here. */
        if (cc_export_takes(&x->setup, e) &&
            !sp_slice_equal(e->name, sp_slice_text(CC_JOB_ENTITY))) {
            err = add_entity(x, e);
        }
    }
    return err;
}

static sp_err choose(struct export *x, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    sp_err err = sv_seen_begin(x->call, tx, "as", &x->seen);
    if (err != SP_OK) {
        return err;
    }
    x->user = x->seen.person->user;
    if (x->all && (sp_rulebook_manages(b, x->user) & SP_MANAGES_JOBS) == 0) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "--all: only who runs jobs copies everything; role list shows "
            "which roles do");
    }
    err = choose_entities(x, sp_rulebook_dictionary(b));
    return err == SP_OK ? find_allowed(x, tx) : err;
}

static sp_err begin(void *arg, struct sp_tx *tx)
{
    struct export *x = arg;
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    const struct sp_entity *entity[ENTITIES_MAX];
    sp_err err = choose(x, tx);
    x->setup.dictionary = d;
    for (size_t i = 0; i < x->entities; i++) {
        entity[i] = sp_dictionary_entity(d, x->type[i]);
    }
    if (err == SP_OK) {
        cc_export_begin(&x->setup, entity, x->entities, &x->out);
    }
    return err;
}

static sp_err export_all(struct export *x)
{
    sp_err err = SP_OK;
    for (size_t i = 0; i < x->entities && err == SP_OK; i++) {
        struct sv_book *book = sv_book_take(x->call->server->shelf);
        x->entity = sp_dictionary_entity(
            sp_rulebook_dictionary(sv_book_rulebook(book)), x->type[i]);
        err = x->entity == NULL ? SP_E_NOT_FOUND : export_entity(x);
        sv_book_drop(book);
    }
    if (err == SP_OK) {
        cc_export_end(&x->setup, x->rows, &x->out);
        err = hand_over(x);
    }
    if (err == SP_OK && x->db != NULL) {
        err = cc_sqlite_give(x->db, write_bytes, x);
        x->db = NULL;
    }
    return err;
}

static sp_err read_options(struct export *x)
{
    const char *labels = sv_call_arg(x->call, "labels");
    x->format = sv_call_arg(x->call, "format");
    if (x->format == NULL || !cc_export_format(x->format, &x->setup.format)) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "there is no format \"%.40s\"; there are csv, jsonl, sqlite, "
            "vcard, vcard4, geojson, ical",
            x->format == NULL ? "" : x->format);
    }
    if (labels != NULL && !cc_words_lang(labels, &x->labels)) {
        return sv_call_refuse(
            x->call, SP_E_ARGUMENT, "--labels: write zh or en");
    }
    x->file = sv_call_file(x->call, "out");
    if (x->file < 0) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "no file came along; is satchelctl of another version?");
    }
    x->all = sv_call_flag(x->call, "all");
    x->setup.labels = labels == NULL ? NULL : &x->labels;
    x->setup.bom = !sv_call_flag(x->call, "no-bom");
    x->setup.now_ms = sv_env_now_ms();
    x->setup.get = get;
    x->setup.self = x;
    x->setup.view = (struct cc_sheet_view){ reads, x };
    return x->setup.format == CC_EXPORT_SQL ? cc_sqlite_open(&x->db, NULL)
                                            : SP_OK;
}

static sp_err run(struct export *x)
{
    sp_err err = read_options(x);
    if (err == SP_OK) {
        err = sv_call_read(x->call, begin, x);
    }
    if (err == SP_OK) {
        err = export_all(x);
    }
    if (err == SP_E_TOO_LARGE && x->rows > x->allowed && !x->all) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "that is more than may leave under this name today: %llu rows are "
            "left; nothing was written",
            (unsigned long long)x->allowed);
    }
    if (err == SP_OK) {
        err = sv_call_write(x->call, put_job, x);
    }
    return err;
}

sp_err sv_do_export(struct sv_call *call)
{
    struct export *x = calloc(1, sizeof *x);
    if (x == NULL) {
        return SP_E_NOMEM;
    }
    x->call = call;
    sp_arena_init(&x->arena, OUT_BYTES_MAX);
    sp_buf_init(&x->out, OUT_BYTES_MAX);
    sp_hasher_init(&x->hasher, 32, NULL);
    sp_err err = run(x);
    if (err == SP_OK) {
        sv_call_set(
            call, SV_SAY("exported"), json_integer((json_int_t)x->rows));
        if (x->sensitive) {
            sv_call_line(call,
                "sensitive fields stay: they leave only with a second person");
        }
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=export user=%u format=%s what=\"%s\" all=%d rows=%llu error=%s",
        x->user, x->format == NULL ? "?" : x->format, x->what, x->all,
        (unsigned long long)x->rows, sp_err_name(err));
    cc_sqlite_close(x->db);
    sp_arena_free(&x->arena);
    sp_buf_free(&x->out);
    free(x);
    return err;
}
