/*
 * test_satchel_care.c - customer care on a device without a network: the rows
 * of the capability list that its calls answer, each with its own example.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "care_world.h"

/* ---- what is due --------------------------------------------------------- */

/* Gold for who spent 1,000 in a year, and gold is visited every 14 days. */
static void add_gold(struct care_world *w)
{
    care_add(w, "tier_rule", NULL, "tier=gold", "version=1",
        "min_spend=1000.00 CNY", "active=yes", NULL);
    care_add(w, "care_rule", NULL, "name=cycle-gold", "policy=cycle",
        "kind=cycle", "tier=gold", "cycle_days=14", "action=visit",
        "title=Return visit", NULL);
    care_add(w, "care_rule", NULL, "name=cycle-standard", "policy=cycle",
        "kind=cycle", "tier=standard", "cycle_days=60", "action=call",
        "title=Return call", NULL);
}

static void cap_21_gold_that_was_seen_16_days_ago_is_overdue(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;

    add_gold(w);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Blue Lake");
    care_account(w, "Red Hill");
    care_add(w, "purchase", "Blue Lake", "date=2026-03-01",
        "amount=1000.00 CNY", NULL);
    care_add(w, "activity", "Blue Lake", "at=now", "channel=phone", NULL);
    care_add(w, "activity", "Red Hill", "at=now", "channel=phone", NULL);
    care_at(w, "2026-03-17", 10);
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 1);
    assert_int_equal(l->made, 1);
    assert_string_equal(l->item[0].account, "Blue Lake");
    assert_string_equal(l->item[0].due, "2026-03-15");
    assert_int_equal(l->item[0].overdue_days, 2);
    assert_string_equal(
        l->item[0].why_en, "16 days since last contact, gold: every 14");
    satchel_free(l);
    /* A year later it has not bought enough any more: it is standard. */
    care_at(w, "2027-03-05", 10);
    l = care_due(w, SATCHEL_CARE_LOOK);
    assert_int_equal(l->count, 2);
    assert_string_equal(l->item[0].title, "Return call");
    assert_string_equal(l->item[1].title, "Return call");
    satchel_free(l);
}

static void cap_22_2000_is_called_about_on_8_march_and_1999_99_is_not(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;
    struct satchel_record *task = NULL;

    care_add(w, "care_rule", NULL, "name=big", "kind=purchase",
        "threshold=2000.00 CNY", "delay_days=7", "action=call",
        "title=Call about a purchase", "script=How does it wear?", NULL);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    care_account(w, "Beta");
    care_add(
        w, "purchase", "Alpha", "date=2026-03-01", "amount=2000.00 CNY", NULL);
    care_add(
        w, "purchase", "Beta", "date=2026-03-01", "amount=1999.99 CNY", NULL);
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 1);
    assert_string_equal(l->item[0].account, "Alpha");
    assert_string_equal(l->item[0].due, "2026-03-08");
    assert_string_equal(l->item[0].script, "How does it wear?");
    CARE_OK(w, satchel_record_show(w->s, "task", l->item[0].id, &task, &w->e));
    satchel_free(task);
    satchel_free(l);
    /* Made once. */
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->made, 0);
    assert_string_equal(l->item[0].state, "open");
    satchel_free(l);
}

static void who_has_the_territory_cares_for_what_nobody_owns(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;

    care_add(w, "care_rule", NULL, "name=big", "kind=purchase",
        "threshold=2000.00 CNY", "delay_days=7", "action=call",
        "title=Call about a purchase", NULL);
    care_at(w, "2026-03-01", 10);
    (void)care_add(w, "account", NULL, "name=Alpha", "territory_id=A-1", NULL);
    care_add(
        w, "purchase", "Alpha", "date=2026-03-01", "amount=2000.00 CNY", NULL);
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 1);
    assert_true(l->item[0].mine);
    assert_int_equal(l->made, 1);
    satchel_free(l);
}

static void cap_23_a_promise_without_its_date_is_refused(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_saved saved;
    struct satchel_today *t = NULL;

    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    assert_int_equal(satchel_care_call(w->s, "Alpha", "promise", "samples",
                         NULL, NULL, NULL, 0, &saved, &w->e),
        SATCHEL_E_REQUIRED);
    assert_non_null(strstr(w->e.detail, "date"));
    assert_int_equal(care_count(w, "activity"), 0);
    CARE_OK(w, satchel_care_call(w->s, "Alpha", "promise", "samples",
                   "2026-03-05", NULL, NULL, 0, &saved, &w->e));
    /* An overdue promise tops the day. */
    care_add(w, "task", "Alpha", "title=older", "due=2026-03-02", "owner=me",
        "kind=call", "priority=1", NULL);
    care_at(w, "2026-03-09", 10);
    CARE_OK(w, satchel_today(w->s, &t, &w->e));
    assert_true(t->task_count >= 2);
    assert_string_equal(t->task[0].title, "samples");
    satchel_free(t);
}

