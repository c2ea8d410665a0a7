/* A record's bytes: one encoding a value, and only that one is read. */
#include "sp/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "records.h"
#include "sp/limits.h"
#include "sp/pack.h"

static struct sp_arena arena;
static struct sp_buf out;

static int set_up(void **state)
{
    (void)state;
    sp_arena_init(&arena, 1u << 26);
    sp_buf_init(&out, 1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_free(&arena);
    sp_buf_free(&out);
    return 0;
}

static sp_err encode(const struct sp_record *r, enum sp_record_form form)
{
    sp_buf_reset(&out);
    sp_record_encode(r, form, &out);
    return out.err;
}

/* ---- the sample of PROTOCOL.md ------------------------------------------ */

/* The same digits stand in PROTOCOL.md, "Record", with their meaning. */
static const char SAMPLE_HEAD[] =
    "03 07 11223344 00 0d 02 14 30 8a03 aabbccdd 52 81e0e5a401 04 79"
    "04 04 02 05 08 05 03 03 16 01 63 05 00 05";
static const char SAMPLE_SEQS[] = "d00f 01 04 01";
static const char SAMPLE_VALUES[] = "a453686f70 c0 a178 a179 c3";
static const char SAMPLE_START[] =
    "98 01 c410 018f6e5a3c007abc8123456789abcdef c4";

#define REPLICA_A 0x0000000311223344u
#define REPLICA_B 0x000000c8aabbccddu

static void make_sample(struct sp_record *r)
{
    static const struct sp_ref ref = { 1,
        { { 0x01, 0x8f, 0x6e, 0x5a, 0x3c, 0x00, 0x7a, 0xbc, 0x81, 0x23, 0x45,
            0x67, 0x89, 0xab, 0xcd, 0xef } } };
    static struct sp_register reg[4];
    static struct sp_sibling sibling[2], chosen;
    struct sp_stamp a = {
        .dot = { REPLICA_A, 7 }, .time = (0x018f6e5a3c00u + 5) << 16, .user = 12
    };
    struct sp_stamp b = { .dot = { REPLICA_B, 41 },
        .time = (0x018f6e5a3c00u + 5 + 86400000) << 16 | 2,
        .user = 30,
        .authority = SP_AUTHORITY_BRANCH };
    static const uint8_t nil[] = { 0xc0 }, yes[] = { 0xc3 };

    reg[0] = plain_register(&arena, 1, a, "Shop");
    reg[1] = plain_register(&arena, 2, a, "");
    ((struct sp_sibling *)reg[1].sibling)->value = SP_SLICE(nil);
    sibling[0] = (struct sp_sibling){ a, text_value(&arena, "x") };
    sibling[1] = (struct sp_sibling){ b, text_value(&arena, "y") };
    reg[2] = (struct sp_register){ .key.field = 4,
        .context = VECTOR(&arena, a.dot, b.dot),
        .count = 2,
        .sibling = sibling };
    chosen = (struct sp_sibling){ b, SP_SLICE(yes) };
    reg[3] = (struct sp_register){ .key = { 9, sp_slice_text("c") },
        .context = VECTOR(&arena, DOT(REPLICA_A, 6), b.dot),
        .count = 1,
        .sibling = &chosen };
    reg[0].seq = reg[1].seq = 1000;
    reg[2].seq = reg[3].seq = 1002;
    *r = (struct sp_record){ ref, 4, reg };
}

static struct sp_slice sample_bytes(enum sp_record_form form)
{
    char text[512];
    const char *seqs = form == SP_RECORD_STORED ? SAMPLE_SEQS : "";
    struct sp_slice head;

    (void)snprintf(text, sizeof text, "%s%s", SAMPLE_HEAD, seqs);
    head = hex_bytes(text);
    (void)snprintf(text, sizeof text, "%s %02zx %s %s %s", SAMPLE_START,
        head.size, SAMPLE_HEAD, seqs, SAMPLE_VALUES);
    drop(head);
    return hex_bytes(text);
}

static void sample_of_the_protocol_is_written_byte_for_byte(void **state)
{
    struct sp_record r;

    (void)state;
    make_sample(&r);
    for (int form = SP_RECORD_WIRE; form <= SP_RECORD_STORED; form++) {
        struct sp_slice bytes = sample_bytes((enum sp_record_form)form);

        assert_int_equal(encode(&r, (enum sp_record_form)form), SP_OK);
        assert_int_equal(out.size, bytes.size);
        assert_memory_equal(out.data, bytes.data, bytes.size);
        drop(bytes);
    }
}

static void sample_of_the_protocol_is_read_back(void **state)
{
    struct sp_record r, back;

    (void)state;
    make_sample(&r);
    for (int form = SP_RECORD_WIRE; form <= SP_RECORD_STORED; form++) {
        struct sp_slice bytes = sample_bytes((enum sp_record_form)form);

        assert_int_equal(
            sp_record_decode(bytes, (enum sp_record_form)form, &arena, &back),
            SP_OK);
        assert_true(records_equal(&r, &back, form == SP_RECORD_STORED));
        drop(bytes);
    }
}

static void protocol_document_shows_this_sample(void **state)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    static char text[1u << 20], digits[1u << 20], wanted[1024];
    struct sp_slice bytes = sample_bytes(SP_RECORD_STORED);
    char path[1024];
    size_t size, count = 0;
    FILE *f;

    (void)state;
    assert_true(bytes.size * 2 < sizeof wanted);
    sp_hex(wanted, bytes.data, bytes.size);
    drop(bytes);
    (void)snprintf(path, sizeof path, "%s/sync-proto/PROTOCOL.md",
        root == NULL ? "." : root);
    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("cannot open %s", path);
        return;
    }
    size = fread(text, 1, sizeof text - 1, f);
    assert_int_equal(fclose(f), 0);
    /* The hex of each line ends at two spaces; what follows explains it. */
    for (size_t i = 0, at_hex = 0; i < size; i++) {
        bool blank = text[i] == ' ' || text[i] == '\n';

        if (text[i] == '\n') {
            at_hex = 0;
        } else if (!blank && at_hex == 0) {
            at_hex = 1;
        } else if (blank && text[i + 1] == ' ' && at_hex == 1) {
            at_hex = 2;
        }
        if (!blank && at_hex == 1) {
            digits[count++] = text[i];
        }
    }
    digits[count] = '\0';
    assert_non_null(strstr(digits, wanted));
}

