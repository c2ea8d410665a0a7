/*
 * test_satchel_campaign.c - campaigns, coupons, what a tier is entitled to and
 * gatherings, on a device without a network; each row of the capability list
 * with its own example.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "care_world.h"

/* ---- campaigns ----------------------------------------------------------- */

/* An invitation by mail to an event on 26 April, of who bought P-100. */
static void add_campaign(struct care_world *w, unsigned control_share)
{
    char share[40];

    (void)snprintf(share, sizeof(share), "control_share=%u", control_share);
    (void)care_add(w, "message_template", NULL, "name=invite",
        "class=invitation", "channel=email", "title=Spring tea",
        "text={name}, come to our {holiday}", "signature={shop} {rep}", NULL);
    (void)care_add(w, "send_window", NULL, "name=mail", "channel=email",
        "days=1-7", "from=480", "to=1080", "domains+=163.com",
        "domains+=sina.com", "title_suffix=(AD)", NULL);
    (void)care_add(w, "campaign", NULL, "name=Spring", "state=draft",
        "template=invite", "event_date=2026-04-26", "products+=P-100", share,
        NULL);
}

static void add_buyer(struct care_world *w, const char *name,
    const char *product, const char *mail)
{
    char bought[40], address[60];

    care_account(w, name);
    (void)snprintf(bought, sizeof(bought), "products+=%s", product);
    (void)snprintf(address, sizeof(address), "emails+=address=%s", mail);
    (void)care_add(
        w, "purchase", name, "date=2026-03-01", "amount=10 CNY", bought, NULL);
    (void)care_add(w, "contact", name, "name=Wang", address, NULL);
}

/* Who is in it would be frozen for an invitation to yesterday. */
static void a_campaign_whose_day_is_over_does_not_start(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_campaign_start started;

    add_campaign(w, 0);
    care_at(w, "2026-04-27", 0);
    add_buyer(w, "Alpha", "P-100", "a@163.com");
    assert_int_equal(
        satchel_campaign_start(w->s, "Spring", false, &started, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, "2026-04-26"));
    assert_int_equal(care_count(w, "message"), 0);
    care_at(w, "2026-04-26", 23);
    CARE_OK(w, satchel_campaign_start(w->s, "Spring", false, &started, &w->e));
    assert_int_equal(started.members, 1);
}

static void cap_34_ready_by_23_april_and_sent_on_the_24th(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_campaign_list *c = NULL;
    struct satchel_campaign_start started;
    struct satchel_care_outbox *o = NULL;
    struct satchel_care_list *l = NULL;

    add_campaign(w, 0);
    care_at(w, "2026-04-20", 10);
    add_buyer(w, "Alpha", "P-100", "a@163.com");
    add_buyer(w, "Beta", "P-100", "b@example.com");
    assert_int_equal(satchel_campaign_draft(
                         w->s, "Spring", SATCHEL_CARE_MESSAGES, &l, &w->e),
        SATCHEL_E_VALUE);
    CARE_OK(w, satchel_campaign_start(w->s, "Spring", false, &started, &w->e));
    assert_int_equal(started.members, 2);
    CARE_OK(w, satchel_campaign_list(w->s, NULL, &c, &w->e));
    assert_int_equal(c->count, 1);
    assert_string_equal(c->campaign[0].state, "running");
    assert_true(c->campaign[0].prepare_by_ms ==
                care_ms("2026-04-23", 23) + 59 * 60 * 1000);
    assert_true(c->campaign[0].send_at_ms == care_ms("2026-04-24", 8));
    assert_int_equal(c->campaign[0].to_draft, 2);
    assert_false(c->campaign[0].late);
    satchel_free(c);
    /* Nobody has written a word by the 24th: it is late. */
    care_at(w, "2026-04-24", 0);
    CARE_OK(w, satchel_campaign_list(w->s, "spring", &c, &w->e));
    assert_true(c->campaign[0].late);
    satchel_free(c);
    care_at(w, "2026-04-23", 10);
    CARE_OK(w, satchel_campaign_draft(
                   w->s, "Spring", SATCHEL_CARE_MESSAGES, &l, &w->e));
    assert_int_equal(l->made, 2);
    assert_string_equal(
        l->item[0].text, "Alpha, come to our Spring\n" CARE_SIGNATURE);
    satchel_free(l);
    /* They wait for the day, though their window is open. */
    CARE_OK(w,
        satchel_care_export(w->s, care_ms("2026-04-23", 10), NULL, &o, &w->e));
    assert_int_equal(o->count, 2);
    assert_int_equal(o->gone, 0);
    assert_true(o->message[0].at_ms == care_ms("2026-04-24", 8));
    satchel_free(o);
    CARE_OK(w,
        satchel_care_export(w->s, care_ms("2026-04-24", 8), NULL, &o, &w->e));
    assert_int_equal(o->gone, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(o->message[i].title,
            strcmp(o->message[i].to, "a@163.com") == 0 ? "Spring tea(AD)"
                                                       : "Spring tea");
    }
    satchel_free(o);
    /* Drafted once. */
    CARE_OK(w, satchel_campaign_draft(
                   w->s, "Spring", SATCHEL_CARE_MESSAGES, &l, &w->e));
    assert_int_equal(l->made, 0);
    satchel_free(l);
    CARE_OK(w, satchel_campaign_list(w->s, NULL, &c, &w->e));
    assert_int_equal(c->campaign[0].to_draft, 0);
    assert_int_equal(c->campaign[0].drafted, 2);
    satchel_free(c);
}

