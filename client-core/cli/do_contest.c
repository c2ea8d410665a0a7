#include "cli/do.h"

#include "say/table.h"

#include <inttypes.h>

static void head_json(struct cc_json *j, const struct satchel_contest *c)
{
    cc_json_text(j, "id", c->id);
    cc_json_text(j, "name", c->name);
    cc_json_text(j, "unit", c->unit);
    cc_json_text(j, "metric", c->metric);
    cc_json_text(j, "from", c->from);
    cc_json_text(j, "until", c->until);
    cc_json_text(j, "prize", c->prize);
    cc_json_bool(j, "percent", c->percent);
    cc_json_bool(j, "open", c->open);
}

static void list_json(struct cc_cli *cli, const struct satchel_contests *all)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "as_of_ms", all->as_of_ms);
    cc_json_array(&j, "contests");
    for (size_t i = 0; i < all->count; i++) {
        cc_json_object(&j, NULL);
        head_json(&j, &all->contest[i]);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int list_text(struct cc_cli *cli, const struct satchel_contests *all)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("Contest", "竞赛", false, false),
        CC_DO_COLUMN("Branch", "分公司", false, false),
        CC_DO_COLUMN("Counts", "指标", false, false),
        CC_DO_COLUMN("From", "从", false, true),
        CC_DO_COLUMN("Until", "到", false, true),
        CC_DO_COLUMN("Prize", "奖励", false, false),
        CC_DO_COLUMN("Id", "编号", false, true),
    };
    struct cc_table t;

    cc_table_init(&t, column, 7);
    for (size_t i = 0; i < all->count; i++) {
        const struct satchel_contest *c = &all->contest[i];

        cc_table_cell(&t, c->name);
        cc_table_cell(&t, c->unit);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(c->metric_en, c->metric_zh)));
        cc_table_cell(&t, c->from);
        cc_table_cell(&t, c->until);
        cc_table_cell(&t, c->prize);
        cc_table_cell(&t, c->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_contests(struct cc_cli *cli)
{
    struct satchel_contests *all = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_contests(s, &all, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        list_json(cli, all);
    } else if (code == 0 && all->count == 0) {
        cc_cli_say(cli, "no contests", "没有竞赛");
    } else if (code == 0) {
        code = list_text(cli, all);
    }
    satchel_free(all);
    return code;
}

/* ---- one of them --------------------------------------------------------- */

static void show_json(struct cc_cli *cli, const struct satchel_contests *all)
{
    const struct satchel_contest *c = &all->contest[0];
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "as_of_ms", all->as_of_ms);
    head_json(&j, c);
    cc_json_bool(&j, "part", c->part);
    cc_json_array(&j, "rows");
    for (size_t i = 0; i < c->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_uint(&j, "place", c->row[i].place);
        cc_json_bool(&j, "tied", c->row[i].tied);
        cc_json_bool(&j, "known", c->row[i].known);
        cc_json_uint(&j, "user", c->row[i].user);
        cc_json_text(&j, "name", c->row[i].name);
        cc_json_int(&j, "value", c->row[i].value);
        cc_json_int(&j, "counted", c->row[i].counted);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int rows_text(struct cc_cli *cli, const struct satchel_contest *c)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("Place", "名次", true, false),
        CC_DO_COLUMN("", "", false, false),
        CC_DO_COLUMN("Who", "谁", false, false),
        CC_DO_COLUMN("Reached", "成绩", true, false),
        CC_DO_COLUMN("Of records", "记录数", true, false),
    };
    struct cc_table t;
    char text[32];

    cc_table_init(&t, column, 5);
    for (size_t i = 0; i < c->count; i++) {
        const struct satchel_contest_row *r = &c->row[i];

        (void)snprintf(text, sizeof(text), "%zu", r->place);
        cc_table_cell(&t, r->place == 0 ? "" : text);
        cc_table_cell(&t, !r->known ? cc_cli_word(cli, CC_W("part", "部分"))
                          : r->tied ? cc_cli_word(cli, CC_W("tie", "并列"))
                                    : "");
        cc_table_cell(&t, r->name);
        (void)snprintf(text, sizeof(text), "%" PRId64 "%s", r->value,
            c->percent ? " %" : "");
        cc_table_cell(&t, text);
        (void)snprintf(text, sizeof(text), "%" PRId64, r->counted);
        cc_table_cell(&t, text);
    }
    return cc_do_table(cli, &t);
}

static int show_text(struct cc_cli *cli, const struct satchel_contests *all)
{
    const struct satchel_contest *c = &all->contest[0];
    char when[CC_CLI_TIME_BYTES];
    int code = 0;

    cc_cli_put(cli, c->name);
    (void)fprintf(cli->out, "  %s  %s – %s  ",
        cc_cli_word(cli, CC_W(c->metric_en, c->metric_zh)), c->from, c->until);
    cc_cli_put(cli, c->prize);
    (void)putc('\n', cli->out);
    if (c->count > 0) {
        code = rows_text(cli, c);
    } else {
        cc_cli_say(cli, "nobody takes part", "没有参赛者");
    }
    if (c->part) {
        cc_cli_say(cli,
            "part: this device does not hold, or may not read, all that "
            "counts; whoever does has the order",
            "部分：本设备没有或无权读取全部计分数据，名次以经理设备或服务器为"
            "准");
    }
    cc_cli_say(cli, "as of %s", "截至 %s", cc_cli_time(all->as_of_ms, when));
    return code;
}

int cc_do_contest(struct cc_cli *cli)
{
    struct satchel_contests *all = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code =
        satchel_contest(s, cc_args_operand(&cli->args, 0), &all, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        show_json(cli, all);
    } else if (code == 0) {
        code = show_text(cli, all);
    }
    satchel_free(all);
    return code;
}
