/* The organisation's catalogue: head office judges it, every branch hands it
 * on (SYNC S1, S7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define HEAD      1u
#define A         2u
#define B         3u
#define ANNA      111u
#define MIA       110u
#define HANA      102u
#define CARE_RULE 17u
#define RULE_NAME 1u

/* A care rule with a name, by the party's person. */
static sp_err publish(
    struct test_party *p, struct sp_ref *out, const char *name, bool create)
{
    struct sp_draft_write w = { { RULE_NAME, { 0 } },
        test_party_text(p, name) };

    if (create) {
        *out = test_party_ref(p, CARE_RULE);
    }
    struct sp_draft_change c = { *out, create, 1, &w };
    return test_party_make(p, &c, SP_AUTHORITY_HEAD_OFFICE);
}

static uint32_t names(struct test_party *p, const struct sp_ref *rule)
{
    return test_party_values(p, rule, RULE_NAME);
}

/* hana is in marketing. */
static struct test_world *begin(void **state)
{
    struct test_world *w = *state;
    static const uint16_t marketing = 7;

    test_org_person(w->org, 2, NULL)->role = &marketing;
    (void)test_org_publish(w->org, TEST_ORG_HEAD);
    test_party_give_documents(test_world_party(w, HEAD));
    test_party_sync(test_world_party(w, A), test_world_party(w, HEAD));
    (void)test_world_ready(w, HANA);
    return w;
}

static void a_rule_of_head_office_reaches_every_device_by_its_branch(
    void **state)
{
    struct test_world *w = begin(state);
    struct test_party *head = test_world_party(w, HEAD),
                      *a = test_world_party(w, A),
                      *hana = test_world_party(w, HANA),
                      *anna = test_world_party(w, ANNA);
    struct sp_ref rule;

    test_party_sync(anna, a);
    assert_int_equal(publish(hana, &rule, "Call after a week", true), SP_OK);
    test_party_sync(hana, head);
    assert_int_equal(names(head, &rule), 1);
    test_party_sync(anna, a);
    assert_int_equal(names(anna, &rule), 0);
    test_party_sync(a, head);
    test_party_sync(anna, a);
    assert_int_equal(names(anna, &rule), 1);
    assert_true(test_party_sync(anna, a).same);
    assert_true(test_party_sync(a, head).same);
    assert_int_equal(publish(hana, &rule, "Call after two", false), SP_OK);
    test_party_sync(hana, head);
    test_party_sync(a, head);
    test_party_sync(anna, a);
    assert_int_equal(names(anna, &rule), 1);
    assert_int_equal(test_party_status(anna).alarms, 0);
    assert_int_equal(test_party_status(a).alarms, 0);
}

/* Head office judges: a branch passes on what its people write. */
static void a_rep_writes_nothing_there(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref rule;

    assert_int_equal(publish(anna, &rule, "Mine", true), SP_E_SCOPE);
}

static void who_has_been_further_elsewhere_keeps_what_he_read(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *head = test_world_party(w, HEAD),
                      *a = test_world_party(w, A), *b = test_world_party(w, B),
                      *hana = test_world_party(w, HANA),
                      *anna = test_world_party(w, ANNA);
    struct sp_ref rule;

    (void)test_world_ready(w, 121u); /* branch B is there */
    assert_int_equal(publish(hana, &rule, "Call after a week", true), SP_OK);
    test_party_sync(hana, head);
    test_party_sync(a, head);
    test_party_sync(anna, a);
    assert_int_equal(names(anna, &rule), 1);
    test_party_sync(anna, b); /* which has not got it yet */
    assert_int_equal(names(anna, &rule), 1);
    test_party_sync(anna, a);
    test_party_sync(b, head);
    test_party_sync(anna, b);
    assert_int_equal(names(anna, &rule), 1);
    assert_int_equal(test_party_status(anna).alarms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_rule_of_head_office_reaches_every_device_by_its_branch,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_rep_writes_nothing_there, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            who_has_been_further_elsewhere_keeps_what_he_read, test_world_setup,
            test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
