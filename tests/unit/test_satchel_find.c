/* test_satchel_find.c - a rep's book of customers: found, in order, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

static void must(int code, const struct satchel_error *e)
{
    if (code != 0) {
        fail_msg("%s: %s", e->name, e->detail);
    }
}

/* An account with up to three fields; NULL ends them. */
static struct satchel_saved add(
    struct test_world *w, const char *name, const char *field, const char *text)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { field, text, SATCHEL_SET } };
    struct satchel_saved saved;
    struct satchel_error e;

    must(satchel_account_add(w->s, in, field == NULL ? 1 : 2, &saved, &e), &e);
    return saved;
}

/* Titles of what is found, separated by "/". */
static char *titles(struct test_world *w, const char *text,
    enum satchel_sort sort, char out[512])
{
    const struct satchel_query q = {
        .entity = "account", .text = text, .sort = sort, .brief = true
    };
    struct satchel_list *l = NULL;
    struct satchel_error e;

    must(satchel_record_list(w->s, &q, &l, &e), &e);
    out[0] = '\0';
    for (size_t i = 0; i < l->count; i++) {
        strcat(out, i == 0 ? "" : "/");
        strcat(out, l->record[i].title);
    }
    satchel_free(l);
    return out;
}

static void expect(struct test_world *w, const char *text, const char *wanted)
{
    char out[512];

    assert_string_equal(titles(w, text, SATCHEL_SORT_PINYIN, out), wanted);
}

static void cap_18_zhs_finds_zhonghua_shanghang(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    (void)add(w, "中华商行", "phone_main", "138 1234 5678");
    (void)add(w, "重庆小面", "alias", "老王面馆");
    (void)add(w, "Blue Lake", "phone_main", "021-62345678");
    expect(w, "zhs", "中华商行");
    expect(w, "zhonghuashangh", "中华商行");
    expect(w, "ZHONG hua", "中华商行");
    expect(w, "商行", "中华商行");
    expect(w, "中華", "中华商行");
    expect(w, "chongq", "重庆小面");
    expect(w, "zhongq", "重庆小面");
    expect(w, "lwmg", "重庆小面");
    expect(w, "面馆", "重庆小面");
    expect(w, "lake", "Blue Lake");
    expect(w, "0086 138-1234", "中华商行");
    expect(w, "１２３４ 5678", "中华商行");
    expect(w, "+86 21 6234", "Blue Lake");
    expect(w, "zh", "中华商行/重庆小面");
    expect(w, "xyz", "");
}

static void cap_18_best_fit_comes_first(void **state)
{
    struct test_world *w = (struct test_world *)*state;

    (void)add(w, "大茶行", NULL, NULL);
    (void)add(w, "茶行天下", NULL, NULL);
    (void)add(w, "新 茶行", NULL, NULL);
    (void)add(w, "茶行", NULL, NULL);
    expect(w, "茶行", "茶行/茶行天下/新 茶行/大茶行");
}

static void cap_18_contacts_lead_to_their_account(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved = add(w, "中华商行", NULL, NULL);
    const struct satchel_input in[] = { { "name", "潘涛", SATCHEL_SET },
        { "phones", "number=13900001111; label=手机", SATCHEL_ADD } };
    const struct satchel_query q = {
        .entity = "account", .text = "pantao", .brief = true
    };
    struct satchel_list *l = NULL;
    struct satchel_error e;

    (void)add(w, "别的店", NULL, NULL);
    must(satchel_contact_add(w->s, saved.id, in, 2, NULL, &e), &e);
    expect(w, "潘涛", "中华商行");
    expect(w, "139 0000", "中华商行");
    must(satchel_record_list(w->s, &q, &l, &e), &e);
    assert_int_equal(l->count, 1);
    assert_string_equal(l->record[0].found_title, "潘涛");
    satchel_free(l);
}

