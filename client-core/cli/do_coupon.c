#include "cli/do.h"

#include "say/table.h"

#include "cli/input.h"

#include <stdio.h>
#include <string.h>

/* ---- coupon list --------------------------------------------------------- */

static void coupon_json(struct cc_json *j, const struct satchel_coupon *c)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "id", c->id);
    cc_json_text(j, "serial", c->serial);
    cc_json_text(j, "account", c->account);
    cc_json_text(j, "value", c->value);
    cc_json_text(j, "gift", c->gift);
    cc_json_text(j, "from", c->from);
    cc_json_text(j, "until", c->until);
    cc_json_text(j, "state", c->state);
    cc_json_array(j, "redemptions");
    for (size_t i = 0; i < c->count; i++) {
        const struct satchel_redemption *r = &c->redemption[i];

        cc_json_object(j, NULL);
        cc_json_text(j, "id", r->id);
        cc_json_text(j, "account", r->account);
        cc_json_text(j, "by", r->by);
        cc_json_uint(j, "at_ms", r->at_ms);
        cc_json_text(j, "document", r->document);
        cc_json_bool(j, "counts", r->counts);
        cc_json_bool(j, "flagged", r->flagged);
        cc_json_bool(j, "decided", r->decided);
        cc_json_text(j, "reason", r->reason);
        cc_json_end(j);
    }
    cc_json_end(j);
    cc_json_end(j);
}

static void list_json(struct cc_cli *cli, const struct satchel_coupon_list *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "coupons");
    for (size_t i = 0; i < l->count; i++) {
        coupon_json(&j, &l->coupon[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static const char *state_word(const struct cc_cli *cli, const char *state)
{
    static const struct {
        const char *name;
        struct cc_words words;
    } all[] = { { "open", { "open", "可用" } },
        { "redeemed", { "redeemed", "已核销" } },
        { "twice", { "redeemed twice", "重复核销" } },
        { "expired", { "expired", "已过期" } },
        { "not_yet", { "not valid yet", "未生效" } },
        { "cancelled", { "cancelled", "已作废" } } };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i].name, state) == 0) {
            return cc_cli_word(cli, all[i].words);
        }
    }
    return state;
}

/* A line for each redemption behind the first one's coupon. */
static void put_redemption(
    struct cc_cli *cli, struct cc_table *t, const struct satchel_redemption *r)
{
    char text[200], when[CC_CLI_TIME_BYTES];

    (void)snprintf(text, sizeof(text), "%s %s%s%s", cc_cli_time(r->at_ms, when),
        r->by, r->document[0] == '\0' ? "" : ", ", r->document);
    cc_table_cell(t, text);
    cc_table_cell(t, r->counts ? cc_cli_word(cli, CC_W("counts", "有效"))
                     : r->decided
                         ? cc_cli_word(cli, CC_W("does not count", "无效"))
                         : cc_cli_word(cli, CC_W("flagged", "待裁定")));
    cc_table_cell(t, r->id);
}

static int list_text(struct cc_cli *cli, const struct satchel_coupon_list *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("SERIAL", "券号", false, true),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("WORTH", "面值", false, false),
        CC_DO_COLUMN("UNTIL", "有效期至", false, true),
        CC_DO_COLUMN("STATE", "状态", false, false),
        CC_DO_COLUMN("REDEEMED", "核销", false, false),
        CC_DO_COLUMN("VERDICT", "裁定", false, false),
        CC_DO_COLUMN("REDEMPTION", "核销编号", false, true),
    };
    struct cc_table t;

    cc_table_init(&t, column, 8);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_coupon *c = &l->coupon[i];

        for (size_t k = 0; k == 0 || k < c->count; k++) {
            cc_table_cell(&t, c->serial);
            cc_table_cell(&t, c->account);
            cc_table_cell(&t, c->value[0] != '\0' ? c->value : c->gift);
            cc_table_cell(&t, c->until);
            cc_table_cell(&t, state_word(cli, c->state));
            if (c->count > 0) {
                put_redemption(cli, &t, &c->redemption[k]);
            } else {
                cc_table_cell(&t, "");
                cc_table_cell(&t, "");
                cc_table_cell(&t, "");
            }
        }
    }
    return cc_do_table(cli, &t);
}

