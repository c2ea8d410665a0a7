/* message.c - messages packed; the forms stand in PROTOCOL.md, "Messages". */
#include "sp/message.h"

#include "sp/limits.h"
#include "sp/pack.h"

/* ---- shared parts ------------------------------------------------------ */

static void put_point(const struct sp_point *p, struct sp_buf *out)
{
    if (p->replica == 0) {
        sp_wr_uint(out, p->n);
        return;
    }
    sp_wr_array(out, 3);
    sp_wr_uint(out, p->replica);
    sp_wr_uint(out, p->n);
    sp_wr_bin(out, p->hash, sizeof p->hash);
}

static void put_upper(const struct sp_upper *u, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    put_point(&u->received, out);
    sp_wr_uint(out, u->safe);
    sp_wr_bin(out, u->safe_hash, sizeof u->safe_hash);
}

static void put_verdict(const struct sp_told_verdict *v, struct sp_buf *out)
{
    sp_wr_array(out, v->verdict.erased ? 11 : 10);
    sp_wr_uint(out, v->replica);
    sp_wr_uint(out, v->n);
    sp_wr_bin(out, v->content.b, sizeof v->content.b);
    sp_wr_uint(out, v->verdict.kind);
    sp_wr_uint(out, v->verdict.code);
    sp_wr_uint(out, v->verdict.type);
    sp_wr_uint(out, v->verdict.field);
    sp_wr_uint(out, v->verdict.rule);
    sp_wr_uint(out, v->verdict.judge);
    sp_wr_uint(out, v->verdict.at_ms);
    if (v->verdict.erased) {
        sp_wr_bool(out, true);
    }
}

void sp_message_told(const struct sp_told *t, struct sp_buf *out)
{
    sp_wr_array(out, 4);
    sp_wr_uint(out, t->roster);
    sp_wr_array(out, t->point_count);
    for (uint32_t i = 0; i < t->point_count; i++) {
        put_point(&t->point[i], out);
    }
    sp_wr_array(out, t->upper_count);
    for (uint32_t i = 0; i < t->upper_count; i++) {
        put_upper(&t->upper[i], out);
    }
    sp_wr_array(out, t->verdict_count);
    for (uint32_t i = 0; i < t->verdict_count; i++) {
        put_verdict(&t->verdict[i], out);
    }
}

static void put_told(const struct sp_told *t, struct sp_buf *out)
{
    sp_wr_array(out, 2);
    sp_message_told(t, out);
    if (t->is_signed) {
        sp_wr_bin(out, t->signature, sizeof t->signature);
    } else {
        sp_wr_nil(out);
    }
}

static void begin(struct sp_buf *out, enum sp_message_type type, uint32_t parts)
{
    sp_wr_array(out, parts + 1);
    sp_wr_uint(out, type);
}

/* ---- handshake payloads ------------------------------------------------ */

void sp_message_hello(const struct sp_hello *m, struct sp_buf *out)
{
    sp_wr_array(out, 6);
    sp_wr_uint(out, m->version);
    sp_wr_uint(out, m->replica);
    sp_wr_bin(out, m->digest, sizeof m->digest);
    sp_wr_bin(out, m->documents.b, sizeof m->documents.b);
    sp_wr_bin(out, m->token, sizeof m->token);
    sp_wr_uint(out, m->now_ms);
}

void sp_message_hello_reply(const struct sp_hello_reply *m, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    sp_wr_uint(out, m->status);
    sp_wr_uint(out, m->code);
    sp_wr_uint(out, m->now_ms);
}

/* ---- open and welcome -------------------------------------------------- */

