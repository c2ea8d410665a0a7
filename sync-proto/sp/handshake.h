/*
 * handshake.h - Noise_IKpsk2_25519_ChaChaPoly_SHA256 and the transport keys
 * that come out of it.
 *
 * One pattern everywhere: devices to servers, branches to head office,
 * enrolment (there the one-time code is the psk). The pattern is a table of
 * tokens, so that published vectors of IK run through the same code.
 * source: The Noise Protocol Framework, revision 34
 */
#ifndef SP_HANDSHAKE_H
#define SP_HANDSHAKE_H

#include "sp/seal.h"

enum sp_pattern { SP_NOISE_IK, SP_NOISE_IKPSK2 };

/* Message 1 is 96 + payload bytes, message 2 is 48 + payload. */
#define SP_HANDSHAKE_1_BYTES 96u
#define SP_HANDSHAKE_2_BYTES 48u

struct sp_handshake {
    enum sp_pattern pattern;
    bool initiator;
    uint8_t h[32], ck[32];
    struct sp_secret k, s, e, psk;
    bool has_key, has_psk;
    uint64_t nonce;
    uint8_t s_public[32], e_public[32];
    uint8_t rs[32], re[32]; /* remote static, remote ephemeral */
    unsigned message;       /* messages done: 0, 1, 2; 3 is dead */
};

/* One direction's key and counter. */
struct sp_cipher {
    struct sp_secret key;
    uint64_t counter; /* of the next record */
};

struct sp_handshake_setup {
    enum sp_pattern pattern;
    bool initiator;
    struct sp_slice prologue;
    const struct sp_secret *own_static;
    const struct sp_secret *ephemeral; /* 32 random bytes, used once */
    const uint8_t *remote_static;      /* 32 bytes; initiator only */
};

void sp_handshake_init(
    struct sp_handshake *hs, const struct sp_handshake_setup *setup);
/* Sets the psk; for the responder any time before it writes message 2 (it
 * learns who asks from message 1), for the initiator before reading it. */
void sp_handshake_psk(struct sp_handshake *hs, const struct sp_secret *psk);
/* Appends the next handshake message with its payload (up to
 * SP_HELLO_BYTES_MAX) to out.
 * SP_E_FORGED on a low-order point, SP_E_STATE (not its turn, no psk),
 * SP_E_TOO_LARGE, SP_E_NOMEM; out is as before and the handshake is dead. */
SP_MUST_USE sp_err sp_handshake_write(
    struct sp_handshake *hs, struct sp_slice payload, struct sp_buf *out);
/* Reads one; the payload is appended to payload. After message 1 the
 * responder finds the initiator's static key in hs->rs.
 * SP_E_TRUNCATED, SP_E_FORGED, SP_E_TOO_LARGE, SP_E_STATE, SP_E_NOMEM; payload
 * is as before and the handshake is dead: its secrets are wiped, every further
 * call gives SP_E_STATE. */
SP_MUST_USE sp_err sp_handshake_read(
    struct sp_handshake *hs, struct sp_slice message, struct sp_buf *payload);
/* After both messages (an assert otherwise): the two directions, and the hash
 * of the handshake (SYNC X4: its first 16 bytes are the token). */
void sp_handshake_split(const struct sp_handshake *hs, struct sp_cipher *send,
    struct sp_cipher *receive, uint8_t hash[32]);
void sp_handshake_wipe(struct sp_handshake *hs);

/* ChaCha20-Poly1305 with Noise's nonce (4 zero bytes, counter little-endian).
 * out: in.size + 16, or in.size - 16; the place of in, or apart from it.
 * SP_E_FORGED, SP_E_TRUNCATED. */
void sp_cipher_seal(const struct sp_cipher *c, uint64_t counter,
    struct sp_slice bound, struct sp_slice in, uint8_t *out);
SP_MUST_USE sp_err sp_cipher_open(const struct sp_cipher *c, uint64_t counter,
    struct sp_slice bound, struct sp_slice in, uint8_t *out);
void sp_cipher_wipe(struct sp_cipher *c);

/* The check before any Diffie-Hellman: BLAKE2b-128 over what it covers, keyed
 * by BLAKE2b-256("satchel-mac1" | server static). */
void sp_mac1(
    uint8_t out[16], struct sp_slice covered, const uint8_t server_static[32]);

#endif
