/* What waits for a person: quarantine and deferrals that nobody ends (SYNC J4,
 * J9, X8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contents.h"
#include "engine.h"
#include "forge.h"
#include "sp/roster.h"

#define ANNA   111u
#define DAY_MS 86400000u

struct case_of {
    struct test_world *w;
    struct test_party *anna, *a, *head;
    struct test_forge f;
};

static struct case_of begin(void **state)
{
    struct case_of c = { .w = *state };
    c.anna = test_world_party(c.w, ANNA);
    c.a = test_world_party(c.w, 2);
    c.head = test_world_party(c.w, 1);
    c.f = test_forge_new(c.anna, 99);
    return c;
}

static void hand_in(struct case_of *c, struct test_party *server)
{
    struct sp_batch b = test_forge_batch(&c->f);
    assert_int_equal(test_forge_push(server, c->anna, &b, NULL), SP_OK);
}

static void report(struct case_of *c, enum sp_device_status status)
{
    (void)test_org_publish_device(
        c->w->org, test_org_find(c->w->org, ANNA), status);
    test_party_give_documents(c->head);
}

static struct sp_verdict verdict(
    struct test_party *p, const struct case_of *c, uint64_t n)
{
    struct sp_tx tx;
    struct sp_verdict_entry e;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_verdict(&tx, c->f.replica, n, &e), SP_OK);
    sp_tx_abort(&tx);
    return e.verdict;
}

struct found {
    uint32_t count, decidable;
    struct sp_waiting last;
};

static sp_err count_one(void *arg, const struct sp_waiting *w)
{
    struct found *f = arg;
    f->count++;
    f->decidable += w->decidable;
    f->last = *w;
    return SP_OK;
}

static struct found waiting(struct test_party *p)
{
    struct sp_tx tx;
    struct found f = { 0 };
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_waiting_list(&tx, count_one, &f), SP_OK);
    sp_tx_abort(&tx);
    return f;
}

static sp_err release(struct test_party *p, const struct case_of *c, uint64_t n)
{
    struct sp_tx tx;
    struct sp_verdict v;
    test_party_begin(p, &tx, true);
    sp_err err = sp_waiting_release(&tx, c->f.replica, n, &v);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    return test_party_commit(p, &tx);
}

static sp_err refuse(struct test_party *p, const struct case_of *c, uint64_t n)
{
    struct sp_tx tx;
    test_party_begin(p, &tx, true);
    sp_err err = sp_waiting_refuse(&tx, c->f.replica, n);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    return test_party_commit(p, &tx);
}

static void what_a_lost_device_sent_is_set_aside_whole(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    hand_in(&c, c.a);
    assert_int_equal(verdict(c.a, &c, 1).kind, SP_DEFERRED);
    assert_int_equal(verdict(c.a, &c, 1).code, SP_E_QUARANTINED);
    assert_int_equal(test_party_view(c.a, &shop).count, 0);
    struct sp_status s = test_party_status(c.a);
    assert_int_equal(s.quarantined, 1);
    assert_int_equal(s.deferred, 0);
    struct found f = waiting(c.a);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.decidable, 1);
    assert_int_equal(f.last.judge, 2);
    assert_int_equal(f.last.commit.user, 11);
    /* Head office holds it back as well, and tells nobody "accepted". */
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_QUARANTINED);
    assert_true(test_party_sync(c.a, c.head).same);
}

static void what_a_person_releases_its_judge_judges(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    test_forge_text(&c.f, &shop, 12, "A-2"); /* never hers to say */
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    hand_in(&c, c.a);
    assert_int_equal(release(c.a, &c, 1), SP_OK);
    assert_int_equal(release(c.a, &c, 2), SP_OK);
    assert_int_equal(verdict(c.a, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(c.a, &c, 2).kind, SP_REFUSED);
    assert_int_equal(test_party_view(c.a, &shop).count, 2);
    assert_int_equal(release(c.a, &c, 1), SP_E_NOT_FOUND);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_VERDICT_NONE);
    assert_int_equal(test_party_view(c.head, &shop).count, 2);
    assert_int_equal(waiting(c.head).count, 0);
}

static void what_is_released_at_head_office_goes_down_to_its_judge(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    hand_in(&c, c.a);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(release(c.head, &c, 1), SP_OK);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_DEFERRED_JUDGE);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.a, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(c.head, &c, 1).judge, 2);
    assert_int_equal(test_party_view(c.head, &shop).count, 2);
    (void)test_party_sync(c.a, c.head);
    assert_true(test_party_sync(c.a, c.head).same);
}

