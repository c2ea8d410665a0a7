/* handshake.h: two sides, and all that must end it. The published vectors run
 * in tests/vectors. */
#include "sp/handshake.h"

#include "sp/limits.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static const struct sp_slice none = { NULL, 0 };

/* Both ends of one handshake, with all that they are given. */
struct pair {
    struct sp_secret static_i, static_r, psk;
    uint8_t public_i[32], public_r[32];
    struct sp_handshake i, r;
    struct sp_buf wire, payload;
};

static struct sp_secret secret_of(uint8_t fill)
{
    struct sp_secret s;

    memset(s.b, fill, sizeof s.b);
    return s;
}

static void begin(
    struct pair *p, const char *prologue_i, const char *prologue_r)
{
    struct sp_secret ephemeral_i = secret_of(21), ephemeral_r = secret_of(22);
    struct sp_handshake_setup setup = { .pattern = SP_NOISE_IKPSK2 };

    p->static_i = secret_of(11);
    p->static_r = secret_of(12);
    p->psk = secret_of(13);
    sp_x25519_public(&p->static_i, p->public_i);
    sp_x25519_public(&p->static_r, p->public_r);
    setup.initiator = true;
    setup.prologue = sp_slice_text(prologue_i);
    setup.own_static = &p->static_i;
    setup.ephemeral = &ephemeral_i;
    setup.remote_static = p->public_r;
    sp_handshake_init(&p->i, &setup);
    setup.initiator = false;
    setup.prologue = sp_slice_text(prologue_r);
    setup.own_static = &p->static_r;
    setup.ephemeral = &ephemeral_r;
    setup.remote_static = NULL;
    sp_handshake_init(&p->r, &setup);
    sp_buf_init(&p->wire, 1024);
    sp_buf_init(&p->payload, 1024);
}

static void end(struct pair *p)
{
    sp_handshake_wipe(&p->i);
    sp_handshake_wipe(&p->r);
    sp_buf_free(&p->wire);
    sp_buf_free(&p->payload);
}

static void write_one(
    struct pair *p, struct sp_handshake *hs, struct sp_slice payload)
{
    sp_buf_reset(&p->wire);
    assert_int_equal(sp_handshake_write(hs, payload, &p->wire), SP_OK);
}

static sp_err read_one(struct pair *p, struct sp_handshake *hs)
{
    sp_buf_reset(&p->payload);
    return sp_handshake_read(hs, sp_buf_slice(&p->wire), &p->payload);
}

/* Up to message 2 on the wire, still unread. */
static void until_message_2(struct pair *p)
{
    begin(p, "prologue", "prologue");
    write_one(p, &p->i, sp_slice_text("one"));
    assert_int_equal(read_one(p, &p->r), SP_OK);
    sp_handshake_psk(&p->r, &p->psk);
    write_one(p, &p->r, sp_slice_text("two"));
    sp_handshake_psk(&p->i, &p->psk);
}

static void both_sides_end_with_the_same_keys(void **state)
{
    struct pair p;
    struct sp_cipher send_i, receive_i, send_r, receive_r;
    uint8_t hash_i[32], hash_r[32], sealed[4 + 16], opened[4];

    (void)state;
    begin(&p, "prologue", "prologue");
    write_one(&p, &p.i, sp_slice_text("one"));
    assert_int_equal(p.wire.size, SP_HANDSHAKE_1_BYTES + 3);
    assert_int_equal(read_one(&p, &p.r), SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&p.payload), sp_slice_text("one")));
    assert_memory_equal(p.r.rs, p.public_i, 32); /* now it knows who asks */
    sp_handshake_psk(&p.r, &p.psk);
    write_one(&p, &p.r, sp_slice_text("two"));
    assert_int_equal(p.wire.size, SP_HANDSHAKE_2_BYTES + 3);
    sp_handshake_psk(&p.i, &p.psk);
    assert_int_equal(read_one(&p, &p.i), SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&p.payload), sp_slice_text("two")));

    sp_handshake_split(&p.i, &send_i, &receive_i, hash_i);
    sp_handshake_split(&p.r, &send_r, &receive_r, hash_r);
    assert_memory_equal(hash_i, hash_r, 32);
    assert_memory_equal(&send_i.key, &receive_r.key, 32);
    assert_memory_equal(&send_r.key, &receive_i.key, 32);
    assert_memory_not_equal(&send_i.key, &send_r.key, 32);
    assert_int_equal(send_i.counter, 0);

    sp_cipher_seal(&send_i, 5, none, sp_slice_text("text"), sealed);
    assert_int_equal(
        sp_cipher_open(&receive_r, 5, none, SP_SLICE(sealed), opened), SP_OK);
    assert_memory_equal(opened, "text", 4);
    assert_int_equal(
        sp_cipher_open(&receive_r, 6, none, SP_SLICE(sealed), opened),
        SP_E_FORGED);
    assert_int_equal(sp_cipher_open(&send_r, 5, none, SP_SLICE(sealed), opened),
        SP_E_FORGED); /* not the other direction's */
    assert_int_equal(
        sp_cipher_open(&receive_r, UINT64_MAX, none, SP_SLICE(sealed), opened),
        SP_E_FORGED);
    for (size_t n = 0; n < 16; n++) {
        assert_int_equal(sp_cipher_open(&receive_r, 5, none,
                             (struct sp_slice){ sealed, n }, opened),
            SP_E_TRUNCATED);
    }
    end(&p);
}

