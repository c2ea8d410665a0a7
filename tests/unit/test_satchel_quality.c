/* What is wrong with what is known of customers, at the api, with no network:
 * caps 6, 11 and 20. */
#include "device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "book/day.h"
#include "sp/err.h"

#define ANNA 11u /* and her device 111 */
#define BEN  12u
#define CARL 13u

#define MIA_DEVICE 110u

/* Ben and Carl of the same branch have left. */
static int set_up(void **state)
{
    struct test_world *w = (struct test_world *)calloc(1, sizeof(*w));
    enum test_org_unit_name unit;

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    test_org_person(w->org, BEN, &unit)->status = SP_PERSON_LEFT;
    test_org_person(w->org, CARL, &unit)->status = SP_PERSON_LEFT;
    (void)test_org_publish(w->org, unit);
    w->s = test_device_open(w->dir, "anna", w->org, 100u + ANNA);
    *state = w;
    return 0;
}

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s, %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static int32_t today(void)
{
    time_t now = time(NULL);
    struct tm local;

    (void)localtime_r(&now, &local);
    return cc_day_of((struct cc_date){ local.tm_year + 1900,
        (unsigned)local.tm_mon + 1, (unsigned)local.tm_mday });
}

/* An account of Anna's, older than the next, in whatever millisecond. phone and
 * days may be NULL and -1. */
static struct satchel_saved shop(
    struct test_world *w, const char *name, const char *phone, int days)
{
    char day[CC_DAY_TEXT_BYTES];
    struct satchel_input in[4] = { { "name", name, SATCHEL_SET },
        { "owner_id", "me", SATCHEL_SET } };
    struct satchel_saved saved;
    size_t n = 2;

    if (phone != NULL) {
        in[n++] = (struct satchel_input){ "phone_main", phone, SATCHEL_SET };
    }
    if (days >= 0) {
        cc_day_format(day, today() - days);
        in[n++] = (struct satchel_input){ "verified_at", day, SATCHEL_SET };
    }
    OK(w, satchel_account_add(w->s, in, n, &saved, &w->e));
    return saved;
}

static struct satchel_saved person(struct test_world *w, const char *account,
    const char *name, const char *phone)
{
    struct satchel_input in[2] = { { "name", name, SATCHEL_SET },
        { "phones", phone, SATCHEL_ADD } };
    struct satchel_saved saved;

    OK(w, satchel_record_add(w->s, "contact", account, in,
              phone == NULL ? 1 : 2, &saved, &w->e));
    return saved;
}

/* How many issues of a kind an account has. */
static size_t has(struct test_world *w, const char *account, const char *kind,
    const char *field)
{
    struct satchel_issues *l;
    size_t n = 0;

    OK(w, satchel_quality(w->s, false, 0, &l, &w->e));
    assert_int_equal(l->count, l->total);
    for (size_t i = 0; i < l->count; i++) {
        n += strcmp(l->issue[i].account_id, account) == 0 &&
             strcmp(l->issue[i].kind, kind) == 0 &&
             strcmp(l->issue[i].field, field) == 0;
    }
    satchel_free(l);
    return n;
}

/* cap 11 */
static void not_verified_in_180_days_is_an_issue_until_somebody_verifies(
    void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved fresh = shop(w, "Never verified", NULL, -1);
    struct satchel_saved edge = shop(w, "Of 180 days", NULL, 180);
    struct satchel_saved stale = shop(w, "Of 181 days", NULL, 181);
    struct satchel_saved saved;
    struct satchel_issues *l;

    assert_int_equal(has(w, fresh.id, "stale", "verified_at"), 0);
    assert_int_equal(has(w, edge.id, "stale", "verified_at"), 0);
    assert_int_equal(has(w, stale.id, "stale", "verified_at"), 1);
    OK(w, satchel_quality(w->s, false, 1, &l, &w->e));
    assert_int_equal(l->count, 1);
    assert_int_equal(l->total, 4); /* and three that nobody can reach */
    satchel_free(l);
    OK(w, satchel_account_verify(w->s, "Of 181 days", &saved, &w->e));
    assert_string_equal(saved.id, stale.id);
    assert_int_equal(has(w, stale.id, "stale", "verified_at"), 0);
}

