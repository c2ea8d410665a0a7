#include "cli/do.h"

#include "say/table.h"

static struct cc_words words_of(enum satchel_deadline_state state)
{
    switch (state) {
    case SATCHEL_DEADLINE_BROKEN:
        return CC_W("broken", "已超时");
    case SATCHEL_DEADLINE_NEAR:
        return CC_W("near", "临近");
    case SATCHEL_DEADLINE_LATE:
        break;
    }
    return CC_W("late", "逾时完成");
}

void cc_do_deadlines_json(
    struct cc_json *j, const struct satchel_deadline *d, size_t count)
{
    cc_json_array(j, "deadlines");
    for (size_t i = 0; i < count; i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "state", words_of(d[i].state).en);
        cc_json_text(j, "rule", d[i].rule);
        cc_json_text(j, "entity", d[i].entity);
        cc_json_text(j, "id", d[i].id);
        cc_json_text(j, "title", d[i].title);
        cc_json_text(j, "account", d[i].account);
        cc_json_text(j, "who", d[i].who);
        cc_json_uint(j, "start_ms", d[i].start_ms);
        cc_json_uint(j, "due_ms", d[i].due_ms);
        cc_json_uint(j, "done_ms", d[i].done_ms);
        cc_json_end(j);
    }
    cc_json_end(j);
}

int cc_do_deadline_table(
    struct cc_cli *cli, const struct satchel_deadline *d, size_t count)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("Rule", "规则", false, false),
        CC_DO_COLUMN("State", "状态", false, false),
        CC_DO_COLUMN("By", "期限", false, true),
        CC_DO_COLUMN("Done", "完成", false, true),
        CC_DO_COLUMN("What", "记录", false, false),
        CC_DO_COLUMN("Account", "客户", false, false),
        CC_DO_COLUMN("Who", "谁", false, false),
        CC_DO_COLUMN("Id", "编号", false, true),
    };
    struct cc_table t;
    char when[CC_CLI_TIME_BYTES];

    cc_table_init(&t, column, 8);
    for (size_t i = 0; i < count; i++) {
        cc_table_cell(&t, d[i].rule);
        cc_table_cell(&t, cc_cli_word(cli, words_of(d[i].state)));
        cc_table_cell(&t, cc_cli_time(d[i].due_ms, when));
        cc_table_cell(
            &t, d[i].done_ms == 0 ? "" : cc_cli_time(d[i].done_ms, when));
        cc_table_cell(
            &t, d[i].title[0] != '\0'
                    ? d[i].title
                    : cc_cli_word(cli, CC_W(d[i].entity_en, d[i].entity_zh)));
        cc_table_cell(&t, d[i].account);
        cc_table_cell(&t, d[i].who);
        cc_table_cell(&t, d[i].id);
    }
    return cc_do_table(cli, &t);
}

static void problems_json(
    struct cc_json *j, const struct satchel_deadlines *all)
{
    cc_json_array(j, "problems");
    for (size_t i = 0; i < all->problem_count; i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "rule", all->problem[i].rule);
        cc_json_text(j, "text_en", all->problem[i].text_en);
        cc_json_text(j, "text_zh", all->problem[i].text_zh);
        cc_json_end(j);
    }
    cc_json_end(j);
}

static int answer(struct cc_cli *cli, const struct satchel_deadlines *all)
{
    struct cc_json j;
    int code = 0;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_do_deadlines_json(&j, all->deadline, all->count);
        problems_json(&j, all);
        cc_json_end(&j);
        return 0;
    }
    if (all->count > 0) {
        code = cc_do_deadline_table(cli, all->deadline, all->count);
    } else {
        cc_cli_say(
            cli, "no deadline is broken or near", "没有超时或临近的时限");
    }
    for (size_t i = 0; i < all->problem_count; i++) {
        const struct satchel_deadline_problem *p = &all->problem[i];

        cc_cli_say(cli, "rule %s says nothing: %s", "规则 %s 无效：%s", p->rule,
            cc_cli_word(cli, CC_W(p->text_en, p->text_zh)));
    }
    return code;
}

int cc_do_deadlines(struct cc_cli *cli)
{
    struct satchel_deadlines *all = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_deadlines(s, cc_args_flag(&cli->args, "all"),
        cc_args_value(&cli->args, "since"), &all, &cli->error);
    satchel_close(s);
    if (code == 0) {
        code = answer(cli, all);
    }
    satchel_free(all);
    return code;
}
