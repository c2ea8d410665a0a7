/* test_address.c - cap 14: addresses in the order of their country. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "book/address.h"

static void cap_14_an_address_is_written_as_its_country_does(void **state)
{
    static const struct {
        const char *country, *province, *city, *district, *street, *post;
        const char *line;
    } cases[] = {
        { "CN", "上海市", "上海市", "浦东新区", "世纪大道100号", "200120",
            "上海市浦东新区世纪大道100号 200120" },
        { "CN", "广东省", "广州市", "天河区", "天河路1号", "",
            "广东省广州市天河区天河路1号" },
        { "CN", "", "泉州市", "", "泉州市丰泽街2号", "", "泉州市丰泽街2号" },
        { "", "", "北京市", "", "𠮷祥胡同3号", "100010",
            "北京市𠮷祥胡同3号 100010" },
        { "JP", "東京都", "", "千代田区", "丸の内1-1", "100-0005",
            "東京都千代田区丸の内1-1 100-0005 JP" },
        { "CN", "Shanghai", "Shanghai", "Pudong", "100 Century Avenue",
            "200120",
            "100 Century Avenue, Pudong, 200120 Shanghai, Shanghai, CN" },
        { "NO", "Vestland", "Voss", "", "254 Station Rd", "57021",
            "254 Station Rd, 57021 Voss, Vestland, NO" },
        { "US", "WA", "Seattle", "", "507 20th Ave. E.", "98122",
            "507 20th Ave. E., Seattle, WA 98122, US" },
        { "GB", "", "London", "", "120 Hanover Sq.", "WA1 1DP",
            "120 Hanover Sq., London WA1 1DP, GB" },
        { "DE", "", "Berlin", "", "", "", "Berlin, DE" },
        { "", "", "", "", "", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cc_address a = { sp_slice_text(cases[i].country),
            sp_slice_text(cases[i].province), sp_slice_text(cases[i].city),
            sp_slice_text(cases[i].district), sp_slice_text(cases[i].street),
            sp_slice_text(cases[i].post) };
        struct sp_buf line;

        sp_buf_init(&line, 4096);
        cc_address_line(&a, &line);
        sp_buf_put(&line, "", 1);
        assert_string_equal((const char *)line.data, cases[i].line);
        sp_buf_free(&line);
    }
}

static void what_stands_already_is_left_alone(void **state)
{
    const struct cc_address a = { .city = sp_slice_text("Berlin") };
    struct sp_buf line;

    (void)state;
    sp_buf_init(&line, 4096);
    sp_buf_put(&line, "at ", 3);
    cc_address_line(&a, &line);
    sp_buf_put(&line, "", 1);
    assert_string_equal((const char *)line.data, "at Berlin");
    sp_buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_14_an_address_is_written_as_its_country_does),
        cmocka_unit_test(what_stands_already_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
