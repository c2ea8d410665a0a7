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

/* A policy of one role that may see nothing, by its export rights. */
static sp_err read_one(
    struct test_court *c, const struct sp_export *x, struct sp_policy *out)
{
    struct sp_role role = { .number = 1,
        .name = sp_slice_text("clerk"),
        .reach = SP_REACH_ALL,
        .export = *x };
    struct sp_policy p = { 1, &role };
    struct sp_buf body;
    sp_err err;

    sp_buf_init(&body, 1024);
    sp_policy_encode(&p, &body);
    struct sp_slice kept = sp_arena_copy(&c->arena, sp_buf_slice(&body));
    err = sp_policy_decode(kept, &c->arena, out);
    sp_buf_free(&body);
    return err;
}

static void what_a_role_takes_out_comes_back(void **state)
{
    struct test_court *c = *state;
    static const uint16_t types[] = { 1, 16, 242 };
    struct sp_export x = { .rows = 200,
        .alert = 500,
        .hours = 24,
        .flags = SP_EXPORT_ASKS | SP_EXPORT_SENSITIVE,
        .count = 3,
        .type = types };
    struct sp_policy p;

    assert_int_equal(read_one(c, &x, &p), SP_OK);
    assert_int_equal(p.role[0].export.rows, 200);
    assert_int_equal(p.role[0].export.alert, 500);
    assert_int_equal(p.role[0].export.hours, 24);
    assert_int_equal(
        p.role[0].export.flags, SP_EXPORT_ASKS | SP_EXPORT_SENSITIVE);
    assert_int_equal(p.role[0].export.count, 3);
    assert_int_equal(p.role[0].export.type[2], 242);
}

/* As documents of before the right was there say it. */
static void a_role_that_says_nothing_takes_nothing_out(void **state)
{
    struct test_court *c = *state;
    /* [1, [1, "a", "", "", 4, 0, 0, []]] */
    static const uint8_t body[] = { 0x92, 0x01, 0x98, 0x01, 0xa1, 'a', 0xa0,
        0xa0, 0x04, 0x00, 0x00, 0x90 };
    static const uint8_t short_one[] = { 0x92, 0x01, 0x97, 0x01, 0xa1, 'a',
        0xa0, 0xa0, 0x04, 0x00, 0x00 };
    struct sp_policy p;

    assert_int_equal(
        sp_policy_decode(sp_slice_of(body, sizeof(body)), &c->arena, &p),
        SP_OK);
    assert_int_equal(p.role[0].export.rows, 0);
    assert_int_equal(p.role[0].export.flags, 0);
    assert_int_equal(sp_policy_decode(sp_slice_of(short_one, sizeof(short_one)),
                         &c->arena, &p),
        SP_E_MALFORMED);
}

static void nothing_has_one_spelling_and_lists_rise(void **state)
{
    struct test_court *c = *state;
    /* as above with a ninth item: [0, 0, 0, 0, []], then [1, 0, 0, 0, [2, 1]]
     */
    static const uint8_t nothing[] = { 0x92, 0x01, 0x99, 0x01, 0xa1, 'a', 0xa0,
        0xa0, 0x04, 0x00, 0x00, 0x90, 0x95, 0x00, 0x00, 0x00, 0x00, 0x90 };
    static const uint8_t falling[] = { 0x92, 0x01, 0x99, 0x01, 0xa1, 'a', 0xa0,
        0xa0, 0x04, 0x00, 0x00, 0x90, 0x95, 0x01, 0x00, 0x00, 0x00, 0x92, 0x02,
        0x01 };
    struct sp_policy p;

    assert_int_equal(
        sp_policy_decode(sp_slice_of(nothing, sizeof(nothing)), &c->arena, &p),
        SP_E_DOCUMENT);
    assert_int_not_equal(
        sp_policy_decode(sp_slice_of(falling, sizeof(falling)), &c->arena, &p),
        SP_OK);
}

static void a_cut_or_changed_policy_is_refused_or_read_as_one(void **state)
{
    struct test_court *c = *state;
    struct sp_slice body = c->org->policy_body;
    struct sp_policy p;
    uint8_t copy[16384];

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
        cmocka_unit_test(what_a_role_takes_out_comes_back),
        cmocka_unit_test(a_role_that_says_nothing_takes_nothing_out),
        cmocka_unit_test(nothing_has_one_spelling_and_lists_rise),
        cmocka_unit_test(a_cut_or_changed_policy_is_refused_or_read_as_one),
    };
    return cmocka_run_group_tests(tests, test_court_setup, test_court_teardown);
}
