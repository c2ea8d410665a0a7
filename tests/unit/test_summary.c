/* test_summary.c - the entries of records on disk say what the records say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#include "api/call.h"

#define ACCOUNT 1u

static void add(struct test_world *w, const char *name, const char *phone)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { "phone_main", phone, SATCHEL_SET } };
    struct satchel_error e;

    if (satchel_account_add(w->s, in, 2, NULL, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
}

static void add_many(struct test_world *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[40];
        (void)snprintf(name, sizeof(name), "Shop %05u 中华商行", i);
        add(w, name, "13812345678");
    }
}

static void begin(struct test_world *w, bool write, struct sp_tx *tx)
{
    assert_int_equal(cc_replica_begin(&w->s->replica, write, tx), SP_OK);
}

static const struct sp_entity *entity(struct test_world *w)
{
    return sp_dictionary_entity(cc_replica_dictionary(&w->s->replica), ACCOUNT);
}

static void same_entry(const struct cc_index *a, const struct cc_entry *x,
    const struct cc_index *b, const struct cc_entry *y)
{
    assert_memory_equal(&x->id, &y->id, sizeof(x->id));
    assert_memory_equal(&x->parent, &y->parent, sizeof(x->parent));
    assert_memory_equal(&x->into, &y->into, sizeof(x->into));
    assert_string_equal(cc_index_text(a, x->title), cc_index_text(b, y->title));
    assert_string_equal(cc_index_text(a, x->hay), cc_index_text(b, y->hay));
    assert_string_equal(cc_index_text(a, x->phone), cc_index_text(b, y->phone));
    assert_int_equal(x->owner, y->owner);
    assert_int_equal(x->cycle_days, y->cycle_days);
    assert_int_equal(x->deleted, y->deleted);
    assert_int_equal(x->conflict, y->conflict);
}

/* What is read by way of the summary is what the records say. Returns how many
 * there are. */
static size_t check(struct test_world *w)
{
    struct cc_index by_summary, by_records;
    struct sp_tx tx;
    size_t count;

    begin(w, false, &tx);
    cc_index_init(&by_summary);
    cc_index_init(&by_records);
    assert_int_equal(
        cc_index_load(&by_summary, &w->s->replica.summary, &tx, entity(w)),
        SP_OK);
    assert_int_equal(cc_index_load(&by_records, NULL, &tx, entity(w)), SP_OK);
    count = by_records.count;
    assert_int_equal(by_summary.count, count);
    for (size_t i = 0; i < count; i++) {
        same_entry(&by_summary, &by_summary.entry[i], &by_records,
            &by_records.entry[i]);
    }
    cc_index_free(&by_summary);
    cc_index_free(&by_records);
    cc_replica_abort(&w->s->replica, &tx);
    return count;
}

static uint64_t entries(struct test_world *w, enum sp_table table)
{
    struct sp_tx tx;
    uint64_t count = 0;

    begin(w, false, &tx);
    assert_int_equal(tx.node->store->count(tx.txn, table, &count), SP_OK);
    cc_replica_abort(&w->s->replica, &tx);
    return count;
}

static bool is_behind(struct test_world *w)
{
    struct sp_tx tx;
    bool out = false;

    begin(w, false, &tx);
    assert_int_equal(
        cc_summary_behind(&w->s->replica.summary, &tx, &out), SP_OK);
    cc_replica_abort(&w->s->replica, &tx);
    return out;
}

static void tidy(struct test_world *w)
{
    assert_int_equal(cc_replica_tidy(&w->s->replica), SP_OK);
    assert_false(is_behind(w));
    assert_int_equal(entries(w, CC_T_STALE), 0);
}

