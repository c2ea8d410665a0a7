#include <stdio.h>
#include <string.h>

#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/round.h"
#include "api/said.h"
#include "api/tasks.h"

enum { TASK_OPEN = 1 }; /* task.status */

#define USER_BYTES 16u

/* ---- list --------------------------------------------------------------- */

static sp_err make_query(struct cc_call *c, const struct satchel_task_query *q,
    struct cc_tasks_query *out)
{
    const struct sp_entity *account;
    struct sp_ref ref;
    sp_err err = SP_OK;

    *out = (struct cc_tasks_query){ .owner = cc_round_user(c),
        .due_by = INT32_MAX,
        .closed = q->closed,
        .limit = q->limit,
        .told = true };
    if (q->owner != NULL && strcmp(q->owner, "all") == 0) {
        out->owner = 0;
    } else if (q->owner != NULL) {
        err = cc_refer_user(c, sp_slice_text(q->owner), &out->owner);
    }
    if (err == SP_OK && q->account != NULL) {
        err = cc_refer_named(c, "account", q->account, &account, &ref);
        out->has_account = err == SP_OK;
        out->account = ref.id;
    }
    return err;
}

int satchel_task_list(struct satchel *s, const struct satchel_task_query *query,
    struct satchel_tasks **out, struct satchel_error *e)
{
    const struct satchel_task_query mine = { 0 };
    struct cc_tasks_query q;
    struct satchel_tasks *r;
    struct cc_tasks read;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_tasks *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM
                    : make_query(&c, query == NULL ? &mine : query, &q);
    if (err == SP_OK) {
        err = cc_tasks_read(&c, &q, cc_result_arena(r), &read);
    }
    if (err == SP_OK) {
        *r = (struct satchel_tasks){ read.total, read.count, read.task,
            read.told_count, read.told };
    }
    return cc_call_give(&c, err, r, out);
}

/* ---- add ---------------------------------------------------------------- */

static sp_err add(struct cc_call *c, const char *account, const char *title,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct satchel_input more[] = {
        { "title", title, SATCHEL_SET },
        { "owner", "me", SATCHEL_SET },
        { "status", "open", SATCHEL_SET },
    };
    const struct sp_entity *entity, *above;
    struct sp_ref parent;
    sp_err err = cc_call_entity(c, "task", &entity);

    if (err == SP_OK && account != NULL) {
        err = cc_refer_named(c, "account", account, &above, &parent);
    }
    return err != SP_OK
               ? err
               : cc_record_make(c, entity, account != NULL ? &parent : NULL,
                     input, count, more, sizeof(more) / sizeof(more[0]), out);
}

int satchel_task_add(struct satchel *s, const char *account, const char *title,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0
               ? rc
               : cc_call_end(&c, add(&c, account, title, input, count, out));
}

/* ---- changes ------------------------------------------------------------ */

/* The task at hand. */
struct change {
    struct cc_call *call;
    const struct sp_entity *entity;
    struct sp_ref ref;
    struct cc_record_view view;
};

/* Only what is open is changed. The view is the caller's to free after SP_OK.*/
static sp_err open_task(struct change *t, struct cc_call *c, const char *task)
{
    struct cc_value_of of;
    sp_err err = cc_refer_named(c, "task", task, &t->entity, &t->ref);

    t->call = c;
    if (err == SP_OK) {
        err = cc_record_view(c, &t->ref, &t->view);
    }
    if (err != SP_OK) {
        return err;
    }
    of = (struct cc_value_of){ t->entity, &t->view.record };
    if (cc_value_int(&of, "status", TASK_OPEN) != TASK_OPEN) {
        cc_record_view_free(&t->view);
        return cc_call_say(c, SP_E_EXISTS,
            "the task is closed already; make a new one where something is "
            "left to do");
    }
    return SP_OK;
}

