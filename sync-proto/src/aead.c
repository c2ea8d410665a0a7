#include "aead.h"

#include <sodium.h>

_Static_assert(
    SP_AEAD_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
    "nonce");
_Static_assert(
    SP_AEAD_XNONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    "nonce");
_Static_assert(
    SP_AEAD_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(
    SP_AEAD_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(
    SP_KEY_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(
    SP_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

void sp_aead_seal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_NONCE_BYTES], const struct sp_secret *key)
{
    /* Always 0: only a message of more than 256 GiB could fail. */
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in.data, in.size,
        bound.data, bound.size, NULL, nonce, key->b);
}

sp_err sp_aead_open(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_NONCE_BYTES], const struct sp_secret *key)
{
    if (in.size < SP_AEAD_TAG_BYTES) {
        return SP_E_TRUNCATED;
    }
    if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, in.data,
            in.size, bound.data, bound.size, nonce, key->b) != 0) {
        return SP_E_FORGED;
    }
    return SP_OK;
}

void sp_aead_xseal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_XNONCE_BYTES], const struct sp_secret *key)
{
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in.data,
        in.size, bound.data, bound.size, NULL, nonce, key->b);
}

sp_err sp_aead_xopen(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_XNONCE_BYTES], const struct sp_secret *key)
{
    if (in.size < SP_AEAD_TAG_BYTES) {
        return SP_E_TRUNCATED;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in.data,
            in.size, bound.data, bound.size, nonce, key->b) != 0) {
        return SP_E_FORGED;
    }
    return SP_OK;
}