static void every_prefix_of_a_record_is_refused(void **state)
{
    struct sp_slice bytes = sample_bytes(SP_RECORD_STORED);

    (void)state;
    for (size_t size = 0; size < bytes.size; size++) {
        struct sp_slice cut = exact_copy(sp_slice_of(bytes.data, size));
        struct sp_record back = { .count = 77 };

        assert_int_equal(sp_record_decode(cut, SP_RECORD_STORED, &arena, &back),
            SP_E_TRUNCATED);
        assert_int_equal(back.count, 77);
        drop(cut);
    }
    drop(bytes);
}

/* Whatever is read is written again as the very same bytes: so no value has
 * two encodings. */
static void whatever_is_read_is_the_one_encoding_of_its_value(void **state)
{
    struct sp_slice bytes = sample_bytes(SP_RECORD_STORED);
    uint8_t *b = (uint8_t *)bytes.data;
    unsigned read = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t was = b[i];

        for (unsigned v = 0; v < 256; v++) {
            struct sp_record back;

            b[i] = (uint8_t)v;
            sp_arena_reset(&arena);
            if (sp_record_decode(bytes, SP_RECORD_STORED, &arena, &back) !=
                SP_OK) {
                refused++;
                continue;
            }
            read++;
            assert_int_equal(encode(&back, SP_RECORD_STORED), SP_OK);
            assert_int_equal(out.size, bytes.size);
            assert_memory_equal(out.data, bytes.data, bytes.size);
        }
        b[i] = was;
    }
    assert_true(read > 1000 && refused > 1000);
    drop(bytes);
}

/* ---- one fault at a time ------------------------------------------------ */

