/* test_import.c - rows of a CSV file as drafts of records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/import.h"
#include "org.h"

#define ROW_MAX 16u

static struct test_org *org;
static const struct sp_rulebook *book;
static struct sv_columns plan;
static char text[SV_COLUMNS_TEXT_BYTES];
static struct sp_arena arena;

static int set_up(void **state)
{
    (void)state;
    org = test_org_new(3);
    book = test_org_rulebook(org);
    sp_arena_init(&arena, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_free(&arena);
    test_org_free(org);
    return 0;
}

/* "a|b|c": cells; the caller's words live as long as the program. */
static size_t cells_of(const char *line, struct sp_slice out[ROW_MAX])
{
    size_t count = 0;
    for (;;) {
        size_t size = strcspn(line, "|");
        out[count++] = sp_slice_of(line, size);
        if (line[size] == '\0') {
            return count;
        }
        line += size + 1;
    }
}

static sp_err match_typed(
    const char *header, const struct sv_columns_typed *typed)
{
    struct sp_slice cells[ROW_MAX];
    memset(&plan, 0, sizeof plan);
    plan.user = 10;
    plan.null = "NULL";
    text[0] = '\0';
    plan.book = book;
    return sv_columns_match(&plan, typed, cells, cells_of(header, cells), text);
}

static sp_err match(const char *header, const char *map, const char *ignore)
{
    struct sv_columns_typed typed = {
        .entity = "accounts", .map = map, .ignore = ignore
    };
    return match_typed(header, &typed);
}

static struct sp_id next_id(void *self)
{
    static uint64_t n;
    struct sp_id id = { { 1 } };
    (void)self;
    sp_set_u64be(id.b + 8, ++n);
    return id;
}

static struct sp_draft draft;
static struct sv_csv_problem problem;

/* Number 7 is an account that stands. */
static const struct sp_id seven = { { 7 } };

#define SEVEN "07000000-0000-0000-0000-000000000000"

static bool same_key(const struct sv_keys_hash *a, struct sv_keys_hash b)
{
    return memcmp(a->b, b.b, sizeof b.b) == 0;
}

/* By its number, its id, or as the contact "Li" of itself. */
static bool known(void *self, const struct sv_keys_hash *key, struct sp_id *out)
{
    uint8_t parent[18] = { 0xc4, 16, 7 };
    (void)self;
    *out = seven;
    return same_key(key, sv_keys_hash(sp_slice_text("\xa1"
                                                    "7"))) ||
           same_key(key, sv_keys_hash(sp_slice_of(seven.b, sizeof seven.b))) ||
           same_key(key, sv_import_key_below(sp_slice_of(parent, sizeof parent),
                             sp_slice_text("\xa2"
                                           "Li")));
}

static sp_err refer(
    void *self, uint16_t type, struct sp_slice text_of, struct sp_id *out)
{
    (void)self;
    *out = seven;
    return type != 1                                         ? SP_E_NOT_FOUND
           : sp_slice_equal(text_of, sp_slice_text("Twins")) ? SP_E_AMBIGUOUS
           : sp_slice_equal(text_of, sp_slice_text("7"))     ? SP_OK
                                                             : SP_E_NOT_FOUND;
}

static const struct sv_import_port port = { NULL, next_id, known, refer };

static sp_err row(const char *line)
{
    struct sp_slice cells[ROW_MAX];
    memset(&problem, 0, sizeof problem);
    assert_int_equal(cells_of(line, cells), plan.columns);
    return sv_import_row(&plan, cells, &port, &arena, &draft, &problem);
}

/* The value of a field of the i-th record as text, "-" when not written. */
static const char *value(uint32_t i, const char *field)
{
    static char out[512];
    const struct sp_draft_change *c = &draft.change[i];
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(book), c->ref.type);
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(field));
    size_t at = 0;
    assert_non_null(f);
    snprintf(out, sizeof out, "-");
    for (uint32_t j = 0; j < c->count; j++) {
        if (c->write[j].key.field == f->number) {
            struct sp_buf b;
            sp_buf_init(&b, 256);
            sp_dictionary_format_value(f, c->write[j].value, SP_TEXT_EXACT, &b);
            at += (size_t)snprintf(out + at, sizeof out - at, "%s%.*s",
                at == 0 ? "" : "+", (int)b.size, (const char *)b.data);
            sp_buf_free(&b);
        }
    }
    return out;
}

