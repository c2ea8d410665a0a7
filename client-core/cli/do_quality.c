#include "cli/do.h"

#include "say/table.h"

#include <stdio.h>
#include <string.h>

/* ---- what is wrong ------------------------------------------------------ */

static void issues_json(struct cc_cli *cli, const struct satchel_issues *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_uint(&j, "total", l->total);
    cc_json_array(&j, "issues");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_issue *one = &l->issue[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "kind", one->kind);
        cc_json_text(&j, "field", one->field);
        cc_json_text(&j, "why_en", one->why_en);
        cc_json_text(&j, "why_zh", one->why_zh);
        cc_json_text(&j, "account", one->account_id);
        cc_json_text(&j, "title", one->account);
        cc_json_text(&j, "other", one->other_id);
        cc_json_text(&j, "other_title", one->other);
        cc_json_text(&j, "contact", one->contact_id);
        cc_json_text(&j, "contact_title", one->contact);
        cc_json_text(&j, "charge", one->charge);
        cc_json_uint(&j, "days", one->days);
        cc_json_text(&j, "task", one->task);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int issues_text(struct cc_cli *cli, const struct satchel_issues *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ID", "编号", false, true),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("CONTACT", "联系人", false, false),
        CC_DO_COLUMN("WHAT IS WRONG", "问题", false, false),
        CC_DO_COLUMN("OTHER", "另一客户", false, false),
        CC_DO_COLUMN("WHOSE", "负责人", false, false),
    };
    struct cc_table t;
    int code;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_issue *one = &l->issue[i];

        cc_table_cell(&t, one->account_id);
        cc_table_cell(&t, one->account);
        cc_table_cell(&t, one->contact);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->why_en, one->why_zh)));
        cc_table_cell(&t, one->other);
        cc_table_cell(&t, one->charge);
    }
    code = cc_do_table(cli, &t);
    if (l->total > l->count) {
        cc_cli_say(cli, "%zu of %zu; --limit shows more",
            "显示 %zu 个，共 %zu 个；--limit 显示更多", l->count, l->total);
    }
    return code;
}

int cc_do_quality(struct cc_cli *cli)
{
    struct satchel_issues *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_quality(s, cc_args_flag(&cli->args, "all"),
        (size_t)cc_args_count(&cli->args, "limit", 50), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        issues_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "nothing is wrong", "没有问题");
    } else if (code == 0) {
        code = issues_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- the board ---------------------------------------------------------- */

static void board_json(
    struct cc_cli *cli, const struct satchel_quality_board *b)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_array(&j, "rows");
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_quality_row *r = &b->row[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "of", r->of);
        cc_json_uint(&j, "user", r->user);
        cc_json_text(&j, "name", r->name);
        cc_json_uint(&j, "accounts", r->accounts);
        cc_json_uint(&j, "duplicates", r->duplicates);
        cc_json_uint(&j, "duplicate_percent", r->duplicate_percent);
        cc_json_uint(&j, "phones", r->phones);
        cc_json_uint(&j, "invalid", r->invalid);
        cc_json_uint(&j, "invalid_percent", r->invalid_percent);
        cc_json_uint(&j, "stale", r->stale);
        cc_json_uint(&j, "stale_percent", r->stale_percent);
        cc_json_uint(&j, "contacts", r->contacts);
        cc_json_uint(&j, "mean", r->mean);
        cc_json_uint(&j, "median", r->median);
        cc_json_uint(&j, "good", r->good);
        cc_json_uint(&j, "checked", r->checked);
        cc_json_uint(&j, "correct", r->correct);
        cc_json_uint(&j, "valid_percent", r->valid_percent);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void put_count(struct cc_table *t, size_t n)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%zu", n);
    cc_table_cell(t, text);
}

static void put_row(
    struct cc_cli *cli, struct cc_table *t, const struct satchel_quality_row *r)
{
    const char *nobody = cc_cli_word(
        cli, strcmp(r->of, "branch") == 0 ? CC_W("head office", "总部")
             : strcmp(r->of, "all") == 0  ? CC_W("all", "全部")
                                          : CC_W("nobody", "无人"));

    cc_table_cell(t, r->name[0] == '\0' ? nobody : r->name);
    put_count(t, r->accounts);
    put_count(t, r->duplicates);
    put_count(t, r->invalid_percent);
    put_count(t, r->stale_percent);
    put_count(t, r->contacts);
    put_count(t, r->mean);
    put_count(t, r->median);
    put_count(t, r->good);
    put_count(t, r->checked);
    put_count(t, r->valid_percent);
}

static int board_text(struct cc_cli *cli, const struct satchel_quality_board *b)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("WHO", "归属", false, false),
        CC_DO_COLUMN("ACCOUNTS", "客户数", true, false),
        CC_DO_COLUMN("DUPLICATES", "重复", true, false),
        CC_DO_COLUMN("BAD PHONES %", "无效电话 %", true, false),
        CC_DO_COLUMN("STALE %", "未核实 %", true, false),
        CC_DO_COLUMN("FILES", "档案数", true, false),
        CC_DO_COLUMN("MEAN %", "平均 %", true, false),
        CC_DO_COLUMN("MEDIAN %", "中位 %", true, false),
        CC_DO_COLUMN("60 AND MORE %", "60 以上 %", true, false),
        CC_DO_COLUMN("CHECKED", "抽查", true, false),
        CC_DO_COLUMN("CORRECT %", "正确 %", true, false),
    };
    struct cc_table t;

    cc_table_init(&t, column, 11);
    for (size_t i = 0; i < b->count; i++) {
        put_row(cli, &t, &b->row[i]);
    }
    return cc_do_table(cli, &t);
}

int cc_do_quality_board(struct cc_cli *cli)
{
    struct satchel_quality_board *b = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_quality_board(s, &b, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        board_json(cli, b);
    } else if (code == 0 && b->count == 0) {
        cc_cli_say(cli, "no customers", "没有客户");
    } else if (code == 0) {
        code = board_text(cli, b);
    }
    satchel_free(b);
    return code;
}

/* ---- what puts it right ------------------------------------------------- */

int cc_do_account_verify(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_verify(
        s, cc_args_operand(&cli->args, 0), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_profile_check(struct cc_cli *cli)
{
    const char *verdict = cc_args_operand(&cli->args, 1);
    const char *field[CC_ARGS_OPERANDS_MAX];
    struct satchel_saved saved;
    struct satchel *s;
    size_t count = 0;
    bool correct = strcmp(verdict, "correct") == 0;
    int code;

    if (!correct && strcmp(verdict, "wrong") != 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "\"%.40s\" is no verdict; write correct or wrong",
            "“%.40s”不是结论；请写 correct 或 wrong", verdict);
    }
    for (size_t i = 2; i < cli->args.operand_count; i++) {
        field[count++] = cc_args_operand(&cli->args, i);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_profile_check(s, cc_args_operand(&cli->args, 0), correct,
        field, count, cc_args_value(&cli->args, "sample"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}
