/* What speaks of an erased record leaves every log and every journal; the
 * chains that it stood in go on (PROTOCOL.md, "Erasure"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "forge.h"

#define HEAD   1u
#define A      2u
#define B      3u
#define MIA    110u
#define ANNA   111u
#define SECRET "Widow Zhang's corner shop"

/* ---- looking into stores ------------------------------------------------- */

struct search {
    const char *text;
    uint32_t found;
};

static sp_err search_value(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct search *s = arg;
    size_t size = strlen(s->text);
    (void)key;
    for (size_t i = 0; i + size <= value.size; i++) {
        s->found += memcmp(value.data + i, s->text, size) == 0 ? 1 : 0;
    }
    return SP_OK;
}

/* How often a store says a text, in any table. */
static uint32_t says(struct test_party *p, const char *text)
{
    struct search s = { text, 0 };
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        assert_int_equal(
            p->store.walk(tx.txn, (enum sp_table)t, (struct sp_slice){ 0 },
                (struct sp_slice){ 0 }, true, search_value, &s),
            SP_OK);
    }
    sp_tx_abort(&tx);
    return s.found;
}

static bool logs(struct test_party *p, sp_replica replica, uint64_t n)
{
    struct sp_slice bytes;
    struct sp_hash hash;
    struct sp_tx tx;
    test_party_begin(p, &tx, false);
    sp_err err = sp_log_bytes(&tx, replica, n, &bytes, &hash);
    sp_tx_abort(&tx);
    assert_true(err == SP_OK || err == SP_E_NOT_FOUND);
    return err == SP_OK;
}

/* ---- erasing, as retention does it -------------------------------------- */

static const uint8_t nil_byte = 0xc0, yes_byte = 0xc3;

static void empty(struct test_party *head, const struct sp_ref *ref)
{
    struct sp_draft_write write[64];
    struct sp_draft_change change = { *ref, false, 1, write };
    struct sp_draft draft = {
        .authority = SP_AUTHORITY_HEAD_OFFICE, .count = 1, .change = &change
    };
    struct sp_record r;
    struct sp_tx tx;
    write[0] = (struct sp_draft_write){ { SP_FIELD_DELETED, { NULL, 0 } },
        { &yes_byte, 1 } };
    test_party_begin(head, &tx, true);
    assert_int_equal(sp_state_get(&tx, ref, &head->arena, &r), SP_OK);
    for (uint32_t i = 0; i < r.count; i++) {
        uint16_t field = r.reg[i].key.field;
        if (field != SP_FIELD_DELETED &&
            !head->rules.derives(head->rules.self, ref->type, field)) {
            assert_true(change.count < 64);
            write[change.count++] =
                (struct sp_draft_write){ r.reg[i].key, { &nil_byte, 1 } };
        }
    }
    assert_int_equal(sp_commit_make_own(&tx, &draft, &head->arena), SP_OK);
    assert_int_equal(test_party_commit(head, &tx), SP_OK);
}

/* What retention does of a refused one: its item of the tray is emptied too. */
struct items {
    uint32_t count;
    struct sp_id id[4];
};

static sp_err note_refused(
    void *arg, struct sp_tx *tx, const struct sp_id *content)
{
    struct items *i = arg;
    (void)tx;
    i->id[i->count++] = *content;
    return SP_OK;
}

static struct sp_erasing step_all(
    struct test_party *head, uint32_t most, struct items *items)
{
    struct sp_erasing at = { .refused = note_refused, .arg = items };
    for (uint32_t i = 0; !at.done; i++) {
        struct sp_tx tx;
        assert_true(i < 100);
        test_party_begin(head, &tx, true);
        assert_int_equal(sp_erase_step(&tx, &at, most), SP_OK);
        assert_int_equal(test_party_commit(head, &tx), SP_OK);
    }
    return at;
}

static struct sp_erasing erase(
    struct test_world *w, const struct sp_ref *refs, uint32_t count)
{
    struct test_party *head = test_world_party(w, HEAD);
    struct items items = { .count = 0 };
    for (uint32_t i = 0; i < count; i++) {
        empty(head, &refs[i]);
    }
    return step_all(head, 3, &items);
}

static void up(struct test_world *w, uint32_t device)
{
    (void)test_party_sync(test_world_party(w, device), test_world_party(w, A));
    (void)test_party_sync(test_world_party(w, A), test_world_party(w, HEAD));
}

