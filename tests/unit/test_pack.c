/* Canonical MessagePack: what the reader takes and what it does not. The
 * numbers name the kinds of bad input of the catalogue "MessagePack". */
#include "sp/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "sp/limits.h"

struct sample {
    const char *name;
    const char *hex;
    sp_err err;
};

static void check_samples(const struct sample *sample, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sp_slice in = hex_bytes(sample[i].hex);
        sp_err err = sp_pack_check(in);

        if (err != sample[i].err) {
            fail_msg("%s: %s, not %s", sample[i].name, sp_err_name(err),
                sp_err_name(sample[i].err));
        }
        drop(in);
    }
}

#define CHECK(table) check_samples(table, sizeof table / sizeof table[0])

/* count copies of one byte, then an end. */
static struct sp_slice repeated(uint8_t byte, size_t count, uint8_t end)
{
    uint8_t *bytes = malloc(count + 1);

    assert_non_null(bytes);
    memset(bytes, byte, count);
    bytes[count] = end;
    return sp_slice_of(bytes, count + 1);
}

/* 19 */
static void count_beyond_the_bytes_that_are_left_is_refused(void **state)
{
    static const struct sample table[] = {
        { "array of 2^32 - 1", "dd ff ff ff ff", SP_E_TOO_LARGE },
        { "map of 2^28", "df 10 00 00 00", SP_E_TOO_LARGE },
        { "array16 of 4096, nothing in it", "dc 10 00", SP_E_TRUNCATED },
        { "map16 of 16, 31 bytes",
            "de 00 10 0000 0100 0200 0300 0400 0500 0600 0700 0800 0900 0a00"
            "0b00 0c00 0d00 0e00 0f",
            SP_E_TRUNCATED },
        { "array of 2, one in it", "92 00", SP_E_TRUNCATED },
        { "map of 1, key only", "81 00", SP_E_TRUNCATED },
        { "str of 5, 4 bytes", "a5 61626364", SP_E_TRUNCATED },
        { "bin of 2^32 - 1", "c6 ff ff ff ff", SP_E_TOO_LARGE },
        { "nothing", "", SP_E_TRUNCATED },
    };
    char nested[31 * 10 + 1] = "";

    (void)state;
    CHECK(table);
    for (int i = 0; i < 31; i++) {
        strcat(nested, "dd10000000");
    }
    check_samples(&(struct sample){ "31 nested", nested, SP_E_TOO_LARGE }, 1);
}

