/* feedback.c - what customers said: the queues, and answers. */
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"
#include "book/feedback.h"

#define TAGS_BYTES 2000u

struct queue {
    struct cc_call *call;
    enum cc_feedback_route only; /* 0: all */
    bool all;
    int32_t today;
    struct sp_arena *a; /* of the result */
    size_t rules;
    struct cc_feedback_rule *rule; /* arena of the tx */
    size_t count;
    struct satchel_feedback *feedback;
};

static sp_err take_rule(void *arg, const struct cc_value_of *of)
{
    struct queue *q = (struct queue *)arg;
    struct sp_arena *a = &q->call->tx.arena;
    struct cc_feedback_rule one, *list;
    sp_err err = cc_feedback_read(of, q->today, a, &one);

    if (err != SP_OK || one.count == 0) {
        return err;
    }
    list = (struct cc_feedback_rule *)sp_arena_grow(
        a, q->rule, q->rules, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    q->rule = list;
    list[q->rules++] = one;
    return SP_OK;
}

static bool put_tag(void *arg, struct sp_slice tag)
{
    struct sp_buf *b = (struct sp_buf *)arg;

    if (b->size > 0) {
        sp_buf_put(b, ", ", 2);
    }
    sp_buf_put(b, tag.data, tag.size);
    return true;
}

static const char *tags_of(struct queue *q, const struct cc_value_of *of)
{
    const char *out;
    struct sp_buf b;

    sp_buf_init(&b, TAGS_BYTES * 4);
    cc_value_members(of, "tags", put_tag, &b);
    out = cc_result_text(q->a, sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static sp_err fill(struct queue *q, const struct cc_value_of *of,
    enum cc_feedback_route route, struct satchel_feedback *out)
{
    struct cc_words words = cc_feedback_words(route);
    char id[SP_ID_TEXT_BYTES], account[SP_ID_TEXT_BYTES] = "";
    const char *title = "";
    struct sp_ref parent;

    sp_id_format(id, &of->record->ref.id);
    if (cc_refer_parent(q->call, of->record, &parent)) {
        sp_id_format(account, &parent.id);
        title = cc_refer_title(q->call, &parent);
    }
    *out = (struct satchel_feedback){ .id = cc_result_string(q->a, id),
        .account_id = cc_result_string(q->a, account),
        .account = cc_result_string(q->a, title),
        .at_ms = cc_value_ts(of, "at"),
        .route = cc_feedback_name(route),
        .route_en = words.en,
        .route_zh = words.zh,
        .tags = tags_of(q, of),
        .text = cc_result_text(q->a, cc_value_text(of, "text")),
        .answered = cc_feedback_answered(of) };
    return out->id == NULL || out->account_id == NULL || out->account == NULL ||
                   out->tags == NULL || out->text == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err take(void *arg, const struct cc_value_of *of)
{
    struct queue *q = (struct queue *)arg;
    enum cc_feedback_route route = cc_feedback_route(of, q->rule, q->rules);
    struct satchel_feedback *list;

    if ((q->only != 0 && q->only != route) ||
        (!q->all && cc_feedback_answered(of))) {
        return SP_OK;
    }
    list = (struct satchel_feedback *)sp_arena_grow(
        q->a, q->feedback, q->count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    q->feedback = list;
    return fill(q, of, route, &list[q->count++]);
}

static int oldest_first(const void *a, const void *b)
{
    const struct satchel_feedback *x = (const struct satchel_feedback *)a;
    const struct satchel_feedback *y = (const struct satchel_feedback *)b;

    return x->at_ms != y->at_ms ? (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms)
                                : strcmp(x->id, y->id);
}

static sp_err list(
    struct queue *q, const char *route, struct satchel_feedback_list *out)
{
    sp_err err = SP_OK;

    if (route != NULL && !cc_feedback_named(route, &q->only)) {
        return cc_call_say(q->call, SP_E_ARGUMENT,
            "\"%.40s\" is no queue; there are branch, region and head_office",
            route);
    }
    q->a = cc_result_arena(out);
    q->today = cc_today(q->call);
    err = cc_care_walk(q->call, "care_rule", take_rule, q);
    if (err == SP_OK) {
        err = cc_care_walk(q->call, "feedback", take, q);
    }
    if (err == SP_OK && q->count > 1) {
        qsort(q->feedback, q->count, sizeof(*q->feedback), oldest_first);
    }
    out->count = q->count;
    out->feedback = q->feedback;
    return err;
}

int satchel_feedback_list(struct satchel *s, const char *route, bool all,
    struct satchel_feedback_list **out, struct satchel_error *e)
{
    struct satchel_feedback_list *r;
    struct cc_call c;
    struct queue q = { .call = &c, .all = all };
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_feedback_list *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : list(&q, route, r), r, out);
}

/* ---- answers ------------------------------------------------------------- */

static sp_err answer(struct cc_call *c, const char *feedback, const char *text,
    struct satchel_saved *out)
{
    struct satchel_input in = { .field = "answer", .how = SATCHEL_ADD };
    const struct sp_entity *entity;
    char when[CC_CARE_TIME_BYTES];
    struct sp_ref ref;
    struct sp_buf b;
    sp_err err = cc_refer_named(c, "feedback", feedback, &entity, &ref);

    if (err == SP_OK && text[0] == '\0') {
        err = cc_call_say(
            c, SP_E_REQUIRED, "an answer needs words: what was said?");
    }
    if (err != SP_OK) {
        return err;
    }
    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    cc_care_time(when, cc_care_now(c));
    cc_care_part(&b, "at", when);
    cc_care_part(&b, "text", text);
    sp_buf_put(&b, "", 1);
    in.text = (const char *)b.data;
    err = b.err == SP_OK
              ? cc_record_change(c, entity, &ref, &in, 1, NULL, 0, out)
              : b.err;
    sp_buf_free(&b);
    return err;
}

int satchel_feedback_answer(struct satchel *s, const char *feedback,
    const char *text, struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(
        &c, text == NULL ? SP_E_ARGUMENT : answer(&c, feedback, text, out));
}
