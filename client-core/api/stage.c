#include <string.h>

#include "book/label.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/typed.h"

/* A customer, what stands of him, and the two writes of one edit. */
struct move {
    struct cc_call *call;
    const struct sp_entity *account, *log;
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_typed now, entry;
    const char *from, *to;
};

/* Number and static name of an option; 0 when there is none of that name. */
static unsigned option_named(const struct sp_field *f, struct sp_slice name)
{
    for (uint32_t i = 0; f != NULL && i < f->option_count; i++) {
        if (sp_slice_equal(f->option[i].name, name)) {
            return f->option[i].number;
        }
    }
    return 0;
}

static const char *option_called(
    struct cc_call *c, const struct sp_field *f, unsigned number)
{
    for (uint32_t i = 0; i < f->option_count; i++) {
        if (f->option[i].number == number) {
            return cc_call_text(c, f->option[i].name);
        }
    }
    return "";
}

static sp_err check_gate(struct move *m, const char *status, const char *reason)
{
    const struct sp_field *f =
        sp_dictionary_field_named(m->account, sp_slice_text("funnel_status"));
    struct cc_value_of of = { m->account, &m->view.record };
    unsigned from, to = option_named(f, sp_slice_text(status));

    if (f == NULL || to == 0) {
        return cc_call_say(m->call, SP_E_ARGUMENT,
            "\"%.40s\" is no status; satchel fields account lists them",
            status);
    }
    from = (unsigned)cc_value_int(&of, "funnel_status", 0);
    m->from = from == 0 ? "" : option_called(m->call, f, from);
    m->to = status;
    if (m->from == NULL) {
        return SP_E_NOMEM;
    }
    if (from == to) {
        return cc_call_say(
            m->call, SP_E_EXISTS, "the customer is at %s already", status);
    }
    if (cc_label_skips(from, to) && (reason == NULL || reason[0] == '\0')) {
        return cc_call_say(m->call, SP_E_REQUIRED,
            "from %s to %s goes back or passes a gate over: give a reason",
            from == 0 ? cc_say("no status") : m->from, status);
    }
    return SP_OK;
}

static sp_err type_move(struct move *m, const char *reason)
{
    const struct satchel_input status = { .field = "funnel_status",
        .text = m->to };
    const struct satchel_input entry[] = {
        { .field = "at", .text = "now" },
        { .field = "ladder", .text = "funnel" },
        { .field = "to", .text = m->to },
        { .field = "from", .text = m->from },
        { .field = "reason", .text = reason == NULL ? "" : reason },
    };
    sp_err err = cc_typed_init(&m->now, m->call, m->account, &m->view.record);

    if (err == SP_OK) {
        err = cc_typed_add(&m->now, &status, 1);
    }
    if (err == SP_OK) {
        err = cc_typed_init(&m->entry, m->call, m->log, NULL);
    }
    for (size_t i = 0; err == SP_OK && i < sizeof(entry) / sizeof(entry[0]);
         i++) {
        err = entry[i].text[0] == '\0' ? SP_OK
                                       : cc_typed_add(&m->entry, &entry[i], 1);
    }
    return err == SP_OK ? cc_typed_defaults(&m->entry, &m->ref) : err;
}

static sp_err save(struct move *m, struct satchel_saved *out)
{
    struct sp_draft_change change[2] = {
        { .ref = m->ref, .count = m->now.count, .write = m->now.write },
        { .ref = { .type = m->log->number, .id = cc_typed_id(m->call) },
            .create = true,
            .count = m->entry.count,
            .write = m->entry.write },
    };
    uint64_t n = 0;
    sp_err err = cc_typed_save(m->call, change, 2, &n);

    if (err == SP_OK) {
        cc_record_saved(out, &m->ref.id, n);
    }
    return err;
}

static sp_err move(struct cc_call *c, const char *account, const char *status,
    const char *reason, struct satchel_saved *out)
{
    struct move m = { .call = c };
    sp_err err = cc_refer_named(c, "account", account, &m.account, &m.ref);

    if (err == SP_OK) {
        err = cc_call_entity(c, "stage_log", &m.log);
    }
    if (err != SP_OK) {
        return err;
    }
    err = cc_record_view(c, &m.ref, &m.view);
    if (err != SP_OK) {
        return err;
    }
    err = check_gate(&m, status, reason);
    if (err == SP_OK) {
        err = type_move(&m, reason);
    }
    if (err == SP_OK) {
        err = save(&m, out);
    }
    cc_record_view_free(&m.view);
    return err;
}

int satchel_stage_set(struct satchel *s, const char *account,
    const char *status, const char *reason, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, status == NULL
                               ? SP_E_ARGUMENT
                               : move(&c, account, status, reason, out));
}
