/* What stands by a customer's consent alone: there while he says yes, on no
 * tier and no device when he does not, whoever said what, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "parties.h"

#define HEAD 1u
#define A    2u
#define B    3u
#define HANA 102u /* in marketing */
#define ANNA 111u
#define CARL 113u /* in the same territory */
#define DORA 121u /* of branch B */

#define MARKETING ((enum test_org_role)7)
#define CONTACT   2u
#define NAME      3u
#define CONSENT   48u /* messages */
#define IMAGE     50u /* the name's end, by that */
#define TEAM      13u

static const struct sp_slice none = { NULL, 0 };

static struct sp_slice said(struct test_party *p, bool yes)
{
    struct sp_buf b;

    sp_buf_init(&b, 64);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, yes ? 1 : 2);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, 1772600000000u);
    sp_wr_text(&b, "");
    struct sp_slice out = sp_arena_copy(&p->arena, sp_buf_slice(&b));
    assert_int_equal(b.err, SP_OK);
    sp_buf_free(&b);
    return out;
}

static void says(struct test_party *p, const struct sp_ref *ref, bool yes)
{
    struct sp_draft_write w = { { CONSENT, { 0 } }, said(p, yes) };
    struct sp_draft_change c = { *ref, false, 1, &w };

    assert_int_equal(test_party_make(p, &c, SP_AUTHORITY_PERSON), SP_OK);
}

static void call_it(
    struct test_party *p, const struct sp_ref *ref, const char *name)
{
    struct sp_draft_write w = { { NAME, { 0 } }, test_party_text(p, name) };
    struct sp_draft_change c = { *ref, false, 1, &w };

    assert_int_equal(test_party_make(p, &c, SP_AUTHORITY_PERSON), SP_OK);
}

static struct sp_ref contact(
    struct test_party *p, const struct sp_ref *account, bool yes)
{
    struct sp_ref ref = test_party_ref(p, CONTACT);
    struct sp_draft_write w[] = {
        { { 1, { 0 } }, test_party_bytes(p, &account->id) },
        { { 2, { 0 } }, test_party_number(p, p->identity.user) },
        { { NAME, { 0 } }, test_party_text(p, "Li Mei") },
        { { CONSENT, { 0 } }, said(p, true) },
    };
    struct sp_draft_change c = { ref, true, yes ? 4 : 3, w };

    assert_int_equal(test_party_make(p, &c, SP_AUTHORITY_PERSON), SP_OK);
    return ref;
}

/* The images that a record has, stored or as people see it: their texts one
 * behind the other. "-": not even a register. */
static const char *images(const struct sp_record *r)
{
    static char text[128];
    const struct sp_register *reg = sp_record_find(r, IMAGE, none);
    size_t at = 0;

    if (reg == NULL) {
        return "-";
    }
    text[0] = '\0';
    for (uint32_t i = 0; i < reg->count; i++) {
        struct sp_rd rd;
        sp_rd_init(&rd, reg->sibling[i].value);
        struct sp_slice t = sp_rd_str(&rd, 40);
        at += (size_t)snprintf(text + at, sizeof text - at, "%.*s", (int)t.size,
            (const char *)t.data);
    }
    return text;
}

static const char *shown(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = test_party_view(p, ref);

    return images(&r);
}

static const char *stored(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = { .ref = *ref };
    struct sp_tx tx;

    test_party_begin(p, &tx, false);
    sp_err err = sp_state_get(&tx, ref, &p->arena, &r);
    sp_tx_abort(&tx);
    return err == SP_OK ? images(&r) : "no record";
}

static bool sees_yes(struct test_party *p, const struct sp_ref *ref)
{
    struct sp_record r = test_party_view(p, ref);
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(p->book), CONTACT);

    return sp_dictionary_consented(e, &r, sp_dictionary_field(e, IMAGE));
}

static void everybody_has(
    struct test_world *w, const struct sp_ref *ref, const char *image)
{
    static const uint32_t who[] = { HEAD, A, HANA };

    for (size_t i = 0; i < sizeof who / sizeof who[0]; i++) {
        struct test_party *p = test_world_party(w, who[i]);
        assert_string_equal(stored(p, ref), image);
        assert_string_equal(shown(p, ref), image);
        test_party_check(p);
    }
}

static struct test_party *party(struct test_world *w, uint32_t device)
{
    return test_world_party(w, device);
}

static void meet(struct test_world *w, uint32_t device, uint32_t server)
{
    test_party_sync(party(w, device), party(w, server));
}

/* Everything that anybody has to say is said; once more, and all is the same.
 */
