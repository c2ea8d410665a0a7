#include "cli/do.h"

#include "say/table.h"

#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 4096u

/* ---- care due, care draft ------------------------------------------------ */

static const char *both(
    const struct cc_cli *cli, const char *en, const char *zh)
{
    return cc_cli_word(cli, CC_W(en, zh));
}

static void item_json(struct cc_json *j, const struct satchel_care_item *o)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "id", o->id);
    cc_json_text(j, "what", o->what);
    cc_json_text(j, "state", o->state);
    cc_json_text(j, "rule", o->rule);
    cc_json_text(j, "title", o->title);
    cc_json_text(j, "account_id", o->account_id);
    cc_json_text(j, "account", o->account);
    cc_json_text(j, "name", o->name);
    cc_json_text(j, "due", o->due);
    cc_json_uint(j, "overdue_days", o->overdue_days);
    cc_json_bool(j, "mine", o->mine);
    cc_json_text(j, "assignee", o->assignee);
    cc_json_text(j, "why_en", o->why_en);
    cc_json_text(j, "why_zh", o->why_zh);
    cc_json_text(j, "script", o->script);
    cc_json_text(j, "text", o->text);
    cc_json_text(j, "problem_en", o->problem_en);
    cc_json_text(j, "problem_zh", o->problem_zh);
    cc_json_end(j);
}

static void list_json(struct cc_cli *cli, const struct satchel_care_list *l)
{
    struct cc_json j;
    size_t i;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_uint(&j, "made", l->made);
    cc_json_uint(&j, "refused", l->refused);
    cc_json_text(&j, "loop", l->loop);
    cc_json_array(&j, "items");
    for (i = 0; i < l->count; i++) {
        item_json(&j, &l->item[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static const char *state_word(const struct cc_cli *cli, const char *state)
{
    static const struct {
        const char *name, *zh;
    } words[] = { { "due", "到期" }, { "open", "待办" }, { "done", "完成" },
        { "dropped", "取消" }, { "drafted", "草稿" }, { "exported", "已导出" },
        { "confirmed", "已确认" }, { "failed", "失败" },
        { "withdrawn", "已撤回" }, { "refused", "不可发送" } };
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].name, state) == 0) {
            return both(cli, state, words[i].zh);
        }
    }
    return state;
}