/* 20 */
static void nesting_beyond_eight_is_refused_without_recursion(void **state)
{
    static const struct {
        size_t depth;
        sp_err err;
    } table[] = {
        { SP_DEPTH_MAX - 1, SP_OK },
        { SP_DEPTH_MAX, SP_OK },
        { SP_DEPTH_MAX + 1, SP_E_TOO_LARGE },
        { 100000, SP_E_TOO_LARGE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = repeated(0x91, table[i].depth, 0xc0);

        assert_int_equal(sp_pack_check(in), table[i].err);
        drop(in);
    }
}

/* 21 */
static void reserved_and_ext_types_are_refused(void **state)
{
    static const struct sample table[] = {
        { "c1", "c1", SP_E_MALFORMED },
        { "ext8", "c7 01 05 00", SP_E_MALFORMED },
        { "ext16", "c8 00 01 05 00", SP_E_MALFORMED },
        { "ext32 that wraps", "c9 ff ff ff ff", SP_E_MALFORMED },
        { "fixext1", "d4 01 00", SP_E_MALFORMED },
        { "time stamp", "d6 ff 00 00 00 00", SP_E_MALFORMED },
        { "fixext16", "d8 01 00000000000000000000000000000000",
            SP_E_MALFORMED },
        { "c1 inside an array", "92 00 c1", SP_E_MALFORMED },
    };

    (void)state;
    CHECK(table);
}

/* 23 */
static void bytes_after_the_value_are_refused(void **state)
{
    static const struct sample table[] = {
        { "nil nil", "c0 c0", SP_E_MALFORMED },
        { "array and a zero", "91 00 00", SP_E_MALFORMED },
        { "text and a zero", "a1 61 00", SP_E_MALFORMED },
    };

    (void)state;
    CHECK(table);
}

/* 24 */
static void map_keys_are_ascending_integers_each_once(void **state)
{
    static const struct sample table[] = {
        { "ascending", "83 00 c0 01 c0 ccff c0", SP_OK },
        { "empty", "80", SP_OK },
        { "twice", "82 01 c0 01 c0", SP_E_MALFORMED },
        { "descending", "82 02 c0 01 c0", SP_E_MALFORMED },
        { "text", "81 a161 c0", SP_E_MALFORMED },
        { "negative", "81 ff c0", SP_E_MALFORMED },
        { "array", "81 90 c0", SP_E_MALFORMED },
        { "nil", "81 c0 c0", SP_E_MALFORMED },
        { "inner map starts anew", "82 01 81 00 c0 02 c0", SP_OK },
        { "twice around an inner map", "82 01 81 05 c0 01 c0", SP_E_MALFORMED },
        { "2^64 - 1 last", "82 00 c0 cf ffffffffffffffff c0", SP_OK },
        { "2^64 - 1 and again",
            "82 cfffffffffffffffff c0 cfffffffffffffffff"
            "c0",
            SP_E_MALFORMED },
    };

    (void)state;
    CHECK(table);
}

/* 25 */
static void only_the_shortest_integer_is_read(void **state)
{
    static const struct sample table[] = {
        { "127", "7f", SP_OK },
        { "127 in u8", "cc 7f", SP_E_MALFORMED },
        { "128", "cc 80", SP_OK },
        { "1 in u16", "cd 00 01", SP_E_MALFORMED },
        { "255 in u16", "cd 00 ff", SP_E_MALFORMED },
        { "256", "cd 01 00", SP_OK },
        { "65535 in u32", "ce 00 00 ff ff", SP_E_MALFORMED },
        { "65536", "ce 00 01 00 00", SP_OK },
        { "2^32 - 1 in u64", "cf 00000000ffffffff", SP_E_MALFORMED },
        { "2^32", "cf 0000000100000000", SP_OK },
        { "1 signed", "d0 01", SP_E_MALFORMED },
        { "0 signed", "d0 00", SP_E_MALFORMED },
        { "-1", "ff", SP_OK },
        { "-1 in i8", "d0 ff", SP_E_MALFORMED },
        { "-32 in i8", "d0 e0", SP_E_MALFORMED },
        { "-33", "d0 df", SP_OK },
        { "-128 in i16", "d1 ff80", SP_E_MALFORMED },
        { "-129", "d1 ff7f", SP_OK },
        { "129 in i16", "d1 0081", SP_E_MALFORMED },
        { "-32768 in i32", "d2 ffff8000", SP_E_MALFORMED },
        { "-32769", "d2 ffff7fff", SP_OK },
        { "-2^31 in i64", "d3 ffffffff80000000", SP_E_MALFORMED },
        { "-2^31 - 1", "d3 ffffffff7fffffff", SP_OK },
        { "-2^63", "d3 8000000000000000", SP_OK },
        { "2^63 - 1 signed", "d3 7fffffffffffffff", SP_E_MALFORMED },
        { "str8 of 31",
            "d9 1f 61616161616161616161616161616161616161616161"
            "616161616161616161",
            SP_E_MALFORMED },
        { "str16 of 1", "da 0001 61", SP_E_MALFORMED },
        { "bin16 of 1", "c5 0001 61", SP_E_MALFORMED },
        { "array16 of 1", "dc 0001 c0", SP_E_MALFORMED },
        { "map16 of 1", "de 0001 00 c0", SP_E_MALFORMED },
    };

    (void)state;
    CHECK(table);
}

static void integers_outside_their_range_are_refused(void **state)
{
    static const struct {
        const char *hex;
        int64_t value; /* when good */
        bool good;
    } table[] = {
        { "d3 8000000000000000", INT64_MIN, true },
        { "cf 7fffffffffffffff", INT64_MAX, true },
        { "cf 8000000000000000", 0, false }, /* 2^63 where signed */
        { "00", 0, true },
        { "e0", -32, true },
        { "d0 df", -33, true },
        { "a0", 0, false },
    };
    struct sp_rd r;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = hex_bytes(table[i].hex);

        sp_rd_init(&r, in);
        assert_true(sp_rd_int(&r, INT64_MIN, INT64_MAX) == table[i].value);
        assert_int_equal(
            sp_rd_done(&r), table[i].good ? SP_OK : SP_E_MALFORMED);
        drop(in);
    }
    sp_rd_init(&r, SP_SLICE(((uint8_t[]){ 0xff })));
    assert_int_equal(sp_rd_uint(&r, 0, UINT64_MAX), 0); /* negative */
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(((uint8_t[]){ 5 })));
    assert_int_equal(sp_rd_uint(&r, 6, 9), 0);
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(((uint8_t[]){ 0xe0 })));
    assert_int_equal(sp_rd_int(&r, -31, 0), 0);
    assert_int_equal(r.err, SP_E_MALFORMED);
}

