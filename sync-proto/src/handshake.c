#include "sp/handshake.h"

#include "aead.h"
#include "sp/limits.h"

#include <sodium.h>

#include <string.h>

enum token { T_END, T_E, T_S, T_EE, T_ES, T_SE, T_SS, T_PSK };
enum { MESSAGES = 2, TOKENS_MAX = 5, DONE = 2, DEAD = 3 };

/* What the two messages of a pattern do, in order. Both patterns know the
 * responder's static key beforehand ("<- s"). */
static const struct pattern {
    const char *name;
    bool psk; /* then each e is mixed into the key too (section 9.2) */
    uint8_t token[MESSAGES][TOKENS_MAX];
} patterns[] = {
    [SP_NOISE_IK] = { "Noise_IK_25519_ChaChaPoly_SHA256", false,
        { { T_E, T_ES, T_S, T_SS, T_END }, { T_E, T_EE, T_SE, T_END } } },
    [SP_NOISE_IKPSK2] = { "Noise_IKpsk2_25519_ChaChaPoly_SHA256", true,
        { { T_E, T_ES, T_S, T_SS, T_END },
            { T_E, T_EE, T_SE, T_PSK, T_END } } },
};

static const struct sp_slice nothing = { NULL, 0 };

static struct sp_slice whole(const uint8_t b[32])
{
    return (struct sp_slice){ b, 32 };
}

/* ---- section 5.2: the symmetric state ---------------------------------- */

static void mix_hash(struct sp_handshake *hs, struct sp_slice data)
{
    crypto_hash_sha256_state st;

    (void)crypto_hash_sha256_init(&st);
    (void)crypto_hash_sha256_update(&st, hs->h, sizeof hs->h);
    if (data.size > 0) {
        (void)crypto_hash_sha256_update(&st, data.data, data.size);
    }
    (void)crypto_hash_sha256_final(&st, hs->h);
}

/* Noise's HKDF is RFC 5869's with ck for salt and no info. */
static void noise_hkdf(const struct sp_handshake *hs, struct sp_slice input,
    uint8_t *out, size_t out_size)
{
    sp_err err = sp_hkdf_sha256(out, out_size, input, whole(hs->ck), nothing);

    SP_ASSERT(err == SP_OK); /* 64 or 96 bytes */
}

static void mix_key(struct sp_handshake *hs, const uint8_t input[32])
{
    uint8_t out[64];

    noise_hkdf(hs, whole(input), out, sizeof out);
    memcpy(hs->ck, out, 32);
    memcpy(hs->k.b, out + 32, 32);
    hs->has_key = true;
    hs->nonce = 0;
    sp_wipe(out, sizeof out);
}

static void mix_key_and_hash(struct sp_handshake *hs, const uint8_t input[32])
{
    uint8_t out[96];

    noise_hkdf(hs, whole(input), out, sizeof out);
    memcpy(hs->ck, out, 32);
    mix_hash(hs, whole(out + 32));
    memcpy(hs->k.b, out + 64, 32);
    hs->has_key = true;
    hs->nonce = 0;
    sp_wipe(out, sizeof out);
}

static void noise_nonce(uint8_t out[SP_AEAD_NONCE_BYTES], uint64_t counter)
{
    memset(out, 0, 4);
    sp_set_u64le(out + 4, counter);
}

/* Both patterns have a key before anything is encrypted, so that the plain
 * branch of EncryptAndHash does not exist here. */
static void encrypt_and_hash(
    struct sp_handshake *hs, struct sp_slice in, uint8_t *out)
{
    uint8_t nonce[SP_AEAD_NONCE_BYTES];

    SP_ASSERT(hs->has_key);
    noise_nonce(nonce, hs->nonce);
    sp_aead_seal(out, in, whole(hs->h), nonce, &hs->k);
    hs->nonce++;
    mix_hash(hs, (struct sp_slice){ out, in.size + SP_AEAD_TAG_BYTES });
}

static sp_err decrypt_and_hash(
    struct sp_handshake *hs, struct sp_slice in, uint8_t *out)
{
    uint8_t nonce[SP_AEAD_NONCE_BYTES];
    sp_err err;

    SP_ASSERT(hs->has_key);
    noise_nonce(nonce, hs->nonce);
    err = sp_aead_open(out, in, whole(hs->h), nonce, &hs->k);
    if (err == SP_OK) {
        hs->nonce++;
        mix_hash(hs, in);
    }
    return err;
}

/* ---- section 5.3: the handshake state ---------------------------------- */

