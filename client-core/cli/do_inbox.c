#include "cli/do.h"

#include "say/table.h"

#include "cli/error.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define INBOX_LIMIT 50u
#define DAY_MS      86400000u

/* ---- list --------------------------------------------------------------- */

static uint64_t days_since(uint64_t ms)
{
    time_t now = time(NULL);
    uint64_t now_ms = now < 0 ? 0 : (uint64_t)now * 1000u;

    return ms == 0 || ms > now_ms ? 0 : (now_ms - ms) / DAY_MS;
}

static void item_json(struct cc_json *j, const struct satchel_inbox_item *i)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "key", i->key);
    cc_json_text(j, "kind", i->kind);
    cc_json_text(j, "entity", i->entity);
    cc_json_text(j, "id", i->id);
    cc_json_text(j, "account", i->account_id);
    cc_json_text(j, "title", i->account);
    cc_json_text(j, "what", i->what_en);
    cc_json_text(j, "what_zh", i->what_zh);
    cc_do_sums_json(j, "money", &i->money);
    cc_json_uint(j, "since_ms", i->since_ms);
    cc_json_array(j, "decisions");
    for (size_t k = 0; k < i->decision_count; k++) {
        cc_json_text(j, NULL, i->decision[k].name);
    }
    cc_json_end(j);
    cc_json_array(j, "lines");
    for (size_t k = 0; k < i->line_count; k++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "label", i->line[k].label_en);
        cc_json_text(j, "label_zh", i->line[k].label_zh);
        cc_json_text(j, "text", i->line[k].text_en);
        cc_json_text(j, "text_zh", i->line[k].text_zh);
        cc_json_end(j);
    }
    cc_json_end(j);
    cc_json_end(j);
}

static void list_json(struct cc_cli *cli, const struct satchel_inbox *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "as_of_ms", l->as_of_ms);
    cc_json_uint(&j, "count", l->count);
    cc_json_uint(&j, "total", l->total);
    cc_json_array(&j, "items");
    for (size_t i = 0; i < l->count; i++) {
        item_json(&j, &l->item[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int list_text(struct cc_cli *cli, const struct satchel_inbox *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("KEY", "键", false, true),
        CC_DO_COLUMN("KIND", "类别", false, false),
        CC_DO_COLUMN("ACCOUNT", "客户", false, false),
        CC_DO_COLUMN("WHAT", "事项", false, false),
        CC_DO_COLUMN("SPENT IN A YEAR", "一年消费", true, false),
        CC_DO_COLUMN("DAYS", "天数", true, false),
    };
    char number[32];
    struct cc_table t;

    cc_table_init(&t, column, sizeof(column) / sizeof(column[0]));
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_inbox_item *one = &l->item[i];

        cc_table_cell(&t, one->key);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->kind_en, one->kind_zh)));
        cc_table_cell(&t, one->account);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->what_en, one->what_zh)));
        cc_table_cell(&t, one->money.text);
        (void)snprintf(
            number, sizeof(number), "%" PRIu64, days_since(one->since_ms));
        cc_table_cell(&t, number);
    }
    return cc_do_table(cli, &t);
}

static int load(struct cc_cli *cli, const struct satchel_inbox_query *q,
    struct satchel_inbox **out)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_inbox(s, q, out, &cli->error);
        satchel_close(s);
    }
    return code;
}

int cc_do_inbox(struct cc_cli *cli)
{
    const struct satchel_inbox_query q = {
        .kind = cc_args_value(&cli->args, "kind"),
        .limit = (size_t)cc_args_count(&cli->args, "limit", INBOX_LIMIT),
        .days = (unsigned)cc_args_count(&cli->args, "days", 0),
    };
    struct satchel_inbox *l = NULL;
    char time_text[CC_CLI_TIME_BYTES];
    int code = load(cli, &q, &l);

    if (code != 0) {
        return code;
    }
    if (cli->json) {
        list_json(cli, l);
    } else if (l->count > 0) {
        code = list_text(cli, l);
    }
    if (code == 0 && l->total == 0) {
        cc_cli_say(cli, "nothing waits for you, as of %s",
            "没有待处理的事项，截至 %s", cc_cli_time(l->as_of_ms, time_text));
    } else if (code == 0) {
        cc_cli_say(cli, "%zu of %zu, as of %s; satchel inbox show KEY",
            "%zu / %zu 项，截至 %s；satchel inbox show 键", l->count, l->total,
            cc_cli_time(l->as_of_ms, time_text));
    }
    satchel_free(l);
    return code;
}

/* ---- show --------------------------------------------------------------- */

