/* record_decode.c - a record from bytes: canonical form only. */
#include "sp/limits.h"
#include "sp/pack.h"

#include "record_table.h"

#define MS_MAX 0xffffffffffffu

static uint64_t get_long_varint(struct sp_rd *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; r->err == SP_OK; shift += 7) {
        uint8_t byte;

        if (r->at == r->end) {
            sp_rd_fail(r, SP_E_TRUNCATED);
            break;
        }
        byte = *r->at++;
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) {
            sp_rd_fail(r, SP_E_MALFORMED); /* over 64 bits; not the shortest */
            break;
        }
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    return 0;
}

static inline uint64_t get_varint(struct sp_rd *r)
{
    if (r->at < r->end && *r->at < 0x80 && r->err == SP_OK) {
        return *r->at++;
    }
    return get_long_varint(r);
}

/* Zero, with an error latched, over max. */
static inline uint64_t get_up_to(struct sp_rd *r, uint64_t max, sp_err over)
{
    uint64_t v = get_varint(r);

    if (v > max) {
        sp_rd_fail(r, over);
        return 0;
    }
    return v;
}

static struct sp_slice get_bytes(struct sp_rd *r, size_t size)
{
    struct sp_slice s = { r->at, size };

    if (r->err == SP_OK && size > (size_t)(r->end - r->at)) {
        sp_rd_fail(r, SP_E_TRUNCATED);
    }
    if (r->err != SP_OK) {
        return (struct sp_slice){ NULL, 0 };
    }
    r->at += size;
    return s;
}

/* All that a decoder carries along. */
struct decoder {
    struct sp_rd head;
    struct sp_rd values;
    struct sp_arena *arena;
    struct table t;
    struct sp_dot *dot; /* the table's dots once more: contexts point here */
    uint64_t base_ms;   /* times are differences to the one before */
    struct sp_register *reg;
    uint32_t regs;
    struct sp_sibling *sibling;
    uint32_t siblings; /* in all, by the array's count */
    uint32_t filled;
};

static void get_stamp(
    struct decoder *d, struct sp_stamp *out, const struct sp_stamp *before)
{
    struct sp_rd *r = &d->head;
    uint64_t first = get_varint(r);
    uint64_t ms = d->base_ms + unzigzag(first >> 1);
    uint64_t more = 0, who;

