/* many.c - one change to many records, all or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"

/* What one record gets, kept until its commit is made. */
struct planned {
    struct sp_draft_change change;
    uint32_t from; /* who has it until now; 0: nobody */
    bool moved;    /* it gets another owner */
    struct satchel_many_record *shown;
};

struct many {
    struct cc_call *call;
    const struct sp_entity *entity;
    const struct satchel_input *input;
    size_t inputs;
    struct cc_typed typed;  /* the room for writes of one record */
    const char *owner_text; /* as typed, or NULL */
    uint32_t owner; /* who gets them, and so has to see them; 0: nobody */
    uint32_t count;
    struct planned *plan;
    struct satchel_many *out;
};

static const char *const *texts_before(
    struct many *m, const struct sp_record *view)
{
    struct sp_arena *a = cc_result_arena(m->out);
    const char **text =
        (const char **)sp_arena_take(a, m->inputs + 1u, sizeof(*text));

    for (size_t i = 0; text != NULL && i < m->inputs; i++) {
        const struct sp_field *f = sp_dictionary_field_named(
            m->entity, sp_slice_text(m->input[i].field));
        struct sp_slice value = { NULL, 0 };
        if (f != NULL && !f->set) {
            value = cc_refer_shown(view, f);
        }
        text[i] = value.size == 0
                      ? ""
                      : cc_show_value(m->call, f, value, CC_SHOW_EN, a);
    }
    return text;
}

/* Writes that put there what stands there already are no change. */
static uint32_t drop_same(
    const struct cc_typed *t, const struct sp_record *view)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        const struct sp_draft_write *w = &t->write[i];
        const struct sp_register *reg =
            sp_record_find(view, w->key.field, w->key.element);
        if (reg == NULL || reg->count != 1 ||
            !sp_slice_equal(reg->sibling[0].value, w->value)) {
            t->write[kept++] = *w;
        }
    }
    return kept;
}

static sp_err plan_writes(
    struct many *m, struct planned *p, const struct sp_record *view)
{
    struct cc_typed *t = &m->typed;
    struct sp_draft_write *write;
    sp_err err;

    t->view = view;
    t->count = 0;
    err = cc_typed_add(t, m->input, m->inputs);
    if (err != SP_OK) {
        return err;
    }
    p->change.count = drop_same(t, view);
    write = (struct sp_draft_write *)sp_arena_take(
        &m->call->tx.arena, p->change.count + 1u, sizeof(*write));
    if (write == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(write, t->write, p->change.count * sizeof(*write));
    p->change.write = write;
    return SP_OK;
}

/* Text of a field as it will be. */
static struct sp_slice text_after(
    const struct cc_typed *t, const struct sp_record *view, uint16_t number)
{
    const struct sp_field *f = sp_dictionary_field(t->entity, number);
    struct sp_slice value = { NULL, 0 };
    struct sp_rd r;

    if (f != NULL) {
        value = cc_refer_shown(view, f);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->write[i].key.field == number) {
            value = t->write[i].value;
        }
    }
    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_STR ? sp_rd_str(&r, SP_VALUE_BYTES_MAX)
                                         : (struct sp_slice){ NULL, 0 };
}

/* Whoever gets an account has to see it, by the rosters that are known here:
 * through its territory, else because it is his own. */
static sp_err check_seen(
    struct many *m, const struct planned *p, const struct sp_record *view)
{
    const struct sp_rulebook *b = m->call->s->replica.book;
    const struct sp_rules *rules = m->call->tx.rules;
    struct sp_slice there = text_after(&m->typed, view, m->entity->territory);
    const struct sp_person *who = sp_rulebook_find_person(b, m->owner);
    struct sp_id scope = there.size > 0
                             ? sp_scope_make(SP_SCOPE_TERRITORY, there)
                             : sp_scope_person(m->owner);
    uint16_t grant = sp_rulebook_standing(b, m->owner, &scope, 0).grant;

