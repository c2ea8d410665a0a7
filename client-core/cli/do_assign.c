#include "cli/do.h"

#include "say/table.h"

#include "cli/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES (1u << 20)

/* The accounts that were named; text holds those of the list. */
struct named {
    size_t count;
    const char **reference;
    char *text;
};

static void named_wipe(struct named *n)
{
    free(n->reference);
    free(n->text);
}

/* A whole line is one reference: names have spaces. Splits text in place. */
static int take_lines(struct cc_cli *cli, struct named *n)
{
    char *rest = NULL;
    char *line;

    for (line = strtok_r(n->text, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        line += strspn(line, " \t");
        if (*line == '\0') {
            continue;
        }
        if (n->count == SATCHEL_MANY_MAX) {
            return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
                "more than %u accounts; take them in several steps",
                "超过 %u 个客户；请分几次进行", SATCHEL_MANY_MAX);
        }
        n->reference[n->count++] = line;
    }
    return 0;
}

static int read_list(struct cc_cli *cli, const char *path, struct named *n)
{
    FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    size_t used = 0;
    bool failed;

    if (from == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT, "%.200s: %s", "%.200s：%s",
            path, cc_cli_errno(cli, errno));
    }
    n->text = (char *)malloc(LIST_BYTES + 1);
    if (n->text != NULL) {
        used = fread(n->text, 1, LIST_BYTES, from);
        n->text[used] = '\0';
    }
    failed = ferror(from) != 0;
    if (from != stdin) {
        (void)fclose(from);
    }
    if (n->text == NULL) {
        return cc_cli_fail(
            cli, SATCHEL_E_NOMEM, "no memory for the list", "内存不足");
    }
    if (failed || used == LIST_BYTES) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            failed ? "%.200s cannot be read" : "%.200s is larger than 1 MiB",
            failed ? "%.200s 无法读取" : "%.200s 超过 1 MiB", path);
    }
    return take_lines(cli, n);
}

static int name_accounts(struct cc_cli *cli, struct named *n)
{
    const char *list = cc_args_value(&cli->args, "list");
    int code = 0;

    n->reference = (const char **)calloc(
        SATCHEL_MANY_MAX + CC_ARGS_OPERANDS_MAX, sizeof(*n->reference));
    if (n->reference == NULL) {
        return cc_cli_fail(
            cli, SATCHEL_E_NOMEM, "no memory for the list", "内存不足");
    }
    for (size_t i = 0; i < cli->args.operand_count; i++) {
        n->reference[n->count++] = cc_args_operand(&cli->args, i);
    }
    if (list != NULL) {
        code = read_list(cli, list, n);
    }
    if (code == 0 && n->count == 0) {
        code = cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "which accounts? Name them, or a file with --list\n"
            "  satchel account list --territory CODE --ids | "
            "satchel account assign --list - --owner USER",
            "哪些客户？请列出，或用 --list 指定文件\n"
            "  satchel account list --territory CODE --ids | "
            "satchel account assign --list - --owner USER");
    }
    return code;
}

/* ---- the answer --------------------------------------------------------- */

static void answer_json(struct cc_cli *cli, const struct satchel_many *m,
    const struct cc_input *in, bool dry_run)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_bool(&j, "dry_run", dry_run);
    cc_json_uint(&j, "count", m->count);
    cc_json_uint(&j, "changed", m->changed);
    cc_json_array(&j, "records");
    for (size_t i = 0; i < m->count; i++) {
        const struct satchel_many_record *r = &m->record[i];
        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", r->id);
        cc_json_text(&j, "title", r->title);
        cc_json_bool(&j, "changed", r->changed);
        cc_json_object(&j, "before");
        for (size_t k = 0; k < in->count; k++) {
            cc_json_text(&j, in->input[k].field, r->before[k]);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int answer_table(
    struct cc_cli *cli, const struct satchel_many *m, const struct cc_input *in)
{
    struct cc_table_column column[4] = {
        { cc_cli_word(cli, CC_W("ID", "编号")), false, true },
        { cc_cli_word(cli, CC_W("ACCOUNT", "客户")), false, false },
    };
    struct cc_table t;

    for (size_t k = 0; k < in->count; k++) {
        bool owner = strcmp(in->input[k].field, "owner_id") == 0;
        column[2 + k].title =
            owner ? cc_cli_word(cli, CC_W("OWNER SO FAR", "原负责人"))
                  : cc_cli_word(cli, CC_W("TERRITORY SO FAR", "原区域"));
    }
    cc_table_init(&t, column, 2 + in->count);
    for (size_t i = 0; i < m->count; i++) {
        if (!m->record[i].changed) {
            continue;
        }
        cc_table_cell(&t, m->record[i].id);
        cc_table_cell(&t, m->record[i].title);
        for (size_t k = 0; k < in->count; k++) {
            cc_table_cell(&t, m->record[i].before[k]);
        }
    }
    return cc_do_table(cli, &t);
}

static int answer(struct cc_cli *cli, const struct satchel_many *m,
    const struct cc_input *in, bool dry_run)
{
    int code = 0;

    if (cli->json) {
        answer_json(cli, m, in, dry_run);
        return 0;
    }
    if (m->changed > 0) {
        code = answer_table(cli, m, in);
        (void)fflush(cli->out);
    }
    if (dry_run) {
        cc_cli_say(cli, "%zu of %zu would change; nothing was saved",
            "将修改 %zu 个，共 %zu 个；尚未保存", m->changed, m->count);
    } else {
        cc_cli_say(cli, "%zu of %zu changed, saved on this device",
            "已修改 %zu 个，共 %zu 个，已保存在本设备", m->changed, m->count);
    }
    return code;
}

int cc_do_assign(struct cc_cli *cli)
{
    struct cc_input in = { .count = 0 };
    struct named n = { 0, NULL, NULL };
    struct satchel_many *m = NULL;
    bool dry_run = cc_args_flag(&cli->args, "dry-run");
    struct satchel *s;
    int code;

    cc_input_put(&in, "owner_id", cc_args_value(&cli->args, "owner"));
    cc_input_put(&in, "territory_id", cc_args_value(&cli->args, "territory"));
    if (in.count == 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "where to? Give --owner, --territory or both",
            "转给谁？请用 --owner、--territory 或两者");
    }
    code = name_accounts(cli, &n);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code == 0) {
        code = satchel_account_assign(s, n.reference, n.count,
            cc_args_value(&cli->args, "owner"),
            cc_args_value(&cli->args, "territory"), dry_run, &m, &cli->error);
        satchel_close(s);
    }
    named_wipe(&n);
    if (code == 0) {
        code = answer(cli, m, &in, dry_run);
        satchel_free(m);
    }
    return code;
}
