#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct conformance *how;

#define OK(call)   assert_int_equal((call), SP_OK)
#define TEXT(text) sp_slice_text(text)

/* ---- small words for the cases ----------------------------------------- */

static int setup(void **state)
{
    *state = how->open();
    return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    how->close(*state);
    return 0;
}

static struct sp_txn *begin(const struct sp_store *s, bool write)
{
    struct sp_txn *txn = NULL;

    OK(s->begin(s->self, write, &txn));
    assert_non_null(txn);
    return txn;
}

static void put_text(const struct sp_store *s, struct sp_txn *txn,
    enum sp_table table, const char *key, const char *value)
{
    OK(s->put(txn, table, TEXT(key), TEXT(value)));
}

/* Checks a key's value; NULL: that there is none. */
static void expect_text(const struct sp_store *s, struct sp_txn *txn,
    enum sp_table table, const char *key, const char *value)
{
    struct sp_slice got;
    sp_err err = s->get(txn, table, TEXT(key), &got);

    if (value == NULL) {
        assert_int_equal(err, SP_E_NOT_FOUND);
    } else {
        OK(err);
        assert_int_equal(got.size, strlen(value));
        if (got.size > 0) {
            assert_memory_equal(got.data, value, got.size);
        }
    }
}

/* Commits the keys, each with itself as its value. */
static void fill(
    const struct sp_store *s, enum sp_table table, const char *const *keys)
{
    struct sp_txn *txn = begin(s, true);

    for (; *keys != NULL; keys++) {
        put_text(s, txn, table, *keys, *keys);
    }
    OK(s->commit(txn));
}

/* What a walk met, "a,b,c". */
struct trail {
    char text[256];
    bool values;
    unsigned stop_after; /* 0: never */
    sp_err stop_with;
    unsigned seen;
};

static sp_err follow(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct trail *t = arg;
    size_t at = strlen(t->text);

    (void)snprintf(t->text + at, sizeof t->text - at, "%s%.*s",
        at > 0 ? "," : "", (int)key.size, (const char *)key.data);
    if (t->values) {
        assert_true(sp_slice_equal(key, value));
    } else {
        assert_int_equal(value.size, 0);
    }
    t->seen++;
    return t->stop_after == t->seen ? t->stop_with : SP_OK;
}

static void expect_walk(const struct sp_store *s, enum sp_table table,
    const char *prefix, const char *from, const char *expected)
{
    for (int values = 0; values < 2; values++) {
        struct trail t = { .values = values == 1 };
        struct sp_txn *txn = begin(s, false);
        OK(s->walk(txn, table, TEXT(prefix), TEXT(from), t.values, follow, &t));
        assert_string_equal(t.text, expected);
        s->abort(txn);
    }
}

/* ---- values ------------------------------------------------------------ */

static void a_put_is_read_back_in_the_same_and_in_later_transactions(
    void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);

    expect_text(&s, txn, SP_T_META, "name", NULL);
    put_text(&s, txn, SP_T_META, "name", "Anna Prášková");
    expect_text(&s, txn, SP_T_META, "name", "Anna Prášková");
    OK(s.commit(txn));
    txn = begin(&s, false);
    expect_text(&s, txn, SP_T_META, "name", "Anna Prášková");
    s.abort(txn);
}

static void a_put_replaces_whatever_the_sizes(void **state)
{
    static const char *const value[] = { "short", "", "a longer value by far",
        "short", "other", "" };
    struct sp_store s = how->port(*state);

    for (unsigned i = 0; i < sizeof value / sizeof *value; i++) {
        struct sp_txn *txn = begin(&s, true);
        uint64_t n;
        put_text(&s, txn, SP_T_RECORD, "k", value[i]);
        expect_text(&s, txn, SP_T_RECORD, "k", value[i]);
        OK(s.commit(txn));
        txn = begin(&s, false);
        expect_text(&s, txn, SP_T_RECORD, "k", value[i]);
        OK(s.count(txn, SP_T_RECORD, &n));
        assert_int_equal(n, 1);
        s.abort(txn);
    }
}