void sp_handshake_init(
    struct sp_handshake *hs, const struct sp_handshake_setup *setup)
{
    const struct pattern *p = &patterns[setup->pattern];
    size_t name_bytes = strlen(p->name);

    SP_ASSERT(!setup->initiator || setup->remote_static != NULL);
    memset(hs, 0, sizeof *hs);
    hs->pattern = setup->pattern;
    hs->initiator = setup->initiator;
    hs->s = *setup->own_static;
    hs->e = *setup->ephemeral;
    sp_x25519_public(&hs->s, hs->s_public);
    sp_x25519_public(&hs->e, hs->e_public);
    if (name_bytes <= sizeof hs->h) {
        memcpy(hs->h, p->name, name_bytes); /* IK's is just 32: not hashed */
    } else {
        (void)crypto_hash_sha256(
            hs->h, (const unsigned char *)p->name, name_bytes);
    }
    memcpy(hs->ck, hs->h, sizeof hs->ck);
    mix_hash(hs, setup->prologue);
    if (setup->initiator) {
        memcpy(hs->rs, setup->remote_static, sizeof hs->rs);
    }
    mix_hash(hs, whole(setup->initiator ? hs->rs : hs->s_public));
}

void sp_handshake_psk(struct sp_handshake *hs, const struct sp_secret *psk)
{
    if (hs->message < DONE) { /* nothing stays in a dead one */
        hs->psk = *psk;
        hs->has_psk = true;
    }
}

void sp_handshake_wipe(struct sp_handshake *hs)
{
    sp_wipe(hs, sizeof *hs);
    hs->message = DEAD;
}

static sp_err fail(struct sp_handshake *hs, sp_err err)
{
    sp_handshake_wipe(hs);
    return err;
}

/* Message 0 is the initiator's, message 1 the responder's. */
static bool may(const struct sp_handshake *hs, bool write)
{
    return hs->message < DONE && (hs->initiator == (hs->message == 0)) == write;
}

static sp_err mix_dh(struct sp_handshake *hs, const struct sp_secret *own,
    const uint8_t theirs[32])
{
    struct sp_secret shared;
    sp_err err = sp_x25519(&shared, own, theirs);

    if (err == SP_OK) {
        mix_key(hs, shared.b);
        sp_secret_wipe(&shared);
    }
    return err;
}

/* The tokens that both sides do alike. The first letter of a DH token is the
 * initiator's key, the second the responder's. */
static sp_err mix_token(struct sp_handshake *hs, enum token t)
{
    const struct sp_secret *own_first = hs->initiator ? &hs->e : &hs->s;
    const struct sp_secret *own_second = hs->initiator ? &hs->s : &hs->e;
    const uint8_t *first = hs->initiator ? hs->rs : hs->re;
    const uint8_t *second = hs->initiator ? hs->re : hs->rs;

    switch (t) {
    case T_EE:
        return mix_dh(hs, &hs->e, hs->re);
    case T_ES:
        return mix_dh(hs, own_first, first);
    case T_SE:
        return mix_dh(hs, own_second, second);
    case T_SS:
        return mix_dh(hs, &hs->s, hs->rs);
    default:
        SP_ASSERT(t == T_PSK);
        if (!hs->has_psk) {
            return SP_E_STATE;
        }
        mix_key_and_hash(hs, hs->psk.b);
        return SP_OK;
    }
}

static void mix_ephemeral(struct sp_handshake *hs, const uint8_t e[32])
{
    mix_hash(hs, whole(e));
    if (patterns[hs->pattern].psk) {
        mix_key(hs, e);
    }
}

static sp_err write_token(struct sp_handshake *hs, enum token t, uint8_t **at)
{
    if (t == T_E) {
        memcpy(*at, hs->e_public, 32);
        mix_ephemeral(hs, hs->e_public);
        *at += 32;
        return SP_OK;
    }
    if (t == T_S) {
        encrypt_and_hash(hs, whole(hs->s_public), *at);
        *at += 32 + SP_AEAD_TAG_BYTES;
        return SP_OK;
    }
    return mix_token(hs, t);
}

static size_t overhead(const struct sp_handshake *hs)
{
    return hs->message == 0 ? SP_HANDSHAKE_1_BYTES : SP_HANDSHAKE_2_BYTES;
}

sp_err sp_handshake_write(
    struct sp_handshake *hs, struct sp_slice payload, struct sp_buf *out)
{
    size_t before = out->size;
    uint8_t *at;
    sp_err err = SP_OK;

