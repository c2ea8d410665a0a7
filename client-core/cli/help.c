#include "cli/help.h"

#include "book/width.h"
#include "say/screen.h"

#include <string.h>

#define TERM_COLUMNS 26u
#define USAGE_BYTES  300u
/* A line of names, with room for the comma behind it. */
#define NAMES_COLUMNS 76u

static const struct {
    enum cc_exit exit;
    struct cc_words words;
} exits[] = {
    { CC_EXIT_OK, { "done", "完成" } },
    { CC_EXIT_REFUSED, { "refused: by a rule, a role, a lock, or what is there",
                           "被拒绝：规则、权限、锁定或数据状态" } },
    { CC_EXIT_CONFLICT,
        { "other values stand: choose", "存在并存的值：需要选择" } },
    { CC_EXIT_OFFLINE,
        { "the server cannot be reached or is busy; nothing is lost",
            "无法连接服务器或服务器忙；数据不会丢失" } },
    { CC_EXIT_USAGE, { "the command line is wrong", "命令行有误" } },
    { CC_EXIT_INTERNAL,
        { "internal error, or no memory", "内部错误或内存不足" } },
    { CC_EXIT_DISK, { "the disk is full, fails or is damaged",
                        "磁盘已满、故障或数据损坏" } },
    { CC_EXIT_INTERRUPTED,
        { "Ctrl-C stopped a sync cleanly", "同步被 Ctrl-C 正常中止" } },
};

static const struct cc_words program_summary = {
    "your customers on this device, with or without a network",
    "随身客户资料，有无网络都能用",
};
static const struct cc_words program_synopsis = {
    "satchel COMMAND [OPTION]...",
    "satchel 命令 [选项]...",
};
static const struct {
    const char *name;
    struct cc_words words;
} environment[] = {
    { "SATCHEL_DIR",
        { "the store, when --dir is not given; else ~/.local/share/satchel",
            "未指定 --dir 时的数据目录；默认 ~/.local/share/satchel" } },
    { "SATCHEL_COUNTRY",
        { "country of ISO 3166-1 as whose telephones are shown; else CN",
            "按哪个国家或地区的写法显示电话；默认 CN" } },
    { "SATCHEL_PASSPHRASE", { "the passphrase, when no file is given",
                                "口令（未指定口令文件时）" } },
};

/* A term and what it means, in two columns. */
static void put_pair(
    const struct cc_cli *cli, const char *term, const char *meaning)
{
    size_t width = cc_width_text(term) + 2;

    (void)fprintf(cli->out, "  %s", term);
    if (width + 2 > TERM_COLUMNS) {
        (void)putc('\n', cli->out);
        width = 0;
    }
    (void)fprintf(
        cli->out, "%*s%s\n", (int)(TERM_COLUMNS - width), "", meaning);
}

static void put_heading(const struct cc_cli *cli, struct cc_words words)
{
    (void)fprintf(cli->out, "\n%s\n", cc_cli_word(cli, words));
}

static void put_options(
    const struct cc_cli *cli, const struct cc_option *option)
{
    char term[64];

    for (; option->name != NULL; option++) {
        (void)snprintf(term, sizeof(term), "%s%c%s--%s%s%s",
            option->letter != 0 ? "-" : "",
            option->letter != 0 ? option->letter : ' ',
            option->letter != 0 ? ", " : "", option->name,
            option->value != NULL ? " " : "",
            option->value != NULL ? option->value : "");
        put_pair(cli, term[0] == ' ' ? term + 1 : term,
            cc_cli_word(cli, option->help));
    }
}

/* Appends; what does not fit is cut. */
static void add(char *out, size_t bytes, const char *before, const char *text,
    const char *after)
{
    size_t used = strlen(out);

    (void)snprintf(out + used, bytes - used, "%s%s%s", before, text, after);
}

