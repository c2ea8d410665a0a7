/* The samples of PROTOCOL.md, "Messages" and "Sums", byte for byte: made here
 * from their parts, and read from the document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "sp/merge.h"
#include "sp/message.h"
#include "sp/seal.h"

#define ME    0x0000000a5eed0001u
#define OTHER 0x0000000b5eed0002u

static const struct sp_id organisation = { { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
    0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f } };
static const struct sp_id account = { { 0x01, 0x93, 0xd5, 0xf0, 0xa1, 0xb2,
    0x7c, 0x3d, 0x8e, 0x4f, 0x50, 0x61, 0x72, 0x83, 0x94, 0xa5 } };
static const uint8_t hello[] = "\xa5Hello";

/* ---- the document -------------------------------------------------------- */

static char *document(void)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    char path[1024];
    assert_non_null(root);
    (void)snprintf(path, sizeof path, "%s/sync-proto/PROTOCOL.md", root);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 1u << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1u << 20) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

/* The hex of a line that is indented by four: up to two blanks in a row. */
static void add_line(const char *line, char *hex, size_t *size)
{
    for (const char *p = line + 4; *p != '\n' && *p != '\0'; p++) {
        if (p[0] == ' ' && (p[1] == ' ' || p == line + 4)) {
            return;
        }
        if (*p != ' ') {
            hex[(*size)++] = *p;
        }
    }
}

/* The indented lines that follow the sample's heading. */
static struct sp_slice sample(const char *heading)
{
    char *text = document(), hex[16384];
    size_t size = 0;
    const char *at = strstr(text, heading);
    if (at == NULL) {
        fail_msg("PROTOCOL.md has no %s", heading);
    }
    while (at != NULL && strncmp(at, "\n    ", 5) != 0) {
        at = strchr(at + 1, '\n');
    }
    while (at != NULL && strncmp(at, "\n    ", 5) == 0) {
        add_line(at + 1, hex, &size);
        at = strchr(at + 1, '\n');
    }
    hex[size] = '\0';
    free(text);
    return hex_bytes(hex);
}

static void assert_sample(const char *heading, const struct sp_buf *made)
{
    struct sp_slice said = sample(heading);
    assert_int_equal(made->err, SP_OK);
    if (!sp_slice_equal(said, sp_buf_slice(made))) {
        char *hex = calloc(2, made->size + 1);
        assert_non_null(hex);
        sp_hex(hex, made->data, made->size);
        printf("# %s is\n# %s\n", heading, hex);
        free(hex);
        fail_msg("%s differs", heading);
    }
    drop(said);
}

/* ---- the parts ----------------------------------------------------------- */

struct parts {
    struct sp_arena arena;
    struct sp_commit commit;
    struct sp_dot seen;
    struct sp_write write;
    struct sp_change change;
    struct sp_buf bytes; /* of the commit */
    struct sp_hash hash;
    uint8_t secret[SP_SIGN_SECRET_BYTES];
};