static void edit(struct test_world *w, const char *reference, const char *name)
{
    const struct satchel_input in = { "name", name, SATCHEL_SET };
    struct satchel_error e;

    if (satchel_account_edit(w->s, reference, &in, 1, NULL, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
}

static void summary_says_what_records_say_after_each_step(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    assert_int_equal(check(w), 0);
    add_many(w, 3);
    assert_int_equal(check(w), 3); /* nothing is in pages yet */
    assert_true(is_behind(w));
    tidy(w);
    assert_int_equal(check(w), 3);
    edit(w, "Shop 00001", "Another name");
    assert_int_equal(entries(w, CC_T_STALE), 2); /* its name, its facts */
    assert_int_equal(check(w), 3);
    add(w, "One more", "");
    assert_int_equal(entries(w, CC_T_STALE), 4);
    assert_int_equal(check(w), 4);
    edit(w, "One more", "中華商行");
    assert_int_equal(check(w), 4);
    tidy(w);
    assert_int_equal(check(w), 4);
}

static void pages_split_and_stay_in_order(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    add_many(w, 300);
    tidy(w);
    assert_int_equal(check(w), 300);
    assert_true(entries(w, CC_T_PAGE) >= 3); /* heads and pages */
    edit(w, "Shop 00000", "First");
    edit(w, "Shop 00150", "Middle");
    edit(w, "Shop 00299", "Last");
    assert_int_equal(check(w), 300);
    tidy(w);
    assert_int_equal(check(w), 300);
}

/* As after a crash before the first exchange, or an older program. */
static void a_store_without_a_summary_is_read_from_its_records(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct sp_tx tx;
    uint8_t key[2] = { 0, ACCOUNT };

    add_many(w, 5);
    tidy(w);
    begin(w, true, &tx);
    assert_int_equal(
        tx.node->store->del(tx.txn, CC_T_PAGE, sp_slice_of(key, 2)), SP_OK);
    assert_int_equal(cc_replica_commit(&w->s->replica, &tx), SP_OK);
    assert_int_equal(check(w), 5);
    edit(w, "Shop 00001", "Another name");
    assert_int_equal(check(w), 5);
    tidy(w);
    assert_int_equal(check(w), 5);
}

static void another_dictionary_makes_all_anew(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct cc_summary *s = &w->s->replica.summary;

    add_many(w, 5);
    tidy(w);
    s->serial += 1; /* as if another one had come */
    assert_true(is_behind(w));
    assert_int_equal(check(w), 5);
    tidy(w);
    assert_int_equal(check(w), 5);
    assert_int_equal(entries(w, CC_T_STALE), 0);
}

static void a_transaction_that_is_given_up_marks_nothing(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    const struct satchel_input bad = { "name", "", SATCHEL_SET };
    struct satchel_error e;

    add_many(w, 2);
    tidy(w);
    assert_int_not_equal(
        satchel_account_edit(w->s, "Shop 00001", &bad, 1, NULL, &e), 0);
    assert_int_equal(entries(w, CC_T_STALE), 0);
    assert_int_equal(check(w), 2);
}

static sp_err touch(struct test_world *w, struct sp_tx *tx, unsigned count)
{
    struct sp_watch watch = cc_summary_watch(&w->s->replica.summary);
    sp_err err = SP_OK;

    for (unsigned i = 0; i < count && err == SP_OK; i++) {
        struct sp_ref ref = { .type = ACCOUNT };
        ref.id.b[0] = 1;
        sp_set_u32be(ref.id.b + 12, i);
        err = watch.record(watch.self, tx, &ref);
    }
    return err;
}

static void as_many_marks_as_allowed_go_into_the_pages(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    add_many(w, 2);
    for (unsigned n = CC_SUMMARY_STALE_MAX - 1; n <= CC_SUMMARY_STALE_MAX + 1;
         n++) {
        struct sp_tx tx;
        tidy(w);
        begin(w, true, &tx);
        assert_int_equal(touch(w, &tx, n), SP_OK);
        assert_int_equal(cc_replica_commit(&w->s->replica, &tx), SP_OK);
        assert_int_equal(
            entries(w, CC_T_STALE), n < CC_SUMMARY_STALE_MAX ? n : 0);
        assert_int_equal(check(w), 2);
    }
}

static void a_change_of_grants_makes_all_anew(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct sp_watch watch = cc_summary_watch(&w->s->replica.summary);
    struct sp_tx tx;

    add_many(w, 4);
    tidy(w);
    begin(w, true, &tx);
    assert_int_equal(watch.grant(watch.self, &tx), SP_OK);
    assert_int_equal(cc_replica_commit(&w->s->replica, &tx), SP_OK);
    assert_true(is_behind(w));
    assert_int_equal(check(w), 4);
    tidy(w);
    assert_int_equal(check(w), 4);
}

/* ---- facts -------------------------------------------------------------- */

/* What a walk gives, written down: ids, and keys and values of registers. */
struct written {
    struct sp_buf text;
    size_t count, facts; /* records; those without dots */
    size_t enough;       /* ends the walk; 0: all */
    bool stamps;         /* by whom and when, too */
};

static sp_err write_down(void *arg, const struct sp_record *view)
{
    struct written *w = (struct written *)arg;
    bool dots = false;

    sp_buf_put(&w->text, view->ref.id.b, sizeof(view->ref.id.b));
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_register *reg = &view->reg[i];
        sp_buf_put_u16be(&w->text, reg->key.field);
        sp_buf_put_u16be(&w->text, (uint16_t)reg->key.element.size);
        sp_buf_put(&w->text, reg->key.element.data, reg->key.element.size);
        sp_buf_put_u32be(&w->text, reg->count);
        for (uint32_t k = 0; k < reg->count; k++) {
            struct sp_slice value = reg->sibling[k].value;
            const struct sp_stamp *stamp = &reg->sibling[k].stamp;
            dots = dots || stamp->dot.replica != 0;
            sp_buf_put_u64be(&w->text, w->stamps ? stamp->time : 0);
            sp_buf_put_u32be(&w->text, w->stamps ? stamp->user : 0);
            sp_buf_put_u32be(&w->text, (uint32_t)value.size);
            sp_buf_put(&w->text, value.data, value.size);
        }
    }
    assert_int_equal(w->text.err, SP_OK);
    w->count++;
    w->facts += !dots;
    return w->count == w->enough ? SP_E_NOT_FOUND : SP_OK;
}

static void written_init(struct written *w, size_t enough)
{
    *w = (struct written){ .enough = enough };
    sp_buf_init(&w->text, 64u << 20);
}

static void same_written(struct written *a, struct written *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->text.size, b->text.size);
    assert_memory_equal(a->text.data == NULL ? (uint8_t *)"" : a->text.data,
        b->text.data == NULL ? (uint8_t *)"" : b->text.data, a->text.size);
    sp_buf_free(&a->text);
    sp_buf_free(&b->text);
}