static void names_labels_and_near_words_find_their_field(void **state)
{
    (void)state;
    assert_int_equal(match("Name|客户编号|PHONE|territory|postcode|tags|"
                           "contact_name|contact_title|contact_phone|fax",
                         NULL, NULL),
        SP_OK);
    assert_string_equal(plan.unused, "fax");
    assert_int_equal(plan.entities, 2);
    /* members of a set stand in one cell */
    assert_int_equal(
        match("name|territory|tags|contact_phone", NULL, NULL), SP_OK);
    struct sp_slice cells[4] = { sp_slice_text("Alpha"), sp_slice_text("A-1"),
        sp_slice_text("new | big|new"), sp_slice_text("") };
    assert_int_equal(
        sv_import_row(&plan, cells, &port, &arena, &draft, &problem), SP_OK);
    assert_string_equal(value(0, "tags"), "new+big");
}

static void a_row_becomes_an_account_and_its_contact(void **state)
{
    (void)state;
    assert_int_equal(
        match("name|phone|territory|city|contact.name", NULL, NULL), SP_OK);
    assert_int_equal(row(" Alpha |13800138000|A-1|Berlin|Ann"), SP_OK);
    assert_int_equal(draft.count, 2);
    assert_int_equal(draft.user, 10);
    assert_string_equal(value(0, "name"), "Alpha");
    assert_string_equal(value(0, "phone_main"), "+8613800138000");
    assert_string_equal(value(0, "territory_id"), "A-1");
    assert_non_null(strstr(value(0, "address"), "Berlin"));
    assert_string_equal(value(1, "name"), "Ann");
    assert_string_equal(value(1, "author"), "10");
    char id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &draft.change[0].ref.id);
    assert_string_equal(value(1, "account"), id);
}

static void an_empty_contact_makes_no_record(void **state)
{
    (void)state;
    assert_int_equal(
        match("name|territory|contact.name|contact.role_title", NULL, NULL),
        SP_OK);
    assert_int_equal(row("Alpha|A-1|NULL|"), SP_OK);
    assert_int_equal(draft.count, 1);
    assert_int_equal(row("Alpha|A-1||Boss"), SP_E_REQUIRED);
    assert_non_null(strstr(problem.text, "contact"));
}

static void a_phone_that_cannot_be_normalised_is_kept_as_typed(void **state)
{
    (void)state;
    assert_int_equal(match("name|territory|phone", NULL, NULL), SP_OK);
    assert_int_equal(row("Alpha|A-1|(5) 555-4729"), SP_OK);
    assert_string_equal(value(0, "phone_main"), "(5) 555-4729");
}

static void a_login_stands_for_its_person(void **state)
{
    (void)state;
    assert_int_equal(match("name|owner", NULL, NULL), SP_OK);
    assert_true(plan.territory_given);
    assert_int_equal(row("Alpha|anna"), SP_OK);
    assert_string_equal(value(0, "owner_id"), "11");
    assert_int_equal(row("Alpha|11"), SP_OK);
    assert_string_equal(value(0, "owner_id"), "11");
    assert_int_equal(row("Alpha|nobody"), SP_E_VALUE);
    assert_int_equal(problem.column, 2);
    assert_non_null(strstr(problem.text, "user list"));
}

static void bad_values_are_refused_with_their_column_and_advice(void **state)
{
    (void)state;
    static char long_name[400];
    static const struct {
        const char *row;
        uint64_t column;
        const char *says;
    } cases[] = {
        { "Alpha|nowhere|customer|7", 2, "territory list" },
        { "Alpha|A-1|friend|7", 3, "options" },
        { "Alpha|A-1|customer|0", 4, "whole number" },
        { "Alpha|A-1|customer|seven", 4, "whole number" },
        { "|A-1|customer|7", 0, "name is empty" },
        { long_name, 1, "too long" },
    };
    memset(long_name, 'x', 200);
    memcpy(long_name + 200, "|A-1|customer|7", 16);
    assert_int_equal(
        match("name|territory|kind|visit_cycle_days", NULL, NULL), SP_OK);
    assert_int_equal(row("Alpha|A-1|customer|7"), SP_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_err err = row(cases[i].row);
        assert_true(err == SP_E_VALUE || err == SP_E_REQUIRED);
        assert_int_equal(problem.column, cases[i].column);
        if (strstr(problem.text, cases[i].says) == NULL) {
            fail_msg("%s: %s", cases[i].row, problem.text);
        }
    }
}

