#include "cli/do.h"

#include "say/table.h"

#include <stdio.h>

/* ---- campaign list ------------------------------------------------------- */

static void list_json(struct cc_cli *cli, const struct satchel_campaign_list *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_array(&j, "campaigns");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_campaign *c = &l->campaign[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", c->id);
        cc_json_text(&j, "name", c->name);
        cc_json_text(&j, "state", c->state);
        cc_json_text(&j, "event", c->event);
        cc_json_uint(&j, "prepare_by_ms", c->prepare_by_ms);
        cc_json_uint(&j, "send_at_ms", c->send_at_ms);
        cc_json_bool(&j, "late", c->late);
        cc_json_uint(&j, "frozen_at_ms", c->frozen_at_ms);
        cc_json_uint(&j, "members", c->members);
        cc_json_uint(&j, "control_share", c->control_share);
        cc_json_uint(&j, "control", c->control);
        cc_json_uint(&j, "to_draft", c->to_draft);
        cc_json_uint(&j, "drafted", c->drafted);
        cc_json_uint(&j, "exported", c->exported);
        cc_json_uint(&j, "confirmed", c->confirmed);
        cc_json_uint(&j, "failed", c->failed);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* "4 to write, 2 drafted, 1 sent", without what there is none of. */
static const char *progress(const struct cc_cli *cli,
    const struct satchel_campaign *c, char *out, size_t room)
{
    const struct {
        size_t count;
        struct cc_words words;
    } part[] = { { c->to_draft, CC_W("to write", "待写") },
        { c->drafted, CC_W("drafted", "草稿") },
        { c->exported, CC_W("exported", "已导出") },
        { c->confirmed, CC_W("sent", "已发送") },
        { c->failed, CC_W("failed", "失败") },
        { c->control, CC_W("left alone", "对照") } };
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        int n = part[i].count == 0
                    ? 0
                    : snprintf(out + used, room - used, "%s%zu %s",
                          used > 0 ? ", " : "", part[i].count,
                          cc_cli_word(cli, part[i].words));
        used += n > 0 && (size_t)n < room - used ? (size_t)n : 0;
    }
    return out;
}

static int list_text(struct cc_cli *cli, const struct satchel_campaign_list *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("CAMPAIGN", "活动", false, false),
        CC_DO_COLUMN("STATE", "状态", false, false),
        CC_DO_COLUMN("EVENT", "活动日期", false, true),
        CC_DO_COLUMN("READY BY", "备妥期限", false, true),
        CC_DO_COLUMN("SEND AT", "发送时间", false, true),
        CC_DO_COLUMN("MEMBERS", "人数", true, false),
        CC_DO_COLUMN("MESSAGES", "消息", false, false),
    };
    char text[160], when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    cc_table_init(&t, column, 7);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_campaign *c = &l->campaign[i];

        cc_table_cell(&t, c->name);
        cc_table_cell(
            &t, c->late ? cc_cli_word(cli, CC_W("late", "逾期"))
                        : cc_cli_word(cli, CC_W(c->state_en, c->state_zh)));
        cc_table_cell(&t, c->event);
        cc_table_cell(&t, cc_cli_time(c->prepare_by_ms, when));
        cc_table_cell(&t, cc_cli_time(c->send_at_ms, when));
        (void)snprintf(text, sizeof(text), "%zu", c->members);
        cc_table_cell(&t, c->frozen_at_ms == 0 ? "-" : text);
        cc_table_cell(&t, progress(cli, c, text, sizeof(text)));
    }
    return cc_do_table(cli, &t);
}

int cc_do_campaign_list(struct cc_cli *cli)
{
    struct satchel_campaign_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_campaign_list(
        s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        list_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "no campaigns", "没有营销活动");
    } else if (code == 0) {
        code = list_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- campaign start, draft ----------------------------------------------- */

int cc_do_campaign_start(struct cc_cli *cli)
{
    bool dry_run = cc_args_flag(&cli->args, "dry-run");
    struct satchel_campaign_start done;
    struct cc_json j;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_campaign_start(
        s, cc_args_operand(&cli->args, 0), dry_run, &done, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "members", done.members);
        cc_json_uint(&j, "control", done.control);
        cc_json_bool(&j, "started", !dry_run);
        cc_json_end(&j);
        return 0;
    }
    (void)fprintf(cli->out, "%zu\t%zu\n", done.members, done.control);
    (void)fflush(cli->out);
    cc_cli_say(cli,
        dry_run ? "%zu would be in it, %zu of them left alone"
                : "%zu are in it, %zu of them left alone",
        dry_run ? "将有 %zu 人，其中对照 %zu 人" : "共 %zu 人，其中对照 %zu 人",
        done.members, done.control);
    return 0;
}

