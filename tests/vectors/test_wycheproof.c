/* Every case of six Wycheproof files: what is valid must come out, what is
 * invalid must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "sp/handshake.h"

#include "aead.h"
#include "published.h"

static const struct sp_slice none = { NULL, 0 };

static const char *result_of(const json_t *test)
{
    const char *result = json_string_value(json_object_get(test, "result"));

    assert_non_null(result);
    return result;
}

static bool has_flag(const json_t *test, const char *flag)
{
    const json_t *flags = json_object_get(test, "flags");

    for (size_t i = 0; i < json_array_size(flags); i++) {
        if (strcmp(json_string_value(json_array_get(flags, i)), flag) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the case went as its result says; "acceptable" is up to judge. */
static bool as_marked(const json_t *test, bool passed)
{
    const char *result = result_of(test);

    return strcmp(result, "valid") == 0     ? passed
           : strcmp(result, "invalid") == 0 ? !passed
                                            : passed;
}

/* Runs judge over each case and compares the count with the file's own. */
static void run_file(
    const char *name, bool (*judge)(const json_t *group, const json_t *test))
{
    json_t *file = published_load(name);
    const json_t *groups = json_object_get(file, "testGroups");
    json_int_t cases = 0;

    assert_non_null(file);
    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *group = json_array_get(groups, g);
        const json_t *tests = json_object_get(group, "tests");

        for (size_t t = 0; t < json_array_size(tests); t++) {
            const json_t *test = json_array_get(tests, t);

            if (!judge(group, test)) {
                fail_msg("%s case %lld (%s): not as its mark says", name,
                    (long long)json_integer_value(
                        json_object_get(test, "tcId")),
                    result_of(test));
            }
            cases++;
        }
    }
    assert_true(cases > 0);
    assert_true(
        cases == json_integer_value(json_object_get(file, "numberOfTests")));
    printf("# %s: %lld cases\n", name, (long long)cases);
    json_decref(file);
}

/* ---- x25519 ------------------------------------------------------------ */

/* A server whose key is this cannot be spoken to. */
static bool handshake_aborts(const uint8_t remote[32])
{
    struct sp_secret own, ephemeral;
    struct sp_handshake hs;
    struct sp_buf out;
    sp_err err;

    memset(&own, 1, sizeof own);
    memset(&ephemeral, 2, sizeof ephemeral);
    sp_buf_init(&out, 1024);
    sp_handshake_init(
        &hs, &(struct sp_handshake_setup){ .pattern = SP_NOISE_IKPSK2,
                 .initiator = true,
                 .own_static = &own,
                 .ephemeral = &ephemeral,
                 .remote_static = remote });
    err = sp_handshake_write(&hs, none, &out);
    sp_buf_free(&out);
    return err == SP_E_FORGED;
}

/* RFC 7748 ignores the top bit and reduces what is not canonical, and points
 * of the twist do no harm in it: so all "acceptable" cases have their answer,
 * but a shared secret of zeros is refused. */
static bool judge_x25519(const json_t *group, const json_t *test)
{
    struct sp_secret private_key, shared, expected;
    uint8_t public_key[32];
    static const uint8_t zeros[32];
    bool low;
    sp_err err;

    (void)group;
    published_fixed(test, "private", private_key.b, 32);
    published_fixed(test, "public", public_key, 32);
    published_fixed(test, "shared", expected.b, 32);
    low = memcmp(expected.b, zeros, 32) == 0;
    err = sp_x25519(&shared, &private_key, public_key);
    if (low) {
        assert_true(has_flag(test, "ZeroSharedSecret"));
        return err == SP_E_FORGED && handshake_aborts(public_key);
    }
    return as_marked(
        test, err == SP_OK && memcmp(shared.b, expected.b, 32) == 0);
}

static void x25519_agrees_and_low_order_aborts(void **state)
{
    (void)state;
    run_file("wycheproof/x25519_test.json", judge_x25519);
}

/* ---- Ed25519 ----------------------------------------------------------- */

static bool judge_ed25519(const json_t *group, const json_t *test)
{
    uint8_t public_key[32];
    struct sp_slice message = published_bytes(test, "msg");
    struct sp_slice signature = published_bytes(test, "sig");
    bool passed;

    published_fixed(json_object_get(group, "publicKey"), "pk", public_key, 32);
    /* Ours has 64 bytes by its type: others cannot even be asked about. */
    passed = signature.size == 64 &&
             sp_sign_check(message, public_key, signature.data) == SP_OK;
    published_free(message);
    published_free(signature);
    return as_marked(test, passed);
}

static void ed25519_checks_as_marked(void **state)
{
    (void)state;
    run_file("wycheproof/ed25519_test.json", judge_ed25519);
}

/* ---- AEAD -------------------------------------------------------------- */

struct aead {
    size_t nonce_bytes;
    void (*seal)(uint8_t *, struct sp_slice, struct sp_slice, const uint8_t *,
        const struct sp_secret *);
    sp_err (*open)(uint8_t *, struct sp_slice, struct sp_slice, const uint8_t *,
        const struct sp_secret *);
};