/* 26 */
static void no_float_is_read(void **state)
{
    static const struct sample table[] = {
        { "NaN", "ca 7fc00000", SP_E_MALFORMED },
        { "infinity", "ca 7f800000", SP_E_MALFORMED },
        { "-0.0", "cb 8000000000000000", SP_E_MALFORMED },
        { "1.5", "cb 3ff8000000000000", SP_E_MALFORMED },
    };

    (void)state;
    CHECK(table);
}

/* Runs are looked at eight bytes, or a Chinese character, at a time. */
static void a_byte_is_judged_wherever_it_stands(void **state)
{
    uint8_t text[40];

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool good =
            (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t';
        for (size_t at = 0; at < 20; at++) {
            memset(text, at % 2 == 0 ? ' ' : '~', sizeof text);
            text[at] = (uint8_t)byte;
            assert_int_equal(sp_utf8_valid(sp_slice_of(text, 20)), good);
            for (size_t i = 0; i + 3 <= 36; i += 3) {
                memcpy(text + i, "\xe8\x8c\xb6", 3);
            }
            text[36] = (uint8_t)byte;
            assert_int_equal(sp_utf8_valid(sp_slice_of(text, 37)), good);
            text[at / 3 * 3] = (uint8_t)byte; /* the rest of it is alone */
            assert_false(
                sp_utf8_valid(sp_slice_of(text, 36)) && (byte & 0xf0) != 0xe0);
        }
    }
}

/* 27 */
static void text_is_utf8_without_controls(void **state)
{
    static const struct {
        const char *name;
        const char *hex;
        bool good;
    } table[] = {
        { "empty", "", true },
        { "ASCII", "48656c6c6f", true },
        { "line feed and tab", "610a09", true },
        { "Chinese", "e4bda0e5a5bd", true },
        { "U+10FFFF", "f48fbfbf", true },
        { "no-break space U+00A0", "c2a0", true },
        { "U+0000", "00", false },
        { "U+0000 after text", "6100", false },
        { "carriage return", "0d", false },
        { "escape", "1b5b6d", false },
        { "delete", "7f", false },
        { "C1 control U+0085", "c285", false },
        { "U+0000 in two bytes", "c080", false },
        { "slash in two bytes", "c0af", false },
        { "slash in three bytes", "e080af", false },
        { "slash in four bytes", "f08080af", false },
        { "surrogate U+D800", "eda080", false },
        { "surrogate pair", "eda081edb080", false },
        { "U+110000", "f4908080", false },
        { "five bytes", "f888808080", false },
        { "continuation alone", "80", false },
        { "cut after one of three", "e4", false },
        { "cut after two of three", "e4bd", false },
        { "cut after three of four", "f09f98", false },
        { "second byte is ASCII", "e46162", false },
        { "ff", "ff", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice text = hex_bytes(table[i].hex);
        struct sp_buf b;

        if (sp_utf8_valid(text) != table[i].good) {
            fail_msg("%s", table[i].name);
        }
        sp_buf_init(&b, 100);
        sp_wr_str(&b, text);
        assert_int_equal(sp_pack_check(sp_buf_slice(&b)),
            table[i].good ? SP_OK : SP_E_MALFORMED);
        sp_buf_free(&b);
        drop(text);
    }
}

static sp_err check_text_of(size_t size, bool binary)
{
    struct sp_slice text = repeated('x', size, 0);
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, size + 16);
    if (binary) {
        sp_wr_bin(&b, text.data, size);
    } else {
        sp_wr_str(&b, sp_slice_of(text.data, size));
    }
    err = sp_pack_check(sp_buf_slice(&b));
    sp_buf_free(&b);
    drop(text);
    return err;
}

