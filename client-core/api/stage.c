#include <stdlib.h>
#include <string.h>

#include "book/label.h"
#include "book/value.h"

#include "api/playbook.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/typed.h"

/* The customer, his log entry, and what was done of the stage that he leaves.*/
#define CHANGES_MAX (2u + CC_PLAYBOOK_STEPS_MAX)

/* A customer, what stands of him, and the writes of one edit. */
struct move {
    struct cc_call *call;
    const struct satchel_stage_move *wanted;
    const struct sp_entity *account, *log;
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_typed now, entry;
    const char *from, *to;
    unsigned from_number, to_number;
    struct cc_playbook *playbook; /* heap */
    size_t steps;
    struct sp_draft_change *step; /* tx arena: of CC_PLAYBOOK_STEPS_MAX */
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

static sp_err check_gate(struct move *m)
{
    const char *status = m->wanted->status, *reason = m->wanted->reason;
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
    m->from_number = from;
    m->to_number = to;
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

/* ---- the checklist of the stage that he leaves -------------------------- */

static sp_err mark(
    struct move *m, struct cc_playbook_step *step, const char *reason)
{
    sp_err err =
        cc_playbook_mark(m->playbook, step, reason, &m->step[m->steps]);

    m->steps += err == SP_OK;
    return err;
}

/* "1,3", or "all". */
static sp_err mark_done(struct move *m)
{
    struct cc_playbook *p = m->playbook;
    char *list = cc_call_text(m->call, sp_slice_text(m->wanted->done));
    char *rest = NULL,
         *word = list == NULL ? NULL : strtok_r(list, ", ", &rest);
    sp_err err = list == NULL ? SP_E_NOMEM : SP_OK;

    if (word != NULL && strcmp(word, "all") == 0) {
        for (size_t i = 0; i < p->count && err == SP_OK; i++) {
            err = p->step[i].done ? SP_OK : mark(m, &p->step[i], NULL);
        }
        return err;
    }
    for (; word != NULL && err == SP_OK; word = strtok_r(NULL, ", ", &rest)) {
        struct cc_playbook_step *step;

        err = cc_playbook_find(p, word, &step);
        if (err == SP_OK && !step->done) {
            err = mark(m, step, NULL);
        }
    }
    return err;
}

/* One reason for all needed steps that nobody says anything of. */
static sp_err mark_left_out(struct move *m)
{
    struct cc_playbook *p = m->playbook;
    sp_err err = SP_OK;

    for (size_t i = 0; i < p->count && err == SP_OK; i++) {
        struct cc_playbook_step *s = &p->step[i];

        if (s->needed && !s->done && s->reason[0] == '\0') {
            err = mark(m, s, m->wanted->without);
        }
    }
    return err;
}

/* Who goes back owes nothing but the reason for that. */
static sp_err check_steps(struct move *m)
{
    sp_err err;

    if (m->from_number == 0 || m->to_number < m->from_number) {
        return SP_OK;
    }
    m->playbook = (struct cc_playbook *)malloc(sizeof(*m->playbook));
    m->step = (struct sp_draft_change *)sp_arena_take(
        &m->call->tx.arena, CC_PLAYBOOK_STEPS_MAX, sizeof(*m->step));
    if (m->playbook == NULL || m->step == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_playbook_load(
        m->playbook, m->call, &m->ref, m->from_number, m->from);
    if (err == SP_OK && m->wanted->done != NULL) {
        err = mark_done(m);
    }
    if (err == SP_OK && m->wanted->without != NULL) {
        err = mark_left_out(m);
    }
    return err == SP_OK && cc_playbook_left(m->playbook) > 0
               ? cc_playbook_refuse(m->playbook)
               : err;
}

/* ---- the edit ----------------------------------------------------------- */

static sp_err type_move(struct move *m)
{
    const char *reason = m->wanted->reason;
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
    struct sp_draft_change change[CHANGES_MAX] = {
        { .ref = m->ref, .count = m->now.count, .write = m->now.write },
        { .ref = { .type = m->log->number, .id = cc_typed_id(m->call) },
            .create = true,
            .count = m->entry.count,
            .write = m->entry.write },
    };
    uint64_t n = 0;
    sp_err err;

    if (m->steps > 0) {
        memcpy(&change[2], m->step, m->steps * sizeof(change[2]));
    }
    err = cc_typed_save(m->call, change, (uint32_t)(2 + m->steps), &n);
    if (err == SP_OK) {
        cc_record_saved(out, &m->ref.id, n);
    }
    return err;
}

static sp_err move(
    struct move *m, const char *account, struct satchel_saved *out)
{
    sp_err err =
        cc_refer_named(m->call, "account", account, &m->account, &m->ref);

    if (err == SP_OK) {
        err = cc_call_entity(m->call, "stage_log", &m->log);
    }
    if (err == SP_OK) {
        err = cc_record_view(m->call, &m->ref, &m->view);
    }
    if (err != SP_OK) {
        return err;
    }
    err = check_gate(m);
    if (err == SP_OK) {
        err = check_steps(m);
    }
    if (err == SP_OK) {
        err = type_move(m);
    }
    if (err == SP_OK) {
        err = save(m, out);
    }
    free(m->playbook);
    cc_record_view_free(&m->view);
    return err;
}

int satchel_stage_set(struct satchel *s, const char *account,
    const struct satchel_stage_move *wanted, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    struct move m = { .call = &c, .wanted = wanted };
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, wanted == NULL || wanted->status == NULL
                               ? SP_E_ARGUMENT
                               : move(&m, account, out));
}