static void what_a_person_refuses_is_refused_everywhere(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    (void)test_forge_visit(&c.f, &shop);
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    hand_in(&c, c.a);
    assert_int_equal(refuse(c.a, &c, 1), SP_OK);
    assert_int_equal(verdict(c.a, &c, 1).code, SP_E_DECLINED);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_DECLINED);
    /* What belongs to it goes with it once somebody lets it out (SYNC J8). */
    assert_int_equal(release(c.a, &c, 2), SP_OK);
    assert_int_equal(verdict(c.a, &c, 2).code, SP_E_PARENT_REFUSED);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 2).code, SP_E_PARENT_REFUSED);
}

/* The person has left: her visit goes by the roles that she had. */
static void leaves(struct case_of *c, struct sp_had *had)
{
    struct sp_person *anna = test_org_person(c->w->org, 11, NULL);
    *had = (struct sp_had){ TEST_ORG_REP, c->w->org->roster_serial };
    anna->status = SP_PERSON_LEFT;
    anna->had = had;
    anna->had_count = 1;
    (void)test_org_publish(c->w->org, TEST_ORG_A);
    test_party_give_documents(c->head);
    (void)test_party_sync(c->a, c->head);
}

/* SYNC J1: an edit has the judge that its record's create has. */
static void what_a_leaver_sent_has_a_judge_down_to_the_last_edit(void **state)
{
    struct case_of c = begin(state);
    struct sp_had had;
    struct test_forge f = test_forge_new(test_world_party(c.w, 113), 1);
    struct sp_ref shop = test_forge_account(&f, "Corner shop", "A-1");
    struct sp_batch known = test_forge_batch(&f);
    assert_int_equal(test_forge_push(c.a, f.party, &known, NULL), SP_OK);
    struct sp_ref visit = test_forge_visit(&c.f, &shop);
    test_forge_text(&c.f, &visit, 13, "x"); /* no outcome: refused when tried */
    struct sp_ref note = test_forge_visit(&c.f, &visit); /* of no account */
    test_forge_text(&c.f, &note, 13, "y");
    leaves(&c, &had);
    hand_in(&c, c.a);
    struct found f4 = waiting(c.a);
    assert_int_equal(f4.count, 4);
    assert_int_equal(f4.decidable, 2);
    assert_int_equal(release(c.a, &c, 2), SP_OK);
    assert_int_equal(verdict(c.a, &c, 2).code, SP_E_DEFERRED_PARENT);
    assert_int_equal(release(c.a, &c, 1), SP_OK);
    assert_int_equal(verdict(c.a, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(c.a, &c, 2).kind, SP_REFUSED);
    assert_int_equal(test_party_view(c.a, &visit).count, 4);
    assert_int_equal(release(c.a, &c, 3), SP_E_NOT_SERVED);
    assert_int_equal(release(c.a, &c, 4), SP_E_NOT_SERVED);
}

/* What waits already when the device is reported. */
static void a_commit_that_waits_is_set_aside_when_its_device_is_lost(
    void **state)
{
    struct case_of c = begin(state);
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in(&c, c.head);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_DEFERRED_JUDGE);
    report(&c, SP_DEVICE_REVOKED);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_QUARANTINED);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.a, &c, 1).code, SP_E_QUARANTINED);
    /* The branch took it from head office's list; it has no commit to show. */
    assert_int_equal(waiting(c.a).count, 0);
    assert_int_equal(waiting(c.head).count, 1);
}

/* What the branch accepted before it heard of the loss stays (SYNC J7). */
static void what_a_branch_accepted_before_stays_accepted(void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in(&c, c.a);
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_VERDICT_NONE);
    assert_int_equal(test_party_view(c.head, &shop).count, 2);
}