static void cap_35_only_buyers_of_the_changed_product_get_it_and_stay(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_campaign_start started, again;
    struct satchel_campaign_list *c = NULL;
    struct satchel_care_list *l = NULL;
    char name[20];

    add_campaign(w, 25);
    care_at(w, "2026-04-20", 10);
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof(name), "Buyer %u", i);
        add_buyer(w, name, "P-100", "a@example.com");
    }
    add_buyer(w, "Other", "P-200", "o@example.com");
    CARE_OK(w, satchel_campaign_start(w->s, "Spring", true, &started, &w->e));
    assert_int_equal(care_count(w, "message"), 0);
    CARE_OK(w, satchel_campaign_start(w->s, "Spring", false, &again, &w->e));
    assert_int_equal(started.members, 8);
    assert_int_equal(started.control, 2);
    assert_memory_equal(&started, &again, sizeof(started));
    /* Who buys it now comes too late, and nobody starts it again. */
    add_buyer(w, "Late", "P-100", "l@example.com");
    assert_int_equal(
        satchel_campaign_start(w->s, "Spring", false, &again, &w->e),
        SATCHEL_E_EXISTS);
    CARE_OK(w, satchel_campaign_draft(
                   w->s, "Spring", SATCHEL_CARE_MESSAGES, &l, &w->e));
    assert_int_equal(l->made, 6);
    for (size_t i = 0; i < l->count; i++) {
        assert_non_null(strstr(l->item[i].account, "Buyer"));
    }
    satchel_free(l);
    CARE_OK(w, satchel_campaign_list(w->s, NULL, &c, &w->e));
    assert_int_equal(c->campaign[0].members, 8);
    assert_int_equal(c->campaign[0].control, 2);
    assert_int_equal(c->campaign[0].drafted, 6);
    satchel_free(c);
    care_edit(w, "campaign", "Spring", "state=closed", NULL);
    assert_int_equal(satchel_campaign_draft(
                         w->s, "Spring", SATCHEL_CARE_MESSAGES, &l, &w->e),
        SATCHEL_E_VALUE);
    /* One that nobody fits does not start. */
    (void)care_add(w, "campaign", NULL, "name=Nobody", "template=invite",
        "products+=P-900", NULL);
    assert_int_equal(
        satchel_campaign_start(w->s, "Nobody", false, &again, &w->e),
        SATCHEL_E_NOT_FOUND);
}

/* ---- coupons, benefits, gatherings --------------------------------------- */

static struct satchel_coupon_list *coupons(struct care_world *w, bool flagged)
{
    struct satchel_coupon_list *l = NULL;

    CARE_OK(w, satchel_coupon_list(w->s, NULL, flagged, &l, &w->e));
    return l;
}