/* A record of type 1 with this head and these values. */
static struct sp_slice assemble(
    const char *head_hex, unsigned values, const char *values_hex)
{
    static const uint8_t id[16] = { 1 };
    struct sp_slice head = hex_bytes(head_hex), tail = hex_bytes(values_hex);
    struct sp_slice whole;

    sp_buf_reset(&out);
    sp_wr_array(&out, 3 + values);
    sp_wr_uint(&out, 1);
    sp_wr_bin(&out, id, sizeof id);
    sp_wr_bin(&out, head.data, head.size);
    sp_wr_raw(&out, tail);
    whole = exact_copy(sp_buf_slice(&out));
    drop(head);
    drop(tail);
    return whole;
}

/* clang-format off */
static const struct fault {
    const char *name;
    const char *head;
    unsigned values;
    const char *tail;
    sp_err err;
} FAULTS[] = {
    /* one line: replica (1, 2), counter 3, time 0, user 0 */
    { "one plain register", "01 02 00000002 06 00 00 01 05", 1, "c0", SP_OK },
    { "no register", "00 00", 0, "", SP_OK },
    { "a value too many", "01 02 00000002 06 00 00 01 05", 2, "c0c0",
        SP_E_MALFORMED },
    { "a value too few", "01 02 00000002 06 00 00 01 05", 0, "",
        SP_E_MALFORMED },
    { "bytes after the head", "01 02 00000002 06 00 00 01 05 00", 1, "c0",
        SP_E_MALFORMED },
    { "number not the shortest", "8100 02 00000002 06 00 00 01 05", 1, "c0",
        SP_E_MALFORMED },
    { "number over 64 bits", "01 02 00000002 ffffffffffffffffff02", 1, "c0",
        SP_E_MALFORMED },
    { "line that nobody uses",
        "02 03 00000002 00 06 00 00 02 00 01 05", 1, "c0", SP_E_MALFORMED },
    { "bare line that nobody uses",
        "02 03 00000002 00 03 04 00 00 01 04 02", 1, "c0", SP_E_MALFORMED },
    { "replica 0", "01 00 00000000 06 00 00 01 05", 1, "c0", SP_E_MALFORMED },
    { "replica twice",
        "02 02 00000002 06 00 00 00 00000002 06 00 00 01 04 05 01 03", 2,
        "c0c0", SP_E_MALFORMED },
    { "counter 0", "01 02 00000002 00 00 00 01 05", 1, "c0",
        SP_E_MALFORMED },
    { "counter of 48 bits", "01 02 00000002 feffffffffff7f 00 00 01 05", 1,
        "c0", SP_OK },
    { "counter of 49 bits", "01 02 00000002 80808080808080 01 00 00 01 05", 1,
        "c0", SP_E_MALFORMED },
    { "dot twice with two stamps",
        "02 03 00000002 00 06 00 00 00 04 02 05 04 02", 2, "c0c0", SP_OK },
    { "dot twice, not in order",
        "02 03 00000002 00 06 04 00 00 02 02 05 04 02", 2, "c0c0",
        SP_E_MALFORMED },
    { "dot twice, one bare",
        "02 03 00000002 00 07 00 00 00 02 04 03 00 04 02", 1, "c0",
        SP_E_MALFORMED },
    /* the id was made at 2^40 ms */
    { "time 0", "01 02 00000002 06 feffffffff7f 00 01 05", 1, "c0", SP_OK },
    { "time before 1970", "01 02 00000002 06 82808080808001 00 01 05", 1,
        "c0", SP_E_MALFORMED },
    { "time beyond 48 bits", "01 02 00000002 06 fcffffffffffff01 00 01 05", 1,
        "c0", SP_E_MALFORMED },
    { "user as before, said again",
        "02 03 00000002 00 06 00 00 02 01 01 00 02 05 04 02", 2, "c0c0",
        SP_E_MALFORMED },
    { "user other than before",
        "02 03 00000002 00 06 00 00 02 01 01 04 02 05 04 02", 2, "c0c0",
        SP_OK },
    { "time says more and says nothing", "01 02 00000002 06 01 00 00 01 05",
        1, "c0", SP_E_MALFORMED },
    { "hybrid counter of 17 bits",
        "01 02 00000002 06 01 808008 00 01 05", 1, "c0", SP_E_MALFORMED },
    { "run beyond the table", "01 03 00000002 00 06 00 00 02 00 01 05", 1,
        "c0", SP_E_MALFORMED },
    { "keys fall", "01 02 00000002 06 00 00 02 05 01", 2, "c0c0",
        SP_E_MALFORMED },
    { "elements rise", "01 02 00000002 06 00 00 02 07 01 61 03 01 62", 2,
        "c0c0", SP_OK },
    { "elements fall", "01 02 00000002 06 00 00 02 07 01 62 03 01 61", 2,
        "c0c0", SP_E_MALFORMED },
    { "empty element", "01 02 00000002 06 00 00 01 07 00", 1, "c0",
        SP_E_MALFORMED },
    { "field 4095", "01 02 00000002 06 00 00 01 fd7f", 1, "c0", SP_OK },
    { "field 4096", "01 02 00000002 06 00 00 01 818001", 1, "c0",
        SP_E_MALFORMED },
    { "line 0 the long way", "01 02 00000002 06 00 00 01 04 00", 1, "c0",
        SP_E_MALFORMED },
    { "references as before, said again",
        "02 03 00000002 00 06 00 00 02 00 03 05 04 02 04 02", 3, "c0c0c0",
        SP_E_MALFORMED },
    { "list of one sibling", "01 02 00000002 06 00 00 01 04 03 01", 1, "c0",
        SP_E_MALFORMED },
    { "list of one that fell", "01 02 00000002 07 01 04 03 00", 0, "", SP_OK },
    { "list of none", "00 01 04 01", 0, "", SP_E_MALFORMED },
    { "list with one replica twice",
        "02 03 00000002 00 06 00 00 02 00 01 04 05 01 03", 2, "c0c0",
        SP_E_MALFORMED },
    { "sibling of a bare line", "01 02 00000002 07 01 04 00", 1, "c0",
        SP_E_MALFORMED },
    { "same as before the first, with no line", "00 01 05", 1, "c0",
        SP_E_MALFORMED },
    { "reference beyond the table", "01 02 00000002 06 00 00 01 04 02", 1,
        "c0", SP_E_MALFORMED },
    { "second line of a dot where the first would do",
        "02 03 00000002 00 06 00 00 00 04 03 05 04 02 04 03 02", 2, "c0c0",
        SP_E_MALFORMED },
    { "value that is none", "01 02 00000002 06 00 00 01 05", 1, "c1",
        SP_E_MALFORMED },
    { "more lines than bytes", "7f 02", 0, "", SP_E_TRUNCATED },
    { "more lines than any record",
        "81808001 02 00000002 06 00 00 01 05", 1, "c0", SP_E_TOO_LARGE },
    { "more registers than bytes", "00 7f 05", 1, "c0", SP_E_TRUNCATED },
    { "head ends in a line", "01 02 000000", 1, "c0", SP_E_TRUNCATED },
};
/* clang-format on */

