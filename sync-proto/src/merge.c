/*
 * merge.c - the one merge of the house.
 *
 * What lets a register be so simple: join and write keep every sibling's dot
 * equal to its replica's entry in the context, so a replica has at most one
 * sibling in a register (SYNC M3: a dot covers the earlier ones of its
 * replica) and both lists walk side by side.
 */
#include "sp/merge.h"

#include <string.h>

#include "sp/limits.h"
#include "sp/pack.h"

/* ---- siblings ---------------------------------------------------------- */

/*
 * Order of two siblings with one dot. They are the same, unless a copied
 * replica issued the dot twice (SYNC X4): then the greater stays everywhere,
 * whatever arrived first, until head office gives both dots of their own.
 */
static int twin_cmp(const struct sp_sibling *a, const struct sp_sibling *b)
{
    if (a->stamp.time != b->stamp.time) {
        return a->stamp.time < b->stamp.time ? -1 : 1;
    }
    if (a->stamp.user != b->stamp.user) {
        return a->stamp.user < b->stamp.user ? -1 : 1;
    }
    if (a->stamp.authority != b->stamp.authority) {
        return a->stamp.authority < b->stamp.authority ? -1 : 1;
    }
    return a->value.data == b->value.data && a->value.size == b->value.size
               ? 0
               : sp_slice_cmp(a->value, b->value);
}

/* One step of the walk over two sorted lists: the siblings with the least dot
 * that are left, NULL where a side does not have it. */
struct walk {
    const struct sp_register *a, *b;
    uint32_t i, j;
};

struct pair {
    const struct sp_sibling *a, *b;
};

static bool next_pair(struct walk *w, struct pair *out)
{
    const struct sp_sibling *a =
        w->i < w->a->count ? &w->a->sibling[w->i] : NULL;
    const struct sp_sibling *b =
        w->j < w->b->count ? &w->b->sibling[w->j] : NULL;
    int order;

    if (a == NULL && b == NULL) {
        return false;
    }
    order = a == NULL   ? 1
            : b == NULL ? -1
                        : sp_dot_cmp(&a->stamp.dot, &b->stamp.dot);
    out->a = order <= 0 ? a : NULL;
    out->b = order >= 0 ? b : NULL;
    w->i += order <= 0;
    w->j += order >= 0;
    return true;
}

/* Which of a pair stays: NULL, a or b (SYNC M2). */
static const struct sp_sibling *survivor(const struct sp_register *a,
    const struct sp_register *b, const struct pair *p)
{
    if (p->a != NULL && p->b != NULL) {
        return twin_cmp(p->a, p->b) >= 0 ? p->a : p->b;
    }
    if (p->a != NULL) {
        return sp_vector_covers(&b->context, p->a->stamp.dot) ? NULL : p->a;
    }
    return sp_vector_covers(&a->context, p->b->stamp.dot) ? NULL : p->b;
}

/* What of both sides stays. */
struct outcome {
    uint32_t count;
    bool as_a, as_b; /* the very siblings of a, of b */
};

static struct outcome weigh(
    const struct sp_register *a, const struct sp_register *b)
{
    struct walk w = { .a = a, .b = b };
    struct outcome o = { .as_a = true, .as_b = true };
    struct pair p;

    while (next_pair(&w, &p)) {
        const struct sp_sibling *s = survivor(a, b, &p);

        o.count += s != NULL;
        o.as_a = o.as_a && (s == NULL ? p.a == NULL : s == p.a);
        /* Of two equal ones survivor names a's: as good as b's. */
        o.as_b =
            o.as_b &&
            (s == NULL ? p.b == NULL
                       : p.b != NULL && (s == p.b || twin_cmp(s, p.b) == 0));
    }
    return o;
}

static sp_err join_siblings(const struct sp_register *a,
    const struct sp_register *b, struct sp_arena *arena,
    struct sp_register *out, bool *same)
{
    struct outcome o = weigh(a, b);
    struct walk w = { .a = a, .b = b };
    struct sp_sibling *s;
    struct pair p;

