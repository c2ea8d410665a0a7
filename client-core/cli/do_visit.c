#include "cli/do.h"

#include "say/table.h"

#include "cli/input.h"

#include <inttypes.h>
#include <string.h>

/* An operand that is no assignment; NULL when there is none at its place. */
static const char *name_at(const struct cc_cli *cli, size_t index)
{
    const char *word = cc_args_operand(&cli->args, index);

    return word != NULL && cc_args_is_assignment(word) ? NULL : word;
}

/* ---- steps ----------------------------------------------------------------
 */

static const char *const state_names[] = { "open", "done", "skipped" };

static void steps_json(struct cc_cli *cli, const struct satchel_steps *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "visit_id", l->visit_id);
    cc_json_text(&j, "account", l->account);
    cc_json_array(&j, "steps");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_step *s = &l->step[i];

        cc_json_object(&j, NULL);
        cc_json_uint(&j, "order", s->order);
        cc_json_text(&j, "what", s->what);
        cc_json_bool(&j, "required", s->required);
        cc_json_text(&j, "proof", s->proof);
        cc_json_text(&j, "state", state_names[s->state]);
        cc_json_text(&j, "reason", s->reason);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static struct cc_words state_words(enum satchel_step_state state)
{
    return state == SATCHEL_STEP_DONE      ? CC_W("done", "已完成")
           : state == SATCHEL_STEP_SKIPPED ? CC_W("skipped", "已跳过")
                                           : CC_W("open", "未完成");
}

static int steps_text(struct cc_cli *cli, const struct satchel_steps *l)
{
    const struct cc_table_column columns[] = {
        CC_DO_COLUMN("No.", "序号", true, false),
        CC_DO_COLUMN("Step", "步骤", false, false),
        CC_DO_COLUMN("Needed", "必做", false, false),
        CC_DO_COLUMN("State", "状态", false, false),
        CC_DO_COLUMN("Reason", "原因", false, false),
    };
    struct cc_table t;
    char place[24];

    cc_table_init(&t, columns, 5);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_step *s = &l->step[i];

        (void)snprintf(place, sizeof(place), "%zu", i + 1);
        cc_table_cell(&t, place);
        cc_table_cell(&t, s->what);
        cc_table_cell(
            &t, s->required ? cc_cli_word(cli, CC_W("yes", "是")) : "");
        cc_table_cell(&t, cc_cli_word(cli, state_words(s->state)));
        cc_table_cell(&t, s->reason);
    }
    return cc_do_table(cli, &t);
}

int cc_do_visit_steps(struct cc_cli *cli)
{
    struct satchel_steps *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code =
        satchel_visit_steps(s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            steps_json(cli, l);
        } else {
            code = steps_text(cli, l);
        }
        satchel_free(l);
    }
    return code;
}

int cc_do_visit_step(struct cc_cli *cli)
{
    const char *state = cc_args_operand(&cli->args, 1);
    bool done = strcmp(state, "done") == 0;
    struct satchel_saved saved;
    struct satchel *s;
    int code;

    if (!done && strcmp(state, "skip") != 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "a step is done or skip, not \"%.60s\"",
            "步骤为 done（完成）或 skip（跳过），不能为“%.60s”", state);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_visit_step(s, cc_args_value(&cli->args, "visit"),
        cc_args_operand(&cli->args, 0), done,
        cc_args_value(&cli->args, "reason"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

/* ---- start ----------------------------------------------------------------
 */

void cc_do_under_way_json(struct cc_json *j, const char *name,
    const struct satchel_visit_open *list, size_t count)
{
    cc_json_array(j, name);
    for (size_t i = 0; i < count; i++) {
        const struct satchel_visit_open *v = &list[i];

        cc_json_object(j, NULL);
        cc_json_text(j, "visit_id", v->visit_id);
        cc_json_text(j, "account_id", v->account_id);
        cc_json_text(j, "account", v->account);
        cc_json_text(j, "rep", v->rep);
        cc_json_uint(j, "since_ms", v->since_ms);
        cc_json_bool(j, "mine", v->mine);
        cc_json_bool(j, "here", v->here);
        cc_json_end(j);
    }
    cc_json_end(j);
}

static void say_under_way(
    struct cc_cli *cli, const struct satchel_visit_open *list, size_t count)
{
    char when[CC_CLI_TIME_BYTES];

    for (size_t i = 0; i < count; i++) {
        const struct satchel_visit_open *v = &list[i];

        cc_cli_say(cli, "Still under way: %s at %s since %s (%s)",
            "仍在进行：%s 在 %s 的拜访，始于 %s（%s）", v->rep, v->account,
            cc_cli_time(v->since_ms, when), v->visit_id);
    }
}

/* What the device found out about the check-in; NULL: nothing. */
static const struct satchel_field *verdict_of(const struct satchel_record *r)
{
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, "verify") == 0 &&
            r->field[i].value_count > 0) {
            return &r->field[i];
        }
    }
    return NULL;
}

