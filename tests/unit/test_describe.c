/* What people and traces see of the formats. */
#include "sp/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "sp/pack.h"

#define ID "00000000-0000-0000-0000-000000000001"
#define ID1                                                                    \
    {                                                                          \
        {                                                                      \
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1                     \
        }                                                                      \
    }

static void assert_shows(struct sp_buf *out, const char *want)
{
    sp_buf_put_u8(out, 0);
    assert_int_equal(out->err, SP_OK);
    assert_string_equal((const char *)out->data, want);
    sp_buf_free(out);
}

static void value_is_one_line_of_text(void **state)
{
    static const struct {
        const char *hex;
        const char *all;
        const char *sizes;
    } table[] = {
        { "c0", "value=nil\n", "value_bytes=1\n" },
        { "c3", "value=true\n", "value_bytes=1\n" },
        { "cc80", "value=128\n", "value_bytes=2\n" },
        { "d3 8000000000000000", "value=-9223372036854775808\n",
            "value_bytes=9\n" },
        { "cf ffffffffffffffff", "value=18446744073709551615\n",
            "value_bytes=9\n" },
        { "a5 61220a095c", "value=\"a\\\"\\n\\t\\\\\"\n", "value_bytes=6\n" },
        { "a6 e4bda0e5a5bd", "value=\"你好\"\n", "value_bytes=7\n" },
        { "c403 0102ff", "value=0x0102ff\n", "value_bytes=5\n" },
        { "90", "value=[]\n", "value_bytes=1\n" },
        { "80", "value={}\n", "value_bytes=1\n" },
        { "93 01 92 02 80 c2", "value=[1,[2,{}],false]\n", "value_bytes=6\n" },
        { "82 01 91 ff 02 a161", "value={1:[-1],2:\"a\"}\n",
            "value_bytes=7\n" },
        { "91 91 91 91 91 91 91 91 05", "value=[[[[[[[[5]]]]]]]]\n",
            "value_bytes=9\n" },
        { "92 01", "value_bytes=2 error=SP_E_TRUNCATED\n",
            "value_bytes=2 error=SP_E_TRUNCATED\n" },
        { "c1 61", "value_bytes=2 error=SP_E_MALFORMED\n",
            "value_bytes=2 error=SP_E_MALFORMED\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = hex_bytes(table[i].hex);
        struct sp_buf out;

        sp_buf_init(&out, 1000);
        sp_describe_value(in, SP_DESCRIBE_ALL, &out);
        assert_shows(&out, table[i].all);
        sp_buf_init(&out, 1000);
        sp_describe_value(in, SP_DESCRIBE_SIZES, &out);
        assert_shows(&out, table[i].sizes);
        drop(in);
    }
}

static const uint8_t secret_text[] = { 0xa6, 's', 'e', 'c', 'r', 'e', 't' };
static const uint8_t member[] = { 0xa3, 'v', 'i', 'p' };
static const struct sp_dot seen[] = { { 0xa00000001, 2 }, { 0xb00000002, 41 } };

static void commit_shows_a_line_for_each_write(void **state)
{
    struct sp_write write[] = {
        { .key = { .field = 2 },
            .context = { 2, seen },
            .value = SP_SLICE(secret_text) },
        { .key = { 4, SP_SLICE(member) }, .value = SP_SLICE(member) },
    };
    struct sp_change change = { .ref = { 1, ID1 }, .count = 2, .write = write };
    struct sp_commit c = { .replica = 0xa00000001,
        .n = 3,
        .time = 1000ull << 16 | 5,
        .user = 7,
        .authority = 1,
        .dictionary = 1,
        .policy = 2,
        .roster = 3,
        .count = 1,
        .change = &change,
        .content = { { 0xab } } };
    struct sp_buf out;

#define HEAD                                                                   \
    "commit replica=0000000a00000001 n=3 time_ms=1000 tick=5 user=7 "          \
    "authority=1 dictionary=1 policy=2 roster=3 "                              \
    "content=ab000000000000000000000000000000 changes=1\n"                     \
    "change type=1 id=" ID " writes=2\n"
    (void)state;
    sp_buf_init(&out, 1000);
    sp_describe_commit(&c, SP_DESCRIBE_ALL, &out);
    assert_shows(&out,
        HEAD "write field=2 context=0000000a00000001:2,0000000b00000002:41 "
             "value=\"secret\"\n"
             "write field=4 element=\"vip\" context= value=\"vip\"\n");
    sp_buf_init(&out, 1000);
    sp_describe_commit(&c, SP_DESCRIBE_SIZES, &out);
    assert_shows(&out,
        HEAD "write field=2 context=0000000a00000001:2,0000000b00000002:41 "
             "value_bytes=7\n"
             "write field=4 element_bytes=4 context= value_bytes=4\n");
}

static void record_shows_a_line_for_each_sibling(void **state)
{
    static const uint8_t raw[] = { 0xff, 0xff };
    struct sp_sibling sibling[] = {
        { .stamp = { seen[0], 1000ull << 16, 7, 0 },
            .value = SP_SLICE(secret_text) },
        { .stamp = { seen[1], 1001ull << 16 | 2, 8, 2 },
            .value = SP_SLICE(secret_text) },
    };
    struct sp_register reg[] = {
        { .key = { .field = 2 },
            .context = { 2, seen },
            .count = 2,
            .sibling = sibling,
            .seq = 99 },
        { .key = { 9, SP_SLICE(raw) }, .context = { 1, seen } },
    };
    struct sp_record r = { .ref = { 3, ID1 }, .count = 2, .reg = reg };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 1000);
    sp_describe_record(&r, SP_DESCRIBE_ALL, &out);
    assert_shows(&out,
        "record type=3 id=" ID " registers=2\n"
        "register field=2 context=0000000a00000001:2,0000000b00000002:41 "
        "siblings=2 seq=99\n"
        "sibling replica=0000000a00000001 n=2 time_ms=1000 tick=0 user=7 "
        "authority=0 value=\"secret\"\n"
        "sibling replica=0000000b00000002 n=41 time_ms=1001 tick=2 user=8 "
        "authority=2 value=\"secret\"\n"
        "register field=9 element=0xffff context=0000000a00000001:2 "
        "siblings=0 seq=0\n");
}

