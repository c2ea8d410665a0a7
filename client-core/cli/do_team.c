#include "cli/do.h"

#include "say/table.h"

#include "cli/card.h"

#include <inttypes.h>
#include <string.h>

static void put_number(struct cc_table *t, int64_t n)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, n);
    cc_table_cell(t, text);
}

/* ---- files of people ---------------------------------------------------- */

static void profile_json(struct cc_cli *cli, const struct satchel_profile *p)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "contact", p->contact_id);
    cc_json_text(&j, "title", p->title);
    cc_json_uint(&j, "percent", p->percent);
    cc_json_uint(&j, "hard", p->hard);
    cc_json_uint(&j, "hard_of", p->hard_of);
    cc_json_uint(&j, "soft", p->soft);
    cc_json_uint(&j, "soft_of", p->soft_of);
    cc_json_array(&j, "missing");
    for (size_t i = 0; i < p->missing_count; i++) {
        cc_json_text(&j, NULL, p->missing[i].field);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

int cc_do_profile(struct cc_cli *cli)
{
    struct satchel_profile *p = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_profile(s, cc_args_operand(&cli->args, 0), &p, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        profile_json(cli, p);
    } else if (code == 0) {
        cc_cli_put(cli, p->title);
        (void)fprintf(cli->out, "  %u %%  %s %u/%u  %s %u/%u\n", p->percent,
            cc_cli_word(cli, CC_W("facts", "硬件")), p->hard, p->hard_of,
            cc_cli_word(cli, CC_W("found out", "软件")), p->soft, p->soft_of);
        for (size_t i = 0; i < p->missing_count; i++) {
            (void)fprintf(cli->out, "  - %s\n",
                cc_cli_word(
                    cli, CC_W(p->missing[i].label_en, p->missing[i].label_zh)));
        }
    }
    satchel_free(p);
    return code;
}

static void profiles_json(
    struct cc_cli *cli, const struct satchel_profile_board *b)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_array(&j, "people");
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_profile_row *r = &b->row[i];

        cc_json_object(&j, NULL);
        cc_json_uint(&j, "user", r->user);
        cc_json_text(&j, "name", r->name);
        cc_json_uint(&j, "contacts", r->contacts);
        cc_json_uint(&j, "mean", r->mean);
        cc_json_uint(&j, "median", r->median);
        cc_json_uint(&j, "good", r->good);
        cc_json_uint(&j, "checked", r->checked);
        cc_json_uint(&j, "correct", r->correct);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int profiles_text(
    struct cc_cli *cli, const struct satchel_profile_board *b)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("WHO", "业务员", false, false),
        CC_DO_COLUMN("FILES", "档案数", true, false),
        CC_DO_COLUMN("MEAN %", "平均 %", true, false),
        CC_DO_COLUMN("MEDIAN %", "中位 %", true, false),
        CC_DO_COLUMN("60 AND MORE %", "60 以上 %", true, false),
        CC_DO_COLUMN("CHECKED", "抽查", true, false),
        CC_DO_COLUMN("CORRECT", "正确", true, false),
    };
    struct cc_table t;

    cc_table_init(&t, column, 7);
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_profile_row *r = &b->row[i];

        cc_table_cell(&t, r->name);
        put_number(&t, (int64_t)r->contacts);
        put_number(&t, r->mean);
        put_number(&t, r->median);
        put_number(&t, r->good);
        put_number(&t, (int64_t)r->checked);
        put_number(&t, (int64_t)r->correct);
    }
    return cc_do_table(cli, &t);
}

int cc_do_profile_board(struct cc_cli *cli)
{
    struct satchel_profile_board *b = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_profile_board(s, &b, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        profiles_json(cli, b);
    } else if (code == 0 && b->count == 0) {
        cc_cli_say(cli, "no contacts", "没有联系人");
    } else if (code == 0) {
        code = profiles_text(cli, b);
    }
    satchel_free(b);
    return code;
}

int cc_do_profile_sample(struct cc_cli *cli)
{
    struct satchel_list *l = NULL;
    struct satchel *s;
    struct cc_json j;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_profile_sample(s, cc_args_count(&cli->args, "seed", 1),
        (size_t)cc_args_count(&cli->args, "count", 10), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", l->count);
        cc_json_uint(&j, "total", l->total);
        cc_json_array(&j, "records");
        for (size_t i = 0; i < l->count; i++) {
            cc_card_record_json(&j, NULL, &l->record[i]);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    } else if (code == 0) {
        code = cc_card_list(cli, "contact", l);
    }
    satchel_free(l);
    return code;
}