static void the_newer_of_two_is_the_duplicate_and_names_the_older(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved first = shop(w, "老王茶行", NULL, 0);
    struct satchel_saved same = shop(w, "老王·茶行", NULL, 0);
    struct satchel_saved phone = shop(w, "Other", "13812345678", 0);
    struct satchel_saved contact = shop(w, "Third", NULL, 0);
    struct satchel_issues *l;

    (void)person(w, contact.id, "李雷", "number=+8613812345678");
    assert_int_equal(has(w, first.id, "duplicate", "name"), 0);
    assert_int_equal(has(w, same.id, "duplicate", "name"), 1);
    assert_int_equal(has(w, phone.id, "duplicate", "phone_main"), 0);
    assert_int_equal(has(w, contact.id, "duplicate", "phone_main"), 1);
    OK(w, satchel_quality(w->s, false, 0, &l, &w->e));
    assert_string_equal(l->issue[0].kind, "duplicate");
    assert_string_equal(l->issue[0].other_id, first.id);
    assert_string_equal(l->issue[0].other, "老王茶行");
    satchel_free(l);
    OK(w, satchel_account_edit(w->s, same.id,
              &(struct satchel_input){ "name", "老王酒行", SATCHEL_SET }, 1,
              NULL, &w->e));
    assert_int_equal(has(w, same.id, "duplicate", "name"), 0);
}

static void what_is_no_number_or_no_name_is_invalid(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved bad = shop(w, "Bad number", "6234 5678", 0);
    struct satchel_saved odd = shop(w, "???", "13812345678", 0);
    struct satchel_saved xxx = shop(w, "ｘxX x", "13912345678", 0);
    struct satchel_saved people = shop(w, "Contacts", NULL, 0);
    struct satchel_saved none = shop(w, "Nobody", NULL, 0);
    struct satchel_saved twice = shop(w, "丽丽", "13512345678", 0);

    (void)person(w, people.id, "李雷", "number=extension 120");
    (void)person(w, none.id, "韩梅梅", NULL);
    assert_int_equal(has(w, bad.id, "invalid", "phone_main"), 1);
    assert_int_equal(has(w, bad.id, "incomplete", "phone_main"), 0);
    assert_int_equal(has(w, odd.id, "invalid", "name"), 1);
    assert_int_equal(has(w, xxx.id, "invalid", "name"), 1);
    assert_int_equal(has(w, twice.id, "invalid", "name"), 0);
    assert_int_equal(has(w, people.id, "invalid", "phones"), 1);
    assert_int_equal(has(w, none.id, "incomplete", "phone_main"), 1);
    OK(w, satchel_account_edit(w->s, bad.id,
              &(struct satchel_input){
                  "phone_main", "+862162345678", SATCHEL_SET },
              1, NULL, &w->e));
    assert_int_equal(has(w, bad.id, "invalid", "phone_main"), 0);
}

/* How many issues of all in the book say that nobody is in charge of it. */
static size_t vacant(struct test_world *w, const char *account)
{
    struct satchel_issues *l;
    size_t n = 0;

    OK(w, satchel_quality(w->s, true, 0, &l, &w->e));
    for (size_t i = 0; i < l->count; i++) {
        n += strcmp(l->issue[i].account_id, account) == 0 &&
             strcmp(l->issue[i].field, "owner_id") == 0;
    }
    satchel_free(l);
    return n;
}

/* Made by the manager; owner may be NULL. */
static struct satchel_saved placed(struct test_world *w, const char *name,
    const char *territory, const char *owner)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { "territory_id", territory, SATCHEL_SET },
        { "owner_id", owner, SATCHEL_SET } };
    struct satchel_saved saved;

    OK(w, satchel_account_add(w->s, in, owner == NULL ? 2 : 3, &saved, &w->e));
    return saved;
}

