/* What is derived (DRV), counters and sets across parties: made by servers,
 * seen by those who may, equal everywhere, within the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define ANNA     111u
#define MIA      110u
#define HANA     102u /* in marketing: the masked phone, not the phone */
#define ADDRESS  8u
#define DISTRICT 66u
#define PHONE    10u
#define POINTS   65u
#define MASKED   67u
#define TAGS     18u

static const struct sp_slice none = { NULL, 0 };

static sp_err write_phone(
    struct test_party *p, const struct sp_ref *ref, const char *phone)
{
    struct sp_draft_write w = { { PHONE, { 0 } }, test_party_text(p, phone) };
    struct sp_draft_change c = { *ref, false, 1, &w };

    return test_party_make(p, &c, SP_AUTHORITY_PERSON);
}

/* Text as people type it. */
static sp_err write_typed(struct test_party *p, const struct sp_ref *ref,
    uint16_t field, const char *typed)
{
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(p->book), ref->type);
    struct sp_buf value;
    sp_err err;

    sp_buf_init(&value, 4096);
    assert_int_equal(sp_dictionary_parse_value(sp_dictionary_field(e, field),
                         sp_slice_text(typed), &value),
        SP_OK);
    struct sp_draft_write w = { { field, { 0 } }, sp_buf_slice(&value) };
    struct sp_draft_change c = { *ref, false, 1, &w };
    err = test_party_make(p, &c, SP_AUTHORITY_PERSON);
    sp_buf_free(&value);
    return err;
}

static sp_err count(struct test_party *p, const struct sp_ref *ref, uint8_t n)
{
    struct sp_draft_write w = { { POINTS, sp_commit_make_element() },
        test_party_number(p, n) };
    struct sp_draft_change c = { *ref, false, 1, &w };

    return test_party_make(p, &c, SP_AUTHORITY_PERSON);
}

/* The shown text of a field; "" when there is none. */
static const char *text_of(
    struct test_party *p, const struct sp_ref *ref, uint16_t field)
{
    static char text[64];
    struct sp_record r = test_party_view(p, ref);
    const struct sp_register *reg = sp_record_find(&r, field, none);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);
    struct sp_slice t = { NULL, 0 };
    struct sp_rd rd;

    if (s != NULL) {
        sp_rd_init(&rd, s->value);
        t = sp_rd_peek(&rd) == SP_KIND_STR ? sp_rd_str(&rd, 60) : t;
    }
    (void)snprintf(
        text, sizeof text, "%.*s", (int)t.size, (const char *)t.data);
    return text;
}

static int64_t points_of(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = test_party_view(p, ref);
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(p->book), 1);

    return sp_dictionary_count(sp_dictionary_field(e, POINTS), &r, NULL);
}

/* Everything that anybody has to say is said. */
static void settle(struct test_world *w)
{
    struct test_party *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);

    for (int i = 0; i < 2; i++) {
        test_party_sync(test_world_party(w, ANNA), branch);
        test_party_sync(test_world_party(w, MIA), branch);
        test_party_sync(branch, head);
        test_party_sync(test_world_party(w, HANA), branch); /* serves A-1 */
    }
}

static struct test_world *begin(void **state)
{
    struct test_world *w = *state;
    static const uint16_t marketing = 7;
    struct sp_person *hana = test_org_person(w->org, 2, NULL);

    hana->role = &marketing;
    (void)test_org_publish(w->org, TEST_ORG_HEAD);
    test_party_give_documents(test_world_party(w, 1));
    test_party_sync(test_world_party(w, 2), test_world_party(w, 1));
    (void)test_world_ready(w, MIA);
    (void)test_world_ready(w, HANA);
    return w;
}

static uint64_t alarms(struct test_world *w)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < w->count; i++) {
        sum += test_party_status(w->party[i]).alarms;
    }
    return sum;
}