static sp_err change_task(struct cc_call *c, const char *task,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    struct change t;
    sp_err err = open_task(&t, c, task);

    if (err == SP_OK) {
        cc_record_view_free(&t.view);
        err = cc_record_change(c, t.entity, &t.ref, input, count, NULL, 0, out);
    }
    return err;
}

int satchel_task_done(struct satchel *s, const char *task,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct satchel_input in = { "status", "done", SATCHEL_SET };
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, change_task(&c, task, &in, 1, out));
}

int satchel_task_cancel(struct satchel *s, const char *task, const char *reason,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct satchel_input in[] = { { "status", "dropped", SATCHEL_SET },
        { "status_reason", reason, SATCHEL_SET } };
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, reason == NULL || reason[0] == '\0'
                               ? cc_call_say(&c, SP_E_REQUIRED,
                                     "say why the task is not done: a reason")
                               : change_task(&c, task, in, 2, out));
}

static sp_err comment(struct cc_call *c, const char *task, const char *text,
    struct satchel_saved *out)
{
    const struct sp_entity *entity;
    struct satchel_input in = { "comments", NULL, SATCHEL_ADD };
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "task", task, &entity, &ref);

    if (err == SP_OK && (text == NULL || text[0] == '\0')) {
        err = cc_call_say(c, SP_E_REQUIRED, "a comment has a text");
    }
    if (err == SP_OK) {
        in.text = cc_said_text(c, "text", text);
        err = in.text == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err == SP_OK
               ? cc_record_change(c, entity, &ref, &in, 1, NULL, 0, out)
               : err;
}

int satchel_task_comment(struct satchel *s, const char *task, const char *text,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, comment(&c, task, text, out));
}

/* ---- another owner ------------------------------------------------------ */

/* A manager's word stands until a manager says something else. */
static sp_err check_proposal(const struct change *t, uint32_t owner)
{
    const struct sp_field *f =
        sp_dictionary_field_named(t->entity, sp_slice_text("owner"));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(&t->view.record, f->number);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);
    const struct cc_replica *r = &t->call->s->replica;

    if (shown == NULL || shown->stamp.authority < f->authority ||
        sp_rulebook_authority(r->book, r->identity.self.user) >= f->authority) {
        return SP_OK;
    }
    return cc_call_say(t->call, SP_E_AUTHORITY,
        "%.60s, a manager, gave it to %.60s: only a manager gives it to "
        "somebody else; ask, or leave a comment (satchel task comment)",
        cc_refer_user_name(t->call, shown->stamp.user),
        cc_refer_user_name(t->call, owner));
}

static sp_err give(struct change *t, const char *to, struct satchel_saved *out)
{
    struct cc_value_of of = { t->entity, &t->view.record };
    uint32_t had = (uint32_t)cc_value_int(&of, "owner", 0), gets = 0;
    char before[USER_BYTES], after[USER_BYTES];
    const struct satchel_input in[] = { { "owner", after, SATCHEL_SET },
        { "followers", after, SATCHEL_ADD },
        { "followers", before, SATCHEL_ADD } };
    sp_err err =
        cc_refer_user(t->call, sp_slice_text(to == NULL ? "" : to), &gets);

    if (err == SP_OK && gets == had) {
        err = cc_call_say(t->call, SP_E_EXISTS, "%.80s has it already",
            cc_refer_user_name(t->call, had));
    }
    if (err == SP_OK) {
        err = check_proposal(t, had);
    }
    if (err != SP_OK) {
        return err;
    }
    (void)snprintf(before, sizeof(before), "%lu", (unsigned long)had);
    (void)snprintf(after, sizeof(after), "%lu", (unsigned long)gets);
    return cc_record_change(
        t->call, t->entity, &t->ref, in, had == 0 ? 2 : 3, NULL, 0, out);
}

int satchel_task_assign(struct satchel *s, const char *task, const char *owner,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct change t;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = open_task(&t, &c, task);
    if (err == SP_OK) {
        err = give(&t, owner, out);
        cc_record_view_free(&t.view);
    }
    return cc_call_end(&c, err);
}
