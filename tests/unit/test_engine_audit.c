/* Head office looks back at what branches accepted (SYNC J7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "edition.h"
#include "engine.h"
#include "forge.h"

#define MIA  110u
#define ANNA 111u

struct found {
    uint32_t count;
    struct sp_finding last;
    uint32_t user;
    uint64_t looked;
};

static sp_err note(void *arg, const struct sp_finding *f)
{
    struct found *out = arg;
    out->count++;
    out->last = *f;
    out->user = f->commit->user;
    return SP_OK;
}

static struct found audit(struct test_party *p)
{
    struct sp_tx tx;
    struct found f = { 0 };
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_audit_policy(&tx, note, &f, &f.looked), SP_OK);
    sp_tx_abort(&tx);
    return f;
}

static void what_the_policy_grants_is_not_found(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_ready(w, MIA),
                      *a = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref shop = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_visit(anna, &shop);
    assert_int_equal(test_party_rename(anna, &shop, "Shop"), SP_OK);
    test_party_sync(anna, a);
    test_party_sync(mia, a);
    assert_int_equal(test_party_move(mia, &shop, "A-2"), SP_OK);
    assert_int_equal(test_party_move(mia, &shop, "A-1"), SP_OK);
    test_party_sync(mia, a);
    test_party_sync(a, head);
    struct found f = audit(head);
    assert_int_equal(f.looked, 5);
    assert_int_equal(f.count, 0);
}

/* A branch whose judge was asleep: it says that it accepted what no rule
 * grants. */
static void what_no_rule_grants_is_found_and_stays(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *a = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct test_forge f = test_forge_new(anna, 99);
    struct sp_ref shop = test_forge_account(&f, "Corner shop", "A-1");
    test_forge_text(&f, &shop, 12, "A-2"); /* the branch's to say */
    struct sp_batch batch = test_forge_batch(&f);
    assert_int_equal(test_forge_push(head, a, &batch, NULL), SP_OK);
    assert_true(test_party_in_scope(head, &shop, "A-2"));
    struct found out = audit(head);
    assert_int_equal(out.looked, 2);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.last.n, 2);
    assert_int_equal(out.user, 11);
    assert_int_equal(out.last.judge, 2); /* who brought it as accepted */
    assert_int_equal(out.last.ref.type, 1);
    assert_int_not_equal(out.last.would.code, SP_OK);
    assert_true(out.last.stands);
    assert_true(test_party_in_scope(head, &shop, "A-2")); /* nothing done */
}

static void what_was_overwritten_is_found_as_such(void **state)
{
    static const struct test_change at_first[] = {
        { "write = [ \"name\", ", "write = [ " },
        { "initial = [ ", "initial = [ \"name\", " },
    };
    static const char *const elsewhere[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_ready(w, MIA),
                      *a = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref shop = test_party_account(mia, "Corner shop", "A-1");
    test_party_sync(mia, a);
    test_party_sync(anna, a);
    assert_int_equal(test_party_rename(anna, &shop, "Hers"), SP_OK);
    test_party_sync(anna, a);
    test_party_sync(mia, a);
    assert_int_equal(test_party_rename(mia, &shop, "His"), SP_OK);
    test_party_sync(mia, a);
    test_party_sync(a, head);
    assert_int_equal(audit(head).count, 0);
    /* A territory that goes to another afterwards takes nothing back, nor does
     * an account that moves. */
    test_org_assign(w->org, 11, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(head);
    assert_int_equal(audit(head).count, 0);
    assert_int_equal(test_party_move(mia, &shop, "A-2"), SP_OK);
    test_party_sync(mia, a);
    test_party_sync(a, head);
    assert_int_equal(audit(head).count, 0);
    /* A policy that takes the field away finds what was written before it. */
    test_edition_policy(w->org, at_first, 2);
    test_party_give_documents(head);
    struct found f = audit(head);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.user, 11);
    assert_false(f.last.stands);
}

/* A file brought in under a person's name is accepted as made. */
static void what_head_office_wrote_itself_is_not_looked_at(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, 1);
    head->identity.user = 11;
    (void)test_party_account(head, "Corner shop", "A-1");
    head->identity.user = 0;
    test_org_assign(w->org, 11, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_party_give_documents(head);
    struct found f = audit(head);
    assert_int_equal(f.looked, 0);
    assert_int_equal(f.count, 0);
}

static void only_head_office_looks_back(void **state)
{
    struct test_party *a = test_world_party(*state, 2);
    struct sp_tx tx;
    struct found f = { 0 };
    test_party_begin(a, &tx, false);
    assert_int_equal(sp_audit_policy(&tx, note, &f, &f.looked), SP_E_DENIED);
    sp_tx_abort(&tx);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_the_policy_grants_is_not_found),
        CASE(what_no_rule_grants_is_found_and_stays),
        CASE(what_was_overwritten_is_found_as_such),
        CASE(what_head_office_wrote_itself_is_not_looked_at),
        CASE(only_head_office_looks_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