static void values_of_every_size_up_to_a_document_come_back(void **state)
{
    static const size_t size[] = { 1, 15, 16, 350, 2000, 4000, 4096, 16384,
        SP_RECORD_BYTES_MAX, SP_DOCUMENT_BYTES_MAX, SP_MESSAGE_BYTES_MAX };
    struct sp_store s = how->port(*state);
    const size_t total = SP_MESSAGE_BYTES_MAX + 16;
    uint8_t *bytes = malloc(total);
    struct sp_txn *txn = begin(&s, true);

    assert_non_null(bytes);
    for (size_t i = 0; i < total; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    }
    for (unsigned i = 0; i < sizeof size / sizeof *size; i++) {
        uint8_t key = (uint8_t)(i + 1);
        OK(s.put(txn, SP_T_DOCUMENT, sp_slice_of(&key, 1),
            sp_slice_of(bytes + i, size[i])));
    }
    OK(s.commit(txn));
    how->reopen(*state);
    s = how->port(*state);
    txn = begin(&s, false);
    for (unsigned i = 0; i < sizeof size / sizeof *size; i++) {
        uint8_t key = (uint8_t)(i + 1);
        struct sp_slice got;
        OK(s.get(txn, SP_T_DOCUMENT, sp_slice_of(&key, 1), &got));
        assert_int_equal(got.size, size[i]);
        assert_memory_equal(got.data, bytes + i, got.size);
    }
    s.abort(txn);
    free(bytes);
}

static void sixty_four_values_stay_valid_together(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);
    struct sp_slice got[64];
    char key[16], value[400];

    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(key, sizeof key, "%02u", i);
        memset(value, 'a' + (int)(i % 26), sizeof value);
        OK(s.put(txn, SP_T_RECORD, TEXT(key), sp_slice_of(value, 100 + i * 4)));
    }
    OK(s.commit(txn));
    txn = begin(&s, false);
    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(key, sizeof key, "%02u", i);
        if (i % 2 == 0) {
            OK(s.get(txn, SP_T_RECORD, TEXT(key), &got[i]));
        } else {
            struct sp_slice found;
            OK(s.seek(txn, SP_T_RECORD, TEXT(key), false, &found, &got[i]));
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        memset(value, 'a' + (int)(i % 26), sizeof value);
        assert_int_equal(got[i].size, 100 + i * 4);
        assert_memory_equal(got[i].data, value, got[i].size);
    }
    s.abort(txn);
}

static void a_lent_value_or_key_may_be_put_back(void **state)
{
    static const char *const keys[] = { "a", "b", "c", NULL };
    struct sp_store s = how->port(*state);
    struct sp_slice key, value;
    struct sp_txn *txn;

    fill(&s, SP_T_LOG, keys);
    txn = begin(&s, true);
    OK(s.seek(txn, SP_T_LOG, TEXT("b"), false, &key, &value));
    OK(s.put(txn, SP_T_CHAIN, key, value));
    OK(s.seek(txn, SP_T_LOG, TEXT("b"), false, &key, &value));
    OK(s.put(txn, SP_T_LOG, key, TEXT("other")));
    OK(s.seek(txn, SP_T_LOG, TEXT("c"), false, &key, NULL));
    OK(s.del(txn, SP_T_LOG, key));
    expect_text(&s, txn, SP_T_CHAIN, "b", "b");
    expect_text(&s, txn, SP_T_LOG, "b", "other");
    expect_text(&s, txn, SP_T_LOG, "c", NULL);
    OK(s.commit(txn));
}

static void del_removes_and_is_fine_with_nothing(void **state)
{
    static const char *const keys[] = { "a", "b", "c", NULL };
    struct sp_store s = how->port(*state);
    struct sp_txn *txn;
    uint64_t n;

    fill(&s, SP_T_CHILD, keys);
    txn = begin(&s, true);
    OK(s.del(txn, SP_T_CHILD, TEXT("b")));
    OK(s.del(txn, SP_T_CHILD, TEXT("b")));
    OK(s.del(txn, SP_T_CHILD, TEXT("never")));
    OK(s.del(txn, SP_T_WAIT, TEXT("a")));
    expect_text(&s, txn, SP_T_CHILD, "b", NULL);
    OK(s.commit(txn));
    expect_walk(&s, SP_T_CHILD, "", "", "a,c");
    txn = begin(&s, false);
    OK(s.count(txn, SP_T_CHILD, &n));
    assert_int_equal(n, 2);
    s.abort(txn);
}

