/* Rulebook: which signed documents count. */
#include "court.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

static sp_err offer(struct test_court *c, struct sp_slice document)
{
    return c->rules.check_document(c->rules.self, document);
}

static void a_newer_document_is_taken_and_an_older_one_is_known(void **state)
{
    struct test_court *c = *state;
    struct sp_slice first = test_org_document(c->org, 0), old;

    old = sp_rulebook_find_document(c->book, SP_DOC_POLICY, text(""));
    assert_int_equal(offer(c, first), SP_E_EXISTS);
    struct sp_slice next = test_org_publish_policy(c->org);
    assert_int_equal(offer(c, next), SP_OK);
    test_court_rebuild(c);
    assert_int_equal(offer(c, next), SP_E_EXISTS);
    assert_int_equal(offer(c, old), SP_E_EXISTS);
    assert_int_equal(sp_rulebook_serials(c->book).policy, 2);
}

static void a_changed_document_is_refused(void **state)
{
    struct test_court *c = *state;
    struct sp_slice next = test_org_publish_policy(c->org);
    static uint8_t copy[8192];

    assert_true(next.size <= sizeof(copy));
    for (size_t i = 0; i < next.size; i += 7) {
        memcpy(copy, next.data, next.size);
        copy[i] ^= 0x10;
        sp_err err = offer(c, sp_slice_of(copy, next.size));
        assert_true(err == SP_E_DOCUMENT || err == SP_E_EXISTS);
    }
    assert_int_equal(
        offer(c, sp_slice_of(next.data, next.size - 1u)), SP_E_DOCUMENT);
}

static sp_err offer_device(struct test_court *c, uint32_t issuer,
    const struct test_org_keys *signer, const struct sp_device *device,
    uint32_t serial)
{
    struct sp_buf body;
    char number[12];

    (void)snprintf(number, sizeof(number), "%u", device->device);
    sp_buf_init(&body, 4096);
    sp_roster_encode_device(device, &body);
    struct sp_document d = { .kind = SP_DOC_DEVICE,
        .unit = text(number),
        .serial = serial,
        .issuer = issuer,
        .body = sp_buf_slice(&body) };
    sp_err err = offer(c, test_org_sign(c->org, &d, signer));
    sp_buf_free(&body);
    return err;
}

static void a_branch_signs_devices_of_its_own_people_only(void **state)
{
    struct test_court *c = *state;
    struct test_org *o = c->org;
    const struct test_org_keys *a = &o->unit[TEST_ORG_A].keys;
    const struct test_org_keys *head = &o->unit[TEST_ORG_HEAD].keys;
    struct sp_device d = o->device[3].device;

    d.device = 500;
    d.user = 11;
    d.unit = text("A");
    assert_int_equal(offer_device(c, 2, a, &d, 1), SP_OK);
    d.unit = text("B");
    assert_int_equal(offer_device(c, 2, a, &d, 1), SP_E_DOCUMENT);
    d.unit = text("A");
    d.user = 0; /* a server */
    assert_int_equal(offer_device(c, 2, a, &d, 1), SP_E_DOCUMENT);
    assert_int_equal(offer_device(c, 1, head, &d, 1), SP_OK);
    d.unit = text(""); /* a head office */
    assert_int_equal(offer_device(c, 1, head, &d, 1), SP_E_DOCUMENT);
    assert_int_equal(offer_device(c, 0, &o->root, &d, 1), SP_OK);
    d.unit = text("A");
    d.user = 11;
    assert_int_equal(offer_device(c, 3, a, &d, 1), SP_E_DOCUMENT);
    assert_int_equal(offer_device(c, 0, head, &d, 1), SP_E_DOCUMENT);
    assert_int_equal(offer_device(c, 111, a, &d, 1), SP_E_DOCUMENT);
}

static void a_branch_signs_neither_policy_nor_roster(void **state)
{
    struct test_court *c = *state;
    struct test_org *o = c->org;
    struct sp_document d = {
        .kind = SP_DOC_POLICY, .serial = 2, .issuer = 2, .body = o->policy_body
    };
    struct sp_buf body;

    assert_int_equal(offer(c, test_org_sign(o, &d, &o->unit[TEST_ORG_A].keys)),
        SP_E_DOCUMENT);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode(&o->unit[TEST_ORG_A].roster, &body);
    d = (struct sp_document){ .kind = SP_DOC_ROSTER,
        .unit = text("A"),
        .serial = 9,
        .issuer = 2,
        .body = sp_buf_slice(&body) };
    assert_int_equal(offer(c, test_org_sign(o, &d, &o->unit[TEST_ORG_A].keys)),
        SP_E_DOCUMENT);
    d.issuer = 1;
    d.unit = text("B"); /* says one unit, speaks of another */
    assert_int_equal(
        offer(c, test_org_sign(o, &d, &o->unit[TEST_ORG_HEAD].keys)),
        SP_E_DOCUMENT);
    d.unit = text("A");
    assert_int_equal(
        offer(c, test_org_sign(o, &d, &o->unit[TEST_ORG_HEAD].keys)), SP_OK);
    sp_buf_free(&body);
}

