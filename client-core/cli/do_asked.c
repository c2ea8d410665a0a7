#include "cli/do.h"

#include "cli/input.h"
#include "cli/refused.h"

#include <string.h>

/* ---- list and show ------------------------------------------------------ */

static void asked_json(struct cc_json *j, const struct satchel_asked *a)
{
    cc_json_uint(j, "user", a->user);
    cc_json_text(j, "author", a->author);
    cc_refused_json(j, &a->refusal);
}

static void asked_text(struct cc_cli *cli, const struct satchel_asked *a)
{
    cc_cli_put(cli, a->author);
    (void)fputs(cc_cli_word(cli, CC_W(" asks\n", " 请您处理\n")), cli->out);
    cc_refused_put(cli, &a->refusal);
}

/* The store is closed behind it. */
static int load(struct cc_cli *cli, bool all, struct satchel_asked_list **out)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_asked_list(s, all, out, &cli->error);
        satchel_close(s);
    }
    return code;
}

int cc_do_asked_list(struct cc_cli *cli)
{
    struct satchel_asked_list *l = NULL;
    struct cc_json j;
    size_t i;
    int code = load(cli, cc_args_flag(&cli->args, "all"), &l);

    if (code != 0) {
        return code;
    }
    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", l->count);
        cc_json_array(&j, "asked");
        for (i = 0; i < l->count; i++) {
            cc_json_object(&j, NULL);
            asked_json(&j, &l->asked[i]);
            cc_json_end(&j);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    } else {
        for (i = 0; i < l->count; i++) {
            asked_text(cli, &l->asked[i]);
        }
    }
    if (l->count == 0) {
        cc_cli_say(cli, "nobody asks", "没有待处理的请求");
    }
    satchel_free(l);
    return 0;
}

/* The only one that begins so; none or several: NULL. */
static const struct satchel_asked *pick(
    const struct satchel_asked_list *l, const char *key)
{
    const struct satchel_asked *found = NULL;
    size_t i;

    for (i = 0; i < l->count; i++) {
        if (strncmp(l->asked[i].refusal.key, key, strlen(key)) == 0) {
            if (found != NULL) {
                return NULL;
            }
            found = &l->asked[i];
        }
    }
    return found;
}

int cc_do_asked_show(struct cc_cli *cli)
{
    const char *key = cc_args_operand(&cli->args, 0);
    const struct satchel_asked *a;
    struct satchel_asked_list *l = NULL;
    struct cc_json j;
    int code = load(cli, true, &l);

    if (code != 0) {
        return code;
    }
    a = pick(l, key);
    if (a == NULL) {
        code = cc_cli_fail(cli, SATCHEL_E_NOT_FOUND,
            "no single request begins with %.60s\nsatchel asked",
            "没有唯一的请求 %.60s\nsatchel asked", key);
    } else if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_object(&j, "asked");
        asked_json(&j, a);
        cc_json_end(&j);
        cc_json_end(&j);
    } else {
        asked_text(cli, a);
        cc_cli_say(cli,
            "satchel asked enter KEY [FIELD=VALUE]..., or decline KEY",
            "satchel asked enter 键 [字段=值]…，或 decline 键");
    }
    satchel_free(l);
    return code;
}

/* ---- answering ---------------------------------------------------------- */

int cc_do_asked_enter(struct cc_cli *cli)
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
    code = satchel_asked_enter(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "record"), in.count == 0 ? NULL : in.input,
        in.count, cc_args_value(&cli->args, "note"), &saved, &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_saved(cli, "id", &saved);
        cc_cli_say(cli, "entered as your own edit; the next sync sends it",
            "已作为您的修改录入；下次同步时上传");
    }
    return code;
}

int cc_do_asked_decline(struct cc_cli *cli)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_asked_decline(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "note"), &cli->error);
    satchel_close(s);
    if (code == 0) {
        cc_cli_done(cli, "declined", true);
        cc_cli_say(cli, "declined; the next sync tells who asked",
            "未采纳；下次同步时告知对方");
    }
    return code;
}