static void settle(struct test_world *w)
{
    for (int i = 0; i < 2; i++) {
        meet(w, ANNA, A);
        meet(w, CARL, A);
        meet(w, A, HEAD);
        meet(w, HANA, A);
    }
    assert_true(test_party_sync(party(w, ANNA), party(w, A)).same);
    assert_true(test_party_sync(party(w, HANA), party(w, A)).same);
    assert_true(test_party_sync(party(w, A), party(w, HEAD)).same);
}

static uint64_t alarms(struct test_world *w)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < w->count; i++) {
        sum += test_party_status(w->party[i]).alarms;
    }
    return sum;
}

static struct test_world *begin(void **state)
{
    struct test_world *w = *state;
    static const uint16_t marketing = MARKETING;

    test_org_person(w->org, 2, NULL)->role = &marketing;
    (void)test_org_publish(w->org, TEST_ORG_HEAD);
    test_party_give_documents(party(w, HEAD));
    meet(w, A, HEAD);
    meet(w, B, HEAD);
    (void)test_world_ready(w, ANNA);
    (void)test_world_ready(w, CARL);
    (void)test_world_ready(w, HANA);
    return w;
}

/* A contact in A-1, known everywhere. */
static struct sp_ref known_contact(struct test_world *w, bool yes)
{
    struct test_party *anna = party(w, ANNA);
    struct sp_ref account = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref ref = contact(anna, &account, yes);

    settle(w);
    return ref;
}

/* ---- yes and no --------------------------------------------------------- */

static void it_comes_with_the_yes_and_goes_with_the_no(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = known_contact(w, false);

    everybody_has(w, &ref, "-");
    says(party(w, ANNA), &ref, true);
    settle(w);
    everybody_has(w, &ref, "****i");
    says(party(w, ANNA), &ref, false);
    settle(w);
    everybody_has(w, &ref, "-");
    call_it(party(w, ANNA), &ref, "Li Na");
    settle(w);
    everybody_has(w, &ref, "-");
    says(party(w, ANNA), &ref, true);
    settle(w);
    everybody_has(w, &ref, "****a");
    assert_string_equal(stored(party(w, ANNA), &ref), "-"); /* no rep's */
    assert_int_equal(alarms(w), 0);
}

static void what_is_made_with_the_yes_has_it_at_once(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = known_contact(w, true);

    everybody_has(w, &ref, "****i");
    assert_int_equal(alarms(w), 0);
}

/* On her own device it goes as she says no, before any server hears. */
static void who_reads_it_and_says_no_sees_it_go_at_once(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = party(w, ANNA);
    struct sp_ref ref = known_contact(w, true);

    (void)test_org_grant(w->org, TEST_ORG_REP, CONTACT, IMAGE, true);
    test_party_give_documents(party(w, HEAD));
    settle(w);
    assert_string_equal(shown(anna, &ref), "****i");
    says(anna, &ref, false);
    assert_string_equal(shown(anna, &ref), "-");
    assert_string_equal(stored(anna, &ref), "****i");
    meet(w, ANNA, A);
    assert_string_equal(stored(anna, &ref), "-");
    says(anna, &ref, true);
    assert_string_equal(shown(anna, &ref), "-"); /* a server makes it */
    meet(w, ANNA, A);
    assert_string_equal(shown(anna, &ref), "****i"); /* in that exchange */
    settle(w);
    everybody_has(w, &ref, "****i");
    assert_int_equal(alarms(w), 0);
}

/* ---- apart -------------------------------------------------------------- */

static void given_here_and_withdrawn_there_it_is_gone(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = known_contact(w, false);

    says(party(w, ANNA), &ref, true);
    says(party(w, CARL), &ref, false);
    settle(w);
    everybody_has(w, &ref, "-");
    says(party(w, CARL), &ref, true); /* who has seen both */
    settle(w);
    everybody_has(w, &ref, "****i");
    /* The other order of arrival. */
    says(party(w, ANNA), &ref, false);
    says(party(w, CARL), &ref, true);
    meet(w, CARL, A);
    meet(w, HANA, A);
    assert_string_equal(stored(party(w, HANA), &ref), "****i");
    settle(w);
    everybody_has(w, &ref, "-");
    assert_int_equal(alarms(w), 0);
}

