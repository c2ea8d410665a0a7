/*
 * seal.h - the cryptographic calls of the house, all of them on libsodium
 * 1.0.18. Only the crypto files of sync-proto/src include <sodium.h>.
 *
 * Randomness is an argument everywhere; nothing here draws its own.
 */
#ifndef SP_SEAL_H
#define SP_SEAL_H

#include "sp/id.h"

#define SP_KEY_BYTES         32u
#define SP_SIGN_SECRET_BYTES 64u

/* A secret: compared in constant time, wiped, never in traces. */
struct sp_secret {
    uint8_t b[SP_KEY_BYTES];
};

/* Once a process, before anything else here. SP_E_INTERNAL. */
SP_MUST_USE sp_err sp_crypto_init(void);

void sp_secret_wipe(struct sp_secret *s);
void sp_wipe(void *data, size_t size);
bool sp_equal_secret(const void *a, const void *b, size_t size);

/* X25519 pair from 32 random bytes. */
void sp_x25519_public(const struct sp_secret *secret, uint8_t out[32]);
/* Diffie-Hellman (RFC 7748). SP_E_FORGED when the shared point is zero: the
 * peer sent a point of low order. */
SP_MUST_USE sp_err sp_x25519(struct sp_secret *out,
    const struct sp_secret *secret, const uint8_t public_key[32]);
/* Ed25519 pair from a 32-byte seed. */
void sp_sign_pair(const struct sp_secret *seed, uint8_t public_key[32],
    uint8_t secret[SP_SIGN_SECRET_BYTES]);
/* Ed25519, detached. message is everything signed, domain prefix included.
 * Check is strict: points of low order and forms that are not canonical do
 * not verify. SP_E_FORGED. */
void sp_sign(struct sp_slice message,
    const uint8_t secret[SP_SIGN_SECRET_BYTES], uint8_t signature[64]);
SP_MUST_USE sp_err sp_sign_check(struct sp_slice message,
    const uint8_t public_key[32], const uint8_t signature[64]);

/* BLAKE2b; out_size 16 or 32; key may be NULL. */
void sp_hash(void *out, size_t out_size, struct sp_slice in,
    const struct sp_secret *key);
/* The same in pieces, in memory of the caller's: any number may run at once.
 * out_size of end is that of init; end wipes the state. */
struct sp_hasher {
    _Alignas(64) uint8_t state[384];
};
void sp_hasher_init(
    struct sp_hasher *h, size_t out_size, const struct sp_secret *key);
void sp_hasher_add(struct sp_hasher *h, const void *data, size_t size);
void sp_hasher_end(struct sp_hasher *h, void *out, size_t out_size);

/* SipHash-2-4 with 128-bit output, 16-byte key: the proof sums (SYNC P1; why
 * not BLAKE2b stands in PROTOCOL.md, "Sums"). */
void sp_siphash(uint8_t out[16], struct sp_slice in, const uint8_t key[16]);

/* HMAC-SHA256 and HKDF (RFC 5869) built from it; out up to 255 * 32 bytes,
 * SP_E_ARGUMENT beyond. */
void sp_hmac_sha256(uint8_t out[32], struct sp_slice in, struct sp_slice key);
SP_MUST_USE sp_err sp_hkdf_sha256(uint8_t *out, size_t out_size,
    struct sp_slice ikm, struct sp_slice salt, struct sp_slice info);

/* crypto_kdf_derive_from_key; context is 8 bytes. */
void sp_subkey(struct sp_secret *out, uint64_t id, const char context[8],
    const struct sp_secret *root);

/*
 * Seals a value at rest (DESIGN 6): version u8 | key epoch u32 | nonce 24 |
 * ciphertext | tag 16, XChaCha20-Poly1305. Version and epoch are bound too.
 *   bound    associated data: table, key; up to SP_SEAL_BOUND_MAX bytes
 *   nonce    24 random bytes
 *   out      in.size + SP_SEAL_OVERHEAD bytes, apart from in
 *   errors of unseal: SP_E_CORRUPT (tag, version; out is zeroed or
 *   untouched), SP_E_TRUNCATED
 */
#define SP_SEAL_OVERHEAD    45u
#define SP_SEAL_NONCE_BYTES 24u
#define SP_SEAL_BOUND_MAX   768u
void sp_seal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    uint32_t epoch, const uint8_t nonce[SP_SEAL_NONCE_BYTES],
    const struct sp_secret *key);
/* out: in.size - SP_SEAL_OVERHEAD bytes. */
SP_MUST_USE sp_err sp_unseal(uint8_t *out, struct sp_slice in,
    struct sp_slice bound, const struct sp_secret *key);
/* The key epoch that a sealed value names; 0 when it is too short. */
uint32_t sp_seal_epoch(struct sp_slice in);

/* Argon2id (libsodium, p = 1): out 32 bytes. ops from 1, mem_kib from 8.
 * SP_E_NOMEM; SP_E_ARGUMENT outside the bounds, checked before any work.
 * Takes 0.1 s at 64 MiB / 3. */
#define SP_ARGON_OPS_MAX            10u
#define SP_ARGON_MEM_KIB_MAX        1048576u
#define SP_ARGON_PASSWORD_BYTES_MAX 4096u
SP_MUST_USE sp_err sp_argon2id(struct sp_secret *out, struct sp_slice password,
    const uint8_t salt[16], uint32_t ops, uint32_t mem_kib);

/* Anonymous box to an X25519 key (scope keys to a device's sealing key).
 * Layout: ephemeral public 32 | ciphertext | tag 16; nonce is BLAKE2b-192 of
 * both public keys, as libsodium's crypto_box_seal, so that its open reads
 * it; the ephemeral secret is 32 random bytes, an argument, used once.
 *   out      in.size + SP_BOX_OVERHEAD bytes, or that much less
 *   errors   SP_E_FORGED (a key of low order; a tag), SP_E_TRUNCATED */
#define SP_BOX_OVERHEAD 48u
SP_MUST_USE sp_err sp_box_seal(uint8_t *out, struct sp_slice in,
    const uint8_t public_key[32], const struct sp_secret *ephemeral);
SP_MUST_USE sp_err sp_box_open(uint8_t *out, struct sp_slice in,
    const uint8_t public_key[32], const struct sp_secret *secret);

#endif
