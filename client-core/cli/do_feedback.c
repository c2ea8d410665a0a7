#include "cli/do.h"

#include "say/table.h"

static void list_json(struct cc_cli *cli, const struct satchel_feedback_list *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "feedback");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_feedback *f = &l->feedback[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", f->id);
        cc_json_text(&j, "account_id", f->account_id);
        cc_json_text(&j, "account", f->account);
        cc_json_uint(&j, "at_ms", f->at_ms);
        cc_json_text(&j, "route", f->route);
        cc_json_text(&j, "tags", f->tags);
        cc_json_text(&j, "text", f->text);
        cc_json_bool(&j, "answered", f->answered);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int list_text(struct cc_cli *cli, const struct satchel_feedback_list *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("SINCE", "时间", false, true),
        CC_DO_COLUMN("GOES TO", "转往", false, false),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("TAGS", "标签", false, false),
        CC_DO_COLUMN("TEXT", "内容", false, false),
        CC_DO_COLUMN("ID", "编号", false, true),
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_feedback *f = &l->feedback[i];

        cc_table_cell(&t, cc_cli_time(f->at_ms, when));
        cc_table_cell(&t, cc_cli_word(cli, CC_W(f->route_en, f->route_zh)));
        cc_table_cell(&t, f->account);
        cc_table_cell(&t, f->tags);
        cc_table_cell(&t, f->text);
        cc_table_cell(&t, f->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_feedback_list(struct cc_cli *cli)
{
    struct satchel_feedback_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_feedback_list(s, cc_args_value(&cli->args, "route"),
        cc_args_flag(&cli->args, "all"), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        list_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "no feedback waits", "没有待答复的反馈");
    } else if (code == 0) {
        code = list_text(cli, l);
    }
    satchel_free(l);
    return code;
}

int cc_do_feedback_answer(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_feedback_answer(s, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}
