#include "cli/error.h"

#include "cli/help.h"

#include <string.h>

#define WAY_BYTES 400u

struct way_out {
    int code;
    struct cc_words words;
};

/* What to do, where the code alone says it. */
// clang-format off
static const struct way_out ways[] = {
    { SATCHEL_E_LOCKED, { "satchel unlock opens it; nothing is lost",
        "用 satchel unlock 解锁；数据不会丢失" } },
    { SATCHEL_E_SECRET, { "try again; SATCHEL_PASSPHRASE and "
        "--passphrase-file count before the terminal",
        "请重试；SATCHEL_PASSPHRASE 和 --passphrase-file 优先于终端输入" } },
    { SATCHEL_E_OFFLINE, { "your edits are safe on this device; satchel sync "
        "sends them when there is a connection",
        "您的修改已安全保存在本设备；联网后用 satchel sync 上传" } },
    { SATCHEL_E_BUSY, { "your edits are safe on this device; try again in a "
        "minute", "您的修改已安全保存在本设备；请稍后再试" } },
    { SATCHEL_E_IN_USE, { "another satchel command is at it; wait until it "
        "ends", "另一个 satchel 命令正在使用；请等它结束" } },
    { SATCHEL_E_AMBIGUOUS, { "type more of the name, or the id",
        "请输入更完整的名称或编号" } },
    { SATCHEL_E_UNKNOWN_FIELD, { "satchel fields lists what there is",
        "用 satchel fields 查看可用字段" } },
    { SATCHEL_E_CODE, { "ask your administrator for a new one: satchelctl "
        "device enrol --user LOGIN",
        "请向管理员索取新的登记码：satchelctl device enrol --user LOGIN" } },
};
// clang-format on

void cc_error_set(struct satchel_error *e, int code)
{
    /* The library words its own codes; these few arise here. */
    static const struct {
        int code;
        enum satchel_class class_;
        const char *name, *en, *zh;
    } own[] = {
        { SATCHEL_E_ARGUMENT, SATCHEL_CLASS_CALLER, "SP_E_ARGUMENT",
            "argument is not valid", "参数无效" },
        { SATCHEL_E_LOCKED, SATCHEL_CLASS_LOCAL, "SP_E_LOCKED",
            "locked: unlock first", "已锁定，请先解锁" },
        { SATCHEL_E_SECRET, SATCHEL_CLASS_LOCAL, "SP_E_SECRET",
            "wrong passphrase or platform secret", "口令或平台密钥错误" },
        { SATCHEL_E_CODE, SATCHEL_CLASS_PEER, "SP_E_CODE",
            "enrolment code is wrong, used or expired; ask for a new one",
            "登记码错误、已使用或已过期，请重新获取" },
        { SATCHEL_E_VALUE, SATCHEL_CLASS_POLICY, "SP_E_VALUE",
            "value is not valid for this field", "字段值无效" },
        { SATCHEL_E_NOT_FOUND, SATCHEL_CLASS_CALLER, "SP_E_NOT_FOUND",
            "no such record or entry", "记录或条目不存在" },
        { SATCHEL_E_EXISTS, SATCHEL_CLASS_CALLER, "SP_E_EXISTS",
            "exists already", "已存在" },
        { SATCHEL_E_AMBIGUOUS, SATCHEL_CLASS_CALLER, "SP_E_AMBIGUOUS",
            "more than one record fits; be more exact",
            "匹配到多条记录，请更具体" },
        { SATCHEL_E_CONFLICT, SATCHEL_CLASS_CALLER, "SP_E_CONFLICT",
            "several values stand for this field; choose one",
            "该字段存在多个并存的值，请选择" },
        { SATCHEL_E_BUSY, SATCHEL_CLASS_BUSY, "SP_E_BUSY",
            "busy, try again later", "系统繁忙，请稍后再试" },
        { SATCHEL_E_IO, SATCHEL_CLASS_LOCAL, "SP_E_IO", "disk or file error",
            "磁盘或文件错误" },
        { SATCHEL_E_NOMEM, SATCHEL_CLASS_LOCAL, "SP_E_NOMEM", "out of memory",
            "内存不足" },
    };
    size_t i;

    memset(e, 0, sizeof(*e));
    e->code = code;
    e->class_ = SATCHEL_CLASS_LOCAL;
    e->name = "SP_E_INTERNAL";
    e->text_en = "internal error; please report it";
    e->text_zh = "内部错误，请反馈";
    for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (own[i].code == code) {
            e->class_ = own[i].class_;
            e->name = own[i].name;
            e->text_en = own[i].en;
            e->text_zh = own[i].zh;
        }
    }
}

static const char *class_name(enum satchel_class class_)
{
    static const char *const names[] = { "none", "peer", "policy", "local",
        "busy", "caller" };
    size_t i = (size_t)class_;

    return i < sizeof(names) / sizeof(names[0]) ? names[i] : "local";
}

static const char *way_out(const struct cc_cli *cli)
{
    size_t i;

    for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (ways[i].code == cli->error.code) {
            return cc_cli_word(cli, ways[i].words);
        }
    }
    return NULL;
}

