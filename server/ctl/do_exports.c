/* do_exports.c - who took out how much, the second person's word, and what each
 * record hashes to. */
#include <stdio.h>
#include <stdlib.h>

#include "book/quota.h"
#include "book/sheet.h"
#include "ctl/columns.h"
#include "ctl/do.h"
#include "ctl/job.h"
#include "ctl/seen.h"
#include "ops/log.h"
#include "ops/say.h"
#include "sp/seal.h"

/* ---- who took out how much --------------------------------------------- */

struct jobs {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen;
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

/* "asked", "approved by mia", "used up": what became of a request. */
static sp_err put_state(struct jobs *j, const struct sp_id *id,
    const struct cc_job_said *said, char *out, size_t room)
{
    const struct sp_person *p = sp_rulebook_find_person(j->book, said->by);
    bool used = false;
    sp_err err = said->request ? sv_job_used(j->tx, id, &used) : SP_OK;
    const char *word = !said->request  ? ""
                       : used          ? SV_SAY("used up by")
                       : said->by == 0 ? SV_SAY("asked")
                       : !said->yes    ? SV_SAY("refused by")
                       : said->until_ms < j->seen.now_ms
                           ? SV_SAY("run out, by")
                           : SV_SAY("approved by");
    snprintf(out, room, "%s%s%.*s", word[0] == '\0' ? "" : sv_say(word),
        p == NULL ? "" : " ", p == NULL ? 0 : (int)p->login.size,
        p == NULL ? "" : (const char *)p->login.data);
    return err;
}

/* By the policy, or because he may be the second person. */
static bool is_shown(struct jobs *j, const struct sp_record *r,
    const struct cc_job_said *said, sp_err *err)
{
    *err = sv_seen_record(&j->seen, j->tx, &r->ref);
    return *err == SP_OK &&
           (sv_seen_any(&j->seen, r) ||
               (said->request && said->by == 0 &&
                   sv_job_approves(j->book, j->seen.person, said->user)));
}

static sp_err show_job(void *arg, const struct sp_record *r)
{
    struct jobs *j = arg;
    struct cc_job_said said;
    char state[96], id[SP_ID_TEXT_BYTES];
    sp_err err;
    cc_job_read(j->entity, r, &said);
    if (!is_shown(j, r, &said, &err)) {
        return err;
    }
    const struct sp_person *p = sp_rulebook_find_person(j->book, said.user);
    const struct day *d = day_of(j, said.user, said.at_ms / 86400000u);
    bool alert = d != NULL && p != NULL &&
                 cc_quota_alert(sp_rulebook_policy(j->book), p->role,
                     p->role_count, d->rows);
    struct sp_slice hash = said.hash;
    hash.size = hash.size > 16 ? 16 : hash.size;
    err = put_state(j, &r->ref.id, &said, state, sizeof state);
    sp_id_format(id, &r->ref.id);
    sv_call_row(j->call,
        json_pack("[o,o,o,o,I,I,s,o,s,s,o,s]", sv_call_time(said.at_ms),
            p == NULL ? json_string("?") : sv_call_slice(p->login),
            sv_call_slice(said.format), sv_call_slice(said.what),
            (json_int_t)said.rows, (json_int_t)(d == NULL ? 0 : d->rows),
            alert ? sv_say("ALERT") : "", sv_call_slice(hash),
            said.sensitive ? "P3" : "", state, sv_call_slice(said.why), id));
    return err;
}

static sp_err list_jobs(void *arg, struct sp_tx *tx)
{
    struct jobs *j = arg;
    sp_err err = sv_seen_begin(j->call, tx, "as", &j->seen);
    j->tx = tx;
    j->book = sv_call_book(tx);
    j->entity = sv_job_entity(j->book);
    if (err != SP_OK || j->entity == NULL) {
        return err;
    }
    err = sp_state_walk(tx, j->entity->number, NULL, add_job, j);
    return err == SP_OK
               ? sp_state_walk(tx, j->entity->number, NULL, show_job, j)
               : err;
}

sp_err sv_do_exports(struct sv_call *call)
{
    struct jobs j = { .call = call };
    sv_call_columns(call, "at,by,format,what,rows,rows_that_day,alert,hash,"
                          "sensitive,second_person,why,id");
    sp_err err = sv_call_read(call, list_jobs, &j);
    free(j.day);
    return err;
}

/* ---- the second person ------------------------------------------------- */

struct decision {
    struct sv_call *call;
    struct sp_id id;
    struct cc_job_word word;
    uint32_t author;
};

/* How long the word counts: what the roles of who asked say. */
static uint32_t hours_of(
    const struct sp_rulebook *b, const struct cc_job_said *said)
{
    const struct sp_person *p = sp_rulebook_find_person(b, said->user);
    uint32_t hours = 0;
    for (uint32_t i = 0; p != NULL && i < p->role_count; i++) {
        const struct sp_role *r =
            sp_policy_role(sp_rulebook_policy(b), p->role[i]);
        if (r != NULL && r->export.hours > hours) {
            hours = r->export.hours;
        }
    }
    return hours;
}

static sp_err decide(void *arg, struct sp_tx *tx)
{
    struct decision *d = arg;
    struct sv_seen seen;
    struct cc_job_said said;
    const struct sp_rulebook *b = sv_call_book(tx);
    sp_err err = sv_seen_begin(d->call, tx, "as", &seen);
    if (err == SP_OK) {
        err = sv_job_request(
            d->call, tx, sv_call_arg(d->call, "id"), &d->id, &said);
    }
    if (err != SP_OK) {
        return err;
    }
    d->author = said.user;
    d->word.by = seen.person->user;
    if (said.user == seen.person->user) {
        return sv_call_refuse(d->call, SP_E_DENIED,
            "that is a request of the same person; the second person is "
            "another one");
    }
    if (seen.person->status != SP_PERSON_ACTIVE ||
        !sv_job_approves(b, seen.person, said.user)) {
        return sv_call_refuse(d->call, SP_E_DENIED,
            "%s may not be the second person here: a role that approves "
            "exports (satchelctl role list), of the same unit or with reach "
            "all",
            sv_call_arg(d->call, "as"));
    }
    if (said.by != 0) {
        return sv_call_refuse(d->call, SP_E_EXISTS,
            "that request has been decided already; satchelctl exports shows "
            "by whom");
    }
    d->word.at_ms = seen.now_ms;
    d->word.until_ms =
        sv_call_flag(d->call, "refuse")
            ? 0
            : seen.now_ms + (uint64_t)hours_of(b, &said) * 3600000u;
    return sv_job_decide(tx, &d->id, &d->word);
}

sp_err sv_do_exports_approve(struct sv_call *call)
{
    struct decision d = { .call = call };
    char id[SP_ID_TEXT_BYTES];
    sp_err err = sv_call_write(call, decide, &d);
    sp_id_format(id, &d.id);
    if (err == SP_OK) {
        sv_call_set(call, SV_SAY("request"), json_string(id));
        sv_call_set(call, SV_SAY("decision"),
            json_string(sv_say(d.word.until_ms > 0 ? "approved" : "refused")));
        if (d.word.until_ms > 0) {
            sv_call_set(call, SV_SAY("until"), sv_call_time(d.word.until_ms));
        }
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=export_decision user=%u author=%u request=%s yes=%d error=%s",
        d.word.by, d.author, id, d.word.until_ms > 0, sp_err_name(err));
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
    static const struct cc_sheet_view everything = { .bytes = true };
    uint8_t hash[CC_SHEET_HASH_BYTES];
    char id[SP_ID_TEXT_BYTES], text[2 * sizeof hash + 1];
    if (cc_sheet_deleted(r)) {
        return SP_OK;
    }
    cc_sheet_hash(&everything, h->entity, r, hash);
    sp_hasher_add(&h->all, hash, sizeof hash);
    h->count++;
    if (h->list) {
        sp_id_format(id, &r->ref.id);
        sp_hex(text, hash, sizeof hash);
        sv_call_row(h->call,
            json_pack("[o,s,s]",
                sv_call_slice(sv_call_entity(h->call, h->entity)), id, text));
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