/* Nothing is made of one that nobody could ever use. */
static void bad_input_a_coupon_that_is_for_nothing_is_not_issued(void **state)
{
    static const struct {
        const char *field[3], *text[3];
        int code;
        const char *says;
    } wrong[] = {
        { { "until" }, { "2026-12-31" }, SATCHEL_E_REQUIRED, "above 0" },
        { { "value" }, { "0 CNY" }, SATCHEL_E_REQUIRED, "above 0" },
        { { "value" }, { "-5 CNY" }, SATCHEL_E_VALUE, "1234.50 CNY" },
        { { "value" }, { "5" }, SATCHEL_E_VALUE, "1234.50 CNY" },
        { { "gift" }, { " " }, SATCHEL_E_REQUIRED, "above 0" },
        { { "gift", "until" }, { "Tea", "2025-12-31" }, SATCHEL_E_VALUE,
            "2025-12-31" },
        { { "gift", "from", "until" }, { "Tea", "2026-03-02", "2026-03-01" },
            SATCHEL_E_VALUE, "2026-03-02" },
        { { "gift", "serial" }, { "Tea", "ABC" }, SATCHEL_E_ARGUMENT,
            "leave it out" },
    };
    const struct satchel_input last[] = { { "gift", "Tea", SATCHEL_SET },
        { "from", "2026-01-01", SATCHEL_SET },
        { "until", "2026-01-01", SATCHEL_SET } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_coupon_saved c;

    care_account(w, "Alpha");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct satchel_input in[3];
        size_t n = 0;

        for (; n < 3 && wrong[i].field[n] != NULL; n++) {
            in[n] = (struct satchel_input){ wrong[i].field[n], wrong[i].text[n],
                SATCHEL_SET };
        }
        assert_int_equal(satchel_coupon_issue(w->s, "Alpha", in, n, &c, &w->e),
            wrong[i].code);
        assert_non_null(strstr(w->e.detail, wrong[i].says));
    }
    assert_int_equal(care_count(w, "coupon"), 0);
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", last, 3, &c, &w->e));
    assert_int_equal(care_count(w, "coupon"), 1);
}

static void cap_38_a_coupon_redeemed_twice_keeps_both_and_finance_decides(
    void **state)
{
    const struct satchel_input worth[] = { { "value", "50 CNY", SATCHEL_SET },
        { "until", "2026-12-31", SATCHEL_SET } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_coupon_saved c, other;
    struct satchel_coupon_list *l;
    struct satchel_saved saved, second;
    char typed[SATCHEL_SERIAL_BYTES], is[SATCHEL_SERIAL_BYTES + 8];

    care_account(w, "Alpha");
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", worth, 2, &c, &w->e));
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", worth, 2, &other, &w->e));
    assert_string_not_equal(c.serial, other.serial);
    /* Read out: small letters, no dashes. */
    (void)snprintf(typed, sizeof(typed), "%s", c.serial);
    for (char *p = typed; *p != '\0'; p++) {
        *p = *p == '-' ? ' ' : *p >= 'A' ? (char)(*p + 32) : *p;
    }
    care_at(w, "2026-03-01", 10);
    CARE_OK(w, satchel_coupon_redeem(w->s, typed, NULL, "R-1", &saved, &w->e));
    assert_int_equal(
        satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &saved, &w->e),
        SATCHEL_E_EXISTS);
    assert_non_null(strstr(w->e.detail, "2026-03-01"));
    l = coupons(w, true);
    assert_int_equal(l->count, 0);
    satchel_free(l);
    /* Another device took it too, an hour later. */
    (void)snprintf(is, sizeof(is), "serial=%s", c.serial);
    second = care_add(
        w, "redemption", "Alpha", is, "at=2026-03-01T11:00+08:00", NULL);
    l = coupons(w, true);
    assert_int_equal(l->count, 1);
    assert_string_equal(l->coupon[0].state, "twice");
    assert_int_equal(l->coupon[0].count, 2);
    assert_true(l->coupon[0].redemption[0].counts);
    assert_false(l->coupon[0].redemption[0].flagged);
    assert_false(l->coupon[0].redemption[1].counts);
    assert_true(l->coupon[0].redemption[1].flagged);
    assert_string_equal(l->coupon[0].redemption[1].id, second.id);
    satchel_free(l);
    assert_int_equal(
        satchel_coupon_decide(w->s, second.id, false, NULL, &saved, &w->e),
        SATCHEL_E_REQUIRED);
    CARE_OK(
        w, satchel_coupon_decide(w->s, second.id, true,
               "both shops were told to; it was ours to check", &saved, &w->e));
    l = coupons(w, true);
    assert_int_equal(l->count, 0);
    satchel_free(l);
    l = coupons(w, false);
    assert_int_equal(l->count, 2);
    for (size_t i = 0; i < 2; i++) {
        bool first = strcmp(l->coupon[i].serial, c.serial) == 0;
        assert_string_equal(l->coupon[i].state, first ? "redeemed" : "open");
        assert_int_equal(l->coupon[i].count, first ? 2 : 0);
        assert_true(!first || l->coupon[i].redemption[1].counts);
    }
    satchel_free(l);
}