/* Both ways of walking, from an id on (NULL: all), as far as enough. Returns
 * how many were read from pages. */
static size_t walk_both(struct test_world *w, struct sp_tx *tx,
    const struct sp_entity *e, const struct sp_id *after, size_t enough)
{
    struct written records, facts;

    written_init(&records, enough);
    written_init(&facts, enough);
    records.stamps = facts.stamps = cc_facts_apart(e);
    assert_int_equal(
        sp_state_walk(tx, e->number, after, write_down, &records), SP_OK);
    assert_int_equal(
        cc_facts_walk(&w->s->replica.summary, tx, e, after, write_down, &facts),
        SP_OK);
    assert_int_equal(records.facts, 0);
    same_written(&records, &facts);
    return facts.facts;
}

struct middle {
    size_t left;
    struct sp_id id;
};

static sp_err take_middle(void *arg, const struct sp_record *view)
{
    struct middle *m = (struct middle *)arg;

    m->id = view->ref.id;
    return m->left-- == 0 ? SP_E_NOT_FOUND : SP_OK;
}

/* Of records that may hold a conflict, or were deleted: by the records. */
struct doubtful {
    struct written all;
};

static sp_err take_doubtful(void *arg, const struct sp_record *view)
{
    struct doubtful *d = (struct doubtful *)arg;

    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_register *reg = &view->reg[i];
        const struct sp_slice value = reg->sibling[0].value;
        if (reg->key.field == SP_FIELD_DELETED &&
            (reg->count > 1 || value.data[0] == 0xc3)) {
            return write_down(&d->all, view);
        }
    }
    return SP_OK;
}

/* Every entity of the dictionary: what is walked by way of the pages shows
 * what the records show. Returns how many records were not opened. */
