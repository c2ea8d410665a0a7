/* What waits for a person, by the api: a rep's device and his manager's
 * (client-core/api/inbox.c, inbox_settle.c, inbox_book.c, inbox_decide.c). */
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

struct world {
    char *dir;
    struct test_org *org;
    struct test_branch *branch;
    struct satchel *anna, *mia;
    struct satchel_error e;
    struct satchel_sync_report r;
    struct satchel_inbox *box;           /* of the last look */
    struct satchel_inbox_result *result; /* of the last decision */
};

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static void sync_all(struct world *w)
{
    struct satchel *const all[] = { w->anna, w->mia, w->anna };

    for (size_t i = 0; i < 3; i++) {
        OK(w, satchel_sync(all[i], NULL, &w->r, &w->e));
        assert_true(w->r.complete);
        assert_int_equal(w->r.alarms, 0);
    }
}

static struct satchel *enrol(struct world *w, uint32_t user, const char *name)
{
    char *path = test_device_create(w->dir, name);
    struct satchel *s = NULL;

    OK(w, satchel_open(path, test_device_secret(), &s, &w->e));
    OK(w, satchel_enrol(s, test_branch_code(w->branch, user), name, 0, &w->e));
    OK(w, satchel_sync(s, NULL, &w->r, &w->e));
    free(path);
    return s;
}

static void add_account(struct world *w, const char *name, const char *phone)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { "phone_main", phone, SATCHEL_SET } };

    OK(w, satchel_account_add(w->anna, in, 2, NULL, &w->e));
}

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->branch = test_branch_new(w->org);
    w->anna = enrol(w, ANNA, "anna");
    w->mia = enrol(w, MIA, "mia");
    add_account(w, "Alpha", "13811111111");
    add_account(w, "Beta", "13822222222");
    sync_all(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    satchel_free(w->box);
    satchel_free(w->result);
    satchel_close(w->anna);
    satchel_close(w->mia);
    test_branch_free(w->branch);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

static void edit(struct world *w, struct satchel *s, const char *entity,
    const char *reference, const char *field, const char *text)
{
    const struct satchel_input in = { field, text, SATCHEL_SET };

    OK(w, satchel_record_edit(s, entity, reference, &in, 1, NULL, &w->e));
}

/* What stands in a field; valid until the next call. */
static const char *shown(struct world *w, struct satchel *s, const char *entity,
    const char *reference, const char *field)
{
    static char text[256];
    struct satchel_record *r;

    text[0] = '\0';
    OK(w, satchel_record_show(s, entity, reference, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, field) == 0) {
            (void)snprintf(text, sizeof(text), "%s", r->field[i].value[0].text);
        }
    }
    satchel_free(r);
    return text;
}

/* Looks at all of a kind (NULL: everything); there have to be so many. */
static const struct satchel_inbox_item *waits(
    struct world *w, struct satchel *s, const char *kind, size_t count)
{
    const struct satchel_inbox_query q = { .kind = kind };

    satchel_free(w->box);
    w->box = NULL;
    OK(w, satchel_inbox(s, &q, &w->box, &w->e));
    if (w->box->count != count) {
        for (size_t i = 0; i < w->box->count; i++) {
            print_message("%s: %s %s\n", w->box->item[i].kind,
                w->box->item[i].account, w->box->item[i].what_en);
        }
    }
    assert_int_equal(w->box->count, count);
    assert_int_equal(w->box->total, count);
    return w->box->item;
}

/* Decides all that the last look showed. Returns how many were done. */
static size_t decide(struct world *w, struct satchel *s, const char *decision,
    const char *reason, bool dry_run)
{
    const struct satchel_inbox_wish wish = {
        .decision = decision, .reason = reason, .dry_run = dry_run
    };
    const char *key[8];

    for (size_t i = 0; i < w->box->count; i++) {
        key[i] = w->box->item[i].key;
    }
    satchel_free(w->result);
    w->result = NULL;
    OK(w,
        satchel_inbox_decide(s, key, w->box->count, &wish, &w->result, &w->e));
    return w->result->done;
}

static bool has_line(const struct satchel_inbox_item *item, const char *text)
{
    for (size_t i = 0; i < item->line_count; i++) {
        if (strstr(item->line[i].text_en, text) != NULL) {
            return true;
        }
    }
    return false;
}

