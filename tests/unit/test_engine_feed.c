/* What a server hands out of a scope (SYNC S2 to S4), page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define MIA      110u
#define ANNA     111u
#define CARL     113u
#define ITEM_MAX 32u

/* A reader of one scope of branch A, as Anna's device would be. */
struct scan {
    struct test_party *server;
    struct sp_reader reader;
    struct sp_holding holding;
    struct sp_position at;
    bool complete;
    struct sp_arena arena;
    size_t count; /* items so far */
    struct sp_item item[ITEM_MAX];
    struct sp_record record[ITEM_MAX]; /* count 0 unless a record */
};

static void open_scan(struct scan *s, struct test_world *w, const char *scope)
{
    struct sp_entitlement e;
    memset(s, 0, sizeof *s);
    s->server = test_world_party(w, 2);
    sp_arena_init(&s->arena, 64u << 20);
    const struct sp_rules *rules = &s->server->rules;
    assert_int_equal(rules->entitle(rules->self, MIA, 0, &s->arena, &e), SP_OK);
    struct sp_id id = test_org_territory(scope);
    for (uint32_t i = 0; i < e.count; i++) {
        if (sp_id_equal(&e.scope[i].scope, &id)) {
            s->holding.grant = e.scope[i].grant;
        }
    }
    s->holding.scope = id;
    s->holding.served = true;
    s->reader = (struct sp_reader){ .rules = rules,
        .replica = 1,
        .peer = ANNA,
        .count = 1,
        .holding = &s->holding };
}

static void close_scan(struct scan *s)
{
    sp_arena_free(&s->arena);
}

/* One page from where it stands; items are kept in the order of their coming.
 * budget 1: one item a page. */
static sp_err page(struct scan *s, size_t budget)
{
    struct sp_tx tx;
    struct sp_pull pull = { .count = 1, .position = &s->at };
    struct sp_page out, read;
    struct sp_buf items, message;
    sp_buf_init(&items, SP_MESSAGE_BYTES_MAX);
    sp_buf_init(&message, SP_MESSAGE_BYTES_MAX);
    test_party_begin(s->server, &tx, false);
    sp_err err =
        sp_feed_page(&tx, &s->reader, &pull, budget, &s->arena, &items, &out);
    if (err == SP_OK) {
        s->at = out.position[0].position;
        s->complete = out.position[0].complete;
        sp_message_page(&out, sp_buf_slice(&items), &message);
        struct sp_slice kept = sp_arena_copy(&s->arena, sp_buf_slice(&message));
        assert_int_equal(sp_message_read_page(kept, &s->arena, &read), SP_OK);
        for (uint32_t i = 0; i < read.item_count; i++) {
            assert_true(s->count < ITEM_MAX);
            struct sp_item *item = &s->item[s->count];
            *item = read.item[i];
            if (item->kind == SP_ITEM_RECORD) {
                struct sp_record *r = &s->record[s->count];
                assert_int_equal(
                    sp_record_decode(item->bytes, SP_RECORD_WIRE, &s->arena, r),
                    SP_OK);
                item->ref = r->ref;
            }
            s->count++;
        }
    }
    sp_tx_abort(&tx);
    sp_buf_free(&items);
    sp_buf_free(&message);
    return err;
}

static void read_all(struct scan *s, size_t budget)
{
    for (int i = 0; i < 100 && !s->complete; i++) {
        assert_int_equal(page(s, budget), SP_OK);
    }
    assert_true(s->complete);
}

static void assert_item(const struct scan *s, size_t i, enum sp_item_kind kind,
    const struct sp_ref *ref)
{
    assert_true(i < s->count);
    assert_int_equal(s->item[i].kind, kind);
    assert_true(sp_ref_equal(&s->item[i].ref, ref));
}

/* Goes on after a complete scan. */
static void again(struct scan *s)
{
    s->complete = false;
    s->count = 0;
}