    if (!may(hs, true)) {
        return fail(hs, SP_E_STATE);
    }
    if (payload.size > SP_HELLO_BYTES_MAX) {
        return fail(hs, SP_E_TOO_LARGE);
    }
    at = sp_buf_grow(out, overhead(hs) + payload.size);
    if (at == NULL) {
        return fail(hs, out->err);
    }
    for (const uint8_t *t = patterns[hs->pattern].token[hs->message];
         *t != T_END && err == SP_OK; t++) {
        err = write_token(hs, (enum token) * t, &at);
    }
    if (err != SP_OK) {
        out->size = before;
        return fail(hs, err);
    }
    encrypt_and_hash(hs, payload, at);
    hs->message++;
    return SP_OK;
}

/* in has been checked to hold the message's overhead. */
static sp_err read_token(
    struct sp_handshake *hs, enum token t, struct sp_slice *in)
{
    size_t taken = t == T_E ? 32 : 32 + SP_AEAD_TAG_BYTES;
    sp_err err = SP_OK;

    if (t == T_E) {
        memcpy(hs->re, in->data, 32);
        mix_ephemeral(hs, hs->re);
    } else if (t == T_S) {
        err =
            decrypt_and_hash(hs, (struct sp_slice){ in->data, taken }, hs->rs);
    } else {
        return mix_token(hs, t);
    }
    in->data += taken;
    in->size -= taken;
    return err;
}

sp_err sp_handshake_read(
    struct sp_handshake *hs, struct sp_slice message, struct sp_buf *payload)
{
    size_t before = payload->size;
    uint8_t *at;
    sp_err err = SP_OK;

    if (!may(hs, false)) {
        return fail(hs, SP_E_STATE);
    }
    if (message.size < overhead(hs)) {
        return fail(hs, SP_E_TRUNCATED);
    }
    if (message.size - overhead(hs) > SP_HELLO_BYTES_MAX) {
        return fail(hs, SP_E_TOO_LARGE);
    }
    for (const uint8_t *t = patterns[hs->pattern].token[hs->message];
         *t != T_END && err == SP_OK; t++) {
        err = read_token(hs, (enum token) * t, &message);
    }
    if (err != SP_OK) {
        return fail(hs, err);
    }
    at = sp_buf_grow(payload, message.size - SP_AEAD_TAG_BYTES);
    if (payload->err != SP_OK) {
        return fail(hs, payload->err);
    }
    err = decrypt_and_hash(hs, message, at);
    if (err != SP_OK) {
        payload->size = before;
        return fail(hs, err);
    }
    hs->message++;
    return SP_OK;
}

void sp_handshake_split(const struct sp_handshake *hs, struct sp_cipher *send,
    struct sp_cipher *receive, uint8_t hash[32])
{
    uint8_t out[64];

    SP_ASSERT(hs->message == DONE);
    noise_hkdf(hs, nothing, out, sizeof out);
    memcpy(hs->initiator ? send->key.b : receive->key.b, out, 32);
    memcpy(hs->initiator ? receive->key.b : send->key.b, out + 32, 32);
    send->counter = 0;
    receive->counter = 0;
    memcpy(hash, hs->h, sizeof hs->h);
    sp_wipe(out, sizeof out);
}

/* ---- transport --------------------------------------------------------- */

void sp_cipher_seal(const struct sp_cipher *c, uint64_t counter,
    struct sp_slice bound, struct sp_slice in, uint8_t *out)
{
    uint8_t nonce[SP_AEAD_NONCE_BYTES];

    SP_ASSERT(counter < UINT64_MAX); /* reserved, section 5.1 */
    noise_nonce(nonce, counter);
    sp_aead_seal(out, in, bound, nonce, &c->key);
}

sp_err sp_cipher_open(const struct sp_cipher *c, uint64_t counter,
    struct sp_slice bound, struct sp_slice in, uint8_t *out)
{
    uint8_t nonce[SP_AEAD_NONCE_BYTES];

    if (counter == UINT64_MAX) {
        return SP_E_FORGED; /* nobody seals under it */
    }
    noise_nonce(nonce, counter);
    return sp_aead_open(out, in, bound, nonce, &c->key);
}

void sp_cipher_wipe(struct sp_cipher *c)
{
    sp_wipe(c, sizeof *c);
}

void sp_mac1(
    uint8_t out[16], struct sp_slice covered, const uint8_t server_static[32])
{
    static const char label[] = "satchel-mac1";
    uint8_t named[sizeof label - 1 + 32];
    struct sp_secret key;

    memcpy(named, label, sizeof label - 1);
    memcpy(named + sizeof label - 1, server_static, 32);
    sp_hash(key.b, sizeof key.b, SP_SLICE(named), NULL);
    sp_hash(out, 16, covered, &key);
}
