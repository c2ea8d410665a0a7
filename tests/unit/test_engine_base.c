/* What a device or a branch takes from a server (SYNC F3, F6, P2, S5 to S7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define MIA   110u
#define ANNA  111u
#define CARL  113u
#define HELLO 1u
#define PUSH  3u /* hello, open, push */

static void own_writes_stand_over_the_base_until_they_are_decided(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_ready(w, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    assert_int_equal(test_party_rename(anna, &a, "Anna's"), SP_OK);
    assert_int_equal(test_party_rename(mia, &a, "Mia's"), SP_OK);
    assert_string_equal(test_party_name(anna, &a), "Anna's");
    test_party_sync(mia, branch);
    test_party_sync(anna, branch);
    assert_int_equal(test_party_values(anna, &a, 2), 2);
}

/* A refusal drops just that write (SYNC F6). */
static void a_refused_write_goes_and_others_of_the_record_stay(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref a = test_party_account(carl, "Corner shop", "A-1");
    test_party_sync(carl, branch);
    test_party_sync(anna, branch);
    assert_int_equal(test_party_rename(anna, &a, "Anna's"), SP_OK);
    assert_int_equal(test_party_rename(carl, &a, "Carl's"), SP_OK);
    test_org_assign(w->org, 11, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    test_party_sync(carl, branch);
    test_party_sync(anna, branch);
    assert_int_equal(
        test_party_verdict(anna, anna->identity.replica, 1).kind, SP_REFUSED);
    assert_string_equal(test_party_name(carl, &a), "Carl's");
    assert_int_equal(test_party_values(branch, &a, 2), 1);
    /* The territory is not hers any more: nothing of it stays (SYNC S5). */
    assert_int_equal(test_party_view(anna, &a).count, 0);
}

static sp_err count_one(void *arg, const struct sp_ref *child)
{
    (void)child;
    *(unsigned *)arg += 1;
    return SP_OK;
}

static unsigned children(struct test_party *p, const struct sp_ref *parent)
{
    struct sp_tx tx;
    unsigned count = 0;
    test_party_begin(p, &tx, false);
    assert_int_equal(
        sp_state_children(&tx, parent, 0, false, count_one, &count), SP_OK);
    sp_tx_abort(&tx);
    return count;
}

static void tell(struct test_party *p, uint64_t n, enum sp_verdict_kind kind)
{
    struct sp_tx tx;
    struct sp_commit c;
    test_party_begin(p, &tx, true);
    sp_replica me = p->identity.replica;
    assert_int_equal(sp_log_commit(&tx, me, n, &p->arena, &c), SP_OK);
    struct sp_verdict_entry e = {
        .replica = me, .n = n, .verdict = { .kind = kind }, .content = c.content
    };
    assert_int_equal(sp_base_verdict_take(&tx, &e, 2), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

static void a_refused_visit_is_nobodys_child(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref v = test_party_visit(anna, &a);
    assert_int_equal(children(anna, &a), 1);
    tell(anna, 2, SP_REFUSED);
    assert_int_equal(test_party_view(anna, &v).count, 0);
    assert_int_equal(children(anna, &a), 0);
}

/* Two servers judged, and accepted wins (SYNC J5). */
static void what_is_accepted_after_all_comes_back(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    tell(anna, 2, SP_REFUSED);
    assert_string_equal(test_party_name(anna, &a), "Corner shop");
    tell(anna, 2, SP_DEFERRED); /* late news */
    assert_string_equal(test_party_name(anna, &a), "Corner shop");
    tell(anna, 2, SP_ACCEPTED);
    assert_string_equal(test_party_name(anna, &a), "Tiny shop");
}

static void frontier(struct test_party *p, uint32_t server, uint64_t upto)
{
    struct sp_tx tx;
    test_party_begin(p, &tx, true);
    struct sp_silence s = {
        .arena = &tx.arena, .server = server, .upto = upto
    };
    assert_int_equal(
        sp_base_verdict_silence(&tx, p->identity.replica, &s), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

/* SYNC F3, J5: a refusal that server 2 told, and has confirmed, is no more
 * said by it; server 3 has never said it. */
static void silence_of_another_server_accepts_that_of_the_teller_does_not(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    sp_replica me = anna->identity.replica;
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    tell(anna, 2, SP_REFUSED);
    frontier(anna, 2, 2);
    assert_int_equal(test_party_verdict(anna, me, 2).kind, SP_REFUSED);
    assert_string_equal(test_party_name(anna, &a), "Corner shop");
    frontier(anna, 3, 1); /* not as far */
    assert_int_equal(test_party_verdict(anna, me, 2).kind, SP_REFUSED);
    frontier(anna, 3, 2);
    assert_int_equal(test_party_verdict(anna, me, 2).kind, SP_VERDICT_NONE);
    assert_string_equal(test_party_name(anna, &a), "Tiny shop");
}

/* More verdicts than one message takes: the frontier waits for them. */
static void a_long_tray_comes_in_parts_and_holds_nothing_up(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    for (unsigned i = 0; i < 2 * SP_VERDICTS_MAX + 50; i++) {
        assert_int_equal(
            test_party_rename(anna, &a, i % 2 == 0 ? "one" : "two"), SP_OK);
    }
    test_org_assign(w->org, 11, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(branch);
    test_party_sync(anna, branch);
    struct sp_status s = test_party_status(anna);
    assert_int_equal(s.pending, 0);
    assert_int_equal(s.refused, 2 * SP_VERDICTS_MAX + 50);
    test_party_sync(anna, branch);
    assert_true(test_party_sync(anna, branch).same);
}

/* Tags of an account, from one number on. */
struct tags {
    struct sp_register reg[SP_RECORD_REGISTERS_MAX];
    uint8_t value[SP_RECORD_REGISTERS_MAX][3];
};

static struct sp_record tags_of(struct tags *t, const struct sp_ref *ref,
    const struct sp_sibling *from, const struct sp_dot *dot, uint32_t first,
    uint32_t count)
{
    struct sp_sibling *s = calloc(count, sizeof *s);
    assert_non_null(s);
    for (uint32_t i = 0; i < count; i++) {
        t->value[i][0] = 0xcd; /* a number stands in for the text */
        sp_set_u16be(t->value[i] + 1, (uint16_t)(first + i + 256u));
        s[i] = *from;
        s[i].stamp.dot = *dot;
        s[i].value = SP_SLICE(t->value[i]);
        t->reg[i] = (struct sp_register){ .key = { 18, SP_SLICE(t->value[i]) },
            .context = { 1, dot },
            .count = 1,
            .sibling = &s[i] };
    }
    return (struct sp_record){ *ref, count, t->reg };
}

/* Two servers have accepted a half each: the limit is named in the trace, both
 * halves stay where they are, and nothing else waits. */
static void halves_that_are_too_much_together_stay_apart(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2);
    struct sp_ref ref = test_party_ref(branch, 1);
    struct sp_id at = test_org_territory("A-1");
    const struct sp_scopes scopes = { .count = 1, .id = { at } };
    const struct sp_dot here = { sp_replica_make(2, 7), 1 },
                        there = { sp_replica_make(1, 7), 1 };
    const struct sp_sibling from = { .stamp = { .time = 1, .user = 11 } };
    static struct tags one, other;
    static const uint32_t counts[] = { 1, 2, 3 };
    const uint32_t most = SP_RECORD_REGISTERS_MAX;
    struct sp_tx tx;
    for (size_t i = 0; i < 3; i++) {
        struct sp_record half = tags_of(&one, &ref, &from, &here, 0, most - 2);
        struct sp_record rest =
            tags_of(&other, &ref, &from, &there, most, counts[i]);
        uint32_t sum = half.count + rest.count;
        ref = half.ref = rest.ref = test_party_ref(branch, 1);
        test_party_begin(branch, &tx, true);
        assert_int_equal(sp_base_take(&tx, &scopes, &half), SP_OK);
        sp_arena_reset(&tx.scratch);
        assert_int_equal(sp_base_take(&tx, &scopes, &rest), SP_OK);
        assert_int_equal(test_party_commit(branch, &tx), SP_OK);
        assert_int_equal(test_party_view(branch, &ref).count,
            sum <= most ? sum : half.count);
        free((void *)half.reg[0].sibling);
        free((void *)rest.reg[0].sibling);
    }
}

/* SYNC S7: what a server does not serve it does not take away. */
static void a_visit_to_head_office_hides_no_record_of_this_morning(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    test_party_sync(anna, branch);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_cut(anna, branch, PUSH);
    assert_int_equal(test_party_view(branch, &a).count, 2);
    test_party_sync(branch, head);
    test_party_sync(anna, head);
    assert_int_equal(test_party_view(anna, &a).count, 2);
    test_party_sync(anna, branch);
    assert_int_equal(test_party_view(anna, &a).count, 2);
    assert_int_equal(test_party_status(anna).alarms, 0);
}

static void spoil_sum(struct test_party *p, const char *territory)
{
    struct sp_tx tx;
    struct sp_scope_state *s;
    struct sp_id id = test_org_territory(territory);
    test_party_begin(p, &tx, true);
    assert_int_equal(sp_tx_scope(&tx, &id, &s), SP_OK);
    assert_true(s->count > 0);
    s->sum[0].v[5] ^= 1;
    s->dirty = true;
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

static void a_proof_that_fails_reads_the_scope_again_and_raises_an_alarm(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref v = test_party_visit(anna, &a);
    test_party_sync(anna, branch);
    spoil_sum(anna, "A-1");
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.alarms, 1);
    assert_int_equal(test_party_status(anna).alarms, 1);
    assert_string_equal(test_party_name(anna, &a), "Tiny shop");
    assert_int_equal(test_party_view(anna, &v).count, 4);
    test_party_check(anna);
    assert_true(test_party_sync(anna, branch).same);
}

static void an_uplink_proves_what_it_has_just_pushed(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(branch, head);
    assert_int_equal(test_party_rename(anna, &a, "Tiny shop"), SP_OK);
    test_party_sync(anna, branch);
    spoil_sum(branch, "A-1");
    struct sp_link_report r = test_party_sync(branch, head);
    assert_int_equal(r.alarms, 1);
    test_party_check(branch);
    assert_int_equal(test_party_sync(branch, head).alarms, 0);
}

/* The fault is the server's: the device cannot mend it, says so, and goes on
 * with what there is. */
static void a_scope_that_stays_different_is_read_again_next_time(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    test_party_sync(anna, branch);
    spoil_sum(branch, "A-1");
    assert_int_equal(test_party_sync(anna, branch).alarms, 2);
    assert_string_equal(test_party_name(anna, &a), "Corner shop");
    spoil_sum(branch, "A-1"); /* the same bit: mended */
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_int_equal(r.alarms, 0);
    assert_true(test_party_sync(anna, branch).same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            own_writes_stand_over_the_base_until_they_are_decided,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_refused_write_goes_and_others_of_the_record_stay,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_refused_visit_is_nobodys_child,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_accepted_after_all_comes_back,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            silence_of_another_server_accepts_that_of_the_teller_does_not,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_long_tray_comes_in_parts_and_holds_nothing_up, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            halves_that_are_too_much_together_stay_apart, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_visit_to_head_office_hides_no_record_of_this_morning,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_proof_that_fails_reads_the_scope_again_and_raises_an_alarm,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            an_uplink_proves_what_it_has_just_pushed, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_scope_that_stays_different_is_read_again_next_time,
            test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