static void lanes_come_in_turn_and_what_changed_meanwhile_last(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct scan s;
    struct sp_ref a = test_party_account(anna, "first", "A-1");
    struct sp_ref va = test_party_visit(anna, &a);
    struct sp_ref b = test_party_account(anna, "second", "A-1");
    struct sp_ref vb = test_party_visit(anna, &b);
    test_party_sync(anna, branch);
    open_scan(&s, w, "A-1");
    assert_int_equal(page(&s, 1), SP_OK);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.at.lane, 0);
    uint64_t mark = s.at.mark;
    assert_int_equal(test_party_rename(anna, &a, "first again"), SP_OK);
    struct sp_ref c = test_party_account(anna, "third", "A-1");
    test_party_sync(anna, branch);
    assert_int_equal(page(&s, 1), SP_OK);
    assert_int_equal(s.at.mark, mark); /* noted once, at the start */
    read_all(&s, 1);
    assert_int_equal(s.count, 6);
    assert_item(&s, 0, SP_ITEM_RECORD, &a);
    assert_item(&s, 1, SP_ITEM_RECORD, &b);
    assert_item(&s, 2, SP_ITEM_RECORD, &va);
    assert_item(&s, 3, SP_ITEM_RECORD, &vb);
    assert_item(&s, 4, SP_ITEM_RECORD, &a);
    assert_item(&s, 5, SP_ITEM_RECORD, &c);
    assert_int_equal(s.record[4].count, 2); /* whole: since is still 0 */
    assert_true(s.at.since > mark);
    assert_int_equal(s.at.mark, 0);
    close_scan(&s);
}

static void a_delta_has_changed_keys_and_whole_records_that_entered(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL),
                      *mia = test_world_ready(w, MIA);
    struct scan s;
    struct sp_ref a = test_party_account(anna, "first", "A-1");
    struct sp_ref b = test_party_account(carl, "second", "A-2");
    test_party_sync(anna, branch);
    test_party_sync(carl, branch);
    test_party_sync(mia, branch);
    open_scan(&s, w, "A-1");
    read_all(&s, 65536);
    assert_int_equal(s.count, 1);
    assert_int_equal(test_party_rename(anna, &a, "first again"), SP_OK);
    test_party_sync(anna, branch);
    assert_int_equal(test_party_move(mia, &b, "A-1"), SP_OK);
    test_party_sync(mia, branch);
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 2);
    assert_item(&s, 0, SP_ITEM_RECORD, &a);
    assert_int_equal(s.record[0].count, 1);
    assert_item(&s, 1, SP_ITEM_RECORD, &b);
    assert_int_equal(s.record[1].count, 2);
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 0);
    close_scan(&s);
}

static void a_record_that_left_is_told_also_to_who_reads_from_the_start(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *mia = test_world_ready(w, MIA);
    struct scan s;
    struct sp_ref a = test_party_account(anna, "first", "A-1");
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    open_scan(&s, w, "A-1");
    read_all(&s, 65536);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    test_party_sync(mia, branch);
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 1);
    assert_item(&s, 0, SP_ITEM_LEFT, &a);
    struct sp_position from_the_start = { .since = 0 };
    s.at = from_the_start;
    again(&s);
    read_all(&s, 65536);
    /* He may still have it: a widened grant is read from the start, too. */
    assert_int_equal(s.count, 1);
    assert_item(&s, 0, SP_ITEM_LEFT, &a);
    close_scan(&s);
}

