#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <string.h>

#include "sp/enrol.h"
#include "sp/pack.h"

static struct sp_enrol_code sample(void)
{
    struct sp_enrol_code c;

    memset(&c, 0, sizeof(c));
    strcpy(c.endpoint, "tcp://branch-1.example:7400");
    c.server = 17;
    memset(c.org.b, 0x11, sizeof(c.org.b));
    memset(c.server_static, 0x22, sizeof(c.server_static));
    memset(c.root_public, 0x33, sizeof(c.root_public));
    memset(c.enrolment.b, 0x44, sizeof(c.enrolment.b));
    memset(c.code.b, 0xfe, sizeof(c.code.b));
    return c;
}

static void assert_same(
    const struct sp_enrol_code *a, const struct sp_enrol_code *b)
{
    assert_string_equal(a->endpoint, b->endpoint);
    assert_int_equal(a->server, b->server);
    assert_memory_equal(a->org.b, b->org.b, 16);
    assert_memory_equal(a->server_static, b->server_static, 32);
    assert_memory_equal(a->root_public, b->root_public, 32);
    assert_memory_equal(a->enrolment.b, b->enrolment.b, 16);
    assert_memory_equal(a->code.b, b->code.b, 32);
}

static void code_reads_back_as_it_was_written(void **state)
{
    struct sp_enrol_code in = sample(), out;
    char text[SP_ENROL_TEXT_BYTES_MAX];

    (void)state;
    assert_int_equal(sp_enrol_code_format(&in, text), SP_OK);
    assert_int_equal(strncmp(text, "SATCHEL1:", 9), 0);
    assert_null(strpbrk(text + 9, "ILOU"));
    assert_int_equal(sp_enrol_code_parse(text, &out), SP_OK);
    assert_same(&in, &out);
}

static void code_is_read_through_case_dashes_and_line_ends(void **state)
{
    struct sp_enrol_code in = sample(), out;
    char text[SP_ENROL_TEXT_BYTES_MAX], loose[4 * SP_ENROL_TEXT_BYTES_MAX];
    size_t n = 0;

    (void)state;
    assert_int_equal(sp_enrol_code_format(&in, text), SP_OK);
    for (size_t i = 0; text[i] != '\0'; i++) {
        loose[n++] = (char)tolower((unsigned char)text[i]);
        if (i % 5 == 4) {
            loose[n++] = '-';
        }
        if (i % 40 == 39) {
            memcpy(loose + n, "\r\n ", 3);
            n += 3;
        }
    }
    loose[n] = '\0';
    assert_int_equal(sp_enrol_code_parse(loose, &out), SP_OK);
    assert_same(&in, &out);
}

static void any_wrong_character_is_found(void **state)
{
    struct sp_enrol_code in = sample(), out;
    char text[SP_ENROL_TEXT_BYTES_MAX];
    size_t size;

    (void)state;
    assert_int_equal(sp_enrol_code_format(&in, text), SP_OK);
    size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        char was = text[i];
        text[i] = was == '7' ? '8' : '7';
        assert_int_equal(sp_enrol_code_parse(text, &out), SP_E_CODE);
        text[i] = was;
    }
    for (size_t i = 0; i < size; i++) {
        char was = text[i];
        text[i] = '\0';
        assert_int_equal(sp_enrol_code_parse(text, &out), SP_E_CODE);
        text[i] = was;
    }
    strcat(text, "0");
    assert_int_equal(sp_enrol_code_parse(text, &out), SP_E_CODE);
}

static void text_that_is_no_code_is_refused(void **state)
{
    static const char *const bad[] = { "", "SATCHEL1:", "SATCHEL2:0000",
        "SATCHEL1:0", "SATCHEL1:!!!!", "hello", "SATCHEL1:ILOU",
        "SATCHEL1:00000000000000000000" };
    struct sp_enrol_code out;
    char long_text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(sp_enrol_code_parse(bad[i], &out), SP_E_CODE);
    }
    memset(long_text, '0', sizeof(long_text));
    memcpy(long_text, "SATCHEL1:", 9);
    long_text[sizeof(long_text) - 1] = '\0';
    assert_int_equal(sp_enrol_code_parse(long_text, &out), SP_E_CODE);
}