static size_t count_of(struct world *w, struct satchel *s, const char *entity)
{
    const struct satchel_query q = { .entity = entity };
    struct satchel_list *l;
    size_t count;

    OK(w, satchel_record_list(s, &q, &l, &w->e));
    count = l->total;
    satchel_free(l);
    return count;
}

/* How many of a kind the list of quality has. */
static size_t issues(struct world *w, struct satchel *s, const char *kind)
{
    struct satchel_issues *l;
    size_t count = 0;

    OK(w, satchel_quality(s, true, 0, &l, &w->e));
    for (size_t i = 0; i < l->count; i++) {
        count += strcmp(l->issue[i].kind, kind) == 0;
    }
    satchel_free(l);
    return count;
}

/* ---- conflicts ----------------------------------------------------------- */

/* Both write both telephones, without having seen the other's. */
static void disagree(struct world *w)
{
    edit(w, w->anna, "account", "Alpha", "phone_main", "13811110001");
    edit(w, w->anna, "account", "Beta", "phone_main", "13822220001");
    edit(w, w->mia, "account", "Alpha", "phone_main", "13811110002");
    edit(w, w->mia, "account", "Beta", "phone_main", "13822220002");
    sync_all(w);
}

static void conflicts_are_decided_at_once_and_one_is_taken_back(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_inbox_item *item;

    disagree(w);
    item = waits(w, w->mia, NULL, 2);
    assert_string_equal(item[0].kind, "conflict");
    assert_true(has_line(&item[0], "Anna"));
    assert_int_equal(decide(w, w->mia, "take", "called the shop", true), 2);
    (void)waits(w, w->mia, "conflict", 2); /* it was a dry run */
    assert_int_equal(decide(w, w->mia, "take", "called the shop", false), 2);
    assert_non_null(strstr(w->result->item[0].undo, "satchel conflicts undo"));
    (void)waits(w, w->mia, NULL, 0);
    sync_all(w);
    (void)waits(w, w->anna, NULL, 0);
    /* The reason is a note of each, for the rep too. */
    assert_int_equal(count_of(w, w->anna, "note"), 2);
    OK(w, satchel_conflict_undo(
              w->mia, "account", "Alpha", "phone_main", NULL, &w->e));
    item = waits(w, w->mia, "conflict", 1);
    assert_string_equal(item->account, "Alpha");
}

static void what_cannot_be_done_is_told_and_stops_none(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_inbox_done *done;
    size_t three;

    /* Of Alpha three values stand, so "the other" says nothing. */
    test_branch_edit(w->branch, MIA, "Alpha", "phone_main", "13811110003");
    disagree(w);
    (void)waits(w, w->mia, "conflict", 2);
    assert_int_equal(decide(w, w->mia, "take", "called", false), 1);
    done = w->result->item;
    three = strcmp(done[0].account, "Alpha") == 0 ? 0 : 1;
    assert_false(done[three].done);
    assert_int_equal(done[three].error.code, SATCHEL_E_ARGUMENT);
    assert_true(done[1 - three].done);
    assert_string_equal(waits(w, w->mia, "conflict", 1)->account, "Alpha");
    assert_int_equal(count_of(w, w->mia, "note"), 1); /* Beta's */
}

static void wrong_words_change_nothing(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_inbox_wish wish = { .decision = "keep" };
    const struct satchel_inbox_query none = { .kind = "letters" };
    const char *key[2];

    disagree(w);
    key[0] = waits(w, w->mia, "conflict", 2)[0].key;
    key[1] = key[0];
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 1, &wish, &w->result, &w->e),
        SATCHEL_E_ARGUMENT); /* no reason */
    wish.reason = "why";
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 2, &wish, &w->result, &w->e),
        SATCHEL_E_ARGUMENT); /* twice */
    key[1] = "zzzz";
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 2, &wish, &w->result, &w->e),
        SATCHEL_E_NOT_FOUND);
    key[1] = "";
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 2, &wish, &w->result, &w->e),
        SATCHEL_E_NOT_FOUND); /* would mean all */
    wish.decision = "merge";
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 1, &wish, &w->result, &w->e),
        SATCHEL_E_ARGUMENT); /* of another kind */
    assert_int_equal(
        satchel_inbox_decide(w->mia, key, 0, &wish, &w->result, &w->e),
        SATCHEL_E_ARGUMENT);
    assert_int_equal(
        satchel_inbox(w->mia, &none, &w->box, &w->e), SATCHEL_E_ARGUMENT);
    assert_non_null(strstr(w->e.detail, "checkin"));
    (void)waits(w, w->mia, "conflict", 2);
    assert_int_equal(count_of(w, w->mia, "note"), 0);
}

