/* Fields that took over from retired ones: what people see of a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sp/dictionary.h"
#include "sp/pack.h"

#define ARENA_BYTES_MAX 1048576u
#define NAMED(text)     .name = { (const uint8_t *)(text), sizeof(text) - 1 }
#define STR             .kind = SP_VALUE_STR, .max = 80
#define SET             .set = true, .merge = SP_MERGE_SET, .members_max = 8

/* 1 became 3, 3 became 5; the set 2 became 4. */
static const struct sp_field fields[] = {
    { .number = 1,
        NAMED("first"),
        STR,
        .merge = SP_MERGE_LWW,
        .retired = true,
        .retired_since = 2 },
    { .number = 2,
        NAMED("tags_old"),
        STR,
        SET,
        .retired = true,
        .retired_since = 2 },
    { .number = 3,
        NAMED("second"),
        STR,
        .merge = SP_MERGE_KEEP,
        .was = 1,
        .retired = true,
        .retired_since = 3 },
    { .number = 4, NAMED("tags"), STR, SET, .was = 2 },
    { .number = 5,
        NAMED("third"),
        STR,
        .merge = SP_MERGE_KEEP,
        .was = 3,
        .required = true,
        .required_since = 3 },
    { .number = 6,
        NAMED("owner"),
        .kind = SP_VALUE_USER,
        .merge = SP_MERGE_LWW },
};
static const struct sp_entity shop = { .number = 1,
    NAMED("shop"),
    .owner = 6,
    .succeeds = true,
    .field_count = 6,
    .field = fields };

struct world {
    struct sp_arena arena;
    struct sp_record record;
};

static int open_world(void **state)
{
    static struct world w;

    memset(&w, 0, sizeof w);
    sp_arena_init(&w.arena, ARENA_BYTES_MAX);
    w.record.ref.type = 1;
    *state = &w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;

    sp_arena_free(&w->arena);
    return 0;
}

static struct sp_slice str(struct world *w, const char *text)
{
    struct sp_buf b;