static void nobody_decides_before_the_deadline_and_head_office_after(
    void **state)
{
    struct case_of c = begin(state);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    test_forge_text(&c.f, &(struct sp_ref){ 1, { { 9 } } }, 2, "Whose?");
    hand_in(&c, c.head);
    assert_int_equal(release(c.head, &c, 1), SP_E_NOT_DUE);
    assert_int_equal(refuse(c.head, &c, 1), SP_E_NOT_DUE);
    c.w->now_ms += SP_DEFER_MS_MAX - 1;
    assert_int_equal(waiting(c.head).decidable, 0);
    c.w->now_ms += 1;
    assert_int_equal(waiting(c.head).decidable, 2);
    assert_int_equal(release(c.head, &c, 1), SP_OK);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(verdict(c.head, &c, 1).judge, 1);
    /* Its branch gets the effect with the records. */
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(test_party_view(c.a, &shop).count, 2);
    /* A record that nobody knows cannot be judged, only refused. */
    assert_int_equal(release(c.head, &c, 2), SP_OK);
    assert_int_equal(verdict(c.head, &c, 2).code, SP_E_DEFERRED_PARENT);
    assert_int_equal(refuse(c.head, &c, 2), SP_OK);
    assert_int_equal(verdict(c.head, &c, 2).kind, SP_REFUSED);
}

static void a_branch_decides_about_what_it_serves_only(void **state)
{
    struct case_of c = begin(state);
    struct test_party *b = test_world_ready(c.w, 3);
    (void)test_forge_account(&c.f, "Corner shop", "A-1");
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(b, c.head);
    hand_in(&c, b);
    assert_int_equal(verdict(b, &c, 1).code, SP_E_QUARANTINED);
    assert_int_equal(release(b, &c, 1), SP_E_NOT_SERVED);
    assert_int_equal(refuse(b, &c, 1), SP_E_NOT_SERVED);
    (void)test_party_sync(b, c.head);
    assert_int_equal(release(c.head, &c, 1), SP_OK);
    (void)test_party_sync(c.a, c.head);
    (void)test_party_sync(b, c.head);
    assert_int_equal(verdict(b, &c, 1).kind, SP_ACCEPTED);
}

static enum sp_merge_kind all_deny(void *self, uint16_t type, uint16_t field)
{
    (void)self;
    (void)type;
    (void)field;
    return SP_MERGE_DENY;
}

/* SYNC J9. */
static void a_field_that_denies_waits_for_the_end_of_the_serving_term(
    void **state)
{
    struct case_of c = begin(state);
    struct test_org *o = c.w->org;
    struct sp_served served;
    struct sp_id scope = test_org_territory("A-1");
    struct sp_tx tx;
    bool running;
    (void)test_party_sync(c.a, c.head);
    o->unit[TEST_ORG_A].roster.server = 0; /* head office takes over */
    (void)test_org_publish(o, TEST_ORG_A);
    test_party_give_documents(c.head);
    test_party_begin(c.head, &tx, false);
    assert_int_equal(sp_served_get(&tx, &scope, 2, &served), SP_OK);
    assert_true(served.serial > 0);
    assert_int_equal(served.term_days, SP_ROSTER_TERM_DAYS);
    assert_int_equal(sp_served_get(&tx, &scope, 3, &served), SP_OK);
    assert_int_equal(served.serial, 0);
    assert_int_equal(sp_served_term(&tx, &scope, &running), SP_OK);
    assert_true(running);
    sp_tx_abort(&tx);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in(&c, c.head);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_VERDICT_NONE);
    c.head->rules.merge_kind = all_deny;
    test_forge_text(&c.f, &shop, 2, "No");
    hand_in(&c, c.head);
    assert_int_equal(verdict(c.head, &c, 2).code, SP_E_DEFERRED_JUDGE);
    c.w->now_ms += (uint64_t)SP_ROSTER_TERM_DAYS * DAY_MS;
    test_party_begin(c.head, &tx, true);
    assert_int_equal(sp_served_term(&tx, &scope, &running), SP_OK);
    assert_false(running);
    assert_int_equal(sp_node_retry(&tx), SP_OK);
    assert_int_equal(sp_tx_commit(&tx), SP_OK);
    assert_int_equal(verdict(c.head, &c, 2).kind, SP_ACCEPTED);
}

/* ---- a key that does not fit (SYNC X8) ----------------------------------- */

/* The same device with the signing key of a store that it no longer is. */
static void hand_in_signed_otherwise(
    struct case_of *c, struct test_party *server, uint64_t *taken)
{
    struct test_org_keys other = test_org_keys(7, "another store");
    struct sp_batch b = test_forge_batch(&c->f);
    sp_commit_sign(&c->anna->identity.org, c->f.replica, c->f.n, &c->f.hash,
        other.sign_secret, b.signature);
    assert_int_equal(test_forge_push(server, c->anna, &b, taken), SP_OK);
}

static uint64_t logged(struct test_party *p, const struct case_of *c)
{
    struct sp_tx tx;
    struct sp_chain chain;
    test_party_begin(p, &tx, false);
    assert_int_equal(sp_log_chain(&tx, c->f.replica, &chain), SP_OK);
    sp_tx_abort(&tx);
    return chain.n;
}

