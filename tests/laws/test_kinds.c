/*
 * The laws of the merge kinds on random histories: what is shown depends on
 * which writes have come, never on their order, their number of copies, or the
 * way they took; and it is what a second, plain reading of the rules says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plain_kinds.h"
#include "records.h"
#include "seed.h"
#include "sp/dictionary.h"
#include "sp/pack.h"

enum { HISTORIES = 6000, STEPS = 36, COPIES = 4 };
enum { COUNT_LOW = -4, COUNT_HIGH = 6 };

static struct sp_arena arena;
static const struct sp_ref REF = { 1, { { 1, 2, 3 } } };

/* A field number each: the plain kind and one. */
static const enum sp_merge_kind kinds[PLAIN_KINDS] = { SP_MERGE_LWW,
    SP_MERGE_KEEP, SP_MERGE_SET, SP_MERGE_CNT, SP_MERGE_MAX, SP_MERGE_DENY,
    SP_MERGE_APP, SP_MERGE_IMM, SP_MERGE_AUTH };

static struct sp_field field_of(enum plain_kind kind)
{
    return (struct sp_field){ .number = (uint16_t)(kind + 1),
        .kind = SP_VALUE_INT,
        .merge = kinds[kind],
        .set = kind == PLAIN_SET || kind == PLAIN_APP,
        .once = kind == PLAIN_IMM,
        .members_max = 1000,
        .low = kind == PLAIN_CNT ? COUNT_LOW : INT64_MIN,
        .high = kind == PLAIN_CNT ? COUNT_HIGH : INT64_MAX };
}

/* ---- histories ---------------------------------------------------------- */

struct copy {
    uint64_t known; /* writes that it has */
    struct sp_record record;
};

struct history {
    struct plain_history plain;
    struct sp_stamp stamp[WRITES_MAX];
    struct sp_change change[WRITES_MAX];
    int last[COPIES];
    struct copy copy[COPIES];
};

static sp_replica replica_of(int r)
{
    return sp_replica_make(100u + (uint32_t)r, 7);
}

/* Numbers stand bare, or as a group that has to move as one: [n, n + 100]. */
static struct sp_slice value_of(int value, bool group)
{
    struct sp_buf b;
    struct sp_slice out;

    sp_buf_init(&b, 32);
    if (value == NOTHING) {
        sp_wr_nil(&b);
    } else {
        if (group) {
            sp_wr_array(&b, 2);
        }
        sp_wr_int(&b, value);
        if (group) {
            sp_wr_int(&b, value + 100);
        }
    }
    assert_int_equal(b.err, SP_OK);
    out = sp_arena_copy(&arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static bool is_group(enum plain_kind kind)
{
    return kind == PLAIN_KEEP || kind == PLAIN_DENY;
}

/* Reads a value back; a group that is not whole fails. */
static int number_of(struct sp_slice value, bool group)
{
    struct sp_rd r;
    int64_t n;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_NIL) {
        return NOTHING;
    }
    if (group) {
        sp_rd_array_of(&r, 2);
    }
    n = sp_rd_int(&r, INT64_MIN, INT64_MAX);
    if (group) {
        assert_int_equal(sp_rd_int(&r, INT64_MIN, INT64_MAX), n + 100);
    }
    assert_int_equal(sp_rd_done(&r), SP_OK);
    return (int)n;
}

static struct sp_slice element_of(const struct plain_one *w, int index)
{
    uint8_t *b = sp_arena_take(&arena, 2, 1);

    assert_non_null(b);
    b[0] = (uint8_t)w->element;
    b[1] = (uint8_t)index; /* an increment is its commit's */
    if (w->kind == PLAIN_CNT) {
        return sp_slice_of(b, 2);
    }
    return w->kind == PLAIN_SET || w->kind == PLAIN_APP
               ? sp_slice_of(b, 1)
               : (struct sp_slice){ NULL, 0 };
}

/* What the author had seen: all that its copy knows of the key, or what it
 * knew some time ago. */
static void choose_seen(struct history *h, const struct copy *c,
    struct plain_one *w, struct sp_key *key, struct sp_vector *context)
{
    const struct sp_register *reg =
        sp_record_find(&c->record, key->field, key->element);