/* Two that spent the same in the same territory. */
static void cap_26_of_a_tie_both_are_visited_with_flowers(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;

    care_add(w, "care_rule", NULL, "name=top", "kind=top", "delay_days=7",
        "action=visit", "title=Flowers", NULL);
    care_at(w, "2026-01-20", 10);
    for (unsigned i = 0; i < 3; i++) {
        static const char *const name[] = { "Alpha", "Beta", "Gamma" };
        care_account(w, name[i]);
        care_add(w, "purchase", name[i], "date=2025-06-01",
            i < 2 ? "amount=900 CNY" : "amount=899.99 CNY", NULL);
    }
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 2);
    assert_string_equal(l->item[0].account, "Alpha");
    assert_string_equal(l->item[1].account, "Beta");
    satchel_free(l);
}

/* ---- drafts -------------------------------------------------------------- */

static void add_template(struct care_world *w, const char *class,
    const char *text, const char *banned)
{
    char name[64], is[64], says[200], word[80];

    (void)snprintf(name, sizeof(name), "name=%s", class);
    (void)snprintf(is, sizeof(is), "class=%s", class);
    (void)snprintf(says, sizeof(says), "text=%s", text);
    (void)snprintf(word, sizeof(word), "banned+=%s", banned);
    care_add(w, "message_template", NULL, name, is, "channel=message", says,
        "signature={shop} {rep}", word, NULL);
}

/* A draft of that template for Alpha, made on 2026-11-07. */
static void draft_of(struct care_world *w, const char *kind, const char *class,
    char id[SATCHEL_ID_BYTES])
{
    struct satchel_care_list *l;
    char is[64], template[64];

    (void)snprintf(is, sizeof(is), "kind=%s", kind);
    (void)snprintf(template, sizeof(template), "template=%s", class);
    care_add(w, "care_rule", NULL, "name=rule", is, "on_date=2026-11-07",
        "cycle_days=30", "lapse_days=60", "action=message", template, NULL);
    care_at(w, "2026-10-01", 10);
    care_account(w, "Alpha");
    care_at(w, "2026-11-07", 10);
    l = care_due(w, SATCHEL_CARE_MESSAGES);
    assert_int_equal(l->count, 1);
    assert_string_equal(l->item[0].state, "drafted");
    (void)snprintf(id, SATCHEL_ID_BYTES, "%s", l->item[0].id);
    satchel_free(l);
}

/* The text, signed, is refused and the word is named; the draft stays. */
static void assert_refused(
    struct care_world *w, const char *id, const char *text, const char *word)
{
    char signed_text[200];

    (void)snprintf(
        signed_text, sizeof(signed_text), "%s\n%s", text, CARE_SIGNATURE);
    assert_int_equal(
        satchel_care_edit(w->s, id, signed_text, NULL, &w->e), SATCHEL_E_VALUE);
    if (strstr(w->e.detail, word) == NULL) {
        fail_msg("\"%s\" does not name %s", w->e.detail, word);
    }
}

static void cap_27_a_holiday_draft_names_its_offending_word(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char id[SATCHEL_ID_BYTES];

    add_template(w, "holiday", "{name} happy new year", "P-100");
    draft_of(w, "holiday", "holiday", id);
    assert_refused(w, id, "Happy new year, try our p-100", "\"P-100\"");
    assert_refused(w, id, "新年快乐，全场99元", "\"99元\"");
    CARE_OK(
        w, satchel_care_edit(w->s, id,
               "Happy new year to all of you\n" CARE_SIGNATURE, NULL, &w->e));
}

static void cap_29_a_season_draft_is_checked_alike(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char id[SATCHEL_ID_BYTES];

    add_template(w, "season", "{name} 天冷了，请添衣", "新款");
    draft_of(w, "season", "season", id);
    assert_refused(w, id, "天冷了，新款到店", "\"新款\"");
    assert_refused(w, id, "外套只要 300 元", "\"300 元\"");
}