/* ---- what leaves ----------------------------------------------------------
 */

static void cap_12_it_leaves_log_and_journal_with_one_exchange_each(
    void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *head = test_world_party(w, HEAD);
    struct sp_ref a[2];
    a[1] = test_party_account(anna, SECRET, "A-1");
    a[0] = test_party_visit(anna, &a[1]);
    up(w, ANNA);
    (void)test_party_sync(anna, branch);
    assert_true(says(anna, SECRET) > 0 && says(branch, SECRET) > 0);
    struct sp_erasing at = erase(w, a, 2);
    assert_int_equal(at.erased, 2);
    assert_int_equal(at.shared, 0);
    assert_int_equal(says(head, SECRET), 0);
    (void)test_party_sync(branch, head);
    assert_int_equal(says(branch, SECRET), 0);
    (void)test_party_sync(anna, branch);
    assert_int_equal(says(anna, SECRET), 0);
    assert_int_equal(test_party_view(anna, &a[1]).count, 0);
    /* Nothing is left to say, and the chain goes on. */
    assert_true(test_party_sync(anna, branch).same);
    struct sp_ref next = test_party_account(anna, "Next shop", "A-1");
    up(w, ANNA);
    assert_string_equal(test_party_name(head, &next), "Next shop");
    assert_true(test_party_sync(branch, head).same);
}

static void a_second_run_finds_nothing(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA);
    struct items items = { .count = 0 };
    struct sp_ref a = test_party_account(anna, SECRET, "A-1");
    up(w, ANNA);
    assert_int_equal(erase(w, &a, 1).erased, 1);
    struct sp_erasing again = step_all(test_world_party(w, HEAD), 1000, &items);
    assert_int_equal(again.erased + again.shared, 0);
}

static void what_head_office_wrote_itself_leaves_its_log(void **state)
{
    struct test_world *w = *state;
    struct test_party *head = test_world_party(w, HEAD),
                      *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_draft_write name = { { 2, { NULL, 0 } },
        test_party_text(head, SECRET) };
    struct sp_draft_change change = { a, false, 1, &name };
    struct sp_draft draft = {
        .authority = SP_AUTHORITY_HEAD_OFFICE, .count = 1, .change = &change
    };
    struct sp_tx tx;
    up(w, ANNA);
    test_party_begin(head, &tx, true);
    assert_int_equal(sp_commit_make_own(&tx, &draft, &head->arena), SP_OK);
    assert_int_equal(test_party_commit(head, &tx), SP_OK);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_string_equal(test_party_name(anna, &a), SECRET);
    assert_int_equal(erase(w, &a, 1).erased, 2);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_int_equal(
        says(head, SECRET) + says(branch, SECRET) + says(anna, SECRET), 0);
    assert_true(test_party_sync(branch, head).same);
}

/* ---- what stays, and for how long ---------------------------------------- */

static void one_that_speaks_of_another_record_too_stays(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, HEAD);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1"),
                  b = test_party_account(anna, "Other shop", "A-1");
    struct sp_draft_write first = { { 2, { NULL, 0 } },
        test_party_text(anna, SECRET) };
    struct sp_draft_write second = { { 2, { NULL, 0 } },
        test_party_text(anna, "Other name") };
    struct sp_draft_change change[] = { { a, false, 1, &first },
        { b, false, 1, &second } };
    struct sp_draft draft = { .authority = SP_AUTHORITY_PERSON,
        .user = anna->identity.user,
        .count = 2,
        .change = change };
    struct sp_verdict v;
    uint64_t n;
    struct sp_tx tx;
    test_party_begin(anna, &tx, true);
    assert_int_equal(sp_commit_make(&tx, &draft, &v, &n), SP_OK);
    assert_int_equal(v.kind, SP_ACCEPTED);
    assert_int_equal(test_party_commit(anna, &tx), SP_OK);
    up(w, ANNA);
    struct sp_erasing at = erase(w, &a, 1);
    assert_int_equal(at.erased, 1);
    assert_int_equal(at.shared, 1);
    assert_true(logs(head, anna->identity.replica, n));
    /* With the other one it goes. */
    at = erase(w, &b, 1);
    assert_int_equal(at.erased, 2);
    assert_int_equal(at.shared, 0);
    (void)test_party_sync(test_world_party(w, A), head);
    (void)test_party_sync(anna, test_world_party(w, A));
    assert_int_equal(says(anna, SECRET), 0);
}