static void each_fault_in_the_head_is_refused_with_its_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        const struct fault *f = &FAULTS[i];
        struct sp_slice in = assemble(f->head, f->values, f->tail);
        struct sp_record back = { .count = 77 };
        sp_err err = sp_record_decode(in, SP_RECORD_WIRE, &arena, &back);

        if (err != f->err) {
            fail_msg("%s: %s, not %s", f->name, sp_err_name(err),
                sp_err_name(f->err));
        }
        if (err == SP_OK) {
            assert_int_equal(encode(&back, SP_RECORD_WIRE), SP_OK);
            if (!sp_slice_equal(sp_buf_slice(&out), in)) {
                fail_msg("%s: has another encoding", f->name);
            }
        } else {
            assert_int_equal(back.count, 77);
        }
        drop(in);
    }
}

static void each_fault_in_the_sequences_is_refused(void **state)
{
    static const struct {
        const char *seqs;
        sp_err err;
    } cases[] = { { "02 00", SP_OK }, { "00 00", SP_OK },
        { "", SP_E_TRUNCATED }, { "02", SP_E_TRUNCATED },
        { "02 01", SP_E_MALFORMED }, { "02 00 02 00", SP_E_MALFORMED } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char head[128];
        struct sp_slice in;
        struct sp_record back;

        (void)snprintf(head, sizeof head, "01 02 00000002 06 00 00 01 05 %s",
            cases[i].seqs);
        in = assemble(head, 1, "c0");
        assert_int_equal(sp_record_decode(in, SP_RECORD_STORED, &arena, &back),
            cases[i].err);
        drop(in);
    }
}