/* sealed: ciphertext and tag, as our calls have them. */
static bool try_aead(const struct aead *a, const json_t *test,
    struct sp_slice sealed, struct sp_slice bound, const uint8_t *nonce)
{
    struct sp_slice plain = published_bytes(test, "msg");
    struct sp_secret key;
    uint8_t *out = malloc(sealed.size + 1);
    bool passed;

    assert_non_null(out);
    published_fixed(test, "key", key.b, sizeof key.b);
    passed = a->open(out, sealed, bound, nonce, &key) == SP_OK &&
             plain.size + 16 == sealed.size &&
             memcmp(out, plain.data, plain.size) == 0;
    if (strcmp(result_of(test), "valid") == 0) {
        a->seal(out, plain, bound, nonce, &key);
        passed = passed && memcmp(out, sealed.data, sealed.size) == 0;
    }
    free(out);
    published_free(plain);
    return passed;
}

static bool judge_aead(const struct aead *a, const json_t *test)
{
    struct sp_slice nonce = published_bytes(test, "iv");
    struct sp_slice bound = published_bytes(test, "aad");
    struct sp_slice text = published_bytes(test, "ct");
    struct sp_slice tag = published_bytes(test, "tag");
    uint8_t *sealed = malloc(text.size + tag.size + 1);
    bool passed = false; /* a nonce of another size is no nonce to us */

    assert_non_null(sealed);
    if (nonce.size == a->nonce_bytes) {
        memcpy(sealed, text.data, text.size);
        memcpy(sealed + text.size, tag.data, tag.size);
        passed =
            try_aead(a, test, (struct sp_slice){ sealed, text.size + tag.size },
                bound, nonce.data);
    }
    free(sealed);
    published_free(nonce);
    published_free(bound);
    published_free(text);
    published_free(tag);
    return as_marked(test, passed);
}

static bool judge_chacha(const json_t *group, const json_t *test)
{
    static const struct aead a = { SP_AEAD_NONCE_BYTES, sp_aead_seal,
        sp_aead_open };

    (void)group;
    return judge_aead(&a, test);
}

static bool judge_xchacha(const json_t *group, const json_t *test)
{
    static const struct aead a = { SP_AEAD_XNONCE_BYTES, sp_aead_xseal,
        sp_aead_xopen };

    (void)group;
    return judge_aead(&a, test);
}

static void chacha20_poly1305_seals_and_opens_as_marked(void **state)
{
    (void)state;
    run_file("wycheproof/chacha20_poly1305_test.json", judge_chacha);
}

static void xchacha20_poly1305_seals_and_opens_as_marked(void **state)
{
    (void)state;
    run_file("wycheproof/xchacha20_poly1305_test.json", judge_xchacha);
}

/* ---- HMAC and HKDF ----------------------------------------------------- */

static bool judge_hmac(const json_t *group, const json_t *test)
{
    struct sp_slice key = published_bytes(test, "key");
    struct sp_slice message = published_bytes(test, "msg");
    struct sp_slice tag = published_bytes(test, "tag");
    json_int_t bits = json_integer_value(json_object_get(group, "tagSize"));
    uint8_t out[32];
    bool passed;

    assert_in_range(bits, 8, 256);
    sp_hmac_sha256(out, message, key);
    passed =
        tag.size == (size_t)bits / 8 && memcmp(out, tag.data, tag.size) == 0;
    published_free(key);
    published_free(message);
    published_free(tag);
    return as_marked(test, passed);
}

static void hmac_sha256_is_as_marked(void **state)
{
    (void)state;
    run_file("wycheproof/hmac_sha256_test.json", judge_hmac);
}

static bool judge_hkdf(const json_t *group, const json_t *test)
{
    struct sp_slice ikm = published_bytes(test, "ikm");
    struct sp_slice salt = published_bytes(test, "salt");
    struct sp_slice info = published_bytes(test, "info");
    struct sp_slice okm = published_bytes(test, "okm");
    size_t size = (size_t)json_integer_value(json_object_get(test, "size"));
    uint8_t *out = malloc(size + 1);
    bool passed;

    (void)group;
    assert_non_null(out);
    passed = sp_hkdf_sha256(out, size, ikm, salt, info) == SP_OK &&
             okm.size == size && memcmp(out, okm.data, size) == 0;
    free(out);
    published_free(ikm);
    published_free(salt);
    published_free(info);
    published_free(okm);
    return as_marked(test, passed);
}

static void hkdf_sha256_is_as_marked(void **state)
{
    (void)state;
    run_file("wycheproof/hkdf_sha256_test.json", judge_hkdf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x25519_agrees_and_low_order_aborts),
        cmocka_unit_test(ed25519_checks_as_marked),
        cmocka_unit_test(chacha20_poly1305_seals_and_opens_as_marked),
        cmocka_unit_test(xchacha20_poly1305_seals_and_opens_as_marked),
        cmocka_unit_test(hmac_sha256_is_as_marked),
        cmocka_unit_test(hkdf_sha256_is_as_marked),
    };
    json_t *first = published_load("wycheproof/x25519_test.json");

    if (first == NULL) {
        return published_skip();
    }
    json_decref(first);
    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