static void say_start(struct cc_cli *cli, const struct satchel_visit_begun *b,
    const struct satchel_record *r)
{
    const struct satchel_field *f = verdict_of(r);
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", b->saved.id);
        cc_json_uint(&j, "commit", b->saved.commit);
        cc_json_text(&j, "verify", f == NULL ? "" : f->value[0].text);
        cc_do_under_way_json(&j, "under_way", b->open, b->open_count);
        cc_json_end(&j);
        return;
    }
    (void)cc_do_saved(cli, &b->saved);
    (void)fflush(cli->out);
    if (f != NULL) {
        const char *text =
            cc_cli_word(cli, CC_W(f->value[0].text_en, f->value[0].text_zh));

        if (f->value[0].text[0] != '\0' && strchr(f->value[0].text, '=')) {
            cc_cli_say(cli, "%s", "%s", text); /* each part has its label */
        } else {
            cc_cli_say(cli, "%s: %s", "%s：%s",
                cc_cli_word(cli, CC_W(f->label_en, f->label_zh)), text);
        }
    }
    say_under_way(cli, b->open, b->open_count);
}

int cc_do_visit_start(struct cc_cli *cli)
{
    struct cc_input in = { .count = 0 };
    struct satchel_visit_new what = { .account = cc_args_operand(&cli->args, 0),
        .another = cc_args_flag(&cli->args, "another") };
    struct satchel_visit_begun *begun = NULL;
    struct satchel_record *r = NULL;
    struct satchel *s;
    int code;

    cc_input_put(&in, "type", cc_args_value(&cli->args, "type"));
    cc_input_put(&in, "checkin_place.geo", cc_args_value(&cli->args, "at"));
    code = cc_input_take(cli, 1, &in);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    what.count = in.count;
    what.input = in.input;
    code = satchel_visit_begin(s, &what, &begun, &cli->error);
    if (code == 0) {
        code = satchel_visit_show(s, begun->saved.id, &r, &cli->error);
    }
    satchel_close(s);
    if (code == 0) {
        say_start(cli, begun, r);
    }
    satchel_free(r);
    satchel_free(begun);
    return code;
}

/* ---- end ------------------------------------------------------------------
 */