static void make_parts(struct parts *p)
{
    struct sp_secret seed;
    uint8_t public_key[32];
    struct sp_hash zeros = { { 0 } };
    memset(p, 0, sizeof *p);
    memset(seed.b, 7, sizeof seed.b);
    sp_arena_init(&p->arena, 1u << 20);
    sp_sign_pair(&seed, public_key, p->secret);
    p->seen = (struct sp_dot){ OTHER, 41 };
    p->write = (struct sp_write){ { 2, { 0 } }, { 1, &p->seen },
        sp_slice_of(hello, 6) };
    p->change = (struct sp_change){ { 1, account }, 1, &p->write };
    p->commit = (struct sp_commit){ .replica = ME,
        .n = 1,
        .time = 0x0193d5f0a1b20001u,
        .user = 7,
        .dictionary = 1,
        .policy = 3,
        .roster = 12,
        .nonce = { 1, 2, 3, 4, 5, 6, 7, 8 },
        .count = 1,
        .change = &p->change };
    sp_buf_init(&p->bytes, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(&p->commit, &p->bytes);
    sp_commit_chain(&zeros, ME, 1, sp_buf_slice(&p->bytes), &p->hash);
}

static void drop_parts(struct parts *p)
{
    sp_buf_free(&p->bytes);
    sp_arena_free(&p->arena);
}

/* The record that the commit makes. */
static struct sp_record record_of(struct parts *p)
{
    struct sp_record none = { .ref = p->change.ref }, out;
    struct sp_stamp stamp = sp_commit_stamp(&p->commit);
    uint32_t changed;
    assert_int_equal(
        sp_merge_write(&none, &p->change, &stamp, &p->arena, &out, &changed),
        SP_OK);
    return out;
}

static void sum_of_the_record(uint8_t out[16])
{
    static const uint8_t key[16] = { 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
        8, 8 };
    struct sp_buf in;
    sp_buf_init(&in, 256);
    sp_buf_put_u16be(&in, 1);
    sp_buf_put(&in, account.b, sizeof account.b);
    sp_buf_put_u16be(&in, 2);
    sp_buf_put_u8(&in, 0);
    sp_buf_put_u64be(&in, ME);
    sp_buf_put_u64be(&in, 1);
    sp_siphash(out, sp_buf_slice(&in), key);
    sp_buf_free(&in);
}

/* ---- the samples ----------------------------------------------------------
 */

static void push_is_as_the_document_has_it(void **state)
{
    static const uint8_t start[8];
    struct parts p;
    struct sp_slice commit[1];
    struct sp_buf out;
    (void)state;
    make_parts(&p);
    commit[0] = sp_buf_slice(&p.bytes);
    struct sp_batch batch = {
        .from = 1, .prev = SP_SLICE(start), .count = 1, .commit = commit
    };
    struct sp_push m = { 1, &batch };
    sp_commit_sign(&organisation, ME, 1, &p.hash, p.secret, batch.signature);
    sp_buf_init(&out, 4096);
    sp_message_push(&m, &out);
    assert_sample("**Sample push.**", &out);
    sp_buf_free(&out);
    drop_parts(&p);
}

static void pushed_is_as_the_document_has_it(void **state)
{
    struct parts p;
    struct sp_point point = { .replica = ME, .n = 1 };
    struct sp_position moved = { .index = 0, .since = 501 };
    struct sp_pushed m = { .told = { .roster = 12,
                               .point_count = 1,
                               .point = &point,
                               .is_signed = true },
        .moved_count = 1,
        .moved = &moved };
    struct sp_buf out;
    (void)state;
    make_parts(&p);
    memcpy(point.hash, p.hash.b, sizeof point.hash);
    sp_buf_init(&out, 4096);
    sp_buf_put(&out, "satchel-receipt", 15);
    sp_buf_put(&out, organisation.b, sizeof organisation.b);
    sp_buf_put_u32be(&out, 2);
    sp_buf_put_u32be(&out, 10);
    sp_message_told(&m.told, &out);
    sp_sign(sp_buf_slice(&out), p.secret, m.told.signature);
    point.replica = 0; /* short */
    sp_buf_reset(&out);
    sp_message_pushed(&m, &out);
    assert_sample("**Sample pushed.**", &out);
    sp_buf_free(&out);
    drop_parts(&p);
}

static void pull_is_as_the_document_has_it(void **state)
{
    struct sp_position at[] = { { 0, 501, 0, 0, 0 }, { 1, 0, 730, 1, 412 } };
    struct sp_pull m = { .count = 2, .position = at };
    struct sp_buf out;
    (void)state;
    sp_buf_init(&out, 4096);
    sp_message_pull(&m, &out);
    assert_sample("**Sample pull.**", &out);
    sp_buf_free(&out);
}

static void pull_of_new_keys_is_as_the_document_has_it(void **state)
{
    static const uint8_t keys[] = { 0x91, 0x92, 1, 0x92, 4, 8 };
    struct sp_position at[] = { { 0, 0, 501, 0, 77 } };
    struct sp_widening w[] = { { 0, SP_SLICE(keys) } };
    struct sp_pull m = { .count = 1,
        .position = at,
        .widening_count = 1,
        .widening = w,
        .only = true };
    struct sp_buf out;
    (void)state;
    sp_buf_init(&out, 4096);
    sp_message_pull(&m, &out);
    assert_sample("**Sample pull of new keys.**", &out);
    sp_buf_free(&out);
}

static void page_is_as_the_document_has_it(void **state)
{
    struct parts p;
    struct sp_buf record, items, out;
    struct sp_page_position at[] = {
        { { 0, 501, 0, 0, 0 }, true, { 0 } },
        { { 1, 0, 730, 2, 0 }, false, { 0 } },
    };
    struct sp_page m = {
        .item_count = 1, .count = 2, .position = at, .left = 318
    };
    (void)state;
    make_parts(&p);
    sp_buf_init(&record, 4096);
    sp_buf_init(&items, 4096);
    sp_buf_init(&out, 4096);
    struct sp_record r = record_of(&p);
    sp_record_encode(&r, SP_RECORD_WIRE, &record);
    struct sp_item item = {
        .kind = SP_ITEM_RECORD, .index = 0, .bytes = sp_buf_slice(&record)
    };
    sp_message_item(&item, &items);
    sum_of_the_record(at[0].sum);
    sp_message_page(&m, sp_buf_slice(&items), &out);
    assert_sample("**Sample page.**", &out);
    sp_buf_free(&record);
    sp_buf_free(&items);
    sp_buf_free(&out);
    drop_parts(&p);
}

static void words_are_as_the_document_has_them(void **state)
{
    struct parts p;
    struct sp_buf out;
    struct sp_dot held = { OTHER, 41 };
    (void)state;
    make_parts(&p);
    struct sp_told_verdict word = { ME, 1, p.commit.content,
        { SP_REFUSED, SP_E_FIELD_DENIED, 1, 2, 0, 2, 1735689600000u, false } };
    struct sp_words_request m = { 300, 1, &word, { 0, 0 }, 1, &held, false };
    sp_buf_init(&out, 4096);
    sp_message_words(&m, &out);
    assert_sample("**Sample words.**", &out);
    sp_buf_free(&out);
    drop_parts(&p);
}

static void a_commit_passed_down_is_as_the_document_has_it(void **state)
{
    struct parts p;
    struct sp_buf out;
    struct sp_passed passed = { .replica = ME, .n = 1 };
    uint32_t gone = 0;
    struct sp_words_reply m = { .position = 400,
        .passed_count = 1,
        .passed = &passed,
        .gone_count = 1,
        .gone = &gone };
    (void)state;
    make_parts(&p);
    passed.commit = sp_buf_slice(&p.bytes);
    sp_buf_init(&out, 4096);
    sp_buf_put(&out, "satchel-passed", 14);
    sp_buf_put(&out, organisation.b, sizeof organisation.b);
    sp_buf_put_u64be(&out, ME);
    sp_buf_put_u64be(&out, 1);
    sp_buf_put(&out, p.hash.b, sizeof p.hash.b);
    sp_buf_put_u8(&out, 0);
    sp_sign(sp_buf_slice(&out), p.secret, passed.signature);
    sp_buf_reset(&out);
    sp_message_words_reply(&m, &out);
    assert_sample("**Sample words reply.**", &out);
    sp_buf_free(&out);
    drop_parts(&p);
}

static void the_sum_is_as_the_document_has_it(void **state)
{
    struct sp_buf out;
    uint8_t sum[16];
    (void)state;
    sum_of_the_record(sum);
    sp_buf_init(&out, 16);
    sp_buf_put(&out, sum, sizeof sum);
    assert_sample("**Sample sum.**", &out);
    sp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push_is_as_the_document_has_it),
        cmocka_unit_test(pushed_is_as_the_document_has_it),
        cmocka_unit_test(pull_is_as_the_document_has_it),
        cmocka_unit_test(pull_of_new_keys_is_as_the_document_has_it),
        cmocka_unit_test(page_is_as_the_document_has_it),
        cmocka_unit_test(words_are_as_the_document_has_them),
        cmocka_unit_test(a_commit_passed_down_is_as_the_document_has_it),
        cmocka_unit_test(the_sum_is_as_the_document_has_it),
    };
    return sp_crypto_init() == SP_OK ? cmocka_run_group_tests(tests, NULL, NULL)
                                     : 1;
}