void cc_help_usage(const struct cc_cli *cli, const struct cc_command *c,
    char *out, size_t bytes)
{
    const struct cc_operand *o = c->operand;

    out[0] = '\0';
    add(out, bytes, "satchel ", c->group, "");
    if (c->name != NULL) {
        add(out, bytes, c->alone ? " [" : " ", c->name, c->alone ? "]" : "");
    }
    for (; o != NULL && o->name != NULL; o++) {
        add(out, bytes, o->optional ? " [" : " ", o->name,
            o->optional ? "]" : "");
        add(out, bytes, "", o->many ? "..." : "", "");
    }
    if (c->option != NULL) {
        add(out, bytes, "",
            cc_cli_word(cli, CC_W(" [OPTION]...", " [选项]...")), "");
    }
}

void cc_help_names(
    const struct cc_cli *cli, const char *group, char *out, size_t bytes)
{
    const char *comma = cc_cli_word(cli, CC_W(",", "、"));
    const char *gap = cc_cli_word(cli, CC_W(" ", ""));
    size_t width = NAMES_COLUMNS, more;
    struct cc_commands_walk w;
    const struct cc_command *c;

    out[0] = '\0';
    for (c = cc_args_first(cli->args.table, &w); c != NULL;
         c = cc_args_next(&w)) {
        if (c->name == NULL || strcmp(c->group, group) != 0) {
            continue;
        }
        more =
            cc_width_text(comma) + cc_width_text(gap) + cc_width_text(c->name);
        add(out, bytes, out[0] == '\0' ? "" : comma, "", "");
        if (width + more > NAMES_COLUMNS) {
            add(out, bytes, "\n    ", "", "");
            width = 4;
        } else {
            add(out, bytes, gap, "", "");
        }
        add(out, bytes, c->name, "", "");
        width += more;
    }
}

static void help_command(const struct cc_cli *cli, const struct cc_command *c)
{
    const struct cc_operand *o = c->operand;

    char usage[USAGE_BYTES];

    cc_help_usage(cli, c, usage, sizeof(usage));
    (void)fprintf(cli->out, "%s\n\n%s\n", usage, cc_cli_word(cli, c->summary));
    if (o != NULL && o->name != NULL) {
        (void)putc('\n', cli->out);
    }
    for (; o != NULL && o->name != NULL; o++) {
        put_pair(cli, o->name, cc_cli_word(cli, o->help));
    }
    if (c->option != NULL) {
        put_heading(cli, CC_W("Options", "选项"));
        put_options(cli, c->option);
    }
    if (c->example != NULL) {
        put_heading(cli, CC_W("Examples", "示例"));
        cc_cli_put_lines(cli, "  ", c->example);
    }
    put_heading(cli, CC_W("Everywhere", "通用选项"));
    put_options(cli, cli->args.table->global);
}

static void put_commands(const struct cc_cli *cli, const char *group)
{
    struct cc_commands_walk w;
    const struct cc_command *c;
    char term[64];

    for (c = cc_args_first(cli->args.table, &w); c != NULL;
         c = cc_args_next(&w)) {
        if (group == NULL || strcmp(c->group, group) == 0) {
            (void)snprintf(term, sizeof(term), "%s%s%s", c->group,
                c->name != NULL ? " " : "", c->name != NULL ? c->name : "");
            put_pair(cli, term, cc_cli_word(cli, c->summary));
        }
    }
}

static void put_exits(const struct cc_cli *cli)
{
    char number[8];
    size_t i;

    put_heading(cli, CC_W("Exit status", "退出状态"));
    for (i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        (void)snprintf(number, sizeof(number), "%d", (int)exits[i].exit);
        put_pair(cli, number, cc_cli_word(cli, exits[i].words));
    }
}

static void help_all(const struct cc_cli *cli)
{
    size_t i;

    (void)fprintf(cli->out, "satchel - %s\n\n%s\n",
        cc_cli_word(cli, program_summary), cc_cli_word(cli, program_synopsis));
    put_heading(cli, CC_W("Commands", "命令"));
    put_commands(cli, NULL);
    put_heading(cli, CC_W("Everywhere", "通用选项"));
    put_options(cli, cli->args.table->global);
    put_heading(cli, CC_W("Environment", "环境变量"));
    for (i = 0; i < sizeof(environment) / sizeof(environment[0]); i++) {
        put_pair(
            cli, environment[i].name, cc_cli_word(cli, environment[i].words));
    }
    put_exits(cli);
    (void)fputs(
        cc_cli_word(cli, CC_W("\nsatchel COMMAND --help says more about one.\n",
                             "\nsatchel 命令 --help 查看该命令的说明。\n")),
        cli->out);
}

