/* Documents that change while devices are away: what is not known yet is kept
 * and counted, nobody goes back behind what he had, and however many documents
 * there are, they arrive (SYNC J4, T4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "edition.h"
#include "engine.h"
#include "forge.h"

#define ANNA  111u
#define CARL  113u
#define TRADE 900u

static struct sp_peer_state peer_of(struct test_party *p, uint32_t device)
{
    struct sp_peer_state out;
    struct sp_tx tx;

    test_party_begin(p, &tx, false);
    assert_int_equal(sp_node_peer(&tx, device, &out), SP_OK);
    sp_tx_abort(&tx);
    return out;
}

static void new_editions(struct test_world *w)
{
    test_edition_dictionary(w->org, test_edition_retire, TEST_EDITION_RETIRE);
    test_edition_policy(w->org, test_edition_trade, TEST_EDITION_TRADE);
    test_party_give_documents(test_world_party(w, 1));
    test_party_give_documents(test_world_party(w, 2));
}

static void write_text(struct test_party *p, const struct sp_ref *ref,
    uint16_t field, const char *text, sp_err wanted)
{
    struct sp_draft_write write = { .key = { field, { NULL, 0 } },
        .value = test_party_text(p, text) };
    struct sp_draft_change c = { *ref, false, 1, &write };

    assert_int_equal(test_party_make(p, &c, 0), wanted);
}

static bool shows(struct test_party *p, const struct sp_ref *ref,
    uint16_t field, const char *text)
{
    struct sp_record view = test_party_view(p, ref);
    const struct sp_register *reg =
        sp_record_find(&view, field, (struct sp_slice){ NULL, 0 });
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);

    return s != NULL && sp_slice_equal(s->value, test_party_text(p, text));
}

static sp_err cannot_read(void *self, struct sp_slice document)
{
    (void)self;
    (void)document;
    return SP_E_DOCUMENT;
}

/* cap 8: Anna's program cannot read the new dictionary: she works on. */
static void a_device_keeps_what_its_dictionary_does_not_know(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *carl = test_world_ready(w, CARL),
                      *branch = test_world_party(w, 2);
    static const char *const both[] = { "A-1", "A-2" };
    test_org_assign(w->org, 13, 2, both);
    (void)test_org_publish(w->org, TEST_ORG_A);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    new_editions(w);
    (void)test_party_sync(carl, branch);
    write_text(carl, &a, TRADE, "tea house", SP_OK);
    (void)test_party_sync(carl, branch);
    anna->rules.check_document = cannot_read;
    struct sp_link_report r = test_party_sync(anna, branch);
    assert_true(r.complete);
    assert_int_equal(anna->rules.serials(anna->rules.self).dictionary, 1);
    assert_int_equal(test_party_status(anna).alarms, 0);
    assert_true(shows(anna, &a, TRADE, "tea house"));
    /* She writes the old field as ever: accepted, for it is of before. */
    write_text(anna, &a, 5, "tea", SP_OK);
    assert_int_equal(test_party_sync(anna, branch).refused, 0);
    (void)test_party_sync(carl, branch);
    assert_int_equal(test_party_values(carl, &a, TRADE), 2);
    /* Then the new program comes, and the dictionary with it. */
    assert_int_equal(test_party_rebuild(anna), SP_OK);
    (void)test_party_sync(anna, branch);
    assert_int_equal(anna->rules.serials(anna->rules.self).dictionary, 2);
    write_text(anna, &a, 5, "late", SP_E_RETIRED);
    write_text(anna, &a, TRADE, "tea and more", SP_OK);
    assert_int_equal(test_party_sync(anna, branch).refused, 0);
    (void)test_party_sync(carl, branch);
    assert_int_equal(test_party_values(carl, &a, TRADE), 1);
    assert_int_equal(test_party_status(anna).alarms, 0);
}

static void check_confirmed(
    struct sp_confirmed c, uint32_t dictionary, uint64_t n)
{
    assert_int_equal(c.had.dictionary, dictionary);
    assert_int_equal(c.n, n);
}

/* SYNC J4: the server remembers what it has seen a device have, and since
 * when; a confirmation goes with the device's next contact. */