static void own_accepted_dots_do_not_travel_back(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct scan s;
    uint8_t digest[16];
    struct sp_ref a = test_party_account(anna, "first", "A-1");
    test_party_sync(anna, branch);
    open_scan(&s, w, "A-1");
    s.reader.replica = anna->identity.replica;
    s.reader.frontier = 1;
    /* Whole: its id and digest only. */
    read_all(&s, 65536);
    assert_int_equal(s.count, 1);
    assert_item(&s, 0, SP_ITEM_HAVE, &a);
    struct sp_record view = test_party_view(anna, &a);
    sp_record_digest(&view, NULL, NULL, digest);
    assert_memory_equal(s.item[0].hash, digest, 4);
    /* A delta: nothing, once a reply has reported it. */
    assert_int_equal(test_party_rename(anna, &a, "first again"), SP_OK);
    test_party_sync(anna, branch);
    struct sp_position since = s.at;
    s.reader.frontier = 2;
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 0);
    /* Before that, and at or below safe, it goes like any other. */
    s.reader.frontier = 1;
    s.at = since;
    again(&s);
    read_all(&s, 65536);
    assert_item(&s, 0, SP_ITEM_RECORD, &a);
    s.reader.frontier = 2;
    s.reader.safe = 2;
    s.at = since;
    again(&s);
    read_all(&s, 65536);
    assert_item(&s, 0, SP_ITEM_RECORD, &a);
    close_scan(&s);
}

static void a_position_of_another_past_counts_as_0(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct scan s;
    struct sp_tx tx;
    struct sp_scope_state *scope;
    (void)test_party_account(anna, "first", "A-1");
    test_party_sync(anna, branch);
    open_scan(&s, w, "A-1");
    s.at.since = 1000000; /* beyond the head */
    read_all(&s, 65536);
    assert_int_equal(s.count, 1);
    uint64_t head = s.at.since;
    test_party_begin(branch, &tx, true);
    assert_int_equal(sp_tx_scope(&tx, &s.holding.scope, &scope), SP_OK);
    scope->floor = head;
    scope->dirty = true;
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    s.at.since = head - 1; /* under the floor */
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 1);
    s.at.since = head; /* at the floor */
    again(&s);
    read_all(&s, 65536);
    assert_int_equal(s.count, 0);
    close_scan(&s);
}

static void what_is_not_the_readers_is_not_served(void **state)
{
    struct test_world *w = *state;
    struct scan s;
    open_scan(&s, w, "A-1");
    s.at.index = 1;
    assert_int_equal(page(&s, 65536), SP_E_NOT_SERVED);
    s.at.index = 0;
    s.holding.served = false;
    assert_int_equal(page(&s, 65536), SP_E_NOT_SERVED);
    close_scan(&s);
}

/* A device that knows of a record which its server does not know yet. */
static void learn(struct test_party *p, const struct sp_record *r)
{
    struct sp_tx tx;
    struct sp_scopes scopes = { .count = 1,
        .id = { test_org_territory("A-1") } };
    test_party_begin(p, &tx, true);
    assert_int_equal(sp_base_take(&tx, &scopes, r), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
}

static void a_push_that_frees_anothers_commit_is_not_alone_in_the_feed(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *carl = test_world_ready(w, CARL);
    struct sp_ref first = test_party_account(anna, "first", "A-1");
    test_party_sync(anna, branch);
    struct sp_ref a = test_party_account(anna, "second", "A-1");
    struct sp_record r = test_party_view(anna, &a);
    learn(carl, &r);
    struct sp_ref v = test_party_visit(carl, &a);
    struct sp_link_report report;
    (void)test_party_talk(carl, branch, &report);
    assert_int_equal(test_party_verdict(branch, carl->identity.replica, 1).code,
        SP_E_DEFERRED_PARENT);
    report = test_party_sync(anna, branch);
    assert_int_equal(report.alarms, 0);
    assert_int_equal(test_party_view(branch, &v).count, 4);
    assert_int_equal(test_party_view(anna, &v).count, 4);
    assert_int_equal(test_party_view(anna, &first).count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            lanes_come_in_turn_and_what_changed_meanwhile_last,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_delta_has_changed_keys_and_whole_records_that_entered,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_record_that_left_is_told_also_to_who_reads_from_the_start,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(own_accepted_dots_do_not_travel_back,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(a_position_of_another_past_counts_as_0,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_the_readers_is_not_served,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_push_that_frees_anothers_commit_is_not_alone_in_the_feed,
            test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
