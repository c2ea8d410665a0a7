/* do_exports.c - exports that leave only with a second person: what became of
 * what was asked for, and his word. */
#include "cli/do.h"

#include "say/table.h"

static struct cc_words words_of(enum satchel_export_state state)
{
    switch (state) {
    case SATCHEL_EXPORT_WAITS:
        return CC_W("waits", "待批复");
    case SATCHEL_EXPORT_APPROVED:
        return CC_W("approved", "已批准");
    case SATCHEL_EXPORT_OVER:
        return CC_W("over", "已过期");
    case SATCHEL_EXPORT_REFUSED:
        return CC_W("refused", "已拒绝");
    case SATCHEL_EXPORT_WITHDRAWN:
        return CC_W("withdrawn", "已撤回");
    case SATCHEL_EXPORT_USED:
        break;
    }
    return CC_W("used", "已导出");
}

static int list_json(
    struct cc_cli *cli, const struct satchel_export_requests *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "requests");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_export_request *r = &l->request[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", r->id);
        cc_json_text(&j, "by", r->by);
        cc_json_bool(&j, "mine", r->mine);
        cc_json_bool(&j, "decide", r->decide);
        cc_json_uint(&j, "at_ms", r->at_ms);
        cc_json_text(&j, "format", r->format);
        cc_json_text(&j, "what", r->what);
        cc_json_uint(&j, "rows", r->rows);
        cc_json_bool(&j, "sensitive", r->sensitive);
        cc_json_bool(&j, "everything", r->everything);
        cc_json_text(&j, "why", r->why);
        cc_json_text(&j, "state", words_of(r->state).en);
        cc_json_text(&j, "agreed", r->agreed);
        cc_json_uint(&j, "until_ms", r->until_ms);
        cc_json_text(&j, "refused", r->refused);
        cc_json_text(&j, "reason", r->reason);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
    return 0;
}

static int list_text(
    struct cc_cli *cli, const struct satchel_export_requests *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ASKED", "申请时间", false, true),
        CC_DO_COLUMN("BY", "申请人", false, false),
        CC_DO_COLUMN("WHAT", "内容", false, false),
        CC_DO_COLUMN("FOR", "用途", false, false),
        CC_DO_COLUMN("STATE", "状态", false, true),
        CC_DO_COLUMN("YES", "同意", false, false),
        CC_DO_COLUMN("UNTIL", "有效期至", false, true),
        CC_DO_COLUMN("NO", "拒绝", false, false),
        CC_DO_COLUMN("REASON", "原因", false, false),
        CC_DO_COLUMN("ID", "编号", false, true),
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    cc_table_init(&t, column, sizeof(column) / sizeof(column[0]));
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_export_request *r = &l->request[i];

        cc_table_cell(&t, cc_cli_time(r->at_ms, when));
        cc_table_cell(&t, r->by);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(r->what_en, r->what_zh)));
        cc_table_cell(&t, r->why);
        cc_table_cell(&t, cc_cli_word(cli, words_of(r->state)));
        cc_table_cell(&t, r->agreed);
        cc_table_cell(
            &t, r->until_ms == 0 ? "" : cc_cli_time(r->until_ms, when));
        cc_table_cell(&t, r->refused);
        cc_table_cell(&t, r->reason);
        cc_table_cell(&t, r->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_exports(struct cc_cli *cli)
{
    struct satchel_export_requests *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_export_requests(s, &l, &cli->error);
        satchel_close(s);
    }
    if (code == 0) {
        code = cli->json ? list_json(cli, l) : list_text(cli, l);
        satchel_free(l);
    }
    return code;
}

static int say(
    struct cc_cli *cli, enum satchel_export_word word, const char *reason)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_export_say(
        s, cc_args_operand(&cli->args, 0), word, reason, &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_exports_approve(struct cc_cli *cli)
{
    return say(
        cli, SATCHEL_EXPORT_APPROVE, cc_args_value(&cli->args, "reason"));
}

int cc_do_exports_refuse(struct cc_cli *cli)
{
    return say(cli, SATCHEL_EXPORT_REFUSE, cc_args_value(&cli->args, "reason"));
}

int cc_do_exports_withdraw(struct cc_cli *cli)
{
    return say(cli, SATCHEL_EXPORT_WITHDRAW, NULL);
}
