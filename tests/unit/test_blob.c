/* test_blob.c - bytes of photos in the store of a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "replica/blob.h"

#include "api/call.h"

#include "device.h"

#define ANNA 111u /* rep of A-1 */
#define SIZE (3u * CC_BLOB_PIECE_BYTES + 5u)

struct world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct cc_replica *r;
    struct sp_tx tx;
    uint8_t *bytes, hash[CC_BLOB_HASH_BYTES];
};

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    (void)test_org_publish(w->org, TEST_ORG_A);
    w->s = test_device_open(w->dir, "anna", w->org, ANNA);
    w->r = &w->s->replica;
    w->bytes = (uint8_t *)malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        w->bytes[i] = (uint8_t)(i * 31u >> 3);
    }
    cc_blob_hash(sp_slice_of(w->bytes, SIZE), w->hash);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    satchel_close(w->s);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w->bytes);
    free(w);
    return 0;
}

static void begin(struct world *w)
{
    assert_int_equal(cc_replica_begin(w->r, true, &w->tx), SP_OK);
}

static void commit(struct world *w)
{
    assert_int_equal(cc_replica_commit(w->r, &w->tx), SP_OK);
}

static void put(struct world *w)
{
    assert_int_equal(cc_blob_put(w->r, &w->tx, sp_slice_of(w->bytes, SIZE),
                         sp_slice_text("small")),
        SP_OK);
}

static sp_err get(struct world *w, enum cc_blob_part part, struct sp_buf *out)
{
    sp_buf_init(out, CC_BLOB_BYTES_MAX);
    return cc_blob_get(w->r, &w->tx, w->hash, part, out);
}

static uint64_t entries(struct world *w)
{
    uint64_t count = 0;

    assert_int_equal(w->r->store.count(w->tx.txn, CC_T_BLOB, &count), SP_OK);
    return count;
}

static void what_is_put_comes_back_and_counts_as_to_go(void **state)
{
    struct world *w = (struct world *)*state;
    uint64_t count = 9, bytes = 9;
    struct sp_buf b;

    begin(w);
    assert_int_equal(cc_blob_to_go(w->r, &w->tx, &count, &bytes), SP_OK);
    assert_int_equal(count, 0);
    assert_int_equal(get(w, CC_BLOB_CONTENTS, &b), SP_E_NOT_FOUND);
    put(w);
    commit(w);
    begin(w);
    assert_int_equal(get(w, CC_BLOB_CONTENTS, &b), SP_OK);
    assert_int_equal(sp_buf_slice(&b).size, SIZE);
    assert_memory_equal(sp_buf_slice(&b).data, w->bytes, SIZE);
    sp_buf_free(&b);
    assert_int_equal(get(w, CC_BLOB_PREVIEW, &b), SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&b), sp_slice_text("small")));
    sp_buf_free(&b);
    assert_int_equal(cc_blob_to_go(w->r, &w->tx, &count, &bytes), SP_OK);
    assert_int_equal(count, 1);
    assert_int_equal(bytes, SIZE);
    commit(w);
}

/* cap 17 */
static void the_same_bytes_make_no_second_copy(void **state)
{
    struct world *w = (struct world *)*state;
    uint64_t once;

    begin(w);
    put(w);
    once = entries(w);
    put(w);
    assert_int_equal(entries(w), once);
    commit(w);
    begin(w);
    put(w);
    assert_int_equal(entries(w), once);
    commit(w);
}

/* cap 17: power goes while it is being kept. */
static void a_put_that_is_not_committed_leaves_nothing(void **state)
{
    struct world *w = (struct world *)*state;

    begin(w);
    put(w);
    cc_replica_abort(w->r, &w->tx);
    begin(w);
    assert_int_equal(entries(w), 0);
    commit(w);
}

struct found {
    uint8_t key[SP_STORE_KEY_MAX];
    size_t key_bytes;
    unsigned left;
};

static sp_err find(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct found *f = (struct found *)arg;

    (void)value;
    memcpy(f->key, key.data, key.size);
    f->key_bytes = key.size;
    return f->left-- == 0 ? SP_E_NOT_FOUND : SP_OK;
}

/* The n-th entry of the table, in the order of its keys. */
static struct sp_slice entry(struct world *w, unsigned n, struct found *f)
{
    struct sp_slice all = { NULL, 0 };

    f->left = n;
    assert_int_equal(
        w->r->store.walk(w->tx.txn, CC_T_BLOB, all, all, false, find, f),
        SP_OK);
    return sp_slice_of(f->key, f->key_bytes);
}

static void a_piece_that_is_missing_or_another_is_damage(void **state)
{
    struct world *w = (struct world *)*state;
    uint8_t other[CC_BLOB_PIECE_BYTES] = { 1 };
    struct found f;
    struct sp_slice key;
    struct sp_buf b;

    begin(w);
    put(w);
    key = entry(w, 2, &f); /* behind the head: the second piece */
    assert_int_equal(w->r->store.put(w->tx.txn, CC_T_BLOB, key,
                         sp_slice_of(other, sizeof(other))),
        SP_OK);
    assert_int_equal(get(w, CC_BLOB_CONTENTS, &b), SP_E_CORRUPT);
    sp_buf_free(&b);
    assert_int_equal(w->r->store.del(w->tx.txn, CC_T_BLOB, key), SP_OK);
    assert_int_equal(get(w, CC_BLOB_CONTENTS, &b), SP_E_CORRUPT);
    sp_buf_free(&b);
    assert_int_equal(get(w, CC_BLOB_PREVIEW, &b), SP_OK);
    sp_buf_free(&b);
    commit(w);
}

static void names_on_the_disk_are_not_hashes_of_the_contents(void **state)
{
    struct world *w = (struct world *)*state;
    uint8_t plain[16];
    struct found f;
    struct sp_slice key;

    sp_hash(plain, sizeof(plain), sp_slice_of(w->hash, sizeof(w->hash)), NULL);
    begin(w);
    put(w);
    key = entry(w, 0, &f);
    assert_memory_not_equal(key.data + 1, w->hash, 16);
    assert_memory_not_equal(key.data + 1, plain, 16);
    commit(w);
}

static void nothing_and_too_much_are_refused(void **state)
{
    struct world *w = (struct world *)*state;
    uint8_t *big = (uint8_t *)calloc(1, CC_BLOB_BYTES_MAX + 1u);
    struct sp_slice none = { NULL, 0 };

    begin(w);
    assert_int_equal(cc_blob_put(w->r, &w->tx, none, none), SP_E_TOO_LARGE);
    assert_int_equal(cc_blob_put(w->r, &w->tx,
                         sp_slice_of(big, CC_BLOB_BYTES_MAX + 1u), none),
        SP_E_TOO_LARGE);
    assert_int_equal(
        cc_blob_put(w->r, &w->tx, sp_slice_of(big, CC_BLOB_BYTES_MAX), none),
        SP_OK);
    assert_int_equal(entries(w), 1u + cc_blob_pieces(CC_BLOB_BYTES_MAX));
    cc_replica_abort(w->r, &w->tx);
    free(big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_comes_back_and_counts_as_to_go),
        TEST(the_same_bytes_make_no_second_copy),
        TEST(a_put_that_is_not_committed_leaves_nothing),
        TEST(a_piece_that_is_missing_or_another_is_damage),
        TEST(names_on_the_disk_are_not_hashes_of_the_contents),
        TEST(nothing_and_too_much_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
