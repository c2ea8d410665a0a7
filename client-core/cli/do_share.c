#include "cli/do.h"

#include "say/table.h"

#include <string.h>

int cc_do_share(struct cc_cli *cli)
{
    const char *until = cc_args_value(&cli->args, "until");
    bool end = cc_args_flag(&cli->args, "end");
    const char *user = cc_args_operand(&cli->args, 1);
    struct satchel_saved saved;
    struct satchel *s;
    int code;

    if (end == (until != NULL)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "up to when? Give --until YYYY-MM-DD, or --end to take it back",
            "共享到何时？请用 --until YYYY-MM-DD，或用 --end 收回");
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    memset(&saved, 0, sizeof(saved));
    code = satchel_account_share(
        s, cc_args_operand(&cli->args, 0), user, until, &saved, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        cc_cli_saved(cli, "id", &saved);
    } else if (end) {
        cc_cli_say(cli, "no longer shared with %s, saved on this device",
            "已停止共享给 %s，已保存在本设备", user);
    } else {
        cc_cli_say(cli, "shared with %s up to %s, saved on this device",
            "已共享给 %s，到 %s 为止，已保存在本设备", user, until);
    }
    return 0;
}

static void shares_json(struct cc_cli *cli, const struct satchel_shares *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "shares");
    for (size_t i = 0; i < l->count; i++) {
        cc_json_object(&j, NULL);
        cc_json_uint(&j, "user", l->share[i].user);
        cc_json_text(&j, "login", l->share[i].login);
        cc_json_text(&j, "name", l->share[i].name);
        cc_json_text(&j, "until", l->share[i].until);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int shares_table(struct cc_cli *cli, const struct satchel_shares *l)
{
    const struct cc_table_column column[] = {
        { cc_cli_word(cli, CC_W("LOGIN", "登录名")), false, false },
        { cc_cli_word(cli, CC_W("NAME", "姓名")), false, false },
        { cc_cli_word(cli, CC_W("UNTIL", "截止日")), false, false },
    };
    struct cc_table t;

    cc_table_init(&t, column, 3);
    for (size_t i = 0; i < l->count; i++) {
        cc_table_cell(&t, l->share[i].login);
        cc_table_cell(&t, l->share[i].name);
        cc_table_cell(&t, l->share[i].until);
    }
    return cc_do_table(cli, &t);
}

int cc_do_shares(struct cc_cli *cli)
{
    struct satchel_shares *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_shares(
        s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code != 0) {
        return code;
    }
    if (cli->json) {
        shares_json(cli, l);
    } else if (l->count > 0) {
        code = shares_table(cli, l);
    } else {
        cc_cli_say(cli, "shared with nobody", "未共享给任何人");
    }
    satchel_free(l);
    return code;
}
