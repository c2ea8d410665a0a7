#include "conformance.h"
#include "memory.h"

#include <stdio.h>

#define TEXT(text) sp_slice_text(text)

/* ---- the conformance suite --------------------------------------------- */

static void *open_memory(void)
{
    return mem_store_new();
}

static void reopen_memory(void *self)
{
    mem_store_crash(self);
}

static void close_memory(void *self)
{
    mem_store_free(self);
}

static struct sp_store port_memory(void *self)
{
    return mem_store_port(self);
}

/* ---- what only this store can ------------------------------------------ */

static sp_err put_one(struct mem_store *m, const char *key, const char *value)
{
    struct sp_store s = mem_store_port(m);
    struct sp_txn *txn;
    sp_err err = s.begin(s.self, true, &txn);

    if (err != SP_OK) {
        return err;
    }
    err = s.put(txn, SP_T_RECORD, TEXT(key), TEXT(value));
    if (err != SP_OK) {
        s.abort(txn);
        return err;
    }
    return s.commit(txn);
}

static void the_nth_call_fails_once_and_leaves_the_state(void **state)
{
    static const sp_err planned = SP_E_FULL;
    uint64_t nth = 1;

    (void)state;
    for (; nth < 100; nth++) {
        struct mem_store *m = mem_store_new(), *before;
        assert_int_equal(put_one(m, "a", "1"), SP_OK);
        before = mem_store_clone(m);
        mem_store_fail(m, (struct mem_fault){ .nth = nth, .err = planned });
        if (put_one(m, "b", "2") == SP_OK) {
            assert_false(mem_store_failed(m));
            mem_store_free(before);
            mem_store_free(m);
            break;
        }
        assert_true(mem_store_failed(m));
        assert_true(mem_store_equal(m, before));
        assert_int_equal(put_one(m, "b", "2"), SP_OK); /* once only */
        assert_false(mem_store_equal(m, before));
        mem_store_free(before);
        mem_store_free(m);
    }
    assert_int_equal(nth, 4); /* begin, put, commit */
}

static void a_sticky_fault_lasts_until_it_is_taken_back(void **state)
{
    struct mem_store *m = mem_store_new();

    (void)state;
    mem_store_fail(
        m, (struct mem_fault){ .nth = 2, .err = SP_E_IO, .sticky = true });
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put_one(m, "a", "1"), SP_E_IO);
    }
    mem_store_fail(m, (struct mem_fault){ .nth = 0 });
    assert_int_equal(put_one(m, "a", "1"), SP_OK);
    assert_int_equal(mem_store_commits(m), 1);
    mem_store_free(m);
}

static void a_crash_drops_what_was_not_committed(void **state)
{
    struct mem_store *m = mem_store_new(), *before;
    struct sp_store s = mem_store_port(m);
    struct sp_txn *writer, *reader;

    (void)state;
    assert_int_equal(put_one(m, "a", "1"), SP_OK);
    before = mem_store_clone(m);
    assert_int_equal(s.begin(s.self, false, &reader), SP_OK);
    assert_int_equal(s.begin(s.self, true, &writer), SP_OK);
    assert_int_equal(s.put(writer, SP_T_RECORD, TEXT("b"), TEXT("2")), SP_OK);
    mem_store_crash(m);
    assert_true(mem_store_equal(m, before));
    assert_int_equal(put_one(m, "b", "2"), SP_OK); /* no writer left over */
    mem_store_free(before);
    mem_store_free(m);
}

static void a_clone_goes_its_own_way_and_restores(void **state)
{
    struct mem_store *m = mem_store_new(), *copy;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i * 7919 % 1000);
        assert_int_equal(put_one(m, key, key), SP_OK);
    }
    copy = mem_store_clone(m);
    assert_true(mem_store_equal(m, copy));
    assert_int_equal(put_one(m, "500", "changed"), SP_OK);
    assert_int_equal(put_one(copy, "501", "changed"), SP_OK);
    assert_false(mem_store_equal(m, copy));
    mem_store_restore(m, copy);
    assert_true(mem_store_equal(m, copy));
    mem_store_free(copy);
    assert_int_equal(put_one(m, "502", "changed"), SP_OK);
    mem_store_free(m);
}

static void equal_means_equal_entries_whatever_the_way_there(void **state)
{
    struct mem_store *a = mem_store_new(), *b = mem_store_new();

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i);
        assert_int_equal(put_one(a, key, "v"), SP_OK);
        (void)snprintf(key, sizeof key, "%u", 199 - i);
        assert_int_equal(put_one(b, key, "v"), SP_OK);
    }
    assert_true(mem_store_equal(a, b));
    assert_int_equal(put_one(b, "7", "w"), SP_OK);
    assert_false(mem_store_equal(a, b));
    mem_store_free(a);
    mem_store_free(b);
}

int main(void)
{
    const struct conformance memory = { .name = "store-memory",
        .open = open_memory,
        .reopen = reopen_memory,
        .close = close_memory,
        .port = port_memory };
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_nth_call_fails_once_and_leaves_the_state),
        cmocka_unit_test(a_sticky_fault_lasts_until_it_is_taken_back),
        cmocka_unit_test(a_crash_drops_what_was_not_committed),
        cmocka_unit_test(a_clone_goes_its_own_way_and_restores),
        cmocka_unit_test(equal_means_equal_entries_whatever_the_way_there),
    };

    return conformance_run(&memory, cases, sizeof cases / sizeof *cases);
}
