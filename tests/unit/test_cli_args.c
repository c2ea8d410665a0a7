/* What was typed, held against a table of commands. */
#include "cli/args.h"

#include "cli/command.h"
#include "say/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// clang-format off
static const struct cc_option globals[] = {
    { "dir", 0, CC_OPTION_TEXT, "DIR", { "", "" } },
    { "json", 0, CC_OPTION_FLAG, NULL, { "", "" } },
    { "help", 'h', CC_OPTION_FLAG, NULL, { "", "" } },
    { "version", 0, CC_OPTION_FLAG, NULL, { "", "" } },
    { NULL, 0, CC_OPTION_FLAG, NULL, { NULL, NULL } } };
static const struct cc_option list_options[] = {
    { "limit", 0, CC_OPTION_COUNT, "N", { "", "" } },
    { "text", 0, CC_OPTION_TEXT, "T", { "", "" } },
    { "ids", 0, CC_OPTION_FLAG, NULL, { "", "" } },
    { NULL, 0, CC_OPTION_FLAG, NULL, { NULL, NULL } } };
static const struct cc_operand maybe_one[] = {
    { "WHAT", true, false, { "", "" } },
    { NULL, false, false, { NULL, NULL } } };
static const struct cc_operand one_and_fields[] = {
    { "WHAT", false, false, { "", "" } },
    { "FIELD=VALUE", false, true, { "", "" } },
    { NULL, false, false, { NULL, NULL } } };
static const struct cc_command commands[] = {
    { "thing", "list", true, "thing", { "", "" }, maybe_one, list_options,
        NULL, NULL },
    { "thing", "edit", false, "thing", { "", "" }, one_and_fields, NULL,
        NULL, NULL },
    { "tray", "show", false, NULL, { "", "" }, NULL, NULL, NULL, NULL },
    { "lock", NULL, false, NULL, { "", "" }, NULL, NULL, NULL, NULL },
    { NULL, NULL, false, NULL, { NULL, NULL }, NULL, NULL, NULL, NULL } };
// clang-format on
static const struct cc_command *const parts[] = { commands, NULL };
static const struct cc_commands table = { parts, globals };

#define WORDS_MAX 140

/* Splits at '|' and parses. */
struct parsed {
    char text[512];
    char *argv[WORDS_MAX];
    int argc;
    struct cc_args args;
    struct cc_wrong wrong;
    bool good;
};

static void parse(struct parsed *p, const char *words)
{
    char *save = NULL, *word;

    memset(p, 0, sizeof(*p));
    strncpy(p->text, words, sizeof(p->text) - 1);
    p->argv[p->argc++] = (char *)(uintptr_t) "satchel";
    for (word = strtok_r(p->text, "|", &save); word != NULL;
         word = strtok_r(NULL, "|", &save)) {
        p->argv[p->argc++] = word;
    }
    p->good = cc_args_parse(&p->args, &table, p->argc, p->argv, &p->wrong);
}

