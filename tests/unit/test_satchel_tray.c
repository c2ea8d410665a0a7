/* My rejected changes by the api: joined from journal and records, on every
 * device of the author, shown to a manager when he is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "branch.h"
#include "device.h"

#define ANNA 11u /* rep of A-1 */
#define MIA  10u /* manager of A */
#define CARL 13u /* rep of */

struct world {
    char *dir;
    struct test_org *org;
    struct test_branch *branch;
    struct satchel *anna, *mia;
    struct satchel_error e;
    struct satchel_sync_report r;
};

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static void sync_with_branch(struct world *w, struct satchel *s)
{
    OK(w, satchel_sync(s, NULL, &w->r, &w->e));
    assert_true(w->r.complete);
    assert_int_equal(w->r.alarms, 0);
}

static struct satchel *enrol(struct world *w, uint32_t user, const char *name)
{
    char *path = test_device_create(w->dir, name);
    struct satchel *s = NULL;

    OK(w, satchel_open(path, test_device_secret(), &s, &w->e));
    OK(w, satchel_enrol(s, test_branch_code(w->branch, user), name, 0, &w->e));
    sync_with_branch(w, s);
    free(path);
    return s;
}

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->branch = test_branch_new(w->org);
    w->anna = enrol(w, ANNA, "anna");
    w->mia = enrol(w, MIA, "mia");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    satchel_close(w->anna);
    satchel_close(w->mia);
    test_branch_free(w->branch);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

static void edit(struct world *w, struct satchel *s, const char *account,
    const char *field, const char *text)
{
    const struct satchel_input in = { field, text, SATCHEL_SET };

    OK(w, satchel_account_edit(s, account, &in, 1, NULL, &w->e));
}

/* Alpha, which leaves Anna's territory while she edits it. */
static void refuse_an_edit(struct world *w)
{
    const struct satchel_input in = { "name", "Alpha", SATCHEL_SET };

    OK(w, satchel_account_add(w->anna, &in, 1, NULL, &w->e));
    sync_with_branch(w, w->anna);
    edit(w, w->anna, "Alpha", "industry", "bread");
    test_branch_edit(w->branch, MIA, "Alpha", "territory_id", "A-2");
    sync_with_branch(w, w->anna);
    assert_int_equal(w->r.refused, 1);
}

static void come_back(struct world *w)
{
    test_branch_edit(w->branch, MIA, "Alpha", "territory_id", "A-1");
}

/* The list has to have that many; its first, valid until the next call. */
static const struct satchel_rejected *listed(
    struct world *w, struct satchel *s, size_t count)
{
    static struct satchel_rejects *l;
    struct satchel_status *status;

    satchel_free(l);
    l = NULL;
    OK(w, satchel_rejected_list(s, false, &l, &w->e));
    assert_int_equal(l->count, count);
    OK(w, satchel_status(s, &status, &w->e));
    assert_int_equal(status->refused, count); /* one number everywhere */
    satchel_free(status);
    return l->rejected;
}

static const struct satchel_asked *asked(
    struct world *w, struct satchel *s, bool all, size_t count)
{
    static struct satchel_asked_list *l;

    satchel_free(l);
    l = NULL;
    OK(w, satchel_asked_list(s, all, &l, &w->e));
    assert_int_equal(l->count, count);
    return l->asked;
}

static void keep_key(char out[64], const char *key)
{
    (void)snprintf(out, 64, "%s", key);
}

static void a_new_phone_has_what_was_refused_to_the_old_one(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_rejected *x;
    struct satchel *phone;
    char key[64];

    refuse_an_edit(w);
    x = listed(w, w->anna, 1);
    assert_true(x->here);
    keep_key(key, x->key);
    phone = enrol(w, ANNA, "new");
    x = listed(w, phone, 1);
    assert_false(x->here);
    assert_string_equal(x->key, key);
    assert_string_equal(x->name, "SP_E_SCOPE");
    assert_int_equal(x->state, SATCHEL_TRAY_OPEN);
    assert_string_equal(x->record[0].typed[0].field, "industry");
    assert_string_equal(x->record[0].typed[0].text, "bread");
    assert_false(x->record[0].created);
    (void)listed(w, w->mia, 0);
    (void)asked(w, w->mia, true, 0);
    satchel_close(phone);
}

