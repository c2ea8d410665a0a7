#include "cli/do.h"

#include "say/table.h"

#include <inttypes.h>
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
    int code;

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
    code = cc_do_table(cli, &table);
    if (code != 0) {
        return code;
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

/* ---- stops ----------------------------------------------------- */

static void stop_json(struct cc_json *j, const struct satchel_stop *s)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "account_id", s->account_id);
    cc_json_text(j, "title", s->title);
    cc_json_text(j, "plan_id", s->plan_id);
    cc_json_text(j, "from", s->from);
    cc_json_text(j, "to", s->to);
    cc_json_text(j, "purpose", s->purpose);
    cc_json_text(j, "skipped", s->skipped);
    cc_json_uint(j, "place", s->place);
    cc_json_bool(j, "made", s->made);
    cc_json_text(j, "due", s->due);
    cc_json_int(j, "late_days", s->late_days);
    cc_json_text(j, "tier_en", s->tier_en);
    cc_json_text(j, "tier_zh", s->tier_zh);
    if (s->has_distance) {
        cc_json_uint(j, "distance_m", s->distance_m);
    }
    cc_json_end(j);
}

/* What stands with a planned visit. */
static const char *state_of(
    const struct cc_cli *cli, const struct satchel_stop *s)
{
    if (s->made) {
        return cc_cli_word(cli, CC_W("made", "已拜访"));
    }
    if (s->skipped[0] != '\0') {
        return cc_cli_word(cli, CC_W("skipped", "未拜访"));
    }
    return s->plan_id[0] != '\0' ? cc_cli_word(cli, CC_W("planned", "计划"))
                                 : cc_cli_word(cli, CC_W("due", "到期"));
}

static void stop_cells(
    const struct cc_cli *cli, struct cc_table *t, const struct satchel_stop *s)
{
    char late[16], far[24];

    (void)snprintf(late, sizeof(late), "%d", (int)s->late_days);
    (void)snprintf(far, sizeof(far), "%" PRIu64, s->distance_m);
    cc_table_cell(t, s->title);
    cc_table_cell(t, state_of(cli, s));
    cc_table_cell(t, s->from);
    cc_table_cell(t, s->due);
    cc_table_cell(t, s->late_days > 0 ? late : "");
    cc_table_cell(t, cc_cli_word(cli, CC_W(s->tier_en, s->tier_zh)));
    cc_table_cell(t, s->has_distance ? far : "");
    cc_table_cell(t, s->plan_id[0] != '\0' ? s->plan_id : s->account_id);
}

static int print_stops(
    struct cc_cli *cli, const struct satchel_stop *stop, size_t count)
{
    const struct cc_table_column columns[] = {
        { .title = cc_cli_word(cli, CC_W("Account", "客户")) },
        { .title = cc_cli_word(cli, CC_W("State", "状态")) },
        { .title = cc_cli_word(cli, CC_W("From", "时间")), .whole = true },
        { .title = cc_cli_word(cli, CC_W("Due", "应访")), .whole = true },
        { .title = cc_cli_word(cli, CC_W("Late", "逾期天数")), .right = true },
        { .title = cc_cli_word(cli, CC_W("Tier", "等级")) },
        { .title = cc_cli_word(cli, CC_W("Metres", "距离（米）")),
            .right = true },
        { .title = cc_cli_word(cli, CC_W("Id", "编号")), .whole = true },
    };
    struct cc_table table;

    cc_table_init(&table, columns, 8);
    for (size_t i = 0; i < count; i++) {
        stop_cells(cli, &table, &stop[i]);
    }
    return cc_do_table(cli, &table);
}

/* ---- today --------------------------------------------------------------- */

