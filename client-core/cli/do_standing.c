#include "cli/do.h"

#include "say/table.h"

#include <inttypes.h>
#include <string.h>

/* ---- one customer ------------------------------------------------------- */

static void labels_json(struct cc_cli *cli, const struct satchel_labels *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account", l->account_id);
    cc_json_text(&j, "title", l->title);
    cc_json_array(&j, "labels");
    for (size_t i = 0; i < l->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "name", l->label[i].name);
        cc_json_text(&j, "value", l->label[i].value);
        cc_json_text(&j, "label_en", l->label[i].label_en);
        cc_json_text(&j, "label_zh", l->label[i].label_zh);
        cc_json_text(&j, "text_en", l->label[i].text_en);
        cc_json_text(&j, "text_zh", l->label[i].text_zh);
        cc_json_text(&j, "why_en", l->label[i].why_en);
        cc_json_text(&j, "why_zh", l->label[i].why_zh);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int labels_text(struct cc_cli *cli, const struct satchel_labels *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("NAME", "字段", false, true),
        CC_DO_COLUMN("LABEL", "名称", false, false),
        CC_DO_COLUMN("VALUE", "值", false, false),
        CC_DO_COLUMN("WHY", "依据", false, false),
    };
    struct cc_table t;

    cc_table_init(&t, column, 4);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_label *one = &l->label[i];

        cc_table_cell(&t, one->name);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->label_en, one->label_zh)));
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->text_en, one->text_zh)));
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one->why_en, one->why_zh)));
    }
    return cc_do_table(cli, &t);
}

int cc_do_labels(struct cc_cli *cli)
{
    struct satchel_labels *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_labels(s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        labels_json(cli, l);
    } else if (code == 0) {
        code = labels_text(cli, l);
    }
    satchel_free(l);
    return code;
}

int cc_do_stage(struct cc_cli *cli)
{
    const struct satchel_stage_move move = {
        .status = cc_args_operand(&cli->args, 1),
        .reason = cc_args_value(&cli->args, "reason"),
        .done = cc_args_value(&cli->args, "done"),
        .without = cc_args_value(&cli->args, "without"),
    };
    struct satchel_saved saved = { 0 };
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_stage_set(
        s, cc_args_operand(&cli->args, 0), &move, &saved, &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_saved(cli, "account", &saved);
    }
    if (code == 0 && cli->columns > 0) {
        cc_cli_say(cli, "saved on this device", "已保存在本设备");
    }
    return code;
}

/* ---- all of them -------------------------------------------------------- */

static void board_json(struct cc_cli *cli, const struct satchel_board *b)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "customers", b->customers);
    cc_json_array(&j, "rows");
    for (size_t i = 0; i < b->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "name", b->row[i].name);
        cc_json_text(&j, "value", b->row[i].value);
        cc_json_text(&j, "text_en", b->row[i].text_en);
        cc_json_text(&j, "text_zh", b->row[i].text_zh);
        cc_json_uint(&j, "count", b->row[i].count);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int board_text(struct cc_cli *cli, const struct satchel_board *b)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("LABEL", "名称", false, false),
        CC_DO_COLUMN("VALUE", "值", false, false),
        CC_DO_COLUMN("CUSTOMERS", "客户数", true, false),
    };
    const char *before = "";
    char number[24];
    struct cc_table t;

    cc_table_init(&t, column, 3);
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_board_row *r = &b->row[i];

        cc_table_cell(
            &t, strcmp(before, r->name) == 0
                    ? ""
                    : cc_cli_word(cli, CC_W(r->label_en, r->label_zh)));
        cc_table_cell(&t, cc_cli_word(cli, CC_W(r->text_en, r->text_zh)));
        (void)snprintf(number, sizeof(number), "%zu", r->count);
        cc_table_cell(&t, number);
        before = r->name;
    }
    return cc_do_table(cli, &t);
}

int cc_do_board(struct cc_cli *cli)
{
    struct satchel_board *b = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_board(s, &b, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        board_json(cli, b);
    } else if (code == 0 && b->count == 0) {
        cc_cli_say(cli, "no customers", "没有客户");
    } else if (code == 0) {
        code = board_text(cli, b);
    }
    satchel_free(b);
    return code;
}