static int list_table(struct cc_cli *cli, const struct satchel_care_list *l)
{
    const struct cc_table_column columns[] = { { both(cli, "Due", "日期"),
                                                   false, true },
        { both(cli, "State", "状态"), false, false },
        { both(cli, "Account", "客户"), false, false },
        { both(cli, "To do", "事项"), false, false },
        { both(cli, "Why", "原因"), false, false },
        { both(cli, "Id", "编号"), false, true } };
    struct cc_table t;
    size_t i;

    cc_table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    for (i = 0; i < l->count; i++) {
        const struct satchel_care_item *o = &l->item[i];
        cc_table_cell(&t, o->due);
        cc_table_cell(&t, state_word(cli, o->state));
        cc_table_cell(&t, o->account);
        cc_table_cell(&t, o->title);
        cc_table_cell(&t, o->problem_en[0] != '\0'
                              ? both(cli, o->problem_en, o->problem_zh)
                              : both(cli, o->why_en, o->why_zh));
        cc_table_cell(&t, o->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_care_list(struct cc_cli *cli, const struct satchel_care_list *l)
{
    int code = 0;

    if (cli->json) {
        list_json(cli, l);
        return 0;
    }
    if (l->count > 0) {
        code = list_table(cli, l);
    }
    (void)fflush(cli->out);
    if (l->loop[0] != '\0') {
        cc_cli_say(cli, "left out, as they set themselves off again: %s",
            "以下规则循环触发，已忽略：%s", l->loop);
    }
    if (l->count == 0) {
        cc_do_nothing(cli);
    } else if (cli->columns > 0) {
        cc_cli_say(cli, "%zu to do, %zu made now", "%zu 项，本次新建 %zu 项",
            l->count, l->made);
    }
    return code;
}

static int due(struct cc_cli *cli, enum satchel_care_make make)
{
    struct satchel_care_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    if (cc_args_flag(&cli->args, "dry-run")) {
        make = SATCHEL_CARE_LOOK;
    }
    code = satchel_care_due(s, cc_args_value(&cli->args, "date"), make,
        cc_args_flag(&cli->args, "all"), &l, &cli->error);
    satchel_close(s);
    if (code == 0) {
        code = cc_do_care_list(cli, l);
        satchel_free(l);
    }
    return code;
}

int cc_do_care_due(struct cc_cli *cli)
{
    return due(cli, SATCHEL_CARE_TASKS);
}

int cc_do_care_draft(struct cc_cli *cli)
{
    return due(cli, SATCHEL_CARE_MESSAGES);
}

/* ---- care export --------------------------------------------------------- */

/* Written beside its place and put there when the store has it as exported. */
struct outbox {
    FILE *file;
    char path[PATH_BYTES]; /* FILE.new */
    int error;             /* errno of the first failure */
};

static void message_json(
    struct cc_json *j, const char *key, const struct satchel_care_message *m)
{
    cc_json_object(j, key);
    cc_json_text(j, "id", m->id);
    cc_json_text(j, "account_id", m->account_id);
    cc_json_text(j, "account", m->account);
    cc_json_text(j, "channel", m->channel);
    cc_json_text(j, "to", m->to);
    cc_json_text(j, "title", m->title);
    cc_json_text(j, "text", m->text);
    cc_json_bool(j, "goes", m->goes);
    cc_json_uint(j, "at_ms", m->at_ms);
    cc_json_text(j, "why_en", m->why_en);
    cc_json_text(j, "why_zh", m->why_zh);
    cc_json_end(j);
}

static int put_message(void *self, const struct satchel_care_message *m)
{
    struct outbox *box = (struct outbox *)self;
    struct cc_json j;

    cc_json_init(&j, box->file);
    message_json(&j, NULL, m); /* a line each */
    return ferror(box->file) != 0;
}

static int end_messages(void *self)
{
    struct outbox *box = (struct outbox *)self;

    if (fflush(box->file) != 0 || fsync(fileno(box->file)) != 0) {
        box->error = errno;
        return 1;
    }
    return 0;
}

static int fail_file(struct cc_cli *cli, const char *path, int error)
{
    return cc_cli_fail(cli, SATCHEL_E_IO, "%.200s: %s; nothing was exported",
        "%.200s：%s；未导出任何消息", path, cc_cli_errno(cli, error));
}

/* What nobody has taken yet is not written over. */
static int open_outbox(struct cc_cli *cli, struct outbox *box, const char *path)
{
    int n = snprintf(box->path, sizeof(box->path), "%s.new", path);

    if (n < 0 || (size_t)n >= sizeof(box->path)) {
        return fail_file(cli, path, ENAMETOOLONG);
    }
    if (access(path, F_OK) == 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "%.200s is there already; take it away first, or name another",
            "%.200s 已存在；请先取走，或换一个文件名", path);
    }
    box->file = fopen(box->path, "w");
    return box->file == NULL ? fail_file(cli, box->path, errno) : 0;
}

static int close_outbox(struct cc_cli *cli, struct outbox *box,
    const char *path, int code, size_t gone)
{
    if (fclose(box->file) != 0 && code == 0 && box->error == 0) {
        box->error = errno;
    }
    if (code != 0 || gone == 0) {
        (void)unlink(box->path);
        return code;
    }
    if (box->error != 0 || rename(box->path, path) != 0) {
        return cc_cli_fail(cli, SATCHEL_E_IO,
            "%.200s: %s; the messages are in %.200s",
            "%.200s：%s；消息在 %.200s", path,
            cc_cli_errno(cli, box->error != 0 ? box->error : errno), box->path);
    }
    return 0;
}

/* "2026-04-21T15:10", local time; 0: not given. */
static int read_time(struct cc_cli *cli, uint64_t *ms)
{
    const char *text = cc_args_value(&cli->args, "at");
    struct tm tm;
    int used = 0;
    time_t t;

    *ms = 0;
    if (text == NULL) {
        return 0;
    }
    memset(&tm, 0, sizeof(tm));
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
            &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &used) != 5 ||
        text[used] != '\0' || tm.tm_year < 1970) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--at %.60s: write it as 2026-04-21T15:10",
            "--at %.60s：格式为 2026-04-21T15:10", text);
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    tm.tm_isdst = -1;
    t = mktime(&tm);
    *ms = t < 0 ? 0 : (uint64_t)t * 1000;
    return 0;
}

static const char *when(
    const struct satchel_care_message *m, char *out, size_t room)
{
    time_t t = (time_t)(m->at_ms / 1000);
    struct tm tm;

    if (m->at_ms == 0 || localtime_r(&t, &tm) == NULL ||
        strftime(out, room, "%Y-%m-%d %H:%M", &tm) == 0) {
        return "";
    }
    return out;
}

