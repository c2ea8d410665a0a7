/* test_book_files.c - rows, cards and quotas of what leaves the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "book/card.h"
#include "book/csv.h"
#include "book/job.h"
#include "book/quota.h"
#include "sp/pack.h"

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

/* ---- CSV --------------------------------------------------------------- */

static void what_a_spreadsheet_would_run_or_round_is_marked(void **state)
{
    static const struct {
        const char *cell, *written;
    } cases[] = {
        { "=1+1", "'=1+1\r\n" },
        { "+8613812345678", "'+8613812345678\r\n" },
        { "-5", "'-5\r\n" },
        { "@x", "'@x\r\n" },
        { "\tx", "\"'\tx\"\r\n" },
        { "12345678901", "12345678901\r\n" },
        { "123456789012", "'123456789012\r\n" },
        { "'123456789012", "''123456789012\r\n" },
        { "'=1", "''=1\r\n" },
        { "'quoted'", "'quoted'\r\n" },
        { "a\"b", "\"a\"\"b\"\r\n" },
        { "", "\"\"\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sp_slice cell = text(cases[i].cell);
        struct sp_buf out;
        sp_buf_init(&out, 256);
        cc_csv_put_row(&out, &cell, 1);
        if (!sp_slice_equal(sp_buf_slice(&out), text(cases[i].written))) {
            fail_msg("%s became %.*s", cases[i].cell, (int)out.size,
                (const char *)out.data);
        }
        sp_buf_free(&out);
    }
}

/* ---- cards ------------------------------------------------------------- */

static void a_card_reads_back_as_it_was(void **state)
{
    struct cc_card card = { .name = text("欧阳 小明; \"x\", y\\"),
        .org = text("天成, 餐厅; 一店"),
        .title = text("Line one\nline two"),
        .street = text("南京东路1号, 2楼"),
        .city = text("上海"),
        .country = text("CN"),
        .placed = true,
        .latitude_e7 = -312304001,
        .longitude_e7 = 1214737000,
        .phones = 2,
        .emails = 1,
        .phone = { { text("+8613812345678"), text("home") },
            { text("021-555"), text("") } },
        .email = { { text("a@b.example"), text("") } } };
    (void)state;
    for (int version = 3; version <= 4; version++) {
        struct sp_buf out, room;
        struct cc_card back;
        uint64_t line = 0;
        sp_buf_init(&out, 65536);
        sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
        cc_card_put(&card, version, &out);
        struct sp_slice in = sp_buf_slice(&out);
        assert_int_equal(cc_card_read(&in, &room, &line, &back), SP_OK);
        assert_true(sp_slice_equal(back.name, card.name));
        assert_true(sp_slice_equal(back.org, card.org));
        assert_true(sp_slice_equal(back.title, card.title));
        assert_true(sp_slice_equal(back.street, card.street));
        assert_true(sp_slice_equal(back.city, card.city));
        assert_true(sp_slice_equal(back.country, card.country));
        assert_true(back.placed);
        assert_int_equal(back.latitude_e7, card.latitude_e7);
        assert_int_equal(back.longitude_e7, card.longitude_e7);
        assert_int_equal(back.phones, 2);
        assert_true(sp_slice_equal(back.phone[0].text, card.phone[0].text));
        assert_true(sp_slice_equal(back.phone[0].label, text("home")));
        assert_int_equal(back.emails, 1);
        assert_int_equal(
            cc_card_read(&in, &room, &line, &back), SP_E_NOT_FOUND);
        sp_buf_free(&out);
        sp_buf_free(&room);
    }
}

/* What a card says of a birthday, written and read again. */
static struct cc_card_birthday read_again(
    struct cc_card_birthday b, int version, const char *line_of_it)
{
    struct cc_card card = { .name = text("A"), .birthday = b }, back;
    struct sp_buf out, room;
    uint64_t line = 0;

    sp_buf_init(&out, 65536);
    sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
    cc_card_put(&card, version, &out);
    sp_buf_put(&out, "", 1);
    if (strstr((const char *)out.data, line_of_it) == NULL) {
        fail_msg("no %s in %s", line_of_it, (const char *)out.data);
    }
    struct sp_slice in = sp_slice_of(out.data, out.size - 1);
    assert_int_equal(cc_card_read(&in, &room, &line, &back), SP_OK);
    sp_buf_free(&out);
    sp_buf_free(&room);
    return back.birthday;
}

static void a_birthday_is_a_date_only_where_it_is_one(void **state)
{
    static const struct {
        struct cc_card_birthday b;
        int version;
        const char *line;
    } cases[] = {
        { { 1984, 2, 29, false, false }, 3, "\nBDAY:1984-02-29\r\n" },
        { { 1984, 2, 29, false, false }, 4, "\nBDAY:19840229\r\n" },
        { { 0, 2, 29, false, false }, 4, "\nBDAY:--0229\r\n" },
        { { 0, 2, 29, false, false }, 3, "\nX-SATCHEL-BIRTHDAY:--02-29\r\n" },
        { { 1980, 8, 15, true, false }, 3,
            "\nX-SATCHEL-LUNAR-BIRTHDAY:1980-08-15\r\n" },
        { { 0, 8, 15, true, false }, 4,
            "\nX-SATCHEL-LUNAR-BIRTHDAY:--08-15\r\n" },
        { { 1980, 4, 10, true, true }, 4,
            "\nX-SATCHEL-LUNAR-BIRTHDAY:1980-04-10;leap\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cc_card_birthday back =
            read_again(cases[i].b, cases[i].version, cases[i].line);
        assert_int_equal(back.year, cases[i].b.year);
        assert_int_equal(back.month, cases[i].b.month);
        assert_int_equal(back.day, cases[i].b.day);
        assert_int_equal(back.lunar, cases[i].b.lunar);
        assert_int_equal(back.leap, cases[i].b.leap);
    }
}

static void what_is_no_birthday_is_none(void **state)
{
    static const char *const lines[] = { "BDAY:", "BDAY:circa 1800",
        "BDAY:1984-13-01", "BDAY:1984-02", "BDAY:19840232", "BDAY:---29",
        "BDAY:1984-02-29x", "X-SATCHEL-LUNAR-BIRTHDAY:1980-08-15;jump" };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char whole[128];
        struct cc_card card;
        struct sp_buf room;
        uint64_t line = 0;
        int size = snprintf(whole, sizeof whole,
            "BEGIN:VCARD\nFN:A\n%s\nEND:VCARD\n", lines[i]);
        struct sp_slice in = sp_slice_of(whole, (size_t)size);
        sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
        assert_int_equal(cc_card_read(&in, &room, &line, &card), SP_OK);
        if (card.birthday.month != 0) {
            fail_msg("%s", lines[i]);
        }
        sp_buf_free(&room);
    }
}

/* cap 15: what others write, and what names no place of WGS-84. */
static void a_place_of_a_card_is_one_of_wgs84(void **state)
{
    static const struct {
        const char *line;
        int64_t latitude, longitude;
        uint32_t accuracy;
        bool placed;
    } cases[] = {
        { "GEO:31.2304;121.4737", 312304000, 1214737000, 0, true },
        { "GEO:31.2304\\;121.4737", 312304000, 1214737000, 0, true },
        { "item1.GEO;TYPE=work:geo:31.2304,121.4737", 312304000, 1214737000, 0,
            true },
        { "GEO:geo:-33.86,-151.2093;u=35", -338600000, -1512093000, 35, true },
        { "GEO:geo:48.2,16.37,183;crs=wgs84;u=12.5", 482000000, 163700000, 12,
            true },
        { "GEO:+1;-0.00000019", 10000000, -1, 0, true },
        { "GEO:geo:48.2,16.37;crs=gcj02", 0, 0, 0, false },
        { "GEO;TYPE=home:geo:1,2", 0, 0, 0, false },
        { "GEO:91;0", 0, 0, 0, false },
        { "GEO:0;180.1", 0, 0, 0, false },
        { "GEO:1;2;3", 0, 0, 0, false },
        { "GEO:31.2304", 0, 0, 0, false },
        { "GEO:;", 0, 0, 0, false },
        { "GEO:1e2;3", 0, 0, 0, false },
        { "GEO:99999999999999999999;1", 0, 0, 0, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char whole[128];
        struct cc_card card;
        struct sp_buf room;
        uint64_t line = 0;
        int size = snprintf(whole, sizeof whole,
            "BEGIN:VCARD\nFN:A\n%s\nEND:VCARD\n", cases[i].line);
        struct sp_slice in = sp_slice_of(whole, (size_t)size);
        sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
        assert_int_equal(cc_card_read(&in, &room, &line, &card), SP_OK);
        if (card.placed != cases[i].placed ||
            card.latitude_e7 != cases[i].latitude ||
            card.longitude_e7 != cases[i].longitude ||
            card.accuracy_m != cases[i].accuracy) {
            fail_msg("%s", cases[i].line);
        }
        sp_buf_free(&room);
    }
}

static void lines_are_folded_between_characters(void **state)
{
    static const char line[] = "茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶"
                               "茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶茶";
    struct sp_buf out;
    size_t width = 0;
    (void)state;
    sp_buf_init(&out, 65536);
    cc_card_put_line("NOTE", text(line), &out);
    for (size_t i = 0; i < out.size; i++) {
        width = out.data[i] == '\n' ? 0 : width + 1;
        assert_true(width <= CC_CARD_LINE_BYTES + 1); /* and the CR */
        if (out.data[i] == '\n' && i + 1 < out.size) {
            assert_int_equal(out.data[i + 1], ' ');
            assert_true((out.data[i + 2] & 0xc0u) != 0x80u);
        }
    }
    sp_buf_free(&out);
}

static sp_err read_text(struct sp_slice in)
{
    struct sp_buf room;
    struct cc_card card;
    uint64_t line = 0;
    sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
    sp_err err = cc_card_read(&in, &room, &line, &card);
    sp_buf_free(&room);
    return err;
}

static void hostile_cards_are_refused(void **state)
{
    static const struct {
        const char *text;
        sp_err err;
    } cases[] = {
        { "", SP_E_NOT_FOUND },
        { "nothing\nof\nit", SP_E_NOT_FOUND },
        { "BEGIN:VCARD\nEND:VCARD\n", SP_E_VALUE },
        { "BEGIN:VCARD\nFN:A\n", SP_E_MALFORMED },
        { "BEGIN:VCARD\nFN:\xff\nEND:VCARD\n", SP_E_VALUE },
        { "BEGIN:VCARD\nFN:A\\", SP_E_MALFORMED },
        { "begin:vcard\n;:;\n:\nTEL;TYPE=:\nADR:\nitem1.FN:A\nend:vcard",
            SP_OK },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_err err = read_text(text(cases[i].text));
        if (err != cases[i].err) {
            fail_msg("%s: %s", cases[i].text, sp_err_name(err));
        }
    }
}

/* A card whose one line is of so many bytes. */
static sp_err read_line_of(const char *name, size_t bytes)
{
    static const char head[] = "BEGIN:VCARD\nFN:A\n";
    static const char tail[] = "\nEND:VCARD\n";
    size_t size = sizeof head - 1 + bytes + sizeof tail - 1;
    uint8_t *all = malloc(size);
    assert_non_null(all);
    memset(all, 'x', size);
    memcpy(all, head, sizeof head - 1);
    memcpy(all + sizeof head - 1, name, strlen(name));
    memcpy(all + size - (sizeof tail - 1), tail, sizeof tail - 1);
    sp_err err = read_text(sp_slice_of(all, size));
    free(all);
    return err;
}

static void a_card_ends_at_its_limit(void **state)
{
    size_t left = CC_CARD_BYTES_MAX - strlen("FN:A");
    (void)state;
    assert_int_equal(read_line_of("ORG:", left), SP_OK);
    assert_int_equal(read_line_of("ORG:", left + 1), SP_E_TOO_LARGE);
    /* what nobody keeps may be of any size */
    assert_int_equal(read_line_of("PHOTO:", 3 * CC_CARD_BYTES_MAX), SP_OK);
}

/* Names and faults of all cards of a file, one after the other. */
static void read_all(struct sp_slice in, char *out)
{
    struct sp_buf room;
    struct cc_card card;
    uint64_t line = 0;
    sp_err err;
    size_t used = 0;

    sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
    while ((err = cc_card_read(&in, &room, &line, &card)) != SP_E_NOT_FOUND) {
        used += (size_t)sprintf(out + used, "%u:%s%.*s ", (unsigned)line,
            err == SP_OK            ? ""
            : err == SP_E_MALFORMED ? "open "
                                    : "bad ",
            (int)card.name.size, (const char *)card.name.data);
    }
    sp_buf_free(&room);
}

static void no_card_swallows_the_next(void **state)
{
    char found[200] = "";
    (void)state;
    read_all(text("\xef\xbb\xbf"
                  "BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"
                  "BEGIN:VCARD\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:C\n"),
        found);
    assert_string_equal(found, "2:open A 5:B 8:bad  10:open C ");
}

/* As a telephone writes vCard 2.1. */
static void quoted_printable_is_read(void **state)
{
    char found[200] = "";
    (void)state;
    read_all(text("BEGIN:VCARD\r\nVERSION:2.1\r\n"
                  "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E=\r\n"
                  "=E6=A2=85=3D\r\nEND:VCARD\r\n"
                  "BEGIN:VCARD\nFN;encoding=quoted-printable:=FF\nEND:VCARD"),
        found);
    assert_string_equal(found, "5:李梅= 8:bad  ");
}

/* ---- quotas ------------------------------------------------------------ */

static const uint16_t ledgers[] = { 16 };
static const struct sp_role exporting[] = {
    { .number = 1,
        .reach = SP_REACH_OWN,
        .export = { .rows = 200,
            .alert = 500,
            .hours = 24,
            .flags = SP_EXPORT_SENSITIVE } },
    { .number = 2,
        .reach = SP_REACH_BRANCH,
        .export = { .rows = 5000,
            .alert = 500,
            .hours = 24,
            .flags = SP_EXPORT_APPROVES } },
    { .number = 3,
        .reach = SP_REACH_ALL,
        .export = { .rows = 50000,
            .alert = 900,
            .count = 1,
            .type = ledgers } },
    { .number = 4,
        .reach = SP_REACH_ALL,
        .export = { .rows = 9000,
            .alert = 500,
            .hours = 48,
            .flags = SP_EXPORT_ASKS } },
    { .number = 5, .reach = SP_REACH_ALL },
};
static const struct sp_policy rights = { 5, exporting };

static struct cc_quota quota_of(uint16_t a, uint16_t b, uint16_t type)
{
    const uint16_t roles[] = { a, b };
    struct cc_quota q;
    cc_quota_of(&rights, roles, b == 0 ? 1 : 2, type, &q);
    return q;
}

static void what_leaves_is_a_right_of_its_own_said_by_role(void **state)
{
    (void)state;
    assert_int_equal(quota_of(1, 0, 1).rows, 200);
    assert_int_equal(quota_of(1, 2, 1).rows, 5000);
    assert_true(quota_of(1, 2, 1).sensitive);
    assert_int_equal(quota_of(3, 0, 16).rows, 50000);
    assert_int_equal(quota_of(3, 0, 1).rows, 0); /* no ledger */
    assert_int_equal(quota_of(1, 3, 1).rows, 200);
    assert_int_equal(quota_of(5, 0, 1).rows, 0); /* reads all, takes nothing */
    assert_true(quota_of(4, 0, 1).asks);
    assert_false(quota_of(4, 1, 1).asks); /* as a rep he need not ask */
    assert_int_equal(quota_of(9, 0, 1).rows, 0);
    assert_int_equal(cc_quota_left(200, 199), 1);
    assert_int_equal(cc_quota_left(200, 200), 0);
    assert_int_equal(cc_quota_left(200, 201), 0);
}

static void a_file_of_several_entities_has_the_narrowest_quota(void **state)
{
    struct cc_quota all = CC_QUOTA_WHOLE, one = quota_of(1, 3, 1),
                    two = quota_of(1, 3, 16);
    (void)state;
    assert_int_equal(two.rows, 50000);
    cc_quota_narrow(&all, &two);
    cc_quota_narrow(&all, &one);
    assert_int_equal(all.rows, 200);
    assert_false(all.asks);
    one = quota_of(4, 0, 1);
    cc_quota_narrow(&all, &one);
    assert_true(all.asks);
    assert_false(all.sensitive);
}

static void a_copy_of_everything_asks_where_all_rights_ask(void **state)
{
    static const uint16_t asks[] = { 4, 5 }, both[] = { 4, 1 }, none[] = { 5 };
    struct cc_quota q;
    (void)state;
    cc_quota_everything(&rights, asks, 2, &q);
    assert_true(q.asks);
    assert_false(q.sensitive);
    assert_int_equal(q.hours, 48);
    assert_true(q.rows == UINT64_MAX);
    cc_quota_everything(&rights, both, 2, &q);
    assert_false(q.asks);
    assert_true(q.sensitive);
    cc_quota_everything(&rights, none, 1, &q);
    assert_false(q.asks);
}

static void who_may_be_the_second_person_is_said_by_role(void **state)
{
    const uint16_t rep[] = { 1 }, manager[] = { 1, 2 }, none[] = { 5 };
    (void)state;
    assert_int_equal(cc_quota_approves(&rights, rep, 1), 0);
    assert_int_equal(cc_quota_approves(&rights, none, 1), 0);
    assert_int_equal(cc_quota_approves(&rights, manager, 2), SP_REACH_BRANCH);
}

static void cap_108_an_alert_is_more_than_500_rows(void **state)
{
    const uint16_t rep[] = { 1 }, both[] = { 3, 1 }, high[] = { 3 };
    const uint16_t none[] = { 5 };
    (void)state;
    assert_false(cc_quota_alert(&rights, rep, 1, 499));
    assert_false(cc_quota_alert(&rights, rep, 1, 500));
    assert_true(cc_quota_alert(&rights, rep, 1, 501));
    assert_true(cc_quota_alert(&rights, both, 2, 501));
    assert_false(cc_quota_alert(&rights, high, 1, 501));
    assert_false(cc_quota_alert(&rights, none, 1, 0));
    assert_true(cc_quota_alert(&rights, none, 1, 1));
}

/* What the record of an export says was taken, for a list of names. */
static void assert_said(const char *names, const char *expected)
{
    static const struct sp_field field = { .number = 4,
        .name = { (const uint8_t *)"what", 4 } };
    static const struct sp_entity entity = {
        .number = 242, .field_count = 1, .field = &field
    };
    struct cc_job job = { .format = "jsonl", .what = names };
    struct sp_draft_write write[CC_JOB_WRITES];
    struct sp_arena arena;
    struct sp_buf value;

    sp_arena_init(&arena, 4096);
    sp_buf_init(&value, 1024);
    sp_wr_str(&value, text(expected));
    assert_int_equal(cc_job_writes(&entity, &job, &arena, write), 1);
    assert_true(sp_slice_equal(write[0].value, sp_buf_slice(&value)));
    sp_buf_free(&value);
    sp_arena_free(&arena);
}

static void a_long_list_of_what_was_taken_ends_at_a_name(void **state)
{
    char names[CC_JOB_TEXT + 32];
    (void)state;

    assert_said("account", "account");
    memset(names, 'a', sizeof names);
    memcpy(names + 150, ", ", 2);
    names[CC_JOB_TEXT - 1] = '\0';
    assert_said(names, names);
    names[CC_JOB_TEXT - 1] = 'a';
    names[CC_JOB_TEXT] = '\0';
    assert_said(names, names);
    names[CC_JOB_TEXT] = 'a';
    names[CC_JOB_TEXT + 1] = '\0';
    char cut[160];
    memcpy(cut, names, 152);
    memcpy(cut + 152, "...", 4);
    assert_said(names, cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_spreadsheet_would_run_or_round_is_marked),
        cmocka_unit_test(a_card_reads_back_as_it_was),
        cmocka_unit_test(a_birthday_is_a_date_only_where_it_is_one),
        cmocka_unit_test(what_is_no_birthday_is_none),
        cmocka_unit_test(a_place_of_a_card_is_one_of_wgs84),
        cmocka_unit_test(lines_are_folded_between_characters),
        cmocka_unit_test(hostile_cards_are_refused),
        cmocka_unit_test(a_card_ends_at_its_limit),
        cmocka_unit_test(no_card_swallows_the_next),
        cmocka_unit_test(quoted_printable_is_read),
        cmocka_unit_test(what_leaves_is_a_right_of_its_own_said_by_role),
        cmocka_unit_test(a_file_of_several_entities_has_the_narrowest_quota),
        cmocka_unit_test(a_copy_of_everything_asks_where_all_rights_ask),
        cmocka_unit_test(who_may_be_the_second_person_is_said_by_role),
        cmocka_unit_test(cap_108_an_alert_is_more_than_500_rows),
        cmocka_unit_test(a_long_list_of_what_was_taken_ends_at_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
