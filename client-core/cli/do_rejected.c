#include "cli/do.h"

#include "cli/input.h"
#include "cli/refused.h"

#include <string.h>

/* ---- list and show ------------------------------------------------------ */

/* The store is closed behind it. */
static int load(struct cc_cli *cli, bool deferred, struct satchel_rejects **out)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_rejected_list(s, deferred, out, &cli->error);
        satchel_close(s);
    }
    return code;
}

int cc_do_rejected_list(struct cc_cli *cli)
{
    struct satchel_rejects *l = NULL;
    struct cc_json j;
    size_t i;
    int code = load(cli, cc_args_flag(&cli->args, "deferred"), &l);

    if (code != 0) {
        return code;
    }
    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", l->count);
        cc_json_array(&j, "rejected");
        for (i = 0; i < l->count; i++) {
            cc_json_object(&j, NULL);
            cc_refused_json(&j, &l->rejected[i]);
            cc_json_end(&j);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    } else {
        for (i = 0; i < l->count; i++) {
            cc_refused_put(cli, &l->rejected[i]);
        }
    }
    if (l->count == 0) {
        cc_cli_say(cli, "nothing was refused", "没有被拒绝的修改");
    }
    satchel_free(l);
    return 0;
}

int cc_do_rejected_show(struct cc_cli *cli)
{
    const char *key = cc_args_operand(&cli->args, 0);
    struct satchel_rejects *l = NULL;
    struct cc_json j;
    size_t i;
    int code = load(cli, true, &l);

    if (code != 0) {
        return code;
    }
    for (i = 0; i < l->count && strcmp(l->rejected[i].key, key) != 0; i++) {
    }
    if (i == l->count) {
        code = cc_cli_fail(cli, SATCHEL_E_NOT_FOUND,
            "no rejected change %.60s\nsatchel rejected",
            "没有被拒绝的修改 %.60s\nsatchel rejected", key);
    } else if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_object(&j, "rejected");
        cc_refused_json(&j, &l->rejected[i]);
        cc_json_end(&j);
        cc_json_end(&j);
    } else {
        cc_refused_put(cli, &l->rejected[i]);
        cc_cli_say(cli,
            "satchel rejected resend KEY [FIELD=VALUE]..., ask KEY, or discard "
            "KEY",
            "satchel rejected resend 键 [字段=值]…，ask 键，或 discard 键");
    }
    satchel_free(l);
    return code;
}

/* ---- resend, ask and discard -------------------------------------------- */

int cc_do_rejected_resend(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct cc_input in = { .count = 0 };
    struct satchel *s;
    int code = cc_input_take(cli, 1, &in);

    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    memset(&saved, 0, sizeof(saved));
    code = satchel_rejected_resend(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "record"), in.count == 0 ? NULL : in.input,
        in.count, &saved, &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_saved(cli, "id", &saved);
        cc_cli_say(cli, "made again; the next sync sends it",
            "已重新提交；下次同步时上传");
    }
    return code;
}

int cc_do_rejected_discard(struct cc_cli *cli)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_rejected_discard(
        s, cc_args_operand(&cli->args, 0), &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_done(cli, "discarded", true);
        cc_cli_say(cli, "discarded", "已丢弃");
    }
    return code;
}

int cc_do_rejected_ask(struct cc_cli *cli)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_rejected_ask(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "note"), &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_done(cli, "asked", true);
        cc_cli_say(cli, "asked; the next sync shows it to your manager",
            "已请求；下次同步后经理可见");
    }
    return code;
}