static void cap_30_a_winback_draft_asks_nothing(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char id[SATCHEL_ID_BYTES];

    add_template(w, "winback", "{name} 好久不见", "did something happen");
    draft_of(w, "winback", "winback", id);
    assert_refused(
        w, id, "Long unseen. Did something happen?", "did something happen");
}

static void cap_31_a_draft_without_its_signature_is_refused(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char id[SATCHEL_ID_BYTES];

    add_template(w, "holiday", "{name} happy new year", "sale");
    draft_of(w, "holiday", "holiday", id);
    assert_int_equal(satchel_care_edit(w->s, id, "Happy new year", NULL, &w->e),
        SATCHEL_E_VALUE);
    assert_non_null(strstr(w->e.detail, CARE_SIGNATURE));
}

/* ---- out ----------------------------------------------------------------- */

struct taken {
    size_t count;
    bool broken;
};

static int put(void *self, const struct satchel_care_message *m)
{
    (void)m;
    ((struct taken *)self)->count++;
    return 0;
}

static int end(void *self)
{
    return ((struct taken *)self)->broken;
}

/* What the outbox says of Alpha's only draft at that time. */
static void assert_outbox(struct care_world *w, const char *day, unsigned hour,
    const char *why, const char *when)
{
    struct satchel_care_outbox *o = NULL;

    CARE_OK(w, satchel_care_export(w->s, care_ms(day, hour), NULL, &o, &w->e));
    assert_int_equal(o->count, 1);
    assert_string_equal(o->message[0].why_en, why);
    if (when != NULL) {
        assert_true(o->message[0].at_ms == care_ms(when, 12));
    }
    satchel_free(o);
}

static void cap_32_and_33_a_message_waits_for_its_window_and_for_a_no(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    char id[SATCHEL_ID_BYTES];

    care_add(w, "send_window", NULL, "name=noon", "channel=message", "days=1-5",
        "from=720", "to=840", NULL);
    add_template(w, "holiday", "{name} happy new year", "sale");
    draft_of(w, "holiday", "holiday", id);
    /* Tuesday 15:00 goes Wednesday 12:00. */
    assert_outbox(w, "2026-11-10", 15, "waits for its window", "2026-11-11");
    assert_outbox(w, "2026-11-11", 12, "may go now", NULL);
    care_edit(w, "account", "Alpha", "dnd=level=all", NULL);
    assert_outbox(w, "2026-11-11", 12, "do not disturb", NULL);
    care_edit(w, "account", "Alpha", "dnd=", NULL);
    care_add(w, "contact", "Alpha", "name=Wang",
        "consent_messages=state=withdrawn; at=2026-11-01T00:00Z", NULL);
    assert_outbox(w, "2026-11-11", 12, "the customer opted out", NULL);
}

static void cap_43_what_was_exported_is_sent_only_when_confirmed(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_outbox *o = NULL;
    struct taken taken = { .broken = true };
    const struct satchel_care_sink sink = { &taken, put, end };
    struct satchel_saved saved;
    char id[SATCHEL_ID_BYTES], state_now[32];

    add_template(w, "holiday", "{name} happy new year", "sale");
    draft_of(w, "holiday", "holiday", id);
    assert_int_equal(satchel_care_confirm(w->s, id, true, NULL, &saved, &w->e),
        SATCHEL_E_VALUE);
    /* Nothing is marked when the file was not safe. */
    assert_int_equal(
        satchel_care_export(w->s, 0, &sink, &o, &w->e), SATCHEL_E_IO);
    assert_string_equal(
        care_field(w, "message", id, "state", state_now), "drafted");
    taken = (struct taken){ 0 };
    CARE_OK(w, satchel_care_export(w->s, 0, &sink, &o, &w->e));
    assert_int_equal(taken.count, 1);
    assert_int_equal(o->gone, 1);
    satchel_free(o);
    assert_string_equal(
        care_field(w, "message", id, "state", state_now), "exported");
    CARE_OK(w, satchel_care_confirm(w->s, id, true, NULL, &saved, &w->e));
    assert_string_equal(
        care_field(w, "message", id, "state", state_now), "confirmed");
    assert_int_equal(
        satchel_care_edit(w->s, id, "x", NULL, &w->e), SATCHEL_E_VALUE);
}

/* ---- playbooks, time, contacts ------------------------------------------- */