/* ---- pairs ----------------------------------------------------------------
 */

static void a_pair_that_is_not_the_same_does_not_come_back(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_inbox_item *item;
    char issue[SATCHEL_ID_BYTES];

    add_account(w, "Gamma", "+86 138 1111 1111"); /* Alpha's */
    sync_all(w);
    item = waits(w, w->mia, "duplicate", 1);
    assert_string_equal(item->account, "Alpha"); /* the older one */
    assert_non_null(strstr(item->what_en, "Gamma: same phone"));
    assert_int_equal(decide(w, w->mia, "not-same", "two branches", false), 1);
    (void)snprintf(issue, sizeof(issue), "%s", w->result->item[0].saved);
    (void)waits(w, w->mia, "duplicate", 0);
    sync_all(w);
    (void)waits(w, w->anna, "duplicate", 0);
    assert_int_equal(issues(w, w->anna, "duplicate"), 0);
    /* Until somebody takes the answer back. */
    edit(w, w->anna, "quality_issue", issue, "remark", "");
    (void)waits(w, w->anna, "duplicate", 1);
    assert_int_equal(issues(w, w->anna, "duplicate"), 1);
}

static void a_pair_is_merged_by_who_may_and_the_merge_undone(void **state)
{
    struct world *w = (struct world *)*state;
    char merge[SATCHEL_ID_BYTES];

    add_account(w, "ａｌｐｈａ", "13833333333"); /* full width */
    sync_all(w);
    (void)waits(w, w->anna, "duplicate", 1);
    assert_int_equal(decide(w, w->anna, "merge", "the same", false), 0);
    assert_int_equal(w->result->item[0].error.class_, SATCHEL_CLASS_POLICY);
    assert_int_equal(count_of(w, w->anna, "note"), 0); /* no half of it */
    (void)waits(w, w->mia, "duplicate", 1);
    assert_int_equal(decide(w, w->mia, "merge", "the same", false), 1);
    (void)snprintf(merge, sizeof(merge), "%s", w->result->item[0].saved);
    (void)waits(w, w->mia, "duplicate", 0);
    OK(w, satchel_account_unmerge(w->mia, merge, NULL, &w->e));
    (void)waits(w, w->mia, "duplicate", 1);
}

static void a_contact_s_telephone_makes_a_pair(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "name", "An", SATCHEL_SET },
        { "phones", "number=13811111111", SATCHEL_ADD } };

    OK(w, satchel_contact_add(w->anna, "Beta", in, 2, NULL, &w->e));
    (void)waits(w, w->anna, "duplicate", 1);
}

/* ---- check-ins ------------------------------------------------------------
 */

static void a_check_in_is_accepted_or_void_by_the_manager(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in = { "outcome", "order", SATCHEL_SET };
    char visit[SATCHEL_ID_BYTES];

    OK(w, satchel_visit_start(w->anna, "Alpha", NULL, 0, NULL, &w->e));
    OK(w, satchel_visit_end(w->anna, NULL, &in, 1, NULL, &w->e));
    sync_all(w);
    (void)waits(w, w->anna, "checkin", 0); /* not for him to decide */
    (void)snprintf(
        visit, sizeof(visit), "%s", waits(w, w->mia, "checkin", 1)->id);
    assert_int_equal(
        decide(w, w->mia, "accept", "no sky; in the arcade = fine", false), 1);
    (void)waits(w, w->mia, "checkin", 0);
    assert_non_null(strstr(shown(w, w->mia, "visit", visit, "accepted"),
        "no sky\\; in the arcade \\= fine"));
    edit(w, w->mia, "visit", visit, "accepted", "");
    (void)waits(w, w->mia, "checkin", 1);
    assert_int_equal(decide(w, w->mia, "void", "was not there", false), 1);
    (void)waits(w, w->mia, "checkin", 0);
    sync_all(w);
    assert_int_equal(w->r.refused, 0);
}

/* ---- refused edits --------------------------------------------------------
 */