static void right_lines_are_understood(void **state)
{
    static const struct {
        const char *words;
        size_t command; /* index */
        size_t operands;
        const char *dir, *limit, *text;
        bool ids;
    } cases[] = {
        { "lock", 3, 0, NULL, NULL, NULL, false },
        { "thing", 0, 0, NULL, NULL, NULL, false },
        { "thing|list", 0, 0, NULL, NULL, NULL, false },
        { "--dir|x|thing|list", 0, 0, "x", NULL, NULL, false },
        { "thing|--dir=x|list|--limit=3", 0, 0, "x", "3", NULL, false },
        { "thing|--limit|3", 0, 0, NULL, "3", NULL, false },
        { "thing|list|tea|--ids|--limit|3", 0, 1, NULL, "3", NULL, true },
        { "thing|list|--limit|3|--limit|4", 0, 0, NULL, "4", NULL, false },
        { "thing|list|--text|--ids", 0, 0, NULL, NULL, "--ids", false },
        { "thing|list|--text=a=b", 0, 0, NULL, NULL, "a=b", false },
        { "thing|list|--text=", 0, 0, NULL, NULL, "", false },
        { "thing|list|--|--ids", 0, 1, NULL, NULL, NULL, false },
        { "thing|list|-", 0, 1, NULL, NULL, NULL, false },
        { "thing|list|-3 boxes", 0, 1, NULL, NULL, NULL, false },
        { "thing|list|-not today", 0, 1, NULL, NULL, NULL, false },
        { "thing|list|-没货", 0, 1, NULL, NULL, NULL, false },
        { "thing|茶行", 0, 1, NULL, NULL, NULL, false },
        { "thing|茶行|--ids", 0, 1, NULL, NULL, NULL, true },
        { "thing|edit|x|a=b|c+=d", 1, 3, NULL, NULL, NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parsed p;
        bool list;

        parse(&p, cases[i].words);
        print_message("# %s\n", cases[i].words);
        assert_true(p.good);
        assert_ptr_equal(p.args.command, &commands[cases[i].command]);
        assert_int_equal(p.args.operand_count, cases[i].operands);
        list = cases[i].command == 0;
        if (cases[i].dir != NULL) {
            assert_string_equal(cc_args_value(&p.args, "dir"), cases[i].dir);
        } else {
            assert_null(cc_args_value(&p.args, "dir"));
        }
        if (cases[i].limit != NULL) {
            assert_string_equal(
                cc_args_value(&p.args, "limit"), cases[i].limit);
        }
        if (cases[i].text != NULL) {
            assert_string_equal(cc_args_value(&p.args, "text"), cases[i].text);
        }
        assert_int_equal(list && cc_args_flag(&p.args, "ids"), cases[i].ids);
    }
}

static void wrong_lines_are_named_with_what_may_be_meant(void **state)
{
    static const struct {
        const char *words;
        enum cc_wrong_kind kind;
        const char *what, *nearest;
    } cases[] = {
        { "", CC_WRONG_UNFINISHED, NULL, NULL },
        { "tray", CC_WRONG_UNFINISHED, "tray", NULL },
        { "thng", CC_WRONG_COMMAND, "thng", "thing" },
        { "xyzzy", CC_WRONG_COMMAND, "xyzzy", NULL },
        { "thing|edti|x", CC_WRONG_COMMAND, "edti", "edit" },
        { "tray|what", CC_WRONG_COMMAND, "what", NULL },
        { "tray|shwo", CC_WRONG_COMMAND, "shwo", "show" },
        { "thing|list|--limt|3", CC_WRONG_OPTION, "--limt", "limit" },
        { "thing|list|--limt=3", CC_WRONG_OPTION, "--limt", "limit" },
        { "thing|list|--jsno", CC_WRONG_OPTION, "--jsno", "json" },
        { "thing|list|--zzzzzz", CC_WRONG_OPTION, "--zzzzzz", NULL },
        { "thing|list|-x", CC_WRONG_OPTION, "-x", NULL },
        { "lock|--limit|3", CC_WRONG_OPTION, "--limit", NULL },
        { "--limit|3|thing", CC_WRONG_EARLY, "--limit", NULL },
        { "thing|list|--limit", CC_WRONG_NO_VALUE, "limit", NULL },
        { "thing|list|--ids=yes", CC_WRONG_VALUE, "ids", NULL },
        { "thing|list|--limit|x", CC_WRONG_NUMBER, "limit", "x" },
        { "thing|list|--limit|-1", CC_WRONG_NUMBER, "limit", "-1" },
        { "thing|list|--limit=", CC_WRONG_NUMBER, "limit", "" },
        { "thing|list|--limit|1000000000", CC_WRONG_NUMBER, "limit",
            "1000000000" },
        { "thing|edit", CC_WRONG_MISSING, "WHAT", NULL },
        { "thing|edit|x", CC_WRONG_MISSING, "FIELD=VALUE", NULL },
        { "lock|now", CC_WRONG_TOO_MANY, "now", NULL },
        { "thing|list|a|b", CC_WRONG_TOO_MANY, "b", NULL },
        /* no command of the group's, and no name alone either */
        { "thing|what|b", CC_WRONG_COMMAND, "what", NULL },
        { "thing|what|b|--ids", CC_WRONG_COMMAND, "what", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parsed p;

        parse(&p, cases[i].words);
        print_message("# %s\n", cases[i].words);
        assert_false(p.good);
        assert_int_equal(p.wrong.kind, cases[i].kind);
        if (cases[i].what == NULL) {
            assert_null(p.wrong.what);
        } else {
            assert_string_equal(p.wrong.what, cases[i].what);
        }
        if (cases[i].nearest == NULL) {
            assert_null(p.wrong.nearest);
        } else {
            assert_string_equal(p.wrong.nearest, cases[i].nearest);
        }
    }
}

static void help_needs_no_whole_command(void **state)
{
    static const char *const lines[] = { "--help", "-h", "thing|--help",
        "tray|-h", "thing|edit|--help", "--version" };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct parsed p;
        parse(&p, lines[i]);
        print_message("# %s\n", lines[i]);
        assert_true(p.good);
    }
}

static void operands_up_to_the_limit_are_taken(void **state)
{
    char *argv[CC_ARGS_OPERANDS_MAX + 5] = { NULL };
    char word[] = "a=b", group[] = "thing", edit[] = "edit";
    struct cc_wrong wrong;
    struct cc_args args;
    int i;

    (void)state;
    argv[1] = group;
    argv[2] = edit;
    for (i = 0; i < (int)CC_ARGS_OPERANDS_MAX + 1; i++) {
        argv[3 + i] = word;
    }
    for (i = -1; i <= 1; i++) {
        bool good = cc_args_parse(
            &args, &table, (int)CC_ARGS_OPERANDS_MAX + 3 + i, argv, &wrong);
        assert_int_equal(good, i <= 0);
    }
    assert_int_equal(wrong.kind, CC_WRONG_TOO_MANY);
}

static void globals_are_seen_on_a_wrong_line_too(void **state)
{
    struct parsed p;

    (void)state;
    parse(&p, "nonsense|--dir=x|--json|--bad");
    assert_false(p.good);
    assert_string_equal(cc_args_peek(&table, p.argc, p.argv, "json"), "");
    assert_string_equal(cc_args_peek(&table, p.argc, p.argv, "dir"), "x");
    parse(&p, "--|--json|--dir");
    assert_null(cc_args_peek(&table, p.argc, p.argv, "json"));
    parse(&p, "--dir|--jsonx|--dir");
    assert_null(cc_args_peek(&table, p.argc, p.argv, "json"));
    assert_string_equal(cc_args_peek(&table, p.argc, p.argv, "dir"), "--jsonx");
}

static void assignments_are_told_from_names(void **state)
{
    static const char *const yes[] = { "a=", "name=x", "tags+=x", "tags-=x",
        "address.city=北京", "a=b=c", "phone_main=1" };
    static const char *const no[] = { "", "=", "Name=x", "老王=x", "a b=c",
        "1a=b", "a+b=c", "name", "a+", "+=x" };

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        print_message("# %s\n", yes[i]);
        assert_true(cc_args_is_assignment(yes[i]));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        print_message("# %s\n", no[i]);
        assert_false(cc_args_is_assignment(no[i]));
    }
}

