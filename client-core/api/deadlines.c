#include "api/deadlines.h"

#include <stdio.h>

#include "book/deadline_list.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#define SAY_BYTES 240u

struct answer {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
};

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;

    return sp_state_walk(&c->tx, type, NULL, each, arg);
}

static enum satchel_deadline_state state_of(enum cc_deadline_state state)
{
    return state == CC_DEADLINE_BROKEN ? SATCHEL_DEADLINE_BROKEN
           : state == CC_DEADLINE_NEAR ? SATCHEL_DEADLINE_NEAR
                                       : SATCHEL_DEADLINE_LATE;
}

static sp_err fill(struct answer *r, const struct cc_deadline_found *f,
    struct satchel_deadline *out)
{
    const struct sp_entity *e = f->entity;
    char id[SP_ID_TEXT_BYTES];
    struct cc_record_view view;
    struct sp_ref account;
    sp_err err = cc_record_view(r->call, &f->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &f->ref.id);
    *out = (struct satchel_deadline){ .state = state_of(f->state),
        .rule = cc_result_text(r->a, f->rule),
        .id = cc_result_string(r->a, id),
        .entity = cc_result_text(r->a, e->name),
        .entity_en = cc_result_text(r->a, e->label_en),
        .entity_zh = cc_result_text(r->a, e->label_zh),
        .title =
            cc_result_string(r->a, cc_refer_title_of(r->call, &view.record)),
        .account = cc_result_string(
            r->a, cc_refer_parent(r->call, &view.record, &account)
                      ? cc_refer_title(r->call, &account)
                      : ""),
        .who = cc_result_string(
            r->a, f->who == 0 ? "" : cc_refer_user_name(r->call, f->who)),
        .start_ms = f->start_ms,
        .due_ms = f->due_ms,
        .done_ms = f->done_ms };
    cc_record_view_free(&view);
    return out->rule == NULL || out->id == NULL || out->entity == NULL ||
                   out->entity_en == NULL || out->entity_zh == NULL ||
                   out->title == NULL || out->account == NULL ||
                   out->who == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static const char *say(
    struct answer *r, const struct cc_deadline_problem *p, enum cc_lang lang)
{
    char text[SAY_BYTES];
    int size = p->what.size > 40 ? 40 : (int)p->what.size;
    const char *what = p->what.data == NULL ? "" : (const char *)p->what.data;

    if (lang == CC_LANG_ZH) {
        (void)snprintf(text, sizeof(text), "%s：“%.*s”", p->why.zh, size, what);
    } else {
        (void)snprintf(
            text, sizeof(text), "%s: \"%.*s\"", p->why.en, size, what);
    }
    return cc_result_string(r->a, text);
}

static sp_err fill_problem(struct answer *r,
    const struct cc_deadline_problem *p, struct satchel_deadline_problem *out)
{
    *out = (struct satchel_deadline_problem){ .rule =
                                                  cc_result_text(r->a, p->rule),
        .text_en = say(r, p, CC_LANG_EN),
        .text_zh = say(r, p, CC_LANG_ZH) };
    return out->rule == NULL || out->text_en == NULL || out->text_zh == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_all(struct answer *r, const struct cc_deadline_list *l,
    struct satchel_deadlines *out)
{
    struct satchel_deadline *d = (struct satchel_deadline *)sp_arena_take(
        r->a, l->count + 1, sizeof(*d));
    struct satchel_deadline_problem *p =
        (struct satchel_deadline_problem *)sp_arena_take(
            r->a, l->problems + 1, sizeof(*p));
    sp_err err = d == NULL || p == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < l->count && err == SP_OK; i++) {
        err = fill(r, &l->found[i], &d[i]);
    }
    for (size_t i = 0; i < l->problems && err == SP_OK; i++) {
        err = fill_problem(r, &l->problem[i], &p[i]);
    }
    if (err == SP_OK) {
        out->deadline = d;
        out->count = l->count;
        out->problem = p;
        out->problem_count = l->problems;
    }
    return err;
}

sp_err cc_deadlines_read(struct cc_call *c,
    const struct cc_deadline_query *query, struct sp_arena *a,
    struct satchel_deadlines *out)
{
    const struct sp_env *env = &c->s->replica.env;
    const struct cc_deadline_source source = { .dictionary = c->dictionary,
        .now_ms = env->now_ms(env->self),
        .offset_min = cc_today_offset(env->now_ms(env->self)),
        .day_of = cc_today_of,
        .self = c,
        .walk = walk };
    struct answer r = { c, a };
    struct cc_deadline_list list;
    sp_err err = cc_deadline_list(&source, query, &list);

    if (err == SP_OK) {
        err = fill_all(&r, &list, out);
    }
    cc_deadline_list_free(&list);
    return err;
}

/* ---- the call ----------------------------------------------------------- */

static sp_err make_query(struct cc_call *c, bool all, const char *since,
    struct cc_deadline_query *out)
{
    *out = (struct cc_deadline_query){
        .user = all ? 0 : c->s->replica.identity.self.user,
        .has_since = since != NULL,
    };
    return since == NULL || cc_day_parse(since, &out->since)
               ? SP_OK
               : cc_call_say(c, SP_E_VALUE,
                     "\"%.40s\" is no date: give one as 2026-03-31", since);
}

int satchel_deadlines(struct satchel *s, bool all, const char *since,
    struct satchel_deadlines **out, struct satchel_error *e)
{
    struct cc_deadline_query query;
    struct satchel_deadlines *d;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    d = (struct satchel_deadlines *)cc_result_new(sizeof(*d));
    err = d == NULL ? SP_E_NOMEM : make_query(&c, all, since, &query);
    if (err == SP_OK) {
        err = cc_deadlines_read(&c, &query, cc_result_arena(d), d);
    }
    return cc_call_give(&c, err, d, out);
}
