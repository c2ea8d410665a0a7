/* record_encode.c - a record as bytes. */
#include <string.h>

#include "sp/limits.h"
#include "sp/pack.h"

#include "record_table.h"

#define INSERTION_MAX 24u
#define VARINT_BYTES  10u

static void put_varint(struct sp_buf *out, uint64_t v)
{
    uint8_t bytes[VARINT_BYTES];
    size_t size = 0;

    while (v >= 0x80) {
        bytes[size++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    bytes[size++] = (uint8_t)v;
    sp_buf_put(out, bytes, size);
}

static void latch(struct sp_buf *out, sp_err err)
{
    if (out->err == SP_OK) {
        out->err = err;
    }
}

static bool same_stamp(const struct sp_stamp *a, const struct sp_stamp *b)
{
    return sp_dot_cmp(&a->dot, &b->dot) == 0 && a->time == b->time &&
           who_cmp(a, b) == 0;
}

/* Whether both refer to the same lines in the same way. */
static bool same_refs(const struct sp_register *a, const struct sp_register *b)
{
    if (a->count != b->count || a->context.count != b->context.count) {
        return false;
    }
    for (uint32_t i = 0; i < a->context.count; i++) {
        if (sp_dot_cmp(&a->context.dot[i], &b->context.dot[i]) != 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!same_stamp(&a->sibling[i].stamp, &b->sibling[i].stamp)) {
            return false;
        }
    }
    return true;
}

/* Whether a register is one that a decoder takes; the same truths as in
 * get_register. */
static sp_err check_register(const struct sp_register *g)
{
    uint32_t at = 0;

    if (g->key.element.size > SP_ELEMENT_BYTES_MAX ||
        g->count > SP_SIBLINGS_MAX || g->context.count > SP_VECTOR_DOTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (g->key.field > SP_FIELD_MAX || g->context.count == 0 ||
        !sp_vector_valid(&g->context)) {
        return SP_E_ARGUMENT;
    }
    for (uint32_t i = 0; i < g->count; i++) {
        const struct sp_sibling *s = &g->sibling[i];

        while (at < g->context.count &&
               sp_dot_cmp(&g->context.dot[at], &s->stamp.dot) != 0) {
            at++;
        }
        if (at++ == g->context.count || s->stamp.authority > AUTHORITY_MAX ||
            s->value.size == 0) {
            return SP_E_ARGUMENT;
        }
        if (s->value.size > SP_VALUE_BYTES_MAX) {
            return SP_E_TOO_LARGE;
        }
    }
    return SP_OK;
}

/* What there is to write. */
struct measure {
    uint32_t lines;  /* at most so many in the table */
    uint32_t values; /* siblings in all */
};

static sp_err measure_record(const struct sp_record *r, struct measure *out)
{
    struct measure m = { 0, 0 };

    if (r->ref.type == 0 || r->ref.type > SP_TYPE_MAX) {
        return SP_E_ARGUMENT;
    }
    if (r->count > SP_RECORD_REGISTERS_MAX) {
        return SP_E_TOO_LARGE;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];
        sp_err err = check_register(g);

        if (err != SP_OK) {
            return err;
        }
        if (i > 0 && sp_key_cmp(&g[-1].key, &g->key) >= 0) {
            return SP_E_ARGUMENT;
        }
        if (i == 0 || !same_refs(g - 1, g)) {
            m.lines += g->context.count;
        }
        m.values += g->count;
        /* Each reference and each value is a byte at least. */
        if (m.lines > SP_RECORD_BYTES_MAX || m.values > SP_RECORD_BYTES_MAX) {
            return SP_E_TOO_LARGE;
        }
    }
    *out = m;
    return SP_OK;
}

static void gather_register(const struct sp_register *g, struct table *t)
{
    uint32_t s = 0;

    for (uint32_t i = 0; i < g->context.count; i++) {
        struct entry *e = &t->entry[t->count++];

        *e = (struct entry){ .stamp.dot = g->context.dot[i], .bare = true };
        if (s < g->count &&
            sp_dot_cmp(&g->sibling[s].stamp.dot, &g->context.dot[i]) == 0) {
            e->stamp = g->sibling[s++].stamp;
            e->bare = false;
        }
    }
}

static void insertion_sort(struct entry *e, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct entry moving = e[i];
        uint32_t j = i;

        while (j > 0 && entry_cmp(&e[j - 1], &moving) > 0) {
            e[j] = e[j - 1];
            j--;
        }
        e[j] = moving;
    }
}

static void sift_down(struct entry *e, uint32_t from, uint32_t count)
{
    struct entry moving = e[from];

    for (;;) {
        uint32_t child = 2 * from + 1;

        if (child >= count) {
            break;
        }
        if (child + 1 < count && entry_cmp(&e[child], &e[child + 1]) < 0) {
            child++;
        }
        if (entry_cmp(&moving, &e[child]) >= 0) {
            break;
        }
        e[from] = e[child];
        from = child;
    }
    e[from] = moving;
}

/* Heapsort where insertion would be slow: a hostile record names 60,000 dots,
 * and libc's qsort may take memory. */
static void sort_entries(struct entry *e, uint32_t count)
{
    if (count <= INSERTION_MAX) {
        insertion_sort(e, count);
        return;
    }
    for (uint32_t i = count / 2; i-- > 0;) {
        sift_down(e, i, count);
    }
    for (uint32_t last = count - 1; last > 0; last--) {
        struct entry top = e[0];

        e[0] = e[last];
        e[last] = top;
        sift_down(e, 0, last);
    }
}

/* Fills and sorts the table; entry has room for measure.lines. */
static void make_table(const struct sp_record *r, struct table *t)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < r->count; i++) {
        if (i == 0 || !same_refs(&r->reg[i - 1], &r->reg[i])) {
            gather_register(&r->reg[i], t);
        }
    }
    sort_entries(t->entry, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entry[i];
        const struct entry *last = kept == 0 ? NULL : &t->entry[kept - 1];

        /* A bare line goes when its dot has a line with a stamp. */
        if (last != NULL &&
            (entry_cmp(last, e) == 0 || (e->bare && sp_dot_cmp(&last->stamp.dot,
                                                        &e->stamp.dot) == 0))) {
            continue;
        }
        t->entry[kept++] = *e;
    }
    t->count = kept;
}