static void columns_are_named_ignored_and_missed(void **state)
{
    (void)state;
    static const struct {
        const char *header, *map, *ignore;
        sp_err err;
        const char *says;
    } cases[] = {
        { "companyName|territory", "companyName=name", NULL, SP_OK, "" },
        { "companyName|territory", NULL, NULL, SP_E_REQUIRED, "--map" },
        { "name|territory", "nmae=name", NULL, SP_E_ARGUMENT,
            "no such column" },
        { "name|territory", "name=nmae", NULL, SP_E_ARGUMENT, "no such field" },
        { "name|territory|x", NULL, "y", SP_E_ARGUMENT, "no such column" },
        { "name|Name|territory", NULL, NULL, SP_E_ARGUMENT, "--ignore" },
        { "name|Name|territory", NULL, "Name", SP_OK, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(match(cases[i].header, cases[i].map, cases[i].ignore),
            cases[i].err);
        if (strstr(text, cases[i].says) == NULL) {
            fail_msg("%s: %s", cases[i].header, text);
        }
    }
}

static void labels_of_both_languages_name_columns(void **state)
{
    (void)state;
    assert_int_equal(
        match("名称|区域|联系人姓名|Contact Title|城市", NULL, NULL), SP_OK);
    assert_string_equal(plan.unused, "");
    assert_int_equal(row("天成|A-1|黄冬梅|Owner|长沙"), SP_OK);
    assert_string_equal(value(0, "name"), "天成");
    assert_string_equal(value(1, "name"), "黄冬梅");
    assert_string_equal(value(1, "role_title"), "Owner");
}

static void a_map_may_be_lines_so_that_columns_may_have_commas(void **state)
{
    (void)state;
    assert_int_equal(
        match("Name, full|territory", "Name, full=name\n", NULL), SP_OK);
    assert_int_equal(plan.column[0].field->number, 2);
}

static void columns_of_a_list_of_refused_rows_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(match("import_line|import_column|import_code|"
                           "import_reason|name|territory",
                         NULL, NULL),
        SP_OK);
    assert_string_equal(plan.unused, "");
    assert_int_equal(row("2|1|value|too long|Alpha|A-1"), SP_OK);
}

static void a_known_key_changes_its_record(void **state)
{
    (void)state;
    struct sv_columns_typed typed = { .entity = "account", .key = "number" };
    assert_int_equal(match_typed("number|phone", &typed), SP_OK);
    assert_int_equal(row("7|13800138000"), SP_OK);
    assert_false(draft.change[0].create);
    assert_true(sp_id_equal(&draft.change[0].ref.id, &seven));
    /* another number makes a record, which needs a name */
    assert_int_equal(row("8|13800138000"), SP_E_REQUIRED);
    assert_string_equal(problem.code, "required");
}

/* cap 15: what an export wrote finds its records again. */
static void an_id_names_the_record_of_a_row(void **state)
{
    (void)state;
    struct sv_columns_typed typed = { .entity = "contact" };
    assert_int_equal(match_typed("id|account|name", &typed), SP_OK);
    assert_string_equal(plan.unused, "");
    assert_int_equal(row(SEVEN "|7|Bo"), SP_OK);
    assert_false(draft.change[0].create);
    assert_true(sp_id_equal(&draft.change[0].ref.id, &seven));
    assert_int_equal(row("|7|Bo"), SP_OK);
    assert_true(draft.change[0].create);
    assert_int_equal(row("17|7|Bo"), SP_OK); /* of a file from elsewhere */
    assert_true(draft.change[0].create);
    assert_int_equal(
        row("08000000-0000-0000-0000-000000000000|7|Bo"), SP_E_VALUE);
    assert_non_null(strstr(problem.text, "no contact here has it"));
    assert_int_equal(problem.column, 1);
    typed.key = "id"; /* then none may be something else */
    assert_int_equal(match_typed("id|account|name", &typed), SP_OK);
    assert_int_equal(row("17|7|Bo"), SP_E_VALUE);
    assert_int_equal(match_typed("account|name", &typed), SP_E_ARGUMENT);
    typed.key = NULL;
    typed.ignore = "id";
    assert_int_equal(match_typed("id|account|name", &typed), SP_OK);
    assert_int_equal(row(SEVEN "|7|Bo"), SP_OK);
    assert_true(draft.change[0].create);
}