static void cap_36_another_status_swaps_the_cycle_at_once(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l;
    struct satchel_saved saved;
    char about[40], rule[40];
    const struct satchel_stage_move first = { .status = "potential" };
    const struct satchel_stage_move then = { .status = "target" };

    add_gold(w);
    (void)care_add(w, "playbook", NULL, "name=Potential", "funnel=potential",
        "cycle_days=30", "action=call", NULL);
    (void)care_add(w, "playbook", NULL, "name=Interested", "funnel=target",
        "cycle_days=10", "action=visit", "title=Visit with a gift",
        "text=Bring a small gift", NULL);
    (void)care_add(w, "playbook", NULL, "name=Off", "funnel=target",
        "cycle_days=1", "action=visit", "active=no", NULL);
    care_at(w, "2026-03-01", 10);
    care_account(w, "Alpha");
    CARE_OK(w, satchel_stage_set(w->s, "Alpha", &first, &saved, &w->e));
    (void)care_add(w, "activity", "Alpha", "at=now", "channel=phone", NULL);
    care_at(w, "2026-03-16", 10);
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 0);
    satchel_free(l);
    CARE_OK(w, satchel_stage_set(w->s, "Alpha", &then, &saved, &w->e));
    l = care_due(w, SATCHEL_CARE_TASKS);
    assert_int_equal(l->count, 1);
    assert_string_equal(l->item[0].title, "Visit with a gift");
    assert_string_equal(l->item[0].script, "Bring a small gift");
    assert_string_equal(l->item[0].due, "2026-03-11");
    /* A playbook is no care rule; the task says what it is about. */
    assert_string_equal(care_field(w, "task", l->item[0].id, "rule", rule), "");
    assert_string_not_equal(
        care_field(w, "task", l->item[0].id, "about", about), "");
    satchel_free(l);
}

/* So many minutes on a day. */
static void visit(struct care_world *w, const char *account, const char *day,
    unsigned minutes)
{
    char in[64], out[64];

    care_at(w, day, 10);
    (void)snprintf(in, sizeof(in), "checkin=%sT09:00+08:00", day);
    (void)snprintf(out, sizeof(out), "checkout=%sT%02u:%02u+08:00", day,
        9 + minutes / 60, minutes % 60);
    (void)care_add(w, "visit", account, "rep=me", "type=sales", in, out, NULL);
}

/* Two customers, one old, one new; 35 % of the week's time went to the old. */
static void cap_37_a_week_of_35_to_65_stands_beside_20_to_80(void **state)
{
    static const struct {
        const char *name, *funnel;
    } who[] = { { "Old", "loyal" }, { "Potential", "potential" },
        { "Interested", "qualified" }, { "Buyer", NULL } };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_time *t = NULL;
    char funnel[40];

    (void)care_add(w, "playbook", NULL, "name=a", "funnel=potential",
        "time_share=16", NULL);
    (void)care_add(
        w, "playbook", NULL, "name=b", "funnel=target", "time_share=64", NULL);
    (void)care_add(
        w, "playbook", NULL, "name=c", "funnel=closed", "time_share=20", NULL);
    care_at(w, "2026-03-01", 10);
    for (size_t i = 0; i < 4; i++) {
        care_account(w, who[i].name);
        if (who[i].funnel != NULL) {
            (void)snprintf(
                funnel, sizeof(funnel), "funnel_status=%s", who[i].funnel);
            care_edit(w, "account", who[i].name, funnel, NULL);
        }
    }
    (void)care_add(
        w, "purchase", "Buyer", "date=2026-02-01", "amount=5 CNY", NULL);
    /* Monday 2 March to Sunday 8 March. */
    visit(w, "Old", "2026-03-02", 30);
    visit(w, "Buyer", "2026-03-08", 40);
    visit(w, "Potential", "2026-03-04", 26);
    visit(w, "Interested", "2026-03-05", 104);
    visit(w, "Interested", "2026-03-09", 60);
    CARE_OK(w, satchel_time(w->s, "me", "2026-03-10", 2, &t, &w->e));
    assert_int_equal(t->count, 2);
    assert_string_equal(t->week[0].from, "2026-03-09");
    assert_int_equal(t->week[0].seconds, 3600);
    assert_string_equal(t->week[1].from, "2026-03-02");
    assert_string_equal(t->week[1].until, "2026-03-08");
    assert_int_equal(t->week[1].visits, 4);
    assert_int_equal(t->week[1].old_new.first_percent, 35);
    assert_int_equal(t->week[1].old_new.second_percent, 65);
    assert_true(t->week[1].old_new.has_target);
    assert_int_equal(t->week[1].old_new.target_first, 20);
    assert_int_equal(t->week[1].old_new.target_second, 80);
    assert_int_equal(t->week[1].potential_interested.first_percent, 20);
    assert_int_equal(t->week[1].potential_interested.target_first, 20);
    satchel_free(t);
    assert_int_equal(
        satchel_time(w->s, NULL, NULL, 0, &t, &w->e), SATCHEL_E_ARGUMENT);
    assert_int_equal(
        satchel_time(w->s, "nobody", NULL, 1, &t, &w->e), SATCHEL_E_NOT_FOUND);
}

