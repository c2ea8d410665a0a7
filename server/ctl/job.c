#include "ctl/job.h"

#include <string.h>

#include "ctl/source.h"
#include "ops/env.h"

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

sp_err sv_job_write(struct sp_tx *tx, uint32_t user, const struct sp_id *id,
    const struct sp_draft_write *write, struct sp_verdict *verdict)
{
    const struct sp_entity *e = sv_job_entity(sv_call_book(tx));
    struct sp_draft_change change = {
        .ref = { e->number, *id }, .count = 1, .write = write
    };
    const struct sp_draft draft = { .user = user,
        .authority = sp_rulebook_authority(sv_call_book(tx), user),
        .count = 1,
        .change = &change };
    uint64_t n = 0;
    return sp_commit_make(tx, &draft, verdict, &n);
}

/* ---- looking ----------------------------------------------------------- */

struct taken {
    const struct sp_entity *entity;
    struct cc_taken *out;
};

static sp_err add_taken(void *arg, const struct sp_record *r)
{
    struct taken *t = arg;
    struct cc_job_said job;
    cc_job_read(t->entity, r, &job);
    return cc_taken_add(t->out, &job);
}

sp_err sv_job_taken(struct sp_tx *tx, struct cc_taken *out)
{
    struct taken t = { sv_job_entity(sv_call_book(tx)), out };
    cc_taken_begin(out);
    sp_err err = t.entity == NULL
                     ? SP_OK
                     : sp_state_walk(tx, t.entity->number, NULL, add_taken, &t);
    cc_taken_end(out);
    return err;
}

sp_err sv_job_rows(
    struct sp_tx *tx, uint32_t user, uint64_t at_ms, uint64_t *rows)
{
    struct cc_taken taken;
    sp_err err = sv_job_taken(tx, &taken);
    *rows = cc_taken_rows(&taken, user, at_ms);
    cc_taken_free(&taken);
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

sp_err sv_job_used(struct sp_tx *tx, const struct sp_id *id, bool *used)
{
    struct cc_taken taken;
    sp_err err = sv_job_taken(tx, &taken);
    *used = cc_taken_used(&taken, id);
    cc_taken_free(&taken);
    return err;
}
