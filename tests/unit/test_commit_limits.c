/* Limits of a commit, each at one less, at the limit, and at one more. */
#include "sp/commit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "commit_sample.h"
#include "sp/pack.h"
#include "sp/seal.h"

/* What a part that exceeds its limit gives on either side: the bytes are made
 * by hand, because the encoder refuses to. */
static struct sp_slice by_hand(uint32_t changes, uint32_t writes)
{
    static const uint8_t causal[] = { 0x92, 0x97, 3, 0, 0, 1, 1, 1, 0xc0 };
    struct sp_slice out;
    struct sp_buf b;

    sp_buf_init(&b, BUF_MAX);
    sp_buf_put(&b, causal, sizeof causal);
    sp_wr_array(&b, 3);
    sp_wr_uint(&b, 7);
    sp_wr_bin(&b, "12345678", 8);
    sp_wr_array(&b, changes);
    for (uint32_t i = 0; i < changes; i++) {
        struct sp_id id = { { 1 } };

        id.b[15] = (uint8_t)i;
        sp_wr_array(&b, 3);
        sp_wr_uint(&b, 1);
        sp_wr_bin(&b, id.b, sizeof id.b);
        sp_wr_array(&b, 2 * writes);
        for (uint32_t j = 0; j < writes; j++) {
            sp_wr_uint(&b, j);
            sp_wr_nil(&b);
        }
    }
    out = exact_copy(sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static void counts_are_taken_up_to_their_limit(void **state)
{
    static const struct {
        const char *name;
        uint32_t changes, writes;
        sp_err err;
    } table[] = {
        { "63 changes", SP_COMMIT_CHANGES_MAX - 1, 1, SP_OK },
        { "64 changes", SP_COMMIT_CHANGES_MAX, 1, SP_OK },
        { "65 changes", SP_COMMIT_CHANGES_MAX + 1, 1, SP_E_TOO_LARGE },
        { "511 writes", 1, SP_COMMIT_WRITES_MAX - 1, SP_OK },
        { "512 writes", 1, SP_COMMIT_WRITES_MAX, SP_OK },
        { "513 writes", 1, SP_COMMIT_WRITES_MAX + 1, SP_E_TOO_LARGE },
        { "512 writes of two", 2, SP_COMMIT_WRITES_MAX / 2, SP_OK },
        { "513 writes of three", 3, SP_COMMIT_WRITES_MAX / 3 + 1,
            SP_E_TOO_LARGE },
    };
    static struct sample s;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = by_hand(table[i].changes, table[i].writes);

        if (decode_error(in) != table[i].err) {
            fail_msg("decode: %s", table[i].name);
        }
        drop(in);
        if (table[i].changes * table[i].writes > WRITES_TOP) {
            continue;
        }
        sample_init(&s, table[i].changes, table[i].writes);
        if (encode_error(&s.commit) != table[i].err) {
            fail_msg("encode: %s", table[i].name);
        }
    }
}

/* One context of all replicas but the last, and one of the last: together
 * over the limit where each alone is not. */
static void replicas_of_contexts_are_taken_up_to_their_limit(void **state)
{
    static struct sample s;

    (void)state;
    for (uint32_t over = 0; over < 3; over++) {
        uint32_t count = SP_VECTOR_DOTS_MAX - 1 + over;
        struct sp_slice in;
        struct sp_id content;

        sample_init(&s, 1, 2);
        for (uint32_t i = 0; i < count; i++) {
            s.dot[i] = (struct sp_dot){ OTHER + i, 1 };
        }
        s.write[0].context = (struct sp_vector){ count - 1, s.dot };
        s.write[1].context = (struct sp_vector){ 1, s.dot + count - 1 };
        if (over == 2) {
            assert_int_equal(encode_error(&s.commit), SP_E_TOO_LARGE);
            s.write[0].context.count = count;
            assert_int_equal(encode_error(&s.commit), SP_E_TOO_LARGE);
            continue;
        }
        in = encoded(&s.commit);
        assert_true(is_fixpoint(in, &content));
        drop(in);
    }
}

static void decoder_takes_1024_replicas(void **state)
{
    static const uint8_t start[] = { 0x92, 0x97, 3, 0, 0, 1, 1, 1, 0x93 };

    (void)state;
    for (uint32_t over = 0; over < 3; over++) {
        uint32_t count = SP_VECTOR_DOTS_MAX - 1 + over;
        struct sp_slice content = by_hand(1, 1);
        struct sp_buf b;

        sp_buf_init(&b, BUF_MAX);
        sp_buf_put(&b, start, sizeof start);
        sp_wr_array(&b, count);
        for (uint32_t i = 0; i < count; i++) {
            sp_wr_uint(&b, OTHER + i);
        }
        sp_wr_array(&b, 1);
        sp_wr_array(&b, 2 * count);
        for (uint32_t i = 0; i < count; i++) {
            sp_wr_uint(&b, i);
            sp_wr_uint(&b, 1);
        }
        sp_wr_array(&b, 1);
        sp_wr_uint(&b, 1);
        /* behind the nil of the contexts */
        sp_buf_put(
            &b, content.data + sizeof start, content.size - sizeof start);
        assert_int_equal(
            decode_error(sp_buf_slice(&b)), over < 2 ? SP_OK : SP_E_TOO_LARGE);
        sp_buf_free(&b);
        drop(content);
    }
}

/* A value of exactly size bytes, in two strings: one alone has fewer. */
static void put_value(struct sp_buf *b, size_t size)
{
    static const uint8_t zeros[SP_STRING_BYTES_MAX];
    size_t start = b->size;

    sp_wr_array(b, 2);
    sp_wr_bin(b, zeros, size / 2);
    sp_wr_bin(b, zeros, size - size / 2 - 7);
    assert_int_equal(b->err, SP_OK);
    assert_int_equal(b->size - start, size);
}

/* What encoding gives for values of size bytes, the last of them longer; what
 * was encoded decodes. */
static sp_err of_values(
    uint32_t count, size_t size, size_t longer, size_t *bytes)
{
    static struct sample s;
    struct sp_buf v, last, b;
    sp_err err;

    sp_buf_init(&v, BUF_MAX);
    sp_buf_init(&last, BUF_MAX);
    sp_buf_init(&b, BUF_MAX);
    put_value(&v, size);
    put_value(&last, size + longer);
    sample_init(&s, 1, count);
    for (uint32_t i = 0; i < count; i++) {
        s.write[i].value = sp_buf_slice(i + 1 < count ? &v : &last);
    }
    sp_commit_encode(&s.commit, &b);
    err = b.err;
    *bytes = b.size;
    if (err == SP_OK) {
        assert_int_equal(decode_error(sp_buf_slice(&b)), SP_OK);
    }
    sp_buf_free(&b);
    sp_buf_free(&v);
    sp_buf_free(&last);
    return err;
}

static void values_are_taken_up_to_their_limit(void **state)
{
    (void)state;
    for (size_t over = 0; over < 3; over++) {
        size_t size = SP_VALUE_BYTES_MAX - 1 + over, bytes;
        sp_err err = over < 2 ? SP_OK : SP_E_TOO_LARGE;
        struct sp_slice head = by_hand(1, 1);
        struct sp_buf b;

        assert_int_equal(of_values(1, size, 0, &bytes), err);
        sp_buf_init(&b, BUF_MAX);
        sp_buf_put(&b, head.data, head.size - 1); /* all but its nil */
        put_value(&b, size);
        assert_int_equal(decode_error(sp_buf_slice(&b)), err);
        sp_buf_free(&b);
        drop(head);
    }
}

static void encoder_stops_at_49152_bytes(void **state)
{
    size_t bytes, longer;

    (void)state;
    assert_int_equal(of_values(6, 8180, 0, &bytes), SP_OK);
    longer = SP_COMMIT_BYTES_MAX - bytes;
    assert_in_range(longer, 1, 1000);
    assert_int_equal(of_values(6, 8180, longer - 1, &bytes), SP_OK);
    assert_int_equal(bytes, SP_COMMIT_BYTES_MAX - 1);
    assert_int_equal(of_values(6, 8180, longer, &bytes), SP_OK);
    assert_int_equal(bytes, SP_COMMIT_BYTES_MAX);
    assert_int_equal(of_values(6, 8180, longer + 1, &bytes), SP_E_TOO_LARGE);
}

static void decoder_stops_at_49152_bytes(void **state)
{
    static uint8_t bytes[SP_COMMIT_BYTES_MAX + 1];

    (void)state;
    /* Refused for its size before anything is read, else for its bytes. */
    assert_int_equal(decode_error(sp_slice_of(bytes, SP_COMMIT_BYTES_MAX + 1)),
        SP_E_TOO_LARGE);
    assert_int_equal(
        decode_error(sp_slice_of(bytes, SP_COMMIT_BYTES_MAX)), SP_E_MALFORMED);
}

static void keys_are_taken_up_to_their_limit(void **state)
{
    uint8_t element[SP_ELEMENT_BYTES_MAX + 1] = { 1 };
    struct sample s;

    (void)state;
    for (uint32_t over = 0; over < 3; over++) {
        sp_err err = over < 2 ? SP_OK : SP_E_TOO_LARGE;
        struct sp_id content;

        sample_init(&s, 1, 1);
        s.write[0].key.element =
            sp_slice_of(element, SP_ELEMENT_BYTES_MAX - 1 + over);
        assert_int_equal(encode_error(&s.commit), err);
        sample_init(&s, 1, 1);
        s.write[0].key.field = (uint16_t)(SP_FIELD_MAX - 1 + over);
        assert_int_equal(encode_error(&s.commit), err);
        sample_init(&s, 1, 1);
        s.commit.n = SP_COUNTER_MAX - 1 + over;
        assert_int_equal(encode_error(&s.commit), err);
        if (err == SP_OK) {
            struct sp_slice in = encoded(&s.commit);

            assert_true(is_fixpoint(in, &content));
            drop(in);
        }
    }
}

static int crypto(void **state)
{
    (void)state;
    return sp_crypto_init() != SP_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_taken_up_to_their_limit),
        cmocka_unit_test(replicas_of_contexts_are_taken_up_to_their_limit),
        cmocka_unit_test(decoder_takes_1024_replicas),
        cmocka_unit_test(values_are_taken_up_to_their_limit),
        cmocka_unit_test(encoder_stops_at_49152_bytes),
        cmocka_unit_test(decoder_stops_at_49152_bytes),
        cmocka_unit_test(keys_are_taken_up_to_their_limit),
    };

    return cmocka_run_group_tests(tests, crypto, NULL);
}
