/*
 * test_satchel_labels.c - the numbers of labels are rules of the catalogue,
 * which a device follows at once (client-core/api/standing.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "care_world.h"

/* "active", "fan", "yes"; a static copy. */
static const char *label(struct care_world *w, const char *name, bool why)
{
    static char text[200];
    struct satchel_labels *l = NULL;

    text[0] = '\0';
    CARE_OK(w, satchel_labels(w->s, "Alpha", &l, &w->e));
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->label[i].name, name) == 0) {
            (void)snprintf(text, sizeof(text), "%s",
                why ? l->label[i].why_en : l->label[i].value);
        }
    }
    satchel_free(l);
    return text;
}

/* Bought on 1 and 11 January; it is 1 February. */
static int begin(void **state)
{
    struct care_world *w;
    int rc = care_begin(state);

    w = (struct care_world *)*state;
    care_at(w, "2026-02-01", 10);
    care_account(w, "Alpha");
    (void)care_add(
        w, "purchase", "Alpha", "date=2026-01-01", "amount=10 CNY", NULL);
    (void)care_add(
        w, "purchase", "Alpha", "date=2026-01-11", "amount=10 CNY", NULL);
    return rc;
}

static void cap_66_a_rule_says_who_is_active(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    assert_string_equal(label(w, "activity_state", false), "active");
    assert_string_equal(label(w, "activity_state", true),
        "21 days since the last purchase: active up to 90, dormant up to 180");
    (void)care_add(w, "data_rule", NULL, "name=Activity", "kind=activity",
        "days=20", "lapse_days=21", NULL);
    assert_string_equal(label(w, "activity_state", false), "dormant");
    assert_string_equal(label(w, "activity_state", true),
        "21 days since the last purchase: active up to 20, dormant up to 21");
    care_edit(w, "data_rule", "Activity", "lapse_days=20", NULL);
    assert_string_equal(label(w, "activity_state", false), "lapsed");
    care_edit(w, "data_rule", "Activity", "active=no", NULL);
    assert_string_equal(label(w, "activity_state", false), "active");
}

static void cap_67_a_rule_says_who_is_a_fan(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    assert_string_equal(label(w, "purchase_class", false), "repeat");
    (void)care_add(w, "data_rule", NULL, "name=Fans", "kind=fan", "least=2",
        "days=32", NULL);
    assert_string_equal(label(w, "purchase_class", false), "fan");
    assert_string_equal(label(w, "purchase_class", true),
        "2 purchases in 32 days, a fan from 2");
    care_edit(w, "data_rule", "Fans", "days=31", NULL);
    assert_string_equal(label(w, "purchase_class", false), "repeat");
    /* Of several the strictest counts. */
    care_edit(w, "data_rule", "Fans", "days=32", NULL);
    (void)care_add(w, "data_rule", NULL, "name=More", "kind=fan", "least=3",
        "days=365", NULL);
    assert_string_equal(label(w, "purchase_class", true),
        "2 purchases in 32 days, a fan from 3");
}

static void cap_65_a_rule_says_who_may_be_leaving(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    assert_string_equal(label(w, "at_risk", false), "yes");
    assert_string_equal(label(w, "at_risk", true),
        "21 days since the last purchase, more than 150% of the usual 10.0");
    (void)care_add(w, "data_rule", NULL, "name=Leaving", "kind=at_risk",
        "ratio=210", NULL);
    assert_string_equal(label(w, "at_risk", false), "no");
    care_edit(w, "data_rule", "Leaving", "ratio=209", NULL);
    assert_string_equal(label(w, "at_risk", false), "yes");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, care_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cap_66_a_rule_says_who_is_active),
        TEST(cap_67_a_rule_says_who_is_a_fan),
        TEST(cap_65_a_rule_says_who_may_be_leaving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
