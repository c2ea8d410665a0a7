/* seal.h: known answers, bounds, and what must be refused. */
#include "sp/seal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static struct sp_secret secret_of(uint8_t fill)
{
    struct sp_secret s;

    memset(s.b, fill, sizeof s.b);
    return s;
}

static void assert_hex(const void *data, size_t size, const char *expected)
{
    char text[2 * 64 + 1];

    assert_true(size <= 64);
    sp_hex(text, data, size);
    assert_string_equal(text, expected);
}

/* ---- hashes ------------------------------------------------------------ */

static void hash_gives_the_published_answers(void **state)
{
    uint8_t out[32];

    (void)state;
    /* BLAKE2b with an empty and with RFC 7693's text, at our two lengths. */
    sp_hash(out, 32, sp_slice_text(""), NULL);
    assert_hex(out, 32,
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    sp_hash(out, 32, sp_slice_text("abc"), NULL);
    assert_hex(out, 32,
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    sp_hash(out, 16, sp_slice_text("abc"), NULL);
    assert_hex(out, 16, "cf4ab791c62b8d2b2109c90275287816");
}

static void hash_in_pieces_equals_hash_at_once(void **state)
{
    static const size_t cuts[] = { 0, 1, 63, 64, 127, 128, 129, 299, 300 };
    struct sp_secret key = secret_of(7);
    uint8_t data[300], whole[32], pieces[32];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 31);
    }
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct sp_hasher h;
        size_t size = i % 2 == 0 ? 32 : 16;
        const struct sp_secret *k = i % 3 == 0 ? &key : NULL;

        sp_hash(whole, size, SP_SLICE(data), k);
        sp_hasher_init(&h, size, k);
        sp_hasher_add(&h, data, cuts[i]);
        sp_hasher_add(&h, data + cuts[i], sizeof data - cuts[i]);
        sp_hasher_end(&h, pieces, size);
        assert_memory_equal(whole, pieces, size);
    }
}

static void keyed_hash_depends_on_the_key(void **state)
{
    struct sp_secret a = secret_of(1), b = secret_of(2);
    uint8_t x[16], y[16], plain[16];

    (void)state;
    sp_hash(x, 16, sp_slice_text("name"), &a);
    sp_hash(y, 16, sp_slice_text("name"), &b);
    sp_hash(plain, 16, sp_slice_text("name"), NULL);
    assert_memory_not_equal(x, y, 16);
    assert_memory_not_equal(x, plain, 16);
}

static void siphash_gives_the_reference_answers(void **state)
{
    uint8_t key[16], in[2] = { 0, 1 }, out[16];

    (void)state;
    for (uint8_t i = 0; i < 16; i++) {
        key[i] = i;
    }
    /* The reference implementation's table for 128 bits: lengths 0 and 1. */
    sp_siphash(out, (struct sp_slice){ in, 0 }, key);
    assert_hex(out, 16, "a3817f04ba25a8e66df67214c7550293");
    sp_siphash(out, (struct sp_slice){ in, 1 }, key);
    assert_hex(out, 16, "da87c1d86b99af44347659119b22fc45");
}

static void hkdf_stops_at_its_limit(void **state)
{
    static uint8_t out[255 * 32 + 1];
    struct sp_slice ikm = sp_slice_text("ikm"), none = { NULL, 0 };

    (void)state;
    assert_int_equal(sp_hkdf_sha256(out, 255 * 32 - 1, ikm, none, none), SP_OK);
    assert_int_equal(sp_hkdf_sha256(out, 255 * 32, ikm, none, none), SP_OK);
    memset(out, 0x5a, sizeof out);
    assert_int_equal(
        sp_hkdf_sha256(out, 255 * 32 + 1, ikm, none, none), SP_E_ARGUMENT);
    assert_int_equal(out[0], 0x5a); /* untouched on failure */
}

static void subkeys_differ_by_id_context_and_root(void **state)
{
    struct sp_secret root = secret_of(1), other = secret_of(2);
    struct sp_secret made[4];

    (void)state;
    sp_subkey(&made[0], 1, "satchel0", &root);
    sp_subkey(&made[1], 2, "satchel0", &root);
    sp_subkey(&made[2], 1, "satchel1", &root);
    sp_subkey(&made[3], 1, "satchel0", &other);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(&made[i], &made[j], sizeof made[i]);
        }
    }
}

/* ---- keys and signatures ----------------------------------------------- */