static void endpoint_must_fit(void **state)
{
    struct sp_enrol_code c = sample();
    char text[SP_ENROL_TEXT_BYTES_MAX];

    (void)state;
    memset(c.endpoint, 'a', sizeof(c.endpoint));
    memcpy(c.endpoint, "tcp://", 6);
    assert_int_equal(sp_enrol_code_format(&c, text), SP_E_TOO_LARGE);
    c.endpoint[SP_ENDPOINT_BYTES_MAX - 1] = '\0';
    assert_int_equal(sp_enrol_code_format(&c, text), SP_OK);
    strcpy(c.endpoint, "http://x");
    assert_int_equal(sp_enrol_code_format(&c, text), SP_E_TOO_LARGE);
    strcpy(c.endpoint, "tcp://");
    assert_int_equal(sp_enrol_code_format(&c, text), SP_E_TOO_LARGE);
}

static void fingerprint_is_eight_digits_of_the_key(void **state)
{
    uint8_t key[32] = { 1 }, other[32] = { 2 };
    char a[10], b[10];

    (void)state;
    sp_enrol_fingerprint(key, a);
    sp_enrol_fingerprint(other, b);
    assert_int_equal(strlen(a), 9);
    assert_int_equal(a[4], '-');
    assert_string_not_equal(a, b);
}

struct party {
    struct sp_id org, enrolment;
    uint8_t sign_secret[64];
    struct sp_enrol_request request;
};

static struct party make_party(void)
{
    struct party p;
    struct sp_secret seed;

    memset(&p, 0, sizeof(p));
    memset(p.org.b, 1, 16);
    memset(p.enrolment.b, 2, 16);
    memset(seed.b, 3, 32);
    sp_sign_pair(&seed, p.request.sign_public, p.sign_secret);
    memset(p.request.static_public, 4, 32);
    memset(p.request.sealing_public, 5, 32);
    p.request.label = sp_slice_text("Anna's phone");
    p.request.endpoint = sp_slice_text("");
    return p;
}

static void request_reads_back_and_proves_its_key(void **state)
{
    struct party p = make_party();
    struct sp_enrol_request out;
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4096);
    p.request.server = true;
    p.request.endpoint = sp_slice_text("tcp://b1:7400");
    sp_enrol_request_encode(
        &p.request, &p.org, &p.enrolment, p.sign_secret, &b);
    assert_int_equal(b.err, SP_OK);
    assert_int_equal(
        sp_enrol_request_decode(sp_buf_slice(&b), &p.org, &p.enrolment, &out),
        SP_OK);
    assert_true(out.server);
    assert_true(sp_slice_equal(out.label, p.request.label));
    assert_true(sp_slice_equal(out.endpoint, p.request.endpoint));
    assert_memory_equal(out.sealing_public, p.request.sealing_public, 32);
    sp_buf_free(&b);
}

static void request_under_another_code_is_forged(void **state)
{
    struct party p = make_party();
    struct sp_enrol_request out;
    struct sp_id other = { { 9 } };
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4096);
    sp_enrol_request_encode(
        &p.request, &p.org, &p.enrolment, p.sign_secret, &b);
    assert_int_equal(
        sp_enrol_request_decode(sp_buf_slice(&b), &p.org, &other, &out),
        SP_E_FORGED);
    assert_int_equal(
        sp_enrol_request_decode(sp_buf_slice(&b), &other, &p.enrolment, &out),
        SP_E_FORGED);
    sp_buf_free(&b);
}

static void no_changed_byte_of_a_request_passes(void **state)
{
    struct party p = make_party();
    struct sp_enrol_request out;
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4096);
    sp_enrol_request_encode(
        &p.request, &p.org, &p.enrolment, p.sign_secret, &b);
    for (size_t i = 0; i < b.size; i++) {
        b.data[i] ^= 1;
        assert_int_not_equal(sp_enrol_request_decode(
                                 sp_buf_slice(&b), &p.org, &p.enrolment, &out),
            SP_OK);
        b.data[i] ^= 1;
    }
    for (size_t n = 0; n < b.size; n++) {
        assert_int_not_equal(
            sp_enrol_request_decode(
                (struct sp_slice){ b.data, n }, &p.org, &p.enrolment, &out),
            SP_OK);
    }
    sp_buf_free(&b);
}