/* Line of a stamp; with stamp zero but for the dot, the first of that dot. */
static uint32_t line_of(const struct table *t, const struct sp_stamp *stamp)
{
    struct entry wanted = { .stamp = *stamp };
    uint32_t low = 0, high = t->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (entry_cmp(&t->entry[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void put_stamp(struct sp_buf *out, const struct sp_stamp *stamp,
    const struct sp_stamp *before, uint64_t base_ms)
{
    bool who = before == NULL || who_cmp(before, stamp) != 0;
    uint64_t more = (stamp->time & HLC_COUNTER) << 1 | (before != NULL && who);

    put_varint(
        out, zigzag(sp_hlc_ms(stamp->time) - base_ms) << 1 | (more != 0));
    if (more != 0) {
        put_varint(out, more);
    }
    if (who) {
        put_varint(out, (uint64_t)stamp->user << 2 | stamp->authority);
    }
}

/* Lines of one replica in a row. */
static uint32_t run_of(const struct table *t, uint32_t from)
{
    uint32_t to = from + 1;

    while (to < t->count &&
           t->entry[to].stamp.dot.replica == t->entry[from].stamp.dot.replica) {
        to++;
    }
    return to - from;
}

static void put_table(
    struct sp_buf *out, const struct table *t, uint64_t base_ms)
{
    uint32_t device = 0;

    put_varint(out, t->count);
    for (uint32_t i = 0; i < t->count;) {
        sp_replica replica = t->entry[i].stamp.dot.replica;
        uint32_t run = run_of(t, i);
        const struct sp_stamp *before = NULL;
        uint64_t counter = 0;

        put_varint(out,
            (uint64_t)(sp_replica_device(replica) - device) << 1 | (run > 1));
        sp_buf_put_u32be(out, (uint32_t)replica);
        if (run > 1) {
            put_varint(out, run - 2);
        }
        for (; run > 0; run--, i++) {
            const struct entry *e = &t->entry[i];

            put_varint(out, (e->stamp.dot.counter - counter) << 1 | e->bare);
            counter = e->stamp.dot.counter;
            if (!e->bare) {
                put_stamp(out, &e->stamp, before, base_ms);
                before = &e->stamp;
                base_ms = sp_hlc_ms(e->stamp.time);
            }
        }
        device = sp_replica_device(replica);
    }
}

static void put_refs(
    struct sp_buf *out, const struct sp_register *g, const struct table *t)
{
    uint32_t s = 0, before = 0;

    if (is_plain(g)) {
        put_varint(out, (uint64_t)line_of(t, &g->sibling[0].stamp) << 1);
        return;
    }
    put_varint(out, (uint64_t)g->context.count << 1 | 1);
    for (uint32_t i = 0; i < g->context.count; i++) {
        struct sp_stamp stamp = { .dot = g->context.dot[i] };
        bool stands = s < g->count && sp_dot_cmp(&g->sibling[s].stamp.dot,
                                          &g->context.dot[i]) == 0;
        uint32_t line = line_of(t, stands ? &g->sibling[s++].stamp : &stamp);

        put_varint(out, (uint64_t)(line - before) << 1 | stands);
        before = line;
    }
}

static void put_registers(
    struct sp_buf *out, const struct sp_record *r, const struct table *t)
{
    uint16_t field = 0;

    put_varint(out, r->count);
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];
        bool element = g->key.element.size > 0;
        bool same = i > 0 ? same_refs(g - 1, g)
                          : is_plain(g) && same_stamp(&g->sibling[0].stamp,
                                               &t->entry[0].stamp);

        put_varint(out, (uint64_t)(g->key.field - field) << 2 |
                            (unsigned)element << 1 | same);
        if (element) {
            put_varint(out, g->key.element.size);
            sp_buf_put(out, g->key.element.data, g->key.element.size);
        }
        if (!same) {
            put_refs(out, g, t);
        }
        field = g->key.field;
    }
}

/* Sequences as runs: most registers of a record share one. */
static void put_seqs(struct sp_buf *out, const struct sp_record *r)
{
    uint64_t before = 0;

    for (uint32_t i = 0; i < r->count;) {
        uint64_t seq = r->reg[i].seq;
        uint32_t from = i;

        while (i < r->count && r->reg[i].seq == seq) {
            i++;
        }
        put_varint(out, zigzag(seq - before));
        put_varint(out, i - from - 1);
        before = seq;
    }
}

/* Makes the bytes from `from` on a bin by putting its head before them: a
 * move of some dozen bytes, where a second buffer would take memory. */
static void wrap_bin(struct sp_buf *out, size_t from)
{
    size_t size = out->size - from;
    size_t head = size < 256 ? 2 : size < 65536 ? 3 : 5;

    if (sp_buf_grow(out, head) == NULL) {
        return;
    }
    memmove(out->data + from + head, out->data + from, size);
    if (head == 2) {
        out->data[from] = 0xc4;
        out->data[from + 1] = (uint8_t)size;
    } else if (head == 3) {
        out->data[from] = 0xc5;
        sp_set_u16be(out->data + from + 1, (uint16_t)size);
    } else {
        out->data[from] = 0xc6;
        sp_set_u32be(out->data + from + 1, (uint32_t)size);
    }
}

static void put_record(struct sp_buf *out, const struct sp_record *r,
    enum sp_record_form form, const struct measure *m, struct table *t)
{
    size_t start = out->size, from;

    make_table(r, t);
    sp_wr_array(out, RECORD_PARTS + m->values);
    sp_wr_uint(out, r->ref.type);
    sp_wr_bin(out, r->ref.id.b, sizeof r->ref.id.b);
    from = out->size;
    put_table(out, t, sp_id_time_ms(&r->ref.id));
    put_registers(out, r, t);
    if (form == SP_RECORD_STORED) {
        put_seqs(out, r);
    }
    wrap_bin(out, from);
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t s = 0; s < r->reg[i].count; s++) {
            sp_wr_raw(out, r->reg[i].sibling[s].value);
        }
    }
    if (out->size - start > SP_RECORD_BYTES_MAX) {
        latch(out, SP_E_TOO_LARGE);
    }
}

void sp_record_encode(
    const struct sp_record *r, enum sp_record_form form, struct sp_buf *out)
{
    struct entry few[STACK_ENTRIES];
    struct table t = { 0, few };
    struct sp_arena arena;
    struct measure m;
    sp_err err = measure_record(r, &m);

    if (err != SP_OK) {
        latch(out, err);
        return;
    }
    sp_arena_init(&arena, SIZE_MAX / 2);
    if (m.lines > STACK_ENTRIES) {
        t.entry = sp_arena_take(&arena, m.lines, sizeof *t.entry);
    }
    if (t.entry == NULL) {
        latch(out, SP_E_NOMEM);
    } else {
        put_record(out, r, form, &m, &t);
    }
    sp_arena_free(&arena);
}