    *context = (struct sp_vector){ 0, NULL };
    if (reg == NULL || seed_below(5) == 0) {
        return;
    }
    *context = reg->context;
    for (int i = 0; i < h->plain.count; i++) {
        const struct plain_one *old = &h->plain.write[i];
        if (old->kind == w->kind && old->element == w->element &&
            sp_vector_covers(&reg->context, h->stamp[i].dot)) {
            w->seen |= 1ull << i;
        }
    }
}

static void apply(struct history *h, struct copy *c, int i)
{
    uint32_t changed;
    bool had = (c->known >> i & 1) != 0;

    assert_int_equal(sp_merge_write(&c->record, &h->change[i], &h->stamp[i],
                         &arena, &c->record, &changed),
        SP_OK);
    assert_true(!had || changed == 0); /* sent again: nothing happens */
    c->known |= 1ull << i;
}

static void write_one(struct history *h, int r)
{
    int i = h->plain.count;
    struct plain_one *w = &h->plain.write[i];
    struct sp_write *write = sp_arena_take(&arena, 1, sizeof *write);

    if (i == WRITES_MAX) {
        return;
    }
    assert_non_null(write);
    *w = (struct plain_one){ .kind = (enum plain_kind)seed_below(PLAIN_KINDS),
        .replica = r,
        .number = ++h->last[r],
        .time = 1000 + seed_below(12),
        .authority = (int)seed_below(3),
        .value = seed_below(5) == 0 ? NOTHING : (int)seed_below(4) };
    if (w->kind == PLAIN_SET || w->kind == PLAIN_APP) {
        w->element = (int)seed_below(2);
    } else if (w->kind == PLAIN_CNT) {
        w->element = i;
        w->value = seed_below(2) == 0 ? -1 - (int)seed_below(3)
                                      : 1 + (int)seed_below(3);
    }
    write->key = (struct sp_key){ (uint16_t)(w->kind + 1), element_of(w, i) };
    choose_seen(h, &h->copy[r], w, &write->key, &write->context);
    write->value = value_of(w->value, is_group(w->kind));
    h->stamp[i] = (struct sp_stamp){ { replica_of(r), (uint64_t)w->number },
        w->time, (uint32_t)r + 1, (uint8_t)w->authority };
    h->change[i] = (struct sp_change){ REF, 1, write };
    h->plain.count++;
    apply(h, &h->copy[r], i);
}

static void join(const struct copy *a, const struct copy *b, struct copy *out)
{
    struct sp_record record;
    uint32_t changed;

    assert_int_equal(
        sp_merge_join(&a->record, &b->record, &arena, &record, &changed),
        SP_OK);
    out->known = a->known | b->known;
    out->record = record;
}

static void make_history(struct history *h)
{
    memset(h, 0, sizeof *h);
    sp_arena_reset(&arena);
    for (int r = 0; r < COPIES; r++) {
        h->copy[r].record.ref = REF;
    }
    for (int step = 0; step < STEPS; step++) {
        int r = (int)seed_below(COPIES), q = (int)seed_below(COPIES);

        switch (seed_below(4)) {
        case 0:
            join(&h->copy[r], &h->copy[q], &h->copy[r]);
            break;
        case 1:
            if (h->plain.count > 0) {
                apply(
                    h, &h->copy[r], (int)seed_below((uint32_t)h->plain.count));
            }
            break;
        default:
            write_one(h, r);
        }
    }
}

/* ---- what is shown ------------------------------------------------------ */

/* What people see of a record, as numbers. */
struct seen {
    int single[PLAIN_KINDS]; /* value; NOTHING - 1: no register */
    bool conflict[PLAIN_KINDS];
    bool member[2][2]; /* SET, APP; element */
    long count;
};

static void look(const struct sp_record *r, struct seen *out)
{
    memset(out, 0, sizeof *out);
    for (int k = 0; k < PLAIN_KINDS; k++) {
        struct sp_field f = field_of((enum plain_kind)k);
        const struct sp_register *reg = sp_record_field(r, f.number);
        const struct sp_sibling *s;

        out->single[k] = NOTHING - 1;
        if (f.set || k == PLAIN_CNT || reg == NULL) {
            continue;
        }
        s = sp_merge_shown(reg, f.merge);
        assert_non_null(s);
        out->single[k] = number_of(s->value, is_group((enum plain_kind)k));
        out->conflict[k] = sp_dictionary_conflict(&f, reg);
    }
    for (int e = 0; e < 2; e++) {
        const uint8_t byte = (uint8_t)e;
        const struct sp_slice element = sp_slice_of(&byte, 1);
        const struct sp_register *set =
            sp_record_find(r, PLAIN_SET + 1, element);
        const struct sp_register *app =
            sp_record_find(r, PLAIN_APP + 1, element);

        out->member[0][e] = set != NULL && sp_dictionary_member(set);
        out->member[1][e] = app != NULL && sp_dictionary_member(app);
    }
    struct sp_field cnt = field_of(PLAIN_CNT);
    out->count = (long)sp_dictionary_count(&cnt, r, NULL);
}

static void look_plainly(
    const struct plain_history *h, uint64_t known, struct seen *out)
{
    memset(out, 0, sizeof *out);
    for (int k = 0; k < PLAIN_KINDS; k++) {
        int shown = plain_shown(h, known, (enum plain_kind)k);

        out->single[k] = NOTHING - 1;
        if (k == PLAIN_SET || k == PLAIN_APP || k == PLAIN_CNT || shown < 0) {
            continue;
        }
        out->single[k] = h->write[shown].value;
        out->conflict[k] = plain_conflict(h, known, (enum plain_kind)k);
    }
    for (int e = 0; e < 2; e++) {
        out->member[0][e] = plain_member(h, known, PLAIN_SET, e);
        out->member[1][e] = plain_member(h, known, PLAIN_APP, e);
    }
    out->count = plain_count(h, known, COUNT_LOW, COUNT_HIGH);
}

static void assert_shows(
    const struct history *h, uint64_t known, const struct sp_record *r)
{
    struct seen a, b;

    look(r, &a);
    look_plainly(&h->plain, known, &b);
    assert_memory_equal(&a, &b, sizeof a);
}

/* ---- the laws ----------------------------------------------------------- */

static void each_kind_shows_what_the_plain_rules_show(void **state)
{
    static struct history h;
    int conflicts = 0, clamped = 0, denied = 0;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        make_history(&h);
        for (int r = 0; r < COPIES; r++) {
            struct seen s;

            assert_shows(&h, h.copy[r].known, &h.copy[r].record);
            look(&h.copy[r].record, &s);
            conflicts += s.conflict[PLAIN_KEEP] + s.conflict[PLAIN_AUTH];
            clamped += s.count == COUNT_LOW || s.count == COUNT_HIGH;
            denied += s.single[PLAIN_DENY] > 0;
        }
    }
    /* The histories are worth something. */
    assert_true(conflicts > HISTORIES / 10 && clamped > HISTORIES / 100 &&
                denied > HISTORIES / 4);
}

