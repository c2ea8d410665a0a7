/* test_keys.c - which record a key names, and how many keys there may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/keys.h"

static struct sv_keys_hash key(uint32_t n)
{
    uint8_t bytes[4];
    sp_set_u32be(bytes, n);
    return sv_keys_hash(SP_SLICE(bytes));
}

static struct sp_id id(uint32_t n)
{
    struct sp_id out = { { 0 } };
    sp_set_u32be(out.b, n);
    return out;
}

static void each_key_keeps_its_record_and_line(void **state)
{
    struct sv_keys *k = sv_keys_new(true);
    (void)state;
    assert_non_null(k);
    for (uint32_t i = 0; i < 5000; i++) {
        struct sv_keys_hash h = key(i);
        struct sp_id of = id(i);
        assert_int_equal(sv_keys_put(k, &h, i, &of), SP_OK);
        assert_int_equal(sv_keys_put(k, &h, 7, &of), SP_E_EXISTS);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        struct sv_keys_hash h = key(i);
        struct sp_id found, of = id(i);
        uint32_t line = 0;
        assert_true(sv_keys_get(k, &h, &line, &found));
        assert_int_equal(line, i);
        assert_true(sp_id_equal(&found, &of));
    }
    struct sv_keys_hash none = key(5000);
    assert_false(sv_keys_get(k, &none, NULL, NULL));
    sv_keys_free(k);
    sv_keys_free(NULL);
}

static void keys_end_at_their_limit(void **state)
{
    struct sv_keys *k = sv_keys_new(false);
    (void)state;
    assert_non_null(k);
    for (uint32_t i = 0; i < SV_KEYS_MAX; i++) {
        struct sv_keys_hash h = key(i);
        assert_int_equal(sv_keys_put(k, &h, 0, NULL), SP_OK);
    }
    struct sv_keys_hash last = key(SV_KEYS_MAX - 1), over = key(SV_KEYS_MAX);
    assert_true(sv_keys_get(k, &last, NULL, NULL));
    assert_int_equal(sv_keys_put(k, &over, 0, NULL), SP_E_TOO_LARGE);
    sv_keys_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_keeps_its_record_and_line),
        cmocka_unit_test(keys_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