    sp_buf_init(&b, 128);
    if (text == NULL) {
        sp_wr_nil(&b);
    } else {
        sp_wr_text(&b, text);
    }
    struct sp_slice out = sp_arena_copy(&w->arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

/* A replica writes a key, having seen what stands in the view of it. */
static void put(struct world *w, uint64_t replica, uint64_t n, uint16_t field,
    const char *element, const char *text, bool seen)
{
    struct sp_record view;
    struct sp_write write = { .key = { field, { NULL, 0 } },
        .value = str(w, text) };
    struct sp_change change = { w->record.ref, 1, &write };
    struct sp_stamp stamp = { .dot = { replica, n }, .time = n << 16 };
    uint32_t changed;

    if (element != NULL) {
        write.key.element = str(w, element);
    }
    assert_int_equal(
        sp_dictionary_past_view(&shop, &w->record, &w->arena, &view), SP_OK);
    const struct sp_register *reg =
        sp_record_find(&view, field, write.key.element);
    if (seen && reg != NULL) {
        write.context = reg->context;
    }
    assert_int_equal(sp_merge_write(&w->record, &change, &stamp, &w->arena,
                         &w->record, &changed),
        SP_OK);
}

static const struct sp_register *seen_in(
    struct world *w, uint16_t field, const char *element)
{
    struct sp_record view;
    struct sp_slice e = { NULL, 0 };

    assert_int_equal(
        sp_dictionary_past_view(&shop, &w->record, &w->arena, &view), SP_OK);
    for (uint32_t i = 1; i < view.count; i++) {
        assert_true(sp_key_cmp(&view.reg[i - 1].key, &view.reg[i].key) < 0);
    }
    if (element != NULL) {
        e = str(w, element);
    }
    return sp_record_find(&view, field, e);
}

/* What the field shows, by both ways of asking. */
static void check_shown(struct world *w, uint16_t field, const char *text)
{
    const struct sp_field *f = sp_dictionary_field(&shop, field);
    const struct sp_register *reg = seen_in(w, field, NULL);
    struct sp_slice none = { NULL, 0 };
    const struct sp_sibling *a = sp_merge_shown(reg, f->merge);
    const struct sp_sibling *b =
        sp_dictionary_past_shown(&shop, &w->record, f, none);

    assert_non_null(a);
    assert_non_null(b);
    assert_true(sp_slice_equal(a->value, str(w, text)));
    assert_true(sp_slice_equal(b->value, a->value));
}

static void a_field_shows_what_it_was_until_somebody_writes_it(void **state)
{
    struct world *w = *state;

    put(w, 10, 1, 1, NULL, "old name", true);
    check_shown(w, 3, "old name");
    check_shown(w, 5, "old name");
    put(w, 11, 1, 5, NULL, "new name", true);
    check_shown(w, 5, "new name");
    assert_int_equal(seen_in(w, 5, NULL)->count, 1);
    /* The old register is as it was: nothing was rewritten. */
    check_shown(w, 1, "old name");
}

static void what_a_device_that_was_away_wrote_stands_beside_the_new_value(
    void **state)
{
    struct world *w = *state;

    put(w, 10, 1, 1, NULL, "old name", true);
    put(w, 11, 1, 5, NULL, "new name", true);
    put(w, 12, 4, 1, NULL, "typed out there", false);
    assert_int_equal(seen_in(w, 5, NULL)->count, 2);
    check_shown(w, 5, "typed out there"); /* the later one */
    /* Settling has seen both, and covers both. */
    put(w, 11, 9, 5, NULL, "settled", true);
    assert_int_equal(seen_in(w, 5, NULL)->count, 1);
    check_shown(w, 5, "settled");
}

static void an_edit_between_two_retirements_is_seen_through_both(void **state)
{
    struct world *w = *state;

    put(w, 10, 1, 1, NULL, "oldest", true);
    put(w, 11, 2, 3, NULL, "middle", true);
    check_shown(w, 5, "middle");
    assert_int_equal(seen_in(w, 5, NULL)->count, 1);
    put(w, 12, 3, 1, NULL, "late", false);
    assert_int_equal(seen_in(w, 5, NULL)->count, 2);
}

static void an_author_who_wrote_both_has_seen_his_own(void **state)
{
    struct world *w = *state;

    put(w, 10, 5, 1, NULL, "old", false);
    put(w, 10, 6, 5, NULL, "new", false);
    assert_int_equal(seen_in(w, 5, NULL)->count, 1);
    check_shown(w, 5, "new");
}

static bool add_one(void *arg, struct sp_slice element)
{
    (void)element;
    (*(unsigned *)arg)++;
    return true;
}

static unsigned members(struct world *w)
{
    unsigned count = 0;

    sp_dictionary_past_members(
        &shop, &w->record, sp_dictionary_field(&shop, 4), add_one, &count);
    return count;
}

static void a_set_keeps_its_members_one_by_one(void **state)
{
    struct world *w = *state;
    const struct sp_field *f = sp_dictionary_field(&shop, 4);

    put(w, 10, 1, 2, "tea", "tea", true);
    put(w, 10, 2, 2, "rum", "rum", true);
    assert_int_equal(members(w), 2);
    put(w, 11, 1, 4, "soap", "soap", true);
    assert_int_equal(members(w), 3);
    put(w, 11, 2, 4, "tea", NULL, true);
    assert_int_equal(members(w), 2);
    assert_false(
        sp_dictionary_past_stands(&shop, &w->record, f, str(w, "tea")));
    assert_true(sp_dictionary_past_stands(&shop, &w->record, f, str(w, "rum")));
    assert_false(sp_dictionary_member(seen_in(w, 4, "tea")));
    assert_true(sp_dictionary_member(seen_in(w, 4, "rum")));
    /* Added again by one who did not know of the removal: add wins. */
    put(w, 12, 7, 2, "tea", "tea", false);
    assert_int_equal(members(w), 3);
}

static void a_record_without_such_fields_is_itself(void **state)
{
    struct world *w = *state;
    struct sp_entity plain = shop;
    struct sp_record view;

    put(w, 10, 1, 1, NULL, "old name", true);
    plain.succeeds = false;
    assert_int_equal(
        sp_dictionary_past_view(&plain, &w->record, &w->arena, &view), SP_OK);
    assert_ptr_equal(view.reg, w->record.reg);
}

/* ---- the document ------------------------------------------------------ */

static sp_err decoded(const struct sp_field *f, struct world *w,
    struct sp_dictionary *out, struct sp_buf *again)
{
    struct sp_entity e = shop;
    struct sp_dictionary d = { .entity_count = 1, .entity = &e };
    struct sp_buf b;

    e.field = f;
    sp_buf_init(&b, SP_DOCUMENT_BYTES_MAX);
    sp_dictionary_encode(&d, &b);
    assert_int_equal(b.err, SP_OK);
    struct sp_slice body = sp_arena_copy(&w->arena, sp_buf_slice(&b));
    sp_buf_free(&b);
    sp_err err = sp_dictionary_decode(body, &w->arena, out);
    if (err == SP_OK) {
        sp_dictionary_encode(out, again);
        assert_true(sp_slice_equal(sp_buf_slice(again), body));
    }
    return err;
}

static void a_document_carries_successors_and_editions(void **state)
{
    struct world *w = *state;
    struct sp_dictionary d;
    struct sp_buf again;

    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(decoded(fields, w, &d, &again), SP_OK);
    sp_buf_free(&again);
    const struct sp_entity *e = sp_dictionary_entity(&d, 1);
    assert_true(e->succeeds);
    assert_int_equal(sp_dictionary_field(e, 5)->was, 3);
    assert_int_equal(sp_dictionary_field(e, 5)->required_since, 3);
    assert_int_equal(sp_dictionary_field(e, 1)->retired_since, 2);
    assert_int_equal(sp_dictionary_successor(e, 1)->number, 3);
    assert_null(sp_dictionary_successor(e, 5));
    assert_null(sp_dictionary_successor(e, 0));
}

static void what_does_not_fit_is_no_successor(void **state)
{
    struct world *w = *state;
    struct sp_dictionary d;
    struct sp_buf again;

    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    for (unsigned i = 0; i < 6; i++) {
        struct sp_field f[6];
        memcpy(f, fields, sizeof f);
        switch (i) {
        case 0: /* not retired */
            f[0].retired = false;
            f[0].retired_since = 0;
            break;
        case 1: /* another kind */
            f[0].kind = SP_VALUE_BOOL;
            break;
        case 2: /* no such field */
            f[3].was = 0;
            f[4].was = 2;
            f[1].number = 2;
            break;
        case 3: /* two successors of one */
            f[4].was = 1;
            break;
        case 4: /* itself */
            f[2].was = 3;
            break;
        default: /* since when, but it is not */
            f[4].required = false;
        }
        assert_int_not_equal(decoded(f, w, &d, &again), SP_OK);
    }
    sp_buf_free(&again);
}

#define WITH(test)                                                             \
    cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_field_shows_what_it_was_until_somebody_writes_it),
        WITH(what_a_device_that_was_away_wrote_stands_beside_the_new_value),
        WITH(an_edit_between_two_retirements_is_seen_through_both),
        WITH(an_author_who_wrote_both_has_seen_his_own),
        WITH(a_set_keeps_its_members_one_by_one),
        WITH(a_record_without_such_fields_is_itself),
        WITH(a_document_carries_successors_and_editions),
        WITH(what_does_not_fit_is_no_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
