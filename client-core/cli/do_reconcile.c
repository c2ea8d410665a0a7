#include "cli/do.h"

#include "say/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES_MAX (64u << 20)
#define STEP_BYTES     (1u << 16)

/* All of a file, with a NUL behind it; text is the caller's to free. */
static int read_all(struct cc_cli *cli, FILE *from, char **text, size_t *bytes)
{
    size_t room = 0;
    char *more;

    *text = NULL;
    *bytes = 0;
    while (*bytes <= LIST_BYTES_MAX && !feof(from) && !ferror(from)) {
        if (*bytes + STEP_BYTES >= room) {
            room = 2 * room + 2 * STEP_BYTES;
            more = (char *)realloc(*text, room);
            if (more == NULL) {
                return cc_cli_fail(
                    cli, SATCHEL_E_NOMEM, "no memory for the list", "内存不足");
            }
            *text = more;
        }
        *bytes += fread(*text + *bytes, 1, STEP_BYTES, from);
        (*text)[*bytes] = '\0';
    }
    if (ferror(from)) {
        return cc_cli_fail(
            cli, SATCHEL_E_IO, "the list cannot be read", "名单无法读取");
    }
    return *bytes <= LIST_BYTES_MAX
               ? 0
               : cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
                     "the list is larger than %u MiB; split it",
                     "名单超过 %u MiB；请分成几份", LIST_BYTES_MAX >> 20);
}

static int read_list(
    struct cc_cli *cli, const char *path, char **text, size_t *bytes)
{
    FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    int code;

    *text = NULL;
    if (from == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT, "%.200s: %s", "%.200s：%s",
            path, cc_cli_errno(cli, errno));
    }
    code = read_all(cli, from, text, bytes);
    if (from != stdin) {
        (void)fclose(from);
    }
    return code;
}

/* ---- the answer --------------------------------------------------------- */

static const char *name_of(enum satchel_reconcile_what what)
{
    return what == SATCHEL_ONLY_FIRST    ? "only_first"
           : what == SATCHEL_ONLY_SECOND ? "only_second"
                                         : "differing";
}

static void answer_json(
    struct cc_cli *cli, const struct satchel_reconciliation *r)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "id", r->id);
    cc_json_uint(&j, "matched", r->matched);
    cc_json_uint(&j, "only_first", r->first);
    cc_json_uint(&j, "only_second", r->second);
    cc_json_uint(&j, "differing", r->differing);
    cc_json_uint(&j, "without_key_first", r->without_key_first);
    cc_json_uint(&j, "without_key_second", r->without_key_second);
    cc_json_array(&j, "rows");
    for (size_t i = 0; i < r->count; i++) {
        const struct satchel_reconcile_row *row = &r->row[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "what", name_of(row->what));
        cc_json_text(&j, "key", row->key);
        cc_json_uint(&j, "line", row->line);
        cc_json_text(&j, "id", row->id);
        cc_json_text(&j, "title", row->title);
        cc_json_text(&j, "field", row->field);
        cc_json_text(&j, "first", row->first);
        cc_json_text(&j, "second", row->second);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_array(&j, "ignored");
    for (size_t i = 0; i < r->ignored_count; i++) {
        cc_json_text(&j, NULL, r->ignored[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static struct cc_words words_of(enum satchel_reconcile_what what)
{
    return what == SATCHEL_ONLY_FIRST ? CC_W("only in the list", "仅在名单")
           : what == SATCHEL_ONLY_SECOND ? CC_W("only here", "仅在记录")
                                         : CC_W("differs", "不一致");
}

static int rows_text(struct cc_cli *cli, const struct satchel_reconciliation *r)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("What", "结果", false, false),
        CC_DO_COLUMN("Key", "键", false, false),
        CC_DO_COLUMN("Line", "行", true, false),
        CC_DO_COLUMN("Record", "记录", false, false),
        CC_DO_COLUMN("Field", "字段", false, false),
        CC_DO_COLUMN("In the list", "名单", false, false),
        CC_DO_COLUMN("Here", "本地", false, false),
        CC_DO_COLUMN("Id", "编号", false, true),
    };
    struct cc_table t;
    char line[24];

    cc_table_init(&t, column, 8);
    for (size_t i = 0; i < r->count; i++) {
        const struct satchel_reconcile_row *row = &r->row[i];

        (void)snprintf(line, sizeof(line), "%zu", row->line);
        cc_table_cell(&t, cc_cli_word(cli, words_of(row->what)));
        cc_table_cell(&t, row->key);
        cc_table_cell(&t, row->line == 0 ? "" : line);
        cc_table_cell(&t, row->title);
        cc_table_cell(&t, row->field);
        cc_table_cell(&t, row->first);
        cc_table_cell(&t, row->second);
        cc_table_cell(&t, row->id);
    }
    return cc_do_table(cli, &t);
}

static int answer_text(
    struct cc_cli *cli, const struct satchel_reconciliation *r)
{
    int code = r->count == 0 ? 0 : rows_text(cli, r);

    cc_cli_say(cli,
        "%zu alike, %zu only in the list, %zu only here, %zu differ",
        "%zu 条一致，%zu 条仅在名单，%zu 条仅在记录，%zu 条不一致", r->matched,
        r->first, r->second, r->differing);
    if (r->without_key_first + r->without_key_second > 0) {
        cc_cli_say(cli, "without a key: %zu lines, %zu records",
            "没有键：名单 %zu 行，记录 %zu 条", r->without_key_first,
            r->without_key_second);
    }
    for (size_t i = 0; i < r->ignored_count; i++) {
        cc_cli_say(cli, "column %s is no field: left out",
            "列 %s 不是字段：已略去", r->ignored[i]);
    }
    if (r->id[0] != '\0') {
        cc_cli_say(
            cli, "saved on this device as %s", "已保存在本设备：%s", r->id);
    }
    return code;
}

int cc_do_reconcile(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    const char *path = cc_args_operand(a, 0);
    const char *name = cc_args_value(a, "name");
    struct satchel_reconcile_query query = {
        .entity = cc_args_operand(a, 1),
        .key = cc_args_value(a, "key"),
        .name = cc_args_flag(a, "dry-run") ? NULL
                : name != NULL             ? name
                                           : path,
    };
    struct satchel_reconciliation *r = NULL;
    struct satchel *s;
    char *text = NULL;
    int code;

    if (query.key == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "by which field do both name one thing? Give --key FIELD",
            "按哪个字段对应？请用 --key 字段");
    }
    code = read_list(cli, path, &text, &query.bytes);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code == 0) {
        query.text = text;
        code = satchel_reconcile(s, &query, &r, &cli->error);
        satchel_close(s);
    }
    free(text);
    if (code == 0 && cli->json) {
        answer_json(cli, r);
    } else if (code == 0) {
        code = answer_text(cli, r);
    }
    satchel_free(r);
    return code;
}