static void cap_18_names_stand_by_pinyin_or_strokes(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    char out[512];

    (void)add(w, "中山店", NULL, NULL);
    (void)add(w, "安徽店", NULL, NULL);
    (void)add(w, "一品店", NULL, NULL);
    (void)add(w, "Zoo", NULL, NULL);
    assert_string_equal(
        titles(w, NULL, SATCHEL_SORT_PINYIN, out), "Zoo/安徽店/一品店/中山店");
    assert_string_equal(
        titles(w, NULL, SATCHEL_SORT_STROKE, out), "Zoo/一品店/中山店/安徽店");
    assert_string_equal(
        titles(w, NULL, SATCHEL_SORT_NAME, out), "Zoo/一品店/中山店/安徽店");
}

/* ---- row by row --------------------------------------------------------- */

/* Held against the rows of the result; stops before one of them. */
struct taken {
    const struct satchel_list *expected;
    size_t count, stop;
};

static int take(void *self, const struct satchel_record *r)
{
    struct taken *t = (struct taken *)self;
    const struct satchel_record *x;

    if (t->count == t->stop) {
        return 1;
    }
    assert_true(t->count < t->expected->count);
    x = &t->expected->record[t->count++];
    assert_string_equal(r->id, x->id);
    assert_string_equal(r->entity, x->entity);
    assert_string_equal(r->title, x->title);
    assert_string_equal(r->parent_title, x->parent_title);
    assert_string_equal(r->found_title, x->found_title);
    assert_int_equal(r->field_count, x->field_count);
    for (size_t i = 0; i < r->field_count; i++) {
        assert_string_equal(r->field[i].name, x->field[i].name);
        assert_string_equal(r->field[i].label_zh, x->field[i].label_zh);
        assert_string_equal(
            r->field[i].value[0].text, x->field[i].value[0].text);
    }
    return 0;
}

static void expect_same_rows(struct test_world *w,
    const struct satchel_query *q, size_t count, size_t total)
{
    struct satchel_list *l = NULL;
    struct taken t = { .stop = SIZE_MAX };
    struct satchel_record_sink sink = { &t, take };
    struct satchel_error e;
    size_t all = 0;

    must(satchel_record_list(w->s, q, &l, &e), &e);
    t.expected = l;
    must(satchel_record_each(w->s, q, &sink, &all, &e), &e);
    assert_int_equal(l->count, count);
    assert_int_equal(t.count, count);
    assert_int_equal(all, total);
    satchel_free(l);
}

static void fill_book(struct test_world *w, char account[SATCHEL_ID_BYTES])
{
    const struct satchel_input person[] = { { "name", "潘涛", SATCHEL_SET } };
    const struct satchel_input visit[] = { { "checkin", "now", SATCHEL_SET } };
    struct satchel_saved saved = add(w, "中华商行", "phone_main", "12345678");
    struct satchel_error e;

    (void)add(w, "重庆小面", "alias", "老王面馆");
    (void)add(w, "Blue Lake", NULL, NULL);
    must(satchel_contact_add(w->s, saved.id, person, 1, NULL, &e), &e);
    for (size_t i = 0; i < 3; i++) {
        const struct satchel_visit_new what = { saved.id, true, 1, visit };
        struct satchel_visit_begun *begun = NULL;

        must(satchel_visit_begin(w->s, &what, &begun, &e), &e);
        satchel_free(begun);
    }
    memcpy(account, saved.id, SATCHEL_ID_BYTES);
}

static void cap_18_rows_one_by_one_are_those_of_the_list(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    char account[SATCHEL_ID_BYTES];
    struct satchel_query q = { .entity = "account", .brief = true };

    fill_book(w, account);
    expect_same_rows(w, &q, 3, 3);
    q.limit = 1;
    q.skip = 1;
    expect_same_rows(w, &q, 1, 3);
    q = (struct satchel_query){ .entity = "account", .text = "pantao" };
    expect_same_rows(w, &q, 1, 1);
    q.text = "xyz";
    expect_same_rows(w, &q, 0, 0);
    q = (struct satchel_query){ .entity = "contact", .brief = true };
    expect_same_rows(w, &q, 1, 1);
    q = (struct satchel_query){
        .entity = "visit", .parent = account, .newest = true, .limit = 2
    };
    expect_same_rows(w, &q, 2, 3);
}