/* In A-1 works Anna; of those who had A-2 none is left. */
static void nobody_in_charge_is_an_issue_and_no_owner_alone_is_none(
    void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved hers, none, left, nobody;

    satchel_close(w->s);
    w->s = test_device_open(w->dir, "mia", w->org, MIA_DEVICE);
    hers = placed(w, "Owned", "A-1", "anna");
    none = placed(w, "Unowned", "A-1", NULL);
    left = placed(w, "Left behind", "A-1", "ben");
    nobody = placed(w, "Nobody's", "A-2", NULL);
    assert_int_equal(vacant(w, hers.id), 0);
    assert_int_equal(vacant(w, none.id), 0);
    assert_int_equal(vacant(w, left.id), 1);
    assert_int_equal(vacant(w, nobody.id), 1);
}

/* cap 20: four accounts, one made twice, two of three phones no number, one
 * not verified: the shares of C4. */
static void the_board_shows_duplicates_invalid_stale_and_complete(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved a = shop(w, "Alpha", "13812345678", 0);
    struct satchel_quality_board *b;
    const struct satchel_quality_row *all;
    struct satchel_saved li;
    const char *const phones[] = { "phones" };

    (void)shop(w, "Alpha", "12345", 0);
    (void)shop(w, "Beta", "shop 200", 365);
    (void)shop(w, "Gamma", NULL, 10);
    li = person(w, a.id, "李雷", NULL);
    (void)person(w, a.id, "韩梅梅", NULL);
    OK(w, satchel_quality_board(w->s, &b, &w->e));
    assert_int_equal(b->count, 3); /* Anna, her branch, all */
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_quality_row *r = &b->row[i];
        assert_int_equal(r->accounts, 4);
        assert_int_equal(r->duplicates, 1);
        assert_int_equal(r->duplicate_percent, 25);
        assert_int_equal(r->phones, 3);
        assert_int_equal(r->invalid, 2);
        assert_int_equal(r->invalid_percent, 67);
        assert_int_equal(r->stale, 1);
        assert_int_equal(r->stale_percent, 25);
        assert_int_equal(r->contacts, 2);
        assert_int_equal(r->mean, 3); /* a name: 20 * 1/8 of 100 */
        assert_int_equal(r->median, 3);
        assert_int_equal(r->good, 0);
        assert_int_equal(r->checked, 0);
    }
    assert_int_equal(b->row[0].user, ANNA);
    assert_string_equal(b->row[0].of, "person");
    assert_string_equal(b->row[1].of, "branch");
    all = &b->row[2];
    assert_string_equal(all->of, "all");
    satchel_free(b);
    /* only managers check; a rep is refused, and nothing is half done */
    assert_int_equal(
        satchel_profile_check(w->s, li.id, true, phones, 1, "w1", NULL, &w->e),
        SP_E_DENIED);
}

static void a_verdict_of_wrong_says_what_is_wrong(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved a = shop(w, "Alpha", NULL, 0);
    struct satchel_saved li = person(w, a.id, "李雷", NULL);
    const char *const no_such[] = { "shoe_size" };

    assert_int_equal(
        satchel_profile_check(w->s, li.id, false, NULL, 0, NULL, NULL, &w->e),
        SP_E_REQUIRED);
    assert_int_equal(
        satchel_profile_check(w->s, li.id, true, no_such, 1, NULL, NULL, &w->e),
        SP_E_UNKNOWN_FIELD);
    assert_non_null(strstr(w->e.detail, "shoe_size"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, test_world_end)
    const struct CMUnitTest tests[] = {
        TEST(not_verified_in_180_days_is_an_issue_until_somebody_verifies),
        TEST(the_newer_of_two_is_the_duplicate_and_names_the_older),
        TEST(what_is_no_number_or_no_name_is_invalid),
        TEST(nobody_in_charge_is_an_issue_and_no_owner_alone_is_none),
        TEST(the_board_shows_duplicates_invalid_stale_and_complete),
        TEST(a_verdict_of_wrong_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
