#include "ctl/job.h"

#include <string.h>

#include "book/quota.h"
#include "ctl/source.h"
#include "ops/env.h"

#define DAY_MS 86400000u

const struct sp_entity *sv_job_entity(const struct sp_rulebook *b)
{
    return sp_dictionary_entity_named(
        sp_rulebook_dictionary(b), sp_slice_text(CC_JOB_ENTITY));
}

/* ---- writing ----------------------------------------------------------- */

sp_err sv_job_put(
    struct sp_tx *tx, const struct sp_id *id, const struct cc_job *job)
{
    const struct sp_entity *e = sv_job_entity(sv_call_book(tx));
    struct sp_draft_write write[CC_JOB_WRITES];
    int count = cc_job_writes(e, job, &tx->arena, write);
    if (count <= 0) {
        return count == 0 ? SP_OK : SP_E_NOMEM;
    }
    struct sp_draft_change change = { .create = true,
        .ref = { e->number, *id },
        .count = (uint32_t)count,
        .write = write };
    return sv_source_commit_as(tx, job->user, &change, 1);
}

sp_err sv_job_decide(
    struct sp_tx *tx, const struct sp_id *id, const struct cc_job_word *word)
{
    const struct sp_entity *e = sv_job_entity(sv_call_book(tx));
    struct sp_draft_write write;
    int count = cc_job_decide(e, word, &tx->arena, &write);
    if (count <= 0) {
        return count == 0 ? SP_E_NOT_FOUND : SP_E_NOMEM;
    }
    struct sp_draft_change change = {
        .ref = { e->number, *id }, .count = 1, .write = &write
    };
    return sv_source_commit_as(tx, word->by, &change, 1);
}

/* ---- looking ----------------------------------------------------------- */

struct taken {
    const struct sp_entity *entity;
    uint32_t user;
    uint64_t day, rows;
};

static sp_err add_taken(void *arg, const struct sp_record *r)
{
    struct taken *t = arg;
    struct cc_job_said job;
    cc_job_read(t->entity, r, &job);
    if (job.user == t->user && job.at_ms / DAY_MS == t->day) {
        t->rows += job.rows;
    }
    return SP_OK;
}

sp_err sv_job_taken(
    struct sp_tx *tx, uint32_t user, uint64_t at_ms, uint64_t *rows)
{
    struct taken t = { sv_job_entity(sv_call_book(tx)), user, at_ms / DAY_MS,
        0 };
    sp_err err = t.entity == NULL
                     ? SP_OK
                     : sp_state_walk(tx, t.entity->number, NULL, add_taken, &t);
    *rows = t.rows;
    return err;
}

sp_err sv_job_request(struct sv_call *call, struct sp_tx *tx, const char *text,
    struct sp_id *id, struct cc_job_said *out)
{
    const struct sp_entity *e = sv_job_entity(sv_call_book(tx));
    struct sp_record r;
    if (e == NULL || sp_id_parse(id, text) != SP_OK) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "\"%.60s\" is no id of a request; satchelctl exports shows them",
            text);
    }
    struct sp_ref ref = { e->number, *id };
    sp_err err = sp_state_get(tx, &ref, &tx->arena, &r);
    if (err == SP_OK) {
        cc_job_read(e, &r, out);
    }
    if (err == SP_E_NOT_FOUND || (err == SP_OK && !out->request)) {
        return sv_call_refuse(call, SP_E_NOT_FOUND,
            "this server has no request %.60s; satchelctl exports shows them",
            text);
    }
    return err;
}

struct used {
    const struct sp_entity *entity;
    struct sp_id id;
    bool found;
};

static sp_err see_used(void *arg, const struct sp_record *r)
{
    struct used *u = arg;
    struct cc_job_said job;
    cc_job_read(u->entity, r, &job);
    u->found = u->found || (job.has_used && sp_id_equal(&job.used, &u->id));
    return SP_OK;
}

sp_err sv_job_used(struct sp_tx *tx, const struct sp_id *id, bool *used)
{
    struct used u = { sv_job_entity(sv_call_book(tx)), *id, false };
    sp_err err = u.entity == NULL
                     ? SP_OK
                     : sp_state_walk(tx, u.entity->number, NULL, see_used, &u);
    *used = u.found;
    return err;
}

bool sv_job_approves(
    const struct sp_rulebook *b, const struct sp_person *p, uint32_t author)
{
    unsigned reach =
        cc_quota_approves(sp_rulebook_policy(b), p->role, p->role_count);
    const struct sp_roster *own = sp_rulebook_find_unit_of(b, p->user);
    return p->user != author &&
           (reach == SP_REACH_ALL ||
               (reach > SP_REACH_OWN && own != NULL &&
                   own == sp_rulebook_find_unit_of(b, author)));
}