static void a_reader_of_the_image_gets_only_that(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *hana = test_world_party(w, HANA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    assert_int_equal(write_phone(anna, &a, "+8613812345678"), SP_OK);
    settle(w);
    assert_string_equal(text_of(hana, &a, MASKED), "****5678");
    assert_string_equal(text_of(hana, &a, PHONE), "");
    assert_string_equal(text_of(anna, &a, MASKED), "");
    assert_int_equal(write_phone(anna, &a, "+8613800000001"), SP_OK);
    settle(w);
    assert_string_equal(text_of(hana, &a, MASKED), "****0001");
    assert_int_equal(alarms(w), 0);
}

static void an_image_that_its_author_may_not_see_costs_him_no_exchange(
    void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    settle(w);
    assert_true(test_party_sync(anna, branch).same);
    assert_int_equal(write_phone(anna, &a, "+8613812345678"), SP_OK);
    assert_false(test_party_sync(anna, branch).same);
    assert_true(test_party_sync(anna, branch).same);
    /* What she may see comes in the exchange that made it. */
    assert_int_equal(
        write_typed(anna, &a, ADDRESS, "CN; Shanghai; Shanghai; Pudong"),
        SP_OK);
    (void)test_party_sync(anna, branch);
    assert_string_equal(text_of(anna, &a, DISTRICT), "Pudong");
    assert_true(test_party_sync(anna, branch).same);
}

/* Neither a district that was derived of it nor what somebody else brought has
 * to wait for the next look. */
static void an_edit_in_an_open_session_brings_its_image_back(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_link *la, *lb;

    la = test_party_dial(anna, branch);
    lb = test_party_answer(branch);
    assert_int_equal(test_party_play(anna, la, branch, lb), SP_OK);
    (void)test_party_sync(mia, branch);
    assert_int_equal(test_party_rename(mia, &a, "Mia's shop"), SP_OK);
    (void)test_party_sync(mia, branch);
    assert_int_equal(
        write_typed(anna, &a, ADDRESS, "CN; Shanghai; Shanghai; Pudong"),
        SP_OK);
    assert_int_equal(sp_link_again(la), SP_OK);
    assert_int_equal(test_party_play(anna, la, branch, lb), SP_OK);
    assert_string_equal(text_of(anna, &a, DISTRICT), "Pudong");
    assert_string_equal(test_party_name(anna, &a), "Mia's shop");
    sp_link_free(la);
    sp_link_free(lb);
    assert_true(test_party_sync(anna, branch).same);
}

static void two_who_did_not_know_of_each_other_leave_two_images(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *hana = test_world_party(w, HANA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    settle(w);
    assert_int_equal(write_phone(anna, &a, "+8613812345678"), SP_OK);
    assert_int_equal(write_phone(mia, &a, "+8613800000001"), SP_OK);
    settle(w);
    assert_int_equal(test_party_values(mia, &a, PHONE), 2);
    assert_int_equal(test_party_values(hana, &a, MASKED), 2);
    assert_int_equal(write_phone(mia, &a, "+8613800000001"), SP_OK);
    settle(w);
    assert_int_equal(test_party_values(hana, &a, MASKED), 1);
    assert_string_equal(text_of(hana, &a, MASKED), "****0001");
    assert_int_equal(alarms(w), 0);
}

/* ---- a dictionary that derives more ------------------------------------- */

static void head_office_makes_it_for_records_that_stood_before(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1),
                      *hana = test_world_party(w, HANA);
    struct sp_ref a[3];
    struct sp_tx tx;
    bool more = true;
    int steps = 0;

    test_party_derives_nothing(branch, true);
    test_party_derives_nothing(head, true);
    for (int i = 0; i < 3; i++) {
        a[i] = test_party_account(anna, "Corner shop", "A-1");
        assert_int_equal(write_phone(anna, &a[i], "+8613812345678"), SP_OK);
    }
    settle(w);
    assert_string_equal(text_of(hana, &a[0], MASKED), "");
    test_party_derives_nothing(branch, false);
    test_party_derives_nothing(head, false);
    /* Meanwhile the branch makes some itself, and head office with it. */
    assert_int_equal(write_phone(anna, &a[1], "+8613800000001"), SP_OK);
    settle(w);
    assert_string_equal(text_of(hana, &a[1], MASKED), "****0001");
    while (more) {
        test_party_begin(head, &tx, true);
        assert_int_equal(sp_derive_records(&tx, 1, &more), SP_OK);
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
        settle(w); /* a proof at each step */
        steps++;
    }
    assert_int_equal(steps, 4);
    assert_string_equal(text_of(hana, &a[0], MASKED), "****5678");
    assert_string_equal(text_of(hana, &a[1], MASKED), "****0001");
    assert_string_equal(text_of(branch, &a[2], MASKED), "****5678");
    test_party_begin(head, &tx, true);
    assert_int_equal(sp_derive_records(&tx, 1, &more), SP_OK);
    assert_false(more); /* once for a dictionary */
    sp_tx_abort(&tx);
    assert_int_equal(alarms(w), 0);
}

/* ---- counters ----------------------------------------------------------- */

static void a_counter_is_the_same_everywhere(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    settle(w);
    assert_int_equal(count(anna, &a, 3), SP_OK);
    assert_int_equal(count(anna, &a, 4), SP_OK);
    assert_int_equal(points_of(anna, &a), 7); /* own writes are seen at once */
    assert_int_equal(count(mia, &a, 5), SP_OK);
    settle(w);
    for (uint32_t i = 0; i < w->count; i++) {
        assert_int_equal(points_of(w->party[i], &a), 12);
    }
    assert_int_equal(alarms(w), 0);
}

static void an_increment_that_was_sent_twice_counts_once(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");

    settle(w);
    assert_int_equal(count(anna, &a, 3), SP_OK);
    test_party_cut(anna, branch, 3); /* the reply is lost */
    settle(w);
    assert_int_equal(points_of(anna, &a), 3);
    assert_int_equal(points_of(branch, &a), 3);
    assert_int_equal(points_of(test_world_party(w, 1), &a), 3);
}

/* ---- too much ----------------------------------------------------------- */

/* Tags from first on, in one commit. */
static sp_err add_tags(struct test_party *p, const struct sp_ref *ref,
    unsigned first, unsigned tags)
{
    static struct sp_draft_write w[SP_COMMIT_WRITES_MAX + 1u];
    struct sp_draft_change c = { *ref, false, tags, w };

    SP_ASSERT(tags <= SP_COMMIT_WRITES_MAX + 1u);
    for (unsigned i = 0; i < tags; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "t%u", first + i);
        w[i].value = test_party_text(p, text);
        w[i].key = (struct sp_key){ TAGS, w[i].value };
    }
    return test_party_make(p, &c, SP_AUTHORITY_PERSON);
}

