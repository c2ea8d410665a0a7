#include "sp/commit.h"

#include <string.h>

#include "sp/limits.h"
#include "sp/pack.h"
#include "sp/seal.h"

/*
 * PROTOCOL.md, "Commit":
 *
 *   [ [n, time, authority, dictionary, policy, roster, contexts],
 *     [user, nonce, [[type, id, [key, value, ...]], ...]],
 *     [content id, time, authority] when it carries another's writes ]
 *
 *   key       field, or [field, element], or [field, nil] for an element that
 *             is the content id of this very commit
 *   contexts  nil when every write saw nothing, else [replicas, vectors, uses]
 */
#define CAUSAL_ELEMENTS  7u
#define CONTENT_ELEMENTS 3u
#define CARRIED_ELEMENTS 3u

_Static_assert(2 * SP_COMMIT_WRITES_MAX <= SP_ITEMS_MAX, "writes fit an array");
_Static_assert(sizeof(struct sp_id) == 16, "an id is its bytes");

static void latch(struct sp_buf *b, sp_err err)
{
    if (b->err == SP_OK) {
        b->err = err;
    }
}

static int ref_cmp(const struct sp_ref *a, const struct sp_ref *b)
{
    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }
    return sp_id_cmp(&a->id, &b->id);
}

/*
 * Whether b may follow a among the keys of a change.
 *   own  one of them has the own element, the commit's content id: that stands
 *        alone among the elements of its field, because its bytes are not
 *        known while the content is hashed, so its place would not be either
 */
static bool key_follows(
    const struct sp_key *a, const struct sp_key *b, bool own)
{
    if (a->field != b->field) {
        return a->field < b->field;
    }
    if (own) {
        return a->element.size == 0 && b->element.size > 0;
    }
    return sp_slice_cmp(a->element, b->element) < 0;
}

/* The order in which a commit lists its distinct vectors. */
static int vector_order(const struct sp_vector *a, const struct sp_vector *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    if (a->dot == b->dot) {
        return 0;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        int order = sp_dot_cmp(&a->dot[i], &b->dot[i]);

        if (order != 0) {
            return order;
        }
    }
    return 0;
}

/* Whether a context says more than an author can have seen before his own
 * commit n, or a counter that no replica can reach. */
static bool runs_ahead(
    const struct sp_vector *v, sp_replica replica, uint64_t n)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->dot[i].counter > SP_COUNTER_MAX ||
            (v->dot[i].replica == replica && v->dot[i].counter >= n)) {
            return true;
        }
    }
    return false;
}

/* The content id: BLAKE2b-128 over domain and content part (SYNC C4). */
static struct sp_id content_id(struct sp_slice content)
{
    static const char domain[] = "satchel-content";
    struct sp_hasher h;
    struct sp_id id;

    sp_hasher_init(&h, sizeof id.b, NULL);
    sp_hasher_add(&h, domain, sizeof domain - 1);
    sp_hasher_add(&h, content.data, content.size);
    sp_hasher_end(&h, id.b, sizeof id.b);
    return id;
}

/* ---- encode ------------------------------------------------------------ */

/* What the contexts of one commit have in common: each replica and each
 * vector stands once, sorted, and is named by its index. */
struct shared {
    uint32_t replicas;
    uint32_t vectors;
    sp_replica replica[SP_VECTOR_DOTS_MAX];
    const struct sp_vector *vector[SP_COMMIT_WRITES_MAX];
};

