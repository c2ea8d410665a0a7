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
#include "book/quota.h"
#include "ctl/columns.h"
#include "ctl/do.h"
#include "ctl/job.h"
#include "ctl/seen.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"
#include "store/sqlite.h"
#include "store/zone.h"

#define ENTITIES_MAX  64u
#define PAGE_RECORDS  500u /* of one snapshot: well under its 200 ms */
#define OUT_BYTES_MAX (64u * 1024u * 1024u)
#define WHAT_BYTES    512u
#define ALARM_MINUTES 30u /* unless said otherwise */

struct export
{
    struct sv_call *call;
    struct cc_export_setup setup;
    const char *format;
    enum cc_lang labels;
    bool all;           /* who runs jobs copies everything that may leave */
    bool asking;        /* only a request is made */
    bool sensitive_too; /* P3 as well */
    bool approved;      /* by a second person, for this */
    struct sp_id approval;
    struct cc_quota quota;
    struct sp_id id; /* of its note */
    struct cc_export_mark mark;
    struct cc_export_zone zone;
    char zone_name[CC_ZONE_NAME_BYTES];
    char by[64], at[32];
    int file;
    struct cc_sqlite *db; /* NULL: text */

    size_t entities;
    uint16_t type[ENTITIES_MAX];
    char what[WHAT_BYTES];
    bool refused; /* some entity that his roles do not take out */
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
    if (x->asking) {
        return SP_OK; /* only counts what would leave */
    }
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
    if (!x->all && (!sv_seen_any(&x->seen, r) ||
                       !cc_sheet_takes(&x->setup.view, x->entity, r))) {
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

/* ---- what may leave ---------------------------------------------------- */

static sp_err refuse_unless_agreed(struct sv_call *call, const char *id,
    const struct cc_job_said *said, enum cc_job_state state)
{
    switch (state) {
    case CC_JOB_AGREED:
        return SP_OK;
    case CC_JOB_WAITS:
        return sv_call_refuse(call, SP_E_DENIED,
            "nobody has decided about request %.40s yet (satchelctl exports "
            "approve, or satchel inbox on the device of who may)",
            id);
    case CC_JOB_REFUSED:
        return sv_call_refuse(call, SP_E_DENIED,
            "request %.40s was refused: %.*s", id, (int)said->no.reason.size,
            (const char *)said->no.reason.data);
    case CC_JOB_WITHDRAWN:
        return sv_call_refuse(
            call, SP_E_DENIED, "request %.40s was withdrawn; ask anew", id);
    case CC_JOB_USED:
        return sv_call_refuse(call, SP_E_DENIED,
            "request %.40s is used up: one word is for one export", id);
    default:
        return sv_call_refuse(call, SP_E_DENIED,
            "the approval of request %.40s is over; ask anew", id);
    }
}

/* A second person's word for exactly this. */
static sp_err check_approval(struct export *x, struct sp_tx *tx)
{
    const char *text = sv_call_arg(x->call, "approval");
    struct cc_job_said said;
    bool used = false;
    sp_err err = sv_job_request(x->call, tx, text, &x->approval, &said);
    if (err == SP_OK) {
        err = sv_job_used(tx, &x->approval, &used);
    }
    if (err != SP_OK) {
        return err;
    }
    if (said.user != x->user ||
        !sp_slice_equal(said.format, sp_slice_text(x->format)) ||
        said.everything != x->all || (x->sensitive_too && !said.sensitive) ||
        !cc_job_same_what(said.what, x->what)) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "request %.40s is for something else: %.*s of %.*s; ask anew with "
            "satchelctl exports request",
            text, (int)said.format.size, (const char *)said.format.data,
            (int)said.what.size, (const char *)said.what.data);
    }
    /* What was agreed to when the export began may take its time. */
    uint32_t hours = cc_job_hours(sv_call_book(tx), x->user);
    err = refuse_unless_agreed(
        x->call, text, &said, cc_job_state(&said, used, hours, x->mark.at_ms));
    x->approved = err == SP_OK;
    return err;
}

/* What his roles let him take out of all that is in the file. */
static void narrow(struct export *x, const struct sp_rulebook *b)
{
    const struct sp_person *p = x->seen.person;
    struct cc_quota one;
    x->quota = CC_QUOTA_WHOLE;
    if (x->all) {
        cc_quota_everything(
            sp_rulebook_policy(b), p->role, p->role_count, &x->quota);
    }
    for (size_t i = 0; i < x->entities && !x->all; i++) {
        cc_quota_of(
            sp_rulebook_policy(b), p->role, p->role_count, x->type[i], &one);
        cc_quota_narrow(&x->quota, &one);
    }
}