/* 29 */
static void strings_and_ids_have_their_size(void **state)
{
    static const struct {
        size_t size;
        sp_err err;
    } id[] = { { 15, SP_E_MALFORMED }, { 16, SP_OK }, { 17, SP_E_MALFORMED },
        { 0, SP_E_MALFORMED } };
    uint8_t bytes[17] = { 1, 2, 3 };

    (void)state;
    for (int binary = 0; binary < 2; binary++) {
        assert_int_equal(check_text_of(SP_STRING_BYTES_MAX - 1, binary), 0);
        assert_int_equal(check_text_of(SP_STRING_BYTES_MAX, binary), SP_OK);
        assert_int_equal(
            check_text_of(SP_STRING_BYTES_MAX + 1, binary), SP_E_TOO_LARGE);
    }
    for (size_t i = 0; i < sizeof id / sizeof id[0]; i++) {
        uint8_t out[16] = { 9 };
        struct sp_buf b;
        struct sp_rd r;

        sp_buf_init(&b, 100);
        sp_wr_bin(&b, bytes, id[i].size);
        sp_rd_init(&r, sp_buf_slice(&b));
        sp_rd_fixed(&r, out, sizeof out);
        assert_int_equal(sp_rd_done(&r), id[i].err);
        assert_int_equal(out[0], id[i].err == SP_OK ? 1 : 0);
        sp_buf_free(&b);
    }
}

static sp_err check_items(uint32_t count, bool map)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 65536);
    if (map) {
        sp_wr_map(&b, count);
    } else {
        sp_wr_array(&b, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        sp_wr_uint(&b, i);
        if (map) {
            sp_wr_nil(&b);
        }
    }
    err = sp_pack_check(sp_buf_slice(&b));
    sp_buf_free(&b);
    return err;
}

/* 30; the limits of a commit's parts stand in test_commit.c */
static void arrays_and_maps_have_at_most_4096_elements(void **state)
{
    (void)state;
    for (int map = 0; map < 2; map++) {
        assert_int_equal(check_items(SP_ITEMS_MAX - 1, map), SP_OK);
        assert_int_equal(check_items(SP_ITEMS_MAX, map), SP_OK);
        assert_int_equal(check_items(SP_ITEMS_MAX + 1, map), SP_E_TOO_LARGE);
    }
}

/* 31 */
static void fixed_shapes_have_no_element_more_or_less(void **state)
{
    static const uint8_t two[] = { 0x92, 1, 2 };

    (void)state;
    for (uint32_t count = 1; count <= 3; count++) {
        struct sp_rd r;

        sp_rd_init(&r, SP_SLICE(two));
        sp_rd_array_of(&r, count);
        (void)sp_rd_uint(&r, 1, 1);
        (void)sp_rd_uint(&r, 2, 2);
        assert_int_equal(sp_rd_done(&r), count == 2 ? SP_OK : SP_E_MALFORMED);
    }
}

/* 32; the empty commit stands in test_commit.c */
static void nil_is_no_number_no_text_and_no_list(void **state)
{
    static const uint8_t nil[] = { 0xc0 };
    struct sp_rd r;

    (void)state;
    sp_rd_init(&r, SP_SLICE(nil));
    (void)sp_rd_uint(&r, 0, UINT64_MAX);
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(nil));
    assert_int_equal(sp_rd_str(&r, 10).size, 0);
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(nil));
    assert_int_equal(sp_rd_array(&r, 10), 0);
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(nil));
    assert_false(sp_rd_bool(&r));
    assert_int_equal(r.err, SP_E_MALFORMED);
    sp_rd_init(&r, SP_SLICE(nil));
    sp_rd_nil(&r);
    assert_int_equal(sp_rd_done(&r), SP_OK);
}

