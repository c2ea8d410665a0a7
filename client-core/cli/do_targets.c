#include "cli/do.h"

#include "say/table.h"

#include <inttypes.h>
#include <string.h>

#define BAR_CELLS 10

static void json(struct cc_cli *cli, const struct satchel_targets *t)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "as_of_ms", t->as_of_ms);
    cc_json_array(&j, "targets");
    for (size_t i = 0; i < t->count; i++) {
        const struct satchel_target *g = &t->target[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", g->id);
        cc_json_text(&j, "part_of", g->part_of);
        cc_json_text(&j, "level", g->level);
        cc_json_uint(&j, "depth", g->depth);
        cc_json_text(&j, "whose", g->whose);
        cc_json_bool(&j, "summed", g->summed);
        cc_json_bool(&j, "share", g->share);
        cc_json_bool(&j, "part", g->part);
        cc_json_text(&j, "metric", g->metric);
        cc_json_text(&j, "kind", g->kind);
        cc_json_text(&j, "from", g->from);
        cc_json_text(&j, "until", g->until);
        cc_json_bool(&j, "money", g->money);
        cc_json_text(&j, "currency", g->currency);
        cc_json_int(&j, "target", g->target);
        cc_json_int(&j, "actual", g->actual);
        cc_json_int(&j, "percent", g->percent);
        cc_json_int(&j, "attainment", g->attainment);
        cc_json_int(&j, "due", g->due);
        cc_json_bool(&j, "open", g->open);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* "  Ann", "(nobody's)", two blanks a step down. */
static void put_whose(
    struct cc_cli *cli, struct cc_table *table, const struct satchel_target *g)
{
    char text[200];
    const char *whose =
        g->whose[0] != '\0'  ? g->whose
        : g->level[0] == 'c' ? cc_cli_word(cli, CC_W("company", "全公司"))
        : g->level[0] == 'b' ? cc_cli_word(cli, CC_W("head office", "总部"))
                             : cc_cli_word(cli, CC_W("(nobody)", "（无人）"));

    (void)snprintf(text, sizeof(text), "%*s%s", (int)(2 * g->depth), "", whose);
    cc_table_cell(table, text);
}

static void goal_name(
    struct cc_cli *cli, const struct satchel_target *g, char *out, size_t bytes)
{
    (void)snprintf(out, bytes, "%s%s%s",
        cc_cli_word(cli, CC_W(g->metric_en, g->metric_zh)),
        g->kind[0] == '\0' ? "" : ": ",
        cc_cli_word(cli, CC_W(g->kind_en, g->kind_zh)));
}

/* "####..|...": what was reached, and where it should be by today. */
static void put_bar(struct cc_table *table, const struct satchel_target *g)
{
    char bar[BAR_CELLS + 1];
    int64_t due = g->due * BAR_CELLS / 100;

    for (int i = 0; i < BAR_CELLS; i++) {
        bool over = g->percent * BAR_CELLS >= 100 * (i + 1);

        bar[i] = over ? (g->part ? '+' : '#') : '.';
        if (!over && !g->part && !g->share && g->open && i == due) {
            bar[i] = '|';
        }
    }
    bar[BAR_CELLS] = '\0';
    cc_table_cell(table, bar);
}

static void put_percent(struct cc_table *table, bool said, int64_t n)
{
    char text[24] = "";

    if (said) {
        (void)snprintf(text, sizeof(text), "%" PRId64, n);
    }
    cc_table_cell(table, text);
}

static const char *note_of(struct cc_cli *cli, const struct satchel_target *g)
{
    return g->part     ? cc_cli_word(cli, CC_W("part", "部分"))
           : g->share  ? cc_cli_word(cli, CC_W("share", "份额"))
           : g->summed ? cc_cli_word(cli, CC_W("sum", "合计"))
                       : "";
}

static void put_line(
    struct cc_cli *cli, struct cc_table *table, const struct satchel_target *g)
{
    put_whose(cli, table, g);
    cc_table_cell(table, g->share ? "" : g->target_text);
    cc_table_cell(table, g->actual_text);
    put_bar(table, g);
    put_percent(table, true, g->percent);
    put_percent(table, !g->part && !g->share, g->attainment);
    cc_table_cell(table, note_of(cli, g));
}

#define LINE_COLUMNS                                                           \
    CC_DO_COLUMN("WHOSE", "归属", false, false),                               \
        CC_DO_COLUMN("TARGET", "目标", true, false),                           \
        CC_DO_COLUMN("REACHED", "已达", true, false),                          \
        CC_DO_COLUMN("", "", false, false),                                    \
        CC_DO_COLUMN("OF ALL %", "占全部 %", true, false),                     \
        CC_DO_COLUMN("OF DUE %", "占应达 %", true, false),                     \
        CC_DO_COLUMN("", "", false, false)

static bool same_tree(
    const struct satchel_target *a, const struct satchel_target *b)
{
    return strcmp(a->metric, b->metric) == 0 && strcmp(a->from, b->from) == 0 &&
           strcmp(a->until, b->until) == 0 &&
           strcmp(a->currency, b->currency) == 0 &&
           strcmp(a->kind, b->kind) == 0;
}

/* For people: what all lines of a tree have in common stands above it. Returns
 * how many lines it has. */
static size_t tree_text(
    struct cc_cli *cli, const struct satchel_target *g, size_t left, int *code)
{
    struct cc_table_column column[] = { LINE_COLUMNS };
    struct cc_table table;
    char name[200];
    size_t count = 0;

    goal_name(cli, g, name, sizeof(name));
    cc_cli_put(cli, name);
    (void)fprintf(cli->out, "  %s – %s\n", g->from, g->until);
    cc_table_init(&table, column, sizeof(column) / sizeof(column[0]));
    while (count < left && same_tree(g, &g[count])) {
        put_line(cli, &table, &g[count++]);
    }
    *code = cc_do_table(cli, &table);
    return count;
}

/* For programs: each line says all. */
static int lines_text(struct cc_cli *cli, const struct satchel_targets *t)
{
    struct cc_table_column column[] = { LINE_COLUMNS,
        CC_DO_COLUMN("GOAL", "指标", false, false),
        CC_DO_COLUMN("FROM", "从", false, true),
        CC_DO_COLUMN("UNTIL", "到", false, true) };
    struct cc_table table;
    char name[200];

    cc_table_init(&table, column, sizeof(column) / sizeof(column[0]));
    for (size_t i = 0; i < t->count; i++) {
        put_line(cli, &table, &t->target[i]);
        goal_name(cli, &t->target[i], name, sizeof(name));
        cc_table_cell(&table, name);
        cc_table_cell(&table, t->target[i].from);
        cc_table_cell(&table, t->target[i].until);
    }
    return cc_do_table(cli, &table);
}

static int text(struct cc_cli *cli, const struct satchel_targets *t)
{
    char when[CC_CLI_TIME_BYTES];
    bool part = false;
    int code = 0;

    for (size_t i = 0; i < t->count; i++) {
        part = part || t->target[i].part;
    }
    for (size_t i = 0; cli->columns > 0 && code == 0 && i < t->count;) {
        i += tree_text(cli, &t->target[i], t->count - i, &code);
    }
    if (cli->columns == 0) {
        code = lines_text(cli, t);
    }
    if (part) {
        cc_cli_say(cli,
            "part: this device does not hold all that counts for that goal; "
            "the figure is what is here",
            "部分：本设备没有该目标所计的全部数据，所示为本机部分");
    }
    cc_cli_say(cli, "as of %s", "截至 %s", cc_cli_time(t->as_of_ms, when));
    return code;
}

int cc_do_targets(struct cc_cli *cli)
{
    struct satchel_targets *t = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code =
        satchel_targets(s, cc_args_flag(&cli->args, "whole"), &t, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        json(cli, t);
    } else if (code == 0 && t->count == 0) {
        cc_cli_say(cli, "no goals", "没有目标");
    } else if (code == 0) {
        code = text(cli, t);
    }
    satchel_free(t);
    return code;
}
