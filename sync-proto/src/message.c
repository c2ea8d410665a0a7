/* message.c - see message.h; the forms stand in PROTOCOL.md, "Messages". */
#include "sp/message.h"

#include <string.h>

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

static void read_point(struct sp_rd *r, struct sp_point *p)
{
    if (sp_rd_peek(r) == SP_KIND_UINT) {
        p->n = sp_rd_uint(r, 0, UINT64_MAX - 1);
        return;
    }
    sp_rd_array_of(r, 3);
    p->replica = sp_rd_uint(r, 1, UINT64_MAX);
    p->n = sp_rd_uint(r, 0, UINT64_MAX - 1);
    sp_rd_fixed(r, p->hash, sizeof p->hash);
}

static void put_upper(const struct sp_upper *u, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    put_point(&u->received, out);
    sp_wr_uint(out, u->safe);
    sp_wr_bin(out, u->safe_hash, sizeof u->safe_hash);
}

static void read_upper_point(struct sp_rd *r, struct sp_upper *u)
{
    sp_rd_array_of(r, 3);
    read_point(r, &u->received);
    u->safe = sp_rd_uint(r, 0, UINT64_MAX - 1);
    sp_rd_fixed(r, u->safe_hash, sizeof u->safe_hash);
}

static void put_verdict(const struct sp_told_verdict *v, struct sp_buf *out)
{
    sp_wr_array(out, 10);
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
}

static void read_verdict(struct sp_rd *r, struct sp_told_verdict *v)
{
    sp_rd_array_of(r, 10);
    v->replica = sp_rd_uint(r, 1, UINT64_MAX);
    v->n = sp_rd_uint(r, 1, UINT64_MAX - 1);
    sp_rd_fixed(r, v->content.b, sizeof v->content.b);
    v->verdict.kind =
        (enum sp_verdict_kind)sp_rd_uint(r, SP_DEFERRED, SP_ACCEPTED);
    v->verdict.code = (sp_err)sp_rd_uint(r, 0, UINT16_MAX);
    v->verdict.type = (uint16_t)sp_rd_uint(r, 0, SP_TYPE_MAX);
    v->verdict.field = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    v->verdict.rule = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    v->verdict.judge = (uint32_t)sp_rd_uint(r, 0, INT32_MAX);
    v->verdict.at_ms = sp_rd_uint(r, 0, UINT64_MAX);
}

/* Array header and the memory for its elements; 0 on any error. */
static uint32_t read_list(struct sp_rd *r, uint32_t max, struct sp_arena *a,
    size_t element, void *out)
{
    uint32_t count = sp_rd_array(r, max);
    void *list = NULL;
    if (count > 0) {
        list = sp_arena_take(a, count, element);
        if (list == NULL) {
            sp_rd_fail(r, SP_E_NOMEM);
            count = 0;
        }
    }
    memcpy(out, &list, sizeof list);
    return count;
}

static uint32_t read_verdicts(
    struct sp_rd *r, struct sp_arena *a, struct sp_told_verdict **out)
{
    uint32_t count = read_list(r, SP_VERDICTS_MAX, a, sizeof **out, out);
    for (uint32_t i = 0; i < count; i++) {
        read_verdict(r, &(*out)[i]);
    }
    return count;
}

