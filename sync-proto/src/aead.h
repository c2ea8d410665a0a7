/*
 * aead.h - the two AEAD calls with their nonces bare, for seal.c and
 * handshake.c, which say what the nonces are, and for the published vectors,
 * which choose their own.
 *
 * in and out are either the same bytes or do not overlap. out has 16 bytes
 * more than in (seal) or 16 less (open); a failed open leaves zeros there.
 *   errors of open   SP_E_TRUNCATED (shorter than a tag), SP_E_FORGED
 *   threads          any
 *   source           RFC 8439; draft-irtf-cfrg-xchacha-03
 */
#ifndef SP_AEAD_H
#define SP_AEAD_H

#include "sp/seal.h"

#define SP_AEAD_TAG_BYTES    16u
#define SP_AEAD_NONCE_BYTES  12u
#define SP_AEAD_XNONCE_BYTES 24u

/* ChaCha20-Poly1305: what travels; the nonce is a counter. */
void sp_aead_seal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_NONCE_BYTES], const struct sp_secret *key);
SP_MUST_USE sp_err sp_aead_open(uint8_t *out, struct sp_slice in,
    struct sp_slice bound, const uint8_t nonce[SP_AEAD_NONCE_BYTES],
    const struct sp_secret *key);

/* XChaCha20-Poly1305: what rests; the nonce is drawn at random. */
void sp_aead_xseal(uint8_t *out, struct sp_slice in, struct sp_slice bound,
    const uint8_t nonce[SP_AEAD_XNONCE_BYTES], const struct sp_secret *key);
SP_MUST_USE sp_err sp_aead_xopen(uint8_t *out, struct sp_slice in,
    struct sp_slice bound, const uint8_t nonce[SP_AEAD_XNONCE_BYTES],
    const struct sp_secret *key);

#endif