/* ---- as data ------------------------------------------------------------ */

static void options_json(
    const struct cc_cli *cli, struct cc_json *j, const struct cc_option *o)
{
    cc_json_array(j, "options");
    for (; o != NULL && o->name != NULL; o++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "name", o->name);
        cc_json_text(j, "value", o->value != NULL ? o->value : "");
        cc_json_text(j, "help", cc_cli_word(cli, o->help));
        cc_json_end(j);
    }
    cc_json_end(j);
}

static void command_json(
    const struct cc_cli *cli, struct cc_json *j, const struct cc_command *c)
{
    const struct cc_operand *o = c->operand;

    cc_json_object(j, NULL);
    cc_json_text(j, "group", c->group);
    cc_json_text(j, "name", c->name != NULL ? c->name : "");
    cc_json_text(j, "summary", cc_cli_word(cli, c->summary));
    cc_json_array(j, "operands");
    for (; o != NULL && o->name != NULL; o++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "name", o->name);
        cc_json_bool(j, "optional", o->optional);
        cc_json_bool(j, "many", o->many);
        cc_json_text(j, "help", cc_cli_word(cli, o->help));
        cc_json_end(j);
    }
    cc_json_end(j);
    options_json(cli, j, c->option);
    if (c->example != NULL) {
        cc_json_text(j, "example", c->example);
    }
    cc_json_end(j);
}

/* What a man page says beside the commands. */
static void program_json(const struct cc_cli *cli, struct cc_json *j)
{
    size_t i;

    cc_json_text(j, "program", "satchel");
    cc_json_text(j, "summary", cc_cli_word(cli, program_summary));
    cc_json_array(j, "synopsis");
    cc_json_text(j, NULL, cc_cli_word(cli, program_synopsis));
    cc_json_end(j);
    cc_json_array(j, "environment");
    for (i = 0; i < sizeof(environment) / sizeof(environment[0]); i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "name", environment[i].name);
        cc_json_text(j, "meaning", cc_cli_word(cli, environment[i].words));
        cc_json_end(j);
    }
    cc_json_end(j);
    cc_json_array(j, "exits");
    for (i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        cc_json_object(j, NULL);
        cc_json_int(j, "exit", (int64_t)exits[i].exit);
        cc_json_text(j, "meaning", cc_cli_word(cli, exits[i].words));
        cc_json_end(j);
    }
    cc_json_end(j);
}

static bool is_meant(const struct cc_args *a, const struct cc_command *c)
{
    return (a->command == NULL || a->command == c) &&
           (a->group == NULL || strcmp(a->group, c->group) == 0);
}

static void help_json(struct cc_cli *cli)
{
    struct cc_commands_walk w;
    const struct cc_command *c;
    struct cc_json j;

    cc_cli_json(cli, &j);
    program_json(cli, &j);
    cc_json_array(&j, "commands");
    for (c = cc_args_first(cli->args.table, &w); c != NULL;
         c = cc_args_next(&w)) {
        if (is_meant(&cli->args, c)) {
            command_json(cli, &j, c);
        }
    }
    cc_json_end(&j);
    options_json(cli, &j, cli->args.table->global);
    cc_json_end(&j);
}

static void help_text(const struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;

    if (a->command != NULL) {
        help_command(cli, a->command);
    } else if (a->group != NULL) {
        put_commands(cli, a->group);
        (void)fprintf(cli->out, "\nsatchel %s %s --help\n", a->group,
            cc_cli_word(cli, CC_W("COMMAND", "命令")));
    } else {
        help_all(cli);
    }
}

/* A page for people in a pipe too, which mostly ends in a pager. */
void cc_help_print(struct cc_cli *cli)
{
    struct cc_cli page = *cli;

    if (cli->json) {
        help_json(cli);
        return;
    }
    if (cli->columns == 0) {
        page.out = cc_screen_on(cli->out, CC_SCREEN_COLUMNS);
    }
    help_text(&page);
    cc_screen_off(page.out, cli->out);
}
