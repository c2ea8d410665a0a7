/* The handshake and its transport against the vectors of three other
 * implementations of Noise: cacophony, noise-c, snow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "sp/handshake.h"

#include "published.h"

enum { MESSAGES_MAX = 8, BYTES_MAX = 1024, NEVER = MESSAGES_MAX };

static const struct {
    const char *file;
    size_t expected; /* vectors of ours in it: none may get lost */
} sources[] = {
    { "noise/cacophony_IK_25519_ChaChaPoly.json", 1 },
    { "noise/cacophony_IKpsk2_25519_ChaChaPoly.json", 1 },
    { "noise/noisec_basic_25519_ChaChaPoly.json", 1 },
    { "noise/snow_25519_ChaChaPoly.json", 1 },
};

struct vector {
    const char *file;
    enum sp_pattern pattern;
    struct sp_slice prologue;
    struct sp_secret static_i, static_r, ephemeral_i, ephemeral_r, psk;
    uint8_t public_r[32];
    bool has_hash;
    uint8_t hash[32];
    size_t count;
    struct sp_slice payload[MESSAGES_MAX], ciphertext[MESSAGES_MAX];
};

static struct vector vectors[8];
static size_t vector_count;

/* ---- reading ----------------------------------------------------------- */

static bool is_ours(const json_t *o, enum sp_pattern *pattern)
{
    const json_t *name = json_object_get(o, "protocol_name");
    const char *text;

    if (name == NULL) {
        name = json_object_get(o, "name");
    }
    text = json_string_value(name);
    assert_non_null(text);
    if (strcmp(text, "Noise_IK_25519_ChaChaPoly_SHA256") == 0) {
        *pattern = SP_NOISE_IK;
        return true;
    }
    if (strcmp(text, "Noise_IKpsk2_25519_ChaChaPoly_SHA256") == 0) {
        *pattern = SP_NOISE_IKPSK2;
        return true;
    }
    return false;
}

static void read_vector(const json_t *o, struct vector *v)
{
    const json_t *messages = json_object_get(o, "messages");

    v->prologue = published_bytes(o, "init_prologue");
    published_fixed(o, "init_static", v->static_i.b, 32);
    published_fixed(o, "resp_static", v->static_r.b, 32);
    published_fixed(o, "init_ephemeral", v->ephemeral_i.b, 32);
    published_fixed(o, "resp_ephemeral", v->ephemeral_r.b, 32);
    published_fixed(o, "init_remote_static", v->public_r, 32);
    if (v->pattern == SP_NOISE_IKPSK2) {
        const json_t *psks = json_object_get(o, "init_psks");
        const char *psk = json_string_value(json_array_get(psks, 0));

        assert_non_null(psk);
        assert_int_equal(sp_unhex(v->psk.b, 32, psk), SP_OK);
    }
    v->has_hash = json_object_get(o, "handshake_hash") != NULL;
    if (v->has_hash) {
        published_fixed(o, "handshake_hash", v->hash, 32);
    }
    v->count = json_array_size(messages);
    assert_in_range(v->count, 3, MESSAGES_MAX);
    for (size_t i = 0; i < v->count; i++) {
        const json_t *m = json_array_get(messages, i);

        v->payload[i] = published_bytes(m, "payload");
        v->ciphertext[i] = published_bytes(m, "ciphertext");
    }
}

static void every_source_has_its_vectors(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof sources / sizeof sources[0]; k++) {
        json_t *file = published_load(sources[k].file);
        const json_t *list = json_object_get(file, "vectors");
        size_t found = 0;

        assert_non_null(file);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *o = json_array_get(list, i);
            struct vector *v = &vectors[vector_count];

            if (is_ours(o, &v->pattern)) {
                assert_true(vector_count + 1 < 8);
                v->file = sources[k].file;
                read_vector(o, v);
                vector_count++;
                found++;
            }
        }
        assert_int_equal(found, sources[k].expected);
        json_decref(file);
    }
}

/* ---- running ----------------------------------------------------------- */

struct side {
    struct sp_handshake hs;
    struct sp_cipher send, receive;
    uint8_t hash[32];
};

static void begin(struct side *s, const struct vector *v, bool initiator)
{
    memset(s, 0, sizeof *s);
    sp_handshake_init(
        &s->hs, &(struct sp_handshake_setup){
                    .pattern = v->pattern,
                    .initiator = initiator,
                    .prologue = v->prologue,
                    .own_static = initiator ? &v->static_i : &v->static_r,
                    .ephemeral = initiator ? &v->ephemeral_i : &v->ephemeral_r,
                    .remote_static = initiator ? v->public_r : NULL,
                });
    if (v->pattern == SP_NOISE_IKPSK2) {
        sp_handshake_psk(&s->hs, &v->psk);
    }
}

