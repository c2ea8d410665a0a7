/* care_call.c - a call that was made, and what was promised in it. */
#include <string.h>

#include "api/call.h"
#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"

#define INPUTS_MAX 32u

struct made {
    struct cc_call *call;
    const char *outcome, *promise, *due, *task;
    struct sp_ref account;
    struct sp_buf group; /* the typed promise */
};

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* A promise is a date, which ahead.h asks for, and what is to be done by then;
 * or none at all. */
static sp_err check_promise(struct made *m)
{
    bool promised = strcmp(m->outcome, "promise") == 0;

    if (promised && given(m->due) && !given(m->promise)) {
        return cc_call_say(m->call, SP_E_REQUIRED,
            "a promise needs words: what will be done by %.20s?", m->due);
    }
    if (!promised && (given(m->due) || given(m->promise))) {
        return cc_call_say(m->call, SP_E_ARGUMENT,
            "what was promised goes with the outcome \"promise\"");
    }
    return SP_OK;
}

static sp_err make_follow_up(struct made *m)
{
    const struct satchel_input in[] = { { .field = "title",
                                            .text = m->promise },
        { .field = "kind", .text = "promise" },
        { .field = "due", .text = m->due }, { .field = "owner", .text = "me" },
        { .field = "priority", .text = "1" },
        { .field = "status", .text = "open" } };
    const struct sp_entity *task;
    sp_err err = cc_call_entity(m->call, "task", &task);

    return err == SP_OK ? cc_record_make(m->call, task, &m->account, in,
                              sizeof(in) / sizeof(in[0]), NULL, 0, NULL)
                        : err;
}

static sp_err settle_task(struct made *m)
{
    const struct satchel_input in = { .field = "status", .text = "done" };
    const struct sp_entity *task;
    struct sp_ref ref;
    sp_err err = cc_refer_named(m->call, "task", m->task, &task, &ref);

    return err == SP_OK
               ? cc_record_change(m->call, task, &ref, &in, 1, NULL, 0, NULL)
               : err;
}

static sp_err make_activity(struct made *m, const struct satchel_input *input,
    size_t count, struct satchel_saved *out)
{
    struct satchel_input more[INPUTS_MAX] = { { .field = "at", .text = "now" },
        { .field = "channel", .text = "phone" },
        { .field = "direction", .text = "outgoing" },
        { .field = "outcome", .text = m->outcome } };
    size_t n = 4;
    const struct sp_entity *activity;
    sp_err err = cc_call_entity(m->call, "activity", &activity);

    if (given(m->due)) {
        cc_care_part(&m->group, "due", m->due);
        cc_care_part(&m->group, "what", m->promise);
        sp_buf_put(&m->group, "", 1);
        if (m->group.err != SP_OK) {
            return m->group.err;
        }
        more[n++] = (struct satchel_input){ .field = "promise",
            .text = (const char *)m->group.data };
    }
    if (given(m->task)) {
        more[n++] = (struct satchel_input){ .field = "task", .text = m->task };
    }
    for (size_t i = 0; i < count && n < INPUTS_MAX; i++) {
        more[n++] = input[i];
    }
    return err == SP_OK ? cc_record_make(m->call, activity, &m->account, more,
                              n, NULL, 0, out)
                        : err;
}

static sp_err call(struct made *m, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct sp_entity *e;
    sp_err err = cc_refer_named(m->call, "account", account, &e, &m->account);

    if (err == SP_OK && count > INPUTS_MAX - 8u) {
        err = cc_call_say(m->call, SP_E_ARGUMENT, "too many fields");
    }
    if (err == SP_OK) {
        err = check_promise(m);
    }
    if (err == SP_OK) {
        err = make_activity(m, input, count, out);
    }
    if (err == SP_OK && given(m->due)) {
        err = make_follow_up(m);
    }
    if (err == SP_OK && given(m->task)) {
        err = settle_task(m);
    }
    return err;
}

int satchel_care_call(struct satchel *s, const char *account,
    const char *outcome, const char *promise, const char *promise_due,
    const char *task, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    struct made m = { .call = &c,
        .outcome = outcome == NULL ? "answered" : outcome,
        .promise = promise,
        .due = promise_due,
        .task = task };
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    sp_buf_init(&m.group, SP_VALUE_BYTES_MAX);
    rc = cc_call_end(&c, call(&m, account, input, count, out));
    sp_buf_free(&m.group);
    return rc;
}