static void tables_are_apart(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);
    uint64_t n;

    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        char value[8];
        (void)snprintf(value, sizeof value, "%u", t);
        put_text(&s, txn, (enum sp_table)t, "same key", value);
    }
    OK(s.del(txn, SP_T_LOG, TEXT("same key")));
    OK(s.commit(txn));
    txn = begin(&s, false);
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        char value[8];
        (void)snprintf(value, sizeof value, "%u", t);
        expect_text(&s, txn, (enum sp_table)t, "same key",
            t == SP_T_LOG ? NULL : value);
        OK(s.count(txn, (enum sp_table)t, &n));
        assert_int_equal(n, t == SP_T_LOG ? 0 : 1);
    }
    s.abort(txn);
}

/* ---- order and ranges -------------------------------------------------- */

static const char *const words[] = { "b", "ba", "a", "c", "ab", "aa", "d", "bb",
    "aaa", NULL };

static void keys_are_in_memcmp_order_the_shorter_first(void **state)
{
    struct sp_store s = how->port(*state);

    fill(&s, SP_T_FEED, words);
    expect_walk(&s, SP_T_FEED, "", "", "a,aa,aaa,ab,b,ba,bb,c,d");
}

static void keys_of_high_bytes_and_of_full_length_keep_the_order(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);
    uint8_t long_key[SP_STORE_KEY_MAX], high = 0xff, low = 0;
    struct sp_slice key;

    memset(long_key, 0x80, sizeof long_key);
    OK(s.put(txn, SP_T_FEED, sp_slice_of(&high, 1), TEXT("high")));
    OK(s.put(txn, SP_T_FEED, SP_SLICE(long_key), TEXT("long")));
    OK(s.put(txn, SP_T_FEED, sp_slice_of(long_key, 127), TEXT("less")));
    OK(s.put(txn, SP_T_FEED, sp_slice_of(&low, 1), TEXT("low")));
    OK(s.seek(txn, SP_T_FEED, sp_slice_of(NULL, 0), false, &key, NULL));
    assert_int_equal(key.data[0], 0);
    OK(s.seek(txn, SP_T_FEED, sp_slice_of(long_key, 127), false, &key, NULL));
    assert_int_equal(key.size, 127);
    OK(s.seek(txn, SP_T_FEED, sp_slice_of(&high, 1), false, &key, NULL));
    assert_int_equal(key.data[0], 0xff);
    OK(s.seek(txn, SP_T_FEED, SP_SLICE(long_key), true, &key, NULL));
    assert_int_equal(key.size, SP_STORE_KEY_MAX);
    s.abort(txn);
}

static void walks_keep_to_prefix_and_start(void **state)
{
    static const struct {
        const char *prefix, *from, *expected;
    } row[] = {
        { "a", "", "a,aa,aaa,ab" },
        { "a", "aa", "aa,aaa,ab" },
        { "a", "aab", "ab" },
        { "a", "b", "" },
        { "b", "a", "b,ba,bb" },
        { "", "bb", "bb,c,d" },
        { "aaaa", "", "" },
        { "e", "", "" },
        { "", "e", "" },
        { "d", "d", "d" },
    };
    struct sp_store s = how->port(*state);

    fill(&s, SP_T_FEED, words);
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
        expect_walk(&s, SP_T_FEED, row[i].prefix, row[i].from, row[i].expected);
    }
    expect_walk(&s, SP_T_SCOPE, "", "", "");
}

static void a_walk_ends_when_each_says_so(void **state)
{
    struct sp_store s = how->port(*state);
    struct trail all = { .stop_after = 3, .stop_with = SP_E_NOT_FOUND };
    struct trail bad = { .stop_after = 2, .stop_with = SP_E_BUSY };
    struct sp_txn *txn;

    fill(&s, SP_T_FEED, words);
    txn = begin(&s, false);
    OK(s.walk(txn, SP_T_FEED, TEXT(""), TEXT(""), false, follow, &all));
    assert_string_equal(all.text, "a,aa,aaa");
    assert_int_equal(
        s.walk(txn, SP_T_FEED, TEXT(""), TEXT(""), false, follow, &bad),
        SP_E_BUSY);
    assert_string_equal(bad.text, "a,aa");
    s.abort(txn);
}

/* Inside a walk: gets and walks of the same table. */
struct nested {
    const struct sp_store *store;
    struct sp_txn *txn;
    unsigned seen;
};