    if (p->change.count == 0 || who == NULL ||
        rules->reads(rules->self, grant, m->entity->number, SP_FIELD_DELETED)) {
        return SP_OK;
    }
    return cc_call_say(m->call, SP_E_VALUE,
        "%.*s would not see %.100s: it is in territory %.*s; give it one of "
        "his%s%.*s%s too; nothing was saved",
        (int)who->login.size, (const char *)who->login.data, p->shown->title,
        (int)there.size, (const char *)there.data,
        who->territory_count > 0 ? " (" : "",
        who->territory_count > 0 ? (int)who->territory[0].size : 0,
        who->territory_count > 0 ? (const char *)who->territory[0].data : "",
        who->territory_count > 0 ? ")" : "");
}

static uint32_t owner_of(const struct many *m, const struct sp_record *view)
{
    const struct cc_value_of of = { m->entity, view };

    return (uint32_t)cc_value_int(&of, "owner_id", 0);
}

static sp_err plan_one(struct many *m, const char *reference)
{
    struct sp_arena *a = cc_result_arena(m->out);
    struct planned *p = &m->plan[m->count];
    struct satchel_many_record *shown =
        (struct satchel_many_record *)(uintptr_t)&m->out->record[m->count];
    struct cc_record_view view;
    char id[SP_ID_TEXT_BYTES];
    sp_err err;

    *p = (struct planned){ .from = 0 };
    err = cc_refer_record(m->call, m->entity, reference, &p->change.ref);
    for (uint32_t i = 0; err == SP_OK && i < m->count; i++) {
        if (sp_ref_equal(&m->plan[i].change.ref, &p->change.ref)) {
            return SP_OK; /* named twice */
        }
    }
    if (err == SP_OK) {
        err = cc_record_view(m->call, &p->change.ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &p->change.ref.id);
    shown->id = cc_result_string(a, id);
    shown->title =
        cc_result_string(a, cc_refer_title_of(m->call, &view.record));
    shown->before = texts_before(m, &view.record);
    err = shown->id == NULL || shown->title == NULL || shown->before == NULL
              ? SP_E_NOMEM
              : plan_writes(m, p, &view.record);
    shown->changed = p->change.count > 0;
    for (uint32_t i = 0; err == SP_OK && i < p->change.count; i++) {
        p->moved = p->moved || (m->owner != 0 && p->change.write[i].key.field ==
                                                     m->entity->owner);
    }
    p->from = owner_of(m, &view.record);
    p->shown = shown;
    m->count++;
    if (err == SP_OK && m->owner != 0) {
        err = check_seen(m, p, &view.record);
    }
    cc_record_view_free(&view);
    return err;
}

/* Which of them is refused: each alone shows it. */
static sp_err save_singly(
    struct many *m, struct planned *const *batch, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sp_err err = cc_typed_save(m->call, &batch[i]->change, 1, NULL);
        if (err != SP_OK) {
            char why[SATCHEL_DETAIL_BYTES / 2];
            (void)snprintf(why, sizeof(why), "%.250s", m->call->detail);
            return cc_call_say(m->call, err, "%.120s (%s): %s",
                batch[i]->shown->title, batch[i]->shown->id, why);
        }
    }
    return SP_OK;
}

static sp_err save_batch(
    struct many *m, struct planned *const *batch, uint32_t count)
{
    struct sp_draft_change change[SP_COMMIT_CHANGES_MAX];
    sp_err err;

    for (uint32_t i = 0; i < count; i++) {
        change[i] = batch[i]->change;
    }
    err = count == 0 ? SP_OK : cc_typed_save(m->call, change, count, NULL);
    if (sp_err_class(err) != SP_CLASS_POLICY) {
        return err;
    }
    /* Nothing of it was written; it fails again, alone. */
    sp_err one = save_singly(m, batch, count);
    return one == SP_OK ? err : one;
}

/* As few commits as hold them: each within its limits. */
static sp_err save_all(struct many *m)
{
    struct planned *batch[SP_COMMIT_CHANGES_MAX];
    uint32_t count = 0, writes = 0;
    sp_err err = SP_OK;

    for (uint32_t i = 0; i < m->count && err == SP_OK; i++) {
        struct planned *p = &m->plan[i];
        if (p->change.count == 0) {
            continue;
        }
        if (count == SP_COMMIT_CHANGES_MAX ||
            writes + p->change.count > SP_COMMIT_WRITES_MAX / 2) {
            err = save_batch(m, batch, count);
            count = writes = 0;
        }
        batch[count++] = p;
        writes += p->change.count;
        m->out->changed++;
    }
    return err == SP_OK ? save_batch(m, batch, count) : err;
}