static void distance_counts_letters_and_swaps(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        { "", "", 0 },
        { "limit", "limit", 0 },
        { "", "abc", 3 },
        { "limt", "limit", 1 },
        { "limiit", "limit", 1 },
        { "lumit", "limit", 1 },
        { "ilmit", "limit", 1 },
        { "start", "strat", 1 },
        { "kitten", "sitting", 3 },
        { "1234567890123456789012345678901", "", 31 },
        { "12345678901234567890123456789012", "", SIZE_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            cc_nearest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(
            cc_nearest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

/* ---- the table that ships ----------------------------------------------- */

static size_t count_options(const struct cc_option *o)
{
    size_t n = 0;

    for (; o != NULL && o->name != NULL; o++) {
        assert_true(o->help.en[0] != '\0' && o->help.zh[0] != '\0');
        assert_int_equal(o->kind == CC_OPTION_FLAG, o->value == NULL);
        n++;
    }
    assert_true(n <= CC_ARGS_OPTIONS_MAX);
    return n;
}

static void every_command_has_its_words_and_a_handler(void **state)
{
    struct cc_commands_walk w;
    const struct cc_command *c;

    (void)state;
    assert_true(count_options(cc_command_table.global) > 0);
    for (c = cc_args_first(&cc_command_table, &w); c != NULL;
         c = cc_args_next(&w)) {
        print_message("# %s %s\n", c->group, c->name == NULL ? "" : c->name);
        assert_non_null(c->run);
        assert_true(c->summary.en[0] != '\0' && c->summary.zh[0] != '\0');
        (void)count_options(c->option);
        for (const struct cc_operand *o = c->operand;
             o != NULL && o->name != NULL; o++) {
            assert_true(o->help.en[0] != '\0' && o->help.zh[0] != '\0');
            assert_true(!o->many || o[1].name == NULL);
        }
    }
}

static void hides_no_global_option(const struct cc_command *c)
{
    for (const struct cc_option *o = c->option; o != NULL && o->name != NULL;
         o++) {
        for (const struct cc_option *g = cc_command_table.global;
             g->name != NULL; g++) {
            assert_string_not_equal(o->name, g->name);
        }
    }
}

static void no_command_stands_twice_or_hides_a_global_option(void **state)
{
    struct cc_commands_walk w, before;
    const struct cc_command *c, *b;

    (void)state;
    for (c = cc_args_first(&cc_command_table, &w); c != NULL;
         c = cc_args_next(&w)) {
        hides_no_global_option(c);
        for (b = cc_args_first(&cc_command_table, &before); b != c;
             b = cc_args_next(&before)) {
            bool group = strcmp(c->group, b->group) == 0;
            assert_false(group && (c->name == NULL || b->name == NULL));
            assert_false(group && strcmp(c->name, b->name) == 0);
            assert_false(group && c->alone && b->alone);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_lines_are_understood),
        cmocka_unit_test(wrong_lines_are_named_with_what_may_be_meant),
        cmocka_unit_test(help_needs_no_whole_command),
        cmocka_unit_test(operands_up_to_the_limit_are_taken),
        cmocka_unit_test(globals_are_seen_on_a_wrong_line_too),
        cmocka_unit_test(assignments_are_told_from_names),
        cmocka_unit_test(distance_counts_letters_and_swaps),
        cmocka_unit_test(every_command_has_its_words_and_a_handler),
        cmocka_unit_test(no_command_stands_twice_or_hides_a_global_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