static void one_that_is_not_decided_stays(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, HEAD);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct test_forge f = test_forge_new(anna, 77);
    struct sp_ref nobody = test_party_ref(anna, 1);
    up(w, ANNA);
    /* A visit to an account that nobody has heard of waits for it. */
    (void)test_forge_visit(&f, &nobody);
    struct sp_batch b = test_forge_batch(&f);
    assert_int_equal(test_forge_push(head, anna, &b, NULL), SP_OK);
    assert_int_equal(erase(w, &a, 1).erased, 1);
    assert_true(logs(head, f.replica, 1));
}

static void an_ordinary_deletion_erases_nothing(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *head = test_world_party(w, HEAD);
    struct items items = { .count = 0 };
    struct sp_ref a = test_party_account(anna, SECRET, "A-1");
    struct sp_draft_write gone = { { SP_FIELD_DELETED, { NULL, 0 } },
        { &yes_byte, 1 } };
    struct sp_draft_change change = { a, false, 1, &gone };
    up(w, ANNA);
    (void)test_party_sync(mia, test_world_party(w, A));
    assert_int_equal(test_party_make(mia, &change, SP_AUTHORITY_BRANCH), SP_OK);
    up(w, MIA);
    assert_int_equal(step_all(head, 100, &items).erased, 0);
    assert_true(says(head, SECRET) > 0);
}

/* Accepted, but the cut exchange has not brought the base so far: the bytes
 * are needed once more where the record is. */
static void a_journal_keeps_it_until_the_base_has_it(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *head = test_world_party(w, HEAD);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    assert_int_equal(test_party_rename(anna, &a, SECRET), SP_OK);
    struct sp_ref b = test_party_account(anna, "Widow Zhang", "A-1");
    test_party_cut(anna, branch, 3);
    (void)test_party_sync(branch, head);
    assert_true(says(head, SECRET) > 0);
    const struct sp_ref both[] = { a, b };
    assert_int_equal(erase(w, both, 2).erased, 3);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_true(logs(anna, anna->identity.replica, 2));
    assert_false(logs(anna, anna->identity.replica, 3));
    assert_int_equal(test_party_view(anna, &b).count, 0);
    (void)test_party_sync(anna, branch);
    assert_int_equal(says(anna, SECRET), 0);
    assert_true(test_party_sync(anna, branch).same);
}

/* ---- refusals --------------------------------------------------------------
 */

static void a_refused_one_goes_with_its_item_of_the_tray(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *branch = test_world_party(w, A),
                      *head = test_world_party(w, HEAD);
    struct items items = { .count = 0 };
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_sync(anna, branch);
    (void)test_party_sync(mia, branch);
    assert_int_equal(test_party_move(mia, &a, "A-2"), SP_OK);
    (void)test_party_sync(mia, branch);
    assert_int_equal(test_party_rename(anna, &a, SECRET), SP_OK);
    assert_int_equal(test_party_sync(anna, branch).refused, 1);
    (void)test_party_sync(branch, head);
    assert_int_equal(test_party_status(anna).refused, 1);
    empty(head, &a);
    assert_int_equal(step_all(head, 2, &items).erased, 3);
    assert_int_equal(items.count, 1);
    struct sp_ref item = { 240, items.id[0] };
    empty(head, &item);
    /* The item was made by a commit as well. */
    assert_int_equal(step_all(head, 100, &items).erased, 1);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_int_equal(
        says(head, SECRET) + says(branch, SECRET) + says(anna, SECRET), 0);
    assert_int_equal(test_party_status(anna).refused, 0);
    assert_true(test_party_sync(anna, branch).same);
    assert_true(test_party_sync(branch, head).same);
}

/* ---- chains with gaps ------------------------------------------------------
 */

/* A server that has nothing of the chain, and has not asked head office: the
 * device sends it whole, the hash in the place of what was erased. */