/* Who had an account and who has it now stays with it, and the new owner is
 * told (his inbox), as after a handover. */
static sp_err note_moves(struct many *m)
{
    const struct sp_entity *e = sp_dictionary_entity_named(
        m->call->dictionary, sp_slice_text("assignment"));
    char from[16], to[16];
    const struct satchel_input in[] = {
        { "to", to, SATCHEL_SET },
        { "reason", m->inputs > 1 ? "territory" : "other", SATCHEL_SET },
        { "effective_at", "now", SATCHEL_SET },
        { "from", from, SATCHEL_SET },
    };
    struct satchel_saved saved;
    sp_err err = SP_OK;

    (void)snprintf(to, sizeof(to), "%u", (unsigned)m->owner);
    for (uint32_t i = 0; e != NULL && i < m->count && err == SP_OK; i++) {
        const struct planned *p = &m->plan[i];

        if (p->moved) {
            (void)snprintf(from, sizeof(from), "%u", (unsigned)p->from);
            err = cc_record_make(m->call, e, &p->change.ref, in,
                p->from == 0 ? 3 : 4, NULL, 0, &saved);
        }
    }
    return err;
}

static sp_err edit_many(struct many *m, const char *name,
    const char *const *reference, size_t count)
{
    struct sp_arena *a = cc_result_arena(m->out);
    sp_err err = cc_call_entity(m->call, name, &m->entity);

    if (err != SP_OK) {
        return err;
    }
    if (count == 0 || count > SATCHEL_MANY_MAX || m->inputs == 0) {
        return cc_call_say(m->call, SP_E_ARGUMENT,
            "name 1 to %u records, and at least one field", SATCHEL_MANY_MAX);
    }
    m->out->record = (const struct satchel_many_record *)sp_arena_take(
        a, count, sizeof(*m->out->record));
    m->plan = (struct planned *)sp_arena_take(
        &m->call->tx.arena, count, sizeof(*m->plan));
    if (m->out->record == NULL || m->plan == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_typed_init(&m->typed, m->call, m->entity, NULL);
    if (err == SP_OK && m->owner_text != NULL) {
        err = cc_refer_user(m->call, sp_slice_text(m->owner_text), &m->owner);
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = plan_one(m, reference[i]);
    }
    m->out->count = m->count;
    if (err == SP_OK) {
        err = save_all(m);
    }
    return err == SP_OK && m->owner != 0 ? note_moves(m) : err;
}

static int run_many(struct satchel *s, struct many *m, const char *entity,
    const char *const *reference, size_t count, bool dry_run,
    struct satchel_many **out, struct satchel_error *e)
{
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    m->call = &c;
    m->out = (struct satchel_many *)cc_result_new(sizeof(*m->out));
    if (m->out != NULL) {
        err = edit_many(m, entity, reference, count);
    }
    c.write = !dry_run; /* all was tried; now it is dropped */
    if (out == NULL) {
        rc = cc_call_end(&c, err);
        satchel_free(m->out);
        return rc;
    }
    return cc_call_give(&c, err, m->out, out);
}

int satchel_record_edit_many(struct satchel *s, const char *entity,
    const char *const *reference, size_t count,
    const struct satchel_input *input, size_t inputs, bool dry_run,
    struct satchel_many **out, struct satchel_error *e)
{
    struct many m = { .input = input, .inputs = inputs };

    return run_many(s, &m, entity, reference, count, dry_run, out, e);
}

int satchel_account_assign(struct satchel *s, const char *const *account,
    size_t count, const char *owner, const char *territory, bool dry_run,
    struct satchel_many **out, struct satchel_error *e)
{
    struct satchel_input input[2];
    struct many m = { .input = input, .owner_text = owner };

    if (owner != NULL) {
        input[m.inputs++] =
            (struct satchel_input){ "owner_id", owner, SATCHEL_SET };
    }
    if (territory != NULL) {
        input[m.inputs++] =
            (struct satchel_input){ "territory_id", territory, SATCHEL_SET };
    }
    return run_many(s, &m, "account", account, count, dry_run, out, e);
}