static void what_finance_refused_leaves_the_coupon_as_it_was(void **state)
{
    const struct satchel_input worth[] = { { "value", "50 CNY", SATCHEL_SET } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_coupon_saved c;
    struct satchel_coupon_list *l;
    struct satchel_saved first, second;

    care_account(w, "Alpha");
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", worth, 1, &c, &w->e));
    CARE_OK(
        w, satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &first, &w->e));
    CARE_OK(w, satchel_coupon_decide(w->s, first.id, false,
                   "no goods were sold", &second, &w->e));
    l = coupons(w, false);
    assert_string_equal(l->coupon[0].state, "open");
    assert_false(l->coupon[0].redemption[0].counts);
    assert_string_equal(
        l->coupon[0].redemption[0].reason, "no goods were sold");
    satchel_free(l);
    /* So it can be taken, and that one counts. */
    CARE_OK(
        w, satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &second, &w->e));
    l = coupons(w, false);
    assert_string_equal(l->coupon[0].state, "redeemed");
    assert_true(l->coupon[0].redemption[1].counts);
    assert_false(l->coupon[0].redemption[1].flagged);
    satchel_free(l);
    assert_int_equal(
        satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &first, &w->e),
        SATCHEL_E_EXISTS);
}

static void a_coupon_is_refused_for_a_reason(void **state)
{
    const struct satchel_input late[] = { { "value", "1 CNY", SATCHEL_SET },
        { "until", "2026-02-28", SATCHEL_SET } };
    const struct satchel_input early[] = { { "gift", "Tea", SATCHEL_SET },
        { "from", "2026-03-02", SATCHEL_SET } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_coupon_saved c;
    struct satchel_saved saved;
    char misread[SATCHEL_SERIAL_BYTES];

    care_account(w, "Alpha");
    care_at(w, "2026-02-28", 10);
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", late, 2, &c, &w->e));
    care_at(w, "2026-03-01", 10);
    assert_int_equal(
        satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, "until 2026-02-28"));
    CARE_OK(w, satchel_coupon_issue(w->s, "Alpha", early, 2, &c, &w->e));
    assert_int_equal(
        satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, "from 2026-03-02"));
    (void)snprintf(misread, sizeof(misread), "%s", c.serial);
    misread[strlen(misread) - 3] =
        misread[strlen(misread) - 3] == '7' ? '8' : '7';
    assert_int_equal(
        satchel_coupon_redeem(w->s, misread, NULL, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, "misread"));
    care_edit(w, "coupon", c.saved.id, "cancelled=yes", NULL);
    care_at(w, "2026-03-02", 10);
    assert_int_equal(
        satchel_coupon_redeem(w->s, c.serial, NULL, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, "cancelled"));
    /* Of another branch: taken for who brought it, and listed. */
    assert_int_equal(
        satchel_coupon_redeem(w->s, "2001-00000-P", NULL, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    assert_int_equal(care_count(w, "redemption"), 0);
}

static void cap_40_on_the_birthday_the_extra_discount_is_offered(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_benefits *b = NULL;
    struct satchel_brief *brief = NULL;
    bool told = false;

    (void)care_add(w, "tier_rule", NULL, "tier=gold", "version=1",
        "min_spend=1000 CNY", "active=yes", NULL);
    (void)care_add(w, "tier_benefit", NULL, "name=gold", "tier=gold",
        "discount=5", "birthday_discount=5", "gift=Tea set", NULL);
    (void)care_add(w, "tier_benefit", NULL, "name=old", "tier=gold",
        "discount=50", "until=2025-12-31", NULL);
    (void)care_add(w, "tier_benefit", NULL, "name=diamond", "tier=diamond",
        "discount=20", NULL);
    care_account(w, "Alpha");
    (void)care_add(
        w, "purchase", "Alpha", "date=2026-01-01", "amount=1000 CNY", NULL);
    (void)care_add(w, "contact", "Alpha", "name=Wang Fang",
        "consent_birthday=state=given; at=2026-01-01T00:00Z",
        "birthday=calendar=solar; month=5; day=20", NULL);
    CARE_OK(w, satchel_benefits(w->s, "Alpha", "2026-05-19", &b, &w->e));
    assert_string_equal(b->tier_en, "gold");
    assert_int_equal(b->count, 1);
    assert_int_equal(b->today, 5);
    assert_false(b->birthday);
    satchel_free(b);
    care_at(w, "2026-05-20", 10);
    CARE_OK(w, satchel_benefits(w->s, "Alpha", NULL, &b, &w->e));
    assert_int_equal(b->today, 10);
    assert_true(b->birthday);
    assert_string_equal(b->whose, "Wang Fang");
    assert_string_equal(b->benefit[0].gift, "Tea set");
    satchel_free(b);
    CARE_OK(w, satchel_brief(w->s, "Alpha", &brief, &w->e));
    for (size_t i = 0; i < brief->count; i++) {
        told = told ||
               (strcmp(brief->fact[i].kind, "benefit") == 0 &&
                   strcmp(brief->fact[i].text_en,
                       "10 % off today, birthday of Wang Fang · Tea set") == 0);
    }
    assert_true(told);
    satchel_free(brief);
}

static void cap_39_three_of_four_by_november_is_a_warning(void **state)
{
    static const char *const held[] = { "held=2026-02-01", "held=2026-05-01",
        "held=2026-08-01" };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_gatherings *g = NULL;

    (void)care_add(w, "target", NULL, "metric=events", "from=2026-01-01",
        "until=2026-12-31", "value=4", NULL);
    care_account(w, "Alpha");
    care_account(w, "Beta");
    for (size_t i = 0; i < 3; i++) {
        (void)care_add(w, "event", NULL, "name=Tea", "kind=vip",
            "date=2026-02-01", held[i], NULL);
    }
    (void)care_add(w, "event", NULL, "name=Called off", "kind=vip",
        "date=2026-09-01", "held=2026-09-01", "cancelled=yes", NULL);
    (void)care_add(w, "event", NULL, "name=Course", "kind=training",
        "date=2026-09-02", "held=2026-09-02", NULL);
    (void)care_add(
        w, "event", NULL, "name=Planned", "kind=vip", "date=2026-12-20", NULL);
    CARE_OK(w, satchel_gathering_note(w->s, "Planned",
                   (const char *const[]){ "Alpha" }, 1, "invited", &w->e));
    CARE_OK(w, satchel_gathering_note(w->s, "Planned",
                   (const char *const[]){ "Beta" }, 1, "invited", &w->e));
    CARE_OK(w, satchel_gathering_note(w->s, "Planned",
                   (const char *const[]){ "Alpha" }, 1, "accepted", &w->e));
    assert_int_equal(care_count(w, "attendance"), 2);
    care_at(w, "2026-11-10", 10);
    CARE_OK(w, satchel_gatherings(w->s, 0, &g, &w->e));
    assert_int_equal(g->year, 2026);
    assert_int_equal(g->held, 3);
    assert_int_equal(g->wanted, 4);
    assert_true(g->behind);
    assert_int_equal(g->count, 6);
    assert_string_equal(g->gathering[5].name, "Planned");
    assert_int_equal(g->gathering[5].invited, 1);
    assert_int_equal(g->gathering[5].accepted, 1);
    satchel_free(g);
    care_at(w, "2026-09-10", 10);
    CARE_OK(w, satchel_gatherings(w->s, 2026, &g, &w->e));
    assert_false(g->behind);
    satchel_free(g);
    assert_int_equal(
        satchel_gatherings(w->s, 99999, &g, &w->e), SATCHEL_E_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, care_begin, care_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_campaign_whose_day_is_over_does_not_start),
        TEST(cap_34_ready_by_23_april_and_sent_on_the_24th),
        TEST(cap_35_only_buyers_of_the_changed_product_get_it_and_stay),
        TEST(bad_input_a_coupon_that_is_for_nothing_is_not_issued),
        TEST(cap_38_a_coupon_redeemed_twice_keeps_both_and_finance_decides),
        TEST(what_finance_refused_leaves_the_coupon_as_it_was),
        TEST(a_coupon_is_refused_for_a_reason),
        TEST(cap_39_three_of_four_by_november_is_a_warning),
        TEST(cap_40_on_the_birthday_the_extra_discount_is_offered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
