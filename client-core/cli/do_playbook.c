#include "cli/do.h"

#include "say/table.h"

static void playbook_json(struct cc_cli *cli, const struct satchel_playbook *p)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account", p->account_id);
    cc_json_text(&j, "title", p->title);
    cc_json_text(&j, "stage", p->stage);
    cc_json_uint(&j, "since_ms", p->since_ms);
    cc_json_array(&j, "playbooks");
    for (size_t i = 0; i < p->name_count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "name", p->name[i]);
        cc_json_text(&j, "text", p->text[i]);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_array(&j, "steps");
    for (size_t i = 0; i < p->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_uint(&j, "order", p->step[i].order);
        cc_json_text(&j, "what", p->step[i].what);
        cc_json_bool(&j, "needed", p->step[i].needed);
        cc_json_bool(&j, "done", p->step[i].done);
        cc_json_text(&j, "reason", p->step[i].reason);
        cc_json_text(&j, "by", p->step[i].by);
        cc_json_uint(&j, "time_ms", p->step[i].time_ms);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_uint(&j, "left", p->left);
    cc_json_end(&j);
}

/* Done, left out, needed, or as one likes. */
static const char *state_of(
    const struct cc_cli *cli, const struct satchel_playbook_step *s)
{
    if (s->done) {
        return cc_cli_word(cli, CC_W("done", "已完成"));
    }
    if (s->reason[0] != '\0') {
        return cc_cli_word(cli, CC_W("left out", "未做"));
    }
    return s->needed ? cc_cli_word(cli, CC_W("needed", "必须"))
                     : cc_cli_word(cli, CC_W("optional", "可选"));
}

static int steps_text(struct cc_cli *cli, const struct satchel_playbook *p)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("No.", "序号", true, false),
        CC_DO_COLUMN("State", "状态", false, false),
        CC_DO_COLUMN("Step", "步骤", false, false),
        CC_DO_COLUMN("Why not", "原因", false, false),
        CC_DO_COLUMN("Who", "谁", false, false),
        CC_DO_COLUMN("When", "时间", false, true),
    };
    char number[24], when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < p->count; i++) {
        const struct satchel_playbook_step *s = &p->step[i];

        (void)snprintf(number, sizeof(number), "%lu", (unsigned long)s->order);
        cc_table_cell(&t, number);
        cc_table_cell(&t, state_of(cli, s));
        cc_table_cell(&t, s->what);
        cc_table_cell(&t, s->reason);
        cc_table_cell(&t, s->by);
        cc_table_cell(&t, s->time_ms == 0 ? "" : cc_cli_time(s->time_ms, when));
    }
    return cc_do_table(cli, &t);
}

static int playbook_text(struct cc_cli *cli, const struct satchel_playbook *p)
{
    char when[CC_CLI_TIME_BYTES];
    int code = 0;

    cc_cli_put(cli, p->title);
    (void)fputs("  ", cli->out);
    cc_cli_put(cli, p->stage[0] == '\0'
                        ? cc_cli_word(cli, CC_W("no status", "无状态"))
                        : cc_cli_word(cli, CC_W(p->stage_en, p->stage_zh)));
    if (p->since_ms != 0) {
        (void)fprintf(cli->out, "  %s %s",
            cc_cli_word(cli, CC_W("since", "始于")),
            cc_cli_time(p->since_ms, when));
    }
    (void)putc('\n', cli->out);
    for (size_t i = 0; i < p->name_count; i++) {
        cc_cli_put(cli, p->name[i]);
        (void)putc('\n', cli->out);
        if (p->text[i][0] != '\0') {
            cc_cli_put_lines(cli, "  ", p->text[i]);
        }
    }
    if (p->count > 0) {
        code = steps_text(cli, p);
    }
    (void)fflush(cli->out);
    if (p->left > 0) {
        cc_cli_say(cli, "%zu steps are left before he goes on",
            "进入下一阶段前还有 %zu 步", p->left);
    } else {
        cc_cli_say(cli, "nothing keeps him from going on", "可以进入下一阶段");
    }
    return code;
}

int cc_do_playbook(struct cc_cli *cli)
{
    struct satchel_playbook *p = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_playbook(s, cc_args_operand(&cli->args, 0), &p, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        playbook_json(cli, p);
    } else if (code == 0) {
        code = playbook_text(cli, p);
    }
    satchel_free(p);
    return code;
}

int cc_do_step(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_playbook_mark(s, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), cc_args_value(&cli->args, "reason"),
        &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}