static void x25519_agrees_and_refuses_low_order_points(void **state)
{
    struct sp_secret a = secret_of(3), b = secret_of(4), x, y;
    uint8_t pa[32], pb[32], low[32] = { 0 };

    (void)state;
    sp_x25519_public(&a, pa);
    sp_x25519_public(&b, pb);
    assert_int_equal(sp_x25519(&x, &a, pb), SP_OK);
    assert_int_equal(sp_x25519(&y, &b, pa), SP_OK);
    assert_memory_equal(&x, &y, sizeof x);
    assert_int_equal(sp_x25519(&y, &a, low), SP_E_FORGED);
    low[0] = 1;
    assert_int_equal(sp_x25519(&y, &a, low), SP_E_FORGED);
    assert_memory_equal(&x, &y, sizeof x); /* untouched on failure */
}

static void signature_fails_with_any_byte_flipped(void **state)
{
    struct sp_secret seed = secret_of(5);
    uint8_t public_key[32], secret[64], signature[64];
    uint8_t text[] = "satchel-head";

    (void)state;
    sp_sign_pair(&seed, public_key, secret);
    sp_sign(SP_SLICE(text), secret, signature);
    assert_int_equal(
        sp_sign_check(SP_SLICE(text), public_key, signature), SP_OK);
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 0x40;
        assert_int_equal(
            sp_sign_check(SP_SLICE(text), public_key, signature), SP_E_FORGED);
        signature[i] ^= 0x40;
    }
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] ^= 1;
        assert_int_equal(
            sp_sign_check(SP_SLICE(text), public_key, signature), SP_E_FORGED);
        text[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof public_key; i++) {
        public_key[i] ^= 1;
        assert_int_equal(
            sp_sign_check(SP_SLICE(text), public_key, signature), SP_E_FORGED);
        public_key[i] ^= 1;
    }
}

static void secrets_compare_by_every_byte(void **state)
{
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    (void)state;
    assert_true(sp_equal_secret(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(sp_equal_secret(a, b, sizeof a));
        b[i] ^= 0x80;
    }
}

/* ---- at rest ----------------------------------------------------------- */

enum { PLAIN = 40, SEALED = PLAIN + SP_SEAL_OVERHEAD };

static void make_sealed(uint8_t sealed[SEALED], const struct sp_secret *key)
{
    uint8_t nonce[SP_SEAL_NONCE_BYTES], plain[PLAIN];

    memset(nonce, 9, sizeof nonce);
    memset(plain, 'p', sizeof plain);
    sp_seal(sealed, SP_SLICE(plain), sp_slice_text("table|key"), 0x01020304,
        nonce, key);
}

static void sealed_value_opens_and_names_its_epoch(void **state)
{
    struct sp_secret key = secret_of(6);
    uint8_t sealed[SEALED], plain[PLAIN], expected[PLAIN];
    struct sp_slice in = SP_SLICE(sealed);

    (void)state;
    make_sealed(sealed, &key);
    memset(expected, 'p', sizeof expected);
    assert_int_equal(sealed[0], 1);
    assert_int_equal(sp_seal_epoch(in), 0x01020304);
    assert_int_equal(
        sp_unseal(plain, in, sp_slice_text("table|key"), &key), SP_OK);
    assert_memory_equal(plain, expected, sizeof plain);
}

static void empty_value_can_be_sealed(void **state)
{
    struct sp_secret key = secret_of(6);
    uint8_t nonce[SP_SEAL_NONCE_BYTES] = { 0 };
    uint8_t sealed[SP_SEAL_OVERHEAD], none[1];
    struct sp_slice empty = { NULL, 0 };

    (void)state;
    sp_seal(sealed, empty, empty, 1, nonce, &key);
    assert_int_equal(sp_unseal(none, SP_SLICE(sealed), empty, &key), SP_OK);
    sealed[SP_SEAL_OVERHEAD - 1] ^= 1;
    assert_int_equal(
        sp_unseal(none, SP_SLICE(sealed), empty, &key), SP_E_CORRUPT);
}

static void sealed_value_fails_with_any_byte_flipped(void **state)
{
    struct sp_secret key = secret_of(6);
    uint8_t sealed[SEALED], plain[PLAIN];
    struct sp_slice bound = sp_slice_text("table|key");

    (void)state;
    make_sealed(sealed, &key);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x10;
        assert_int_equal(
            sp_unseal(plain, SP_SLICE(sealed), bound, &key), SP_E_CORRUPT);
        sealed[i] ^= 0x10;
    }
}

static void sealed_value_opens_only_where_it_was_put(void **state)
{
    struct sp_secret key = secret_of(6), other = secret_of(7);
    uint8_t sealed[SEALED], plain[PLAIN];
    struct sp_slice in = SP_SLICE(sealed);

    (void)state;
    make_sealed(sealed, &key);
    assert_int_equal(
        sp_unseal(plain, in, sp_slice_text("table|kez"), &key), SP_E_CORRUPT);
    assert_int_equal(
        sp_unseal(plain, in, sp_slice_text("table|ke"), &key), SP_E_CORRUPT);
    assert_int_equal(
        sp_unseal(plain, in, sp_slice_text("table|key"), &other), SP_E_CORRUPT);
}