static sp_err get_inside(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct nested *n = arg;
    struct trail inner = { .values = false };
    struct sp_slice found;

    expect_text(n->store, n->txn, SP_T_FEED, "d", "d");
    OK(n->store->seek(n->txn, SP_T_FEED, TEXT("aa"), false, &found, NULL));
    OK(n->store->walk(
        n->txn, SP_T_FEED, TEXT("b"), TEXT(""), false, follow, &inner));
    assert_string_equal(inner.text, "b,ba,bb");
    assert_true(sp_slice_equal(key, value));
    n->seen++;
    return SP_OK;
}

static void gets_inside_a_walk_do_not_lead_it_astray(void **state)
{
    struct sp_store s = how->port(*state);

    fill(&s, SP_T_FEED, words);
    for (int write = 0; write < 2; write++) {
        struct nested n = { .store = &s, .txn = begin(&s, write == 1) };
        OK(s.walk(n.txn, SP_T_FEED, TEXT(""), TEXT(""), true, get_inside, &n));
        assert_int_equal(n.seen, 9);
        s.abort(n.txn);
    }
}

static void a_walk_in_a_writer_sees_its_own_writes(void **state)
{
    struct sp_store s = how->port(*state);
    struct trail t = { .values = true };
    struct sp_txn *txn;

    fill(&s, SP_T_FEED, words);
    txn = begin(&s, true);
    put_text(&s, txn, SP_T_FEED, "e", "e");
    put_text(&s, txn, SP_T_FEED, "aab", "aab");
    OK(s.del(txn, SP_T_FEED, TEXT("a")));
    OK(s.del(txn, SP_T_FEED, TEXT("d")));
    OK(s.walk(txn, SP_T_FEED, TEXT(""), TEXT(""), true, follow, &t));
    assert_string_equal(t.text, "aa,aaa,aab,ab,b,ba,bb,c,e");
    s.abort(txn);
}

static void seeks_find_the_neighbour_on_either_side(void **state)
{
    static const struct {
        const char *from;
        bool backward;
        const char *expected; /* NULL: the end */
    } row[] = {
        { "", false, "a" },
        { "", true, "d" },
        { "a", false, "a" },
        { "a", true, "a" },
        { "aaab", false, "ab" },
        { "aaab", true, "aaa" },
        { "b", true, "b" },
        { "bz", true, "bb" },
        { "bz", false, "c" },
        { "d", false, "d" },
        { "da", false, NULL },
        { "zzz", true, "d" },
        { "A", true, NULL },
        { "A", false, "a" },
    };
    struct sp_store s = how->port(*state);

    fill(&s, SP_T_FEED, words);
    for (unsigned i = 0; i < 2 * sizeof row / sizeof *row; i++) {
        struct sp_txn *txn = begin(&s, i % 2 == 1);
        struct sp_slice key, value;
        const char *expected = row[i / 2].expected;
        sp_err err = s.seek(txn, SP_T_FEED, TEXT(row[i / 2].from),
            row[i / 2].backward, &key, i % 3 ? &value : NULL);
        if (expected == NULL) {
            assert_int_equal(err, SP_E_NOT_FOUND);
        } else {
            OK(err);
            assert_true(sp_slice_equal(key, TEXT(expected)));
            assert_true(i % 3 == 0 || sp_slice_equal(key, value));
        }
        s.abort(txn);
    }
}

static void an_empty_table_has_no_first_and_no_last(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, false);
    struct sp_slice key;
    uint64_t n;

    assert_int_equal(
        s.seek(txn, SP_T_OWN, TEXT(""), false, &key, NULL), SP_E_NOT_FOUND);
    assert_int_equal(
        s.seek(txn, SP_T_OWN, TEXT(""), true, &key, NULL), SP_E_NOT_FOUND);
    assert_int_equal(
        s.seek(txn, SP_T_OWN, TEXT("x"), true, &key, NULL), SP_E_NOT_FOUND);
    OK(s.count(txn, SP_T_OWN, &n));
    assert_int_equal(n, 0);
    s.abort(txn);
}

/* ---- transactions ------------------------------------------------------ */

