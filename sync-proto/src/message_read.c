/* message_read.c - messages taken apart, nothing but the canonical form. */
#include "sp/message.h"

#include <string.h>

#include "sp/limits.h"
#include "sp/pack.h"

static void read_point(struct sp_rd *r, struct sp_point *p)
{
    sp_rd_array_of(r, 3);
    p->replica = sp_rd_uint(r, 1, UINT64_MAX);
    p->n = sp_rd_uint(r, 0, SP_COUNTER_MAX);
    sp_rd_fixed(r, p->hash, sizeof p->hash);
}

static void read_upper_point(struct sp_rd *r, struct sp_upper *u)
{
    sp_rd_array_of(r, 3);
    read_point(r, &u->received);
    u->safe = sp_rd_uint(r, 0, SP_COUNTER_MAX);
    sp_rd_fixed(r, u->safe_hash, sizeof u->safe_hash);
}

static void read_verdict(struct sp_rd *r, struct sp_told_verdict *v)
{
    uint32_t elements = sp_rd_array(r, 11);
    v->replica = sp_rd_uint(r, 1, UINT64_MAX);
    v->n = sp_rd_uint(r, 1, SP_COUNTER_MAX);
    sp_rd_fixed(r, v->content.b, sizeof v->content.b);
    v->verdict.kind =
        (enum sp_verdict_kind)sp_rd_uint(r, SP_DEFERRED, SP_ACCEPTED);
    v->verdict.code = (sp_err)sp_rd_uint(r, 0, UINT16_MAX);
    v->verdict.type = (uint16_t)sp_rd_uint(r, 0, SP_TYPE_MAX);
    v->verdict.field = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    v->verdict.rule = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    v->verdict.judge = (uint32_t)sp_rd_uint(r, 0, INT32_MAX);
    v->verdict.at_ms = sp_rd_uint(r, 0, UINT64_MAX);
    v->verdict.erased = elements == 11 && sp_rd_bool(r);
    if (elements < 10 || (elements == 11 && !v->verdict.erased) ||
        (v->verdict.erased && v->verdict.kind == SP_DEFERRED)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
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

/* The first frontier of a told may be short (message.h). */
static uint32_t read_frontiers(
    struct sp_rd *r, struct sp_arena *a, struct sp_point **out)
{
    uint32_t count = read_list(r, SP_REPLICAS_MAX, a, sizeof **out, out);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 && sp_rd_peek(r) == SP_KIND_UINT) {
            (*out)[i].n = sp_rd_uint(r, 1, SP_COUNTER_MAX);
        } else {
            read_point(r, &(*out)[i]);
        }
    }
    return count;
}

static void read_told_body(
    struct sp_rd *r, struct sp_arena *a, struct sp_told *t)
{
    sp_rd_array_of(r, 4);
    t->roster = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    t->point_count = read_frontiers(r, a, &t->point);
    t->upper_count =
        read_list(r, SP_REPLICAS_MAX, a, sizeof *t->upper, &t->upper);
    for (uint32_t i = 0; i < t->upper_count; i++) {
        read_upper_point(r, &t->upper[i]);
    }
    t->verdict_count = read_verdicts(r, a, &t->verdict);
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
    uint64_t type = sp_rd_uint(&r, SP_MSG_OPEN, SP_MSG_WORDS_REPLY);
    if (r.err == SP_OK) {
        *out = (enum sp_message_type)type;
    }
    return r.err;
}

sp_err sp_message_read_hello(struct sp_slice in, struct sp_hello *m)
{
    struct sp_rd r;
    struct sp_hello h = { 0 };
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 6);
    h.version = (uint32_t)sp_rd_uint(&r, 1, UINT16_MAX);
    h.replica = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_rd_fixed(&r, h.digest, sizeof h.digest);
    sp_rd_fixed(&r, h.documents.b, sizeof h.documents.b);
    sp_rd_fixed(&r, h.token, sizeof h.token);
    h.now_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = h;
    }
    return err;
}

sp_err sp_message_read_hello_reply(struct sp_slice in, struct sp_hello_reply *m)
{
    struct sp_rd r;
    struct sp_hello_reply h = { 0 };
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 3);
    h.status =
        (enum sp_hello_status)sp_rd_uint(&r, SP_HELLO_GO, SP_HELLO_DOCUMENTS);
    h.code = (sp_err)sp_rd_uint(&r, 0, UINT16_MAX);
    h.now_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = h;
    }
    return err;
}

