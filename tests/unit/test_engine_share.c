/* Accounts that are shared with a person up to a day (cap 112). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"
#include "share.h"
#include "sp/roster.h"

#define ACCOUNT 1u
#define NAME    2u
#define SHARED  19u

struct case_of {
    struct test_world *w;
    struct test_party *head, *a, *anna, *ben;
    struct sp_ref shop, visit;
};

static uint32_t today(const struct case_of *c)
{
    return (uint32_t)(c->w->now_ms / SP_ROSTER_DAY_MS);
}

/* What the write of a share, or of its end, says to its author. */
static sp_err share(struct case_of *c, struct test_party *p, uint32_t user,
    uint32_t last_day, bool stands)
{
    static const uint8_t nil[] = { 0xc0 };
    struct sp_buf b;
    sp_buf_init(&b, 64);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, user);
    sp_wr_uint(&b, last_day);
    struct sp_slice member = sp_arena_copy(&p->arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    struct sp_draft_write w = { { SHARED, member },
        stands ? member : SP_SLICE(nil) };
    struct sp_draft_change d = { c->shop, false, 1, &w };
    return test_party_make(p, &d, SP_AUTHORITY_PERSON);
}

/* A shop of Anna's with a visit; Ben of another territory knows nothing. */
static struct case_of begin(void **state)
{
    struct case_of c = { .w = *state };
    c.head = test_world_party(c.w, 1);
    c.a = test_world_party(c.w, 2);
    c.anna = test_world_party(c.w, 111);
    c.ben = test_world_ready(c.w, 112);
    c.shop = test_party_account(c.anna, "Corner shop", "A-1");
    c.visit = test_party_visit(c.anna, &c.shop);
    (void)test_party_sync(c.anna, c.a);
    (void)test_party_sync(c.ben, c.a);
    assert_int_equal(test_party_view(c.ben, &c.shop).count, 0);
    return c;
}

static void shared_with_ben(struct case_of *c)
{
    assert_int_equal(share(c, c->anna, 12, today(c), true), SP_OK);
    (void)test_party_sync(c->anna, c->a);
    (void)test_party_sync(c->ben, c->a);
}

static void what_is_shared_comes_with_its_history_and_goes_after_its_day(
    void **state)
{
    struct case_of c = begin(state);
    shared_with_ben(&c);
    assert_true(test_party_view(c.ben, &c.shop).count > 0);
    assert_true(test_party_view(c.ben, &c.visit).count > 0);
    assert_int_equal(test_party_rename(c.ben, &c.shop, "Ben's"), SP_OK);
    (void)test_party_sync(c.ben, c.a);
    assert_string_equal(test_party_name(c.a, &c.shop), "Ben's");
    assert_true(test_party_sync(c.ben, c.a).same);
    /* Nobody does anything; the last millisecond of the day still counts. */
    c.w->now_ms = (today(&c) + 1ull) * SP_ROSTER_DAY_MS - 1;
    assert_true(test_party_sync(c.ben, c.a).same);
    c.w->now_ms++;
    struct sp_link_report r = test_party_sync(c.ben, c.a);
    assert_false(r.same);
    assert_int_equal(r.purged, 2);
    assert_int_equal(test_party_view(c.ben, &c.shop).count, 0);
    assert_int_equal(test_party_view(c.ben, &c.visit).count, 0);
    assert_true(test_party_sync(c.ben, c.a).same);
    /* It is an ordinary commit, which the others get. */
    (void)test_party_sync(c.a, c.head);
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(test_party_values(c.anna, &c.shop, SHARED), 1);
    assert_true(test_party_sync(c.a, c.head).same);
}

static void a_visit_of_its_days_counts_and_an_edit_does_not(void **state)
{
    struct case_of c = begin(state);
    shared_with_ben(&c);
    struct sp_ref his = test_party_visit(c.ben, &c.shop);
    assert_int_equal(test_party_rename(c.ben, &c.shop, "Ben's"), SP_OK);
    c.w->now_ms += SP_ROSTER_DAY_MS;
    (void)test_party_sync(c.ben, c.a);
    assert_int_equal(test_party_view(c.a, &his).count, 4);
    assert_int_equal(test_party_status(c.ben).refused, 1);
    assert_string_equal(test_party_name(c.a, &c.shop), "Corner shop");
}

static void it_is_taken_back_before_its_day(void **state)
{
    struct case_of c = begin(state);
    shared_with_ben(&c);
    assert_int_equal(share(&c, c.anna, 12, today(&c), false), SP_OK);
    (void)test_party_sync(c.anna, c.a);
    assert_int_equal(test_party_sync(c.ben, c.a).purged, 2);
    assert_int_equal(test_party_view(c.ben, &c.shop).count, 0);
}

/* Both days name him: he has it up to the later. */
static void the_longest_share_counts(void **state)
{
    struct case_of c = begin(state);
    shared_with_ben(&c);
    assert_int_equal(share(&c, c.anna, 12, today(&c) + 1, true), SP_OK);
    (void)test_party_sync(c.anna, c.a);
    c.w->now_ms += SP_ROSTER_DAY_MS;
    (void)test_party_sync(c.ben, c.a);
    assert_true(test_party_view(c.ben, &c.shop).count > 0);
    c.w->now_ms += SP_ROSTER_DAY_MS;
    assert_int_equal(test_party_sync(c.ben, c.a).purged, 2);
}

/* Each end is taken away by who serves the shop and by who serves the person:
 * a branch that is cut off hands out nothing by a share that has ended. */
static void it_ends_at_another_branch_too(void **state)
{
    struct case_of c = begin(state);
    struct test_party *b = test_world_ready(c.w, 3),
                      *dora = test_world_ready(c.w, 121);
    assert_int_equal(share(&c, c.anna, 21, today(&c), true), SP_OK);
    (void)test_party_sync(c.anna, c.a);
    (void)test_party_sync(c.a, c.head);
    (void)test_party_sync(b, c.head);
    (void)test_party_sync(dora, b);
    assert_true(test_party_view(dora, &c.visit).count > 0);
    c.w->now_ms += SP_ROSTER_DAY_MS;
    assert_int_equal(test_party_sync(dora, b).purged, 2);
    assert_int_equal(test_party_view(dora, &c.shop).count, 0);
    (void)test_party_sync(c.anna, c.a);
    for (int i = 0; i < 2; i++) {
        (void)test_party_sync(b, c.head);
        (void)test_party_sync(c.a, c.head);
    }
    assert_int_equal(test_party_status(b).alarms, 0);
    assert_int_equal(test_party_status(c.a).alarms, 0);
    assert_true(test_party_sync(b, c.head).same);
    assert_true(test_party_sync(c.a, c.head).same);
}

static void who_has_it_by_a_share_does_not_pass_it_on(void **state)
{
    struct case_of c = begin(state);
    shared_with_ben(&c);
    assert_int_equal(share(&c, c.ben, 13, today(&c), true), SP_E_FIELD_DENIED);
    assert_int_equal(
        share(&c, c.ben, 12, today(&c) + 9, true), SP_E_FIELD_DENIED);
    assert_int_equal(share(&c, c.anna, 77, today(&c), true), SP_E_VALUE);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_shared_comes_with_its_history_and_goes_after_its_day),
        CASE(a_visit_of_its_days_counts_and_an_edit_does_not),
        CASE(it_is_taken_back_before_its_day),
        CASE(the_longest_share_counts),
        CASE(it_ends_at_another_branch_too),
        CASE(who_has_it_by_a_share_does_not_pass_it_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