static void another_prologue_breaks_message_1(void **state)
{
    struct pair p;

    (void)state;
    begin(&p, "prologue", "prologuf");
    write_one(&p, &p.i, none);
    assert_int_equal(read_one(&p, &p.r), SP_E_FORGED);
    end(&p);
}

static void wrong_psk_breaks_message_2(void **state)
{
    struct pair p;
    struct sp_secret wrong = secret_of(14);

    (void)state;
    until_message_2(&p);
    sp_handshake_psk(&p.i, &wrong);
    assert_int_equal(read_one(&p, &p.i), SP_E_FORGED);
    end(&p);
}

static void nothing_goes_without_a_psk(void **state)
{
    struct pair p;

    (void)state;
    begin(&p, "prologue", "prologue");
    write_one(&p, &p.i, none);
    assert_int_equal(read_one(&p, &p.r), SP_OK);
    sp_buf_reset(&p.wire);
    assert_int_equal(sp_handshake_write(&p.r, none, &p.wire), SP_E_STATE);
    assert_int_equal(p.wire.size, 0);
    end(&p);
}

static void low_order_ephemeral_ends_the_handshake(void **state)
{
    /* Points of order 1, 2, 4 and 8, and the field's prime plus 0 and 1. */
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };

    (void)state;
    for (size_t k = 0; k < sizeof points / sizeof points[0]; k++) {
        struct pair p;

        begin(&p, "prologue", "prologue");
        write_one(&p, &p.i, none);
        assert_int_equal(sp_unhex(p.wire.data, 32, points[k]), SP_OK);
        assert_int_equal(read_one(&p, &p.r), SP_E_FORGED);
        assert_int_equal(read_one(&p, &p.r), SP_E_STATE); /* dead */
        end(&p);

        until_message_2(&p);
        assert_int_equal(sp_unhex(p.wire.data, 32, points[k]), SP_OK);
        assert_int_equal(read_one(&p, &p.i), SP_E_FORGED);
        end(&p);
    }
}

static void low_order_server_key_cannot_be_written_to(void **state)
{
    struct sp_secret own = secret_of(1), ephemeral = secret_of(2);
    uint8_t zero[32] = { 0 };
    struct sp_handshake hs;
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 1024);
    sp_buf_put(&out, "before", 6);
    sp_handshake_init(
        &hs, &(struct sp_handshake_setup){ .pattern = SP_NOISE_IKPSK2,
                 .initiator = true,
                 .own_static = &own,
                 .ephemeral = &ephemeral,
                 .remote_static = zero });
    assert_int_equal(sp_handshake_write(&hs, none, &out), SP_E_FORGED);
    assert_int_equal(out.size, 6);
    assert_int_equal(out.err, SP_OK);
    sp_buf_free(&out);
}

static void any_byte_flipped_ends_the_handshake(void **state)
{
    struct pair p;
    size_t size = SP_HANDSHAKE_1_BYTES + 3;

    (void)state;
    for (size_t i = 0; i < size; i++) {
        begin(&p, "prologue", "prologue");
        write_one(&p, &p.i, sp_slice_text("one"));
        assert_int_equal(p.wire.size, size);
        p.wire.data[i] ^= 1;
        assert_int_equal(read_one(&p, &p.r), SP_E_FORGED);
        assert_int_equal(p.payload.size, 0);
        end(&p);
    }
    size = SP_HANDSHAKE_2_BYTES + 3;
    for (size_t i = 0; i < size; i++) {
        until_message_2(&p);
        assert_int_equal(p.wire.size, size);
        p.wire.data[i] ^= 1;
        assert_int_equal(read_one(&p, &p.i), SP_E_FORGED);
        assert_int_equal(p.payload.size, 0);
        end(&p);
    }
}