static void today_json(struct cc_cli *cli, const struct satchel_today *d)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "date", d->date);
    cc_json_uint(&j, "last_sync_ms", d->last_sync_ms);
    cc_json_uint(&j, "unsent", d->unsent);
    cc_json_uint(&j, "conflicts", d->conflicts);
    cc_json_uint(&j, "rejected", d->rejected);
    cc_json_uint(&j, "photos_to_go", d->photos_to_go);
    cc_json_uint(&j, "photos_bytes", d->photos_bytes);
    cc_json_array(&j, "tasks");
    for (size_t i = 0; i < d->task_count; i++) {
        cc_do_task_json(&j, &d->task[i]);
    }
    cc_json_end(&j);
    cc_do_told_json(&j, d->told, d->told_count);
    cc_do_deadlines_json(&j, d->deadline, d->deadline_count);
    cc_do_under_way_json(&j, "under_way", d->under_way, d->under_way_count);
    cc_json_uint(&j, "min_stops", d->min_stops);
    cc_json_text(&j, "route_by", d->route_by);
    cc_json_array(&j, "visits");
    for (size_t i = 0; i < d->visit_count; i++) {
        stop_json(&j, &d->visit[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void put_count(
    const struct cc_cli *cli, struct cc_words what, uint64_t count)
{
    (void)fprintf(cli->out, "%s%s%" PRIu64 "\n", cc_cli_word(cli, what),
        cc_cli_word(cli, CC_W(": ", "：")), count);
}

static int put_under_way(struct cc_cli *cli, const struct satchel_today *d)
{
    const struct cc_table_column columns[] = {
        CC_DO_COLUMN("Since", "始于", false, true),
        CC_DO_COLUMN("Account", "客户", false, false),
        CC_DO_COLUMN("Visit", "拜访", false, true),
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    if (d->under_way_count == 0) {
        return 0;
    }
    put_count(
        cli, CC_W("Visits under way", "进行中的拜访"), d->under_way_count);
    cc_table_init(&t, columns, 3);
    for (size_t i = 0; i < d->under_way_count; i++) {
        cc_table_cell(&t, cc_cli_time(d->under_way[i].since_ms, when));
        cc_table_cell(&t, d->under_way[i].account);
        cc_table_cell(&t, d->under_way[i].visit_id);
    }
    return cc_do_table(cli, &t);
}

static int today_text(struct cc_cli *cli, const struct satchel_today *d)
{
    char when[CC_CLI_TIME_BYTES];
    int code = 0;

    (void)fprintf(cli->out, "%s\n%s%s%s\n", d->date,
        cc_cli_word(cli, CC_W("Last sync", "上次同步")),
        cc_cli_word(cli, CC_W(": ", "：")), cc_cli_time(d->last_sync_ms, when));
    put_count(cli, CC_W("Unsent", "未上传"), d->unsent);
    put_count(cli, CC_W("Conflicts", "待处理冲突"), d->conflicts);
    put_count(cli, CC_W("Rejected", "被拒绝"), d->rejected);
    if (d->photos_to_go > 0) {
        put_count(cli, CC_W("Photos to go", "待上传照片"), d->photos_to_go);
        put_count(
            cli, CC_W("  KiB", "  KiB"), (d->photos_bytes + 1023u) / 1024u);
    }
    code = put_under_way(cli, d);
    put_count(cli, CC_W("Tasks due", "到期任务"), d->task_count);
    if (code == 0 && d->task_count > 0) {
        code = cc_do_tasks(cli, d->task, d->task_count);
    }
    cc_do_told(cli, d->told, d->told_count);
    if (code == 0 && d->deadline_count > 0) {
        put_count(cli, CC_W("Deadlines", "时限"), d->deadline_count);
        code = cc_do_deadline_table(cli, d->deadline, d->deadline_count);
    }
    put_count(cli, CC_W("Planned visits", "计划拜访"), d->visit_count);
    if (d->min_stops > 0) {
        put_count(cli, CC_W("Stops at least", "最少站数"), d->min_stops);
    }
    if (d->route_by[0] != '\0') {
        (void)fprintf(cli->out, "%s%s%s\n",
            cc_cli_word(cli, CC_W("Route by", "路线制定人")),
            cc_cli_word(cli, CC_W(": ", "：")), d->route_by);
    }
    return code == 0 && d->visit_count > 0
               ? print_stops(cli, d->visit, d->visit_count)
               : code;
}

int cc_do_today(struct cc_cli *cli)
{
    struct satchel_today *d = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_today(s, &d, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            today_json(cli, d);
        } else {
            code = today_text(cli, d);
        }
        satchel_free(d);
    }
    return code;
}

/* ---- route --------------------------------------------------------------- */

static void route_json(struct cc_cli *cli, const struct satchel_route *r)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "date", r->date);
    cc_json_text(&j, "rep", r->rep);
    cc_json_bool(&j, "saved", r->saved);
    cc_json_text(&j, "by", r->by);
    cc_json_uint(&j, "others", r->others);
    cc_json_uint(&j, "min_stops", r->min_stops);
    cc_json_array(&j, "stops");
    for (size_t i = 0; i < r->count; i++) {
        stop_json(&j, &r->stop[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void say_route(struct cc_cli *cli, const struct satchel_route *r)
{
    (void)fflush(cli->out);
    if (r->min_stops > 0) {
        cc_cli_say(cli, "stops at least: %u", "最少站数：%u", r->min_stops);
    }
    if (r->by[0] != '\0') {
        cc_cli_say(cli, "%s saved this route for %s", "%s 为 %s 保存了此路线",
            r->by, r->rep);
    }
    if (r->others > 0) {
        cc_cli_say(cli,
            "%zu older routes were saved for that day without knowing of this "
            "one, and their stops stand behind; satchel route save leaves one",
            "当日另有 %zu 条路线在互不知情时保存，其站点排在后面；"
            "satchel route save 可合为一条",
            r->others);
    }
}

int cc_do_route(struct cc_cli *cli)
{
    const struct satchel_route_query query = { .date = cc_args_value(
                                                   &cli->args, "date"),
        .from = cc_args_value(&cli->args, "from"),
        .rep = cc_args_value(&cli->args, "rep") };
    struct satchel_route *r = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_route(s, &query, &r, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            route_json(cli, r);
        } else {
            code = print_stops(cli, r->stop, r->count);
            say_route(cli, r);
        }
        satchel_free(r);
    }
    return code;
}

int cc_do_route_skip(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_route_skip(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "reason"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

/* ---- the day's close ------------------------------------------------------
 */

static void missed_json(struct cc_json *j, const char *name,
    const struct satchel_day_missed *missed, size_t count)
{
    cc_json_array(j, name);
    for (size_t i = 0; i < count; i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "plan_id", missed[i].plan_id);
        cc_json_text(j, "title", missed[i].title);
        cc_json_text(j, "date", missed[i].date);
        cc_json_text(j, "reason", missed[i].reason);
        cc_json_end(j);
    }
    cc_json_end(j);
}

static void day_json(struct cc_cli *cli, const struct satchel_day *d)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "date", d->date);
    cc_json_text(&j, "until", d->until);
    cc_json_bool(&j, "closed", d->closed);
    cc_json_text(&j, "id", d->id);
    cc_json_object(&j, "facts");
    for (size_t i = 0; i < d->fact_count; i++) {
        cc_json_text(&j, d->fact[i].name, d->fact[i].text);
    }
    cc_json_end(&j);
    missed_json(&j, "open", d->open, d->open_count);
    missed_json(&j, "skipped", d->skipped, d->skipped_count);
    cc_json_end(&j);
}

static void put_pair(
    const struct cc_cli *cli, struct cc_words what, const char *text)
{
    cc_cli_put(cli, cc_cli_word(cli, what));
    (void)fputs(cc_cli_word(cli, CC_W(": ", "：")), cli->out);
    cc_cli_put(cli, text);
    (void)putc('\n', cli->out);
}

/* "Skipped: Alpha · 2026-04-21 · shop closed"; of one day without the day. */
static void put_missed(const struct cc_cli *cli, const struct satchel_day *d,
    struct cc_words what, const struct satchel_day_missed *m)
{
    cc_cli_put(cli, cc_cli_word(cli, what));
    (void)fputs(cc_cli_word(cli, CC_W(": ", "：")), cli->out);
    cc_cli_put(cli, m->title);
    if (d->week) {
        (void)fprintf(cli->out, " · %s", m->date);
    }
    if (m->reason[0] != '\0') {
        (void)fputs(" · ", cli->out);
        cc_cli_put(cli, m->reason);
    }
    (void)putc('\n', cli->out);
}

static void day_text(struct cc_cli *cli, const struct satchel_day *d)
{
    char period[2 * sizeof("2026-04-24") + 8];

    (void)snprintf(
        period, sizeof(period), d->week ? "%s – %s" : "%s", d->date, d->until);
    put_pair(cli,
        d->closed ? CC_W("Closed", "已日结")
        : d->week ? CC_W("Week", "本周")
                  : CC_W("Day", "日期"),
        period);
    for (size_t i = 0; i < d->fact_count; i++) {
        put_pair(cli, CC_W(d->fact[i].label_en, d->fact[i].label_zh),
            d->fact[i].text);
    }
    for (size_t i = 0; i < d->open_count; i++) {
        put_missed(cli, d, CC_W("Not made, no reason yet", "未拜访且无原因"),
            &d->open[i]);
    }
    for (size_t i = 0; i < d->skipped_count; i++) {
        put_missed(cli, d, CC_W("Skipped", "未拜访"), &d->skipped[i]);
    }
}

static int answer_day(struct cc_cli *cli, int code, struct satchel_day *d)
{
    if (code == 0) {
        if (cli->json) {
            day_json(cli, d);
        } else {
            day_text(cli, d);
        }
        satchel_free(d);
    }
    return code;
}

int cc_do_day_show(struct cc_cli *cli)
{
    struct satchel_day *d = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = cc_args_flag(&cli->args, "week")
               ? satchel_week_draft(s, &d, &cli->error)
               : satchel_day_draft(s, &d, &cli->error);
    satchel_close(s);
    return answer_day(cli, code, d);
}

int cc_do_day_close(struct cc_cli *cli)
{
    struct satchel_day *d = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_day_close(
        s, cc_args_value(&cli->args, "comment"), &d, &cli->error);
    satchel_close(s);
    return answer_day(cli, code, d);
}