/* ---- limits ------------------------------------------------------------- */

/* A register with siblings of replicas 1.. and, after them, bare dots. */
static struct sp_register wide_register(uint32_t siblings, uint32_t dots)
{
    struct sp_sibling *s = sp_arena_take(&arena, siblings, sizeof *s);
    struct sp_dot *dot = sp_arena_take(&arena, dots, sizeof *dot);

    assert_non_null(s);
    assert_non_null(dot);
    for (uint32_t i = 0; i < dots; i++) {
        dot[i] = DOT(i + 1, i + 1);
        if (i < siblings) {
            s[i] = (struct sp_sibling){ stamp_of(i + 1, i + 1),
                text_value(&arena, "v") };
        }
    }
    return (struct sp_register){ .key.field = 1,
        .context = { dots, dot },
        .count = siblings,
        .sibling = s };
}

static void encodes_and_reads_back(const struct sp_record *r, sp_err err)
{
    struct sp_record back;

    assert_int_equal(encode(r, SP_RECORD_WIRE), err);
    if (err == SP_OK) {
        assert_int_equal(
            sp_record_decode(sp_buf_slice(&out), SP_RECORD_WIRE, &arena, &back),
            SP_OK);
        assert_true(records_equal(r, &back, false));
    }
}

static void siblings_and_dots_have_their_limits(void **state)
{
    static const struct {
        uint32_t siblings, dots;
        sp_err err;
    } cases[] = {
        { SP_SIBLINGS_MAX - 1, 300, SP_OK },
        { SP_SIBLINGS_MAX, 300, SP_OK },
        { SP_SIBLINGS_MAX + 1, 300, SP_E_TOO_LARGE },
        { 1, SP_VECTOR_DOTS_MAX - 1, SP_OK },
        { 1, SP_VECTOR_DOTS_MAX, SP_OK },
        { 1, SP_VECTOR_DOTS_MAX + 1, SP_E_TOO_LARGE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_register g = wide_register(cases[i].siblings, cases[i].dots);
        struct sp_record r = { .ref.type = 1, .count = 1, .reg = &g };

        encodes_and_reads_back(&r, cases[i].err);
    }
}

static void keys_have_their_limits(void **state)
{
    static const struct {
        uint16_t field;
        size_t element;
        sp_err err;
    } cases[] = {
        { SP_FIELD_MAX - 1, 0, SP_OK },
        { SP_FIELD_MAX, 0, SP_OK },
        { SP_FIELD_MAX + 1, 0, SP_E_ARGUMENT },
        { 1, SP_ELEMENT_BYTES_MAX - 1, SP_OK },
        { 1, SP_ELEMENT_BYTES_MAX, SP_OK },
        { 1, SP_ELEMENT_BYTES_MAX + 1, SP_E_TOO_LARGE },
    };
    static const uint8_t bytes[SP_ELEMENT_BYTES_MAX + 1] = { 1 };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_register g =
            plain_register(&arena, cases[i].field, stamp_of(1, 1), "v");
        struct sp_record r = { .ref.type = 1, .count = 1, .reg = &g };

        g.key.element = sp_slice_of(bytes, cases[i].element);
        encodes_and_reads_back(&r, cases[i].err);
    }
}

static void types_go_from_1_to_255(void **state)
{
    struct sp_register g = plain_register(&arena, 1, stamp_of(1, 1), "v");
    struct sp_record r = { .count = 1, .reg = &g };

    (void)state;
    encodes_and_reads_back(&r, SP_E_ARGUMENT);
    for (uint16_t type = SP_TYPE_MAX - 1; type <= SP_TYPE_MAX + 1; type++) {
        r.ref.type = type;
        encodes_and_reads_back(&r, type > SP_TYPE_MAX ? SP_E_ARGUMENT : SP_OK);
    }
}

