#include <stdio.h>
#include <string.h>

#include "book/export.h"
#include "book/job.h"
#include "book/quota.h"

#include "store/out.h"
#include "store/sqlite.h"
#include "store/zone.h"

#include "api/call.h"
#include "api/fail.h"
#include "api/leave.h"
#include "api/typed.h"

#define ENTITIES_MAX  64u
#define PAGE_RECORDS  500u /* of one transaction: others get in between */
#define OUT_BYTES_MAX (64u * 1024u * 1024u)
#define WHAT_BYTES    512u

struct export
{
    struct satchel *s;
    struct satchel_error *e;
    const struct satchel_export *what;
    struct cc_export_setup setup;
    enum cc_lang labels;
    struct cc_out file;
    struct cc_sqlite *db; /* NULL: text */

    size_t entities;
    uint16_t type[ENTITIES_MAX];
    char names[WHAT_BYTES];
    struct cc_quota quota;
    uint64_t allowed, rows;
    bool sensitive, asks;
    struct sp_id id; /* of its note */
    struct cc_export_mark mark;
    struct cc_export_zone zone;
    char zone_name[CC_ZONE_NAME_BYTES];
    char by[64];

    struct cc_call *call;           /* of this page */
    uint16_t at;                    /* type whose records are written */
    const struct sp_entity *entity; /* of this page's dictionary */
    struct sp_id after;
    bool more;
    unsigned page;
    struct sp_arena arena;
    struct sp_buf out;
    struct sp_hasher hasher;
};

/* ---- the file ----------------------------------------------------------- */

static sp_err write_bytes(void *self, struct sp_slice bytes)
{
    struct export *x = (struct export *)self;

    sp_hasher_add(&x->hasher, bytes.data, bytes.size);
    return cc_out_write(&x->file, bytes);
}

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

/* ---- one transaction ---------------------------------------------------- */

static int in_call(struct export *x, bool write,
    sp_err (*work)(struct export *x, struct cc_call *c))
{
    struct cc_call c;
    int rc = cc_call_begin(&c, x->s, write, x->e);

    if (rc != 0) {
        return rc;
    }
    x->call = &c;
    x->setup.dictionary = c.dictionary;
    return cc_call_end(&c, work(x, &c));
}

static sp_err get(void *self, const struct sp_ref *ref, struct sp_arena *arena,
    struct sp_record *out)
{
    struct export *x = (struct export *)self;

    return sp_state_view(&x->call->tx, ref, arena, out, NULL);
}

/* ---- what is asked for -------------------------------------------------- */

static const struct sp_person *person(const struct export *x)
{
    return sp_rulebook_find_person(
        x->s->replica.book, x->s->replica.identity.self.user);
}

/* What his roles do not take out is left out, and so is what leaves only with
 * a second person: that one is asked at a server. */
static sp_err add_entity(struct export *x, const struct sp_entity *e)
{
    size_t used = strlen(x->names);
    const struct sp_person *p = person(x);
    struct cc_quota quota;

    if (p == NULL) {
        return SP_E_DENIED;
    }
    cc_quota_of(sp_rulebook_policy(x->s->replica.book), p->role, p->role_count,
        e->number, &quota);
    if (quota.rows == 0 || quota.asks) {
        x->asks = x->asks || (quota.rows > 0 && quota.asks);
        return SP_OK;
    }
    if (x->entities == ENTITIES_MAX) {
        return SP_E_TOO_LARGE;
    }
    cc_quota_narrow(&x->quota, &quota);
    x->type[x->entities++] = e->number;
    (void)snprintf(x->names + used, sizeof(x->names) - used, "%s%.*s",
        used == 0 ? "" : ", ", (int)e->name.size, (const char *)e->name.data);
    return SP_OK;
}

static bool is_job(const struct sp_entity *e)
{
    return sp_slice_equal(e->name, sp_slice_text(CC_JOB_ENTITY));
}

static sp_err none_left(struct export *x, struct cc_call *c)
{
    return x->asks ? cc_call_say(c, SP_E_DENIED,
                         "this leaves only with a second person: ask for it "
                         "at a server (satchelctl exports request)")
                   : cc_call_say(c, SP_E_DENIED,
                         "none of your roles takes this out of the system");
}