/* Alpha leaves Anna's territory while she edits it. */
static void a_refused_edit_goes_to_the_manager_and_comes_back(void **state)
{
    struct world *w = (struct world *)*state;

    edit(w, w->anna, "account", "Alpha", "industry", "bread");
    test_branch_edit(w->branch, MIA, "Alpha", "territory_id", "A-2");
    sync_all(w);
    (void)waits(w, w->mia, "asked", 0); /* nobody asked */
    (void)waits(w, w->anna, "rejected", 1);
    assert_int_equal(decide(w, w->anna, "ask", "they said so", false), 1);
    (void)waits(w, w->anna, "rejected", 0); /* it waits for the manager */
    sync_all(w);
    assert_true(has_line(waits(w, w->mia, "asked", 1), "they said so"));
    assert_int_equal(decide(w, w->mia, "enter", "you are right", false), 1);
    assert_string_equal(
        shown(w, w->mia, "account", "Alpha", "industry"), "bread");
    sync_all(w);
    assert_true(has_line(waits(w, w->anna, "rejected", 1), "you are right"));
    assert_int_equal(decide(w, w->anna, "discard", NULL, false), 1);
    (void)waits(w, w->anna, "rejected", 0);
}

/* ---- tasks and accounts that come from others -----------------------------
 */

static void a_task_from_another_waits_until_it_is_answered(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "title", "Bring samples", 0 },
        { "owner", "11", 0 }, { "due", "2031-01-02", 0 } };

    OK(w, satchel_record_add(w->mia, "task", "Alpha", in, 3, NULL, &w->e));
    sync_all(w);
    (void)waits(w, w->mia, "task", 0);
    assert_non_null(
        strstr(waits(w, w->anna, "task", 1)->what_en, "Bring samples"));
    assert_int_equal(decide(w, w->anna, "accept", "on Friday", false), 1);
    (void)waits(w, w->anna, "task", 0);
}

static void cap_19_an_account_that_was_handed_over_waits_with_its_brief(
    void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "to", "11", 0 }, { "from", "10", 0 },
        { "reason", "leave", 0 }, { "effective_at", "now", 0 },
        { "brief", "Pays late.\nAsk for Mr Li.", 0 } };

    OK(w,
        satchel_record_add(w->mia, "assignment", "Alpha", in, 5, NULL, &w->e));
    sync_all(w);
    assert_true(has_line(waits(w, w->anna, "handover", 1), "Ask for Mr Li."));
    assert_int_equal(decide(w, w->anna, "taken", "called him", false), 1);
    (void)waits(w, w->anna, "handover", 0);
    assert_int_equal(count_of(w, w->anna, "note"), 1);
}

/* ---- order ----------------------------------------------------------------
 */

static void who_spends_most_comes_first(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "date", "today", 0 },
        { "amount", "2000.00 CNY", 0 } };
    const struct satchel_inbox_query two = { .limit = 1 };
    const struct satchel_inbox_item *item;

    disagree(w);
    OK(w, satchel_record_add(w->anna, "purchase", "Beta", in, 2, NULL, &w->e));
    sync_all(w);
    item = waits(w, w->mia, NULL, 2);
    assert_string_equal(item[0].account, "Beta");
    assert_int_equal(item[0].money.of[0].minor, 200000);
    assert_string_equal(item[0].money.text, "CNY 2,000.00");
    assert_string_equal(item[1].account, "Alpha");
    assert_int_equal(item[1].money.count, 0);
    satchel_free(w->box);
    OK(w, satchel_inbox(w->mia, &two, &w->box, &w->e));
    assert_int_equal(w->box->count, 1);
    assert_int_equal(w->box->total, 2);
    assert_string_equal(w->box->item[0].account, "Beta");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(conflicts_are_decided_at_once_and_one_is_taken_back),
        TEST(what_cannot_be_done_is_told_and_stops_none),
        TEST(wrong_words_change_nothing),
        TEST(a_pair_that_is_not_the_same_does_not_come_back),
        TEST(a_pair_is_merged_by_who_may_and_the_merge_undone),
        TEST(a_contact_s_telephone_makes_a_pair),
        TEST(a_check_in_is_accepted_or_void_by_the_manager),
        TEST(a_refused_edit_goes_to_the_manager_and_comes_back),
        TEST(a_task_from_another_waits_until_it_is_answered),
        TEST(cap_19_an_account_that_was_handed_over_waits_with_its_brief),
        TEST(who_spends_most_comes_first),
    };

    return cmocka_run_group_tests_name("satchel-inbox", tests, NULL, NULL);
}