    *same = o.as_a;
    if (o.as_a || o.as_b) {
        out->sibling = o.as_a ? a->sibling : b->sibling;
        out->count = o.count;
        return SP_OK;
    }
    if (o.count > SP_SIBLINGS_MAX) {
        return SP_E_TOO_LARGE;
    }
    s = sp_arena_take(arena, o.count, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    out->sibling = s;
    out->count = o.count;
    while (next_pair(&w, &p)) {
        const struct sp_sibling *stays = survivor(a, b, &p);

        if (stays != NULL) {
            *s++ = *stays;
        }
    }
    return SP_OK;
}

/* ---- join -------------------------------------------------------------- */

static bool same_vector(const struct sp_vector *a, const struct sp_vector *b)
{
    return a->count == b->count &&
           (a->dot == b->dot || sp_vector_cmp(a, b) == SP_EQUAL);
}

/* The common case: one value, written once, known to both sides. */
static bool plain_and_equal(
    const struct sp_register *a, const struct sp_register *b)
{
    return a->count == 1 && b->count == 1 && a->context.count == 1 &&
           b->context.count == 1 &&
           sp_dot_cmp(a->context.dot, b->context.dot) == 0 &&
           twin_cmp(a->sibling, b->sibling) == 0;
}

static sp_err join_register(const struct sp_register *a,
    const struct sp_register *b, struct sp_arena *arena,
    struct sp_register *out, uint32_t *changed)
{
    bool same = false;
    sp_err err;

    *out = *a;
    if (plain_and_equal(a, b)) {
        return SP_OK;
    }
    err = sp_vector_join(&a->context, &b->context, arena, &out->context);
    if (err == SP_OK) {
        err = join_siblings(a, b, arena, out, &same);
    }
    if (err == SP_OK && !(same && same_vector(&out->context, &a->context))) {
        out->seq = 0;
        ++*changed;
    }
    return err;
}

/* Registers in the making. */
struct target {
    struct sp_register *reg;
    uint32_t count;
    uint32_t changed;
};

static sp_err begin(
    struct sp_arena *arena, uint32_t a, uint32_t b, struct target *out)
{
    *out = (struct target){ NULL, 0, 0 };
    out->reg = sp_arena_take(arena, (size_t)a + b, sizeof *out->reg);
    return out->reg == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err end(const struct target *t, const struct sp_ref *ref,
    struct sp_record *out, uint32_t *changed)
{
    if (t->count > SP_RECORD_REGISTERS_MAX) {
        return SP_E_TOO_LARGE;
    }
    *out = (struct sp_record){ *ref, t->count, t->reg };
    *changed = t->changed;
    return SP_OK;
}

sp_err sp_merge_join(const struct sp_record *a, const struct sp_record *b,
    struct sp_arena *arena, struct sp_record *out, uint32_t *changed)
{
    struct target t;
    uint32_t i = 0, j = 0;
    sp_err err = begin(arena, a->count, b->count, &t);

    SP_ASSERT(sp_ref_equal(&a->ref, &b->ref));
    while (err == SP_OK && (i < a->count || j < b->count)) {
        int order = j == b->count ? -1
                    : i == a->count
                        ? 1
                        : sp_key_cmp(&a->reg[i].key, &b->reg[j].key);
        struct sp_register *g = &t.reg[t.count++];

        if (order < 0) {
            *g = a->reg[i++];
        } else if (order > 0) {
            *g = b->reg[j++];
            g->seq = 0;
            t.changed++;
        } else {
            err =
                join_register(&a->reg[i++], &b->reg[j++], arena, g, &t.changed);
        }
    }
    return err == SP_OK ? end(&t, &a->ref, out, changed) : err;
}

/* ---- write ------------------------------------------------------------- */

/* A commit's stamp and its dot alone, a context that new registers share. */
struct author {
    const struct sp_stamp *stamp;
    const struct sp_dot *dot;
};

/* Whether a write removes a sibling (SYNC M3). */
static bool removes(const struct sp_write *w, const struct sp_stamp *by,
    const struct sp_sibling *s)
{
    return sp_vector_covers(&w->context, s->stamp.dot) ||
           (s->stamp.dot.replica == by->dot.replica &&
               s->stamp.dot.counter < by->dot.counter);
}

/* Siblings of g that the write leaves, and the write's own if it adds. */
static sp_err write_siblings(const struct sp_register *g,
    const struct sp_write *w, const struct sp_stamp *by, bool adds,
    struct sp_arena *arena, struct sp_register *out)
{
    uint32_t kept = 0, at = 0;
    struct sp_sibling *s;