static void message_cut_anywhere_ends_the_handshake(void **state)
{
    struct pair p;

    (void)state;
    for (size_t n = 0; n < SP_HANDSHAKE_1_BYTES + 3; n++) {
        begin(&p, "prologue", "prologue");
        write_one(&p, &p.i, sp_slice_text("one"));
        p.wire.size = n;
        assert_int_equal(read_one(&p, &p.r),
            n < SP_HANDSHAKE_1_BYTES ? SP_E_TRUNCATED : SP_E_FORGED);
        end(&p);
    }
    for (size_t n = 0; n < SP_HANDSHAKE_2_BYTES + 3; n++) {
        until_message_2(&p);
        p.wire.size = n;
        assert_int_equal(read_one(&p, &p.i),
            n < SP_HANDSHAKE_2_BYTES ? SP_E_TRUNCATED : SP_E_FORGED);
        end(&p);
    }
}

static void payload_keeps_to_its_limit(void **state)
{
    static const struct {
        size_t size;
        sp_err err;
    } cases[] = {
        { 0, SP_OK },
        { SP_HELLO_BYTES_MAX - 1, SP_OK },
        { SP_HELLO_BYTES_MAX, SP_OK },
        { SP_HELLO_BYTES_MAX + 1, SP_E_TOO_LARGE },
    };
    static const uint8_t zeros[SP_HANDSHAKE_1_BYTES + SP_HELLO_BYTES_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair p;
        struct sp_slice payload = { zeros, cases[i].size };

        begin(&p, "prologue", "prologue");
        assert_int_equal(
            sp_handshake_write(&p.i, payload, &p.wire), cases[i].err);
        if (cases[i].err == SP_OK) {
            assert_int_equal(read_one(&p, &p.r), SP_OK);
            assert_true(sp_slice_equal(sp_buf_slice(&p.payload), payload));
        } else {
            assert_int_equal(
                sp_handshake_read(&p.r, SP_SLICE(zeros), &p.payload),
                SP_E_TOO_LARGE);
        }
        end(&p);
    }
}

static void nobody_speaks_out_of_turn(void **state)
{
    struct pair p;

    (void)state;
    begin(&p, "prologue", "prologue");
    assert_int_equal(sp_handshake_write(&p.r, none, &p.wire), SP_E_STATE);
    end(&p);

    begin(&p, "prologue", "prologue");
    write_one(&p, &p.i, none);
    sp_handshake_psk(&p.i, &p.psk);
    assert_int_equal(read_one(&p, &p.i), SP_E_FORGED); /* its own echo */
    end(&p);

    until_message_2(&p);
    assert_int_equal(read_one(&p, &p.i), SP_OK);
    assert_int_equal(read_one(&p, &p.i), SP_E_STATE); /* a third */
    end(&p);
}

static void full_buffer_ends_the_handshake_and_keeps_its_content(void **state)
{
    struct pair p;
    struct sp_buf small;

    (void)state;
    begin(&p, "prologue", "prologue");
    sp_buf_init(&small, SP_HANDSHAKE_1_BYTES - 1);
    assert_int_equal(sp_handshake_write(&p.i, none, &small), SP_E_TOO_LARGE);
    assert_int_equal(small.size, 0);
    sp_buf_free(&small);
    end(&p);
}

static void mac1_depends_on_server_and_content(void **state)
{
    uint8_t a[16], b[16], server[32] = { 1 }, other[32] = { 2 };

    (void)state;
    sp_mac1(a, sp_slice_text("hello"), server);
    sp_mac1(b, sp_slice_text("hello"), other);
    assert_memory_not_equal(a, b, 16);
    sp_mac1(b, sp_slice_text("hellp"), server);
    assert_memory_not_equal(a, b, 16);
    sp_mac1(b, sp_slice_text("hello"), server);
    assert_memory_equal(a, b, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_end_with_the_same_keys),
        cmocka_unit_test(another_prologue_breaks_message_1),
        cmocka_unit_test(wrong_psk_breaks_message_2),
        cmocka_unit_test(nothing_goes_without_a_psk),
        cmocka_unit_test(low_order_ephemeral_ends_the_handshake),
        cmocka_unit_test(low_order_server_key_cannot_be_written_to),
        cmocka_unit_test(any_byte_flipped_ends_the_handshake),
        cmocka_unit_test(message_cut_anywhere_ends_the_handshake),
        cmocka_unit_test(payload_keeps_to_its_limit),
        cmocka_unit_test(nobody_speaks_out_of_turn),
        cmocka_unit_test(full_buffer_ends_the_handshake_and_keeps_its_content),
        cmocka_unit_test(mac1_depends_on_server_and_content),
    };

    if (sp_crypto_init() != SP_OK) {
        printf("Bail out! libsodium does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