int cc_do_coupon_list(struct cc_cli *cli)
{
    struct satchel_coupon_list *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_coupon_list(s, cc_args_operand(&cli->args, 0),
        cc_args_flag(&cli->args, "twice"), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        list_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "no coupons", "没有优惠券");
    } else if (code == 0) {
        code = list_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- coupon issue, redeem, decide ---------------------------------------- */

int cc_do_coupon_issue(struct cc_cli *cli)
{
    struct cc_input in = { .count = 0 };
    struct satchel_coupon_saved saved;
    struct cc_json j;
    struct satchel *s;
    int code = cc_input_take(cli, 1, &in);

    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    code = satchel_coupon_issue(s, cc_args_operand(&cli->args, 0), in.input,
        in.count, &saved, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", saved.saved.id);
        cc_json_text(&j, "serial", saved.serial);
        cc_json_end(&j);
    } else if (code == 0) {
        (void)fprintf(cli->out, "%s\n", saved.serial);
    }
    return code;
}

int cc_do_coupon_redeem(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_coupon_redeem(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "account"),
        cc_args_value(&cli->args, "document"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

int cc_do_coupon_decide(struct cc_cli *cli)
{
    const char *verdict = cc_args_operand(&cli->args, 1);
    struct satchel_saved saved;
    struct satchel *s;
    bool counts = strcmp(verdict, "counts") == 0;
    int code;

    if (!counts && strcmp(verdict, "not") != 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "\"%.40s\" is no verdict: write counts, or not",
            "“%.40s”不是裁定：请写 counts（有效）或 not（无效）", verdict);
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_coupon_decide(s, cc_args_operand(&cli->args, 0), counts,
        cc_args_value(&cli->args, "reason"), &saved, &cli->error);
    satchel_close(s);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

/* ---- benefits ------------------------------------------------------------ */

static void benefits_json(struct cc_cli *cli, const struct satchel_benefits *b)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account_id", b->account_id);
    cc_json_text(&j, "account", b->account);
    cc_json_text(&j, "tier", b->tier_en);
    cc_json_bool(&j, "birthday", b->birthday);
    cc_json_text(&j, "whose", b->whose);
    cc_json_uint(&j, "today", b->today);
    cc_json_array(&j, "benefits");
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_benefit *one = &b->benefit[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "name", one->name);
        cc_json_uint(&j, "discount", one->discount);
        cc_json_uint(&j, "birthday_discount", one->birthday_discount);
        cc_json_uint(&j, "today", one->today);
        cc_json_text(&j, "gift", one->gift);
        cc_json_text(&j, "product", one->product);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int benefits_text(struct cc_cli *cli, const struct satchel_benefits *b)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("BENEFIT", "权益", false, false),
        CC_DO_COLUMN("DISCOUNT %", "折扣 %", true, false),
        CC_DO_COLUMN("ON THE BIRTHDAY %", "生日加折 %", true, false),
        CC_DO_COLUMN("TODAY %", "今日 %", true, false),
        CC_DO_COLUMN("GIFT", "礼品", false, false),
        CC_DO_COLUMN("WITH PRODUCT", "指定产品", false, false),
    };
    char text[16];
    struct cc_table t;

    cc_table_init(&t, column, 6);
    for (size_t i = 0; i < b->count; i++) {
        const struct satchel_benefit *one = &b->benefit[i];
        const unsigned percent[] = { one->discount, one->birthday_discount,
            one->today };

        cc_table_cell(&t, one->name);
        for (size_t k = 0; k < 3; k++) {
            (void)snprintf(text, sizeof(text), "%u", percent[k]);
            cc_table_cell(&t, text);
        }
        cc_table_cell(&t, one->gift);
        cc_table_cell(&t, one->product);
    }
    return cc_do_table(cli, &t);
}

int cc_do_benefits(struct cc_cli *cli)
{
    struct satchel_benefits *b = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_benefits(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "date"), &b, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        benefits_json(cli, b);
    } else if (code == 0) {
        code = b->count == 0 ? 0 : benefits_text(cli, b);
        cc_cli_say(cli, "%s: %s; %u %% off today%s%s",
            "%s：%s；今日优惠 %u%%%s%s", b->account,
            cc_cli_word(cli, CC_W(b->tier_en, b->tier_zh)), b->today,
            b->birthday ? cc_cli_word(cli, CC_W(", birthday of ", "，生日："))
                        : "",
            b->whose);
    }
    satchel_free(b);
    return code;
}