void sp_message_open(const struct sp_open *m, struct sp_buf *out)
{
    begin(out, SP_MSG_OPEN, 5);
    sp_wr_bin(out, m->history.b, sizeof m->history.b);
    sp_wr_bin(out, m->documents.b, sizeof m->documents.b);
    sp_wr_uint(out, m->documents_n);
    sp_wr_array(out, m->head_count);
    for (uint32_t i = 0; i < m->head_count; i++) {
        put_point(&m->head[i], out);
    }
    sp_wr_array(out, m->held_count);
    for (uint32_t i = 0; i < m->held_count; i++) {
        sp_wr_array(out, 2);
        sp_wr_bin(out, m->held[i].scope.b, sizeof m->held[i].scope.b);
        sp_wr_uint(out, m->held[i].since);
    }
}

static void put_contents(const struct sp_welcome *m, struct sp_buf *out)
{
    if (m->content_count == 0) {
        return;
    }
    sp_wr_array(out, m->content_count);
    for (uint32_t i = 0; i < m->content_count; i++) {
        const struct sp_welcome_content *c = &m->content[i];
        sp_wr_array(out, 3);
        sp_wr_uint(out, c->server);
        sp_wr_bin(out, c->history.b, sizeof c->history.b);
        sp_wr_array(out, 2 * c->count);
        for (uint32_t k = 0; k < c->count; k++) {
            sp_wr_uint(out, c->place[k].index);
            sp_wr_uint(out, c->place[k].place);
        }
    }
}

void sp_message_welcome(const struct sp_welcome *m, struct sp_buf *out)
{
    begin(out, SP_MSG_WELCOME, m->content_count > 0 ? 7 : 6);
    sp_wr_bin(out, m->history.b, sizeof m->history.b);
    sp_wr_uint(out, m->replica);
    sp_wr_bin(out, m->documents.b, sizeof m->documents.b);
    sp_wr_array(out, m->scope_count);
    for (uint32_t i = 0; i < m->scope_count; i++) {
        const struct sp_welcome_scope *s = &m->scope[i];
        sp_wr_array(out, 4);
        sp_wr_bin(out, s->scope.b, sizeof s->scope.b);
        sp_wr_uint(out, s->served);
        sp_wr_uint(out, s->grant);
        sp_wr_bin(out, s->key, sizeof s->key);
    }
    sp_wr_array(out, m->grant_count);
    for (uint32_t i = 0; i < m->grant_count; i++) {
        sp_wr_array(out, 2);
        sp_wr_bin(out, m->grant[i].digest, sizeof m->grant[i].digest);
        sp_wr_raw(out, m->grant[i].list);
    }
    put_told(&m->told, out);
    put_contents(m, out);
}

/* ---- documents --------------------------------------------------------- */

static void put_names(
    const struct sp_document_name *d, uint32_t count, struct sp_buf *out)
{
    sp_wr_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        sp_wr_array(out, 3);
        sp_wr_uint(out, d[i].kind);
        sp_wr_str(out, d[i].unit);
        sp_wr_uint(out, d[i].serial);
    }
}

static void put_given(const struct sp_documents *m, struct sp_buf *out)
{
    sp_wr_array(out, m->given_count);
    for (uint32_t i = 0; i < m->given_count; i++) {
        sp_wr_bin(out, m->given[i].data, m->given[i].size);
    }
}

void sp_message_documents(const struct sp_documents *m, struct sp_buf *out)
{
    begin(out, SP_MSG_DOCUMENTS, 3);
    put_names(m->have, m->have_count, out);
    put_given(m, out);
    put_names(m->want, m->want_count, out);
}

void sp_message_documents_reply(
    const struct sp_documents *m, struct sp_buf *out)
{
    begin(out, SP_MSG_DOCUMENTS_REPLY, 4);
    put_given(m, out);
    put_names(m->want, m->want_count, out);
    sp_wr_bool(out, m->more);
    sp_wr_bin(out, m->digest.b, sizeof m->digest.b);
}

/* ---- push -------------------------------------------------------------- */