static void a_server_knows_what_a_device_had(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    (void)test_party_account(anna, "One", "A-1");
    (void)test_party_sync(anna, branch);
    struct sp_peer_state p = peer_of(branch, ANNA);
    assert_int_equal(p.confirmed.replica, anna->identity.replica);
    check_confirmed(p.confirmed, 1, 0);
    (void)test_party_account(anna, "Two", "A-1");
    new_editions(w);
    /* What was queued is of before; what comes after is not. */
    (void)test_party_sync(anna, branch);
    check_confirmed(peer_of(branch, ANNA).confirmed, 1, 0);
    (void)test_party_account(anna, "Three", "A-1");
    (void)test_party_account(anna, "Four", "A-1");
    (void)test_party_sync(anna, branch);
    p = peer_of(branch, ANNA);
    check_confirmed(p.confirmed, 2, 2);
    check_confirmed(p.before, 1, 0);
    (void)test_party_account(anna, "Five", "A-1");
    (void)test_party_sync(anna, branch);
    p = peer_of(branch, ANNA);
    check_confirmed(p.confirmed, 2, 2);
    check_confirmed(p.before, 1, 0);
}

static struct sp_serials floor_of(
    struct test_party *p, sp_replica replica, uint64_t n)
{
    struct sp_commit c = { .replica = replica, .n = n };
    struct sp_serials out;
    struct sp_tx tx;

    test_party_begin(p, &tx, false);
    assert_int_equal(sp_node_floor(&tx, &c, &out), SP_OK);
    sp_tx_abort(&tx);
    return out;
}

/* SYNC J4: what was made between two confirmations counts by the first. */
static void a_commit_goes_by_what_was_confirmed_before_it(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    sp_replica me = anna->identity.replica;
    (void)test_party_account(anna, "One", "A-1");
    (void)test_party_sync(anna, branch);
    (void)test_party_account(anna, "Two", "A-1");
    new_editions(w);
    (void)test_party_sync(anna, branch);
    (void)test_party_account(anna, "Three", "A-1");
    (void)test_party_sync(anna, branch);
    assert_int_equal(floor_of(branch, me, 2).dictionary, 1);
    assert_int_equal(floor_of(branch, me, 3).dictionary, 2);
    assert_int_equal(
        floor_of(branch, sp_replica_make(ANNA, 99), 3).dictionary, 0);
}

static void a_commit_that_names_older_ones_counts_as_made_under_those(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    test_forge_text(&f, &a, 5, "queued before");
    test_forge_text(&f, &a, 5, "made after");
    struct sp_batch b = test_forge_batch(&f);
    new_editions(w);
    struct sp_tx tx;
    struct sp_peer_state p = { .device = ANNA,
        .confirmed = {
            { .dictionary = 2, .policy = 1, .roster = 1 }, f.replica, 2 } };
    test_party_begin(branch, &tx, true);
    assert_int_equal(sp_node_put_peer(&tx, &p), SP_OK);
    assert_int_equal(test_party_commit(branch, &tx), SP_OK);
    assert_int_equal(test_forge_push(branch, anna, &b, NULL), SP_OK);
    assert_int_equal(
        test_party_verdict(branch, f.replica, 2).kind, SP_ACCEPTED);
    struct sp_verdict v = test_party_verdict(branch, f.replica, 3);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.code, SP_E_RETIRED);
    assert_int_equal(v.field, 5);
}

/* Reps log no visits any more. */
static const struct test_change no_visits[] = {
    { "rule = 103; entity = \"visit\"; create = true;",
        "rule = 103; entity = \"visit\"; create = false;" },
    { "write = [ \"name\", \"alias\",", "write = [ \"alias\"," },
    { "initial = [ \"number\", \"owner_id\"",
        "initial = [ \"name\", \"number\", \"owner_id\"" },
};

static void check_verdict(struct test_party *p, const struct test_forge *f,
    uint64_t n, enum sp_verdict_kind kind, sp_err code)
{
    struct sp_verdict v = test_party_verdict(p, f->replica, n);

    assert_int_equal(v.kind, kind);
    assert_int_equal(v.code, code);
}

static void push(
    struct test_party *server, struct test_party *peer, struct test_forge *f)
{
    struct sp_batch b = test_forge_batch(f);

    assert_int_equal(test_forge_push(server, peer, &b, NULL), SP_OK);
}

