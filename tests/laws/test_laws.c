/*
 * The laws of the merge on random histories: replicas write over what they
 * saw, forget, see parts, receive commits late, twice or never, and join.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "plain_merge.h"
#include "records.h"
#include "seed.h"
#include "sp/limits.h"

enum { HISTORIES = 20000, STEPS = 14, WRITES_MAX = 3 };

static struct sp_arena arena;
static const struct sp_ref REF = { 1, { { 1, 2, 3 } } };

/* ---- both implementations side by side ---------------------------------- */

struct copy {
    struct sp_record record;
    struct plain_record plain;
};

struct commit {
    int replica, n;
    struct sp_stamp stamp;
    struct sp_change change;
    int key[WRITES_MAX];
    struct dot_set context[WRITES_MAX];
};

struct history {
    struct copy copy[REPLICAS];
    int last[REPLICAS]; /* number of each replica's last commit */
    struct commit commit[STEPS];
    int commits;
};

static sp_replica replica_of(int r)
{
    /* Not in the order of r, and one with its top bit set (SYNC X5). */
    static const sp_replica id[REPLICAS] = { 0x700000001, 0x100000009,
        0x8123456789abcdef, 0x100000002, 0x300000003 };

    return id[r];
}

static int index_of(sp_replica replica)
{
    for (int r = 0; r < REPLICAS; r++) {
        if (replica_of(r) == replica) {
            return r;
        }
    }
    fail_msg("no such replica");
    return 0;
}

/* Keys 0 and 1 are fields, the others elements of one field. */
static struct sp_key key_of(int k)
{
    static const char *const element[KEYS] = { "", "", "a", "ab", "b" };

    return (
        struct sp_key){ (uint16_t)(k < 2 ? k : 7), sp_slice_text(element[k]) };
}

static int index_of_key(const struct sp_key *key)
{
    for (int k = 0; k < KEYS; k++) {
        struct sp_key other = key_of(k);

        if (sp_key_cmp(&other, key) == 0) {
            return k;
        }
    }
    fail_msg("no such key");
    return 0;
}

static struct plain_record as_plain(const struct sp_record *record)
{
    struct plain_record out = { 0 };

    for (uint32_t i = 0; i < record->count; i++) {
        const struct sp_register *g = &record->reg[i];
        struct plain_register *p = &out.key[index_of_key(&g->key)];

        for (uint32_t d = 0; d < g->context.count; d++) {
            plain_see(&p->seen, index_of(g->context.dot[d].replica),
                (int)g->context.dot[d].counter);
        }
        for (uint32_t s = 0; s < g->count; s++) {
            struct sp_dot dot = g->sibling[s].stamp.dot;

            p->values.dot[index_of(dot.replica)][dot.counter] = true;
        }
    }
    return out;
}

/* What must hold of every register at all times (sp/record.h). */
static void assert_invariants(const struct sp_record *record)
{
    for (uint32_t i = 0; i < record->count; i++) {
        const struct sp_register *g = &record->reg[i];

        assert_true(i == 0 || sp_key_cmp(&g[-1].key, &g->key) < 0);
        assert_true(g->context.count > 0);
        assert_true(sp_vector_valid(&g->context));
        for (uint32_t s = 0; s < g->count; s++) {
            struct sp_dot dot = g->sibling[s].stamp.dot;

            assert_int_equal(
                sp_vector_get(&g->context, dot.replica), dot.counter);
            assert_true(
                s == 0 || sp_dot_cmp(&g->sibling[s - 1].stamp.dot, &dot) < 0);
        }
    }
}

static void assert_as_plain(const struct copy *c)
{
    struct plain_record plain = as_plain(&c->record);

    assert_invariants(&c->record);
    assert_memory_equal(&plain, &c->plain, sizeof plain);
}

static void join_copies(
    const struct copy *a, const struct copy *b, struct copy *out)
{
    struct plain_record plain = { 0 };
    struct sp_record record;
    uint32_t changed;

    assert_int_equal(
        sp_merge_join(&a->record, &b->record, &arena, &record, &changed),
        SP_OK);
    assert_int_equal(changed == 0, records_equal(&record, &a->record, false));
    plain_join(&a->plain, &b->plain, &plain);
    out->record = record;
    out->plain = plain;
    assert_as_plain(out);
}