static void sizes_show_no_customer_text(void **state)
{
    struct sp_sibling sibling = { .value = SP_SLICE(secret_text) };
    struct sp_register reg = {
        .key = { 4, SP_SLICE(member) }, .count = 1, .sibling = &sibling
    };
    struct sp_record r = { .ref = { 3, ID1 }, .count = 1, .reg = &reg };
    struct sp_document d = { .kind = SP_DOC_ROSTER,
        .body = SP_SLICE(secret_text) };
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 2000);
    sp_describe_record(&r, SP_DESCRIBE_ALL, &out);
    sp_buf_put_u8(&out, 0);
    assert_non_null(strstr((char *)out.data, "secret"));
    assert_non_null(strstr((char *)out.data, "vip"));
    sp_buf_reset(&out);
    sp_describe_record(&r, SP_DESCRIBE_SIZES, &out);
    sp_describe_document(&d, SP_DESCRIBE_SIZES, &out);
    sp_buf_put_u8(&out, 0);
    assert_int_equal(out.err, SP_OK);
    assert_null(strstr((char *)out.data, "secret"));
    assert_null(strstr((char *)out.data, "vip"));
    assert_non_null(strstr((char *)out.data, "value_bytes=7"));
    assert_non_null(strstr((char *)out.data, "body_bytes=7"));
    sp_buf_free(&out);
}

static void document_and_frame_are_one_line_each(void **state)
{
    static const char *const kinds[] = { "?", "dictionary", "policy", "roster",
        "device" };
    static const char *const types[] = { "?", "hello", "hello_reply", "enrol",
        "record", "error" };
    struct sp_document d = { .unit = sp_slice_text("B\n1"),
        .serial = 7,
        .issuer = 2,
        .body = SP_SLICE(member) };
    struct sp_frame f = {
        .session = { 1, 2 }, .counter = 300, .body = SP_SLICE(member)
    };
    char want[400];
    struct sp_buf out;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        char zeros[129];

        memset(zeros, '0', 128);
        zeros[128] = '\0';
        d.kind = (enum sp_document_kind)i;
        sp_buf_init(&out, 1000);
        sp_describe_document(&d, SP_DESCRIBE_ALL, &out);
        (void)snprintf(want, sizeof want,
            "document kind=%s unit=\"B\\n1\" serial=7 issuer=2 body=\"vip\" "
            "signature=%s\n",
            kinds[i], zeros);
        assert_shows(&out, want);
    }
    for (unsigned i = 0; i < 6; i++) {
        f.type = (enum sp_frame_type)i;
        sp_buf_init(&out, 1000);
        sp_describe_frame(&f, &out);
        (void)snprintf(want, sizeof want,
            "frame type=%s session=0102000000000000 counter=300 "
            "body_bytes=4\n",
            types[i]);
        assert_shows(&out, want);
    }
}

static void text_over_the_ceiling_latches(void **state)
{
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, 5);
    sp_describe_value(SP_SLICE(secret_text), SP_DESCRIBE_ALL, &out);
    assert_int_equal(out.err, SP_E_TOO_LARGE);
    sp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_is_one_line_of_text),
        cmocka_unit_test(commit_shows_a_line_for_each_write),
        cmocka_unit_test(record_shows_a_line_for_each_sibling),
        cmocka_unit_test(sizes_show_no_customer_text),
        cmocka_unit_test(document_and_frame_are_one_line_each),
        cmocka_unit_test(text_over_the_ceiling_latches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