static void a_set_of_100000_elements_ends_at_its_limit(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_record r;

    assert_int_equal(add_tags(anna, &a, 0, 30), SP_OK);
    for (unsigned first = 30; first < 100000; first += 9997) {
        assert_int_equal(add_tags(anna, &a, first, 100), SP_E_MEMBERS);
    }
    assert_int_equal(add_tags(anna, &a, 30, 1), SP_E_MEMBERS);
    /* Nothing of what was refused is there, and the rest goes on. */
    r = test_party_view(anna, &a);
    assert_int_equal(r.count, 32);
    assert_int_equal(test_party_rename(anna, &a, "Tag shop"), SP_OK);
    settle(w);
    assert_string_equal(
        test_party_name(test_world_party(w, 1), &a), "Tag shop");
    r = test_party_view(test_world_party(w, 1), &a);
    assert_int_equal(r.count, 32);
}

/* A judge that accepts all, as a device of somebody else's making has it. */
static void accept_all(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    *out = (struct sp_verdict){ .kind = SP_ACCEPTED };
}

static void a_record_of_10000_registers_is_refused_with_the_limit_named(
    void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_record r;
    sp_err err = SP_OK;
    unsigned made = 0, commits = 0;

    settle(w);
    anna->rules.judge = accept_all;
    branch->rules.judge = accept_all;
    for (; made < 10000 && err == SP_OK; made += 500) {
        err = add_tags(anna, &a, made, 500);
        commits += err == SP_OK;
    }
    /* Its own device says so, before anything was written. */
    assert_int_equal(err, SP_E_RECORD_FULL);
    assert_non_null(strstr(sp_err_text_en(err), "4096 keys"));
    assert_int_equal(commits, 3); /* the bytes end before the keys do */
    r = test_party_view(anna, &a);
    assert_int_equal(r.count, 1502);
    assert_int_equal(test_party_rename(anna, &a, "Full shop"), SP_OK);
    settle(w);
    r = test_party_view(branch, &a);
    assert_int_equal(r.count, 1502);
    assert_string_equal(test_party_name(branch, &a), "Full shop");
}

/* Two devices that each find room for theirs: what comes second is refused at
 * the server, whole, and nothing waits behind it. */
static void what_passes_the_limit_at_the_server_is_refused_there(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *branch = test_world_party(w, 2);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_record r;
    struct sp_verdict v;

    settle(w);
    anna->rules.judge = accept_all;
    mia->rules.judge = accept_all;
    branch->rules.judge = accept_all;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(add_tags(anna, &a, i * 500, 500), SP_OK);
        assert_int_equal(add_tags(mia, &a, 5000 + i * 500, 500), SP_OK);
    }
    assert_int_equal(test_party_rename(mia, &a, "Mia's"), SP_OK);
    test_party_sync(anna, branch);
    test_party_sync(mia, branch);
    r = test_party_view(branch, &a);
    assert_int_equal(r.count, 2 + 1000 + 500);
    v = test_party_verdict(mia, mia->identity.replica, 2);
    assert_int_equal(v.kind, SP_REFUSED);
    assert_int_equal(v.code, SP_E_RECORD_FULL);
    assert_int_equal(v.type, 1);
    assert_string_equal(test_party_name(branch, &a), "Mia's");
}

/* ---- deletions ---------------------------------------------------------- */

#define GENDER 9u /* of a contact; a manager does not read it */