static void a_new_phone_sends_it_again_and_the_old_one_knows(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in = { "industry", "cakes", SATCHEL_SET };
    struct satchel_saved saved;
    struct satchel_record *r;
    struct satchel *phone;
    char key[64];

    refuse_an_edit(w);
    come_back(w);
    phone = enrol(w, ANNA, "new");
    keep_key(key, listed(w, phone, 1)->key);
    OK(w, satchel_rejected_resend(phone, key, NULL, &in, 1, &saved, &w->e));
    (void)listed(w, phone, 0);
    sync_with_branch(w, phone);
    sync_with_branch(w, w->anna);
    (void)listed(w, w->anna, 0);
    OK(w, satchel_account_show(w->anna, "Alpha", &r, &w->e));
    satchel_free(r);
    assert_int_equal(
        satchel_rejected_discard(w->anna, key, &w->e), SATCHEL_E_NOT_FOUND);
    satchel_close(phone);
}

static void a_discard_on_one_device_holds_on_the_other(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *phone;
    char key[64];

    refuse_an_edit(w);
    phone = enrol(w, ANNA, "new");
    keep_key(key, listed(w, w->anna, 1)->key);
    OK(w, satchel_rejected_discard(w->anna, key, &w->e));
    (void)listed(w, w->anna, 0);
    (void)listed(w, phone, 1);
    sync_with_branch(w, w->anna);
    sync_with_branch(w, phone);
    (void)listed(w, phone, 0);
    satchel_close(phone);
}

