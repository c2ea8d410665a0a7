/* test_commands.c - the table of satchelctl's commands and its parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/call.h"
#include "ctl/help.h"
#include "ctl/message.h"
#include "ctl/table.h"
#include "ops/say.h"

static const struct sv_table_command *command;
static json_t *args;
static char error[SV_TABLE_ERROR_BYTES];

/* Splits at single spaces; "_" stands for an empty word. */
static sp_err parse(const char *line)
{
    static char copy[512];
    char *word[64];
    int count = 0;
    char *rest = NULL;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &rest); w != NULL;
         w = strtok_r(NULL, " ", &rest)) {
        word[count++] = strcmp(w, "_") == 0 ? w + 1 : w;
    }
    command = NULL;
    args = NULL;
    return sv_table_parse(count, word, &command, &args, error);
}

static const char *arg(const char *name)
{
    return json_string_value(json_object_get(args, name));
}

static void every_command_that_asks_the_server_is_known_there(void **state)
{
    (void)state;
    const struct sv_table_command *c;
    for (size_t i = 0; (c = sv_table_at(i)) != NULL; i++) {
        if ((sv_call_find(c->name) == NULL) != c->local) {
            fail_msg("%s", c->name);
        }
        assert_ptr_equal(sv_table_find(c->name), c);
        assert_true(strlen(c->help) > 0);
    }
}

static void every_text_of_help_has_its_chinese(void **state)
{
    (void)state;
    const struct sv_table_command *c;

    cc_say_in(CC_LANG_ZH);
    for (size_t i = 0; (c = sv_table_at(i)) != NULL; i++) {
        assert_string_not_equal(sv_say(c->help), c->help);
        for (size_t n = 0; c->options[n].name[0] != '\0'; n++) {
            assert_string_not_equal(
                sv_say(c->options[n].help), c->options[n].help);
        }
    }
    assert_string_equal(sv_say("a text of nobody"), "a text of nobody");
    cc_say_in(CC_LANG_EN);
    assert_string_equal(sv_say(sv_table_at(0)->help), sv_table_at(0)->help);
}

static void help_as_data_names_operands_as_they_are_typed(void **state)
{
    (void)state;
    json_t *all = sv_help_json(sv_table_find("dictionary check"));
    json_t *one = json_array_get(json_object_get(all, "commands"), 0);
    json_t *operand = json_array_get(json_object_get(one, "operands"), 0);

    assert_string_equal(
        json_string_value(json_object_get(one, "group")), "dictionary");
    assert_string_equal(
        json_string_value(json_object_get(one, "name")), "check");
    assert_string_equal(
        json_string_value(json_object_get(operand, "name")), "FILE");
    assert_false(json_boolean_value(json_object_get(operand, "optional")));
    json_decref(all);
}

static void a_mistyped_word_is_named_with_the_nearest(void **state)
{
    (void)state;
    const struct {
        const char *line, *near;
    } cases[] = { { "wating list", "\"waiting list\"" },
        { "acount show", "\"account show\"" }, { "statsu", "\"status\"" },
        { "waiting list --sa mei", "--as" }, { "unit list --jsno", "--json" } };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].line), SP_E_ARGUMENT);
        if (strstr(error, cases[i].near) == NULL) {
            fail_msg("%s: %s", cases[i].line, error);
        }
    }
    /* near nothing: no guess */
    assert_int_equal(parse("xyzzy"), SP_E_ARGUMENT);
    assert_null(strstr(error, "did you mean"));
}

static void arguments_and_options_are_read_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(
        parse("user add --role rep,manager mei --unit=east --name 李梅"),
        SP_OK);
    assert_string_equal(command->name, "user add");
    assert_string_equal(arg("login"), "mei");
    assert_string_equal(arg("role"), "rep,manager");
    assert_string_equal(arg("unit"), "east");
    assert_string_equal(arg("name"), "李梅");
    json_decref(args);
    assert_int_equal(
        parse("import accounts a.csv --dry-run --as admin"), SP_OK);
    assert_string_equal(arg("file"), "a.csv");
    assert_true(json_is_true(json_object_get(args, "dry-run")));
    json_decref(args);
    assert_int_equal(parse("branch join"), SP_OK);
    assert_null(arg("code"));
    json_decref(args);
    assert_int_equal(parse("user set mei --territories _"), SP_OK);
    assert_string_equal(arg("territories"), "");
    json_decref(args);
}

static void an_option_that_may_be_repeated_gives_lines(void **state)
{
    (void)state;
    assert_int_equal(
        parse("handover lea --as admin --to tom=e-1,e-2 --to=ben"), SP_OK);
    assert_string_equal(arg("login"), "lea");
    assert_string_equal(arg("to"), "tom=e-1,e-2\nben");
    json_decref(args);
    /* Of any other the last counts. */
    assert_int_equal(
        parse("account assign --as a --owner tom --owner ben"), SP_OK);
    assert_string_equal(arg("owner"), "ben");
    assert_null(arg("accounts"));
    json_decref(args);
}

static void what_is_wrong_is_one_line_with_the_way_out(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *says;
    } cases[] = {
        { "usr add mei", "there is no command \"usr add\"" },
        { "user ad", "user add" },
        { "user", "there are user add" },
        { "user add --role rep", "needs LOGIN" },
        { "user add mei", "needs --role" },
        { "user add mei --rol rep", "no option --rol" },
        { "user add mei --role", "needs a value" },
        { "user add mei anna --role rep", "does not take \"anna\"" },
        { "user add \xff --role rep", "UTF-8" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].line), SP_E_ARGUMENT);
        if (strstr(error, cases[i].says) == NULL ||
            strchr(error, '\n') != NULL) {
            fail_msg("%s: %s", cases[i].line, error);
        }
    }
}

static void exit_statuses_follow_from_the_error(void **state)
{
    (void)state;
    static const struct {
        sp_err err;
        int status;
    } cases[] = { { SP_OK, 0 }, { SP_E_DENIED, 1 }, { SP_E_NOT_FOUND, 1 },
        { SP_E_IN_USE, 1 }, { SP_E_SECRET, 1 }, { SP_E_ARGUMENT, 64 },
        { SP_E_CONFIG, 64 }, { SP_E_OFFLINE, 69 }, { SP_E_INTERNAL, 70 },
        { SP_E_IO, 74 }, { SP_E_FULL, 74 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sv_message_exit(cases[i].err), cases[i].status);
    }
}

static void lists_are_cut_at_commas_and_trimmed(void **state)
{
    (void)state;
    const char *at = " a, b c ,,d";
    static const char *const want[] = { "a", "b c", "d" };
    struct sp_slice piece;
    for (size_t i = 0; i < 3; i++) {
        assert_true(sv_call_piece(&at, &piece));
        assert_int_equal(piece.size, strlen(want[i]));
        assert_memory_equal(piece.data, want[i], piece.size);
    }
    assert_false(sv_call_piece(&at, &piece));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_that_asks_the_server_is_known_there),
        cmocka_unit_test(every_text_of_help_has_its_chinese),
        cmocka_unit_test(help_as_data_names_operands_as_they_are_typed),
        cmocka_unit_test(a_mistyped_word_is_named_with_the_nearest),
        cmocka_unit_test(arguments_and_options_are_read_in_any_order),
        cmocka_unit_test(an_option_that_may_be_repeated_gives_lines),
        cmocka_unit_test(what_is_wrong_is_one_line_with_the_way_out),
        cmocka_unit_test(exit_statuses_follow_from_the_error),
        cmocka_unit_test(lists_are_cut_at_commas_and_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