static struct sp_ref contact(struct test_party *p, const struct sp_ref *account)
{
    struct sp_ref ref = test_party_ref(p, 2);
    struct sp_draft_write w[] = {
        { { 1, { 0 } }, test_party_bytes(p, &account->id) },
        { { 2, { 0 } }, test_party_number(p, p->identity.user) },
        { { 3, { 0 } }, test_party_text(p, "Li Mei") },
        { { GENDER, { 0 } }, test_party_number(p, 1) },
    };
    struct sp_draft_change c = { ref, true, 4, w };

    SP_ASSERT(test_party_make(p, &c, SP_AUTHORITY_PERSON) == SP_OK);
    return ref;
}

static sp_err set_gender(
    struct test_party *p, const struct sp_ref *ref, uint8_t option)
{
    struct sp_draft_write w = { { GENDER, { 0 } },
        test_party_number(p, option) };
    struct sp_draft_change c = { *ref, false, 1, &w };

    return test_party_make(p, &c, SP_AUTHORITY_PERSON);
}

static sp_err delete (struct test_party *p, const struct sp_ref *ref)
{
    static const uint8_t yes = 0xc3;
    struct sp_draft_write w = { { SP_FIELD_DELETED, { 0 } }, { &yes, 1 } };
    struct sp_draft_change c = { *ref, false, 1, &w };

    return test_party_make(p, &c, SP_AUTHORITY_BRANCH);
}

/* Number of keys with a value that the deletion has not seen. */
static uint32_t edited_after(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = test_party_view(p, ref);
    const struct sp_register *gone = sp_record_find(&r, SP_FIELD_DELETED, none);
    uint32_t keys = 0;

    assert_non_null(gone);
    for (uint32_t i = 0; i < r.count; i++) {
        bool outside = false;
        for (uint32_t k = 0;
             r.reg[i].key.field != SP_FIELD_DELETED && k < r.reg[i].count;
             k++) {
            outside = outside || !sp_vector_covers(&gone->context,
                                     r.reg[i].sibling[k].stamp.dot);
        }
        keys += outside;
    }
    return keys;
}

static void a_deletion_has_seen_what_its_author_may_not_read(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref c = contact(anna, &a);

    /* Later than all that the manager sees of it. */
    assert_int_equal(set_gender(anna, &c, 2), SP_OK);
    settle(w);
    assert_int_equal(test_party_values(mia, &c, GENDER), 0);
    assert_int_equal(delete (mia, &c), SP_OK);
    settle(w);
    assert_int_equal(edited_after(branch, &c), 0);
    assert_int_equal(edited_after(head, &c), 0);
    assert_int_equal(edited_after(anna, &c), 0);
    assert_int_equal(edited_after(mia, &c), 0);
    assert_int_equal(alarms(w), 0);
}

/* What was on its way when the record was deleted is listed all the same. */
static void an_edit_that_no_server_had_is_an_edit_after_the_deletion(
    void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = test_world_party(w, ANNA),
                      *mia = test_world_party(w, MIA),
                      *branch = test_world_party(w, 2),
                      *head = test_world_party(w, 1);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref c = contact(anna, &a);

    settle(w);
    assert_int_equal(set_gender(anna, &c, 2), SP_OK);
    assert_int_equal(delete (mia, &c), SP_OK);
    test_party_sync(mia, branch);
    settle(w);
    assert_int_equal(edited_after(anna, &c), 1);
    assert_int_equal(edited_after(branch, &c), 1);
    assert_int_equal(edited_after(head, &c), 1);
    assert_int_equal(edited_after(mia, &c), 0); /* he may not read it */
    assert_int_equal(alarms(w), 0);
}

#define WITH_WORLD(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_reader_of_the_image_gets_only_that),
        WITH_WORLD(an_image_that_its_author_may_not_see_costs_him_no_exchange),
        WITH_WORLD(an_edit_in_an_open_session_brings_its_image_back),
        WITH_WORLD(two_who_did_not_know_of_each_other_leave_two_images),
        WITH_WORLD(head_office_makes_it_for_records_that_stood_before),
        WITH_WORLD(a_counter_is_the_same_everywhere),
        WITH_WORLD(an_increment_that_was_sent_twice_counts_once),
        WITH_WORLD(a_deletion_has_seen_what_its_author_may_not_read),
        WITH_WORLD(an_edit_that_no_server_had_is_an_edit_after_the_deletion),
        WITH_WORLD(a_set_of_100000_elements_ends_at_its_limit),
        WITH_WORLD(a_record_of_10000_registers_is_refused_with_the_limit_named),
        WITH_WORLD(what_passes_the_limit_at_the_server_is_refused_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