static void show_text(struct cc_cli *cli, const struct satchel_inbox_item *i)
{
    char time_text[CC_CLI_TIME_BYTES];

    (void)fprintf(cli->out, "%s  %s  ", i->key,
        cc_cli_word(cli, CC_W(i->kind_en, i->kind_zh)));
    cc_cli_put(cli, i->account);
    (void)fprintf(cli->out, "  %s  %s\n  ", i->money.text,
        cc_cli_time(i->since_ms, time_text));
    cc_cli_put(cli, cc_cli_word(cli, CC_W(i->what_en, i->what_zh)));
    (void)putc('\n', cli->out);
    if (i->id[0] != '\0') {
        (void)fprintf(cli->out, "  %s %s\n", i->entity, i->id);
    }
    for (size_t k = 0; k < i->line_count; k++) {
        const struct satchel_inbox_line *l = &i->line[k];

        (void)fputs("    ", cli->out);
        cc_cli_put(cli, cc_cli_word(cli, CC_W(l->label_en, l->label_zh)));
        (void)fputs(": ", cli->out);
        cc_cli_put(cli, cc_cli_word(cli, CC_W(l->text_en, l->text_zh)));
        (void)putc('\n', cli->out);
    }
    for (size_t k = 0; k < i->decision_count; k++) {
        const struct satchel_inbox_decision *d = &i->decision[k];

        (void)fprintf(cli->out, "  satchel inbox decide %s --as %s%s  (%s)\n",
            i->key, d->name, d->reason ? " --reason ..." : "",
            cc_cli_word(cli, CC_W(d->label_en, d->label_zh)));
    }
}

int cc_do_inbox_show(struct cc_cli *cli)
{
    const struct satchel_inbox_query q = {
        .key = cc_args_operand(&cli->args, 0),
        .days = (unsigned)cc_args_count(&cli->args, "days", 0),
    };
    struct satchel_inbox *l = NULL;
    struct cc_json j;
    int code = load(cli, &q, &l);

    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_array(&j, "items");
        item_json(&j, &l->item[0]);
        cc_json_end(&j);
        cc_json_end(&j);
    } else if (code == 0) {
        show_text(cli, &l->item[0]);
    }
    satchel_free(l);
    return code;
}

/* ---- decide ------------------------------------------------------------- */

static void result_json(
    struct cc_cli *cli, const struct satchel_inbox_result *r, bool dry_run)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_bool(&j, "dry_run", dry_run);
    cc_json_uint(&j, "count", r->count);
    cc_json_uint(&j, "done", r->done);
    cc_json_array(&j, "items");
    for (size_t i = 0; i < r->count; i++) {
        const struct satchel_inbox_done *d = &r->item[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "key", d->key);
        cc_json_text(&j, "kind", d->kind);
        cc_json_text(&j, "title", d->account);
        cc_json_bool(&j, "done", d->done);
        cc_json_text(&j, "error", d->done ? "" : d->error.name);
        cc_json_text(&j, "detail", d->error.detail);
        cc_json_text(&j, "saved", d->saved);
        cc_json_text(&j, "undo", d->undo);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void result_line(struct cc_cli *cli, const struct satchel_inbox_done *d)
{
    (void)fprintf(cli->out, "%s\t%s\t", d->key,
        d->done ? cc_cli_word(cli, CC_W("done", "已处理"))
                : cc_cli_word(cli, CC_W("not done", "未处理")));
    cc_cli_put(cli, d->account);
    (void)putc('\t', cli->out);
    if (d->done) {
        cc_cli_put(cli, d->undo);
    } else {
        cc_cli_put(
            cli, cc_cli_word(cli, CC_W(d->error.text_en, d->error.text_zh)));
        (void)fputs(d->error.detail[0] == '\0' ? "" : ": ", cli->out);
        cc_cli_put(cli, d->error.detail);
    }
    (void)putc('\n', cli->out);
}

/* Some were not done: the first of them says why, and gives the status. */
static int result_code(struct cc_cli *cli, const struct satchel_inbox_result *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (!r->item[i].done) {
            cli->error = r->item[i].error;
            cli->told = cli->answered; /* the document has them all */
            return cli->error.code;
        }
    }
    return 0;
}

int cc_do_inbox_decide(struct cc_cli *cli)
{
    const struct satchel_inbox_wish wish = {
        .decision = cc_args_value(&cli->args, "as"),
        .reason = cc_args_value(&cli->args, "reason"),
        .days = (unsigned)cc_args_count(&cli->args, "days", 0),
        .dry_run = cc_args_flag(&cli->args, "dry-run"),
    };
    const char *key[CC_ARGS_OPERANDS_MAX];
    size_t count = cli->args.operand_count;
    struct satchel_inbox_result *r = NULL;
    struct satchel *s;
    int code;

    if (wish.decision == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "decided how? --as DECISION; satchel inbox show KEY lists them",
            "如何处理？请用 --as；satchel inbox show 键 列出可选项");
    }
    for (size_t i = 0; i < count; i++) {
        key[i] = cc_args_operand(&cli->args, i);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_inbox_decide(s, key, count, &wish, &r, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        result_json(cli, r, wish.dry_run);
    }
    for (size_t i = 0; i < r->count && !cli->json; i++) {
        result_line(cli, &r->item[i]);
    }
    if (wish.dry_run) {
        cc_cli_say(cli, "%zu of %zu could be done; nothing was changed",
            "%zu / %zu 项可以处理；未做任何修改", r->done, r->count);
    } else {
        cc_cli_say(
            cli, "%zu of %zu done", "已处理 %zu / %zu 项", r->done, r->count);
    }
    code = result_code(cli, r);
    satchel_free(r);
    return code;
}