/* Nothing of it counts, nothing is lost, and nothing waits behind it. */
static void what_its_devices_key_did_not_sign_waits_for_head_office(
    void **state)
{
    struct case_of c = begin(state);
    (void)test_party_sync(c.a, c.head);
    struct sp_ref first = test_forge_account(&c.f, "Before", "A-1");
    hand_in(&c, c.a);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in_signed_otherwise(&c, c.a, NULL);
    struct sp_ref last = test_forge_account(&c.f, "After", "A-1");
    hand_in(&c, c.a);
    assert_int_equal(test_party_view(c.a, &first).count, 2);
    assert_int_equal(test_party_view(c.a, &shop).count, 0);
    assert_int_equal(test_party_view(c.a, &last).count, 2);
    assert_int_equal(verdict(c.a, &c, 2).code, SP_E_UNPROVEN);
    assert_int_equal(test_party_status(c.a).quarantined, 1);
    assert_int_equal(waiting(c.a).count, 1);
    assert_int_equal(waiting(c.a).decidable, 0);
    assert_int_equal(release(c.a, &c, 2), SP_E_NOT_SERVED);
    /* Head office finds the same, of this commit alone. */
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 1).kind, SP_VERDICT_NONE);
    assert_int_equal(verdict(c.head, &c, 2).code, SP_E_UNPROVEN);
    assert_int_equal(verdict(c.head, &c, 3).kind, SP_VERDICT_NONE);
    assert_true(test_party_sync(c.a, c.head).same);
    struct found f = waiting(c.head);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.decidable, 1);
    assert_int_equal(release(c.head, &c, 2), SP_OK);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.a, &c, 2).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(c.a, &shop).count, 2);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.head, &c, 2).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(c.head, &shop).count, 2);
    assert_int_equal(waiting(c.head).count + waiting(c.a).count, 0);
}

static void head_office_refuses_what_nobody_signed_and_branches_hear_it(
    void **state)
{
    struct case_of c = begin(state);
    (void)test_party_sync(c.a, c.head);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in_signed_otherwise(&c, c.a, NULL);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(refuse(c.a, &c, 1), SP_E_NOT_SERVED);
    assert_int_equal(refuse(c.head, &c, 1), SP_OK);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.a, &c, 1).code, SP_E_DECLINED);
    assert_int_equal(test_party_view(c.a, &shop).count, 0);
}

/* A branch says "accepted" of what its own copy of the certificate fits, or of
 * what it made up: head office has the signature to go by (SYNC J7). */
static void no_branch_vouches_for_a_signature(void **state)
{
    struct case_of c = begin(state);
    struct test_org_keys other = test_org_keys(7, "another store");
    struct sp_certified branch;
    struct sp_tx tx;
    uint64_t taken = 0;
    (void)test_party_sync(c.a, c.head);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    struct sp_batch b = test_forge_batch(&c.f);
    sp_commit_sign(&c.anna->identity.org, c.f.replica, c.f.n, &c.f.hash,
        other.sign_secret, b.signature);
    struct sp_push push = { 1, &b };
    assert_int_equal(
        c.head->rules.device(c.head->rules.self, 2, &branch), SP_OK);
    test_party_begin(c.head, &tx, true);
    assert_int_equal(
        sp_apply_push(&tx, &branch, &push, &c.head->arena, &taken), SP_OK);
    struct sp_verdict_entry had;
    assert_int_equal(sp_log_verdict(&tx, c.f.replica, 1, &had), SP_OK);
    struct sp_told_verdict word = { c.f.replica, 1, had.content,
        { .kind = SP_ACCEPTED, .judge = 2, .at_ms = c.w->now_ms } };
    assert_int_equal(sp_apply_said(&tx, &branch, &word), SP_OK);
    assert_int_equal(test_party_commit(c.head, &tx), SP_OK);
    assert_int_equal(verdict(c.head, &c, 1).code, SP_E_UNPROVEN);
    assert_int_equal(test_party_view(c.head, &shop).count, 0);
}

