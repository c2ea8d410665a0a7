#include "sp/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sp/pack.h"

#define ARENA_BYTES_MAX 67108864u

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

static const uint16_t roles[] = { 1, 2 };
static const struct sp_extra extras[] = {
    { SP_EXTRA_TERRITORY, { (const uint8_t *)"B-1", 3 }, 0 },
    { SP_EXTRA_REGION, { (const uint8_t *)"north", 5 }, 20819 },
};
static const struct sp_had hads[] = { { 2, 18 } };
static const struct sp_left lefts[] = {
    { { (const uint8_t *)"A-3", 3 }, 17 },
};

struct sample {
    struct sp_roster roster;
    struct sp_territory territory[2];
    struct sp_slice mine[1];
    struct sp_person person[2];
};

static void make(struct sample *s)
{
    memset(s, 0, sizeof(*s));
    s->territory[0] =
        (struct sp_territory){ text("A-1"), text("East"), text("north") };
    s->territory[1] =
        (struct sp_territory){ text("A-2"), text("西区"), text("") };
    s->mine[0] = text("A-1");
    s->person[0] = (struct sp_person){ .user = 11,
        .login = text("anna"),
        .name = text("安娜"),
        .status = SP_PERSON_ACTIVE,
        .role_count = 2,
        .role = roles,
        .territory_count = 1,
        .territory = s->mine,
        .extra_count = 2,
        .extra = extras,
        .left_count = 1,
        .left = lefts };
    s->person[1] = (struct sp_person){ .user = 12,
        .login = text("ben"),
        .name = text("Ben"),
        .status = SP_PERSON_LEFT,
        .had_count = 1,
        .had = hads };
    s->roster = (struct sp_roster){ .unit = text("A"),
        .name = text("Branch A"),
        .kind = SP_UNIT_BRANCH,
        .server = 2,
        .address = text("127.0.0.1:20002"),
        .term_days = 14,
        .territory_count = 2,
        .territory = s->territory,
        .person_count = 2,
        .person = s->person };
    memset(s->roster.static_public, 7, 32);
    memset(s->roster.sign_public, 8, 32);
}