void cc_error_json(struct cc_cli *cli, struct cc_json *j)
{
    const struct satchel_error *e = &cli->error;
    const char *way = way_out(cli);

    cc_json_object(j, "error");
    cc_json_int(j, "code", e->code);
    cc_json_text(j, "name", e->name);
    cc_json_text(j, "class", class_name(e->class_));
    cc_json_int(j, "exit", cc_exit_of(e));
    cc_json_text(j, "text", cc_cli_word(cli, CC_W(e->text_en, e->text_zh)));
    cc_json_text(j, "detail", e->detail);
    if (way != NULL) {
        cc_json_text(j, "way_out", way);
    }
    cc_json_end(j);
    cli->told = true;
}

static void print_json(struct cc_cli *cli)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_error_json(cli, &j);
    cc_json_end(&j);
}

void cc_error_print(struct cc_cli *cli)
{
    struct cc_cli to_err = *cli;
    const struct satchel_error *e = &cli->error;
    const char *way = way_out(cli);

    if (cli->told) {
        return;
    }
    if (cli->json && !cli->answered) {
        print_json(cli);
        return;
    }
    (void)fflush(cli->out);
    to_err.out = cli->err;
    (void)fputs("satchel: ", cli->err);
    /* of a mistake on the command line the detail says it all */
    if (e->code != SATCHEL_E_ARGUMENT || e->detail[0] == '\0') {
        (void)fputs(cc_cli_word(cli, CC_W(e->text_en, e->text_zh)), cli->err);
        (void)putc('\n', cli->err);
        if (e->detail[0] != '\0') {
            cc_cli_put_lines(&to_err, "  ", e->detail);
        }
    } else {
        cc_cli_put_lines(&to_err, "", e->detail);
    }
    if (way != NULL) {
        (void)fprintf(cli->err, "  %s\n", way);
    }
}

/* ---- the command line --------------------------------------------------- */

/* "satchel account list", as far as it was understood. */
static const char *so_far(const struct cc_cli *cli, char *out, size_t bytes)
{
    const struct cc_args *a = &cli->args;
    bool two = a->command != NULL && a->command->name != NULL;

    (void)snprintf(out, bytes, "satchel%s%s%s%s", a->group != NULL ? " " : "",
        a->group != NULL ? a->group : "", two ? " " : "",
        two ? a->command->name : "");
    return out;
}

static struct cc_words sentence(enum cc_wrong_kind kind)
{
    switch (kind) {
    case CC_WRONG_COMMAND:
        return CC_W("there is no command '%s'", "没有命令“%s”");
    case CC_WRONG_OPTION:
        return CC_W("there is no option '%s' here", "此处没有选项“%s”");
    case CC_WRONG_NO_VALUE:
        return CC_W("--%s needs a value", "--%s 需要一个值");
    case CC_WRONG_VALUE:
        return CC_W("--%s takes no value", "--%s 不带值");
    case CC_WRONG_NUMBER:
        return CC_W("--%s takes a number from 0 to 999999999",
            "--%s 需要 0 到 999999999 的数字");
    case CC_WRONG_MISSING:
        return CC_W("%s is missing", "缺少 %s");
    case CC_WRONG_TOO_MANY:
        return CC_W("'%s' is one word too many; quote text that has spaces",
            "多出了“%s”；含空格的文字请加引号");
    case CC_WRONG_EARLY:
        return CC_W("'%s' stands before the command it belongs to",
            "“%s”应写在命令之后");
    case CC_WRONG_UNFINISHED:
    case CC_WRONG_NOTHING:
        break;
    }
    return CC_W("which command?", "要执行哪个命令？");
}

/* Puts what in the place of the template's "%s". */
static void fill(
    char *out, size_t bytes, const char *template_, const char *what)
{
    const char *place = strstr(template_, "%s");
    int before =
        place == NULL ? (int)strlen(template_) : (int)(place - template_);

    (void)snprintf(out, bytes, "%.*s%s%s", before, template_,
        place == NULL ? "" : what, place == NULL ? "" : place + 2);
}

/* A line on how the command is typed, or which there are; "" when it is not
 * known which group is meant. */
static void how_to(const struct cc_cli *cli, char *out, size_t bytes)
{
    const struct cc_args *a = &cli->args;
    size_t used;

    out[0] = '\0';
    if (a->command != NULL) {
        (void)snprintf(out, bytes, "\n  ");
        used = strlen(out);
        cc_help_usage(cli, a->command, out + used, bytes - used);
    } else if (a->group != NULL) {
        (void)snprintf(out, bytes, "\n  satchel %s:", a->group);
        used = strlen(out);
        cc_help_names(cli, a->group, out + used, bytes - used);
    }
}

void cc_error_usage(struct cc_cli *cli, const struct cc_wrong *wrong)
{
    char known[64], said[200], nearest[64], near[100] = "", way[WAY_BYTES];

    fill(said, sizeof(said), cc_cli_word(cli, sentence(wrong->kind)),
        wrong->what != NULL ? wrong->what : "");
    if (wrong->nearest != NULL) {
        (void)snprintf(nearest, sizeof(nearest), "%s%s",
            wrong->kind == CC_WRONG_OPTION ? "--" : "", wrong->nearest);
        fill(near, sizeof(near),
            cc_cli_word(
                cli, wrong->kind == CC_WRONG_NUMBER
                         ? CC_W(", not '%s'", "，而不是“%s”")
                         : CC_W("; did you mean '%s'?", "；是否指“%s”？")),
            nearest);
    }
    how_to(cli, way, sizeof(way));
    (void)cc_cli_fail(cli, SATCHEL_E_ARGUMENT, "%s%s%s\n  %s --help",
        "%s%s%s\n  %s --help", said, near, way,
        so_far(cli, known, sizeof(known)));
}