    for (uint32_t i = 0; i < g->count; i++) {
        kept += !removes(w, by, &g->sibling[i]);
    }
    if (kept == g->count && !adds) {
        return SP_OK; /* out has g's */
    }
    if (kept + adds > SP_SIBLINGS_MAX) {
        return SP_E_TOO_LARGE;
    }
    s = sp_arena_take(arena, (size_t)kept + adds, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < g->count; i++) {
        const struct sp_sibling *old = &g->sibling[i];

        if (adds && sp_dot_cmp(&old->stamp.dot, &by->dot) > 0) {
            s[at++] = (struct sp_sibling){ *by, w->value };
            adds = false;
        }
        if (!removes(w, by, old)) {
            s[at++] = *old;
        }
    }
    if (adds) {
        s[at++] = (struct sp_sibling){ *by, w->value };
    }
    out->sibling = s;
    out->count = at;
    return SP_OK;
}

/* g: the register before, empty when there was none. */
static sp_err write_register(const struct sp_register *g,
    const struct sp_write *w, const struct author *by, struct sp_arena *arena,
    struct target *t)
{
    struct sp_register *out = &t->reg[t->count++];
    bool adds;
    sp_err err;

    *out = *g;
    out->key = w->key;
    err = sp_vector_join(&g->context, &w->context, arena, &out->context);
    if (err != SP_OK) {
        return err;
    }
    adds = !sp_vector_covers(&out->context, *by->dot);
    if (adds && out->context.count == 0) {
        out->context = (struct sp_vector){ 1, by->dot };
    } else if (adds) {
        err = sp_vector_add(&out->context, *by->dot, arena, &out->context);
    }
    if (err == SP_OK) {
        err = write_siblings(g, w, by->stamp, adds, arena, out);
    }
    if (err == SP_OK &&
        !(out->count == g->count && same_vector(&out->context, &g->context))) {
        out->seq = 0;
        t->changed++;
    }
    return err;
}

sp_err sp_merge_write(const struct sp_record *before,
    const struct sp_change *change, const struct sp_stamp *stamp,
    struct sp_arena *arena, struct sp_record *out, uint32_t *changed)
{
    static const struct sp_register none;
    struct sp_dot *dot = sp_arena_take(arena, 1, sizeof *dot);
    struct author by = { stamp, dot };
    struct target t;
    uint32_t i = 0, j = 0;
    sp_err err = begin(arena, before->count, change->count, &t);