static void what_is_shown_is_idempotent_commutative_and_associative(
    void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct copy *a, *b, *c, aa, ab, ba, bc, ab_c, a_bc;

        make_history(&h);
        a = &h.copy[seed_below(COPIES)];
        b = &h.copy[seed_below(COPIES)];
        c = &h.copy[seed_below(COPIES)];
        join(a, a, &aa);
        assert_true(records_equal(&aa.record, &a->record, false));
        join(a, b, &ab);
        join(b, a, &ba);
        assert_true(records_equal(&ab.record, &ba.record, false));
        assert_shows(&h, ab.known, &ab.record);
        join(b, c, &bc);
        join(&ab, c, &ab_c);
        join(a, &bc, &a_bc);
        assert_true(records_equal(&ab_c.record, &a_bc.record, false));
        assert_shows(&h, ab_c.known, &ab_c.record);
    }
}

/* The writes of a copy, each once or twice, in random order. */
static void deliver(struct history *h, uint64_t known, struct copy *to)
{
    int order[2 * WRITES_MAX], count = 0;

    *to = (struct copy){ .record.ref = REF };
    for (int i = 0; i < h->plain.count; i++) {
        for (uint32_t n = 0; (known >> i & 1) != 0 && n <= seed_below(2); n++) {
            order[count++] = i;
        }
    }
    for (int i = count - 1; i > 0; i--) {
        int j = (int)seed_below((uint32_t)i + 1), was = order[i];

        order[i] = order[j];
        order[j] = was;
    }
    for (int i = 0; i < count; i++) {
        apply(h, to, order[i]);
    }
}