static void apply(struct copy *to, const struct commit *c)
{
    struct sp_record after;
    uint32_t changed;

    assert_int_equal(sp_merge_write(&to->record, &c->change, &c->stamp, &arena,
                         &after, &changed),
        SP_OK);
    assert_int_equal(changed == 0, records_equal(&after, &to->record, false));
    to->record = after;
    for (uint32_t i = 0; i < c->change.count; i++) {
        plain_write(&to->plain, c->key[i], c->replica, c->n, &c->context[i]);
    }
    assert_as_plain(to);
}

/* ---- random histories --------------------------------------------------- */

static const struct sp_register *known(const struct sp_record *r, int k)
{
    struct sp_key key = key_of(k);

    return sp_record_find(r, key.field, key.element);
}

/* What the author saw for a key: mostly all that its copy knows of it; now
 * and then less (withheld, purged, an old screen), now and then the vector of
 * the whole record (a deletion, SYNC M4). Never its own dot or above. */
static struct sp_vector saw(const struct copy *c, int k)
{
    const struct sp_register *g = known(&c->record, k);
    struct sp_vector all = { 0, NULL }, some;
    struct sp_dot *dot;

    if (seed_below(10) == 0) {
        assert_int_equal(sp_merge_vector(&c->record, &arena, &all), SP_OK);
    } else if (g != NULL && seed_below(10) > 0) {
        all = g->context;
    }
    if (all.count == 0 || seed_below(6) > 0) {
        return all;
    }
    dot = sp_arena_take(&arena, all.count, sizeof *dot);
    assert_non_null(dot);
    some = (struct sp_vector){ 0, dot };
    for (uint32_t i = 0; i < all.count; i++) {
        if (seed_below(3) > 0) {
            dot[some.count] = all.dot[i];
            dot[some.count++].counter -=
                seed_below((uint32_t)all.dot[i].counter);
        }
    }
    return some;
}

static void make_write(
    struct history *h, struct commit *c, struct sp_write *w, int i, int k)
{
    char text[16];

    /* Every dot has its own value on each key. */
    (void)snprintf(text, sizeof text, "%d.%d.%d", c->replica, c->n, k);
    *w = (struct sp_write){ key_of(k), saw(&h->copy[c->replica], k),
        text_value(&arena, text) };
    c->key[i] = k;
    for (uint32_t d = 0; d < w->context.count; d++) {
        plain_see(&c->context[i], index_of(w->context.dot[d].replica),
            (int)w->context.dot[d].counter);
    }
}

static struct commit *make_commit(struct history *h, int r)
{
    struct commit *c = &h->commit[h->commits];
    struct sp_write *w = sp_arena_take(&arena, WRITES_MAX, sizeof *w);
    uint32_t count = 0;

    assert_non_null(w);
    memset(c, 0, sizeof *c);
    c->replica = r;
    c->n = h->last[r] + 1 + (int)seed_below(2); /* others wrote elsewhere */
    if (c->n >= COUNTERS) {
        return NULL;
    }
    for (int k = 0; k < KEYS && count < WRITES_MAX; k++) {
        if (seed_below(3) == 0) {
            make_write(h, c, &w[count], (int)count, k);
            count++;
        }
    }
    if (count == 0) {
        return NULL;
    }
    h->last[r] = c->n;
    h->commits++;
    c->stamp = (struct sp_stamp){ { replica_of(r), (uint64_t)c->n },
        seed_next() >> 16 << seed_below(17), seed_below(3),
        (uint8_t)seed_below(3) };
    c->change = (struct sp_change){ REF, count, w };
    return c;
}

static void forget(struct copy *c)
{
    *c = (struct copy){ .record = { .ref = REF } };
}

/* A copy as some reader sees it: without the keys of one field. */
static bool not_field_7(const void *arg, uint16_t field)
{
    (void)arg;
    return field != 7;
}

