#include "sp/seal.h"

#include "aead.h"

#include <sodium.h>

#include <string.h>

/* Layout of a sealed value: offsets. */
enum {
    SEAL_VERSION = 1,
    SEAL_EPOCH_AT = 1,
    SEAL_NONCE_AT = 5,
    SEAL_BODY_AT = 29
};

_Static_assert(SP_SEAL_NONCE_BYTES == SP_AEAD_XNONCE_BYTES, "nonce");
_Static_assert(
    SEAL_BODY_AT + SP_AEAD_TAG_BYTES == SP_SEAL_OVERHEAD, "overhead");
_Static_assert(SP_BOX_OVERHEAD == crypto_box_SEALBYTES, "box");
_Static_assert(SP_SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "sign");
_Static_assert(SP_KEY_BYTES == crypto_sign_SEEDBYTES, "seed");
_Static_assert(SP_KEY_BYTES == crypto_scalarmult_SCALARBYTES, "x25519");
_Static_assert(SP_KEY_BYTES == crypto_kdf_KEYBYTES, "kdf");
_Static_assert(SP_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX, "hash key");
_Static_assert(
    sizeof(struct sp_hasher) >= sizeof(crypto_generichash_state), "hasher");
_Static_assert(_Alignof(struct sp_hasher) >= _Alignof(crypto_generichash_state),
    "hasher alignment");

/* libsodium declares some pointers never NULL, even with size 0. */
static const uint8_t *data_of(struct sp_slice s)
{
    static const uint8_t empty[1];

    return s.data == NULL ? empty : s.data;
}

sp_err sp_crypto_init(void)
{
    return sodium_init() < 0 ? SP_E_INTERNAL : SP_OK; /* 1: done before */
}

void sp_secret_wipe(struct sp_secret *s)
{
    sodium_memzero(s, sizeof *s);
}

void sp_wipe(void *data, size_t size)
{
    sodium_memzero(data, size);
}

bool sp_equal_secret(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void sp_x25519_public(const struct sp_secret *secret, uint8_t out[32])
{
    (void)crypto_scalarmult_base(out, secret->b); /* always 0 */
}

sp_err sp_x25519(struct sp_secret *out, const struct sp_secret *secret,
    const uint8_t public_key[32])
{
    struct sp_secret shared;
    sp_err err = SP_E_FORGED;

    if (crypto_scalarmult(shared.b, secret->b, public_key) == 0) {
        *out = shared;
        err = SP_OK;
    }
    sp_secret_wipe(&shared);
    return err;
}

void sp_sign_pair(const struct sp_secret *seed, uint8_t public_key[32],
    uint8_t secret[SP_SIGN_SECRET_BYTES])
{
    (void)crypto_sign_seed_keypair(public_key, secret, seed->b);
}

void sp_sign(struct sp_slice message,
    const uint8_t secret[SP_SIGN_SECRET_BYTES], uint8_t signature[64])
{
    (void)crypto_sign_detached(
        signature, NULL, data_of(message), message.size, secret);
}

sp_err sp_sign_check(struct sp_slice message, const uint8_t public_key[32],
    const uint8_t signature[64])
{
    int rc = crypto_sign_verify_detached(
        signature, data_of(message), message.size, public_key);
    return rc == 0 ? SP_OK : SP_E_FORGED;
}

void sp_hash(
    void *out, size_t out_size, struct sp_slice in, const struct sp_secret *key)
{
    SP_ASSERT(out_size == 16 || out_size == 32);
    (void)crypto_generichash(out, out_size, data_of(in), in.size,
        key == NULL ? NULL : key->b, key == NULL ? 0 : sizeof key->b);
}

void sp_hasher_init(
    struct sp_hasher *h, size_t out_size, const struct sp_secret *key)
{
    SP_ASSERT(out_size == 16 || out_size == 32);
    (void)crypto_generichash_init((void *)h->state, key == NULL ? NULL : key->b,
        key == NULL ? 0 : sizeof key->b, out_size);
}

void sp_hasher_add(struct sp_hasher *h, const void *data, size_t size)
{
    if (size > 0) {
        (void)crypto_generichash_update((void *)h->state, data, size);
    }
}

void sp_hasher_end(struct sp_hasher *h, void *out, size_t out_size)
{
    (void)crypto_generichash_final((void *)h->state, out, out_size);
    sp_wipe(h, sizeof *h); /* it may have been keyed */
}

void sp_siphash(uint8_t out[16], struct sp_slice in, const uint8_t key[16])
{
    (void)crypto_shorthash_siphashx24(out, data_of(in), in.size, key);
}

void sp_hmac_sha256(uint8_t out[32], struct sp_slice in, struct sp_slice key)
{
    crypto_auth_hmacsha256_state st;

    (void)crypto_auth_hmacsha256_init(&st, data_of(key), key.size);
    (void)crypto_auth_hmacsha256_update(&st, data_of(in), in.size);
    (void)crypto_auth_hmacsha256_final(&st, out);
    sp_wipe(&st, sizeof st);
}

sp_err sp_hkdf_sha256(uint8_t *out, size_t out_size, struct sp_slice ikm,
    struct sp_slice salt, struct sp_slice info)
{
    crypto_auth_hmacsha256_state st;
    struct sp_secret prk, block;
    uint8_t round = 0;

    if (out_size > 255u * sizeof block.b) {
        return SP_E_ARGUMENT;
    }
    /* An absent salt is 32 zeros, which HMAC pads an empty key to anyway. */
    sp_hmac_sha256(prk.b, ikm, salt);
    for (size_t at = 0; at < out_size;) {
        size_t n = out_size - at;
        n = n < sizeof block.b ? n : sizeof block.b;
        (void)crypto_auth_hmacsha256_init(&st, prk.b, sizeof prk.b);
        if (round > 0) {
            (void)crypto_auth_hmacsha256_update(&st, block.b, sizeof block.b);
        }
        round++;
        (void)crypto_auth_hmacsha256_update(&st, data_of(info), info.size);
        (void)crypto_auth_hmacsha256_update(&st, &round, 1);
        (void)crypto_auth_hmacsha256_final(&st, block.b);
        memcpy(out + at, block.b, n);
        at += n;
    }
    sp_wipe(&st, sizeof st);
    sp_secret_wipe(&prk);
    sp_secret_wipe(&block);
    return SP_OK;
}

void sp_subkey(struct sp_secret *out, uint64_t id, const char context[8],
    const struct sp_secret *root)
{
    (void)crypto_kdf_derive_from_key(
        out->b, sizeof out->b, id, context, root->b);
}

/*
 * What a sealed value is bound to: its first five bytes, so that the epoch
 * cannot be changed, then the caller's table and key.
 */
static struct sp_slice bind(uint8_t space[SEAL_NONCE_AT + SP_SEAL_BOUND_MAX],
    const uint8_t *head, struct sp_slice bound)
{
    SP_ASSERT(bound.size <= SP_SEAL_BOUND_MAX);
    memcpy(space, head, SEAL_NONCE_AT);
    if (bound.size > 0) {
        memcpy(space + SEAL_NONCE_AT, bound.data, bound.size);
    }
    return (struct sp_slice){ space, SEAL_NONCE_AT + bound.size };
}

void sp_seal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    uint32_t epoch, const uint8_t nonce[SP_SEAL_NONCE_BYTES],
    const struct sp_secret *key)
{
    uint8_t space[SEAL_NONCE_AT + SP_SEAL_BOUND_MAX];

    out[0] = SEAL_VERSION;
    sp_set_u32be(out + SEAL_EPOCH_AT, epoch);
    memcpy(out + SEAL_NONCE_AT, nonce, SP_SEAL_NONCE_BYTES);
    sp_aead_xseal(out + SEAL_BODY_AT, in, bind(space, out, bound), nonce, key);
}