static sp_err choose_entities(struct export *x, struct cc_call *c)
{
    const char *name = x->what->entity;
    const struct sp_entity *one = NULL;
    sp_err err = SP_OK;

    x->quota = CC_QUOTA_WHOLE;
    if (name == NULL && x->setup.format == CC_EXPORT_CSV) {
        name = "account";
    }
    if (name != NULL) {
        err = cc_call_entity(c, name, &one);
        if (err == SP_OK && !cc_export_takes(&x->setup, one)) {
            err = cc_call_say(c, SP_E_ARGUMENT, "%.20s has nothing of %.40s",
                x->what->format, name);
        }
        err = err == SP_OK ? add_entity(x, one) : err;
    }
    for (uint32_t i = 0;
         name == NULL && i < c->dictionary->entity_count && err == SP_OK; i++) {
        const struct sp_entity *e = &c->dictionary->entity[i];
        if (cc_export_takes(&x->setup, e) && !is_job(e)) {
            err = add_entity(x, e);
        }
    }
    return err == SP_OK && x->entities == 0 ? none_left(x, c) : err;
}

static uint64_t now_ms(const struct export *x)
{
    return x->s->replica.env.now_ms(x->s->replica.env.self);
}

static sp_err find_allowed(struct export *x, struct cc_call *c)
{
    uint64_t taken;
    sp_err err = cc_leave_taken(c, &taken);

    if (err == SP_OK) {
        x->allowed = cc_quota_left(x->quota.rows, taken);
    }
    return err;
}

static bool reads(void *self, uint16_t type, uint16_t field)
{
    const struct export *x = (struct export *)self;
    const struct sp_person *p = person(x);

    return p != NULL && cc_quota_reads(sp_rulebook_policy(x->s->replica.book),
                            p->role, p->role_count, type, field);
}

/* What he has by consent alone leaves, and only that of such people. */
static void by_consent(struct export *x, const struct cc_call *c)
{
    const struct sp_person *p = person(x);

    if (p != NULL && cc_quota_by_consent(sp_rulebook_policy(x->s->replica.book),
                         p->role, p->role_count, c->dictionary)) {
        x->setup.view = (struct cc_sheet_view){
            .reads = reads, .self = x, .consented = true
        };
    }
}

static sp_err begin(struct export *x, struct cc_call *c)
{
    const struct sp_entity *entity[ENTITIES_MAX];
    sp_err err = choose_entities(x, c);

    by_consent(x, c);

    if (err == SP_OK) {
        struct sp_slice login = person(x)->login;
        (void)snprintf(x->by, sizeof(x->by), "%.*s", (int)login.size,
            (const char *)login.data);
        err = find_allowed(x, c);
    }
    for (size_t i = 0; i < x->entities; i++) {
        entity[i] = sp_dictionary_entity(c->dictionary, x->type[i]);
    }
    if (err == SP_OK) {
        cc_export_begin(&x->setup, entity, x->entities, &x->out);
    }
    return err;
}

/* ---- records ------------------------------------------------------------ */

static void note_sensitive(struct export *x, const struct sp_record *r)
{
    for (uint32_t i = 0; i < r->count && !x->sensitive; i++) {
        const struct sp_field *f =
            sp_dictionary_field(x->entity, r->reg[i].key.field);
        if (f != NULL) {
            (void)cc_sheet_shows(NULL, x->entity, f, &x->sensitive);
        }
    }
}

static sp_err export_one(void *arg, const struct sp_record *r)
{
    struct export *x = (struct export *)arg;

    x->after = r->ref.id;
    sp_arena_reset(&x->arena);
    if (cc_sheet_takes(&x->setup.view, x->entity, r) &&
        cc_export_record(
            &x->setup, x->entity, r, x->rows, &x->arena, &x->out)) {
        note_sensitive(x, r);
        if (++x->rows > x->allowed) {
            return cc_call_say(x->call, SP_E_DENIED,
                "more rows than may leave under your name today: %llu are "
                "left; nothing was written",
                (unsigned long long)x->allowed);
        }
    }
    if (++x->page == PAGE_RECORDS) {
        x->more = true;
        return SP_E_NOT_FOUND; /* ends the page */
    }
    return SP_OK;
}

static sp_err export_page(struct export *x, struct cc_call *c)
{
    x->page = 0;
    x->more = false;
    x->entity = sp_dictionary_entity(c->dictionary, x->at);
    return x->entity == NULL ? SP_E_NOT_FOUND
                             : sp_state_walk(&c->tx, x->at,
                                   sp_id_is_zero(&x->after) ? NULL : &x->after,
                                   export_one, x);
}

static int export_entity(struct export *x, uint16_t type)
{
    int rc;

    memset(&x->after, 0, sizeof(x->after));
    x->at = type;
    do {
        rc = in_call(x, false, export_page);
        if (rc == 0) {
            rc = cc_fail_set(x->e, hand_over(x), x->file.path);
        }
    } while (rc == 0 && x->more);
    return rc;
}