static size_t check_facts(struct test_world *w)
{
    const struct sp_dictionary *d;
    struct sp_tx tx;
    size_t facts = 0;
    bool late = is_behind(w);

    begin(w, false, &tx);
    d = cc_replica_dictionary(&w->s->replica);
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        struct middle m = { .left = 5 };
        struct doubtful by_records;
        struct written by_marks;

        facts += walk_both(w, &tx, e, NULL, 0);
        assert_int_equal(
            sp_state_walk(&tx, e->number, NULL, take_middle, &m), SP_OK);
        (void)walk_both(w, &tx, e, &m.id, 0);
        (void)walk_both(w, &tx, e, NULL, 7);
        if (!cc_facts_kept(e)) {
            continue;
        }
        written_init(&by_records.all, 0);
        written_init(&by_marks, 0);
        assert_int_equal(
            sp_state_walk(&tx, e->number, NULL, take_doubtful, &by_records),
            SP_OK);
        /* Without a summary all are given: for the caller to look at. */
        if (!late) {
            assert_int_equal(cc_facts_walk_conflicts(&w->s->replica.summary,
                                 &tx, e, write_down, &by_marks),
                SP_OK);
            same_written(&by_records.all, &by_marks);
        } else {
            sp_buf_free(&by_records.all.text);
        }
    }
    cc_replica_abort(&w->s->replica, &tx);
    return facts;
}

/* xorshift, so that a run can be had again. */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % below;
}

struct history {
    struct test_world *w;
    uint32_t seed;
    size_t notes, purchases;
    char note[200][SP_ID_TEXT_BYTES], purchase[200][SP_ID_TEXT_BYTES];
};