static void a_server_that_has_nothing_takes_the_chain(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, A),
                      *other = test_world_party(w, B),
                      *head = test_world_party(w, HEAD);
    struct sp_hash here, there;
    struct sp_tx tx;
    struct sp_ref first = test_party_account(anna, "First shop", "A-1");
    struct sp_ref a = test_party_account(anna, SECRET, "A-1");
    (void)test_party_sync(other, head);
    up(w, ANNA);
    assert_int_equal(erase(w, &a, 1).erased, 1);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_false(logs(anna, anna->identity.replica, 2));
    assert_int_equal(test_party_rename(anna, &first, "Last name"), SP_OK);
    assert_int_equal(test_party_sync(anna, other).pushed, 3);
    assert_true(logs(other, anna->identity.replica, 1));
    assert_false(logs(other, anna->identity.replica, 2));
    assert_true(logs(other, anna->identity.replica, 3));
    test_party_begin(other, &tx, false);
    assert_int_equal(
        sp_log_hash(&tx, anna->identity.replica, 2, &there), SP_OK);
    sp_tx_abort(&tx);
    test_party_begin(anna, &tx, false);
    assert_int_equal(sp_log_hash(&tx, anna->identity.replica, 2, &here), SP_OK);
    sp_tx_abort(&tx);
    assert_memory_equal(here.b, there.b, sizeof here.b);
    /* It goes on from there, and what it lacks is no reason to stop. */
    (void)test_party_sync(other, head);
    (void)test_party_sync(branch, head);
    (void)test_party_sync(anna, branch);
    assert_string_equal(test_party_name(head, &first), "Last name");
    assert_int_equal(says(other, SECRET), 0);
}

/* Her own branch has not asked since, but the one that she comes to has. */
static void a_branch_that_never_had_it_tells_its_author(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *other = test_world_party(w, B),
                      *head = test_world_party(w, HEAD);
    struct sp_ref a = test_party_account(anna, SECRET, "A-1");
    up(w, ANNA);
    (void)test_party_sync(anna, test_world_party(w, A));
    assert_int_equal(erase(w, &a, 1).erased, 1);
    (void)test_party_sync(other, head);
    assert_true(logs(anna, anna->identity.replica, 1));
    (void)test_party_sync(anna, other);
    assert_false(logs(anna, anna->identity.replica, 1));
}

/* Who puts another hash there proves nothing by his head. */
static void a_hash_that_the_head_does_not_prove_is_set_aside(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, HEAD);
    struct test_forge f = test_forge_new(anna, 78);
    uint8_t wrong[SP_HASH_BYTES] = { 1, 2, 3 };
    (void)test_forge_account(&f, "One", "A-1");
    (void)test_forge_account(&f, "Two", "A-1");
    struct sp_batch b = test_forge_batch(&f);
    b.commit[0] = SP_SLICE(wrong);
    assert_int_equal(test_forge_push(head, anna, &b, NULL), SP_OK);
    struct sp_verdict v = test_party_verdict(head, f.replica, 2);
    assert_int_equal(v.kind, SP_DEFERRED);
    assert_int_equal(v.code, SP_E_UNPROVEN);
}

static void the_hash_of_what_is_logged_has_to_fit(void **state)
{
    struct test_world *w = *state;
    struct test_party *anna = test_world_party(w, ANNA),
                      *head = test_world_party(w, HEAD);
    struct test_forge f = test_forge_new(anna, 79);
    uint8_t wrong[SP_HASH_BYTES] = { 1, 2, 3 };
    (void)test_forge_account(&f, "One", "A-1");
    struct sp_batch b = test_forge_batch(&f);
    assert_int_equal(test_forge_push(head, anna, &b, NULL), SP_OK);
    b.commit[0] = SP_SLICE(wrong);
    assert_int_equal(test_forge_push(head, anna, &b, NULL), SP_E_FORK);
    assert_true(logs(head, f.replica, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            cap_12_it_leaves_log_and_journal_with_one_exchange_each,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_second_run_finds_nothing, test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            what_head_office_wrote_itself_leaves_its_log, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            one_that_speaks_of_another_record_too_stays, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_decided_stays,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(an_ordinary_deletion_erases_nothing,
            test_world_setup, test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_journal_keeps_it_until_the_base_has_it, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_refused_one_goes_with_its_item_of_the_tray, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_server_that_has_nothing_takes_the_chain, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_branch_that_never_had_it_tells_its_author, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(
            a_hash_that_the_head_does_not_prove_is_set_aside, test_world_setup,
            test_world_teardown),
        cmocka_unit_test_setup_teardown(the_hash_of_what_is_logged_has_to_fit,
            test_world_setup, test_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
