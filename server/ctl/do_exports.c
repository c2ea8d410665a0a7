/* do_exports.c - who took out how much, the second person's word, and what each
 * record hashes to. */
#include <stdio.h>
#include <string.h>

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
    struct cc_taken taken;
};

static const char *const state_words[CC_JOB_STATES] = {
    [CC_JOB_WAITS] = SV_SAY("asked"),
    [CC_JOB_AGREED] = SV_SAY("approved by"),
    [CC_JOB_OVER] = SV_SAY("run out, by"),
    [CC_JOB_REFUSED] = SV_SAY("refused by"),
    [CC_JOB_WITHDRAWN] = SV_SAY("withdrawn"),
    [CC_JOB_USED] = SV_SAY("used up by"),
};

/* "asked", "approved by mia", "used up by mia, refused by otto": what became
 * of a request. */
static void put_state(struct jobs *j, const struct cc_job_said *said,
    enum cc_job_state state, struct sp_buf *out)
{
    uint32_t by = state == CC_JOB_REFUSED ? said->no.by
                  : state == CC_JOB_WITHDRAWN || state == CC_JOB_WAITS
                      ? 0
                      : said->yes.by;
    const struct sp_person *p = sp_rulebook_find_person(j->book, by);
    if (out->size > 0) {
        sp_buf_put(out, ", ", 2);
    }
    const char *word = sv_say(state_words[state]);
    sp_buf_put(out, word, strlen(word));
    if (p != NULL) {
        sp_buf_put(out, " ", 1);
        sp_buf_put(out, p->login.data, p->login.size);
    }
    if (state == CC_JOB_USED && said->no.by != 0) {
        put_state(j, said, CC_JOB_REFUSED, out); /* it came too late */
    }
}

static enum cc_job_state state_of(
    struct jobs *j, const struct sp_id *id, const struct cc_job_said *said)
{
    return cc_job_state(said, cc_taken_used(&j->taken, id),
        cc_job_hours(j->book, said->user), j->seen.now_ms);
}

static sp_err show_job(void *arg, const struct sp_record *r)
{
    struct jobs *j = arg;
    struct cc_job_said said;
    char id[SP_ID_TEXT_BYTES];
    struct sp_buf state;
    sp_err err = sv_seen_record(&j->seen, j->tx, &r->ref);
    if (err != SP_OK || !sv_seen_any(&j->seen, r)) {
        return err;
    }
    cc_job_read(j->entity, r, &said);
    sp_buf_init(&state, 512);
    const struct sp_person *p = sp_rulebook_find_person(j->book, said.user);
    uint64_t day = cc_taken_rows(&j->taken, said.user, said.at_ms);
    bool alert = p != NULL && cc_quota_alert(sp_rulebook_policy(j->book),
                                  p->role, p->role_count, day);
    struct sp_slice hash = said.hash;
    hash.size = hash.size > 16 ? 16 : hash.size;
    if (said.request) {
        put_state(j, &said, state_of(j, &r->ref.id, &said), &state);
    }
    sp_id_format(id, &r->ref.id);
    sv_call_row(j->call,
        json_pack("[o,o,o,o,I,I,s,o,s,o,o,o,s]", sv_call_time(said.at_ms),
            p == NULL ? json_string("?") : sv_call_slice(p->login),
            sv_call_slice(said.format), sv_call_slice(said.what),
            (json_int_t)said.rows, (json_int_t)day,
            alert ? sv_say("ALERT") : "", sv_call_slice(hash),
            said.sensitive ? "P3" : "", sv_call_slice(sp_buf_slice(&state)),
            sv_call_slice(said.no.by != 0 ? said.no.reason : said.yes.reason),
            sv_call_slice(said.why), id));
    err = state.err;
    sp_buf_free(&state);
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
    err = sv_job_taken(tx, &j->taken);
    return err == SP_OK
               ? sp_state_walk(tx, j->entity->number, NULL, show_job, j)
               : err;
}

sp_err sv_do_exports(struct sv_call *call)
{
    struct jobs j = { .call = call };
    cc_taken_begin(&j.taken);
    sv_call_columns(call, "at,by,format,what,rows,rows_that_day,alert,hash,"
                          "sensitive,second_person,reason,why,id");
    sp_err err = sv_call_read(call, list_jobs, &j);
    cc_taken_free(&j.taken);
    return err;
}

/* ---- what is said on a request ------------------------------------------- */

struct decision {
    struct sv_call *call;
    enum cc_job_step step;
    struct sp_id id;
    struct cc_job_word word;
    uint32_t author;
};

