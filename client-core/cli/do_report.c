#include "cli/do.h"

#include "say/chart.h"

#include <stdlib.h>

/* ---- the list ----------------------------------------------------------- */

static int list_json(struct cc_cli *cli)
{
    struct satchel_report_name one;
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_array(&j, "reports");
    for (size_t i = 0; satchel_report_list(i, &one); i++) {
        cc_json_object(&j, NULL);
        cc_json_text(&j, "name", one.name);
        cc_json_text(&j, "title_en", one.title_en);
        cc_json_text(&j, "title_zh", one.title_zh);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
    return 0;
}

static int list(struct cc_cli *cli)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("REPORT", "报表", false, true),
        CC_DO_COLUMN("ABOUT", "内容", false, false),
    };
    struct satchel_report_name one;
    struct cc_table t;

    if (cli->json) {
        return list_json(cli);
    }
    cc_table_init(&t, column, 2);
    for (size_t i = 0; satchel_report_list(i, &one); i++) {
        cc_table_cell(&t, one.name);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(one.title_en, one.title_zh)));
    }
    return cc_do_table(cli, &t);
}

/* ---- one report --------------------------------------------------------- */

/* What has nothing to say has no member. */
static void row_json(struct cc_json *j, const struct satchel_report_table *t,
    const struct satchel_report_cell *cell)
{
    cc_json_object(j, NULL);
    for (size_t c = 0; c < t->columns; c++) {
        if (cell[c].exact[0] == '\0') {
            continue;
        }
        if (t->column[c].count) {
            cc_json_int(j, t->column[c].name, strtoll(cell[c].exact, NULL, 10));
        } else {
            cc_json_text(j, t->column[c].name, cell[c].exact);
        }
    }
    cc_json_end(j);
}

static void report_json(struct cc_cli *cli, const struct satchel_report *r)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "report", r->name);
    cc_json_text(&j, "from", r->from);
    cc_json_text(&j, "until", r->until);
    cc_json_uint(&j, "as_of_ms", r->as_of_ms);
    cc_json_uint(&j, "customers", r->customers);
    cc_json_object(&j, "tables");
    for (size_t i = 0; i < r->tables; i++) {
        const struct satchel_report_table *t = &r->table[i];

        cc_json_array(&j, t->name);
        for (size_t row = 0; row < t->rows; row++) {
            row_json(&j, t, &t->cell[row * t->columns]);
        }
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_object(&j, "remarks");
    for (size_t i = 0; i < r->remarks; i++) {
        cc_json_text(&j, r->remark[i].name, r->remark[i].text_en);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int print_table(struct cc_cli *cli, const struct satchel_report_table *t)
{
    struct cc_chart_column *column =
        (struct cc_chart_column *)calloc(t->columns + 1u, sizeof(*column));
    struct cc_chart_cell *cell = (struct cc_chart_cell *)calloc(
        t->columns * t->rows + 1u, sizeof(*cell));
    struct cc_chart chart = { t->columns, t->columns * t->rows, column, cell,
        t->heat };
    struct cc_table table;
    int code = 0;

    if (column == NULL || cell == NULL) {
        code = cc_cli_fail(
            cli, SATCHEL_E_NOMEM, "no memory for the table", "内存不足");
    } else {
        for (size_t i = 0; i < t->columns; i++) {
            const struct satchel_report_column *c = &t->column[i];

            column[i] = (struct cc_chart_column){
                cc_cli_word(cli, CC_W(c->title_en, c->title_zh)), c->number,
                c->bar, c->mark
            };
        }
        for (size_t i = 0; i < chart.cells; i++) {
            const struct satchel_report_cell *c = &t->cell[i];

            cell[i] = (struct cc_chart_cell){
                cc_cli_word(cli, CC_W(c->text_en, c->text_zh)), c->number
            };
        }
        cc_chart_table(&chart, cli->columns, &table);
        code = cc_do_table(cli, &table);
    }
    free(cell);
    free(column);
    return code;
}

/* A heading is for people; other programs get tables, with a line between. */
static void head(struct cc_cli *cli, bool first, struct cc_words words)
{
    if (!first) {
        (void)putc('\n', cli->out);
    }
    if (cli->columns > 0) {
        (void)fprintf(cli->out, "%s\n", cc_cli_word(cli, words));
    }
}

static int report_text(struct cc_cli *cli, const struct satchel_report *r)
{
    char when[CC_CLI_TIME_BYTES];
    bool first = true;
    int code = 0;

    for (size_t i = 0; code == 0 && i < r->tables; i++) {
        const struct satchel_report_table *t = &r->table[i];

        if (!t->detail) {
            head(cli, first, CC_W(t->title_en, t->title_zh));
            code = print_table(cli, t);
            first = false;
        }
    }
    for (size_t i = 0; code == 0 && i < r->remarks; i++) {
        const struct satchel_report_remark *n = &r->remark[i];

        cc_cli_say(
            cli, "%s", "%s", cc_cli_word(cli, CC_W(n->text_en, n->text_zh)));
    }
    if (code == 0) {
        cc_cli_say(cli,
            "%s to %s, of the %zu customers on this device, as of %s",
            "%s 至 %s，本机所有的 %zu 个客户，截至 %s", r->from, r->until,
            r->customers, cc_cli_time(r->as_of_ms, when));
    }
    return code;
}

int cc_do_report(struct cc_cli *cli)
{
    const char *name = cc_args_operand(&cli->args, 0);
    const struct satchel_report_ask ask = { .from = cc_args_value(
                                                &cli->args, "from"),
        .until = cc_args_value(&cli->args, "until"),
        .currency = cc_args_value(&cli->args, "currency"),
        .margin = cc_args_value(&cli->args, "margin"),
        .days = (unsigned)cc_args_count(&cli->args, "days", 0) };
    struct satchel_report *r = NULL;
    struct satchel *s;
    int code;

    if (name == NULL) {
        return list(cli);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_report(s, name, &ask, &r, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        report_json(cli, r);
    } else if (code == 0) {
        code = report_text(cli, r);
    }
    satchel_free(r);
    return code;
}