/* Who took what out, durable before the file has its name. */
static sp_err put_job(struct export *x, struct cc_call *c)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(CC_JOB_ENTITY));
    struct sp_draft_write write[CC_JOB_WRITES];
    struct cc_job job = { .user = x->s->replica.identity.self.user,
        .at_ms = now_ms(x),
        .format = x->what->format,
        .what = x->names,
        .rows = x->rows };
    struct sp_draft_change change = { .create = true };
    int count;

    sp_hasher_end(&x->hasher, job.hash, sizeof(job.hash));
    count = cc_job_writes(e, &job, &c->tx.arena, write);
    if (count <= 0) {
        return count == 0 ? SP_OK : SP_E_NOMEM;
    }
    change.ref.type = e->number;
    change.ref.id = x->id;
    change.count = (uint32_t)count;
    change.write = write;
    return cc_typed_save(c, &change, 1, NULL);
}

static int write_all(struct export *x)
{
    int rc = in_call(x, false, begin);
    sp_err err = SP_OK;

    for (size_t i = 0; i < x->entities && rc == 0; i++) {
        rc = export_entity(x, x->type[i]);
    }
    if (rc == 0) {
        cc_export_end(&x->setup, x->rows, &x->out);
        err = hand_over(x);
        if (err == SP_OK && x->db != NULL) {
            err = cc_sqlite_give(x->db, write_bytes, x);
            x->db = NULL;
        }
        rc = cc_fail_set(x->e, err, x->file.path);
    }
    if (rc == 0) {
        rc = in_call(x, true, put_job);
    }
    return rc == 0 ? cc_fail_set(x->e, cc_out_keep(&x->file), x->file.path)
                   : rc;
}

/* ---- the call ----------------------------------------------------------- */

static sp_err read_what(struct export *x, const char *path, const char **detail)
{
    const struct satchel_export *what = x->what;
    uint8_t random[10];

    *detail =
        cc_say("formats: csv, jsonl, sqlite, vcard, vcard4, geojson, ical");
    if (what->format == NULL ||
        !cc_export_format(what->format, &x->setup.format)) {
        return SP_E_ARGUMENT;
    }
    *detail = cc_say("labels: zh or en");
    if (what->labels != NULL && !cc_words_lang(what->labels, &x->labels)) {
        return SP_E_ARGUMENT;
    }
    x->setup.labels = what->labels == NULL ? NULL : &x->labels;
    x->setup.bom = !what->no_bom;
    x->setup.now_ms = now_ms(x);
    x->s->replica.env.random(x->s->replica.env.self, random, sizeof(random));
    x->id = sp_id_make(x->setup.now_ms, random);
    x->mark.by = x->by;
    x->mark.id = x->id;
    x->mark.at_ms = x->setup.now_ms;
    x->setup.mark = &x->mark;
    cc_zone_name(x->zone_name);
    x->zone.name = x->zone_name;
    x->zone.offset = cc_zone_offset;
    x->setup.zone = &x->zone;
    x->setup.user = x->s->replica.identity.self.user;
    x->setup.alarm_minutes = what->alarm_minutes;
    x->setup.get = get;
    x->setup.self = x;
    *detail = path;
    sp_err err = cc_out_begin(&x->file, path, what->force);
    if (err == SP_OK && x->setup.format == CC_EXPORT_SQL) {
        err = cc_sqlite_open(&x->db, NULL);
    }
    return err;
}

int satchel_export(struct satchel *s, const char *path,
    const struct satchel_export *what, struct satchel_exported *out,
    struct satchel_error *e)
{
    struct export x;
    const char *detail = NULL;
    sp_err err;
    int rc;

    memset(&x, 0, sizeof(x));
    x.s = s;
    x.e = e;
    x.what = what;
    x.file.fd = -1;
    sp_arena_init(&x.arena, OUT_BYTES_MAX);
    sp_buf_init(&x.out, OUT_BYTES_MAX);
    sp_hasher_init(&x.hasher, 32, NULL);
    err = read_what(&x, path, &detail);
    rc = cc_fail_set(e, err, detail);
    if (rc == 0) {
        rc = write_all(&x);
    }
    if (rc == 0 && out != NULL) {
        out->rows = x.rows;
        out->left = x.allowed - x.rows;
        out->sensitive = x.sensitive;
    }
    cc_out_drop(&x.file);
    cc_sqlite_close(x.db);
    sp_arena_free(&x.arena);
    sp_buf_free(&x.out);
    return rc;
}