static void label_over_its_limit_is_not_encoded(void **state)
{
    struct party p = make_party();
    char label[SP_LABEL_BYTES_MAX + 1];
    struct sp_buf b;

    (void)state;
    memset(label, 'x', sizeof(label));
    sp_buf_init(&b, 4096);
    for (size_t n = SP_LABEL_BYTES_MAX - 1; n <= SP_LABEL_BYTES_MAX + 1; n++) {
        sp_buf_reset(&b);
        p.request.label = sp_slice_of(label, n);
        sp_enrol_request_encode(
            &p.request, &p.org, &p.enrolment, p.sign_secret, &b);
        assert_int_equal(
            b.err, n <= SP_LABEL_BYTES_MAX ? SP_OK : SP_E_TOO_LARGE);
    }
    sp_buf_free(&b);
}

static void reply_reads_back_with_and_without_root(void **state)
{
    (void)state;
    for (int root = 0; root < 2; root++) {
        struct sp_enrol_reply in, out;
        struct sp_buf b;

        memset(&in, 0, sizeof(in));
        in.device = 1001;
        in.user = root != 0 ? 0 : 12;
        in.unit = sp_slice_text("B1");
        memset(in.psk.b, 7, 32);
        in.has_psk_root = root != 0;
        memset(in.psk_root.b, root != 0 ? 8 : 0, 32);
        in.certificate = sp_slice_text("certificate");
        sp_buf_init(&b, 4096);
        sp_enrol_reply_encode(&in, &b);
        assert_int_equal(b.err, SP_OK);
        assert_int_equal(sp_enrol_reply_decode(sp_buf_slice(&b), &out), SP_OK);
        assert_int_equal(out.device, in.device);
        assert_int_equal(out.user, in.user);
        assert_true(sp_slice_equal(out.unit, in.unit));
        assert_memory_equal(out.psk.b, in.psk.b, 32);
        assert_int_equal(out.has_psk_root, in.has_psk_root);
        assert_memory_equal(out.psk_root.b, in.psk_root.b, 32);
        assert_true(sp_slice_equal(out.certificate, in.certificate));
        for (size_t n = 0; n < b.size; n++) {
            assert_int_not_equal(
                sp_enrol_reply_decode((struct sp_slice){ b.data, n }, &out),
                SP_OK);
        }
        sp_buf_free(&b);
    }
}

static void reply_with_a_content_dots_number_is_refused(void **state)
{
    static const uint32_t device[] = { 0, 0x7fffffff, 0x80000000 };
    static const sp_err want[] = { SP_E_MALFORMED, SP_OK, SP_E_MALFORMED };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct sp_enrol_reply in, out;
        struct sp_buf b;

        memset(&in, 0, sizeof(in));
        in.device = device[i];
        sp_buf_init(&b, 4096);
        sp_enrol_reply_encode(&in, &b);
        assert_int_equal(
            sp_enrol_reply_decode(sp_buf_slice(&b), &out), want[i]);
        sp_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_reads_back_as_it_was_written),
        cmocka_unit_test(code_is_read_through_case_dashes_and_line_ends),
        cmocka_unit_test(any_wrong_character_is_found),
        cmocka_unit_test(text_that_is_no_code_is_refused),
        cmocka_unit_test(endpoint_must_fit),
        cmocka_unit_test(fingerprint_is_eight_digits_of_the_key),
        cmocka_unit_test(request_reads_back_and_proves_its_key),
        cmocka_unit_test(request_under_another_code_is_forged),
        cmocka_unit_test(no_changed_byte_of_a_request_passes),
        cmocka_unit_test(label_over_its_limit_is_not_encoded),
        cmocka_unit_test(reply_reads_back_with_and_without_root),
        cmocka_unit_test(reply_with_a_content_dots_number_is_refused),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