static void no_order_and_no_repeat_changes_what_is_shown(void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct copy x, y;
        uint64_t known;

        make_history(&h);
        known = seed_next();
        deliver(&h, known, &x);
        deliver(&h, known, &y);
        assert_true(records_equal(&x.record, &y.record, false));
        assert_shows(&h, x.known, &x.record);
    }
}

static void a_counter_counts_each_commit_once_however_often_it_comes(
    void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES / 4; i++) {
        struct sp_field free = field_of(PLAIN_CNT);
        struct copy once, again;
        uint64_t known;
        uint32_t increments, commits = 0;

        make_history(&h);
        known = seed_next();
        free.low = INT64_MIN;
        free.high = INT64_MAX;
        deliver(&h, known, &once);
        deliver(&h, known, &again);
        join(&once, &again, &again);
        for (int k = 0; k < h.plain.count; k++) {
            commits +=
                (known >> k & 1) != 0 && h.plain.write[k].kind == PLAIN_CNT;
        }
        assert_int_equal(sp_dictionary_count(&free, &again.record, &increments),
            plain_count(&h.plain, known, -1000, 1000));
        assert_int_equal(increments, commits);
    }
}

/* Whoever wrote less than what is denied without having seen it changes
 * nothing for anybody, in whatever order the two come. */
static void denied_is_denied_until_somebody_who_saw_it_says_otherwise(
    void **state)
{
    static struct history h;
    int lifted = 0, kept = 0;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        make_history(&h);
        for (int r = 0; r < COPIES; r++) {
            const struct copy *c = &h.copy[r];
            struct seen s;

            look(&c->record, &s);
            for (int k = 0; k < h.plain.count; k++) {
                const struct plain_one *w = &h.plain.write[k];
                bool answered = false;

                if ((c->known >> k & 1) == 0 || w->kind != PLAIN_DENY) {
                    continue;
                }
                for (int j = 0; j < h.plain.count; j++) {
                    const struct plain_one *d = &h.plain.write[j];
                    answered = answered || ((c->known >> j & 1) != 0 &&
                                               d->kind == PLAIN_DENY &&
                                               ((d->seen >> k & 1) != 0 ||
                                                   (d->replica == w->replica &&
                                                       d->number > w->number)));
                }
                assert_true(answered || s.single[PLAIN_DENY] >= w->value);
                lifted += answered;
                kept += !answered;
            }
        }
    }
    assert_true(lifted > HISTORIES / 10 && kept > HISTORIES / 10);
}

/* ---- images ------------------------------------------------------------- */

/* The second number of the group that KEEP holds, n + 100. */
static struct sp_entity imaging(struct sp_field field[2])
{
    static const struct sp_field parts[2] = {
        { .number = 1, .kind = SP_VALUE_INT, .low = -1000, .high = 1000 },
        { .number = 2, .kind = SP_VALUE_INT, .low = -1000, .high = 1000 },
    };