static sp_err find_allowed(struct export *x, struct sp_tx *tx)
{
    uint64_t taken = 0;
    sp_err err = sv_job_rows(tx, x->user, sv_env_now_ms(), &taken);
    /* A request may be for tomorrow. */
    x->allowed = x->all ? UINT64_MAX
                        : cc_quota_left(x->quota.rows, x->asking ? 0 : taken);
    if (err == SP_OK && x->sensitive_too && !x->quota.sensitive) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "--with-p3: none of the roles takes sensitive fields out, not even "
            "with a second person (satchelctl role list)");
    }
    if (err != SP_OK || (!x->sensitive_too && !x->quota.asks) || x->asking) {
        return err;
    }
    if (sv_call_arg(x->call, "approval") == NULL) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "this leaves only with a second person: satchelctl exports "
            "request, then the same command with --approval ID");
    }
    return check_approval(x, tx);
}

/* The server's own note, under the person's name. */
static sp_err put_job(void *arg, struct sp_tx *tx)
{
    struct export *x = arg;
    struct cc_job job = { .user = x->user,
        .at_ms = sv_env_now_ms(),
        .format = x->format,
        .what = x->what,
        .rows = x->rows,
        .sensitive = x->sensitive_too,
        .everything = x->all,
        .used = x->approved ? &x->approval : NULL };
    /* Once more: a no may have come in while the file was made. */
    sp_err err = x->approved ? check_approval(x, tx) : SP_OK;
    if (err != SP_OK) {
        return err;
    }
    sp_hasher_end(&x->hasher, job.hash, sizeof job.hash);
    return sv_job_put(tx, &x->id, &job);
}

/* ---- the command ------------------------------------------------------- */

static sp_err add_entity(
    struct export *x, const struct sp_rulebook *b, const struct sp_entity *e)
{
    size_t used = strlen(x->what);
    struct cc_quota quota;
    cc_quota_of(sp_rulebook_policy(b), x->seen.person->role,
        x->seen.person->role_count, e->number, &quota);
    if (!x->all && quota.rows == 0) {
        x->refused = true;
        return SP_OK;
    }
    if (x->entities == ENTITIES_MAX) {
        return SP_E_TOO_LARGE;
    }
    x->type[x->entities++] = e->number;
    snprintf(x->what + used, sizeof x->what - used, "%s%.*s",
        used == 0 ? "" : ", ", (int)e->name.size, (const char *)e->name.data);
    return SP_OK;
}

static sp_err choose_entities(struct export *x, const struct sp_rulebook *b)
{
    const struct sp_dictionary *d = sp_rulebook_dictionary(b);
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
        err = add_entity(x, b, one);
    }
    for (uint32_t i = 0; one == NULL && i < d->entity_count && err == SP_OK;
         i++) {
        const struct sp_entity *e = &d->entity[i];
        /* Who took what out stays here. */
        if (cc_export_takes(&x->setup, e) &&
            !sp_slice_equal(e->name, sp_slice_text(CC_JOB_ENTITY))) {
            err = add_entity(x, b, e);
        }
    }
    if (err == SP_OK && x->entities == 0 && x->refused) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "none of the roles takes %.40s out of the system (policy, "
            "\"export\"; satchelctl role list)",
            one == NULL ? "anything" : (name == NULL ? "account" : name));
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
    x->setup.user = x->user;
    if (x->all && (sp_rulebook_manages(b, x->user) & SP_MANAGES_JOBS) == 0) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "--all: only who runs jobs copies everything; role list shows "
            "which roles do");
    }
    (void)snprintf(x->by, sizeof x->by, "%.*s", (int)x->seen.person->login.size,
        (const char *)x->seen.person->login.data);
    err = choose_entities(x, b);
    if (err == SP_OK) {
        narrow(x, b);
        err = find_allowed(x, tx);
    }
    x->setup.view.sensitive = (x->approved || x->asking) && x->sensitive_too;
    x->setup.view.consented =
        !x->all &&
        cc_quota_by_consent(sp_rulebook_policy(b), x->seen.person->role,
            x->seen.person->role_count, sp_rulebook_dictionary(b));
    return err;
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
    uint64_t alarm = 0;
    uint8_t random[10];
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
    sp_err err =
        sv_call_number(x->call, "alarm", 0, 10080, ALARM_MINUTES, &alarm);
    if (err != SP_OK) {
        return err;
    }
    x->all = sv_call_flag(x->call, "all");
    x->sensitive_too = sv_call_flag(x->call, "with-p3");
    sv_env_random(random, sizeof random);
    x->id = sp_id_make(sv_env_now_ms(), random);
    x->mark = (struct cc_export_mark){ x->by, x->id, sv_env_now_ms() };
    x->setup.mark = &x->mark;
    cc_zone_name(x->zone_name);
    x->zone = (struct cc_export_zone){ x->zone_name, cc_zone_offset };
    x->setup.zone = &x->zone;
    x->setup.alarm_minutes = (unsigned)alarm;
    x->setup.labels = labels == NULL ? NULL : &x->labels;
    x->setup.bom = !sv_call_flag(x->call, "no-bom");
    x->setup.now_ms = sv_env_now_ms();
    x->setup.get = get;
    x->setup.self = x;
    x->setup.view = (struct cc_sheet_view){ .reads = reads, .self = x };
    return SP_OK;
}

