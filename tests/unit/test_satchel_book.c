/* The customer book at the api, with no network: consent, hidden fields, and a
 * task about nobody. */
#include "device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sp/err.h"

#define ANNA 111u

struct world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct satchel_error e;
    struct satchel_saved shop;
};

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));
    const struct satchel_input in[] = { { "name", "中华商行", SATCHEL_SET } };

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->s = test_device_open(w->dir, "anna", w->org, ANNA);
    *state = w;
    return satchel_account_add(w->s, in, 1, &w->shop, &w->e);
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

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s, %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

#define YES "state=given; at=2026-03-04T05:06:07Z"

static bool shows(const struct satchel_record *r, const char *name)
{
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* cap 7 */
static void a_birthday_is_not_saved_without_consent_and_says_why(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "name", "李雷", SATCHEL_SET },
        { "birthday", "calendar=lunar; month=8; day=15", SATCHEL_SET },
        { "consent_birthday", YES, SATCHEL_SET } };
    struct satchel_saved saved;
    struct satchel_record *r;

    assert_int_equal(
        satchel_record_add(w->s, "contact", w->shop.id, in, 2, &saved, &w->e),
        SP_E_CONSENT);
    assert_int_equal(w->e.class_, SATCHEL_CLASS_POLICY);
    assert_string_equal(w->e.name, "SP_E_CONSENT");
    OK(w,
        satchel_record_add(w->s, "contact", w->shop.id, in, 3, &saved, &w->e));
    OK(w, satchel_record_show(w->s, "contact", saved.id, &r, &w->e));
    assert_true(shows(r, "birthday") && shows(r, "consent_birthday"));
    satchel_free(r);
}

/* cap 4: gender and ethnicity are hidden by default: no form asks for them, no
 * page shows them; what is written is kept all the same. */
static void a_hidden_field_is_in_no_form_and_on_no_page(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "name", "李雷", SATCHEL_SET },
        { "ethnicity", "壮族", SATCHEL_SET },
        { "consent_profile", YES, SATCHEL_SET } };
    struct satchel_dictionary *d;
    struct satchel_saved saved;
    struct satchel_record *r;

    OK(w, satchel_dictionary(w->s, &d, &w->e));
    for (size_t i = 0; i < d->count; i++) {
        for (size_t k = 0; k < d->entity[i].field_count; k++) {
            const char *name = d->entity[i].field[k].name;

            assert_string_not_equal(name, "ethnicity");
            assert_string_not_equal(name, "gender");
        }
    }
    satchel_free(d);
    OK(w,
        satchel_record_add(w->s, "contact", w->shop.id, in, 3, &saved, &w->e));
    OK(w, satchel_record_show(w->s, "contact", saved.id, &r, &w->e));
    assert_true(shows(r, "name") && shows(r, "consent_profile"));
    assert_false(shows(r, "ethnicity"));
    satchel_free(r);
}

static void a_task_is_about_an_account_or_nobody(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "title", "Call", SATCHEL_SET },
        { "due", "2126-03-04", SATCHEL_SET } };
    struct satchel_saved saved;
    struct satchel_record *r;

    OK(w, satchel_record_add(w->s, "task", w->shop.id, in, 2, &saved, &w->e));
    OK(w, satchel_record_add(w->s, "task", NULL, in, 2, &saved, &w->e));
    OK(w, satchel_record_show(w->s, "task", saved.id, &r, &w->e));
    assert_true(shows(r, "owner") && !shows(r, "account"));
    satchel_free(r);
    assert_int_not_equal(
        satchel_record_add(w->s, "contact", NULL, in, 1, &saved, &w->e), 0);
}

/* A birthday needs a calendar and a month: typed apart, they count together. */
static void parts_of_a_group_may_be_typed_one_by_one(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_input in[] = { { "name", "韩梅梅", SATCHEL_SET },
        { "birthday.calendar", "lunar", SATCHEL_SET },
        { "birthday.month", "8", SATCHEL_SET },
        { "consent_birthday.state", "given", SATCHEL_SET },
        { "birthday.day", "15", SATCHEL_SET },
        { "consent_birthday.at", "2026-03-04T05:06:07Z", SATCHEL_SET } };
    const struct satchel_input twice[] = { { "birthday.day", "1", SATCHEL_SET },
        { "birthday.day", "2", SATCHEL_SET } };
    const struct satchel_input none[] = { { "birthday.day", "1", SATCHEL_SET },
        { "birthday.hour", "2", SATCHEL_SET } };
    struct satchel_saved saved;
    struct satchel_record *r;
    bool found = false;

    OK(w,
        satchel_record_add(w->s, "contact", w->shop.id, in, 6, &saved, &w->e));
    OK(w, satchel_record_show(w->s, "contact", saved.id, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, "birthday") == 0) {
            found = true;
            assert_non_null(strstr(r->field[i].value[0].text, "month=8"));
            assert_non_null(strstr(r->field[i].value[0].text, "day=15"));
        }
    }
    satchel_free(r);
    assert_true(found);
    assert_int_equal(
        satchel_record_edit(w->s, "contact", saved.id, twice, 2, NULL, &w->e),
        SP_E_ARGUMENT);
    assert_int_equal(
        satchel_record_edit(w->s, "contact", saved.id, none, 2, NULL, &w->e),
        SP_E_UNKNOWN_FIELD);
    /* one part of what stands: the others stay */
    OK(w,
        satchel_record_edit(w->s, "contact", saved.id, twice, 1, NULL, &w->e));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_birthday_is_not_saved_without_consent_and_says_why),
        CASE(a_hidden_field_is_in_no_form_and_on_no_page),
        CASE(a_task_is_about_an_account_or_nobody),
        CASE(parts_of_a_group_may_be_typed_one_by_one),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