    field[0] = field_of(PLAIN_KEEP);
    field[0].kind = SP_VALUE_GROUP;
    field[0].part_count = 2;
    field[0].part = parts;
    field[1] = (struct sp_field){ .number = 20,
        .kind = SP_VALUE_INT,
        .merge = SP_MERGE_DRV,
        .low = -1000,
        .high = 1000,
        .derive = SP_DERIVE_PART,
        .source = field[0].number,
        .argument = 2 };
    return (struct sp_entity){
        .number = 1, .derives = true, .field_count = 2, .field = field
    };
}

static void derive(const struct sp_entity *e, struct sp_record *r)
{
    uint32_t made;

    assert_int_equal(
        sp_dictionary_derive(e, r, SP_MAKE_ALL, &arena, r, &made), SP_OK);
}

/* So it does not matter who makes it, when, or which of them travelled. */
static void the_image_of_a_join_is_the_join_of_the_images(void **state)
{
    static struct history h;
    struct sp_field field[2];
    struct sp_entity e = imaging(field);
    int several = 0;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct copy a, b, joined, images;
        const struct sp_register *source, *image;
        struct sp_record again;

        make_history(&h);
        a = h.copy[seed_below(COPIES)];
        b = h.copy[seed_below(COPIES)];
        join(&a, &b, &joined);
        derive(&e, &joined.record);
        derive(&e, &a.record);
        derive(&e, &b.record);
        join(&a, &b, &images);
        assert_true(records_equal(&joined.record, &images.record, false));
        again = joined.record;
        derive(&e, &again);
        assert_true(records_equal(&joined.record, &again, true));
        source = sp_record_field(&joined.record, field[0].number);
        image = sp_record_field(&joined.record, field[1].number);
        assert_int_equal(source == NULL, image == NULL);
        for (uint32_t k = 0; source != NULL && k < source->count; k++) {
            int n = number_of(source->sibling[k].value, true);
            assert_int_equal(number_of(image->sibling[k].value, false),
                n == NOTHING ? NOTHING : n + 100);
        }
        assert_true(image == NULL || !sp_dictionary_conflict(&field[1], image));
        several += image != NULL && image->count > 1;
    }
    assert_true(several > HISTORIES / 20);
}

/* ---- images that stand by consent --------------------------------------- */

/* The consent is what DENY holds, and 1 is the yes. */
static struct sp_entity consenting(struct sp_field field[3])
{
    static const struct sp_option yes = { .number = 1 };
    static const struct sp_field parts[1] = { { .number = 1,
        .kind = SP_VALUE_ENUM,
        .required = true,
        .option_count = 1,
        .option = &yes } };
    struct sp_field two[2];
    struct sp_entity e = imaging(two);

    field[0] = two[0];
    field[1] = field_of(PLAIN_DENY);
    field[1].kind = SP_VALUE_GROUP;
    field[1].part_count = 1;
    field[1].part = parts;
    field[2] = two[1];
    field[2].needs = field[1].number;
    e.withholds = true;
    e.field_count = 3;
    e.field = field;
    return e;
}

/* What a reader of the image has of it: no source. */
static struct sp_record handed_out(
    const struct sp_record *r, const struct sp_field field[3], uint64_t seq)
{
    struct sp_register *reg = sp_arena_take(&arena, 2, sizeof *reg);
    uint32_t count = 0;

    assert_non_null(reg);
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->reg[i].key.field == field[1].number ||
            r->reg[i].key.field == field[2].number) {
            reg[count] = r->reg[i];
            reg[count++].seq = seq;
        }
    }
    return (struct sp_record){ REF, count, reg };
}

/* A device that has followed a server, and hears of what it knows by now, has
 * just what that has; and so has another server. */