static void record_has_at_most_4096_registers(void **state)
{
    enum { MOST = SP_RECORD_REGISTERS_MAX + 1 };
    static struct sp_register reg[MOST];
    static uint8_t element[MOST][2];
    struct sp_register g = plain_register(&arena, 1, stamp_of(1, 1), "v");
    struct sp_record r = { .ref.type = 1, .reg = reg };
    struct sp_slice in;
    struct sp_record back;

    (void)state;
    for (uint16_t i = 0; i < MOST; i++) {
        reg[i] = g;
        sp_set_u16be(element[i], i);
        reg[i].key.element = SP_SLICE(element[i]);
    }
    for (r.count = MOST - 2; r.count <= MOST; r.count++) {
        encodes_and_reads_back(&r, r.count == MOST ? SP_E_TOO_LARGE : SP_OK);
    }
    in = assemble("00 8120 00", 1, "c0");
    assert_int_equal(
        sp_record_decode(in, SP_RECORD_WIRE, &arena, &back), SP_E_TOO_LARGE);
    drop(in);
}

/* A str of size bytes in all, at least 32. */
static struct sp_slice long_value(size_t size)
{
    uint8_t *bytes = sp_arena_take(&arena, size, 1);

    assert_non_null(bytes);
    memset(bytes, 'a', size);
    bytes[0] = 0xda;
    sp_set_u16be(bytes + 1, (uint16_t)(size - 3));
    return sp_slice_of(bytes, size);
}

static void value_has_at_most_16_kib(void **state)
{
    (void)state;
    for (size_t size = SP_VALUE_BYTES_MAX - 1; size <= SP_VALUE_BYTES_MAX + 1;
         size++) {
        struct sp_register g = plain_register(&arena, 1, stamp_of(1, 1), "v");
        struct sp_record r = { .ref.type = 1, .count = 1, .reg = &g };
        struct sp_slice in = assemble("01 02 00000002 06 00 00 01 05", 1, "");
        struct sp_record back;
        bool fits = size <= SP_VALUE_BYTES_MAX;

        ((struct sp_sibling *)g.sibling)->value = long_value(size);
        encodes_and_reads_back(&r, fits ? SP_OK : SP_E_TOO_LARGE);
        /* and what others wrote */
        drop(in);
        sp_buf_reset(&out);
        in = assemble("01 02 00000002 06 00 00 01 05", 1, "");
        sp_buf_reset(&out);
        sp_wr_raw(&out, in);
        sp_wr_raw(&out, g.sibling->value);
        assert_int_equal(
            sp_record_decode(sp_buf_slice(&out), SP_RECORD_WIRE, &arena, &back),
            fits ? SP_OK : SP_E_TOO_LARGE);
        drop(in);
    }
}

static void record_has_at_most_128_kib(void **state)
{
    struct sp_register reg[9];
    struct sp_record r = { .ref.type = 1, .count = 9, .reg = reg };
    struct sp_record back;
    size_t rest;

    (void)state;
    for (uint16_t i = 0; i < 9; i++) {
        reg[i] = plain_register(&arena, i, stamp_of(1, 1), "v");
        ((struct sp_sibling *)reg[i].sibling)->value =
            long_value(i < 8 ? 16000 : 1000);
    }
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_OK);
    rest = SP_RECORD_BYTES_MAX - out.size + 1000;
    for (size_t size = rest - 1; size <= rest + 1; size++) {
        ((struct sp_sibling *)reg[8].sibling)->value = long_value(size);
        encodes_and_reads_back(&r, size > rest ? SP_E_TOO_LARGE : SP_OK);
    }
    /* The last one stands in the buffer whole: too large to be read, too. */
    assert_int_equal(out.size, SP_RECORD_BYTES_MAX + 1);
    assert_int_equal(sp_record_decode(sp_slice_of(out.data, out.size),
                         SP_RECORD_WIRE, &arena, &back),
        SP_E_TOO_LARGE);
}