static uint32_t read_points(
    struct sp_rd *r, uint32_t max, struct sp_arena *a, struct sp_point **out)
{
    uint32_t count = read_list(r, max, a, sizeof **out, out);
    for (uint32_t i = 0; i < count; i++) {
        read_point(r, &(*out)[i]);
    }
    return count;
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

static void read_told_body(
    struct sp_rd *r, struct sp_arena *a, struct sp_told *t)
{
    sp_rd_array_of(r, 4);
    t->roster = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    t->point_count = read_points(r, SP_REPLICAS_MAX, a, &t->point);
    t->upper_count =
        read_list(r, SP_REPLICAS_MAX, a, sizeof *t->upper, &t->upper);
    for (uint32_t i = 0; i < t->upper_count; i++) {
        read_upper_point(r, &t->upper[i]);
    }
    t->verdict_count = read_verdicts(r, a, &t->verdict);
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

static void read_told(struct sp_rd *r, struct sp_arena *a, struct sp_told *t)
{
    sp_rd_array_of(r, 2);
    const uint8_t *start = r->at;
    read_told_body(r, a, t);
    t->bytes = sp_slice_of(start, (size_t)(r->at - start));
    t->is_signed = sp_rd_peek(r) != SP_KIND_NIL;
    if (t->is_signed) {
        sp_rd_fixed(r, t->signature, sizeof t->signature);
    } else {
        sp_rd_nil(r);
    }
}

static void begin(struct sp_buf *out, enum sp_message_type type, uint32_t parts)
{
    sp_wr_array(out, parts + 1);
    sp_wr_uint(out, type);
}

static void read_begin(struct sp_rd *r, struct sp_slice in,
    enum sp_message_type type, uint32_t parts)
{
    sp_rd_init(r, in);
    sp_rd_array_of(r, parts + 1);
    (void)sp_rd_uint(r, type, type);
}

sp_err sp_message_type(struct sp_slice in, enum sp_message_type *out)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    if (sp_rd_array(&r, 16) == 0) {
        sp_rd_fail(&r, SP_E_MALFORMED);
    }
    uint64_t type = sp_rd_uint(&r, SP_MSG_OPEN, SP_MSG_ERROR);
    if (r.err == SP_OK) {
        *out = (enum sp_message_type)type;
    }
    return r.err;
}

/* ---- handshake payloads ------------------------------------------------ */

void sp_message_hello(const struct sp_hello *m, struct sp_buf *out)
{
    sp_wr_array(out, 7);
    sp_wr_uint(out, m->version);
    sp_wr_uint(out, m->replica);
    sp_wr_bin(out, m->digest, sizeof m->digest);
    sp_wr_uint(out, m->n);
    sp_wr_bin(out, m->hash, sizeof m->hash);
    sp_wr_bin(out, m->token, sizeof m->token);
    sp_wr_uint(out, m->now_ms);
}

sp_err sp_message_read_hello(struct sp_slice in, struct sp_hello *m)
{
    struct sp_rd r;
    struct sp_hello h = { 0 };
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 7);
    h.version = (uint32_t)sp_rd_uint(&r, 1, UINT16_MAX);
    h.replica = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, h.digest, sizeof h.digest);
    h.n = sp_rd_uint(&r, 0, UINT64_MAX - 1);
    sp_rd_fixed(&r, h.hash, sizeof h.hash);
    sp_rd_fixed(&r, h.token, sizeof h.token);
    h.now_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = h;
    }
    return err;
}

void sp_message_hello_reply(const struct sp_hello_reply *m, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    sp_wr_uint(out, m->status);
    sp_wr_uint(out, m->code);
    sp_wr_uint(out, m->now_ms);
}

sp_err sp_message_read_hello_reply(struct sp_slice in, struct sp_hello_reply *m)
{
    struct sp_rd r;
    struct sp_hello_reply h = { 0 };
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 3);
    h.status = (enum sp_hello_status)sp_rd_uint(&r, SP_HELLO_GO, SP_HELLO_NO);
    h.code = (sp_err)sp_rd_uint(&r, 0, UINT16_MAX);
    h.now_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = h;
    }
    return err;
}

/* ---- open and welcome -------------------------------------------------- */

