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
    assert_int_equal(entries(w, CC_T_STALE), 1);
    assert_int_equal(check(w), 3);
    add(w, "One more", "");
    assert_int_equal(entries(w, CC_T_STALE), 2);
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
        CASE(a_damaged_entry_is_never_read),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