static void an_abort_leaves_nothing(void **state)
{
    static const char *const keys[] = { "kept", "too", NULL };
    struct sp_store s = how->port(*state);
    struct sp_txn *txn;
    uint64_t n;

    fill(&s, SP_T_RECORD, keys);
    txn = begin(&s, true);
    put_text(&s, txn, SP_T_RECORD, "new", "x");
    put_text(&s, txn, SP_T_RECORD, "kept", "changed");
    OK(s.del(txn, SP_T_RECORD, TEXT("too")));
    s.abort(txn);
    s.abort(NULL);
    txn = begin(&s, true);
    expect_text(&s, txn, SP_T_RECORD, "new", NULL);
    expect_text(&s, txn, SP_T_RECORD, "kept", "kept");
    expect_text(&s, txn, SP_T_RECORD, "too", "too");
    OK(s.count(txn, SP_T_RECORD, &n));
    assert_int_equal(n, 2);
    s.abort(txn);
}

static void a_reader_sees_one_snapshot(void **state)
{
    static const char *const keys[] = { "a", "b", NULL };
    struct sp_store s = how->port(*state);
    struct sp_txn *reader, *later, *writer;
    struct sp_slice held;
    uint64_t n;

    fill(&s, SP_T_RECORD, keys);
    reader = begin(&s, false);
    OK(s.get(reader, SP_T_RECORD, TEXT("a"), &held));
    writer = begin(&s, true);
    put_text(&s, writer, SP_T_RECORD, "a", "changed");
    put_text(&s, writer, SP_T_RECORD, "c", "c");
    OK(s.del(writer, SP_T_RECORD, TEXT("b")));
    expect_text(&s, reader, SP_T_RECORD, "a", "a");
    OK(s.commit(writer));
    expect_text(&s, reader, SP_T_RECORD, "a", "a");
    expect_text(&s, reader, SP_T_RECORD, "b", "b");
    expect_text(&s, reader, SP_T_RECORD, "c", NULL);
    OK(s.count(reader, SP_T_RECORD, &n));
    assert_int_equal(n, 2);
    assert_true(sp_slice_equal(held, TEXT("a")));
    later = begin(&s, false);
    expect_text(&s, later, SP_T_RECORD, "a", "changed");
    expect_text(&s, later, SP_T_RECORD, "b", NULL);
    expect_text(&s, later, SP_T_RECORD, "c", "c");
    s.abort(later);
    OK(s.commit(reader));
}

static void a_commit_survives_reopening_and_an_abort_does_not(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn;

    for (unsigned i = 0; i < 20; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i);
        txn = begin(&s, true);
        put_text(&s, txn, SP_T_LOG, key, key);
        if (i % 3 == 0) {
            s.abort(txn);
        } else {
            OK(s.commit(txn));
        }
        if (i % 5 == 0) {
            how->reopen(*state);
            s = how->port(*state);
        }
    }
    how->reopen(*state);
    s = how->port(*state);
    txn = begin(&s, false);
    for (unsigned i = 0; i < 20; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", i);
        expect_text(&s, txn, SP_T_LOG, key, i % 3 == 0 ? NULL : key);
    }
    s.abort(txn);
}

static void a_writer_that_wrote_nothing_commits(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);

    OK(s.del(txn, SP_T_META, TEXT("nothing")));
    OK(s.commit(txn));
    OK(s.commit(begin(&s, true)));
}

/* ---- against a plain model --------------------------------------------- */

#define MODEL_KEYS 300u

/* Sorted by key: key i is its number in three digits. */
struct model {
    int value[MODEL_KEYS]; /* -1: absent */
};

static void model_check(const struct sp_store *s, const struct model *m)
{
    struct sp_txn *txn = begin(s, false);
    struct sp_slice key = { NULL, 0 }, value;
    char text[16], name[16], from[16] = "";
    uint64_t n, present = 0;

    for (unsigned i = 0; i < MODEL_KEYS; i++) {
        if (m->value[i] < 0) {
            continue;
        }
        present++;
        (void)snprintf(text, sizeof text, "%d", m->value[i]);
        (void)snprintf(name, sizeof name, "%03u", i);
        OK(s->seek(txn, SP_T_RECORD, TEXT(from), false, &key, &value));
        assert_true(sp_slice_equal(key, TEXT(name)));
        assert_true(sp_slice_equal(value, TEXT(text)));
        (void)snprintf(from, sizeof from, "%03u ", i);
    }
    OK(s->count(txn, SP_T_RECORD, &n));
    assert_int_equal(n, present);
    s->abort(txn);
}

