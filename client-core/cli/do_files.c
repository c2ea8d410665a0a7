#include "cli/do.h"

#include <string.h>

#define ALARM_MINUTES 30u

/* satchel export FORMAT [ENTITY] --out FILE */
int cc_do_export(struct cc_cli *cli)
{
    struct satchel_export what = { .format = cc_args_operand(&cli->args, 0),
        .entity = cc_args_operand(&cli->args, 1),
        .labels = cc_args_value(&cli->args, "labels"),
        .no_bom = cc_args_flag(&cli->args, "no-bom"),
        .force = cc_args_flag(&cli->args, "force"),
        .alarm_minutes =
            (unsigned)cc_args_count(&cli->args, "alarm", ALARM_MINUTES) };
    const char *path = cc_args_value(&cli->args, "out");
    struct satchel_exported done;
    struct satchel *s = NULL;
    int code;

    if (path == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "into which file? --out FILE, or --out - for standard output",
            "写入哪个文件？--out 文件，或 --out - 表示标准输出");
    }
    if (cli->json && strcmp(path, "-") == 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--json and --out - both want standard output",
            "--json 与 --out - 都要使用标准输出");
    }
    code = cc_cli_open(cli, &s);
    if (code == 0) {
        code = satchel_export(s, path, &what, &done, &cli->error);
        satchel_close(s);
    }
    if (code == SATCHEL_E_EXISTS) {
        return cc_cli_fail(cli, SATCHEL_E_EXISTS, "%s; --force takes its place",
            "%s；可用 --force 替换", path);
    }
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        struct cc_json j;
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "rows", done.rows);
        cc_json_uint(&j, "left_today", done.left);
        cc_json_bool(&j, "sensitive_left_out", done.sensitive);
        cc_json_end(&j);
        return 0;
    }
    cc_cli_say(cli, "%llu rows; %llu may still leave under your name today",
        "%llu 行；今天还可以您的名义导出 %llu 行",
        (unsigned long long)done.rows, (unsigned long long)done.left);
    if (done.sensitive) {
        cc_cli_say(cli,
            "sensitive fields stay: they leave only with a second person",
            "敏感字段不导出：须有第二人批准才能导出");
    }
    return 0;
}

static void say_refused(void *arg, uint64_t line, const char *why)
{
    const struct cc_cli *cli = (const struct cc_cli *)arg;

    cc_cli_say(cli, "card that ends in line %llu: %s",
        "在第 %llu 行结束的名片：%s", (unsigned long long)line, why);
}

/* satchel import vcard FILE [--account ACCOUNT] */
int cc_do_import_vcard(struct cc_cli *cli)
{
    struct satchel_cards cards = { 0, 0, 0, 0, 0 };
    struct satchel_cards_from from = { cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "account"),
        cc_args_value(&cli->args, "consent") };
    struct satchel *s = NULL;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_import_cards(
            s, &from, say_refused, cli, &cards, &cli->error);
        satchel_close(s);
    }
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        struct cc_json j;
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "added", cards.added);
        cc_json_uint(&j, "known", cards.known);
        cc_json_uint(&j, "refused", cards.refused);
        cc_json_uint(&j, "birthdays_left_out", cards.birthdays);
        cc_json_uint(&j, "places", cards.places);
        cc_json_end(&j);
        cli->told = true;
    }
    cc_cli_say(cli, "%llu contacts added, %llu known already, %llu left out",
        "新增 %llu 个联系人，%llu 个已有，%llu 个未导入",
        (unsigned long long)cards.added, (unsigned long long)cards.known,
        (unsigned long long)cards.refused);
    if (cards.places > 0) {
        cc_cli_say(cli, "%llu accounts got an address or a place",
            "%llu 个客户补上了地址或定位", (unsigned long long)cards.places);
    }
    if (cards.birthdays > 0) {
        cc_cli_say(cli,
            "%llu birthdays stay out: they need consent (--consent CHANNEL)",
            "%llu 个生日未导入：须本人同意（--consent 方式）",
            (unsigned long long)cards.birthdays);
    }
    return cards.refused == 0 ? 0
                              : cc_cli_fail(cli, SATCHEL_E_VALUE,
                                    "%llu cards were left out; the rest is in",
                                    "%llu 张名片未导入，其余已导入",
                                    (unsigned long long)cards.refused);
}
