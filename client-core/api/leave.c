#include "api/leave.h"

#include "sp/seal.h"

#include "book/quota.h"
#include "book/taken.h"

#include "api/typed.h"

static uint64_t now_ms(const struct cc_call *c)
{
    const struct sp_env *env = &c->s->replica.env;

    return env->now_ms(env->self);
}

static uint32_t user_of(const struct cc_call *c)
{
    return c->s->replica.identity.self.user;
}

/* ---- the right -------------------------------------------------------------
 */

struct walk {
    const struct sp_entity *entity;
    struct cc_taken *taken;
};

static sp_err add_taken(void *arg, const struct sp_record *r)
{
    struct walk *w = (struct walk *)arg;
    struct cc_job_said job;

    cc_job_read(w->entity, r, &job);
    return cc_taken_add(w->taken, &job);
}

sp_err cc_leave_taken(struct cc_call *c, uint64_t *rows)
{
    struct cc_taken taken;
    struct walk w = { sp_dictionary_entity_named(
                          c->dictionary, sp_slice_text(CC_JOB_ENTITY)),
        &taken };
    sp_err err = SP_OK;

    cc_taken_begin(&taken);
    if (w.entity != NULL) {
        err = sp_state_walk(&c->tx, w.entity->number, NULL, add_taken, &w);
    }
    cc_taken_end(&taken);
    *rows = cc_taken_rows(&taken, user_of(c), now_ms(c));
    cc_taken_free(&taken);
    return err;
}

sp_err cc_leave_allowed(struct cc_call *c, const struct sp_entity *entity)
{
    const struct cc_replica *r = &c->s->replica;
    const struct sp_person *p = sp_rulebook_find_person(r->book, user_of(c));
    struct cc_quota quota = { 0 };
    uint64_t taken;
    sp_err err;

    if (p != NULL) {
        cc_quota_of(sp_rulebook_policy(r->book), p->role, p->role_count,
            entity->number, &quota);
    }
    if (quota.rows == 0) {
        return cc_call_say(
            c, SP_E_DENIED, "none of your roles takes this out of the system");
    }
    if (quota.asks) {
        return cc_call_say(c, SP_E_DENIED,
            "this leaves only with a second person: ask for it at a server "
            "(satchelctl exports request)");
    }
    err = cc_leave_taken(c, &taken);
    return err == SP_OK && cc_quota_left(quota.rows, taken) == 0
               ? cc_call_say(c, SP_E_DENIED,
                     "more rows than may leave under your name today: %llu are "
                     "left; nothing was written",
                     0ull)
               : err;
}

/* ---- the note ---------------------------------------------------------------
 */

sp_err cc_leave_note(struct cc_call *c, const struct sp_entity *entity,
    const char *format, struct sp_slice file)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(CC_JOB_ENTITY));
    struct sp_draft_write write[CC_JOB_WRITES];
    struct cc_job job = { .user = user_of(c),
        .at_ms = now_ms(c),
        .format = format,
        .what = cc_call_text(c, entity->name),
        .rows = 1 };
    struct sp_draft_change change = { .create = true };
    int count;

    if (job.what == NULL) {
        return SP_E_NOMEM;
    }
    sp_hash(job.hash, sizeof(job.hash), file, NULL);
    count = cc_job_writes(e, &job, &c->tx.arena, write);
    if (count <= 0) {
        return count == 0 ? SP_OK : SP_E_NOMEM;
    }
    change.ref = (struct sp_ref){ e->number, cc_typed_id(c) };
    change.count = (uint32_t)count;
    change.write = write;
    return cc_typed_save(c, &change, 1, NULL);
}