static void withdrawn_while_the_name_is_edited_elsewhere_it_is_gone(
    void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = known_contact(w, true);

    says(party(w, ANNA), &ref, false);
    call_it(party(w, CARL), &ref, "Li Na");
    settle(w);
    everybody_has(w, &ref, "-");
    /* And given while two edit: both names, and what settles them. */
    says(party(w, ANNA), &ref, true);
    call_it(party(w, ANNA), &ref, "Li Ying");
    call_it(party(w, CARL), &ref, "Li Nan");
    settle(w);
    assert_int_equal(
        strlen(stored(party(w, HANA), &ref)), strlen("****g****n"));
    call_it(party(w, CARL), &ref, "Li Nan");
    settle(w);
    everybody_has(w, &ref, "****n");
    assert_int_equal(alarms(w), 0);
}

/* Branch B has the contact by way of a colleague on the team, and hears of it
 * from head office alone. */
static struct sp_ref contact_at_both(struct test_world *w)
{
    struct test_party *mia = test_world_ready(w, 110);
    struct test_party *anna = party(w, ANNA);
    struct sp_ref account = test_party_account(anna, "Corner shop", "A-1");
    struct sp_ref ref = contact(anna, &account, true);
    struct sp_draft_write team = { { TEAM, test_party_number(mia, 21) },
        test_party_number(mia, 21) };
    struct sp_draft_change c = { account, false, 1, &team };

    settle(w);
    test_party_sync(mia, party(w, A));
    assert_int_equal(test_party_make(mia, &c, SP_AUTHORITY_BRANCH), SP_OK);
    test_party_sync(mia, party(w, A));
    settle(w);
    meet(w, B, HEAD);
    meet(w, HANA, B);
    meet(w, HANA, HEAD);
    assert_string_equal(stored(party(w, B), &ref), "****i");
    assert_string_equal(stored(party(w, HANA), &ref), "****i");
    return ref;
}

static void tell_head_office(
    struct test_world *w, const struct sp_ref *ref, bool yes)
{
    says(party(w, ANNA), ref, yes);
    meet(w, ANNA, A);
    meet(w, A, HEAD);
}

static void another_branch_hears_of_the_no(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = contact_at_both(w);

    tell_head_office(w, &ref, false);
    /* Marketing reads at head office, then at B, which has not heard. */
    meet(w, HANA, HEAD);
    meet(w, HANA, B);
    assert_string_equal(shown(party(w, HANA), &ref), "-");
    meet(w, B, HEAD);
    assert_string_equal(stored(party(w, B), &ref), "-");
    assert_true(test_party_sync(party(w, B), party(w, HEAD)).same);
    test_party_check(party(w, B));
    assert_int_equal(alarms(w), 0);
}

/* To B nothing has changed but the consent; to who has seen the no between, an
 * image has come back. */
static void a_no_between_two_yes_is_no_loss(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = contact_at_both(w);

    tell_head_office(w, &ref, false);
    meet(w, HANA, HEAD);
    assert_string_equal(stored(party(w, HANA), &ref), "-");
    tell_head_office(w, &ref, true);
    meet(w, B, HEAD);
    meet(w, HANA, B);
    assert_string_equal(stored(party(w, HANA), &ref), "****i");
    assert_true(test_party_sync(party(w, HANA), party(w, B)).same);
    assert_int_equal(alarms(w), 0);
}

/* ---- rights that change ------------------------------------------------- */

static void let_marketing_read(struct test_world *w, uint16_t field, bool yes)
{
    (void)test_org_grant(w->org, MARKETING, CONTACT, field, yes);
    test_party_give_documents(party(w, HEAD));
    meet(w, A, HEAD);
}

/* Who cannot see a no is not given what stands by the yes. */
static void it_is_read_with_its_consent_or_not_at_all(void **state)
{
    struct test_world *w = begin(state);
    struct sp_ref ref = known_contact(w, true);

    let_marketing_read(w, CONSENT, false);
    settle(w);
    assert_string_equal(stored(party(w, HANA), &ref), "-");
    says(party(w, ANNA), &ref, false);
    settle(w);
    let_marketing_read(w, CONSENT, true);
    settle(w);
    everybody_has(w, &ref, "-");
    says(party(w, ANNA), &ref, true);
    settle(w);
    everybody_has(w, &ref, "****i");
    assert_int_equal(alarms(w), 0);
}

/* The yes, or the no, comes to the branch at this turn of marketing's
 * exchange. */
struct meanwhile {
    struct test_world *w;
    struct sp_ref ref;
    unsigned at;
    bool yes, done;
};

static void say_it(void *arg, unsigned turn)
{
    struct meanwhile *m = arg;

    if (turn == m->at) {
        says(party(m->w, ANNA), &m->ref, m->yes);
        meet(m->w, ANNA, A);
        m->done = true;
    }
}