    if (ms > MS_MAX) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    if (first & 1) {
        more = get_up_to(r, HLC_COUNTER << 1 | 1, SP_E_MALFORMED);
        if (more == 0 || (before == NULL && (more & 1))) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
    out->time = ms << 16 | more >> 1;
    d->base_ms = ms;
    if (before != NULL && !(more & 1)) {
        out->user = before->user;
        out->authority = before->authority;
        return;
    }
    who =
        get_up_to(r, (uint64_t)UINT32_MAX << 2 | AUTHORITY_MAX, SP_E_MALFORMED);
    out->user = (uint32_t)(who >> 2);
    out->authority = (uint8_t)(who & AUTHORITY_MAX);
    if (before != NULL && who_cmp(before, out) == 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

/* The lines of one replica, from line i on. */
static void get_lines(
    struct decoder *d, sp_replica replica, uint32_t i, uint32_t count)
{
    struct sp_rd *r = &d->head;
    const struct sp_stamp *before = NULL;
    uint64_t counter = 0;

    for (uint32_t end = i + count; i < end && r->err == SP_OK; i++) {
        struct entry *e = &d->t.entry[i];
        uint64_t v = get_varint(r);

        if (v >> 1 > SP_COUNTER_MAX - counter) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        *e = (struct entry){ .bare = v & 1 };
        counter += v >> 1;
        e->stamp.dot = (struct sp_dot){ replica, counter };
        d->dot[i] = e->stamp.dot;
        if (!e->bare) {
            get_stamp(d, &e->stamp, before);
            before = &e->stamp;
        }
        /* A dot twice: only with two stamps, in order. */
        if (v >> 1 == 0 && (counter == 0 || e->bare || e[-1].bare ||
                               entry_cmp(e - 1, e) >= 0)) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

static void get_table(struct decoder *d)
{
    struct sp_rd *r = &d->head;
    sp_replica before = 0;

    for (uint32_t i = 0; i < d->t.count && r->err == SP_OK;) {
        uint32_t device = sp_replica_device(before);
        uint64_t v = get_up_to(
            r, (uint64_t)(UINT32_MAX - device) << 1 | 1, SP_E_MALFORMED);
        struct sp_slice incarnation = get_bytes(r, 4);
        uint64_t run = 1;
        sp_replica replica;

        if (v & 1) {
            run = 2 + get_up_to(r, SP_RECORD_BYTES_MAX, SP_E_TOO_LARGE);
        }
        if (r->err != SP_OK) {
            return;
        }
        replica = sp_replica_make(
            device + (uint32_t)(v >> 1), sp_get_u32be(incarnation.data));
        if (replica <= before || run > d->t.count - i) {
            sp_rd_fail(r, SP_E_MALFORMED);
            return;
        }
        get_lines(d, replica, i, (uint32_t)run);
        i += (uint32_t)run;
        before = replica;
    }
}

/* Adds a sibling with the stamp of a line and the next value. */
static void get_sibling(struct decoder *d, const struct sp_stamp *stamp)
{
    struct sp_sibling *s = &d->sibling[d->filled];

    if (d->filled == d->siblings) {
        sp_rd_fail(&d->head, SP_E_MALFORMED);
        return;
    }
    s->stamp = *stamp;
    s->value = sp_rd_value(&d->values);
    if (s->value.size > SP_VALUE_BYTES_MAX) {
        sp_rd_fail(&d->head, SP_E_TOO_LARGE);
    }
    d->filled++;
}

/* One reference of a list: its dot into the context, a sibling if it stands.
 * line is the line before, then this one. */
static void get_ref(
    struct decoder *d, struct sp_dot *dot, uint32_t i, uint32_t *line)
{
    struct sp_rd *r = &d->head;
    uint64_t v = get_varint(r);
    struct entry *e;

    if (r->err != SP_OK || v >> 1 >= d->t.count - *line) {
        sp_rd_fail(r, SP_E_MALFORMED);
        return;
    }
    *line += (uint32_t)(v >> 1);
    e = &d->t.entry[*line];
    dot[i] = e->stamp.dot;
    if (i > 0 && dot[i].replica <= dot[i - 1].replica) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    if (v & 1) {
        e->used = true;
        if (e->bare) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        get_sibling(d, &e->stamp);
    } else {
        e->used = e->used || e->bare;
        /* Only the first line of a dot stands in for it. */
        if (*line > 0 && sp_dot_cmp(&e[-1].stamp.dot, &e->stamp.dot) == 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

static void get_ref_list(
    struct decoder *d, struct sp_register *g, uint32_t count)
{
    struct sp_rd *r = &d->head;
    uint32_t filled = d->filled, line = 0;
    struct sp_dot *dot;

    if (count == 0 || count > (size_t)(r->end - r->at)) {
        sp_rd_fail(r, SP_E_MALFORMED);
        return;
    }
    dot = sp_arena_take(d->arena, count, sizeof *dot);
    if (dot == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
        return;
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        get_ref(d, dot, i, &line);
    }
    g->context = (struct sp_vector){ count, dot };
    g->count = d->filled - filled;
    if (g->count > SP_SIBLINGS_MAX) {
        sp_rd_fail(r, SP_E_TOO_LARGE);
    }
    if (is_plain(g)) {
        sp_rd_fail(r, SP_E_MALFORMED); /* there is a shorter form */
    }
}

static void get_refs(struct decoder *d, struct sp_register *g)
{
    struct sp_rd *r = &d->head;
    uint64_t v = get_varint(r);
    uint64_t line = v >> 1;

    if (v & 1) {
        if (line > SP_VECTOR_DOTS_MAX) {
            sp_rd_fail(r, SP_E_TOO_LARGE);
            return;
        }
        get_ref_list(d, g, (uint32_t)line);
        return;
    }
    if (r->err != SP_OK || line >= d->t.count || d->t.entry[line].bare) {
        sp_rd_fail(r, SP_E_MALFORMED);
        return;
    }
    d->t.entry[line].used = true;
    g->context = (struct sp_vector){ 1, &d->dot[line] };
    g->count = 1;
    get_sibling(d, &d->t.entry[line].stamp);
}

/* The references of the register before; before the first stands, as it were,
 * one of line 0 alone. */
static void repeat_refs(struct decoder *d, struct sp_register *g, bool first)
{
    if (first) {
        if (d->t.count == 0 || d->t.entry[0].bare) {
            sp_rd_fail(&d->head, SP_E_MALFORMED);
            return;
        }
        d->t.entry[0].used = true;
        g->context = (struct sp_vector){ 1, &d->dot[0] };
        g->count = 1;
        get_sibling(d, &d->t.entry[0].stamp);
        return;
    }
    g->context = g[-1].context;
    g->count = g[-1].count;
    for (uint32_t i = 0; i < g->count && d->head.err == SP_OK; i++) {
        get_sibling(d, &g[-1].sibling[i].stamp);
    }
}

/* refs: the reference bytes last read, replaced by this register's if it has
 * some: in canonical form equal references are equal bytes. */
static void get_register(
    struct decoder *d, struct sp_register *g, struct sp_slice *refs)
{
    struct sp_rd *r = &d->head;
    bool first = g == d->reg;
    uint16_t field = first ? 0 : g[-1].key.field;
    uint64_t v = get_varint(r);
    const uint8_t *from;

    if (v >> 2 > (uint64_t)(SP_FIELD_MAX - field)) {
        sp_rd_fail(r, SP_E_MALFORMED);
        return;
    }
    g->key.field = (uint16_t)(field + (v >> 2));
    if (v & 2) {
        size_t size = get_up_to(r, SP_ELEMENT_BYTES_MAX, SP_E_TOO_LARGE);

        g->key.element = get_bytes(r, size);
        if (size == 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
    if (!first && v >> 2 == 0 && sp_key_cmp(&g[-1].key, &g->key) >= 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    g->sibling = &d->sibling[d->filled];
    from = r->at;
    if (r->err != SP_OK) {
        return;
    }
    if (v & 1) {
        repeat_refs(d, g, first);
        return;
    }
    get_refs(d, g);
    if (sp_slice_equal(
            *refs, (struct sp_slice){ from, (size_t)(r->at - from) })) {
        sp_rd_fail(r, SP_E_MALFORMED); /* the short form was there for it */
    }
    *refs = (struct sp_slice){ from, (size_t)(r->at - from) };
}

static void get_seqs(struct decoder *d)
{
    struct sp_rd *r = &d->head;
    uint64_t seq = 0;

    for (uint32_t i = 0; i < d->regs && r->err == SP_OK;) {
        uint64_t step = get_varint(r);
        uint64_t run = get_up_to(r, d->regs - i - 1, SP_E_MALFORMED) + 1;

        if (i > 0 && step == 0) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
        seq += unzigzag(step);
        for (; run > 0; run--) {
            d->reg[i++].seq = seq;
        }
    }
}

/* Counts are compared with the bytes that are left before memory is taken. */
static void get_registers(struct decoder *d)
{
    struct sp_rd *r = &d->head;
    static const uint8_t line_0[1];
    struct sp_slice refs = { line_0, 1 };

    d->regs = (uint32_t)get_up_to(r, SP_RECORD_REGISTERS_MAX, SP_E_TOO_LARGE);
    if (d->regs > (size_t)(r->end - r->at)) {
        sp_rd_fail(r, SP_E_TRUNCATED);
    }
    if (r->err != SP_OK) {
        return;
    }
    d->reg = sp_arena_take(d->arena, d->regs, sizeof *d->reg);
    d->sibling = sp_arena_take(d->arena, d->siblings, sizeof *d->sibling);
    if (d->reg == NULL || d->sibling == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
        return;
    }
    for (uint32_t i = 0; i < d->regs && r->err == SP_OK; i++) {
        get_register(d, &d->reg[i], &refs);
    }
}

/* Takes memory for the table; few: where small ones stand. */
static void get_head(
    struct decoder *d, struct entry *few, enum sp_record_form form)
{
    struct sp_rd *r = &d->head;

    d->t.count = (uint32_t)get_up_to(r, SP_RECORD_BYTES_MAX, SP_E_TOO_LARGE);
    if (d->t.count > (size_t)(r->end - r->at)) {
        sp_rd_fail(r, SP_E_TRUNCATED);
    }
    if (r->err != SP_OK) {
        return;
    }
    d->t.entry = d->t.count <= STACK_ENTRIES
                     ? few
                     : sp_arena_take(d->arena, d->t.count, sizeof *few);
    d->dot = sp_arena_take(d->arena, d->t.count, sizeof *d->dot);
    if (d->t.entry == NULL || d->dot == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
        return;
    }
    get_table(d);
    get_registers(d);
    if (form == SP_RECORD_STORED) {
        get_seqs(d);
    }
    for (uint32_t i = 0; i < d->t.count && r->err == SP_OK; i++) {
        if (!d->t.entry[i].used) {
            sp_rd_fail(r, SP_E_MALFORMED);
        }
    }
}

sp_err sp_record_decode(struct sp_slice in, enum sp_record_form form,
    struct sp_arena *arena, struct sp_record *out)
{
    struct entry few[STACK_ENTRIES];
    struct decoder d = { .arena = arena };
    struct sp_ref ref;
    uint32_t parts;
    sp_err err;

    if (in.size > SP_RECORD_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    sp_rd_init(&d.values, in);
    parts = sp_rd_array(&d.values, SP_RECORD_BYTES_MAX);
    if (parts < RECORD_PARTS) {
        sp_rd_fail(&d.values, SP_E_MALFORMED);
    }
    ref.type = (uint16_t)sp_rd_uint(&d.values, 1, SP_TYPE_MAX);
    sp_rd_fixed(&d.values, ref.id.b, sizeof ref.id.b);
    sp_rd_init(&d.head, sp_rd_bin(&d.values, SP_RECORD_BYTES_MAX));
    if (d.values.err != SP_OK) {
        return d.values.err;
    }
    d.siblings = parts - RECORD_PARTS;
    d.base_ms = sp_id_time_ms(&ref.id);
    get_head(&d, few, form);
    /* Values fail first where both do: they are the bytes as such. */
    if (d.values.err != SP_OK) {
        return d.values.err;
    }
    err = sp_rd_done(&d.head);
    if (err == SP_OK && d.filled != d.siblings) {
        err = SP_E_MALFORMED;
    }
    if (err == SP_OK) {
        err = sp_rd_done(&d.values);
    }
    if (err == SP_OK) {
        *out = (struct sp_record){ ref, d.regs, d.reg };
    }
    return err;
}