sp_err sp_message_read_open(
    struct sp_slice in, struct sp_arena *a, struct sp_open *m)
{
    struct sp_rd r;
    struct sp_open o = { 0 };
    read_begin(&r, in, SP_MSG_OPEN, 5);
    sp_rd_fixed(&r, o.history.b, sizeof o.history.b);
    sp_rd_fixed(&r, o.documents.b, sizeof o.documents.b);
    o.documents_n = sp_rd_uint(&r, 0, SP_COUNTER_MAX);
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

static void read_content(struct sp_rd *r, struct sp_arena *a, uint32_t scopes,
    struct sp_welcome_content *c)
{
    sp_rd_array_of(r, 3);
    c->server = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    sp_rd_fixed(r, c->history.b, sizeof c->history.b);
    uint32_t numbers = sp_rd_array(r, 2u * SP_SCOPES_MAX);
    c->count = numbers / 2;
    c->place = sp_arena_take(a, c->count + 1u, sizeof *c->place);
    if (c->place == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
    }
    if (numbers % 2 != 0 || numbers == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < c->count && r->err == SP_OK; i++) {
        c->place[i].index = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
        c->place[i].place = sp_rd_uint(r, 1, UINT64_MAX);
        if (c->place[i].index >= scopes ||
            (i > 0 && c->place[i - 1].index >= c->place[i].index)) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

/* Each history of a server once; a list that is there names one. */
static void read_contents(
    struct sp_rd *r, struct sp_arena *a, struct sp_welcome *w)
{
    w->content_count =
        read_list(r, SP_CONTENTS_MAX, a, sizeof *w->content, &w->content);
    if (w->content_count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < w->content_count && r->err == SP_OK; i++) {
        read_content(r, a, w->scope_count, &w->content[i]);
        const struct sp_welcome_content *c = &w->content[i];
        if (i > 0 && (c[-1].server > c->server ||
                         (c[-1].server == c->server &&
                             sp_id_cmp(&c[-1].history, &c->history) >= 0))) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

sp_err sp_message_read_welcome(
    struct sp_slice in, struct sp_arena *a, struct sp_welcome *m)
{
    struct sp_rd r;
    struct sp_welcome w = { 0 };
    sp_rd_init(&r, in);
    uint32_t parts = sp_rd_array(&r, 8);
    (void)sp_rd_uint(&r, SP_MSG_WELCOME, SP_MSG_WELCOME);
    sp_rd_fixed(&r, w.history.b, sizeof w.history.b);
    w.replica = sp_rd_uint(&r, 1, UINT64_MAX);
    sp_rd_fixed(&r, w.documents.b, sizeof w.documents.b);
    w.scope_count = read_list(&r, SP_SCOPES_MAX, a, sizeof *w.scope, &w.scope);
    for (uint32_t i = 0; i < w.scope_count; i++) {
        struct sp_welcome_scope *s = &w.scope[i];
        sp_rd_array_of(&r, 4);
        sp_rd_fixed(&r, s->scope.b, sizeof s->scope.b);
        s->served =
            (enum sp_serves)sp_rd_uint(&r, SP_SERVES_NOT, SP_SERVES_TOO);
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
    if (parts == 8) {
        read_contents(&r, a, &w);
    } else if (parts != 7) {
        sp_rd_fail(&r, SP_E_MALFORMED);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = w;
    }
    return err;
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

static void read_given(
    struct sp_rd *r, struct sp_arena *a, struct sp_documents *d)
{
    d->given_count =
        read_list(r, SP_DOCUMENTS_MAX, a, sizeof *d->given, &d->given);
    for (uint32_t i = 0; i < d->given_count; i++) {
        d->given[i] = sp_rd_bin(r, SP_DOCUMENT_BYTES_MAX);
    }
}

sp_err sp_message_read_documents(
    struct sp_slice in, struct sp_arena *a, struct sp_documents *m)
{
    struct sp_rd r;
    struct sp_documents d = { 0 };
    read_begin(&r, in, SP_MSG_DOCUMENTS, 3);
    d.have_count = read_names(&r, a, &d.have);
    read_given(&r, a, &d);
    d.want_count = read_names(&r, a, &d.want);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = d;
    }
    return err;
}

sp_err sp_message_read_documents_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_documents *m)
{
    struct sp_rd r;
    struct sp_documents d = { 0 };
    read_begin(&r, in, SP_MSG_DOCUMENTS_REPLY, 4);
    read_given(&r, a, &d);
    d.want_count = read_names(&r, a, &d.want);
    d.more = sp_rd_bool(&r);
    sp_rd_fixed(&r, d.digest.b, sizeof d.digest.b);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = d;
    }
    return err;
}

static void read_batch(struct sp_rd *r, struct sp_arena *a, struct sp_batch *b)
{
    sp_rd_array_of(r, 6);
    b->replica = sp_rd_uint(r, 0, UINT64_MAX);
    b->from = sp_rd_uint(r, 1, SP_COUNTER_MAX - SP_BATCH_COMMITS_MAX);
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
    p.count = read_list(&r, SP_REPLICAS_MAX, a, sizeof *p.batch, &p.batch);
    for (uint32_t i = 0; i < p.count; i++) {
        read_batch(&r, a, &p.batch[i]);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
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

static void read_ref(struct sp_rd *r, struct sp_ref *ref)
{
    ref->type = (uint16_t)sp_rd_uint(r, 1, SP_TYPE_MAX);
    sp_rd_fixed(r, ref->id.b, sizeof ref->id.b);
}

static void read_position(struct sp_rd *r, struct sp_position *p)
{
    p->index = (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
    p->since = sp_rd_uint(r, 0, UINT64_MAX);
    p->mark = sp_rd_uint(r, 0, UINT64_MAX);
    p->lane = (uint32_t)sp_rd_uint(r, 0, SP_LANES);
    p->seq = sp_rd_uint(r, 0, UINT64_MAX);
}

static void read_widenings(
    struct sp_rd *r, struct sp_arena *a, struct sp_pull *p)
{
    p->widening_count =
        read_list(r, SP_SCOPES_MAX, a, sizeof *p->widening, &p->widening);
    if (p->widening_count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < p->widening_count; i++) {
        struct sp_widening *w = &p->widening[i];
        sp_rd_array_of(r, 2);
        w->index = (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
        w->keys = sp_rd_value(r);
        if (i > 0 && w[-1].index >= w->index) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
    p->only = sp_rd_bool(r);
}

sp_err sp_message_read_pull(
    struct sp_slice in, struct sp_arena *a, struct sp_pull *m)
{
    struct sp_rd r;
    struct sp_pull p = { 0 };
    sp_rd_init(&r, in);
    uint32_t parts = sp_rd_array(&r, 5);
    (void)sp_rd_uint(&r, SP_MSG_PULL, SP_MSG_PULL);
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
    if (parts == 5) {
        read_widenings(&r, a, &p);
    } else if (parts != 3) {
        sp_rd_fail(&r, SP_E_MALFORMED);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = p;
    }
    return err;
}

/* The scope of an item, or an array of two and more. */
static void read_item_scopes(
    struct sp_rd *r, struct sp_arena *a, struct sp_item *i)
{
    uint32_t scopes = 1;
    if (i->kind != SP_ITEM_LEFT && sp_rd_peek(r) == SP_KIND_ARRAY) {
        scopes = sp_rd_array(r, SP_RECORD_SCOPES_MAX);
        if (scopes < 2) {
            sp_rd_fail(r, SP_E_MALFORMED);
            return;
        }
        i->also = sp_arena_take(a, scopes - 1, sizeof *i->also);
        if (i->also == NULL) {
            sp_rd_fail(r, SP_E_NOMEM);
            return;
        }
    }
    i->index = (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
    for (uint32_t k = 1; k < scopes; k++) {
        i->also[i->also_count++] =
            (uint32_t)sp_rd_uint(r, 0, SP_SCOPES_MAX - 1);
    }
}

static void read_item(struct sp_rd *r, struct sp_arena *a, struct sp_item *i)
{
    uint32_t parts = sp_rd_array(r, 5);
    i->kind = (enum sp_item_kind)sp_rd_uint(r, SP_ITEM_RECORD, SP_ITEM_LEFT);
    read_item_scopes(r, a, i);
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

sp_err sp_message_read_page(
    struct sp_slice in, struct sp_arena *a, struct sp_page *m)
{
    struct sp_rd r;
    struct sp_page p = { 0 };
    read_begin(&r, in, SP_MSG_PAGE, 3);
    p.item_count = read_list(&r, SP_PAGE_ITEMS_MAX, a, sizeof *p.item, &p.item);
    for (uint32_t i = 0; i < p.item_count; i++) {
        read_item(&r, a, &p.item[i]);
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

static void read_dot(struct sp_rd *r, struct sp_dot *d)
{
    sp_rd_array_of(r, 2);
    d->replica = sp_rd_uint(r, 1, UINT64_MAX);
    d->counter = sp_rd_uint(r, 1, SP_COUNTER_MAX);
}

/* A page ascends from behind its beginning; only a page that has something has
 * another behind it. */
static void read_held(
    struct sp_rd *r, struct sp_arena *a, struct sp_words_request *w)
{
    if (sp_rd_peek(r) == SP_KIND_NIL) {
        sp_rd_nil(r);
    } else {
        read_dot(r, &w->held_after);
    }
    const struct sp_dot *before = &w->held_after;
    w->held_count = read_list(r, SP_HELD_PAGE, a, sizeof *w->held, &w->held);
    for (uint32_t i = 0; i < w->held_count; i++) {
        read_dot(r, &w->held[i]);
        if (sp_dot_cmp(before, &w->held[i]) >= 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        before = &w->held[i];
    }
    w->held_more = sp_rd_bool(r);
    if (w->held_more && w->held_count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

sp_err sp_message_read_words(
    struct sp_slice in, struct sp_arena *a, struct sp_words_request *m)
{
    struct sp_rd r;
    struct sp_words_request w = { 0 };
    read_begin(&r, in, SP_MSG_WORDS, 5);
    w.position = sp_rd_uint(&r, 0, UINT64_MAX);
    w.word_count = read_verdicts(&r, a, &w.word);
    read_held(&r, a, &w);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = w;
    }
    return err;
}

static void read_passed(struct sp_rd *r, struct sp_passed *p)
{
    sp_rd_array_of(r, 6);
    p->replica = sp_rd_uint(r, 1, UINT64_MAX);
    p->n = sp_rd_uint(r, 1, SP_COUNTER_MAX);
    p->released = sp_rd_bool(r);
    sp_rd_fixed(r, p->prev, sizeof p->prev);
    p->commit = sp_rd_bin(r, SP_COMMIT_BYTES_MAX);
    sp_rd_fixed(r, p->signature, sizeof p->signature);
}

sp_err sp_message_read_words_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_words_reply *m)
{
    struct sp_rd r;
    struct sp_words_reply w = { 0 };
    read_begin(&r, in, SP_MSG_WORDS_REPLY, 5);
    w.position = sp_rd_uint(&r, 0, UINT64_MAX);
    w.word_count = read_verdicts(&r, a, &w.word);
    w.passed_count =
        read_list(&r, SP_BATCH_COMMITS_MAX, a, sizeof *w.passed, &w.passed);
    for (uint32_t i = 0; i < w.passed_count; i++) {
        read_passed(&r, &w.passed[i]);
    }
    w.gone_count = read_list(&r, SP_VERDICTS_MAX, a, sizeof *w.gone, &w.gone);
    for (uint32_t i = 0; i < w.gone_count; i++) {
        w.gone[i] = (uint32_t)sp_rd_uint(&r, 0, SP_VERDICTS_MAX - 1);
    }
    w.more = sp_rd_bool(&r);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = w;
    }
    return err;
}

static void read_scope_places(
    struct sp_rd *r, struct sp_arena *a, struct sp_finish *f)
{
    sp_rd_fixed(r, f->history.b, sizeof f->history.b);
    f->told_count = read_list(r, SP_SCOPES_MAX, a, sizeof *f->told, &f->told);
    if (f->told_count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < f->told_count; i++) {
        sp_rd_array_of(r, 2);
        sp_rd_fixed(r, f->told[i].scope.b, sizeof f->told[i].scope.b);
        f->told[i].place = sp_rd_uint(r, 1, UINT64_MAX);
        if (i > 0 && sp_id_cmp(&f->told[i - 1].scope, &f->told[i].scope) >= 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

sp_err sp_message_read_finish(
    struct sp_slice in, struct sp_arena *a, struct sp_finish *m)
{
    struct sp_rd r;
    struct sp_finish f = { 0 };
    sp_rd_init(&r, in);
    uint32_t parts = sp_rd_array(&r, 4);
    (void)sp_rd_uint(&r, SP_MSG_FINISH, SP_MSG_FINISH);
    f.count = read_points(&r, SP_VERDICTS_MAX, a, &f.confirmed);
    if (parts == 4) {
        read_scope_places(&r, a, &f);
    } else if (parts != 2) {
        sp_rd_fail(&r, SP_E_MALFORMED);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *m = f;
    }
    return err;
}

sp_err sp_message_read_finished(struct sp_slice in)
{
    struct sp_rd r;
    read_begin(&r, in, SP_MSG_FINISHED, 0);
    return sp_rd_done(&r);
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