static void cap_41_contacts_equal_the_rows_of_activity(void **state)
{
    static const char *const channel[] = { "phone", "phone", "message", "visit",
        "other" };
    struct care_world *w = (struct care_world *)*state;
    struct satchel_contact_counts *c = NULL;
    char is[40];

    care_at(w, "2026-03-05", 10);
    care_account(w, "Alpha");
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(is, sizeof(is), "channel=%s", channel[i]);
        (void)care_add(w, "activity", "Alpha", "at=now", is,
            i == 0 ? "direction=incoming" : "direction=outgoing", NULL);
    }
    care_at(w, "2026-04-01", 10);
    (void)care_add(w, "activity", "Alpha", "at=now", "channel=phone", NULL);
    CARE_OK(
        w, satchel_contact_counts(w->s, "2026-03-01", "2026-03-31", &c, &w->e));
    assert_int_equal(c->total, 5);
    assert_int_equal(c->count, 1);
    assert_int_equal(c->person[0].total, 5);
    assert_int_equal(c->person[0].calls, 2);
    assert_int_equal(c->person[0].callbacks, 1);
    assert_int_equal(c->person[0].messages, 1);
    assert_int_equal(c->person[0].meetings, 1);
    satchel_free(c);
    CARE_OK(
        w, satchel_contact_counts(w->s, "2026-03-01", "2026-04-30", &c, &w->e));
    assert_int_equal(c->total, care_count(w, "activity"));
    satchel_free(c);
    /* This month, and a period that cannot be. */
    CARE_OK(w, satchel_contact_counts(w->s, NULL, NULL, &c, &w->e));
    assert_int_equal(c->total, 1);
    assert_string_equal(c->from, "2026-04-01");
    satchel_free(c);
    assert_int_equal(
        satchel_contact_counts(w->s, "2026-03-02", "2026-03-01", &c, &w->e),
        SATCHEL_E_ARGUMENT);
}

static void cap_44_who_paid_today_is_invited_and_who_did_not_is_reminded(
    void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_daily_list *l = NULL;

    care_at(w, "2026-03-05", 18);
    care_account(w, "Paid");
    care_account(w, "Unpaid");
    care_account(w, "Yesterday");
    care_account(w, "Returned");
    (void)care_add(w, "purchase", "Paid", "date=2026-03-05", "amount=10 CNY",
        "paid=2026-03-05", "number=A-1", NULL);
    (void)care_add(w, "purchase", "Paid", "date=2026-03-05", "amount=20 CNY",
        "paid=2026-03-05", "number=A-2", NULL);
    (void)care_add(
        w, "purchase", "Unpaid", "date=2026-03-05", "amount=30.50 CNY", NULL);
    (void)care_add(
        w, "purchase", "Yesterday", "date=2026-03-04", "amount=1 CNY", NULL);
    (void)care_add(
        w, "purchase", "Returned", "date=2026-03-05", "amount=-5 CNY", NULL);
    CARE_OK(w, satchel_care_daily(w->s, NULL, &l, &w->e));
    assert_string_equal(l->date, "2026-03-05");
    assert_int_equal(l->count, 2);
    assert_string_equal(l->customer[0].account, "Unpaid");
    assert_string_equal(l->customer[0].what, "nudge");
    assert_string_equal(l->customer[0].amount.text, "CNY 30.50");
    assert_string_equal(l->customer[0].phone, "+8613812345678");
    assert_string_equal(l->customer[1].account, "Paid");
    assert_string_equal(l->customer[1].what, "invite");
    assert_int_equal(l->customer[1].purchases, 2);
    assert_string_equal(l->customer[1].amount.text, "CNY 30.00");
    assert_int_equal(l->customer[1].amount.of[0].minor, 3000);
    assert_string_equal(l->customer[1].numbers, "A-1, A-2");
    satchel_free(l);
}