sp_err sp_unseal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const struct sp_secret *key)
{
    uint8_t space[SEAL_NONCE_AT + SP_SEAL_BOUND_MAX];
    struct sp_slice body;

    if (in.size < SP_SEAL_OVERHEAD) {
        return SP_E_TRUNCATED;
    }
    if (in.data[0] != SEAL_VERSION) {
        return SP_E_CORRUPT;
    }
    body.data = in.data + SEAL_BODY_AT;
    body.size = in.size - SEAL_BODY_AT;
    if (sp_aead_xopen(out, body, bind(space, in.data, bound),
            in.data + SEAL_NONCE_AT, key) != SP_OK) {
        return SP_E_CORRUPT; /* our own disk, not a peer, is to blame */
    }
    return SP_OK;
}

uint32_t sp_seal_epoch(struct sp_slice in)
{
    return in.size < SP_SEAL_OVERHEAD ? 0
                                      : sp_get_u32be(in.data + SEAL_EPOCH_AT);
}

sp_err sp_argon2id(struct sp_secret *out, struct sp_slice password,
    const uint8_t salt[16], uint32_t ops, uint32_t mem_kib)
{
    struct sp_secret made;

    /* The bounds come first: both numbers may stem from a damaged slot. */
    if (ops < 1 || ops > SP_ARGON_OPS_MAX || mem_kib < 8 ||
        mem_kib > SP_ARGON_MEM_KIB_MAX ||
        password.size > SP_ARGON_PASSWORD_BYTES_MAX) {
        return SP_E_ARGUMENT;
    }
    if (crypto_pwhash(made.b, sizeof made.b,
            password.size > 0 ? (const char *)password.data : "", password.size,
            salt, ops, (size_t)mem_kib * 1024u,
            crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return SP_E_NOMEM;
    }
    *out = made;
    sp_secret_wipe(&made);
    return SP_OK;
}

sp_err sp_box_seal(uint8_t *out, struct sp_slice in,
    const uint8_t public_key[32], const struct sp_secret *ephemeral)
{
    uint8_t nonce[crypto_box_NONCEBYTES];
    uint8_t both[64];
    int rc;

    sp_x25519_public(ephemeral, both);
    memcpy(both + 32, public_key, 32);
    (void)crypto_generichash(nonce, sizeof nonce, both, sizeof both, NULL, 0);
    rc = crypto_box_easy(
        out + 32, data_of(in), in.size, nonce, public_key, ephemeral->b);
    if (rc != 0) {
        return SP_E_FORGED;
    }
    memcpy(out, both, 32);
    return SP_OK;
}

sp_err sp_box_open(uint8_t *out, struct sp_slice in,
    const uint8_t public_key[32], const struct sp_secret *secret)
{
    int rc;

    if (in.size < SP_BOX_OVERHEAD) {
        return SP_E_TRUNCATED;
    }
    rc = crypto_box_seal_open(out, in.data, in.size, public_key, secret->b);
    return rc == 0 ? SP_OK : SP_E_FORGED;
}