static void what_stands_by_consent_is_the_same_at_who_follows(void **state)
{
    static struct history h;
    struct sp_field field[3];
    struct sp_entity e = consenting(field);
    int came = 0, went = 0;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct copy a, b, server;
        struct sp_record had, part, device;
        uint32_t changed, made;

        make_history(&h);
        a = h.copy[seed_below(COPIES)];
        b = h.copy[seed_below(COPIES)];
        join(&a, &b, &server);
        derive(&e, &server.record);
        derive(&e, &a.record);
        had = handed_out(&a.record, field, 1);
        part = handed_out(&server.record, field, 0);
        assert_int_equal(
            sp_merge_join(&had, &part, &arena, &device, &changed), SP_OK);
        assert_int_equal(sp_dictionary_derive(
                             &e, &device, SP_MAKE_LOST, &arena, &device, &made),
            SP_OK);
        assert_true(records_equal(&device, &part, false));
        assert_int_equal(
            sp_dictionary_consented(&e, &device, &field[2]) &&
                sp_record_field(&server.record, field[0].number) != NULL,
            sp_record_field(&device, field[2].number) != NULL);
        came += part.count > had.count && had.count > 0;
        went += part.count < had.count;
        join(&a, &server, &b);
        assert_int_equal(sp_dictionary_derive(&e, &b.record, SP_MAKE_JOINED,
                             &arena, &b.record, &made),
            SP_OK);
        assert_true(records_equal(&b.record, &server.record, false));
    }
    assert_true(came > HISTORIES / 200);
    assert_true(went > HISTORIES / 200);
}

/* ---- sums that do not fit ----------------------------------------------- */

static struct sp_record counter_of(const int64_t *n, uint32_t count)
{
    struct sp_register *reg = sp_arena_take(&arena, count, sizeof *reg);

    assert_non_null(reg);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *element = sp_arena_take(&arena, 4, 1);
        struct sp_buf b;

        assert_non_null(element);
        sp_set_u32be(element, i);
        sp_buf_init(&b, 16);
        sp_wr_int(&b, n[i]);
        reg[i] = plain_register(&arena, 1, stamp_of(9, i + 1u), "");
        reg[i].key.element = sp_slice_of(element, 4);
        ((struct sp_sibling *)reg[i].sibling)->value =
            sp_arena_copy(&arena, sp_buf_slice(&b));
        sp_buf_free(&b);
    }
    return (struct sp_record){ REF, count, reg };
}

static void a_sum_that_passes_64_bits_on_the_way_is_exact(void **state)
{
    static const struct {
        int64_t n[5];
        int64_t sum;
    } cases[] = {
        { { INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 5 }, 3 },
        { { INT64_MIN, INT64_MIN, INT64_MAX, INT64_MAX, 0 }, -2 },
        { { INT64_MAX, 1, 1, 1, 1 }, INT64_MAX },
        { { INT64_MIN, -1, -1, -1, -1 }, INT64_MIN },
        { { INT64_MAX, 1, -1, 0, 0 }, INT64_MAX },
        { { INT64_MIN, -1, 1, 0, 0 }, INT64_MIN },
        { { 4294967295, 1, -4294967296, -4294967296, 0 }, -4294967296 },
        { { -1, -1, -1, -1, -1 }, -5 },
    };
    struct sp_field f = {
        .number = 1, .merge = SP_MERGE_CNT, .low = INT64_MIN, .high = INT64_MAX
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (uint32_t turn = 0; turn < 5; turn++) {
            int64_t n[5];
            struct sp_record r;
            uint32_t count;

            for (uint32_t k = 0; k < 5; k++) {
                n[k] = cases[i].n[(k + turn) % 5];
            }
            sp_arena_reset(&arena);
            r = counter_of(n, 5);
            assert_true(sp_dictionary_count(&f, &r, &count) == cases[i].sum);
            assert_int_equal(count, 5);
        }
    }
}