static void a_sink_that_stops_ends_the_list(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    const struct satchel_query q = { .entity = "account", .brief = true };
    struct satchel_list *l = NULL;
    struct taken t = { .stop = 1 };
    struct satchel_record_sink sink = { &t, take };
    char account[SATCHEL_ID_BYTES];
    struct satchel_error e;
    size_t total = 77;

    fill_book(w, account);
    must(satchel_record_list(w->s, &q, &l, &e), &e);
    t.expected = l;
    assert_int_equal(
        satchel_record_each(w->s, &q, &sink, &total, &e), SATCHEL_E_IO);
    assert_int_equal(t.count, 1);
    assert_int_equal(total, 77);
    must(satchel_record_each(w->s, &q,
             &(struct satchel_record_sink){
                 &(struct taken){ .expected = l, .stop = SIZE_MAX }, take },
             NULL, &e),
        &e);
    satchel_free(l);
}

/* ---- before saving ------------------------------------------------------ */

static struct satchel_duplicates *look(
    struct test_world *w, const char *field, const char *text)
{
    const struct satchel_input in = { field, text, SATCHEL_SET };
    struct satchel_duplicates *d = NULL;
    struct satchel_error e;

    must(satchel_duplicates(w->s, &in, 1, &d, &e), &e);
    return d;
}

static void cap_10_one_telephone_is_flagged_however_it_is_written(void **state)
{
    static const char *const forms[] = { "１３８１２３４５６７８",
        "+86 138 1234 5678", "0086-138-1234-5678", "13812345678" };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved =
        add(w, "中华商行", "phone_main", "138-1234-5678");

    (void)add(w, "别的店", "phone_main", "13812345679");
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct satchel_duplicates *d = look(w, "phone_main", forms[i]);
        assert_int_equal(d->total, 1);
        assert_string_equal(d->duplicate[0].id, saved.id);
        assert_true(d->duplicate[0].same_phone);
        assert_false(d->duplicate[0].same_name);
        satchel_free(d);
    }
}

static void cap_10_name_sound_and_place_are_reasons(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_duplicates *d;

    (void)add(w, "中华商行", "geo", "31.2000000,121.4000000,10");
    d = look(w, "name", "中華　商行");
    assert_int_equal(d->total, 1);
    assert_true(d->duplicate[0].same_name);
    satchel_free(d);
    d = look(w, "name", "忠华商航");
    assert_int_equal(d->total, 1);
    assert_true(d->duplicate[0].same_sound);
    satchel_free(d);
    d = look(w, "geo", "31.2005,121.4,10");
    assert_int_equal(d->total, 1);
    assert_true(d->duplicate[0].near);
    assert_in_range(d->duplicate[0].metres, 54, 57);
    satchel_free(d);
    d = look(w, "geo", "31.2010,121.4,10");
    assert_int_equal(d->total, 0);
    satchel_free(d);
    d = look(w, "name", "上海商行");
    assert_int_equal(d->total, 0);
    satchel_free(d);
}

static void cap_10_telephone_of_a_contact_leads_to_its_account(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved = add(w, "中华商行", NULL, NULL);
    const struct satchel_input in[] = { { "name", "潘涛", SATCHEL_SET },
        { "phones", "number=13900001111", SATCHEL_ADD } };
    struct satchel_duplicates *d;
    struct satchel_error e;

    must(satchel_contact_add(w->s, saved.id, in, 2, NULL, &e), &e);
    d = look(w, "phone_main", "139 0000 1111");
    assert_int_equal(d->total, 1);
    assert_string_equal(d->duplicate[0].title, "中华商行");
    assert_string_equal(d->duplicate[0].contact_title, "潘涛");
    satchel_free(d);
}

static void cap_10_the_likeliest_are_told_and_all_are_counted(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_duplicates *d;
    const struct satchel_input in[] = {
        { "name", "中华商行", SATCHEL_SET },
        { "phone_main", "13812345678", SATCHEL_SET },
    };
    struct satchel_error e;

    for (unsigned n = 1; n <= SATCHEL_DUPLICATES_MAX + 1; n++) {
        (void)add(w, "忠华商行", NULL, NULL);
        if (n >= SATCHEL_DUPLICATES_MAX - 1) {
            d = look(w, "name", "中华商行");
            assert_int_equal(d->total, n);
            assert_int_equal(d->count,
                n < SATCHEL_DUPLICATES_MAX ? n : SATCHEL_DUPLICATES_MAX);
            satchel_free(d);
        }
    }
    (void)add(w, "中华商行", "phone_main", "13812345678");
    must(satchel_duplicates(w->s, in, 2, &d, &e), &e);
    assert_string_equal(d->duplicate[0].title, "中华商行");
    assert_true(d->duplicate[0].same_name && d->duplicate[0].same_phone);
    satchel_free(d);
}