/* [{"currency": "CNY", "minor": 90000}] */
void cc_do_sums_json(
    struct cc_json *j, const char *key, const struct satchel_sums *sums)
{
    cc_json_array(j, key);
    for (size_t i = 0; i < sums->count; i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "currency", sums->of[i].currency);
        cc_json_int(j, "minor", sums->of[i].minor);
        cc_json_end(j);
    }
    cc_json_end(j);
}

static int at_risk_text(
    struct cc_cli *cli, const struct satchel_at_risk_list *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ID", "编号", false, true),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("DAYS AWAY", "未消费天数", true, false),
        CC_DO_COLUMN("USUALLY", "通常间隔", true, false),
        CC_DO_COLUMN("SPENT IN A YEAR", "一年消费", true, false),
    };
    char text[32];
    struct cc_table t;

    cc_table_init(&t, column, 5);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_at_risk *one = &l->customer[i];

        cc_table_cell(&t, one->id);
        cc_table_cell(&t, one->title);
        (void)snprintf(text, sizeof(text), "%" PRId32, one->days);
        cc_table_cell(&t, text);
        (void)snprintf(text, sizeof(text), "%.1f", one->usual_days);
        cc_table_cell(&t, text);
        cc_table_cell(&t, one->spent.text);
    }
    return cc_do_table(cli, &t);
}

static void at_risk_json(
    struct cc_cli *cli, const struct satchel_at_risk_list *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_array(&j, "customers");
    for (size_t i = 0; i < l->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", l->customer[i].id);
        cc_json_text(&j, "title", l->customer[i].title);
        cc_json_int(&j, "days", l->customer[i].days);
        cc_json_int(
            &j, "usual_days_doubled", (int64_t)(l->customer[i].usual_days * 2));
        cc_do_sums_json(&j, "spent", &l->customer[i].spent);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

int cc_do_at_risk(struct cc_cli *cli)
{
    struct satchel_at_risk_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_at_risk(s, &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        at_risk_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "nobody stays away longer than usual",
            "没有客户超过其通常间隔");
    } else if (code == 0) {
        code = at_risk_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- segments ----------------------------------------------------------- */

static void segment_json(struct cc_cli *cli, const struct satchel_segment *g)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "customers", g->customers);
    cc_json_array(&j, "steps");
    for (size_t i = 0; i < g->step_count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "step", g->step[i].text);
        cc_json_uint(&j, "left", g->step[i].left);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_array(&j, "accounts");
    for (size_t i = 0; i < g->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", g->record[i].id);
        cc_json_text(&j, "title", g->record[i].title);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* "1924 -> 1256 -> 437" to standard error, the customers to the output. */
static int segment_text(struct cc_cli *cli, const struct satchel_segment *g)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ID", "编号", false, true),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
    };
    struct cc_table t;

    (void)fprintf(cli->err, "%zu", g->customers);
    for (size_t i = 0; i < g->step_count; i++) {
        (void)fprintf(
            cli->err, " → %zu (%s)", g->step[i].left, g->step[i].text);
    }
    (void)fputc('\n', cli->err);
    cc_table_init(&t, column, 2);
    for (size_t i = 0; i < g->count; i++) {
        cc_table_cell(&t, g->record[i].id);
        cc_table_cell(&t, g->record[i].title);
    }
    return cc_do_table(cli, &t);
}

int cc_do_segment(struct cc_cli *cli)
{
    const char *step[CC_ARGS_OPERANDS_MAX];
    const char *name = cc_args_value(&cli->args, "name");
    struct satchel_segment *g = NULL;
    struct satchel *s;
    int code;

    if ((name != NULL) == (cli->args.operand_count > 0)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "name either steps or --name SEGMENT",
            "请指定条件，或用 --name 指定已有细分");
    }
    for (size_t i = 0; i < cli->args.operand_count; i++) {
        step[i] = cc_args_operand(&cli->args, i);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = name != NULL ? satchel_segment_named(s, name, &g, &cli->error)
                        : satchel_segment_run(s, step, cli->args.operand_count,
                              &g, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        segment_json(cli, g);
    } else if (code == 0) {
        code = segment_text(cli, g);
    }
    satchel_free(g);
    return code;
}
