/* Signed documents: what stands in them is what was signed. */
#include "sp/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "sp/pack.h"
#include "sp/seal.h"

#define BUF_MAX (1u << 20)

static const struct sp_id org = { { 1, 2, 3 } };
static uint8_t public_key[32], secret[64];

static int make_keys(void **state)
{
    struct sp_secret seed = { { 5 } };

    (void)state;
    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    sp_sign_pair(&seed, public_key, secret);
    return 0;
}

static struct sp_document roster(void)
{
    static const uint8_t body[] = { 0x92, 1, 0xa1, 'x' };

    return (struct sp_document){ .kind = SP_DOC_ROSTER,
        .unit = sp_slice_text("B1"),
        .serial = 1001,
        .issuer = 2,
        .body = SP_SLICE(body) };
}

static struct sp_slice signed_bytes(struct sp_document *d)
{
    struct sp_slice out;
    struct sp_buf b;

    sp_buf_init(&b, BUF_MAX);
    sp_document_sign(d, &org, secret, &b);
    assert_int_equal(b.err, SP_OK);
    out = exact_copy(sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static void document_is_split_into_what_was_signed(void **state)
{
    struct sp_document made = roster(), d;
    struct sp_slice in = signed_bytes(&made);

    (void)state;
    assert_int_equal(sp_document_decode(in, &d), SP_OK);
    assert_int_equal(d.kind, SP_DOC_ROSTER);
    assert_true(sp_slice_equal(d.unit, made.unit));
    assert_int_equal(d.serial, 1001);
    assert_int_equal(d.issuer, 2);
    assert_true(sp_slice_equal(d.body, made.body));
    assert_true(sp_slice_equal(d.bytes, in));
    assert_int_equal(sp_document_verify(&d, &org, public_key), SP_OK);
    drop(in);
}

static void document_of_another_house_does_not_verify(void **state)
{
    struct sp_document made = roster(), d;
    struct sp_slice in = signed_bytes(&made);
    struct sp_id other = { { 1, 2, 4 } };
    uint8_t key[32];

    (void)state;
    assert_int_equal(sp_document_decode(in, &d), SP_OK);
    assert_int_equal(sp_document_verify(&d, &other, public_key), SP_E_FORGED);
    memcpy(key, public_key, sizeof key);
    key[4] ^= 1;
    assert_int_equal(sp_document_verify(&d, &org, key), SP_E_FORGED);
    drop(in);
}

static void each_flipped_bit_is_malformed_or_forged(void **state)
{
    struct sp_document made = roster(), d;
    struct sp_slice good = signed_bytes(&made);
    struct sp_slice in = exact_copy(good);
    unsigned forged = 0;

    (void)state;
    for (size_t i = 0; i < in.size * 8; i++) {
        uint8_t *byte = (uint8_t *)in.data + i / 8;

        *byte ^= (uint8_t)(1u << i % 8);
        if (sp_document_decode(in, &d) == SP_OK) {
            assert_int_equal(
                sp_document_verify(&d, &org, public_key), SP_E_FORGED);
            forged++;
        }
        *byte = good.data[i / 8];
    }
    assert_true(forged > 64 * 8);
    drop(in);
    drop(good);
}

static void every_prefix_is_truncated(void **state)
{
    struct sp_document made = roster(), d;
    struct sp_slice good = signed_bytes(&made);

    (void)state;
    for (size_t size = 0; size < good.size; size++) {
        struct sp_slice part = exact_copy(sp_slice_of(good.data, size));

        assert_int_equal(sp_document_decode(part, &d), SP_E_TRUNCATED);
        drop(part);
    }
    drop(good);
}

static void only_the_canonical_form_is_split(void **state)
{
#define SIG                                                                    \
    "c440 00000000000000000000000000000000000000000000000000000000"            \
    "00000000 0000000000000000000000000000000000000000000000000000000"         \
    "000000000"
    static const struct {
        const char *name;
        const char *hex;
        sp_err err;
    } table[] = {
        { "good", "96 03 a142 01 00 c40180" SIG, SP_OK },
        { "kind 0", "96 00 a142 01 00 c40180" SIG, SP_E_MALFORMED },
        { "kind 5", "96 05 a142 01 00 c40180" SIG, SP_E_MALFORMED },
        { "serial 0", "96 03 a142 00 00 c40180" SIG, SP_E_MALFORMED },
        { "unit in bin", "96 03 c40142 01 00 c40180" SIG, SP_E_MALFORMED },
        { "unit not UTF-8", "96 03 a1ff 01 00 c40180" SIG, SP_E_MALFORMED },
        { "five elements", "95 03 a142 01 00 c40180", SP_E_MALFORMED },
        { "byte behind", "96 03 a142 01 00 c40180" SIG "00", SP_E_MALFORMED },
        { "long serial", "96 03 a142 cc01 00 c40180" SIG, SP_E_MALFORMED },
        { "serial of 33 bits", "96 03 a142 cf0000000100000000 00 c40180" SIG,
            SP_E_MALFORMED },
    };
    struct sp_document d;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = hex_bytes(table[i].hex);
        sp_err err = sp_document_decode(in, &d);

        if (err != table[i].err) {
            fail_msg("%s: %s", table[i].name, sp_err_name(err));
        }
        drop(in);
    }
}

/* A document of exactly size bytes, made by hand over the limit. */
static sp_err decode_of(size_t size)
{
    size_t around = 1 + 1 + 3 + 3 + 1 + 5 + 2 + SP_SIGNATURE_BYTES;
    uint8_t *body = calloc(size, 1);
    struct sp_document d;
    struct sp_buf b;
    sp_err err;

    assert_non_null(body);
    sp_buf_init(&b, BUF_MAX);
    sp_wr_array(&b, 6);
    sp_wr_uint(&b, SP_DOC_ROSTER);
    sp_wr_text(&b, "B1");
    sp_wr_uint(&b, 1001);
    sp_wr_uint(&b, 2);
    sp_wr_bin(&b, body, size - around);
    sp_wr_bin(&b, body, SP_SIGNATURE_BYTES);
    assert_int_equal(b.size, size);
    err = sp_document_decode(sp_buf_slice(&b), &d);
    sp_buf_free(&b);
    free(body);
    return err;
}

static void sizes_are_taken_up_to_their_limit(void **state)
{
    char unit[65];
    struct sp_document d = roster(), split;
    struct sp_buf b;
    uint8_t *body = calloc(SP_DOCUMENT_BYTES_MAX, 1);

    (void)state;
    assert_non_null(body);
    assert_int_equal(decode_of(SP_DOCUMENT_BYTES_MAX - 1), SP_OK);
    assert_int_equal(decode_of(SP_DOCUMENT_BYTES_MAX), SP_OK);
    assert_int_equal(decode_of(SP_DOCUMENT_BYTES_MAX + 1), SP_E_TOO_LARGE);
    for (size_t over = 0; over < 3; over++) {
        size_t around = 1 + 1 + 3 + 3 + 1 + 5 + 2 + SP_SIGNATURE_BYTES;

        d.body = sp_slice_of(body, SP_DOCUMENT_BYTES_MAX - around - 1 + over);
        sp_buf_init(&b, BUF_MAX);
        sp_document_sign(&d, &org, secret, &b);
        assert_int_equal(b.err, over < 2 ? SP_OK : SP_E_TOO_LARGE);
        sp_buf_free(&b);
    }
    memset(unit, 'u', sizeof unit);
    d = roster();
    for (size_t size = 63; size <= 65; size++) {
        d.unit = sp_slice_of(unit, size);
        sp_buf_init(&b, BUF_MAX);
        sp_document_sign(&d, &org, secret, &b);
        assert_int_equal(b.err, size <= 64 ? SP_OK : SP_E_TOO_LARGE);
        if (b.err == SP_OK) {
            assert_int_equal(
                sp_document_decode(sp_buf_slice(&b), &split), SP_OK);
        }
        sp_buf_free(&b);
    }
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document_is_split_into_what_was_signed),
        cmocka_unit_test(document_of_another_house_does_not_verify),
        cmocka_unit_test(each_flipped_bit_is_malformed_or_forged),
        cmocka_unit_test(every_prefix_is_truncated),
        cmocka_unit_test(only_the_canonical_form_is_split),
        cmocka_unit_test(sizes_are_taken_up_to_their_limit),
    };

    return cmocka_run_group_tests(tests, make_keys, NULL);
}