static void a_name_is_a_key_below_its_customer(void **state)
{
    (void)state;
    struct sv_columns_typed typed = { .entity = "contact", .key = "name" };
    assert_int_equal(match_typed("account|name", &typed), SP_OK);
    assert_int_equal(row("7|Li"), SP_OK);
    assert_false(draft.change[0].create);
    assert_int_equal(row("7|Bo"), SP_OK);
    assert_true(draft.change[0].create);
    assert_int_equal(match_typed("name|role_title", &typed), SP_E_ARGUMENT);
    assert_non_null(strstr(text, "a column for account"));
}

static void a_key_is_a_column_with_one_value(void **state)
{
    (void)state;
    static const struct {
        const char *key, *says;
    } cases[] = { { "number", "no column" }, { "tags", "a key is" },
        { "nothing", "a key is" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sv_columns_typed typed = { .entity = "account",
            .key = cases[i].key };
        assert_int_equal(
            match_typed("name|territory|tags", &typed), SP_E_ARGUMENT);
        assert_non_null(strstr(text, cases[i].says));
    }
}

static void other_entities_refer_by_number(void **state)
{
    (void)state;
    struct sv_columns_typed typed = { .entity = "note" };
    assert_int_equal(match_typed("account|text", &typed), SP_OK);
    assert_int_equal(row("7|Hello"), SP_OK);
    assert_int_equal(draft.count, 1);
    char id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &seven);
    assert_string_equal(value(0, "account"), id);
    assert_int_equal(row("8|Hello"), SP_E_VALUE);
    assert_non_null(strstr(problem.text, "the name of a record"));
    assert_int_equal(row("Twins|Hello"), SP_E_VALUE);
    assert_non_null(strstr(problem.text, "several are called so"));
    typed.entity = "nothing";
    assert_int_equal(match_typed("account|text", &typed), SP_E_ARGUMENT);
    assert_non_null(strstr(text, "account, contact"));
    typed.entity = "rejected"; /* servers alone make them */
    assert_int_equal(match_typed("author", &typed), SP_E_ARGUMENT);
}

static void a_member_of_a_set_is_its_first_part_or_the_whole(void **state)
{
    struct sv_columns_typed typed = { .entity = "contact" };
    (void)state;
    assert_int_equal(match_typed("account|name|phones", &typed), SP_OK);
    assert_int_equal(row("7|Li|13812345678"), SP_OK);
    assert_string_equal(value(0, "phones"), "number=+8613812345678");
    assert_int_equal(row("7|Li|number=13812345678; label=CELL"), SP_OK);
    assert_string_equal(
        value(0, "phones"), "number=+8613812345678; label=CELL");
    assert_int_equal(row("7|Li|number=; label=CELL"), SP_E_VALUE);
}

static void spreadsheets_times_and_amounts_are_understood(void **state)
{
    (void)state;
    assert_int_equal(
        match("name|territory|potential_value", NULL, NULL), SP_OK);
    assert_int_equal(row("Alpha|A-1|32.38"), SP_E_VALUE);
    assert_non_null(strstr(problem.text, "--currency"));
    plan.currency = "USD";
    assert_int_equal(row("Alpha|A-1|32.38"), SP_OK);
    assert_string_equal(value(0, "potential_value"), "32.38 USD");
    assert_int_equal(row("Alpha|A-1|32.38 CNY"), SP_OK);
    assert_string_equal(value(0, "potential_value"), "32.38 CNY");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(names_labels_and_near_words_find_their_field),
        CASE(a_row_becomes_an_account_and_its_contact),
        CASE(an_empty_contact_makes_no_record),
        CASE(a_phone_that_cannot_be_normalised_is_kept_as_typed),
        CASE(a_login_stands_for_its_person),
        CASE(bad_values_are_refused_with_their_column_and_advice),
        CASE(columns_are_named_ignored_and_missed),
        CASE(labels_of_both_languages_name_columns),
        CASE(a_map_may_be_lines_so_that_columns_may_have_commas),
        CASE(columns_of_a_list_of_refused_rows_are_left_out),
        CASE(a_known_key_changes_its_record),
        CASE(an_id_names_the_record_of_a_row),
        CASE(a_name_is_a_key_below_its_customer),
        CASE(a_key_is_a_column_with_one_value),
        CASE(other_entities_refer_by_number),
        CASE(a_member_of_a_set_is_its_first_part_or_the_whole),
        CASE(spreadsheets_times_and_amounts_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