static void first_error_stays_and_later_reads_give_zeros(void **state)
{
    static const uint8_t in[] = { 0xc1, 5, 0xa1, 'x', 0x91, 0 };
    uint8_t fixed[4] = { 1, 2, 3, 4 };
    struct sp_rd r;

    (void)state;
    sp_rd_init(&r, SP_SLICE(in));
    sp_rd_nil(&r);
    assert_int_equal(r.err, SP_E_MALFORMED);
    assert_int_equal(sp_rd_peek(&r), SP_KIND_END);
    assert_int_equal(sp_rd_uint(&r, 0, 9), 0);
    assert_int_equal(sp_rd_str(&r, 9).size, 0);
    assert_int_equal(sp_rd_array(&r, 9), 0);
    assert_int_equal(sp_rd_value(&r).size, 0);
    sp_rd_fixed(&r, fixed, sizeof fixed);
    assert_int_equal(fixed[0] | fixed[3], 0);
    sp_rd_fail(&r, SP_E_NOMEM);
    assert_int_equal(sp_rd_done(&r), SP_E_MALFORMED);
}

static void peek_names_the_kind_of_every_lead_byte(void **state)
{
    static const struct {
        uint8_t lead;
        enum sp_kind kind;
    } table[] = { { 0x00, SP_KIND_UINT }, { 0x7f, SP_KIND_UINT },
        { 0x80, SP_KIND_MAP }, { 0x8f, SP_KIND_MAP }, { 0x90, SP_KIND_ARRAY },
        { 0x9f, SP_KIND_ARRAY }, { 0xa0, SP_KIND_STR }, { 0xbf, SP_KIND_STR },
        { 0xc0, SP_KIND_NIL }, { 0xc1, SP_KIND_END }, { 0xc2, SP_KIND_BOOL },
        { 0xc3, SP_KIND_BOOL }, { 0xc4, SP_KIND_BIN }, { 0xc6, SP_KIND_BIN },
        { 0xc7, SP_KIND_END }, { 0xc9, SP_KIND_END }, { 0xca, SP_KIND_END },
        { 0xcb, SP_KIND_END }, { 0xcc, SP_KIND_UINT }, { 0xcf, SP_KIND_UINT },
        { 0xd0, SP_KIND_INT }, { 0xd3, SP_KIND_INT }, { 0xd4, SP_KIND_END },
        { 0xd8, SP_KIND_END }, { 0xd9, SP_KIND_STR }, { 0xdb, SP_KIND_STR },
        { 0xdc, SP_KIND_ARRAY }, { 0xdd, SP_KIND_ARRAY }, { 0xde, SP_KIND_MAP },
        { 0xdf, SP_KIND_MAP }, { 0xe0, SP_KIND_INT }, { 0xff, SP_KIND_INT } };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_rd r;

        sp_rd_init(&r, sp_slice_of(&table[i].lead, 1));
        assert_int_equal(sp_rd_peek(&r), table[i].kind);
    }
}

static void writer_gives_the_shortest_form(void **state)
{
    static const struct {
        int64_t value;
        const char *hex;
    } table[] = { { 0, "00" }, { 127, "7f" }, { 128, "cc80" }, { 255, "ccff" },
        { 256, "cd0100" }, { 65535, "cdffff" }, { 65536, "ce00010000" },
        { 4294967295, "ceffffffff" }, { 4294967296, "cf0000000100000000" },
        { INT64_MAX, "cf7fffffffffffffff" }, { -1, "ff" }, { -32, "e0" },
        { -33, "d0df" }, { -128, "d080" }, { -129, "d1ff7f" },
        { -32768, "d18000" }, { -32769, "d2ffff7fff" },
        { -2147483648, "d280000000" }, { -2147483649, "d3ffffffff7fffffff" },
        { INT64_MIN, "d38000000000000000" } };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice want = hex_bytes(table[i].hex);
        struct sp_buf b;
        struct sp_rd r;

        sp_buf_init(&b, 100);
        sp_wr_int(&b, table[i].value);
        assert_true(sp_slice_equal(sp_buf_slice(&b), want));
        sp_rd_init(&r, sp_buf_slice(&b));
        assert_true(sp_rd_int(&r, INT64_MIN, INT64_MAX) == table[i].value);
        assert_int_equal(sp_rd_done(&r), SP_OK);
        if (table[i].value >= 0) {
            sp_buf_reset(&b);
            sp_wr_uint(&b, (uint64_t)table[i].value);
            assert_true(sp_slice_equal(sp_buf_slice(&b), want));
        }
        sp_buf_free(&b);
        drop(want);
    }
}

