#include "cli/do.h"

#include "say/table.h"

#include "cli/input.h"

#include <inttypes.h>
#include <string.h>

/* ---- tasks -------------------------------------------------------------- */

void cc_do_task_json(struct cc_json *j, const struct satchel_task *t)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "id", t->id);
    cc_json_text(j, "title", t->title);
    cc_json_text(j, "account_id", t->account_id);
    cc_json_text(j, "account", t->account);
    cc_json_text(j, "kind", t->kind);
    cc_json_text(j, "status", t->status);
    cc_json_text(j, "reason", t->reason);
    cc_json_text(j, "due", t->due);
    cc_json_int(j, "late_days", t->late_days);
    cc_json_uint(j, "priority", t->priority);
    cc_json_text(j, "rule", t->rule);
    cc_json_text(j, "owner", t->owner);
    cc_json_uint(j, "owner_user", t->owner_user);
    cc_json_text(j, "author", t->author);
    cc_json_end(j);
}

/* What became of it, or how late it is. */
static const char *state_of(
    const struct cc_cli *cli, const struct satchel_task *t, char room[40])
{
    if (strcmp(t->status, "open") != 0) {
        return cc_cli_word(cli, CC_W(t->status_en, t->status_zh));
    }
    if (t->late_days <= 0) {
        return t->late_days == 0 ? cc_cli_word(cli, CC_W("today", "今天")) : "";
    }
    (void)snprintf(room, 40, "%d%s", (int)t->late_days,
        cc_cli_word(cli, CC_W(" days", " 天")));
    return room;
}

int cc_do_tasks(
    struct cc_cli *cli, const struct satchel_task *task, size_t count)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("Task", "任务", false, false),
        CC_DO_COLUMN("Account", "客户", false, false),
        CC_DO_COLUMN("Kind", "类别", false, false),
        CC_DO_COLUMN("Due", "截止", false, true),
        CC_DO_COLUMN("Late", "逾期", false, false),
        CC_DO_COLUMN("Owner", "负责人", false, false),
        CC_DO_COLUMN("Rule", "来源规则", false, false),
        CC_DO_COLUMN("Id", "编号", false, true),
    };
    struct cc_table table;
    char room[40];

    cc_table_init(&table, column, 8);
    for (size_t i = 0; i < count; i++) {
        const struct satchel_task *t = &task[i];

        cc_table_cell(&table, t->title);
        cc_table_cell(&table, t->account);
        cc_table_cell(&table, cc_cli_word(cli, CC_W(t->kind_en, t->kind_zh)));
        cc_table_cell(&table, t->due);
        cc_table_cell(&table, state_of(cli, t, room));
        cc_table_cell(&table, t->owner);
        cc_table_cell(&table, t->rule);
        cc_table_cell(&table, t->id);
    }
    return cc_do_table(cli, &table);
}

/* ---- told --------------------------------------------------------------- */

void cc_do_told_json(
    struct cc_json *j, const struct satchel_told *told, size_t count)
{
    cc_json_array(j, "told");
    for (size_t i = 0; i < count; i++) {
        const struct satchel_told *t = &told[i];

        cc_json_object(j, NULL);
        cc_json_text(
            j, "what", t->what == SATCHEL_TOLD_GIVEN ? "given" : "not_stood");
        cc_json_text(j, "id", t->id);
        cc_json_text(j, "title", t->title);
        cc_json_text(j, "account", t->account);
        cc_json_text(j, "wanted", t->wanted);
        cc_json_text(j, "owner", t->owner);
        cc_json_text(j, "by", t->by);
        cc_json_uint(j, "time_ms", t->time_ms);
        cc_json_end(j);
    }
    cc_json_end(j);
}

static void put_told(struct cc_cli *cli, const struct satchel_told *t)
{
    char when[CC_CLI_TIME_BYTES], line[800];
    const char *dash = t->account[0] == '\0' ? "" : " · ";

    (void)cc_cli_time(t->time_ms, when);
    if (t->what == SATCHEL_TOLD_GIVEN && cli->lang == CC_LANG_ZH) {
        (void)snprintf(line, sizeof(line),
            "! %s%s%s：现由 %s 负责，%s 于 %s 指定", t->title, dash, t->account,
            t->owner, t->by, when);
    } else if (t->what == SATCHEL_TOLD_GIVEN) {
        (void)snprintf(line, sizeof(line), "! %s%s%s: %s has it now, by %s, %s",
            t->title, dash, t->account, t->owner, t->by, when);
    } else if (cli->lang == CC_LANG_ZH) {
        (void)snprintf(line, sizeof(line),
            "! %s%s%s：您转给 %s 未生效；现由 %s 负责，%s 于 %s 指定", t->title,
            dash, t->account, t->wanted, t->owner, t->by, when);
    } else {
        (void)snprintf(line, sizeof(line),
            "! %s%s%s: giving it to %s did not stand; %s has it, by %s, %s",
            t->title, dash, t->account, t->wanted, t->owner, t->by, when);
    }
    cc_cli_put(cli, line);
    (void)putc('\n', cli->out);
}

void cc_do_told(
    struct cc_cli *cli, const struct satchel_told *told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_told(cli, &told[i]);
    }
}

/* ---- list --------------------------------------------------------------- */

static void list_json(struct cc_cli *cli, const struct satchel_tasks *t)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "total", t->total);
    cc_json_uint(&j, "count", t->count);
    cc_json_array(&j, "tasks");
    for (size_t i = 0; i < t->count; i++) {
        cc_do_task_json(&j, &t->task[i]);
    }
    cc_json_end(&j);
    cc_do_told_json(&j, t->told, t->told_count);
    cc_json_end(&j);
}

static int list_text(struct cc_cli *cli, const struct satchel_tasks *t)
{
    int code = t->count == 0 ? 0 : cc_do_tasks(cli, t->task, t->count);

    cc_do_told(cli, t->told, t->told_count);
    (void)fflush(cli->out);
    if (t->count == 0) {
        cc_cli_say(cli, "no tasks", "没有任务");
    } else if (t->count < t->total) {
        cc_cli_say(
            cli, "%zu of %zu", "显示 %zu 条，共 %zu 条", t->count, t->total);
    }
    return code;
}

int cc_do_task_list(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    const struct satchel_task_query query = {
        .owner = cc_args_flag(a, "all") ? "all" : cc_args_value(a, "owner"),
        .account = cc_args_operand(a, 0),
        .closed = cc_args_flag(a, "closed"),
        .limit = (size_t)cc_args_count(a, "limit", 0),
    };
    struct satchel_tasks *t = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_task_list(s, &query, &t, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        list_json(cli, t);
    } else if (code == 0) {
        code = list_text(cli, t);
    }
    satchel_free(t);
    return code;
}

/* ---- changes ------------------------------------------------------------ */

int cc_do_task_add(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    struct cc_input in = { .count = 0 };
    struct satchel_saved saved;
    struct satchel *s;
    int code;

    cc_input_put(&in, "due", cc_args_value(a, "due"));
    cc_input_put(&in, "owner", cc_args_value(a, "owner"));
    code = cc_input_take(cli, 1, &in);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    code = satchel_task_add(s, cc_args_value(a, "of"), cc_args_operand(a, 0),
        in.input, in.count, &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_task_done(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_task_done(
        s, cc_args_operand(&cli->args, 0), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_task_cancel(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_task_cancel(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "reason"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_task_assign(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_task_assign(s, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_task_comment(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_task_comment(s, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}