static void encode(const struct sp_roster *r, struct sp_buf *out)
{
    sp_buf_init(out, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode(r, out);
    assert_int_equal(out->err, SP_OK);
}

static void a_roster_comes_back_from_its_document(void **state)
{
    struct sample s;
    struct sp_roster r;
    struct sp_arena arena;
    struct sp_buf out, again;

    (void)state;
    make(&s);
    encode(&s.roster, &out);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    assert_int_equal(sp_roster_decode(sp_buf_slice(&out), &arena, &r), SP_OK);
    assert_int_equal(r.server, 2);
    assert_int_equal(r.person_count, 2);
    assert_int_equal(r.person[0].extra[1].kind, SP_EXTRA_REGION);
    assert_int_equal(r.person[0].extra[0].until, 0);
    assert_int_equal(r.person[0].extra[1].until, 20819);
    assert_int_equal(r.person[0].left[0].serial, 17);
    assert_true(sp_slice_equal(r.person[0].territory[0], text("A-1")));
    assert_int_equal(r.person[1].status, SP_PERSON_LEFT);
    assert_int_equal(r.person[0].had_count, 0);
    assert_int_equal(r.person[1].had_count, 1);
    assert_int_equal(r.person[1].had[0].role, 2);
    assert_int_equal(r.person[1].had[0].serial, 18);
    encode(&r, &again);
    assert_true(sp_slice_equal(sp_buf_slice(&out), sp_buf_slice(&again)));
    sp_buf_free(&out);
    sp_buf_free(&again);
    sp_arena_free(&arena);
}

static void a_cut_or_changed_roster_is_refused_or_read_as_one(void **state)
{
    struct sample s;
    struct sp_roster r;
    struct sp_arena arena;
    struct sp_buf out;

    (void)state;
    make(&s);
    encode(&s.roster, &out);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    for (size_t size = 0; size < out.size; size++) {
        assert_int_not_equal(
            sp_roster_decode(sp_slice_of(out.data, size), &arena, &r), SP_OK);
        sp_arena_reset(&arena);
    }
    for (size_t i = 0; i < out.size * 8u; i++) {
        struct sp_buf again;
        out.data[i / 8u] = (uint8_t)(out.data[i / 8u] ^ (1u << (i % 8u)));
        if (sp_roster_decode(sp_buf_slice(&out), &arena, &r) == SP_OK) {
            encode(&r, &again);
            assert_true(
                sp_slice_equal(sp_buf_slice(&out), sp_buf_slice(&again)));
            sp_buf_free(&again);
        }
        out.data[i / 8u] = (uint8_t)(out.data[i / 8u] ^ (1u << (i % 8u)));
        sp_arena_reset(&arena);
    }
    sp_buf_free(&out);
    sp_arena_free(&arena);
}

static sp_err decoded(struct sample *s)
{
    struct sp_roster r;
    struct sp_arena arena;
    struct sp_buf out;

    sp_buf_init(&out, 4u * SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode(&s->roster, &out);
    assert_int_equal(out.err, SP_OK);
    sp_arena_init(&arena, ARENA_BYTES_MAX);
    sp_err err = sp_roster_decode(sp_buf_slice(&out), &arena, &r);
    sp_arena_free(&arena);
    sp_buf_free(&out);
    return err;
}

static void only_head_office_has_an_empty_code(void **state)
{
    struct sample s;

    (void)state;
    make(&s);
    s.roster.unit = text("");
    assert_int_equal(decoded(&s), SP_E_DOCUMENT);
    s.roster.kind = SP_UNIT_HEAD_OFFICE;
    assert_int_equal(decoded(&s), SP_OK);
    s.roster.unit = text("A");
    assert_int_equal(decoded(&s), SP_E_DOCUMENT);
}

static void codes_end_at_their_limit(void **state)
{
    static char code[SP_ROSTER_CODE_MAX + 2u];
    struct sample s;

    (void)state;
    memset(code, 'x', sizeof(code));
    make(&s);
    s.roster.unit = sp_slice_of(code, SP_ROSTER_CODE_MAX - 1u);
    assert_int_equal(decoded(&s), SP_OK);
    s.roster.unit = sp_slice_of(code, SP_ROSTER_CODE_MAX);
    assert_int_equal(decoded(&s), SP_OK);
    s.roster.unit = sp_slice_of(code, SP_ROSTER_CODE_MAX + 1u);
    assert_int_equal(decoded(&s), SP_E_TOO_LARGE);
    make(&s);
    s.territory[0].code = text("");
    assert_int_equal(decoded(&s), SP_E_DOCUMENT);
}

static void roles_of_before_end_at_their_limit(void **state)
{
    static struct sp_had many[SP_ROSTER_ROLES_MAX + 1u];
    struct sample s;

    (void)state;
    make(&s);
    for (uint16_t i = 0; i <= SP_ROSTER_ROLES_MAX; i++) {
        many[i] = (struct sp_had){ (uint16_t)(i + 1u), 9 };
    }
    s.person[1].had = many;
    for (uint32_t n = SP_ROSTER_ROLES_MAX - 1u; n <= SP_ROSTER_ROLES_MAX + 1u;
         n++) {
        s.person[1].had_count = n;
        assert_int_equal(
            decoded(&s), n <= SP_ROSTER_ROLES_MAX ? SP_OK : SP_E_TOO_LARGE);
    }
}

static void people_end_at_their_limit(void **state)
{
    static struct sp_person many[SP_ROSTER_PEOPLE_MAX + 1u];
    struct sample s;

    (void)state;
    make(&s);
    for (size_t i = 0; i <= SP_ROSTER_PEOPLE_MAX; i++) {
        many[i] = s.person[1];
        many[i].user = (uint32_t)i + 1u;
    }
    s.roster.person = many;
    s.roster.person_count = SP_ROSTER_PEOPLE_MAX;
    assert_int_equal(decoded(&s), SP_OK);
    s.roster.person_count = SP_ROSTER_PEOPLE_MAX + 1u;
    assert_int_equal(decoded(&s), SP_E_TOO_LARGE);
}

static void a_certificate_comes_back_from_its_document(void **state)
{
    struct sp_device d = { .device = 111,
        .user = 11,
        .unit = text("A"),
        .label = text("Anna's phone"),
        .status = SP_DEVICE_LOST };
    struct sp_device e;
    struct sp_buf out;

    (void)state;
    memset(d.static_public, 1, 32);
    memset(d.sign_public, 2, 32);
    memset(d.seal_public, 3, 32);
    sp_buf_init(&out, 4096);
    sp_roster_encode_device(&d, &out);
    assert_int_equal(sp_roster_decode_device(sp_buf_slice(&out), &e), SP_OK);
    assert_int_equal(e.device, 111);
    assert_int_equal(e.status, SP_DEVICE_LOST);
    assert_memory_equal(e.seal_public, d.seal_public, 32);
    assert_true(sp_slice_equal(e.label, d.label));
    for (size_t size = 0; size < out.size; size++) {
        assert_int_not_equal(
            sp_roster_decode_device(sp_slice_of(out.data, size), &e), SP_OK);
    }
    sp_buf_reset(&out);
    d.device = 0x80000000u; /* the top bit is for content dots */
    sp_roster_encode_device(&d, &out);
    assert_int_not_equal(
        sp_roster_decode_device(sp_buf_slice(&out), &e), SP_OK);
    sp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roster_comes_back_from_its_document),
        cmocka_unit_test(a_cut_or_changed_roster_is_refused_or_read_as_one),
        cmocka_unit_test(only_head_office_has_an_empty_code),
        cmocka_unit_test(codes_end_at_their_limit),
        cmocka_unit_test(roles_of_before_end_at_their_limit),
        cmocka_unit_test(people_end_at_their_limit),
        cmocka_unit_test(a_certificate_comes_back_from_its_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