/* As many increments as a record can hold, each as large as one can be. */
static void the_largest_counter_stays_in_its_bounds(void **state)
{
    struct sp_field f = {
        .number = 1, .merge = SP_MERGE_CNT, .low = -10, .high = 1000
    };
    int64_t *n = calloc(SP_RECORD_REGISTERS_MAX, sizeof *n);
    struct sp_record r;

    (void)state;
    assert_non_null(n);
    for (uint32_t i = 0; i < SP_RECORD_REGISTERS_MAX; i++) {
        n[i] = INT64_MAX;
    }
    sp_arena_reset(&arena);
    r = counter_of(n, SP_RECORD_REGISTERS_MAX);
    assert_int_equal(sp_dictionary_count(&f, &r, NULL), 1000);
    for (uint32_t i = 0; i < SP_RECORD_REGISTERS_MAX; i++) {
        n[i] = INT64_MIN;
    }
    r = counter_of(n, SP_RECORD_REGISTERS_MAX);
    assert_int_equal(sp_dictionary_count(&f, &r, NULL), -10);
    free(n);
}

static void ranks_are_an_order_that_the_encoding_does_not_show(void **state)
{
    /* Rising; those of one line are equal. */
    static const struct {
        struct sp_slice a, b;
    } rising[] = {
        { { (const uint8_t *)"\xc0", 1 }, { NULL, 0 } },
        { { (const uint8_t *)"\xa1x", 2 }, { (const uint8_t *)"\xa1y", 2 } },
        { { (const uint8_t *)"\xc2", 1 }, { (const uint8_t *)"\x91\xc2", 2 } },
        { { (const uint8_t *)"\xc3", 1 },
            { (const uint8_t *)"\x92\xc3\xa1x", 4 } },
        { { (const uint8_t *)"\xd3\x80\0\0\0\0\0\0\0", 9 }, { NULL, 0 } },
        { { (const uint8_t *)"\xd0\x80", 2 }, { NULL, 0 } },
        { { (const uint8_t *)"\xff", 1 }, { NULL, 0 } },
        { { (const uint8_t *)"\0", 1 }, { (const uint8_t *)"\x92\0\xa3"
                                                           "CNY",
                                            6 } },
        { { (const uint8_t *)"\x7f", 1 }, { NULL, 0 } },
        { { (const uint8_t *)"\xcc\x80", 2 }, { NULL, 0 } },
        { { (const uint8_t *)"\xcf\x7f\xff\xff\xff\xff\xff\xff\xff", 9 },
            { NULL, 0 } },
        { { (const uint8_t *)"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
            { NULL, 0 } },
    };
    int count = (int)(sizeof rising / sizeof rising[0]);

    (void)state;
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < count; k++) {
            int order = i < k ? -1 : i > k;

            assert_int_equal(
                sp_merge_rank_cmp(rising[i].a, rising[k].a), order);
            if (rising[i].b.size > 0) {
                assert_int_equal(
                    sp_merge_rank_cmp(rising[i].b, rising[k].a), order);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_shows_what_the_plain_rules_show),
        cmocka_unit_test(
            what_is_shown_is_idempotent_commutative_and_associative),
        cmocka_unit_test(no_order_and_no_repeat_changes_what_is_shown),
        cmocka_unit_test(
            a_counter_counts_each_commit_once_however_often_it_comes),
        cmocka_unit_test(
            denied_is_denied_until_somebody_who_saw_it_says_otherwise),
        cmocka_unit_test(the_image_of_a_join_is_the_join_of_the_images),
        cmocka_unit_test(what_stands_by_consent_is_the_same_at_who_follows),
        cmocka_unit_test(a_sum_that_passes_64_bits_on_the_way_is_exact),
        cmocka_unit_test(the_largest_counter_stays_in_its_bounds),
        cmocka_unit_test(ranks_are_an_order_that_the_encoding_does_not_show),
    };
    int failed;

    seed_begin();
    sp_arena_init(&arena, 1u << 26);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    sp_arena_free(&arena);
    return failed;
}