static sp_err refuse_bar(
    struct decision *d, enum cc_job_bar bar, enum cc_job_state state)
{
    switch (bar) {
    case CC_JOB_FREE:
        return SP_OK;
    case CC_JOB_OWN:
        return sv_call_refuse(d->call, SP_E_DENIED,
            "that is a request of the same person; the second person is "
            "another one (who does not want it any more: satchelctl exports "
            "withdraw)");
    case CC_JOB_OTHERS:
        return sv_call_refuse(d->call, SP_E_DENIED,
            "that is somebody else's request; satchelctl exports approve "
            "--refuse says no to it");
    case CC_JOB_ROLE:
        return sv_call_refuse(d->call, SP_E_DENIED,
            "%s may not be the second person here: a role that approves "
            "exports (satchelctl role list), of the same unit or with reach "
            "all",
            sv_call_arg(d->call, "as"));
    default:
        return state == CC_JOB_USED
                   ? sv_call_refuse(d->call, SP_E_EXISTS,
                         "that export has been made: what left cannot be "
                         "called back")
                   : sv_call_refuse(d->call, SP_E_EXISTS,
                         "that request has been decided already; satchelctl "
                         "exports shows by whom");
    }
}

/* How the judge, who has the last word, reads to who typed it. */
static sp_err refuse_verdict(
    struct decision *d, sp_err err, const struct sp_verdict *v)
{
    return err == SP_OK || v->kind == SP_ACCEPTED || v->code != err
               ? err
               : sv_call_refuse(d->call, err,
                     "the policy in force does not let %s say that here (rule "
                     "%u; export_job in satchelctl policy export)",
                     sv_call_arg(d->call, "as"), v->rule);
}

static sp_err put_word(struct decision *d, struct sp_tx *tx)
{
    const struct sp_entity *e = sv_job_entity(sv_call_book(tx));
    struct sp_verdict verdict = { .kind = SP_VERDICT_NONE };
    struct sp_draft_write write;
    int count = d->step == CC_JOB_WITHDRAW
                    ? cc_job_withdraw(e, &tx->arena, &write)
                    : cc_job_decide(e, &d->word, &tx->arena, &write);
    if (count <= 0) {
        return count < 0 ? SP_E_NOMEM
                         : sv_call_refuse(d->call, SP_E_UNKNOWN_FIELD,
                               "the dictionary in force has no field for that; "
                               "an administrator puts the newer one in force: "
                               "satchelctl dictionary apply");
    }
    return refuse_verdict(
        d, sv_job_write(tx, d->word.by, &d->id, &write, &verdict), &verdict);
}

static sp_err decide(void *arg, struct sp_tx *tx)
{
    struct decision *d = arg;
    struct sv_seen seen;
    struct cc_job_said said;
    bool used = false;
    const struct sp_rulebook *b = sv_call_book(tx);
    sp_err err = sv_seen_begin(d->call, tx, "as", &seen);
    if (err == SP_OK) {
        err = sv_job_request(
            d->call, tx, sv_call_arg(d->call, "id"), &d->id, &said);
    }
    if (err == SP_OK) {
        err = sv_job_used(tx, &d->id, &used);
    }
    if (err != SP_OK) {
        return err;
    }
    uint32_t hours = cc_job_hours(b, said.user);
    enum cc_job_state state = cc_job_state(&said, used, hours, seen.now_ms);
    d->author = said.user;
    d->word.by = seen.person->user;
    d->word.at_ms = seen.now_ms;
    d->word.until_ms = d->step == CC_JOB_SAY_YES
                           ? seen.now_ms + (uint64_t)hours * 3600000u
                           : 0;
    err =
        refuse_bar(d, cc_job_bar(b, d->word.by, &said, state, d->step), state);
    return err == SP_OK ? put_word(d, tx) : err;
}

static sp_err say(struct decision *d)
{
    char id[SP_ID_TEXT_BYTES];
    static const char *const words[] = {
        [CC_JOB_SAY_YES] = SV_SAY("approved"),
        [CC_JOB_SAY_NO] = SV_SAY("refused"),
        [CC_JOB_WITHDRAW] = SV_SAY("withdrawn"),
    };
    sp_err err = sv_call_write(d->call, decide, d);
    sp_id_format(id, &d->id);
    if (err == SP_OK) {
        sv_call_set(d->call, SV_SAY("request"), json_string(id));
        sv_call_set(d->call, SV_SAY("decision"),
            json_string(sv_call_word(d->call, words[d->step])));
        if (d->word.until_ms > 0) {
            sv_call_set(
                d->call, SV_SAY("until"), sv_call_time(d->word.until_ms));
        }
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=%s user=%u author=%u request=%s yes=%d error=%s",
        d->step == CC_JOB_WITHDRAW ? "export_withdrawal" : "export_decision",
        d->word.by, d->author, id, d->word.until_ms > 0, sp_err_name(err));
    return err;
}

sp_err sv_do_exports_approve(struct sv_call *call)
{
    const char *reason = sv_call_arg(call, "reason");
    struct decision d = { .call = call,
        .step = sv_call_flag(call, "refuse") ? CC_JOB_SAY_NO : CC_JOB_SAY_YES,
        .word.reason = reason };
    if (reason == NULL ? d.step == CC_JOB_SAY_NO
                       : reason[0] == '\0' || strlen(reason) > CC_JOB_TEXT) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "--reason: say in 1 to %u bytes why; who asked reads it",
            CC_JOB_TEXT);
    }
    return say(&d);
}

sp_err sv_do_exports_withdraw(struct sv_call *call)
{
    struct decision d = { .call = call, .step = CC_JOB_WITHDRAW };
    return say(&d);
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