static void headers_of_every_size_are_read_back(void **state)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 31, 32, 255, 256, 4096,
        16384 };

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(check_text_of(sizes[i], false), SP_OK);
        assert_int_equal(check_text_of(sizes[i], true), SP_OK);
        if (sizes[i] <= SP_ITEMS_MAX) {
            assert_int_equal(check_items((uint32_t)sizes[i], false), SP_OK);
            assert_int_equal(check_items((uint32_t)sizes[i], true), SP_OK);
        }
    }
}

/* One value with every kind in it. */
static const char mixed[] = "87 00 c0 01 c3 02 92 cc80 d0df 03 c403 010203"
                            "05 a6 e4bda0e5a5bd cccc 91 81 0a c2"
                            "cd0100 d3 8000000000000000";

static void every_prefix_of_a_value_is_truncated(void **state)
{
    struct sp_slice in = hex_bytes(mixed);

    (void)state;
    assert_int_equal(sp_pack_check(in), SP_OK);
    for (size_t size = 0; size < in.size; size++) {
        struct sp_slice part = exact_copy(sp_slice_of(in.data, size));

        assert_int_equal(sp_pack_check(part), SP_E_TRUNCATED);
        drop(part);
    }
    drop(in);
}

static void value_is_cut_out_of_what_follows(void **state)
{
    struct sp_slice in = hex_bytes("93 01 82 01 90 02 a0 c3");
    struct sp_slice value;
    struct sp_rd r;

    (void)state;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 3);
    assert_int_equal(sp_rd_uint(&r, 0, 9), 1);
    value = sp_rd_value(&r);
    assert_int_equal(value.size, 5);
    assert_ptr_equal(value.data, in.data + 2);
    assert_true(sp_rd_bool(&r));
    assert_int_equal(sp_rd_done(&r), SP_OK);
    drop(in);
}

static void writer_over_the_ceiling_latches(void **state)
{
    struct sp_buf b;

    (void)state;
    sp_buf_init(&b, 4);
    sp_wr_text(&b, "abc");
    assert_int_equal(b.err, SP_OK);
    sp_wr_nil(&b);
    assert_int_equal(b.err, SP_E_TOO_LARGE);
    sp_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_beyond_the_bytes_that_are_left_is_refused),
        cmocka_unit_test(nesting_beyond_eight_is_refused_without_recursion),
        cmocka_unit_test(reserved_and_ext_types_are_refused),
        cmocka_unit_test(bytes_after_the_value_are_refused),
        cmocka_unit_test(map_keys_are_ascending_integers_each_once),
        cmocka_unit_test(only_the_shortest_integer_is_read),
        cmocka_unit_test(integers_outside_their_range_are_refused),
        cmocka_unit_test(no_float_is_read),
        cmocka_unit_test(a_byte_is_judged_wherever_it_stands),
        cmocka_unit_test(text_is_utf8_without_controls),
        cmocka_unit_test(strings_and_ids_have_their_size),
        cmocka_unit_test(arrays_and_maps_have_at_most_4096_elements),
        cmocka_unit_test(fixed_shapes_have_no_element_more_or_less),
        cmocka_unit_test(nil_is_no_number_no_text_and_no_list),
        cmocka_unit_test(first_error_stays_and_later_reads_give_zeros),
        cmocka_unit_test(peek_names_the_kind_of_every_lead_byte),
        cmocka_unit_test(writer_gives_the_shortest_form),
        cmocka_unit_test(headers_of_every_size_are_read_back),
        cmocka_unit_test(every_prefix_of_a_value_is_truncated),
        cmocka_unit_test(value_is_cut_out_of_what_follows),
        cmocka_unit_test(writer_over_the_ceiling_latches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