/* Which queue the feedback is in now; "" when it is in none. */
static const char *queue_of(struct care_world *w, const char *id)
{
    static const char *const queue[] = { "branch", "region", "head_office" };
    const char *found = "";

    for (size_t i = 0; i < 3; i++) {
        struct satchel_feedback_list *l = NULL;
        CARE_OK(w, satchel_feedback_list(w->s, queue[i], false, &l, &w->e));
        for (size_t k = 0; k < l->count; k++) {
            if (strcmp(l->feedback[k].id, id) == 0) {
                assert_string_equal(found, ""); /* in one only */
                assert_string_equal(l->feedback[k].route, queue[i]);
                found = queue[i];
            }
        }
        satchel_free(l);
    }
    return found;
}

static void cap_42_pricing_policy_goes_to_head_office(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_feedback_list *l = NULL;
    struct satchel_saved price, shop, none;

    care_account(w, "Alpha");
    price = care_add(w, "feedback", "Alpha", "at=now", "text=too dear",
        "tags+=parking", "tags+=Pricing  POLICY", NULL);
    shop = care_add(w, "feedback", "Alpha", "at=now", "text=no parking",
        "tags+=parking", NULL);
    none = care_add(w, "feedback", "Alpha", "at=now", "text=fine", NULL);
    assert_string_equal(queue_of(w, price.id), "region");
    (void)care_add(w, "care_rule", NULL, "name=company", "kind=feedback",
        "route=head_office", "tags+=pricing policy", NULL);
    (void)care_add(w, "care_rule", NULL, "name=shop", "kind=feedback",
        "route=branch", "tags+=parking", NULL);
    (void)care_add(w, "care_rule", NULL, "name=off", "kind=feedback",
        "route=head_office", "tags+=parking", "active=no", NULL);
    assert_string_equal(queue_of(w, price.id), "head_office");
    assert_string_equal(queue_of(w, shop.id), "branch");
    assert_string_equal(queue_of(w, none.id), "region");
    /* What a person says counts. */
    care_edit(w, "feedback", none.id, "route=head_office", NULL);
    assert_string_equal(queue_of(w, none.id), "head_office");
    /* An answer takes it out of the queue, not away. */
    assert_int_equal(satchel_feedback_answer(w->s, price.id, "", NULL, &w->e),
        SATCHEL_E_REQUIRED);
    CARE_OK(w, satchel_feedback_answer(w->s, price.id, "a; b=c", NULL, &w->e));
    assert_string_equal(queue_of(w, price.id), "");
    CARE_OK(w, satchel_feedback_list(w->s, NULL, true, &l, &w->e));
    assert_int_equal(l->count, 3);
    satchel_free(l);
    assert_int_equal(satchel_feedback_list(w->s, "moon", true, &l, &w->e),
        SATCHEL_E_ARGUMENT);
}

static void bad_input_a_day_that_is_none_is_named(void **state)
{
    struct care_world *w = (struct care_world *)*state;
    struct satchel_care_list *l = NULL;

    assert_int_equal(satchel_care_due(w->s, "2026-02-30", SATCHEL_CARE_LOOK,
                         false, &l, &w->e),
        SATCHEL_E_ARGUMENT);
    assert_non_null(strstr(w->e.detail, "2026-02-30"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, care_begin, care_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cap_21_gold_that_was_seen_16_days_ago_is_overdue),
        TEST(cap_22_2000_is_called_about_on_8_march_and_1999_99_is_not),
        TEST(who_has_the_territory_cares_for_what_nobody_owns),
        TEST(cap_23_a_promise_without_its_date_is_refused),
        TEST(cap_26_of_a_tie_both_are_visited_with_flowers),
        TEST(cap_27_a_holiday_draft_names_its_offending_word),
        TEST(cap_29_a_season_draft_is_checked_alike),
        TEST(cap_30_a_winback_draft_asks_nothing),
        TEST(cap_31_a_draft_without_its_signature_is_refused),
        TEST(cap_32_and_33_a_message_waits_for_its_window_and_for_a_no),
        TEST(cap_43_what_was_exported_is_sent_only_when_confirmed),
        TEST(cap_36_another_status_swaps_the_cycle_at_once),
        TEST(cap_37_a_week_of_35_to_65_stands_beside_20_to_80),
        TEST(cap_41_contacts_equal_the_rows_of_activity),
        TEST(cap_44_who_paid_today_is_invited_and_who_did_not_is_reminded),
        TEST(cap_42_pricing_policy_goes_to_head_office),
        TEST(bad_input_a_day_that_is_none_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