static void say_end(struct cc_cli *cli, const struct satchel_visit_ended *ended)
{
    if (cli->json) {
        struct cc_json j;
        char seconds[24] = "";

        if (ended->seconds > 0 || !ended->by_wall_clock) {
            (void)snprintf(
                seconds, sizeof(seconds), "%" PRIu64, ended->seconds);
        }
        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", ended->saved.id);
        cc_json_uint(&j, "commit", ended->saved.commit);
        cc_json_text(&j, "duration_s", seconds);
        cc_json_bool(&j, "by_wall_clock", ended->by_wall_clock);
        cc_json_uint(&j, "skipped", ended->skipped);
        cc_json_uint(&j, "still_open", ended->still_open);
        cc_json_end(&j);
        return;
    }
    (void)cc_do_saved(cli, &ended->saved);
    (void)fflush(cli->out);
    if (ended->skipped > 0) {
        cc_cli_say(cli, "%zu required steps were skipped for that reason",
            "因该原因跳过 %zu 个必做步骤", ended->skipped);
    }
    if (ended->by_wall_clock) {
        cc_cli_say(cli,
            "Seconds: %" PRIu64 ", by the device's clock: it was restarted "
            "meanwhile, or the visit began elsewhere",
            "时长（秒）：%" PRIu64
            "，按设备时钟计：期间设备重启过，或拜访始于其他"
            "设备",
            ended->seconds);
    } else {
        cc_cli_say(
            cli, "Seconds: %" PRIu64, "时长（秒）：%" PRIu64, ended->seconds);
    }
    if (ended->still_open > 0) {
        cc_cli_say(cli,
            "Others of yours that are still under way: %zu (satchel today)",
            "您未结束的其他拜访：%zu（satchel today）", ended->still_open);
    }
}

int cc_do_visit_end(struct cc_cli *cli)
{
    const char *visit = name_at(cli, 0);
    const char *next = cc_args_value(&cli->args, "next");
    struct cc_input in = { .count = 0 };
    struct satchel_visit_ended ended;
    struct satchel *s;
    int code;

    cc_input_put(&in, "outcome", cc_args_value(&cli->args, "outcome"));
    cc_input_put(&in, "next_step", cc_args_value(&cli->args, "next-step"));
    cc_input_put(&in, "next_date",
        next != NULL ? next : cc_args_value(&cli->args, "next-date"));
    code = cc_input_take(cli, visit == NULL ? 0 : 1, &in);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    code = satchel_visit_finish(s, visit, in.input, in.count,
        cc_args_value(&cli->args, "reason"), &ended, &cli->error);
    satchel_close(s);
    if (code == 0) {
        say_end(cli, &ended);
    }
    return code;
}

/* ---- store check ----------------------------------------------------------
 */

static void checks_json(struct cc_cli *cli, const struct satchel_checks *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "visit_id", l->visit_id);
    cc_json_text(&j, "account_id", l->account_id);
    cc_json_text(&j, "account", l->account);
    cc_json_array(&j, "checks");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_check *c = &l->check[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", c->id);
        cc_json_text(&j, "product", c->product);
        cc_json_text(&j, "competitor", c->competitor);
        cc_json_text(&j, "facings", c->facings);
        cc_json_text(&j, "shelf_stock", c->shelf_stock);
        cc_json_text(&j, "price", c->price);
        cc_json_text(&j, "date_code", c->date_code);
        cc_json_uint(&j, "at_ms", c->at_ms);
        cc_json_bool(&j, "now", c->now);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int checks_text(struct cc_cli *cli, const struct satchel_checks *l)
{
    const struct cc_table_column columns[] = {
        CC_DO_COLUMN("Product", "产品", false, false),
        CC_DO_COLUMN("Competitor", "竞品", false, false),
        CC_DO_COLUMN("Facings", "排面", true, false),
        CC_DO_COLUMN("Stock", "货架库存", true, false),
        CC_DO_COLUMN("Price", "售价", true, false),
        CC_DO_COLUMN("Date code", "生产日期", false, true),
        CC_DO_COLUMN("Checked", "检查时间", false, true),
        CC_DO_COLUMN("Now", "本次", false, false),
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table t;

    cc_table_init(&t, columns, 8);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_check *c = &l->check[i];

        cc_table_cell(&t, c->product);
        cc_table_cell(&t, c->competitor);
        cc_table_cell(&t, c->facings);
        cc_table_cell(&t, c->shelf_stock);
        cc_table_cell(&t, c->price);
        cc_table_cell(&t, c->date_code);
        cc_table_cell(&t, cc_cli_time(c->at_ms, when));
        cc_table_cell(&t, c->now ? cc_cli_word(cli, CC_W("yes", "是")) : "");
    }
    return cc_do_table(cli, &t);
}

static int check_list(struct cc_cli *cli, struct satchel *s)
{
    struct satchel_checks *l = NULL;
    int code = satchel_check_list(
        s, cc_args_value(&cli->args, "visit"), &l, &cli->error);

    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            checks_json(cli, l);
        } else {
            code = checks_text(cli, l);
        }
        satchel_free(l);
    }
    return code;
}