static void large_table_is_sorted_and_read_back(void **state)
{
    enum { COUNT = 3000 };
    static struct sp_register reg[COUNT];
    struct sp_record r = { .ref.type = 1, .count = COUNT, .reg = reg };

    (void)state;
    for (uint16_t i = 0; i < COUNT; i++) {
        /* 7919 is prime: replicas and counters in no order */
        uint64_t mixed = (uint64_t)i * 7919 % COUNT;

        reg[i] = plain_register(
            &arena, i, stamp_of(1 + mixed % 50, 1 + mixed / 50), "v");
    }
    encodes_and_reads_back(&r, SP_OK);
}

/* ---- what encode refuses ------------------------------------------------ */

static void record_that_breaks_its_invariants_is_not_written(void **state)
{
    struct sp_register reg[2];
    struct sp_record r = { .ref.type = 1, .count = 2, .reg = reg };

    (void)state;
    reg[0] = plain_register(&arena, 2, stamp_of(1, 1), "v");
    reg[1] = plain_register(&arena, 1, stamp_of(1, 1), "v");
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_E_ARGUMENT); /* order */
    reg[1].key.field = 2;
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_E_ARGUMENT); /* twice */
    reg[1].key.field = 3;
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_OK);
    reg[1].context = VECTOR(&arena, DOT(1, 2)); /* no longer its entry */
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_E_ARGUMENT);
    reg[1].context.count = 0;
    assert_int_equal(encode(&r, SP_RECORD_WIRE), SP_E_ARGUMENT);
}

/* ---- memory ------------------------------------------------------------- */

static void decode_fails_at_each_allocation_and_leaves_out_alone(void **state)
{
    struct sp_slice bytes = sample_bytes(SP_RECORD_STORED);
    struct sp_record back = { .count = 77 };
    unsigned failures = 0;
    sp_err err = SP_E_NOMEM;

    (void)state;
    for (size_t ceiling = 0; err != SP_OK && ceiling < 10000; ceiling += 16) {
        struct sp_arena small;

        sp_arena_init(&small, ceiling);
        err = sp_record_decode(bytes, SP_RECORD_STORED, &small, &back);
        if (err != SP_OK) {
            assert_int_equal(err, SP_E_NOMEM);
            assert_int_equal(back.count, 77);
            failures++;
        }
        sp_arena_free(&small);
    }
    assert_int_equal(err, SP_OK);
    assert_true(failures > 10);
    drop(bytes);
}

static void encode_latches_when_the_buffer_is_full(void **state)
{
    struct sp_slice bytes = sample_bytes(SP_RECORD_WIRE);
    struct sp_record r;

    (void)state;
    make_sample(&r);
    for (size_t ceiling = 0; ceiling <= bytes.size; ceiling++) {
        struct sp_buf b;

        sp_buf_init(&b, ceiling);
        sp_record_encode(&r, SP_RECORD_WIRE, &b);
        assert_int_equal(b.err, ceiling == bytes.size ? SP_OK : SP_E_TOO_LARGE);
        sp_buf_free(&b);
    }
    drop(bytes);
}

/* ---- finding, digest, filter -------------------------------------------- */

static void registers_are_found_by_key_and_by_field(void **state)
{
    struct sp_record r;

    (void)state;
    make_sample(&r);
    assert_ptr_equal(
        sp_record_find(&r, 2, (struct sp_slice){ NULL, 0 }), &r.reg[1]);
    assert_ptr_equal(sp_record_find(&r, 9, sp_slice_text("c")), &r.reg[3]);
    assert_null(sp_record_find(&r, 9, sp_slice_text("d")));
    assert_null(sp_record_find(&r, 9, sp_slice_text("")));
    assert_null(sp_record_find(&r, 3, sp_slice_text("")));
    assert_null(sp_record_find(&r, 10, sp_slice_text("")));
    assert_ptr_equal(sp_record_field(&r, 9), &r.reg[3]);
    assert_null(sp_record_field(&r, 3));
    assert_null(sp_record_field(&r, 10));
}

static bool keeps_even(const void *arg, uint16_t field)
{
    (void)arg;
    return field % 2 == 0;
}