static void what_head_office_revoked_no_branch_brings_back(void **state)
{
    struct test_court *c = *state;
    struct test_org_device *d = test_org_find(c->org, 111);

    (void)test_org_publish_device(c->org, d, SP_DEVICE_REVOKED);
    test_court_rebuild(c);
    struct sp_device again = d->device;
    again.status = SP_DEVICE_ACTIVE;
    assert_int_equal(
        offer_device(c, 2, &c->org->unit[TEST_ORG_A].keys, &again, 50),
        SP_E_DOCUMENT);
    assert_int_equal(
        offer_device(c, 1, &c->org->unit[TEST_ORG_HEAD].keys, &again, 50),
        SP_OK);
}

static void a_revoked_server_signs_nothing_more(void **state)
{
    struct test_court *c = *state;
    struct sp_device d = c->org->device[3].device;

    (void)test_org_publish_device(
        c->org, test_org_find(c->org, 2), SP_DEVICE_REVOKED);
    /* Its people's devices need another signature: only what is new counts
     * here, so build from the documents that head office signed. */
    c->org->document_count = 8;
    test_court_rebuild(c);
    d.device = 500;
    d.user = 11;
    d.unit = text("A");
    assert_int_equal(offer_device(c, 2, &c->org->unit[TEST_ORG_A].keys, &d, 1),
        SP_E_DOCUMENT);
}

static void bad_documents_are_left_out_and_reported(void **state)
{
    struct test_court *c = *state;
    struct sp_slice documents[4];
    struct sp_rulebook_report report;
    struct sp_rulebook *b = NULL;
    uint8_t wrong[32] = { 1 };

    documents[0] = test_org_document(c->org, 0);
    documents[1] = sp_slice_of("?", 1);
    documents[2] = test_org_document(c->org, 1);
    documents[3] = test_org_document(c->org, 0);
    assert_int_equal(sp_rulebook_build(documents, 4, &c->org->id,
                         c->org->root.sign_public, &c->arena, &b, &report),
        SP_OK);
    assert_int_equal(report.taken, 2);
    assert_int_equal(report.older, 1);
    assert_int_equal(report.rejected, 1);
    assert_int_equal(report.first, 1);
    assert_int_equal(sp_rulebook_build(documents, 4, &c->org->id, wrong,
                         &c->arena, &b, &report),
        SP_OK);
    assert_int_equal(report.taken, 0);
    assert_int_equal(report.rejected, 4);
    /* Without documents everything is denied, nothing breaks. */
    c->book = b;
    struct sp_rules rules = sp_rulebook_rules(b);
    assert_int_equal(rules.lane(rules.self, 1), 7);
    assert_false(rules.reads(rules.self, 2, 1, 1));
    assert_null(sp_rulebook_find_head_office(b));
}

static void the_order_of_documents_does_not_matter(void **state)
{
    struct test_court *c = *state;
    struct sp_slice all[COUNT(c->org->document)];
    struct sp_rulebook_report report;
    struct sp_rulebook *b = NULL;
    uint32_t count = c->org->document_count;

    for (uint32_t turn = 0; turn < count; turn++) {
        for (uint32_t i = 0; i < count; i++) {
            all[(i * 5u + turn) % count] = c->org->document[i].bytes;
        }
        assert_true(count % 5u != 0);
        assert_int_equal(sp_rulebook_build(all, count, &c->org->id,
                             c->org->root.sign_public, &c->arena, &b, &report),
            SP_OK);
        assert_int_equal(report.taken, count);
        sp_arena_reset(&c->arena);
    }
}

static void the_higher_roster_serial_wins_while_somebody_moves(void **state)
{
    struct test_court *c = *state;
    struct test_org_unit *b = &c->org->unit[TEST_ORG_B];
    struct sp_person *anna = test_org_person(c->org, 11, NULL);

    b->person[b->roster.person_count++] = *anna;
    b->territory[b->roster.territory_count++] =
        c->org->unit[TEST_ORG_A].territory[0];
    (void)test_org_publish(c->org, TEST_ORG_B);
    test_court_rebuild(c);
    assert_int_equal(sp_rulebook_find_unit_of(c->book, 11)->server, 3);
    assert_int_equal(
        sp_rulebook_find_unit_serving(c->book, text("A-1"))->server, 3);
    (void)test_org_publish(c->org, TEST_ORG_A);
    test_court_rebuild(c);
    assert_int_equal(sp_rulebook_find_unit_of(c->book, 11)->server, 2);
}

#define WITH_COURT(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_court_setup, test_court_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COURT(a_newer_document_is_taken_and_an_older_one_is_known),
        WITH_COURT(a_changed_document_is_refused),
        WITH_COURT(a_branch_signs_devices_of_its_own_people_only),
        WITH_COURT(a_branch_signs_neither_policy_nor_roster),
        WITH_COURT(what_head_office_revoked_no_branch_brings_back),
        WITH_COURT(a_revoked_server_signs_nothing_more),
        WITH_COURT(bad_documents_are_left_out_and_reported),
        WITH_COURT(the_order_of_documents_does_not_matter),
        WITH_COURT(the_higher_roster_serial_wins_while_somebody_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