static int check_same(struct cc_cli *cli, struct satchel *s)
{
    size_t count = 0;
    int code = satchel_check_same(
        s, cc_args_value(&cli->args, "visit"), &count, &cli->error);

    satchel_close(s);
    if (code == 0 && cli->json) {
        struct cc_json j;

        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", count);
        cc_json_end(&j);
    } else if (code == 0) {
        cc_cli_say(cli, "%zu products are as they were", "%zu 个产品与上次相同",
            count);
    }
    return code;
}

static int check_add(struct cc_cli *cli, struct satchel *s, const char *product,
    const struct cc_input *in)
{
    const struct satchel_check_new what = {
        .visit = cc_args_value(&cli->args, "visit"),
        .product = product,
        .is_new = cc_args_flag(&cli->args, "new"),
        .count = in->count,
        .input = in->input,
    };
    struct satchel_saved saved;
    int code = satchel_check_add(s, &what, &saved, &cli->error);

    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

/* satchel visit check [PRODUCT [FIELD=VALUE]...] [--same] */
int cc_do_visit_check(struct cc_cli *cli)
{
    const char *product = name_at(cli, 0);
    bool same = cc_args_flag(&cli->args, "same");
    struct cc_input in = { .count = 0 };
    struct satchel *s;
    int code;

    if (product == NULL ? cc_args_operand(&cli->args, 0) != NULL : same) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            product == NULL ? "which product? Name it before its values"
                            : "--same is about all products: name none",
            product == NULL ? "哪个产品？请先写产品名，再写数值"
                            : "--same 针对所有产品，请勿指定产品");
    }
    code = cc_input_take(cli, product == NULL ? 0 : 1, &in);
    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    return product != NULL ? check_add(cli, s, product, &in)
           : same          ? check_same(cli, s)
                           : check_list(cli, s);
}

/* ---- route ----------------------------------------------------------------
 */

int cc_do_route_save(struct cc_cli *cli)
{
    const struct cc_args *a = &cli->args;
    const char *account[CC_ARGS_OPERANDS_MAX];
    struct satchel_route_new what = { .date = cc_args_value(a, "date"),
        .rep = cc_args_value(a, "rep"),
        .account = account,
        .from = cc_args_value(a, "from"),
        .limit = (size_t)cc_args_count(a, "stops", 0),
        .has_min = cc_args_value(a, "min") != NULL,
        .min_stops = (uint32_t)cc_args_count(a, "min", 0) };
    struct satchel_route_saved saved;
    struct satchel *s;
    struct cc_json j;
    int code;

    while ((account[what.count] = cc_args_operand(a, what.count)) != NULL &&
           what.count + 1 < CC_ARGS_OPERANDS_MAX) {
        what.count++;
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_route_save(s, &what, &saved, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (!cli->json) {
        (void)cc_do_saved(cli, &saved.saved);
        (void)fflush(cli->out);
        cc_cli_say(cli, "%zu stops; visits planned %zu, taken back %zu",
            "%zu 站；新计划拜访 %zu，取消 %zu", saved.stops, saved.planned,
            saved.cancelled);
        return 0;
    }
    cc_cli_json(cli, &j);
    cc_json_text(&j, "id", saved.saved.id);
    cc_json_uint(&j, "commit", saved.saved.commit);
    cc_json_uint(&j, "stops", saved.stops);
    cc_json_uint(&j, "planned", saved.planned);
    cc_json_uint(&j, "cancelled", saved.cancelled);
    cc_json_end(&j);
    return 0;
}