static void withhold(struct copy *c)
{
    struct sp_record some;

    assert_int_equal(
        sp_record_filter(&c->record, not_field_7, NULL, &arena, &some), SP_OK);
    c->record = some;
    memset(&c->plain.key[2], 0, 3 * sizeof c->plain.key[2]);
    assert_as_plain(c);
}

static void make_history(struct history *h)
{
    memset(h, 0, sizeof *h);
    sp_arena_reset(&arena);
    for (int r = 0; r < REPLICAS; r++) {
        forget(&h->copy[r]);
    }
    for (int step = 0; step < STEPS; step++) {
        int r = (int)seed_below(REPLICAS), q = (int)seed_below(REPLICAS);
        struct commit *c;

        switch (seed_below(8)) {
        case 0:
        case 1:
            join_copies(&h->copy[r], &h->copy[q], &h->copy[r]);
            break;
        case 2:
            if (h->commits > 0) {
                apply(
                    &h->copy[r], &h->commit[seed_below((uint32_t)h->commits)]);
            }
            break;
        case 3:
            if (seed_below(3) == 0) {
                forget(&h->copy[r]);
            } else {
                withhold(&h->copy[r]);
            }
            break;
        default:
            c = make_commit(h, r);
            if (c != NULL) {
                apply(&h->copy[r], c);
            }
        }
    }
}

static struct copy *any_copy(struct history *h)
{
    return &h->copy[seed_below(REPLICAS)];
}

/* ---- the laws ----------------------------------------------------------- */

static void histories_agree_with_the_plain_merge(void **state)
{
    static struct history h;
    int commits = 0, conflicts = 0;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        make_history(&h); /* compares after every step */
        commits += h.commits;
        for (int r = 0; r < REPLICAS; r++) {
            for (uint32_t k = 0; k < h.copy[r].record.count; k++) {
                conflicts += h.copy[r].record.reg[k].count > 1;
            }
        }
    }
    /* The histories are worth something. */
    assert_true(commits > 3 * HISTORIES);
    assert_true(conflicts > HISTORIES / 4);
}

static void join_is_idempotent_commutative_and_associative(void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct copy *a, *b, *c, aa, ab, ba, bc, ab_c, a_bc;

        make_history(&h);
        a = any_copy(&h);
        b = any_copy(&h);
        c = any_copy(&h);
        join_copies(a, a, &aa);
        assert_true(records_equal(&aa.record, &a->record, true));
        join_copies(a, b, &ab);
        join_copies(b, a, &ba);
        assert_true(records_equal(&ab.record, &ba.record, false));
        join_copies(b, c, &bc);
        join_copies(&ab, c, &ab_c);
        join_copies(a, &bc, &a_bc);
        assert_true(records_equal(&ab_c.record, &a_bc.record, false));
        join_copies(&ab, b, &ba); /* b is in it already */
        assert_true(records_equal(&ab.record, &ba.record, false));
    }
}

/* The commits with these bits, each once or more, in random order. */
static void deliver(const struct history *h, unsigned chosen, struct copy *to)
{
    int order[2 * STEPS], count = 0;

    forget(to);
    for (int i = 0; i < h->commits; i++) {
        if (chosen >> i & 1) {
            order[count++] = i;
            if (seed_below(4) == 0) {
                order[count++] = i;
            }
        }
    }
    for (int i = count - 1; i > 0; i--) {
        int j = (int)seed_below((uint32_t)i + 1), was = order[i];

        order[i] = order[j];
        order[j] = was;
    }
    for (int i = 0; i < count; i++) {
        apply(to, &h->commit[order[i]]);
    }
}

static void any_order_and_repeats_of_the_same_commits_agree(void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES / 2; i++) {
        unsigned chosen;
        struct copy x, y;

        make_history(&h);
        chosen = (unsigned)seed_next();
        deliver(&h, chosen, &x);
        deliver(&h, chosen, &y);
        assert_true(records_equal(&x.record, &y.record, false));
    }
}

