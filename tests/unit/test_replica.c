/* test_replica.c - waking up, and who a store says that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#include "api/call.h"

/* ---- waking up --------------------------------------------------------- */

static void any_other_place_is_elsewhere(void **state)
{
    const struct cc_wake here = {
        .machine = { 1 }, .volume = 2, .file = 3, .at_ms = 1000000
    };
    const struct {
        const char *name;
        struct cc_wake now;
        bool elsewhere;
    } cases[] = {
        { "as it was", here, false },
        { "a slow commit", { { 1 }, 2, 3, 1000000 + CC_WAKE_SLACK_MS }, false },
        { "written by somebody else",
            { { 1 }, 2, 3, 1000000 + CC_WAKE_SLACK_MS + 1 }, true },
        { "a clock that went back", { { 1 }, 2, 3, 1 }, false },
        { "another machine", { { 9 }, 2, 3, 1000000 }, true },
        { "another volume", { { 1 }, 9, 3, 1000000 }, true },
        { "a copied file", { { 1 }, 2, 9, 1000000 }, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cc_wake_elsewhere(&here, &cases[i].now) != cases[i].elsewhere) {
            fail_msg("%s", cases[i].name);
        }
    }
}

struct place {
    struct cc_wake wake;
};

static sp_err look(void *self, const char *path, struct cc_wake *out)
{
    (void)path;
    *out = ((const struct place *)self)->wake;
    return SP_OK;
}

struct world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct place place;
};

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->s = test_device_open(w->dir, "anna", w->org, 111);
    w->place.wake = (struct cc_wake){ .machine = { 1 }, .volume = 2 };
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    satchel_close(w->s);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

static sp_replica write_one(struct world *w)
{
    const struct satchel_input in = { "name", "Alpha", SATCHEL_SET };
    struct satchel_error e;

    if (satchel_account_add(w->s, &in, 1, NULL, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
    return w->s->replica.identity.self.replica;
}

/* SYNC X3 */
static void store_that_woke_elsewhere_writes_under_a_new_incarnation(
    void **state)
{
    struct world *w = (struct world *)*state;
    sp_replica first = write_one(w), second, third;

    w->s->replica.probe = (struct cc_wake_probe){ &w->place, look };
    second = write_one(w); /* another machine and file than before */
    assert_int_not_equal(first, second);
    assert_int_equal(sp_replica_device(first), sp_replica_device(second));
    third = write_one(w); /* it has settled here */
    assert_int_equal(second, third);
    w->place.wake.file = 77;
    assert_int_not_equal(write_one(w), third);
}

static void reading_elsewhere_changes_nothing(void **state)
{
    struct world *w = (struct world *)*state;
    sp_replica before = write_one(w);
    struct satchel_list *l;

    w->s->replica.probe = (struct cc_wake_probe){ &w->place, look };
    assert_int_equal(satchel_account_list(w->s, NULL, &l, NULL), 0);
    satchel_free(l);
    assert_int_equal(w->s->replica.identity.self.replica, before);
}

static void store_that_stays_keeps_its_incarnation(void **state)
{
    struct world *w = (struct world *)*state;
    sp_replica before = write_one(w);
    char path[512];

    satchel_close(w->s);
    w->s = NULL;
    (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
    assert_int_equal(satchel_open(path, test_device_secret(), &w->s, NULL), 0);
    assert_int_equal(write_one(w), before);
}

static uint64_t one_moment(void *self)
{
    (void)self;
    return 1800000000000u;
}

static struct sp_id add_one(struct world *w)
{
    const struct satchel_input in = { "name", "Alpha", SATCHEL_SET };
    struct satchel_saved saved;
    struct satchel_error e;
    struct sp_id id;

    w->s->replica.env.now_ms = one_moment;
    if (satchel_account_add(w->s, &in, 1, &saved, &e) != 0) {
        fail_msg("%s: %s", e.name, e.detail);
    }
    assert_int_equal(sp_id_parse(&id, saved.id), SP_OK);
    return id;
}

static void of_two_made_in_one_millisecond_the_first_has_the_lower_id(
    void **state)
{
    struct world *w = (struct world *)*state;
    struct sp_id last = add_one(w), next;
    char path[512];

    for (unsigned i = 0; i < 20; i++) {
        if (i % 5 == 0) { /* another process goes on */
            satchel_close(w->s);
            w->s = NULL;
            (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
            assert_int_equal(
                satchel_open(path, test_device_secret(), &w->s, NULL), 0);
        }
        next = add_one(w);
        assert_int_equal(sp_id_time_ms(&next), 1800000000000u);
        assert_true(sp_id_cmp(&last, &next) < 0);
        last = next;
    }
}

static void identity_reads_back_as_it_was_written(void **state)
{
    struct sp_env env = cc_replica_env();
    struct cc_identity in, out;
    struct sp_buf b;

    (void)state;
    cc_identity_make(&in, &env);
    in.self.device = 7;
    in.self.user = 8;
    in.server = 9;
    (void)snprintf(in.unit, sizeof(in.unit), "A");
    (void)snprintf(in.endpoint, sizeof(in.endpoint), "tcp://h:1");
    sp_buf_init(&b, CC_IDENTITY_BYTES_MAX);
    cc_identity_encode(&in, &b);
    assert_int_equal(b.err, SP_OK);
    assert_int_equal(cc_identity_decode(sp_buf_slice(&b), &out), SP_OK);
    assert_memory_equal(in.self.static_public, out.self.static_public, 32);
    assert_memory_equal(in.self.sign_secret, out.self.sign_secret, 64);
    assert_memory_equal(in.sealing_public, out.sealing_public, 32);
    assert_string_equal(in.unit, out.unit);
    assert_string_equal(in.endpoint, out.endpoint);
    for (size_t n = 0; n < b.size; n++) {
        assert_int_not_equal(
            cc_identity_decode((struct sp_slice){ b.data, n }, &out), SP_OK);
    }
    cc_identity_renew(&in, &env);
    assert_int_equal(sp_replica_device(in.self.replica), 7);
    sp_buf_wipe(&b);
    cc_identity_wipe(&in);
    cc_identity_wipe(&out);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_other_place_is_elsewhere),
        CASE(store_that_woke_elsewhere_writes_under_a_new_incarnation),
        CASE(reading_elsewhere_changes_nothing),
        CASE(store_that_stays_keeps_its_incarnation),
        CASE(of_two_made_in_one_millisecond_the_first_has_the_lower_id),
        cmocka_unit_test(identity_reads_back_as_it_was_written),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
