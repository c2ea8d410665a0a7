#include "cli/do.h"

#include "say/table.h"

#include <inttypes.h>
#include <string.h>

/* ---- time ---------------------------------------------------------------- */

static void split_json(
    struct cc_json *j, const char *key, const struct satchel_time_split *s)
{
    cc_json_object(j, key);
    cc_json_uint(j, "first_s", s->first_s);
    cc_json_uint(j, "second_s", s->second_s);
    cc_json_uint(j, "first_percent", s->first_percent);
    cc_json_uint(j, "second_percent", s->second_percent);
    cc_json_bool(j, "has_target", s->has_target);
    cc_json_uint(j, "target_first", s->target_first);
    cc_json_uint(j, "target_second", s->target_second);
    cc_json_end(j);
}

static void time_json(struct cc_cli *cli, const struct satchel_time *t)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "whose", t->whose);
    cc_json_array(&j, "weeks");
    for (size_t i = 0; i < t->count; i++) {
        const struct satchel_time_week *w = &t->week[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "from", w->from);
        cc_json_text(&j, "until", w->until);
        cc_json_uint(&j, "visits", w->visits);
        cc_json_uint(&j, "seconds", w->seconds);
        split_json(&j, "old_new", &w->old_new);
        split_json(&j, "potential_interested", &w->potential_interested);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* "35/65"; "-" where there is nothing to divide. */
static void put_split(struct cc_table *t, unsigned first, unsigned second)
{
    char text[16] = "-";

    if (first + second > 0) {
        (void)snprintf(text, sizeof(text), "%u/%u", first, second);
    }
    cc_table_cell(t, text);
}

static int time_text(struct cc_cli *cli, const struct satchel_time *t)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("WEEK OF", "周（周一）", false, true),
        CC_DO_COLUMN("VISITS", "拜访", true, false),
        CC_DO_COLUMN("HOURS", "小时", true, false),
        CC_DO_COLUMN("OLD/NEW %", "老/新客户 %", true, true),
        CC_DO_COLUMN("GOAL", "目标", true, true),
        CC_DO_COLUMN("POTENTIAL/INTERESTED %", "潜在/意向 %", true, true),
        CC_DO_COLUMN("GOAL", "目标", true, true),
    };
    char text[32];
    struct cc_table table;

    cc_table_init(&table, column, 7);
    for (size_t i = 0; i < t->count; i++) {
        const struct satchel_time_week *w = &t->week[i];
        const struct satchel_time_split *a = &w->old_new;
        const struct satchel_time_split *b = &w->potential_interested;

        cc_table_cell(&table, w->from);
        (void)snprintf(text, sizeof(text), "%zu", w->visits);
        cc_table_cell(&table, text);
        (void)snprintf(text, sizeof(text), "%.1f", (double)w->seconds / 3600.0);
        cc_table_cell(&table, text);
        put_split(&table, a->first_percent, a->second_percent);
        put_split(&table, a->target_first, a->target_second);
        put_split(&table, b->first_percent, b->second_percent);
        put_split(&table, b->target_first, b->target_second);
    }
    return cc_do_table(cli, &table);
}

int cc_do_time(struct cc_cli *cli)
{
    const char *user = cc_args_value(&cli->args, "user");
    struct satchel_time *t = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    if (user == NULL && !cc_args_flag(&cli->args, "all")) {
        user = "me";
    }
    code = satchel_time(s, user, cc_args_value(&cli->args, "date"),
        (unsigned)cc_args_count(&cli->args, "weeks", 4), &t, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        time_json(cli, t);
    } else if (code == 0) {
        code = time_text(cli, t);
    }
    satchel_free(t);
    return code;
}

/* ---- contacts ------------------------------------------------------------ */

static void counts_json(
    struct cc_cli *cli, const struct satchel_contact_counts *c)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "from", c->from);
    cc_json_text(&j, "until", c->until);
    cc_json_uint(&j, "total", c->total);
    cc_json_array(&j, "people");
    for (size_t i = 0; i < c->count; i++) {
        const struct satchel_contact_count *p = &c->person[i];

        cc_json_object(&j, NULL);
        cc_json_uint(&j, "user", p->user);
        cc_json_text(&j, "name", p->name);
        cc_json_uint(&j, "total", p->total);
        cc_json_uint(&j, "calls", p->calls);
        cc_json_uint(&j, "messages", p->messages);
        cc_json_uint(&j, "meetings", p->meetings);
        cc_json_uint(&j, "callbacks", p->callbacks);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void put_count(struct cc_table *t, size_t n)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%zu", n);
    cc_table_cell(t, text);
}