void sp_message_push(const struct sp_push *m, struct sp_buf *out)
{
    begin(out, SP_MSG_PUSH, 1);
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct sp_batch *b = &m->batch[i];
        sp_wr_array(out, 6);
        sp_wr_uint(out, b->replica);
        sp_wr_uint(out, b->from);
        sp_wr_bin(out, b->prev.data, b->prev.size);
        sp_wr_array(out, b->count);
        for (uint32_t k = 0; k < b->count; k++) {
            sp_wr_bin(out, b->commit[k].data, b->commit[k].size);
        }
        sp_wr_bin(out, b->signature, sizeof b->signature);
        sp_wr_array(out, b->verdict_count);
        for (uint32_t k = 0; k < b->verdict_count; k++) {
            put_verdict(&b->verdict[k], out);
        }
    }
}

void sp_message_pushed(const struct sp_pushed *m, struct sp_buf *out)
{
    begin(out, SP_MSG_PUSHED, 2);
    put_told(&m->told, out);
    sp_wr_array(out, m->moved_count);
    for (uint32_t i = 0; i < m->moved_count; i++) {
        sp_wr_array(out, 2);
        sp_wr_uint(out, m->moved[i].index);
        sp_wr_uint(out, m->moved[i].since);
    }
}

/* ---- pull -------------------------------------------------------------- */

static void put_ref(const struct sp_ref *ref, struct sp_buf *out)
{
    sp_wr_uint(out, ref->type);
    sp_wr_bin(out, ref->id.b, sizeof ref->id.b);
}

static void put_position(const struct sp_position *p, struct sp_buf *out)
{
    sp_wr_uint(out, p->index);
    sp_wr_uint(out, p->since);
    sp_wr_uint(out, p->mark);
    sp_wr_uint(out, p->lane);
    sp_wr_uint(out, p->seq);
}

void sp_message_pull(const struct sp_pull *m, struct sp_buf *out)
{
    begin(out, SP_MSG_PULL, m->widening_count > 0 ? 4 : 2);
    sp_wr_array(out, m->ask_count);
    for (uint32_t i = 0; i < m->ask_count; i++) {
        sp_wr_array(out, 2);
        put_ref(&m->ask[i], out);
    }
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        sp_wr_array(out, 5);
        put_position(&m->position[i], out);
    }
    if (m->widening_count == 0) {
        return;
    }
    sp_wr_array(out, m->widening_count);
    for (uint32_t i = 0; i < m->widening_count; i++) {
        sp_wr_array(out, 2);
        sp_wr_uint(out, m->widening[i].index);
        sp_wr_raw(out, m->widening[i].keys);
    }
    sp_wr_bool(out, m->only);
}

void sp_message_item(const struct sp_item *i, struct sp_buf *out)
{
    switch (i->kind) {
    case SP_ITEM_RECORD:
        sp_wr_array(out, 3);
        break;
    case SP_ITEM_HAVE:
        sp_wr_array(out, 5);
        break;
    case SP_ITEM_LEFT:
        sp_wr_array(out, 4);
        break;
    }
    sp_wr_uint(out, i->kind);
    if (i->also_count > 0) {
        sp_wr_array(out, 1 + i->also_count);
    }
    sp_wr_uint(out, i->index);
    for (uint32_t k = 0; k < i->also_count; k++) {
        sp_wr_uint(out, i->also[k]);
    }
    if (i->kind == SP_ITEM_RECORD) {
        sp_wr_bin(out, i->bytes.data, i->bytes.size);
        return;
    }
    put_ref(&i->ref, out);
    if (i->kind == SP_ITEM_HAVE) {
        sp_wr_bin(out, i->hash, sizeof i->hash);
    }
}

void sp_message_page(
    const struct sp_page *m, struct sp_slice items, struct sp_buf *out)
{
    begin(out, SP_MSG_PAGE, 3);
    sp_wr_array(out, m->item_count);
    sp_wr_raw(out, items);
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct sp_page_position *p = &m->position[i];
        sp_wr_array(out, p->complete ? 6 : 5);
        put_position(&p->position, out);
        if (p->complete) {
            sp_wr_bin(out, p->sum, sizeof p->sum);
        }
    }
    sp_wr_uint(out, m->left);
}

