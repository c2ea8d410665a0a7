/* do_exports.c - who took out how much, and what each record hashes to. */
#include <stdlib.h>

#include "book/job.h"
#include "book/quota.h"
#include "book/sheet.h"
#include "ctl/columns.h"
#include "ctl/do.h"
#include "ctl/seen.h"
#include "ops/say.h"
#include "sp/seal.h"

/* ---- who took out how much --------------------------------------------- */

struct jobs {
    struct sv_call *call;
    const struct sp_rulebook *book;
    const struct sp_entity *entity;
    struct day {
        uint32_t user;
        uint64_t day, rows;
    } * day;
    size_t days, room;
};

static struct day *day_of(struct jobs *j, uint32_t user, uint64_t day)
{
    for (size_t i = 0; i < j->days; i++) {
        if (j->day[i].user == user && j->day[i].day == day) {
            return &j->day[i];
        }
    }
    if (j->days == j->room) {
        size_t room = j->room == 0 ? 64 : 2 * j->room;
        struct day *grown = realloc(j->day, room * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        j->day = grown;
        j->room = room;
    }
    j->day[j->days] = (struct day){ user, day, 0 };
    return &j->day[j->days++];
}

static sp_err add_job(void *arg, const struct sp_record *r)
{
    struct jobs *j = arg;
    struct cc_job_said said;
    cc_job_read(j->entity, r, &said);
    struct day *d = day_of(j, said.user, said.at_ms / 86400000u);
    if (d == NULL) {
        return SP_E_NOMEM;
    }
    d->rows += said.rows;
    return SP_OK;
}

static sp_err show_job(void *arg, const struct sp_record *r)
{
    struct jobs *j = arg;
    struct cc_job_said said;
    cc_job_read(j->entity, r, &said);
    const struct sp_person *p = sp_rulebook_find_person(j->book, said.user);
    const struct day *d = day_of(j, said.user, said.at_ms / 86400000u);
    bool alert = d != NULL && cc_quota_alert(d->rows);
    struct sp_slice hash = said.hash;
    hash.size = hash.size > 16 ? 16 : hash.size;
    sv_call_row(j->call,
        json_pack("[o,o,o,o,I,I,s,o]", sv_call_time(said.at_ms),
            p == NULL ? json_string("?") : sv_call_slice(p->login),
            sv_call_slice(said.format), sv_call_slice(said.what),
            (json_int_t)said.rows, (json_int_t)(d == NULL ? 0 : d->rows),
            alert ? sv_say("ALERT") : "", sv_call_slice(hash)));
    return SP_OK;
}

static sp_err list_jobs(void *arg, struct sp_tx *tx)
{
    struct jobs *j = arg;
    struct sv_seen seen;
    sp_err err = sv_seen_begin(j->call, tx, "as", &seen);
    j->book = sv_call_book(tx);
    j->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(j->book), sp_slice_text(CC_JOB_ENTITY));
    if (err != SP_OK || j->entity == NULL) {
        return err;
    }
    if ((sp_rulebook_manages(j->book, seen.person->user) & SP_MANAGES_JOBS) ==
        0) {
        return sv_call_refuse(j->call, SP_E_DENIED,
            "only who runs jobs sees who took out what; role list shows which "
            "roles do");
    }
    err = sp_state_walk(tx, j->entity->number, NULL, add_job, j);
    return err == SP_OK
               ? sp_state_walk(tx, j->entity->number, NULL, show_job, j)
               : err;
}

sp_err sv_do_exports(struct sv_call *call)
{
    struct jobs j = { .call = call };
    sv_call_columns(call, "at,by,format,what,rows,rows_that_day,alert,hash");
    sp_err err = sv_call_read(call, list_jobs, &j);
    free(j.day);
    return err;
}

/* ---- hashes ------------------------------------------------------------ */

struct hashes {
    struct sv_call *call;
    const struct sp_entity *entity;
    struct sp_hasher all;
    uint64_t count;
    bool list;
};

static sp_err hash_one(void *arg, const struct sp_record *r)
{
    struct hashes *h = arg;
    uint8_t hash[CC_SHEET_HASH_BYTES];
    char id[SP_ID_TEXT_BYTES], text[2 * sizeof hash + 1];
    if (cc_sheet_deleted(r)) {
        return SP_OK;
    }
    cc_sheet_hash(NULL, h->entity, r, hash);
    sp_hasher_add(&h->all, hash, sizeof hash);
    h->count++;
    if (h->list) {
        sp_id_format(id, &r->ref.id);
        sp_hex(text, hash, sizeof hash);
        sv_call_row(h->call,
            json_pack("[o,s,s]", sv_call_slice(h->entity->name), id, text));
    }
    return SP_OK;
}

static sp_err hash_all(void *arg, struct sp_tx *tx)
{
    struct hashes *h = arg;
    const struct sp_dictionary *d = sp_rulebook_dictionary(sv_call_book(tx));
    const char *name = sv_call_arg(h->call, "entity");
    sp_err err = SP_OK;
    for (uint32_t i = 0; i < d->entity_count && err == SP_OK; i++) {
        const struct sp_entity *e = &d->entity[i];
        if (e->tray != SP_TRAY_NONE ||
            sp_slice_equal(e->name, sp_slice_text(CC_JOB_ENTITY)) ||
            (name != NULL && sv_columns_entity(d, name) != e)) {
            continue;
        }
        h->entity = e;
        err = sp_state_walk(tx, e->number, NULL, hash_one, h);
    }
    return err;
}

sp_err sv_do_hash(struct sv_call *call)
{
    struct hashes h = { .call = call, .list = sv_call_flag(call, "list") };
    uint8_t hash[32];
    char text[2 * sizeof hash + 1];
    if (h.list) {
        sv_call_columns(call, "entity,id,hash");
    }
    sp_hasher_init(&h.all, sizeof hash, NULL);
    sp_err err = sv_call_read(call, hash_all, &h);
    sp_hasher_end(&h.all, hash, sizeof hash);
    sp_hex(text, hash, sizeof hash);
    if (err == SP_OK) {
        sv_call_set(call, SV_SAY("records"), json_integer((json_int_t)h.count));
        sv_call_set(call, SV_SAY("hash"), json_string(text));
    }
    return err;
}