static void random_histories_equal_a_plain_model(void **state)
{
    struct sp_store s = how->port(*state);
    struct model kept, now;
    uint32_t seed = 20240611;

    print_message("# seed %u\n", (unsigned)seed);
    memset(&kept, 0xff, sizeof kept);
    for (unsigned round = 0; round < 60; round++) {
        struct sp_txn *txn = begin(&s, true);
        now = kept;
        for (unsigned i = 0; i < 80; i++) {
            char name[16], text[16];
            unsigned k;
            seed = seed * 1664525u + 1013904223u;
            k = (seed >> 8) % MODEL_KEYS;
            (void)snprintf(name, sizeof name, "%03u", k);
            if (seed >> 30 == 0) {
                now.value[k] = -1;
                OK(s.del(txn, SP_T_RECORD, TEXT(name)));
            } else {
                now.value[k] = (int)(seed >> 20);
                (void)snprintf(text, sizeof text, "%d", now.value[k]);
                put_text(&s, txn, SP_T_RECORD, name, text);
            }
        }
        if (round % 4 == 3) {
            s.abort(txn);
        } else {
            OK(s.commit(txn));
            kept = now;
        }
        if (round % 16 == 15) {
            how->reopen(*state);
            s = how->port(*state);
        }
        model_check(&s, &kept);
    }
}

static void rising_and_falling_keys_all_arrive(void **state)
{
    struct sp_store s = how->port(*state);
    struct sp_txn *txn = begin(&s, true);
    uint8_t key[8], value[40] = { 1 };
    uint64_t n;

    for (uint64_t i = 0; i < 3000; i++) {
        /* up in one table, down in the next, every other removed again */
        sp_set_u64be(key, i);
        OK(s.put(txn, SP_T_LOG, SP_SLICE(key), SP_SLICE(value)));
        sp_set_u64be(key, 3000 - i);
        OK(s.put(txn, SP_T_FEED, SP_SLICE(key), sp_slice_of(NULL, 0)));
        if (i % 2 == 1) {
            sp_set_u64be(key, i);
            OK(s.del(txn, SP_T_LOG, SP_SLICE(key)));
        }
    }
    OK(s.commit(txn));
    txn = begin(&s, false);
    OK(s.count(txn, SP_T_LOG, &n));
    assert_int_equal(n, 1500);
    OK(s.count(txn, SP_T_FEED, &n));
    assert_int_equal(n, 3000);
    for (uint64_t i = 0; i < 3000; i++) {
        struct sp_slice got;
        sp_set_u64be(key, i);
        assert_int_equal(s.get(txn, SP_T_LOG, SP_SLICE(key), &got),
            i % 2 == 1 ? SP_E_NOT_FOUND : SP_OK);
    }
    s.abort(txn);
}

int conformance_run(const struct conformance *implementation,
    const struct CMUnitTest *more, size_t count)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest cases[] = {
        CASE(a_put_is_read_back_in_the_same_and_in_later_transactions),
        CASE(a_put_replaces_whatever_the_sizes),
        CASE(values_of_every_size_up_to_a_document_come_back),
        CASE(sixty_four_values_stay_valid_together),
        CASE(a_lent_value_or_key_may_be_put_back),
        CASE(del_removes_and_is_fine_with_nothing),
        CASE(tables_are_apart),
        CASE(keys_are_in_memcmp_order_the_shorter_first),
        CASE(keys_of_high_bytes_and_of_full_length_keep_the_order),
        CASE(walks_keep_to_prefix_and_start),
        CASE(a_walk_ends_when_each_says_so),
        CASE(gets_inside_a_walk_do_not_lead_it_astray),
        CASE(a_walk_in_a_writer_sees_its_own_writes),
        CASE(seeks_find_the_neighbour_on_either_side),
        CASE(an_empty_table_has_no_first_and_no_last),
        CASE(an_abort_leaves_nothing),
        CASE(a_reader_sees_one_snapshot),
        CASE(a_commit_survives_reopening_and_an_abort_does_not),
        CASE(a_writer_that_wrote_nothing_commits),
        CASE(random_histories_equal_a_plain_model),
        CASE(rising_and_falling_keys_all_arrive),
    };

    const size_t own = sizeof cases / sizeof *cases;
    struct CMUnitTest *all = malloc((own + count) * sizeof *all);
    int failed = -1;

    how = implementation;
    if (all != NULL) {
        memcpy(all, cases, sizeof cases);
        memcpy(all + own, more, count * sizeof *all);
        failed =
            _cmocka_run_group_tests(how->name, all, own + count, NULL, NULL);
    }
    free(all);
    return failed;
}