static void short_sealed_value_is_truncated(void **state)
{
    struct sp_secret key = secret_of(6);
    uint8_t sealed[SEALED], plain[PLAIN];
    struct sp_slice bound = sp_slice_text("table|key");

    (void)state;
    make_sealed(sealed, &key);
    for (size_t n = 0; n < sizeof sealed; n++) {
        sp_err err =
            sp_unseal(plain, (struct sp_slice){ sealed, n }, bound, &key);
        assert_int_equal(
            err, n < SP_SEAL_OVERHEAD ? SP_E_TRUNCATED : SP_E_CORRUPT);
        if (n < SP_SEAL_OVERHEAD) {
            assert_int_equal(sp_seal_epoch((struct sp_slice){ sealed, n }), 0);
        }
    }
}

static void argon2id_keeps_to_its_bounds(void **state)
{
    static const struct {
        const char *name;
        uint32_t ops, mem_kib;
        sp_err err;
    } cases[] = {
        { "least", 1, 8, SP_OK },
        { "no pass", 0, 8, SP_E_ARGUMENT },
        { "too little memory", 1, 7, SP_E_ARGUMENT },
        { "most passes", SP_ARGON_OPS_MAX, 8, SP_OK },
        { "a pass too many", SP_ARGON_OPS_MAX + 1, 8, SP_E_ARGUMENT },
        { "too much memory", 1, SP_ARGON_MEM_KIB_MAX + 1, SP_E_ARGUMENT },
        { "absurd", UINT32_MAX, UINT32_MAX, SP_E_ARGUMENT },
    };
    const uint8_t salt[16] = { 1 };
    struct sp_secret out, again;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_err err = sp_argon2id(
            &out, sp_slice_text("1234"), salt, cases[i].ops, cases[i].mem_kib);
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].name, sp_err_name(err));
        }
    }
    assert_int_equal(
        sp_argon2id(&again, sp_slice_text("1235"), salt, 1, 8), SP_OK);
    assert_memory_not_equal(&out, &again, sizeof out);
}

/* ---- boxes ------------------------------------------------------------- */

static void box_opens_with_the_secret_alone(void **state)
{
    struct sp_secret mine = secret_of(8), other = secret_of(9);
    struct sp_secret ephemeral = secret_of(10);
    uint8_t public_key[32], box[32 + SP_BOX_OVERHEAD], out[32], other_key[32];
    uint8_t zero[32] = { 0 };
    struct sp_secret scope_key = secret_of(11);

    (void)state;
    sp_x25519_public(&mine, public_key);
    sp_x25519_public(&other, other_key);
    assert_int_equal(
        sp_box_seal(box, SP_SLICE(scope_key.b), public_key, &ephemeral), SP_OK);
    assert_int_equal(sp_box_open(out, SP_SLICE(box), public_key, &mine), SP_OK);
    assert_memory_equal(out, scope_key.b, sizeof out);
    assert_int_equal(
        sp_box_open(out, SP_SLICE(box), other_key, &other), SP_E_FORGED);
    for (size_t i = 0; i < sizeof box; i++) {
        box[i] ^= 1;
        assert_int_equal(
            sp_box_open(out, SP_SLICE(box), public_key, &mine), SP_E_FORGED);
        box[i] ^= 1;
    }
    for (size_t n = 0; n < SP_BOX_OVERHEAD; n++) {
        assert_int_equal(
            sp_box_open(out, (struct sp_slice){ box, n }, public_key, &mine),
            SP_E_TRUNCATED);
    }
    assert_int_equal(
        sp_box_seal(box, SP_SLICE(scope_key.b), zero, &ephemeral), SP_E_FORGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_gives_the_published_answers),
        cmocka_unit_test(hash_in_pieces_equals_hash_at_once),
        cmocka_unit_test(keyed_hash_depends_on_the_key),
        cmocka_unit_test(siphash_gives_the_reference_answers),
        cmocka_unit_test(hkdf_stops_at_its_limit),
        cmocka_unit_test(subkeys_differ_by_id_context_and_root),
        cmocka_unit_test(x25519_agrees_and_refuses_low_order_points),
        cmocka_unit_test(signature_fails_with_any_byte_flipped),
        cmocka_unit_test(secrets_compare_by_every_byte),
        cmocka_unit_test(sealed_value_opens_and_names_its_epoch),
        cmocka_unit_test(empty_value_can_be_sealed),
        cmocka_unit_test(sealed_value_fails_with_any_byte_flipped),
        cmocka_unit_test(sealed_value_opens_only_where_it_was_put),
        cmocka_unit_test(short_sealed_value_is_truncated),
        cmocka_unit_test(argon2id_keeps_to_its_bounds),
        cmocka_unit_test(box_opens_with_the_secret_alone),
    };

    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
