/* test_duplicate.c - whether two customers may be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/duplicate.h"

static const struct cc_duplicate_card none;

static struct cc_duplicate_card card(const char *name, const char *phone)
{
    struct cc_duplicate_card c = none;

    c.name = sp_slice_text(name);
    c.phone[0] = phone;
    c.phones = phone == NULL ? 0 : 1;
    return c;
}

static struct cc_duplicate_card at(int64_t latitude)
{
    struct cc_duplicate_card c = none;

    c.placed = true;
    c.place = (struct cc_geo){ 312000000 + latitude, 1214000000 };
    return c;
}

static void cap_10_each_reason_is_named(void **state)
{
    const struct {
        const char *name;
        struct cc_duplicate_card a, b;
        unsigned reasons;
    } cases[] = {
        { "nothing", card("中华商行", "13812345678"), card("北京店", "139"),
            0 },
        { "name", card("中华 商行", NULL), card("中华商行", NULL),
            CC_DUPLICATE_NAME },
        { "name with signs", card("blue-lake (east)", NULL),
            card("blue lake east", NULL), CC_DUPLICATE_NAME },
        { "sound", card("中华商行", NULL), card("忠华商航", NULL),
            CC_DUPLICATE_SOUND },
        { "phone", card("", "13812345678"), card("中", "13812345678"),
            CC_DUPLICATE_PHONE },
        { "name and phone", card("中", "13812345678"),
            card("中", "13812345678"), CC_DUPLICATE_NAME | CC_DUPLICATE_PHONE },
        { "no names", card("", NULL), card("", NULL), 0 },
        { "signs only", card("--", NULL), card("--", NULL), 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cc_duplicate d;
        bool found = cc_duplicate_compare(&cases[i].a, &cases[i].b, &d);
        assert_int_equal(d.reasons, cases[i].reasons);
        assert_int_equal(found, cases[i].reasons != 0);
        assert_int_equal(d.score > 0, found);
    }
}

static void a_hundred_metres_are_near(void **state)
{
    static const struct {
        int64_t away; /* in 1e-7 degrees: 89.9 are a metre */
        bool near;
    } cases[] = { { 0, true }, { 8903, true }, { 8993, true },
        { 9083, false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cc_duplicate_card a = at(0), b = at(cases[i].away);
        struct cc_duplicate d;
        assert_int_equal(cc_duplicate_compare(&a, &b, &d), cases[i].near);
        assert_int_equal(
            d.metres, cases[i].near ? (cases[i].away + 44) / 90 : 0);
    }
}

static void more_reasons_weigh_more(void **state)
{
    const struct cc_duplicate_card base = card("中华商行", "13812345678");
    const struct cc_duplicate_card other[] = { card("中华商行", "13812345678"),
        card("另一家", "13812345678"), card("忠华商行", NULL) };
    unsigned last = 100;

    (void)state;
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        struct cc_duplicate d;
        assert_true(cc_duplicate_compare(&base, &other[i], &d));
        assert_true(d.score < last);
        last = d.score;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_10_each_reason_is_named),
        cmocka_unit_test(a_hundred_metres_are_near),
        cmocka_unit_test(more_reasons_weigh_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
