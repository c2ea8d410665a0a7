/* The body of a policy document. */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_policy_comes_back_from_its_document(void **state)
{
    struct test_court *c = *state;
    struct sp_policy p;
    struct sp_buf out;

    assert_int_equal(
        sp_policy_decode(c->org->policy_body, &c->arena, &p), SP_OK);
    assert_int_equal(p.role_count, 8);
    assert_non_null(sp_policy_role_named(&p, sp_slice_text("manager")));
    assert_null(sp_policy_role_named(&p, sp_slice_text("king")));
    assert_null(sp_policy_role(&p, 9));
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_policy_encode(&p, &out);
    assert_true(sp_slice_equal(sp_buf_slice(&out), c->org->policy_body));
    sp_buf_free(&out);
}

static void a_cut_or_changed_policy_is_refused_or_read_as_one(void **state)
{
    struct test_court *c = *state;
    struct sp_slice body = c->org->policy_body;
    struct sp_policy p;
    uint8_t copy[8192];

    assert_true(body.size <= sizeof(copy));
    for (size_t size = 0; size < body.size; size++) {
        assert_int_not_equal(
            sp_policy_decode(sp_slice_of(body.data, size), &c->arena, &p),
            SP_OK);
    }
    for (size_t i = 0; i < body.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct sp_buf again;
            memcpy(copy, body.data, body.size);
            copy[i] = (uint8_t)(copy[i] ^ (1u << bit));
            struct sp_slice changed = sp_slice_of(copy, body.size);
            if (sp_policy_decode(changed, &c->arena, &p) != SP_OK) {
                continue;
            }
            sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
            sp_policy_encode(&p, &again);
            assert_true(sp_slice_equal(sp_buf_slice(&again), changed));
            sp_buf_free(&again);
        }
        sp_arena_reset(&c->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_comes_back_from_its_document),
        cmocka_unit_test(a_cut_or_changed_policy_is_refused_or_read_as_one),
    };
    return cmocka_run_group_tests(tests, test_court_setup, test_court_teardown);
}
