#include "cli/do.h"

#include "cli/table.h"

#include <string.h>

/* ---- timeline ----------------------------------------------------------- */

static void timeline_json(struct cc_cli *cli, const struct satchel_timeline *t)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account_id", t->account_id);
    cc_json_text(&j, "title", t->title);
    cc_json_uint(&j, "count", t->count);
    cc_json_uint(&j, "total", t->total);
    cc_json_text(&j, "next", t->next);
    cc_json_array(&j, "events");
    for (size_t i = 0; i < t->count; i++) {
        const struct satchel_event *v = &t->event[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", v->id);
        cc_json_text(&j, "entity", v->entity);
        cc_json_uint(&j, "time_ms", v->time_ms);
        cc_json_text(&j, "author", v->author);
        cc_json_text(&j, "text_en", v->text_en);
        cc_json_text(&j, "text_zh", v->text_zh);
        cc_json_text(&j, "dept", v->dept);
        cc_json_text(&j, "sentiment", v->sentiment);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int timeline_text(struct cc_cli *cli, const struct satchel_timeline *t)
{
    const struct cc_table_column columns[] = {
        { .title = cc_cli_word(cli, CC_W("When", "时间")), .whole = true },
        { .title = cc_cli_word(cli, CC_W("What", "类别")) },
        { .title = cc_cli_word(cli, CC_W("Who", "谁")) },
        { .title = cc_cli_word(cli, CC_W("Event", "内容")) },
        { .title = cc_cli_word(cli, CC_W("Id", "编号")), .whole = true },
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table table;
    bool printed;

    cc_table_init(&table, columns, 5);
    for (size_t i = 0; i < t->count; i++) {
        const struct satchel_event *v = &t->event[i];

        cc_table_cell(&table, cc_cli_time(v->time_ms, when));
        cc_table_cell(
            &table, cc_cli_word(cli, CC_W(v->entity_en, v->entity_zh)));
        cc_table_cell(&table, v->author);
        cc_table_cell(&table, cc_cli_word(cli, CC_W(v->text_en, v->text_zh)));
        cc_table_cell(&table, v->id);
    }
    printed = cc_table_print(&table, cli->out, cli->columns);
    cc_table_wipe(&table);
    if (!printed) {
        return cc_cli_fail(cli, SATCHEL_E_NOMEM, "no memory", "内存不足");
    }
    if (t->next[0] != '\0') {
        (void)fflush(cli->out);
        cc_cli_say(cli, "%zu of %zu; older ones: --before %s",
            "显示 %zu 条，共 %zu 条；更早的：--before %s", t->count, t->total,
            t->next);
    }
    return 0;
}

int cc_do_timeline(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    const struct satchel_timeline_query query = {
        .before = cc_args_value(a, "before"),
        .dept = cc_args_value(a, "dept"),
        .sentiment = cc_args_value(a, "sentiment"),
        .limit = (size_t)cc_args_count(a, "limit", SATCHEL_TIMELINE_LIMIT),
    };
    struct satchel_timeline *t = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_timeline(s, cc_args_operand(a, 0), &query, &t, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        timeline_json(cli, t);
    } else {
        code = timeline_text(cli, t);
    }
    satchel_free(t);
    return code;
}