/* New keys are fetched apart from the others, which may be older by then. */
static void a_wider_grant_and_a_word_at_the_same_time(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *hana = party(w, HANA);
    struct sp_ref ref = known_contact(w, false);
    bool yes = false;
    unsigned in_time = 0;

    for (unsigned at = 0; at < 12; at++) {
        let_marketing_read(w, IMAGE, false);
        settle(w);
        let_marketing_read(w, IMAGE, true);
        yes = !yes;
        struct meanwhile m = { .w = w, .ref = ref, .at = at, .yes = yes };
        struct sp_link *la = test_party_dial(hana, party(w, A)),
                       *lb = test_party_answer(party(w, A));
        assert_int_equal(
            test_party_play_with(hana, la, party(w, A), lb, say_it, &m), SP_OK);
        in_time += m.done;
        assert_true(
            strcmp(shown(hana, &ref), "-") == 0 || sees_yes(hana, &ref));
        sp_link_free(la);
        sp_link_free(lb);
        if (!m.done) {
            says(party(w, ANNA), &ref, yes);
        }
        settle(w);
        everybody_has(w, &ref, yes ? "****i" : "-");
        assert_int_equal(alarms(w), 0);
    }
    assert_true(in_time > 4);
}

/* ---- editions ----------------------------------------------------------- */

static void head_office_makes_it_for_those_who_said_yes_before(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *anna = party(w, ANNA), *head = party(w, HEAD);
    struct sp_ref account, yes, no, late;
    bool more = true;

    test_party_derives_nothing(head, true);
    test_party_derives_nothing(party(w, A), true);
    account = test_party_account(anna, "Corner shop", "A-1");
    yes = contact(anna, &account, true);
    no = contact(anna, &account, false);
    late = contact(anna, &account, true);
    settle(w);
    everybody_has(w, &yes, "-");
    test_party_derives_nothing(head, false);
    test_party_derives_nothing(party(w, A), false);
    while (more) {
        struct sp_tx tx;
        test_party_begin(head, &tx, true);
        assert_int_equal(sp_derive_records(&tx, 1, &more), SP_OK);
        assert_int_equal(sp_tx_commit(&tx), SP_OK);
        if (strcmp(stored(head, &late), "-") == 0) {
            says(anna, &late, false); /* before its turn */
        }
        settle(w); /* a proof at each step */
    }
    everybody_has(w, &yes, "****i");
    everybody_has(w, &no, "-");
    everybody_has(w, &late, "-");
    assert_int_equal(alarms(w), 0);
}

/* What a newer dictionary derives does not come before it does. */
static void a_branch_has_the_dictionary_before_what_it_derives(void **state)
{
    struct test_world *w = begin(state);
    struct test_party *a = party(w, A), *head = party(w, HEAD);
    struct sp_link *la = test_party_dial(a, head),
                   *lb = test_party_answer(head);

    (void)test_party_account(party(w, ANNA), "Corner shop", "A-1");
    meet(w, ANNA, A);
    assert_int_equal(test_party_play(a, la, head, lb), SP_OK);
    test_org_extend_dictionary(w->org, 1);
    (void)test_org_publish_dictionary(w->org);
    test_party_give_documents(head);
    (void)test_party_account(party(w, ANNA), "Other shop", "A-1");
    meet(w, ANNA, A);
    assert_int_equal(sp_link_again(la), SP_OK);
    assert_int_equal(test_party_play(a, la, head, lb), SP_E_SESSION);
    sp_link_free(la);
    sp_link_free(lb);
    meet(w, A, HEAD);
    assert_int_equal(
        a->rules.serials(a->rules.self).dictionary, w->org->dictionary_serial);
    assert_true(test_party_sync(a, head).same);
}

#define WITH_WORLD(test)                                                       \
    cmocka_unit_test_setup_teardown(test, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(it_comes_with_the_yes_and_goes_with_the_no),
        WITH_WORLD(what_is_made_with_the_yes_has_it_at_once),
        WITH_WORLD(who_reads_it_and_says_no_sees_it_go_at_once),
        WITH_WORLD(given_here_and_withdrawn_there_it_is_gone),
        WITH_WORLD(withdrawn_while_the_name_is_edited_elsewhere_it_is_gone),
        WITH_WORLD(another_branch_hears_of_the_no),
        WITH_WORLD(a_no_between_two_yes_is_no_loss),
        WITH_WORLD(it_is_read_with_its_consent_or_not_at_all),
        WITH_WORLD(a_wider_grant_and_a_word_at_the_same_time),
        WITH_WORLD(head_office_makes_it_for_those_who_said_yes_before),
        WITH_WORLD(a_branch_has_the_dictionary_before_what_it_derives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