void sp_message_open(const struct sp_open *m, struct sp_buf *out)
{
    begin(out, SP_MSG_OPEN, 4);
    sp_wr_bin(out, m->history.b, sizeof m->history.b);
    sp_wr_bin(out, m->documents.b, sizeof m->documents.b);
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

sp_err sp_message_read_open(
    struct sp_slice in, struct sp_arena *a, struct sp_open *m)
{
    struct sp_rd r;
    struct sp_open o = { 0 };
    read_begin(&r, in, SP_MSG_OPEN, 4);
    sp_rd_fixed(&r, o.history.b, sizeof o.history.b);
    sp_rd_fixed(&r, o.documents.b, sizeof o.documents.b);
    o.head_count = read_points(&r, SP_REPLICAS_MAX, a, &o.head);
    o.held_count = read_list(&r, SP_SCOPES_MAX, a, sizeof *o.held, &o.held);
    for (uint32_t i = 0; i < o.held_count; i++) {
        sp_rd_array_of(&r, 2);
        sp_rd_fixed(&r, o.held[i].scope.b, sizeof o.held[i].scope.b);
        o.held[i].since = sp_rd_uint(&r, 0, UINT64_MAX);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = o;
    }
    return err;
}

void sp_message_welcome(const struct sp_welcome *m, struct sp_buf *out)
{
    begin(out, SP_MSG_WELCOME, 6);
    sp_wr_bin(out, m->history.b, sizeof m->history.b);
    sp_wr_uint(out, m->replica);
    sp_wr_bin(out, m->documents.b, sizeof m->documents.b);
    sp_wr_array(out, m->scope_count);
    for (uint32_t i = 0; i < m->scope_count; i++) {
        const struct sp_welcome_scope *s = &m->scope[i];
        sp_wr_array(out, 4);
        sp_wr_bin(out, s->scope.b, sizeof s->scope.b);
        sp_wr_bool(out, s->served);
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
}

sp_err sp_message_read_welcome(
    struct sp_slice in, struct sp_arena *a, struct sp_welcome *m)
{
    struct sp_rd r;
    struct sp_welcome w = { 0 };
    read_begin(&r, in, SP_MSG_WELCOME, 6);
    sp_rd_fixed(&r, w.history.b, sizeof w.history.b);
    w.replica = sp_rd_uint(&r, 1, UINT64_MAX);
    sp_rd_fixed(&r, w.documents.b, sizeof w.documents.b);
    w.scope_count = read_list(&r, SP_SCOPES_MAX, a, sizeof *w.scope, &w.scope);
    for (uint32_t i = 0; i < w.scope_count; i++) {
        struct sp_welcome_scope *s = &w.scope[i];
        sp_rd_array_of(&r, 4);
        sp_rd_fixed(&r, s->scope.b, sizeof s->scope.b);
        s->served = sp_rd_bool(&r);
        s->grant = (uint32_t)sp_rd_uint(&r, 0, SP_SCOPES_MAX);
        sp_rd_fixed(&r, s->key, sizeof s->key);
        if (i > 0 && sp_id_cmp(&w.scope[i - 1].scope, &s->scope) >= 0) {
            sp_rd_fail(&r, SP_E_MALFORMED);
        }
    }
    w.grant_count = read_list(&r, SP_SCOPES_MAX, a, sizeof *w.grant, &w.grant);
    for (uint32_t i = 0; i < w.grant_count; i++) {
        sp_rd_array_of(&r, 2);
        sp_rd_fixed(&r, w.grant[i].digest, sizeof w.grant[i].digest);
        w.grant[i].list = sp_rd_value(&r);
    }
    for (uint32_t i = 0; i < w.scope_count; i++) {
        if (w.scope[i].grant >= w.grant_count) {
            sp_rd_fail(&r, SP_E_MALFORMED);
        }
    }
    read_told(&r, a, &w.told);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = w;
    }
    return err;
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

static uint32_t read_names(
    struct sp_rd *r, struct sp_arena *a, struct sp_document_name **out)
{
    uint32_t count = read_list(r, SP_DOCUMENTS_MAX, a, sizeof **out, out);
    for (uint32_t i = 0; i < count; i++) {
        sp_rd_array_of(r, 3);
        (*out)[i].kind = (uint32_t)sp_rd_uint(r, 1, 255);
        (*out)[i].unit = sp_rd_str(r, 64);
        (*out)[i].serial = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    }
    return count;
}

void sp_message_documents(
    const struct sp_documents *m, bool reply, struct sp_buf *out)
{
    begin(out, reply ? SP_MSG_DOCUMENTS_REPLY : SP_MSG_DOCUMENTS, 4);
    put_names(m->have, m->have_count, out);
    sp_wr_array(out, m->given_count);
    for (uint32_t i = 0; i < m->given_count; i++) {
        sp_wr_bin(out, m->given[i].data, m->given[i].size);
    }
    put_names(m->want, m->want_count, out);
    sp_wr_bool(out, m->more);
}

sp_err sp_message_read_documents(
    struct sp_slice in, struct sp_arena *a, struct sp_documents *m)
{
    struct sp_rd r;
    struct sp_documents d = { 0 };
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 5);
    (void)sp_rd_uint(&r, SP_MSG_DOCUMENTS, SP_MSG_DOCUMENTS_REPLY);
    d.have_count = read_names(&r, a, &d.have);
    d.given_count =
        read_list(&r, SP_DOCUMENTS_MAX, a, sizeof *d.given, &d.given);
    for (uint32_t i = 0; i < d.given_count; i++) {
        d.given[i] = sp_rd_bin(&r, SP_DOCUMENT_BYTES_MAX);
    }
    d.want_count = read_names(&r, a, &d.want);
    d.more = sp_rd_bool(&r);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = d;
    }
    return err;
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

static void read_batch(struct sp_rd *r, struct sp_arena *a, struct sp_batch *b)
{
    sp_rd_array_of(r, 6);
    b->replica = sp_rd_uint(r, 0, UINT64_MAX);
    b->from = sp_rd_uint(r, 1, UINT64_MAX - SP_BATCH_COMMITS_MAX);
    b->prev = sp_rd_bin(r, SP_HASH_BYTES);
    if (b->prev.size != 8 && b->prev.size != SP_HASH_BYTES) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    b->count =
        read_list(r, SP_BATCH_COMMITS_MAX, a, sizeof *b->commit, &b->commit);
    for (uint32_t k = 0; k < b->count; k++) {
        b->commit[k] = sp_rd_bin(r, SP_COMMIT_BYTES_MAX);
    }
    if (b->count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    sp_rd_fixed(r, b->signature, sizeof b->signature);
    b->verdict_count = read_verdicts(r, a, &b->verdict);
}

sp_err sp_message_read_push(
    struct sp_slice in, struct sp_arena *a, struct sp_push *m)
{
    struct sp_rd r;
    struct sp_push p = { 0 };
    read_begin(&r, in, SP_MSG_PUSH, 1);
    p.count = read_list(&r, SP_BATCH_COMMITS_MAX, a, sizeof *p.batch, &p.batch);
    for (uint32_t i = 0; i < p.count; i++) {
        read_batch(&r, a, &p.batch[i]);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
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

sp_err sp_message_read_pushed(
    struct sp_slice in, struct sp_arena *a, struct sp_pushed *m)
{
    struct sp_rd r;
    struct sp_pushed p = { 0 };
    read_begin(&r, in, SP_MSG_PUSHED, 2);
    read_told(&r, a, &p.told);
    p.moved_count = read_list(&r, SP_SCOPES_MAX, a, sizeof *p.moved, &p.moved);
    for (uint32_t i = 0; i < p.moved_count; i++) {
        sp_rd_array_of(&r, 2);
        p.moved[i].index = (uint32_t)sp_rd_uint(&r, 0, SP_SCOPES_MAX - 1);
        p.moved[i].since = sp_rd_uint(&r, 0, UINT64_MAX);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
}

/* ---- pull -------------------------------------------------------------- */

static void put_ref(const struct sp_ref *ref, struct sp_buf *out)
{
    sp_wr_uint(out, ref->type);
    sp_wr_bin(out, ref->id.b, sizeof ref->id.b);
}

static void read_ref(struct sp_rd *r, struct sp_ref *ref)
{
    ref->type = (uint16_t)sp_rd_uint(r, 1, SP_TYPE_MAX);
    sp_rd_fixed(r, ref->id.b, sizeof ref->id.b);
}

static void put_position(const struct sp_position *p, struct sp_buf *out)
{
    sp_wr_uint(out, p->index);
    sp_wr_uint(out, p->since);
    sp_wr_uint(out, p->mark);
    sp_wr_uint(out, p->lane);
    sp_wr_uint(out, p->seq);
}

static void read_position(struct sp_rd *r, struct sp_position *p)
{
    p->index = (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
    p->since = sp_rd_uint(r, 0, UINT64_MAX);
    p->mark = sp_rd_uint(r, 0, UINT64_MAX);
    p->lane = (uint32_t)sp_rd_uint(r, 0, SP_LANES);
    p->seq = sp_rd_uint(r, 0, UINT64_MAX);
}

void sp_message_pull(const struct sp_pull *m, struct sp_buf *out)
{
    begin(out, SP_MSG_PULL, 2);
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
}

sp_err sp_message_read_pull(
    struct sp_slice in, struct sp_arena *a, struct sp_pull *m)
{
    struct sp_rd r;
    struct sp_pull p = { 0 };
    read_begin(&r, in, SP_MSG_PULL, 2);
    p.ask_count = read_list(&r, SP_PAGE_ITEMS_MAX, a, sizeof *p.ask, &p.ask);
    for (uint32_t i = 0; i < p.ask_count; i++) {
        sp_rd_array_of(&r, 2);
        read_ref(&r, &p.ask[i]);
    }
    p.count = read_list(&r, SP_SCOPES_MAX, a, sizeof *p.position, &p.position);
    for (uint32_t i = 0; i < p.count; i++) {
        sp_rd_array_of(&r, 5);
        read_position(&r, &p.position[i]);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
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
    sp_wr_uint(out, i->index);
    if (i->kind == SP_ITEM_RECORD) {
        sp_wr_bin(out, i->bytes.data, i->bytes.size);
        return;
    }
    put_ref(&i->ref, out);
    if (i->kind == SP_ITEM_HAVE) {
        sp_wr_bin(out, i->hash, sizeof i->hash);
    }
}

static void read_item(struct sp_rd *r, struct sp_item *i)
{
    uint32_t parts = sp_rd_array(r, 5);
    i->kind = (enum sp_item_kind)sp_rd_uint(r, SP_ITEM_RECORD, SP_ITEM_LEFT);
    i->index = (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
    uint32_t want = 3;
    if (i->kind == SP_ITEM_RECORD) {
        i->bytes = sp_rd_bin(r, SP_RECORD_BYTES_MAX);
    } else {
        read_ref(r, &i->ref);
        want = 4;
    }
    if (i->kind == SP_ITEM_HAVE) {
        sp_rd_fixed(r, i->hash, sizeof i->hash);
        want = 5;
    }
    if (parts != want) {
        sp_rd_fail(r, SP_E_MALFORMED);
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

sp_err sp_message_read_page(
    struct sp_slice in, struct sp_arena *a, struct sp_page *m)
{
    struct sp_rd r;
    struct sp_page p = { 0 };
    read_begin(&r, in, SP_MSG_PAGE, 3);
    p.item_count = read_list(&r, SP_PAGE_ITEMS_MAX, a, sizeof *p.item, &p.item);
    for (uint32_t i = 0; i < p.item_count; i++) {
        read_item(&r, &p.item[i]);
    }
    p.count = read_list(&r, SP_SCOPES_MAX, a, sizeof *p.position, &p.position);
    for (uint32_t i = 0; i < p.count; i++) {
        uint32_t parts = sp_rd_array(&r, 6);
        read_position(&r, &p.position[i].position);
        p.position[i].complete = parts == 6;
        if (parts == 6) {
            sp_rd_fixed(&r, p.position[i].sum, sizeof p.position[i].sum);
        } else if (parts != 5) {
            sp_rd_fail(&r, SP_E_MALFORMED);
        }
    }
    p.left = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
}

/* ---- head office's part, the end, enrolment, errors -------------------- */

void sp_message_upper(const struct sp_upper_request *m, struct sp_buf *out)
{
    begin(out, SP_MSG_UPPER, 1);
    sp_wr_uint(out, m->after);
}

sp_err sp_message_read_upper(struct sp_slice in, struct sp_upper_request *m)
{
    struct sp_rd r;
    read_begin(&r, in, SP_MSG_UPPER, 1);
    uint64_t after = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        m->after = after;
    }
    return err;
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

sp_err sp_message_read_upper_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_upper_reply *m)
{
    struct sp_rd r;
    struct sp_upper_reply u = { 0 };
    read_begin(&r, in, SP_MSG_UPPER_REPLY, 2);
    u.count = read_list(&r, SP_ITEMS_MAX, a, sizeof *u.entry, &u.entry);
    for (uint32_t i = 0; i < u.count; i++) {
        sp_rd_array_of(&r, 2);
        read_upper_point(&r, &u.entry[i].point);
        u.entry[i].verdict_count = read_verdicts(&r, a, &u.entry[i].verdict);
    }
    u.more = sp_rd_bool(&r);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = u;
    }
    return err;
}

void sp_message_finish(const struct sp_finish *m, struct sp_buf *out)
{
    begin(out, SP_MSG_FINISH, 1);
    sp_wr_array(out, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        put_point(&m->confirmed[i], out);
    }
}

sp_err sp_message_read_finish(
    struct sp_slice in, struct sp_arena *a, struct sp_finish *m)
{
    struct sp_rd r;
    struct sp_finish f = { 0 };
    read_begin(&r, in, SP_MSG_FINISH, 1);
    f.count = read_points(&r, SP_VERDICTS_MAX, a, &f.confirmed);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = f;
    }
    return err;
}

void sp_message_finished(struct sp_buf *out)
{
    begin(out, SP_MSG_FINISHED, 0);
}

sp_err sp_message_read_finished(struct sp_slice in)
{
    struct sp_rd r;
    read_begin(&r, in, SP_MSG_FINISHED, 0);
    return sp_rd_done(&r);
}

void sp_message_enrol(
    enum sp_message_type type, struct sp_slice body, struct sp_buf *out)
{
    begin(out, type, 1);
    sp_wr_bin(out, body.data, body.size);
}

sp_err sp_message_read_enrol(struct sp_slice in, struct sp_slice *body)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 2);
    (void)sp_rd_uint(&r, SP_MSG_ENROL, SP_MSG_ENROLLED);
    struct sp_slice b = sp_rd_bin(&r, SP_STRING_BYTES_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *body = b;
    }
    return err;
}

void sp_message_error(sp_err code, struct sp_buf *out)
{
    begin(out, SP_MSG_ERROR, 1);
    sp_wr_uint(out, code);
}

sp_err sp_message_read_error(struct sp_slice in, sp_err *code)
{
    struct sp_rd r;
    read_begin(&r, in, SP_MSG_ERROR, 1);
    uint64_t c = sp_rd_uint(&r, 1, UINT16_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *code = (sp_err)c;
    }
    return err;
}