static int outbox_table(struct cc_cli *cli, const struct satchel_care_outbox *o)
{
    const struct cc_table_column columns[] = { { both(cli, "When", "时间"),
                                                   false, true },
        { both(cli, "Account", "客户"), false, false },
        { both(cli, "To", "收件"), false, false },
        { both(cli, "Why", "原因"), false, false },
        { both(cli, "Text", "正文"), false, false },
        { both(cli, "Id", "编号"), false, true } };
    char text[32], phone[CC_CLI_PHONE_BYTES];
    struct cc_table t;
    size_t i;

    cc_table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    for (i = 0; i < o->count; i++) {
        const struct satchel_care_message *m = &o->message[i];
        cc_table_cell(&t, when(m, text, sizeof(text)));
        cc_table_cell(&t, m->account);
        cc_table_cell(&t, cc_cli_phone(cli, m->to, phone));
        cc_table_cell(&t, both(cli, m->why_en, m->why_zh));
        cc_table_cell(&t, m->text);
        cc_table_cell(&t, m->id);
    }
    return cc_do_table(cli, &t);
}

static int print_outbox(
    struct cc_cli *cli, const struct satchel_care_outbox *o, bool handed_out)
{
    struct cc_json j;
    int code = 0;
    size_t i;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", o->count);
        cc_json_uint(&j, "exported", handed_out ? o->gone : 0);
        cc_json_array(&j, "messages");
        for (i = 0; i < o->count; i++) {
            message_json(&j, NULL, &o->message[i]);
        }
        cc_json_end(&j);
        cc_json_end(&j);
        return 0;
    }
    if (o->count > 0) {
        code = outbox_table(cli, o);
    }
    if (cli->columns > 0) {
        (void)fflush(cli->out);
        cc_cli_say(cli,
            handed_out ? "%zu exported, %zu held; confirm what was sent"
                       : "%zu may go, %zu may not now; --out FILE exports them",
            handed_out ? "导出 %zu 条，保留 %zu 条；发送后请确认"
                       : "%zu 条可发，%zu 条暂不可发；用 --out FILE 导出",
            o->gone, o->count - o->gone);
    }
    return code;
}

int cc_do_care_export(struct cc_cli *cli)
{
    const char *path = cc_args_value(&cli->args, "out");
    struct satchel_care_outbox *o = NULL;
    struct outbox box = { .file = NULL };
    const struct satchel_care_sink sink = { &box, put_message, end_messages };
    struct satchel *s;
    uint64_t now_ms;
    int code = read_time(cli, &now_ms);

    if (code == 0 && path != NULL) {
        code = open_outbox(cli, &box, path);
    }
    if (code != 0) {
        return code;
    }
    code = cc_cli_open(cli, &s);
    if (code == 0) {
        code = satchel_care_export(
            s, now_ms, path == NULL ? NULL : &sink, &o, &cli->error);
        satchel_close(s);
    }
    if (path != NULL) {
        code = close_outbox(cli, &box, path, code, o == NULL ? 0 : o->gone);
    }
    if (code == 0) {
        code = print_outbox(cli, o, path != NULL);
    }
    satchel_free(o);
    return code;
}

/* ---- care edit, confirm, failed, call ------------------------------------ */

static int saved(struct cc_cli *cli, int code, const struct satchel_saved *v)
{
    return code == 0 ? cc_do_saved(cli, v) : code;
}

int cc_do_care_edit(struct cc_cli *cli)
{
    struct satchel_saved v;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_care_edit(s, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), &v, &cli->error);
    satchel_close(s);
    return saved(cli, code, &v);
}

static int settle(struct cc_cli *cli, bool sent)
{
    struct satchel_saved v;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_care_confirm(s, cc_args_operand(&cli->args, 0), sent,
        cc_args_operand(&cli->args, 1), &v, &cli->error);
    satchel_close(s);
    return saved(cli, code, &v);
}

int cc_do_care_confirm(struct cc_cli *cli)
{
    return settle(cli, true);
}

int cc_do_care_failed(struct cc_cli *cli)
{
    return settle(cli, false);
}

int cc_do_care_call(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    struct cc_input in = { .count = 0 };
    struct satchel_saved v;
    struct satchel *s;
    int code = cc_input_take(cli, 1, &in);

    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    code =
        satchel_care_call(s, cc_args_operand(a, 0), cc_args_value(a, "outcome"),
            cc_args_value(a, "promise"), cc_args_value(a, "due"),
            cc_args_value(a, "task"), in.input, in.count, &v, &cli->error);
    satchel_close(s);
    return saved(cli, code, &v);
}