static void join_of_two_subsets_is_the_delivery_of_their_union(void **state)
{
    static struct history h;

    (void)state;
    for (int i = 0; i < HISTORIES / 2; i++) {
        unsigned a, b;
        struct copy x, y, joined, both;

        make_history(&h);
        a = (unsigned)seed_next();
        b = (unsigned)seed_next();
        deliver(&h, a, &x);
        deliver(&h, b, &y);
        join_copies(&x, &y, &joined);
        deliver(&h, a | b, &both);
        assert_true(records_equal(&joined.record, &both.record, false));
    }
}

/* Equal records have equal bytes, whichever way they came about, and bytes
 * give the record back, sequences too. */
static void bytes_depend_on_the_record_alone(void **state)
{
    static struct history h;
    struct sp_buf first, second;

    (void)state;
    sp_buf_init(&first, SP_RECORD_BYTES_MAX);
    sp_buf_init(&second, SP_RECORD_BYTES_MAX);
    for (int i = 0; i < HISTORIES / 2; i++) {
        struct copy ab, ba, *a, *b;
        struct sp_record back;

        make_history(&h);
        a = any_copy(&h);
        b = any_copy(&h);
        join_copies(a, b, &ab);
        join_copies(b, a, &ba);
        for (uint32_t k = 0; k < ab.record.count; k++) {
            ((struct sp_register *)ab.record.reg)[k].seq =
                ((struct sp_register *)ba.record.reg)[k].seq =
                    seed_next() >> seed_below(64);
        }
        sp_buf_reset(&first);
        sp_buf_reset(&second);
        sp_record_encode(&ab.record, SP_RECORD_STORED, &first);
        sp_record_encode(&ba.record, SP_RECORD_STORED, &second);
        assert_int_equal(first.err, SP_OK);
        assert_int_equal(second.err, SP_OK);
        assert_true(
            sp_slice_equal(sp_buf_slice(&first), sp_buf_slice(&second)));
        assert_int_equal(sp_record_decode(sp_buf_slice(&first),
                             SP_RECORD_STORED, &arena, &back),
            SP_OK);
        assert_true(records_equal(&back, &ab.record, true));
    }
    sp_buf_free(&first);
    sp_buf_free(&second);
}

/* Random damage is refused or is the one encoding of another record. */
static void damaged_bytes_are_refused_or_canonical(void **state)
{
    static struct history h;
    struct sp_buf first, second;
    int taken = 0, refused = 0;

    (void)state;
    sp_buf_init(&first, SP_RECORD_BYTES_MAX);
    sp_buf_init(&second, SP_RECORD_BYTES_MAX);
    for (int i = 0; i < HISTORIES; i++) {
        struct sp_record back;

        if (i % 20 == 0) {
            make_history(&h);
        }
        sp_buf_reset(&first);
        sp_record_encode(&any_copy(&h)->record, SP_RECORD_STORED, &first);
        assert_int_equal(first.err, SP_OK);
        for (uint32_t d = 1 + seed_below(3); d > 0; d--) {
            first.data[seed_below((uint32_t)first.size)] =
                (uint8_t)seed_below(256);
        }
        if (sp_record_decode(sp_buf_slice(&first), SP_RECORD_STORED, &arena,
                &back) != SP_OK) {
            refused++;
            continue;
        }
        taken++;
        assert_invariants(&back);
        sp_buf_reset(&second);
        sp_record_encode(&back, SP_RECORD_STORED, &second);
        assert_int_equal(second.err, SP_OK);
        assert_true(
            sp_slice_equal(sp_buf_slice(&first), sp_buf_slice(&second)));
    }
    assert_true(taken > HISTORIES / 50 && refused > HISTORIES / 50);
    sp_buf_free(&first);
    sp_buf_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_agree_with_the_plain_merge),
        cmocka_unit_test(join_is_idempotent_commutative_and_associative),
        cmocka_unit_test(any_order_and_repeats_of_the_same_commits_agree),
        cmocka_unit_test(join_of_two_subsets_is_the_delivery_of_their_union),
        cmocka_unit_test(bytes_depend_on_the_record_alone),
        cmocka_unit_test(damaged_bytes_are_refused_or_canonical),
    };
    int failed;

    seed_begin();
    sp_arena_init(&arena, 1u << 26);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    sp_arena_free(&arena);
    return failed;
}