static int counts_text(
    struct cc_cli *cli, const struct satchel_contact_counts *c)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("WHO", "员工", false, false),
        CC_DO_COLUMN("CONTACTS", "联系", true, false),
        CC_DO_COLUMN("CALLS", "电话", true, false),
        CC_DO_COLUMN("MESSAGES", "消息", true, false),
        CC_DO_COLUMN("MEETINGS", "面谈", true, false),
        CC_DO_COLUMN("CALLED BACK", "回访", true, false),
    };
    struct cc_table t;
    int code;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < c->count; i++) {
        const struct satchel_contact_count *p = &c->person[i];

        cc_table_cell(&t, p->name);
        put_count(&t, p->total);
        put_count(&t, p->calls);
        put_count(&t, p->messages);
        put_count(&t, p->meetings);
        put_count(&t, p->callbacks);
    }
    code = cc_do_table(cli, &t);
    cc_cli_say(cli, "%zu contacts from %s until %s", "共 %zu 次联系，%s 至 %s",
        c->total, c->from, c->until);
    return code;
}

int cc_do_contacts(struct cc_cli *cli)
{
    struct satchel_contact_counts *c = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_contact_counts(s, cc_args_value(&cli->args, "from"),
        cc_args_value(&cli->args, "until"), &c, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        counts_json(cli, c);
    } else if (code == 0) {
        code = counts_text(cli, c);
    }
    satchel_free(c);
    return code;
}

/* ---- who bought today ---------------------------------------------------- */

static void daily_json(struct cc_cli *cli, const struct satchel_daily_list *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "date", l->date);
    cc_json_uint(&j, "as_of_ms", l->as_of_ms);
    cc_json_array(&j, "customers");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_daily *d = &l->customer[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "account_id", d->account_id);
        cc_json_text(&j, "account", d->account);
        cc_json_text(&j, "what", d->what);
        cc_json_text(&j, "phone", d->phone);
        cc_json_uint(&j, "purchases", d->purchases);
        cc_do_sums_json(&j, "amount", &d->amount);
        cc_json_text(&j, "numbers", d->numbers);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int daily_text(struct cc_cli *cli, const struct satchel_daily_list *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("TO DO", "事项", false, false),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("PHONE", "电话", false, true),
        CC_DO_COLUMN("AMOUNT", "金额", true, false),
        CC_DO_COLUMN("NUMBERS", "单号", false, false),
        CC_DO_COLUMN("ID", "编号", false, true),
    };
    char when[CC_CLI_TIME_BYTES];
    struct cc_table t;
    int code;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_daily *d = &l->customer[i];
        char phone[CC_CLI_PHONE_BYTES];

        cc_table_cell(&t, strcmp(d->what, "invite") == 0
                              ? cc_cli_word(cli, CC_W("invite", "邀请入群"))
                              : cc_cli_word(cli, CC_W("nudge", "提醒付款")));
        cc_table_cell(&t, d->account);
        cc_table_cell(&t, cc_cli_phone(cli, d->phone, phone));
        cc_table_cell(&t, d->amount.text);
        cc_table_cell(&t, d->numbers);
        cc_table_cell(&t, d->account_id);
    }
    code = cc_do_table(cli, &t);
    cc_cli_say(cli, "bought on %s, as of %s", "%s 消费，截至 %s", l->date,
        cc_cli_time(l->as_of_ms, when));
    return code;
}

int cc_do_care_daily(struct cc_cli *cli)
{
    struct satchel_daily_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_care_daily(
        s, cc_args_value(&cli->args, "date"), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        daily_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "nobody bought on %s", "%s 没有客户消费", l->date);
    } else if (code == 0) {
        code = daily_text(cli, l);
    }
    satchel_free(l);
    return code;
}
