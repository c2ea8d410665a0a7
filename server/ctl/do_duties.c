/* do_duties.c - a manager's evening: which deadlines are broken, near or were
 * missed at the branch, and which lists its people held against the records
 * (client-core: satchel deadlines, satchel reconcile). */
#include <stdio.h>

#include "book/day.h"
#include "book/deadline_list.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/evening.h"
#include "ops/say.h"

struct duties {
    struct sv_evening evening;
    struct sv_call *call;
    const struct sp_entity *entity; /* that is being read */
    uint64_t count, open;
};

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    return sp_state_walk(self, type, NULL, each, arg);
}

static json_t *login_of(const struct duties *d, uint32_t user)
{
    const struct sp_person *p =
        user == 0 ? NULL : sp_rulebook_find_person(d->evening.book, user);
    return p != NULL   ? sv_call_slice(p->login)
           : user == 0 ? json_string("")
                       : json_integer((json_int_t)user);
}

/* Of head office's people, and of nobody: whoever looks at all. */
static bool is_ours(const struct duties *d, uint32_t user)
{
    const struct sp_roster *unit =
        user == 0 ? NULL : sp_rulebook_find_unit_of(d->evening.book, user);
    return d->evening.all ||
           (unit != NULL && sp_slice_equal(unit->unit, d->evening.unit));
}

/* ---- deadlines ---------------------------------------------------------- */

static const char *state_of(enum cc_deadline_state state)
{
    return state == CC_DEADLINE_BROKEN ? sv_say("broken")
           : state == CC_DEADLINE_NEAR ? sv_say("near")
                                       : sv_say("late");
}

static void put_found(struct duties *d, const struct cc_deadline_found *f)
{
    char id[SP_ID_TEXT_BYTES];
    /* What names nobody lies in this branch, and is its own. */
    if (f->who != 0 && !is_ours(d, f->who)) {
        return;
    }
    sp_id_format(id, &f->ref.id);
    d->count++;
    d->open += f->state != CC_DEADLINE_LATE;
    sv_call_row(d->call,
        json_pack("[o,s,o,o,o,o,s]", sv_call_slice(f->rule), state_of(f->state),
            sv_call_time(f->due_ms),
            f->done_ms == 0 ? json_string("") : sv_call_time(f->done_ms),
            login_of(d, f->who), sv_call_slice(f->entity->name), id));
}

static void put_problems(struct duties *d, const struct cc_deadline_list *l)
{
    json_t *out = json_array();
    for (size_t i = 0; i < l->problems; i++) {
        const struct cc_deadline_problem *p = &l->problem[i];
        char text[240];
        snprintf(text, sizeof text, "%.*s: %s: %.*s", (int)p->rule.size,
            (const char *)p->rule.data,
            cc_say_language() == CC_LANG_ZH ? p->why.zh : p->why.en,
            (int)p->what.size, (const char *)p->what.data);
        (void)json_array_append_new(out, json_string(text));
    }
    sv_call_set(d->call, "problems", out);
}

static sp_err deadlines(void *arg, struct sp_tx *tx)
{
    struct duties *d = arg;
    struct cc_deadline_query query = { .user = 0 };
    struct cc_deadline_list list;
    sp_err err = sv_evening_begin(&d->evening, d->call, tx);
    if (err == SP_OK) {
        err = sv_evening_here(&d->evening, tx);
    }
    if (err != SP_OK) {
        return err;
    }
    /* --date: late ones from that day on, instead of what the rules say. */
    query.has_since = sv_call_arg(d->call, "date") != NULL;
    query.since = d->evening.day;
    const struct cc_deadline_source source = { .dictionary =
                                                   d->evening.dictionary,
        .now_ms = d->evening.now_ms,
        .offset_min = sv_day_offset(d->evening.now_ms),
        .day_of = sv_day_local,
        .self = tx,
        .walk = walk };
    sv_call_columns(d->call, "rule,state,due,done,who,entity,id");
    err = cc_deadline_list(&source, &query, &list);
    for (size_t i = 0; err == SP_OK && i < list.count; i++) {
        put_found(d, &list.found[i]);
    }
    if (err == SP_OK) {
        put_problems(d, &list);
        sv_call_set(d->call, "total", json_integer((json_int_t)d->count));
        sv_call_set(d->call, "open", json_integer((json_int_t)d->open));
    }
    cc_deadline_list_free(&list);
    return err;
}

sp_err sv_do_branch_deadlines(struct sv_call *call)
{
    struct duties d = { .call = call };
    return sv_call_read(call, deadlines, &d);
}

/* ---- lists that were held against the records --------------------------- */

static json_t *part(const struct cc_value_of *of, const char *name)
{
    return json_integer((json_int_t)cc_value_part(of, "counts", name, 0));
}

static sp_err put_reconciliation(void *arg, const struct sp_record *view)
{
    struct duties *d = arg;
    const struct cc_value_of of = { d->entity, view };
    uint32_t author = (uint32_t)cc_value_int(&of, "author", 0);
    struct sp_slice how = cc_value_part_text(&of, "settled", "how");
    char id[SP_ID_TEXT_BYTES];
    if (cc_value_deleted(&of) || !is_ours(d, author)) {
        return SP_OK;
    }
    sp_id_format(id, &view->ref.id);
    d->count++;
    d->open += how.size == 0;
    sv_call_row(d->call,
        json_pack("[o,o,o,I,o,o,o,o,s]", sv_call_time(cc_value_ts(&of, "at")),
            login_of(d, author), sv_call_slice(cc_value_text(&of, "name")),
            (json_int_t)cc_value_int(&of, "matched", 0), part(&of, "first"),
            part(&of, "second"), part(&of, "differing"), sv_call_slice(how),
            id));
    return SP_OK;
}

static sp_err reconciliations(void *arg, struct sp_tx *tx)
{
    struct duties *d = arg;
    sp_err err = sv_evening_begin(&d->evening, d->call, tx);
    if (err == SP_OK) {
        err = sv_evening_here(&d->evening, tx);
    }
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(d->call, "at,by,name,matched,only_first,only_second,"
                             "differing,settled,id");
    d->entity = sp_dictionary_entity_named(
        d->evening.dictionary, sp_slice_text("reconciliation"));
    if (d->entity != NULL) {
        err = sp_state_walk(tx, d->entity->number, NULL, put_reconciliation, d);
    }
    sv_call_set(d->call, "total", json_integer((json_int_t)d->count));
    sv_call_set(d->call, "open", json_integer((json_int_t)d->open));
    return err;
}

sp_err sv_do_branch_reconciliations(struct sv_call *call)
{
    struct duties d = { .call = call };
    return sv_call_read(call, reconciliations, &d);
}
