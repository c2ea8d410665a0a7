/* What is wiped is zero, also where nobody reads it again. */
#include "sp/frame.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static void assert_zero(const void *data, size_t size, const char *what)
{
    const volatile uint8_t *p = data;

    for (size_t i = 0; i < size; i++) {
        if (p[i] != 0) {
            fail_msg("%s: byte %zu of %zu is left", what, i, size);
        }
    }
}

static void wipes_leave_zeros(void **state)
{
    struct sp_secret s;
    struct sp_cipher c;
    uint8_t raw[77];

    (void)state;
    memset(&s, 0xa5, sizeof s);
    sp_secret_wipe(&s);
    assert_zero(&s, sizeof s, "sp_secret_wipe");
    memset(&c, 0xa5, sizeof c);
    sp_cipher_wipe(&c);
    assert_zero(&c, sizeof c, "sp_cipher_wipe");
    memset(raw, 0xa5, sizeof raw);
    sp_wipe(raw, sizeof raw - 1);
    assert_zero(raw, sizeof raw - 1, "sp_wipe");
    assert_int_equal(raw[sizeof raw - 1], 0xa5); /* and no byte more */
}

static void hasher_is_zero_after_its_end(void **state)
{
    struct sp_hasher h;
    struct sp_secret key;
    uint8_t out[32];

    (void)state;
    memset(&key, 0xa5, sizeof key);
    memset(&h, 0xa5, sizeof h);
    sp_hasher_init(&h, sizeof out, &key);
    sp_hasher_add(&h, "text", 4);
    sp_hasher_end(&h, out, sizeof out);
    assert_zero(&h, sizeof h, "sp_hasher_end");
}

static struct sp_handshake started(const struct sp_secret *psk)
{
    struct sp_handshake hs;
    struct sp_secret own, ephemeral;
    uint8_t remote[32] = { 9 };

    memset(&own, 0xa5, sizeof own);
    memset(&ephemeral, 0xa6, sizeof ephemeral);
    sp_handshake_init(&hs, &(struct sp_handshake_setup){
                               .pattern = SP_NOISE_IKPSK2,
                               .initiator = true,
                               .own_static = &own,
                               .ephemeral = &ephemeral,
                               .remote_static = remote,
                           });
    sp_handshake_psk(&hs, psk);
    return hs;
}

/* All of it but the mark that says that it is dead. */
static void assert_dead(struct sp_handshake *hs, const char *what)
{
    assert_int_equal(hs->message, 3);
    hs->message = 0;
    assert_zero(hs, sizeof *hs, what);
}

static void handshake_is_zero_after_wipe_and_after_failure(void **state)
{
    struct sp_secret psk;
    struct sp_handshake hs;
    struct sp_buf out;
    uint8_t junk[SP_HANDSHAKE_2_BYTES] = { 9 };

    (void)state;
    memset(&psk, 0xa7, sizeof psk);
    hs = started(&psk);
    sp_handshake_wipe(&hs);
    assert_dead(&hs, "sp_handshake_wipe");

    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    hs = started(&psk);
    assert_int_equal(
        sp_handshake_write(&hs, (struct sp_slice){ NULL, 0 }, &out), SP_OK);
    assert_int_equal(sp_handshake_read(&hs, SP_SLICE(junk), &out), SP_E_FORGED);
    sp_handshake_psk(&hs, &psk); /* too late: not taken */
    assert_dead(&hs, "a failed read");
    sp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipes_leave_zeros),
        cmocka_unit_test(hasher_is_zero_after_its_end),
        cmocka_unit_test(handshake_is_zero_after_wipe_and_after_failure),
    };

    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