/* SYNC J4, for visits and notes alone. */
static void a_visit_is_judged_by_the_policy_of_its_day(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref a = test_forge_account(&f, "Corner shop", "A-1");
    push(branch, anna, &f);
    struct sp_ref v = test_forge_visit(&f, &a);
    test_forge_text(&f, &a, 2, "Renamed");
    test_edition_policy(w->org, no_visits, 3);
    test_party_give_documents(branch);
    push(branch, anna, &f);
    check_verdict(branch, &f, 2, SP_ACCEPTED, SP_OK);
    assert_true(test_party_view(branch, &v).count > 0);
    /* An account is no evidence: the newest counts. */
    check_verdict(branch, &f, 3, SP_REFUSED, SP_E_FIELD_DENIED);
    test_party_give_documents(anna);
    (void)test_forge_visit(&f, &a);
    push(branch, anna, &f);
    check_verdict(branch, &f, 4, SP_REFUSED, SP_E_DENIED);
}

static sp_err count_one(void *arg, const struct sp_document *d)
{
    (void)d;
    (*(unsigned *)arg)++;
    return SP_OK;
}

static void the_newest_policies_of_before_are_kept(void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2);
    unsigned count = 0;
    struct sp_tx tx;

    for (unsigned i = 0; i < SP_PAST_POLICIES_MAX + 4; i++) {
        (void)test_org_publish_policy(w->org);
        test_party_give_documents(branch);
    }
    test_party_begin(branch, &tx, false);
    assert_int_equal(sp_node_walk_past(&tx, count_one, &count), SP_OK);
    sp_tx_abort(&tx);
    assert_int_equal(count, SP_PAST_POLICIES_MAX);
    struct test_party *anna = test_world_party(w, ANNA);
    (void)test_party_sync(anna, branch);
    test_party_begin(anna, &tx, false);
    count = 0;
    assert_int_equal(sp_node_walk_past(&tx, count_one, &count), SP_OK);
    sp_tx_abort(&tx);
    assert_int_equal(count, 0); /* a device judges nobody */
}

/* ---- many documents ---------------------------------------------------- */

#define MANY  3000u
#define FIRST 10000u

/* Certificates of devices that nobody has, signed by the branch's server. */
static void certify_many(struct test_world *w, struct test_party *server)
{
    const struct test_org_unit *unit = &w->org->unit[TEST_ORG_A];
    struct sp_buf body;

    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    for (uint32_t i = 0; i < MANY; i += 250) {
        struct sp_tx tx;
        test_party_begin(server, &tx, true);
        for (uint32_t k = i; k < i + 250; k++) {
            char number[12];
            struct sp_device d = { .device = FIRST + k,
                .user = 11,
                .unit = unit->roster.unit,
                .status = SP_DEVICE_ACTIVE };
            (void)snprintf(number, sizeof number, "%u", d.device);
            sp_buf_reset(&body);
            sp_roster_encode_device(&d, &body);
            struct sp_document doc = { .kind = SP_DOC_DEVICE,
                .unit = sp_slice_text(number),
                .serial = 1,
                .issuer = 2,
                .body = sp_buf_slice(&body) };
            struct sp_slice bytes = test_org_sign(w->org, &doc, &unit->keys);
            assert_int_equal(sp_node_take_document(&tx, bytes), SP_OK);
        }
        /* The rules are made anew once, at the end. */
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
    }
    sp_buf_free(&body);
    assert_int_equal(test_party_rebuild(server), SP_OK);
}

static unsigned documents_of(struct test_party *p)
{
    unsigned count = 0;
    struct sp_tx tx;

    test_party_begin(p, &tx, false);
    assert_int_equal(sp_node_walk_documents(&tx, count_one, &count), SP_OK);
    sp_tx_abort(&tx);
    return count;
}

static void three_thousand_certificates_go_up_and_another_branch_gets_them(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1),
                      *other = test_world_party(w, 3);
    certify_many(w, branch);
    (void)test_party_sync(branch, head);
    assert_true(documents_of(head) >= MANY);
    assert_int_equal(documents_of(head), documents_of(branch));
    (void)test_party_sync(other, head);
    assert_int_equal(documents_of(other), documents_of(head));
    assert_true(test_party_sync(branch, head).same);
}

#define WITH_WORLD(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_device_keeps_what_its_dictionary_does_not_know),
        WITH_WORLD(a_server_knows_what_a_device_had),
        WITH_WORLD(a_commit_goes_by_what_was_confirmed_before_it),
        WITH_WORLD(a_commit_that_names_older_ones_counts_as_made_under_those),
        WITH_WORLD(a_visit_is_judged_by_the_policy_of_its_day),
        WITH_WORLD(the_newest_policies_of_before_are_kept),
        WITH_WORLD(
            three_thousand_certificates_go_up_and_another_branch_gets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
