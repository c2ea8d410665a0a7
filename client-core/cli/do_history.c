/* do_history.c - who changed what of an account. */
#include "cli/do.h"

#include "say/table.h"

#include <string.h>

static const char *stands_name(enum satchel_stands stands)
{
    static const char *const name[] = { "shown", "other", "replaced",
        "refused" };

    return name[stands];
}

static struct cc_words stands_words(const struct satchel_change *c)
{
    static const struct cc_words words[] = { { "shown", "当前值" },
        { "other value", "另一个值" }, { "replaced", "已被替换" },
        { "refused", "被拒绝" } };
    static const struct cc_words waits = { "waits for a server", "等待服务器" };

    return c->value.waiting && c->stands == SATCHEL_STANDS_SHOWN
               ? waits
               : words[c->stands];
}

static void history_json(struct cc_cli *cli, const struct satchel_history *h)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account_id", h->account_id);
    cc_json_text(&j, "title", h->title);
    cc_json_uint(&j, "own_since_ms", h->own_since_ms);
    cc_json_uint(&j, "count", h->count);
    cc_json_uint(&j, "total", h->total);
    cc_json_array(&j, "changes");
    for (size_t i = 0; i < h->count; i++) {
        const struct satchel_change *c = &h->change[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "entity", c->entity);
        cc_json_text(&j, "id", c->id);
        cc_json_text(&j, "title", c->title);
        cc_json_text(&j, "field", c->field);
        cc_json_text(&j, "text", c->value.text);
        cc_json_text(&j, "text_en", c->value.text_en);
        cc_json_text(&j, "text_zh", c->value.text_zh);
        cc_json_bool(&j, "removed", c->removed);
        cc_json_text(&j, "author", c->value.author);
        cc_json_uint(&j, "user", c->value.user);
        cc_json_uint(&j, "device", c->value.device);
        cc_json_text(&j, "device_label", c->value.device_label);
        cc_json_uint(&j, "time_ms", c->value.time_ms);
        cc_json_bool(&j, "mine", c->value.mine);
        cc_json_bool(&j, "waiting", c->value.waiting);
        cc_json_text(&j, "stands", stands_name(c->stands));
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* Of the account itself its kind is enough. */
static void put_what(struct cc_cli *cli, struct cc_table *table,
    const struct satchel_history *h, const struct satchel_change *c)
{
    const char *kind = cc_cli_word(cli, CC_W(c->entity_en, c->entity_zh));
    char text[200];

    if (strcmp(c->id, h->account_id) == 0 || c->title[0] == '\0') {
        cc_table_cell(table, kind);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.60s %.120s", kind, c->title);
    cc_table_cell(table, text);
}

static void put_device(struct cc_table *table, const struct satchel_change *c)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", (unsigned)c->value.device);
    cc_table_cell(table,
        c->value.device_label[0] != '\0' ? c->value.device_label : number);
}

static void put_value(
    struct cc_cli *cli, struct cc_table *table, const struct satchel_change *c)
{
    const char *value =
        cc_cli_word(cli, CC_W(c->value.text_en, c->value.text_zh));
    char text[200];

    if (!c->removed) {
        cc_table_cell(table, value);
        return;
    }
    (void)snprintf(text, sizeof(text), "%s %.180s",
        cc_cli_word(cli, CC_W("removed", "已移除")), value);
    cc_table_cell(table, text);
}

/* What a device cannot know is said, each time. */
static void say_bounds(struct cc_cli *cli, const struct satchel_history *h,
    const struct satchel_history_query *q)
{
    char when[CC_CLI_TIME_BYTES];

    (void)fflush(cli->out);
    if (q->skip + h->count < h->total) {
        cc_cli_say(cli, "%zu of %zu; older ones: --skip %zu",
            "显示 %zu 条，共 %zu 条；更早的：--skip %zu", h->count, h->total,
            q->skip + h->count);
    }
    if (h->own_since_ms != 0) {
        cc_cli_say(cli,
            "This device knows what stands now, and what was written on it "
            "since %s.",
            "本设备只知道现有的值，以及 %s 起在本设备上写入的内容。",
            cc_cli_time(h->own_since_ms, when));
    } else {
        cc_cli_say(cli, "This device knows what stands now.",
            "本设备只知道现有的值。");
    }
    cc_cli_say(cli,
        "What others wrote and replaced before is at the server: satchelctl "
        "account history %s",
        "他人写入且已被替换的内容在服务器上：satchelctl account history %s",
        h->account_id);
}

static int history_text(struct cc_cli *cli, const struct satchel_history *h,
    const struct satchel_history_query *q)
{
    const struct cc_table_column columns[] = {
        { .title = cc_cli_word(cli, CC_W("When", "时间")), .whole = true },
        { .title = cc_cli_word(cli, CC_W("Who", "谁")) },
        { .title = cc_cli_word(cli, CC_W("Device", "设备")) },
        { .title = cc_cli_word(cli, CC_W("What", "类别")) },
        { .title = cc_cli_word(cli, CC_W("Field", "字段")) },
        { .title = cc_cli_word(cli, CC_W("Value", "值")) },
        { .title = cc_cli_word(cli, CC_W("Now", "现状")) },
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table table;
    int code;

    cc_table_init(&table, columns, 7);
    for (size_t i = 0; i < h->count; i++) {
        const struct satchel_change *c = &h->change[i];

        cc_table_cell(&table, cc_cli_time(c->value.time_ms, when));
        cc_table_cell(&table, c->value.author);
        put_device(&table, c);
        put_what(cli, &table, h, c);
        cc_table_cell(&table, cc_cli_word(cli, CC_W(c->label_en, c->label_zh)));
        put_value(cli, &table, c);
        cc_table_cell(&table, cc_cli_word(cli, stands_words(c)));
    }
    code = cc_do_table(cli, &table);
    if (code == 0) {
        say_bounds(cli, h, q);
    }
    return code;
}

int cc_do_history(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    const struct satchel_history_query query = {
        .field = cc_args_value(a, "field"),
        .skip = (size_t)cc_args_count(a, "skip", 0),
        .limit = (size_t)cc_args_count(a, "limit", SATCHEL_HISTORY_LIMIT),
    };
    struct satchel_history *h = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_history(
        s, cc_args_operand(a, 0), &query, &h, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        history_json(cli, h);
    } else {
        code = history_text(cli, h, &query);
    }
    satchel_free(h);
    return code;
}