/* First place whose replica is not below r. */
static uint32_t replica_place(const struct shared *s, sp_replica r)
{
    uint32_t low = 0, high = s->replicas;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (s->replica[mid] < r) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static uint32_t vector_place(const struct shared *s, const struct sp_vector *v)
{
    uint32_t low = 0, high = s->vectors;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (vector_order(s->vector[mid], v) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static sp_err share_replica(struct shared *s, sp_replica r)
{
    uint32_t at = replica_place(s, r);

    if (at < s->replicas && s->replica[at] == r) {
        return SP_OK;
    }
    if (s->replicas == SP_VECTOR_DOTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    memmove(&s->replica[at + 1], &s->replica[at],
        (s->replicas - at) * sizeof s->replica[0]);
    s->replica[at] = r;
    s->replicas++;
    return SP_OK;
}

static sp_err share_vector(struct shared *s, const struct sp_vector *v)
{
    uint32_t at = vector_place(s, v);
    sp_err err = SP_OK;

    if (at < s->vectors && vector_order(s->vector[at], v) == 0) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < v->count && err == SP_OK; i++) {
        err = share_replica(s, v->dot[i].replica);
    }
    memmove(&s->vector[at + 1], &s->vector[at],
        (s->vectors - at) * sizeof s->vector[0]);
    s->vector[at] = v;
    s->vectors++;
    return err;
}

static bool is_own(const struct sp_commit *c, const struct sp_key *key)
{
    return sp_slice_equal(key->element, SP_SLICE(c->content.b));
}

/* Whether a decoder will take it: what stands in a journal must. before is
 * the write that it follows, NULL for the first. */
static sp_err fits(const struct sp_commit *c, const struct sp_write *w,
    const struct sp_write *before)
{
    if (w->value.size > SP_VALUE_BYTES_MAX || w->key.field > SP_FIELD_MAX ||
        w->key.element.size > SP_ELEMENT_BYTES_MAX ||
        w->context.count > SP_VECTOR_DOTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (runs_ahead(&w->context, c->replica, c->n)) {
        return SP_E_VECTOR;
    }
    if (!sp_vector_valid(&w->context) ||
        (before != NULL &&
            !key_follows(&before->key, &w->key,
                is_own(c, &before->key) || is_own(c, &w->key)))) {
        return SP_E_ARGUMENT;
    }
    return SP_OK;
}

/* Checks counts and contexts, and collects what contexts share. */
static sp_err share(
    const struct sp_commit *c, struct shared *s, uint32_t *writes)
{
    sp_err err = SP_OK;

    *writes = 0;
    if (c->count > SP_COMMIT_CHANGES_MAX || c->n > SP_COUNTER_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (c->count == 0 || c->n == 0) {
        return SP_E_ARGUMENT;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_change *change = &c->change[i];

        if (change->count > SP_COMMIT_WRITES_MAX - *writes) {
            return SP_E_TOO_LARGE;
        }
        if (change->count == 0 ||
            (i > 0 && ref_cmp(&change[-1].ref, &change->ref) >= 0)) {
            return SP_E_ARGUMENT;
        }
        *writes += change->count;
        for (uint32_t j = 0; j < change->count && err == SP_OK; j++) {
            const struct sp_write *w = &change->write[j];

            err = fits(c, w, j > 0 ? w - 1 : NULL);
            if (err == SP_OK && w->context.count > 0) {
                err = share_vector(s, &w->context);
            }
        }
    }
    return err;
}

static void encode_vector(
    const struct shared *s, const struct sp_vector *v, struct sp_buf *out)
{
    sp_wr_array(out, 2 * v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        sp_wr_uint(out, replica_place(s, v->dot[i].replica));
        sp_wr_uint(out, v->dot[i].counter);
    }
}

static void encode_contexts(const struct sp_commit *c, const struct shared *s,
    uint32_t writes, struct sp_buf *out)
{
    if (s->vectors == 0) {
        sp_wr_nil(out); /* all new: the common case of a visit */
        return;
    }
    sp_wr_array(out, 3);
    sp_wr_array(out, s->replicas);
    for (uint32_t i = 0; i < s->replicas; i++) {
        sp_wr_uint(out, s->replica[i]);
    }
    sp_wr_array(out, s->vectors);
    for (uint32_t i = 0; i < s->vectors; i++) {
        encode_vector(s, s->vector[i], out);
    }
    sp_wr_array(out, writes);
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t j = 0; j < c->change[i].count; j++) {
            const struct sp_vector *v = &c->change[i].write[j].context;

            sp_wr_uint(out, v->count == 0 ? 0 : vector_place(s, v) + 1);
        }
    }
}

static void encode_key(
    const struct sp_commit *c, const struct sp_key *key, struct sp_buf *out)
{
    if (key->element.size == 0) {
        sp_wr_uint(out, key->field);
        return;
    }
    sp_wr_array(out, 2);
    sp_wr_uint(out, key->field);
    if (is_own(c, key)) {
        sp_wr_nil(out);
    } else {
        sp_wr_bin(out, key->element.data, key->element.size);
    }
}

static void encode_change(const struct sp_commit *c,
    const struct sp_change *change, struct sp_buf *out)
{
    sp_wr_array(out, 3);
    sp_wr_uint(out, change->ref.type);
    sp_wr_bin(out, change->ref.id.b, sizeof change->ref.id.b);
    sp_wr_array(out, 2 * change->count);
    for (uint32_t i = 0; i < change->count; i++) {
        encode_key(c, &change->write[i].key, out);
        sp_wr_raw(out, change->write[i].value);
    }
}

static void encode_content(const struct sp_commit *c, struct sp_buf *out)
{
    sp_wr_array(out, CONTENT_ELEMENTS);
    sp_wr_uint(out, c->user);
    sp_wr_bin(out, c->nonce, sizeof c->nonce);
    sp_wr_array(out, c->count);
    for (uint32_t i = 0; i < c->count; i++) {
        encode_change(c, &c->change[i], out);
    }
}

void sp_commit_encode(struct sp_commit *c, struct sp_buf *out)
{
    struct shared s;
    uint32_t writes;
    size_t start = out->size, content;
    sp_err err;

    s.replicas = s.vectors = 0;
    err = share(c, &s, &writes);
    if (err != SP_OK) {
        latch(out, err);
        return;
    }
    bool carries = !sp_id_is_zero(&c->carried.content);
    struct sp_id id = { { 0 } };
    sp_wr_array(out, carries ? 3 : 2);
    sp_wr_array(out, CAUSAL_ELEMENTS);
    sp_wr_uint(out, c->n);
    sp_wr_uint(out, c->time);
    sp_wr_uint(out, c->authority);
    sp_wr_uint(out, c->dictionary);
    sp_wr_uint(out, c->policy);
    sp_wr_uint(out, c->roster);
    encode_contexts(c, &s, writes, out);
    content = out->size;
    encode_content(c, out);
    if (out->err == SP_OK) {
        id = content_id(sp_slice_of(out->data + content, out->size - content));
    }
    if (carries) {
        sp_wr_array(out, CARRIED_ELEMENTS);
        sp_wr_bin(out, c->carried.content.b, sizeof c->carried.content.b);
        sp_wr_uint(out, c->carried.time);
        sp_wr_uint(out, c->carried.authority);
    }
    if (out->err == SP_OK && out->size - start > SP_COMMIT_BYTES_MAX) {
        latch(out, SP_E_TOO_LARGE);
    }
    if (out->err == SP_OK) {
        c->content = id;
    }
}

/* ---- decode ------------------------------------------------------------ */

/* Memory for count things of a decoder, or NULL and the error latched. */
static void *take(
    struct sp_rd *r, struct sp_arena *arena, size_t count, size_t size)
{
    void *p;

    if (r->err != SP_OK || count == 0) {
        return NULL;
    }
    p = sp_arena_take(arena, count, size);
    if (p == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
    }
    return p;
}

/* The contexts as they came, until the writes are known. */
struct contexts {
    uint32_t replicas;
    uint32_t vectors;
    uint32_t uses;
    sp_replica *replica;
    struct sp_vector *vector;
    uint16_t *use; /* a write: 0 nothing seen, else index of vector plus 1 */
};

static void decode_replicas(
    struct sp_rd *r, struct sp_arena *arena, struct contexts *x)
{
    sp_replica below = 0;

    x->replicas = sp_rd_array(r, SP_VECTOR_DOTS_MAX);
    x->replica = take(r, arena, x->replicas, sizeof *x->replica);
    for (uint32_t i = 0; i < x->replicas && r->err == SP_OK; i++) {
        x->replica[i] = sp_rd_uint(r, below + 1, UINT64_MAX);
        below = x->replica[i];
        if (below == UINT64_MAX && i + 1 < x->replicas) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

/* One vector: index of replica and counter, in turn, indexes ascending. */
static void decode_vector(struct sp_rd *r, struct sp_arena *arena,
    const struct contexts *x, struct sp_vector *out)
{
    uint32_t count = sp_rd_array(r, 2 * SP_VECTOR_DOTS_MAX);
    struct sp_dot *dot;
    uint64_t least = 0;

    if (r->err == SP_OK && (count == 0 || count % 2 != 0)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    count /= 2;
    dot = take(r, arena, count, sizeof *dot);
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        uint64_t index = sp_rd_uint(r, least, x->replicas - 1);

        dot[i].counter = sp_rd_uint(r, 1, UINT64_MAX);
        if (r->err == SP_OK) {
            dot[i].replica = x->replica[index];
            least = index + 1;
            if (least == x->replicas && i + 1 < count) {
                sp_rd_fail(r, SP_E_MALFORMED);
            }
        }
    }
    if (r->err == SP_OK) {
        *out = (struct sp_vector){ count, dot };
    }
}

/* Each replica of the table is named by some vector. */
static bool replicas_used(const struct contexts *x)
{
    uint64_t seen[SP_VECTOR_DOTS_MAX / 64] = { 0 };
    uint32_t left = x->replicas;

    for (uint32_t i = 0; i < x->vectors; i++) {
        uint32_t at = 0;

        for (uint32_t j = 0; j < x->vector[i].count; j++) {
            while (x->replica[at] != x->vector[i].dot[j].replica) {
                at++;
            }
            left -= (seen[at / 64] >> at % 64 & 1) == 0;
            seen[at / 64] |= 1ull << at % 64;
        }
    }
    return left == 0;
}

static void decode_vectors(struct sp_rd *r, struct sp_arena *arena,
    const struct sp_commit *c, struct contexts *x)
{
    x->vectors = sp_rd_array(r, SP_COMMIT_WRITES_MAX);
    x->vector = take(r, arena, x->vectors, sizeof *x->vector);
    if (r->err == SP_OK && (x->vectors == 0 || x->replicas == 0)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < x->vectors && r->err == SP_OK; i++) {
        decode_vector(r, arena, x, &x->vector[i]);
        if (r->err != SP_OK) {
            return;
        }
        if (i > 0 && vector_order(&x->vector[i - 1], &x->vector[i]) >= 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        if (runs_ahead(&x->vector[i], c->replica, c->n)) {
            sp_rd_fail(r, SP_E_VECTOR);
        }
    }
    if (r->err == SP_OK && !replicas_used(x)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

static void decode_uses(
    struct sp_rd *r, struct sp_arena *arena, struct contexts *x)
{
    uint64_t seen[SP_COMMIT_WRITES_MAX / 64 + 1] = { 0 };
    uint32_t left = x->vectors;

    x->uses = sp_rd_array(r, SP_COMMIT_WRITES_MAX);
    x->use = take(r, arena, x->uses, sizeof *x->use);
    for (uint32_t i = 0; i < x->uses && r->err == SP_OK; i++) {
        uint16_t use = (uint16_t)sp_rd_uint(r, 0, x->vectors);

        x->use[i] = use;
        if (use > 0 && (seen[use / 64] >> use % 64 & 1) == 0) {
            seen[use / 64] |= 1ull << use % 64;
            left--;
        }
    }
    if (r->err == SP_OK && left != 0) {
        sp_rd_fail(r, SP_E_MALFORMED); /* a vector that no write has */
    }
}

static void decode_causal(struct sp_rd *r, struct sp_arena *arena,
    struct sp_commit *c, struct contexts *x)
{
    sp_rd_array_of(r, CAUSAL_ELEMENTS);
    c->n = sp_rd_uint(r, 1, SP_COUNTER_MAX);
    c->time = sp_rd_uint(r, 0, UINT64_MAX);
    c->authority = (uint8_t)sp_rd_uint(r, 0, SP_AUTHORITY_HEAD_OFFICE);
    c->dictionary = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    c->policy = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    c->roster = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    if (sp_rd_peek(r) == SP_KIND_NIL) {
        sp_rd_nil(r);
        return;
    }
    sp_rd_array_of(r, 3);
    decode_replicas(r, arena, x);
    decode_vectors(r, arena, c, x);
    decode_uses(r, arena, x);
}

/* own: an element that is the content id, not known before the end. */
static void decode_key(struct sp_rd *r, struct sp_slice own, struct sp_key *out)
{
    if (sp_rd_peek(r) == SP_KIND_UINT) {
        out->field = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
        out->element = (struct sp_slice){ NULL, 0 };
        return;
    }
    sp_rd_array_of(r, 2);
    out->field = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    if (sp_rd_peek(r) == SP_KIND_NIL) {
        sp_rd_nil(r);
        out->element = own;
        return;
    }
    out->element = sp_rd_bin(r, SP_ELEMENT_BYTES_MAX);
    if (r->err == SP_OK && out->element.size == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

static void decode_change(struct sp_rd *r, struct sp_arena *arena,
    struct sp_slice own, struct sp_change *out)
{
    struct sp_write *write;
    uint32_t count;
    bool own_now = false;

    sp_rd_array_of(r, 3);
    out->ref.type = (uint16_t)sp_rd_uint(r, 1, SP_TYPE_MAX);
    sp_rd_fixed(r, out->ref.id.b, sizeof out->ref.id.b);
    count = sp_rd_array(r, 2 * SP_COMMIT_WRITES_MAX);
    if (r->err == SP_OK &&
        (count == 0 || count % 2 != 0 || sp_id_is_zero(&out->ref.id))) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    count /= 2;
    write = take(r, arena, count, sizeof *write);
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        bool own_before = own_now;

        decode_key(r, own, &write[i].key);
        own_now = write[i].key.element.data == own.data;
        write[i].value = sp_rd_value(r);
        if (write[i].value.size > SP_VALUE_BYTES_MAX) {
            sp_rd_fail(r, SP_E_TOO_LARGE);
        }
        if (i > 0 && !key_follows(&write[i - 1].key, &write[i].key,
                         own_before || own_now)) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
    out->count = count;
    out->write = write;
}

static void decode_content(struct sp_rd *r, struct sp_arena *arena,
    struct sp_slice own, struct sp_commit *c)
{
    struct sp_change *change;

    sp_rd_array_of(r, CONTENT_ELEMENTS);
    c->user = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    sp_rd_fixed(r, c->nonce, sizeof c->nonce);
    c->count = sp_rd_array(r, SP_COMMIT_CHANGES_MAX);
    if (r->err == SP_OK && c->count == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    change = take(r, arena, c->count, sizeof *change);
    for (uint32_t i = 0; i < c->count && r->err == SP_OK; i++) {
        decode_change(r, arena, own, &change[i]);
        if (i > 0 && ref_cmp(&change[i - 1].ref, &change[i].ref) >= 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
    c->change = change;
}

static void decode_carried(struct sp_rd *r, struct sp_carried *out)
{
    sp_rd_array_of(r, CARRIED_ELEMENTS);
    sp_rd_fixed(r, out->content.b, sizeof out->content.b);
    out->time = sp_rd_uint(r, 0, UINT64_MAX);
    out->authority = (uint8_t)sp_rd_uint(r, 0, SP_AUTHORITY_HEAD_OFFICE);
    if (r->err == SP_OK && sp_id_is_zero(&out->content)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

/* Gives each write the context that was listed for it, in order. */
static void assign_contexts(
    struct sp_rd *r, const struct sp_commit *c, const struct contexts *x)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < c->count && r->err == SP_OK; i++) {
        const struct sp_change *change = &c->change[i];
        /* This decoder's own arena memory, const only to the reader. */
        struct sp_write *write = (struct sp_write *)change->write;

        if (change->count > SP_COMMIT_WRITES_MAX - at) {
            sp_rd_fail(r, SP_E_TOO_LARGE);
        } else if (x->uses > 0 && change->count > x->uses - at) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        for (uint32_t j = 0; j < change->count && r->err == SP_OK; j++) {
            uint16_t use = x->uses > 0 ? x->use[at + j] : 0;

            if (use > 0) {
                write[j].context = x->vector[use - 1];
            }
        }
        at += change->count;
    }
    if (x->uses > 0 && at != x->uses) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

sp_err sp_commit_decode(struct sp_slice in, sp_replica replica,
    struct sp_arena *arena, struct sp_commit *out)
{
    struct sp_commit c = { .replica = replica };
    struct contexts x = { 0 };
    struct sp_id *own;
    struct sp_rd r;
    const uint8_t *content, *content_end;
    sp_err err;

    if (in.size > SP_COMMIT_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    sp_rd_init(&r, in);
    own = take(&r, arena, 1, sizeof *own);
    uint32_t parts = sp_rd_array(&r, 3);
    if (r.err == SP_OK && parts < 2) {
        sp_rd_fail(&r, SP_E_MALFORMED);
    }
    decode_causal(&r, arena, &c, &x);
    content = r.at;
    if (own != NULL) {
        decode_content(&r, arena, SP_SLICE(own->b), &c);
    }
    content_end = r.at;
    if (parts == 3) {
        decode_carried(&r, &c.carried);
    }
    assign_contexts(&r, &c, &x);
    err = sp_rd_done(&r);
    if (err != SP_OK) {
        return err;
    }
    c.content =
        content_id(sp_slice_of(content, (size_t)(content_end - content)));
    *own = c.content;
    *out = c;
    return SP_OK;
}

sp_err sp_commit_content(struct sp_slice commit, struct sp_slice *out)
{
    struct sp_rd r;

    sp_rd_init(&r, commit);
    sp_rd_array_of(&r, 2);
    (void)sp_rd_value(&r);
    if (r.err != SP_OK) {
        return r.err;
    }
    *out = sp_slice_of(r.at, (size_t)(r.end - r.at));
    return SP_OK;
}

struct sp_id sp_commit_content_id(struct sp_slice content)
{
    return content_id(content);
}

sp_err sp_commit_decode_content(
    struct sp_slice in, struct sp_arena *arena, struct sp_commit *out)
{
    struct sp_commit c = { .replica = 0 };
    struct sp_id *own;
    struct sp_rd r;
    sp_err err;

    if (in.size > SP_COMMIT_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    sp_rd_init(&r, in);
    own = take(&r, arena, 1, sizeof *own);
    if (own != NULL) {
        decode_content(&r, arena, SP_SLICE(own->b), &c);
    }
    err = sp_rd_done(&r);
    if (err != SP_OK) {
        return err;
    }
    c.content = content_id(in);
    *own = c.content;
    *out = c;
    return SP_OK;
}

struct sp_stamp sp_commit_stamp(const struct sp_commit *c)
{
    if (!sp_id_is_zero(&c->carried.content)) {
        return (struct sp_stamp){
            .dot = sp_dot_of_content(&c->carried.content),
            .time = c->carried.time,
            .user = c->user,
            .authority = c->carried.authority,
        };
    }
    return (struct sp_stamp){
        .dot = { c->replica, c->n },
        .time = c->time,
        .user = c->user,
        .authority = c->authority,
    };
}