/* The certificate of the new key came later than what it signed. */
static void a_key_that_fits_after_all_ends_the_wait(void **state)
{
    struct case_of c = begin(state);
    struct test_org_keys other = test_org_keys(7, "another store");
    struct test_org_device *d = test_org_find(c.w->org, ANNA);
    (void)test_party_sync(c.a, c.head);
    struct sp_ref shop = test_forge_account(&c.f, "Corner shop", "A-1");
    hand_in_signed_otherwise(&c, c.a, NULL);
    assert_int_equal(verdict(c.a, &c, 1).code, SP_E_UNPROVEN);
    memcpy(d->device.sign_public, other.sign_public, 32);
    report(&c, SP_DEVICE_ACTIVE);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(verdict(c.a, &c, 1).kind, SP_ACCEPTED);
    assert_int_equal(test_party_view(c.a, &shop).count, 2);
    (void)test_party_sync(c.a, c.head);
    assert_int_equal(test_party_view(c.head, &shop).count, 2);
    assert_int_equal(waiting(c.head).count, 0);
}

/* As many as the limit, less so many, of another incarnation. */
static void fill(struct test_party *p, uint64_t less)
{
    struct sp_tx tx;
    test_party_begin(p, &tx, true);
    for (uint64_t n = 1; n <= SP_QUARANTINE_MAX - less; n++) {
        struct sp_verdict_entry e = { .replica = sp_replica_make(ANNA, 5),
            .n = n,
            .verdict = { .kind = SP_DEFERRED, .code = SP_E_QUARANTINED } };
        assert_int_equal(sp_log_put_verdict(&tx, &e), SP_OK);
    }
    assert_int_equal(test_party_commit(p, &tx), SP_OK);
}

/* The device keeps what finds no room, and sends it again. */
static void a_device_fills_its_quarantine_and_no_more(void **state)
{
    struct case_of c = begin(state);
    uint64_t taken;
    (void)test_party_sync(c.a, c.head);
    fill(c.a, 2);
    (void)test_forge_account(&c.f, "One below the limit", "A-1");
    hand_in_signed_otherwise(&c, c.a, &taken);
    assert_int_equal(logged(c.a, &c), 1);
    (void)test_forge_account(&c.f, "At the limit", "A-1");
    hand_in_signed_otherwise(&c, c.a, &taken);
    assert_int_equal(logged(c.a, &c), 2);
    assert_int_equal(verdict(c.a, &c, 2).code, SP_E_UNPROVEN);
    struct test_forge at_limit = c.f;
    (void)test_forge_account(&c.f, "One too many", "A-1");
    hand_in_signed_otherwise(&c, c.a, &taken);
    assert_int_equal(logged(c.a, &c), 2);
    assert_int_equal(taken, 0);
    /* What may be judged does not wait for room. */
    c.f = at_limit;
    (void)test_forge_account(&c.f, "Another", "A-1");
    hand_in(&c, c.a);
    assert_int_equal(logged(c.a, &c), 3);
    assert_int_equal(verdict(c.a, &c, 3).kind, SP_VERDICT_NONE);
}

static void a_lost_device_fills_its_quarantine_and_no_more(void **state)
{
    struct case_of c = begin(state);
    report(&c, SP_DEVICE_LOST);
    (void)test_party_sync(c.a, c.head);
    fill(c.a, 1);
    (void)test_forge_account(&c.f, "At the limit", "A-1");
    hand_in(&c, c.a);
    assert_int_equal(logged(c.a, &c), 1);
    (void)test_forge_account(&c.f, "One too many", "A-1");
    hand_in(&c, c.a);
    assert_int_equal(logged(c.a, &c), 1);
}

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_setup, test_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_a_lost_device_sent_is_set_aside_whole),
        CASE(what_a_person_releases_its_judge_judges),
        CASE(what_is_released_at_head_office_goes_down_to_its_judge),
        CASE(what_a_person_refuses_is_refused_everywhere),
        CASE(what_a_leaver_sent_has_a_judge_down_to_the_last_edit),
        CASE(a_commit_that_waits_is_set_aside_when_its_device_is_lost),
        CASE(what_a_branch_accepted_before_stays_accepted),
        CASE(nobody_decides_before_the_deadline_and_head_office_after),
        CASE(a_branch_decides_about_what_it_serves_only),
        CASE(a_field_that_denies_waits_for_the_end_of_the_serving_term),
        CASE(what_its_devices_key_did_not_sign_waits_for_head_office),
        CASE(head_office_refuses_what_nobody_signed_and_branches_hear_it),
        CASE(no_branch_vouches_for_a_signature),
        CASE(a_key_that_fits_after_all_ends_the_wait),
        CASE(a_device_fills_its_quarantine_and_no_more),
        CASE(a_lost_device_fills_its_quarantine_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
