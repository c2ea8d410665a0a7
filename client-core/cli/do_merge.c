#include "cli/do.h"

#include "say/table.h"

#include "cli/card.h"

#include <stdlib.h>
#include <string.h>

#define TAKES_MAX 32u

/* ---- what was asked ------------------------------------------------------ */

struct takes {
    char *text; /* what take points into */
    struct satchel_input take[TAKES_MAX];
    size_t count;
};

/* "phone_main=absorb,name=keep" */
static int read_takes(struct cc_cli *cli, struct takes *t)
{
    const char *typed = cc_args_value(&cli->args, "take");
    char *rest = NULL;
    char *one;

    if (typed == NULL) {
        return 0;
    }
    t->text = strdup(typed);
    if (t->text == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_NOMEM, "no memory", "内存不足");
    }
    for (one = strtok_r(t->text, ",", &rest); one != NULL;
         one = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(one, '=');
        if (equals == NULL || equals == one || equals[1] == '\0' ||
            t->count == TAKES_MAX) {
            return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
                "--take %.100s: give FIELD=ACCOUNT[,FIELD=ACCOUNT...]\n"
                "  --take phone_main=absorb,name=keep",
                "--take %.100s：格式为 字段=客户[,字段=客户…]\n"
                "  --take phone_main=absorb,name=keep",
                typed);
        }
        *equals = '\0';
        t->take[t->count].field = one;
        t->take[t->count++].text = equals + 1;
    }
    return 0;
}

/* ---- the answer ---------------------------------------------------------- */

static void account_json(
    struct cc_json *j, const char *key, const struct satchel_merge_account *a)
{
    cc_json_object(j, key);
    cc_json_text(j, "id", a->id);
    cc_json_text(j, "title", a->title);
    cc_json_end(j);
}

static void field_json(struct cc_json *j, const struct satchel_merge_field *f)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "field", f->name);
    cc_json_text(j, "from", f->from);
    cc_json_text(j, "before", f->before);
    cc_json_text(j, "after", f->after);
    cc_json_text(j, "other", f->other);
    cc_json_end(j);
}

static void merge_json(struct cc_json *j, const struct satchel_merge *m)
{
    cc_json_text(j, "case", m->id);
    account_json(j, "kept", &m->kept);
    cc_json_array(j, "absorbed");
    for (size_t i = 0; i < m->absorbed_count; i++) {
        account_json(j, NULL, &m->absorbed[i]);
    }
    cc_json_end(j);
    cc_json_text(j, "author", m->author);
    cc_json_uint(j, "made_ms", m->made_ms);
    cc_json_uint(j, "until_ms", m->until_ms);
    cc_json_bool(j, "undone", m->undone_ms != 0);
    cc_json_uint(j, "undone_ms", m->undone_ms);
    cc_json_array(j, "fields");
    for (size_t i = 0; i < m->field_count; i++) {
        field_json(j, &m->field[i]);
    }
    cc_json_end(j);
}

static int fields_table(struct cc_cli *cli, const struct satchel_merge *m)
{
    struct cc_table_column column[] = {
        { cc_cli_word(cli, CC_W("FIELD", "字段")), false, true },
        { cc_cli_word(cli, CC_W("STANDS", "保留的值")), false, false },
        { cc_cli_word(cli, CC_W("KEPT SAID", "保留客户原值")), false, false },
        { cc_cli_word(cli, CC_W("ALSO SAID", "另有的值")), false, false },
    };
    struct cc_table t;

    cc_table_init(&t, column, sizeof(column) / sizeof(column[0]));
    for (size_t i = 0; i < m->field_count; i++) {
        cc_table_cell(&t, m->field[i].name);
        cc_table_cell(&t, m->field[i].after);
        cc_table_cell(&t, m->field[i].before);
        cc_table_cell(&t, m->field[i].other);
    }
    return cc_do_table(cli, &t);
}

static int merge_text(
    struct cc_cli *cli, const struct satchel_merge *m, bool dry_run)
{
    int code = m->field_count > 0 ? fields_table(cli, m) : 0;