static void filter_keeps_only_what_may_be_seen(void **state)
{
    struct sp_record r, some;
    struct sp_arena none;

    (void)state;
    make_sample(&r);
    assert_int_equal(
        sp_record_filter(&r, keeps_even, NULL, &arena, &some), SP_OK);
    assert_int_equal(some.count, 2);
    assert_int_equal(some.reg[0].key.field, 2);
    assert_int_equal(some.reg[1].key.field, 4);
    assert_true(sp_ref_equal(&some.ref, &r.ref));
    sp_arena_init(&none, 0);
    some.count = 77;
    assert_int_equal(
        sp_record_filter(&r, keeps_even, NULL, &none, &some), SP_E_NOMEM);
    assert_int_equal(some.count, 77);
}

static void digest_tells_values_apart_and_not_contexts(void **state)
{
    struct sp_register reg[4], with_ghost[5];
    uint8_t before[16], after[16];
    struct sp_record r, g;

    (void)state;
    make_sample(&r);
    sp_record_digest(&r, NULL, NULL, before);
    memcpy(reg, r.reg, sizeof reg);
    g = (struct sp_record){ r.ref, 4, reg };
    reg[3].context = VECTOR(&arena, DOT(REPLICA_A, 5), DOT(REPLICA_B, 41));
    sp_record_digest(&g, NULL, NULL, after);
    assert_memory_equal(before, after, 16);

    /* A register without values shows nothing. */
    memcpy(with_ghost, r.reg, sizeof reg);
    with_ghost[4] = wide_register(0, 1);
    with_ghost[4].key.field = 99;
    g = (struct sp_record){ r.ref, 5, with_ghost };
    sp_record_digest(&g, NULL, NULL, after);
    assert_memory_equal(before, after, 16);

    g = (struct sp_record){ r.ref, 4, reg };
    reg[2].count = 1;
    sp_record_digest(&g, NULL, NULL, after);
    assert_memory_not_equal(before, after, 16);
    reg[2].count = 2;
    reg[3].key.element = sp_slice_text("d");
    sp_record_digest(&g, NULL, NULL, after);
    assert_memory_not_equal(before, after, 16);
    reg[3].key.element = sp_slice_text("c");
    g.ref.type = 2;
    sp_record_digest(&g, NULL, NULL, after);
    assert_memory_not_equal(before, after, 16);
}

static void digest_of_some_fields_is_that_of_the_filtered_record(void **state)
{
    struct sp_record r, some;
    uint8_t a[16], b[16];

    (void)state;
    make_sample(&r);
    assert_int_equal(
        sp_record_filter(&r, keeps_even, NULL, &arena, &some), SP_OK);
    sp_record_digest(&r, keeps_even, NULL, a);
    sp_record_digest(&some, NULL, NULL, b);
    assert_memory_equal(a, b, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_of_the_protocol_is_written_byte_for_byte),
        cmocka_unit_test(sample_of_the_protocol_is_read_back),
        cmocka_unit_test(protocol_document_shows_this_sample),
        cmocka_unit_test(every_prefix_of_a_record_is_refused),
        cmocka_unit_test(whatever_is_read_is_the_one_encoding_of_its_value),
        cmocka_unit_test(each_fault_in_the_head_is_refused_with_its_error),
        cmocka_unit_test(each_fault_in_the_sequences_is_refused),
        cmocka_unit_test(siblings_and_dots_have_their_limits),
        cmocka_unit_test(keys_have_their_limits),
        cmocka_unit_test(types_go_from_1_to_255),
        cmocka_unit_test(record_has_at_most_4096_registers),
        cmocka_unit_test(value_has_at_most_16_kib),
        cmocka_unit_test(record_has_at_most_128_kib),
        cmocka_unit_test(large_table_is_sorted_and_read_back),
        cmocka_unit_test(record_that_breaks_its_invariants_is_not_written),
        cmocka_unit_test(decode_fails_at_each_allocation_and_leaves_out_alone),
        cmocka_unit_test(encode_latches_when_the_buffer_is_full),
        cmocka_unit_test(registers_are_found_by_key_and_by_field),
        cmocka_unit_test(filter_keeps_only_what_may_be_seen),
        cmocka_unit_test(digest_tells_values_apart_and_not_contexts),
        cmocka_unit_test(digest_of_some_fields_is_that_of_the_filtered_record),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