static void write_one(
    struct side *s, size_t i, struct sp_slice payload, struct sp_buf *out)
{
    static const struct sp_slice none = { NULL, 0 };

    if (i < 2) {
        assert_int_equal(sp_handshake_write(&s->hs, payload, out), SP_OK);
    } else {
        uint8_t *at = sp_buf_grow(out, payload.size + 16);

        assert_non_null(at);
        sp_cipher_seal(&s->send, s->send.counter++, none, payload, at);
    }
}

static sp_err read_one(
    struct side *s, size_t i, struct sp_slice in, struct sp_buf *out)
{
    static const struct sp_slice none = { NULL, 0 };

    if (i < 2) {
        return sp_handshake_read(&s->hs, in, out);
    }
    assert_true(in.size >= 16);
    return sp_cipher_open(&s->receive, s->receive.counter++, none, in,
        sp_buf_grow(out, in.size - 16));
}

struct flip {
    size_t message, byte;
    uint8_t mask;
};

/* One side lives, the other is the record. Returns how the flipped message
 * was taken, SP_OK when there is none. */
static sp_err run(const struct vector *v, bool initiator, struct flip flip)
{
    struct side s;
    struct sp_buf out;
    sp_err err = SP_OK;

    begin(&s, v, initiator);
    sp_buf_init(&out, BYTES_MAX);
    for (size_t i = 0; i < v->count && err == SP_OK; i++) {
        uint8_t in[BYTES_MAX];

        sp_buf_reset(&out);
        assert_true(v->ciphertext[i].size <= sizeof in);
        memcpy(in, v->ciphertext[i].data, v->ciphertext[i].size);
        if ((i % 2 == 0) == initiator) {
            write_one(&s, i, v->payload[i], &out);
            assert_true(sp_slice_equal(sp_buf_slice(&out), v->ciphertext[i]));
        } else {
            in[i == flip.message ? flip.byte : 0] ^=
                i == flip.message ? flip.mask : 0;
            err = read_one(
                &s, i, (struct sp_slice){ in, v->ciphertext[i].size }, &out);
            if (err == SP_OK) {
                assert_true(sp_slice_equal(sp_buf_slice(&out), v->payload[i]));
            }
        }
        if (i == 1 && err == SP_OK) {
            sp_handshake_split(&s.hs, &s.send, &s.receive, s.hash);
        }
    }
    if (v->has_hash && err == SP_OK) {
        assert_memory_equal(s.hash, v->hash, sizeof s.hash);
    }
    sp_handshake_wipe(&s.hs);
    sp_buf_free(&out);
    return err;
}

static void run_all(bool initiator)
{
    const struct flip none = { NEVER, 0, 0 };

    assert_int_equal(vector_count, 4);
    for (size_t i = 0; i < vector_count; i++) {
        sp_err err = run(&vectors[i], initiator, none);

        if (err != SP_OK) {
            fail_msg("%s: %s", vectors[i].file, sp_err_name(err));
        }
    }
}

static void every_vector_holds_as_initiator(void **state)
{
    (void)state;
    run_all(true);
}

static void every_vector_holds_as_responder(void **state)
{
    (void)state;
    run_all(false);
}

static void every_ciphertext_byte_flipped_is_refused(void **state)
{
    static const uint8_t masks[] = { 0x01, 0x80 };
    size_t tried = 0;

    (void)state;
    assert_int_equal(vector_count, 4);
    for (size_t k = 0; k < vector_count; k++) {
        const struct vector *v = &vectors[k];

        for (size_t m = 0; m < v->count; m++) {
            for (size_t b = 0; b < v->ciphertext[m].size * 2; b++) {
                struct flip flip = { m, b / 2, masks[b % 2] };
                sp_err err = run(v, m % 2 == 1, flip);

                if (err != SP_E_FORGED) {
                    fail_msg("%s: message %zu byte %zu: %s", v->file, m, b / 2,
                        sp_err_name(err));
                }
                tried++;
            }
        }
    }
    printf("# %zu flips\n", tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_has_its_vectors),
        cmocka_unit_test(every_vector_holds_as_initiator),
        cmocka_unit_test(every_vector_holds_as_responder),
        cmocka_unit_test(every_ciphertext_byte_flipped_is_refused),
    };
    json_t *first = published_load(sources[0].file);
    int failed;

    if (first == NULL) {
        return published_skip();
    }
    json_decref(first);
    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < vector_count; i++) {
        published_free(vectors[i].prologue);
        for (size_t m = 0; m < vectors[i].count; m++) {
            published_free(vectors[i].payload[m]);
            published_free(vectors[i].ciphertext[m]);
        }
    }
    return failed;
}