    (void)fflush(cli->out);
    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < m->absorbed_count; i++) {
        cc_cli_say(cli,
            dry_run ? "%s would be merged into %s; nothing was saved"
                    : "%s was merged into %s",
            dry_run ? "%s 将合并到 %s；尚未保存" : "%s 已合并到 %s",
            m->absorbed[i].title, m->kept.title);
    }
    if (!dry_run) {
        cc_cli_say(cli,
            "it can be undone for 30 days: satchel account unmerge %s",
            "30 天内可撤销：satchel account unmerge %s", m->id);
    }
    return 0;
}

int cc_do_merge(struct cc_cli *cli)
{
    const char *absorb[CC_ARGS_OPERANDS_MAX];
    size_t count = cli->args.operand_count - 1;
    bool dry_run = cc_args_flag(&cli->args, "dry-run");
    struct takes t = { .count = 0 };
    struct satchel_merge *m = NULL;
    struct satchel *s;
    struct cc_json j;
    int code = read_takes(cli, &t);

    for (size_t i = 0; i < count; i++) {
        absorb[i] = cc_args_operand(&cli->args, i + 1);
    }
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code == 0) {
        code = satchel_account_merge(s, cc_args_operand(&cli->args, 0), absorb,
            count, t.take, t.count, dry_run, &m, &cli->error);
        satchel_close(s);
    }
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_bool(&j, "dry_run", dry_run);
        merge_json(&j, m);
        cc_json_uint(&j, "commit", m->commit);
        cc_json_end(&j);
    } else if (code == 0) {
        code = merge_text(cli, m, dry_run);
    }
    satchel_free(m);
    free(t.text);
    return code;
}

/* ---- list ---------------------------------------------------------------- */

static int list_text(struct cc_cli *cli, const struct satchel_merges *l)
{
    struct cc_table_column column[] = {
        { cc_cli_word(cli, CC_W("CASE", "合并")), false, true },
        { cc_cli_word(cli, CC_W("KEPT", "保留")), false, false },
        { cc_cli_word(cli, CC_W("ABSORBED", "被合并")), false, false },
        { cc_cli_word(cli, CC_W("BY", "决定人")), false, false },
        { cc_cli_word(cli, CC_W("MADE", "时间")), false, false },
        { cc_cli_word(cli, CC_W("UNDO UNTIL", "可撤销至")), false, false },
    };
    struct cc_table t;

    cc_table_init(&t, column, sizeof(column) / sizeof(column[0]));
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_merge *m = &l->merge[i];
        for (size_t k = 0; k < m->absorbed_count; k++) {
            char made[CC_CLI_TIME_BYTES], until[CC_CLI_TIME_BYTES];
            cc_table_cell(&t, m->id);
            cc_table_cell(&t, m->kept.title);
            cc_table_cell(&t, m->absorbed[k].title);
            cc_table_cell(&t, m->author);
            cc_table_cell(&t, cc_cli_time(m->made_ms, made));
            cc_table_cell(&t, m->undone_ms != 0
                                  ? cc_cli_word(cli, CC_W("undone", "已撤销"))
                                  : cc_cli_time(m->until_ms, until));
        }
    }
    return cc_do_table(cli, &t);
}

int cc_do_merges(struct cc_cli *cli)
{
    struct satchel_merges *l = NULL;
    struct satchel *s;
    struct cc_json j;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_merges(
        s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", l->count);
        cc_json_array(&j, "merges");
        for (size_t i = 0; i < l->count; i++) {
            cc_json_object(&j, NULL);
            merge_json(&j, &l->merge[i]);
            cc_json_end(&j);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "no merges", "没有合并");
    } else if (code == 0) {
        code = list_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- undo ---------------------------------------------------------------- */

int cc_do_unmerge(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    memset(&saved, 0, sizeof(saved));
    code = satchel_account_unmerge(
        s, cc_args_operand(&cli->args, 0), &saved, &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_saved(cli, "case", &saved);
        cc_cli_say(cli, "undone: the accounts are what they were",
            "已撤销：各客户恢复原状");
    }
    return code;
}