int cc_do_campaign_draft(struct cc_cli *cli)
{
    struct satchel_care_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_campaign_draft(s, cc_args_operand(&cli->args, 0),
        cc_args_flag(&cli->args, "dry-run") ? SATCHEL_CARE_LOOK
                                            : SATCHEL_CARE_MESSAGES,
        &l, &cli->error);
    satchel_close(s);
    if (code == 0) {
        code = cc_do_care_list(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- events -------------------------------------------------------------- */

static void events_json(struct cc_cli *cli, const struct satchel_gatherings *g)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_int(&j, "year", g->year);
    cc_json_uint(&j, "held", g->held);
    cc_json_uint(&j, "wanted", g->wanted);
    cc_json_bool(&j, "behind", g->behind);
    cc_json_array(&j, "events");
    for (size_t i = 0; i < g->count; i++) {
        const struct satchel_gathering *e = &g->gathering[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", e->id);
        cc_json_text(&j, "name", e->name);
        cc_json_text(&j, "kind", e->kind);
        cc_json_text(&j, "date", e->date);
        cc_json_text(&j, "held", e->held);
        cc_json_text(&j, "place", e->place);
        cc_json_bool(&j, "cancelled", e->cancelled);
        cc_json_uint(&j, "invited", e->invited);
        cc_json_uint(&j, "declined", e->declined);
        cc_json_uint(&j, "accepted", e->accepted);
        cc_json_uint(&j, "absent", e->absent);
        cc_json_uint(&j, "attended", e->attended);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void say_goal(struct cc_cli *cli, const struct satchel_gatherings *g)
{
    if (g->wanted == 0) {
        cc_cli_say(cli, "%u VIP gatherings held in %d; there is no goal",
            "已举办贵宾活动 %u 场（%d 年）；未设目标", g->held, g->year);
    } else if (g->behind) {
        cc_cli_say(cli,
            "warning: %u of %u VIP gatherings held by month %u of %d",
            "警告：仅举办贵宾活动 %u 场，目标 %u 场（至第 %u 月，%d 年）",
            g->held, g->wanted, g->month, g->year);
    } else {
        cc_cli_say(cli, "%u of %u VIP gatherings held in %d",
            "已举办贵宾活动 %u 场，目标 %u 场（%d 年）", g->held, g->wanted,
            g->year);
    }
}

static int events_text(struct cc_cli *cli, const struct satchel_gatherings *g)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("DATE", "日期", false, true),
        CC_DO_COLUMN("EVENT", "活动", false, false),
        CC_DO_COLUMN("KIND", "类别", false, false),
        CC_DO_COLUMN("HELD", "举办", false, true),
        CC_DO_COLUMN("INVITED", "邀请", true, false),
        CC_DO_COLUMN("ACCEPTED", "接受", true, false),
        CC_DO_COLUMN("CAME", "出席", true, false),
        CC_DO_COLUMN("ID", "编号", false, true),
    };
    char text[24];
    struct cc_table t;

    cc_table_init(&t, column, 8);
    for (size_t i = 0; i < g->count; i++) {
        const struct satchel_gathering *e = &g->gathering[i];
        size_t all =
            e->invited + e->declined + e->accepted + e->absent + e->attended;

        cc_table_cell(&t, e->date);
        cc_table_cell(&t, e->name);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(e->kind_en, e->kind_zh)));
        cc_table_cell(&t, e->cancelled
                              ? cc_cli_word(cli, CC_W("cancelled", "取消"))
                              : e->held);
        (void)snprintf(text, sizeof(text), "%zu", all);
        cc_table_cell(&t, text);
        (void)snprintf(text, sizeof(text), "%zu", e->accepted);
        cc_table_cell(&t, text);
        (void)snprintf(text, sizeof(text), "%zu", e->attended);
        cc_table_cell(&t, text);
        cc_table_cell(&t, e->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_event_list(struct cc_cli *cli)
{
    struct satchel_gatherings *g = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_gatherings(
        s, (int)cc_args_count(&cli->args, "year", 0), &g, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        events_json(cli, g);
    } else if (code == 0) {
        code = g->count == 0 ? 0 : events_text(cli, g);
        say_goal(cli, g);
    }
    satchel_free(g);
    return code;
}

static int note(struct cc_cli *cli, const char *state)
{
    const char *account[CC_ARGS_OPERANDS_MAX];
    size_t count = cli->args.operand_count - 1;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < count; i++) {
        account[i] = cc_args_operand(&cli->args, i + 1);
    }
    code = satchel_gathering_note(
        s, cc_args_operand(&cli->args, 0), account, count, state, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        struct cc_json j;
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "noted", count);
        cc_json_end(&j);
    } else if (code == 0) {
        cc_cli_say(cli, "noted for %zu", "已记录 %zu 个客户", count);
    }
    return code;
}

int cc_do_event_invite(struct cc_cli *cli)
{
    return note(cli, "invited");
}

int cc_do_event_attend(struct cc_cli *cli)
{
    const char *state = cc_args_value(&cli->args, "state");

    return note(cli, state == NULL ? "attended" : state);
}
