#include "org.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_organisation_can_be_built(void **state)
{
    struct test_org *o = test_org_new(1);
    struct sp_rulebook *b = test_org_rulebook(o);

    (void)state;
    assert_non_null(sp_rulebook_find_person(b, 11));
    test_org_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_organisation_can_be_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