    if (err != SP_OK || dot == NULL) {
        return SP_E_NOMEM;
    }
    *dot = stamp->dot;
    while (err == SP_OK && (i < before->count || j < change->count)) {
        int order = j == change->count   ? -1
                    : i == before->count ? 1
                                         : sp_key_cmp(&before->reg[i].key,
                                               &change->write[j].key);

        if (order < 0) {
            t.reg[t.count++] = before->reg[i++];
        } else {
            err = write_register(order == 0 ? &before->reg[i] : &none,
                &change->write[j++], &by, arena, &t);
            i += order == 0;
        }
    }
    return err == SP_OK ? end(&t, &change->ref, out, changed) : err;
}

/* ---- showing ----------------------------------------------------------- */

/* A value's place in the order of MAX and DENY. */
struct rank {
    enum { RANK_NOTHING, RANK_NONE, RANK_BOOL, RANK_NUMBER, RANK_LARGE } level;
    uint64_t n; /* signed numbers shifted, so that they sort */
};

static struct rank rank_of(struct sp_slice value)
{
    struct rank out = { RANK_NONE, 0 };
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY && sp_rd_array(&r, SP_ITEMS_MAX) == 0) {
        return out;
    }
    switch (sp_rd_peek(&r)) {
    case SP_KIND_NIL:
        out.level = RANK_NOTHING;
        break;
    case SP_KIND_BOOL:
        out = (struct rank){ RANK_BOOL, sp_rd_bool(&r) };
        break;
    case SP_KIND_UINT:
        out.n = sp_rd_uint(&r, 0, UINT64_MAX);
        out.level = out.n > INT64_MAX ? RANK_LARGE : RANK_NUMBER;
        out.n ^= 1ull << 63;
        break;
    case SP_KIND_INT:
        out = (struct rank){ RANK_NUMBER,
            (uint64_t)sp_rd_int(&r, INT64_MIN, INT64_MAX) - (1ull << 63) };
        break;
    default:
        break;
    }
    return out;
}

int sp_merge_rank_cmp(struct sp_slice a, struct sp_slice b)
{
    struct rank x = rank_of(a), y = rank_of(b);

    if (x.level != y.level) {
        return x.level < y.level ? -1 : 1;
    }
    return x.n < y.n ? -1 : x.n > y.n;
}

/* Whether a is shown rather than b. */
static bool is_shown_before(const struct sp_sibling *a,
    const struct sp_sibling *b, enum sp_merge_kind kind)
{
    const struct sp_stamp *s = &a->stamp, *t = &b->stamp;
    int order = s->time < t->time ? -1 : s->time > t->time;
    int rank = kind == SP_MERGE_MAX || kind == SP_MERGE_DENY
                   ? sp_merge_rank_cmp(a->value, b->value)
                   : 0;

    if (order == 0) {
        order = sp_dot_cmp(&s->dot, &t->dot);
    }
    if (rank != 0) {
        return rank > 0;
    }
    if (kind == SP_MERGE_AUTH && s->authority != t->authority) {
        return s->authority > t->authority;
    }
    return kind == SP_MERGE_IMM ? order < 0 : order > 0;
}

const struct sp_sibling *sp_merge_shown(
    const struct sp_register *reg, enum sp_merge_kind kind)
{
    const struct sp_sibling *shown = NULL;

    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];

        if (shown == NULL || is_shown_before(s, shown, kind)) {
            shown = s;
        }
    }
    return shown;
}

/* ---- vector of a record ------------------------------------------------ */

/* Joins a context into the sum, which lives in one of two spaces in turn, so
 * that a record with many contexts takes no more than these. */
static sp_err sum_context(struct sp_vector *sum, struct sp_dot *space,
    const struct sp_vector *context, uint32_t room)
{
    uint32_t i = 0, j = 0, count = 0;

    while (i < sum->count || j < context->count) {
        bool left = i < sum->count &&
                    (j == context->count ||
                        sum->dot[i].replica <= context->dot[j].replica);
        bool right =
            j < context->count &&
            (i == sum->count || context->dot[j].replica <= sum->dot[i].replica);

        if (count == room) {
            return SP_E_TOO_LARGE;
        }
        space[count] = left ? sum->dot[i] : context->dot[j];
        if (left && right && context->dot[j].counter > space[count].counter) {
            space[count] = context->dot[j];
        }
        count++;
        i += left;
        j += right;
    }
    *sum = (struct sp_vector){ count, space };
    return SP_OK;
}

sp_err sp_merge_vector(
    const struct sp_record *r, struct sp_arena *arena, struct sp_vector *out)
{
    struct sp_vector sum = { 0, NULL };
    struct sp_dot *space[2];
    uint32_t room = 0, turn = 0;

    for (uint32_t i = 0; i < r->count && room < SP_VECTOR_DOTS_MAX; i++) {
        room += r->reg[i].context.count;
    }
    room = room < SP_VECTOR_DOTS_MAX ? room : SP_VECTOR_DOTS_MAX;
    space[0] = sp_arena_take(arena, room, sizeof **space);
    space[1] = sp_arena_take(arena, room, sizeof **space);
    if (space[0] == NULL || space[1] == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_vector *context = &r->reg[i].context;
        enum sp_order order = sp_vector_cmp(context, &sum);

        if (order == SP_AFTER || order == SP_CONCURRENT) {
            sp_err err = sum_context(&sum, space[turn], context, room);

            if (err != SP_OK) {
                return err;
            }
            turn = 1 - turn;
        }
    }
    *out = sum;
    return SP_OK;
}