static void add_purchase(struct history *h, const char *shop)
{
    char amount[40], product[40];
    const struct satchel_input in[] = { { "date", "2026-03-05", SATCHEL_SET },
        { "amount", amount, SATCHEL_SET }, { "products", product, SATCHEL_ADD },
        { "products", "茶", SATCHEL_ADD } };
    struct satchel_saved saved;
    struct satchel_error e;

    (void)snprintf(
        amount, sizeof(amount), "%u.00 CNY", 1 + draw(&h->seed, 900));
    (void)snprintf(product, sizeof(product), "P-%u", draw(&h->seed, 50));
    if (satchel_record_add(h->w->s, "purchase", shop, in, 2 + draw(&h->seed, 3),
            &saved, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
    memcpy(h->purchase[h->purchases++], saved.id, SP_ID_TEXT_BYTES);
}

/* Some are too long to have facts. */
static void fill_text(struct history *h, char text[2000])
{
    size_t size = draw(&h->seed, 4) == 0 ? 900 + draw(&h->seed, 1000)
                                         : 1 + draw(&h->seed, 60);

    memset(text, 'a' + (int)draw(&h->seed, 26), size);
    text[size] = '\0';
}

static void add_note(struct history *h, const char *shop)
{
    char text[2000];
    const struct satchel_input in[] = { { "text", text, SATCHEL_SET },
        { "pinned", "yes", SATCHEL_SET } };
    struct satchel_saved saved;
    struct satchel_error e;

    fill_text(h, text);
    if (satchel_record_add(h->w->s, "note", shop, in, 1 + draw(&h->seed, 2),
            &saved, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
    memcpy(h->note[h->notes++], saved.id, SP_ID_TEXT_BYTES);
}

static void change_one(struct history *h)
{
    char text[2000];
    const struct satchel_input in[] = { { "text", text, SATCHEL_SET },
        { "pinned", draw(&h->seed, 2) == 0 ? "yes" : "", SATCHEL_SET } };
    struct satchel_error e;

    fill_text(h, text);
    if (h->notes > 0 && satchel_record_edit(h->w->s, "note",
                            h->note[draw(&h->seed, (uint32_t)h->notes)],
                            in + draw(&h->seed, 2), 1, NULL, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
}

static void step(struct history *h)
{
    char shop[20];

    (void)snprintf(shop, sizeof(shop), "Shop %05u", draw(&h->seed, 3));
    switch (draw(&h->seed, 12)) {
    case 0:
    case 1:
    case 2:
        add_purchase(h, shop);
        break;
    case 3:
    case 4:
    case 5:
        add_note(h, shop);
        break;
    case 6:
        tidy(h->w);
        break;
    default:
        change_one(h);
    }
}

static void facts_show_what_records_show_after_any_edits(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    add_many(w, 3);
    for (uint32_t seed = 1; seed <= 3; seed++) {
        struct history h = { .w = w, .seed = seed * 2654435761u };
        print_message("seed %u\n", seed);
        for (unsigned i = 0; i < 90; i++) {
            step(&h);
            if (i % 6 == 0) {
                (void)check_facts(w);
            }
        }
        tidy(w);
        assert_true(check_facts(w) >= h.purchases);
    }
}

/* As a device has it that ran an older program. */
static void facts_of_an_older_form_are_not_read(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct history h = { .w = w, .seed = 7 };

    add_many(w, 1);
    add_purchase(&h, "Shop 00000");
    tidy(w);
    assert_true(check_facts(w) > 0);
    w->s->replica.summary.serial += 1; /* whose head says something else */
    assert_int_equal(check_facts(w), 0);
    tidy(w);
    assert_true(check_facts(w) > 0);
}

static void a_walk_behind_a_write_reads_the_records(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct sp_watch watch = cc_summary_watch(&w->s->replica.summary);
    const struct sp_entity *e;
    struct middle m = { .left = 1 };
    struct sp_ref ref;
    struct sp_tx tx;

    add_many(w, 4);
    tidy(w);
    begin(w, true, &tx);
    e = entity(w);
    assert_int_equal(walk_both(w, &tx, e, NULL, 0), 4);
    assert_int_equal(
        sp_state_walk(&tx, e->number, NULL, take_middle, &m), SP_OK);
    ref = (struct sp_ref){ e->number, m.id };
    assert_int_equal(watch.record(watch.self, &tx, &ref), SP_OK);
    assert_int_equal(walk_both(w, &tx, e, NULL, 0), 0);
    cc_replica_abort(&w->s->replica, &tx);
}

static void marks_of(const struct sp_entity *entity,
    const struct sp_record *view, struct cc_entry *out)
{
    struct cc_entry_maker *m = cc_entry_maker_new(entity, CC_ENTRY_NAMED);
    struct sp_buf packed;
    size_t at = 0;

    sp_buf_init(&packed, CC_ENTRY_BYTES_MAX);
    assert_non_null(m);
    assert_int_equal(cc_entry_pack(m, view, &packed), SP_OK);
    assert_int_equal(cc_entry_unpack(sp_buf_slice(&packed), &at, out), SP_OK);
    sp_buf_free(&packed);
    cc_entry_maker_free(m);
}

static void a_record_in_conflict_has_no_facts(void **state)
{
    struct cc_entry e;
    struct test_world *w = (struct test_world *)*state;
    const struct sp_dictionary *d;
    struct sp_sibling s[2] = { { .value = { (const uint8_t *)"\xa1x", 2 } },
        { .value = { (const uint8_t *)"\xa1y", 2 } } };
    struct sp_register reg = {
        .key = { 4, { NULL, 0 } }, .count = 1, .sibling = s
    };
    struct sp_record view = { .ref = { .type = 4 }, .count = 1, .reg = &reg };
    struct sp_buf out;
    struct sp_tx tx;

    begin(w, false, &tx);
    d = cc_replica_dictionary(&w->s->replica);
    sp_buf_init(&out, CC_FACTS_BYTES_MAX);
    cc_facts_pack(sp_dictionary_entity(d, 4), &view, &out);
    assert_int_equal(out.size, 7);
    sp_buf_reset(&out);
    reg.count = 2;
    cc_facts_pack(sp_dictionary_entity(d, 4), &view, &out);
    assert_int_equal(out.size, 0);
    reg.key.field = SP_FIELD_DELETED; /* by one, and not by another */
    s[0].value = sp_slice_of("\xc3", 1);
    s[1].value = sp_slice_of("\xc2", 1);
    marks_of(sp_dictionary_entity(d, 4), &view, &e);
    assert_true(e.conflict);
    assert_int_equal(e.facts_bytes, 0);
    reg.count = 1;
    marks_of(sp_dictionary_entity(d, 4), &view, &e);
    assert_true(e.deleted);
    assert_false(e.conflict);
    sp_buf_free(&out);
    cc_replica_abort(&w->s->replica, &tx);
}

/* Facts of two registers, of which the first has so many bytes; each
 * beginning, and each byte turned. */
static void damage_facts(
    const uint8_t *good, size_t size, size_t first, bool apart)
{
    const struct sp_ref ref = { 0 };
    struct sp_arena arena;
    struct sp_record view;

    sp_arena_init(&arena, 1u << 20);
    for (size_t n = 0; n <= size; n++) {
        uint8_t *in = (uint8_t *)malloc(n + 1); /* whose end is watched */
        struct sp_slice facts = { in, n };
        assert_non_null(in);
        memcpy(in, good, n);
        assert_int_equal(cc_facts_unpack(&ref, facts, apart, &arena, &view),
            n == 0 || n == first || n == size ? SP_OK : SP_E_CORRUPT);
        for (size_t i = 0; i < n; i++) {
            in[i] ^= 0xff;
            (void)!cc_facts_unpack(&ref, facts, apart, &arena, &view);
            in[i] ^= 0xff;
        }
        free(in);
    }
    sp_arena_free(&arena);
}

static void damaged_facts_are_never_read_past_their_end(void **state)
{
    static const uint8_t good[] = { 0, 4, 0, 0, 2, 0xa1, 'x', 0, 5, 1, 0xc3, 0,
        1, 0xc0 };
    static const uint8_t stamped[] = { 0, 4, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0,
        7, 0, 0, 2, 0xa1, 'x', 0, 5, 0, 1, 0xc3, 0, 1, 0xc0 };

    (void)state;
    damage_facts(good, sizeof(good), 7, false);
    damage_facts(stamped, sizeof(stamped), 20, true);
}

/* ---- entries ------------------------------------------------------------ */

static void a_damaged_entry_is_never_read(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct cc_index x;
    struct sp_buf packed;
    struct sp_tx tx;

    add_many(w, 1);
    begin(w, false, &tx);
    cc_index_init(&x);
    assert_int_equal(cc_index_load(&x, NULL, &tx, entity(w)), SP_OK);
    cc_replica_abort(&w->s->replica, &tx);
    sp_buf_init(&packed, CC_ENTRY_BYTES_MAX);
    for (size_t n = 0; n <= x.pool.size; n++) {
        struct cc_entry e;
        size_t at = 0;
        sp_err err;
        sp_buf_reset(&packed);
        sp_buf_put(&packed, x.pool.data, n);
        err = cc_entry_unpack(sp_buf_slice(&packed), &at, &e);
        assert_int_equal(err, n < x.pool.size ? SP_E_CORRUPT : SP_OK);
    }
    for (size_t i = 0; i < x.pool.size; i++) { /* and no byte reads past it */
        struct cc_entry e;
        size_t at = 0;
        packed.data[i] ^= 0xff;
        sp_err err = cc_entry_unpack(sp_buf_slice(&packed), &at, &e);
        assert_int_equal(at, err == SP_OK ? x.pool.size : 0);
        packed.data[i] ^= 0xff;
    }
    sp_buf_free(&packed);
    cc_index_free(&x);
}

int main(void)
{
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_begin, test_world_end)
    const struct CMUnitTest tests[] = {
        CASE(summary_says_what_records_say_after_each_step),
        CASE(pages_split_and_stay_in_order),
        CASE(a_store_without_a_summary_is_read_from_its_records),
        CASE(another_dictionary_makes_all_anew),
        CASE(a_transaction_that_is_given_up_marks_nothing),
        CASE(as_many_marks_as_allowed_go_into_the_pages),
        CASE(a_change_of_grants_makes_all_anew),
        CASE(facts_show_what_records_show_after_any_edits),
        CASE(facts_of_an_older_form_are_not_read),
        CASE(a_walk_behind_a_write_reads_the_records),
        CASE(a_record_in_conflict_has_no_facts),
        CASE(damaged_facts_are_never_read_past_their_end),
        CASE(a_damaged_entry_is_never_read),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