static void a_manager_enters_what_he_is_shown(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in = { "industry", "cakes", SATCHEL_SET };
    const struct satchel_asked *a;
    const struct satchel_rejected *x;
    struct satchel_record *r;
    struct satchel_saved saved;
    char key[64];
    bool cakes = false;

    refuse_an_edit(w);
    sync_with_branch(w, w->mia);
    (void)asked(w, w->mia, true, 0);
    keep_key(key, listed(w, w->anna, 1)->key);
    OK(w, satchel_rejected_ask(w->anna, key, "they sell cakes too", &w->e));
    assert_int_equal(
        satchel_rejected_ask(w->anna, key, NULL, &w->e), SATCHEL_E_EXISTS);
    assert_int_equal(listed(w, w->anna, 1)->state, SATCHEL_TRAY_ASKED);
    sync_with_branch(w, w->anna);
    sync_with_branch(w, w->mia);
    a = asked(w, w->mia, false, 1);
    assert_int_equal(a->user, ANNA);
    assert_string_equal(a->refusal.note, "they sell cakes too");
    assert_string_equal(a->refusal.name, "SP_E_SCOPE");
    assert_string_equal(a->refusal.record[0].typed[0].text, "bread");
    keep_key(key, a->refusal.key);
    key[6] = '\0'; /* a beginning is enough */
    OK(w,
        satchel_asked_enter(w->mia, key, NULL, &in, 1, "done", &saved, &w->e));
    (void)asked(w, w->mia, false, 0);
    (void)asked(w, w->mia, true, 1);
    assert_int_equal(
        satchel_asked_decline(w->mia, key, NULL, &w->e), SATCHEL_E_EXISTS);
    sync_with_branch(w, w->mia);
    assert_int_equal(w->r.refused, 0);
    come_back(w);
    sync_with_branch(w, w->anna);
    x = listed(w, w->anna, 1); /* the verdict stands */
    assert_int_equal(x->state, SATCHEL_TRAY_ENTERED);
    assert_string_equal(x->answer_note, "done");
    assert_true(x->answered_by[0] != '\0' && x->answered_ms > 0);
    OK(w, satchel_account_show(w->anna, "Alpha", &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        cakes = cakes || strcmp(r->field[i].value[0].text, "cakes") == 0;
    }
    assert_true(cakes);
    satchel_free(r);
    OK(w, satchel_rejected_discard(w->anna, x->key, &w->e));
    (void)listed(w, w->anna, 0);
}

static void what_is_declined_may_be_asked_again(void **state)
{
    struct world *w = (struct world *)*state;
    char key[64], his[64];

    refuse_an_edit(w);
    keep_key(key, listed(w, w->anna, 1)->key);
    OK(w, satchel_rejected_ask(w->anna, key, NULL, &w->e));
    sync_with_branch(w, w->anna);
    sync_with_branch(w, w->mia);
    keep_key(his, asked(w, w->mia, false, 1)->refusal.key);
    OK(w, satchel_asked_decline(w->mia, his, "not ours", &w->e));
    sync_with_branch(w, w->mia);
    sync_with_branch(w, w->anna);
    assert_int_equal(listed(w, w->anna, 1)->state, SATCHEL_TRAY_DECLINED);
    OK(w, satchel_rejected_ask(w->anna, key, "please look again", &w->e));
    assert_int_equal(listed(w, w->anna, 1)->state, SATCHEL_TRAY_ASKED);
    sync_with_branch(w, w->anna);
    sync_with_branch(w, w->mia);
    assert_string_equal(
        asked(w, w->mia, false, 1)->refusal.note, "please look again");
}

/* SYNC F6: only that write goes; what was written after it stands. */
static void a_refusal_drops_its_own_writes_and_no_others(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in = { "name", "Beta", SATCHEL_SET };
    const struct satchel_input late = { "alias", "B", SATCHEL_ADD };
    struct satchel_record *r;
    bool bread = false, alias = false;

    OK(w, satchel_account_add(w->anna, &in, 1, NULL, &w->e));
    sync_with_branch(w, w->anna);
    refuse_an_edit(w); /* of Alpha; both are made by then */
    OK(w, satchel_account_edit(w->anna, "Beta", &late, 1, NULL, &w->e));
    OK(w, satchel_note_add(w->anna, "Beta", "likes tea", NULL, 0, NULL, &w->e));
    sync_with_branch(w, w->anna);
    assert_int_equal(w->r.refused, 0);
    assert_int_equal(test_branch_count(w->branch, "note"), 1);
    come_back(w);
    sync_with_branch(w, w->anna);
    OK(w, satchel_account_show(w->anna, "Alpha", &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        bread = bread || strcmp(r->field[i].value[0].text, "bread") == 0;
    }
    satchel_free(r);
    OK(w, satchel_account_show(w->anna, "Beta", &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        alias = alias || strcmp(r->field[i].name, "alias") == 0;
    }
    satchel_free(r);
    assert_false(bread);
    assert_true(alias);
}

/* A note about an account whose creation was refused was refused for its sake;
 * once that is made anew it may follow. */
static void what_was_refused_for_anothers_sake_is_shown_as_sendable(
    void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "name", "Gamma", SATCHEL_SET },
        { "territory_id", "A-1", SATCHEL_SET } };
    const struct satchel_input here = { "territory_id", "A-2", SATCHEL_SET };
    static const char *const elsewhere[] = { "A-2" };
    const struct satchel_rejected *x;
    char note[64], account[64];

    OK(w, satchel_account_add(w->anna, in, 2, NULL, &w->e));
    OK(w,
        satchel_note_add(w->anna, "Gamma", "likes tea", NULL, 0, NULL, &w->e));
    /* Anna gets another territory before she comes. */
    test_org_assign(w->org, ANNA, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_branch_documents(w->branch);
    sync_with_branch(w, w->anna);
    assert_int_equal(w->r.refused, 2);
    x = listed(w, w->anna, 2);
    assert_string_equal(x[0].name, "SP_E_PARENT_REFUSED");
    assert_false(x[0].sendable || x[1].sendable);
    assert_true(x[0].record[0].created && x[1].record[0].created);
    keep_key(note, x[0].key);
    keep_key(account, x[1].key);
    OK(w,
        satchel_rejected_resend(w->anna, account, NULL, &here, 1, NULL, &w->e));
    x = listed(w, w->anna, 1);
    assert_true(x[0].sendable);
    OK(w, satchel_rejected_resend(w->anna, note, NULL, NULL, 0, NULL, &w->e));
    sync_with_branch(w, w->anna);
    assert_int_equal(w->r.refused, 0);
    assert_int_equal(test_branch_count(w->branch, "note"), 1);
}

/* SYNC J5: a withdrawn refusal needs nobody; one that was sent again in the
 * meantime may stand twice, and says so. */
static void what_is_accepted_after_all_goes_or_says_so(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *phone;
    char key[64];

    refuse_an_edit(w);
    come_back(w);
    sync_with_branch(w, w->anna);
    phone = enrol(w, ANNA, "new");
    keep_key(key, listed(w, w->anna, 1)->key);
    OK(w, satchel_rejected_resend(w->anna, key, NULL, NULL, 0, NULL, &w->e));
    (void)listed(w, w->anna, 0);
    test_branch_accept_after_all(w->branch);
    sync_with_branch(w, phone); /* knows of no other sending */
    (void)listed(w, phone, 0);
    sync_with_branch(w, w->anna);
    assert_int_equal(listed(w, w->anna, 1)->state, SATCHEL_TRAY_ACCEPTED);
    assert_int_not_equal(satchel_rejected_ask(w->anna, key, NULL, &w->e), 0);
    OK(w, satchel_rejected_discard(w->anna, key, &w->e));
    (void)listed(w, w->anna, 0);
    satchel_close(phone);
}

static int stop_when_pushed(void *self, const struct satchel_progress *p)
{
    (void)self;
    return p->pushed > 0;
}

/* The verdict is learnt with the push, the record comes with the pull: who is
 * faster than that is believed later. */
static void a_discard_before_the_record_has_come_is_said_in_it(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_sync_options cut = { .progress = stop_when_pushed };
    const struct satchel_input in = { "name", "Alpha", SATCHEL_SET };
    struct satchel *phone;
    char key[64];

    OK(w, satchel_account_add(w->anna, &in, 1, NULL, &w->e));
    sync_with_branch(w, w->anna);
    edit(w, w->anna, "Alpha", "industry", "bread");
    test_branch_edit(w->branch, MIA, "Alpha", "territory_id", "A-2");
    assert_int_equal(satchel_sync(w->anna, &cut, &w->r, &w->e), SATCHEL_E_BUSY);
    assert_int_equal(w->r.refused, 1);
    keep_key(key, listed(w, w->anna, 1)->key);
    OK(w, satchel_rejected_discard(w->anna, key, &w->e));
    (void)listed(w, w->anna, 0);
    sync_with_branch(w, w->anna); /* brings the record */
    phone = enrol(w, ANNA, "new");
    (void)listed(w, phone, 1);
    sync_with_branch(w, w->anna); /* answers it */
    sync_with_branch(w, phone);
    (void)listed(w, phone, 0);
    satchel_close(phone);
}

#define PEOPLE 6u

/* Carl's contacts, of whom Anna knows a lot: one edit of 36 KB. */
static void write_a_lot(struct world *w)
{
    static const char *const about[] = { "soft_work", "soft_family",
        "soft_character", "soft_spending", "soft_dress", "soft_leisure",
        "soft_living", "soft_service", "soft_promotion", "soft_values" };
    static char text[3 * 200 + 1], names[PEOPLE][16];
    const struct satchel_input shop[] = { { "name", "Alpha", SATCHEL_SET },
        { "territory_id", "A-1", SATCHEL_SET } };
    struct satchel_input in[10];
    const char *name[PEOPLE];
    struct satchel *carl = enrol(w, CARL, "carl");

    OK(w, satchel_account_add(carl, shop, 2, NULL, &w->e));
    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct satchel_input who = { "name", names[i], SATCHEL_SET };
        (void)snprintf(names[i], sizeof(names[i]), "Person %02u", i);
        name[i] = names[i];
        OK(w, satchel_contact_add(carl, "Alpha", &who, 1, NULL, &w->e));
    }
    sync_with_branch(w, carl);
    satchel_close(carl);
    for (unsigned i = 0; i < 200; i++) {
        memcpy(text + (size_t)3 * i, "茶", 3);
    }
    for (unsigned i = 0; i < 10; i++) {
        in[i] = (struct satchel_input){ about[i], text, SATCHEL_SET };
    }
    sync_with_branch(w, w->anna);
    OK(w, satchel_record_edit_many(
              w->anna, "contact", name, PEOPLE, in, 10, false, NULL, &w->e));
}

static void what_is_shown_is_shown_whole_whatever_its_size(void **state)
{
    static const char *const elsewhere[] = { "A-2" };
    struct world *w = (struct world *)*state;
    const struct satchel_asked *a;
    const struct satchel_rejected *x;
    struct satchel *phone;
    size_t typed = 0;

    write_a_lot(w);
    test_org_assign(w->org, ANNA, 1, elsewhere);
    (void)test_org_publish(w->org, TEST_ORG_A);
    test_branch_documents(w->branch);
    sync_with_branch(w, w->anna);
    assert_int_equal(w->r.refused, 1);
    phone = enrol(w, ANNA, "new");
    x = listed(w, phone, 1);
    assert_int_equal(x->count, PEOPLE);
    OK(w, satchel_rejected_ask(phone, x->key, NULL, &w->e));
    sync_with_branch(w, phone);
    sync_with_branch(w, w->mia);
    a = asked(w, w->mia, false, 1);
    assert_int_equal(a->refusal.count, PEOPLE);
    for (size_t i = 0; i < a->refusal.count; i++) {
        typed += a->refusal.record[i].count;
    }
    assert_int_equal(typed, PEOPLE * 10u);
    /* Of contacts a manager only reads: the rules are his own. */
    assert_int_equal(satchel_asked_enter(w->mia, a->refusal.key, NULL, NULL, 0,
                         NULL, NULL, &w->e),
        65);
    (void)asked(w, w->mia, false, 1);
    satchel_close(phone);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_phone_has_what_was_refused_to_the_old_one),
        TEST(a_new_phone_sends_it_again_and_the_old_one_knows),
        TEST(a_discard_on_one_device_holds_on_the_other),
        TEST(a_manager_enters_what_he_is_shown),
        TEST(what_is_declined_may_be_asked_again),
        TEST(a_refusal_drops_its_own_writes_and_no_others),
        TEST(a_discard_before_the_record_has_come_is_said_in_it),
        TEST(what_is_shown_is_shown_whole_whatever_its_size),
        TEST(what_is_accepted_after_all_goes_or_says_so),
        TEST(what_was_refused_for_anothers_sake_is_shown_as_sendable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