static sp_err open_file(struct export *x)
{
    x->file = sv_call_file(x->call, "out");
    if (x->file < 0) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "no file came along; is satchelctl of another version?");
    }
    return x->setup.format == CC_EXPORT_SQL ? cc_sqlite_open(&x->db, NULL)
                                            : SP_OK;
}

static sp_err run(struct export *x)
{
    sp_err err = read_options(x);
    if (err == SP_OK) {
        err = open_file(x);
    }
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

static struct export *export_new(struct sv_call *call)
{
    struct export *x = calloc(1, sizeof *x);
    if (x != NULL) {
        x->call = call;
        sp_arena_init(&x->arena, OUT_BYTES_MAX);
        sp_buf_init(&x->out, OUT_BYTES_MAX);
        sp_hasher_init(&x->hasher, 32, NULL);
    }
    return x;
}

static void export_free(struct export *x)
{
    cc_sqlite_close(x->db);
    sp_arena_free(&x->arena);
    sp_buf_free(&x->out);
    free(x);
}

static void log_export(const struct export *x, const char *event, sp_err err)
{
    char id[SP_ID_TEXT_BYTES], approval[SP_ID_TEXT_BYTES] = "-";
    sp_id_format(id, &x->id);
    if (x->approved) {
        sp_id_format(approval, &x->approval);
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=%s user=%u format=%s what=\"%s\" all=%d p3=%d rows=%llu id=%s "
        "approval=%s error=%s",
        event, x->user, x->format == NULL ? "?" : x->format, x->what, x->all,
        x->sensitive_too, (unsigned long long)x->rows, id, approval,
        sp_err_name(err));
}

sp_err sv_do_export(struct sv_call *call)
{
    struct export *x = export_new(call);
    if (x == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = run(x);
    if (err == SP_OK) {
        sv_call_set(
            call, SV_SAY("exported"), json_integer((json_int_t)x->rows));
        if (x->sensitive) {
            sv_call_line(call,
                "sensitive fields stay: they leave only with a second person");
        }
    }
    log_export(x, "export", err);
    export_free(x);
    return err;
}

/* ---- a request --------------------------------------------------------- */

static sp_err put_request(void *arg, struct sp_tx *tx)
{
    struct export *x = arg;
    struct cc_job job = { .user = x->user,
        .at_ms = sv_env_now_ms(),
        .format = x->format,
        .what = x->what,
        .rows = x->rows,
        .request = true,
        .why = sv_call_arg(x->call, "why"),
        .sensitive = x->sensitive_too,
        .everything = x->all };
    return sv_job_put(tx, &x->id, &job);
}

static sp_err ask(struct export *x)
{
    char id[SP_ID_TEXT_BYTES];
    const char *why = sv_call_arg(x->call, "why");
    sp_err err = read_options(x);
    if (err == SP_OK &&
        (why == NULL || why[0] == '\0' || strlen(why) > CC_JOB_TEXT)) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "--why: say in 1 to %u bytes what it is for", CC_JOB_TEXT);
    }
    if (err == SP_OK) {
        err = sv_call_read(x->call, begin, x);
    }
    if (err == SP_OK && !x->sensitive_too && !x->quota.asks) {
        return sv_call_refuse(x->call, SP_E_ARGUMENT,
            "this needs no second person: satchelctl export does it at once");
    }
    if (err == SP_OK) {
        err = export_all(x);
    }
    if (err == SP_E_TOO_LARGE && x->rows > x->allowed && !x->all) {
        return sv_call_refuse(x->call, SP_E_DENIED,
            "that is more than may leave under this name in a day: %llu rows; "
            "ask for less, or an administrator for a role that takes out more",
            (unsigned long long)x->allowed);
    }
    if (err == SP_OK) {
        err = sv_call_write(x->call, put_request, x);
    }
    if (err == SP_OK) {
        sp_id_format(id, &x->id);
        sv_call_set(x->call, SV_SAY("request"), json_string(id));
        sv_call_set(x->call, SV_SAY("rows"), json_integer((json_int_t)x->rows));
        sv_call_set(x->call, SV_SAY("hours_once_approved"),
            json_integer((json_int_t)x->quota.hours));
    }
    return err;
}

sp_err sv_do_exports_request(struct sv_call *call)
{
    struct export *x = export_new(call);
    if (x == NULL) {
        return SP_E_NOMEM;
    }
    x->asking = true;
    sp_err err = ask(x);
    log_export(x, "export_request", err);
    export_free(x);
    return err;
}