/* ---- head office's part, the end, enrolment, errors -------------------- */

void sp_message_upper(const struct sp_upper_request *m, struct sp_buf *out)
{
    begin(out, SP_MSG_UPPER, 1);
    sp_wr_uint(out, m->after);
}

void sp_message_upper_reply(const struct sp_upper_reply *m, struct sp_buf *out)
{
    begin(out, SP_MSG_UPPER_REPLY, 2);
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        sp_wr_array(out, 2);
        put_upper(&m->entry[i].point, out);
        sp_wr_array(out, m->entry[i].verdict_count);
        for (uint32_t k = 0; k < m->entry[i].verdict_count; k++) {
            put_verdict(&m->entry[i].verdict[k], out);
        }
    }
    sp_wr_bool(out, m->more);
}

static void put_words(
    const struct sp_told_verdict *v, uint32_t count, struct sp_buf *out)
{
    sp_wr_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_verdict(&v[i], out);
    }
}

static void put_dot(const struct sp_dot *d, struct sp_buf *out)
{
    sp_wr_array(out, 2);
    sp_wr_uint(out, d->replica);
    sp_wr_uint(out, d->counter);
}

void sp_message_words(const struct sp_words_request *m, struct sp_buf *out)
{
    begin(out, SP_MSG_WORDS, 5);
    sp_wr_uint(out, m->position);
    put_words(m->word, m->word_count, out);
    if (m->held_after.replica == 0) {
        sp_wr_nil(out);
    } else {
        put_dot(&m->held_after, out);
    }
    sp_wr_array(out, m->held_count);
    for (uint32_t i = 0; i < m->held_count; i++) {
        put_dot(&m->held[i], out);
    }
    sp_wr_bool(out, m->held_more);
}

static void put_passed(const struct sp_passed *p, struct sp_buf *out)
{
    sp_wr_array(out, 6);
    sp_wr_uint(out, p->replica);
    sp_wr_uint(out, p->n);
    sp_wr_bool(out, p->released);
    sp_wr_bin(out, p->prev, sizeof p->prev);
    sp_wr_bin(out, p->commit.data, p->commit.size);
    sp_wr_bin(out, p->signature, sizeof p->signature);
}

void sp_message_words_reply(const struct sp_words_reply *m, struct sp_buf *out)
{
    begin(out, SP_MSG_WORDS_REPLY, 5);
    sp_wr_uint(out, m->position);
    put_words(m->word, m->word_count, out);
    sp_wr_array(out, m->passed_count);
    for (uint32_t i = 0; i < m->passed_count; i++) {
        put_passed(&m->passed[i], out);
    }
    sp_wr_array(out, m->gone_count);
    for (uint32_t i = 0; i < m->gone_count; i++) {
        sp_wr_uint(out, m->gone[i]);
    }
    sp_wr_bool(out, m->more);
}

void sp_message_finish(const struct sp_finish *m, struct sp_buf *out)
{
    begin(out, SP_MSG_FINISH, m->told_count > 0 ? 3 : 1);
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        put_point(&m->confirmed[i], out);
    }
    if (m->told_count == 0) {
        return;
    }
    sp_wr_bin(out, m->history.b, sizeof m->history.b);
    sp_wr_array(out, m->told_count);
    for (uint32_t i = 0; i < m->told_count; i++) {
        sp_wr_array(out, 2);
        sp_wr_bin(out, m->told[i].scope.b, sizeof m->told[i].scope.b);
        sp_wr_uint(out, m->told[i].place);
    }
}

void sp_message_finished(struct sp_buf *out)
{
    begin(out, SP_MSG_FINISHED, 0);
}

void sp_message_enrol(
    enum sp_message_type type, struct sp_slice body, struct sp_buf *out)
{
    begin(out, type, 1);
    sp_wr_bin(out, body.data, body.size);
}

void sp_message_error(sp_err code, struct sp_buf *out)
{
    begin(out, SP_MSG_ERROR, 1);
    sp_wr_uint(out, code);
}