/* ---- what is typed ------------------------------------------------------ */

static const char *shown(
    struct test_world *w, const char *id, const char *field, char out[256])
{
    struct satchel_record *r = NULL;
    struct satchel_error e;

    must(satchel_account_show(w->s, id, &r, &e), &e);
    out[0] = '\0';
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, field) == 0) {
            strcat(out, r->field[i].value[0].text);
        }
    }
    satchel_free(r);
    return out;
}

static void cap_14_typed_text_is_composed_and_rare_characters_stay(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    char out[256];
    struct satchel_saved cafe = add(w, "Cafe\xcc\x81", NULL, NULL);
    struct satchel_saved rare =
        add(w, "\xf0\xa0\xae\xb7\xe9\x87\x8e\xf0\xaa\x9a\xa5", NULL, NULL);

    assert_string_equal(shown(w, cafe.id, "name", out), "Caf\xc3\xa9");
    assert_string_equal(shown(w, rare.id, "name", out),
        "\xf0\xa0\xae\xb7\xe9\x87\x8e\xf0\xaa\x9a\xa5");
    expect(w, "cafe\xcc\x81", "Caf\xc3\xa9");
    expect(
        w, "\xf0\xaa\x9a\xa5", "\xf0\xa0\xae\xb7\xe9\x87\x8e\xf0\xaa\x9a\xa5");
}

/* The device asks the validator that the server asks (sp/dictionary.h), and
 * gives its code; tests/unit/test_import.c holds the server to it. */
static sp_err server_says(const struct sp_field *f, const char *text)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 256);
    err = sp_dictionary_parse_value(f, sp_slice_text(text), &b);
    if (err == SP_OK) {
        err = sp_dictionary_check_value(f, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return err;
}

static void cap_9_a_bad_value_is_refused_offline_with_the_servers_code(
    void **state)
{
    struct test_world *w = (struct test_world *)*state;
    static const char *const bad[] = { "abc", "ask the doorman", "12", "１２",
        "12345678901234567890123456789012345678901234567890123456789012345" };
    static const char *const typed[] = { "110", "030-0074321", "１２３" };
    const struct sp_field phone = { .kind = SP_VALUE_PHONE };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct satchel_input in[] = { { "name", "Alpha", SATCHEL_SET },
            { "phone_main", bad[i], SATCHEL_SET } };
        struct satchel_error e;
        sp_err server = server_says(&phone, bad[i]);

        assert_int_not_equal(server, SP_OK);
        assert_int_equal(satchel_account_add(w->s, in, 2, NULL, &e), server);
    }
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        assert_int_equal(server_says(&phone, typed[i]), SP_OK);
    }
    expect(w, "Alpha", "");
}

int main(void)
{
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, test_world_begin, test_world_end)
    const struct CMUnitTest tests[] = {
        CASE(cap_18_zhs_finds_zhonghua_shanghang),
        CASE(cap_18_best_fit_comes_first),
        CASE(cap_18_contacts_lead_to_their_account),
        CASE(cap_18_names_stand_by_pinyin_or_strokes),
        CASE(cap_18_rows_one_by_one_are_those_of_the_list),
        CASE(a_sink_that_stops_ends_the_list),
        CASE(cap_10_one_telephone_is_flagged_however_it_is_written),
        CASE(cap_10_name_sound_and_place_are_reasons),
        CASE(cap_10_telephone_of_a_contact_leads_to_its_account),
        CASE(cap_10_the_likeliest_are_told_and_all_are_counted),
        CASE(cap_14_typed_text_is_composed_and_rare_characters_stay),
        CASE(cap_9_a_bad_value_is_refused_offline_with_the_servers_code),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
